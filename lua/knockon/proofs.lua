-- Proofs: one path from a target to every exposed parent, found in one pass. The engine keeps how each entity was
-- reached; a path is written out when it is asked for.

local proofs = {}

local Proofs = {}
Proofs.__index = Proofs

function proofs.new(found) return setmetatable({ found = found }, Proofs) end

-- Of an exposure, for restrictions that only it can tell apart.
function proofs.of(exposure)
  local rows, at = exposure:parents(), {}
  for i, row in ipairs(rows) do at[row.id] = i end
  local found = {}
  function found:path(id) -- luacheck: ignore 212
    local row = rows[at[exposure.net:same(id)]]
    if row then return row.path, row.verdict end
  end
  function found:next(number) -- luacheck: ignore 212
    local row = rows[number + 1]
    if row then return number + 1, row.id, row.verdict, row.path end
  end
  function found:steps() -- luacheck: ignore 212
    local steps = 0
    for _, row in ipairs(rows) do steps = steps + #row.path - 1 end
    return steps
  end
  function found:count() return #rows end -- luacheck: ignore 212
  return proofs.new(found)
end

function Proofs:__tostring() return ("proofs (%d parents)"):format(self:count()) end

-- How many parents are exposed, surely or perhaps.
function Proofs:count() return self.found:count() end

-- Relations in all paths together.
function Proofs:steps() return self.found:steps() end

-- The path to a parent as a list of steps, and its verdict; nil when it is not exposed.
function Proofs:path(id) return self.found:path(id) end

-- for id, verdict, path in proofs:each() do … end, in order of id.
function Proofs:each()
  local number, found = 0, self.found
  return function()
    local id, verdict, path
    number, id, verdict, path = found:next(number)
    return id, verdict, path
  end
end

return proofs
