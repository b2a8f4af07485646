-- Rules in plain words: a table of them, or everything that one says.

local Page = require "knockon.report.page"
local words = require "knockon.report.text.words"

local concat = table.concat
local clean, wrapped = Page.clean, Page.wrapped

local law = {}

-- "since 2021-01-19 (why, or by what); until …"; `notes` adds what an interval says beside its dates.
local function intervals_text(intervals, notes)
  local parts = {}
  for i, interval in ipairs(intervals or {}) do
    local dates = words.dates(interval)
    local beside = notes and (interval.source or interval.notes)
    parts[i] = (dates ~= "" and dates or "always") .. (beside and " (" .. beside .. ")" or "")
  end
  return concat(parts, "; ")
end

local function in_force_text(rule, notes)
  local dates = intervals_text(rule.in_force, notes)
  return dates ~= "" and dates or "never"
end

local ADDED_UP = {
  all = "the stakes of all restricted holders add up",
  each = "each target is taken alone, with the firms it captured",
  joint = "each target is taken alone, with the firms it captured; a declared joint group counts as one target",
}

local function owned_text(owned)
  if not owned then return "no test: who owns a firm does not matter" end
  local bar = owned.at_least and "at least " .. owned.at_least or "more than " .. tostring(owned.more_than)
  local of = owned.of == "either" and "of equity, or of votes (never mixed)" or "of " .. (owned.of or "equity")
  return ("%s %s held by what is restricted; %s; a firm that is caught counts with the whole of its own stakes")
    :format(bar, of, ADDED_UP[owned.sum or "all"])
end

local function control_text(control)
  if type(control) == "table" then
    return concat(control, ", ") .. " (any one, as the `by` of a `controls` relation); without `by` it is possible"
  end
  if control then return "any `controls` relation, whatever its `by`, and any `consolidates`" end
  return "no test: control without the shares does not matter"
end

local function home_text(bound) return concat(bound.organised_in or {}, ", ") end

local function captures_text(rule)
  if not rule.owned and not rule.control then return "only the targets, with their branches and what they operate" end
  if rule.captures == "foreign" then
    return "only firms that are not organised solely in " .. home_text(rule.bound or {})
      .. "; another is not caught, and nothing through it"
  end
  return "any firm, wherever it is organised"
end

local function flow_text(rule)
  if rule.flow == "goods" then return "goods: every customer, through any number of tiers of supply" end
  if rule.flow == "any" then
    return "any: down supply, up every share that may be above zero and every control, across branches and what is "
      .. "operated, in any order"
  end
  local tiers = rule.tiers or 1
  return "use: the customers of what is restricted, " .. words.plural(tiers, "tier") .. (tiers == 1 and "" or " deep")
end

-- What each scope adds to the one below.
local WIDENED = {
  { "entity", "" }, { "branches", "its branches abroad" }, { "located", "who is located there" },
  { "owned", "what such a firm owns or controls abroad" }, { "facilitation", "the party to a contract for another" },
}

local function bound_text(bound)
  local scope = bound.scope or "entity"
  local at = ", at scope " .. tostring(scope)
  if bound.anyone then return "anyone" .. at end
  if bound.where then return "every user with " .. words.condition(bound.where) .. at end
  local widened = {}
  for _, step in ipairs(WIDENED) do
    if step[2] ~= "" then widened[#widened + 1] = step[2] end
    if step[1] == scope then break end
  end
  return "organised in " .. home_text(bound) .. at .. (#widened > 0 and ": also " .. concat(widened, ", ") or "")
end

local MEASURES = {
  prohibit = "prohibit: users are bound, and exposed with their parents",
  license = "license: what needs a licence is concerned, never bound",
  mitigate = "mitigate: what is allowed under conditions is concerned, never bound",
  warn = "warn: users are concerned, never bound", review = "review: users are concerned, never bound",
}

local FLAGS = { "unknown_share", "minority", "board", "largest_holder" }
local FLAG_WORDS = {
  unknown_share = "share unknown", minority = "minority stake", board = "board", largest_holder = "largest holder",
}

local function red_flags_text(flags)
  local parts = {}
  for _, code in ipairs(FLAGS) do
    if flags[code] then parts[#parts + 1] = wrapped(FLAG_WORDS[code] .. ": " .. flags[code], 90) end
  end
  return concat(parts, "\n")
end

-- Everything that one rule says. What is not shown was not said, and has its default.
function law.rule(page, rule)
  local facts = {
    { "Title", rule.title or "" }, { "Authority", rule.authority or "" }, { "Source", rule.source or "" },
    { "In force", in_force_text(rule, true) },
    { "Suspended", intervals_text(rule.suspended, true) },
    { "Disabled", rule.disabled or "" },
    { "Owned", owned_text(rule.owned) },
    { "Control", control_text(rule.control) },
    { "Captures", captures_text(rule) },
    { "Flow", flow_text(rule) },
    { "Bound", bound_text(rule.bound or {}) },
    { "Measure", MEASURES[rule.measure or "prohibit"] .. " (unless the restriction says otherwise)" },
    { "Targets", rule.targets and "suggested for a ban: every entity with " .. words.condition(rule.targets) or "" },
    { "Programmes", rule.programmes or "" },
    { "Merge", rule.merge and "what several restrictions reach takes the strictest of their measures" or "" },
    { "Retains", rule.retains
      and "property blocked while a firm was restricted stays blocked after it no longer is (formerly)" or "" },
    { "Rebuttable", rule.rebuttable and "a verdict is a presumption, which evidence may rebut" or "" },
    { "Remedies", rule.remedies or "" }, { "Exceptions", rule.exceptions or "" }, { "Notes", rule.notes or "" },
  }
  for _, fact in ipairs(facts) do fact[2] = wrapped(fact[2], 90) end
  if rule.red_flags then table.insert(facts, #facts - 2, { "Red flags", red_flags_text(rule.red_flags) }) end
  local own = page.opts.own_rule and " (your file " .. clean(page.opts.own_rule.file) .. ")" or ""
  page:line(page.paint(clean(rule.id), "bold")
    .. own .. ", as modelled (revision " .. tostring(rule.revision or 1) .. ")")
  page:facts(facts, "  ")
end

-- One line a rule.
function law.list(page, rules)
  local cells = {}
  for i, rule in ipairs(rules) do
    cells[i] = { clean(rule.id), Page.cut(clean(rule.title or ""), 60), in_force_text(rule),
      intervals_text(rule.suspended),
      Page.cut(clean(rule.authority or ""), 60) }
  end
  page:line(page.paint("Rules, as modelled", "bold"))
  page:columns({ "ID", "TITLE", "IN FORCE", "SUSPENDED", "AUTHORITY" }, cells)
end

return law
