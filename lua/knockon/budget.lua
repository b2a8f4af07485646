-- Budgets of work done on the Lua side: a deadline and a progress function, asked every few thousand records.

local core = require "knockon.core"

local EVERY = 4096

-- tick(done, total, what) -> true, or nil, message, code when the time is up or progress said false.
return function(opts)
  local seconds = type(opts.limits) == "table" and opts.limits.seconds or nil
  local deadline = seconds and core.now() + seconds
  local progress = opts.progress
  if not deadline and not progress then return function() return true end end
  return function(done, total, what)
    if done % EVERY ~= 0 then return true end
    if deadline and core.now() > deadline then return nil, "stopped at the limit of seconds, while " .. what, "limit" end
    if progress and progress(done, total, what) == false then return nil, "interrupted while " .. what, "interrupted" end
    return true
  end
end
