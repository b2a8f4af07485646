-- Beneficial Ownership Data Standard 0.4: a JSON array of statements, one a line. Entities are entity or person
-- statements; owns, controls and consolidates are relationship statements. What the standard has no words for stands in
-- an annotation of the statement, which may be extended so: the record itself (see carried.lua), relations of other
-- kinds with the entity that they lead to, and title and restrictions with the first statement.
--
-- Every statement says when it was published. That is opts.published, or else the latest day on which anything in the
-- network begins, lest the same facts give other bytes tomorrow.

local carried = require "knockon.carried"
local core = require "knockon.core"
local errors = require "knockon.errors"
local json = require "knockon.json"
local output = require "knockon.output"
local records = require "knockon.writers.records"

local bods = {}

local EARLIEST = "1970-01-01" -- published when nothing is dated

local ENTITY_TYPES = {
  state = { type = "state" }, branch = { type = "registeredEntity", details = "branch" },
  service = { type = "unknownEntity", details = "service" }, site = { type = "unknownEntity", details = "site" },
}

local INTEREST_OF_CONTROL = {
  board = "appointmentOfBoard", contract = "rightsGrantedByContract", vie = "rightsGrantedByContract",
  golden_share = "controlViaCompanyRulesOrArticles",
}

local SCHEMES = {
  lei = { scheme = "XI-LEI" }, cik = { schemeName = "SEC Central Index Key" }, duns = { schemeName = "D-U-N-S" },
  registration_number = { schemeName = "registration number" },
}

local function text_of(value)
  if type(value) == "string" then return value end
  return type(value) == "number" and json.encode(value) or nil
end

