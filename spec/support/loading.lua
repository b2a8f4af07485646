-- What the specs of loading share: small documents and folders, and what must be refused.
local assert = require "luassert"
local files = require "spec.support.files"
local knockon = require "knockon"
local main = require "knockon.main"

local loading = {}

loading.ENTITIES = "id,kind,name,country\na,firm,A,CN\nb,firm,B,US\n"
loading.RELATIONS = "id,kind,from,to,share\nr1,owns,a,b,60%\n"

-- A native document from the JSON of its records; the entities a and b are there.
function loading.document(entities, relations, restrictions)
  local parts = '{ "knockon": 1,\n"entities": [%s],\n"relations": [%s],\n"restrictions": [%s] }'
  local both = '{"id":"a"},{"id":"b","country":"US"}'
  return parts:format(both .. (entities and "," .. entities or ""), relations or "", restrictions or "")
end

-- The command: its status, and what it wrote to standard output and error.
function loading.run(...)
  local out, err = {}, {}
  local function into(list)
    return { flush = function() return true end, write = function(self, ...)
      for _, part in ipairs { ... } do list[#list + 1] = part end
      return self
    end }
  end
  local status = main({ ... }, { stdout = into(out), stderr = into(err), stdin = { read = function() return "" end } })
  return status, table.concat(out), table.concat(err)
end

-- Are all these parts of the text?
function loading.has(text, ...)
  for _, part in ipairs { ... } do
    assert.truthy(tostring(text):find(part, 1, true), ("%q is not in: %s"):format(part, tostring(text)))
  end
end

-- A folder of CSV files; what is not given is good.
function loading.folder(name, parts)
  files.folders(name)
  files.write(name .. "/entities.csv", parts.entities or loading.ENTITIES)
  files.write(name .. "/relations.csv", parts.relations or loading.RELATIONS)
  if parts.restrictions then files.write(name .. "/restrictions.csv", parts.restrictions) end
  return files.path(name)
end

-- Loading gives nil, a message and a code, and so does the command, which ends with status 3.
function loading.refuses(path, code, ...)
  local net, message, got = knockon.load(path)
  assert.is_nil(net, tostring(path))
  assert.are.equal(code, got)
  loading.has(message, path, ...)
  local status, out, err = loading.run("show", path)
  assert.are.equal(3, status)
  assert.are.equal("", out)
  loading.has(err, path, ...)
end

return loading
