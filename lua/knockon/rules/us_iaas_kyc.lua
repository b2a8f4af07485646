-- Know your customer for US infrastructure as a service. Proposed only: no final rule was found, so it is never in
-- force, and this file is a template for the day there is one.
--
-- It also points the other way: from the US provider, or its foreign reseller, to the foreign customer. The model
-- follows whom the restricted supply, so a ban under this template says only who would be looked at.
return {
  id = "us_iaas_kyc",
  title = "US IaaS customer identification (proposed)",
  revision = 1,
  authority = "US Department of Commerce, Bureau of Industry and Security",
  source = "Executive Orders 13984 and 14110; proposed rule 89 FR 5698 (2024-01-29), RIN 0694-AJ35",
  disabled = "Proposed only; no final rule was found as of 2026-11-22.",
  measure = "review",
  owned = false,
  control = false,
  captures = "any",
  flow = "use",
  tiers = 1,
  bound = { organised_in = { "US" }, scope = "entity" },
  in_force = {},
  notes = "A template: when a final rule comes, copy it, give it dates and take `disabled` out.",
}
