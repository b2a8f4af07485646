-- Networks in databases, over a connection as LuaSQL gives it: conn:execute(sql) gives a cursor with fetch and close, a
-- number, or nil and a message; conn:escape(text) makes a text fit for quotes.
--
-- Reading takes the rows of queries one by one, as records whose fields are the names of the columns. Writing puts each
-- record into a row: the usual fields in columns of text, anything else, and what text does not say exactly (a number,
-- a list, an empty text), in the column `more` as JSON, which counts when the row is read back.
--
-- Cost: the rows. How much of a result the driver holds is the driver's affair.

local budget = require "knockon.budget"
local core = require "knockon.core"
local errors = require "knockon.errors"
local json = require "knockon.json"
local network = require "knockon.network"
local records = require "knockon.writers.records"

local sql = {}

local PARTS = { "entities", "relations", "restrictions" }

-- The columns of each table, after which comes `more`.
local COLUMNS = {
  entities = { "id", "kind", "name", "country", "located_in", "lei", "cik", "since", "until", "source", "evidence",
    "confidence" },
  relations = { "id", "kind", "from", "to", "share", "basis", "class", "by", "need", "reliance", "spend", "currency",
    "fraction", "data", "contract", "party", "rank", "since", "until", "source", "evidence", "confidence" },
  restrictions = { "id", "title", "rule", "measure", "scope", "status", "targets", "since", "until", "source",
    "evidence" },
}

local function check_connection(conn)
  local fine, method = pcall(function() return conn.execute end)
  if not fine or type(method) ~= "function" then
    errors.raise("argument", "conn", "conn must be a database connection as LuaSQL gives it, with conn:execute(sql)")
  end
end

-- ---- reading ----

local SPLIT = { country = true, data = true, located_in = true } -- semicolons separate in these under any name
local STRUCTURED = { targets = true, joint = true, except = true, rule = true } -- JSON where they begin so

