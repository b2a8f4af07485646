-- FollowTheMoney: one JSON object a line, { id, schema, properties }, whose values are lists of texts. Entities become
-- companies, persons and so on, relations the interests that FollowTheMoney knows, restrictions a Sanction for each
-- target. What it has no words for is carried, see carried.lua; other tools pass over that.

local carried = require "knockon.carried"
local json = require "knockon.json"
local output = require "knockon.output"
local records = require "knockon.writers.records"

local followthemoney = {}

-- A holding's asset must be an Asset and its owner a LegalEntity: a Company is both.
local SCHEMA = { person = "Person", state = "PublicBody", site = "Asset" }

-- Our field for a property of theirs.
local ENTITY_PROPERTIES = {
  name = "name", alias = "alias", aliases = "alias", lei = "leiCode", cik = "cikCode", duns = "dunsCode",
  isin = "isinCode", registration_number = "registrationNumber", since = "incorporationDate",
  ["until"] = "dissolutionDate", evidence = "notes",
}
-- Fields that carry the name of a property stand in it.
for _, name in ipairs { "address", "innCode", "legalForm", "leiCode", "notes", "ogrnCode", "previousName",
  "registrationNumber", "status", "taxNumber", "topics", "vatCode", "weakAlias", "website", "wikidataId" } do
  ENTITY_PROPERTIES[name] = name
end
local OF_COMPANIES = {
  leiCode = true, cikCode = true, dunsCode = true, isinCode = true, registrationNumber = true, legalForm = true,
  incorporationDate = true, dissolutionDate = true, innCode = true, ogrnCode = true, status = true, taxNumber = true,
  vatCode = true, website = true,
}

local INTERVAL = { since = "startDate", ["until"] = "endDate", evidence = "summary" }

-- Relations: the schema, the properties of both ends, further ones by our fields, and what is always said.
local RELATIONS = {
  owns = { "Ownership", "owner", "asset", { share = "percentage", class = "sharesType", basis = "ownershipType" } },
  supplies = { "EconomicActivity", "sender", "receiver", { need = "goodsDescription", spend = "invoiceAmount" } },
  same_as = { "Similar", "candidate", "match", {} },
}
local BOARD = { "Directorship", "director", "organization", {}, { role = "board" } }
for _, kind in ipairs { "controls", "consolidates", "has_branch", "operates", "linked" } do
  RELATIONS[kind] = { "UnknownLink", "subject", "object", { by = "role" }, { role = kind } }
end

local function texts_of(value)
  local texts = {}
  for _, item in ipairs(records.list(value)) do
    if type(item) ~= "table" and item ~= "" then
      texts[#texts + 1] = type(item) == "string" and item or json.encode(item)
    end
  end
  return texts
end

local function add(properties, name, value)
  local list, seen = properties[name] or {}, {}
  for _, text in ipairs(list) do seen[text] = true end
  for _, text in ipairs(texts_of(value)) do
    if not seen[text] then list[#list + 1] = text end
    seen[text] = true
  end
  if #list > 0 then properties[name] = list end
end

-- Codes of countries are in small letters there.
local function countries(value)
  local codes = texts_of(value)
  for i, code in ipairs(codes) do
    if code:find "^[A-Z][A-Z]$" then codes[i] = code:gsub("%u", function(c) return string.char(c:byte() + 32) end) end
  end
  return codes
end

local function add_source(properties, record)
  if type(record.source) ~= "string" then return end
  add(properties, record.source:find "^https?://" and "sourceUrl" or "publisher", record.source)
end

local function add_fields(properties, record, names, leave_out)
  for _, field in ipairs(records.names(record)) do
    local name = names[field]
    if name and not (leave_out and leave_out[name]) then add(properties, name, record[field]) end
  end
end

local function entity_of(record)
  local schema, properties = SCHEMA[record.kind] or "Company", {}
  add_fields(properties, record, ENTITY_PROPERTIES, schema ~= "Company" and OF_COMPANIES or nil)
  if not properties.name then add(properties, "name", record.id) end
  if schema == "Company" or schema == "PublicBody" then add(properties, "jurisdiction", countries(record.country)) end
  add(properties, "country", countries(record.country))
  add(properties, "country", countries(record.located_in))
  add_source(properties, record)
  return { id = record.id, schema = schema, properties = properties }
end

local function relation_of(record, id)
  local form = record.kind == "controls" and record.by == "board" and BOARD or RELATIONS[record.kind]
  local properties = { [form[2]] = { record.from }, [form[3]] = { record.to }, recordId = { record.id } }
  for name, value in pairs(form[5] or {}) do add(properties, name, value) end
  add_fields(properties, record, form[4])
  add_fields(properties, record, INTERVAL)
  if type(record.source) == "string" and record.source:find "^https?://" then
    add(properties, "sourceUrl", record.source)
  end
  return { id = id, schema = form[1], properties = properties }
end

local function sanction_of(record, id, target)
  local properties = { recordId = { record.id } }
  if target then properties.entity = { target } end
  add_fields(properties, record, {
    title = "program", status = "status", measure = "provisions", since = "startDate", ["until"] = "endDate",
    authority = "authority",
  })
  if type(record.rule) == "string" then properties.programId = { record.rule } end
  return { id = id, schema = "Sanction", properties = properties }
end

-- What the format itself says of an object; both sides make the digest of it.
function followthemoney.said(object)
  local properties = object.properties
  local any = type(properties) == "table" and next(properties) ~= nil
  return { object.id or false, object.schema or false, any and properties or false }
end

local function write_all(net, write)
  local title = net:title()
  local function put(object, part, record)
    local id, schema, properties = json.encode(object.id), json.encode(object.schema), json.encode(object.properties)
    local mark = carried.mark(part, record, ("[%s,%s,%s]"):format(id, schema, properties)) -- followthemoney.said
    mark.title, title = title, nil -- with the first one
    -- the mark last, since it may be long: the beginning of a line tells what it is
    write(('{"id":%s,"schema":%s,"properties":%s,"knockon":%s}\n'):format(id, schema, properties, json.encode(mark)))
  end
  for _, record in records.each(net, "entities") do put(entity_of(record), "entity", record) end
  local id_of = records.relation_ids(net, "relation:")
  for _, record in records.each(net, "relations") do
    put(relation_of(record, id_of(record.id)), "relation", record)
  end
  local sanction = records.prefix(net, "sanction:")
  for _, record in records.each(net, "restrictions") do
    local targets = record.targets
    if #targets == 0 then -- a condition: no one is named
      put(sanction_of(record, sanction .. "0:" .. record.id), "restriction", record)
    end
    for i, target in ipairs(targets) do
      -- Each carries its own target, the first all the rest.
      local own = i == 1 and record or { id = record.id }
      own.targets = { target }
      put(sanction_of(record, ("%s%d:%s"):format(sanction, i, record.id), target), "restriction", own)
    end
  end
end

function followthemoney.save(net, path)
  return output.write(path, function(write) write_all(net, write) end)
end

return followthemoney
