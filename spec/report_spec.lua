-- Reports of a hand-made answer: what a reader has to find in the text, cells of the CSV, nulls of the JSON.

local json = require "knockon.json"
local csv = require "knockon.report.csv"
local json_report = require "knockon.report.json"
local text = require "knockon.report.text"
local has = require "spec.support.has"
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

  it("names the first targets of a long list and counts the others", function()
    local answer = full()
    answer.restrictions[1].targets, answer.restrictions[1].title = {}, "A list"
    for i = 1, 20000 do answer.restrictions[1].targets[i] = "firm-" .. i end
    answer.restrictions[2] = { id = "short", rule = "icts", targets = { "x" }, title = "" }
    local page = text.render(answer)
    has(page, "firm-4; firm-5; and 19,995 more  A list\n")
    assert.is_nil(page:find "firm%-6")
    assert.is_nil(page:find " \n")
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

describe("the text of why", function()
  local function why(fields)
    fields.id, fields.verdict = fields.id or "acme", fields.verdict or "no"
    return text.render {
      knockon = 1, complete = true, run = full().run, restrictions = full().restrictions, warnings = {}, why = fields,
    }
  end

  it("shows the arithmetic line by line, with the sum up to each stake", function()
    local page = why {
      name = "Acme", verdict = "possible", status = "restricted", restrictions = { "ban-1" },
      test = {
        at_least = "50%", of = "equity", sum = { "25%", "75%" }, gap = "25%", met = false,
        stakes = {
          { id = "x", name = "X Ltd", verdict = "yes", share = { "25%", "25%" }, running = { "25%", "25%" },
            relation = "r1", since = "2019", source = "register" },
          { id = "y", verdict = "possible", share = { "50%", "50%" }, running = { "25%", "75%" }, relation = "r2" },
        },
      },
    }
    has(page, "Acme (acme): possible: depends on a fact", "(is restricted)",
      "  HOLDER     RESTRICTED  SHARE  SUM         DATES       RELATION  SOURCE\n",
      "  X Ltd (x)  yes         25%    25%         since 2019  r1        register\n",
      "  y          possible    50%    25% to 75%              r2\n",
      "\n  held     25% to 75%\n  needed   at least 50% of equity\n  missing  25%\n"
        .. "  met      only if the open facts turn out so\n", "\nRestrictions\n")
  end)

  it("says whether the test is met", function()
    local test = { more_than = "50%", of = "votes", sum = { "50%", "50%" }, gap = "0.0000001%", met = false }
    has(why { status = "below_threshold", message = "50% is not more than 50%", test = test },
      "no (is held below the threshold)", "50% is not more than 50%", "more than 50% of votes",
      "missing  more than 0%\n", "met      no\n")
    test.met, test.gap = true, nil
    local page = why { verdict = "yes", status = "restricted", test = test }
    has(page, "met     yes\n")
    assert.falsy(page:find("missing", 1, true))
  end)

  it("prints an unknown share as unknown, never as a band", function()
    for _, lo in ipairs { "0%", "0.0000001%" } do
      local page = why {
        status = "below_threshold",
        test = {
          at_least = "50%", of = "equity", sum = { lo, "100%" },
          stakes = { { id = "x", verdict = "yes", share = { lo, "100%" }, running = { lo, "100%" } },
            { id = "z", verdict = "yes", kind = "consolidates", share = { "0%", "100%" } } },
        },
        path = { { id = "x" }, { id = "acme", kind = "owns", from = "x", to = "acme", share = { lo, "100%" } } },
      }
      has(page, "owns a share (unknown) of acme", "x       yes         unknown", "held    unknown",
        "z       yes         unknown (consolidated)")
      assert.falsy(page:find("0.0000001", 1, true))
      assert.falsy(page:find("100%", 1, true))
    end
  end)

  it("tells the bound test and the attribution", function()
    has(why {
      id = "ford-x", verdict = "no", status = "not_bound", parents = { "ford" }, users = { "ford-x" },
      bound = { level = "owned", asked = "entity", verdict = "no", liable = { "ford" }, reason = "only higher up" },
    }, "Bound\n  verdict  no\n  level    owned\n  asked    entity\n  liable   ford\n  reason   only higher up\n",
      "Attributed\n  users    ford-x\n  parents  ford\n")
  end)

  it("tells red flags, what was held before, and which fact would decide", function()
    has(why {
      status = "below_threshold", formerly = { since = "2019-01-01", ["until"] = "2021-01-01" },
      red_flags = { { code = "largest_holder", id = "acme", holder = "x", holder_name = "X Ltd",
        share = { "40%", "40%" }, text = "look into it" }, { code = "board", id = "acme", holder = "y" } },
      unknowns = { { fact = "share", relation = "r1", message = "the share of x in acme: at least 50% makes it yes" } },
    }, "Formerly restricted\n", "2019-01-01 until 2021-01-01",
      "Red flags (they change no verdict): 2\n  largest holder: X Ltd (x), 40%: look into it\n  board: y\n",
      "What would decide it: 1\n  the share of x in acme: at least 50% makes it yes [r1]\n")
  end)

  it("shows the path", function()
    has(why { id = "ford", name = "Ford", verdict = "yes", status = "parent", path = full().parents[1].path },
      "Ford (ford): yes (is a parent of a user)", "supplies ford-x")
  end)
end)

describe("a share in words", function()
  local words = require "knockon.report.text.words"

  it("says which ends are open", function()
    for said, share in pairs {
      ["51%"] = { "51%", "51%" }, ["25% to 50%"] = { "25%", "50%" }, ["0.0000001%"] = { "0.0000001%", "0.0000001%" },
      ["more than 25% but at most 50%"] = { "25.0000001%", "50%" }, ["less than 10%"] = { "0.0000001%", "9.9999999%" },
      ["at least 25% but less than 100%"] = { "25%", "99.9999999%" }, ["at most 10%"] = { "0.0000001%", "10%" },
      ["more than 50%"] = { "50.0000001%", "100%" }, ["at least 25%"] = { "25%", "100%" },
      ["at most 30%"] = { "0%", "30%" }, ["unknown"] = { "0.0000001%", "100%" },
      ["more than 30%"] = { "30.0000002%", "100%" }, ["more than 20%"] = { "20.0000001%", "120%" },
      ["12.5000003% to 20%"] = { "12.5000003%", "20%" },
    } do
      assert.equal(said, words.share(share))
    end
    for _, hi in ipairs { "100%", "120%" } do assert.equal("unknown", words.share { "0%", hi }) end
    assert.equal("120%", words.share { "120%", "120%" })
    assert.equal("at least 50%", words.share { "50%", "150%" })
    assert.equal("less than 30%", words.gap "29.9999999%")
    assert.equal("20%", words.gap "20%")
  end)
end)

-- Answers to ladder, timeline and unknowns.
local function answer_with(field, value)
  local answer = {
    knockon = 1, complete = true, run = full().run, restrictions = full().restrictions, warnings = full().warnings,
  }
  answer[field] = value
  return answer
end

local function ladder()
  return answer_with("ladder", {
    {
      id = "ford", name = "Ford", lowest = { possible = "entity", yes = "owned" },
      levels = { entity = "possible", branches = "possible", located = "possible", owned = "yes",
        facilitation = "yes" },
    },
    {
      id = "ibm", lowest = { yes = "entity" },
      levels = { entity = "yes", branches = "yes", located = "yes", owned = "yes", facilitation = "yes" },
    },
  })
end

local function timeline()
  local answer = answer_with("timeline", {
    from = "2021-01-01", to = "2027-12-31", start = { parents = 0, users = 2, restricted = 1, concerned = 0 },
    days = {
      {
        date = "2026-06-08",
        causes = { { kind = "restriction", id = "listed", what = "starts" }, { kind = "relation", id = "r1",
          what = "ends" } },
        changes = {
          { list = "parents", id = "ibm", name = "IBM", before = "no", after = "yes", restrictions = { "listed" } },
          { list = "users", id = "red-hat", before = "excepted", after = "yes", restrictions = { "listed" } },
        },
      },
      {
        date = "2027-06-30", causes = {},
        changes = { { list = "parents", id = "ibm", name = "IBM", before = "yes", after = "no", restrictions = {} } },
      },
    },
  })
  answer.run.as_of, answer.run.scope = nil, nil
  return answer
end

local function unknowns()
  return answer_with("unknowns", {
    {
      fact = "share", relation = "r9", from = "x", to = "acme", share = { "0.0000001%", "100%" }, needed = "50%",
      decides = { "ford", "ibm" }, message = "the share of x in acme: at least 50% would make it yes",
    },
    { fact = "share", relation = "r8", from = "x", to = "b", share = { "25%", "75%" }, needed = "50%",
      more_than = true, decides = { "b" }, message = "the share of x in b" },
    { fact = "country", id = "ford-x", decides = { "ford" }, message = "the country of ford-x" },
    { fact = "control", relation = "r7", from = "x", to = "c", decides = { "c" }, message = "how x controls c" },
  })
end

describe("the reports of ladder, timeline and unknowns", function()
  it("ladder: a column for each scope, and what each adds", function()
    local page = text.render(ladder())
    has(page, "scope by scope, by this ban alone (hypothetical)",
      "  PARENT       ENTITY    BRANCHES  LOCATED   OWNED  FACILITATION\n",
      "  Ford (ford)  possible  possible  possible  yes    yes\n", "What each scope adds",
      "\n  entity        yes: ibm\n                possible: Ford (ford)\n", "\n  branches      nobody\n",
      "\n  owned         yes: Ford (ford)\n", "2 parents\n")
    has(text.render(answer_with("ladder", {})), "No parent is exposed at any scope.")
  end)

  it("timeline: the days, their causes and the changes, aligned throughout", function()
    has(text.render(timeline()), "When verdicts change, from 2021-01-01 to 2027-12-31",
      "On 2021-01-01: 1 restricted, 2 users, 0 parents, 0 concerned\n",
      "\n2026-06-08: restriction listed starts; relation r1 ends\n  parents  IBM (ibm)  no -> yes        listed\n"
        .. "  users    red-hat    excepted -> yes  listed\n", "\n2027-06-30\n  parents  IBM (ibm)  yes -> no\n",
      "3 changes on 2 days\n")
    local none = timeline()
    none.timeline.days = {}
    has(text.render(none), "No verdict changes.\n")
  end)

  it("unknowns: a question for each fact, what is known and needed, and whom it decides", function()
    has(text.render(unknowns(), { name = function(id) return id == "x" and "X Ltd" or nil end }),
      "Facts that the sources leave open: 4", "  1. What share of acme does X Ltd (x) hold?\n     known     unknown\n"
        .. "     needed    at least 50% would make it yes\n     relation  r9\n     decides   ford; ibm\n",
      "more than 50% makes it yes", "  3. In which country is ford-x organised?\n     decides  ford\n",
      "  4. How does X Ltd (x) control c?\n", "4 facts to ask for")
    has(text.render(answer_with("unknowns", {})), "No verdict depends on a fact that the sources leave open.")
  end)

  it("CSV: one table each", function()
    assert.equal("id,name,entity,branches,located,owned,facilitation,lowest_yes,lowest_possible\r\n"
      .. "ford,Ford,possible,possible,possible,yes,yes,owned,entity\r\nibm,,yes,yes,yes,yes,yes,entity,\r\n",
      csv.render(ladder()))
    assert.equal("date,list,id,name,before,after,restrictions,causes\r\n"
      .. "2026-06-08,parents,ibm,IBM,no,yes,listed,restriction listed starts; relation r1 ends\r\n"
      .. "2026-06-08,users,red-hat,,excepted,yes,listed,restriction listed starts; relation r1 ends\r\n"
      .. "2027-06-30,parents,ibm,IBM,yes,no,,\r\n", csv.render(timeline()))
    has(csv.render(unknowns()), "fact,relation,from,to,id,share,needed,decides,message\r\n"
      .. "share,r9,x,acme,,unknown,at least 50% makes it yes,ford; ibm,", "\r\ncountry,,,,ford-x,,,ford,")
  end)

  it("JSON: as the schema says, full and empty", function()
    for _, answer in ipairs { ladder(), timeline(), unknowns(), answer_with("ladder", {}),
      answer_with("unknowns", {}) } do
      assert.is_nil(schema.invalid(json_report.render(answer)))
    end
    assert.is_nil(schema.invalid(json_report.render(ladder()), "ladder_answer"))
    has(json_report.render(ladder(), { indent = 0 }), '"lowest":{"possible":null,"yes":"entity"}')
    assert.truthy(schema.invalid(json_report.render(answer_with("ladder", { { id = "x", lowest = {}, levels = {} } }))))
  end)

  it("leave the answer as it was", function()
    for _, make in ipairs { ladder, timeline, unknowns } do
      local answer = make()
      text.render(answer)
      csv.render(answer)
      json_report.render(answer)
      assert.same(make(), answer)
    end
  end)
end)

describe("the text of a rule", function()
  local rule = require "knockon.rule"

  local function page(fields)
    fields.id, fields.bound = fields.id or "mine", fields.bound or { organised_in = { "US", "CA" } }
    return (text.rules({ rule.validate(fields) }, { single = true }):gsub("\n +", " "))
  end

  it("says every test in plain words", function()
    has(page { owned = { at_least = "50%" } }, "mine, as modelled (revision 1)", "at least 50% of equity",
      "all restricted holders add up", "any firm, wherever", "customers of what is restricted, 1 tier",
      "organised in US, CA, at scope entity", "In force  always", "prohibit: users are bound")
    has(page { owned = { more_than = "25%", of = "either", sum = "joint" }, control = { "board", "contract" } },
      "more than 25% of equity, or of votes", "a declared joint group counts as one target",
      "board, contract (any one")
    has(page { control = true, captures = "foreign", owned = { at_least = "50%", sum = "each" } },
      "any `controls` relation", "each target is taken alone", "not organised solely in US, CA")
    has(page { flow = "goods" }, "no test: who owns", "no test: control", "only the targets", "any number of tiers")
    has(page { flow = "any", bound = { anyone = true } }, "in any order", "anyone, at scope entity")
    has(page { tiers = 3, bound = { where = { contracts_with = { "A", "B" }, kind = "firm" } } }, "3 tiers deep",
      "every user with contracts_with = A or B and kind = firm")
    has(page { bound = { organised_in = "US", scope = "owned" } },
      "at scope owned: also its branches abroad, who is located there, what such a firm owns or controls abroad")
  end)

  it("says what is beside the tests", function()
    has(page {
      suspended = { { since = "2025-11-10", ["until"] = "2026-11-10", source = "a stay" } },
      in_force = { { since = "2025-09-29", notes = "half-open" }, { ["until"] = "2020" } }, measure = "license",
      targets = { country = { "CN", "RU" } }, programmes = "Two lists", merge = "strictest", retains = true,
      rebuttable = true, red_flags = { board = "ask", unknown_share = "find out" }, remedies = "A licence",
      exceptions = "None", notes = "A note",
    }, "Suspended   2025-11-10 until 2026-11-10 (a stay)", "since 2025-09-29 (half-open); until 2020",
      "concerned, never bound", "suggested for a ban: every entity with country = CN or RU", "Two lists",
      "strictest of their measures", "stays blocked after", "a presumption",
      "Red flags   share unknown: find out board: ask", "A licence", "None", "A note")
    has(page { disabled = "Proposed only" }, "In force  never", "Disabled  Proposed only")
  end)

  it("is there for every shipped rule, and all are listed", function()
    local all = {}
    for i, id in ipairs(rule.list()) do
      all[i] = rule.load(id)
      local said = text.rules({ all[i] }, { single = true })
      has(said, id .. ", as modelled", "In force", "Bound")
      assert.falsy(said:find("table: 0x", 1, true))
      for line in said:gmatch "[^\n]+" do assert.truthy(#line <= 120, line) end
      assert.truthy(schema.parse(json_report.rules { all[i] }))
    end
    local list = text.rules(all, {})
    for _, id in ipairs(rule.list()) do has(list, "\n  " .. id .. " ") end
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
    has(csv.render(full(), { table = "restricted" }), "25%..75%,alibaba-cloud 25%..75%,ban-1,\r\n")
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
