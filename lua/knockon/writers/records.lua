-- What every writer asks of a network: its records one by one, their fields in order, short texts for people.

local core = require "knockon.core"
local errors = require "knockon.errors"

local records = {}

-- for i, record in records.each(net, "entities" | "relations" | "restrictions"): as they were given, in the network's
-- order, one table at a time.
function records.each(net, part)
  if part == "restrictions" then return ipairs(net:restrictions()) end
  return function(_, i)
    local record = net:record(part, i + 1)
    if record then return i + 1, record end
  end, nil, 0
end

-- for i, id in records.ids(net, "entities" | "relations" | "restrictions"): the same, of the ids alone.
function records.ids(net, part)
  if part == "restrictions" then
    local list = net:restrictions()
    for i, record in ipairs(list) do list[i] = record.id end
    return ipairs(list)
  end
  return function(_, i)
    local id = net:record_id(part, i + 1)
    if id then return i + 1, id end
  end, nil, 0
end

-- The names in a table, in byte order.
function records.names(fields)
  local names = {}
  for name in pairs(fields) do names[#names + 1] = name end
  table.sort(names, errors.less)
  return names
end

-- A list of a field's values, whether it holds one, several or none.
function records.list(value)
  if value == nil then return {} end
  if type(value) ~= "table" then return { value } end
  local list = {}
  for i, item in ipairs(value) do list[i] = item end
  return list
end

-- "owns 60%", "supplies hosting": a relation in the words of an edge's label.
function records.label(relation)
  local more = relation.kind == "owns" and (relation.share or "?") or relation.need or relation.by
  if type(more) ~= "string" and type(more) ~= "number" then return relation.kind end
  return ("%s %s%s"):format(relation.kind, more, relation.basis == "votes" and " of votes" or "")
end

-- The last day on which something is in force that ends on a day: most formats count the end in.
function records.last_day(till)
  return till and core.day_text(assert(core.date(till)) - 1)
end

-- Names for the records of a part in a file whose format cannot hold every text: the ids themselves when fits(id) holds
-- for all of them, otherwise the letter with 1, 2, … in the network's order. Returns a function of the id, and whether
-- the ids stand.
function records.names_of(net, part, letter, fits)
  local fine = true
  for _, id in records.ids(net, part) do
    if not fits(id) then
      fine = false
      break
    end
  end
  if fine then return function(id) return id end, true end
  local numbered = {}
  for i, id in records.ids(net, part) do numbered[id] = letter .. i end
  return function(id) return numbered[id] end, false
end

-- The prefix, doubled until no id of an entity or a relation begins with it.
function records.prefix(net, prefix)
  for _, part in ipairs { "entities", "relations" } do
    for _, id in records.ids(net, part) do
      while id:sub(1, #prefix) == prefix do prefix = prefix .. prefix end
    end
  end
  return prefix
end

-- For formats in which entities and relations share one space of ids: a function that gives a relation its id, or where
-- an entity has that id too, the id behind a prefix with which no id begins.
function records.relation_ids(net, prefix)
  prefix = records.prefix(net, prefix)
  return function(id) return net:entity(id) and prefix .. id or id end
end

return records
