-- The benchmark: makes the network, asks knockon and every peer that is installed the same questions in turns, checks
-- that they agree, and prints one table of ratios. `make bench` runs it:
--   lua spec/bench/bench.lua [size=M] [peers=default] [lua=luajit] [ids=number] [runs=5] [limit=120] [growth=S,M,L]
--                            [build=build] [out=build/bench/M]
--
-- peers: default, all, none, or keys with commas (peers.lua); itself is knockon once more, which shows the noise.
-- ids: number or lei. runs: rounds of a question. limit: seconds a peer may take over a question. growth: sizes at
-- which knockon alone is measured too. What it finds is left in the folder `out`: table.md, chart.svg, results.json;
-- the network is kept in the folder of its size for the next run.
-- Exit status 1 when an answer was wrong or could not be had.

package.path = "./?.lua;./lua/?.lua;./lua/?/init.lua;" .. package.path
local alone = require "spec.bench.alone"
local data = require "spec.bench.data"
local generate = require "spec.bench.generate"
local json = require "knockon.json"
local measure = require "spec.bench.measure"
local peers = require "spec.bench.peers"
local process = require "spec.bench.process"
local questions = require "spec.bench.questions"
local report = require "spec.bench.report"

local function usage(message)
  io.stderr:write(message, "\n")
  os.exit(2)
end

local function options_of(words)
  local options = {
    size = "M", peers = "default", ids = "number", runs = "5", limit = "120", growth = "", build = "build",
    lua = process.succeeds "luajit -v" and "luajit" or "lua5.4", out = "",
  }
  for _, word in ipairs(words) do
    local name, value = word:match "^(%a+)=(.*)$"
    if not name or not options[name] then usage(("%s: not an option; see spec/bench/bench.lua"):format(word)) end
    if value ~= "" then options[name] = value end
  end
  if not generate.SIZES[options.size] then usage "size is tiny, S, M or L" end
  if options.ids ~= "number" and options.ids ~= "lei" then usage "ids is number or lei" end
  options.runs, options.limit = tonumber(options.runs), tonumber(options.limit)
  if not options.runs or not options.limit then usage "runs and limit are numbers" end
  return options
end

local function say(form, ...)
  io.stderr:write(form:format(...), "\n")
  io.stderr:flush()
end

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

local function folder_of(options, size)
  return ("%s/bench/%s%s"):format(options.build, size, options.ids == "lei" and "-lei" or "")
end

-- The folder and the questions of a size; what an earlier run made is used again. queries.json is written last.
local function network(options, size)
  local folder = folder_of(options, size)
  local function asked() return json.decode(read(folder .. "/queries.json") or "null") end
  local known = asked()
  if type(known) ~= "table" or known.version ~= generate.VERSION then
    say("writing the network of size %s to %s", size, folder)
    local made = process.succeeds(("mkdir -p '%s' && rm -f '%s/queries.json'"):format(folder, folder))
    assert(made, "cannot make " .. folder)
    data.write(folder, { size = size, ids = options.ids })
    collectgarbage() -- the ids of millions of rows
    known = assert(asked())
  end
  return folder, known
end

local function context_of(options, size, knockon)
  local folder, asked = network(options, size)
  return {
    size = size, folder = folder, asked = asked, scratch = folder, ids = options.ids, knockon = knockon,
    runs = options.runs, loads = math.min(options.runs, 3), limit = options.limit, goals = size == "M" or size == "L",
  }
end

local function machine()
  local function found(path, pattern)
    return (read(path) or ""):match(pattern)
  end
  return {
    cpu = found("/proc/cpuinfo", "model name%s*:%s*([^\n]+)") or process.output "uname -p" or "unknown CPU",
    cores = tonumber(process.output "nproc" or process.output "sysctl -n hw.ncpu") or 1,
    memory = (tonumber(found("/proc/meminfo", "MemTotal:%s*(%d+)")) or 0) * 1024,
    system = found("/etc/os-release", 'PRETTY_NAME="([^"]+)"') or process.output "uname -s" or "unknown system",
  }
end

local function append(list, more)
  for _, one in ipairs(more) do list[#list + 1] = one end
end

-- Rows of all peers in the order of the questions, those of a question in the order of peers; with what the goals say.
local function sorted(rows, has_goals)
  local place, number = {}, {}
  for _, list in ipairs { questions.LOADS, questions.LIST } do
    for _, question in ipairs(list) do
      number[#number + 1] = question.key
      place[question.key] = #number
    end
  end
  for i, row in ipairs(rows) do
    number[row] = i
    row.ratio = row.other / math.max(row.knockon, 1e-9)
    if not has_goals then row.goal = nil end
    if row.goal then row.met = row.ratio >= row.goal and not row.wrong end
  end
  table.sort(rows, function(a, b)
    if place[a.question] ~= place[b.question] then return place[a.question] < place[b.question] end
    return number[a] < number[b]
  end)
  return rows
end

local function compare_all(chosen, context, results)
  local rows, most = {}, 0
  for _, peer in ipairs(chosen) do
    say("asking knockon and %s in turns", peer.title)
    local found = measure.compare(peer, context)
    append(rows, found.rows)
    append(results.notes, found.notes)
    append(results.problems, found.problems)
    if found.version then results.versions[#results.versions + 1] = found.version end
    local held = found.memory or {}
    if held[2] then results.memory[#results.memory + 1] = { name = peer.title, bytes = held[2] } end
    most = math.max(most, held[1] or 0)
  end
  if most > 0 then table.insert(results.memory, 1, { name = "knockon", bytes = most }) end
  results.rows = sorted(rows, context.goals)
end

local function run(options)
  local knockon, why = peers.knockon(options.lua, options.build)
  if not knockon then usage(why) end
  local context = context_of(options, options.size, knockon)
  local results = {
    date = os.date "!%Y-%m-%d", machine = machine(), size = options.size, ids = options.ids,
    entities = context.asked.entities, relations = context.asked.relations, rows = {}, facts = {}, memory = {},
    growth = {}, versions = {}, notes = {}, problems = {},
  }
  say "asking knockon alone"
  local own = alone.run(context)
  results.facts = own.facts
  append(results.notes, own.notes)
  local commit = process.output "git rev-parse --short HEAD"
  results.versions[1] = own.version and own.version .. (commit and (" (%s)"):format(commit) or "")
  local chosen, absent = peers.choose(options, knockon)
  compare_all(chosen, context, results)
  append(results.notes, absent)
  for size in options.growth:gmatch "%a+" do
    if not generate.SIZES[size] then usage "growth is sizes with commas: tiny, S, M, L" end
    if size ~= options.size then say("asking knockon alone at size %s", size) end
    results.growth[size] = size == options.size and own.seconds
      or alone.run(context_of(options, size, knockon)).seconds
  end
  local middle, large = results.growth.M, results.growth.L
  if middle and large and middle.load_csv and large.load_csv then
    local value = large.load_csv / middle.load_csv
    results.facts[#results.facts + 1] = {
      title = "load of L from CSV, against M", value = value, unit = "times as long", goal = 7, met = value <= 7,
    }
  end
  return results, context
end

local options = options_of(arg)
local results = run(options)
local out = options.out ~= "" and options.out or folder_of(options, options.size)
local page, drawn = report.page(results), report.chart(results)
write(out .. "/results.json", json.encode(results) .. "\n")
write(out .. "/table.md", page)
if drawn then write(out .. "/chart.svg", drawn) end
io.write(page, "\n")
io.flush()
say("left in %s: table.md, %sresults.json", out, drawn and "chart.svg, " or "")
os.exit(#results.problems == 0 and 0 or 1)
