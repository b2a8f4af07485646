-- The command's questions about the law: ladder, timeline, unknowns, why and rules.

local json = require "knockon.json"
local knockon = require "knockon"
local has = require "spec.support.has"
local run = require "spec.support.command"
local schema = require "spec.support.schema"

local NETWORK = [[
{ "knockon": 1, "title": "Law",
  "entities": [
    { "id": "acme", "kind": "firm", "name": "Acme", "country": "CN" },
    { "id": "acme-cloud", "kind": "service", "name": "Acme Cloud", "country": "CN" },
    { "id": "bank", "kind": "firm", "name": "Bank", "country": "CN" },
    { "id": "ford", "kind": "firm", "name": "Ford Motor Company", "country": "US" },
    { "id": "ford-x", "kind": "firm", "name": "unit of Ford" },
    { "id": "ibm", "kind": "firm", "name": "IBM", "country": "US" },
    { "id": "joint", "kind": "firm", "name": "Joint Ltd", "country": "SG" },
    { "id": "shed", "kind": "firm", "name": "Shed Ltd", "country": "SG" },
    { "id": "minor", "kind": "firm", "name": "Minor Ltd", "country": "SG" },
    { "id": "red-hat", "kind": "firm", "name": "Red Hat", "country": "US" } ],
  "relations": [
    { "id": "p1", "kind": "operates", "from": "acme", "to": "acme-cloud" },
    { "id": "s1", "kind": "supplies", "from": "acme-cloud", "to": "ford-x", "since": "2015", "source": "press" },
    { "id": "s2", "kind": "supplies", "from": "acme-cloud", "to": "red-hat", "since": "2015", "until": "2024-06-01" },
    { "id": "s3", "kind": "supplies", "from": "joint", "to": "red-hat", "since": "2015" },
    { "id": "c1", "kind": "consolidates", "from": "ford", "to": "ford-x", "since": "2001-04-25", "source": "report" },
    { "id": "o1", "kind": "owns", "from": "ibm", "to": "red-hat", "share": "100%", "since": "2019-07-09" },
    { "id": "h1", "kind": "owns", "from": "acme", "to": "joint", "since": "2018", "source": "register" },
    { "id": "h2", "kind": "owns", "from": "bank", "to": "joint", "share": "20%", "since": "2017", "source": "filing" },
    { "id": "h3", "kind": "owns", "from": "acme", "to": "minor", "share": "30%", "since": "2018", "source": "filing" },
    { "id": "h4", "kind": "owns", "from": "acme", "to": "shed", "share": "50%", "since": "2018",
      "until": "2022-05-06" },
    { "id": "h5", "kind": "owns", "from": "acme", "to": "shed", "share": "49%", "since": "2022-05-06" }
  ],
  "restrictions": [
    { "id": "listed", "title": "Listed", "rule": "ofac_50", "measure": "prohibit", "targets": ["acme"],
      "status": "active", "since": "2021-02-03", "until": "2025-01-01" } ] }
]]

local made = {}

