-- In 2018 Ant Financial (now Ant Group) was stopped from buying MoneyGram. Had it gone through: what would a ban on Ant
-- Group mean for MoneyGram? Run from the checkout, after `make`:
--   build/bin/knockon run examples/moneygram.lua
local knockon = require "knockon"

local net = assert(knockon.load("examples/alibaba-2022.json"))
local day = net:scenario { as_of = "2022-01-18", restrictions = "none" }
local bought = day:acquire("ant-group", "moneygram", "100%", { since = "2018", id = "ant-buys-moneygram" })

local function ban(scenario) return assert(scenario:ban("ant-group", { rule = "ofac_50" }):exposure()) end

-- As it was: no majority, and nothing restricted serves it.
print(ban(day):why "moneygram")
-- Had it gone through: what differs, and which edit makes the difference.
print(ban(bought):diff(ban(day)))
-- Half of it would have been enough; a billionth less would not.
for _, share in ipairs { "50%", "49.9999999%" } do
  local row = ban(day:acquire("ant-group", "moneygram", share)):restricted({ ids = "moneygram" })[1]
  print(share, row and row.verdict or "no")
end
