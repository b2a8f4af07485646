-- Who is restricted in the naive model: targets, and what they own, control and operate by the rule (see naive.lua).

local facts_of_day = require "spec.support.naive_world"

local READINGS = { "low", "high" }

local as_list, add_all, sorted_keys = facts_of_day.as_list, facts_of_day.add_all, facts_of_day.sorted_keys
local lower, percent, matches, push = facts_of_day.lower, facts_of_day.percent, facts_of_day.matches, facts_of_day.push

local function targets_of(world, restriction)
  local ids = {}
  local targets = as_list(restriction.targets)
  if #targets > 0 then
    for _, id in ipairs(targets) do ids[world.name[id]] = true end
  else
    for id, e in pairs(world.all) do
      if matches(e, targets) then ids[id] = true end
    end
  end
  return ids
end

-- Which targets are taken together. All of them, or each alone, or each declared group alone; groups that share a
-- member are one.
local function groups_of(world, act, naming)
  local owned = act.rule.owned
  local sum = owned and owned.sum or "all"
  if sum == "all" then
    local group = {}
    for id in pairs(naming) do group[id] = true end
    return { group }
  end
  local group_of = {}
  for id in pairs(naming) do group_of[id] = { [id] = true } end
  if sum == "joint" then
    for _, restriction in ipairs(act.restrictions) do
      for _, declared in ipairs(restriction.joint or {}) do
        local union = {}
        for _, id in ipairs(declared) do
          if group_of[world.name[id]] then add_all(union, group_of[world.name[id]]) end
        end
        for id in pairs(union) do group_of[id] = union end
      end
    end
  end
  local groups, seen = {}, {}
  for _, id in ipairs(sorted_keys(naming)) do
    if not seen[group_of[id]] then
      seen[group_of[id]] = true
      groups[#groups + 1] = group_of[id]
    end
  end
  return groups
end

local function held(world, basis, id, set, reading)
  local sum, holders = 0, {}
  for owner, s in pairs(world.stakes[basis][id] or {}) do
    if set[owner] and s[reading] > 0 then
      sum = sum + s[reading]
      holders[#holders + 1] = owner
    end
  end
  return sum, holders
end

-- The reasons for which `id` is captured by the entities in `set`, each with those that give it:
-- { owned = {...}, basis =, controlled = {...}, branch = {...}, operated = {...} }, or nil. Of two bases that meet the
-- test equity speaks, unless `basis_then` says which one did when the entity was captured.
local function capture(world, act, id, set, reading, basis_then)
  local rule = act.rule
  local reasons = {}
  local function note(reason, by)
    if set[by] then push(reasons, reason, by) end
  end

  local catchable = true
  if rule.captures == "foreign" then
    local status = act.solely(id)
    catchable = status == "NO" or (reading == "high" and status == "OPEN")
  end
  if catchable and rule.owned then
    local bases = { basis_then or rule.owned.of or "equity" }
    if bases[1] == "either" then bases = { "equity", "votes" } end
    for _, basis in ipairs(bases) do
      local sum, holders = held(world, basis, id, set, reading)
      local met
      if rule.owned.at_least then
        met = sum >= percent(rule.owned.at_least)
      else
        met = sum > percent(rule.owned.more_than)
      end
      if met and not reasons.owned then reasons.owned, reasons.basis = holders, basis end
    end
  end
  if catchable and rule.control then
    for _, r in ipairs(world.controllers[id] or {}) do
      local counts = rule.control == true
      if not counts then
        if r.by == nil then counts = reading == "high" end
        for _, by in ipairs(rule.control) do counts = counts or by == r.by end
      end
      if counts then note("controlled", r.from) end
    end
    if rule.control == true then
      for _, parent in ipairs(world.consolidators[id] or {}) do note("controlled", parent) end
    end
  end
  for _, head in ipairs(world.heads[id] or {}) do note("branch", head) end
  for _, branch in ipairs(world.branches[id] or {}) do note("branch", branch) end
  for _, operator in ipairs(world.operators[id] or {}) do note("operated", operator) end
  return next(reasons) and reasons or nil
end

local REASONS = { "owned", "controlled", "branch", "operated" }

-- The least fixpoint of one group of targets in one reading, round by round.
-- Returns id -> { round, because, basis }.
local function cascade(world, act, group, reading)
  local found = {}
  for id in pairs(group) do
    if world.entities[id] then found[id] = { round = 0, because = "target" } end
  end
  local round, grown = 0, true
  while grown do
    round, grown = round + 1, false
    local captured = {}
    for id in pairs(world.entities) do
      local reasons = not found[id] and capture(world, act, id, found, reading)
      if reasons then
        local because
        for _, reason in ipairs(REASONS) do
          because = because or (reasons[reason] and reason)
        end
        captured[id] = { round = round, because = because, basis = because == "owned" and reasons.basis or nil }
        grown = true
      end
    end
    for id, entry in pairs(captured) do found[id] = entry end
  end
  return found
end

-- For each entity found: which restrictions caused it, and the fewest relations from a target to it. Both count every
-- stake (on the basis that met the test), controller, branch and operator restricted in the end, not only in its round.
local function trace(world, act, found, naming, reading)
  local by = {}
  for id, entry in pairs(found) do
    entry.causes = {}
    if entry.because == "target" then
      entry.steps = 0
      add_all(entry.causes, naming[id])
    else
      by[id] = {}
      local reasons = capture(world, act, id, found, reading, entry.basis)
      for _, reason in ipairs(REASONS) do
        for _, other in ipairs(reasons[reason] or {}) do by[id][other] = true end
      end
    end
  end
  local changed = true
  while changed do
    changed = false
    for id, others in pairs(by) do
      local entry = found[id]
      for other in pairs(others) do
        local theirs = found[other]
        for cause in pairs(theirs.causes) do
          if not entry.causes[cause] then
            entry.causes[cause] = true
            changed = true
          end
        end
        if theirs.steps and (entry.steps == nil or theirs.steps + 1 < entry.steps) then
          entry.steps = theirs.steps + 1
          changed = true
        end
      end
    end
  end
end

-- Restricted entities of an act: per reading id -> { causes, steps, choices }. A choice is a true reason with its
-- arithmetic; where each target is taken alone there may be several, and any of them is a right answer.
return function(world, act)
  local naming = {}
  for _, restriction in ipairs(act.restrictions) do
    for id in pairs(targets_of(world, restriction)) do
      naming[id] = naming[id] or {}
      naming[id][restriction.id] = true
    end
  end
  local restricted = { low = {}, high = {} }
  for _, group in ipairs(groups_of(world, act, naming)) do
    local found = {}
    for _, reading in ipairs(READINGS) do
      found[reading] = cascade(world, act, group, reading)
      trace(world, act, found[reading], naming, reading)
    end
    for _, reading in ipairs(READINGS) do
      for id, entry in pairs(found[reading]) do
        local all = restricted[reading][id]
        if not all then
          all = { causes = {}, choices = {} }
          restricted[reading][id] = all
        end
        add_all(all.causes, entry.causes)
        all.steps = lower(all.steps, entry.steps)
        local choice = { because = entry.because }
        if entry.because == "owned" then
          local lo = held(world, entry.basis, id, found.low, "low")
          local hi = held(world, entry.basis, id, found.high, "high")
          choice.share = { lo, hi }
        end
        table.insert(all.choices, choice)
      end
    end
  end
  -- A target is restricted because it is named, whatever else would capture it too.
  for _, reading in ipairs(READINGS) do
    for id, entry in pairs(restricted[reading]) do
      if naming[id] then
        entry.causes, entry.steps, entry.choices = naming[id], 0, { { because = "target" } }
      end
    end
  end
  return restricted
end
