-- CycloneDX and GraphML.
local files = require "spec.support.files"
local json = require "knockon.json"
local knockon = require "knockon"

local function bom(fields)
  fields.bomFormat, fields.specVersion = "CycloneDX", "1.5"
  return knockon.load(files.write("bom.json", json.encode(fields)), nil)
end

describe("CycloneDX", function()
  teardown(files.clean)

  it("components, who makes them, and what depends on them", function()
    local net = assert(bom {
      metadata = { component = { ["bom-ref"] = "app", name = "App", manufacturer = { name = "Maker" } } },
      components = { { ["bom-ref"] = "lib", name = "lib", version = "1", purl = "pkg:x/lib@1",
        supplier = { name = "Banned Ltd", url = { "https://example.org" } },
        components = { { name = "inner", version = "2", publisher = "P" } } } },
      services = { { ["bom-ref"] = "api", name = "API", provider = { name = "Cloud" }, endpoints = { "https://a" },
        data = { { classification = "PII", flow = "outbound" } } } },
      dependencies = { { ref = "app", dependsOn = { "lib", "api" } } },
    })
    assert.are.same({ service = 4, firm = 4 }, net:counts().entities)
    assert.are.same({ operates = 4, supplies = 3 }, net:counts().relations)
    assert.are.same({ "App", "https://example.org", { "PII" }, "pkg:x/lib@1" }, { net:title(),
      net:entity("supplier:Banned Ltd").url, net:entity("api").data, net:entity("lib").purl })
    local exposure = net:scenario({}):ban("supplier:Banned Ltd", { rule = "uflpa" }):exposure()
    local restricted, users = {}, {}
    for _, row in ipairs(exposure:restricted()) do restricted[row.id] = row.because end
    for _, row in ipairs(exposure:users()) do users[row.id] = true end
    assert.are.equal("operated", restricted.lib)
    assert.is_true(users.app)
  end)

  it("what is wrong is told with its number, or skipped", function()
    for _, case in ipairs { { { components = { 7 } }, "must be an object" }, { { components = { {} } }, "no bom-ref" },
      { { components = 7 }, "'components' must be a list" }, { { services = { {} } }, "a service has no" },
      { { dependencies = { {} } }, "has no ref" },
      { { dependencies = { { ref = "a", dependsOn = { 7 } } } }, "texts" } } do
      local net, message, code = bom(case[1])
      assert.is_nil(net)
      assert.are.equal("parse", code)
      assert.truthy(message:find(case[2], 1, true), message)
      case[1].bomFormat = "CycloneDX"
      net = assert(knockon.load(files.path "bom.json", { on_error = "skip" }))
      assert.is_false((net:complete()))
    end
  end)
end)

local HEAD = '<?xml version="1.0"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">'

local function graph(keys, elements, about)
  return knockon.load(files.write("some.graphml", HEAD .. keys .. '<graph id="g" edgedefault="directed">'
    .. (about or "") .. elements .. "</graph></graphml>"))
end

describe("GraphML", function()
  teardown(files.clean)

  it("nodes are entities, edges relations, keys fields with their types", function()
    local net = assert(graph('<key id="d0" for="node" attr.name="name" attr.type="string"/>'
      .. '<key id="d1" for="edge" attr.name="kind" attr.type="string"/><key id="d2" for="edge" attr.name="share"/>'
      .. '<key id="d3" for="node" attr.name="size" attr.type="double"/>'
      .. '<key id="d4" attr.name="old" attr.type="boolean"/>'
      .. '<key id="d5" for="edge" attr.name="weight" attr.type="int"/>',
      '<node id="a"><data key="d0"> A &amp; B </data><data key="d3">1.5</data><data key="d4">true</data></node>'
      .. '<node id="b"/><edge source="a" target="b"><data key="d1">owns</data><data key="d2">51%</data></edge>'
      .. '<edge id="e9" source="b" target="a"><data key="d1">KNOWS</data><data key="d2">7</data><data key="d5">3</data>'
      .. "</edge>"))
    assert.are.same({ id = "a", name = " A & B ", size = 1.5, old = true, source = "some.graphml" }, net:entity "a")
    assert.are.same({ "owns", "51%", "some.graphml#3" }, (function()
      local held = net:relations({ kind = "owns" })[1]
      return { held.kind, held.share, held.id }
    end)())
    assert.are.same({ kind = "linked", kind_given = "KNOWS", share_given = "7", weight = 3, from = "b", to = "a",
      id = "e9", source = "some.graphml" }, net:relations({ id = "e9" })[1])
  end)

  it("what knockon's own writer says beyond texts: JSON, unnamed fields, title, restrictions", function()
    local net = assert(graph('<key id="n1" for="node" attr.name="country{}"/><key id="n2" for="node" attr.name="{}"/>'
      .. '<key id="n3" for="node" attr.name="id"/><key id="g1" for="graph" attr.name="title"/>'
      .. '<key id="g2" for="graph" attr.name="restrictions{}"/>',
      '<node id="n1"><data key="n3">a b</data><data key="n1">["CN","RU"]</data><data key="n2">{"x y":1}</data></node>'
      .. '<node id="n2"/><edge source="n1" target="n2"/>',
      '<data key="g1">T</data><data key="g2">[{"id":"r","rule":"listing","targets":["a b"]}]</data>'))
    assert.are.same({ "T", { "CN", "RU" }, 1, "r" }, { net:title(), net:entity("a b").country, net:entity("a b")["x y"],
      net:restrictions()[1].id })
    assert.are.same({ "a b", "n2" }, { net:relations({})[1].from, net:relations({})[1].to })
  end)

  it("a document type is refused, so that entities cannot multiply", function()
    local bomb = { '<?xml version="1.0"?><!DOCTYPE graphml [<!ENTITY a0 "aaaaaaaaaa">' }
    for i = 1, 9 do bomb[#bomb + 1] = ('<!ENTITY a%d "%s">'):format(i, ("&a%d;"):format(i - 1):rep(10)) end
    bomb[#bomb + 1] = ']><graphml><graph><node id="&a9;"/></graph></graphml>'
    local _, message, code = knockon.load(files.write("bomb.graphml", table.concat(bomb)))
    assert.are.equal("parse", code)
    assert.truthy(message:find("declares a document type; refused", 1, true), message)
  end)

  it("what is wrong has its line", function()
    for elements, cause in pairs { ["<node/>"] = "a node has no id", ['<edge source="a"/>'] = "no source or target",
      ['<node id="a"><data key="no"/></node>'] = "there is no key 'no'", ["<node"] = "some.graphml:1:",
      ['<node id="a"/><node id="a"/>'] = "given before", ['<graph id="h"/>'] = "one within another",
      ['<node id="a"><data key="n">x</data></node>'] = "expected a number" } do
      local net, message, code = graph('<key id="n" attr.name="n" attr.type="int"/>', elements)
      assert.is_nil(net, elements)
      assert.are.equal("parse", code)
      assert.truthy(message:find(cause, 1, true), message)
    end
  end)
end)
