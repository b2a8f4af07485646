-- A lockfile of npm: packages supply those that name them. Columns are mapped here; what is computed from them was
-- counted elsewhere.
local json = require "knockon.json"
local knockon = require "knockon"
local real = require "spec.support.real"

local FOLDER = "npm_lock"
local LOCK = FOLDER .. "/ai-supply-chain-map-package-lock.json"
local KINDS = { "dependencies", "devDependencies", "peerDependencies", "optionalDependencies" }

-- The rows as a network; a requirement that nothing installed meets has no supplier, and is no relation.
local function load(folder, where)
  return assert(knockon.read_table(folder .. "/edges.csv", {
    where = where,
    entities = { { id = "{consumer}" }, { id = "{provider}" } },
    relations = { { kind = "supplies", from = "{provider}", to = "{consumer}", need = "{name}", requires = "{kind}" } },
  }))
end

-- Where Node finds a package that `path` asks for: beside it, else further up.
local function resolve(packages, path, name)
  while true do
    local candidate = (path == "" and "" or path .. "/") .. "node_modules/" .. name
    if packages[candidate] then return candidate end
    if path == "" then return nil end
    path = path:match "^(.*)/node_modules/" or ""
  end
end

describe("a lockfile of npm", function()
  real.it(it, pending, FOLDER, "requirements by kind, and those that nothing meets", function(folder)
    local net, facts, rows, unmet = load(folder), real.facts()[FOLDER], {}, {}
    local total, open = 0, 0
    for row in knockon.read_csv(folder .. "/edges.csv") do
      total, rows[row.kind] = total + 1, (rows[row.kind] or 0) + 1
      if row.provider == "" then open, unmet[row.kind] = open + 1, (unmet[row.kind] or 0) + 1 end
    end
    assert.are.same({ 607, 40 }, { total, open })
    assert.are.same({ facts.rows, facts.unresolved, facts.kinds, facts.unresolved_kinds }, { total, open, rows, unmet })
    assert.are.equal(total - open, #net:relations {})
    for _, kind in ipairs(KINDS) do
      assert.are.equal(facts.kinds[kind] - (facts.unresolved_kinds[kind] or 0), #net:relations { requires = kind })
    end
  end)

  real.it(it, pending, FOLDER, "all of it has two rings of two, dependencies alone have none", function(folder)
    local facts = real.facts()[FOLDER]
    local all = real.shape(load(folder), { kind = "supplies" }, true)
    assert.are.same(facts["graph(all resolved)"], all)
    assert.are.same({ 378, 565, 2, 2 }, { all.nodes, all.distinct_edges, all.sccs_gt1, all.largest_scc })
    local net = load(folder, function(row) return row.kind == "dependencies" end)
    local alone = real.shape(net, { kind = "supplies" }, true)
    assert.are.same(facts["graph(dependencies only)"], alone)
    assert.are.same({ 278, 385, 0 }, { alone.nodes, alone.distinct_edges, alone.sccs_gt1 })
  end)

  real.it(it, pending, LOCK, "the lockfile itself says the same as the rows", function(path)
    local file = assert(io.open(path, "rb"))
    local lock = assert(json.decode(file:read "*a"))
    file:close()
    assert.are.equal(3, lock.lockfileVersion)
    local builder, packages, open = knockon.builder(), 0, 0
    local function id_of(place) return place == "" and "(root)" or place end
    for place, package in pairs(lock.packages) do
      packages = packages + 1
      builder:entity { id = id_of(place), version = package.version }
      for _, kind in ipairs(KINDS) do
        for name in pairs(package[kind] or {}) do
          local provider = resolve(lock.packages, place, name)
          open = open + (provider and 0 or 1)
          if provider then
            builder:relation { kind = "supplies", from = id_of(provider), to = id_of(place), need = name,
              requires = kind }
          end
        end
      end
    end
    local net, rows = assert(builder:build()), load(path:match "^(.*)/")
    assert.are.same({ 378, 40 }, { packages, open })
    assert.are.equal(packages, #net)
    local function told(network)
      local list = {}
      for i, relation in ipairs(network:relations {}) do
        list[i] = table.concat({ relation.from, relation.to, relation.need, relation.requires }, " ")
      end
      table.sort(list)
      return list
    end
    assert.are.same(told(rows), told(net))
  end)
end)
