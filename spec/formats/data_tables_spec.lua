-- Tables of firms, beyond what is asked of their readers elsewhere: every place of Exhibit 21, every contract of
-- Nigerian oil, types of the Consolidated Screening List.
local knockon = require "knockon"
local real = require "spec.support.real"

local EXHIBIT = "ex21/ex21_labels_a.csv"
local CONTRACTS = "openoil_nigeria/Nigeria_contracts_20140628.csv"

describe("Exhibit 21", function()
  -- a row a place: a firm that is listed twice in one filing is two entities here, which the reader makes one
  local function places(path)
    local number = 0
    return assert(knockon.read_table(path, {
      entities = { { id = function()
        number = number + 1
        return "row-" .. number
      end, name = "{Subsidiary}", place = "{Location of Incorporation}", filing = "{Filename}" } },
    }))
  end

  real.it(it, pending, EXHIBIT, "places: 227 in Delaware, 134 that are not said", function(path)
    local net, facts = places(path), real.facts()[EXHIBIT]
    assert.are.same({ 1154, 134, 1149, 5 }, { facts.rows, facts.blank_location, facts.distinct_names,
      facts.duplicate_filing_name_pairs })
    assert.are.equal(facts.rows, #net)
    local unplaced, filings, pairs_seen, foreign, repeated = 0, {}, {}, 0, 0
    for _, one in ipairs(net:entities {}) do
      local key = one.filing .. "\0" .. (one.name or "")
      unplaced = unplaced + (one.place and 0 or 1)
      filings[one.filing] = (filings[one.filing] or 0) + 1
      foreign = foreign + ((one.name or ""):find "[\128-\255]" and 1 or 0)
      repeated = repeated + (pairs_seen[key] and 1 or 0)
      pairs_seen[key] = true
    end
    assert.are.equal(facts.blank_location, unplaced)
    for _, place in ipairs(facts.top_locations) do
      if place[1] ~= "" then assert.are.equal(place[2], #net:entities { place = place[1] }) end
    end
    assert.are.same({ "Delaware", 227 }, facts.top_locations[1])
    assert.are.same({ facts.duplicate_filing_name_pairs, facts.non_ascii_names }, { repeated, foreign })
    assert.are.equal(facts.largest_filing[2], filings[facts.largest_filing[1]])
    -- the reader makes one entity of each pair, and one of each filer; one row names no subsidiary
    local read, unnamed = assert(knockon.load(path)), 0
    for row in knockon.read_csv(path) do unnamed = unnamed + (row.Subsidiary == "" and 1 or 0) end
    assert.are.equal(facts.rows - repeated - unnamed + facts.distinct_ciks, #read)
  end)
end)

describe("contracts of Nigerian oil", function()
  local function load(path, where)
    return assert(knockon.read_table(path, {
      where = where,
      entities = { { id = "{company_source}" }, { id = "{company_target}" } },
      relations = { { kind = "linked", from = "{company_source}", to = "{company_target}", contract = "{type}",
        part = "{share}" } },
    }))
  end

  real.it(it, pending, CONTRACTS, "of service and of production, five of them with nobody", function(path)
    local net, facts, rows, by_type, unnamed, parts = load(path), real.facts()[CONTRACTS], 0, {}, 0, 0
    for row in knockon.read_csv(path) do
      rows, by_type[row.type] = rows + 1, (by_type[row.type] or 0) + 1
      unnamed = unnamed + (row.company_target == "" and 1 or 0)
      parts = parts + (row.share ~= "" and 1 or 0)
    end
    assert.are.same({ 342, 5 }, { facts.rows, facts.blank_target })
    assert.are.same({ ["Service Contracts"] = 265, ["Production Contract"] = 77 }, facts.by_type)
    assert.are.same({ facts.rows, facts.by_type, facts.blank_target, facts.with_share },
      { rows, by_type, unnamed, parts })
    assert.are.equal(rows - unnamed, #net:relations {})
    assert.are.same(facts.all_graph, real.shape(net, {}))
  end)

  real.it(it, pending, CONTRACTS, "of service alone: customers to suppliers", function(path)
    local net = load(path, function(row) return row.type == "Service Contracts" end)
    assert.are.same(real.facts()[CONTRACTS]["service_graph(customer=company_source->supplier=company_target)"],
      real.shape(net, {}))
  end)
end)

describe("the Consolidated Screening List", function()
  real.it(it, pending, "csl/csl.csv", "types, which are mostly not given", function(path)
    local types = {}
    for row in knockon.read_csv(path) do types[row.type] = (types[row.type] or 0) + 1 end
    assert.are.same({ [""] = 47, Entity = 46, Individual = 20, Vessel = 2 }, types)
    assert.are.same(real.facts()["csl/csl.csv"].by_type, types)
  end)
end)
