-- Exposure: what evaluating a scenario yields. Rows come from the engine on demand; here they get their messages, and
-- `why` puts verdict, proof and arithmetic together.

local core = require "knockon.core"
local errors = require "knockon.errors"
local restriction = require "knockon.restriction"
local rule = require "knockon.rule"

local exposure = {}

local Exposure = {}
Exposure.__index = Exposure

function exposure.new(scenario, overlay, rows, restrictions, acts, warnings)
  return setmetatable({
    net = scenario.net, day = scenario.day, overlay = overlay, rows = rows, active = restrictions, acts = acts,
    notes = warnings,
  }, Exposure)
end

local function check_alive(self)
  if not self.net:live() then errors.raise("closed", nil, "the network of this exposure is closed") end
end

function Exposure:restricted(filter) return self.rows:restricted(filter) end

function Exposure:users(filter) return self.rows:users(filter) end

function Exposure:parents(filter) return self.rows:parents(filter) end

function Exposure:concerned(filter) return self.rows:concerned(filter) end

function Exposure:linked() return self.rows:linked() end

function Exposure:count() return self.rows:count() end

local MESSAGES = {
  overlap = "%s: two reports of one holding begin on the same day; their hull counts",
  ring = "%s: these firms hold each other by majority; the first stands for the ring",
  self_supporting = "%s: these firms would hold each other up, but nothing restricted does; they are not restricted",
  above_whole = "%s: its holders' shares sum above 100 %%; they are not scaled",
}

