-- Data for memory_failure.lua, small and still something of everything, in tables and in files; and the list of
-- workloads, to which memory_failure_networks.lua and memory_failure_questions.lua add theirs.

local json = require "knockon.json"
local knockon = require "knockon"

local folder = assert(arg[1], "which folder?")
local only = os.getenv "WORKLOAD" -- a part of its name, to look at one alone

local FACTS = {
  knockon = 1, title = "small",
  entities = {
    { id = "target", kind = "firm", name = "Target", country = "CN", tags = { "a", "b" },
      note = { deep = { 1, 2.5, true } }, empty = {}, rating = 0.125, large = 12345678901, listed = true,
      dormant = false },
    { id = "half", kind = "firm", country = "CN", since = "2010" },
    { id = "maybe", kind = "firm" },
    { id = "ring-a", kind = "firm", country = "CN" },
    { id = "ring-b", kind = "firm", country = "CN" },
    { id = "cloud", kind = "service", country = "CN" },
    { id = "unit", kind = "firm", country = { "US", "CA" } },
    { id = "abroad", kind = "firm", country = "DE" },
    { id = "branch", kind = "branch" },
    { id = "plant", kind = "site" },
    { id = "open", kind = "firm" },
    { id = "top", kind = "firm", name = "Top", country = "US", contracts_with = { "US Department of Defense" } },
    { id = "top-2", kind = "firm", country = "US" },
    { id = "hold-1", kind = "firm", country = "US" },
    { id = "hold-2", kind = "firm", country = "US" },
    { id = "jane", kind = "person", country = "US" },
    { id = "ended", kind = "firm", country = "US", ["until"] = "2015" },
  },
  relations = {
    { id = "r-half", kind = "owns", from = "target", to = "half", share = "50%", source = "filing", confidence = 0.5 },
    { id = "r-maybe", kind = "owns", from = "half", to = "maybe", share = "25-60%", basis = "votes" },
    { kind = "owns", from = "half", to = "maybe", share = "40%" },
    { kind = "consolidates", from = "target", to = "maybe" },
    { kind = "controls", from = "target", to = "open", by = "board" },
    { kind = "controls", from = "half", to = "open" },
    { kind = "owns", from = "ring-a", to = "ring-b", share = "60%" },
    { kind = "owns", from = "ring-b", to = "ring-a", share = "60%" },
    { kind = "owns", from = "target", to = "ring-a", share = "20%" },
    { kind = "operates", from = "target", to = "cloud" },
    { id = "s-unit", kind = "supplies", from = "cloud", to = "unit", need = "cloud", spend = "1200000.50",
      currency = "USD", contract = "c1", data = { "personal", "ip" }, since = "2018-03-05" },
    { kind = "supplies", from = "half", to = "unit", spend = 10, currency = "EUR", contract = "c2", party = "top-2" },
    { kind = "supplies", from = "cloud", to = "abroad", party = "top-2", reliance = "full", rank = 1 },
    { kind = "supplies", from = "maybe", to = "abroad", party = "top" },
    { kind = "supplies", from = "cloud", to = "branch" },
    { kind = "supplies", from = "unit", to = "plant" },
    { kind = "supplies", from = "open", to = "plant", since = "2018" },
    { kind = "supplies", from = "maybe", to = "ended" },
    { kind = "has_branch", from = "top", to = "branch" },
    { kind = "operates", from = "abroad", to = "plant" },
    { id = "o-1", kind = "owns", from = "top", to = "unit", share = "60%", since = "2012" },
    { id = "o-2", kind = "owns", from = "top", to = "unit", share = "70%", since = "2012" },
    { kind = "owns", from = "top-2", to = "unit", share = ">45%", class = "B" },
    { kind = "owns", from = "top-2", to = "abroad" },
    { kind = "owns", from = "hold-1", to = "hold-2", share = "80%" },
    { kind = "owns", from = "hold-2", to = "hold-1", share = "80%" },
    { kind = "controls", from = "hold-1", to = "abroad" },
    { kind = "owns", from = "jane", to = "top", share = "90%" },
    { kind = "owns", from = "hold-1", to = "top", share = "30%" },
    { kind = "linked", from = "jane", to = "abroad" },
    { kind = "same_as", from = "top-2", to = "two", source = "register" },
  },
  restrictions = {
    { id = "listing-1", title = "a list", rule = "ofac_50", targets = { "target" }, since = "2012", status = "active" },
    { id = "review-1", rule = "icts", targets = { country = { "CN" }, kind = "service" }, measure = "review",
      scope = "owned", except = { { covers = { contract = "c1" }, ["until"] = "2030", source = "licence" } } },
    { id = "late-1", rule = "listing", targets = "maybe", since = "2999" },
    { id = "proposed-1", rule = "ndaa_1260h_indirect", targets = { "target" }, status = "proposed" },
  },
}
FACTS.entities[#FACTS.entities + 1] = { id = "two", name = "Two", since = "2001", former_names = { "Zwei" } }

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return text
end

local CSV = {
  ["entities.csv"] = 'id,kind,name,country,tags[],note\n"a",firm,"A, ""quoted""",CN;RU,x;y,"line\nbreak"\n'
    .. "b,firm,B,US,,\nc,firm,,,z,\n",
  ["relations.csv"] = "kind,from,to,share,since,need\nowns,a,b,51%,2018-03,\nsupplies,a,c,,,cloud\nowns,b,c,25-60%,,\n",
  ["restrictions.csv"] = 'id,rule,targets,scope\nx,icts,a,\ny,listing,"{""country"": ""US""}",entity\n',
}
for name, text in pairs(CSV) do write(folder .. "/" .. name, text) end
local JSON = json.encode(FACTS)
write(folder .. "/small.json", JSON)
local LINES = { '{"knockon":1,"title":"small"}' }
for _, part in ipairs { "entities", "relations", "restrictions" } do
  for _, record in ipairs(FACTS[part]) do LINES[#LINES + 1] = json.encode(record) end
end
LINES[2] = LINES[2]:gsub('"Target"', '"T\\u0061rget"')
LINES[#LINES + 1] = '{"id":"escaped","n\\u0061me":"\\u00e9","x":[1.50,null,{}],"y":{"z":1e2}}'
write(folder .. "/small.ndjson", table.concat(LINES, "\n"))

-- { name, work, begin =, state =, again = false }
-- state(): made once, outside; begin(state): made before each run, what work gets. again = false: work cannot be done
-- again with what it got, so it is done again with another. All that work returns must be plain.
local workloads = {}
local function workload(name, work, more)
  more = more or {}
  more.name, more.work = name, work
  if not only or name:find(only, 1, true) then workloads[#workloads + 1] = more end
end

local network
local function state() -- one network for all that only look at one
  network = network or assert(knockon.network(FACTS))
  return network
end

-- What is in a network, read back record by record.
local function contents(net)
  local entities, relations, i = {}, {}, 1
  local record = net:record("entities", i)
  while record do
    entities[i], i = record, i + 1
    record = net:record("entities", i)
  end
  i = 1
  record = net:record("relations", i)
  while record do
    relations[i], i = record, i + 1
    record = net:record("relations", i)
  end
  return { entities, relations, net:restrictions(), net:title() or "", net:counts(), (net:complete()) }
end

local function loaded(net, message, code)
  if not net then return nil, message, code end
  return contents(net)
end

return {
  folder = folder, FACTS = FACTS, JSON = JSON, write = write, read = read, workloads = workloads, workload = workload,
  state = state, contents = contents, loaded = loaded,
}
