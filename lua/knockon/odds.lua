-- Odds: in which part of the worlds each verdict holds, when relations are there by their confidence. The engine counts
-- worlds; here are the arguments and the errors of the samples.

local budget = require "knockon.budget"
local errors = require "knockon.errors"

local MOST_SAMPLES = 2 ^ 24
local QUANTILE = 1.959963984540054 -- 95 % of a normal distribution lie within so many standard errors

local function whole(value, name, least, most)
  if type(value) ~= "number" or not (value >= least and value <= most) or value % 1 ~= 0 then
    errors.raise("argument", name, ("%s must be a whole number from %d to %.0f"):format(name, least, most))
  end
  return value
end

-- A share with its standard error and Wilson's interval of 95 %; of what was counted exactly, itself.
local function estimate(share, worlds, exact)
  if share > 1 then share = 1 end -- sums of many weights
  if exact then return { share = share, error = 0, low = share, high = share } end
  local square = QUANTILE * QUANTILE
  local whole_part = 1 + square / worlds
  local centre = (share + square / (2 * worlds)) / whole_part
  local reach = QUANTILE * math.sqrt(share * (1 - share) / worlds + square / (4 * worlds * worlds)) / whole_part
  return {
    share = share, error = math.sqrt(share * (1 - share) / worlds), low = math.max(centre - reach, 0),
    high = math.min(centre + reach, 1),
  }
end

return function(scenario, opts)
  opts = errors.options(opts, { "limits", "progress", "samples", "seed" })
  budget.check(opts)
  local samples = whole(opts.samples == nil and 1000 or opts.samples, "samples", 1, MOST_SAMPLES)
  local seed = whole(opts.seed == nil and 1 or opts.seed, "seed", 0, 2 ^ 53)
  local exposure, message, code = scenario:exposure()
  if not exposure then return nil, message, code end
  local answer
  answer, message, code = exposure.rows:odds(samples, seed, { limits = opts.limits, progress = opts.progress })
  if not answer then return nil, message, code end
  for _, list in ipairs { "restricted", "users", "parents" } do
    for _, row in ipairs(answer[list]) do
      row.yes = estimate(row.yes, answer.worlds, answer.exact)
      row.possible = estimate(row.possible, answer.worlds, answer.exact)
    end
  end
  if not answer.exact then answer.seed = seed end
  return answer
end
