-- The Beneficial Ownership Data Standard, versions 0.1 to 0.4.
local files = require "spec.support.files"
local json = require "knockon.json"
local knockon = require "knockon"
local real = require "spec.support.real"

local function load(statements, opts)
  return knockon.load(files.write("some.json", json.encode(json.array(statements))), opts)
end

local function entity(id, details)
  details = details or {}
  details.name = details.name or id:upper()
  return { statementId = "s-" .. id, recordId = id, recordType = "entity", recordDetails = details }
end

local function person(id)
  return { statementId = "s-" .. id, recordId = id, recordType = "person", recordDetails = {
    names = { { fullName = "Ann" } }, nationalities = { { code = "gb" } } } }
end

-- A relationship statement of 0.4: p holds interests in c.
local function relationship(id, interests, more)
  local statement = { statementId = "s-" .. id, recordId = id, recordType = "relationship", recordDetails = {
    isComponent = false, subject = "c", interestedParty = "p", interests = interests } }
  for name, value in pairs(more or {}) do
    if name == "details" then
      for field, one in pairs(value) do statement.recordDetails[field] = one end
    else
      statement[name] = value
    end
  end
  return statement
end

local function relations_of(...) return assert(load { entity "c", person "p", ... }):relations {} end

local function share_of(share)
  return relations_of(relationship("r", { { type = "shareholding", share = share } }))[1].share
end

-- { from, to, share or false, since or false, until or false } of each relation, by id.
local function periods(list)
  local out = {}
  for _, relation in ipairs(list) do
    out[relation.id] = { relation.share or false, relation.since or false, relation["until"] or false }
  end
  return out
end

