-- The packages of a machine as a supply network: clauses are needs, alternatives are suppliers, and a package stands in
-- for what it provides. Columns are mapped here; what is computed from them was counted elsewhere.
local knockon = require "knockon"
local real = require "spec.support.real"

local FOLDER = "debian_installed"

local function load(folder, with_provides)
  local builder, packages, providers = knockon.builder(), {}, {}
  for row in knockon.read_csv(folder .. "/nodes.csv") do
    builder:entity { id = row.package, source_package = row.source, section = row.section }
    packages[row.package] = true
  end
  for row in knockon.read_csv(folder .. "/provides.csv") do
    providers[row.provides] = providers[row.provides] or {}
    table.insert(providers[row.provides], row.package)
  end
  for row in knockon.read_csv(folder .. "/edges.csv") do
    local function supply(from)
      builder:relation { kind = "supplies", from = from, to = row.consumer, need = "clause " .. row.clause,
        alternatives = row.alternatives, requires = row.kind,
        constraint = row.constraint ~= "" and row.constraint or nil }
    end
    if packages[row.provider] then supply(row.provider) end
    for _, package in ipairs(with_provides and providers[row.provider] or {}) do supply(package) end
  end
  return assert(builder:build()), packages, providers
end

-- How many different keys a list of things has.
local function distinct(list, key)
  local seen, count = {}, 0
  for _, one in ipairs(list) do
    local value = key(one)
    if value ~= nil and not seen[value] then
      seen[value], count = true, count + 1
    end
  end
  return count
end

local function rows_of(folder)
  local rows = {}
  for row in knockon.read_csv(folder .. "/edges.csv") do rows[#rows + 1] = row end
  return rows
end

local function clause(row) return row.consumer .. " " .. row.clause end
local function need(relation) return relation.to .. " " .. relation.need end

describe("the packages of a machine as a supply network", function()
  real.it(it, pending, FOLDER, "have needs, some with alternatives, each with a supplier", function(folder)
    local facts, rows = real.facts()[FOLDER], rows_of(folder)
    local net, packages, providers = load(folder, true)
    assert.are.same({ 1198, 4446, 4301, 118, 0 }, { facts.packages, facts.edge_rows, facts.clauses, facts.or_clauses,
      facts.unsatisfiable_clauses })
    assert.are.equal(facts.packages, #net)
    assert.are.same({ facts.edge_rows, facts.clauses }, { #rows, distinct(rows, clause) })
    assert.are.equal(facts.or_clauses, distinct(rows, function(row)
      return row.alternatives ~= "1" and clause(row) or nil
    end))
    -- no clause is without a relation, so that each can be satisfied
    assert.are.equal(facts.clauses - facts.unsatisfiable_clauses, distinct(net:relations {}, need))
    local before, versioned = 0, 0
    for _, row in ipairs(rows) do
      before = before + (row.kind == "Pre-Depends" and 1 or 0)
      versioned = versioned + (row.constraint ~= "" and 1 or 0)
    end
    assert.are.same({ facts.pre_depends_rows, facts.versioned_rows }, { before, versioned })
    local function absent(row) return not packages[row.provider] and row.provider or nil end
    assert.are.same({ facts.providers_not_a_package, facts.of_which_virtual }, { distinct(rows, absent),
      distinct(rows, function(row) return providers[row.provider] and absent(row) end) })
    assert.are.equal(facts.sources, distinct(net:entities {}, function(one) return one.source_package end))
    assert.are.equal(facts.largest_source[2], #net:entities { source_package = facts.largest_source[1] })
  end)

  real.it(it, pending, FOLDER, "hang together for the most part, and three pairs need each other",
    function(folder)
      local facts = real.facts()[FOLDER]["graph(rows whose provider is a real package)"]
      local shape = real.shape(load(folder, false), { kind = "supplies" }, true)
      assert.are.same(facts, shape)
      assert.are.same({ 4194, 16, 1149, 3, 2 }, { shape.distinct_edges, shape.wcc.components, shape.wcc.largest,
        shape.sccs_gt1, shape.largest_scc })
    end)

  -- broken when alternatives and provided packages are counted; reached over the rows of real packages alone
  local BROKEN = { ["libc6"] = { 1052, 1047 }, ["perl-base"] = { 39, 38 }, ["libssl3"] = { 248, 237 },
    ["python3"] = { 60, 59 }, ["zlib1g"] = { 408, 405 }, ["debconf"] = { 150, 144 }, ["systemd"] = { 17, 7 },
    ["gcc-12-base"] = { 1053, 1048 }, ["ca-certificates"] = { 20, 19 } }

  real.it(it, pending, FOLDER, "fail as was counted elsewhere, and are reached as was", function(folder)
    local function without(net, package)
      return net:scenario({ as_of = "2022" }):ban(package, { rule = "listing" }):exposure()
    end
    local whole, plain, facts = load(folder, true), load(folder, false), real.facts()[FOLDER].cascade_broken_others
    for package, fact in pairs(facts) do
      assert.are.same(BROKEN[package], { fact.and_or_cascade, fact.reverse_reachability })
      assert.are.equal(fact.and_or_cascade, #without(whole, package):disrupted(), package)
      assert.are.equal(fact.reverse_reachability, #without(plain, package):compromised(), package)
    end
    for package in pairs(BROKEN) do assert.is_table(facts[package], package) end
  end)
end)
