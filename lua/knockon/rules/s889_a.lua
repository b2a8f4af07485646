-- Section 889, part A: an agency may not buy equipment, systems or services that use covered telecommunications
-- equipment as a substantial or essential component. So the harm goes with the goods, through any tier of supply, and
-- the bound user is the agency.
--
-- An agency is an entity whose field `agency_of` is, or lists, "US Government" or "US Department of Defense".
-- Left out: whether the component is substantial or essential (except the supplies that are not); affiliates that are
-- not held below the producer; Hytera, Hikvision and Dahua counting only for the stated security purposes.
return {
  id = "s889_a",
  title = "Section 889, part A (what an agency buys)",
  revision = 1,
  authority = "US executive agencies",
  source = "FY2019 NDAA s.889(a)(1)(A); FAR 52.204-25, 4.2102",
  measure = "prohibit",
  owned = { more_than = "50%", of = "either", sum = "each" },
  control = true,
  captures = "any",
  flow = "goods",
  bound = { where = { agency_of = { "US Government", "US Department of Defense" } } },
  in_force = { { since = "2019-08-13" } },
  programmes = "Huawei, ZTE, Hytera, Hikvision, Dahua, and their subsidiaries and affiliates; these are the targets.",
  remedies = "A waiver of the agency's head or of the Director of National Intelligence.",
  exceptions = "A service that connects to a third party's facilities (backhaul, roaming, interconnection); equipment "
    .. "that cannot route, redirect or see user traffic.",
  notes = "Exceptions are facts about single supplies: except those relations. Subsidiary is read as held by a "
    .. "majority, affiliate as any `controls` or `consolidates` relation downwards. From general knowledge, not "
    .. "re-read: this reading of affiliate, and the waivers.",
}
