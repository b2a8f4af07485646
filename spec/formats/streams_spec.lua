-- How files are found and read, whatever the format: recognised by content, packed, several at once, bounded.
local core = require "knockon.core"
local files = require "spec.support.files"
local json = require "knockon.json"
local knockon = require "knockon"
local packed = require "spec.support.packed"

local function line(id) return json.encode { id = id, schema = "Company", properties = { name = { id } } } .. "\n" end

local TEXT = line "a" .. line "b"

local function needs_zlib() return not packed.zlib and pending "needs lua-zlib" or nil end

describe("format recognition", function()
  teardown(files.clean)

  it("goes by content, not by name", function()
    assert.are.equal(2, #assert(knockon.load(files.write("strange.csv", TEXT))))
    assert.are.equal(2, #assert(knockon.load(files.write("bom.xml", "\239\187\191\r\n" .. TEXT))))
    assert.are.equal(1, #assert(knockon.load(files.write("native.txt", '{"knockon":1,"entities":[{"id":"a"}]}'))))
  end)

  it("can be told, and then a file of another format is told", function()
    assert.are.equal(2, #assert(knockon.load(files.write("x.json", TEXT), { from = "followthemoney" })))
    local net, message, code = knockon.load(files.path "x.json", { from = "gleif" })
    assert.is_nil(net)
    assert.are.equal("parse", code)
    assert.truthy(message:find("this is not a file of the format gleif", 1, true), message)
    local fine, failure = pcall(knockon.load, files.path "x.json", { from = "followthemony" })
    assert.is_false(fine)
    assert.truthy(tostring(failure):find('did you mean "followthemoney"', 1, true), tostring(failure))
  end)

  it("reads several files, or all of a folder, as one network; formats do not mix", function()
    local one, two = files.write("one.json", line "a"), files.write("two.json", line "b")
    assert.are.equal(2, #assert(knockon.load { one, two }))
    files.folders "many/deep"
    files.write("many/1.json", line "a")
    files.write("many/deep/2.json", line "b")
    files.write("many/README", "nothing that is read")
    local net = assert(knockon.load(files.path "many"))
    assert.are.same({ 2, 2 }, { #net, #net:sources() })
    local other = files.write("bom.json", '{"bomFormat":"CycloneDX"}')
    local _, message = knockon.load { one, other }
    assert.truthy(message:find("load them one by one, and merge", 1, true), message)
    assert.is_false(pcall(knockon.load, {}))
    assert.is_false(pcall(knockon.load, { 7 }))
  end)

  describe("of files of one name", function()
    local columns = "Relationship.StartNode.NodeID,Relationship.EndNode.NodeID,Relationship.RelationshipType\n"
    local function parent_of(child)
      return columns .. child .. ",529900T8BM49AURSDO55,IS_DIRECTLY_CONSOLIDATED_BY\n"
    end
    local first, second = parent_of "5493001KJTIIGC8Y1R12", parent_of "7LTWFZYICNSX8D621K86"

    -- The ids of what is loaded, which edits find, and which stay when it is saved and loaded again.
    local function ids_of(path)
      local net, ids = assert(knockon.load(path)), {}
      for i, relation in ipairs(net:relations()) do
        ids[i] = relation.id
        assert.are.equal(relation.id, relation.source .. "#1")
        assert.are.equal(1, #net:scenario():drop(relation.id).dropped)
      end
      for _, name in ipairs { "same.json", "same.snapshot", "folder" } do
        local saved = files.path(name)
        assert(name == "same.snapshot" and net:freeze(saved) or net:save(saved))
        local again = assert(knockon.load(saved)):relations()
        for i, relation in ipairs(again) do assert.are.equal(ids[i], relation.id) end
        assert.are.equal(#ids, #again)
      end
      table.sort(ids)
      return table.concat(ids, " ")
    end

    it("the ids of relations have as much of the path as tells them apart", function()
      files.folders("same/2023/all", "same/2024/all", "same/2024/some")
      files.write("same/2023/all/rr.csv", first)
      local later = files.write("same/2024/all/rr.csv", second)
      files.write("same/2024/some/other.csv", parent_of "549300ABCDEFGHIJKL12")
      assert.are.equal("2023/all/rr.csv#1 2024/all/rr.csv#1 other.csv#1", ids_of(files.path "same"))
      assert.are.equal("2023/all/rr.csv#1 2024/all/rr.csv#1", ids_of { later, files.path "same/2023" })
      assert.are.equal("rr.csv#1", ids_of(later))
    end)

    it("members of a zip lie in it as in a folder", function()
      if not packed.zlib then return needs_zlib() end
      files.folders("zipped/all", "zipped/some")
      local plain = files.write("zipped/all/rr.csv", first)
      local zip = files.write("zipped/some/rr.zip", packed.zip { { "all/rr.csv", second }, { "rr.csv", first } })
      assert.are.equal("all/rr.csv#1 rr.zip:rr.csv#1", ids_of(zip))
      assert.are.equal("rr.zip:all/rr.csv#1 some/rr.zip:rr.csv#1 zipped/all/rr.csv#1", ids_of { zip, plain })
    end)

    it("a path longer than a file name can be is whole in the id", function()
      local deep = ("/" .. ("d"):rep(200)):rep(3)
      files.folders("a" .. deep, "b" .. deep)
      local one, two = files.write("a" .. deep .. "/rr.csv", first), files.write("b" .. deep .. "/rr.csv", second)
      assert.are.equal(("a%s/rr.csv#1 b%s/rr.csv#1"):format(deep, deep), ids_of { one, two })
    end)
  end)

  it("refuses a file that is named twice, which would count twice", function()
    local one = files.write("one.json", line "a")
    local net, message, code = knockon.load { one, one }
    assert.are.same({ nil, one .. ": this file is named twice", "parse" }, { net, message, code })
  end)

  it("a missing file, an empty one, and one of no format are told", function()
    local _, _, code = knockon.load { "no/such/file" }
    assert.are.equal("io", code)
    local _, message = knockon.load(files.write("empty", ""))
    assert.truthy(message:find("the file is empty", 1, true), message)
    local _, _, kind = knockon.load(files.write("noise", ("\1\2\3"):rep(1000)))
    assert.are.equal("parse", kind)
  end)

  it("a pipe, which is at its end when it is read again, is refused unless its format is told", function()
    files.folders "piped"
    local pipe = files.path "piped/pipe"
    assert(os.execute(("mkfifo '%s'"):format(pipe)))
    local parts = { { pipe }, { entities = pipe, relations = pipe }, pipe, files.path "piped" }
    for _, path in ipairs(parts) do
      local net, message, code = knockon.load(path)
      assert.are.same({ nil, "io" }, { net, code })
      assert.truthy(message:find("piped/pipe: ", 1, true), message)
    end
    local _, message = knockon.load(pipe, { from = "followthemoney" })
    assert.truthy(message:find("can be read only once", 1, true), message)
    os.execute(([[{ echo '{"id":"a","kind":"firm"}' >'%s'; } &]]):format(pipe))
    assert.are.equal(1, #assert(knockon.load(pipe, { from = "ndjson" })))
  end)

  it("what is of no format is told so", function()
    local _, message = knockon.load(files.write("notes.md", "# Notes\n"))
    assert.truthy(message:find("notes.md: no format that knockon knows", 1, true), message)
  end)

  it("sources are named with their digests, whether packed or not", function()
    local net = assert(knockon.load(files.write("x.json", TEXT)))
    assert.are.same({ { file = files.path "x.json", sha256 = core.sha256(TEXT) } }, net:sources())
  end)
end)

describe("packed files", function()
  teardown(files.clean)

  it("gzip is read as what is in it, also several on end", function()
    if needs_zlib() then return end
    for _, bytes in ipairs { packed.gzip(TEXT), packed.gzip(line "a") .. packed.gzip(line "b") } do
      local net = assert(knockon.load(files.write("x.gz", bytes)))
      assert.are.equal(2, #net)
      assert.are.equal(require "knockon.core".sha256(bytes), net:sources()[1].sha256)
    end
  end)

  it("zip members are files, stored or deflated", function()
    if needs_zlib() then return end
    local net = assert(knockon.load(files.write("x.zip", packed.zip { { "d/1.json", line "a" },
      { "d/", "", stored = true }, { "2.json", line "b", stored = true } })))
    assert.are.same({ 2, 1 }, { #net, #net:sources() })
  end)

  it("a zip of knockon's own is told to be none that is read", function()
    if needs_zlib() then return end
    local path = files.write("own.zip", packed.zip { { "network.json", '{"knockon":1,"entities":[{"id":"a"}]}' } })
    local net, message, code = knockon.load(path)
    assert.are.same({ nil, "parse" }, { net, code })
    assert.are.equal(path .. ": a zip without files in a format of others; knockon's own are read plain or as gzip",
      message)
  end)

  it("what is damaged, cut or encrypted is told", function()
    if needs_zlib() then return end
    local zipped = packed.zip { { "1.json", TEXT } }
    local cases = {
      [packed.gzip(TEXT):sub(1, -12)] = "ends early", ["\31\139" .. ("x"):rep(100)] = "damaged",
      [zipped:sub(1, -10)] = "no directory", [zipped:gsub("PK\1\2", "PK\9\9")] = "directory is broken",
      [packed.zip { { "1.json", TEXT, lie = { crc = 7 } } }] = "checksum",
      [packed.zip { { "1.json", TEXT, lie = { flags = 1 } } }] = "encrypted",
      [packed.zip { { "1.json", TEXT, lie = { method = 14 } } }] = "method 14",
      [packed.zip { { "1.json", TEXT, lie = { start = 4000000000 } } }] = "damaged",
      [packed.zip { { "1.json", TEXT, stored = true, lie = { packed = 2 ^ 31 } } }] = "ends early",
    }
    for bytes, cause in pairs(cases) do
      local net, message, code = knockon.load(files.write("bad", bytes))
      assert.is_nil(net, cause)
      assert.are.equal("parse", code)
      assert.truthy(message:find(cause, 1, true), message)
    end
  end)

  it("what grows beyond measure is refused", function()
    if needs_zlib() then return end
    local blank = (" "):rep(2 ^ 20) .. "\n"
    local bomb = files.write("bomb.gz", packed.gzip(TEXT .. blank:rep(80)))
    local net, message, code = knockon.load(bomb)
    assert.is_nil(net)
    assert.are.equal("limit", code)
    assert.truthy(message:find("unpacks to more than 300 times its size; refused", 1, true), message)
  end)
end)

describe("knockon's own files, packed as gzip", function()
  teardown(files.clean)

  local HEADING, FIRMS = '{"knockon":1,"title":"T"}\n', '{"id":"a"}\n{"id":"b"}\n'
  local OWNS = '{"kind":"owns","from":"a","to":"b","share":"50%"}\n'
  local ACT = '{"id":"act","rule":"listing","targets":["a"]}\n'
  local JSON = ('{"knockon":1,\n"title":"T","entities":[%s],"relations":[%s],"restrictions":[%s]}'):format(
    FIRMS:gsub("\n", ",", 1):gsub("\n", ""), OWNS, ACT)
  local CSV = { entities = "id,kind\na,\nb,\n", relations = "kind,from,to,share\nowns,a,b,50%\n",
    restrictions = "id,rule,targets\nact,listing,a\n" }

  -- What a network says, but for its title, which CSV has no place for.
  local function told(net)
    return { #net, net:relations()[1].share, net:restrictions()[1].id }
  end

  it("are read as what is in them, in any mixture with others", function()
    if needs_zlib() then return end
    local json_file = assert(knockon.load(files.write("all.json.gz", packed.gzip(JSON))))
    assert.are.same({ "T", "all.json.gz#1" }, { json_file:title(), json_file:relations()[1].id })
    local lines = packed.gzip(HEADING .. FIRMS .. OWNS .. ACT)
    local expected = told(json_file)
    for _, name in ipairs { "all.ndjson.gz", "all.jsonl.gz", "lines" } do
      local net = assert(knockon.load(files.write(name, lines)))
      assert.are.same({ "T", expected }, { net:title(), told(net) })
      assert.are.same({ { file = files.path(name), sha256 = core.sha256(lines) } }, net:sources())
    end
    files.folders("csv", "ndjson", "mixed")
    for part, text in pairs(CSV) do files.write(("csv/%s.csv.gz"):format(part), packed.gzip(text)) end
    files.write("mixed/entities.csv", CSV.entities)
    files.write("mixed/relations.csv.gz", packed.gzip(CSV.relations))
    files.write("mixed/restrictions.csv", CSV.restrictions)
    files.write("ndjson/entities.ndjson.gz", packed.gzip(FIRMS))
    files.write("ndjson/relations.ndjson.gz", packed.gzip(OWNS))
    files.write("ndjson/restrictions.ndjson", ACT)
    for _, folder in ipairs { "csv", "mixed", "ndjson" } do
      assert.are.same(expected, told(assert(knockon.load(files.path(folder)))), folder)
    end
    local parts = { entities = files.path "csv/entities.csv.gz", relations = files.path "mixed/relations.csv.gz" }
    local net = assert(knockon.load(parts))
    assert.are.equal("relations.csv.gz#1", net:relations()[1].id)
    assert.are.equal(core.sha256(packed.gzip(CSV.relations)), net:sources()[2].sha256)
    parts = { entities = files.path "ndjson/entities.ndjson.gz", relations = files.path "ndjson/relations.ndjson.gz" }
    assert.are.equal(1, #assert(knockon.load(parts)):relations())
  end)

  it("are told with the line of what is wrong in them, or left out", function()
    if needs_zlib() then return end
    files.folders "wrong"
    files.write("wrong/entities.csv.gz", packed.gzip(CSV.entities))
    local path = files.write("wrong/relations.csv.gz", packed.gzip(CSV.relations .. "lends,a,b,\nowns,b,a,1%\n"))
    local _, message, code = knockon.load(files.path "wrong")
    assert.are.same({ path .. ":3: relation record 2: ", "parse" }, { message:match "^.-: .-: ", code })
    local net = assert(knockon.load(files.path "wrong", { on_error = "skip" }))
    local _, skipped = net:complete()
    assert.are.same({ path, 3, 2 }, { skipped[1].file, skipped[1].line, skipped[1].record })
    assert.are.same({ 2, 1 }, { #net:relations(), #skipped })
    for _, name in ipairs { "cut.json.gz", "cut.ndjson.gz", "wrong/relations.csv.gz" } do
      local text = name:find "csv" and CSV.relations or name:find "ndjson" and OWNS or JSON
      local cut = files.write(name, packed.gzip(text):sub(1, -9))
      net, message, code = knockon.load(name:find "^wrong" and files.path "wrong" or cut)
      assert.are.same({ "nil", "parse", cut .. ": the packed data ends early" }, { tostring(net), code, message })
    end
  end)

  it("stop at limits, when progress says so, or raises", function()
    if needs_zlib() then return end
    local many = {}
    for i = 1, 20000 do many[i] = ('{"id":"firm-%d"}\n'):format(i) end
    local path = files.write("many.ndjson.gz", packed.gzip(table.concat(many)))
    assert.are.equal(20000, #assert(knockon.load(path)))
    assert.are.equal("interrupted", select(3, knockon.load(path, { progress = function() return false end })))
    assert.are.equal("limit", select(3, knockon.load(path, { limits = { seconds = 0 } })))
    local fine, raised = pcall(knockon.load, path, { progress = function() error { told = true } end })
    assert.are.same({ false, true }, { fine, raised.told })
  end)
end)

describe("bounds and progress", function()
  teardown(files.clean)

  it("progress hears of bytes, and may cancel", function()
    local path = files.write("x.json", TEXT)
    local heard
    assert(knockon.load(path, { progress = function(done, total, what)
      if what == "reading entities" then heard = { done, total } end
    end }))
    assert.are.same({ #TEXT, #TEXT }, heard)
    local net, _, code = knockon.load(path, { progress = function() return false end })
    assert.is_nil(net)
    assert.are.equal("interrupted", code)
  end)

  it("limits hold while reading", function()
    local lines = {}
    for i = 1, 3000 do lines[i] = line("entity-" .. i) end
    local path = files.write("big.json", table.concat(lines))
    local net, _, code = knockon.load(path, { limits = { bytes = 100000 } })
    assert.is_nil(net)
    assert.are.equal("limit", code)
    net, _, code = knockon.load(path, { limits = { seconds = 0 } })
    assert.is_nil(net)
    assert.are.equal("limit", code)
  end)

  it("long lines and deep nesting are read or told, never followed without end", function()
    local long = json.encode { id = "a", schema = "Company", properties = { name = { ("x"):rep(10 ^ 7) } } } .. "\n"
    assert.are.equal(10 ^ 7, #assert(knockon.load(files.write("long.json", line "b" .. long))):entity("a").name)
    local deep = '{"id":"a","schema":"Company","properties":' .. ("["):rep(100000) .. ("]"):rep(100000) .. "}\n"
    local net, _, code = knockon.load(files.write("deep.json", line "b" .. deep))
    assert.is_nil(net)
    assert.are.equal("parse", code)
  end)

  it("values of JSON may be cut anywhere between the blocks they are read in", function()
    local statements = {}
    for i = 1, 1500 do
      statements[i] = { statementId = "s" .. i, recordId = "r" .. i, recordType = "entity",
        recordDetails = { name = ('"\\{[%d]}\\" é,: '):format(i):rep(i % 7 + 1) } }
    end
    for _, indent in ipairs { 0, 1 } do
      local text = json.encode(json.array(statements), { indent = indent > 0 and 1 or nil })
      local net = assert(knockon.load(files.write("blocks.json", text)))
      assert.are.equal(1500, #net)
      for i = 1, 1500, 97 do assert.are.equal(statements[i].recordDetails.name, net:entity("r" .. i).name) end
    end
  end)
end)

describe("libraries", function()
  it("that are missing are told, with what to install", function()
    local stop = require "knockon.formats.stop"
    local fine, failure = pcall(stop.need, "no_such_library", "lua-zlib", "lua-zlib", "reading gzip and zip files")
    assert.is_false(fine)
    assert.are.equal("missing", failure.code)
    assert.are.equal("reading gzip and zip files needs the Lua library no_such_library: luarocks install lua-zlib, or "
      .. "on Debian apt-get install lua-zlib", tostring(failure))
  end)
end)
