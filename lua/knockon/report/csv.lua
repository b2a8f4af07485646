-- An answer as CSV (RFC 4180): one table, by default of the exposed parents.
--
-- Lists within a cell are joined with "; ". A cell that a spreadsheet would take for a formula gets a quote
-- in front: what a source wrote must not be run by whoever opens the file.

local errors = require "knockon.errors"
local json = require "knockon.json"
local words = require "knockon.report.text.words"

local concat, sort = table.concat, table.sort

local csv = {}

-- What each table shows: fields of its rows, or functions of them.
local TABLES = {
  parents = { "id", "name", "verdict", "scope", "users", "liable", "owners", "restrictions", "spend", "spend_possible",
    "path" },
  users = { "id", "name", "verdict", "scope", "suppliers", "restrictions", "spend" },
  restricted = { "id", "verdict", "because", "share", "held_by", "restrictions", "measure" },
  concerned = { "id", "verdict", "measure", "restrictions" },
  linked = { "id", "of", "share" },
  restrictions = { "id", "title", "rule", "measure", "scope", "status", "since", "until", "hypothetical", "targets" },
  warnings = { "code", "message", "ids" },
}

-- Those of impact, odds and holdings: the field of the answer that holds them, and their columns.
local FIGURES = {
  impact = {
    disrupted = { nil, "id", "name", "verdict", "round", "needs", "restrictions", "path" },
    saves = { nil, "what", "id", "name", "need", "saves", "saved" },
    impact = { "impact", "id", "name", "low", "high", "inputs_low", "inputs_high", "orders_low", "orders_high" },
  },
  odds = {
    parents = { "odds", "id", "name", "yes", "yes_error", "yes_low", "yes_high", "possible", "possible_error",
      "possible_low", "possible_high" },
  },
  holdings = {
    owners = { "holdings", "id", "name", "low", "high", "gross_low", "gross_high", "share", "ultimate" },
    holdings = { "holdings", "id", "name", "low", "high", "gross_low", "gross_high", "share" },
    controls = { "control", "id", "name", "verdict", "because", "share", "held_by" },
    controlled_by = { "control", "id", "name", "verdict" }, holders = { "control", "id", "name", "share", "power" },
  },
}
FIGURES.odds.users, FIGURES.odds.restricted = FIGURES.odds.parents, FIGURES.odds.parents

local function quoted(text)
  if text:find("^[=+@\t\r-]") then text = "'" .. text end
  if text:find('[",\r\n]') then text = '"' .. text:gsub('"', '""') .. '"' end
  return text
end

local function share_text(share)
  if share[1] == share[2] then return share[1] end
  if words.is_unknown(share) then return "unknown" end
  return share[1] .. ".." .. share[2]
end

