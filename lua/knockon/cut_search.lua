-- The search for a cut: ends what leads to the parents that are still exposed until they are clear, makes that smaller,
-- and looks for something cheaper. It evaluates the scenario without the relations each time.

local core = require "knockon.core"
local cut_cost = require "knockon.cut_cost"
local errors = require "knockon.errors"

local ROUNDS = 20       -- of cutting what is left after a cut
local EVALUATIONS = 400 -- spent on making a plan smaller, and as many on looking for a cheaper one; fewer where
local ROWS = 1e6        -- these many rows would be worked out by then

-- ---- evaluating ----

-- A search over scenarios that end more and more relations. It stops with nil, message, code at its limits.
local Search = {}
Search.__index = Search

function Search.new(exposure, wanted, opts)
  local limits = opts.limits
  local count = exposure:count()
  local rows = count.restricted + count.users + count.parents + 1
  return setmetatable({
    exposure = exposure, scenario = exposure.scenario, wanted = wanted, opts = opts, evaluations = 0,
    budget = math.min(EVALUATIONS, math.floor(ROWS / rows)),
    deadline = limits and limits.seconds and core.now() + limits.seconds,
  }, Search)
end

-- What the engine may still take.
function Search:options()
  local opts = { limits = {}, progress = self.opts.progress }
  if self.deadline then opts.limits.seconds = math.max(self.deadline - core.now(), 0) end
  if self.opts.limits then opts.limits.bytes = self.opts.limits.bytes end
  return opts
end

-- The exposure when these relations are ended, and the wanted parents that are still exposed.
function Search:without(ids)
  self.evaluations = self.evaluations + 1
  if self.deadline and core.now() > self.deadline then
    return nil, "stopped at the limit of seconds, while looking for a cut", "limit"
  end
  local exposure, message, code = self.exposure, nil, nil
  if #ids > 0 then
    local within = self.opts.limits and self:options()
      or { limits = self.scenario.limits, progress = self.opts.progress or self.scenario.progress }
    exposure, message, code = self.scenario:bounded(within):drop(ids):exposure()
  end
  if not exposure then return nil, message, code end
  return exposure, exposure:parents(self.wanted and { ids = self.wanted } or nil)
end

