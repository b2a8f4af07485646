-- The direct limb of the bar on Chinese military companies: the Department may not contract with an entity on the
-- section 1260H list, or with one under the control of such an entity. So the bound user is the Department itself.
--
-- An entity of the Department is one whose field `agency_of` is, or lists, "US Department of Defense".
-- Left out: which purchases the Secretary has waived.
return {
  id = "ndaa_1260h_direct",
  title = "Section 1260H contracting bar, direct limb",
  revision = 1,
  authority = "US Department of Defense",
  source = "FY2021 NDAA s.1260H; FY2024 NDAA s.805 (direct limb from 2026-06-30, indirect from 2027-06-30)",
  measure = "prohibit",
  owned = { more_than = "50%", of = "either", sum = "each" },
  control = true,
  captures = "any",
  flow = "use",
  tiers = 1,
  bound = { where = { agency_of = "US Department of Defense" } },
  in_force = { { since = "2026-06-30" } },
  programmes = "The section 1260H list; it names entities, which are the targets.",
  exceptions = "The Secretary may waive.",
  notes = "Bound is the buyer: give the Department's own entities agency_of = \"US Department of Defense\". Control "
    .. "is that of 31 CFR 800.208: a majority held by one listed entity, or any `controls` or `consolidates` "
    .. "relation; a dominant minority counts where the data says `controls`. From general knowledge, not re-read: "
    .. "that this is the test of control.",
}
