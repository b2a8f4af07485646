-- Harms: what an exposure does other than by prohibiting. The engine works it out; here are the arguments, and the
-- table of all four kinds side by side.

local budget = require "knockon.budget"
local core = require "knockon.core"
local errors = require "knockon.errors"

local harms = {}

-- The filter of rows among options, and the options. known: names of the options, sorted.
local function split(opts, known)
  opts = errors.options(opts, known)
  budget.check(opts)
  return { ids = opts.ids, verdict = opts.verdict }, { limits = opts.limits, progress = opts.progress }
end

-- A part of the whole, 0 < part <= 100 %, in the engine's units; 0 when it is not given.
local function part(value, argument)
  if value == nil then return 0 end
  local lo, hi
  if type(value) == "string" or type(value) == "number" then lo, hi = core.share(value) end
  if not lo or lo ~= hi or lo == 0 then
    errors.raise("argument", argument,
      ("%s must be a part of the need such as \"50%%\" or 0.5, above 0"):format(argument))
  end
  return lo
end

function harms.disrupted(self, opts)
  local filter, limits = split(opts, { "ids", "least", "limits", "progress", "verdict" })
  return self.rows:disrupted(filter, part(opts and opts.least, "least"), limits)
end

function harms.saves(self, opts)
  local _, limits = split(opts, { "least", "limits", "most", "progress", "verdict" })
  opts = opts or {}
  local most = opts.most == nil and 10 or opts.most
  if type(most) ~= "number" or not (most >= 1 and most <= 64) or most % 1 ~= 0 then
    errors.raise("argument", "most", "most must be a whole number from 1 to 64")
  end
  if opts.verdict ~= nil and opts.verdict ~= "yes" and opts.verdict ~= "possible" then
    errors.raise("argument", "verdict", 'verdict must be "yes" (what surely fails) or "possible" (what may as well)')
  end
  return self.rows:saves(most, opts.verdict == "possible", part(opts.least, "least"), limits)
end

local ROWS = { "ids", "limits", "progress", "verdict" }

function harms.data(self, opts)
  local filter, limits = split(opts, ROWS)
  local rows, message, code = self.rows:data(filter, limits)
  for _, row in ipairs(rows or {}) do
    table.sort(row.data, function(a, b) return errors.less(a.class, b.class) end)
  end
  return rows, message, code
end

function harms.compromised(self, opts)
  local filter, limits = split(opts, ROWS)
  return self.rows:compromised(filter, limits)
end

-- Whom each kind of harm comes to: { id, name, prohibition =, disruption =, data =, compromise = }, verdicts.
function harms.all(self, opts)
  local filter, limits = split(opts, { "ids", "limits", "progress" })
  filter.verdict = nil
  local rows, list = {}, {}
  local function add(kind, found)
    for _, one in ipairs(found) do
      local row = rows[one.id]
      if not row then
        row = { id = one.id, name = one.name, prohibition = "no", disruption = "no", data = "no", compromise = "no" }
        rows[one.id], list[#list + 1] = row, row
      end
      if row[kind] ~= "yes" then row[kind] = one.verdict end
    end
  end
  for _, verdict in ipairs { "possible", "yes" } do
    add("prohibition", self.rows:users { ids = filter.ids, verdict = verdict })
    add("prohibition", self.rows:parents { ids = filter.ids, verdict = verdict })
  end
  local found, message, code = self.rows:disrupted(filter, 0, limits)
  if not found then return nil, message, code end
  add("disruption", found)
  for kind, method in pairs { data = "data", compromise = "compromised" } do
    found, message, code = self.rows[method](self.rows, filter, limits)
    if not found then return nil, message, code end
    add(kind, found)
  end
  table.sort(list, function(a, b) return errors.less(a.id, b.id) end)
  return list
end

return harms
