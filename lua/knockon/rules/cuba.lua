-- The Cuban Assets Control Regulations: a firm wherever organised that US persons own or control is itself a person
-- subject to US jurisdiction, so the foreign subsidiary is bound as its US parent is.
--
-- Targets are Cuba and those organised or resident there; captured is what they own or control.
-- Left out: "a substantial part" of the stock, which makes a Cuban national and is no settled arithmetic; general
-- licences; nationals who were unblocked.
return {
  id = "cuba",
  title = "Cuba, persons subject to US jurisdiction",
  revision = 1,
  authority = "US Treasury, Office of Foreign Assets Control",
  source = "31 CFR part 515, 515.302, 515.329",
  measure = "prohibit",
  owned = { at_least = "50%", of = "either", sum = "all" },
  control = true,
  captures = "any",
  targets = { country = "CU", kind = { "firm", "state" } },
  flow = "use",
  tiers = 1,
  bound = { organised_in = { "US" }, scope = "owned" },
  in_force = { { since = "1963-07-08" } },
  red_flags = {
    minority = "515.302: a substantial part held or controlled by Cuban nationals suffices; no share is stated.",
  },
  remedies = "Unlike under the Iran rule, the foreign firm itself is a person subject to the regulations.",
  exceptions = "General and specific licences.",
  notes = "A foreign subsidiary is bound at scope `owned`. From general knowledge, not re-read: the day, and half as "
    .. "the reading of owned.",
}
