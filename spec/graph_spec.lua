-- igraph's measures of what a ban reaches, and of any part of a network.
local knockon = require "knockon"
local raised = require "spec.support.raised"

-- target -> cloud -> { a, b } -> c, with a side branch; holding above c
local function network()
  return assert(knockon.network {
    entities = { { id = "target", country = "CN" }, { id = "cloud" }, { id = "a" }, { id = "b" }, { id = "c" },
      { id = "d" }, { id = "holding" }, { id = "lone" }, { id = "far" } },
    relations = {
      { id = "1", kind = "supplies", from = "target", to = "cloud" },
      { id = "2", kind = "supplies", from = "cloud", to = "a" },
      { id = "3", kind = "supplies", from = "cloud", to = "b" },
      { id = "4", kind = "supplies", from = "a", to = "c" }, { id = "5", kind = "supplies", from = "b", to = "c" },
      { id = "6", kind = "supplies", from = "c", to = "d" },
      { id = "7", kind = "owns", from = "holding", to = "c", share = "80%" },
      { id = "8", kind = "linked", from = "lone", to = "far", ["until"] = "2020" },
      { id = "9", kind = "owns", from = "lone", to = "far", share = "1%" },
    },
  })
end

local GOODS = { id = "goods", flow = "goods", bound = { anyone = true } }

