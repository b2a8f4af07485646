-- One firm under many identifiers, as somebody who matched them wrote it down: a record lists the identifiers, and why.
local json = require "knockon.json"
local knockon = require "knockon"
local real = require "spec.support.real"

local NAME = "same_as/same-as-db.jsonl"

local function records(path)
  local list = {}
  for line in io.lines(path) do list[#list + 1] = assert(json.decode(line)) end
  return list
end

-- Each identifier of a record is the same as the one before it; further facts stand beside.
local function load(path, entities, relations)
  local builder = knockon.builder()
  for _, one in ipairs(entities or {}) do builder:entity(one) end
  for _, record in ipairs(records(path)) do
    for i, id in ipairs(record.ids) do
      builder:entity { id = id, matched_by = record.source, reasons = i == 1 and record.references or nil }
      if i > 1 then builder:relation { kind = "same_as", from = record.ids[i - 1], to = id } end
    end
  end
  for _, one in ipairs(relations or {}) do builder:relation(one) end
  return assert(builder:build())
end

describe("a firm under 78 identifiers", function()
  real.it(it, pending, NAME, "is one entity, under the smallest of them", function(path)
    local facts, list = real.facts()[NAME], records(path)
    assert.are.same({ facts.records, 1 }, { #list, #list })
    local record, distinct, seen, smallest = list[1], 0, {}, list[1].ids[1]
    for _, id in ipairs(record.ids) do
      distinct = distinct + (seen[id] and 0 or 1)
      seen[id] = true
      if id < smallest then smallest = id end
    end
    assert.are.same({ 78, 78, 78, 158 }, { facts.id_mentions, facts.distinct_ids, facts.largest_cluster,
      facts.references })
    assert.are.same({ facts.id_mentions, facts.distinct_ids, facts.references }, { #record.ids, distinct,
      #record.references })

    local net, cluster = load(path), 0
    assert.are.equal(facts.clusters_after_union, #net)
    for _, id in ipairs(record.ids) do
      if net:entity(id).id == smallest then cluster = cluster + 1 end
    end
    assert.are.equal(facts.largest_cluster, cluster)
    local one = net:entity(smallest)
    assert.are.same(record.references, one.reasons)
    assert.are.equal(facts.sources[one.matched_by], #list)
  end)

  real.it(it, pending, NAME, "is restricted under any, and supplies under any other", function(path)
    local ids = records(path)[1].ids
    local net = load(path, { { id = "buyer" } }, { { kind = "supplies", from = ids[#ids], to = "buyer" } })
    assert.are.equal(2, #net)
    for _, id in ipairs { ids[1], ids[40], ids[#ids] } do
      local users = net:scenario({ restrictions = "none" }):ban(id, { rule = "listing" }):exposure():users()
      assert.are.same({ 1, "buyer" }, { #users, users[1].id })
    end
  end)
end)
