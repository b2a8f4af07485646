-- The command: a shell over knockon.answer. main(argv, handles) returns the exit status and exits nowhere, so
-- that it can be run inside another program; `handles` replaces the standard streams.
--
-- Exit status: 0 done, 1 --fail-on met, 2 usage, 3 unreadable data, 4 incomplete (outranks 1).

local argparse = require "argparse"
local knockon = require "knockon"
local errors = require "knockon.errors"
local csv = require "knockon.report.csv"
local json_report = require "knockon.report.json"
local text_report = require "knockon.report.text"

local concat = table.concat

local DONE, FAILED_ON, USAGE, UNREADABLE, INCOMPLETE = 0, 1, 2, 3, 4

local SCOPES = { "entity", "branches", "located", "owned", "facilitation" }

local REPORTS = { text = text_report.render, json = json_report.render, csv = csv.render }

-- Ends the command from anywhere below main with a status and something to say.
local Stop = {}

local function stop(status, code, message, argument)
  error(setmetatable({ status = status, code = code, message = message, argument = argument }, Stop), 0)
end

-- What the command line says ------------------------------------------------------------------------------

local EXIT_STATUS = [[
Exit status:
  0  done
  1  what --fail-on asks for was found
  2  wrong usage, unknown target or rule
  3  data that cannot be read
  4  incomplete: records were skipped, a limit was met, or the result could not be written]]

local DATA_HELP = "A network: a .json file, a folder with entities.csv and relations.csv, an entities file together "
  .. "with --relations, or - for standard input."

local function one_word(word)
  if word == "" then return nil, "an empty argument" end
  return word
end

local function positive(word)
  local value = tonumber(word)
  if value and value > 0 and value < math.huge then return value end
  return nil, ("'%s' is not a number above 0"):format(word)
end

local function add_help(command)
  command:flag "-h --help":description "Show this help.":action(function() error({ help = command:get_help() }, 0) end)
end

local function add_data(command)
  command:argument "DATA":argname "DATA":target "data":description(DATA_HELP):convert(one_word)
end

local function add_input(command)
  command:option "--from":argname "FORMAT":choices { "native", "csv" }
    :description "The format of DATA (found from its content when not given)."
  command:option "--relations":argname "FILE":description "With DATA as the entities file: the relations file."
  command:option "--restrictions":argname "FILE":description "With --relations: the restrictions file."
  command:option "--on-error":argname "WHAT":choices { "stop", "skip" }
    :description "At a record that cannot be read: stop (default), or skip it, list it and end with status 4."
  command:option "--seconds":argname "N":convert(positive)
    :description "Give up after this many seconds of loading, and again of evaluating."
end

local function add_output(command, with_table)
  command:option "--format":argname "FORMAT":choices { "text", "json", "csv" }:default "text":show_default(false)
    :description "text (default, for reading), json (stable, for programs) or csv."
  if with_table then
    command:option "--table":argname "NAME":choices(csv.tables)
      :description("With --format csv, which table: " .. concat(csv.tables, ", ") .. " (default parents).")
  end
  command:option "-o":hidden_name "--output":target "output":argname "FILE"
    :description "Write there instead of to standard output; replaced whole."
end

local function add_law(command)
  command:option "--rule":argname "NAME|FILE.lua"
    :description "How to read the ban: a shipped rule (see knockon rules) or a file of yours. Default: icts."
  command:option "--scope":argname "S":choices(SCOPES)
    :description("Who is bound: " .. concat(SCOPES, " < ") .. ". Default: the rule's own.")
end

local function add_scenario(command)
  command:option "--as-of":argname "D"
    :description "The date asked about: 2022, 2022-01 or 2022-01-18. Default: today (UTC)."
  command:option "--ban":argname "T":count "*":description "A hypothetical ban on T (as TARGET of knockon ban)."
  command:option "--assume":argname "ID":count "*":description "Take this restriction of the data as active."
  command:option "--lift":argname "ID":count "*":description "Take this restriction of the data as lifted."
end

local function add_fail_on(command)
  command:option "--fail-on":argname "VERDICT":choices { "yes", "possible" }
    :description "End with status 1 when anyone is exposed: surely (yes), or possibly as well (possible)."
end

local TARGET_HELP = "An id, or a condition on fields such as country=CN,RU or \"country=CN,RU kind=service\" "
  .. "(all must hold; values of one field are alternatives)."

