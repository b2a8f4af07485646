-- FollowTheMoney: real files with their facts, and each schema on a line or two of our own.
local files = require "spec.support.files"
local json = require "knockon.json"
local knockon = require "knockon"
local real = require "spec.support.real"

-- The network of these objects, one a line.
local function load(objects, name, opts)
  local lines = {}
  for i, object in ipairs(objects) do lines[i] = type(object) == "string" and object or json.encode(object) end
  return knockon.load(files.write(name or "some.ftm.json", table.concat(lines, "\n") .. "\n"), opts)
end

local function object(id, schema, properties)
  local lists = {}
  for name, value in pairs(properties) do lists[name] = type(value) == "string" and { value } or value end
  return { id = id, schema = schema, properties = json.object(lists) }
end

local function company(id) return object(id, "Company", { name = id:upper() }) end

local function only_relation(objects)
  local net = assert(load(objects))
  local list = net:relations {}
  assert.are.equal(1, #list)
  return list[1], net
end

describe("FollowTheMoney", function()
  teardown(files.clean)

  real.it(it, pending, "ftm/parteispenden.ftm.json", "party donations: the payee supplies the payer",
    function(path)
      local net, facts = assert(knockon.load(path)), real.facts()["ftm/parteispenden.ftm.json"]
      local counts = net:counts()
      assert.are.equal(facts.entities, #net + facts.schemata.Payment)
      assert.are.equal(facts.schemata.Address, counts.entities.site)
      assert.are.equal(facts.schemata.Person, counts.entities.person)
      assert.are.equal(facts.schemata.Company + facts.schemata.Organization, counts.entities.firm)
      assert.are.equal(291, counts.relations.supplies)
      assert.are.same({ nodes = 96, edges = 117, components = 7, largest = 77 },
        real.graph(real.ends(net, { kind = "supplies" })))

      -- one payment has two pairs of ends; in cents, because fractions of a euro do not add up exactly
      local cents, seen = 0, {}
      for _, relation in ipairs(net:relations {}) do
        assert.are.equal("EUR", relation.currency)
        if not seen[relation.contract] then cents = cents + math.floor(relation.spend * 100 + 0.5) end
        seen[relation.contract] = true
      end
      assert.are.equal(4058968915, cents)
      assert.is_true((net:complete()))
    end)

  real.it(it, pending, "ftm/t1_eu_fsf.ftm.json", "a list of targets: who has the topic sanction is restricted",
    function(path)
      local net, facts = assert(knockon.load(path)), real.facts()["ftm/t1_eu_fsf.ftm.json"]
      assert.are.equal(facts.entities, #net)
      assert.are.equal(4, net:counts().entities.person)
      assert.are.equal(1, #net:restrictions())
      local restricted = net:scenario({}):exposure():restricted()
      assert.are.equal(facts.topics.sanction, #restricted)
      for _, row in ipairs(restricted) do assert.are.equal("yes", row.verdict) end
    end)

  real.it(it, pending, "ftm/delta", "delta files of a folder, in order, one of them empty", function(path)
    local net = assert(knockon.load(path))
    -- two added, one of them and another modified or added, one that nobody has removed, one more added
    assert.are.equal(3, #net)
    assert.are.equal("Foobar Foobargroup", net:entity("NK-2T3S8Hu29ktYnKSTgQp2wL").name)
    assert.is_nil(net:entity "NK-500Poltergeist")
    assert.are.equal(5, #net:sources())
  end)

  real.it(it, pending, "ftm/delta", "deltas change what a file of entities says", function(path)
    local id = "NK-2T3S8Hu29ktYnKSTgQp2wL"
    local base = files.write("base.ftm.json", json.encode(company(id)) .. "\n" .. json.encode(company "other") .. "\n"
      .. json.encode(company "NK-500Poltergeist") .. "\n")
    assert.are.equal(3, #assert(knockon.load(base)))
    local net = assert(knockon.load { base, path .. "/t2_20240528014702-pfh_entities.delta.json",
      path .. "/t2_20240528074703-npf_entities.delta.json" })
    assert.are.equal("Foobar Foobargroup", net:entity(id).name)
    assert.are.equal("OTHER", net:entity("other").name)
    assert.is_nil(net:entity "NK-500Poltergeist")
  end)

  it("entities: names, kinds, countries in capital letters, identifiers under our names", function()
    local net = assert(load {
      object("c", "Company", { name = { "Acme", "Acme Ltd" }, alias = "ACME", jurisdiction = "gb", country = { "fr" },
        leiCode = "529900T8BM49AURSDO55", incorporationDate = "2001-02-03", dissolutionDate = "2020" }),
      object("p", "Person", { name = "Ann", nationality = { "de", "fr" } }),
      object("s", "PublicBody", { name = "Ministry" }), object("v", "Vessel", { name = "Boat", imoNumber = "IMO1" }),
      object("x", "Passport", { number = "1", holder = "p" }),
    })
    assert.are.same({
      id = "c", kind = "firm", schema = "Company", name = "Acme", alias = { "Acme Ltd", "ACME" }, country = "GB",
      lei = "529900T8BM49AURSDO55", since = "2001-02-03", ["until"] = "2020-01-01", source = "some.ftm.json",
    }, net:entity "c")
    assert.are.same({ "DE", "FR" }, net:entity("p").country)
    assert.are.equal("state", net:entity("s").kind)
    assert.are.same({ "vessel", "IMO1" }, { net:entity("v").kind, net:entity("v").imo })
    assert.is_nil(net:entity "x")
  end)

  it("Ownership is owns; a percentage that is none is kept as it is", function()
    for given, share in pairs { ["51%"] = "51%", ["50.00"] = "50%", ["12,5"] = "12.5%", ["25-50"] = "[25%,50%]",
      [">50"] = ">50%", ["most of it"] = false, ["150"] = false } do
      local relation = only_relation { company "a", company "b", object("o", "Ownership", { owner = "a", asset = "b",
        percentage = given, startDate = "2019", endDate = "2021-05", role = "holder" }) }
      assert.are.same({ "owns", "a", "b", "o", "2019-01-01", "2021-05-01", "holder" }, { relation.kind, relation.from,
        relation.to, relation.id, relation.since, relation["until"], relation.role })
      if share then
        assert.are.equal(share, relation.share)
        assert.is_nil(relation.percentage)
      else
        assert.are.equal(given, relation.percentage)
      end
    end
  end)

  it("awards find their contract wherever it stands; the authority is the user", function()
    local award = object("w", "ContractAward",
      { supplier = "a", contract = "k", amount = "1,200.50", currency = "USD" })
    local contract = object("k", "Contract", { authority = "b", title = "hosting", contractDate = "2020-01-02" })
    for _, order in ipairs { { award, contract }, { contract, award } } do
      local relation = only_relation { company "a", company "b", order[1], order[2] }
      assert.are.same({ "supplies", "a", "b", "hosting", "1200.50", "USD", "k", "2020-01-02" }, { relation.kind,
        relation.from, relation.to, relation.need, relation.spend, relation.currency, relation.contract,
        relation.since })
    end
  end)

  it("other relations are linked and never counted; ends that nothing describes are marked", function()
    for schema, ends in pairs { Directorship = { "director", "organization" }, UnknownLink = { "subject", "object" },
      Family = { "person", "relative" }, Similar = { "candidate", "match" } } do
      local relation, net = only_relation { company "a",
        object("r", schema, { [ends[1]] = "a", [ends[2]] = "gone" }) }
      assert.are.same({ "linked", "a", "gone", schema }, { relation.kind, relation.from, relation.to, relation.schema })
      assert.is_true(net:entity("gone").dangling)
      assert.is_nil(net:entity("a").dangling)
    end
  end)

  it("Sanction is a restriction with its dates; then the topic adds none", function()
    local net = assert(load { object("a", "Company", { name = "A", topics = "sanction" }),
      object("s", "Sanction", { entity = "a", authority = "EU", program = "UKR", startDate = "2022-02-23",
        endDate = "2024-01-01" }) })
    local list = net:restrictions()
    assert.are.equal(1, #list)
    assert.are.same({ "s", "listing", { "a" }, "UKR", "2022-02-23", "2024-01-01", "EU" }, { list[1].id, list[1].rule,
      list[1].targets, list[1].title, list[1].since, list[1]["until"], list[1].authority })
    assert.are.equal(1, #net:scenario({ as_of = "2023-01-01" }):exposure():restricted())
    assert.are.equal(0, #net:scenario({ as_of = "2024-01-01" }):exposure():restricted())
  end)

  it("a period that ends before it begins is kept as it was given", function()
    local relation = only_relation { company "a", company "b",
      object("o", "Ownership", { owner = "a", asset = "b", startDate = "2020-01-01", endDate = "2019-01-01" }) }
    assert.are.same({ "2020-01-01", "2019-01-01" }, { relation.since_given, relation["until"] })
    assert.is_nil(relation.since)
  end)

  it("a bad record stops the load with its line, or is skipped and listed", function()
    local good = json.encode(company "a")
    for bad, cause in pairs { ["{"] = "end", ['{"id":1,"schema":"Company"}'] = "id", ['{"id":"x"}'] = "schema",
      ['{"id":"x","schema":"Company","properties":{"name":[{}]}}'] = "'name' must be a list of texts",
      ['{"id":"x","schema":"Company","properties":7}'] = "properties must be an object", ["[1]"] = "id",
      ["7"] = "object" } do
      local net, message, code = load({ good, bad })
      assert.is_nil(net, bad)
      assert.are.equal("parse", code)
      assert.truthy(message:find("some.ftm.json:2: ", 1, true), message)
      assert.truthy(message:find(cause, 1, true), message)
      net = assert(load({ good, bad, json.encode(company "b") }, nil, { on_error = "skip" }))
      local complete, skipped = net:complete()
      assert.is_false(complete)
      assert.are.same({ 1, 2, 2 }, { #skipped, skipped[1].line, skipped[1].record })
      assert.are.equal(2, #net)
    end
  end)

  it("the same id twice is told", function()
    local _, message = load { company "a", company "a" }
    assert.truthy(message:find("some.ftm.json:2: entity 2: 'a': this id was given before, by entity record 1", 1, true),
      message)
  end)
end)
