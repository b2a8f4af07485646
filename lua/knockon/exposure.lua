-- Exposure: what evaluating a scenario yields. Rows come from the engine on demand; here they get their messages.

local budget = require "knockon.budget"
local core = require "knockon.core"
local cut = require "knockon.cut"
local diff = require "knockon.diff"
local errors = require "knockon.errors"
local graph = require "knockon.graph"
local harms = require "knockon.harms"
local holdings = require "knockon.holdings"
local impact = require "knockon.impact"
local ladder = require "knockon.ladder"
local restriction = require "knockon.restriction"
local rule = require "knockon.rule"
local timeline = require "knockon.timeline"
local unknowns = require "knockon.unknowns"
local why = require "knockon.why"

local CHOKEPOINTS = 100 -- how many of all parents are listed
local MOST_PATHS = 10000

local Paths = {}
Paths.__index = Paths
Paths.__tostring = function(self) return require("knockon.report.text").render { paths = self } end

local exposure = {}

local Exposure = {}
Exposure.__index = Exposure

function exposure.new(scenario, overlay, rows, restrictions, acts, warnings)
  return setmetatable({
    scenario = scenario, net = scenario.net, day = scenario.day, overlay = overlay, rows = rows, active = restrictions,
    acts = acts, notes = warnings,
  }, Exposure)
end

local function check_alive(self)
  if not self.net:live() then errors.raise("closed", nil, "the network of this exposure is closed") end
end

function Exposure:__tostring()
  if not self.net:live() then return "exposure (closed)" end
  local count = self.rows:count()
  local function several(n, word) return ("%d %s%s"):format(n, word, n == 1 and "" or "s") end
  return ("exposure (%s, %s, %d restricted%s)"):format(several(count.parents, "parent"), several(count.users, "user"),
    count.restricted,
    count.concerned > 0 and (", %d concerned"):format(count.concerned) or "")
end

-- Measures by restriction where any of them does not prohibit, else nil.
local function measures_of(active)
  local measures, softer = {}, false
  for _, one in ipairs(active) do
    measures[one.id] = one.measure
    softer = softer or one.measure ~= "prohibit"
  end
  return softer and measures or nil
end

-- The strictest measure among restrictions; nil when it prohibits.
local function softer_measure(ids, measures)
  local found = {}
  for _, id in ipairs(ids) do found[measures[id]] = true end
  if found.prohibit then return nil end
  for _, measure in ipairs(restriction.MEASURES) do
    if found[measure] then return measure end
  end
  return nil
end

function Exposure:restricted(filter)
  local rows, measures = self.rows:restricted(filter), measures_of(self.active)
  for _, row in ipairs(measures and rows or {}) do row.measure = softer_measure(row.restrictions, measures) end
  return rows
end

function Exposure:users(filter) return self.rows:users(filter) end

function Exposure:parents(filter) return self.rows:parents(filter) end

function Exposure:concerned(filter) return self.rows:concerned(filter) end

function Exposure:linked(filter) return self.rows:linked(filter) end

function Exposure:count() return self.rows:count() end

-- The same by verdict.
function Exposure:totals() return self.rows:totals() end

local MESSAGES = {
  overlap = "%s: two reports of one holding begin on the same day; their hull counts",
  ring = "%s: these firms hold each other by majority; the first stands for the ring",
  self_supporting = "%s: these firms would hold each other up, but nothing restricted does; they are not restricted",
  above_whole = "%s: its holders' shares sum above 100 %%; they are not scaled",
}

