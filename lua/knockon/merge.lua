-- Joining two networks into a new one, by identifiers that entities of both carry, never by names.
--
-- Nothing of either is lost. Entities that are joined keep a record each, with a `same_as` between them that says which
-- identifier they share; where both records say different things of one field the first network's stands, and the
-- second's record keeps its own under `overruled`. Relations keep their ends, ids and sources.
--
-- Cost: linear in the records of both, which pass through Lua one by one; identifiers and ids are held meanwhile.

local budget = require "knockon.budget"
local core = require "knockon.core"
local errors = require "knockon.errors"
local identify = require "knockon.identify"
local json = require "knockon.json"
local network = require "knockon.network"
local records = require "knockon.writers.records"

-- Fields that belong to a record and not to what it is about: two sources do not contradict each other.
local OF_THE_RECORD = { id = true, source = true, evidence = true, confidence = true, overruled = true }
local DATES = { since = true, ["until"] = true }

local function text_of(value)
  if type(value) == "table" and #value == 1 and type(value[1]) ~= "table" then value = value[1] end
  return type(value) == "table" and json.encode(value) or tostring(value)
end

local function equal(a, b) return text_of(a) == text_of(b) end

-- Does what the second says stand in what the first says? A list says each of its items.
local function agrees(first, second)
  if equal(first, second) then return true end
  local said = {}
  for _, item in ipairs(records.list(first)) do said[text_of(item)] = true end
  local items = records.list(second)
  for _, item in ipairs(items) do
    if not said[text_of(item)] then return false end
  end
  return #items > 0
end

local function same_record(a, b)
  for field, value in pairs(a) do
    if b[field] == nil or not equal(value, b[field]) then return false end
  end
  for field in pairs(b) do
    if a[field] == nil then return false end
  end
  return true
end

-- ---- ids ----

local LISTED = 5

