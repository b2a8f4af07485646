-- The words in which an answer is told: shares, relations, amounts, dates, counts.

local errors = require "knockon.errors"
local Page = require "knockon.report.page"

local concat = table.concat
local clean = Page.clean

local words = {}

words.OPEN = "possible: depends on a fact the sources leave open"

function words.ids(list) return clean(concat(list or {}, ", ")) end

-- One unit, a billionth: an end of an interval that the source leaves open lies that far inside its bound.
local function below_unit(percentage) return percentage:match "^(%d+)%.000000[1-9]%%$" end

local function under_unit(percentage)
  local whole = percentage:match "^(%d+)%.999999[1-9]%%$"
  return whole and ("%d"):format(whole + 1)
end

-- A firm has no more than the whole, but reports of it may sum to more.
local function is_whole(hi) return tonumber((hi:match "^%d+")) >= 100 end

-- Whether nothing at all is known of a share.
function words.is_unknown(share)
  return is_whole(share[2]) and (share[1] == "0%" or below_unit(share[1]) == "0")
end

-- 51%, 25% to 50%, more than 25% but at most 50%, less than 10%, unknown.
function words.share(share)
  local lo, hi = share[1], share[2]
  if lo == hi then return lo end
  if words.is_unknown(share) then return "unknown" end
  local above, under = below_unit(lo), under_unit(hi)
  local least = above and "more than " .. above .. "%" or "at least " .. lo
  local most = under and "less than " .. under .. "%" or "at most " .. hi
  if is_whole(hi) then return least end
  if lo == "0%" or above == "0" then return most end
  if above or under then return least .. " but " .. most end
  return lo .. " to " .. hi
end

-- What is missing to a threshold: one unit beside a round number is told as such.
function words.gap(gap)
  local above, under = below_unit(gap), under_unit(gap)
  return above and "more than " .. above .. "%" or under and "less than " .. under .. "%" or gap
end

-- How a relation reads forwards and backwards; `owns` carries its share and is worded below.
local PHRASES = {
  supplies = { "supplies", "is supplied by" },
  controls = { "controls", "is controlled by" },
  consolidates = { "consolidates", "is consolidated by" },
  has_branch = { "has the branch", "is a branch of" },
  operates = { "operates", "is operated by" },
  linked = { "is linked to", "is linked to" },
  party = { "under a contract of", "under a contract of" },
}

function words.phrase(kind, share, forwards)
  if kind == "owns" then
    if not share or words.is_unknown(share) then
      return forwards and "owns a share (unknown) of" or "is owned (share unknown) by"
    end
    local known = words.share(share)
    return forwards and "owns " .. known .. " of" or "is owned " .. known .. " by"
  end
  local pair = PHRASES[kind] or { kind or "leads to", kind and kind .. ", from" or "leads to" }
  return forwards and pair[1] or pair[2]
end

-- 1234567.5 -> 1,234,567.5
function words.grouped(amount)
  local sign, whole, rest = tostring(amount):match("^([-+]?)(%d+)(.*)$")
  if not whole then return tostring(amount) end
  whole = whole:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
  return sign .. whole .. rest
end

function words.sorted_keys(fields)
  local keys = {}
  for key in pairs(fields) do keys[#keys + 1] = key end
  table.sort(keys, errors.less)
  return keys
end

function words.money(spend)
  local parts = {}
  for i, currency in ipairs(words.sorted_keys(spend or {})) do
    local amount = tostring(spend[currency])
    if amount:find "%.%d$" then amount = amount .. "0" end
    parts[i] = words.grouped(amount) .. " " .. clean(currency)
  end
  return concat(parts, ", ")
end

function words.plural(count, word)
  if count == 1 then return "1 " .. word end
  return count .. " " .. word .. "s"
end

function words.dates(row)
  if row.since and row["until"] then return row.since .. " until " .. row["until"] end
  if row.since then return "since " .. row.since end
  if row["until"] then return "until " .. row["until"] end
  return ""
end

-- totals: of the whole list, where the rows are only some of it.
function words.verdicts(rows, totals)
  local count = totals or { yes = 0, possible = 0, no = 0 }
  for _, row in ipairs(totals and {} or rows) do
    local verdict = row.verdict or "no"
    count[verdict] = (count[verdict] or 0) + 1
  end
  local parts = {}
  for _, verdict in ipairs { "yes", "possible", "no" } do
    if count[verdict] > 0 then parts[#parts + 1] = count[verdict] .. " " .. verdict end
  end
  return concat(parts, ", "), count
end

-- A figure, 0 to 1, as a percentage of at most three digits after the point; a least and a most that differ as a span.
function words.figure(low, high)
  local function percent(value)
    local text = ("%.3f"):format(100 * value):gsub(",", "."):gsub("0+$", ""):gsub("%.$", "")
    return text .. "%"
  end
  if not high or percent(low) == percent(high) then return percent(low) end
  return percent(low) .. " to " .. percent(high)
end

-- What a missing share has to be for the verdict to become yes.
function words.needed(fact)
  if not fact.needed then return "" end
  return (fact.more_than and "more than " or "at least ") .. fact.needed .. " makes it yes"
end

-- A condition on fields: country = CN or RU and kind = service.
function words.condition(fields)
  local parts = {}
  for i, field in ipairs(words.sorted_keys(fields)) do
    local value = fields[field]
    local said = {}
    for j, item in ipairs(type(value) == "table" and value or { value }) do said[j] = tostring(item) end
    parts[i] = clean(tostring(field) .. " = " .. concat(said, " or "))
  end
  return concat(parts, " and ")
end

return words
