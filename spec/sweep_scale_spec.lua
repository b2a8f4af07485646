-- Sweeps over networks larger than any one row of lanes: the benchmark's shape, with branches, services that are
-- operated and holdings of nothing added, held against one evaluation a candidate; and that the answer hangs neither
-- on the number of threads nor on how much memory there is.

local knockon = require "knockon"
local generate = require "spec.bench.generate"

local AS_OF = "2024-01-01"

-- The shape of the benchmark; `more` adds kinds of relation that it does not draw.
local function drawn(size, seed, more)
  local builder = knockon.builder()
  local records = { entities = {}, relations = {} }
  local asked = generate.run(size, seed, {
    supplies = function(from, to) table.insert(records.relations, { kind = "supplies", from = from, to = to }) end,
    owns = function(from, to, thousandths)
      table.insert(records.relations, { kind = "owns", from = from, to = to, share = thousandths / 1000 })
    end,
    entity = function(row, kind, country)
      table.insert(records.entities, { id = tostring(row), kind = kind, country = country })
    end,
  })
  if more then
    local first = size.entities - 200
    for i = 0, 99 do
      local one, other = first + i, first + 199 - i
      local kind = ({ "has_branch", "operates", "controls", "consolidates", "owns" })[i % 5 + 1]
      local relation = { kind = kind, from = one, to = kind == "operates" and asked.hub + i + 200 or other }
      if kind == "owns" then relation.share = i % 2 == 0 and "0%" or "0-60%" end
      table.insert(records.relations, relation)
    end
  end
  for _, entity in ipairs(records.entities) do builder:entity(entity) end
  for _, relation in ipairs(records.relations) do
    relation.from, relation.to = tostring(relation.from), tostring(relation.to)
    builder:relation(relation)
  end
  return assert(builder:build()), asked
end

local function texts(list)
  local out = {}
  for i, value in ipairs(list) do out[i] = tostring(value) end
  return out
end

local FIELDS = { "restricted", "restricted_possible", "users", "users_possible", "parents", "parents_possible" }

local function line(row)
  local parts = { row.id }
  for _, name in ipairs(FIELDS) do parts[#parts + 1] = ("%d"):format(row[name]) end
  return table.concat(parts, " ")
end

local function lines(rows)
  local list = {}
  for i, row in ipairs(rows) do list[i] = line(row) end
  return table.concat(list, "\n")
end

describe("a sweep at scale", function()
  for name, more in pairs { plain = false, ["with every kind of relation"] = true } do
    it("agrees with one evaluation a candidate on the benchmark's shape, " .. name, function()
      local net, asked = drawn(generate.SIZES.S, 1, more)
      local day = net:scenario { as_of = AS_OF, restrictions = "none" }
      local rows = assert(day:sweep { targets = texts(asked.suppliers), rule = "reach" })
      assert.equal(#asked.suppliers, rows.together)
      for i, row in ipairs(rows) do
        if i % 10 == 1 or more and i % 3 == 0 then
          local exposure = assert(day:ban(row.id, { rule = "reach" }):exposure())
          local expected = { id = row.id }
          for _, field in ipairs(FIELDS) do expected[field] = 0 end
          for _, list in ipairs { "restricted", "users", "parents" } do
            local sure = #exposure[list](exposure, { verdict = "yes" })
            expected[list] = sure
            expected[list .. "_possible"] = #exposure[list](exposure, { verdict = "possible" })
          end
          assert.equal(line(expected), line(row))
        end
      end
      net:close()
    end)
  end

  it("is the same whatever the threads, the memory, and who else is asked about", function()
    local net = drawn(generate.SIZES.S, 2, true)
    local day = net:scenario { as_of = AS_OF, restrictions = "none" }
    local all = assert(day:sweep { targets = { kind = { "firm", "service", "supplier" } }, rule = "reach" })
    assert.truthy(#all > 4 * 2048) -- several passes of the widest rows
    assert.equal(#all, all.together)
    local whole = lines(all)
    for threads = 2, 3 do
      local again = assert(day:sweep { targets = { kind = { "firm", "service", "supplier" } }, rule = "reach",
        threads = threads })
      assert.equal(whole, lines(again))
    end
    local narrow = assert(day:sweep { targets = { kind = { "firm", "service", "supplier" } }, rule = "reach",
      limits = { bytes = 4e6 } })
    assert.equal(whole, lines(narrow))
    local by_id = {}
    for _, row in ipairs(all) do by_id[row.id] = line(row) end
    for i = 1, #all, 97 do
      local few = assert(day:sweep { targets = { all[i].id, all[#all - i].id }, rule = "reach" })
      for _, row in ipairs(few) do assert.equal(by_id[row.id], line(row)) end
    end
    net:close()
  end)

  it("of staged rules is the same whatever the threads", function()
    local net, asked = drawn(generate.SIZES.S, 3)
    local day = net:scenario { as_of = AS_OF, restrictions = "none" }
    for _, opts in ipairs { { rule = "icts", scope = "owned" }, { rule = "ofac_50", scope = "facilitation" } } do
      opts.targets = texts(asked.suppliers)
      local alone = assert(day:sweep(opts))
      assert.equal(0, alone.together)
      opts.threads = 2
      assert.equal(lines(alone), lines(assert(day:sweep(opts))))
      for i = 1, 20 do
        local count = assert(day:ban(alone[i].id, { rule = opts.rule, scope = opts.scope }):exposure():count())
        assert.equal(count.parents, alone[i].parents + alone[i].parents_possible)
      end
    end
    net:close()
  end)
end)
