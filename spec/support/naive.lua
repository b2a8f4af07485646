--- A second opinion: the whole evaluation, written for obviousness.
--
-- The engine is fast because it is clever; this file is neither. Sets are tables, fixpoints are repeated passes, every
-- source is followed on its own. It shares no code with the library, so that the two can only agree by both being
-- right (see random_spec.lua).
--
-- Shares are integers in parts per billion. Doubles are exact far beyond any sum met here, so plain Lua numbers do.
-- "low" is the reading that admits only what is certain, "high" the one that admits all that may be.

local facts_of_day = require "spec.support.naive_world"

local naive = { share = facts_of_day.share }

local READINGS = { "low", "high" }
local LADDER = { "entity", "branches", "located", "owned", "facilitation" }
local STRICTNESS = { prohibit = 5, license = 4, mitigate = 3, review = 2, warn = 1 }
local STRENGTH = { yes = 2, possible = 1, no = 0 }

local RUNG = {}
for i, name in ipairs(LADDER) do RUNG[name] = i end

local as_list, add_all, sorted_keys = facts_of_day.as_list, facts_of_day.add_all, facts_of_day.sorted_keys
local lower, percent, matches, push = facts_of_day.lower, facts_of_day.percent, facts_of_day.matches, facts_of_day.push
local look, climb, rings = facts_of_day.look, facts_of_day.climb, facts_of_day.rings
local is_thing, is_firm = facts_of_day.is_thing, facts_of_day.is_firm

-- Home status ---------------------------------------------------------------------------------------------------------

local function is_branch(world, id)
  return world.all[id].kind == "branch" or world.heads[id] ~= nil
end

