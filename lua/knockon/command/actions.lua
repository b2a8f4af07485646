-- What each command does: actions.NAME(args, console) returns the exit status, or raises a stop.

local knockon = require "knockon"
local errors = require "knockon.errors"
local rules = require "knockon.rule"
local request_of = require "knockon.command.request"
local status = require "knockon.command.status"
local csv = require "knockon.report.csv"
local json_report = require "knockon.report.json"
local text_report = require "knockon.report.text"

local REPORTS = { text = text_report.render, json = json_report.render, csv = csv.render }

-- nil, message, code of the library: which status it is.
local function stop_for(message, code, otherwise)
  local incomplete = code == "limit" or code == "interrupted"
  status.stop(incomplete and status.INCOMPLETE or otherwise, code or "error", tostring(message))
end

-- path: another file than the DATA of the command line.
local function load_data(args, console, path)
  local opts = {
    on_error = args.on_error == "skip" and "skip" or nil, from = args.from,
    limits = args.seconds and { seconds = args.seconds } or nil, progress = console:reporter(),
  }
  if args.restrictions and not args.relations then
    status.stop(status.USAGE, "usage", "--restrictions needs --relations, and DATA as the entities file")
  end
  local net, message, code
  local data = path or args.data
  if data == "-" then
    if args.from and args.from ~= "native" then
      status.stop(status.USAGE, "usage", ("standard input is read as native JSON; %s needs a file"):format(args.from))
    end
    net, message, code = knockon.decode(console.stdin:read "*a" or "", opts)
    message = message and "standard input: " .. message
  elseif args.relations and not path then
    net, message, code = knockon.load({ entities = args.data, relations = args.relations,
      restrictions = args.restrictions }, opts)
  else
    net, message, code = knockon.load(data, opts)
  end
  console:clear()
  if not net then stop_for(message, code, status.UNREADABLE) end
  return net
end

