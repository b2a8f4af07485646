-- What the command line of `knockon` says: its commands, their arguments and options, their help.

local argparse = require "argparse"
local errors = require "knockon.errors"
local formats = require "knockon.formats.recognise"
local knockon = require "knockon"
local csv = require "knockon.report.csv"
local status = require "knockon.command.status"
local writers = require "knockon.writers"

local concat = table.concat

local SCOPES = { "entity", "branches", "located", "owned", "facilitation" }

local EXIT_STATUS = [[
Exit status:
  0  done
  1  what --fail-on asks for was found; for run, the script itself failed
  2  wrong usage, unknown target or rule
  3  data that cannot be read
  4  incomplete: records were skipped, a limit was met, or the result could not be written]]

local DATA_HELP = "A network: a .json or .ndjson file, a folder with entities.csv and relations.csv, an entities file "
  .. "together with --relations, a snapshot that knockon freeze made, a file or folder that others publish (see "
  .. "--from), or - for JSON from standard input. Files may be packed as gzip."

-- What becomes of a word of the command line; `name` is the argument or option that a message names.
local function one_word(name)
  return function(word)
    if word == "" then return nil, name .. " is empty" end
    return word
  end
end

local function positive(name)
  return function(word)
    local value = tonumber(word)
    if value and value > 0 and value < math.huge then return value end
    return nil, ("%s: '%s' is not a number above 0"):format(name, word)
  end
end

local function whole(name, most)
  return function(word)
    local value = tonumber(word)
    if value and value >= 1 and value <= most and value % 1 == 0 then return value end
    return nil, most < math.huge and ("%s: '%s' is not a whole number from 1 to %d"):format(name, word, most)
      or ("%s: '%s' is not a whole number above 0"):format(name, word)
  end
end

-- One of a list of words, told with the nearest where it is none.
local function one_of(what, list)
  return function(word)
    for _, known in ipairs(list) do
      if word == known then return word end
    end
    local near = errors.nearest(word, list, 1)[1]
    return nil, ("'%s' is no %s; known: %s"):format(word, what, concat(list, ", "))
      .. (near and ('; did you mean "%s"?'):format(near) or "")
  end
end

local function add_help(command)
  command:flag "-h --help":description "Show this help.":action(function() error({ help = command:get_help() }, 0) end)
end

local function add_data(command)
  command:argument "DATA":argname "DATA":target "data":description(DATA_HELP):convert(one_word "DATA")
end

local function add_input(command)
  command:option "--from":argname "FORMAT":choices(formats.names())
    :description "The format of DATA (found from its content when not given)."
  command:option "--relations":argname "FILE":description "With DATA as the entities file: the relations file."
  command:option "--restrictions":argname "FILE":description "With --relations: the restrictions file."
  command:option "--on-error":argname "WHAT":choices { "stop", "skip" }
    :description "At a record that cannot be read: stop (default), or skip it, list it and end with status 4."
  command:option "--seconds":argname "N":convert(positive "--seconds")
    :description "Give up after this many seconds of loading, and again of evaluating."
end

-- tables: those that --table may name, the first of them or `otherwise` by default.
local function add_output(command, tables, otherwise)
  command:option "--format":argname "FORMAT":choices { "text", "json", "csv" }:default "text":show_default(false)
    :description "text (default, for reading), json (stable, for programs) or csv."
  if tables then
    command:option "--table":argname "NAME":convert(one_of("table", tables))
      :description(("With --format csv only, which table: %s. Default: %s."):format(concat(tables, ", "), otherwise))
  end
  command:option "-o":hidden_name "--output":target "output":argname "FILE"
    :description "Write there instead of to standard output (-); replaced whole."
end

local TARGET_HELP = "An id, or a condition on fields such as country=CN,RU or \"country=CN,RU kind=service\" "
  .. "(all must hold; values of one field are alternatives). Conditions next to each other, as in "
  .. "country=CN kind=service, are one condition."

local OR_IN_FORCE = " Without one: what is in force."

