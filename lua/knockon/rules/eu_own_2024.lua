-- EU asset freezes, ownership, as the Council's best practices have it since 2024-07-03: half or more of the
-- proprietary rights, or a majority interest. The shares of designated persons add up, acting together or not:
-- 30 % and 25 % held by two of them make the firm owned.
--
-- Left out: control (eu_control), which the guidance puts beside ownership; that the guidance does not bind a court.
return {
  id = "eu_own_2024",
  title = "EU ownership, text of 2024 (50 % or more)",
  revision = 1,
  authority = "Council of the European Union",
  source = "EU Best Practices of 2024-07-03; recital 28 of Regulation (EU) 2024/1745",
  measure = "prohibit",
  owned = { at_least = "50%", of = "either", sum = "all" },
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
  in_force = { { since = "2024-07-03" } },
  programmes = "Every EU regulation that freezes the funds of listed persons.",
  rebuttable = true,
  red_flags = {
    minority = "Listed persons hold less than half together; whether they control it is another test (eu_control).",
    largest_holder = "A listed person is the largest holder, as with 40 % beside six holders of 10 %: see eu_control.",
  },
  exceptions = "Derogations and wind-downs, as each regulation states them.",
  notes = "Presumed, and rebuttable: the Court of Justice (C-84/24 EM System, 2026-03-12, on Regulation 765/2006) "
    .. "reads exactly half as a presumption. Half of the votes is read like half of the equity. Bound are those "
    .. "organised in a member state, their branches anywhere, and business done in the Union: scope `located`.",
}
