-- Budgets of work done on the Lua side: a deadline and a progress function, asked every few thousand records.

local core = require "knockon.core"
local errors = require "knockon.errors"

local EVERY = 4096

-- tick(done, total, what) -> true, or nil, message, code when the time is up or progress said false.
-- tick.left(): the options for what follows, with what is left of the seconds.
return function(opts)
  local limits, progress = opts.limits, opts.progress
  if limits ~= nil and type(limits) ~= "table" then
    errors.raise("argument", "limits", "limits must be a table { seconds =, bytes = }, not a " .. type(limits))
  end
  if progress ~= nil and type(progress) ~= "function" then
    errors.raise("argument", "progress", "progress must be a function, not a " .. type(progress))
  end
  local seconds = limits and limits.seconds
  if seconds ~= nil and not (type(seconds) == "number" and seconds >= 0) then
    errors.raise("argument", "limits.seconds", "limits.seconds must be a number, 0 or more")
  end
  local deadline = seconds and core.now() + seconds

  local function tick(_, done, total, what)
    if done % EVERY ~= 0 then return true end
    if deadline and core.now() > deadline then
      return nil, "stopped at the limit of seconds, while " .. what, "limit"
    end
    if progress and progress(done, total, what) == false then
      return nil, "interrupted while " .. what, "interrupted"
    end
    return true
  end

  local function left()
    local copy = {}
    for name, value in pairs(opts) do copy[name] = value end
    if deadline then copy.limits = { seconds = math.max(deadline - core.now(), 0), bytes = limits.bytes } end
    return copy
  end

  return setmetatable({ left = left }, { __call = tick })
end
