-- The benchmark: its network is the same everywhere and is what generate.lua says; the peers' answers are knockon's;
-- who answers wrong, too late or not at all is told. How long anything takes is not looked at.

local alone = require "spec.bench.alone"
local chart = require "spec.bench.chart"
local data = require "spec.bench.data"
local files = require "spec.support.files"
local generate = require "spec.bench.generate"
local json = require "knockon.json"
local knockon = require "knockon"
local measure = require "spec.bench.measure"
local peers = require "spec.bench.peers"
local process = require "spec.bench.process"
local random = require "spec.bench.random"
local tables = require "spec.bench.tables"

local interpreter = os.getenv "KNOCKON_LUA" or "lua" .. _VERSION:match "%d%.%d"
local build = os.getenv "KNOCKON_BUILD" or "build"

-- The network of a size as lists: supplies and holdings { from, to, part }, kinds by row.
local function drawn(size, seed)
  local world = { supplies = {}, holdings = {}, kinds = {}, count = 0 }
  world.asked = generate.run(size, seed, {
    supplies = function(from, to, part)
      world.count = world.count + 1
      table.insert(world.supplies, { from, to, part, number = world.count })
    end,
    owns = function(from, to, part)
      world.count = world.count + 1
      table.insert(world.holdings, { from, to, part, number = world.count })
    end,
    entity = function(row, kind)
      assert(world.kinds[row] == nil and (row == 0 or world.kinds[row - 1]))
      world.kinds[row] = kind
    end,
  })
  return world
end

