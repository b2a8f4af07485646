-- Joining networks: by identifiers that both have and by nothing else, with a report of what was joined, what conflicts
-- and which side won. A network that is told in two halves and joined gives the answers that it gave whole.
local knockon = require "knockon"
local files = require "spec.support.files"
local hostile = require "spec.support.hostile"
local raised = require "spec.support.raised"
local random_network = require "spec.support.random_network"

local SEEDS = tonumber(os.getenv "KNOCKON_SEEDS" or "") or 40

local function text_of(net)
  local path = files.path "merged.json"
  assert(net:save(path))
  return files.read(path)
end

after_each(files.clean)

-- A register and a list, which name two firms by ids of their own and share identifiers.
local function register(more)
  local facts = {
    title = "Register",
    entities = {
      { id = "acme", lei = "LEI-1", name = "Acme", country = "US", source = "the register" },
      { id = "bolt", cik = { "7", "8" }, name = "Bolt", since = "2001" }, { id = "coil", name = "Coil" },
    },
    relations = { { id = "r1", kind = "owns", from = "acme", to = "bolt", share = "60%", source = "page 1" } },
    restrictions = { { id = "act", rule = "icts", targets = { "acme" } } },
  }
  for field, value in pairs(more or {}) do facts[field] = value end
  return knockon.network(facts)
end

local function list()
  return knockon.network {
    title = "List",
    entities = {
      { id = "12", lei = "LEI-1", name = "ACME CORP", country = "US", programme = "X", source = "the list" },
      { id = "13", cik = 8, name = "Bolt", ["until"] = "2020" }, { id = "14", name = "Coil" },
    },
    relations = { { id = "l1", kind = "supplies", from = "12", to = "14", party = "13", source = "row 9" } },
    restrictions = { { id = "listing", rule = "listing", targets = { "12", "14" } } },
  }
end

