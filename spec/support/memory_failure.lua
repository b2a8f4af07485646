-- What happens when memory runs out: every workload is run with its first allocation failing, then its second,
-- and so on until none is left to fail; once with that allocation alone, once with all that follow it too. Each time
-- the failure must come out as an error (or nil, message, code), the engine must have given everything back once the
-- collector has run, no file may stay open, and the same work without a failure must give the right answer.
--
-- Run by memory_failure.sh, which puts failing_malloc before the interpreter's malloc.
-- memory_failure_networks.lua and memory_failure_questions.lua say what is run, memory_failure_data.lua on what.
-- memory_failure.lua FOLDER: a folder for files. Ends with `N passed, N failed`.

local failing = require "failing_malloc"
assert(failing.preloaded(), "failing_malloc is not preloaded")

local json = require "knockon.json"
require "knockon.answer"

-- lua-cjson ends the process when it gets no memory, and libgcc, where LuaJIT registers its traces, does not ask; so
-- they always get some.
-- The C library is watched for the buffers of files that stay open.
assert(failing.watch({ "core.so", "libigraph", "libstdc++", "libc.so", "libc-" }, { "cjson", "libgcc" }) > 0)

local workloads = require("spec.support.memory_failure_data").workloads
require "spec.support.memory_failure_networks"
require "spec.support.memory_failure_questions"

local ALWAYS = 1e9

local passed, failed = 0, 0
local started = os.clock()

-- Is it an error that says what happened?
local function is_told(raised)
  if type(raised) == "table" then -- the system's own message, passed on
    return type(raised.message) == "string" and raised.message:find("Cannot allocate memory", 1, true)
  end
  if type(raised) ~= "string" then return false end
  -- 5.2 and later call a stack that cannot grow an overflow
  for _, text in ipairs { "not enough memory", "Cannot allocate memory", "stack overflow" } do
    if raised:find(text, 1, true) then return true end
  end
  return false
end

local function collect()
  collectgarbage()
  collectgarbage()
end

-- Where an answer begins to differ.
local function difference(got, expected)
  local at = 1
  while at <= #got and got:byte(at) == expected:byte(at) do at = at + 1 end
  local from = math.max(1, at - 60)
  return ("%s instead of %s"):format(got:sub(from, at + 60), expected:sub(from, at + 60))
end

-- nil when all is well, else what is not; the second value: nothing failed any more.
local function step(one, n, many, expected, before)
  local subject = before.state
  if one.begin then subject = one.begin(before.state) end
  local hits, fine, value, message, code = failing.try(n, many, one.work, subject)
  if debug.gethook() then return "a hook was left behind" end
  if getmetatable("").__index ~= string then return "strings lost their methods" end
  local wrong
  if fine and value ~= nil then
    if one.finish then value = one.finish(subject) end
    value = json.encode { value }
    if value ~= expected then wrong = "a wrong answer: " .. difference(value, expected) end
  elseif fine then
    if not (is_told(message) and (code == "io" or code == "memory")) then
      wrong = ("it gave nil, %s, %s"):format(tostring(message), tostring(code))
    end
  elseif not is_told(value) then
    wrong = "it raised " .. tostring(value)
  end
  if hits == 0 and not (fine and value ~= nil) then return wrong or "it failed by itself", true end
  if not wrong and one.left then wrong = one.left() end
  if not wrong and hits > 0 and not (fine and value ~= nil) then
    if one.again == false then subject = one.begin(before.state) end
    local going, again, cause = pcall(one.work, subject)
    if not going and type(again) == "table" and again.code == "closed" then -- it says so: begin again
      subject = one.begin(before.state)
      again, cause = one.work(subject)
    elseif not going then
      again, cause = nil, again
    end
    if again ~= nil and one.finish then again = one.finish(subject) end
    if again == nil then
      wrong = "not even afterwards: " .. tostring(cause)
    else
      again = json.encode { again }
      if again ~= expected then wrong = "afterwards a wrong answer: " .. difference(again, expected) end
    end
  end
  subject, value, message = nil, nil, nil -- luacheck: ignore 311
  collect()
  local blocks, bytes = failing.live()
  local files = failing.files()
  if not wrong and blocks > before.blocks then
    wrong = ("%d blocks and %d bytes were not given back"):format(blocks - before.blocks, bytes - before.bytes)
  end
  before.blocks, before.bytes = blocks, bytes -- fewer, when a slot of the stack held garbage until now
  if not wrong and files ~= before.files then wrong = ("%d files stay open"):format(files - before.files) end
  return wrong, hits == 0
end

local function sweep(one)
  local before = { state = one.state and one.state() }
  local function run()
    local subject = before.state
    if one.begin then subject = one.begin(before.state) end
    local value, message = one.work(subject)
    if value == nil then error(one.name .. ": " .. tostring(message), 0) end
    if one.finish then value = one.finish(subject) end
    return json.encode { value }
  end
  local expected = run()
  assert(run() == expected, one.name .. ": it does not give the same answer twice")
  collect()
  before.blocks, before.bytes = failing.live()
  before.files = failing.files()
  for _, many in ipairs { 1, ALWAYS } do
    local wrong, ended
    local n = 0
    repeat
      n = n + 1
      local fine
      fine, wrong, ended = pcall(step, one, n, many, expected, before)
      if not fine then wrong = "afterwards it raised " .. tostring(wrong) end
    until wrong or ended
    if wrong then
      failed = failed + 1
      io.write(("FAILED  %s, %s %d: %s\n"):format(one.name, many == 1 and "allocation" or "from allocation", n, wrong))
      collect() -- what leaked here is not counted again
      before.blocks, before.bytes = failing.live()
      before.files = failing.files()
    else
      passed = passed + 1
      io.write(("ok      %s, %s %d\n"):format(one.name, many == 1 and "each of" or "from each of", n - 1))
    end
    io.flush()
  end
end

io.write(_VERSION, rawget(_G, "jit") and " (LuaJIT)\n" or "\n")
for _, one in ipairs(workloads) do sweep(one) end
io.write(("%.0f s\n%d passed, %d failed\n"):format(os.clock() - started, passed, failed))
os.exit(failed == 0 and passed > 0 and 0 or 1)
