-- What every path passes: on random networks exactly the supplies whose end takes the verdict away, and over all
-- parents the same as parent by parent.
local knockon = require "knockon"
local random_network = require "spec.support.random_network"
local random_scenario = require "spec.support.random_scenario"

local SEEDS = tonumber(os.getenv "KNOCKON_SEEDS") or 1500

-- Are paths all that counts? One act, no tiers to count, and nobody bound as a party's.
local function by_paths(question)
  local act = question.acts[1]
  local tiers = act.rule.flow == nil or act.rule.flow == "use"
  return #question.acts == 1 and #act.restrictions == 1 and act.scope ~= "facilitation"
    and not (tiers and (act.rule.tiers or 1) > 1)
end

describe("chokepoints of a random network", function()
  it("are the supplies without which the verdict falls", function()
    local tried, points = 0, 0
    for seed = 1, SEEDS do
      local facts, question = random_network.make(seed)
      if by_paths(question) then
        local scenario = random_scenario.banned(facts, question)
        local exposure = scenario:exposure()
        local supplies = scenario:overlay():match { kind = "supplies" }
        for _, parent in ipairs(exposure:parents()) do
          local listed = {}
          for _, point in ipairs(exposure:chokepoints(parent.id)) do
            if point.kind == "supplies" then listed[point.relation] = true end
          end
          for _, id in ipairs(supplies) do
            local left = scenario:drop(id):exposure():parents({ ids = parent.id })[1]
            local falls = not left or (parent.verdict == "yes" and left.verdict ~= "yes")
            assert.message(("seed %d: %s without %s"):format(seed, parent.id, id)).are.equal(falls, listed[id] or false)
            points = points + (falls and 1 or 0)
          end
          tried = tried + 1
        end
      end
    end
    io.write(("%d parents, %d supplies that all paths pass\n"):format(tried, points))
    assert.is_true(SEEDS < 500 or tried > 20 and points > 20)
  end)

  it("carry as many parents as have them on their own list", function()
    for seed = 1, SEEDS, 3 do
      local facts, question = random_network.make(seed)
      local exposure = random_scenario.banned(facts, question):exposure()
      local own = {}
      for _, parent in ipairs(exposure:parents()) do
        for _, point in ipairs(exposure:chokepoints(parent.id)) do
          local key = point.id or "relation " .. point.relation
          own[key] = (own[key] or 0) + 1
        end
      end
      local most = math.huge
      for _, point in ipairs(exposure:chokepoints()) do
        local key = point.id or "relation " .. point.relation
        -- one list may know more: taken together, paths of one parent's act or reading may seem open to another
        assert.message(("seed %d: %s"):format(seed, key)).is_true((own[key] or 0) >= point.parents)
        assert.is_true(point.parents >= 1 and point.parents <= most)
        most = point.parents
      end
    end
  end)
end)

describe("chokepoints of all parents", function()
  local scenario = assert(knockon.network {
    entities = { { id = "t" }, { id = "hub" }, { id = "a" }, { id = "b" }, { id = "c" } },
    relations = {
      { id = "1", kind = "supplies", from = "t", to = "hub", spend = "1", currency = "USD" },
      { id = "2", kind = "supplies", from = "hub", to = "a", spend = "2", currency = "USD" },
      { id = "3", kind = "supplies", from = "hub", to = "b", spend = "4", currency = "EUR" },
      { id = "4", kind = "supplies", from = "t", to = "c", spend = "8", currency = "USD" },
    },
  }):scenario({ as_of = "2022" }):ban("t", { rule = { id = "g", flow = "goods", bound = { anyone = true } } })

  it("are ranked by how many they carry, with what their users spend", function()
    local out = {}
    for i, point in ipairs(scenario:exposure():chokepoints()) do
      out[i] = ("%s %d %s %s"):format(point.id or point.relation, point.parents, point.spend.USD or 0,
        point.spend.EUR or 0)
    end
    assert.are.same({ "t 4 11 4", "1 3 3 4" }, { out[1], out[2] })
    assert.are.equal(2, #scenario:exposure():chokepoints(nil, { count = 2 }))
    assert.are.equal(1, #scenario:exposure():chokepoints { count = 1 })
  end)

  it("are none where nobody is exposed", function()
    assert.are.same({}, scenario:lift("ban-1"):exposure():chokepoints())
  end)

  it("raise by name", function()
    local exposure = scenario:exposure()
    for _, count in ipairs { 0, -1, 1.5, "2", 0 / 0 } do
      local fine, object = pcall(exposure.chokepoints, exposure, nil, { count = count })
      assert.is_false(fine)
      assert.are.equal("count", object.argument)
    end
    for id, message in pairs { [5] = "id must be an id (text), not a number", x = 'no entity has the id "x"' } do
      local fine, object = pcall(exposure.chokepoints, exposure, id)
      assert.are.same({ false, "id", message }, { fine, object.argument, object.message })
    end
  end)

  it("stop when progress says so, or raises", function()
    local exposure = scenario:exposure()
    local none, _, code = exposure:chokepoints { progress = function() return false end }
    assert.are.same({ "nil", "interrupted" }, { tostring(none), code })
    local fine, object = pcall(exposure.chokepoints, exposure, { progress = function() error { told = true } end })
    assert.are.same({ false, true }, { fine, object.told })
  end)
end)
