-- The command, in this process with streams of ours, and a few times for real.

local errors = require "knockon.errors"
local files = require "spec.support.files"
local json = require "knockon.json"
local knockon = require "knockon"
local main = require "knockon.main"
local has = require "spec.support.has"
local run = require "spec.support.command"
local schema = require "spec.support.schema"
local stream = require "spec.support.stream"

local NETWORK = [[
{ "knockon": 1, "title": "Example",
  "entities": [
    { "id": "acme", "kind": "firm", "name": "Acme", "country": "CN" },
    { "id": "acme-cloud", "kind": "service", "name": "Acme Cloud", "country": "CN" },
    { "id": "ford", "kind": "firm", "name": "Ford Motor Company", "country": "US" },
    { "id": "ford-x", "kind": "firm", "name": "unit of Ford" },
    { "id": "ibm", "kind": "firm", "name": "IBM", "country": "US" },
    { "id": "red-hat", "kind": "firm", "name": "Red Hat", "country": "US" },
    { "id": "solo", "kind": "firm", "name": "Solo", "country": "DE" } ],
  "relations": [
    { "id": "p1", "kind": "operates", "from": "acme", "to": "acme-cloud" },
    { "id": "s1", "kind": "supplies", "from": "acme-cloud", "to": "ford-x", "since": "2015", "source": "press" },
    { "id": "s2", "kind": "supplies", "from": "acme-cloud", "to": "red-hat", "since": "2015", "source": "press" },
    { "id": "s3", "kind": "supplies", "from": "acme-cloud", "to": "solo", "since": "2015" },
    { "id": "c1", "kind": "consolidates", "from": "ford", "to": "ford-x", "since": "2001-04-25", "source": "report" },
    { "id": "o1", "kind": "owns", "from": "ibm", "to": "red-hat", "share": "100%", "since": "2019-07-09" } ],
  "restrictions": [
    { "id": "icts-review", "title": "Review", "rule": "icts", "measure": "prohibit", "targets": ["acme-cloud"],
      "status": "review", "since": "2021" } ] }
]]

local made = {}

