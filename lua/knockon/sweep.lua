-- Sweep: every candidate banned alone, ranked by what its ban would break.

local budget = require "knockon.budget"
local core = require "knockon.core"
local errors = require "knockon.errors"
local restriction = require "knockon.restriction"
local rule = require "knockon.rule"

local OPTIONS = {
  "by", "currency", "limits", "progress", "rule", "scope", "size", "spend", "targets", "threads", "top",
}
local RANKS = { "parents", "users", "spend" }
local MOST_THREADS = 64

local function check_word(value, words, name)
  if value == nil then return words[1] end
  for _, word in ipairs(words) do
    if word == value then return value end
  end
  errors.raise("argument", name, ("%s is %q; it must be one of %s"):format(name, tostring(value),
    table.concat(words, ", ")), errors.nearest(tostring(value), words))
end

local function check_whole(value, least, most, name)
  if value == nil then return nil end
  if type(value) ~= "number" or value % 1 ~= 0 or value < least or value > most then
    local range = most < math.huge and ("from %d to %d"):format(least, most) or ("of %d or more"):format(least)
    errors.raise("argument", name, ("%s must be a whole number %s, not %s"):format(name, range, tostring(value)))
  end
  return value
end

-- A list of ids, a predicate, or nil for everything that supplies somebody.
local function check_targets(net, targets)
  if targets == nil then return nil end
  if type(targets) == "string" then targets = { targets } end
  if type(targets) ~= "table" or next(targets) == nil then
    errors.raise("argument", "targets",
      "targets must be an id, a list of ids, or a predicate such as { kind = \"service\" }")
  end
  for _, id in ipairs(targets) do net:same(id, "targets") end -- an unknown one raises, naming near ones
  local own = restriction.own(targets, "targets")
  local wrong = restriction.wrong(net, { targets = own })
  if wrong then errors.raise("argument", "targets", wrong) end
  return own
end

-- Rows, with what they are a sweep of beside them; or nil, message, code.
return function(scenario, opts)
  opts = errors.options(opts, OPTIONS)
  budget.check(opts)
  local used = rule.use(opts.rule or "icts")
  local by = check_word(opts.by, RANKS, "by")
  if opts.currency ~= nil and (type(opts.currency) ~= "string" or opts.currency == "") then
    errors.raise("argument", "currency", "currency must be text such as \"EUR\"")
  end
  if opts.currency and by ~= "spend" then
    errors.raise("argument", "currency", "currency says what to rank by with by = \"spend\"; here it is by " .. by)
  end
  local scope = opts.scope and check_word(opts.scope, restriction.SCOPES, "scope") or used.bound.scope or "entity"
  local plan = {
    by = by, currency = opts.currency, spend = opts.spend and true or false,
    pairs = check_whole(opts.size, 1, 2, "size") == 2, top = check_whole(opts.top, 1, math.huge, "top"),
    threads = check_whole(opts.threads, 1, MOST_THREADS, "threads") or 1,
    limits = opts.limits or scenario.limits, progress = opts.progress or scenario.progress,
  }
  local targets = check_targets(scenario.net, opts.targets)
  local overlay, message, code = scenario:overlay()
  if not overlay then return nil, message, code end
  local rows, candidates, currency, together = core.sweep(overlay, used, scope, targets, plan)
  if not rows then return nil, candidates, currency end
  rows.by, rows.size, rows.candidates, rows.currency = by, plan.pairs and 2 or 1, candidates, currency
  rows.together = together
  return rows
end
