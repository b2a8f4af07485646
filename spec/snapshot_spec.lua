-- Snapshots: what was frozen answers as what was loaded; the file is replaced whole; processes share it.

local command = require "spec.support.command"
local files = require "spec.support.files"
local json = require "knockon.json"
local knockon = require "knockon"
local random_network = require "spec.support.random_network"

local interpreter = os.getenv "KNOCKON_LUA" or "lua" .. _VERSION:match "%d%.%d"
local NETWORKS = math.max(20, math.floor((tonumber(os.getenv "KNOCKON_SEEDS") or 3000) / 20))

local FACTS = {
  title = "Everything \195\156",
  entities = {
    { id = "acme", name = "Acme", country = "CN", employees = 12345, margin = 0.1, listed = true, dormant = false,
      tags = { "x", "y" }, none = {}, address = { city = "Hangzhou", lines = { "a", "b" } }, blank = "" },
    { id = "acme-2", name = "ACME Ltd", country = { "CN", "HK" }, since = "2001", ["until"] = "2099-12" },
    { id = "cloud", kind = "service", name = "Cloud" }, { id = "user", name = "\195\156ser", country = "US" },
    { id = "parent", name = "Parent", country = "US" }, { id = "who", kind = "person" },
    { id = "co-op", kind = "cooperative", country = "Germany" },
  },
  relations = {
    { id = "runs", kind = "operates", from = "acme", to = "cloud" },
    { kind = "supplies", from = "cloud", to = "user", since = "2019-03-05", spend = "1200000.50", currency = "USD",
      contract = "c1", party = "parent", data = { "ip" }, source = "press", extra = { a = { 1 } } },
    { kind = "owns", from = "parent", to = "user", share = "(25%,50%]", since = "2020", class = "A" },
    { kind = "owns", from = "parent", to = "user", share = ">50%", basis = "votes" },
    { kind = "owns", from = "who", to = "parent", share = 0.141, ["until"] = "2030" },
    { id = "c", kind = "controls", from = "who", to = "parent", by = "board" },
    { kind = "same_as", from = "acme-2", to = "acme" }, { kind = "linked", from = "co-op", to = "who", tags = {} },
  },
  restrictions = {
    { id = "zz", rule = "icts", targets = { country = { "CN", "RU" }, kind = "service" }, status = "review" },
    { id = "aa", rule = "listing", targets = { "acme", "cloud" }, measure = "license", since = 2021,
      joint = { { "acme", "cloud" } }, status = "active", title = "A title",
      except = { { covers = { contract = "c1" }, ["until"] = "2031", source = "licence" } } },
    { id = "own", targets = "acme", rule = { id = "mine", title = "Mine", owned = { more_than = "50%" },
      bound = { where = { country = "US" } }, in_force = { { since = "2001" } } } },
  },
}

-- A network frozen and opened again; the file has a place of its own.
local made = 0
local function frozen(net)
  made = made + 1
  local path = files.path(("network-%d.snapshot"):format(made))
  assert.is_true(net:freeze(path))
  return assert(knockon.open(path, { verify = true })), path
end

-- Everything that can be asked of a network as such, as text.
local function contents(net)
  local complete, skipped = net:complete()
  local path = files.path "contents.json"
  assert(net:save(path))
  return {
    saved = files.read(path), title = net:title(), restrictions = net:restrictions(), sources = net:sources(),
    complete = complete, skipped = skipped, counts = net:counts(), warnings = net:warnings(), count = #net,
    entities = net:entities {}, relations = net:relations {}, text = tostring(net),
  }
end

local function answer_of(net, request) return json.encode(assert(knockon.answer(net, request))) end

before_each(function() files.folders(".") end)
teardown(files.clean)

