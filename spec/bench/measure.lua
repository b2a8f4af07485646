-- Measures knockon beside one peer: both are asked the same in turns, and the medians of their CPU times are kept.
--
-- An answer that takes less than 20 ms is asked for several times in a row, as many as that takes when it is asked
-- again. The first time is not counted, unless it took more than 10 s: then it is all there is of that side. What would
-- take a peer longer than the limit is not asked.

local process = require "spec.bench.process"
local questions = require "spec.bench.questions"

local measure = {}

local SHORTEST, LONG, VERY_LONG = 0.02, 2, 10 -- seconds

function measure.median(numbers)
  local list = {}
  for i, number in ipairs(numbers) do list[i] = number end
  table.sort(list)
  local half = math.floor((#list + 1) / 2)
  return #list % 2 == 1 and list[half] or (list[half] + list[half + 1]) / 2
end

local function times_for(seconds) return math.max(1, math.min(2000, math.ceil(SHORTEST / math.max(seconds, 1e-7)))) end

local function same(one, other)
  if #one ~= #other then return false end
  for i, number in ipairs(one) do
    if number ~= other[i] then return false end
  end
  return true
end

local function text_of(answer)
  local texts = {}
  for i, number in ipairs(answer) do texts[i] = ("%d"):format(number) end
  return table.concat(texts, " ")
end

-- Asks each of `sides` in turns, `rounds` times; one that took very long is not asked again. false and whose end it was
-- when one of them ended.
local function alternate(sides, rounds, request, arguments)
  for _ = 1, rounds do
    for _, side in ipairs(sides) do
      if side.first <= VERY_LONG then
        local reply, why, message = side.process:ask(side.times, request, arguments)
        if not reply then return false, side, why, message end
        side.samples[#side.samples + 1] = reply.seconds
        if not same(reply.answer, side.answer) then return false, side, "error", "two answers to one question" end
      end
    end
  end
  return true
end

-- One question to each of `processes` (knockon first). Returns { seconds, first, samples, answer } for each, or nil,
-- the number of the one that did not answer, why and a message.
function measure.ask(processes, request, arguments, runs)
  local sides, slowest = {}, 0
  for i, one in ipairs(processes) do
    local reply, why, message = one:ask(1, request, arguments)
    if not reply then return nil, i, why, message end
    local again = reply
    if reply.seconds < SHORTEST then -- the first time may have prepared something
      again, why, message = one:ask(times_for(reply.seconds), request, arguments)
      if not again then return nil, i, why, message end
    end
    sides[i] = {
      process = one, first = reply.seconds, answer = reply.answer, samples = {}, times = times_for(again.seconds),
    }
    slowest = math.max(slowest, reply.seconds)
  end
  local rounds = slowest > LONG and math.min(3, runs) or runs
  local fine, side, why, message = alternate(sides, rounds, request, arguments)
  if not fine then
    for i, one in ipairs(sides) do
      if one == side then return nil, i, why, message end
    end
  end
  for _, one in ipairs(sides) do
    one.samples[1] = one.samples[1] or one.first
    one.seconds = measure.median(one.samples)
    one.process = nil
  end
  return sides
end

-- Starts and loads each command in turns, `runs` times anew. Returns the processes of the last time, loaded, and
-- for each the seconds of every load; or nil, the number of the one that failed, why and a message.
function measure.load(commands, form, context, runs)
  local samples, processes = {}, {}
  local function give_up(i, why, message)
    for _, one in pairs(processes) do one:stop() end
    return nil, i, why, message
  end
  for i in ipairs(commands) do samples[i] = {} end
  local round = 1
  while round <= runs do
    for i, command in ipairs(commands) do
      if processes[i] then processes[i]:stop() end
      processes[i] = process.start(command, context.scratch, context.limit)
      if not processes[i] then return give_up(i, "error", "it did not start; log.txt may say why") end
      local reply, why, message = processes[i]:ask(1, "load", { form, context.folder, context.ids })
      if not reply then return give_up(i, why, message) end
      samples[i][round] = reply.seconds
      if reply.seconds > VERY_LONG then runs = round end
      if reply.answer[1] ~= context.asked.entities then
        return give_up(i, "error", "it read another number of entities")
      end
    end
    round = round + 1
  end
  return processes, samples
end

local Comparison = {}
Comparison.__index = Comparison

function Comparison:add(question, sides, note)
  local row = {
    question = question.key, title = question.title, peer = self.peer.key, against = self.peer.title, note = note,
    goal = question.goals and question.goals[self.peer.key], knockon = sides[1].seconds, other = sides[2].seconds,
    knockon_samples = sides[1].samples, other_samples = sides[2].samples, answer = text_of(sides[1].answer),
  }
  self.rows[#self.rows + 1] = row
  if sides[2].answer and not same(sides[1].answer, sides[2].answer) then
    self:problem(question, ("knockon answers %s, %s answers %s"):format(text_of(sides[1].answer), self.peer.title,
      text_of(sides[2].answer)))
    row.wrong = true
  end
end

function Comparison:problem(question, message)
  self.problems[#self.problems + 1] = ("%s: %s"):format(question.title, message)
end

function Comparison:note(question, message)
  self.notes[#self.notes + 1] = ("%s, %s: %s"):format(self.peer.title, question.title, message)
end

-- What knockon cannot be asked is told once for all peers, not here.
function Comparison:skip(question, number)
  if number == 2 then self.skipped[#self.skipped + 1] = question.title end
end

function Comparison:load(question, runs)
  local processes, samples, why, message = measure.load({ self.context.knockon.command, self.peer.command },
    question.form, self.context, runs)
  if not processes then
    local whose = samples == 1 and "knockon" or self.peer.title
    if why == "skip" then
      if question.form ~= "plain" then self:skip(question, samples) end
    elseif why == "late" then
      self:note(question, ("not answered within %d s"):format(self.context.limit))
    else
      self:problem(question, ("%s: %s"):format(whose, message))
    end
    return nil
  end
  local sides = {}
  for i = 1, 2 do sides[i] = { seconds = measure.median(samples[i]), samples = samples[i], answer = {} } end
  self:add(question, sides)
  return processes
end

-- What it would take a peer, from a shorter question of the kind; nil when that was not answered.
function Comparison:estimate(question, arguments)
  for _, key in ipairs(question.after or {}) do
    local shorter = self.known[key]
    if shorter then return shorter.seconds * #arguments / shorter.count end
  end
  return nil
end

function Comparison:question(question, processes)
  local context = self.context
  local request, arguments = question.ask(context.asked)
  if not request then return end
  local estimate = self:estimate(question, arguments)
  if estimate and estimate > context.limit then
    local sides = measure.ask({ processes[1] }, request, arguments, context.runs)
    if sides then
      self:add(question, { sides[1], { seconds = estimate, samples = {} } }, "estimated")
      self.known[question.key] = { seconds = estimate, count = #arguments }
    end
    return
  end
  local sides, number, why, message = measure.ask(processes, request, arguments, context.runs)
  if sides then
    self:add(question, sides)
    self.known[question.key] = { seconds = sides[2].seconds, count = #arguments }
  elseif why == "skip" then
    self:skip(question, number)
  elseif why == "late" then
    self:note(question, ("not answered within %d s"):format(context.limit))
  else
    self:problem(question, ("%s: %s"):format(number == 1 and "knockon" or self.peer.title, message))
  end
end

-- knockon beside one peer: { rows, notes, problems, version, memory } (bytes at the most, of both).
function measure.compare(peer, context)
  local self = setmetatable({
    peer = peer, context = context, rows = {}, notes = {}, problems = {}, skipped = {}, known = {},
  }, Comparison)
  for _, question in ipairs(questions.LOADS) do
    if question.form ~= "csv" then
      for _, one in ipairs(self:load(question, context.loads) or {}) do one:stop() end
    end
  end
  local processes = self:load(questions.LOADS[1], context.loads)
  if not processes then return self end
  self.version = processes[2].version
  for _, question in ipairs(questions.LIST) do
    self:question(question, processes)
    for i, command in ipairs { context.knockon.command, peer.command } do
      if processes[i].gone then -- begun anew for the questions that are left
        local again = measure.load({ command }, "csv", context, 1)
        if not again then return self end
        processes[i] = again[1]
      end
    end
  end
  self.memory = { (processes[1]:memory()), (processes[2]:memory()) }
  if #self.skipped > 0 then
    self.notes[#self.notes + 1] = ("%s cannot be asked: %s"):format(self.peer.title, table.concat(self.skipped, "; "))
  end
  for _, one in ipairs(processes) do one:stop() end
  return self
end

return measure
