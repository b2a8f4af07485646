-- The Register of Information of DORA (Implementing Regulation (EU) 2024/2956): its templates B_01.01 to B_07.01 as CSV
-- files, in a zip or a folder, at any depth. Columns are found by their codes (c0010, 0010 or B_05.01.0010), in any
-- order; values with and without their prefix (eba_TA:S01, S01). B_05.01 has twelve columns, or nine in older drafts.
--
-- Entities in scope and providers are entities under their codes. B_01.02 names the parent: `consolidates`, and so does
-- the ultimate parent of a provider in B_05.01; branches are `has_branch`. B_02.02 and B_04.01 say who uses what:
-- `supplies`, with reliance, contract, its cost a year and who signed it (B_03.01: party); B_05.02 the subcontractors,
-- with their rank; B_02.03 passes a contract on within the group. Every contract is a need of its own, unless B_07.01
-- calls the provider easy to substitute: then the need is the function and the type of service, for which others may
-- stand in. An alternative that was identified is `linked`: it does not supply yet.

local draft = require "knockon.formats.draft"
local records = require "knockon.formats.records"
local words = require "knockon.formats.words"

local dora = {}

-- The template of a file by its name: "05.01"; "parameters"; nil.
function dora.recognise(head, part)
  local first, second = part.name:match "^[bB][_.](%d%d)[_.](%d%d)%.csv$"
  local cells = head:cells ","
  if #cells < 2 then cells = head:cells ";" end
  if first then return (cells[1] or ""):find "%d%d%d%d$" and first .. "." .. second or nil end
  return part.name == "parameters.csv" and cells[1] == "name" and cells[2] == "value" and "parameters" or nil
end

-- "eba_GA:CN" -> "CN"; what says nothing is nil.
local function code(cell)
  if not cell then return nil end
  local text = words.trim(cell):gsub("^[%w]+_[%w]+:", "")
  return text ~= "" and text ~= "x0" and text or nil
end

local function country(cell)
  local text = code(cell)
  return text and words.country(text)
end

-- ---- templates as lists of rows by column number ----

local function separator_of(part) return part:head():match "^[^\r\n]*":find(";", 1, true) and ";" or "," end

