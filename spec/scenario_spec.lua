-- Scenarios: immutable what-ifs over one network.
local knockon = require "knockon"

-- A vendor runs a cloud that two firms use; each has a parent. The data has three acts, of which one is active.
local net = knockon.network {
  entities = {
    { id = "vendor", country = "CN" }, { id = "cloud", kind = "service", country = "CN" },
    { id = "other", kind = "service", country = "RU" }, { id = "plant", country = "DE" },
    { id = "shop", country = "US" }, { id = "holding", country = "US" },
    { id = "newcomer", country = "US", since = "2023" }, { id = "signer", country = "US" },
  },
  relations = {
    { id = "runs", kind = "operates", from = "vendor", to = "cloud" },
    { id = "hosting", kind = "supplies", from = "cloud", to = "plant", since = "2019", contract = "c1" },
    { id = "web", kind = "supplies", from = "cloud", to = "shop", since = "2021", ["until"] = "2024", contract = "c2" },
    { id = "mail", kind = "supplies", from = "other", to = "shop" },
    { id = "late", kind = "supplies", from = "cloud", to = "newcomer" },
    { id = "old", kind = "owns", from = "holding", to = "plant", share = "80%", since = "2010" },
    { id = "new", kind = "owns", from = "holding", to = "plant", share = "30%", since = "2023" },
  },
  restrictions = {
    { id = "listed", rule = "listing", targets = { "other" }, since = "2020", ["until"] = "2024" },
    { id = "review", rule = "icts", scope = "owned", targets = { "cloud" }, status = "review", since = "2021-03" },
    {
      id = "order", rule = "icts", targets = { "cloud" }, status = "revoked",
      except = {
        { covers = { contract = "c1" }, contracts_before = "2020", ["until"] = "2022-06", source = "licence 7" },
      },
    },
  },
}
local start = net:scenario { as_of = "2022-01-18", restrictions = "none" }

local function ids(rows)
  local out = {}
  for i, row in ipairs(rows) do out[i] = row.id .. (row.verdict == "yes" and "" or " " .. row.verdict) end
  return table.concat(out, ", ")
end

local function parents(scenario) return ids(scenario:exposure():parents()) end

-- Misuse raises an error object; what must be in it is given as fields.
local function refuses(expected, f, ...)
  local fine, object = pcall(f, ...)
  assert.is_false(fine)
  assert.are.equal("table", type(object), tostring(object))
  assert.is_string(object.message)
  for field, value in pairs(expected) do assert.are.same(value, object[field], tostring(object)) end
  return object
end

