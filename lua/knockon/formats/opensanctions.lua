-- OpenSanctions, the simple table of targets (targets.simple.csv): one row a target; lists within a cell are joined
-- with semicolons. Each programme is a restriction of the rule `listing`; a target without one is under review by its
-- dataset. A cell that holds nothing but two quotes is empty.

local countries = require "knockon.formats.countries"
local draft = require "knockon.formats.draft"
local records = require "knockon.formats.records"
local words = require "knockon.formats.words"

local opensanctions = {}

function opensanctions.recognise(head)
  return head:has_columns(",", { "id", "schema", "name", "countries", "identifiers", "dataset" }) and "targets" or nil
end

local KINDS = {
  Person = "person", PublicBody = "state", Company = "firm", Organization = "firm", LegalEntity = "firm",
  CryptoWallet = "wallet", Vessel = "vessel", Airplane = "aircraft", Security = "security",
}

local COLUMNS = {
  "id", "schema", "name", "aliases", "birth_date", "countries", "addresses", "identifiers", "sanctions", "phones",
  "emails", { "program_ids", "programs" }, "dataset", "first_seen", "last_seen", "last_change",
}

-- Identifiers whose form says what they are, the others under `identifiers`.
local function add_identifiers(record, list, is_vessel)
  local ship, found = is_vessel and "imo" or "imo_company", { imo = {}, imo_company = {}, lei = {}, identifiers = {} }
  for _, id in ipairs(list) do
    local imo = id:match "^IMO(%d%d%d%d%d%d%d)$"
    local field = imo and ship or id:find "^%w+%d%d$" and #id == 20 and "lei" or "identifiers"
    table.insert(found[field], imo or id)
  end
  for field, ids in pairs(found) do record[field] = words.several(ids) end
end

local function read(d, row)
  if not row[1] then return d:bad("it has no id", d.line, d.number) end
  if not row[2] then return d:bad("it has no schema", d.line, d.number) end
  local function list(i)
    local items = words.split(row[i] ~= '""' and row[i] or nil, ";")
    return items
  end
  local places = {}
  for i, code in ipairs(list(6)) do places[i] = countries.code(code) or words.country(code) end
  local record = {
    id = row[1], schema = row[2], name = row[3], alias = words.several(list(4)), birth_date = words.several(list(5)),
    kind = KINDS[row[2]] or row[2]:gsub("%u", function(letter) return string.char(letter:byte() + 32) end),
    country = words.several(places), address = words.several(list(7)), sanctions = row[9] ~= '""' and row[9] or nil,
    program = words.several(list(12)), dataset = words.several(list(13)), first_seen = row[14], last_seen = row[15],
    last_change = row[16], phone = words.several(list(10)), email = words.several(list(11)),
  }
  add_identifiers(record, list(8), row[2] == "Vessel")
  if not d:entity(record) then return nil end
  local programmes = list(12)
  for _, programme in ipairs(programmes) do
    d:target(programme, record.id, function()
      return { id = "program-" .. programme, title = programme, rule = "listing", measure = "prohibit",
        program = programme }
    end)
  end
  if #programmes > 0 then return nil end
  for _, dataset in ipairs(list(13)) do
    d:target("dataset " .. dataset, record.id, function()
      return { id = "dataset-" .. dataset, title = dataset, rule = "listing", measure = "review" }
    end)
  end
end

function opensanctions.load(parts, opts)
  return draft.load(parts, opts, function(d)
    for _, part in ipairs(parts) do
      d:begin(part, "targets")
      local rows = records.rows(part, d.work)
      rows:select(COLUMNS)
      for row, line, number in rows:each(d.bad_record) do
        d:at(line, number)
        read(d, row)
      end
    end
  end)
end

return opensanctions
