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

-- The facts that were computed from them by another program.
function real.facts()
  local file = assert(io.open(assert(shared.find "data/FACTS.json"), "rb"))
  local facts = assert(json.decode(file:read "*a")).facts
  file:close()
  return facts
end

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

return real
