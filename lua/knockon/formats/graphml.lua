-- GraphML: nodes are entities, edges relations; each key with an attr.name is a field of that name. What knockon wrote
-- (its graph has the id "knockon") comes back as it was: a key whose name ends in {} holds JSON, and {} alone an object
-- of fields; title and restrictions belong to the graph. In graphs of others an edge without a kind, or with one that
-- is none of ours, is `linked` (its own word stays in kind_given), and a node's label is its name. Graphs within nodes
-- are not read.

local draft = require "knockon.formats.draft"
local json = require "knockon.json"
local stop = require "knockon.formats.stop"
local words = require "knockon.formats.words"
local xml = require "knockon.formats.xml"

local graphml = {}

function graphml.recognise(head) return head:root() == "graphml" and "graph" or nil end

local KINDS = words.set { "owns", "controls", "consolidates", "has_branch", "operates", "supplies", "linked",
  "same_as" }
local NUMBERS = words.set { "int", "long", "float", "double" }

-- The value of a data element of a key; nil and what is wrong with it.
local function value_of(key, text)
  if NUMBERS[key.type] then
    local number = tonumber((words.trim(text)))
    if number then return number end
    return nil, ("'%s' is '%s'; expected a number"):format(key.name, text:sub(1, 40))
  elseif key.type == "boolean" then
    local word = words.trim(text)
    if word == "true" or word == "1" then return true end
    if word == "false" or word == "0" then return false end
    return nil, ("'%s' is '%s'; expected true or false"):format(key.name, text:sub(1, 40))
  end
  return text
end

-- Puts a field of a record; nil, or what is wrong.
local function put(record, key, text)
  local name = key.name
  if name:sub(-2) ~= "{}" then
    local value, wrong = value_of(key, text)
    record[name] = value
    return wrong
  end
  local value, message = json.decode(text)
  if value == nil then return ("'%s': %s"):format(name, message) end
  if name ~= "{}" then
    record[name:sub(1, -3)] = value
  elseif type(value) == "table" then
    for field, one in pairs(value) do record[field] = one end
  end
  return nil
end

local function add_node(d, id, record)
  if type(record.id) ~= "string" then record.id = id end
  if not d.own and record.name == nil and type(record.label) == "string" then
    record.name, record.label = record.label, nil
  end
  d.ids[id] = record.id ~= id and record.id or nil
  d:entity(record, d.own)
end

local function add_edge(d, attributes, record)
  record.from = d.ids[attributes.source] or attributes.source
  record.to = d.ids[attributes.target] or attributes.target
  if type(record.id) ~= "string" then record.id = attributes.id end
  if not KINDS[record.kind or ""] then
    record.kind_given, record.kind = record.kind, "linked"
    for _, field in ipairs { "share", "basis", "class", "by", "party", "reliance" } do
      if record[field] ~= nil then record[field .. "_given"], record[field] = record[field], nil end
    end
  end
  d:relation(record, d.own)
end

local function add_graph_field(d, key, text)
  local about = {}
  local wrong = put(about, key, text)
  if wrong then return d:bad(wrong, d.line) end
  if type(about.title) == "string" then d.title = about.title end
  if type(about.restrictions) == "table" then
    for _, restriction in ipairs(about.restrictions) do d.restrictions[#d.restrictions + 1] = restriction end
  end
end

local RECORDS = words.set { "key", "node", "edge", "data" }

local function read(d, part)
  d:begin(part, "graph")
  local keys, number, record, wrong = {}, 0, nil, nil
  local on = { exact = true }
  function on.start(name, attributes, depth)
    d:at(on.line(), number + 1)
    if name == "graph" and depth > 2 then stop.raise(part.path .. ": more than one graph, or one within another") end
    if name == "graph" then d.own = attributes.id == "knockon" end
    if not RECORDS[name] then return false end
    record, wrong = {}, nil
    if name == "node" or name == "edge" then number = number + 1 end
    d:at(d.line, number)
    if name == "node" and not attributes.id then wrong = "a node has no id" end
    local ends = attributes.source and attributes.target
    if name == "edge" and not ends then wrong = "an edge has no source or target" end
    return true
  end
  function on.child(name, attributes, text)
    if name ~= "data" then return nil end
    local key = keys[attributes.key or ""]
    if not key then
      wrong = wrong or ("there is no key '%s'"):format(tostring(attributes.key))
    else
      wrong = put(record, key, type(text) == "string" and text or "") or wrong
    end
  end
  function on.record(value, attributes, name)
    if name == "key" then
      local id = attributes.id or ""
      keys[id] = { name = attributes["attr.name"] or id, type = attributes["attr.type"] }
    elseif wrong then
      d:bad(wrong, d.line, number, name)
    elseif name == "node" then
      add_node(d, attributes.id, record)
    elseif name == "edge" then
      add_edge(d, attributes, record)
    elseif keys[attributes.key or ""] then
      add_graph_field(d, keys[attributes.key], type(value) == "string" and value or "")
    end
  end
  xml.parse(part, d.work, on)
end

function graphml.load(parts, opts)
  return draft.load(parts, opts, function(d)
    d.ids = {}
    for _, part in ipairs(parts) do read(d, part) end
  end)
end

return graphml