function Exposure:warnings()
  local list = {}
  for _, note in ipairs(self.notes) do list[#list + 1] = note end
  for _, warning in ipairs(self.rows:warnings()) do
    list[#list + 1] = {
      code = warning.code, ids = warning.ids, message = MESSAGES[warning.code]:format(table.concat(warning.ids, ", ")),
    }
  end
  table.sort(list, function(a, b)
    if a.code ~= b.code then return errors.less(a.code, b.code) end
    return errors.less(a.message, b.message)
  end)
  return list
end

-- Missing facts, those that decide most first: { fact, relation | id, from, to, share, decides = ids, message }.
function Exposure:unknowns()
  local list, by_key = {}, {}
  for _, one in ipairs(self.rows:unknowns()) do
    local key = one.fact .. "\0" .. (one.relation or one.id)
    local fact = by_key[key]
    if not fact then
      fact = {
        fact = one.fact, relation = one.relation, id = one.id, from = one.from, to = one.to, share = one.share,
        decides = {},
      }
      if one.fact == "country" then
        fact.message = "the country of " .. one.id
      elseif one.fact == "control" then
        fact.message = ("how %s controls %s"):format(one.from, one.to)
      else
        fact.message = ("the share of %s in %s"):format(one.from, one.to)
      end
      by_key[key] = fact
      list[#list + 1] = fact
    end
    fact.decides[#fact.decides + 1] = one.decides
  end
  -- what decides a user decides the parents that stand on it
  local possible = self:parents { verdict = "possible" }
  for _, fact in ipairs(list) do
    local decided = {}
    for _, id in ipairs(fact.decides) do decided[id] = true end
    for _, parent in ipairs(possible) do
      for _, user in ipairs(parent.users) do
        if decided[user] and not decided[parent.id] then
          decided[parent.id] = true
          fact.decides[#fact.decides + 1] = parent.id
        end
      end
    end
    table.sort(fact.decides, errors.less)
  end
  table.sort(list, function(a, b)
    if #a.decides ~= #b.decides then return #a.decides > #b.decides end
    return errors.less(a.fact .. (a.relation or a.id), b.fact .. (b.relation or b.id))
  end)
  return list
end

-- Ids in order, or the predicate as it was given.
local function targets_of(targets)
  local copy = restriction.own(targets, "targets")
  table.sort(copy, errors.less)
  return copy
end

function Exposure:restrictions()
  check_alive(self)
  local list = {}
  for i, one in ipairs(self.active) do
    list[i] = {
      id = one.id, title = one.title, hypothetical = one.hypothetical or false, rule = one.rule.id,
      measure = one.measure, scope = one.scope, targets = targets_of(one.targets), status = one.status,
    }
  end
  return list
end

function Exposure:run()
  local run = {
    version = require("knockon").version, as_of = core.day_text(self.day), data = self.net:sources(), rules = {},
  }
  for i, act in ipairs(self.acts) do
    run.rules[act.rule.id] = rule.digest(act.rule)
    run.scope = (i == 1 or run.scope == act.scope) and act.scope or nil
  end
  return run
end

-- What every path from the restriction to a parent passes: entities { id } and relations { relation, kind, from, to },
-- from the restriction on. nil when the id is no exposed parent; nil, message, code when a limit was met.
function Exposure:chokepoints(id, opts)
  opts = opts or {}
  if type(opts) ~= "table" then errors.raise("argument", "opts", "opts must be a table, not a " .. type(opts)) end
  return self.rows:chokepoints(id, opts.force, opts)
end

-- ---- why ----

local function find(rows, id)
  for _, row in ipairs(rows) do
    if row.id == id then return row end
  end
  return nil
end

-- The ownership test of an act, with the stakes that restricted holders have in the entity.
local function test_of(self, sums)
  local owned = self.acts[sums.act].rule.owned
  if not owned then return nil end
  local text = owned.at_least or owned.more_than
  local threshold = core.share(text)
  local test = {
    at_least = owned.at_least, more_than = owned.more_than, of = sums.basis, sum = sums.sum, stakes = sums.stakes,
  }
  local gap = threshold - sums.lo + (owned.more_than and 1 or 0)
  if gap > 0 then test.gap = core.percent(gap) end
  test.met = sums.lo >= threshold and (owned.at_least ~= nil or sums.lo > threshold)
  return test
end

local function arithmetic_of(self, id)
  local best
  for _, sums in ipairs(self.rows:arithmetic(id)) do
    local caught = best and best.because == "none" and sums.because ~= "none"
    if not best or caught or (best.because == sums.because and sums.hi > best.hi) then best = sums end
  end
  return best
end

local function rule_of(self, act) return self.acts[act].rule.id end

local function bound_of(self, id, verdict)
  local bound = self.rows:bound(id)
  if not bound then return nil end
  local asked = self.acts[bound.act].scope
  local level = verdict == "yes" and bound.low or bound.high
  local out = { level = level, verdict = verdict, liable = bound.liable, asked = asked }
  if not bound.high then
    out.reason = ("no level of %s binds it"):format(rule_of(self, bound.act))
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

local function explain_restricted(self, why, row)
  why.status, why.verdict, why.restrictions, why.because = "restricted", row.verdict, row.restrictions, row.because
  why.path = self.rows:proof(why.id, "restricted")
  if row.because == "target" then
    why.message = "It is itself a target."
  elseif row.because == "owned" then
    why.message = ("Restricted holders have %s of it."):format(
      row.share[1] == row.share[2] and row.share[1] or "between " .. row.share[1] .. " and " .. row.share[2])
    local sums = arithmetic_of(self, why.id)
    why.test = sums and test_of(self, sums)
  else
    why.message = CAUGHT[row.because]:format(row.held_by[1].id)
  end
end

local function explain_parent(self, why, row)
  why.status, why.verdict, why.scope, why.restrictions = "parent", row.verdict, row.scope, row.restrictions
  why.users, why.liable = row.users, row.liable
  why.path = self.rows:proof(why.id, "parent")
  why.bound = bound_of(self, row.users[1], find(self:users { ids = { row.users[1] } }, row.users[1]).verdict)
  if row.verdict == "possible" then
    why.message = "Whether it is exposed depends on facts that the sources leave open."
  end
end

local function parents_of(self, id)
  local parents = {}
  for _, parent in ipairs(self:parents()) do
    for _, user in ipairs(parent.users) do
      if user == id then parents[#parents + 1] = parent.id end
    end
  end
  return parents
end

local function explain_user(self, why, row)
  why.verdict, why.scope, why.restrictions, why.suppliers = row.verdict, row.scope, row.restrictions, row.suppliers
  why.path = self.rows:proof(why.id, "user")
  why.bound = bound_of(self, why.id, row.verdict)
  why.status = row.verdict == "no" and "not_bound" or "user"
  if row.verdict == "no" then why.message = "It uses a restricted supplier, but " .. why.bound.reason .. "." end
  why.parents = parents_of(self, why.id)
end

local function explain_no(self, why)
  why.verdict = "no"
  if #self.acts == 0 then
    why.status, why.message = "not_in_force", "No restriction is in force on " .. core.day_text(self.day) .. "."
    return
  end
  if not self.overlay:in_force(why.id) then
    why.status, why.message = "not_in_force", "The entity is not in force on " .. core.day_text(self.day) .. "."
    return
  end
  local sums = arithmetic_of(self, why.id)
  local test = sums and sums.hi > 0 and test_of(self, sums)
  if test then
    why.status, why.test = "below_threshold", test
    why.message = ("Restricted holders have %s of it, which does not meet the test."):format(
      sums.sum[1] == sums.sum[2] and sums.sum[1] or "between " .. sums.sum[1] .. " and " .. sums.sum[2])
  elseif not self.overlay:has_relations(why.id) then
    why.status, why.message = "no_data", "The data holds no relation of it on " .. core.day_text(self.day) .. "."
  else
    why.status, why.message = "not_reached", "Nothing restricted supplies it, or what it owns or controls by majority."
  end
end

-- Always an answer: the proof, or why not.
function Exposure:why(id)
  if type(id) ~= "string" then errors.raise("argument", "id", "why wants an id (text), not a " .. type(id)) end
  id = self.net:same(id)
  local why = setmetatable({ id = id, name = self.net:entity(id).name }, Why)
  local only = { ids = { id } }
  local row = self:restricted(only)[1]
  if row then
    explain_restricted(self, why, row)
    return why
  end
  row = self:parents(only)[1]
  local user = self:users(only)[1]
  if row and not (user and user.verdict == "yes" and row.verdict ~= "yes") then
    explain_parent(self, why, row)
  elseif user then
    explain_user(self, why, user)
  else
    row = self:concerned(only)[1]
    if row then
      why.status, why.verdict, why.measure, why.restrictions = "concerned", row.verdict, row.measure, row.restrictions
      why.message = ("It depends on what is under the measure \"%s\", which does not prohibit."):format(row.measure)
    else
      explain_no(self, why)
    end
  end
  return why
end

return exposure
