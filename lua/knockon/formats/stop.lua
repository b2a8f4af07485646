-- How a reader gives up: it raises a stop, which the load catches and returns as nil, message, code.

local stop = {}

local Stop = { __tostring = function(self) return self.message end }

-- code: "parse", "io", "limit", "interrupted" or "missing" (a library).
function stop.raise(message, code) error(setmetatable({ message = message, code = code or "parse" }, Stop), 0) end

function stop.is(value) return getmetatable(value) == Stop end

-- A library that only some formats need; what to install when it is not there.
function stop.need(library, rock, package, why)
  local fine, loaded = pcall(require, library)
  if fine then return loaded end
  if loaded == "not enough memory" then error(loaded, 0) end
  return stop.raise(("%s needs the Lua library %s: luarocks install %s, or on Debian apt-get install %s"):format(why,
    library, rock, package), "missing")
end

return stop
