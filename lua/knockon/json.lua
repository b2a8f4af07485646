-- JSON in and out.
--
-- Reading is lua-cjson behind a check for valid UTF-8 (which lua-cjson does not make), with places told as
-- line and column. Writing is our own: the same value gives the same bytes on every Lua, which lua-cjson
-- does not promise (key order, empty lists, 3 against 3.0).

local cjson = require "cjson"
local errors = require "knockon.errors"

local byte, find, format, gsub, sub = string.byte, string.find, string.format, string.gsub, string.sub
local concat, sort = table.concat, table.sort
local floor, huge = math.floor, math.huge
local less = errors.less

local json = {}

-- An instance of our own: the shared one may be configured by the host.
local reader = cjson.new()
reader.decode_invalid_numbers(false) -- NaN, Infinity and 0x10 are not JSON
reader.decode_max_depth(200)

local MAX_DEPTH = 200
local BOM = "\239\187\191"

-- UTF-8 -----------------------------------------------------------------------------------------------------

local TAIL = "^[\128-\191]"

-- For a first byte, the pattern of what has to follow and its length (the Unicode Standard, table 3-7).
local function follow(lead)
  if lead < 194 then return nil end
  if lead < 224 then return TAIL, 1 end
  if lead == 224 then return "^[\160-\191][\128-\191]", 2 end
  if lead == 237 then return "^[\128-\159][\128-\191]", 2 end
  if lead < 240 then return TAIL .. "[\128-\191]", 2 end
  if lead == 240 then return "^[\144-\191][\128-\191][\128-\191]", 3 end
  if lead < 244 then return TAIL .. "[\128-\191][\128-\191]", 3 end
  if lead == 244 then return "^[\128-\143][\128-\191][\128-\191]", 3 end
  return nil
end

local FOLLOW, LENGTH = {}, {}
for lead = 128, 255 do FOLLOW[lead], LENGTH[lead] = follow(lead) end

local utf8_len = type(rawget(_G, "utf8")) == "table" and _G.utf8.len or nil

-- nil when `text` is valid UTF-8 (from a place on), otherwise the place of the first byte that is not.
function json.invalid_utf8(text, from)
  local at = find(text, "[\128-\255]", from)
  if not at then return nil end
  -- Where Lua brings a check it is faster; 5.3's lets surrogates pass.
  if utf8_len and not from and utf8_len(text) and not find(text, "\237[\160-\191]") then return nil end
  while at do
    repeat
      local lead = byte(text, at)
      local pattern = FOLLOW[lead]
      if not pattern or not find(text, pattern, at + 1) then return at end
      at = at + 1 + LENGTH[lead]
      lead = byte(text, at)
    until not lead or lead < 128
    at = find(text, "[\128-\255]", at)
  end
  return nil
end

