-- What a network can be written as: which format a path asks for, what hostile names become, what other tools make of
-- the files. The formats that knockon reads as well give the same network back.
local knockon = require "knockon"
local carried = require "knockon.carried"
local core = require "knockon.core"
local files = require "spec.support.files"
local hostile = require "spec.support.hostile"
local json = require "knockon.json"
local raised = require "spec.support.raised"
local random_network = require "spec.support.random_network"

local SEEDS = tonumber(os.getenv "KNOCKON_SEEDS" or "") or 20

local function written(net, name, opts)
  local path = files.path(name)
  assert(net:save(path, opts))
  return files.read(path), path
end

-- The output of a command, or nil when its program is not installed.
local function output_of(program, command)
  local there = io.popen("command -v " .. program .. " 2>/dev/null")
  local found = there:read "*a" ~= ""
  there:close()
  if not found then return nil, program .. " is not installed" end
  local pipe = assert(io.popen("env -u LD_PRELOAD " .. command .. " 2>&1"))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

local function network() return assert(knockon.network(hostile.facts())) end

local NAMES = { -- format, a file of it
  { "bods", "x.bods.json" }, { "cytoscape", "x.cyjs" }, { "dot", "x.dot" }, { "followthemoney", "x.ftm.json" },
  { "gexf", "x.gexf" }, { "graphml", "x.graphml" }, { "native", "x.json" }, { "ndjson", "x.ndjson" },
}

after_each(files.clean)

describe("a path", function()
  it("asks for a format by its ending, the longest that is known", function()
    local net = network()
    for _, entry in ipairs(NAMES) do
      local by_ending = written(net, entry[2])
      assert.are.equal(by_ending, (written(net, "other", { to = entry[1] })), entry[1])
      assert.are.equal(by_ending, (written(net, "other", { format = entry[1] })), entry[1])
    end
    files.folders "x.graphml.d"
    assert.is_true(net:save(files.path "x.graphml.d"))
    assert.truthy(files.read(files.path "x.graphml.d/entities.csv"))
  end)

  it("may be given to knockon.save as well", function()
    assert.is_true(knockon.save(network(), files.path "x.dot"))
    assert.truthy(files.read(files.path "x.dot"):find("^digraph"))
    assert.are.equal("net", raised(knockon.save, {}, "x.dot").argument)
    assert.are.equal("path", raised(knockon.save, network(), 5).argument)
  end)

  it("does not stand against an unknown format or option", function()
    local net = network()
    local object = raised(net.save, net, files.path "x", { to = "grapml" })
    assert.are.same({ "argument", "to", { "graphml" } }, { object.code, object.argument, object.near })
    assert.are.equal("to", raised(net.save, net, files.path "x", { to = "dot", format = "gexf" }).argument)
    assert.are.equal("published", raised(net.save, net, files.path "x.dot", { published = "2024-05-31" }).argument)
    assert.are.equal("published", raised(net.save, net, files.path "x.bods", { published = "soon" }).argument)
    assert.are.equal("opts", raised(net.save, net, files.path "x.dot", "dot").argument)
  end)

  it("that is a file takes no folder of CSV", function()
    local path = files.write("notes.txt", "kept")
    local saved, message, code = network():save(path)
    assert.is_nil(saved)
    assert.are.same({ path .. ": a file; CSV is written into a folder", "io" }, { message, code })
    assert.are.equal("kept", files.read(path))
  end)

  it("gets a whole file or none", function()
    local net = network()
    for _, entry in ipairs(NAMES) do
      local kept = files.write(entry[2], "kept")
      local none, message, code = net:save(files.path("nowhere/" .. entry[2]))
      assert.are.same({ "nil", "io" }, { tostring(none), code })
      assert.truthy(message:find(entry[2], 1, true))
      assert.is_true(net:save(kept))
      assert.are_not.equal("kept", files.read(kept))
    end
    net:close()
    for _, entry in ipairs(NAMES) do
      local kept = files.write(entry[2], "kept")
      assert.are.equal("closed", raised(net.save, net, kept).code)
      assert.are.equal("kept", files.read(kept))
    end
    for _, name in ipairs(files.list()) do assert.falsy(name:find "%.part$", name) end
  end)
end)

