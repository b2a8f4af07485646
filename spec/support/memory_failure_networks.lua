-- Workloads of memory_failure.lua: networks made, read, written, joined; rules and tables read from files.

local core = require "knockon.core"
local knockon = require "knockon"
local lfs = require "lfs"
local data = require "spec.support.memory_failure_data"

local folder, FACTS, JSON, write = data.folder, data.FACTS, data.JSON, data.write
local read, workload, state, contents, loaded = data.read, data.workload, data.state, data.contents, data.loaded

workload("a network from tables", function() return loaded(knockon.network(FACTS)) end)

workload("a network closed", function()
  local net, message, code = knockon.network(FACTS)
  if not net then return nil, message, code end
  local count = #net:record("relations", 1).id
  net:close()
  return count
end)

workload("a builder", function(builder)
  for _, entity in ipairs(FACTS.entities) do builder:entity(entity) end
  for _, relation in ipairs(FACTS.relations) do builder:relation(relation) end
  return loaded(builder:build())
end, { begin = function() return knockon.builder() end, again = false })

-- A record that did not get in for want of memory can be added again.
workload("a builder that goes on", function(self)
  while self.next <= #FACTS.entities do
    self.builder:entity(FACTS.entities[self.next])
    self.next = self.next + 1
  end
  while self.next <= #FACTS.entities + #FACTS.relations do
    self.builder:relation(FACTS.relations[self.next - #FACTS.entities])
    self.next = self.next + 1
  end
  return true
end, {
  begin = function() return { builder = knockon.builder(), next = 1 } end,
  finish = function(self) return contents(assert(self.builder:build())) end,
})

local BAD = {
  entities = { { id = "a" }, { id = "a" }, { name = "no id" }, { id = "b", kind = 3 } },
  relations = {
    { kind = "owns", from = "a", to = "nobody" }, { kind = "owns", from = "a", to = "a", share = "150%" },
    { id = "r", kind = "linked", from = "a", to = "a" }, { id = "r", kind = "linked", from = "a", to = "a" },
  },
  restrictions = { { id = "x", rule = "icts", targets = { "nobody" } } },
}
workload("records skipped", function()
  local net, message, code = knockon.network(BAD, { on_error = "skip" })
  if not net then return nil, message, code end
  local complete, skipped = net:complete()
  return { complete, skipped, contents(net) }
end)

workload("decode", function() return loaded(knockon.decode(JSON)) end)
workload("decode what is broken", function()
  local net, message, code = knockon.decode '{ "knockon": 1, "entities": [ { "id": "a" ] }'
  if code ~= "parse" then return net, message, code end
  return { message }
end)
workload("load JSON", function() return loaded(knockon.load(folder .. "/small.json")) end)
workload("load NDJSON", function() return loaded(knockon.load(folder .. "/small.ndjson")) end)
workload("load NDJSON in parts, some of it skipped", function()
  write(folder .. "/entities.ndjson", '{"id":"a"}\n{"id":\n{"id":"b","x":{"y":[]}}\n')
  write(folder .. "/relations.ndjson", '{"kind":"owns","from":"a","to":"b"}\n{"kind":"owns","from":"a"}\n')
  local net, message, code = knockon.load({
    entities = folder .. "/entities.ndjson", relations = folder .. "/relations.ndjson",
  }, { on_error = "skip", progress = function() end })
  if not net then return nil, message, code end
  return { contents(net), select(2, net:complete()) }
end)
workload("load CSV", function() return loaded(knockon.load(folder)) end)
workload("load CSV with a progress function", function()
  local asked = {}
  local net, message, code = knockon.load({
    entities = folder .. "/entities.csv", relations = folder .. "/relations.csv",
  }, {
    limits = { seconds = 1000, bytes = 1e9 }, progress = function(_, _, what) asked[1] = "asked while " .. what end,
  })
  if not net then return nil, message, code end
  return { asked[1] ~= nil, contents(net) }
end)

-- A file that was begun beside another must not stay.
local function part_left(where)
  for name in lfs.dir(where) do
    if name:find "%.part$" then
      os.remove(where .. "/" .. name)
      return name .. " is still there"
    end
  end
end

-- A few records: all writers but two are Lua alone, and the sweep costs the square of what they ask for.
local SMALLEST = {
  title = "few", entities = { FACTS.entities[1], { id = "cloud", kind = "service", since = "2018" } },
  relations = { { kind = "owns", from = "target", to = "cloud", share = ">50%" },
    { id = "s", kind = "supplies", from = "cloud", to = "target" } },
  restrictions = { FACTS.restrictions[1] },
}
local smallest
for _, format in ipairs(require("knockon.writers").NAMES) do
  local in_folder = format == "csv" or format == "spreadsheet"
  local target = folder .. "/saved-" .. format
  local parts = { target }
  if in_folder then
    for i, part in ipairs { "entities", "relations", "restrictions" } do parts[i] = target .. "/" .. part .. ".csv" end
  end
  workload("save " .. format, function(net)
    local saved, message, code = net:save(target, { format = format })
    if not saved then return nil, message, code end
    return true
  end, {
    state = function()
      if format == "native" or format == "csv" then return state() end
      smallest = smallest or assert(knockon.network(SMALLEST))
      return smallest
    end,
    finish = function()
      local texts = {}
      for i, part in ipairs(parts) do texts[i] = assert(read(part), part) end
      return texts
    end,
    left = function() return part_left(in_folder and target or folder) end,
  })
end

local FROZEN = folder .. "/small.snapshot"
workload("freeze a network", function(net)
  local frozen, message, code = net:freeze(FROZEN)
  if not frozen then return nil, message, code end
  return true
end, {
  state = state, finish = function() return core.sha256(assert(read(FROZEN))) end,
  left = function() return part_left(folder) end,
})
workload("open a snapshot", function()
  return loaded(knockon.open(FROZEN, { verify = true, limits = { seconds = 1000 }, progress = function() end }))
end, { state = function() assert(state():freeze(FROZEN)) end })

workload("two networks joined", function(nets)
  local net, told, code = nets[1]:merge(nets[2], { on = { "lei" }, prefix = "2:" })
  if not net then return nil, told, code end
  return { contents(net), tostring(told), told.joined, told.conflicts, told.renamed }
end, {
  state = function()
    return {
      assert(knockon.network { entities = { { id = "a", lei = "1", name = "A" }, { id = "b" } },
        relations = { { id = "r", kind = "owns", from = "a", to = "b" } },
        restrictions = { { id = "act", rule = "icts", targets = { "b" } } } }),
      assert(knockon.network { entities = { { id = "c", lei = "1", name = "B", since = "2018" }, { id = "b", x = 1 } },
        relations = { { id = "r", kind = "supplies", from = "b", to = "c", party = "b" } },
        restrictions = { { id = "act", rule = "icts", targets = { "b", "c" } } } }),
    }
  end,
})

-- A connection that gives the same rows to every query, and remembers nothing.
local connection = {}
function connection.execute(_, statement)
  if not statement:find "^SELECT" then return 0 end
  local i, rows = 0, statement == "SELECT 1" and { { id = 1, name = "A", country = "US;CN" }, { id = 2, more = "{}" } }
    or { { kind = "owns", from = 1, to = 2, share = "60%" } }
  return {
    fetch = function()
      i = i + 1
      return rows[i]
    end,
    close = function() end,
  }
end
workload("rows of a database", function()
  return loaded(knockon.read_sql(connection, { entities = "SELECT 1", relations = "SELECT 2" }))
end)
workload("into a database", function(net)
  local written, message, code = net:write_sql(connection, { replace = true })
  if not written then return nil, message, code end
  return true
end, { state = state })

workload("a rule from a file", function() return knockon.rule(folder .. "/own.lua") end, {
  state = function()
    write(folder .. "/own.lua", 'return { id = "own", owned = { at_least = "25%" }, bound = { anyone = true } }\n')
  end,
})

-- A row that was read is not lost when it could not be handed over.
workload("a CSV reader", function(self)
  if not self.reader then
    local reader, message, code = core.csv(folder .. "/entities.csv")
    if not reader then return nil, message, code end
    self.reader = reader
  end
  while true do
    if not self.row then
      local row, message, code = self.reader:row()
      if code then return nil, message, code end
      if not row then break end
      self.row = row
    end
    self.rows[#self.rows + 1] = self.row
    self.row = false
  end
  return self.rows
end, { begin = function() return { reader = false, row = false, rows = {} } end })
workload("rows of a CSV file", function()
  local names = {}
  for row in knockon.read_csv(folder .. "/entities.csv") do names[#names + 1] = row.name end
  return names
end)

-- ---- files of others ----

local LEIS = { ("1"):rep(18) .. "AA", ("2"):rep(18) .. "BB" }
local OTHERS = {
  ["others/ftm.json"] = '{"id":"a","schema":"Company","properties":{"name":["A"],"leiCode":["X"],"country":["gb"]}}\n'
    .. '{"id":"b","schema":"Company","properties":{"name":["B"],"leiCode":["X"],"topics":["sanction"]}}\n'
    .. '{"id":"o","schema":"Ownership","properties":{"owner":["a"],"asset":["gone"],"percentage":["51"]}}\n',
  ["others/gleif/lei.csv"] = 'LEI,Entity.LegalName,Entity.LegalJurisdiction\n' .. LEIS[1] .. ',"A ""B""",US-DE\n',
  ["others/gleif/rr.csv"] = "Relationship.StartNode.NodeID,Relationship.EndNode.NodeID,Relationship.RelationshipType\n"
    .. LEIS[1] .. "," .. LEIS[2] .. ",IS_DIRECTLY_CONSOLIDATED_BY\n",
  ["others/bods.json"] = '[{"statementId":"s","recordId":"c","recordType":"entity","recordDetails":{"name":"C"}},\n'
    .. '{"statementId":"t","recordId":"r","recordType":"relationship","recordDetails":{"subject":"c","interestedParty":'
    .. '{"reason":"unknown"},"interests":[{"type":"shareholding","share":{"exact":60}}]}}]',
}

local function make_others()
  lfs.mkdir(folder .. "/others")
  lfs.mkdir(folder .. "/others/gleif")
  for name, text in pairs(OTHERS) do write(folder .. "/" .. name, text) end
end

for name, path in pairs { ["FollowTheMoney"] = "/others/ftm.json", ["a folder of GLEIF"] = "/others/gleif",
  ["BODS"] = "/others/bods.json" } do
  workload("load " .. name, function() return loaded(knockon.load(folder .. path)) end, { state = make_others })
end
workload("skip records of others", function()
  return loaded(knockon.load(folder .. "/others/broken.json", { on_error = "skip" }))
end, {
  state = function()
    make_others()
    write(folder .. "/others/broken.json", OTHERS["others/ftm.json"] .. "{\n" .. '{"id":7,"schema":"Company"}\n')
  end,
})
workload("a table by a map", function()
  return loaded(knockon.read_table(folder .. "/entities.csv", { entities = { { id = "{id}", name = "{name}" } } }))
end)
workload("what is doubtful", function()
  local net, message, code = knockon.load(folder .. "/others/ftm.json")
  if not net then return nil, message, code end
  return { net:counts(), net:warnings() }
end, { state = make_others })
