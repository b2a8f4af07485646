-- Snapshots: a network as one file that is mapped, not read. The engine keeps its arrays there; what this side knows of
-- a network (title, restrictions, sources, skipped records) goes along as JSON and is checked again when it comes back.

local core = require "knockon.core"
local json = require "knockon.json"
local network = require "knockon.network"
local output = require "knockon.output"

local snapshot = {}

local MAGIC = "\137knockon"

local function version() return require("knockon").version end

-- Is the file a snapshot? Only regular files can be: what cannot be read twice is not read here.
function snapshot.is(path)
  if core.file_kind(path) ~= "file" then return false end
  local file = io.open(path, "rb")
  local head = file and file:read(#MAGIC)
  if file then file:close() end
  return head == MAGIC
end

-- true | nil, message, "io". The file takes its place under `path` when it is whole, by a rename: those who have an
-- older one open keep it.
function snapshot.freeze(net, path, facts)
  local freezer = net:freezer(version(), json.encode(facts))
  local written, message, code = output.write(path, function(write)
    local piece = freezer:piece()
    while piece and write(piece) do piece = freezer:piece() end
  end)
  freezer:close()
  return written, message, code
end

-- Messages, or what is known of a record that was left out: { cause, file, line, record }.
local function all_skipped(list)
  for _, one in ipairs(list) do
    if type(one) == "table" then
      if type(one.cause) ~= "string" or one.file ~= nil and type(one.file) ~= "string" then return false end
      if one.line ~= nil and type(one.line) ~= "number" then return false end
      if one.record ~= nil and type(one.record) ~= "number" then return false end
    elseif type(one) ~= "string" then
      return false
    end
  end
  return true
end

local function all_sources(list)
  for _, item in ipairs(list) do
    local fine = type(item) == "table" and type(item.file) == "string"
    if not fine or item.sha256 ~= nil and type(item.sha256) ~= "string" then return false end
  end
  return true
end

-- The facts as they were frozen, or nil for what nobody can have frozen.
local function facts_of(text)
  local facts = json.decode(text)
  if type(facts) ~= "table" or (facts.title ~= nil and type(facts.title) ~= "string") then return nil end
  for _, name in ipairs { "restrictions", "skipped", "sources" } do
    if type(facts[name]) ~= "table" then return nil end
  end
  return all_skipped(facts.skipped) and all_sources(facts.sources) and facts or nil
end

-- opts: checked; verify looks at every byte. A network, or nil, message, code.
function snapshot.open(path, opts)
  local net, text, code = core.open(path, version(), opts.verify == true, opts)
  if not net then return nil, text, code end
  local facts = facts_of(text)
  if not facts then
    net:close()
    return nil, path .. ": this snapshot is damaged (facts); make it again", "parse"
  end
  facts.restrictions_from = path
  return network.adopt(net, facts, {})
end

return snapshot
