-- One call for hosts: a plain request in, a plain answer out.
--
-- The answer is made of tables, strings, numbers and booleans only, so that it can be kept, sent or rendered
-- after the network is closed. Its lists are marked for knockon.json and sorted by id in byte order.

local budget = require "knockon.budget"
local errors = require "knockon.errors"
local figures = require "knockon.figures"
local json = require "knockon.json"
local network = require "knockon.network"
local rule = require "knockon.rule"

local concat, sort = table.concat, table.sort

local QUESTIONS = { "ban", "check", "chokepoints", "cut", "diff", "holdings", "impact", "ladder", "odds", "paths",
  "show", "sweep", "timeline", "unknowns", "why" }

-- What each field of a request has to be; false: anything, judged by whom it is handed to.
local REQUEST = {
  question = "string", targets = false, rule = false, scope = "string", as_of = "string", bans = "table",
  edits = "table", id = "string", since = "string", ["until"] = "string", limits = "table", progress = "function",
  parents = false, cost = false, rates = "table", divest = "boolean", k = "number", weight = "string",
  count = "number", force = "boolean", before = "table", rows = "number",
  by = "string", currency = "string", size = "number", spend = "boolean", threads = "number", top = "number",
}
for name, field in pairs(figures.FIELDS) do REQUEST[name] = field[1] end
local OF_SWEEP = { "by", "currency", "size", "spend", "threads", "top" }
local BAN = { targets = false, rule = false, scope = "string", measure = "string", joint = "table", id = "string",
  title = "string" }

-- What only one question asks.
local ONLY = {
  parents = "cut", cost = "cut", rates = "cut", divest = "cut", k = "paths", weight = "paths", count = "chokepoints",
  before = "diff",
}

-- The questions whose lists may be cut short.
local LISTED = { ban = true, check = true }

-- The other side of a diff: whatever it does not say is as in the request, but for the edits.
local BEFORE = { net = false, targets = false, rule = false, scope = "string", as_of = "string", bans = "table",
  edits = "table" }

-- The edits a request may list: each is a table with one of these verbs and the verb's options.
local EDITS = {
  assume = { scope = "string" }, lift = {}, drop = {}, add = {},
  except = { since = "string", ["until"] = "string", contracts_before = "string", source = "string" },
  set = { fields = "table" },
  acquire = { owned = "string", share = false, basis = "string", class = "string", since = "string",
    ["until"] = "string", id = "string", source = "string", evidence = "string", confidence = "number" },
  divest = { owned = "string", share = false, basis = "string", class = "string" },
  substitute = { to = "string", users = false },
}

-- Options of a verb that its method takes as arguments, in order.
local ARGUMENTS = {
  set = { "fields" }, acquire = { "owned", "share" }, divest = { "owned", "share" }, substitute = { "to" },
}