describe("a graph of a network", function()
  local net = network()

  it("holds the relations in force that match", function()
    local graph = net:graph({ kind = "supplies" }, { as_of = "2022" })
    assert.are.equal("graph (6 entities, 6 edges)", tostring(graph))
    assert.are.same({ "a", "b", "c", "cloud", "d", "target" }, graph:entities())
    assert.are.same({ from = "a", to = "c", relation = "4" }, graph:edges()[1])
    assert.are.same({ 9, 8 }, { net:graph(nil, { as_of = "2022" }):size() })
    assert.are.same({ 9, 9 }, { net:graph({}, { as_of = "2019" }):size() })
    assert.are.same({ 0, 0 }, { net:graph({ kind = "controls" }):size() })
  end)

  it("has degrees and centralities by entity", function()
    local graph = net:graph({ kind = "supplies" })
    assert.are.same({ target = 1, cloud = 3, a = 2, b = 2, c = 3, d = 1 }, graph:degree())
    assert.are.same({ target = 1, cloud = 2, a = 1, b = 1, c = 1, d = 0 }, graph:degree { mode = "out" })
    assert.are.same({ target = 0, cloud = 4, a = 2, b = 2, c = 4, d = 0 }, graph:betweenness())
    assert.are.same({ target = 0, cloud = 2, a = 0.5, b = 0.5, c = 2, d = 0 }, graph:betweenness { cutoff = 2 })
    local closeness = graph:closeness()
    assert.are.same({ 1, 0 }, { closeness.c, closeness.d })
    assert.is_true(closeness.cloud > closeness.target)
  end)

  it("has a PageRank that sums to 1 and follows the direction", function()
    local rank, sum = net:graph({ kind = "supplies" }):pagerank(), 0
    for _, value in pairs(rank) do sum = sum + value end
    assert.is_true(math.abs(sum - 1) < 1e-9)
    assert.is_true(rank.c > rank.a and rank.a == rank.b and rank.cloud > rank.target)
    assert.is_true(rank.target > net:graph({ kind = "supplies" }):pagerank { damping = 0.99 } .target)
  end)

  it("has components, numbered in order of id", function()
    local by_id, count = net:graph(nil, { as_of = "2022" }):components()
    assert.are.same({ 1, 1, 2, 2, 2 }, { by_id.a, by_id.holding, by_id.far, by_id.lone, count })
    by_id, count = net:graph({ kind = "supplies" }):components { mode = "strong" }
    assert.are.same({ 6, 1, 2 }, { count, by_id.a, by_id.b })
  end)

  it("has articulation points and communities", function()
    local graph = net:graph({ kind = "supplies" })
    assert.are.same({ "c", "cloud" }, graph:articulation_points())
    local two = assert(knockon.network { entities = { { id = "a" }, { id = "b" }, { id = "c" }, { id = "x" },
      { id = "y" }, { id = "z" } }, relations = {
      { kind = "supplies", from = "a", to = "b" }, { kind = "supplies", from = "b", to = "c" },
      { kind = "supplies", from = "c", to = "a" }, { kind = "supplies", from = "x", to = "y" },
      { kind = "supplies", from = "y", to = "z" }, { kind = "supplies", from = "z", to = "x" },
      { kind = "supplies", from = "c", to = "x" } } })
    local by_id, count, quality = two:graph():communities()
    assert.are.same({ 2, 1, 1, 2, 2 }, { count, by_id.a, by_id.c, by_id.x, by_id.z })
    assert.is_true(math.abs(quality - 5 / 14) < 1e-9)
  end)

  it("is placed layer by layer, or by forces, the same each time", function()
    local graph = net:graph({ kind = "supplies" })
    local places = graph:layout()
    assert.is_true(places.target.y < places.cloud.y and places.cloud.y < places.a.y and places.c.y < places.d.y)
    assert.are.equal(places.a.y, places.b.y)
    assert.are.same(places, graph:layout { kind = "layered" })
    places = graph:layout { kind = "force" }
    assert.are.same(places, graph:layout { kind = "force" })
    local there = {}
    for _, place in pairs(places) do there[#there + 1] = place end
    assert.are.equal(6, #there)
  end)

  it("is fine when it is empty, or goes in rings", function()
    local empty = net:graph({ kind = "controls" })
    for _, name in ipairs { "degree", "betweenness", "closeness", "pagerank", "components", "articulation_points",
      "communities", "layout" } do
      assert.are.same({}, (empty[name](empty)), name)
    end
    local ring = assert(knockon.network { entities = { { id = "a" }, { id = "b" }, { id = "c" } }, relations = {
      { kind = "supplies", from = "a", to = "b" }, { kind = "supplies", from = "b", to = "a" },
      { kind = "supplies", from = "b", to = "c" }, { kind = "supplies", from = "a", to = "a" } } }):graph()
    local places = ring:layout()
    assert.are.equal(places.a.y, places.b.y)
    assert.is_true(places.c.y > places.a.y)
    assert.are.equal(2, (select(2, ring:components { mode = "strong" })))
    assert.are.equal(1, (select(2, ring:communities())))
  end)

  it("raises by name, and is of no use once the network is closed", function()
    local graph = net:graph()
    assert.are.equal("filter", raised(net.graph, net, "supplies").argument)
    assert.are.equal("colour", raised(net.graph, net, {}, { colour = 1 }).argument)
    assert.are.equal("as_of", raised(net.graph, net, {}, { as_of = "soon" }).argument)
    assert.are.equal("mode", raised(graph.degree, graph, { mode = "up" }).argument)
    assert.are.equal("mode", raised(graph.components, graph, { mode = "all" }).argument)
    assert.are.equal("kind", raised(graph.layout, graph, { kind = "round" }).argument)
    for _, bad in ipairs { -1, 0 / 0, "3" } do
      assert.are.equal("cutoff", raised(graph.betweenness, graph, { cutoff = bad }).argument)
      assert.are.equal("damping", raised(graph.pagerank, graph, { damping = bad }).argument)
    end
    assert.are.equal("directed", raised(graph.betweenness, graph, { directed = "yes" }).argument)
    assert.are.equal("force", raised(graph.communities, graph, { force = 1 }).argument)
    assert.are.equal("colour", raised(graph.communities, graph, { colour = 1 }).argument)
    local other = network()
    local gone = other:graph()
    other:close()
    assert.are.equal("closed", raised(gone.degree, gone).code)
    assert.are.equal("graph (closed)", tostring(gone))
  end)

  it("stops at the limit of seconds", function()
    local entities, relations = {}, {}
    for i = 1, 600 do
      entities[i] = { id = "e" .. i }
      for k = 1, 20 do
        relations[#relations + 1] = { kind = "supplies", from = "e" .. i, to = "e" .. (i * 7 + k * 31) % 600 + 1 }
      end
    end
    local large = assert(knockon.network { entities = entities, relations = relations }):graph()
    local none, message, code = large:betweenness { limits = { seconds = 0.0001 } }
    assert.are.same({ "nil", "limit" }, { tostring(none), code }, message)
    assert.is_table(large:betweenness { cutoff = 2 })
  end)

  it("refuses what could not be stopped, unless forced", function()
    local entities, relations = {}, {}
    for i = 1, 700 do entities[i] = { id = ("e%03d"):format(i) } end
    for i = 1, 699 do relations[i] = { kind = "supplies", from = entities[i].id, to = entities[i + 1].id } end
    for i = 1, 300 do
      relations[#relations + 1] = { kind = "owns", from = entities[i].id, to = entities[i + 390].id }
    end
    local chain = assert(knockon.network { entities = entities, relations = relations }):graph()
    local none, message, code = chain:layout()
    assert.are.same({ "nil", "limit" }, { tostring(none), code })
    assert.truthy(message:find "could not be stopped")
  end)
end)

describe("a graph of an exposure", function()
  it("holds what leads to the parents, in the direction that exposure travels", function()
    local ban = network():scenario({ as_of = "2022", restrictions = "none" }):ban("target", { rule = GOODS })
    local graph = ban:exposure():graph()
    assert.are.same({ "a", "b", "c", "cloud", "d", "holding", "target" }, graph:entities())
    local up = {}
    for _, edge in ipairs(graph:edges()) do
      if edge.relation == "7" then up[#up + 1] = edge.from .. " " .. edge.to end
    end
    assert.are.same({ "c holding" }, up)
    assert.are.equal(0, graph:degree { mode = "in" } .target)
    assert.are.equal(0, #(ban:lift("ban-1"):exposure():graph():entities()))
  end)
end)
