-- The command: a shell over knockon.answer. main(argv, handles) returns the exit status and exits nowhere, so
-- that it can be run inside another program; `handles` replaces the standard streams.
--
-- command/options.lua says what a command line may hold, command/actions.lua what each command does,
-- command/status.lua how it ends.

local errors = require "knockon.errors"
local actions = require "knockon.command.actions"
local new_console = require "knockon.command.console"
local new_parser = require "knockon.command.options"
local status = require "knockon.command.status"
local json_report = require "knockon.report.json"

-- What ended the work, as a status and, where it is an error, an object to show.
local function judge(failure)
  if type(failure) == "table" then
    if status.is_stop(failure) then return failure.status, failure end
    if errors.is(failure) then return status.USAGE, failure end
  end
  -- What the interpreter raises at Ctrl-C, wherever it was.
  if tostring(failure):find("interrupted!\nstack traceback", 1, true) then
    return status.INCOMPLETE, { code = "interrupted", message = "interrupted" }
  end
  return status.INCOMPLETE, { code = "internal", message = tostring(failure) }
end

local function with_traceback(failure)
  if type(failure) == "table" then return failure end
  return debug.traceback(tostring(failure), 2)
end

-- The words with a negative number made part of its option, which would else pass for an option itself.
local function joined(argv)
  if argv[1] == "run" then return argv end
  local words = {}
  for _, word in ipairs(argv) do
    if words[#words] == "--seconds" and word:find "^%-[%d.]" then
      words[#words] = "--seconds=" .. word
    else
      words[#words + 1] = word
    end
  end
  return words
end

return function(argv, handles)
  local console = new_console(argv, handles)
  local ok, result = xpcall(function()
    local args = new_parser(argv):parse(joined(argv))
    if args.output == "-" then args.output = nil end
    return actions[args.command](args, console)
  end, with_traceback)
  console:clear()
  if ok then return result end
  if type(result) == "table" and result.help then
    ok, result = pcall(console.deliver, console, result.help .. "\n")
    if ok then return status.DONE end
  end
  local ending, failure = judge(result)
  local message = errors.is(failure) and tostring(failure) or failure.message
  console:say(failure.usage and message .. "\n\n" .. failure.usage or message)
  if console.json then console.stdout:write(json_report.render(json_report.error(failure))) end
  return ending
end
