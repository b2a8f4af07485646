-- A map of what AI is made with, as tables of its own: stages, what each requires, and firms that are listed. Their
-- columns are mapped here; what is computed from them was counted elsewhere.
local knockon = require "knockon"
local real = require "spec.support.real"

local FOLDER = "ai_supply_chain"

-- Stages, their place in the hierarchy, what each requires, and which firms stand for it.
local function load(folder)
  local builder = knockon.builder()
  for row in knockon.read_csv(folder .. "/nodes.csv") do
    builder:entity { id = row.node_id, name = row.name, kind = "stage" }
    if row.parent_node_id ~= "" then
      builder:relation { kind = "linked", from = row.parent_node_id, to = row.node_id, role = "contains" }
    end
  end
  for row in knockon.read_csv(folder .. "/edges.csv") do
    builder:relation { kind = "supplies", from = row.target_node_id, to = row.source_node_id,
      criticality = row.criticality, relationship = row.relationship_type, evidence = row.source_id }
  end
  for row in knockon.read_csv(folder .. "/companies_public_us_listed.csv") do
    builder:entity { id = row.company_id, name = row.name, ticker = row.ticker }
    builder:relation { kind = "linked", from = row.company_id, to = row.category_node_id, role = "stands for" }
  end
  return assert(builder:build())
end

-- Stages alone, for the facts that count every node of a graph.
local function stages(folder)
  return assert(knockon.read_table(folder .. "/nodes.csv", {
    entities = { { id = "{node_id}", name = "{name}", kind = "stage" } },
    relations = { { kind = "linked", from = "{parent_node_id}", to = "{node_id}" } },
  })):merge(assert(knockon.read_table(folder .. "/edges.csv", {
    entities = { { id = "{source_node_id}" }, { id = "{target_node_id}" } },
    relations = { { kind = "supplies", from = "{target_node_id}", to = "{source_node_id}" } },
  })), { on = { "id" } })
end

describe("what AI is made with", function()
  real.it(it, pending, FOLDER, "stages, requirements by how critical they are, and listed firms", function(folder)
    local net, facts = load(folder), real.facts()[FOLDER]
    assert.are.same({ stage = facts.distinct_nodes, firm = facts.companies }, net:counts().entities)
    assert.are.equal(facts.edges, net:counts().relations.supplies)
    assert.are.same({ 142, 113, 155 }, { facts.nodes, facts.edges, facts.companies })
    assert.are.same({ severe = 53, high = 44, medium = 16 }, facts.criticality)
    for critical, count in pairs(facts.criticality) do
      assert.are.equal(count, #net:relations { criticality = critical })
    end
    for kind, count in pairs(facts.relationship_types) do
      assert.are.equal(count, #net:relations { relationship = kind })
    end
    -- no requirement and no firm names a stage that is not described
    assert.are.equal(0, net:counts().dangling)
    local tickers, distinct = {}, 0
    for _, firm in ipairs(net:entities { kind = "firm" }) do
      if not tickers[firm.ticker] then distinct = distinct + 1 end
      tickers[firm.ticker] = true
    end
    assert.are.same({ facts.distinct_tickers, 133 }, { distinct, distinct })
  end)

  real.it(it, pending, FOLDER, "every requirement cites a source of the list of sources", function(folder)
    local known, references = {}, 0
    for row in knockon.read_csv(folder .. "/sources.csv") do known[row.source_id] = true end
    for _, relation in ipairs(load(folder):relations { kind = "supplies" }) do
      assert.is_true(known[relation.evidence], relation.evidence)
    end
    for row in knockon.read_csv(folder .. "/nodes.csv") do
      for _ in row.depends_on:gmatch "[^;]+" do references = references + 1 end
    end
    assert.are.equal(real.facts()[FOLDER].depends_on_refs, references)
  end)

  real.it(it, pending, FOLDER, "no stage requires itself in the end; the hierarchy is one tree", function(folder)
    local net, facts = stages(folder), real.facts()[FOLDER]
    assert.are.same(facts["graph(consumer->provider)"], real.shape(net, { kind = "supplies" }, true))
    assert.are.same(facts["hierarchy(parent->child)"], real.shape(net, { kind = "linked" }))
    assert.are.same({ components = 60, largest = 80 }, facts["graph(consumer->provider)"].wcc)
    -- one root, and everything else under exactly one
    assert.are.equal(#net - 1, #net:relations { kind = "linked" })
  end)

  real.it(it, pending, FOLDER, "neon, labour and fuel are what most depends upon", function(folder)
    local net = stages(folder)
    local day, radius = net:scenario { restrictions = "none" }, {}
    for _, stage in ipairs(net:entities {}) do
      local exposure = day:ban(stage.id, { rule = "listing" }):exposure()
      local reached = #exposure:compromised()
      -- each requirement is a need of its own here, so that what is reached also stops
      assert.are.equal(reached, #exposure:disrupted())
      radius[#radius + 1] = { id = stage.id, reached = reached }
    end
    table.sort(radius, function(a, b)
      if a.reached ~= b.reached then return a.reached > b.reached end
      return a.id > b.id
    end)
    assert.are.same({ { id = "L5_NEON", reached = 21 }, { id = "L1_LABOR", reached = 20 },
      { id = "L1_FUEL", reached = 20 } }, { radius[1], radius[2], radius[3] })
    assert.is_true(radius[4].reached < 20)
  end)
end)