-- What the peers are to answer to a ban, in plain words: users and exposed parents.
local function reached_from(world, target, without)
  local onward, majority = {}, {}
  local function edge(from, to)
    onward[from] = onward[from] or {}
    table.insert(onward[from], to)
  end
  for _, one in ipairs(world.supplies) do
    if not (without and without[one.number]) then edge(one[1], one[2]) end
  end
  for _, one in ipairs(world.holdings) do
    edge(one[2], one[1])
    if one[3] >= 500 then majority[one[2]] = true end
  end
  local seen, work, users, parents = { [target] = true }, { target }, 0, 0
  while #work > 0 do
    for _, to in ipairs(onward[table.remove(work)] or {}) do
      if not seen[to] then
        seen[to] = true
        users = users + 1
        if world.kinds[to] ~= "service" and not majority[to] then parents = parents + 1 end
        work[#work + 1] = to
      end
    end
  end
  return users, parents
end

local function tiny_folder(ids)
  files.folders("tiny-" .. ids)
  local folder = files.path("tiny-" .. ids)
  local asked = data.write(folder, { size = "tiny", ids = ids })
  asked.entities, asked.relations = generate.SIZES.tiny.entities, generate.SIZES.tiny.relations
  return folder, asked
end

describe("the benchmark's network", function()
  teardown(files.clean)

  it("is the same on every Lua, byte for byte", function()
    local folder = tiny_folder "number"
    local digests = {}
    for i, source in ipairs(assert(knockon.load(folder)):sources()) do digests[i] = source.sha256 end
    assert.are.same({
      "88d336762e51a24e7701082b4c1b867c7c7589554af08146bdb93b0bee703c34",
      "853865104bf19a5c7d869d071f926791530e6a7c792d36695b306b686d24591c",
    }, digests)
  end)

  it("draws numbers that stay the same", function()
    local draw = random.new(1)
    local numbers = {}
    for i = 1, 6 do numbers[i] = draw.below(1000) end
    assert.are.same({ 166, 574, 991, 418, 469, 113 }, numbers)
  end)

  it("has as many entities and relations as asked, and ranks near 0 most", function()
    local world = drawn(generate.SIZES.tiny, 1)
    assert.are.equal(999, #world.kinds) -- and row 0
    assert.are.equal(4000, #world.supplies + #world.holdings)
    local rank, counts = random.new(3).ranks(10), {}
    for _ = 1, 5000 do
      local one = rank()
      counts[one] = (counts[one] or 0) + 1
    end
    assert.is_true(counts[0] > 2 * counts[2] and counts[2] > 1.5 * counts[9])
    assert.is_nil(counts[10])
  end)

  it("holds each pair once, never more than the whole, and nobody by majority in a ring", function()
    for seed = 1, 8 do
      local world = drawn({ entities = 600, relations = 2400, suppliers = 24 }, seed)
      local sums, pairs_seen, above = {}, {}, {}
      for _, one in ipairs(world.holdings) do
        local pair = one[1] .. " " .. one[2]
        assert.is_nil(pairs_seen[pair])
        pairs_seen[pair] = true
        assert.are_not.equal(one[1], one[2])
        assert.is_true(one[3] > 0)
        sums[one[2]] = (sums[one[2]] or 0) + one[3]
        assert.is_true(sums[one[2]] <= 1000)
        if one[3] >= 500 then
          above[one[2]] = above[one[2]] or {}
          table.insert(above[one[2]], one[1])
        end
      end
      local state = {}
      local function climb(row)
        assert.are_not.equal("open", state[row], "a ring")
        if state[row] then return end
        state[row] = "open"
        for _, holder in ipairs(above[row] or {}) do climb(holder) end
        state[row] = "done"
      end
      for row in pairs(above) do climb(row) end
    end
  end)

  it("asks about a hub, a corner, and relations that are supplies", function()
    local world = drawn(generate.SIZES.tiny, 1)
    local asked, supplies, without = world.asked, {}, {}
    for _, one in ipairs(world.supplies) do supplies[one.number] = true end
    for _, number in ipairs(asked.dropped) do
      assert.is_true(supplies[number])
      without[number] = true
    end
    local users, parents = reached_from(world, asked.tail)
    assert.are.same({ 4, 3 }, { users, parents })
    assert.is_true((reached_from(world, asked.hub)) > 300)
    assert.is_true((reached_from(world, asked.hub, without)) < reached_from(world, asked.hub))
    assert.are.equal(120, #asked.suppliers)
  end)

  it("has ids of 20 characters, all different, where these are wanted", function()
    local known = {}
    for row = 0, 5000 do
      local id = data.id(row, "lei")
      assert.truthy(id:match "^[0-9A-Z]+$" and #id == 20)
      assert.is_nil(known[id])
      known[id] = true
    end
  end)

  it("asks of knockon what the definition says in plain words", function()
    local world = drawn(generate.SIZES.tiny, 1)
    local day = assert(knockon.load((tiny_folder "number"))):scenario { as_of = "2026-01-01" }
    for _, row in ipairs { world.asked.hub, world.asked.middle, world.asked.tail, world.asked.suppliers[1] } do
      local count = day:ban(data.id(row), { rule = "reach" }):exposure():count()
      assert.are.same({ reached_from(world, row) }, { count.users, count.parents })
    end
  end)
end)

-- A peer that answers every load rightly and everything else with what the shell makes of `reply`.
local function pretender(reply)
  return { key = "pretender", title = "Pretender", command = ([[sh -c 'echo "ready $$ Pretender 1"
    while read -r times question rest; do
      case $question in load) echo "ok 0.5 %d" ;; "") exit ;; *) %s ;; esac
    done']]):format(generate.SIZES.tiny.entities, reply) }
end

describe("a comparison", function()
  local context, known = nil, {}

  setup(function()
    local folder, asked = tiny_folder "lei"
    context = {
      size = "tiny", folder = folder, asked = asked, scratch = folder, ids = "lei", runs = 1, loads = 1, limit = 100,
      knockon = assert(peers.knockon(interpreter, build)),
    }
  end)
  teardown(files.clean)

  it("with knockon itself finds the same answers to every question", function()
    local found = measure.compare({ key = "itself", title = "itself", command = context.knockon.command }, context)
    assert.are.same({}, found.problems)
    for _, row in ipairs(found.rows) do
      assert.is_true(row.knockon > 0 and row.other > 0)
      known[row.question] = row.answer
    end
    assert.are.equal("4 3", known.tail)
    assert.truthy(known.hub and known.cascade and known.masked and known.load_csv)
    assert.are_not.equal(known.hub, known.masked)
  end)

  it("tells whoever answers wrong", function()
    local found = measure.compare(pretender 'echo "ok 0.001 1 2"', context)
    local row
    for _, one in ipairs(found.rows) do
      if one.question == "tail" then row = one end
    end
    assert.is_true(row.wrong)
    local told = table.concat(found.problems, "\n")
    assert.truthy(told:find("ban in a corner: knockon answers 4 3, Pretender answers 1 2", 1, true))
  end)

  it("notes what cannot be asked, and tells who fails or ends", function()
    local function only_loads(found)
      for _, row in ipairs(found.rows) do assert.truthy(row.question:find "^load_", row.question) end
      assert.is_true(#found.rows > 0)
    end
    local found = measure.compare(pretender 'echo "skip no"', context)
    only_loads(found)
    assert.are.same({}, found.problems)
    assert.truthy(table.concat(found.notes, "\n"):find("Pretender cannot be asked: .*ban of the hub"))
    for reply, message in pairs { ['echo "error out of paper"'] = "Pretender: out of paper", exit = "it ended" } do
      found = measure.compare(pretender(reply), context)
      only_loads(found)
      assert.truthy(table.concat(found.problems, "\n"):find(message, 1, true))
    end
    found = measure.compare({ key = "nobody", title = "Nobody", command = "false" }, context)
    assert.are.same({}, found.rows)
    assert.truthy(found.problems[1]:find("Nobody: it did not start", 1, true))
  end)

  it("estimates what would take longer than the limit, from a shorter question", function()
    local hasty = {}
    for name, value in pairs(context) do hasty[name] = value end
    hasty.limit = 60
    local slow = pretender 'case $question in sweep) echo "ok 90 0 0 0" ;; *) echo skip ;; esac'
    local found = measure.compare(slow, hasty)
    if not knockon.network({}):scenario().sweep then return pending "this build has no sweep" end
    local notes = {}
    for _, row in ipairs(found.rows) do notes[row.question] = row.note end
    assert.are.equal("estimated", notes.sweep_all)
    assert.is_nil(notes.sweep_100)
  end)
end)

describe("knockon by itself", function()
  teardown(files.clean)

  it("is measured on a snapshot, a mask, a sweep and its memory", function()
    local folder, asked = tiny_folder "number"
    local context = {
      size = "L", folder = folder, asked = asked, scratch = folder, ids = "number", runs = 2, loads = 1, limit = 100,
      goals = true, knockon = pretender [[case $question in
        freeze) : > "$rest"; echo "ok 1" ;; open) echo "ok 0.001 1000" ;; memory) echo "ok 0 64000 2 3 4" ;;
        sweep) echo "ok 0.004 1 2 3" ;; *) echo "ok 0.002 4 3" ;; esac]],
    }
    local found = alone.run(context)
    assert.are.same({}, found.notes)
    local facts = {}
    for _, fact in ipairs(found.facts) do facts[fact.title] = fact end
    local function check(title, value, goal, met)
      local fact = facts[title]
      assert.is_true(math.abs(fact.value - value) < 1e-6, title)
      assert.are.same({ goal, met }, { fact.goal, fact.met })
    end
    check("ban in a corner", 2000, 10, false)
    check("sweep of all suppliers, against one ban of the hub", 2, 5, true)
    check("ban of the hub where 1000 supplies have ended, against where not", 1, 1.1, true)
    check("knockon.open of a snapshot, against loading the CSV files", 500, 100, true)
    check("memory of both adjacencies, kinds, shares and dates", 0.064, 200, true)
    check("the same a relation", 16)
    assert.are.equal(0.5, found.seconds.load_csv)
    assert.are.equal(0.5, found.seconds.load_ndjson)
  end)

  it("says what its build cannot do", function()
    local folder, asked = tiny_folder "number"
    local found = alone.run {
      size = "tiny", folder = folder, asked = asked, scratch = folder, ids = "number", runs = 1, loads = 1, limit = 100,
      knockon = pretender 'case $question in ban) echo "ok 0.002 4 3" ;; *) echo "skip not in this build" ;; esac',
    }
    local told = table.concat(found.notes, "\n")
    for _, what in ipairs { "snapshot", "sweep: all suppliers", "50 % cascade from many owners" } do
      assert.truthy(told:find(("knockon, %s: not in this build"):format(what), 1, true), what)
    end
    assert.is_nil(found.facts[1].goal)
  end)
end)

-- Every element is closed, and no number is broken.
local function check_svg(text)
  local open = {}
  for closing, name, inside in text:gmatch "<(/?)(%a+)([^>]*)>" do
    if closing == "/" then
      assert.are.equal(name, table.remove(open))
    elseif inside:sub(-1) ~= "/" then
      open[#open + 1] = name
    end
  end
  assert.are.same({}, open)
  assert.is_nil(text:find "nan" or text:find "inf")
  return select(2, text:gsub("<rect", "")) - 1 -- bars; the first is the ground
end

local function check_tables(text)
  local count, wide = 0, nil
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    local cells = line:sub(1, 1) == "|" and select(2, line:gsub("|", "")) or nil
    if cells and wide then assert.are.equal(wide, cells, line) end
    if cells and not wide then count = count + 1 end
    wide = cells
  end
  return count
end

local function run(options)
  return process.output(("LUA_CPATH='%s/lua%s/?.so;;' %s spec/bench/bench.lua %s 2>&1; echo status $?"):format(build,
    _VERSION:match "%d%.%d", interpreter, options))
end

describe("a run of the benchmark", function()
  teardown(files.clean)

  it("leaves a page, a chart and results that can be read", function()
    files.folders("run")
    local out = files.path "run"
    local output = run(("size=tiny peers=itself runs=1 growth=tiny build='%s' lua=%s out='%s'"):format(build,
      interpreter, out))
    assert.truthy(output:find "status 0")
    local results = assert(json.decode(assert(files.read(out .. "/results.json"))))
    assert.are.same({}, results.problems)
    assert.are.equal(1000, results.entities)
    assert.is_true(#results.rows >= 8 and #results.facts > 0)
    local page = files.read(out .. "/table.md")
    assert.are.equal(4, check_tables(page)) -- ratios, by itself, memory, growth
    assert.truthy(page:find("| ban in a corner ", 1, true))
    assert.are.equal(#results.rows, check_svg(files.read(out .. "/chart.svg")))
  end)

  it("refuses an option that it does not know", function()
    local output = run "colour=red"
    assert.truthy(output:find("colour=red: not an option", 1, true) and output:find "status 2")
  end)
end)

describe("figures", function()
  it("have a unit and about three digits", function()
    local texts = {}
    for i, seconds in ipairs { 0.0000012, 0.000345, 0.00234, 0.0999, 0.345, 0.9999, 12.34, 123.4 } do
      texts[i] = tables.seconds(seconds)
    end
    assert.are.same({ "1.20 µs", "345 µs", "2.34 ms", "99.9 ms", "345 ms", "1.00 s", "12.3 s", "123 s" }, texts)
    assert.are.equal("0.0043", chart.ratio_text(0.00431))
    assert.are.equal("1.20", chart.ratio_text(1.2))
    assert.are.equal("1235", chart.ratio_text(1234.6))
  end)

  it("are medians", function()
    assert.are.equal(2, measure.median { 9, 1, 2 })
    assert.are.equal(2.5, measure.median { 9, 1, 2, 3 })
  end)
end)
