-- The answer to cut: what to end, in which order, at what cost; or that it is not possible, and which way is left.

local Page = require "knockon.report.page"
local words = require "knockon.report.text.words"

local clean = Page.clean

local function number_text(value)
  if value % 1 == 0 then return ("%.0f"):format(value) end
  return (("%.9f"):format(value):gsub(",", "."):gsub("0+$", ""))
end

local function show_steps(page, cut)
  local cells = {}
  for i, step in ipairs(cut.steps) do
    cells[i] = { tostring(i), clean(step.relation), step.kind or "", step.from and page:label(step.from) or "",
      step.to and page:label(step.to) or "", number_text(step.cost), page:labels(step.clears) }
  end
  page:columns({ "", "RELATION", "KIND", "FROM", "TO", "COST", "THEN CLEAR" }, cells)
end

return function(page, answer)
  local cut = answer.cut
  page:line(page.paint("The least to end, so that nobody asked about is exposed", "bold"))
  if answer.run then page:assumptions(answer) end
  page:heading("Parents: " .. (#cut.parents > 0 and page:labels(cut.parents) or "none is exposed"))
  if not cut.possible then
    page:heading "It is not possible by ending what may be ended."
    page:line("  still exposed: " .. page:labels(cut.left_exposed))
    page:chain(cut.path, "    ")
  elseif #cut.relations == 0 then
    page:heading "Nothing has to be ended."
  else
    page:heading(("Relations to end: %d"):format(#cut.relations))
    show_steps(page, cut)
    page:line()
    page:facts({
      { "cost", number_text(cut.cost) .. (cut.unit and " " .. clean(cut.unit) or "") },
      { "spend", words.money(cut.spend) },
      { "verified", "evaluated without them: everybody asked about is clear" },
      { "least", cut.optimal and "nothing cheaper does it" or "not proven: something cheaper may do it" },
    }, "  ")
  end
  if answer.warnings then page:warnings(answer.warnings) end
  page:line()
  page:line((cut.possible and words.plural(#cut.relations, "relation") .. " to end" or "not possible")
    .. (answer.complete == false and "; NOT COMPLETE" or ""))
end
