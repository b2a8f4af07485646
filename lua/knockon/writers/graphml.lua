-- GraphML: nodes are entities, edges are relations, each field is a key of its own. Nothing is lost: a value that a key
-- of GraphML cannot hold (a list, a nested table, a text with control characters, a number in a field that is text
-- elsewhere) stands as JSON under the field's name and {}, and fields whose names XML cannot hold stand together in an
-- object under {} alone. Title and restrictions belong to the graph.
--
-- The id of a node is that of its entity, when XML can hold all ids of the network; otherwise nodes are called n1, n2,
-- … and the id is a field like the others. The same holds for edges and e1, e2, …

local json = require "knockon.json"
local output = require "knockon.output"
local records = require "knockon.writers.records"
local xml = require "knockon.writers.xml"

local graphml = {}

-- JSON with the two characters escaped that XML forbids and JSON does not.
local function encode(value)
  return (json.encode(value):gsub("\239\191([\190\191])", { ["\190"] = "\\ufffe", ["\191"] = "\\uffff" }))
end

local RANK = { string = 3, number = 2, boolean = 1 }

-- For each field that XML can name, the type of its own key: that of its texts, else of its numbers, else of its
-- truth values. Other values have no place there.
local function types_of(net, part)
  local types = {}
  for _, record in records.each(net, part) do
    for field, value in pairs(record) do
      local kind = type(value)
      local fits = RANK[kind] and xml.fits(field) and not field:find "{}$" and (kind ~= "string" or xml.fits(value))
      if fits and RANK[kind] > (RANK[types[field]] or 0) then types[field] = kind end
    end
  end
  return types
end

-- The key of a field's value and its text.
local function place(types, field, value)
  if types[field] == type(value) and (type(value) ~= "string" or xml.fits(value)) then
    return field, type(value) == "string" and value or json.encode(value)
  end
  return field .. "{}", encode(value)
end

-- The values of a record by key: { key = text }.
local function values_of(types, record, left_out)
  local values, unnamed = {}, {}
  for field, value in pairs(record) do
    if left_out[field] then
      values[field] = nil -- said by the element
    elseif not xml.fits(field) or field == "" then
      unnamed[field] = value
    else
      local key, text = place(types, field, value)
      values[key] = text
    end
  end
  if next(unnamed) ~= nil then values["{}"] = encode(unnamed) end
  return values
end

local GRAPHML_TYPE = { string = "string", number = "double", boolean = "boolean" }

-- The keys of a part: { name = { id =, type = } }, and their names in order.
local function keys_of(net, part, letter, types, left_out)
  local keys = {}
  for _, record in records.each(net, part) do
    for name in pairs(values_of(types, record, left_out)) do
      keys[name] = keys[name] or { type = GRAPHML_TYPE[types[name]] or "string" }
    end
  end
  local names = records.names(keys)
  for i, name in ipairs(names) do keys[name].id = letter .. i end
  return keys, names
end

local function write_keys(write, domain, keys, names)
  for _, name in ipairs(names) do
    write(('  <key id="%s" for="%s" attr.name="%s" attr.type="%s"/>\n'):format(keys[name].id, domain,
      xml.attribute(name), keys[name].type))
  end
end

local function write_values(write, keys, values)
  for _, name in ipairs(records.names(values)) do
    write(('<data key="%s">%s</data>'):format(keys[name].id, xml.text(values[name])))
  end
end

local function write_graph(net, write)
  local node_of, named = records.names_of(net, "entities", "n", xml.fits)
  local edge_of, edges_named = records.names_of(net, "relations", "e", xml.fits)
  local left_out = { entities = { id = named }, relations = { from = true, to = true, id = edges_named } }
  local types, keys, names = {}, {}, {}
  for part, letter in pairs { entities = "n", relations = "e" } do
    types[part] = types_of(net, part)
    keys[part], names[part] = keys_of(net, part, letter, types[part], left_out[part])
  end
  local about = {}
  local title = net:title()
  if title then
    if xml.fits(title) then about.title = title else about["title{}"] = encode(title) end
  end
  local restrictions = net:restrictions()
  if #restrictions > 0 then about["restrictions{}"] = encode(restrictions) end
  local about_keys, about_names = {}, records.names(about)
  for i, name in ipairs(about_names) do about_keys[name] = { id = "g" .. i, type = "string" } end

  write '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
  write_keys(write, "graph", about_keys, about_names)
  write_keys(write, "node", keys.entities, names.entities)
  write_keys(write, "edge", keys.relations, names.relations)
  write '  <graph id="knockon" edgedefault="directed">\n'
  if #about_names > 0 then
    write "    "
    write_values(write, about_keys, about)
    write "\n"
  end
  for _, entity in records.each(net, "entities") do
    write(('    <node id="%s">'):format(xml.attribute(node_of(entity.id))))
    write_values(write, keys.entities, values_of(types.entities, entity, left_out.entities))
    write "</node>\n"
  end
  for _, relation in records.each(net, "relations") do
    write(('    <edge id="%s" source="%s" target="%s">'):format(xml.attribute(edge_of(relation.id)),
      xml.attribute(node_of(relation.from)), xml.attribute(node_of(relation.to))))
    write_values(write, keys.relations, values_of(types.relations, relation, left_out.relations))
    write "</edge>\n"
  end
  write "  </graph>\n</graphml>\n"
end

function graphml.save(net, path)
  return output.write(path, function(write) write_graph(net, write) end)
end

return graphml
