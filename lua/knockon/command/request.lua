-- The words of a command line as a request to knockon.answer.

local status = require "knockon.command.status"

-- "country=CN,RU kind=service" -> { country = { "CN", "RU" }, kind = "service" }; nil when it is no condition.
local function condition(word)
  local filter, rest = {}, " " .. word
  while rest ~= "" do
    local field, from = rest:match "^%s+([%a_][%w_.-]*)=()"
    if not field then return nil end
    local till = rest:find("%s+[%a_][%w_.-]*=", from) or #rest + 1
    local values = {}
    for value in rest:sub(from, till - 1):gmatch "[^,]+" do values[#values + 1] = value:match "^%s*(.-)%s*$" end
    if #values == 0 then return nil end
    filter[field] = #values == 1 and values[1] or values
    rest = rest:sub(till)
  end
  return filter
end

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

-- What the parsed words `args` ask of the network.
local function request_of(question, args, net, console)
  local words = {}
  for _, list in ipairs { args.targets or {}, args.ban or {} } do
    for _, word in ipairs(list) do words[#words + 1] = word end
  end
  local edits = {}
  for _, id in ipairs(args.assume or {}) do edits[#edits + 1] = { assume = id, scope = args.scope } end
  for _, id in ipairs(args.lift or {}) do edits[#edits + 1] = { lift = id } end
  return {
    question = question, bans = bans_of(net, words, #(args.targets or {})), edits = edits,
    rule = args.rule, scope = args.scope,
    as_of = args.as_of, since = args.since, ["until"] = args["until"], id = args.id,
    measure = args.measure, currency = args.currency, samples = args.samples, seed = args.seed, basis = args.basis,
    limits = args.seconds and { seconds = args.seconds } or nil, progress = console:reporter(),
  }
end

return request_of
