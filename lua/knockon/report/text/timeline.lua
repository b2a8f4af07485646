-- The answer to timeline: the days on which a verdict changes, what changed it, and whose verdict it is.

local Page = require "knockon.report.page"
local words = require "knockon.report.text.words"

local clean = Page.clean

local COUNTED = { "restricted", "users", "parents", "concerned" }

local function causes_text(causes)
  local parts = {}
  for i, cause in ipairs(causes) do parts[i] = ("%s %s %s"):format(cause.kind, clean(cause.id), cause.what) end
  return table.concat(parts, "; ")
end

local function counts_text(start)
  local parts = {}
  for _, list in ipairs(COUNTED) do
    if start[list] then parts[#parts + 1] = ("%d %s"):format(start[list], list) end
  end
  return table.concat(parts, ", ")
end

return function(page, answer)
  local timeline = answer.timeline
  page:line(page.paint(("When verdicts change, from %s to %s"):format(timeline.from, timeline.to), "bold"))
  page:assumptions(answer)
  page:heading("On " .. timeline.from .. ": " .. counts_text(timeline.start))

  -- One table of all days, so that columns stay aligned from day to day.
  local cells, days = {}, {}
  for _, day in ipairs(timeline.days) do
    days[#cells + 1] = day
    for _, change in ipairs(day.changes) do
      cells[#cells + 1] = {
        change.list, page:label(change.id, change.name), change.before .. " -> " .. change.after,
        words.ids(change.restrictions),
      }
    end
  end
  page:columns({}, cells, nil, function(i)
    if not days[i] then return end
    local causes = causes_text(days[i].causes)
    page:heading(days[i].date .. (causes ~= "" and ": " .. causes or ""))
  end)

  page:warnings(answer.warnings)
  page:line()
  local tally = #timeline.days == 0 and "No verdict changes."
    or ("%s on %s"):format(words.plural(#cells, "change"), words.plural(#timeline.days, "day"))
  page:line(tally .. (answer.complete and "" or "; NOT COMPLETE"))
end
