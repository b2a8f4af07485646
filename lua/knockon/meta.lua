---@meta knockon
-- The reference of `require "knockon"`: every function, every table it takes or gives. Editors read this file (LuaLS);
-- it is not needed at run time, and spec/meta_spec.lua holds it to the code.
--
-- How it is written:
--   Every function says what it is for, then, where they apply: Cost (what it grows with), Errors (codes of the error
--   objects it raises, for misuse), Fails (codes of `nil, message, code`, for what may happen to anybody), Source
--   (where the meaning is written). What needs a closed network raises `closed`; that is not repeated.
--   Every ```lua block is an example that runs by itself after the preamble below; `-->` lines are what it prints, with
--   two spaces between the values of one print. Paths are seen from a checkout.
--
-- What holds everywhere:
--   Ids are UTF-8 bytes, compared bytewise. Lists of entities and of rows are sorted by id.
--   Dates are "2018", "2018-03" or "2018-03-05" (the first day named); in force on a day d: since <= d < until.
--   Nothing is changed by being looked at: tables that come out are copies.
--
-- Preamble:
-- ```lua
-- local knockon = require "knockon"
-- local net = knockon.network {
--   title = "A cloud and its users",
--   entities = {
--     { id = "vendor", name = "Vendor Group", country = "CN" },
--     { id = "cloud", name = "Vendor Cloud", kind = "service" },
--     { id = "plant", name = "Plant GmbH", country = "DE" },
--     { id = "shop", name = "Shop Inc", country = "US" },
--     { id = "holding", name = "Holding Inc", country = "US" },
--     { id = "founder", kind = "person" },
--   },
--   relations = {
--     { id = "runs", kind = "operates", from = "vendor", to = "cloud" },
--     { id = "hosting", kind = "supplies", from = "cloud", to = "plant", since = "2019", spend = "1200000.50",
--       currency = "USD", contract = "c1" },
--     { id = "web", kind = "supplies", from = "cloud", to = "shop" },
--     { id = "majority", kind = "owns", from = "holding", to = "plant", share = "60%" },
--     { id = "band", kind = "owns", from = "holding", to = "shop", share = "25-75%" },
--     { id = "top", kind = "owns", from = "founder", to = "holding", share = ">50%" },
--   },
--   restrictions = {
--     { id = "review", rule = "icts", targets = { "cloud" }, status = "review", since = "2021" },
--   },
-- }
-- local day = net:scenario { as_of = "2022-01-18" }
-- local ban = day:ban("cloud", { rule = "icts", scope = "owned" })
-- local exposure = ban:exposure()
-- ```

-- luacheck: ignore 212 241

-- ---- words ---------------------------------------------------------------------------------------------------------

--- How sure an answer is. Every open question (a share that is a band, a country that is missing) is answered twice:
--- `yes` holds when only what is certain is admitted, `possible` only when all that may be is admitted.
---@alias knockon.Verdict "yes"|"possible"|"no"

--- Who is bound, each level with those before it: home entities; their branches abroad (one legal person with them, 28
--- CFR 202.256); who is located in the home country; what has a home firm above it on the chain (31 CFR 560.215, where
--- the home firm is liable); users of a contract whose `party` is a home entity (28 CFR 202.305).
---@alias knockon.Scope "entity"|"branches"|"located"|"owned"|"facilitation"

--- What a restriction does. Only `prohibit` makes exposed; the others make concerned.
---@alias knockon.Measure "prohibit"|"license"|"mitigate"|"review"|"warn"

--- Where a restriction stands. Only `active` is in force, unless a scenario assumes otherwise.
---@alias knockon.Status "proposed"|"review"|"active"|"suspended"|"revoked"|"failed"

--- Kinds of entity; any other text is kept and counts as a firm.
---@alias knockon.EntityKind "firm"|"branch"|"service"|"site"|"person"|"state"|string

--- Kinds of relation, read as a verb from `from` to `to`.
---@alias knockon.RelationKind
---| "owns"
---| "controls"
---| "consolidates"
---| "has_branch"
---| "operates"
---| "supplies"
---| "linked"
---| "same_as"

--- A date: "2018", "2018-03" or "2018-03-05".
---@alias knockon.Date string

--- A share as an answer gives it: the least and the most it may be, each an exact percentage such as "60%"; equal when
--- it is known. "0.0000001%" is the smallest step: a share that is above zero, or one step beside an open end.
---@alias knockon.Share string[]

--- Sums of money a year: currency to exact decimal text. What is not known is absent, never 0; nothing is converted.
---@alias knockon.Spend table<string, string>

--- Called while work goes on, with how much is done, of how much, and what is being done. `false` cancels: the call
--- then fails with `interrupted`. An error raised in it is passed on.
---@alias knockon.Progress fun(done: number, total: number, what: string): boolean?

--- The third value of what may fail: `io` (a file cannot be read or written), `parse` (data that cannot be understood;
--- the message has file and line or record), `limit` (more than `limits` allow), `interrupted` (`progress` said false),
--- `missing` (a Lua library that a format needs; the message says what to install).
--- The first value is then nil, the second the message.
---@alias knockon.FailureCode "io"|"parse"|"limit"|"interrupted"|"missing"

--- What misuse raises. It prints as one sentence, with what was probably meant.
--- ```lua
--- local fine, err = pcall(day.ban, day, "clowd")
--- print(err)
--- --> no entity has the id "clowd"; did you mean "cloud"?
--- print(fine, err.code, err.argument, err.near[1])
--- --> false  unknown_id  targets  cloud
--- ```
---@class knockon.Error
---@field code "argument"|"unknown_id"|"unknown_rule"|"rule"|"closed"|"io"|"parse" the last two of `knockon.read_csv`
---@field message string without the hint
---@field argument? string the argument or field that is wrong
---@field near? string[] words that exist, nearest first, at most three

-- ---- what a network is made of -------------------------------------------------------------------------------------

--- An entity, as it is given and as it comes back. Any further field is kept: text, number, boolean, a list of these,
--- or a table (kept as JSON). Dates come back in full.
--- ```lua
--- local entity = net:entity "plant"
--- print(entity.id, entity.name, entity.country, entity.kind)
--- --> plant  Plant GmbH  DE  nil
--- ```
---@class knockon.Entity
---@field id string not empty, no two alike
---@field kind? knockon.EntityKind missing: firm
---@field name? string
---@field country? string|string[] where it is organised: ISO 3166-1 alpha-2
---@field located_in? string|string[] where it is located, when elsewhere
---@field since? knockon.Date
---@field until? knockon.Date
---@field source? string where this is written
---@field evidence? string
---@field confidence? number 0 to 1; kept, not counted
---@field [string] any

--- A relation, as it is given and as it comes back. `same_as` makes one entity of two records, named by the smaller id.
--- Any further field is kept. A share comes back as text that reads the same: "60%", ">50%", "[25%,75%]".
--- ```lua
--- local relation = net:relations { id = "band" }[1]
--- print(relation.kind, relation.from, relation.to, relation.share)
--- --> owns  holding  shop  [25%,75%]
--- ```
---@class knockon.Relation
---@field id? string missing: `file#record`, of files of one name that are read together with as much of the path
--- before it as tells them apart (`2024/rr.csv#7`); always there when it comes back
---@field kind knockon.RelationKind
---@field from string id of an entity: owner, controller, supplier, …
---@field to string id of an entity: owned, controlled, user, …
---@field share? string|number `owns`: "51%", "25-50%", ">50%", "(25%,50%]", or a fraction 0..1; missing: above 0
---@field basis? "equity"|"votes" `owns`; missing: equity
---@field class? string `owns`: the kind of stock
---@field by? string `controls`: board, contract, golden_share, vie, nominee, …
---@field need? string `supplies`: what for; suppliers for one need are alternatives
---@field reliance? "full"|"material"|"low"|"none" `supplies`
---@field spend? string|number `supplies`: amount a year, a decimal; needs `currency`
---@field currency? string `supplies`
---@field contract? string `supplies`
---@field party? string `supplies`: id of the entity that signed
---@field rank? integer `supplies`: 1 = direct
---@field fraction? number `supplies`: of the need, 0 to 1
---@field data? string|string[] `supplies`: personal, ip, …
---@field since? knockon.Date
---@field until? knockon.Date
---@field source? string where this is written
---@field evidence? string
---@field confidence? number 0 to 1; counts for `scenario:odds` alone
---@field [string] any

--- A dated act against targets, in the data. Any further field is kept.
--- ```lua
--- local restriction = net:restrictions()[1]
--- print(restriction.id, restriction.rule, restriction.targets[1], restriction.status)
--- --> review  icts  cloud  review
--- ```
---@class knockon.Restriction
---@field id? string missing: `restriction-1`, …; always there when it comes back
---@field rule string|knockon.Rule how to read it: a shipped one by id, or one written out (no file: data opens none);
--- `listing` when its rule is not modelled
---@field targets string|string[]|knockon.Filter ids, or a filter over entities
---@field title? string
---@field measure? knockon.Measure missing: the rule's, else prohibit
---@field status? knockon.Status missing: active
---@field scope? knockon.Scope missing: the rule's
---@field since? knockon.Date
---@field until? knockon.Date
---@field joint? string[][] groups of targets that count as one, under a rule with `sum = "joint"`
---@field except? knockon.Exception[] what it does not reach
---@field source? string where this is written
---@field [string] any

--- Fields and the values wanted of them: all fields must hold; of a list of values one is enough; a field that is
--- itself a list holds when one of its items does; a missing field never holds. `id`, `kind` (missing = firm),
--- `name`, `since` and `until` are fields, of relations also `from`, `to` and `basis` (missing = equity). A name that
--- nothing has matches nothing.
--- ```lua
--- for _, entity in ipairs(net:entities { country = { "US", "DE" }, kind = "firm" }) do print(entity.id) end
--- --> holding
--- --> plant
--- --> shop
--- ```
---@alias knockon.Filter table<string, string|number|boolean|(string|number|boolean)[]>

--- A licence or a wind-down: the `supplies` that the filter matches do not count, but rows stay and are marked.
---@class knockon.Exception
---@field covers knockon.Filter over relations
---@field contracts_before? knockon.Date only relations that began before this day
---@field since? knockon.Date
---@field until? knockon.Date
---@field source? string where this is written

--- The parts of a network.
---@class knockon.Facts
---@field title? string
---@field entities? knockon.Entity[]
---@field relations? knockon.Relation[]
---@field restrictions? knockon.Restriction[]
---@field knockon? 1 the version of the format, as in a file

--- Bounds on one load or one evaluation; each call begins anew.
---@class knockon.Limits
---@field seconds? number 0 or more
---@field bytes? number 1 or more: memory of the engine, without what Lua holds

--- A format that `load` reads. Files packed as gzip or zip are read as what is in them (with lua-zlib); XML needs
--- luaexpat.
---@alias knockon.Format
---| "bods"            # Beneficial Ownership Data Standard 0.1 to 0.4: JSON, or one statement a line
---| "csv"             # native CSV files
---| "cyclonedx"       # CycloneDX, JSON: components, services and who supplies them
---| "denied_persons"  # the Denied Persons List (BIS), tab-separated
---| "dora"            # the Register of Information of DORA, zip or folder
---| "exhibit21"       # tables of subsidiaries out of Exhibit 21 of US annual reports
---| "followthemoney"  # FollowTheMoney: entities, one a line, and delta files
---| "gleif"           # GLEIF Level 1, Level 2 and reporting exceptions: CSV, XML, JSON
---| "graphml"         # GraphML
---| "native"          # native JSON
---| "ndjson"          # native records, one a line
---| "ofac"            # OFAC's SDN and consolidated lists, the old CSV files
---| "opensanctions"   # OpenSanctions' simple table of targets
---| "psc"             # UK persons with significant control, the snapshot of Companies House
---| "screening"       # the Consolidated Screening List of the US government, CSV and JSON

--- Options of whatever makes a network.
---@class knockon.LoadOptions
---@field from? knockon.Format `load` only; missing: found from the content
---@field on_error? "stop"|"skip" at a record that is wrong: stop (default), or leave it out, see `net:complete`
---@field limits? knockon.Limits
---@field progress? knockon.Progress

--- What a network can be written as, and the endings of a path that ask for it. `native`, `ndjson`, `csv`,
--- `followthemoney`, `bods` and `graphml` lose nothing: what the last three have no words for is written beside what
--- they have, where other tools pass over it, and counts as long as nobody changed the rest. Others are for looking.
---
--- `spreadsheet` is CSV that is safe to open in a spreadsheet. What would begin a formula (with = + - @, a tab or a
--- carriage return), and what begins with an apostrophe, has an apostrophe in front: at the start of a cell, and after
--- a semicolon, tab or line break in it. To undo it, take one apostrophe off wherever one stands there: that gives the
--- native CSV.
---@alias knockon.SaveFormat
---| "native" # .json
---| "ndjson" # .ndjson, .jsonl
---| "csv" # a folder
---| "spreadsheet" # a folder, only when it is asked for
---| "followthemoney" # .ftm.json, .ftm.ndjson, .ftm
---| "bods" # .bods.json, .bods: version 0.4
---| "graphml" # .graphml
---| "gexf" # .gexf
---| "dot" # .dot, .gv
---| "cytoscape" # .cyjs, .cytoscape.json

--- Options of `save`.
---@class knockon.SaveOptions
---@field to? knockon.SaveFormat missing: as the path asks
---@field format? knockon.SaveFormat the same
---@field published? string `bods`: the day of publication; missing: the latest on which anything in the network begins

--- A connection to a database as LuaSQL makes it: `execute(sql)` gives a cursor (with `fetch(row, "a")` and `close()`),
--- a number, or nil and a message; `escape(text)` makes a text fit for single quotes.
---@alias knockon.Connection userdata|table

--- Options of `net:write_sql`. A table with a schema is a list: { "schema", "table" }.
---@class knockon.SqlOptions
---@field tables? { entities?: string|string[], relations?: string|string[], restrictions?: string|string[] }
---@field columns? table<string, table<string, string>> columns by part and field: { relations = { from = "owner" } }
---@field create? boolean false: the tables are there
---@field replace? boolean true: the tables are emptied first
---@field transaction? boolean false: the caller begins and ends one
---@field quote? '"'|"`" what names stand in; missing: the quotes of standard SQL
---@field limits? knockon.Limits
---@field progress? knockon.Progress

--- Options of `net:merge`.
---@class knockon.MergeOptions
---@field on string[] fields that identify, such as "lei"; "id": equal ids are one entity; {}: nothing is joined
---@field prefix? string put before ids of the second network that stand for something else in the first; missing: such
--- ids are an error
---@field title? string missing: the first network's, else the second's
---@field limits? knockon.Limits
---@field progress? knockon.Progress

--- What `net:merge` did; `tostring(report)` counts it.
---@class knockon.MergeReport
---@field joined knockon.Join[] field by field of `on`, then in the order of the second network
---@field conflicts knockon.Conflict[] in the order of the second network, those of equal ids first
---@field ambiguous knockon.Ambiguity[] identifiers that both networks have and that joined nothing
---@field renamed { part: string, from: string, to: string }[] with a prefix
---@field repeated { entities: integer, relations: integer, restrictions: integer } alike in both, kept once

--- Two entities that are one.
---@class knockon.Join
---@field id string in the first network
---@field other string in the second, as it is called in the new one
---@field on string the field
---@field value string what both have

--- A field of which two joined records say different things.
---@class knockon.Conflict
---@field id string in the first network
---@field other string in the second
---@field field string
---@field kept? any the first's value, which stands; missing for a date that it leaves open
---@field dropped any the second's, kept in its record under `overruled`
---@field won "first"
---@field reason string
---@field kept_source? string `source` of the first's entity
---@field dropped_source? string `source` of the second's record

--- A value that joined nothing, because several entities have it, or because another identifier says otherwise.
---@class knockon.Ambiguity
---@field on string
---@field value string
---@field first string[] ids, at most ten
---@field second string[] ids, at most ten
---@field reason string

--- CSV or NDJSON data that is not one folder.
---@class knockon.CsvPaths
---@field entities string
---@field relations string
---@field restrictions? string

-- ---- knockon -------------------------------------------------------------------------------------------------------

--- What does a ban break, and whose problem does it become?
---@class knockon
---@field version string
---@field _VERSION string
---@field null userdata null of JSON: in `scenario:set`, a field to take away
local knockon = {}

