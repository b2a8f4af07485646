-- The command knockon sweep, and the question sweep of knockon.answer.

local json = require "knockon.json"
local knockon = require "knockon"
local main = require "knockon.main"
local report = require "knockon.report.json"
local has = require "spec.support.has"
local command = require "spec.support.command"
local schema = require "spec.support.schema"
local stream = require "spec.support.stream"

local NETWORK = [[
{ "knockon": 1,
  "entities": [
    { "id": "cloud", "kind": "service", "name": "=Cloud" }, { "id": "vendor", "kind": "firm" },
    { "id": "plant", "kind": "firm", "country": "US" }, { "id": "shop", "kind": "firm", "country": "US" },
    { "id": "band", "kind": "firm" }, { "id": "lone", "kind": "site" } ],
  "relations": [
    { "kind": "operates", "from": "vendor", "to": "cloud" },
    { "kind": "supplies", "from": "cloud", "to": "plant", "spend": "1200.5", "currency": "USD" },
    { "kind": "supplies", "from": "cloud", "to": "shop", "spend": "7", "currency": "EUR" },
    { "kind": "supplies", "from": "plant", "to": "shop" },
    { "kind": "owns", "from": "band", "to": "shop", "share": "25-75%" } ],
  "restrictions": [ { "id": "act", "rule": "listing", "targets": ["plant"], "status": "active" } ] }
]]

-- Runs the command on the network above; gives its status, output and messages.
local function run(arguments, handles)
  handles = handles or {}
  handles.stdin = { read = function() return NETWORK end }
  table.insert(arguments, 1, "sweep")
  table.insert(arguments, 2, "-")
  return command(arguments, handles)
end

local function answered(arguments)
  arguments[#arguments + 1] = "--format=json"
  local status, out, err = run(arguments)
  assert.equal(0, status, err)
  assert.is_nil(schema.invalid(out, "sweep_answer"))
  assert.is_nil(schema.invalid(out))
  return assert(json.decode(out))
end

describe("knockon sweep", function()
  it("ranks every supplier, by parents", function()
    local status, out = run { "--as-of", "2024" }
    assert.equal(0, status)
    has(out, "Which ban by itself would break the most, by parents (hypothetical)", "Date   2024-01-01",
      "Candidates: 2", "BANNED          PARENTS  USERS  RESTRICTED", "=Cloud (cloud)  1 to 3   2      1",
      "plant           0 to 2   1      1", "2 candidates")
  end)

  it("says what users spend, by currency", function()
    has(select(2, run { "--spend" }), "SPEND", "7 EUR, 1,200.50 USD")
    has(select(2, run { "--by", "spend", "--currency", "USD" }), "by what users spend in USD")
    local answer = answered { "--by", "spend", "--currency", "USD" }
    assert.same({ by = "spend", currency = "USD" }, { by = answer.sweep.by, currency = answer.sweep.currency })
    assert.same({ EUR = "7", USD = "1200.5" }, answer.sweep.rows[1].spend)
    assert.same({}, answer.sweep.rows[2].spend)
  end)

  it("takes ids, or one condition", function()
    assert.equal("vendor", answered({ "vendor" }).sweep.rows[1].id)
    assert.equal(2, answered({ "vendor", "cloud" }).sweep.candidates)
    assert.equal("cloud", answered({ "kind=service" }).sweep.rows[1].id)
    assert.same({}, answered({ "kind=branch" }).sweep.rows)
    has(select(2, run { "kind=branch" }), "There is nobody to ban.")
    local status, _, err = run { "vendor", "kind=service" }
    assert.equal(2, status)
    has(err, "the candidates of a sweep are ids, or one condition on fields, not both")
  end)

  it("stops at the top asked for, and says so", function()
    local answer = answered { "--top", "1", "--rule", "reach", "--threads", "2" }
    assert.same({ 1, 2 }, { #answer.sweep.rows, answer.sweep.candidates })
    has(select(2, run { "--top", "1" }), "Candidates: 2, the first 1")
  end)

  it("bans pairs together", function()
    local answer = answered { "--pairs" }
    assert.same({ "cloud", "plant" }, answer.sweep.rows[1].ids)
    assert.same({ "=Cloud", "" }, answer.sweep.rows[1].names)
    has(select(2, run { "--pairs" }), "Which pair of bans", "=Cloud (cloud) and plant")
    has(select(2, run { "--pairs", "--format", "csv" }), "ids,names,restricted", "cloud; plant,'=Cloud; ,")
  end)

  it("writes CSV, names that look like a formula quoted", function()
    local _, out = run { "--format", "csv", "--as-of", "2024" }
    assert.equal("id,name,restricted,restricted_possible,users,users_possible,parents,parents_possible,spend\r\n"
      .. "cloud,'=Cloud,1,0,2,0,1,2,\r\nplant,,1,0,1,0,0,2,\r\n", out)
  end)

  it("says when the rule is not in force", function()
    local answer = answered { "--as-of", "2000" }
    assert.equal("rule_not_in_force", answer.warnings[1].code)
  end)

  it("tells wrong usage", function()
    for message, arguments in pairs {
      ["'0' is not a whole number above 0"] = { "--top", "0" },
      ["'65' is not a whole number from 1 to 64"] = { "--threads", "65" },
      ["'parent' is no rank; known: parents, users, spend; did you mean \"parents\"?"] = { "--by", "parent" },
      ["say which currency to rank by; the contracts are in EUR, USD"] = { "--by", "spend" },
      ['currency says what to rank by with by = "spend"'] = { "--currency", "USD" },
      ['no entity has the id "vendro"'] = { "vendro" },
    } do
      local status, _, err = run(arguments)
      assert.equal(2, status)
      has(err, message)
    end
  end)

  it("shows progress on a terminal, and clears it", function()
    local _, _, err = run({ "--rule", "reach" }, { isatty = function() return true end })
    if err ~= "" then assert.truthy(err:find "\r\27%[K$") end
  end)

  it("helps", function()
    local handles = { stdout = stream(), stderr = stream() }
    assert.equal(0, main({ "sweep", "--help" }, handles))
    has(handles.stdout.text(), "Usage: knockon sweep", "--by WHAT", "--pairs", "Examples:", "Exit status")
  end)
end)

describe("knockon.answer to sweep", function()
  local function ask(request)
    request.question = "sweep"
    return knockon.answer(assert(knockon.decode(NETWORK)), request)
  end

  it("counts with edits", function()
    local answer = assert(ask { edits = { { drop = { kind = "supplies", from = "plant" } } }, as_of = "2024" })
    assert.equal(1, answer.sweep.candidates)
    assert.is_nil(schema.invalid(report.render(answer), "sweep_answer"))
  end)

  it("takes no bans, and no other question takes its options", function()
    local fine, raised = pcall(ask, { bans = { { targets = "cloud" } } })
    assert.is_false(fine)
    assert.equal("bans", raised.argument)
    fine, raised = pcall(knockon.answer, assert(knockon.decode(NETWORK)), { question = "check", top = 3 })
    assert.is_false(fine)
    assert.equal("top is for the question sweep", raised.message)
  end)

  it("ends where a limit is met", function()
    for _, rule in ipairs { "icts", "reach" } do
      local answer, _, code = ask { rule = rule, progress = function() return false end }
      assert.is_nil(answer)
      assert.equal("interrupted", code)
    end
  end)
end)
