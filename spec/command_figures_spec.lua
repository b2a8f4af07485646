-- The command's questions in figures: impact, odds and holdings; and their answers in every format.

local json = require "knockon.json"
local knockon = require "knockon"
local report = require "knockon.report.json"
local has = require "spec.support.has"
local run = require "spec.support.command"
local schema = require "spec.support.schema"

local NETWORK = [[
{ "knockon": 1, "title": "Figures",
  "entities": [
    { "id": "cloud", "kind": "service", "name": "Cloud, \"the\"" }, { "id": "other" },
    { "id": "maker", "country": "US" },
    { "id": "shop", "country": "US" }, { "id": "holding", "name": "Holding" }, { "id": "fund" },
    { "id": "alone" } ],
  "relations": [
    { "id": "s1", "kind": "supplies", "from": "cloud", "to": "maker", "need": "cloud", "spend": 10, "currency": "USD",
      "confidence": 0.5 },
    { "id": "s2", "kind": "supplies", "from": "other", "to": "maker", "need": "cloud", "spend": 30, "currency": "USD" },
    { "id": "s3", "kind": "supplies", "from": "maker", "to": "shop", "spend": 100, "currency": "USD" },
    { "id": "o1", "kind": "owns", "from": "holding", "to": "maker", "share": "60%" },
    { "id": "o2", "kind": "owns", "from": "fund", "to": "holding", "share": "40-70%" } ] }
]]

local made = {}

