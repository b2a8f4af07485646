-- Reports of a hand-made answer: what a reader has to find in the text, cells of the CSV, nulls of the JSON.

local json = require "knockon.json"
local csv = require "knockon.report.csv"
local json_report = require "knockon.report.json"
local text = require "knockon.report.text"
local schema = require "spec.support.schema"

local function full()
  return {
    knockon = 1, complete = true,
    run = {
      version = "0.1.0", as_of = "2022-01-18", scope = "owned",
      data = { { file = "alibaba.json", sha256 = ("0123456789abcdef"):rep(4) } }, rules = { icts = "89abcdef01234567" },
    },
    restrictions = { {
      id = "ban-1", hypothetical = true, rule = "icts", measure = "prohibit", scope = "owned",
      targets = { "alibaba-cloud" }, status = "active",
    } },
    restricted = {
      { id = "alibaba-cloud", verdict = "yes", because = "target", restrictions = { "ban-1" } },
      {
        id = "cloud-us", verdict = "possible", because = "owned", share = { "25%", "75%" }, restrictions = { "ban-1" },
        held_by = { { id = "alibaba-cloud", share = { "25%", "75%" }, relation = "r1" } },
      },
    },
    users = {
      {
        id = "ford-x", name = "unit of Ford", verdict = "yes", scope = "owned", suppliers = { "alibaba-cloud" },
        spend = { USD = "1200000.50", EUR = "100" }, restrictions = { "ban-1" },
      },
      { id = "zeta", name = "Zeta", verdict = "no", suppliers = { "alibaba-cloud" }, spend = {}, restrictions = {} },
    },
    parents = {
      {
        id = "ford", name = "Ford Motor Company", verdict = "yes", scope = "owned", users = { "ford-x" },
        liable = { "ford" }, owners = { "someone" }, spend = { USD = "1200000.50" }, spend_possible = {},
        restrictions = { "ban-1" },
        path = {
          { id = "alibaba-cloud", name = "Alibaba Cloud" },
          { relation = "r7", kind = "supplies", id = "ford-x", since = "2015", source = "press" },
          { relation = "r2", kind = "owns", share = { "100%", "100%" }, id = "ford", since = "2001-04-25" },
        },
      },
      {
        id = "zhōngguó", name = "中国公司", verdict = "possible", scope = "entity", users = { "a", "b" }, liable = {},
        owners = {}, spend = {}, spend_possible = { USD = "12" }, restrictions = { "ban-1" },
        path = { { id = "alibaba-cloud" }, { relation = "r9", kind = "supplies", id = "zhōngguó" } },
      },
    },
    concerned = { { id = "other", verdict = "yes", measure = "mitigate", restrictions = { "ban-1" } } },
    linked = { { id = "minor", of = "ford", share = { "12%", "12%" } } },
    warnings = { { code = "overlap", message = "r1 and r2 overlap", ids = { "r1", "r2" } } },
  }
end

local function empty()
  return {
    knockon = 1, complete = true, run = { version = "0.1.0", as_of = "2014-12-31", data = {}, rules = json.object {} },
    restrictions = {}, restricted = {}, users = {}, parents = {}, concerned = {}, linked = {}, warnings = {},
  }
end

local function has(page, ...)
  for _, part in ipairs { ... } do
    assert.truthy(page:find(part, 1, true), "not found: " .. part .. "\n" .. page)
  end
end