-- Ids of the second network that stand for something else in the first, as one error.
local function refuse(clashes)
  local said = {}
  for _, part in ipairs { "entities", "relations", "restrictions" } do
    local ids = clashes[part]
    if #ids > 0 then
      table.sort(ids, errors.less)
      said[#said + 1] = ("%s %s%s"):format(part, table.concat(ids, ", ", 1, math.min(#ids, LISTED)),
        #ids > LISTED and (" and %d more"):format(#ids - LISTED) or "")
    end
  end
  errors.raise("argument", "prefix", "both networks use these ids for different things: " .. table.concat(said, "; ")
    .. '; a prefix, such as prefix = "b:", renames those of the second; on = { "id" } makes equal ids one entity')
end

-- For each part, what the ids of the second become: { entities = { id = new }, … }; ids that stay are not in it. Also
-- the ids of records that both networks have alike, which are kept once, and those of the first network.
local function rename(first, second, partner, prefix, report)
  local renamed = { entities = {}, relations = {}, restrictions = {} }
  local repeated = { entities = {}, relations = {}, restrictions = {} }
  local clashes = { entities = {}, relations = {}, restrictions = {} }
  local known = { entities = {}, relations = {}, restrictions = {} } -- those of the first
  for part, ids in pairs(known) do
    for i, id in records.ids(first, part) do ids[id] = i end
  end
  local function judge(part, record, other, joined)
    if joined or not other then return end
    if same_record(record, other) then
      repeated[part][record.id] = true
      report.repeated[part] = report.repeated[part] + 1
    elseif prefix then
      renamed[part][record.id] = prefix .. record.id
      report.renamed[#report.renamed + 1] = { part = part, from = record.id, to = prefix .. record.id }
    else
      table.insert(clashes[part], record.id)
    end
  end
  for i, id in records.ids(second, "entities") do
    local number = known.entities[id]
    if number then
      local joined = partner[second:same(id)]
      judge("entities", second:record("entities", i), first:record("entities", number),
        joined and joined == first:same(id))
    end
  end
  local function moved(id) return renamed.entities[id] or id end
  for i, id in records.ids(second, "relations") do
    local number = known.relations[id]
    if number then
      local record = second:record("relations", i)
      record.from, record.to, record.party = moved(record.from), moved(record.to), record.party and moved(record.party)
      judge("relations", record, first:record("relations", number))
    end
  end
  local restrictions = first:restrictions()
  for _, record in records.each(second, "restrictions") do
    local number = known.restrictions[record.id]
    judge("restrictions", record, number and restrictions[number])
  end
  if #clashes.entities + #clashes.relations + #clashes.restrictions > 0 then refuse(clashes) end
  for part, ids in pairs(renamed) do
    if next(ids) ~= nil then
      local there = {}
      for _, id in records.ids(second, part) do there[id] = true end
      for _, id in pairs(ids) do
        if known[part][id] or there[id] then
          errors.raise("argument", "prefix", ("prefix %q makes the id %q, which is there already"):format(prefix, id))
        end
      end
    end
  end
  return { renamed = renamed, repeated = repeated, known = known }
end

-- ---- entities ----

-- What a record of the second network adds to the entity of the first that it is joined with: the record with what both
-- would say differently under `overruled`. Conflicts go into the report. dated: the first has dates that stand.
local function reconcile(report, first_id, whole, record, dated)
  local kept, overruled = { id = record.id }, nil
  for _, field in ipairs(records.names(record)) do
    local value = record[field]
    local said = whole[field] ~= nil or (DATES[field] and dated)
    if not OF_THE_RECORD[field] and said and not (whole[field] ~= nil and agrees(whole[field], value)) then
      overruled = overruled or {}
      overruled[field] = value
      report.conflicts[#report.conflicts + 1] = {
        id = first_id, other = record.id, field = field, kept = whole[field], dropped = value, won = "first",
        reason = "both networks say something, and the first counts", kept_source = whole.source,
        dropped_source = record.source,
      }
    else
      kept[field] = value
    end
  end
  if overruled then
    for field, value in pairs(type(record.overruled) == "table" and record.overruled or {}) do
      if overruled[field] == nil then overruled[field] = value end
    end
    kept.overruled = overruled
  end
  return kept
end

local function both_texts(a, b)
  if a == nil or a == b then return b end
  if b == nil then return a end
  return type(a) == "string" and type(b) == "string" and a .. "; " .. b or a
end

-- Two records with one id become one.
local function unite(record, other)
  for field, value in pairs(other) do
    if record[field] == nil then record[field] = value end
  end
  record.source, record.evidence = both_texts(record.source, other.source), both_texts(record.evidence, other.evidence)
end

-- An entity is in force when any of its records is. So both records of a join have the same dates: those of the first
-- network; where that has none and each is one record, those of the second.
local function settle_dates(whole, other, dated)
  if dated then return whole.since, whole["until"] end
  return other.since, other["until"]
end

-- ---- restrictions ----

local ID_FIELDS = { id = "relations", from = "entities", to = "entities", party = "entities" }

local function move_list(ids, moved)
  if type(ids) ~= "table" then return moved[ids] or ids end
  local list = {}
  for i, id in ipairs(ids) do list[i] = moved[id] or id end
  return list
end

-- A restriction with the ids it names renamed. A condition on fields stays: it now looks at both networks' entities.
local function move_restriction(record, renamed)
  record.id = renamed.restrictions[record.id] or record.id
  if #record.targets > 0 then
    record.targets = move_list(record.targets, renamed.entities)
  elseif record.targets.id then
    record.targets.id = move_list(record.targets.id, renamed.entities)
  end
  for i, group in ipairs(record.joint or {}) do record.joint[i] = move_list(group, renamed.entities) end
  for _, exception in ipairs(record.except or {}) do
    for field, part in pairs(ID_FIELDS) do
      if exception.covers[field] ~= nil then
        exception.covers[field] = move_list(exception.covers[field], renamed[part])
      end
    end
  end
  return record
end

-- ---- the whole ----

local Report = {}
Report.__index = Report
Report.__tostring = function(report)
  local repeated = report.repeated.entities + report.repeated.relations + report.repeated.restrictions
  return ("%d joined, %d conflicts, %d ambiguous, %d renamed, %d repeated"):format(#report.joined, #report.conflicts,
    #report.ambiguous, #report.renamed, repeated)
end

local function check(opts)
  opts = errors.options(opts, { "limits", "on", "prefix", "progress", "title" })
  budget.check(opts)
  if type(opts.on) ~= "table" then
    errors.raise("argument", "on", 'merge wants the identifiers that join entities, as in on = { "lei", "cik" }')
  end
  for _, field in ipairs(opts.on) do
    if type(field) ~= "string" then errors.raise("argument", "on", "on must be a list of the names of fields") end
    if field == "name" then
      errors.raise("argument", "on", "names join nothing: different firms share them, and one firm has several")
    end
  end
  for _, name in ipairs { "prefix", "title" } do
    if opts[name] ~= nil and (type(opts[name]) ~= "string" or opts[name] == "") then
      errors.raise("argument", name, name .. " must be text that is not empty")
    end
  end
  return opts
end

-- Entities that consist of several records: { id of the entity = true }.
local function several_records(net)
  local several = {}
  for _, relation in ipairs(net:relations { kind = "same_as" }) do several[net:same(relation.from)] = true end
  return several
end

-- What both networks say of where they come from and what was left out.
local function provenance(first, second)
  local sources, seen, skipped = {}, {}, {}
  for _, net in ipairs { first, second } do
    for _, source in ipairs(net:sources()) do
      local name = source.file .. "\0" .. tostring(source.sha256)
      if not seen[name] then sources[#sources + 1], seen[name] = source, true end
    end
    for _, list in ipairs { net:skipped(), network.facts(net).skipped } do
      for _, message in ipairs(list) do skipped[#skipped + 1] = message end
    end
  end
  return sources, skipped
end

local function total_of(...)
  local total = 0
  for _, net in ipairs { ... } do
    local counts = net:count_records()
    for _, part in ipairs { "entities", "relations" } do
      for _, count in pairs(counts[part]) do total = total + count end
    end
  end
  return total
end

-- Puts what both networks say of entities into the builder, by add(method, record): true | nil, message, code.
local function add_entities(first, second, partner, ids, report, add)
  local several_here, several_there = several_records(first), several_records(second)
  local counterpart, united = {}, {} -- united: records of the second with the id of the one they are joined with
  for other, id in pairs(partner) do counterpart[id] = other end
  local function joined(id) -- the whole entity of the first; whether its dates stand, those of the second if not
    local whole, other = first:entity(id), second:entity(counterpart[id])
    local dated = whole.since ~= nil or whole["until"] ~= nil or several_here[id] or several_there[counterpart[id]]
    return whole, dated, settle_dates(whole, other, dated)
  end
  for _, record in records.each(second, "entities") do
    local id = partner[second:same(record.id)]
    if id and ids.known.entities[record.id] and not ids.renamed.entities[record.id] then
      local whole, dated = joined(id)
      united[record.id] = reconcile(report, id, whole, record, dated)
    end
  end
  for _, record in records.each(first, "entities") do
    local id = first:same(record.id)
    if united[record.id] then unite(record, united[record.id]) end
    if counterpart[id] then
      local _, dated, since, till = joined(id)
      if not dated then record.since, record["until"] = since, till end
    end
    local added, message, code = add("add_entity", record)
    if not added then return nil, message, code end
  end
  for _, record in records.each(second, "entities") do
    local id = partner[second:same(record.id)]
    if not united[record.id] and not ids.repeated.entities[record.id] then
      if id then
        local whole, dated, since, till = joined(id)
        record = reconcile(report, id, whole, record, dated)
        record.since, record["until"] = since, till
      end
      record.id = ids.renamed.entities[record.id] or record.id
      local added, message, code = add("add_entity", record)
      if not added then return nil, message, code end
    end
  end
  return true
end

local function add_relations(first, second, ids, add)
  local moved, taken = ids.renamed.entities, ids.known.relations
  for _, record in records.each(first, "relations") do
    local added, message, code = add("add_relation", record)
    if not added then return nil, message, code end
  end
  for _, record in records.each(second, "relations") do
    if not ids.repeated.relations[record.id] then
      record.id = ids.renamed.relations[record.id] or record.id
      record.from, record.to = moved[record.from] or record.from, moved[record.to] or record.to
      record.party = moved[record.party] or record.party
      taken[record.id] = true
      local added, message, code = add("add_relation", record)
      if not added then return nil, message, code end
    end
  end
  return true
end

-- One `same_as` for each join, which says why.
local function add_joins(ids, report, add)
  local moved, taken = ids.renamed.entities, ids.known.relations
  for _, join in ipairs(report.joined) do
    join.other = moved[join.other] or join.other
    if join.other ~= join.id then
      local id = ("same:%s:%s"):format(join.id, join.other)
      while taken[id] do id = "same:" .. id end
      taken[id] = true
      local added, message, code = add("add_relation", {
        id = id, kind = "same_as", from = join.id, to = join.other, source = "both records have this " .. join.on,
        evidence = join.on .. " " .. join.value,
      })
      if not added then return nil, message, code end
    end
  end
  return true
end

return function(first, second, opts)
  opts = check(opts)
  local spent, done, total = budget.start(opts), 0, total_of(first, second)
  local report = setmetatable({
    joined = {}, conflicts = {}, ambiguous = {}, renamed = {},
    repeated = { entities = 0, relations = 0, restrictions = 0 },
  }, Report)
  local partner = identify(first, second, opts.on, report) -- id in the second -> id in the first
  local ids = rename(first, second, partner, opts.prefix, report)
  local builder = core.builder()
  local function add(method, record)
    done = done + 1
    local going, message, code = spent.tick(done, total, "merging")
    if not going then return nil, message, code end
    return builder[method](builder, record)
  end

  local added, message, code = add_entities(first, second, partner, ids, report, add)
  if added then added, message, code = add_relations(first, second, ids, add) end
  if added then added, message, code = add_joins(ids, report, add) end
  if not added then
    builder:close()
    return nil, message, code
  end
  local restrictions = first:restrictions()
  for _, record in records.each(second, "restrictions") do
    if not ids.repeated.restrictions[record.id] then
      restrictions[#restrictions + 1] = move_restriction(record, ids.renamed)
    end
  end
  local sources, skipped = provenance(first, second)
  local merged
  merged, message, code = network.seal(builder, {
    title = opts.title or first:title() or second:title(), restrictions = restrictions, sources = sources,
    skipped = skipped,
  }, spent.left())
  if not merged then return nil, message, code end
  return merged, report
end
