-- The tables of a run, as text that is Markdown as well.

local chart = require "spec.bench.chart"

local tables = {}

-- A number of characters, not of bytes.
local function width(text) return #text:gsub("[\128-\191]", "") end

-- rows: lists of text, the first is the head. right: columns set to the right.
local function aligned(rows, right)
  local widths, lines = {}, {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do widths[i] = math.max(widths[i] or 3, width(cell)) end
  end
  for number, row in ipairs(rows) do
    local cells, rule = {}, {}
    for i, cell in ipairs(row) do
      local space = (" "):rep(widths[i] - width(cell))
      cells[i] = right[i] and space .. cell or cell .. space
      rule[i] = right[i] and ("-"):rep(widths[i] - 1) .. ":" or ("-"):rep(widths[i])
    end
    lines[#lines + 1] = "| " .. table.concat(cells, " | ") .. " |"
    if number == 1 then lines[#lines + 1] = "| " .. table.concat(rule, " | ") .. " |" end
  end
  return table.concat(lines, "\n") .. "\n"
end

-- CPU time with about three digits.
function tables.seconds(seconds)
  if not seconds then return "" end
  local number, unit = seconds, "s"
  if seconds < 0.0009995 then
    number, unit = seconds * 1e6, "µs"
  elseif seconds < 0.9995 then
    number, unit = seconds * 1e3, "ms"
  end
  return ((number >= 99.95 and "%.0f %s" or number >= 9.995 and "%.1f %s" or "%.2f %s"):format(number, unit))
end

local function number_text(number)
  return (number >= 100 and "%.0f" or number >= 10 and "%.1f" or "%.2f"):format(number)
end

local function met_text(met)
  if met == nil then return "" end
  return met and "yes" or "no"
end

-- Everything against the peers.
function tables.ratios(rows)
  local list = { { "question", "against", "knockon", "other", "ratio", "goal", "met" } }
  local last
  for _, row in ipairs(rows) do
    list[#list + 1] = {
      row.question ~= last and row.title or "", row.against, tables.seconds(row.knockon),
      (row.note and "about " or "") .. tables.seconds(row.other),
      row.wrong and "WRONG" or chart.ratio_text(row.ratio) .. " x",
      row.goal and ("%d x"):format(row.goal) or "", met_text(row.met),
    }
    last = row.question
  end
  return aligned(list, { [3] = true, [4] = true, [5] = true, [6] = true })
end

-- knockon against itself.
function tables.facts(facts)
  local list = { { "knockon by itself", "measured", "goal", "met" } }
  for _, fact in ipairs(facts) do
    list[#list + 1] = {
      fact.title, ("%s %s"):format(number_text(fact.value), fact.unit),
      fact.goal and ("%s %s"):format(fact.at_least and "at least" or "at most", number_text(fact.goal)) or "",
      met_text(fact.met),
    }
  end
  return aligned(list, {})
end

-- The most each process held.
function tables.memory(processes)
  local list = { { "process, after all its answers", "memory at the most" } }
  for _, one in ipairs(processes) do list[#list + 1] = { one.name, ("%.0f MB"):format(one.bytes / 1000000) } end
  return aligned(list, { [2] = true })
end

-- How cost grows. sizes: names; titles: key -> title, in the order of keys; seconds: size -> key -> seconds.
function tables.growth(sizes, keys, titles, seconds)
  local head, right = { "question" }, {}
  for i, size in ipairs(sizes) do
    head[#head + 1], right[i + 1] = size, true
    if i > 1 then
      head[#head + 1] = ("%s / %s"):format(size, sizes[i - 1])
    end
  end
  for i = 2, #head do right[i] = true end
  local list = { head }
  for _, key in ipairs(keys) do
    local row, any = { titles[key] }, false
    for i, size in ipairs(sizes) do
      local now = seconds[size][key]
      row[#row + 1] = tables.seconds(now)
      any = any or now ~= nil
      if i > 1 then
        local before = seconds[sizes[i - 1]][key]
        row[#row + 1] = now and before and number_text(now / before) or ""
      end
    end
    if any then list[#list + 1] = row end
  end
  return aligned(list, right)
end

return tables
