-- Cut: the cheapest relations to end so that parents are clear.
--
-- A cut of all paths clears for sure, and igraph finds the cheapest one. It is the cheapest plan altogether where only
-- supplies may be ended and paths are all that counts. Where more counts (shares that add up, who is bound, tiers) it
-- is an upper bound: it is verified by evaluating, made smaller where less is enough, and searched for something
-- cheaper; `optimal` says whether it was proven that there is none.
-- cut_cost.lua says what ending a relation costs, cut_search.lua finds what to end; here that becomes a plan.

local cut_cost = require "knockon.cut_cost"
local errors = require "knockon.errors"
local Search = require "knockon.cut_search"

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
  plan.relations, plan.cost = {}, Search.sum_of(cut)
  for i, step in ipairs(plan.steps) do plan.relations[i] = step.relation end
  local known = {}
  for _, id in ipairs(plan.relations) do known[id] = true end
  for _, id in ipairs(Search.ids_of(cut)) do -- that only a later round met
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
  opts = cut_cost.options(opts)
  cut_cost.check_named(exposure.overlay, opts.cost)
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
