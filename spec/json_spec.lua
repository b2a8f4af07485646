-- knockon.json: reading with places and checks, writing the same bytes on every Lua.

local cjson = require "cjson"
local json = require "knockon.json"

local unpack = rawget(table, "unpack") or rawget(_G, "unpack")

describe("json.decode", function()
  it("reads values", function()
    assert.same({ a = { 1, 2.5, "x", true, false } }, json.decode '{"a": [1, 2.5, "x", true, false]}')
    assert.same({}, json.decode "{}")
    assert.same({}, json.decode "[]")
    assert.equal("é", json.decode '"\\u00e9"')
  end)

  it("drops nulls", function()
    assert.same({ b = { 1, 2, { } } }, json.decode '{"a": null, "b": [null, 1, null, 2, {"c": null}]}')
    local value, message = json.decode "null"
    assert.is_nil(value)
    assert.truthy(message:find "null")
  end)

  it("passes over a byte order mark and CRLF", function()
    assert.same({ a = 1 }, json.decode "\239\187\191{\r\n\"a\": 1\r\n}\r\n")
  end)

  for _, case in ipairs {
    { "a comma too much", '{"a": 1,\n "b": [1, 2,]\n}', "line 2, column 13: ", "']'" },
    { "an open list", "[1,\n2", "line 2, column 2: ", "the end of the text" },
    { "a bare word", '\n\n  {"a": tru}', "line 3, column 9: ", "invalid token" },
    { "something after the end", "{} x", "line 1, column 4: ", "invalid token" },
    { "a column in characters", '"é", x', "line 1, column 4: ", "','" },
    { "NaN", "[NaN]", "line 1, column 2: ", "" },
    { "Infinity", "[-Infinity]", "line 1, column 2: ", "" },
    { "a hexadecimal number", "[0x10]", "line 1, column ", "" },
    { "an empty text", "", "line 1, column 1: ", "empty" },
    { "blanks only", " \n\t\r\n", "line 1, column 1: ", "empty" },
    { "a byte order mark only", "\239\187\191", "line 1, column 1: ", "empty" },
    { "a zero byte", '["a\0"]', "line 1, column 4: ", "zero byte" },
    { "deep nesting", ("["):rep(300) .. ("]"):rep(300), "line 1, column 201: ", "nested" },
  } do
    local name, text, place, cause = unpack(case)
    it("tells the place of " .. name, function()
      local value, message = json.decode(text)
      assert.is_nil(value)
      assert.equal(place, message:sub(1, #place))
      assert.truthy(message:find(cause, 1, true), message)
      assert.falsy(message:find("T_", 1, true), message)
    end)
  end

  it("leaves the shared configuration of lua-cjson alone", function()
    assert.truthy(pcall(cjson.decode, ("["):rep(300) .. ("]"):rep(300)))
  end)
end)

describe("json.invalid_utf8", function()
  for _, case in ipairs {
    { "ASCII", "abc" }, { "two bytes", "\194\128\223\191" }, { "three bytes", "\224\160\128\239\191\191" },
    { "below the surrogates", "\237\159\191" }, { "four bytes", "\240\144\128\128\244\143\191\191" },
    { "mixed", "Ünïcode 中文 🙂 end" }, { "empty", "" }, { "a tail alone", "a\128", 2 },
    { "overlong, two bytes", "\192\175", 1 }, { "overlong, three", "ab\224\159\191", 3 },
    { "overlong, four", "\240\143\191\191", 1 }, { "a surrogate", "é\237\160\128", 3 },
    { "above U+10FFFF", "\244\144\128\128", 1 }, { "an impossible byte", "x\255", 2 }, { "cut off", "中\228\184", 4 },
    { "a tail missing", "\195x", 1 }, { "Latin-1", "caf\233", 4 },
  } do
    local name, text, at = unpack(case, 1, 3)
    it("judges " .. name, function()
      assert.equal(at, json.invalid_utf8(text))
      local value, message = json.decode('"' .. text .. '"')
      if at then
        assert.is_nil(value)
        assert.truthy(message:find "not UTF%-8 %(byte 0x%x%x%)")
      else
        assert.equal(text, value)
      end
    end)
  end
end)

describe("json.encode", function()
  it("sorts keys by bytes and separates nothing", function()
    assert.equal('{"B":1,"a":2,"aa":3,"b":4,"é":5}', json.encode { b = 4, aa = 3, a = 2, B = 1, ["é"] = 5 })
  end)

  it("knows empty lists from empty objects", function()
    assert.equal("[]", json.encode {})
    assert.equal("[]", json.encode(json.array {}))
    assert.equal("{}", json.encode(json.object {}))
    assert.equal('{"a":[],"b":{},"c":[{}]}',
      json.encode { a = json.array {}, b = json.object {}, c = { json.object {} } })
  end)

  for _, case in ipairs {
    { 0, "0" }, { -0.0, "0" }, { 3, "3" }, { 3.0, "3" }, { -7, "-7" }, { 2 ^ 31, "2147483648" },
    { 2 ^ 53, "9007199254740992" }, { 1e17, "100000000000000000" }, { -2 ^ 62, "-4611686018427387904" },
    { 0.1, "0.1" }, { 0.5, "0.5" }, { 1 / 3, "0.3333333333333333" }, { 0.1 + 0.2, "0.30000000000000004" },
    { 1e300, "1e+300" }, { 1e-7, "1e-07" }, { 123456.789, "123456.789" }, { 2 ^ 64, "1.8446744073709552e+19" },
    { 5e-324, "4.9406564584125e-324" },
  } do
    it("writes the number " .. case[2], function()
      local text = json.encode(case[1])
      assert.equal(case[2], text)
      assert.equal(case[1], tonumber(text))
    end)
  end

  it("escapes what has to be escaped and nothing else", function()
    assert.equal([["a\"b\\c/d\n\r\t\b\f\u0000\u001f\u007f é ]] .. '\226\128\168"',
      json.encode "a\"b\\c/d\n\r\t\b\f\0\31\127 é \226\128\168")
  end)

  it("writes null where it is asked for", function()
    assert.equal('{"a":null,"b":[null]}', json.encode { a = json.null, b = { cjson.null } })
  end)

  it("indents", function()
    assert.equal('{\n  "a": [\n    1,\n    {}\n  ],\n  "b": []\n}',
      json.encode({ b = {}, a = { 1, json.object {} } }, { indent = 2 }))
    assert.equal('[\n\t1\n]', json.encode({ 1 }, { indent = "\t" }))
    assert.equal("[1]", json.encode({ 1 }, { indent = 0 }))
  end)

  it("reads back what it wrote", function()
    local value = { name = "Ümläut \"中文\"", list = { 1, 2, { deep = { true, false } } }, share = 0.344 }
    assert.same(value, json.decode(json.encode(value)))
    assert.same(value, json.decode(json.encode(value, { indent = 4 })))
  end)

  local cycle = {}
  cycle.inner = { cycle }
  local deep = {}
  for _ in ("x"):rep(250):gmatch "." do deep = { deep } end
  for _, case in ipairs {
    { "NaN", 0 / 0, "NaN" }, { "infinity", { 1 / 0 }, "infinity" }, { "minus infinity", -1 / 0, "infinity" },
    { "a cycle", cycle, "contains itself" }, { "depth", deep, "nested deeper" },
    { "a function", { print }, "function" }, { "nothing", nil, "nil" },
    { "holes", { 1, nil, 3 }, "holes" }, { "a list with names", { 1, a = 2 }, "holes or names" },
    { "number keys", json.object { [7] = 1 }, "key" }, { "broken UTF-8", { a = "\255" }, "UTF-8" },
    { "a broken key", { ["\255"] = 1 }, "UTF-8" },
  } do
    local name, value, cause = unpack(case, 1, 3)
    it("refuses " .. name, function()
      local ok, failure = pcall(json.encode, value)
      assert.is_false(ok)
      assert.equal("argument", failure.code)
      assert.truthy(tostring(failure):find(cause, 1, true), tostring(failure))
    end)
  end

  it("writes a table twice when it stands twice", function()
    local twice = { 1 }
    assert.equal("[[1],[1]]", json.encode { twice, twice })
  end)

  it("does not change what it writes", function()
    local value = { a = {}, b = { 1 } }
    json.encode(value, { indent = 2 })
    assert.same({ a = {}, b = { 1 } }, value)
    assert.is_nil(getmetatable(value.a))
  end)
end)
