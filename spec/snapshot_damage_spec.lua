-- Snapshots that are not what net:freeze wrote: cut, extended, of another version, damaged anywhere, or made to
-- deceive. Such a file is refused, or gives a network that may be wrong; nothing it says may break the process (the
-- sanitizers watch).
--
-- KNOCKON_SEEDS=n: how many files that lie are tried (default 3000).

local files = require "spec.support.files"
local knockon = require "knockon"
local random_network = require "spec.support.random_network"
local snapshot_file = require "spec.support.snapshot_file"

local AT, put = snapshot_file.AT, snapshot_file.put
local LIES = tonumber(os.getenv "KNOCKON_SEEDS") or 3000

local FACTS = {
  title = "To be damaged",
  entities = {
    { id = "target", name = "A name that is longer than eight bytes", country = "CN", since = "2001" },
    { id = "target-2", name = "T", note = { deep = { 1, 2.5 } }, tags = { "a", "b" }, rating = 0.5, listed = true },
    { id = "cloud", kind = "service" }, { id = "branch", kind = "branch" }, { id = "site", kind = "site" },
    { id = "user", country = "US" }, { id = "unit", country = { "US", "CA" }, empty = {} },
    { id = "top", country = "US" }, { id = "held" }, { id = "ring-a" }, { id = "ring-b" },
    { id = "jane", kind = "person" },
  },
  relations = {
    { id = "first-relation", kind = "owns", from = "target", to = "held", share = "30-60%", since = "2010" },
    { id = "r2", kind = "owns", from = "target", to = "held", share = "55%", since = "2012", ["until"] = "2030" },
    { kind = "owns", from = "ring-a", to = "ring-b", share = "60%" },
    { kind = "owns", from = "ring-b", to = "ring-a", share = "60%", class = "B", basis = "votes" },
    { kind = "operates", from = "target", to = "cloud" },
    { kind = "controls", from = "held", to = "ring-a", by = "board" },
    { kind = "supplies", from = "cloud", to = "user", party = "top", spend = "12.50", currency = "USD",
      contract = "contract number one" },
    { kind = "supplies", from = "held", to = "unit", spend = "7", currency = "EUR", need = "hosting" },
    { kind = "supplies", from = "unit", to = "branch" }, { kind = "supplies", from = "unit", to = "site" },
    { kind = "has_branch", from = "top", to = "branch" }, { kind = "consolidates", from = "top", to = "unit" },
    { kind = "owns", from = "top", to = "user", share = "80%" }, { kind = "owns", from = "jane", to = "top" },
    { kind = "linked", from = "jane", to = "unit" }, { kind = "same_as", from = "target", to = "target-2" },
  },
  restrictions = { { id = "act", rule = "ofac_50", targets = { "target" }, status = "active", since = "2015" } },
}

local function bytes_of(facts)
  local net, path = assert(knockon.network(facts)), files.path "whole.snapshot"
  assert(net:freeze(path))
  net:close()
  return files.read(path)
end

local function open(bytes, opts) return knockon.open(files.write("changed.snapshot", bytes), opts) end

-- nil, and a message that names the file and says what is wrong.
local function refused(bytes, cause, opts)
  local net, message, code = open(bytes, opts)
  assert.are.same({ "nil", "parse" }, { tostring(net), code })
  assert.are.equal(files.path "changed.snapshot" .. ": ", message:match "^.-%.snapshot: ")
  assert.truthy(message:find(cause, 1, true), message)
end

local BINDING = { id = "wide", owned = { at_least = "25%", of = "either", sum = "each" }, control = true, tiers = 2,
  bound = { organised_in = { "US" }, scope = "facilitation" } }

