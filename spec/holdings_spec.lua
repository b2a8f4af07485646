-- Who holds how much of whom in the end, who controls whom, how much a vote is worth, and what of the spend falls to
-- a parent.

local knockon = require "knockon"
local naive_holdings = require "spec.support.naive_holdings"
local random_network = require "spec.support.random_network"
local random_scenario = require "spec.support.random_scenario"
local row_of = require "spec.support.row_of"

local SEEDS = tonumber(os.getenv "KNOCKON_SEEDS") or 400

-- "X>F1 60, F2>F1 40-50": owner > owned and the percentage.
local function network(text, more)
  local entities, relations, there = {}, {}, {}
  local function entity(id)
    if not there[id] then entities[#entities + 1] = { id = id } end
    there[id] = true
  end
  for owner, owned, share in text:gmatch "(%w+)>(%w+) ([%d.%-]+)" do
    entity(owner)
    entity(owned)
    relations[#relations + 1] = { id = owner .. ">" .. owned, kind = "owns", from = owner, to = owned,
      share = share .. "%" }
  end
  for _, relation in ipairs(more or {}) do
    relations[#relations + 1] = relation
    entity(relation.from)
    entity(relation.to)
  end
  return assert(knockon.network { entities = entities, relations = relations })
end

local function near(expected, actual, what)
  assert.is_true(math.abs(expected - actual) < 1e-12, ("%s: %.15g instead of %.15g"):format(what, actual, expected))
end

-- H and T of one owner in one firm, asked from both ends.
local function held(net, owner, owned)
  local up = row_of(assert(net:holdings(owned)).owners, owner)
  local down = row_of(assert(net:holdings(owner)).holdings, owned)
  assert.are.equal(up.low, down.low)
  assert.are.equal(up.high, down.high)
  assert.are.equal(up.gross_low, down.gross_low)
  return up
end

describe("integrated ownership", function()
  local function is(net, owner, owned, share, gross)
    local row, what = held(net, owner, owned), owner .. " of " .. owned
    near(share, row.low, what)
    near(share, row.high, what)
    near(gross, row.gross_low, what .. ", gross")
  end

  it("of two firms that hold each other (Brioschi; corrected for rings)", function()
    local net = network "X>F1 60, F2>F1 40, F1>F2 50, O>F2 50"
    is(net, "X", "F1", 3 / 4, 3 / 4)
    is(net, "X", "F2", 3 / 8, 3 / 8)
    is(net, "O", "F1", 1 / 4, 1 / 4)
    is(net, "O", "F2", 5 / 8, 5 / 8)
    is(net, "F1", "F1", 1 / 5, 1 / 4)
    is(net, "F1", "F2", 1 / 2, 5 / 8)
    is(net, "F2", "F1", 2 / 5, 1 / 2)
    is(net, "F2", "F2", 1 / 5, 1 / 4)
  end)

  it("of two firms that hold nearly all of each other", function()
    local net = network "X>A 10, Y>B 10, A>B 90, B>A 90"
    is(net, "X", "A", 10 / 19, 10 / 19)
    is(net, "X", "B", 9 / 19, 9 / 19)
    is(net, "A", "A", 81 / 100, 81 / 19)
    is(net, "A", "B", 9 / 10, 90 / 19)
  end)

  it("multiplies along a chain, and adds over ways", function()
    is(network "A>B 51, B>C 51, C>D 51", "A", "D", 0.132651, 0.132651)
    is(network "X>Y 60, X>Z 30, Y>Z 25", "X", "Z", 0.45, 0.45)
    is(network "X>A 51, X>B 51, A>C 30, B>C 30", "X", "C", 0.306, 0.306)
  end)

  it("of ultimate owners sums to the whole where every share is known", function()
    for _, firm in ipairs { "F1", "F2" } do
      local sum = 0
      for _, row in ipairs(network("X>F1 60, F2>F1 40, F1>F2 50, O>F2 50"):holdings(firm).owners) do
        if row.ultimate then sum = sum + row.low end
      end
      near(1, sum, firm)
    end
  end)

  it("is an interval where a share is, and nobody has more than the others leave", function()
    local row = held(network "X>A 20-40, Y>A 70, A>B 50-60", "X", "B")
    near(0.1, row.low, "low")
    near(0.18, row.high, "high")
    assert.is_nil(row.share)
    assert.are.same({ "20%", "40%" }, held(network "X>A 20-40, Y>A 70", "X", "A").share)
  end)

  it("takes a consolidation for anything, a branch and what one firm operates for the whole", function()
    local net = network("X>A 50", {
      { kind = "consolidates", from = "A", to = "C" }, { kind = "has_branch", from = "A", to = "B" },
    })
    assert.are.same({ 0, 0.5 }, { held(net, "X", "C").low, held(net, "X", "C").high })
    assert.are.equal(0.5, held(net, "X", "B").low)
    local cloud = assert(knockon.load "examples/alibaba-2022.json"):holdings("alibaba-cloud", { as_of = "2022" })
    assert.are.equal("alibaba", cloud.owners[1].id)
    assert.are.equal(1, cloud.owners[1].low)
  end)

  it("settles where firms hold all of each other, and says that what goes round has no end", function()
    local row = held(network "A>B 100, B>A 100", "A", "B")
    assert.are.equal(1, row.low)
    assert.is_nil(row.gross_low)
    local tight = network "X>A 0.0001, A>B 99.9999, B>A 99.9999, Y>B 0.0001"
    near(0.000001 / (1 - 0.999999 ^ 2), held(tight, "X", "A").low, "X of A")
    assert.is_true(tight:holdings("A").settled)
  end)

  it("keeps within the whole when reports add up to more", function()
    local answer = network("X>A 80, Y>A 80, A>B 90, B>A 90"):holdings "B"
    for _, row in ipairs(answer.owners) do assert.is_true(row.low <= 1 and row.high <= 1) end
  end)

  it("counts on the day, on the basis, with the edits", function()
    local net = network("X>A 60", {
      { kind = "owns", from = "Y", to = "A", share = "10%", basis = "votes" },
      { id = "old", kind = "owns", from = "Z", to = "A", share = "30%", ["until"] = "2020" },
    })
    assert.is_nil(row_of(net:holdings("A").owners, "Z"))
    assert.are.equal(0.3, row_of(net:holdings("A", { as_of = "2019" }).owners, "Z").low)
    assert.are.equal("Y", net:holdings("A", { basis = "votes" }).owners[1].id)
    local edited = net:scenario({ as_of = "2022" }):drop("X>A")
      :add { kind = "owns", from = "Z", to = "A", share = "5%" }
    assert.are.equal(1, #edited:holdings("A").owners)
    assert.are.equal(0.05, edited:holdings("A").owners[1].low)
  end)

  it("is nothing for somebody who holds nothing and whom nobody holds", function()
    local answer = network("X>A 60", { { kind = "linked", from = "N", to = "A" } }):holdings "N"
    assert.are.same({ id = "N", basis = "equity", owners = {}, holdings = {}, settled = true }, answer)
  end)
end)

describe("control", function()
  local function controls(text, who)
    local words = {}
    for i, row in ipairs(assert(network(text):control(who)).controls) do words[i] = row.id .. " " .. row.verdict end
    return table.concat(words, ", ")
  end

  it("is more than half, together with what is controlled", function()
    assert.are.equal("Y yes, Z yes", controls("X>Y 60, X>Z 30, Y>Z 25", "X"))
    assert.are.equal("B yes, C yes, D yes", controls("A>B 51, B>C 51, C>D 51", "A"))
    assert.are.equal("A yes, B yes, C yes", controls("X>A 51, X>B 51, A>C 30, B>C 30", "X"))
    assert.are.equal("", controls("X>A 50", "X"))
    assert.are.equal("A possible", controls("X>A 40-60", "X"))
  end)

  it("is asked the other way round too", function()
    local net = network "X>Y 60, X>Z 30, Y>Z 25, W>X 40-70"
    local rows = net:control("Z").controlled_by
    assert.are.equal(2, #rows)
    assert.are.same({ id = "W", verdict = "possible" }, rows[1])
    assert.are.same({ id = "X", verdict = "yes" }, rows[2])
  end)
end)

describe("power", function()
  local function power(shares, count)
    local parts = {}
    for i, share in ipairs(shares) do parts[i] = ("H%d>F %s"):format(10 + i, share) end
    local answer = network(table.concat(parts, ", ")):control "F"
    local list = {}
    for i, row in ipairs(answer.holders) do list[i] = row.power end
    assert.are.equal(count or #shares, #list)
    return list, answer
  end

  it("of a vote is how often it decides", function()
    for _, case in ipairs {
      { { 50, 49, 1 }, { 2 / 3, 1 / 6, 1 / 6 } }, { { 40, 30, 20, 10 }, { 5 / 12, 1 / 4, 1 / 4, 1 / 12 } },
      { { 45, 25, 15, 15 }, { 1 / 2, 1 / 6, 1 / 6, 1 / 6 } }, { { 51, 49 }, { 1, 0 } },
    } do
      for i, value in ipairs(power(case[1])) do near(case[2][i], value, "holder " .. i) end
    end
  end)

  it("of equal votes is equal, up to as many as can be counted", function()
    local shares = {}
    for i = 1, 20 do shares[i] = 5 end
    for _, value in ipairs(power(shares)) do near(1 / 20, value, "one of twenty") end
    for i = 21, 25 do shares[i] = 0.1 end
    local _, answer = power(shares, 0)
    assert.are.equal("more than 24 holders: the coalitions are too many to count", answer.refused)
    assert.are.equal(25, #answer.holders)
  end)

  it("is not told where it depends on what is not known", function()
    local function refused(text) return network(text):control("F").refused end
    assert.are.equal("the share of a holder is not known exactly", refused "A>F 40-60, B>F 40")
    assert.are.equal("the holders that are known have no majority together", refused "A>F 20, B>F 20")
    assert.are.equal("the holders' shares sum above 100 %", refused "A>F 80, B>F 80")
    assert.is_nil(network("A>F 60"):control("A").refused)
  end)

  it("goes by votes where they are known", function()
    local answer = network("A>F 60", { { kind = "owns", from = "B", to = "F", share = "51%", basis = "votes" } })
      :control "F"
    assert.are.equal("votes", answer.basis)
    assert.are.same({ { id = "B", share = { "51%", "51%" }, power = 1 } }, answer.holders)
  end)
end)

describe("what of the spend falls to a parent", function()
  local net = network("P>A 80, A>U 50-60, Q>U 40, P>V 90", {
    { id = "s1", kind = "supplies", from = "C", to = "U", spend = "100", currency = "USD", contract = "k" },
    { id = "s2", kind = "supplies", from = "D", to = "U", spend = "100", currency = "USD", contract = "k" },
    { id = "s3", kind = "supplies", from = "C", to = "V", spend = "10.50", currency = "EUR" },
    { id = "s4", kind = "supplies", from = "C", to = "V", spend = "200", currency = "USD" },
  })

  it("is what it holds of its users in the end, each contract once", function()
    local rows = net:scenario({ as_of = "2022" }):ban({ "C", "D" }, { rule = "reach" }):exposure():look_through()
    local row = row_of(rows, "P")
    assert.are.equal("yes", row.verdict)
    local used = row_of(row.users, "U")
    near(0.4, used.low, "U")
    near(0.48, used.high, "U")
    near(0.4 * 100 + 0.9 * 200, row.spend.USD.low, "USD")
    near(0.48 * 100 + 0.9 * 200, row.spend.USD.high, "USD")
    near(0.9 * 10.5, row.spend.EUR.low, "EUR")
  end)

  it("is all of it for a parent that is the user", function()
    local row = network("A>B 10", { { kind = "supplies", from = "C", to = "A", spend = 7, currency = "USD" } })
      :scenario({ as_of = "2022" }):ban("C", { rule = "reach" }):exposure():look_through({ ids = "A" })[1]
    assert.are.same({ USD = { low = 7, high = 7 } }, row.spend)
    assert.are.same({ { id = "A", low = 1, high = 1 } }, row.users)
  end)
end)

describe("on random small networks", function()
  it("holdings are those of the naive model", function()
    local many = 0
    for seed = 1, SEEDS do
      local facts, question = random_network.make(seed)
      local scenario = random_scenario.plain(facts, question)
      for _, basis in ipairs { "equity", "votes" } do
        for i = 1, 3 do
          local entity = facts.entities[i].id
          local answer = assert(scenario:holdings(entity, { basis = basis }))
          local expected, settled = naive_holdings.held(facts, question, basis, answer.id)
          local found = {}
          for _, row in ipairs(answer.holdings) do
            many, found[row.id] = many + 1, true
            local one = expected[row.id] or { low = 0, high = 0 }
            local what = ("seed %d, %s, %s of %s"):format(seed, basis, entity, row.id)
            assert.is_true(not settled or math.abs(one.low - row.low) < 1e-9, what)
            assert.is_true(not settled or math.abs(one.high - row.high) < 1e-9, what)
            local other = row_of(scenario:holdings(row.id, { basis = basis }).owners, answer.id)
            assert.is_true(math.abs(other.low - row.low) < 1e-12 and math.abs(other.high - row.high) < 1e-12, what)
          end
          for id, one in pairs(expected) do assert.is_true(one.high == 0 or found[id], "seed " .. seed) end
        end
      end
    end
    assert.is_true(many > SEEDS)
  end)

  it("who controls an entity is who has it among those it controls", function()
    local many = 0
    for seed = 1, SEEDS do
      local facts, question = random_network.make(seed)
      local scenario = random_scenario.plain(facts, question)
      local up, down = {}, {}
      for _, entity in ipairs(facts.entities) do
        local answer = assert(scenario:control(entity.id))
        if answer.id == entity.id then
          for _, row in ipairs(answer.controls) do down[#down + 1] = entity.id .. ">" .. row.id .. row.verdict end
          for _, row in ipairs(answer.controlled_by) do up[#up + 1] = row.id .. ">" .. entity.id .. row.verdict end
        end
      end
      table.sort(up)
      table.sort(down)
      many = many + #up
      assert.are.equal(table.concat(down, " "), table.concat(up, " "), "seed " .. seed)
    end
    assert.is_true(many > SEEDS)
  end)
end)

describe("bad arguments of holdings", function()
  local net = network "A>B 60"
  local function argument(call, ...)
    local fine, err = pcall(call, ...)
    assert.is_false(fine)
    return err.argument
  end

  it("raise by name", function()
    assert.are.equal("id", argument(net.holdings, net, "Z"))
    assert.are.equal("id", argument(net.holdings, net, 1))
    assert.are.equal("basis", argument(net.holdings, net, "A", { basis = "shares" }))
    assert.are.equal("as_of", argument(net.holdings, net, "A", { as_of = "soon" }))
    assert.are.equal("as_off", argument(net.holdings, net, "A", { as_off = "2022" }))
    assert.are.equal("opts", argument(net.control, net, "A", "2022"))
    assert.are.equal("basis", argument(net.control, net, "A", { basis = "votes" }))
    local exposure = net:scenario():ban("A"):exposure()
    assert.are.equal("basis", argument(exposure.look_through, exposure, { basis = 1 }))
    assert.are.equal("ids", argument(exposure.look_through, exposure, { ids = { "Z" } }))
  end)

  it("and budgets are kept", function()
    local function stop() return false end
    for _, method in ipairs { "holdings", "control" } do
      assert.are.equal("interrupted", select(3, net[method](net, "A", { progress = stop })), method)
      assert.are.equal("limit", select(3, net[method](net, "A", { limits = { bytes = 1 } })), method)
    end
    net:close()
    assert.are.equal("closed", (function() return select(2, pcall(net.holdings, net, "A")).code end)())
  end)
end)
