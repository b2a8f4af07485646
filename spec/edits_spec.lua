-- What may be changed in a scenario: shares set, bought and sold, suppliers replaced, supplies ended.
local knockon = require "knockon"
local raised = require "spec.support.raised"

local function network()
  return assert(knockon.network {
    entities = {
      { id = "target", country = "CN" }, { id = "cloud", kind = "service", country = "CN" },
      { id = "rival", kind = "service", country = "US" }, { id = "shop", country = "US" },
      { id = "plant", country = "US" }, { id = "holding", country = "US" }, { id = "other", country = "US" },
    },
    relations = {
      { id = "runs", kind = "operates", from = "target", to = "cloud" },
      { id = "web", kind = "supplies", from = "cloud", to = "shop", need = "hosting", spend = "10.50",
        currency = "USD", contract = "c1" },
      { id = "erp", kind = "supplies", from = "cloud", to = "plant", spend = "20", currency = "USD" },
      { id = "own-cloud", kind = "supplies", from = "cloud", to = "rival" },
      { id = "old", kind = "owns", from = "holding", to = "shop", share = "80%", since = "2015" },
      { id = "new", kind = "owns", from = "holding", to = "shop", share = "60%", since = "2020" },
      { id = "votes", kind = "owns", from = "holding", to = "shop", share = "10%", basis = "votes" },
      { id = "b", kind = "owns", from = "holding", to = "shop", share = "5%", class = "B" },
      { id = "band", kind = "owns", from = "holding", to = "plant", share = "50-70%" },
      { id = "books", kind = "consolidates", from = "holding", to = "plant" },
    },
  })
end

local day = network():scenario { as_of = "2022-01-18", restrictions = "none" }

