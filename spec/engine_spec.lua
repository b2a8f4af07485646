-- Cases that chance does not make: groups of targets that meet, aliases, exceptions that end one after the other,
-- several acts at once, and networks made to be slow.
local knockon = require "knockon"
local row_of = require "spec.support.row_of"

local function owns(from, to, share, more)
  local record = { kind = "owns", from = from, to = to, share = share }
  for field, value in pairs(more or {}) do record[field] = value end
  return record
end

local function supplies(from, to, more)
  local record = { kind = "supplies", from = from, to = to }
  for field, value in pairs(more or {}) do record[field] = value end
  return record
end

-- Relations r1, r2, …; every id they name is a firm unless `entities` says more of it.
local function network(relations, entities)
  local list, known = {}, {}
  for _, entity in ipairs(entities or {}) do
    known[entity.id] = true
    list[#list + 1] = entity
  end
  for i, relation in ipairs(relations) do
    relation.id = "r" .. i
    for _, id in ipairs { relation.from, relation.to, relation.party or relation.to } do
      if not known[id] then list[#list + 1] = { id = id } end
      known[id] = true
    end
  end
  return assert(knockon.network { entities = list, relations = relations })
end

local function on(net, day) return net:scenario { as_of = day or "2022", restrictions = "none" } end

local function rule(id, fields)
  fields.id, fields.bound = id, fields.bound or { anyone = true }
  return fields
end

local EACH = rule("each_half", { owned = { at_least = "50%", sum = "each" }, control = true })
local HALF = rule("half", { owned = { at_least = "50%" } })
local NAMED = rule("named", {})

-- "cloud r1>shop" of a path, "cloud r1 shop" of chokepoints.
local function text_of(steps)
  local parts = {}
  for i, step in ipairs(steps) do
    parts[i] = (step.relation or "") .. (step.relation and step.id and ">" or "") .. (step.id or "")
  end
  return table.concat(parts, " ")
end

describe("targets that are taken each alone", function()
  it("are proven in the group that caught, also where another reached half of the way sooner", function()
    local net = network {
      owns("a", "m", "100%"), owns("m", "p", "50%"), owns("b", "p", "50%"), owns("m", "n", "100%"),
      owns("n", "o", "100%"), owns("p", "x", "30%"), owns("o", "x", "20%"), supplies("x", "user"),
    }
    local exposure = on(net):ban("a", { rule = EACH, id = "on-a" }):ban("b", { rule = EACH, id = "on-b" }):exposure()
    local user = exposure:parents { ids = "user" }[1]
    assert.are.same({ "on-a" }, user.restrictions)
    assert.are.equal("a r1>m r2>p r6>x r8>user", text_of(user.path))
  end)

  it("hold no firms up that another of them catches", function()
    local net = network { owns("x", "y", "51%"), owns("y", "x", "51%"), owns("a", "x", "10%"), owns("b", "x", "60%") }
    assert.are.equal("self_supporting", on(net):ban("a", { rule = EACH }):exposure():warnings()[1].code)
    local both = on(net):ban({ "a", "b" }, { rule = EACH }):exposure()
    assert.are.equal("yes", row_of(both:restricted(), "y").verdict)
    assert.are.same({}, both:warnings())
  end)

  it("show the stakes of one of them, whose sum it is", function()
    local net = network { owns("a", "x", "30%"), owns("b", "x", "40%") }
    local test = on(net):ban({ "a", "b" }, { rule = EACH }):exposure():why("x").test
    assert.are.equal(1, #test.stakes)
    assert.are.same({ "b", "40%", "40%" }, { test.stakes[1].id, test.stakes[1].running[2], test.sum[2] })
  end)

  it("leave no chokepoint that the other one passes by", function()
    local net = network { { kind = "controls", from = "a", to = "x" }, owns("b", "x", "60%"), supplies("x", "user") }
    local exposure = on(net):ban("a", { rule = EACH }):ban("b", { rule = EACH }):exposure()
    assert.are.equal("x r3", text_of(exposure:chokepoints("user")))
  end)
end)

describe("an ownership test of either basis", function()
  it("that is not met shows the larger sum, and only its stakes", function()
    local net = network { owns("a", "x", "45%", { basis = "votes" }), owns("a", "x", "10%") }
    local either = rule("either", { owned = { at_least = "50%", of = "either" } })
    local test = on(net):ban("a", { rule = either }):exposure():why("x").test
    assert.are.same({ "votes", "5%", 1 }, { test.of, test.gap, #test.stakes })
  end)
end)

describe("exceptions", function()
  local function excepted(net, edit)
    local exposure = edit(on(net)):exposure()
    local rows = {}
    for _, row in ipairs(exposure:users()) do rows[row.id] = row.excepted end
    for _, row in ipairs(exposure:parents()) do assert.are.same(rows[row.id], row.excepted) end
    return rows
  end

  it("of another restriction say nothing about a row", function()
    local net = network { supplies("a", "user", { contract = "c" }), supplies("b", "other") }
    local rows = excepted(net, function(day)
      return day:ban("a", { rule = NAMED, except = { { covers = { contract = "c" }, ["until"] = "2023-06" } } })
        :ban("b", { rule = NAMED, except = { { covers = { contract = "c" }, ["until"] = "2022-12" } } })
    end)
    assert.are.same({ user = { ["until"] = "2023-06-01" } }, rows)
  end)

  it("that cover one relation twice lapse when the last does", function()
    local net = network { supplies("a", "user", { contract = "c" }) }
    local rows = excepted(net, function(day)
      return day:ban("a", { rule = NAMED, except = {
        { covers = { contract = "c" }, ["until"] = "2022-12", source = "wind-down" },
        { covers = { contract = "c" }, ["until"] = "2023-06", source = "licence" },
      } })
    end)
    assert.are.same({ ["until"] = "2023-06-01", source = "licence" }, rows.user)
  end)

  it("of two supplies lapse when the first does", function()
    local net = network { supplies("a", "user", { contract = "c" }), supplies("a", "user", { contract = "d" }) }
    local rows = excepted(net, function(day)
      return day:ban("a", { rule = NAMED }):except({ contract = "c" }, { ["until"] = "2023" }):except { contract = "d" }
    end)
    assert.are.same({ ["until"] = "2023-01-01" }, rows.user)
  end)

  it("reach the users of users", function()
    local net = network { supplies("a", "b", { contract = "c" }), supplies("b", "user") }
    local rows = excepted(net, function(day)
      return day:ban("a", { rule = "reach" }):except({ contract = "c" }, { ["until"] = "2023", source = "licence" })
    end)
    assert.are.same({ ["until"] = "2023-01-01", source = "licence" }, rows.user)
  end)
end)

describe("records of one entity", function()
  it("are of the kind that the first of them names", function()
    local net = network({
      { kind = "same_as", from = "a1", to = "a2" }, { kind = "same_as", from = "a1", to = "a3" },
      supplies("cloud", "a3"),
    }, { { id = "a2", kind = "firm" }, { id = "a3", kind = "service" } })
    assert.are.equal("a1", on(net):ban("cloud", { rule = NAMED }):exposure():parents()[1].id)
  end)

  it("are found by any of their ids, as entities, ends and parties", function()
    local net = network { { kind = "same_as", from = "p1", to = "p2" }, supplies("a", "user", { party = "p2" }) }
    for _, id in ipairs { "p1", "p2" } do
      assert.are.equal(1, #net:relations { party = id })
      assert.are.equal("p1", net:entities({ id = id })[1].id)
    end
  end)
end)

describe("a branch of many head offices", function()
  it("is at home with any of the first 64 of them", function()
    local relations, entities = { supplies("cloud", "branch") }, {}
    for i = 1, 70 do
      relations[i + 1] = { kind = "has_branch", from = ("head-%02d"):format(i), to = "branch" }
      entities[i] = { id = ("head-%02d"):format(i), country = i == 60 and "US" or "FR" }
    end
    local home = rule("home", { bound = { organised_in = { "US" }, scope = "branches" } })
    local row = on(network(relations, entities)):ban("cloud", { rule = home }):exposure():users()[1]
    assert.are.equal("yes", row.verdict)
  end)
end)

describe("a site whose list of countries is empty", function()
  it("may be at home, like one whose country is missing", function()
    local net = network({ supplies("cloud", "user"), { kind = "operates", from = "user", to = "site" } },
      { { id = "user", country = "FR" }, { id = "site", kind = "site", country = {} } })
    local home = rule("home", { bound = { organised_in = { "US" }, scope = "located" } })
    local row = on(net):ban("cloud", { rule = home }):exposure():users()[1]
    assert.are.same({ "possible", "located" }, { row.verdict, row.scope })
  end)
end)

describe("several acts", function()
  local OTHER = rule("other", {})

  it("count the spend of a user once, though it is possible under one and sure under another", function()
    local net = network {
      supplies("a", "user", { spend = "10", currency = "USD" }),
      supplies("c", "user", { spend = "5", currency = "USD" }),
      owns("b", "c", "40-60%"),
    }
    local row = on(net):ban("a", { rule = NAMED }):ban("b", { rule = HALF }):exposure():parents()[1]
    assert.are.same({ { USD = "10" }, {} }, { row.spend, row.spend_possible })
  end)

  it("leave the chokepoints that both pass", function()
    local net = network {
      supplies("a", "u1"), supplies("b", "u2"), owns("mid", "u1", "100%"), owns("mid", "u2", "100%"),
      owns("top", "mid", "100%"),
    }
    local exposure = on(net):ban("a", { rule = NAMED }):ban("b", { rule = OTHER }):exposure()
    assert.are.equal("mid r5", text_of(exposure:chokepoints("top")))
  end)
end)

describe("a service that is a user and a party to a contract", function()
  it("leads to its operator's parents as the user it is", function()
    local net = network({
      supplies("cloud", "w", { party = "tool" }), supplies("cloud", "v"), supplies("v", "z"), supplies("z", "tool"),
      { kind = "operates", from = "operator", to = "tool" }, owns("top", "operator", "100%"),
    }, {
      { id = "tool", kind = "service", country = "US" }, { id = "top", country = "US" },
      { id = "cloud", country = "CN" },
      { id = "operator", country = "FR" }, { id = "w", country = "FR" }, { id = "v", country = "FR" },
      { id = "z", country = "FR" },
    })
    local home = rule("home", { flow = "goods", bound = { organised_in = { "US" }, scope = "facilitation" } })
    local row = on(net):ban("cloud", { rule = home }):exposure():parents({ ids = "top" })[1]
    assert.are.equal("cloud r2>v r3>z r4>tool r5>operator r6>top", text_of(row.path))
  end)
end)

describe("holdings added twice", function()
  it("leave what the last of them leaves", function()
    local net = network { owns("a", "x", "60%", { since = "2021" }) }
    local twice = on(net):add(owns("a", "x", "70%", { since = "2022" })):add(owns("a", "x", "80%"))
    local row = row_of(twice:ban("a", { rule = HALF }):exposure():restricted(), "x")
    assert.are.same({ "60%", "60%" }, row.share) -- the last says nothing newer than the network does
  end)
end)

describe("a progress function", function()
  it("cannot close the network that is being evaluated", function()
    local relations = {}
    for i = 1, 100 do relations[i] = supplies("cloud", "user-" .. i) end
    local net = network(relations)
    local told
    local exposure = net:scenario({ as_of = "2022", progress = function()
      local _, message = pcall(net.close, net)
      told = tostring(message)
    end }):ban("cloud", { rule = "reach" }):exposure()
    assert.matches("being worked on", told)
    assert.are.equal(100, #exposure:users())
    net:close()
    assert.has_error(function() exposure:users() end)
  end)
end)

describe("what many have in common", function()
  -- Bytes of an exposure of n and of 2 n: they may double, not grow fourfold.
  local function grows(build)
    local bytes = {}
    for i = 1, 2 do
      local relations, entities, opts = build(1000 * i)
      bytes[i] = on(network(relations, entities)):ban(opts.targets or "cloud", opts):exposure().rows:memory()
    end
    return bytes[2] / bytes[1]
  end

  local HOME = rule("home", { bound = { organised_in = { "US" }, scope = "facilitation" } })

  it("costs what it is, not its square: owners, tops, liable firms and parties", function()
    for _, kind in ipairs { "person", "firm" } do
      assert.is_true(grows(function(n)
        local relations, entities = { supplies("cloud", "shop") }, {}
        for i = 1, n do
          relations[i + 1] = owns("o" .. i, "shop")
          entities[i] = { id = "o" .. i, kind = kind, country = "US" }
        end
        entities[n + 1] = { id = "shop", country = "FR" }
        return relations, entities, { rule = HOME }
      end) < 3, kind)
    end
    assert.is_true(grows(function(n)
      local relations, entities = {}, { { id = "shop", country = "FR" } }
      for i = 1, n do
        relations[i] = supplies("cloud", "shop", { party = "p" .. i })
        entities[i + 1] = { id = "p" .. i, country = "US" }
      end
      return relations, entities, { rule = HOME }
    end) < 3, "party")
  end)
end)
