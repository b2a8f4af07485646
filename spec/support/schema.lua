-- A JSON Schema validator for the part of draft 2020-12 that lua/knockon/schema.json uses, with a JSON reader of
-- its own: lua-cjson cannot tell [] from {}, which is one of the things to be tested. A keyword or pattern it
-- does not know is an error, so that nothing passes unlooked at.

local schema = {}

-- Reader: text -> node { kind = "object"|"array"|"string"|"number"|"boolean"|"null", value = ... } -----------

local ESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

local function read_string(text, at)
  local parts = {}
  while true do
    local from, till, plain, mark = text:find('^([^"\\%c]*)(["\\])', at)
    assert(from, "broken string at byte " .. at)
    parts[#parts + 1] = plain
    at = till + 1
    if mark == '"' then return { kind = "string", value = table.concat(parts) }, at end
    local code = text:match("^u(%x%x%x%x)", at)
    if code then
      assert(tonumber(code, 16) < 128, "only ASCII is ever escaped")
      parts[#parts + 1], at = string.char(tonumber(code, 16)), at + 5
    else
      parts[#parts + 1], at = assert(ESCAPES[text:sub(at, at)], "unknown escape at byte " .. at), at + 1
    end
  end
end

local read

local function skip(text, at) return text:match("^[ \t\r\n]*()", at) end

local function read_members(text, at, close, one)
  at = skip(text, at)
  if text:sub(at, at) == close then return at + 1 end
  while true do
    at = skip(text, one(skip(text, at)))
    local mark = text:sub(at, at)
    if mark == close then return at + 1 end
    assert(mark == ",", "no comma at byte " .. at)
    at = at + 1
  end
end

function read(text, at)
  local first = text:sub(at, at)
  if first == '"' then return read_string(text, at + 1) end
  if first == "[" then
    local items = {}
    at = read_members(text, at + 1, "]", function(from)
      items[#items + 1], from = read(text, from)
      return from
    end)
    return { kind = "array", value = items }, at
  end
  if first == "{" then
    local fields = {}
    at = read_members(text, at + 1, "}", function(from)
      assert(text:sub(from, from) == '"', "no name at byte " .. from)
      local name
      name, from = read_string(text, from + 1)
      assert(not fields[name.value], "the name " .. name.value .. " twice")
      from = skip(text, from)
      assert(text:sub(from, from) == ":", "no colon at byte " .. from)
      fields[name.value], from = read(text, skip(text, from + 1))
      return from
    end)
    return { kind = "object", value = fields }, at
  end
  for word, node in pairs { ["true"] = { kind = "boolean", value = true }, null = { kind = "null" },
    ["false"] = { kind = "boolean", value = false } } do
    if text:sub(at, at + #word - 1) == word then return node, at + #word end
  end
  local number, after = text:match("^(%-?%d+%.?%d*[eE]?[-+]?%d*)()", at)
  assert(number, "nothing known at byte " .. at)
  return { kind = "number", value = assert(tonumber(number)) }, after
end

function schema.parse(text)
  local node, at = read(text, skip(text, 1))
  assert(skip(text, at) == #text + 1, "something after the end")
  return node
end

-- Validator ---------------------------------------------------------------------------------------------------

-- Lua's patterns are not regular expressions: those in use, by hand.
local PATTERNS = {
  ["^[0-9]{4}(-[0-9]{2}){0,2}$"] = { "^%d%d%d%d$", "^%d%d%d%d%-%d%d$", "^%d%d%d%d%-%d%d%-%d%d$" },
  ["^[0-9]{4}-[0-9]{2}-[0-9]{2}$"] = { "^%d%d%d%d%-%d%d%-%d%d$" },
  ["^[0-9]+(\\.[0-9]+)?%$"] = { "^%d+%%$", "^%d+%.%d+%%$" },
  ["^-?[0-9]+(\\.[0-9]+)?$"] = { "^%-?%d+$", "^%-?%d+%.%d+$" },
  ["^[0-9a-f]{64}$"] = { "^" .. ("[0-9a-f]"):rep(64) .. "$" },
}

local function plain(node)
  if node == nil then return nil end
  if node.kind ~= "object" and node.kind ~= "array" then return node.value end
  local out = {}
  for key, child in pairs(node.value) do out[key] = plain(child) end
  return out
end

local check

local KEYWORDS = {
  ["$schema"] = function() end, ["$defs"] = function() end, title = function() end, description = function() end,
  ["$ref"] = function(node, rule, root, at)
    local name = assert(rule:match("^#/%$defs/([%w_]+)$"), "unknown reference " .. rule)
    return check(node, assert(root["$defs"][name], "no definition " .. name), root, at)
  end,
  type = function(node, rule, _, at)
    if node.kind ~= rule then return at .. ": " .. node.kind .. " instead of " .. rule end
  end,
  const = function(node, rule, _, at)
    if node.value ~= rule then return at .. ": not " .. tostring(rule) end
  end,
  enum = function(node, rule, _, at)
    for _, value in ipairs(rule) do
      if node.value == value then return end
    end
    return at .. ": " .. tostring(node.value) .. " is none of " .. table.concat(rule, ", ")
  end,
  oneOf = function(node, rule, root, at)
    local matched, causes = 0, {}
    for _, option in ipairs(rule) do
      local cause = check(node, option, root, at)
      matched = matched + (cause and 0 or 1)
      causes[#causes + 1] = cause
    end
    if matched ~= 1 then return at .. ": matches " .. matched .. " options (" .. table.concat(causes, "; ") .. ")" end
  end,
  required = function(node, rule, _, at)
    for _, name in ipairs(node.kind == "object" and rule or {}) do
      if not node.value[name] then return at .. ": " .. name .. " is missing" end
    end
  end,
  properties = function(node, rule, root, at)
    for name, child in pairs(node.kind == "object" and node.value or {}) do
      local cause = rule[name] and check(child, rule[name], root, at .. "." .. name)
      if cause then return cause end
    end
  end,
  additionalProperties = function(node, rule, root, at, whole)
    for name, child in pairs(node.kind == "object" and node.value or {}) do
      if not (whole.properties or {})[name] then
        if rule == false then return at .. ": unknown field " .. name end
        local cause = check(child, rule, root, at .. "." .. name)
        if cause then return cause end
      end
    end
  end,
  items = function(node, rule, root, at)
    for i, child in ipairs(node.kind == "array" and node.value or {}) do
      local cause = check(child, rule, root, at .. "[" .. i .. "]")
      if cause then return cause end
    end
  end,
  minItems = function(node, rule, _, at)
    if node.kind == "array" and #node.value < rule then return at .. ": fewer than " .. rule .. " items" end
  end,
  maxItems = function(node, rule, _, at)
    if node.kind == "array" and #node.value > rule then return at .. ": more than " .. rule .. " items" end
  end,
  minProperties = function(node, rule, _, at)
    local count = 0
    for _ in pairs(node.kind == "object" and node.value or {}) do count = count + 1 end
    if node.kind == "object" and count < rule then return at .. ": fewer than " .. rule .. " fields" end
  end,
  minLength = function(node, rule, _, at)
    if node.kind == "string" and #node.value < rule then return at .. ": too short" end
  end,
  pattern = function(node, rule, _, at)
    if node.kind ~= "string" then return end
    for _, pattern in ipairs(assert(PATTERNS[rule], "unknown pattern " .. rule)) do
      if node.value:find(pattern) then return end
    end
    return at .. ": " .. node.value .. " does not match " .. rule
  end,
}

-- nil, or the place and cause of what does not fit.
function check(node, rule, root, at)
  local names = {}
  for name in pairs(rule) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local cause = assert(KEYWORDS[name], "unknown keyword " .. name)(node, rule[name], root, at, rule)
    if cause then return cause end
  end
end

-- The shipped schema, read once.
local shipped

local function load_schema()
  if not shipped then
    local file = assert(io.open("lua/knockon/schema.json", "rb"))
    shipped = plain(schema.parse(file:read "*a"))
    file:close()
  end
  return shipped
end

-- nil when the text is an answer as the schema says, otherwise what is wrong. `definition` picks a part.
function schema.invalid(text, definition)
  local root = load_schema()
  local ok, node = pcall(schema.parse, text)
  if not ok then return "not JSON: " .. tostring(node) end
  return check(node, definition and root["$defs"][definition] or root, root, "answer")
end

return schema
