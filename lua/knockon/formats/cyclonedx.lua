-- CycloneDX, JSON, 1.4 and later: components and services of a product, who supplies them, what depends on what.
--
-- Components and services are entities of the kind service; whoever supplies, makes or provides one `operates` it, so
-- that what a restricted supplier makes is restricted. A dependency is `supplies`, from what is needed to what needs
-- it: use a rule whose flow is goods. Suppliers have names only, and are known within the document. Memory: the
-- document, 64 MB at most.

local draft = require "knockon.formats.draft"
local records = require "knockon.formats.records"
local stop = require "knockon.formats.stop"
local words = require "knockon.formats.words"

local cyclonedx = {}

function cyclonedx.recognise(head)
  return head:has_key "bomFormat" and head.text:find '"CycloneDX"' and "bom" or nil
end

local DEEPEST = 50 -- components in components

local function text(value) return type(value) == "string" and value ~= "" and value or nil end

local function list_of(d, value, what)
  if value == nil then return {} end
  if type(value) ~= "table" or (next(value) ~= nil and value[1] == nil) then
    d:bad(("'%s' must be a list"):format(what))
    return {}
  end
  return value
end

-- The firm that an organisation object or a plain name is: its id; made when it is new.
local function firm(d, value)
  local name = text(value) or (type(value) == "table" and text(value.name))
  if not name then return nil end
  local id = "supplier:" .. name
  if not d.builder:has(id) then
    local urls = type(value) == "table" and value.url or nil
    local record = { id = id, name = name, kind = "firm" }
    if type(urls) == "table" then
      local list = {}
      for _, url in ipairs(urls) do list[#list + 1] = text(url) end
      record.url = words.several(list)
    end
    d:entity(record)
  end
  return id
end

local function hold(d, ...)
  local seen = {}
  for _, maker in ipairs { ... } do
    local id = firm(d, maker.value)
    if id and not seen[id] then
      seen[id] = true
      d:relation { kind = "operates", from = id, to = maker.of, role = maker.role }
    end
  end
end

local function id_of(object)
  local name = text(object.name)
  return text(object["bom-ref"]) or text(object.purl) or name and name .. (text(object.version) and "@" ..
    object.version or "")
end

local add_components

local function add_component(d, component, number, depth)
  d:at(nil, number)
  if type(component) ~= "table" then return d:bad("a component must be an object", nil, number) end
  local id = id_of(component)
  if not id then return d:bad("a component has no bom-ref, purl or name", nil, number) end
  local kept = d:entity {
    id = id, kind = "service", name = text(component.name), version = text(component.version),
    purl = text(component.purl), cpe = text(component.cpe), group = text(component.group), type = text(component.type),
    description = text(component.description),
  }
  if not kept then return nil end
  hold(d, { value = component.supplier, of = id, role = "supplier" },
    { value = component.manufacturer or component.manufacture, of = id, role = "manufacturer" },
    { value = component.publisher, of = id, role = "publisher" })
  add_components(d, component.components, depth + 1, id)
end

function add_components(d, list, depth, within)
  if depth > DEEPEST then return d:bad(("components nested deeper than %d"):format(DEEPEST)) end
  for i, component in ipairs(list_of(d, list, "components")) do
    add_component(d, component, i, depth)
    local id = type(component) == "table" and id_of(component)
    if id and within then d:relation { kind = "supplies", from = id, to = within, role = "part" } end
  end
end

local function add_service(d, service, number)
  d:at(nil, number)
  if type(service) ~= "table" then return d:bad("a service must be an object", nil, number) end
  local id = id_of(service)
  if not id then return d:bad("a service has no bom-ref or name", nil, number) end
  local data = {}
  for _, flow in ipairs(list_of(d, service.data, "data")) do
    data[#data + 1] = type(flow) == "table" and text(flow.classification) or nil
  end
  local endpoints = {}
  for _, endpoint in ipairs(list_of(d, service.endpoints, "endpoints")) do
    endpoints[#endpoints + 1] = text(endpoint)
  end
  local kept = d:entity {
    id = id, kind = "service", name = text(service.name), version = text(service.version), type = "service",
    description = text(service.description), data = #data > 0 and data or nil, endpoint = words.several(endpoints),
  }
  if kept then hold(d, { value = service.provider, of = id, role = "provider" }) end
end

local function add_dependencies(d, list)
  for i, dependency in ipairs(list_of(d, list, "dependencies")) do
    d:at(nil, i)
    local ref = type(dependency) == "table" and text(dependency.ref)
    if not ref then
      d:bad("a dependency has no ref", nil, i)
    else
      for _, needed in ipairs(list_of(d, dependency.dependsOn, "dependsOn")) do
        if text(needed) then
          d:relation { kind = "supplies", from = needed, to = ref, need = needed }
        else
          d:bad("'dependsOn' must be a list of texts", nil, i)
        end
      end
    end
  end
end

local function read(d, part)
  d:begin(part, "components")
  local bom = records.document(part, d.work)
  if type(bom) ~= "table" or bom.bomFormat ~= "CycloneDX" then
    stop.raise(part.path .. ": this is not a CycloneDX document")
  end
  local metadata = type(bom.metadata) == "table" and bom.metadata or {}
  if metadata.component ~= nil then
    add_component(d, metadata.component, 1, 1)
    local id = type(metadata.component) == "table" and id_of(metadata.component)
    if id and d.builder:has(id) then
      hold(d, { value = metadata.supplier, of = id, role = "supplier" },
        { value = metadata.manufacturer or metadata.manufacture, of = id, role = "manufacturer" })
    end
    d.title = type(metadata.component) == "table" and text(metadata.component.name) or nil
  end
  add_components(d, bom.components, 1)
  for i, service in ipairs(list_of(d, bom.services, "services")) do add_service(d, service, i) end
  add_dependencies(d, bom.dependencies)
end

function cyclonedx.load(parts, opts)
  return draft.load(parts, opts, function(d)
    for _, part in ipairs(parts) do read(d, part) end
  end)
end

return cyclonedx
