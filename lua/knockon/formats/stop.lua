-- How a reader gives up: it raises a stop, which the load catches and returns as nil, message, code.

local stop = {}

local Stop = { __tostring = function(self) return self.message end }

-- code: "parse", "io", "limit", "interrupted" or "missing" (a library).
function stop.raise(message, code) error(setmetatable({ message = message, code = code or "parse" }, Stop), 0) end

function stop.is(value) return getmetatable(value) == Stop end

local function told(fine, ...)
  if fine then return ... end
  local failure = ...
  if stop.is(failure) then return nil, failure.message, failure.code end
  error(failure, 0)
end

-- What the call returns, or nil, message, code where it gave up.
function stop.told(call, ...) return told(pcall(call, ...)) end

-- A library that only some formats need; what to install when it is not there.
function stop.need(library, rock, package, why)
  local fine, loaded = pcall(require, library)
  if fine then return loaded end
  if loaded == "not enough memory" then error(loaded, 0) end
  return stop.raise(("%s needs the Lua library %s: luarocks install %s, or on Debian apt-get install %s"):format(why,
    library, rock, package), "missing")
end

return stop