-- Whether an entity is organised in one of `home`: "YES", "NO", or "OPEN" where the sources do not say. A branch is
-- organised where its head offices are; one whose head office is not known, or only a ring of branches, is open.
-- solely: of several countries all must be home.
local function home_status(world, home, id, solely)
  local function country_status(e)
    if e.country == nil then return "OPEN" end
    if solely then
      for _, country in ipairs(as_list(e.country)) do
        if not matches({ country = country }, { country = home }) then return "NO" end
      end
      return "YES"
    end
    return matches(e, { country = home }) and "YES" or "NO"
  end
  if not is_branch(world, id) then return country_status(world.all[id]) end

  local function lineage(start)
    local seen, todo = { [start] = true }, { start }
    while #todo > 0 do
      local x = table.remove(todo)
      for _, head in ipairs(world.heads[x] or {}) do
        if not seen[head] then
          seen[head] = true
          todo[#todo + 1] = head
        end
      end
    end
    return seen
  end
  local open = false
  for x in pairs(lineage(id)) do
    if is_branch(world, x) then
      local rooted = false
      for y in pairs(lineage(x)) do
        if not is_branch(world, y) then rooted = true end
      end
      open = open or not rooted
    else
      local status = country_status(world.all[x])
      if status == "YES" then return "YES" end
      open = open or status == "OPEN"
    end
  end
  return open and "OPEN" or "NO"
end

-- A status as each reading takes it.
local function admits(status, reading)
  return status == "YES" or (reading == "high" and status == "OPEN")
end

-- Restricted ----------------------------------------------------------------------------------------------------------

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
local function restrict(world, act)
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

-- Flow ----------------------------------------------------------------------------------------------------------------

-- Steps the harm can take out of each entity: x -> list of { to, supply relation or nil }.
local function flow_steps(world, rule, reading)
  local out = {}
  for _, r in ipairs(world.supplies) do push(out, r.from, { to = r.to, supply = r }) end
  if rule.flow == "any" then
    for _, h in ipairs(world.holdings) do
      local weight = reading == "low" and h.lo or h.hi
      if weight > 0 and h.from ~= h.to then push(out, h.to, { to = h.from }) end
    end
    for _, kind in ipairs({ "controls", "consolidates" }) do
      for _, r in ipairs(world[kind]) do push(out, r.to, { to = r.from }) end
    end
    for _, kind in ipairs({ "has_branch", "operates" }) do
      for _, r in ipairs(world[kind]) do
        push(out, r.to, { to = r.from })
        push(out, r.from, { to = r.to })
      end
    end
  end
  return out
end

-- Whom the sources reach: id -> { causes, suppliers, steps, parties = { party -> steps } }. Each source is followed on
-- its own, breadth first, so a limit of tiers counts from that source.
local function spread(world, rule, sources, restricted, reading)
  local limit = math.huge
  if (rule.flow or "use") == "use" then limit = rule.tiers or 1 end
  local out = flow_steps(world, rule, reading)
  local reached = {}
  for source in pairs(sources) do
    local origin = restricted[source]
    local depth = { [source] = 0 }
    local frontier, tier = { source }, 0
    while #frontier > 0 and tier < limit do
      tier = tier + 1
      local following = {}
      for _, x in ipairs(frontier) do
        for _, step in ipairs(out[x] or {}) do
          local u = reached[step.to]
          if not u then
            u = { causes = {}, suppliers = {}, parties = {} }
            reached[step.to] = u
          end
          add_all(u.causes, origin.causes)
          u.steps = lower(u.steps, origin.steps + tier)
          if step.supply then
            u.suppliers[x] = true
            local party = step.supply.party
            if party and world.entities[party] then
              u.parties[party] = lower(u.parties[party], origin.steps + tier + 1)
            end
          end
          if depth[step.to] == nil then
            depth[step.to] = tier
            following[#following + 1] = step.to
          end
        end
      end
      frontier = following
    end
  end
  return reached
end

-- Bound ---------------------------------------------------------------------------------------------------------------

-- The lowest rung that binds a user in one reading, with the liable where someone else answers for it.
local function bind(world, act, id, user, reading)
  local bound = act.rule.bound
  if bound.anyone then return RUNG.entity, {} end

  local subjects = { id }
  if is_thing(world.all[id]) and world.operators[id] then subjects = world.operators[id] end
  if bound.where then
    for _, s in ipairs(subjects) do
      if matches(world.all[s], bound.where) then return RUNG.entity, {} end
    end
    return nil, {}
  end

  local home = bound.organised_in
  local level
  for _, s in ipairs(subjects) do
    local e = world.all[s]
    if admits(act.status(s), reading) then
      level = lower(level, is_branch(world, s) and RUNG.branches or RUNG.entity)
    end
    local located = matches(e, { located_in = home })
      or (is_branch(world, s) and matches(e, { country = home }))
    for _, operated in ipairs(world.operated[s] or {}) do
      local site = world.all[operated]
      if site.kind == "site" then
        located = located or matches(site, { country = home }) or (reading == "high" and site.country == nil)
      end
    end
    located = located or (reading == "high" and is_branch(world, s) and e.country == nil)
    if located then level = lower(level, RUNG.located) end
  end
  if level then return level, {} end

  local nearest, liable = math.huge, {}
  for x, links in pairs(climb(world, id, reading, true)) do
    if links > 0 and is_firm(world.all[x]) and admits(act.status(x), reading) then
      if links < nearest then nearest, liable = links, {} end
      if links == nearest then liable[x] = true end
    end
  end
  if next(liable) then return RUNG.owned, liable end

  for party in pairs(user.parties) do
    if admits(act.status(party), reading) then liable[party] = true end
  end
  if next(liable) then return RUNG.facilitation, liable end
  return nil, {}
end

-- Rows ----------------------------------------------------------------------------------------------------------------

-- Keep the strongest verdict of several; of equal ones unite the sets and take the lowest rung and the fewest steps.
local function unite(rows, id, row)
  local have = rows[id]
  if not have or STRENGTH[row.verdict] > STRENGTH[have.verdict] then
    rows[id] = row
    return
  end
  if STRENGTH[row.verdict] < STRENGTH[have.verdict] then return end
  for field, value in pairs(row) do
    if field == "rung" or field == "steps" then
      have[field] = lower(have[field], value)
    elseif field == "choices" then
      for _, choice in ipairs(value) do table.insert(have.choices, choice) end
    elseif type(value) == "table" then
      add_all(have[field], value)
    end
  end
end

local function copy_set(set)
  local copy = {}
  add_all(copy, set)
  return copy
end

-- The users of one act under one measure, both readings, as rows with what attribution needs.
local function users_of(world, act, restricted, measure)
  local function strictest(causes)
    local best
    for cause in pairs(causes) do
      local m = act.measure[cause]
      if not best or STRICTNESS[m] > STRICTNESS[best] then best = m end
    end
    return best
  end
  -- Certain under one measure and perhaps under a stricter one: it may still be the former, so high keeps it.
  local sources = { low = {}, high = {} }
  for id, entry in pairs(restricted.low) do
    if strictest(entry.causes) == measure then sources.low[id], sources.high[id] = true, true end
  end
  for id, entry in pairs(restricted.high) do
    if strictest(entry.causes) == measure then sources.high[id] = true end
  end

  local users = { low = {}, high = {} }
  for _, reading in ipairs(READINGS) do
    local barred = reading == "low" and restricted.high or restricted.low
    for id, user in pairs(spread(world, act.rule, sources[reading], restricted[reading], reading)) do
      if not barred[id] then
        users[reading][id] = user
        user.rung, user.liable = bind(world, act, id, user, reading)
        user.bound = user.rung ~= nil and user.rung <= act.rung
        user.facilitators = {} -- exposed beside the user, however that is bound
        if act.rule.bound.organised_in and act.rung == RUNG.facilitation then
          for party in pairs(user.parties) do
            if admits(act.status(party), reading) then user.facilitators[party] = true end
          end
        end
      end
    end
  end

  local rows = {}
  for id, high in pairs(users.high) do
    local low = users.low[id]
    local verdict, user, rung = "no", low or high, high.rung
    if low and low.bound then
      verdict, user, rung = "yes", low, low.rung
    elseif high.bound then
      verdict, user = "possible", high
    end
    rows[id] = {
      verdict = verdict, rung = rung, suppliers = copy_set(user.suppliers), restrictions = copy_set(user.causes),
    }
  end
  return users, rows
end

-- The ultimate parents to which the bound users of one act are attributed.
local function parents_of(world, users)
  local component, members, entered = rings(world)
  local rows = {}
  for _, reading in ipairs(READINGS) do
    -- Surely a parent when nothing may be above it; perhaps one when nothing is above it for certain.
    local under = entered[reading == "low" and "high" or "low"]
    local verdict = reading == "low" and "yes" or "possible"
    for id, user in pairs(users[reading]) do
      if user.bound then
        local starts = { { id = id, steps = user.steps, is_user = true, rung = user.rung, liable = user.liable } }
        for party in pairs(user.facilitators) do
          starts[#starts + 1] = {
            id = party, steps = user.parties[party], is_user = false, rung = RUNG.facilitation,
            liable = { [party] = true },
          }
        end
        for _, start in ipairs(starts) do
          local up = climb(world, start.id, reading, start.is_user)
          for x in pairs(up) do
            local top = component[x]
            if top and not under[top] then
              local owners = {}
              for _, member in ipairs(members[top]) do add_all(owners, world.owners[member] or {}) end
              unite(rows, top, {
                verdict = verdict, rung = start.rung, users = { [id] = true }, liable = copy_set(start.liable),
                owners = owners, restrictions = copy_set(user.causes), steps = start.steps + up[top],
              })
            end
          end
        end
      end
    end
  end
  return rows
end

-- Evaluation ----------------------------------------------------------------------------------------------------------

local function finish(rows, sets)
  for _, row in pairs(rows) do
    row.scope, row.rung = LADDER[row.rung], nil
    for _, field in ipairs(sets) do row[field] = sorted_keys(row[field]) end
  end
  return rows
end

--- Evaluate the facts under the acts of a question.
--
-- facts: `entities` and `relations` as in the native format, every relation with an id.
-- question: `as_of` (a full date), `acts` = list of { rule, scope, restrictions = list of { id, measure, targets,
-- joint } }, and optionally `drop`, a list of relations to end.
--
-- Returns tables keyed by id: restricted, users, parents (rows as in an answer; a parent also has `steps`, the fewest
-- relations from a target to it) and concerned, keyed by id .. "/" .. measure. A restricted row lists in `choices`
-- every reason that is true of it; the first of them is its `because` and `share`.
-- `world` is what was true on the day, for checking proofs: `relations` in force by id, `name` of every record.
function naive.evaluate(facts, question)
  local world = look(facts, question)
  local answer = { restricted = {}, users = {}, parents = {}, concerned = {}, world = world }

  for _, given in ipairs(question.acts) do
    local known = {}
    local act = {
      rule = given.rule,
      restrictions = given.restrictions,
      rung = RUNG[given.scope or given.rule.bound.scope or "entity"],
      measure = {},
      status = function(id)
        known[id] = known[id] or home_status(world, given.rule.bound.organised_in, id)
        return known[id]
      end,
      solely = function(id) return home_status(world, given.rule.bound.organised_in, id, true) end,
    }
    local measures = {}
    for _, restriction in ipairs(given.restrictions) do
      act.measure[restriction.id] = restriction.measure or "prohibit"
      measures[restriction.measure or "prohibit"] = true
    end

    local restricted = restrict(world, act)
    for id, high in pairs(restricted.high) do
      local low = restricted.low[id]
      local choices = {}
      for _, choice in ipairs((low or high).choices) do choices[#choices + 1] = choice end
      unite(answer.restricted, id, {
        verdict = low and "yes" or "possible", restrictions = copy_set((low or high).causes), choices = choices,
      })
    end

    for measure in pairs(measures) do
      local users, rows = users_of(world, act, restricted, measure)
      local parents = parents_of(world, users)
      if measure == "prohibit" then
        for id, row in pairs(rows) do unite(answer.users, id, row) end
        for id, row in pairs(parents) do unite(answer.parents, id, row) end
      else
        for _, list in ipairs({ rows, parents }) do
          for id, row in pairs(list) do
            if row.verdict ~= "no" then
              local key = id .. "/" .. measure
              unite(answer.concerned, key, { verdict = row.verdict, restrictions = row.restrictions })
            end
          end
        end
      end
    end
  end

  for _, row in pairs(answer.restricted) do
    for i, choice in ipairs(row.choices) do
      if choice.because == "target" then table.insert(row.choices, 1, table.remove(row.choices, i)) end
    end
    row.because, row.share = row.choices[1].because, row.choices[1].share
    row.restrictions = sorted_keys(row.restrictions)
  end
  finish(answer.users, { "suppliers", "restrictions" })
  finish(answer.parents, { "users", "liable", "owners", "restrictions" })
  finish(answer.concerned, { "restrictions" })
  return answer
end

return naive
