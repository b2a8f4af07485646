-- Newline-delimited JSON: what a line is, and that it means what the same record means in JSON; what is wrong is told
-- with file, line and column.
local errors = require "knockon.errors"
local files = require "spec.support.files"
local json = require "knockon.json"
local knockon = require "knockon"
local loading = require "spec.support.loading"
local random_network = require "spec.support.random_network"

local unpack = rawget(table, "unpack") or rawget(_G, "unpack")

local has, refuses, run = loading.has, loading.refuses, loading.run

local SEEDS = tonumber(os.getenv "KNOCKON_SEEDS") or 1
local TWO = '{"id":"a"}\n{"id":"b","country":"US"}\n'

local function write(text, name) return files.write(name or "data.ndjson", text) end

-- What a network is when written as JSON.
local function written(net)
  local path = files.path "written.json"
  assert(net:save(path, { format = "native" }))
  return files.read(path)
end

teardown(files.clean)

describe("a line", function()
  local LINES = '{"knockon":1,"title":"Small"}\n'
    .. '{"id":"r1","kind":"owns","from":"a","to":"b","share":"60%"}\n' -- relations may come before their ends
    .. TWO .. "\n   \r\n"
    .. '{"id":"x","rule":"icts","targets":["a"],"status":"active"}\n'
    .. '  { "kind" : "supplies" , "from" : "b" , "to" : "a" , "data" : [ "ip" , "personal" ] }  \r\n'

  it("is a relation, a restriction, an entity or the heading, by its fields", function()
    local net = assert(knockon.load(write(LINES)))
    assert.are.equal("Small", net:title())
    assert.are.equal(2, #net)
    assert.are.equal("x", net:restrictions()[1].id)
    local relations = net:relations {}
    assert.are.equal("60%", relations[1].share)
    assert.are.equal("data.ndjson#2", relations[2].id)
    assert.are.same({ "ip", "personal" }, relations[2].data)
    local source = net:sources()[1]
    assert.are.same({ files.path "data.ndjson", 64 }, { source.file, #source.sha256 })
  end)

  it("may be the last without a line break, and the file may begin with a byte order mark", function()
    assert.are.equal(2, #assert(knockon.load(write("\239\187\191" .. TWO:sub(1, -2)))))
  end)

  it("is found by the name of the file, or by a first line that is a whole object", function()
    for _, name in ipairs { "data.jsonl", "data.ndjson", "data.txt", "data" } do
      assert.are.equal(2, #assert(knockon.load(write(TWO, name))), name)
    end
    assert.are.equal(1, #assert(knockon.load(write('{"id":"a"}', "one.jsonl"))))
    assert.are.equal(1, #assert(knockon.load(write('{"id":"a"}', "one"), { from = "ndjson" })))
    assert.are.equal(2, #assert(knockon.load(write(loading.document(), "whole.json")))) -- that is JSON as before
  end)

  it("belongs to the part its file is for, in a folder or a table of files", function()
    files.folders "parts"
    write('{"id":"a","from":"afar"}\n{"id":"b","rule":"of thumb"}\n', "parts/entities.ndjson")
    write('{"kind":"owns","from":"a","to":"b"}\n', "parts/relations.ndjson")
    write('{"rule":"icts","targets":["a"]}\n', "parts/restrictions.ndjson")
    local path = files.path "parts"
    local net = assert(knockon.load(path))
    assert.are.same({ "afar", "of thumb" }, { net:entity("a").from, net:entity("b").rule })
    assert.are.equal("relations.ndjson#1", net:relations({})[1].id)
    assert.are.equal(1, #net:restrictions())
    assert.are.equal(3, #net:sources())
    local two = { entities = path .. "/entities.ndjson", relations = path .. "/relations.ndjson" }
    assert.are.equal(0, #assert(knockon.load(two)):restrictions())
    assert.are.equal("argument", select(2, pcall(knockon.load, { entities = two.entities }, { from = "ndjson" })).code)
    two.relation = "x"
    local fine, object = pcall(knockon.load, two)
    assert.is_false(fine)
    assert.are.same({ "argument", { "relations" } }, { object.code, { object.near[1] } })
    os.remove(path .. "/relations.ndjson")
    refuses(path, "io", "relations.ndjson")
  end)
end)

describe("a line that is wrong", function()
  local BAD = {
    { "no object", "[5]", ":3:1: expected an object, {, found '['" },
    { "a table of cells", "a,b", ":3:1: expected an object" },
    { "an object that does not end", '{"id":"c"', ":3:10: expected ',' or '}', found the end of the line" },
    { "text that does not end", '{"id":"c', ":3:7: this text is never closed" },
    { "a name that does not end", '{"id', ":3:2: this text is never closed" },
    { "text after the object", '{"id":"c"} {"id":"d"}', ":3:12: a line has one object only" },
    { "a comma at the end", '{"id":"c",}', ":3:11: expected the name of a field", "found '}'" },
    { "no colon", '{"id" "c"}', ":3:7: expected ':', found '\"'" },
    { "no value", '{"id":}', ":3:7: expected a value, found '}'" },
    { "no quotes around a name", "{id:1}", ":3:2: expected the name of a field", "found 'i'" },
    { "a column counted in letters", '{"id":"\195\188\195\188", \226\130\172}', ":3:13: expected",
      "found '\226\130\172'" },
    { "a list that does not end", '{"id":"c","x":[1,2', ":3:15: this list is never closed" },
    { "a list with a colon", '{"id":"c","x":[1:2]}', ":3:17: expected ',' or ']', found ':'" },
    { "an object in it that does not end", '{"id":"c","x":{"y":1', ":3:15: this object is never closed" },
    { "an escape that is none", '{"id":"a\\x"}', ":3:9: an escape that JSON does not have" },
    { "an escape cut off", '{"id":"a\\u12"}', ":3:9: an escape without four hexadecimal digits" },
    { "half of a pair", '{"id":"\\ud83d"}', ":3:8: half of a surrogate pair" },
    { "the other half", '{"id":"\\ude00\\ud83d"}', ":3:8: half of a surrogate pair" },
    { "a number with a zero before it", '{"id":"c","x":012}', ":3:15: a number that begins with a zero" },
    { "a number that ends with its point", '{"id":"c","x":1.}', ":3:15: a number without digits after its point" },
    { "a number without exponent", '{"id":"c","x":1e+}', ":3:15: a number without digits in its exponent" },
    { "a minus", '{"id":"c","x":-}', ":3:15: not a number" },
    { "a number that is not finite", '{"id":"c","x":1e999}', ":3:15: a number that is not finite" },
    { "NaN", '{"id":"c","x":NaN}', ":3:15: expected a value, found 'N'" },
    { "a word cut off", '{"id":"c","x":tru}', ":3:15: expected a value" },
    { "an entity without an id", '{"name":"x"}', ":3: entity record 3: it has no id" },
    { "an empty object", "{}", ":3: entity record 3: it has no id" },
    { "a duplicate id", '{"id":"a"}', ":3: entity record 3 'a': this id was given before, by entity record 1" },
    { "an id that is no text", '{"id":5}', ":3: entity record 3: 'id' must be text" },
    { "an id that is a list", '{"id":["c"]}', ":3: entity record 3 'c': 'id' must be text" },
    { "a name that is an object", '{"id":"c","name":{"a":1}}', ":3: entity record 3 'c': 'name' must be text" },
    { "a field without a name", '{"id":"c","":1}', ":3: entity record 3 'c': a field has no name" },
    { "bytes that are not UTF-8", '{"id":"c","name":"\233"}', ":3: entity record 3 'c': 'name' is not valid UTF-8" },
    { "a name that is not UTF-8", '{"id":"c","\233":1}', ":3: entity record 3 'c': a field name is not valid UTF-8" },
    { "a zero byte", '{"id":"c","name":"a\0b"}', ":3: entity record 3 'c': 'name' is not valid UTF-8 (byte 2)" },
    { "a zero byte in disguise", '{"id":"c\\u0000"}', ":3: entity record 3", "'id' is not valid UTF-8 (byte 2)" },
    { "UTF-8 broken in an object", '{"id":"c","x":{"y":"\233"}}',
      ":3: entity record 3: 'x' cannot be kept: not UTF-8" },
    { "a relation of no kind", '{"from":"a","to":"b"}', ":3: relation record 1: it has no kind" },
    { "an unknown kind", '{"kind":"own","from":"a","to":"b"}', ":3: relation record 1: 'kind' is 'own'", "owns" },
    { "a relation without an end", '{"kind":"owns","from":"a"}', ":3: relation record 1: it has no 'to'" },
    { "the share 51", '{"kind":"owns","from":"a","to":"b","share":51}', ":3: relation record 1: share '51'", '"51%"' },
    { "a dangling end", '{"kind":"owns","from":"a","to":"c"}', ": relation record 1: 'to' names 'c'" },
    { "a restriction without targets", '{"rule":"icts"}', "restriction record 1", "'targets'" },
    { "a restriction that is not UTF-8", '{"rule":"icts","targets":["a"],"title":"\233"}', ":3:41: not UTF-8" },
    { "a heading further down", '{"knockon":1}', ":3: entity record 3: it has no id" },
  }
  for i, case in ipairs(BAD) do
    it("is refused for " .. case[1], function()
      refuses(write(TWO .. case[2] .. "\n", ("bad-%d.ndjson"):format(i)), "parse", unpack(case, 3))
      refuses(write(TWO .. case[2], ("bad-%d.ndjson"):format(i)), "parse", unpack(case, 3)) -- at the end of the file
    end)
  end

  it("is refused in the heading", function()
    for text, part in pairs {
      ['{"knockon":2}'] = '"knockon": 1', ['{"knockon":1,"titel":"x"}'] = "did you mean 'title'?",
      ['{"knockon":1,"title":5}'] = "'title' must be text", ['{"knockon":"1"}'] = '"knockon": 1',
    } do
      refuses(write(text .. "\n" .. TWO), "parse", ":1: ", part)
    end
  end)

  it("is refused for hostile depth, in one file and in a value", function()
    for _, open in ipairs { "[", '{"x":' } do
      refuses(write(TWO .. '{"id":"c","x":' .. open:rep(100000)), "parse", ":3:", "nested deeper than 200")
      local deep = open:rep(150) .. "1" .. (open == "[" and "]" or "}"):rep(150)
      local net = assert(knockon.load(write(TWO .. '{"id":"c","x":' .. deep .. "}\n")))
      assert.are.equal(written(net), written(assert(knockon.load(files.path "written.json"))))
    end
  end)

  it("is refused for more names than a network has", function()
    local parts = {}
    for i = 1, 9000 do parts[i] = ('"f%d":1'):format(i) end
    refuses(write(TWO .. '{"id":"c",' .. table.concat(parts, ",") .. "}\n"), "parse",
      "more than 4096 different field names")
  end)

  it("cut off at any byte is told, or is a file of fewer lines", function()
    local whole = '{"knockon":1,"title":"\195\169"}\n' .. TWO
      .. '{"id":"c","x":{"y":[1,"\\u00e9",null]},"n":-1.5e2}\n{"kind":"linked","from":"a","to":"b"}\n'
    local loaded = 0
    for cut = 0, #whole do
      local net, message, code = knockon.load(write(whole:sub(1, cut)))
      if net then
        loaded = loaded + 1
        assert.is_true((net:complete()))
      else
        assert.are.equal("parse", code, cut)
        has(message, "data.ndjson")
      end
    end
    assert.are.equal(10, loaded)
  end)
end)

-- The same records in the JSON format and as lines: both networks, or what was wrong with each.
local function both(records)
  local document = files.write("both.json", '{ "knockon": 1, "entities": [' .. table.concat(records, ",") .. "] }")
  local one, wrong = knockon.load(document)
  local other, wrong_too = knockon.load(files.write("both.ndjson", table.concat(records, "\n")), { from = "ndjson" })
  return one, other, wrong, wrong_too
end

describe("a value", function()
  local VALUES = {
    '"x"', '""', '"\\" \\\\ \\/ \\b\\f\\n\\r\\t"', '"\\u0041\\u00e9\\u20ac\\ud83d\\ude00"', '"\195\169\226\130\172"',
    '"\\u007f\127"', '"' .. ("long "):rep(100) .. '"', '"' .. ("\\n"):rep(100) .. '"', "true", "false", "null",
    "0", "1", "-1", "0.5", "0.50", "1.0", "100", "1e2", "1E+2", "1.5e-3", "0.0001", "0.00001", "1e-7", "-2.5",
    "123456789012345", "1234567890123456", "999999999999999", "1000000000000000", "123456789012345678901234567890",
    "0.1", "0.12345678901234567", "0.30000000000000004", "3.141592653589793", "1e300", "5e-324", "-0.0001", "0.10",
    "[]", "{}", "[null]", '{"a":null}', '["a","b"]', "[1,2.50,true,false,null,\"x\"]", '["a",["b"]]', "[[]]", "[{}]",
    '[{"b":1,"a":[1.0,null]},2]', '{"b":1,"a":"\\u00e9\\n"}', '{"deep":{"er":[1,[2,[3]]]}}', "[1e2,0.10]",
    ' [ "a" , "b" ] ', '{"1":5,"2":6}', '{"a":1,"a":2}', '"a"  ',
  }

  it("means what it means in JSON", function()
    for _, value in ipairs(VALUES) do
      local one, other, wrong, wrong_too = both { ('{"id":"a","x":%s}'):format(value) }
      assert.is_truthy(one, ("%s: %s"):format(value, tostring(wrong)))
      assert.is_truthy(other, ("%s: %s"):format(value, tostring(wrong_too)))
      assert.are.equal(written(one), written(other), value)
      assert.are.same(one:entity "a", other:entity "a", value)
    end
  end)

  it("is wrong where it is wrong in JSON", function()
    for _, field in ipairs { "id", "kind", "name", "country", "since", "until", "confidence", "source", "other" } do
      for _, value in ipairs(VALUES) do
        local record = ('{"id":"a","%s":%s}'):format(field, value)
        local one, other, wrong, wrong_too = both { record }
        assert.are.equal(one ~= nil, other ~= nil, ("%s: %s / %s"):format(record, tostring(wrong), tostring(wrong_too)))
        if one then
          assert.are.equal(written(one), written(other), record)
        else
          local cause = wrong:match "record 1.-: (.*)$"
          if cause then has(wrong_too, cause) end
        end
      end
    end
  end)

  it("comes last when a name comes twice", function()
    local line = '{"id":"b","x":["a","b"],"id":"c","x":"\\u0061","x":"last","id":"d"}\n'
    local net = assert(knockon.load(write(line, "twice.ndjson")))
    assert.are.same({ id = "d", x = "last" }, net:entity "d")
    net = assert(knockon.load(write('{"id":"b","\\u0078":1,"x":2,"\\u0069d":"e"}\n', "twice.ndjson")))
    assert.are.same({ id = "e", x = 2 }, net:entity "e")
  end)

  it("may be as long as a block of the reader and longer", function()
    local long = ("x\\n\195\169"):rep(300000)
    local net = assert(knockon.load(write(TWO .. '{"id":"c","name":"' .. long .. '"}\n{"id":"d"}\n')))
    assert.are.equal((long:gsub("\\n", "\n")), net:entity("c").name)
    assert.are.equal(4, #net)
  end)
end)

describe("the same facts", function()
  -- Lines of a random network with further fields, names in any order.
  local EXTRA = { note = { "x", "y \195\169", { "a", "b" }, { deep = { 1, 2.5 } }, true, 0.25 },
    source = { "s1", "s2" } }

  local function draw(seed)
    local facts, random = random_network.make(seed), random_network.random(seed)
    for _, part in ipairs { "entities", "relations" } do
      for i, record in ipairs(facts[part]) do
        if part == "relations" then record.id = record.id or "r" .. i end
        for name, values in pairs(EXTRA) do
          if random.chance(30) then record[name] = random.pick(values) end
        end
      end
    end
    return facts, random
  end

  local function line_of(record, random)
    local fields = {}
    for name, value in pairs(record) do fields[#fields + 1] = json.encode(name) .. ":" .. json.encode(value) end
    table.sort(fields)
    random.shuffle(fields)
    return "{" .. table.concat(fields, random.chance(10) and " , " or ",") .. "}"
  end

  it("are the same network in JSON, CSV and NDJSON, byte for byte", function()
    for seed = 1, 25 * SEEDS do
      local facts, random = draw(seed)
      local lines = {}
      for _, part in ipairs { "entities", "relations" } do
        for _, record in ipairs(facts[part]) do lines[#lines + 1] = line_of(record, random) end
      end
      local table_net = assert(knockon.network { entities = facts.entities, relations = facts.relations })
      local text = written(table_net)
      local net = assert(knockon.load(write(table.concat(random.shuffle(lines), "\n"), "any.ndjson")))
      assert.are.equal(text, written(net), "seed " .. seed)
      for _, name in ipairs { "again.ndjson", "again.jsonl" } do
        assert(net:save(files.path(name)))
        assert.are.equal(text, written(assert(knockon.load(files.path(name)))), "seed " .. seed)
      end
      assert.are.equal(files.read(files.path "again.ndjson"), files.read(files.path "again.jsonl"))
    end
  end)

  it("are the same where many lines repeat what others said", function()
    local random = random_network.random(7)
    local lines, entities, relations = {}, {}, {}
    local function add(list, record)
      list[#list + 1] = record
      lines[#lines + 1] = line_of(record, random.chance(50) and random or random_network.random(1))
    end
    for i = 1, 400 do
      add(entities, { id = "e" .. i, kind = random.pick { "firm", "site" },
        country = random.pick { "US", "CN", "\195\132" },
        since = random.chance(20) and random.pick { "2018", "2019-02-01", 2020 } or nil })
    end
    for i = 1, 1500 do
      local kind = random.pick { "owns", "supplies" }
      add(relations, { id = "r" .. i, kind = kind, from = "e" .. random.upto(400), to = "e" .. random.upto(400),
        share = kind == "owns" and random.pick { 0.5, "50%", "0.5" } or nil, fraction = random.pick { 0.5, 0.25 },
        class = kind == "owns" and random.chance(20) and "A" or nil, flag = random.pick { true, "true", 1, "1" },
        ["until"] = random.chance(10) and "2030-01-01" or nil })
    end
    local net = assert(knockon.load(write(table.concat(lines, "\n") .. "\n")))
    assert.are.equal(written(assert(knockon.network { entities = entities, relations = relations })), written(net))
  end)

  it("are written by the command too", function()
    local path = write('{"knockon":1,"title":"T"}\n' .. TWO
      .. '{"id":"x","rule":"icts","targets":["a"]}\n', "in.ndjson")
    assert.are.equal(0, (run("convert", path, files.path "out.json")))
    assert.are.equal(0, (run("convert", files.path "out.json", files.path "out.ndjson")))
    assert.are.equal('{"knockon":1,"title":"T"}\n' .. TWO:gsub('"id":"b","country":"US"', '"country":"US","id":"b"')
      .. '{"id":"x","rule":"icts","targets":["a"]}\n', (files.read(files.path "out.ndjson")))
    assert.are.equal(0, (run("convert", files.path "out.ndjson", files.path "plain", "--to", "ndjson")))
    assert.are.equal(files.read(files.path "out.ndjson"), files.read(files.path "plain"))
    assert.are.equal(0, (run("show", files.path "plain", "--from", "ndjson")))
  end)

  it("are not written when a line would be taken for another part", function()
    for _, facts in ipairs {
      { entities = { { id = "a", from = "afar" } } }, { entities = { { id = "a", targets = "x" } } },
      { entities = { { id = "a" } }, restrictions = { { id = "x", rule = "icts", targets = { "a" }, to = "y" } } },
    } do
      local fine, object = pcall(assert(knockon.network(facts)).save, knockon.network(facts), files.path "no.ndjson")
      assert.is_false(fine)
      assert.is_true(errors.is(object), tostring(object))
      has(object, "tells records apart")
      assert.is_nil(files.read(files.path "no.ndjson"))
    end
  end)
end)

describe("on_error = \"skip\" with lines", function()
  it("leaves out what is wrong, and lists it", function()
    local path = write(TWO .. '{"id":"a"}\n{"id":\nx\n{"kind":"own","from":"a","to":"b"}\n'
      .. '{"kind":"owns","from":"a","to":"b"}\n'
      .. '{"kind":"owns","from":"a","to":"z"}\n{"id":"x","rule":"icts"}\n{"id":"y","rule":"icts","targets":["a"]}\n')
    local net = assert(knockon.load(path, { on_error = "skip" }))
    assert.are.equal(2, #net)
    assert.are.same({ "data.ndjson#2" }, { net:relations({})[1].id })
    assert.are.equal("y", net:restrictions()[1].id)
    local complete, skipped = net:complete()
    assert.is_false(complete)
    local found = {}
    for i, one in ipairs(skipped) do
      assert.are.equal(path, one.file)
      found[i] = ("%s %s"):format(tostring(one.record), tostring(one.line))
    end
    assert.are.same({ "3 3", "nil 4", "nil 5", "1 6", "3 nil", "1 nil" }, found)
  end)

  it("keeps the ids of later relations where the file is for them", function()
    files.folders "skip"
    write(TWO, "skip/entities.ndjson")
    write('{"kind":\n{"kind":"owns","from":"a","to":"b"}\n', "skip/relations.ndjson")
    local net = assert(knockon.load(files.path "skip", { on_error = "skip" }))
    assert.are.equal("relations.ndjson#2", net:relations({})[1].id)
  end)
end)

describe("a budget for lines", function()
  local path = write(TWO, "budget.ndjson")

  it("of no seconds or few bytes ends the load", function()
    local net, message, code = knockon.load(path, { limits = { seconds = 0 } })
    assert.are.same({ "nil", "limit" }, { tostring(net), code })
    has(message, "limit of seconds")
    net, message, code = knockon.load(path, { limits = { bytes = 200 } })
    assert.are.same({ "nil", "limit" }, { tostring(net), code })
    has(message, "limit of 200 bytes")
    assert.is_truthy(knockon.load(path, { limits = { seconds = 60, bytes = 1e8 }, progress = function() end }))
  end)

  it("asks progress while it reads, and ends when that says false", function()
    local lines = {}
    for i = 1, 20000 do lines[i] = ('{"id":"e%d"}'):format(i) end
    local long = write(table.concat(lines, "\n"), "long.ndjson")
    local seen
    assert(knockon.load(long, { progress = function(done, total, what) seen = seen or { done <= total, what } end }))
    assert.are.same({ true, "reading records" }, seen)
    local net, message, code = knockon.load(long, { progress = function() return false end })
    assert.are.same({ "nil", "interrupted", "interrupted while reading records" }, { tostring(net), code, message })
  end)
end)
