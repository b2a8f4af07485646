-- The Consolidated Screening List of the US government, CSV (old and new columns) and JSON ({ results = [ … ] }).
--
-- Entries have no number of their own in all lists: ids are csl-_id where there is one, else csl-RECORD. The entries of
-- one list with the same dates are one restriction: SDN with the rule ofac_50; the Entity List and the military end
-- users with bis_affiliates, which asks for a licence; denied and debarred parties `listing`, prohibited; unverified
-- ones a warning; the others `listing`, to be reviewed. An address is located_in, not where a firm is organised.

local countries = require "knockon.formats.countries"
local draft = require "knockon.formats.draft"
local records = require "knockon.formats.records"
local words = require "knockon.formats.words"

local screening = {}

function screening.recognise(head)
  if head:has_key "federal_register_notice" and head:has_key "source" then return "json" end
  local columns = { "source", "entity_number", "type", "programs", "federal_register_notice" }
  return head:has_columns(",", columns) and "csv" or nil
end

local LISTS = {
  SDN = { "ofac_50", "prohibit" }, EL = { "bis_affiliates", "license" }, MEU = { "bis_affiliates", "license" },
  DPL = { "listing", "prohibit" }, DTC = { "listing", "prohibit" }, UVL = { "listing", "warn" },
}
local OTHER = { "listing", "review" }

local KINDS = { Individual = "person", Vessel = "vessel", Aircraft = "aircraft" }

-- "Entity List (EL) - Bureau of Industry and Security" -> "EL"
local function list_of(source) return source:match "%((%u+)%)" or source:match "^(%u+)$" or "OTHER" end

local TEXTS = {
  "title", "federal_register_notice", "standard_order", "license_requirement", "license_policy", "call_sign",
  "vessel_type", "gross_tonnage", "gross_registered_tonnage", "vessel_flag", "vessel_owner", "remarks",
  "source_list_url", "source_information_url",
}
local LISTED = { "programs", "alt_names", "citizenships", "dates_of_birth", "nationalities", "places_of_birth" }

-- entry: { source, name, type, entity_number, _id, start_date, end_date, texts by name, lists by name, addresses,
-- places, ids }
local function add(d, entry)
  if not entry.source then return d:bad("it has no source", d.line, d.number) end
  local record = {
    id = "csl-" .. (entry._id or ("%d"):format(d.number)), name = entry.name and words.trim(entry.name),
    kind = KINDS[entry.type or ""] or "firm", list = list_of(entry.source), source = entry.source,
    entity_number = entry.entity_number, address = words.several(entry.addresses), ids = words.several(entry.ids),
    located_in = words.several(entry.places),
  }
  for _, name in ipairs(TEXTS) do record[name] = entry[name] end
  local lists = { program = "programs", alias = "alt_names", birth_date = "dates_of_birth",
    place_of_birth = "places_of_birth" }
  for field, name in pairs(lists) do record[field] = words.several(entry[name] or {}) end
  local nations = {}
  for _, name in ipairs { "nationalities", "citizenships" } do
    for _, nation in ipairs(entry[name] or {}) do nations[#nations + 1] = countries.code(nation) end
  end
  record.country = words.several(nations)
  if record.kind == "vessel" then record.country = countries.code(record.vessel_flag) end
  if not d:entity(record) then return nil end
  local form = LISTS[record.list] or OTHER
  local since, ends = draft.day(entry.start_date), draft.day(entry.end_date)
  d:target(table.concat({ record.list, since or "", ends or "" }, " "), record.id, function()
    local id = "csl-" .. record.list .. (since and "-" .. since or "") .. (ends and "-until-" .. ends or "")
    local listing = { id = id, title = entry.source, rule = form[1], measure = form[2], source = entry.source }
    return draft.period(listing, since, ends)
  end)
end

-- ---- tables ----

local COLUMNS = { "source", "name", "type", "entity_number", "_id", "start_date", "end_date", "addresses", "ids" }
for _, names in ipairs { TEXTS, LISTED } do
  for _, name in ipairs(names) do COLUMNS[#COLUMNS + 1] = name end
end

local function read_table(d, part)
  local rows = records.rows(part, d.work)
  rows:select(COLUMNS)
  for row, line, number in rows:each(d.bad_record) do
    d:at(line, number)
    local entry = {}
    for i, name in ipairs(COLUMNS) do entry[name] = row[i] end
    for _, name in ipairs(LISTED) do entry[name] = words.split(entry[name], ";") end
    entry.ids, entry.addresses, entry.places = words.split(entry.ids, ";"), words.split(entry.addresses, ";"), {}
    for _, address in ipairs(entry.addresses) do
      table.insert(entry.places, countries.code(address:match ",%s*(%u%u)$" or address:match "^%s*(%u%u)%s*$"))
    end
    add(d, entry)
  end
end

-- ---- JSON ----

local function text(value)
  if type(value) == "number" then value = ("%.14g"):format(value) end
  return type(value) == "string" and value ~= "" and value or nil
end

local function texts(value)
  local list = {}
  for _, item in ipairs(type(value) == "table" and value or { value }) do list[#list + 1] = text(item) end
  return list
end

local function joined(object, ...)
  local pieces = {}
  for _, name in ipairs { ... } do pieces[#pieces + 1] = text(object[name]) end
  return table.concat(pieces, ", ")
end

local function read_object(d, object)
  local entry = { addresses = {}, places = {}, ids = {} }
  for _, name in ipairs { "source", "name", "type", "start_date", "end_date" } do entry[name] = text(object[name]) end
  entry.entity_number, entry._id = text(object.entity_number), text(object.id) or text(object._id)
  for _, name in ipairs(TEXTS) do entry[name] = text(object[name]) end
  for _, name in ipairs(LISTED) do entry[name] = texts(object[name]) end
  for _, address in ipairs(type(object.addresses) == "table" and object.addresses or {}) do
    if type(address) ~= "table" then return d:bad("an address must be an object", d.line, d.number) end
    table.insert(entry.addresses, joined(address, "address", "city", "state", "state_or_province", "postal_code",
      "country"))
    table.insert(entry.places, countries.code(text(address.country)))
  end
  for _, id in ipairs(type(object.ids) == "table" and object.ids or {}) do
    if type(id) ~= "table" then return d:bad("an id must be an object", d.line, d.number) end
    table.insert(entry.ids, joined(id, "country", "number", "type", "issue_date", "expiration_date"))
  end
  add(d, entry)
end

function screening.load(parts, opts)
  return draft.load(parts, opts, function(d)
    for _, part in ipairs(parts) do
      d:begin(part, "entries")
      if part.kind == "csv" then
        read_table(d, part)
      else
        records.json(part, d.work, { results = true }, function(object, line, number)
          d:at(line, number)
          read_object(d, object)
        end, d.bad_record)
      end
    end
  end)
end

return screening
