-- Texts and a network that try whatever writes them: quotes, brackets, control characters, line breaks, formulas, the
-- ends of other formats' strings, letters beyond ASCII.

local hostile = {}

hostile.TEXTS = {
  'She said "no"', "it's", "a < b && c > d", "]]>", "<!-- x --> <![CDATA[ y ]]>", "&amp; &#10; &lt;", "back\\slash\\",
  'quote at the end"', "line\nbreak", "carriage\rreturn", "both\r\nof them", "tab\tand \1\2\31\127 controls",
  "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\tformula", "\rformula", "'", "''=", "a;b;c", "a,b", " around ",
  "\240\159\166\138 fox", "\226\130\172uro", "\239\191\190 and \239\191\191", "e\204\129", "\226\128\174 turned",
  "\194\133", "a;=1+1;'b';-c", "line\n=1+1\n'x", "\t\t=x", "\239\188\1571+1",
  "'; DROP TABLE entities; --", "%s %d %%", "$1 ${x} `ls`", "\\N \\G \\l", "[1]", '{"a":1}', "null", "true",
  "0x10", "1e5", "{}", "[]", "\226\144\129", "-", "=", "\239\187\191bom",
}

-- Every text as an id, a name and a field; all shapes of values; relations of every kind; restrictions of both forms.
function hostile.facts()
  local facts = { title = 'A "title" <b>&</b>', entities = {}, relations = {}, restrictions = {} }
  for i, text in ipairs(hostile.TEXTS) do
    facts.entities[i] = {
      id = text, name = text, country = ({ "US", { "CN", "US" } })[i % 3], note = text, ["f" .. i] = text,
    }
  end
  local kinds = { "firm", "branch", "service", "site", "person", "state", "a kind of its own" }
  for i, kind in ipairs(kinds) do
    facts.entities[#facts.entities + 1] = {
      id = "e" .. i, kind = kind, name = i % 2 == 0 and "Entity " .. i or nil,
      since = i % 3 == 0 and "2018-03-05" or nil, ["until"] = i % 4 == 0 and "2030" or nil,
      lei = "5493001KJTIIGC8Y1R" .. i, mixed = ({ "text", 2, true, { 1, "x" } })[i], number = i / 4, whole = i,
      flag = i % 2 == 0, list = { "one", "two" }, empty = {}, nested = { deep = { i, { "x" } } },
      label = "a label", source = i == 1 and "https://example.org/register?id=1&x=2" or "a register",
    }
  end
  local function relate(kind, from, to, more)
    more = more or {}
    more.id, more.kind, more.from, more.to = more.id or "r" .. (#facts.relations + 1), kind, from, to
    facts.relations[#facts.relations + 1] = more
  end
  local shares = { "60%", ">50%", ">=25%", "<10%", "<=10%", "(25%,50%]", "[25%,50%)", "33.3333333%", "0.0000001%" }
  for i, share in ipairs(shares) do
    local basis, class = i % 2 == 0 and "votes" or nil, i % 3 == 0 and "A" or nil
    relate("owns", hostile.TEXTS[i], "e1", { share = share, basis = basis, class = class })
  end
  relate("owns", "e1", "e7")
  relate("owns", "e1", "e5", { source = "a person that is owned, which no register knows" })
  relate("controls", "e5", "e1", { by = "board" })
  relate("controls", "e1", "e7", { by = "golden_share", since = "2020-02-29" })
  relate("consolidates", "e1", "e7", { id = "e1", source = "an edge with the id of a node" })
  relate("has_branch", "e1", "e2")
  relate("operates", "e1", "e3")
  relate("operates", "e1", "e4", { ["until"] = "2024-05-01" })
  for i, text in ipairs(hostile.TEXTS) do
    relate("supplies", "e3", text, {
      id = text, need = text, spend = "10.50", currency = "USD", data = { "personal", "ip" }, rank = i,
    })
  end
  relate("linked", "e6", "e7", { target = "x", parent = "y", label = "z", source_ = "w", evidence = "hearsay" })
  relate("same_as", "e7", hostile.TEXTS[1])
  facts.restrictions = {
    { id = '"><script>', title = "=1+1", rule = "icts", targets = { "e3", hostile.TEXTS[12], "e1" }, since = "2021" },
    { id = "class", rule = "ofac_50", targets = { country = { "CN", "RU" }, kind = "service" }, status = "proposed",
      except = { { covers = { kind = "supplies" }, source = "a licence" } }, joint = { { "e1", "e7" } } },
  }
  return facts
end

return hostile
