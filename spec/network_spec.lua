-- A network: looking at it, saving it, closing it.
local core = require "knockon.core"
local files = require "spec.support.files"
local json = require "knockon.json"
local knockon = require "knockon"
local raised = require "spec.support.raised"

-- One of everything: further fields of every type, two records of one entity, dates, shares, a further restriction.
local function facts()
  return {
    title = "Everything",
    entities = {
      {
        id = "acme", name = "Acme", country = "CN", lei = "5493001KJTIIGC8Y1R12", employees = 12345, margin = 0.1,
        listed = true, dormant = false, tags = { "x", "y" }, none = {}, one = { "only" }, numbers = { 1, 2.5 },
        address = { city = "Hangzhou", lines = { "a", "b" } }, note = 'quotes " and, commas;\nlines',
        blank = "",
      },
      { id = "acme-2", name = "ACME Ltd", country = { "CN", "HK" }, since = "2001", ["until"] = "2099-12" },
      { id = "cloud", kind = "service", name = "Acme", data = { "personal" } },
      { id = "user", name = "\195\156ser", located_in = { "US", "CA" }, confidence = 0.75 },
      { id = "parent", kind = "firm", name = "Parent", country = "US" },
      { id = "who", kind = "person" },
      { id = "co-op", kind = "cooperative" },
    },
    relations = {
      { id = "runs", kind = "operates", from = "acme", to = "cloud" },
      {
        kind = "supplies", from = "cloud", to = "user", since = "2019-03-05", spend = "1200000.50", currency = "USD",
        contract = "c1", party = "parent", need = "hosting", reliance = "full", rank = 1, fraction = 0.5,
        data = { "ip", "personal" }, source = "press", evidence = "page 3", confidence = 0.9, extra = { a = { 1 } },
      },
      { kind = "owns", from = "parent", to = "user", share = "(25%,50%]", since = "2020", class = "A" },
      { kind = "owns", from = "parent", to = "user", share = ">50%", basis = "votes" },
      { kind = "owns", from = "who", to = "parent", share = 0.141, ["until"] = "2030" },
      { kind = "owns", from = "co-op", to = "parent" },
      { id = "c", kind = "controls", from = "who", to = "parent", by = "board" },
      { kind = "linked", from = "co-op", to = "who", tags = {} },
      { kind = "same_as", from = "acme-2", to = "acme" },
    },
    restrictions = {
      {
        id = "zz", rule = "icts", targets = { country = { "CN", "RU" }, kind = "service" }, status = "review",
        since = 2021,
      },
      {
        id = "aa", rule = "listing", targets = { "acme", "cloud" }, measure = "license",
        joint = { { "acme", "cloud" } },
        title = "A title; with semicolon",
        except = { { covers = { contract = "c1" }, ["until"] = "2031", source = "licence" } },
      },
    },
  }
end

local function network() return assert(knockon.network(facts())) end

local function names(list, field)
  local out = {}
  for i, one in ipairs(list) do out[i] = one[field or "id"] end
  return table.concat(out, " ")
end

teardown(files.clean)

describe("a builder", function()
  it("names the argument that is none", function()
    local builder = knockon.builder()
    for _, name in ipairs { "entity", "relation", "restriction" } do
      local object = raised(builder[name], builder, 5)
      assert.are.same({ name, name .. " must be a table, not a number" }, { object.argument, object.message })
    end
    assert.are.equal("entity", raised(builder.entity, builder, { id = "a", since = "foo" }).argument)
    assert.are.equal("relation", raised(builder.relation, builder, { kind = "owns", from = "a" }).argument)
  end)
end)

