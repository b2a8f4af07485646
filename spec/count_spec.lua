--- scenario:count(): the verdicts of an exposure, counted without making one.

local knockon = require "knockon"
local random_network = require "spec.support.random_network"
local random_scenario = require "spec.support.random_scenario"

local SEEDS = tonumber(os.getenv("KNOCKON_SEEDS")) or 1500

local function counted(exposure)
  local counts = {}
  for _, name in ipairs { "restricted", "users", "parents", "concerned" } do
    local verdicts = {} -- an entity is counted once, though it is concerned under two measures
    for _, row in ipairs(exposure[name](exposure)) do
      if verdicts[row.id] ~= "yes" then verdicts[row.id] = row.verdict end
    end
    counts[name], counts[name .. "_possible"] = 0, 0
    for _, verdict in pairs(verdicts) do
      local key = verdict == "yes" and name or verdict == "possible" and name .. "_possible"
      if key then counts[key] = counts[key] + 1 end
    end
  end
  return counts
end

describe("scenario:count", function()
  it("agrees with the rows of the exposure on random networks under random rules", function()
    for seed = 1, SEEDS do
      local facts, question = random_network.make(seed)
      local scenario = random_scenario.banned(facts, question)
      local counts = scenario:count()
      assert.same(counted(scenario:exposure()), counts, "seed " .. seed)
      for _ = 1, 2 do -- on what the first draws and what the second keeps
        assert.same(counts, scenario:count(), "seed " .. seed .. ", asked again")
        assert.same({ restricted = counts.restricted, restricted_possible = counts.restricted_possible },
          scenario:count("restricted"), "seed " .. seed .. ", the restricted alone")
      end
    end
  end)
end)

