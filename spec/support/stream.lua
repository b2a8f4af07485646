-- A stream that keeps what is written to it, for a command that is run in this process: text() gives it back.
return function()
  local parts = {}
  return {
    write = function(self, ...)
      for _, part in ipairs { ... } do parts[#parts + 1] = tostring(part) end
      return self
    end,
    flush = function(self) return self end,
    text = function() return table.concat(parts) end,
  }
end
