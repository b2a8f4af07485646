-- Two or three CSV files with the native field names as header: entities.csv, relations.csv, restrictions.csv.
-- The engine reads entities and relations; restrictions are few and read here. CSV knows only text; a column `name[]`
-- is a list with semicolons between its items.

local core = require "knockon.core"
local errors = require "knockon.errors"
local json = require "knockon.json"
local network = require "knockon.network"
local output = require "knockon.output"

local csv = {}

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

local function split(text)
  local items = {}
  for item in (text .. ";"):gmatch("(.-);") do items[#items + 1] = item end
  return items
end

-- A predicate is written as JSON in its cell; ids with semicolons between them.
local function read_restrictions(path)
  local reader, message, code = core.csv(path)
  if not reader then return nil, message, code end
  local names, why, kind = reader:row()
  if kind then return nil, why, kind end
  local list = {}
  while true do
    local cells, line, failed = reader:row()
    if failed then return nil, line, failed end
    if not cells then return list end
    if #cells ~= #names then
      return nil, ("%s:%d: restriction record %d: %d cells, but the header has %d"):format(path, line, #list + 1, #cells, #names), "parse"
    end
    local record = {}
    for i, name in ipairs(names) do
      local cell, plain = cells[i], name:gsub("%[%]$", "")
      if cell ~= "" then
        if plain == "targets" or plain ~= name then
          local first = cell:sub(1, 1)
          local decoded = (first == "{" or first == "[") and json.decode(cell)
          record[plain] = decoded or split(cell)
        elseif cell:sub(1, 1) == "[" or cell:sub(1, 1) == "{" then
          record[plain] = json.decode(cell) or cell
        else
          record[plain] = cell
        end
      end
    end
    list[#list + 1] = record
  end
end

function csv.load(path, opts)
  local paths = path
  if type(path) == "string" then
    local folder = path:gsub("/+$", "")
    paths = { entities = folder .. "/entities.csv", relations = folder .. "/relations.csv", restrictions = folder .. "/restrictions.csv" }
    if not exists(paths.entities) and exists(path) then
      return nil, path .. ": neither a knockon JSON file nor a folder with entities.csv and relations.csv", "parse"
    end
    if not exists(paths.restrictions) then paths.restrictions = nil end
  end
  if type(paths.entities) ~= "string" or type(paths.relations) ~= "string" then
    errors.raise("argument", "path", "CSV data is two files: { entities = path, relations = path }")
  end
  local builder, sources = core.builder(), {}
  for _, part in ipairs { "entities", "relations" } do
    local digest, message, code = builder:read_csv(paths[part], part, opts)
    if not digest then
      builder:close()
      return nil, message, code
    end
    sources[#sources + 1] = { file = paths[part], sha256 = type(digest) == "string" and digest or nil }
  end
  local restrictions = {}
  if paths.restrictions then
    local message, code
    restrictions, message, code = read_restrictions(paths.restrictions)
    if not restrictions then
      builder:close()
      return nil, message, code
    end
    sources[#sources + 1] = { file = paths.restrictions }
  end
  return network.seal(builder, { restrictions = restrictions, restrictions_from = paths.restrictions, sources = sources }, opts)
end

-- ---- writing ----

local FIRST = { entities = { "id", "kind", "name", "country" }, relations = { "id", "kind", "from", "to", "share", "basis" },
  restrictions = { "id", "title", "rule", "measure", "status", "targets" } }

local function is_list(value)
  if type(value) ~= "table" then return false end
  local count = 0
  for _ in pairs(value) do count = count + 1 end
  if count ~= #value then return false end
  for _, item in ipairs(value) do
    if type(item) == "table" or tostring(item):find(";", 1, true) then return false end
  end
  return true
end

local function each_record(net, part)
  if part == "restrictions" then return ipairs(net:restrictions()) end
  return function(_, i)
    local record = net:record(part, i + 1)
    if record then return i + 1, record end
  end, nil, 0
end

-- Column names, the usual ones first; a field that is a list somewhere has a column `name[]` as well.
local function columns_of(net, part)
  local known, names, columns = {}, {}, {}
  for _, record in each_record(net, part) do
    for field, value in pairs(record) do
      local name = is_list(value) and field ~= "targets" and field .. "[]" or field
      if not known[name] then
        known[name] = true
        names[#names + 1] = name
      end
    end
  end
  table.sort(names, errors.less)
  for _, name in ipairs(FIRST[part]) do
    columns[#columns + 1] = name
    known[name] = nil
  end
  for _, name in ipairs(names) do
    if known[name] then columns[#columns + 1] = name end
  end
  return columns
end

local function quote(text)
  if text:find('[",\r\n]') or text:find("^%s") or text:find("%s$") then return '"' .. text:gsub('"', '""') .. '"' end
  return text
end

local function cell_of(record, column)
  local name = column:gsub("%[%]$", "")
  local value = record[name]
  if value == nil then return "" end
  local list = is_list(value)
  if name ~= "targets" and list ~= (name ~= column) then return "" end -- it stands in the other column
  if list then
    local items = {}
    for i, item in ipairs(value) do items[i] = tostring(item) end
    return quote(table.concat(items, ";"))
  end
  if type(value) == "table" or type(value) == "number" then return quote(json.encode(value)) end
  return quote(tostring(value))
end

local function save_part(net, part, path)
  local columns = columns_of(net, part)
  return output.write(path, function(write)
    write(table.concat(columns, ",") .. "\n")
    for _, record in each_record(net, part) do
      local cells = {}
      for i, column in ipairs(columns) do cells[i] = cell_of(record, column) end
      write(table.concat(cells, ",") .. "\n")
    end
  end)
end

-- path: a folder that exists. Each file is replaced whole; the three are not replaced together.
function csv.save(net, path)
  local folder = path:gsub("/+$", "")
  for _, part in ipairs { "entities", "relations", "restrictions" } do
    if part ~= "restrictions" or #net:restrictions() > 0 then
      local saved, message, code = save_part(net, part, folder .. "/" .. part .. ".csv")
      if not saved then return nil, message, code end
    end
  end
  return true
end

return csv
