-- The facts of the naive model: what is in force on a day, exact shares, chains and rings (see naive.lua).

local facts_of_day = {}

local WHOLE = 1000000000
local HALF = 500000000
local READINGS = { "low", "high" }

-- Small tools ---------------------------------------------------------------------------------------------------------

local function as_list(value)
  if type(value) == "table" then return value end
  return { value }
end

local function add_all(set, other)
  for k in pairs(other) do set[k] = true end
end

local function sorted_keys(set)
  local keys = {}
  for k in pairs(set) do keys[#keys + 1] = k end
  table.sort(keys)
  return keys
end

local function lower(a, b)
  if a == nil then return b end
  if b == nil then return a end
  return math.min(a, b)
end

-- Shares --------------------------------------------------------------------------------------------------------------

-- Decimal text to an integer count of units of 10^-places, rounded down and up.
local function decimal(text, places)
  local mantissa, exponent = text:match("^(.-)[eE]([+-]?%d+)$")
  if mantissa then
    text, places = mantissa, places + tonumber(exponent)
  end
  local whole, part = text:match("^(%d*)[.,]?(%d*)$")
  assert(whole and #whole + #part > 0, "not a decimal: " .. text)
  if places < 0 then -- 3e-12: everything is finer than one unit
    part, whole, places = whole .. part, "", 0
  end
  local kept = part:sub(1, places)
  local rest = part:sub(places + 1)
  local units = tonumber("0" .. whole .. kept .. ("0"):rep(places - #kept))
  return units, rest:find("[1-9]") and units + 1 or units
end

local function percent(text)
  return decimal((text:gsub("%%$", "")), 7)
end

-- The shortest decimal that reads back as the same number: 0.141 is meant, not 0.14099999999999998757.
local function shortest(number)
  for digits = 1, 17 do
    local text = ("%." .. digits .. "g"):format(number)
    if tonumber(text) == number then return text end
  end
end

--- The interval of a share as written, in parts per billion.
function facts_of_day.share(value)
  if value == nil then return 1, WHOLE end
  if type(value) == "number" then return decimal(shortest(value), 9) end
  local text = value:gsub("%s", "")

  local open, from, to, close = text:match("^([%(%[])(.-)%%,(.-)%%([%)%]])$")
  if open then
    local lo, _ = percent(from)
    local _, hi = percent(to)
    return open == "(" and lo + 1 or lo, close == ")" and hi - 1 or hi
  end
  local sign, bound = text:match("^([<>]=?)(.+)%%$")
  if sign then
    local down, up = percent(bound)
    if sign == ">" then return down + 1, WHOLE end
    if sign == ">=" then return down, WHOLE end
    if sign == "<" then return 1, up - 1 end
    return 1, up
  end
  from, to = text:match("^([%d.,]-)%%?%.%.([%d.,]+)%%$")
  if not from then from, to = text:match("^([%d.,]+)%%?%-([%d.,]+)%%$") end
  if from then
    local lo, _ = percent(from)
    local _, hi = percent(to)
    return lo, hi
  end
  return percent(assert(text:match("^([%d.,]+)%%$"), "not a share: " .. text))
end

-- Dates ---------------------------------------------------------------------------------------------------------------

-- The first day a date names. Full dates compare as text; "" comes before all of them.
local function day_of(date)
  if date == nil then return nil end
  if #date == 4 then return date .. "-01-01" end
  if #date == 7 then return date .. "-01" end
  return date
end

local function begun(record, day)
  return (day_of(record.since) or "") <= day
end

local function ended(record, day)
  local till = day_of(record["until"])
  return till ~= nil and till <= day
end

-- Predicates ----------------------------------------------------------------------------------------------------------

local function matches(entity, predicate)
  for field, wanted in pairs(predicate) do
    local hit = false
    local have = entity[field]
    if have ~= nil then
      for _, h in ipairs(as_list(have)) do
        for _, w in ipairs(as_list(wanted)) do
          if h == w then hit = true end
        end
      end
    end
    if not hit then return false end
  end
  return true
end

-- The world on one day ------------------------------------------------------------------------------------------------

-- Records of one entity become one node named by the byte-smallest id.
local function merge(facts)
  local name = {}
  for _, e in ipairs(facts.entities) do name[e.id] = e.id end
  local changed = true
  while changed do
    changed = false
    for _, r in ipairs(facts.relations) do
      if r.kind == "same_as" and name[r.from] ~= name[r.to] then
        local least = name[r.from] < name[r.to] and name[r.from] or name[r.to]
        name[r.from], name[r.to] = least, least
        changed = true
      end
    end
  end

  local records = {}
  for _, e in ipairs(facts.entities) do records[#records + 1] = e end
  table.sort(records, function(a, b) return a.id < b.id end)
  local entities = {}
  for _, record in ipairs(records) do
    local id = name[record.id]
    local e = entities[id]
    if not e then
      e = { id = id, records = {} }
      entities[id] = e
    end
    e.records[#e.records + 1] = record
    for field, value in pairs(record) do
      if e[field] == nil then e[field] = value end
    end
  end
  for _, e in pairs(entities) do e.kind = e.kind or "firm" end
  return name, entities
end

local function is_person(e) return e.kind == "person" or e.kind == "state" end
local function is_thing(e) return e.kind == "service" or e.kind == "site" end
local function is_firm(e) return not is_person(e) and not is_thing(e) end

-- Successive reports of one holding: the latest begun one counts, and once superseded a report never comes back.
-- `gone` are relations that a scenario ended: they supersede like any other that has ended.
local function effective_holdings(relations, day, gone, present)
  local reports = {}
  for _, r in ipairs(relations) do
    if r.kind == "owns" and begun(r, day) then
      local key = table.concat({ r.from, r.to, r.basis or "equity", r.class or "" }, "\0")
      reports[key] = reports[key] or {}
      table.insert(reports[key], r)
    end
  end
  local holdings = {}
  for _, list in pairs(reports) do
    local latest = ""
    for _, r in ipairs(list) do
      local since = day_of(r.since) or ""
      if since > latest then latest = since end
    end
    local holding
    for _, r in ipairs(list) do
      if (day_of(r.since) or "") == latest and not ended(r, day) and not gone[r.id] and present[r.from]
        and present[r.to]
      then
        local lo, hi = facts_of_day.share(r.share)
        if not holding then
          holding = { from = r.from, to = r.to, basis = r.basis or "equity", lo = lo, hi = hi, relations = {} }
          holdings[#holdings + 1] = holding
        end
        holding.lo, holding.hi = math.min(holding.lo, lo), math.max(holding.hi, hi)
        table.insert(holding.relations, r)
      end
    end
  end
  return holdings
end

local function push(map, key, value)
  map[key] = map[key] or {}
  table.insert(map[key], value)
end

-- Everything that is true on the day: nodes present, relations in force, stakes and the links of the chain.
local function look(facts, question)
  local day = day_of(question.as_of)
  local gone = {}
  for _, id in ipairs(question.drop or {}) do gone[id] = true end
  local name, all = merge(facts)
  local world = { name = name, all = all, day = day, entities = {}, relations = {} }

  for id, e in pairs(all) do
    for _, record in ipairs(e.records) do
      if begun(record, day) and not ended(record, day) then world.entities[id] = e end
    end
  end

  local renamed = {}
  for _, r in ipairs(facts.relations) do
    local copy = {}
    for k, v in pairs(r) do copy[k] = v end
    copy.from, copy.to, copy.party = name[r.from], name[r.to], r.party and name[r.party]
    renamed[#renamed + 1] = copy
  end
  world.holdings = effective_holdings(renamed, day, gone, world.entities)

  local kinds = { "supplies", "controls", "consolidates", "has_branch", "operates" }
  for _, kind in ipairs(kinds) do world[kind] = {} end
  for _, r in ipairs(renamed) do
    if world[r.kind] and begun(r, day) and not ended(r, day) and not gone[r.id] and world.entities[r.from]
      and world.entities[r.to]
    then
      table.insert(world[r.kind], r)
      world.relations[r.id] = r
    end
  end
  for _, h in ipairs(world.holdings) do
    for _, r in ipairs(h.relations) do world.relations[r.id] = r end
  end

  -- stakes[basis][owned][owner]: what one holder holds, all classes of stock together.
  world.stakes = { equity = {}, votes = {} }
  local function stake(basis, from, to, lo, hi)
    local in_firm = world.stakes[basis][to] or {}
    world.stakes[basis][to] = in_firm
    local s = in_firm[from] or { low = 0, high = 0 }
    in_firm[from] = s
    s.low, s.high = s.low + lo, s.high + hi
  end
  local pair_owns = {}
  for _, h in ipairs(world.holdings) do
    pair_owns[h.from .. "\0" .. h.to] = true
    if h.from ~= h.to then stake(h.basis, h.from, h.to, h.lo, h.hi) end
  end

  -- above[reading][x][y]: y is a firm directly above x on the chain. owners[x][y]: y is a person or a state there.
  world.above = { low = {}, high = {} }
  world.owners = {}
  local function link(reading, lower_end, upper_end)
    local x, y = all[lower_end], all[upper_end]
    if x == y or is_thing(y) or is_person(x) then return end
    if is_person(y) then
      if reading == "high" then
        world.owners[x.id] = world.owners[x.id] or {}
        world.owners[x.id][y.id] = true
      end
    else
      world.above[reading][x.id] = world.above[reading][x.id] or {}
      world.above[reading][x.id][y.id] = true
    end
  end
  for _, basis in ipairs({ "equity", "votes" }) do
    for owned, holders in pairs(world.stakes[basis]) do
      for owner, s in pairs(holders) do
        for _, reading in ipairs(READINGS) do
          if s[reading] >= HALF then link(reading, owned, owner) end
        end
      end
    end
  end
  for _, kind in ipairs({ "controls", "consolidates", "has_branch" }) do
    for _, r in ipairs(world[kind]) do
      link("low", r.to, r.from)
      link("high", r.to, r.from)
    end
  end

  -- After the links: in a test of ownership, consolidation without a known holding is a stake of unknown size.
  local counted = {}
  for _, r in ipairs(world.consolidates) do
    local pair = r.from .. "\0" .. r.to
    if r.from ~= r.to and not pair_owns[pair] and not counted[pair] then
      counted[pair] = true
      stake("equity", r.from, r.to, 0, WHOLE)
      stake("votes", r.from, r.to, 0, WHOLE)
    end
  end

  world.heads, world.branches, world.operators, world.operated = {}, {}, {}, {}
  world.controllers = {}
  for _, r in ipairs(world.has_branch) do
    push(world.heads, r.to, r.from)
    push(world.branches, r.from, r.to)
  end
  for _, r in ipairs(world.operates) do
    push(world.operators, r.to, r.from)
    push(world.operated, r.from, r.to)
  end
  for _, r in ipairs(world.controls) do push(world.controllers, r.to, r) end
  world.consolidators = {}
  for _, r in ipairs(world.consolidates) do push(world.consolidators, r.to, r.from) end
  return world
end

-- Every firm at or above `start`, with the least number of links to it. What a user runs on is above it only when it
-- is the user itself: `operates` is a first step.
local function climb(world, start, reading, is_user)
  local distance = { [start] = 0 }
  local frontier, steps = { start }, 0
  while #frontier > 0 do
    steps = steps + 1
    local following = {}
    local function reach(y)
      if distance[y] == nil then
        distance[y] = steps
        following[#following + 1] = y
      end
    end
    for _, x in ipairs(frontier) do
      for y in pairs(world.above[reading][x] or {}) do reach(y) end
      if is_user and steps == 1 and is_thing(world.all[x]) then
        for _, y in ipairs(world.operators[x] or {}) do
          if is_firm(world.all[y]) then reach(y) end
        end
      end
    end
    frontier = following
  end
  return distance
end

-- Rings: firms that are above each other for certain. Each component is named by its byte-smallest member.
local function rings(world)
  local up, component, members = {}, {}, {}
  for id, e in pairs(world.entities) do
    if is_firm(e) then up[id] = climb(world, id, "low", false) end
  end
  for a in pairs(up) do
    component[a] = a
    for b in pairs(up[a]) do
      if up[b] and up[b][a] and b < component[a] then component[a] = b end
    end
  end
  for a, c in pairs(component) do push(members, c, a) end
  local entered = { low = {}, high = {} }
  for _, reading in ipairs(READINGS) do
    for a, c in pairs(component) do
      for y in pairs(world.above[reading][a] or {}) do
        if component[y] ~= c then entered[reading][c] = true end
      end
    end
  end
  return component, members, entered
end

facts_of_day.as_list = as_list
facts_of_day.add_all = add_all
facts_of_day.sorted_keys = sorted_keys
facts_of_day.lower = lower
facts_of_day.percent = percent
facts_of_day.matches = matches
facts_of_day.push = push
facts_of_day.look = look
facts_of_day.climb = climb
facts_of_day.rings = rings
facts_of_day.is_thing = is_thing
facts_of_day.is_firm = is_firm

return facts_of_day
