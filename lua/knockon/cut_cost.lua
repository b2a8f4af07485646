-- What it costs to end relations, for a cut: which of them may be ended, and the numbers that its search adds up.

local budget = require "knockon.budget"
local errors = require "knockon.errors"

local cut_cost = {}

local OPTIONS = { "cost", "divest", "force", "limits", "progress", "rates" }

local SUPPLIES = { supplies = true }
local HOLDINGS = { supplies = true, owns = true, controls = true, consolidates = true }
local EVERY = { supplies = true, owns = true, controls = true, consolidates = true, has_branch = true, operates = true }

local WHOLE = 2 ^ 53 -- up to here whole numbers are exact

-- The kinds of relations that may be ended, as a set.
function cut_cost.kinds(opts) return type(opts.cost) == "table" and EVERY or opts.divest and HOLDINGS or SUPPLIES end

-- A decimal text as a number, whatever the locale of the host; nil for anything else.
local function decimal(text)
  local sign, whole, fraction = text:match "^(%-?)(%d+)%.?(%d*)$"
  if not whole then return nil end
  local value = tonumber(whole) + (fraction ~= "" and tonumber(fraction) / 10 ^ #fraction or 0)
  return sign == "-" and -value or value
end

local function check_cost(value, what)
  if type(value) == "string" then value = decimal(value) or value end
  if type(value) ~= "number" or value ~= value or value < 0 or value == math.huge then
    errors.raise("argument", "cost", ("the cost of %s is %s; it must be a number, 0 or more"):format(what,
      tostring(value)))
  end
  return value
end

local function check_rates(rates)
  if rates == nil then return nil end
  if type(rates) ~= "table" or next(rates) == nil then
    errors.raise("argument", "rates", "rates must say what one unit of each currency is worth: { USD = 1, EUR = 1.1 }")
  end
  for currency, rate in pairs(rates) do
    if type(rate) ~= "number" or rate ~= rate or rate <= 0 or rate == math.huge then
      errors.raise("argument", "rates", ("the rate of %s must be a number above 0"):format(tostring(currency)))
    end
  end
  return rates
end

-- The spend of each relation, in one unit of account: that of all of them, or converted by the rates.
local function spend_costs(listed, rates)
  local units, costs = {}, {}
  for i, spend in ipairs(listed.spends) do
    if spend and listed.kinds[i] == "supplies" then units[listed.currencies[i] or ""] = true end
  end
  local names = {}
  for name in pairs(units) do names[#names + 1] = name == "" and "no currency" or name end
  table.sort(names, errors.less)
  if #names > 1 and not rates then
    errors.raise("argument", "rates", ("spend is in %s, and nothing is converted by itself: say rates, as in "
      .. "{ USD = 1, EUR = 1.1 }, or a cost, as in cost = 1 for the fewest relations"):format(
      table.concat(names, ", ")))
  end
  for i, spend in ipairs(listed.spends) do
    local unit = listed.currencies[i] or ""
    if spend and rates and not rates[unit] and listed.kinds[i] == "supplies" then
      errors.raise("argument", "rates", ("there is no rate for %s"):format(unit))
    end
    costs[i] = listed.kinds[i] == "supplies" and (spend and decimal(spend) * (rates and rates[unit] or 1) or 1) or 1
    if costs[i] < 0 then costs[i] = 0 end -- a credit: to end it costs nothing
  end
  return costs, #names == 1 and not rates and names[1] ~= "no currency" and names[1] or nil
end

-- Costs by number in the list, negative for what cannot be ended; and the currency they are in, if any. first: this is
-- all that might be ended; later rounds see the rest of it.
function cut_cost.of(between, listed, opts, first)
  local cost, kind, costs = opts.cost, type(opts.cost), {}
  local function usual(i) return listed.kinds[i] == "supplies" or (opts.divest and HOLDINGS[listed.kinds[i]]) end
  local function given(i, value)
    if value == nil or value == false then return -1 end
    return check_cost(value, listed.ids[i])
  end
  if cost == nil or kind == "table" then
    local own = {}
    for i, id in ipairs(listed.ids) do
      if kind == "table" then own[i] = cost[id] end
      if kind == "table" and own[i] == nil then own[i] = cost[listed.kinds[i]] end
    end
    local rest = { kinds = listed.kinds, currencies = listed.currencies, spends = {} }
    for i, spend in ipairs(listed.spends) do rest.spends[i] = own[i] == nil and usual(i) and spend or false end
    local spent, unit = spend_costs(rest, opts.rates)
    for i in ipairs(listed.ids) do
      if own[i] ~= nil then costs[i] = given(i, own[i]) else costs[i] = usual(i) and spent[i] or -1 end
    end
    return costs, next(own) == nil and unit or nil
  end
  local asked, said = 0, false
  for i in ipairs(listed.ids) do
    if not usual(i) then costs[i] = -1
    elseif kind == "number" then costs[i] = cost
    elseif kind == "string" then
      local value = between:record(i)[cost]
      asked, said = asked + 1, said or value ~= nil
      costs[i] = given(i, value)
    else costs[i] = given(i, cost(between:record(i))) end
  end
  -- a name that is wrong must not pass for "it is not possible"
  if first and asked > 0 and not said then
    errors.raise("argument", "cost", ("none of the %d relations that might be ended has the field %q"):format(asked,
      cost))
  end
  return costs
end

function cut_cost.options(opts)
  opts = errors.options(opts, OPTIONS)
  budget.check(opts)
  check_rates(opts.rates)
  local kind = type(opts.cost)
  if kind == "number" then check_cost(opts.cost, "a relation")
  elseif kind == "table" then
    for name, value in pairs(opts.cost) do
      if value ~= false then check_cost(value, tostring(name)) end
    end
  elseif kind ~= "nil" and kind ~= "string" and kind ~= "function" then
    errors.raise("argument", "cost", "cost must be a number, the name of a field, a table by relation or kind, or a "
      .. "function of a relation, not a " .. kind)
  end
  return opts
end

-- Ids and kinds that a table of costs names must be there.
function cut_cost.check_named(overlay, cost)
  if type(cost) ~= "table" then return end
  local names = {}
  for name in pairs(cost) do
    if not EVERY[name] then names[#names + 1] = name end
  end
  if #names == 0 then return end
  for _, name in ipairs(names) do
    if type(name) ~= "string" then
      errors.raise("argument", "cost", "a table of costs is by relation id or by kind, not by " .. tostring(name))
    end
  end
  table.sort(names, errors.less)
  for i, record in ipairs((overlay:records(names))) do
    if not record then
      errors.raise("unknown_id", "cost", ("no relation has the id %q, and it is no kind that can be ended"):format(
        names[i]), errors.nearest(names[i], { "consolidates", "controls", "has_branch", "operates", "owns",
        "supplies" }))
    end
  end
end

-- The fewest decimals in which all costs are whole numbers, as far as their sum stays exact. exact: none was rounded.
function cut_cost.whole(costs)
  local decimals, sum = 0, 0
  for _, cost in ipairs(costs) do
    if cost > 0 then
      sum = sum + cost
      local fraction = ("%.9f"):format(cost):match "[^%d](%d-)0*$"
      decimals = math.max(decimals, #fraction)
    end
  end
  while decimals > 0 and sum * 10 ^ decimals >= WHOLE do decimals = decimals - 1 end
  local unit = 10 ^ decimals
  while sum * unit >= WHOLE do unit = unit / 10 end
  local whole, exact = {}, true
  for i, cost in ipairs(costs) do
    whole[i] = cost < 0 and -1 or math.floor(cost * unit + 0.5)
    exact = exact and (cost < 0 or math.abs(whole[i] / unit - cost) <= cost * 1e-12)
  end
  return whole, exact
end

return cut_cost
