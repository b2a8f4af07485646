-- The Register of Information of DORA.
local files = require "spec.support.files"
local knockon = require "knockon"
local packed = require "spec.support.packed"
local real = require "spec.support.real"

local BANK, PARENT, CLOUD, CHIP = "BANK0000000000000001", "PARENT00000000000001", "CLOUD", "CHIPS"

-- Templates by name; each a header and rows.
local function templates(more)
  local all = {
    ["b_01.01"] = "c0010,c0020,c0030,c0040,c0050,c0060\n" .. BANK .. ",Bank,eba_GA:DE,eba_CT:x12,BaFin,2024-12-31\n",
    ["b_01.02"] = "c0010,c0020,c0030,c0040,c0050,c0060,c0070,c0080,c0090,c0100,c0110\n"
      .. BANK .. ",Bank,eba_GA:DE,eba_CT:x12,eba_RP:x56," .. PARENT
      .. ",2024-01-01,2020-01-01,9999-12-31,eba_CU:EUR,5\n"
      .. PARENT .. ",Parent,FR,x12,x53," .. PARENT .. ",2024-01-01,2020-01-01,9999-12-31,EUR,9\n",
    ["b_01.03"] = "c0010,c0020,c0030,c0040\nBR1," .. BANK .. ",Branch,eba_GA:GB\n",
    ["b_02.01"] = "c0010,c0020,c0030,c0040,c0050\nK1,eba_CO:x1,,eba_CU:EUR,1200\nK2,x1,,EUR,300\n",
    ["b_02.02"] = "c0060,c0010,c0030,c0050,c0020,c0150,c0160,c0130,c0040,c0070,c0080,c0090,c0100,c0110,c0120,c0140,"
      .. "c0170,c0180\nS17,K1," .. CLOUD .. ",F1," .. BANK .. ",eba_GA:IE,eba_GA:IE,eba_GA:IE,eba_qCO:qx2000,"
      .. "2021-02-03,9999-12-31,eba_CO:x4,30,30,eba_GA:IE,eba_BT:x28,eba_ZZ:x793,eba_ZZ:x797\n",
    ["b_03.01"] = "c0010,c0020,c0030\nK1," .. PARENT .. ",true\n",
    ["b_04.01"] = "c0010,c0040,c0020,c0030\nK1,," .. BANK .. ",x1\nK1,BR1," .. BANK .. ",x2\n",
    ["b_05.01"] = "c0010,c0020,c0030,c0040,c0050,c0060,c0070,c0080,c0090,c0100,c0110,c0120\n" .. CLOUD
      .. ",eba_qCO:qx2003,,,Cloud,Cloud Latin,eba_CT:x212,eba_GA:IE,eba_CU:EUR,99,CLOUDTOP,eba_qCO:qx2000\n",
    ["b_05.02"] = "c0010,c0030,c0020,c0050,c0060,c0040,c0070\nK1," .. CLOUD .. ",S17,1,,qx2003,\nK1," .. CHIP
      .. ",eba_TA:S17,2," .. CLOUD .. ",qx2003,qx2003\n",
    ["b_06.01"] = "c0010,c0040,c0020,c0030,c0050,c0060,c0070,c0080,c0090,c0100\nF1," .. BANK
      .. ",x28,Payments,eba_BT:x28,why,2024-01-01,4,1,eba_ZZ:x793\n",
    ["b_07.01"] = "c0010,c0020,c0040,c0030,c0050,c0060,c0070,c0080,c0090,c0100,c0110,c0120\nK1," .. CLOUD
      .. ",S17,qx2003,eba_ZZ:x960,x963,2024-01-01,x28,x966,x793,x28,OTHER\n",
    parameters = "name,value\nentityID,rs:" .. BANK .. ".CON\nrefPeriod,2024-12-31\n",
  }
  for name, text in pairs(more or {}) do all[name] = text or nil end
  return all
end

local made = 0

local function folder(all)
  made = made + 1
  local name = "dora-" .. made
  files.folders(name .. "/REPORT/reports")
  for template, text in pairs(all) do
    if text then files.write(("%s/REPORT/reports/%s.csv"):format(name, template), text) end
  end
  return files.path(name)
