-- The answer to diff: who has come, who has gone, whose row has changed, each with its reason.

local Page = require "knockon.report.page"
local words = require "knockon.report.text.words"

local clean = Page.clean

local IN_LIST = { restricted = "restricted", users = "user", parents = "parent", concerned = "concerned" }
local BY = { facts = "the facts differ", date = "the date differs", edit = "an edit", law = "the law differs" }

local function reason(cause)
  if not cause.id then return BY[cause.by] or cause.by end
  local what = cause.date and cause.what .. " on " .. cause.date or cause.what
  return ("%s: %s %s %s"):format(cause.by, cause.kind, clean(cause.id), what)
end

local function reasons(why)
  local parts = {}
  for i, cause in ipairs(why) do parts[i] = reason(cause) end
  return table.concat(parts, "; ")
end

local function value_text(field, value)
  if field == "spend" or field == "spend_possible" then
    local text = words.money(value or {})
    return text ~= "" and text or "none known"
  end
  if field == "excepted" then return value and "excepted" or "not excepted" end
  return value == nil and "none" or tostring(value)
end

local function changed_text(change)
  local parts = {}
  for i, field in ipairs(change.fields) do
    parts[i] = ("%s %s -> %s"):format(field:gsub("_", ", "), value_text(field, change.was[field]),
      value_text(field, change.is[field]))
  end
  return table.concat(parts, ", ")
end

local function show(page, title, rows, told)
  if #rows == 0 then return end
  page:heading(("%s: %d"):format(title, #rows))
  local cells = {}
  for i, row in ipairs(rows) do
    cells[i] = { (row.is or row.was).verdict, page:label(row.id, row.name), IN_LIST[row.list] or row.list, told(row),
      reasons(row.why) }
  end
  page:columns({ "VERDICT", "ENTITY", "AS", "WHAT", "BECAUSE" }, cells)
end

return function(page, answer)
  local diff = answer.diff
  local dates = diff.before == diff.after and "on " .. diff.after or ("from %s to %s"):format(diff.before, diff.after)
  page:line(page.paint("What differs, " .. dates, "bold"))
  if answer.run then page:assumptions(answer) end
  if #diff.entered + #diff.left + #diff.changed == 0 then page:heading "Nobody's row differs." end
  show(page, "Entered", diff.entered, function(row) return row.is.scope or "" end)
  show(page, "Left", diff.left, function(row) return row.was.scope or "" end)
  show(page, "Changed", diff.changed, changed_text)
  if answer.warnings then page:warnings(answer.warnings) end
  page:line()
  page:line(("%d entered, %d left, %d changed%s"):format(#diff.entered, #diff.left, #diff.changed,
    answer.complete == false and "; NOT COMPLETE" or ""))
end
