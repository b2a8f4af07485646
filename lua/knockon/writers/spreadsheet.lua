-- CSV tables that are safe to open in a spreadsheet: the native CSV files, in which nothing begins a formula. What
-- begins with = + - @ (or their wide forms), a tab or a carriage return gets an apostrophe in front, and so does what
-- begins with an apostrophe: at the start of a cell, and after a semicolon, tab or line break in it, where spreadsheets
-- that part cells by semicolons begin another one. Taking one apostrophe off wherever one stands there gives the native
-- files back, nothing lost. A byte order mark tells spreadsheets that the text is UTF-8.

local csv = require "knockon.formats.csv"

local spreadsheet = {}

local BEGINS = "()([=+@\t\r'-])"
local BEGINS_WIDE = "()(\239\188[\139\141\157\160])" -- U+FF0B, U+FF0D, U+FF1D, U+FF20

local function guarded(text)
  local function guard(at, sign)
    if at == 1 or text:find("^[;\t\r\n]", at - 1) then return "'" .. sign end
    return nil
  end
  text = text:gsub(BEGINS, guard)
  if text:find("\239\188", 1, true) then text = text:gsub(BEGINS_WIDE, guard) end
  return text
end

function spreadsheet.save(net, path) return csv.save(net, path, nil, guarded, "\239\187\191") end

return spreadsheet