describe("a network that was frozen and opened", function()
  it("says everything that it said before", function()
    local net = assert(knockon.network(FACTS))
    assert.are.same(contents(net), contents((frozen(net))))
    assert.are.same(net:entity "acme-2", frozen(net):entity "acme-2")
    assert.are.same(net:find { name = "acme" }, frozen(net):find { name = "acme" })
    local _, err = pcall(function() return frozen(net):scenario({}):ban "acne" end)
    assert.are.same({ "acme" }, err.near)
  end)

  it("may be empty, or have nothing but entities", function()
    for _, facts in ipairs { {}, { entities = { { id = "a" } } },
      { entities = { { id = "a" }, { id = "b" } }, relations = { { kind = "same_as", from = "a", to = "b" } } } } do
      local net = assert(knockon.network(facts))
      assert.are.same(contents(net), contents((frozen(net))))
    end
  end)

  it("answers as before, byte for byte", function()
    local net = assert(knockon.load "examples/alibaba-2022.json")
    local opened = frozen(net)
    for _, request in ipairs {
      { question = "ban", targets = "alibaba-cloud", as_of = "2022-01-18", scope = "owned" },
      { question = "check", as_of = "2027-06-30" }, { question = "show" },
      { question = "why", id = "ford", targets = "alibaba-cloud", as_of = "2022-01-18" },
      { question = "ladder", targets = "alibaba-cloud", as_of = "2022-01-18" },
      { question = "unknowns", targets = "alibaba-cloud", as_of = "2022-01-18" },
      { question = "timeline", since = "2021", ["until"] = "2028" },
    } do
      assert.are.equal(answer_of(net, request), answer_of(opened, request), request.question)
    end
  end)

  it("tells where it came from and what was left out", function()
    files.folders "partial"
    files.write("partial/entities.csv", "id,name\na,A\na,Again\nb,B\n")
    files.write("partial/relations.csv", "kind,from,to\nowns,a,b\nowns,a,nobody\n")
    files.write("partial/restrictions.csv", "id,rule,targets\nr,listing,a\ns,listing,nobody\n")
    local net = assert(knockon.load(files.path "partial", { on_error = "skip" }))
    local opened = frozen(net)
    assert.are.equal(3, #select(2, opened:complete()))
    assert.are.same(contents(net), contents(opened))
    assert.are.same(contents(net), contents((frozen(opened)))) -- and once more
  end)

  it("agrees on random networks, whatever is asked", function()
    for seed = 1, NETWORKS do
      local facts, question = random_network.make(seed)
      local net = assert(knockon.network(facts))
      local opened = frozen(net)
      local a, b = files.path "a.json", files.path "b.json"
      assert(net:save(a))
      assert(opened:save(b))
      assert.are.equal(files.read(a), files.read(b), "seed " .. seed)
      local bans = {}
      for _, act in ipairs(question.acts) do
        for _, one in ipairs(act.restrictions) do
          bans[#bans + 1] = { targets = one.targets, rule = act.rule, scope = act.scope, joint = one.joint }
        end
      end
      for _, rule in ipairs { false, "reach", "icts" } do
        local asked = rule and { { targets = bans[1].targets, rule = rule, scope = "owned" } } or bans
        local request = { question = "ban", as_of = question.as_of, bans = asked }
        assert.are.equal(answer_of(net, request), answer_of(opened, request), "seed " .. seed)
      end
      opened:close()
    end
  end)

  it("is closed like any other, and what borrows it with it", function()
    local net = frozen(assert(knockon.network(FACTS)))
    local scenario = net:scenario { as_of = "2022" }
    local exposure = scenario:ban("acme"):exposure()
    net:close()
    net:close()
    assert.are.equal("network (closed)", tostring(net))
    for _, use in ipairs { function() return net:entities {} end, function() return scenario:exposure() end,
      function() return exposure:parents() end, function() return net:freeze(files.path "never") end } do
      local fine, err = pcall(use)
      assert.are.same({ false, "closed" }, { fine, err.code })
    end
    assert.is_nil(files.read(files.path "never"))
  end)

  it("tells how much of its memory is in the file", function()
    local net = assert(knockon.network(FACTS))
    local opened, path = frozen(net)
    local memory = opened:memory()
    assert.are.equal(0, net:memory().mapped)
    assert.are.same({ #files.read(path), memory.mapped, memory.mapped },
      { memory.mapped, memory.total, memory.adjacency + memory.ids + memory.fields })
  end)
end)

describe("net:freeze", function()
  local net = assert(knockon.network(FACTS))

  it("gives the same bytes for the same network", function()
    local opened, path = frozen(net)
    local _, again = frozen(opened)
    assert.are.equal(files.read(path), files.read(again))
  end)

  it("puts a new file in the place of the old, which those who opened it keep", function()
    local opened, path = frozen(net)
    local before = contents(opened)
    assert.is_true(assert(knockon.network { entities = { { id = "other" } } }):freeze(path))
    assert.are.same(before, contents(opened))
    assert.are.equal(1, #assert(knockon.open(path)))
    assert.is_true(opened:freeze(path)) -- also with what it was opened from
    assert.are.same(before, contents(assert(knockon.open(path))))
  end)

  it("follows a symlink, keeps the mode, and leaves nothing beside the file", function()
    files.folders "linked"
    local folder = files.path "linked"
    files.write("linked/real.snapshot", "kept")
    assert(os.execute(("cd '%s' && chmod 640 real.snapshot && ln -s real.snapshot link.snapshot"):format(folder)))
    assert.is_true(net:freeze(folder .. "/link.snapshot"))
    assert.are.equal(6, #assert(knockon.open(folder .. "/real.snapshot")))
    local pipe = assert(io.popen(("cd '%s' && ls -l | cut -c 1-10 && ls"):format(folder)))
    local listed = pipe:read "*a"
    pipe:close()
    assert.truthy(listed:find("-rw-r-----", 1, true))
    assert.truthy(listed:find("lrwxrwxrwx", 1, true))
    assert.falsy(listed:find(".part", 1, true))
  end)

  it("says why it cannot", function()
    for path, cause in pairs {
      ["/dev/full"] = "No space left on device", [files.path "no/such"] = "No such file or directory",
      [files.path "."] = "Is a directory",
    } do
      local done, message, code = net:freeze(path)
      assert.are.same({ "nil", path .. ": " .. cause, "io" }, { tostring(done), message, code })
    end
    local fine, err = pcall(net.freeze, net, 5)
    assert.are.same({ false, "argument", "path" }, { fine, err.code, err.argument })
  end)
end)

describe("knockon.open", function()
  it("has limits and progress", function()
    local _, path = frozen(assert(knockon.network(FACTS)))
    assert.are.equal(6, #assert(knockon.open(path, { limits = { seconds = 100, bytes = 1e6 }, progress = print })))
    for _, opts in ipairs { { verfy = true }, { verify = 1 }, { limits = 5 }, { progress = 5 } } do
      local fine, err = pcall(knockon.open, path, opts)
      assert.are.same({ false, "argument" }, { fine, err.code })
    end
    assert.is_false((pcall(knockon.open)))
  end)

  it("is what knockon.load does with a snapshot, every byte of it looked at", function()
    local net = assert(knockon.network(FACTS))
    local _, path = frozen(net)
    assert.are.same(contents(net), contents(assert(knockon.load(path))))
  end)

  -- Linux tells what a process has for itself and what it shares.
  it("shares one copy with other processes", function()
    local rollup = io.open("/proc/self/smaps_rollup", "rb")
    if not rollup or os.getenv "KNOCKON_SANITIZED" then return end
    rollup:close()
    local entities, relations = {}, {}
    for i = 1, 60000 do
      entities[i] = { id = "entity-" .. i, name = "The name of entity number " .. i, country = "US" }
      relations[i] = { kind = "owns", from = "entity-" .. i, to = "entity-" .. i % 60000 + 1, share = "10%" }
    end
    local net = assert(knockon.network { entities = entities, relations = relations })
    local total = net:memory().total
    local _, path = frozen(net)
    net:close()
    local script = files.write("second.lua", ([[
      local knockon = require "knockon"
      local function own()
        local bytes = 0
        for line in io.lines "/proc/self/smaps_rollup" do
          local kilobytes = line:match "^Private_%%a+: +(%%d+)"
          bytes = bytes + (kilobytes or 0) * 1024
        end
        return bytes
      end
      collectgarbage() collectgarbage()
      local before = own()
      local net = assert(knockon.open(%q, { verify = true }))
      print(own() - before, #net)
    ]]):format(path))
    local first = assert(knockon.open(path, { verify = true })) -- holds the pages
    local pipe = assert(io.popen(("LUA_PATH='%s' LUA_CPATH='%s' %s %s"):format(package.path, package.cpath,
      interpreter, script)))
    local added, count = pipe:read("*l"):match "(%-?%d+)%s+(%d+)"
    pipe:close()
    assert.are.equal("60000", count)
    assert.are.equal(60000, #first)
    assert.is_true(tonumber(added) < total * 0.05, ("%s of %d bytes"):format(added, total))
  end)
end)

describe("the command", function()
  local function run(...) return command { ... } end

  it("makes a snapshot, and takes one wherever it takes data", function()
    local data, path = "examples/alibaba-2022.json", files.path "command.snapshot"
    assert.are.equal(0, (run("freeze", data, path)))
    for _, words in ipairs {
      { "ban", "alibaba-cloud", "--as-of", "2022-01-18", "--format", "json" }, { "show" },
      { "check", "--as-of", "2027-06-30" }, { "why", "ford", "--ban", "alibaba-cloud", "--as-of", "2022-01-18" },
    } do
      local given, frozen_words = { words[1], data }, { words[1], path }
      for i = 2, #words do given[i + 1], frozen_words[i + 1] = words[i], words[i] end
      local unpack = rawget(table, "unpack") or rawget(_G, "unpack")
      assert.are.same({ run(unpack(given)) }, { run(unpack(frozen_words)) })
    end
    assert.are.equal(0, (run("convert", path, files.path "back.json")))
    assert.are.equal(29, #assert(knockon.load(files.path "back.json")))
  end)

  it("ends with 3 at a snapshot that is damaged, and with 4 where none can be written", function()
    local path = files.path "command.snapshot"
    local bytes = files.read(path)
    files.write("damaged.snapshot", bytes:sub(1, -2))
    local ended, _, message = run("show", files.path "damaged.snapshot")
    assert.are.equal(3, ended)
    assert.truthy(message:find("damaged", 1, true))
    assert.are.equal(4, (run("freeze", path, "/dev/full")))
  end)
end)
