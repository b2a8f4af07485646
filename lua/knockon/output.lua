-- Regular files are written whole or not at all: to a temporary file beside the target, then renamed. What is no
-- regular file (a device, a FIFO) is written to directly; a symlink is followed; a file that exists keeps its mode.

local core = require "knockon.core"

local output = {}

-- A name beside the target that nobody else uses: the address of a fresh table differs between running programs.
local function beside(path)
  local unique = tostring({}):match "0x(%x+)" or tostring({}):match "(%x+)$" or "0"
  return ("%s.%d%s.part"):format(path, os.time(), unique)
end

-- Writes path's new contents beside it: a file to commit or to abandon; nil, message, "io" when that fails.
-- fill(write) writes texts, and need not go on once write has returned false; what it raises is passed on.
function output.prepare(path, fill)
  local kind, target = core.file_kind(path)
  target = target or path
  local in_place = kind == "other" or kind == "stream"
  local opened = in_place and path or beside(target)
  local file, message, failed
  local function write(text)
    if failed then return false end
    local written, cause = file:write(text)
    if not written then failed = cause end
    return not failed
  end
  local function abandon()
    if not in_place then os.remove(opened) end
  end
  -- Made before the file is: what runs out of memory later would leave it behind.
  local prepared = {
    commit = function()
      if in_place then return true end
      local replaced, why = core.replace(opened, target)
      if replaced then return true end
      return nil, path .. ": " .. tostring(why), "io"
    end,
    abandon = abandon,
  }
  file, message = io.open(opened, "wb")
  if not file then
    if message:sub(1, #opened) == opened then message = path .. message:sub(#opened + 1) end
    return nil, message, "io"
  end
  if kind == "file" then core.copy_mode(target, opened) end -- before anybody can read it
  local fine, raised = pcall(fill, write)
  local closed, cause = file:close()
  if not closed then failed = failed or cause end
  if not fine or failed then
    abandon()
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
