-- The chart of a run, as SVG: how many times less CPU time knockon took, on a logarithmic axis; goals are marked.

local chart = {}

local LEFT, WIDTH, RIGHT, TOP, BAR, GAP, HEAD = 250, 560, 90, 96, 15, 5, 30
local INK, SOFT, GRID, BEHIND = "#1f2933", "#616e7c", "#dde3ea", "#c2410c"
local COLOURS = {
  igraph = "#2563a8", networkx = "#7b5ea7", scipy = "#1c8a7a", graph_tool = "#b8860b", boost = "#6b7280",
  duckdb = "#a8447c",
}

local function escape(text) return (text:gsub("[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" })) end

local function ratio_text(ratio)
  if ratio >= 100 then return ("%d"):format(math.floor(ratio + 0.5)) end
  return (ratio >= 10 and "%.1f" or ratio >= 0.1 and "%.2f" or "%.2g"):format(ratio)
end
chart.ratio_text = ratio_text

-- Powers of ten on either side of everything that is shown, and of 1.
local function range(rows)
  local low, high = 0.5, 2
  for _, row in ipairs(rows) do
    low, high = math.min(low, row.ratio), math.max(high, row.ratio, row.goal or 1)
  end
  return math.floor(math.log(low) / math.log(10) + 1e-9), math.ceil(math.log(high) / math.log(10) - 1e-9)
end

local function power_text(power)
  if power >= 0 then return ("%d"):format(10 ^ power) end
  return ("0.%s1"):format(("0"):rep(-power - 1))
end

-- rows: { title, question, peer, against, ratio, goal } in order, those of a question together.
function chart.draw(rows, title, subtitle)
  local low, high = range(rows)
  local function x(value)
    return LEFT + WIDTH * (math.log(value) / math.log(10) - low) / (high - low)
  end
  local out, y, last = {}, TOP, nil
  local function add(form, ...) out[#out + 1] = form:format(...) end
  for _, row in ipairs(rows) do
    if row.question ~= last then
      y = y + HEAD
      add('<text x="24" y="%d" font-weight="600" fill="%s">%s</text>', y - 7, INK, escape(row.title))
      last = row.question
    end
    local from, to = math.min(x(1), x(row.ratio)), math.max(x(1), x(row.ratio))
    add('<text x="%d" y="%d" text-anchor="end" fill="%s">%s</text>', LEFT - 10, y + BAR - 3, SOFT,
      escape(row.against))
    add('<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>', from, y, math.max(to - from, 1), BAR,
      row.ratio < 1 and BEHIND or COLOURS[row.peer] or "#2563a8")
    if row.goal then
      add('<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="%s" stroke-width="2"><title>goal: %s</title></line>',
        x(row.goal), x(row.goal), y - 2, y + BAR + 2, INK, ratio_text(row.goal))
    end
    -- a label stands behind the bar, and behind a mark that it would hide
    local place = math.max(to, x(1)) + 6
    if row.goal and x(row.goal) >= place - 4 and x(row.goal) < place + 40 then place = x(row.goal) + 6 end
    add('<text x="%.1f" y="%d" fill="%s">%s%s</text>', place, y + BAR - 3, INK, row.note and "about " or "",
      ratio_text(row.ratio))
    y = y + BAR + GAP
  end
  local bottom, grid = y + 6, {}
  for power = low, high do
    local at = x(10 ^ power)
    grid[#grid + 1] = ('<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="%s" stroke-width="%d"/>'):format(at, at, TOP,
      bottom, power == 0 and SOFT or GRID, power == 0 and 2 or 1)
    grid[#grid + 1] = ('<text x="%.1f" y="%d" text-anchor="middle" fill="%s">%s</text>'):format(at, bottom + 18, SOFT,
      power_text(power))
  end
  local width, height = LEFT + WIDTH + RIGHT, bottom + 62
  local head = {
    ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" ' ..
      'font-family="system-ui, sans-serif" font-size="12" role="img">'):format(width, height, width, height),
    ("<title>%s</title>"):format(escape(title)),
    ('<rect width="%d" height="%d" fill="#ffffff"/>'):format(width, height),
    ('<text x="24" y="32" font-size="18" font-weight="600" fill="%s">%s</text>'):format(INK, escape(title)),
    ('<text x="24" y="54" fill="%s">%s</text>'):format(SOFT, escape(subtitle)),
    ('<text x="24" y="74" fill="%s">Longer is better for knockon. An upright mark is a goal; left of 1 the other is ' ..
      "faster.</text>"):format(SOFT),
  }
  local axis = ('<text x="%d" y="%d" text-anchor="middle" fill="%s">CPU time of the other / CPU time of knockon ' ..
    "(logarithmic)</text>"):format(LEFT + WIDTH / 2, bottom + 42, INK)
  return table.concat(head, "\n") .. "\n" .. table.concat(grid, "\n") .. "\n" .. table.concat(out, "\n") .. "\n" .. axis
    .. "\n</svg>\n"
end

return chart
