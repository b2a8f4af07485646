-- What the engine answers, held against the JSON Schema that ships: answers empty and full, and errors.

local json = require "knockon.json"
local knockon = require "knockon"
local report = require "knockon.report.json"
local schema = require "spec.support.schema"

local function network()
  return assert(knockon.network {
    title = "Schema",
    entities = {
      { id = "state", kind = "state" }, { id = "top", kind = "firm", country = "CN" },
      { id = "supplier", kind = "firm", country = "CN" }, { id = "joint-venture", kind = "firm", country = "SG" },
      { id = "cloud", kind = "service" }, { id = "us-parent", kind = "firm", name = "US \"Parent\"", country = "US" },
      { id = "us-unit", kind = "firm" }, { id = "de-unit", kind = "firm", country = "DE" },
      { id = "branch", kind = "branch", country = "JP" }, { id = "unbound", kind = "firm", country = "FR" },
      { id = "minority", kind = "firm", country = "NL" }, { id = "founder", kind = "person" },
    },
    relations = {
      { id = "r01", kind = "owns", from = "state", to = "supplier", share = "30%" },
      { id = "r02", kind = "owns", from = "supplier", to = "joint-venture", share = "25-75%", source = "register" },
      { id = "r03", kind = "operates", from = "supplier", to = "cloud" },
      { id = "r04", kind = "supplies", from = "cloud", to = "us-unit", spend = "1200000.50", currency = "USD",
        since = "2015", need = "hosting" },
      { id = "r05", kind = "supplies", from = "joint-venture", to = "de-unit", spend = "7", currency = "EUR" },
      { id = "r06", kind = "supplies", from = "supplier", to = "branch" },
      { id = "r07", kind = "supplies", from = "supplier", to = "unbound", party = "us-parent", contract = "c1" },
      { id = "r08", kind = "consolidates", from = "us-parent", to = "us-unit", since = "2001-04" },
      { id = "r09", kind = "owns", from = "us-parent", to = "de-unit", share = "50%" },
      { id = "r10", kind = "has_branch", from = "us-parent", to = "branch" },
      { id = "r11", kind = "owns", from = "minority", to = "us-unit", share = "12.5%" },
      { id = "r12", kind = "owns", from = "founder", to = "us-parent", share = ">50%" },
      { id = "r13", kind = "linked", from = "minority", to = "us-parent" },
      { id = "r14", kind = "owns", from = "top", to = "minority", share = "60%", since = "2019" },
      { id = "r15", kind = "owns", from = "top", to = "minority", share = "70%", since = "2019" },
    },
    restrictions = {
      { id = "act", title = "An act", rule = "icts", measure = "prohibit", targets = { "supplier" }, status = "active",
        since = "2021", source = "official journal" },
      { id = "soft", rule = "listing", measure = "mitigate", targets = { country = { "CN" }, kind = "firm" },
        status = "active", since = "2021-06", ["until"] = "2030-01-01" },
      { id = "old", rule = "listing", measure = "warn", targets = { "top" }, status = "revoked" },
    },
  })
end

local SCOPES = { "entity", "branches", "located", "owned", "facilitation" }

