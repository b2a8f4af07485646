-- The BIS Affiliates Rule: a foreign firm that listed parties own by half or more, together and through firms caught
-- in the same way, is treated as listed. Ownership, never control. Owners on different lists add up, and the
-- strictest of their licence requirements applies.
--
-- Suspended from 2025-11-10 until 2026-11-10 and then back by its own terms; what happens to it after that is a
-- change of the dates below, nowhere else.
--
-- Left out: exports to the caught firm. The rule bars supplying it, and anyone anywhere with an item subject to the
-- Export Administration Regulations; the model follows whom it supplies, and binds firms organised in the US. Also
-- the temporary general licence that ran to 2025-11-28 or 2025-12-01 (sources differ).
return {
  id = "bis_affiliates",
  title = "BIS Affiliates Rule (50 percent)",
  revision = 1,
  authority = "US Department of Commerce, Bureau of Industry and Security",
  source = "90 FR 47201 and 47212 (2025-09-30); 15 CFR 744.11, 744.21(a)(3), Supp. 8 to part 744; RIN 0694-AK11",
  measure = "license",
  owned = { at_least = "50%", of = "equity", sum = "all" },
  control = false,
  captures = "foreign",
  flow = "use",
  tiers = 1,
  bound = { organised_in = { "US" }, scope = "entity" },
  in_force = { { since = "2025-09-29" } },
  suspended = {
    { since = "2025-11-10", ["until"] = "2026-11-10", source = "one-year suspension, 2025-11-10 to 2026-11-09" },
  },
  programmes = "Entity List (Supp. 4 to part 744); Military End-User List (Supp. 7); SDNs under the programmes that "
    .. "15 CFR 744.8(a)(1) names.",
  merge = "strictest",
  red_flags = {
    unknown_share = "Red Flag 29: a listed party is known to own some of it but not how much; find out, or get a "
      .. "licence.",
    minority = "A significant minority stake of a listed party: due diligence, no licence requirement by itself.",
    board = "A listed party shares directors with it: due diligence, no licence requirement by itself.",
  },
  remedies = "A licence; where owners differ, by the strictest owner's requirement, exceptions and review policy.",
  exceptions = "Licence exceptions that every listed owner leaves open.",
  notes = "Firms organised in the US are not caught; one organised there and elsewhere is foreign. Give each list's "
    .. "restriction its own measure: a firm takes the strictest of the lists that reach it.",
}