--- Reads a network from a file or folder: native JSON, or CSV files with the native names in their first line
--- (entities.csv, relations.csv, and restrictions.csv if there is one). In CSV a column `name[]` is a list with
--- semicolons. All or nothing, unless `on_error = "skip"`.
---
--- Newline-delimited JSON has one record a line: with `from` or `to` a relation, else with `rule` or `targets` a
--- restriction, else an entity; the first line may be `{"knockon":1,"title":…}`. It is one file, known by its name
--- (.ndjson, .jsonl) or by a first line that is a whole object with more after it; or entities.ndjson, relations.ndjson
--- and perhaps restrictions.ndjson in a folder, where the file says what a line is. Each of these files may be packed
--- as gzip (network.json.gz, entities.csv.gz), which needs lua-zlib.
---
--- Files that others publish are read as they are, recognised by what is in them (see `knockon.Format`): one file, the
--- files of a list or of a folder, all of one format. Ends that they name and do not describe are entities with
--- `dangling = true`; dates that cannot be are kept as `since_given` and `until_given`. Networks of several formats are
--- loaded one by one and merged.
---
--- Cost: the bytes of the files; memory grows with the network, not with the files. Native JSON stands in Lua tables
--- meanwhile: for millions of records take CSV or NDJSON.
--- Errors: `argument`
--- Fails: `io`, `parse`, `limit`, `interrupted`, `missing` (a Lua library that the format needs)
--- ```lua
--- local network = assert(knockon.load "examples/alibaba-2022.json")
--- print(network:entity("ibm").name)
--- --> IBM
--- local none, _, code = knockon.load "no/such/file.json"
--- print(none, code)
--- --> nil  io
--- ```
---@param path string|string[]|knockon.CsvPaths
---@param opts? knockon.LoadOptions
---@return knockon.Network? network
---@return string? message
---@return knockon.FailureCode? code
function knockon.load(path, opts) end

--- Opens a snapshot that `net:freeze` wrote; the network is as it was then. A file of another version of knockon is
--- refused, and so is one that is damaged where answers are worked out from. `verify` has every byte looked at, names
--- and further fields too, and every column held against the others, as `knockon.load` does with a snapshot: open so
--- what comes from elsewhere. A file that was made to deceive can still be wrong; no check tells.
---
--- Cost: a look at each relation, about 40 ms for 12 million; names and fields are read when they are asked for. With
--- verify: the bytes of the file and again a look at each relation, 0.3 s for 12 million.
--- Errors: `argument`
--- Fails: `io`, `parse`, `limit`, `interrupted`
--- ```lua
--- local path = os.tmpname()
--- knockon.load("examples/alibaba-2022.json"):freeze(path)
--- local network = assert(knockon.open(path, { verify = true }))
--- print(network:entity("ibm").name, network:sources()[1].file)
--- --> IBM  examples/alibaba-2022.json
--- print(select("#", knockon.open "README.md"), (select(2, knockon.open "README.md")))
--- --> 3  README.md: this is no snapshot
--- os.remove(path)
--- ```
---@param path string
---@param opts? { verify?: boolean, limits?: knockon.Limits, progress?: knockon.Progress }
---@return knockon.Network? network
---@return string? message
---@return knockon.FailureCode? code
function knockon.open(path, opts) end

--- Reads a network from native JSON text.
---
--- Cost: the bytes of the text, which stands in Lua tables meanwhile.
--- Errors: `argument`
--- Fails: `parse`, `limit`, `interrupted`
--- ```lua
--- local network = assert(knockon.decode '{ "knockon": 1, "entities": [ { "id": "a" }, { "id": "b" } ] }')
--- print(#network)
--- --> 2
--- print(knockon.decode '{ "knockon": 1, "entities": [ { "id": "a" }, { "id": "a" } ] }')
--- --> nil  entity record 2 'a': this id was given before, by entity record 1  parse
--- ```
---@param text string
---@param opts? knockon.LoadOptions
---@return knockon.Network? network
---@return string? message
---@return knockon.FailureCode? code
function knockon.decode(text, opts) end

--- Makes a network from tables. A record that is wrong is misuse here, and raises.
---
--- Cost: the number of records and their fields.
--- Errors: `argument`
--- Fails: `limit`, `interrupted`
--- ```lua
--- local network = knockon.network {
---   entities = { { id = "bank", country = "US" }, { id = "fund" } },
---   relations = { { kind = "owns", from = "bank", to = "fund", share = 0.5 } },
--- }
--- print(network:relations({})[1].share)
--- --> 50%
--- print(pcall(knockon.network, { entities = { { name = "no id" } } }))
--- --> false  entity record 1: it has no id
--- ```
---@param facts knockon.Facts
---@param opts? knockon.LoadOptions
---@return knockon.Network? network
---@return string? message
---@return knockon.FailureCode? code
function knockon.network(facts, opts) end

--- Makes a network record by record, in any order: for data of your own.
---
--- Cost: constant.
--- Errors: `argument`
--- ```lua
--- local builder = knockon.builder()
--- builder:entity { id = "bank" }:entity { id = "fund" }
--- builder:relation { kind = "owns", from = "bank", to = "fund", share = ">50%" }
--- print(#builder:build())
--- --> 2
--- ```
---@param opts? knockon.LoadOptions
---@return knockon.Builder
function knockon.builder(opts) end

--- Reads any CSV file row by row, for a builder. A row has its cells by the names in the first line, and by number; a
--- cell that is missing is "". A file that cannot be read, or that is empty, raises.
---
--- Cost: the bytes of the file; one row is held at a time.
--- Errors: `argument`, `io`, `parse`
--- ```lua
--- local path = os.tmpname()
--- local file = io.open(path, "w")
--- file:write("buyer;seller\nPlant;Cloud\nShop;\"Cloud; Inc\"\n")
--- file:close()
--- for row, line in knockon.read_csv(path, { separator = ";" }) do print(line, row.buyer, row.seller, row[1]) end
--- --> 2  Plant  Cloud  Plant
--- --> 3  Shop  Cloud; Inc  Shop
--- os.remove(path)
--- ```
---@param path string
---@param opts? { separator?: string } one byte, no quote or line break; missing: a comma
---@return fun(): table<string|integer, string>?, integer? rows next row and the line it begins on
function knockon.read_csv(path, opts) end

--- Reads a network from a database, over a connection of LuaSQL (luasql.sqlite3, luasql.postgres, …) or one with the
--- same methods. Each query gives one part, row by row; columns are called as fields are: `SELECT holder AS "from"`.
--- NULL and '' say nothing; a column `name[]` is a list with semicolons, as `country`, `data` and `located_in` may be;
--- an object in a column `more` holds further fields, as `net:write_sql` writes them. Numbers in `id`, `from`, `to` and
--- `party` become text.
---
--- Cost: the rows; one is held at a time, besides what the driver holds.
--- Errors: `argument`
--- Fails: `io`, `parse`, `limit`, `interrupted`
--- ```lua
--- local rows = { SELECT_1 = { { id = 1, name = "Plant" }, { id = 2, country = "US;CA" } } } -- a connection in small
--- local conn = { execute = function(_, query)
---   return { fetch = function() return table.remove(rows[query], 1) end, close = function() end }
--- end }
--- local network = knockon.read_sql(conn, { entities = "SELECT_1", title = "From a database" })
--- print(#network, network:entity("1").name, network:entity("2").country[2])
--- --> 2  Plant  CA
--- ```
---@param conn knockon.Connection
---@param queries { entities: string, relations?: string, restrictions?: string, title?: string }
---@param opts? knockon.LoadOptions
---@return knockon.Network? network
---@return string? message
---@return knockon.FailureCode? code
function knockon.read_sql(conn, queries, opts) end

--- What rows of a table say of entities and relations. A text in braces is the cell of that column, what stands around
--- it stays: `id = "de-{number}"`. A field whose cell is empty is missing; an entity without an id, and a relation
--- without one of its ends, is not there. The first row that names an entity describes it. A field may also be a
--- function of the row (a table by column name).
---@class knockon.TableMap
---@field entities? table<string, any>[] each with `id`
---@field relations? table<string, any>[] each with `kind`, `from`, `to`
---@field where? fun(row: table<string, string>): boolean which rows are read; all without it
---@field separator? string one byte; missing: what the first line has most of, of comma, tab, semicolon and |
---@field columns? string[] names, for a table without a first line of names
---@field title? string

--- Reads a network from any table of a spreadsheet, CSV or TSV (also packed as gzip or zip), by a map of its columns.
--- Write shares with their sign, as in `share = "{percent}%"`; one that is none is unknown, and kept as `share_given`.
--- Names of countries, and of states of the US, become codes, with the text as `jurisdiction`.
---
--- Cost: the bytes of the file; memory grows with the network.
--- Errors: `argument`
--- Fails: `io`, `parse`, `limit`, `interrupted`, `missing`
--- ```lua
--- local path = os.tmpname()
--- local file = assert(io.open(path, "w"))
--- file:write "parent;company;land;percent\nTop;Unit;Germany;51\nTop;Other;Delaware;\n"
--- file:close()
--- local holdings = assert(knockon.read_table(path, {
---   entities = { { id = "{parent}" }, { id = "{company}", country = "{land}" } },
---   relations = { { kind = "owns", from = "{parent}", to = "{company}", share = "{percent}%" } },
--- }))
--- print(holdings:entity("Other").country, holdings:relations({ to = "Unit" })[1].share)
--- --> US  51%
--- os.remove(path)
--- ```
---@param path string
---@param map knockon.TableMap
---@param opts? knockon.LoadOptions
---@return knockon.Network? network
---@return string? message
---@return knockon.FailureCode? code
function knockon.read_table(path, map, opts) end

--- The ids of the rules that ship, sorted.
---
--- Cost: their number.
--- ```lua
--- local shipped = {}
--- for _, id in ipairs(knockon.rules()) do shipped[id] = true end
--- print(shipped.icts, shipped.ofac_50, shipped.listing)
--- --> true  true  true
--- ```
---@return string[]
function knockon.rules() end

--- A rule, checked and with every default filled in, as a new table: a shipped one by id, one of your own from a
--- table or from a file that ends in .lua (run without globals and with a bound on its steps).
---
--- Cost: the size of the rule.
--- Errors: `argument`, `rule`, `unknown_rule`
--- Source: each rule names its own; see `knockon.Rule`.
--- ```lua
--- local rule = knockon.rule "ofac_50"
--- print(rule.owned.at_least, rule.owned.sum, rule.in_force[1].since)
--- --> 50%  all  2014-08-13
--- print(pcall(knockon.rule, { id = "mine", bound = { anyone = true }, owned = { atleast = "50%" } }))
--- --> false  rule mine: unknown field owned.atleast; allowed: at_least, more_than, of, sum; did you mean "at_least"?
--- ```
---@param rule string|knockon.Rule
---@return knockon.Rule
function knockon.rule(rule) end

--- Writes a network: `net:save(path, opts)` as a function.
---
--- Cost: the number of records and their fields.
--- Errors: `argument`
--- Fails: `io`
--- ```lua
--- local path = os.tmpname()
--- knockon.save(net, path, { to = "dot" })
--- print(io.open(path):read "*l")
--- --> digraph knockon {
--- os.remove(path)
--- ```
---@param net knockon.Network
---@param path string
---@param opts? knockon.SaveOptions
---@return true? saved
---@return string? message
---@return "io"? code
function knockon.save(net, path, opts) end

--- One call for hosts: a plain request in, a plain answer out, which outlives the network and is what the command
--- prints with `--format json`.
---
--- Cost: that of the methods it stands for, and the rows of the answer.
--- Errors: `argument`, `unknown_id`, `unknown_rule`, `rule`
--- Fails: `limit`, `interrupted`
--- ```lua
--- local answer = knockon.answer(net, {
---   question = "ban", targets = "cloud", scope = "owned", as_of = "2022-01-18",
---   edits = { { drop = "web" }, { except = { contract = "c1" }, ["until"] = "2023" } },
--- })
--- for _, parent in ipairs(answer.parents) do print(parent.id, parent.verdict, parent.excepted["until"]) end
--- --> holding  yes  2023-01-01
--- print(knockon.answer(net, { question = "why", id = "shop", as_of = "2022-01-18" }).why.status)
--- --> not_in_force
--- ```
---@param net knockon.Network
---@param request knockon.Request
---@return knockon.Answer? answer
---@return string? message
---@return knockon.FailureCode? code
function knockon.answer(net, request) end

-- ---- Builder -------------------------------------------------------------------------------------------------------

--- Collects records; `build` makes the network and ends the builder. Methods return the builder, so that calls chain.
---@class knockon.Builder
local Builder = {}

--- Adds an entity. With `on_error = "skip"` one that is wrong is left out instead of raising.
---
--- Cost: the fields of the record.
--- Errors: `argument`, `closed` (after `build`)
--- ```lua
--- local builder = knockon.builder():entity { id = "a", kind = "firm", country = "US", founded = 1901 }
--- print(builder:build():entity("a").founded)
--- --> 1901
--- ```
---@param entity knockon.Entity
---@return knockon.Builder
function Builder:entity(entity) end

--- Adds a relation. Its ends may be added later; that they exist is checked by `build`.
---
--- Cost: the fields of the record.
--- Errors: `argument`, `closed` (after `build`)
--- ```lua
--- local builder = knockon.builder():relation { kind = "controls", from = "a", to = "b", by = "board" }
--- print(#builder:entity { id = "a" }:entity { id = "b" }:build():relations { by = "board" })
--- --> 1
--- ```
---@param relation knockon.Relation
---@return knockon.Builder
function Builder:relation(relation) end

--- Adds a restriction, which is checked by `build`.
---
--- Cost: constant.
--- Errors: `argument`, `closed` (after `build`)
--- ```lua
--- local builder = knockon.builder():entity { id = "a" }
--- builder:restriction { id = "act", rule = "listing", targets = { "a" }, since = "2024-05-01" }
--- print(builder:build():restrictions()[1].id)
--- --> act
--- ```
---@param restriction knockon.Restriction
---@return knockon.Builder
function Builder:restriction(restriction) end

--- Gives the network a title.
---
--- Cost: constant.
--- Errors: `argument`, `closed` (after `build`)
--- ```lua
--- print(knockon.builder():title("Suppliers of 2024"):build():title())
--- --> Suppliers of 2024
--- ```
---@param text string
---@return knockon.Builder
function Builder:title(text) end

--- Makes the network. What is still wrong (an end that no entity has, an id given twice) raises.
---
--- Cost: the number of entities and relations.
--- Errors: `argument`, `closed` (built before)
--- Fails: `limit`, `interrupted`
--- ```lua
--- local builder = knockon.builder():entity { id = "a" }
--- print((builder:build()))
--- --> network (1 entities, 0 relations)
--- ```
---@return knockon.Network? network
---@return string? message
---@return knockon.FailureCode? code
function Builder:build() end

-- ---- Network -------------------------------------------------------------------------------------------------------

--- The facts: entities, relations and restrictions. It never changes; scenarios share it. `#net` is the number of
--- entities, records that are `same_as` one another counted once; `tostring(net)` says how large it is.
--- ```lua
--- print(#net, net)
--- --> 6  network (6 entities, 6 relations)
--- ```
---@class knockon.Network
---@operator len: integer
local Network = {}

--- One entity, with what all its records say; nil when there is none. Of records that are `same_as` one another any id
--- finds the one entity.
---
--- Cost: its fields.
--- Errors: `argument`
--- ```lua
--- print(net:entity("holding").name, net:entity "nobody" == nil)
--- --> Holding Inc  true
--- ```
---@param id string
---@return knockon.Entity?
function Network:entity(id) end

--- The entities that match, all without a filter.
---
--- Cost: all entities are looked at.
--- Errors: `argument`
--- ```lua
--- for _, entity in ipairs(net:entities { country = "US" }) do print(entity.id) end
--- --> holding
--- --> shop
--- ```
---@param filter? knockon.Filter
---@return knockon.Entity[]
function Network:entities(filter) end

--- The relations that match, all without a filter, whether in force or not; in the order of `from`, not of ids.
---
--- Cost: all relations are looked at.
--- Errors: `argument`
--- ```lua
--- for _, relation in ipairs(net:relations { kind = "supplies", from = "cloud" }) do
---   print(relation.id, relation.to, relation.since)
--- end
--- --> hosting  plant  2019-01-01
--- --> web  shop  nil
--- ```
---@param filter? knockon.Filter
---@return knockon.Relation[]
function Network:relations(filter) end

