-- EU asset freezes, control: any one criterion of the Council's best practices suffices, whatever the shares. The data
-- says which by the `by` of a `controls` relation; without `by` it is only possible that a criterion is met.
--
-- A majority is control too (it appoints the board), so that owned and controlled firms may alternate along a chain;
-- exactly half is left to eu_own_2024. A `consolidates` relation alone is a stake of unknown size: possible.
-- Left out: how each criterion is proved, and what rebuts the presumption.
return {
  id = "eu_control",
  title = "EU control (any one criterion)",
  revision = 1,
  authority = "Council of the European Union",
  source = "EU Best Practices, 8519/18 of 2018-05-04 and the text of 2024-07-03; recital 28 of Regulation (EU) "
    .. "2024/1745",
  measure = "prohibit",
  owned = { more_than = "50%", of = "either", sum = "all" },
  control = {
    "board", "voting_agreement", "contract", "dominant_influence", "assets", "unified_management", "liabilities",
    "golden_share", "vie", "nominee",
  },
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
  in_force = { { since = "2018-05-04" } },
  programmes = "Every EU regulation that freezes the funds of listed persons.",
  rebuttable = true,
  red_flags = {
    minority = "Shares moved below half near the day of designation, or a right to buy them back.",
    board = "A listed person sits on the board without power over its majority.",
    largest_holder = "The largest holder is listed, as with 40 % beside six holders of 10 %: it may control in fact.",
  },
  exceptions = "Derogations and wind-downs, as each regulation states them.",
  notes = "Words of `by`: board = may appoint or remove most of the board; voting_agreement = most of the votes by "
    .. "agreement with other holders; contract = dominant influence by contract or articles; dominant_influence = "
    .. "the power to exercise it in fact; assets = the right to use all or part of the assets; unified_management = "
    .. "managed as one, with consolidated accounts; liabilities = answers jointly for its debts or guarantees them; "
    .. "golden_share, vie and nominee = a special share, a contract structure, a front or trust. Presumed, and "
    .. "rebuttable. From general knowledge, not re-read: the wording of the list and the day of the 2018 document.",
}
