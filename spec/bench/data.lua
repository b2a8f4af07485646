-- Writes the benchmark's network into a folder:
--   lua spec/bench/data.lua FOLDER [SIZE [number|lei [SEED]]]      SIZE: tiny, S, M (default), L
--
-- entities.csv, relations.csv and the same as .ndjson (one record a line, same names) for knockon; nodes.csv
-- (id,kind) and edges.csv (src,dst,kind,share), with edges.ndjson, for the others: an edge runs as exposure does, from
-- supplier to user and from owned to owner. Both list the same relations in the same order. queries.json says what is
-- asked: rows of entities from 0, numbers of relations from 1. Ids are row numbers, or 20 characters like those of a
-- real register.
-- Cost: about 5 s for a million relations and format; memory is that of the ids and of generate.lua.

package.path = "./?.lua;" .. package.path
local generate = require "spec.bench.generate"

local data = {}

local DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

local function base36(number)
  local text = {}
  for i = 6, 1, -1 do
    local digit = number % 36
    text[i] = DIGITS:sub(digit + 1, digit + 1)
    number = (number - digit) / 36
  end
  return table.concat(text)
end

-- The id of a row; no two rows below 2^31 share one.
function data.id(row, ids)
  if ids ~= "lei" then return ("%d"):format(row) end
  return ("%04d00%s%s%02d"):format(row % 1800 + 1, base36((row + 1) * 48271 % 2147483647),
    base36((row + 1) * 16807 % 2147483647), row % 97)
end

-- Decimals as they are usually written: 0.5, not 0.500.
local function decimals(parts, digits)
  local texts = {}
  for i = 0, parts do
    texts[i] = ("%d.%s"):format(math.floor(i / parts), ("%0" .. digits .. "d"):format(i % parts)):gsub("0+$", "")
    if texts[i]:sub(-1) == "." then texts[i] = texts[i] .. "0" end
  end
  return texts
end

local function open(folder, name)
  local file = assert(io.open(folder .. "/" .. name, "wb"))
  file:setvbuf("full", 1048576)
  return file
end

local function list(numbers)
  local texts = {}
  for i, number in ipairs(numbers) do texts[i] = ("%d"):format(number) end
  return "[" .. table.concat(texts, ",") .. "]"
end

local function write_questions(folder, size, ids, asked)
  local file = open(folder, "queries.json")
  file:write(('{"version":%d,"entities":%d,"relations":%d,"ids":"%s",\n'):format(generate.VERSION, size.entities,
    size.relations, ids))
  file:write(('"hub":%d,"middle":%d,"tail":%d,\n'):format(asked.hub, asked.middle, asked.tail))
  file:write('"suppliers":', list(asked.suppliers), ',\n"blocked":', list(asked.blocked))
  file:write(',\n"dropped":', list(asked.dropped), "}\n")
  assert(file:close())
end

-- options: size (a name, or a table as in generate.SIZES), ids, seed. Returns what is asked.
function data.write(folder, options)
  local size = type(options.size) == "table" and options.size or generate.SIZES[options.size or "M"]
  assert(size, "no such size")
  local ids, hundredths, thousandths = {}, decimals(100, 2), decimals(1000, 3)
  for row = 0, size.entities - 1 do ids[row] = data.id(row, options.ids) end
  local relations, edges = open(folder, "relations.csv"), open(folder, "edges.csv")
  local relation_lines, edge_lines = open(folder, "relations.ndjson"), open(folder, "edges.ndjson")
  local entities, nodes = open(folder, "entities.csv"), open(folder, "nodes.csv")
  local entity_lines = open(folder, "entities.ndjson")
  relations:write "kind,from,to,share,fraction\n"
  edges:write "src,dst,kind,share\n"
  entities:write "id,kind,country\n"
  nodes:write "id,kind\n"
  local asked = generate.run(size, options.seed or 1, {
    supplies = function(from, to, part)
      local supplier, user, fraction = ids[from], ids[to], hundredths[part]
      relations:write("supplies,", supplier, ",", user, ",,", fraction, "\n")
      edges:write(supplier, ",", user, ",supplies,", fraction, "\n")
      relation_lines:write('{"kind":"supplies","from":"', supplier, '","to":"', user, '","fraction":', fraction, "}\n")
      edge_lines:write('{"src":"', supplier, '","dst":"', user, '","kind":"supplies","share":', fraction, "}\n")
    end,
    owns = function(from, to, part)
      local owner, owned, share = ids[from], ids[to], thousandths[part]
      relations:write("owns,", owner, ",", owned, ",", share, ",\n")
      edges:write(owned, ",", owner, ",owned_by,", share, "\n")
      relation_lines:write('{"kind":"owns","from":"', owner, '","to":"', owned, '","share":', share, "}\n")
      edge_lines:write('{"src":"', owned, '","dst":"', owner, '","kind":"owned_by","share":', share, "}\n")
    end,
    entity = function(row, kind, country)
      entities:write(ids[row], ",", kind, ",", country, "\n")
      nodes:write(ids[row], ",", kind, "\n")
      entity_lines:write('{"id":"', ids[row], '","kind":"', kind, '","country":"', country, '"}\n')
    end,
  })
  for _, file in ipairs { relations, edges, relation_lines, edge_lines, entities, nodes, entity_lines } do
    assert(file:close())
  end
  write_questions(folder, size, options.ids or "number", asked)
  return asked
end

if arg and arg[0] and arg[0]:find "data%.lua$" then
  local folder, size, ids, seed = arg[1], arg[2], arg[3], tonumber(arg[4])
  if not folder or (size and not generate.SIZES[size]) or (ids and ids ~= "lei" and ids ~= "number") then
    io.stderr:write "usage: lua spec/bench/data.lua FOLDER [tiny|S|M|L [number|lei [SEED]]]\n"
    os.exit(2)
  end
  data.write(folder, { size = size, ids = ids, seed = seed })
  print(("%s: %s, %.1f s"):format(folder, size or "M", os.clock()))
end

return data
