--- Small random networks for checking the engine against a model, the same from a seed on every Lua.
--
-- Everything is drawn from short lists chosen so that the hard cases are common: shares that sum to exactly one half,
-- bands across the threshold, missing countries, dates on the very day, reports that supersede one another, rings,
-- diamonds, and ids whose byte order is not the order of any locale.

local random_network = {}

-- Park and Miller's generator: every product stays below 2^53, so doubles and integers give the same numbers.
local function new_random(seed)
  local state = (seed * 48271 + 11) % 2147483646 + 1
  local function next_number(n)
    state = state * 16807 % 2147483647
    return state % n + 1
  end
  for _ = 1, 8 do next_number(2) end
  local random = {}
  function random.upto(n) return next_number(n) end
  function random.chance(percent) return next_number(100) <= percent end
  function random.pick(list) return list[next_number(#list)] end
  -- A list of { weight, value }; a missing value is nil.
  function random.weighted(choices)
    local total = 0
    for _, c in ipairs(choices) do total = total + c[1] end
    local n = next_number(total)
    for _, c in ipairs(choices) do
      n = n - c[1]
      if n <= 0 then return c[2] end
    end
  end
  function random.shuffle(list)
    for i = #list, 2, -1 do
      local j = next_number(i)
      list[i], list[j] = list[j], list[i]
    end
    return list
  end
  return random
end

local IDS = {
  "a", "B", "b", "c1", "c10", "c2", "Z", "a-1", "a.1", "a_1", "\195\169", "e", "_x", "z", "~", "9", "10", "aa", "A",
  "\228\184\173", "m", "n",
}

local KINDS = {
  { 22, nil }, { 34, "firm" }, { 4, "bank" }, { 9, "branch" }, { 13, "service" }, { 8, "site" }, { 7, "person" },
  { 3, "state" },
}

local COUNTRIES = {
  { 30, "US" }, { 25, "CN" }, { 18, "FR" }, { 22, nil }, { 3, { "US", "CN" } }, { 2, { "CN", "FR" } },
}

local SHARES = {
  { 12, "50%" }, { 9, "25%" }, { 5, "30%" }, { 4, "20%" }, { 6, "51%" }, { 3, "49.99%" }, { 9, "100%" }, { 6, "60%" },
  { 3, "33,4%" }, { 3, 0.5 }, { 2, 0.25 }, { 2, 0.015 }, { 2, 0.141 }, { 2, 0.344 }, { 4, "25-50%" },
  { 5, "(25%,50%]" }, { 5, ">50%" }, { 3, ">=25%" }, { 2, "<10%" }, { 2, "<=10%" }, { 3, "25%..75%" },
  { 2, "[50%,75%)" }, { 1, "0%" }, { 1, "12.34567891%" }, { 12, nil },
}

local AS_OF = { { 70, "2022-06-15" }, { 12, "2022-06-14" }, { 8, "2021-01-01" }, { 10, "2023-07-01" } }
local SINCE = {
  { 66, nil }, { 12, "2020" }, { 6, "2021-03" }, { 6, "2022-06-15" }, { 4, "2022-06-16" }, { 2, "2022-06" },
  { 4, "2023" },
}
local UNTIL = { { 80, nil }, { 4, "2022-06-15" }, { 4, "2022-06-16" }, { 8, "2024" }, { 4, "2021-12-31" } }

local KIND_OF_RELATION = {
  { 36, "owns" }, { 34, "supplies" }, { 8, "controls" }, { 6, "consolidates" }, { 6, "has_branch" }, { 7, "operates" },
  { 3, "linked" },
}

local SCOPES = { "entity", "branches", "located", "owned", "facilitation" }
local MEASURES = { { 78, nil }, { 6, "prohibit" }, { 5, "license" }, { 4, "mitigate" }, { 4, "warn" }, { 3, "review" } }

-- Whole dates only: they compare as text.
local function whole(date)
  return (date .. "-01-01"):sub(1, 10)
end

local function draw_dates(random, record)
  local since, till = random.weighted(SINCE), random.weighted(UNTIL)
  if #(since or "") == 7 and till then till = "2024" end
  if since and till and whole(since) >= whole(till) then till = nil end
  record.since, record["until"] = since, till
end

local function kind_of(entity)
  local kind = entity.kind or "firm"
  if kind == "bank" then kind = "firm" end
  return kind
end

-- Which ends a relation may have; nonsense that a reader might refuse is not drawn.
local function fits(kind, from, to)
  local f, t = kind_of(from), kind_of(to)
  local thing = t == "service" or t == "site"
  local person = t == "person" or t == "state"
  if kind == "supplies" then return f ~= "person" and f ~= "state" and t ~= "state" end
  if kind == "linked" then return true end
  if f == "service" or f == "site" then return false end
  if kind == "operates" then return thing and f ~= "state" end
  if kind == "has_branch" then return (f == "firm" or f == "branch") and (t == "branch" or t == "firm") end
  if kind == "consolidates" then return f == "firm" and not person end
  return not person and (t ~= "site" or kind == "owns")
end

local function draw_entities(random, entities)
  local ids = {}
  for i, id in ipairs(IDS) do ids[i] = id end
  random.shuffle(ids)
  for i = 1, 3 + random.upto(11) do
    local e = { id = ids[i], kind = random.weighted(KINDS), country = random.weighted(COUNTRIES) }
    if random.chance(30) then e.name = "Name of " .. e.id end
    if random.chance(8) then e.located_in = random.chance(50) and "US" or { "FR", "US" } end
    if random.chance(7) then draw_dates(random, e) end
    entities[i] = e
  end
end

local function draw_rule(random, id)
  local rule = { id = id, title = "Random rule " .. id, revision = 1, authority = "spec", source = "spec" }
  rule.owned = false
  if random.chance(85) then
    local threshold = random.weighted({ { 80, "50%" }, { 10, "25%" }, { 10, "75%" } })
    rule.owned = {
      of = random.weighted({ { 60, "equity" }, { 15, "votes" }, { 25, "either" } }),
      sum = random.weighted({ { 55, "all" }, { 25, "each" }, { 20, "joint" } }),
    }
    rule.owned[random.chance(70) and "at_least" or "more_than"] = threshold
  end
  rule.control = random.weighted({ { 45, false }, { 30, true }, { 15, { "board" } }, { 10, { "board", "contract" } } })
  rule.flow = random.weighted({ { 60, "use" }, { 20, "goods" }, { 20, "any" } })
  rule.tiers = random.weighted({ { 65, 1 }, { 25, 2 }, { 10, 3 } })
  rule.captures = "any"
  rule.in_force = { { since = "2014-08-13" } }
  local bound = random.weighted({ { 66, "US" }, { 14, "US or FR" }, { 10, "where" }, { 10, "anyone" } })
  if bound == "where" then
    rule.bound = {
      where = random.pick({
        { country = "US" }, { country = { "FR", "US" } }, { kind = "firm", country = "FR" }, { located_in = "US" },
      }),
    }
  elseif bound == "anyone" then
    rule.bound = { anyone = true }
  else
    rule.bound = { organised_in = bound == "US" and { "US" } or { "US", "FR" }, scope = random.pick(SCOPES) }
    if random.chance(20) then rule.captures = "foreign" end
  end
  return rule
end

local function draw_targets(random, entities, sources)
  if random.chance(8) then
    return random.pick({
      { country = "CN" }, { country = { "CN", "FR" }, kind = "service" }, { kind = "firm", country = "CN" },
    })
  end
  local targets, seen = {}, {}
  for _ = 1, random.weighted({ { 50, 1 }, { 30, 2 }, { 20, 3 } }) do
    local id = random.pick(entities).id
    if #sources > 0 and random.chance(85) then id = random.pick(sources) end
    if not seen[id] then
      seen[id] = true
      targets[#targets + 1] = id
    end
  end
  return targets
end

local function draw_question(random, facts)
  local sources = {}
  for _, r in ipairs(facts.relations) do
    if r.kind == "supplies" or r.kind == "owns" then sources[#sources + 1] = r.from end
  end
  local question = { as_of = random.weighted(AS_OF), acts = {} }
  local count = 0
  for i = 1, random.chance(25) and 2 or 1 do
    local act = { rule = draw_rule(random, "rule_" .. i), restrictions = {} }
    if random.chance(60) then act.scope = random.weighted({
      { 15, "entity" }, { 15, "branches" }, { 15, "located" }, { 30, "owned" }, { 25, "facilitation" },
    }) end
    for _ = 1, random.weighted({ { 70, 1 }, { 20, 2 }, { 10, 3 } }) do
      count = count + 1
      local restriction = { id = "ban-" .. count, targets = draw_targets(random, facts.entities, sources) }
      restriction.measure = random.weighted(MEASURES)
      local ids = restriction.targets
      if #ids > 1 and random.chance(60) then
        restriction.joint = { { ids[1], ids[2] } }
        if ids[3] and random.chance(50) then table.insert(restriction.joint, { ids[2], ids[3] }) end
      end
      table.insert(act.restrictions, restriction)
    end
    table.insert(question.acts, act)
  end
  if #facts.relations > 0 and random.chance(20) then
    question.drop = {}
    local seen = {}
    for _ = 1, random.upto(3) do
      local id = random.pick(facts.relations).id
      if not seen[id] then
        seen[id] = true
        table.insert(question.drop, id)
      end
    end
  end
  return question
end

--- A network and a question about it. The question may also have `drop`, a list of relations to end.
function random_network.make(seed)
  local random = new_random(seed)
  local entities, relations = {}, {}
  local node = {} -- which entity a record stands for, so that doubles do not turn relations into loops
  draw_entities(random, entities)
  local originals = #entities

  local function relate(kind, from, to, fields)
    local r = { id = "", kind = kind, from = from.id, to = to.id }
    for k, v in pairs(fields or {}) do r[k] = v end
    relations[#relations + 1] = r
    return r
  end

  for _, e in ipairs(entities) do node[e.id] = e.id end
  if random.chance(15) then
    for i = 1, random.upto(2) do
      local first = entities[random.upto(originals)]
      first.kind = first.kind or "firm"
      local double = { id = random.pick({ "!", "mm", "zz" }) .. i, kind = first.kind }
      if random.chance(40) then double.country = random.weighted(COUNTRIES) end
      if random.chance(20) then double.located_in = "US" end
      if random.chance(20) then draw_dates(random, double) end
      entities[#entities + 1] = double
      node[double.id] = first.id
      if random.chance(50) then relate("same_as", first, double) else relate("same_as", double, first) end
    end
  end

  local function two(kind)
    for _ = 1, 12 do
      local from, to = random.pick(entities), random.pick(entities)
      if node[from.id] ~= node[to.id] and fits(kind, from, to) then return from, to end
    end
  end

  local function holding(from, to, share)
    local r = relate("owns", from, to, { share = share })
    r.basis = random.weighted({ { 70, nil }, { 12, "equity" }, { 18, "votes" } })
    if random.chance(12) then r.class = random.pick({ "A", "B" }) end
    return r
  end

  for _ = 1, originals + random.upto(originals * 2) do
    local kind = random.weighted(KIND_OF_RELATION)
    local from, to = two(kind)
    if from and kind == "owns" then
      local r = holding(from, to, random.weighted(SHARES))
      draw_dates(random, r)
    elseif from then
      local r = relate(kind, from, to)
      draw_dates(random, r)
      if kind == "controls" then
        r.by = random.weighted({ { 30, "board" }, { 25, "contract" }, { 15, "nominee" }, { 30, nil } })
      end
      if kind == "supplies" and random.chance(30) then
        local party = random.pick(entities)
        local kind_of_party = kind_of(party)
        if kind_of_party ~= "person" and kind_of_party ~= "state" then r.party = party.id end
      end
    end
  end

  -- Shapes that chance alone makes too seldom.
  if random.chance(18) then -- a ring
    local ring = {}
    for _, e in ipairs(entities) do
      if #ring < 3 and kind_of(e) == "firm" then ring[#ring + 1] = e end
    end
    if random.chance(50) then ring[3] = nil end
    for i, e in ipairs(ring) do
      local following = ring[i % #ring + 1]
      if node[e.id] ~= node[following.id] then
        holding(e, following, random.pick({ "50%", "51%", "60%", ">50%", ">=25%" })).basis = nil
      end
    end
  end
  if random.chance(25) then -- a diamond whose two halves make exactly one half
    local firms = {}
    for _, e in ipairs(entities) do
      if kind_of(e) == "firm" and node[e.id] == e.id then firms[#firms + 1] = e end
    end
    if #firms >= 4 then
      random.shuffle(firms)
      relate("owns", firms[1], firms[2], { share = "50%" })
      relate("owns", firms[1], firms[3], { share = random.pick({ "50%", "100%", ">50%", "(25%,50%]" }) })
      relate("owns", firms[2], firms[4], { share = "25%" })
      relate("owns", firms[3], firms[4], { share = random.pick({ "25%", "25%", "25-50%", "24.9999999%" }) })
    end
  end
  if random.chance(35) then -- successive reports of one holding
    for _ = 1, random.upto(3) do
      local owns = {}
      for _, r in ipairs(relations) do
        if r.kind == "owns" then owns[#owns + 1] = r end
      end
      if #owns > 0 then
        local old = random.pick(owns)
        local r = { id = "", kind = "owns", from = old.from, to = old.to, basis = old.basis, class = old.class }
        r.share = random.weighted(SHARES)
        draw_dates(random, r)
        if random.chance(50) then r.since, r["until"] = old.since, nil end
        relations[#relations + 1] = r
      end
    end
  end
  if random.chance(6) then -- a firm that holds its own stock
    local e = random.pick(entities)
    if kind_of(e) == "firm" then relate("owns", e, e, { share = random.pick({ "5%", "50%" }) }) end
  end

  -- Ids last and out of step with the list, so that the order of ids and of loading are different orders.
  local numbers = {}
  for i = 1, #relations do numbers[i] = i end
  random.shuffle(numbers)
  for i, r in ipairs(relations) do r.id = "r" .. numbers[i] end

  local facts = { entities = entities, relations = relations }
  return facts, draw_question(random, facts)
end

--- The same facts, loaded in another order.
function random_network.shuffle(facts, seed)
  local random = new_random(seed)
  local copy = { entities = {}, relations = {} }
  for _, list in ipairs({ "entities", "relations" }) do
    for i, record in ipairs(facts[list]) do copy[list][i] = record end
    random.shuffle(copy[list])
  end
  return copy
end

random_network.random = new_random

return random_network
