-- How much stops where amounts are known (ESRI, DebtRank), and what suppliers lose with the users who are bound.

local knockon = require "knockon"
local naive_harms = require "spec.support.naive_harms"
local naive_impact = require "spec.support.naive_impact"
local random_network = require "spec.support.random_network"
local random_scenario = require "spec.support.random_scenario"

local SEEDS = tonumber(os.getenv "KNOCKON_SEEDS") or 200

local function near(expected, actual, what)
  assert.is_true(math.abs(expected - actual) < 1e-6, ("%s: %.9g instead of %.9g"):format(what, actual, expected))
end

-- { from, to, amount, further fields }.
local function network(supplies, entities)
  local list, there, relations = entities or {}, {}, {}
  for _, entity in ipairs(list) do there[entity.id] = true end
  for i, one in ipairs(supplies) do
    local relation = { id = "s" .. i, kind = "supplies", from = one[1], to = one[2], spend = one[3],
      currency = one[3] and "USD" }
    for name, value in pairs(one) do
      if type(name) == "string" then relation[name] = value end
    end
    relations[i] = relation
    for _, id in ipairs { one[1], one[2] } do
      if not there[id] then list[#list + 1] = { id = id } end
      there[id] = true
    end
  end
  return assert(knockon.network { entities = list, relations = relations })
end

local function impact(net, opts) return assert(net:scenario({ as_of = "2022" }):impact(opts)) end

local function losses(answer)
  local by_id = {}
  for _, row in ipairs(answer.rows) do
    assert.are.equal(row.low, row.high)
    by_id[row.id] = row.low
  end
  return by_id
end

local E1 = { { "A", "M", 10, need = "cloud" }, { "B", "M", 30, need = "cloud" }, { "M", "R", 100 } }
local E2 = { { "A", "M", 10, need = "cloud", reliance = "low" }, { "B", "M", 30, need = "cloud", reliance = "low" },
  { "P", "M", 60, need = "part" }, { "M", "R", 100 } }

describe("ESRI", function()
  it("of one of two clouds is what the other cannot replace", function()
    local answer = impact(network(E1), { shock = "A" })
    near(11 / 84, answer.low, "ESRI")
    assert.are.equal("0.130952", ("%.6f"):format(answer.low))
    local lost = losses(answer)
    near(1 / 12, lost.M, "M")
    near(1 / 12, lost.R, "R")
    near(0.25, impact(network(E1), { shock = "A", replaceable = false }).low, "not replaceable")
    near(0.25, losses(impact(network(E1), { shock = "A", replaceable = false })).M, "M")
    local large = impact(network(E1), { shock = "B" })
    near(0.75, large.low, "the larger cloud")
    near(0.75, losses(large).M, "M")
  end)

  it("of an input that is not essential is its part of all inputs", function()
    near(1 / 15, impact(network(E2), { shock = "A" }).low, "replaceable")
    assert.are.equal("0.066667", ("%.6f"):format(impact(network(E2), { shock = "A" }).low))
    near(0.1, impact(network(E2), { shock = "A", replaceable = false }).low, "not replaceable")
  end)

  it("upstream alone is what is no longer ordered", function()
    near(1 / 14, impact(network(E1), { shock = "A", direction = "up" }).low, "up")
    local rows = impact(network(E1), { shock = "R", direction = "up" }).rows
    assert.are.equal(4, #rows)
    assert.are.equal(1, rows[1].orders_low)
    assert.are.equal(0, rows[1].inputs_low)
  end)

  it("takes the sector of a supplier for the kind of what it sells, where there is one", function()
    local supplies = { { "A", "M", 10 }, { "B", "M", 30 }, { "M", "R", 100 } }
    near(11 / 84, impact(network(supplies, { { id = "A", sector = "cloud" }, { id = "B", sector = "cloud" } }),
      { shock = "A" }).low, "sector")
    near(110 / 140, impact(network(supplies), { shock = "A" }).low, "kinds of their own")
    local coded = network(supplies, { { id = "A", nace = "63" }, { id = "B", nace = "63" } })
    near(11 / 84, impact(coded, { shock = "A", sector = "nace" }).low, "another field")
  end)

  it("is of what is restricted, surely and perhaps, when no shock is given", function()
    local net = network(E1)
    local scenario = net:scenario { as_of = "2022" }
    local answer = assert(scenario:add({ kind = "owns", from = "B", to = "A", share = "40-60%" })
      :ban("B", { rule = "ofac_50" }):impact())
    near(0.75, answer.low, "low")
    near(1, answer.high, "high")
    assert.are.equal(0, assert(scenario:ban("B", { rule = "listing", measure = "warn" }):impact()).high)
    assert.are.equal(0, #assert(scenario:impact()).rows)
  end)

  it("of a part of a shock is a part", function()
    near((5 + 100 * (10 / 35) * 0.25 * 0.5) / 140, impact(network(E1), { shock = { A = 0.5 } }).low, "half of A")
  end)
end)

describe("amounts", function()
  it("are told by fractions of a need where one of them has a spend", function()
    local net = network { { "A", "M", need = "cloud", fraction = 0.25 },
      { "B", "M", 30, need = "cloud", fraction = 0.75 }, { "M", "R", 100 }, { "X", "M" } }
    local answer = impact(net, { shock = "A" })
    near(11 / 84, answer.low, "ESRI")
    assert.are.equal(1, answer.unknown)
    assert.are.equal("spend", answer.amounts)
    assert.are.equal("USD", answer.currency)
  end)

  it("are fractions where there is no spend, or when that is asked", function()
    local net = network { { "A", "M", need = "cloud", fraction = 0.1 }, { "B", "M", need = "cloud", fraction = 0.3 },
      { "M", "R", fraction = 1 } }
    local answer = impact(net, { shock = "A" })
    near(11 / 84, answer.low, "ESRI")
    assert.are.equal("fraction", answer.amounts)
    assert.is_nil(answer.currency)
    assert.are.equal(1, impact(network { { "A", "M", 1, fraction = 1 }, { "M", "R", 1 } },
      { shock = "A", amounts = "fraction" }).unknown)
  end)

  it("of a contract count once", function()
    local net = network { { "A", "M", 10, need = "cloud", contract = "k" },
      { "A", "M", 10, need = "cloud", contract = "k" }, { "B", "M", 30, need = "cloud" }, { "M", "R", 100 } }
    near(11 / 84, impact(net, { shock = "A" }).low, "ESRI")
  end)

  it("in several currencies need rates, or one that counts", function()
    local net = network { { "A", "M", 5, currency = "EUR", need = "cloud" }, { "B", "M", 30, need = "cloud" },
      { "M", "R", 100 } }
    local fine, err = pcall(impact, net, { shock = "A" })
    assert.is_false(fine)
    assert.are.equal("currency", err.argument)
    assert.truthy(tostring(err):find "EUR, USD")
    near(11 / 84, impact(net, { shock = "A", currency = "USD", rates = { EUR = 2 } }).low, "ESRI")
    local one = impact(net, { shock = "A", currency = "USD" })
    assert.are.equal(1, one.unknown)
  end)
end)

describe("DebtRank", function()
  local net = network({ { "1", "2", fraction = 0.5 }, { "2", "3", fraction = 0.4 }, { "3", "1", fraction = 0.3 } },
    { { id = "1", weight = 0.5 }, { id = "2", weight = 0.3 }, { id = "3", weight = 0.2 } })

  local function distress(opts)
    opts.value = "weight"
    local answer = impact(net, opts)
    local by_id = losses(answer)
    return { by_id["1"] or 0, by_id["2"] or 0, by_id["3"] or 0 }, answer.low
  end

  local function is(expected, total, opts)
    local found, rank = distress(opts)
    for i = 1, 3 do near(expected[i], found[i], "entity " .. i) end
    near(total, rank, "DebtRank")
  end

  it("passes distress on once", function()
    is({ 1, 0.5, 0.2 }, 0.19, { measure = "debtrank", shock = "1" })
    is({ 0.12, 1, 0.4 }, 0.14, { measure = "debtrank", shock = "2" })
    is({ 0.53, 0.25, 0.1 }, 0.11, { measure = "debtrank", shock = { ["1"] = 0.5 } })
  end)

  it("passes every increase on in the differential kind", function()
    is({ 0.531915, 0.265957, 0.106383 }, 0.117021, { measure = "differential", shock = { ["1"] = 0.5 } })
  end)

  it("takes the part of the user's equity that a spend is", function()
    local firms = network({ { "a", "b", 20 }, { "a", "c", 5 } }, { { id = "b", equity = 50 } })
    local answer = impact(firms, { measure = "debtrank", shock = "a" })
    near(0.4, losses(answer).b, "b")
    assert.is_nil(losses(answer).c)
    assert.are.equal(1, answer.unknown)
    near(0.4 / 3, answer.low, "all count the same")
  end)
end)

describe("what suppliers lose", function()
  it("is what the users that are bound spend, and the contracts a ban breaks", function()
    local net = network({ { "cloud", "a", 10, contract = "k1" }, { "cloud", "b", 20, contract = "k2" },
      { "cloud", "c", 40 } }, { { id = "a", country = "US" }, { id = "b" }, { id = "c", country = "DE" },
      { id = "cloud", revenue = 200, revenue_currency = "USD" } })
    local rows = net:scenario({ as_of = "2022" }):ban("cloud", { rule = "icts", scope = "entity" }):exposure():losses()
    assert.are.same({ { id = "cloud", verdict = "yes", users = { "a" }, users_possible = { "b" }, contracts = { "k1" },
      contracts_possible = { "k2" }, spend = { USD = "10" }, spend_possible = { USD = "20" }, revenue = 200, low = 0.05,
      currency = "USD" } }, rows)
  end)

  it("is under one percent of its revenue for the cloud of the first example", function()
    local net = assert(knockon.load "examples/alibaba-2022.json")
    local row = net:scenario({ as_of = "2022-01-18", restrictions = "none" })
      :ban("alibaba-cloud", { rule = "icts", scope = "owned" }):exposure()
      :losses({ revenue = "revenue_2020", most = "revenue_us_below" })[1]
    assert.are.equal("alibaba-cloud", row.id)
    assert.are.equal(3, #row.users)
    assert.are.same({ "ford-alibaba-cloud", "hpe-alibaba-cloud", "red-hat-alibaba-cloud" }, row.contracts)
    assert.are.equal(0, row.low)
    near(50 / 9200, row.high, "share of revenue")
  end)
end)

describe("on random small networks", function()
  it("ESRI is that of the naive model", function()
    local many = 0
    for seed = 1, SEEDS do
      local facts, question = random_network.make(seed)
      local state = seed
      local function pick(n)
        state = state * 16807 % 2147483647
        return state % n + 1
      end
      naive_harms.add_supplies(facts, pick)
      for i, r in ipairs(facts.relations) do
        if r.kind == "supplies" and pick(10) > 3 then r.spend, r.currency = pick(90), "USD" end
        if r.kind == "supplies" then r.party = nil end
        if facts.entities[i] and pick(10) > 7 then facts.entities[i].sector = "s" .. pick(2) end
      end
      local scenario = random_scenario.plain(facts, question)
      local shock = { [facts.entities[1].id] = 1, [facts.entities[2].id] = 0.5 }
      for _, fractions in ipairs { false, true } do
        for _, replaceable in ipairs { true, false } do
          local answer = assert(scenario:impact { shock = shock, replaceable = replaceable,
            amounts = fractions and "fraction" or "spend", tolerance = 1e-13 })
          local links, unknown = naive_impact.links(facts, question, fractions)
          local same = {}
          for id, part in pairs(shock) do
            local stands = scenario.net:same(id)
            same[stands] = math.max(same[stands] or 0, part)
          end
          local loss, total = naive_impact.esri(links, same, replaceable)
          local what = ("seed %d, %s, %s"):format(seed, fractions and "fractions" or "spend",
            replaceable and "replaceable" or "not replaceable")
          assert.are.equal(unknown, answer.unknown, what)
          near(total, answer.low, what)
          many = many + #answer.rows
          for _, row in ipairs(answer.rows) do near(loss[row.id], row.low, what .. ", " .. row.id) end
        end
      end
    end
    assert.is_true(many > SEEDS)
  end)
end)

describe("bad arguments of an impact", function()
  local net = network(E1)
  local scenario = net:scenario {}
  local function argument(opts)
    local fine, err = pcall(scenario.impact, scenario, opts)
    assert.is_false(fine)
    return err.argument
  end

  it("raise by name", function()
    assert.are.equal("measure", argument { measure = "rank" })
    assert.are.equal("direction", argument { direction = "left" })
    assert.are.equal("amounts", argument { amounts = "sales" })
    assert.are.equal("shock", argument { shock = "Z" })
    assert.are.equal("shock", argument { shock = {} })
    assert.are.equal("shock", argument { shock = { A = 2 } })
    assert.are.equal("shock", argument { shock = { A = 0 / 0 } })
    assert.are.equal("tolerance", argument { tolerance = 0 })
    assert.are.equal("tolerance", argument { tolerance = 0 / 0 })
    assert.are.equal("replaceable", argument { replaceable = 1 })
    assert.are.equal("rates", argument { rates = { EUR = -1 } })
    assert.are.equal("currency", argument { currency = 1 })
    assert.are.equal("sector", argument { sector = "" })
    assert.are.equal("shok", argument { shok = "A" })
    local exposure = scenario:ban("A"):exposure()
    for name, value in pairs { most = 1, revenue = "", currency = false, ids = "Z", verdict = "x", top = 1 } do
      local fine, err = pcall(exposure.losses, exposure, { [name] = value })
      assert.is_false(fine)
      assert.are.equal(name, err.argument)
    end
  end)

  it("and budgets are kept", function()
    assert.are.equal("interrupted", select(3, scenario:impact { shock = "A", progress = function() return false end }))
    assert.are.equal("limit", select(3, scenario:impact { shock = "A", limits = { bytes = 10 } }))
  end)
end)