local DEFINE = {
  {
    name = "ban", summary = "Who would be exposed by this ban alone.",
    description = "Who would be exposed by a ban on the targets alone, whatever else is in force, and by which chain.",
    examples = [[
Examples:
  knockon ban network.json alibaba-cloud --as-of 2022-01-18
  knockon ban network.json alibaba-cloud --scope owned --format json -o answer.json
  knockon ban network.json alibaba-cloud tencent-cloud --rule ofac_50 --fail-on possible
  knockon ban network.json "country=CN,RU kind=service" --rule my_rule.lua]],
    define = function(command)
      add_data(command)
      command:argument "TARGET":argname "TARGET":target "targets":args "*"
        :description(TARGET_HELP):convert(one_word)
      add_law(command)
      add_scenario(command)
      add_fail_on(command)
      add_input(command)
      add_output(command, true)
    end,
  },
  {
    name = "check", summary = "Who is exposed by what is in force on the date.",
    description = "Who is exposed by the restrictions that the data has in force on the date. --ban and --assume add "
      .. "to them; --rule is that of --ban, --scope that of both.",
    examples = [[
Examples:
  knockon check network.json
  knockon check network.json --as-of 2027-06-30 --format csv
  knockon check network.json --as-of 2022-01-18 --assume icts-review --scope owned
  knockon check network.json --fail-on yes || echo exposed]],
    define = function(command)
      add_data(command)
      add_scenario(command)
      add_law(command)
      add_fail_on(command)
      add_input(command)
      add_output(command, true)
    end,
  },
  {
    name = "why", summary = "The proof for one entity, or why it is not exposed.",
    description = "Why one entity is exposed, or why not. With --ban: by that ban alone; without: by what is in force.",
    examples = [[
Examples:
  knockon why network.json ford --ban alibaba-cloud --as-of 2022-01-18
  knockon why network.json ford --as-of 2027-06-30]],
    define = function(command)
      add_data(command)
      command:argument "ID":argname "ID":target "id":description "The entity asked about.":convert(one_word)
      add_scenario(command)
      add_law(command)
      add_fail_on(command)
      add_input(command)
      add_output(command)
    end,
  },
  {
    name = "show", summary = "What the data holds, and what is doubtful in it.",
    description = "How many entities and relations of each kind the data holds, its restrictions, and warnings.",
    examples = [[
Examples:
  knockon show network.json
  knockon show entities.csv --relations relations.csv --on-error skip]],
    define = function(command)
      add_data(command)
      add_input(command)
      add_output(command, true)
    end,
  },
  {
    name = "convert", summary = "Write the data in another format.",
    description = "Writes DATA to OUT. A name that ends in .json gets the JSON format, any other becomes a folder of "
      .. "CSV files.",
    examples = [[
Examples:
  knockon convert network.json folder
  knockon convert entities.csv --relations relations.csv network.json]],
    define = function(command)
      add_data(command)
      command:argument "OUT":argname "OUT":target "out"
        :description "The file or folder to write; replaced whole.":convert(one_word)
      command:option "--to":argname "FORMAT":choices { "native", "csv" }:description "The format of OUT."
      add_input(command)
    end,
  },
  {
    name = "rules", summary = "The law as modelled.",
    description = "Lists the rules that come with knockon, or shows one (or a file of yours) with everything it says.",
    examples = [[
Examples:
  knockon rules
  knockon rules ofac_50
  knockon rules my_rule.lua --format json]],
    define = function(command)
      command:argument "ID":argname "ID":target "id":args "?"
        :description "A shipped rule, or a file that ends in .lua."
      command:option "--format":argname "FORMAT":choices { "text", "json" }:default "text":show_default(false)
        :description "text (default) or json."
      command:option "-o":hidden_name "--output":target "output":argname "FILE"
        :description "Write there instead of to standard output."
    end,
  },
  {
    name = "run", summary = "Run a Lua script with knockon loaded.",
    description = "Runs a Lua script that finds the module as `knockon` and its own arguments in `arg` and `...`; a "
      .. "whole number it returns is the exit status.",
    examples = [[
Example:
  knockon run script.lua network.json]],
    raw = true,
    define = function(command)
      command:argument "SCRIPT":argname "SCRIPT":target "script":description "The file to run."
      command:argument "ARGUMENT":argname "ARGUMENT":target "arguments":args "*"
        :description "Handed to the script as they are."
    end,
  },
}