describe("a scenario", function()
  it("never changes: every what-if gives a new one, and the old one answers as before", function()
    local ban = start:ban("vendor", { scope = "owned" })
    local before = ids(ban:exposure():users())
    assert.are.equal("plant, shop", before)
    local others = {
      ban:at "2018", ban:ban "other", ban:lift "ban-1", ban:assume "review", ban:drop "hosting",
      ban:drop { to = "shop" }, ban:except { contract = "c1" },
      ban:add { kind = "supplies", from = "cloud", to = "signer" },
    }
    for _, other in ipairs(others) do
      assert.are_not.equal(ban, other)
      other:exposure()
      assert.are.equal(before, ids(ban:exposure():users()))
    end
    assert.are.equal("", ids(start:exposure():users()))
    assert.are.equal(before, ids(start:ban("vendor", { scope = "owned" }):exposure():users()))
  end)

  it("remembers its exposure, and shares none with others", function()
    local ban = start:ban "cloud"
    assert.are.equal(ban:exposure(), ban:exposure())
    assert.are_not.equal(ban:exposure(), ban:at("2022-01-18"):exposure())
    assert.are_not.equal(ban:exposure(), start:exposure())
  end)

  it("keeps its own copies of what it was given", function()
    local targets, group, filter = { "cloud" }, { "cloud", "other" }, { contract = { "c1" } }
    local relation = { id = "extra", kind = "supplies", from = "cloud", to = "signer", data = { "ip" } }
    local exceptions = { { covers = { contract = "c2" } } }
    local ban = start:ban(targets, { scope = "owned", joint = { group }, except = exceptions }):except(filter)
      :add(relation)
    targets[1], targets[2], group[1], filter.contract[1], relation.to = "other", "vendor", "nobody", "c9", "nobody"
    exceptions[1].covers.contract = "c9"
    local exposure = ban:exposure()
    assert.are.equal("cloud", ids(exposure:restricted()))
    assert.are.equal("plant, shop, signer", ids(exposure:users()))
    assert.is_table(exposure:users({ ids = { "plant" } })[1].excepted)
    assert.is_table(exposure:users({ ids = { "shop" } })[1].excepted)
    exposure:restrictions()[1].targets[1] = "changed"
    assert.are.same({ "cloud" }, exposure:restrictions()[1].targets)
  end)

  it("can be told in a line", function()
    assert.are.equal("scenario (2022-01-18, 0 bans)", tostring(start))
    assert.are.equal("scenario (2022-01-18, 1 ban)", tostring(start:ban "cloud"))
    assert.are.equal("scenario (2020-01-01, 2 bans, 3 edits)",
      tostring(start:ban("cloud"):ban("other"):drop("web"):except({ contract = "c1" }):assume("review"):at "2020"))
  end)

  it("refuses a scope that is none", function()
    refuses({ code = "argument", argument = "scope" }, start.at_scope, start)
    refuses({ code = "argument", argument = "scope", near = { "owned" } }, start.at_scope, start, "ownd")
    assert.are.equal("plant, shop", ids(start:ban("cloud"):at_scope("owned"):exposure():users()))
  end)

  it("is of today when no date is given, and refuses what is no option or date", function()
    assert.are.equal(os.date "!%Y-%m-%d", net:scenario():exposure():run().as_of)
    assert.are.equal("2022-01-01", net:scenario({ as_of = 2022 }):exposure():run().as_of)
    refuses({ code = "argument", argument = "as_off", near = { "as_of" } }, net.scenario, net, { as_off = "2022" })
    refuses({ code = "argument", argument = "as_of" }, net.scenario, net, { as_of = "2022-02-30" })
    refuses({ code = "argument", argument = "as_of" }, net.scenario, net, { as_of = 2022.5 })
    refuses({ code = "argument", argument = "restrictions" }, net.scenario, net, { restrictions = "all" })
    refuses({ code = "argument" }, net.scenario, net, "2022")
    refuses({ code = "argument", argument = "limits.seconds" }, net.scenario, net, { limits = { seconds = -1 } })
  end)
end)

describe("scenario:at", function()
  it("moves to another day, with what was edited", function()
    local ban = start:ban("cloud", { scope = "owned" }):drop "late"
    assert.are.equal("", parents(ban:at "2018"))
    assert.are.equal("holding", parents(ban:at "2020"))
    assert.are.equal("holding, shop", parents(ban))
    assert.are.equal("shop", parents(ban:at "2023-12-31")) -- 80 % was superseded by 30 %
    assert.are.equal("", parents(ban:at "2024-01-01"))
    assert.are.equal("holding, shop", parents(ban:at("2018"):at "2022"))
  end)

  it("lets what is not yet there begin", function()
    assert.are.equal("plant no, shop", ids(start:ban("cloud"):exposure():users()))
    assert.are.equal("newcomer, plant no, shop", ids(start:ban("cloud"):at("2023"):exposure():users()))
    assert.are.equal("", ids(start:ban("newcomer"):exposure():restricted()))
  end)

  it("wants a date", function()
    refuses({ code = "argument", argument = "date" }, start.at, start)
    refuses({ code = "argument", argument = "date" }, start.at, start, "soon")
    refuses({ code = "argument", argument = "date" }, start.at, start, {})
  end)
end)

