-- Draws the network of the benchmark: suppliers and the services they sell, and the firms that use them and own one
-- another. The same from a seed on every Lua.
--
-- Shape: two tiers of suppliers; services built on services; firms choose services about as 1 / rank, so that few are
-- hubs; 30 % of the firms have an owner (copying model: the number of children has a heavy tail), of these 8 % are
-- joint ventures, and most of the partly owned have a minority holder as well; 0.5 % hold a stake in an ancestor, which
-- ties part of the whole into one large cycle; groups have shared-service centres. Suppliers may belong to a firm.
--
-- Kept true, so that other systems can be asked the same in plain words: a holding is a pair once; the shares in a
-- firm never sum above 100 %; no two firms hold each other by majority, since a stake in an ancestor stays below 15 %.
-- Shares are thousandths, fractions of a need hundredths. Cost: constant a relation; memory is a few numbers a firm.

local random = require "spec.bench.random"

local generate = {}

generate.VERSION = 1 -- raised whenever the same seed draws something else: what was written before is then old

generate.SIZES = {
  tiny = { entities = 1000, relations = 4000, suppliers = 120 },
  S = { entities = 10000, relations = 40000, suppliers = 200 },
  M = { entities = 1000000, relations = 4000000, suppliers = 2000 },
  L = { entities = 3000000, relations = 12000000, suppliers = 2000 },
}

-- The first are drawn most.
local COUNTRIES = {
  "US", "DE", "GB", "FR", "NL", "IT", "ES", "LU", "IE", "CH", "JP", "IN", "CN", "SE", "DK", "PL", "CA", "BE", "AT",
  "FI", "CZ", "NO", "KY", "VG", "RU", "IR",
}
local DEEPEST = 12 -- owners above a firm
local INDEPENDENT = 10 -- the first firms have no owner

-- Where each kind begins; entities are numbered from 0.
local function layout(size)
  local below = math.max(4, math.floor(size.suppliers / 4))
  local services = math.max(20, math.min(size.suppliers * 20, math.floor(size.entities / 25)))
  local first = { supplier = below, service = size.suppliers, firm = size.suppliers + services }
  return {
    first = first, last_service = first.firm - 1, top_suppliers = size.suppliers - below, services = services,
    firms = size.entities - first.firm,
  }
end

local function draw_supply(draw, at, sink)
  local supplier_of = draw.ranks(at.top_suppliers - 1)
  local below_of, built_on = draw.ranks(at.first.supplier), draw.ranks(at.services - 1)
  for supplier = at.first.supplier, at.first.service - 2 do
    for _ = 1, 1 + draw.below(3) do sink.supplies(below_of(), supplier, 5 + draw.below(96)) end
  end
  local popular = math.floor(at.top_suppliers / 10)
  for rank = 0, at.services - 2 do
    local service = at.first.service + rank
    -- popular services belong to popular suppliers
    local owner = rank < popular and rank or supplier_of()
    sink.supplies(at.first.supplier + owner, service, 100)
    if rank > 10 and draw.chance(600) then
      for _ = 1, draw.chance(400) and 2 or 1 do
        local other = at.first.service + built_on()
        if other ~= service then sink.supplies(other, service, 5 + draw.below(96)) end
      end
    end
  end
end

