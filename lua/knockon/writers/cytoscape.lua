-- Cytoscape's JSON, for Cytoscape and Cytoscape.js: { data =, elements = { nodes = [{ data }], edges = [{ data }] } }.
-- For looking, not read back. Each field is a field of `data`; one whose name Cytoscape takes for itself (source,
-- target, parent, label, …) gets an underscore behind. Nodes and edges share one space of ids there: an edge whose id
-- is also that of an entity is called by `edge:` and its id, and its own id is in `relation`.

local json = require "knockon.json"
local output = require "knockon.output"
local records = require "knockon.writers.records"

local cytoscape = {}

local TAKEN = { id = true, source = true, target = true, parent = true, label = true, relation = true }

-- The name of a field within `data`, such that no two fields get one name.
local function name_of(field)
  local bare = field:gsub("_+$", "")
  return TAKEN[bare] and field .. "_" or field
end

local function data_of(record, left_out)
  local data = {}
  for field, value in pairs(record) do
    if not left_out[field] then data[name_of(field)] = value end
  end
  return data
end

local function write_list(write, name, count)
  write(('    "%s": ['):format(name))
  local any = false
  return function(data)
    write((any and ",\n      " or "\n      ") .. json.encode { data = data })
    any = true
  end, function() write((any and "\n    ]" or "]") .. (count or "") .. "\n") end
end

local function write_graph(net, write)
  local about = { name = net:title() or "knockon" }
  if #net:restrictions() > 0 then about.restrictions = net:restrictions() end
  write('{\n  "data": ' .. json.encode(about) .. ',\n  "elements": {\n')
  local add, close = write_list(write, "nodes", ",")
  for _, entity in records.each(net, "entities") do
    local data = data_of(entity, { id = true })
    data.id = entity.id
    data.label = type(entity.name) == "string" and entity.name or entity.id
    add(data)
  end
  close()
  local id_of = records.relation_ids(net, "edge:")
  add, close = write_list(write, "edges")
  for _, relation in records.each(net, "relations") do
    local data = data_of(relation, { id = true, from = true, to = true })
    local id = id_of(relation.id)
    if id ~= relation.id then data.relation = relation.id end
    data.id, data.source, data.target, data.label = id, relation.from, relation.to, records.label(relation)
    add(data)
  end
  close()
  write "  }\n}\n"
end

function cytoscape.save(net, path)
  return output.write(path, function(write) write_graph(net, write) end)
end

return cytoscape
