-- Any table of a spreadsheet, CSV or TSV, by a map of its columns: what each row says of entities and relations.
--
--   knockon.read_table("holdings.csv", {
--     entities  = { { id = "{parent}", name = "{parent}" }, { id = "{company}", country = "{country}" } },
--     relations = { { kind = "owns", from = "{parent}", to = "{company}", share = "{percent}%", since = "{year}" } },
--   })
--
-- A text in braces is the cell of that column; what stands around it stays. A field whose cell is empty is missing,
-- and an entity without an id or a relation without one of its ends is not there. The first row that names an entity
-- describes it. A share that is none is unknown, and kept as share_given; names of countries (and of states of the US)
-- become codes, with the text as jurisdiction.

local core = require "knockon.core"
local countries = require "knockon.formats.countries"
local draft = require "knockon.formats.draft"
local errors = require "knockon.errors"
local records = require "knockon.formats.records"
local stop = require "knockon.formats.stop"
local stream = require "knockon.formats.stream"
local words = require "knockon.formats.words"

local tables = {}

local MAP = { "columns", "entities", "relations", "separator", "title", "where" }

-- ---- the map ----

local function wrong_map(message) errors.raise("argument", "map", message) end

local function check_forms(forms, what)
  if forms == nil then return {} end
  if type(forms) ~= "table" then wrong_map(("'%s' must be a list of tables"):format(what)) end
  for _, form in pairs(forms) do
    if type(form) ~= "table" then wrong_map(("'%s' must be a list of tables"):format(what)) end
    for field, value in pairs(form) do
      local kind = type(value)
      if type(field) ~= "string" or kind ~= "string" and kind ~= "function" and kind ~= "number" and kind ~= "boolean"
      then
        wrong_map(("'%s': the field '%s' must be a text, a number, true, false or a function of the row"):format(what,
          tostring(field)))
      end
    end
    local needed = what == "entities" and { "id" } or { "kind", "from", "to" }
    for _, field in ipairs(needed) do
      if form[field] == nil then wrong_map(("'%s': there is no field '%s'"):format(what, field)) end
    end
  end
  return forms
end

function tables.check(map)
  if type(map) ~= "table" then wrong_map("the map must be a table, not a " .. type(map)) end
  for name in pairs(map) do
    local known = false
    for _, one in ipairs(MAP) do known = known or one == name end
    if not known then
      errors.raise("argument", "map", ("the map has no part %q (known: %s)"):format(tostring(name),
        table.concat(MAP, ", ")), errors.nearest(tostring(name), MAP))
    end
  end
  check_forms(map.entities, "entities")
  check_forms(map.relations, "relations")
  if map.where ~= nil and type(map.where) ~= "function" then wrong_map "'where' must be a function of the row" end
  if map.title ~= nil and type(map.title) ~= "string" then wrong_map "'title' must be text" end
  if map.columns ~= nil and type(map.columns) ~= "table" then wrong_map "'columns' must be a list of names" end
  local separator = map.separator
  local fine = type(separator) == "string" and #separator == 1 and not ('"\r\n\0'):find(separator, 1, true)
  if separator ~= nil and not fine then wrong_map "'separator' must be one byte, such as \";\"" end
end

-- Braces name columns that are there.
local function check_columns(forms, names, path)
  local known = {}
  for _, name in ipairs(names) do known[name] = true end
  for _, form in ipairs(forms) do
    for field, value in pairs(form) do
      for name in (type(value) == "string" and value or ""):gmatch "{(.-)}" do
        if not known[name] then
          local near = errors.nearest(name, names)[1]
          stop.raise(("%s:1: there is no column '%s', which the map's field '%s' names%s"):format(path, name, field,
            near and ("; did you mean '%s'?"):format(near) or ""))
        end
      end
    end
  end
end

-- ---- rows ----

-- The value of one field in a row; nil when a cell it needs is empty.
local function value_of(form, row)
  if type(form) == "function" then return form(row) end
  if type(form) ~= "string" then return form end
  local empty = false
  local text = form:gsub("{(.-)}", function(name)
    local cell = row[name]
    if not cell or cell == "" then empty = true end
    return cell or ""
  end)
  if empty or text == "" then return nil end
  return text
end

local PLACES = { country = true, located_in = true }

local function record_of(form, row)
  local record = {}
  for field, template in pairs(form) do record[field] = value_of(template, row) end
  for field in pairs(PLACES) do
    local place = record[field]
    if type(place) == "string" then
      record[field] = countries.jurisdiction(place)
      if record[field] ~= place and record.jurisdiction == nil then record.jurisdiction = place end
    end
  end
  local share = record.share
  if type(share) == "string" and not core.share(share) then
    record.share = words.percent(share)
    if not record.share then record.share_given = share end
  end
  if record.since ~= nil or record["until"] ~= nil then
    local since, ends = record.since, record["until"]
    draft.period(record, since and tostring(since), ends and tostring(ends))
  end
  return record
end

local function read(d, map, row)
  for _, form in ipairs(map.entities or {}) do
    local id = value_of(form.id, row)
    if id ~= nil and not (type(id) == "string" and d.builder:has(id)) then d:entity(record_of(form, row)) end
  end
  for _, form in ipairs(map.relations or {}) do
    local record = record_of(form, row)
    if record.from ~= nil and record.to ~= nil then d:relation(record) end
  end
end

-- Semicolons and tabs part cells as often as commas do: what the first line has most of, outside of quotes.
local function separator_of(part)
  local line = part:head():match "^[^\r\n]*":gsub('"[^"]*"', "")
  local best, most = ",", 0
  for _, separator in ipairs { ",", "\t", ";", "|" } do
    local _, count = line:gsub(separator == "|" and "|" or separator, "")
    if count > most then best, most = separator, count end
  end
  return best
end

-- Fills a draft from a part. The row that functions get is a table by column name, with the number of the record as
-- row.number where no column has that name.
function tables.fill(d, part, map)
  d:begin(part, "rows")
  d.title = map.title
  local rows = records.rows(part, d.work, { separator = map.separator or separator_of(part), header = not map.columns })
  if map.columns then
    rows.header, rows.place, rows.width = map.columns, {}, #map.columns
    for i, name in ipairs(map.columns) do rows.place[name] = i end
  end
  check_columns(map.entities or {}, rows.header, part.path)
  check_columns(map.relations or {}, rows.header, part.path)
  local numbers, by_name = {}, {}
  for i, name in ipairs(rows.header) do numbers[i] = rows.place[name] == i and i or 0 end
  rows:select(numbers)
  for row, line, number in rows:each(d.bad_record) do
    d:at(line, number)
    by_name.number = number
    for i, name in ipairs(rows.header) do
      if numbers[i] > 0 then by_name[name] = row[i] end
    end
    if not map.where or map.where(by_name) then read(d, map, by_name) end
  end
end

-- A network from the table at a path (also gzip, or the tables in a zip); nil, message, code.
function tables.read(path, map, opts)
  tables.check(map)
  local fine, parts = pcall(stream.parts, path)
  if not fine then
    if stop.is(parts) then return nil, parts.message, parts.code end
    error(parts, 0)
  end
  return draft.load(parts, opts, function(d)
    for _, part in ipairs(parts) do tables.fill(d, part, map) end
  end)
end

return tables
