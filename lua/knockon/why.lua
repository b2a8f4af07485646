-- Why: verdict, proof and arithmetic of one entity together; or why not.

local core = require "knockon.core"
local words = require "knockon.report.text.words"

local function find(rows, id)
  for _, row in ipairs(rows) do
    if row.id == id then return row end
  end
  return nil
end

local function contains(list, item)
  for _, one in ipairs(list) do
    if one == item then return true end
  end
  return false
end

-- Those of a list that `fits` accepts, or nil for none.
local function those(list, fits)
  local out = {}
  for _, one in ipairs(list) do
    if fits(one) then out[#out + 1] = one end
  end
  return out[1] and out or nil
end

-- A sum of stakes in words.
local function amount(sum) return words.is_unknown(sum) and "an unknown share" or words.share(sum) end

-- The ownership test of an act, with the stakes that restricted holders have in the entity.
local function test_of(exposure, sums)
  local owned = exposure.acts[sums.act].rule.owned
  if not owned then return nil end
  local text = owned.at_least or owned.more_than
  local threshold = core.share(text)
  local lo, hi = 0, 0
  for _, stake in ipairs(sums.stakes) do
    if stake.verdict == "yes" then lo = lo + core.share(stake.share[1]) end
    hi = hi + select(2, core.share(stake.share[2]))
    stake.running = { core.percent(lo), core.percent(hi) }
  end
  local test = {
    at_least = owned.at_least, more_than = owned.more_than, of = sums.basis, sum = sums.sum, stakes = sums.stakes,
  }
  local gap = threshold - sums.lo + (owned.more_than and 1 or 0)
  if gap > 0 then test.gap = core.percent(gap) end
  test.met = sums.lo >= threshold and (owned.at_least ~= nil or sums.lo > threshold)
  return test
end

local function arithmetic_of(exposure, id)
  local best
  for _, sums in ipairs(exposure.rows:arithmetic(id)) do
    local caught = best and best.because == "none" and sums.because ~= "none"
    if not best or caught or (best.because == sums.because and sums.hi > best.hi) then best = sums end
  end
  return best
end

local function rule_of(exposure, act) return exposure.acts[act].rule.id end

local function bound_of(exposure, id, verdict)
  local bound = exposure.rows:bound(id)
  if not bound then return nil end
  local asked = exposure.acts[bound.act].scope
  local level = verdict == "yes" and bound.low or bound.high
  local out = { level = level, verdict = verdict, liable = bound.liable, asked = asked }
  if not bound.high then
    out.reason = ("no level of %s binds it"):format(rule_of(exposure, bound.act))
  elseif verdict == "no" then
    out.reason = ("bound only at the level \"%s\"; asked was \"%s\""):format(bound.high, asked)
  elseif verdict == "possible" then
    out.reason = "the sources leave open whether it is bound or reached; see the unknowns"
  end
  return out
end

local Why = {}
Why.__index = Why
Why.__tostring = function(self) return require("knockon.report.text").render { why = self } end

local CAUGHT = {
  controlled = "It is controlled by %s.", branch = "It is one legal person with %s.",
  operated = "It is operated by %s.",
}

local function explain_restricted(exposure, why, row)
  why.status, why.verdict, why.restrictions, why.because = "restricted", row.verdict, row.restrictions, row.because
  why.path = exposure.rows:proof(why.id, "restricted")
  if row.because == "target" then
    why.message = "It is itself a target."
  elseif row.because == "owned" then
    why.message = ("Restricted holders have %s of it."):format(amount(row.share))
    local sums = arithmetic_of(exposure, why.id)
    why.test = sums and test_of(exposure, sums)
  else
    why.message = CAUGHT[row.because]:format(row.held_by[1].id)
  end
end

local function explain_parent(exposure, why, row)
  why.status, why.verdict, why.scope, why.restrictions = "parent", row.verdict, row.scope, row.restrictions
  why.users, why.liable = row.users, row.liable
  why.path = exposure.rows:proof(why.id, "parent")
  why.bound = bound_of(exposure, row.users[1], find(exposure:users { ids = { row.users[1] } }, row.users[1]).verdict)
  if row.verdict == "possible" then
    why.message = "Whether it is exposed depends on facts that the sources leave open."
  end
end

local function parents_of(exposure, id)
  local parents = {}
  for _, parent in ipairs(exposure:parents()) do
    for _, user in ipairs(parent.users) do
      if user == id then parents[#parents + 1] = parent.id end
    end
  end
  return parents
end

local function explain_user(exposure, why, row)
  why.verdict, why.scope, why.restrictions, why.suppliers = row.verdict, row.scope, row.restrictions, row.suppliers
  why.path = exposure.rows:proof(why.id, "user")
  why.bound = bound_of(exposure, why.id, row.verdict)
  why.status = row.verdict == "no" and "not_bound" or "user"
  if row.verdict == "no" then why.message = "It uses a restricted supplier, but " .. why.bound.reason .. "." end
  why.parents = parents_of(exposure, why.id)
end

-- Parents that a person or a state owns: "holding (exposed), shop (possibly exposed)"; nil when there are none.
local function owned_parents(exposure, id)
  local parts = {}
  for _, parent in ipairs(exposure:parents()) do
    if contains(parent.owners, id) then
      parts[#parts + 1] = ("%s (%s)"):format(parent.id, parent.verdict == "yes" and "exposed" or "possibly exposed")
    end
  end
  return parts[1] and table.concat(parts, ", ") or nil
end

local function explain_no(exposure, why)
  why.verdict = "no"
  if #exposure.acts == 0 then
    why.status, why.message = "not_in_force", "No restriction is in force on " .. core.day_text(exposure.day) .. "."
    return
  end
  if not exposure.overlay:in_force(why.id) then
    why.status, why.message = "not_in_force", "The entity is not in force on " .. core.day_text(exposure.day) .. "."
    return
  end
  local sums = arithmetic_of(exposure, why.id)
  local test = sums and sums.hi > 0 and test_of(exposure, sums)
  if test then
    why.status, why.test = "below_threshold", test
    why.message = ("Restricted holders have %s of it, which does not meet the test."):format(amount(sums.sum))
  elseif not exposure.overlay:has_relations(why.id) then
    why.status, why.message = "no_data", "The data holds no relation of it on " .. core.day_text(exposure.day) .. "."
  else
    why.status, why.message = "not_reached", "Nothing restricted supplies it, or what it owns or controls by majority."
  end
  local owned = owned_parents(exposure, why.id)
  if owned then why.message = "It is an owner above " .. owned .. "; a person or a state is never a parent itself." end
end

local function explain_unrestricted(exposure, why, only)
  local row = exposure:parents(only)[1]
  local user = exposure:users(only)[1]
  if row and not (user and user.verdict == "yes" and row.verdict ~= "yes") then
    explain_parent(exposure, why, row)
  elseif user then
    explain_user(exposure, why, user)
  else
    row = exposure:concerned(only)[1]
    if row then
      why.status, why.verdict, why.measure, why.restrictions = "concerned", row.verdict, row.measure, row.restrictions
      why.message = ("It depends on what is under the measure \"%s\", which does not prohibit."):format(row.measure)
    else
      explain_no(exposure, why)
    end
  end
  local before = exposure:formerly()
  why.formerly = before and find(before, why.id)
end

-- Always an answer: the proof, or why not.
return function(exposure, id)
  local why = setmetatable({ id = id, name = exposure.net:entity(id).name }, Why)
  local only = { ids = { id } }
  local row = exposure:restricted(only)[1]
  if row then explain_restricted(exposure, why, row) else explain_unrestricted(exposure, why, only) end
  why.unknowns = those(exposure:unknowns(), function(fact) return contains(fact.decides, id) end)
  why.red_flags = those(exposure:red_flags(), function(flag) return flag.id == id end)
  return why
end
