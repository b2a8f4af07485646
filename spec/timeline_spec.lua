-- Questions over several evaluations: the timeline of verdicts, the ladder of scopes, what was restricted before, and
-- red flags beside the verdicts.

local knockon = require "knockon"
local random_network = require "spec.support.random_network"
local random_scenario = require "spec.support.random_scenario"

local function firm(id, country) return { id = id, country = country } end

local function lines(timeline)
  local out = {}
  for _, day in ipairs(timeline.days) do
    local causes = {}
    for _, cause in ipairs(day.causes) do causes[#causes + 1] = cause.kind .. " " .. cause.id .. " " .. cause.what end
    for _, change in ipairs(day.changes) do
      out[#out + 1] = ("%s %s %s: %s -> %s (%s)"):format(day.date, change.list, change.id, change.before, change.after,
        table.concat(causes, ", "))
    end
  end
  return out
end

describe("the timeline", function()
  local net = knockon.network {
    entities = { firm("supplier", "CN"), firm("unit", "US"), firm("parent", "US"), firm("other", "US") },
    relations = {
      { id = "use", kind = "supplies", from = "supplier", to = "unit", since = "2020", ["until"] = "2024-07-01" },
      { id = "holding", kind = "owns", from = "parent", to = "unit", share = "100%" },
      { id = "elsewhere", kind = "owns", from = "other", to = "parent", share = "5%", since = "2021-05" },
    },
    restrictions = {
      { id = "act", rule = "icts", targets = { "supplier" }, since = "2022-03-01", ["until"] = "2025" },
      { id = "shelved", rule = "icts", targets = { "supplier" }, status = "proposed", since = "2010" },
    },
  }

  it("names every day on which a verdict changes, and what changed it", function()
    assert.are.same({
      "2022-03-01 restricted supplier: no -> yes (restriction act starts)",
      "2022-03-01 users unit: no -> yes (restriction act starts)",
      "2022-03-01 parents parent: no -> yes (restriction act starts)",
      "2024-07-01 users unit: yes -> no (relation use ends)",
      "2024-07-01 parents parent: yes -> no (relation use ends)",
      "2025-01-01 restricted supplier: yes -> no (restriction act ends)",
    }, lines(net:scenario():timeline { from = "2019-01-01", to = "2030-01-01" }))
  end)

  it("begins with what holds on its first day and ends with its last", function()
    local timeline = net:scenario():timeline { from = "2023-01-01", to = "2024-07-01" }
    assert.are.equal(1, timeline.start.parents)
    assert.are.equal(2, #lines(timeline))
    assert.are.equal(0, #lines(net:scenario():timeline { from = "2023-01-01", to = "2024-06-30" }))
  end)

  it("knows the dates of rules, and the day an exception lapses", function()
    local suspended = net:scenario { restrictions = "none" }:assume("shelved")
    assert.are.same("rule icts starts",
      lines(suspended:timeline { from = "2020-06-01", to = "2021-06-01" })[1]:match("%((.-)%)"))
    local excepted = net:scenario():except({ id = "use" }, { ["until"] = "2023-01-01", source = "wind-down" })
    assert.are.same({
      "2023-01-01 users unit: excepted -> yes (exception wind-down ends)",
      "2023-01-01 parents parent: excepted -> yes (exception wind-down ends)",
    }, lines(excepted:timeline { from = "2022-06-01", to = "2023-06-01" }))
  end)

  it("refuses a span it cannot follow", function()
    local wrong = {
      {}, { from = "2020" }, { from = "2021", to = "2020" }, { from = "x", to = "2020" }, { form = "2020" },
    }
    for _, opts in ipairs(wrong) do
      local fine, object = pcall(net.scenario(net).timeline, net:scenario(), opts)
      assert.is_false(fine)
      assert.are.equal("argument", object.code)
    end
  end)

  it("agrees with looking at every single day, on random networks", function()
    for seed = 1, 40 do
      local facts, question = random_network.make(seed)
      local scenario = random_scenario.banned(facts, question)
      local year = question.as_of:sub(1, 4)
      local timeline = scenario:timeline { from = year .. "-05-20", to = year .. "-07-10" }
      local function verdicts_on(date)
        local verdicts = {}
        for _, parent in ipairs(scenario:at(date):exposure():parents()) do verdicts[parent.id] = parent.verdict end
        return verdicts
      end
      local told, at = verdicts_on(year .. "-05-20"), 1
      for _, month in ipairs { { 5, 21, 31 }, { 6, 1, 30 }, { 7, 1, 10 } } do
        for day = month[2], month[3] do
          local date = ("%s-%02d-%02d"):format(year, month[1], day)
          local here = timeline.days[at]
          if here and here.date == date then
            at = at + 1
            for _, change in ipairs(here.changes) do
              if change.list == "parents" then told[change.id] = change.after ~= "no" and change.after or nil end
            end
          end
          assert.are.same(verdicts_on(date), told, "seed " .. seed .. ", " .. date)
        end
      end
      assert.is_nil(timeline.days[at])
    end
  end)
end)

describe("the ladder", function()
  it("is each parent's verdict scope by scope", function()
    local net = knockon.network {
      entities = {
        firm("cloud", "CN"), firm("home", "US"), firm("abroad", "FR"), firm("unknown"), firm("top", "US"),
        firm("signer", "US"), firm("stranger", "JP"),
      },
      relations = {
        { kind = "supplies", from = "cloud", to = "home" }, { kind = "supplies", from = "cloud", to = "abroad" },
        { kind = "supplies", from = "cloud", to = "unknown" },
        { kind = "supplies", from = "cloud", to = "stranger", party = "signer" },
        { kind = "owns", from = "top", to = "abroad", share = "60%" },
      },
    }
    local ban = net:scenario { restrictions = "none" }:ban("cloud", { rule = "icts" })
    local rows = {}
    for _, row in ipairs(ban:exposure():ladder()) do
      local levels = row.levels
      rows[row.id] = ("%s %s %s %s %s"):format(levels.entity, levels.branches, levels.located, levels.owned,
        levels.facilitation)
    end
    assert.are.same({
      home = "yes yes yes yes yes", unknown = "possible possible possible possible possible", top = "no no no yes yes",
      signer = "no no no no yes", stranger = "no no no no yes",
    }, rows)
    assert.are.same({ yes = "owned" }, ban:exposure():ladder()[4].lowest)
    assert.are.equal("entity", ban:exposure():run().scope)
  end)
end)

describe("what was restricted before", function()
  local function network(rule)
    return knockon.network {
      entities = { firm("X"), firm("A"), firm("B") },
      relations = {
        { kind = "owns", from = "X", to = "A", share = "50%", ["until"] = "2020-06-01" },
        { kind = "owns", from = "X", to = "A", share = "49%", since = "2020-06-01" },
        { kind = "owns", from = "A", to = "B", share = "60%" },
      },
      restrictions = { { id = "act", rule = rule, targets = { "X" }, since = "2018" } },
    }
  end

  it("stays blocked under a rule that retains (FAQ 402): now, and property then", function()
    local exposure = network("ofac_50"):scenario { as_of = "2021-01-01" }:exposure()
    assert.are.equal(0, #exposure:restricted { ids = { "A", "B" } })
    local ids = {}
    for _, row in ipairs(exposure:formerly()) do
      ids[#ids + 1] = row.id
      assert.are.same({ "2018-01-01", "2020-06-01" }, { row.since, row["until"] })
    end
    assert.are.same({ "A", "B" }, ids)
    assert.are.equal("2020-06-01", exposure:why("B").formerly["until"])
    assert.truthy(tostring(exposure:why("B")):find("2020-06-01", 1, true))
  end)

  it("is empty while it is restricted, before the act, and under rules that do not retain", function()
    assert.are.same({}, network("ofac_50"):scenario { as_of = "2019-01-01" }:exposure():formerly())
    assert.are.same({}, network("ofac_50"):scenario { as_of = "2017-01-01" }:exposure():formerly())
    assert.are.same({}, network("eu_own_2024"):scenario { as_of = "2025-01-01" }:exposure():formerly())
  end)
end)

describe("red flags", function()
  local function flags(rule, relations)
    local entities = { firm("X", "CN"), firm("Y", "CN"), firm("Z", "FR"), firm("A", "FR") }
    local day = knockon.network { entities = entities, relations = relations }:scenario { as_of = "2025-10-15" }
    local exposure, out = day:ban({ "X", "Y" }, { rule = rule }):exposure(), {}
    for _, flag in ipairs(exposure:red_flags()) do out[#out + 1] = flag.code .. " " .. flag.holder .. " " .. flag.id end
    return out, exposure
  end

  it("are the authority's own, apart from verdicts: an unknown share is BIS's Red Flag 29", function()
    local list, exposure = flags("bis_affiliates", {
      { kind = "owns", from = "X", to = "A", share = "30%" }, { kind = "owns", from = "Y", to = "A" },
    })
    assert.are.same({ "unknown_share Y A" }, list)
    assert.are.equal("possible", exposure:restricted { ids = { "A" } }[1].verdict)
  end)

  it("tell a largest holder below the threshold under the EU's control test", function()
    local list, exposure = flags("eu_control", {
      { kind = "owns", from = "X", to = "A", share = "40%" }, { kind = "owns", from = "Z", to = "A", share = "10%" },
    })
    assert.truthy(table.concat(list, ","):find("largest_holder X A", 1, true))
    assert.are.equal(0, #exposure:restricted { ids = { "A" } })
  end)

  it("are none where the rule names none", function()
    assert.are.same({}, (flags("listing", { { kind = "owns", from = "X", to = "A", share = "10%" } })))
  end)
end)
