-- Rules: what is checked, what is filled in, and that a rule file is only data.
local core = require "knockon.core"
local errors = require "knockon.errors"
local rule = require "knockon.rule"

local function with(fields)
  local t = { id = "mine", bound = { anyone = true } }
  for name, value in pairs(fields or {}) do t[name] = value end
  return t
end

local function refused(t)
  local ok, err = pcall(rule.validate, t, "mine.lua")
  assert.is_false(ok)
  assert.is_true(errors.is(err), tostring(err))
  assert.are.equal("rule", err.code)
  return err
end

describe("a rule", function()
  it("gets every default", function()
    assert.are.same({
      id = "mine", revision = 1, owned = false, control = false, captures = "any", flow = "use", tiers = 1,
      bound = { anyone = true, scope = "entity" }, in_force = { {} },
    }, rule.validate(with()))
    assert.are.same({ at_least = "50%", of = "equity", sum = "all" },
      rule.validate(with { owned = { at_least = "50%" } }).owned)
  end)

  it("is a new table that shares nothing with the one given", function()
    local function fresh()
      return with { owned = { more_than = "50%" }, control = { "board" }, in_force = { { since = "2020" } },
        bound = { where = { country = { "US", "CA" } } } }
    end
    local given = fresh()
    local checked = rule.validate(given)
    assert.are.same(fresh(), given)
    assert.are.same({ { since = "2020" } }, checked.in_force)
    checked.control[1], checked.in_force[1].since, checked.bound.where.country[1] = "x", "y", "z"
    assert.are.equal("board", given.control[1])
    assert.are.equal("2020", given.in_force[1].since)
    assert.are.equal("US", given.bound.where.country[1])
  end)

  it("may be checked twice", function()
    for _, id in ipairs(rule.list()) do
      local checked = rule.load(id)
      assert.are.same(checked, rule.validate(checked))
    end
  end)

  it("takes one country as a list of one, and a share as a fraction", function()
    local checked = rule.validate { id = "m", bound = { organised_in = "US" }, owned = { at_least = 0.5 } }
    assert.are.same({ "US" }, checked.bound.organised_in)
    assert.are.equal(0.5, checked.owned.at_least)
  end)

  it("names the nearest field to one it does not know", function()
    local cases = {
      { { captured = "any" }, "captured", "captures" },
      { { owned = { atleast = "50%" } }, "owned.atleast", "at_least" },
      { { bound = { organized_in = { "US" } } }, "bound.organized_in", "organised_in" },
      { { in_force = { { sinse = "2020" } } }, "in_force[1].sinse", "since" },
      { { at_least = "50%" }, "at_least", "owned.at_least" },
      { { organised_in = "US" }, "organised_in", "bound.organised_in" },
      { { red_flags = { unknown_shares = "x" } }, "red_flags.unknown_shares", "unknown_share" },
      { { largest_holder = "x" }, "largest_holder", "red_flags.largest_holder" },
      { { programs = "x" }, "programs", "programmes" },
      { { retain = true }, "retain", "retains" },
    }
    for _, case in ipairs(cases) do
      local err = refused(with(case[1]))
      assert.are.equal(case[2], err.argument)
      assert.are.equal(case[3], err.near[1])
      assert.truthy(tostring(err):find(case[3], 1, true))
      assert.truthy(tostring(err):find("mine.lua", 1, true))
    end
  end)

  it("is refused with the field, its value and what is allowed", function()
    local cases = {
      { { owned = true }, "owned", "true" },
      { { owned = {} }, "owned", "at_least or more_than" },
      { { owned = { at_least = "50%", more_than = "50%" } }, "owned", "at_least or more_than" },
      { { owned = { at_least = "150%" } }, "owned.at_least", "150%" },
      { { owned = { at_least = "51" } }, "owned.at_least", "51" },
      { { owned = { at_least = "25-50%" } }, "owned.at_least", "band" },
      { { owned = { more_than = "100%" } }, "owned.more_than", "below 100%" },
      { { owned = { at_least = "50%", of = "stock" } }, "owned.of", '"equity", "votes", "either"' },
      { { owned = { at_least = "50%", sum = "some" } }, "owned.sum", '"all", "each", "joint"' },
      { { control = "board" }, "control", "board" },
      { { control = { "board", 3 } }, "control[2]", "3" },
      { { captures = "home" }, "captures", '"any", "foreign"' },
      { { captures = "foreign" }, "captures", "organised_in" },
      { { flow = "good" }, "flow", '"use", "goods", "any"' },
      { { tiers = 0 }, "tiers", "0" },
      { { tiers = 1.5 }, "tiers", "1.5" },
      { { bound = {} }, "bound", "organised_in, where and anyone" },
      { { bound = { anyone = true, organised_in = "US" } }, "bound", "organised_in, where and anyone" },
      { { bound = { organised_in = "US", scope = "owner" } }, "bound.scope", "facilitation" },
      { { bound = { organised_in = "USA" } }, "bound.organised_in", 'ISO 3166-1 alpha-2 code such as "US"' },
      { { bound = { organised_in = { "US", "gb" } } }, "bound.organised_in[2]", '"gb"' },
      { { bound = { where = {} } }, "bound.where", "a predicate" },
      { { bound = { where = { country = { {} } } } }, "bound.where.country[1]", "a text" },
      { { in_force = { { since = "2022-02-30" } } }, "in_force[1].since", "2022-02-30" },
      { { in_force = { { since = "2022", ["until"] = "2021" } } }, "in_force[1].until", "after since" },
      { { in_force = { since = "2022" } }, "in_force", "list" },
      { { measure = "forbid" }, "measure", "prohibit" },
      { { suspended = { { ["until"] = "2021", since = "2021-01-01" } } }, "suspended[1].until", "after since" },
      { { suspended = { "2021" } }, "suspended[1]", "2021" },
      { { suspended = { { since = "2021-13" } } }, "suspended[1].since", "2021-13" },
      { { owned = { at_least = "100.0000001%" } }, "owned.at_least", "above 100 %" },
      { { owned = { at_least = "33.33333333%" } }, "owned.at_least", "finer than a share can hold" },
      { { owned = { more_than = "0.3333333333" } }, "owned.more_than", "finer than a share can hold" },
      { { owned = { more_than = 1 / 3 } }, "owned.more_than", "finer than a share can hold" },
      { { owned = { at_least = 1e-12 } }, "owned.at_least", "finer than a share can hold" },
      { { owned = { at_least = "50-50.0000001%" } }, "owned.at_least", "not a band" },
      { { owned = { at_least = ">50%" } }, "owned.at_least", "not a band" },
      { { owned = { at_least = "-5%" } }, "owned.at_least", "-5%" },
      { { owned = { at_least = 50 } }, "owned.at_least", "above 1" },
      { { owned = { at_least = 0 / 0 } }, "owned.at_least", "a share" },
      { { owned = { at_least = "0%" } }, "owned.at_least", "above 0%" },
      { { owned = { at_least = { "50%" } } }, "owned.at_least", "a share" },
      { { owned = { at_least = true } }, "owned.at_least", "true" },
      { { targets = "x" }, "targets", '"x"' },
      { { targets = { "x" } }, "targets.1", "named by a field" },
      { { targets = { country = { "CN", {} } } }, "targets.country[2]", "a text" },
      { { targets = { country = { "CN", also = "HK" } } }, "targets.country", "also" },
      { { targets = { size = 0 / 0 } }, "targets.size", "a number" },
      { { programmes = { "SDN" } }, "programmes", "a text" },
      { { merge = "strict" }, "merge", '"strictest"' },
      { { retains = "yes" }, "retains", "true, or left out" },
      { { rebuttable = false }, "rebuttable", "true, or left out" },
      { { red_flags = "x" }, "red_flags", "unknown_share" },
      { { red_flags = {} }, "red_flags", "unknown_share" },
      { { red_flags = { board = true } }, "red_flags.board", "a text" },
      { { disabled = true }, "disabled", "a text" },
      { { disabled = "proposed", in_force = { { since = "2020" } } }, "in_force", "disabled" },
      { { notes = "\255" }, "notes", "UTF-8" },
      { { title = 3 }, "title", "3" },
      { { revision = "one" }, "revision", "one" },
    }
    for _, case in ipairs(cases) do
      local err = refused(with(case[1]))
      assert.are.equal(case[2], err.argument)
      assert.truthy(err.message:find(case[3], 1, true), err.message)
      assert.truthy(err.message:find("mine", 1, true), err.message)
    end
    assert.are.equal("id", refused({ bound = { anyone = true } }).argument)
    assert.are.equal("bound", refused({ id = "x" }).argument)
    assert.are.equal("rule", refused(false).argument)
  end)

  it("names the field whatever is put into it", function()
    local function nothing() end
    local values = { "", "zzz", "\255", 0, 1, 1.5, -1, 0 / 0, 1 / 0, true, false, {}, { {} }, { "a" }, { a = 1 },
      { "a", x = "b" }, { [true] = 1 }, { "a", [3] = "b" }, nothing, { nothing }, { a = nothing }, { a = {} },
      { a = { nothing } }, { { a = 1 } }, { ["\255"] = "a" }, { a = 0 / 0 }, { a = { [2] = "x" } },
      coroutine.create(function() end), io.stdout }
    local taken, refusals = 0, 0
    local function try(field, t)
      local ok, result = pcall(rule.validate, t, "mine.lua")
      if ok then
        taken = taken + 1
        assert.are.equal(16, #rule.digest(result))
        return
      end
      refusals = refusals + 1
      assert.is_true(errors.is(result), tostring(result))
      assert.are.equal("rule", result.code)
      assert.truthy(result.message:find(field, 1, true), result.message)
      assert.truthy(result.argument:find(field:match "^%a+", 1), result.argument)
    end
    for _, field in ipairs { "id", "title", "revision", "authority", "source", "owned", "control", "captures", "flow",
      "tiers", "bound", "measure", "in_force", "suspended", "targets", "programmes", "merge", "retains", "rebuttable",
      "red_flags", "disabled", "remedies", "exceptions", "notes" } do
      for _, value in ipairs(values) do
        local t = with()
        t[field] = value
        try(field, t)
      end
    end
    local inside = {
      owned = { "at_least", "more_than", "of", "sum" }, bound = { "organised_in", "where", "anyone", "scope" },
      red_flags = { "unknown_share", "minority", "board", "largest_holder" },
    }
    for table_name, names in pairs(inside) do
      for _, name in ipairs(names) do
        for _, value in ipairs(values) do
          local t = { [name] = value }
          if name == "of" or name == "sum" then t.at_least = "50%" end
          if name == "scope" then t.anyone = true end
          try(table_name, with { [table_name] = t })
        end
      end
    end
    for _, name in ipairs { "since", "until", "source", "notes" } do
      for _, value in ipairs(values) do try("in_force", with { in_force = { { [name] = value } } }) end
    end
    assert.is_true(taken > 20 and refusals > 1000)
  end)

  it("may say what changes no verdict", function()
    local checked = rule.validate(with {
      targets = { country = { "CN", "HK" }, kind = "firm" }, programmes = "Entity List", merge = "strictest",
      retains = true, rebuttable = true, red_flags = { unknown_share = "find out" },
    })
    assert.are.same({ "CN", "HK" }, checked.targets.country)
    assert.are.equal("find out", checked.red_flags.unknown_share)
    assert.are.equal("strictest", checked.merge)
    assert.is_true(checked.retains and checked.rebuttable)
  end)

  it("may be disabled: it is then never in force, and says why", function()
    local checked = rule.validate(with { disabled = "proposed only" })
    assert.are.same({}, checked.in_force)
    assert.is_false(rule.in_force(checked, "2022"))
    assert.are.same(checked, rule.validate(checked))
  end)
end)

describe("a shipped rule", function()
  it("is listed, loads under its own name, and says where it is written", function()
    for _, id in ipairs(rule.list()) do
      local checked = rule.load(id)
      assert.are.equal(id, checked.id)
      assert.truthy(checked.title and checked.source and checked.authority, id)
    end
  end)

  it("is found by a name near it", function()
    local ok, err = pcall(rule.load, "ofac50")
    assert.is_false(ok)
    assert.are.equal("unknown_rule", err.code)
    assert.are.equal("ofac_50", err.near[1])
  end)

  it("is never changed through what load returns", function()
    rule.load("icts").bound.scope = "owned"
    assert.are.equal("entity", rule.load("icts").bound.scope)
  end)

  it("is in force on its dates", function()
    local icts = rule.load "icts"
    assert.is_false(rule.in_force(icts, "2021-01-18"))
    assert.is_true(rule.in_force(icts, "2021-01-19"))
    assert.is_true(rule.in_force(icts, core.date "2030"))
    local indirect = rule.load "ndaa_1260h_indirect"
    assert.is_false(rule.in_force(indirect, "2027-06-29"))
    assert.is_true(rule.in_force(indirect, "2027-06-30"))
    assert.is_true(rule.in_force(rule.load "reach", "0001"))
  end)

  it("begins and ends on the days the law says, half-open", function()
    local days = { -- id, first day, first day after it where there is one
      { "bis_affiliates", "2025-09-29", "2025-11-10" }, { "cuba", "1963-07-08" }, { "doj_dsp", "2025-04-08" },
      { "eu_control", "2018-05-04" }, { "eu_own_2018", "2018-05-04", "2024-07-03" }, { "eu_own_2024", "2024-07-03" },
      { "icts", "2021-01-19" }, { "iran_uscf", "2012-10-09" }, { "ndaa_1260h_direct", "2026-06-30" },
      { "ndaa_1260h_indirect", "2027-06-30" }, { "ndaa_5949", "2027-12-23" }, { "ofac_50", "2014-08-13" },
      { "s889_a", "2019-08-13" }, { "s889_b", "2020-08-13" }, { "uflpa", "2022-06-21" }, { "uk_oc", "2020-12-31" },
    }
    for _, row in ipairs(days) do
      local checked, first = rule.load(row[1]), core.date(row[2])
      assert.message(row[1]).is_false(rule.in_force(checked, first - 1))
      assert.message(row[1]).is_true(rule.in_force(checked, first))
      if row[3] then
        local last = core.date(row[3])
        assert.message(row[1]).is_true(rule.in_force(checked, last - 1))
        assert.message(row[1]).is_false(rule.in_force(checked, last))
      else
        assert.message(row[1]).is_true(rule.in_force(checked, "9999"))
      end
    end
    local bis = rule.load "bis_affiliates"
    assert.is_false(rule.in_force(bis, "2026-11-09"))
    assert.is_true(rule.in_force(bis, "2026-11-10"))
    assert.are.equal(16 + 3, #rule.list()) -- and listing, reach, which have no dates, and the disabled one
  end)

  it("that is only proposed is never in force", function()
    local template = rule.load "us_iaas_kyc"
    assert.truthy(template.disabled)
    for _, day in ipairs { "1990", "2024-01-29", "2026-11-22", "9999" } do
      assert.is_false(rule.in_force(template, day))
    end
  end)

  it("keeps to the wording of law: as modelled, never legal or illegal", function()
    local function words(value)
      if type(value) ~= "table" then return tostring(value) .. "\n" end
      local all = ""
      for _, item in pairs(value) do all = all .. words(item) end
      return all
    end
    for _, id in ipairs(rule.list()) do
      local said = words(rule.load(id)):lower()
      for _, word in ipairs { "illegal", "unlawful", " legal " } do
        assert.message(id .. ": " .. word).is_nil(said:find(word, 1, true))
      end
    end
  end)
end)

describe("the dates of a rule", function()
  it("may be several, and suspended between", function()
    local affiliates = rule.validate(with {
      in_force = { { since = "2025-09-29" } },
      suspended = { { since = "2025-11-10", ["until"] = "2026-11-10" } },
    })
    local expected = { ["2025-09-28"] = false, ["2025-10-15"] = true, ["2025-11-10"] = false, ["2026-11-09"] = false,
      ["2026-11-10"] = true }
    for day, answer in pairs(expected) do assert.are.equal(answer, rule.in_force(affiliates, day), day) end
  end)

  it("may be none: never in force", function()
    assert.is_false(rule.in_force(rule.validate(with { in_force = {} }), "2022"))
  end)
end)

describe("the digest of a rule", function()
  it("is sixteen hex digits that follow its contents, not its text", function()
    local a = rule.digest(rule.validate { id = "m", bound = { anyone = true }, flow = "use" })
    assert.truthy(a:match "^%x+$")
    assert.are.equal(16, #a)
    assert.are.equal(a, rule.digest(rule.validate { flow = "use", bound = { anyone = true }, id = "m" }))
    assert.are.equal(a, rule.digest(rule.validate { id = "m", bound = { anyone = true } }))
    assert.are_not.equal(a, rule.digest(rule.validate { id = "m", bound = { anyone = true }, flow = "goods" }))
  end)
end)

describe("a rule file", function()
  local path

  before_each(function() path = os.tmpname() .. ".lua" end)
  after_each(function()
    os.remove(path)
    os.remove((path:gsub("%.lua$", "")))
  end)

  local function load(source)
    local file = assert(io.open(path, "wb"))
    file:write(source)
    file:close()
    return pcall(rule.load, path)
  end

  local function refuses(source, cause)
    local ok, err = load(source)
    assert.is_false(ok, source)
    assert.is_true(errors.is(err), tostring(err))
    assert.are.equal("rule", err.code)
    assert.truthy(err.message:find(path, 1, true), err.message)
    assert.truthy(err.message:find(cause), err.message)
  end

  it("returns a rule, as a rule module does", function()
    local ok, checked = load [[
      -- a comment
      local us = { "US" }
      return { id = "mine", bound = { organised_in = us }, notes = "a" .. "b" }]]
    assert.is_true(ok, tostring(checked))
    assert.are.same({ "US" }, checked.bound.organised_in)
    assert.are.equal("ab", checked.notes)
    assert.is_true((load "\239\187\191return { id = 'mine', bound = { anyone = true } }"))
  end)

  it("has no globals and no methods of strings", function()
    refuses("return os.exit()", "'os'")
    refuses("return require 'os'", "'require'")
    refuses("return ('x'):rep(1e9)", "index")
    refuses("return ('x').rep", "index")
    assert.are.equal("xx", ("x"):rep(2))
    local ok, checked = load "id = 'leak'; return { id = id, bound = { anyone = true } }"
    assert.is_true(ok)
    assert.are.equal("leak", checked.id)
    assert.is_nil(rawget(_G, "id"))
  end)

  it("is bounded in steps, memory and size, and leaves no hook behind", function()
    refuses("while true do end", "steps")
    refuses("local function f() return f() end return f()", "steps")
    refuses("local s = 'x' for i = 1, 100 do s = s .. s end", "KiB")
    refuses("local function f() return 1 + f() end return f()", "")
    refuses("return '" .. ("x"):rep(70000) .. "'", "larger")
    assert.is_nil((debug.gethook()))
    assert.is_true((load "for i = 1, 1000 do end return { id = 'mine', bound = { anyone = true } }"))
  end)

  it("is text that compiles and returns a table", function()
    refuses("", "empty")
    refuses("return {", ":1:")
    refuses("return 3", "a table")
    refuses("\27Lua", "compiled")
    refuses("return { id = 'mine', bound = { anyone = true }, flw = 'use' }", "flw")
    refuses("error 'no'", "")
    if not rawget(_G, "jit") then refuses(string.dump(function() return {} end), "compiled") end
  end)

  it("that is not there is an unknown rule", function()
    local ok, err = pcall(rule.load, "no/such/rule.lua")
    assert.is_false(ok)
    assert.are.equal("unknown_rule", err.code)
    assert.truthy(err.message:find("no/such/rule.lua", 1, true))
  end)
end)