describe("BODS", function()
  teardown(files.clean)

  -- relations and unspecified or dangling ends are counted as the facts count statements
  local FILES = {}
  if require("spec.support.shared").find "data/FACTS.json" then
    for name, facts in pairs(real.facts()) do
      if name:find "^bods/" then FILES[#FILES + 1] = { name, facts } end
    end
  end
  table.sort(FILES, function(a, b) return a[1] < b[1] end)
  for _, file in ipairs(FILES) do
    local name, facts = file[1], file[2]
    real.it(it, pending, name, name .. ": as many of each kind as there are statements", function(path)
      local net = assert(knockon.load(path))
      local kinds, seen, statements = facts.kinds, {}, 0
      for _, relation in ipairs(net:relations {}) do
        local id = relation.id:gsub("#.*$", "")
        if not seen[id] then statements = statements + 1 end
        seen[id] = true
      end
      assert.are.equal(kinds.relationship or 0, statements)
      local dangling, unspecified = #net:entities { dangling = true }, 0
      for _, one in ipairs(net:entities {}) do unspecified = unspecified + (one.unspecified and 1 or 0) end
      assert.are.equal(facts.unspecified_ends, unspecified)
      assert.are.equal((kinds.entity or 0) + (kinds.person or 0), #net - dangling - unspecified)
      assert.is_true(dangling <= facts.dangling_refs)
      assert.are.equal(facts.dangling_refs > 0, dangling > 0)
      assert.is_true((net:complete()))
    end)
  end

  real.it(it, pending, "bods/0.2-gleif/lei-data-out.json", "identifiers become fields", function(path)
    local found = assert(knockon.load(path)):find({ lei = "001GPB6A9XPE8XJICC14" })
    assert.are.equal("Fidelity Advisor Leveraged Company Stock Fund", found[1].name)
    assert.are.equal("RA000665:S000005113", found[1].identifiers)
  end)

  real.it(it, pending, "bods/cove/0.4/basic_1.json", "0.4: a person owns all of a firm", function(path)
    local net = assert(knockon.load(path))
    local held = net:relations({})[1]
    assert.are.same({ "owns", "10478c6cf6de", "c359f58d2977", "100%", "2016-04-06" }, { held.kind, held.from, held.to,
      held.share, held.since })
    assert.are.same({ "person", "GB", "Jenny Hewitson-Smith" }, { net:entity(held.from).kind,
      net:entity(held.from).country, net:entity(held.from).alias })
  end)

  real.it(it, pending, "bods/cove/0.2/iscompontent-os-03-dr-03.json",
    "components without a holding: the indirect share is at most that, so that a verdict on it is possible",
    function(path)
      local net = assert(knockon.load(path))
      assert.are.same({ linked = 2, owns = 1 }, net:counts().relations)
      local held = net:relations({ kind = "owns" })[1]
      assert.are.same({ "<=30%", "30%", true }, { held.share, held.share_given, held.indirect })
    end)

  it("shares: exact, bands with open and closed ends, in both ways of writing them", function()
    assert.are.equal("33.3%", share_of { exact = 33.3 })
    assert.are.equal("100%", share_of { exact = 100, minimum = 100, maximum = 100 })
    assert.are.equal("[25%,50%]", share_of { minimum = 25, maximum = 50 })
    assert.are.equal("(25%,75%)", share_of { exclusiveMinimum = 25, exclusiveMaximum = 75 })
    assert.are.equal("(25%,50%]", share_of { minimum = 25, maximum = 50, exclusiveMinimum = true,
      exclusiveMaximum = false })
    assert.are.equal(">=75%", share_of { minimum = 75 })
    assert.are.equal("<=25%", share_of { maximum = 25 })
    assert.is_nil(share_of(nil))
    assert.is_nil(share_of(json.object {}))
  end)

  it("interests: holdings, votes, power by itself, and what is only linked", function()
    local kinds = { shareholding = "owns", votingRights = "owns", appointmentOfBoard = "controls",
      ["appointment-of-board"] = "controls", otherInfluenceOrControl = "controls", boardMember = "linked",
      rightsGrantedByContract = "controls", nominee = "linked", settlor = "linked", unknownInterest = "linked" }
    for kind, ours in pairs(kinds) do
      local list = relations_of(relationship("r", { { type = kind } }))
      assert.are.same({ 1, ours, kind }, { #list, list[1].kind, list[1].interest })
    end
    local list = relations_of(relationship("r", { { type = "votingRights" } }))
    assert.are.equal("votes", list[1].basis)
    list = relations_of(relationship("r", nil))
    assert.are.equal("linked", list[1].kind)
  end)

  it("statements of one record: each holds until the next, a closed one ends it", function()
    local function stated(day, status, share, more)
      local interest = { type = "shareholding", share = { exact = share } }
      for name, value in pairs(more or {}) do interest[name] = value end
      return relationship("r", { interest }, { statementId = "s-" .. day, statementDate = day, recordStatus = status })
    end
    assert.are.same({ ["r#s-2018-01-01"] = { "60%", "2015-05-05", "2019-02-03" }, ["r#s-2019-02-03"] = { "40%",
      "2019-02-03", "2021-07-01" } }, periods(relations_of(stated("2021-07-01", "closed", 40),
      stated("2018-01-01", "new", 60, { startDate = "2015-05-05" }),
      stated("2019-02-03", "updated", 40, { startDate = "2015-05-05" }))))
    -- a new start of its own counts; the newest keeps the record's id
    assert.are.same({ ["r#s-2018-01-01"] = { "60%", false, "2020-01-01" }, r = { "40%", "2019-06-01", false } },
      periods(relations_of(stated("2018-01-01", "new", 60), stated("2020-01-01", "updated", 40,
      { startDate = "2019-06-01" }))))
    -- what closes says when it ended; on the same day the later statement corrects
    assert.are.same({ ["r#s-2018-01-01"] = { "60%", false, "2020-05-05" } }, periods(relations_of(
      stated("2018-01-01", "new", 60), stated("2021-01-01", "closed", 60, { endDate = "2020-05-05" }))))
    local first, second = stated("2018-01-01", "new", 60), stated("2018-01-01", "updated", 70)
    second.statementId = "s-second"
    assert.are.same({ r = { "70%", false, false } }, periods(relations_of(first, second)))
    assert.are.same({ r = { "60%", false, "2021-01-01" } }, periods(relations_of(stated("2021-01-01", "closed", 60))))
  end)

  it("an entity is what the latest statement says; before 0.4 its references may name the one replaced", function()
    local function old(id, fields)
      local statement = { statementID = id, statementType = "entityStatement", entityType = "registeredEntity" }
      for name, value in pairs(fields) do statement[name] = value end
      return statement
    end
    local net = assert(load {
      old("new", { name = "New", statementDate = "2020-01-01", replacesStatements = { "old" } }),
      old("old", { name = "Old", statementDate = "2019-01-01" }), old("other", { name = "Other" }),
      { statementID = "r", statementType = "ownershipOrControlStatement",
        subject = { describedByEntityStatement = "old" }, interestedParty = { describedByEntityStatement = "other" },
        interests = { { type = "shareholding", share = { exact = 51 } } } },
    })
    assert.are.equal(2, #net)
    assert.are.equal("New", net:entity("new").name)
    assert.are.equal("new", net:relations({})[1].to)
    local later = assert(load { entity("c", { name = "Later" }), (function()
      local before = entity("c", { name = "Before" })
      before.statementDate = "2001-01-01"
      return before
    end)() })
    assert.are.equal(1, #later)
  end)

  it("a primary statement is not counted beside its components", function()
    local components = {
      relationship("one", { { type = "shareholding", share = { exact = 60 } } }, { details = { isComponent = true,
        interestedParty = "p", subject = "b" } }),
      relationship("two", { { type = "shareholding", share = { exact = 50 } } }, { details = { isComponent = true,
        interestedParty = "b", subject = "c" } }),
    }
    local function primary(listed)
      return relationship("whole", { { type = "shareholding", directOrIndirect = "indirect", share = { exact = 30 } } },
        { details = { componentRecords = listed } })
    end
    local net = assert(load { entity "c", entity "b", person "p", components[1], components[2],
      primary { "b", "one", "two" } })
    assert.are.same({ "one", "two" }, (function()
      local ids = {}
      for i, relation in ipairs(net:relations {}) do ids[i] = relation.id end
      table.sort(ids)
      return ids
    end)())
    -- 60 % of b, which owns 50 % of c: both are caught; the indirect 30 % adds nothing
    assert.are.equal(3, #net:scenario({}):ban("p", { rule = "ofac_50" }):exposure():restricted())
    -- a component that is missing: what the primary says is kept, as a bound
    net = assert(load { entity "c", entity "b", person "p", components[1], primary { "b", "one", "gone" } })
    assert.are.equal("<=30%", net:relations({ to = "c" })[1].share)
  end)

  it("an unspecified owner is a person of its own, with the reason", function()
    local net = assert(load { entity "c", relationship("r", { { type = "shareholding", share = { exact = 80 } } },
      { details = { interestedParty = { reason = "noBeneficialOwners" } } }) })
    assert.are.same({ "person", "noBeneficialOwners" }, { net:entity("s-r:interestedParty").kind,
      net:entity("s-r:interestedParty").unspecified })
  end)

  it("statements one a line are the same", function()
    local lines = { json.encode(entity "c"), json.encode(person "p"), json.encode(relationship("r",
      { { type = "shareholding" } })) }
    local net = assert(knockon.load(files.write("lines.json", table.concat(lines, "\n"))))
    assert.are.same({ 2, 1 }, { #net, #net:relations {} })
  end)

  it("what is no statement stops the load with its number, or is skipped", function()
    local cases = {
      { { statementId = "x" }, "no statementType or recordType" },
      { { statementId = "x", recordType = "trust", recordId = "x" }, "'trust' is not known" },
      { { statementId = "x", recordType = "entity" }, "no recordId" },
      { { statementId = "x", recordType = "entity", recordId = "x", recordDetails = 7 }, "must be an object" },
      { relationship("x", 7), "'interests' must be a list" },
      { relationship("x", { 7 }), "an interest must be an object" },
      { relationship("x", { { type = "shareholding", share = { exact = "half" } } }), "'exact' of a share must be" },
      { relationship("x", { { type = "shareholding", share = { exact = 101 } } }), "above 100 %" },
      { relationship("x", {}, { details = { subject = 7 } }), "'subject' must name a record" },
    }
    for _, case in ipairs(cases) do
      local net, message, code = load { entity "c", person "p", case[1] }
      assert.is_nil(net, case[2])
      assert.are.equal("parse", code)
      assert.truthy(message:find("some.json: record 3: ", 1, true), message)
      assert.truthy(message:find(case[2], 1, true), message)
      net = assert(load({ entity "c", person "p", case[1] }, { on_error = "skip" }))
      local complete, skipped = net:complete()
      assert.are.same({ false, 1, 3 }, { complete, #skipped, skipped[1].record })
    end
  end)
end)
