--- scenario:count(): the verdicts of an exposure, counted without making one.

local knockon = require "knockon"
local random_network = require "spec.support.random_network"

local SEEDS = tonumber(os.getenv("KNOCKON_SEEDS")) or 1500

local function scenario_of(facts, question)
  local scenario = assert(knockon.network(facts)):scenario({ as_of = question.as_of, restrictions = "none" })
  for _, act in ipairs(question.acts) do
    for _, r in ipairs(act.restrictions) do
      scenario = scenario:ban(r.targets, {
        rule = act.rule, scope = act.scope, measure = r.measure, id = r.id, joint = r.joint,
      })
    end
  end
  if question.drop then scenario = scenario:drop(question.drop) end
  return scenario
end

local function counted(exposure)
  local counts = {}
  for _, name in ipairs { "restricted", "users", "parents", "concerned" } do
    local verdicts = {} -- an entity is counted once, though it is concerned under two measures
    for _, row in ipairs(exposure[name](exposure)) do
      if verdicts[row.id] ~= "yes" then verdicts[row.id] = row.verdict end
    end
    counts[name], counts[name .. "_possible"] = 0, 0
    for _, verdict in pairs(verdicts) do
      local key = verdict == "yes" and name or verdict == "possible" and name .. "_possible"
      if key then counts[key] = counts[key] + 1 end
    end
  end
  return counts
end

describe("scenario:count", function()
  it("agrees with the rows of the exposure on random networks under random rules", function()
    for seed = 1, SEEDS do
      local facts, question = random_network.make(seed)
      local scenario = scenario_of(facts, question)
      local counts = scenario:count()
      assert.same(counted(scenario:exposure()), counts, "seed " .. seed)
      assert.same(counts, scenario:count(), "seed " .. seed .. ", asked again")
    end
  end)
end)
