-- GLEIF: the same records as CSV, XML and JSON give one network.
local files = require "spec.support.files"
local json = require "knockon.json"
local knockon = require "knockon"
local real = require "spec.support.real"

local function lei(n) return ("%018d"):format(n) .. "XX" end

-- A CSV text of rows that are given by column name, in GLEIF's columns.
local ENTITY = { "LEI", "Entity.LegalName", "Entity.LegalAddress.Country", "Entity.HeadquartersAddress.Country",
  "Entity.LegalJurisdiction", "Entity.EntityCategory", "Entity.EntityStatus", "Entity.EntityCreationDate",
  "Entity.EntityExpirationDate", "Registration.RegistrationStatus" }
local RELATION = { "Relationship.StartNode.NodeID", "Relationship.StartNode.NodeIDType",
  "Relationship.EndNode.NodeID", "Relationship.EndNode.NodeIDType", "Relationship.RelationshipType",
  "Relationship.RelationshipStatus", "Relationship.Period.1.startDate", "Relationship.Period.1.endDate",
  "Relationship.Period.1.periodType", "Relationship.Period.2.startDate", "Relationship.Period.2.endDate",
  "Relationship.Period.2.periodType", "Registration.LastUpdateDate", "Registration.RegistrationStatus" }
local EXCEPTION = { "LEI", "Exception.Category", "Exception.Reason.1" }

local function csv(columns, rows)
  local lines = { '"' .. table.concat(columns, '","') .. '"' }
  for i, row in ipairs(rows) do
    local cells = {}
    for k, column in ipairs(columns) do cells[k] = '"' .. (row[column] or row[k] or "") .. '"' end
    lines[i + 1] = table.concat(cells, ",")
  end
  return table.concat(lines, "\r\n") .. "\r\n"
end

local function entity(id, fields)
  fields = fields or {}
  fields.LEI, fields["Entity.LegalName"] = id, fields["Entity.LegalName"] or "Firm " .. id
  return fields
end

-- A relationship of a child to a parent, as GLEIF points it.
local function relationship(child, parent, kind, fields)
  local row = {
    ["Relationship.StartNode.NodeID"] = child, ["Relationship.EndNode.NodeID"] = parent,
    ["Relationship.RelationshipType"] = kind, ["Relationship.RelationshipStatus"] = "ACTIVE",
    ["Registration.RegistrationStatus"] = "PUBLISHED",
  }
  for name, value in pairs(fields or {}) do row[name] = value end
  return row
end

local function one_relation(kind, fields)
  local net = assert(knockon.load(files.write("rr.csv", csv(RELATION, { relationship(lei(1), lei(2), kind, fields) }))))
  return net:relations({})[1], net
end

local function without_source(record)
  record.source = nil
  record.id = record.id:gsub("^.*#", "")
  return record
end

