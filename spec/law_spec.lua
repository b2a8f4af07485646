-- The law's own examples, one by one, through the public API and the shipped rules: who is restricted, on which day,
-- and who is bound at which level. X, Y and Z are restricted unless a row says otherwise.
local knockon = require "knockon"

-- Entities named by the relations, foreign firms unless `entities` says otherwise.
local function network(relations, entities, restrictions)
  local list, known = {}, {}
  local function add(entity)
    if known[entity.id] then return end
    known[entity.id] = true
    list[#list + 1] = entity
  end
  for _, entity in ipairs(entities or {}) do add(entity) end
  for _, relation in ipairs(relations) do
    add { id = relation.from, country = "AE" }
    add { id = relation.to, country = "AE" }
  end
  return assert(knockon.network { entities = list, relations = relations, restrictions = restrictions })
end

-- "X>A 25" or "X>A (25%,50%]", with a period when one is given.
local function holding(text, since, till)
  local from, to, share = text:match "^(%w+)>(%w+) (.+)$"
  if not share:find "%%" then share = share .. "%" end
  return { kind = "owns", from = from, to = to, share = share, since = since, ["until"] = till }
end

local function holdings(list)
  local relations = {}
  for i, text in ipairs(list) do relations[i] = type(text) == "table" and text or holding(text) end
  return relations
end

local function by_id(rows)
  local map = {}
  for _, row in ipairs(rows) do map[row.id] = row end
  return map
end

local function verdicts(exposure)
  local map = setmetatable({}, { __index = function() return "no" end })
  for _, row in ipairs(exposure:restricted()) do map[row.id] = row.verdict end
  return map
end

-- Who is restricted when `targets` are banned: id -> verdict. opts: entities, as_of, joint.
local function banned(rule, targets, list, opts)
  opts = opts or {}
  local day = network(holdings(list), opts.entities):scenario { as_of = opts.as_of or "2026-11-22" }
  return verdicts(assert(day:ban(targets, { rule = rule, joint = opts.joint }):exposure()))
end

-- Every id of `ids` ("A,B") has this verdict.
local function all(verdict, map, ids)
  for id in ids:gmatch "%w+" do assert.message(id).are.equal(verdict, map[id]) end
end

describe("OFAC, 50 percent or more of all blocked persons together:", function()
  it("FAQ399: 25 % and 25 % of two of them make a firm blocked", function()
    all("yes", banned("ofac_50", { "X", "Y" }, { "X>A 25", "Y>A 25" }), "X,Y,A")
    all("no", banned("ofac_50", { "X" }, { "X>A 25", "Y>A 25" }), "Y,A")
  end)

  it("FAQ401-1: half of a half is blocked, although the economic share is a quarter", function()
    all("yes", banned("ofac_50", "X", { "X>A 50", "A>B 50" }), "A,B")
  end)

  it("FAQ401-2: two blocked firms' stakes add up", function()
    all("yes", banned("ofac_50", "X", { "X>A 50", "X>B 50", "A>C 25", "B>C 25" }), "A,B,C")
  end)

  it("FAQ401-3: a direct stake and a blocked firm's stake add up", function()
    all("yes", banned("ofac_50", "X", { "X>A 50", "X>B 10", "A>B 40" }), "A,B")
  end)

  it("FAQ401-4: a firm that is not blocked counts nothing", function()
    local found = banned("ofac_50", "X", { "X>A 50", "X>B 25", "A>C 25", "B>C 25" })
    all("yes", found, "A")
    all("no", found, "B,C")
  end)

  it("FAQ401-5: 25 % of both owners blocks neither, nor what they own", function()
    all("no", banned("ofac_50", "X", { "X>A 25", "X>B 25", "A>C 50", "B>C 50" }), "A,B,C")
  end)

  it("FAQ398: control alone does not block; in the EU and the UK it does", function()
    local facts = { "X>A 49", { kind = "controls", from = "X", to = "A", by = "board" } }
    all("no", banned("ofac_50", "X", facts), "A")
    all("no", banned("eu_own_2024", "X", facts), "A")
    for _, rule in ipairs { "eu_control", "uk_oc" } do
      local day = network(holdings(facts)):scenario { as_of = "2026-11-22" }
      local row = by_id(day:ban("X", { rule = rule }):exposure():restricted()).A
      assert.are.equal("yes", row.verdict)
      assert.are.equal("controlled", row.because)
    end
  end)

  it("FAQ402: sold below half it is blocked until the sale and not after", function()
    local facts = { holding("X>A 50", nil, "2024-05-01"), holding("X>A 49", "2024-05-01") }
    all("yes", banned("ofac_50", "X", facts, { as_of = "2024-04-30" }), "A")
    all("no", banned("ofac_50", "X", facts, { as_of = "2024-05-01" }), "A")
    assert.is_true(knockon.rule("ofac_50").retains) -- what was blocked before stays blocked
  end)

  it("D1: 49 % then 100 % blocks nothing", function()
    all("no", banned("ofac_50", "X", { "X>A 49", "A>B 100" }), "A,B")
  end)

  it("D2: half, four levels deep, blocks all four", function()
    all("yes", banned("ofac_50", "X", { "X>A 50", "A>B 50", "B>C 50", "C>D 50" }), "A,B,C,D")
  end)

  it("D3: 49.99 % does not block", function()
    all("no", banned("ofac_50", "X", { "X>A 49.99" }), "A")
    all("no", banned("ofac_50", "X", { "X>A 49.9999999" }), "A")
  end)

  it("D4: 1.5 % + 14.1 % + 34.4 % is exactly half", function()
    assert.is_true(0.015 + 0.141 + 0.344 < 0.5) -- the trap
    all("yes", banned("ofac_50", { "X", "Y", "Z" }, { "X>A 1.5", "Y>A 14.1", "Z>A 34.4" }), "A")
    local fractions = {}
    for id, share in pairs { X = 0.015, Y = 0.141, Z = 0.344 } do
      fractions[#fractions + 1] = { kind = "owns", from = id, to = "A", share = share }
    end
    all("yes", banned("ofac_50", { "X", "Y", "Z" }, fractions), "A")
    all("no", banned("uk_oc", { "X", "Y", "Z" }, fractions, { joint = { { "X", "Y", "Z" } } }), "A")
  end)

  it("D5: firms that only hold each other up are not blocked; a warning names them", function()
    local facts = { "X>A 20", "X>B 20", "A>B 30", "B>A 30" }
    all("no", banned("ofac_50", "X", facts), "A,B")
    local warnings = network(holdings(facts)):scenario({}):ban("X", { rule = "ofac_50" }):exposure():warnings()
    assert.are.equal(1, #warnings)
    assert.are.equal("self_supporting", warnings[1].code)
    assert.are.same({ "A", "B" }, warnings[1].ids)
    all("yes", banned("ofac_50", "X", { "X>A 20", "X>B 50", "A>B 30", "B>A 30" }), "A,B")
  end)

  it("D6: the puzzle of four owners ends at exactly half", function()
    local found = banned("ofac_50", { "SDNA", "SDNB", "SDND", "SDNF" }, { "SDNA>A 3", "B>A 47", "C>A 50", "SDNB>B 42",
      "D>B 52", "SDND>D 50", "E>C 48", "SDNF>E 81", "Trust>C 52" })
    all("yes", found, "D,B,E,A")
    all("no", found, "C,Trust")
  end)

  it("D7: a band that ends at half may block, and is certainly not owned in the UK", function()
    for _, band in ipairs { "(25%,50%]", "25-50%" } do
      all("possible", banned("ofac_50", "X", { "X>A " .. band }), "A")
      all("no", banned("uk_oc", "X", { "X>A " .. band }), "A")
    end
  end)

  it("D8: two bands above a quarter block for certain, and are not owned in the UK", function()
    local facts = { "X>A (25%,50%]", "Y>A (25%,50%]" }
    all("yes", banned("ofac_50", { "X", "Y" }, facts), "A")
    all("no", banned("uk_oc", { "X", "Y" }, facts), "A")
    all("possible", banned("ofac_50", { "X", "Y" }, { "X>A 25-50%", "Y>A 24-50%" }), "A")
  end)
end)

describe("EU, owned or controlled:", function()
  it("EU-a: 30 % and 25 % of two designated persons make it owned", function()
    all("yes", banned("eu_own_2024", { "X", "Y" }, { "X>A 30", "Y>A 25" }), "A")
    all("yes", banned("eu_own_2018", { "X", "Y" }, { "X>A 30", "Y>A 25" }), "A")
  end)

  it("EU-b: exactly half is not owned on 2024-07-02, and presumed owned on 2024-07-03", function()
    local net = network(holdings { "X>A 50" }, nil, {
      { id = "old", rule = "eu_own_2018", targets = { "X" }, since = "2022" },
      { id = "new", rule = "eu_own_2024", targets = { "X" }, since = "2022" },
    })
    local before, after = net:scenario { as_of = "2024-07-02" }, net:scenario { as_of = "2024-07-03" }
    assert.are.equal("no", verdicts(before:exposure()).A)
    assert.are.equal("old", before:exposure():restrictions()[1].id)
    assert.are.equal("yes", verdicts(after:exposure()).A)
    assert.are.equal("new", after:exposure():restrictions()[1].id)
    assert.are.equal(1, #after:exposure():restrictions())
    assert.is_true(knockon.rule("eu_own_2024").rebuttable)
    assert.are.equal("yes", verdicts(net:scenario({ as_of = "2024-07-02", restrictions = "none" })
      :ban("X", { rule = "eu_own_2024" }):exposure()).A) -- a ban is hypothetical
  end)

  it("EU-c: 40 % beside six holders of 10 % is not owned; that it may be controlled is a red flag", function()
    local facts = { "X>A 40" }
    for i = 1, 6 do facts[i + 1] = "H" .. i .. ">A 10" end
    for _, rule in ipairs { "eu_own_2018", "eu_own_2024", "eu_control" } do
      all("no", banned(rule, "X", facts), "A")
    end
    assert.truthy(knockon.rule("eu_control").red_flags.largest_holder:find("40 %", 1, true))
    assert.truthy(knockon.rule("eu_own_2024").red_flags.largest_holder)
  end)

  it("any one criterion of control suffices, and the data says which", function()
    for _, by in ipairs(knockon.rule("eu_control").control) do
      all("yes", banned("eu_control", "X", { { kind = "controls", from = "X", to = "A", by = by } }), "A")
    end
    all("no", banned("eu_control", "X", { { kind = "controls", from = "X", to = "A", by = "largest_holder" } }), "A")
    all("possible", banned("eu_control", "X", { { kind = "controls", from = "X", to = "A" } }), "A")
    all("possible", banned("eu_control", "X", { { kind = "consolidates", from = "X", to = "A" } }), "A")
    all("yes", banned("eu_control", "X", { "X>A 60", { kind = "controls", from = "A", to = "B", by = "assets" },
      "B>C 51" }), "A,B,C")
  end)
end)

describe("UK, owned or controlled:", function()
  it("UK-a: exactly half is not", function() all("no", banned("uk_oc", "X", { "X>A 50" }), "A") end)

  it("UK-b: 50.01 % is, of the shares or of the votes", function()
    all("yes", banned("uk_oc", "X", { "X>A 50.01" }), "A")
    local votes = holding "X>A 50.01"
    votes.basis = "votes"
    all("yes", banned("uk_oc", "X", { "X>A 10", votes }), "A")
  end)

  it("UK-c: 30 % and 30 % of two designated persons are not added up", function()
    all("no", banned("uk_oc", { "X", "Y" }, { "X>A 30", "Y>A 30" }), "A")
  end)

  it("UK-d: by a joint arrangement they are", function()
    all("yes", banned("uk_oc", { "X", "Y" }, { "X>A 30", "Y>A 30" }, { joint = { { "X", "Y" } } }), "A")
  end)
end)

describe("BIS, the Affiliates Rule:", function()
  local DAYS = {
    { "2025-09-28", "no" }, { "2025-10-15", "yes" }, { "2025-11-10", "no" }, { "2026-11-09", "no" },
    { "2026-11-10", "yes" },
  }

  local function lists(meu_measure)
    return {
      { id = "el", rule = "bis_affiliates", targets = { "X" }, since = "2020" },
      { id = "meu", rule = "bis_affiliates", targets = { "Y" }, since = "2020", measure = meu_measure },
    }
  end

  local function bis_a(meu_measure)
    local facts = holdings { "X>A 25", "Y>A 25", { kind = "supplies", from = "A", to = "us" } }
    return network(facts, { { id = "us", country = "US" } }, lists(meu_measure))
  end

  it("BIS-a: two lists' quarters add up, and the strictest measure of both applies", function()
    local row = by_id(bis_a():scenario({ as_of = "2026-11-10" }):exposure():restricted()).A
    assert.are.equal("yes", row.verdict)
    assert.are.same({ "el", "meu" }, row.restrictions)
    local concerned = bis_a():scenario({ as_of = "2026-11-10" }):exposure():concerned()[1]
    assert.are.same({ "us", "license", "yes" }, { concerned.id, concerned.measure, concerned.verdict })
    local strict = bis_a("prohibit"):scenario({ as_of = "2026-11-10" }):exposure()
    assert.are.equal("yes", by_id(strict:users()).us.verdict)
    assert.are.same({ "el", "meu" }, by_id(strict:users()).us.restrictions)
    assert.are.equal("strictest", knockon.rule("bis_affiliates").merge)
    all("yes", banned("bis_affiliates", { "X", "Y" }, { "X>A 25", "Y>A 25" }), "A")
  end)

  it("BIS-b: 30 % and a stake of unknown size is open: Red Flag 29", function()
    local net = network(holdings { "X>A 30", { id = "open", kind = "owns", from = "Y", to = "A" } }, nil, lists())
    local exposure = net:scenario({ as_of = "2025-10-15" }):exposure()
    assert.are.equal("possible", verdicts(exposure).A)
    assert.are.equal("open", exposure:unknowns()[1].relation)
    assert.truthy(knockon.rule("bis_affiliates").red_flags.unknown_share:find("Red Flag 29", 1, true))
    assert.are.equal("possible", banned("bis_affiliates", { "X", "Y" },
      { "X>A 30", { kind = "owns", from = "Y", to = "A" } }).A)
  end)

  it("BIS-c: in force, suspended, and back, each on its day", function()
    for _, day in ipairs(DAYS) do
      local exposure = bis_a():scenario({ as_of = day[1] }):exposure()
      assert.message(day[1]).are.equal(day[2], verdicts(exposure).A)
      assert.message(day[1]).are.equal(day[2] == "yes" and 2 or 0, #exposure:restrictions())
    end
  end)

  it("BIS-c as a ban: it applies on every day, with a warning when the rule does not", function()
    for _, day in ipairs(DAYS) do
      local exposure = bis_a():scenario({ as_of = day[1], restrictions = "none" })
        :ban({ "X", "Y" }, { rule = "bis_affiliates" }):exposure()
      assert.are.equal("yes", verdicts(exposure).A)
      assert.message(day[1]).are.equal(day[2] == "yes" and 0 or 1, #exposure:warnings())
    end
  end)

  it("BIS-d: a firm organised in the US is no target, and no step to what it owns", function()
    local us = { { id = "A", country = "US" } }
    all("no", banned("bis_affiliates", "X", { "X>A 100", "A>B 100" }, { entities = us }), "A,B")
    all("possible", banned("bis_affiliates", "X", { "X>A 100" }, { entities = { { id = "A" } } }), "A")
    all("no", banned("bis_affiliates", "X", { { kind = "controls", from = "X", to = "A", by = "board" } }), "A")
  end)
end)

describe("DOJ, covered persons:", function()
  it("DSP-8: halves cascade, and two covered firms' stakes add up", function()
    local facts = { "P>A 50", "A>B 100", "A>C 100", "B>D 20", "C>D 30" }
    all("yes", banned("doj_dsp", "P", facts), "A,B,C,D")
    local predicate = network(holdings(facts), { { id = "P", country = "CN" } })
      :scenario({ as_of = "2026-01-01" }):ban(knockon.rule("doj_dsp").targets, { rule = "doj_dsp" })
    all("yes", verdicts(predicate:exposure()), "P,A,B,C,D")
  end)

  it("DSP-6: half of a firm organised solely in the US does not make it covered", function()
    all("no", banned("doj_dsp", "P", { "P>A 50" }, { entities = { { id = "A", country = "US" } } }), "A")
  end)

  it("DSP-7: half of a firm organised in the US and in Luxembourg does", function()
    all("yes", banned("doj_dsp", "P", { "P>A 50" }, { entities = { { id = "A", country = { "US", "LU" } } } }), "A")
  end)
end)

describe("who is bound:", function()
  -- The user's row at a scope; the rule's own scope when none is given.
  local function user_at(rule, relations, entities, id, scope)
    local day = network(relations, entities):scenario { as_of = "2026-11-22", restrictions = "none" }
    local exposure = assert(day:ban("cloud", { rule = rule, scope = scope, measure = "prohibit" }):exposure())
    return by_id(exposure:users())[id], exposure
  end

  local function check(rule, relations, entities, id, level, own)
    local rank = { entity = 1, branches = 2, located = 3, owned = 4, facilitation = 5 }
    for scope, asked in pairs(rank) do
      local row = user_at(rule, relations, entities, id, scope)
      assert.message(scope).are.equal(asked >= rank[level] and "yes" or "no", row.verdict)
      assert.message(scope).are.equal(level, row.scope)
    end
    local row = user_at(rule, relations, entities, id)
    assert.are.equal(own, row.verdict)
  end

  local function supplied(id, more)
    local relations = { { kind = "supplies", from = "cloud", to = id } }
    for i, relation in ipairs(more or {}) do relations[i + 1] = relation end
    return relations
  end

  local CLOUD = { id = "cloud", country = "CN" }

  it("USP-5: a US firm's branch in China is a US person, bound at `branches`", function()
    check("doj_dsp", supplied("branch", { { kind = "has_branch", from = "us", to = "branch" } }),
      { CLOUD, { id = "us", country = "US" }, { id = "branch", kind = "branch", country = "CN" } },
      "branch", "branches", "yes")
  end)

  it("USP-6: a US firm's subsidiary in China is foreign at any share, bound only at `owned`", function()
    local entities = { CLOUD, { id = "us", country = "US" }, { id = "sub", country = "CN" } }
    for _, share in ipairs { "51", "100" } do
      check("doj_dsp", supplied("sub", { holding("us>sub " .. share) }), entities, "sub", "owned", "no")
    end
  end)

  it("USP-7: a Chinese firm's branch in the US is foreign, and located in the US", function()
    check("doj_dsp", supplied("branch", { { kind = "has_branch", from = "cn", to = "branch" } }),
      { CLOUD, { id = "cn", country = "CN" }, { id = "branch", kind = "branch", country = "US" } },
      "branch", "located", "no")
  end)

  it("USP-8: a Chinese firm's subsidiary in the US is a US person at any share", function()
    local entities = { CLOUD, { id = "cn", country = "CN" }, { id = "sub", country = "US" } }
    for _, share in ipairs { "51", "100" } do
      check("doj_dsp", supplied("sub", { holding("cn>sub " .. share) }), entities, "sub", "entity", "yes")
    end
  end)

  local US_AND_F = { { id = "tehran", country = "IR" }, { id = "us", country = "US" }, { id = "F", country = "AE" } }

  local function iran(relations, rule)
    table.insert(relations, { kind = "supplies", from = "tehran", to = "F" })
    local used = knockon.rule(rule or "iran_uscf")
    local day = network(relations, US_AND_F):scenario { as_of = "2026-11-22" }
    local exposure = day:ban(used.targets, { rule = rule or "iran_uscf" }):exposure()
    return by_id(exposure:users()).F, by_id(exposure:parents()).us
  end

  local function bound_below_us(relations, rule)
    local user, parent = iran(relations, rule)
    assert.are.same({ "yes", "owned" }, { user.verdict, user.scope })
    assert.are.same({ "yes", "owned" }, { parent.verdict, parent.scope })
    assert.are.same({ "us" }, parent.liable)
  end

  it("IRAN-a: a foreign firm held by half is bound, and its US parent is liable", function()
    bound_below_us { holding "us>F 50" }
    local votes = holding "us>F 50"
    votes.basis = "votes"
    bound_below_us { votes }
  end)

  it("IRAN-b: 40 % and the majority of its board bind it too; 40 % alone does not", function()
    bound_below_us { holding "us>F 40", { kind = "controls", from = "us", to = "F", by = "board" } }
    local user = iran { holding "us>F 40" }
    assert.are.equal("no", user.verdict)
    assert.is_nil(user.scope)
  end)

  it("CUBA: a foreign firm that US persons own or control is bound like its parent", function()
    US_AND_F[1].country = "CU"
    bound_below_us({ holding "us>F 50" }, "cuba")
    US_AND_F[1].country = "IR"
  end)

  -- The offeror, its subsidiary and its parent; one of them uses equipment of a firm below Huawei.
  local function offeror(user, fields)
    local supply = { id = "gear", kind = "supplies", from = "gearmaker", to = user }
    for field, value in pairs(fields or {}) do supply[field] = value end
    return network({ supply, holding "huawei>gearmaker 51", holding "top>offeror 100", holding "offeror>sub 100" }, {
      { id = "offeror", country = "US", contracts_with = { "US Government", "Ohio" } }, { id = "sub", country = "US" },
    }):scenario({ as_of = "2026-11-22" }):ban("huawei", { rule = "s889_b" })
  end

  it("S889-a: an offeror that uses the equipment in an unrelated office is barred", function()
    local exposure = offeror("offeror", { need = "unrelated office" }):exposure()
    assert.are.equal("yes", by_id(exposure:users()).offeror.verdict)
    assert.is_nil(by_id(exposure:users()).offeror.excepted)
  end)

  it("S889-b: an offeror whose subsidiary or parent uses it is not", function()
    for _, user in ipairs { "sub", "top" } do
      local exposure = offeror(user):exposure()
      assert.are.equal("no", by_id(exposure:users())[user].verdict)
      assert.is_nil(by_id(exposure:users()).offeror)
      assert.are.same({}, exposure:parents())
    end
  end)

  it("S889-c: use only through a third party's roaming is an exception", function()
    local ban = offeror("offeror", { need = "roaming" })
    local row = by_id(ban:except({ need = "roaming" }, { source = "FAR 52.204-25(c)(1)" }):exposure():users()).offeror
    assert.are.equal("FAR 52.204-25(c)(1)", row.excepted.source)
    assert.is_nil(by_id(ban:except({ need = "office" }):exposure():users()).offeror.excepted)
  end)

  it("agencies are bound where the rule is about what they buy, through any tier of goods", function()
    local net = network({
      { kind = "supplies", from = "maker", to = "board" }, { kind = "supplies", from = "board", to = "server" },
      { kind = "supplies", from = "server", to = "agency" }, { kind = "supplies", from = "server", to = "shop" },
    }, { { id = "agency", kind = "state", agency_of = "US Government" }, { id = "shop", country = "US" } })
    for _, rule in ipairs { "s889_a", "ndaa_5949" } do
      local users = by_id(net:scenario({ as_of = "2028-01-01" }):ban("maker", { rule = rule }):exposure():users())
      assert.are.equal("yes", users.agency.verdict)
      assert.are.equal("no", users.shop.verdict)
    end
    local users = by_id(net:scenario({ as_of = "2028-01-01" }):ban("maker", { rule = "uflpa" }):exposure():users())
    assert.are.equal("yes", users.shop.verdict)
    assert.are.equal("possible", users.agency.verdict) -- its country is not known
  end)

  it("the Department is bound by the direct limb, its contractors by the indirect one", function()
    local net = network({
      { kind = "supplies", from = "listed", to = "dod" }, { kind = "supplies", from = "listed", to = "contractor" },
    }, {
      { id = "dod", kind = "state", agency_of = { "US Government", "US Department of Defense" } },
      { id = "contractor", contracts_with = "US Department of Defense" },
    }, {
      { id = "direct", rule = "ndaa_1260h_direct", targets = { "listed" } },
      { id = "indirect", rule = "ndaa_1260h_indirect", targets = { "listed" } },
    })
    local expected = {
      ["2026-06-29"] = {}, ["2026-06-30"] = { dod = "yes", contractor = "no" },
      ["2027-06-30"] = { dod = "yes", contractor = "yes" },
    }
    for day, verdict in pairs(expected) do
      local users = by_id(net:scenario({ as_of = day }):exposure():users())
      for _, id in ipairs { "dod", "contractor" } do
        assert.message(day .. id).are.equal(verdict[id], users[id] and users[id].verdict)
      end
    end
  end)
end)
