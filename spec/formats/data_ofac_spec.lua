-- OFAC's lists, beyond what their reader is asked in ofac_spec: who links whom, rings of links, what changed between
-- two editions, and how many records each file of the family has.
local knockon = require "knockon"
local real = require "spec.support.real"

local FIELDS = { "name", "kind", "program", "title", "call_sign", "vessel_type", "tonnage", "gross_registered_tonnage",
  "vessel_flag", "vessel_owner", "remarks" }

local function text(value) return type(value) == "table" and table.concat(value, "|") or value end

-- Who has a "Linked To" in the remarks, found or not; how many names stand for several entries.
local function linking(net)
  local entries, count, names, twice = {}, 0, {}, 0
  for _, relation in ipairs(net:relations { kind = "linked" }) do entries[relation.from] = true end
  for _, one in ipairs(net:entities {}) do
    if one.linked_to_unresolved then entries[one.id] = true end
    if one.name then
      names[one.name] = (names[one.name] or 0) + 1
      if names[one.name] == 2 then twice = twice + 1 end
    end
  end
  for _ in pairs(entries) do count = count + 1 end
  return count, twice
end

-- Who is in the graph of links: those that link or are linked.
local function check(net, facts)
  local entries, twice = linking(net)
  assert.are.same({ facts.linked_to_entities, facts.duplicate_names }, { entries, twice })
  local shape, expected = real.shape(net, { kind = "linked" }), facts["linked_graph(resolved)"]
  local lone = #net - expected.nodes -- neither links nor is linked; the facts leave these out
  assert.are.same(expected, {
    nodes = shape.nodes - lone, edge_rows = shape.edge_rows, distinct_edges = shape.distinct_edges,
    self_loops = shape.self_loops, no_in = shape.no_in - lone, no_out = shape.no_out - lone,
    wcc = { components = shape.wcc.components - lone, largest = shape.wcc.largest },
    sccs_gt1 = shape.sccs_gt1, largest_scc = shape.largest_scc, nodes_in_sccs_gt1 = shape.nodes_in_sccs_gt1,
  })
  for _, top in ipairs(facts.top_linked_to) do
    assert.are.equal(top[2], net:entity("ofac-" .. top[1]).name)
    assert.are.equal(top[3], #net:relations { kind = "linked", to = "ofac-" .. top[1] })
  end
end

-- The records of a file without a header, by the cells that make one: a network with an entity for each.
local function records(path, columns, id)
  local net = assert(knockon.read_table(path, { columns = columns, entities = { { id = id } } }))
  return #net, net
end

describe("OFAC's lists", function()
  real.it(it, pending, "ofac_2019", "who links whom in 2019: 1,727 entries, eight rings", function(folder)
    local facts = real.facts().ofac_2019
    assert.are.same({ 1727, 8, 3 }, { facts.linked_to_entities, facts["linked_graph(resolved)"].sccs_gt1,
      facts["linked_graph(resolved)"].largest_scc })
    check(assert(knockon.load { folder .. "/sdn.csv", folder .. "/sdn_comments.csv" }), facts)
  end)

  real.it(it, pending, "ofac_2022/sdn.csv", "who links whom in 2022: 3,274 entries, eight rings", function(path)
    local facts = real.facts().ofac_2022
    assert.are.same({ 3274, 8, 401 }, { facts.linked_to_entities, facts["linked_graph(resolved)"].sccs_gt1,
      facts["linked_graph(resolved)"].wcc.components })
    check(assert(knockon.load(path)), facts)
  end)

  real.it(it, pending, "ofac_2019", "2019 to 2022: 915 entries changed, 360 in their programmes", function(folder)
    local old = assert(knockon.load(folder .. "/sdn.csv"))
    local new = assert(knockon.load(folder:gsub("2019$", "2022") .. "/sdn.csv"))
    local kept, changed, by_field = 0, 0, {}
    for _, before in ipairs(old:entities {}) do
      local after, differs = new:entity(before.id), false
      for _, field in ipairs(after and FIELDS or {}) do
        if text(before[field]) ~= text(after[field]) then
          differs, by_field[field] = true, (by_field[field] or 0) + 1
        end
      end
      kept, changed = kept + (after and 1 or 0), changed + (differs and 1 or 0)
    end
    assert.are.same({ 6734, 915, 44, 360 }, { kept, changed, by_field.name, by_field.program })
  end)

  real.it(it, pending, "ofac_2019", "each file has as many records as were counted", function(folder)
    local address = { "number", "address", "street", "city", "country", "remarks" }
    local alias = { "number", "alias", "type", "name", "remarks" }
    local comment = { "number", "text" }
    local facts = real.facts().ofac_2019
    local function count(name, columns, id) return (records(folder .. "/" .. name .. ".csv", columns, id)) end
    assert.are.same({ 11696, 9682, 13 }, { facts.add_rows, facts.alt_rows, facts.comment_rows })
    assert.are.same({ facts.add_rows, facts.alt_rows, facts.comment_rows }, {
      count("add", address, "{number}/{address}"), count("alt", alias, "{number}/{alias}"),
      count("sdn_comments", comment, "{number}") })
    assert.are.same({ 574, 1073, 10 }, { count("cons_add", address, "{number}/{address}"),
      count("cons_alt", alias, "{number}/{alias}"), count("cons_comments", comment, "{number}") })
    assert.are.equal(442, #assert(knockon.load(folder .. "/cons_prim.csv")))
  end)

  real.it(it, pending, "ofac_2019", "addresses and names all belong to an entry, ten of the comments do not",
    function(folder)
      local list, facts = assert(knockon.load(folder .. "/sdn.csv")), real.facts().ofac_2019
      local function orphans(name, columns)
        local _, net = records(folder .. "/" .. name .. ".csv", columns, "ofac-{number}")
        local count = 0
        for _, one in ipairs(net:entities {}) do count = count + (list:entity(one.id) and 0 or 1) end
        return count
      end
      assert.are.same({ facts.add_orphans, facts.alt_orphans, facts.comment_orphans }, {
        orphans("add", { "number", "address", "street", "city", "country", "remarks" }),
        orphans("alt", { "number", "alias", "type", "name", "remarks" }), orphans("sdn_comments", { "number", "text" }),
      })
      assert.are.equal(10, facts.comment_orphans)
      local owned = 0
      for _, one in ipairs(list:entities {}) do owned = owned + (one.vessel_owner and 1 or 0) end
      assert.are.equal(facts.vessel_rows_with_owner, owned)
    end)
end)
