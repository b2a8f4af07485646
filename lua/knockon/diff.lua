-- Diff: what differs between two exposures, and why. Two scenarios can differ in their facts (another network), their
-- date, their edits and their law (restrictions, bans, scopes); a change is put down to those without which it would
-- not be: each in turn is taken back alone, and what then stands as before was due to it. Where none is decisive by
-- itself, to each that would do it alone; where there is none either, to all of them together.

local core = require "knockon.core"
local errors = require "knockon.errors"

-- What two scenarios can differ in, and the fields of a scenario that it lies in.
local ASPECTS = {
  { by = "facts", fields = { "net" } },
  { by = "date", fields = { "day" } },
  { by = "edit", fields = { "dropped", "replaced", "added", "exceptions" } },
  { by = "law", fields = { "data", "bans", "assumed", "lifted", "from_nothing", "scope" } },
}

-- The rows compared, and their fields.
local LISTS = {
  { name = "restricted", fields = { "verdict" } },
  { name = "users", fields = { "verdict", "scope", "spend" } },
  { name = "parents", fields = { "verdict", "scope", "spend", "spend_possible" } },
  { name = "concerned", fields = { "verdict", "measure" } },
}

local function equal(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do
    if not equal(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

-- ---- rows ----

-- Rows that say yes or possible, by id; of an entity under several measures the strictest is listed first.
local function rows_of(exposure, list)
  local rows = {}
  for _, row in ipairs(exposure[list](exposure)) do
    if row.verdict ~= "no" and not rows[row.id] then rows[row.id] = row end
  end
  return rows
end

local function state_of(exposure)
  local state = {}
  for _, list in ipairs(LISTS) do state[list.name] = rows_of(exposure, list.name) end
  return state
end

local function brief(row, fields)
  if not row then return nil end
  local out = { excepted = row.excepted ~= nil or nil }
  for _, field in ipairs(fields) do out[field] = row[field] end
  return out
end

-- The changes of one list, in order of id.
local function changes_of(list, before, after)
  local ids, changes = {}, {}
  for id in pairs(after) do ids[#ids + 1] = id end
  for id in pairs(before) do
    if not after[id] then ids[#ids + 1] = id end
  end
  table.sort(ids, errors.less)
  for _, id in ipairs(ids) do
    local was, is = brief(before[id], list.fields), brief(after[id], list.fields)
    if not equal(was, is) then
      local change = {
        list = list.name, id = id, name = (after[id] or before[id]).name, was = was, is = is,
        was_row = before[id], is_row = after[id], compared = list.fields,
      }
      if was and is then
        change.fields = {}
        for _, field in ipairs { "verdict", "scope", "measure", "spend", "spend_possible", "excepted" } do
          if not equal(was[field], is[field]) then change.fields[#change.fields + 1] = field end
        end
      end
      changes[#changes + 1] = change
    end
  end
  return changes
end

-- ---- which aspect it is due to ----

local function differing(after, before)
  local list = {}
  for _, aspect in ipairs(ASPECTS) do
    local differs = false
    for _, field in ipairs(aspect.fields) do
      if field == "net" then differs = after.net ~= before.net
      else differs = differs or not equal(after[field], before[field]) end
    end
    if differs then list[#list + 1] = aspect end
  end
  return list
end

-- The rows when one aspect of a scenario is another's; nil when that cannot be: an edit or a ban may name what the
-- other network does not have. A limit that is met comes back as nil, message, code.
local function mixed(scenario, other, aspect)
  local fine, exposure, message, code = pcall(function() return scenario:mixed(other, aspect.fields):exposure() end)
  if not fine then
    if not errors.is(exposure) then error(exposure, 0) end
    return nil
  end
  if not exposure then return nil, message, code end
  return state_of(exposure)
end

-- For each aspect that differs: the rows without it, and with it alone. nil, message, code when a limit is met.
local function trials(after, before, aspects)
  local without, alone = {}, {}
  for i, aspect in ipairs(aspects) do
    local state, message, code = mixed(after, before, aspect)
    if code then return nil, message, code end
    without[i] = state
    state, message, code = mixed(before, after, aspect)
    if code then return nil, message, code end
    alone[i] = state
  end
  return { without = without, alone = alone }
end

local function blamed(change, aspects, tried)
  if #aspects == 1 then return aspects end
  local list = {}
  for _, test in ipairs { { tried.without, change.was }, { tried.alone, change.is } } do
    for i, aspect in ipairs(aspects) do
      local state = test[1][i]
      if state and equal(brief(state[change.list][change.id], change.compared), test[2]) then
        list[#list + 1] = aspect
      end
    end
    if #list > 0 then return list end
  end
  return aspects
end

-- ---- what in it ----

-- Ids that a changed row stands on, before and after, and the relations of its paths.
local function grounds_of(change)
  local ids, relations = { [change.id] = true }, {}
  for _, row in ipairs { change.was_row or {}, change.is_row or {} } do
    for _, field in ipairs { "restrictions", "suppliers", "users", "liable" } do
      for _, id in ipairs(row[field] or {}) do ids[id] = true end
    end
    for _, field in ipairs { "path", "held_by" } do
      for _, step in ipairs(row[field] or {}) do
        ids[step.id] = true
        if step.relation then
          ids[step.relation] = true
          relations[#relations + 1] = step.relation
        end
      end
    end
  end
  return { ids = ids, relations = relations }
end

-- Those among the causes that have to do with the row; all where none has.
local function concerning(causes, grounds)
  local list = {}
  for _, cause in ipairs(causes) do
    local touches = grounds.ids[cause.id]
    for _, record in ipairs(cause.records or {}) do
      touches = touches or (grounds.ids[record.from] and grounds.ids[record.to])
    end
    if touches then list[#list + 1] = cause end
  end
  return #list > 0 and list or causes
end

local function by_id(records)
  local map = {}
  for _, record in ipairs(records) do map[record.id] = record end
  return map
end

local CAUSES = {}

-- Relations that one of the scenarios has edited otherwise than the other.
function CAUSES.edit(after, before)
  local causes = {}
  local function edits_of(scenario)
    local edits = {}
    for _, id in ipairs(scenario.replaced) do edits[id] = { what = "dropped" } end
    for _, id in ipairs(scenario.dropped) do edits[id] = { what = "dropped" } end
    for _, record in ipairs(scenario.added) do
      edits[record.id] = { what = edits[record.id] and "changed" or "added", record = record }
    end
    return edits
  end
  local is, was, ids = edits_of(after), edits_of(before), {}
  for id in pairs(is) do ids[#ids + 1] = id end
  for id in pairs(was) do
    if not is[id] then ids[#ids + 1] = id end
  end
  for _, id in ipairs(ids) do
    local edit = is[id] or { what = was[id].what == "added" and "taken back" or "restored", record = was[id].record }
    if not equal(is[id], was[id]) then
      local records = { edit.record }
      for _, scenario in ipairs { before, after } do
        records[#records + 1] = (assert(scenario:overlay()):records { id })[1] or nil
      end
      causes[#causes + 1] = { kind = "relation", id = id, what = edit.what, records = records }
    end
  end
  if not equal(after.exceptions, before.exceptions) then
    for i = 1, math.max(#after.exceptions, #before.exceptions) do
      local one = after.exceptions[i] or before.exceptions[i]
      if not equal(after.exceptions[i], before.exceptions[i]) then
        causes[#causes + 1] = { kind = "exception", id = one.source or ("exception " .. i),
          what = after.exceptions[i] and "added" or "taken back" }
      end
    end
  end
  return causes
end

function CAUSES.law(after, before)
  local causes = {}
  local function add(kind, id, what) causes[#causes + 1] = { kind = kind, id = id, what = what } end
  local function laws_of(scenario)
    local laws = {}
    for _, one in ipairs(scenario:considered()) do laws[one.id] = one end
    return laws
  end
  local is, was = laws_of(after), laws_of(before)
  for id, one in pairs(is) do
    if not was[id] then add("restriction", id, "added") elseif not equal(one, was[id]) then
      add("restriction", id, "changed")
    end
  end
  for id in pairs(was) do
    if not is[id] then add("restriction", id, "lifted") end
  end
  return causes
end

-- What starts or ends between the two days, of what the row stands on.
function CAUSES.date(after, before, change, grounds)
  local causes, first, last = {}, math.min(after.day, before.day), math.max(after.day, before.day)
  local function look(kind, id, record, starts, ends)
    for name, what in pairs { since = starts or "starts", ["until"] = ends or "ends" } do
      local value = record[name]
      local day = value ~= nil and core.date(type(value) == "number" and ("%d"):format(value) or value)
      if day and day > first and day <= last then
        causes[#causes + 1] = { kind = kind, id = id, what = what, date = core.day_text(day) }
      end
    end
  end
  local seen = {}
  local function relation(record)
    if seen[record.id] then return end
    seen[record.id] = true
    look("relation", record.id, record)
  end
  for _, scenario in ipairs { after, before } do
    local overlay = assert(scenario:overlay())
    for _, record in ipairs(overlay:records(grounds.relations)) do
      if record and record.kind == "owns" then -- a later report of a holding ends the earlier one
        for _, other in ipairs((overlay:from(record.from, "owns", record.to))) do relation(other) end
      elseif record then
        relation(record)
      end
    end
    for _, id in ipairs((change.was_row or change.is_row).suppliers or {}) do
      for _, record in ipairs((overlay:from(id, "supplies", change.id))) do relation(record) end
    end
    for _, kind in ipairs { "owns", "controls", "consolidates" } do -- who is above it decides whether it is a parent
      for _, record in ipairs((overlay:into(change.id, kind))) do relation(record) end
    end
    for id in pairs(grounds.ids) do
      local entity = scenario.net:entity(id)
      if entity and not seen["entity " .. id] then
        seen["entity " .. id] = true
        look("entity", id, entity)
      end
    end
    for _, one in ipairs(scenario:considered()) do
      if one.dated and not seen["restriction " .. one.id] then
        seen["restriction " .. one.id] = true
        look("restriction", one.id, one)
        for _, interval in ipairs(one.rule.in_force or {}) do look("rule", one.rule.id, interval) end
        for _, interval in ipairs(one.rule.suspended or {}) do look("rule", one.rule.id, interval, "ends", "starts") end
      end
    end
  end
  return causes
end

-- What the two networks say otherwise of what the row stands on.
function CAUSES.facts(after, before, _, grounds)
  local causes = {}
  local function compare(kind, id, is, was)
    if equal(is, was) then return end
    causes[#causes + 1] = { kind = kind, id = id, what = not was and "added" or not is and "removed" or "changed" }
  end
  local is = by_id(after.net:relations { id = grounds.relations })
  local was = by_id(before.net:relations { id = grounds.relations })
  for _, id in ipairs(grounds.relations) do
    compare("relation", id, is[id], was[id])
    is[id], was[id] = nil, nil
  end
  for id in pairs(grounds.ids) do compare("entity", id, after.net:entity(id), before.net:entity(id)) end
  return causes
end

local function in_order(a, b)
  for _, field in ipairs { "kind", "id", "what", "date" } do
    local x, y = a[field] or "", b[field] or ""
    if x ~= y then return errors.less(x, y) end
  end
  return false
end

local function reasons_of(change, aspects, after, before, cache)
  local why, grounds = {}, grounds_of(change)
  for _, aspect in ipairs(aspects) do
    local causes
    if aspect.by == "edit" or aspect.by == "law" then -- the same for every row
      cache[aspect.by] = cache[aspect.by] or CAUSES[aspect.by](after, before)
      causes = concerning(cache[aspect.by], grounds)
    else
      causes = CAUSES[aspect.by](after, before, change, grounds)
    end
    local list = {}
    for _, cause in ipairs(causes) do
      list[#list + 1] = { by = aspect.by, kind = cause.kind, id = cause.id, what = cause.what, date = cause.date }
    end
    table.sort(list, in_order)
    if #list == 0 then list[1] = { by = aspect.by } end -- something that no row names
    for _, cause in ipairs(list) do why[#why + 1] = cause end
  end
  return why
end

local Diff = {}
Diff.__index = Diff
Diff.__tostring = function(self) return require("knockon.report.text").render { diff = self } end

-- What `after` has that `before` has not. nil, message, code when a limit is met on the way to the reasons.
return function(after_exposure, before_exposure)
  local after, before = after_exposure.scenario, before_exposure.scenario
  local aspects, is, was = differing(after, before), state_of(after_exposure), state_of(before_exposure)
  local changes = {}
  for _, list in ipairs(LISTS) do
    for _, change in ipairs(changes_of(list, was[list.name], is[list.name])) do changes[#changes + 1] = change end
  end
  local tried, message, code
  if #changes > 0 and #aspects > 1 then
    tried, message, code = trials(after, before, aspects)
    if not tried then return nil, message, code end
  end
  local diff, cache = setmetatable({
    before = core.day_text(before.day), after = core.day_text(after.day), differs = {}, entered = {}, left = {},
    changed = {},
  }, Diff), {}
  for i, aspect in ipairs(aspects) do diff.differs[i] = aspect.by end
  for _, change in ipairs(changes) do
    local where = not change.was and diff.entered or not change.is and diff.left or diff.changed
    where[#where + 1] = {
      list = change.list, id = change.id, name = change.name, was = change.was, is = change.is,
      fields = change.fields, why = reasons_of(change, blamed(change, aspects, tried), after, before, cache),
    }
  end
  return diff
end
