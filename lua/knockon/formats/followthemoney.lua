-- FollowTheMoney, NDJSON: one entity a line, { id, schema, properties = { name = [texts] } }, and delta files, whose
-- lines are { op = ADD | MOD | DEL, entity }. Deltas are read first and applied in the order of the files.
--
-- Companies, organisations, persons and assets are entities; Ownership is `owns`; ContractAward, EconomicActivity and
-- Payment are `supplies` (the payee supplies the payer); Sanction is a restriction of the rule `listing`; the other
-- relations are `linked`. Addresses are sites. Identification, Passport, Position and the like say nothing of a
-- network and are read over. All further properties are kept under their names.

local carried = require "knockon.carried"
local draft = require "knockon.formats.draft"
local records = require "knockon.formats.records"
local words = require "knockon.formats.words"

local followthemoney = {}

-- "delta" | "entities" | nil
function followthemoney.recognise(head, part)
  if head.text == "" then return part.name:find "entities%.delta%.json$" and "delta" or nil end
  if head:has_key "op" and head:has_key "entity" then return "delta" end
  if head:has_key "schema" and (head:has_key "properties" or head:has_key "datasets") then return "entities" end
  return nil
end

local KINDS = {
  Person = "person", PublicBody = "state", Country = "state", Address = "site", Company = "firm", LegalEntity = "firm",
  Organization = "firm",
}
local IGNORED = words.set {
  "Article", "Audio", "CallForTenders", "CourtCase", "CourtCaseParty", "Document", "Documentation", "Email", "Event",
  "Folder", "HyperText", "Identification", "Image", "Mention", "Message", "Note", "Occupancy", "Package", "Page",
  "Pages", "Passport", "PlainText", "Position", "Project", "ProjectParticipant", "Table", "TaxRoll", "Trip",
  "UserAccount", "Video", "Workbook",
}
-- Relations that are no holding and no supply, by their ends.
local LINKS = {
  Associate = { "person", "associate" }, Debt = { "creditor", "debtor" },
  Directorship = { "director", "organization" }, Employment = { "employer", "employee" },
  Family = { "person", "relative" }, Membership = { "member", "organization" },
  Representation = { "agent", "client" }, Similar = { "candidate", "match" },
  Succession = { "predecessor", "successor" },
  UnknownLink = { "subject", "object" },
}
-- Identifiers that have a name of ours.
local RENAMED = {
  leiCode = "lei", cikCode = "cik", isinCode = "isin", dunsCode = "duns", imoNumber = "imo", permId = "permid",
}
-- Properties that a field of ours says, or whose names mean something else here.
local TAKEN = words.set {
  "id", "kind", "name", "country", "located_in", "since", "until", "source", "evidence", "confidence", "fraction",
  "dangling", "jurisdiction", "mainCountry", "nationality", "citizenship", "incorporationDate", "dissolutionDate",
  "alias", "weakAlias", "previousName", "schema",
}

-- The texts of a property: {} when there is none; nil when it is something else than texts.
local function texts(properties, name)
  local value = properties[name]
  if value == nil then return {} end
  if type(value) == "string" then return { value } end
  if type(value) ~= "table" then return nil end
  for key, item in pairs(value) do
    if type(key) ~= "number" or type(item) ~= "string" then return nil end
  end
  return value
end

local function wrong_property(properties)
  for name in pairs(properties) do
    if type(name) ~= "string" then return "the properties must have names" end
    if not texts(properties, name) then return ("the property '%s' must be a list of texts"):format(name) end
  end
  return nil
end

local function countries(properties, ...)
  for _, name in ipairs { ... } do
    local list = {}
    for i, country in ipairs(texts(properties, name)) do list[i] = words.country(country) end
    if #list > 0 then return words.several(list) end
  end
  return nil
end

local function first(properties, ...)
  for _, name in ipairs { ... } do
    local text = texts(properties, name)[1]
    if text and text ~= "" then return text end
  end
  return nil
end

-- What records of all schemata may carry.
local function add_rest(record, properties, left_out)
  for name in pairs(properties) do
    local field = RENAMED[name] or name
    if not TAKEN[name] and not left_out[name] and record[field] == nil then
      record[field] = words.several(texts(properties, name))
    end
  end
end

