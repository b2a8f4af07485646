-- Files are written whole or not at all: to a temporary file beside the target, then renamed.

local output = {}

-- write(path, fill): fill(write) writes texts. true | nil, message, "io"
function output.write(path, fill)
  local temporary = path .. ".part"
  local file, message = io.open(temporary, "wb")
  if not file then return nil, message, "io" end
  local failed
  local function write(text)
    if failed then return end
    local written, cause = file:write(text)
    if not written then failed = cause end
  end
  local fine, raised = pcall(fill, write)
  local closed, cause = file:close()
  if not closed then failed = failed or cause end
  if fine and not failed then
    local renamed, why = os.rename(temporary, path)
    if renamed then return true end
    failed = why
  end
  os.remove(temporary)
  if not fine then error(raised, 0) end
  return nil, path .. ": " .. tostring(failed), "io"
end

return output