describe("answers hold to the schema:", function()
  local net

  setup(function() net = network() end)

  local function valid(request)
    local answer = assert(knockon.answer(net, request))
    for _, indent in ipairs { 0, 2 } do
      assert.is_nil(schema.invalid(report.render(answer, { indent = indent }), "answer"))
    end
    assert.is_nil(schema.invalid(report.render(answer)))
    return answer
  end

  for _, rule in ipairs { "icts", "ofac_50", "reach", "listing", "ndaa_1260h_indirect" } do
    it("a ban under " .. rule .. ", scope by scope", function()
      for _, scope in ipairs(SCOPES) do
        valid { question = "ban", targets = { "supplier" }, rule = rule, scope = scope, as_of = "2025-01-01" }
      end
    end)
  end

  it("a full answer", function()
    local answer = valid { question = "ban", targets = "supplier", scope = "facilitation", as_of = "2025-01-01" }
    for _, list in ipairs { "restrictions", "restricted", "users", "parents", "linked" } do
      assert.truthy(#answer[list] > 0, list .. " is empty")
    end
    valid { question = "ban", targets = { country = { "CN", "RU" }, kind = "firm" }, as_of = "2025-01-01" }
    valid { question = "ban", bans = { { targets = "supplier" }, { targets = "top", rule = "reach" } } }
  end)

  it("an empty answer", function()
    local answer = valid { question = "ban", targets = "unbound", as_of = "2025-01-01" }
    assert.same({}, answer.parents)
    answer = valid { question = "check", as_of = "2014-12-31" }
    assert.same({}, answer.parents)
    assert.truthy(report.render(answer):find('"parents": []', 1, true))
  end)

  it("a check with what is in force, and with edits", function()
    local answer = valid { question = "check", as_of = "2025-01-01" }
    assert.truthy(#answer.concerned > 0)
    valid { question = "check", as_of = "2025-01-01", edits = { { lift = "act" }, { assume = "old" } } }
    valid { question = "check" }
  end)

  for _, rule in ipairs { "icts", "ofac_50", "bis_affiliates", "eu_control", "uk_oc", "doj_dsp" } do
    it("ladder, timeline and unknowns under " .. rule, function()
      local function law(request, definition)
        local text = report.render(assert(knockon.answer(net, request)))
        assert.is_nil(schema.invalid(text, definition))
        assert.is_nil(schema.invalid(text))
        assert.equal(text, report.render(assert(knockon.answer(network(), request))))
      end
      for _, targets in ipairs { "supplier", "unbound" } do
        law({ question = "ladder", targets = targets, rule = rule, as_of = "2025-01-01" }, "ladder_answer")
        law({ question = "unknowns", targets = targets, rule = rule, as_of = "2025-01-01" }, "unknowns_answer")
        law({ question = "timeline", targets = targets, rule = rule, since = "1990", ["until"] = "2031" },
          "timeline_answer")
      end
      law({ question = "ladder", as_of = "2025-01-01" }, "ladder_answer")
      law({ question = "unknowns", as_of = "2014-12-31" }, "unknowns_answer")
      law({ question = "timeline" }, "timeline_answer")
    end)
  end

  for _, rule in ipairs { "icts", "reach" } do
    it("cut, paths, chokepoints and diff under " .. rule, function()
      local function asked(request)
        request.targets, request.rule, request.as_of = request.targets or "supplier", rule, "2025-01-01"
        local text = report.render(assert(knockon.answer(net, request)))
        assert.is_nil(schema.invalid(text, request.question .. "_answer"))
        assert.is_nil(schema.invalid(text))
        assert.equal(text, report.render(assert(knockon.answer(network(), request))))
        return text
      end
      for _, targets in ipairs { "supplier", "unbound" } do
        for _, scope in ipairs { "entity", "facilitation" } do
          local law = { targets = targets, scope = rule == "icts" and scope or nil }
          local function with(request)
            for name, value in pairs(law) do request[name] = value end
            return request
          end
          asked(with { question = "cut", cost = 1 })
          asked(with { question = "cut", parents = { "us-parent" }, rates = { USD = 1, EUR = 2 }, divest = true })
          asked(with { question = "cut", cost = { supplies = false } })
          asked(with { question = "paths", id = "us-parent", k = 1 })
          asked(with { question = "paths", id = "us-unit", weight = "strongest" })
          asked(with { question = "chokepoints" })
          asked(with { question = "chokepoints", id = "us-parent" })
          asked(with { question = "diff", edits = { { drop = "r05" }, { acquire = "top", owned = "minority",
            share = "1%" }, { substitute = "cloud", to = "top" }, { set = "r09", fields = { share = "10-60%" } },
            { divest = "state", owned = "supplier", share = "10%" } } })
          asked(with { question = "diff", before = { as_of = "2014-12-31" } })
        end
      end
      assert.truthy(asked({ question = "cut", targets = "unbound" }):find('"relations": []', 1, true))
      assert.truthy(asked({ question = "diff" }):find('"entered": []', 1, true))
    end)
  end

  it("why and show are JSON of the same bytes each time", function()
    for _, id in ipairs { "us-parent", "unbound", "top", "joint-venture", "founder", "cloud" } do
      local request = { question = "why", id = id, targets = "supplier", as_of = "2025-01-01" }
      local text = report.render(assert(knockon.answer(net, request)))
      assert.is_nil(schema.invalid(text, "why_answer"))
      assert.is_nil(schema.invalid(text))
      assert.equal(text, report.render(assert(knockon.answer(network(), request))))
    end
    local shown = report.render(assert(knockon.answer(net, { question = "show" })))
    assert.is_nil(schema.invalid(shown, "show_answer"))
    assert.is_nil(schema.invalid(shown))
  end)

  it("lists are sorted by id", function()
    local answer = valid { question = "ban", targets = "supplier", scope = "facilitation", as_of = "2025-01-01" }
    for _, list in ipairs { "restricted", "users", "parents", "linked" } do
      for i = 2, #answer[list] do assert.truthy(answer[list][i - 1].id <= answer[list][i].id, list) end
    end
  end)

  it("can be kept after the network is closed", function()
    local own = network()
    local answer = assert(knockon.answer(own, { question = "ban", targets = "supplier", as_of = "2025-01-01" }))
    own:close()
    collectgarbage()
    assert.is_nil(schema.invalid(report.render(answer), "answer"))
  end)
end)

describe("misuse of knockon.answer", function()
  local function failure(request)
    local ok, raised = pcall(knockon.answer, network(), request)
    assert.is_false(ok)
    assert.is_nil(schema.invalid(json.encode(report.error(raised)), "failure"))
    return raised
  end

  it("names the nearest field, question and id", function()
    assert.same({ "targets" }, failure({ question = "ban", target = "supplier" }).near)
    assert.same({ "check" }, failure({ question = "chek" }).near)
    assert.equal("supplier", failure({ question = "ban", targets = "suplier" }).near[1])
    assert.equal("unbound", failure({ question = "why", id = "unbuond" }).near[1])
    assert.equal("unknown_id", failure({ question = "why", id = "unbuond" }).code)
    assert.equal("ofac_50", failure({ question = "ban", targets = "top", rule = "ofac-50" }).near[1])
    assert.same({ "assume" }, failure({ question = "check", edits = { { asume = "old" } } }).near)
    assert.same({ "scope" }, failure({ question = "check", edits = { { assume = "old", scop = "owned" } } }).near)
    assert.same({ "rule" }, failure({ question = "ban", bans = { { targets = "top", rul = "icts" } } }).near)
  end)

  it("says what is missing or of the wrong kind", function()
    for _, request in ipairs {
      {}, { question = "ban" }, { question = "why" }, { question = "ban", targets = "top", as_of = 2022 },
      { question = "check", bans = { {} } }, { question = "check", edits = { {} } }, { question = "ban", bans = {} },
      { question = "check", as_of = "yesterday" }, { question = "ban", targets = "top", scope = "all" },
      { "ban" }, "ban",
    } do
      assert.equal("argument", failure(request).code)
    end
  end)
end)

-- The validator itself: a schema spec is worth as much as what it refuses.
describe("the validator refuses", function()
  local good = { knockon = 1, error = { code = "x", message = "y" } }

  local function refused(change)
    local copy = { knockon = good.knockon, error = { code = good.error.code, message = good.error.message } }
    change(copy)
    assert.truthy(schema.invalid(json.encode(copy), "failure"))
  end

  it("what is missing, unknown, or of the wrong type", function()
    assert.is_nil(schema.invalid(json.encode(good), "failure"))
    refused(function(t) t.error.message = nil end)
    refused(function(t) t.error.mesage = "y" end)
    refused(function(t) t.error.message = 1 end)
    refused(function(t) t.error.code = "" end)
    refused(function(t) t.error.near = "a" end)
    refused(function(t) t.error.near = json.object {} end)
    refused(function(t) t.error.near = { 1 } end)
    refused(function(t) t.knockon = 2 end)
    assert.truthy(schema.invalid("[1,]", "failure"))
    assert.truthy(schema.invalid('{"knockon":1,"knockon":1}', "failure"))
  end)

  it("shares, dates and amounts that are none", function()
    for definition, texts in pairs {
      share = { '["50%"]', '["50%","50%","50%"]', '["50%","0.5"]', '[]', '{}' },
      day = { '"2022"', '"2022-1-1"', '"20220101"', "2022" }, date = { '"2022-01-01-01"', '"22"', '""' },
      spend = { '[]', '{"USD":1}', '{"USD":"1e5"}', '{"USD":""}' }, scope = { '"all"', "null" },
      path = { "[]", "[{}]" },
    } do
      for _, text in ipairs(texts) do assert.truthy(schema.invalid(text, definition), definition .. " " .. text) end
    end
    assert.is_nil(schema.invalid('["0.0000001%","100%"]', "share"))
    assert.is_nil(schema.invalid('{"USD":"12.50"}', "spend"))
    assert.is_nil(schema.invalid("{}", "spend"))
  end)
end)
