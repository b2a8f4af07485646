-- What a run of the benchmark found, as a page of Markdown and a chart. From the results that a run left:
--   lua spec/bench/report.lua build/bench/M/results.json

package.path = "./?.lua;./lua/?.lua;./lua/?/init.lua;" .. package.path
local chart = require "spec.bench.chart"
local questions = require "spec.bench.questions"
local tables = require "spec.bench.tables"

local report = {}

local function title_of(results)
  return ("knockon against others, size %s: %d entities, %d relations"):format(results.size, results.entities,
    results.relations)
end

local function machine_line(results)
  local machine = results.machine
  local memory = machine.memory / 1073741824
  return ("%s, %d cores, %.0f GiB, %s; %s"):format(machine.cpu, machine.cores, memory, machine.system, results.date)
end

local function list(out, head, lines)
  if #lines == 0 then return end
  out[#out + 1] = head .. "\n"
  for _, line in ipairs(lines) do out[#out + 1] = "- " .. line end
  out[#out + 1] = ""
end

local FOOTNOTE = [[
CPU time of the process, median of several rounds in which knockon and the other were asked in turns; the ratio is the
other's time by knockon's. Both read the same network and had to give the same answer: reached are those that a path of
supplies, or of holdings from owned to owner, leads to; an exposed parent is reached, no service, and nobody holds half
of it (no two firms of this network hold each other by majority). The cascade restricts a firm when the restricted
together hold half of it or more, whose stakes then count whole. "about": estimated from a shorter question.]]

local function growth(results)
  local keys, titles, sizes = {}, {}, {}
  for _, part in ipairs { questions.LOADS, questions.LIST, { { key = "freeze", title = "freeze a snapshot" },
    { key = "open", title = "open a snapshot" } } } do
    for _, question in ipairs(part) do
      keys[#keys + 1] = question.key
      titles[question.key] = question.title
    end
  end
  for _, size in ipairs { "tiny", "S", "M", "L" } do
    if results.growth[size] then sizes[#sizes + 1] = size end
  end
  return tables.growth(sizes, keys, titles, results.growth)
end

function report.page(results)
  local out = { "## " .. title_of(results) .. "\n", machine_line(results) .. ".\n" }
  out[#out + 1] = "Asked: " .. table.concat(results.versions, "; ") .. ".\n"
  if #results.rows > 0 then
    out[#out + 1] = tables.ratios(results.rows)
    out[#out + 1] = FOOTNOTE .. "\n"
  end
  if #results.facts > 0 then out[#out + 1] = tables.facts(results.facts) end
  if #results.memory > 0 then out[#out + 1] = tables.memory(results.memory) end
  if next(results.growth) then
    out[#out + 1] = "How the cost of knockon grows:\n"
    out[#out + 1] = growth(results)
  end
  list(out, "Wrong:", results.problems)
  list(out, "Not measured:", results.notes)
  return table.concat(out, "\n")
end

-- nil when there is nothing to draw.
function report.chart(results)
  if #results.rows == 0 then return nil end
  return chart.draw(results.rows, title_of(results), machine_line(results))
end

if arg and arg[0] and arg[0]:find "report%.lua$" then
  local json = require "knockon.json"
  local file, message = io.open(arg[1] or "build/bench/M/results.json", "rb")
  if not file then
    io.stderr:write(message, "\n")
    os.exit(1)
  end
  local text = file:read "*a"
  file:close()
  io.write(report.page(assert(json.decode(text))))
end

return report
