-- What differs between two exposures, and what it is put down to.
local knockon = require "knockon"

local FACTS = {
  entities = {
    { id = "target", country = "CN" }, { id = "rival", country = "US" }, { id = "shop", country = "US" },
    { id = "plant", country = "US" }, { id = "holding", country = "US" }, { id = "late", country = "US",
      since = "2021" },
  },
  relations = {
    { id = "web", kind = "supplies", from = "target", to = "shop", spend = "10", currency = "USD" },
    { id = "erp", kind = "supplies", from = "target", to = "plant", since = "2019", spend = "5", currency = "USD" },
    { id = "a", kind = "owns", from = "holding", to = "shop", share = "80%", since = "2015" },
    { id = "b", kind = "owns", from = "holding", to = "shop", share = "10%", since = "2020" },
    { id = "c", kind = "supplies", from = "target", to = "late" },
  },
  restrictions = { { id = "order", rule = "icts", targets = { "target" }, since = "2021-06-01" } },
}

local function network(change)
  local facts = { entities = {}, relations = {}, restrictions = FACTS.restrictions }
  for _, list in ipairs { "entities", "relations" } do
    for i, record in ipairs(FACTS[list]) do
      facts[list][i] = {}
      for key, value in pairs(record) do facts[list][i][key] = value end
    end
  end
  if change then change(facts) end
  return assert(knockon.network(facts))
end

local net = network()
local function ban(date)
  return net:scenario({ as_of = date, restrictions = "none" }):ban("target", { rule = "icts" })
end

-- "parents shop entity: date relation a ends; …" of each row, in order.
local function lines(rows, scenario)
  local out = {}
  for i, row in ipairs(rows) do
    local why = {}
    for k, cause in ipairs(row.why) do
      why[k] = table.concat({ cause.by, cause.kind or "-", cause.id or "-", cause.what or "-", cause.date }, " ")
    end
    out[i] = ("%s %s: %s"):format(row.list, row.id, table.concat(why, "; "))
  end
  return out, scenario
end

