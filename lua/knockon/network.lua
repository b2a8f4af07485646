-- Network: the facts, built once and then sealed. The columns live in the engine; here are the methods that shape
-- tables, and what the engine does not keep: title, restrictions, where the data came from.

local core = require "knockon.core"
local errors = require "knockon.errors"
local graph = require "knockon.graph"
local restrictions = require "knockon.restriction"
local scenario = require "knockon.scenario"
local writers = require "knockon.writers"

local network = {}

local facts_of = setmetatable({}, { __mode = "k" }) -- net -> { title, restrictions, sources }

-- The method table of the engine's userdata; ours join it.
local net
do
  local builder = core.builder()
  net = getmetatable(builder).__index
  builder:close()
end

-- The engine knows files by the end of their paths only; what is said names the whole path.
local function place(message, sources)
  for _, source in ipairs(sources or {}) do
    for start in source.file:gmatch "/()" do
      local label = source.file:sub(start)
      local said = label ~= "" and message:sub(1, #label + 2) == label .. ": "
      if said then return source.file .. message:sub(#label + 1) end
    end
  end
  return message
end

-- Gives a sealed network the facts that the engine does not keep; nil, message, code when a restriction is wrong.
function network.adopt(sealed, facts, opts)
  local skipped = facts.skipped or {}
  local skip = opts.on_error == "skip" and function(text) skipped[#skipped + 1] = text end or nil
  local checked, why = restrictions.check(sealed, facts.restrictions or {}, facts.restrictions_from, skip)
  if not checked then
    sealed:close()
    return nil, why, "parse"
  end
  facts_of[sealed] = {
    title = facts.title, restrictions = checked, sources = facts.sources or {}, skipped = skipped,
  }
  return sealed
end

-- Seal a builder's records into a network; nil, message, code when something in them is wrong.
function network.seal(builder, facts, opts)
  local sealed, message, code = builder:seal(opts)
  if not sealed then return nil, place(message, facts.sources), code end
  return network.adopt(builder, facts, opts)
end

-- Is the value a network, closed ones too?
function network.is(value) return value ~= nil and facts_of[value] ~= nil end

-- What the engine does not keep of a network: { title, restrictions, sources, skipped }; not to be changed.
local function facts(self)
  local known = facts_of[self]
  if not known or not self:live() then
    errors.raise("closed", nil, known and "this network is closed" or "this network is not built yet")
  end
  return known
end

network.facts = facts

-- Builder: add records one by one, then build.
local Builder = {}
Builder.__index = Builder

function network.builder(opts)
  return setmetatable({ records = core.builder(), restrictions = {}, opts = opts or {} }, Builder)
end

local function open(self)
  if not self.records then errors.raise("closed", nil, "this builder has built its network; make another") end
  return self.records
end

local function add(self, method, what, record)
  local added, message, code = open(self)[method](self.records, record)
  if added then return self end
  if self.opts.on_error == "skip" and code == "parse" then
    self.records:skip_record(message)
    return self
  end
  errors.raise("argument", what, message)
end

function Builder:entity(entity) return add(self, "add_entity", "entity", entity) end

function Builder:relation(relation) return add(self, "add_relation", "relation", relation) end

-- Checked when the network is built, because its targets may come later.
function Builder:restriction(restriction)
  open(self)
  if type(restriction) ~= "table" then
    errors.raise("argument", "restriction", "restriction must be a table, not a " .. type(restriction))
  end
  self.restrictions[#self.restrictions + 1] = restriction
  return self
end

function Builder:title(text)
  open(self)
  if type(text) ~= "string" then errors.raise("argument", "title", "title must be text, not a " .. type(text)) end
  self.text = text
  return self
end

function Builder:build()
  local records = open(self)
  self.records = nil
  local given = { title = self.text, restrictions = self.restrictions }
  local built, message, code = network.seal(records, given, self.opts)
  if built then return built end
  if code == "parse" then errors.raise("argument", "record", message) end
  return nil, message, code
end

-- ---- methods of the network ----

function net:find(query)
  if type(query) ~= "table" or next(query) == nil then
    errors.raise("argument", "query", "find wants a field and its value, as in net:find { name = \"Ford\" }")
  end
  local field, value = next(query)
  if next(query, field) ~= nil then
    errors.raise("argument", "query", "find looks for one field at a time; net:entities takes several")
  end
  if type(field) ~= "string" or type(value) ~= "string" then
    errors.raise("argument", "query", "find wants a field and a text")
  end
  return self:find_field(field, value)
end

function net:title() return facts(self).title end

function net:restrictions() return restrictions.copies(facts(self).restrictions) end

function net:sources()
  local list = {}
  for i, source in ipairs(facts(self).sources) do list[i] = { file = source.file, sha256 = source.sha256 } end
  return list
end

-- A message in parts: "FILE:LINE: relation record 7 'id': cause", where file, line and record may be missing.
local function parts_of(message, sources)
  local file, rest = nil, place(message, sources)
  for _, source in ipairs(sources) do
    if rest:sub(1, #source.file + 1) == source.file .. ":" then
      file, rest = source.file, rest:sub(#source.file + 2)
      break
    end
  end
  local line, after = rest:match "^(%d+)(:.*)$"
  if file and line then rest = after:gsub("^:%d+:", ""):gsub("^:", "") end -- a column may follow
  rest = rest:gsub("^ ", "")
  local what, record, cause = rest:match "^(%a+) record (%d+)(.*)$"
  return {
    file = file, line = file and tonumber(line), record = tonumber(record), cause = what and what .. cause or rest,
  }
end

-- Was every record read? If not, those that were skipped: { file, line, record, cause }, as far as they are known.
function net:complete()
  local known, list = facts(self), {}
  for _, message in ipairs(self:skipped()) do list[#list + 1] = parts_of(message, known.sources) end
  for _, skipped in ipairs(known.skipped) do
    if type(skipped) == "table" then -- in parts already; the caller may change what it gets
      skipped = { file = skipped.file, line = skipped.line, record = skipped.record, cause = skipped.cause }
    else
      skipped = parts_of(skipped, known.sources)
    end
    list[#list + 1] = skipped
  end
  return #list == 0, list
end

-- Of a network that never changes, found once: { dangling, odd_dates, duplicates, collisions }, the latter in order.
local function doubts(self)
  local known = facts(self)
  if not known.doubtful then
    local found = self:doubtful()
    for _, one in ipairs(found.collisions) do table.sort(one.ids, errors.less) end
    table.sort(found.collisions, function(a, b)
      if a.field ~= b.field then return errors.less(a.field, b.field) end
      return errors.less(a.value, b.value)
    end)
    known.doubtful = found
  end
  return known.doubtful
end

function net:counts()
  local counts, found = self:count_records(), doubts(self)
  counts.restrictions = #facts(self).restrictions
  counts.dangling, counts.odd_dates, counts.duplicates = found.dangling, found.odd_dates, found.duplicates
  counts.collisions = #found.collisions
  return counts
end

local DATA_WARNINGS = {
  overlap = "two reports of one holding begin on the same day; their hull counts",
  above_whole = "the holders' shares sum above 100 %; they are not scaled",
  self_holding = "a firm holds a stake in itself; it is not counted",
  ring = "these firms hold each other by majority; the first stands for the ring",
}

local COUNTRIES = { -- what is written for the codes that shipped rules name, and is none
  ["united states"] = "US", ["united states of america"] = "US", usa = "US", ["u.s."] = "US", ["u.s.a."] = "US",
  america = "US", ["united kingdom"] = "GB", ["great britain"] = "GB", uk = "GB", gbr = "GB", england = "GB",
  china = "CN", ["people's republic of china"] = "CN", prc = "CN", chn = "CN", ["hong kong"] = "HK", hkg = "HK",
  macao = "MO", macau = "MO", mac = "MO", taiwan = "TW", twn = "TW", russia = "RU", ["russian federation"] = "RU",
  rus = "RU", iran = "IR", irn = "IR", cuba = "CU", cub = "CU", ["north korea"] = "KP", prk = "KP",
  ["south korea"] = "KR", kor = "KR", venezuela = "VE", ven = "VE", germany = "DE", deu = "DE", france = "FR",
  fra = "FR", netherlands = "NL", ["the netherlands"] = "NL", nld = "NL", ireland = "IE", irl = "IE", italy = "IT",
  ita = "IT", spain = "ES", esp = "ES", switzerland = "CH", che = "CH", canada = "CA", can = "CA", japan = "JP",
  jpn = "JP", singapore = "SG", sgp = "SG", india = "IN", ind = "IN",
}

-- ASCII only: string.lower follows the locale.
local function lower(text)
  return (text:gsub("[A-Z]", function(letter) return string.char(letter:byte() + 32) end))
end

local function code_of(value)
  local folded = lower(value):gsub("^%s+", ""):gsub("%s+$", "")
  if COUNTRIES[folded] then return COUNTRIES[folded] end
  if not folded:find "^[a-z][a-z]$" then return nil end
  return (folded:gsub("[a-z]", function(letter) return string.char(letter:byte() - 32) end))
end

local LISTED = 10 -- ids that a message names

local function country_warning(value, ids)
  local more = #ids > LISTED and (" and %d more"):format(#ids - LISTED) or ""
  local code = code_of(value)
  return {
    code = "country_code", ids = ids,
    message = ('%s%s: the country "%s" is no ISO 3166-1 alpha-2 code such as "US", so that no rule knows it%s'):format(
      table.concat(ids, ", ", 1, math.min(#ids, LISTED)), more, value,
      code and ('; did you mean "%s"?'):format(code) or ""),
  }
end

-- Countries of entities that no rule can mean: one warning for each value, in order. among(ids) leaves those asked for.
function net:country_warnings(among)
  local known, list = facts(self), {}
  if not known.odd then
    local odd, values = self:odd_countries(), {}
    for value, ids in pairs(odd) do
      table.sort(ids, errors.less)
      values[#values + 1] = value
    end
    table.sort(values, errors.less)
    known.odd_values, known.odd = values, odd
  end
  for _, value in ipairs(known.odd_values) do
    local ids = {}
    for i, id in ipairs(known.odd[value]) do ids[i] = id end
    if among then ids = among(ids) end
    if #ids > 0 then list[#list + 1] = country_warning(value, ids) end
  end
  return list
end

local RECORD_FIELDS = {
  "agency_of", "basis", "by", "cik", "class", "confidence", "contract", "contracts_with", "country", "currency", "data",
  "evidence", "fraction", "from", "id", "kind", "lei", "located_in", "name", "need", "party", "rank", "region",
  "reliance", "share", "since", "source", "spend", "to", "until",
}
local RESTRICTION_FIELDS = {
  "evidence", "except", "id", "joint", "measure", "rule", "scope", "since", "source", "status", "targets", "title",
  "until",
}
-- Words of their own that are one letter from a field's.
local WORDS = {
  bank = true, base = true, basic = true, cause = true, county = true, date = true, glass = true, mind = true,
  names = true, part = true, parts = true, port = true, seed = true, shape = true, state = true, speed = true,
}

-- Fields that are kept and mean nothing, but were probably meant to.
local function slips(names, known)
  local list = {}
  for _, name in ipairs(names) do
    local meant = not WORDS[name] and errors.slip(name, known)
    if meant then
      list[#list + 1] = ('the field "%s" means nothing here; did you mean "%s"?'):format(name, meant)
    end
  end
  table.sort(list, errors.less)
  return list
end

local function field_warnings(self, list)
  for _, message in ipairs(slips(self:field_names(), RECORD_FIELDS)) do
    list[#list + 1] = { code = "field_name", ids = {}, message = message }
  end
  for _, record in ipairs(facts(self).restrictions) do
    local names = {}
    for name in pairs(record) do names[#names + 1] = name end
    for _, message in ipairs(slips(names, RESTRICTION_FIELDS)) do
      list[#list + 1] = { code = "field_name", ids = { record.id }, message = record.id .. ": " .. message }
    end
  end
end

local MOST = 100 -- collisions that warnings tell of

-- Identifiers that several entities have: two records of one entity that say so should be same_as.
local function identifier_warnings(self, list)
  for i, one in ipairs(doubts(self).collisions) do
    if i > MOST then break end
    local more = #one.ids > LISTED and (" and %d more"):format(#one.ids - LISTED) or ""
    local ids = {}
    for k, id in ipairs(one.ids) do ids[k] = id end
    list[#list + 1] = {
      code = "identifier", ids = ids, message = ("%s%s: all have the %s %s"):format(table.concat(one.ids, ", ", 1,
        math.min(#one.ids, LISTED)), more, one.field, one.value),
    }
  end
end

-- What is doubtful in the data today. Ids are relations for overlap and self_holding, entities otherwise.
function net:warnings()
  local list = {}
  local overlay = assert(core.overlay(self, { day = core.today() }))
  for _, warning in ipairs(overlay:warnings()) do
    list[#list + 1] = {
      code = warning.code, ids = warning.ids,
      message = table.concat(warning.ids, ", ") .. ": " .. DATA_WARNINGS[warning.code],
    }
  end
  overlay:close()
  for _, warning in ipairs(self:country_warnings()) do list[#list + 1] = warning end
  identifier_warnings(self, list)
  field_warnings(self, list)
  return list
end

-- The relations in force on a day that match, as a graph with igraph's measures.
function net:graph(filter, opts)
  opts = errors.options(opts, { "as_of", "limits", "progress" })
  if filter ~= nil and type(filter) ~= "table" then
    errors.raise("argument", "filter", "a filter is a table of fields, not a " .. type(filter))
  end
  local day = scenario.new(self, { as_of = opts.as_of, limits = opts.limits, progress = opts.progress }, {})
  local overlay, message, code = day:overlay()
  if not overlay then return nil, message, code end
  local rows
  rows, message, code = overlay:graph(filter ~= nil and next(filter) ~= nil and filter or nil,
    { limits = opts.limits, progress = opts.progress })
  if not rows then return nil, message, code end
  return graph.new(self, rows)
end

function net:scenario(opts) return scenario.new(self, opts, facts(self).restrictions) end

-- Joins another network to this one by identifiers that both have: a new network, and a report.
function net:merge(other, opts)
  facts(self)
  if not network.is(other) then
    errors.raise("argument", "other", "other must be a network, not a " .. type(other))
  end
  facts(other)
  return require "knockon.merge" (self, other, opts)
end

-- Writes the records into the tables of a database.
function net:write_sql(conn, opts)
  facts(self)
  return require("knockon.sql").write(self, conn, opts)
end

-- The same as of a scenario without restrictions, whose day opts.as_of is. known: all options.
local function on_a_day(self, method, known, id, opts)
  opts = errors.options(opts, known)
  local rest = {}
  for name, value in pairs(opts) do rest[name] = value end
  rest.as_of = nil
  local day = self:scenario { as_of = opts.as_of, restrictions = "none" }
  return day[method](day, id, rest)
end

function net:holdings(id, opts)
  return on_a_day(self, "holdings", { "as_of", "basis", "limits", "progress" }, id, opts)
end

function net:control(id, opts) return on_a_day(self, "control", { "as_of", "limits", "progress" }, id, opts) end

function net:save(path, opts)
  if type(path) ~= "string" then errors.raise("argument", "path", "path must be text, not a " .. type(path)) end
  if opts ~= nil and type(opts) ~= "table" then errors.options(opts, {}) end
  local writer, checked = writers.choose(path, opts)
  facts(self) -- a closed network is told before a file is begun
  return writer.save(self, path, checked)
end

function net:freeze(path)
  if type(path) ~= "string" then errors.raise("argument", "path", "path must be text, not a " .. type(path)) end
  local known, skipped = facts(self), self:skipped()
  for _, one in ipairs(known.skipped) do skipped[#skipped + 1] = one end
  return require("knockon.snapshot").freeze(self, path, {
    title = known.title, restrictions = known.restrictions, sources = known.sources, skipped = skipped,
  })
end

return network