--- Entities whose field is a given text: first those where it is exactly so, then those that differ in ASCII case. Each
--- record by itself, not merged.
---
--- Cost: all entities are looked at.
--- Errors: `argument`
--- ```lua
--- print(net:find({ name = "SHOP inc" })[1].id)
--- --> shop
--- ```
---@param query table<string, string> one field and its text
---@return knockon.Entity[]
function Network:find(query) end

--- The title, if it has one.
---
--- Cost: constant.
--- ```lua
--- print(net:title())
--- --> A cloud and its users
--- ```
---@return string?
function Network:title() end

--- The restrictions of the data, by id, as they were given.
---
--- Cost: their number.
--- ```lua
--- for _, restriction in ipairs(net:restrictions()) do print(restriction.id, restriction.since) end
--- --> review  2021
--- ```
---@return knockon.Restriction[]
function Network:restrictions() end

--- How much of what it holds: entities and relations by kind (kinds with none are absent), restrictions, relations with
--- a date, `owns` whose share is not known; and what is probably a mistake: ends that nothing describes, dates that
--- cannot be, duplicates, identifiers that several entities have (`net:warnings` names them).
---
--- Cost: all entities and relations are looked at; the identifiers are sorted, once.
--- ```lua
--- local counts = net:counts()
--- print(counts.entities.firm, counts.relations.owns, counts.restrictions, counts.dated, counts.shares_unknown)
--- --> 4  3  1  1  0
--- ```
---@return knockon.Counts
function Network:counts() end

--- What is doubtful in the data as of today (UTC): `overlap`, `above_whole`, `self_holding`, `ring`; and in how it is
--- written: `country_code`, `field_name`, `identifier`. For another day ask the exposure.
---
--- Cost: all relations are looked at.
--- ```lua
--- local network = knockon.network {
---   entities = { { id = "a" }, { id = "b" }, { id = "c" } },
---   relations = { { kind = "owns", from = "a", to = "c", share = "60%" },
---                 { kind = "owns", from = "b", to = "c", share = "60%" } },
--- }
--- local warning = network:warnings()[1]
--- print(warning.code, warning.message)
--- --> above_whole  c: the holders' shares sum above 100 %; they are not scaled
--- ```
---@return knockon.Warning[]
function Network:warnings() end

--- Whether every record was read, and those that were left out because of `on_error = "skip"`.
---
--- Cost: the number of records left out.
--- ```lua
--- local network = knockon.network({ entities = { { id = "a" }, { id = "a" } } }, { on_error = "skip" })
--- local complete, skipped = network:complete()
--- print(complete, skipped[1].record, skipped[1].cause)
--- --> false  2  entity 'a': this id was given before, by entity record 1
--- ```
---@return boolean complete
---@return knockon.Skipped[] skipped
function Network:complete() end

--- The files it was read from, with their SHA-256; empty for a network made from tables.
---
--- Cost: their number.
--- ```lua
--- local source = knockon.load("examples/alibaba-2022.json"):sources()[1]
--- print(source.file, #source.sha256, #net:sources())
--- --> examples/alibaba-2022.json  64  0
--- ```
---@return knockon.Source[]
function Network:sources() end

--- How many bytes the engine holds for it.
---
--- Cost: constant.
--- ```lua
--- local memory = net:memory()
--- print(memory.total == memory.adjacency + memory.ids + memory.fields, memory.peak >= memory.total)
--- --> true  true
--- ```
---@return knockon.Memory
function Network:memory() end

--- The relations in force on a day that match, as a graph with igraph's measures, from their `from` to their `to`; all
--- but `same_as` without a filter. Entities without such a relation are not in it.
---
--- Cost: all relations are looked at.
--- Errors: `argument`
--- Fails: `limit`, `interrupted`
--- ```lua
--- local owners = net:graph { kind = "owns" }
--- print(owners, owners:degree().holding)
--- --> graph (4 entities, 3 edges)  3
--- ```
---@param filter? knockon.Filter
---@param opts? knockon.GraphOptions
---@return knockon.Graph? graph
---@return string? message
---@return knockon.FailureCode? code
function Network:graph(filter, opts) end

--- Options of `net:graph`.
---@class knockon.GraphOptions
---@field as_of? knockon.Date missing: today (UTC)
---@field limits? knockon.Limits
---@field progress? knockon.Progress

--- A scenario: this network on a day, with the restrictions that the data has in force.
---
--- Cost: constant; what is in force on the day is worked out when it is first needed.
--- Errors: `argument`
--- ```lua
--- local nothing = net:scenario { as_of = "2022-01-18", restrictions = "none" }
--- print(#nothing:exposure():restrictions(), #nothing:ban("cloud"):exposure():users())
--- --> 0  2
--- ```
---@param opts? knockon.ScenarioOptions
---@return knockon.Scenario
function Network:scenario(opts) end

--- Joins another network to this one: a new network, and a report. Entities are one when they share an identifier that
--- `on` names (asked in that order; a value joins when exactly one entity of each network has it); names join nothing.
--- Both records stay, with a `same_as` that says why, so that either id finds the entity; where they contradict each
--- other this network counts, and what the other says stays under `overruled`. Relations keep their ids, ends and
--- sources, restrictions their targets; a condition on fields now looks at the entities of both. Records that both have
--- alike are kept once. Any number of networks are joined in a chain: `a:merge(b, opts):merge(c, opts)`.
---
--- Cost: the records of both. Identifiers and ids are held meanwhile.
--- Errors: `argument` (of `prefix` when both use one id for different things)
--- Fails: `limit`, `interrupted`
--- ```lua
--- local register = knockon.network { entities = { { id = "acme", lei = "5493X", name = "Acme", country = "US" } } }
--- local list = knockon.network {
---   entities = { { id = "12", lei = "5493X", name = "ACME CORP" }, { id = "13" } },
---   relations = { { id = "r", kind = "owns", from = "13", to = "12", share = "60%" } },
--- }
--- local both, report = register:merge(list, { on = { "lei", "cik" } })
--- print(#both, both:entity("12").name, both:entity("acme").name, report)
--- --> 2  Acme  Acme  1 joined, 1 conflicts, 0 ambiguous, 0 renamed, 0 repeated
--- local conflict = report.conflicts[1]
--- print(conflict.field, conflict.kept, conflict.dropped, conflict.won)
--- --> name  Acme  ACME CORP  first
--- ```
---@param other knockon.Network
---@param opts knockon.MergeOptions
---@return knockon.Network? network
---@return knockon.MergeReport|string message the report, where there is a network
---@return knockon.FailureCode? code
function Network:merge(other, opts) end

--- Writes it into the tables of a database, all or nothing, in one transaction. The tables `entities`, `relations` and
--- `restrictions` are made unless they are there; their columns are text. What a column does not say exactly, and every
--- field without one, stands in the column `more` as JSON, so that `knockon.read_sql` gives the same network back (the
--- title is no row: give it there). An id that is there already is a failure, unless `replace` empties the tables.
---
--- Cost: the records and their fields.
--- Errors: `argument`
--- Fails: `io`, `limit`, `interrupted`
--- ```lua
--- local told = {}
--- local conn = { execute = function(_, statement) told[#told + 1] = statement; return 0 end } -- one of LuaSQL's
--- print(net:write_sql(conn, { tables = { entities = "firms" } }))
--- --> true
--- print(told[1], told[2]:match "^(.-) %(", told[#told])
--- --> BEGIN  CREATE TABLE IF NOT EXISTS "firms"  COMMIT
--- ```
---@param conn knockon.Connection
---@param opts? knockon.SqlOptions
---@return true? saved
---@return string? message
---@return knockon.FailureCode? code
function Network:write_sql(conn, opts) end

--- Who holds how much of an entity in the end, and what it holds, through everybody in between (integrated ownership):
--- products along chains, added over all ways, corrected for what goes round rings of holdings. A branch is wholly its
--- head office's, what one firm alone operates wholly that firm's. A share that is not known exactly gives an interval;
--- nobody has more than what the others surely leave.
---
--- Cost: the holdings below it, and those above it once for each owner.
--- Errors: `argument`, `unknown_id`
--- Fails: `limit`, `interrupted`
--- Source: Brioschi, Buzzacchi and Colombo 1989 (gross); Baldone, Brioschi and Paleari 1998 (low and high).
--- ```lua
--- for _, row in ipairs(net:holdings("shop", { as_of = "2022" }).owners) do
---   print(row.id, row.low, row.high, row.ultimate, row.share and row.share[2])
--- end
--- --> founder  0.12500000025  0.75  true  nil
--- --> holding  0.25  0.75  false  75%
--- print(#net:holdings("founder").holdings)
--- --> 3
--- ```
---@param id string
---@param opts? knockon.NetworkHoldingsOptions
---@return knockon.Holdings? holdings
---@return string? message
---@return knockon.FailureCode? code
function Network:holdings(id, opts) end

--- Whom an entity controls, who controls it, and what the votes of its holders are worth. Control is more than half of
--- equity or of votes, together with what is controlled already; any `controls` or `consolidates`; branches and head
--- offices; what is operated. Power is the Shapley-Shubik index: how often a holder turns a coalition that loses into
--- one with more than half; it is told only of exact shares, of at most 24 holders.
---
--- Cost: what it controls, the relations of everybody above once for each of them, and every coalition of its holders.
--- Errors: `argument`, `unknown_id`
--- Fails: `limit`, `interrupted`
--- Source: Shapley and Shubik 1954.
--- ```lua
--- local answer = net:control "plant"
--- print(answer.controlled_by[1].id, answer.controlled_by[2].id, answer.holders[1].id, answer.holders[1].power > 0.9)
--- --> founder  holding  holding  true
--- for _, row in ipairs(net:control("founder").controls) do print(row.id, row.verdict, row.because) end
--- --> holding  yes  owned
--- --> plant  yes  owned
--- --> shop  possible  owned
--- ```
---@param id string
---@param opts? knockon.NetworkControlOptions
---@return knockon.Control? control
---@return string? message
---@return knockon.FailureCode? code
function Network:control(id, opts) end

--- Options of `net:holdings`.
---@class knockon.NetworkHoldingsOptions
---@field as_of? knockon.Date missing: today (UTC)
---@field basis? "equity"|"votes" missing: equity
---@field limits? knockon.Limits
---@field progress? knockon.Progress

--- Options of `net:control`.
---@class knockon.NetworkControlOptions
---@field as_of? knockon.Date missing: today (UTC)
---@field limits? knockon.Limits
---@field progress? knockon.Progress

--- Who holds an entity, and what it holds.
---@class knockon.Holdings
---@field id string
---@field name? string
---@field basis "equity"|"votes"
---@field owners knockon.Holding[]
---@field holdings knockon.Holding[]
---@field settled boolean whether every ring has settled; where not, `low` is a lower and `high` an upper bound

--- One owner, or one entity that is held. Figures are parts of the whole, 0 to 1.
---@class knockon.Holding
---@field id string
---@field name? string
---@field low number what is surely held in the end
---@field high number what may be
---@field gross_low? number not corrected for rings, so that it may exceed 1; nil: what goes round has no end
---@field gross_high? number
---@field share? knockon.Share what is held without anybody in between
---@field ultimate? boolean owners: whether nobody holds it

--- Who controls whom.
---@class knockon.Control
---@field id string
---@field name? string
---@field controls knockon.RestrictedRow[] whom it controls, `because` of what; without `restrictions`
---@field controlled_by knockon.Controller[] who controls it, alone with what it controls
---@field basis "equity"|"votes" of the holders: votes where any are known
---@field holders knockon.Voter[] who holds it directly
---@field refused? string why power is not told

--- Somebody who controls an entity.
---@class knockon.Controller
---@field id string
---@field name? string
---@field verdict knockon.Verdict yes or possible

--- A direct holder.
---@class knockon.Voter
---@field id string
---@field name? string
---@field share knockon.Share
---@field power? number 0 to 1; all sum to 1

--- Writes it in the format that `to` names or that the ending of the path asks for; any other path becomes a folder of
--- CSV files. The same facts give the same bytes, whatever order they came in. A file is replaced whole or not at all.
---
--- Cost: the number of records and their fields.
--- Errors: `argument`
--- Fails: `io`
--- ```lua
--- local path = os.tmpname()
--- print(net:save(path, { to = "native" }), #knockon.load(path))
--- --> true  6
--- os.remove(path)
--- print(select("#", net:save "no/such/folder"), (net:save "no/such/folder"))
--- --> 3  nil
--- ```
---@param path string
---@param opts? knockon.SaveOptions
---@return true? saved
---@return string? message
---@return "io"? code
function Network:save(path, opts) end

--- Writes it as a snapshot: one file that `knockon.open` maps instead of reading, so that it is there in milliseconds
--- and processes share its memory. A cache, not an archive: only this version and build of knockon opens it, on this
--- kind of machine. The file is replaced whole, by a rename, so that those who have the old one open keep it; never
--- change one in place, since shortening it ends whoever has it open.
---
--- Cost: the bytes of the network.
--- Errors: `argument`
--- Fails: `io`
--- ```lua
--- local path = os.tmpname()
--- print(net:freeze(path), #knockon.open(path))
--- --> true  6
--- os.remove(path)
--- print((select(2, net:freeze "no/such/file")))
--- --> no/such/file: No such file or directory
--- ```
---@param path string
---@return true? frozen
---@return string? message
---@return "io"? code
function Network:freeze(path) end

--- Gives its memory back at once, instead of when it is collected. Its scenarios and exposures are of no use
--- afterwards; closing twice is fine.
---
--- Cost: constant.
--- ```lua
--- net:close()
--- print(net, pcall(net.entities, net))
--- --> network (closed)  false  this network is closed
--- ```
function Network:close() end

--- Numbers of records, from `net:counts`.
---@class knockon.Counts
---@field entities table<string, integer> by kind
---@field relations table<string, integer> by kind
---@field restrictions integer
---@field dated integer relations with a date
---@field shares_unknown integer `owns` whose share is not known
---@field dangling integer entities that the sources name and do not describe
---@field odd_dates integer records that begin after today, or whose dates could not be kept as they were given
---@field duplicates integer relations that say what another says, but for id and source
---@field collisions integer identifiers (lei, cik, imo, …) that several entities have

--- Bytes, from `net:memory`.
---@class knockon.Memory
---@field total number
---@field adjacency number ends, kinds, shares and dates of relations
---@field ids number ids, names and other texts
---@field fields number which record has which further field
---@field peak number the most there was while it was made
---@field mapped number bytes of a snapshot, which all processes that have it open share; 0 for what was loaded

--- A record that was left out.
---@class knockon.Skipped
---@field cause string what kind of record, its id, and what is wrong with it
---@field file? string
---@field line? integer CSV and NDJSON: where it begins
---@field record? integer its number among those of its kind, from 1

--- A file that data came from.
---@class knockon.Source
---@field file string
---@field sha256 string 64 hex digits

--- Something to look at.
---@class knockon.Warning
---@field code
---| "identifier"        # several entities have one identifier, such as a lei
---| "overlap"           # two reports of one holding begin on the same day; their hull counts
---| "above_whole"       # the shares in a firm sum above 100 %; they are not scaled
---| "self_holding"      # a firm owns a share in itself; it is not counted
---| "ring"              # firms that hold each other by majority; the first id stands for all
---| "self_supporting"   # firms that would restrict each other, but nothing restricted does; they are not restricted
---| "rule_not_in_force" # a ban under a rule that is not in force on the day; it applies all the same
---| "no_target"         # a condition on targets that no entity meets; nothing is restricted by it
---| "no_relation"       # a filter of `drop` that no relation in force meets; nothing is dropped by it
---| "country_code"      # not two upper-case letters: no rule knows it; an exposure names its users only
---| "field_name"        # a field that means nothing, but is nearly one that does; no ids, or that of the restriction
---| "skipped"           # in answers: a record that was left out
---@field ids string[] relations for overlap and self_holding, the ban or restriction for rule_not_in_force and
--- no_target, none for no_relation, entities otherwise
---@field message string

-- ---- Scenario ------------------------------------------------------------------------------------------------------

