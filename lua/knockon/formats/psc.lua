-- UK persons with significant control: the snapshot of Companies House, one JSON object a line or in an array; and its
-- table of companies (BasicCompanyData, CSV), which gives them names.
--
-- Companies are GB-COH-NUMBER. Shares come as bands: ownership-of-shares-25-to-50-percent is more than 25 % and at
-- most 50 %, 50-to-75 less than 75 %. A right to surplus assets (of a partnership) is `owns` with a class of its own;
-- a right to appoint directors and significant influence are `controls`. A corporate owner that is registered in the
-- United Kingdom under a number is `same_as` that company. A super-secure person is `linked`: what it holds is secret.
-- Statements in place of owners are the company's psc_statement; the last record of a snapshot, its totals, says
-- nothing of a network.

local countries = require "knockon.formats.countries"
local draft = require "knockon.formats.draft"
local records = require "knockon.formats.records"
local words = require "knockon.formats.words"

local psc = {}

-- "owners" | "companies" | nil
function psc.recognise(head)
  local of_owners = head.text:find "significant%-control" or head.text:find "beneficial%-owner"
  if of_owners and head:has_key "company_number" then return "owners" end
  return head:has_columns(",", { "CompanyName", "CompanyNumber", "CompanyCategory" }) and "companies" or nil
end

local function text(value) return type(value) == "string" and value ~= "" and value or nil end

local function table_of(value) return type(value) == "table" and value or {} end

local function company_id(number) return "GB-COH-" .. number end

-- A number as Companies House writes it: eight letters or digits; nil when it is none.
local function company_number(given)
  local number = (text(given) or ""):gsub("[%s.]", ""):gsub("%l", function(c) return string.char(c:byte() - 32) end)
  if number:find "^%d+$" and #number <= 8 and #number >= 5 then return ("0"):rep(8 - #number) .. number end
  return number:find "^%u%u%d%d%d%d%d%d$" and number or nil
end

-- ---- natures of control ----

local BANDS = {
  ["25-to-50-percent"] = "(25%,50%]", ["50-to-75-percent"] = "(50%,75%)", ["75-to-100-percent"] = "[75%,100%]",
  ["more-than-25-percent"] = "(25%,100%]",
}

local HOLDINGS = {
  { "^ownership%-of%-shares%-", nil, nil }, { "^voting%-rights%-", "votes", nil },
  { "^right%-to%-share%-surplus%-assets%-", nil, "surplus_assets" },
  { "^part%-right%-to%-share%-surplus%-assets%-", nil, "surplus_assets" },
}

