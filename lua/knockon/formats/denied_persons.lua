-- The Denied Persons List of the Bureau of Industry and Security, tab-separated (dpl.txt). One row a party and address;
-- parties have no numbers, so that each row is an entity, dpl-RECORD: equal names are not taken for one person. The
-- rows with the same dates are one restriction of the rule `listing`. Dates are month/day/year.

local countries = require "knockon.formats.countries"
local draft = require "knockon.formats.draft"
local records = require "knockon.formats.records"
local words = require "knockon.formats.words"

local denied_persons = {}

function denied_persons.recognise(head)
  return head:has_columns("\t", { "Name", "Street_Address", "Effective_Date", "Expiration_Date", "FR_Citation" })
    and "rows" or nil
end

local COLUMNS = { "Name", "Street_Address", "City", "State", "Country", "Postal_Code", "Effective_Date",
  "Expiration_Date", "Standard_Order", "Last_Update", "Action", "FR_Citation" }

local function american_day(given)
  local month, day, year = (given or ""):match "^(%d%d?)/(%d%d?)/(%d%d%d%d)$"
  return words.day_of(year, month, day) or given
end

local function read(d, row)
  if not row[1] then return d:bad("it has no Name", d.line, d.number) end
  local pieces = {}
  for _, i in ipairs { 2, 3, 4, 6, 5 } do pieces[#pieces + 1] = row[i] and words.trim(row[i]) or nil end
  local record = {
    id = ("dpl-%d"):format(d.number), name = words.trim(row[1]), located_in = countries.code(row[5]),
    address = #pieces > 0 and table.concat(pieces, ", ") or nil, standard_order = row[9], last_update = row[10],
    action = row[11], fr_citation = row[12], effective_date = row[7], expiration_date = row[8],
  }
  if not d:entity(record) then return nil end
  local since, ends = american_day(row[7]), american_day(row[8])
  d:target((since or "") .. " " .. (ends or ""), record.id, function()
    return draft.period({
      id = "dpl-" .. (since or "undated") .. (ends and "-until-" .. ends or ""), title = "Denied Persons List",
      rule = "listing", measure = "prohibit",
    }, since, ends)
  end)
end

function denied_persons.load(parts, opts)
  return draft.load(parts, opts, function(d)
    for _, part in ipairs(parts) do
      d:begin(part, "denied persons")
      local rows = records.rows(part, d.work, { separator = "\t" })
      rows:select(COLUMNS)
      for row, line, number in rows:each(d.bad_record) do
        d:at(line, number)
        read(d, row)
      end
    end
  end)
end

return denied_persons
