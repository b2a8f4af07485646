-- The answer to odds: in which part of the worlds each is exposed.

local words = require "knockon.report.text.words"

local SHOWN = 40 -- rows of a table

local function told(estimate, exact)
  local share = words.figure(estimate.share)
  return exact and share or ("%s (%s)"):format(share, words.figure(estimate.low, estimate.high))
end

local function list(page, title, rows, exact)
  if #rows == 0 then return end
  page:heading(("%s: %d"):format(title, #rows))
  local cells = {}
  for i, row in ipairs(rows) do
    cells[i] = { told(row.yes, exact), told(row.possible, exact), page:label(row.id, row.name) }
  end
  page:columns({ "YES", "YES OR POSSIBLE", "ENTITY" }, cells, SHOWN)
end

return function(page, answer)
  local odds = answer.odds
  page:title(answer, "How likely who would be exposed", "How likely who is exposed")
  page:assumptions(answer)
  page:facts({
    { "Doubtful", words.plural(odds.doubtful, "relation") .. " that can matter" },
    { "Worlds", odds.exact and odds.worlds .. ", all of them"
      or ("%d drawn, seed %.0f; in brackets where the share lies with 95 %%"):format(odds.worlds, odds.seed) },
  }, "  ")
  if #odds.parents == 0 then page:heading "No parent is exposed in any world." end
  list(page, "Parents", odds.parents, odds.exact)
  list(page, "Users", odds.users, odds.exact)
  list(page, "Restricted", odds.restricted, odds.exact)
  page:warnings(answer.warnings)
  page:line()
  page:line(words.plural(#odds.parents, "parent") .. (answer.complete and "" or "; NOT COMPLETE"))
end
