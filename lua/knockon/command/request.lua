-- The words of a command line as a request to knockon.answer.

local core = require "knockon.core"
local condition = require "knockon.command.condition"
local edits_of = require "knockon.command.edits"
local status = require "knockon.command.status"

local function join(filter, more)
  for field, value in pairs(more) do
    if filter[field] ~= nil then
      status.stop(status.USAGE, "usage", ("the field %s is named twice; alternatives go into one: %s=A,B")
        :format(field, field), "targets")
    end
    filter[field] = value
  end
end

-- Targets named on the command line as bans: the ids together, each condition by itself (knockon takes bans
-- under one rule and scope as one act anyway). Among the first `together` words,
-- conditions next to each other are one.
local function bans_of(net, words, together)
  local bans, ids = {}, {}
  local joined -- the condition that the next one would go on with
  for i, word in ipairs(words) do
    if i > together then joined = nil end
    local filter = not net:entity(word) and condition(word)
    if not filter then
      ids[#ids + 1] = word
      joined = nil
    elseif joined then
      join(joined, filter)
    else
      bans[#bans + 1] = { targets = filter }
      joined = filter
    end
  end
  if #ids > 0 then table.insert(bans, 1, { targets = ids }) end
  return bans
end

local request_of = {}

-- What the parsed words `args` ask of the network.
function request_of.question(question, args, net, console)
  local words = {}
  for _, list in ipairs { args.targets or {}, args.ban or {} } do
    for _, word in ipairs(list) do words[#words + 1] = word end
  end
  return {
    question = question, bans = bans_of(net, words, #(args.targets or {})), edits = edits_of(args, net),
    rule = args.rule, scope = args.scope,
    as_of = args.as_of, since = args.since, ["until"] = args["until"], id = args.id,
    measure = args.measure, currency = args.currency, samples = args.samples, seed = args.seed, basis = args.basis,
    limits = args.seconds and { seconds = args.seconds } or nil, progress = console:reporter(),
  }
end

-- "USD=1,EUR=1.1" -> { USD = 1, EUR = 1.1 }
local function rates_of(word)
  local rates = {}
  for currency, rate in (word or ""):gmatch "([^=,]+)=([%d.]+)" do rates[currency] = tonumber(rate) end
  if word and next(rates) == nil then
    status.stop(status.USAGE, "usage", "--rates must have the form USD=1,EUR=1.1", "rates")
  end
  return word and rates or nil
end

local SHOWN = 200 -- rows of a list that are worth a reader's while

for _, question in ipairs { "ban", "check" } do
  request_of[question] = function(args, net, console)
    local request = request_of.question(question, args, net, console)
    request.rows = args.rows or (args.format == "text" and SHOWN or nil)
    return request
  end
end

function request_of.cut(args, net, console)
  local request = request_of.question("cut", args, net, console)
  request.parents = #(args.parents or {}) > 0 and args.parents or "all"
  request.cost, request.divest, request.rates = tonumber(args.cost) or args.cost, args.divestable, rates_of(args.rates)
  request.force = args.force
  return request
end

function request_of.paths(args, net, console)
  local request = request_of.question("paths", args, net, console)
  request.k, request.weight = args.k, args.weight
  return request
end

function request_of.chokepoints(args, net, console)
  local request = request_of.question("chokepoints", args, net, console)
  request.count, request.force = args.count, args.force
  return request
end

-- other: the network before.
function request_of.diff(args, net, console, other)
  local request = request_of.question("diff", args, net, console)
  request.before = { net = other, as_of = args.before }
  return request
end

local FIRST = 20 -- rows that are read as text, unless more are asked for

-- The candidates of a sweep: ids, or conditions, which are one; none: everything that supplies somebody.
local function candidates_of(net, words)
  if #words == 0 then return nil end
  local bans = bans_of(net, words, #words)
  if #bans > 1 then
    status.stop(status.USAGE, "usage", "the candidates of a sweep are ids, or one condition on fields, not both",
      "targets")
  end
  return bans[1].targets
end

function request_of.sweep(args, net, console)
  return {
    question = "sweep", targets = candidates_of(net, args.targets or {}), rule = args.rule, scope = args.scope,
    as_of = args.as_of, by = args.by, currency = args.currency, size = args.pairs and 2 or nil, spend = args.spend,
    top = args.top or args.format == "text" and FIRST or nil, threads = args.threads or core.processors(),
    limits = args.seconds and { seconds = args.seconds } or nil,
    progress = console:reporter() or function() end, -- a place where the interpreter can be interrupted
  }
end

return request_of