describe("net:entity", function()
  local net = network()

  it("gives an entity with everything that was said of it", function()
    assert.are.same(facts().entities[5], net:entity "parent")
    assert.are.same(facts().entities[4], net:entity "user")
  end)

  it("keeps further fields as they are: texts, numbers, booleans, lists, empty lists, nested tables", function()
    local acme = net:entity "acme"
    for field, value in pairs(facts().entities[1]) do assert.are.same(value, acme[field], field) end
  end)

  it("gives nil for an id that nobody has", function()
    assert.is_nil(net:entity "nobody")
    assert.is_nil(net:entity "")
    assert.are.equal(1, select("#", net:entity "nobody"))
  end)

  it("refuses what is no id", function()
    for _, bad in ipairs { 5, true, {} } do
      local object = raised(net.entity, net, bad)
      assert.are.same({ "argument", "id" }, { object.code, object.argument })
    end
    assert.are.equal("argument", raised(net.entity, net).code)
  end)

  it("gives a new table every time", function()
    net:entity("acme").tags[1] = "changed"
    net:entity("acme").name = "changed"
    assert.are.equal("x", net:entity("acme").tags[1])
    assert.are.equal("Acme", net:entity("acme").name)
  end)

  it("makes one of two records that are the same: named by the smaller id, with the fields of both", function()
    assert.are.equal("acme", net:entity("acme-2").id)
    local one = knockon.network {
      entities = { { id = "b", name = "B" }, { id = "a", country = "US" }, { id = "c", name = "C" } },
      relations = { { kind = "same_as", from = "a", to = "b" }, { id = "r", kind = "owns", from = "c", to = "b" } },
    }
    assert.are.same({ id = "a", name = "B", country = "US" }, one:entity "b")
    assert.are.equal("a c", names(one:entities {}))
    assert.are.equal(2, #one:entities {})
    assert.are.same({ "a" }, { one:scenario():ban("b"):exposure():restricted()[1].id })
    assert.are.equal("b", one:relations({ id = "r" })[1].to)
    assert.are.equal("r", names(one:relations { to = "a", kind = "owns" }))
  end)
end)

describe("net:entities and net:relations", function()
  local net = network()

  it("list everything, in order of id or of ends, without a filter", function()
    assert.are.equal("acme cloud co-op parent user who", names(net:entities()))
    assert.are.equal(9, #net:relations())
  end)

  it("take conditions that must all hold, whose values are alternatives", function()
    assert.are.equal("acme parent", names(net:entities { country = { "CN", "US" } }))
    assert.are.equal("acme", names(net:entities { country = { "CN", "US" }, listed = true }))
    assert.are.equal("acme", names(net:entities { employees = 12345 }))
    assert.are.equal("acme", names(net:entities { tags = "y" }))
    assert.are.equal("acme", names(net:entities { margin = 0.1, dormant = false }))
    assert.are.equal("acme parent user", names(net:entities { kind = "firm" }))
    assert.are.equal("user", names(net:entities { located_in = { "CA" } }))
    assert.are.equal("", names(net:entities { country = {} }))
    assert.are.equal("", names(net:entities { nothing = "x" }))
    assert.are.equal("parent user", names(net:entities { id = { "user", "parent", "nobody" } }))
  end)

  it("know the relations' own columns", function()
    assert.are.equal("parent parent", names(net:relations { kind = "owns", from = "parent" }, "from"))
    assert.are.equal("votes", names(net:relations { basis = "votes" }, "basis"))
    assert.are.equal("user", names(net:relations { kind = "supplies", contract = "c1" }, "to"))
    assert.are.equal("runs", names(net:relations { id = "runs" }))
    assert.are.equal("runs", names(net:relations { id = { "none", "runs", "runs" } }))
    assert.are.equal("", names(net:relations { id = "runs", kind = "owns" }))
    assert.are.equal("supplies", names(net:relations { since = "2019-03-05" }, "kind"))
    assert.are.equal("supplies", names(net:relations { data = "ip" }, "kind"))
  end)

  it("refuse what is no filter", function()
    for _, bad in ipairs { 5, "acme", true } do
      assert.are.equal("argument", raised(net.entities, net, bad).code)
      assert.are.equal("filter", raised(net.relations, net, bad).argument)
    end
    assert.are.equal("argument", raised(net.entities, net, { "acme" }).code)
    assert.are.equal("argument", raised(net.entities, net, { name = { a = 1 } }).code)
    assert.are.equal("argument", raised(net.entities, net, { name = print }).code)
  end)
end)

describe("net:find", function()
  local net = network()

  it("finds exact ones first, then those that differ in ASCII case, and all of them", function()
    assert.are.equal("acme cloud", names(net:find { name = "Acme" }))
    assert.are.equal("acme cloud", names(net:find { name = "aCME" }))
    assert.are.equal("acme", names(net:find { lei = "5493001kjtiigc8y1r12" }))
    assert.are.equal("cloud acme", names(knockon.network({ entities = {
      { id = "acme", name = "ACME" }, { id = "cloud", name = "Acme" } } }):find { name = "Acme" }))
  end)

  it("finds by id, and by the name of any record of an entity", function()
    assert.are.equal("acme", names(net:find { id = "ACME" }))
    assert.are.equal("acme", names(net:find { name = "acme ltd" }))
  end)

  it("finds nothing where there is nothing", function()
    assert.are.same({}, net:find { name = "Nobody" })
    assert.are.same({}, net:find { nothing = "x" })
  end)

  it("wants one field and a text", function()
    for _, bad in ipairs { {}, { name = "a", lei = "b" }, { name = 5 }, { "a" }, "a" } do
      assert.are.equal("query", raised(net.find, net, bad).argument)
    end
  end)
end)

describe("counts", function()
  local net = network()

  it("tell how many there are of each kind", function()
    local counts = net:counts()
    assert.are.same({ firm = 3, service = 1, person = 1, cooperative = 1 }, counts.entities)
    assert.are.same({ owns = 4, supplies = 1, operates = 1, controls = 1, linked = 1, same_as = 1 }, counts.relations)
    assert.are.equal(2, counts.restrictions)
    assert.are.equal(1, counts.shares_unknown)
    assert.are.equal(3, counts.dated)
  end)

  it("of entities are the length of the network, on every Lua", function() assert.are.equal(6, #net) end)

  it("of bytes add up", function()
    local memory = net:memory()
    assert.are.equal(memory.total, memory.adjacency + memory.ids + memory.fields)
    assert.is_true(memory.total > 0 and memory.peak >= memory.total)
  end)

  it("go with a title and a text", function()
    assert.are.equal("Everything", net:title())
    assert.is_nil(knockon.network({}):title())
    assert.are.equal("network (7 entities, 9 relations)", tostring(net))
  end)
end)

describe("net:restrictions", function()
  it("gives them in order of id, as they were given, and never the network's own tables", function()
    local given = facts()
    local net = knockon.network(given)
    assert.are.same({ given.restrictions[2], given.restrictions[1] }, net:restrictions())
    net:restrictions()[1].targets[1] = "changed"
    given.restrictions[2].targets[1] = "changed"
    given.restrictions[1].targets.country[1] = "changed"
    assert.are.same({ facts().restrictions[2], facts().restrictions[1] }, net:restrictions())
  end)

  it("names those without an id by their number", function()
    local net = knockon.network { entities = { { id = "a" } }, restrictions = { { rule = "icts", targets = "a" } } }
    assert.are.same({ { id = "restriction-1", rule = "icts", targets = { "a" } } }, net:restrictions())
  end)
end)

describe("net:warnings", function()
  it("tell what is doubtful in the data", function()
    local net = knockon.network {
      entities = { { id = "a" }, { id = "b" }, { id = "c" } },
      relations = {
        { id = "r1", kind = "owns", from = "a", to = "b", share = "60%" },
        { id = "r2", kind = "owns", from = "a", to = "b", share = "50%" },
        { id = "r3", kind = "owns", from = "c", to = "b", share = "70%" },
        { id = "r4", kind = "owns", from = "c", to = "c", share = "1%" },
      },
    }
    local found = {}
    for _, warning in ipairs(net:warnings()) do
      table.sort(warning.ids)
      found[warning.code] = table.concat(warning.ids, " ")
      assert.is_string(warning.message)
    end
    assert.are.same({ overlap = "r1 r2", above_whole = "b", self_holding = "r4" }, found)
    assert.are.same({}, network():warnings())
  end)

  local function said(net, code)
    local list = {}
    for _, warning in ipairs(net:warnings()) do
      if warning.code == code then list[#list + 1] = table.concat(warning.ids, " ") .. "|" .. warning.message end
    end
    return list
  end

  it("tell of countries that no rule knows", function()
    local why = 'is no ISO 3166-1 alpha-2 code such as "US", so that no rule knows it'
    assert.are.same({
      ('d|d: the country "Atlantis" %s'):format(why),
      ('a c|a, c: the country "United States" %s; did you mean "US"?'):format(why),
      ('b|b: the country "us" %s; did you mean "US"?'):format(why),
    }, said(knockon.network { entities = {
      { id = "a", country = { "United States", "CN" }, located_in = "United States" }, { id = "b", country = "us" },
      { id = "c", located_in = "United States" }, { id = "d", country = "Atlantis" }, { id = "e", country = "DE" },
      { id = "f" },
    } }, "country_code"))
  end)

  it("tell of fields that were probably meant to be others", function()
    local net = knockon.network {
      entities = {
        { id = "a", contry = "CN", date = "x", note = "n", region = "r", bank = true, Name = "A", confidense = 1 },
        { id = "b", county = "Kent", employees = 5, names = { "x" } },
      },
      relations = { { kind = "supplies", from = "a", to = "b", relaince = "full" } },
      restrictions = { { id = "act", rule = "icts", targets = "a", untill = "2020", press = "x" } },
    }
    assert.are.same({
      '|the field "Name" means nothing here; did you mean "name"?',
      '|the field "confidense" means nothing here; did you mean "confidence"?',
      '|the field "contry" means nothing here; did you mean "country"?',
      '|the field "relaince" means nothing here; did you mean "reliance"?',
      'act|act: the field "untill" means nothing here; did you mean "until"?',
    }, said(net, "field_name"))
  end)
end)

describe("knockon.answer", function()
  it("is asked of a network, within limits", function()
    for _, bad in ipairs { 5, "net", {}, facts() } do
      assert.are.same({ "argument", "net" },
        { raised(knockon.answer, bad, { question = "show" }).code,
          raised(knockon.answer, bad, { question = "show" }).argument })
    end
    assert.are.equal("net", raised(knockon.answer).argument)
    local object = raised(knockon.answer, network(), { question = "show", limits = { secnds = 1 } })
    assert.are.same({ "argument", { "seconds" } }, { object.code, object.near })
  end)
end)

describe("the tables of the user", function()
  it("are never changed", function()
    local given, other = facts(), facts()
    local net = knockon.network(given)
    local targets, relation, filter = { "acme" }, { kind = "linked", from = "who", to = "user" }, { contract = "c1" }
    net:scenario({ as_of = "2022" }):ban(targets):except(filter):add(relation):exposure()
    assert.are.same(other, given)
    assert.are.same({ { "acme" }, { kind = "linked", from = "who", to = "user" }, { contract = "c1" } },
      { targets, relation, filter })
  end)
end)

describe("shares and dates", function()
  local SHARES = {
    ["51%"] = "51%", ["12,5%"] = "12.5%", ["25-50%"] = "25%..50%", ["25%..50%"] = "25%..50%", [">50%"] = "(50%,100%]",
    [">=25%"] = "25%..100%", ["<10%"] = "(0%,10%)", ["<=10%"] = "(0%,10%]", ["(25%,50%]"] = "(25%,50%]",
    ["0.0000001%"] = "0.0000001%", ["33.33333333%"] = "33.3333333%..33.3333334%", ["100%"] = "100%",
  }

  local function shares(net)
    local out = {}
    for _, one in ipairs(net:relations {}) do out[one.id] = one.share and { core.share(one.share) } or "unknown" end
    return out
  end

  it("mean the same after they were written and read again", function()
    local given = { entities = { { id = "z" } }, relations = {} }
    local expected = { blank = "unknown", number = { core.share(0.141) } }
    local function add(id, share)
      given.entities[#given.entities + 1] = { id = id }
      given.relations[#given.relations + 1] = { id = id, kind = "owns", from = "z", to = id, share = share }
    end
    for text in pairs(SHARES) do
      add(text, text)
      expected[text] = { core.share(text) }
    end
    add("number", 0.141)
    add "blank"
    local net = knockon.network(given)
    assert.are.same(expected, shares(net))
    local path = files.path "shares.json"
    assert(net:save(path))
    assert.are.same(expected, shares(assert(knockon.load(path))))
    files.folders "shares"
    assert(net:save(files.path "shares"))
    assert.are.same(expected, shares(assert(knockon.load(files.path "shares"))))
  end)

  it("come back as the first day they name", function()
    local net = network()
    assert.are.equal("2019-03-05", net:relations({ kind = "supplies" })[1].since)
    assert.are.equal("2030-01-01", net:relations({ from = "who", kind = "owns" })[1]["until"])
    local years = knockon.network { entities = { { id = "a", since = 2018, ["until"] = "2099-12" } } }
    assert.are.same({ id = "a", since = "2018-01-01", ["until"] = "2099-12-01" }, years:entity "a")
  end)
end)

describe("saving", function()
  local function answers(net)
    local out = {}
    for _, scope in ipairs { "entity", "owned", "facilitation" } do
      for _, target in ipairs { "acme", "cloud", "who" } do
        local answer = knockon.answer(net, { question = "ban", targets = { target }, scope = scope, as_of = "2022" })
        answer.run.data = nil
        out[#out + 1] = json.encode(answer)
      end
    end
    local check = knockon.answer(net, { question = "check", as_of = "2022" })
    check.run.data = nil
    return table.concat(out, "\n") .. json.encode(check)
  end

  -- The files of a saved network as one text.
  local function saved(net, name)
    local path = files.path(name)
    assert(net:save(path))
    if name:find "%.json$" then return files.read(path) end
    local parts = {}
    for i, part in ipairs { "entities", "relations", "restrictions" } do
      parts[i] = files.read(("%s/%s.csv"):format(path, part))
    end
    return table.concat(parts)
  end

  setup(function() files.folders("one", "two", "three", "locked") end)

  it("in JSON gives the same bytes after loading, and the same answers", function()
    local net = network()
    local first = saved(net, "one.json")
    local again = assert(knockon.load(files.path "one.json"))
    assert.are.equal(first, saved(again, "two.json"))
    assert.are.equal(answers(net), answers(again))
    assert.are.same(net:entities(), again:entities())
    assert.are.equal("Everything", again:title())
  end)

  it("in CSV gives the same bytes after loading, and the same answers", function()
    local net = network()
    local first = saved(net, "one")
    local again = assert(knockon.load(files.path "one"))
    assert.are.equal(first, saved(again, "two"))
    assert.are.equal(answers(net), answers(again))
    local third = assert(knockon.load(files.path "two"))
    assert.are.equal(saved(again, "two.json"), saved(third, "three.json"))
    assert.are.same({ "x", "y" }, again:entity("acme").tags)
    assert.are.same({ "only" }, again:entity("acme").one)
    assert.are.equal(facts().entities[1].note, again:entity("acme").note)
  end)

  it("writes the same bytes on every Lua", function()
    local function digest(name) return core.sha256(saved(network(), name)) end
    -- made once by Lua 5.4
    assert.are.equal("c2a0d09d00e5f1392afd1eb40ee07ac6efd114111a9b0763c7cb655b50184415", digest "one.json")
    assert.are.equal("9bf23f911d23cc0ca1467af3615ef56622caa9c87554bd6ef99006060f3d6a51", digest "one")
  end)

  it("does not depend on the order of loading", function()
    local turned, given = facts(), facts()
    for _, part in ipairs { "entities", "relations", "restrictions" } do
      for i, record in ipairs(given[part]) do
        if part == "relations" then record.id = record.id or "r" .. i end
        turned[part][#given[part] + 1 - i] = record
      end
    end
    assert.are.equal(saved(knockon.network(given), "one.json"), saved(knockon.network(turned), "one.json"))
    assert.are.equal(saved(knockon.network(given), "one"), saved(knockon.network(turned), "two"))
  end)

  it("keeps the ids that relations had by file and record", function()
    local path = files.write("named.json", '{"knockon":1,"entities":[{"id":"a"},{"id":"b"}],"relations":['
      .. '{"kind":"owns","from":"b","to":"a"},{"kind":"owns","from":"a","to":"b"}]}')
    local net = assert(knockon.load(path))
    assert.are.equal("named.json#2 named.json#1", names(net:relations()))
    saved(net, "other.json")
    local again = assert(knockon.load(files.path "other.json"))
    assert.are.equal("named.json#2 named.json#1", names(again:relations()))
    saved(again, "three")
    assert.are.equal("named.json#2 named.json#1", names(assert(knockon.load(files.path "three")):relations()))
    assert.are.equal("named.json#1", again:scenario():drop("named.json#1"):drop("named.json#1").dropped[1])
  end)

  it("leaves no restrictions behind that another network had", function()
    saved(network(), "one")
    saved(knockon.network { entities = { { id = "a" } } }, "one")
    assert.are.same({}, assert(knockon.load(files.path "one")):restrictions())
  end)

  it("gives one value when all went well, as all that makes a network does", function()
    local net = network()
    assert.are.equal(1, select("#", net:save(files.path "one")))
    assert.are.equal(1, select("#", net:save(files.path "one.json")))
    assert.are.equal(1, select("#", knockon.load(files.path "one")))
    assert.are.equal(1, select("#", knockon.load(files.path "one.json")))
    assert.are.equal(1, select("#", knockon.network {}))
    assert.are.equal(1, select("#", knockon.builder():build()))
  end)

  it("writes files whole or not at all", function()
    local net = network()
    for _, path in ipairs { files.path "nowhere/x.json", files.path "nowhere/folder" } do
      local done, message, code = net:save(path)
      assert.is_nil(done)
      assert.are.equal("io", code)
      assert.truthy(message:find(path, 1, true), message)
    end
    local kept = files.write("kept.json", "kept")
    local bad = knockon.network { entities = { { id = "a", ["x[]"] = "y" }, { id = "b", ["x[]"] = "z" } } }
    files.folders "kept"
    files.write("kept/entities.csv", "kept")
    assert.are.equal("argument", raised(bad.save, bad, files.path "kept").code)
    assert.are.equal("kept", files.read(files.path "kept/entities.csv"))
    files.folders "kept/restrictions.csv" -- a folder is in the way of the last file
    local done, message, code = net:save(files.path "kept")
    assert.are.same({ "nil", "io" }, { tostring(done), code })
    assert.truthy(message:find("restrictions.csv", 1, true))
    assert.are.equal("kept", files.read(kept))
    for _, name in ipairs(files.list()) do assert.falsy(name:find("%.part$"), name) end
  end)

  it("follows symlinks, keeps modes, and writes into what is no regular file", function()
    local net, folder = network(), files.path "special"
    files.folders "special"
    local function run(command)
      local status = os.execute(command:gsub("@", "'" .. folder .. "'"))
      assert.truthy(status == true or status == 0, command)
    end
    local function output_of(command)
      local pipe = assert(io.popen((command:gsub("@", "'" .. folder .. "'"))))
      local text = pipe:read "*a"
      pipe:close()
      return text
    end
    files.write("special/real.json", "kept")
    run "chmod 640 @/real.json && ln -s real.json @/link.json && ln -s later.json @/dangling.json"
    assert.is_true(net:save(folder .. "/link.json"))
    assert.is_true(net:save(folder .. "/dangling.json"))
    run "test -L @/link.json && test -L @/dangling.json && cmp -s @/real.json @/later.json"
    assert.truthy(output_of("ls -l @/real.json"):find("^%-rw%-r%-%-%-%-%-"))
    run "mkfifo @/fifo.json && { cat @/fifo.json >@/read.json & }"
    assert.is_true(net:save(folder .. "/fifo.json"))
    run "test -p @/fifo.json"
    run "for i in 1 2 3 4 5 6 7 8 9; do cmp -s @/read.json @/real.json && exit 0; sleep 0.2; done; exit 1"
    assert.are.equal("", output_of "ls @ | grep part")
    local _, message = net:save(folder .. "/none: x/o.json")
    assert.are.equal(folder .. "/none: x/o.json: No such file or directory", message)
  end)

  it("refuses what is no path or format", function()
    local net = network()
    assert.are.equal("path", raised(net.save, net).argument)
    assert.are.equal("path", raised(net.save, net, 5).argument)
    local object = raised(net.save, net, files.path "x", { format = "cvs" })
    assert.are.same({ "format", { "csv" } }, { object.argument, object.near })
    object = raised(net.save, net, files.path "x", { formt = "csv" })
    assert.are.same({ "formt", { "format" } }, { object.argument, object.near })
    assert.is_true(net:save(files.path "forced", { format = "native" }))
    assert.are.equal(6, #assert(knockon.load(files.path "forced")))
  end)
end)

describe("a closed network", function()
  it("raises code \"closed\" from every method, also of its scenarios and exposures", function()
    local net = network()
    local day = net:scenario { as_of = "2022" }
    local ban = day:ban "acme"
    local unasked = day:ban "cloud"
    local exposure = ban:exposure()
    net:close()
    net:close()
    assert.are.equal("network (closed)", tostring(net))
    local calls = {
      { net.entity, net, "acme" }, { net.entities, net }, { net.relations, net }, { net.find, net, { name = "x" } },
      { net.counts, net }, { net.memory, net }, { net.title, net }, { net.restrictions, net }, { net.sources, net },
      { net.complete, net }, { net.warnings, net }, { net.scenario, net }, { net.save, net, files.path "x.json" },
      { function() return #net end }, { knockon.answer, net, { question = "show" } },
      { knockon.answer, net, { question = "ban", targets = { "acme" } } },
      { day.at, day, "2022" }, { day.ban, day, "acme" }, { day.assume, day, "aa" }, { day.lift, day, "aa" },
      { day.except, day, { contract = "c1" } }, { day.drop, day, "runs" }, { day.exposure, unasked },
      { day.add, day, { kind = "linked", from = "who", to = "user" } }, { day.lift, ban, "ban-1" },
      { day.at_scope, day, "owned" }, { day.timeline, day, { from = "2021", to = "2022" } },
    }
    for _, method in ipairs { "restricted", "users", "parents", "concerned", "linked", "count", "warnings", "unknowns",
      "restrictions", "run", "red_flags", "formerly", "ladder" } do
      calls[#calls + 1] = { exposure[method], exposure }
    end
    calls[#calls + 1] = { exposure.why, exposure, "acme" }
    calls[#calls + 1] = { exposure.chokepoints, exposure, "acme" }
    assert.are.equal("exposure (closed)", tostring(exposure))
    for i, call in ipairs(calls) do
      local object = raised(call[1], call[2], call[3])
      assert.are.equal("closed", object.code, "call " .. i)
      assert.truthy(tostring(object):find("closed", 1, true))
    end
    assert.is_nil(files.read(files.path "x.json"))
  end)

  -- Only Lua 5.4 has such variables.
  local it_on_54 = _VERSION == "Lua 5.4" and it or function() end
  it_on_54("is what a to-be-closed variable leaves", function()
    local kept
    local chunk = assert(load("local net, use = ... ; local closing <close> = net; use(closing)"))
    chunk(network(), function(net) kept = net end)
    assert.are.equal("closed", raised(kept.title, kept).code)
    local fine = pcall(chunk, network(), function(net)
      kept = net
      error "on the way"
    end)
    assert.is_false(fine)
    assert.are.equal("closed", raised(kept.title, kept).code)
  end)
end)
