-- The answer to impact: what stops working, what would save the most of it, and how much stops.

local Page = require "knockon.report.page"
local words = require "knockon.report.text.words"

local clean = Page.clean

local SHOWN = 40 -- rows of a table
local MEASURES = { esri = "ESRI, the part of all sales that is lost", debtrank = "DebtRank",
  differential = "DebtRank, differential" }

local function needs(page, row)
  local parts = {}
  for i, need in ipairs(row.needs) do
    local lost = {}
    for k, supplier in ipairs(need.suppliers) do lost[k] = page:label(supplier.id) end
    parts[i] = (need.need and clean(need.need) .. ": " or "") .. table.concat(lost, ", ")
  end
  return table.concat(parts, "; ")
end

local function disrupted(page, rows)
  if #rows == 0 then return page:heading "Nothing stops working: every need keeps a supplier." end
  page:heading(("Disrupted: %d (%s)"):format(#rows, (words.verdicts(rows))))
  local cells = {}
  for i, row in ipairs(rows) do
    local kept = row.excepted and (row.excepted["until"] and "excepted until " .. row.excepted["until"] or "excepted")
    cells[i] = { row.verdict, tostring(row.round), page:label(row.id, row.name), needs(page, row), kept or "" }
  end
  page:columns({ "VERDICT", "ROUND", "ENTITY", "LEFT WITHOUT", "" }, cells, SHOWN)
end

local function saves(page, rows)
  if #rows == 0 then return end
  page:heading "What would save the most"
  local cells = {}
  for i, row in ipairs(rows) do
    local what = row.what == "keep" and "to keep " .. page:label(row.id, row.name)
      or ("another supplier of %s for %s"):format(clean(row.need or "what it gets"), page:label(row.id, row.name))
    cells[i] = { tostring(row.saves), what }
  end
  page:columns({ "SAVES", "CHANGE" }, cells)
end

local function figures(page, impact)
  page:heading(MEASURES[impact.measure])
  if impact.known == 0 then return page:line "  not told: no supply has an amount" end
  page:facts({
    { "together", words.figure(impact.low, impact.high) },
    { "amounts", impact.amounts == "fraction" and "fractions of needs"
      or (impact.currency and "spend in " .. clean(impact.currency) or "") },
    { "not counted", impact.unknown > 0 and "supplies without an amount: " .. impact.unknown or "" },
    { "settled", impact.settled and "" or "NO: stopped before it had settled" },
  }, "  ")
  local cells = {}
  for i, row in ipairs(impact.rows) do cells[i] = { words.figure(row.low, row.high), page:label(row.id, row.name) } end
  if #cells > 0 then page:columns({ "LOST", "ENTITY" }, cells, SHOWN) end
end

return function(page, answer)
  page:title(answer, "What would stop working", "What stops working")
  page:assumptions(answer)
  disrupted(page, answer.disrupted)
  saves(page, answer.saves)
  figures(page, answer.impact)
  page:warnings(answer.warnings)
  page:line()
  page:line(#answer.disrupted .. " disrupted" .. (answer.complete and "" or "; NOT COMPLETE"))
end
