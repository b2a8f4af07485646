-- Cut: the cheapest relations to end so that parents are clear.
--
-- A cut of all paths clears for sure, and igraph finds the cheapest one. It is the cheapest plan altogether where only
-- supplies may be ended and paths are all that counts. Where more counts (shares that add up, who is bound, tiers) it
-- is an upper bound: it is verified by evaluating, made smaller where less is enough, and searched for something
-- cheaper; `optimal` says whether it was proven that there is none.

local budget = require "knockon.budget"
local core = require "knockon.core"
local errors = require "knockon.errors"

local OPTIONS = { "cost", "divest", "force", "limits", "progress", "rates" }

local SUPPLIES = { supplies = true }
local HOLDINGS = { supplies = true, owns = true, controls = true, consolidates = true }
local EVERY = { supplies = true, owns = true, controls = true, consolidates = true, has_branch = true, operates = true }

local ROUNDS = 20       -- of cutting what is left after a cut
local EVALUATIONS = 400 -- spent on making a plan smaller, and as many on looking for a cheaper one; fewer where
local ROWS = 1e6        -- these many rows would be worked out by then
local WHOLE = 2 ^ 53    -- up to here whole numbers are exact

-- ---- what it costs ----

-- A decimal text as a number, whatever the locale of the host; nil for anything else.
local function decimal(text)
  local sign, whole, fraction = text:match "^(%-?)(%d+)%.?(%d*)$"
  if not whole then return nil end
  local value = tonumber(whole) + (fraction ~= "" and tonumber(fraction) / 10 ^ #fraction or 0)
  return sign == "-" and -value or value
end

local function check_cost(value, what)
  if type(value) == "string" then value = decimal(value) or value end
  if type(value) ~= "number" or value ~= value or value < 0 or value == math.huge then
    errors.raise("argument", "cost", ("the cost of %s is %s; it must be a number, 0 or more"):format(what,
      tostring(value)))
  end
  return value
end

local function check_rates(rates)
  if rates == nil then return nil end
  if type(rates) ~= "table" or next(rates) == nil then
    errors.raise("argument", "rates", "rates must say what one unit of each currency is worth: { USD = 1, EUR = 1.1 }")
  end
  for currency, rate in pairs(rates) do
    if type(rate) ~= "number" or rate ~= rate or rate <= 0 or rate == math.huge then
      errors.raise("argument", "rates", ("the rate of %s must be a number above 0"):format(tostring(currency)))
    end
  end
  return rates
end

-- The spend of each relation, in one unit of account: that of all of them, or converted by the rates.
local function spend_costs(listed, rates)
  local units, costs = {}, {}
  for i, spend in ipairs(listed.spends) do
    if spend and listed.kinds[i] == "supplies" then units[listed.currencies[i] or ""] = true end
  end
  local names = {}
  for name in pairs(units) do names[#names + 1] = name == "" and "no currency" or name end
  table.sort(names, errors.less)
  if #names > 1 and not rates then
    errors.raise("argument", "rates", ("spend is in %s, and nothing is converted by itself: say rates, as in "
      .. "{ USD = 1, EUR = 1.1 }, or a cost, as in cost = 1 for the fewest relations"):format(
      table.concat(names, ", ")))
  end
  for i, spend in ipairs(listed.spends) do
    local unit = listed.currencies[i] or ""
    if spend and rates and not rates[unit] and listed.kinds[i] == "supplies" then
      errors.raise("argument", "rates", ("there is no rate for %s"):format(unit))
    end
    costs[i] = listed.kinds[i] == "supplies" and (spend and decimal(spend) * (rates and rates[unit] or 1) or 1) or 1
    if costs[i] < 0 then costs[i] = 0 end -- a credit: to end it costs nothing
  end
  return costs, #names == 1 and not rates and names[1] ~= "no currency" and names[1] or nil
end

-- Costs by number in the list, negative for what cannot be ended; and the currency they are in, if any. first: this is
-- all that might be ended; later rounds see the rest of it.
local function costs_of(between, listed, opts, first)
  local cost, kind, costs = opts.cost, type(opts.cost), {}
  local function usual(i) return listed.kinds[i] == "supplies" or (opts.divest and HOLDINGS[listed.kinds[i]]) end
  local function given(i, value)
    if value == nil or value == false then return -1 end
    return check_cost(value, listed.ids[i])
  end
  if cost == nil or kind == "table" then
    local own = {}
    for i, id in ipairs(listed.ids) do
      if kind == "table" then own[i] = cost[id] end
      if kind == "table" and own[i] == nil then own[i] = cost[listed.kinds[i]] end
    end
    local rest = { kinds = listed.kinds, currencies = listed.currencies, spends = {} }
    for i, spend in ipairs(listed.spends) do rest.spends[i] = own[i] == nil and usual(i) and spend or false end
    local spent, unit = spend_costs(rest, opts.rates)
    for i in ipairs(listed.ids) do
      if own[i] ~= nil then costs[i] = given(i, own[i]) else costs[i] = usual(i) and spent[i] or -1 end
    end
    return costs, next(own) == nil and unit or nil
  end
  local asked, said = 0, false
  for i in ipairs(listed.ids) do
    if not usual(i) then costs[i] = -1
    elseif kind == "number" then costs[i] = cost
    elseif kind == "string" then
      local value = between:record(i)[cost]
      asked, said = asked + 1, said or value ~= nil
      costs[i] = given(i, value)
    else costs[i] = given(i, cost(between:record(i))) end
  end
  -- a name that is wrong must not pass for "it is not possible"
  if first and asked > 0 and not said then
    errors.raise("argument", "cost", ("none of the %d relations that might be ended has the field %q"):format(asked,
      cost))
  end
  return costs
end

local function check_options(opts)
  opts = errors.options(opts, OPTIONS)
  budget.check(opts)
  check_rates(opts.rates)
  local kind = type(opts.cost)
  if kind == "number" then check_cost(opts.cost, "a relation")
  elseif kind == "table" then
    for name, value in pairs(opts.cost) do
      if value ~= false then check_cost(value, tostring(name)) end
    end
  elseif kind ~= "nil" and kind ~= "string" and kind ~= "function" then
    errors.raise("argument", "cost", "cost must be a number, the name of a field, a table by relation or kind, or a "
      .. "function of a relation, not a " .. kind)
  end
  return opts
end

-- Ids and kinds that a table of costs names must be there.
local function check_named(self, cost)
  if type(cost) ~= "table" then return end
  local names = {}
  for name in pairs(cost) do
    if not EVERY[name] then names[#names + 1] = name end
  end
  if #names == 0 then return end
  for _, name in ipairs(names) do
    if type(name) ~= "string" then
      errors.raise("argument", "cost", "a table of costs is by relation id or by kind, not by " .. tostring(name))
    end
  end
  table.sort(names, errors.less)
  for i, record in ipairs((self.overlay:records(names))) do
    if not record then
      errors.raise("unknown_id", "cost", ("no relation has the id %q, and it is no kind that can be ended"):format(
        names[i]), errors.nearest(names[i], { "consolidates", "controls", "has_branch", "operates", "owns",
        "supplies" }))
    end
  end
end

-- The fewest decimals in which all costs are whole numbers, as far as their sum stays exact. exact: none was rounded.
local function scaled(costs)
  local decimals, sum = 0, 0
  for _, cost in ipairs(costs) do
    if cost > 0 then
      sum = sum + cost
      local fraction = ("%.9f"):format(cost):match "[^%d](%d-)0*$"
      decimals = math.max(decimals, #fraction)
    end
  end
  while decimals > 0 and sum * 10 ^ decimals >= WHOLE do decimals = decimals - 1 end
  local unit = 10 ^ decimals
  while sum * unit >= WHOLE do unit = unit / 10 end
  local whole, exact = {}, true
  for i, cost in ipairs(costs) do
    whole[i] = cost < 0 and -1 or math.floor(cost * unit + 0.5)
    exact = exact and (cost < 0 or math.abs(whole[i] / unit - cost) <= cost * 1e-12)
  end
  return whole, exact
end

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

local function ids_of(cut)
  local ids = {}
  for id in pairs(cut) do ids[#ids + 1] = id end
  table.sort(ids, errors.less)
  return ids
end

-- Is everybody clear without these? nil, message, code at a limit.
function Search:clears(cut)
  local exposure, left, code = self:without(ids_of(cut))
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
  local kinds = type(self.opts.cost) == "table" and EVERY or self.opts.divest and HOLDINGS or SUPPLIES
  -- to make every parent clear it is no use to end the chain: what it leaves below is a parent itself
  listed.ids, listed.kinds, listed.spends, listed.currencies = between:relations(kinds, self.wanted == nil)
  local costs, unit = costs_of(between, listed, self.opts, not self.priced)
  self.priced = true
  return { between = between, listed = listed, costs = costs, unit = unit }
end

-- ---- finding ----

-- Cuts what leads to the wanted until they are clear: { id = cost }, or nil when they cannot be, with what is left.
function Search:approach(plan)
  local cut = {}
  for round = 1, ROUNDS do
    local exposure, left, code = self:without(ids_of(cut))
    if not exposure then return nil, left, code end
    if #left == 0 then return cut end
    local priced, message, kind = self:price(exposure, left)
    if not priced then return nil, message, kind end
    if round == 1 then plan.unit, plan.first = priced.unit, priced end
    local whole, exact = scaled(priced.costs)
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
  local exposure, left, code = self:without(ids_of(cut))
  if not exposure then return nil, left, code end
  if #left == 0 then return cut end
  plan.left = left
  return nil
end

-- Puts back what need not be ended, the dearest first, several at a time as long as that goes well.
function Search:shrink(cut)
  local order = ids_of(cut)
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

local function sum_of(cut)
  local sum = 0
  for _, id in ipairs(ids_of(cut)) do sum = sum + cut[id] end
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
  local limit, until_evaluation = sum_of(best), self.evaluations + self.budget
  local complete, failure = true, nil
  local function descend(cut, spent, kept)
    if self.evaluations >= until_evaluation then complete = false end
    if not complete or failure then return end
    local exposure, left, code = self:without(ids_of(cut))
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

-- ---- the plan ----

local Plan = {}
Plan.__index = Plan
Plan.__tostring = function(self) return require("knockon.report.text").render { cut = self } end

-- The parents that need the same relations to end: { parents, ids, cost of what has not ended, how many have not }.
local function groups_of(ids, carried, cut)
  local needs, parents = {}, {}
  for n, list in ipairs(carried) do
    for _, parent in ipairs(list) do
      if not needs[parent] then
        needs[parent] = {}
        parents[#parents + 1] = parent
      end
      needs[parent][#needs[parent] + 1] = ids[n]
    end
  end
  table.sort(parents, errors.less)
  local groups, by_key = {}, {}
  for _, parent in ipairs(parents) do
    local key = table.concat(needs[parent], "\0")
    local group = by_key[key]
    if not group then
      group = { parents = {}, ids = needs[parent], cost = 0, missing = #needs[parent], number = #groups + 1 }
      for _, id in ipairs(group.ids) do group.cost = group.cost + cut[id] end
      by_key[key], groups[#groups + 1] = group, group
    end
    group.parents[#group.parents + 1] = parent
  end
  return groups
end

-- A heap of groups by what each of their parents costs; one that has become cheaper is put in again.
local function put(heap, group)
  local item = { each = group.cost / #group.parents, group = group }
  local at = #heap + 1
  while at > 1 do
    local up = math.floor(at / 2)
    local above = heap[up]
    if above.each < item.each or (above.each == item.each and above.group.number <= group.number) then break end
    heap[at], at = above, up
  end
  heap[at] = item
end

local function take(heap)
  local top, last = heap[1], table.remove(heap)
  local size, at = #heap, 1
  if size == 0 then return top end
  while true do
    local child = 2 * at
    if child > size then break end
    local function before(x, y)
      return x.each < y.each or (x.each == y.each and x.group.number < y.group.number)
    end
    if child < size and before(heap[child + 1], heap[child]) then child = child + 1 end
    if not before(heap[child], last) then break end
    heap[at], at = heap[child], child
  end
  heap[at] = last
  return top
end

-- The order that clears most for its cost: again and again the parents that are cheapest to clear from here.
local function steps_of(plan, priced, cut)
  local numbers, ids, records = {}, {}, {}
  for i, id in ipairs(priced.listed.ids) do
    if cut[id] then
      numbers[#numbers + 1] = i
      ids[#ids + 1] = id
      records[id] = priced.between:record(i)
    end
  end
  local groups, of_id, heap, done = groups_of(ids, priced.between:carries(numbers), cut), {}, {}, {}
  for _, group in ipairs(groups) do
    for _, id in ipairs(group.ids) do
      of_id[id] = of_id[id] or {}
      table.insert(of_id[id], group)
    end
    put(heap, group)
  end
  local steps = {}
  local function finish(id)
    local record, step = records[id], { relation = id, cost = cut[id], clears = {} }
    step.kind, step.from, step.to = record.kind, record.from, record.to
    steps[#steps + 1], done[id] = step, true
    for _, group in ipairs(of_id[id] or {}) do
      group.missing, group.cost = group.missing - 1, group.cost - cut[id]
      if group.missing == 0 then
        for _, parent in ipairs(group.parents) do step.clears[#step.clears + 1] = parent end
      else
        put(heap, group)
      end
    end
    table.sort(step.clears, errors.less)
  end
  local function cheaper_first(a, b)
    if cut[a] ~= cut[b] then return cut[a] < cut[b] end
    return errors.less(a, b)
  end
  while #heap > 0 do
    local group, left = take(heap).group, {}
    for _, id in ipairs(group.missing > 0 and group.ids or {}) do
      if not done[id] then left[#left + 1] = id end
    end
    table.sort(left, cheaper_first)
    for _, id in ipairs(left) do finish(id) end
  end
  table.sort(ids, errors.less)
  for _, id in ipairs(ids) do
    if not done[id] then finish(id) end -- no path needs it by itself
  end
  plan.steps = steps
end

local function finished(plan, cut)
  plan.relations, plan.cost = {}, sum_of(cut)
  for i, step in ipairs(plan.steps) do plan.relations[i] = step.relation end
  local known = {}
  for _, id in ipairs(plan.relations) do known[id] = true end
  for _, id in ipairs(ids_of(cut)) do -- that only a later round met
    if not known[id] then
      plan.relations[#plan.relations + 1] = id
      plan.steps[#plan.steps + 1] = { relation = id, cost = cut[id], clears = {} }
    end
  end
  local numbers = {}
  for i, id in ipairs(plan.first and plan.first.listed.ids or {}) do
    if cut[id] then numbers[#numbers + 1] = i end
  end
  plan.spend = plan.first and plan.first.between:spend(numbers) or {}
  plan.first, plan.left, plan.paths, plan.exact = nil, nil, nil, nil
  return plan
end

local function wanted_of(self, parents)
  if parents == nil or parents == "all" then return nil end
  if type(parents) == "string" then parents = { parents } end
  if type(parents) ~= "table" or #parents == 0 then
    errors.raise("argument", "parents", "cut wants a parent's id, a list of ids, or \"all\"")
  end
  local ids, seen = {}, {}
  for _, id in ipairs(parents) do
    id = self.net:same(id, "parents")
    if not seen[id] then
      seen[id] = true
      ids[#ids + 1] = id
    end
  end
  table.sort(ids, errors.less)
  local exposed = {}
  for _, row in ipairs(self:parents { ids = ids }) do exposed[row.id] = true end
  for _, row in ipairs(self:users { ids = ids }) do
    if not exposed[row.id] and row.verdict ~= "no" then
      errors.raise("argument", "parents",
        ("%s is a user, not a parent; ask for the parents above it, or for \"all\""):format(row.id))
    end
  end
  return ids
end

return function(exposure, parents, opts)
  opts = check_options(opts)
  check_named(exposure, opts.cost)
  local wanted = wanted_of(exposure, parents)
  local plan = setmetatable({
    parents = wanted or {}, possible = true, optimal = true, verified = true, exact = true, paths = true, steps = {},
  }, Plan)
  for i, row in ipairs(wanted and {} or exposure:parents()) do plan.parents[i] = row.id end
  local search = Search.new(exposure, wanted, opts)
  local cut, message, code = search:approach(plan)
  if not cut and message then return nil, message, code end
  if not cut then
    plan.possible, plan.optimal, plan.verified, plan.left_exposed = false, false, false, {}
    for i, row in ipairs(plan.left) do plan.left_exposed[i] = row.id end
    plan.path = plan.left[1].path
    return finished(plan, {})
  end
  local shape = plan.first and plan.first.between:shape()
  -- Are paths all that counts? Then the cheapest cut of them is the cheapest plan.
  local supplies_only = true
  for i, cost in ipairs(plan.first and plan.first.costs or {}) do
    supplies_only = supplies_only and (cost < 0 or plan.first.listed.kinds[i] == "supplies")
  end
  local exact = not shape or (plan.exact and plan.paths and supplies_only and shape.acts <= 1 and not shape.by_tier
    and not shape.facilitation)
  plan.optimal = exact
  if not exact then
    local fine
    fine, message, code = search:shrink(cut)
    if not fine then return nil, message, code end
    local costs = {}
    for i, id in ipairs(plan.first.listed.ids) do costs[id] = plan.first.costs[i] end
    if supplies_only and (shape.direct or not shape.facilitation) then
      local best, complete, failed = search:cheaper(cut, costs, shape.facilitation)
      if not best then return nil, complete, failed end
      cut, plan.optimal = best, complete and plan.exact
    end
  end
  if plan.first then steps_of(plan, plan.first, cut) end
  return finished(plan, cut)
end