-- The relations of an answer's paths, by id, fetched with one pass over the network.
local function relations_of(net, answer)
  local ids, seen = {}, {}
  local function gather(path)
    for _, step in ipairs(path or {}) do
      if step.relation and not seen[step.relation] then
        seen[step.relation] = true
        ids[#ids + 1] = step.relation
      end
    end
  end
  for _, row in ipairs(answer.parents or {}) do gather(row.path) end
  if answer.why then gather(answer.why.path) end
  if answer.cut then gather(answer.cut.path) end
  local by_id = {}
  if #ids > 0 then
    for _, relation in ipairs(net:relations { id = ids }) do by_id[relation.id] = relation end
  end
  return by_id
end

-- A rule file of the user's whose id is that of a shipped rule: { file, id, digest }; readers must not take one for
-- the other.
local function own_rule(name)
  if not name or not name:match "%.lua$" then return nil end
  local rule = knockon.rule(name)
  for _, id in ipairs(knockon.rules()) do
    if id == rule.id then return { file = name, id = id, digest = rules.digest(rule) } end
  end
  return nil
end

local function text_opts(net, answer, console, args)
  local relations = relations_of(net, answer)
  return {
    colour = console.colour and not args.output, own_rule = own_rule(args.rule),
    stdin = args.data == "-",
    name = function(id)
      local entity = net:entity(id)
      return entity and entity.name
    end,
    relation = function(id) return relations[id] end,
  }
end

local function found(answer, level)
  if answer.totals then
    for _, list in ipairs { "parents", "users" } do
      local total = answer.totals[list]
      if total.yes > 0 or (level == "possible" and total.possible > 0) then return true end
    end
    return false
  end
  local function has(rows)
    for _, row in ipairs(rows or {}) do
      if row.verdict == "yes" or (level == "possible" and row.verdict == "possible") then return true end
    end
    return false
  end
  if answer.why then return has { answer.why } end
  return has(answer.parents) or has(answer.users)
end

local function incomplete(console)
  console:say "not complete: records were skipped"
  return status.INCOMPLETE
end

-- Fields of a request by the options that a user of the command writes.
local OPTION = { as_of = "--as-of", ["before.as_of"] = "--before", since = "--since", ["until"] = "--until" }

-- What is wrong with a field is told of the option.
local function answer_to(net, request)
  local fine, answer, message, code = pcall(knockon.answer, net, request)
  if fine then return answer, message, code end
  if not errors.is(answer) then error(answer, 0) end
  local told = answer.message:gsub("^[%w_.]+", OPTION):gsub("^(%-%-since is after) until$", "%1 --until")
  errors.raise(answer.code, answer.argument, told, answer.near)
end

local actions = {}

local function ask(question, args, console)
  if args.table and args.format ~= "csv" then
    status.stop(status.USAGE, "usage", "--table needs --format csv", "table")
  end
  if args.rule then knockon.rule(args.rule) end -- a rule that is wrong is told before a long load
  local net = load_data(args, console)
  local other = args.old and (args.old == args.data and net or load_data(args, console, args.old)) or nil
  local request = request_of[question] and request_of[question](args, net, console, other)
    or request_of.question(question, args, net, console)
  local answer, message, code = answer_to(net, request)
  console:clear()
  if not answer then stop_for(message, code, status.INCOMPLETE) end

  local opts = args.format == "text" and text_opts(net, answer, console, args) or { table = args.table }
  console:deliver(REPORTS[args.format](answer, opts), args.output)
  -- CSV has no place for warnings; text and JSON show them.
  if args.format == "csv" and args.table ~= "warnings" then
    for _, warning in ipairs(answer.warnings or {}) do console:say("warning: " .. tostring(warning.message)) end
  end
  if not answer.complete then return incomplete(console) end
  return args.fail_on and found(answer, args.fail_on) and status.FAILED_ON or status.DONE
end

function actions.ban(args, console)
  if #args.targets == 0 and #args.ban == 0 then
    status.stop(status.USAGE, "usage", "knockon ban needs a TARGET", "targets")
  end
  return ask("ban", args, console)
end

for _, question in ipairs { "check", "chokepoints", "cut", "diff", "holdings", "impact", "ladder", "odds", "paths",
  "show", "sweep", "timeline", "unknowns", "why" } do
  actions[question] = function(args, console) return ask(question, args, console) end
end

function actions.convert(args, console)
  local net = load_data(args, console)
  local ok, message, code = net:save(args.out, { to = args.to })
  if not ok then stop_for(message, code, status.INCOMPLETE) end
  return net:complete() and status.DONE or incomplete(console)
end

function actions.freeze(args, console)
  local net = load_data(args, console)
  local ok, message, code = net:freeze(args.out)
  if not ok then stop_for(message, code, status.INCOMPLETE) end
  return net:complete() and status.DONE or incomplete(console)
end

function actions.rules(args, console)
  local ids = args.id and { args.id } or knockon.rules()
  local list = {}
  for i, id in ipairs(ids) do list[i] = knockon.rule(id) end
  local render = args.format == "json" and json_report.rules or text_report.rules
  local opts = {
    single = args.id ~= nil, colour = console.colour and not args.output, own_rule = own_rule(args.id),
  }
  console:deliver(render(list, opts), args.output)
  return status.DONE
end

-- What an error of the script says: a text as it is, an error of knockon with the line of the script that met it,
-- anything else with where it came from.
local function told_by(script)
  return function(failure)
    if type(failure) == "string" or type(failure) == "number" then return tostring(failure) end
    if not errors.is(failure) then return debug.traceback(tostring(failure), 2) end
    local level, info = 2, debug.getinfo(2, "Sl")
    while info and info.source ~= "@" .. script do
      level = level + 1
      info = debug.getinfo(level, "Sl")
    end
    return (info and ("%s:%d: "):format(script, info.currentline) or "") .. tostring(failure)
  end
end

function actions.run(args)
  -- The script's globals are its own; what it leaves behind does not reach this program.
  local arguments = args.arguments or {}
  arguments[0] = args.script
  local env = setmetatable({ knockon = knockon, arg = arguments }, { __index = _G })
  local chunk, message
  local set_environment = rawget(_G, "setfenv") -- Lua 5.1, LuaJIT
  if set_environment then
    chunk, message = loadfile(args.script)
    if chunk then set_environment(chunk, env) end
  else
    chunk, message = loadfile(args.script, "t", env)
  end
  if not chunk then status.stop(status.USAGE, "script", message, "script") end
  local unpack = rawget(table, "unpack") or rawget(_G, "unpack")
  local fine, returned = xpcall(function() return (chunk(unpack(arguments))) end, told_by(args.script))
  if not fine then status.stop(status.SCRIPT, "script", returned, "script") end
  if type(returned) ~= "number" then return status.DONE end
  if not (returned >= 0 and returned <= 255 and returned % 1 == 0) then
    status.stop(status.SCRIPT, "script", ("%s returned %s; an exit status is a whole number from 0 to 255")
      :format(args.script, tostring(returned)), "script")
  end
  return returned
end

return actions
