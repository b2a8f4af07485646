-- The examples give what their sources say: the US review of Alibaba Cloud, and oil services in Nigeria.
local core = require "knockon.core"
local knockon = require "knockon"
local shared = require "spec.support.shared"

local function verdicts(exposure)
  local out = {}
  for _, parent in ipairs(exposure:parents()) do out[parent.id] = parent.verdict .. " " .. parent.scope end
  return out
end

describe("alibaba-2022.json", function()
  local net = assert(knockon.load "examples/alibaba-2022.json")
  local day = net:scenario { as_of = "2022-01-18", restrictions = "none" }

  local function ban(scope, date)
    return day:at(date or "2022-01-18"):ban("alibaba-cloud", { rule = "icts", scope = scope })
  end

  it("loads without a warning", function()
    assert.are.same({}, net:warnings())
    assert.is_true((net:complete()))
  end)

  it("exposes three parents under a ban", function()
    assert.are.same({ ford = "possible entity", ibm = "yes entity", hpe = "possible entity" },
      verdicts(ban("entity"):exposure()))
    assert.are.same({ ford = "yes owned", ibm = "yes entity", hpe = "yes owned" }, verdicts(ban("owned"):exposure()))
  end)

  it("exposes nobody before the first supply", function()
    for _, scope in ipairs { "entity", "owned", "facilitation" } do
      assert.are.same({}, verdicts(ban(scope, "2014-12-31"):exposure()))
    end
  end)

  it("gives each parent a path from the target, step by step", function()
    local exposure = ban("owned"):exposure()
    local ends = {}
    for _, relation in ipairs(net:relations {}) do ends[relation.id] = { relation.from, relation.to } end
    for _, parent in ipairs(exposure:parents()) do
      local path = parent.path
      assert.are.equal("alibaba-cloud", path[1].id)
      assert.are.equal(parent.id, path[#path].id)
      for i = 2, #path do
        local pair = ends[path[i].relation]
        local here, there = path[i - 1].id, path[i].id
        assert.is_true((pair[1] == here and pair[2] == there) or (pair[2] == here and pair[1] == there))
      end
      assert.truthy(tostring(exposure:why(parent.id)):find(parent.name, 1, true))
    end
    assert.are.equal("ibm-owns-red-hat", exposure:parents({ ids = { "ibm" } })[1].path[3].relation)
  end)

  it("has nobody exposed by what is in force on 2022-01-18, unless the review is assumed", function()
    local check = net:scenario { as_of = "2022-01-18" }
    assert.are.same({}, check:exposure():parents())
    assert.are.same({ ford = "possible entity", ibm = "yes entity", hpe = "possible entity" },
      verdicts(check:assume("icts-review"):exposure()))
    assert.are.same({ ford = "yes owned", ibm = "yes entity", hpe = "yes owned" },
      verdicts(check:assume("icts-review", { scope = "owned" }):exposure()))
    assert.are.same({}, check:assume("icts-review"):at("2020-12-31"):exposure():parents())
  end)

  it("has IBM exposed by the 1260H list from 2027-06-30", function()
    local check = net:scenario { as_of = "2027-06-29" }
    assert.are.same({}, check:exposure():parents())
    local exposure = check:at("2027-06-30"):exposure()
    assert.are.same({ ibm = "yes entity" }, verdicts(exposure))
    assert.are.same({ "section-1260h" }, exposure:parents()[1].restrictions)
    assert.are.equal("operated", exposure:restricted({ ids = { "alibaba-cloud" } })[1].because)
  end)

  it("has the other outcome of the review concern the same parents, and forbid nothing", function()
    local exposure = net:scenario({ as_of = "2022-01-18" }):assume("icts-mitigation", { scope = "owned" }):exposure()
    assert.are.same({}, exposure:parents())
    local concerned = {}
    for _, row in ipairs(exposure:concerned()) do
      assert.are.equal("mitigate", row.measure)
      concerned[row.id] = row.verdict
    end
    assert.are.equal("yes", concerned.ford)
    assert.are.equal("yes", concerned.ibm)
    assert.are.equal("yes", concerned.hpe)
  end)

  it("bans a whole class of suppliers by country and kind", function()
    local exposure = day:ban({ country = { "CN", "RU", "CU", "IR", "KP", "VE" }, kind = "service" },
      { rule = "icts", scope = "owned" }):exposure()
    assert.are.same({ ford = "yes owned", ibm = "yes entity", hpe = "yes owned" }, verdicts(exposure))
    local assumed = day:at("2022-01-18"):exposure()
    assert.are.same({}, assumed:restricted())
  end)

  it("keeps its history by date", function()
    local function ordered(date)
      local exposure = net:scenario({ as_of = date }):assume("alipay-order"):exposure()
      local row = exposure:restricted({ ids = { "alipay" } })[1]
      return row and table.concat(row.restrictions, " "):find("alipay-order", 1, true) ~= nil
    end
    assert.is_falsy(ordered "2021-01-04")
    assert.is_true(ordered "2021-01-05")
    assert.is_true(ordered "2021-06-08")
    assert.is_falsy(ordered "2021-06-09")
  end)

  it("carries a source on every record", function()
    for _, list in ipairs { net:entities {}, net:relations {}, net:restrictions() } do
      for _, record in ipairs(list) do assert.is_string(record.source, record.id) end
    end
    for _, relation in ipairs(net:relations { kind = "supplies" }) do assert.is_string(relation.since) end
  end)
end)

-- What a script prints that is run in this interpreter, without arguments.
local function printed_by(script)
  local lines, real_print, real_arg = {}, print, arg
  _G.print = function(...) -- luacheck: ignore 122
    local words = {}
    for i = 1, select("#", ...) do words[i] = tostring((select(i, ...))) end
    lines[#lines + 1] = table.concat(words, "\t")
  end
  _G.arg = { [0] = script } -- luacheck: ignore 122
  local ok, message = pcall(dofile, script)
  _G.print, _G.arg = real_print, real_arg -- luacheck: ignore 122
  assert.is_true(ok, tostring(message))
  return lines
end

describe("clouds.lua", function()
  it("joins three sources in 25 lines and prints whose problem the ban becomes", function()
    assert.are.same({
      "Illustration Motors Inc\tpossible\tthrough EXAMPLE0000000000002", -- consolidated: a share nobody states
      "Illustration Retail Corp\tyes\tthrough EXAMPLE0000000000004",
    }, printed_by "examples/clouds.lua")
    local lines = 0
    for _ in io.lines "examples/clouds.lua" do lines = lines + 1 end
    assert.is_true(lines <= 25)
  end)
end)

describe("moneygram.lua", function()
  it("shows that the purchase that was stopped would have made MoneyGram restricted", function()
    local text = table.concat(printed_by "examples/moneygram.lua", "\n")
    assert.truthy(text:find("MoneyGram (moneygram): no", 1, true))
    assert.truthy(text:find("restricted  edit: relation ant-buys-moneygram added", 1, true))
    assert.truthy(text:find("50%\tyes\n49.9999999%\tno", 1, true))
  end)
end)

describe("alibaba.lua", function()
  it("runs", function()
    local lines = printed_by "examples/alibaba.lua"
    assert.are.equal("scope entity", lines[1])
    assert.truthy(table.concat(lines, "\n"):find("Ford Motor Company\tyes\towned", 1, true))
  end)
end)

describe("nigeria.lua", function()
  local found, missing = shared.find "data/openoil_nigeria/Nigeria_contracts_20140628.csv"
  if not found then
    it("maps two CSV files", function() pending(missing) end)
    return
  end
  local folder = found:match "^(.*)/"

  -- Runs the script in this interpreter, and keeps what it printed, warned of and built.
  local function run()
    local seen = { lines = {}, warnings = {} }
    local real_print, real_arg, real_stderr = print, arg, io.stderr
    _G.print = function(...) seen.lines[#seen.lines + 1] = table.concat({ ... }, "\t") end -- luacheck: ignore 122
    _G.arg = { [0] = "examples/nigeria.lua", folder } -- luacheck: ignore 122
    io.stderr = { write = function(_, message) seen.warnings[#seen.warnings + 1] = message end } -- luacheck: ignore 122
    local ok, net = pcall(dofile, "examples/nigeria.lua")
    _G.print, _G.arg, io.stderr = real_print, real_arg, real_stderr -- luacheck: ignore 122
    assert.is_true(ok, tostring(net))
    seen.net = net
    return seen
  end

  it("maps two CSV files and bans a supplier", function()
    local seen = run()
    local net = seen.net

    local firms, pairs_seen, pair_count, firm_count = {}, {}, 0, 0
    for _, contract in ipairs(net:relations { kind = "supplies" }) do
      local pair = contract.from .. "\0" .. contract.to
      if not pairs_seen[pair] then pairs_seen[pair], pair_count = true, pair_count + 1 end
      for _, firm in ipairs { contract.from, contract.to } do
        if not firms[firm] then firms[firm], firm_count = true, firm_count + 1 end
      end
    end
    assert.are.equal(150, firm_count)
    assert.are.equal(257, pair_count)

    local holdings = net:relations { kind = "owns" }
    local numbers, majorities = 0, 0
    for _, holding in ipairs(holdings) do
      if tonumber(holding.evidence) then numbers = numbers + 1 end
      if holding.share and core.share(holding.share) >= 500000000 then majorities = majorities + 1 end
    end
    assert.are.equal(59, #holdings)
    assert.are.equal(33, numbers)
    assert.are.equal(24, majorities)
    assert.are.equal(59 - 33, #seen.warnings)

    assert.are.equal("30 contracts of 27 customers", seen.lines[1])
    local parents, printed = {}, {}
    for _, line in ipairs(seen.lines) do
      local what, verdict, name = line:match "^(%a+)\t([^\t]+)\t([^\t]+)"
      if what then printed[what] = (printed[what] or 0) + 1 end
      if what == "parent" then parents[name] = verdict end
    end
    assert.are.equal(30, printed.contract)
    assert.are.equal(27, printed.customer)
    -- by numbers
    assert.are.equal("yes", parents["Nigerian National Petroleum Corporation (NNPC)"])
    assert.are.equal("yes", parents["ExxonMobil Corporation"])
    assert.are.equal("yes", parents["Eni SpA"])
    -- without an owner in the data
    assert.are.equal("yes", parents["Galba Limited"])
    -- the share is blank: owner and owned may each be the parent
    assert.are.equal("possible", parents["Chevron Corporation"])
    assert.are.equal("possible", parents["Chevron Nigeria Limited"])
    assert.are.equal("possible", parents["Schlumberger Limited"])
    -- 30 % is no majority
    assert.is_nil(parents["Royal Dutch Shell Plc"])
  end)
end)