-- Every relation on its own between the entities it joins: a; supplies; b; owns 51%; c
local function path_text(path)
  local items = {}
  for _, step in ipairs(path) do
    if step.kind then items[#items + 1] = step.share and step.kind .. " " .. share_text(step.share) or step.kind end
    items[#items + 1] = step.id
  end
  return concat(items, "; ")
end

local function fields_text(fields)
  local names, items = {}, {}
  for name in pairs(fields) do names[#names + 1] = tostring(name) end
  sort(names, errors.less)
  for i, name in ipairs(names) do
    local value = fields[name]
    if type(value) == "table" then value = concat(value, "|") end
    items[i] = name .. " " .. tostring(value)
  end
  return concat(items, "; ")
end

local function cell(name, value)
  if value == nil then return "" end
  if type(value) == "number" then return json.encode(value) end -- the same on every Lua
  if type(value) ~= "table" then return tostring(value) end
  if name == "share" then return share_text(value) end
  if name == "path" then return path_text(value) end
  if value[1] == nil then return fields_text(value) end
  local items = {}
  for i, item in ipairs(value) do
    if type(item) == "table" then item = item.id .. (item.share and " " .. share_text(item.share) or "") end
    items[i] = tostring(item)
  end
  return concat(items, "; ")
end

local function lines_of(columns, rows)
  local lines = { concat(columns, ",") }
  for i, row in ipairs(rows) do
    local cells = {}
    for j, name in ipairs(columns) do cells[j] = quoted(cell(name, row[name])) end
    lines[i + 1] = concat(cells, ",")
  end
  return concat(lines, "\r\n") .. "\r\n"
end

-- show: what the data holds, a line for each kind.
local function counts_of(answer)
  local rows = {}
  local groups = {}
  for group in pairs(answer.counts) do groups[#groups + 1] = group end
  sort(groups, errors.less)
  for _, group in ipairs(groups) do
    local value = answer.counts[group]
    if type(value) == "table" then
      local kinds = {}
      for kind in pairs(value) do kinds[#kinds + 1] = kind end
      sort(kinds, errors.less)
      for _, kind in ipairs(kinds) do rows[#rows + 1] = { what = group, kind = kind, count = value[kind] } end
    else
      rows[#rows + 1] = { what = group, count = value }
    end
  end
  return { "what", "kind", "count" }, rows
end

-- ladder: a line for each parent, a column for each scope, then the lowest scope that gives each verdict.
local function rungs_of(ladder)
  local columns = { "id", "name", "entity", "branches", "located", "owned", "facilitation", "lowest_yes",
    "lowest_possible" }
  local rows = {}
  for i, row in ipairs(ladder) do
    rows[i] = { id = row.id, name = row.name, lowest_yes = row.lowest.yes, lowest_possible = row.lowest.possible }
    for scope, verdict in pairs(row.levels) do rows[i][scope] = verdict end
  end
  return columns, rows
end

-- timeline: a line for each change.
local function changes_of(timeline)
  local rows = {}
  for _, day in ipairs(timeline.days) do
    local causes = {}
    for i, cause in ipairs(day.causes) do causes[i] = cause.kind .. " " .. cause.id .. " " .. cause.what end
    for _, change in ipairs(day.changes) do
      rows[#rows + 1] = {
        date = day.date, list = change.list, id = change.id, name = change.name, before = change.before,
        after = change.after, restrictions = change.restrictions, causes = causes,
      }
    end
  end
  return { "date", "list", "id", "name", "before", "after", "restrictions", "causes" }, rows
end

-- unknowns: a line for each fact to ask for, in order.
local function questions_of(facts)
  local rows = {}
  for i, fact in ipairs(facts) do
    rows[i] = {}
    for name, value in pairs(fact) do rows[i][name] = value end
    rows[i].needed = words.needed(fact)
  end
  return { "fact", "relation", "from", "to", "id", "share", "needed", "decides", "message" }, rows
end

-- sweep: a line for each candidate, in order of rank.
local function ranks_of(sweep)
  local columns = sweep.size == 2 and { "ids", "names" } or { "id", "name" }
  for _, name in ipairs { "restricted", "users", "parents" } do
    columns[#columns + 1] = name
    columns[#columns + 1] = name .. "_possible"
  end
  columns[#columns + 1] = "spend"
  return columns, sweep.rows
end

-- why: the verdict, then the way to it.
local function proof_of(why)
  local rows = {}
  for i, step in ipairs(why.path or {}) do
    rows[i] = {
      id = why.id, verdict = why.verdict, status = why.status, step = i, kind = step.kind, relation = step.relation,
      share = step.share, to = step.id, name = step.name, since = step.since, ["until"] = step["until"],
      source = step.source,
    }
  end
  if #rows == 0 then rows[1] = { id = why.id, verdict = why.verdict, status = why.status, message = why.message } end
  return { "id", "verdict", "status", "step", "kind", "relation", "share", "to", "name", "since", "until", "source",
    "message" }, rows
end

-- cut: a line for each relation to end, in order; where it is not possible, for each parent that stays exposed.
local function plan_of(cut)
  local rows = {}
  for i, step in ipairs(cut.steps) do
    rows[i] = { step = i, relation = step.relation, kind = step.kind, from = step.from, to = step.to, cost = step.cost,
      clears = step.clears, possible = cut.possible, optimal = cut.optimal }
  end
  for _, id in ipairs(cut.left_exposed or {}) do rows[#rows + 1] = { left_exposed = id, possible = false } end
  return { "step", "relation", "kind", "from", "to", "cost", "clears", "possible", "optimal", "left_exposed" }, rows
end

-- paths: a line for each path.
local function paths_of(found)
  local rows = {}
  for i, path in ipairs(found.paths) do
    local relations = {}
    for _, step in ipairs(path.path) do relations[#relations + 1] = step.relation end
    rows[i] = { path = path.path, number = i, steps = path.steps, least_share = path.share, reliance = path.reliance,
      relations = relations }
  end
  return { "number", "steps", "least_share", "reliance", "path", "relations" }, rows
end

-- diff: a line for each row that differs.
local function differences_of(diff)
  local rows = {}
  for _, what in ipairs { "entered", "left", "changed" } do
    for _, row in ipairs(diff[what]) do
      local why, was, is = {}, row.was or {}, row.is or {}
      for i, cause in ipairs(row.why) do
        local words_of = { cause.by }
        for _, name in ipairs { "kind", "id", "what", "date" } do words_of[#words_of + 1] = cause[name] end
        why[i] = concat(words_of, " ")
      end
      rows[#rows + 1] = {
        what = what, list = row.list, id = row.id, name = row.name, verdict_before = was.verdict,
        verdict_after = is.verdict, scope_before = was.scope, scope_after = is.scope, spend_before = was.spend,
        spend_after = is.spend, fields = row.fields, why = why,
      }
    end
  end
  return { "what", "list", "id", "name", "verdict_before", "verdict_after", "scope_before", "scope_after",
    "spend_before", "spend_after", "fields", "why" }, rows
end

local CHOKEPOINT = { "id", "relation", "kind", "from", "to", "parents", "spend" }

-- impact, odds and holdings: one of their tables.
local function figures_of(answer, question, name)
  local layout = FIGURES[question][name]
  if not layout then
    local names = {}
    for known in pairs(FIGURES[question]) do names[#names + 1] = known end
    sort(names, errors.less)
    errors.raise("argument", "table", ("unknown table %q"):format(tostring(name)), errors.nearest(name, names))
  end
  local holder = layout[1] and answer[layout[1]] or answer
  local columns, rows = {}, {}
  for i = 2, #layout do columns[i - 1] = layout[i] end
  for i, row in ipairs(holder[name == "impact" and "rows" or name] or {}) do
    rows[i] = {}
    for field, value in pairs(row) do rows[i][field] = value end
    for _, verdict in ipairs(question == "odds" and { "yes", "possible" } or {}) do
      local estimate = row[verdict]
      rows[i][verdict], rows[i][verdict .. "_error"] = estimate.share, estimate.error
      rows[i][verdict .. "_low"], rows[i][verdict .. "_high"] = estimate.low, estimate.high
    end
    if row.needs then
      rows[i].needs = {}
      for k, need in ipairs(row.needs) do
        local lost = {}
        for j, supplier in ipairs(need.suppliers) do lost[j] = supplier.id end
        rows[i].needs[k] = (need.need and need.need .. ": " or "") .. concat(lost, ", ")
      end
    end
  end
  return columns, rows
end

-- The names opts.table may have, in order.
csv.tables = { "concerned", "linked", "parents", "restricted", "restrictions", "users", "warnings" }

-- opts.table: which table of an answer to ban or check (default "parents"); any other answer has one.
function csv.render(answer, opts)
  if answer.why then return lines_of(proof_of(answer.why)) end
  if answer.ladder then return lines_of(rungs_of(answer.ladder)) end
  if answer.cut then return lines_of(plan_of(answer.cut)) end
  if answer.paths then return lines_of(paths_of(answer.paths)) end
  if answer.chokepoints then return lines_of(CHOKEPOINT, answer.chokepoints) end
  if answer.diff then return lines_of(differences_of(answer.diff)) end
  if answer.timeline then return lines_of(changes_of(answer.timeline)) end
  if answer.unknowns then return lines_of(questions_of(answer.unknowns)) end
  if answer.sweep then return lines_of(ranks_of(answer.sweep)) end
  local name = opts and opts.table
  if answer.impact then return lines_of(figures_of(answer, "impact", name or "disrupted")) end
  if answer.odds then return lines_of(figures_of(answer, "odds", name or "parents")) end
  if answer.holdings then return lines_of(figures_of(answer, "holdings", name or "owners")) end
  if answer.counts and not name then return lines_of(counts_of(answer)) end
  name = name or "parents"
  if not TABLES[name] then
    errors.raise("argument", "table", ("unknown table %q"):format(tostring(name)), errors.nearest(name, csv.tables))
  end
  return lines_of(TABLES[name], answer[name] or {})
end

return csv
