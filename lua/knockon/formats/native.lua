-- The native JSON file: { "knockon": 1, "title": …, "entities": […], "relations": […], "restrictions": […] }.

local budget = require "knockon.budget"
local core = require "knockon.core"
local errors = require "knockon.errors"
local json = require "knockon.json"
local network = require "knockon.network"
local output = require "knockon.output"
local stream = require "knockon.formats.stream"

local native = {}

local PARTS = { "entities", "knockon", "relations", "restrictions", "title" }

local function check_shape(facts)
  if type(facts) ~= "table" then return "the document must be an object with entities and relations" end
  for name, part in pairs(facts) do
    local known = false
    for _, one in ipairs(PARTS) do known = known or one == name end
    if not known then
      local near = errors.nearest(tostring(name), PARTS)
      return ("unknown part '%s' (known: %s)%s"):format(tostring(name), table.concat(PARTS, ", "),
        near[1] and ("; did you mean '%s'?"):format(near[1]) or "")
    end
    if (name == "entities" or name == "relations" or name == "restrictions") and type(part) ~= "table" then
      return ("'%s' must be a list"):format(name)
    end
  end
  if facts.title ~= nil and type(facts.title) ~= "string" then return "'title' must be text" end
  if facts.title and json.invalid_utf8(facts.title) then return "'title' is not valid UTF-8" end
  for _, name in ipairs { "entities", "relations", "restrictions" } do
    local list = facts[name] or {}
    local count = 0
    for _ in pairs(list) do count = count + 1 end
    if count ~= #list then return ("'%s' must be a list"):format(name) end
  end
  return nil
end

local function refused(file, what, i, cause)
  return nil, ("%s%s record %d: %s"):format(file and file .. ": " or "", what, i, cause), "parse"
end

-- One record: true, or nil, message, code. What cannot be kept at all (a function, a number that is not finite) is
-- told with its place too.
local function add(builder, method, what, record, file, i)
  local fine, added, message, code = pcall(builder[method], builder, record, file, i)
  if fine then return added, message, code end
  if not (errors.is(added) and added.code == "argument") then error(added, 0) end
  builder[method](builder, {}, file, i) -- it counts, so that the ids of those after it stay
  if type(record) ~= "table" then return refused(file, what, i, "it must be an object, not a " .. type(record)) end
  return refused(file, what, i, (tostring(added):gsub("^" .. what .. ": ", "")))
end

local function add_all(builder, method, what, list, file, opts, spent)
  for i, record in ipairs(list) do
    local going, message, code = spent.tick(i, #list, "reading " .. what)
    if not going then return nil, message, code end
    local added
    added, message, code = add(builder, method, what, record, file, i)
    if not added then
      if opts.on_error ~= "skip" or code ~= "parse" then return nil, message, code end
      builder:skip_record(message)
    end
  end
  return true
end

-- A network from the parts of a document. name: the file, for messages and relation ids; sources: for the answer's run.
function native.build(facts, opts, name, sources, spent)
  local wrong = check_shape(facts)
  if wrong then return nil, (name and name .. ": " or "") .. wrong, "parse" end
  local builder = core.builder()
  spent = spent or budget.start(opts)
  local done, message, code = builder:begin_file(name and name:gsub("^.*/", "") or "")
  if done then
    done, message, code = add_all(builder, "add_entity", "entity", facts.entities or {}, name, opts, spent)
  end
  if done then
    done, message, code = add_all(builder, "add_relation", "relation", facts.relations or {}, name, opts, spent)
  end
  if not done then
    builder:close()
    return nil, message, code
  end
  return network.seal(builder, { title = facts.title, restrictions = facts.restrictions, restrictions_from = name,
    sources = sources }, spent.left())
end

-- name, digest: of the file it comes from, if any.
local function decode(text, opts, spent, name, digest)
  local facts, message = json.decode(text)
  if facts == nil then return nil, (name and name .. ": " or "") .. message, "parse" end
  if type(facts) ~= "table" or facts.knockon ~= 1 then
    return nil, (name and name .. ": " or "") .. "this is not a knockon file: it does not say \"knockon\": 1", "parse"
  end
  return native.build(facts, opts, name, { { file = name or "text", sha256 = digest or core.sha256(text) } }, spent)
end

function native.decode(text, opts) return decode(text, opts, budget.start(opts)) end

function native.load(path, opts)
  local spent, packed = budget.start(opts), stream.packed(path)
  if packed then
    local pieces = {}
    for block in packed:open { spent = spent } do pieces[#pieces + 1] = block end
    return decode(table.concat(pieces), opts, spent, path, packed.sha256)
  end
  local file, message = io.open(path, "rb")
  if not file then return nil, message, "io" end
  local text, cause = file:read("*a")
  file:close()
  if not text then return nil, path .. ": " .. tostring(cause), "io" end
  return decode(text, opts, spent, path)
end

-- Write the network: the same bytes for the same facts, whatever order they came in. One record a line.
function native.save(net, path)
  return output.write(path, function(write)
    write('{ "knockon": 1')
    if net:title() then write(',\n  "title": ' .. json.encode(net:title())) end
    for _, part in ipairs { "entities", "relations" } do
      write((',\n  "%s": ['):format(part))
      local i = 1
      local record = net:record(part, i)
      while record do
        write((i > 1 and ",\n    " or "\n    ") .. json.encode(record))
        i = i + 1
        record = net:record(part, i)
      end
      write(i > 1 and "\n  ]" or "]")
    end
    write(',\n  "restrictions": [')
    for i, record in ipairs(net:restrictions()) do
      write((i > 1 and ",\n    " or "\n    ") .. json.encode(record))
    end
    write(#net:restrictions() > 0 and "\n  ]\n}\n" or "]\n}\n")
  end)
end

return native
