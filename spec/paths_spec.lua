-- The best proofs: every path of small networks found by walking them all, in order, and none that is not there.
local knockon = require "knockon"
local raised = require "spec.support.raised"

-- "r1 r2" of a path.
local function relations_of(path)
  local ids = {}
  for _, step in ipairs(path) do ids[#ids + 1] = step.relation end
  return table.concat(ids, " ")
end

local function on(facts) return assert(knockon.network(facts)):scenario { as_of = "2022", restrictions = "none" } end

local function rule(fields)
  fields.id, fields.bound = fields.id or "r", fields.bound or { anyone = true }
  return fields
end

local DIAMOND = {
  entities = { { id = "t" }, { id = "a" }, { id = "b" }, { id = "c" }, { id = "p" } },
  relations = {
    { id = "1", kind = "supplies", from = "t", to = "a", reliance = "low" },
    { id = "2", kind = "supplies", from = "t", to = "b", reliance = "full" },
    { id = "3", kind = "supplies", from = "a", to = "b", reliance = "full" },
    { id = "4", kind = "owns", from = "p", to = "a", share = "90%" },
    { id = "5", kind = "owns", from = "c", to = "b", share = "60%" },
    { id = "6", kind = "owns", from = "p", to = "c", share = "70%" },
    { id = "7", kind = "owns", from = "p", to = "a", share = "60%", basis = "votes" },
  },
}

describe("paths", function()
  local exposure = on(DIAMOND):ban("t", { rule = rule { flow = "goods" } }):exposure()

  it("are listed with the fewest steps first", function()
    local found = exposure:paths "p"
    local out = {}
    for i, path in ipairs(found.paths) do out[i] = path.steps .. ": " .. relations_of(path.path) end
    assert.are.same({ "2: 1 4", "3: 2 5 6", "4: 1 3 5 6" }, out)
    assert.are.same({ false, 3, "p", "steps" }, { found.truncated, found.total, found.id, found.weight })
    assert.are.same({ "t", "a", "p" }, { found.paths[1].path[1].id, found.paths[1].path[2].id,
      found.paths[1].path[3].id })
  end)

  it("are listed with the strongest first: least share, then least reliance", function()
    local out = {}
    for i, path in ipairs(exposure:paths("p", { weight = "strongest" }).paths) do
      out[i] = ("%s %s: %s"):format(path.share, path.reliance, relations_of(path.path))
    end
    assert.are.same({ "90% low: 1 4", "60% full: 2 5 6", "60% low: 1 3 5 6" }, out)
  end)

  it("say when there are more, and how many", function()
    local found = exposure:paths("p", { k = 2 })
    assert.are.same({ 2, true, 3 }, { #found.paths, found.truncated, found.total })
    assert.truthy(tostring(found):find "2 of 3")
    assert.is_false(exposure:paths("p", { k = 3 }).truncated)
  end)

  it("lead to users and restricted entities too", function()
    assert.are.same({ "1 3", "2" }, (function(found)
      local out = {}
      for i, path in ipairs(found.paths) do out[i] = relations_of(path.path) end
      table.sort(out)
      return out
    end)(exposure:paths "b"))
    assert.are.equal("", relations_of(exposure:paths("t").paths[1].path))
    assert.is_nil((on(DIAMOND):exposure():paths "p"))
  end)

  it("stay within the tiers of the rule, and in one act", function()
    local two = on(DIAMOND):ban("t", { rule = rule { flow = "use", tiers = 1 } }):exposure()
    assert.are.equal(2, #two:paths("p").paths)
    local facts = {
      entities = { { id = "t" }, { id = "a" }, { id = "b" }, { id = "c" }, { id = "d" } },
      relations = { { id = "1", kind = "supplies", from = "t", to = "a" }, { id = "2", kind = "supplies", from = "a",
        to = "b" }, { id = "3", kind = "supplies", from = "b", to = "c" }, { id = "4", kind = "supplies", from = "t",
        to = "b" }, { id = "5", kind = "supplies", from = "c", to = "d" } },
    }
    local function count(tiers)
      return #on(facts):ban("t", { rule = rule { tiers = tiers } }):exposure():paths("c").paths
    end
    assert.are.same({ 1, 2, 2 }, { count(2), count(3), count(4) })
    local acts = on(facts):ban("t", { rule = rule { id = "x", tiers = 2 } }):ban("a", { rule = rule { id = "y" } })
    assert.are.same({ "4", "2", "1 2" }, (function(found)
      local out = {}
      for i, path in ipairs(found.paths) do out[i] = relations_of(path.path) end
      table.sort(out, function(a, b) return #a == #b and a > b or #a < #b end)
      return out
    end)(acts:exposure():paths "b"))
  end)

  it("go to a party by the contract that it signs", function()
    local facts = {
      entities = { { id = "t" }, { id = "u", country = "DE" }, { id = "p", country = "US" },
        { id = "q", country = "US" } },
      relations = { { id = "1", kind = "supplies", from = "t", to = "u", party = "p" },
        { id = "2", kind = "supplies", from = "t", to = "u", party = "q" },
        { id = "3", kind = "supplies", from = "t", to = "u" } },
    }
    local exposed = on(facts):ban("t", { rule = "icts", scope = "facilitation" }):exposure()
    local found = exposed:paths "p"
    assert.are.same({ 1, "1 1", "party" }, { #found.paths, relations_of(found.paths[1].path),
      found.paths[1].path[3].kind })
    assert.are.equal(3, #exposed:paths("u").paths)
  end)

  it("raise by name", function()
    assert.are.equal("id", raised(exposure.paths, exposure, "nobody").argument)
    assert.are.equal("id", raised(exposure.paths, exposure).argument)
    for _, k in ipairs { 0, -1, 1.5, 0 / 0, "3", 1e9 } do
      assert.are.equal("k", raised(exposure.paths, exposure, "p", { k = k }).argument)
    end
    assert.are.equal("weight", raised(exposure.paths, exposure, "p", { weight = "light" }).argument)
    assert.are.equal("colour", raised(exposure.paths, exposure, "p", { colour = 1 }).argument)
  end)

  it("stop at their limits", function()
    local none, _, code = exposure:paths("p", { limits = { bytes = 100 } })
    assert.are.same({ "nil", "limit" }, { tostring(none), code })
  end)
end)

-- ---- against walking every path ----

local SEEDS = tonumber(os.getenv "KNOCKON_SEEDS") or 400

local function random(seed)
  local state = seed * 2 + 1
  return function(n)
    for _ = 1, 3 do state = (state * 16807) % 2147483647 end
    return state % n + 1
  end
end

local function make(seed)
  local pick = random(seed)
  local n = 4 + pick(4)
  local entities, relations, held = {}, {}, {}
  for i = 1, n do entities[i] = { id = "e" .. i } end
  for i = 1, 6 + pick(8) do
    local from, to = "e" .. pick(n), "e" .. pick(n)
    local kind = pick(5) <= 3 and "supplies" or "owns"
    if from ~= to and not (kind == "owns" and held[from .. to]) then -- the holdings of a pair are one link of a chain
      held[from .. to] = held[from .. to] or kind == "owns"
      relations[#relations + 1] = {
        id = ("r%02d"):format(i), kind = kind, from = from, to = to,
        share = kind == "owns" and ({ "60%", "75%", "100%" })[pick(3)] or nil,
        reliance = kind == "supplies" and ({ "full", "material", "low" })[pick(4)] or nil,
      }
    end
  end
  local flows = { rule { flow = "goods", owned = { at_least = "50%" } }, rule { tiers = 1 }, rule { tiers = 2 },
    rule { tiers = 3, owned = { at_least = "50%" } }, rule { flow = "any" } }
  return { entities = entities, relations = relations }, flows[pick(#flows)]
end

-- Every path from the target in the model: states are role and entity (and tier), edges are relations.
local function walk_all(facts, law, goal, role, restricted)
  local any, tiers = law.flow == "any", law.flow and math.huge or law.tiers or 1
  local found, seen = {}, {}
  local visited = {}
  local path = {}
  local owned = law.owned ~= nil
  local function record()
    local ids = {}
    for i, r in ipairs(path) do ids[i] = r.id end
    local key = table.concat(ids, " ")
    if seen[key] then return end
    seen[key] = true
    local share, reliance = 1, 5
    for _, r in ipairs(path) do
      if r.share then share = math.min(share, tonumber(r.share:match "%d+") / 100) end
      if r.kind == "supplies" then
        reliance = math.min(reliance, ({ none = 0, low = 1, material = 3, full = 4 })[r.reliance or ""] or 2)
      end
    end
    found[#found + 1] = { key = key, steps = #path, share = share, reliance = reliance }
  end
  local visit
  local function go(stage, entity, tier, relation)
    local mark = stage .. entity
    if visited[mark] then return end
    visited[mark] = true
    if relation then path[#path + 1] = relation end
    visit(stage, entity, tier)
    if relation then path[#path] = nil end
    visited[mark] = nil
  end
  visit = function(stage, entity, tier)
    if stage == role and entity == goal then record() end
    for _, r in ipairs(facts.relations) do
      local forwards, backwards = r.from == entity, r.to == entity
      if stage == "R" and owned and forwards and r.kind == "owns" and restricted[r.to] then go("R", r.to, 0, r) end
      if stage ~= "C" and forwards and r.kind == "supplies" and tier < tiers then go("F", r.to, tier + 1, r) end
      if stage ~= "C" and any and backwards and r.kind == "owns" then go("F", r.from, tier + 1, r) end
      if stage == "C" and backwards and r.kind == "owns" then go("C", r.from, 0, r) end
    end
    if stage == "F" and not restricted[entity] then go("C", entity, 0, nil) end
  end
  -- a target is not reached as restricted through anything: it is one
  go("R", "e1", 0, nil)
  return found
end

local function strongest_first(a, b)
  if a.share ~= b.share then return a.share > b.share end
  if a.reliance ~= b.reliance then return a.reliance > b.reliance end
  return a.steps < b.steps
end

describe("the paths of a random network", function()
  it("are all there are, in order, each once", function()
    local tried, most = 0, 0
    for seed = 1, SEEDS do
      local facts, law = make(seed)
      local exposure = on(facts):ban("e1", { rule = law }):exposure()
      local restricted = {}
      for _, row in ipairs(exposure:restricted()) do restricted[row.id] = true end
      local goals = {}
      for _, row in ipairs(exposure:parents()) do goals[#goals + 1] = { row.id, "C", #row.path - 1 } end
      for _, goal in ipairs(goals) do
        local all = walk_all(facts, law, goal[1], goal[2], restricted)
        local known = {}
        for _, path in ipairs(all) do known[path.key] = path end
        for _, weight in ipairs { "steps", "strongest" } do
          table.sort(all, weight == "steps" and function(a, b) return a.steps < b.steps end or strongest_first)
          for _, k in ipairs { 1, 3, 1000 } do
            local found = assert(exposure:paths(goal[1], { k = k, weight = weight }))
            local place = ("seed %d, %s, %s, k = %d, %s"):format(seed, law.flow or law.tiers, goal[1], k, weight)
            assert.message(place).are.equal(math.min(k, #all), #found.paths)
            assert.message(place).are.equal(#all > k, found.truncated)
            if found.total then assert.message(place).are.equal(#all, found.total) end
            local seen = {}
            for i, path in ipairs(found.paths) do
              local key = relations_of(path.path)
              assert.message(place .. ": " .. key).is_truthy(known[key])
              assert.message(place .. ": twice " .. key).is_nil(seen[key])
              seen[key] = true
              assert.message(place).are.equal(all[i].steps, path.steps)
              if weight == "strongest" then
                assert.message(place).are.same({ all[i].share, all[i].reliance },
                  { known[key].share, known[key].reliance })
              end
            end
            if weight == "steps" then assert.message(place).are.equal(goal[3], found.paths[1].steps) end
          end
        end
        tried = tried + 1
        most = math.max(most, #all)
      end
    end
    io.write(("%d parents, up to %d paths\n"):format(tried, most))
    assert.is_true(tried > SEEDS / 2)
  end)
end)