local function names_of(fields)
  local names = {}
  for name in pairs(fields) do names[#names + 1] = name end
  sort(names, errors.less)
  return names
end

-- Raises for a field that is not known or not of its type. argument: what the error names, the field by default.
local function check_fields(given, known, where, argument)
  for _, name in ipairs(names_of(given)) do
    local wanted = known[name]
    if wanted == nil then
      errors.raise("argument", argument or name, ("unknown field %q in %s"):format(name, where),
        errors.nearest(name, names_of(known)))
    end
    if wanted and type(given[name]) ~= wanted then
      errors.raise("argument", argument or name,
        ("field %q in %s must be a %s, not a %s"):format(name, where, wanted, type(given[name])))
    end
  end
end

local function check_request(request)
  if type(request) ~= "table" then
    errors.raise("argument", "request", "a request must be a table, not a " .. type(request))
  end
  for name in pairs(request) do
    if type(name) ~= "string" then errors.raise("argument", "request", "a request has named fields only") end
  end
  check_fields(request, REQUEST, "the request")
  budget.check(request)
  local question = request.question
  if question == nil then
    errors.raise("argument", "question", "a request needs a question: " .. concat(QUESTIONS, ", "))
  end
  local known = false
  for _, name in ipairs(QUESTIONS) do known = known or name == question end
  if not known then
    errors.raise("argument", "question", ("unknown question %q (known: %s)"):format(question, concat(QUESTIONS, ", ")),
      errors.nearest(question, QUESTIONS))
  end
  for i, ban in ipairs(request.bans or {}) do
    if type(ban) ~= "table" then errors.raise("argument", "bans", "each of the bans must be a table") end
    check_fields(ban, BAN, "ban " .. i)
    if ban.targets == nil then errors.raise("argument", "bans", "ban " .. i .. " names no targets") end
  end
  if question == "ban" and request.targets == nil and not (request.bans and request.bans[1]) then
    errors.raise("argument", "targets", "the question ban needs targets")
  end
  if (question == "why" or question == "paths" or question == "holdings") and request.id == nil then
    errors.raise("argument", "id", ("the question %s needs an id"):format(question))
  end
  for _, name in ipairs(names_of(ONLY)) do
    if request[name] ~= nil and question ~= ONLY[name] then
      errors.raise("argument", name, ("%s is for the question %s"):format(name, ONLY[name]))
    end
  end
  if request.rows ~= nil then
    if not LISTED[question] then errors.raise("argument", "rows", "rows is for the questions ban and check") end
    if request.rows < 0 or request.rows ~= request.rows then
      errors.raise("argument", "rows", "rows must be how many rows, 0 or more")
    end
  end
  if request.before then
    check_fields(request.before, BEFORE, "before", "before")
    if request.before.net ~= nil and not network.is(request.before.net) then
      errors.raise("argument", "before", "before.net is a network, as knockon.load gives it")
    end
  end
  figures.check(request)
  for _, name in ipairs(question ~= "sweep" and OF_SWEEP or { "bans" }) do
    if request[name] ~= nil and not (question == "impact" and name == "currency") then
      local message = question == "sweep" and "a sweep bans each of its targets alone, without further bans"
        or ("%s is for the question sweep"):format(name)
      errors.raise("argument", name, message)
    end
  end
  for _, name in ipairs(question ~= "timeline" and { "since", "until" } or { "as_of" }) do
    if request[name] ~= nil then
      local message = question == "timeline" and "a timeline has no single date; say since and until"
        or ("%s is for the question timeline; say as_of"):format(name)
      errors.raise("argument", name, message)
    end
  end
end

-- Questions that are asked about the bans alone where there are any, and otherwise about what is in force.
local ALONE = { ban = true, chokepoints = true, cut = true, diff = true, impact = true, ladder = true, odds = true,
  paths = true, unknowns = true, why = true }

-- The scenario a request describes. The questions check and timeline keep what the data has in force and add the
-- bans to it; the targets of a sweep are no ban.
local function scenario_of(net, request)
  local bans = {}
  if request.targets ~= nil and request.question ~= "sweep" then
    bans[1] = { targets = request.targets, rule = request.rule, scope = request.scope }
  end
  for _, ban in ipairs(request.bans or {}) do
    local copy = {}
    for name, value in pairs(ban) do copy[name] = value end
    if copy.rule == nil then copy.rule = request.rule end
    if copy.scope == nil then copy.scope = request.scope end
    bans[#bans + 1] = copy
  end

  local alone = ALONE[request.question] and #bans > 0
  local scenario = net:scenario {
    as_of = request.as_of, restrictions = alone and "none" or nil, limits = request.limits, progress = request.progress,
  }
  for _, ban in ipairs(bans) do
    local targets = ban.targets
    ban.targets = nil
    scenario = scenario:ban(targets, ban)
  end

  for i, edit in ipairs(request.edits or {}) do
    if type(edit) ~= "table" then errors.raise("argument", "edits", "each of the edits must be a table") end
    local verb
    for _, name in ipairs(names_of(EDITS)) do
      if edit[name] ~= nil then verb = verb or name end
    end
    if not verb then
      local given = names_of(edit)[1] or ""
      errors.raise("argument", "edits", ("edit %d does none of: %s"):format(i, concat(names_of(EDITS), ", ")),
        errors.nearest(given, names_of(EDITS)))
    end
    local opts, known = {}, { [verb] = false }
    for name, kind in pairs(EDITS[verb]) do known[name], opts[name] = kind, edit[name] end
    check_fields(edit, known, ("edit %d, %s"):format(i, verb))
    local first, second = (ARGUMENTS[verb] or {})[1], (ARGUMENTS[verb] or {})[2]
    local a, b = first and opts[first], second and opts[second]
    if first then opts[first] = nil end
    if second then opts[second] = nil end
    opts = next(opts) ~= nil and opts or nil
    if second then scenario = scenario[verb](scenario, edit[verb], a, b, opts)
    elseif first then scenario = scenario[verb](scenario, edit[verb], a, opts)
    else scenario = scenario[verb](scenario, edit[verb], opts) end
  end
  return scenario
end

-- Fields and how the JSON writer has to take them when they are empty.
local LISTS, OBJECTS = {}, {}
for _, name in ipairs { "causes", "changed", "changes", "chokepoints", "clears", "controlled_by", "controls", "days",
  "decides", "differs", "entered", "fields", "held_by", "holders", "holdings", "ids", "left", "left_exposed", "liable",
  "names", "needs", "owners", "parents", "path", "paths", "red_flags", "relations", "restricted", "restrictions",
  "rows", "saved", "stakes", "steps", "suppliers", "unknowns", "users", "why" } do
  LISTS[name] = true
end
for _, name in ipairs { "levels", "lowest", "spend", "spend_possible", "start" } do OBJECTS[name] = true end

-- A copy that may be marked and kept, as deep as it goes: what the exposure remembers stays as it is. `name` is the
-- field that holds the value.
local function copy_of(value, name)
  if type(value) ~= "table" then return value end
  local copy = {}
  for field, item in pairs(value) do copy[field] = copy_of(item, field) end
  local list = copy[1] ~= nil
  if LISTS[name] and (list or next(copy) == nil) then return json.array(copy) end
  if OBJECTS[name] and not list then return json.object(copy) end
  return copy
end

-- Rows, copied and sorted by the given fields.
local function rows_of(rows, first, second)
  local out, in_order = {}, true
  local function before(a, b)
    local x, y = a[first] or "", b[first] or ""
    if x ~= y then return errors.less(x, y) end
    return second ~= nil and errors.less(a[second] or "", b[second] or "")
  end
  for i, row in ipairs(rows) do
    out[i] = copy_of(row)
    if i > 1 and before(out[i], out[i - 1]) then in_order = false end
  end
  if not in_order then sort(out, before) end
  return json.array(out)
end

-- Whether every record was read; each that was skipped becomes a warning.
local function completeness(net, warnings)
  local complete, skipped = net:complete()
  for _, record in ipairs(skipped or {}) do
    local where = { record.file }
    if record.record then where[#where + 1] = "record " .. record.record end
    if record.line then where[#where + 1] = "line " .. record.line end
    warnings[#warnings + 1] = {
      code = "skipped", ids = {},
      message = json.legible(concat(where, ", ") .. ": skipped: " .. tostring(record.cause)),
    }
  end
  return complete and true or false
end

-- list: warnings; notes: more of them, about the edits of a scenario.
local function warnings_of(net, list, notes)
  local all = {}
  for _, warnings in ipairs { list, notes or {} } do
    for _, warning in ipairs(warnings) do all[#all + 1] = warning end
  end
  local complete = completeness(net, all)
  return rows_of(all, "code", "message"), complete
end

-- The files of a network; what an answer says of their names is text.
local function data_of(sources)
  local data = json.array {}
  for i, source in ipairs(sources or {}) do data[i] = { file = json.legible(source.file), sha256 = source.sha256 } end
  return data
end

local function run_of(exposure)
  local run = {}
  for name, value in pairs(exposure:run()) do run[name] = value end
  run.data = data_of(run.data)
  run.rules = json.object(run.rules or {})
  return run
end

-- What every answer about an exposure begins with.
local function answer_to(net, exposure)
  local warnings, complete = warnings_of(net, exposure:warnings())
  return {
    knockon = 1, complete = complete, run = run_of(exposure), restrictions = rows_of(exposure:restrictions(), "id"),
    warnings = warnings,
  }
end

-- What a question adds to that, once evaluated; nil, message, code when it needs more work and a limit ends that.
local ANSWERS = {}

-- At most so many rows of a list, those that are certain first and those that say no last.
local function some_of(exposure, list, most)
  if not most then return exposure[list](exposure) end
  local rows = {}
  for _, verdict in ipairs { "yes", "possible", "no" } do
    for _, row in ipairs(exposure[list](exposure, { verdict = verdict, first = most - #rows })) do
      rows[#rows + 1] = row
    end
  end
  return rows
end

function ANSWERS.ban(answer, exposure, request)
  local most = request.rows
  for _, list in ipairs { "restricted", "users", "parents" } do
    answer[list] = rows_of(some_of(exposure, list, most), "id")
  end
  answer.concerned = rows_of(some_of(exposure, "concerned", most), "id", "measure")
  answer.linked = rows_of(exposure:linked(most and { first = most }), "id", "of")
  answer.totals = most and exposure:totals() or nil
  return answer
end

ANSWERS.check = ANSWERS.ban

function ANSWERS.why(answer, exposure, request)
  answer.why = copy_of(exposure:why(request.id))
  return answer
end

function ANSWERS.ladder(answer, exposure)
  local rows, message, code = exposure:ladder()
  if not rows then return nil, message, code end
  answer.ladder = rows_of(rows, "id")
  -- every scope was asked, whatever scope a restriction has of its own
  answer.run.scope = nil
  for _, row in ipairs(answer.restrictions) do row.scope = nil end
  return answer
end

function ANSWERS.unknowns(answer, exposure)
  local facts, message, code = exposure:unknowns()
  if not facts then return nil, message, code end
  answer.unknowns = json.array(copy_of(facts)) -- in their own order: what decides most comes first
  return answer
end

function ANSWERS.cut(answer, exposure, request)
  local plan, message, code = exposure:cut(request.parents, {
    cost = request.cost, rates = request.rates, divest = request.divest, force = request.force,
    limits = request.limits, progress = request.progress,
  })
  if not plan then return nil, message, code end
  answer.cut = copy_of(plan)
  return answer
end

function ANSWERS.paths(answer, exposure, request)
  local found, message, code = exposure:paths(request.id, {
    k = request.k, weight = request.weight, limits = request.limits, progress = request.progress,
  })
  if not found and message then return nil, message, code end
  local none = { id = request.id, weight = request.weight or "steps", paths = {}, truncated = false }
  answer.paths = copy_of(found or none)
  return answer
end

function ANSWERS.chokepoints(answer, exposure, request)
  local rows, message, code = exposure:chokepoints(request.id, {
    count = request.count, force = request.force, limits = request.limits, progress = request.progress,
  })
  if not rows and message then return nil, message, code end
  answer.parent, answer.exposed = request.id, rows ~= nil
  answer.chokepoints = json.array(copy_of(rows or {}))
  return answer
end

-- The scenario of the other side: the request without its edits, with what `before` says instead. What is wrong there
-- is told of `before`, since the request may say the same of its own side.
local function before_of(net, request)
  local other, before = {}, request.before or {}
  for name, value in pairs(request) do other[name] = value end
  other.edits = nil
  for name, value in pairs(before) do other[name] = value end
  if before.bans and before.targets == nil then other.targets = nil end
  local fine, scenario = pcall(scenario_of, before.net or net, other)
  if fine then return scenario end
  if not errors.is(scenario) then error(scenario, 0) end
  local names_field = scenario.message:match "^[%w_]+" == scenario.argument
  errors.raise(scenario.code, "before", (names_field and "before." or "before: ") .. scenario.message, scenario.near)
end

function ANSWERS.diff(answer, exposure, _, before_scenario)
  local before, message, code = before_scenario:exposure()
  if not before then return nil, message, code end
  local diff
  diff, message, code = exposure:diff(before)
  if not diff then return nil, message, code end
  answer.before, answer.diff = run_of(before), copy_of(diff)
  return answer
end

function ANSWERS.impact(answer, exposure, request) return figures.impact(answer, exposure, request, copy_of) end

function ANSWERS.odds(answer, exposure, request) return figures.odds(answer, exposure, request, copy_of) end

local function evaluated(net, request)
  local scenario = scenario_of(net, request)
  local before = request.question == "diff" and before_of(net, request) or nil -- a slip there is told at once
  local exposure, message, code = scenario:exposure()
  if not exposure then return nil, message, code end
  return ANSWERS[request.question](answer_to(net, exposure), exposure, request, before)
end

-- Without an end a timeline goes on for ten years from its first day.
local function span_of(request)
  local from = request.since or os.date "!%Y-%m-%d"
  local year, rest = from:match "^(%d%d%d%d)(.*)$"
  local later = year and ("%04d"):format(math.min(year + 10, 9999)) .. rest:gsub("^%-02%-29$", "-02-28")
  return { from = from, to = request["until"] or later or from }
end

-- The timeline of a scenario; it speaks of from and to, a request of since and until.
local function timeline_of(scenario, request)
  local fine, timeline, message, code = pcall(scenario.timeline, scenario, span_of(request))
  if fine then return timeline, message, code end
  if not errors.is(timeline) then error(timeline, 0) end
  local words = { from = "since", to = "until" }
  errors.raise(timeline.code, words[timeline.argument] or timeline.argument,
    (timeline.message:gsub("^%a+", words):gsub("after to$", "after until")), timeline.near)
end

-- The restrictions of the answer are all that count on any day of the span, with their dates.
local function over_time(net, request)
  local scenario = scenario_of(net, request)
  local timeline, message, code = timeline_of(scenario, request)
  if not timeline then return nil, message, code end
  local restrictions, rules = {}, {}
  for i, one in ipairs(scenario:considered()) do
    restrictions[i] = {
      id = one.id, title = one.title, hypothetical = one.hypothetical or false, rule = one.rule.id,
      measure = one.measure, scope = one.scope, targets = copy_of(one.targets), status = one.status,
      since = one.since, ["until"] = one["until"],
    }
    sort(restrictions[i].targets, errors.less)
    rules[one.rule.id] = rule.digest(one.rule)
  end
  local warnings, complete = warnings_of(net, net:warnings(), scenario.notes)
  return {
    knockon = 1, complete = complete, restrictions = rows_of(restrictions, "id"), timeline = copy_of(timeline),
    run = { version = require("knockon").version, data = data_of(net:sources()), rules = json.object(rules) },
    warnings = warnings,
  }
end

-- Every candidate banned alone: rows in the order of their rank.
local function swept(net, request)
  local scenario, used = scenario_of(net, request), rule.load(request.rule or "icts")
  local sweep, message, code = scenario:sweep {
    targets = request.targets, rule = used, scope = request.scope, by = request.by, top = request.top,
    size = request.size, currency = request.currency, spend = request.spend, threads = request.threads,
  }
  if not sweep then return nil, message, code end
  local rows = json.array {}
  for i, row in ipairs(sweep) do rows[i] = copy_of(row) end
  local day, notes = scenario:date(), {}
  if not rule.in_force(used, day) then
    notes[1] = {
      code = "rule_not_in_force", ids = {},
      message = ("rule %s is not in force on %s; the bans are hypothetical and apply all the same"):format(
        used.id, day),
    }
  end
  local warnings, complete = warnings_of(net, notes, scenario.notes)
  return {
    knockon = 1, complete = complete, warnings = warnings,
    run = {
      version = require("knockon").version, as_of = day, scope = request.scope or used.bound.scope or "entity",
      data = data_of(net:sources()), rules = json.object { [used.id] = rule.digest(used) },
    },
    sweep = {
      by = sweep.by, currency = sweep.currency, size = sweep.size, candidates = sweep.candidates, rows = rows,
    },
  }
end

-- Nothing is restricted here.
local function held(net, request)
  local scenario = scenario_of(net, request)
  local warnings, complete = warnings_of(net, net:warnings(), scenario.notes)
  local answer = { knockon = 1, complete = complete, restrictions = json.array {}, warnings = warnings }
  return figures.holdings(answer, data_of(net:sources()), scenario, request, copy_of)
end

local function shown(net)
  local warnings, complete = warnings_of(net, net:warnings())
  local counts = {}
  for name, value in pairs(net:counts()) do
    counts[name] = type(value) == "table" and json.object(value) or value
  end
  return {
    knockon = 1, complete = complete, title = net:title(), data = data_of(net:sources()), counts = counts,
    restrictions = rows_of(net:restrictions(), "id"), warnings = warnings,
  }
end

-- Answers one request. request.question: "ban" (targets: by this ban alone), "check" (by what is in force), "why" (id),
-- "ladder", "unknowns", "cut" (parents, cost, rates, divest), "paths" (id, k, weight), "chokepoints" (id or none,
-- count), "diff" (before), "impact" (measure, currency), "odds" (samples, seed) (all these by the targets or bans alone
-- where there are any, otherwise as check), "timeline" (as check, on the days from `since` to `until`), "sweep" (each
-- of the targets banned alone), "holdings" (id, basis) or "show" (what the data holds).
-- Raises on misuse; nil, message, code when a limit was met or the work was cancelled.
return function(net, request)
  if not network.is(net) then
    errors.raise("argument", "net", "an answer is about a network, as knockon.load gives it, not a " .. type(net))
  end
  check_request(request)
  if request.question == "show" then return shown(net) end
  if request.question == "timeline" then return over_time(net, request) end
  if request.question == "sweep" then return swept(net, request) end
  if request.question == "holdings" then return held(net, request) end
  return evaluated(net, request)
end
