-- Files are written whole or not at all: to a temporary file beside the target, then renamed.

local output = {}

-- A name beside the target that nobody else uses: the address of a fresh table differs between running programs.
local function beside(path)
  local unique = tostring({}):match "0x(%x+)" or tostring({}):match "(%x+)$" or "0"
  return ("%s.%d%s.part"):format(path, os.time(), unique)
end

-- Writes path's new contents beside it: a file to commit or to abandon; nil, message, "io" when that fails.
-- fill(write) writes texts; what it raises is passed on.
function output.prepare(path, fill)
  local temporary = beside(path)
  local file, message, failed
  local function write(text)
    if failed then return end
    local written, cause = file:write(text)
    if not written then failed = cause end
  end
  -- Made before the file is: what runs out of memory later would leave it behind.
  local prepared = {
    commit = function()
      local renamed, why = os.rename(temporary, path)
      if renamed then return true end
      os.remove(temporary)
      return nil, path .. ": " .. tostring(why), "io"
    end,
    abandon = function() os.remove(temporary) end,
  }
  file, message = io.open(temporary, "wb")
  if not file then return nil, (message:gsub("^.-: ", path:gsub("%%", "%%%%") .. ": ", 1)), "io" end
  local fine, raised = pcall(fill, write)
  local closed, cause = file:close()
  if not closed then failed = failed or cause end
  if not fine or failed then
    os.remove(temporary)
    if not fine then error(raised, 0) end
    return nil, path .. ": " .. tostring(failed), "io"
  end
  return prepared
end

-- true | nil, message, "io"
function output.write(path, fill)
  local file, message, code = output.prepare(path, fill)
  if not file then return nil, message, code end
  return file.commit()
end

return output
