--- Disruption, data and compromise, written for obviousness: sets are tables, fixpoints are repeated passes. Everything
-- is taken from the facts of the day and from who is restricted; nothing is shared with the library.

local naive_world = require "spec.support.naive_world"

local naive_harms = {}

local WHOLE = 1000000000

--- Small random networks have few supplies: adds some with needs, reliances, fractions and data. pick(n): 1 to n.
function naive_harms.add_supplies(facts, pick)
  local needs = { "cloud", "cloud", "power", "parts" }
  local reliances = { "full", "material", "low", "none" }
  for i = 1, #facts.entities * 2 do
    local from, to = facts.entities[pick(#facts.entities)], facts.entities[pick(#facts.entities)]
    local r = { id = "more-" .. i, kind = "supplies", from = from.id, to = to.id }
    if pick(10) > 2 then r.need = needs[pick(4)] end
    if pick(10) > 7 then r.reliance = reliances[pick(4)] end
    if pick(10) > 4 then r.fraction = ({ 0.25, 0.5, 0.1, 0.125, 0.9 })[pick(5)] end
    if pick(10) > 4 then r.data = ({ "ip", "personal", { "ip", "personal" }, { "trade" } })[pick(4)] end
    facts.relations[#facts.relations + 1] = r
  end
end

local function list_of(value)
  if value == nil then return {} end
  return type(value) == "table" and value or { value }
end

-- Needs by user: { essential =, supplies = { … } } in a list.
local function needs_of(world)
  local users = {}
  for _, r in ipairs(world.supplies) do
    local name = r.need or "\0" .. r.id
    users[r.to] = users[r.to] or {}
    local need = users[r.to][name] or { supplies = {}, essential = false }
    users[r.to][name] = need
    table.insert(need.supplies, r)
    if r.reliance ~= "low" and r.reliance ~= "none" then need.essential = true end
  end
  return users
end

-- id -> round of everything that fails when `gone` (id -> true) is. kept: a supply whose need gets one more supplier.
function naive_harms.failing(facts, question, gone, reading, least, kept)
  local world = naive_world.look(facts, question)
  local users, failed, round = needs_of(world), {}, 0
  local grown = true
  while grown do
    round, grown = round + 1, false
    local found = {}
    for user, needs in pairs(users) do
      for _, need in pairs(needs) do
        local working, left, lost, given = 0, 0, false, false
        for _, r in ipairs(need.supplies) do
          given = given or r.id == kept
          if gone[r.from] or failed[r.from] then
            lost = true
          else
            working = working + 1
            local lo, hi = 0, WHOLE
            if r.fraction then lo, hi = naive_world.share(r.fraction) end
            left = left + (reading == "low" and hi or lo)
          end
        end
        local without = working == 0 or (lost and left < least)
        if without and need.essential and not failed[user] and not given then found[user] = round end
      end
    end
    for user, at in pairs(found) do
      failed[user] = at
      grown = true
    end
  end
  return failed
end

-- user -> class -> true: what data of whom the `restricted` (id -> true) can reach. Without data, "" for compromise.
function naive_harms.reach(facts, question, restricted, with_data)
  local world = naive_world.look(facts, question)
  local reached, grown = {}, true
  while grown do
    grown = false
    for _, r in ipairs(world.supplies) do
      for _, class in ipairs(with_data and list_of(r.data) or { "" }) do
        if restricted[r.from] or (reached[r.from] and reached[r.from][class]) then
          reached[r.to] = reached[r.to] or {}
          grown = grown or not reached[r.to][class]
          reached[r.to][class] = true
        end
      end
    end
  end
  return reached
end

return naive_harms
