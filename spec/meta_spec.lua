-- meta.lua is true: its examples print what it says they print, it has every public function and no other, and the
-- tables that come out have the fields it gives them.

local knockon = require "knockon"

local META = "lua/knockon/meta.lua"

-- What users do not call: the engine's own methods, and what one layer lends to the next.
local INTERNAL = {
  Network = { "add_entity", "add_relation", "begin_file", "count_records",
    "country_warnings", "days", "doubtful", "events", "field_names", "find_field", "freezer", "has",
    "limit", "live",
    "odd_countries", "read_csv", "read_ndjson", "record", "record_id", "same", "seal", "skip_record", "skipped" },
  Scenario = { "bounded", "considered", "mixed", "overlay" },
}

-- Reading meta.lua ---------------------------------------------------------------------------------------------------

-- Ends a type at the first space that no bracket or quote holds: "string? the rest" -> "string?", "the rest".
local function split_type(text)
  local depth, quoted = 0, false
  for at = 1, #text do
    local letter = text:sub(at, at)
    if letter == '"' then quoted = not quoted end
    if not quoted then
      if letter:find "[%(%[{<]" then depth = depth + 1 end
      if letter:find "[%)%]}>]" then depth = depth - 1 end
      if letter == " " and depth == 0 and text:sub(at - 1, at - 1) ~= "," then
        return text:sub(1, at - 1), text:sub(at + 1)
      end
    end
  end
  return text, ""
end

