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
      { { bound = { where = {} } }, "bound.where", "contracts_with" },
      { { bound = { where = { country = { {} } } } }, "bound.where.country[1]", "a text" },
      { { in_force = { { since = "2022-02-30" } } }, "in_force[1].since", "2022-02-30" },
      { { in_force = { { since = "2022", ["until"] = "2021" } } }, "in_force[1].until", "after since" },
      { { in_force = { since = "2022" } }, "in_force", "list" },
      { { measure = "forbid" }, "measure", "prohibit" },
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
