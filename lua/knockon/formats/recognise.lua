-- Which format a file is in, by its first bytes; and the readers of all formats but knockon's own.

local core = require "knockon.core"
local errors = require "knockon.errors"
local stop = require "knockon.formats.stop"
local stream = require "knockon.formats.stream"

local recognise = {}

-- In byte order. Each is a module knockon.formats.NAME with load(parts, opts) and recognise(head): what of this
-- format the text begins with, or nil.
local NAMES = {
  "bods", "cyclonedx", "denied_persons", "dora", "exhibit21", "followthemoney", "gleif", "graphml", "ofac",
  "opensanctions", "psc", "screening",
}
local OWN = { "csv", "native", "ndjson" } -- read by their own modules, which open files themselves

-- All names that `from` may have, in byte order.
function recognise.names()
  local names = {}
  for _, list in ipairs { NAMES, OWN } do
    for _, name in ipairs(list) do names[#names + 1] = name end
  end
  table.sort(names, errors.less)
  return names
end

local function reader(name) return require("knockon.formats." .. name) end

-- ---- what a head looks like ----

local Head = {}
Head.__index = Head

-- A head: { text, json, xml, table }. json: the text begins a JSON document; keys(name): does it use the name as a key?
local function new_head(text)
  text = text:gsub("^\239\187\191", "")
  local first = text:match "^%s*(.)"
  return setmetatable({ text = text, json = first == "{" or first == "[", xml = first == "<" }, Head)
end

function Head:has_key(name) return self.json and self.text:find('"' .. name .. '"%s*:') ~= nil end

-- The root element of an XML document, without its prefix.
function Head:root()
  local name = self.xml and self.text:match "<([%a_][%w_.:-]*)"
  return name and name:gsub("^.*:", "") or nil
end

-- The cells of the first line, as far as they can be told without reading a table: no line breaks in cells.
function Head:cells(separator)
  if self.json or self.xml then return {} end
  local line, cells = (self.text:match "^%s*([^\r\n]*)") .. separator, {}
  local at = 1
  while at <= #line do
    local quoted, after = line:match('^%s*"([^"]*)"()', at)
    local stops = line:find(separator, after or at, true)
    if not stops then break end
    local cell = quoted or line:sub(at, stops - 1)
    cells[#cells + 1] = cell:gsub("^%s+", ""):gsub("%s+$", "")
    at = stops + 1
  end
  return cells
end

-- Does the first line name all these columns?
function Head:has_columns(separator, names)
  local seen = {}
  for _, cell in ipairs(self:cells(separator)) do seen[cell] = true end
  for _, name in ipairs(names) do
    if not seen[name] then return false end
  end
  return true
end

-- What kind of part it is, for one format: the reader's own word.
function recognise.kind(format, part) return reader(format).recognise(new_head(part:head()), part) end

local function format_of(part)
  local head = new_head(part:head())
  for _, name in ipairs(NAMES) do
    if reader(name).recognise(head, part) then return name end
  end
  return nil
end

-- What is there for format_of of knockon's own formats: a file that says it is one is left to them.
local function is_own(part)
  local head = new_head(part:head())
  return head:has_key "knockon" and head.text:find '^%s*{%s*"knockon"%s*:%s*1' ~= nil
end

-- ---- loading ----

local function check_paths(paths)
  if #paths == 0 then errors.raise("argument", "path", "the list of paths is empty") end
  for _, path in ipairs(paths) do
    if type(path) ~= "string" then
      errors.raise("argument", "path", "a list of paths holds text, not a " .. type(path))
    end
  end
end

-- Is the path knockon's own, or something that cannot be read twice? Then its own readers look after it.
local function is_left_out(path)
  if type(path) == "table" then return path[1] == nil end
  if core.is_folder(path) then
    for _, name in ipairs { "/entities.csv", "/entities.ndjson" } do
      if core.file_kind(stream.plain_or_packed(path .. name)) ~= "none" then return true end
    end
    return false
  end
  return core.file_kind(path) ~= "file"
end

local function only(parts, format)
  local list = {}
  for _, part in ipairs(parts) do
    part.kind = recognise.kind(format, part)
    if part.kind then list[#list + 1] = part end
  end
  return list
end

-- The one format of all parts, or nil: knockon's own, or none that is known.
local function one_format(parts)
  local format, first
  for _, part in ipairs(parts) do
    local found = not is_own(part) and format_of(part) or nil
    if found and format and found ~= format then
      stop.raise(("%s is %s, but %s is %s: load them one by one, and merge the networks"):format(first.path, format,
        part.path, found))
    end
    if found and not format then format, first = found, part end
  end
  return format
end

local function load(path, opts, format)
  local parts = stream.parts(path)
  format = format or one_format(parts)
  if not format then return false end
  local several = type(path) == "table" or core.is_folder(path) or (parts[1] and parts[1].member)
  local chosen = only(parts, format)
  if not several and not chosen[1] and parts[1] then
    stop.raise(("%s: this is not a file of the format %s"):format(path, format))
  end
  if type(path) == "table" then
    for _, part in ipairs(parts) do
      if not part.kind and not part.member then
        stop.raise(("%s: this is not a file of the format %s"):format(part.path, format))
      end
    end
  end
  if not chosen[1] then stop.raise(("%s: nothing in the format %s"):format(tostring(path), format)) end
  return reader(format).load(chosen, opts)
end

-- Loads what is in a format of others: a network, or nil, message, code. False: the path is for knockon's own readers.
function recognise.load(path, opts)
  local format = opts.from
  for _, own in ipairs(OWN) do
    if format == own then return false end
  end
  if type(path) == "table" and path[1] ~= nil then check_paths(path) end
  if not format and is_left_out(path) then return false end
  return stop.told(load, path, opts, format)
end

return recognise
