--- A second opinion: the whole evaluation, written for obviousness.
--
-- The engine is fast because it is clever; this file is neither. Sets are tables, fixpoints are repeated passes, every
-- source is followed on its own. It shares no code with the library, so that the two can only agree by both being
-- right (see random_spec.lua).
--
-- Shares are integers in parts per billion. Doubles are exact far beyond any sum met here, so plain Lua numbers do.
-- "low" is the reading that admits only what is certain, "high" the one that admits all that may be.

local facts_of_day = require "spec.support.naive_world"
local naive_home = require "spec.support.naive_home"
local restrict = require "spec.support.naive_restricted"

local naive = { share = facts_of_day.share }

local READINGS = { "low", "high" }
local LADDER = { "entity", "branches", "located", "owned", "facilitation" }
local STRICTNESS = { prohibit = 5, license = 4, mitigate = 3, review = 2, warn = 1 }
local STRENGTH = { yes = 2, possible = 1, no = 0 }

local RUNG = {}
for i, name in ipairs(LADDER) do RUNG[name] = i end

local add_all, sorted_keys, lower = facts_of_day.add_all, facts_of_day.sorted_keys, facts_of_day.lower
local matches, push, climb, rings = facts_of_day.matches, facts_of_day.push, facts_of_day.climb, facts_of_day.rings
local look, is_thing, is_firm = facts_of_day.look, facts_of_day.is_thing, facts_of_day.is_firm
local is_branch, home_status, admits = naive_home.is_branch, naive_home.status, naive_home.admits

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