local function identifiers_of(record)
  local list = {}
  for _, field in ipairs { "lei", "cik", "duns", "registration_number" } do
    for _, id in ipairs(records.list(record[field])) do
      if text_of(id) then
        list[#list + 1] = { id = text_of(id), scheme = SCHEMES[field].scheme, schemeName = SCHEMES[field].schemeName }
      end
    end
  end
  return #list > 0 and list or nil
end

local function countries_of(record)
  local list = {}
  for i, country in ipairs(records.list(record.country)) do
    local text = text_of(country) or "unknown"
    list[i] = { name = text, code = text:find "^%u%u$" and text or nil }
  end
  return list
end

local function names_of(record)
  local list = {}
  for _, field in ipairs { "alias", "aliases" } do
    for _, name in ipairs(records.list(record[field])) do list[#list + 1] = text_of(name) end
  end
  return #list > 0 and list or nil
end

local function person_details(record)
  local details = { isComponent = false, personType = "knownPerson", identifiers = identifiers_of(record) }
  local name = text_of(record.name)
  if name then
    details.names = { { fullName = name } }
  else
    details.personType = "unknownPerson"
    details.unspecifiedPersonDetails = { reason = "informationUnknownToPublisher" }
  end
  local nationalities = countries_of(record)
  if #nationalities > 0 then details.nationalities = nationalities end
  return details
end

local function entity_details(record)
  local kind = ENTITY_TYPES[record.kind] or { type = "registeredEntity" }
  local details = {
    isComponent = false, entityType = { type = kind.type, details = kind.details }, name = text_of(record.name),
    jurisdiction = countries_of(record)[1], identifiers = identifiers_of(record), alternateNames = names_of(record),
    foundingDate = record.since, dissolutionDate = record["until"],
  }
  if kind.type == "unknownEntity" then
    details.unspecifiedEntityDetails = {
      reason = "informationUnknownToPublisher", description = "a " .. kind.details .. ", not an entity of its own",
    }
  end
  return details
end

local LEVELS = { direct = "direct", indirect = "indirect", unknown = "unknown" } -- what a source said of an interest

-- "12.5%" as a number, whatever the decimal point of the host's locale is.
local function percent(text) return (core.share(text)) / 1e7 end

-- A share as knockon writes it: "60%", ">50%", ">=25%", "<10%", "<=10%", "(25%,50%]"; nil when it is unknown.
local function share_of(text)
  if type(text) ~= "string" then return nil end
  if text:find "^%d" then
    local exact = percent(text)
    return { exact = exact, minimum = exact, maximum = exact }
  end
  local open, low, high, close = text:match "^([%[%(])(.-),(.-)([%]%)])$"
  local share = {}
  if open then
    share[open == "(" and "exclusiveMinimum" or "minimum"] = percent(low)
    share[close == ")" and "exclusiveMaximum" or "maximum"] = percent(high)
    return share
  end
  local sign, bound = text:match "^([<>]=?)(.*)$"
  if sign:sub(1, 1) == ">" then
    share[sign == ">" and "exclusiveMinimum" or "minimum"] = percent(bound)
  else
    share.exclusiveMinimum = 0 -- whoever owns holds something
    share[sign == "<" and "exclusiveMaximum" or "maximum"] = percent(bound)
  end
  return share
end

local function interest_of(record)
  local interest = {
    type = "otherInfluenceOrControl", directOrIndirect = LEVELS[record.level] or "direct", details = text_of(record.by),
    startDate = record.since, endDate = record["until"],
  }
  if record.kind == "owns" then
    interest.type = record.basis == "votes" and "votingRights" or "shareholding"
    interest.share, interest.details = share_of(record.share), text_of(record.class)
  elseif record.kind == "controls" then
    interest.type = INTEREST_OF_CONTROL[record.by] or interest.type
  else
    interest.details, interest.directOrIndirect = "accounting consolidation", "unknown"
  end
  return interest
end

local function statement_id(what, id) return core.sha256(what .. "\0" .. id):sub(1, 32) end

local function source_of(record)
  local source = text_of(record.source)
  if not source then return nil end
  if source:find "^https?://[%w]" and not source:find "[%s<>\"{}|\\^`]" then return { url = source } end
  return { description = source }
end

-- What the standard itself says in a statement; both sides make the digest of it.
function bods.said(statement)
  local said = {}
  for name, value in pairs(statement) do
    if name ~= "annotations" then said[name] = value end
  end
  return said
end

local WORDS = { owns = true, controls = true, consolidates = true }

-- Relations that no statement can say, by the entity they lead to: { id = { number, … } }. A person is no subject.
local function wordless(net)
  local persons, by_end = {}, {}
  for _, entity in records.each(net, "entities") do
    if entity.kind == "person" then persons[entity.id] = true end
  end
  for i, relation in records.each(net, "relations") do
    if not WORDS[relation.kind] or persons[relation.to] then
      by_end[relation.to] = by_end[relation.to] or {}
      table.insert(by_end[relation.to], i)
    end
  end
  return by_end, persons
end

local function latest_day(net)
  local latest = EARLIEST
  for _, part in ipairs { "entities", "relations" } do
    for _, record in records.each(net, part) do
      if record.since and errors.less(latest, record.since) then latest = record.since end
    end
  end
  return latest
end

local function write_all(net, write, published)
  local title = net:title()
  local publication = {
    publicationDate = published or latest_day(net), bodsVersion = "0.4",
    publisher = { name = title and title:find "%S" and title or "knockon" },
  }
  local first = true
  local function put(statement, part, record, relations)
    statement.publicationDetails, statement.source = publication, source_of(record)
    local said = json.encode(statement) -- bods.said
    local mark = carried.mark(part, record, said)
    mark.relations = relations
    if first then
      mark.title = title
      if #net:restrictions() > 0 then mark.restrictions = net:restrictions() end
    end
    local annotation = json.encode {
      statementPointerTarget = "/", motivation = "commenting", knockon = mark,
      description = "What knockon keeps of this record beyond the standard",
    }
    -- last, since they may be long: the beginning of a file tells what it is
    write(('%s%s,"annotations":[%s]}'):format(first and "[\n" or ",\n", said:sub(1, -2), annotation))
    first = false
  end
  local by_end, persons = wordless(net)
  for _, record in records.each(net, "entities") do
    local relations
    for i, number in ipairs(by_end[record.id] or {}) do
      relations = relations or {}
      relations[i] = net:record("relations", number)
    end
    local is_person = persons[record.id]
    put({
      statementId = statement_id("entity", record.id), declarationSubject = record.id, recordId = record.id,
      recordType = is_person and "person" or "entity", recordStatus = "new",
      recordDetails = (is_person and person_details or entity_details)(record),
    }, "entity", record, relations)
  end
  local id_of = records.relation_ids(net, "relation:")
  for _, record in records.each(net, "relations") do
    if WORDS[record.kind] and not persons[record.to] then
      put({
        statementId = statement_id("relation", record.id), declarationSubject = record.to, recordId = id_of(record.id),
        recordType = "relationship", recordStatus = "new",
        recordDetails = {
          isComponent = false, subject = record.to, interestedParty = record.from, interests = { interest_of(record) },
        },
      }, "relation", record)
    end
  end
  write(first and "[]\n" or "\n]\n")
end

function bods.save(net, path, opts)
  local published = opts.published
  if published ~= nil and not (type(published) == "string" and core.date(published) and #published == 10) then
    errors.raise("argument", "published", 'published must be a day such as "2024-05-31"')
  end
  return output.write(path, function(write) write_all(net, write, published) end)
end

return bods
