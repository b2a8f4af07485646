-- The answer to show: what the data holds, and what is doubtful in it.

local Page = require "knockon.report.page"
local words = require "knockon.report.text.words"

local concat = table.concat
local clean = Page.clean

local ORDER = { "entities", "relations", "dated", "shares_unknown", "dangling", "odd_dates", "duplicates", "collisions",
  "restrictions" }
local LABELS = {
  entities = "Entities", relations = "Relations", dated = "Dated relations", shares_unknown = "Shares unknown",
  dangling = "Dangling ends", odd_dates = "Odd dates", duplicates = "Duplicates",
  collisions = "Identifiers that collide", restrictions = "Restrictions",
}

-- Those of ORDER, then any others.
local function in_order(counts)
  local groups = {}
  for _, group in ipairs(ORDER) do
    if counts[group] ~= nil then groups[#groups + 1] = group end
  end
  for _, group in ipairs(words.sorted_keys(counts)) do
    if not LABELS[group] then groups[#groups + 1] = group end
  end
  return groups
end

return function(page, answer)
  page:line(page.paint(clean(answer.title or "Network"), "bold"))
  local counts, facts = answer.counts or {}, { { "Data", page:data_text(answer.data) } }
  for _, group in ipairs(in_order(counts)) do
    local value, total, parts = counts[group], 0, {}
    if type(value) == "table" then
      for i, kind in ipairs(words.sorted_keys(value)) do
        parts[i], total = kind .. " " .. words.grouped(value[kind]), total + value[kind]
      end
      value = total
    end
    facts[#facts + 1] = { LABELS[group] or group, words.grouped(value) ..
      (#parts > 0 and " (" .. concat(parts, ", ") .. ")" or "") }
  end
  if not answer.complete then facts[#facts + 1] = { "Whole", "NO: records were skipped, see the warnings" } end
  page:facts(facts, "  ")
  if answer.restrictions and #answer.restrictions > 0 then page:restrictions(answer.restrictions) end
  page:warnings(answer.warnings or {})
end
