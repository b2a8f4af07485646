-- How the command ends: its exit statuses, and the error that ends it from anywhere below main.

local status = { DONE = 0, FAILED_ON = 1, SCRIPT = 1, USAGE = 2, UNREADABLE = 3, INCOMPLETE = 4 } -- 4 outranks 1

local Stop = {}

-- Ends the command with a status and something to say; `usage` is shown below it.
function status.stop(number, code, message, argument, usage)
  error(setmetatable({ status = number, code = code, message = message, argument = argument, usage = usage }, Stop), 0)
end

function status.is_stop(failure) return getmetatable(failure) == Stop end

return status
