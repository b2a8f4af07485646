-- The answer to unknowns: the questionnaire to send out, what decides most first.

local Page = require "knockon.report.page"
local words = require "knockon.report.text.words"

local clean = Page.clean

-- What to ask, of whom the data knows the name.
local function question(page, fact)
  if fact.fact == "share" then
    return ("What share of %s does %s hold?"):format(page:label(fact.to), page:label(fact.from))
  end
  if fact.fact == "country" then return ("In which country is %s organised?"):format(page:label(fact.id)) end
  if fact.fact == "control" then
    return ("How does %s control %s?"):format(page:label(fact.from), page:label(fact.to))
  end
  return clean(fact.message or fact.fact)
end

-- What answer decides it: the end of the message, whose beginning is the question.
local function needed(fact)
  return clean((fact.message or ""):match ": ([^:]*)$" or words.needed(fact))
end

return function(page, answer)
  page:title(answer, "What to ask, to know who would be exposed", "What to ask, to know who is exposed")
  page:assumptions(answer)
  local facts = answer.unknowns
  page:heading(#facts == 0 and "No verdict depends on a fact that the sources leave open."
    or "Facts that the sources leave open: " .. #facts)
  for i, fact in ipairs(facts) do
    if i > 1 then page:line() end
    page:line(("  %d. %s"):format(i, question(page, fact)))
    page:facts({
      { "known", fact.share and words.share(fact.share) or "" },
      { "needed", needed(fact) },
      { "relation", clean(fact.relation or "") },
      { "decides", page:labels(fact.decides) },
    }, "     ")
  end
  page:warnings(answer.warnings)
  page:line()
  page:line(words.plural(#facts, "fact") .. " to ask for" .. (answer.complete and "" or "; NOT COMPLETE"))
end
