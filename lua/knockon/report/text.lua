-- An answer for reading: what was assumed, who is exposed and by which chain, then the rest, then counts.

local errors = require "knockon.errors"
local Page = require "knockon.report.page"

local concat = table.concat
local clean, pad, width, wrapped = Page.clean, Page.pad, Page.width, Page.wrapped

local text = {}

local SHORT = 20 -- rows shown of the tables that are beside the question

-- Words -----------------------------------------------------------------------------------------------------

local function ids(list) return clean(concat(list or {}, ", ")) end

local function share_text(share)
  local lo, hi = share[1], share[2]
  if lo == hi then return lo end
  if hi == "100%" and (lo == "0%" or lo == "0.0000001%") then return "share unknown" end
  return lo .. " to " .. hi
end

-- How a relation reads forwards and backwards; `owns` carries its share and is worded below.
local PHRASES = {
  supplies = { "supplies", "is supplied by" },
  controls = { "controls", "is controlled by" },
  consolidates = { "consolidates", "is consolidated by" },
  has_branch = { "has the branch", "is a branch of" },
  operates = { "operates", "is operated by" },
  linked = { "is linked to", "is linked to" },
  party = { "under a contract of", "under a contract of" },
}

local function phrase(kind, share, forwards)
  if kind == "owns" then
    local known = share and share_text(share) or "share unknown"
    if known == "share unknown" then
      return forwards and "owns a share (unknown) of" or "is owned (share unknown) by"
    end
    return forwards and "owns " .. known .. " of" or "is owned " .. known .. " by"
  end
  local pair = PHRASES[kind] or { kind or "leads to", kind and kind .. ", from" or "leads to" }
  return forwards and pair[1] or pair[2]
end

-- 1234567.5 -> 1,234,567.5
local function grouped(amount)
  local sign, whole, rest = tostring(amount):match("^([-+]?)(%d+)(.*)$")
  if not whole then return tostring(amount) end
  whole = whole:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
  return sign .. whole .. rest
end

