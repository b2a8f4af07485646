-- A page of text: lines, aligned columns by what a terminal shows, colour where it was asked for.

local byte, concat = string.byte, table.concat

local Page = {}
Page.__index = Page

-- Colour ----------------------------------------------------------------------------------------------------

local CODES = { bold = "1", yes = "1;31", possible = "33", no = "2", dim = "2" }

-- A function (word, style) -> word, which does nothing when no colour was asked for.
local function painter(colour)
  if not colour then return function(word) return word end end
  return function(word, style)
    local code = CODES[style]
    if not code or word == "" then return word end
    return "\27[" .. code .. "m" .. word .. "\27[0m"
  end
end

-- Widths ----------------------------------------------------------------------------------------------------

-- First and last code points that take no column, and those that take two (the blocks of Unicode's East
-- Asian Width, coarsely: what a terminal of today shows).
local NONE = { { 0x300, 0x36F }, { 0x1AB0, 0x1AFF }, { 0x1DC0, 0x1DFF }, { 0x200B, 0x200F }, { 0x202A, 0x202E },
  { 0x2060, 0x2064 }, { 0x20D0, 0x20FF }, { 0xFE00, 0xFE0F }, { 0xFE20, 0xFE2F }, { 0xE0100, 0xE01EF } }
local TWO = { { 0x1100, 0x115F }, { 0x2E80, 0x303E }, { 0x3041, 0x4DBF }, { 0x4E00, 0xA4CF }, { 0xA960, 0xA97F },
  { 0xAC00, 0xD7A3 }, { 0xF900, 0xFAFF }, { 0xFE30, 0xFE6F }, { 0xFF00, 0xFF60 }, { 0xFFE0, 0xFFE6 },
  { 0x1F300, 0x1F64F }, { 0x1F900, 0x1F9FF }, { 0x20000, 0x3FFFD } }

local function within(blocks, point)
  for _, block in ipairs(blocks) do
    if point >= block[1] and point <= block[2] then return true end
  end
  return false
end

-- Columns that a text takes on a terminal.
function Page.width(line)
  if not line:find("[\128-\255]") then return #line end
  local columns = 0
  for letter in line:gmatch("[%z\1-\127\192-\255][\128-\191]*") do
    local lead = byte(letter)
    local point = lead < 128 and lead or lead < 224 and lead % 32 or lead < 240 and lead % 16 or lead % 8
    for i = 2, #letter do point = point * 64 + byte(letter, i) % 64 end
    columns = columns + (point < 0x300 and 1 or within(NONE, point) and 0 or within(TWO, point) and 2 or 1)
  end
  return columns
end

function Page.pad(line, columns) return line .. (" "):rep(columns - Page.width(line)) end

-- Data may hold control characters (C0, DEL, C1); a terminal must not act on them.
function Page.clean(line)
  line = tostring(line):gsub("[%z\1-\31\127]", " "):gsub("\194[\128-\159]", " ")
  return line
end

-- At most `columns` of a text, the rest told by an ellipsis.
function Page.cut(line, columns)
  if Page.width(line) <= columns then return line end
  local parts, used = {}, 1
  for letter in line:gmatch("[%z\1-\127\192-\255][\128-\191]*") do
    used = used + Page.width(letter)
    if used > columns then break end
    parts[#parts + 1] = letter
  end
  return (concat(parts):gsub(" +$", "")) .. "…"
end

local clean, pad, width = Page.clean, Page.pad, Page.width

-- Words of at most `columns`, broken at spaces.
function Page.wrapped(line, columns)
  local lines, current = {}, ""
  for word in clean(line):gmatch "%S+" do
    if current ~= "" and width(current) + 1 + width(word) > columns then
      lines[#lines + 1], current = current, word
    else
      current = current == "" and word or current .. " " .. word
    end
  end
  lines[#lines + 1] = current
  return concat(lines, "\n")
end

-- The page --------------------------------------------------------------------------------------------------

-- An empty page; with terminal colours if `colour`.
function Page.new(colour) return setmetatable({ lines = {}, paint = painter(colour) }, Page) end

-- A line without the spaces at its end. Cost: its length; a pattern " +$" would take the square of a long padding.
function Page:line(line) self.lines[#self.lines + 1] = (line or ""):match "^.*[^ ]" or "" end

function Page:heading(title)
  self:line()
  self:line(self.paint(title, "bold"))
end

-- Aligned "key  value" lines; those without a value are left out. A value may have several lines.
function Page:facts(pairs_of, indent)
  local wide = 0
  for _, pair in ipairs(pairs_of) do
    if pair[2] ~= "" then wide = math.max(wide, width(pair[1])) end
  end
  for _, pair in ipairs(pairs_of) do
    if pair[2] ~= "" then
      local value = pair[2]:gsub("\n", "\n" .. indent .. (" "):rep(wide + 2))
      self:line(indent .. self.paint(pad(pair[1], wide), "dim") .. "  " .. value)
    end
  end
end

-- Rows of cells under titles; a column that is empty throughout is left out. A first cell that is a verdict
-- is painted as one. At most `limit` rows are shown, and how many more there are is said. Without titles (an empty
-- list) there is no line of them. before(i) may write what stands before row i. total: how many there are, where `rows`
-- are only some of them.
function Page:columns(titles, rows, limit, before, total)
  local shown = math.min(#rows, limit or #rows)
  local wide, used = {}, {}
  local count = #titles > 0 and #titles or rows[1] and #rows[1] or 0
  for column = 1, count do
    wide[column] = width(titles[column] or "")
    for i = 1, shown do
      local cell = rows[i][column]
      if cell ~= "" then used[column] = true end
      wide[column] = math.max(wide[column], width(cell))
    end
  end
  local function put(cells, style)
    local parts = {}
    for column = 1, count do
      if used[column] then
        local cell = pad(cells[column], wide[column])
        parts[#parts + 1] = style and self.paint(cell, style) or column == 1 and self.paint(cell, cells[1]) or cell
      end
    end
    self:line("  " .. concat(parts, "  "))
  end
  if #titles > 0 then put(titles, "dim") end
  for i = 1, shown do
    if before then before(i) end
    put(rows[i])
  end
  self:more(shown, total or #rows)
end

-- What is not shown is said.
function Page:more(shown, total)
  if shown < total then self:line(("  ... and %d more (all of them with --format json)"):format(total - shown)) end
end

function Page:text() return concat(self.lines, "\n") .. "\n" end

return Page
