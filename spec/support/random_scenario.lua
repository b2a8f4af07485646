-- The scenario of a random network and its question (spec.support.random_network).
local knockon = require "knockon"

local random_scenario = {}

-- On the question's day and with what it drops; nothing is restricted.
function random_scenario.plain(facts, question)
  local scenario = assert(knockon.network(facts)):scenario { as_of = question.as_of, restrictions = "none" }
  return question.drop and scenario:drop(question.drop) or scenario
end

-- With its bans. measure: of all of them, instead of their own.
function random_scenario.banned(facts, question, measure)
  local scenario = random_scenario.plain(facts, question)
  for _, act in ipairs(question.acts) do
    for _, one in ipairs(act.restrictions) do
      scenario = scenario:ban(one.targets, {
        rule = act.rule, scope = act.scope, measure = measure or one.measure, id = one.id, joint = one.joint,
      })
    end
  end
  return scenario
end

return random_scenario
