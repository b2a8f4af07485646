-- Scenario: an immutable value: a network, a day, restrictions and edits. Every method that changes something returns
-- a new scenario; what is in force on the day is worked out once and shared by scenarios that differ only in bans.

local core = require "knockon.core"
local errors = require "knockon.errors"
local exposure = require "knockon.exposure"
local restriction = require "knockon.restriction"
local rule = require "knockon.rule"

local scenario = {}

local Scenario = {}
Scenario.__index = Scenario

local OPTIONS = { as_of = true, restrictions = true, limits = true, progress = true }

local function check_options(opts, known, what)
  if opts == nil then return {} end
  if type(opts) ~= "table" then errors.raise("argument", what, what .. " must be a table, not a " .. type(opts)) end
  local names = {}
  for name in pairs(known) do names[#names + 1] = name end
  table.sort(names, errors.less)
  for name in pairs(opts) do
    if not known[name] then
      errors.raise("argument", tostring(name), ("unknown option %q; known: %s"):format(tostring(name), table.concat(names, ", ")),
        errors.nearest(tostring(name), names))
    end
  end
  return opts
end

local function check_day(value, argument)
  if value == nil then return core.today() end
  if type(value) == "number" then value = ("%d"):format(value) end
  if type(value) ~= "string" then errors.raise("argument", argument, argument .. " must be a date such as \"2022-01-18\", not a " .. type(value)) end
  local day, message = core.date(value)
  if not day then errors.raise("argument", argument, argument .. ": " .. message) end
  return day
end

local function check_word(value, words, argument)
  if value == nil then return nil end
  for _, word in ipairs(words) do
    if word == value then return value end
  end
  errors.raise("argument", argument, ("%s is %q; it must be one of %s"):format(argument, tostring(value), table.concat(words, ", ")),
    errors.nearest(tostring(value), words))
end

function scenario.new(net, opts, restrictions)
  opts = check_options(opts, OPTIONS, "scenario options")
  if opts.restrictions ~= nil and opts.restrictions ~= "none" then
    errors.raise("argument", "restrictions", 'restrictions must be "none" or absent')
  end
  return setmetatable({
    net = net, day = check_day(opts.as_of, "as_of"), data = restrictions, from_nothing = opts.restrictions == "none",
    bans = {}, assumed = {}, lifted = {}, exceptions = {}, dropped = {}, added = {}, shared = {},
    limits = opts.limits, progress = opts.progress,
  }, Scenario)
end

-- A copy that shares what it does not change. edited: what is in force must be worked out anew.
local function derive(self, changes, edited)
  local copy = {}
  for name, value in pairs(self) do copy[name] = value end
  for name, value in pairs(changes) do copy[name] = value end
  copy.remembered = nil
  if edited then copy.shared = {} end
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

function Scenario:at(date) return derive(self, { day = check_day(date, "date") }, true) end

-- What is in force on the day, with the edits; nil, message, code when memory or a limit ends it.
function Scenario:overlay()
  local shared = self.shared
  if not shared.overlay then
    local overlay, message, code = core.overlay(self.net, { day = self.day, dropped = self.dropped, added = self.added })
    if not overlay then return nil, message, code end
    shared.overlay = overlay
  end
  return shared.overlay
end

local BAN = { rule = true, scope = true, measure = true, joint = true, id = true, title = true, except = true }

function Scenario:ban(targets, opts)
  opts = check_options(opts, BAN, "ban options")
  if type(targets) == "string" then targets = { targets } end
  if type(targets) ~= "table" or next(targets) == nil then
    errors.raise("argument", "targets", "a ban needs targets: an id, a list of ids, or a predicate such as { country = \"CN\" }")
  end
  for _, id in ipairs(targets) do self.net:same(id, "targets") end
  for _, group in ipairs(opts.joint or {}) do
    if type(group) ~= "table" then errors.raise("argument", "joint", "joint must be a list of lists of ids") end
    for _, id in ipairs(group) do self.net:same(id, "joint") end
  end
  local id = opts.id or "ban-" .. #self.bans + 1
  for _, ban in ipairs(self.bans) do
    if ban.id == id then errors.raise("argument", "id", ("there is a ban with the id %q already"):format(id)) end
  end
  for _, record in ipairs(self.data) do
    if record.id == id then errors.raise("argument", "id", ("the data has a restriction with the id %q"):format(id)) end
  end
  local used = rule.load(opts.rule or "icts")
  local ban = {
    id = id, title = opts.title, hypothetical = true, rule = used, targets = targets, joint = opts.joint, except = opts.except,
    measure = check_word(opts.measure, restriction.MEASURES, "measure") or "prohibit",
    scope = check_word(opts.scope, restriction.SCOPES, "scope") or used.bound.scope or "entity", status = "active",
  }
  return derive(self, { bans = appended(self.bans, ban) })
end

local function find_restriction(self, id)
  local ids = {}
  for i, record in ipairs(self.data) do
    if record.id == id then return record end
    ids[i] = record.id
  end
  errors.raise("unknown_id", "id", ("the data has no restriction with the id %q"):format(tostring(id)),
    errors.nearest(tostring(id), ids))
end

-- Take a restriction of the data as active whatever its status; its dates and its rule's still count.
function Scenario:assume(id, opts)
  opts = check_options(opts, { scope = true }, "assume options")
  local record = find_restriction(self, id)
  return derive(self, {
    assumed = with(self.assumed, record.id, { scope = check_word(opts.scope, restriction.SCOPES, "scope") }),
    lifted = with(self.lifted, record.id, nil),
  })
end

function Scenario:lift(id)
  for i, ban in ipairs(self.bans) do
    if ban.id == id then
      local left = {}
      for k, one in ipairs(self.bans) do
        if k ~= i then left[#left + 1] = one end
      end
      return derive(self, { bans = left })
    end
  end
  local record = find_restriction(self, id)
  return derive(self, { lifted = with(self.lifted, record.id, true), assumed = with(self.assumed, record.id, nil) })
end

function Scenario:except(filter, opts)
  opts = check_options(opts, { since = true, ["until"] = true, contracts_before = true, source = true }, "except options")
  if type(filter) ~= "table" then errors.raise("argument", "filter", "an exception covers a filter over relations, as { contract = \"c1\" }") end
  for _, name in ipairs { "since", "until", "contracts_before" } do
    if opts[name] ~= nil then check_day(opts[name], name) end
  end
  local covers = {}
  for field, value in pairs(filter) do covers[field] = value end
  if #covers > 0 then covers = { id = covers } end
  local exception = { covers = covers, since = opts.since, ["until"] = opts["until"], contracts_before = opts.contracts_before, source = opts.source }
  return derive(self, { exceptions = appended(self.exceptions, exception) })
end

-- End relations: by id, list of ids, or a filter over the relations in force.
function Scenario:drop(relations)
  if type(relations) == "string" then relations = { relations } end
  if type(relations) ~= "table" then errors.raise("argument", "relations", "drop wants relation ids or a filter, not a " .. type(relations)) end
  local ids = relations
  if #relations == 0 then
    if next(relations) == nil then return self end
    ids = assert(self:overlay()):match(relations)
  end
  local added, gone, dropped = {}, {}, self.dropped
  for _, id in ipairs(ids) do gone[id] = true end
  for _, record in ipairs(self.added) do
    if gone[record.id] then gone[record.id] = nil else added[#added + 1] = record end
  end
  for _, id in ipairs(ids) do
    if gone[id] then
      dropped = appended(dropped, id)
      gone[id] = nil
    end
  end
  local derived = derive(self, { dropped = dropped, added = added }, true)
  assert(derived:overlay()) -- an unknown id is told here, where it was written
  return derived
end

-- A relation that the network does not have.
function Scenario:add(relation)
  if type(relation) ~= "table" then errors.raise("argument", "relation", "a relation must be a table, not a " .. type(relation)) end
  local copy = {}
  for field, value in pairs(relation) do copy[field] = value end
  copy.id = copy.id or "added-" .. #self.added + 1
  local derived = derive(self, { added = appended(self.added, copy) }, true)
  assert(derived:overlay())
  return derived
end

-- ---- evaluation ----

-- Restrictions that apply, data first then bans, in byte order of id; and warnings about rules out of force.
local function applicable(self)
  local list, warnings = {}, {}
  for _, record in ipairs(self.data) do
    local assumed = self.assumed[record.id]
    local asked = not self.lifted[record.id] and (assumed or not self.from_nothing)
    if asked and restriction.in_force(record, self.day, assumed) then
      local used = rule.load(record.rule)
      if rule.in_force(used, self.day) then
        list[#list + 1] = {
          id = record.id, title = record.title, hypothetical = assumed ~= nil, rule = used, targets = record.targets, joint = record.joint,
          except = record.except, measure = record.measure or used.measure or "prohibit",
          scope = assumed and assumed.scope or record.scope or used.bound.scope or "entity", status = record.status or "active",
        }
      end
    end
  end
  for _, ban in ipairs(self.bans) do
    list[#list + 1] = ban
    if not rule.in_force(ban.rule, self.day) then
      warnings[#warnings + 1] = {
        code = "rule_not_in_force", ids = { ban.id },
        message = ("rule %s is not in force on %s; the ban is hypothetical and applies all the same"):format(ban.rule.id, core.day_text(self.day)),
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
local function acts_of(list, overlay)
  local acts, by_key, keys = {}, {}, {}
  for _, one in ipairs(list) do
    local key = one.rule.id .. "\0" .. rule.digest(one.rule) .. "\0" .. one.scope
    local act = by_key[key]
    if not act then
      act = { rule = one.rule, scope = one.scope, restrictions = {} }
      by_key[key] = act
      keys[#keys + 1] = key
    end
    act.restrictions[#act.restrictions + 1] = {
      id = one.id, measure = one.measure, targets = resolve_targets(overlay, one.targets), joint = one.joint, except = one.except,
    }
  end
  table.sort(keys, errors.less)
  for i, key in ipairs(keys) do acts[i] = by_key[key] end
  return acts
end

function Scenario:exposure()
  if self.remembered then return self.remembered end
  local overlay, message, code = self:overlay()
  if not overlay then return nil, message, code end
  local list, warnings = applicable(self)
  local acts = acts_of(list, overlay)
  local ids = {}
  for _, act in ipairs(acts) do
    for _, one in ipairs(act.restrictions) do ids[#ids + 1] = one.id end
  end
  local rows
  rows, message, code = core.evaluate(overlay, acts, ids, self.exceptions, { limits = self.limits, progress = self.progress })
  if not rows then return nil, message, code end
  self.remembered = exposure.new(self, overlay, rows, list, acts, warnings)
  return self.remembered
end

return scenario
