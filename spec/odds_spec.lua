-- In which part of the worlds each verdict holds, when relations are there by their confidence.

local knockon = require "knockon"
local random_network = require "spec.support.random_network"
local random_scenario = require "spec.support.random_scenario"
local row_of = require "spec.support.row_of"

local SEEDS = tonumber(os.getenv "KNOCKON_SEEDS") or 300

local function near(expected, actual, what, by)
  local fine = math.abs(expected - actual) <= (by or 1e-9)
  assert.is_true(fine, ("%s: %.12g instead of %.12g"):format(what, actual, expected))
end

local ENTITIES = {
  { id = "cloud", kind = "service" }, { id = "vendor" }, { id = "a", country = "US" }, { id = "b" },
  { id = "p", country = "US" },
}

local function scenario(relations, opts)
  local net = assert(knockon.network { entities = ENTITIES, relations = relations })
  return net:scenario({ as_of = "2022" }):ban("vendor", opts or { rule = "icts", scope = "owned" })
end

describe("odds", function()
  it("of a chain are the product of its confidences", function()
    local answer = assert(scenario({
      { kind = "operates", from = "vendor", to = "cloud", confidence = 0.9 },
      { kind = "supplies", from = "cloud", to = "b", confidence = 0.5 },
      { kind = "owns", from = "p", to = "b", share = "60%", confidence = 0.8 },
    }):odds())
    assert.is_true(answer.exact)
    assert.are.equal(3, answer.doubtful)
    assert.are.equal(8, answer.worlds)
    near(0.9, row_of(answer.restricted, "cloud").yes.share, "cloud")
    near(0.9 * 0.5 * 0.8, row_of(answer.users, "b").yes.share, "b, surely: it needs a home firm above it")
    near(0.9 * 0.5, row_of(answer.users, "b").possible.share, "b, perhaps: its country is not known")
    near(0.9 * 0.5 * 0.8, row_of(answer.parents, "p").yes.share, "p")
    near(0.9 * 0.5 * 0.2, row_of(answer.parents, "b").possible.share, "b, which then is a parent itself")
  end)

  it("of several ways are those of any of them", function()
    local answer = assert(scenario({
      { kind = "supplies", from = "vendor", to = "a", confidence = 0.5 },
      { kind = "supplies", from = "vendor", to = "a", confidence = 0.5 },
      { kind = "supplies", from = "vendor", to = "b", confidence = 0.25 },
      { kind = "owns", from = "a", to = "b", share = "100%" },
    }):odds())
    near(0.75, row_of(answer.users, "a").yes.share, "a")
    near(1 - 0.25 * 0.75, row_of(answer.parents, "a").yes.share, "a, by itself or by b")
    assert.are.equal(0, answer.evaluated)
  end)

  it("are sure where nothing is in doubt, also of relations that do not matter or are assumed", function()
    local answer = assert(scenario({
      { kind = "supplies", from = "vendor", to = "a", confidence = 1 },
      { kind = "supplies", from = "p", to = "b", confidence = 0.1 },
    }):add({ kind = "supplies", from = "vendor", to = "b", confidence = 0.1 }):odds())
    assert.are.equal(0, answer.doubtful)
    assert.are.equal(1, answer.worlds)
    assert.are.same({ share = 1, error = 0, low = 1, high = 1 }, row_of(answer.users, "a").yes)
    near(1, row_of(answer.users, "b").possible.share, "b")
  end)

  it("of a relation that is surely not there are none", function()
    local answer = assert(scenario({ { kind = "supplies", from = "vendor", to = "a", confidence = 0 } }):odds())
    assert.are.same({}, answer.users)
    assert.are.same({}, assert(scenario({}):lift("ban-1"):odds()).parents)
  end)

  it("of holdings that are reported twice are those of the reports that are there", function()
    local answer = assert(scenario({
      { kind = "owns", from = "vendor", to = "b", share = "60%", since = "2020", confidence = 0.5 },
      { kind = "owns", from = "vendor", to = "b", share = "40%", since = "2020", confidence = 0.5 },
      { kind = "owns", from = "vendor", to = "b", share = "90%", since = "2019" },
    }, { rule = "ofac_50" }):odds())
    near(0.25, row_of(answer.restricted, "b").yes.share, "only the larger")
    near(0.5, row_of(answer.restricted, "b").possible.share, "the larger, with the other")
  end)

  it("of the first example are those of its press releases", function()
    local net = assert(knockon.load "examples/alibaba-2022.json")
    local answer = assert(net:scenario({ as_of = "2022-01-18", restrictions = "none" })
      :ban("alibaba-cloud", { rule = "icts", scope = "owned" }):odds())
    assert.are.equal(3, answer.doubtful)
    for _, id in ipairs { "ford", "hpe", "ibm" } do near(0.9, row_of(answer.parents, id).yes.share, id) end
  end)

  it("that are drawn have an error, and are the same for a seed", function()
    local relations = {}
    for i = 1, 40 do
      relations[i] = { id = "s" .. i, kind = "supplies", from = "vendor", to = "a", confidence = 0.05 }
    end
    local one = scenario(relations)
    local answer = assert(one:odds { samples = 2000, seed = 7 })
    assert.is_false(answer.exact)
    assert.are.equal(2000, answer.worlds)
    local share = row_of(answer.users, "a").yes
    near(1 - 0.95 ^ 40, share.share, "a", 5 * share.error)
    assert.is_true(share.low < share.share and share.share < share.high)
    near(math.sqrt(share.share * (1 - share.share) / 2000), share.error, "error")
    assert.are.same(answer, one:odds { samples = 2000, seed = 7 })
    assert.are_not.same(share.share, row_of(one:odds({ samples = 2000, seed = 8 }).users, "a").yes.share)
    assert.are.equal(0.878, share.share) -- on every Lua, and on every machine
  end)

  it("are drawn alike whichever way they are counted", function()
    local relations = { { kind = "owns", from = "p", to = "b", share = "60%" } }
    for i = 1, 6 do
      relations[#relations + 1] = { id = "a" .. i, kind = "supplies", from = "vendor", to = "a", confidence = 0.1 }
      relations[#relations + 1] = { id = "b" .. i, kind = "supplies", from = "a", to = "b", confidence = 0.2 }
    end
    for _, rule in ipairs { "icts", "uflpa", "reach" } do
      local one = scenario(relations, { rule = rule, scope = "owned" })
      local lanes = assert(one:odds { samples = 500 })
      assert.are.equal(0, lanes.evaluated)
      local worlds = assert(one:ban("p", { rule = "listing", measure = "warn" }):odds { samples = 500 })
      assert.is_true(worlds.evaluated > 1)
      for _, list in ipairs { "users", "parents" } do
        assert.are.equal(#lanes[list], #worlds[list])
        for i, row in ipairs(lanes[list]) do
          for _, verdict in ipairs { "yes", "possible" } do
            near(row[verdict].share, worlds[list][i][verdict].share, rule .. " " .. row.id .. " " .. verdict)
          end
        end
      end
    end
  end)
end)

-- Random small networks: every world is evaluated by dropping what is not there --------------------------------------

local LISTS = { "restricted", "users", "parents" }

local function enumerate(one, doubtful)
  local expected = { restricted = {}, users = {}, parents = {} }
  for world = 0, 2 ^ #doubtful - 1 do
    local weight, gone = 1, {}
    for i, relation in ipairs(doubtful) do
      local there = math.floor(world / 2 ^ (i - 1)) % 2 == 1
      weight = weight * (there and relation.confidence or 1 - relation.confidence)
      if not there then gone[#gone + 1] = relation.id end
    end
    local exposure = assert((#gone > 0 and one:drop(gone) or one):exposure())
    for _, list in ipairs(LISTS) do
      for _, row in ipairs(exposure[list](exposure)) do
        local odds = expected[list][row.id] or { yes = 0, possible = 0 }
        expected[list][row.id] = odds
        if row.verdict ~= "no" then odds.possible = odds.possible + weight end
        if row.verdict == "yes" then odds.yes = odds.yes + weight end
      end
    end
  end
  return expected
end

describe("on random small networks", function()
  local function doubtful_scenario(seed)
    local facts, question = random_network.make(seed)
    local doubtful, supplies_alone = {}, seed % 3 == 0
    for i, r in ipairs(facts.relations) do
      local may = r.kind ~= "same_as" and (r.kind == "supplies" or not supplies_alone)
      if may and (i * 7 + seed) % 2 == 0 and #doubtful < 5 then
        r.confidence = ({ 0.5, 0.9, 0.25 })[(i + seed) % 3 + 1]
        doubtful[#doubtful + 1] = r
      end
    end
    return random_scenario.banned(facts, question), doubtful
  end

  it("odds are those of all worlds, and drawn ones are near them", function()
    local exact, drawn, alone, outside = 0, 0, 0, 0
    for seed = 1, SEEDS do
      local one, doubtful = doubtful_scenario(seed)
      local expected = enumerate(one, doubtful)
      local answer = assert(one:odds { samples = 64 })
      assert.is_true(answer.exact)
      assert.is_true(answer.doubtful <= #doubtful)
      if answer.doubtful > 0 then exact = exact + 1 end
      if answer.doubtful > 0 and answer.evaluated == 0 then alone = alone + 1 end
      local samples = answer.doubtful > 1 and 2 ^ answer.doubtful - 1 or nil
      local sampled = samples and assert(one:odds { samples = samples, seed = seed })
      for _, list in ipairs(LISTS) do
        local found = {}
        for _, row in ipairs(answer[list]) do
          found[row.id] = true
          local odds = expected[list][row.id] or { yes = 0, possible = 0 }
          near(odds.yes, row.yes.share, ("seed %d, %s %s, yes"):format(seed, list, row.id))
          near(odds.possible, row.possible.share, ("seed %d, %s %s, possible"):format(seed, list, row.id))
          if sampled then
            assert.is_false(sampled.exact)
            local other = row_of(sampled[list], row.id)
            drawn = drawn + 1
            local got = other and other.possible or { low = 0, high = 3.85 / (samples + 3.85) }
            if odds.possible < got.low - 1e-9 or odds.possible > got.high + 1e-9 then outside = outside + 1 end
          end
        end
        for id, odds in pairs(expected[list]) do
          assert.is_true(odds.possible == 0 or found[id], ("seed %d, %s %s"):format(seed, list, id))
        end
      end
    end
    assert.is_true(exact > SEEDS / 4 and alone > SEEDS / 20 and drawn > SEEDS)
    assert.is_true(outside < 0.1 * drawn, ("%d of %d outside their interval of 95 %%"):format(outside, drawn))
  end)
end)

describe("bad arguments of odds", function()
  local one = scenario { { kind = "supplies", from = "vendor", to = "a", confidence = 0.5 } }
  local function argument(opts)
    local fine, err = pcall(one.odds, one, opts)
    assert.is_false(fine)
    return err.argument
  end

  it("raise by name", function()
    assert.are.equal("samples", argument { samples = 0 })
    assert.are.equal("samples", argument { samples = 1.5 })
    assert.are.equal("samples", argument { samples = 0 / 0 })
    assert.are.equal("samples", argument { samples = 1e9 })
    assert.are.equal("seed", argument { seed = -1 })
    assert.are.equal("seed", argument { seed = "one" })
    assert.are.equal("sample", argument { sample = 1 })
    assert.are.equal("limits", argument { limits = 1 })
  end)

  it("and budgets are kept", function()
    assert.are.equal("interrupted", select(3, one:odds { progress = function() return false end }))
    assert.are.equal("limit", select(3, one:odds { limits = { bytes = 10 } }))
  end)
end)