--- A network on a day, with restrictions and edits: a value that never changes. Every what-if method returns a new one.
--- It keeps its network alive and never copies it. `tostring` names the day and counts bans and edits.
--- ```lua
--- print(#ban:exposure():parents(), #day:exposure():parents(), ban, ban:drop "web")
--- --> 2  0  scenario (2022-01-18, 1 ban)  scenario (2022-01-18, 1 ban, 1 edit)
--- ```
---@class knockon.Scenario
local Scenario = {}

--- Options of `net:scenario`.
---@class knockon.ScenarioOptions
---@field as_of? knockon.Date missing: today (UTC)
---@field restrictions? "none" leave those of the data aside, unless assumed; missing: as in force
---@field limits? knockon.Limits of each evaluation
---@field progress? knockon.Progress of each evaluation

--- The same on another day.
---
--- Cost: the edits so far; what is in force is worked out anew.
--- Errors: `argument`
--- ```lua
--- local before = ban:at("2018-12-31"):exposure()
--- for _, user in ipairs(before:users()) do print(user.id) end
--- --> shop
--- ```
---@param date knockon.Date
---@return knockon.Scenario
function Scenario:at(date) end

--- Adds a hypothetical ban to what is in force. It applies whatever the dates of its rule; a warning says when the
--- rule is not in force. Bans and restrictions under one rule and scope are one act: their targets' stakes add up as
--- the rule says. Targets not in force on the day do nothing.
---
--- Cost: the targets named; a filter is answered at evaluation, by looking at all entities.
--- Errors: `argument`, `unknown_id`, `unknown_rule`, `rule`
--- Source: the rule's; under `ofac_50` stakes of all targets add up (OFAC FAQ 399).
--- ```lua
--- local wide = day:ban({ country = "CN", kind = "firm" }, { rule = "icts", scope = "owned", id = "wide" })
--- for _, row in ipairs(wide:exposure():restricted()) do print(row.id, row.because, row.restrictions[1]) end
--- --> cloud  operated  wide
--- --> vendor  target  wide
--- ```
---@param targets string|string[]|knockon.Filter an id, ids, or a filter over entities
---@param opts? knockon.BanOptions
---@return knockon.Scenario
function Scenario:ban(targets, opts) end

--- Options of `scenario:ban`.
---@class knockon.BanOptions
---@field rule? string|knockon.Rule missing: icts
---@field scope? knockon.Scope missing: the rule's
---@field measure? knockon.Measure missing: prohibit
---@field joint? string[][] groups of targets that count as one, under a rule with `sum = "joint"`
---@field except? knockon.Exception[] what the ban does not reach
---@field id? string missing: ban-1, ban-2, …
---@field title? string

--- Takes a restriction of the data as active, whatever its status. Its dates and those of its rule still count.
---
--- Cost: the number of restrictions.
--- Errors: `argument`, `unknown_id`
--- ```lua
--- local assumed = day:assume("review", { scope = "owned" })
--- for _, parent in ipairs(assumed:exposure():parents()) do print(parent.id, parent.verdict) end
--- --> holding  yes
--- --> shop  possible
--- ```
---@param id string
---@param opts? { scope?: knockon.Scope } instead of its own
---@return knockon.Scenario
function Scenario:assume(id, opts) end

--- Takes a ban, or a restriction of the data, away.
---
--- Cost: the number of bans and restrictions.
--- Errors: `unknown_id`
--- ```lua
--- print(#ban:lift("ban-1"):exposure():users(), #day:assume("review"):lift("review"):exposure():users())
--- --> 0  0
--- ```
---@param id string
---@return knockon.Scenario
function Scenario:lift(id) end

--- Excepts relations from every restriction: a licence, a wind-down. Rows that only they carry stay, marked `excepted`.
---
--- Cost: constant, for ids a look at all relations; at evaluation every `supplies` reached is held against every
--- exception.
--- Errors: `argument`, `unknown_id`
--- ```lua
--- local eased = ban:except({ contract = "c1" }, { ["until"] = "2022-06-30", source = "licence 7" })
--- local user = eased:exposure():users({ ids = { "plant" } })[1]
--- print(user.verdict, user.excepted["until"], user.excepted.source)
--- --> yes  2022-06-30  licence 7
--- ```
---@param filter string|string[]|knockon.Filter an id, ids, or a filter over relations
---@param opts? knockon.ExceptOptions
---@return knockon.Scenario
function Scenario:except(filter, opts) end

--- Options of `scenario:except`.
---@class knockon.ExceptOptions
---@field since? knockon.Date
---@field until? knockon.Date the day it lapses
---@field contracts_before? knockon.Date only relations that began before this day
---@field source? string where this is written

--- Ends relations: as if they had ended, so that a dropped holding still supersedes older reports of it. An id must be
--- there; a filter that no relation in force on the day meets drops nothing, and a warning of the exposure says so.
---
--- Cost: all relations are looked at once.
--- Errors: `argument`, `unknown_id`
--- ```lua
--- print(#ban:drop("hosting"):exposure():users(), #ban:drop({ kind = "supplies" }):exposure():users())
--- --> 1  0
--- print(ban:drop({ kind = "supply" }):exposure():warnings()[1].message)
--- --> drop: no relation matches kind = supply
--- ```
---@param relations string|string[]|knockon.Filter|knockon.Plan an id, ids, a filter over the relations in force, or
--- what `exposure:cut` found
---@return knockon.Scenario
function Scenario:drop(relations) end

--- Adds a relation between entities of the network. Any kind but `same_as`.
---
--- Cost: the edits so far; what is in force is worked out anew.
--- Errors: `argument`, `unknown_id`
--- ```lua
--- local more = ban:add { kind = "supplies", from = "cloud", to = "holding" }
--- local path = more:exposure():parents({ ids = { "holding" } })[1].path
--- print(path[#path].relation, path[#path].id)
--- --> added-1  holding
--- ```
---@param relation knockon.Relation its id, when missing: added-1, added-2, …
---@return knockon.Scenario
function Scenario:add(relation) end

--- Sets fields of one relation; the others stay, and so does its id. `knockon.null` takes a field away. Of an `owns` it
--- is that report which says otherwise: a later report still supersedes it.
---
--- Cost: as `drop`.
--- Errors: `argument`, `unknown_id`
--- ```lua
--- local majority = ban:set("band", { share = "51%" })
--- print(majority:exposure():parents({ ids = { "holding" } })[1].users[2])
--- --> shop
--- ```
---@param relation string its id
---@param fields table<string, any> of a relation, but not `id` or `kind`
---@return knockon.Scenario
function Scenario:set(relation, fields) end

--- The owner holds this share of the owned, whatever was reported of the pair before, on one basis: with `since` from
--- that day on, otherwise on every day. It takes nothing from others.
---
--- Cost: as `drop`, and the holdings of the owner.
--- Errors: `argument`, `unknown_id`
--- ```lua
--- local bought = day:ban("vendor", { rule = "ofac_50" }):acquire("vendor", "shop", "50%")
--- print(bought:exposure():restricted({ ids = { "shop" } })[1].because)
--- --> owned
--- ```
---@param owner string
---@param owned string
---@param share string|number as of a relation, but not 0 %
---@param opts? knockon.AcquireOptions
---@return knockon.Scenario
function Scenario:acquire(owner, owned, share, opts) end

--- Options of `scenario:acquire`: fields of the holding.
---@class knockon.AcquireOptions
---@field basis? "equity"|"votes" missing: equity
---@field class? string this kind of stock alone; missing: all that the owner holds on the basis
---@field since? knockon.Date missing: on every day
---@field until? knockon.Date
---@field id? string missing: added-1, added-2, …
---@field source? string
---@field evidence? string
---@field confidence? number

--- Ends what the owner holds of the owned, `consolidates` with it; or, with a share, sells that much of the firm out of
--- the holding that is in force on the day. To sell a band leaves a band.
---
--- Cost: as `acquire`.
--- Errors: `argument` (also when there is nothing to sell, or less than that), `unknown_id`
--- ```lua
--- local sold = ban:divest("holding", "plant", "10.0000001%")
--- print(#sold:exposure():parents({ ids = { "holding" } }), sold:exposure():parents()[1].id)
--- --> 1  holding
--- print(ban:divest("holding", "plant"):exposure():parents({ ids = { "holding" } })[1].verdict)
--- --> possible
--- ```
---@param owner string
---@param owned string
---@param share? string|number missing: all of it; not 0 %
---@param opts? knockon.DivestOptions
---@return knockon.Scenario
function Scenario:divest(owner, owned, share, opts) end

--- Options of `scenario:divest`, where the owner has several holdings in the firm.
---@class knockon.DivestOptions
---@field basis? "equity"|"votes"
---@field class? string "" for the stock without a class

--- What users get from one supplier comes from another. The relations keep their ids, needs, contracts and spend; one
--- by which the new supplier itself was supplied ends.
---
--- Cost: as `drop`, and the supplies of the old supplier.
--- Errors: `argument` (also when the old one supplies nobody, or none of the users), `unknown_id`
--- ```lua
--- local moved = ban:substitute("cloud", "holding", { users = { "plant" } })
--- for _, user in ipairs(moved:exposure():users()) do print(user.id) end
--- --> shop
--- ```
---@param from string the supplier they leave
---@param to string the one they go to
---@param opts? knockon.SubstituteOptions
---@return knockon.Scenario
function Scenario:substitute(from, to, opts) end

--- Options of `scenario:substitute`.
---@class knockon.SubstituteOptions
---@field users? string|string[] missing: all users of the old supplier

--- Evaluates, once: further calls return the same exposure. A restriction is in force when its status, its own dates
--- and those of its rule say so, or when it is a ban.
---
--- Cost: what is reached from the targets, not what the network holds. The first evaluation on a day with given edits
--- also looks at every relation and entity that has a date; scenarios that differ only in restrictions share that.
--- Errors: `argument`, `unknown_rule`, `rule`
--- Fails: `limit`, `interrupted`
--- Source: 15 CFR part 791 for `icts`, OFAC FAQ 398-402 for `ofac_50`; the other rules name theirs.
--- ```lua
--- for _, parent in ipairs(ban:exposure():parents()) do print(parent.name, parent.verdict, parent.scope) end
--- --> Holding Inc  yes  owned
--- --> Shop Inc  possible  entity
--- local function stop() return false end
--- print(net:scenario({ progress = stop }):ban("cloud"):exposure())
--- --> nil  interrupted while following ownership  interrupted
--- ```
---@return knockon.Exposure? exposure
---@return string? message
---@return knockon.FailureCode? code
function Scenario:exposure() end

--- The same with one scope asked of every restriction and ban.
---
--- Cost: constant.
--- Errors: `argument`
--- ```lua
--- local function sure(scope) return #ban:at_scope(scope):exposure():parents { verdict = "yes" } end
--- print(sure "entity", sure "owned")
--- --> 0  1
--- ```
---@param scope knockon.Scope
---@return knockon.Scenario
function Scenario:at_scope(scope) end

--- How many are restricted, bound as users, exposed as parents, and concerned: the verdicts of an exposure without its
--- rows, shares and reasons, counted straight from the network. What an evaluation needs is kept with the day and the
--- edits, so that another ban on them costs only what it reaches.
---
--- Cost: one pass over the relations the first time a day and edits are asked about; then what the bans reach, some ten
--- nanoseconds a relation. After a few counts that went far, what harm follows and what owners hold is laid out side by
--- side (4 to 8 bytes a relation and 12 an entity, within `limits.bytes`), and later ones take a third. Restrictions
--- under one rule and scope whose measures differ are evaluated in full.
--- Errors: `unknown_id`, `argument`
--- Fails: `limit`, `interrupted`
--- ```lua
--- local count = ban:count()
--- print(count.restricted, count.users, count.parents, count.parents_possible)
--- --> 1  2  1  1
--- print(ban:count("restricted").users)
--- --> nil
--- ```
---@param what? "restricted" Count the restricted alone, which ends with the cascade of ownership and control.
---@return knockon.VerdictCounts? counts
---@return string? message
---@return knockon.FailureCode? code
function Scenario:count(what) end

--- Numbers of entities, from `scenario:count`: those that are certain, and beside them those that are only possible.
---@class knockon.VerdictCounts
---@field restricted integer
---@field restricted_possible integer
---@field users? integer that are bound
---@field users_possible? integer
---@field parents? integer
---@field parents_possible? integer
---@field concerned? integer bound users and parents under measures that do not prohibit
---@field concerned_possible? integer

--- One path from a target to every exposed parent, all found in the one pass that `scenario:count` makes. Under a rule
--- such as `reach` a path has the fewest steps; where ownership adds up it runs through the stake that met the test
--- last. The arithmetic is in `exposure:why`.
---
--- Cost: that of `scenario:count` and about half as much again; a path is written out when it is asked for.
--- Errors: `unknown_id`
--- Fails: `limit`, `interrupted`
--- ```lua
--- for id, verdict, path in ban:proofs():each() do print(id, verdict, #path, path[1].id) end
--- --> holding  yes  3  cloud
--- --> shop  possible  2  cloud
--- ```
---@return knockon.Proofs? proofs
---@return string? message
---@return knockon.FailureCode? code
function Scenario:proofs() end

--- Paths to the exposed parents, from `scenario:proofs`.
---@class knockon.Proofs
local Proofs = {}

--- How many parents are exposed, surely or perhaps.
---
--- Cost: constant.
--- ```lua
--- print(ban:proofs():count())
--- --> 2
--- ```
---@return integer
function Proofs:count() end

--- How many relations all paths have together.
---
--- Cost: as many steps.
--- ```lua
--- print(ban:proofs():steps())
--- --> 3
--- ```
---@return integer
function Proofs:steps() end

--- The path to a parent; nil when it is not exposed.
---
--- Cost: the steps of the path.
--- Errors: `unknown_id`, `closed`
--- ```lua
--- local path, verdict = ban:proofs():path "holding"
--- print(verdict, path[2].kind, path[2].id)
--- --> yes  supplies  plant
--- ```
---@param id string
---@return knockon.Step[]? path
---@return knockon.Verdict? verdict
function Proofs:path(id) end

--- Every parent with its verdict and path, in order of id, for a `for` loop.
---
--- Cost: the steps of the paths that are taken.
--- Errors: `closed`
--- ```lua
--- for id, verdict in ban:proofs():each() do print(id, verdict) end
--- --> holding  yes
--- --> shop  possible
--- ```
---@return fun(): string?, knockon.Verdict?, knockon.Step[]?
function Proofs:each() end

--- The date of the scenario.
---
--- Cost: constant.
--- ```lua
--- print(day:date(), day:at("2024"):date())
--- --> 2022-01-18  2024-01-01
--- ```
---@return string
function Scenario:date() end

--- Every candidate banned alone, on the day and with the edits of the scenario, ranked by what its ban would break. Its
--- bans and the restrictions of the data do not count, nor do exceptions, which change no verdict. Each row has the
--- numbers that a ban on the candidate would give by itself. A measure of the rule that does not prohibit is no
--- matter: who would be concerned is counted as a user or parent.
---
--- Ranked by the sure ones (parents, users, or their spend in a currency), then by the possible ones (with spend: of
--- users), then in order of id. By spend in several currencies, the one to rank by must be said.
---
--- Cost: under a rule by which everyone is bound and harm travels anywhere, such as `reach`: once for a day and its
--- edits an index that takes a few evaluations and is kept (at most 4 bytes a relation and 9 an entity), then one pass
--- over it for every 2048 candidates. Under any other rule, and where `spend` is asked: one evaluation a candidate,
--- each costing what it reaches. Extra memory: in the first case at most 256 MB (64 bytes for each entity that passes
--- harm on, where that is more), whatever the number of threads, of which one table stays with the network for the next
--- sweep; in the second what one evaluation takes for each thread; and 150 bytes a candidate. `limits.bytes` bounds it
--- further.
--- Errors: `argument`, `unknown_id`, `unknown_rule`, `rule`
--- Fails: `limit`, `interrupted`
--- ```lua
--- for _, row in ipairs(day:sweep { rule = "reach", targets = { kind = { "service", "firm" } }, top = 2 }) do
---   print(row.id, row.parents, row.users)
--- end
--- --> cloud  2  5
--- --> vendor  1  4
--- local sweep = day:sweep { by = "spend", scope = "owned" }
--- print(#sweep, sweep.candidates, sweep.currency, sweep[1].id, sweep[1].spend.USD)
--- --> 1  1  USD  cloud  1200000.5
--- ```
---@param opts? knockon.SweepOptions
---@return knockon.Sweep? sweep
---@return string? message
---@return knockon.FailureCode? code
function Scenario:sweep(opts) end

