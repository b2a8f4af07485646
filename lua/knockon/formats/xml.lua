-- Records of an XML document, one at a time, by LuaExpat: the elements of one name as tables.
--
-- A document that declares a document type is refused: no published register needs one, and entities that expand
-- into each other are how small files grow without bound. Memory: one record. Names lose their prefixes.

local stop = require "knockon.formats.stop"

local xml = {}

local DEEPEST, LARGEST = 100, 2 ^ 26 -- elements in elements; bytes of one record

local function bare(name) return (name:gsub("^.*:", "")) end

-- A child joins its parent: a text, a table, or a list of those where there are several of one name.
local function put(parent, name, value)
  local known = parent[name]
  if known == nil then
    parent[name] = value
  elseif type(known) == "table" and known[1] ~= nil then
    known[#known + 1] = value
  else
    parent[name] = { known, value }
  end
end

-- The callbacks of a parser. on.start(name, attributes, depth) -> true: what is in this element is one record, handed
-- to on.record(value, attributes, name) as a text or a table; attributes of elements within are left out.
-- on.child(name, attributes, value): the elements right within a record. on.exact: white space of texts is kept.
local function handlers(on, state)
  local stack, depth = nil, 0
  local callbacks = {}
  function callbacks.StartDoctypeDecl()
    stop.raise(state.path .. ": the document declares a document type; refused")
  end
  function callbacks.StartElement(_, name, attributes)
    name, depth = bare(name), depth + 1
    if depth > DEEPEST then
      stop.raise(("%s: elements nested deeper than %d"):format(state.path, DEEPEST))
    end
    if stack then
      stack[#stack + 1] = { name = name, texts = {}, children = {}, attributes = attributes }
    elseif on.start(name, attributes, depth) then
      stack, state.size = { { name = name, texts = {}, children = {}, attributes = attributes } }, 0
    end
  end
  function callbacks.CharacterData(_, text)
    if not stack then return end
    state.size = state.size + #text
    if state.size > LARGEST then
      stop.raise(("%s: a record of more than %d MB"):format(state.path, LARGEST / 2 ^ 20), "limit")
    end
    local texts = stack[#stack].texts
    texts[#texts + 1] = text
  end
  function callbacks.EndElement()
    depth = depth - 1
    if not stack then return end
    local element = table.remove(stack)
    local value = element.children
    if next(value) == nil then
      value = table.concat(element.texts)
      if not on.exact then value = value:gsub("^%s+", ""):gsub("%s+$", "") end
    end
    if #stack == 1 and on.child then on.child(element.name, element.attributes, value) end
    if #stack > 0 then
      put(stack[#stack].children, element.name, value)
    else
      stack = nil
      on.record(value, element.attributes, element.name)
    end
  end
  return callbacks
end

-- Parses a part; see handlers.
function xml.parse(part, work, on)
  local lxp = stop.need("lxp", "luaexpat", "lua-expat", "reading XML")
  local state = { path = part.path, size = 0 }
  local parser = lxp.new(handlers(on, state))
  local function fed(block)
    local fine, message, line, column = parser:parse(block)
    if fine then return end
    pcall(parser.close, parser) -- it raises again what was wrong
    stop.raise(("%s:%d:%d: %s"):format(part.path, line or 0, column or 0, tostring(message)))
  end
  on.line = function() return (parser:pos()) end
  local read = part:open(work)
  for block in read do fed(block) end
  fed(nil)
  parser:close()
end

-- read(value, line, number) is called with every element of the name.
function xml.records(part, work, name, read)
  local number, line = 0, nil
  local on = {}
  function on.start(element)
    if element ~= name then return false end
    line = on.line()
    return true
  end
  function on.record(value)
    number = number + 1
    read(type(value) == "table" and value or {}, line, number)
  end
  xml.parse(part, work, on)
end

return xml
