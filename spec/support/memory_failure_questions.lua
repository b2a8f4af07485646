-- Workloads of memory_failure.lua: what is asked of a network, its scenarios and its exposures.

local knockon = require "knockon"
local report = require "knockon.report.json"
local data = require "spec.support.memory_failure_data"

local workload, state = data.workload, data.state

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

-- Counts and proofs, asked again and again: later ones stand on what an earlier one has drawn.
local function quick_answers(scenario)
  local answers = {}
  for i = 1, 3 do
    local count, message, code = scenario:count()
    if not count then return nil, message, code end
    local restricted = scenario:count "restricted"
    local proofs
    proofs, message, code = scenario:proofs()
    if not (restricted and proofs) then return nil, message or "no count", code end
    local paths = {}
    for id, verdict, path in proofs:each() do paths[id] = { verdict, path } end
    answers[i] = { count, restricted, proofs:steps(), paths }
  end
  return answers
end

for _, ban in ipairs(BANS) do
  workload("counts, " .. ban[1], function(net)
    local day = net:scenario { as_of = "2022-01-18", restrictions = "none" }
    local answers, message, code = quick_answers(day:ban(ban[2], ban[3]))
    if not answers then return nil, message, code end
    return answers
  end, { state = state })
end

workload("counts, what-ifs that share what the day has", function(net)
  local day = net:scenario { as_of = "2022-01-18", restrictions = "none" }
  local asked, supplies = day:ban("target", { rule = "reach" }), {}
  local answers, message, code = quick_answers(asked)
  if not answers then return nil, message, code end
  for i, relation in ipairs(net:relations { kind = "supplies" }) do supplies[i] = relation.id end
  return quick_answers(asked:drop { supplies[1] })
end, { state = state })

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