--- A list of rows, the most harmful first, and what they are a sweep of.
---@class knockon.Sweep
---@field [integer] knockon.SweepRow
---@field by "parents"|"users"|"spend"
---@field size integer 1, or 2 for pairs
---@field candidates integer how many there were before `top` cut them
---@field currency? string that spend is ranked in
---@field together integer how many were counted in passes for many, and not by an evaluation each

--- Options of `scenario:sweep`.
---@class knockon.SweepOptions
---@field targets? string|string[]|knockon.Filter the candidates; missing: everything that supplies somebody
---@field by? "parents"|"users"|"spend" missing: parents
---@field currency? string with by = "spend"; missing: the only one there is
---@field spend? boolean say what users spend also when it is not ranked by
---@field top? integer only the first so many rows
---@field size? integer 2: every pair of candidates banned together, of at most 200
---@field rule? string|knockon.Rule missing: icts
---@field scope? knockon.Scope missing: the rule's
---@field threads? integer 1 to 64; missing: 1. The answer is the same with any number
---@field limits? knockon.Limits missing: the scenario's
---@field progress? knockon.Progress missing: the scenario's

--- What a ban on a candidate alone would do: how many are surely hit, and how many possibly.
---@class knockon.SweepRow
---@field id? string not of pairs
---@field name? string
---@field ids? string[] of pairs, in order
---@field names? string[] of pairs; empty where one has none
---@field restricted integer
---@field restricted_possible integer
---@field users integer
---@field users_possible integer
---@field parents integer
---@field parents_possible integer
---@field spend? table<string, string> where asked: of sure users, by currency; each contract once
--- `net:holdings` on the scenario's day and with its edits.
---
--- Cost: as there.
--- Errors: `argument`, `unknown_id`
--- Fails: `limit`, `interrupted`
--- ```lua
--- local sold = day:drop("majority"):holdings "plant"
--- print(#day:holdings("plant").owners, #sold.owners)
--- --> 2  0
--- ```
---@param id string
---@param opts? knockon.HoldingsOptions
---@return knockon.Holdings? holdings
---@return string? message
---@return knockon.FailureCode? code
function Scenario:holdings(id, opts) end

--- Options of `scenario:holdings`.
---@class knockon.HoldingsOptions
---@field basis? "equity"|"votes" missing: equity
---@field limits? knockon.Limits
---@field progress? knockon.Progress

--- `net:control` on the scenario's day and with its edits.
---
--- Cost: as there.
--- Errors: `argument`, `unknown_id`
--- Fails: `limit`, `interrupted`
--- ```lua
--- print(#day:control("holding").controls, #day:drop("majority"):control("holding").controls)
--- --> 2  1
--- ```
---@param id string
---@param opts? knockon.ControlOptions
---@return knockon.Control? control
---@return string? message
---@return knockon.FailureCode? code
function Scenario:control(id, opts) end

--- Options of `scenario:control`.
---@class knockon.ControlOptions
---@field limits? knockon.Limits
---@field progress? knockon.Progress

--- How much stops, where amounts are known: of what is restricted (surely, and perhaps), or of a shock that is given.
--- `esri` is the part of all sales that is lost when firms run out of inputs and of orders: an essential input stops as
--- large a part as is missing, one with reliance `low` its part of all inputs, one with `none` nothing; others of its
--- kind replace a supplier as far as their market goes. `debtrank` passes distress on once, by the part of the user's
--- equity at stake; `differential` passes every increase on. Amounts are `spend`, and what `fraction` tells beside one;
--- without any, `fraction`. A contract counts once.
---
--- Cost: all supplies in force once for each round.
--- Errors: `argument`, `unknown_id`, `unknown_rule`, `rule`
--- Fails: `limit`, `interrupted`
--- Source: Diem et al., Scientific Reports 12:7719, 2022; Battiston et al. 2012; Bardoscia et al. 2015.
--- ```lua
--- local more = ban:add { kind = "supplies", from = "plant", to = "shop", spend = "600000", currency = "USD" }
--- local answer = more:impact()
--- print(answer.measure, answer.currency, answer.unknown, answer.low > 0.99)
--- --> esri  USD  1  true
--- for _, row in ipairs(more:impact({ shock = { cloud = 0.5 } }).rows) do print(row.id, row.low) end
--- --> cloud  0.5
--- --> plant  0.5
--- --> shop  0.5
--- ```
---@param opts? knockon.ImpactOptions
---@return knockon.Impact? impact
---@return string? message
---@return knockon.FailureCode? code
function Scenario:impact(opts) end

--- Options of `scenario:impact`.
---@class knockon.ImpactOptions
---@field measure? "esri"|"debtrank"|"differential" missing: esri
---@field shock? string|string[]|table<string, number> who stops, or which part of whom, 0 to 1; missing: what is
--- restricted
---@field amounts? "spend"|"fraction" missing: spend, where any is known
---@field currency? string the one that counts; needed when there are several
---@field rates? table<string, number> what a unit of another currency is in that one; without one its supplies are
--- left out
---@field replaceable? boolean esri: may others replace a supplier? missing: true
---@field direction? "both"|"down"|"up" esri: for want of inputs (down), of orders (up); missing: both
---@field sector? string esri: the field of suppliers that says which are of one kind; missing: `sector`. A supplier
--- without it is of one kind with those for the same `need`
---@field equity? string debtrank: the field with a user's equity; missing: `equity`. By fractions: not needed
---@field value? string debtrank: the field by which entities count; missing: all the same
---@field tolerance? number stop when nothing changes by more; missing: 1e-9
---@field limits? knockon.Limits
---@field progress? knockon.Progress

--- How much stops. Figures are parts, 0 to 1: low of what is surely restricted, high of what may be.
---@class knockon.Impact
---@field measure "esri"|"debtrank"|"differential"
---@field amounts "spend"|"fraction"
---@field currency? string
---@field low number of everything together
---@field high number
---@field rows knockon.ImpactRow[] who loses anything
---@field known integer supplies with an amount
---@field unknown integer supplies without: they do not count
---@field rounds integer
---@field settled boolean false: it was stopped before it had settled

--- What one entity loses.
---@class knockon.ImpactRow
---@field id string
---@field name? string
---@field low number
---@field high number
---@field inputs_low? number esri: for want of inputs
---@field inputs_high? number
---@field orders_low? number esri: for want of orders
---@field orders_high? number

--- In which part of the worlds each entity is restricted, a user or a parent that is exposed, when every relation is
--- there with its `confidence` (missing: surely), independently of the others; relations that the scenario adds are
--- meant as they are. When the doubtful relations that can matter make no more worlds than `samples`, all are counted
--- and the shares are exact; otherwise worlds are drawn, the same for a seed on every Lua and for a relation's id in
--- every network.
---
--- Cost: one evaluation for each world that is different from the others; where only supplies are in doubt, under one
--- act that prohibits, the flow once for every 64 worlds.
--- Errors: `argument`, `unknown_rule`, `rule`
--- Fails: `limit`, `interrupted`
--- Source: Wilson 1927 for the intervals.
--- ```lua
--- local network = knockon.network {
---   entities = { { id = "cloud" }, { id = "shop", country = "US" } },
---   relations = {
---     { kind = "supplies", from = "cloud", to = "shop", confidence = 0.5 },
---     { kind = "supplies", from = "cloud", to = "shop", confidence = 0.5 },
---   },
--- }
--- local odds = network:scenario({ as_of = "2022" }):ban("cloud"):odds()
--- print(odds.exact, odds.doubtful, odds.parents[1].id, odds.parents[1].yes.share)
--- --> true  2  shop  0.75
--- ```
---@param opts? knockon.OddsOptions
---@return knockon.Odds? odds
---@return string? message
---@return knockon.FailureCode? code
function Scenario:odds(opts) end

--- Options of `scenario:odds`.
---@class knockon.OddsOptions
---@field samples? integer worlds, 1 to 16777216; missing: 1000
---@field seed? integer 0 or more; missing: 1
---@field limits? knockon.Limits
---@field progress? knockon.Progress

--- Odds, by list; entities without any are left out.
---@class knockon.Odds
---@field exact boolean every world was counted; false: worlds were drawn
---@field worlds integer how many
---@field doubtful integer relations below confidence 1 that can matter
---@field evaluated integer different worlds that were evaluated; 0: the flow alone was followed
---@field seed? integer where worlds were drawn
---@field restricted knockon.OddsRow[]
---@field users knockon.OddsRow[]
---@field parents knockon.OddsRow[]

--- Odds of one entity.
---@class knockon.OddsRow
---@field id string
---@field name? string
---@field yes knockon.Estimate worlds in which the verdict is yes
---@field possible knockon.Estimate worlds in which it is yes or possible

--- A share of the worlds; exact ones have no error.
---@class knockon.Estimate
---@field share number 0 to 1
---@field error number the standard error
---@field low number where it lies with 95 percent (Wilson)
---@field high number

--- The days on which a verdict changes, with what changed it. Whatever day the scenario has, it looks at each day of
--- the span on which something starts or ends: an entity, a relation, a restriction, a rule, an exception.
---
--- Cost: one evaluation for the first day, and one for each such day.
--- Errors: `argument`
--- Fails: `limit`, `interrupted`
--- ```lua
--- local timeline = ban:timeline { from = "2018-06", to = "2020" }
--- print(timeline.start.parents, #timeline.days)
--- --> 2  1
--- local one = timeline.days[1]
--- print(one.date, one.causes[1].kind, one.causes[1].id, one.causes[1].what)
--- --> 2019-01-01  relation  hosting  starts
--- for _, change in ipairs(one.changes) do print(change.list, change.id, change.before, change.after) end
--- --> users  plant  no  yes
--- --> parents  holding  possible  yes
--- ```
---@param opts knockon.TimelineOptions
---@return knockon.Timeline? timeline
---@return string? message
---@return knockon.FailureCode? code
function Scenario:timeline(opts) end

--- Options of `scenario:timeline`; both are needed.
---@class knockon.TimelineOptions
---@field from knockon.Date
---@field to knockon.Date the last day that is looked at

--- Verdicts over time.
---@class knockon.Timeline
---@field from string
---@field to string
---@field start knockon.TimelineStart how many rows there are on the first day
---@field days knockon.TimelineDay[] in order of date

--- Numbers of rows on the first day of a timeline.
---@class knockon.TimelineStart
---@field restricted integer
---@field users integer
---@field parents integer
---@field concerned integer

--- A day on which a verdict changes.
---@class knockon.TimelineDay
---@field date string
---@field causes knockon.Cause[] what starts or ends on the day and has to do with the changes
---@field changes knockon.Change[]

--- What starts or ends on a day.
---@class knockon.Cause
---@field kind "restriction"|"rule"|"relation"|"entity"|"exception"
---@field id string of an exception its source, or its number
---@field what "starts"|"ends"

--- A verdict that changes.
---@class knockon.Change
---@field list "restricted"|"users"|"parents"|"concerned" the rows it is found in
---@field id string
---@field name? string
---@field before knockon.Verdict|"excepted" no: there was no such row, or it said no
---@field after knockon.Verdict|"excepted"
---@field restrictions string[]

-- ---- Exposure ------------------------------------------------------------------------------------------------------

--- What a scenario comes to: who is restricted, who uses it, who is bound, and up to which parents. Acts unite: for
--- each entity the strongest verdict, with the lowest scope that gives it. Answers do not depend on the order of the
--- facts. `tostring` counts the rows.
--- ```lua
--- print(exposure)
--- --> exposure (2 parents, 2 users, 1 restricted)
--- ```
---@class knockon.Exposure
local Exposure = {}

--- Which rows are wanted; all without a filter. An id that no entity has raises `unknown_id`.
--- ```lua
--- print(#exposure:parents { ids = { "shop", "plant" }, verdict = "possible" }, #exposure:users { first = 1 })
--- --> 1  1
--- ```
---@class knockon.RowFilter
---@field ids? string|string[]
---@field verdict? knockon.Verdict
---@field first? integer so many rows at most, in order of id

--- Who is restricted: targets, and what they own, control or operate as the rule says. A firm is restricted when the
--- stakes of the restricted meet the test, and its own stakes then count whole: a cascade, not a product.
---
--- Cost: the rows.
--- Errors: `argument`, `unknown_id`
--- Source: OFAC FAQ 399 (stakes add up) and 401 (cascade); an unknown share is never taken for 100 %.
--- ```lua
--- for _, row in ipairs(day:ban("holding", { rule = "ofac_50" }):exposure():restricted()) do
---   print(row.id, row.verdict, row.because, row.share and table.concat(row.share, " to "))
--- end
--- --> holding  yes  target  nil
--- --> plant  yes  owned  60% to 60%
--- --> shop  possible  owned  25% to 75%
--- ```
---@param filter? knockon.RowFilter
---@return knockon.RestrictedRow[]
function Exposure:restricted(filter) end

--- An entity that is restricted.
---@class knockon.RestrictedRow
---@field id string
---@field name? string
---@field verdict knockon.Verdict yes or possible
---@field because "target"|"owned"|"controlled"|"branch"|"operated" the first that holds, in this order
---@field restrictions? string[] ids of those that caused it; not of `net:control`
---@field share? knockon.Share owned: what the restricted hold, summed on the basis that met the test
---@field held_by? knockon.Stake[] by whom; a target has none
---@field measure? knockon.Measure the strictest of what caused it; nil when that prohibits

--- One stake, or the one relation by which an entity is controlled, a branch, or operated.
---@class knockon.Stake
---@field id string the holder
---@field relation string
---@field share? knockon.Share owned: what it holds

--- Whom the restricted supply, by the rule's flow; bound or not. One that no level binds, or only a higher one than
--- asked, has verdict `no`.
---
--- Cost: the rows.
--- Errors: `argument`, `unknown_id`
--- ```lua
--- for _, user in ipairs(day:ban("cloud", { scope = "entity" }):exposure():users()) do
---   print(user.id, user.verdict, user.scope, user.suppliers[1], user.spend.USD)
--- end
--- --> plant  no  owned  cloud  1200000.5
--- --> shop  yes  entity  cloud  nil
--- ```
---@param filter? knockon.RowFilter
---@return knockon.UserRow[]
function Exposure:users(filter) end

--- An entity that something restricted supplies.
---@class knockon.UserRow
---@field id string
---@field name? string
---@field verdict knockon.Verdict
---@field scope? knockon.Scope the lowest level that binds it, or for verdict no would; nil when none would
---@field suppliers string[]
---@field spend knockon.Spend of these supplies, where known
---@field restrictions string[]
---@field excepted? knockon.Excepted all that makes it exposed is excepted

--- Who is exposed at the top: from each bound user up the chain to the last firm, of whatever country. Persons and
--- states above are its `owners`. Firms that hold each other by majority are one parent, named by the smallest id.
---
--- Cost: the rows, and the steps of their paths.
--- Errors: `argument`, `unknown_id`
--- ```lua
--- local parent = exposure:parents({ verdict = "yes" })[1]
--- print(parent.id, parent.scope, parent.users[1], parent.liable[1], parent.owners[1], parent.spend.USD)
--- --> holding  owned  plant  holding  founder  1200000.5
--- for _, step in ipairs(parent.path) do print(step.kind, step.id) end
--- --> nil  cloud
--- --> supplies  plant
--- --> owns  holding
--- ```
---@param filter? knockon.RowFilter
---@return knockon.ParentRow[]
function Exposure:parents(filter) end

--- An ultimate parent that is exposed.
---@class knockon.ParentRow
---@field id string
---@field name? string
---@field verdict knockon.Verdict yes or possible
---@field scope knockon.Scope the lowest level among the users that give the verdict
---@field users string[] the users that give the verdict
---@field liable string[] at scope owned the nearest home firms above the users, at facilitation the parties
---@field owners string[] persons and states above it
---@field spend knockon.Spend of users that are surely exposed
---@field spend_possible knockon.Spend of those that may be
---@field restrictions string[]
---@field path knockon.Step[] from a target to it: the fewest steps
---@field excepted? knockon.Excepted all that makes it exposed is excepted

--- One step of a path: an entity, and the relation that leads to it from the step before (the first has none). Steps of
--- `exposure:why` also have what is marked (why).
---@class knockon.Step
---@field id string
---@field relation? string
---@field kind? string the kind of the relation; `party` from a user to the party of the contract
---@field share? knockon.Share of `owns`
---@field name? string (why)
---@field from? string (why) ends of the relation as the data has it
---@field to? string (why)
---@field since? string (why)
---@field until? string (why)
---@field source? string (why)

