-- A sweep gives, row by row, what one evaluation of a ban on each candidate would give: held against such evaluations
-- and against the naive model on small random networks, under many rules.
--
-- KNOCKON_SEEDS=n tries a tenth of as many networks.

local knockon = require "knockon"
local naive = require "spec.support.naive"
local random_network = require "spec.support.random_network"

local SEEDS = math.ceil((tonumber(os.getenv "KNOCKON_SEEDS") or 3000) / 10)

local COUNTS = { "restricted", "restricted_possible", "users", "users_possible", "parents", "parents_possible" }

local function count(rows, verdict)
  local n = 0
  for _, row in pairs(rows) do
    if row.verdict == verdict then n = n + 1 end
  end
  return n
end

-- The numbers of a row, from whole lists of rows.
local function counts_of(lists)
  return {
    restricted = count(lists.restricted, "yes"), restricted_possible = count(lists.restricted, "possible"),
    users = count(lists.users, "yes"), users_possible = count(lists.users, "possible"),
    parents = count(lists.parents, "yes"), parents_possible = count(lists.parents, "possible"),
  }
end

local function by_evaluation(base, targets, rule, scope)
  local exposure = assert(base:ban(targets, { rule = rule, scope = scope, measure = "prohibit" }):exposure())
  return counts_of { restricted = exposure:restricted(), users = exposure:users(), parents = exposure:parents() }
end

local function by_model(facts, question, targets, rule, scope)
  return counts_of(naive.evaluate(facts, {
    as_of = question.as_of, drop = question.drop,
    acts = { { rule = rule, scope = scope, restrictions = { { id = "x", targets = targets } } } },
  }))
end

local function numbers(row)
  local list = {}
  for i, name in ipairs(COUNTS) do list[i] = row[name] end
  return table.concat(list, " ")
end

