-- Fuzzes the readers: lua spec/fuzz/run.lua [SECONDS per target] [SEED] [TARGET…]. What fails is kept in
-- FOLDER/failed-TARGET-*, to become a seed in spec/fuzz/corpus once it is mended. Ends with `N passed, N failed`.
local targets = require "spec.fuzz.targets"

local seconds, seed = tonumber(arg[1]) or 20, tonumber(arg[2]) or os.time()
local names = {}
for i = 3, #arg do names[#names + 1] = arg[i] end
if #names == 0 then names = targets.NAMES end

local folder = os.tmpname()
os.remove(folder)
assert(os.execute(("mkdir -p '%s'"):format(folder)))

local passed, failed = 0, 0
for _, name in ipairs(names) do
  local count, wrong, files = targets.run(name, folder, { seconds = seconds, seed = seed })
  if wrong then
    failed = failed + 1
    print(("%s: mutant %d of seed %d: %s"):format(name, count, seed, wrong))
    for _, file in ipairs(files) do
      local path = ("%s/failed-%s-%s"):format(folder, name, file[1])
      local handle = assert(io.open(path, "wb"))
      handle:write(file[2])
      handle:close()
      print("  " .. path)
    end
  else
    passed = passed + 1
    print(("%s: %d mutants, seed %d"):format(name, count, seed))
  end
end
if failed == 0 then os.execute(("rm -r '%s'"):format(folder)) end
print(("%d passed, %d failed"):format(passed, failed))
os.exit(failed == 0)
