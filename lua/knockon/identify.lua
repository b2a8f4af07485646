-- Which entities of two networks are one and the same, by identifiers that both carry.
--
-- Fields are asked in the order given. A value joins when it is that of exactly one entity in each network (records
-- that are same_as one another are one entity) and neither has been joined before; the text must be the same, byte by
-- byte. What does not join for that reason is reported as ambiguous. Cost: linear in the records; identifiers are held.

local records = require "knockon.writers.records"

local MOST = 10 -- entities with one value that are told apart and reported

-- For each field, the entities that have each value: { field = { value = { id, … } } }, ids of whole entities, each
-- once, the first ten.
local function index(net, fields)
  local found = {}
  for _, field in ipairs(fields) do found[field] = {} end
  for _, record in records.each(net, "entities") do
    local id
    for _, field in ipairs(fields) do
      for _, item in ipairs(records.list(record[field])) do
        local value = type(item) ~= "table" and tostring(item) or ""
        if value ~= "" then
          id = id or net:same(record.id)
          local ids = found[field][value] or {}
          found[field][value] = ids
          local known = #ids == MOST
          for _, one in ipairs(ids) do known = known or one == id end
          if not known then ids[#ids + 1] = id end
        end
      end
    end
  end
  return found
end

-- { id in the second = id in the first }, and what joined them: { joined = "lei 5493…" }. Adds to report.joined and
-- report.ambiguous.
return function(first, second, fields, report)
  local left, right = index(first, fields), index(second, fields)
  local partner, taken, evidence = {}, {}, {}
  for _, field in ipairs(fields) do
    for _, value in ipairs(records.names(right[field])) do
      local here, there = left[field][value], right[field][value]
      if here then
        local reason
        if #here > 1 or #there > 1 then
          reason = "several entities of one network have it"
        elseif partner[there[1]] ~= here[1] and (partner[there[1]] or taken[here[1]]) then
          reason = "another identifier joined one of them to another entity"
        end
        if reason then
          report.ambiguous[#report.ambiguous + 1] = {
            on = field, value = value, first = here, second = there, reason = reason,
          }
        elseif not partner[there[1]] then
          partner[there[1]], taken[here[1]] = here[1], there[1]
          local join = { id = here[1], other = there[1], on = field, value = value }
          report.joined[#report.joined + 1], evidence[join] = join, field .. " " .. value
        end
      end
    end
  end
  return partner, evidence
end
