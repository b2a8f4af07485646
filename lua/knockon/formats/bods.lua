-- Beneficial Ownership Data Standard 0.1 to 0.4: statements, as a JSON array or one a line, of mixed versions.
--
-- Statements of one record (recordId; before 0.4 those that replacesStatements connects) are folded: an entity or a
-- person is what the latest statement says; a relationship is in force from each statement to the next, and a closed
-- one ends. shareholding is `owns`, votingRights `owns` with votes, an interest that gives power by itself `controls`;
-- a seat, a nominee's or a trust's other parts and what has no type are `linked`.
--
-- A primary statement whose components are all there, each with a holding or a control, is not added: the components
-- say it. One that is indirect and has no such components is `owns` of at most its share, since the chain through
-- which it is held may stand in other statements: the verdict it leads to is possible, never certain. An end that is
-- unspecified is an entity of its own. Memory: the statements' records, not the file.

local carried = require "knockon.carried"
local core = require "knockon.core"
local draft = require "knockon.formats.draft"
local errors = require "knockon.errors"
local records = require "knockon.formats.records"
local words = require "knockon.formats.words"

local bods = {}

function bods.recognise(head)
  return (head:has_key "statementID" or head:has_key "statementId") and "statements" or nil
end

-- ---- what a statement says of an entity or a person ----

local function table_of(value) return type(value) == "table" and value or {} end

local function text(value) return type(value) == "string" and value ~= "" and value or nil end

local FIELDS = { -- identifiers with a name of ours, by scheme
  ["XI-LEI"] = "lei", ["GB-COH"] = "gb_coh", ["US-SEC"] = "cik",
}