describe("scenario:ban", function()
  it("takes an id, a list of ids, or a predicate", function()
    assert.are.equal("cloud", ids(start:ban("cloud"):exposure():restricted()))
    assert.are.equal("cloud, other", ids(start:ban({ "other", "cloud" }):exposure():restricted()))
    local predicate = { country = { "CN", "RU" }, kind = "service" }
    assert.are.equal("cloud, other", ids(start:ban(predicate):exposure():restricted()))
    assert.are.equal("", ids(start:ban({ country = "FR" }):exposure():restricted()))
  end)

  it("adds to the bans there are, under ids that nothing else has", function()
    local two = start:ban("cloud"):ban "other"
    assert.are.equal("cloud, other", ids(two:exposure():restricted()))
    local active = two:lift("ban-1"):ban("vendor"):exposure():restrictions()
    assert.are.equal("ban-2, ban-3", active[1].id .. ", " .. active[2].id)
    assert.are.equal("mine", start:ban("cloud", { id = "mine" }):exposure():users()[1].restrictions[1])
  end)

  it("applies whatever the rule's dates, with a warning", function()
    local early = start:ban("cloud", { rule = "icts" }):at "2020"
    assert.are.equal("plant no", ids(early:exposure():users()))
    local warning = early:exposure():warnings()[1]
    assert.are.same({ "rule_not_in_force", { "ban-1" } }, { warning.code, warning.ids })
    assert.are.same({}, start:ban("cloud"):exposure():warnings())
  end)

  it("warns when its condition finds nobody", function()
    local function said(scenario)
      local warning = scenario:exposure():warnings()[1]
      return warning and table.concat({ warning.code, table.concat(warning.ids, " "), warning.message }, "|")
    end
    assert.are.equal("no_target|ban-1|ban-1: no entity matches country = CH", said(start:ban { country = "CH" }))
    assert.are.equal('no_target|ban-1|ban-1: no entity matches contry = CN or HK, kind = firm; no record has the field '
      .. '"contry", did you mean "country"?', said(start:ban { contry = { "CN", "HK" }, kind = "firm" }))
    assert.are.equal("no_target|ban-1|ban-1: no entity in force on 2022-01-18 matches id = newcomer",
      said(start:at("2022-01-18"):ban { id = "newcomer" }))
    assert.is_nil(said(start:ban { country = "CN" }))
    local acts = knockon.network { entities = { { id = "a", country = "DE" } },
      restrictions = { { id = "act", rule = "reach", targets = { country = "CN" } } } }
    assert.are.equal("no_target|act|act: no entity matches country = CN", said(acts:scenario { as_of = "2022" }))
  end)

  it("warns of users whose country no rule knows", function()
    local odd = knockon.network {
      entities = { { id = "cloud" }, { id = "shop", country = "USA" }, { id = "apart", country = "USA" } },
      relations = { { kind = "supplies", from = "cloud", to = "shop" } },
    }
    local warnings = odd:scenario({ as_of = "2022-01-18" }):ban("cloud"):exposure():warnings()
    assert.are.same({ 1, "country_code", { "shop" } }, { #warnings, warnings[1].code, warnings[1].ids })
    assert.truthy(warnings[1].message:find('"USA"', 1, true) and warnings[1].message:find('mean "US"?', 1, true))
  end)

  it("says what it is in the exposure's restrictions", function()
    local rule = { id = "mine", bound = { anyone = true }, owned = { at_least = "25%" } }
    local exposure = start:ban({ country = "CN" }, { rule = rule, title = "Trial", measure = "license" }):exposure()
    assert.are.same({
      { id = "ban-1", title = "Trial", hypothetical = true, rule = "mine", measure = "license", scope = "entity",
        targets = { country = "CN" }, status = "active" },
    }, exposure:restrictions())
    assert.are.equal("holding, plant, shop", ids(exposure:concerned { verdict = "yes" }))
  end)

  it("refuses misuse, naming argument and near words", function()
    local ban = start.ban
    refuses({ code = "unknown_id", argument = "targets", near = { "cloud" } }, ban, start, "clod")
    refuses({ code = "unknown_id", argument = "targets" }, ban, start, { "cloud", "zzzzzzz" })
    refuses({ code = "unknown_rule", near = { "icts" } }, ban, start, "cloud", { rule = "itcs" })
    refuses({ code = "rule" }, ban, start, "cloud", { rule = { id = "x", bound = { anyone = true }, flows = "use" } })
    refuses({ code = "argument", argument = "scope", near = { "owned" } }, ban, start, "cloud", { scope = "ownd" })
    refuses({ argument = "measure", near = { "prohibit" } }, ban, start, "cloud", { measure = "prohibits" })
    refuses({ code = "argument", argument = "scop", near = { "scope" } }, ban, start, "cloud", { scop = "owned" })
    refuses({ code = "argument", argument = "id" }, ban, start:ban("cloud", { id = "x" }), "cloud", { id = "x" })
    refuses({ code = "argument", argument = "id" }, ban, start, "cloud", { id = "review" })
    refuses({ code = "argument", argument = "title" }, ban, start, "cloud", { title = 5 })
    refuses({ code = "argument", argument = "joint" }, ban, start, "cloud", { joint = { "cloud" } })
    refuses({ code = "unknown_id", argument = "joint" }, ban, start, "cloud", { joint = { { "clod" } } })
    refuses({ code = "argument", argument = "except" }, ban, start, "cloud", { except = { contract = "c1" } })
    local mixed, nested, sparse = { "cloud", country = "CN" }, { country = { is = "CN" } }, { [2] = "cloud" }
    for _, targets in ipairs { {}, 5, true, { 5 }, mixed, nested, sparse } do
      refuses({ code = "argument", argument = "targets" }, ban, start, targets)
    end
    refuses({ code = "argument", argument = "targets" }, ban, start)
    refuses({ code = "argument" }, ban, start, "cloud", "owned")
  end)
end)

describe("scenario:assume and scenario:lift", function()
  local check = net:scenario { as_of = "2022-01-18" }

  it("begin with what the data has in force on the day", function()
    assert.are.equal("other", ids(check:exposure():restricted()))
    assert.are.equal("", ids(check:at("2024"):exposure():restricted()))
    assert.are.equal("", ids(start:exposure():restricted()))
  end)

  it("take a restriction as active whatever its status, but not whatever its dates", function()
    assert.are.equal("cloud, other", ids(check:assume("review"):exposure():restricted()))
    assert.are.equal("other", ids(check:assume("review"):at("2021-02"):exposure():restricted()))
    assert.are.equal("cloud", ids(start:assume("review"):exposure():restricted()))
    assert.is_true(check:assume("review"):exposure():restrictions()[2].hypothetical)
  end)

  it("can change the scope", function()
    assert.are.equal("holding, shop", parents(start:assume "review"))
    assert.are.equal("shop", parents(start:assume("review", { scope = "entity" })))
  end)

  it("take a ban back, or a restriction out of force", function()
    assert.are.equal("", ids(check:lift("listed"):exposure():restricted()))
    assert.are.equal("other", ids(check:lift("listed"):assume("listed"):exposure():restricted()))
    assert.are.equal("other", ids(check:assume("review"):lift("review"):exposure():restricted()))
    assert.are.equal("", ids(start:ban("cloud"):lift("ban-1"):exposure():restricted()))
  end)

  it("refuse ids that the data does not have, with near ones", function()
    refuses({ code = "unknown_id", argument = "id", near = { "review" } }, check.assume, check, "revew")
    refuses({ code = "unknown_id", argument = "id", near = { "listed" } }, check.lift, check, "listd")
    refuses({ code = "unknown_id", near = { "ban-1" } }, check.lift, check:ban "cloud", "ban1")
    refuses({ code = "argument", argument = "id" }, check.assume, check)
    refuses({ code = "argument", argument = "id" }, check.lift, check, {})
    refuses({ code = "argument", argument = "scope" }, check.assume, check, "review", { scope = "all" })
  end)
end)

describe("an exception", function()
  local ban = start:ban("cloud", { scope = "owned" })

  it("leaves the rows in place, marked with its source and the day it lapses", function()
    local exposure = ban:except({ contract = "c1" }, { ["until"] = "2022-06", source = "licence 7" }):exposure()
    assert.are.equal(ids(ban:exposure():users()), ids(exposure:users()))
    assert.are.equal(parents(ban), ids(exposure:parents()))
    local mark = { ["until"] = "2022-06-01", source = "licence 7" }
    assert.are.same(mark, exposure:users({ ids = { "plant" } })[1].excepted)
    assert.are.same(mark, exposure:parents({ ids = { "holding" } })[1].excepted)
    assert.is_nil(exposure:users({ ids = { "shop" } })[1].excepted)
    assert.is_nil(exposure:parents({ ids = { "shop" } })[1].excepted)
  end)

  it("counts from its since until its until", function()
    local function marked(date)
      local excepted = ban:except({ contract = "c1" }, { since = "2021", ["until"] = "2022-06" }):at(date)
      return excepted:exposure():users({ ids = { "plant" } })[1].excepted ~= nil
    end
    assert.is_false(marked "2020-12-31")
    assert.is_true(marked "2021")
    assert.is_true(marked "2022-05-31")
    assert.is_false(marked "2022-06")
  end)

  it("may cover only contracts that began before a day", function()
    local excepted = ban:except({ kind = "supplies" }, { contracts_before = "2020" }):exposure()
    assert.are.same({}, excepted:users({ ids = { "plant" } })[1].excepted)
    assert.is_nil(excepted:users({ ids = { "shop" } })[1].excepted)
  end)

  it("marks a row only when everything the row rests on is covered", function()
    local both = start:ban({ "cloud", "other" }, { scope = "owned" })
    assert.is_nil(both:except({ contract = "c2" }):exposure():users({ ids = { "shop" } })[1].excepted)
    assert.is_table(both:except({ "web", "mail" }):exposure():users({ ids = { "shop" } })[1].excepted)
    assert.is_table(both:except("web"):except("mail"):exposure():users({ ids = { "shop" } })[1].excepted)
  end)

  it("can stand on a restriction of the data, and reaches that one only", function()
    local function plant(scenario) return scenario:exposure():users({ ids = { "plant" } })[1].excepted end
    local order = start:assume("order", { scope = "owned" })
    assert.are.same({ ["until"] = "2022-06-01", source = "licence 7" }, plant(order))
    assert.is_nil(order:exposure():users({ ids = { "shop" } })[1].excepted)
    assert.is_nil(plant(order:at "2022-06"))
    assert.is_nil(plant(order:assume "review"))
    assert.are.same({}, plant(start:ban("cloud", { scope = "owned", except = { { covers = { contract = "c1" } } } })))
  end)

  it("is refused when it is none", function()
    refuses({ code = "argument", argument = "filter" }, ban.except, ban)
    refuses({ code = "argument", argument = "filter" }, ban.except, ban, {})
    refuses({ code = "argument", argument = "filter" }, ban.except, ban, { contract = { a = "c1" } })
    refuses({ argument = "untl", near = { "until" } }, ban.except, ban, { contract = "c1" }, { untl = "2022" })
    refuses({ code = "argument", argument = "until" }, ban.except, ban, { contract = "c1" }, { ["until"] = "soon" })
    refuses({ code = "argument", argument = "source" }, ban.except, ban, { contract = "c1" }, { source = 7 })
    refuses({ code = "argument", argument = "filter" }, ban.except, ban, { 5 })
  end)

  it("covers relations by id, as drop does, and refuses ids that none has, with near ones", function()
    local function excepted(scenario)
      local out = {}
      for _, row in ipairs(scenario:exposure():users()) do out[row.id] = row.excepted and true or false end
      return out
    end
    assert.are.same({ plant = true, shop = false }, excepted(ban:except "hosting"))
    assert.are.same({ plant = true, shop = true }, excepted(ban:except { "hosting", "web" }))
    local more = ban:add { kind = "supplies", from = "cloud", to = "signer" }
    assert.are.same({ plant = false, shop = false, signer = true }, excepted(more:except "added-1"))
    refuses({ code = "unknown_id", argument = "filter", near = { "hosting" } }, ban.except, ban, "hostin")
    refuses({ code = "unknown_id", argument = "filter" }, ban.except, ban, { "web", "zzzzzzz" })
    refuses({ code = "unknown_id", near = { "added-1" } }, more.except, more, "added-2")
  end)
end)

describe("scenario:drop", function()
  local ban = start:ban("cloud", { scope = "owned" })

  it("ends relations by id, by list, or by a filter over what is in force", function()
    assert.are.equal("shop", ids(ban:drop("hosting"):exposure():users()))
    assert.are.equal("", ids(ban:drop({ "hosting", "web" }):exposure():users()))
    assert.are.equal("", ids(ban:drop({ kind = "supplies", from = "cloud" }):exposure():users()))
    assert.are.equal("plant, shop", ids(ban:drop({ kind = "linked" }):exposure():users()))
    assert.are.equal(ban, ban:drop {})
  end)

  it("ends a holding as if it had ended: what it superseded does not come back", function()
    local later = ban:at "2023-06"
    assert.are.equal("holding", parents(ban:drop "web"))
    assert.are.equal("", parents(later:drop { "web", "late" }))
    assert.are.equal("", parents(later:drop { "web", "late", "new" }))
  end)

  it("does not mind what was dropped before", function()
    local once = ban:drop "hosting"
    assert.are.equal("shop", ids(once:drop("hosting"):drop({ "hosting", "late" }):exposure():users()))
  end)

  it("refuses ids that no relation has, with near ones", function()
    refuses({ code = "unknown_id", argument = "relations", near = { "hosting" } }, ban.drop, ban, "hostin")
    refuses({ code = "unknown_id", argument = "relations" }, ban.drop, ban, { "web", "zzzzzzz" })
    refuses({ code = "argument", argument = "relations" }, ban.drop, ban, { 5 })
    refuses({ code = "argument", argument = "relations" }, ban.drop, ban)
    refuses({ code = "argument" }, ban.drop, ban, { kind = { a = 1 } })
  end)
end)

describe("scenario:add", function()
  local ban = start:ban("cloud", { scope = "owned" })

  it("adds a relation that the network does not have", function()
    local added = ban:add { kind = "supplies", from = "cloud", to = "signer", spend = "10", currency = "USD" }
    assert.are.equal("plant, shop, signer", ids(added:exposure():users()))
    local row = added:exposure():parents({ ids = { "signer" } })[1]
    assert.are.same({ USD = "10" }, row.spend)
    assert.are.equal("added-1", row.path[2].relation)
    assert.are.equal(7, #net:relations {})
  end)

  it("adds one more report of a holding, which supersedes the older ones", function()
    local sold = ban:drop("web"):add { kind = "owns", from = "holding", to = "plant", share = "10%", since = "2021" }
    assert.are.equal("", parents(sold))
    assert.are.equal("holding", parents(sold:at "2020-12-31"))
    local later = ban:at("2023-06"):drop { "web", "late" }
    local undated = later:add { kind = "owns", from = "holding", to = "plant", share = "60%" }
    assert.are.equal("", parents(undated)) -- it says no day, so the report of 2023 stands
    local bought = later:add { kind = "owns", from = "holding", to = "plant", share = "60%", since = "2023-02" }
    assert.are.equal("holding", parents(bought))
  end)

  it("adds a supply whose party signs, who is then liable", function()
    local signed = start:ban("cloud", { scope = "facilitation" }):drop { "hosting", "web" }
      :add { kind = "supplies", from = "cloud", to = "plant", party = "signer" }:drop "old"
    local exposure = signed:exposure()
    assert.are.equal("plant, signer", ids(exposure:parents()))
    assert.are.same({ "signer" }, exposure:parents({ ids = { "signer" } })[1].liable)
    assert.are.equal("facilitation", exposure:parents({ ids = { "plant" } })[1].scope)
  end)

  it("gives ids that nothing else has, and lets go of them by drop", function()
    local two = ban:add({ kind = "linked", from = "shop", to = "signer" })
      :add { kind = "supplies", from = "other", to = "signer" }
    local again = two:drop("added-1"):add { kind = "supplies", from = "cloud", to = "signer" }
    assert.are.equal("plant, shop, signer", ids(again:exposure():users()))
    assert.are.equal("plant, shop", ids(again:drop("added-3"):exposure():users()))
    local named = ban:add { id = "mine", kind = "supplies", from = "cloud", to = "signer" }
    assert.are.equal("plant, shop", ids(named:drop({ to = "signer" }):exposure():users()))
  end)

  it("refuses what is no relation of this network", function()
    local function refused(relation)
      refuses({ code = "argument", argument = "relation" }, ban.add, ban, relation)
    end
    refused(nil)
    refused "web"
    refused {}
    refused { kind = "supplies", from = "cloud" }
    refused { kind = "suplies", from = "cloud", to = "shop" }
    refused { kind = "owns", from = "cloud", to = "shop", share = "150%" }
    refused { kind = "linked", from = "cloud", to = "shop", since = "2022", ["until"] = "2022" }
    refused { id = "web", kind = "linked", from = "cloud", to = "shop" }
    refused { id = 5, kind = "linked", from = "cloud", to = "shop" }
    refused { kind = "same_as", from = "plant", to = "shop" }
    refused { kind = "linked", from = "cloud", to = "shop", note = print }
    refused { "web" }
    refuses({ code = "argument" }, ban.add, ban:add { id = "x", kind = "linked", from = "cloud", to = "shop" },
      { id = "x", kind = "linked", from = "cloud", to = "shop" })
  end)

  it("refuses ends that no entity is, with near ones", function()
    for _, name in ipairs { "from", "to", "party" } do
      local relation = { kind = "supplies", from = "cloud", to = "shop" }
      relation[name] = "signr"
      refuses({ code = "unknown_id", argument = name, near = { "signer" } }, ban.add, ban, relation)
    end
  end)
end)

describe("the budget of a scenario", function()
  local function evaluate(opts)
    opts.as_of = "2022"
    local ban = net:scenario(opts):ban "cloud"
    return ban:exposure()
  end

  it("ends an evaluation whole or not at all", function()
    local over = { limit = { limits = { seconds = 0 } }, interrupted = { progress = function() return false end } }
    for code, opts in pairs(over) do
      local exposure, message, got = evaluate(opts)
      assert.is_nil(exposure)
      assert.is_string(message)
      assert.are.equal(code, got)
    end
    local exposure, message, code = evaluate { limits = { bytes = 100 } }
    assert.is_nil(exposure)
    assert.are.equal("limit", code)
    assert.truthy(message:find("100 bytes", 1, true))
    assert.is_truthy(evaluate { limits = { seconds = 60, bytes = 1e7 }, progress = function() return true end })
  end)

  it("lets an error of progress through as it is", function()
    local value = setmetatable({}, { __tostring = function() return "mine" end })
    local fine, raised = pcall(evaluate, { progress = function() error(value) end })
    assert.is_false(fine)
    assert.are.equal(value, raised)
  end)

  it("is asked anew after it ended an evaluation", function()
    local stop = true
    local ban = net:scenario({ as_of = "2022", progress = function() return not stop end }):ban "cloud"
    assert.is_nil((ban:exposure()))
    stop = false
    assert.are.equal("cloud, other", ids(ban:exposure():restricted()))
  end)
end)