local function add_targets(command, note)
  command:argument "TARGET":argname "TARGET":target "targets":args "*"
    :description(TARGET_HELP .. (note or "")):convert(one_word "TARGET")
end

local function add_rule(command)
  command:option "--rule":argname "NAME|FILE.lua"
    :description "How to read the ban: a shipped rule (see knockon rules) or a file of yours. Default: icts."
end

local function add_law(command)
  add_rule(command)
  command:option "--scope":argname "S":convert(one_of("scope", SCOPES))
    :description("Who is bound: " .. concat(SCOPES, " < ") .. ". Default: the rule's own.")
end

local function add_date(command)
  command:option "--as-of":argname "D"
    :description "The date asked about: 2022, 2022-01 or 2022-01-18. Default: today (UTC)."
end

-- What if: applied in this order, whatever the order of the flags.
local function add_edits(command)
  command:option "--drop":argname "R":count "*":description("End a relation: its id, or a condition on relations "
    .. "such as \"kind=supplies from=cloud\"; a warning says when nothing meets it.")
  command:option "--add":argname "R":count "*"
    :description "Add a relation: \"KIND from=ID to=ID [FIELD=VALUE]...\", as in \"supplies from=a to=b spend=5\"."
  command:option "--acquire":argname "A=B=S":count "*":description "A holds the share S of B, as in ant=moneygram=100%."
  command:option "--divest":argname "A=B[=S]":count "*":description "A sells what it holds of B, or the share S of it."
  command:option "--substitute":argname "A=B":count "*":description "What users get from A comes from B instead."
end

local function add_scenario(command)
  command:option "--ban":argname "T":count "*":description "A hypothetical ban on T (as TARGET of knockon ban)."
  command:option "--assume":argname "ID":count "*":description "Take this restriction of the data as active."
  command:option "--lift":argname "ID":count "*":description "Take this restriction of the data as lifted."
  add_edits(command)
end

-- What every question about a scenario takes, after what is its own.
local function add_question(command, tables, default)
  add_law(command)
  add_date(command)
  add_scenario(command)
  add_input(command)
  add_output(command, tables, default)
end

local function add_rows(command)
  command:option "--rows":argname "N":convert(whole("--rows", math.huge))
    :description "How many rows of each list, the certain first. Default: 200 in text, all in json and csv."
end

local function add_force(command)
  command:flag "--force":description "Do it however long it takes, where it cannot be stopped."
end

local function add_fail_on(command)
  command:option "--fail-on":argname "VERDICT":choices { "yes", "possible" }
    :description "End with status 1 when anyone is exposed: surely (yes), or possibly as well (possible)."
