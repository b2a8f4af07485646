-- OFAC's 50 Percent Rule. Ownership only: control alone never blocks (FAQ 398). The stakes of all blocked persons
-- add up (FAQ 399), and a firm that is blocked by them counts with the whole of its own stakes (FAQ 401).
--
-- Left out: the blocked person who signs for a firm that is not blocked (FAQ 400), which taints the deal and not the
-- firm; what each programme's general licences allow; territories with a country code of their own (PR, GU, ...),
-- unless the data gives them US.
return {
  id = "ofac_50",
  title = "OFAC 50 Percent Rule",
  revision = 1,
  authority = "US Treasury, Office of Foreign Assets Control",
  source = "FAQ 398-402; revised guidance of 2014-08-13; codified by programme, e.g. 31 CFR 587.406",
  measure = "prohibit",
  owned = { at_least = "50%", of = "equity", sum = "all" },
  control = false,
  captures = "any",
  flow = "use",
  tiers = 1,
  bound = { organised_in = { "US" }, scope = "entity" },
  in_force = { { since = "2014-08-13" } },
  programmes = "Every OFAC programme that blocks property; holders blocked under different programmes add up.",
  retains = true,
  red_flags = {
    minority = "FAQ 398: a significant minority stake of blocked persons, which may become a majority or a "
      .. "designation.",
    board = "FAQ 398, 400: a blocked person on the board or in control; dealings that involve that person are "
      .. "prohibited.",
  },
  exceptions = "General and specific licences; wind-down periods, as each designation states them.",
  notes = "FAQ 402: what was blocked while the share was 50 % or more stays blocked after it falls below. FAQ 400: a "
    .. "blocked person who signs taints the deal, not the firm.",
}