local function data()
  local path = os.tmpname()
  made[#made + 1] = path
  local file = assert(io.open(path, "wb"))
  file:write(NETWORK)
  file:close()
  return path
end

-- The answer of a command as JSON, which holds to the schema; with the same question asked of the library.
local function answered(definition, argv)
  argv[#argv + 1] = "--format"
  argv[#argv + 1] = "json"
  local status, out = run(argv)
  assert.equal(0, status, out)
  assert.is_nil(schema.invalid(out, definition))
  assert.is_nil(schema.invalid(out))
  return json.decode(out)
end

describe("the command", function()
  local path

  setup(function() path = data() end)
  teardown(function() for _, name in ipairs(made) do os.remove(name) end end)

  it("impact: what stops, what would save the most, how much", function()
    local answer = answered("impact_answer", { "impact", path, "cloud", "other", "--as-of", "2022" })
    assert.equal(2, #answer.disrupted)
    assert.equal("maker", answer.disrupted[1].id)
    assert.equal(2, #answer.disrupted[1].needs[1].suppliers)
    assert.equal(1, answer.impact.low)
    assert.equal("keep", answer.saves[1].what)
    local status, out = run { "impact", path, "cloud", "other", "--as-of", "2022" }
    assert.equal(0, status)
    has(out, "What would stop working by this ban alone", "Disrupted: 2 (2 yes)",
      "cloud: Cloud, \"the\" (cloud), other", "What would save the most", "ESRI", "together  100%",
      "spend in USD", "2 disrupted")
    has(select(2, run { "impact", path, "cloud", "--as-of", "2022" }), "Nothing stops working", "together  13.095%")
    has(select(2, run { "impact", path, "cloud", "--measure", "debtrank" }), "DebtRank", "no supply has an amount")
    status, out = run { "impact", path, "other", "--format", "csv", "--table", "impact" }
    assert.equal(0, status)
    has(out, "id,name,low,high,inputs_low,inputs_high,orders_low,orders_high\r\n", "other,,1,1,1,1,1,1\r\n")
    has(select(2, run { "impact", path, "cloud", "other", "--format", "csv" }),
      "id,name,verdict,round,needs,restrictions,path\r\n", "maker,,yes,1,\"cloud: cloud, other\",")
    has(select(2, run { "impact", path, "cloud", "other", "--format", "csv", "--table", "saves" }), "keep,cloud,")
  end)

  it("odds: how likely each is exposed", function()
    local answer = answered("odds_answer", { "odds", path, "cloud", "--as-of", "2022", "--scope", "owned" })
    assert.is_true(answer.odds.exact)
    assert.equal(0.5, answer.odds.users[1].yes.share)
    has(select(2, run { "odds", path, "cloud", "--scope", "owned" }), "Worlds    2, all of them", "50%", "Parents")
    local drawn = answered("odds_answer",
      { "odds", path, "cloud", "--samples", "1", "--seed", "3", "--scope", "owned" })
    assert.is_false(drawn.odds.exact)
    assert.equal(3, drawn.odds.seed)
    has(select(2, run { "odds", path, "cloud", "--samples", "1", "--scope", "owned" }), "1 drawn, seed 1", "95 %")
    has(select(2, run { "odds", path, "cloud", "--scope", "owned", "--format", "csv", "--table", "users" }),
      "id,name,yes,yes_error,yes_low,yes_high,possible", "maker,,0.5,0,0.5,0.5,0.5,0,0.5,0.5\r\n")
    has(select(2, run { "odds", path, "alone" }), "No parent is exposed in any world.")
  end)

  it("holdings: who holds and controls whom", function()
    local answer = answered("holdings_answer", { "holdings", path, "maker", "--as-of", "2022" })
    assert.equal("fund", answer.holdings.owners[1].id)
    assert.equal(0.24, answer.holdings.owners[1].low)
    assert.equal("possible", answer.control.controlled_by[1].verdict)
    local _, out = run { "holdings", path, "maker" }
    has(out, "Who holds and controls maker", "24% to 42%", "nobody above", "Controlled by: 2",
      "Direct holders, by equity", "2 owners, 0 holdings")
    has(select(2, run { "holdings", path, "alone" }), "Nobody holds it, and it holds nobody.")
    has(select(2, run { "holdings", path, "holding" }), "power is not told: the share of a holder is not known exactly")
    has(select(2, run { "holdings", path, "fund", "--format", "csv", "--table", "controls" }),
      "id,name,verdict,because,share,held_by\r\n", "holding,Holding,possible,owned,40%..70%,fund 40%..70%\r\n")
    has(select(2, run { "holdings", path, "maker", "--format", "csv", "--table", "holders" }),
      "holding,Holding,60%,1\r\n")
    assert.equal(2, (run { "holdings", path, "maker", "--basis", "shares" }))
  end)

  it("says what is wrong", function()
    local function wrong(...)
      local status, _, err = run { ... }
      assert.equal(2, status, err)
      return err
    end
    has(wrong("holdings", path, "makr"), "did you mean \"maker\"?")
    has(wrong("odds", path, "cloud", "--samples", "many"), "whole number")
    has(wrong("odds", path, "cloud", "--samples", "0"), "samples")
    has(wrong("impact", path, "cloud", "--measure", "rank"), "measure")
    has(wrong("impact", path, "cloud", "--format", "csv", "--table", "owners"), "table")
  end)

  it("helps", function()
    for _, name in ipairs { "impact", "odds", "holdings" } do
      local status, out = run { name, "--help" }
      assert.equal(0, status)
      has(out, "Usage: knockon " .. name, "Examples", "knockon " .. name .. " ", "Exit status")
    end
  end)
end)

describe("knockon.answer in figures", function()
  local function asked(request)
    local net = assert(knockon.decode(NETWORK))
    request.as_of = "2022"
    local answer, message, code = knockon.answer(net, request)
    net:close()
    collectgarbage()
    return answer, message, code
  end

  it("can be kept after the network is closed", function()
    for _, question in ipairs { "impact", "odds", "holdings" } do
      for _, targets in ipairs { "cloud", "alone" } do
        local answer = assert(asked { question = question, id = question == "holdings" and targets or nil,
          targets = question ~= "holdings" and targets or nil })
        assert.is_nil(schema.invalid(report.render(answer), question .. "_answer"))
      end
    end
  end)

  it("keeps the fields of one question to it", function()
    for field, value in pairs { basis = "votes", currency = "USD", measure = "esri", samples = 1, seed = 1 } do
      local fine, raised = pcall(asked, { question = "check", [field] = value })
      assert.is_false(fine)
      assert.equal(field, raised.argument)
    end
    local fine, raised = pcall(asked, { question = "holdings" })
    assert.is_false(fine)
    assert.equal("id", raised.argument)
  end)

  it("ends where a limit is met", function()
    for _, question in ipairs { "impact", "odds", "holdings" } do
      local answer, _, code = asked { question = question, targets = "cloud", id = "maker",
        progress = function() return false end }
      assert.is_nil(answer)
      assert.equal("interrupted", code)
    end
  end)
end)
