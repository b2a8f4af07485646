-- Which entities of two networks are one and the same, by identifiers that both carry.
--
-- Fields are asked in the order given. A value joins when it is that of exactly one entity in each network (records
-- that are same_as one another are one entity) and neither has been joined before; the text must be the same, byte by
-- byte. What does not join for that reason is reported as ambiguous. Cost: linear in the records; identifiers are held.

local records = require "knockon.writers.records"

local MOST = 10 -- entities with one value that are told apart and reported

-- For each field, the entities that have each value: { field = { value = { id, … } } }, ids of whole entities, each
-- once, the first ten; and the values in the order of the records.
local function index(net, fields)
  local found, order = {}, {}
  for _, field in ipairs(fields) do found[field], order[field] = {}, {} end
  for _, record in records.each(net, "entities") do
    local id
    for _, field in ipairs(fields) do
      for _, item in ipairs(records.list(record[field])) do
        local value = type(item) ~= "table" and tostring(item) or ""
        if value ~= "" then
          id = id or net:same(record.id)
          local ids = found[field][value]
          if not ids then
            found[field][value] = id -- most values are those of one entity
            table.insert(order[field], value)
          elseif ids ~= id then
            if type(ids) ~= "table" then ids = { ids } end
            found[field][value] = ids
            local known = #ids == MOST
            for _, one in ipairs(ids) do known = known or one == id end
            if not known then ids[#ids + 1] = id end
          end
        end
      end
    end
  end
  return found, order
end

-- { id in the second = id in the first }. Adds to report.joined and report.ambiguous, field by field, in the order of
-- the second network's records.
return function(first, second, fields, report)
  local left = index(first, fields)
  local right, order = index(second, fields)
  local partner, taken = {}, {}
  for _, field in ipairs(fields) do
    for _, value in ipairs(order[field]) do
      local here, there = left[field][value], right[field][value]
      if here then
        local reason
        if type(here) == "table" or type(there) == "table" then
          reason = "several entities of one network have it"
        elseif partner[there] ~= here and (partner[there] or taken[here]) then
          reason = "another identifier joined one of them to another entity"
        end
        if reason then
          report.ambiguous[#report.ambiguous + 1] = {
            on = field, value = value, first = records.list(here), second = records.list(there), reason = reason,
          }
        elseif not partner[there] then
          partner[there], taken[here] = here, there
          report.joined[#report.joined + 1] = { id = here, other = there, on = field, value = value }
        end
      end
    end
  end
  return partner
end
