-- The Uyghur Forced Labor Prevention Act: goods made wholly or in part in Xinjiang, or by a listed entity, may not be
-- imported. It goes with the goods, through any tier, with no least share, wherever they are finished; ownership plays
-- no part. A presumption: clear and convincing evidence rebuts it.
--
-- Left out: which goods of a supplier are meant: every supply of a reached entity counts, except those that the data or
-- the scenario excepts.
return {
  id = "uflpa",
  title = "Uyghur Forced Labor Prevention Act",
  revision = 1,
  authority = "US Department of Homeland Security, Customs and Border Protection",
  source = "Public Law 117-78, effective 2022-06-21",
  measure = "prohibit",
  owned = false,
  control = false,
  captures = "any",
  targets = { region = "CN-XJ" },
  flow = "goods",
  bound = { organised_in = { "US" }, scope = "located" },
  in_force = { { since = "2022-06-21" } },
  programmes = "The UFLPA Entity List, by name, and whatever is made in Xinjiang.",
  rebuttable = true,
  remedies = "Release of the goods on clear and convincing evidence that no forced labour was used.",
  notes = "Targets are listed entities by id, or all that the data places in Xinjiang: field `region`, ISO 3166-2. "
    .. "Bound are importers: organised or located in the US.",
}
