--- Integrated ownership and control, written for obviousness: every stake is looked up again for every owner, and
-- fixpoints are repeated passes over everybody. Taken from the facts of the day; nothing is shared with the library.

local naive_world = require "spec.support.naive_world"

local naive_holdings = {}

local WHOLE = 1000000000

-- stakes[owned][owner] = { low, high }, parts of the whole, and how many are known of each firm.
local function stakes_of(facts, question, basis)
  local world = naive_world.look(facts, question)
  local sums, count, pairs_owned = {}, {}, {}
  local function add(from, to, lo, hi)
    if from == to then return end
    sums[to] = sums[to] or {}
    local s = sums[to][from] or { 0, 0 }
    sums[to][from] = { math.min(s[1] + lo, WHOLE), math.min(s[2] + hi, WHOLE) }
  end
  for _, h in ipairs(world.holdings) do
    pairs_owned[h.from .. "\0" .. h.to] = true
    if h.basis == basis and h.from ~= h.to then count[h.to] = (count[h.to] or 0) + 1 end
  end
  local function unowned(kind)
    local list = {}
    for _, r in ipairs(world[kind]) do
      local thing = world.all[r.to].kind == "service" or world.all[r.to].kind == "site"
      if r.from ~= r.to and (kind == "operates" and thing or kind ~= "operates" and
        not pairs_owned[r.from .. "\0" .. r.to]) then
        list[#list + 1] = r
        count[r.to] = (count[r.to] or 0) + 1
      end
    end
    return list
  end
  local consolidated, branches, operated = unowned "consolidates", unowned "has_branch", unowned "operates"
  for _, h in ipairs(world.holdings) do
    if h.basis == basis then add(h.from, h.to, h.lo, h.hi) end
  end
  for _, r in ipairs(consolidated) do add(r.from, r.to, 0, WHOLE) end
  for _, r in ipairs(branches) do add(r.from, r.to, WHOLE, WHOLE) end
  for _, r in ipairs(operated) do add(r.from, r.to, count[r.to] == 1 and WHOLE or 0, WHOLE) end
  local stakes = {}
  for owned, holders in pairs(sums) do
    local sure = 0
    for _, s in pairs(holders) do sure = sure + s[1] end
    stakes[owned] = {}
    for owner, s in pairs(holders) do
      local left = math.max(WHOLE - (sure - s[1]), 0)
      stakes[owned][owner] = { low = s[1] / WHOLE, high = math.max(s[1], math.min(s[2], left)) / WHOLE }
    end
  end
  return stakes, world
end

--- What `owner` holds of everybody: id -> { low, high }, and whether the passes have settled.
function naive_holdings.held(facts, question, basis, owner)
  local stakes = stakes_of(facts, question, basis)
  local held, settled = {}, true
  for _, reading in ipairs { "low", "high" } do
    local share, change, passes = {}, 1, 0
    while change > 1e-14 and passes < 3000 do
      change, passes = 0, passes + 1
      for owned, holders in pairs(stakes) do
        local sum = 0
        for holder, s in pairs(holders) do
          sum = sum + s[reading] * (holder == owner and 1 or share[holder] or 0)
        end
        sum = math.min(sum, 1)
        change = math.max(change, math.abs(sum - (share[owned] or 0)))
        share[owned] = sum
      end
    end
    settled = settled and change <= 1e-14
    for id, value in pairs(share) do
      held[id] = held[id] or { low = 0, high = 0 }
      held[id][reading] = value
    end
  end
  return held, settled
end

return naive_holdings