-- The text with a question mark for every byte that is no UTF-8, as names of files may have them.
function json.legible(text)
  local at = json.invalid_utf8(text)
  if not at then return text end
  local parts, first = {}, 1
  while at do
    parts[#parts + 1] = text:sub(first, at - 1)
    first = at + 1
    at = json.invalid_utf8(text, first)
  end
  parts[#parts + 1] = text:sub(first)
  return concat(parts, "?")
end

-- Reading ---------------------------------------------------------------------------------------------------

-- Line and column, both from 1, of a byte; the column counts characters, not bytes.
local function place(text, at)
  local line, start = 1, 1
  while true do
    local newline = find(text, "\n", start, true)
    if not newline or newline >= at then break end
    line, start = line + 1, newline + 1
  end
  local _, tails = gsub(sub(text, start, at - 1), "[\128-\191]", "")
  return format("line %d, column %d", line, at - start - tails + 1)
end

-- lua-cjson names its tokens as its source does.
local TOKENS = {
  T_OBJ_BEGIN = "'{'", T_OBJ_END = "'}'", T_ARR_BEGIN = "'['", T_ARR_END = "']'", T_STRING = "a string",
  T_NUMBER = "a number", T_INTEGER = "a number", T_BOOLEAN = "true or false", T_NULL = "null", T_COLON = "':'",
  T_COMMA = "','", T_END = "the end of the text",
}

local function explain(text, message)
  message = gsub(tostring(message), "T_[A-Z_]+", TOKENS)
  local cause, at = message:match("^(.-) at character (%d+)$")
  if not cause then return message end
  cause = gsub(cause, "^%u", function(letter) return letter:lower() end)
  return place(text, tonumber(at)) .. ": " .. cause
end

-- Takes the nulls out of what was read: a null field is a missing field, a null item is no item.
local function drop_nulls(value)
  local null = cjson.null
  if value[1] ~= nil then
    local kept = 0
    for i = 1, #value do
      local item = value[i]
      value[i] = nil
      if item ~= null then
        if type(item) == "table" then drop_nulls(item) end
        kept = kept + 1
        value[kept] = item
      end
    end
    return
  end
  for key, item in pairs(value) do
    if item == null then
      value[key] = nil
    elseif type(item) == "table" then
      drop_nulls(item)
    end
  end
end

-- The value, or nil and a message that begins with line and column. A byte order mark is passed over. The
-- text "null" gives nil and a message too: there is nothing in it.
function json.decode(text)
  if type(text) ~= "string" then errors.raise("argument", "text", "text must be a string, not a " .. type(text)) end
  if sub(text, 1, 3) == BOM then text = sub(text, 4) end
  if not find(text, "[^ \t\r\n]") then return nil, "line 1, column 1: the text is empty" end
  local wrong = json.invalid_utf8(text)
  if wrong then
    return nil, format("%s: not UTF-8 (byte 0x%02X)", place(text, wrong), byte(text, wrong))
  end
  local zero = find(text, "%z")
  if zero then return nil, place(text, zero) .. ": a zero byte" end
  local ok, value = pcall(reader.decode, text)
  if not ok then
    if value == "not enough memory" then error(value, 0) end -- no fault of the text
    return nil, explain(text, value)
  end
  if value == cjson.null then return nil, "line 1, column 1: nothing but null" end
  if type(value) == "table" and find(text, "null", 1, true) then drop_nulls(value) end
  return value
end

-- Writing ---------------------------------------------------------------------------------------------------

local array, object = { __name = "knockon.json.array" }, { __name = "knockon.json.object" }

-- Marks a table as a list (written [] when empty) and returns it.
function json.array(list) return setmetatable(list, array) end

-- Marks a table as an object (written {} when empty) and returns it.
function json.object(fields) return setmetatable(fields, object) end

-- Written as null; a Lua table cannot hold nil.
json.null = setmetatable({}, { __name = "knockon.json.null", __tostring = function() return "null" end })

local ESCAPES = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t",
}
for code = 0, 127 do
  local letter = string.char(code)
  if (code < 32 or code == 127) and not ESCAPES[letter] then ESCAPES[letter] = format("\\u%04x", code) end
end

local function quote(text)
  if not find(text, '[%z\1-\31\127-\255"\\]') then return '"' .. text .. '"' end
  local wrong = json.invalid_utf8(text)
  if wrong then
    errors.raise("argument", "value", format("a string to be written as JSON is not UTF-8 (byte %d)", wrong))
  end
  return '"' .. gsub(text, '[%z\1-\31\127"\\]', ESCAPES) .. '"'
end

local DIGITS = { "%.14g", "%.15g", "%.16g", "%.17g" }

local number_kind = rawget(math, "type") -- Lua 5.3 and later

-- The shortest form that reads back as the same number. Whole numbers never show a point or an exponent
-- below 2^63, whether the Lua keeps them as integers or not.
local function number(value)
  if value ~= value or value == huge or value == -huge then
    errors.raise("argument", "value", "JSON has no " .. (value ~= value and "NaN" or "infinity"))
  end
  if value == floor(value) and value >= -2 ^ 63 and value < 2 ^ 63 then
    if value == 0 then return "0" end
    -- %d first: an integer of 5.3 may not be exact as a float.
    if number_kind and number_kind(value) == "integer" then return format("%d", value) end
    return format("%.0f", value)
  end
  local text
  for _, digits in ipairs(DIGITS) do
    text = format(digits, value)
    if tonumber(text) == value then break end
  end
  return (gsub(text, ",", ".")) -- the decimal point of the host's locale
end

local write

local function is_list(value)
  local mark = getmetatable(value)
  if mark == array then return true end
  if mark == object then return false end
  return value[1] ~= nil or next(value) == nil
end

local function write_list(out, value, indent, level, open)
  local count = 0
  for _ in pairs(value) do count = count + 1 end
  if count ~= #value then errors.raise("argument", "value", "a list to be written as JSON has holes or names in it") end
  if count == 0 then
    out[#out + 1] = "[]"
    return
  end
  local newline = indent and "\n" .. indent:rep(level + 1) or ""
  for i = 1, count do
    out[#out + 1] = (i == 1 and "[" or ",") .. newline
    write(out, value[i], indent, level + 1, open)
  end
  out[#out + 1] = (indent and "\n" .. indent:rep(level) or "") .. "]"
end

-- Rows have few fields and mostly differ in the first byte: insertion is faster than table.sort here.
local function sort_keys(keys)
  if #keys > 16 then return sort(keys, less) end
  for i = 2, #keys do
    local key, first, j = keys[i], byte(keys[i]) or -1, i - 1
    while j > 0 do
      local other = byte(keys[j]) or -1
      if first > other or (first == other and not less(key, keys[j])) then break end
      keys[j + 1], j = keys[j], j - 1
    end
    keys[j + 1] = key
  end
end

local function write_object(out, value, indent, level, open)
  local keys = {}
  for key in pairs(value) do
    if type(key) ~= "string" then
      errors.raise("argument", "value", "an object to be written as JSON has a key that is a " .. type(key))
    end
    keys[#keys + 1] = key
  end
  if #keys == 0 then
    out[#out + 1] = "{}"
    return
  end
  sort_keys(keys)
  local newline = indent and "\n" .. indent:rep(level + 1) or ""
  local colon = indent and ": " or ":"
  for i = 1, #keys do
    out[#out + 1] = (i == 1 and "{" or ",") .. newline .. quote(keys[i]) .. colon
    write(out, value[keys[i]], indent, level + 1, open)
  end
  out[#out + 1] = (indent and "\n" .. indent:rep(level) or "") .. "}"
end

function write(out, value, indent, level, open)
  local kind = type(value)
  if kind == "string" then
    out[#out + 1] = quote(value)
  elseif kind == "number" then
    out[#out + 1] = number(value)
  elseif kind == "boolean" then
    out[#out + 1] = tostring(value)
  elseif value == json.null or value == cjson.null then
    out[#out + 1] = "null"
  elseif kind ~= "table" then
    errors.raise("argument", "value", "a " .. kind .. " cannot be written as JSON")
  else
    if open[value] then errors.raise("argument", "value", "a table to be written as JSON contains itself") end
    if level >= MAX_DEPTH then
      errors.raise("argument", "value", "a value to be written as JSON is nested deeper than " .. MAX_DEPTH)
    end
    open[value] = true
    local writer = is_list(value) and write_list or write_object
    writer(out, value, indent, level, open)
    open[value] = nil
  end
end

-- The text of a value, keys in byte order. opts.indent: a number of spaces, or the text of one indent; on one
-- line without it. Raises for what JSON cannot hold.
function json.encode(value, opts)
  local indent = opts and opts.indent
  if type(indent) == "number" then indent = (" "):rep(indent) end
  if indent == "" then indent = nil end
  local out = {}
  write(out, value, indent, 0, {})
  return concat(out)
end

return json
