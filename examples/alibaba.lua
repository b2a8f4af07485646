-- Which US parents does a ban on Alibaba Cloud expose, and why? Run from the checkout, after `make`:
--   build/bin/knockon run examples/alibaba.lua
local knockon = require "knockon"

local net = assert(knockon.load("examples/alibaba-2022.json"))
local day = net:scenario { as_of = "2022-01-18" }

for _, scope in ipairs { "entity", "owned" } do
  local ban = day:ban("alibaba-cloud", { rule = "icts", scope = scope })
  print("scope " .. scope)
  for _, parent in ipairs(ban:exposure():parents()) do print("", parent.name, parent.verdict, parent.scope) end
end

print(day:ban("alibaba-cloud", { rule = "icts", scope = "owned" }):exposure():why("ford"))
