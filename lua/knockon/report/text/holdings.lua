-- The answer to holdings: who holds and controls an entity in the end, whom it does, and what votes are worth.

local Page = require "knockon.report.page"
local words = require "knockon.report.text.words"

local SHOWN = 40 -- rows of a table

local function holdings(page, title, rows, last)
  if #rows == 0 then return end
  page:heading(title .. ": " .. #rows)
  local cells = {}
  for i, row in ipairs(rows) do
    cells[i] = {
      words.figure(row.low, row.high), row.share and words.share(row.share) or "", page:label(row.id, row.name),
      row.ultimate and last or "",
    }
  end
  page:columns({ "IN THE END", "DIRECTLY", "ENTITY", "" }, cells, SHOWN)
end

local function verdicts(page, title, rows)
  if #rows == 0 then return end
  page:heading(title .. ": " .. #rows)
  local cells = {}
  for i, row in ipairs(rows) do cells[i] = { row.verdict, page:label(row.id, row.name), row.because or "" } end
  page:columns({ "VERDICT", "ENTITY", "BECAUSE" }, cells, SHOWN)
end

local function power(page, control)
  if #control.holders == 0 then return end
  page:heading("Direct holders, by " .. control.basis)
  local cells = {}
  for i, row in ipairs(control.holders) do
    cells[i] = { row.power and words.figure(row.power) or "", words.share(row.share), page:label(row.id, row.name) }
  end
  page:columns({ "POWER", "SHARE", "ENTITY" }, cells, SHOWN)
  if control.refused then page:line("  power is not told: " .. Page.clean(control.refused)) end
end

return function(page, answer)
  local held, control = answer.holdings, answer.control
  page:line(page.paint("Who holds and controls " .. page:label(held.id, held.name) .. ", and whom it does", "bold"))
  page:facts({
    { "Data", page:data_text(answer.run.data) }, { "Date", answer.run.as_of }, { "Basis", held.basis },
    { "Settled", held.settled and "" or "NO: figures of rings are bounds" },
    { "Whole", answer.complete and "" or "NO: records were skipped, see the warnings" },
  }, "  ")
  if #held.owners + #held.holdings + #control.controls + #control.controlled_by == 0 then
    page:heading "Nobody holds it, and it holds nobody."
  end
  holdings(page, "Owners", held.owners, "nobody above")
  holdings(page, "Holdings", held.holdings)
  verdicts(page, "Controlled by", control.controlled_by)
  verdicts(page, "Controls", control.controls)
  power(page, control)
  page:warnings(answer.warnings)
  page:line()
  page:line(words.plural(#held.owners, "owner") .. ", " .. words.plural(#held.holdings, "holding")
    .. (answer.complete and "" or "; NOT COMPLETE"))
end