describe("the text report", function()
  it("says at the top what was assumed", function()
    local page = text.render(full())
    local top = page:sub(1, page:find("Exposed parents", 1, true))
    has(top, "this ban alone (hypothetical)", "2022-01-18", "owned", "icts, as modelled", "alibaba.json",
      "sha256 0123456789ab", "prohibit", "Alibaba Cloud (alibaba-cloud)")
    assert.falsy(page:lower():find "legal")
  end)

  it("shows every parent's chain, one step deeper each", function()
    has(text.render(full()), "\n    Alibaba Cloud (alibaba-cloud)\n",
      "\n      supplies unit of Ford (ford-x)                since 2015        [press]\n",
      "\n        is owned 100% by Ford Motor Company (ford)  since 2001-04-25\n")
  end)

  it("says what possible means where it stands", function()
    has(text.render(full()), "中国公司 (zhōngguó): possible: depends on a fact the sources leave open")
  end)

  it("aligns by what a terminal shows", function()
    has(text.render(full()), "yes       Ford Motor Company (ford)  owned   1 ",
      "possible  中国公司 (zhōngguó)        entity  2 ")
  end)

  it("has a section for everything, and counts at the end", function()
    local page = text.render(full())
    has(page, "Exposed parents: 1 yes, 1 possible", "Restricted: 1 yes, 1 possible", "25% to 75%", "Users: 1 yes\n",
      "100 EUR, 1,200,000.50 USD", "Users not bound at this scope: 1",
      "Concerned (the measure does not prohibit): 1 yes",
      "Linked (shown, never counted): 1", "overlap: r1 and r2 overlap", "liable", "owners")
    assert.equal("2 parents exposed (1 yes, 1 possible), 2 users (1 yes, 1 no), 2 restricted, 1 concerned, 1 linked, "
      .. "1 warning\n", page:match "[^\n]*\n$")
  end)

  it("says plainly that there is nothing", function()
    has(text.render(empty()), "No restriction is in force.", "No parent is exposed.", "0 parents exposed, 0 users")
  end)

  it("says when records were skipped", function()
    local answer = empty()
    answer.complete = false
    has(text.render(answer), "NO: records were skipped", "NOT COMPLETE")
  end)

  it("colours only when asked", function()
    assert.falsy(text.render(full()):find("\27", 1, true))
    has(text.render(full(), { colour = true }), "\27[1;31myes")
  end)

  it("hands no control character of the data to the terminal", function()
    local answer = full()
    answer.parents[1].name = "Evil\27[2J\7\194\155Corp\nInc"
    answer.warnings[1].message = "\27]0;title\7"
    local page = text.render(answer)
    assert.falsy(page:find("[%z\1-\9\11-\31\127]"))
    assert.falsy(page:find("\194\155", 1, true))
    has(page, "Evil [2J  Corp Inc (ford)")
  end)

  it("leaves no blanks at the ends of lines", function()
    assert.falsy(text.render(full()):find " \n")
  end)

  it("asks for names, dates and directions it was not given", function()
    local answer = full()
    answer.parents[2].path = {
      { id = "down" }, { relation = "r1", kind = "owns", share = { "60%", "60%" }, id = "up" },
      { relation = "r2", kind = "owns", share = { "0%", "100%" }, id = "top" },
      { relation = "r3", kind = "has_branch", id = "zhōngguó" },
    }
    local relations = {
      r1 = { from = "down", to = "up", since = "2001", source = "register" }, r2 = { from = "top", to = "up" },
      r3 = { from = "alias", to = "top" },
    }
    has(text.render(answer, {
      name = function(id) return id == "down" and "Down Ltd" or nil end,
      relation = function(id) return relations[id] end,
    }), "\n    Down Ltd (down)\n", "owns 60% of up ", "since 2001  [register]\n", "is owned (share unknown) by top\n",
      "is a branch of 中国公司 (zhōngguó)")
  end)

  it("shortens the tables beside the question", function()
    local answer = full()
    answer.linked = {}
    for i = 1, 50 do answer.linked[i] = { id = ("l%02d"):format(i), of = "ford" } end
    local page = text.render(answer)
    has(page, "... and 30 more", "50 linked")
    assert.falsy(page:find("l21", 1, true))
  end)

  it("renders why, also for no", function()
    local answer = {
      knockon = 1, complete = true, run = full().run, restrictions = full().restrictions, warnings = {},
      why = {
        id = "acme", name = "Acme", verdict = "no", status = "below_threshold", message = "49% is below 50%",
        test = { at_least = "50%", of = "equity", sum = { "49%", "49%" }, gap = "1%",
          stakes = { { id = "x", share = { "49%", "49%" }, source = "register", since = "2019" } } },
        bound = { level = "owned", verdict = "no", liable = {}, reason = "no home firm above it" },
      },
    }
    has(text.render(answer), "Acme (acme): no (is held below the threshold)", "49% is below 50%",
      "at least 50% of equity", "missing", "1%", "since 2019", "register", "no home firm above it")
    answer.why = { id = "ford", name = "Ford", verdict = "yes", status = "parent", path = full().parents[1].path,
      restrictions = { "ban-1" }, parents = { "ford" } }
    has(text.render(answer), "Ford (ford): yes (is a parent of a user)", "supplies ford-x", "Restrictions  ban-1")
  end)

  it("renders show", function()
    has(text.render {
      knockon = 1, complete = true, title = "Example", data = { { file = "x.json" } }, warnings = {},
      counts = { entities = { firm = 1200, site = 3 }, relations = { owns = 2 }, restrictions = 1 },
      restrictions = { { id = "r", rule = "listing", measure = "warn", status = "proposed",
        targets = { country = { "CN", "RU" }, kind = "service" } } },
    }, "Example", "x.json", "1,203 (firm 1,200, site 3)", "Restrictions  1", "proposed", "listing, as modelled",
      "every entity with country = CN or RU and kind = service")
  end)
end)