describe("scenario:count of a what-if", function()
  local BANS = { { rule = "reach" }, { rule = "ofac_50" }, { rule = "icts", scope = "owned" } }

  local function answers(scenario, target)
    local list = {}
    for i, opts in ipairs(BANS) do
      local ban, paths = scenario:ban(target, opts), {}
      for id, verdict, path in ban:proofs():each() do paths[#paths + 1] = { id, verdict, path } end
      list[i] = { ban:count(), paths }
    end
    return list
  end

  -- Against what shares nothing with a count: the rows of the exposure.
  local function agrees(scenario, target, message)
    for _, opts in ipairs(BANS) do
      local ban = scenario:ban(target, opts)
      assert.same(counted(ban:exposure()), ban:count(), message)
    end
  end

  local function without(facts, gone)
    local left = {}
    for name, value in pairs(facts) do left[name] = value end
    left.relations = {}
    for _, relation in ipairs(facts.relations) do
      if not gone[relation.id] then left.relations[#left.relations + 1] = relation end
    end
    return left
  end

  it("is that of its exposure, and of the network without the supplies that ended, asked before or not", function()
    local shared = 0
    for seed = 1, SEEDS, 3 do
      local facts, question = random_network.make(seed)
      local target, rows = facts.entities[1].id, facts.relations
      local net, fresh = assert(knockon.network(facts)), assert(knockon.network(facts))
      local function day(network) return network:scenario { as_of = question.as_of, restrictions = "none" } end
      local asked = day(net)
      answers(asked, target)
      for i = 1, math.min(#rows, 4) do
        local one, other = rows[seed % #rows + 1], rows[(seed + i) % #rows + 1]
        local ids = { one.id, other.id ~= one.id and other.id or nil }
        if one.kind ~= "same_as" and other.kind ~= "same_as" then
          local edited, alone = asked:drop(ids), day(fresh):drop(ids)
          for _ = 1, 2 do assert.same(answers(alone, target), answers(edited, target), "seed " .. seed) end
          agrees(edited, target, "seed " .. seed)
          if one.kind == "supplies" and other.kind == "supplies" then
            shared = shared + 1
            local never = day(assert(knockon.network(without(facts, { [one.id] = true, [other.id] = true }))))
            for _, opts in ipairs(BANS) do
              assert.same(never:ban(target, opts):count(), edited:ban(target, opts):count(), "seed " .. seed)
            end
          end
        end
      end
    end
    assert.is_true(shared > SEEDS / 20)
  end)
end)

describe("scenario:count under a limit of bytes", function()
  it("is not ended by what only later counts would profit from", function()
    local entities, relations = {}, {}
    for i = 1, 20000 do
      entities[i] = { id = "e" .. i }
      relations[i] = { kind = "supplies", from = "e1", to = "e" .. i }
    end
    local net = assert(knockon.network { entities = entities, relations = relations })
    for _, bytes in ipairs { 1e6, 1.5e6, 2e6, 4e6, 1e8 } do
      local ban = net:scenario({ as_of = "2024", limits = { bytes = bytes } }):ban("e1", { rule = "reach" })
      local first, _, code = ban:count()
      if first then
        for _ = 1, 3 do assert.same(first, ban:count()) end
      else
        assert.equal("limit", code)
      end
    end
  end)
end)

describe("a count asked for by the progress function of another", function()
  it("leaves it alone", function()
    local entities, relations = { { id = "cloud" } }, {}
    for i = 1, 20000 do
      entities[i + 1] = { id = "firm-" .. i }
      relations[i] = { kind = "supplies", from = i < 9000 and "cloud" or "firm-" .. i - 8999, to = "firm-" .. i }
    end
    local net = assert(knockon.network { entities = entities, relations = relations })
    local plain = net:scenario { as_of = "2024" }
    local inner, asked = plain:ban("firm-1", { rule = "reach" }), 0
    local expected = { plain:ban("cloud", { rule = "reach" }):count(), inner:count() }
    local watched = net:scenario { as_of = "2024", progress = function()
      asked = asked + 1
      assert.same(expected[2], inner:count())
    end }
    inner = watched:ban("firm-1", { rule = "reach" })
    inner.progress = nil
    assert.same(expected[1], watched:ban("cloud", { rule = "reach" }):count())
    assert.is_true(asked > 0)
  end)
end)

describe("scenario:proofs", function()
  local function check(path, id, relations, targets, seed)
    assert.is_true(targets[path[1].id] or false, "seed " .. seed .. ": the path to " .. id .. " starts elsewhere")
    assert.equal(id, path[#path].id)
    for i = 2, #path do
      local before, step, relation = path[i - 1].id, path[i], relations[path[i].relation]
      assert.is_truthy(relation, "seed " .. seed .. ": no relation " .. tostring(step.relation))
      local joins = (relation.from == before and relation.to == step.id)
        or (relation.to == before and relation.from == step.id)
      if step.kind == "party" then
        joins = relation.kind == "supplies" and relation.to == before and relation.party == step.id
      end
      assert.is_true(joins, ("seed %d: step %d of the path to %s joins nothing"):format(seed, i, id))
    end
  end

  it("gives a path of relations from a target to every exposed parent, on random networks", function()
    local paths = 0
    for seed = 1, SEEDS do
      local facts, question = random_network.make(seed)
      local scenario = random_scenario.banned(facts, question)
      local relations, targets, verdicts = {}, {}, {}
      local net = scenario.net
      for _, r in ipairs(net:relations {}) do -- ends as they are told; paths name each entity by its smallest id
        local party = r.party and net:same(r.party)
        relations[r.id] = { kind = r.kind, from = net:same(r.from), to = net:same(r.to), party = party }
      end
      local exposure = scenario:exposure()
      for _, row in ipairs(exposure:parents()) do verdicts[row.id] = row.verdict end
      for _, row in ipairs(exposure:restricted()) do
        if row.because == "target" then targets[row.id] = true end
      end
      local proofs, steps = scenario:proofs(), 0
      for id, verdict, path in proofs:each() do
        assert.equal(verdicts[id], verdict, "seed " .. seed .. ", " .. id)
        verdicts[id] = nil
        check(path, id, relations, targets, seed)
        assert.same(path, (proofs:path(id)))
        steps, paths = steps + #path - 1, paths + 1
      end
      assert.is_nil(next(verdicts), "seed " .. seed .. ": a parent has no path")
      assert.equal(steps, proofs:steps())
      for id, verdict, path in scenario:proofs():each() do -- harm now follows what the first has drawn
        assert.same({ path, verdict }, { proofs:path(id) }, "seed " .. seed .. ", asked again")
      end
    end
    assert.is_true(paths > SEEDS / 10)
  end)

  it("takes the fewest steps under reach", function()
    local rule = { id = "reach_like", title = "t", source = "s", authority = "a", revision = 1, owned = false,
      control = false, captures = "any", flow = "any", bound = { anyone = true }, in_force = { { since = "2000" } } }
    for seed = 1, SEEDS, 5 do
      local facts, question = random_network.make(seed)
      local scenario = assert(knockon.network(facts)):scenario { as_of = question.as_of, restrictions = "none" }
      local target = facts.entities[1].id
      scenario = scenario:ban(target, { rule = rule })
      local proofs = scenario:proofs()
      local exposure = scenario:exposure()
      local alone = #exposure:restricted() == 1 -- else a path may start further off than it need
      for _, row in ipairs(alone and exposure:parents { verdict = "yes" } or {}) do
        assert.equal(#row.path, #proofs:path(row.id), "seed " .. seed .. ", " .. row.id)
      end
    end
  end)
end)