--- When a row ceases to be excepted.
---@class knockon.Excepted
---@field until? string the day it lapses; nil: never
---@field source? string

--- Bound users and parents on the chain of something under a measure that does not prohibit.
---
--- Cost: the rows.
--- Errors: `argument`, `unknown_id`
--- ```lua
--- local soft = day:ban("cloud", { measure = "mitigate" }):exposure()
--- for _, row in ipairs(soft:concerned()) do print(row.id, row.verdict, row.measure) end
--- --> holding  possible  mitigate
--- --> shop  yes  mitigate
--- ```
---@param filter? knockon.RowFilter
---@return knockon.ConcernedRow[]
function Exposure:concerned(filter) end

--- An entity that is concerned; one row for each measure.
---@class knockon.ConcernedRow
---@field id string
---@field name? string
---@field verdict knockon.Verdict yes or possible
---@field measure knockon.Measure
---@field restrictions string[]

--- Who has a weak tie to the chain of a bound user: owners that surely hold less than 50 %, and ends of `linked`
--- relations. Shown, never counted. With `ids`, those with such an end.
---
--- Cost: the rows.
--- Errors: `argument`, `unknown_id`
--- ```lua
--- local tied = ban:add { kind = "owns", from = "vendor", to = "holding", share = "12%" }
--- for _, row in ipairs(tied:exposure():linked()) do print(row.id, row.of, row.share[1]) end
--- --> vendor  holding  12%
--- ```
---@param filter? { ids?: string|string[] }
---@return knockon.LinkedRow[]
function Exposure:linked(filter) end

--- A weak tie.
---@class knockon.LinkedRow
---@field id string
---@field name? string
---@field of string the bound user, or the firm above it
---@field share? knockon.Share nil for a `linked` relation

--- How many rows there are of each; users with verdict `no` count too.
---
--- Cost: constant.
--- ```lua
--- local count = exposure:count()
--- print(count.restricted, count.users, count.parents, count.concerned, count.linked)
--- --> 1  2  2  0  0
--- ```
---@return knockon.RowCounts
function Exposure:count() end

--- The same by verdict.
---
--- Cost: one look at each row.
--- ```lua
--- local users = exposure:totals().users
--- print(users.yes, users.possible, users.no)
--- --> 2  0  0
--- ```
---@return knockon.RowTotals
function Exposure:totals() end

---@class knockon.RowTotals
---@field restricted knockon.VerdictTotals
---@field users knockon.VerdictTotals
---@field parents knockon.VerdictTotals
---@field concerned knockon.VerdictTotals
---@field linked integer

---@class knockon.VerdictTotals
---@field yes integer
---@field possible integer
---@field no integer

--- A part of a network, or of an exposure, as igraph sees it. It keeps the network alive. Measures give a table by
--- entity id. igraph cannot be stopped in some of them: work above about 5 s is then refused with its estimate
--- (`limit`) unless `force` is set; the others end at `limits.seconds`. `#graph` is the number of entities (Lua 5.1:
--- `graph:size()`).
--- ```lua
--- print(exposure:graph():size())
--- --> 4  3
--- ```
---@class knockon.Graph
---@operator len: integer
local Graph = {}

--- How many entities and edges it has.
---
--- Cost: constant.
--- ```lua
--- print(net:graph({ kind = "supplies" }):size())
--- --> 3  2
--- ```
---@return integer entities
---@return integer edges
function Graph:size() end

--- The ids of its entities.
---
--- Cost: their number.
--- ```lua
--- print(table.concat(net:graph({ kind = "supplies" }):entities(), " "))
--- --> cloud plant shop
--- ```
---@return string[]
function Graph:entities() end

--- Its edges, by `from`, then `to`.
---
--- Cost: their number.
--- ```lua
--- local edge = net:graph({ kind = "supplies" }):edges()[1]
--- print(edge.from, edge.to, edge.relation)
--- --> cloud  plant  hosting
--- ```
---@return knockon.Edge[]
function Graph:edges() end

--- An edge.
---@class knockon.Edge
---@field from string
---@field to string
---@field relation? string nil: from a user to the party of its contract

--- How many edges each entity has.
---
--- Cost: the edges.
--- Errors: `argument`
--- Fails: `limit`
--- ```lua
--- print(net:graph():degree({ mode = "out" }).cloud)
--- --> 2
--- ```
---@param opts? knockon.MeasureOptions mode "all" (default), "out" or "in"
---@return table<string, number>? by_id
---@return string? message
---@return knockon.FailureCode? code
function Graph:degree(opts) end

--- On how many shortest paths between others each entity lies.
---
--- Cost: entities times edges; with a small `cutoff` much less.
--- Errors: `argument`
--- Fails: `limit`
--- ```lua
--- print(exposure:graph():betweenness({ cutoff = 2 }).plant)
--- --> 1
--- ```
---@param opts? knockon.MeasureOptions
---@return table<string, number>? by_id
---@return string? message
---@return knockon.FailureCode? code
function Graph:betweenness(opts) end

--- How near each entity is to those it reaches: the inverse of the mean distance, 0 when it reaches nobody.
---
--- Cost: as `betweenness`.
--- Errors: `argument`
--- Fails: `limit`
--- ```lua
--- print(exposure:graph():closeness().plant, exposure:graph():closeness().holding)
--- --> 1  0
--- ```
---@param opts? knockon.MeasureOptions mode "out" (default), "in" or "all"
---@return table<string, number>? by_id
---@return string? message
---@return knockon.FailureCode? code
function Graph:closeness(opts) end

--- PageRank: where one ends up who follows edges at random, and now and then begins anew. Worked out here, not by
--- igraph, whose solver cannot be stopped.
---
--- Cost: the edges, some dozens of times.
--- Errors: `argument`
--- Fails: `limit`, `interrupted`
--- ```lua
--- local rank = exposure:graph():pagerank()
--- print(rank.holding > rank.plant)
--- --> true
--- ```
---@param opts? knockon.MeasureOptions
---@return table<string, number>? by_id
---@return string? message
---@return knockon.FailureCode? code
function Graph:pagerank(opts) end

--- Which entities hang together: the number of the component of each, in order of the smallest id, and how many there
--- are.
---
--- Cost: the edges.
--- Errors: `argument`
--- Fails: `limit`
--- ```lua
--- local by_id, count = net:graph({ kind = "owns" }):components { mode = "strong" }
--- print(by_id.founder, by_id.holding, count)
--- --> 1  2  4
--- ```
---@param opts? knockon.MeasureOptions mode "weak" (default) or "strong"
---@return table<string, integer>? by_id
---@return integer|string? count_or_message
---@return knockon.FailureCode? code
function Graph:components(opts) end

--- The entities without which a component falls apart, edges taken both ways.
---
--- Cost: the edges.
--- Errors: `argument`
--- Fails: `limit`
--- ```lua
--- print(table.concat(net:graph({ kind = "supplies" }):articulation_points(), " "))
--- --> cloud
--- ```
---@param opts? knockon.MeasureOptions
---@return string[]? ids
---@return string? message
---@return knockon.FailureCode? code
function Graph:articulation_points(opts) end

--- Communities by fast greedy modularity, edges taken both ways: the number of each entity's, how many there are, and
--- the modularity.
---
--- Cost: the edges times the square of a logarithm.
--- Errors: `argument`
--- Fails: `limit`
--- ```lua
--- local by_id, count, modularity = net:graph({ kind = "owns" }):communities()
--- print(by_id.founder, count, modularity < 0.01)
--- --> 1  1  true
--- ```
---@param opts? knockon.MeasureOptions
---@return table<string, integer>? by_id
---@return integer|string? count_or_message
---@return number|knockon.FailureCode? modularity_or_code
function Graph:communities(opts) end

--- A place for each entity to be drawn at: "layered" (default; y grows along the edges), or "force".
---
--- Cost: layered, the edges times the layers they span; force, 300 rounds over entities and edges.
--- Errors: `argument`
--- Fails: `limit`
--- ```lua
--- local places = exposure:graph():layout()
--- print(places.cloud.y < places.plant.y, places.plant.y < places.holding.y)
--- --> true  true
--- ```
---@param opts? knockon.MeasureOptions
---@return table<string, { x: number, y: number }>? by_id
---@return string? message
---@return knockon.FailureCode? code
function Graph:layout(opts) end

--- Options of measures; each knows those that mean something to it, all know `force`, `limits` and `progress`.
---@class knockon.MeasureOptions
---@field mode? string degree, closeness, components
---@field directed? boolean betweenness; missing: true
---@field cutoff? number betweenness, closeness: paths of at most this many edges
---@field damping? number pagerank: 0 to 1; missing: 0.85
---@field kind? "layered"|"force" layout
---@field force? boolean do it however long it takes
---@field limits? knockon.Limits
---@field progress? knockon.Progress

--- Numbers of rows, from `exposure:count`.
---@class knockon.RowCounts
---@field restricted integer
---@field users integer
---@field parents integer
---@field concerned integer
---@field linked integer

--- What leads from the restriction to the exposed parents, as a graph with igraph's measures, in the direction that
--- exposure travels: an `owns` of the chain points from the firm to its owner.
---
--- Cost: the part of the exposure between the restriction and the parents.
--- Errors: `argument`
--- Fails: `limit`, `interrupted`
--- ```lua
--- local graph = exposure:graph()
--- print(graph, graph:betweenness().plant)
--- --> graph (4 entities, 3 edges)  1
--- ```
---@param opts? knockon.WorkOptions
---@return knockon.Graph? graph
---@return string? message
---@return knockon.FailureCode? code
function Exposure:graph(opts) end

--- Bounds of one piece of work.
---@class knockon.WorkOptions
---@field limits? knockon.Limits
---@field progress? knockon.Progress

--- The k best proofs of a parent, of a user, or of a restricted entity: paths from a target to it, each without a loop
--- (no entity twice in one role), no two with the same relations. `truncated` says whether there are more; `total` how
--- many there are, when all were found or adding up tells. nil when no path leads to it.
---
--- Cost: what the paths pass; k times their steps. The strongest are sought without a guide where the best way that is
--- left is weaker than what came before, up to all that leads there.
--- Errors: `argument`, `unknown_id`
--- Fails: `limit`, `interrupted`
--- ```lua
--- local found = exposure:paths("holding", { k = 1 })
--- print(#found.paths, found.truncated, found.total)
--- --> 1  false  1
--- for _, step in ipairs(found.paths[1].path) do print(step.kind, step.id) end
--- --> nil  cloud
--- --> supplies  plant
--- --> owns  holding
--- ```
---@param id string
---@param opts? knockon.PathsOptions
---@return knockon.Paths? paths
---@return string? message
---@return knockon.FailureCode? code
function Exposure:paths(id, opts) end

--- Options of `exposure:paths`.
---@class knockon.PathsOptions
---@field k? integer how many at most, 1 to 10000; missing: 10
---@field weight? "steps"|"strongest" fewest steps first (default); or the largest least share, then the highest least
--- reliance, then the fewest steps
---@field limits? knockon.Limits
---@field progress? knockon.Progress

--- Paths, the best first. `tostring` gives them for reading.
---@class knockon.Paths
---@field id string
---@field weight "steps"|"strongest"
---@field paths knockon.Path[]
---@field truncated boolean there are more
---@field total? number how many there are, when that was told

--- One path.
---@class knockon.Path
---@field path knockon.Step[] from a target to the entity
---@field steps integer relations
---@field share? string the least share of its holdings, in the reading of the verdict; nil: it has none
---@field reliance? "full"|"material"|"low"|"none" the least of its supplies; nil: it is not stated

--- The least to change: the cheapest relations to end so that parents are clear, by igraph's maximum flow. Verified by
--- evaluating without them. `scenario:drop` takes the plan as it is. Only supplies may be ended, unless `divest` opens
--- `owns`, `controls` and `consolidates` too, or a table of costs names others.
---
--- A cut of every path is the cheapest plan where only supplies may be ended under one act; where shares add up, tiers
--- are counted, acts unite or a party binds, something less may be enough: the plan is then made smaller, and a cheaper
--- one looked for by trying, and `optimal` says whether it was proven to be the cheapest. A contract that several
--- relations share is counted for each.
---
--- Cost: the part of the exposure between the restriction and the parents, the flow, and one evaluation; up to some
--- hundreds where the cut of paths is not known to be the least. Work that would keep igraph busy for more than about
--- 5 s, where it cannot be stopped, is refused with its estimate (`limit`) unless `force` is set.
--- Errors: `argument`, `unknown_id`
--- Fails: `limit`, `interrupted`
--- ```lua
--- local plan = exposure:cut("holding", { cost = 1 })
--- print(plan.relations[1], plan.relations[2], plan.cost, plan.optimal)
--- --> hosting  web  2  true
--- print(#ban:drop(plan):exposure():parents { ids = { "holding" } })
--- --> 0
--- print(exposure:cut("shop", { cost = { web = false } }).possible)
--- --> false
--- ```
---@param parents? string|string[] an id, ids, or "all" (missing: all): of parents that are not exposed nothing is asked
---@param opts? knockon.CutOptions
---@return knockon.Plan? plan
---@return string? message
---@return knockon.FailureCode? code
function Exposure:cut(parents, opts) end

--- Options of `exposure:cut`.
---@class knockon.CutOptions
---@field cost? number|string|table<string, number|false>|fun(relation: knockon.Relation): number|false|nil what it
--- costs to end a relation: a number for each; the name of a field that says; by relation id or kind (false: cannot be
--- ended; what is not named costs as usual); a function (nil or false: cannot be ended). Missing: a supply its `spend`,
--- or 1 where that is not known; anything else 1
---@field rates? table<string, number> what one unit of each currency is worth, where spend is in several
---@field divest? boolean owns, controls and consolidates may be ended too
---@field force? boolean do it however long it takes
---@field limits? knockon.Limits of the whole search
---@field progress? knockon.Progress

--- What to end. `tostring` gives it for reading.
---@class knockon.Plan
---@field relations string[] ids, in the order of the steps
---@field cost number
---@field unit? string the currency of the cost, when all of it is spend in one
---@field spend knockon.Spend of the relations, each contract once
---@field possible boolean false: not by ending what may be ended
---@field optimal boolean proven: nothing cheaper does it
---@field verified boolean evaluated: everybody asked about is clear; false only where it is not possible
---@field parents string[] who was asked about
---@field steps knockon.PlanStep[] the order that clears most for its cost
---@field left_exposed? string[] not possible: who stays exposed
---@field path? knockon.Step[] not possible: a way that is left

--- One relation to end.
---@class knockon.PlanStep
---@field relation string
---@field kind? string
---@field from? string
---@field to? string
---@field cost number
---@field clears string[] parents that no path leads to any more once this has ended

--- What this exposure has that another has not: who entered, who left, whose verdict, scope or spend changed; and why.
--- They may be of different networks, dates, edits and restrictions. A change is put down to what it would not be
--- without: each difference is taken back alone, to see whether the row is then as before.
---
--- Cost: the rows of both; where the scenarios differ in more than one way, two evaluations for each.
--- Errors: `argument`
--- Fails: `limit`, `interrupted`
--- ```lua
--- local diff = ban:drop("hosting"):exposure():diff(exposure)
--- for _, row in ipairs(diff.left) do
---   print(row.list, row.id, row.why[1].by, row.why[1].id, row.why[1].what)
--- end
--- --> users  plant  edit  hosting  dropped
--- for _, row in ipairs(diff.changed) do print(row.id, row.fields[1], row.was.verdict, row.is.verdict) end
--- --> holding  verdict  yes  possible
--- ```
---@param before knockon.Exposure
---@return knockon.Diff? diff
---@return string? message
---@return knockon.FailureCode? code
function Exposure:diff(before) end

--- What differs between two exposures. `tostring` gives it for reading.
---@class knockon.Diff
---@field before string the day of the one before
---@field after string
---@field differs ("facts"|"date"|"edit"|"law")[] what the scenarios differ in
---@field entered knockon.Difference[] yes or possible, and was not; by list, then id
---@field left knockon.Difference[]
---@field changed knockon.Difference[]

--- A row that differs.
---@class knockon.Difference
---@field list "restricted"|"users"|"parents"|"concerned"
---@field id string
---@field name? string
---@field was? knockon.RowState nil: entered
---@field is? knockon.RowState nil: left
---@field fields? string[] changed: those that differ
---@field why knockon.Reason[]