local function add_identifiers(record, list)
  local others = {}
  for _, identifier in ipairs(table_of(list)) do
    identifier = table_of(identifier)
    local id = text(identifier.id) or text(identifier.uri)
    local scheme = text(identifier.scheme) or text(identifier.schemeName)
    local field = FIELDS[scheme or ""]
    if id and field and not record[field] then
      record[field] = id
    elseif id then
      others[#others + 1] = scheme and scheme .. ":" .. id or id
    end
  end
  record.identifiers = words.several(others)
end

local function source_of(statement)
  local source = table_of(statement.source)
  return text(source.url) or text(source.description)
end

local function entity_of(details, old)
  local jurisdiction = table_of(details.jurisdiction or details.incorporatedInJurisdiction)
  local kind = old and details.entityType or table_of(details.entityType).type
  local record = {
    kind = (kind == "state" or kind == "stateBody") and "state" or kind == "arrangement" and "arrangement" or "firm",
    name = text(details.name), entity_type = text(kind),
  }
  local place = text(jurisdiction.code) or text(jurisdiction.name)
  record.country = words.country(place)
  if place ~= record.country then record.jurisdiction = place end
  local names = {}
  for _, name in ipairs(table_of(details.alternateNames)) do names[#names + 1] = text(name) end
  record.alias = words.several(names)
  add_identifiers(record, details.identifiers)
  draft.period(record, text(details.foundingDate), text(details.dissolutionDate))
  return record
end

local function person_of(details)
  local names, countries = {}, {}
  for _, name in ipairs(table_of(details.names)) do
    name = table_of(name)
    local parts = { text(name.givenName), text(name.familyName) }
    names[#names + 1] = text(name.fullName) or (#parts == 2 and table.concat(parts, " ")) or nil
  end
  for _, nationality in ipairs(table_of(details.nationalities)) do
    nationality = table_of(nationality)
    countries[#countries + 1] = words.country(text(nationality.code) or text(nationality.name))
  end
  local record = {
    kind = "person", name = table.remove(names, 1), alias = words.several(names), country = words.several(countries),
    person_type = text(details.personType), birth_date = text(details.birthDate),
  }
  add_identifiers(record, details.identifiers)
  return record
end

-- ---- what it says of a relationship ----

-- Interest types without hyphens and in small letters -> { kind, by or basis }.
local INTERESTS = {
  shareholding = { "owns" }, votingrights = { "owns", "votes" }, appointmentofboard = { "controls", "board" },
  otherinfluenceorcontrol = { "controls", "influence" }, influenceorcontrol = { "controls", "influence" },
  controlviacompanyrulesorarticles = { "controls", "articles" }, controlbylegalframework = { "controls", "law" },
  rightsgrantedbycontract = { "controls", "contract" }, conditionalrightsgrantedbycontract = { "linked" },
  nominator = { "controls", "nominee" }, trustee = { "controls", "trustee" },
}

local function plain(name) return (name:gsub("-", ""):gsub("%u", function(c) return string.char(c:byte() + 32) end)) end

local function number(value) return type(value) == "number" and ("%.7g"):format(value):gsub(",", ".") or nil end

-- The text of a share, nil when it says nothing, or nil and what is wrong with it.
local function share_of(share)
  if share == nil then return nil end
  if type(share) ~= "table" then return nil, "'share' must be an object" end
  for name, value in pairs(share) do
    local exclusive = name == "exclusiveMinimum" or name == "exclusiveMaximum"
    if type(value) ~= "number" and not (exclusive and type(value) == "boolean") then
      return nil, ("'%s' of a share must be a number"):format(tostring(name))
    end
  end
  local low, high = number(share.minimum), number(share.maximum)
  local open_low, open_high = share.exclusiveMinimum == true, share.exclusiveMaximum == true
  if number(share.exclusiveMinimum) then low, open_low = number(share.exclusiveMinimum), true end
  if number(share.exclusiveMaximum) then high, open_high = number(share.exclusiveMaximum), true end
  local given
  if share.exact then
    given = number(share.exact) .. "%"
  elseif low and high and low == high then
    given = low .. "%"
  elseif low and high then
    given = (open_low and "(" or "[") .. low .. "%," .. high .. "%" .. (open_high and ")" or "]")
  elseif low then
    given = (open_low and ">" or ">=") .. low .. "%"
  elseif high then
    given = (open_high and "<" or "<=") .. high .. "%"
  end
  if not given or core.share(given) then return given end
  return nil, select(2, core.share(given))
end

-- The id of an end; or nil and the reason it is not specified; or nil, nil and what is wrong.
local function end_of(value)
  if text(value) then return value end
  if type(value) ~= "table" then return nil, nil, "must name a record" end
  local id = text(value.describedByEntityStatement) or text(value.describedByPersonStatement)
  if id then return id end
  local unspecified = table_of(value.unspecified)
  return nil, text(unspecified.reason) or text(value.reason) or text(unspecified.description)
    or text(value.description) or "unspecified"
end

-- What each interest of a relationship becomes, without its ends; nil and what is wrong.
local function relations_of(details)
  local list = {}
  if details.interests ~= nil and type(details.interests) ~= "table" then return nil, "'interests' must be a list" end
  for _, interest in ipairs(table_of(details.interests)) do
    if type(interest) ~= "table" then return nil, "an interest must be an object" end
    local kind = text(interest.type)
    local form = kind and INTERESTS[plain(kind)] or { "linked" }
    local share, wrong = share_of(interest.share)
    if wrong then return nil, wrong end
    local level = text(interest.directOrIndirect) or text(interest.interestLevel)
    local record = {
      kind = form[1], interest = kind, level = level, evidence = text(interest.details),
      since = text(interest.startDate), ["until"] = text(interest.endDate),
    }
    if form[1] == "owns" then
      record.share, record.basis = share, form[2]
    else
      record.by, record.share_given = form[2], share
    end
    list[#list + 1] = record
  end
  if #list == 0 then list[1] = { kind = "linked" } end
  return list
end

-- ---- reading: everything is kept until all statements are known ----

local function day_of(statement) return draft.day(text(statement.statementDate)) or "" end

-- A statement of a record becomes a version of it.
local function keep(d, list, id, version)
  local known = d[list][id]
  if not known then
    known = {}
    d[list][id] = known
    d.order[list][#d.order[list] + 1] = id
  end
  known[#known + 1] = version
end

local function take(d, statement)
  for _, annotation in ipairs(table_of(statement.annotations)) do
    local mark = type(annotation) == "table" and annotation.knockon
    if type(mark) == "table" then
      local said = {}
      for name, value in pairs(statement) do
        if name ~= "annotations" then said[name] = value end
      end
      if type(mark.title) == "string" then d.title = mark.title end
      for _, record in ipairs(table_of(mark.restrictions)) do d.restrictions[#d.restrictions + 1] = record end
      local part, record = carried.take(mark, said)
      for _, relation in ipairs(part and table_of(mark.relations) or {}) do
        if type(relation) == "table" then d:relation(relation, true) end
      end
      if part == "entity" then d:entity(record, true) end
      if part == "relation" then d:relation(record, true) end
      if part == "entity" or part == "relation" then return true end
    end
  end
  return false
end

local TYPES = { -- of both generations
  entityStatement = "entities", personStatement = "entities", ownershipOrControlStatement = "relations",
  entity = "entities", person = "entities", relationship = "relations",
}

local function read(d, statement, line, at)
  d:at(line, at)
  local old = text(statement.statementType)
  local kind = old or text(statement.recordType)
  local id = old and text(statement.statementID) or text(statement.recordId)
  local details = old and statement or statement.recordDetails
  if not TYPES[kind or ""] then
    return d:bad(kind and ("the type '%s' is not known"):format(kind) or "it has no statementType or recordType", line,
      at)
  end
  if not id then return d:bad(old and "it has no statementID" or "it has no recordId", line, at) end
  if details == nil then details = {} end
  if type(details) ~= "table" then return d:bad("'recordDetails' must be an object", line, at) end
  if take(d, statement) then return nil end
  local version = {
    day = day_of(statement), closed = statement.recordStatus == "closed", line = line, number = at, part = d.part,
    statement = text(statement.statementId) or id,
  }
  local source = source_of(statement)
  if TYPES[kind] == "entities" then
    version.record = (kind:find "^person" and person_of or entity_of)(details, old)
    version.record.source = source
    if old and kind:find "^person" then version.record.kind = "person" end
  else
    local wrong
    version.relations, wrong = relations_of(details)
    local party, subject
    party, version.no_party, version.wrong_party = end_of(details.interestedParty)
    subject, version.no_subject, version.wrong_subject = end_of(details.subject)
    version.from, version.to, version.source = party, subject, source
    if version.wrong_party then wrong = wrong or "'interestedParty' " .. version.wrong_party end
    if version.wrong_subject then wrong = wrong or "'subject' " .. version.wrong_subject end
    if wrong then return d:bad(wrong, line, at) end
    version.components = {}
    for _, list in ipairs { table_of(details.componentStatementIDs), table_of(details.componentRecords) } do
      for _, component in ipairs(list) do
        if text(component) then table.insert(version.components, component) end
      end
    end
    version.primary = details.isComponent ~= true
  end
  for _, replaced in ipairs(old and table_of(statement.replacesStatements) or {}) do
    if text(replaced) then d.replaced[replaced] = id end
  end
  keep(d, TYPES[kind], id, version)
end

-- The statement that stands for one that was replaced.
local function latest(d, id)
  local steps = 0
  while d.replaced[id] and d.replaced[id] ~= id and steps < 1000 do
    id, steps = d.replaced[id], steps + 1
  end
  return id
end

-- Versions of replaced statements join those of the statement that replaces them; each list in order of its days.
local function fold(d, list)
  local folded, order = {}, {}
  for _, id in ipairs(d.order[list]) do
    local name = latest(d, id)
    if not folded[name] then
      folded[name] = {}
      order[#order + 1] = name
    end
    for _, version in ipairs(d[list][id]) do
      version.place = #folded[name] + 1
      table.insert(folded[name], version)
    end
  end
  for _, name in ipairs(order) do
    table.sort(folded[name], function(a, b)
      if a.day ~= b.day then return errors.less(a.day, b.day) end
      return a.place < b.place
    end)
  end
  d[list], d.order[list] = folded, order
end

local function set_place(d, version)
  if d.part ~= version.part then d:begin(version.part, "statements") end
  d:at(version.line, version.number)
end

local function add_entity(d, id, versions)
  local last = versions[#versions]
  local record = last.record
  set_place(d, last)
  record.id = id
  if last.closed and not record["until"] then d.period(record, record.since, last.day) end
  d:entity(record)
end

-- ---- relationships ----

-- Does every component stand in the data, and every relationship among them as a holding or a control?
local function is_told_by_components(d, version)
  if #version.components == 0 then return false end
  local any = false
  for _, component in ipairs(version.components) do
    local id = latest(d, component)
    local versions = d.relations[id]
    if not versions and not d.entities[id] then return false end
    if versions then
      any = true
      local counts = false
      for _, relation in ipairs(versions[#versions].relations) do counts = counts or relation.kind ~= "linked" end
      if not counts then return false end
    end
  end
  return any
end

-- The end of a relation: the entity, or one that stands for an end nobody specified.
local function end_id(d, version, id, what, reason)
  if id then return latest(d, id) end
  local unspecified = version.statement .. ":" .. what
  if not d.builder:has(unspecified) then
    d:entity { id = unspecified, kind = what == "interestedParty" and "person" or "firm", unspecified = reason }
  end
  return unspecified
end

-- since is when the version begins to hold: what it says, unless the one before already said it.
local function begin_of(version, relation, before)
  local since = draft.day(relation.since)
  if before and (not since or not errors.less(before.day, since)) then
    return version.day ~= "" and version.day or since
  end
  return since
end

-- The day on which what a statement replaces, or says is closed, ended; "" when nobody says.
local function end_after(version, i)
  local interest = version.closed and (version.relations[i] or version.relations[1])
  return interest and draft.day(interest["until"]) or version.day
end

local function add_version(d, id, version, before, after)
  set_place(d, version)
  local from = end_id(d, version, version.from, "interestedParty", version.no_party)
  local to = end_id(d, version, version.to, "subject", version.no_subject)
  for i, relation in ipairs(version.relations) do
    local record = { from = from, to = to, source = version.source }
    for name, value in pairs(relation) do record[name] = value end
    record.id = (after and id .. "#" .. version.statement or id) .. (i > 1 and "#" .. i or "")
    if record.kind == "owns" and record.level == "indirect" then
      record.indirect, record.share_given = true, record.share
      local _, high = core.share(record.share or "<=100%")
      record.share = high < 1e9 and "<=" .. core.percent(high) or nil
    end
    local since, ends = begin_of(version, relation, before), relation["until"]
    local last = after and end_after(after, i) or version.closed and end_after(version, i) or nil
    if last and last ~= "" and (draft.open(ends) or errors.less(last, ends)) then ends = last end
    record.since, record["until"] = nil, nil
    d.period(record, since or relation.since, ends)
    -- what ended on a day nobody knows, or before it began, is not in force on any day that is known
    if last ~= "" and not (last and since and not errors.less(since, last)) then d:relation(record) end
  end
end

local function add_relations(d, id, versions)
  local list = {} -- without those that another statement of the same day corrects
  for i, version in ipairs(versions) do
    local after = versions[i + 1]
    if not (after and after.day == version.day) then list[#list + 1] = version end
  end
  for i, version in ipairs(list) do
    local before, after = list[i - 1], list[i + 1]
    -- one that closes repeats what ends: the version before ends with it
    local repeats = version.closed and before
    if not repeats and not (version.primary and is_told_by_components(d, version)) then
      add_version(d, id, version, before, after)
    end
  end
end

function bods.load(parts, opts)
  return draft.load(parts, opts, function(d)
    d.entities, d.relations, d.replaced, d.order = {}, {}, {}, { entities = {}, relations = {} }
    for _, part in ipairs(parts) do
      d:begin(part, "statements")
      records.json(part, d.work, nil, function(statement, line, at) read(d, statement, line, at) end, d.bad_record)
    end
    fold(d, "entities")
    fold(d, "relations")
    for _, id in ipairs(d.order.entities) do add_entity(d, id, d.entities[id]) end
    for _, id in ipairs(d.order.relations) do add_relations(d, id, d.relations[id]) end
  end)
end

return bods
