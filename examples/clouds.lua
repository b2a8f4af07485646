-- Parents from GLEIF, a list of OFAC, a table of cloud contracts, joined by LEI: whose problem would a ban become?
--   build/bin/knockon run examples/clouds.lua [DIR]      the files in examples/clouds are an illustration, all invented
local knockon = require "knockon"
local dir = arg and arg[1] or "examples/clouds"

local register = assert(knockon.load { dir .. "/lei.csv", dir .. "/rr.csv" })
local list = assert(knockon.load(dir .. "/sdn.csv"))
local contracts = assert(knockon.read_table(dir .. "/contracts.csv", {
  entities = {
    { id = "{buyer_lei}", lei = "{buyer_lei}", name = "{buyer}" },
    { id = "{supplier}", lei = "{supplier_lei}", name = "{supplier}" },
  },
  relations = { { kind = "supplies", from = "{supplier}", to = "{buyer_lei}", need = "{service}", spend = "{yearly}",
    currency = "{currency}", since = "{since}" } },
}))

local net, report = assert(register:merge(list, { on = { "lei" } })):merge(contracts, { on = { "lei" } })
for _, row in ipairs(report.ambiguous) do print("not joined", row.on, row.value, row.reason) end

local day = net:scenario { as_of = "2024-06-01", restrictions = "none" }
local ban = day:ban({ program = "ILLUSTRATION" }, { rule = "ofac_50", scope = "owned" })
for _, parent in ipairs(ban:exposure():parents()) do
  print(parent.name, parent.verdict, "through " .. table.concat(parent.users, ", "))
end
