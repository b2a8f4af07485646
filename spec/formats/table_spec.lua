-- Any table by a map of its columns; Exhibit 21; the oil majors in Nigeria.
local files = require "spec.support.files"
local knockon = require "knockon"
local real = require "spec.support.real"

local function read(text, map, opts) return knockon.read_table(files.write("some.csv", text), map, opts) end

local MAP = { entities = { { id = "{a}" }, { id = "{b}", name = "Firm {b}", country = "{land}" } },
  relations = { { kind = "owns", from = "{a}", to = "{b}", share = "{share}%", since = "{year}" } } }

describe("read_table", function()
  teardown(files.clean)

  it("fills cells into the map's texts; empty cells are missing fields", function()
    local net = assert(read("a,b,land,share,year\nx,y,Delaware,51,2001\nx,z,,,\n,w,Russia,1,\n", MAP))
    assert.are.same({ 4, 2 }, { #net, #net:relations {} })
    assert.are.same({ id = "y", name = "Firm y", country = "US", jurisdiction = "Delaware", source = "some.csv" },
      net:entity "y")
    assert.are.same({ "RU", "Russia" }, { net:entity("w").country, net:entity("w").jurisdiction })
    assert.are.same({ kind = "owns", from = "x", to = "y", share = "51%", since = "2001-01-01", source = "some.csv",
      id = "some.csv#1" }, net:relations({ to = "y" })[1])
    assert.is_nil(net:relations({ to = "z" })[1].share)
  end)

  it("finds the separator, or is told it; the first row that names an entity describes it", function()
    for _, separator in ipairs { ",", ";", "\t", "|" } do
      local text = ("a,b,land,share,year\nx,y,France,50,\nx,y,Spain,50,2020-02-03\n"):gsub(",", separator)
      local net = assert(read(text, MAP))
      assert.are.same({ 2, "FR", 2 }, { #net, net:entity("y").country, #net:relations {} })
    end
    local map = { separator = ":", columns = { "from", "to" }, title = "T", relations = { { kind = "linked",
      from = "{from}", to = "{to}" } } }
    local net = assert(read("p:q\n", map))
    assert.are.same({ "T", true, "linked" }, { net:title(), net:entity("p").dangling, net:relations({})[1].kind })
  end)

  it("functions of the row, and rows that are wanted", function()
    local net = assert(read("a,b,n\nx,y,1\nx,z,2\n", {
      where = function(row) return row.n ~= "1" end,
      relations = { { kind = "supplies", from = "{a}", to = "{b}", rank = function(row) return tonumber(row.n) end,
        need = function() return nil end } },
    }))
    local list = net:relations {}
    assert.are.same({ 1, "z", 2, "some.csv#2" }, { #list, list[1].to, list[1].rank, list[1].id })
    assert.is_nil(list[1].need)
  end)

  it("shares that are none are unknown and kept", function()
    for cell, share in pairs { ["10.4"] = "10.4%", ["12,5"] = "12.5%", ["25-50"] = "[25%,50%]", [">50"] = ">50%" } do
      local net = assert(read(('a;b;land;share;year\nx;y;;%s;\n'):format(cell), MAP))
      assert.are.equal(share, net:relations({})[1].share)
    end
    local net = assert(read("a,b,land,share,year\nx,y,,Founder,\n", MAP))
    assert.are.same({ "Founder%" }, { net:relations({})[1].share_given })
  end)

  it("a map that cannot be is misuse, and names what was meant", function()
    local cases = { { {}, nil }, { 7, "the map must be a table" }, { { entites = {} }, 'did you mean "entities"' },
      { { entities = 7 }, "must be a list of tables" }, { { entities = { {} } }, "there is no field 'id'" },
      { { relations = { { kind = "owns", from = "{a}" } } }, "there is no field 'to'" },
      { { entities = { { id = {} } } }, "must be a text" },
      { { where = 7 }, "'where' must be a function" }, { { separator = ",," }, "'separator' must be one byte" } }
    for _, case in ipairs(cases) do
      local fine, failure = pcall(read, "a,b\n1,2\n", case[1])
      assert.are.equal(case[2] == nil, fine)
      if case[2] then assert.truthy(tostring(failure):find(case[2], 1, true), tostring(failure)) end
    end
    assert.is_false(pcall(knockon.read_table, 7, MAP))
  end)

  it("what is wrong in the file has its line; a missing file is told", function()
    local none, why, kind = read("number,b\n1,2\n", { entities = { { id = "{numbr}" } } })
    assert.are.same({ nil, "parse" }, { none, kind })
    assert.truthy(why:find("some.csv:1: there is no column 'numbr', which the map's field 'id' names; did you mean "
      .. "'number'?", 1, true), why)
    local net, message, code = read("a,b,land,share,year\nx,y\n", MAP)
    assert.is_nil(net)
    assert.are.equal("parse", code)
    assert.truthy(message:find("some.csv:2: record 1: 2 cells, but the header has 5", 1, true), message)
    net = assert(read("a,b,land,share,year\nx,y\nx,y,,,\n", MAP, { on_error = "skip" }))
    assert.are.same({ false, 1 }, { (net:complete()), #net:relations {} })
    assert.are.equal("some.csv#2", net:relations({})[1].id)
    local _, _, missing = knockon.read_table("no/such.csv", MAP)
    assert.are.equal("io", missing)
  end)

  local OWNERSHIP = "openoil_nigeria/Nigeria_ownership_20140628.csv"

  real.it(it, pending, OWNERSHIP, "holdings of the oil majors in Nigeria", function(path)
    local net, facts = assert(knockon.read_table(path, {
      entities = { { id = "{parent}", name = "{parent}" }, { id = "{company}", name = "{company}" } },
      relations = { { kind = "owns", from = "{parent}", to = "{company}", share = "{immediate}%",
        since = "{start_date}", evidence = "{source_url}" } },
    })), real.facts()[OWNERSHIP]
    local graph, expected = real.graph(real.ends(net, {})), facts["graph(parent->company)"]
    assert.are.same({ expected.nodes, expected.edge_rows, expected.wcc.components, expected.wcc.largest }, { #net,
      #net:relations {}, graph.components, graph.largest })
    local numbers, words, half, parents, held = 0, {}, 0, {}, {}
    for _, relation in ipairs(net:relations {}) do
      if relation.share then numbers = numbers + 1 end
      if relation.share and tonumber((relation.share:gsub("%%", ""))) >= 50 then half = half + 1 end
      if relation.share_given then words[#words + 1] = relation.share_given end
      parents[relation.to] = (parents[relation.to] or 0) + 1
      held[relation.to] = true
    end
    table.sort(words)
    assert.are.same({ facts.pct_numeric, facts.ge_50, { "Founder and owner%", "Founder%" } }, { numbers, half, words })
    local joint, roots = 0, 0
    for _, count in pairs(parents) do joint = joint + (count > 1 and 1 or 0) end
    for _, one in ipairs(net:entities {}) do roots = roots + (held[one.id] and 0 or 1) end
    assert.are.same({ facts["companies_with_2+_parents"], expected.no_in }, { joint, roots })
  end)

  local CONTRACTS = "openoil_nigeria/Nigeria_contracts_20140628.csv"

  real.it(it, pending, CONTRACTS, "their service contracts: 265, and the suppliers of several", function(path)
    local net, facts = assert(knockon.read_table(path, {
      where = function(row) return row.type == "Service Contracts" end,
      entities = { { id = "{company_source}" }, { id = "{company_target}" } },
      relations = { { kind = "supplies", from = "{company_target}", to = "{company_source}", need = "{name}",
        since = "{start_date}", ["until"] = "{end_date}" } },
    })), real.facts()[CONTRACTS]
    local expected = facts["service_graph(customer=company_source->supplier=company_target)"]
    local graph = real.graph(real.ends(net, {}))
    assert.are.same({ expected.nodes, expected.edge_rows, expected.distinct_edges, 1 }, { graph.nodes,
      #net:relations {}, graph.edges, graph.components })
    local customers, suppliers, serving = {}, {}, {}
    for _, relation in ipairs(net:relations {}) do
      customers[relation.to] = (customers[relation.to] or 0) + 1
      suppliers[relation.from] = (suppliers[relation.from] or 0) + 1
      serving[relation.from] = serving[relation.from] or {}
      serving[relation.from][relation.to] = true
    end
    for _, top in ipairs(facts.top_customers) do assert.are.equal(top[2], customers[top[1]]) end
    for _, top in ipairs(facts.top_suppliers) do assert.are.equal(top[2], suppliers[top[1]]) end
    local several = 0
    for _, served in pairs(serving) do
      if next(served, (next(served))) then several = several + 1 end
    end
    assert.are.equal(facts["suppliers_serving_2+_customers"], several)
  end)
end)

describe("Exhibit 21", function()
  local NAME = "ex21/ex21_labels_a.csv"

  real.it(it, pending, NAME, "thirty filers and their subsidiaries", function(path)
    local net, facts = assert(knockon.load(path)), real.facts()[NAME]
    local blank, in_largest = 0, 0 -- one row names no subsidiary
    for row in knockon.read_csv(path) do
      if row.Subsidiary == "" then blank = blank + 1 end
      if row.Subsidiary == "" and row.Filename == facts.largest_filing[1] then in_largest = in_largest + 1 end
    end
    local filers, per_filing, delaware, unplaced, names = 0, {}, 0, 0, {}
    for _, one in ipairs(net:entities {}) do
      if one.cik then filers = filers + 1 end
      if one.jurisdiction == "Delaware" then delaware = delaware + 1 end
      if not one.country and not one.jurisdiction then unplaced = unplaced + 1 end
      if one.name then names[one.name] = true end
    end
    local distinct = blank
    for _ in pairs(names) do distinct = distinct + 1 end
    assert.are.same({ facts.distinct_ciks, facts.distinct_names }, { filers, distinct })
    assert.are.equal(facts.rows - blank, #net:relations {})
    local shares = net:relations { kind = "owns" }
    local least, full, half, over, under, exact = 100, 0, 0, 0, 0, 0
    for _, relation in ipairs(shares) do
      local share = tonumber((relation.share:gsub("%%", "")))
      least = math.min(least, share)
      full, half = full + (share == 100 and 1 or 0), half + (share >= 50 and 1 or 0)
      over, under = over + (share > 50 and 1 or 0), under + (share < 50 and 1 or 0)
      exact = exact + (share == 50 and 1 or 0)
    end
    assert.are.same({ facts.with_percentage, facts.pct_100, facts.pct_ge_50, facts.pct_gt_50, facts.pct_lt_50,
      facts.pct_eq_50, facts.pct_min }, { #shares, full, half, over, under, exact, least })
    for _, relation in ipairs(net:relations {}) do
      per_filing[relation.filing] = (per_filing[relation.filing] or 0) + 1
    end
    assert.are.equal(facts.largest_filing[2], per_filing[facts.largest_filing[1]] + in_largest)
    assert.is_true(delaware <= 227 and delaware > 220 and unplaced <= facts.blank_location)
  end)
end)
