-- Unknowns: the facts that the sources leave open and what each of them decides. The questionnaire to send out.

local core = require "knockon.core"
local errors = require "knockon.errors"

local HALF = core.share("50%")

-- From which share on an open one makes the answer yes, given everything else that is certain; nil when it alone
-- cannot.
local function needed_share(exposure, one)
  local lo = core.share(one.share[1])
  if one.majority then return core.percent(HALF), false end
  local owned = exposure.acts[one.act].rule.owned
  if not owned then return nil end
  for _, sums in ipairs(exposure.rows:arithmetic(one.decides)) do
    if sums.act == one.act then
      local missing = core.share(owned.at_least or owned.more_than) - (sums.lo - lo)
      local most = core.share(one.share[2])
      if missing < 0 or missing > most or (owned.more_than and missing == most) then return nil end
      return core.percent(missing), owned.more_than ~= nil
    end
  end
  return nil
end

local function countries_of(rule)
  return table.concat(rule.bound.organised_in or {}, " or ")
end

local function describe(exposure, one)
  local rule = exposure.acts[one.act].rule
  if one.fact == "country" then
    local foreign = rule.captures == "foreign" and exposure:restricted { ids = { one.decides } }[1] ~= nil
    return ("the country of %s: %s%s would make it yes"):format(one.id, foreign and "another than " or "",
      countries_of(rule))
  elseif one.fact == "control" then
    return ("how %s controls %s: %s would make it yes"):format(one.from, one.to,
      type(rule.control) == "table" and table.concat(rule.control, ", ") or "any control")
  end
  local needed, more_than = needed_share(exposure, one)
  local what = ("the share of %s in %s"):format(one.from, one.to)
  if not needed then return what .. ": together with others it decides", nil end
  local words = more_than and "more than" or "at least"
  return ("%s: %s %s would make it yes"):format(what, words, needed), needed, more_than
end

-- What rests on what, where the verdict is possible: firms on those that hold them, users on their suppliers, parents
-- on their users. id -> list of ids.
local function dependents_of(exposure)
  local dependents, possible = {}, { verdict = "possible" }
  local function rests(id, on)
    dependents[on] = dependents[on] or {}
    table.insert(dependents[on], id)
  end
  for _, row in ipairs(exposure:restricted(possible)) do
    for _, holder in ipairs(row.held_by or {}) do rests(row.id, holder.id) end
  end
  for _, row in ipairs(exposure:users(possible)) do
    for _, supplier in ipairs(row.suppliers) do rests(row.id, supplier) end
  end
  for _, row in ipairs(exposure:parents(possible)) do
    for _, user in ipairs(row.users) do rests(row.id, user) end
  end
  return dependents
end

-- Adds all that rests on the ids of a list, and sorts it.
local function add_dependents(ids, dependents)
  local seen, i = {}, 1
  for _, id in ipairs(ids) do seen[id] = true end
  while ids[i] do
    for _, id in ipairs(dependents[ids[i]] or {}) do
      if not seen[id] then
        seen[id] = true
        ids[#ids + 1] = id
      end
    end
    i = i + 1
  end
  table.sort(ids, errors.less)
end

-- Facts, those that decide most first: { fact, relation | id, from, to, share, needed, more_than, decides, message }.
return function(exposure)
  local list, by_key = {}, {}
  for _, one in ipairs(exposure.rows:unknowns()) do
    local key = one.fact .. "\0" .. (one.relation or one.id)
    local fact = by_key[key]
    if not fact then
      fact = {
        fact = one.fact, relation = one.relation, id = one.id, from = one.from, to = one.to, share = one.share,
        decides = {},
      }
      fact.message, fact.needed, fact.more_than = describe(exposure, one)
      by_key[key] = fact
      list[#list + 1] = fact
    end
    local known = false
    for _, id in ipairs(fact.decides) do known = known or id == one.decides end
    if not known then fact.decides[#fact.decides + 1] = one.decides end
  end
  local dependents = dependents_of(exposure)
  for _, fact in ipairs(list) do add_dependents(fact.decides, dependents) end
  table.sort(list, function(a, b)
    if #a.decides ~= #b.decides then return #a.decides > #b.decides end
    return errors.less(a.fact .. (a.relation or a.id), b.fact .. (b.relation or b.id))
  end)
  return list
end
