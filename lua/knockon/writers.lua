-- What a network can be written as, and which of them a path asks for. Each writer is a module with save(net, path,
-- opts): true | nil, message, "io". It is loaded when it is first used.

local errors = require "knockon.errors"

local writers = {}

-- name, module, the endings that ask for it, options of its own. A path with none of them is a folder of CSV files.
local LIST = {
  { "bods", "knockon.writers.bods", { ".bods.json", ".bods" }, { "published" } },
  { "csv", "knockon.formats.csv", {} },
  { "cytoscape", "knockon.writers.cytoscape", { ".cyjs", ".cytoscape.json" } },
  { "dot", "knockon.writers.dot", { ".dot", ".gv" } },
  { "followthemoney", "knockon.writers.followthemoney", { ".ftm.json", ".ftm.ndjson", ".ftm" } },
  { "gexf", "knockon.writers.gexf", { ".gexf" } },
  { "graphml", "knockon.writers.graphml", { ".graphml" } },
  { "native", "knockon.formats.native", { ".json" } },
  { "ndjson", "knockon.formats.ndjson", { ".ndjson", ".jsonl" } },
  { "spreadsheet", "knockon.writers.spreadsheet", {} },
}

writers.NAMES = {}
for i, entry in ipairs(LIST) do writers.NAMES[i] = entry[1] end

-- The name of the format that the path asks for: that of its longest known ending.
function writers.of(path)
  local found, longest = "csv", 0
  for _, entry in ipairs(LIST) do
    for _, ending in ipairs(entry[3]) do
      if #ending > longest and path:sub(-#ending) == ending then found, longest = entry[1], #ending end
    end
  end
  return found
end

-- The name that the options ask for, else that of the path; raises for one that is unknown and for options it has not.
function writers.choose(path, opts)
  local asked = opts and opts.to ~= nil and "to" or "format"
  local name = opts and opts[asked]
  if asked == "to" and opts.format ~= nil and opts.format ~= name then
    errors.raise("argument", "to", "to and format are two names of one option; they say different things")
  end
  if name == nil then name = writers.of(path) end
  for _, entry in ipairs(LIST) do
    if entry[1] == name then
      local known = { "format", "to" }
      for _, option in ipairs(entry[4] or {}) do table.insert(known, 2, option) end
      return require(entry[2]), errors.options(opts, known)
    end
  end
  errors.raise("argument", asked,
    ("unknown format %q (known: %s)"):format(tostring(name), table.concat(writers.NAMES, ", ")),
    errors.nearest(tostring(name), writers.NAMES))
end

return writers
