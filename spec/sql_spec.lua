-- Networks in databases: rows of queries become records, a network becomes rows; on SQLite and on PostgreSQL the same.
local knockon = require "knockon"
local files = require "spec.support.files"
local hostile = require "spec.support.hostile"
local postgres = require "spec.support.postgres"
local raised = require "spec.support.raised"
local random_network = require "spec.support.random_network"

local SEEDS = tonumber(os.getenv "KNOCKON_SEEDS" or "") or 10

local ALL = {
  entities = "SELECT * FROM entities", relations = "SELECT * FROM relations",
  restrictions = "SELECT * FROM restrictions",
}

local function text_of(net)
  local path = files.path "sql.json"
  assert(net:save(path))
  return files.read(path)
end

local function queries(more)
  local out = {}
  for part, query in pairs(ALL) do out[part] = query end
  for part, query in pairs(more or {}) do out[part] = query end
  return out
end

-- The number of rows of a table; nil when there is no such table.
local function count(conn, name)
  local cursor = conn:execute("SELECT COUNT(*) FROM " .. name)
  if not cursor then return nil end
  local n = cursor:fetch()
  cursor:close()
  return tonumber(n)
end

-- { name, start = a new and empty database, or nil and why not, stop }
local sqlite, postgresql = { name = "SQLite" }, { name = "PostgreSQL" }

function sqlite.start()
  local found, driver = pcall(require, "luasql.sqlite3")
  if not found then return nil, "luasql.sqlite3 is not installed" end
  local environment = driver.sqlite3()
  return assert(environment:connect ":memory:"), environment
end

local server, server_missing

function postgresql.start()
  local found, driver = pcall(require, "luasql.postgres")
  if not found then return nil, "luasql.postgres is not installed" end
  if not server and not server_missing then server, server_missing = postgres.start() end
  if not server then return nil, server_missing end
  local environment = driver.postgres()
  local conn = assert(environment:connect("postgres", "knockon", "", server.folder))
  assert(conn:execute "SET client_min_messages = 'error'")
  assert(conn:execute "DROP SCHEMA public CASCADE")
  assert(conn:execute "CREATE SCHEMA public")
  return conn, environment
end

teardown(function()
  if server then server.stop() end
  files.clean()
end)

