-- Section 5949, part A: an agency may not obtain electronic products or services that include covered semiconductors.
-- The harm goes with the goods, through any tier of supply, and the bound user is the agency. It is no ban on what a
-- contractor uses.
--
-- An agency is an entity whose field `agency_of` is, or lists, "US Government" or "US Department of Defense".
-- Left out: part B, which for critical systems alone also reaches products that use such products; successors, unless
-- they are targets; affiliates that are not held below the producer. The acquisition regulation is only proposed.
return {
  id = "ndaa_5949",
  title = "Section 5949, part A (semiconductors)",
  revision = 1,
  authority = "US executive agencies",
  source = "FY2023 NDAA s.5949; proposed FAR rule of 2026-02-17, comments until 2026-04-20",
  measure = "prohibit",
  owned = { more_than = "50%", of = "either", sum = "each" },
  control = true,
  captures = "any",
  flow = "goods",
  bound = { where = { agency_of = { "US Government", "US Department of Defense" } } },
  in_force = { { since = "2027-12-23" } },
  programmes = "SMIC, CXMT, YMTC, and their affiliates, subsidiaries and successors; these are the targets.",
  remedies = "A waiver of the agency's head.",
  notes = "Subsidiary is read as held by a majority, affiliate as any `controls` or `consolidates` relation "
    .. "downwards. From general knowledge, not re-read: this reading of affiliate, and the waiver.",
}