local function write(content, suffix)
  local path = os.tmpname()
  made[#made + 1] = path
  if suffix then
    path = path .. suffix
    made[#made + 1] = path
  end
  local file = assert(io.open(path, "wb"))
  file:write(content)
  file:close()
  return path
end

local function verdicts(text)
  local out = {}
  for _, row in ipairs(assert(json.decode(text)).parents) do out[row.id] = row.verdict end
  return out
end

describe("the command", function()
  local data

  setup(function() data = write(NETWORK, ".json") end)

  teardown(function()
    for _, path in ipairs(made) do os.remove(path) end
  end)

  it("ban: who would be exposed by this ban alone", function()
    local status, out, err = run { "ban", data, "acme-cloud", "--as-of", "2022-01-18" }
    assert.equal(0, status)
    assert.equal("", err)
    has(out, "this ban alone (hypothetical)", "2022-01-18", "icts, as modelled", "Exposed parents: 1 yes, 1 possible",
      "supplies Red Hat (red-hat)", "is owned 100% by IBM (ibm)", "since 2019-07-09", "[press]",
      "is consolidated by Ford Motor Company (ford)", "2 parents exposed (1 yes, 1 possible)")
    assert.falsy(out:find("\27", 1, true))
  end)

  it("ban: scope, date and JSON", function()
    local ban = { "ban", data, "acme-cloud", "--format", "json", "--as-of", "2022-01-18" }
    local status, out = run(ban)
    assert.equal(0, status)
    assert.is_nil(schema.invalid(out, "answer"))
    assert.same({ ibm = "yes", ford = "possible" }, verdicts(out))
    ban[#ban + 1] = "--scope=owned"
    status, out = run(ban)
    assert.equal(0, status)
    assert.same({ ibm = "yes", ford = "yes" }, verdicts(out))
    ban[7] = "2014-12-31"
    status, out = run(ban)
    assert.equal(0, status)
    assert.same({}, verdicts(out))
    assert.is_nil(schema.invalid(out, "answer"))
  end)

  it("ban: the same answer as the library's", function()
    local request = { question = "ban", targets = { "acme-cloud" }, as_of = "2022-01-18", scope = "owned" }
    local answer = knockon.answer(assert(knockon.load(data)), request)
    local _, out = run { "ban", data, "acme-cloud", "--as-of", "2022-01-18", "--scope", "owned", "--format", "json" }
    assert.equal(require("knockon.report.json").render(answer), out)
  end)

  it("ban: so many rows of each list, and how many there are", function()
    local ban = { "ban", data, "acme-cloud", "--as-of", "2022-01-18", "--rows", "1" }
    local status, out = run(ban)
    assert.equal(0, status)
    has(out, "Exposed parents: 1 yes, 1 possible", "  ... and 1 more (all of them with --format json)",
      "is owned 100% by IBM (ibm)", "2 parents exposed (1 yes, 1 possible)")
    assert.falsy(out:find("Ford", 1, true))
    ban[#ban + 1] = "--format=json"
    status, out = run(ban)
    assert.equal(0, status)
    assert.is_nil(schema.invalid(out, "answer"))
    assert.same({ ibm = "yes" }, verdicts(out))
    assert.same({ yes = 1, possible = 1, no = 0 }, json.decode(out).totals.parents)
    ban[#ban + 1] = "--fail-on=possible"
    assert.equal(1, (run(ban)))
    local err
    status, out, err = run { "ban", data, "acme-cloud", "--rows", "0" }
    assert.equal(2, status)
    assert.equal("", out)
    has(err, "--rows: '0' is not a whole number above 0")
  end)

  it("ban: several targets, --ban and conditions", function()
    local status, out = run { "ban", data, "acme", "acme-cloud", "--ban", "solo", "--format", "json" }
    assert.equal(0, status)
    assert.same({ "acme", "acme-cloud", "solo" }, json.decode(out).restrictions[1].targets)
    status, out = run { "ban", data, "country=CN,RU kind=service", "--as-of", "2022", "--format", "json" }
    assert.equal(0, status)
    assert.same({ country = { "CN", "RU" }, kind = "service" }, json.decode(out).restrictions[1].targets)
    assert.same({ ibm = "yes", ford = "possible" }, verdicts(out))
  end)

  it("ban: conditions next to each other are one", function()
    local status, out = run { "ban", data, "country=CN", "kind=service", "--as-of", "2022", "--format", "json" }
    assert.equal(0, status)
    assert.same({ country = "CN", kind = "service" }, json.decode(out).restrictions[1].targets)
    assert.equal(1, #json.decode(out).restrictions)
    status, out = run { "ban", data, "country=CN", "--ban", "kind=service", "--as-of", "2022", "--format", "json" }
    assert.equal(0, status)
    assert.equal(2, #json.decode(out).restrictions)
    local _, err
    status, _, err = run { "ban", data, "country=CN", "country=RU" }
    assert.equal(2, status)
    has(err, "country is named twice", "country=A,B")
  end)

  it("ban: a file with the id of a shipped rule is told as the user's", function()
    local file = write('return { id = "icts", bound = { organised_in = { "US" } } }', ".lua")
    local status, out = run { "ban", data, "acme-cloud", "--as-of", "2022", "--rule", file }
    assert.equal(0, status)
    local _, count = out:gsub("icts %(your file [^)]*%), as modelled", "")
    assert.equal(2, count)
    has(select(2, run { "rules", file }), "icts (your file " .. file .. "), as modelled")
  end)

  it("-o - is standard output; help that cannot be written ends with 4", function()
    local status, out = run { "ban", data, "acme-cloud", "--as-of", "2022-01-18", "-o", "-" }
    assert.equal(0, status)
    has(out, "Exposed parents")
    local err = stream()
    local full = { write = function() return nil, "No space left on device" end }
    assert.equal(4, (main({ "--help" }, { stdout = full, stderr = err })))
    has(err.text(), "standard output: No space left on device")
  end)

  it("takes files whose names are no UTF-8, and says them as text", function()
    local fine, odd = pcall(files.write, "n\255\195.json", (NETWORK:gsub('"id": "s1", ', "")))
    if not fine then return pending "the file system takes no such name" end
    for _, words in ipairs { { "show", odd }, { "check", odd }, { "sweep", odd }, { "holdings", odd, "ibm" } } do
      words[#words + 1] = "--format=json"
      local status, out = run(words)
      assert.equal(0, status)
      local answer = json.decode(out)
      assert.equal("/n??.json", (answer.data or answer.run.data)[1].file:match "/[^/]*$")
    end
    local saved = files.path "saved.json"
    assert.equal(0, (run { "convert", odd, saved }))
    assert.equal(1, #assert(knockon.load(saved)):relations { id = "n??.json#2" })
    files.clean()
  end)

  it("names the argument that is wrong", function()
    local path = write(NETWORK, ".json")
    for message, words in pairs {
      ["TARGET is empty"] = { "ban", path, "" }, ["DATA is empty"] = { "show", "" },
      ["ID is empty"] = { "why", path, "" }, ["OUT is empty"] = { "convert", path, "" },
      ["-k: '0' is not a whole number from 1 to 10000"] = { "paths", path, "ford", "-k", "0" },
      ["--top: 'x' is not a whole number above 0"] = { "sweep", path, "--top", "x" },
      ["--seconds: '-1' is not a number above 0"] = { "show", path, "--seconds", "-1" },
      ["The commands are told by knockon --help."] = { "shwo" },
      ["standard input: line 1, column 1: the text is empty"] = { "show", "-" },
      ["the relation has no 'to'"] = { "ban", path, "acme", "--add", "owns from=ford" },
    } do
      local status, _, err = run(words, { stdin = { read = function() return "" end } })
      assert.equal(words[2] == "-" and 3 or 2, status)
      has(err, message)
    end
  end)

  it("tells what a word should have been", function()
    local _, _, err = run { "check", data, "--scope", "owner" }
    has(err, "'owner' is no scope", 'did you mean "owned"?')
    for _, seconds in ipairs { "-1", "0" } do
      _, _, err = run { "check", data, "--seconds", seconds }
      has(err, ("'%s' is not a number above 0"):format(seconds))
    end
    local status
    status, _, err = run { "check", data, "--table", "users" }
    assert.equal(2, status)
    has(err, "--table needs --format csv")
  end)

  it("ban: CSV", function()
    local status, out = run { "ban", data, "acme-cloud", "--as-of", "2022-01-18", "--format", "csv" }
    assert.equal(0, status)
    has(out, "id,name,verdict,scope,", "\r\nford,Ford Motor Company,possible,entity,ford-x,", "\r\nibm,IBM,yes,entity,")
    status, out = run { "ban", data, "acme-cloud", "--as-of=2022-01-18", "--format", "csv", "--table", "users" }
    assert.equal(0, status)
    has(out, "\r\nred-hat,Red Hat,yes,entity,acme-cloud,ban-1,")
  end)

  it("check: what is in force, and what would be", function()
    local status, out = run { "check", data, "--as-of", "2022-01-18" }
    assert.equal(0, status)
    has(out, "No parent is exposed.")
    status, out = run { "check", data, "--as-of", "2022-01-18", "--assume", "icts-review", "--format", "json" }
    assert.equal(0, status)
    assert.same({ ibm = "yes", ford = "possible" }, verdicts(out))
    status, out = run { "check", data, "--as-of", "2022-01-18", "--assume", "icts-review", "--lift", "icts-review",
      "--format", "json" }
    assert.equal(0, status)
    assert.same({}, verdicts(out))
    status, out = run { "check", data, "--as-of", "2022-01-18", "--ban", "acme-cloud", "--format", "json" }
    assert.equal(0, status)
    assert.same({ ibm = "yes", ford = "possible" }, verdicts(out))
  end)

  it("why: the proof, or why not", function()
    local status, out = run { "why", data, "ibm", "--ban", "acme-cloud", "--as-of", "2022-01-18" }
    assert.equal(0, status)
    has(out, "IBM (ibm): yes", "Acme Cloud (acme-cloud)", "supplies Red Hat (red-hat)", "is owned 100% by IBM (ibm)")
    status, out = run { "why", data, "solo", "--ban", "acme-cloud", "--as-of", "2022-01-18", "--format", "json" }
    assert.equal(0, status)
    assert.equal("no", json.decode(out).why.verdict)
    assert.equal("not_bound", json.decode(out).why.status)
  end)

  it("show: what the data holds", function()
    local status, out = run { "show", data }
    assert.equal(0, status)
    has(out, "Example", "Entities", "firm 6", "service 1", "supplies 3", "icts-review", "review")
    status, out = run { "show", data, "--format", "json" }
    assert.equal(0, status)
    assert.equal(6, json.decode(out).counts.entities.firm)
  end)

  it("convert: there and back", function()
    local native = write("", ".json")
    assert.equal(0, (run { "convert", data, native }))
    local _, before = run { "ban", data, "acme-cloud", "--as-of", "2022-01-18", "--format", "csv" }
    local _, after = run { "ban", native, "acme-cloud", "--as-of", "2022-01-18", "--format", "csv" }
    assert.equal(before, after)
  end)

  it("convert: to what other tools read, by the ending of the name or by --to", function()
    local drawing = write("", ".dot")
    assert.equal(0, (run { "convert", data, drawing }))
    assert.equal("digraph knockon {", io.lines(drawing)())
    assert.equal(0, (run { "convert", data, drawing, "--to", "graphml" }))
    assert.equal('<?xml version="1.0" encoding="UTF-8"?>', io.lines(drawing)())
    local _, before = run { "ban", data, "acme-cloud", "--as-of", "2022-01-18", "--format", "csv" }
    local _, after = run { "ban", drawing, "acme-cloud", "--as-of", "2022-01-18", "--format", "csv" }
    assert.equal(before, after)
    local status, _, err = run { "convert", data, drawing, "--to", "grapml" }
    assert.equal(2, status)
    has(err, "graphml")
  end)

  it("rules: the law as modelled", function()
    local status, out = run { "rules" }
    assert.equal(0, status)
    has(out, "as modelled", "icts", "ofac_50", "reach", "listing", "since 2021-01-19")
    status, out = run { "rules", "ofac_50" }
    assert.equal(0, status)
    has(out, "ofac_50, as modelled", "at least 50% of equity", "organised in US, at scope entity")
    status, out = run { "rules", "icts", "--format", "json" }
    assert.equal(0, status)
    assert.equal("icts", json.decode(out).rules[1].id)
    local near
    status, out, near = run { "rules", "itcs", "--format", "json" }
    assert.equal(2, status)
    has(near, "icts")
    assert.is_nil(schema.invalid(out, "failure"))
  end)

  it("run: a script with knockon loaded", function()
    local script = write [[
      local net = assert(knockon.load(arg[1]))
      leaked = true
      return net:entity(...) == nil and select("#", ...) == 2 and select(2, ...) == "--scope" and 7 or 0
    ]]
    assert.equal(7, (run { "run", script, data, "--scope" }))
    assert.is_nil(rawget(_G, "leaked"))
    local status, _, err = run { "run", write "return (" }
    assert.equal(2, status)
    has(err, "knockon: ")
  end)

  it("run: an error of the script ends with 1, and so does a status that is none", function()
    local script = write 'local x = 1\nerror "broken"'
    local status, _, err = run { "run", script }
    assert.equal(1, status)
    assert.equal("knockon: " .. script .. ":2: broken\n", err)
    script = write 'local x = 1\nlocal rule = knockon.rule "itcs"\nreturn rule'
    status, _, err = run { "run", script }
    assert.equal(1, status)
    has(err, script .. ":2: no rule", '"icts"')
    assert.equal(1, (run { "run", write "error {}" }))
    for _, value in ipairs { "256", "-1", "1.5", "0/0" } do
      status, _, err = run { "run", write("return " .. value) }
      assert.equal(1, status)
      has(err, "a whole number from 0 to 255")
    end
    assert.equal(255, (run { "run", write "return 255" }))
    assert.equal(0, (run { "run", write "return knockon" }))
  end)

  it("reads standard input", function()
    local status, out = run({ "ban", "-", "acme-cloud", "--as-of", "2022-01-18", "--format", "json" },
      { stdin = { read = function() return NETWORK end } })
    assert.equal(0, status)
    assert.same({ ibm = "yes", ford = "possible" }, verdicts(out))
    has(select(2, run({ "show", "-" }, { stdin = { read = function() return NETWORK end } })),
      "Data             standard input", "Dated relations", "Shares unknown")
    local handles = { stdin = { read = function() return NETWORK end } }
    local refused, _, err = run({ "show", "-", "--from", "gleif" }, handles)
    assert.equal(2, refused)
    has(err, "standard input is read as native JSON; gleif needs a file")
  end)

  it("writes a file whole or not at all", function()
    local target = write "old"
    local status, out = run { "ban", data, "acme-cloud", "--as-of", "2022-01-18", "--format", "json", "-o", target }
    assert.equal(0, status)
    assert.equal("", out)
    assert.is_nil(schema.invalid(files.read(target), "answer"))
    local err
    status, out, err = run { "ban", data, "acme-cloud", "-o", "/nowhere/at/all.json" }
    assert.equal(4, status)
    assert.equal("", out)
    has(err, "cannot write", "/nowhere/at/all.json")
  end)

  it("colours only a terminal, and not against NO_COLOR", function()
    local environment = {}
    local handles = {
      isatty = function(fd) return fd == 1 end, getenv = function(name) return environment[name] end,
    }
    local _, out = run({ "ban", data, "acme-cloud", "--as-of", "2022" }, handles)
    has(out, "\27[")
    environment.NO_COLOR = "1"
    _, out = run({ "ban", data, "acme-cloud", "--as-of", "2022" }, handles)
    assert.falsy(out:find("\27", 1, true))
  end)

  it("--fail-on", function()
    local ban = { "ban", data, "acme-cloud", "--as-of", "2022-01-18", "--fail-on", "yes" }
    assert.equal(1, (run(ban)))
    ban[5] = "2014-12-31"
    assert.equal(0, (run(ban)))
    local check = { "check", data, "--as-of", "2022-01-18", "--assume", "icts-review", "--fail-on", "possible" }
    assert.equal(1, (run(check)))
    assert.equal(0, (run { "why", data, "solo", "--ban", "acme-cloud", "--as-of", "2022", "--fail-on", "possible" }))
    assert.equal(1, (run { "why", data, "ford", "--ban", "acme-cloud", "--as-of", "2022", "--fail-on", "possible" }))
    assert.equal(0, (run { "why", data, "ford", "--ban", "acme-cloud", "--as-of", "2022", "--fail-on", "yes" }))
  end)

  for name, arguments in pairs {
    ["no command"] = {}, ["an unknown command"] = { "bann" }, ["an unknown option"] = { "check", "x", "--scop", "y" },
    ["an unknown scope"] = { "check", "x", "--scope", "all" }, ["no data"] = { "ban" },
    ["no target"] = { "ban", "x" }, ["a format that is not there"] = { "check", "x", "--format", "pdf" },
    ["seconds that are none"] = { "check", "x", "--seconds", "-1" }, ["an empty target"] = { "ban", "x", "" },
    ["--restrictions alone"] = { "check", "x", "--restrictions", "y" },
  } do
    it("ends with 2 at " .. name, function()
      local status, out, err = run(arguments)
      assert.equal(2, status)
      assert.equal("", out)
      assert.equal("knockon: ", err:sub(1, 9))
      arguments[#arguments + 1] = "--format=json"
      status, out = run(arguments)
      assert.equal(2, status)
      assert.is_nil(schema.invalid(out, "failure"))
    end)
  end

  it("ends with 2 at an unknown target or rule, and names near ones", function()
    local status, out, err = run { "ban", data, "acme-clod" }
    assert.equal(2, status)
    assert.equal("", out)
    has(err, "acme-clod", "did you mean", '"acme-cloud"')
    status, out = run { "ban", data, "acme-clod", "--format", "json" }
    assert.equal(2, status)
    assert.is_nil(schema.invalid(out, "failure"))
    assert.equal("acme-cloud", json.decode(out).error.near[1])
    local _
    status, _, err = run { "ban", "/nowhere/at/all.json", "acme-cloud", "--rule", "ofac50" }
    assert.equal(2, status)
    has(err, "ofac_50")
    status = run { "why", data, "frod", "--ban", "acme-cloud" }
    assert.equal(2, status)
    status, _, err = run { "ban", data, "acme-cloud", "--rule", write('return { id = "x", tears = 1 }', ".lua") }
    assert.equal(2, status)
    has(err, "tears", "tiers")
  end)

  it("ends with 2 at a date that is none", function()
    local status, _, err = run { "check", data, "--as-of", "2022-02-30" }
    assert.equal(2, status)
    has(err, "2022-02-30")
  end)

  it("ends with 3 at data that cannot be read", function()
    local status, out, err = run { "check", "/nowhere/at/all.json" }
    assert.equal(3, status)
    assert.equal("", out)
    has(err, "/nowhere/at/all.json")
    local broken = write('{ "knockon": 1,\n  "entities": [ }', ".json")
    status, out, err = run { "check", broken, "--format", "json" }
    assert.equal(3, status)
    has(err, broken, "line 2, column 17")
    assert.is_nil(schema.invalid(out, "failure"))
    local _
    status, _, err = run { "check", write((NETWORK:gsub('"to": "solo"', '"to": "sole"')), ".json") }
    assert.equal(3, status)
    has(err, "sole")
  end)

  it("ends with 4 when records were skipped, whatever else was found", function()
    local dangling = write((NETWORK:gsub('"to": "solo"', '"to": "sole"')), ".json")
    local status, out = run { "ban", dangling, "acme-cloud", "--as-of", "2022", "--on-error", "skip", "--fail-on",
      "yes", "--format", "json" }
    assert.equal(4, status)
    assert.is_nil(schema.invalid(out, "answer"))
    assert.is_false(json.decode(out).complete)
    assert.same({ ibm = "yes", ford = "possible" }, verdicts(out))
    has(out, '"code": "skipped"')
  end)

  it("helps", function()
    local status, out, err = run { "--help" }
    assert.equal(0, status)
    assert.equal("", err)
    has(out, "ban", "check", "why", "show", "convert", "rules", "run", "Exit status", "Examples")
    for _, name in ipairs { "ban", "check", "why", "show", "convert", "rules", "run" } do
      status, out = run { name, "--help" }
      assert.equal(0, status)
      has(out, "Usage: knockon " .. name, "Example", "knockon " .. name .. " ")
    end
    status, out = run { "--version" }
    assert.equal(0, status)
    assert.equal("knockon " .. knockon.version .. "\n", out)
  end)

  it("keeps what one run was told from the next", function()
    local first = { run { "ban", data, "acme-cloud", "--as-of", "2022-01-18", "--ban", "acme", "--assume",
      "icts-review" } }
    assert.equal(0, first[1])
    local _, alone = run { "ban", data, "acme-cloud", "--as-of", "2022-01-18", "--format", "json" }
    assert.same({ "acme-cloud" }, json.decode(alone).restrictions[1].targets)
    assert.equal(1, #json.decode(alone).restrictions)
  end)
end)

describe("errors.nearest", function()
  it("finds what was meant, best first, in one order", function()
    local ids = { "red-hat", "ford", "ford-x", "alibaba-cloud", "alibaba", "Ford" }
    assert.same({ "Ford", "ford", "ford-x" }, errors.nearest("ford", ids))
    assert.same({ "alibaba-cloud" }, errors.nearest("alibaba-clodu", ids, 1))
    assert.same({ "alibaba", "alibaba-cloud" }, errors.nearest("alibab", ids))
    assert.same({ "alibaba-cloud" }, errors.nearest("cloud", ids))
    assert.same({}, errors.nearest("zzzzzz", ids))
    assert.same({}, errors.nearest("", ids))
    local backwards = {}
    for i = #ids, 1, -1 do backwards[#backwards + 1] = ids[i] end
    assert.same(errors.nearest("frod", ids), errors.nearest("frod", backwards))
  end)

  it("prints as a sentence", function()
    local ok, failure = pcall(errors.raise, "unknown_id", "id", "no entity x", { "a", "b", "c" })
    assert.is_false(ok)
    assert.is_true(errors.is(failure))
    assert.equal('no entity x; did you mean "a", "b" or "c"?', tostring(failure))
    ok, failure = pcall(errors.raise, "argument", "x", "wrong", {})
    assert.is_false(ok)
    assert.equal("wrong", tostring(failure))
    assert.is_nil(failure.near)
  end)
end)

-- The real thing: the interpreter that runs this, the program that `make` left.
describe("build/bin/knockon", function()
  local program = (os.getenv "KNOCKON_BUILD" or "build") .. "/bin/knockon"
  local there = files.read(program) ~= nil

  local function shell(arguments)
    local pipe = assert(io.popen(program .. " " .. arguments .. "; echo status $?"))
    local out = pipe:read "*a"
    pipe:close()
    local rest, status = out:match "^(.*)status (%d+)\n$"
    return tonumber(status), rest
  end

  it("answers, and ends with the status", function()
    if not there then return pending "not built" end
    local data = write(NETWORK, ".json")
    local status, out = shell("ban " .. data .. " acme-cloud --as-of 2022-01-18 --scope owned --format json")
    assert.equal(0, status)
    assert.is_nil(schema.invalid(out, "answer"))
    assert.same({ ibm = "yes", ford = "yes" }, verdicts(out))
    assert.equal(1, (shell("ban " .. data .. " acme-cloud --as-of 2022-01-18 --fail-on yes")))
    assert.equal(2, (shell "ban 2>/dev/null"))
    assert.equal(3, (shell "check /nowhere/at/all.json 2>/dev/null"))
    status, out = shell "check /nowhere/at/all.json 2>&1 >/dev/null"
    assert.equal(3, status)
    has(out, "knockon: ", "/nowhere/at/all.json")
    for _, path in ipairs(made) do os.remove(path) end
  end)
end)