-- Who owns whom among firms, numbered from 0 here; children and their main owners, side by side.
local function draw_ownership(draw, at, sink)
  local firms, base = at.firms, at.first.firm
  local owner, depth, held, minor = {}, {}, {}, {} -- by firm, from 0; held: thousandths that have a holder
  local children, owners_of = {}, {}
  local function holds(holder, child, share)
    held[child] = (held[child] or 0) + share
    sink.owns(base + holder, base + child, share)
  end
  local function joint_venture(child, first)
    local holders = 2 + draw.below(3)
    local share = math.floor((400 + draw.below(601)) / holders)
    local known = { [first] = true }
    holds(first, child, share)
    for _ = 2, holders do
      local other = draw.chance(500) and owners_of[draw.below(#owners_of) + 1] or draw.below(child)
      if not known[other] and other ~= child then holds(other, child, share) end
      known[other] = true
    end
  end
  local function subsidiary(child, parent, kind)
    local share = kind < 650 and 1000 or kind < 700 and 500 or 510 + 10 * draw.below(49)
    holds(parent, child, share)
    if share < 1000 and draw.chance(800) then -- a minority holder takes part of the rest
      local other = draw.below(firms)
      local stake = math.min(1 + draw.below(1000 - share), 499)
      if other ~= child and other ~= parent then
        minor[child] = other
        holds(other, child, stake)
      end
    end
  end
  local function stake_in_ancestor(child, ancestor)
    while owner[ancestor] and (draw.chance(500) or held[ancestor] > 990) do ancestor = owner[ancestor] end
    local room = 1000 - (held[ancestor] or 0)
    if room >= 10 and minor[ancestor] ~= child then
      holds(child, ancestor, math.min(10 + draw.below(140), room))
    end
  end
  local function draw_parent(child)
    local way = draw.below(1000)
    if #children > 0 and way < 600 then return owners_of[draw.below(#owners_of) + 1] end
    if #children > 0 and way < 800 then return children[draw.below(#children) + 1] end
    return draw.below(child)
  end
  for child = INDEPENDENT, firms - 1 do
    if draw.chance(300) then
      local parent = draw_parent(child)
      while (depth[parent] or 0) >= DEEPEST - 1 do parent = owner[parent] end
      owner[child], depth[child] = parent, (depth[parent] or 0) + 1
      children[#children + 1], owners_of[#owners_of + 1] = child, parent
      local kind = draw.below(1000)
      if kind < 80 then joint_venture(child, parent) else subsidiary(child, parent, kind) end
      if draw.chance(5) then stake_in_ancestor(child, parent) end
    end
  end
  return { children = children, owners_of = owners_of, owner = owner, held = held }
end

-- The smallest ban there is: the last supplier sells one service, to three firms that nobody owns and that own nobody.
local function draw_corner(at, ownership, sink)
  local supplier, service, found = at.first.service - 1, at.last_service, 0
  local owns = {}
  for _, parent in ipairs(ownership.owners_of) do owns[parent] = true end
  sink.supplies(supplier, service, 100)
  for firm = at.firms - 1, 0, -1 do
    if found == 3 then break end
    if not ownership.held[firm] and not owns[firm] then
      sink.supplies(service, at.first.firm + firm, 50)
      found = found + 1
    end
  end
  return supplier
end

-- Every firm uses a few services (geometric), until there are as many relations as wanted.
local function draw_use(draw, at, sink, left)
  local mean = left / at.firms
  local heads, service_of = math.floor(1073741824 * (mean / (1 + mean))), draw.ranks(at.services - 1)
  local firm = 0
  while left > 0 do
    local user = firm < at.firms and firm or draw.below(at.firms)
    local count = math.min(draw.run(heads), left)
    for _ = 1, count do
      sink.supplies(at.first.service + service_of(), at.first.firm + user, 1 + draw.below(100))
    end
    left, firm = left - count, firm + 1
  end
end

-- What is asked: rows of entities from 0, numbers of relations from 1. Those to drop are firms' uses of services, which
-- are the relations from number first_use on.
local function draw_questions(draw, size, at, ownership, corner, first_use)
  local suppliers, children_of, owners, blocked, listed = {}, {}, {}, {}, {}
  for row = 0, at.first.service - 1 do suppliers[#suppliers + 1] = row end
  for _, parent in ipairs(ownership.owners_of) do
    if not children_of[parent] then owners[#owners + 1] = parent end
    children_of[parent] = (children_of[parent] or 0) + 1
  end
  table.sort(owners, function(a, b)
    if children_of[a] ~= children_of[b] then return children_of[a] > children_of[b] end
    return a < b
  end)
  local function block(firm)
    if not listed[firm] then blocked[#blocked + 1] = at.first.firm + firm end
    listed[firm] = true
  end
  for i = 1, math.min(#owners, math.max(3, math.floor(at.firms / 30000))) do block(owners[i]) end
  local seeds = math.min(#ownership.owners_of, math.max(5, math.floor(at.firms / 1000)))
  for _, i in ipairs(draw.sample(#ownership.owners_of, seeds)) do block(ownership.owners_of[i]) end
  table.sort(blocked)
  local uses = size.relations - first_use + 1
  local dropped = draw.sample(uses, math.min(1000, math.floor(uses / 20)))
  for i, number in ipairs(dropped) do dropped[i] = first_use - 1 + number end
  return {
    hub = at.first.supplier, middle = at.first.supplier + math.floor(at.first.supplier / 4), tail = corner,
    suppliers = draw.shuffle(suppliers), blocked = blocked, dropped = dropped,
  }
end

-- size: one of SIZES, or a table like these. sink: supplies(supplier, user, hundredths), owns(owner, owned,
-- thousandths) in the order of the file, then entity(row, kind, country) in order of row. Returns what is asked.
function generate.run(size, seed, sink)
  local draw, at = random.new(seed), layout(size)
  local count = 0
  local counted = {
    supplies = function(from, to, hundredths)
      count = count + 1
      sink.supplies(from, to, hundredths)
    end,
    owns = function(from, to, thousandths)
      count = count + 1
      sink.owns(from, to, thousandths)
    end,
  }
  draw_supply(draw, at, counted)
  local ownership = draw_ownership(draw, at, counted)
  for supplier = at.first.supplier + 5, at.first.service - 2 do -- half the suppliers belong to a firm
    if draw.chance(500) then counted.owns(at.first.firm + draw.below(at.firms), supplier, 1000) end
  end
  for i, child in ipairs(ownership.children) do -- shared-service centres inside groups
    if draw.chance(100) then
      counted.supplies(at.first.firm + ownership.owners_of[i], at.first.firm + child, 5 + draw.below(96))
    end
  end
  local corner = draw_corner(at, ownership, counted)
  local first_use = count + 1
  draw_use(draw, at, counted, size.relations - count)
  local country_of = draw.ranks(#COUNTRIES)
  for row = 0, size.entities - 1 do
    local kind = row < at.first.supplier and "sub_supplier" or row < at.first.service and "supplier"
      or row < at.first.firm and "service" or "firm"
    sink.entity(row, kind, COUNTRIES[country_of() + 1])
  end
  return draw_questions(draw, size, at, ownership, corner, first_use)
end

return generate
