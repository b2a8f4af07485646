-- Records of a stream, one at a time: lines, rows of a table, items of JSON.
--
-- Memory: one record, LONGEST bytes at most. What cannot be read is told by bad(message): on_error = "skip" lists it
-- there and goes on with the next record where there is a way to find it.

local core = require "knockon.core"
local json = require "knockon.json"
local stop = require "knockon.formats.stop"

local records = {}

local LONGEST = 2 ^ 26 -- bytes of one record

local find, sub = string.find, string.sub

local function too_long(path, where)
  stop.raise(("%s:%s a record of more than %d MB"):format(path, where, LONGEST / 2 ^ 20), "limit")
end

-- The lines of a part and their numbers, without line breaks and a byte order mark; blank ones are passed over.
function records.lines(part, work)
  local read = part:open(work)
  local buffer, at, line = read() or "", 1, 0
  if sub(buffer, 1, 3) == "\239\187\191" then at = 4 end
  local function refill() -- until there is a line break, or no more
    local pieces, length = { sub(buffer, at) }, #buffer - at + 1
    while true do
      local block = read()
      if not block then break end
      pieces[#pieces + 1], length = block, length + #block
      if find(block, "\n", 1, true) then break end
      if length > LONGEST then too_long(part.path, line + 1 .. ":") end
    end
    buffer, at = table.concat(pieces), 1
    return #pieces > 1
  end
  return function()
    while true do
      local stops = find(buffer, "\n", at, true)
      if not stops and refill() then stops = find(buffer, "\n", at, true) end
      if not stops and at > #buffer then return nil end
      local text = sub(buffer, at, (stops or #buffer + 1) - 1)
      at, line = (stops or #buffer) + 1, line + 1
      if find(text, "%S") then
        if sub(text, -1) == "\r" then text = sub(text, 1, -2) end
        return text, line
      end
    end
  end
end

-- ---- tables ----

local Rows = {}
Rows.__index = Rows

-- Rows of a table with a header. opts: separator; header = false for a table without one; columns: how many cells a
-- row must have where there is no header.
function records.rows(part, work, opts)
  opts = opts or {}
  local self = setmetatable({ part = part, number = 0, width = opts.columns }, Rows)
  self.reader = core.csv(part:open(work), opts.separator or ",", part.path)
  if opts.header ~= false then self:read_header() end
  return self
end

local function trim(text) return (text:gsub("^%s+", ""):gsub("%s+$", "")) end

function Rows:read_header()
  local cells, message, code = self.reader:row()
  if not cells then
    stop.raise(message and tostring(message) or self.part.path .. ": the file is empty", message and code or "parse")
  end
  self.header, self.place = {}, {}
  for i, cell in ipairs(cells) do
    local name = trim(cell)
    if json.invalid_utf8(name) then
      stop.raise(("%s:1: the name of column %d is not valid UTF-8"):format(self.part.path, i))
    end
    self.header[i] = name
    if not self.place[name] then self.place[name] = i end -- the first of two counts
  end
  self.width = #cells
end

-- Chooses the cells that rows have: names of columns, or numbers. A name may be a list of names, of which the first
-- that is there is meant. Columns that are not there are nil in every row.
function Rows:select(names)
  local numbers = {}
  for i, name in ipairs(names) do
    numbers[i] = 0
    if type(name) == "number" then numbers[i] = name end
    for _, one in ipairs(type(name) == "table" and name or { name }) do
      if numbers[i] == 0 then numbers[i] = self.place and self.place[one] or 0 end
    end
  end
  self.reader:select(numbers)
end

-- for row, line, number in rows:each(bad) do: row[i] is the i-th selected cell, nil when empty; the same table each
-- time. number counts rows from 1. bad(cause, line, number) is told of rows that are none.
function Rows:each(bad)
  local reader, row, path = self.reader, {}, self.part.path
  return function()
    while true do
      local got, line, count = reader:row(row)
      if not got and line == nil then
        reader:close()
        return nil
      end
      self.number = self.number + 1
      if not got then
        if count ~= "parse" then stop.raise(line, count) end
        local at, cause = line:sub(#path + 1):match "^:(%d+):(.*)$"
        bad(cause and trim(cause:gsub("^%d+:", "")) or line, tonumber(at), self.number)
      elseif self.width and count ~= self.width then
        if count > 1 or row[1] ~= "\26" then -- the end mark of old systems, alone on the last line
          bad(("%d cells, but %s %d"):format(count, self.header and "the header has" or "a record has", self.width),
            line, self.number)
        else
          self.number = self.number - 1
        end
      else
        return row, line, self.number
      end
    end
  end
end

-- ---- JSON ----

-- Reads one value after another out of blocks. at: the next byte; everything before it is used.
local Scanner = {}
Scanner.__index = Scanner

function Scanner:refill()
  local pieces, length = { sub(self.buffer, self.at) }, #self.buffer - self.at + 1
  local wanted, added = length, 0
  if length > LONGEST then too_long(self.path, "") end
  repeat -- long values: double, so that scanning stays linear
    local block = self.read()
    if not block then break end
    pieces[#pieces + 1], added = block, added + #block
  until added >= wanted
  self.buffer, self.at = table.concat(pieces), 1
  return added > 0
end

-- The next byte that is no white space, as a letter; nil at the end.
function Scanner:peek()
  while true do
    local at = find(self.buffer, "[^ \t\r\n]", self.at)
    if at then
      self.at = at
      return sub(self.buffer, at, at)
    end
    self.at = #self.buffer + 1
    if not self:refill() then return nil end
  end
end

function Scanner:fail(cause)
  stop.raise(("%s: record %d: %s"):format(self.path, self.number + 1, cause))
end

-- Where the string that begins at `at` ends.
function Scanner:string_end(at)
  at = at + 1
  while true do
    local stops = find(self.buffer, '["\\]', at)
    if not stops then
      local length, start = #self.buffer, self.at
      if not self:refill() then self:fail "the text ends inside a string" end
      at = length + 1 - start + 1
    elseif sub(self.buffer, stops, stops) == '"' then
      return stops
    else
      at = stops + 2
      if at > #self.buffer + 1 then -- the escaped byte is in the next block
        local start = self.at
        if not self:refill() then self:fail "the text ends inside a string" end
        at = at - start + 1
      end
    end
  end
end

-- The text of the value at `at`; `at` moves behind it.
function Scanner:value()
  local depth, at = 0, self.at
  while true do
    local from = find(self.buffer, '["{}%[%],%s]', at)
    if not from then
      local length, start = #self.buffer, self.at
      if not self:refill() then
        if depth > 0 then self:fail "the text ends inside a value" end
        from = #self.buffer + 1
      else
        at = length + 1 - start + 1
      end
    end
    if from then
      local letter = sub(self.buffer, from, from)
      if letter == '"' then
        local last = self:string_end(from)
        at = last + 1
        if depth == 0 then return self:take(last) end
      elseif letter == "{" or letter == "[" then
        depth, at = depth + 1, from + 1
      elseif letter == "}" or letter == "]" then
        if depth == 0 then return self:take(from - 1) end
        depth, at = depth - 1, from + 1
        if depth == 0 then return self:take(from) end
      elseif depth == 0 then
        return self:take(from - 1)
      else
        at = from + 1
      end
    end
  end
end

function Scanner:take(last)
  local text = sub(self.buffer, self.at, last)
  if text == "" then self:fail("expected a value, found '" .. (self:peek() or "the end") .. "'") end
  self.at = last + 1
  return text
end

-- Items of the list that begins here.
function Scanner:list(yield)
  self.at = self.at + 1
  if self:peek() == "]" then
    self.at = self.at + 1
    return
  end
  while true do
    if not self:peek() then self:fail "the list is never closed" end
    yield(self:value())
    local letter = self:peek()
    self.at = self.at + 1
    if letter == "]" then return end
    if letter ~= "," then self:fail(letter and ("expected ',' or ']', found '%s'"):format(letter)
      or "the list is never closed") end
  end
end

-- The object that begins here: the items of its member that is one of `keys` and a list; the other members are read
-- over. Without such a member it is an item itself, when it is short enough to be kept.
function Scanner:object(keys, yield)
  self.at = self.at + 1
  local found, members = false, {}
  while true do
    local letter = self:peek()
    if letter == "}" then break end
    if letter ~= '"' then self:fail(letter and ("expected a name, found '%s'"):format(letter)
      or "the object is never closed") end
    local name = self:value()
    if self:peek() ~= ":" then self:fail "expected ':'" end
    self.at = self.at + 1
    local first = self:peek()
    if first == "[" and keys[sub(name, 2, -2)] then
      found = true
      self:list(yield)
    else
      members[#members + 1] = name .. ":" .. self:value()
    end
    letter = self:peek()
    if letter == "," then self.at = self.at + 1 end
    if letter ~= "," and letter ~= "}" then self:fail "the object is never closed" end
  end
  self.at = self.at + 1
  if not found then yield("{" .. table.concat(members, ",") .. "}") end
end

local function decode(text)
  local value, message = json.decode(text)
  if value == nil then return nil, message end
  if type(value) ~= "table" then return nil, "it must be an object, not " .. text:sub(1, 40) end
  return value
end

-- Is the first line an object by itself, and no document with a list?
local function is_lines(part, keys)
  local first = part:head():gsub("^\239\187\191", ""):match "^%s*({[^\n]*)\n"
  local value = first and decode(first)
  if not value then return false end
  for key in pairs(keys) do
    if type(value[key]) == "table" then return false end
  end
  return true
end

-- read(value, line, number) is called with every record of a JSON part: one object a line, objects one after another,
-- a list, or the lists that are members of an object under one of `keys` (a set). bad(cause, line, number) is told of
-- records that are none; number counts all from 1.
function records.json(part, work, keys, read, bad)
  if is_lines(part, keys or {}) then
    local number = 0
    for text, line in records.lines(part, work) do
      number = number + 1
      local value, message = decode(text)
      if value then read(value, line, number) else bad(message:gsub("^line 1, ", ""), line, number) end
    end
    return
  end

  local opened = part:open(work)
  local scanner = setmetatable({ read = opened, buffer = opened() or "", at = 1, path = part.path, number = 0 },
    Scanner)
  if sub(scanner.buffer, 1, 3) == "\239\187\191" then scanner.at = 4 end
  local function yield(text)
    scanner.number = scanner.number + 1
    local item, message = decode(text)
    if item then read(item, nil, scanner.number) else bad(message, nil, scanner.number) end
  end
  local letter = scanner:peek()
  if not letter then stop.raise(part.path .. ": the file is empty") end
  while letter do
    if letter == "[" then
      scanner:list(yield)
    elseif letter == "{" then
      scanner:object(keys or {}, yield)
    else
      scanner:fail(("expected '{' or '[', found '%s'"):format(letter))
    end
    letter = scanner:peek()
  end
end

-- A whole JSON document, LONGEST bytes at most.
function records.document(part, work)
  local read, pieces, length = part:open(work), {}, 0
  while true do
    local block = read()
    if not block then break end
    pieces[#pieces + 1], length = block, length + #block
    if length > LONGEST then too_long(part.path, "") end
  end
  local value, message = json.decode(table.concat(pieces))
  if value == nil then stop.raise(part.path .. ": " .. message) end
  return value
end

return records