describe("net:merge", function()
  local merged, report
  before_each(function() merged, report = register():merge(list(), { on = { "lei", "cik" } }) end)

  it("makes one entity of two that share an identifier, found by either id", function()
    assert.are.same({
      { id = "acme", other = "12", on = "lei", value = "LEI-1" },
      { id = "bolt", other = "13", on = "cik", value = "8" },
    }, report.joined)
    assert.are.equal(4, #merged)
    assert.are.same(merged:entity "acme", merged:entity "12")
    assert.are.equal("X", merged:entity("acme").programme)
    assert.are.equal("2 joined, 2 conflicts, 0 ambiguous, 0 renamed, 0 repeated", tostring(report))
  end)

  it("says why two records are one, in a relation", function()
    local relation = merged:relations({ kind = "same_as" })[1]
    assert.are.same({ "same:acme:12", "acme", "12", "both records have this lei", "lei LEI-1" },
      { relation.id, relation.from, relation.to, relation.source, relation.evidence })
  end)

  it("never joins by name", function()
    assert.are_not.same(merged:entity "coil", merged:entity "14")
    assert.are.equal("on", raised(register().merge, register(), list(), { on = { "name" } }).argument)
  end)

  it("lets the first network count where both say different things, and keeps what the second says", function()
    assert.are.equal("Acme", merged:entity("12").name)
    assert.are.same({ name = "ACME CORP" }, merged:entity("12").overruled)
    assert.are.same({
      id = "acme", other = "12", field = "name", kept = "Acme", dropped = "ACME CORP", won = "first",
      reason = "both networks say something, and the first counts", kept_source = "the register",
      dropped_source = "the list",
    }, report.conflicts[1])
    local turned = list():merge(register(), { on = { "lei", "cik" } })
    assert.are.equal("ACME CORP", turned:entity("acme").name)
  end)

  it("has a joined entity in force when the first network says", function()
    assert.are.same({ "until", "2020-01-01" }, { report.conflicts[2].field, report.conflicts[2].dropped })
    local bolt = merged:entity "13"
    assert.are.same({ "2001-01-01", "nil" }, { bolt.since, tostring(bolt["until"]) })
    local day = merged:scenario { as_of = "2022", restrictions = "none" }
    local supplied = day:ban("12", { rule = "reach" }):exposure()
    assert.are.equal(1, #supplied:parents { ids = { "14" } })
    -- where the first says nothing, the second does
    local open = knockon.network { entities = { { id = "b", cik = "8" } } }
    assert.are.equal("2020-01-01", open:merge(list(), { on = { "cik" } }):entity("b")["until"])
  end)

  it("keeps ids, ends and sources of relations, and restrictions with their targets", function()
    assert.are.same({ { id = "l1", kind = "supplies", from = "12", to = "14", party = "13", source = "row 9" } },
      merged:relations { id = "l1" })
    assert.are.equal("page 1", merged:relations({ id = "r1" })[1].source)
    local acts = merged:restrictions()
    assert.are.same({ "act", "listing" }, { acts[1].id, acts[2].id })
    assert.are.same({ "12", "14" }, acts[2].targets)
    assert.are.equal("Register", merged:title())
    assert.are.equal("Both", register():merge(list(), { on = {}, title = "Both" }):title())
  end)

  it("joins any number of networks in a chain", function()
    local third = knockon.network {
      entities = { { id = "third", lei = "LEI-1", motto = "all in one" } },
      relations = { { id = "t1", kind = "linked", from = "third", to = "third" } },
    }
    local all = register():merge(list(), { on = { "lei" } }):merge(third, { on = { "lei" } })
    assert.are.equal("all in one", all:entity("12").motto)
    assert.are.same(all:entity "acme", all:entity "third")
  end)

  it("gives a network that is written and read like any other", function()
    local text = text_of(merged)
    assert.are.equal(text, text_of(assert(knockon.decode(text))))
    assert.are.equal(text, text_of((register():merge(list(), { on = { "lei", "cik" } }))))
  end)

  it("remembers the files of both, and that records were skipped", function()
    local path = files.write("a.json", '{"knockon":1,"entities":[{"id":"a"},{"id":"a"}]}')
    local part = assert(knockon.load(path, { on_error = "skip" }))
    local both = register():merge(part, { on = { "lei" } })
    assert.are.equal(path, both:sources()[1].file)
    local complete, skipped = both:complete()
    assert.is_false(complete)
    assert.are.same({ path, 2 }, { skipped[1].file, skipped[1].record })
  end)
end)

describe("an identifier", function()
  local function merge(first, second, on)
    local _, report = knockon.network({ entities = first }):merge(knockon.network { entities = second }, { on = on })
    return report
  end

  it("that several entities of one network have joins nothing, and is told", function()
    local report = merge({ { id = "a", lei = "1" }, { id = "b", lei = "1" } }, { { id = "c", lei = "1" } }, { "lei" })
    assert.are.same({}, report.joined)
    assert.are.same({ { on = "lei", value = "1", first = { "a", "b" }, second = { "c" },
      reason = "several entities of one network have it" } }, report.ambiguous)
  end)

  it("joins when those that have it are one by same_as", function()
    local first = knockon.network {
      entities = { { id = "a", lei = "1" }, { id = "b", lei = "1" } },
      relations = { { kind = "same_as", from = "a", to = "b" } },
    }
    local merged, report = first:merge(knockon.network { entities = { { id = "c", lei = "1" } } }, { on = { "lei" } })
    assert.are.equal(1, #report.joined)
    assert.are.equal(1, #merged)
  end)

  it("that comes first in `on` decides, and a later one that says otherwise is told", function()
    local first = { { id = "a", lei = "1" }, { id = "b", cik = "2" } }
    local report = merge(first, { { id = "c", lei = "1", cik = "2" } }, { "lei", "cik" })
    assert.are.same({ "a", "cik" }, { report.joined[1].id, report.ambiguous[1].on })
    assert.are.equal("b", merge(first, { { id = "c", lei = "1", cik = "2" } }, { "cik", "lei" }).joined[1].id)
  end)

  it("must be the same text, in whichever list and of whichever type", function()
    assert.are.equal(0, #merge({ { id = "a", lei = "x" } }, { { id = "b", lei = "X" } }, { "lei" }).joined)
    assert.are.equal(1, #merge({ { id = "a", cik = 78 } }, { { id = "b", cik = { "5", "78" } } }, { "cik" }).joined)
    assert.are.equal(0, #merge({ { id = "a", cik = "" } }, { { id = "b", cik = "" } }, { "cik" }).joined)
  end)

  it("may be the id itself", function()
    local first = knockon.network { entities = { { id = "a", name = "A", source = "one" }, { id = "b" } } }
    local second = knockon.network { entities = { { id = "a", name = "B", source = "two", extra = 1 }, { id = "c" } } }
    local merged, report = first:merge(second, { on = { "id" } })
    assert.are.same({ id = "a", name = "A", extra = 1, source = "one; two", overruled = { name = "B" } },
      merged:entity "a")
    assert.are.equal(1, #report.joined)
    assert.are.same({}, merged:relations())
  end)
end)

describe("an id that both networks use for different things", function()
  it("is an error that names it", function()
    local object = raised(register().merge, register(), register { entities = { { id = "acme" }, { id = "bolt" } } },
      { on = {} })
    assert.are.same({ "argument", "prefix" }, { object.code, object.argument })
    assert.truthy(object.message:find("entities acme, bolt;", 1, true), object.message)
    local other = register { relations = { { id = "r1", kind = "linked", from = "acme", to = "coil" } },
      restrictions = { { id = "act", rule = "listing", targets = { "coil" } } } }
    object = raised(register().merge, register(), other, { on = { "id" } })
    assert.truthy(object.message:find("relations r1; restrictions act;", 1, true), object.message)
  end)

  it("is renamed when there is a prefix, wherever it is named", function()
    local second = knockon.network {
      entities = { { id = "acme", name = "Another" }, { id = "coil", name = "Another coil" } },
      relations = { { id = "r1", kind = "supplies", from = "acme", to = "coil", party = "acme" } },
      restrictions = { { id = "act", rule = "icts", targets = { "acme" }, joint = { { "acme", "coil" } },
        except = { { covers = { id = { "r1" }, to = "coil", kind = "supplies" } } } } },
    }
    local merged, report = register():merge(second, { on = { "lei" }, prefix = "2:" })
    assert.are.equal("Another", merged:entity("2:acme").name)
    assert.are.same({ { id = "2:r1", kind = "supplies", from = "2:acme", to = "2:coil", party = "2:acme" } },
      merged:relations { kind = "supplies" })
    assert.are.same({ id = "2:act", rule = "icts", targets = { "2:acme" }, joint = { { "2:acme", "2:coil" } },
      except = { { covers = { id = { "2:r1" }, to = "2:coil", kind = "supplies" } } } }, merged:restrictions()[1])
    assert.are.equal(4, #report.renamed)
    local third = knockon.network { entities = { { id = "acme" }, { id = "2:acme" } } }
    assert.are.equal("prefix", raised(register().merge, register(), third, { on = {}, prefix = "2:" }).argument)
  end)

  it("is the same record where both say the same of it, and kept once", function()
    local merged, report = register():merge(register(), { on = {} })
    assert.are.equal(text_of(register()), text_of(merged))
    assert.are.same({ entities = 3, relations = 1, restrictions = 1 }, report.repeated)
    local net = knockon.network(hostile.facts())
    assert.are.equal(text_of(net), text_of((net:merge(knockon.network(hostile.facts()), { on = {} }))))
  end)
end)

describe("a network in two halves", function()
  -- All parents, users and restricted under a ban, with the ids of the first half.
  local function answer(net, target, opts)
    local exposure = net:scenario({ as_of = "2022-06-15" }):ban(target, opts):exposure()
    local rows = {}
    for _, name in ipairs { "restricted", "users", "parents" } do
      for _, row in ipairs(exposure[name](exposure)) do
        rows[#rows + 1] = ("%s %s %s %s"):format(name, row.id:gsub("^~", ""), row.verdict, tostring(row.scope))
      end
    end
    table.sort(rows)
    return rows
  end

  it("joined by identifiers answers as it did whole", function()
    for seed = 1, SEEDS do
      local facts = random_network.make(seed)
      local one, two = { entities = {}, relations = {} }, { entities = {}, relations = {} }
      for i, entity in ipairs(facts.entities) do
        entity.register = "number " .. i
        one.entities[i] = entity
        two.entities[i] = { id = "~" .. entity.id, register = entity.register }
      end
      for i, relation in ipairs(facts.relations) do
        local copy = {}
        for field, value in pairs(relation) do copy[field] = value end
        if i % 2 == 0 then
          copy.from, copy.to = "~" .. copy.from, "~" .. copy.to
          copy.party = copy.party and "~" .. copy.party
        end
        local half = i % 2 == 0 and two or one
        half.relations[#half.relations + 1] = copy
        if relation.kind == "same_as" then -- known to both: else an identifier would find two entities in one of them
          local other = half == one and two or one
          local mark = half == one and "~" or ""
          other.relations[#other.relations + 1] = {
            id = "again " .. relation.id, kind = "same_as", from = mark .. relation.from, to = mark .. relation.to,
          }
        end
      end
      local whole = assert(knockon.network(facts))
      local merged, report = assert(knockon.network(one)):merge(assert(knockon.network(two)), { on = { "register" } })
      assert.are.same({}, report.ambiguous)
      assert.are.equal(#whole, #merged)
      for _, rule in ipairs { "reach", "ofac_50", "icts" } do
        for _, scope in ipairs { "entity", "owned" } do
          local opts = { rule = rule, scope = rule ~= "reach" and scope or nil }
          local target = facts.entities[seed % #facts.entities + 1].id
          assert.are.same(answer(whole, target, opts), answer(merged, target, opts), "seed " .. seed .. " " .. rule)
        end
      end
    end
  end)
end)

describe("what is no merge", function()
  it("is refused", function()
    local net = register()
    assert.are.equal("other", raised(net.merge, net, {}, { on = {} }).argument)
    assert.are.equal("on", raised(net.merge, net, list(), {}).argument)
    assert.are.equal("on", raised(net.merge, net, list()).argument)
    assert.are.equal("on", raised(net.merge, net, list(), { on = { 5 } }).argument)
    assert.are.equal("prefix", raised(net.merge, net, list(), { on = {}, prefix = "" }).argument)
    assert.are.equal("by", raised(net.merge, net, list(), { by = {} }).argument)
    local closed = list()
    closed:close()
    assert.are.equal("closed", raised(net.merge, net, closed, { on = {} }).code)
    assert.are.equal("closed", raised(closed.merge, closed, net, { on = {} }).code)
  end)

  it("stops at its limits", function()
    local entities = {}
    for i = 1, 5000 do entities[i] = { id = "e" .. i } end
    local net = knockon.network { entities = entities }
    local none, message, code = register():merge(net, { on = {}, limits = { seconds = 0 } })
    assert.are.same({ "nil", "limit" }, { tostring(none), code }, message)
    none, message, code = register():merge(net, { on = {}, progress = function() return false end })
    assert.are.same({ "nil", "interrupted" }, { tostring(none), code }, message)
  end)
end)
