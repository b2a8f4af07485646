-- Budgets of work done on the Lua side: a deadline and a progress function, asked every few thousand records.

local core = require "knockon.core"
local errors = require "knockon.errors"

local EVERY = 4096

local budget = {}

-- Raises when opts.limits or opts.progress is none.
function budget.check(opts)
  local limits, progress = opts.limits, opts.progress
  if limits ~= nil and type(limits) ~= "table" then
    errors.raise("argument", "limits", "limits must be a table { seconds =, bytes = }, not a " .. type(limits))
  end
  for name, value in pairs(limits or {}) do
    if name ~= "seconds" and name ~= "bytes" then
      errors.raise("argument", "limits", ("unknown limit %q; known: bytes, seconds"):format(tostring(name)),
        errors.nearest(tostring(name), { "bytes", "seconds" }))
    end
    local least = name == "seconds" and 0 or 1
    if not (type(value) == "number" and value >= least) then
      errors.raise("argument", "limits." .. name, ("limits.%s must be a number, %d or more"):format(name, least))
    end
  end
  if progress ~= nil and type(progress) ~= "function" then
    errors.raise("argument", "progress", "progress must be a function, not a " .. type(progress))
  end
end

-- A budget that begins now, from checked options.
-- check(done, total, what) -> true, or nil, message, code when the time is up or progress said false.
-- tick(done, total, what): the same, every few thousand calls.
-- left(): the options for what follows, with what is left of the seconds.
function budget.start(opts)
  local limits, progress = opts.limits, opts.progress
  local deadline = limits and limits.seconds and core.now() + limits.seconds

  local function check(done, total, what)
    if deadline and core.now() > deadline then
      return nil, "stopped at the limit of seconds, while " .. what, "limit"
    end
    if progress and progress(done, total, what) == false then
      return nil, "interrupted while " .. what, "interrupted"
    end
    return true
  end

  local function tick(done, total, what)
    if done % EVERY ~= 0 then return true end
    return check(done, total, what)
  end

  local function left()
    local copy = {}
    for name, value in pairs(opts) do copy[name] = value end
    if deadline then copy.limits = { seconds = math.max(deadline - core.now(), 0), bytes = limits.bytes } end
    return copy
  end

  return { check = check, tick = tick, left = left }
end

return budget
