-- The answer to chokepoints: what every path passes, to one parent or ranked over all of them.

local Page = require "knockon.report.page"
local words = require "knockon.report.text.words"

local clean = Page.clean

return function(page, answer)
  local rows, one = answer.chokepoints, answer.parent
  page:line(page.paint("What every path passes" .. (one and ", to " .. page:label(one) or ""), "bold"))
  page:assumptions(answer)
  if #rows == 0 then
    page:heading(one and not answer.exposed and "It is no exposed parent." or "No single point.")
  else
    page:heading("Chokepoints: " .. #rows)
    local cells = {}
    for i, row in ipairs(rows) do
      local verb = row.kind == "owns" and "owns a share of" or row.kind and words.phrase(row.kind, nil, true)
      local name = row.id and page:label(row.id)
        or ("%s %s %s"):format(page:label(row.from), verb, page:label(row.to))
      cells[i] = { row.id and "entity" or "relation", name, clean(row.relation or ""),
        row.parents and tostring(row.parents) or "", words.money(row.spend or {}) }
    end
    page:columns({ "WHAT", "WHO", "RELATION", "PARENTS", "SPEND" }, cells)
  end
  page:warnings(answer.warnings)
  page:line()
  page:line(words.plural(#rows, "chokepoint") .. (answer.complete and "" or "; NOT COMPLETE"))
end