--- What is compared of a row.
---@class knockon.RowState
---@field verdict knockon.Verdict
---@field scope? knockon.Scope
---@field measure? knockon.Measure
---@field spend? knockon.Spend
---@field spend_possible? knockon.Spend
---@field excepted? true

--- Why a row differs.
---@class knockon.Reason
---@field by "facts"|"date"|"edit"|"law"
---@field kind? "relation"|"entity"|"restriction"|"rule"|"exception" nil: something that the row does not name
---@field id? string
---@field what? "added"|"dropped"|"changed"|"restored"|"taken back"|"removed"|"lifted"|"starts"|"ends"
---@field date? string of what starts or ends

--- The chokepoints of an exposed parent: the entities and relations that every path from the restriction to it
--- passes, from the restriction on, the parent itself left out. nil when the id is no exposed parent. Without an id: of
--- all parents, those that carry most first, with how many parents each carries and what their users spend.
---
--- Cost: the part of the exposure between the restriction and the parents. Work that would keep igraph busy for more
--- than about 5 s, where it cannot be stopped, is refused with its estimate (`limit`) unless `force` is set.
--- Errors: `argument`, `unknown_id`
--- Fails: `limit`, `interrupted`
--- ```lua
--- for _, one in ipairs(exposure:chokepoints "holding") do print(one.id or one.relation, one.kind, one.to) end
--- --> cloud  nil  nil
--- --> hosting  supplies  plant
--- --> plant  nil  nil
--- --> majority  owns  plant
--- local first = exposure:chokepoints()[1]
--- print(first.id, first.parents, first.spend.USD)
--- --> cloud  2  1200000.5
--- ```
---@param id? string missing: of all parents
---@param opts? knockon.ChokepointOptions
---@return knockon.Chokepoint[]? chokepoints
---@return string? message
---@return knockon.FailureCode? code
function Exposure:chokepoints(id, opts) end

--- Options of `exposure:chokepoints`.
---@class knockon.ChokepointOptions
---@field count? integer without an id: how many at most; missing: 100
---@field force? boolean do it however long it takes
---@field limits? knockon.Limits
---@field progress? knockon.Progress

--- An entity (`id`) or a relation (the other fields).
---@class knockon.Chokepoint
---@field id? string
---@field relation? string
---@field kind? knockon.RelationKind
---@field from? string
---@field to? string
---@field parents? integer of all parents: how many it carries
---@field spend? knockon.Spend of all parents: of the users that expose those it carries

--- The missing facts on which a verdict `possible` depends, those that decide most first: what to find out next.
---
--- Cost: the open facts times the possible parents.
--- Source: 90 FR 47201, Red Flag 29: a share that is not known has to be found out, not guessed.
--- ```lua
--- for _, fact in ipairs(exposure:unknowns()) do print(fact.fact, fact.relation, fact.needed, fact.decides[1]) end
--- --> share  band  50%  shop
--- print(exposure:unknowns()[1].message)
--- --> the share of holding in shop: at least 50% would make it yes
--- ```
---@return knockon.Unknown[]
function Exposure:unknowns() end

--- A fact that the sources leave open.
---@class knockon.Unknown
---@field fact "share"|"country"|"control" a share that is not known exactly; a country; a `controls` without `by`
---@field message string the fact, and what would make the verdict yes
---@field decides string[] entities whose verdict it may settle
---@field id? string country: the entity
---@field relation? string share and control
---@field from? string share and control
---@field to? string share and control
---@field share? knockon.Share share: what is known
---@field needed? string share: what makes the verdict yes, all else as it is; nil when it alone cannot
---@field more_than? boolean share: whether it has to be above `needed`, not only to reach it

--- What the authority behind a rule says to look at twice, where the data has it. A red flag changes no verdict.
---
--- Cost: what was reached.
--- Source: each rule quotes its authority's, in `red_flags`; 90 FR 47201, Red Flag 29, for `bis_affiliates`.
--- ```lua
--- local rule = { id = "mine", owned = { at_least = "50%" }, bound = { anyone = true },
---   red_flags = { unknown_share = "find out, or do without" } }
--- local flag = day:ban("holding", { rule = rule }):exposure():red_flags()[1]
--- print(flag.code, flag.id, flag.holder, flag.share[2], flag.text)
--- --> unknown_share  shop  holding  75%  find out, or do without
--- ```
---@return knockon.RedFlag[]
function Exposure:red_flags() end

--- Something to look at twice.
---@class knockon.RedFlag
---@field code
---| "unknown_share"  # a holder that is restricted, with a share that is not known exactly
---| "minority"       # a holder that is restricted, in what the test does not catch
---| "board"          # a tie to what is restricted that the tests do not count: `linked`, another kind of `controls`
---| "largest_holder" # a holder that is restricted, with more than any other has
---@field id string what is held or tied, and not surely restricted
---@field name? string
---@field holder string who is restricted, perhaps
---@field holder_name? string
---@field relation string
---@field share? knockon.Share of `owns`
---@field rule string whose red flag it is
---@field text string what the rule says of it

--- The verdict of each parent at every scope: the difference between two of them is who becomes exposed when the law
--- is read one step further. Parents that no scope exposes are left out.
---
--- Cost: one evaluation for each scope.
--- Fails: `limit`, `interrupted`
--- ```lua
--- for _, row in ipairs(exposure:ladder()) do
---   print(row.id, row.levels.entity, row.levels.owned, row.lowest.yes, row.lowest.possible)
--- end
--- --> holding  possible  yes  owned  entity
--- --> shop  possible  possible  nil  entity
--- ```
---@return knockon.LadderRow[]? rows
---@return string? message
---@return knockon.FailureCode? code
function Exposure:ladder() end

--- A parent and the scopes, from `exposure:ladder`.
---@class knockon.LadderRow
---@field id string
---@field name? string
---@field levels table<knockon.Scope, knockon.Verdict> its verdict when each scope is asked
---@field lowest knockon.LadderLowest

--- The lowest scope that gives a verdict; nil when none does.
---@class knockon.LadderLowest
---@field yes? knockon.Scope
---@field possible? knockon.Scope

--- Property blocked while it was held, under rules that retain: what was surely restricted on an earlier day since the
--- restriction began, and is not now.
---
--- Cost: none under other rules; otherwise one evaluation for each earlier day on which something started or ended,
--- once.
--- Fails: `limit`, `interrupted`
--- Source: OFAC FAQ 402: what was blocked stays blocked when the blocked person's share falls below the threshold.
--- ```lua
--- local network = knockon.network {
---   entities = { { id = "listed" }, { id = "sold" } },
---   relations = {
---     { kind = "owns", from = "listed", to = "sold", share = "60%", since = "2018", ["until"] = "2021" },
---   },
--- }
--- local row = network:scenario({ as_of = "2022" }):ban("listed", { rule = "ofac_50" }):exposure():formerly()[1]
--- print(row.id, row.since, row["until"], row.restrictions[1])
--- --> sold  2018-01-01  2021-01-01  ban-1
--- ```
---@return knockon.FormerRow[]? rows
---@return string? message
---@return knockon.FailureCode? code
function Exposure:formerly() end

--- An entity that was restricted.
---@class knockon.FormerRow
---@field id string
---@field name? string
---@field since string the day it became restricted, or the restriction began
---@field until? string the day it ceased to be
---@field restrictions string[]

--- What stops working when what is restricted is gone. A user fails when a need has no working supplier left: the
--- suppliers of one `need` are alternatives, a supply without `need` is a need of its own, and a need matters unless
--- every supply for it has reliance `low` or `none`. What fails supplies nobody either, round by round. Gone is what a
--- restriction that prohibits catches, for everybody, bound or not; supplies that an exception covers go on.
---
--- Cost: the supplies of what fails, and those to it.
--- Errors: `argument`, `unknown_id`
--- Fails: `limit`, `interrupted`
--- ```lua
--- for _, row in ipairs(exposure:disrupted()) do
---   print(row.id, row.verdict, row.round, row.needs[1].suppliers[1].id)
--- end
--- --> plant  yes  1  cloud
--- --> shop  yes  1  cloud
--- local moved = ban:add { kind = "supplies", from = "holding", to = "shop", need = "web" }
--- print(#moved:exposure():disrupted(), #moved:drop("web"):exposure():disrupted())
--- --> 2  1
--- ```
---@param opts? knockon.DisruptedOptions
---@return knockon.DisruptedRow[]? rows
---@return string? message
---@return knockon.FailureCode? code
function Exposure:disrupted(opts) end

--- Options of `exposure:disrupted`.
---@class knockon.DisruptedOptions
---@field ids? string|string[] only these
---@field verdict? knockon.Verdict
---@field least? string|number a need also fails when less than this part of it is left, by `fraction`, which may be
--- anything where it is missing. Missing: any working supplier is enough
---@field limits? knockon.Limits
---@field progress? knockon.Progress

--- An entity that fails, and is not restricted itself.
---@class knockon.DisruptedRow
---@field id string
---@field name? string
---@field verdict knockon.Verdict yes, or possible: only with what may be restricted
---@field round integer 1: its suppliers are restricted; 2: they fail in round 1; …
---@field needs knockon.LostNeed[] the needs that are left without
---@field restrictions string[]
---@field path knockon.Step[] from a target to it
---@field excepted? knockon.Excepted exceptions keep it working

--- A need without a working supplier.
---@class knockon.LostNeed
---@field need? string its name; nil: of a supply that names none
---@field round integer in which its last supplier is lost
---@field suppliers knockon.LostSupplier[] those it lost

--- A supplier that supplies no more.
---@class knockon.LostSupplier
---@field id string
---@field relation string
---@field because "restricted"|"disrupted" it fails itself
---@field round integer in which it is lost

--- Which single change would save the most of what is disrupted: one more working supplier for one need
--- (`alternative`), or one restricted supplier that goes on (`keep`). Exact, and cascades count: whoever works again
--- supplies again.
---
--- Cost: that of `exposure:disrupted`, then the lost supplies once more for every 64 changes that are tried; those that
--- cannot be among the best are not.
--- Errors: `argument`
--- Fails: `limit`, `interrupted`
--- ```lua
--- local more = ban:add { kind = "supplies", from = "plant", to = "holding", need = "steel" }
--- for _, row in ipairs(more:exposure():saves { most = 2 }) do print(row.what, row.id, row.saves, row.saved[1]) end
--- --> keep  cloud  3  holding
--- --> alternative  plant  2  holding
--- ```
---@param opts? knockon.SavesOptions
---@return knockon.SavesRow[]? rows best first
---@return string? message
---@return knockon.FailureCode? code
function Exposure:saves(opts) end

--- Options of `exposure:saves`.
---@class knockon.SavesOptions
---@field most? integer how many rows, 1 to 64; missing: 10
---@field verdict? "yes"|"possible" of what surely fails (missing), or of what may fail as well
---@field least? string|number as for `exposure:disrupted`
---@field limits? knockon.Limits
---@field progress? knockon.Progress

--- One change, and whom it saves.
---@class knockon.SavesRow
---@field what "keep"|"alternative"
---@field id string the supplier to keep, or the user whose need gets a supplier
---@field name? string
---@field need? string alternative: the need; nil: of a supply that names none
---@field saves integer how many
---@field saved string[] their ids

--- Which data is within reach of what is restricted, whatever its measure: the classes in `data` of a supply are held
--- by the supplier, and handed on to suppliers of its own whose supply to it lists the class too.
---
--- Cost: the supplies of what is reached, once for each class.
--- Errors: `argument`, `unknown_id`
--- Fails: `limit`, `interrupted`
--- ```lua
--- local held = ban:add { kind = "supplies", from = "cloud", to = "shop", data = { "ip", "personal" } }
--- for _, one in ipairs(held:exposure():data()[1].data) do print(one.class, one.verdict, one.suppliers[1]) end
--- --> ip  yes  cloud
--- --> personal  yes  cloud
--- ```
---@param opts? knockon.HarmOptions
---@return knockon.DataRow[]? rows
---@return string? message
---@return knockon.FailureCode? code
function Exposure:data(opts) end

--- Options of `exposure:data` and `exposure:compromised`.
---@class knockon.HarmOptions
---@field ids? string|string[] only these
---@field verdict? knockon.Verdict
---@field limits? knockon.Limits
---@field progress? knockon.Progress

--- An entity whose data is within reach.
---@class knockon.DataRow
---@field id string
---@field name? string
---@field verdict knockon.Verdict yes or possible
---@field data knockon.DataClass[] by class

--- One class of somebody's data.
---@class knockon.DataClass
---@field class string
---@field verdict knockon.Verdict yes or possible
---@field suppliers string[] who holds it, and is restricted or hands it on to such
---@field steps integer supplies from the restricted to the owner of the data
---@field restrictions string[]
---@field path knockon.Step[] from a target to it

--- Everyone downstream of what is restricted, through any number of supplies and whatever the measure: whom an attacker
--- inside it could reach.
---
--- Cost: the supplies of what is reached.
--- Errors: `argument`, `unknown_id`
--- Fails: `limit`, `interrupted`
--- ```lua
--- local more = ban:add { kind = "supplies", from = "plant", to = "holding" }
--- for _, row in ipairs(more:exposure():compromised()) do print(row.id, row.steps, row.suppliers[1]) end
--- --> holding  2  plant
--- --> plant  1  cloud
--- --> shop  1  cloud
--- ```
---@param opts? knockon.HarmOptions
---@return knockon.CompromisedRow[]? rows
---@return string? message
---@return knockon.FailureCode? code
function Exposure:compromised(opts) end

--- An entity downstream.
---@class knockon.CompromisedRow
---@field id string
---@field name? string
---@field verdict knockon.Verdict yes or possible
---@field suppliers string[] through whom
---@field steps integer fewest supplies from the restricted
---@field restrictions string[]
---@field path knockon.Step[] from a target to it

--- The four kinds of harm side by side, for everyone that any of them comes to: whether it is exposed as a user or a
--- parent (`prohibition`), fails (`disruption`), has data within reach (`data`), is downstream (`compromise`).
---
--- Cost: that of the four.
--- Errors: `argument`, `unknown_id`
--- Fails: `limit`, `interrupted`
--- ```lua
--- for _, row in ipairs(exposure:harms()) do
---   print(row.id, row.prohibition, row.disruption, row.data, row.compromise)
--- end
--- --> holding  yes  no  no  no
--- --> plant  yes  yes  no  yes
--- --> shop  yes  yes  no  yes
--- ```
---@param opts? knockon.HarmsOptions
---@return knockon.HarmsRow[]? rows
---@return string? message
---@return knockon.FailureCode? code
function Exposure:harms(opts) end

--- Options of `exposure:harms`.
---@class knockon.HarmsOptions
---@field ids? string|string[] only these
---@field limits? knockon.Limits
---@field progress? knockon.Progress

--- Verdicts of one entity, by kind of harm.
---@class knockon.HarmsRow
---@field id string
---@field name? string
---@field prohibition knockon.Verdict
---@field disruption knockon.Verdict
---@field data knockon.Verdict
---@field compromise knockon.Verdict

--- What of the spend of its users falls to each exposed parent, by what it holds of them in the end (`net:holdings`);
--- each contract counts once. In figures, not exact amounts.
---
--- Cost: the holdings below each parent.
--- Errors: `argument`, `unknown_id`
--- Fails: `limit`, `interrupted`
--- ```lua
--- local row = exposure:look_through({ ids = "holding" })[1]
--- print(row.users[1].id, row.users[1].low, row.spend.USD.low)
--- --> plant  0.6  720000.3
--- ```
---@param opts? knockon.LookThroughOptions
---@return knockon.LookThroughRow[]? rows
---@return string? message
---@return knockon.FailureCode? code
function Exposure:look_through(opts) end

--- Options of `exposure:look_through`.
---@class knockon.LookThroughOptions
---@field ids? string|string[] only these
---@field verdict? knockon.Verdict
---@field basis? "equity"|"votes" missing: equity
---@field limits? knockon.Limits
---@field progress? knockon.Progress

--- What falls to a parent.
---@class knockon.LookThroughRow
---@field id string
---@field name? string
---@field verdict knockon.Verdict
---@field users knockon.HeldUser[] the users that give the verdict
---@field spend table<string, knockon.Portion> by currency