local function add_entity(d, object, properties)
  local schema = object.schema
  local names, record = {}, { id = object.id, schema = schema }
  record.kind = KINDS[schema] or schema:gsub("%u", function(letter) return string.char(letter:byte() + 32) end)
  for _, name in ipairs { "name", "alias", "weakAlias", "previousName" } do
    for _, text in ipairs(texts(properties, name)) do names[#names + 1] = text end
  end
  if schema == "Address" then
    names[1] = names[1] or first(properties, "full", "street", "city")
  elseif type(object.caption) == "string" and object.caption ~= object.id and object.caption ~= "" then
    table.insert(names, 1, object.caption)
  end
  record.name = names[1]
  local others = {}
  for _, name in ipairs(names) do
    if name ~= record.name then others[#others + 1] = name end
  end
  record.alias = words.several(others)
  if schema == "Person" then
    record.country = countries(properties, "nationality", "citizenship", "country")
  else
    record.country = countries(properties, "jurisdiction", "mainCountry", "country")
    d.period(record, first(properties, "incorporationDate"), first(properties, "dissolutionDate"))
  end
  record.source = first(properties, "sourceUrl")
  add_rest(record, properties, { sourceUrl = #texts(properties, "sourceUrl") == 1 })
  d:entity(record)
  local topics = record.topics
  for _, topic in ipairs(type(topics) == "table" and topics or { topics }) do
    if topic == "sanction" then d.on_topic = true end
  end
end

-- ---- relations ----

local function pairs_of(properties, from, to)
  local list = {}
  for _, a in ipairs(texts(properties, from)) do
    for _, b in ipairs(texts(properties, to)) do list[#list + 1] = { a, b } end
  end
  return list
end

-- One relation for each pair of ends; the first has the id of the object.
local function add_relations(d, object, ends, make)
  for i, pair in ipairs(ends) do
    local record = make()
    record.from, record.to, record.schema = pair[1], pair[2], object.schema
    record.id = i == 1 and object.id or object.id .. "#" .. i
    d:relation(record)
  end
end

local function period_of(d, record, properties)
  d.period(record, first(properties, "startDate", "date", "contractDate"), first(properties, "endDate"))
  record.source = first(properties, "sourceUrl")
  record.evidence = first(properties, "summary", "description")
  record.role, record.status = first(properties, "role"), first(properties, "status")
  return record
end

local function own(d, object, properties)
  add_relations(d, object, pairs_of(properties, "owner", "asset"), function()
    local record = period_of(d, { kind = "owns" }, properties)
    local given = first(properties, "percentage")
    record.share = given and words.percent(given)
    if given and not record.share then record.percentage = given end
    record.class = first(properties, "sharesType")
    record.ownershipType, record.sharesCount = first(properties, "ownershipType"), first(properties, "sharesCount")
    return record
  end)
end

-- spend and currency, where the amount is one.
local function add_spend(record, properties)
  local amount, currency = first(properties, "amountEur"), "EUR"
  if not amount then amount, currency = first(properties, "amountUsd"), "USD" end
  if not amount then amount, currency = first(properties, "amount"), first(properties, "currency") end
  if not amount then return end
  local plain = amount:gsub("[ ,']", "")
  if currency and plain:find "^%d+%.?%d*$" and #plain <= 15 then
    record.spend, record.currency = plain:gsub("%.$", ""), currency
  else
    record.amount = amount
  end
end

local function supply(d, object, properties, from, to)
  add_relations(d, object, pairs_of(properties, from, to), function()
    local record = period_of(d, { kind = "supplies", contract = object.id }, properties)
    record.need = first(properties, "goodsDescription", "purpose")
    add_spend(record, properties)
    return record
  end)
end

-- Awards wait for their contracts, which may come later.
local function add_awards(d)
  for _, award in ipairs(d.awards) do
    local properties = award.object.properties
    d:at(award.line, award.number)
    for _, id in ipairs(texts(properties, "contract")) do
      local contract = d.contracts[id] or {}
      local ends = {}
      for _, supplier in ipairs(texts(properties, "supplier")) do
        for _, authority in ipairs(texts(contract, "authority")) do ends[#ends + 1] = { supplier, authority } end
      end
      add_relations(d, award.object, ends, function()
        local record = period_of(d, { kind = "supplies", contract = id }, properties)
        record.need = first(contract, "title", "name", "description")
        if not record.since and not record["until"] then d.period(record, first(contract, "contractDate"), nil) end
        add_spend(record, properties)
        if not record.spend then add_spend(record, contract) end
        return record
      end)
    end
  end
end

local function sanction(d, object, properties)
  local record = {
    id = object.id, rule = "listing", measure = "prohibit", targets = texts(properties, "entity"),
    title = first(properties, "program", "authority"), source = first(properties, "sourceUrl"),
  }
  if not record.targets[1] then return d:bad("it names no entity", d.line, d.number, "Sanction") end
  d.period(record, first(properties, "startDate", "listingDate"), first(properties, "endDate"))
  for _, name in ipairs { "authority", "authorityId", "program", "programId", "programUrl", "provisions", "reason",
    "unscId" } do
    record[name] = words.several(texts(properties, name))
  end
  d.sanctions = true
  d:restriction(record)
end

local READERS = {
  Ownership = own, Sanction = sanction,
  EconomicActivity = function(d, object, properties) supply(d, object, properties, "sender", "receiver") end,
  Payment = function(d, object, properties) supply(d, object, properties, "beneficiary", "payer") end,
  Contract = function(d, object, properties) d.contracts[object.id] = properties end,
  ContractAward = function(d, object)
    d.awards[#d.awards + 1] = { object = object, line = d.line, number = d.number }
  end,
}

-- ---- records that knockon wrote ----

local function take(d, object)
  local mark = object.knockon
  if type(mark) ~= "table" then return false end
  if type(mark.title) == "string" then d.title = d.title or mark.title end
  local properties = object.properties
  local any = type(properties) == "table" and next(properties) ~= nil
  local part, record = carried.take(mark, { object.id or false, object.schema or false, any and properties or false })
  if part == "entity" then
    d:entity(record, true)
  elseif part == "relation" then
    d:relation(record, true)
  elseif part == "restriction" and type(record.id) == "string" and type(record.targets) == "table" then
    local known = d.by_key[record.id]
    if known then -- each carries one target
      for _, target in ipairs(record.targets) do known.targets[#known.targets + 1] = target end
    else
      d.by_key[record.id] = record
      d.restrictions[#d.restrictions + 1] = record
    end
    d.sanctions = true
  else
    return false
  end
  return true
end

local function read(d, object, line, number)
  d:at(line, number)
  if type(object.id) ~= "string" or object.id == "" then return d:bad("it has no id", line, number) end
  if type(object.schema) ~= "string" then return d:bad("it has no schema", line, number) end
  local properties = object.properties
  if properties == nil then properties = {} end
  if type(properties) ~= "table" then return d:bad("its properties must be an object", line, number) end
  local wrong = wrong_property(properties)
  if wrong then return d:bad(wrong, line, number) end
  object.properties = properties
  if take(d, object) then return nil end
  local schema, link = object.schema, LINKS[object.schema]
  if READERS[schema] then
    READERS[schema](d, object, properties)
  elseif link then
    add_relations(d, object, pairs_of(properties, link[1], link[2]), function()
      local record = period_of(d, { kind = "linked" }, properties)
      record.relationship = first(properties, "relationship")
      local score = tonumber(first(properties, "confidenceScore") or "")
      if score and score >= 0 and score <= 1 then record.confidence = score end
      return record
    end)
  elseif not IGNORED[schema] then
    add_entity(d, object, properties)
  end
end

-- ---- deltas ----

-- What the deltas say last of each entity: { [id] = { object, part, line, number } }, object false: removed.
local function read_deltas(d, parts)
  local changes, order = {}, {}
  for _, part in ipairs(parts) do
    if part.kind == "delta" and part:head() ~= "" then
      d:begin(part, "changes")
      records.json(part, d.work, nil, function(change, line, number)
        local object = change.entity
        local known = change.op == "ADD" or change.op == "MOD" or change.op == "DEL"
        if not known then return d:bad("'op' must be ADD, MOD or DEL", line, number) end
        if type(object) ~= "table" or type(object.id) ~= "string" then
          return d:bad("it has no entity with an id", line, number)
        end
        if not changes[object.id] then order[#order + 1] = object.id end
        changes[object.id] = {
          object = change.op ~= "DEL" and object or false, part = part, line = line, number = number,
        }
      end, d.bad_record)
    end
  end
  return changes, order
end

function followthemoney.load(parts, opts)
  return draft.load(parts, opts, function(d)
    d.contracts, d.awards = {}, {}
    local changes, order = read_deltas(d, parts)
    for _, part in ipairs(parts) do
      if part.kind == "entities" then
        d:begin(part, "entities")
        records.json(part, d.work, nil, function(object, line, number)
          if not changes[object.id] then read(d, object, line, number) end
        end, d.bad_record)
      end
    end
    local part
    for _, id in ipairs(order) do
      local change = changes[id]
      if change.object then
        if change.part ~= part then d:begin(change.part, "changes") end
        part = change.part
        read(d, change.object, change.line, change.number)
      end
    end
    add_awards(d)
    if d.on_topic and not d.sanctions then -- the file says who is sanctioned, and not by whom
      d:restriction {
        id = "topic-sanction", title = "Entities with the topic sanction", rule = "listing", measure = "prohibit",
        targets = { topics = "sanction" },
      }
    end
  end)
end

return followthemoney
