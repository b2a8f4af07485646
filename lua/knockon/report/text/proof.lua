-- The answer to why: the proof of one entity's verdict, line by line, or why it has none.

local Page = require "knockon.report.page"
local words = require "knockon.report.text.words"

local clean = Page.clean

local STATUS = {
  restricted = "is restricted", user = "is a user of what is restricted", parent = "is a parent of a user",
  concerned = "is concerned, not bound", not_reached = "is not reached",
  below_threshold = "is held below the threshold", not_bound = "is not bound", not_in_force = "nothing is in force",
  no_data = "the data says nothing",
}

local function outcome(test, verdict)
  if test.met then return "yes" end
  if verdict == "possible" then return "only if the open facts turn out so" end
  return test.met == false and "no" or ""
end

-- The arithmetic of an owned test, also when it was not met: every counted stake, with the sum up to it.
local function owned_test(page, test, verdict)
  page:heading("Owned test")
  local cells = {}
  for i, stake in ipairs(test.stakes or {}) do
    local share = stake.share and words.share(stake.share) or ""
    if stake.kind == "consolidates" then share = share .. " (consolidated)" end
    cells[i] = {
      page:label(stake.id, stake.name), stake.verdict or "", share, stake.running and words.share(stake.running) or "",
      words.dates(stake), clean(stake.relation or ""), clean(stake.source or ""),
    }
  end
  if #cells > 0 then
    page:columns({ "HOLDER", "RESTRICTED", "SHARE", "SUM", "DATES", "RELATION", "SOURCE" }, cells)
  end
  local bar = test.at_least and "at least " .. test.at_least or test.more_than and "more than " .. test.more_than or ""
  page:facts({
    { "held", test.sum and words.share(test.sum) or "" },
    { "needed", bar .. (test.of and " of " .. test.of or "") },
    { "missing", test.gap and words.gap(test.gap) or "" },
    { "met", outcome(test, verdict) },
  }, "  ")
end

local function bound_test(page, bound)
  page:heading("Bound")
  page:facts({
    { "verdict", bound.verdict or "" }, { "level", bound.level or "" }, { "asked", bound.asked or "" },
    { "liable", page:labels(bound.liable) }, { "reason", clean(bound.reason or "") },
  }, "  ")
end

local function red_flags(page, flags)
  if #flags == 0 then return end
  page:heading("Red flags (they change no verdict): " .. #flags)
  for _, flag in ipairs(flags) do
    local facts = page:label(flag.holder or flag.id, flag.holder_name)
    if flag.share then facts = facts .. ", " .. words.share(flag.share) end
    local code = (flag.code or ""):gsub("_", " ")
    page:line("  " .. page.paint(code, "possible") .. ": " .. facts .. (flag.text and ": " .. clean(flag.text) or ""))
  end
end

local function unknowns(page, facts)
  if #facts == 0 then return end
  page:heading("What would decide it: " .. #facts)
  for _, fact in ipairs(facts) do
    page:line("  " .. clean(fact.message or fact.fact) .. (fact.relation and " [" .. clean(fact.relation) .. "]" or ""))
  end
end

return function(page, answer)
  local why = answer.why
  local verdict = why.verdict or "no"
  page:line(page.paint(page:label(why.id, why.name), "bold") .. ": " ..
    page.paint(verdict == "possible" and words.OPEN or verdict, verdict) ..
    (why.status and " (" .. (STATUS[why.status] or why.status) .. ")" or ""))
  if why.message then page:line("  " .. clean(why.message)) end
  if answer.run then
    page:line()
    page:assumptions(answer)
  end
  if why.path and #why.path > 0 then
    page:heading("Path")
    page:chain(why.path, "  ")
  end
  if why.test then owned_test(page, why.test, verdict) end
  if why.bound then bound_test(page, why.bound) end
  local attributed = { { "users", page:labels(why.users) }, { "parents", page:labels(why.parents) } }
  if attributed[1][2] .. attributed[2][2] ~= "" then
    page:heading("Attributed")
    page:facts(attributed, "  ")
  end
  if why.formerly then
    page:heading("Formerly restricted")
    page:line(("  property blocked while it was held, %s, stays blocked"):format(words.dates(why.formerly)))
  end
  red_flags(page, why.red_flags or {})
  unknowns(page, why.unknowns or {})
  -- Those of a whole answer stand above; which of them reach it is told where not all of them do.
  local whole = answer.restrictions
  if why.restrictions and #why.restrictions > 0 and not (whole and #whole == #why.restrictions) then
    page:line()
    page:facts({ { whole and "Reached by" or "Restrictions", words.ids(why.restrictions) } }, "")
  end
  page:warnings(answer.warnings or {})
end
