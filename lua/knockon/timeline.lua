-- Timeline: the days on which a verdict changes, and what changed it. Only days on which something starts or ends are
-- evaluated: a fact, a restriction, a rule, an exception.

local core = require "knockon.core"
local errors = require "knockon.errors"

local timeline = {}

local LISTS = { "restricted", "users", "parents", "concerned" }

local function add_end(days, value, from, to)
  if value == nil then return end
  local day = type(value) == "number" and core.date(("%d"):format(value)) or core.date(value)
  if day and day > from and day <= to then days[day] = true end
end

-- Everything dated that is not a fact of the network: { kind, id, since, until }.
local function dated(scenario)
  local list, seen = {}, {}
  local function add(kind, id, record)
    list[#list + 1] = { kind = kind, id = id, since = record.since, ["until"] = record["until"] }
  end
  local function add_rule(rule)
    if seen[rule.id] then return end
    seen[rule.id] = true
    for _, interval in ipairs(rule.in_force or {}) do add("rule", rule.id, interval) end
    for _, interval in ipairs(rule.suspended or {}) do -- a suspension that begins ends the rule for the time being
      add("rule", rule.id, { since = interval["until"], ["until"] = interval.since })
    end
  end
  for _, record in ipairs(scenario:considered()) do
    if record.dated then
      add("restriction", record.id, record)
      add_rule(record.rule)
    end
    for i, exception in ipairs(record.except or {}) do add("exception", record.id .. "/" .. i, exception) end
  end
  for i, exception in ipairs(scenario.exceptions) do
    add("exception", exception.source or ("exception " .. i), exception)
  end
  return list
end

-- The state of every row: list -> id -> { verdict (or "excepted"), row }.
local function state_of(exposure)
  local state = {}
  for _, list in ipairs(LISTS) do
    local rows = {}
    for _, row in ipairs(exposure[list](exposure)) do
      local verdict = row.excepted and "excepted" or row.verdict
      local known = rows[row.id]
      if not known or known.verdict ~= "yes" then rows[row.id] = { verdict = verdict, row = row } end
    end
    state[list] = rows
  end
  return state
end

local function changes_between(before, after)
  local changes = {}
  for _, list in ipairs(LISTS) do
    local ids, seen = {}, {}
    for _, state in ipairs { before, after } do
      for id in pairs(state[list]) do
        if not seen[id] then
          seen[id] = true
          ids[#ids + 1] = id
        end
      end
    end
    table.sort(ids, errors.less)
    for _, id in ipairs(ids) do
      local was, is = before[list][id], after[list][id]
      local from, to = was and was.verdict or "no", is and is.verdict or "no"
      if from ~= to then
        local row = (is or was).row
        changes[#changes + 1] = {
          list = list, id = id, name = row.name, before = from, after = to, restrictions = row.restrictions,
          was = was and was.row, is = is and is.row,
        }
      end
    end
  end
  return changes
end

-- Ids of entities, relations and restrictions that the changed rows stand on, before and after.
local function touched_by(changes)
  local touched = {}
  for _, change in ipairs(changes) do
    touched[change.id] = true
    for _, row in ipairs { change.was or {}, change.is or {} } do
      for _, field in ipairs { "restrictions", "suppliers", "users" } do
        for _, id in ipairs(row[field] or {}) do touched[id] = true end
      end
      for _, field in ipairs { "path", "held_by" } do
        for _, step in ipairs(row[field] or {}) do
          touched[step.id] = true
          if step.relation then touched[step.relation] = true end
        end
      end
    end
  end
  return touched
end

local function causes_of(scenario, day, changes, others)
  local causes, touched, text = {}, touched_by(changes), core.day_text(day)
  local function starts_or_ends(record)
    local function is(value) return value ~= nil and core.date(tostring(value)) == core.date(text) end
    return is(record.since) and "starts" or is(record["until"]) and "ends" or nil
  end
  for _, record in ipairs(others) do
    local what = starts_or_ends(record)
    if what then causes[#causes + 1] = { kind = record.kind, id = record.id, what = what } end
  end
  for _, event in ipairs(scenario.net:events(day)) do
    if touched[event.id] or touched[event.from] or touched[event.to] then
      causes[#causes + 1] = { kind = event.kind, id = event.id, what = event.what }
    end
  end
  table.sort(causes, function(a, b)
    if a.kind ~= b.kind then return errors.less(a.kind, b.kind) end
    if a.id ~= b.id then return errors.less(a.id, b.id) end
    return errors.less(a.what, b.what)
  end)
  return causes
end

-- Days after `from`, up to `to`, on which anything starts or ends.
function timeline.days(scenario, from, to)
  local days, list = {}, {}
  for _, record in ipairs(dated(scenario)) do
    add_end(days, record.since, from, to)
    add_end(days, record["until"], from, to)
  end
  for _, day in ipairs(scenario.net:days(from, to)) do days[day] = true end
  for day in pairs(days) do list[#list + 1] = day end
  table.sort(list)
  return list
end

function timeline.run(scenario, from, to)
  local exposure, message, code = scenario:at(core.day_text(from)):exposure()
  if not exposure then return nil, message, code end
  local before, others = state_of(exposure), dated(scenario)
  local start = exposure:count()
  local out = {
    from = core.day_text(from), to = core.day_text(to), days = {},
    start = {
      parents = start.parents, users = start.users, restricted = start.restricted, concerned = start.concerned,
    },
  }
  for _, day in ipairs(timeline.days(scenario, from, to)) do
    exposure, message, code = scenario:at(core.day_text(day)):exposure()
    if not exposure then return nil, message, code end
    local after = state_of(exposure)
    local changes = changes_between(before, after)
    if #changes > 0 then
      local causes = causes_of(scenario, day, changes, others)
      for _, change in ipairs(changes) do change.was, change.is = nil, nil end
      out.days[#out.days + 1] = { date = core.day_text(day), causes = causes, changes = changes }
    end
    before = after
  end
  return out
end

-- Property blocked while it was held, under rules that retain: what was restricted on an earlier day since a
-- restriction began, and no longer is. One evaluation for each day on which something started or ended.
function timeline.formerly(scenario, exposure)
  local first, retaining
  for _, one in ipairs(exposure.active) do
    if one.rule.retains then
      retaining = retaining or {}
      retaining[one.id] = true
      local since = one.since and core.date(tostring(one.since))
      first = first and math.min(first, since or first) or since
    end
  end
  local found, list = {}, {}
  if not retaining then return list end
  local now = {}
  for _, row in ipairs(exposure:restricted()) do now[row.id] = true end
  local days = scenario.net:days(-719163, exposure.day)
  local start = first or days[1] and days[1] - 1 or exposure.day
  local looked = { start }
  for _, day in ipairs(timeline.days(scenario, start, exposure.day)) do looked[#looked + 1] = day end
  for _, day in ipairs(looked) do
    local then_exposure, message, code = scenario:at(core.day_text(day)):exposure()
    if not then_exposure then return nil, message, code end
    local held = {}
    for _, row in ipairs(then_exposure:restricted { verdict = "yes" }) do
      local retained = false
      for _, id in ipairs(row.restrictions) do retained = retained or retaining[id] end
      if retained and row.because ~= "target" then
        held[row.id] = true
        if not now[row.id] and not found[row.id] then
          found[row.id] = { id = row.id, name = row.name, since = core.day_text(day), restrictions = row.restrictions }
          list[#list + 1] = found[row.id]
        end
      end
    end
    for id, row in pairs(found) do
      if held[id] then row["until"] = nil elseif not row["until"] then row["until"] = core.day_text(day) end
    end
  end
  table.sort(list, function(a, b) return errors.less(a.id, b.id) end)
  return list
end

return timeline
