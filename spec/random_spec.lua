--- Thousands of small random networks: the library against a naive model, proofs against the facts, and the order of
-- loading against the bytes of the answer.
--
-- KNOCKON_SEEDS=n tries the seeds 1 to n (default 3000); KNOCKON_SEED=n tries that one alone.

local knockon = require "knockon"
local json = require "knockon.json"
local naive = require "spec.support.naive"
local random_network = require "spec.support.random_network"
local random_scenario = require "spec.support.random_scenario"

local FIRST = tonumber(os.getenv("KNOCKON_SEED")) or 1
local LAST = tonumber(os.getenv("KNOCKON_SEED")) or tonumber(os.getenv("KNOCKON_SEEDS")) or 3000
local REPORTED = 3 -- failing seeds to shrink and show before giving up

-- What each list is keyed by and which fields are compared. Scope is null in an answer where nothing binds.
local LISTS = {
  restricted = { "restrictions" },
  users = { "scope", "suppliers", "restrictions" },
  parents = { "scope", "users", "liable", "owners", "restrictions" },
  concerned = { "restrictions" },
}
local LIST_NAMES = { "restricted", "users", "parents", "concerned" }

-- Showing -------------------------------------------------------------------------------------------------------------

local function show(value)
  if type(value) == "string" then return '"' .. value .. '"' end
  if type(value) ~= "table" then return tostring(value) end
  local parts = {}
  if #value > 0 then
    for i, v in ipairs(value) do parts[i] = show(v) end
  else
    local keys = {}
    for k in pairs(value) do keys[#keys + 1] = k end
    table.sort(keys)
    for _, k in ipairs(keys) do
      parts[#parts + 1] = (k == "until" and '["until"]' or tostring(k)) .. " = " .. show(value[k])
    end
  end
  return #parts == 0 and "{}" or "{ " .. table.concat(parts, ", ") .. " }"
end

local function show_case(facts, question)
  local lines = { "entities = {" }
  for _, e in ipairs(facts.entities) do lines[#lines + 1] = "  " .. show(e) .. "," end
  lines[#lines + 1] = "}, relations = {"
  for _, r in ipairs(facts.relations) do lines[#lines + 1] = "  " .. show(r) .. "," end
  lines[#lines + 1] = "}, as_of = " .. show(question.as_of) .. ", drop = " .. show(question.drop)
  for _, act in ipairs(question.acts) do
    local rule = {}
    for _, field in ipairs({ "owned", "control", "captures", "flow", "tiers", "bound" }) do
      rule[#rule + 1] = field .. " = " .. show(act.rule[field])
    end
    lines[#lines + 1] = "rule " .. act.rule.id .. ": " .. table.concat(rule, ", ")
    for _, r in ipairs(act.restrictions) do
      lines[#lines + 1] = "  scope = " .. show(act.scope) .. ", ban " .. show(r)
    end
  end
  return table.concat(lines, "\n")
end

-- Comparing -----------------------------------------------------------------------------------------------------------

local function same(a, b)
  if type(a) == "table" or type(b) == "table" then return show(a) == show(b) end
  return a == b
end

local function plain(value)
  local kind = type(value)
  if kind == "string" or kind == "number" or kind == "table" then return value end
  return nil -- however null is represented
end

-- An answer's percentages as parts per billion.
local function units(percentage)
  local lo, hi = naive.share(percentage)
  return lo == hi and lo or nil
end

-- A reason is right when it is one of those true of the entity: where targets are taken one at a time, or acts unite,
-- there may be several.
local function check_reason(row, expected)
  for _, choice in ipairs(expected.choices) do
    if row.because == choice.because then
      if not choice.share then return nil end
      local lo, hi = choice.share[1], choice.share[2]
      if row.share and units(row.share[1]) == lo and units(row.share[2]) == hi then return nil end
    end
  end
  return ("because %s, share %s; the model has %s"):format(show(row.because), show(row.share), show(expected.choices))
end

-- Every step of a proof must be a relation in force that joins what stands before it to what stands after.
local function check_path(row, world, targets)
  local path = row.path
  if type(path) ~= "table" or #path == 0 then return "no path" end
  if not targets[path[1].id] then return "the path starts at " .. show(path[1].id) .. ", not at a target" end
  if path[#path].id ~= row.id then return "the path ends at " .. show(path[#path].id) end
  for i = 2, #path do
    local before, step = path[i - 1].id, path[i]
    local relation = world.relations[step.relation]
    if not relation then return "step " .. i .. " is not a relation in force: " .. show(step) end
    local joins = (relation.from == before and relation.to == step.id)
      or (relation.to == before and relation.from == step.id)
    if step.kind == "party" then
      joins = relation.kind == "supplies" and relation.to == before and relation.party == step.id
    elseif step.kind ~= relation.kind then
      return "step " .. i .. " misnames its relation: " .. show(step)
    end
    if not joins then return "step " .. i .. " does not join: " .. show(step) end
  end
end

-- The targets a proof may start from, and whether its length can be foretold: where one act mixes measures, the model
-- counts from the nearest target while the proof may prefer one whose own measure prohibits.
local function starts_of(question, world)
  local targets, comparable = {}, true
  for _, act in ipairs(question.acts) do
    for _, r in ipairs(act.restrictions) do
      if (r.measure or "prohibit") ~= (act.restrictions[1].measure or "prohibit") then comparable = false end
      for _, id in ipairs(r.targets) do targets[world.name[id]] = true end
      if #r.targets == 0 then
        for id in pairs(world.entities) do targets[id] = true end
      end
    end
  end
  return targets, comparable
end

-- Where library and model differ: a list of { list = name, text = ... }, empty when they agree.
local function differences(facts, question, tally)
  local found = {}
  local function differ(list, id, format, ...)
    found[#found + 1] = { list = list, text = list .. " " .. tostring(id) .. ": " .. format:format(...) }
  end
  local expected = naive.evaluate(facts, question)
  local fine, exposure = pcall(function() return assert(random_scenario.banned(facts, question):exposure()) end)
  if not fine then
    differ("raised", "", "%s", tostring(exposure))
    return found
  end

  local targets, comparable = starts_of(question, expected.world)
  for _, list in ipairs(LIST_NAMES) do
    local seen, previous = {}, nil
    for _, row in ipairs(exposure[list](exposure)) do
      local key = list == "concerned" and row.id .. "/" .. tostring(row.measure) or row.id
      local model = expected[list][key]
      if seen[key] then differ(list, key, "listed twice") end
      if previous and previous > row.id then differ(list, key, "not sorted by id") end
      seen[key], previous = true, row.id
      if not model then
        differ(list, key, "the library has %s, the model nothing", show(row))
      else
        if row.verdict ~= model.verdict then
          differ(list, key, "verdict %s, the model %s", row.verdict, model.verdict)
        end
        for _, field in ipairs(LISTS[list]) do
          if not same(plain(row[field]), model[field]) then
            differ(list, key, "%s %s, the model %s", field, show(row[field]), show(model[field]))
          end
        end
        if list == "restricted" and row.verdict == model.verdict then
          local wrong = check_reason(row, model)
          if wrong then differ(list, key, "%s", wrong) end
        elseif list == "parents" then
          local wrong = check_path(row, expected.world, targets)
          if not wrong and comparable and row.verdict == model.verdict and #row.path - 1 ~= model.steps then
            wrong = ("%d steps, the model %d"):format(#row.path - 1, model.steps)
          end
          if wrong then differ(list, key, "%s; path %s", wrong, show(row.path)) end
        end
      end
    end
    for key, model in pairs(expected[list]) do
      if not seen[key] then differ(list, key, "the library has nothing, the model %s", show(model)) end
      if tally then tally[list][model.verdict] = tally[list][model.verdict] + 1 end
    end
  end
  table.sort(found, function(a, b) return a.text < b.text end)
  return found
end

-- Shrinking -----------------------------------------------------------------------------------------------------------

local function without(list, index)
  local copy = {}
  for i, item in ipairs(list) do
    if i ~= index then copy[#copy + 1] = item end
  end
  return copy
end

local function with(record, field, value)
  local copy = {}
  for k, v in pairs(record) do copy[k] = v end
  copy[field] = value
  return copy
end

local function replaced(list, index, item)
  local copy = without(list, 0)
  copy[index] = item
  return copy
end

local function is_used(facts, question, id)
  for _, r in ipairs(facts.relations) do
    if r.from == id or r.to == id or r.party == id then return true end
  end
  for _, act in ipairs(question.acts) do
    for _, r in ipairs(act.restrictions) do
      for _, target in ipairs(r.targets) do
        if target == id then return true end
      end
    end
  end
  return false
end

-- Every case one step simpler than this one, handed to `try` until it says that one still fails.
local function simpler(facts, question, try)
  for i, relation in ipairs(facts.relations) do
    local rest = without(facts.relations, i)
    local drop = question.drop
    for j, id in ipairs(drop or {}) do
      if id == relation.id then drop = without(drop, j) end
    end
    if try({ entities = facts.entities, relations = rest }, with(question, "drop", drop)) then return true end
  end
  for i, entity in ipairs(facts.entities) do
    if not is_used(facts, question, entity.id)
      and try({ entities = without(facts.entities, i), relations = facts.relations }, question)
    then
      return true
    end
  end
  if question.drop and try(facts, with(question, "drop", nil)) then return true end
  for i, act in ipairs(question.acts) do
    if #question.acts > 1 and try(facts, with(question, "acts", without(question.acts, i))) then return true end
    for j, restriction in ipairs(act.restrictions) do
      local function change(restrictions)
        return try(facts, with(question, "acts", replaced(question.acts, i, with(act, "restrictions", restrictions))))
      end
      if #act.restrictions > 1 and change(without(act.restrictions, j)) then return true end
      for _, field in ipairs({ "joint", "measure" }) do
        local bare = with(restriction, field, nil)
        if restriction[field] and change(replaced(act.restrictions, j, bare)) then return true end
      end
      for k = 1, #restriction.targets > 1 and #restriction.targets or 0 do
        local fewer = with(with(restriction, "targets", without(restriction.targets, k)), "joint", nil)
        if change(replaced(act.restrictions, j, fewer)) then return true end
      end
    end
  end
  for _, list in ipairs({ "relations", "entities" }) do
    for i, record in ipairs(facts[list]) do
      for _, field in ipairs({ "since", "until", "party", "class", "basis", "by", "located_in", "name" }) do
        if record[field] ~= nil
          and try(with(facts, list, replaced(facts[list], i, with(record, field, nil))), question)
        then
          return true
        end
      end
    end
  end
  return false
end

-- The smallest case found that still differs in the same list.
local function shrink(facts, question, list, budget)
  local function still_fails(f, q)
    budget = budget - 1
    local fine, found = pcall(differences, f, q)
    for _, difference in ipairs(fine and found or {}) do
      if difference.list == list then
        facts, question = f, q
        return true
      end
    end
    return false
  end
  while budget > 0 and simpler(facts, question, still_fails) do end
  return facts, question
end

-- The properties ------------------------------------------------------------------------------------------------------

local function new_tally()
  local tally = {}
  for _, list in ipairs(LIST_NAMES) do tally[list] = { yes = 0, possible = 0, no = 0 } end
  return tally
end

describe("a random network", function()
  local tally, tried_all = new_tally(), true

  it("is read as the naive model reads it", function()
    local reports = {}
    for seed = FIRST, LAST do
      local facts, question = random_network.make(seed)
      local found = differences(facts, question, tally)
      if #found > 0 then
        local small, asked = shrink(facts, question, found[1].list, 2000)
        local lines = { "seed " .. seed .. ", shrunk:" }
        for _, difference in ipairs(differences(small, asked)) do lines[#lines + 1] = "  " .. difference.text end
        lines[#lines + 1] = show_case(small, asked)
        reports[#reports + 1] = table.concat(lines, "\n")
        if #reports == REPORTED then
          tried_all = false
          break
        end
      end
    end
    assert.message(table.concat(reports, "\n\n")).are.equal(0, #reports)
  end)

  it("gives the same bytes in whatever order it was loaded", function()
    for seed = FIRST, LAST, FIRST == LAST and 1 or 5 do
      local facts, question = random_network.make(seed)
      local request = { question = "ban", as_of = question.as_of, bans = {} }
      for _, act in ipairs(question.acts) do
        for _, r in ipairs(act.restrictions) do
          table.insert(request.bans, { targets = r.targets, rule = act.rule, scope = act.scope })
        end
      end
      local function bytes(records)
        return json.encode(assert(knockon.answer(assert(knockon.network(records)), request)))
      end
      local first = bytes(facts)
      for again = 1, 2 do
        local second = bytes(random_network.shuffle(facts, seed * 10 + again))
        assert.message("seed " .. seed .. "\n" .. show_case(facts, question)).are.equal(first, second)
      end
    end
  end)

  it("has chokepoints without which a parent is clear", function()
    local tried = 0
    for seed = FIRST, LAST do
      local facts, question = random_network.make(seed)
      local scenario = random_scenario.banned(facts, question)
      for _, parent in ipairs(scenario:exposure():parents()) do
        for _, point in ipairs(scenario:exposure():chokepoints(parent.id)) do
          if point.kind == "supplies" then -- a supply that ends can make nobody a user
            local left = scenario:drop(point.relation):exposure():parents({ ids = parent.id })[1]
            local clear = not left or (parent.verdict == "yes" and left.verdict == "possible")
            assert.message(("seed %d: %s without %s"):format(seed, parent.id, point.relation)).is_true(clear)
            tried = tried + 1
          end
        end
      end
    end
    assert.is_true(tried > 0 or FIRST == LAST)
  end)

  it("meets every verdict often", function()
    for _, list in ipairs(LIST_NAMES) do
      local t = tally[list]
      io.write(("%-10s %6d yes %6d possible %6d no\n"):format(list, t.yes, t.possible, t.no))
    end
    if not tried_all or LAST - FIRST < 500 then return end
    for _, list in ipairs(LIST_NAMES) do
      assert.is_true(tally[list].yes > 50 and tally[list].possible > 50, list)
    end
    assert.is_true(tally.users.no > 50)
  end)
end)
