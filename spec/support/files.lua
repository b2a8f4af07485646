-- Files and folders of one spec, in one place under the system's temporary folder.
local files = {}

local root
local made = {} -- folders, by name

local function place()
  if not root then
    root = os.tmpname()
    os.remove(root)
    assert(os.execute(("mkdir -p '%s'"):format(root)))
  end
  return root
end

-- Writes a file (its folder must exist) and gives its path.
function files.write(name, content)
  local path = place() .. "/" .. name
  local file = assert(io.open(path, "wb"))
  assert(file:write(content))
  file:close()
  return path
end

-- The content of a file, or nil.
function files.read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local content = file:read "*a"
  file:close()
  return content
end

-- A path under the temporary folder, for something that is still to be made.
function files.path(name) return place() .. "/" .. name end

-- Makes folders, unless they are there.
function files.folders(...)
  local missing = {}
  for _, name in ipairs { ... } do
    if not made[name] then missing[#missing + 1] = ("'%s/%s'"):format(place(), name) end
    made[name] = true
  end
  if #missing > 0 then assert(os.execute("mkdir -p " .. table.concat(missing, " "))) end
end

-- The names in the temporary folder, in order.
function files.list()
  local pipe = assert(io.popen(("cd '%s' && find . -type f | LC_ALL=C sort"):format(place())))
  local names = {}
  for line in pipe:lines() do names[#names + 1] = line:gsub("^%./", "") end
  pipe:close()
  return names
end

function files.clean()
  if root then os.execute(("chmod -R u+w '%s'; rm -rf '%s'"):format(root, root)) end
  root, made = nil, {}
end

return files
