-- An answer for reading. Each question has a page of its own, in text/.

local law_pages = require "knockon.report.text.law"
local Writer = require "knockon.report.text.writer"

local text = {}

-- The field that tells an answer's question, and its page; an answer without any is one to ban or check.
local PAGES = {
  { "why", require "knockon.report.text.proof" }, { "ladder", require "knockon.report.text.ladder" },
  { "timeline", require "knockon.report.text.timeline" }, { "unknowns", require "knockon.report.text.unknowns" },
  { "cut", require "knockon.report.text.cut" }, { "paths", require "knockon.report.text.paths" },
  { "chokepoints", require "knockon.report.text.chokepoints" },
  { "diff", require "knockon.report.text.diff" }, { "counts", require "knockon.report.text.network" },
  { "sweep", require "knockon.report.text.sweep" }, { "impact", require "knockon.report.text.impact" },
  { "odds", require "knockon.report.text.odds" }, { "holdings", require "knockon.report.text.holdings" },
}
local exposure_page = require "knockon.report.text.exposure"

-- The text of an answer to any question.
-- opts.colour: with terminal colours. opts.name(id): the name of an entity the answer names by id only;
-- opts.relation(id): the relation of a step, for its dates and source where the step does not carry them.
function text.render(answer, opts)
  local page, show = Writer.new(answer, opts or {}), exposure_page
  for _, entry in ipairs(PAGES) do
    if answer[entry[1]] then show = entry[2] end
  end
  show(page, answer)
  return page:text()
end

-- Rules: a table of them, or with opts.single everything that one says.
function text.rules(rules, opts)
  local page = Writer.new({}, opts or {})
  if opts and opts.single then
    law_pages.rule(page, rules[1])
  else
    law_pages.list(page, rules)
  end
  return page:text()
end

return text
