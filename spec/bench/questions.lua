-- What is asked of knockon and of every peer, and the goals: how many times less CPU time knockon is to need, on M and
-- L.
--
-- The answers are the same numbers everywhere: a ban gives the users (all that is reached, without the target) and the
-- exposed parents (reached, no service, and nobody holds half of it). A path that is found is one that can be read off
-- (steps back from the parent are known, and how many); written out it is a list of all its entities. To be had is what
-- a caller is given by the function made for it: knockon's proofs, from which any path can be asked; lists of all where
-- a library has nothing else (igraph, networkx); the steps back of the others.

local questions = {}

local function banned(name)
  return function(asked) return "ban", { asked[name] } end
end

local function paths(name)
  return function(asked) return "paths", { asked[name] } end
end

-- Of so many suppliers; not asked where there are fewer.
local function sweep(count)
  return function(asked)
    if count > #asked.suppliers then return nil end
    local rows = {}
    for i = 1, count do rows[i] = asked.suppliers[i] end
    return "sweep", rows
  end
end

local function sweep_all(asked) return "sweep", asked.suppliers end

-- `ask` gives the request and its arguments, or nil where the network is too small for it. `after`: shorter questions
-- of its kind, the longest first; they tell whether it would take a peer too long, in proportion to the arguments.
questions.LIST = {
  { key = "hub", title = "ban of the hub: users and exposed parents", ask = banned "hub",
    goals = { igraph = 7, graph_tool = 2, boost = 2, scipy = 1 } },
  { key = "middle", title = "ban in the middle", ask = banned "middle", goals = { igraph = 10 } },
  { key = "tail", title = "ban in a corner", ask = banned "tail" },
  { key = "hub_witness", title = "hub, a path for every parent, to be had",
    ask = function(asked) return "to_be_had", { asked.hub } end, goals = { igraph = 15 } },
  { key = "hub_written", title = "hub, a path for every parent, each written out",
    ask = function(asked) return "witness", { asked.hub } end },
  { key = "hub_paths", title = "hub, a path for every parent, found", ask = paths "hub" },
  { key = "middle_paths", title = "middle, a path for every parent, found", ask = paths "middle" },
  { key = "tail_paths", title = "corner, a path for every parent, found", ask = paths "tail" },
  { key = "sweep_100", title = "sweep: 100 suppliers, each banned alone", ask = sweep(100) },
  { key = "sweep_1000", title = "sweep: 1000 suppliers", ask = sweep(1000), after = { "sweep_100" } },
  { key = "sweep_all", title = "sweep: all suppliers", ask = sweep_all, after = { "sweep_1000", "sweep_100" },
    goals = { igraph = 100 } },
  { key = "cascade", title = "50 % cascade from many owners",
    ask = function(asked) return "cascade", asked.blocked end,
    goals = { igraph = 20, networkx = 20, scipy = 20, graph_tool = 20, duckdb = 50, boost = 1 } },
  { key = "edit", title = "making a what-if in which 1000 supplies end",
    ask = function(asked) return "edit", asked.dropped end, goals = { igraph = 1000 } },
  { key = "masked", title = "ban of the hub in that what-if",
    ask = function(asked) return "masked", { asked.hub } end },
}

-- The peers read the edge list in the fastest way their language offers; in the second row as its manuals do it, with a
-- reader of any CSV and ids that may be any text, which is what knockon does in both.
questions.LOADS = {
  { key = "load_csv", title = "load from CSV, ready to answer", form = "csv", goals = { igraph = 30, duckdb = 4 } },
  { key = "load_plain", title = "the same, the other with csv.DictReader", form = "plain", goals = { igraph = 30 } },
  { key = "load_ndjson", title = "load from lines of JSON", form = "ndjson" },
}

return questions