local function write(content, suffix)
  local path = os.tmpname()
  made[#made + 1] = path
  path = path .. suffix
  made[#made + 1] = path
  local file = assert(io.open(path, "wb"))
  file:write(content)
  file:close()
  return path
end

local function answered(arguments, definition)
  arguments[#arguments + 1] = "--format=json"
  local status, out, err = run(arguments)
  assert.equal(0, status, err)
  assert.is_nil(schema.invalid(out, definition))
  assert.is_nil(schema.invalid(out))
  return assert(json.decode(out))
end

local function by_id(rows)
  local found = {}
  for _, row in ipairs(rows) do found[row.id] = row end
  return found
end

describe("the command on the law", function()
  local data

  setup(function() data = write(NETWORK, ".json") end)

  teardown(function()
    for _, path in ipairs(made) do os.remove(path) end
  end)

  it("ladder: by a ban alone, scope by scope", function()
    local answer = answered({ "ladder", data, "acme-cloud", "--as-of", "2022-01-18" }, "ladder_answer")
    local rows = by_id(answer.ladder)
    assert.same({ entity = "possible", branches = "possible", located = "possible", owned = "yes",
      facilitation = "yes" }, rows.ford.levels)
    assert.same({ possible = "entity", yes = "owned" }, rows.ford.lowest)
    assert.same({ yes = "entity" }, rows.ibm.lowest)
    assert.is_nil(answer.run.scope)
    assert.equal("2022-01-18", answer.run.as_of)
    assert.equal("icts", answer.restrictions[1].rule)

    local status, out = run { "ladder", data, "acme-cloud", "--as-of", "2022-01-18" }
    assert.equal(0, status)
    has(out, "by this ban alone (hypothetical)", "PARENT", "FACILITATION", "Ford Motor Company (ford)",
      "What each scope adds", "owned         yes: Ford Motor Company (ford)")
    status, out = run { "ladder", data, "--ban", "acme-cloud", "--as-of", "2022-01-18", "--format", "csv" }
    assert.equal(0, status)
    has(out, "\r\nford,Ford Motor Company,possible,possible,possible,yes,yes,owned,entity\r\n")
  end)

  it("ladder: by what is in force, under the rule's own reading", function()
    local answer = answered({ "ladder", data, "--as-of", "2022-01-18" }, "ladder_answer")
    assert.equal("listed", answer.restrictions[1].id)
    assert.equal("yes", by_id(answer.ladder).ibm.levels.entity)
    assert.same({}, answered({ "ladder", data, "--as-of", "2026-01-01" }, "ladder_answer").ladder)
    has(select(2, run { "ladder", data, "--as-of", "2026-01-01" }), "No parent is exposed at any scope.")
  end)

  it("timeline: each day on which a verdict changes, and its cause", function()
    local span = { "timeline", data, "--since", "2020-01-01", "--until", "2026" }
    local answer = answered({ "timeline", data, "--since", "2020-01-01", "--until", "2026" }, "timeline_answer")
    local timeline = answer.timeline
    assert.equal("2020-01-01", timeline.from)
    assert.equal("2026-01-01", timeline.to)
    assert.equal(0, timeline.start.parents)
    local days = {}
    for i, day in ipairs(timeline.days) do days[i] = day.date end
    assert.same({ "2021-02-03", "2022-05-06", "2024-06-01", "2025-01-01" }, days)
    assert.same({ { kind = "restriction", id = "listed", what = "starts" } }, timeline.days[1].causes)
    assert.same({ { kind = "relation", id = "s2", what = "ends" } }, timeline.days[3].causes)
    assert.same({
      { kind = "relation", id = "h4", what = "ends" }, { kind = "relation", id = "h5", what = "starts" },
    }, timeline.days[2].causes)
    local ibm = {}
    for _, day in ipairs(timeline.days) do
      for _, change in ipairs(day.changes) do
        if change.list == "parents" and change.id == "ibm" then ibm[#ibm + 1] = change.before .. " " .. change.after end
      end
    end
    assert.same({ "no yes", "yes possible", "possible no" }, ibm)

    local status, out = run(span)
    assert.equal(0, status)
    has(out, "When verdicts change, from 2020-01-01 to 2026-01-01", "On 2020-01-01: 0 restricted",
      "\n2021-02-03: restriction listed starts\n", "IBM (ibm)", "no -> yes", "\n2024-06-01: relation s2 ends\n",
      "on 4 days\n")
    span[#span + 1] = "--format=csv"
    status, out = run(span)
    assert.equal(0, status)
    has(out, "date,list,id,name,before,after,restrictions,causes\r\n",
      "\r\n2021-02-03,parents,ibm,IBM,no,yes,listed,restriction listed starts\r\n")
  end)

  it("timeline: a ban is in force on every day, beside what the data holds", function()
    local answer = answered({ "timeline", data, "--ban", "acme-cloud", "--since", "2024", "--until", "2026" },
      "timeline_answer")
    assert.truthy(answer.timeline.start.parents > 0)
    assert.equal(2, #answer.restrictions)
    local other = { "timeline", data, "--lift", "listed", "--since", "2020", "--until", "2026" }
    assert.same({}, answered(other, "timeline_answer").timeline.days)
  end)

  it("timeline: a span that is none ends with 2", function()
    for _, span in ipairs { { "--since", "2022", "--until", "2021" }, { "--since", "2022-13" },
      { "--until", "tomorrow" }, { "--as-of", "2022" } } do
      local arguments = { "timeline", data }
      for _, word in ipairs(span) do arguments[#arguments + 1] = word end
      local status, out, err = run(arguments)
      assert.equal(2, status)
      assert.equal("", out)
      assert.equal("knockon: ", err:sub(1, 9))
    end
    local status, _, err = run { "check", data, "--since", "2022" }
    assert.equal(2, status)
    has(err, "--since")
  end)

  it("unknowns: the questionnaire, what decides most first", function()
    local ask = { "unknowns", data, "acme", "--rule", "ofac_50", "--as-of", "2024-07-01" }
    local answer = answered({ "unknowns", data, "acme", "--rule", "ofac_50", "--as-of", "2024-07-01" },
      "unknowns_answer")
    local share, country
    for _, fact in ipairs(answer.unknowns) do
      if fact.relation == "h1" then share = fact end
      if fact.id == "ford-x" then country = fact end
    end
    assert.equal("share", share.fact)
    assert.equal("acme", share.from)
    assert.equal("joint", share.to)
    assert.equal("50%", share.needed)
    assert.same({ "ibm", "joint", "red-hat" }, share.decides)
    assert.equal("country", country.fact)
    assert.truthy(#answer.unknowns[1].decides >= #answer.unknowns[#answer.unknowns].decides)

    local status, out = run(ask)
    assert.equal(0, status)
    has(out, "What share of Joint Ltd (joint) does Acme (acme) hold?", "known     unknown\n",
      "needed    at least 50% would make it yes", "IBM (ibm)", "In which country is unit of Ford (ford-x) organised?")
    assert.falsy(out:find("0.0000001", 1, true))
    ask[#ask + 1] = "--format=csv"
    status, out = run(ask)
    assert.equal(0, status)
    has(out, "share,h1,acme,joint,,unknown,at least 50% makes it yes,ibm; joint; red-hat,")
  end)

  it("unknowns: none", function()
    assert.same({}, answered({ "unknowns", data, "--as-of", "2026-01-01" }, "unknowns_answer").unknowns)
    has(select(2, run { "unknowns", data, "--as-of", "2026-01-01" }), "No verdict depends on a fact")
  end)

  it("why: the arithmetic, the bound test and the attribution", function()
    local as_of = { "--rule", "ofac_50", "--as-of", "2024-07-01" }
    local function why(id, ...)
      local arguments = { "why", data, id }
      for _, target in ipairs { ... } do
        arguments[#arguments + 1] = "--ban"
        arguments[#arguments + 1] = target
      end
      for _, word in ipairs(as_of) do arguments[#arguments + 1] = word end
      local status, out = run(arguments)
      assert.equal(0, status)
      assert.falsy(out:find("%f[%d]0%.0000001"), out)
      return out
    end
    has(why("joint", "acme", "bank"), "Joint Ltd (joint): possible", "HOLDER", "RESTRICTED",
      "Acme (acme)  yes         unknown", "since 2018-01-01", "h1        register",
      "Bank (bank)  yes         20%      more than 20%", "h2        filing", "needed   at least 50% of equity",
      "missing  less than 30%", "met      only if the open facts turn out so")
    has(why("ford", "acme"), "possible", "What would decide it", "the country of ford-x")
    has(why("minor", "acme"), "no (is held below the threshold)", "Acme (acme)  yes         30%", "missing  20%",
      "needed   at least 50% of equity")
    has(why("red-hat", "acme"), "(is a user of what is restricted)", "Bound", "asked    entity",
      "Attributed\n  parents  IBM (ibm)\n")
    has(why("ibm", "acme"), "(is a parent of a user)", "is owned 100% by IBM (ibm)", "users  Red Hat (red-hat)")
  end)

  it("why: red flags, and what was restricted before", function()
    local status, out = run { "why", data, "shed", "--as-of", "2024-07-01" }
    assert.equal(0, status)
    has(out, "no (is held below the threshold)", "missing  1%", "Formerly restricted\n",
      "property blocked while it was held, 2021-02-03 until 2022-05-06, stays blocked\n",
      "Red flags (they change no verdict): 1\n  minority: Acme (acme), 49%: FAQ 398")
    status, out = run { "why", data, "shed", "--as-of", "2022-05-05" }
    assert.equal(0, status)
    has(out, "Shed Ltd (shed): yes (is restricted)", "met     yes\n")
    assert.falsy(out:find("Formerly", 1, true))
  end)

  it("why: JSON keeps lists as lists", function()
    for _, id in ipairs { "joint", "minor", "shed", "ford", "ibm", "bank", "red-hat", "acme-cloud" } do
      local status, out = run { "why", data, id, "--ban", "acme", "--rule", "ofac_50", "--as-of", "2024-07-01",
        "--format", "json" }
      assert.equal(0, status)
      assert.is_nil(schema.invalid(out, "why_answer"))
      for _, name in ipairs { "parents", "users", "stakes", "red_flags", "unknowns", "liable", "path" } do
        assert.falsy(out:find('"' .. name .. '": {', 1, true), name)
      end
    end
  end)

  it("rules: with what is beside the tests", function()
    local status, out = run { "rules", "bis_affiliates" }
    assert.equal(0, status)
    has(out, "Suspended", "2025-11-10 until 2026-11-10", "Red flags", "Red Flag 29", "Merge",
      "not organised solely in US")
    status, out = run { "rules", "us_iaas_kyc" }
    assert.equal(0, status)
    has(out, "Disabled", "In force   never")
    has(select(2, run { "rules", "ofac_50" }), "Retains")
    has(select(2, run { "rules", "uflpa" }), "Rebuttable", "region = CN-XJ")
    status, out = run { "rules", "--format", "json" }
    assert.equal(0, status)
    assert.is_nil(schema.invalid(out, "rules_answer"))
    assert.is_nil(schema.invalid(out))
    assert.equal(#knockon.rules(), #json.decode(out).rules)
    for _, id in ipairs(knockon.rules()) do assert.equal(0, (run { "rules", id })) end
  end)

  it("helps", function()
    for _, name in ipairs { "ladder", "sweep", "timeline", "unknowns" } do
      local status, out = run { name, "--help" }
      assert.equal(0, status)
      has(out, "Usage: knockon " .. name, "Examples", "knockon " .. name .. " ", "Exit status")
    end
    has(select(2, run { "timeline", "--help" }), "--since", "--until", "--from names the format")
    has(select(2, run { "--help" }), "ladder", "timeline", "unknowns")
  end)
end)

describe("knockon.answer on the law", function()
  local function failure(request)
    local ok, raised = pcall(knockon.answer, assert(knockon.decode(NETWORK)), request)
    assert.is_false(ok)
    return raised
  end

  it("keeps since and until to the timeline", function()
    for _, question in ipairs { "ban", "check", "ladder", "show", "unknowns" } do
      local raised = failure { question = question, targets = "acme", since = "2020" }
      assert.equal("argument", raised.code)
      assert.equal("since", raised.argument)
    end
    assert.equal("as_of", failure({ question = "timeline", as_of = "2020" }).argument)
    assert.same({ "timeline" }, failure({ question = "timelines" }).near)
  end)

  it("can be kept after the network is closed", function()
    for _, question in ipairs { "ladder", "timeline", "unknowns" } do
      local net = assert(knockon.decode(NETWORK))
      local answer = assert(knockon.answer(net, { question = question, targets = "acme",
        as_of = question ~= "timeline" and "2022-01-18" or nil }))
      net:close()
      collectgarbage()
      assert.is_nil(schema.invalid(require("knockon.report.json").render(answer), question .. "_answer"))
    end
  end)

  it("ends where a limit is met", function()
    for _, question in ipairs { "ladder", "timeline", "unknowns" } do
      local answer, _, code = knockon.answer(assert(knockon.decode(NETWORK)),
        { question = question, targets = "acme", progress = function() return false end })
      assert.is_nil(answer)
      assert.equal("interrupted", code)
    end
  end)
end)
