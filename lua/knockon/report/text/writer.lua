-- A page of an answer: it knows the names the answer brings along, and tells what many answers share.

local Page = require "knockon.report.page"
local words = require "knockon.report.text.words"

local concat = table.concat
local clean, cut, pad, width = Page.clean, Page.cut, Page.pad, Page.width

local TITLE = 60 -- columns of a title in a table
local TARGETS = 5 -- of a restriction that are named: lists that governments publish have thousands

local Writer = setmetatable({}, { __index = Page })
Writer.__index = Writer

-- An empty page for an answer. opts.colour; opts.name(id) and opts.relation(id) look up what it does not say.
function Writer.new(answer, opts)
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
  learn(answer.ladder)
  learn(answer.disrupted)
  learn(answer.saves)
  for _, rows in ipairs { answer.odds or {}, answer.holdings or {}, answer.control or {} } do
    learn { rows }
    for _, name in ipairs { "parents", "users", "restricted", "owners", "holdings", "controls", "controlled_by" } do
      learn(rows[name])
    end
  end
  learn(answer.sweep and answer.sweep.rows)
  for _, day in ipairs(answer.timeline and answer.timeline.days or {}) do learn(day.changes) end
  for _, rows in ipairs(answer.diff and { answer.diff.entered, answer.diff.left, answer.diff.changed } or {}) do
    learn(rows)
  end
  if answer.why then
    learn { answer.why }
    learn(answer.why.test and answer.why.test.stakes)
  end
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
    local line = self:label(step.id, step.name)
    if i > 1 then
      local forwards = goes_forwards(step, path[i - 1].id, supplied, self.opts)
      line = words.phrase(step.kind, step.share, forwards) .. " " .. line
    end
    supplied = supplied or step.kind == "supplies"
    steps[i] = {
      line = indent .. ("  "):rep(i - 1) .. line,
      dates = i > 1 and words.dates(step.since and step or relation) or "",
      source = i > 1 and clean(step.source or relation.source or "") or "",
    }
    if steps[i].dates ~= "" or steps[i].source ~= "" then widest = math.max(widest, width(steps[i].line)) end
    widest_dates = math.max(widest_dates, width(steps[i].dates))
  end
  for _, step in ipairs(steps) do
    local line = pad(step.line, widest)
    if widest_dates > 0 then line = line .. "  " .. pad(step.dates, widest_dates) end
    if step.source ~= "" then line = line .. "  " .. self.paint("[" .. step.source .. "]", "dim") end
    self:line(line)
  end
end

-- Sections --------------------------------------------------------------------------------------------------

function Writer:targets(targets)
  if type(targets) ~= "table" then return targets and self:label(targets) or "" end
  if #targets > TARGETS then
    local first = {}
    for i = 1, TARGETS do first[i] = targets[i] end
    return ("%s; and %s more"):format(self:labels(first), words.grouped(#targets - TARGETS))
  end
  if targets[1] ~= nil or next(targets) == nil then return self:labels(targets) end
  return "every entity with " .. words.condition(targets)
end

-- A rule by its id; of a user's file that has the id of a shipped rule, the file as well.
function Writer:rule(id, own)
  local file = own and self.opts.own_rule and self.opts.own_rule.id == id and self.opts.own_rule.file
  return clean(id) .. (file and " (your file " .. clean(file) .. ")" or "") .. ", as modelled"
end

function Writer:restrictions(rows)
  local cells = {}
  for i, row in ipairs(rows) do
    local state = row.hypothetical and "hypothetical" or row.status or ""
    cells[i] = {
      clean(row.id), state, row.measure or "", row.rule and self:rule(row.rule, row.hypothetical) or "",
      row.scope or "", words.dates(row), self:targets(row.targets), cut(clean(row.title or ""), TITLE),
    }
  end
  self:heading("Restrictions")
  self:columns({ "ID", "STATUS", "MEASURE", "RULE", "SCOPE", "DATES", "ON", "TITLE" }, cells)
end

function Writer:data_text(data)
  local parts = {}
  for i, source in ipairs(data or {}) do
    local digest = source.sha256 and " (sha256 " .. source.sha256:sub(1, 12) .. ")" or ""
    parts[i] = clean(self.opts.stdin and "standard input" or source.file or "-") .. digest
  end
  return concat(parts, ", ")
end

local function rules_text(page, rules)
  local parts = {}
  for i, id in ipairs(words.sorted_keys(rules or {})) do
    local own = page.opts.own_rule
    parts[i] = page:rule(id, own and own.digest == rules[id]) .. " (digest " .. tostring(rules[id]):sub(1, 12) .. ")"
  end
  return concat(parts, "; ")
end

function Writer:conditions(answer)
  local run = answer.run or {}
  self:facts({
    { "Data", self:data_text(run.data) },
    { "Date", run.as_of or "" },
    { "Scope", run.scope or "" },
    { "Rule", rules_text(self, run.rules) },
    { "Whole", answer.complete and "" or "NO: records were skipped, see the warnings" },
  }, "  ")
end

function Writer:assumptions(answer)
  self:conditions(answer)
  if answer.restrictions and #answer.restrictions > 0 then
    self:restrictions(answer.restrictions)
  else
    self:line()
    self:line(answer.timeline and "There is no restriction." or "No restriction is in force.")
  end
end

-- The first line: what was asked, and of which restrictions.
function Writer:title(answer, of_a_ban, of_the_law)
  local alone = answer.restrictions and #answer.restrictions > 0
  for _, row in ipairs(answer.restrictions or {}) do alone = alone and row.hypothetical end
  local title = alone and of_a_ban .. " by this ban alone (hypothetical)" or of_the_law .. " by what is in force"
  self:line(self.paint(title, "bold"))
end

function Writer:warnings(rows)
  if #rows == 0 then return end
  self:heading("Warnings: " .. #rows)
  for _, row in ipairs(rows) do
    self:line("  " .. self.paint(row.code or "warning", "possible") .. ": " .. clean(row.message or ""))
  end
end

return Writer
