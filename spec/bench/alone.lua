-- What knockon is measured at by itself: every question at one size (how cost grows from size to size), and what only
-- has meaning against itself: a sweep against one ban, a mask against none, a snapshot against a load, memory.

local measure = require "spec.bench.measure"
local process = require "spec.bench.process"
local questions = require "spec.bench.questions"

local alone = {}

local Alone = {}
Alone.__index = Alone

-- value: what is measured. goal: it may be at most (or, with `at_least`, must be at least) so much.
function Alone:fact(title, value, unit, goal, at_least)
  local met
  if goal then met = at_least and value >= goal or not at_least and value <= goal end
  self.facts[#self.facts + 1] = {
    title = title, value = value, unit = unit, goal = goal, at_least = at_least, met = met,
  }
end

function Alone:missing(title, message) self.notes[#self.notes + 1] = ("knockon, %s: %s"):format(title, message) end

function Alone:loads()
  local context, kept = self.context, nil
  for i = #questions.LOADS, 1, -1 do -- CSV last: its process is asked all the rest
    local question = questions.LOADS[i]
    local processes, samples, why, message
    if question.form ~= "plain" then
      processes, samples, why, message = measure.load({ context.knockon.command }, question.form, context,
        context.loads)
    end
    if processes then
      self.seconds[question.key] = measure.median(samples[1])
      if kept then kept:stop() end
      kept = processes[1]
    elseif why then
      self:missing(question.title, why == "skip" and message or ("%s: %s"):format(why, message))
    end
  end
  return kept
end

-- Keeps the median and the answer; returns what the first time took, nil where it could not be asked.
function Alone:ask(one, question)
  local request, arguments = question.ask(self.context.asked)
  if not request then return nil end
  local sides, _, why, message = measure.ask({ one }, request, arguments, self.context.runs)
  if not sides then
    self:missing(question.title, why == "skip" and message or ("%s: %s"):format(why, message))
    return nil
  end
  self.seconds[question.key], self.answer[question.key] = sides[1].seconds, sides[1].answer
  return sides[1].first
end

-- Every question; returns what the sweep of all took the first time, with whatever it prepares once.
function Alone:answers(one)
  local order = {}
  for _, question in ipairs(questions.LIST) do
    table.insert(order, question.key == "sweep_all" and 1 or #order + 1, question)
  end
  local cold
  for i, question in ipairs(order) do
    local first = self:ask(one, question)
    if i == 1 then cold = first end
  end
  return cold
end

-- The hub, in turns with the what-if and without.
function Alone:mask(one)
  if not self.seconds.masked then return end
  local hub, plain, masked = { self.context.asked.hub }, {}, {}
  local times = math.max(1, math.ceil(0.02 / math.max(self.seconds.hub, 1e-7)))
  for i = 1, self.context.runs do
    for _, side in ipairs { { "ban", plain }, { "masked", masked } } do
      local reply = one:ask(times, side[1], hub)
      if reply then side[2][i] = reply.seconds end
    end
  end
  self:fact("ban of the hub where 1000 supplies have ended, against where not",
    measure.median(masked) / measure.median(plain), "times as long", self.context.goals and 1.10)
end

-- Opens the snapshot in a process of its own, with one small answer so that what it needs is there. Returns the
-- process, the seconds, and the bytes that are its own on top of what it had before.
function Alone:open(path)
  local context = self.context
  local one = assert(process.start(context.knockon.command, context.scratch), "knockon does not start")
  local _, _, before = one:memory()
  local reply, why, message = one:ask(1, "open", { path, context.ids })
  if not reply then
    one:stop()
    return nil, why, message
  end
  one:ask(1, "ban", { context.asked.tail })
  local _, _, after = one:memory()
  return one, reply.seconds, after and after - before
end

function Alone:snapshot(one, resident)
  local path, title = self.context.scratch .. "/snapshot", "snapshot"
  local reply, why, message = one:ask(1, "freeze", { path })
  if not reply then return self:missing(title, why == "skip" and message or ("%s: %s"):format(why, message)) end
  self.seconds.freeze = reply.seconds
  local first, seconds, own = self:open(path)
  if not first then return self:missing(title, ("%s: %s"):format(seconds, own)) end
  local samples = { seconds }
  local second
  for i = 2, math.max(2, self.context.runs) do
    if second then second:stop() end
    second, seconds, own = self:open(path)
    samples[i] = assert(second and seconds, "the snapshot opens once only")
  end
  self.seconds.open = measure.median(samples)
  if self.seconds.load_csv then
    self:fact("knockon.open of a snapshot, against loading the CSV files", self.seconds.load_csv / self.seconds.open,
      "times faster", self.context.goals and self.context.size == "L" and 100, true)
  end
  if own and resident then
    self:fact("memory a second process with the snapshot adds", 100 * own / resident, "% of one that loaded the CSV",
      self.context.goals and 5)
  end
  first:stop()
  second:stop()
  os.remove(path)
end

function Alone:memory(one)
  local reply = one:ask(1, "memory")
  if not reply then return end
  local relations, megabyte = self.context.asked.relations, 1000000
  local adjacency, ids, fields, peak = reply.answer[1], reply.answer[2], reply.answer[3], reply.answer[4]
  self:fact("memory of both adjacencies, kinds, shares and dates", adjacency / megabyte, "MB",
    self.context.goals and self.context.size == "L" and 200)
  self:fact("the same a relation", adjacency / relations, "bytes")
  self:fact("memory of ids, names and other texts", ids / megabyte, "MB")
  self:fact("memory of further fields", fields / megabyte, "MB")
  self:fact("the most the engine held while loading", peak / megabyte, "MB")
end

-- Seconds and answers by question, facts and notes, for the size of the context.
function alone.run(context)
  local self = setmetatable({ context = context, seconds = {}, answer = {}, facts = {}, notes = {} }, Alone)
  local one = self:loads()
  if not one then return self end
  self.version = one.version
  local _, resident = one:memory()
  local cold = self:answers(one)
  local seconds, goals = self.seconds, context.goals
  if seconds.tail then
    self:fact("ban in a corner", seconds.tail * 1e6, "microseconds", goals and context.size == "L" and 10)
  end
  if seconds.sweep_all and seconds.hub then
    self:fact("sweep of all suppliers, against one ban of the hub", seconds.sweep_all / seconds.hub, "times as long",
      goals and 5)
    self:fact("the same with what it prepares once", cold / seconds.hub, "times as long")
  end
  self:mask(one)
  self:memory(one)
  self:snapshot(one, resident)
  local peak = one:memory()
  if peak then self:fact("the most the process held, answers with every path included", peak / 1000000, "MB") end
  one:stop()
  return self
end

return alone