--- A user, and the part of it that the parent holds in the end.
---@class knockon.HeldUser
---@field id string
---@field name? string
---@field low number
---@field high number

--- An amount in figures: the least and the most it may be.
---@class knockon.Portion
---@field low number
---@field high number

--- What each restricted supplier loses: what its bound users spend with it, and the contracts a ban breaks. Supplies
--- that are excepted are not lost.
---
--- Cost: the users.
--- Errors: `argument`, `unknown_id`
--- ```lua
--- local row = exposure:losses()[1]
--- print(row.id, row.spend.USD, row.contracts[1], row.users[1], row.users[2])
--- --> cloud  1200000.5  c1  plant  shop
--- ```
---@param opts? knockon.LossOptions
---@return knockon.LossRow[]
function Exposure:losses(opts) end

--- Options of `exposure:losses`.
---@class knockon.LossOptions
---@field ids? string|string[] only these suppliers
---@field verdict? knockon.Verdict
---@field revenue? string the field with a supplier's revenue; missing: `revenue`
---@field most? string a field with what the bound users pay at most, where single amounts are not known
---@field currency? string of the revenue; missing: what its field `revenue_currency` says

--- What a supplier loses.
---@class knockon.LossRow
---@field id string
---@field name? string
---@field verdict knockon.Verdict
---@field users string[] who are surely exposed
---@field users_possible string[] who may be
---@field contracts string[] with the former
---@field contracts_possible string[] with the latter
---@field spend knockon.Spend of the former, where known
---@field spend_possible knockon.Spend of the latter
---@field currency? string of the revenue
---@field revenue? number
---@field low? number the part of the revenue that `spend` is; what is not known does not count
---@field high? number the part that it is at most, by the field that `most` names

--- What is doubtful in what was reached, on the day; sorted by code.
---
--- Cost: their number.
--- ```lua
--- local early = day:at("2013-01-01"):ban("cloud", { rule = "ofac_50" }):exposure()
--- print(early:warnings()[1].code)
--- --> rule_not_in_force
--- ```
---@return knockon.Warning[]
function Exposure:warnings() end

--- The restrictions that were in force, bans among them, by id.
---
--- Cost: their number and targets.
--- ```lua
--- for _, one in ipairs(exposure:restrictions()) do print(one.id, one.rule, one.scope, one.hypothetical) end
--- --> ban-1  icts  owned  true
--- ```
---@return knockon.AppliedRestriction[]
function Exposure:restrictions() end

--- A restriction as it was applied.
---@class knockon.AppliedRestriction
---@field id string
---@field title? string
---@field rule string
---@field measure knockon.Measure
---@field scope? knockon.Scope nil in answers about a ladder, which asks every scope
---@field status knockon.Status
---@field hypothetical boolean a ban, or assumed
---@field targets string[]|knockon.Filter ids in order, or the filter as it was given
---@field since? knockon.Date in answers about a timeline
---@field until? knockon.Date in answers about a timeline

--- What the answer stands on: to say later how it came about.
---
--- Cost: the size of the rules.
--- ```lua
--- local run = exposure:run()
--- print(run.as_of, run.scope, #run.rules.icts)
--- --> 2022-01-18  owned  16
--- ```
---@return knockon.Run
function Exposure:run() end

--- What an answer stands on.
---@class knockon.Run
---@field version string of knockon
---@field as_of? string the day; nil in answers about a timeline
---@field scope? knockon.Scope nil when nothing was in force, or several scopes were
---@field data knockon.Source[]
---@field rules table<string, string> id to a digest that changes whenever the rule does

--- Why, or why not: always an answer. `tostring` of it is a page to read, with the chain, shares, dates and sources.
---
--- Cost: the rows of the exposure; under rules that retain also that of `exposure:formerly`, once.
--- Errors: `argument`, `unknown_id`
--- Source: the relations in the path name theirs.
--- ```lua
--- local why = exposure:why "holding"
--- print(why.status, why.verdict, why.bound.level, why.path[3].share[1])
--- --> parent  yes  owned  60%
--- local owned = day:ban("founder", { rule = "ofac_50" }):add { kind = "owns", from = "founder", to = "vendor",
---   share = "49.99%" }
--- local no = owned:exposure():why "vendor"
--- print(no.status, no.test.sum[2], no.test.at_least, no.test.gap)
--- --> below_threshold  49.99%  50%  0.01%
--- print(no.message)
--- --> Restricted holders have 49.99% of it, which does not meet the test.
--- ```
---@param id string
---@return knockon.Why
function Exposure:why(id) end

--- Why an entity has its verdict. What does not apply is nil.
---@class knockon.Why
---@field id string the one that stands for it, where records are `same_as`
---@field name? string
---@field verdict knockon.Verdict
---@field status
---| "restricted"      # caught by a restriction
---| "parent"          # an exposed parent
---| "user"            # an exposed user
---| "concerned"       # the same, under a measure that does not prohibit
---| "not_bound"       # a user that the rule, at the scope asked, does not bind
---| "below_threshold" # the restricted hold of it, but not enough: see `test`
---| "not_reached"     # nothing restricted leads to it
---| "not_in_force"    # no restriction is in force on the day, or the entity is not
---| "no_data"         # no relation of it is in force
---@field message? string one sentence
---@field restrictions? string[]
---@field path? knockon.Step[] from a target to it
---@field scope? knockon.Scope user, parent
---@field because? string restricted: as in its row
---@field measure? knockon.Measure concerned
---@field test? knockon.Test restricted by ownership, or below the threshold
---@field bound? knockon.Bound user, parent (of its first user), not bound
---@field suppliers? string[] user, not bound
---@field parents? string[] user, not bound: the exposed parents above it
---@field users? string[] parent
---@field liable? string[] parent
---@field unknowns? knockon.Unknown[] those that decide it
---@field red_flags? knockon.RedFlag[] those raised by what is held of it
---@field formerly? knockon.FormerRow not restricted now, but its property may still be blocked

--- The arithmetic of an ownership test.
---@class knockon.Test
---@field at_least? string the threshold of the rule, when it is met by reaching it
---@field more_than? string the threshold of the rule, when it is met only above it
---@field of string equity or votes: what was summed
---@field sum knockon.Share what the restricted hold
---@field gap? string what the certain part of the sum falls short by
---@field met boolean whether the certain part meets the test
---@field stakes knockon.TestStake[] what was summed

--- One stake of an ownership test.
---@class knockon.TestStake
---@field id string the holder
---@field name? string
---@field verdict knockon.Verdict whether the holder is restricted
---@field kind "owns"|"consolidates"
---@field share knockon.Share
---@field running knockon.Share the sum so far; what is uncertain counts in its upper end only
---@field relation string
---@field since? string
---@field until? string
---@field source? string

--- How the rule binds a user.
---@class knockon.Bound
---@field verdict knockon.Verdict
---@field level? knockon.Scope the lowest level that binds; nil when none does
---@field asked knockon.Scope
---@field liable string[]
---@field reason? string why not, or why only possibly

-- ---- Rule ----------------------------------------------------------------------------------------------------------

--- How to read a restriction: the law as plain data, dated and sourced. A field that is not known raises, and names the
--- nearest. Only `id` and `bound` are needed.
--- ```lua
--- local rule = {
---   id = "no_business", title = "No business with what they mostly own",
---   owned = { more_than = "50%", of = "votes" }, control = { "board", "contract" },
---   bound = { organised_in = { "US", "CA" }, scope = "branches" },
--- }
--- for _, user in ipairs(day:ban("vendor", { rule = rule }):exposure():users()) do print(user.id, user.verdict) end
--- --> plant  no
--- --> shop  yes
--- ```
---@class knockon.Rule
---@field id string names it in every answer
---@field bound knockon.RuleBound who is bound
---@field title? string
---@field revision? integer from 1 (default)
---@field authority? string who made the law
---@field source? string where it is written
---@field measure? knockon.Measure of restrictions of the data that name none
---@field owned? false|knockon.RuleOwned the ownership test; missing: none
---@field control? boolean|string[] whether control captures: any (consolidation included), or these values of `by`
---@field captures? "any"|"foreign" foreign: home firms are not caught, and the cascade stops at them; missing: any
---@field flow? "use"|"goods"|"any" down `tiers` of supply; any number of tiers; every relation that can carry harm
---@field tiers? integer with flow use; from 1 (default)
---@field in_force? knockon.RuleInterval[] missing: always; {}: never
---@field suspended? knockon.RuleInterval[] within these it is not in force
---@field disabled? string why it is never in force, although it is written down
---@field targets? knockon.Filter whom the law restricts, as far as fields of entities say it: to ban by
---@field programmes? string lists and programmes that name the targets
---@field merge? "strictest" what several restrictions reach takes the strictest of their measures
---@field retains? true property blocked while a firm was restricted stays blocked: `exposure:formerly`
---@field rebuttable? true a verdict is a presumption
---@field red_flags? knockon.RuleRedFlags what to look at twice: `exposure:red_flags`
---@field remedies? string
---@field exceptions? string
---@field notes? string

--- An ownership test. Exactly one of `at_least` and `more_than`.
---
--- Source: OFAC FAQ 398-402 (at least 50 %, stakes of all add up); UK SI 2019/855, reg. 7 and Sch. 1 (more than 50 %,
--- each alone, or joint).
---@class knockon.RuleOwned
---@field at_least? string|number a share that is enough
---@field more_than? string|number a share that is not yet enough
---@field of? "equity"|"votes"|"either" either: one of the two sums, never mixed; missing: equity
---@field sum? "all"|"each"|"joint" all targets together (default); each alone; each alone but for declared groups

--- Who is bound. Exactly one of `organised_in`, `where` and `anyone`; the last two bind at level `entity`.
---@class knockon.RuleBound
---@field organised_in? string|string[] the home countries: ISO 3166-1 alpha-2
---@field where? knockon.Filter over entities
---@field anyone? true
---@field scope? knockon.Scope missing: entity

--- Red flags of a rule: what each calls for. One that is missing is not raised.
---@class knockon.RuleRedFlags
---@field unknown_share? string
---@field minority? string
---@field board? string
---@field largest_holder? string

--- A stretch of time.
---@class knockon.RuleInterval
---@field since? knockon.Date
---@field until? knockon.Date
---@field source? string
---@field notes? string

-- ---- Request and answer --------------------------------------------------------------------------------------------

--- What `knockon.answer` is asked: plain data, so that it can come from a file or a wire.
---@class knockon.Request
---@field question
---| "ban"      # by these bans alone
---| "check"    # by what is in force, with the bans on top
---| "why"      # `id`: by the bans alone when there are any, otherwise as check
---| "ladder"   # the verdict of each parent at every scope; as why
---| "unknowns" # what to find out; as why
---| "timeline" # the days from `since` to `until` on which a verdict changes; as check
---| "sweep"    # each of the targets banned alone, ranked; without targets: everything that supplies somebody
---| "cut"      # the least to end; this and the three below as why
---| "paths"    # the best proofs of `id`
---| "chokepoints" # what every path to `id` passes; without an id, to all parents
---| "diff"     # what differs from `before`
---| "impact"   # what stops working, and how much; as why
---| "odds"     # how likely each exposure is; as why
---| "holdings" # `id`: who holds and controls it, and whom it does
---| "show"     # what the data holds
---@field targets? string|string[]|knockon.Filter one ban, under `rule` and `scope`; sweep: the candidates
---@field bans? knockon.RequestBan[] further bans
---@field rule? string|knockon.Rule of bans that name none; missing: icts
---@field scope? knockon.Scope of bans that name none; missing: the rule's
---@field as_of? knockon.Date missing: today (UTC); not for timeline
---@field since? knockon.Date timeline; missing: today (UTC)
---@field until? knockon.Date timeline; missing: ten years later
---@field edits? knockon.RequestEdit[] in this order
---@field id? string of the questions why, paths, chokepoints and holdings
---@field measure? "esri"|"debtrank"|"differential" impact; missing: esri
---@field samples? integer odds; missing: 1000
---@field seed? integer odds; missing: 1
---@field basis? "equity"|"votes" holdings; missing: equity
---@field parents? string|string[] cut; this and the four below as in its options
---@field cost? number|string|table<string, number|false>|fun(relation: knockon.Relation): number|false|nil cut
---@field rates? table<string, number> cut
---@field divest? boolean cut
---@field force? boolean cut, chokepoints
---@field k? integer paths
---@field weight? "steps"|"strongest" paths
---@field count? integer chokepoints
---@field before? knockon.RequestBefore diff; missing: the same without the edits
---@field by? "parents"|"users"|"spend" sweep; this and the five below as in its options
---@field currency? string sweep; impact: the one that counts
---@field size? integer sweep
---@field spend? boolean sweep
---@field threads? integer sweep
---@field top? integer sweep
---@field rows? integer ban, check: at most so many rows of each list, the certain first; missing: all
---@field limits? knockon.Limits
---@field progress? knockon.Progress

--- The other side of a diff: what it does not say is as in the request, but for the edits.
---@class knockon.RequestBefore
---@field net? knockon.Network
---@field as_of? knockon.Date
---@field targets? string|string[]|knockon.Filter
---@field bans? knockon.RequestBan[]
---@field rule? string|knockon.Rule
---@field scope? knockon.Scope
---@field edits? knockon.RequestEdit[]

--- A ban in a request.
---@class knockon.RequestBan
---@field targets string|string[]|knockon.Filter
---@field rule? string|knockon.Rule
---@field scope? knockon.Scope
---@field measure? knockon.Measure
---@field joint? string[][]
---@field id? string
---@field title? string

--- An edit in a request: exactly one of the first nine, as the first argument of the scenario's method of that name;
--- the rest are its other arguments and its options.
---@class knockon.RequestEdit
---@field assume? string
---@field lift? string
---@field drop? string|string[]|knockon.Filter
---@field add? knockon.Relation
---@field except? string|string[]|knockon.Filter
---@field set? string with `fields`
---@field acquire? string the owner, with `owned` and `share`
---@field divest? string the owner, with `owned` and maybe `share`
---@field substitute? string the supplier they leave, with `to` and maybe `users`
---@field fields? table<string, any>
---@field owned? string
---@field share? string|number
---@field to? string
---@field users? string|string[]
---@field scope? knockon.Scope of assume
---@field since? knockon.Date of except
---@field until? knockon.Date of except
---@field contracts_before? knockon.Date of except
---@field source? string of except

--- What `knockon.answer` returns: tables, texts, numbers and booleans only. What was not asked is nil; lists are
--- sorted.
---@class knockon.Answer
---@field knockon 1
---@field complete boolean whether every record of the data was read
---@field warnings knockon.Warning[] with one `skipped` for each record left out
---@field restrictions? (knockon.AppliedRestriction|knockon.Restriction)[] as applied; show: as in the data; not sweep
---@field run? knockon.Run not show
---@field restricted? knockon.RestrictedRow[] ban, check
---@field users? knockon.UserRow[] ban, check
---@field parents? knockon.ParentRow[] ban, check
---@field concerned? knockon.ConcernedRow[] ban, check
---@field linked? knockon.LinkedRow[] ban, check
---@field totals? knockon.RowTotals ban, check: where the request asked for some rows only, how many there are
---@field why? knockon.Why why
---@field ladder? knockon.LadderRow[] ladder
---@field unknowns? knockon.Unknown[] unknowns, those that decide most first
---@field timeline? knockon.Timeline timeline
---@field disrupted? knockon.DisruptedRow[] impact
---@field saves? knockon.SavesRow[] impact, best first
---@field impact? knockon.Impact impact
---@field odds? knockon.Odds odds
---@field holdings? knockon.Holdings holdings
---@field control? knockon.Control holdings
---@field sweep? knockon.SweepAnswer sweep
---@field cut? knockon.Plan cut
---@field paths? knockon.Paths paths
---@field chokepoints? knockon.Chokepoint[] chokepoints
---@field parent? string chokepoints: the one asked about
---@field exposed? boolean chokepoints: false when that is no exposed parent
---@field diff? knockon.Diff diff
---@field before? knockon.Run diff: of the other side
---@field title? string show
---@field data? knockon.Source[] show
---@field counts? knockon.Counts show

--- The answer to sweep.
---@class knockon.SweepAnswer
---@field by "parents"|"users"|"spend"
---@field currency? string that spend is ranked in
---@field size integer 1, or 2 for pairs
---@field candidates integer how many there are, of which rows may be only the first
---@field rows knockon.SweepRow[] the most harmful first

return knockon
