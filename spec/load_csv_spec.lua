-- CSV: what is wrong with it is told with its place, and what is right is read whatever its shape.
local errors = require "knockon.errors"
local files = require "spec.support.files"
local knockon = require "knockon"
local loading = require "spec.support.loading"
local random_network = require "spec.support.random_network"

local unpack = rawget(table, "unpack") or rawget(_G, "unpack")

local folder, has, refuses = loading.folder, loading.has, loading.refuses

teardown(files.clean)

describe("CSV files that are wrong", function()
  local BAD = {
    { "an empty entities file", { entities = "" }, "entities.csv", "empty" },
    { "an empty relations file", { relations = "" }, "relations.csv", "empty" },
    { "an empty restrictions file", { restrictions = "" }, "restrictions.csv", "empty" },
    { "a missing column", { relations = "id,kind,from\nr,owns,a\n" }, "relations.csv:1", "'to'" },
    { "a missing id column", { entities = "name\nA\n" }, "entities.csv:1", "'id'" },
    { "restrictions without a rule column", { restrictions = "id,targets\nx,a\n" }, "restrictions.csv:1", "'rule'" },
    { "two columns of a name", { entities = "id,name,name\na,A,A\n" }, "entities.csv:1", "'name'" },
    { "two columns of a name, in restrictions",
      { restrictions = "id,rule,targets,rule\n" }, "restrictions.csv:1", "'rule'" },
    { "a column without a name", { entities = "id,,name\na,,A\n" }, "entities.csv:1", "column 2" },
    { "a ragged row", { entities = "id,name\na,A\nb\n" }, "entities.csv:3", "entity record 2", "1 cells", "2" },
    { "a row with too many cells",
      { relations = "kind,from,to\nowns,a,b,c\n" }, "relations.csv:2", "relation record 1" },
    { "a ragged restriction",
      { restrictions = "rule,targets\nicts,a\nicts\n" }, "restrictions.csv:3", "restriction record 2" },
    { "an unclosed quote", { entities = 'id,name\na,"A\nb,B\n' }, "entities.csv:2:3", "never closed" },
    { "an unclosed quote in the header", { entities = 'id,"name\na,A\n' }, "entities.csv:1:4", "never closed" },
    { "text after a closing quote", { entities = 'id,name\na,"A"B\n' }, "entities.csv:2:6", "closing quote" },
    { "a quote inside a cell", { entities = 'id,name\na,A"B\n' }, "entities.csv:2", "quote" },
    { "bytes that are not UTF-8",
      { entities = "id,name\na,\233\n" }, "entities.csv:2", "entity record 1 'a'", "UTF-8" },
    { "an id that is not UTF-8", { entities = "id,name\n\233,A\n" }, "entities.csv:2", "UTF-8" },
    { "a zero byte", { entities = "id,name\na,A\0\n" }, "entities.csv:2", "entity record 1" },
    { "a header that is not UTF-8", { entities = "id,n\233me\na,A\n" }, "entities.csv:1", "column 2", "UTF-8" },
    { "a restriction that is not UTF-8",
      { restrictions = "rule,targets,title\nicts,a,\233\n" }, "restrictions.csv", "UTF-8" },
    { "a duplicate entity id", { entities = "id\na\nb\na\n" }, "entities.csv:4", "entity record 3 'a'" },
    { "a dangling end", { relations = "kind,from,to\nowns,a,c\n" }, "relations.csv: relation record 1", "'c'" },
    { "a duplicate relation id",
      { relations = "id,kind,from,to\nr,owns,a,b\nr,linked,a,b\n" }, "relations.csv: relation record 2 'r'" },
    { "an unknown kind", { relations = "kind,from,to\nown,a,b\n" }, "relations.csv:2", "'own'" },
    { "the share 150%", { relations = "kind,from,to,share\nowns,a,b,150%\n" }, "relations.csv:2", "'150%'" },
    { "the share 51, saying how to write it",
      { relations = "kind,from,to,share\nowns,a,b,51\n" }, "relations.csv:2", '"51%"' },
    { "the share -1", { relations = "kind,from,to,share\nowns,a,b,-1\n" }, "relations.csv:2", "'-1'" },
    { "a date", { entities = "id,since\na,2022-02-30\n" }, "entities.csv:2", "'2022-02-30'" },
    { "since after until",
      { relations = "kind,from,to,since,until\nowns,a,b,2022,2021\n" }, "relations.csv:2", "not before" },
    { "a restriction of an unknown target",
      { restrictions = "id,rule,targets\nx,icts,c\n" }, "restrictions.csv", "record 1 'x'", '"c"' },
    { "a text and a list of one name in one row",
      { entities = "id,tag,tag[]\na,x,y\nb,,\n" }, "entities.csv:2", "'tag[]'" },
  }

  for i, case in ipairs(BAD) do
    it("are refused for " .. case[1], function()
      local path = folder("csv-" .. i, case[2])
      refuses(path, "parse", unpack(case, 3))
    end)
  end

  it("are refused when one of them is missing", function()
    local path = folder("lone", {})
    local net, message, code = knockon.load { entities = path .. "/entities.csv", relations = path .. "/nothing.csv" }
    assert.is_nil(net)
    assert.are.equal("io", code)
    has(message, "/nothing.csv", "No such file")
    os.remove(path .. "/relations.csv")
    refuses(path, "io", "relations.csv")
    has(select(2, knockon.load { entities = path, relations = path }), "directory")
  end)

  it("are fine with a byte order mark, CRLF, blank lines and line breaks in quotes", function()
    local net = assert(knockon.load(folder("odd", {
      entities = '\239\187\191id,name\r\na,"two\r\nlines, and ""quotes"""\r\n\r\nb,B\r\n\r\n',
      relations = '\239\187\191"id","kind",from,to,share\n\n"r1",owns,a,b,"12,5%"',
      restrictions = "\239\187\191id,rule,targets\r\nx,icts,a;b\r\n",
    })))
    assert.are.equal('two\r\nlines, and "quotes"', net:entity("a").name)
    assert.are.equal("12.5%", net:relations({})[1].share)
    assert.are.same({ "a", "b" }, net:restrictions()[1].targets)
  end)

  it("are fine with one huge row, and with very long ids", function()
    local long = ("x"):rep(3000000)
    local net = assert(knockon.load(folder("huge", {
      entities = "id,name\na," .. long .. "\nb,B\n", relations = "id,kind,from,to\n" .. long .. ",owns,a,b\n",
    })))
    assert.are.equal(long, net:entity("a").name)
    assert.are.equal(long, net:relations({ id = long })[1].id)
    assert.are.equal(0, #net:scenario({ as_of = "2022" }):drop(long):ban("a"):exposure():users())
  end)
end)

describe("read_csv", function()
  local function refused(...)
    local fine, object = pcall(knockon.read_csv, ...)
    assert.is_false(fine)
    assert.is_true(errors.is(object), tostring(object))
    return object
  end

  it("refuses options that are none", function()
    local path = files.write("rows.csv", "a;b\n1;2\n")
    local object = refused(path, { seperator = ";" })
    assert.are.same({ "argument", { "separator" } }, { object.code, object.near })
    for _, bad in ipairs { "", ";;", 5, "\n", '"', "\0", false } do
      object = refused(path, { separator = bad })
      assert.are.same({ "argument", "separator" }, { object.code, object.argument })
    end
    assert.are.equal("argument", refused(path, 5).code)
    assert.are.equal("argument", refused(5).code)
    assert.are.equal("2", knockon.read_csv(path, { separator = ";" })().b)
  end)

  it("raises for a file that is empty or missing", function()
    for _, text in ipairs { "", "\239\187\191", "\n\n" } do
      local object = refused(files.write("empty.csv", text))
      assert.are.equal("parse", object.code)
      has(object, "empty.csv", "the file is empty")
    end
    assert.are.equal("io", refused(files.path "none.csv").code)
  end)
end)

describe("rows of any shape", function()
  -- RFC 4180, letter by letter; blank lines are none. The texts given here are well-formed.
  local function naive(text)
    local rows, cells, at, started = {}, {}, 1, false
    text = text:gsub("^\239\187\191", "")
    while at <= #text do
      local cell
      if text:sub(at, at) == '"' then
        local parts = {}
        at = at + 1
        while true do
          local stop = text:find('"', at, true)
          parts[#parts + 1] = text:sub(at, stop - 1)
          at = stop + 1
          if text:sub(at, at) ~= '"' then break end
          parts[#parts + 1] = '"'
          at = at + 1
        end
        cell, started = table.concat(parts), true
      else
        local stop = text:find("[,\n]", at) or #text + 1
        cell, at = text:sub(at, stop - 1), stop
        local ends = text:sub(at, at) ~= ","
        if ends then cell = cell:gsub("\r$", "") end
      end
      if text:sub(at, at) == "\r" then at = at + 1 end
      local comma = text:sub(at, at) == ","
      started = started or comma or cell ~= ""
      cells[#cells + 1] = cell
      at = at + 1
      if not comma then
        if started then rows[#rows + 1] = cells end
        cells, started = {}, false
      elseif at > #text then
        cells[#cells + 1] = ""
        rows[#rows + 1] = cells
        cells = {}
      end
    end
    return rows
  end

  local CELLS = {
    "", "", "a", "0.5", "two words", "\195\169t\195\169", ("k"):rep(15), ("k"):rep(16), ("k"):rep(64), ("w"):rep(200),
    '""', '"quoted"', '"with, comma"',
    '"with ""quotes"""', '"two\nlines"', '"two\r\nlines"', '"' .. ("x"):rep(130) .. '"',
  }
  local ENDS = { "\n", "\n", "\r\n", "\n\n", "\r\n\r\n" }

  -- Rows of what is in CELLS; many: enough to fill several blocks of the reader.
  local function draw(random, many)
    local parts = { random.chance(20) and "\239\187\191" or "" }
    local columns = random.upto(7)
    for _ = 1, many and 5000 or random.upto(30) do
      for i = 1, columns do
        parts[#parts + 1] = random.pick(CELLS)
        if i < columns then parts[#parts + 1] = "," end
      end
      parts[#parts + 1] = random.pick(ENDS)
    end
    if random.chance(30) then parts[#parts] = "" end
    return table.concat(parts)
  end

  local core = require "knockon.core"

  it("are what RFC 4180 says, also where they stand across blocks", function()
    for seed = 1, 40 * (tonumber(os.getenv "KNOCKON_SEEDS") or 1) do
      local random = random_network.random(seed)
      local text = draw(random, seed % 20 == 0)
      local reader = assert(core.csv(files.write("shape.csv", text)))
      for i, expected in ipairs(naive(text)) do
        assert.are.same(expected, (reader:row()), ("seed %d, row %d"):format(seed, i))
      end
      assert.is_nil(reader:row(), "seed " .. seed)
    end
  end)

  it("tell the line of what is wrong in the last of many rows", function()
    local lines = { "kind,from,to,share" }
    for i = 2, 30000 do lines[i] = i % 100 == 0 and "owns,a,b,60%\n" or "owns,a,b,60%" end -- some lines are blank
    local text = table.concat(lines, "\n") .. "\n"
    local path = folder("long", { relations = text .. "owns,a,b,160%\n" })
    refuses(path, "parse", "relations.csv:30301: relation record 30000: share '160%'")
    path = folder("long", { relations = text .. 'owns,a,b,"160%\n' })
    refuses(path, "parse", "relations.csv:30301:10: this quote is never closed")
  end)
end)

describe("records that repeat what earlier ones said", function()
  local VALUES = {
    kind = { "owns", "owns", "supplies", "supplies", "linked", "controls" }, share = { "", "", "60%", "0.25", ">50%" },
    basis = { "", "", "votes" }, class = { "", "", "A", "\195\132" },
    fraction = { "", "0.5", "1" }, note = { "", "x", "y z" },
    party = { "", "", "", "e1" }, since = { "", "", "2018", "2019-02" }, ["until"] = { "", "", "2030" },
    id = { "", "" }, data = { "", "ip", "ip;personal" }, source = { "", "s" },
  }
  local OWNER = { share = "owns", basis = "owns", class = "owns", party = "supplies" }
  local LISTS = { data = true }

  -- The same relations as a CSV text and as a list of tables; some of them are wrong.
  local function draw(random)
    local columns, lines, list = {}, {}, {}
    for name in pairs(VALUES) do columns[#columns + 1] = name end
    table.sort(columns)
    columns[#columns + 1] = "from"
    columns[#columns + 1] = "to"
    random.shuffle(columns)
    lines[1] = table.concat(columns, ",")
    for i = 1, 400 do
      local kind = random.pick(VALUES.kind)
      local record, cells = {}, {}
      for k, name in ipairs(columns) do
        local value
        if name == "kind" then value = random.chance(1) and "own" or kind
        elseif name == "from" or name == "to" then value = random.chance(1) and "nobody" or "e" .. random.upto(30)
        elseif name == "id" then value = random.chance(30) and "r" .. random.upto(300) or ""
        elseif OWNER[name] and OWNER[name] ~= kind and not random.chance(1) then value = ""
        else value = random.pick(VALUES[name]) end
        cells[k] = value
        if value ~= "" then record[name] = value end
        if LISTS[name] and value:find ";" then
          record[name] = {}
          for item in (value .. ";"):gmatch "(.-);" do table.insert(record[name], item) end
        end
      end
      lines[i + 1], list[i] = table.concat(cells, ","), record
    end
    return table.concat(lines, "\n") .. "\n", list
  end

  it("are those records, right and wrong", function()
    local entities, entity_lines, tried = {}, { "id" }, 0
    for i = 1, 30 do
      entities[i] = { id = "e" .. i }
      entity_lines[i + 1] = "e" .. i
    end
    for seed = 1, 8 * (tonumber(os.getenv "KNOCKON_SEEDS") or 1) do
      local text, list = draw(random_network.random(seed))
      local opts = { on_error = "skip" }
      local path = folder("repeat", { entities = table.concat(entity_lines, "\n") .. "\n", relations = text })
      local net = assert(knockon.load(path, opts))
      local builder = knockon.builder(opts)
      for _, entity in ipairs(entities) do builder:entity(entity) end
      for _, relation in ipairs(list) do builder:relation(relation) end
      local other = builder:build()
      assert.are.equal(#select(2, other:complete()), #select(2, net:complete()), "seed " .. seed)
      assert.are.equal(other:counts().relations.owns, net:counts().relations.owns)
      local function written(one, name) -- the file's name apart, which ids and with them the order of equals have
        local lines = {}
        assert(one:save(files.path(name)))
        for line in files.read(files.path(name)):gsub('"id":"[^"]*#', '"id":"#'):gmatch "[^\n]+" do
          lines[#lines + 1] = line:gsub(",$", "")
        end
        table.sort(lines)
        return table.concat(lines, "\n")
      end
      assert.are.equal(written(other, "other.json"), written(net, "net.json"), "seed " .. seed)
      tried = tried + #net:relations {}
    end
    assert.is_true(tried > 1000, tried)
  end)
end)
