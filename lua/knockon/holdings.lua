-- Holdings: who holds how much of whom in the end, who controls whom, and what of the spend falls to a parent. The
-- engine works it out; here are the arguments.

local budget = require "knockon.budget"
local errors = require "knockon.errors"

local holdings = {}

local BASES = { "equity", "votes" }

local function basis_of(opts)
  local basis = opts.basis == nil and "equity" or opts.basis
  if basis ~= "equity" and basis ~= "votes" then
    errors.raise("argument", "basis", ('basis is %q; it must be "equity" or "votes"'):format(tostring(basis)),
      errors.nearest(tostring(basis), BASES))
  end
  return basis
end

local function entity_of(scenario, id)
  if type(id) ~= "string" then
    errors.raise("argument", "id", "an entity is named by its id (text), not a " .. type(id))
  end
  local same = scenario.net:same(id)
  return { id = same, name = scenario.net:entity(same).name }
end

-- { id, name, basis, owners = rows, holdings = rows, settled = true } of a scenario.
function holdings.of(scenario, id, opts)
  opts = errors.options(opts, { "basis", "limits", "progress" })
  budget.check(opts)
  local basis, answer = basis_of(opts), entity_of(scenario, id)
  local overlay, message, code = scenario:overlay()
  if not overlay then return nil, message, code end
  local owners, up, down
  owners, up, code = overlay:holdings(id, basis, true, opts)
  if not owners then return nil, up, code end
  answer.basis, answer.owners = basis, owners
  answer.holdings, down, code = overlay:holdings(id, basis, false, opts)
  if not answer.holdings then return nil, down, code end
  answer.settled = up and down
  return answer
end

-- More than half, with any control: asked as if the entity were banned.
local CONTROL = {
  id = "control", title = "More than half, or any control", owned = { more_than = "50%", of = "either" },
  control = true, bound = { anyone = true },
}

local REFUSED = {
  many = "more than 24 holders: the coalitions are too many to count",
  inexact = "the share of a holder is not known exactly",
  above_whole = "the holders' shares sum above 100 %",
  no_majority = "the holders that are known have no majority together",
}

-- { id, name, controls = rows, controlled_by = rows, basis, holders = rows, refused = text }. alone: the scenario
-- without restrictions.
function holdings.control(scenario, alone, id, opts)
  opts = errors.options(opts, { "limits", "progress" })
  budget.check(opts)
  local answer = entity_of(scenario, id)
  local overlay, message, code = scenario:overlay()
  if not overlay then return nil, message, code end
  answer.controlled_by, message, code = overlay:controllers(id, opts)
  if not answer.controlled_by then return nil, message, code end
  local exposure
  exposure, message, code = alone(opts):ban(id, { rule = CONTROL }):exposure()
  if not exposure then return nil, message, code end
  answer.controls = {}
  for _, row in ipairs(exposure:restricted()) do
    if row.because ~= "target" then
      row.restrictions = nil
      answer.controls[#answer.controls + 1] = row
    end
  end
  local refused
  answer.basis, answer.holders, refused = overlay:holders(id)
  answer.refused = #answer.holders > 0 and REFUSED[refused] or nil
  return answer
end

-- Rows of parents: { id, name, verdict, users = { { id, name, low, high } }, spend = { USD = { low, high } } }.
function holdings.look_through(exposure, opts)
  opts = errors.options(opts, { "basis", "ids", "limits", "progress", "verdict" })
  budget.check(opts)
  return exposure.rows:look_through({ ids = opts.ids, verdict = opts.verdict }, basis_of(opts), opts)
end

return holdings