describe("the CSV report", function()
  it("has a line for each parent, lists joined, lines ended by CRLF", function()
    local lines = {}
    for line in csv.render(full()):gmatch "(.-)\r\n" do lines[#lines + 1] = line end
    assert.equal("id,name,verdict,scope,users,liable,owners,restrictions,spend,spend_possible,path", lines[1])
    assert.equal("ford,Ford Motor Company,yes,owned,ford-x,ford,someone,ban-1,USD 1200000.50,,"
      .. "alibaba-cloud; supplies; ford-x; owns 100%; ford", lines[2])
    assert.equal("zhōngguó,中国公司,possible,entity,a; b,,,ban-1,,USD 12,alibaba-cloud; supplies; zhōngguó", lines[3])
    assert.equal(3, #lines)
  end)

  it("quotes as RFC 4180 says", function()
    local answer = full()
    answer.parents[1].name = 'A, "B"\nC'
    has(csv.render(answer), '\r\nford,"A, ""B""\nC",yes,')
  end)

  it("starts no formula", function()
    local answer = full()
    for _, sign in ipairs { "=", "+", "-", "@", "\t", "\r" } do
      answer.parents[1].id = sign .. "SUM(A1)"
      local cell = csv.render(answer):match "path\r\n(.-),Ford"
      assert.equal("'" .. sign .. "SUM(A1)", (cell:gsub('"', "")))
    end
  end)

  it("renders the other tables, why and show", function()
    has(csv.render(full(), { table = "users" }), "\r\nzeta,Zeta,no,,alibaba-cloud,,\r\n")
    has(csv.render(full(), { table = "restricted" }), "25%..75%,alibaba-cloud 25%..75%,ban-1\r\n")
    has(csv.render(full(), { table = "warnings" }), "overlap,r1 and r2 overlap,r1; r2\r\n")
    has(csv.render(full(), { table = "restrictions" }), "ban-1,,icts,prohibit,owned,active,,,true,alibaba-cloud\r\n")
    has(csv.render { why = { id = "x", verdict = "no", status = "no_data", message = "m" } }, "\r\nx,no,no_data,")
    has(csv.render { counts = { entities = { firm = 2 } } }, "what,kind,count\r\nentities,firm,2\r\n")
    local ok, failure = pcall(csv.render, full(), { table = "parent" })
    assert.is_false(ok)
    assert.same({ "parents" }, failure.near)
  end)

  it("has only a header when there is nothing", function()
    assert.equal(1, select(2, csv.render(empty()):gsub("\r\n", "")))
  end)
end)

describe("the JSON report", function()
  it("is as the schema says: full, empty, error", function()
    assert.is_nil(schema.invalid(json_report.render(full())))
    assert.is_nil(schema.invalid(json_report.render(empty())))
    assert.is_nil(schema.invalid(json.encode(json_report.error { code = "unknown_id", message = "m", near = { "a" } })))
    assert.is_nil(schema.invalid(json.encode(json_report.error { message = "m", argument = 3 })))
  end)

  it("writes null for the scope of a user that none binds", function()
    has(json_report.render(full(), { indent = 0 }), '"restrictions":[],"scope":null,"spend":')
  end)

  it("leaves the answer as it was", function()
    local answer = full()
    json_report.render(answer)
    assert.same(full(), answer)
  end)

  it("is the same whatever the order in which fields were set", function()
    local again = {}
    local names = {}
    for name in pairs(full()) do names[#names + 1] = name end
    table.sort(names, function(a, b) return a > b end)
    for _, name in ipairs(names) do again[name] = full()[name] end
    assert.equal(json_report.render(full()), json_report.render(again))
  end)
end)
