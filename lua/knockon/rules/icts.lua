-- Securing the information and communications technology and services (ICTS) supply chain. A case-by-case power:
-- the model says who would be bound if a named supplier were prohibited.
--
-- Left out: whether a transaction is covered technology, and whether its risk is undue; both are judged case by case.
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
  targets = { country = { "CN", "HK", "MO", "CU", "IR", "KP", "RU" }, kind = { "firm", "state" } },
  flow = "use",
  tiers = 1,
  bound = { organised_in = { "US" }, scope = "entity" },
  in_force = { { since = "2021-01-19", source = "covered transactions are those on or after this day" } },
  red_flags = {
    minority = "15 CFR 791: power may rest on a dominant minority of the votes; where it does, the data says "
      .. "`controls`.",
    board = "15 CFR 791: board seats, a special share, a proxy or a contract may give control.",
  },
  remedies = "Prohibition of the transaction, or permission under mitigation measures.",
  notes = "Owned by, controlled by, or subject to the jurisdiction or direction of a foreign adversary: jurisdiction "
    .. "is modelled by the choice of targets (country and kind), a dominant minority by a `controls` relation. The "
    .. "suggested targets are the adversary countries of 15 CFR 791.4; the Maduro regime, a person there and not a "
    .. "country, is named by id. A US firm's own subsidiary organised in such a country is a target too. From "
    .. "general knowledge, not re-read: the wording of the four limbs of adversary jurisdiction.",
}
