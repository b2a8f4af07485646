-- The Data Security Program of the Department of Justice: covered persons are foreign firms that countries of concern
-- or covered persons own by half or more, together and through covered firms, and firms organised there. Buying a
-- cloud service from one is a vendor agreement: restricted, which is to say allowed under security requirements.
--
-- A firm organised solely in the US is not captured; one organised there and elsewhere is foreign.
-- Left out: whether the data is of a kind and bulk that counts; employees and residents, unless they are targets;
-- data brokerage, which is prohibited (give such a restriction measure = "prohibit").
return {
  id = "doj_dsp",
  title = "DOJ Data Security Program, covered persons",
  revision = 1,
  authority = "US Department of Justice, National Security Division",
  source = "Executive Order 14117; 28 CFR part 202 (90 FR 1706, 2025-01-08), 202.211, 202.256",
  measure = "mitigate",
  owned = { at_least = "50%", of = "equity", sum = "all" },
  control = false,
  captures = "foreign",
  targets = { country = { "CN", "HK", "MO", "CU", "IR", "KP", "RU", "VE" }, kind = { "firm", "state" } },
  flow = "use",
  tiers = 1,
  bound = { organised_in = { "US" }, scope = "branches" },
  in_force = { { since = "2025-04-08", source = "90 FR 1706; audits and due diligence from 2025-10-06" } },
  red_flags = {
    minority = "Countries of concern or covered persons hold less than half; control alone does not make it covered.",
  },
  remedies = "Restricted transactions are allowed under the security requirements of CISA.",
  exceptions = "The exempt transactions of subpart E; licences.",
  notes = "The suggested targets are firms and states of the countries of concern. Their kind matters: a branch of a "
    .. "US firm in such a country is one person with the US firm and no covered person. 202.256: a US firm's branch "
    .. "abroad is a US person and its foreign subsidiary is not; a foreign firm's US branch is foreign and its US "
    .. "subsidiary a US person; hence scope `branches`. From general knowledge, not re-read: which transactions are "
    .. "restricted and which prohibited.",
}
