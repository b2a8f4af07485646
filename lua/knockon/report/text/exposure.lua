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

-- All rows of a list, of which only some may be there, with one verdict of them or any.
local function total(rows, totals, verdict)
  if verdict then
    local _, count = words.verdicts(rows, totals)
    return count[verdict]
  end
  return totals and totals.yes + totals.possible + totals.no or #rows
end

local function show_parents(page, rows, totals)
  if total(rows, totals) == 0 then
    page:heading("No parent is exposed.")
    return
  end
  page:heading("Exposed parents: " .. words.verdicts(rows, totals))
  local cells = {}
  for i, row in ipairs(rows) do
    cells[i] = { row.verdict, page:label(row.id, row.name), row.scope or "", tostring(#(row.users or {})),
      words.money(row.spend), words.money(row.spend_possible) }
  end
  page:columns({ "VERDICT", "PARENT", "SCOPE", "USERS", "SPEND", "SPEND, POSSIBLE" }, cells, nil, nil,
    total(rows, totals))
  if #rows > 0 then page:heading("Why") end
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

local function show_restricted(page, rows, totals)
  if total(rows, totals) == 0 then return end
  page:heading("Restricted: " .. words.verdicts(rows, totals))
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
    cells, nil, nil, total(rows, totals))
end

local function show_users(page, rows, totals)
  local bound, free = {}, {}
  local unbound = total(rows, totals, "no")
  local all = total(rows, totals) - unbound
  for _, row in ipairs(rows) do
    if row.verdict == "no" then
      free[#free + 1] = { row.verdict, page:label(row.id, row.name), row.scope or "none", page:labels(row.suppliers) }
    else
      bound[#bound + 1] = { row.verdict, page:label(row.id, row.name), row.scope or "", page:labels(row.suppliers),
        words.money(row.spend), excepted(row) }
    end
  end
  if all > 0 then
    local said = words.verdicts(rows, totals):gsub(",? ?%d+ no$", "")
    page:heading("Users: " .. said)
    page:columns({ "VERDICT", "USER", "SCOPE", "SUPPLIERS", "SPEND", "EXCEPTED" }, bound, nil, nil, all)
  end
  if unbound > 0 then
    page:heading("Users not bound at this scope: " .. unbound)
    page:columns({ "VERDICT", "USER", "BOUND AT", "SUPPLIERS" }, free, SHORT, nil, unbound)
  end
end

local function show_concerned(page, rows, totals)
  if total(rows, totals) == 0 then return end
  page:heading("Concerned (the measure does not prohibit): " .. words.verdicts(rows, totals))
  local cells = {}
  for i, row in ipairs(rows) do
    cells[i] = { row.verdict, page:label(row.id, row.name), row.measure or "",
      words.ids(row.restrictions) }
  end
  page:columns({ "VERDICT", "ENTITY", "MEASURE", "RESTRICTIONS" }, cells, nil, nil, total(rows, totals))
end

local function show_linked(page, rows, all)
  if all == 0 then return end
  page:heading("Linked (shown, never counted): " .. all)
  local cells = {}
  for i, row in ipairs(rows) do
    cells[i] = { page:label(row.id, row.name), row.share and words.share(row.share) or "", page:label(row.of) }
  end
  page:columns({ "ENTITY", "SHARE", "OF" }, cells, SHORT, nil, all)
end

return function(page, answer)
  page:title(answer, "Who would be exposed", "Who is exposed")
  page:assumptions(answer)
  local totals = answer.totals or {}
  local linked = totals.linked or #answer.linked
  show_parents(page, answer.parents, totals.parents)
  show_restricted(page, answer.restricted, totals.restricted)
  show_users(page, answer.users, totals.users)
  show_concerned(page, answer.concerned, totals.concerned)
  show_linked(page, answer.linked, linked)
  page:warnings(answer.warnings)

  local function tally(list, word, rest)
    local said = words.verdicts(answer[list], totals[list])
    local told = words.plural(total(answer[list], totals[list]), word) .. (rest or "")
    return said ~= "" and ("%s (%s)"):format(told, said) or told
  end
  page:line()
  page:line(concat({
    tally("parents", "parent", " exposed"), tally("users", "user"),
    total(answer.restricted, totals.restricted) .. " restricted",
    total(answer.concerned, totals.concerned) .. " concerned", linked .. " linked",
    words.plural(#answer.warnings, "warning"),
  }, ", ") .. (answer.complete and "" or "; NOT COMPLETE"))
end
