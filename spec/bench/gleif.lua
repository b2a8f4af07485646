-- A golden copy of GLEIF's size, in GLEIF's own CSV layout, loaded through knockon.load with progress.
--
--   lua spec/bench/gleif.lua [FOLDER] [RECORDS] [RELATIONS]     3,000,000 and 500,000 by default
--
-- Writes FOLDER/lei.csv, rr.csv and repex.csv unless they are there, loads them, and prints CPU time and peak memory
-- of the process. All names are made up; the numbers come from a generator of its own, so that every Lua writes the
-- same bytes.

local folder = arg[1] or os.getenv "TMPDIR" or "/tmp"
local records, relations = tonumber(arg[2]) or 3000000, tonumber(arg[3]) or 500000

-- ---- GLEIF's columns ----

local function several(list, prefix, count, names)
  for i = 1, count do
    for _, name in ipairs(names) do list[#list + 1] = prefix .. "." .. i .. name end
  end
end

local ADDRESS = { ".xmllang", ".FirstAddressLine", ".AddressNumber", ".AddressNumberWithinBuilding", ".MailRouting",
  ".AdditionalAddressLine.1", ".AdditionalAddressLine.2", ".AdditionalAddressLine.3", ".City", ".Region", ".Country",
  ".PostalCode" }

local function entity_columns()
  local list = { "LEI", "Entity.LegalName", "Entity.LegalName.xmllang" }
  several(list, "Entity.OtherEntityNames.OtherEntityName", 5, { "", ".xmllang", ".type" })
  several(list, "Entity.TransliteratedOtherEntityNames.TransliteratedOtherEntityName", 5, { "", ".xmllang", ".type" })
  for _, place in ipairs { "Entity.LegalAddress", "Entity.HeadquartersAddress" } do
    for _, name in ipairs(ADDRESS) do list[#list + 1] = place .. name end
  end
  local typed = { ".type" }
  for _, name in ipairs(ADDRESS) do typed[#typed + 1] = name end
  several(list, "Entity.OtherAddresses.OtherAddress", 5, typed)
  several(list, "Entity.TransliteratedOtherAddresses.TransliteratedOtherAddress", 5, typed)
  for _, name in ipairs { "RegistrationAuthority.RegistrationAuthorityID",
    "RegistrationAuthority.OtherRegistrationAuthorityID", "RegistrationAuthority.RegistrationAuthorityEntityID",
    "LegalJurisdiction", "EntityCategory", "EntitySubCategory", "LegalForm.EntityLegalFormCode",
    "LegalForm.OtherLegalForm", "AssociatedEntity.type", "AssociatedEntity.AssociatedLEI",
    "AssociatedEntity.AssociatedEntityName", "EntityStatus", "EntityCreationDate", "EntityExpirationDate",
    "EntityExpirationReason" } do list[#list + 1] = "Entity." .. name end
  several(list, "Entity.SuccessorEntity", 5, { ".SuccessorLEI", ".SuccessorEntityName" })
  several(list, "Entity.LegalEntityEvents.LegalEntityEvent", 5, { ".LegalEntityEventType",
    ".LegalEntityEventEffectiveDate", ".LegalEntityEventRecordedDate", ".ValidationDocuments", ".AffectedFields",
    ".group_type", ".event_status" })
  for _, name in ipairs { "InitialRegistrationDate", "LastUpdateDate", "RegistrationStatus", "NextRenewalDate",
    "ManagingLOU", "ValidationSources", "ValidationAuthority.ValidationAuthorityID",
    "ValidationAuthority.OtherValidationAuthorityID", "ValidationAuthority.ValidationAuthorityEntityID" } do
    list[#list + 1] = "Registration." .. name
  end
  several(list, "Registration.OtherValidationAuthorities.OtherValidationAuthority", 5, { ".ValidationAuthorityID",
    ".OtherValidationAuthorityID", ".ValidationAuthorityEntityID" })
  list[#list + 1] = "ConformityFlag"
  return list
end

local function relation_columns()
  local list = {}
  for _, name in ipairs { "StartNode.NodeID", "StartNode.NodeIDType", "EndNode.NodeID", "EndNode.NodeIDType",
    "RelationshipType", "RelationshipStatus" } do list[#list + 1] = "Relationship." .. name end
  several(list, "Relationship.Period", 5, { ".startDate", ".endDate", ".periodType" })
  several(list, "Relationship.Qualifiers", 5, { ".QualifierDimension", ".QualifierCategory" })
  several(list, "Relationship.Quantifiers", 5, { ".MeasurementMethod", ".QuantifierAmount", ".QuantifierUnits" })
  for _, name in ipairs { "InitialRegistrationDate", "LastUpdateDate", "RegistrationStatus", "NextRenewalDate",
    "ManagingLOU", "ValidationSources", "ValidationDocuments", "ValidationReference" } do
    list[#list + 1] = "Registration." .. name
  end
  return list
end

-- ---- making the files ----

local seed = 20261122

local function random(n) -- 1 to n; a linear congruence that doubles hold exactly
  seed = (seed * 16807) % 2147483647
  return seed % n + 1
end

local function lei(i) return ("5493%014dZZ"):format(i) end

local COUNTRIES = { "US", "US", "US", "GB", "DE", "CN", "IN", "IT", "FR", "ES", "NL", "SE", "LU", "KY", "JP", "RU" }
local WORDS = { "Alpha", "Harbour", "Meridian", "Northern", "Quartz", "Silver", "Union", "Vector", "Western",
  "Zenith" }

local function writer(path, columns)
  local file = assert(io.open(path, "wb"))
  file:setvbuf("full", 2 ^ 20)
  local place = {}
  for i, name in ipairs(columns) do place[name] = i end
  assert(file:write('"', table.concat(columns, '","'), '"\n'))
  local cells = {}
  return function(row)
    for i = 1, #columns do cells[i] = "" end
    for name, value in pairs(row) do cells[assert(place[name], name)] = '"' .. value .. '"' end
    assert(file:write(table.concat(cells, ","), "\n"))
  end, function() assert(file:close()) end
end

local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

local function make_entities(path)
  local write, close = writer(path, entity_columns())
  for i = 1, records do
    local country = COUNTRIES[random(#COUNTRIES)]
    local registered = ("%04d-%02d-%02dT12:00:00Z"):format(2012 + random(12), random(12), random(28))
    write {
      LEI = lei(i), ["Entity.LegalName"] = ("%s %s No. %d"):format(WORDS[random(10)], WORDS[random(10)], i),
      ["Entity.LegalName.xmllang"] = "en", ["Entity.LegalAddress.xmllang"] = "en",
      ["Entity.LegalAddress.FirstAddressLine"] = random(900) .. " " .. WORDS[random(10)] .. " Road",
      ["Entity.LegalAddress.City"] = WORDS[random(10)], ["Entity.LegalAddress.Country"] = country,
      ["Entity.LegalAddress.PostalCode"] = tostring(random(99999)),
      ["Entity.HeadquartersAddress.FirstAddressLine"] = random(900) .. " " .. WORDS[random(10)] .. " Street",
      ["Entity.HeadquartersAddress.City"] = WORDS[random(10)],
      ["Entity.HeadquartersAddress.Country"] = random(20) == 1 and COUNTRIES[random(#COUNTRIES)] or country,
      ["Entity.RegistrationAuthority.RegistrationAuthorityID"] = ("RA%06d"):format(random(700)),
      ["Entity.RegistrationAuthority.RegistrationAuthorityEntityID"] = ("%08d"):format(i),
      ["Entity.LegalJurisdiction"] = country == "US" and "US-DE" or country,
      ["Entity.EntityCategory"] = random(15) == 1 and "FUND" or "GENERAL",
      ["Entity.LegalForm.EntityLegalFormCode"] = ("%04d"):format(random(3000)),
      ["Entity.EntityStatus"] = random(12) == 1 and "INACTIVE" or "ACTIVE",
      ["Entity.EntityCreationDate"] = random(3) == 1 and registered or nil,
      ["Registration.InitialRegistrationDate"] = registered, ["Registration.LastUpdateDate"] = registered,
      ["Registration.RegistrationStatus"] = random(4) == 1 and "LAPSED" or "ISSUED",
      ["Registration.NextRenewalDate"] = registered, ["Registration.ManagingLOU"] = lei(random(40)),
      ["Registration.ValidationSources"] = "FULLY_CORROBORATED", ConformityFlag = "CONFORMING",
      ["Registration.ValidationAuthority.ValidationAuthorityID"] = ("RA%06d"):format(random(700)),
      ["Registration.ValidationAuthority.ValidationAuthorityEntityID"] = ("%08d"):format(i),
    }
  end
  close()
end

local TYPES = { "IS_DIRECTLY_CONSOLIDATED_BY", "IS_DIRECTLY_CONSOLIDATED_BY", "IS_ULTIMATELY_CONSOLIDATED_BY",
  "IS_ULTIMATELY_CONSOLIDATED_BY", "IS_FUND-MANAGED_BY", "IS_INTERNATIONAL_BRANCH_OF" }

local function make_relations(path)
  local write, close = writer(path, relation_columns())
  for _ = 1, relations do
    local child = random(records - 1) + 1
    local day = ("%04d-%02d-%02dT00:00:00Z"):format(2000 + random(24), random(12), random(28))
    write {
      ["Relationship.StartNode.NodeID"] = lei(child), ["Relationship.StartNode.NodeIDType"] = "LEI",
      ["Relationship.EndNode.NodeID"] = lei(random(child - 1)), ["Relationship.EndNode.NodeIDType"] = "LEI",
      ["Relationship.RelationshipType"] = TYPES[random(6)], ["Relationship.RelationshipStatus"] = "ACTIVE",
      ["Relationship.Period.1.startDate"] = day, ["Relationship.Period.1.periodType"] = "RELATIONSHIP_PERIOD",
      ["Relationship.Period.2.startDate"] = "2023-01-01T00:00:00Z",
      ["Relationship.Period.2.endDate"] = "2023-12-31T00:00:00Z",
      ["Relationship.Period.2.periodType"] = "ACCOUNTING_PERIOD",
      ["Relationship.Qualifiers.1.QualifierDimension"] = "ACCOUNTING_STANDARD",
      ["Relationship.Qualifiers.1.QualifierCategory"] = "IFRS", ["Registration.InitialRegistrationDate"] = day,
      ["Registration.LastUpdateDate"] = day, ["Registration.RegistrationStatus"] = "PUBLISHED",
      ["Registration.NextRenewalDate"] = day, ["Registration.ManagingLOU"] = lei(random(40)),
      ["Registration.ValidationSources"] = "FULLY_CORROBORATED",
      ["Registration.ValidationDocuments"] = "ACCOUNTS_FILING",
    }
  end
  close()
end

local function make_exceptions(path)
  local columns = { "LEI", "Exception.Category" }
  several(columns, "Exception.Reason", 5, { "" })
  several(columns, "Exception.Reference", 5, { "" })
  local write, close = writer(path, columns)
  local reasons = { "NON_CONSOLIDATING", "NATURAL_PERSONS", "NO_KNOWN_PERSON", "NO_LEI", "NON_PUBLIC" }
  for i = 1, records do
    if i % 3 > 0 then
      local reason = reasons[random(5)]
      for _, category in ipairs { "DIRECT", "ULTIMATE" } do
        write { LEI = lei(i), ["Exception.Category"] = category .. "_ACCOUNTING_CONSOLIDATION_PARENT",
          ["Exception.Reason.1"] = reason }
      end
    end
  end
  close()
end

-- ---- loading them ----

local function peak()
  local file = io.open "/proc/self/status"
  local text = file and file:read "*a" or ""
  if file then file:close() end
  return tonumber(text:match "VmHWM:%s*(%d+)") or 0
end

local function size(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:seek "end"
  file:close()
  return bytes
end

local paths = {}
for i, part in ipairs { { "lei.csv", make_entities }, { "rr.csv", make_relations }, { "repex.csv", make_exceptions } } do
  paths[i] = folder .. "/" .. part[1]
  if not exists(paths[i]) then
    io.stderr:write("writing ", paths[i], "\n")
    part[2](paths[i])
  end
end

local knockon = require "knockon"

local last = 0
local function progress(done, total, what)
  local now = os.clock()
  if now - last < 1 then return end
  last = now
  io.stderr:write(("\r\27[K%s %.0f%%, %.0f s"):format(what, total > 0 and 100 * done / total or 0, now))
end

local function load(list, what)
  local bytes = 0
  for _, path in ipairs(list) do bytes = bytes + size(path) end
  collectgarbage()
  local start = os.clock()
  local net = assert(knockon.load(list, { progress = progress }))
  local seconds = os.clock() - start
  io.stderr:write "\r\27[K"
  local memory = net:memory()
  print(("%s: %.0f MB of CSV in %.1f s of CPU (%.0f MB/s); %d entities, %d relations; network %.0f MB, peak %.0f MB")
    :format(what, bytes / 1e6, seconds, bytes / 1e6 / seconds, #net, net:counts().relations and #net:relations {} or 0,
      memory.total / 1e6, peak() / 1e3))
  net:close()
end

local wanted = os.getenv "KNOCKON_GLEIF" or "all"
if wanted == "all" or wanted == "two" then load({ paths[1], paths[2] }, "levels 1 and 2") end
if wanted == "all" or wanted == "three" then load(paths, "with reporting exceptions") end
