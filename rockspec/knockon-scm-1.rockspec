rockspec_format = "3.0"
package = "knockon"
version = "scm-1"

source = { url = "git+https://example.org/knockon" }

description = {
  summary = "What does a ban break, and whose problem does it become?",
  detailed = [[
Holds a network of companies, their subsidiaries and the suppliers they use; applies a ban, real or hypothetical; and
answers, with a proof, which parent companies are exposed, under which reading of the law, on which date. Needs the C
library igraph 0.10.]],
  license = "GPL-2.0-or-later",
  labels = { "graph", "compliance", "sanctions", "supply-chain", "igraph" },
}

dependencies = { "lua >= 5.1, < 5.5", "lua-cjson >= 2.1.0", "argparse >= 0.7.1" }

external_dependencies = { IGRAPH = { header = "igraph/igraph.h", library = "igraph" } }

test_dependencies = { "busted" }
test = { type = "command", command = "make test" }

build = {
  type = "builtin",
  modules = {
    ["knockon"] = "lua/knockon/init.lua",
    ["knockon.answer"] = "lua/knockon/answer.lua",
    ["knockon.budget"] = "lua/knockon/budget.lua",
    ["knockon.errors"] = "lua/knockon/errors.lua",
    ["knockon.exposure"] = "lua/knockon/exposure.lua",
    ["knockon.formats.csv"] = "lua/knockon/formats/csv.lua",
    ["knockon.formats.native"] = "lua/knockon/formats/native.lua",
    ["knockon.json"] = "lua/knockon/json.lua",
    ["knockon.main"] = "lua/knockon/main.lua",
    ["knockon.meta"] = "lua/knockon/meta.lua",
    ["knockon.network"] = "lua/knockon/network.lua",
    ["knockon.output"] = "lua/knockon/output.lua",
    ["knockon.report.csv"] = "lua/knockon/report/csv.lua",
    ["knockon.report.json"] = "lua/knockon/report/json.lua",
    ["knockon.report.page"] = "lua/knockon/report/page.lua",
    ["knockon.report.text"] = "lua/knockon/report/text.lua",
    ["knockon.restriction"] = "lua/knockon/restriction.lua",
    ["knockon.rule"] = "lua/knockon/rule.lua",
    ["knockon.rules.icts"] = "lua/knockon/rules/icts.lua",
    ["knockon.rules.listing"] = "lua/knockon/rules/listing.lua",
    ["knockon.rules.ndaa_1260h_indirect"] = "lua/knockon/rules/ndaa_1260h_indirect.lua",
    ["knockon.rules.ofac_50"] = "lua/knockon/rules/ofac_50.lua",
    ["knockon.rules.reach"] = "lua/knockon/rules/reach.lua",
    ["knockon.scenario"] = "lua/knockon/scenario.lua",
    ["knockon.core"] = {
      sources = {
        "csrc/engine/adjacency.c",
        "csrc/engine/attribution.c",
        "csrc/engine/bound.c",
        "csrc/engine/cascade.c",
        "csrc/engine/climb.c",
        "csrc/engine/csv.c",
        "csrc/engine/date.c",
        "csrc/engine/digest.c",
        "csrc/engine/draft.c",
        "csrc/engine/evaluate.c",
        "csrc/engine/failure.c",
        "csrc/engine/fields.c",
        "csrc/engine/filter.c",
        "csrc/engine/flow.c",
        "csrc/engine/guard.c",
        "csrc/engine/memory.c",
        "csrc/engine/money.c",
        "csrc/engine/nearest.c",
        "csrc/engine/network.c",
        "csrc/engine/overlay.c",
        "csrc/engine/policy.c",
        "csrc/engine/proof.c",
        "csrc/engine/seal.c",
        "csrc/engine/sets.c",
        "csrc/engine/share.c",
        "csrc/engine/sort.c",
        "csrc/engine/spend.c",
        "csrc/engine/subgraph.c",
        "csrc/engine/text.c",
        "csrc/lua/acts.c",
        "csrc/lua/convert.c",
        "csrc/lua/csv.c",
        "csrc/lua/exposure.c",
        "csrc/lua/module.c",
        "csrc/lua/network.c",
        "csrc/lua/overlay.c",
        "csrc/lua/why.c",
      },
      incdirs = { "csrc", "$(IGRAPH_INCDIR)", "$(IGRAPH_INCDIR)/igraph" },
      libdirs = { "$(IGRAPH_LIBDIR)" },
      libraries = { "igraph", "pthread", "m" },
    },
  },
  install = {
    bin = { knockon = "lua/bin/knockon" },
    lua = { ["knockon.schema"] = "lua/knockon/schema.json" },
  },
  copy_directories = { "examples" },
}
