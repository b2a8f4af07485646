-- Answers to ban and check: what was assumed, who is exposed and by which chain, then the rest, then counts.

local Page = require "knockon.report.page"
local words = require "knockon.report.text.words"

local concat = table.concat
local clean = Page.clean

local SHORT = 20 -- rows shown of the tables that are beside the question

local function excepted(row)
  if not row.excepted then return "" end
  local dates, source = words.dates(row.excepted), clean(row.excepted.source or "")
  return dates .. (dates ~= "" and source ~= "" and " " or "") .. source
end

local function show_parents(page, rows)
  if #rows == 0 then
    page:heading("No parent is exposed.")
    return
  end
  page:heading("Exposed parents: " .. words.verdicts(rows))
  local cells = {}
  for i, row in ipairs(rows) do
    cells[i] = { row.verdict, page:label(row.id, row.name), row.scope or "", tostring(#(row.users or {})),
      words.money(row.spend), words.money(row.spend_possible) }
  end
  page:columns({ "VERDICT", "PARENT", "SCOPE", "USERS", "SPEND", "SPEND, POSSIBLE" }, cells)
  page:heading("Why")
  for i, row in ipairs(rows) do
    if i > 1 then page:line() end
    local verdict = row.verdict == "possible" and words.OPEN or row.verdict
    page:line("  " .. page.paint(page:label(row.id, row.name), "bold") .. ": " .. page.paint(verdict, row.verdict))
    if row.path then page:chain(row.path, "    ") end
    page:facts({
      { "restrictions", words.ids(row.restrictions) },
      { "users", page:labels(row.users) },
      { "liable", page:labels(row.liable) },
      { "owners", page:labels(row.owners) },
      { "excepted", excepted(row) },
    }, "    ")
  end
end

local function show_restricted(page, rows)
  if #rows == 0 then return end
  page:heading("Restricted: " .. words.verdicts(rows))
  local cells = {}
  for i, row in ipairs(rows) do
    local holders = {}
    for j, holder in ipairs(row.held_by or {}) do
      holders[j] = page:label(holder.id, holder.name) .. (holder.share and " " .. words.share(holder.share) or "")
    end
    cells[i] = { row.verdict, page:label(row.id, row.name), row.because or "",
      row.share and words.share(row.share) or "", concat(holders, " + "), words.ids(row.restrictions),
      row.measure or "", excepted(row) }
  end
  page:columns({ "VERDICT", "ENTITY", "BECAUSE", "SHARE", "HELD BY", "RESTRICTIONS", "MEASURE", "EXCEPTED" },
    cells)
end

local function show_users(page, rows)
  local bound, free = {}, {}
  for _, row in ipairs(rows) do
    if row.verdict == "no" then
      free[#free + 1] = { row.verdict, page:label(row.id, row.name), row.scope or "none", page:labels(row.suppliers) }
    else
      bound[#bound + 1] = { row.verdict, page:label(row.id, row.name), row.scope or "", page:labels(row.suppliers),
        words.money(row.spend), excepted(row) }
    end
  end
  if #bound > 0 then
    local said = words.verdicts(rows):gsub(",? ?%d+ no$", "")
    page:heading("Users: " .. said)
    page:columns({ "VERDICT", "USER", "SCOPE", "SUPPLIERS", "SPEND", "EXCEPTED" }, bound)
  end
  if #free > 0 then
    page:heading("Users not bound at this scope: " .. #free)
    page:columns({ "VERDICT", "USER", "BOUND AT", "SUPPLIERS" }, free, SHORT)
  end
end

local function show_concerned(page, rows)
  if #rows == 0 then return end
  page:heading("Concerned (the measure does not prohibit): " .. words.verdicts(rows))
  local cells = {}
  for i, row in ipairs(rows) do
    cells[i] = { row.verdict, page:label(row.id, row.name), row.measure or "",
      words.ids(row.restrictions) }
  end
  page:columns({ "VERDICT", "ENTITY", "MEASURE", "RESTRICTIONS" }, cells)
end

local function show_linked(page, rows)
  if #rows == 0 then return end
  page:heading("Linked (shown, never counted): " .. #rows)
  local cells = {}
  for i, row in ipairs(rows) do
    cells[i] = { page:label(row.id, row.name), row.share and words.share(row.share) or "", page:label(row.of) }
  end
  page:columns({ "ENTITY", "SHARE", "OF" }, cells, SHORT)
end

return function(page, answer)
  page:title(answer, "Who would be exposed", "Who is exposed")
  page:assumptions(answer)
  show_parents(page, answer.parents)
  show_restricted(page, answer.restricted)
  show_users(page, answer.users)
  show_concerned(page, answer.concerned)
  show_linked(page, answer.linked)
  page:warnings(answer.warnings)

  local function tally(rows, word, rest)
    local said = words.verdicts(rows)
    return words.plural(#rows, word) .. (rest or "") .. (said ~= "" and " (" .. said .. ")" or "")
  end
  page:line()
  page:line(concat({
    tally(answer.parents, "parent", " exposed"), tally(answer.users, "user"), #answer.restricted .. " restricted",
    #answer.concerned .. " concerned", #answer.linked .. " linked", words.plural(#answer.warnings, "warning"),
  }, ", ") .. (answer.complete and "" or "; NOT COMPLETE"))
end
