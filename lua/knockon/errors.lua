-- Error objects for misuse, and the search for what was probably meant.
--
-- An error object is a table { code, argument, message, near } whose metatable makes it print as one
-- sentence. Expected failures (a file that cannot be read, a limit met) are not raised: they are returned
-- as nil, message, code.

local byte = string.byte
local concat, insert, sort = table.concat, table.insert, table.sort
local floor, max, min = math.floor, math.max, math.min

local errors = {}

-- Also the metatable of what the engine raises, so that both print alike.
errors.metatable = {
  __name = "knockon.error",
  __tostring = function(object)
    local near = object.near
    if type(near) ~= "table" or #near == 0 then return tostring(object.message) end
    local quoted = {}
    for i = 1, #near do quoted[i] = '"' .. tostring(near[i]) .. '"' end
    local last = table.remove(quoted)
    local list = #quoted > 0 and concat(quoted, ", ") .. " or " .. last or last
    return tostring(object.message) .. "; did you mean " .. list .. "?"
  end,
}

-- Raises an error object; `near` is a list of words that exist, best first.
function errors.raise(code, argument, message, near)
  if near and #near == 0 then near = nil end
  error(setmetatable({ code = code, argument = argument, message = message, near = near }, errors.metatable), 0)
end

-- True for an error object, raised here or by the engine.
function errors.is(value)
  return type(value) == "table" and getmetatable(value) == errors.metatable
end

-- Byte order. `<` on strings follows the locale of the host, which must not show in any output.
function errors.less(a, b)
  local length = min(#a, #b)
  for i = 1, length do
    local x, y = byte(a, i), byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end

-- ASCII only: string.lower follows the locale.
local function fold(word)
  return (word:gsub("[A-Z]", function(letter) return string.char(byte(letter) + 32) end))
end

-- Edits (insert, delete, replace, swap neighbours) from a to b; nil when more than `limit`.
local function distance(a, b, limit)
  local n, m = #a, #b
  if n - m > limit or m - n > limit then return nil end
  local before, previous, current = {}, {}, {}
  for j = 0, m do previous[j] = j end
  for i = 1, n do
    current[0] = i
    local best = i
    local x = byte(a, i)
    for j = 1, m do
      local y = byte(b, j)
      local d = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (x == y and 0 or 1))
      if i > 1 and j > 1 and x == byte(b, j - 1) and byte(a, i - 1) == y then d = min(d, before[j - 2] + 1) end
      current[j] = d
      if d < best then best = d end
    end
    -- A swap reaches back two rows, so only a row that is too far by more than one ends the search.
    if best > limit + 1 then return nil end
    before, previous, current = previous, current, before
  end
  return previous[m] <= limit and previous[m] or nil
end

-- How unlike two words are; nil when nothing connects them.
local function unlikeness(word, candidate)
  if word == candidate then return 0 end
  local limit = max(1, min(3, floor(#word / 3)))
  local edits = distance(word, candidate, limit)
  if edits then return edits end
  if #word >= 3 then
    local at = candidate:find(word, 1, true)
    if at then return at == 1 and limit + 1 or limit + 2 end
  end
  if #candidate >= 3 and word:find(candidate, 1, true) then return limit + 3 end
  return nil
end

-- The candidates that `word` was probably meant to be, best first, at most `count` (default 3).
-- Deterministic whatever the order of the candidates. Cost: the candidates times the square of the word.
function errors.nearest(word, candidates, count)
  local wanted, found = fold(tostring(word)), {}
  for i = 1, #candidates do
    local candidate = candidates[i]
    local score = unlikeness(wanted, fold(candidate))
    if score then insert(found, { score = score, word = candidate }) end
  end
  sort(found, function(a, b)
    if a.score ~= b.score then return a.score < b.score end
    return errors.less(a.word, b.word)
  end)
  local near = {}
  for i = 1, min(#found, count or 3) do near[i] = found[i].word end
  return near
end

-- The candidate that a word of at least four letters is a slip of: one edit from it, two when it is long, or in other
-- case; nil when there is none, or when the word is itself a candidate.
function errors.slip(word, candidates)
  if #word < 4 then return nil end
  local wanted, best, found = fold(word), nil, nil
  for _, candidate in ipairs(candidates) do
    if candidate == word then return nil end
    local edits = #candidate >= 4 and distance(wanted, fold(candidate), #word >= 8 and 2 or 1)
    if edits and (not best or edits < best or edits == best and errors.less(candidate, found)) then
      best, found = edits, candidate
    end
  end
  return found
end

-- The options of a call, {} for none; raises for what is no table, and for the first name (in byte order) that is not
-- among `known`, a sorted list.
function errors.options(opts, known)
  if opts == nil then return {} end
  if type(opts) ~= "table" then errors.raise("argument", "opts", "opts must be a table, not a " .. type(opts)) end
  local names, unknown = {}, nil
  for _, name in ipairs(known) do names[name] = true end
  for name in pairs(opts) do
    local text = tostring(name)
    if not names[name] and (not unknown or errors.less(text, unknown)) then unknown = text end
  end
  if unknown then
    errors.raise("argument", unknown, ("unknown option %q; known: %s"):format(unknown, concat(known, ", ")),
      errors.nearest(unknown, known))
  end
  return opts
end

return errors
