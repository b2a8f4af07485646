-- The streams of one run of the command: what it says, what it delivers, progress on a terminal.

local output = require "knockon.output"
local status = require "knockon.command.status"

local Console = {}
Console.__index = Console

local function new_console(argv, handles)
  handles = handles or {}
  local found, core = pcall(require, "knockon.core")
  local isatty = handles.isatty or (found and type(core) == "table" and core.isatty) or function() return false end
  local console = {
    stdin = handles.stdin or io.stdin, stdout = handles.stdout or io.stdout, stderr = handles.stderr or io.stderr,
    getenv = handles.getenv or os.getenv, json = false,
  }
  -- A stream that was put in place of a standard one is no terminal, unless isatty was given too.
  console.colour = (handles.isatty or not handles.stdout) and isatty(1) and (console.getenv "NO_COLOR" or "") == ""
  console.progress = (handles.isatty or not handles.stderr) and isatty(2)
  -- Looked for by hand, because errors of the command line itself have to obey it too.
  for i, word in ipairs(argv) do
    if word == "--" or (i == 1 and word == "run") then break end
    if word == "--format=json" or (word == "--format" and argv[i + 1] == "json") then console.json = true end
  end
  return setmetatable(console, Console)
end

function Console:say(message) self.stderr:write("knockon: ", message, "\n") end

-- A progress function for a terminal, ten times a second at most; nil where there is none.
function Console:reporter()
  if not self.progress then return nil end
  local last = -1
  return function(done, total, what)
    local now = os.clock()
    if now - last >= 0.1 then
      last = now
      local share = total and total > 0 and (" %d%%"):format(100 * done / total) or ""
      self.stderr:write("\r\27[K", tostring(what or "working"), share)
      self.stderr:flush()
      self.drawn = true
    end
  end
end

function Console:clear()
  if self.drawn then self.stderr:write("\r\27[K") end
  self.drawn = false
end

-- To standard output (no path, or -), or whole to a file: written beside it, then put in its place.
function Console:deliver(content, path)
  if not path or path == "-" then
    local ok, message = self.stdout:write(content)
    if ok and self.stdout.flush then ok, message = self.stdout:flush() end
    if not ok and message then status.stop(status.INCOMPLETE, "io", "standard output: " .. tostring(message)) end
    return
  end
  local done, message = output.write(path, function(write) write(content) end)
  if not done then status.stop(status.INCOMPLETE, "io", "cannot write " .. message, "output") end
end

return new_console
