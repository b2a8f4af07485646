-- GLEIF, as published: Level 1 (who is who), Level 2 (who owns whom) and reporting exceptions, each as CSV, XML or
-- JSON. Ids are LEIs.
--
-- IS_DIRECTLY_ and IS_ULTIMATELY_CONSOLIDATED_BY go from child to parent there, and are `consolidates` from parent to
-- child here, without a share, which the source does not give. IS_INTERNATIONAL_BRANCH_OF is `has_branch`. Relations of
-- funds (managed by, subfund of, feeder to) are `linked`. A relationship that is not active and has no end date ended
-- when it was last updated; an annulled or duplicate one never was. A reporting exception is a field of the entity
-- (direct_parent_exception, ultimate_parent_exception): no row in Level 2 does not mean no parent. Exceptions are read
-- first, and kept until their entity comes.

local draft = require "knockon.formats.draft"
local records = require "knockon.formats.records"
local words = require "knockon.formats.words"
local xml = require "knockon.formats.xml"

local gleif = {}

-- ---- what the file is ----

local ROOTS = { LEIData = "entities", RelationshipData = "relations", ReportingExceptionData = "exceptions" }

-- "entities" | "relations" | "exceptions" | nil
function gleif.recognise(head)
  if head.xml then return ROOTS[head:root()] end
  if head.json then
    if head:has_key "StartNode" and head:has_key "RelationshipType" then return "relations" end
    if head:has_key "LEI" and head:has_key "ExceptionCategory" then return "exceptions" end
    return head:has_key "LEI" and head:has_key "LegalName" and "entities" or nil
  end
  if head:has_columns(",", { "LEI", "Entity.LegalName" }) then return "entities" end
  local node = "Relationship.%sNode.NodeID"
  if head:has_columns(",", { node:format "Start", node:format "End" }) then return "relations" end
  for _, category in ipairs { "Exception.Category", "ExceptionCategory" } do
    if head:has_columns(",", { "LEI", category }) then return "exceptions" end
  end
  return nil
end

-- ---- one record, whatever it was written in: a list of texts in the order of these names ----

local PERIODS = 5