-- Asks everything of a network whose facts may be anything; what raises is an error like any other.
local function ask_everything(net)
  local function try(call, ...)
    local fine, value = pcall(call, ...)
    return fine and value or nil
  end
  try(tostring, net)
  for _, method in ipairs { "entities", "relations", "counts", "warnings", "complete", "restrictions", "memory",
    "country_warnings", "field_names" } do
    try(net[method], net)
  end
  for _, id in ipairs { "target", "target-2", "nobody" } do
    try(net.entity, net, id)
    try(net.same, net, id)
  end
  try(net.find, net, { name = "t" })
  try(net.save, net, files.path "wrong.json")
  try(net.freeze, net, files.path "wrong.snapshot")
  local day = net:scenario { as_of = "2022", limits = { seconds = 5 } }
  local added = try(day.add, day, { kind = "supplies", from = "target", to = "user" })
  local dropped = try(day.drop, day, { kind = "supplies", spend = "7" })
  local set = try(day.set, day, "first-relation", { share = "10%" }) or try(day.acquire, day, "top", "held", "60%")
  for _, one in ipairs { { day, { rule = "reach" } }, { day, { rule = BINDING } }, { added, { rule = "icts" } },
    { dropped, { rule = "icts", scope = "owned" } }, { set, { rule = "ofac_50" } } } do
    local ban = one[1] and try(one[1].ban, one[1], { "target", "cloud" }, one[2])
    local exposure = ban and try(ban.exposure, ban)
    for _, method in ipairs(exposure and { "restricted", "users", "parents", "concerned", "linked", "count", "unknowns",
      "warnings", "ladder", "red_flags", "formerly", "disrupted", "saves", "data", "compromised", "harms",
      "look_through" } or {}) do
      try(exposure[method], exposure)
    end
    for _, id in ipairs(exposure and { "user", "top", "unit" } or {}) do
      try(exposure.why, exposure, id)
      try(exposure.chokepoints, exposure, id)
      try(exposure.cut, exposure, id)
    end
  end
  try(day.holdings, day, "held")
  try(day.control, day, "held")
  try(day.timeline, day, { from = "2009", to = "2031" })
  for _, by in ipairs { "parents", "users", "spend" } do
    try(day.sweep, day, { rule = by == "users" and "icts" or "reach", by = by, currency = "USD" })
  end
end

teardown(files.clean)

