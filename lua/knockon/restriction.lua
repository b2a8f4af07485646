-- Restrictions of a network: dated acts against targets. Checked when they are loaded, kept as given.

local cjson = require "cjson"
local core = require "knockon.core"
local errors = require "knockon.errors"
local rule = require "knockon.rule"

local restriction = {}

restriction.MEASURES = { "prohibit", "license", "mitigate", "review", "warn" }
restriction.STATUSES = { "proposed", "review", "active", "suspended", "revoked", "failed" }
restriction.SCOPES = { "entity", "branches", "located", "owned", "facilitation" }

local SHIPPED = rule.list()

local DEEPEST = 100 -- tables in tables

-- A copy of a value that nobody else holds; nulls are left out. The second result says what cannot be kept.
local function own(value, field, depth)
  local kind = type(value)
  if kind == "string" then
    return value, core.invalid_utf8(value) and ("'%s' is not valid UTF-8"):format(field) or nil
  elseif kind == "number" then
    local finite = value == value and value ~= math.huge and value ~= -math.huge
    return value, not finite and ("'%s' is a number that is not finite"):format(field) or nil
  elseif kind == "boolean" then
    return value
  elseif value == cjson.null then
    return nil
  elseif kind ~= "table" then
    return nil, ("'%s' is a %s, which cannot be kept"):format(field, kind)
  elseif depth > DEEPEST then
    return nil, ("'%s' is nested deeper than %d tables"):format(field, DEEPEST)
  end
  local copy = {}
  for key, item in pairs(value) do
    local wrong
    if type(key) == "string" and core.invalid_utf8(key) then
      return nil, ("a name in '%s' is not valid UTF-8"):format(field)
    end
    copy[key], wrong = own(item, type(key) == "string" and key or field, depth + 1)
    if wrong then return nil, wrong end
  end
  return copy
end

-- A copy of a list, filter or record that was given, so that later changes to it change nothing here.
function restriction.own(value, field)
  if value == nil then return nil end
  local copy, wrong = own(value, field, 1)
  if wrong then errors.raise("argument", field, wrong) end
  return copy
end

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
  if type(value) == "number" and value % 1 == 0 then value = ("%.0f"):format(value) end
  if type(value) ~= "string" then return ("'%s' must be a date such as 2018-03-05"):format(field) end
  local day, message = core.date(value)
  if not day then return ("'%s': %s"):format(field, message) end
  return nil, day
end

local SCALAR, TEXT, TABLE = { string = true, number = true, boolean = true }, { string = true }, { table = true }

-- A list of items of these types, without holes or names.
local function is_list(value, types)
  if type(value) ~= "table" then return false end
  local count = 0
  for _, item in pairs(value) do
    count = count + 1
    if not types[type(item)] then return false end
  end
  return count == #value
end

local function bad_ids(net, ids, field)
  for _, id in ipairs(ids) do
    local fine, object = pcall(net.same, net, id, field)
    if not fine and not errors.is(object) then error(object, 0) end -- no fault of the id
    if not fine then return ("'%s': %s"):format(field, tostring(object)) end
  end
  return nil
end

-- { field = value }: a value is a text, a number, a boolean or a list of them.
local function bad_filter(filter, field)
  if type(filter) ~= "table" then return ("'%s' must be a condition on fields"):format(field) end
  for name, value in pairs(filter) do
    if type(name) ~= "string" then return ("'%s' must be a condition on fields, with their names"):format(field) end
    if not SCALAR[type(value)] and not is_list(value, SCALAR) then
      return ("'%s': '%s' must be a text, a number, true, false, or a list of them"):format(field, name)
    end
  end
  return nil
end

-- Targets as ids or a predicate; anything else is an error.
local function bad_targets(net, targets)
  if type(targets) == "string" then targets = { targets } end
  if type(targets) ~= "table" then return "'targets' must be ids or a predicate such as { \"country\": [\"CN\"] }" end
  if next(targets) == nil then return "'targets' is empty" end
  if is_list(targets, TEXT) then return bad_ids(net, targets, "targets") end
  if #targets > 0 then return "'targets' must be ids (text)" end
  return bad_filter(targets, "targets")
end

-- Groups of ids that hold jointly.
local function bad_joint(net, joint)
  if joint == nil then return nil end
  if not is_list(joint, TABLE) then return "'joint' must be a list of lists of ids" end
  for _, group in ipairs(joint) do
    if not is_list(group, TEXT) then return "'joint' must be a list of lists of ids" end
    local wrong = bad_ids(net, group, "joint")
    if wrong then return wrong end
  end
  return nil
end

local EXCEPTION = { "contracts_before", "covers", "since", "source", "until" }

