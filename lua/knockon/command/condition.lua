-- "country=CN,RU kind=service" -> { country = { "CN", "RU" }, kind = "service" }; nil when it is no condition.
return function(word)
  local filter, rest = {}, " " .. word
  while rest ~= "" do
    local field, from = rest:match "^%s+([%a_][%w_.-]*)=()"
    if not field then return nil end
    local till = rest:find("%s+[%a_][%w_.-]*=", from) or #rest + 1
    local values = {}
    for value in rest:sub(from, till - 1):gmatch "[^,]+" do values[#values + 1] = value:match "^%s*(.-)%s*$" end
    if #values == 0 then return nil end
    filter[field] = #values == 1 and values[1] or values
    rest = rest:sub(till)
  end
  return filter
end
