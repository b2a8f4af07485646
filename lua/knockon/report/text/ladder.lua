-- The answer to ladder: each parent's verdict at every scope, and what each scope adds to the one below.

local words = require "knockon.report.text.words"

local SCOPES = { "entity", "branches", "located", "owned", "facilitation" }

-- Parents whose verdict is first reached at each scope.
local function additions(page, rows)
  local facts = {}
  for i, scope in ipairs(SCOPES) do
    local parts = {}
    for _, verdict in ipairs { "yes", "possible" } do
      local names = {}
      for _, row in ipairs(rows) do
        if row.lowest[verdict] == scope then names[#names + 1] = page:label(row.id, row.name) end
      end
      if #names > 0 then parts[#parts + 1] = verdict .. ": " .. table.concat(names, "; ") end
    end
    facts[i] = { scope, #parts > 0 and table.concat(parts, "\n") or "nobody" }
  end
  page:heading "What each scope adds"
  page:facts(facts, "  ")
end

return function(page, answer)
  page:title(answer, "Who would be exposed, scope by scope,", "Who is exposed, scope by scope,")
  page:assumptions(answer)
  local rows = answer.ladder
  if #rows == 0 then
    page:heading "No parent is exposed at any scope."
  else
    page:heading("Parents: " .. #rows)
    local cells = {}
    for i, row in ipairs(rows) do
      local line = { page:label(row.id, row.name) }
      for _, scope in ipairs(SCOPES) do line[#line + 1] = row.levels[scope] or "no" end
      cells[i] = line
    end
    page:columns({ "PARENT", "ENTITY", "BRANCHES", "LOCATED", "OWNED", "FACILITATION" }, cells)
    additions(page, rows)
  end
  page:warnings(answer.warnings)
  page:line()
  page:line(words.plural(#rows, "parent") .. (answer.complete and "" or "; NOT COMPLETE"))
end