local NAMES = {
  entities = {
    "LEI", "Entity.LegalName", "Entity.LegalAddress.Country", "Entity.HeadquartersAddress.Country",
    "Entity.LegalJurisdiction", "Entity.EntityCategory", "Entity.EntitySubCategory",
    "Entity.LegalForm.EntityLegalFormCode", "Entity.EntityStatus", "Entity.EntityCreationDate",
    "Entity.EntityExpirationDate", "Entity.RegistrationAuthority.RegistrationAuthorityID",
    "Entity.RegistrationAuthority.RegistrationAuthorityEntityID", "Registration.RegistrationStatus",
    "Entity.SuccessorEntity.SuccessorLEI",
  },
  relations = {
    "Relationship.StartNode.NodeID", "Relationship.EndNode.NodeID", "Relationship.RelationshipType",
    "Relationship.RelationshipStatus", "Registration.LastUpdateDate", "Registration.RegistrationStatus",
    "Registration.ValidationReference",
  },
  exceptions = { "LEI", "Exception.Category", "Exception.Reason.1" },
}
-- Where tables and documents call it otherwise.
local OTHERWISE = {
  ["Entity.SuccessorEntity.SuccessorLEI"] = { "Entity.SuccessorEntity.1.SuccessorLEI" },
  ["Exception.Category"] = { "ExceptionCategory" }, ["Exception.Reason.1"] = { "ExceptionReason", "Exception.Reason" },
}
local FIRST_PERIOD = #NAMES.relations
for i = 1, PERIODS do
  for _, name in ipairs { "startDate", "endDate", "periodType" } do
    NAMES.relations[#NAMES.relations + 1] = ("Relationship.Period.%d.%s"):format(i, name)
  end
end

local function from_tables(d, part, read)
  local names = {}
  for i, name in ipairs(NAMES[part.kind]) do
    names[i] = { name }
    for _, other in ipairs(OTHERWISE[name] or {}) do names[i][#names[i] + 1] = other end
  end
  local rows = records.rows(part, d.work)
  rows:select(names)
  for row, line, number in rows:each(d.bad_record) do
    d:at(line, number)
    read(d, row)
  end
end

-- The text at a path of names in a document: { "Entity", "LegalName" }. A text may stand in an object under "$" or "#".
local function at_path(value, path)
  for i = 1, #path do
    if type(value) ~= "table" then return nil end
    value = value[path[i]]
  end
  if type(value) == "table" then value = value["$"] or value["#"] or value[1] end
  if type(value) == "number" then value = ("%.14g"):format(value) end
  return type(value) == "string" and value ~= "" and value or nil
end

local PATHS = {}
for kind, names in pairs(NAMES) do
  PATHS[kind] = {}
  for i, name in ipairs(names) do
    local list = { name }
    for _, other in ipairs(OTHERWISE[name] or {}) do list[#list + 1] = other end
    for k, one in ipairs(list) do
      list[k] = {}
      for step in one:gmatch "[^.]+" do table.insert(list[k], tonumber(step) or step) end
    end
    PATHS[kind][i] = list
  end
end

local function is_list(value) return type(value) == "table" and (value[1] ~= nil or next(value) == nil) end

local function periods_of(value)
  local list = type(value) == "table" and type(value.Relationship) == "table" and value.Relationship.RelationshipPeriods
  if type(list) == "table" and list.RelationshipPeriod then list = list.RelationshipPeriod end
  if type(list) ~= "table" then return {} end
  return is_list(list) and list or { list }
end

-- A record of JSON or XML in the order of NAMES.
local function row_of(kind, value)
  local row = {}
  for i, list in ipairs(PATHS[kind]) do
    for _, path in ipairs(list) do row[i] = row[i] or at_path(value, path) end
  end
  if kind == "relations" then
    for i, period in ipairs(periods_of(value)) do
      if i > PERIODS then break end
      local at = FIRST_PERIOD + 3 * (i - 1)
      row[at + 1], row[at + 2] = at_path(period, { "StartDate" }), at_path(period, { "EndDate" })
      row[at + 3] = at_path(period, { "PeriodType" })
    end
  end
  return row
end

local LISTS = words.set { "records", "LEIRecords", "relations", "RelationshipRecords", "exceptions",
  "ReportingExceptions" }
local ELEMENTS = { entities = "LEIRecord", relations = "RelationshipRecord", exceptions = "Exception" }

local function from_documents(d, part, read)
  local function each(value, line, number)
    d:at(line, number)
    read(d, row_of(part.kind, value))
  end
  if part:head():find "^[\239\187\191%s]*<" then
    xml.records(part, d.work, ELEMENTS[part.kind], each)
  else
    records.json(part, d.work, LISTS, each, d.bad_record)
  end
end

local function read_part(d, part, read, what)
  d:begin(part, what)
  local is_document = part:head():find "^[\239\187\191%s]*[<{%[]"
  return (is_document and from_documents or from_tables)(d, part, read)
end

-- ---- entities ----

local KINDS = { BRANCH = "branch", FUND = "fund", RESIDENT_GOVERNMENT_ENTITY = "state" }

local function bad_lei(text)
  if not text then return "it has no LEI" end
  if not text:find "^%w+$" or #text ~= 20 then return ("'%s' is no LEI (20 letters and digits)"):format(text) end
  return nil
end

local function read_entity(d, row)
  local lei = row[1]
  local wrong = bad_lei(lei)
  if wrong then return d:bad(wrong, d.line, d.number, "entity") end
  local jurisdiction, headquarters = row[5], words.country(row[4])
  local record = {
    id = lei, lei = lei, name = row[2], kind = KINDS[row[6]] or "firm", country = words.country(jurisdiction or row[3]),
    category = row[6], subcategory = row[7], legal_form = row[8], status = row[9], registration_authority = row[12],
    registration_number = row[13], registration_status = row[14], successor = row[15],
  }
  if jurisdiction and #jurisdiction > 2 then record.jurisdiction = jurisdiction end
  if headquarters ~= record.country then record.located_in = headquarters end
  d.period(record, row[10], row[9] == "INACTIVE" and row[11] or nil)
  local exceptions = d.exceptions[lei]
  if exceptions then
    record.direct_parent_exception, record.ultimate_parent_exception = exceptions:match "^(.-);(.*)$"
    if record.direct_parent_exception == "" then record.direct_parent_exception = nil end
    if record.ultimate_parent_exception == "" then record.ultimate_parent_exception = nil end
    d.exceptions[lei] = nil
  end
  d:entity(record)
end

-- ---- relations ----

local RELATIONS = {
  IS_DIRECTLY_CONSOLIDATED_BY = "consolidates", IS_ULTIMATELY_CONSOLIDATED_BY = "consolidates",
  IS_INTERNATIONAL_BRANCH_OF = "has_branch", ["IS_FUND-MANAGED_BY"] = "linked", IS_SUBFUND_OF = "linked",
  IS_FEEDER_TO = "linked",
}
local NEVER = words.set { "ANNULLED", "DUPLICATE", "CANCELLED" }

local function read_relation(d, row)
  local child, parent, relationship = row[1], row[2], row[3]
  local wrong = bad_lei(child) or bad_lei(parent)
  if not wrong and not RELATIONS[relationship] then
    wrong = ("the relationship type '%s' is not known"):format(tostring(relationship))
  end
  if wrong then return d:bad(wrong, d.line, d.number, "relation") end
  if NEVER[row[6]] then return nil end
  local record = {
    kind = RELATIONS[relationship], from = parent, to = child, relationship = relationship, status = row[4],
    registration_status = row[6], reference = row[7],
  }
  local since, ends
  for i = FIRST_PERIOD, FIRST_PERIOD + 3 * (PERIODS - 1), 3 do
    if row[i + 3] == "RELATIONSHIP_PERIOD" then since, ends = row[i + 1], row[i + 2] end
  end
  if row[4] == "INACTIVE" and draft.open(ends) then
    ends = row[5]
    record.evidence = "inactive without an end date: ended when it was last updated"
  end
  d.period(record, since, ends)
  d:relation(record)
end

-- ---- reporting exceptions ----

local function read_exception(d, row)
  local lei, category, reason = row[1], row[2], row[3]
  local wrong = bad_lei(lei) or not (category and reason) and "it has no category or no reason" or nil
  local direct = category and category:find "^DIRECT" ~= nil
  if not wrong and not direct and not category:find "^ULTIMATE" then
    wrong = ("the category '%s' is not known"):format(category)
  end
  if wrong then return d:bad(wrong, d.line, d.number, "exception") end
  local before = d.exceptions[lei] or ";"
  local first, second = before:match "^(.-);(.*)$"
  d.exceptions[lei] = direct and reason .. ";" .. second or first .. ";" .. reason -- few different texts
end

local STEPS = {
  { "exceptions", read_exception, "reporting exceptions" }, { "entities", read_entity, "entities" },
  { "relations", read_relation, "relations" },
}

function gleif.load(parts, opts)
  return draft.load(parts, opts, function(d)
    d.exceptions = {}
    d.placeholder = function(id)
      local direct, ultimate = (d.exceptions[id] or ";"):match "^(.-);(.*)$"
      return {
        lei = id, dangling = true, direct_parent_exception = direct ~= "" and direct or nil,
        ultimate_parent_exception = ultimate ~= "" and ultimate or nil,
      }
    end
    for _, step in ipairs(STEPS) do
      for _, part in ipairs(parts) do
        if part.kind == step[1] then read_part(d, part, step[2], step[3]) end
      end
    end
    for lei in pairs(d.exceptions) do d:mention(lei) end
  end)
end

return gleif