local function read_part(d, part)
  d:begin(part, "template " .. part.kind)
  local rows = records.rows(part, d.work, { separator = separator_of(part) })
  local numbers, columns = {}, {}
  for i, name in ipairs(rows.header) do
    numbers[i] = i
    columns[i] = name:match "(%d%d%d%d)$"
    if not columns[i] then
      d:bad(("the column '%s' is none of the template"):format(name), 1)
      columns[i] = "?"
    end
  end
  rows:select(numbers)
  local list = d.templates[part.kind] or {}
  d.templates[part.kind] = list
  for row, line, number in rows:each(d.bad_record) do
    local cells = { part = part, line = line, number = number, width = #columns }
    for i, column in ipairs(columns) do cells[column] = row[i] and words.trim(row[i]) or nil end
    list[#list + 1] = cells
  end
end

local function read_parameters(d, part)
  local rows = records.rows(part, d.work)
  rows:select { "name", "value" }
  local values = {}
  for row in rows:each(function() end) do values[row[1] or ""] = row[2] end
  if values.entityID then
    d.title = ("Register of information of %s"):format((values.entityID:gsub("^rs:", "")))
      .. (values.refPeriod and ", " .. values.refPeriod or "")
  end
end

-- Rows of a template; messages and ids speak of their file.
local function each(d, template)
  local list, i, part = d.templates[template] or {}, 0, nil
  return function()
    i = i + 1
    local row = list[i]
    if row and row.part ~= part then
      part = row.part
      d:begin(part, "template " .. template)
    end
    if row then d:at(row.line, row.number) end
    return row
  end
end

local function entity(d, id, record)
  if d.builder:has(id) then return end
  record.id = id
  d:entity(record)
end

-- ---- who is there ----

local HIERARCHY = { x53 = "ultimate parent", x551 = "parent", x56 = "subsidiary", x21 = "other" }

local function add_scope(d)
  for row in each(d, "01.02") do
    local lei = row["0010"]
    if not lei then
      d:bad("it has no LEI (c0010)", row.line, row.number)
    else
      entity(d, lei, {
        lei = lei, name = row["0020"], kind = "firm", country = country(row["0030"]), entity_type = code(row["0040"]),
        hierarchy = HIERARCHY[code(row["0050"])] or code(row["0050"]), total_assets = row["0110"],
        assets_currency = code(row["0100"]), in_register = "yes",
      })
      local parent = row["0060"]
      if parent and parent ~= lei then
        d:relation(draft.period({ kind = "consolidates", from = parent, to = lei }, row["0080"], row["0090"]))
      end
    end
  end
  for row in each(d, "01.01") do
    local lei = row["0010"]
    if lei then
      d.title = d.title or ("Register of information of %s"):format(lei)
      entity(d, lei, { lei = lei, name = row["0020"], kind = "firm", country = country(row["0030"]),
        entity_type = code(row["0040"]), in_register = "yes" })
    end
  end
  for row in each(d, "01.03") do
    local id, head_office = row["0010"], row["0020"]
    if not id then
      d:bad("it has no code of the branch (c0010)", row.line, row.number)
    else
      entity(d, id, { kind = "branch", name = row["0030"], country = country(row["0040"]) })
      if head_office then d:relation { kind = "has_branch", from = head_office, to = id } end
    end
  end
end

local ID_FIELDS = { qx2000 = "lei", qx2002 = "euid", qx2004 = "vat", LEI = "lei", EUID = "euid", VAT = "vat" }

-- Columns of B_05.01 in its two forms.
local NEW = { name = { "0060", "0050" }, country = "0080", currency = "0090", cost = "0100", parent = "0110",
  parent_type = "0120", person = "0070", second = "0030" }
local OLD = { name = { "0030" }, country = "0050", currency = "0060", cost = "0070", parent = "0080",
  parent_type = "0090", person = "0040" }

local function add_providers(d)
  for row in each(d, "05.01") do
    local id = row["0010"]
    local form = row.width <= 9 and OLD or NEW
    if not id then
      d:bad("it has no code of the provider (c0010)", row.line, row.number)
    else
      local record = {
        kind = "firm", country = country(row[form.country]), person_type = code(row[form.person]),
        second_code = form.second and row[form.second], annual_cost = row[form.cost],
        cost_currency = code(row[form.currency]),
      }
      for _, column in ipairs(form.name) do record.name = record.name or row[column] end
      local field = ID_FIELDS[code(row["0020"]) or ""]
      if field then record[field] = id end
      entity(d, id, record)
      local parent = row[form.parent]
      if parent and parent ~= id then
        local parent_field = ID_FIELDS[code(row[form.parent_type]) or ""]
        if parent_field then d.parent_codes[parent] = parent_field end
        d:relation { kind = "consolidates", from = parent, to = id, relationship = "ultimate parent" }
      end
    end
  end
end

-- ---- what is known of contracts, functions and services ----

local RELIANCE = { x794 = "none", x795 = "low", x796 = "material", x797 = "full" }
local SENSITIVITY = { x791 = "low", x792 = "medium", x793 = "high" }
local SUBSTITUTABILITY = { x959 = "not substitutable", x960 = "highly complex", x961 = "medium", x962 = "easy" }
local REINTEGRATION = { x798 = "easy", x966 = "difficult", x967 = "highly complex" }
local YES = {
  x28 = "yes", x29 = "no", x21 = "not assessed", ["true"] = "yes", ["false"] = "no", yes = "yes", no = "no",
}

local function key(...) return table.concat({ ... }, "\0") end

local function gather(d)
  for row in each(d, "02.01") do
    if row["0010"] then
      local cost = row["0050"]
      d.contracts[row["0010"]] = {
        type = code(row["0020"]), overarching = row["0030"], currency = code(row["0040"]),
        cost = cost and cost:find "^%d+%.?%d*$" and #cost <= 15 and cost or nil, cost_given = cost,
      }
    end
  end
  for row in each(d, "03.01") do
    if row["0010"] and row["0020"] then d.signed_by[row["0010"]] = row["0020"] end
  end
  for row in each(d, "06.01") do
    if row["0010"] then
      d.functions[row["0010"]] = {
        name = row["0030"], critical = YES[code(row["0050"])] or code(row["0050"]), activity = code(row["0020"]),
        rto = row["0080"], rpo = row["0090"], impact = SENSITIVITY[code(row["0100"])],
      }
    end
  end
  for row in each(d, "07.01") do
    local contract, provider, service = row["0010"], row["0020"], code(row["0040"])
    if contract and provider then
      d.assessments[key(contract, provider, service or "")] = {
        substitutability = SUBSTITUTABILITY[code(row["0050"])], reason = code(row["0060"]),
        exit_plan = YES[code(row["0080"])], reintegration = REINTEGRATION[code(row["0090"])],
        discontinuation_impact = SENSITIVITY[code(row["0100"])], alternatives = YES[code(row["0110"])],
        alternative = row["0120"],
      }
    end
  end
end

-- ---- who supplies whom ----

-- Fields that a contract, a function and an assessment add.
local function describe(d, record, provider, contract, service, purpose)
  local known, about = d.contracts[contract or ""], d.functions[purpose or ""]
  record.contract, record.service_type, record.function_id = contract, service, purpose
  if known then
    record.contract_type, record.overarching_contract = known.type, known.overarching
    if known.cost and known.currency then
      record.spend, record.currency = known.cost, known.currency
    else
      record.annual_cost = known.cost_given
    end
  end
  if about then
    record.function_name, record.critical, record.function_impact = about.name, about.critical, about.impact
    record.rto_hours, record.rpo_hours = about.rto, about.rpo
  end
  local assessment = d.assessments[key(contract or "", provider, service or "")]
  for name, value in pairs(assessment or {}) do record[name] = value end
  local what = words.several { purpose, service }
  what = type(what) == "table" and table.concat(what, " ") or what
  record.need = what
  if contract and not (assessment and assessment.substitutability == "easy") then
    record.need = what and what .. " (" .. contract .. ")" or contract
  end
  return assessment
end

local function add_alternative(d, assessment, user, need)
  if not (assessment and assessment.alternative) then return end
  d:relation { kind = "linked", from = assessment.alternative, to = user, role = "alternative", need = need }
end

local function add_direct(d)
  for row in each(d, "02.02") do
    local contract, user, provider = row["0010"], row["0020"], row["0030"]
    local service, purpose = code(row["0060"]), row["0050"]
    if not (user and provider) then
      d:bad("it names no user (c0020) or no provider (c0030)", row.line, row.number)
    else
      local record = {
        kind = "supplies", from = provider, to = user, rank = 1, reliance = RELIANCE[code(row["0180"])],
        provision_country = country(row["0130"]), stores_data = YES[code(row["0140"])],
        data_location = country(row["0150"]), data_processing = country(row["0160"]),
        sensitivity = SENSITIVITY[code(row["0170"])],
      }
      local party = d.signed_by[contract or ""]
      if party and party ~= user then record.party = party end
      draft.period(record, row["0070"], row["0080"])
      local assessment = describe(d, record, provider, contract, service, purpose)
      d.served[key(contract or "", user)] = true
      d.providers[contract or ""] = d.providers[contract or ""] or {}
      d.providers[contract or ""][provider] = { service = service, purpose = purpose }
      if record.party then d:mention(record.party) end
      if d:relation(record) then add_alternative(d, assessment, user, record.need) end
    end
  end
end

local function by_name(map)
  local names = {}
  for name in pairs(map or {}) do names[#names + 1] = name end
  table.sort(names, require("knockon.errors").less)
  return names
end

local function add_service(d, provider, user, contract, more)
  local about = (d.providers[contract] or {})[provider] or {}
  local record = { kind = "supplies", from = provider, to = user, rank = 1 }
  describe(d, record, provider, contract, about.service, about.purpose)
  for name, value in pairs(more) do record[name] = value end
  d:relation(record)
end

-- Users of a contract beside those of B_02.02, and contracts that are passed on within the group.
local function add_users(d)
  for row in each(d, "04.01") do
    local contract, user = row["0010"], row["0040"] or row["0020"]
    if contract and user and not d.served[key(contract, user)] then
      if row["0040"] and row["0020"] and not d.builder:has(row["0040"]) then
        entity(d, row["0040"], { kind = "branch" })
        d:relation { kind = "has_branch", from = row["0020"], to = row["0040"] }
      end
      d.served[key(contract, user)] = true
      for _, provider in ipairs(by_name(d.providers[contract])) do
        if provider ~= user then add_service(d, provider, user, contract, { template = "B_04.01" }) end
      end
    end
  end
  for row in each(d, "02.03") do
    local inner, outer = row["0010"], row["0020"]
    for _, between in ipairs(by_name(d.providers[inner])) do
      for _, provider in ipairs(by_name(d.providers[outer])) do
        if provider ~= between and not d.served[key(outer, between)] then
          d.served[key(outer, between)] = true
          add_service(d, provider, between, outer, { template = "B_02.03", intra_group_contract = inner })
        end
      end
    end
  end
end

local function add_subcontractors(d)
  for row in each(d, "05.02") do
    local contract, service, provider, recipient = row["0010"], code(row["0020"]), row["0030"], row["0060"]
    local rank = tonumber(row["0050"] or "")
    if not provider then
      d:bad("it names no provider (c0030)", row.line, row.number)
    elseif not rank or rank < 1 or rank % 1 ~= 0 then
      d:bad(("the rank (c0050) is '%s'; expected a whole number, 1 or more"):format(row["0050"] or ""), row.line,
        row.number)
    elseif recipient and recipient ~= provider then
      local record = { kind = "supplies", from = provider, to = recipient, rank = rank }
      describe(d, record, provider, contract, service, nil)
      record.spend, record.currency = nil, nil -- the contract's cost is what its users pay
      d:relation(record)
    else
      d:mention(provider)
    end
  end
end

function dora.load(parts, opts)
  return draft.load(parts, opts, function(d)
    d.templates, d.contracts, d.functions, d.assessments, d.signed_by = {}, {}, {}, {}, {}
    d.served, d.providers, d.parent_codes = {}, {}, {}
    d.placeholder = function(id)
      local field = d.parent_codes[id]
      return { dangling = true, [field or "code"] = field and id or nil }
    end
    for _, part in ipairs(parts) do
      if part.kind == "parameters" then read_parameters(d, part) else read_part(d, part) end
    end
    add_scope(d)
    add_providers(d)
    gather(d)
    add_direct(d)
    add_users(d)
    add_subcontractors(d)
  end)
end

return dora