function Exposure:warnings()
  local list = {}
  for _, note in ipairs(self.notes) do list[#list + 1] = note end
  for _, warning in ipairs(self.rows:warnings()) do
    list[#list + 1] = {
      code = warning.code, ids = warning.ids, message = MESSAGES[warning.code]:format(table.concat(warning.ids, ", ")),
    }
  end
  for _, warning in ipairs(self.net:country_warnings(function(ids)
    local users = {}
    for i, row in ipairs(self.rows:users { ids = ids }) do users[i] = row.id end
    return users
  end)) do
    list[#list + 1] = warning
  end
  table.sort(list, function(a, b)
    if a.code ~= b.code then return errors.less(a.code, b.code) end
    return errors.less(a.message, b.message)
  end)
  return list
end

function Exposure:unknowns() return unknowns(self) end

-- What an authority says to look at twice, apart from any verdict: the rule's own red flags that the data raises.
function Exposure:red_flags()
  check_alive(self)
  local list = {}
  for number, act in ipairs(self.acts) do
    local texts = act.rule.red_flags
    for _, flag in ipairs(texts and self.rows:red_flags(number) or {}) do
      if texts[flag.code] then
        flag.rule, flag.text = act.rule.id, texts[flag.code]
        list[#list + 1] = flag
      end
    end
  end
  return list
end

-- Ids in order, or the predicate as it was given.
local function targets_of(targets)
  local copy = restriction.own(targets, "targets")
  table.sort(copy, errors.less)
  return copy
end

function Exposure:restrictions()
  check_alive(self)
  local list = {}
  for i, one in ipairs(self.active) do
    list[i] = {
      id = one.id, title = one.title, hypothetical = one.hypothetical or false, rule = one.rule.id,
      measure = one.measure, scope = one.scope, targets = targets_of(one.targets), status = one.status,
    }
  end
  return list
end

function Exposure:run()
  local run = {
    version = require("knockon").version, as_of = core.day_text(self.day), data = self.net:sources(), rules = {},
  }
  for i, act in ipairs(self.acts) do
    run.rules[act.rule.id] = rule.digest(act.rule)
    run.scope = (i == 1 or run.scope == act.scope) and act.scope or nil
  end
  return run
end

-- What every path from the restriction to a parent passes: entities { id } and relations { relation, kind, from, to },
-- from the restriction on. nil when the id is no exposed parent; nil, message, code when a limit was met. Without an
-- id: of all parents, with how many and how much spend each carries, those that carry most first.
function Exposure:chokepoints(id, opts)
  if type(id) == "table" and opts == nil then id, opts = nil, id end
  opts = errors.options(opts, { "count", "force", "limits", "progress" })
  budget.check(opts)
  check_alive(self)
  if opts.count ~= nil and not (type(opts.count) == "number" and opts.count >= 1 and opts.count % 1 == 0) then
    errors.raise("argument", "count", "count must be a whole number, 1 or more")
  end
  if id ~= nil then self.net:same(id, "id") end -- raises for what is no id of an entity
  if id ~= nil and not self.rows:parents({ ids = { id } })[1] then return nil end
  local between, message, code = self.rows:between(id and { id }, false, opts)
  if not between then return nil, message, code end
  local list
  if id then list, message, code = between:chokepoints(opts.force, opts)
  else list, message, code = between:ranking(opts.count or CHOKEPOINTS, opts.force, opts) end
  between:close()
  if not list then return nil, message, code end
  return list
end

-- What leads from the restriction to the parents, as a graph with igraph's measures.
function Exposure:graph(opts)
  opts = errors.options(opts, { "limits", "progress" })
  budget.check(opts)
  check_alive(self)
  local rows, message, code = self.rows:graph(opts)
  if not rows then return nil, message, code end
  return graph.new(self.net, rows)
end

-- The k best proofs of one entity, fewest steps first or strongest first. nil when no path leads to it; nil, message,
-- code when a limit was met.
function Exposure:paths(id, opts)
  check_alive(self)
  opts = errors.options(opts, { "k", "limits", "progress", "weight" })
  budget.check(opts)
  if type(id) ~= "string" then errors.raise("argument", "id", "paths wants an id (text), not a " .. type(id)) end
  id = self.net:same(id)
  local k, weight = opts.k or 10, opts.weight or "steps"
  if type(k) ~= "number" or k % 1 ~= 0 or k < 1 or k > MOST_PATHS then
    errors.raise("argument", "k", ("k must be a whole number from 1 to %d"):format(MOST_PATHS))
  end
  if weight ~= "steps" and weight ~= "strongest" then
    errors.raise("argument", "weight", ('weight is %q; it must be "steps" or "strongest"'):format(tostring(weight)),
      errors.nearest(tostring(weight), { "steps", "strongest" }))
  end
  local paths, truncated, total = self.rows:paths(id, k, weight == "strongest", opts)
  if paths == false then return nil end
  if not paths then return nil, truncated, total end
  return setmetatable({ id = id, weight = weight, paths = paths, truncated = truncated, total = total }, Paths)
end

-- The cheapest relations to end so that the parents are clear; see cut.lua.
function Exposure:cut(parents, opts)
  check_alive(self)
  return cut(self, parents, opts)
end

-- What stops working, what would save the most of it, which data is within reach, who is compromised; and all side by
-- side with who is prohibited.
function Exposure:disrupted(opts) return harms.disrupted(self, opts) end

function Exposure:saves(opts) return harms.saves(self, opts) end

function Exposure:data(opts) return harms.data(self, opts) end

function Exposure:compromised(opts) return harms.compromised(self, opts) end

function Exposure:harms(opts) return harms.all(self, opts) end

-- What of the spend of its users falls to each parent, by what it holds of them in the end.
function Exposure:look_through(opts) return holdings.look_through(self, opts) end

-- What each restricted supplier loses with the users that are bound.
function Exposure:losses(opts)
  check_alive(self)
  return impact.losses(self, opts)
end

-- Always an answer: the proof, or why not.
function Exposure:why(id)
  if type(id) ~= "string" then errors.raise("argument", "id", "why wants an id (text), not a " .. type(id)) end
  return why(self, self.net:same(id))
end

-- ---- questions over several evaluations ----

-- What this exposure has that another has not, and why.
function Exposure:diff(before)
  if getmetatable(before) ~= Exposure then
    errors.raise("argument", "before", "diff wants another exposure to compare with, not a " .. type(before))
  end
  check_alive(self)
  check_alive(before)
  return diff(self, before)
end

function Exposure:ladder() return ladder(self.scenario) end

-- Property blocked while it was held: restricted on an earlier day, no longer now, under rules that retain.
function Exposure:formerly()
  check_alive(self)
  if not self.blocked_before then
    local list, message, code = timeline.formerly(self.scenario, self)
    if not list then return nil, message, code end
    self.blocked_before = list
  end
  return restriction.copies(self.blocked_before)
end

return exposure
