-- knockon's side of the benchmark: a process that loads once and then answers, by the public face alone.
--
-- Protocol of every peer: it says `ready PID NAME VERSION` first. A request is a line, `TIMES QUESTION ARGUMENT…`,
-- answered by `ok SECONDS NUMBER…` (CPU time of one of the times, and the answer), `skip REASON` (it cannot be asked
-- this) or `error MESSAGE`. `quit` ends it. Entities are named by row from 0, relations by number from 1.

package.path = "./?.lua;" .. package.path
local data = require "spec.bench.data"
local knockon = require "knockon"

local ABSENT = "not available in this build"
local DAY = { as_of = "2026-01-01", restrictions = "none" }

local net, ids, day, edited
local relations_file -- names the relations of the network that is loaded
local answered -- the last, kept until the next is asked

local function id_list(...)
  local list = {}
  for i = 1, select("#", ...) do list[i] = data.id(tonumber((select(i, ...))), ids) end
  return list
end

local function held(network, message)
  if not network then error(message, 0) end
  net, day, answered, edited = network, network:scenario(DAY), nil, nil
end

-- nil when this build cannot do it.
local function load_lines(folder)
  local paths = { entities = folder .. "/entities.ndjson", relations = folder .. "/relations.ndjson" }
  local fine, network = pcall(knockon.load, paths)
  return fine and network or nil
end

local function ban(scenario, row) return scenario:ban(data.id(tonumber(row), ids), { rule = "reach" }) end

-- A build that cannot count alone evaluates in full.
local function count_of(banned)
  if banned.count then return assert(banned:count()) end
  answered = assert(banned:exposure())
  return answered:count()
end

local function counted(banned)
  local count = count_of(banned)
  return count.users, count.parents
end

local questions = {}

function questions.load(format, folder, id_form)
  ids = id_form
  if net then net:close() end
  net = nil
  if format == "ndjson" then
    local network = load_lines(folder)
    if not network then return ABSENT end
    held(network)
    relations_file = "relations.ndjson"
  else
    held(knockon.load(folder))
    relations_file = "relations.csv"
  end
  return nil, #net
end

function questions.ban(row) return nil, counted(ban(day, row)) end

-- A path for each parent: how many, and their relations in all.
function questions.paths(row)
  local banned = ban(day, row)
  if not banned.proofs then return ABSENT end
  answered = assert(banned:proofs())
  return nil, answered:count(), answered:steps()
end

questions.to_be_had = questions.paths

-- The same, each path as a table.
function questions.witness(row)
  local banned, paths, steps = ban(day, row), 0, 0
  if banned.proofs then
    answered = assert(banned:proofs())
    for _, _, path in answered:each() do paths, steps = paths + 1, steps + #path - 1 end
  else
    answered = assert(banned:exposure())
    for _, parent in ipairs(answered:parents()) do paths, steps = paths + 1, steps + #parent.path - 1 end
  end
  return nil, paths, steps
end

-- Every one banned alone: sums, and the most.
function questions.sweep(...)
  if not day.sweep then return ABSENT end
  local users, parents, most = 0, 0, 0
  local rows = assert(day:sweep { targets = id_list(...), rule = "reach", by = "parents" })
  for _, row in ipairs(rows) do
    users, parents, most = users + row.users, parents + row.parents, math.max(most, row.parents)
  end
  return nil, users, parents, most
end

-- The others, too, only say who is restricted.
function questions.cascade(...)
  return nil, assert(day:ban(id_list(...), { rule = "ofac_50" }):count "restricted").restricted
end

-- What it takes until a network without these relations can be asked.
function questions.edit(...)
  local names = {}
  for i = 1, select("#", ...) do names[i] = ("%s#%d"):format(relations_file, (select(i, ...))) end
  edited = day:drop(names)
  assert(edited.count and edited:count() or edited:exposure())
  return nil
end

function questions.masked(row) return nil, counted(ban(edited, row)) end

function questions.freeze(path)
  if not net.freeze then return ABSENT end
  assert(net:freeze(path))
  return nil
end

function questions.open(path, id_form)
  if not knockon.open then return ABSENT end
  ids = id_form
  held(knockon.open(path))
  return nil, #net
end

-- Bytes: ends, kinds, shares and dates; ids and names; further fields; what there was at the most.
function questions.memory()
  local memory = net:memory()
  return nil, memory.adjacency, memory.ids, memory.fields, memory.peak
end

local function split(line)
  local words = {}
  for word in line:gmatch "%S+" do words[#words + 1] = word end
  return words
end

local unpack = table.unpack or rawget(_G, "unpack") -- luacheck: ignore 143

local function answer(words)
  local times, question = tonumber(words[1]), questions[words[2]]
  if not question then return "skip " .. ABSENT end
  answered = nil
  collectgarbage()
  collectgarbage()
  local results
  local start = os.clock()
  for _ = 1, times do
    results = { question(unpack(words, 3)) }
    if results[1] then return "skip " .. results[1] end
  end
  local parts = { "ok", ("%.9f"):format((os.clock() - start) / times) }
  for i = 2, 5 do
    if results[i] then parts[#parts + 1] = ("%d"):format(results[i]) end
  end
  return table.concat(parts, " ")
end

local function process_id()
  local file = io.open("/proc/self/stat", "rb")
  local number = file and file:read "*n" or 0
  if file then file:close() end
  return number
end

local lua = rawget(_G, "jit") and rawget(_G, "jit").version or _VERSION
print(("ready %d knockon %s, %s"):format(process_id(), knockon.version, lua))
io.stdout:flush()
for line in io.lines() do
  if line == "quit" then break end
  local fine, reply = pcall(answer, split(line))
  print(fine and reply or "error " .. tostring(reply):gsub("%s+", " "))
  io.stdout:flush()
end