local function sorted_keys(fields)
  local keys = {}
  for key in pairs(fields) do keys[#keys + 1] = key end
  table.sort(keys, errors.less)
  return keys
end

local function money(spend)
  local parts = {}
  for i, currency in ipairs(sorted_keys(spend or {})) do
    parts[i] = grouped(spend[currency]) .. " " .. clean(currency)
  end
  return concat(parts, ", ")
end

local function plural(count, word)
  if count == 1 then return "1 " .. word end
  return count .. " " .. word .. "s"
end

local function dates_of(row)
  if row.since and row["until"] then return row.since .. " until " .. row["until"] end
  if row.since then return "since " .. row.since end
  if row["until"] then return "until " .. row["until"] end
  return ""
end

local function verdicts(rows)
  local count = { yes = 0, possible = 0, no = 0 }
  for _, row in ipairs(rows) do
    local verdict = row.verdict or "no"
    count[verdict] = (count[verdict] or 0) + 1
  end
  local parts = {}
  for _, verdict in ipairs { "yes", "possible", "no" } do
    if count[verdict] > 0 then parts[#parts + 1] = count[verdict] .. " " .. verdict end
  end
  return concat(parts, ", "), count
end

-- The page --------------------------------------------------------------------------------------------------

-- A page that knows the names an answer brings along.
local Writer = setmetatable({}, { __index = Page })
Writer.__index = Writer

local function new_page(answer, opts)
  local page = setmetatable(Page.new(opts.colour), Writer)
  page.names, page.opts = {}, opts
  local function learn(rows)
    for _, row in ipairs(rows or {}) do
      if row.id and row.name then page.names[row.id] = row.name end
      learn(row.path)
    end
  end
  learn(answer.parents)
  learn(answer.users)
  learn(answer.restricted)
  if answer.why then learn { answer.why } end
  return page
end

-- Name (id); the id alone when no name is known.
function Writer:label(id, name)
  name = name or self.names[id] or (self.opts.name and self.opts.name(id))
  if not name or name == id then return clean(id) end
  return clean(name) .. " (" .. clean(id) .. ")"
end

function Writer:labels(list)
  local parts = {}
  for i, id in ipairs(list or {}) do parts[i] = self:label(id) end
  return concat(parts, "; ")
end

-- Paths -----------------------------------------------------------------------------------------------------

-- Whether the step's relation points the way the path goes. A step that does not say so, and of which
-- nothing more is known, is read the usual way: down from the restricted, up from the users.
local function goes_forwards(step, previous, supplied, opts)
  local relation = step.from and step or (step.relation and opts.relation and opts.relation(step.relation))
  -- Both ends are looked at: a record may name an entity by another id than the one it was merged under.
  if relation and relation.from == previous then return true end
  if relation and (relation.to == previous or relation.from == step.id) then return false end
  if relation and relation.to == step.id then return true end
  return step.kind == "supplies" or not supplied
end

-- The chain, each step one deeper, with dates and sources in columns of their own.
function Writer:chain(path, indent)
  local steps, supplied, widest, widest_dates = {}, false, 0, 0
  for i, step in ipairs(path) do
    local relation = step.relation and self.opts.relation and self.opts.relation(step.relation) or {}
    local words = self:label(step.id, step.name)
    if i > 1 then
      words = phrase(step.kind, step.share, goes_forwards(step, path[i - 1].id, supplied, self.opts)) .. " " .. words
    end
    supplied = supplied or step.kind == "supplies"
    steps[i] = {
      words = indent .. ("  "):rep(i - 1) .. words,
      dates = i > 1 and dates_of(step.since and step or relation) or "",
      source = i > 1 and clean(step.source or relation.source or "") or "",
    }
    if steps[i].dates ~= "" or steps[i].source ~= "" then widest = math.max(widest, width(steps[i].words)) end
    widest_dates = math.max(widest_dates, width(steps[i].dates))
  end
  for _, step in ipairs(steps) do
    local line = pad(step.words, widest)
    if widest_dates > 0 then line = line .. "  " .. pad(step.dates, widest_dates) end
    if step.source ~= "" then line = line .. "  " .. self.paint("[" .. step.source .. "]", "dim") end
    self:line(line)
  end
end

-- Sections --------------------------------------------------------------------------------------------------

local function targets_text(page, targets)
  if type(targets) ~= "table" then return targets and page:label(targets) or "" end
  if targets[1] ~= nil or next(targets) == nil then return page:labels(targets) end
  local parts = {}
  for i, field in ipairs(sorted_keys(targets)) do
    local value = targets[field]
    parts[i] = clean(field .. " = " .. (type(value) == "table" and concat(value, " or ") or tostring(value)))
  end
  return "every entity with " .. concat(parts, " and ")
end

function Writer:restrictions(rows)
  local cells = {}
  for i, row in ipairs(rows) do
    local state = row.hypothetical and "hypothetical" or row.status or ""
    cells[i] = {
      clean(row.id), state, row.measure or "", row.rule and clean(row.rule) .. ", as modelled" or "", row.scope or "",
      dates_of(row), targets_text(self, row.targets), clean(row.title or ""),
    }
  end
  self:heading("Restrictions")
  self:columns({ "ID", "STATUS", "MEASURE", "RULE", "SCOPE", "DATES", "ON", "TITLE" }, cells)
end

local function data_text(data)
  local parts = {}
  for i, source in ipairs(data or {}) do
    local digest = source.sha256 and " (sha256 " .. source.sha256:sub(1, 12) .. ")" or ""
    parts[i] = clean(source.file or "-") .. digest
  end
  return concat(parts, ", ")
end

local function rules_text(rules)
  local parts = {}
  for i, id in ipairs(sorted_keys(rules or {})) do
    parts[i] = clean(id) .. ", as modelled (digest " .. tostring(rules[id]):sub(1, 12) .. ")"
  end
  return concat(parts, "; ")
end

function Writer:assumptions(answer)
  local run = answer.run or {}
  self:facts({
    { "Data", data_text(run.data) },
    { "Date", run.as_of or "" },
    { "Scope", run.scope or "" },
    { "Rule", rules_text(run.rules) },
    { "Whole", answer.complete and "" or "NO: records were skipped, see the warnings" },
  }, "  ")
  if answer.restrictions and #answer.restrictions > 0 then
    self:restrictions(answer.restrictions)
  else
    self:line()
    self:line("No restriction is in force.")
  end
end

local OPEN = "possible: depends on a fact the sources leave open"

function Writer:parents(rows)
  if #rows == 0 then
    self:heading("No parent is exposed.")
    return
  end
  self:heading("Exposed parents: " .. verdicts(rows))
  local cells = {}
  for i, row in ipairs(rows) do
    cells[i] = { row.verdict, self:label(row.id, row.name), row.scope or "", tostring(#(row.users or {})),
      money(row.spend), money(row.spend_possible) }
  end
  self:columns({ "VERDICT", "PARENT", "SCOPE", "USERS", "SPEND", "SPEND, POSSIBLE" }, cells)
  self:heading("Why")
  for i, row in ipairs(rows) do
    if i > 1 then self:line() end
    local verdict = row.verdict == "possible" and OPEN or row.verdict
    self:line("  " .. self.paint(self:label(row.id, row.name), "bold") .. ": " .. self.paint(verdict, row.verdict))
    if row.path then self:chain(row.path, "    ") end
    self:facts({
      { "restrictions", ids(row.restrictions) },
      { "users", self:labels(row.users) },
      { "liable", self:labels(row.liable) },
      { "owners", self:labels(row.owners) },
      { "excepted", row.excepted and dates_of { ["until"] = row.excepted["until"] } .. " " ..
        clean(row.excepted.source or "") or "" },
    }, "    ")
  end
end

function Writer:restricted(rows)
  if #rows == 0 then return end
  self:heading("Restricted: " .. verdicts(rows))
  local cells = {}
  for i, row in ipairs(rows) do
    local holders = {}
    for j, holder in ipairs(row.held_by or {}) do
      holders[j] = self:label(holder.id, holder.name) .. (holder.share and " " .. share_text(holder.share) or "")
    end
    cells[i] = { row.verdict, self:label(row.id, row.name), row.because or "",
      row.share and share_text(row.share) or "", concat(holders, " + "), ids(row.restrictions) }
  end
  self:columns({ "VERDICT", "ENTITY", "BECAUSE", "SHARE", "HELD BY", "RESTRICTIONS" }, cells)
end

function Writer:users(rows)
  local bound, free = {}, {}
  for _, row in ipairs(rows) do
    if row.verdict == "no" then
      free[#free + 1] = { row.verdict, self:label(row.id, row.name), row.scope or "none", self:labels(row.suppliers) }
    else
      bound[#bound + 1] = { row.verdict, self:label(row.id, row.name), row.scope or "", self:labels(row.suppliers),
        money(row.spend) }
    end
  end
  if #bound > 0 then
    local said = verdicts(rows):gsub(",? ?%d+ no$", "")
    self:heading("Users: " .. said)
    self:columns({ "VERDICT", "USER", "SCOPE", "SUPPLIERS", "SPEND" }, bound)
  end
  if #free > 0 then
    self:heading("Users not bound at this scope: " .. #free)
    self:columns({ "VERDICT", "USER", "BOUND AT", "SUPPLIERS" }, free, SHORT)
  end
end

function Writer:concerned(rows)
  if #rows == 0 then return end
  self:heading("Concerned (the measure does not prohibit): " .. verdicts(rows))
  local cells = {}
  for i, row in ipairs(rows) do
    cells[i] = { row.verdict, self:label(row.id, row.name), row.measure or "",
      ids(row.restrictions) }
  end
  self:columns({ "VERDICT", "ENTITY", "MEASURE", "RESTRICTIONS" }, cells)
end

function Writer:linked(rows)
  if #rows == 0 then return end
  self:heading("Linked (shown, never counted): " .. #rows)
  local cells = {}
  for i, row in ipairs(rows) do
    cells[i] = { self:label(row.id, row.name), row.share and share_text(row.share) or "", self:label(row.of) }
  end
  self:columns({ "ENTITY", "SHARE", "OF" }, cells, SHORT)
end

function Writer:warnings(rows)
  if #rows == 0 then return end
  self:heading("Warnings: " .. #rows)
  for _, row in ipairs(rows) do
    self:line("  " .. self.paint(row.code or "warning", "possible") .. ": " .. clean(row.message or ""))
  end
end

-- Answers ---------------------------------------------------------------------------------------------------

local function all_hypothetical(restrictions)
  for _, row in ipairs(restrictions or {}) do
    if not row.hypothetical then return false end
  end
  return restrictions ~= nil and #restrictions > 0
end

local function exposure_page(page, answer)
  page:line(page.paint(all_hypothetical(answer.restrictions)
    and "Who would be exposed by this ban alone (hypothetical)" or "Who is exposed by what is in force", "bold"))
  page:assumptions(answer)
  page:parents(answer.parents)
  page:restricted(answer.restricted)
  page:users(answer.users)
  page:concerned(answer.concerned)
  page:linked(answer.linked)
  page:warnings(answer.warnings)

  local function tally(rows, word, rest)
    local said = verdicts(rows)
    return plural(#rows, word) .. (rest or "") .. (said ~= "" and " (" .. said .. ")" or "")
  end
  page:line()
  page:line(concat({
    tally(answer.parents, "parent", " exposed"), tally(answer.users, "user"), #answer.restricted .. " restricted",
    #answer.concerned .. " concerned", #answer.linked .. " linked", plural(#answer.warnings, "warning"),
  }, ", ") .. (answer.complete and "" or "; NOT COMPLETE"))
end

-- The arithmetic of an owned test, also when it was not met.
local function test_section(page, test)
  page:heading("Owned test")
  local bar = test.at_least and "at least " .. test.at_least or test.more_than and "more than " .. test.more_than or ""
  page:facts({
    { "needed", bar .. (test.of and " of " .. test.of or "") },
    { "held", test.sum and share_text(test.sum) or "" },
    { "missing", test.gap and (type(test.gap) == "table" and share_text(test.gap) or tostring(test.gap)) or "" },
  }, "  ")
  local cells = {}
  for i, stake in ipairs(test.stakes or {}) do
    cells[i] = { page:label(stake.id, stake.name), stake.share and share_text(stake.share) or "", dates_of(stake),
      clean(stake.source or "") }
  end
  if #cells > 0 then page:columns({ "HOLDER", "SHARE", "DATES", "SOURCE" }, cells) end
end

local STATUS = {
  restricted = "is restricted", user = "is a user of what is restricted", parent = "is a parent of a user",
  not_reached = "is not reached", below_threshold = "is held below the threshold", not_bound = "is not bound",
  not_in_force = "nothing is in force", no_data = "the data says nothing",
}

local function why_page(page, answer)
  local why = answer.why
  local verdict = why.verdict or "no"
  page:line(page.paint(page:label(why.id, why.name), "bold") .. ": " ..
    page.paint(verdict == "possible" and OPEN or verdict, verdict) ..
    (why.status and " (" .. (STATUS[why.status] or why.status) .. ")" or ""))
  if why.message then page:line("  " .. clean(why.message)) end
  page:line()
  if answer.run then page:assumptions(answer) end
  if why.path and #why.path > 0 then
    page:heading("Path")
    page:chain(why.path, "  ")
  end
  if why.test then test_section(page, why.test) end
  if why.bound then
    page:heading("Bound")
    page:facts({
      { "verdict", why.bound.verdict or "" }, { "level", why.bound.level or "" },
      { "liable", page:labels(why.bound.liable) }, { "reason", clean(why.bound.reason or "") },
    }, "  ")
  end
  local rest = {
    { "Restrictions", ids(why.restrictions) }, { "Parents", page:labels(why.parents) },
  }
  if rest[1][2] .. rest[2][2] ~= "" then
    page:line()
    page:facts(rest, "")
  end
  page:warnings(answer.warnings or {})
end

local function show_page(page, answer)
  page:line(page.paint(clean(answer.title or "Network"), "bold"))
  local counts, facts = answer.counts or {}, { { "Data", data_text(answer.data) } }
  for _, group in ipairs(sorted_keys(counts)) do
    local value, total, parts = counts[group], 0, {}
    if type(value) == "table" then
      for i, kind in ipairs(sorted_keys(value)) do
        parts[i], total = kind .. " " .. grouped(value[kind]), total + value[kind]
      end
      value = total
    end
    facts[#facts + 1] = { group:gsub("^%l", string.upper), grouped(value) ..
      (#parts > 0 and " (" .. concat(parts, ", ") .. ")" or "") }
  end
  if not answer.complete then facts[#facts + 1] = { "Whole", "NO: records were skipped, see the warnings" } end
  page:facts(facts, "  ")
  if answer.restrictions and #answer.restrictions > 0 then page:restrictions(answer.restrictions) end
  page:warnings(answer.warnings or {})
end

local function intervals_text(intervals)
  local parts = {}
  for i, interval in ipairs(intervals or {}) do
    local dates = dates_of(interval)
    parts[i] = dates ~= "" and dates or "always"
  end
  return concat(parts, "; ")
end

local function bound_text(bound)
  local scope = ", at scope " .. tostring(bound.scope or "entity")
  if bound.anyone then return "anyone" .. scope end
  if bound.where then return targets_text(nil, bound.where) .. scope end
  return "organised in " .. clean(concat(bound.organised_in or {}, ", ")) .. scope
end

local function rule_section(page, rule)
  local owned, control = rule.owned, rule.control
  local test = "no test"
  if owned then
    test = (owned.at_least and "at least " .. owned.at_least or "more than " .. tostring(owned.more_than)) .. " of "
      .. (owned.of == "either" and "equity or of votes" or owned.of or "equity") .. ", stakes summed: " .. (owned.sum or "all")
  end
  local facts = {
    { "Title", rule.title or "" }, { "Authority", rule.authority or "" }, { "Source", rule.source or "" },
    { "Owned", test },
    { "Control", type(control) == "table" and concat(control, ", ") or control and "any" or "no test" },
    { "Captures", rule.captures or "" },
    { "Flow", (rule.flow or "use") .. (rule.flow == "use" and ", " .. plural(rule.tiers or 1, "tier") or "") },
    { "Bound", bound_text(rule.bound or {}) }, { "Measure", rule.measure or "" },
    { "In force", intervals_text(rule.in_force) }, { "Suspended", intervals_text(rule.suspended) },
    { "Remedies", rule.remedies or "" }, { "Exceptions", rule.exceptions or "" }, { "Notes", rule.notes or "" },
  }
  for _, fact in ipairs(facts) do fact[2] = wrapped(fact[2], 90) end
  page:line(page.paint(clean(rule.id), "bold") .. ", as modelled (revision " .. tostring(rule.revision or 1) .. ")")
  page:facts(facts, "  ")
end

-- Rules: a table of them, or with opts.single everything that one says.
function text.rules(rules, opts)
  local page = new_page({}, opts or {})
  if opts and opts.single then
    rule_section(page, rules[1])
  else
    local cells = {}
    for i, rule in ipairs(rules) do
      cells[i] = { rule.id, clean(rule.title or ""), intervals_text(rule.in_force), clean(rule.authority or "") }
    end
    page:line(page.paint("Rules, as modelled", "bold"))
    page:columns({ "ID", "TITLE", "IN FORCE", "AUTHORITY" }, cells)
  end
  return page:text()
end

-- The text of an answer to ban, check, why or show.
-- opts.colour: with terminal colours. opts.name(id): the name of an entity the answer names by id only;
-- opts.relation(id): the relation of a step, for its dates and source where the step does not carry them.
function text.render(answer, opts)
  local page = new_page(answer, opts or {})
  if answer.why then
    why_page(page, answer)
  elseif answer.counts then
    show_page(page, answer)
  else
    exposure_page(page, answer)
  end
  return page:text()
end

return text