describe("knockon.open refuses", function()
  local bytes = bytes_of(FACTS)

  it("what is no snapshot, or cannot be read", function()
    refused("", "the file is empty")
    refused("{}", "this is no snapshot")
    refused(("x"):rep(5000), "this is no snapshot")
    refused(bytes:sub(1, 207), "this is no snapshot")
    for path, cause in pairs {
      [files.path "nowhere"] = "No such file or directory", [files.path "."] = "a snapshot is a regular file",
      ["/dev/null"] = "a snapshot is a regular file",
    } do
      local net, message, code = knockon.open(path)
      assert.are.same({ "nil", path .. ": " .. cause, "io" }, { tostring(net), message, code })
    end
    local secret = files.write("secret.snapshot", bytes)
    assert(os.execute(("chmod 000 '%s'"):format(secret)))
    if io.open(secret, "rb") then return end -- to the superuser nothing is secret
    local net, message, code = knockon.open(secret)
    assert.are.same({ "nil", secret .. ": Permission denied", "io" }, { tostring(net), message, code })
  end)

  it("a FIFO, without waiting for it", function()
    local path = files.path "fifo"
    assert(os.execute(("mkfifo '%s'"):format(path)))
    assert.are.equal("io", (select(3, knockon.open(path))))
  end)

  it("another byte order, format, version or build", function()
    refused(put(bytes, AT.byte_order, bytes:sub(AT.byte_order + 1, AT.byte_order + 4):reverse()), "byte order")
    local format = snapshot_file.text(bytes, snapshot_file.number(bytes, AT.format, 4) + 1, 4)
    refused(put(bytes, AT.format, format), "has format ")
    refused(put(bytes, AT.version, "9.9.9\0"), "was made by knockon 9.9.9, this is " .. knockon.version)
    refused(put(bytes, AT.layout, "\1\2\3\4"), "another build")
  end)

  it("a file that was cut, at any place, or goes on after its end", function()
    local cuts = { 208, #bytes - 1 }
    for _, section in ipairs(snapshot_file.sections(bytes)) do
      cuts[#cuts + 1] = section.offset
      cuts[#cuts + 1] = section.offset + math.floor(section.length / 2)
    end
    for _, cut in ipairs(cuts) do
      if cut < #bytes then refused(bytes:sub(1, cut), "it ends early") end
    end
    refused(bytes .. "\0", "something follows its end")
    local shorter = bytes:sub(1, -65) -- and a header that agrees
    refused(snapshot_file.believed(put(shorter, AT.size, snapshot_file.text(bytes, #shorter, 8))), "damaged")
  end)

  it("a header, a table or a section with one bit that differs", function()
    local head = snapshot_file.sections(bytes)[1].offset
    for at = 8, head - 1 do
      local changed = put(bytes, at, string.char((bytes:byte(at + 1) + 1) % 256))
      local net, message, code = open(changed)
      if net then -- between the table and the first section nothing is kept
        assert.are.equal(0, bytes:byte(at + 1))
        assert.is_true(at >= 208 + 64 * snapshot_file.number(bytes, AT.sections, 8))
      else
        assert.are.equal("parse", code, message)
      end
    end
    for _, section in ipairs(snapshot_file.sections(bytes)) do
      for _, at in ipairs { 0, math.floor(section.length / 2), section.length - 1 } do
        if section.length > 0 then
          local place = section.offset + at
          for _, bit in ipairs { 1, 128 } do
            refused(put(bytes, place, string.char((bytes:byte(place + 1) + bit) % 256)), "damaged", { verify = true })
          end
        end
      end
    end
  end)

  it("facts that nobody can have frozen, with checksums that fit", function()
    local facts = snapshot_file.sections(bytes)[1]
    local function with(text)
      local padded = text .. (" "):rep(facts.length - #text)
      return snapshot_file.section_believed(put(bytes, facts.offset, padded), facts)
    end
    refused(with "no JSON", "damaged (facts)")
    refused(with '{"restrictions":[],"skipped":[1],"sources":[]}', "damaged (facts)")
    refused(with '{"restrictions":[],"skipped":[],"sources":[{"file":5}]}', "damaged (facts)")
    refused(with '{"restrictions":[],"skipped":[],"sources":[],"title":5}', "damaged (facts)")
    refused(with '{"restrictions":[{"rule":"listing","targets":["x"]}],"skipped":[],"sources":[]}',
      "restriction record 1: 'targets': no entity has the id \"x\"")
    assert.are.same({}, assert(open(with '{"restrictions":[],"skipped":[],"sources":[]}')):restrictions())
  end)
end)

describe("a large section of names and fields", function()
  it("is looked at with verify and by knockon.load; where answers come from, always", function()
    local entities = {}
    for i = 1, 40000 do entities[i] = { id = "entity-" .. i, name = "A name to fill the file with, number " .. i } end
    local relations = {}
    for i = 1, 300000 do
      relations[i] = { kind = "owns", from = "entity-" .. i % 40000 + 1, to = "entity-" .. i * 7 % 40000 + 1 }
    end
    local bytes = bytes_of { entities = entities, relations = relations }
    local by_name = {}
    for _, section in ipairs(snapshot_file.sections(bytes)) do by_name[section.name] = section end
    local arena, to = by_name["texts.arena"], by_name.to
    local changed = put(bytes, arena.offset + arena.length - 2, "?") -- the end of the last name
    assert.are.equal(40000, #assert(open(changed)))
    refused(changed, "damaged (texts.arena)", { verify = true })
    local net, message = knockon.load(files.path "changed.snapshot")
    assert.is_nil(net)
    assert.truthy(message:find("damaged (texts.arena)", 1, true))
    local other = bytes:byte(to.offset + 1) == 5 and "\6" or "\5"
    refused(put(bytes, to.offset, other), "damaged (to)")
  end)

  it("is no index that is followed without looking", function()
    local bytes = bytes_of(FACTS)
    for _, section in ipairs(snapshot_file.sections(bytes)) do
      if section.item_size == 4 and section.count > 0 then
        local content = ("\255\255\255\127"):rep(section.count)
        local net = open(snapshot_file.section_believed(put(bytes, section.offset, content), section))
        if net then ask_everything(net) end
      end
    end
  end)
end)

describe("a file that lies, with checksums that fit,", function()
  it("is refused or gives some network, and harms nothing", function()
    local state = 12345
    local function upto(n)
      state = state * 16807 % 2147483647
      return state % n + 1
    end
    local kinds = {
      function(_, width) return ("\255"):rep(width) end, function(_, width) return ("\0"):rep(width) end,
      function(bytes, width) return snapshot_file.text(bytes, upto(40) - 1, width) end,
      function(bytes, width) return snapshot_file.text(bytes, 2147483647, width) end,
      function(_, width)
        local text = {}
        for i = 1, width do text[i] = string.char(upto(256) - 1) end
        return table.concat(text)
      end,
    }
    local opened, round = 0, 0
    while round < LIES do
      local facts = round % 4 == 0 and FACTS or (random_network.make(round + 1))
      local bytes = bytes_of(facts)
      local sections = snapshot_file.sections(bytes)
      for _ = 1, 25 do
        round = round + 1
        local changed, section = bytes, sections[upto(#sections)]
        while section.length == 0 do section = sections[upto(#sections)] end
        for _ = 1, upto(3) do
          local width = section.item_size >= 4 and 4 or 1
          local place = section.offset + (upto(math.floor(section.length / width)) - 1) * width
          changed = put(changed, place, kinds[upto(#kinds)](bytes, width))
        end
        if upto(10) == 1 then -- the table and the header lie too
          local place = upto(2) == 1 and 88 + upto(120) - 1 or section.entry + 32 + upto(24) - 1
          changed = put(changed, place, string.char(upto(256) - 1))
        end
        local net, message, code = open(snapshot_file.section_believed(changed, section), { verify = round % 3 > 0 })
        if net then
          opened = opened + 1
          ask_everything(net)
          net:close()
        else
          assert.are.equal("parse", code, message)
        end
      end
    end
    assert.is_true(opened > LIES / 10 and opened < LIES, opened .. " of " .. LIES)
  end)
end)
