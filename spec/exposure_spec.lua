-- What evaluating a scenario yields: rows, their proofs, and an answer to why for every entity.
local knockon = require "knockon"

local function network(entities, relations, restrictions)
  return assert(knockon.network { entities = entities, relations = relations, restrictions = restrictions })
end

local function ban(net, targets, opts)
  return net:scenario({ as_of = "2022-01-18", restrictions = "none" }):ban(targets, opts):exposure()
end

-- { id = "verdict scope" } of rows.
local function verdicts(rows)
  local out = {}
  for _, row in ipairs(rows) do out[row.id] = row.verdict .. (row.scope and " " .. row.scope or "") end
  return out
end

local function ids(rows)
  local out = {}
  for i, row in ipairs(rows) do out[i] = row.id end
  return table.concat(out, " ")
end

local function row_of(rows, id)
  for _, row in ipairs(rows) do
    if row.id == id then return row end
  end
  error("no row of " .. id)
end

-- A path as text: "cloud -hosting-> plant -top-> holding".
local function path_of(row)
  local parts = {}
  for i, step in ipairs(row.path) do parts[i] = (step.relation and "-" .. step.relation .. "-> " or "") .. step.id end
  return table.concat(parts, " ")
end

local US = { id = "us", owned = { at_least = "50%" }, control = true, bound = { organised_in = { "US" } } }
local ALL = { id = "all", owned = { at_least = "50%" }, control = true, bound = { anyone = true } }

describe("the ladder of scopes", function()
  local net = network({
    { id = "cloud", kind = "service", country = "CN" },
    { id = "home", country = "US" }, { id = "shop", kind = "branch", country = "DE" }, { id = "head", country = "US" },
    { id = "site-user", country = "FR" }, { id = "site", kind = "site", country = "US" },
    { id = "placed", country = "DE", located_in = { "DE", "US" } }, { id = "sub", country = "DE" },
    { id = "top", country = "US" }, { id = "over-top", country = "JP" }, { id = "signed", country = "DE" },
    { id = "signer", country = "US" }, { id = "free", country = "FR" }, { id = "unknown" },
    { id = "tool", kind = "service" }, { id = "operator", country = "US" },
  }, {
    { id = "s1", kind = "supplies", from = "cloud", to = "home" },
    { id = "s2", kind = "supplies", from = "cloud", to = "shop" },
    { id = "s3", kind = "supplies", from = "cloud", to = "site-user" },
    { id = "s4", kind = "supplies", from = "cloud", to = "placed" },
    { id = "s5", kind = "supplies", from = "cloud", to = "sub" },
    { id = "s6", kind = "supplies", from = "cloud", to = "signed", party = "signer" },
    { id = "s7", kind = "supplies", from = "cloud", to = "free" },
    { id = "s8", kind = "supplies", from = "cloud", to = "unknown" },
    { id = "s9", kind = "supplies", from = "cloud", to = "tool" },
    { id = "b", kind = "has_branch", from = "head", to = "shop" },
    { id = "o", kind = "operates", from = "site-user", to = "site" },
    { id = "t", kind = "operates", from = "operator", to = "tool" },
    { id = "h1", kind = "owns", from = "top", to = "sub", share = "50%" },
    { id = "h2", kind = "owns", from = "over-top", to = "top", share = "90%" },
  })
  local LADDER = { "entity", "branches", "located", "owned", "facilitation" }
  -- The lowest level that binds each user, and what it leads to.
  local LEVEL = { home = 1, tool = 1, shop = 2, placed = 3, ["site-user"] = 3, sub = 4, signed = 5 }
  local PARENT = { home = { "home" }, tool = { "operator" }, shop = { "head" }, placed = { "placed" },
    ["site-user"] = { "site-user" }, sub = { "over-top" }, signed = { "signed", "signer" } }

  for asked, scope in ipairs(LADDER) do
    it("binds at \"" .. scope .. "\" whom a lower level binds too, each at the lowest", function()
      local users = { free = "no", unknown = "possible entity" }
      local parents = { unknown = "possible entity" }
      for id, level in pairs(LEVEL) do
        users[id] = (level <= asked and "yes " or "no ") .. LADDER[level]
        for _, parent in ipairs(level <= asked and PARENT[id] or {}) do parents[parent] = "yes " .. LADDER[level] end
      end
      local exposure = ban(net, "cloud", { rule = US, scope = scope })
      assert.are.same(users, verdicts(exposure:users()))
      assert.are.same(parents, verdicts(exposure:parents()))
    end)
  end

  it("names who is liable: the nearest home firm above, or the party that signed", function()
    local exposure = ban(net, "cloud", { rule = US, scope = "facilitation" })
    local function liable(id) return row_of(exposure:parents(), id).liable end
    assert.are.same({ "top" }, liable "over-top")
    assert.are.same({ "signer" }, liable "signed")
    assert.are.same({ "signer" }, liable "signer")
    assert.are.same({}, liable "home")
    assert.are.same({ "top" }, exposure:why("sub").bound.liable)
  end)

  it("can be left for everyone, or for those with a field", function()
    local exposure = ban(net, "cloud", { rule = ALL })
    assert.are.equal("yes entity", verdicts(exposure:users()).free)
    local where = { id = "where", bound = { where = { country = { "FR", "JP" } } } }
    assert.are.same({ free = "yes entity", ["site-user"] = "yes entity" },
      verdicts(ban(net, "cloud", { rule = where }):users { verdict = "yes" }))
  end)
end)

