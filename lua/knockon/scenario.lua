-- Scenario: an immutable value: a network, a day, restrictions and edits. Every method that changes something returns
-- a new scenario; what is in force on the day is worked out once and shared by scenarios that differ only in bans.

local budget = require "knockon.budget"
local core = require "knockon.core"
local edits = require "knockon.edits"
local errors = require "knockon.errors"
local exposure = require "knockon.exposure"
local holdings = require "knockon.holdings"
local impact = require "knockon.impact"
local odds = require "knockon.odds"
local proofs = require "knockon.proofs"
local restriction = require "knockon.restriction"
local rule = require "knockon.rule"
local sweep = require "knockon.sweep"
local timeline = require "knockon.timeline"
local unmatched = require "knockon.unmatched"

local scenario = {}

local Scenario = {}
Scenario.__index = Scenario

-- The options that methods know, in order.
local OPTIONS = {
  scenario = { "as_of", "limits", "progress", "restrictions" },
  ban = { "except", "id", "joint", "measure", "rule", "scope", "title" },
  assume = { "scope" },
  except = { "contracts_before", "since", "source", "until" },
  timeline = { "from", "to" },
}

local function plural(count, word) return ("%d %s%s"):format(count, word, count == 1 and "" or "s") end

function Scenario:__tostring()
  local changes, records = #self.exceptions + #self.dropped + #self.added, {}
  for _, record in ipairs(self.added) do records[record.id] = true end
  for _, id in ipairs(self.replaced) do changes = changes + (records[id] and 0 or 1) end
  for _, changed in ipairs { self.assumed, self.lifted } do
    for _ in pairs(changed) do changes = changes + 1 end
  end
  return ("scenario (%s, %s%s)"):format(core.day_text(self.day), plural(#self.bans, "ban"),
    changes > 0 and ", " .. plural(changes, "edit") or "")
end

local function check_day(value, argument)
  if value == nil then return core.today() end
  if type(value) == "number" and value % 1 == 0 then value = ("%.0f"):format(value) end
  if type(value) ~= "string" then
    errors.raise("argument", argument,
      ("%s must be a date such as \"2022-01-18\", not a %s"):format(argument, type(value)))
  end
  local day, message = core.date(value)
  if not day then errors.raise("argument", argument, argument .. ": " .. message) end
  return day
end

local function check_word(value, words, argument)
  if value == nil then return nil end
  for _, word in ipairs(words) do
    if word == value then return value end
  end
  errors.raise("argument", argument,
    ("%s is %q; it must be one of %s"):format(argument, tostring(value), table.concat(words, ", ")),
    errors.nearest(tostring(value), words))
end

local function check_text(value, argument)
  if value ~= nil and (type(value) ~= "string" or value == "" or core.invalid_utf8(value)) then
    errors.raise("argument", argument, argument .. " must be text")
  end
  return value
end

local function check_alive(self)
  if not self.net:live() then errors.raise("closed", nil, "the network of this scenario is closed") end
end

function scenario.new(net, opts, restrictions)
  opts = errors.options(opts, OPTIONS.scenario)
  budget.check(opts)
  if opts.restrictions ~= nil and opts.restrictions ~= "none" then
    errors.raise("argument", "restrictions", 'restrictions must be "none" or absent')
  end
  return setmetatable({
    net = net, day = check_day(opts.as_of, "as_of"), data = restrictions, from_nothing = opts.restrictions == "none",
    bans = {}, scope = false, assumed = {}, lifted = {}, exceptions = {}, dropped = {}, replaced = {}, added = {},
    notes = {}, -- warnings about edits
    shared = {},
    limits = opts.limits, progress = opts.progress,
  }, Scenario)
end

-- A copy that shares what it does not change. edited: what is in force must be worked out anew.
local function derive(self, changes, edited)
  local copy = {}
  for name, value in pairs(self) do copy[name] = value end
  for name, value in pairs(changes) do copy[name] = value end
  copy.remembered = nil
  if edited then
    local plain = copy.day == self.day and (self.shared.plain or self.shared) or {} -- of the day without edits
    copy.shared = #copy.dropped + #copy.replaced + #copy.added == 0 and plain or { plain = plain }
  end
  return setmetatable(copy, Scenario)
end

local function appended(list, item)
  local copy = {}
  for i, one in ipairs(list) do copy[i] = one end
  copy[#copy + 1] = item
  return copy
end

local function with(map, key, value)
  local copy = {}
  for name, one in pairs(map) do copy[name] = one end
  copy[key] = value
  return copy
end

function Scenario:at(date)
  check_alive(self)
  if date == nil then errors.raise("argument", "date", "at wants a date such as \"2022-01-18\"") end
  return derive(self, { day = check_day(date, "date") }, true)
end

-- What is in force on the day, with the edits; nil, message, code when memory or a limit ends it.
function Scenario:overlay()
  check_alive(self)
  local shared = self.shared
  if shared.plain and not shared.plain.overlay then
    local plain, message, code = core.overlay(self.net, { day = self.day })
    if not plain then return nil, message, code end
    shared.plain.overlay = plain
  end
  if not shared.overlay then
    local overlay, message, code = core.overlay(self.net, {
      day = self.day, dropped = self.dropped, replaced = self.replaced, added = self.added,
      plain = shared.plain and shared.plain.overlay,
    })
    if not overlay then return nil, message, code end
    shared.overlay = overlay
  end
  return shared.overlay
end

-- Is there a ban or a restriction of the data with this id?
local function taken(self, id)
  for _, list in ipairs { self.bans, self.data } do
    for _, one in ipairs(list) do
      if one.id == id then return list == self.bans and "there is a ban" or "the data has a restriction" end
    end
  end
  return nil
end

local function ban_id(self, given)
  if check_text(given, "id") then
    local where = taken(self, given)
    if where then errors.raise("argument", "id", ("%s with the id %q already"):format(where, given)) end
    return given
  end
  local n = #self.bans + 1
  while taken(self, "ban-" .. n) do n = n + 1 end
  return "ban-" .. n
end

function Scenario:ban(targets, opts)
  check_alive(self)
  opts = errors.options(opts, OPTIONS.ban)
  if type(targets) == "string" then targets = { targets } end
  if type(targets) ~= "table" or next(targets) == nil then
    errors.raise("argument", "targets",
      "a ban needs targets: an id, a list of ids, or a predicate such as { country = \"CN\" }")
  end
  for _, id in ipairs(targets) do self.net:same(id, "targets") end
  for _, group in ipairs(type(opts.joint) == "table" and opts.joint or {}) do
    for _, id in ipairs(type(group) == "table" and group or {}) do self.net:same(id, "joint") end
  end
  local own = {
    targets = restriction.own(targets, "targets"), joint = restriction.own(opts.joint, "joint"),
    except = restriction.own(opts.except, "except"),
  }
  local wrong = restriction.wrong(self.net, own)
  if wrong then errors.raise("argument", wrong:match "^'(%a+)'", wrong) end
  local used = rule.use(opts.rule or "icts")
  local ban = {
    id = ban_id(self, opts.id), title = check_text(opts.title, "title"), hypothetical = true, rule = used,
    targets = own.targets, joint = own.joint, except = own.except, status = "active",
    measure = check_word(opts.measure, restriction.MEASURES, "measure") or used.measure or "prohibit",
    scope = check_word(opts.scope, restriction.SCOPES, "scope") or used.bound.scope or "entity",
  }
  return derive(self, { bans = appended(self.bans, ban) })
end

local function find_restriction(self, id, bans)
  check_alive(self)
  if type(id) ~= "string" then
    errors.raise("argument", "id", "a restriction is named by its id (text), not a " .. type(id))
  end
  local ids = {}
  for _, record in ipairs(self.data) do
    if record.id == id then return record end
    ids[#ids + 1] = record.id
  end
  for _, ban in ipairs(bans or {}) do ids[#ids + 1] = ban.id end
  errors.raise("unknown_id", "id", ("the data has no restriction with the id %q"):format(tostring(id)),
    errors.nearest(tostring(id), ids))
end

-- Take a restriction of the data as active whatever its status; its dates and its rule's still count.
function Scenario:assume(id, opts)
  local record = find_restriction(self, id)
  opts = errors.options(opts, OPTIONS.assume)
  return derive(self, {
    assumed = with(self.assumed, record.id, { scope = check_word(opts.scope, restriction.SCOPES, "scope") }),
    lifted = with(self.lifted, record.id, nil),
  })
end

-- Take a ban back, or a restriction of the data out of force.
function Scenario:lift(id)
  check_alive(self)
  for i, ban in ipairs(self.bans) do
    if ban.id == id then
      local left = {}
      for k, one in ipairs(self.bans) do
        if k ~= i then left[#left + 1] = one end
      end
      return derive(self, { bans = left })
    end
  end
  local record = find_restriction(self, id, self.bans)
  return derive(self, { lifted = with(self.lifted, record.id, true), assumed = with(self.assumed, record.id, nil) })
end

-- Relations that no restriction reaches: rows that rest on them alone stay, and are marked as excepted.
function Scenario:except(filter, opts)
  check_alive(self)
  opts = errors.options(opts, OPTIONS.except)
  if type(filter) == "string" then filter = { filter } end
  if type(filter) ~= "table" or next(filter) == nil then
    errors.raise("argument", "filter",
      "an exception covers relation ids or a filter over relations, as in { contract = \"c1\" }")
  end
  for _, name in ipairs { "since", "until", "contracts_before" } do
    if opts[name] ~= nil then check_day(opts[name], name) end
  end
  check_text(opts.source, "source")
  local covers = restriction.own(filter, "filter")
  if #covers > 0 then
    local fine, wrong = pcall(self.drop, self, covers) -- ids that can be dropped are there
    if not fine then
      if not errors.is(wrong) then error(wrong, 0) end
      errors.raise(wrong.code, "filter", wrong.message, wrong.near)
    end
    covers = { id = covers }
  end
  local exception = {
    covers = covers, since = opts.since, ["until"] = opts["until"], contracts_before = opts.contracts_before,
    source = opts.source,
  }
  local wrong = restriction.wrong(self.net, { targets = { id = "" }, except = { exception } })
  if wrong then errors.raise("argument", "filter", (wrong:gsub("^'except', number 1: ", ""))) end
  return derive(self, { exceptions = appended(self.exceptions, exception) })
end

edits.install(Scenario, derive, check_alive, check_day)

-- ---- evaluation ----

-- The rule of a restriction of the data; what is wrong with it is told with the restriction's name.
local function rule_of(record)
  local fine, used = pcall(rule.use, record.rule)
  if fine then return used end
  if not errors.is(used) then error(used, 0) end
  errors.raise(used.code, "rule", ("restriction %q: %s"):format(record.id, used.message), used.near)
end

-- Every restriction that is asked about, whatever the day: those of the data that are active or assumed, then the bans.
local function considered(self)
  local list = {}
  for _, record in ipairs(self.data) do
    local assumed = self.assumed[record.id]
    local asked = not self.lifted[record.id] and (assumed or not self.from_nothing)
    if asked and (assumed or (record.status or "active") == "active") then
      local used = rule_of(record)
      list[#list + 1] = {
        id = record.id, title = record.title, hypothetical = assumed ~= nil, rule = used, targets = record.targets,
        joint = record.joint, except = record.except, measure = record.measure or used.measure or "prohibit",
        scope = self.scope or assumed and assumed.scope or record.scope or used.bound.scope or "entity",
        status = record.status or "active", since = record.since, ["until"] = record["until"], dated = true,
      }
    end
  end
  for _, ban in ipairs(self.bans) do
    local copy = {}
    for name, value in pairs(ban) do copy[name] = value end
    copy.scope = self.scope or ban.scope
    list[#list + 1] = copy
  end
  return list
end

-- Those that apply on the day, in byte order of id, and warnings about rules out of force. Restrictions of the data
-- keep to their dates and their rule's, also when assumed; a ban is hypothetical and applies all the same.
local function applicable(self)
  local list, warnings = {}, {}
  for _, one in ipairs(considered(self)) do
    local in_force = rule.in_force(one.rule, self.day)
    if not one.dated or (in_force and restriction.dated_in_force(one, self.day)) then list[#list + 1] = one end
    if not one.dated and not in_force then
      warnings[#warnings + 1] = {
        code = "rule_not_in_force", ids = { one.id },
        message = ("rule %s is not in force on %s; the ban is hypothetical and applies all the same"):format(
          one.rule.id, core.day_text(self.day)),
      }
    end
  end
  table.sort(list, function(a, b) return errors.less(a.id, b.id) end)
  return list, warnings
end

-- Ids of the targets in force; a predicate is resolved here, once.
local function resolve_targets(overlay, targets)
  if #targets > 0 then return targets end
  return overlay:targets(targets)
end

-- Acts: the restrictions of one rule and scope together, in an order that depends on nothing but them.
local function acts_of(list, overlay, on_nobody)
  local acts, by_key, keys = {}, {}, {}
  for _, one in ipairs(list) do
    local key = one.rule.id .. "\0" .. rule.digest(one.rule) .. "\0" .. one.scope
    local act = by_key[key]
    if not act then
      act = { rule = one.rule, scope = one.scope, restrictions = {} }
      by_key[key] = act
      keys[#keys + 1] = key
    end
    local targets = resolve_targets(overlay, one.targets)
    if #targets == 0 then on_nobody(one) end
    act.restrictions[#act.restrictions + 1] = {
      id = one.id, measure = one.measure, targets = targets, joint = one.joint, except = one.except,
    }
  end
  table.sort(keys, errors.less)
  for i, key in ipairs(keys) do acts[i] = by_key[key] end
  return acts
end

-- The quick answers: from verdicts alone, without rows and arithmetic.
local function quickly(self, ask, ...)
  local overlay, message, code = self:overlay()
  if not overlay then return nil, message, code end
  return ask(overlay, acts_of(applicable(self), overlay, function() end),
    { limits = self.limits, progress = self.progress }, ...)
end

local function count_verdicts(counts, name, rows)
  local verdicts, yes, possible = {}, 0, 0 -- an entity counts once, though it is concerned under two measures
  for _, row in ipairs(rows) do
    if verdicts[row.id] ~= "yes" then verdicts[row.id] = row.verdict end
  end
  for _, verdict in pairs(verdicts) do
    if verdict == "yes" then yes = yes + 1 elseif verdict == "possible" then possible = possible + 1 end
  end
  counts[name], counts[name .. "_possible"] = yes, possible
end

-- How many are restricted, bound users, exposed parents and concerned, by verdict; or only how many are restricted.
function Scenario:count(what)
  check_word(what, { "restricted" }, "what")
  local counts, message, code = quickly(self, core.count, what == "restricted")
  if counts ~= false then return counts, message, code end
  local answer
  answer, message, code = self:exposure() -- measures of one act differ
  if not answer then return nil, message, code end
  counts = {}
  for _, name in ipairs(what and { what } or { "restricted", "users", "parents", "concerned" }) do
    count_verdicts(counts, name, answer[name](answer))
  end
  return counts
end

-- One path to every exposed parent, in one pass.
function Scenario:proofs()
  local found, message, code = quickly(self, core.proofs)
  if found then return proofs.new(found) end
  if found == nil then return nil, message, code end
  local answer
  answer, message, code = self:exposure() -- measures of one act differ
  if not answer then return nil, message, code end
  return proofs.of(answer)
end

function Scenario:exposure()
  if self.remembered then return self.remembered end
  local overlay, message, code = self:overlay()
  if not overlay then return nil, message, code end
  local list, warnings = applicable(self)
  for _, note in ipairs(self.notes) do warnings[#warnings + 1] = note end
  local acts = acts_of(list, overlay, function(one)
    warnings[#warnings + 1] = unmatched.target(self.net, self.day, one.id, one.targets)
  end)
  local ids = {}
  for _, act in ipairs(acts) do
    for _, one in ipairs(act.restrictions) do ids[#ids + 1] = one.id end
  end
  local rows
  rows, message, code = core.evaluate(overlay, acts, ids, self.exceptions,
    { limits = self.limits, progress = self.progress })
  if not rows then return nil, message, code end
  self.remembered = exposure.new(self, overlay, rows, list, acts, warnings)
  return self.remembered
end

-- ---- who holds and controls whom, on the day and with the edits ----

function Scenario:holdings(id, opts)
  check_alive(self)
  return holdings.of(self, id, opts)
end

function Scenario:control(id, opts)
  check_alive(self)
  return holdings.control(self, function(budgets)
    return derive(self, {
      bans = {}, assumed = {}, exceptions = {}, from_nothing = true, limits = budgets.limits,
      progress = budgets.progress,
    })
  end, id, opts)
end

-- How much stops, where amounts are known.
function Scenario:impact(opts)
  check_alive(self)
  return impact.of(self, opts)
end

-- ---- questions over several evaluations ----

-- In which part of the worlds each is exposed, when relations are there by their confidence.
function Scenario:odds(opts)
  check_alive(self)
  return odds(self, opts)
end

-- The same with one scope asked of every restriction.
function Scenario:at_scope(scope)
  check_alive(self)
  if scope == nil then errors.raise("argument", "scope", "at_scope wants a scope such as \"owned\"") end
  return derive(self, { scope = check_word(scope, restriction.SCOPES, "scope") })
end

-- The same with these fields of another scenario, for diff.
function Scenario:mixed(other, fields)
  local changes = {}
  for _, name in ipairs(fields) do
    changes[name] = other[name]
    if other[name] == nil then changes[name] = false end
  end
  return derive(self, changes, true)
end

-- The same within other limits, for questions that evaluate several times.
function Scenario:bounded(opts)
  local copy = derive(self, {})
  copy.limits, copy.progress = opts.limits, opts.progress
  return copy
end

-- Everything asked about, whatever the day, for the timeline.
function Scenario:considered() return considered(self) end

-- The date of the scenario, as text.
function Scenario:date() return core.day_text(self.day) end

-- Every candidate banned alone on the day and edits of the scenario: what else is in force does not count.
function Scenario:sweep(opts)
  check_alive(self)
  return sweep(self, opts)
end

function Scenario:timeline(opts)
  opts = errors.options(opts, OPTIONS.timeline)
  check_alive(self)
  local from, to = check_day(opts.from, "from"), check_day(opts.to, "to")
  if opts.from == nil or opts.to == nil then
    errors.raise("argument", opts.from == nil and "from" or "to",
      "a timeline needs from and to, dates such as \"2022-01-18\"")
  end
  if from > to then errors.raise("argument", "from", "from is after to") end
  return timeline.run(self, from, to)
end

return scenario
