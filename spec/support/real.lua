-- Real files that others published, outside the repository; specs that need them are pending where they are not.
local json = require "knockon.json"
local shared = require "spec.support.shared"

local real = {}

-- it(), or pending() with what is missing: real.it(it, pending, "ftm/a.json", "text", function(path) … end)
function real.it(it, pending, name, text, run)
  local path, missing = shared.find("data/" .. name)
  if path then return it(text, function() run(path) end) end
  return pending(("%s: %s"):format(text, missing))
end

local function all_facts()
  local file = assert(io.open(assert(shared.find "data/FACTS.json"), "rb"))
  local all = assert(json.decode(file:read "*a"))
  file:close()
  return all
end

-- The facts that were computed from them by another program.
function real.facts() return all_facts().facts end

-- What it said of the files as such, by name: bytes, the first 16 digits of SHA-256, records and columns of a table.
function real.files() return all_facts().files end

-- { nodes, edges (distinct), components, largest } of a graph given as a list of { from, to }.
function real.graph(pairs_of)
  local above, count, nodes, edges, seen = {}, {}, 0, 0, {}
  local function root(id)
    if not above[id] then
      above[id], nodes = id, nodes + 1
    end
    while above[id] ~= id do
      above[id] = above[above[id]]
      id = above[id]
    end
    return id
  end
  for _, pair in ipairs(pairs_of) do
    local key = pair[1] .. "\0" .. pair[2]
    if not seen[key] then
      seen[key], edges = true, edges + 1
    end
    local a, b = root(pair[1]), root(pair[2])
    above[a] = b
  end
  local components, largest = 0, 0
  for id in pairs(above) do
    local top = root(id)
    count[top] = (count[top] or 0) + 1
  end
  for _, size in pairs(count) do
    components, largest = components + 1, math.max(largest, size)
  end
  return { nodes = nodes, edges = edges, components = components, largest = largest }
end

-- The pairs of ends of the relations that a filter leaves.
function real.ends(net, filter)
  local list = {}
  for i, relation in ipairs(net:relations(filter)) do list[i] = { relation.from, relation.to } end
  return list
end

-- What the facts say of a graph, measured by net:graph of the relations that match; entities without any are in it as
-- well, as in the facts. `against`: the facts count edges from `to` to `from`, as where users point at suppliers.
function real.shape(net, filter, against)
  local graph, seen, ends = assert(net:graph(filter)), {}, { from = {}, to = {} }
  local joined = graph:size()
  local lone = #net - joined
  local shape = { nodes = #net, edge_rows = #net:relations(filter), distinct_edges = 0, self_loops = 0, no_in = lone,
    no_out = lone, sccs_gt1 = 0, nodes_in_sccs_gt1 = 0 }
  for _, relation in ipairs(net:relations(filter)) do
    local from, to = net:entity(relation.from).id, net:entity(relation.to).id
    local key = from .. "\0" .. to
    if not seen[key] then
      shape.distinct_edges = shape.distinct_edges + 1
      shape.self_loops = shape.self_loops + (from == to and 1 or 0)
    end
    seen[key], ends.from[from], ends.to[to] = true, true, true
  end
  for _, id in ipairs(graph:entities()) do
    if not ends[against and "from" or "to"][id] then shape.no_in = shape.no_in + 1 end
    if not ends[against and "to" or "from"][id] then shape.no_out = shape.no_out + 1 end
  end
  local function sizes(mode)
    local by_id, count = assert(graph:components { mode = mode })
    local list = {}
    for i = 1, count do list[i] = 0 end
    for _, component in pairs(by_id) do list[component] = list[component] + 1 end
    return list
  end
  local function largest_of(list)
    local largest = 1
    for _, size in ipairs(list) do largest = math.max(largest, size) end
    return largest
  end
  local weak, strong = sizes "weak", sizes "strong"
  shape.wcc = { components = #weak + lone, largest = largest_of(weak) }
  shape.largest_scc = largest_of(strong)
  for _, size in ipairs(strong) do
    if size > 1 then
      shape.sccs_gt1, shape.nodes_in_sccs_gt1 = shape.sccs_gt1 + 1, shape.nodes_in_sccs_gt1 + size
    end
  end
  return shape
end

return real