describe("the rows of an exposure", function()
  local net = network({
    { id = "t", name = "Target", country = "CN" }, { id = "o", name = "Owned" }, { id = "c" },
    { id = "b", kind = "branch" },
    { id = "s", kind = "service" }, { id = "half" }, { id = "maybe" }, { id = "u", country = "US", name = "User" },
    { id = "p", country = "US", name = "Parent" }, { id = "q", country = "US" }, { id = "minor" }, { id = "friend" },
    { id = "person", kind = "person" }, { id = "w", country = "US" }, { id = "lone" },
    { id = "gone", ["until"] = "2020" },
    { id = "apart" }, { id = "apart-too" }, { id = "foreign", country = "FR" },
  }, {
    { id = "r1", kind = "owns", from = "t", to = "o", share = "60%", source = "register", since = "2019" },
    { id = "r2", kind = "controls", from = "t", to = "c", by = "board" },
    { id = "r3", kind = "has_branch", from = "t", to = "b" },
    { id = "r4", kind = "operates", from = "t", to = "s" },
    { id = "r5", kind = "owns", from = "t", to = "half", share = "30%" },
    { id = "r6", kind = "owns", from = "o", to = "half", share = "9.5%" },
    { id = "r7", kind = "owns", from = "o", to = "maybe", share = "40-60%" },
    { id = "u1", kind = "supplies", from = "s", to = "u", since = "2020" },
    { id = "u2", kind = "supplies", from = "o", to = "u" },
    { id = "u3", kind = "supplies", from = "maybe", to = "w" },
    { id = "u4", kind = "supplies", from = "s", to = "foreign" },
    { id = "p1", kind = "owns", from = "p", to = "u", share = "50%" },
    { id = "p2", kind = "owns", from = "q", to = "w", share = "80%" },
    { id = "p3", kind = "owns", from = "minor", to = "u", share = "12%" },
    { id = "p4", kind = "linked", from = "friend", to = "p" },
    { id = "p5", kind = "owns", from = "person", to = "p", share = "75%" },
    { id = "x", kind = "linked", from = "apart", to = "apart-too" },
  })
  local exposure = ban(net, "t", { rule = US })

  it("say who is restricted, and because of what", function()
    local because = {}
    for _, row in ipairs(exposure:restricted()) do because[row.id] = row.verdict .. " " .. row.because end
    assert.are.same({ t = "yes target", o = "yes owned", c = "yes controlled", b = "yes branch", s = "yes operated",
      maybe = "possible owned" }, because)
    assert.are.same({ id = "o", name = "Owned", verdict = "yes", because = "owned", share = { "60%", "60%" },
      held_by = { { id = "t", share = { "60%", "60%" }, relation = "r1" } }, restrictions = { "ban-1" } },
      exposure:restricted({ ids = { "o" } })[1])
    assert.are.same({ { id = "t", relation = "r2" } }, exposure:restricted({ ids = { "c" } })[1].held_by)
    assert.is_nil(exposure:restricted({ ids = { "t" } })[1].held_by)
    assert.are.same({ "40%", "60%" }, exposure:restricted({ ids = { "maybe" } })[1].share)
  end)

  it("say who uses what is restricted", function()
    assert.are.same({ u = "yes entity", w = "possible entity", foreign = "no" }, verdicts(exposure:users()))
    assert.are.same({ "o", "s" }, exposure:users({ ids = { "u" } })[1].suppliers)
    assert.are.same({ "ban-1" }, exposure:users({ ids = { "u" } })[1].restrictions)
  end)

  it("say whose problem it becomes, with a path, users and owners", function()
    assert.are.same({ p = "yes entity", q = "possible entity" }, verdicts(exposure:parents()))
    local row = exposure:parents({ verdict = "yes" })[1]
    assert.are.same({ "u" }, row.users)
    assert.are.same({ "person" }, row.owners)
    assert.are.equal("Parent", row.name)
    assert.are.equal("t -r1-> o -u2-> u -p1-> p", path_of(row))
    assert.are.same({ "50%", "50%" }, row.path[4].share)
  end)

  it("say who is linked, but not counted", function()
    assert.are.same({ { id = "friend", of = "p" },
    { id = "minor", of = "u", share = { "12%", "12%" } } }, exposure:linked())
  end)

  it("can be filtered by id and verdict, and are counted", function()
    assert.are.equal("u", ids(exposure:users { verdict = "yes" }))
    assert.are.equal("foreign u", ids(exposure:users { ids = { "u", "foreign", "lone" } }))
    assert.are.equal("", ids(exposure:users { ids = { "u" }, verdict = "no" }))
    assert.are.equal("", ids(exposure:users { ids = {} }))
    assert.are.equal("u", ids(exposure:users { ids = "u" }))
    assert.are.equal("friend", ids(exposure:linked { ids = "p" }))
    assert.are.equal("friend minor", ids(exposure:linked { ids = { "friend", "u" } }))
    assert.are.equal("", ids(exposure:linked { ids = { "lone" } }))
    assert.are.same({ restricted = 6, users = 3, parents = 2, concerned = 0, linked = 2 }, exposure:count())
  end)

  it("refuse a filter that is none", function()
    for _, bad in ipairs { 5, { verdict = "maybe" }, { id = "u" }, { ids = 5 }, { ids = { 5 } }, { "u" } } do
      local fine, object = pcall(exposure.users, exposure, bad)
      assert.is_false(fine)
      assert.are.equal("argument", object.code)
    end
    local fine, object = pcall(exposure.parents, exposure, { ids = { "lon" } })
    assert.is_false(fine)
    assert.are.same({ "unknown_id", { "lone" } }, { object.code, object.near })
    for _, bad in ipairs { 5, { verdict = "yes" }, { of = "u" }, { ids = "lon" } } do
      assert.is_false((pcall(exposure.linked, exposure, bad)))
    end
  end)

  it("say under which measure one is restricted, when that does not prohibit: the strictest", function()
    local day = net:scenario { as_of = "2022", restrictions = "none" }
    local function measure(scenario) return scenario:exposure():restricted({ ids = "o" })[1].measure end
    local soft = day:ban("t", { rule = US, measure = "review" })
    assert.are.equal("review", measure(soft))
    assert.are.equal("license", measure(soft:ban("t", { rule = US, measure = "license" })))
    assert.is_nil(measure(soft:ban("t", { rule = US })))
    assert.is_nil(measure(soft:ban("o", { rule = US, scope = "owned" })))
  end)

  it("can be told in a line", function()
    assert.are.equal("exposure (2 parents, 3 users, 6 restricted)", tostring(exposure))
    local soft = ban(net, "t", { rule = US, measure = "review" })
    assert.are.equal("exposure (0 parents, 0 users, 6 restricted, 4 concerned)", tostring(soft))
  end)

  it("come with the facts that are missing, those that decide most first", function()
    local facts = {}
    for i, fact in ipairs(exposure:unknowns()) do
      facts[i] = ("%s %s: %s"):format(fact.fact, fact.relation or fact.id, table.concat(fact.decides, " "))
    end
    assert.are.same({ "share r7: maybe q w" }, facts)
    assert.are.same({ "o", "maybe", { "40%", "60%" } },
      { exposure:unknowns()[1].from, exposure:unknowns()[1].to, exposure:unknowns()[1].share })
  end)

  describe("why", function()
    it("is answered for whatever is restricted", function()
      for id, because in pairs { t = "target", o = "owned", c = "controlled", b = "branch", s = "operated" } do
        local why = exposure:why(id)
        assert.are.same({ "restricted", "yes", because }, { why.status, why.verdict, why.because })
        assert.are.equal("t", why.path[1].id)
        assert.are.equal(id, why.path[#why.path].id)
        assert.is_string(why.message)
      end
      local why = exposure:why "o"
      assert.are.same({ at_least = "50%", of = "equity", sum = { "60%", "60%" }, met = true, stakes = {
        {
          id = "t", name = "Target", kind = "owns", verdict = "yes", share = { "60%", "60%" }, relation = "r1",
          source = "register", since = "2019-01-01", running = { "60%", "60%" },
        },
      } }, why.test)
      assert.are.equal("possible", exposure:why("maybe").verdict)
      assert.are.equal("10%", exposure:why("maybe").test.gap)
    end)

    it("is answered for users and parents, with the proof and who is bound", function()
      local why = exposure:why "u"
      assert.are.same({ "user", "yes", "entity", { "p" } }, { why.status, why.verdict, why.scope, why.parents })
      assert.are.same({ level = "entity", verdict = "yes", liable = {}, asked = "entity" }, why.bound)
      why = exposure:why "p"
      assert.are.same({ "parent", "yes", { "u" } }, { why.status, why.verdict, why.users })
      assert.are.equal("t -r1-> o -u2-> u -p1-> p", path_of(why))
      assert.are.same({ "register", "2019-01-01", "Owned" },
      { why.path[2].source, why.path[2].since, why.path[2].name })
      assert.are.equal("possible", exposure:why("q").verdict)
    end)

    it("is answered for those that are not exposed", function()
      local status = {}
      for _, id in ipairs { "half", "foreign", "minor", "apart", "lone", "gone", "person" } do
        local why = exposure:why(id)
        assert.are.equal("no", why.verdict)
        assert.is_string(why.message)
        status[id] = why.status
      end
      assert.are.same({ half = "below_threshold", foreign = "not_bound", minor = "not_reached", apart = "not_reached",
        lone = "no_data", gone = "not_in_force", person = "not_reached" }, status)
    end)

    it("gives the sum and the gap where a threshold is not met", function()
      local test = exposure:why("half").test
      assert.are.same({ "39.5%", "39.5%" }, test.sum)
      assert.are.equal("10.5%", test.gap)
      assert.is_false(test.met)
      assert.are.equal("o t", ids(test.stakes))
      local strict = { id = "strict", owned = { more_than = "60%" }, bound = { anyone = true } }
      local why = ban(net, "t", { rule = strict }):why "o"
      assert.are.same({ "below_threshold", "0.0000001%" }, { why.status, why.test.gap })
    end)

    it("tells shares as a sentence does", function()
      local shares = { [">20%"] = "more than 20%", ["<=60%"] = "at most 60%", ["20-60%"] = "20% to 60%" }
      local function message(share)
        local one = network({ { id = "t" }, { id = "f" } }, { { kind = "owns", from = "t", to = "f", share = share } })
        return ban(one, "t", { rule = ALL }):why("f").message
      end
      for share, words in pairs(shares) do
        assert.are.equal("Restricted holders have " .. words .. " of it.", message(share))
      end
      assert.are.equal("Restricted holders have an unknown share of it.", message(nil))
    end)

    it("gives what would decide it, and the rule's red flags, also for whatever is restricted", function()
      local rule = { id = "r", owned = { at_least = "50%" }, bound = { anyone = true },
        red_flags = { unknown_share = "find out" } }
      local one = network({ { id = "t" }, { id = "f" } }, { { id = "r", kind = "owns", from = "t", to = "f" } })
      local why = ban(one, "t", { rule = rule }):why "f"
      assert.are.same({ "restricted", "possible" }, { why.status, why.verdict })
      assert.are.equal("r", why.unknowns[1].relation)
      assert.are.same({ "unknown_share", "find out" }, { why.red_flags[1].code, why.red_flags[1].text })
      assert.is_nil(ban(one, "t", { rule = rule }):why("t").unknowns)
    end)

    it("says what was blocked before, of what is not restricted now", function()
      local rule = { id = "r", owned = { at_least = "50%" }, bound = { anyone = true }, retains = true }
      local one = network({ { id = "t" }, { id = "sold" }, { id = "held" } }, {
        { kind = "owns", from = "t", to = "sold", share = "60%", since = "2018", ["until"] = "2021" },
        { kind = "owns", from = "t", to = "held", share = "60%", since = "2018" },
      })
      local exposure_of_t = ban(one, "t", { rule = rule })
      local former = exposure_of_t:why("sold").formerly
      assert.are.same({ "2018-01-01", "2021-01-01" }, { former.since, former["until"] })
      assert.is_nil(exposure_of_t:why("held").formerly)
      former.since = "changed"
      assert.are.equal("2018-01-01", exposure_of_t:formerly()[1].since)
    end)

    it("says that a person or a state above an exposed parent is its owner", function()
      assert.are.equal("It is an owner above p (exposed); a person or a state is never a parent itself.",
        exposure:why("person").message)
    end)

    it("says that nothing is in force when nothing is", function()
      local nothing = net:scenario({ as_of = "2022", restrictions = "none" }):exposure()
      assert.are.equal("not_in_force", nothing:why("p").status)
      assert.are.equal("no", nothing:why("t").verdict)
    end)

    it("reads as a text, and asks for an id that exists", function()
      for _, id in ipairs { "t", "o", "half", "maybe", "u", "w", "p", "q", "foreign", "lone", "gone", "apart" } do
        assert.truthy(tostring(exposure:why(id)):find(id, 1, true))
      end
      local fine, object = pcall(exposure.why, exposure, "lon")
      assert.is_false(fine)
      assert.are.same({ "unknown_id", { "lone" } }, { object.code, object.near })
      assert.are.equal("argument", select(2, pcall(exposure.why, exposure)).code)
    end)
  end)
end)

describe("chokepoints", function()
  local net = network({ { id = "t" }, { id = "u" }, { id = "p" } }, {
    { id = "s", kind = "supplies", from = "t", to = "u" },
    { id = "o", kind = "owns", from = "p", to = "u", share = "100%" },
  })
  local exposure = ban(net, "t", { rule = ALL })

  it("are what every path to a parent passes; of what is no parent there are none: one nil", function()
    local passed = {}
    for i, one in ipairs(exposure:chokepoints "p") do passed[i] = one.id or one.relation end
    assert.are.same({ "t", "s", "u", "o" }, passed)
    assert.are.equal(1, select("#", exposure:chokepoints "u"))
    assert.is_nil((exposure:chokepoints "u"))
  end)

  it("refuse options that are none", function()
    for name, near in pairs { forc = "force", limit = "limits", progres = "progress" } do
      local fine, object = pcall(exposure.chokepoints, exposure, "p", { [name] = true })
      assert.is_false(fine)
      assert.are.same({ "argument", name, { near } }, { object.code, object.argument, object.near })
    end
    local _, object = pcall(exposure.chokepoints, exposure, "p", { limits = { second = 1 } })
    assert.are.same({ "argument", "limits", { "seconds" } }, { object.code, object.argument, object.near })
  end)
end)

describe("what is spent", function()
  local net = network({ { id = "t" }, { id = "a" }, { id = "b" }, { id = "p" }, { id = "m" } }, {
    { id = "1", kind = "supplies", from = "t", to = "a", spend = "0.1", currency = "USD" },
    { id = "2", kind = "supplies", from = "t", to = "a", spend = 0.2, currency = "USD" },
    { id = "3", kind = "supplies", from = "t", to = "a", spend = "999999999999.999999999", currency = "EUR" },
    { id = "4", kind = "supplies", from = "t", to = "a", spend = "5", currency = "USD", contract = "frame" },
    { id = "5", kind = "supplies", from = "t", to = "b", spend = "5.00", currency = "USD", contract = "frame" },
    { id = "6", kind = "supplies", from = "t", to = "b" },
    { id = "7", kind = "supplies", from = "t", to = "m", spend = "70", currency = "USD" },
    { id = "8", kind = "owns", from = "p", to = "a", share = "100%" },
    { id = "9", kind = "owns", from = "p", to = "b", share = "51%" },
    { id = "10", kind = "owns", from = "p", to = "m", share = ">40%" },
  })
  local exposure = ban(net, "t", { rule = ALL })

  it("is summed exactly, and currencies stay apart", function()
    assert.are.same({ USD = "5.3", EUR = "999999999999.999999999" }, exposure:users({ ids = { "a" } })[1].spend)
  end)

  it("is absent where it is not known, never 0", function()
    assert.are.same({ USD = "5" }, exposure:users({ ids = { "b" } })[1].spend)
    local without = net:scenario({ as_of = "2022", restrictions = "none" }):drop "5"
    assert.are.same({}, without:ban("t", { rule = ALL }):exposure():users({ ids = { "b" } })[1].spend)
  end)

  it("counts a contract once in a parent's total, with possible users apart", function()
    local row = exposure:parents({ ids = { "p" } })[1]
    assert.are.same({ "a", "b" }, row.users)
    assert.are.same({ USD = "5.3", EUR = "999999999999.999999999" }, row.spend)
    assert.are.same({ USD = "70" }, row.spend_possible)
  end)
end)

describe("attribution", function()
  it("takes a ring of majorities as one parent, named by the smallest id, with a warning", function()
    local net = network({ { id = "t" }, { id = "u" }, { id = "a" }, { id = "b" }, { id = "c" } }, {
      { id = "s", kind = "supplies", from = "t", to = "u" },
      { id = "o1", kind = "owns", from = "c", to = "u", share = "60%" },
      { id = "o2", kind = "owns", from = "a", to = "c", share = "50%" },
      { id = "o3", kind = "owns", from = "b", to = "a", share = "50%" },
      { id = "o4", kind = "owns", from = "c", to = "b", share = "50%" },
    })
    local exposure = ban(net, "t", { rule = ALL })
    assert.are.same({ a = "yes entity" }, verdicts(exposure:parents()))
    local warning = exposure:warnings()[1]
    assert.are.same({ "ring", { "a", "b", "c" } }, { warning.code, warning.ids })
    assert.are.equal("t -s-> u -o1-> c -o2-> a", path_of(exposure:parents()[1]))
  end)

  it("leaves firms that would hold each other up unrestricted, with a warning", function()
    local net = network({ { id = "t" }, { id = "a" }, { id = "b" } }, {
      { kind = "owns", from = "t", to = "a", share = "20%" }, { kind = "owns", from = "t", to = "b", share = "20%" },
      { kind = "owns", from = "a", to = "b", share = "30%" }, { kind = "owns", from = "b", to = "a", share = "30%" },
    })
    local exposure = ban(net, "t", { rule = ALL })
    assert.are.equal("t", ids(exposure:restricted()))
    assert.are.same({ "self_supporting", { "a", "b" } }, { exposure:warnings()[1].code, exposure:warnings()[1].ids })
    assert.are.equal("below_threshold", exposure:why("a").status)
  end)

  it("never makes a person, a state, a service or a site a parent", function()
    local net = network({ { id = "t" }, { id = "svc", kind = "service" }, { id = "firm" },
    { id = "state", kind = "state" },
      { id = "lone-svc", kind = "service" } }, {
      { kind = "supplies", from = "t", to = "svc" }, { kind = "operates", from = "firm", to = "svc" },
      { kind = "owns", from = "state", to = "firm", share = "100%" },
      { kind = "supplies", from = "t", to = "lone-svc" },
    })
    local exposure = ban(net, "t", { rule = ALL })
    assert.are.same({ firm = "yes entity" }, verdicts(exposure:parents()))
    assert.are.same({ "state" }, exposure:parents()[1].owners)
  end)
end)

describe("several acts", function()
  local restrictions = {
    { id = "strict", rule = "icts", targets = { "t1" }, scope = "owned" },
    { id = "narrow", rule = "icts", targets = { "t2" }, scope = "entity" },
    { id = "watch", rule = "icts", targets = { "t3" }, scope = "entity", measure = "review" },
    { id = "permit", rule = "icts", targets = { "t3" }, scope = "entity", measure = "license" },
  }
  local net = network({ { id = "t1" }, { id = "t2" }, { id = "t3" }, { id = "u", country = "DE" },
    { id = "v", country = "US" }, { id = "p", country = "US" }, { id = "w", country = "US" } }, {
    { kind = "supplies", from = "t1", to = "u" }, { kind = "supplies", from = "t2", to = "u" },
    { kind = "supplies", from = "t1", to = "v" }, { kind = "supplies", from = "t2", to = "v" },
    { kind = "supplies", from = "t3", to = "w" }, { kind = "supplies", from = "t3", to = "v" },
    { kind = "owns", from = "p", to = "u", share = "70%" },
  }, restrictions)
  local exposure = net:scenario({ as_of = "2022" }):exposure()

  it("unite: the strongest verdict, the lowest scope that gives it, and every cause of that", function()
    assert.are.same({ u = "yes owned", v = "yes entity" }, verdicts(exposure:users()))
    assert.are.same({ "strict" }, exposure:users({ ids = { "u" } })[1].restrictions)
    assert.are.same({ "narrow", "strict" }, exposure:users({ ids = { "v" } })[1].restrictions)
    assert.are.same({ "t1", "t2" }, exposure:users({ ids = { "v" } })[1].suppliers)
    assert.are.same({ p = "yes owned", v = "yes entity" }, verdicts(exposure:parents()))
  end)

  it("concern, and expose nobody, under a measure that does not prohibit: the strictest one counts", function()
    local rows = {}
    for _, row in ipairs(exposure:concerned()) do
      rows[row.id] = ("%s %s: %s"):format(row.verdict, row.measure, table.concat(row.restrictions, " "))
    end
    assert.are.same({ v = "yes license: permit watch", w = "yes license: permit watch" }, rows)
    local why = exposure:why "w"
    assert.are.same({ "concerned", "yes", "license" }, { why.status, why.verdict, why.measure })
  end)

  it("are told apart in the run and in the restrictions", function()
    assert.are.equal("narrow permit strict watch", ids(exposure:restrictions()))
    assert.is_nil(exposure:run().scope)
    assert.are.equal("2022-01-01", exposure:run().as_of)
    assert.is_string(exposure:run().rules.icts)
  end)

  it("of one rule and scope aggregate their targets", function()
    local parts = network({ { id = "x" }, { id = "y" }, { id = "f" } }, {
      { kind = "owns", from = "x", to = "f", share = "25%" }, { kind = "owns", from = "y", to = "f", share = "25%" } })
    local day = parts:scenario { as_of = "2022", restrictions = "none" }
    local both = day:ban("x", { rule = ALL }):ban("y", { rule = ALL }):exposure()
    assert.are.equal("f x y", ids(both:restricted()))
    assert.are.same({ "ban-1", "ban-2" }, both:restricted({ ids = { "f" } })[1].restrictions)
    local apart = day:ban("x", { rule = ALL }):ban("y", { rule = ALL, scope = "owned" }):exposure()
    assert.are.equal("x y", ids(apart:restricted()))
  end)

  it("take targets one at a time, or in the groups that are declared, when the rule says so", function()
    local parts = network({ { id = "x" }, { id = "y" }, { id = "z" }, { id = "f" }, { id = "g" } }, {
      { kind = "owns", from = "x", to = "f", share = "30%" }, { kind = "owns", from = "y", to = "f", share = "30%" },
      { kind = "owns", from = "y", to = "g", share = "30%" }, { kind = "owns", from = "z", to = "g", share = "30%" } })
    local function caught(sum, joint)
      local rule = { id = "r", owned = { more_than = "50%", sum = sum }, bound = { anyone = true } }
      return ids(ban(parts, { "x", "y", "z" }, { rule = rule, joint = joint }):restricted())
    end
    assert.are.equal("f g x y z", caught "all")
    assert.are.equal("x y z", caught "each")
    assert.are.equal("x y z", caught("each", { { "x", "y" } }))
    assert.are.equal("x y z", caught "joint")
    assert.are.equal("f x y z", caught("joint", { { "x", "y" } }))
    assert.are.equal("f g x y z", caught("joint", { { "x", "y" }, { "y", "z" } }))
  end)
end)
