-- Ladder: each parent's verdict at every scope. The difference between two rungs is who becomes exposed when the
-- reading of the law reaches one step further.

local errors = require "knockon.errors"
local restriction = require "knockon.restriction"

local SCOPES = restriction.SCOPES

-- Rows by id, from one evaluation a scope; nil, message, code when one of them met a limit.
return function(scenario)
  local rows, list = {}, {}
  for _, scope in ipairs(SCOPES) do
    local exposure, message, code = scenario:at_scope(scope):exposure()
    if not exposure then return nil, message, code end
    for _, parent in ipairs(exposure:parents()) do
      local row = rows[parent.id]
      if not row then
        row = { id = parent.id, name = parent.name, levels = {}, lowest = {} }
        for _, one in ipairs(SCOPES) do row.levels[one] = "no" end
        rows[parent.id] = row
        list[#list + 1] = row
      end
      row.levels[scope] = parent.verdict
      row.lowest[parent.verdict] = row.lowest[parent.verdict] or scope
    end
  end
  table.sort(list, function(a, b) return errors.less(a.id, b.id) end)
  return list
end
