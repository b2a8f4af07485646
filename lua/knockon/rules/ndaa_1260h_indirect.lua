-- The indirect limb of the bar on Chinese military companies: the Department may not buy goods or services that
-- include, through its contractors, those of an entity on the section 1260H list or under the control of one.
--
-- Left out: the exemption of components (except the supplies that are components), and tiers below the contractor's
-- own suppliers.
return {
  id = "ndaa_1260h_indirect",
  title = "Section 1260H contracting bar, indirect limb",
  revision = 1,
  authority = "US Department of Defense",
  source = "FY2021 NDAA s.1260H; FY2024 NDAA s.805 (direct limb from 2026-06-30, indirect from 2027-06-30)",
  measure = "prohibit",
  owned = { more_than = "50%", of = "either", sum = "each" },
  control = true,
  captures = "any",
  flow = "use",
  tiers = 1,
  bound = { where = { contracts_with = "US Department of Defense" } },
  in_force = { { since = "2027-06-30" } },
  programmes = "The section 1260H list; it names entities, which are the targets.",
  exceptions = "Components are exempt; the Secretary may waive.",
  notes = "Control is that of 31 CFR 800.208: a majority held by one listed entity, or any `controls` or "
    .. "`consolidates` relation; a dominant minority counts where the data says `controls`. From general knowledge, "
    .. "not re-read: that this is the test of control, and the wording of the exemption of components.",
}
