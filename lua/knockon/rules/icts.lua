-- Securing the information and communications technology and services (ICTS) supply chain. A case-by-case power:
-- the model says who would be bound if a named supplier were prohibited.
return {
  id = "icts",
  title = "ICTS supply chain rule",
  revision = 1,
  authority = "US Department of Commerce, Bureau of Industry and Security, Office of ICTS",
  source = "Executive Order 13873; 15 CFR part 791 (final rule 89 FR 96872, 2024-12-06, effective 2025-02-04)",
  measure = "prohibit",
  owned = { at_least = "50%", of = "either", sum = "all" },
  control = true,
  captures = "any",
  flow = "use",
  tiers = 1,
  bound = { organised_in = { "US" }, scope = "entity" },
  in_force = { { since = "2021-01-19", source = "covered transactions are those on or after this day" } },
  remedies = "Prohibition of the transaction, or permission under mitigation measures.",
  notes = "Owned by, controlled by, or subject to the jurisdiction or direction of a foreign adversary: jurisdiction "
    .. "is modelled by the choice of targets (country and kind), a dominant minority by a `controls` relation.",
}
