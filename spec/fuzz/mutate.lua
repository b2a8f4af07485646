-- Mutations of files for the fuzz targets: bytes, tokens, and values of JSON. The same seed makes the same mutations
-- on every Lua.
local json = require "knockon.json"

local mutate = {}

-- A generator: random(n) gives 1 to n.
function mutate.generator(seed)
  local state = seed % 2147483646 + 1
  return function(n)
    state = (state * 16807) % 2147483647
    return state % n + 1
  end
end

local TOKENS = {
  "{", "}", "[", "]", '"', "'", ",", ";", ":", "\t", "\n", "\r\n", "\r", "\0", "\26", "\255",
  "\237\160\128", "\239\187\191",
  "null", "true", "-1", "1e999", "0", "999999999999999999999", "100.0000001", "50", "-0- ", "9999-12-31", "2020-13-45",
  "0000-00-00", "\\", "\\u0000", "\\ud800", "<", ">", "<!DOCTYPE a [<!ENTITY b 'c'>]>", "&amp;", "&b;", "]]>", "<a>",
  "</a>",
  "<!--", "<![CDATA[", "#", "%", ">50%", "25-50%", "(", ")", " ", ("x"):rep(300), ("["):rep(300), ("<a>"):rep(150),
  "\31\139", "PK\3\4", "id", "knockon", "share", "kind", "from", "to", "since", "until", "same_as",
}

-- One change of the bytes.
local function change(text, random)
  local at, way = random(#text + 1), random(7)
  local span = math.min(random(random(2) == 1 and 8 or 200), #text - at + 1)
  if way == 1 then return text:sub(1, at - 1) .. string.char(random(256) - 1) .. text:sub(at + 1) end
  if way == 2 then return text:sub(1, at - 1) .. text:sub(at + span) end
  if way == 3 then return text:sub(1, at - 1) .. TOKENS[random(#TOKENS)] .. text:sub(at) end
  if way == 4 then return text:sub(1, at - 1) .. TOKENS[random(#TOKENS)] .. text:sub(at + span) end
  if way == 5 then return text:sub(1, at) .. text:sub(at, at + span) .. text:sub(at) end
  if way == 6 then return text:sub(1, at - 1) end
  local other = random(#text + 1)
  return text:sub(1, at - 1) .. text:sub(other, other + span) .. text:sub(at)
end

-- ---- values of JSON ----

local VALUES = { function() return 7 end, function() return "x" end, function() return "" end,
  function() return true end, function() return json.array {} end, function() return json.object {} end,
  function() return { 1, "a", { b = 2 } } end, function() return { a = { a = { a = {} } } } end,
  function() return -1e300 end, function() return "2020-02-30" end, function() return json.null end,
  function() return ("long "):rep(50) end }

local function slots(value, list)
  for key, item in pairs(value) do
    list[#list + 1] = { value, key }
    if type(item) == "table" then slots(item, list) end
  end
  return list
end

-- The document with one of its values replaced; nil when it is none.
local function replace(text, random)
  local value = json.decode(text)
  if type(value) ~= "table" then return nil end
  local list = slots(value, {})
  if #list == 0 then return nil end
  table.sort(list, function(a, b) return tostring(a[2]) < tostring(b[2]) end)
  local slot = list[random(#list)]
  slot[1][slot[2]] = VALUES[random(#VALUES)]()
  local fine, out = pcall(json.encode, value)
  return fine and out or nil
end

local function replace_in_lines(text, random)
  local lines = {}
  for line in text:gmatch "[^\n]+" do lines[#lines + 1] = line end
  if #lines == 0 then return nil end
  local at = random(#lines)
  lines[at] = replace(lines[at], random) or lines[at]
  return table.concat(lines, "\n") .. "\n"
end

-- A mutant of a text.
function mutate.text(text, random)
  local first = text:match "^%s*(.)"
  if (first == "{" or first == "[") and random(2) == 1 then
    local mutant = replace(text, random) or replace_in_lines(text, random)
    if mutant then return mutant end
  end
  for _ = 1, random(random(3) == 1 and 6 or 2) do text = change(text, random) end
  return text
end

return mutate
