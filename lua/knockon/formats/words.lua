-- What readers do to the words of sources: shares, countries, lists. Nothing is guessed: what has no clear meaning
-- is nil, and the reader keeps the text as it was.

local core = require "knockon.core"

local words = {}

-- A share as the network writes it, from a text or a number in per cent ("51%", "50.00", "12,5", "25-50", ">50");
-- nil when it is none.
function words.percent(value)
  if type(value) == "number" then value = ("%.7g"):format(value):gsub(",", ".") end
  if type(value) ~= "string" or #value > 60 then return nil end
  local text = value:gsub("%s+", ""):gsub("%%", ""):gsub("\226\128\147", "-"):gsub("to", "-")
  local sign, rest = text:match "^([<>]=?)(.*)$"
  text = rest or text
  local number = text:match "^%d+[.,]?%d*$" and text
  local low, high = text:match "^(%d+[.,]?%d*)%-(%d+[.,]?%d*)$"
  local share
  if number then share = (sign or "") .. text:gsub("[.,]$", "") .. "%" end
  if low and not sign then share = ("[%s%%,%s%%]"):format(low:gsub(",", "."), high:gsub(",", ".")) end
  if share and core.share(share) then return share end
  return nil
end

-- A country or a place in one as ISO 3166-1 alpha-2 ("us", "US-DE" -> "US"); other texts as they are.
function words.country(text)
  if type(text) ~= "string" or text == "" then return nil end
  local code = text:match "^%s*(%a%a)%s*$" or text:match "^%s*(%a%a)%-%w+%s*$"
  return code and code:gsub("%l", function(letter) return string.char(letter:byte() - 32) end) or text
end

-- One value for one, a list for several, nil for none; equal ones once.
function words.several(list)
  local out, seen = {}, {}
  for _, value in ipairs(list) do
    if value ~= nil and value ~= "" and not seen[value] then
      seen[value] = true
      out[#out + 1] = value
    end
  end
  if #out <= 1 then return out[1] end
  return out
end

-- The parts between separators, trimmed, empty ones left out.
function words.split(text, separator)
  local list, at = {}, 1
  while text and at <= #text + 1 do
    local stops, after = text:find(separator, at, true)
    local item = text:sub(at, (stops or #text + 1) - 1):gsub("^%s+", ""):gsub("%s+$", "")
    if item ~= "" then list[#list + 1] = item end
    at = (after or #text + 1) + 1
  end
  return list
end

function words.trim(text) return (text:gsub("^%s+", ""):gsub("%s+$", "")) end

-- A set of words.
function words.set(list)
  local set = {}
  for _, word in ipairs(list) do set[word] = true end
  return set
end

-- The day of D/M/Y or M/D/Y in digits as YYYY-MM-DD; nil when it is none.
function words.day_of(year, month, day)
  local text = year and ("%04d-%02d-%02d"):format(tonumber(year), tonumber(month), tonumber(day))
  return text and core.date(text) and text or nil
end

return words