for _, database in ipairs { sqlite, postgresql } do
  describe("a network in " .. database.name, function()
    local conn, environment, missing

    before_each(function()
      local other
      conn, other = database.start()
      environment, missing = conn and other, not conn and other
    end)

    after_each(function()
      if conn then conn:close() end
      if environment then environment:close() end
      conn, environment = nil, nil
    end)

    local function with(name, work)
      it(name, function()
        if not conn then return pending(missing) end
        work()
      end)
    end

    with("comes back as it was, whatever is in it", function()
      local net = assert(knockon.network(hostile.facts()))
      assert.are.equal(1, select("#", net:write_sql(conn)))
      local again = assert(knockon.read_sql(conn, queries { title = net:title() }))
      assert.are.equal(text_of(net), text_of(again))
      assert.are.equal(#hostile.TEXTS + 7, count(conn, "entities"))
    end)

    with("comes back for random networks", function()
      for seed = 1, SEEDS do
        local net = assert(knockon.network((random_network.make(seed))))
        assert(net:write_sql(conn, { replace = true }))
        assert.are.equal(text_of(net), text_of(assert(knockon.read_sql(conn, queries()))), "seed " .. seed)
      end
    end)

    with("is written whole or not at all", function()
      local net = assert(knockon.network(hostile.facts()))
      assert(conn:execute "CREATE TABLE restrictions (id INTEGER)") -- in the way of the last table
      local none, message, code = net:write_sql(conn)
      assert.are.same({ "nil", "io" }, { tostring(none), code })
      assert.is_string(message)
      assert.is_nil(count(conn, "entities"))
      assert(conn:execute "DROP TABLE restrictions")
      assert.is_true(net:write_sql(conn))
      none, message = net:write_sql(conn) -- the ids are there already
      assert.is_nil(none)
      assert.truthy(message:lower():find "unique", message)
      assert.are.equal(#hostile.TEXTS + 7, count(conn, "entities"))
      none, _, code = net:write_sql(conn, { replace = true, limits = { seconds = 0 } }) -- too few records to be asked
      assert.are.same({ "true", "nil" }, { tostring(none), tostring(code) })
    end)

    with("stops at its limits without a trace", function()
      local entities = {}
      for i = 1, 9000 do entities[i] = { id = "e" .. i, name = "Entity " .. i } end
      local net = assert(knockon.network { entities = entities })
      local none, message, code = net:write_sql(conn, { limits = { seconds = 0 } })
      assert.are.same({ "nil", "limit" }, { tostring(none), code }, message)
      assert.is_nil(count(conn, "entities"))
      none, message, code = net:write_sql(conn, { progress = function() return false end })
      assert.are.same({ "nil", "interrupted" }, { tostring(none), code }, message)
      local asked = 0
      assert(net:write_sql(conn, { progress = function() asked = asked + 1 end }))
      assert.is_true(asked > 0)
      none, message, code = knockon.read_sql(conn, queries(), { limits = { seconds = 0 } })
      assert.are.same({ "nil", "limit" }, { tostring(none), code }, message)
    end)

    with("goes into the tables and columns that the user names, hostile ones too", function()
      local net = assert(knockon.network(hostile.facts()))
      local opts = {
        tables = { entities = 'my "entities"; DROP TABLE x', relations = "it's", restrictions = "SELECT" },
        columns = { entities = { name = 'legal "name"' }, relations = { from = "owner", to = "owned" } },
      }
      assert.is_true(net:write_sql(conn, opts))
      local again = assert(knockon.read_sql(conn, {
        title = net:title(),
        entities = [[SELECT id, "legal ""name""" AS name, kind, country, located_in, lei, cik, since, "until", source,
          evidence, confidence, more FROM "my ""entities""; DROP TABLE x"]],
        relations = [[SELECT r.*, owner AS "from", owned AS "to", NULL AS owner, NULL AS owned FROM "it's" AS r]],
        restrictions = 'SELECT * FROM "SELECT"',
      }))
      for _, relation in ipairs(again:relations()) do
        assert.is_true(relation.owner == nil or relation.owner == relation.from)
      end
      assert.are.equal(#net:relations(), #again:relations())
      assert.are.same(net:entities(), again:entities())
    end)

    with("leaves transactions to the caller who asks for that", function()
      local net = assert(knockon.network { entities = { { id = "a" } } })
      assert(conn:execute "BEGIN")
      assert.is_true(net:write_sql(conn, { transaction = false }))
      assert(conn:execute "ROLLBACK")
      assert.is_nil(count(conn, "entities"))
    end)
  end)

  describe("tables of one's own in " .. database.name, function()
    local conn, environment, missing

    before_each(function()
      local other
      conn, other = database.start()
      environment, missing = conn and other, not conn and other
      if not conn then return end
      for _, statement in ipairs {
        "CREATE TABLE company (number INTEGER, legal_name TEXT, iso TEXT, tags TEXT)",
        "INSERT INTO company VALUES (1, 'Holding', 'US', 'a;b'), (2, 'Shop', 'US;DE', NULL), (3, NULL, '', '')",
        "CREATE TABLE stake (holder INTEGER, held INTEGER, part TEXT, first_day TEXT)",
        "INSERT INTO stake VALUES (1, 2, '51%', '2020-03'), (2, 3, NULL, NULL)",
      } do
        assert(conn:execute(statement))
      end
    end)

    after_each(function()
      if conn then conn:close() end
      if environment then environment:close() end
      conn, environment = nil, nil
    end)

    local ENTITIES = 'SELECT number AS id, legal_name AS name, iso AS country, tags AS "tags[]" FROM company'
    local RELATIONS = [[SELECT 'owns' AS kind, holder AS "from", held AS "to", part AS share, first_day AS since
      FROM stake ORDER BY holder]]

    local function with(name, work)
      it(name, function()
        if not conn then return pending(missing) end
        work()
      end)
    end

    with("are read by queries whose columns are called as fields are", function()
      local net = assert(knockon.read_sql(conn, { entities = ENTITIES, relations = RELATIONS, title = "Ours" }))
      assert.are.equal("Ours", net:title())
      assert.are.same({ id = "1", name = "Holding", country = "US", tags = { "a", "b" } }, net:entity "1")
      assert.are.same({ "US", "DE" }, net:entity("2").country)
      assert.are.same({ id = "3" }, net:entity "3")
      assert.are.same({
        { id = "relations#1", kind = "owns", from = "1", to = "2", share = "51%", since = "2020-03-01" },
        { id = "relations#2", kind = "owns", from = "2", to = "3" },
      }, net:relations())
      assert.are.equal(1, select("#", knockon.read_sql(conn, { entities = ENTITIES })))
    end)

    with("that have a wrong row are an error with its number, or are read without it", function()
      assert(conn:execute "INSERT INTO stake VALUES (9, 1, '150%', NULL), (10, 1, '5%', NULL), (11, 1, '5%', NULL)")
      local none, message, code = knockon.read_sql(conn, { entities = ENTITIES, relations = RELATIONS })
      assert.are.same({ "nil", "parse" }, { tostring(none), code })
      assert.truthy(message:find("relation record 3", 1, true), message)
      assert.truthy(message:find("150%", 1, true), message)
      local net = assert(knockon.read_sql(conn, { entities = ENTITIES, relations = RELATIONS }, { on_error = "skip" }))
      local complete, skipped = net:complete()
      assert.is_false(complete)
      assert.are.equal(3, #skipped)
      assert.are.equal(2, #net:relations())
    end)

    with("are not there, or no query is one: an error with what the database says", function()
      for _, query in ipairs { "SELECT * FROM nowhere", "SELEC", "DROP TABLE stake" } do
        local none, message, code = knockon.read_sql(conn, { entities = ENTITIES, relations = query })
        assert.are.same({ "nil", "io" }, { tostring(none), code }, query)
        assert.truthy(message:find "^relations: ", message)
      end
    end)

    with("may hold restrictions, and further fields as JSON", function()
      local net = assert(knockon.read_sql(conn, {
        entities = [[SELECT number AS id, '{"nested": {"deep": [1, 2]}, "rating": 0.5}' AS more FROM company]],
        restrictions = "SELECT 'act' AS id, 'icts' AS rule, '1;3' AS targets UNION ALL "
          .. [[SELECT 'class', 'icts', '{"country": ["CN"]}']],
      }))
      assert.are.same({ { 1, 2 }, 0.5 }, { net:entity("1").nested.deep, net:entity("1").rating })
      assert.are.same({ { "1", "3" }, { country = { "CN" } } },
        { net:restrictions()[1].targets, net:restrictions()[2].targets })
      local broken = "SELECT number AS id, '{broken' AS more FROM company"
      local none, message, code = knockon.read_sql(conn, { entities = broken })
      assert.are.same({ "nil", "parse" }, { tostring(none), code })
      assert.truthy(message:find("entity record 1: 'more' is no JSON object", 1, true), message)
    end)
  end)
end

describe("a connection", function()
  -- One that answers from a list and remembers what it was told.
  local function fake(rows)
    local conn = { told = {}, open = 0 }
    function conn:execute(statement)
      self.told[#self.told + 1] = statement
      if not statement:find "^SELECT" then return 0 end
      local i = 0
      self.open = self.open + 1
      return {
        fetch = function()
          i = i + 1
          if rows[i] == "broken" then return nil, "the line is dead" end
          if type(rows[i]) == "function" then rows[i]() end
          return rows[i]
        end,
        close = function() conn.open = conn.open - 1 end,
      }
    end
    return conn
  end

  it("is asked row by row, and its cursors are closed whatever happens", function()
    local conn = fake { { id = "a" }, { id = "b" } }
    assert.are.equal(2, #assert(knockon.read_sql(conn, { entities = "SELECT" })))
    assert.are.equal(0, conn.open)
    conn = fake { { id = "a" }, "broken" }
    local none, message, code = knockon.read_sql(conn, { entities = "SELECT" })
    assert.are.same({ "nil", "entities: the line is dead", "io" }, { tostring(none), message, code })
    assert.are.equal(0, conn.open)
    conn = fake { { id = "a" }, function() error("raised in the driver", 0) end }
    assert.are.equal("raised in the driver", raised(knockon.read_sql, conn, { entities = "SELECT" }))
    assert.are.equal(0, conn.open)
    conn = fake { { id = "a", x = 0 / 0 } }
    none, message, code = knockon.read_sql(conn, { entities = "SELECT" })
    assert.are.same({ "nil", "parse" }, { tostring(none), code })
    assert.truthy(message:find("entity record 1: 'x' is a number that is not finite", 1, true), message)
  end)

  it("without escape gets quotes doubled, and a rollback when something is raised", function()
    local conn = fake {}
    local net = knockon.network { entities = { { id = "it's" } } }
    assert.is_true(net:write_sql(conn))
    assert.truthy(table.concat(conn.told, "\n"):find("('it''s',NULL", 1, true))
    assert.are.same({ "BEGIN", "COMMIT" }, { conn.told[1], conn.told[#conn.told] })
    conn = fake {}
    function conn.escape() error("raised in the driver", 0) end
    assert.are.equal("raised in the driver", raised(net.write_sql, net, conn))
    assert.are.equal("ROLLBACK", conn.told[#conn.told])
  end)

  it("must be one, and so must be what is asked of it", function()
    local conn, net = fake {}, knockon.network { entities = { { id = "a" } } }
    for _, other in ipairs { {}, 5, "db" } do
      assert.are.equal("conn", raised(knockon.read_sql, other, { entities = "SELECT" }).argument)
      assert.are.equal("conn", raised(net.write_sql, net, other).argument)
    end
    for _, wrong in ipairs { 5, {}, { entities = 5 }, { entities = "x", relation = "y" } } do
      assert.are.equal("queries", raised(knockon.read_sql, conn, wrong).argument)
    end
    assert.are.equal("onerror", raised(knockon.read_sql, conn, { entities = "SELECT" }, { onerror = "skip" }).argument)
    for option, wrong in pairs {
      tables = { entity = "x" }, columns = { entities = { nam = "x" } }, quote = "'", replace = 1, table = {},
    } do
      assert.are.equal(option, raised(net.write_sql, net, conn, { [option] = wrong }).argument)
    end
    assert.are.equal("tables", raised(net.write_sql, net, conn, { tables = { entities = ("x"):rep(64) } }).argument)
    local twice = { entities = { name = "id" } }
    assert.are.equal("columns", raised(net.write_sql, net, conn, { columns = twice }).argument)
    assert.are.same({}, conn.told)
    net:close()
    assert.are.equal("closed", raised(net.write_sql, net, conn).code)
  end)

  it("may have schemata and other quotes", function()
    local conn = fake {}
    knockon.network({}):write_sql(conn, { tables = { entities = { "my", "firms" } }, quote = "`" })
    assert.truthy(conn.told[2]:find("CREATE TABLE IF NOT EXISTS `my`.`firms` (`id` TEXT PRIMARY KEY", 1, true))
  end)
end)
