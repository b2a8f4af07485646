-- One fuzz target per reader: its corpus, and what must hold for whatever it reads.
--
-- A reader gives a network, or nil, a message and a code; it raises nothing, takes no longer than SLOWEST and leaves no
-- memory behind. A network can be looked at, and what is saved of it reads back as the same network.

local core = require "knockon.core"
local json = require "knockon.json"
local knockon = require "knockon"
local mutate = require "spec.fuzz.mutate"

local targets = {}

local SLOWEST = 5 -- seconds of CPU; the machine may be busy
local CODES = { io = true, parse = true, limit = true, missing = true }

targets.NAMES = { "bods", "csv", "cyclonedx", "denied_persons", "dora", "exhibit21", "followthemoney", "gleif",
  "graphml", "native", "ndjson", "ofac", "opensanctions", "psc", "screening", "table" }

local MAP = {
  entities = { { id = "{parent}" }, { id = "{company}", name = "{company}", country = "{land}" } },
  relations = { { kind = "owns", from = "{parent}", to = "{company}", share = "{percent}%", since = "{year}" } },
}

-- With the format told, since a mutant may be no longer recognised.
local function read(name, path, opts)
  if name == "table" then return knockon.read_table(path, MAP, opts) end
  opts.from = name
  if name == "csv" then
    local parts = {}
    for _, one in ipairs(path) do parts[one:match "(%a+)%.csv$"] = one end
    path = parts
  end
  return knockon.load(path, opts)
end

local function contents(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

-- The seeds of a target: lists of { name, text }, the files of one load.
function targets.seeds(name, corpus)
  local seeds, root = {}, (corpus or "spec/fuzz/corpus") .. "/" .. name
  local names = assert(core.list_folder(root))
  table.sort(names)
  for _, entry in ipairs(names) do
    local folder = entry:match "^(.*)/$"
    local seed = {}
    if folder then
      local inside = assert(core.list_folder(root .. "/" .. folder))
      table.sort(inside)
      for i, file in ipairs(inside) do seed[i] = { file, contents(root .. "/" .. folder .. "/" .. file) } end
    else
      seed[1] = { entry, contents(root .. "/" .. entry) }
    end
    seeds[#seeds + 1] = seed
  end
  return seeds
end

local function write(folder, files)
  local paths = {}
  for i, file in ipairs(files) do
    paths[i] = folder .. "/" .. file[1]
    local handle = assert(io.open(paths[i], "wb"))
    assert(handle:write(file[2]))
    handle:close()
  end
  return paths[2] and paths or paths[1]
end

local function same_back(net, folder)
  local path = folder .. "/saved.json"
  assert(net:save(path))
  local again = assert(knockon.load(path))
  for _, part in ipairs { "entities", "relations" } do
    local before, after = net[part](net, {}), again[part](again, {})
    assert(#before == #after, "another number of " .. part)
    for i = 1, #before do
      local x, y = json.encode(before[i]), json.encode(after[i])
      assert(x == y, x .. " came back as " .. y)
    end
  end
  again:close()
end

-- What is wrong with what the reader makes of the files; nil when all is well. whole: also save and read back. modes:
-- of on_error, both without it.
function targets.check(name, files, folder, whole, modes)
  local path = write(folder, files)
  for _, on_error in ipairs(modes or { "stop", "skip" }) do
    local start = os.clock()
    local fine, net, message, code = pcall(read, name, path, { on_error = on_error })
    local spent = os.clock() - start
    if not fine then return "raised: " .. tostring(net) end
    if spent > SLOWEST then return ("took %.1f s"):format(spent) end
    if not net then
      if not CODES[code] then return "ended with the code " .. tostring(code) .. ": " .. tostring(message) end
      if type(message) ~= "string" or message == "" then return "no message" end
      if code == "parse" and not message:find(folder, 1, true) then return "no place in: " .. message end
    else
      local looked, failure = pcall(function()
        net:counts()
        net:warnings()
        net:complete()
        if whole then same_back(net, folder) end
      end)
      if not looked then return "the network: " .. tostring(failure) end
      net:close()
    end
  end
  return nil
end

-- Mutants of the seeds until the time is up or `most` were tried: how many, and what failed first with its files.
function targets.run(name, folder, opts)
  local random, seeds = mutate.generator(opts.seed or 1), targets.seeds(name, opts.corpus)
  local count, deadline = 0, opts.seconds and os.clock() + opts.seconds
  while (not deadline or os.clock() < deadline) and (not opts.most or count < opts.most) do
    local seed, files = seeds[random(#seeds)], {}
    for i, file in ipairs(seed) do files[i] = { file[1], file[2] } end
    local one = files[random(#files)]
    one[2] = mutate.text(one[2], random)
    count = count + 1
    local wrong = targets.check(name, files, folder, count % 8 == 0)
    if wrong then return count, wrong, files end
  end
  return count
end

return targets
