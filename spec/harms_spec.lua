-- What an exposure does other than by prohibiting: what fails, which data is within reach, who is compromised.

local knockon = require "knockon"
local naive_harms = require "spec.support.naive_harms"
local random_network = require "spec.support.random_network"
local random_scenario = require "spec.support.random_scenario"

local SEEDS = tonumber(os.getenv "KNOCKON_SEEDS") or 600

local function ids_of(rows)
  local ids = {}
  for i, row in ipairs(rows) do ids[i] = row.id end
  return table.concat(ids, " ")
end

local function network(supplies, more)
  local entities, there = {}, {}
  local relations = {}
  local function entity(id)
    if not there[id] then entities[#entities + 1] = { id = id } end
    there[id] = true
  end
  for i, one in ipairs(supplies) do
    local relation = { id = "s" .. i, kind = "supplies" }
    for name, value in pairs(one) do relation[name] = value end
    relation.from, relation.to, relation[1], relation[2] = one[1], one[2], nil, nil
    relations[i] = relation
    entity(one[1])
    entity(one[2])
  end
  for _, relation in ipairs(more or {}) do
    relations[#relations + 1] = relation
    entity(relation.from)
    entity(relation.to)
  end
  return assert(knockon.network { entities = entities, relations = relations })
end

local function ban(net, targets, opts)
  opts = opts or {}
  opts.rule = opts.rule or "listing"
  return net:scenario({ as_of = "2022" }):ban(targets, opts)
end

local function disrupted(net, targets, opts) return ban(net, targets):exposure():disrupted(opts) end

describe("a user that loses a supplier", function()
  it("fails when a need has no other", function()
    local row = disrupted(network { { "a", "m", need = "cloud" } }, "a")[1]
    assert.are.equal("m", row.id)
    assert.are.equal("yes", row.verdict)
    assert.are.equal(1, row.round)
    assert.are.same({ { need = "cloud", round = 1, suppliers = {
      { id = "a", relation = "s1", because = "restricted", round = 1 } } } }, row.needs)
    assert.are.same({ "ban-1" }, row.restrictions)
  end)

  it("does not while an alternative works", function()
    local net = network { { "a", "m", need = "cloud" }, { "b", "m", need = "cloud" } }
    assert.are.same({}, disrupted(net, "a"))
    assert.are.equal("m", ids_of(disrupted(net, { "a", "b" })))
  end)

  it("fails for any one of its needs, and a supply that names none is a need of its own", function()
    local net = network { { "a", "m", need = "cloud" }, { "b", "m", need = "power" }, { "c", "n" }, { "d", "n" } }
    assert.are.equal("m", ids_of(disrupted(net, "b")))
    assert.are.equal("n", ids_of(disrupted(net, "c")))
  end)

  it("does not fail for what it hardly relies on", function()
    local net = network { { "a", "x", reliance = "low" }, { "a", "y", reliance = "none" },
      { "a", "z", reliance = "material" }, { "a", "w", reliance = "full" }, { "a", "v" } }
    assert.are.equal("v w z", ids_of(disrupted(net, "a")))
  end)

  it("has an essential need when it relies on any of its suppliers, and keeps it through all of them", function()
    local net = network { { "a", "m", need = "n", reliance = "full" }, { "b", "m", need = "n", reliance = "low" } }
    assert.are.same({}, disrupted(net, "a"))
    assert.are.equal("m", ids_of(disrupted(net, { "a", "b" })))
  end)

  it("brings down whom it supplies, round by round, with the way there", function()
    local net = network { { "a", "b" }, { "b", "c" }, { "c", "d", need = "x" }, { "e", "d", need = "x" }, { "c", "f" } }
    local rows = disrupted(net, "a")
    assert.are.equal("b c f", ids_of(rows))
    assert.are.equal(3, rows[3].round)
    assert.are.equal("a b c f", ids_of(rows[3].path))
    assert.are.equal("disrupted", rows[3].needs[1].suppliers[1].because)
  end)

  it("is not brought down by suppliers that only hang on each other", function()
    local net = network { { "p", "q" }, { "q", "p" }, { "a", "m" } }
    assert.are.equal("m", ids_of(disrupted(net, "a")))
  end)

  it("loses what the restricted own and run, by the rule", function()
    local net = network({ { "cloud", "m" } }, { { kind = "owns", from = "group", to = "cloud", share = "30-60%" } })
    local row = ban(net, "group", { rule = "ofac_50" }):exposure():disrupted()[1]
    assert.are.equal("possible", row.verdict)
    assert.are.equal("group cloud m", ids_of(row.path))
    assert.are.same({}, ban(net, "group", { rule = "ofac_50", measure = "mitigate" }):exposure():disrupted())
  end)

  it("is among the rows that are asked for", function()
    local net = network { { "a", "b" }, { "a", "c" } }
    assert.are.equal("c", ids_of(disrupted(net, "a", { ids = "c" })))
    assert.are.same({}, disrupted(net, "a", { verdict = "possible" }))
  end)

  it("keeps on under an exception until it lapses, or its supplier fails", function()
    local net = network { { "a", "b", contract = "k" }, { "b", "c" }, { "a", "d" } }
    local eased = ban(net, "a"):except({ contract = "k" }, { ["until"] = "2023-05" }):exposure()
    local rows = eased:disrupted()
    assert.are.equal("b c d", ids_of(rows))
    assert.are.same({ ["until"] = "2023-05-01" }, rows[1].excepted)
    assert.are.same({ ["until"] = "2023-05-01" }, rows[2].excepted)
    assert.is_nil(rows[3].excepted)
    local failing = ban(network { { "x", "a" }, { "a", "b", contract = "k" } }, { "x", "a" })
    assert.is_nil(failing:except({ contract = "k" }):exposure():disrupted()[1].excepted)
  end)

  it("fails below a part of the need, when that is asked for", function()
    local net = network { { "a", "m", need = "n", fraction = 0.7 }, { "b", "m", need = "n", fraction = 0.3 },
      { "a", "o", need = "n" }, { "b", "o", need = "n" } }
    assert.are.equal("m:yes o:possible", (function()
      local words = {}
      for i, row in ipairs(disrupted(net, "a", { least = "50%" })) do words[i] = row.id .. ":" .. row.verdict end
      return table.concat(words, " ")
    end)())
    assert.are.equal("o", ids_of(disrupted(net, "b", { least = 0.5 })))
  end)
end)

describe("what would save the most", function()
  it("is a supplier to keep, or an alternative for a need", function()
    local net = network { { "a", "b", need = "cloud" }, { "b", "c" }, { "b", "d" }, { "a", "e" } }
    local rows = ban(net, "a"):exposure():saves()
    assert.are.same({ id = "a", what = "keep", saves = 4, saved = { "b", "c", "d", "e" } }, rows[1])
    assert.are.same({ id = "b", what = "alternative", need = "cloud", saves = 3, saved = { "b", "c", "d" } }, rows[2])
    assert.are.equal(1, rows[3].saves)
    assert.are.equal(2, #ban(net, "a"):exposure():saves { most = 2 })
  end)

  it("is nothing where one alone does not help", function()
    local net = network { { "a", "m", need = "x" }, { "b", "m", need = "y" } }
    assert.are.same({}, ban(net, { "a", "b" }):exposure():saves())
  end)
end)

describe("data within reach", function()
  local net = network { { "cloud", "unit", data = { "personal", "ip" } }, { "store", "cloud", data = "ip" },
    { "cloud", "shop" } }

  it("is what a restricted supplier holds", function()
    local rows = ban(net, "cloud"):exposure():data()
    assert.are.equal("unit", ids_of(rows))
    local classes = rows[1].data
    assert.are.equal("ip", classes[1].class)
    assert.are.equal("personal", classes[2].class)
    assert.are.same({ "cloud" }, classes[2].suppliers)
    assert.are.same({ "ban-1" }, classes[2].restrictions)
  end)

  it("and what is handed on to one", function()
    local rows = ban(net, "store"):exposure():data()
    assert.are.equal("cloud unit", ids_of(rows))
    assert.are.equal(1, #rows[2].data)
    assert.are.equal("store cloud unit", ids_of(rows[2].data[1].path))
    assert.are.equal(2, rows[2].data[1].steps)
  end)
end)

describe("compromise", function()
  it("reaches everyone downstream, whatever the measure", function()
    local net = network { { "a", "b" }, { "b", "c", reliance = "none" }, { "x", "c" } }
    local rows = ban(net, "a", { measure = "review" }):exposure():compromised()
    assert.are.equal("b c", ids_of(rows))
    assert.are.equal("a b c", ids_of(rows[2].path))
    assert.are.same({ "b" }, rows[2].suppliers)
  end)
end)

describe("the first example", function()
  local net = assert(knockon.load "examples/alibaba-2022.json")
  local exposure = net:scenario({ as_of = "2022-01-18", restrictions = "none" })
    :ban("alibaba-cloud", { rule = "icts", scope = "owned" }):exposure()

  it("says who stores which data class where (what worried the office)", function()
    local rows = exposure:data()
    assert.are.equal("ford-unit hpe-unit red-hat", ids_of(rows))
    for _, row in ipairs(rows) do
      assert.are.equal("ip", row.data[1].class)
      assert.are.equal("personal", row.data[2].class)
      assert.are.same({ "alibaba-cloud" }, row.data[1].suppliers)
    end
  end)

  it("says who loses a need without alternative, until there is one", function()
    assert.are.equal("ford-unit hpe-unit red-hat", ids_of(exposure:disrupted()))
    local moved = exposure.scenario:add { kind = "supplies", from = "azure", to = "ford-unit", need = "cloud" }
    assert.are.equal("hpe-unit red-hat", ids_of(moved:exposure():disrupted()))
  end)

  it("says who is downstream of a cloud that attackers entered", function()
    local entered = net:scenario({ as_of = "2022-01-18" }):ban("hpe-cloud", { rule = "listing" }):exposure()
    assert.are.equal("hpe-cloud-customers", ids_of(entered:compromised()))
  end)

  it("sets the four kinds of harm side by side", function()
    local by_id = {}
    for _, row in ipairs(exposure:harms()) do by_id[row.id] = row end
    assert.are.same({ id = "red-hat", name = "Red Hat", prohibition = "yes", disruption = "yes", data = "yes",
      compromise = "yes" }, by_id["red-hat"])
    assert.are.equal("yes", by_id.ford.prohibition)
    assert.are.equal("no", by_id.ford.data)
  end)
end)

-- Random small networks -----------------------------------------------------------------------------------------------

-- The restricted of each reading.
local function gone_of(exposure)
  local gone = { low = {}, high = {} }
  for _, row in ipairs(exposure:restricted()) do
    gone.high[row.id] = true
    if row.verdict == "yes" then gone.low[row.id] = true end
  end
  return gone
end

local function told(map)
  local words = {}
  for id, word in pairs(map) do words[#words + 1] = id .. "=" .. tostring(word) end
  table.sort(words)
  return table.concat(words, " ")
end

local function expected_rows(facts, question, gone, least)
  local low = naive_harms.failing(facts, question, gone.low, "low", least)
  local high = naive_harms.failing(facts, question, gone.high, "high", least)
  local rows = {}
  for id, round in pairs(high) do
    if not gone.high[id] then rows[id] = "possible" .. round end
  end
  for id, round in pairs(low) do
    if not gone.low[id] then rows[id] = "yes" .. round end
  end
  return told(rows)
end

local function random_case(seed)
  local facts, question = random_network.make(seed)
  local state = seed
  naive_harms.add_supplies(facts, function(n)
    state = state * 16807 % 2147483647
    return state % n + 1
  end)
  return facts, question
end

local function verdicts(rows, field)
  local words = {}
  for _, row in ipairs(rows) do words[row.id] = row.verdict .. (field and row[field] or "") end
  return told(words)
end

describe("on random small networks", function()
  it("the same fails as in the naive model, in the same rounds", function()
    local many = 0
    for seed = 1, SEEDS do
      local facts, question = random_case(seed)
      local exposure = assert(random_scenario.banned(facts, question, "prohibit"):exposure())
      local gone = gone_of(exposure)
      for least, option in pairs { [0] = false, [400000000] = "40%" } do
        local rows = assert(exposure:disrupted { least = option or nil })
        many = many + #rows
        assert.are.equal(expected_rows(facts, question, gone, least), verdicts(rows, "round"),
          ("seed %d, least %d"):format(seed, least))
      end
    end
    assert.is_true(many > SEEDS)
  end)

  it("what would save the most is what trying each one finds", function()
    for seed = 1, SEEDS do
      local facts, question = random_case(seed)
      local exposure = assert(random_scenario.banned(facts, question, "prohibit"):exposure())
      local gone = gone_of(exposure).low
      local failing = naive_harms.failing(facts, question, gone, "low", 0)
      local counts, best = {}, {}
      local function count(id, what, left)
        local saved = 0
        for user in pairs(failing) do
          if not left[user] and not gone[user] then saved = saved + 1 end
        end
        if saved > 0 then counts[what .. " " .. id], best[#best + 1] = saved, saved end
      end
      for id in pairs(gone) do
        gone[id] = false
        local left = naive_harms.failing(facts, question, gone, "low", 0)
        gone[id] = true
        count(id, "keep", left)
      end
      for id in pairs(failing) do
        for _, need in ipairs(gone[id] and {} or exposure:disrupted({ ids = id })[1].needs) do
          count(id, "alternative", naive_harms.failing(facts, question, gone, "low", 0, need.suppliers[1].relation))
        end
      end
      table.sort(best, function(a, b) return a > b end)
      local rows = assert(exposure:saves { most = 5 })
      assert.are.equal(math.min(5, #best), #rows, "seed " .. seed)
      for i, row in ipairs(rows) do
        assert.are.equal(best[i], row.saves, "seed " .. seed)
        assert.are.equal(counts[row.what .. " " .. row.id], row.saves, "seed " .. seed)
        assert.are.equal(row.saves, #row.saved, "seed " .. seed)
      end
    end
  end)

  it("data and compromise reach as in the naive model", function()
    for seed = 1, SEEDS do
      local facts, question = random_case(seed)
      local exposure = assert(random_scenario.banned(facts, question, "prohibit"):exposure())
      local gone = gone_of(exposure)
      for _, with_data in ipairs { true, false } do
        local low = naive_harms.reach(facts, question, gone.low, with_data)
        local high = naive_harms.reach(facts, question, gone.high, with_data)
        local expected, found = {}, {}
        for id, classes in pairs(high) do
          for class in pairs(gone.low[id] and {} or classes) do
            local sure = low[id] and low[id][class] and not gone.high[id]
            expected[id .. "/" .. class] = sure and "yes" or "possible"
          end
        end
        for _, row in ipairs(with_data and exposure:data() or exposure:compromised()) do
          for _, one in ipairs(row.data or { { class = "", verdict = row.verdict } }) do
            found[row.id .. "/" .. one.class] = one.verdict
          end
        end
        assert.are.equal(told(expected), told(found), "seed " .. seed)
      end
    end
  end)
end)

describe("bad arguments of harms", function()
  local exposure = ban(network { { "a", "b" } }, "a"):exposure()
  local function message(method, opts)
    local fine, err = pcall(exposure[method], exposure, opts)
    assert.is_false(fine)
    return err.argument .. ": " .. tostring(err)
  end

  it("raise by name", function()
    assert.are.equal('least: least must be a part of the need such as "50%" or 0.5, above 0',
      message("disrupted", { least = 0 }))
    assert.truthy(message("disrupted", { least = "20-30%" }):find "^least:")
    assert.truthy(message("disrupted", { ids = "z" }):find "^ids:")
    assert.truthy(message("disrupted", { verdict = "maybe" }):find "^verdict:")
    assert.truthy(message("compromised", { lest = 1 }):find "^lest:")
    assert.truthy(message("saves", { most = 0 }):find "^most:")
    assert.truthy(message("saves", { most = 0 / 0 }):find "^most:")
    assert.truthy(message("saves", { verdict = "no" }):find "^verdict:")
    assert.truthy(message("data", "all"):find "^opts:")
    assert.truthy(message("harms", { progress = 1 }):find "^progress:")
  end)

  it("are none where nothing is restricted: the answer is empty", function()
    local nothing = network({ { "a", "b" } }):scenario({ as_of = "2022" }):exposure()
    for _, method in ipairs { "disrupted", "saves", "data", "compromised", "harms" } do
      assert.are.same({}, nothing[method](nothing))
    end
  end)

  it("and budgets are kept", function()
    local function stop() return false end
    for _, method in ipairs { "disrupted", "saves", "data", "compromised", "harms" } do
      local rows, text, code = exposure[method](exposure, { progress = stop })
      assert.is_nil(rows, method)
      assert.are.equal("interrupted", code, method)
      assert.truthy(text:find "^interrupted while", method)
      assert.are.equal("limit", select(3, exposure[method](exposure, { limits = { bytes = 1 } })), method)
    end
  end)
end)
