-- Tables of Exhibit 21 to the annual reports of US filers: Filename (CIK-accession number), Subsidiary, Location of
-- Incorporation, Ownership Percentage. A filer is cik-NUMBER; a subsidiary has no number, so that it is known within
-- its filing only. A stated percentage is `owns`; without one the filer `consolidates` the subsidiary.

local draft = require "knockon.formats.draft"
local tables = require "knockon.formats.table"

local exhibit21 = {}

function exhibit21.recognise(head)
  local columns = { "Filename", "Subsidiary", "Location of Incorporation", "Ownership Percentage" }
  return head:has_columns(",", columns) and "rows" or nil
end

local function cik(row) return row.Filename and row.Filename:match "^0*(%d+)%-" end

local function filer(row) return cik(row) and "cik-" .. cik(row) end

local function stated(row) return row["Ownership Percentage"] ~= nil end

local SUBSIDIARY = "{Filename}:{Subsidiary}"

local MAP = {
  entities = {
    { id = filer, cik = cik, kind = "firm", country = "US", filing = "{Filename}" },
    { id = SUBSIDIARY, name = "{Subsidiary}", kind = "firm", country = "{Location of Incorporation}" },
  },
  relations = {
    { kind = "owns", from = function(row) return stated(row) and filer(row) or nil end, to = SUBSIDIARY,
      share = "{Ownership Percentage}%", filing = "{Filename}" },
    { kind = "consolidates", from = function(row) return not stated(row) and filer(row) or nil end, to = SUBSIDIARY,
      filing = "{Filename}" },
  },
}

function exhibit21.load(parts, opts)
  return draft.load(parts, opts, function(d)
    for _, part in ipairs(parts) do tables.fill(d, part, MAP) end
  end)
end

return exhibit21
