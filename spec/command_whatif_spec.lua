-- The command's questions about what to change, and its flags that change the facts.

local json = require "knockon.json"
local command = require "spec.support.command"
local schema = require "spec.support.schema"

local NETWORK = [[
{ "knockon": 1,
  "entities": [
    { "id": "acme", "name": "Acme", "country": "CN" }, { "id": "acme=cloud", "kind": "service", "country": "CN" },
    { "id": "rival", "kind": "service", "country": "US" }, { "id": "ford-x" },
    { "id": "ford", "name": "Ford", "country": "US" }, { "id": "solo", "country": "US" } ],
  "relations": [
    { "id": "p1", "kind": "operates", "from": "acme", "to": "acme=cloud" },
    { "id": "s1", "kind": "supplies", "from": "acme=cloud", "to": "ford-x", "spend": "5", "currency": "USD" },
    { "id": "s2", "kind": "supplies", "from": "acme=cloud", "to": "solo", "spend": "7", "currency": "EUR",
      "switching": 3, "since": "2020" },
    { "id": "o1", "kind": "owns", "from": "ford", "to": "ford-x", "share": "60%" } ] }
]]

local path = os.tmpname() .. ".json"

-- The words of a command line; ~ is a space within one.
local function run(...)
  local words = {}
  for word in table.concat({ ... }, " "):gsub("DATA", path):gmatch "%S+" do
    words[#words + 1] = (word:gsub("~", " "))
  end
  return command(words)
end

local function answer(definition, ...)
  local status, text, said = run(..., "--format json")
  assert.are.equal(0, status, said)
  assert.is_nil(schema.invalid(text, definition))
  return json.decode(text)
end

local LAW = "--ban acme --rule icts --scope owned --as-of 2022-01-01"

describe("the command", function()
  setup(function()
    local file = assert(io.open(path, "wb"))
    file:write(NETWORK)
    file:close()
  end)
  teardown(function() os.remove(path) end)

  it("cuts: one parent, all, by cost and by field", function()
    local cut = answer("cut_answer", "cut DATA ford " .. LAW).cut
    assert.are.same({ { "s1" }, 5, "USD", true }, { cut.relations, cut.cost, cut.unit, cut.optimal })
    cut = answer("cut_answer", "cut DATA --cost 1 " .. LAW).cut
    assert.are.same({ { "s1", "s2" }, 2 }, { cut.relations, cut.cost })
    cut = answer("cut_answer", "cut DATA --rates USD=1,EUR=1.5 " .. LAW).cut
    assert.are.equal(15.5, cut.cost)
    cut = answer("cut_answer", "cut DATA solo --cost switching " .. LAW).cut
    assert.are.equal(3, cut.cost)
    cut = answer("cut_answer", "cut DATA ford --divestable --cost 1 " .. LAW).cut
    assert.are.equal(1, cut.cost)
    local status, _, said = run("cut DATA " .. LAW)
    assert.are.equal(2, status)
    assert.truthy(said:find("say rates", 1, true))
    assert.truthy(select(2, run("cut DATA ford " .. LAW)):find("nothing cheaper does it", 1, true))
    local csv = select(2, run("cut DATA ford --format csv " .. LAW))
    assert.truthy(csv:find("1,s1,supplies,acme=cloud,ford-x,5", 1, true))
  end)

  it("lists paths and chokepoints", function()
    local paths = answer("paths_answer", "paths DATA ford " .. LAW).paths
    assert.are.same({ 1, false, "ford" }, { #paths.paths, paths.truncated, paths.id })
    assert.are.equal(2, run("paths DATA ford -k 0 " .. LAW))
    assert.are.equal(2, run("paths DATA ford --weight light " .. LAW))
    assert.truthy(select(2, run("paths DATA ford --weight strongest " .. LAW)):find("least share 60%%"))
    assert.truthy(select(2, run("paths DATA ford --format csv " .. LAW)):find("1,3,60%,,acme; operates; acme=cloud;", 1,
      true))
    local points = answer("chokepoints_answer", "chokepoints DATA " .. LAW)
    assert.are.same({ "acme", 2 }, { points.chokepoints[1].id, points.chokepoints[1].parents })
    assert.are.equal(1, #answer("chokepoints_answer", "chokepoints DATA --count 1 " .. LAW).chokepoints)
    points = answer("chokepoints_answer", "chokepoints DATA ford " .. LAW)
    assert.are.same({ "ford", true, 6 }, { points.parent, points.exposed, #points.chokepoints })
    assert.is_false(answer("chokepoints_answer", "chokepoints DATA ford --as-of 2022-01-01").exposed)
  end)

  it("compares two files, two dates and what edits change", function()
    local law = "acme --rule icts --scope owned"
    local diff = answer("diff_answer", "diff DATA DATA " .. law .. " --before 2019 --as-of 2021")
    assert.are.same({ { "date" }, "solo", "s2", "2020-01-01" },
      { diff.diff.differs, diff.diff.entered[1].id, diff.diff.entered[1].why[1].id, diff.diff.entered[1].why[1].date })
    assert.are.equal("2019-01-01", diff.before.as_of)
    diff = answer("diff_answer", "diff DATA DATA " .. law .. " --as-of 2021 --substitute acme=cloud=rival").diff
    assert.are.same({ 4, 0, { "edit" } }, { #diff.left, #diff.entered, diff.differs })
    assert.truthy(select(2, run("diff DATA DATA " .. law .. " --as-of 2021 --drop s1 --format csv")):find(
      "left,parents,ford,Ford,yes,,owned,,USD 5,,,edit relation s1 dropped", 1, true))
  end)

  it("changes the facts by flags", function()
    local function parents(flags)
      local ids = {}
      for i, row in ipairs(answer("answer", "ban DATA acme --scope owned --as-of 2022-01-01 " .. flags).parents) do
        ids[i] = row.id .. " " .. row.verdict
      end
      return table.concat(ids, ", ")
    end
    assert.are.equal("ford yes, solo yes", parents "")
    assert.are.equal("solo yes", parents "--drop s1")
    assert.are.equal("", parents "--drop kind=supplies")
    assert.are.equal("ford-x possible, solo yes", parents "--divest ford=ford-x")
    assert.are.equal("ford possible, ford-x possible, solo yes", parents "--acquire ford=ford-x=40-60%")
    assert.are.equal("ford yes, solo yes", parents "--divest ford=ford-x=10%")
    assert.are.equal("", parents "--substitute acme=cloud=rival")
    assert.are.equal("ford yes", parents "--drop kind=supplies --add supplies~from=acme~to=ford~spend=3~currency=USD")
  end)

  it("says what is wrong with a flag", function()
    for _, flags in ipairs { "--add supplies", "--add from=acme~to=ford", "--acquire ford=ford-x", "--divest ford",
      "--substitute acme", "--substitute acme=cloud=nobody", "--drop s9", "--acquire ford=ford-x=much" } do
      local status, _, said = run("ban DATA acme " .. flags)
      assert.are.equal(2, status, flags .. ": " .. said)
    end
    assert.truthy(select(3, run("ban DATA acme --drop s9")):find('did you mean "s1"', 1, true))
    local status, _, said = run("ban DATA acme --acquire ford=ford-x=0%")
    assert.are.equal("2 knockon: acquire wants a share above 0 %, not 0%; divest without a share ends a holding\n",
      status .. " " .. said)
  end)

  it("names the option whose date is none", function()
    local not_one = ": 'foo' is not a date; write 2018, 2018-03 or 2018-03-05\n"
    for flags, named in pairs {
      ["diff DATA DATA --before foo"] = "--before" .. not_one, ["diff DATA DATA --as-of foo"] = "--as-of" .. not_one,
      ["diff DATA DATA --before 2021 --as-of foo"] = "--as-of" .. not_one,
      ["holdings DATA ford --as-of foo"] = "--as-of" .. not_one, ["sweep DATA --as-of foo"] = "--as-of" .. not_one,
      ["timeline DATA --since foo"] = "--since" .. not_one, ["timeline DATA --until foo"] = "--until" .. not_one,
      ["timeline DATA --since 2021 --until 2020"] = "--since is after --until\n",
    } do
      local status, _, said = run(flags)
      assert.are.equal("2 knockon: " .. named, status .. " " .. said)
    end
  end)

  it("warns of a condition that no relation meets, whatever the question and the format", function()
    for _, question in ipairs { "ban DATA acme", "timeline DATA --since 2020 --until 2021", "ladder DATA acme" } do
      for _, format in ipairs { "text", "json", "csv" } do
        local status, text, said = run(question, "--drop kind=owns~from=solo --format", format)
        assert.are.equal(0, status)
        assert.truthy((text .. said):find("drop: no relation matches from = solo, kind = owns", 1, true), format)
      end
    end
  end)
end)