end

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
      add_targets(command)
      add_law(command)
      add_date(command)
      add_scenario(command)
      add_fail_on(command)
      add_rows(command)
      add_input(command)
      add_output(command, csv.tables, "parents")
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
      add_date(command)
      add_scenario(command)
      add_law(command)
      add_fail_on(command)
      add_rows(command)
      add_input(command)
      add_output(command, csv.tables, "parents")
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
      command:argument "ID":argname "ID":target "id":description "The entity asked about.":convert(one_word "ID")
      add_date(command)
      add_scenario(command)
      add_law(command)
      add_fail_on(command)
      add_input(command)
      add_output(command)
    end,
  },
  {
    name = "ladder", summary = "Scope by scope: what each reading of who is bound adds.",
    description = "The verdict of each parent when each scope is asked, by a ban on the targets alone: "
      .. concat(SCOPES, " < ") .. ". The difference between two scopes is who is reached by reading the law wider.",
    examples = [[
Examples:
  knockon ladder network.json alibaba-cloud --as-of 2022-01-18
  knockon ladder network.json --as-of 2027-06-30 --format csv]],
    define = function(command)
      add_data(command)
      add_targets(command, OR_IN_FORCE)
      add_rule(command)
      add_date(command)
      add_scenario(command)
      add_input(command)
      add_output(command)
    end,
  },
  {
    name = "timeline", summary = "The days on which a verdict changes, and what changes it.",
    description = "Every day of a span on which a verdict changes, and which restriction, rule, relation or exception "
      .. "changed it. The restrictions of the data count on the days on which they are in force; --ban adds one that "
      .. "is in force on every day. The span is --since and --until, because --from names the format of DATA.",
    examples = [[
Examples:
  knockon timeline network.json --since 2021 --until 2028
  knockon timeline network.json --ban alibaba-cloud --rule ofac_50 --since 2015-01-01 --until 2022-01-18]],
    define = function(command)
      add_data(command)
      command:option "--since":argname "D"
        :description "The first day: 2021, 2021-01 or 2021-01-19. Default: today (UTC)."
      command:option "--until":argname "D"
        :description("The last day, itself included. A year or a month means its first day: 2028 is 2028-01-01. "
          .. "Default: ten years after the first.")
      add_scenario(command)
      add_law(command)
      add_input(command)
      add_output(command)
    end,
  },
  {
    name = "unknowns", summary = "The facts to ask for: what would decide the most comes first.",
    description = "The questionnaire to send out: the facts that the sources leave open and on which a verdict "
      .. "depends, what answer would make it yes, and whom it decides. By a ban on the targets alone.",
    examples = [[
Examples:
  knockon unknowns network.json alibaba-cloud --as-of 2022-01-18
  knockon unknowns network.json --format csv -o questions.csv]],
    define = function(command)
      add_data(command)
      add_targets(command, OR_IN_FORCE)
      add_question(command)
    end,
  },
  {
    name = "sweep", summary = "Every ban by itself, ranked by what it would break.",
    description = "Each candidate banned alone, whatever else is in force, and how many parents and users that would "
      .. "expose: which supplier's ban would hurt most. Without a TARGET: everything that supplies somebody.",
    examples = [[
Examples:
  knockon sweep network.json --rule reach
  knockon sweep network.json kind=service country=CN,RU --scope owned --top 50
  knockon sweep network.json --by spend --currency USD --format csv -o ranking.csv]],
    define = function(command)
      add_data(command)
      add_targets(command)
      command:option "--by":argname "WHAT":convert(one_of("rank", { "parents", "users", "spend" }))
        :description "What to rank by: parents (default), users or spend; then what is only possible, then the id."
      command:option "--currency":argname "C":description "With --by spend: of which currency."
      command:flag "--spend":description "Also say what the users spend (--by spend does)."
      command:flag "--pairs":description "Every pair of the targets banned together; 200 targets at most."
      command:option "--top":argname "N":convert(whole("--top", math.huge))
        :description "Only the first N. Default: all, but 20 as text."
      command:option "--threads":argname "N":convert(whole("--threads", 64))
        :description "How many threads work. Default: as many as the machine has processors."
      add_law(command)
      add_date(command)
      add_input(command)
      add_output(command)
    end,
  },
  {
    name = "cut", summary = "The least to end so that parents are clear.",
    description = "The cheapest relations to end so that the parents (without any: all) are no longer exposed, "
      .. "verified by evaluating without them. Only supplies may be ended, unless --divestable.",
    examples = [[
Examples:
  knockon cut network.json ford --ban alibaba-cloud --as-of 2022-01-18
  knockon cut network.json --ban alibaba-cloud --scope owned --cost 1
  knockon cut network.json ford --ban alibaba-cloud --divestable --rates USD=1,EUR=1.1]],
    define = function(command)
      add_data(command)
      command:argument "PARENT":argname "PARENT":target "parents":args "*"
        :description "The parents to clear; without any: all.":convert(one_word "PARENT")
      command:option "--cost":argname "N|FIELD":description("What it costs to end a relation: a number for each, or "
        .. "the field that says. Default: its spend, or 1 where that is not known.")
      command:option "--rates":argname "C=N,..."
        :description "What one unit of each currency is worth, where spend is in several: USD=1,EUR=1.1"
      command:flag "--divestable":description "Holdings, control and consolidation may be ended too."
      add_force(command)
      add_question(command)
    end,
  },
  {
    name = "paths", summary = "The best proofs of one entity.",
    description = "The paths from the restriction to an entity: fewest steps first, or strongest first (largest least "
      .. "share, then highest least reliance).",
    examples = [[
Examples:
  knockon paths network.json ford --ban alibaba-cloud --as-of 2022-01-18
  knockon paths network.json ibm --ban alibaba-cloud -k 100 --weight strongest --format csv]],
    define = function(command)
      add_data(command)
      command:argument "ID":argname "ID":target "id":description "A parent, a user, or a restricted entity."
        :convert(one_word "ID")
      command:option "-k":argname "N":convert(whole("-k", 10000)):description "How many at most. Default: 10."
      command:option "--weight":argname "W":convert(one_of("weight", { "steps", "strongest" }))
        :description "steps (default) or strongest."
      add_question(command)
    end,
  },
  {
    name = "chokepoints", summary = "What every path passes.",
    description = "The entities and relations that every path to a parent passes; without one, those of all parents, "
      .. "what carries most first.",
    examples = [[
Examples:
  knockon chokepoints network.json ford --ban alibaba-cloud --as-of 2022-01-18
  knockon chokepoints network.json --ban alibaba-cloud --scope owned --format csv]],
    define = function(command)
      add_data(command)
      command:argument "PARENT":argname "PARENT":target "id":args "?"
        :description "An exposed parent; without one: all of them.":convert(one_word "PARENT")
      command:option "--count":argname "N":convert(whole("--count", math.huge))
        :description "Of all parents: how many at most. Default: 100."
      add_force(command)
      add_question(command)
    end,
  },
  {
    name = "diff", summary = "What differs between two networks, dates or what-ifs.",
    description = "Who is exposed in B and was not in A, or no longer, or otherwise, and why. A and B may be the same "
      .. "file: then --before (the date of A) or what-if flags (of B alone) make the difference. Bans are on both.",
    examples = [[
Examples:
  knockon diff old.json new.json alibaba-cloud --as-of 2022-01-18
  knockon diff network.json network.json --before 2026-06-01 --as-of 2027-07-01
  knockon diff network.json network.json alibaba-cloud --substitute alibaba-cloud=aws]],
    define = function(command)
      command:argument "A":argname "A":target "old":description("The network before. " .. DATA_HELP)
        :convert(one_word "A")
      command:argument "B":argname "B":target "data":description "The network after.":convert(one_word "B")
      add_targets(command, OR_IN_FORCE)
      command:option "--before":argname "D":description "The date asked of A. Default: that of B."
      add_question(command)
    end,
  },
  {
    name = "impact", summary = "What stops working, how much, and what would save the most.",
    description = "What fails when what is restricted is gone: who is left without a supplier for something it needs, "
      .. "and whom that takes along; which single supplier to keep or to find would save the most; and, where amounts "
      .. "are known, which part of all sales is lost (ESRI), or of what is at stake (DebtRank). By a ban on the "
      .. "targets alone.",
    examples = [[
Examples:
  knockon impact network.json alibaba-cloud --as-of 2022-01-18
  knockon impact network.json alibaba-cloud --measure debtrank --format json
  knockon impact network.json alibaba-cloud --currency USD --format csv --table disrupted]],
    define = function(command)
      add_data(command)
      add_targets(command, OR_IN_FORCE)
      command:option "--measure":argname "NAME":choices { "esri", "debtrank", "differential" }
        :description("How what stops is measured: esri (default), debtrank, or differential (DebtRank of every "
          .. "increase).")
      command:option "--currency":argname "C":description "The one that counts, where amounts are in several."
      add_question(command, { "disrupted", "impact", "saves" }, "disrupted")
    end,
  },
  {
    name = "odds", summary = "How likely each exposure is, by the confidence of relations.",
    description = "In which part of the worlds each parent, user and firm is exposed or restricted, when each "
      .. "relation is there with its `confidence` (0 to 1; without one, surely). All worlds are counted where there "
      .. "are no more than samples; otherwise worlds are drawn, the same for a seed. By a ban on the targets alone.",
    examples = [[
Examples:
  knockon odds network.json alibaba-cloud --as-of 2022-01-18
  knockon odds network.json alibaba-cloud --samples 100000 --seed 7 --format csv]],
    define = function(command)
      add_data(command)
      add_targets(command, OR_IN_FORCE)
      command:option "--samples":argname "N":convert(whole("--samples", 2 ^ 24))
        :description "How many worlds at most. Default: 1000."
      command:option "--seed":argname "N":convert(whole("--seed", 2 ^ 53))
        :description "Where drawing begins. Default: 1."
      add_question(command, { "parents", "restricted", "users" }, "parents")
    end,
  },
  {
    name = "holdings", summary = "Who holds and controls an entity in the end, and whom it holds.",
    description = "Who holds how much of an entity through everybody in between, and what it holds itself (integrated "
      .. "ownership, corrected for rings of holdings); who controls it, whom it controls, and what the votes of its "
      .. "direct holders are worth. Shares that are not known exactly give a least and a most.",
    examples = [[
Examples:
  knockon holdings network.json h3c
  knockon holdings network.json h3c --as-of 2018 --basis votes --format csv --table owners]],
    define = function(command)
      add_data(command)
      command:argument "ID":argname "ID":target "id":description "The entity asked about.":convert(one_word "ID")
      command:option "--basis":argname "NAME":choices { "equity", "votes" }
        :description "Shares of what: equity (default) or votes."
      add_date(command)
      add_input(command)
      add_output(command, { "controlled_by", "controls", "holders", "holdings", "owners" }, "owners")
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
      add_output(command, { "restrictions", "warnings" }, "how many there are of each kind")
    end,
  },
  {
    name = "convert", summary = "Write the data in another format.",
    description = "Writes DATA to OUT, in the format that --to names or the ending of OUT asks for: .json the native "
      .. "one, .ndjson the same with a record a line, .ftm.json FollowTheMoney, .bods.json BODS 0.4, .graphml, .gexf, "
      .. ".dot, .cyjs Cytoscape; any other name becomes a folder of CSV files.",
    examples = [[
Examples:
  knockon convert network.json folder
  knockon convert entities.csv --relations relations.csv network.json
  knockon convert network.json network.graphml
  knockon convert network.json folder --to spreadsheet]],
    define = function(command)
      add_data(command)
      command:argument "OUT":argname "OUT":target "out"
        :description "The file or folder to write; replaced whole.":convert(one_word "OUT")
      command:option "--to":argname "FORMAT":choices(writers.NAMES)
        :description "The format of OUT; spreadsheet is CSV in which no cell begins a formula."
      add_input(command)
    end,
  },
  {
    name = "freeze", summary = "Write the data as a snapshot, which opens at once.",
    description = "Writes DATA to OUT as a snapshot: a file that every command takes as DATA and opens in "
      .. "milliseconds, and that processes share in memory. It is a cache: only the version and build of knockon that "
      .. "wrote it reads it, on the same kind of machine. Keep the data.",
    examples = [[
Examples:
  knockon freeze network.json network.snapshot
  knockon ban network.snapshot alibaba-cloud --as-of 2022-01-18]],
    define = function(command)
      add_data(command)
      command:argument "OUT":argname "OUT":target "out"
        :description "The file to write; replaced whole.":convert(one_word "OUT")
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
        :description "Write there instead of to standard output (-)."
    end,
  },
  {
    name = "run", summary = "Run a Lua script with knockon loaded.",
    description = "Runs a Lua script that finds the module as `knockon` and its own arguments in `arg` and `...`. A "
      .. "number it returns is the exit status, a whole one from 0 to 255; an error of its own ends with 1.",
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

-- A parser of the whole command line; it raises what ends the command: { help = text } or a stop of status.lua.
return function(argv)
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
    local commands = at == parser and "\n\nThe commands are told by knockon --help." or ""
    status.stop(status.USAGE, "usage", message, nil, at:get_usage() .. commands)
  end
  return parser
end
