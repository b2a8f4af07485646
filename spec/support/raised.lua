-- What a call raises, as a rule an error object; a call that raises nothing fails the spec.
local assert = require "luassert"

return function(call, ...)
  local fine, object = pcall(call, ...)
  assert.is_false(fine)
  return object
end
