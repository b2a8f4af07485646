-- The answer to paths: the best proofs of one entity, each as a chain.

local Page = require "knockon.report.page"
local words = require "knockon.report.text.words"

local ORDER = { steps = "fewest steps first", strongest = "strongest first" }

local function heading_of(i, path)
  local parts = { words.plural(path.steps, "step") }
  if path.share then parts[#parts + 1] = "least share " .. path.share end
  if path.reliance then parts[#parts + 1] = "least reliance " .. path.reliance end
  return ("%d. %s"):format(i, table.concat(parts, ", "))
end

return function(page, answer)
  local paths = answer.paths
  page:line(page.paint("The paths to " .. page:label(paths.id) .. ", " .. ORDER[paths.weight], "bold"))
  if answer.run then page:assumptions(answer) end
  if #paths.paths == 0 then page:heading "No path leads to it." end
  for i, path in ipairs(paths.paths) do
    page:heading(heading_of(i, path))
    page:chain(path.path, "    ")
  end
  if answer.warnings then page:warnings(answer.warnings) end
  page:line()
  local total = paths.total and ("%s of %s"):format(#paths.paths, Page.clean(("%.0f"):format(paths.total)))
    or (paths.truncated and #paths.paths .. ", and there are more" or tostring(#paths.paths))
  page:line("paths: " .. total .. (answer.complete == false and "; NOT COMPLETE" or ""))
end