local function new_parser(argv)
  local parser = argparse("knockon", "What does a ban break, and whose problem does it become?\n\nHolds a network of "
    .. "companies, subsidiaries and suppliers, applies a restriction, and tells which parent companies are exposed, "
    .. "by which chain, as the rule is modelled.")
  parser:epilog("Each command has help of its own: knockon COMMAND --help.\n\n" .. [[
Examples:
  knockon ban network.json alibaba-cloud --as-of 2022-01-18
  knockon why network.json ford --ban alibaba-cloud
  knockon check network.json --format json

]] .. EXIT_STATUS)
  parser:add_help(false):command_target "command":require_command(true):help_max_width(100)
  parser:help_description_margin(29):usage_max_width(100)
  add_help(parser)
  parser:flag "--version":description "Show the version.":action(function()
    error({ help = "knockon " .. tostring(knockon.version) }, 0)
  end)
  for _, entry in ipairs(DEFINE) do
    local command = parser:command(entry.name):summary(entry.summary):description(entry.description):add_help(false)
    command:epilog(entry.examples .. "\n\n" .. EXIT_STATUS)
    -- What follows run's SCRIPT belongs to the script; only its own --help is ours.
    if entry.raw then command:handle_options(argv[2] == "--help" or argv[2] == "-h") end
    add_help(command)
    entry.define(command)
  end
  parser.error = function(at, message)
    error(setmetatable({ status = USAGE, code = "usage", message = message, usage = at:get_usage() }, Stop), 0)
  end
  return parser
end

-- Streams ---------------------------------------------------------------------------------------------------

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

-- To standard output, or whole to a file: written beside it, then put in its place.
function Console:deliver(content, path)
  if not path then
    local ok, message = self.stdout:write(content)
    if ok and self.stdout.flush then ok, message = self.stdout:flush() end
    if not ok and message then stop(INCOMPLETE, "io", "standard output: " .. tostring(message)) end
    return
  end
  local part = ("%s.%d.part"):format(path, os.time())
  local file, message = io.open(part, "wb")
  if not file then stop(INCOMPLETE, "io", "cannot write " .. tostring(message), "output") end
  local ok
  ok, message = file:write(content)
  local closed, closing = file:close()
  if ok and closed then
    ok, message = os.rename(part, path)
  else
    ok, message = nil, message or closing
  end
  if not ok then
    os.remove(part)
    stop(INCOMPLETE, "io", ("cannot write %s: %s"):format(path, tostring(message)), "output")
  end
end

-- Commands --------------------------------------------------------------------------------------------------

-- nil, message, code of the library: which status it is.
local function stop_for(message, code, otherwise)
  local incomplete = code == "limit" or code == "interrupted"
  stop(incomplete and INCOMPLETE or otherwise, code or "error", tostring(message))
end

local function load_data(args, console)
  local opts = {
    on_error = args.on_error == "skip" and "skip" or nil, from = args.from,
    limits = args.seconds and { seconds = args.seconds } or nil, progress = console:reporter(),
  }
  if args.restrictions and not args.relations then
    stop(USAGE, "usage", "--restrictions needs --relations, and DATA as the entities file")
  end
  local net, message, code
  if args.data == "-" then
    net, message, code = knockon.decode(console.stdin:read "*a" or "", opts)
  elseif args.relations then
    net, message, code = knockon.load({ entities = args.data, relations = args.relations,
      restrictions = args.restrictions }, opts)
  else
    net, message, code = knockon.load(args.data, opts)
  end
  console:clear()
  if not net then stop_for(message, code, UNREADABLE) end
  return net
end

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