local function split(text)
  local items = {}
  for item in (text .. ";"):gmatch "(.-);" do items[#items + 1] = item end
  if #items > 1 and items[#items] == "" then items[#items] = nil end -- "a;" is a list of one
  return items
end

local IDS = { id = true, from = true, to = true, party = true } -- text, also where the database has numbers

-- A row as a record. nil and "" say nothing; `name[]` is a list with semicolons; `more` is an object of further fields.
local function record_of(row, part)
  local record = {}
  for column, value in pairs(row) do
    local field = column:gsub("%[%]$", "")
    if type(value) == "number" and IDS[field] and value - value == 0 then
      record[field] = json.encode(value)
    elseif type(value) ~= "string" then
      record[field] = value
    elseif value ~= "" and column ~= "more" then
      local listed = field ~= column or (SPLIT[field] and value:find(";", 1, true))
      if part == "restrictions" and STRUCTURED[field] and value:find "^[%[{]" then
        record[field] = json.decode(value) or value
      elseif listed or (part == "restrictions" and field == "targets") then
        record[field] = split(value)
      else
        record[field] = value
      end
    end
  end
  local more = row.more
  if type(more) == "string" and more:find "^%s*{" then
    local fields, wrong = json.decode(more)
    if type(fields) ~= "table" then return nil, "'more' is no JSON object: " .. tostring(wrong) end
    for field, value in pairs(fields) do record[field] = value end
  elseif type(more) == "string" and more ~= "" then
    record.more = more
  end
  return record
end

-- for every row: take(record, number), or take(nil, number, what is wrong); true | nil, message, code.
local function each_row(conn, query, part, spent, take)
  local cursor, cause = conn:execute(query)
  if cursor == nil then return nil, ("%s: %s"):format(part, tostring(cause)), "io" end
  if type(cursor) == "number" then return nil, part .. ": the statement gives no rows", "io" end
  local number = 0
  local fine, done, message, code = pcall(function()
    while true do
      local row, failed = cursor:fetch({}, "a")
      if row == nil and failed ~= nil then return nil, ("%s: %s"):format(part, tostring(failed)), "io" end
      if row == nil then return true end
      number = number + 1
      local going, why, kind = spent.tick(number, 0, "reading " .. part)
      if not going then return nil, why, kind end
      local record, wrong = record_of(row, part)
      local taken
      taken, why, kind = take(record, number, wrong)
      if not taken then return nil, why, kind end
    end
  end)
  pcall(function() cursor:close() end) -- some drivers close it at the last row
  if not fine then error(done, 0) end
  return done, message, code
end

local METHODS = { entities = "add_entity", relations = "add_relation" }
local ONE = { entities = "entity", relations = "relation", restrictions = "restriction" }

-- What adds records of a part to the builder.
local function taker(builder, part, opts)
  return function(record, number, wrong)
    local added, message, code = nil, wrong and ("%s record %d: %s"):format(ONE[part], number, wrong), "parse"
    if not wrong then
      local fine
      fine, added, message, code = pcall(builder[METHODS[part]], builder, record, part, number)
      if not fine then -- what cannot be kept at all, such as a number that is not finite
        if not (errors.is(added) and added.code == "argument") then error(added, 0) end
        message, code = ("%s record %d: %s"):format(ONE[part], number,
          (tostring(added):gsub("^" .. ONE[part] .. ": ", ""))), "parse"
        added, wrong = nil, message
      end
    end
    if wrong then builder[METHODS[part]](builder, {}, part, number) end -- it counts, so that later ids stay
    if added then return true end
    if opts.on_error ~= "skip" or code ~= "parse" then return nil, message, code end
    builder:skip_record(message)
    return true
  end
end

local function check_queries(queries)
  if type(queries) ~= "table" then
    errors.raise("argument", "queries", 'queries must be a table { entities = "select …", relations = "select …" }')
  end
  for name, query in pairs(queries) do
    local known = name == "title"
    for _, part in ipairs(PARTS) do known = known or name == part end
    if not known then
      errors.raise("argument", "queries", ("there is no part %q (known: entities, relations, restrictions, title)")
        :format(tostring(name)), errors.nearest(tostring(name), { "entities", "relations", "restrictions", "title" }))
    end
    if type(query) ~= "string" then errors.raise("argument", "queries", name .. " must be text") end
  end
  if not queries.entities then errors.raise("argument", "queries", "there is no query for entities") end
end

-- A network from queries, with checked options: net | nil, message, code.
function sql.read(conn, queries, opts)
  check_connection(conn)
  check_queries(queries)
  local builder, spent, restrictions = core.builder(), budget.start(opts), {}
  local done, message, code = true, nil, nil
  for _, part in ipairs { "entities", "relations" } do
    if done and queries[part] then
      done, message, code = builder:begin_file(part)
      if done then done, message, code = each_row(conn, queries[part], part, spent, taker(builder, part, opts)) end
    end
  end
  local skipped = {}
  if done and queries.restrictions then
    done, message, code = each_row(conn, queries.restrictions, "restrictions", spent, function(record, number, wrong)
      if not wrong then
        restrictions[#restrictions + 1] = record
        return true
      end
      local told = ("restriction record %d: %s"):format(number, wrong)
      if opts.on_error ~= "skip" then return nil, told, "parse" end
      skipped[#skipped + 1] = told
      return true
    end)
  end
  if not done then
    builder:close()
    return nil, message, code
  end
  return network.seal(builder, { title = queries.title, restrictions = restrictions, skipped = skipped }, spent.left())
end

-- ---- writing ----

local LONGEST_NAME = 63 -- bytes: PostgreSQL cuts what is longer

local function quoted_name(name, quote, option)
  if type(name) == "table" and #name > 0 then
    local parts = {}
    for i, part in ipairs(name) do parts[i] = quoted_name(part, quote, option) end
    return table.concat(parts, ".")
  end
  if type(name) ~= "string" or name == "" or #name > LONGEST_NAME or name:find "%z" then
    errors.raise("argument", option, ("the name of a table or column must be text of 1 to %d bytes%s"):format(
      LONGEST_NAME, type(name) == "string" and ", not " .. name or ""))
  end
  return quote .. name:gsub(quote, quote .. quote) .. quote
end

-- The tables and columns to write to: { entities = { table =, columns = { { field, column }, … } }, … }.
local function plan_of(opts)
  local quote, plan = opts.quote or '"', {}
  if quote ~= '"' and quote ~= "`" then errors.raise("argument", "quote", 'quote must be \'"\' or "`"') end
  for _, option in ipairs { "tables", "columns" } do
    local given = opts[option]
    if given ~= nil and type(given) ~= "table" then errors.raise("argument", option, option .. " must be a table") end
    for part in pairs(given or {}) do
      if not COLUMNS[part] then
        errors.raise("argument", option, ("there is no part %q (known: %s)"):format(tostring(part),
          table.concat(PARTS, ", ")), errors.nearest(tostring(part), PARTS))
      end
    end
  end
  for _, part in ipairs(PARTS) do
    local renamed, columns, seen = (opts.columns or {})[part] or {}, {}, {}
    local fields = {}
    for i, field in ipairs(COLUMNS[part]) do fields[i] = field end
    fields[#fields + 1] = "more"
    for field in pairs(renamed) do
      local known = false
      for _, one in ipairs(fields) do known = known or one == field end
      if not known then
        errors.raise("argument", "columns", ("%s have no column %q"):format(part, tostring(field)),
          errors.nearest(tostring(field), fields))
      end
    end
    for i, field in ipairs(fields) do
      local name = renamed[field] or field
      columns[i] = { field, quoted_name(name, quote, "columns") }
      if seen[name] then errors.raise("argument", "columns", ("two columns of %s are called %s"):format(part, name)) end
      seen[name] = true
    end
    plan[part] = { table = quoted_name((opts.tables or {})[part] or part, quote, "tables"), columns = columns }
  end
  return plan
end

-- The text of a field's column, and whether it says exactly what the field does.
local function text_of(field, value)
  if type(value) == "string" then
    local taken = field == "targets" or (SPLIT[field] and value:find(";", 1, true))
    return value, value ~= "" and not taken and not (STRUCTURED[field] and value:find "^[%[{]")
  end
  if type(value) ~= "table" then return json.encode(value), false end
  if field == "targets" then return json.encode(value), true end
  if field == "rule" or #value == 0 then return json.encode(value), false end
  local items = {}
  for i, item in ipairs(value) do
    if type(item) ~= "string" then return json.encode(value), false end
    items[i] = item
  end
  return table.concat(items, ";"), false
end

local function values_of(record, columns, literal)
  local values, more, known = {}, {}, {}
  for _, column in ipairs(columns) do known[column[1]] = true end
  for field, value in pairs(record) do
    if not known[field] or field == "more" then more[field] = value end
  end
  for i, column in ipairs(columns) do
    local field = column[1]
    local value = record[field]
    if field == "more" then
      values[i] = next(more) ~= nil and literal(json.encode(more)) or "NULL"
    elseif value == nil then
      values[i] = "NULL"
    else
      local text, exact = text_of(field, value)
      values[i] = literal(text)
      if not exact then more[field] = value end
    end
  end
  return "(" .. table.concat(values, ",") .. ")"
end

local ROWS, BYTES = 200, 200000 -- of one statement

local function insert_all(net, part, plan, run, literal, spent)
  local names, rows, bytes = {}, {}, 0
  for i, column in ipairs(plan.columns) do names[i] = column[2] end
  local head = ("INSERT INTO %s (%s) VALUES "):format(plan.table, table.concat(names, ","))
  local function flush()
    if #rows == 0 then return true end
    local statement = head .. table.concat(rows, ",")
    rows, bytes = {}, 0
    return run(statement)
  end
  for i, record in records.each(net, part) do
    local going, message, code = spent.tick(i, 0, "writing " .. part)
    if not going then return nil, message, code end
    local row = values_of(record, plan.columns, literal)
    if #rows == ROWS or bytes + #row > BYTES then
      going, message, code = flush()
      if not going then return nil, message, code end
    end
    rows[#rows + 1], bytes = row, bytes + #row
  end
  return flush()
end

local function create(part, plan, run)
  local columns = {}
  for i, column in ipairs(plan.columns) do
    columns[i] = column[2] .. " TEXT" .. (column[1] == "id" and " PRIMARY KEY" or "")
  end
  return run(("CREATE TABLE IF NOT EXISTS %s (%s)"):format(plan.table, table.concat(columns, ", ")), part)
end

-- Writes a network into tables: true | nil, message, code. All or nothing, in one transaction.
function sql.write(net, conn, opts)
  opts = errors.options(opts,
    { "columns", "create", "limits", "progress", "quote", "replace", "tables", "transaction" })
  check_connection(conn)
  budget.check(opts)
  for _, name in ipairs { "create", "replace", "transaction" } do
    if opts[name] ~= nil and type(opts[name]) ~= "boolean" then
      errors.raise("argument", name, name .. " must be true or false")
    end
  end
  local plan, spent = plan_of(opts), budget.start(opts)
  local function run(statement)
    local done, cause = conn:execute(statement)
    if done ~= nil then return true end
    return nil, tostring(cause), "io"
  end
  local function literal(text)
    return "'" .. (conn.escape and conn:escape(text) or (text:gsub("'", "''"))) .. "'"
  end
  local function write()
    local done, message, code = true, nil, nil
    for _, part in ipairs(PARTS) do
      if done and opts.create ~= false then done, message, code = create(part, plan[part], run) end
      if done and opts.replace then done, message, code = run("DELETE FROM " .. plan[part].table) end
      if done then done, message, code = insert_all(net, part, plan[part], run, literal, spent) end
    end
    return done, message, code
  end
  local function answer(done, message, code)
    if done then return true end
    return nil, message, code
  end
  if opts.transaction == false then return answer(write()) end
  local begun, cause, kind = run "BEGIN"
  if not begun then return nil, cause, kind end
  local fine, done, message, code = pcall(write)
  if fine and done then done, message, code = run "COMMIT" end
  if not fine or not done then run "ROLLBACK" end
  if not fine then error(done, 0) end
  return answer(done, message, code)
end

return sql
