-- Lists of persons and firms that are restricted: OpenSanctions' simple table, the Consolidated Screening List, the
-- Denied Persons List.
local files = require "spec.support.files"
local json = require "knockon.json"
local knockon = require "knockon"
local real = require "spec.support.real"
local shared = require "spec.support.shared"

local function count(list, key)
  local counts = {}
  for _, one in ipairs(list) do
    local value = key(one)
    for _, item in ipairs(type(value) == "table" and value or { value }) do counts[item] = (counts[item] or 0) + 1 end
  end
  return counts
end

describe("OpenSanctions' simple table", function()
  teardown(files.clean)

  local NAME = "opensanctions_simple/targets.simple_a.csv"

  real.it(it, pending, NAME, "a quarter of a real one", function(path)
    local net, facts = assert(knockon.load(path)), real.facts()[NAME]
    assert.are.equal(facts.distinct_ids, #net)
    assert.are.same(facts.by_schema, count(net:entities {}, function(one) return one.schema end))
    assert.are.equal(facts.country_ru, #net:entities { country = "RU" })
    assert.are.equal(facts.country_us, #net:entities { country = "US" })
    assert.are.equal(facts.country_cn, #net:entities { country = "CN" })
    local several, lines = 0, 0
    for _, one in ipairs(net:entities {}) do
      if type(one.country) == "table" then several = several + 1 end
      if (one.sanctions or ""):find("\n", 1, true) then lines = lines + 1 end
    end
    -- the facts count cells: those with one programme, and the empty ones
    local programmes = count(net:entities {}, function(one)
      return type(one.program) ~= "table" and (one.program or "") or nil
    end)
    assert.are.equal(facts.multi_country, several)
    assert.are.equal(facts.with_embedded_newline, lines)
    for _, programme in ipairs(facts.programs_top) do assert.are.equal(programme[2], programmes[programme[1]]) end
    assert.are.same({ firm = 645, person = 406, vessel = 352 }, net:counts().entities)
  end)

  real.it(it, pending, NAME, "vessels by their IMO numbers, twelve of them in OFAC's list of 2022", function(path)
    local vessels = count(assert(knockon.load(path)):entities { kind = "vessel" }, function(one) return one.imo end)
    local ofac = assert(shared.find "data/ofac_2022/sdn.csv")
    local listed = count(assert(knockon.load(ofac)):entities { kind = "vessel" }, function(one) return one.imo end)
    local known, both, there = 0, 0, 0
    for imo in pairs(vessels) do
      known = known + 1
      if listed[imo] then both = both + 1 end
    end
    for _ in pairs(listed) do there = there + 1 end
    assert.are.same({ 353, 12, 424 }, { known, both, there })
  end)

  it("two quotes in a cell are nothing; a row without an id is none", function()
    local header = "id,schema,name,aliases,countries,identifiers,sanctions,program_ids,dataset\n"
    local path = files.write("targets.csv", header .. 'a,Company,A,"x;y",ru;cy,549300ABCDEFGHIJKL12;77,"""""",,Set\n'
      .. ",Company,B,,,,,,\n")
    local _, message = knockon.load(path)
    assert.truthy(message:find("targets.csv:3: record 2: it has no id", 1, true), message)
    local net = assert(knockon.load(path, { on_error = "skip" }))
    assert.are.same({
      id = "a", schema = "Company", kind = "firm", name = "A", alias = { "x", "y" }, country = { "RU", "CY" },
      lei = "549300ABCDEFGHIJKL12", identifiers = "77", dataset = "Set", source = "targets.csv",
    }, net:entity "a")
    assert.are.same({ "dataset-Set", "review", { "a" } }, { net:restrictions()[1].id, net:restrictions()[1].measure,
      net:restrictions()[1].targets })
  end)
end)

describe("the Consolidated Screening List", function()
  teardown(files.clean)

  real.it(it, pending, "csl/csl.csv", "a real excerpt, nine lists", function(path)
    local net, facts = assert(knockon.load(path)), real.facts()["csl/csl.csv"]
    assert.are.equal(facts.rows, #net)
    assert.are.same(facts.by_source, count(net:entities {}, function(one) return one.source end))
    assert.are.same({ SDN = 28, SSI = 26, EL = 22, PLC = 13, DTC = 10, DPL = 8, UVL = 4, ISN = 3, CAP = 1 },
      count(net:entities {}, function(one) return one.list end))
    assert.are.same({ firm = 47 + 46, person = 20, vessel = 2 }, net:counts().entities)
    local aliased, ended = 0, 0
    for _, one in ipairs(net:entities {}) do aliased = aliased + (one.alias and 1 or 0) end
    for _, one in ipairs(net:restrictions()) do ended = ended + (one["until"] and #one.targets or 0) end
    assert.are.equal(facts.with_alt_names, aliased)
    assert.are.equal(facts.with_end_date, ended)
  end)

  it("each list has the rule and the measure of its law", function()
    local lines = { "source,entity_number,type,programs,name,federal_register_notice,start_date,end_date" }
    local wanted = { SDN = { "ofac_50", "prohibit" }, EL = { "bis_affiliates", "license" },
      MEU = { "bis_affiliates", "license" }, DPL = { "listing", "prohibit" }, UVL = { "listing", "warn" },
      SSI = { "listing", "review" }, XYZ = { "listing", "review" } }
    for code in pairs(wanted) do lines[#lines + 1] = ("A list (%s) - Somewhere,1,,,N,,2020-01-01,"):format(code) end
    local net = assert(knockon.load(files.write("csl.csv", table.concat(lines, "\n") .. "\n")))
    for _, one in ipairs(net:restrictions()) do
      local code = one.id:match "^csl%-(%u+)%-2020%-01%-01$"
      assert.are.same(wanted[code], { one.rule, one.measure })
      wanted[code] = nil
    end
    assert.is_nil(next(wanted))
  end)

  it("JSON of the interface says the same as the table", function()
    local entry = { id = "e1", source = "Specially Designated Nationals (SDN) - Treasury Department",
      entity_number = 306, type = "Individual", programs = { "CUBA", "SDGT" }, name = "N", alt_names = { "M" },
      federal_register_notice = json.null, nationalities = { "CU" }, ids = { { type = "Passport", number = "1",
        country = "CU" } }, addresses = { { address = "1 Road", city = "Havana", country = "CU" } } }
    local net = assert(knockon.load(files.write("csl.json", json.encode { total = 1, results = { entry } })))
    local one = net:entity "csl-e1"
    assert.are.same({ "person", { "CUBA", "SDGT" }, "M", "CU", "CU", "1 Road, Havana, CU", "CU, 1, Passport", "306" },
      { one.kind, one.program, one.alias, one.country, one.located_in, one.address, one.ids, one.entity_number })
    local _, message = knockon.load(files.write("csl.json", json.encode { results = { entry,
      { source = "x", federal_register_notice = "y", addresses = { 7 } } } }))
    assert.truthy(message:find("csl.json: record 2: an address must be an object", 1, true), message)
  end)
end)

describe("the Denied Persons List", function()
  teardown(files.clean)

  real.it(it, pending, "csl/dpl.txt", "a real one", function(path)
    local net, facts = assert(knockon.load(path)), real.facts()["csl/dpl.txt"]
    assert.are.equal(facts.rows, #net)
    local names = 0
    for _ in pairs(count(net:entities {}, function(one) return one.name end)) do names = names + 1 end
    assert.are.equal(facts.distinct_names, names)
    assert.are.equal(facts.standard_order_Y, #net:entities { standard_order = "Y" })
    assert.are.equal(239, #net:entities { located_in = "US" })
    local open, targets = 0, 0
    for _, one in ipairs(net:restrictions()) do
      targets = targets + #one.targets
      if not one["until"] then open = open + #one.targets end
    end
    assert.are.same({ facts.rows, facts.no_expiration }, { targets, open })
    -- in force from the day it took effect until it expired
    local function denied(day)
      for _, row in ipairs(net:scenario({ as_of = day }):exposure():restricted()) do
        if row.id == "dpl-1" then return true end
      end
      return false
    end
    assert.are.same({ false, true, true, false }, { denied "2017-10-15", denied "2017-10-16", denied "2020-10-12",
      denied "2020-10-13" })
  end)

  it("dates that are none are kept as they were given", function()
    local net = assert(knockon.load(files.write("dpl.txt", '"Name"\t"Street_Address"\t"Effective_Date"\t'
      .. '"Expiration_Date"\t"FR_Citation"\n"A"\t""\t"13/13/2001"\t""\t""\n')))
    local one = net:restrictions()[1]
    assert.are.same({ "13/13/2001", { "dpl-1" } }, { one.since_given, one.targets })
    assert.is_nil(one.since)
  end)
end)
