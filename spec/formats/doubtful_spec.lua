-- What is probably a mistake in records: counted by net:counts, named by net:warnings, shown by the command.
local files = require "spec.support.files"
local json = require "knockon.json"
local knockon = require "knockon"
local main = require "knockon.main"

local function network(entities, relations)
  return assert(knockon.network { entities = entities, relations = relations })
end

local function counts(net)
  local all = net:counts()
  return { all.dangling, all.odd_dates, all.duplicates, all.collisions }
end

describe("doubtful records", function()
  teardown(files.clean)

  it("are none in clean data", function()
    local net = network({ { id = "a", lei = "1" }, { id = "b", lei = "2" } }, { { kind = "owns", from = "a", to = "b",
      share = "51%" } })
    assert.are.same({ 0, 0, 0, 0 }, counts(net))
  end)

  it("dangling: entities that are marked so", function()
    local net = network({ { id = "a", dangling = true }, { id = "b", dangling = false },
      { id = "c", dangling = "yes" } })
    assert.are.same({ 1, 0, 0, 0 }, counts(net))
  end)

  it("odd dates: kept as given, or yet to come", function()
    local net = network({ { id = "a", since_given = "2020-13-01" }, { id = "b", since = "9000-01-01" },
      { id = "c", since = "1472-02-27" } }, { { kind = "linked", from = "a", to = "b", until_given = "x",
      since_given = "y" }, { kind = "linked", from = "a", to = "c", since = "9000" } })
    assert.are.same({ 0, 4, 0, 0 }, counts(net))
  end)

  it("duplicates: all but id and source the same", function()
    local function owns(more)
      local relation = { kind = "owns", from = "a", to = "b", share = "51%", since = "2001" }
      for name, value in pairs(more) do relation[name] = value end
      return relation
    end
    local function duplicates(...)
      local list = {}
      for i, more in ipairs { ... } do list[i] = owns(more) end
      return counts(network({ { id = "a" }, { id = "b" } }, list))[3]
    end
    assert.are.equal(1, duplicates({ id = "1", source = "x" }, { id = "2", source = "y" }))
    assert.are.equal(2, duplicates({}, {}, {}))
    assert.are.equal(1, duplicates({ tags = { "x", "y" }, note = "n" }, { note = "n", tags = { "x", "y" } }))
    for _, other in ipairs { { share = "52%" }, { since = "2002" }, { basis = "votes" }, { class = "B" },
      { note = "n" }, { ["until"] = "2010" }, { kind = "linked", share = json.null } } do
      if other.share == json.null then
        assert.are.equal(0, counts(network({ { id = "a" }, { id = "b" } }, { owns {}, { kind = "linked", from = "a",
          to = "b", since = "2001" } }))[3])
      else
        assert.are.equal(0, duplicates({}, other))
      end
    end
    assert.are.equal(0, counts(network({ { id = "a" }, { id = "b" } }, {
      { kind = "supplies", from = "a", to = "b", contract = "1" },
      { kind = "supplies", from = "a", to = "b", contract = "2" } }))[3])
  end)

  it("identifiers that several entities have; records of one entity are one", function()
    local net = network({ { id = "a", lei = "X", cik = "7" }, { id = "b", lei = { "Y", "X" } }, { id = "c", cik = "8" },
      { id = "d", lei = "X" }, { id = "e", imo = "X" } })
    assert.are.equal(1, counts(net)[4])
    local warning
    for _, one in ipairs(net:warnings()) do if one.code == "identifier" then warning = one end end
    assert.are.same({ { "a", "b", "d" }, "a, b, d: all have the lei X" }, { warning.ids, warning.message })
    net = network({ { id = "a", lei = "X" }, { id = "b", lei = "X" } }, { { kind = "same_as", from = "a", to = "b" } })
    assert.are.equal(0, counts(net)[4])
  end)

  it("are the same whatever the order of the records", function()
    local entities = {}
    for i = 1, 60 do
      entities[i] = { id = ("e%02d"):format(i), lei = ("L%d"):format(i % 25), cik = ("C%d"):format(i % 40) }
    end
    local first = network(entities):warnings()
    for i = 1, 30 do entities[i], entities[61 - i] = entities[61 - i], entities[i] end
    assert.are.same(first, network(entities):warnings())
    assert.are.equal(25 + 20, #first)
  end)

  it("are shown", function()
    local path = files.write("x.ftm.json", '{"id":"o","schema":"Ownership","properties":{"owner":["a"],"asset":["b"],'
      .. '"startDate":["2020"],"endDate":["2019"]}}\n')
    local out = {}
    local function into(list)
      return { flush = function() return true end, write = function(self, ...)
        for _, part in ipairs { ... } do list[#list + 1] = part end
        return self
      end }
    end
    assert.are.equal(0, main({ "show", path }, { stdout = into(out), stderr = into {} }))
    local text = table.concat(out)
    for _, line in ipairs { "Dangling ends%s+2", "Odd dates%s+1", "Duplicates%s+0", "Colliding ids%s+0" } do
      assert.truthy(text:find(line), text)
    end
  end)
end)