local function same_rows(a, b)
  assert.equal(#a, #b)
  for i, row in ipairs(a) do
    assert.equal(row.id or table.concat(row.ids, "+"), b[i].id or table.concat(b[i].ids, "+"))
    assert.equal(numbers(row), numbers(b[i]))
    assert.same(row.spend, b[i].spend)
  end
end

-- Rules under which everyone is bound and harm travels anywhere: what many candidates are counted together for.
local ANYWHERE = {
  { id = "anywhere", title = "a", authority = "spec", source = "spec", revision = 1, owned = false, control = false,
    captures = "any", flow = "any", tiers = 1, bound = { anyone = true } },
  { id = "anywhere_owned", title = "a", authority = "spec", source = "spec", revision = 1,
    owned = { at_least = "50%", of = "either", sum = "all" }, control = true, captures = "any", flow = "any", tiers = 1,
    bound = { anyone = true } },
}

local function small(seed)
  local facts, question = random_network.make(seed)
  local net = assert(knockon.network(facts))
  local base = net:scenario { as_of = question.as_of, restrictions = "none" }
  if question.drop then base = base:drop(question.drop) end
  return facts, question, net, base
end

local function rules_of(question)
  local rules = {}
  for i, act in ipairs(question.acts) do rules[i] = { rule = act.rule, scope = act.scope } end
  for _, rule in ipairs(ANYWHERE) do rules[#rules + 1] = { rule = rule } end
  return rules
end

describe("a sweep", function()
  it("agrees with one evaluation a target, and with the naive model", function()
    local compared, together = 0, 0
    for seed = 1, SEEDS do
      local facts, question, net, base = small(seed)
      local ids = {}
      for i, entity in ipairs(facts.entities) do ids[i] = entity.id end
      for _, one in ipairs(rules_of(question)) do
        local rows = assert(base:sweep { targets = ids, rule = one.rule, scope = one.scope })
        assert.equal(#rows, rows.candidates)
        together = together + rows.together
        for _, row in ipairs(rows) do
          local place = ("seed %d, rule %s, %s: "):format(seed, one.rule.id, row.id)
          local expected = numbers(by_evaluation(base, row.id, one.rule, one.scope))
          assert.equal(place .. expected, place .. numbers(row))
          assert.equal(place .. numbers(by_model(facts, question, { row.id }, one.rule, one.scope)),
            place .. numbers(row))
          compared = compared + 1
        end
      end
      net:close()
    end
    assert.truthy(compared > SEEDS * 10)
    assert.truthy(together > SEEDS) -- the kernel for many was not idle
  end)

  it("of pairs agrees with a ban on both", function()
    for seed = 1, math.ceil(SEEDS / 10) do
      local facts, question, net, base = small(seed)
      local ids = {}
      for i, entity in ipairs(facts.entities) do ids[i] = i <= 5 and entity.id or nil end
      for _, one in ipairs(rules_of(question)) do
        local rows = assert(base:sweep { targets = ids, size = 2, rule = one.rule, scope = one.scope })
        for _, row in ipairs(rows) do
          assert.is_nil(row.id)
          assert.equal(numbers(by_evaluation(base, row.ids, one.rule, one.scope)), numbers(row))
        end
      end
      net:close()
    end
  end)

  it("is the same with any number of threads", function()
    for seed = 1, math.ceil(SEEDS / 10) do
      local _, question, net, base = small(seed)
      for _, one in ipairs(rules_of(question)) do
        local opts = { rule = one.rule, scope = one.scope, spend = true }
        local alone = assert(base:sweep(opts))
        for _, threads in ipairs { 2, 5 } do
          opts.threads = threads
          same_rows(alone, assert(base:sweep(opts)))
        end
      end
      net:close()
    end
  end)
end)

-- A cloud with two suppliers behind it, and who depends on them.
local function network()
  return assert(knockon.network {
    entities = {
      { id = "cloud", name = "Cloud", kind = "service" }, { id = "vendor", country = "CN" },
      { id = "chips", country = "CN", kind = "firm" }, { id = "old", ["until"] = "2010" },
      { id = "plant", country = "US" }, { id = "shop", country = "US" }, { id = "holding", country = "US" },
      { id = "office", country = "US" }, { id = "band", country = "US" },
    },
    relations = {
      { kind = "operates", from = "vendor", to = "cloud" },
      { kind = "supplies", from = "chips", to = "vendor", spend = "5", currency = "USD" },
      { kind = "supplies", from = "cloud", to = "plant", spend = "100.25", currency = "USD", contract = "c1" },
      { kind = "supplies", from = "cloud", to = "shop", spend = "100.25", currency = "USD", contract = "c1" },
      { kind = "supplies", from = "chips", to = "office", spend = "900", currency = "EUR" },
      { kind = "supplies", from = "old", to = "office" },
      { kind = "supplies", from = "office", to = "shop" },
      { kind = "owns", from = "holding", to = "plant", share = "60%" },
      { kind = "owns", from = "band", to = "shop", share = "25-75%" },
    },
    restrictions = {
      { id = "act", rule = "listing", targets = { "plant" }, status = "active" },
    },
  })
end

local function ids_of(rows)
  local list = {}
  for i, row in ipairs(rows) do list[i] = row.id or table.concat(row.ids, "+") end
  return table.concat(list, " ")
end

describe("a sweep's rows", function()
  local day = network():scenario { as_of = "2024-01-01" }

  it("are everything that supplies somebody, the most parents first", function()
    local rows = assert(day:sweep { rule = "icts" })
    assert.equal("cloud chips office", ids_of(rows))
    assert.same({ 3, "parents", 1 }, { rows.candidates, rows.by, rows.size })
    assert.same({ id = "cloud", name = "Cloud", restricted = 1, restricted_possible = 0, users = 2, users_possible = 0,
      parents = 1, parents_possible = 2 }, rows[1])
  end)

  it("are of the targets asked for: ids, one id, a predicate", function()
    assert.equal("cloud vendor", ids_of(assert(day:sweep { targets = { "vendor", "cloud", "vendor" }, by = "users" })))
    assert.equal("cloud", ids_of(assert(day:sweep { targets = "cloud" })))
    assert.equal("cloud", ids_of(assert(day:sweep { targets = { kind = "service" } })))
    assert.equal("chips vendor", ids_of(assert(day:sweep { targets = { country = "CN" }, rule = "listing" })))
    assert.equal("", ids_of(assert(day:sweep { targets = { kind = "site" } })))
  end)

  it("of a target that is not in force are empty", function()
    local row = assert(day:sweep { targets = "old" })[1]
    assert.equal("0 0 0 0 0 0", numbers(row))
  end)

  it("stop at the top asked for, and say how many there were", function()
    local rows = assert(day:sweep { top = 1, rule = "reach" })
    assert.equal(1, #rows)
    assert.equal(3, rows.candidates)
  end)

  it("do not count what else is in force, nor other bans", function()
    local with = day:ban("holding", { rule = "reach" })
    same_rows(assert(day:sweep()), assert(with:sweep()))
  end)

  it("count the scenario's edits and its day", function()
    local edited = day:drop { kind = "supplies", from = "cloud" }
    edited = edited:add { kind = "supplies", from = "vendor", to = "plant" }
    assert.equal("chips office vendor", ids_of(assert(edited:sweep { rule = "reach", by = "users" })))
    local before = day:at "2005-01-01"
    assert.equal("cloud chips old office", ids_of(assert(before:sweep())))
  end)

  it("do not hang on exceptions: what they cover stays", function()
    same_rows(assert(day:sweep { spend = true }), assert(day:except({ kind = "supplies" }):sweep { spend = true }))
  end)

  it("of pairs have two ids, and are for short lists", function()
    local rows = assert(day:sweep { size = 2, rule = "reach" })
    assert.equal("chips+cloud chips+office cloud+office", ids_of(rows))
    assert.same({ "", "Cloud" }, rows[1].names)
    local many = { entities = {}, relations = {} }
    for i = 1, 201 do many.entities[i] = { id = "e" .. i } end
    local crowd = assert(knockon.network(many)):scenario {}
    local fine, wrong = pcall(crowd.sweep, crowd, { targets = { kind = "firm" }, size = 2 })
    assert.is_false(fine)
    assert.equal("pairs are for a short list: 200 targets at most, and these are 201", tostring(wrong))
  end)

  it("carry what sure users spend, where asked, a contract once", function()
    local rows = assert(day:sweep { spend = true })
    assert.same({ USD = "100.25" }, rows[1].spend)
    assert.same({}, rows[3].spend)
    assert.is_nil(assert(day:sweep())[1].spend)
  end)

  it("by spend are ranked in one currency", function()
    local rows = assert(day:sweep { by = "spend", currency = "EUR" })
    assert.same({ "chips", "EUR" }, { rows[1].id, rows.currency })
    rows = assert(day:sweep { by = "spend", targets = { "cloud", "office" } })
    assert.same({ "cloud", "USD" }, { rows[1].id, rows.currency })
  end)
end)

describe("a sweep raises", function()
  local day = network():scenario { as_of = "2024-01-01" }

  local function wrong(opts, message)
    local fine, object = pcall(day.sweep, day, opts)
    assert.is_false(fine)
    assert.equal(message, tostring(object):gsub("\n.*", ""))
  end

  it("for what it cannot do", function()
    wrong({ by = "spend" }, "say which currency to rank by; the contracts are in EUR, USD")
    wrong({ by = "spend", currency = "CHF" }, "no contract is in CHF; there are EUR, USD")
    wrong({ currency = "CHF" }, 'currency says what to rank by with by = "spend"; here it is by parents')
    wrong({ by = "user" }, 'by is "user"; it must be one of parents, users, spend; did you mean "users"?')
    wrong({ size = 3 }, "size must be a whole number from 1 to 2, not 3")
    wrong({ top = 0 }, "top must be a whole number of 1 or more, not 0")
    wrong({ threads = 0.5 }, "threads must be a whole number from 1 to 64, not 0.5")
    wrong({ targets = {} }, 'targets must be an id, a list of ids, or a predicate such as { kind = "service" }')
    wrong({ targets = "clod" }, 'no entity has the id "clod"; did you mean "cloud" or "old"?')
    wrong({ to = 1 }, 'unknown option "to"; known: by, currency, limits, progress, rule, scope, size, spend, targets, '
      .. 'threads, top; did you mean "top"?')
  end)
end)

describe("a sweep ends early", function()
  local day = network():scenario { as_of = "2024-01-01" }

  for _, rule in ipairs { "icts", "reach" } do
    it("when its progress says so, under " .. rule, function()
      local rows, message, code = day:sweep { rule = rule, progress = function() return false end }
      assert.is_nil(rows)
      assert.equal("interrupted", code)
      assert.truthy(message:find "^interrupted while ")
    end)

    it("at a limit, under " .. rule, function()
      local rows, message, code = day:sweep { rule = rule, limits = { bytes = 500 }, threads = 2 }
      assert.is_nil(rows)
      assert.same({ "stopped at the limit of 500 bytes", "limit" }, { message, code })
      rows, _, code = day:sweep { rule = rule, limits = { seconds = 0 }, threads = 2 }
      assert.is_nil(rows)
      assert.equal("limit", code)
    end)
  end

  it("not when its progress sweeps the same scenario", function()
    local net, asked = network(), 0
    local quiet = assert(day:sweep { rule = "reach" })
    local fresh = net:scenario { as_of = "2024-01-01" }
    local rows = assert(fresh:sweep { rule = "reach", progress = function()
      asked = asked + 1
      if asked < 3 then same_rows(quiet, assert(fresh:sweep { rule = "reach" })) end
    end })
    assert.truthy(asked > 0)
    same_rows(quiet, rows)
    same_rows(quiet, assert(fresh:sweep { rule = "reach" }))
  end)

  it("when its progress raises, with that error", function()
    local fine, wrong = pcall(day.sweep, day, { progress = function() error("enough", 0) end })
    assert.is_false(fine)
    assert.equal("enough", wrong)
  end)
end)
