-- knockon: what does a ban break, and whose problem does it become?
--
-- The public face. Data flows one way: Network -> Scenario -> Exposure -> report. See meta.lua for every function.

local cjson = require "cjson"
local core = require "knockon.core"
local errors = require "knockon.errors"
local json = require "knockon.json"

local ndjson = require "knockon.formats.ndjson"

core.setup { errors = errors.metatable, encode = json.encode, decode = json.decode, nested = ndjson.nested }

local budget = require "knockon.budget"
local csv = require "knockon.formats.csv"
local exists = require "knockon.formats.exists"
local native = require "knockon.formats.native"
local network = require "knockon.network"
local recognise = require "knockon.formats.recognise"
local rules = require "knockon.rule"
local snapshot = require "knockon.snapshot"
local stop = require "knockon.formats.stop"
local stream = require "knockon.formats.stream"

-- null: a field that set takes away (json null).
local knockon = { version = "scm", _VERSION = "knockon scm", null = cjson.null }

local OPTIONS = { "from", "limits", "on_error", "progress" }
local FORMATS = { native = native, csv = csv, ndjson = ndjson }

local function check_options(opts)
  opts = errors.options(opts, OPTIONS)
  budget.check(opts)
  if opts.on_error ~= nil and opts.on_error ~= "skip" and opts.on_error ~= "stop" then
    errors.raise("argument", "on_error", 'on_error must be "stop" or "skip"',
      errors.nearest(tostring(opts.on_error), { "stop", "skip" }))
  end
  if opts.from ~= nil then
    local names = recognise.names()
    local known = false
    for _, name in ipairs(names) do known = known or name == opts.from end
    if not known then
      errors.raise("argument", "from",
        ("unknown format %q (known: %s)"):format(tostring(opts.from), table.concat(names, ", ")),
        errors.nearest(tostring(opts.from), names))
    end
  end
  return opts
end

-- Is there a whole JSON object in the first line, and more behind it?
local function is_ndjson(head)
  local first, rest = head:match "^%s*({[^\n]*)\n(.*)$"
  return first ~= nil and rest:find "%S" ~= nil and type((json.decode(first))) == "table"
end

local HEAD = 65536 -- bytes that a first line may have, to be told

-- The format of a folder, by what is in it; nil when there is nothing known.
local function format_of_folder(path)
  for _, format in ipairs { "csv", "ndjson" } do
    local there, message = exists(stream.plain_or_packed(path .. "/entities." .. format))
    if there then return format end
    if there == nil then return nil, message, "io" end
  end
  return nil
end

-- What the file is: by its name, or by its first bytes. JSON begins with a brace, and as newline-delimited JSON has a
-- whole object in its first line and more after it; anything else is a table of cells.
local function format_of(path)
  local file, message = io.open(path, "rb")
  if not file then return nil, message, "io" end
  local head = file:read(HEAD)
  file:close()
  if head == nil then
    local format, why, code = format_of_folder(path)
    if format or why then return format, why, code end
    -- a folder cannot be read as a file, and an empty file has nothing to read
    local again, failed = io.open(path, "rb")
    if not again then return nil, failed, "io" end
    local _, cause = again:read(1)
    again:close()
    if cause then
      return nil, path .. ": a folder without entities.csv or entities.ndjson, or files in a format of others", "io"
    end
    return nil, path .. ": the file is empty", "parse"
  end
  if head:sub(1, 4) == "PK\3\4" then
    return nil, path .. ": a zip without files in a format of others; knockon's own are read plain or as gzip", "parse"
  end
  local packed = stream.packed(path)
  head = (packed and packed:head() or head):gsub("^\239\187\191", "")
  if not head:find "%S" then return nil, path .. ": the file is empty", "parse" end
  local name = path:gsub("%.gz$", "")
  if name:find "%.ndjson$" or name:find "%.jsonl$" or is_ndjson(head) then return "ndjson" end
  return head:find("^%s*[%{%[]") and "native" or "csv"
end

-- Data in parts: the file of entities tells. One that is not there is told of where it is read.
local function format_of_parts(path)
  if type(path.entities) ~= "string" then return "csv" end
  local there, message = exists(path.entities)
  if there == false then return "csv" end
  local file
  if there then file, message = io.open(path.entities, "rb") end
  if not file then return nil, message, "io" end
  local head = file:read(HEAD) or ""
  file:close()
  local packed = stream.packed(path.entities)
  if packed then head = packed:head() end
  return head:find "^[\239\187\191%s]*{" and "ndjson" or "csv"
end

