-- A network in the making, for readers of files that others publish.
--
-- A reader is told of records and tells the draft of entities and relations in the network's own words. The draft
-- names the place of what is wrong, skips it or stops the load, gives relations their ids (file#record), makes
-- entities for ends that no record describes (marked `dangling`), and keeps periods that cannot be as they were given
-- (`since_given`, `until_given`). A load is all or nothing: whatever is raised closes the builder.

local budget = require "knockon.budget"
local core = require "knockon.core"
local errors = require "knockon.errors"
local json = require "knockon.json"
local network = require "knockon.network"
local stop = require "knockon.formats.stop"
local stream = require "knockon.formats.stream"

local draft = {}

local Draft = {}
Draft.__index = Draft

-- The part whose records come now. what: for progress.
function Draft:begin(part, what)
  self.part, self.count, self.last, self.again = part, 0, nil, 0
  self.work.what = what and "reading " .. what or "reading"
  self.bad_record = function(cause, line, number) self:bad(cause, line, number) end
  local done, message, code = self.builder:begin_file(part.label)
  if not done then stop.raise(message, code) end
end

-- A record that cannot be read. what: "record" where the caller does not know better.
function Draft:bad(cause, line, number, what)
  if not self.skip then
    local place = self.part.path .. (line and ":" .. line or "") .. ": "
    stop.raise(("%s%s%s%s"):format(place, what or "record", number and " " .. number or "", ": " .. cause))
  end
  self.skipped[#self.skipped + 1] = {
    file = self.part.path, line = line, record = number, cause = (what and what .. ": " or "") .. cause,
  }
end

-- Where the record comes from that is being read: what add and bad say.
function Draft:at(line, number) self.line, self.number = line, number end

local function add(self, method, what, record)
  local fine, added, message, code = pcall(self.builder[method], self.builder, record)
  if fine and added then return true end
  if not fine then
    if not errors.is(added) or added.code ~= "argument" then error(added, 0) end
    message, code = tostring(added), "parse"
  end
  if code ~= "parse" then stop.raise(message, code) end
  self:bad(message:gsub("^" .. what .. " ?", ""):gsub("^: ", ""), self.line, self.number, what)
  return false
end

-- True when the record was kept. Its source is the file unless it says another, or is knockon's own, which was carried
-- there and stays as it is.
function Draft:entity(record, own)
  if record.source == nil and not own then record.source = self.part.label end
  return add(self, "add_entity", "entity", record)
end

-- An end that a relation names: made at the end when no record describes it, marked `dangling`; or by the reader's
-- placeholder(id), which gives what such an entity says.
function Draft:mention(id)
  if not self.mentioned[id] and not self.builder:has(id) then self.mentioned[id] = self.part.label end
end

local LONGEST = 255 -- bytes of a label with which the engine makes ids: a file name has no more, a path may

-- The id of a relation without one: file#record, and file#record.2 for the second of one record. The engine makes the
-- first kind itself where it counts alike, which costs nothing.
local function id_of(self)
  local number = self.number or self.count + 1
  self.again = self.last == number and self.again + 1 or 1
  self.last = number
  if self.again > 1 then return ("%s#%d.%d"):format(self.part.label, number, self.again) end
  local counts_alike = number == self.count + 1 and #self.part.label <= LONGEST
  return not counts_alike and ("%s#%d"):format(self.part.label, number) or nil
end

-- True when the record was kept. Ends need not be there yet.
function Draft:relation(record, own)
  if record.source == nil and not own then record.source = self.part.label end
  if record.id == nil then record.id = id_of(self) end
  self.count = self.count + 1
  if not add(self, "add_relation", "relation", record) then return false end
  self:mention(record.from)
  self:mention(record.to)
  return true
end

function Draft:restriction(record)
  if record.source == nil then record.source = self.part.label end
  self.restrictions[#self.restrictions + 1] = record
end

-- Restrictions of many targets that are gathered one by one: target(key, id, make), where make() gives the record
-- when the key is new.
function Draft:target(key, id, make)
  local record = self.by_key[key]
  if not record then
    record = make()
    record.targets = {}
    self.by_key[key] = record
    self:restriction(record)
  end
  record.targets[#record.targets + 1] = id
end

-- Sets `since` and `until` of a record from what the source says. Open ends (nothing, 9999-12-31) are missing; days
-- that are none, and an end before the start, are kept as since_given and until_given, and only the end counts.
function draft.period(record, since, ends)
  local first, last = draft.day(since), draft.day(ends)
  if since and not first and not draft.open(since) then record.since_given = since end
  if ends and not last and not draft.open(ends) then record.until_given = ends end
  if first and last and core.date(first) >= core.date(last) then record.since_given, first = since, nil end
  record.since, record["until"] = first, last
  return record
end

-- Is this date only a way to say "no end"?
function draft.open(text) return type(text) ~= "string" or text == "" or text:find "^9999" ~= nil end

local days, known_days = {}, 0 -- texts of days that were checked: sources repeat them
local KNOWN_DAYS = 20000

-- The day of a date or a time stamp ("2012-11-29T00:00:00.000Z"), as text; nil when it is none or means "open".
function draft.day(text)
  if draft.open(text) then return nil end
  local start = text:sub(1, 10)
  if days[start] then return start end
  local day = text:match "^%s*(%d%d%d%d%-%d%d%-%d%d)" or text:match "^%s*(%d%d%d%d%-%d%d)%s*$"
    or text:match "^%s*(%d%d%d%d)%s*$"
  if not day or not core.date(day) then return nil end
  if day == start and known_days < KNOWN_DAYS then
    days[day], known_days = true, known_days + 1
  end
  return day
end

local function name_mentioned(self)
  local n = 0
  for id, label in pairs(self.mentioned) do
    n = n + 1
    local going, message, code = self.work.spent.tick(n, 0, "naming ends")
    if not going then stop.raise(message, code) end
    if not self.builder:has(id) then
      local record = self.placeholder and self.placeholder(id) or { dangling = true }
      record.id, record.source = id, label
      add(self, "add_entity", "entity", record)
    end
  end
end

-- Restrictions name only targets that are there: a record that was skipped takes its listing with it.
local function known_targets(self)
  local list = {}
  for _, record in ipairs(self.restrictions) do
    local targets = record.targets
    if type(targets) == "table" and targets[1] then
      local known, seen = {}, {}
      for _, id in ipairs(targets) do
        if not seen[id] and self.builder:has(id) then known[#known + 1] = id end
        seen[id] = true
      end
      record.targets = known
      if known[1] then list[#list + 1] = record end
    else
      list[#list + 1] = record
    end
  end
  return list
end

-- A network from parts: fill(draft, parts) reads them; what it raises as a stop is returned as nil, message, code.
function draft.load(parts, opts, fill)
  local self = setmetatable({
    builder = core.builder(), skip = opts.on_error == "skip", restrictions = {}, by_key = {}, mentioned = {},
    skipped = {}, work = { spent = budget.start(opts) },
  }, Draft)
  if opts.limits and opts.limits.bytes then self.builder:limit(opts.limits.bytes) end
  local sources, restrictions
  local fine, failure = pcall(function()
    stream.label(parts)
    fill(self, parts)
    name_mentioned(self)
    self.mentioned = nil
    restrictions = known_targets(self)
    sources = stream.sources(parts, self.work)
  end)
  if not fine then
    self.builder:close()
    if stop.is(failure) then return nil, failure.message, failure.code end
    error(failure, 0)
  end
  return network.seal(self.builder, {
    title = self.title and json.legible(self.title), restrictions = restrictions,
    restrictions_from = parts[1] and parts[1].path, sources = sources, skipped = self.skipped,
  }, self.work.spent.left())
end

Draft.period = draft.period

return draft
