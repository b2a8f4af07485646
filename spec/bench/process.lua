-- A peer as a process: it is asked over a pipe and says what CPU time the answer took (peers/knockon.lua has the
-- protocol). Its memory is read from /proc, where there is one.

local process = {}

local Process = {}
Process.__index = Process

-- Does a shell command succeed?
function process.succeeds(command)
  local result = os.execute(command .. " >/dev/null 2>&1 </dev/null")
  return result == true or result == 0
end

-- What a command prints, in one line; nil when that is nothing.
function process.output(command)
  local pipe = io.popen("{ " .. command .. "; } 2>/dev/null </dev/null")
  if not pipe then return nil end
  local text = pipe:read "*a":gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")
  pipe:close()
  return text ~= "" and text or nil
end

-- Starts a command. folder: for the log of what it writes to standard error. limit: seconds after which it ends itself
-- over one answer. nil when it does not come up.
function process.start(command, folder, limit)
  local pipe = os.tmpname()
  os.remove(pipe)
  assert(process.succeeds(("mkfifo '%s'"):format(pipe)), "mkfifo failed")
  local reader = assert(io.popen(("exec <'%s' 2>>'%s/log.txt'; exec %s"):format(pipe, folder, command), "r"))
  local writer = assert(io.open(pipe, "w"))
  os.remove(pipe)
  local self = setmetatable({ reader = reader, writer = writer, limit = limit }, Process)
  local line = reader:read "*l"
  local number, name = (line or ""):match "^ready (%d+) (.*)$"
  if not number then
    self:leave()
    return nil
  end
  self.id, self.version = number, name
  return self
end

function Process:leave()
  self.gone = true
  self.writer:close()
  self.reader:close()
end

function Process:stop()
  if self.gone then return end
  self.writer:write "quit\n"
  self.writer:flush()
  self:leave()
end

-- arguments: text, or whole numbers. { seconds, answer = { number, … } }; or nil and why, with a message: "skip",
-- "error", or "late" (it took longer than the limit that it was started with, and ended).
function Process:ask(times, question, arguments)
  if self.gone then return nil, "error", "it has ended" end
  local words, start = {}, os.time()
  for i, argument in ipairs(arguments or {}) do
    words[i] = type(argument) == "number" and ("%d"):format(argument) or argument
  end
  self.writer:write(("%d %s %s\n"):format(times, question, table.concat(words, " ")))
  self.writer:flush()
  local line = self.reader:read "*l"
  if not line then
    self:leave()
    local late = self.limit and os.time() - start >= self.limit - 1
    return nil, late and "late" or "error", late and "it took too long" or "it ended; log.txt may say why"
  end
  local verdict, rest = line:match "^(%a+) ?(.*)$"
  if verdict ~= "ok" then return nil, verdict == "skip" and "skip" or "error", rest or line end
  local reply = { answer = {} }
  for word in rest:gmatch "%S+" do
    if not reply.seconds then
      reply.seconds = tonumber(word)
    else
      reply.answer[#reply.answer + 1] = tonumber(word)
    end
  end
  return reply
end

local function kilobytes(path, names)
  local file = io.open(path, "rb")
  if not file then return nil end
  local sum
  for line in file:lines() do
    local name, number = line:match "^([%w_]+):%s+(%d+) kB"
    if names[name] then sum = (sum or 0) + tonumber(number) end
  end
  file:close()
  return sum
end

-- Bytes resident at the most so far, now, and now in this process alone; nil where the system does not say.
function Process:memory()
  local status, map = "/proc/" .. self.id .. "/status", "/proc/" .. self.id .. "/smaps_rollup"
  local peak, now = kilobytes(status, { VmHWM = true }), kilobytes(status, { VmRSS = true })
  local own = kilobytes(map, { Private_Clean = true, Private_Dirty = true })
  return peak and peak * 1024, now and now * 1024, own and own * 1024
end

return process
