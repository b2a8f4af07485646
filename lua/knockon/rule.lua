-- Rules: the law as plain data. Checks a rule, fills in what it leaves out, finds the shipped ones, and reads a
-- user's own from a table or from a file that is data (no globals, bounded steps and memory).
--
-- A checked rule is a new table that holds only these fields; the table it came from is never changed.
--
--   id, title, revision (a whole number), authority, source     what it is and where it is written
--   owned       false, or { at_least | more_than = one share, of = "equity" | "votes" | "either",
--               sum = "all" | "each" | "joint" }                 the ownership test
--   control     false, true (any), or a list of `by` values      the control test
--   captures    "any", or "foreign": only firms not organised solely in bound.organised_in are captured
--   flow        "use" (`tiers` steps of supply), "goods" (any number), "any"
--   bound       { organised_in = countries | where = predicate | anyone = true, scope = a level of the ladder }
--   measure     what a restriction or a ban does that does not say so itself
--   in_force, suspended   lists of { since, until, source, notes }, half-open; in_force = {} is never
-- These change no verdict; they say how the law is to be used and what to look at beside it:
--   targets     the predicate over entity fields to ban by, such as { country = { "CN" }, kind = { "firm" } }
--   programmes  the lists and programmes that supply the targets
--   merge       "strictest": a firm that several lists reach takes the strictest of their measures
--   retains     true: property blocked while a firm was restricted stays blocked afterwards
--   rebuttable  true: a verdict is a presumption
--   red_flags   { unknown_share, minority, board, largest_holder }: what each calls for, as texts
--   disabled    why it is never in force, although it is written down; in_force is then {}
--   remedies, exceptions, notes   texts

local errors = require "knockon.errors"
local core = require "knockon.core"

local rule = {}

local SHIPPED = {
  "bis_affiliates", "cuba", "doj_dsp", "eu_control", "eu_own_2018", "eu_own_2024", "icts", "iran_uscf", "listing",
  "ndaa_1260h_direct", "ndaa_1260h_indirect", "ndaa_5949", "ofac_50", "reach", "s889_a", "s889_b", "uflpa", "uk_oc",
  "us_iaas_kyc",
}

local FILE_BYTES = 64 * 1024 -- a rule file
local FILE_STEPS = 100 * 1000 -- VM instructions it may run
local FILE_GROWTH = 1024 -- KiB it may add to the Lua state

local SCOPES = { "entity", "branches", "located", "owned", "facilitation" }

-- What is said of a field that is wrong: where, which, what it is, what it may be.
local function show(value)
  if type(value) == "string" then return ("%q"):format(value) end
  if type(value) == "table" then return "a table" end
  return tostring(value)
end

local function fail(at, field, value, allowed, near)
  errors.raise("rule", field, ("%s: %s is %s; it must be %s"):format(at, field, show(value), allowed), near)
end

local function quoted(words)
  local out = {}
  for i, word in ipairs(words) do out[i] = '"' .. word .. '"' end
  return table.concat(out, ", ")
end

local function nearest(word, candidates)
  return type(word) == "string" and errors.nearest(word, candidates) or nil
end

local function sorted(list)
  table.sort(list, errors.less)
  return list
end

local FIELDS, OWNED, BOUND, INTERVAL, RED_FLAGS -- field -> its check; below

