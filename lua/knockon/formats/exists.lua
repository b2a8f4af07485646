-- Is there a file or folder at the path? nil, message when that cannot be told, lest one be passed over.

local NO_SUCH_FILE, NO_FOLDER = 2, 20 -- errno: ENOENT, ENOTDIR

return function(path)
  local file, message, number = io.open(path, "rb")
  if file then file:close() end
  if file or number == NO_SUCH_FILE or number == NO_FOLDER then return file ~= nil end
  return nil, message
end
