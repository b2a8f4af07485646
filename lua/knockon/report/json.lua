-- An answer as JSON, the same bytes on every Lua.

local json = require "knockon.json"

local report = {}

local function copy_of(fields)
  local copy = {}
  for name, value in pairs(fields) do copy[name] = value end
  return copy
end

-- Amounts are objects also when there are none, whether or not the answer still carries its marks.
local function rows_of(rows, users)
  local out = {}
  for i, row in ipairs(rows) do
    local copy = copy_of(row)
    if copy.spend then copy.spend = json.object(copy_of(copy.spend)) end
    if copy.spend_possible then copy.spend_possible = json.object(copy_of(copy.spend_possible)) end
    -- A user that no level binds says so with null; in Lua the field is simply missing.
    if users and copy.scope == nil then copy.scope = json.null end
    out[i] = copy
  end
  return json.array(out)
end

-- A parent that no scope gives a verdict says so with null.
local function ladder_of(rows)
  local out = {}
  for i, row in ipairs(rows) do
    out[i] = copy_of(row)
    out[i].levels = json.object(copy_of(row.levels))
    out[i].lowest = json.object { yes = row.lowest.yes or json.null, possible = row.lowest.possible or json.null }
  end
  return json.array(out)
end

-- opts.indent: spaces of one indent (default 2; 0 for one line).
function report.render(answer, opts)
  local copy = copy_of(answer)
  if copy.users then copy.users = rows_of(copy.users, true) end
  if copy.parents then copy.parents = rows_of(copy.parents) end
  if copy.ladder then copy.ladder = ladder_of(copy.ladder) end
  if copy.sweep then
    copy.sweep = copy_of(copy.sweep)
    copy.sweep.rows = rows_of(copy.sweep.rows)
  end
  if copy.run then
    copy.run = copy_of(copy.run)
    copy.run.rules = json.object(copy_of(copy.run.rules or {}))
  end
  return json.encode(copy, { indent = opts and opts.indent or 2 }) .. "\n"
end

-- Rules as modelled, each with everything it says.
function report.rules(rules)
  local list = json.array {}
  for i, rule in ipairs(rules) do
    local copy = copy_of(rule)
    copy.red_flags = copy.red_flags and json.object(copy_of(copy.red_flags))
    for _, name in ipairs { "in_force", "suspended" } do
      local intervals = copy[name] and json.array {}
      for j, interval in ipairs(copy[name] or {}) do intervals[j] = json.object(copy_of(interval)) end
      copy[name] = intervals
    end
    list[i] = copy
  end
  return json.encode({ knockon = 1, rules = list }, { indent = 2 }) .. "\n"
end

-- What is said of an error may quote bytes that are no text.
local function legible(message) return json.legible(tostring(message)) end

-- An error object as the answer of the same shape that programs read.
function report.error(object)
  local near
  if object.near and #object.near > 0 then
    near = json.array {}
    for i, word in ipairs(object.near) do near[i] = legible(word) end
  end
  local argument = object.argument
  return {
    knockon = 1,
    error = {
      code = legible(object.code or "error"), message = legible(object.message),
      argument = argument ~= nil and legible(argument) or nil, near = near,
    },
  }
end

return report