-- The relations in force of a pair, "id kind share".
local function held(scenario, owner, owned)
  local out = {}
  for _, kind in ipairs { "owns", "consolidates" } do
    local records, on = scenario:overlay():from(owner, kind, owned)
    for i, record in ipairs(records) do
      if on[i] then out[#out + 1] = record.id .. " " .. (record.share or kind) end
    end
  end
  table.sort(out)
  return table.concat(out, ", ")
end

describe("set", function()
  it("changes fields of one relation, which keeps its id and the rest", function()
    local scenario = day:set("web", { spend = "99", note = "renewed" })
    local record = scenario:overlay():records({ "web" })[1]
    assert.are.same({ "99", "c1", "hosting", "cloud", "shop", "renewed" },
      { record.spend, record.contract, record.need, record.from, record.to, record.note })
    assert.are.equal("10.50", day:overlay():records({ "web" })[1].spend)
  end)

  it("takes a field away with knockon.null", function()
    local record = day:set("web", { spend = knockon.null }):overlay():records({ "web" })[1]
    assert.is_nil(record.spend)
    assert.are.equal("USD", record.currency)
  end)

  it("leaves an older report superseded, but gives way to a later one", function()
    assert.are.equal("b 5%, new 70%, votes 10%", held(day:set("new", { share = "70%" }), "holding", "shop"))
    assert.are.equal("b 5%, new 60%, votes 10%", held(day:set("old", { share = "70%" }), "holding", "shop"))
    assert.are.equal("b 5%, old 80%, votes 10%", held(day:at("2016"):set("new", { share = "1%" }), "holding", "shop"))
  end)

  it("brings an older report back when the later one begins another day", function()
    assert.are.equal("b 5%, old 80%, votes 10%", held(day:set("new", { since = "2030" }), "holding", "shop"))
  end)

  it("can be dropped, set again and set back", function()
    local scenario = day:set("new", { share = "70%" })
    assert.are.equal("b 5%, votes 10%", held(scenario:drop "new", "holding", "shop"))
    assert.are.equal("b 5%, new 40%, votes 10%", held(scenario:set("new", { share = "40%" }), "holding", "shop"))
    assert.are.equal("scenario (2022-01-18, 0 bans, 1 edit)", tostring(scenario:set("new", { share = "60%" })))
  end)

  it("raises by name", function()
    local object = raised(day.set, day, "wep", { spend = 1 })
    assert.are.same({ "unknown_id", "relation", "web" }, { object.code, object.argument, object.near[1] })
    assert.are.equal("fields", raised(day.set, day, "web", {}).argument)
    assert.are.equal("fields", raised(day.set, day, "band", { share = "151%" }).argument)
    assert.are.equal("id", raised(day.set, day, "web", { id = "x" }).argument)
    assert.are.equal("kind", raised(day.set, day, "web", { kind = "linked" }).argument)
    assert.are.equal("from", raised(day.set, day, "web", { from = "clowd" }).argument)
    assert.are.equal("relation", raised(day.set, day, 7, { spend = 1 }).argument)
    assert.truthy(raised(day.set, day:drop "web", "web", { spend = 1 }).message:find "was dropped")
  end)
end)

describe("acquire", function()
  it("sets the holding of a pair, on one basis, and takes nothing from others", function()
    local bought = day:acquire("holding", "shop", "100%")
    assert.are.equal("added-1 100%, votes 10%", held(bought, "holding", "shop"))
    local voting = day:acquire("holding", "shop", "51%", { basis = "votes", id = "more" })
    assert.are.equal("b 5%, more 51%, new 60%", held(voting, "holding", "shop"))
    local both = bought:acquire("other", "shop", "30%")
    assert.are.equal("added-2 30%", held(both, "other", "shop"))
    assert.are.equal("added-1 100%, votes 10%", held(both, "holding", "shop"))
    assert.are.equal("added-1 100%, votes 10%", held(bought:at "2016", "holding", "shop"))
  end)

  it("sets one stock where the class is said", function()
    assert.are.equal("added-1 7%, new 60%, votes 10%",
      held(day:acquire("holding", "shop", "7%", { class = "B" }), "holding", "shop"))
  end)

  it("counts from its day on", function()
    local bought = day:acquire("holding", "shop", "100%", { since = "2019" })
    assert.are.equal("added-1 100%, votes 10%", held(bought, "holding", "shop"))
    assert.are.equal("added-1 100%, votes 10%", held(bought:at "2021", "holding", "shop"))
    assert.are.equal("b 5%, old 80%, votes 10%", held(bought:at "2018", "holding", "shop"))
  end)

  it("speaks last: a second purchase replaces the first", function()
    local bought = day:acquire("other", "plant", "10%"):acquire("other", "plant", "20%")
    assert.are.equal("added-1 20%", (held(bought, "other", "plant"):gsub("added%-%d", "added-1")))
  end)

  it("raises by name", function()
    assert.are.equal("owner", raised(day.acquire, day, "holdin", "shop", "1%").argument)
    assert.are.equal("owned", raised(day.acquire, day, "holding", "holding", "1%").argument)
    assert.are.equal("share", raised(day.acquire, day, "holding", "shop").argument)
    assert.are.equal("share", raised(day.acquire, day, "holding", "shop", "101%").argument)
    assert.are.equal("colour", raised(day.acquire, day, "holding", "shop", "1%", { colour = 1 }).argument)
    assert.are.equal("id", raised(day.acquire, day, "holding", "shop", "1%", { id = "new" }).argument)
  end)
end)

describe("divest", function()
  it("ends a holding, and the accounts that follow from it", function()
    assert.are.equal("", held(day:divest("holding", "plant"), "holding", "plant"))
    assert.are.equal("", held(day:divest("holding", "shop"), "holding", "shop"))
    assert.are.equal("b 5%, new 60%",
      held(day:divest("holding", "shop", nil, { basis = "votes" }), "holding", "shop"))
    assert.are.equal("", held(day:divest("holding", "shop"):at "2016", "holding", "shop"))
  end)

  it("sells a share out of it, exactly", function()
    local equity = { basis = "equity", class = "" }
    assert.are.equal("b 5%, new 59.9999999%, votes 10%",
      held(day:divest("holding", "shop", "0.0000001%", equity), "holding", "shop"))
    assert.are.equal("band [30%,50%], books consolidates",
      held(day:divest("holding", "plant", "20%"), "holding", "plant"))
    assert.are.equal("band [20%,50%], books consolidates",
      held(day:divest("holding", "plant", "20-30%"), "holding", "plant"))
    assert.are.equal("band <=10%, books consolidates", held(day:divest("holding", "plant", "60%"), "holding", "plant"))
    assert.are.equal("", held(day:divest("holding", "plant", "70%"), "holding", "plant"))
  end)

  it("raises by name", function()
    assert.are.equal("owned", raised(day.divest, day, "holding", "rival").argument)
    assert.are.equal("owned", raised(day.divest, day:divest("holding", "plant"), "holding", "plant").argument)
    assert.are.equal("share", raised(day.divest, day, "holding", "plant", "71%").argument)
    assert.are.equal("share", raised(day.divest, day, "holding", "plant", "much").argument)
    assert.are.equal("opts", raised(day.divest, day, "holding", "shop", "1%").argument)
  end)
end)

describe("substitute", function()
  local function suppliers(scenario)
    local out = {}
    for _, from in ipairs { "cloud", "rival" } do
      local records, on = scenario:overlay():from(from, "supplies")
      for i, record in ipairs(records) do
        if on[i] then
          out[#out + 1] = ("%s %s>%s %s"):format(record.id, record.from, record.to, tostring(record.spend))
        end
      end
    end
    table.sort(out)
    return table.concat(out, ", ")
  end

  it("moves supplies to another supplier; what that one took itself ends", function()
    assert.are.equal("erp rival>plant 20, web rival>shop 10.50", suppliers(day:substitute("cloud", "rival")))
    local ban = day:substitute("cloud", "rival"):ban("cloud", { rule = "icts", scope = "owned" })
    assert.are.same({}, ban:exposure():parents())
  end)

  it("moves those of the users that are named", function()
    assert.are.equal("erp rival>plant 20, own-cloud cloud>rival nil, web cloud>shop 10.50",
      suppliers(day:substitute("cloud", "rival", { users = "plant" })))
    assert.are.equal(suppliers(day:substitute("cloud", "rival", { users = "plant" })),
      suppliers(day:substitute("cloud", "rival", { users = { "plant" } })))
  end)

  it("can be taken back by another", function()
    local there = day:substitute("cloud", "rival", { users = "plant" })
    assert.are.equal(suppliers(day), suppliers(there:substitute("rival", "cloud")))
  end)

  it("raises by name", function()
    assert.are.equal("from", raised(day.substitute, day, "clowd", "rival").argument)
    assert.are.equal("to", raised(day.substitute, day, "cloud", "cloud").argument)
    assert.are.equal("from", raised(day.substitute, day, "rival", "cloud").argument)
    assert.are.equal("users", raised(day.substitute, day, "cloud", "rival", { users = {} }).argument)
    assert.are.equal("users", raised(day.substitute, day, "cloud", "rival", { users = "other" }).argument)
    assert.are.equal("users", raised(day.substitute, day, "cloud", "rival", { users = 3 }).argument)
  end)
end)

describe("what changes hands", function()
  it("is something", function()
    for _, none in ipairs { "0%", 0, "0", "<=0%" } do
      local object = raised(day.acquire, day, "other", "shop", none)
      assert.are.same({ "argument", "share" }, { object.code, object.argument })
      assert.are.equal("share", raised(day.divest, day, "holding", "shop", none, { class = "B" }).argument)
    end
    assert.truthy(raised(day.acquire, day, "other", "shop", "0%").message:find("above 0 %, not 0%; divest", 1, true))
    assert.is_true(#day:acquire("other", "shop", ">0%").added == 1)
    for _, odd in ipairs { true, {}, "much" } do
      assert.are.equal("share", raised(day.acquire, day, "other", "shop", odd).argument)
    end
  end)

  it("has dates that are dates", function()
    for _, name in ipairs { "since", "until" } do
      for _, odd in ipairs { "foo", true, 2022.5 } do
        local object = raised(day.acquire, day, "other", "shop", "5%", { [name] = odd })
        assert.are.equal(name, object.argument)
        assert.truthy(object.message:find("^" .. name))
      end
    end
  end)
end)

describe("drop", function()
  it("takes what a cut found", function()
    local plan = { relations = { "web", "erp" }, cost = 2 }
    assert.are.same({}, day:drop(plan):ban("cloud", { rule = "icts", scope = "owned" }):exposure():parents())
    assert.are.equal(day, day:drop { relations = {} })
  end)

  it("warns of a filter that nothing meets, on the day", function()
    local function said(scenario)
      local warnings = scenario:exposure():warnings()
      return warnings[1] and warnings[1].code .. " " .. warnings[1].message
    end
    assert.is_nil(said(day:drop { kind = "supplies" }))
    assert.are.equal("no_relation drop: no relation matches kind = supply", said(day:drop { kind = "supply" }))
    assert.are.equal('no_relation drop: no relation matches knd = owns; no record has the field "knd", did you mean '
      .. '"kind"?', said(day:drop { knd = "owns" }))
    assert.are.equal("no_relation drop: no relation in force on 2014-01-01 matches id = new or old",
      said(day:at("2014"):drop { id = { "new", "old" } }))
    local twice = day:drop({ kind = "supply" }):drop({ kind = "lends" })
    assert.are.same({ 2, 0 }, { #twice:exposure():warnings(), #day:exposure():warnings() })
    assert.are.equal(tostring(day), tostring(twice))
    local request = { question = "holdings", id = "shop", edits = { { drop = { kind = "supply" } } } }
    local holdings = knockon.answer(day.net, request)
    assert.are.equal("no_relation", holdings.warnings[1].code)
  end)

  it("leaves the scenario it began with as it was", function()
    local ban = day:ban("cloud", { rule = "icts" })
    local before = #ban:exposure():users()
    ban:drop "web":substitute("cloud", "rival"):acquire("other", "plant", "60%")
    assert.are.equal(before, #ban:exposure():users())
    assert.are.equal("scenario (2022-01-18, 1 ban)", tostring(ban))
  end)
end)

describe("relations named after their records", function()
  it("are found by file and number", function()
    local net = assert(knockon.load "examples/alibaba-2022.json")
    local scenario = net:scenario { as_of = "2022-01-18" }
    local ids = {}
    for i, relation in ipairs(net:relations {}) do ids[i] = relation.id end
    assert.are.equal(#ids, #scenario:overlay():records(ids))
    for i, record in ipairs(scenario:overlay():records(ids)) do assert.are.equal(ids[i], record.id) end
    local plain = assert(knockon.network { entities = { { id = "a" }, { id = "b" } }, relations = {
      { kind = "supplies", from = "a", to = "b" }, { kind = "owns", from = "a", to = "b", share = "1%" } } })
    local id = plain:relations({ kind = "owns" })[1].id
    assert.are.equal(id, plain:scenario():overlay():records({ id })[1].id)
    assert.is_false(plain:scenario():overlay():records({ id .. "0" })[1])
    assert.are.equal("40%", plain:scenario():set(id, { share = "40%" }):overlay():records({ id })[1].share)
  end)
end)