-- The path, or the first of several, that is a pipe or a device: what is read of it to tell its format is gone.
local function read_once(path)
  local paths = type(path) == "string" and { path } or path[1] ~= nil and path or { path.entities }
  for _, each in ipairs(paths) do
    if type(each) == "string" and core.file_kind(each) == "stream" then return each end
  end
  return nil
end

-- Knockon's own formats.
local function load_own(path, opts)
  local format, message, code = opts.from, nil, nil
  if type(path) == "table" then
    if not format or format == "native" then format, message, code = format_of_parts(path) end
  elseif not format then
    format, message, code = format_of(path)
  end
  if not format then return nil, message, code end
  return FORMATS[format].load(path, opts)
end

function knockon.load(path, opts)
  opts = check_options(opts)
  if type(path) ~= "table" and type(path) ~= "string" then
    errors.raise("argument", "path",
      "path must be a file, a folder, a list of files or { entities =, relations = }, not a " .. type(path))
  end
  local once = not FORMATS[opts.from] and read_once(path)
  if once then
    return nil, once .. ": neither a file nor a folder, so it can be read only once, and its format must be told: "
      .. "from is native, csv or ndjson; make a file of any other", "io"
  end
  if type(path) == "string" and not opts.from and snapshot.is(path) then
    return snapshot.open(path, { verify = true, limits = opts.limits, progress = opts.progress })
  end
  local net, cause, kind = recognise.load(path, opts)
  if net ~= false then return net, cause, kind end
  return stop.told(load_own, path, opts)
end

function knockon.open(path, opts)
  opts = errors.options(opts, { "limits", "progress", "verify" })
  budget.check(opts)
  if type(path) ~= "string" then errors.raise("argument", "path", "path must be text, not a " .. type(path)) end
  if opts.verify ~= nil and type(opts.verify) ~= "boolean" then
    errors.raise("argument", "verify", "verify must be true or false, not a " .. type(opts.verify))
  end
  return snapshot.open(path, opts)
end

function knockon.decode(text, opts)
  opts = check_options(opts)
  if type(text) ~= "string" then errors.raise("argument", "text", "text must be a string, not a " .. type(text)) end
  return native.decode(text, opts)
end

function knockon.network(facts, opts)
  opts = check_options(opts)
  if type(facts) ~= "table" then
    errors.raise("argument", "facts",
      "facts must be a table { entities =, relations =, restrictions = }, not a " .. type(facts))
  end
  local net, message, code = native.build(facts, opts)
  if net then return net end
  if code == "parse" then errors.raise("argument", "facts", message) end
  return nil, message, code
end

function knockon.builder(opts) return network.builder(check_options(opts)) end

-- Rows of any CSV file, by the names in its first line: for row, line in knockon.read_csv(path) do … end
-- A file that cannot be read, or is no CSV, raises.
function knockon.read_csv(path, opts)
  opts = errors.options(opts, { "separator" })
  if type(path) ~= "string" then errors.raise("argument", "path", "path must be text, not a " .. type(path)) end
  local separator = opts.separator
  local fine = type(separator) == "string" and #separator == 1 and not ('"\r\n\0'):find(separator, 1, true)
  if separator ~= nil and not fine then
    errors.raise("argument", "separator", "separator must be one byte, such as \";\"; no quote or line break")
  end
  local reader, message, code = core.csv(path, separator)
  if not reader then errors.raise(code, "path", message) end
  local names, why, kind = reader:row()
  if kind then errors.raise(kind, "path", why) end
  if not names then
    errors.raise("parse", "path", path .. ": the file is empty; its first line must name the columns")
  end
  return function()
    local cells, line, failed = reader:row()
    if failed then errors.raise(failed, "path", line) end
    if not cells then return nil end
    local row = {}
    for i, name in ipairs(names) do
      if row[name] == nil then row[name] = cells[i] or "" end
      row[i] = cells[i]
    end
    return row, line
  end
end

-- A network from the rows of queries, over a connection as LuaSQL gives it.
function knockon.read_sql(conn, queries, opts)
  return require("knockon.sql").read(conn, queries, check_options(opts))
end

-- A network from a table of any spreadsheet, CSV or TSV, by a map of its columns; see formats/table.lua.
function knockon.read_table(path, map, opts)
  opts = check_options(opts)
  if type(path) ~= "string" then errors.raise("argument", "path", "path must be text, not a " .. type(path)) end
  return require("knockon.formats.table").read(path, map, opts)
end

function knockon.rules() return rules.list() end

function knockon.rule(rule) return rules.load(rule) end

-- Writes a network; net:save in the form of a function.
function knockon.save(net, path, opts)
  if not network.is(net) then errors.raise("argument", "net", "net must be a network, not a " .. type(net)) end
  return net:save(path, opts)
end

function knockon.answer(net, request) return require "knockon.answer" (net, request) end

return knockon
