-- Newline-delimited JSON: one record a line, in one file or in one file for each part. The engine reads entities and
-- relations; the heading and the restrictions are few and read here.
--
-- A line with from or to is a relation, else with rule or targets a restriction, else an entity; the first may be a
-- heading { "knockon": 1, "title": … }. A file given for one part has records of that part only, and no heading.

local budget = require "knockon.budget"
local core = require "knockon.core"
local errors = require "knockon.errors"
local exists = require "knockon.formats.exists"
local json = require "knockon.json"
local network = require "knockon.network"
local output = require "knockon.output"
local restriction = require "knockon.restriction"
local stream = require "knockon.formats.stream"

local ndjson = {}

local PARTS = { "entities", "relations", "restrictions" }

-- A value of a line as the engine keeps it: the text of what JSON makes of it. nil and a message when it cannot be.
function ndjson.nested(text)
  local value, message = json.decode(text)
  if value == nil then return nil, "cannot be kept: " .. message:gsub("^line %d+, column %d+: ", "") end
  local fine, written = pcall(json.encode, value)
  if fine then return written end
  if not errors.is(written) then error(written, 0) end -- no memory
  return nil, "cannot be kept: " .. tostring(written)
end

-- json.decode says "line 1, column 5: cause"; the line is known better here.
local function at_line(path, line, message)
  local column, cause = message:match "^line 1, column (%d+): (.*)$"
  if column then return ("%s:%d:%s: %s"):format(path, line, column, cause) end
  return ("%s:%d: %s"):format(path, line, message)
end

-- Title of a heading: true or a text; nil and what is wrong.
local function read_heading(path, line, record)
  if record.knockon ~= 1 then
    return nil, ('%s:%d: this is not a knockon file: it does not say "knockon": 1'):format(path, line)
  end
  for name in pairs(record) do
    if name ~= "knockon" and name ~= "title" then
      local near = errors.nearest(tostring(name), { "knockon", "title" })
      return nil, ("%s:%d: unknown field '%s' in the heading (known: knockon, title)%s"):format(path, line, name,
        near[1] and ("; did you mean '%s'?"):format(near[1]) or "")
    end
  end
  if record.title ~= nil and type(record.title) ~= "string" then
    return nil, ("%s:%d: 'title' must be text"):format(path, line)
  end
  return record.title or true
end

-- What the engine handed back: the restrictions and the title are put into facts. nil and what is wrong.
local function read_rest(path, lines, heading, facts, opts)
  for i, line in ipairs(lines) do
    local record, message = json.decode(line.text)
    if record == nil then
      message = at_line(path, line.line, message)
      if opts.on_error ~= "skip" then return nil, message end
      record, facts.skipped[#facts.skipped + 1] = restriction.LEFT_OUT, message
    end
    if heading and i == 1 and line.line == 1 and type(record) == "table" and record.knockon ~= nil then
      local title, wrong = read_heading(path, line.line, record)
      if not title then return nil, wrong end
      facts.title = title ~= true and title or nil
    else
      facts.restrictions[#facts.restrictions + 1] = record
    end
  end
  return true
end

-- The files, in order: { path, part }; nil, message when one of them cannot be looked for.
local function files_of(path)
  if type(path) == "table" then
    local list = {}
    for name, file in pairs(path) do
      if name ~= "entities" and name ~= "relations" and name ~= "restrictions" then
        errors.raise("argument", "path", ("NDJSON data has no part %q"):format(tostring(name)),
          errors.nearest(tostring(name), PARTS))
      end
      if type(file) ~= "string" then errors.raise("argument", "path", name .. " must be a path (text)") end
    end
    for _, part in ipairs(PARTS) do
      if path[part] then list[#list + 1] = { path[part], part } end
    end
    if not (path.entities and path.relations) then
      errors.raise("argument", "path", "NDJSON data in parts is two files: { entities = path, relations = path }")
    end
    return list
  end
  local folder, list = path:gsub("/+$", ""), {}
  for i, part in ipairs(PARTS) do
    local name = stream.plain_or_packed(folder .. "/" .. part .. ".ndjson")
    local there, message = exists(name)
    if there == nil then return nil, message end
    if i == 1 and not there then return { { path, "any" } } end
    if there or part == "relations" then list[#list + 1] = { name, part } end
  end
  return list
end

function ndjson.load(path, opts)
  local files, cause = files_of(path)
  if not files then return nil, cause, "io" end
  local spent, sources = budget.start(opts), {}
  local facts = { restrictions = {}, sources = sources, skipped = {} }
  local builder = core.builder()
  local function give_up(message, code)
    builder:close()
    return nil, message, code
  end
  for _, file in ipairs(files) do
    local name, part = file[1], file[2]
    local digest, lines, code = stream.into(builder, "read_ndjson", name, part, spent)
    if not digest then return give_up(lines, code) end
    sources[#sources + 1] = { file = name, sha256 = digest }
    if part == "any" or part == "restrictions" then facts.restrictions_from = name end
    local fine, wrong = read_rest(name, lines, part == "any", facts, opts)
    if not fine then return give_up(wrong, "parse") end
  end
  return network.seal(builder, facts, spent.left())
end

-- ---- writing ----

local NOT_IN = { -- what would make a line a record of another part
  entities = { "from", "to", "rule", "targets" }, relations = {}, restrictions = { "from", "to" },
}

local function line_of(part, record)
  for _, name in ipairs(NOT_IN[part]) do
    if record[name] ~= nil then
      errors.raise("argument", name, ("NDJSON in one file cannot hold the field '%s' of %s: it tells records apart")
        :format(name, part))
    end
  end
  return json.encode(record) .. "\n"
end

-- Write the network into one file: the same bytes for the same facts, whatever order they came in.
function ndjson.save(net, path)
  return output.write(path, function(write)
    write(json.encode { knockon = 1, title = net:title() } .. "\n")
    for _, part in ipairs { "entities", "relations" } do
      local i = 1
      local record = net:record(part, i)
      while record do
        write(line_of(part, record))
        i = i + 1
        record = net:record(part, i)
      end
    end
    for _, record in ipairs(net:restrictions()) do write(line_of("restrictions", record)) end
  end)
end

return ndjson