-- An error for the first field (in order of name) that is not among `known`.
local function only(at, prefix, t, known)
  local unknown = {}
  for name in pairs(t) do
    if not known[name] then unknown[#unknown + 1] = tostring(name) end
  end
  if #unknown == 0 then return end
  local first, names = sorted(unknown)[1], {}
  for name in pairs(known) do names[#names + 1] = name end
  local near = nearest(first, sorted(names))
  if #near == 0 then -- right, but at another level?
    if OWNED[first] then near[1] = "owned." .. first end
    if BOUND[first] then near[1] = "bound." .. first end
    if RED_FLAGS[first] then near[1] = "red_flags." .. first end
    if FIELDS[first] then near[1] = first end
  end
  errors.raise("rule", prefix .. first,
    ("%s: unknown field %s%s; allowed: %s"):format(at, prefix, first, table.concat(names, ", ")), near)
end

-- Checks take (at, field, value) and return what the checked rule holds, or raise.
local function text(at, field, value)
  if type(value) ~= "string" or value == "" then fail(at, field, value, "a text") end
  if core.invalid_utf8(value) then fail(at, field, value, "valid UTF-8") end
  return value
end

local function whole(at, field, value)
  if type(value) ~= "number" or value < 1 or value % 1 ~= 0 or value > 1e9 then
    fail(at, field, value, "a whole number from 1")
  end
  return math.floor(value)
end

local function one_of(words)
  return function(at, field, value)
    for _, word in ipairs(words) do
      if value == word then return word end
    end
    return fail(at, field, value, "one of " .. quoted(words), nearest(value, words))
  end
end

-- A list of at least one text; a single text is a list of one.
local function texts(at, field, value)
  if type(value) == "string" then value = { value } end
  if type(value) ~= "table" or #value == 0 then fail(at, field, value, "a text or a list of texts") end
  local out = {}
  for i, item in ipairs(value) do out[i] = text(at, ("%s[%d]"):format(field, i), item) end
  for key in pairs(value) do
    if not out[key] then fail(at, field, value, "a list of texts, without other keys such as " .. tostring(key)) end
  end
  return out
end

-- Countries, as the data has to write them.
local function countries(at, field, value)
  local out = texts(at, field, value)
  for i, item in ipairs(out) do
    if not item:find "^[A-Z][A-Z]$" then
      fail(at, type(value) == "table" and ("%s[%d]"):format(field, i) or field, item,
        'an ISO 3166-1 alpha-2 code such as "US"')
    end
  end
  return out
end

local function date(at, field, value)
  text(at, field, value)
  local day, message = core.date(value)
  if not day then fail(at, field, value, "a date such as 2021-01-19 (" .. message .. ")") end
  return value
end

local function threshold(at, field, value)
  if type(value) ~= "string" and type(value) ~= "number" then fail(at, field, value, 'a share such as "50%"') end
  local lo, hi = core.share(value)
  if not lo then fail(at, field, value, ('a share such as "50%%" (%s)'):format(hi or "unknown")) end
  if lo ~= hi and tostring(value):match "^%s*[%d.,]+[eE]?[-+]?%d*%s*%%?%s*$" and hi - lo == 1 then -- rounded
    fail(at, field, value, "no finer than a share can hold, which is 0.0000001%")
  end
  if lo ~= hi then fail(at, field, value, 'one share such as "50%", not a band') end
  if field == "owned.at_least" and lo == 0 then fail(at, field, value, "above 0%") end
  if field == "owned.more_than" and lo >= 1e9 then fail(at, field, value, "below 100%") end
  return value
end

OWNED = {
  at_least = threshold,
  more_than = threshold,
  of = one_of { "equity", "votes", "either" },
  sum = one_of { "all", "each", "joint" },
}

local function fields(at, prefix, t, known)
  only(at, prefix, t, known)
  local out = {}
  for name, check in pairs(known) do
    if t[name] ~= nil then out[name] = check(at, prefix .. name, t[name]) end
  end
  return out
end

local function owned(at, field, value)
  if value == false then return false end
  if type(value) ~= "table" then fail(at, field, value, 'false or a table such as { at_least = "50%" }') end
  local out = fields(at, "owned.", value, OWNED)
  if (out.at_least == nil) == (out.more_than == nil) then
    errors.raise("rule", field, at .. ": owned needs either at_least or more_than")
  end
  out.of, out.sum = out.of or "equity", out.sum or "all"
  return out
end

local function control(at, field, value)
  if type(value) == "boolean" then return value end
  if type(value) ~= "table" or #value == 0 then
    fail(at, field, value, 'false, true (any control) or a list such as { "board", "contract" }')
  end
  return texts(at, field, value)
end

-- A predicate over the fields of an entity.
local function where(at, field, value)
  if type(value) ~= "table" or next(value) == nil then
    fail(at, field, value, 'a predicate such as { country = { "CN", "HK" }, kind = "firm" }')
  end
  local function plain(v)
    if type(v) == "string" then return not core.invalid_utf8(v) end
    if type(v) == "number" then return v == v and v ~= math.huge and v ~= -math.huge end
    return type(v) == "boolean"
  end
  local out = {}
  for name, wanted in pairs(value) do
    local place = field .. "." .. tostring(name)
    if type(name) ~= "string" or core.invalid_utf8(name) then fail(at, place, wanted, "named by a field") end
    if type(wanted) == "table" then
      local list = {}
      for i, item in ipairs(wanted) do
        if not plain(item) then fail(at, ("%s[%d]"):format(place, i), item, "a text, a number, true or false") end
        list[i] = item
      end
      if #list == 0 then fail(at, place, wanted, "a text, a number, true, false or a list of them") end
      for key in pairs(wanted) do
        if list[key] == nil then fail(at, place, wanted, "a list, without other keys such as " .. tostring(key)) end
      end
      out[name] = list
    elseif plain(wanted) then
      out[name] = wanted
    else
      fail(at, place, wanted, "a text, a number, true, false or a list of them")
    end
  end
  return out
end

local function only_true(at, field, value)
  if value ~= true then fail(at, field, value, "true, or left out") end
  return true
end

BOUND = {
  organised_in = countries,
  where = where,
  anyone = only_true,
  scope = one_of(SCOPES),
}

local function bound(at, field, value)
  local example = 'a table such as { organised_in = { "US" }, scope = "entity" }'
  if type(value) ~= "table" then fail(at, field, value, example) end
  local out = fields(at, "bound.", value, BOUND)
  local ways = (out.organised_in and 1 or 0) + (out.where and 1 or 0) + (out.anyone and 1 or 0)
  if ways ~= 1 then
    errors.raise("rule", field, at .. ": bound needs one of organised_in, where and anyone")
  end
  out.scope = out.scope or "entity"
  return out
end

INTERVAL = { since = date, ["until"] = date, source = text, notes = text }

local function intervals(at, field, value)
  if type(value) ~= "table" then fail(at, field, value, 'a list such as { { since = "2021-01-19" } }') end
  local out = {}
  for i, item in ipairs(value) do
    local place = ("%s[%d]"):format(field, i)
    if type(item) ~= "table" then fail(at, place, item, 'a table such as { since = "2021-01-19" }') end
    local interval = fields(at, place .. ".", item, INTERVAL)
    if interval.since and interval["until"] and core.date(interval.since) >= core.date(interval["until"]) then
      fail(at, place .. ".until", interval["until"], "after since (" .. interval.since .. ")")
    end
    out[i] = interval
  end
  for key in pairs(value) do
    if not out[key] then fail(at, field, value, "a list of intervals, without other keys such as " .. tostring(key)) end
  end
  return out
end

RED_FLAGS = { unknown_share = text, minority = text, board = text, largest_holder = text }

local function red_flags(at, field, value)
  if type(value) ~= "table" or next(value) == nil then
    fail(at, field, value, 'a table such as { unknown_share = "find out, or get a licence" }')
  end
  return fields(at, "red_flags.", value, RED_FLAGS)
end

FIELDS = {
  id = text,
  title = text,
  revision = whole,
  authority = text,
  source = text,
  owned = owned,
  control = control,
  captures = one_of { "any", "foreign" },
  flow = one_of { "use", "goods", "any" },
  tiers = whole,
  bound = bound,
  measure = one_of { "prohibit", "license", "mitigate", "warn", "review" },
  in_force = intervals,
  suspended = intervals,
  targets = where,
  programmes = text,
  merge = one_of { "strictest" },
  retains = only_true,
  rebuttable = only_true,
  red_flags = red_flags,
  disabled = text,
  remedies = text,
  exceptions = text,
  notes = text,
}

--- The rule with every field checked and every default filled in, as a new table. `origin` is where it was
--- written, for messages.
function rule.validate(t, origin)
  if type(t) ~= "table" then
    errors.raise("rule", "rule", ("%s: a rule is a table, not %s"):format(origin or "rule", show(t)))
  end
  local at = type(t.id) == "string" and "rule " .. t.id or "rule"
  if origin then at = ("%s (%s)"):format(at, origin) end
  local out = fields(at, "", t, FIELDS)
  if not out.id then errors.raise("rule", "id", at .. ": id is missing; it names the rule in every answer") end
  if not out.bound then
    errors.raise("rule", "bound", at .. ': bound is missing; say who is bound, such as { organised_in = { "US" } }')
  end
  out.revision = out.revision or 1
  out.owned = out.owned or false
  out.control = out.control or false
  out.captures = out.captures or "any"
  out.flow = out.flow or "use"
  out.tiers = out.tiers or 1
  out.in_force = out.in_force or (out.disabled and {} or { {} })
  if out.disabled and #out.in_force > 0 then
    errors.raise("rule", "in_force", at .. ": in_force must be {} or left out, because the rule is disabled")
  end
  if out.captures == "foreign" and not out.bound.organised_in then
    errors.raise("rule", "captures", at .. ': captures = "foreign" needs bound.organised_in, which says what is home')
  end
  return out
end

-- Runs a chunk that has no globals, with strings bare of methods, until it returns or a bound is met. It runs in a
-- coroutine, whose hook goes with it whatever happens; LuaJIT has one hook for all, and compiled code calls none.
local function run_bounded(chunk)
  local strings = debug.getmetatable("")
  local methods = strings.__index
  local hook, mask, count = debug.gethook()
  local steps, most = 0, collectgarbage("count") + FILE_GROWTH
  local jit = rawget(_G, "jit")
  if jit then jit.off(chunk, true) end
  local thread = coroutine.create(chunk)
  local function step() -- runs while strings have no methods
    if coroutine.running() ~= thread then return end -- LuaJIT, when the chunk has ended
    steps = steps + 1
    if steps > FILE_STEPS then
      error("it takes more than " .. FILE_STEPS .. " steps", 0)
    elseif collectgarbage "count" > most then
      error("it takes more than " .. FILE_GROWTH .. " KiB", 0)
    end
  end
  local function run()
    strings.__index = false -- not nil: to put something back where nothing is may take memory
    return coroutine.resume(thread)
  end
  debug.sethook(thread, step, "", 1)
  local ran, ok, result = pcall(run) -- not even resume is sure to find the memory it needs
  strings.__index = methods
  if jit then debug.sethook(hook, mask, count) else debug.sethook(thread) end
  if not ran then error(ok, 0) end
  return ok, result
end

local function compile(source, name)
  if rawget(_G, "setfenv") then -- 5.1, LuaJIT
    local chunk, message = loadstring(source, name) -- luacheck: ignore 113
    return chunk and setfenv(chunk, {}), message -- luacheck: ignore 113
  end
  return load(source, name, "t", {})
end

local function read(path)
  local file, message = io.open(path, "rb")
  if not file then errors.raise("unknown_rule", "rule", "no rule file " .. message) end
  local source = file:read(FILE_BYTES + 1)
  file:close()
  return source
end

local function from_file(path)
  local function refuse(cause)
    if cause == "not enough memory" then error(cause, 0) end -- no fault of the file
    local placed = cause:find(path .. ":", 1, true) == 1 -- Lua's own messages begin with file and line
    errors.raise("rule", "rule", "rule file " .. (placed and cause or path .. ": " .. cause))
  end
  local source = read(path)
  if not source then refuse "it is empty or no file" end
  if #source > FILE_BYTES then refuse(("it is larger than %d bytes"):format(FILE_BYTES)) end
  source = source:gsub("^\239\187\191", "")
  if source:sub(1, 1) == "\27" then refuse "it is compiled; a rule is written as text" end
  local chunk, message = compile(source, "@" .. path)
  if not chunk then refuse(message) end
  local ok, result = run_bounded(chunk)
  if not ok then refuse(tostring(result)) end
  return rule.validate(result, path)
end

--- The ids of the shipped rules, sorted.
function rule.list()
  local out = {}
  for i, id in ipairs(SHIPPED) do out[i] = id end
  return out
end

--- A checked rule: from a table, a file that ends in .lua, or the id of a shipped one.
function rule.load(given)
  if type(given) == "table" then return rule.validate(given) end
  if type(given) ~= "string" then
    errors.raise("argument", "rule", "rule must be an id, a file or a table, not " .. show(given))
  end
  for _, id in ipairs(SHIPPED) do
    if id == given then return rule.validate(require("knockon.rules." .. id)) end
  end
  if given:match "%.lua$" then return from_file(given) end
  return errors.raise("unknown_rule", "rule",
    ("no rule %s; shipped: %s, or a file that ends in .lua"):format(show(given), table.concat(SHIPPED, ", ")),
    nearest(given, SHIPPED))
end

local shipped, digests = {}, setmetatable({}, { __mode = "k" })

--- As load, for use and not to be changed: a shipped rule is checked once.
function rule.use(given)
  if type(given) ~= "string" then return rule.load(given) end
  local checked = shipped[given] or rule.load(given)
  if package.loaded["knockon.rules." .. given] then shipped[given] = checked end
  return checked
end

--- Sixteen hex digits that change whenever the rule does. Of a rule that is used, so they are kept.
function rule.digest(checked)
  local digest = digests[checked]
  if not digest then
    digest = core.sha256(require("knockon.json").encode(checked)):sub(1, 16)
    digests[checked] = digest
  end
  return digest
end

local function within(list, day)
  for _, interval in ipairs(list or {}) do
    local since = interval.since and core.date(interval.since)
    local till = interval["until"] and core.date(interval["until"])
    if (not since or since <= day) and (not till or day < till) then return true end
  end
  return false
end

--- Whether a checked rule is in force on a day (a day number, or a date).
function rule.in_force(checked, day)
  if type(day) == "string" then day = assert(core.date(day)) end
  return within(checked.in_force, day) and not within(checked.suspended, day)
end

return rule
