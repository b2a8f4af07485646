-- What happens when data is bad: every message says where and why, and nothing is half loaded.
local errors = require "knockon.errors"
local files = require "spec.support.files"
local json = require "knockon.json"
local knockon = require "knockon"
local loading = require "spec.support.loading"

local unpack = rawget(table, "unpack") or rawget(_G, "unpack")
local document, folder, has, refuses, run =
  loading.document, loading.folder, loading.has, loading.refuses, loading.run

local function relation(fields) return document(nil, '{"kind":"owns","from":"a","to":"b",' .. fields .. "}") end

local function restriction(fields) return document(nil, nil, '{"rule":"icts","targets":["a"],' .. fields .. "}") end

teardown(files.clean)

describe("a native file that is wrong", function()
  local BAD = {
    { "broken JSON: line and column",
      '{ "knockon": 1,\n  "entities": [ { "id": "a" } ],\n  "relations": [ {] }', "line 3, column 19" },
    { "bytes that are not UTF-8: line and column",
      '{ "knockon": 1,\n"title": "\233" }', "line 2, column 11", "not UTF-8" },
    { "an empty file", "", "empty" },
    { "blanks only", " \n\t\n", "empty" },
    { "a number as the whole document", "[5]", "knockon" },
    { "another program's file", '{ "nodes": [] }', '"knockon": 1' },
    { "a later format", '{ "knockon": 2, "entities": [] }', '"knockon": 1' },
    { "a misspelt part, with the nearest", '{ "knockon": 1, "entites": [] }', "entites", "'entities'" },
    { "a part that is no list", '{ "knockon": 1, "entities": { "id": "a" } }', "'entities' must be a list" },
    { "a record that is no object", document("5"), "entity record 3", "number" },
    { "an entity without an id", document '{"name":"x"}', "entity record 3", "no id" },
    { "a duplicate entity id", document '{"id":"a"}', "entity record 3 'a'", "entity record 1" },
    { "a dangling end, with a near id", document('{"id":"acme"}', '{"id":"r","kind":"owns","from":"acne","to":"b"}'),
      "relation record 1 'r'", "'from' names 'acne'", "acme" },
    { "a dangling party", document(nil, '{"kind":"supplies","from":"a","to":"b","party":"c"}'),
      "relation record 1", "'party' names 'c'" },
    { "a duplicate relation id",
      document(nil, '{"id":"r","kind":"owns","from":"a","to":"b"},{"id":"r","kind":"linked","from":"a","to":"b"}'),
      "relation record 2 'r'", "relation record 1" },
    { "an unknown relation kind, with the known ones", document(nil, '{"kind":"own","from":"a","to":"b"}'),
      "relation record 1", "'kind' is 'own'", "owns, controls" },
    { "a relation without a kind", document(nil, '{"from":"a","to":"b"}'), "relation record 1", "no kind" },
    { "a relation without an end", document(nil, '{"kind":"owns","from":"a"}'), "relation record 1", "no 'to'" },
    { "the share 150%", relation '"share":"150%"', "relation record 1", "'150%'" },
    { "the share -1", relation '"share":"-1"', "relation record 1", "'-1'" },
    { "the share abc", relation '"share":"abc"', "relation record 1", "'abc'" },
    { "the share 51 as text, saying how to write it", relation '"share":"51"', "relation record 1", "'51'", '"51%"' },
    { "the share 51 as a number, saying how to write it", relation '"share":51', "relation record 1", "'51'", '"51%"' },
    { "an empty interval", relation '"share":"60%-50%"', "relation record 1", "empty" },
    { "the share NaN", relation '"share":NaN', "line 3, column" },
    { "a day that is not in the calendar", relation '"since":"2022-02-30"', "relation record 1", "'2022-02-30'" },
    { "since after until", relation '"since":"2022","until":"2021"', "relation record 1", "2022-01-01", "2021-01-01" },
    { "since = until", relation '"since":"2022","until":"2022-01-01"', "relation record 1", "not before" },
    { "since after until on an entity", document '{"id":"c","since":"2022","until":"2021"}', "entity record 3 'c'" },
    { "a field that belongs to another kind", document(nil, '{"kind":"linked","from":"a","to":"b","share":"1%"}'),
      "relation record 1", "'share' belongs to 'owns'" },
    { "spend without a currency", document(nil, '{"kind":"supplies","from":"a","to":"b","spend":"5"}'),
      "relation record 1", "'currency'" },
    { "a restriction of an unknown target, with a near one",
      document('{"id":"acme"}', nil, '{"rule":"icts","targets":["acne"]}'),
      "restriction record 1", '"acne"', '"acme"' },
    { "a restriction without a rule",
      document(nil, nil, '{"id":"x","targets":["a"]}'), "restriction record 1 'x'", "no rule" },
    { "a restriction without targets", document(nil, nil, '{"rule":"icts"}'), "restriction record 1", "'targets'" },
    { "a duplicate restriction id",
      document(nil, nil, '{"id":"x","rule":"icts","targets":["a"]},{"id":"x","rule":"icts","targets":["b"]}'),
      "restriction record 2 'x'", "restriction record 1" },
    { "a misspelt status, with the nearest",
      restriction '"status":"actve"', "restriction record 1", "'actve'", "'active'" },
    { "a misspelt measure", restriction '"measure":"ban"', "restriction record 1", "'ban'", "prohibit" },
    { "a misspelt scope", restriction '"scope":"own"', "restriction record 1", "'own'", "'owned'" },
    { "a restriction's bad date", restriction '"since":"2022-02-30"', "restriction record 1", "'2022-02-30'" },
    { "a restriction whose since = until",
      restriction '"since":"2022","until":"2022"', "restriction record 1", "since" },
    { "joint groups that are none", restriction '"joint":["a","b"]', "restriction record 1", "'joint'" },
    { "an exception that covers nothing", restriction '"except":[{"until":"2023"}]', "restriction record 1", "covers" },
    { "a predicate with an object in it", document(nil, nil, '{"rule":"icts","targets":{"country":{"is":"CN"}}}'),
      "restriction record 1", "'country'" },
  }

  for i, case in ipairs(BAD) do
    it("is refused for " .. case[1], function()
      local path = files.write(("bad-%d.json"):format(i), case[2])
      refuses(path, "parse", unpack(case, 3))
      local net, message, code = knockon.decode(case[2])
      assert.is_nil(net)
      assert.are.equal("parse", code)
      has(message, unpack(case, 3))
    end)
  end

  it("is told apart from one that cannot be opened", function()
    refuses(files.path "missing.json", "io", "No such file")
    files.folders "empty"
    refuses(files.path "empty", "io", "entities.csv")
  end)

  it("gets an error object on standard output, even when its ids are cut in the middle of a letter", function()
    local long = ("\195\182"):rep(300)
    local record = ('{"id":"x%s","kind":"owns","from":"a","to":"%s"}'):format(long, long)
    local path = files.write("long.json", document(nil, record))
    local status, out = run("show", path, "--format", "json")
    assert.are.equal(3, status)
    local object = assert(json.decode(out))
    assert.are.equal("parse", object.error.code)
  end)

  it("may begin with a byte order mark and break its lines with CRLF", function()
    local path = files.write("bom.json", "\239\187\191" .. document():gsub("\n", "\r\n"))
    assert.are.equal(2, #assert(knockon.load(path)))
  end)
end)

describe("a good file cut off at any byte", function()
  local whole = document('{"id":"c","name":"\195\169t\195\169","tags":["x","y"]}',
    '{"id":"r","kind":"owns","from":"a","to":"b","share":"60%","since":"2020"},{"kind":"supplies","from":"a","to":"c"}',
    '{"id":"x","rule":"icts","targets":["a"]}')

  it("is an error in JSON", function()
    for cut = 0, #whole - 1 do
      local net, message, code = knockon.decode(whole:sub(1, cut))
      assert.is_nil(net, "cut at " .. cut)
      assert.are.equal("parse", code)
      has(message, "line ", "column ")
    end
    assert.are.equal(3, #assert(knockon.decode(whole)))
  end)

  it("is an error or a complete network of whole records in CSV", function()
    local parts = {
      entities = 'id,name,note\na,A,"x ""y"" z"\nb,"B, and more",\n',
      relations = "id,kind,from,to,share\nr1,owns,a,b,60%\nr2,linked,b,a,\n",
      restrictions = 'id,rule,targets,note\nx,icts,a;b,"n"\n',
    }
    local loaded = 0
    for part, text in pairs(parts) do
      for cut = 0, #text do
        local copy = { entities = parts.entities, relations = parts.relations, restrictions = parts.restrictions }
        copy[part] = text:sub(1, cut)
        local net, message, code = knockon.load(folder("cut", copy))
        if net then
          loaded = loaded + 1
          assert.is_true((net:complete()))
          for _, one in ipairs(net:relations {}) do assert.truthy(net:entity(one.from) and net:entity(one.to)) end
          assert(net:scenario({ as_of = "2022" }):exposure())
        else
          assert.is_string(message)
          assert.are.equal("parse", code)
        end
      end
    end
    assert.is_true(loaded > 0)
  end)
end)

describe("a field of the wrong type", function()
  local function nested(depth)
    local value = "x"
    for _ = 1, depth do value = { value } end
    return value
  end
  local VALUES = { true, false, 5, -1.5, 1e300, "", "x", {}, { "x" }, { 1, 2 }, { a = "x" }, nested(50), nested(150) }
  local GOOD = {
    entities = {
      id = "c", kind = "firm", name = "C", country = "US", located_in = "US", since = "2020", ["until"] = "2030",
      source = "s", evidence = "e", confidence = 0.5, other = "o",
    },
    relations = {
      id = "r", kind = "supplies", from = "a", to = "b", since = "2020", ["until"] = "2030", need = "n",
      reliance = "full", spend = "5", currency = "USD", fraction = 0.5, data = { "ip" }, contract = "c", party = "a",
      rank = 1, other = "o",
    },
    restrictions = {
      id = "x", title = "t", rule = "icts", measure = "prohibit", targets = { "a" }, status = "active",
      scope = "owned", since = "2020", ["until"] = "2030", joint = { { "a" } }, except = { { covers = { id = "r" } } },
      source = "s", other = "o",
    },
  }

  -- A document with one record of a part.
  local function with(part, record)
    local facts = { knockon = 1, entities = { { id = "a" }, { id = "b" } } }
    facts[part] = facts[part] or {}
    table.insert(facts[part], record)
    return facts
  end

  -- Everything that can be asked of a network; a rule in the data that is none is told then.
  local function ask(net)
    local fine, object = pcall(function() return assert(net:scenario({ as_of = "2022" }):ban("a"):exposure()) end)
    assert.is_true(fine or (errors.is(object) and object.argument == "rule"), tostring(object))
    local again = json.encode { knockon = 1, entities = net:entities {}, relations = net:relations {} }
    assert.are.equal(#net, #assert(knockon.decode(again)))
  end

  it("is an error that names the record, or kept as it is: in JSON and in a table", function()
    local tried, refused = 0, 0
    for part, good in pairs(GOOD) do
      for field in pairs(good) do
        for _, value in ipairs(VALUES) do
          local record = {}
          for name, one in pairs(good) do record[name] = one end
          record[field] = value
          local facts = with(part, record)
          local net, message, code = knockon.decode(json.encode(facts))
          local fine, built = pcall(knockon.network, facts)
          assert.are.equal(net ~= nil, fine, field)
          tried = tried + 1
          if net then
            ask(net)
          else
            refused = refused + 1
            assert.are.equal("parse", code)
            has(message, " record ")
            assert.is_true(errors.is(built))
            assert.are.equal("argument", built.code)
          end
        end
      end
    end
    assert.is_true(refused > 200 and refused < tried)
  end)

  it("is an error where Lua can hold what a file cannot", function()
    local ring = {}
    ring.ring = ring
    local thread = coroutine.create(function() end)
    for _, value in ipairs { print, 0 / 0, 1 / 0, ring, { x = print }, nested(300), thread } do
      for part, record in pairs {
        entities = { id = "c" }, relations = { kind = "linked", from = "a", to = "b" },
        restrictions = { rule = "icts", targets = { "a" } },
      } do
        record.other = value
        local fine, object = pcall(knockon.network, with(part, record))
        assert.is_false(fine)
        assert.is_true(errors.is(object), tostring(object))
        has(object, " record ")
      end
    end
  end)
end)

describe("on_error = \"skip\"", function()
  local JSON = document('{"id":"a"},7,{"id":"c"}',
    '{"kind":"own","from":"a","to":"b"},{"kind":"owns","from":"a","to":"b"},{"kind":"owns","from":"a","to":"z"}',
    '{"id":"x"},{"id":"y","rule":"icts","targets":["a"]}')

  it("leaves out what is wrong, and lists it", function()
    local path = files.write("skip.json", JSON)
    local net = assert(knockon.load(path, { on_error = "skip" }))
    assert.are.equal(3, #net)
    assert.are.same({ "skip.json#2" }, { net:relations({})[1].id })
    assert.are.equal("y", net:restrictions()[1].id)
    local complete, skipped = net:complete()
    assert.is_false(complete)
    local found = {}
    for i, one in ipairs(skipped) do
      assert.are.equal(path, one.file)
      found[i] = one.cause:match "^%a+" .. " " .. one.record
    end
    assert.are.same({ "entity 3", "entity 4", "relation 1", "relation 3", "restriction 1" }, found)
    has(skipped[4].cause, "'to' names 'z'")
  end)

  it("works for CSV, and later relations keep their ids", function()
    local path = folder("skip", {
      entities = "id,name\na,A\nb\na,again\nb,B\n",
      relations = 'kind,from,to\nowns,a\nowns,a,z\nowns,"a"x,b\nowns,a,b\n',
      restrictions = "id,rule,targets\nx,icts\ny,icts,zz\nz,icts,a\n",
    })
    local net = assert(knockon.load(path, { on_error = "skip" }))
    assert.are.equal("relations.csv#4", net:relations({})[1].id)
    assert.are.equal("z", net:restrictions()[1].id)
    local _, skipped = net:complete()
    local found = {}
    for i, one in ipairs(skipped) do
      found[i] = ("%s %s %s"):format(one.file:match "[^/]+$", tostring(one.record), tostring(one.line))
    end
    table.sort(found)
    assert.are.same({
      "entities.csv 2 3", "entities.csv 3 4", "relations.csv 1 2", "relations.csv 2 nil", "relations.csv nil 4",
      "restrictions.csv 1 2", "restrictions.csv 2 nil",
    }, found)
  end)

  it("makes the answer incomplete, and the command end with status 4", function()
    local path = files.write("skip.json", JSON)
    local status, out = run("check", path, "--on-error", "skip", "--format", "json", "--as-of", "2022")
    assert.are.equal(4, status)
    local answer = assert(json.decode(out))
    assert.is_false(answer.complete)
    local skipped = 0
    for _, warning in ipairs(answer.warnings) do
      if warning.code == "skipped" then
        skipped = skipped + 1
        has(warning.message, path, "record")
      end
    end
    assert.are.equal(5, skipped)
    assert.are.equal(3, (run("check", path, "--as-of", "2022")))
  end)

  it("does not forgive a file that is broken as a whole", function()
    assert.is_nil((knockon.decode('{ "knockon": 1, ', { on_error = "skip" })))
    assert.is_nil((knockon.load(folder("torn", { entities = "name\nA\n" }), { on_error = "skip" })))
    assert.is_nil((knockon.load(files.path "missing.json", { on_error = "skip" })))
  end)

  it("works for a builder, which otherwise raises where the record is given", function()
    local builder = knockon.builder { on_error = "skip" }
    builder:entity({ id = "a" }):entity({ id = "a" }):entity({ id = "b" })
    builder:relation { kind = "own", from = "a", to = "b" }
    local net = builder:relation({ kind = "owns", from = "a", to = "b" }):build()
    assert.are.equal(2, #select(2, net:complete()))
    assert.are.equal(1, #net:relations {})

    builder = knockon.builder():entity { id = "a" }
    local fine, object = pcall(builder.entity, builder, { id = "a" })
    assert.is_false(fine)
    assert.are.equal("argument", object.code)
    has(object, "'a'", "given before")
    builder:build()
    assert.are.equal("closed", select(2, pcall(builder.build, builder)).code)
    assert.are.equal("closed", select(2, pcall(builder.entity, builder, { id = "z" })).code)
  end)
end)

describe("a budget", function()
  local text = document()
  local whole = files.write("whole.json", text)
  local parts = folder("whole", {})

  -- The three ways in, each with these options.
  local function loads(opts)
    return {
      function() return knockon.load(whole, opts) end, function() return knockon.load(parts, opts) end,
      function() return knockon.decode(text, opts) end,
      function() return knockon.network({ entities = { { id = "a" } } }, opts) end,
      function() return knockon.builder(opts):entity({ id = "a" }):build() end,
    }
  end

  local function stops(code, opts, ...)
    for _, load in ipairs(loads(opts)) do
      local net, message, got = load()
      assert.is_nil(net)
      assert.are.equal(code, got)
      has(message, ...)
    end
  end

  it("of no seconds ends a load with what it was doing", function()
    stops("limit", { limits = { seconds = 0 } }, "limit of seconds", "while")
  end)

  it("of few bytes ends a load", function()
    stops("limit", { limits = { bytes = 200 } }, "limit of 200 bytes")
  end)

  it("that is large enough changes nothing", function()
    for _, load in ipairs(loads { limits = { seconds = 60, bytes = 1e8 }, progress = function() end }) do
      assert.is_truthy(load())
    end
  end)

  it("ends a load when progress says false, and not otherwise", function()
    stops("interrupted", { progress = function() return false end }, "interrupted while")
    for _, answer in ipairs { true, 0, "" } do
      for _, load in ipairs(loads { progress = function() return answer end }) do assert.is_truthy(load()) end
    end
  end)

  it("passes what progress raises through as it is", function()
    local value = {}
    for _, load in ipairs(loads { progress = function() error(value) end }) do
      local fine, raised = pcall(load)
      assert.is_false(fine)
      assert.are.equal(value, raised)
    end
  end)

  it("tells progress how far it is", function()
    local seen
    local facts = { entities = {} }
    for i = 1, 5000 do facts.entities[i] = { id = "e" .. i } end
    knockon.network(facts, { progress = function(done, total, what) seen = seen or { done, total, what } end })
    assert.are.same({ 4096, 5000, "reading entity" }, seen)
  end)

  it("that is none is misuse", function()
    for argument, opts in pairs {
      limits = { limits = 5 }, ["limits.seconds"] = { limits = { seconds = "1" } },
      ["limits.bytes"] = { limits = { bytes = 0 } }, progress = { progress = true }, on_eror = { on_eror = "skip" },
      on_error = { on_error = "skp" }, opts = 5,
    } do
      for _, load in ipairs(loads(opts)) do
        local fine, object = pcall(load)
        assert.is_false(fine)
        assert.are.equal("argument", object.code)
        assert.are.equal(argument, object.argument)
      end
    end
  end)
end)

describe("an unknown target or rule", function()
  it("ends the command with status 2 and near matches", function()
    local path = files.write("good.json", document('{"id":"alibaba-cloud"}'))
    local status, _, err = run("ban", path, "alibaba-clod")
    assert.are.equal(2, status)
    has(err, '"alibaba-clod"', "did you mean", '"alibaba-cloud"')
    status, _, err = run("ban", path, "alibaba-cloud", "--rule", "itcs")
    assert.are.equal(2, status)
    has(err, '"itcs"', "did you mean", '"icts"')
    status, _, err = run("why", path, "alibaba", "--ban", "a")
    assert.are.equal(2, status)
    has(err, '"alibaba-cloud"')
  end)

  it("names the restriction when the data asks for a rule that is none", function()
    local net, message, code = knockon.decode(document(nil, nil, '{"id":"x","rule":"itcs","targets":["a"]}'))
    assert.are.same({ "nil", "parse" }, { tostring(net), code })
    has(message, "'x'", "'itcs'", "'icts'")
    local path = files.write("rule.json", document(nil, nil, '{"id":"x","rule":"itcs","targets":["a"]}'))
    local status, _, err = run("show", path)
    assert.are.equal(3, status)
    has(err, "restriction record 1 'x'", "'itcs'", "did you mean 'icts'")
    local fine, object = pcall(knockon.network, { entities = { { id = "a" } },
      restrictions = { { id = "x", rule = "itcs", targets = "a" } } })
    assert.is_false(fine)
    has(object, "'x'", "'itcs'", "'icts'")
  end)

  it("is a rule in a file, to data: no file is opened for it", function()
    local rule = files.write("own.lua", 'return { id = "own", bound = { anyone = true } }\n')
    local record = ('{"id":"x","rule":%s,"targets":["a"]}'):format(json.encode(rule))
    local net, message, code = knockon.decode(document(nil, nil, record))
    assert.are.same({ "nil", "parse" }, { tostring(net), code })
    has(message, "'x'", "no shipped rule")
    assert.is_nil((knockon.load(folder("own", { restrictions = "id,rule,targets\nx," .. rule .. ",a\n" }))))
    assert.are.equal("own", knockon.rule(rule).id)
    assert.is_truthy(knockon.decode(document(nil, nil, record), { on_error = "skip" }))
  end)

  it("may be written out in the data, and is checked there", function()
    local function with(rule)
      return knockon.decode(document(nil, nil, ('{"id":"x","rule":%s,"targets":["a"]}'):format(rule)))
    end
    assert.are.equal(1, #assert(with '{"id":"own","bound":{"anyone":true}}'):scenario():exposure():restricted())
    local net, message, code = with '{"id":"own","bound":{"anyone":true},"flows":"use"}'
    assert.are.same({ "nil", "parse" }, { tostring(net), code })
    has(message, "'x'", "flows", "flow")
  end)
end)
