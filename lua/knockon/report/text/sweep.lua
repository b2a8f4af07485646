-- The answer to sweep: what each ban by itself would break, the most harmful first.

local words = require "knockon.report.text.words"

local plural = words.plural

-- The numbers of a column end below one another.
local function aligned(numbers)
  local widest, out = 0, {}
  for _, number in ipairs(numbers) do widest = math.max(widest, #number) end
  for i, number in ipairs(numbers) do out[i] = (" "):rep(widest - #number) .. number end
  return out
end

-- 12, or 12 to 15 when the sources leave some open.
local function span(row, name)
  local sure, most = row[name], row[name] + row[name .. "_possible"]
  local low = words.grouped(("%d"):format(sure))
  return most > sure and low .. " to " .. words.grouped(("%d"):format(most)) or low
end

local function label(page, row)
  if row.id then return page:label(row.id, row.name) end
  local parts = {}
  for i, id in ipairs(row.ids) do
    local name = row.names[i]
    parts[i] = page:label(id, name ~= "" and name or nil)
  end
  return table.concat(parts, " and ")
end

local function order(sweep)
  if sweep.by ~= "spend" then return "by " .. sweep.by end
  return "by what users spend" .. (sweep.currency and " in " .. sweep.currency or "")
end

return function(page, answer)
  local sweep = answer.sweep
  local rows, spent = sweep.rows, false
  local what = sweep.size == 2 and "Which pair of bans" or "Which ban by itself"
  page:line(page.paint(what .. " would break the most, " .. order(sweep) .. " (hypothetical)", "bold"))
  page:conditions(answer)
  if #rows == 0 then
    page:heading "There is nobody to ban."
  else
    local columns = { parents = {}, users = {}, restricted = {} }
    for i, row in ipairs(rows) do
      for name, column in pairs(columns) do column[i] = span(row, name) end
      spent = spent or row.spend ~= nil
    end
    for name, column in pairs(columns) do columns[name] = aligned(column) end
    local cells = {}
    for i, row in ipairs(rows) do
      cells[i] = { label(page, row), columns.parents[i], columns.users[i], columns.restricted[i],
        spent and words.money(row.spend) or nil }
    end
    local all = "Candidates: " .. sweep.candidates
    page:heading(#rows < sweep.candidates and ("%s, the first %d"):format(all, #rows) or all)
    page:columns({ "BANNED", "PARENTS", "USERS", "RESTRICTED", spent and "SPEND" or nil }, cells)
  end
  page:warnings(answer.warnings)
  page:line()
  page:line(plural(sweep.candidates, "candidate") .. (answer.complete and "" or "; NOT COMPLETE"))
end
