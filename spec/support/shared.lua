-- Test data that is not part of the repository: real files, and cases with known answers. It is looked for beside the
-- checkout, or where KNOCKON_SHARED says.
local shared = {}

local function readable(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- The path of a shared file; nil and what to say when it is not there.
function shared.find(name)
  local root = os.getenv "KNOCKON_SHARED" or "../shared"
  local path = root .. "/" .. name
  if readable(path) then return path end
  return nil, ("%s is not there (KNOCKON_SHARED says where the shared test data is)"):format(path)
end

return shared
