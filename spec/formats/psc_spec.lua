-- UK persons with significant control.
local files = require "spec.support.files"
local json = require "knockon.json"
local knockon = require "knockon"
local real = require "spec.support.real"

local function load(objects, opts)
  local lines = {}
  for i, object in ipairs(objects) do lines[i] = type(object) == "string" and object or json.encode(object) end
  return knockon.load(files.write("psc.txt", table.concat(lines, "\n") .. "\n"), opts)
end

local function owner(name, kind, more)
  local data = { kind = kind .. "-person-with-significant-control", name = name, notified_on = "2016-04-06",
    links = { self = "/company/1/persons-with-significant-control/" .. kind .. "/" .. name } }
  for field, value in pairs(more or {}) do data[field] = value end
  return { company_number = "00000001", data = data }
end

describe("UK PSC", function()
  teardown(files.clean)

  for _, number in ipairs { 1, 3, 5, 7, 9, 11, 13, 15 } do
    local name = ("uk_psc/psc-data-%d.json"):format(number)
    real.it(it, pending, name, name .. ": owners, natures and the company", function(path)
      local net, facts = assert(knockon.load(path)), real.facts()[name]
      local natures, persons = {}, 0
      for _, relation in ipairs(net:relations {}) do
        if relation.nature and relation.nature ~= "super-secure" then
          natures[relation.nature] = (natures[relation.nature] or 0) + 1
        end
      end
      assert.are.same(facts.natures, natures)
      for kind, count in pairs(facts.kinds) do
        if kind:find "%-person%-with" then persons = persons + count end
      end
      for _, company in ipairs(facts.company_numbers) do
        assert.are.equal("GB", net:entity("GB-COH-" .. company).country)
      end
      assert.are.equal(persons + #facts.company_numbers, #net)
      -- what ceased: a control, whose relations (one a nature) all end, or a statement, which is not the company's now
      local controls, ceased = {}, 0
      for _, relation in ipairs(net:relations {}) do
        local holder = relation.from .. "\0" .. relation.to
        if relation["until"] and not controls[holder] then ceased = ceased + 1 end
        controls[holder] = true
      end
      for _, company in ipairs(facts.company_numbers) do
        local stated = facts.kinds["persons-with-significant-control-statement"] or 0
        ceased = ceased + stated - (net:entity("GB-COH-" .. company).psc_statement and 1 or 0)
      end
      assert.are.equal(facts.ceased, ceased)
    end)
  end

  real.it(it, pending, "uk_psc/psc-data-11.json", "one that ceased, with four natures", function(path)
    local net = assert(knockon.load(path))
    assert.are.same({ owns = 2, controls = 2 }, net:counts().relations)
    for _, relation in ipairs(net:relations {}) do
      assert.are.same({ "2016-08-02", "2018-02-27" }, { relation.since, relation["until"] })
    end
    local restricted = net:scenario({ as_of = "2017-01-01" }):ban("psc-w4N_sH7yjfQmrQl93tx5yu7WW50",
      { rule = "uk_oc" }):exposure():restricted()
    assert.are.same({ 2, "GB-COH-10308742", "yes" }, { #restricted, restricted[1].id, restricted[1].verdict })
  end)

  it("bands are what the law says: more than 25, at most 50; less than 75; 75 or more", function()
    local shares = { ["25-to-50"] = "(25%,50%]", ["50-to-75"] = "(50%,75%)", ["75-to-100"] = ">=75%" }
    for band, share in pairs(shares) do
      for prefix, basis in pairs { ["ownership-of-shares-"] = "equity", ["voting-rights-"] = "votes" } do
        for _, suffix in ipairs { "", "-as-trust", "-as-firm" } do
          local net = assert(load { owner("P", "individual", { natures_of_control = { prefix .. band .. "-percent"
            .. suffix } }) })
          local relation = net:relations({})[1]
          assert.are.same({ "owns", share, basis }, { relation.kind, relation.share, relation.basis or "equity" })
        end
      end
    end
  end)

  it("exactly half may be held in the band 25 to 50: possible for OFAC, no for the UK", function()
    local net = assert(load { owner("P", "individual", { natures_of_control = {
      "ownership-of-shares-25-to-50-percent" } }) })
    local function verdict(rule)
      local row = net:scenario({}):ban("psc-P", { rule = rule }):exposure():restricted()[1]
      return row.id == "GB-COH-00000001" and row.verdict or "no"
    end
    assert.are.equal("possible", verdict "ofac_50")
    assert.are.equal("no", verdict "uk_oc")
  end)

  it("a British corporate owner is the company of that number", function()
    local net = assert(load {
      owner("HOLD", "corporate-entity", { natures_of_control = { "ownership-of-shares-75-to-100-percent" },
        identification = { country_registered = "England", registration_number = "123456" } }),
      { company_number = "00123456", data = { kind = "individual-person-with-significant-control", name = "Q",
        links = { self = "/a/Q" }, natures_of_control = { "ownership-of-shares-75-to-100-percent" } } },
    })
    assert.are.equal(1, net:counts().relations.same_as)
    assert.are.equal("HOLD", net:entity("GB-COH-00123456").name)
    assert.are.equal(3, #net:scenario({}):ban("psc-Q", { rule = "ofac_50" }):exposure():restricted())
    net = assert(load { owner("HOLD", "corporate-entity", { natures_of_control = { "voting-rights-75-to-100-percent" },
      identification = { country_registered = "Delaware", registration_number = "123456" } }) })
    assert.is_nil(net:counts().relations.same_as)
  end)

  it("super-secure persons, statements, exemptions and totals", function()
    local net = assert(load {
      { company_number = "SC000002", data = { kind = "super-secure-person-with-significant-control",
        links = { self = "/x/S" } } },
      { company_number = "SC000002", data = { kind = "persons-with-significant-control-statement",
        statement = "psc-details-not-confirmed", notified_on = "2016-09-11" } },
      { company_number = "SC000003", data = { kind = "exemptions" } },
      { data = { kind = "totals#persons-of-significant-control-snapshot" } },
    })
    assert.are.same({ "person", "super-secure" }, { net:entity("psc-S").kind, net:entity("psc-S").unspecified })
    assert.are.same({ "psc-details-not-confirmed", "exempt" }, { net:entity("GB-COH-SC000002").psc_statement,
      net:entity("GB-COH-SC000003").psc_statement })
    assert.are.equal("linked", net:relations({})[1].kind)
  end)

  it("the table of companies gives names", function()
    local snapshot = files.write("psc.json", json.encode(owner("P", "individual", { natures_of_control = {
      "ownership-of-shares-75-to-100-percent" } })) .. "\n")
    local companies = files.write("companies.csv", "CompanyName, CompanyNumber,CompanyCategory,CompanyStatus,"
      .. 'CountryOfOrigin,DissolutionDate,IncorporationDate\n"! LTD","00000001","Private Limited Company","Active",'
      .. '"United Kingdom","","11/09/2012"\n')
    local net = assert(knockon.load { snapshot, companies })
    assert.are.same({ "! LTD", "2012-09-11", "Active" }, { net:entity("GB-COH-00000001").name,
      net:entity("GB-COH-00000001").since, net:entity("GB-COH-00000001").status })
    assert.are.equal(2, #net)
  end)

  it("bad records stop the load with their line, or are skipped", function()
    local cases = { { { company_number = "1", data = { kind = "exemptions" } }, "no company_number" },
      { { company_number = "00000001" }, "no data" },
      { { company_number = "00000001", data = { kind = 7 } }, "no kind" },
      { { company_number = "00000001", data = { kind = "odd" } }, "'odd' is not known" },
      { owner("X", "individual", { natures_of_control = 7 }), "must be a list" },
      { owner("X", "individual", { natures_of_control = { {} } }), "must be text" }, { "{", "end" } }
    for _, case in ipairs(cases) do
      local net, message = load { owner("P", "individual"), case[1] }
      assert.is_nil(net)
      assert.truthy(message:find("psc.txt:2: ", 1, true), message)
      assert.truthy(message:find(case[2], 1, true), message)
      net = assert(load({ owner("P", "individual"), case[1] }, { on_error = "skip" }))
      assert.is_false((net:complete()))
    end
  end)
end)
