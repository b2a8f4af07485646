-- knockon: what does a ban break, and whose problem does it become?
--
-- The public face. Data flows one way: Network -> Scenario -> Exposure -> report. See meta.lua for every function.

local core = require "knockon.core"
local errors = require "knockon.errors"
local json = require "knockon.json"

core.setup { errors = errors.metatable, encode = json.encode, decode = json.decode }

local budget = require "knockon.budget"
local csv = require "knockon.formats.csv"
local native = require "knockon.formats.native"
local network = require "knockon.network"
local rule = require "knockon.rule"
local snapshot = require "knockon.snapshot"

local knockon = { version = "scm", _VERSION = "knockon scm" }

local OPTIONS = { "from", "limits", "on_error", "progress" }
local FORMATS = { native = native, csv = csv }

local function check_options(opts)
  opts = errors.options(opts, OPTIONS)
  budget.check(opts)
  if opts.on_error ~= nil and opts.on_error ~= "skip" and opts.on_error ~= "stop" then
    errors.raise("argument", "on_error", 'on_error must be "stop" or "skip"',
      errors.nearest(tostring(opts.on_error), { "stop", "skip" }))
  end
  if opts.from ~= nil and not FORMATS[opts.from] then
    errors.raise("argument", "from", ("unknown format %q (known: csv, native)"):format(tostring(opts.from)),
      errors.nearest(tostring(opts.from), { "csv", "native" }))
  end
  return opts
end

local NO_SUCH_FILE, NO_FOLDER = 2, 20 -- errno: ENOENT, ENOTDIR

-- What the file is, by its first bytes: JSON begins with a brace; anything else is a table of cells.
local function format_of(path)
  local file, message = io.open(path, "rb")
  if not file then return nil, message, "io" end
  local head = file:read(512)
  file:close()
  if head == nil then
    local folder, why, number = io.open(path .. "/entities.csv", "rb")
    if folder then
      folder:close()
      return "csv"
    end
    if number ~= NO_SUCH_FILE and number ~= NO_FOLDER then return nil, why, "io" end
    -- a folder cannot be read as a file, and an empty file has nothing to read
    local again, failed = io.open(path, "rb")
    if not again then return nil, failed, "io" end
    local _, cause = again:read(1)
    again:close()
    if cause then return nil, path .. ": a folder without entities.csv", "io" end
    return nil, path .. ": the file is empty", "parse"
  end
  if snapshot.is(head) then return "snapshot" end
  head = head:gsub("^\239\187\191", "")
  if not head:find "%S" then return nil, path .. ": the file is empty", "parse" end
  return head:find("^%s*[%{%[]") and "native" or "csv"
end

function knockon.load(path, opts)
  opts = check_options(opts)
  local format = opts.from
  if type(path) == "table" then
    format = "csv"
  elseif type(path) ~= "string" then
    errors.raise("argument", "path",
      "path must be a file, a folder or { entities =, relations = }, not a " .. type(path))
  elseif not format then
    local message, code
    format, message, code = format_of(path)
    if not format then return nil, message, code end
    if format == "snapshot" then
      return snapshot.open(path, { verify = true, limits = opts.limits, progress = opts.progress })
    end
  end
  return FORMATS[format].load(path, opts)
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

function knockon.rules() return rule.list() end

function knockon.rule(which) return rule.load(which) end

function knockon.answer(net, request) return require "knockon.answer" (net, request) end

return knockon
