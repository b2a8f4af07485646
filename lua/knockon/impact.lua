-- Impact: how much stops, and what suppliers lose. The engine works it out; here are the arguments, and which shock is
-- meant.

local budget = require "knockon.budget"
local errors = require "knockon.errors"

local impact = {}

local MEASURES = { "debtrank", "differential", "esri" }
local OPTIONS = {
  "amounts", "currency", "direction", "equity", "limits", "measure", "progress", "rates", "replaceable", "sector",
  "shock", "tolerance", "value",
}

-- One of a few words, or the first of them.
local function word(opts, name, words, otherwise)
  local value = opts[name]
  if value == nil then return otherwise end
  for _, known in ipairs(words) do
    if known == value then return value end
  end
  errors.raise("argument", name, ("%s is %q; it must be one of %s"):format(name, tostring(value),
    table.concat(words, ", ")), errors.nearest(tostring(value), words))
end

local function field(opts, name, otherwise)
  local value = opts[name]
  if value == nil then return otherwise end
  if type(value) ~= "string" or value == "" then
    errors.raise("argument", name, name .. " must be the name of a field of entities")
  end
  return value
end

local function positive(value) return type(value) == "number" and value > 0 and value < math.huge end

-- { { id, low, high }, … }: what stops by itself, surely and perhaps, as parts 0 to 1.
local function shock_of(scenario, opts)
  local given, list = opts.shock, {}
  if given == nil then
    local exposure, message, code = scenario:exposure()
    if not exposure then return nil, message, code end
    for _, row in ipairs(exposure:restricted()) do
      if row.measure == nil then list[#list + 1] = { row.id, row.verdict == "yes" and 1 or 0, 1 } end
    end
    return list
  end
  if type(given) == "string" then given = { given } end
  if type(given) ~= "table" or next(given) == nil then
    errors.raise("argument", "shock", "shock must be an id, a list of ids, or a table of parts by id as { a = 0.5 }")
  end
  for key, value in pairs(given) do
    local id, part = value, 1
    if type(key) ~= "number" then id, part = key, value end
    if type(id) ~= "string" then
      errors.raise("argument", "shock", "shock: an entity is named by its id (text), not a " .. type(id))
    end
    if type(part) ~= "number" or not (part >= 0 and part <= 1) then
      errors.raise("argument", "shock", ("shock: the part of %s must be a number from 0 to 1"):format(id))
    end
    list[#list + 1] = { scenario.net:same(id, "shock"), part, part }
  end
  return list
end

-- Factors by currency, and the currency of account. More than one currency needs rates, or the one that counts.
local function rates_of(opts, known)
  local rates, currency, names = {}, opts.currency, {}
  for name in pairs(known) do names[#names + 1] = name end
  table.sort(names, errors.less)
  if currency ~= nil and (type(currency) ~= "string" or currency == "") then
    errors.raise("argument", "currency", "currency must be text such as \"USD\"")
  end
  if opts.rates ~= nil and type(opts.rates) ~= "table" then
    errors.raise("argument", "rates", "rates must be a table such as { EUR = 1.1 }")
  end
  for name, factor in pairs(opts.rates or {}) do
    if type(name) ~= "string" or not positive(factor) then
      errors.raise("argument", "rates", ("rates: %s must have a number above 0"):format(tostring(name)))
    end
    rates[name] = factor
  end
  if not currency and #names == 1 then currency = names[1] end
  if not currency and #names > 1 then
    errors.raise("argument", "currency",
      ("amounts are in %s: say which currency counts, and give rates for the others"):format(table.concat(names, ", ")))
  end
  if currency then rates[currency] = 1 end
  return rates, currency
end

function impact.of(scenario, opts)
  opts = errors.options(opts, OPTIONS)
  budget.check(opts)
  local measure = word(opts, "measure", MEASURES, "esri")
  local direction = word(opts, "direction", { "both", "down", "up" }, "both")
  local amounts = word(opts, "amounts", { "fraction", "spend" })
  if opts.replaceable ~= nil and type(opts.replaceable) ~= "boolean" then
    errors.raise("argument", "replaceable", "replaceable must be true or false")
  end
  if opts.tolerance ~= nil and not positive(opts.tolerance) then
    errors.raise("argument", "tolerance", "tolerance must be a number above 0")
  end
  local options = {
    measure = measure, down = direction ~= "up", up = direction ~= "down", replaceable = opts.replaceable ~= false,
    tolerance = opts.tolerance or 1e-9, sector = field(opts, "sector", "sector"),
    equity = field(opts, "equity", "equity"), value = field(opts, "value"),
  }
  local overlay, message, code = scenario:overlay()
  if not overlay then return nil, message, code end
  local known = overlay:currencies()
  options.fractions = amounts == "fraction" or (amounts == nil and next(known) == nil)
  local currency
  if not options.fractions then options.rates, currency = rates_of(opts, known) end
  options.rates = options.rates or {}
  local shock
  shock, message, code = shock_of(scenario, opts)
  if not shock then return nil, message, code end
  local answer
  answer, message, code = overlay:impact(shock, options, { limits = opts.limits, progress = opts.progress })
  if not answer then return nil, message, code end
  answer.measure, answer.currency = measure, currency
  answer.amounts = options.fractions and "fraction" or "spend"
  return answer
end

-- ---- what suppliers lose ----

local function sorted(set)
  local list = {}
  for id in pairs(set or {}) do list[#list + 1] = id end
  table.sort(list, errors.less)
  return list
end

-- The revenue of suppliers is in a field of theirs, `revenue` says which; `most` names one with what the bound users
-- pay at most, where the data has no single amounts.
function impact.losses(exposure, opts)
  opts = errors.options(opts, { "currency", "ids", "most", "revenue", "verdict" })
  local revenue, most = field(opts, "revenue", "revenue"), field(opts, "most")
  if opts.currency ~= nil and (type(opts.currency) ~= "string" or opts.currency == "") then
    errors.raise("argument", "currency", "currency must be text such as \"USD\"")
  end
  local wanted = {}
  for _, row in ipairs(exposure.rows:restricted { ids = opts.ids, verdict = opts.verdict }) do wanted[row.id] = true end
  local list = {}
  for _, row in ipairs(exposure.rows:losses()) do
    if wanted[row.id] then
      for _, name in ipairs { "users", "users_possible", "contracts", "contracts_possible" } do
        row[name] = sorted(row[name])
      end
      row.spend, row.spend_possible = row.spend or {}, row.spend_possible or {}
      local entity = exposure.net:entity(row.id)
      local all, limit = tonumber(entity[revenue]), most and tonumber(entity[most])
      row.currency = opts.currency or entity.revenue_currency
      if all and all > 0 then
        row.revenue = all
        row.low = row.currency and (tonumber(row.spend[row.currency]) or 0) / all
        row.high = limit and math.min(limit / all, 1) or nil
      end
      list[#list + 1] = row
    end
  end
  table.sort(list, function(a, b) return errors.less(a.id, b.id) end)
  return list
end

return impact