describe("every format", function()
  it("has the same bytes for the same facts, in whatever order they came", function()
    local net, turned = network(), hostile.facts()
    for _, part in ipairs { "entities", "relations", "restrictions" } do
      local list = turned[part]
      for i = 1, math.floor(#list / 2) do list[i], list[#list + 1 - i] = list[#list + 1 - i], list[i] end
    end
    turned = assert(knockon.network(turned))
    for _, entry in ipairs(NAMES) do
      assert.are.equal((written(net, entry[2])), (written(turned, "turned", { to = entry[1] })), entry[1])
    end
  end)

  it("has the same bytes on every Lua", function()
    local digests = {}
    for _, entry in ipairs(NAMES) do digests[entry[1]] = core.sha256((written(network(), entry[2]))):sub(1, 12) end
    -- made once by Lua 5.4
    assert.are.same({
      bods = "826157808c88", cytoscape = "ca6faa3d03a8", dot = "983f93c2ebfe", followthemoney = "f2681e7f919c",
      gexf = "e0f739b963c3", graphml = "c6f5e8ad1a87", native = "e81329935ce2", ndjson = "c92d34f7fe58",
    }, digests)
  end)

  it("holds a network without anything in it", function()
    local net = assert(knockon.network {})
    for _, entry in ipairs(NAMES) do assert.is_string((written(net, entry[2]))) end
    assert.are.equal("[]\n", (written(net, "x.bods.json")))
    assert.are.equal("", (written(net, "x.ftm.json")))
  end)
end)

-- What is read back is the network that was written, byte for byte in the native format.
describe("there and back", function()
  local function back(net, format)
    local path = files.path("back." .. format)
    assert(net:save(path, { to = format }))
    local fine, again, message = pcall(knockon.load, path, { from = format })
    if not fine and again.argument == "from" then return nil, "this build has no reader of " .. format end
    assert.is_true(fine, tostring(again))
    assert(again, message)
    return assert(knockon.load(path)) -- it is known by its content
  end

  it("through BODS with restrictions that name thousands, which is still known by its beginning", function()
    local facts = { entities = {}, restrictions = { { id = "act", rule = "listing", targets = {} } } }
    for i = 1, 9000 do
      facts.entities[i] = { id = ("entity-%05d"):format(i) }
      facts.restrictions[1].targets[i] = facts.entities[i].id
    end
    local again = assert(back(assert(knockon.network(facts)), "bods"))
    assert.are.equal(9000, #again:restrictions()[1].targets)
  end)

  it("what another tool changed counts, and what was carried with it does not", function()
    local net = knockon.network {
      entities = { { id = "a", rating = 5 }, { id = "b", rating = 5 } },
      relations = { { id = "r", kind = "owns", from = "a", to = "b", share = "60%", note = "kept" } },
    }
    local changes = {
      followthemoney = { '"percentage":["60%"]', '"percentage":["40%"]' },
      bods = { '"share":{"exact":60,"maximum":60,"minimum":60}', '"share":{"exact":40}' },
    }
    for format, change in pairs(changes) do
      local text, path = written(net, "x", { to = format })
      local from, till = text:find(change[1], 1, true)
      files.write("x", text:sub(1, from - 1) .. change[2] .. text:sub(till + 1))
      local again = assert(knockon.load(path, { from = format }))
      assert.are.equal("40%", again:relations()[1].share)
      assert.is_nil(again:relations()[1].note)
      assert.are.equal(5, again:entity("b").rating)
    end
  end)

  for _, format in ipairs { "native", "ndjson", "followthemoney", "bods", "graphml" } do
    it("through " .. format, function()
      local net = network()
      local again, missing = back(net, format)
      if not again then return pending(missing) end
      assert.are.equal((written(net, "one.json")), (written(again, "two.json")))
      assert.is_true((again:complete()))
    end)

    it("through " .. format .. ", for random networks", function()
      for seed = 1, SEEDS do
        local net = assert(knockon.network((random_network.make(seed))))
        local again, missing = back(net, format)
        if not again then return pending(missing) end
        assert.are.equal((written(net, "one.json")), (written(again, "two.json")), "seed " .. seed)
      end
    end)
  end
end)

describe("GraphML and GEXF", function()
  it("are well-formed XML whatever the names", function()
    for _, name in ipairs { "x.graphml", "x.gexf" } do
      local _, path = written(network(), name)
      local said, missing = output_of("xmllint", "xmllint --noout " .. path)
      if not said then return pending(missing) end
      assert.are.equal("", said)
    end
  end)

  it("have ids as names of nodes when XML can hold them all", function()
    local net = knockon.network {
      entities = { { id = "a <b>" }, { id = "c\nd" } },
      relations = { { id = 'r "1"', kind = "linked", from = "c\nd", to = "a <b>" } },
    }
    local text = written(net, "x.graphml")
    assert.truthy(text:find('<node id="a &lt;b&gt;">', 1, true))
    assert.truthy(text:find('<edge id="r &quot;1&quot;" source="c&#10;d" target="a &lt;b&gt;">', 1, true))
    assert.falsy(text:find 'attr.name="id"')
  end)

  it("are read by igraph with nodes, edges and fields as they were", function()
    local net = network()
    local _, path = written(net, "x.graphml")
    local script = files.write("read.py", [==[
import sys
try:
    import igraph
except ImportError:
    print("no igraph")
    sys.exit()
import json
g = igraph.Graph.Read_GraphML(sys.argv[1])
key = lambda v: json.loads(v["id{}"]) if v["id{}"] else v.attributes().get("id")
print(json.dumps({
  "nodes": [[key(v), v["kind"]] for v in g.vs],
  "edges": [[key(g.vs[e.source]), e["kind"], key(g.vs[e.target])] for e in g.es],
}))
]==])
    local said, missing = output_of("/usr/bin/python3", "/usr/bin/python3 -W ignore " .. script .. " " .. path)
    if not said then return pending(missing) end
    if said == "no igraph\n" then return pending "python3-igraph is not installed" end
    local read = assert(json.decode(said), said)
    assert.are.equal(#hostile.facts().entities, #read.nodes)
    assert.are.equal(#hostile.facts().relations, #read.edges)
    for _, node in ipairs(read.nodes) do
      local entity
      for _, one in ipairs(hostile.facts().entities) do
        if one.id == node[1] then entity = one end
      end
      assert.is_table(entity, node[1])
      assert.are.equal(entity.kind or "", node[2])
    end
    local count = {}
    for _, edge in ipairs(read.edges) do
      local name = table.concat(edge, "\0")
      count[name] = (count[name] or 0) + 1
    end
    for _, relation in ipairs(hostile.facts().relations) do
      local name = table.concat({ relation.from, relation.kind, relation.to }, "\0")
      assert.is_true((count[name] or 0) > 0, name)
      count[name] = count[name] - 1
    end
  end)

  it("tell Gephi when something begins and its last day", function()
    local net = knockon.network {
      entities = { { id = "a", since = "2018", ["until"] = "2020-03-01" }, { id = "b" } },
      relations = { { id = "r", kind = "owns", from = "a", to = "b", share = "60%", since = "2019" } },
    }
    local text = written(net, "x.gexf")
    assert.truthy(text:find('<node id="a" label="a" start="2018-01-01" end="2020-02-29">', 1, true))
    assert.truthy(text:find('kind="owns" label="owns 60%" start="2019-01-01">', 1, true))
    assert.truthy(text:find('mode="dynamic" timeformat="date"', 1, true))
    local still = knockon.network { entities = { { id = "a" } } }
    assert.truthy((written(still, "x.gexf")):find('mode="static"', 1, true))
  end)
end)

describe("DOT", function()
  it("is read by Graphviz with the ids, names and ends as they were", function()
    local facts = hostile.facts()
    local _, path = written(knockon.network(facts), "x.dot")
    local said, missing = output_of("dot", "dot -Tdot_json " .. path)
    if not said then return pending(missing) end
    local read = assert(json.decode(said), said)
    assert.are.equal(#facts.entities, #read.objects)
    assert.are.equal(#facts.relations, #read.edges)
    -- ids with control characters: nodes are numbered, and labels show pictures of them
    local labels = {}
    for i, object in ipairs(read.objects) do
      assert.are.equal("n" .. i, object.name)
      labels[i] = object.label
    end
    assert.truthy(table.concat(labels, "\n"):find("tab\226\144\137and \226\144\129\226\144\130", 1, true))
  end)

  it("names nodes by their ids where those have no control characters", function()
    local ids = { 'She said "no"', "back\\slash\\", "&amp;", "\\N", "\240\159\166\138", "<b>", "node", "a:b" }
    local facts = { entities = {}, relations = {} }
    for i, id in ipairs(ids) do
      facts.entities[i] = { id = id }
      facts.relations[i] = { id = "r" .. i, kind = "linked", from = id, to = ids[1] }
    end
    local text, path = written(knockon.network(facts), "x.dot")
    assert.truthy(text:find([["She said \"no\""]], 1, true))
    local said, missing = output_of("dot", "dot -Tplain " .. path)
    if not said then return pending(missing) end
    local nodes = 0
    for line in said:gmatch "[^\n]+" do nodes = nodes + (line:find "^node " and 1 or 0) end
    assert.are.equal(#ids, nodes)
  end)
end)

describe("Cytoscape's JSON", function()
  it("has nodes and edges with ids of their own and every field", function()
    local facts = hostile.facts()
    local read = assert(json.decode((written(knockon.network(facts), "x.cyjs"))))
    local seen, nodes = {}, {}
    for _, node in ipairs(read.elements.nodes) do
      assert.is_nil(seen[node.data.id])
      seen[node.data.id], nodes[node.data.id] = true, node.data
    end
    assert.are.equal(#facts.entities, #read.elements.nodes)
    assert.are.equal(#facts.relations, #read.elements.edges)
    for _, edge in ipairs(read.elements.edges) do
      assert.is_nil(seen[edge.data.id], edge.data.id)
      seen[edge.data.id] = true
      assert.is_table(nodes[edge.data.source])
      assert.is_table(nodes[edge.data.target])
      if edge.data.relation == "e1" then assert.are.equal("an edge with the id of a node", edge.data.source_) end
      if edge.data.kind == "linked" then
        assert.are.same({ "x", "y", "z", "w" },
          { edge.data.target_, edge.data.parent_, edge.data.label_, edge.data.source__ })
      end
    end
    assert.are.same({ "one", "two" }, nodes.e1.list)
    assert.are.equal(facts.title, read.data.name)
  end)
end)

describe("FollowTheMoney", function()
  -- The objects of a file by id.
  local function objects(text)
    local list, by_id = {}, {}
    for line in text:gmatch "[^\n]+" do
      local object = assert(json.decode(line))
      assert.is_nil(by_id[object.id], object.id)
      list[#list + 1], by_id[object.id] = object, object
    end
    return list, by_id
  end

  it("has one object a line, whose properties are lists of texts, and whose ids are its own", function()
    local facts = hostile.facts()
    local list, by_id = objects((written(knockon.network(facts), "x.ftm.json")))
    assert.are.equal(#facts.entities + #facts.relations + 3 + 1, #list)
    for _, object in ipairs(list) do
      assert.is_string(object.schema)
      for name, values in pairs(object.properties) do
        assert.is_true(#values > 0, name)
        for _, value in ipairs(values) do assert.is_string(value, name) end
      end
      for _, name in ipairs { "owner", "asset", "subject", "object", "sender", "receiver", "director" } do
        for _, id in ipairs(object.properties[name] or {}) do assert.is_table(by_id[id], id) end
      end
    end
  end)

  it("says what it has words for", function()
    local _, by_id = objects((written(knockon.network {
      entities = {
        { id = "firm", name = "Firm", country = "US", lei = "L", since = "2001", source = "https://example.org" },
        { id = "jane", kind = "person", name = "Jane", country = { "DE", "FR" } }, { id = "cloud", kind = "service" },
      },
      relations = {
        { id = "stake", kind = "owns", from = "jane", to = "firm", share = "(25%,50%]", basis = "votes",
          ["until"] = "2024" },
        { id = "seat", kind = "controls", from = "jane", to = "firm", by = "board" },
        { id = "hosting", kind = "supplies", from = "cloud", to = "firm", need = "hosting" },
      },
      restrictions = { { id = "ban", rule = "icts", title = "A ban", targets = { "cloud" }, since = "2022" } },
    }, "x.ftm.json")))
    assert.are.same({ "Company", { name = { "Firm" }, country = { "us" }, jurisdiction = { "us" }, leiCode = { "L" },
      incorporationDate = { "2001-01-01" }, sourceUrl = { "https://example.org" } } },
      { by_id.firm.schema, by_id.firm.properties })
    assert.are.same({ "Person", { name = { "Jane" }, country = { "de", "fr" } } },
      { by_id.jane.schema, by_id.jane.properties })
    assert.are.same({ "Ownership", { owner = { "jane" }, asset = { "firm" }, percentage = { "(25%,50%]" },
      ownershipType = { "votes" }, endDate = { "2024-01-01" }, recordId = { "stake" } } },
      { by_id.stake.schema, by_id.stake.properties })
    assert.are.same({ "Directorship", { "jane" }, { "firm" } },
      { by_id.seat.schema, by_id.seat.properties.director, by_id.seat.properties.organization })
    assert.are.same({ "EconomicActivity", { "cloud" }, { "firm" }, { "hosting" } }, { by_id.hosting.schema,
      by_id.hosting.properties.sender, by_id.hosting.properties.receiver, by_id.hosting.properties.goodsDescription })
    local sanction = by_id["sanction:1:ban"]
    assert.are.same({ "Sanction", { "cloud" }, { "A ban" }, { "2022" } }, { sanction.schema,
      sanction.properties.entity, sanction.properties.program, sanction.properties.startDate })
  end)

  it("carries the record, which holds as long as what it goes with was not changed", function()
    local followthemoney = require "knockon.writers.followthemoney"
    local list = objects((written(network(), "x.ftm.json")))
    for _, object in ipairs(list) do
      assert.truthy(carried.take(object.knockon, followthemoney.said(object)), object.id)
      object.caption = "what tools add changes nothing"
      assert.truthy(carried.take(object.knockon, followthemoney.said(object)), object.id)
      object.properties.name = { "changed" }
      assert.is_nil(carried.take(object.knockon, followthemoney.said(object)))
    end
    assert.is_nil(carried.take(nil, {}))
    assert.is_nil(carried.take({ of = 5, entity = {} }, {}))
    assert.is_nil(carried.take({ of = carried.digest "{}", entity = "text" }, {}))
  end)
end)

describe("BODS", function()
  local function statements(net, opts)
    local list = assert(json.decode((written(net, "x.bods.json", opts))))
    local by_record = {}
    for _, statement in ipairs(list) do
      assert.is_nil(by_record[statement.recordId], statement.recordId)
      by_record[statement.recordId] = statement
    end
    return list, by_record
  end

  it("has what the standard demands of every statement", function()
    local list, by_record = statements(network())
    local ids = {}
    for _, statement in ipairs(list) do
      assert.is_nil(ids[statement.statementId])
      ids[statement.statementId] = true
      assert.are.equal(32, #statement.statementId)
      assert.are.equal("0.4", statement.publicationDetails.bodsVersion)
      assert.are.equal("2020-02-29", statement.publicationDetails.publicationDate)
      assert.is_string(statement.publicationDetails.publisher.name)
      assert.is_table(by_record[statement.declarationSubject])
      local details = statement.recordDetails
      assert.is_false(details.isComponent)
      if statement.recordType == "relationship" then
        assert.is_table(by_record[details.subject])
        assert.are.equal("entity", by_record[details.subject].recordType)
        assert.is_table(by_record[details.interestedParty])
        assert.is_string(details.interests[1].type)
      elseif statement.recordType == "person" then
        assert.is_string(details.personType)
      else
        assert.is_string(details.entityType.type)
      end
    end
  end)

  it("says shares as the bounds they are", function()
    local shares = {
      ["60%"] = { exact = 60, minimum = 60, maximum = 60 }, [">50%"] = { exclusiveMinimum = 50 },
      [">=25%"] = { minimum = 25 },
      ["<10%"] = { exclusiveMinimum = 0, exclusiveMaximum = 10 }, ["<=10%"] = { exclusiveMinimum = 0, maximum = 10 },
      ["(25%,50%]"] = { exclusiveMinimum = 25, maximum = 50 }, ["[25%,50%)"] = { minimum = 25, exclusiveMaximum = 50 },
      ["33.3333333%"] = { exact = 33.3333333, minimum = 33.3333333, maximum = 33.3333333 }, none = "none",
    }
    for text, expected in pairs(shares) do
      local _, by_record = statements(knockon.network {
        entities = { { id = "a" }, { id = "b" } },
        relations = { { id = "r", kind = "owns", from = "a", to = "b", share = text ~= "none" and text or nil } },
      })
      local interest = by_record.r.recordDetails.interests[1]
      assert.are.equal("shareholding", interest.type)
      assert.are.same(expected, interest.share or "none")
    end
  end)

  it("puts what it has no words for into annotations, which may be extended", function()
    local _, by_record = statements(knockon.network {
      entities = {
        { id = "cloud", kind = "service" }, { id = "firm" }, { id = "jane", kind = "person", name = "Jane" },
      },
      relations = {
        { id = "hosting", kind = "supplies", from = "cloud", to = "firm" },
        { id = "stake", kind = "owns", from = "jane", to = "firm" },
      },
    })
    assert.is_nil(by_record.hosting)
    assert.are.same({ "jane", "firm" },
      { by_record.stake.recordDetails.interestedParty, by_record.stake.recordDetails.subject })
    local annotation = by_record.firm.annotations[1]
    assert.are.same({ "/", "commenting" }, { annotation.statementPointerTarget, annotation.motivation })
    assert.are.equal("hosting", annotation.knockon.relations[1].id)
    assert.are.equal("unknownEntity", by_record.cloud.recordDetails.entityType.type)
    assert.are.equal("Jane", by_record.jane.recordDetails.names[1].fullName)
  end)

  it("is published on the day that is asked for, else on the latest day in the facts", function()
    local facts = { entities = { { id = "a", since = "2019-05-06" }, { id = "b", since = "2001" } } }
    assert.are.equal("2019-05-06", statements(knockon.network(facts))[1].publicationDetails.publicationDate)
    assert.are.equal("2024-05-31",
      statements(knockon.network(facts), { published = "2024-05-31" })[1].publicationDetails.publicationDate)
  end)
end)

describe("CSV for spreadsheets", function()
  local PARTS = { "entities", "relations", "restrictions" }

  it("has no cell that begins a formula", function()
    local folder = files.path "sheet"
    assert(network():save(folder, { to = "spreadsheet" }))
    local cells = 0
    for _, part in ipairs(PARTS) do
      local reader = assert(core.csv(("%s/%s.csv"):format(folder, part)))
      for row in function() return (reader:row()) end do
        for _, cell in ipairs(row) do
          local within = "\n" .. cell -- semicolons and line breaks begin cells where rows are parted by semicolons
          assert.falsy(within:find "[;\t\r\n][=+@\t\r-]", cell)
          assert.falsy(within:find "[;\t\r\n]\239\188[\139\141\157\160]", cell)
          cells = cells + 1
        end
      end
    end
    assert.is_true(cells > 1000)
  end)

  it("is the native CSV again when one apostrophe is taken off wherever one begins something", function()
    local net, folder, native = network(), files.path "sheet", files.path "native"
    assert(net:save(folder, { to = "spreadsheet" }))
    assert(net:save(native))
    for _, part in ipairs(PARTS) do
      local safe = assert(core.csv(("%s/%s.csv"):format(folder, part)))
      local plain = assert(core.csv(("%s/%s.csv"):format(native, part)))
      for row in function() return (plain:row()) end do
        local guarded = safe:row()
        for i, cell in ipairs(guarded) do
          guarded[i] = cell:gsub("()'", function(at)
            return (at == 1 or cell:find("^[;\t\r\n]", at - 1)) and "" or nil
          end)
        end
        assert.are.same(row, guarded)
      end
      assert.is_nil((safe:row()))
      assert.are.equal("\239\187\191", files.read(("%s/%s.csv"):format(folder, part)):sub(1, 3))
    end
  end)
end)
