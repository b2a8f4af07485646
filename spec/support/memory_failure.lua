-- What happens when memory runs out: every workload below is run with its first allocation failing, then its second,
-- and so on until none is left to fail; once with that allocation alone, once with all that follow it too. Each time
-- the failure must come out as an error (or nil, message, code), the engine must have given everything back once the
-- collector has run, no file may stay open, and the same work without a failure must give the right answer.
--
-- Run by memory_failure.sh, which puts failing_malloc before the interpreter's malloc.
-- memory_failure.lua FOLDER: a folder for files. Ends with `N passed, N failed`.

local folder = assert(arg[1], "which folder?")
local failing = require "failing_malloc"
assert(failing.preloaded(), "failing_malloc is not preloaded")

local knockon = require "knockon"
local core = require "knockon.core"
local lfs = require "lfs"
local json = require "knockon.json"
require "knockon.answer"
local report = require "knockon.report.json"

-- lua-cjson ends the process when it gets no memory, and libgcc, where LuaJIT registers its traces, does not ask; so
-- they always get some.
-- The C library is watched for the buffers of files that stay open.
assert(failing.watch({ "core.so", "libigraph", "libstdc++", "libc.so", "libc-" }, { "cjson", "libgcc" }) > 0)

local only = os.getenv "WORKLOAD" -- a part of its name, to look at one alone
local ALWAYS = 1e9

-- ---- data: small, and still something of everything ----

