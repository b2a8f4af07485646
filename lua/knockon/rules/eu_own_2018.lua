-- EU asset freezes, ownership, as the Council's best practices had it until 2024-07-03: strictly more than half of the
-- proprietary rights, or a majority interest. The shares of designated persons add up, acting together or not.
--
-- Left out: control (eu_control), which the guidance puts beside ownership; that the guidance does not bind a court.
return {
  id = "eu_own_2018",
  title = "EU ownership, text of 2018 (more than 50 %)",
  revision = 1,
  authority = "Council of the European Union",
  source = "EU Best Practices for the effective implementation of restrictive measures, 8519/18 of 2018-05-04",
  measure = "prohibit",
  owned = { more_than = "50%", of = "either", sum = "all" },
  control = false,
  captures = "any",
  flow = "use",
  tiers = 1,
  bound = {
    organised_in = {
      "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU",
      "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    },
    scope = "located",
  },
  in_force = { { since = "2018-05-04", ["until"] = "2024-07-03", source = "replaced by the text of 2024-07-03" } },
  programmes = "Every EU regulation that freezes the funds of listed persons.",
  rebuttable = true,
  exceptions = "Derogations and wind-downs, as each regulation states them.",
  notes = "A majority interest is read as more than half of the votes. Bound are those organised in a member state, "
    .. "their branches anywhere, and business done in the Union: scope `located`. From general knowledge, not "
    .. "re-read: the number and the day of the 2018 document.",
}
