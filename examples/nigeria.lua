-- Two CSV files with columns of their own, mapped to a network: the pattern for your own spreadsheets.
--   build/bin/knockon run examples/nigeria.lua DIR
-- DIR holds OpenOil's files on Nigeria: who owns whom, and who serves whom under which contract.
local knockon = require "knockon"
local dir = arg[1] or error("usage: nigeria.lua DIR", 0)

-- The mapping: each row becomes a relation, each name in it a firm.
local build, known = knockon.builder(), {}
local function firm(name)
  if not known[name] then build:entity { id = name, name = name, kind = "firm" } end
  known[name] = true
  return name
end

local file = dir .. "/Nigeria_ownership_20140628.csv"
for row, line in knockon.read_csv(file) do
  local share = tonumber(row.immediate) and row.immediate .. "%"
  if not share then io.stderr:write(("%s:%d: share unknown: %q\n"):format(file, line, row.immediate)) end
  build:relation {
    kind = "owns", id = "holding-" .. line, from = firm(row.parent), to = firm(row.company), share = share,
    evidence = row.immediate, source = row.source_url,
  }
end

for row, line in knockon.read_csv(dir .. "/Nigeria_contracts_20140628.csv") do
  if row.type == "Service Contracts" then -- company_source is the customer
    build:relation {
      kind = "supplies", id = "contract-" .. line, from = firm(row.company_target), to = firm(row.company_source),
      contract = row.name, source = row.source_url,
    }
  end
end

-- The question: a rule of our own, under which whoever uses the supplier is exposed with its parents.
local rule = {
  id = "no_business", title = "No business with the named firm or with what it mostly owns",
  owned = { more_than = "50%" }, bound = { anyone = true },
}
local supplier = "BGI Resources Limited"
local net = build:build()
local exposure = net:scenario({}):ban(supplier, { rule = rule }):exposure()

local contracts = net:relations { kind = "supplies", from = supplier }
print(("%d contracts of %d customers"):format(#contracts, #exposure:users()))
for _, contract in ipairs(contracts) do print("contract", contract.contract, contract.to) end
for _, user in ipairs(exposure:users()) do print("customer", user.verdict, user.name) end
for _, parent in ipairs(exposure:parents()) do
  print("parent", parent.verdict, parent.name, "through " .. table.concat(parent.users, ", "))
end
return net
