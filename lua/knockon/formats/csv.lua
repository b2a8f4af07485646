-- Two or three CSV files with the native field names as header: entities.csv, relations.csv, restrictions.csv.
-- The engine reads entities and relations; restrictions are few and read here. CSV knows only text; a column `name[]`
-- is a list with semicolons between its items.

local budget = require "knockon.budget"
local core = require "knockon.core"
local errors = require "knockon.errors"
local exists = require "knockon.formats.exists"
local json = require "knockon.json"
local network = require "knockon.network"
local output = require "knockon.output"
local restriction = require "knockon.restriction"
local stream = require "knockon.formats.stream"

local csv = {}

local function split(text)
  local items = {}
  for item in (text .. ";"):gmatch("(.-);") do items[#items + 1] = item end
  if #items > 1 and items[#items] == "" then items[#items] = nil end -- "a;" is a list of one
  return items
end

-- Fields of a restriction that are more than text: ids with semicolons between them, or JSON.
local STRUCTURED = { targets = true, joint = true, except = true, rule = true }

local function value_of(name, cell)
  local plain = name:gsub("%[%]$", "")
  if STRUCTURED[plain] and cell:find "^[%[{]" then return plain, json.decode(cell) or cell end
  if plain ~= name or plain == "targets" then return plain, split(cell) end
  return plain, cell
end

local function check_header(names, path)
  local seen = {}
  for i, name in ipairs(names) do
    if name == "" then return ("%s:1: column %d has no name"):format(path, i) end
    if core.invalid_utf8(name) then return ("%s:1: the name of column %d is not valid UTF-8"):format(path, i) end
    if seen[name] then return ("%s:1: two columns are named '%s'"):format(path, name) end
    seen[name] = true
  end
  for _, name in ipairs { "rule", "targets" } do
    if not seen[name] then return ("%s:1: there is no column '%s'"):format(path, name) end
  end
  return nil
end

-- Restrictions as records, and with on_error = "skip" what is wrong with the rows that were left out.
local function read_restrictions(path, opts, packed, work)
  local reader, message, code
  if packed then reader = core.csv(packed:open(work), ",", path) else reader, message, code = core.csv(path) end
  if not reader then return nil, message, code end
  local names, why, kind = reader:row()
  if kind then return nil, why, kind end
  if not names then return nil, path .. ": the file is empty; its first line must name the columns", "parse" end
  local wrong = check_header(names, path)
  if wrong then return nil, wrong, "parse" end
  local list, skipped = {}, {}
  while true do
    local cells, line, failed = reader:row()
    if failed then return nil, line, failed end
    if not cells then return list, skipped end
    local record = {}
    if #cells ~= #names then
      wrong = ("%s:%d: restriction record %d: %d cells, but the header has %d"):format(path, line, #list + 1, #cells,
        #names)
      if opts.on_error ~= "skip" then return nil, wrong, "parse" end
      record, skipped[#skipped + 1] = restriction.LEFT_OUT, wrong
    else
      for i, name in ipairs(names) do
        if cells[i] ~= "" then
          local field, value = value_of(name, cells[i])
          record[field] = value
        end
      end
    end
    list[#list + 1] = record
  end
end

local function paths_of(path)
  if type(path) == "table" then
    for name in pairs(path) do
      if name ~= "entities" and name ~= "relations" and name ~= "restrictions" then
        errors.raise("argument", "path", ("CSV data has no part %q"):format(tostring(name)),
          errors.nearest(tostring(name), { "entities", "relations", "restrictions" }))
      end
    end
    return path
  end
  local folder = path:gsub("/+$", "")
  local paths = {}
  for _, part in ipairs { "entities", "relations", "restrictions" } do
    paths[part] = stream.plain_or_packed(folder .. "/" .. part .. ".csv")
  end
  if exists(paths.entities) == false and exists(path) ~= false then
    return nil, path .. ": no format that knockon knows; its own CSV is two files, entities.csv and "
      .. "relations.csv: name their folder, or both; see the formats of from for those of others"
  end
  if exists(paths.restrictions) == false then paths.restrictions = nil end
  return paths
end

function csv.load(path, opts)
  local paths, wrong = paths_of(path)
  if not paths then return nil, wrong, "parse" end
  if type(paths.entities) ~= "string" or type(paths.relations) ~= "string" then
    errors.raise("argument", "path", "CSV data is two files: { entities = path, relations = path }")
  end
  if paths.restrictions ~= nil and type(paths.restrictions) ~= "string" then
    errors.raise("argument", "path", "restrictions must be a path (text)")
  end
  local builder, sources, spent = core.builder(), {}, budget.start(opts)
  local function give_up(message, code)
    builder:close()
    return nil, message, code
  end
  for _, part in ipairs { "entities", "relations" } do
    local digest, message, code = stream.into(builder, "read_csv", paths[part], part, spent)
    if not digest then return give_up(message, code) end
    sources[#sources + 1] = { file = paths[part], sha256 = digest }
  end
  local restrictions, skipped = {}, {}
  if paths.restrictions then
    local packed = stream.packed(paths.restrictions)
    local work, code = { spent = spent, what = "reading restrictions" }
    restrictions, skipped, code = read_restrictions(paths.restrictions, opts, packed, work)
    if not restrictions then return give_up(skipped, code) end
    local file = not packed and io.open(paths.restrictions, "rb")
    local text = file and file:read("*a")
    if file then file:close() end
    local digest = packed and packed.sha256 or text and core.sha256(text)
    sources[#sources + 1] = { file = paths.restrictions, sha256 = digest }
  end
  return network.seal(builder, { restrictions = restrictions, restrictions_from = paths.restrictions,
    skipped = skipped, sources = sources }, spent.left())
end

-- ---- writing ----

local FIRST = {
  entities = { "id", "kind", "name", "country" }, relations = { "id", "kind", "from", "to", "share", "basis" },
  restrictions = { "id", "title", "rule", "measure", "status", "targets" },
}

-- Does a list fit into one cell with semicolons? Other lists, and tables, are written as JSON.
local function is_list(value)
  if type(value) ~= "table" then return false end
  local count = 0
  for _ in pairs(value) do count = count + 1 end
  if count ~= #value then return false end
  for _, item in ipairs(value) do
    if type(item) == "table" or item == "" or tostring(item):find(";", 1, true) then return false end
  end
  return true
end

-- A cell without quotes for what is nothing (an empty text, an empty list), which is nil.
local function text_of(value)
  if type(value) == "string" then return value ~= "" and value or nil end
  if type(value) ~= "table" then return json.encode(value) end
  if next(value) == nil then return nil end
  if not is_list(value) then return json.encode(value) end
  local items = {}
  for i, item in ipairs(value) do items[i] = type(item) == "string" and item or json.encode(item) end
  return table.concat(items, ";")
end

local SPLIT = { country = true, data = true, located_in = true } -- semicolons separate in these under any name

-- The column a value of a field stands in: a list that fits has its own.
local function column_of(field, value)
  if field:find "%[%]$" then
    errors.raise("argument", field,
      ("CSV cannot hold the field '%s': a name that ends in [] means a list"):format(field))
  end
  local list = is_list(value) and field ~= "targets"
  return (list or (SPLIT[field] and tostring(value):find(";", 1, true))) and field .. "[]" or field
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
      local name = column_of(field, value)
      if not known[name] and text_of(value) then
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
  if not (text:find('[",\r\n]') or text:find("^%s") or text:find("%s$")) then return text end
  return '"' .. text:gsub('"', '""') .. '"'
end

-- Ids that look like JSON are written as JSON.
local function targets_of(value)
  if #value == 0 then return json.encode(value) end
  for _, id in ipairs(value) do
    if id:find "^[%[{]" then return json.encode(value) end
  end
  return text_of(value)
end

local function cell_of(record, column)
  local field = record[column] ~= nil and column or column:gsub("%[%]$", "")
  local value = record[field]
  if value == nil or column_of(field, value) ~= column then return "" end
  return field == "targets" and targets_of(value) or text_of(value) or ""
end

local function as_it_is(text) return text end

local function prepare(net, part, path, guard, mark)
  local columns = columns_of(net, part)
  return output.prepare(path, function(write)
    local header = {}
    for i, column in ipairs(columns) do header[i] = quote(guard(column)) end
    write(mark .. table.concat(header, ",") .. "\n")
    for _, record in each_record(net, part) do
      local cells = {}
      for i, column in ipairs(columns) do cells[i] = quote(guard(cell_of(record, column))) end
      write(table.concat(cells, ",") .. "\n")
    end
  end)
end

local function prepare_all(net, folder, files, guard, mark)
  for i, part in ipairs { "entities", "relations", "restrictions" } do
    local file, message, code = prepare(net, part, folder .. "/" .. part .. ".csv", guard, mark)
    if not file then return nil, message, code end
    files[i] = file
  end
  return true
end

-- path: a folder that exists. All three files are written before the first takes its place. Restrictions have a file
-- also when there are none, lest an older one beside the new files be taken for theirs. guard(text): what to write for
-- the text of a cell, itself by default; mark: what each file begins with.
function csv.save(net, path, _, guard, mark)
  if core.file_kind(path) == "file" then return nil, path .. ": a file; CSV is written into a folder", "io" end
  local made, cause = core.make_folder(path)
  if not made then return nil, cause, "io" end
  local files = { false, false, false } -- room for all: once one is written, nothing may be in its way into the list
  local folder = path:gsub("/+$", "")
  local fine, done, message, code = pcall(prepare_all, net, folder, files, guard or as_it_is, mark or "")
  for i = 1, #files do
    local file = files[i]
    if file and fine and done then
      done, message, code = file.commit()
    elseif file then
      file.abandon()
    end
  end
  if not fine then error(done, 0) end
  if done then return true end
  return nil, message, code
end

return csv
