-- Who is measured: how each peer is started, and whether it is installed. Nothing is installed here: `make deps-bench`.

local process = require "spec.bench.process"

local peers = {}

local FOLDER = "spec/bench/peers/"

-- The first Python that has the module.
local function python(module, script)
  for _, name in ipairs { os.getenv "PYTHON" or "python3", "/usr/bin/python3" } do
    if process.succeeds(("%s -c 'import %s'"):format(name, module)) then return name .. " " .. FOLDER .. script end
  end
  return nil, "no Python with " .. module
end

local function boost(build)
  local program, compiler = build .. "/bench/boost_graph", os.getenv "CXX" or "c++"
  local made = process.succeeds(("mkdir -p '%s/bench' && %s -std=c++17 -O3 -march=native -o '%s' %s"):format(
    build, compiler, program, FOLDER .. "boost_graph.cpp"))
  if made then return program end
  return nil, "no C++ compiler, or no headers of Boost"
end

local function duckdb(build)
  local folder = os.getenv "BENCH_NODE" or build .. "/bench/node"
  local there = process.succeeds(("cd '%s' && node -e 'require.resolve(\"@duckdb/node-api\")'"):format(folder))
  if not there then return nil, "no node with @duckdb/node-api in " .. folder end
  return ("env BENCH_NODE=\"$(cd '%s' && pwd)\" node %sduckdb.mjs"):format(folder, FOLDER)
end

-- `slow` ones are asked only when they are named, or at size S.
peers.LIST = {
  { key = "igraph", title = "python-igraph", find = function() return python("igraph", "python_igraph.py") end },
  { key = "networkx", title = "networkx", slow = true,
    find = function() return python("networkx", "python_networkx.py") end },
  { key = "scipy", title = "scipy", find = function() return python("scipy.sparse", "scipy_csgraph.py") end },
  { key = "graph_tool", title = "graph-tool",
    find = function() return python("graph_tool", "python_graph_tool.py") end },
  { key = "boost", title = "Boost, C++", find = boost },
  { key = "duckdb", title = "DuckDB", find = duckdb },
}

-- options.peers: "default", "all", "none", or keys with commas; "itself" is knockon once more. Returns those to
-- ask, { key, title, command }, and lines about those that are not there.
function peers.choose(options, knockon)
  local chosen, absent, named = {}, {}, {}
  for word in options.peers:gmatch "[^,%s]+" do named[word] = true end
  for _, peer in ipairs(peers.LIST) do
    local usual = not peer.slow or options.size == "S" or options.size == "tiny"
    if named.all or named[peer.key] or (named.default and usual) then
      local command, why = peer.find(options.build)
      if command then
        command = ("env BENCH_LIMIT=%d %s"):format(options.limit, command)
        chosen[#chosen + 1] = { key = peer.key, title = peer.title, command = command }
      else
        absent[#absent + 1] = ("%s: not installed (%s); see make deps-bench"):format(peer.title, why)
      end
    elseif named.default then
      absent[#absent + 1] = ("%s: left out at this size; PEERS=all asks it too"):format(peer.title)
    end
  end
  if named.itself then
    chosen[#chosen + 1] = { key = "itself", title = "knockon once more", command = knockon.command }
  end
  return chosen, absent
end

-- knockon itself, on one Lua; nil when it is not built for it.
function peers.knockon(lua, build)
  local version = process.output(lua .. " -e 'io.write(_VERSION:match \"%d%.%d\")'")
  if not version then return nil, lua .. " is not there" end
  local module = ("%s/lua%s/knockon/core.so"):format(build, version)
  local file = io.open(module, "rb")
  if not file then return nil, module .. " is not built; run make" end
  file:close()
  return { key = "knockon", title = "knockon",
    command = ("env LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='%s/lua%s/?.so;;' %s %sknockon.lua"):format(
      build, version, lua, FOLDER) }
end

return peers
