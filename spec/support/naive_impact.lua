--- ESRI and DebtRank, written as they are printed: every sum is added up again in every round. amounts[from][to] by the
-- supplies of the day; nothing is shared with the library.

local naive_world = require "spec.support.naive_world"

local naive_impact = {}

--- The links of a day with known amounts: { from, to, kind, level, amount }, and how many are not known.
function naive_impact.links(facts, question, use_fractions)
  local world = naive_world.look(facts, question)
  local links, unknown = {}, 0
  for _, r in ipairs(world.supplies) do
    local amount = use_fractions and r.fraction or (not use_fractions and r.spend or nil)
    if not use_fractions and not amount and r.need and r.fraction and r.fraction > 0 then
      local known, fractions = 0, 0
      for _, other in ipairs(world.supplies) do
        if other.to == r.to and other.need == r.need and other.spend and other.fraction and other.fraction > 0
          and other.from ~= other.to then
          known, fractions = known + other.spend, fractions + other.fraction
        end
      end
      if fractions > 0 then amount = r.fraction * known / fractions end
    end
    if r.from ~= r.to then
      if amount and amount > 0 then
        links[#links + 1] = {
          from = r.from, to = r.to, amount = amount, kind = world.all[r.from].sector or r.need or "\0" .. r.from,
          level = r.reliance == "none" and 0 or r.reliance == "low" and 1 or 2,
        }
      else
        unknown = unknown + 1
      end
    end
  end
  return links, unknown
end

--- Loss by id, and the total; shock: id -> part.
function naive_impact.esri(links, shock, replaceable)
  local sold, bought, kind_in, level_in = {}, {}, {}, {}
  local market
  local ids, all = {}, 0
  local function add(map, key, amount) map[key] = (map[key] or 0) + amount end
  for _, l in ipairs(links) do
    ids[l.from], ids[l.to] = true, true
    add(sold, l.from, l.amount)
    add(sold, l.from .. "\0" .. l.kind, l.amount)
    add(bought, l.to, l.amount)
    add(kind_in, l.to .. "\0" .. l.kind, l.amount)
    level_in[l.to .. "\0" .. l.kind] = math.max(level_in[l.to .. "\0" .. l.kind] or 0, l.level)
    all = all + l.amount
  end
  for id in pairs(shock) do ids[id] = true end
  local down, up = {}, {}
  for id in pairs(ids) do down[id], up[id] = 1 - (shock[id] or 0), 1 - (shock[id] or 0) end
  local change, rounds = 1, 0
  while change > 1e-13 and rounds < 20000 do
    change, rounds, market = 0, rounds + 1, {}
    local seen = {}
    for _, l in ipairs(links) do
      local product = l.from .. "\0" .. l.kind
      if not seen[product] then add(market, l.kind, down[l.from] * sold[product]) end
      seen[product] = true
    end
    local next_down, next_up = {}, {}
    for id in pairs(ids) do
      local essential, others, orders = {}, 0, 0
      for _, l in ipairs(links) do
        if l.to == id then
          local key, product = id .. "\0" .. l.kind, sold[l.from .. "\0" .. l.kind]
          local sigma = replaceable and math.min(1, product / market[l.kind]) or 1
          if market[l.kind] == 0 then sigma = 1 end
          local lost = sigma * (1 - down[l.from])
          if level_in[key] == 2 then add(essential, l.kind, lost * l.amount / kind_in[key]) end
          if level_in[key] == 1 then others = others + lost * l.amount / bought[id] end
        end
        if l.from == id then orders = orders + l.amount / sold[id] * (1 - up[l.to]) end
      end
      local least = math.min(1 - others, 1 - (shock[id] or 0))
      for _, lost in pairs(essential) do least = math.min(least, 1 - lost) end
      next_down[id] = math.max(0, math.min(least, down[id]))
      next_up[id] = math.max(0, math.min(1 - orders, 1 - (shock[id] or 0), up[id]))
      change = math.max(change, down[id] - next_down[id], up[id] - next_up[id])
    end
    down, up = next_down, next_up
  end
  local loss, total = {}, 0
  for id in pairs(ids) do
    loss[id] = 1 - math.min(down[id], up[id])
    total = total + (sold[id] or 0) * loss[id]
  end
  return loss, all > 0 and total / all or 0
end

return naive_impact