describe("diff", function()
  it("is empty between an exposure and itself", function()
    local diff = ban("2022"):exposure():diff(ban("2022"):exposure())
    assert.are.same({ {}, {}, {}, {} }, { diff.entered, diff.left, diff.changed, diff.differs })
    assert.truthy(tostring(diff):find "Nobody's row differs")
  end)

  it("puts what a ban brings down to the law", function()
    local day = net:scenario { as_of = "2018", restrictions = "none" }
    local diff = day:ban("target", { rule = "icts" }):exposure():diff(day:exposure())
    assert.are.same({ "restricted target: law restriction ban-1 added", "users shop: law restriction ban-1 added",
      "parents holding: law restriction ban-1 added" }, lines(diff.entered))
    assert.are.same({ "law" }, diff.differs)
  end)

  it("names what starts or ends between two dates", function()
    local diff = ban("2022"):exposure():diff(ban("2018"):exposure())
    assert.are.same({ "date" }, diff.differs)
    assert.are.same({
      "users late: date entity late starts 2021-01-01", "users plant: date relation erp starts 2019-01-01",
      "parents late: date entity late starts 2021-01-01", "parents plant: date relation erp starts 2019-01-01",
      "parents shop: date relation b starts 2020-01-01",
    }, (function()
      local out = lines(diff.entered)
      for i, line in ipairs(out) do out[i] = line:gsub("date rule .-; ", "") end
      return out
    end)())
    assert.are.same({ "parents holding: date relation b starts 2020-01-01" }, lines(diff.left))
  end)

  it("tells a restriction that comes into force", function()
    local function check(date) return net:scenario({ as_of = date }):exposure() end
    local diff = check("2021-06-01"):diff(check "2021-05-31")
    for _, line in ipairs(lines(diff.entered)) do
      assert.truthy(line:find("date restriction order starts 2021-06-01", 1, true), line)
    end
    assert.are.equal(7, #diff.entered)
  end)

  it("puts down to edits what they alone do", function()
    local before = ban("2018")
    local after = before:drop("web"):ban("rival", { id = "idle", rule = "icts" })
    local diff = after:exposure():diff(before:exposure())
    assert.are.same({ "edit", "law" }, diff.differs)
    assert.are.same({ "users shop: edit relation web dropped", "parents holding: edit relation web dropped" },
      lines(diff.left))
    assert.are.same({ "restricted rival: law restriction idle added" }, lines(diff.entered))
  end)

  it("shows a change of verdict, scope and spend with the field", function()
    local before = ban("2018")
    local diff = before:set("web", { spend = "30" }):exposure():diff(before:exposure())
    assert.are.same({ "users shop: edit relation web changed", "parents holding: edit relation web changed" },
      lines(diff.changed))
    assert.are.same({ { "spend" }, { USD = "10" }, { USD = "30" } },
      { diff.changed[2].fields, diff.changed[2].was.spend, diff.changed[2].is.spend })
    diff = before:set("a", { share = "40-80%" }):exposure():diff(before:exposure())
    assert.are.same({ "verdict", "spend", "spend_possible" }, diff.changed[1].fields)
    assert.are.same({ "yes", "possible" }, { diff.changed[1].was.verdict, diff.changed[1].is.verdict })
  end)

  it("compares two networks, and names the facts that differ", function()
    local other = network(function(facts)
      facts.relations[1].spend = "11"
      facts.entities[4].country = "DE"
      table.remove(facts.relations, 5)
    end)
    local after = other:scenario({ as_of = "2022", restrictions = "none" }):ban("target", { rule = "icts" })
    local diff = after:exposure():diff(ban("2022"):exposure())
    assert.are.same({ "facts" }, diff.differs)
    assert.are.same({ "users late: facts - - -", "users plant: facts entity plant changed",
      "parents late: facts relation c removed", "parents plant: facts entity plant changed" }, lines(diff.left))
    assert.are.same({ "users shop: facts - - -", "parents shop: facts relation web changed" }, lines(diff.changed))
  end)

  it("tells facts from date, edit and law where all differ", function()
    local other = network(function(facts) facts.entities[4].country = "DE" end)
    local after = other:scenario({ as_of = "2022", restrictions = "none" }):ban("target", { rule = "icts" })
    local diff = after:drop("web"):ban("rival", { id = "more" }):exposure():diff(ban("2019"):exposure())
    local seen = {}
    for _, rows in ipairs { diff.entered, diff.left, diff.changed } do
      for _, row in ipairs(rows) do seen[row.list .. " " .. row.id] = row.why[1].by end
    end
    assert.are.same({
      ["restricted rival"] = "law", ["users plant"] = "facts", ["parents plant"] = "facts", ["users shop"] = "edit",
      ["parents holding"] = "date", ["users late"] = "date", ["parents late"] = "date",
    }, seen)
    local holding = diff.left[3] -- the date alone would have done, and so would the edit
    assert.are.same({ "holding", "date", "edit" }, { holding.id, holding.why[1].by, holding.why[#holding.why].by })
  end)

  it("puts down to all together what none does alone", function()
    local before = ban("2018"):drop "web"
    local after = ban("2022"):set("web", { since = "2020" })
    local diff = after:exposure():diff(before:exposure())
    for _, row in ipairs(diff.entered) do
      if row.id == "shop" and row.list == "users" then
        assert.are.equal("date edit", row.why[1].by .. " " .. row.why[#row.why].by)
      end
    end
  end)

  it("raises for anything but an exposure", function()
    local exposure = ban("2022"):exposure()
    for _, wrong in ipairs { 1, {}, ban("2022") } do
      local fine, object = pcall(exposure.diff, exposure, wrong)
      assert.is_false(fine)
      assert.are.equal("before", object.argument)
    end
    assert.is_false((pcall(exposure.diff, exposure)))
  end)

  it("of an answer tells what is wrong with the other side as such", function()
    for _, case in ipairs {
      { { as_of = "foo" }, "before.as_of: 'foo' is not a date" },
      { { as_of = true }, 'field "as_of" in before must be a string' },
      { { bans = { { targets = "nobody" } } }, 'before: no entity has the id "nobody"' },
      { { targets = "target", scope = "own" }, 'before.scope is "own"' },
      { { as_off = "2022" }, 'unknown field "as_off" in before' },
    } do
      local fine, object = pcall(knockon.answer, net, { question = "diff", before = case[1] })
      assert.are.same({ false, "before" }, { fine, object.argument })
      assert.are.equal(case[2], object.message:sub(1, #case[2]))
    end
    local request = { question = "diff", as_of = "foo", before = { as_of = "bar" } }
    local object = select(2, pcall(knockon.answer, net, request))
    assert.are.same({ "as_of", "as_of: 'foo'" }, { object.argument, object.message:sub(1, 12) })
  end)
end)
