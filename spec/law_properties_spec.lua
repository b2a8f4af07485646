--- What must hold of every shipped rule, whatever the network: it agrees with a naive model, more ownership never frees
-- anyone, a better known share never overturns an answer, and a certain answer holds in every world that the open
-- facts allow.
--
-- KNOCKON_SEEDS=n compares n networks for each rule with the model and tries a few times n for the other properties
-- (default 200); KNOCKON_SEED=n tries that one alone.

local knockon = require "knockon"
local naive = require "spec.support.naive"

local ONLY = tonumber(os.getenv("KNOCKON_SEED"))
local SEEDS = tonumber(os.getenv("KNOCKON_SEEDS")) or 200
local DAY = "2026-11-22"
local WHOLE = 1000000000

local RULES = {}
for i, id in ipairs(knockon.rules()) do RULES[i] = knockon.rule(id) end

local function seeds(times)
  local last = math.max(1, math.floor(SEEDS * times))
  local n = ONLY and ONLY - 1 or 0
  return function()
    n = n + 1
    if n <= (ONLY or last) then return n end
  end
end

-- Drawing -------------------------------------------------------------------------------------------------------------

-- Park and Miller's generator: the same numbers on every Lua.
local function new_random(seed)
  local state = (seed * 69621 + 7) % 2147483646 + 1
  local function upto(n)
    state = state * 16807 % 2147483647
    return state % n + 1
  end
  for _ = 1, 8 do upto(2) end
  local random = { upto = upto }
  function random.chance(percent) return upto(100) <= percent end
  function random.pick(list) return list[upto(#list)] end
  return random
end

local function percent(units)
  return ("%d.%07d%%"):format(math.floor(units / 1e7), units % 1e7)
end

local function interval(lo, hi)
  if lo == hi then return percent(lo) end
  return ("[%s,%s]"):format(percent(lo), percent(hi))
end

local CERTAIN = {
  "50%", "50%", "25%", "25%", "30%", "20%", "10%", "51%", "60%", "100%", "49.9999999%", "50.0000001%", "40%", 0.5,
}
local OPEN = { "25-50%", "(25%,50%]", ">50%", ">=25%", "<10%", "25%..75%", "[50%,75%)", "(50%,75%]", "20-30%", "0-20%" }

local THINGS = { "service", "service", "site" }

-- opts.least, opts.most: entities. opts.density: holdings of each. opts.unknown: of a hundred countries. opts.open: of
-- a hundred other facts are open. opts.dates: some relations begin or end, and holdings have successive reports.
-- opts.supply: there are users to bind. `home` is a country at home under the rule in question.
local function draw(random, home, opts)
  local facts = { entities = {}, relations = {}, targets = {} }
  local ids = { "d", "a", "c", "b", "f", "e", "h", "g" }
  local count = opts.least + random.upto(opts.most - opts.least + 1) - 1
  for i = 1, count do
    local country = random.chance(45) and "AE" or home
    if random.chance(12) then country = { home, "AE" } end
    if random.chance(opts.unknown) then country = nil end
    local kind = random.chance(8) and "person" or opts.supply and random.chance(18) and random.pick(THINGS) or "firm"
    facts.entities[i] = { id = ids[i], kind = kind, country = country }
    if opts.supply and random.chance(30) then
      facts.entities[i].contracts_with = { "US Government", "US Department of Defense" }
      facts.entities[i].agency_of = { "US Government", "US Department of Defense" }
    end
  end
  local function relate(kind, fields, fits, source)
    local from, to = source or random.pick(facts.entities), random.pick(facts.entities)
    if from == to or not fits(from.kind, to.kind) then return end
    local r = { id = "r" .. (#facts.relations + 1), kind = kind, from = from.id, to = to.id }
    for name, value in pairs(fields) do r[name] = value end
    if opts.dates and random.chance(12) then r.since = random.pick { "2019", "2026-11-22", "2026-11-23" } end
    if opts.dates and random.chance(8) then r["until"] = random.pick { "2027", "2026-11-23" } end
    if r.since and r["until"] and r.since >= r["until"]:sub(1, #r.since) then r["until"] = nil end
    if kind == "owns" and not opts.dates then -- one report of each holding
      for _, other in ipairs(facts.relations) do
        if other.kind == "owns" and other.from == r.from and other.to == r.to and other.basis == r.basis then return end
      end
    end
    facts.relations[#facts.relations + 1] = r
    return r
  end
  local function thing(kind) return kind == "service" or kind == "site" end
  local function holds(from, to) return not thing(from) and to == "firm" end
  local function firms(from, to) return from == "firm" and to == "firm" end

  for _ = 1, math.floor(count * opts.density) do
    local share = random.pick(CERTAIN)
    if random.chance(opts.open) then share = random.chance(25) and "none" or random.pick(OPEN) end
    if share == "none" then share = nil end
    relate("owns", { share = share, basis = random.chance(25) and "votes" or nil }, holds)
  end
  for _ = 1, random.upto(3) - 1 do
    local by = random.pick { "board", "contract", "largest_holder" }
    if random.chance(opts.open) then by = nil end
    relate("controls", { by = by }, function(from, to) return not thing(from) and to ~= "person" end)
  end
  if random.chance(opts.open) then relate("consolidates", {}, firms) end
  if random.chance(opts.supply and 35 or 12) then relate("has_branch", {}, firms) end
  if random.chance(40) then relate("operates", {}, function(from, to) return from == "firm" and thing(to) end) end
  for _ = 1, opts.supply and 1 + random.upto(count) or 0 do
    relate("supplies", { party = random.chance(35) and facts.entities[1].id or nil }, function(from, to)
      return from ~= "person" and to ~= "person"
    end, random.chance(50) and facts.entities[random.upto(math.min(3, count))] or nil) -- often a target
  end

  for i = 1, random.upto(3) do facts.targets[i] = facts.entities[math.min(i, count)].id end
  if random.chance(50) and #facts.targets > 1 then facts.joint = { { facts.targets[1], facts.targets[2] } } end
  return facts
end

-- Asking --------------------------------------------------------------------------------------------------------------

local function ban(facts, rule, scope)
  local net = assert(knockon.network { entities = facts.entities, relations = facts.relations })
  return net:scenario({ as_of = DAY, restrictions = "none" })
    :ban(facts.targets, { rule = rule, joint = facts.joint, scope = scope, measure = "prohibit" })
end

local function verdicts(rows)
  local map = setmetatable({}, { __index = function() return "no" end })
  for _, row in ipairs(rows) do map[row.id] = row.verdict end
  return map
end

-- What an exposure says: verdicts by id, and the members of the ring that each parent stands for.
local function said(exposure)
  local answer = { rings = {} }
  for _, list in ipairs { "restricted", "users", "parents" } do answer[list] = verdicts(exposure[list](exposure)) end
  for id in pairs(answer.parents) do answer.rings[id] = { id } end
  for _, warning in ipairs(exposure:warnings()) do
    for _, id in ipairs(warning.code == "ring" and warning.ids or {}) do
      if rawget(answer.parents, id) then answer.rings[id] = warning.ids end
    end
  end
  return answer
end

local function ask(facts, rule, scope) return said(assert(ban(facts, rule, scope):exposure())) end

-- Why `later` overturns a certain answer of `earlier`; nil when it does not. A ring is one parent, whichever member
-- names it.
local function overturned(earlier, later)
  for _, list in ipairs { "restricted", "users" } do
    for id, verdict in pairs(earlier[list]) do
      if verdict == "yes" and later[list][id] ~= "yes" then
        return ("%s %s: yes, then %s"):format(list, id, later[list][id])
      end
    end
    for id, verdict in pairs(later[list]) do
      if verdict == "yes" and earlier[list][id] == "no" then return ("%s %s: no, then yes"):format(list, id) end
    end
  end
  for id, verdict in pairs(earlier.parents) do
    local found = verdict ~= "yes"
    for name, members in pairs(later.rings) do
      for _, member in ipairs(members) do
        found = found or (member == id and later.parents[name] == "yes")
      end
    end
    if not found then return ("parents %s: yes, then %s"):format(id, later.parents[id]) end
  end
  for name, members in pairs(later.rings) do
    local foretold = later.parents[name] ~= "yes"
    for _, member in ipairs(members) do foretold = foretold or earlier.parents[member] ~= "no" end
    if not foretold then return ("parents %s: no, then yes"):format(name) end
  end
end

-- Failing -------------------------------------------------------------------------------------------------------------

local function show(value)
  if type(value) ~= "table" then return type(value) == "string" and '"' .. value .. '"' or tostring(value) end
  local parts, keys = {}, {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(keys) do
    parts[#parts + 1] = (type(key) == "number" and "" or key .. " = ") .. show(value[key])
  end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

local function without(list, index)
  local copy = {}
  for i, item in ipairs(list) do
    if i ~= index then copy[#copy + 1] = item end
  end
  return copy
end

local function with(record, fields)
  local copy = {}
  for name, value in pairs(record) do copy[name] = value end
  for name, value in pairs(fields) do copy[name] = value end
  return copy
end

-- Fewer relations, as long as wrong(facts) still says something.
local function shrink(facts, wrong)
  local again = true
  while again do
    again = false
    for i = #facts.relations, 1, -1 do
      local smaller = with(facts, { relations = without(facts.relations, i) })
      local fine, text = pcall(wrong, smaller)
      if fine and text then facts, again = smaller, true end
    end
  end
  return facts
end

local function hold(seed, rule, scope, facts, wrong)
  local text = wrong(facts)
  if not text then return end
  local small = shrink(facts, wrong)
  error(("seed %d, rule %s, scope %s: %s\n%s"):format(seed, rule.id, tostring(scope), wrong(small), show(small)), 0)
end

local function home_of(rule) return rule.bound.organised_in and rule.bound.organised_in[1] or "US" end

local SCOPES = { "entity", "branches", "located", "owned", "facilitation" }

local function rule_for(seed) return RULES[seed % #RULES + 1] end

-- The properties ------------------------------------------------------------------------------------------------------

describe("every rule's test", function()
  local tally = {}

  -- Whether something restricted holds or controls the entity, so that its `no` was decided by the test.
  local function held(facts, map, id)
    for _, r in ipairs(facts.relations) do
      if r.to == id and r.kind ~= "supplies" and map[r.from] ~= "no" then return true end
    end
    return false
  end

  it("agrees with the naive model on random networks", function()
    for seed in seeds(1) do
      for i, rule in ipairs(RULES) do
        local facts = draw(new_random(seed * 32 + i), home_of(rule),
          { least = 4, most = 8, density = 1.8, open = 30, unknown = 10, dates = true })
        local answer
        hold(seed, rule, nil, facts, function(given)
          answer = verdicts(ban(given, rule):exposure():restricted())
          local expected = naive.evaluate(given, { as_of = DAY, acts = { { rule = rule, restrictions = {
            { id = "ban", targets = given.targets, joint = given.joint } } } } }).restricted
          for _, entity in ipairs(given.entities) do
            local model = expected[entity.id] and expected[entity.id].verdict or "no"
            if answer[entity.id] ~= model then
              return ("%s is %s, the model says %s"):format(entity.id, answer[entity.id], model)
            end
          end
        end)
        local t = tally[rule.id] or { yes = 0, possible = 0, no = 0 }
        tally[rule.id] = t
        local named = {}
        for _, id in ipairs(facts.targets) do named[id] = true end
        for _, entity in ipairs(facts.entities) do
          local verdict = answer[entity.id]
          if not named[entity.id] and (verdict ~= "no" or held(facts, answer, entity.id)) then
            t[verdict] = t[verdict] + 1
          end
        end
      end
    end
  end)

  it("meets every verdict often", function()
    for _, rule in ipairs(RULES) do
      local t = tally[rule.id]
      io.write(("%-20s %6d yes %6d possible %6d no\n"):format(rule.id, t.yes, t.possible, t.no))
      if rule.owned and not ONLY and SEEDS >= 100 then
        for verdict, times in pairs(t) do assert.message(rule.id .. " " .. verdict).is_true(times >= SEEDS / 5) end
      end
    end
  end)
end)

describe("a holding between a new pair", function()
  it("never turns a restricted yes into no", function()
    local kept = 0
    for seed in seeds(4) do
      local rule, random = rule_for(seed), new_random(seed * 32 + 20)
      local facts = draw(random, home_of(rule), { least = 4, most = 8, density = 1.6, open = 25, unknown = 8 })
      local added = { kind = "owns", from = random.pick(facts.entities).id, to = random.pick(facts.entities).id,
        share = random.pick(random.chance(50) and CERTAIN or OPEN), basis = random.chance(30) and "votes" or nil }
      local new = rule.owned and added.from ~= added.to
      for _, r in ipairs(facts.relations) do
        if r.kind == "owns" and r.from == added.from and r.to == added.to then new = false end
      end
      if new then
        hold(seed, rule, nil, facts, function(given)
          local before = ban(given, rule)
          local after = verdicts(before:add(added):exposure():restricted())
          for id, verdict in pairs(verdicts(before:exposure():restricted())) do
            kept = kept + (verdict == "yes" and 1 or 0)
            if verdict == "yes" and after[id] ~= "yes" then
              return ("%s: yes, then %s with %s"):format(id, after[id], show(added))
            end
          end
        end)
      end
    end
    if not ONLY then assert.is_true(kept > SEEDS) end
  end)
end)

-- The open facts of a network and what each may turn out to be: a list of choices, each a function of the facts.
local function open_facts(facts, rule)
  local open, home = {}, home_of(rule)
  local function choices(list, index, records)
    local choice = {}
    for i, fields in ipairs(records) do
      choice[i] = function(world) world[list][index] = with(world[list][index], fields) end
    end
    open[#open + 1] = choice
  end
  for i, r in ipairs(facts.relations) do
    local lo, hi = naive.share(r.share)
    if r.kind == "owns" and lo < hi then
      local records, seen = {}, {}
      for _, units in ipairs { lo, hi, WHOLE / 2 - 1, WHOLE / 2, WHOLE / 2 + 1 } do
        if lo <= units and units <= hi and not seen[units] then
          seen[units] = true
          records[#records + 1] = { share = percent(units) }
        end
      end
      choices("relations", i, records)
    elseif r.kind == "controls" and r.by == nil and type(rule.control) == "table" then
      choices("relations", i, { { by = rule.control[1] }, { by = "something else" } })
    elseif r.kind == "consolidates" then
      local known = false
      for _, other in ipairs(facts.relations) do
        known = known or (other.kind == "owns" and other.from == r.from and other.to == r.to)
      end
      local choice, half = {}, WHOLE / 2
      for k, pair in ipairs { { 0, 0 }, { half - 1, WHOLE }, { half, half }, { half + 1, 0 }, { WHOLE, WHOLE } } do
        choice[k] = function(world)
          for n, basis in ipairs { "equity", "votes" } do
            table.insert(world.relations, { id = r.id .. basis, kind = "owns", from = r.from, to = r.to, basis = basis,
              share = percent(pair[n]) })
          end
        end
      end
      if not known then open[#open + 1] = choice end
    end
  end
  for i, entity in ipairs(facts.entities) do
    if entity.country == nil then
      choices("entities", i, { { country = home }, { country = "AE" }, { country = { home, "AE" } } })
    end
  end
  return open
end

describe("a better known share", function()
  it("never turns yes into no or no into yes", function()
    local narrowed = 0
    for seed in seeds(5) do
      local rule, random = rule_for(seed), new_random(seed * 32 + 21)
      local facts = draw(random, home_of(rule),
        { least = 4, most = 7, density = 1.6, open = 45, unknown = 8, dates = random.chance(30), supply = true })
      local scope = random.pick(SCOPES)
      local wide = {}
      for _, r in ipairs(facts.relations) do
        local lo, hi = naive.share(r.share)
        if r.kind == "owns" and lo < hi then wide[#wide + 1] = r.id end
      end
      if #wide > 0 then
        local chosen, one, two = random.pick(wide), random.upto(5), random.upto(5)
        hold(seed, rule, scope, facts, function(given)
          local narrow = with(given, { relations = {} })
          for i, r in ipairs(given.relations) do
            narrow.relations[i] = r
            if r.id == chosen then
              local lo, hi = naive.share(r.share)
              local points = { lo, math.floor((lo + hi) / 2), hi, math.min(hi, math.max(lo, WHOLE / 2)),
                math.min(hi, math.max(lo, WHOLE / 2 - 1)) }
              local a, b = points[one], points[two]
              narrow.relations[i] = with(r, { share = interval(math.min(a, b), math.max(a, b)) })
            end
          end
          narrowed = narrowed + 1
          return overturned(ask(given, rule, scope), ask(narrow, rule, scope))
        end)
      end
    end
    if not ONLY then assert.is_true(narrowed > SEEDS) end
  end)
end)

describe("a certain answer", function()
  local function exposed(user, relations, scope)
    relations[#relations + 1] = { kind = "supplies", from = "cloud", to = "user", party = user.party }
    user.party = nil
    local exposure = assert(knockon.network {
      entities = { { id = "cloud", country = "CN" }, { id = "party", country = "US" }, { id = "us", country = "US" },
        { id = "head", country = "AE" }, user }, relations = relations,
    }):scenario({ as_of = DAY }):ban("cloud", { rule = "icts", scope = scope }):exposure()
    return verdicts(exposure:users()), verdicts(exposure:parents())
  end

  it("about the party of a contract does not hang on how the user is bound", function()
    local seen = {}
    for _, share in ipairs { "open", "60%", "10%" } do
      local _, parents = exposed({ id = "user", country = "AE", party = "party" },
        { { kind = "owns", from = "us", to = "user", share = share ~= "open" and share or nil } }, "facilitation")
      seen[share] = parents.party
    end
    assert.are.same({ open = "yes", ["60%"] = "yes", ["10%"] = "yes" }, seen)
  end)

  it("about a branch whose own country is not known is none", function()
    local users = exposed({ id = "user" }, { { kind = "has_branch", from = "head", to = "user" } }, "located")
    assert.are.equal("possible", users.user)
    users = exposed({ id = "user", country = "US" }, { { kind = "has_branch", from = "head", to = "user" } }, "located")
    assert.are.equal("yes", users.user)
  end)

  local MOST = 90 -- worlds of one network

  it("holds in every world that the open facts allow", function()
    local worlds, certain = 0, { restricted = 0, users = 0, parents = 0 }
    for seed in seeds(3) do
      local rule, random = rule_for(seed), new_random(seed * 32 + 22)
      local facts = draw(random, home_of(rule),
        { least = 3, most = 6, density = 1.2, open = 30, unknown = 12, supply = true })
      local scope = random.pick(SCOPES)
      local total = 1
      for _, choice in ipairs(open_facts(facts, rule)) do total = total * #choice end
      if total > 1 and total <= MOST then
        hold(seed, rule, scope, facts, function(given)
          local answer, open = ask(given, rule, scope), open_facts(given, rule)
          for list in pairs(certain) do
            for _, verdict in pairs(answer[list]) do
              certain[list] = certain[list] + (verdict == "yes" and 1 or 0)
            end
          end
          local counter = {}
          for i = 1, #open do counter[i] = 1 end
          while true do
            local world = with(given, { entities = without(given.entities), relations = without(given.relations) })
            for i, choice in ipairs(open) do choice[counter[i]](world) end
            worlds = worlds + 1
            local known = ask(world, rule, scope)
            local wrong = overturned(answer, known)
            if wrong then return wrong .. " in the world " .. show(world) end
            for _, list in ipairs { "restricted", "users", "parents" } do
              for id, verdict in pairs(known[list]) do
                if verdict == "possible" then
                  return ("%s %s is still possible in the world %s"):format(list, id, show(world))
                end
              end
            end
            local i = 1
            while i <= #open and counter[i] == #open[i] do
              counter[i], i = 1, i + 1
            end
            if i > #open then break end
            counter[i] = counter[i] + 1
          end
        end)
      end
    end
    io.write(("%d worlds; certain in all of their networks: %d restricted, %d users, %d parents\n"):format(worlds,
      certain.restricted, certain.users, certain.parents))
    if not ONLY and SEEDS >= 100 then
      for list, times in pairs(certain) do assert.message(list).is_true(times > SEEDS / 4) end
    end
  end)
end)