-- Exceptions: { covers = filter, contracts_before, since, until, source }.
local function bad_exceptions(list)
  if list == nil then return nil end
  if not is_list(list, TABLE) then return "'except' must be a list of exceptions" end
  for i, exception in ipairs(list) do
    local at = ("'except', number %d: "):format(i)
    for name in pairs(exception) do
      local wrong = type(name) ~= "string" and "an exception has named fields" or not_one_of("field", name, EXCEPTION)
      if wrong then return at .. wrong end
    end
    if exception.covers == nil then return at .. "it does not say what it covers" end
    local wrong = bad_filter(exception.covers, "covers")
    if exception.source ~= nil and type(exception.source) ~= "string" then wrong = "'source' must be text" end
    for _, name in ipairs { "since", "until", "contracts_before" } do
      wrong = wrong or bad_date(name, exception[name])
    end
    if wrong then return at .. wrong end
  end
  return nil
end

-- What a ban and a restriction have in common; nil when all is well.
function restriction.wrong(net, record)
  return bad_targets(net, record.targets) or bad_joint(net, record.joint) or bad_exceptions(record.except)
end

-- The rule of a restriction of the data: the id of a shipped one, or a rule written out. A path names none: data opens
-- no files.
local function bad_rule(given)
  if given == nil then return "it names no rule (use \"listing\" for an act whose rule is not modelled)" end
  if type(given) == "table" then
    local fine, object = pcall(rule.validate, given)
    if fine then return nil end
    if not errors.is(object) then error(object, 0) end
    return tostring(object)
  elseif type(given) ~= "string" then
    return "'rule' must be the id of a shipped rule, or a rule as a table"
  elseif known(given, SHIPPED) then
    return nil
  end
  local near = errors.nearest(given, SHIPPED)
  return ("'rule' is '%s', which is no shipped rule%s; shipped: %s; any other is written out, as a table"):format(given,
    near[1] and (" (did you mean '%s'?)"):format(near[1]) or "", one_of(SHIPPED))
end

-- The first thing wrong with a record, or nil.
local function problem(net, record)
  for field in pairs(record) do
    if type(field) ~= "string" then return "it must have named fields only" end
  end
  for _, field in ipairs { "id", "title", "source", "evidence" } do
    if record[field] ~= nil and type(record[field]) ~= "string" then return ("'%s' must be text"):format(field) end
  end
  if record.id == "" then return "its id is empty" end
  local wrong = bad_rule(record.rule)
    or not_one_of("measure", record.measure, restriction.MEASURES)
    or not_one_of("status", record.status, restriction.STATUSES)
    or not_one_of("scope", record.scope, restriction.SCOPES)
    or restriction.wrong(net, record)
  if wrong then return wrong end
  local since_wrong, since = bad_date("since", record.since)
  local until_wrong, ends = bad_date("until", record["until"])
  if since_wrong or until_wrong then return since_wrong or until_wrong end
  if since and ends and since >= ends then return "since is not before until" end
  return nil
end

restriction.LEFT_OUT = {} -- stands for a record that was given up before; it keeps its number

-- Checked copies of the records, in byte order of id; or nil, message naming the record. skip(message) leaves a bad
-- record out instead.
function restriction.check(net, records, where, skip)
  local out, seen = {}, {}

  local function check(i, record)
    if type(record) ~= "table" then return "", "it must be a table, not a " .. type(record) end
    local copy, wrong = own(record, "record", 1)
    local given = copy and type(copy.id) == "string" and copy.id or nil
    local id = given or "restriction-" .. i
    wrong = wrong or problem(net, copy)
    if not wrong and seen[id] then
      wrong = ("the id '%s' was given before, by restriction record %d"):format(id, seen[id])
    end
    if wrong then return given and (" '%s'"):format(given) or "", wrong end
    seen[id], copy.id = i, id
    if type(copy.targets) == "string" then copy.targets = { copy.targets } end
    out[#out + 1] = copy
    return nil
  end

  for i, record in ipairs(records) do
    local name, wrong
    if record ~= restriction.LEFT_OUT then name, wrong = check(i, record) end
    if wrong then
      local message = ("%srestriction record %d%s: %s"):format(where and where .. ": " or "", i, name, wrong)
      if not skip then return nil, message end
      skip(message)
    end
  end
  table.sort(out, function(a, b) return errors.less(a.id, b.id) end)
  return out
end

-- The same for the outside: it may be changed there.
function restriction.copies(records)
  local out = {}
  for i, record in ipairs(records) do out[i] = own(record, "record", 1) end
  return out
end

-- Do a restriction's own dates hold on the day? Status is another question.
function restriction.dated_in_force(record, day)
  local _, since = bad_date("since", record.since)
  local _, ends = bad_date("until", record["until"])
  return (not since or since <= day) and (not ends or day < ends)
end

return restriction
