-- No law: plain reachability, the worst case. Harm flows down supply, up every ownership, control and consolidation
-- that may be above zero, and both ways between branches and what is operated; everyone is bound.
return {
  id = "reach",
  title = "Reachability (no law: the worst case)",
  revision = 1,
  authority = "none",
  source = "a pseudo-rule of knockon",
  measure = "prohibit",
  owned = false,
  control = false,
  captures = "any",
  flow = "any",
  bound = { anyone = true },
}
