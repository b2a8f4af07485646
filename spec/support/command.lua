-- Runs the command in this process, with streams of its own unless `handles` gives them; gives its status, output and
-- messages.
local main = require "knockon.main"
local stream = require "spec.support.stream"

return function(arguments, handles)
  handles = handles or {}
  handles.stdout, handles.stderr = stream(), stream()
  local status = main(arguments, handles)
  return status, handles.stdout.text(), handles.stderr.text()
end