describe("GLEIF", function()
  teardown(files.clean)

  for _, ending in ipairs { "xml", "json" } do
    real.it(it, pending, "gleif/lei-data." .. ending, "Level 1 in " .. ending, function(path)
      local net, facts = assert(knockon.load(path)), real.facts()["gleif/lei-data.xml"]
      assert.are.equal(facts.records.LEIRecord, #net)
      assert.are.equal(facts.category.FUND, net:counts().entities.fund)
      assert.are.equal(facts.category.GENERAL, net:counts().entities.firm)
      for status, count in pairs(facts.registration_status) do
        assert.are.equal(count, #net:entities { registration_status = status })
      end
      for status, count in pairs(facts.entity_status) do
        assert.are.equal(count, #net:entities { status = status })
      end
      local found = net:find({ lei = "001GPB6A9XPE8XJICC14" })[1]
      assert.are.same({ "Fidelity Advisor Leveraged Company Stock Fund", "US", "US-MA", "2012-11-29" }, { found.name,
        found.country, found.jurisdiction, found.since })
    end)

    real.it(it, pending, "gleif/rr-data." .. ending, "Level 2 in " .. ending .. ": from parent to child, no shares",
      function(path)
        local net, facts = assert(knockon.load(path)), real.facts()["gleif/rr-data.xml"]
        assert.are.equal(facts.records.RelationshipRecord, #net:relations {})
        assert.are.equal(facts["graph(child->parent)"].nodes, #net)
        for kind, count in pairs(facts.types) do
          assert.are.equal(count, #net:relations { relationship = kind })
        end
        assert.are.same({ consolidates = 2, linked = 8 }, net:counts().relations)
        local graph = real.graph(real.ends(net, {}))
        assert.are.same({ 10, 6, 3 }, { graph.edges, graph.components, graph.largest })
        local relation = net:relations({ relationship = "IS_ULTIMATELY_CONSOLIDATED_BY" })[1]
        assert.are.same({ "3C7474T6CDKPR9K6YT90", "010CMKZ3VON21WF2ZD45", "rr-data." .. ending .. "#9" },
          { relation.from, relation.to, relation.id })
        assert.is_nil(relation.share)
      end)

    real.it(it, pending, "gleif/repex-data." .. ending, "reporting exceptions in " .. ending, function(path)
      local net, facts = assert(knockon.load(path)), real.facts()["gleif/repex-data.xml"]
      assert.are.equal(facts.records.Exception, #net)
      for reason, count in pairs(facts.reasons) do
        assert.are.equal(count, #net:entities { direct_parent_exception = reason })
      end
    end)
  end

  real.it(it, pending, "gleif", "XML and JSON say the same", function(path)
    for _, name in ipairs { "lei-data", "rr-data" } do
      local a = assert(knockon.load(path .. "/" .. name .. ".xml"))
      local b = assert(knockon.load(path .. "/" .. name .. ".json"))
      for _, part in ipairs { "entities", "relations" } do
        local x, y = a[part](a, {}), b[part](b, {})
        assert.are.equal(#x, #y)
        for i in ipairs(x) do assert.are.same(without_source(x[i]), without_source(y[i])) end
      end
    end
  end)

  real.it(it, pending, "gleif", "the three levels together: entities are described, exceptions stand on them",
    function(path)
      local net = assert(knockon.load { path .. "/rr-data.xml", path .. "/repex-data.xml", path .. "/lei-data.xml" })
      local described = net:entity "001GPB6A9XPE8XJICC14"
      assert.are.same({ "NO_KNOWN_PERSON", "fund" }, { described.direct_parent_exception, described.kind })
      assert.is_nil(described.dangling)
      assert.are.equal(13, #net - #net:entities { dangling = true })
      assert.are.equal(3, #net:sources())
    end)

  it("CSV as published", function()
    local net = assert(knockon.load(files.write("lei.csv", "\239\187\191" .. csv(ENTITY, {
      entity(lei(1), { ["Entity.LegalJurisdiction"] = "US-DE", ["Entity.HeadquartersAddress.Country"] = "CN",
        ["Entity.EntityCategory"] = "GENERAL", ["Entity.LegalName"] = 'A ""Q"", Inc.' }),
      entity(lei(2), { ["Entity.LegalAddress.Country"] = "DE", ["Entity.EntityCategory"] = "BRANCH" }),
      entity(lei(3), { ["Entity.EntityCategory"] = "RESIDENT_GOVERNMENT_ENTITY", ["Entity.EntityStatus"] = "INACTIVE",
        ["Entity.EntityCreationDate"] = "2001-02-03T00:00:00+02:00",
        ["Entity.EntityExpirationDate"] = "2019-06-30T00:00:00Z" }),
    }))))
    local one = net:entity(lei(1))
    assert.are.same({ 'A "Q", Inc.', "US", "US-DE", "CN", "firm" },
      { one.name, one.country, one.jurisdiction, one.located_in, one.kind })
    assert.are.same({ "DE", "branch" }, { net:entity(lei(2)).country, net:entity(lei(2)).kind })
    assert.are.same({ "state", "2001-02-03", "2019-06-30" }, { net:entity(lei(3)).kind, net:entity(lei(3)).since,
      net:entity(lei(3))["until"] })
  end)

  it("each type of relationship, from the parent to the child", function()
    for kind, ours in pairs { IS_DIRECTLY_CONSOLIDATED_BY = "consolidates",
      IS_ULTIMATELY_CONSOLIDATED_BY = "consolidates", IS_INTERNATIONAL_BRANCH_OF = "has_branch",
      ["IS_FUND-MANAGED_BY"] = "linked", IS_SUBFUND_OF = "linked", IS_FEEDER_TO = "linked" } do
      local relation = one_relation(kind)
      assert.are.same({ ours, lei(2), lei(1), kind, "rr.csv#1" }, { relation.kind, relation.from, relation.to,
        relation.relationship, relation.id })
    end
  end)

  it("the period of the relationship counts, not the accounting period", function()
    local relation = one_relation("IS_DIRECTLY_CONSOLIDATED_BY", {
      ["Relationship.Period.1.startDate"] = "2017-01-01T00:00:00Z", ["Relationship.Period.1.endDate"] = "2017-12-31",
      ["Relationship.Period.1.periodType"] = "ACCOUNTING_PERIOD",
      ["Relationship.Period.2.startDate"] = "2012-05-06T00:00:00.000Z",
      ["Relationship.Period.2.periodType"] = "RELATIONSHIP_PERIOD",
    })
    assert.are.equal("2012-05-06", relation.since)
    assert.is_nil(relation["until"])
  end)

  it("an inactive relationship ended, at the latest when it was last updated; an annulled one never was", function()
    local relation = one_relation("IS_DIRECTLY_CONSOLIDATED_BY", { ["Relationship.RelationshipStatus"] = "INACTIVE",
      ["Registration.LastUpdateDate"] = "2019-08-07T10:11:12Z" })
    assert.are.equal("2019-08-07", relation["until"])
    assert.truthy(relation.evidence)
    assert.is_nil((one_relation("IS_DIRECTLY_CONSOLIDATED_BY", { ["Registration.RegistrationStatus"] = "ANNULLED" })))
  end)

  it("exposes the parent of a consolidated user, and does not call it owned", function()
    local folder = "gleif-folder"
    files.folders(folder)
    files.write(folder .. "/1.csv", csv(ENTITY, { entity(lei(1), { ["Entity.LegalJurisdiction"] = "US" }),
      entity(lei(2), { ["Entity.LegalJurisdiction"] = "US" }) }))
    files.write(folder .. "/2.csv", csv(RELATION, { relationship(lei(1), lei(2), "IS_DIRECTLY_CONSOLIDATED_BY") }))
    files.write(folder .. "/3.csv", csv(EXCEPTION, {
      { lei(2), "DIRECT_ACCOUNTING_CONSOLIDATION_PARENT", "NATURAL_PERSONS" },
      { lei(2), "ULTIMATE_ACCOUNTING_CONSOLIDATION_PARENT", "NON_PUBLIC" } }))
    local net = assert(knockon.load(files.path(folder)))
    assert.are.same({ "NATURAL_PERSONS", "NON_PUBLIC" }, { net:entity(lei(2)).direct_parent_exception,
      net:entity(lei(2)).ultimate_parent_exception })
    local banned = net:scenario({}):ban(lei(2), { rule = "ofac_50" }):exposure():restricted()
    assert.are.equal("possible", banned[2] and banned[1].id == lei(1) and banned[1].verdict or banned[2].verdict)
  end)

  it("what is no record of its kind stops the load with its line, or is skipped", function()
    local cases = {
      { ENTITY, entity "short", "'short' is no LEI" },
      { RELATION, relationship(lei(1), "", "IS_SUBFUND_OF"), "no LEI" },
      { RELATION, relationship(lei(1), lei(2), "IS_LOVED_BY"), "'IS_LOVED_BY' is not known" },
      { EXCEPTION, { lei(1), "NONE", "x" }, "'NONE' is not known" }, { EXCEPTION, { lei(1) }, "no category" },
    }
    for _, case in ipairs(cases) do
      local path = files.write("bad.csv", csv(case[1], { case[2] }))
      local net, message, code = knockon.load(path)
      assert.is_nil(net)
      assert.are.equal("parse", code)
      assert.truthy(message:find(path .. ":2: ", 1, true), message)
      assert.truthy(message:find(case[3], 1, true), message)
      net = assert(knockon.load(path, { on_error = "skip" }))
      local complete, skipped = net:complete()
      assert.are.same({ false, 1, 2, 1 }, { complete, #skipped, skipped[1].line, skipped[1].record })
    end
  end)

  it("a row with a cell too few is told with the line", function()
    local _, message = knockon.load(files.write("bad.csv", csv(EXCEPTION, { { lei(1), "DIRECT", "x" } }) .. "a,b\n"))
    assert.truthy(message:find("bad.csv:3: record 2: 2 cells, but the header has 3", 1, true), message)
  end)

  it("JSON with an outer object, and attributes beside texts", function()
    local record = {
      LEI = { ["$"] = lei(1) }, Entity = { LegalName = { ["$"] = "A" }, LegalJurisdiction = { ["$"] = "FR" } },
    }
    local text = json.encode { header = { LEI = "x" }, records = { record } }
    local net = assert(knockon.load(files.write("lei.json", text)))
    assert.are.same({ "A", "FR" }, { net:entity(lei(1)).name, net:entity(lei(1)).country })
  end)
end)