local FACTS = {
  knockon = 1, title = "small",
  entities = {
    { id = "target", kind = "firm", name = "Target", country = "CN", tags = { "a", "b" },
      note = { deep = { 1, 2.5, true } }, empty = {}, rating = 0.125, large = 12345678901, listed = true,
      dormant = false },
    { id = "half", kind = "firm", country = "CN", since = "2010" },
    { id = "maybe", kind = "firm" },
    { id = "ring-a", kind = "firm", country = "CN" },
    { id = "ring-b", kind = "firm", country = "CN" },
    { id = "cloud", kind = "service", country = "CN" },
    { id = "unit", kind = "firm", country = { "US", "CA" } },
    { id = "abroad", kind = "firm", country = "DE" },
    { id = "branch", kind = "branch" },
    { id = "plant", kind = "site" },
    { id = "open", kind = "firm" },
    { id = "top", kind = "firm", name = "Top", country = "US", contracts_with = { "US Department of Defense" } },
    { id = "top-2", kind = "firm", country = "US" },
    { id = "hold-1", kind = "firm", country = "US" },
    { id = "hold-2", kind = "firm", country = "US" },
    { id = "jane", kind = "person", country = "US" },
    { id = "ended", kind = "firm", country = "US", ["until"] = "2015" },
  },
  relations = {
    { id = "r-half", kind = "owns", from = "target", to = "half", share = "50%", source = "filing", confidence = 0.5 },
    { id = "r-maybe", kind = "owns", from = "half", to = "maybe", share = "25-60%", basis = "votes" },
    { kind = "owns", from = "half", to = "maybe", share = "40%" },
    { kind = "consolidates", from = "target", to = "maybe" },
    { kind = "controls", from = "target", to = "open", by = "board" },
    { kind = "controls", from = "half", to = "open" },
    { kind = "owns", from = "ring-a", to = "ring-b", share = "60%" },
    { kind = "owns", from = "ring-b", to = "ring-a", share = "60%" },
    { kind = "owns", from = "target", to = "ring-a", share = "20%" },
    { kind = "operates", from = "target", to = "cloud" },
    { id = "s-unit", kind = "supplies", from = "cloud", to = "unit", need = "cloud", spend = "1200000.50",
      currency = "USD", contract = "c1", data = { "personal", "ip" }, since = "2018-03-05" },
    { kind = "supplies", from = "half", to = "unit", spend = 10, currency = "EUR", contract = "c2", party = "top-2" },
    { kind = "supplies", from = "cloud", to = "abroad", party = "top-2", reliance = "full", rank = 1 },
    { kind = "supplies", from = "maybe", to = "abroad", party = "top" },
    { kind = "supplies", from = "cloud", to = "branch" },
    { kind = "supplies", from = "unit", to = "plant" },
    { kind = "supplies", from = "open", to = "plant", since = "2018" },
    { kind = "supplies", from = "maybe", to = "ended" },
    { kind = "has_branch", from = "top", to = "branch" },
    { kind = "operates", from = "abroad", to = "plant" },
    { id = "o-1", kind = "owns", from = "top", to = "unit", share = "60%", since = "2012" },
    { id = "o-2", kind = "owns", from = "top", to = "unit", share = "70%", since = "2012" },
    { kind = "owns", from = "top-2", to = "unit", share = ">45%", class = "B" },
    { kind = "owns", from = "top-2", to = "abroad" },
    { kind = "owns", from = "hold-1", to = "hold-2", share = "80%" },
    { kind = "owns", from = "hold-2", to = "hold-1", share = "80%" },
    { kind = "controls", from = "hold-1", to = "abroad" },
    { kind = "owns", from = "jane", to = "top", share = "90%" },
    { kind = "owns", from = "hold-1", to = "top", share = "30%" },
    { kind = "linked", from = "jane", to = "abroad" },
    { kind = "same_as", from = "top-2", to = "two", source = "register" },
  },
  restrictions = {
    { id = "listing-1", title = "a list", rule = "ofac_50", targets = { "target" }, since = "2012", status = "active" },
    { id = "review-1", rule = "icts", targets = { country = { "CN" }, kind = "service" }, measure = "review",
      scope = "owned", except = { { covers = { contract = "c1" }, ["until"] = "2030", source = "licence" } } },
    { id = "late-1", rule = "listing", targets = "maybe", since = "2999" },
    { id = "proposed-1", rule = "ndaa_1260h_indirect", targets = { "target" }, status = "proposed" },
  },
}
FACTS.entities[#FACTS.entities + 1] = { id = "two", name = "Two", since = "2001", former_names = { "Zwei" } }

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return text
end

local CSV = {
  ["entities.csv"] = 'id,kind,name,country,tags[],note\n"a",firm,"A, ""quoted""",CN;RU,x;y,"line\nbreak"\n'
    .. "b,firm,B,US,,\nc,firm,,,z,\n",
  ["relations.csv"] = "kind,from,to,share,since,need\nowns,a,b,51%,2018-03,\nsupplies,a,c,,,cloud\nowns,b,c,25-60%,,\n",
  ["restrictions.csv"] = 'id,rule,targets,scope\nx,icts,a,\ny,listing,"{""country"": ""US""}",entity\n',
}
for name, text in pairs(CSV) do write(folder .. "/" .. name, text) end
local JSON = json.encode(FACTS)
write(folder .. "/small.json", JSON)
local LINES = { '{"knockon":1,"title":"small"}' }
for _, part in ipairs { "entities", "relations", "restrictions" } do
  for _, record in ipairs(FACTS[part]) do LINES[#LINES + 1] = json.encode(record) end
end
LINES[2] = LINES[2]:gsub('"Target"', '"T\\u0061rget"')
LINES[#LINES + 1] = '{"id":"escaped","n\\u0061me":"\\u00e9","x":[1.50,null,{}],"y":{"z":1e2}}'
write(folder .. "/small.ndjson", table.concat(LINES, "\n"))

-- ---- workloads ----

-- { name, work, begin =, state =, again = false }
-- state(): made once, outside; begin(state): made before each run, what work gets. again = false: work cannot be done
-- again with what it got, so it is done again with another. All that work returns must be plain.
local workloads = {}
local function workload(name, work, more)
  more = more or {}
  more.name, more.work = name, work
  if not only or name:find(only, 1, true) then workloads[#workloads + 1] = more end
end

local network
local function state() -- one network for all that only look at one
  network = network or assert(knockon.network(FACTS))
  return network
end

-- What is in a network, read back record by record.
local function contents(net)
  local entities, relations, i = {}, {}, 1
  local record = net:record("entities", i)
  while record do
    entities[i], i = record, i + 1
    record = net:record("entities", i)
  end
  i = 1
  record = net:record("relations", i)
  while record do
    relations[i], i = record, i + 1
    record = net:record("relations", i)
  end
  return { entities, relations, net:restrictions(), net:title() or "", net:counts(), (net:complete()) }
end

local function loaded(net, message, code)
  if not net then return nil, message, code end
  return contents(net)
end

workload("a network from tables", function() return loaded(knockon.network(FACTS)) end)

workload("a network closed", function()
  local net, message, code = knockon.network(FACTS)
  if not net then return nil, message, code end
  local count = #net:record("relations", 1).id
  net:close()
  return count
end)

workload("a builder", function(builder)
  for _, entity in ipairs(FACTS.entities) do builder:entity(entity) end
  for _, relation in ipairs(FACTS.relations) do builder:relation(relation) end
  return loaded(builder:build())
end, { begin = function() return knockon.builder() end, again = false })

-- A record that did not get in for want of memory can be added again.
workload("a builder that goes on", function(self)
  while self.next <= #FACTS.entities do
    self.builder:entity(FACTS.entities[self.next])
    self.next = self.next + 1
  end
  while self.next <= #FACTS.entities + #FACTS.relations do
    self.builder:relation(FACTS.relations[self.next - #FACTS.entities])
    self.next = self.next + 1
  end
  return true
end, {
  begin = function() return { builder = knockon.builder(), next = 1 } end,
  finish = function(self) return contents(assert(self.builder:build())) end,
})

local BAD = {
  entities = { { id = "a" }, { id = "a" }, { name = "no id" }, { id = "b", kind = 3 } },
  relations = {
    { kind = "owns", from = "a", to = "nobody" }, { kind = "owns", from = "a", to = "a", share = "150%" },
    { id = "r", kind = "linked", from = "a", to = "a" }, { id = "r", kind = "linked", from = "a", to = "a" },
  },
  restrictions = { { id = "x", rule = "icts", targets = { "nobody" } } },
}
workload("records skipped", function()
  local net, message, code = knockon.network(BAD, { on_error = "skip" })
  if not net then return nil, message, code end
  local complete, skipped = net:complete()
  return { complete, skipped, contents(net) }
end)

workload("decode", function() return loaded(knockon.decode(JSON)) end)
workload("decode what is broken", function()
  local net, message, code = knockon.decode '{ "knockon": 1, "entities": [ { "id": "a" ] }'
  if code ~= "parse" then return net, message, code end
  return { message }
end)
workload("load JSON", function() return loaded(knockon.load(folder .. "/small.json")) end)
workload("load NDJSON", function() return loaded(knockon.load(folder .. "/small.ndjson")) end)
workload("load NDJSON in parts, some of it skipped", function()
  write(folder .. "/entities.ndjson", '{"id":"a"}\n{"id":\n{"id":"b","x":{"y":[]}}\n')
  write(folder .. "/relations.ndjson", '{"kind":"owns","from":"a","to":"b"}\n{"kind":"owns","from":"a"}\n')
  local net, message, code = knockon.load({
    entities = folder .. "/entities.ndjson", relations = folder .. "/relations.ndjson",
  }, { on_error = "skip", progress = function() end })
  if not net then return nil, message, code end
  return { contents(net), select(2, net:complete()) }
end)
workload("load CSV", function() return loaded(knockon.load(folder)) end)
workload("load CSV with a progress function", function()
  local asked = {}
  local net, message, code = knockon.load({
    entities = folder .. "/entities.csv", relations = folder .. "/relations.csv",
  }, {
    limits = { seconds = 1000, bytes = 1e9 }, progress = function(_, _, what) asked[1] = "asked while " .. what end,
  })
  if not net then return nil, message, code end
  return { asked[1] ~= nil, contents(net) }
end)

-- A file that was begun beside another must not stay.
local function part_left(where)
  for name in lfs.dir(where) do
    if name:find "%.part$" then
      os.remove(where .. "/" .. name)
      return name .. " is still there"
    end
  end
end

-- A few records: all writers but two are Lua alone, and the sweep costs the square of what they ask for.
local SMALLEST = {
  title = "few", entities = { FACTS.entities[1], { id = "cloud", kind = "service", since = "2018" } },
  relations = { { kind = "owns", from = "target", to = "cloud", share = ">50%" },
    { id = "s", kind = "supplies", from = "cloud", to = "target" } },
  restrictions = { FACTS.restrictions[1] },
}
local smallest
for _, format in ipairs(require("knockon.writers").NAMES) do
  local in_folder = format == "csv" or format == "spreadsheet"
  local target = folder .. "/saved-" .. format
  local parts = { target }
  if in_folder then
    for i, part in ipairs { "entities", "relations", "restrictions" } do parts[i] = target .. "/" .. part .. ".csv" end
  end
  workload("save " .. format, function(net)
    local saved, message, code = net:save(target, { format = format })
    if not saved then return nil, message, code end
    return true
  end, {
    state = function()
      if format == "native" or format == "csv" then return state() end
      smallest = smallest or assert(knockon.network(SMALLEST))
      return smallest
    end,
    finish = function()
      local texts = {}
      for i, part in ipairs(parts) do texts[i] = assert(read(part), part) end
      return texts
    end,
    left = function() return part_left(in_folder and target or folder) end,
  })
end

local FROZEN = folder .. "/small.snapshot"
workload("freeze a network", function(net)
  local frozen, message, code = net:freeze(FROZEN)
  if not frozen then return nil, message, code end
  return true
end, {
  state = state, finish = function() return core.sha256(assert(read(FROZEN))) end,
  left = function() return part_left(folder) end,
})
workload("open a snapshot", function()
  return loaded(knockon.open(FROZEN, { verify = true, limits = { seconds = 1000 }, progress = function() end }))
end, { state = function() assert(state():freeze(FROZEN)) end })

workload("two networks joined", function(nets)
  local net, told, code = nets[1]:merge(nets[2], { on = { "lei" }, prefix = "2:" })
  if not net then return nil, told, code end
  return { contents(net), tostring(told), told.joined, told.conflicts, told.renamed }
end, {
  state = function()
    return {
      assert(knockon.network { entities = { { id = "a", lei = "1", name = "A" }, { id = "b" } },
        relations = { { id = "r", kind = "owns", from = "a", to = "b" } },
        restrictions = { { id = "act", rule = "icts", targets = { "b" } } } }),
      assert(knockon.network { entities = { { id = "c", lei = "1", name = "B", since = "2018" }, { id = "b", x = 1 } },
        relations = { { id = "r", kind = "supplies", from = "b", to = "c", party = "b" } },
        restrictions = { { id = "act", rule = "icts", targets = { "b", "c" } } } }),
    }
  end,
})

-- A connection that gives the same rows to every query, and remembers nothing.
local connection = {}
function connection.execute(_, statement)
  if not statement:find "^SELECT" then return 0 end
  local i, rows = 0, statement == "SELECT 1" and { { id = 1, name = "A", country = "US;CN" }, { id = 2, more = "{}" } }
    or { { kind = "owns", from = 1, to = 2, share = "60%" } }
  return {
    fetch = function()
      i = i + 1
      return rows[i]
    end,
    close = function() end,
  }
end
workload("rows of a database", function()
  return loaded(knockon.read_sql(connection, { entities = "SELECT 1", relations = "SELECT 2" }))
end)
workload("into a database", function(net)
  local written, message, code = net:write_sql(connection, { replace = true })
  if not written then return nil, message, code end
  return true
end, { state = state })

workload("look at a network", function(net)
  local _, object = pcall(net.same, net, "taget", "id")
  if type(object) ~= "table" then error(object, 0) end
  return {
    net:entity "two", net:entities { country = { "US" } }, net:relations { kind = "owns", basis = "votes" },
    net:find { name = "two" }, net:warnings(), net:sources(), object.near, #net > 0, tostring(net),
    net:memory().total > 0,
  }
end, { state = state })

-- The rows of an exposure.
local function rows(exposure, message, code)
  if not exposure then return nil, message, code end
  return {
    exposure:restricted(), exposure:users(), exposure:parents(), exposure:concerned(), exposure:linked(),
    exposure:count(),
  }
end

-- What else it answers.
local function explanations(exposure)
  local why = {}
  for i, id in ipairs { "target", "maybe", "unit", "top", "abroad", "hold-1", "jane", "plant", "ring-a" } do
    local one, plain = exposure:why(id), {}
    for field, value in pairs(one) do plain[field] = value end
    why[i] = plain
  end
  return {
    exposure:parents { verdict = "possible", ids = { "top", "unit" } }, exposure:unknowns(), exposure:warnings(),
    exposure:restrictions(), exposure:run(), why,
  }
end

local HOME = { organised_in = { "US" }, scope = "facilitation" }
local BANS = {
  { "reach", "target", { rule = "reach" } },
  { "use, owned", "target", { rule = "icts", scope = "owned" } },
  { "facilitation", { "target", "cloud" },
    { rule = { id = "f", owned = { at_least = "50%", of = "either" }, control = { "board" }, bound = HOME } } },
  { "goods, each", { "target", "half" },
    { rule = { id = "g", owned = { more_than = "50%", sum = "each" }, flow = "goods", captures = "foreign",
      bound = HOME } } },
  { "joint", { "target", "half", "ring-a" },
    { rule = { id = "j", owned = { at_least = "25%", sum = "joint" }, tiers = 2, bound = HOME },
      joint = { { "target", "half" }, { "half", "ring-b" } } } },
  { "where", { country = { "CN" } },
    { rule = { id = "w", bound = { where = { contracts_with = "US Department of Defense" } } } } },
  { "license", "cloud",
    { rule = "icts", scope = "owned", measure = "license",
      except = { { covers = { kind = "supplies", to = "unit" }, contracts_before = "2020", ["until"] = "2030",
        source = "licence" } } } },
}
for _, ban in ipairs(BANS) do
  workload("ban, " .. ban[1], function(net)
    return rows(net:scenario({ as_of = "2022-01-18", restrictions = "none" }):ban(ban[2], ban[3]):exposure())
  end, { state = state })
end

workload("restrictions of the data", function(net)
  local scenario = net:scenario({ as_of = "2022-01-18" }):assume("proposed-1", { scope = "owned" })
  return rows(scenario:lift("review-1"):assume("review-1"):exposure())
end, { state = state })

-- Sweeps: of an overlay that has nothing yet, one candidate at a time and many.
local ANYWHERE = { id = "a", owned = { at_least = "50%", of = "either" }, control = { "board" }, flow = "any",
  bound = { anyone = true } }
for name, opts in pairs {
  ["one at a time"] = { rule = "icts", scope = "facilitation", by = "spend", currency = "USD" },
  ["many"] = { rule = "reach" }, ["many and one at a time"] = { rule = ANYWHERE, targets = { kind = "firm" } },
  ["pairs"] = { rule = "reach", size = 2, top = 3 },
} do
  workload("sweep, " .. name, function(net)
    local sweep, message, code = net:scenario({ as_of = "2022-01-18" }):sweep(opts)
    if not sweep then return nil, message, code end
    local plain = { sweep.candidates, sweep.together }
    for _, row in ipairs(sweep) do plain[#plain + 1] = row end
    return plain
  end, { state = state })
end

workload("edits", function(net)
  local scenario = net:scenario({ as_of = "2011" }):ban("target", { rule = "ofac_50" }):at "2022-01-18"
  scenario = scenario:drop { kind = "controls" }:drop "s-unit"
  scenario = scenario:except({ contract = "c2" }, { contracts_before = "2030", source = "s" })
  scenario = scenario:add { kind = "owns", from = "target", to = "top", share = "60%", note = "added" }
  scenario = scenario:add { kind = "supplies", from = "top", to = "unit", spend = "1", currency = "USD", party = "two" }
  scenario = scenario:add { kind = "owns", from = "half", to = "maybe", share = "60%", since = "2019" }
  local exposure, message, code = scenario:exposure()
  if not exposure then return nil, message, code end
  return {
    exposure:restricted(), exposure:parents(), exposure:users(), exposure:warnings(), exposure:why "top" .path,
  }
end, { state = state })

local DAY = { as_of = "2022-01-18" }

workload("edits of holdings and suppliers, and what they change", function(net)
  local before = net:scenario(DAY):ban("target", { rule = "icts", scope = "owned" })
  local after = before:set("s-unit", { spend = "7" }):acquire("half", "top", "60%", { since = "2020" })
  after = after:divest("top-2", "unit", "1%", { class = "B" }):substitute("cloud", "half", { users = { "unit" } })
  local is, message, code = after:exposure()
  local was = is and before:exposure()
  if not was then return nil, message or "not enough memory", code or "memory" end
  local diff, why, kind = is:diff(was)
  if not diff then return nil, why, kind end
  return { diff.entered, diff.left, diff.changed }
end, { state = state })

-- A scenario and an exposure are as good as new after a failure.
workload("one scenario", function(scenario) return rows(scenario:exposure()) end, {
  state = state,
  begin = function(net)
    return net:scenario(DAY):ban({ "target", "cloud" }, { rule = "icts", scope = "owned" })
  end,
})
workload("one exposure", explanations, {
  state = function()
    return assert(state():scenario(DAY):ban("target", { rule = "icts", scope = "facilitation" }):exposure())
  end,
})

for _, asked in ipairs { { "reach", "top" }, { "icts", "hold-1" } } do
  workload("chokepoints, " .. asked[1], function(exposure)
    return exposure:chokepoints(asked[2], { limits = { seconds = 1000 } })
  end, {
    state = function()
      local scenario = state():scenario { as_of = "2022-01-18", restrictions = "none" }
      return assert(scenario:ban("target", { rule = asked[1], scope = "facilitation" }):exposure())
    end,
  })
end

for _, asked in ipairs { { "reach", "steps" }, { "icts", "strongest" } } do
  workload("paths, " .. asked[1], function(exposure)
    local all = {}
    for _, id in ipairs { "top", "unit", "half", "hold-1" } do
      local found, message, code = exposure:paths(id, { k = 3, weight = asked[2] })
      if message then return nil, message, code end
      all[#all + 1] = found and found.paths or id
    end
    return all
  end, {
    state = function()
      local scenario = state():scenario { as_of = "2022-01-18", restrictions = "none" }
      return assert(scenario:ban("target", { rule = asked[1], scope = "facilitation" }):exposure())
    end,
  })
end

for _, asked in ipairs { { "reach", { cost = 1 } }, { "icts", { divest = true, cost = "rank" } } } do
  workload("cut and all chokepoints, " .. asked[1], function(exposure)
    local plan, message, code = exposure:cut("all", asked[2])
    if not plan then return nil, message, code end
    local points, why, kind = exposure:chokepoints()
    if not points then return nil, why, kind end
    return { plan.relations, plan.steps, plan.possible, plan.spend, points }
  end, {
    state = function()
      local scenario = state():scenario { as_of = "2022-01-18", restrictions = "none" }
      return assert(scenario:ban("target", { rule = asked[1], scope = "facilitation" }):exposure())
    end,
  })
end

-- Without communities and the layered layout: when they get no memory, igraph 0.10.2 itself loses a small block each.
for _, name in ipairs { "edges", "degree", "betweenness", "closeness", "pagerank", "components", "articulation_points",
  "force" } do
  workload("a graph and its measures: " .. name, function(exposure)
    local graph, message, code = exposure:graph()
    if not graph then return nil, message, code end
    local kind = name == "force" and { kind = name } or nil
    return graph[kind and "layout" or name](graph, kind)
  end, {
    state = function()
      local scenario = state():scenario { as_of = "2022-01-18", restrictions = "none" }
      return assert(scenario:ban("target", { rule = "reach" }):exposure())
    end,
  })
end
workload("a graph of a network", function(net)
  local graph, message, code = net:graph({ kind = "owns" }, { as_of = "2022" })
  if not graph then return nil, message, code end
  return { graph:entities(), graph:edges() }
end, { state = state })
-- What fails, what would save the most, which data is within reach, who is compromised.
for _, asked in ipairs { { "reach", {} }, { "ofac_50", { least = 0.5 } } } do
  workload("harms, " .. asked[1], function(exposure)
    local opts = { limits = { seconds = 1000 }, least = asked[2].least }
    local answers = {}
    for i, method in ipairs { "disrupted", "saves", "data", "compromised", "harms" } do
      if method ~= "disrupted" and method ~= "saves" then opts.least = nil end
      local list, message, code = exposure[method](exposure, opts)
      if not list then return nil, message, code end
      answers[i] = list
    end
    return answers
  end, {
    state = function()
      local scenario = state():scenario { as_of = "2022-01-18", restrictions = "none" }
      scenario = scenario:ban("target", { rule = asked[1] }):except({ contract = "c1" }, { ["until"] = "2023" })
      return assert(scenario:exposure())
    end,
  })
end

workload("holdings and control", function(scenario)
  local answers = {}
  for i, id in ipairs { "ring-a", "unit", "top" } do
    local held, message, code = scenario:holdings(id, { limits = { seconds = 1000 } })
    if not held then return nil, message, code end
    local control
    control, message, code = scenario:control(id)
    if not control then return nil, message, code end
    answers[i] = { held, control }
  end
  return answers
end, { state = function() return state():scenario { as_of = "2022-01-18" } end })
for _, measure in ipairs { "esri", "debtrank", "differential" } do
  workload("impact, " .. measure, function(scenario)
    return scenario:impact { measure = measure, currency = "USD", rates = { EUR = 1.1 },
      shock = { cloud = 0.5, half = 1 } }
  end, { state = function() return state():scenario { as_of = "2022-01-18" } end })
end
for _, asked in ipairs { { "supplies alone", "reach" }, { "world by world", "icts" } } do
  workload("odds, " .. asked[1], function(scenario) return scenario:odds { samples = 3 } end, {
    state = function()
      local facts = {
        entities = { { id = "a" }, { id = "b", country = "US" }, { id = "c" } },
        relations = {
          { kind = "supplies", from = "a", to = "b", confidence = 0.5 },
          { kind = "supplies", from = "a", to = "c", confidence = 0.5 },
          { kind = "owns", from = "b", to = "c", share = "60%", since = "2010" },
          { kind = "owns", from = "b", to = "c", share = "40%", since = "2010" },
        },
      }
      if asked[1] ~= "supplies alone" then facts.relations[3].confidence = 0.5 end
      return knockon.network(facts)
    end,
    begin = function(net) return net:scenario({ as_of = "2022" }):ban("a", { rule = asked[2], scope = "owned" }) end,
  })
end
workload("losses", function(exposure) return exposure:losses() end, {
  state = function()
    local scenario = state():scenario { as_of = "2022-01-18" }
    return assert(scenario:ban("cloud", { rule = "icts", scope = "owned" }):exposure())
  end,
})
workload("look through", function(exposure) return exposure:look_through() end, {
  state = function()
    return assert(state():scenario({ as_of = "2022-01-18" }):ban("target", { rule = "reach" }):exposure())
  end,
})

-- Few facts: each of these evaluates several times.
local FEW = {
  entities = {
    { id = "a", country = "CN" }, { id = "b" }, { id = "c", country = "US", ["until"] = "2030" }, { id = "d" },
  },
  relations = {
    { kind = "owns", from = "a", to = "b", share = "40-60%" }, { kind = "supplies", from = "b", to = "d" },
    { kind = "owns", from = "c", to = "d", share = "60%", since = "2020" }, { kind = "linked", from = "a", to = "d" },
  },
  restrictions = { { id = "x", rule = "ofac_50", targets = "a", since = "2021", scope = "owned" } },
}
local function few() return assert(knockon.network(FEW)) end
workload("timeline", function(net) return net:scenario():timeline { from = "2019", to = "2022" } end, { state = few })
workload("ladder", function(exposure) return exposure:ladder() end, {
  state = function() return assert(few():scenario({ as_of = "2022" }):exposure()) end,
})
workload("red flags", function(exposure) return { exposure:red_flags(), exposure:formerly() } end, {
  state = function() return assert(few():scenario({ as_of = "2022" }):exposure()) end,
})

workload("an evaluation with limits and progress", function(net)
  local asked = {}
  local exposure, message, code = net:scenario({
    as_of = "2022-01-18", limits = { seconds = 1000, bytes = 1e9 },
    progress = function(_, _, what) asked[1] = "asked while " .. what end,
  }):exposure()
  if not exposure then return nil, message, code end
  return { asked[1] ~= nil, exposure:count() }
end, { state = state })

workload("an evaluation that is interrupted", function(net)
  local scenario = net:scenario { as_of = "2022-01-18", progress = function() return false end }
  local exposure, message, code = scenario:exposure()
  if code == "interrupted" then return { code, message } end
  return exposure and 1, message, code
end, { state = state })

for _, request in ipairs {
  { question = "ban", targets = { "target" }, rule = "icts", scope = "owned", as_of = "2022-01-18" },
  { question = "check", as_of = "2022-01-18", edits = { { drop = "s-unit" }, { assume = "proposed-1" } } },
  { question = "why", id = "top", targets = "target", as_of = "2022-01-18" }, { question = "show" } } do
  workload("answer, " .. request.question, function(net)
    local answer, message, code = knockon.answer(net, request)
    if not answer then return nil, message, code end
    return report.render(answer)
  end, { state = state })
end

workload("a rule from a file", function() return knockon.rule(folder .. "/own.lua") end, {
  state = function()
    write(folder .. "/own.lua", 'return { id = "own", owned = { at_least = "25%" }, bound = { anyone = true } }\n')
  end,
})

-- A row that was read is not lost when it could not be handed over.
workload("a CSV reader", function(self)
  if not self.reader then
    local reader, message, code = core.csv(folder .. "/entities.csv")
    if not reader then return nil, message, code end
    self.reader = reader
  end
  while true do
    if not self.row then
      local row, message, code = self.reader:row()
      if code then return nil, message, code end
      if not row then break end
      self.row = row
    end
    self.rows[#self.rows + 1] = self.row
    self.row = false
  end
  return self.rows
end, { begin = function() return { reader = false, row = false, rows = {} } end })
workload("rows of a CSV file", function()
  local names = {}
  for row in knockon.read_csv(folder .. "/entities.csv") do names[#names + 1] = row.name end
  return names
end)

-- ---- the sweep ----

local passed, failed = 0, 0
local started = os.clock()

-- Is it an error that says what happened?
local function is_told(raised)
  if type(raised) == "table" then -- the system's own message, passed on
    return type(raised.message) == "string" and raised.message:find("Cannot allocate memory", 1, true)
  end
  if type(raised) ~= "string" then return false end
  -- 5.2 and later call a stack that cannot grow an overflow
  for _, text in ipairs { "not enough memory", "Cannot allocate memory", "stack overflow" } do
    if raised:find(text, 1, true) then return true end
  end
  return false
end

local function collect()
  collectgarbage()
  collectgarbage()
end

-- Where an answer begins to differ.
local function difference(got, expected)
  local at = 1
  while at <= #got and got:byte(at) == expected:byte(at) do at = at + 1 end
  local from = math.max(1, at - 60)
  return ("%s instead of %s"):format(got:sub(from, at + 60), expected:sub(from, at + 60))
end

-- nil when all is well, else what is not; the second value: nothing failed any more.
local function step(one, n, many, expected, before)
  local subject = before.state
  if one.begin then subject = one.begin(before.state) end
  local hits, fine, value, message, code = failing.try(n, many, one.work, subject)
  if debug.gethook() then return "a hook was left behind" end
  if getmetatable("").__index ~= string then return "strings lost their methods" end
  local wrong
  if fine and value ~= nil then
    if one.finish then value = one.finish(subject) end
    value = json.encode { value }
    if value ~= expected then wrong = "a wrong answer: " .. difference(value, expected) end
  elseif fine then
    if not (is_told(message) and (code == "io" or code == "memory")) then
      wrong = ("it gave nil, %s, %s"):format(tostring(message), tostring(code))
    end
  elseif not is_told(value) then
    wrong = "it raised " .. tostring(value)
  end
  if hits == 0 and not (fine and value ~= nil) then return wrong or "it failed by itself", true end
  if not wrong and one.left then wrong = one.left() end
  if not wrong and hits > 0 and not (fine and value ~= nil) then
    if one.again == false then subject = one.begin(before.state) end
    local going, again, cause = pcall(one.work, subject)
    if not going and type(again) == "table" and again.code == "closed" then -- it says so: begin again
      subject = one.begin(before.state)
      again, cause = one.work(subject)
    elseif not going then
      again, cause = nil, again
    end
    if again ~= nil and one.finish then again = one.finish(subject) end
    if again == nil then
      wrong = "not even afterwards: " .. tostring(cause)
    else
      again = json.encode { again }
      if again ~= expected then wrong = "afterwards a wrong answer: " .. difference(again, expected) end
    end
  end
  subject, value, message = nil, nil, nil -- luacheck: ignore 311
  collect()
  local blocks, bytes = failing.live()
  local files = failing.files()
  if not wrong and blocks > before.blocks then
    wrong = ("%d blocks and %d bytes were not given back"):format(blocks - before.blocks, bytes - before.bytes)
  end
  before.blocks, before.bytes = blocks, bytes -- fewer, when a slot of the stack held garbage until now
  if not wrong and files ~= before.files then wrong = ("%d files stay open"):format(files - before.files) end
  return wrong, hits == 0
end

local function sweep(one)
  local before = { state = one.state and one.state() }
  local function run()
    local subject = before.state
    if one.begin then subject = one.begin(before.state) end
    local value, message = one.work(subject)
    if value == nil then error(one.name .. ": " .. tostring(message), 0) end
    if one.finish then value = one.finish(subject) end
    return json.encode { value }
  end
  local expected = run()
  assert(run() == expected, one.name .. ": it does not give the same answer twice")
  collect()
  before.blocks, before.bytes = failing.live()
  before.files = failing.files()
  for _, many in ipairs { 1, ALWAYS } do
    local wrong, ended
    local n = 0
    repeat
      n = n + 1
      local fine
      fine, wrong, ended = pcall(step, one, n, many, expected, before)
      if not fine then wrong = "afterwards it raised " .. tostring(wrong) end
    until wrong or ended
    if wrong then
      failed = failed + 1
      io.write(("FAILED  %s, %s %d: %s\n"):format(one.name, many == 1 and "allocation" or "from allocation", n, wrong))
      collect() -- what leaked here is not counted again
      before.blocks, before.bytes = failing.live()
      before.files = failing.files()
    else
      passed = passed + 1
      io.write(("ok      %s, %s %d\n"):format(one.name, many == 1 and "each of" or "from each of", n - 1))
    end
    io.flush()
  end
end

io.write(_VERSION, rawget(_G, "jit") and " (LuaJIT)\n" or "\n")
for _, one in ipairs(workloads) do sweep(one) end
io.write(("%.0f s\n%d passed, %d failed\n"):format(os.clock() - started, passed, failed))
os.exit(failed == 0 and passed > 0 and 0 or 1)
