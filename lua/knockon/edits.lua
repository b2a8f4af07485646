-- Edits: the methods of a scenario that change relations. Each gives a new scenario that knows its changes only:
--   dropped   ids of relations that have ended; what they superseded stays superseded
--   replaced  ids of relations that are as if they had never been reported
--   added     records; one with the id of a replaced relation stands in its place

local cjson = require "cjson"
local core = require "knockon.core"
local errors = require "knockon.errors"
local restriction = require "knockon.restriction"
local unmatched = require "knockon.unmatched"

local edits = {}

-- The options that methods know, in order.
local OPTIONS = {
  acquire = { "basis", "class", "confidence", "evidence", "id", "since", "source", "until" },
  divest = { "basis", "class" },
  substitute = { "users" },
}

local LOOKED_AT = 20000 -- relation ids that a message is worth

-- An unknown relation id, with those that were probably meant.
local function raise_unknown(self, argument, ids)
  local total, known, there = 0, {}, {}
  for _, count in pairs(self.net:counts().relations) do total = total + count end
  if total <= LOOKED_AT then
    for i, relation in ipairs(self.net:relations {}) do known[i] = relation.id end
    for _, record in ipairs(self.added) do known[#known + 1] = record.id end
  end
  for _, id in ipairs(known) do there[id] = true end
  for _, id in ipairs(ids) do
    if not there[id] then
      errors.raise("unknown_id", argument, ("no relation has the id %q"):format(id), errors.nearest(id, known))
    end
  end
end

local function copied(list)
  local copy = {}
  for i, one in ipairs(list) do copy[i] = one end
  return copy
end

local function without(list, gone)
  local left = {}
  for _, one in ipairs(list) do
    if not gone[type(one) == "table" and one.id or one] then left[#left + 1] = one end
  end
  return left
end

-- Puts the new records in the place of the old ones, or nothing where `with` has none for an id.
local function replacing(self, ids, with)
  local gone, was_added = {}, {}
  for _, id in ipairs(ids) do gone[id] = true end
  for _, record in ipairs(self.added) do was_added[record.id] = true end
  local changes = { added = without(self.added, gone), replaced = copied(self.replaced) }
  local known = {}
  for _, id in ipairs(self.replaced) do known[id] = true end
  for _, id in ipairs(ids) do
    if not was_added[id] and not known[id] then
      known[id] = true
      changes.replaced[#changes.replaced + 1] = id
    end
    if with[id] then changes.added[#changes.added + 1] = with[id] end
  end
  return changes
end

local function free_id(self, taken)
  local n = #self.added + 1
  for _, record in ipairs(self.added) do taken[record.id] = true end
  while taken["added-" .. n] do n = n + 1 end
  return "added-" .. n
end

-- The records from one entity to another (nil: to any), as they stand in the scenario, those that were dropped left
-- out; whether each is in force on the day is in the second list.
local function standing(self, kind, from, to)
  local gone, list, in_force = {}, {}, {}
  for _, ids in ipairs { self.dropped, self.replaced } do
    for _, id in ipairs(ids) do gone[id] = true end
  end
  for _, record in ipairs(self.added) do gone[record.id] = nil end
  local records, on = assert(self:overlay()):from(from, kind, to)
  local seen = {}
  for i, record in ipairs(records) do seen[record.id] = i end -- what replaces a relation comes after it
  for i, record in ipairs(records) do
    if not gone[record.id] and seen[record.id] == i then
      list[#list + 1] = record
      in_force[#in_force + 1] = on[i]
    end
  end
  return list, in_force
end

local function day_of(value)
  if value == nil then return nil end
  return core.date(type(value) == "number" and ("%.0f"):format(value) or value)
end

-- The least and the most of a share that changes hands, in parts per billion. To buy or sell nothing is a slip.
local function share_of(share, verb)
  if type(share) ~= "string" and type(share) ~= "number" then
    errors.raise("argument", "share", "share must be text such as \"25%\" or a fraction, not a " .. type(share))
  end
  local least, most = core.share(share)
  if not least then errors.raise("argument", "share", most) end
  if most == 0 then
    errors.raise("argument", "share", ("%s wants a share above 0 %%, not %s; divest without a share ends a holding")
      :format(verb, share))
  end
  return least, most
end

-- derive(self, changes, edited) makes the scenario that differs; check_alive raises for a closed network, check_day for
-- what is no date.
function edits.install(Scenario, derive, check_alive, check_day)
  -- With what the engine says against a record told where it was written.
  local function settled(self, changes, argument)
    local derived = derive(self, changes, true)
    local fine, overlay, message = pcall(derived.overlay, derived)
    if not fine then
      if not errors.is(overlay) then error(overlay, 0) end
      errors.raise(overlay.code, overlay.argument == "relation" and argument or overlay.argument,
        (overlay.message:gsub("^it has", "the relation has")), overlay.near)
    end
    if not overlay then error(message, 0) end
    return derived
  end

  -- End relations: by id, list of ids, a filter over the relations in force, or what a cut found.
  function Scenario:drop(relations)
    check_alive(self)
    if type(relations) == "string" then relations = { relations } end
    if type(relations) ~= "table" then
      errors.raise("argument", "relations", "drop wants relation ids or a filter, not a " .. type(relations))
    end
    if type(relations.relations) == "table" then relations = relations.relations end
    local ids = relations
    if #relations == 0 then
      if next(relations) == nil then return self end
      ids = assert(self:overlay()):match(relations)
      if #ids == 0 then
        local notes = copied(self.notes)
        notes[#notes + 1] = unmatched.relation(self.net, self.day, relations)
        return derive(self, { notes = notes })
      end
    end
    local gone, of_network, fresh = {}, {}, {}
    for _, id in ipairs(ids) do gone[id] = true end
    for _, id in ipairs(self.replaced) do of_network[id] = true end
    for _, record in ipairs(self.added) do -- one that was only added is no more; one that was changed has ended
      if not of_network[record.id] then fresh[record.id] = true end
    end
    local dropped, known = copied(self.dropped), {}
    for _, id in ipairs(dropped) do known[id] = true end
    for _, id in ipairs(ids) do
      if type(id) ~= "string" then
        errors.raise("argument", "relations", "a relation is named by its id (text), not a " .. type(id))
      end
      if not known[id] and not fresh[id] then dropped[#dropped + 1] = id end
      known[id] = true
    end
    local changes = {
      dropped = dropped, added = without(self.added, gone), replaced = without(self.replaced, gone),
    }
    local derived = derive(self, changes, true)
    local fine, wrong, message = pcall(derived.overlay, derived) -- an unknown id is told here, where it was written
    if not fine then
      if errors.is(wrong) and wrong.code == "unknown_id" then raise_unknown(self, "relations", ids) end
      error(wrong, 0)
    end
    if not wrong then error(message, 0) end
    return derived
  end

  -- A relation that the network does not have.
  function Scenario:add(relation)
    check_alive(self)
    if type(relation) ~= "table" then
      errors.raise("argument", "relation", "a relation must be a table, not a " .. type(relation))
    end
    local copy = restriction.own(relation, "relation")
    if copy.id == nil or copy.id == "" then copy.id = free_id(self, {}) end
    for _, name in ipairs { "from", "to", "party" } do
      if type(copy[name]) == "string" and copy[name] ~= "" then self.net:same(copy[name], name) end
    end
    for _, id in ipairs(self.replaced) do
      if id == copy.id then
        errors.raise("argument", "relation", ("the network has a relation with the id %q"):format(id))
      end
    end
    local added = copied(self.added)
    added[#added + 1] = copy
    return settled(self, { added = added }, "relation")
  end

  -- Other fields of one relation; knockon.null takes a field away.
  function Scenario:set(relation, fields)
    check_alive(self)
    if type(relation) ~= "string" then
      errors.raise("argument", "relation", "a relation is named by its id (text), not a " .. type(relation))
    end
    if type(fields) ~= "table" or next(fields) == nil then
      errors.raise("argument", "fields", "set wants the fields to change, as in { share = \"51%\" }")
    end
    for _, name in ipairs { "id", "kind" } do
      if fields[name] ~= nil then
        errors.raise("argument", name, ("the %s of a relation cannot be set: drop it and add another"):format(name))
      end
    end
    local record = assert(self:overlay()):records({ relation })[1]
    if not record then raise_unknown(self, "relation", { relation }) end
    for _, id in ipairs(self.dropped) do
      if id == relation then errors.raise("argument", "relation", ("%s was dropped"):format(id)) end
    end
    local changed = restriction.own(fields, "fields")
    for name, value in pairs(fields) do
      record[name] = changed[name]
      if value == cjson.null then record[name] = nil end
    end
    for _, name in ipairs { "from", "to", "party" } do
      if changed[name] ~= nil then self.net:same(changed[name], name) end
    end
    return settled(self, replacing(self, { relation }, { [relation] = record }), "fields")
  end

  -- The owner holds this share of the owned, whatever it held before: from `since` on, or on every day.
  function Scenario:acquire(owner, owned, share, opts)
    check_alive(self)
    opts = errors.options(opts, OPTIONS.acquire)
    owner, owned = self.net:same(owner, "owner"), self.net:same(owned, "owned")
    if owner == owned then errors.raise("argument", "owned", ("%s cannot acquire itself"):format(owner)) end
    if share == nil then
      errors.raise("argument", "share", "acquire needs a share, such as \"100%\" (\">0%\" when it is not known)")
    end
    share_of(share, "acquire")
    for _, name in ipairs { "since", "until" } do
      if opts[name] ~= nil then check_day(opts[name], name) end
    end
    local since, basis = day_of(opts.since), opts.basis or "equity"
    local ids, with = {}, {}
    for _, record in ipairs(standing(self, "owns", owner, owned)) do
      local same_class = record.class == opts.class
      if (record.basis or "equity") == basis and (same_class or not opts.class) then
        local began, ended = day_of(record.since), day_of(record["until"])
        if not since or (began and began >= since) then
          ids[#ids + 1] = record.id
        elseif not same_class and (not ended or ended > since) then -- another stock; it is held until then
          ids[#ids + 1] = record.id
          record["until"] = core.day_text(since)
          with[record.id] = record
        end
      end
    end
    local changes, taken = replacing(self, ids, with), {}
    for _, id in ipairs(changes.replaced) do taken[id] = true end
    if opts.id ~= nil and taken[opts.id] then
      errors.raise("argument", "id", ("the network has a relation with the id %q"):format(opts.id))
    end
    local record = restriction.own(opts, "opts")
    record.kind, record.from, record.to, record.share = "owns", owner, owned, share
    record.id = opts.id or free_id(self, taken)
    changes.added[#changes.added + 1] = record
    return settled(self, changes, "share")
  end

  -- What is left of a holding when `share` of the firm is sold: text of a share, nil for nothing.
  local function remainder(lo, hi, share, held)
    local least, most = share_of(share, "divest")
    if hi < least then
      errors.raise("argument", "share", ("%s holds %s, which is less than what it would sell"):format(held,
        core.percent(hi)))
    end
    lo, hi = math.max(lo - most, 0), hi - least
    if hi == 0 then return nil end
    if lo == 0 then return "<=" .. core.percent(hi) end
    return ("[%s,%s]"):format(core.percent(lo), core.percent(hi))
  end

  -- The one holding of the pair on the day: its reports, and their hull.
  local function holding(self, owner, owned, opts)
    local records, on = standing(self, "owns", owner, owned)
    local reports, kinds, lo, hi = {}, {}, nil, nil
    for i, record in ipairs(records) do
      local basis, class = record.basis or "equity", record.class or ""
      if on[i] and (opts.basis or basis) == basis and (opts.class or class) == class then
        local least, most = core.share(record.share or ">0%")
        reports[#reports + 1] = record
        lo, hi = math.min(lo or least, least), math.max(hi or most, most)
        kinds[basis .. "/" .. class] = true
      end
    end
    if next(kinds) ~= nil and next(kinds, next(kinds)) ~= nil then
      errors.raise("argument", "opts", ("%s has several holdings in %s: say which by basis or class"):format(owner,
        owned))
    end
    return reports, lo, hi
  end

  -- Ends what the owner holds of the owned, or sells `share` of the owned out of it.
  function Scenario:divest(owner, owned, share, opts)
    check_alive(self)
    opts = errors.options(opts, OPTIONS.divest)
    owner, owned = self.net:same(owner, "owner"), self.net:same(owned, "owned")
    local function nothing()
      errors.raise("argument", "owned", ("%s holds nothing of %s%s"):format(owner, owned,
        share ~= nil and " on " .. core.day_text(self.day) or ""))
    end
    if share ~= nil then
      local reports, lo, hi = holding(self, owner, owned, opts)
      if #reports == 0 then nothing() end
      local left = remainder(lo, hi, share, owner)
      if left then return self:set(reports[1].id, { share = left }) end
    end
    local ids = {}
    for _, kind in ipairs { "owns", "consolidates" } do
      for _, record in ipairs(standing(self, kind, owner, owned)) do
        local meant = kind == "owns" and (opts.basis or record.basis or "equity") == (record.basis or "equity")
          and (opts.class or record.class) == record.class
        if meant or (kind == "consolidates" and not opts.basis and not opts.class) then ids[#ids + 1] = record.id end
      end
    end
    if #ids == 0 then nothing() end
    return self:drop(ids)
  end

  -- What users get from one supplier comes from another: spend, need and contract stay, and so does the relation's id.
  function Scenario:substitute(from, to, opts)
    check_alive(self)
    opts = errors.options(opts, OPTIONS.substitute)
    from, to = self.net:same(from, "from"), self.net:same(to, "to")
    if from == to then errors.raise("argument", "to", ("%s cannot take the place of itself"):format(from)) end
    local users = opts.users
    if type(users) == "string" then users = { users } end
    if users ~= nil and (type(users) ~= "table" or #users == 0) then
      errors.raise("argument", "users", "users must be an id or a list of ids, or absent for all")
    end
    local wanted, supplied = {}, {}
    for _, id in ipairs(users or {}) do wanted[self.net:same(id, "users")] = true end
    local ids, with = {}, {}
    for _, record in ipairs(standing(self, "supplies", from)) do
      local user = self.net:same(record.to, "users")
      if not users or wanted[user] then
        supplied[user] = true
        ids[#ids + 1] = record.id
        if user ~= to then -- what the new supplier took itself, it now makes
          record.from = to
          with[record.id] = record
        end
      end
    end
    for _, id in ipairs(users or {}) do
      if not supplied[self.net:same(id, "users")] then
        errors.raise("argument", "users", ("%s supplies nothing to %s"):format(from, id))
      end
    end
    if #ids == 0 then errors.raise("argument", "from", ("%s supplies nobody"):format(from)) end
    return settled(self, replacing(self, ids, with), "to")
  end
end

return edits
