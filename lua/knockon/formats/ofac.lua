-- OFAC's lists in their old CSV layout: the Specially Designated Nationals (sdn.csv) and the consolidated non-SDN list
-- (cons_prim.csv), each with its addresses, alternate names and the continuations of long remarks. No headers; `-0- `
-- stands for nothing; the last line may be a lone 0x1A.
--
-- Ids are ofac-NUMBER. Each programme of a list is a restriction of those it names: of the SDN list with the rule
-- ofac_50, of the consolidated list with the rule `listing` and the measure `review`, since each of its programmes
-- forbids other things. "Linked To: NAME" in the remarks is a relation `linked` where exactly one SDN has the name;
-- other mentions are kept in linked_to_unresolved. An address is located_in, not the country a firm is organised in.

local countries = require "knockon.formats.countries"
local draft = require "knockon.formats.draft"
local records = require "knockon.formats.records"
local stop = require "knockon.formats.stop"
local words = require "knockon.formats.words"

local ofac = {}

-- How many columns each table has. cells counts only as far as it can tell without reading the file.
local LAYOUT = { [12] = "prim", [6] = "add", [5] = "alt", [2] = "comments" }
local COLUMNS = { prim = 12, add = 6, alt = 5, comments = 2 }

-- "prim" | "add" | "alt" | "comments" | nil
function ofac.recognise(head, part)
  local cells = head:cells ","
  if not (cells[1] and cells[1]:find "^%d+$") then return nil end
  local kind = LAYOUT[#cells]
  if kind == "comments" or (kind == nil and #cells < 12) then -- a long remark may hold quotes of its own
    return part.name:find "comments" and "comments" or nil
  end
  if kind == "add" and not cells[2]:find "^%d+$" then return nil end
  return kind
end

local function value(cell)
  if not cell then return nil end
  cell = words.trim(cell)
  if cell == "-0-" or cell == "" then return nil end
  return cell
end

-- read(id, row) for every row; quiet: what is wrong with rows is told another time.
local function each(d, part, what, read, quiet)
  d:begin(part, what)
  local width = COLUMNS[part.kind]
  local rows, numbers = records.rows(part, d.work, { header = false, columns = width }), {}
  for i = 1, width do numbers[i] = i end
  rows:select(numbers)
  for row, line, number in rows:each(quiet and function() end or d.bad_record) do
    d:at(line, number)
    local id = row[1] and words.trim(row[1])
    if id and id:find "^%d+$" then
      read(id, row)
    elseif not quiet then
      d:bad(("'%s' is no number of an entry"):format(tostring(id)), line, number)
    end
  end
end

-- ---- what stands in other files or other rows ----

local function append(map, id, text)
  if not text then return end
  local known = map[id]
  if not known then
    known = {}
    map[id] = known
  end
  known[#known + 1] = text
end

local function read_beside(d, parts)
  for _, part in ipairs(parts) do
    if part.kind == "comments" then
      each(d, part, "remarks", function(id, row) append(d.comments, id, row[2]) end)
    elseif part.kind == "alt" then
      each(d, part, "alternate names", function(id, row) append(d.aliases, id, value(row[4])) end)
    elseif part.kind == "add" then
      each(d, part, "addresses", function(id, row)
        local pieces = {}
        for i = 3, 5 do pieces[#pieces + 1] = value(row[i]) end
        append(d.addresses, id, #pieces > 0 and table.concat(pieces, ", ") or nil)
        append(d.places, id, countries.code(value(row[5])))
      end)
    end
  end
end

-- The entry that has a name: its id, or false when several have it.
local function read_names(d, part)
  each(d, part, "names", function(id, row)
    local name = value(row[2])
    if name then
      if d.by_name[name] and d.by_name[name] ~= id then id = false end
      d.by_name[name] = id
    end
  end, true)
end

-- ---- remarks ----

-- What the remarks say, with their continuation and without the final dot.
local function remarks_of(d, id, cell)
  local text = value(cell) or ""
  for _, more in ipairs(d.comments[id] or {}) do text = text .. more end
  text = words.trim(text):gsub("%.$", "")
  return text ~= "" and text or nil
end

local IDENTIFIERS = { -- words before the number -> field
  { "^Legal Entity Number (%w+)$", "lei" }, { "^SWIFT/BIC (%w+)", "bic" }, { "^D%-U%-N%-S Number (%d+)", "duns" },
  { "^Tax ID No%. ([^;(]+)", "tax_id" }, { "^Registration Number ([^;(]+)", "registration_number" },
  { "^Registration ID ([^;(]+)", "registration_id" }, { "IMO (%d%d%d%d%d%d%d)$", "imo" },
  { "IMO (%d%d%d%d%d%d%d) %(", "imo" },
  { "^MMSI (%d+)", "mmsi" }, { "^Company Number ([^;(]+)", "company_number" }, { "^Website (%S+)", "website" },
  { "^DOB (.+)", "birth_date" }, { "^Organization Established Date (.+)", "established" },
  { "^ISIN (%w+)$", "isin" },
}
local COUNTRY = { "^nationality (.+)", "^citizen (.+)", "^Nationality of Registration (.+)", "^Nationality (.+)" }

-- Names of "Linked To", and fields of the record from the rest.
local function read_remarks(record, text)
  local links, nations = {}, {}
  for _, piece in ipairs(words.split(text, ";")) do
    local name = piece:match "^Linked To: (.+)$"
    if name then links[#links + 1] = name end
    for _, form in ipairs(IDENTIFIERS) do
      local found = not name and piece:match(form[1])
      if found and record[form[2]] == nil then record[form[2]] = words.trim(found) end
    end
    for _, form in ipairs(COUNTRY) do
      local found = not name and piece:match(form)
      nations[#nations + 1] = found and countries.code(found) or nil
    end
  end
  record.country = words.several(nations)
  return links
end

local function resolve(d, record, links)
  local unresolved = {}
  for _, name in ipairs(links) do
    local found = d.by_name[name]
    if found then
      d:relation { kind = "linked", from = record.id, to = "ofac-" .. found, evidence = "Linked To: " .. name }
    else
      unresolved[#unresolved + 1] = name
    end
  end
  return words.several(unresolved)
end

-- ---- entries ----

local KINDS = { individual = "person", vessel = "vessel", aircraft = "aircraft" }

local LISTS = {
  sdn = { name = "OFAC SDN", rule = "ofac_50", measure = "prohibit" },
  cons = { name = "OFAC consolidated list", rule = "listing", measure = "review" },
}

local function list_on(d, part, id, programmes)
  local key = part.name:find "^[Cc][Oo][Nn][Ss]" and "cons" or "sdn"
  local list = LISTS[key]
  for _, programme in ipairs(programmes) do
    d:target(key .. programme, id, function()
      return {
        id = ("ofac-%s-%s"):format(key, (programme:gsub("%s+", "-"))), title = list.name .. ", " .. programme,
        rule = list.rule, measure = list.measure, program = programme,
      }
    end)
  end
end

local function read_entry(d, part, number, row)
  local id = "ofac-" .. number
  local programmes = {}
  for _, programme in ipairs(words.split(value(row[4]) or "", "]")) do
    programmes[#programmes + 1] = words.trim((programme:gsub("^%[", "")))
  end
  if #programmes == 0 then programmes[1] = "UNKNOWN" end
  if d.seen[number] then -- an entry of both lists
    if d.seen[number] == part then return d:bad("this number was given before", d.line, d.number) end
    return list_on(d, part, id, programmes)
  end
  d.seen[number] = part
  local record = {
    id = id, uid = number, name = value(row[2]), kind = KINDS[value(row[3]) or ""] or "firm",
    program = words.several(programmes), title = value(row[5]), call_sign = value(row[6]), vessel_type = value(row[7]),
    tonnage = value(row[8]), gross_registered_tonnage = value(row[9]), vessel_flag = value(row[10]),
    vessel_owner = value(row[11]), alias = words.several(d.aliases[number] or {}),
    address = words.several(d.addresses[number] or {}), located_in = words.several(d.places[number] or {}),
  }
  record.remarks = remarks_of(d, number, row[12])
  local links = read_remarks(record, record.remarks or "")
  record.country = record.country or countries.code(record.vessel_flag)
  local names = {}
  for _, name in ipairs(links) do
    if not d.by_name[name] then names[#names + 1] = name end
  end
  record.linked_to_unresolved = words.several(names)
  if not d:entity(record) then return nil end
  list_on(d, part, id, programmes)
  resolve(d, record, links)
  local owner = record.vessel_owner and d.by_name[record.vessel_owner]
  if owner then d:relation { kind = "owns", from = "ofac-" .. owner, to = id, evidence = "vessel owner" } end
end

function ofac.load(parts, opts)
  return draft.load(parts, opts, function(d)
    d.comments, d.aliases, d.addresses, d.places, d.by_name, d.seen = {}, {}, {}, {}, {}, {}
    read_beside(d, parts)
    local any = false
    for _, part in ipairs(parts) do
      if part.kind == "prim" then
        any = true
        read_names(d, part)
      end
    end
    if not any then
      stop.raise(parts[1].path .. ": belongs to a list of OFAC; give it together with sdn.csv or cons_prim.csv")
    end
    for _, part in ipairs(parts) do
      if part.kind == "prim" then
        each(d, part, "entries", function(id, row) read_entry(d, part, id, row) end)
      end
    end
  end)
end

return ofac
