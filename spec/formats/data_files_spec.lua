-- The files of others as files: what a network says it was read from, and how many records and columns a table has.
local knockon = require "knockon"
local real = require "spec.support.real"
local shared = require "spec.support.shared"

local function path_of(name) return assert(shared.find("data/" .. name)) end

local function names(keep)
  local list = {}
  for name, facts in pairs(real.files()) do
    if keep(name, facts) then list[#list + 1] = name end
  end
  table.sort(list)
  return list
end

-- A table has one number of columns in all its records, but for the lone 0x1A at the end of some.
local function columns_of(facts)
  local most, count = 0, 0
  for columns, records in pairs(facts.column_counts or {}) do
    if not (facts.ctrl_z and columns == "1" and records == 1) then most, count = tonumber(columns), count + 1 end
  end
  return count == 1 and most or nil
end

local function is_table(_, facts) return columns_of(facts) ~= nil end

local WITHOUT_HEADER = "^ofac_"

describe("the files of others", function()
  real.it(it, pending, "FACTS.json", "tables: records, columns and the hash of what was read", function()
    local files, list, records = real.files(), names(is_table), 0
    assert.is_true(#list > 30)
    for _, name in ipairs(list) do
      local facts, number, columns = files[name], 0, nil
      local width = columns_of(facts)
      if name:find(WITHOUT_HEADER) then
        columns = {}
        for i = 1, width do columns[i] = "column " .. i end
      else
        local separator = name:find "dpl%.txt$" and "\t" or ","
        for row in knockon.read_csv(path_of(name), { separator = separator }) do
          assert.are.equal(width, #row, name)
        end
      end
      local net = assert(knockon.read_table(path_of(name), { columns = columns, entities = { { id = function()
        number = number + 1
        return "record-" .. number
      end } } }))
      local others = (columns and 0 or 1) + (facts.ctrl_z or 0) -- the header, the 0x1A
      assert.are.equal(facts.csv_records_incl_header - others, #net, name)
      assert.are.equal(facts.sha256, net:sources()[1].sha256:sub(1, 16), name)
      records = records + #net
    end
    assert.is_true(records > 50000)
  end)

  real.it(it, pending, "FACTS.json", "documents: the hash of what was read", function()
    local list, files = names(function(name)
      return name:find "^bods/" or name:find "^gleif/" or name:find "^uk_psc/psc" or name:find "^ftm/[^/]*$"
    end), real.files()
    assert.is_true(#list > 50)
    for _, name in ipairs(list) do
      local net = assert(knockon.load(path_of(name)))
      assert.are.equal(files[name].sha256, net:sources()[1].sha256:sub(1, 16), name)
    end
  end)
end)