-- { preamble, examples = { { line, code, expected } }, functions = { "Network:entity" = { … } }, classes = { name =
-- { fields = { name = { type, optional } } } }, aliases = { name = type }, mentioned = { type = line } }
local function read_meta()
  local meta = { preamble = {}, examples = {}, functions = {}, classes = {}, aliases = {}, mentioned = {} }
  local owners, block, class, last, example = {}, nil, nil, nil, nil
  local number, in_preamble = 0, false
  for line in io.lines(META) do
    number = number + 1
    if line == "-- ```lua" or (in_preamble and line == "-- ```") then
      in_preamble = not in_preamble
    elseif in_preamble then
      meta.preamble[#meta.preamble + 1] = line:sub(4)
    elseif line:match "^%-%-%-" then
      block = block or { text = {}, params = {}, returns = {}, examples = {}, line = number }
      if line == "--- ```lua" then
        example = { line = number, code = {}, expected = {} }
        meta.examples[#meta.examples + 1] = example
        block.examples[#block.examples + 1] = example
      elseif line == "--- ```" then
        example = nil
      elseif example then
        local printed = line:match "^%-%-%- %-%-> ?(.*)$"
        local list = printed and example.expected or example.code
        list[#list + 1] = printed or line:sub(5)
      else
        local tag, rest = line:match "^%-%-%-@(%a+) ?(.*)$"
        local choice = line:match '^%-%-%-| ("[^"]*")'
        for name in (tag and rest or ""):gmatch "knockon%.%u%a*" do meta.mentioned[name] = number end
        if choice and last then
          last.type = (last.type == "" and "" or last.type .. "|") .. choice
        elseif tag == "class" then
          class = { fields = {}, name = rest:match "^[%w_.]+" }
          meta.classes[class.name] = class
        elseif tag == "alias" then
          local name, definition = rest:match "^([%w_.]+) ?(.*)$"
          last = { type = definition }
          meta.aliases[name] = last
        elseif tag == "field" then
          local name, optional, typed = rest:match "^([%w_]+)(%??) ?(.*)$"
          if name then
            last = { type = split_type(typed), optional = optional == "?", line = number }
            class.fields[name] = last
          else
            class.open = true -- [string] any
          end
        elseif tag == "param" then
          local name, typed = rest:match "^([%w_]+)%?? (.+)$"
          block.params[#block.params + 1] = name or rest
          block.typed = typed
        elseif tag == "return" then
          block.returns[#block.returns + 1] = rest
        elseif not tag then
          block.text[#block.text + 1] = line:sub(5)
        end
      end
    else
      local owner, separator, name, arguments = line:match "^function (%a+)([.:])([%w_]+)%((.-)%) end$"
      if owner then
        local signature = {}
        for argument in arguments:gmatch "[%w_]+" do signature[#signature + 1] = argument end
        block = block or { text = {}, params = {}, returns = {}, examples = {}, line = number }
        block.signature, block.name, block.method = signature, name, separator == ":"
        block.owner = owner
        meta.functions[#meta.functions + 1] = block
      end
      local bound = line:match "^local (%a+) = {}$"
      if bound then owners[bound] = class end
      if not line:match "^%-%-" then block = nil end
      if line == "" then block = nil end
    end
  end
  meta.owners = owners
  return meta
end

local meta = read_meta()

-- Running ------------------------------------------------------------------------------------------------------------

-- What the code prints, after the preamble, line by line; values of one print with two spaces between.
local function run(code, place)
  local printed = {}
  local function show(...)
    local values = {}
    for i = 1, select("#", ...) do values[i] = tostring((select(i, ...))) end
    for line in (table.concat(values, "  ") .. "\n"):gmatch "(.-)\n" do printed[#printed + 1] = line end
  end
  local env = setmetatable({ print = show }, { __index = _G })
  local source = table.concat(meta.preamble, " ") .. " " .. table.concat(code, "\n")
  local chunk
  if rawget(_G, "setfenv") then -- 5.1, LuaJIT
    chunk = setfenv(assert(loadstring(source, "=" .. place)), env) -- luacheck: ignore 113
  else
    chunk = assert(load(source, "=" .. place, "t", env)) -- luacheck: ignore 113 143
  end
  chunk()
  return printed
end

describe("meta.lua", function()
  it("is a chunk that can be run", function() assert.is_table(dofile(META)) end)

  it("has a preamble and examples", function()
    assert.truthy(#meta.preamble > 10)
    assert.truthy(#meta.examples > #meta.functions)
  end)

  for _, example in ipairs(meta.examples) do
    it("is right at line " .. example.line, function()
      assert.truthy(#example.expected > 0, "an example that prints nothing shows nothing")
      assert.are.same(example.expected, run(example.code, META .. ":" .. example.line))
    end)
  end
end)

-- Both directions ----------------------------------------------------------------------------------------------------

local function small_network()
  return assert(knockon.network { entities = { { id = "a" } }, restrictions = { { rule = "listing", targets = "a" } } })
end

-- owner in meta.lua -> the table its functions live in
local function live_tables()
  local net = small_network()
  local scenario = net:scenario {}
  return {
    knockon = knockon,
    Builder = getmetatable(knockon.builder()).__index,
    Network = getmetatable(net).__index,
    Scenario = getmetatable(scenario).__index,
    Exposure = getmetatable(scenario:exposure()).__index,
    Graph = getmetatable(net:graph()).__index,
    Proofs = getmetatable(scenario:proofs()).__index,
  }
end

describe("meta.lua and the module", function()
  local live = live_tables()
  local documented = {}
  for owner in pairs(live) do documented[owner] = {} end
  for _, one in ipairs(meta.functions) do
    assert(documented[one.owner], "an owner that the spec does not know: " .. one.owner)[one.name] = one
  end

  for owner, functions in pairs(live) do
    it("agree on what there is in " .. owner, function()
      local internal = {}
      for _, name in ipairs(INTERNAL[owner] or {}) do
        internal[name] = true
        assert.is_function(functions[name], owner .. " has no " .. name .. " any more: take it off the list")
        assert.is_nil(documented[owner][name], owner .. ": " .. name .. " is internal, and documented")
      end
      local missing = {}
      for name, value in pairs(functions) do
        local told = documented[owner][name] or internal[name] or name:match "^__"
        if type(value) == "function" and not told then
          missing[#missing + 1] = name
        elseif type(value) ~= "function" and owner == "knockon" and not meta.classes.knockon.fields[name] then
          missing[#missing + 1] = name
        end
      end
      table.sort(missing)
      assert.are.same({}, missing, owner .. " has what meta.lua lacks")
      for name in pairs(documented[owner]) do
        assert.is_function(functions[name], ("meta.lua has %s %s, which does not exist"):format(owner, name))
      end
    end)
  end

  it("agree on how functions are called", function()
    for _, one in ipairs(meta.functions) do
      assert.are.equal(one.owner ~= "knockon", one.method, one.name)
      local actual = live[one.owner][one.name]
      local from = one.method and 1 or 0
      for i, name in ipairs(one.signature) do
        local told, found = pcall(debug.getlocal, actual, i + from) -- not on 5.1, and nothing of functions in C
        if told and found then assert.are.equal(name, found, one.owner .. ": argument " .. i .. " of " .. one.name) end
      end
      local told, more = pcall(debug.getlocal, actual, #one.signature + from + 1)
      assert.is_nil(told and more or nil, ("%s: %s takes more than meta.lua says"):format(one.owner, one.name))
    end
  end)
end)

local function label_of(block, label)
  local found
  for _, line in ipairs(block.text) do
    local rest = line:match("^" .. label .. ": (.+)$")
    if rest then found = rest end
  end
  return found
end

-- "yes"|"no" -> { yes = true, no = true }
local function choices(type_text)
  local out = {}
  for word in type_text:gmatch '"([^"]*)"' do out[word] = true end
  return out
end

describe("meta.lua says of each function", function()
  local failures = choices(meta.aliases["knockon.FailureCode"].type)
  local errors = choices(meta.classes["knockon.Error"].fields.code.type)

  for _, one in ipairs(meta.functions) do
    it(one.owner .. " " .. one.name .. " what it has to", function()
      assert.truthy(one.text[1] and one.text[1] ~= "", "no purpose")
      assert.truthy(#one.examples > 0, "no example")
      assert.truthy(label_of(one, "Cost"), "no cost")
      assert.are.same(one.signature, one.params)
      local fails, raises = label_of(one, "Fails"), label_of(one, "Errors")
      -- a report or a count takes its place when all went well
      local message = (one.returns[2] or ""):find "string%?? [%w_]*message"
      assert.are.equal(fails ~= nil, message ~= nil and #one.returns == 3)
      for code in (fails or ""):gmatch "`([%w_]+)`" do assert.is_true(failures[code], code) end
      for code in (raises or ""):gsub("%b()", ""):gmatch "`([%w_]+)`" do assert.is_true(errors[code], code) end
    end)
  end

  it("types that it also describes", function()
    for name, line in pairs(meta.mentioned) do
      local found = meta.classes[name] or meta.aliases[name]
      assert.truthy(found, ("%s:%d: %s is nowhere described"):format(META, line, name))
    end
  end)
end)

-- Tables that come out -----------------------------------------------------------------------------------------------

local seen = {} -- class -> field -> true

local check_class

-- nil when the value is of the type, else what is wrong.
local function mismatch(type_text, value)
  local alternatives, rest, depth = {}, "", 0
  for letter in (type_text .. "|"):gmatch "." do
    if letter:find "[%(%[{<]" then depth = depth + 1 end
    if letter:find "[%)%]}>]" then depth = depth - 1 end
    if letter == "|" and depth == 0 then
      alternatives[#alternatives + 1] = rest
      rest = ""
    else
      rest = rest .. letter
    end
  end
  if #alternatives > 1 then
    local cause
    for _, one in ipairs(alternatives) do
      cause = mismatch(one, value)
      if not cause then return nil end
    end
    return ("%s is not %s (%s)"):format(tostring(value), type_text, cause)
  end
  local item, inner = type_text:match "^(.*)%[%]$", type_text:match "^%((.*)%)$"
  local fine
  if item then
    if type(value) ~= "table" then return "no list" end
    local count = 0
    for _ in pairs(value) do count = count + 1 end
    if count ~= #value then return "a list with other keys" end
    for _, one in ipairs(value) do
      local cause = mismatch(item, one)
      if cause then return cause end
    end
    return nil
  elseif inner then
    return mismatch(inner, value)
  elseif meta.aliases[type_text] then
    return mismatch(meta.aliases[type_text].type, value)
  elseif meta.classes[type_text] then
    return check_class(type_text, value)
  elseif type_text:match '^"' then
    fine = '"' .. tostring(value) .. '"' == type_text
  elseif type_text:match "^table<" then
    fine = type(value) == "table"
  elseif type_text == "integer" then
    fine = type(value) == "number" and value % 1 == 0
  elseif type_text == "1" or type_text == "true" or type_text == "false" then
    fine = tostring(value) == type_text
  else
    fine = type_text == "any" or type(value) == type_text
  end
  return not fine and ("%s is not %s"):format(tostring(value), type_text) or nil
end

function check_class(name, value)
  local class = meta.classes[name]
  if type(value) ~= "table" then return ("%s is no %s"):format(tostring(value), name) end
  local marks = seen[name] or {}
  seen[name] = marks
  for field, one in pairs(value) do
    local known = class.fields[field]
    if not known and not class.open then return ("%s has a field %s"):format(name, tostring(field)) end
    if known then
      local cause = mismatch(known.type, one)
      if cause then return ("%s.%s: %s"):format(name, field, cause) end
      marks[field] = true
    end
  end
  for field, known in pairs(class.fields) do
    if not known.optional and value[field] == nil then return ("%s has no %s"):format(name, field) end
  end
  return nil
end

local function rich_network()
  return assert(knockon.network({
    title = "Rich",
    entities = {
      { id = "target", name = "Target", country = "CN", since = "2000", ["until"] = "2040", source = "register" },
      { id = "second", name = "Second", country = "CN" }, { id = "held", name = "Held" },
      { id = "voted", name = "Voted" }, { id = "group", name = "Group" }, { id = "below", name = "Below" },
      { id = "steered", name = "Steered", country = "US" }, { id = "steered-user", country = "US" },
      { id = "cloud", kind = "service", name = "Cloud", located_in = { "CN" }, turnover = 1000 },
      { id = "user", name = "User", country = "US", evidence = "report", confidence = 0.5 },
      { id = "unit", name = "Unit", country = "DE" }, { id = "foreign", name = "Foreign", country = "FR" },
      { id = "open", name = "Open" }, { id = "top", name = "Top", country = "US" }, { id = "minor", name = "Minor" },
      { id = "founder", kind = "person", name = "Founder" }, { id = "alone" }, { id = "alone" },
      { id = "soft", name = "Soft", country = "US" }, { id = "vendor", name = "Vendor" },
      { id = "sold", name = "Sold" }, { id = "nowhere", name = "Nowhere" },
    },
    relations = {
      { kind = "owns", from = "target", to = "held", share = "30%", since = "2010", ["until"] = "2035", source = "s" },
      { kind = "owns", from = "second", to = "held", share = "20-40%" },
      { kind = "owns", from = "held", to = "group", share = "60%", basis = "votes", class = "a" },
      { kind = "consolidates", from = "held", to = "voted" },
      { kind = "owns", from = "target", to = "below", share = "49%", since = "2012", ["until"] = "2034", source = "b" },
      { kind = "controls", from = "target", to = "steered" },
      { kind = "operates", from = "target", to = "cloud" },
      { id = "c1", kind = "supplies", from = "cloud", to = "user", since = "2015", ["until"] = "2033", source = "press",
        spend = 12.5, currency = "USD", contract = "k1", need = "hosting", reliance = "full", rank = 1,
        fraction = 0.5, data = { "ip" }, evidence = "e", confidence = 1 },
      { id = "c2", kind = "supplies", from = "cloud", to = "unit", party = "top", confidence = 0.9 },
      { id = "c3", kind = "supplies", from = "cloud", to = "foreign" },
      { id = "c4", kind = "supplies", from = "cloud", to = "open", spend = "7", currency = "EUR" },
      { id = "c5", kind = "supplies", from = "steered", to = "steered-user" },
      { id = "c6", kind = "supplies", from = "vendor", to = "soft" },
      { id = "c7", kind = "supplies", from = "cloud", to = "nowhere" },
      { id = "sale", kind = "owns", from = "target", to = "sold", share = "60%", since = "2018", ["until"] = "2025" },
      { kind = "owns", from = "target", to = "soft", share = "1-60%" },
      { kind = "controls", from = "target", to = "alone", by = "contract" },
      { kind = "owns", from = "top", to = "user", share = "80%" },
      { kind = "owns", from = "top", to = "unit", share = "51%" },
      { kind = "owns", from = "top", to = "open", share = "40-60%" },
      { kind = "owns", from = "minor", to = "top", share = "10%" }, { kind = "linked", from = "minor", to = "user" },
      { kind = "owns", from = "founder", to = "top" }, { kind = "controls", from = "top", to = "user", by = "board" },
    },
    restrictions = {
      { id = "act", title = "Act", rule = "listing", measure = "mitigate", targets = "vendor", since = "2020",
        status = "active", ["until"] = "2040", scope = "entity", source = "journal", joint = { { "vendor" } },
        except = { { covers = { id = "none" }, since = "2021", ["until"] = "2022", contracts_before = "2020",
                     source = "licence" } } },
    },
  }, { on_error = "skip" }))
end

local RULE = {
  id = "strict", title = "Strict", owned = { more_than = "50%" }, control = { "board" },
  bound = { organised_in = { "US" }, scope = "facilitation" },
  in_force = { { since = "2001", ["until"] = "2099", source = "act 1", notes = "as amended" } },
  suspended = { { since = "2020", ["until"] = "2021" } }, retains = true, merge = "strictest", rebuttable = true,
  targets = { country = "CN" }, programmes = "a list", authority = "a ministry", remedies = "none", exceptions = "none",
  red_flags = { unknown_share = "u", minority = "m", board = "b", largest_holder = "l" },
}

-- What a load of CSV files leaves out.
local function skipped_records()
  local paths = { entities = os.tmpname(), relations = os.tmpname() }
  for part, rows in pairs { entities = "id\na\na\n", relations = "kind,from,to\nowns,a,b\n" } do
    local file = assert(io.open(paths[part], "wb"))
    file:write(rows)
    file:close()
  end
  local loaded = assert(knockon.load(paths, { on_error = "skip" }))
  for _, path in pairs(paths) do os.remove(path) end
  return (select(2, loaded:complete()))
end

describe("meta.lua gives the fields", function()
  local net = rich_network()

  local function right(class, value) assert.is_nil(check_class(class, value)) end

  local function all_right(class, list)
    assert.truthy(#list > 0, "there is no " .. class)
    for _, one in ipairs(list) do right(class, one) end
  end

  setup(function()
    local day = net:scenario { as_of = "2030-01-01" }
    local icts = day:ban({ "target", "second" }, { rule = "icts", scope = "facilitation", title = "A ban" })
    local strict = day:ban({ "target", "second" }, { rule = RULE })
    local eased = icts:except({ kind = "supplies" }, { ["until"] = "2031", source = "licence" })
    local exposures = { icts:exposure(), strict:exposure(), eased:exposure(), day:ban("cloud"):exposure(),
      day:at("2015"):exposure(), day:ban("cloud", { rule = "reach" }):exposure(), day:exposure(),
      day:ban("target", { rule = RULE, measure = "license" }):exposure() }

    all_right("knockon.Entity", net:entities {})
    all_right("knockon.Relation", net:relations {})
    all_right("knockon.Restriction", net:restrictions())
    right("knockon.Counts", net:counts())
    right("knockon.Memory", net:memory())
    all_right("knockon.Skipped", (select(2, net:complete())))
    all_right("knockon.Skipped", skipped_records())
    all_right("knockon.Source", knockon.load("examples/alibaba-2022.json"):sources())
    for _, id in ipairs(knockon.rules()) do right("knockon.Rule", knockon.rule(id)) end
    right("knockon.Rule", knockon.rule(RULE))

    for _, exposure in ipairs(exposures) do
      for method, class in pairs { restricted = "RestrictedRow", users = "UserRow", parents = "ParentRow",
        concerned = "ConcernedRow", linked = "LinkedRow", unknowns = "Unknown", warnings = "Warning",
        restrictions = "AppliedRestriction", red_flags = "RedFlag", formerly = "FormerRow",
        ladder = "LadderRow", disrupted = "DisruptedRow", saves = "SavesRow", data = "DataRow",
        compromised = "CompromisedRow", harms = "HarmsRow" } do
        for _, row in ipairs(exposure[method](exposure)) do right("knockon." .. class, row) end
      end
      right("knockon.RowCounts", exposure:count())
      right("knockon.Run", exposure:run())
      for _, entity in ipairs(net:entities {}) do right("knockon.Why", exposure:why(entity.id)) end
      for _, parent in ipairs(exposure:parents()) do
        all_right("knockon.Chokepoint", exposure:chokepoints(parent.id))
        right("knockon.Paths", exposure:paths(parent.id))
        right("knockon.Paths", exposure:paths(parent.id, { k = 1, weight = "strongest" }))
      end
      for _, row in ipairs(exposure:chokepoints()) do right("knockon.Chokepoint", row) end
      right("knockon.Plan", exposure:cut("all", { rates = { USD = 1, EUR = 1.5 } }))
      right("knockon.Plan", exposure:cut("all", { cost = { supplies = false } }))
    end
    right("knockon.Plan", icts:drop("c4"):exposure():cut())
    right("knockon.Diff", icts:exposure():diff(eased:exposure()))
    right("knockon.Diff", icts:drop({ kind = "owns" }):exposure():diff(day:at("2015"):exposure()))
    right("knockon.Diff", icts:drop({ kind = "supplies" }):exposure():diff(exposures[8]))
    right("knockon.Diff", exposures[8]:diff(icts:exposure()))
    for _, id in ipairs { "held", "top", "user", "cloud" } do
      right("knockon.Holdings", day:holdings(id))
      right("knockon.Control", day:control(id))
      right("knockon.Control", net:control(id))
    end
    right("knockon.Odds", day:ban("target", { rule = "reach" }):odds())
    right("knockon.Odds", day:ban("cloud", { rule = "icts", scope = "facilitation" }):odds { samples = 1 })
    right("knockon.Impact", icts:impact { currency = "USD" })
    all_right("knockon.LossRow", icts:exposure():losses { revenue = "turnover", most = "turnover", currency = "USD" })
    for _, row in ipairs(icts:exposure():look_through()) do
      right("knockon.LookThroughRow", row)
      for _, portion in pairs(row.spend) do right("knockon.Portion", portion) end
    end
    right("knockon.Timeline", strict:timeline { from = "2010", to = "2040" })
    for _, question in ipairs { "ban", "check", "why", "show", "ladder", "unknowns", "timeline", "sweep", "odds",
      "holdings" } do
      right("knockon.Answer", knockon.answer(net, { question = question, targets = "target", id = "user" }))
    end
    right("knockon.Answer", knockon.answer(net, { question = "impact", targets = "target", currency = "USD" }))
    local some = knockon.answer(net, { question = "ban", targets = "target", rows = 1 })
    right("knockon.Answer", some)
    right("knockon.RowTotals", some.totals)
    right("knockon.VerdictTotals", some.totals.users)
    for _, request in ipairs { { question = "cut", cost = 1 }, { question = "paths", id = "user" },
      { question = "chokepoints" }, { question = "chokepoints", id = "user" },
      { question = "diff", edits = { { drop = { kind = "supplies" } } } } } do
      request.targets = "target"
      right("knockon.Answer", knockon.answer(net, request))
    end
    for _, opts in ipairs { { spend = true }, { size = 2 }, { by = "spend", currency = "USD" } } do
      local sweep = day:sweep(opts)
      right("knockon.Sweep", sweep)
      for _, row in ipairs(sweep) do right("knockon.SweepRow", row) end
    end
    right("knockon.SweepAnswer", knockon.answer(net, { question = "sweep", by = "spend", currency = "USD" }).sweep)
    local _, err = pcall(day.ban, day, "targt")
    right("knockon.Error", err)
  end)

  for name, class in pairs(meta.classes) do
    it("of " .. name, function()
      if not seen[name] then return end -- it only goes in
      local missing = {}
      for field in pairs(class.fields) do
        if not seen[name][field] then missing[#missing + 1] = field end
      end
      table.sort(missing)
      assert.are.same({}, missing, "fields that no sample has")
    end)
  end

  it("of every table that comes out", function()
    for _, name in ipairs { "Entity", "Relation", "Restriction", "Counts", "Memory", "Skipped", "Source", "Warning",
      "RestrictedRow", "Stake", "UserRow", "ParentRow", "Step", "Excepted", "ConcernedRow", "LinkedRow", "RowCounts",
      "Chokepoint", "Plan", "PlanStep", "Paths", "Path", "Diff", "Difference", "RowState", "Reason",
      "Unknown", "RedFlag", "FormerRow", "LadderRow", "LadderLowest", "Timeline", "TimelineStart",
      "TimelineDay", "Cause", "Change", "AppliedRestriction", "Run", "Why", "Test", "TestStake", "Bound", "Rule",
      "DisruptedRow", "LostNeed", "LostSupplier", "SavesRow", "DataRow", "DataClass", "CompromisedRow", "HarmsRow",
      "Holdings", "Holding", "Control", "Controller", "Voter", "LookThroughRow", "HeldUser", "Portion",
      "Impact", "ImpactRow", "LossRow", "Odds", "OddsRow", "Estimate",
      "RuleOwned", "RuleBound", "RuleRedFlags", "RuleInterval", "Answer", "Error", "Sweep", "SweepAnswer",
      "SweepRow" } do
      assert.truthy(seen["knockon." .. name], name)
    end
  end)

  -- An unknown name is told the known ones.
  local function known(call, ...)
    local _, err = pcall(call, ...)
    local names = {}
    for name in (err.message:match "known: (.*)$" or err.message:match "allowed: (.*)$"):gmatch "[%w_]+" do
      names[#names + 1] = name
    end
    return names
  end

  local function fields_of(name)
    local names = {}
    for field in pairs(meta.classes["knockon." .. name].fields) do names[#names + 1] = field end
    table.sort(names)
    return names
  end

  it("that options and rules may have", function()
    local day, bad = net:scenario {}, { zzz = 1 }
    assert.are.same(fields_of "ScenarioOptions", known(net.scenario, net, bad))
    assert.are.same(fields_of "BanOptions", known(day.ban, day, "cloud", bad))
    assert.are.same(fields_of "ExceptOptions", known(day.except, day, {}, bad))
    assert.are.same(fields_of "TimelineOptions", known(day.timeline, day, bad))
    assert.are.same(fields_of "SweepOptions", known(day.sweep, day, bad))
    assert.are.same(fields_of "AcquireOptions", known(day.acquire, day, "target", "cloud", "1%", bad))
    assert.are.same(fields_of "DivestOptions", known(day.divest, day, "target", "cloud", nil, bad))
    assert.are.same(fields_of "SubstituteOptions", known(day.substitute, day, "target", "cloud", bad))
    local exposure = day:exposure()
    assert.are.same(fields_of "PathsOptions", known(exposure.paths, exposure, "target", bad))
    assert.are.same(fields_of "CutOptions", known(exposure.cut, exposure, "all", bad))
    assert.are.same(fields_of "ChokepointOptions", known(exposure.chokepoints, exposure, "target", bad))
    for method, class in pairs { disrupted = "DisruptedOptions", saves = "SavesOptions", data = "HarmOptions",
      compromised = "HarmOptions", harms = "HarmsOptions", look_through = "LookThroughOptions",
      losses = "LossOptions" } do
      assert.are.same(fields_of(class), known(exposure[method], exposure, bad))
    end
    assert.are.same(fields_of "HoldingsOptions", known(day.holdings, day, "target", bad))
    assert.are.same(fields_of "ControlOptions", known(day.control, day, "target", bad))
    assert.are.same(fields_of "NetworkHoldingsOptions", known(net.holdings, net, "target", bad))
    assert.are.same(fields_of "NetworkControlOptions", known(net.control, net, "target", bad))
    assert.are.same(fields_of "ImpactOptions", known(day.impact, day, bad))
    assert.are.same(fields_of "OddsOptions", known(day.odds, day, bad))
    assert.are.same(fields_of "LoadOptions", known(knockon.network, {}, bad))
    assert.are.same(fields_of "Limits", known(net.scenario, net, { limits = bad }))
    local function rule(fields)
      local t = { id = "x", bound = { anyone = true } }
      for field, value in pairs(fields) do t[field] = value end
      return known(knockon.rule, t)
    end
    assert.are.same(fields_of "Rule", rule(bad))
    assert.are.same(fields_of "RuleOwned", rule { owned = bad })
    assert.are.same(fields_of "RuleBound", rule { bound = bad })
    assert.are.same(fields_of "RuleRedFlags", rule { red_flags = bad })
    assert.are.same(fields_of "RuleInterval", rule { in_force = { bad } })
  end)

  it("that a request may have", function()
    local values = { string = "x", number = 1 }
    for class, wrap in pairs { Request = function(field) return { question = "show", [field] = values } end,
      RequestBan = function(field) return { question = "show", bans = { { targets = "x", [field] = values } } } end } do
      for _, field in ipairs(fields_of(class)) do
        local fine, err = pcall(knockon.answer, net, wrap(field))
        assert.is_nil(not fine and tostring(err):match "unknown field" or nil, class .. "." .. field)
      end
    end
  end)
end)
