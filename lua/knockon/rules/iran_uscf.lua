-- Foreign firms that a US person owns or controls may not deal with Iran where the US person could not. The legal form
-- of reaching the foreign subsidiary: half or more of the equity by vote or value, a majority of the board, or control
-- otherwise; and the civil penalty falls on the US parent, which is who the answer calls liable.
--
-- Targets are the Government of Iran, and those organised or resident there; captured is what they own or control.
-- Left out: that the subsidiary must act knowingly; general licences; the gas pipeline project of 560.215(c).
return {
  id = "iran_uscf",
  title = "Iran, foreign firms owned or controlled by US persons",
  revision = 1,
  authority = "US Treasury, Office of Foreign Assets Control",
  source = "31 CFR 560.215; Executive Order 13628 s.4; OFAC FAQ 621, 644",
  measure = "prohibit",
  owned = { at_least = "50%", of = "either", sum = "all" },
  control = true,
  captures = "any",
  targets = { country = "IR", kind = { "firm", "state" } },
  flow = "use",
  tiers = 1,
  bound = { organised_in = { "US" }, scope = "owned" },
  in_force = { { since = "2012-10-09" } },
  remedies = "The civil penalty for the foreign firm's act falls on the US parent (`liable`).",
  exceptions = "General and specific licences.",
  notes = "The foreign firm is bound at scope `owned`, by the chain above it: half of the equity or of the votes, or "
    .. "any `controls`; a US firm's own dealings are bound at scope `entity` by the same regulations. From general "
    .. "knowledge, not re-read: the day (that of the order), and that what Iran owns or controls counts by half or "
    .. "more.",
}
