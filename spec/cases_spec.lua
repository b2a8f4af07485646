-- Ownership cascades with verdicts known from the rules' own examples, and traps, through the public API.
local json = require "knockon.json"
local knockon = require "knockon"
local files = require "spec.support.files"
local shared = require "spec.support.shared"

local STAKE = { "from", "to", "share", "since", "until" }
local CONTROL = { "from", "to", "by" }

-- Facts of a case: its rows are lists, whose last items may be missing.
local function network_of(case)
  local facts, seen = { entities = {}, relations = {} }, {}
  local function entity(id)
    if not seen[id] then
      seen[id] = true
      facts.entities[#facts.entities + 1] = { id = id }
    end
  end
  local function relations(kind, rows, fields)
    for _, row in ipairs(rows or {}) do
      local relation = { kind = kind }
      for i, field in ipairs(fields) do relation[field] = row[i] end
      facts.relations[#facts.relations + 1] = relation
      entity(row[1])
      entity(row[2])
    end
  end
  relations("owns", case.owns, STAKE)
  relations("controls", case.controls, CONTROL)
  for _, id in ipairs(case.targets) do entity(id) end
  return assert(knockon.network(facts))
end

local function exposure_of(case)
  local rule = { id = "case", owned = case.owned, control = case.control or false, bound = { anyone = true } }
  return network_of(case):scenario({ as_of = case.as_of or "2023-01-01", restrictions = "none" })
    :ban(case.targets, { rule = rule, joint = case.joint }):exposure()
end

describe("ownership.json", function()
  local path, missing = shared.find "cases/ownership.json"
  if not path then
    it("gives the expected verdicts", function() pending(missing) end)
    return
  end

  local cases = assert(json.decode(files.read(path)))

  it("has cases", function() assert.is_true(#cases > 30) end)

  for _, case in ipairs(cases) do
    it("gives the expected verdicts: " .. case.name, function()
      local exposure = exposure_of(case)
      local verdicts, whys = {}, {}
      for id in pairs(case.expect) do
        local row = exposure:restricted({ ids = { id } })[1]
        verdicts[id] = row and row.verdict or "no"
        whys[id] = exposure:why(id).verdict
      end
      assert.are.same(case.expect, verdicts)
      assert.are.same(case.expect, whys)
      for _, id in ipairs(case.targets) do
        assert.are.equal("target", exposure:restricted({ ids = { id } })[1].because)
      end
    end)
  end
end)