-- The relations of a cut { id = cost }, in order.
function Search.ids_of(cut)
  local ids = {}
  for id in pairs(cut) do ids[#ids + 1] = id end
  table.sort(ids, errors.less)
  return ids
end

-- Is everybody clear without these? nil, message, code at a limit.
function Search:clears(cut)
  local exposure, left, code = self:without(Search.ids_of(cut))
  if not exposure then return nil, left, code end
  return #left == 0
end

-- What may be ended of what leads to the parents that are still exposed, with costs.
function Search:price(exposure, left)
  local ids = {}
  for i, parent in ipairs(left) do ids[i] = parent.id end
  local between, message, code = exposure.rows:between(ids, true, self:options())
  if not between then return nil, message, code end
  local listed = {}
  -- to make every parent clear it is no use to end the chain: what it leaves below is a parent itself
  listed.ids, listed.kinds, listed.spends, listed.currencies = between:relations(cut_cost.kinds(self.opts),
    self.wanted == nil)
  local costs, unit = cut_cost.of(between, listed, self.opts, not self.priced)
  self.priced = true
  return { between = between, listed = listed, costs = costs, unit = unit }
end

-- ---- finding ----

-- Cuts what leads to the wanted until they are clear: { id = cost }, or nil when they cannot be, with what is left.
function Search:approach(plan)
  local cut = {}
  for round = 1, ROUNDS do
    local exposure, left, code = self:without(Search.ids_of(cut))
    if not exposure then return nil, left, code end
    if #left == 0 then return cut end
    local priced, message, kind = self:price(exposure, left)
    if not priced then return nil, message, kind end
    if round == 1 then plan.unit, plan.first = priced.unit, priced end
    local whole, exact = cut_cost.whole(priced.costs)
    plan.exact = exact and plan.exact
    local numbers, total, failed = priced.between:cut(whole, self.opts.force, self:options())
    if failed then return nil, total, failed end
    local more = false
    local function add(i)
      local id = priced.listed.ids[i]
      if cut[id] == nil and priced.costs[i] >= 0 then more = true end
      cut[id] = priced.costs[i]
    end
    if numbers then
      for _, i in ipairs(numbers) do add(i) end
    else -- some path has nothing that may be ended; but less than all paths may be enough
      plan.paths = false
      for i, cost in ipairs(priced.costs) do
        if cost >= 0 then add(i) end
      end
    end
    if round > 1 then plan.paths = false end
    if not more then
      plan.left = left
      return nil
    end
  end
  local exposure, left, code = self:without(Search.ids_of(cut))
  if not exposure then return nil, left, code end
  if #left == 0 then return cut end
  plan.left = left
  return nil
end

-- Puts back what need not be ended, the dearest first, several at a time as long as that goes well.
function Search:shrink(cut)
  local order = Search.ids_of(cut)
  table.sort(order, function(a, b)
    if cut[a] ~= cut[b] then return cut[a] > cut[b] end
    return errors.less(a, b)
  end)
  local until_evaluation, shrunk = self.evaluations + self.budget, false
  local function put_back(first, last)
    if first > last or self.evaluations >= until_evaluation then return true end
    local kept = {}
    for i = first, last do kept[order[i]], cut[order[i]] = cut[order[i]], nil end
    local clear, message, code = self:clears(cut)
    if clear then
      shrunk = true
      return true
    end
    for id, cost in pairs(kept) do cut[id] = cost end
    if clear == nil then return nil, message, code end
    if first == last then return true end
    local middle = math.floor((first + last) / 2)
    local fine
    fine, message, code = put_back(first, middle)
    if not fine then return nil, message, code end
    return put_back(middle + 1, last)
  end
  -- all at once was asked before: it is not clear
  local middle = math.floor(#order / 2)
  local fine, message, code = put_back(1, middle)
  if fine then fine, message, code = put_back(middle + 1, #order) end
  if not fine then return nil, message, code end
  return true, shrunk
end

function Search.sum_of(cut)
  local sum = 0
  for _, id in ipairs(Search.ids_of(cut)) do sum = sum + cut[id] end
  return sum
end

-- Supplies of which one must be ended, whatever else is: those on the proof of a parent that is still exposed, and
-- those by which its user may be bound as a party's.
local function needed(exposure, parent, facilitation)
  local ids, seen = {}, {}
  local function add(id)
    if not seen[id] then
      seen[id] = true
      ids[#ids + 1] = id
    end
  end
  local users = {}
  for i, step in ipairs(parent.path) do
    if step.kind == "supplies" then
      add(step.relation)
      users[1] = parent.path[i].id
    end
  end
  if facilitation and users[1] then
    local records, on = exposure.overlay:into(users[1], "supplies")
    for i, record in ipairs(records) do
      if on[i] and record.party then add(record.id) end
    end
  end
  return ids
end

-- Looks for a cheaper plan by ending, of what must not all stay, one after the other; costs by id. Returns the best and
-- whether the search was complete.
function Search:cheaper(best, costs, facilitation)
  local limit, until_evaluation = Search.sum_of(best), self.evaluations + self.budget
  local complete, failure = true, nil
  local function descend(cut, spent, kept)
    if self.evaluations >= until_evaluation then complete = false end
    if not complete or failure then return end
    local exposure, left, code = self:without(Search.ids_of(cut))
    if not exposure then
      failure = { left, code }
      return
    end
    if #left == 0 then
      best, limit = {}, spent
      for id, cost in pairs(cut) do best[id] = cost end
      return
    end
    local candidates, kept_here = needed(exposure, left[1], facilitation), {}
    table.sort(candidates, function(a, b)
      local x, y = costs[a] or -1, costs[b] or -1
      if x ~= y then return x < y end
      return errors.less(a, b)
    end)
    for _, id in ipairs(candidates) do
      local cost = costs[id]
      if cost and cost >= 0 and not kept[id] and spent + cost < limit then
        cut[id] = cost
        descend(cut, spent + cost, kept)
        cut[id] = nil
      end
      if not kept[id] then kept_here[#kept_here + 1] = id end
      kept[id] = true -- in what follows it stays
    end
    for _, id in ipairs(kept_here) do kept[id] = nil end
  end
  descend({}, 0, {})
  if failure then return nil, failure[1], failure[2] end
  return best, complete
end

return Search
