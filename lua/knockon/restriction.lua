-- Restrictions of a network: dated acts against targets. Checked when they are loaded, kept as given.

local core = require "knockon.core"
local errors = require "knockon.errors"

local restriction = {}

restriction.MEASURES = { "prohibit", "license", "mitigate", "review", "warn" }
restriction.STATUSES = { "proposed", "review", "active", "suspended", "revoked", "failed" }
restriction.SCOPES = { "entity", "branches", "located", "owned", "facilitation" }

local function known(word, words)
  for _, one in ipairs(words) do
    if one == word then return true end
  end
  return false
end

local function one_of(words) return table.concat(words, ", ") end

-- nil when the value is fine, else what is wrong with it.
local function not_one_of(field, value, words)
  if value == nil or known(value, words) then return nil end
  local near = errors.nearest(tostring(value), words)
  return ("'%s' is '%s'; expected one of %s%s"):format(field, tostring(value), one_of(words),
    near[1] and (" (did you mean '%s'?)"):format(near[1]) or "")
end

local function bad_date(field, value)
  if value == nil then return nil end
  if type(value) == "number" then value = ("%d"):format(value) end
  if type(value) ~= "string" then return ("'%s' must be a date such as 2018-03-05"):format(field) end
  local day, message = core.date(value)
  if not day then return ("'%s': %s"):format(field, message) end
  return nil, day
end

-- Targets as a list of ids or a predicate; anything else is an error.
local function bad_targets(net, targets)
  if type(targets) == "string" then targets = { targets } end
  if type(targets) ~= "table" then return "'targets' must be ids or a predicate such as { \"country\": [\"CN\"] }" end
  if next(targets) == nil then return "'targets' is empty" end
  if #targets == 0 then return nil end
  for _, id in ipairs(targets) do
    if type(id) ~= "string" then return "'targets' must be ids (text)" end
    local fine, object = pcall(net.same, net, id, "targets")
    if not fine then return "'targets': " .. tostring(object) end
  end
  return nil
end

-- The first thing wrong with a record, or nil.
local function problem(net, record)
  if type(record) ~= "table" then return "it must be a table, not a " .. type(record) end
  if record.id ~= nil and type(record.id) ~= "string" then return "'id' must be text" end
  if record.rule ~= nil and type(record.rule) ~= "string" and type(record.rule) ~= "table" then
    return "'rule' must be the name of a rule"
  end
  if record.rule == nil then return "it names no rule (use \"listing\" for an act whose rule is not modelled)" end
  local wrong = not_one_of("measure", record.measure, restriction.MEASURES)
    or not_one_of("status", record.status, restriction.STATUSES) or not_one_of("scope", record.scope, restriction.SCOPES)
    or bad_targets(net, record.targets)
  if wrong then return wrong end
  local since_wrong, since = bad_date("since", record.since)
  local until_wrong, ends = bad_date("until", record["until"])
  if since_wrong or until_wrong then return since_wrong or until_wrong end
  if since and ends and since >= ends then return "since is not before until" end
  return nil
end

-- Checked copies of the records, in byte order of id; or nil, message naming the record. skip(message) leaves a bad
-- record out instead.
function restriction.check(net, records, where, skip)
  local out, seen = {}, {}
  for i, record in ipairs(records) do
    local id = type(record) == "table" and record.id or nil
    local wrong = problem(net, record)
    id = id or "restriction-" .. i
    if not wrong and seen[id] then wrong = "this id was given before, by restriction record " .. seen[id] end
    if wrong then
      local message = ("%srestriction record %d%s: %s"):format(where and where .. ": " or "", i,
        type(id) == "string" and (" '%s'"):format(id) or "", wrong)
      if not skip then return nil, message end
      skip(message)
    else
      seen[id] = i
      local copy = {}
      for field, value in pairs(record) do copy[field] = value end
      copy.id = id
      if type(copy.targets) == "string" then copy.targets = { copy.targets } end
      out[#out + 1] = copy
    end
  end
  table.sort(out, function(a, b) return errors.less(a.id, b.id) end)
  return out
end

-- In force by status and own dates; `assumed` sets the status aside, not the dates.
function restriction.in_force(record, day, assumed)
  if not assumed and (record.status or "active") ~= "active" then return false end
  local _, since = bad_date("since", record.since)
  local _, ends = bad_date("until", record["until"])
  return (not since or since <= day) and (not ends or day < ends)
end

return restriction
