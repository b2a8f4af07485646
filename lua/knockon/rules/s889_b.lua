-- Section 889, part B: an agency may not contract with an entity that uses covered telecommunications equipment, even
-- where the use has nothing to do with federal work. The offeror represents its own use, not that of its parents,
-- subsidiaries or affiliates; so it alone is bound, and its chain is only who stands above it.
--
-- An offeror is an entity whose field `contracts_with` is, or lists, "US Government" or "US Department of Defense".
-- Left out: whether the use is of a substantial or essential component (except the supplies where it is not);
-- Hytera, Hikvision and Dahua counting only for the stated security purposes.
return {
  id = "s889_b",
  title = "Section 889, part B (what a contractor uses)",
  revision = 1,
  authority = "US executive agencies",
  source = "FY2019 NDAA s.889(a)(1)(B); FAR 52.204-25, 4.2102; interim rule 85 FR 42665",
  measure = "prohibit",
  owned = { more_than = "50%", of = "either", sum = "each" },
  control = true,
  captures = "any",
  flow = "use",
  tiers = 1,
  bound = { where = { contracts_with = { "US Government", "US Department of Defense" } } },
  in_force = { { since = "2020-08-13" } },
  programmes = "Huawei, ZTE, Hytera, Hikvision, Dahua, and their subsidiaries and affiliates; these are the targets.",
  remedies = "A waiver of the agency's head or of the Director of National Intelligence.",
  exceptions = "A service that connects to a third party's facilities (backhaul, roaming, interconnection); equipment "
    .. "that cannot route, redirect or see user traffic.",
  notes = "Exceptions are facts about single supplies: except those relations. Parents above a bound offeror are "
    .. "listed as attributed to, not as bound. Subsidiary of a producer is read as held by a majority, affiliate as "
    .. "any `controls` or `consolidates` relation downwards. From general knowledge, not re-read: this reading of "
    .. "affiliate, and the waivers.",
}
