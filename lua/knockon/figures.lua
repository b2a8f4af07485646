-- Figures: the answers to impact, odds and holdings, as plain tables. `plain` copies what an answer may keep.

local budget = require "knockon.budget"
local core = require "knockon.core"
local errors = require "knockon.errors"
local json = require "knockon.json"

local figures = {}

-- Fields of a request that one question alone has.
figures.FIELDS = {
  basis = { "string", "holdings" }, measure = { "string", "impact" },
  samples = { "number", "odds" }, seed = { "number", "odds" },
}

function figures.check(request)
  for _, name in ipairs { "basis", "measure", "samples", "seed" } do
    local question = figures.FIELDS[name][2]
    if request[name] ~= nil and request.question ~= question then
      errors.raise("argument", name, ("%s is for the question %s"):format(name, question))
    end
  end
end

-- What stops working, what would save the most of it, and how much stops where amounts are known.
function figures.impact(answer, exposure, request, plain)
  local limits = budget.start { limits = request.limits, progress = request.progress }
  local message, code
  answer.disrupted, message, code = exposure:disrupted(limits.left())
  if not answer.disrupted then return nil, message, code end
  answer.saves, message, code = exposure:saves(limits.left())
  if not answer.saves then return nil, message, code end
  local opts = limits.left()
  opts.measure, opts.currency = request.measure, request.currency
  answer.impact, message, code = exposure.scenario:impact(opts)
  if not answer.impact then return nil, message, code end
  for _, name in ipairs { "disrupted", "saves" } do answer[name] = json.array(plain(answer[name])) end
  answer.impact = plain(answer.impact)
  return answer
end

function figures.odds(answer, exposure, request, plain)
  local odds, message, code = exposure.scenario:odds {
    samples = request.samples, seed = request.seed, limits = request.limits, progress = request.progress,
  }
  if not odds then return nil, message, code end
  answer.odds = plain(odds)
  return answer
end

-- `answer`: what the network alone tells, its data too, to be completed.
function figures.holdings(answer, data, scenario, request, plain)
  local limits = budget.start { limits = request.limits, progress = request.progress }
  local opts = limits.left()
  opts.basis = request.basis
  local held, message, code = scenario:holdings(request.id, opts)
  if not held then return nil, message, code end
  local control
  control, message, code = scenario:control(request.id, limits.left())
  if not control then return nil, message, code end
  answer.holdings, answer.control = plain(held), plain(control)
  answer.run = {
    version = require("knockon").version, as_of = core.day_text(scenario.day),
    data = data, rules = json.object {},
  }
  return answer
end

return figures
