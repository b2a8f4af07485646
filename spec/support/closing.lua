-- Output handler for busted: the plain one, and after everything else one closing line with the counts.
return function(options)
  local busted = require "busted"
  local handler = require "busted.outputHandlers.plainTerminal"(options)
  busted.subscribe({ "exit" }, function()
    local skipped = handler.pendingsCount
    io.write(("%d passed, %d failed%s\n"):format(handler.successesCount, handler.failuresCount + handler.errorsCount,
      skipped > 0 and (", %d skipped"):format(skipped) or ""))
    io.flush()
    return nil, true
  end)
  return handler
end
