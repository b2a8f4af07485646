-- Graph: entities and relations as igraph sees them, with its measures by entity id.

local budget = require "knockon.budget"
local errors = require "knockon.errors"

local graph = {}

local Graph = {}
Graph.__index = Graph

-- The options that measures know, in order.
local OPTIONS = {
  plain = { "force", "limits", "progress" },
  degree = { "force", "limits", "mode", "progress" },
  betweenness = { "cutoff", "directed", "force", "limits", "progress" },
  closeness = { "cutoff", "force", "limits", "mode", "progress" },
  pagerank = { "damping", "force", "limits", "progress" },
  components = { "force", "limits", "mode", "progress" },
  layout = { "force", "kind", "limits", "progress" },
}

function graph.new(net, rows) return setmetatable({ net = net, rows = rows }, Graph) end

function Graph:__tostring()
  if not self.net:live() then return "graph (closed)" end
  local entities, edges = self.rows:size()
  return ("graph (%d entities, %d edges)"):format(entities, edges)
end

function Graph:__len() return (self.rows:size()) end

function Graph:size() return self.rows:size() end

function Graph:entities() return self.rows:ids() end

function Graph:edges() return self.rows:edges() end

-- A word among those known, or the first of them.
local function word(value, name, words)
  if value == nil then return words[1] end
  for _, known in ipairs(words) do
    if value == known then return value end
  end
  errors.raise("argument", name, ("%s is %q; it must be one of %s"):format(name, tostring(value),
    table.concat(words, ", ")), errors.nearest(tostring(value), words))
end

local function number(value, name, least, most, otherwise)
  if value == nil then return otherwise end
  if type(value) ~= "number" or value ~= value or value < least or value > most then
    errors.raise("argument", name, ("%s must be a number from %g to %g"):format(name, least, most))
  end
  return value
end

local function boolean(value, name)
  if value ~= nil and type(value) ~= "boolean" then
    errors.raise("argument", name, name .. " must be true or false, not a " .. type(value))
  end
  return value
end

local function checked(opts, known)
  opts = errors.options(opts, known)
  budget.check(opts)
  boolean(opts.force, "force")
  return opts
end

-- id -> value; nil, message, code when a limit was met.
local function measure(self, name, opts, how)
  how.force, how.limits, how.progress = opts.force, opts.limits, opts.progress
  local values, total, quality = self.rows:measure(name, how)
  if not values then return nil, total, quality end
  local by_id = {}
  for i, id in ipairs(self.rows:ids()) do by_id[id] = values[i] end
  return by_id, total, quality
end

local LONGEST = 1e9

function Graph:degree(opts)
  opts = checked(opts, OPTIONS.degree)
  local values, message, code = measure(self, "degree", opts, {
    direction = word(opts.mode, "mode", { "all", "out", "in" }),
  })
  if not values then return nil, message, code end
  return values
end

function Graph:betweenness(opts)
  opts = checked(opts, OPTIONS.betweenness)
  local directed = boolean(opts.directed, "directed")
  local values, message, code = measure(self, "betweenness", opts, {
    undirected = directed == false, cutoff = number(opts.cutoff, "cutoff", 0, LONGEST, -1),
  })
  if not values then return nil, message, code end
  return values
end

function Graph:closeness(opts)
  opts = checked(opts, OPTIONS.closeness)
  local values, message, code = measure(self, "closeness", opts, {
    direction = word(opts.mode, "mode", { "out", "in", "all" }),
    cutoff = number(opts.cutoff, "cutoff", 0, LONGEST, -1),
  })
  if not values then return nil, message, code end
  for id, value in pairs(values) do
    if value ~= value then values[id] = 0 end -- it reaches nobody
  end
  return values
end

function Graph:pagerank(opts)
  opts = checked(opts, OPTIONS.pagerank)
  local values, message, code = measure(self, "pagerank", opts,
    { damping = number(opts.damping, "damping", 0, 1, 0.85) })
  if not values then return nil, message, code end
  return values
end

-- Members of the same number stand together; numbers in order of the smallest id.
local function numbered(self, by_id)
  local numbers, count = {}, 0
  for _, id in ipairs(self.rows:ids()) do
    local old = by_id[id]
    if not numbers[old] then
      count = count + 1
      numbers[old] = count
    end
    by_id[id] = numbers[old]
  end
  return by_id, count
end

function Graph:components(opts)
  opts = checked(opts, OPTIONS.components)
  local mode = word(opts.mode, "mode", { "weak", "strong" })
  local by_id, message, code = measure(self, "components", opts, { direction = mode == "weak" and "all" or "out" })
  if not by_id then return nil, message, code end
  return numbered(self, by_id)
end

function Graph:articulation_points(opts)
  opts = checked(opts, OPTIONS.plain)
  local by_id, message, code = measure(self, "articulation", opts, {})
  if not by_id then return nil, message, code end
  local ids = {}
  for _, id in ipairs(self.rows:ids()) do
    if by_id[id] == 1 then ids[#ids + 1] = id end
  end
  return ids
end

function Graph:communities(opts)
  opts = checked(opts, OPTIONS.plain)
  local by_id, message, quality = measure(self, "communities", opts, {})
  if not by_id then return nil, message, quality end
  local count
  by_id, count = numbered(self, by_id)
  return by_id, count, quality
end

function Graph:layout(opts)
  opts = checked(opts, OPTIONS.layout)
  local kind = word(opts.kind, "kind", { "layered", "force" })
  local values, message, code = self.rows:measure(kind,
    { force = opts.force, limits = opts.limits, progress = opts.progress })
  if not values then return nil, message, code end
  local places = {}
  for i, id in ipairs(self.rows:ids()) do places[id] = { x = values[2 * i - 1], y = values[2 * i] } end
  return places
end

return graph
