-- OFAC's lists: real ones with their facts, and their quirks one by one.
local files = require "spec.support.files"
local knockon = require "knockon"
local real = require "spec.support.real"

-- A row of the list: number, name, type, programmes, remarks; `-0- ` for the rest.
local function row(number, name, kind, programme, remarks, more)
  local cells = { number, ('"%s"'):format(name), kind or "-0- ", ('"%s"'):format(programme or "CUBA") }
  for i = 5, 11 do cells[i] = more and more[i] or "-0- " end
  cells[12] = remarks and ('"%s"'):format(remarks) or "-0- "
  return table.concat(cells, ",")
end

local function load(rows, beside, opts)
  local list = { files.write("sdn.csv", table.concat(rows, "\r\n") .. "\r\n\26") }
  for name, text in pairs(beside or {}) do list[#list + 1] = files.write(name, text) end
  return knockon.load(list[2] and list or list[1], opts)
end

local function unresolved(net)
  local count = 0
  for _, one in ipairs(net:entities {}) do
    local names = one.linked_to_unresolved
    count = count + (type(names) == "table" and #names or names and 1 or 0)
  end
  return count
end

local function check(net, facts)
  local by_type, counts = facts.by_type, net:counts().entities
  assert.are.equal(facts.distinct_ent_num, #net)
  assert.are.same({ firm = by_type["-0-"], person = by_type.individual, vessel = by_type.vessel,
    aircraft = by_type.aircraft }, counts)
  local linked = net:relations { kind = "linked" }
  assert.are.equal(facts.linked_to_resolved_unique, #linked)
  assert.are.equal(facts.linked_to_ambiguous + facts.linked_to_unresolved, unresolved(net))
  assert.are.equal(facts.linked_to_mentions, #linked + unresolved(net))
  local graph, expected = real.graph(real.ends(net, { kind = "linked" })), facts["linked_graph(resolved)"]
  assert.are.same({ expected.nodes, expected.distinct_edges, expected.wcc.components, expected.wcc.largest },
    { graph.nodes, graph.edges, graph.components, graph.largest })
  local top = facts.top_linked_to[1]
  assert.are.equal(top[3], #net:relations { kind = "linked", to = "ofac-" .. top[1] })
  for _, programme in ipairs(facts.by_program_top) do
    for _, one in ipairs(net:restrictions()) do
      if one.program == programme[1] then assert.are.equal(programme[2], #one.targets) end
    end
  end
end

describe("OFAC", function()
  teardown(files.clean)

  real.it(it, pending, "ofac_2019", "the SDN list of 2019, with its remarks continued", function(path)
    local net = assert(knockon.load { path .. "/sdn.csv", path .. "/sdn_comments.csv", path .. "/alt.csv",
      path .. "/add.csv" })
    check(net, real.facts().ofac_2019)
    local firm = net:entity "ofac-306"
    assert.are.same({ "BANCO NACIONAL DE CUBA", "CUBA", "306" }, { firm.name, firm.program, firm.uid })
    local aliases = 0
    for _, one in ipairs(net:entities {}) do
      local names = one.alias
      aliases = aliases + (type(names) == "table" and #names or names and 1 or 0)
    end
    assert.is_true(aliases > 0 and aliases <= real.facts().ofac_2019.alt_rows)
    assert.is_true((net:complete()))
  end)

  real.it(it, pending, "ofac_2022/sdn.csv", "the SDN list of 2022", function(path)
    local net = assert(knockon.load(path))
    check(net, real.facts().ofac_2022)
    local imo = {}
    for _, one in ipairs(net:entities { kind = "vessel" }) do imo[#imo + 1] = one.imo end
    assert.is_true(#imo > 400)
    -- the 50 per cent rule stands in the restrictions; the list alone blocks its targets
    local restricted = net:scenario({ as_of = "2022-04-01" }):exposure():restricted()
    assert.are.equal(#net, #restricted)
  end)

  real.it(it, pending, "ofac_2019", "2019 to 2022: who was added, removed, kept", function(path)
    local old = assert(knockon.load(path .. "/sdn.csv"))
    local new = assert(knockon.load(path:gsub("2019$", "2022") .. "/sdn.csv"))
    local kept, named, added = 0, 0, 0
    for _, one in ipairs(new:entities {}) do
      local before = old:entity(one.id)
      if not before then added = added + 1 end
      if before then kept = kept + 1 end
      if before and before.name ~= one.name then named = named + 1 end
    end
    assert.are.same({ 3113, 645, 6734, 44 }, { added, #old - kept, kept, named })
  end)

  real.it(it, pending, "ofac_2019", "a folder with both lists: an entry of both stands once", function(path)
    local net = assert(knockon.load(path))
    assert.are.equal(7379 + 442 - 2, #net)
    local review = 0
    for _, one in ipairs(net:restrictions()) do
      if one.id:find "^ofac%-cons%-" then
        assert.are.same({ "listing", "review" }, { one.rule, one.measure })
        review = review + 1
      end
    end
    assert.is_true(review > 5)
  end)

  it("programmes are split, each a restriction; null is nothing", function()
    local net = assert(load { row(1, "A", nil, "NPWMD] [DPRK2"), row(2, "B", "individual", "DPRK2") })
    assert.are.same({ "NPWMD", "DPRK2" }, net:entity("ofac-1").program)
    assert.are.same({ firm = 1, person = 1 }, net:counts().entities)
    assert.is_nil(net:entity("ofac-1").title)
    local list = net:restrictions()
    assert.are.same({ "ofac-sdn-DPRK2", { "ofac-1", "ofac-2" }, "ofac_50", "prohibit" }, { list[1].id, list[1].targets,
      list[1].rule, list[1].measure })
    assert.are.same({ "ofac-sdn-NPWMD", { "ofac-1" } }, { list[2].id, list[2].targets })
  end)

  it("Linked To finds exactly one name, also where a long remark is continued in the other file", function()
    local remarks = "x; Linked To: B; Linked To: TWICE; Linked To: NOBODY; Linked To: C"
    local net = assert(load({ row(1, "A", nil, nil, remarks), row(2, "B"), row(3, "TWICE"), row(4, "TWICE"),
      row(5, "CLEAR WATER INC.") }, { ["sdn_comments.csv"] = '1,"LEAR WATER INC.."\r\n' }))
    assert.are.same({ "ofac-2", "ofac-5" }, (function()
      local to = {}
      for i, relation in ipairs(net:relations {}) do to[i] = relation.to end
      return to
    end)())
    assert.are.same({ "TWICE", "NOBODY" }, net:entity("ofac-1").linked_to_unresolved)
  end)

  it("identifiers and countries out of the remarks, names and addresses out of their files", function()
    local net = assert(load({ row(1, "A", nil, nil, "Nationality of Registration Iran; Tax ID No. 77 (Russia); "
      .. "Legal Entity Number 253400WSS48YWMBUA688; Vessel Registration Identification IMO 9187629."),
      row(2, "P", "individual", nil, "DOB 1962; nationality Syria; citizen Lebanon.") },
      { ["alt.csv"] = '1,7,"aka","A LTD",-0- \r\n1,8,"fka","OLD A",-0- \r\n',
        ["add.csv"] = '1,9,"1 Road","Tehran","Iran",-0- \r\n1,10,-0- ,-0- ,"Korea, North",-0- \r\n' }))
    local a, p = net:entity "ofac-1", net:entity "ofac-2"
    assert.are.same({ "IR", "77", "253400WSS48YWMBUA688", "9187629", { "A LTD", "OLD A" },
      { "1 Road, Tehran, Iran", "Korea, North" }, { "IR", "KP" } },
      { a.country, a.tax_id, a.lei, a.imo, a.alias, a.address, a.located_in })
    assert.are.same({ { "SY", "LB" }, "1962" }, { p.country, p.birth_date })
  end)

  it("a bad row stops the load with its line, or is skipped once", function()
    for bad, cause in pairs { ["x,y"] = "2 cells, but a record has 12",
      [row("no", "A")] = "'no' is no number of an entry", [row(1, "A")] = "given before", ['2,"A'] = "never closed" } do
      local net, message, code = load { row(1, "FIRST"), bad }
      assert.is_nil(net, bad)
      assert.are.equal("parse", code)
      assert.truthy(message:find("sdn.csv:2: ", 1, true), message)
      assert.truthy(message:find(cause, 1, true), message)
      net = assert(load({ row(1, "FIRST"), bad }, nil, { on_error = "skip" }))
      local complete, skipped = net:complete()
      assert.are.same({ false, 1, 2 }, { complete, #skipped, skipped[1].line })
      assert.are.equal(1, #net)
    end
  end)

  it("files that belong to a list say so when they come alone", function()
    local _, message = knockon.load(files.write("alt.csv", '1,7,"aka","A LTD",-0- \r\n'))
    assert.truthy(message:find("give it together with sdn.csv", 1, true), message)
  end)
end)
