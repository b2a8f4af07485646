-- An act whose rule is not modelled: the named target alone is caught, whoever it owns, and since the act's own
-- scope is not modelled either, every customer counts. What the act does is said by the restriction's `measure`.
return {
  id = "listing",
  title = "Listing (the named target alone; rule not modelled)",
  revision = 1,
  authority = "none",
  source = "a pseudo-rule of knockon; the restriction names its own source",
  owned = false,
  control = false,
  captures = "any",
  flow = "use",
  tiers = 1,
  bound = { anyone = true },
}