-- Targets named on the command line as bans: the ids together, each condition by itself (knockon takes bans
-- under one rule and scope as one act anyway).
local function bans_of(net, words)
  local bans, ids = {}, {}
  for _, word in ipairs(words) do
    local filter = not net:entity(word) and condition(word)
    if filter then
      bans[#bans + 1] = { targets = filter }
    else
      ids[#ids + 1] = word
    end
  end
  if #ids > 0 then table.insert(bans, 1, { targets = ids }) end
  return bans
end

local function request_of(question, args, net, console)
  local words = {}
  for _, list in ipairs { args.targets or {}, args.ban or {} } do
    for _, word in ipairs(list) do words[#words + 1] = word end
  end
  local edits = {}
  for _, id in ipairs(args.assume or {}) do edits[#edits + 1] = { assume = id, scope = args.scope } end
  for _, id in ipairs(args.lift or {}) do edits[#edits + 1] = { lift = id } end
  return {
    question = question, bans = bans_of(net, words), edits = edits, rule = args.rule, scope = args.scope,
    as_of = args.as_of, id = args.id, limits = args.seconds and { seconds = args.seconds } or nil,
    progress = console:reporter(),
  }
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
  local by_id = {}
  if #ids > 0 then
    for _, relation in ipairs(net:relations { id = ids }) do by_id[relation.id] = relation end
  end
  return by_id
end

local function text_opts(net, answer, console, args)
  local relations = relations_of(net, answer)
  return {
    colour = console.colour and not args.output,
    name = function(id)
      local entity = net:entity(id)
      return entity and entity.name
    end,
    relation = function(id) return relations[id] end,
  }
end

local function found(answer, level)
  local function has(rows)
    for _, row in ipairs(rows or {}) do
      if row.verdict == "yes" or (level == "possible" and row.verdict == "possible") then return true end
    end
    return false
  end
  if answer.why then return has { answer.why } end
  return has(answer.parents) or has(answer.users)
end

local RUN = {}

local function ask(question, args, console)
  if args.rule then knockon.rule(args.rule) end -- a rule that is wrong is told before a long load
  local net = load_data(args, console)
  local answer, message, code = knockon.answer(net, request_of(question, args, net, console))
  console:clear()
  if not answer then stop_for(message, code, INCOMPLETE) end

  local opts = args.format == "text" and text_opts(net, answer, console, args) or { table = args.table }
  console:deliver(REPORTS[args.format](answer, opts), args.output)
  -- CSV has no place for warnings; text and JSON show them.
  if args.format == "csv" and args.table ~= "warnings" then
    for _, warning in ipairs(answer.warnings or {}) do console:say("warning: " .. tostring(warning.message)) end
  end
  if not answer.complete then
    console:say "not complete: records were skipped"
    return INCOMPLETE
  end
  return args.fail_on and found(answer, args.fail_on) and FAILED_ON or DONE
end

function RUN.ban(args, console)
  if #args.targets == 0 and #args.ban == 0 then stop(USAGE, "usage", "knockon ban needs a TARGET", "targets") end
  return ask("ban", args, console)
end

function RUN.check(args, console) return ask("check", args, console) end

function RUN.why(args, console) return ask("why", args, console) end

function RUN.show(args, console)
  local net = load_data(args, console)
  local answer = knockon.answer(net, { question = "show" })
  local opts = args.format == "text" and text_opts(net, answer, console, args) or { table = args.table }
  console:deliver(REPORTS[args.format](answer, opts), args.output)
  if answer.complete then return DONE end
  console:say "not complete: records were skipped"
  return INCOMPLETE
end

function RUN.convert(args, console)
  local net = load_data(args, console)
  local ok, message, code = net:save(args.out, { format = args.to or (args.out:match "%.json$" and "native" or "csv") })
  if not ok then stop_for(message, code, INCOMPLETE) end
  if not net:complete() then
    console:say "not complete: records were skipped"
    return INCOMPLETE
  end
  return DONE
end

function RUN.rules(args, console)
  local ids = args.id and { args.id } or knockon.rules()
  local rules = {}
  for i, id in ipairs(ids) do rules[i] = knockon.rule(id) end
  local render = args.format == "json" and json_report.rules or text_report.rules
  console:deliver(render(rules, { single = args.id ~= nil, colour = console.colour and not args.output }), args.output)
  return DONE
end

function RUN.run(args)
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
  if not chunk then stop(USAGE, "script", message, "script") end
  local unpack = rawget(table, "unpack") or rawget(_G, "unpack")
  local status = chunk(unpack(arguments))
  return type(status) == "number" and status % 1 == 0 and status or DONE
end

-- The whole -------------------------------------------------------------------------------------------------

-- What ended the work, as a status and, where it is an error, an object to show.
local function judge(failure)
  if type(failure) == "table" then
    if getmetatable(failure) == Stop then return failure.status, failure end
    if errors.is(failure) then return USAGE, failure end
  end
  return INCOMPLETE, { code = "internal", message = tostring(failure) }
end

local function with_traceback(failure)
  if type(failure) == "table" then return failure end
  return debug.traceback(tostring(failure), 2)
end

return function(argv, handles)
  local console = new_console(argv, handles)
  local ok, result = xpcall(function()
    local args = new_parser(argv):parse(argv)
    return RUN[args.command](args, console)
  end, with_traceback)
  console:clear()
  if ok then return result end
  if type(result) == "table" and result.help then
    console.stdout:write(result.help, "\n")
    return DONE
  end
  local status, failure = judge(result)
  local message = errors.is(failure) and tostring(failure) or failure.message
  console:say(failure.usage and message .. "\n\n" .. failure.usage or message)
  if console.json then console.stdout:write(json_report.render(json_report.error(failure))) end
  return status
end
