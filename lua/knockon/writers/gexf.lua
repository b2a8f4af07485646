-- GEXF 1.3, for Gephi. It is for looking and not read back: lists stand as text with semicolons, nested tables as JSON,
-- and a picture stands for each character that XML cannot hold. What has a date gets start and end, which Gephi's
-- timeline follows; GEXF counts the end in, so it is the day before `until`.

local json = require "knockon.json"
local output = require "knockon.output"
local records = require "knockon.writers.records"
local xml = require "knockon.writers.xml"

local gexf = {}

local LEFT_OUT = {
  entities = { id = true, since = true, ["until"] = true },
  relations = { id = true, from = true, to = true, kind = true, since = true, ["until"] = true },
}

local function text_of(value)
  if type(value) == "string" then return value end
  if type(value) ~= "table" then return json.encode(value) end
  local items = {}
  for i, item in ipairs(value) do
    if type(item) == "table" then return json.encode(value) end
    items[i] = type(item) == "string" and item or json.encode(item)
  end
  if next(value) ~= nil and #items == 0 then return json.encode(value) end
  return table.concat(items, "; ")
end

local GEXF_TYPE = { string = "string", number = "double", boolean = "boolean" }

-- The attributes of a part: names in order, and { name = { id =, type = } }.
local function attributes_of(net, part)
  local found = {}
  for _, record in records.each(net, part) do
    for field, value in pairs(record) do
      local kind = GEXF_TYPE[type(value)] or "string"
      if not LEFT_OUT[part][field] then found[field] = (found[field] or kind) == kind and kind or "string" end
    end
  end
  local names, attributes = records.names(found), {}
  for i, name in ipairs(names) do attributes[name] = { id = tostring(i), type = found[name] } end
  return names, attributes
end

local function write_attributes(write, class, names, attributes)
  if #names == 0 then return end
  write(('    <attributes class="%s">\n'):format(class))
  for _, name in ipairs(names) do
    write(('      <attribute id="%s" title="%s" type="%s"/>\n'):format(attributes[name].id,
      xml.attribute(xml.pictured(name)), attributes[name].type))
  end
  write "    </attributes>\n"
end

local function write_values(write, attributes, record)
  write "<attvalues>"
  for _, field in ipairs(records.names(record)) do
    if attributes[field] then
      write(('<attvalue for="%s" value="%s"/>'):format(attributes[field].id,
        xml.attribute(xml.pictured(text_of(record[field])))))
    end
  end
  write "</attvalues>"
end

local function period_of(record)
  local since, till = record.since, records.last_day(record["until"])
  return (since and (' start="%s"'):format(since) or "") .. (till and (' end="%s"'):format(till) or "")
end

local function write_graph(net, write)
  local node_of = records.names_of(net, "entities", "n", xml.fits)
  local edge_of = records.names_of(net, "relations", "e", xml.fits)
  local dated = false
  for _, part in ipairs { "entities", "relations" } do
    for _, record in records.each(net, part) do
      dated = dated or record.since ~= nil or record["until"] ~= nil
    end
  end
  write '<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://gexf.net/1.3" version="1.3">\n'
  if net:title() then
    write(("  <meta><description>%s</description></meta>\n"):format(xml.text(xml.pictured(net:title()))))
  end
  write(('  <graph defaultedgetype="directed" mode="%s"%s>\n'):format(dated and "dynamic" or "static",
    dated and ' timeformat="date"' or ""))
  local node_names, node_attributes = attributes_of(net, "entities")
  local edge_names, edge_attributes = attributes_of(net, "relations")
  write_attributes(write, "node", node_names, node_attributes)
  write_attributes(write, "edge", edge_names, edge_attributes)
  write "    <nodes>\n"
  for _, entity in records.each(net, "entities") do
    local name = type(entity.name) == "string" and entity.name or entity.id
    write(('      <node id="%s" label="%s"%s>'):format(xml.attribute(node_of(entity.id)),
      xml.attribute(xml.pictured(name)), period_of(entity)))
    write_values(write, node_attributes, entity)
    write "</node>\n"
  end
  write "    </nodes>\n    <edges>\n"
  for _, relation in records.each(net, "relations") do
    write(('      <edge id="%s" source="%s" target="%s" kind="%s" label="%s"%s>'):format(
      xml.attribute(edge_of(relation.id)), xml.attribute(node_of(relation.from)), xml.attribute(node_of(relation.to)),
      relation.kind, xml.attribute(xml.pictured(records.label(relation))), period_of(relation)))
    write_values(write, edge_attributes, relation)
    write "</edge>\n"
  end
  write "    </edges>\n  </graph>\n</gexf>\n"
end

function gexf.save(net, path)
  return output.write(path, function(write) write_graph(net, write) end)
end

return gexf
