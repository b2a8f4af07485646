-- Are all these texts in the page? The spec fails with the one that is not, and the page.
local assert = require "luassert"

return function(page, ...)
  for _, part in ipairs { ... } do
    assert.truthy(page:find(part, 1, true), "not found: " .. part .. "\n" .. page)
  end
end
