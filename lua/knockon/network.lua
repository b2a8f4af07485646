-- Network: the facts, built once and then sealed. The columns live in the engine; here are the methods that shape
-- tables, and what the engine does not keep: title, restrictions, where the data came from.

local core = require "knockon.core"
local errors = require "knockon.errors"
local restriction = require "knockon.restriction"
local scenario = require "knockon.scenario"

local network = {}

local facts_of = setmetatable({}, { __mode = "k" }) -- net -> { title, restrictions, sources }

-- The method table of the engine's userdata; ours join it.
local net
do
  local builder = core.builder()
  net = getmetatable(builder).__index
  builder:close()
end

-- Seal a builder's records into a network; nil, message, code when something in them is wrong.
function network.seal(builder, facts, opts)
  local sealed, message, code = builder:seal(opts)
  if not sealed then return nil, message, code end
  local skip = opts.on_error == "skip" and function(text) facts.skipped[#facts.skipped + 1] = text end or nil
  facts.skipped = facts.skipped or {}
  local restrictions, why = restriction.check(builder, facts.restrictions or {}, facts.restrictions_from, skip)
  if not restrictions then
    builder:close()
    return nil, why, "parse"
  end
  facts_of[builder] = { title = facts.title, restrictions = restrictions, sources = facts.sources or {}, skipped = facts.skipped }
  return builder
end

local function facts(self) return facts_of[self] or errors.raise("closed", nil, "this network is not built yet") end

-- Builder: add records one by one, then build.
local Builder = {}
Builder.__index = Builder

function network.builder(opts)
  return setmetatable({ records = core.builder(), restrictions = {}, opts = opts or {} }, Builder)
end

local function add(self, method, record)
  if not self.records then errors.raise("closed", nil, "this builder has built its network; make another") end
  local added, message, code = self.records[method](self.records, record)
  if added then return self end
  if self.opts.on_error == "skip" and code == "parse" then
    self.records:skip_record(message)
    return self
  end
  errors.raise("argument", "record", message)
end

function Builder:entity(record) return add(self, "add_entity", record) end

function Builder:relation(record) return add(self, "add_relation", record) end

function Builder:restriction(record)
  self.restrictions[#self.restrictions + 1] = record
  return self
end

function Builder:title(text)
  self.text = text
  return self
end

function Builder:build()
  if not self.records then errors.raise("closed", nil, "this builder has built its network; make another") end
  local records = self.records
  self.records = nil
  local built, message, code = network.seal(records, { title = self.text, restrictions = self.restrictions }, self.opts)
  if not built and code == "parse" then errors.raise("argument", "record", message) end
  return built, message, code
end

-- ---- methods of the network ----

function net:find(query)
  if type(query) ~= "table" or next(query) == nil then
    errors.raise("argument", "query", "find wants a field and its value, as in net:find { name = \"Ford\" }")
  end
  local field, value = next(query)
  if next(query, field) ~= nil then errors.raise("argument", "query", "find looks for one field at a time; net:entities takes several") end
  if type(field) ~= "string" or type(value) ~= "string" then errors.raise("argument", "query", "find wants a field and a text") end
  return self:find_field(field, value)
end

function net:title() return facts(self).title end

function net:restrictions()
  local list = {}
  for i, record in ipairs(facts(self).restrictions) do
    local copy = {}
    for field, value in pairs(record) do copy[field] = value end
    list[i] = copy
  end
  return list
end

function net:sources()
  local list = {}
  for i, source in ipairs(facts(self).sources) do list[i] = { file = source.file, sha256 = source.sha256 } end
  return list
end

function net:complete()
  local list = {}
  for i, message in ipairs(self:skipped()) do list[i] = { cause = message } end
  for _, message in ipairs(facts(self).skipped) do list[#list + 1] = { cause = message } end
  return #list == 0, list
end

function net:counts()
  local counts = self:count_records()
  counts.restrictions = #facts(self).restrictions
  return counts
end

local DATA_WARNINGS = {
  overlap = "two reports of one holding begin on the same day; their hull counts",
  above_whole = "the holders' shares sum above 100 %; they are not scaled",
  self_holding = "a firm holds a stake in itself; it is not counted",
}

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
  return list
end

function net:scenario(opts) return scenario.new(self, opts, facts(self).restrictions) end

function net:save(path, opts)
  if type(path) ~= "string" then errors.raise("argument", "path", "path must be text, not a " .. type(path)) end
  opts = opts or {}
  local format = opts.format or (path:find("%.json$") and "native" or "csv")
  if format ~= "native" and format ~= "csv" then
    errors.raise("argument", "format", ("unknown format %q (known: csv, native)"):format(tostring(format)),
      errors.nearest(tostring(format), { "csv", "native" }))
  end
  return require("knockon.formats." .. format).save(self, path, opts)
end

return network