end

local function supplies(net, from, to) return net:relations({ kind = "supplies", from = from, to = to })[1] end

describe("DORA", function()
  teardown(files.clean)

  it("has a title that is text, whatever the parameters hold", function()
    local parameters = "name,value\nentityID,r\206:B\0K" .. ("\255"):rep(100000) .. "\nrefPeriod,2024-12-31}\n"
    local path = folder(templates { parameters = parameters })
    local net = assert(knockon.load(path))
    assert(net:save(files.path "titled.json"))
    local title = assert(knockon.load(files.path "titled.json")):title()
    assert.are.equal("Register of information of r?:B\0K" .. ("?"):rep(100000) .. ", 2024-12-31}", title)
  end)

  for _, place in ipairs { "dora_roi/test2_in.zip",
    "dora_roi/DUMMYLEI123456789012.CON_FR_DORA010100_DORA_2024-12-31_20241210113351223" } do
    real.it(it, pending, place, "the sample package: one row a template, random contents", function(path)
      if not packed.zlib then return pending "needs lua-zlib" end
      local net, facts = assert(knockon.load(path)), real.facts()["dora_roi/test2_in.zip"]
      for template, one in pairs(facts) do
        if template:find "^b_0" then assert.are.equal(1, one.data_rows) end
      end
      assert.are.same({ consolidates = 2, has_branch = 2, supplies = 2 }, net:counts().relations)
      assert.are.equal("Register of information of DUMMYLEI123456789012.CON, 2024-12-31", net:title())
      local used = net:relations({ contract = "snoikfyf" })[1]
      assert.are.same({ "fqgphlyj", "tcjxbgiu", "S01", "none", "AL", 1 }, { used.from, used.to, used.service_type,
        used.reliance, used.data_location, used.rank })
      local below = net:relations({ contract = "eozxtntt" })[1]
      assert.are.same({ "uxtwjgbp", "uadiivqi", 546, "S01" }, { below.from, below.to, below.rank, below.service_type })
      assert.are.same({ "vibklddm", "hewxylzs" }, { net:entity("hewxylzs").name, net:entity("hewxylzs").lei })
      assert.is_true((net:complete()))
    end)
  end

  it("a bank, its parent and branch, its cloud and what is below it", function()
    local net = assert(knockon.load(folder(templates())))
    assert.are.same({ "Bank", "DE", "subsidiary" }, { net:entity(BANK).name, net:entity(BANK).country,
      net:entity(BANK).hierarchy })
    assert.are.same({ "branch", "GB" }, { net:entity("BR1").kind, net:entity("BR1").country })
    assert.are.same({ "Cloud Latin", "IE" }, { net:entity(CLOUD).name, net:entity(CLOUD).country })
    assert.are.equal("CLOUDTOP", net:entity("CLOUDTOP").lei)
    local used = supplies(net, CLOUD, BANK)
    assert.are.same({ "F1 S17 (K1)", "full", "1200", "EUR", "K1", PARENT, "2021-02-03", "Payments", "yes", "high",
      "highly complex", "4" }, { used.need, used.reliance, used.spend, used.currency, used.contract, used.party,
      used.since, used.function_name, used.critical, used.sensitivity, used.substitutability, used.rto_hours })
    assert.is_nil(used["until"])
    assert.are.equal(PARENT, net:relations({ kind = "consolidates", to = BANK })[1].from)
    assert.are.equal(2, supplies(net, CHIP, CLOUD).rank)
    assert.are.equal("B_04.01", supplies(net, CLOUD, "BR1").template)
    assert.are.equal("alternative", net:relations({ from = "OTHER" })[1].role)
    -- who is exposed when the chips are banned, two tiers down
    local exposure = net:scenario({ as_of = "2024-12-31" }):ban(CHIP, { rule = "reach" }):exposure()
    local found = {}
    for _, row in ipairs(exposure:parents()) do found[row.id] = row.verdict end
    assert.are.equal("yes", found[PARENT])
  end)

  it("the nine columns of the older B_05.01, columns by their full codes, semicolons", function()
    local net = assert(knockon.load(folder(templates { ["b_05.01"] = "B_05.01.0010;B_05.01.0020;B_05.01.0030;"
      .. "B_05.01.0040;B_05.01.0050;B_05.01.0060;B_05.01.0070;B_05.01.0080;B_05.01.0090\n"
      .. CLOUD .. ";LEI;Old Cloud;x212;US;USD;5;TOP;LEI\n" })))
    assert.are.same({ "Old Cloud", "US", CLOUD }, { net:entity(CLOUD).name, net:entity(CLOUD).country,
      net:entity(CLOUD).lei })
    assert.are.equal("TOP", net:relations({ kind = "consolidates", to = CLOUD })[1].from)
  end)

  it("a provider that is easy to substitute shares its need with others of that function and service", function()
    local function disrupted(substitutability)
      local net = assert(knockon.load(folder(templates {
        ["b_02.02"] = "c0010,c0020,c0030,c0050,c0060,c0180\nK1," .. BANK .. "," .. CLOUD .. ",F1,S17,x797\nK2," .. BANK
          .. ",OTHER,F1,S17,x797\n",
        ["b_07.01"] = "c0010,c0020,c0030,c0040,c0050\nK1," .. CLOUD .. ",qx2003,S17," .. substitutability
          .. "\nK2,OTHER,qx2003,S17," .. substitutability .. "\n",
      })))
      return supplies(net, CLOUD, BANK).need == supplies(net, "OTHER", BANK).need
    end
    assert.is_true(disrupted "eba_ZZ:x962")
    assert.is_false(disrupted "eba_ZZ:x959")
  end)

  it("a contract that is passed on within the group leads to whoever passes it on", function()
    local net = assert(knockon.load(folder(templates {
      ["b_02.02"] = "c0010,c0020,c0030,c0060\nK1,SERVCO," .. CLOUD .. ",S17\nK2," .. BANK .. ",SERVCO2,S17\n",
      ["b_02.03"] = "c0010,c0020,c0030\nK2,K1,true\n",
    })))
    assert.are.equal("K2", supplies(net, CLOUD, "SERVCO2").intra_group_contract)
    assert.truthy(supplies(net, "SERVCO2", BANK))
  end)

  it("zipped, it is the same", function()
    if not packed.zlib then return pending "needs lua-zlib" end
    local members = { { "REPORT/META-INF/reportPackage.json", "{}" } }
    for template, text in pairs(templates()) do
      members[#members + 1] = { "REPORT/reports/" .. template .. ".csv", text }
    end
    local zipped = assert(knockon.load(files.write("roi.zip", packed.zip(members))))
    local net = assert(knockon.load(folder(templates())))
    assert.are.same(net:relations {}, zipped:relations {})
    assert.are.same(net:entities {}, zipped:entities {})
  end)

  it("what is wrong has its template and line", function()
    local cases = {
      { "b_05.02", "c0010,c0020,c0030,c0050,c0060\nK,S,P,zero,Q\n", "b_05.02.csv:2: record 1: the rank (c0050)" },
      { "b_05.02", "c0010,c0020,c0030,c0050,c0060\nK,S,,1,Q\n", "no provider" },
      { "b_02.02", "c0010,c0020,c0030\nK,,P\n", "no user" }, { "b_01.02", "c0010,c0020\n,x\n", "no LEI" },
      { "b_01.03", "c0010,c0020\n,x\n", "no code of the branch" }, { "b_05.01", "c0010,c0020\n,x\n", "no code of the" },
      { "b_01.02", "c0010,what\nx,y\n", "the column 'what' is none" }, { "b_01.02", "c0010,c0020\nx\n", "1 cells" } }
    for _, case in ipairs(cases) do
      local path = folder(templates { [case[1]] = case[2] })
      local net, message, code = knockon.load(path)
      assert.is_nil(net, case[3])
      assert.are.equal("parse", code)
      assert.truthy(message:find(case[3], 1, true), message)
      net = assert(knockon.load(path, { on_error = "skip" }))
      assert.is_false((net:complete()))
    end
  end)
end)
