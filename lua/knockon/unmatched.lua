-- What is said of a condition that nothing meets: a warning, since on another day, or in other data, something may.

local core = require "knockon.core"
local errors = require "knockon.errors"

local unmatched = {}

-- What records carry beside further fields.
local COLUMNS = {
  entities = { "id", "kind", "since", "until" },
  relations = { "basis", "from", "id", "kind", "share", "since", "to", "until" },
}

-- "no entity in force on 2022-01-18 matches country = CN or HK", with the field that was probably meant.
local function sentence(net, day, part, condition)
  local names, known, there = {}, net:field_names(), {}
  for name in pairs(condition) do names[#names + 1] = name end
  table.sort(names, errors.less)
  for _, name in ipairs(COLUMNS[part]) do known[#known + 1] = name end
  for _, name in ipairs(known) do there[name] = true end
  local conditions, hints = {}, {}
  for i, name in ipairs(names) do
    local wanted, values = condition[name], {}
    for k, value in ipairs(type(wanted) == "table" and wanted or { wanted }) do values[k] = tostring(value) end
    conditions[i] = ("%s = %s"):format(name, table.concat(values, " or "))
    if not there[name] then
      local near = errors.nearest(name, known, 1)[1]
      hints[#hints + 1] = ('; no record has the field "%s"%s'):format(name,
        near and (', did you mean "%s"?'):format(near) or "")
    end
  end
  local gone = #hints == 0 and #net[part](net, condition) > 0
  return ("no %s %smatches %s%s"):format(part == "entities" and "entity" or "relation",
    gone and ("in force on %s "):format(core.day_text(day)) or "", table.concat(conditions, ", "), table.concat(hints))
end

-- Of the targets of a ban or restriction.
function unmatched.target(net, day, id, targets)
  return { code = "no_target", ids = { id }, message = ("%s: %s"):format(id, sentence(net, day, "entities", targets)) }
end

-- Of relations to drop.
function unmatched.relation(net, day, filter)
  return { code = "no_relation", ids = {}, message = "drop: " .. sentence(net, day, "relations", filter) }
end

return unmatched
