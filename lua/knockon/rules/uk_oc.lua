-- UK asset freezes, owned or controlled: strictly more than half of the shares or of the votes, or control, which is
-- to be reasonably expected to have its affairs run as the person wishes. Two designated persons are not added up,
-- unless they hold jointly or by a joint arrangement: then each is treated as holding what all of them hold.
--
-- Left out: how control is proved in fact; the other UK regimes, whose texts are alike; people in the UK, bound too.
return {
  id = "uk_oc",
  title = "UK owned or controlled",
  revision = 1,
  authority = "UK Treasury, Office of Financial Sanctions Implementation",
  source = "Russia (Sanctions) (EU Exit) Regulations 2019, SI 2019/855, reg. 7 and Sch. 1; OFSI guidance (4.14, "
    .. "2024-08-20)",
  measure = "prohibit",
  owned = { more_than = "50%", of = "either", sum = "joint" },
  control = true,
  captures = "any",
  flow = "use",
  tiers = 1,
  bound = { organised_in = { "GB" }, scope = "located" },
  in_force = { { since = "2020-12-31" } },
  red_flags = {
    minority = "A designated person holds half or less; the stakes of several are not added up, but may show control.",
    board = "A designated person sits on the board without the right to appoint or remove its majority.",
    largest_holder = "A designated person is the largest holder; by itself this is not control.",
  },
  exceptions = "Licences of OFSI; the exceptions of Part 7 of the Regulations.",
  notes = "Joint arrangements stand on the restriction: joint = { { \"x\", \"y\" } }. Control is any `controls` "
    .. "relation, by whatever means, and accounting consolidation. Bound are those organised in the UK, their "
    .. "branches anywhere, and conduct in the UK: scope `located`. From general knowledge, not re-read: that each "
    .. "link of an indirect holding must be a majority (Sch. 1), and that the prohibitions began at 23:00 on "
    .. "2020-12-31.",
}
