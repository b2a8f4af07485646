-- DOT, for Graphviz: a drawing, not read back. Nodes are named by their ids and labelled with name and id; edges say
-- what the relation is.

local output = require "knockon.output"
local records = require "knockon.writers.records"
local xml = require "knockon.writers.xml"

local dot = {}

local SHAPES = {
  branch = 'shape=box,style="rounded,dashed"', service = "shape=ellipse", site = "shape=house",
  person = 'shape=box,style="rounded"', state = "shape=hexagon",
}
local FIRM = "shape=box"

local STYLES = {
  owns = "", controls = ",style=bold", consolidates = ",style=bold", has_branch = ",arrowhead=odiamond",
  operates = ",arrowhead=diamond", supplies = ",style=dashed", linked = ",style=dotted,dir=none",
  same_as = ",style=dotted,dir=none",
}

-- What XML may hold and Graphviz does not show.
local PICTURES = { ["\t"] = "\226\144\137", ["\127"] = "\226\144\161" }

-- A quoted id: quotes and backslashes are the only ones with a meaning.
local function quoted(text) return '"' .. text:gsub('[\\"]', "\\%0") .. '"' end

-- Labels know entities such as &amp; besides.
local function label(text)
  text = xml.pictured(text:gsub("\r\n?", "\n"))
  text = text:gsub('[\\"]', "\\%0"):gsub("&", "&amp;")
  return '"' .. text:gsub("[\t\127]", PICTURES):gsub("\n", "\\n") .. '"'
end

-- Ids that Graphviz keeps as they are when they are quoted.
local function plain(id) return xml.fits(id) and not id:find "[\t\r\n\127]" end

local function write_graph(net, write)
  local node_of = records.names_of(net, "entities", "n", plain)
  write "digraph knockon {\n  charset=\"UTF-8\"\n  rankdir=BT\n  node [fontname=\"sans-serif\"]\n"
  write "  edge [fontname=\"sans-serif\",fontsize=10]\n"
  if net:title() then write(("  label=%s\n"):format(label(net:title()))) end
  for _, entity in records.each(net, "entities") do
    local text = type(entity.name) == "string" and entity.name ~= entity.id and entity.name .. "\n" .. entity.id
      or entity.id
    write(("  %s [label=%s,%s]\n"):format(quoted(node_of(entity.id)), label(text), SHAPES[entity.kind] or FIRM))
  end
  for _, relation in records.each(net, "relations") do
    write(("  %s -> %s [label=%s%s]\n"):format(quoted(node_of(relation.from)), quoted(node_of(relation.to)),
      label(records.label(relation)), STYLES[relation.kind]))
  end
  write "}\n"
end

function dot.save(net, path)
  return output.write(path, function(write) write_graph(net, write) end)
end

return dot
