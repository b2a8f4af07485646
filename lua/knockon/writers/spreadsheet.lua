-- CSV tables that are safe to open in a spreadsheet: the native CSV files, in which no cell begins a formula. A cell
-- that begins with = + - @, a tab or a carriage return gets an apostrophe in front, and so does one that begins with an
-- apostrophe: taking one apostrophe off every cell that begins with one gives the native files back, nothing lost. A
-- byte order mark tells spreadsheets that the text is UTF-8.

local csv = require "knockon.formats.csv"

local spreadsheet = {}

local function guarded(text)
  if text:find "^[=+@\t\r'-]" then return "'" .. text end
  return text
end

function spreadsheet.save(net, path) return csv.save(net, path, nil, guarded, "\239\187\191") end

return spreadsheet