-- The relation that a nature is, without its ends.
local function relation_of(nature)
  for _, form in ipairs(HOLDINGS) do
    local _, stops = nature:find(form[1])
    local rest = stops and nature:sub(stops + 1)
    for band, share in pairs(rest and BANDS or {}) do
      if rest:sub(1, #band) == band then
        return { kind = "owns", share = share, basis = form[2], class = form[3], nature = nature }
      end
    end
  end
  if nature:find "^right%-to%-appoint%-and%-remove%-" then
    return { kind = "controls", by = "board", nature = nature }
  end
  if nature:find "^significant%-influence%-or%-control" then
    return { kind = "controls", by = "influence", nature = nature }
  end
  return { kind = "linked", nature = nature }
end

-- ---- owners ----

local KINDS = { individual = "person", ["corporate-entity"] = "firm", ["legal-person"] = "state",
  ["super-secure"] = "person" }

local function kind_of(kind)
  for prefix, ours in pairs(KINDS) do
    if kind:sub(1, #prefix + 1) == prefix .. "-" then return ours, prefix end
  end
  return nil
end

local function birth_date(value)
  local born = table_of(value)
  if type(born.year) ~= "number" or born.year % 1 ~= 0 then return nil end
  if type(born.month) ~= "number" or born.month % 1 ~= 0 then return ("%.0f"):format(born.year) end
  return ("%.0f-%02.0f"):format(born.year, born.month)
end

local function address_of(value)
  local address, pieces = table_of(value), {}
  for _, name in ipairs { "care_of", "po_box", "premises", "address_line_1", "address_line_2", "locality", "region",
    "postal_code", "country" } do
    pieces[#pieces + 1] = text(address[name])
  end
  return #pieces > 0 and table.concat(pieces, ", ") or nil
end

local function owner_of(id, data, kind, prefix)
  local identification = table_of(data.identification)
  local record = {
    id = id, kind = kind, name = text(data.name), nationality = text(data.nationality), psc_kind = prefix,
    birth_date = birth_date(data.date_of_birth), address = address_of(data.address),
    located_in = countries.code(text(data.country_of_residence) or text(table_of(data.address).country)),
    registration_number = text(identification.registration_number), legal_form = text(identification.legal_form),
    legal_authority = text(identification.legal_authority), place_registered = text(identification.place_registered),
    country_registered = text(identification.country_registered),
    country = countries.code(identification.country_registered),
  }
  if prefix == "super-secure" then record.name, record.unspecified = "Super-secure person", "super-secure" end
  if record.located_in == record.country then record.located_in = nil end
  return record
end

-- The company that a corporate owner is, where it says so by number and country.
local function company_of(record)
  local place = record.place_registered or ""
  local registered_here = record.country == "GB"
    or not record.country_registered and place:find "[Cc]ompanies [Hh]ouse"
  return registered_here and company_number(record.registration_number) or nil
end

local function add_owner(d, company, data, kind, prefix)
  local own = text(table_of(data.links).self)
  local id = "psc-" .. (own and own:match "([^/]+)$" or text(data.etag) or company .. "-" .. d.number)
  local natures = data.natures_of_control
  if natures == nil then natures = {} end
  if type(natures) ~= "table" then return d:bad("'natures_of_control' must be a list", d.line, d.number) end
  for _, nature in ipairs(natures) do
    if type(nature) ~= "string" then
      return d:bad("a nature of control must be text", d.line, d.number)
    end
  end
  local record = owner_of(id, data, kind, prefix)
  if not d:entity(record) then return nil end
  local number = kind == "firm" and company_of(record)
  if number and number ~= company then
    d:relation { kind = "same_as", from = id, to = company_id(number), evidence = "registration number" }
  end
  if data.ceased == true and not text(data.ceased_on) then return nil end -- ended on a day nobody says
  local list = {}
  for i, nature in ipairs(natures) do list[i] = relation_of(nature) end
  if not list[1] then list[1] = { kind = "linked", nature = prefix == "super-secure" and prefix or nil } end
  for _, relation in ipairs(list) do
    relation.from, relation.to = id, company_id(company)
    draft.period(relation, text(data.notified_on), text(data.ceased_on))
    d:relation(relation)
  end
end

local function read(d, object, line, number)
  d:at(line, number)
  local data = object.data
  if type(data) ~= "table" then return d:bad("it has no data", line, number) end
  local kind = text(data.kind)
  if not kind then return d:bad("its data has no kind", line, number) end
  if kind:find "^totals#" then return nil end
  local company = company_number(object.company_number)
  if not company then return d:bad("it has no company_number of eight letters or digits", line, number) end
  d:mention(company_id(company))
  local ours, prefix = kind_of(kind)
  if ours then
    add_owner(d, company, data, ours, prefix)
  elseif kind:find "statement$" then
    if not text(data.ceased_on) then d.statements[company] = text(data.statement) end
  elseif kind == "exemptions" then
    d.statements[company] = "exempt"
  else
    d:bad(("the kind '%s' is not known"):format(kind), line, number)
  end
end

-- ---- companies ----

local function british_day(given)
  local day, month, year = (given or ""):match "^(%d%d?)/(%d%d?)/(%d%d%d%d)$"
  return words.day_of(year, month, day) or given
end

local function read_companies(d, part)
  d:begin(part, "companies")
  local rows = records.rows(part, d.work)
  rows:select { "CompanyNumber", "CompanyName", "CompanyCategory", "CompanyStatus", "IncorporationDate",
    "DissolutionDate", "CountryOfOrigin" }
  for row, line, number in rows:each(d.bad_record) do
    d:at(line, number)
    local id = company_number(row[1])
    if id then
      local record = {
        id = company_id(id), gb_coh = id, kind = "firm", name = row[2], category = row[3], status = row[4],
        country = countries.code(row[7]) or "GB", psc_statement = d.statements[id],
      }
      d.statements[id] = nil
      draft.period(record, british_day(row[5]), british_day(row[6]))
      d:entity(record)
    else
      d:bad("it has no CompanyNumber of eight letters or digits", line, number)
    end
  end
end

function psc.load(parts, opts)
  return draft.load(parts, opts, function(d)
    d.statements = {}
    -- the number is all that the snapshot says of a company: it is not missing from it
    d.placeholder = function(id)
      local number = id:match "^GB%-COH%-(.+)$"
      return { gb_coh = number, country = "GB", psc_statement = d.statements[number] }
    end
    for _, part in ipairs(parts) do
      if part.kind == "owners" then
        d:begin(part, "persons with significant control")
        records.json(part, d.work, nil, function(object, line, number) read(d, object, line, number) end, d.bad_record)
      end
    end
    for _, part in ipairs(parts) do
      if part.kind == "companies" then read_companies(d, part) end
    end
  end)
end

return psc
