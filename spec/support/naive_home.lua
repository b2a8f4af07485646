-- Where an entity of the naive model is organised (see naive.lua).

local facts_of_day = require "spec.support.naive_world"

local as_list, matches = facts_of_day.as_list, facts_of_day.matches

local home = {}

function home.is_branch(world, id)
  return world.all[id].kind == "branch" or world.heads[id] ~= nil
end

-- Whether an entity is organised in one of the countries: "YES", "NO", or "OPEN" where the sources do not say. A branch
-- is organised where its head offices are; one whose head office is not known, or only a ring of branches, is open.
-- solely: of several countries of its own all must be among them.
function home.status(world, countries, id, solely)
  local function country_status(e)
    if e.country == nil then return "OPEN" end
    if solely then
      for _, country in ipairs(as_list(e.country)) do
        if not matches({ country = country }, { country = countries }) then return "NO" end
      end
      return "YES"
    end
    return matches(e, { country = countries }) and "YES" or "NO"
  end
  if not home.is_branch(world, id) then return country_status(world.all[id]) end

  local function lineage(start)
    local seen, todo = { [start] = true }, { start }
    while #todo > 0 do
      local x = table.remove(todo)
      for _, head in ipairs(world.heads[x] or {}) do
        if not seen[head] then
          seen[head] = true
          todo[#todo + 1] = head
        end
      end
    end
    return seen
  end
  local open = false
  for x in pairs(lineage(id)) do
    if home.is_branch(world, x) then
      local rooted = false
      for y in pairs(lineage(x)) do
        if not home.is_branch(world, y) then rooted = true end
      end
      open = open or not rooted
    else
      local status = country_status(world.all[x])
      if status == "YES" then return "YES" end
      open = open or status == "OPEN"
    end
  end
  return open and "OPEN" or "NO"
end

-- A status as each reading takes it.
function home.admits(status, reading)
  return status == "YES" or (reading == "high" and status == "OPEN")
end

return home
