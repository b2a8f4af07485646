# knockon: build, test, check, install.
#
#   make            core.so for every Lua found, and build/bin/knockon
#   make demo       installs what is missing, builds, runs the main job
#   make test       installs what is missing, builds, runs spec/ on five interpreters
#   make check      linters, compilers with -Werror, spec/ under the sanitizers, check-memory
#   make fuzz       mutants of the files that readers read, FUZZ_SECONDS for each reader
#   make check-memory   every allocation of small workloads fails once: nothing may crash, leak or go unsaid
#   make rock       luarocks make for each Lua, then loads and runs what was installed
#   make install    PREFIX=/usr/local LUA_VERSION=5.4 DESTDIR=
#   make bench      measures knockon beside every other system that is installed: SIZE=S|M|L PEERS=default|all|none|…
#                   RUNS=5 IDS=number|lei GROWTH=S,M,L BENCH_LUA=luajit; see spec/bench/bench.lua
#   make deps       only what `make test` needs; make deps-bench, make format, make clean
#
# V=1 shows the compiler's commands. A Lua that is kept elsewhere: make LUA_INC_5.4=/path/to/its/include

BUILD   ?= build
PREFIX  ?= /usr/local
DESTDIR ?=
LUA_VERSION ?= 5.4

ifeq ($(origin CC),default)
CC := gcc
endif
CFLAGS   ?= -O2
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-declarations
IGRAPH_CFLAGS ?= $(patsubst -I%,-isystem %,$(or $(shell pkg-config --cflags igraph 2>/dev/null),-I/usr/include/igraph))
IGRAPH_LIBS   ?= $(or $(shell pkg-config --libs igraph 2>/dev/null),-ligraph)
COMPILE   = $(CC) -std=c11 -D_POSIX_C_SOURCE=200809L $(CFLAGS) -fPIC -fvisibility=hidden $(WARNINGS) $(WERROR) -MMD -MP -Icsrc $(IGRAPH_CFLAGS)
LINK     := $(if $(filter Darwin,$(shell uname -s)),-bundle -undefined dynamic_lookup,-shared)

# Packages of Debian and Ubuntu.
DEPS_DEMO  := gcc libc6-dev libigraph-dev lua5.4 liblua5.4-dev lua-cjson lua-argparse
# What specs of formats and databases compare with; without one of them its specs are skipped.
DEPS_FORMATS := graphviz libxml2-utils python3-igraph lua-sql-sqlite3 lua-sql-postgres postgresql
DEPS_TEST  := $(DEPS_DEMO) lua5.1 lua5.2 lua5.3 luajit liblua5.1-0-dev liblua5.2-dev liblua5.3-dev lua-busted \
              lua-expat lua-zlib $(DEPS_FORMATS)
DEPS_CHECK := $(DEPS_TEST) lua-check cppcheck clang clang-format
DEPS_ROCK  := $(DEPS_TEST) luarocks

Q := $(if $(V),,@)

# The sanitized run leaves LuaJIT out: the leak check does not see its heap.
INTERPRETERS ?= lua5.1 lua5.2 lua5.3 lua5.4 luajit
SANITIZED    ?= lua5.4
SWEPT        ?= lua5.4 luajit

# The versions whose headers are found. The module for 5.1 serves LuaJIT too.
lua_inc = $(patsubst %/lua.h,%,$(firstword $(wildcard $(foreach d,/usr /usr/local /opt/homebrew /opt/local,\
            $(d)/include/lua$(1)/lua.h $(d)/include/lua-$(1)/lua.h))))
LUA_INC_5.1 ?= $(call lua_inc,5.1)
LUA_INC_5.2 ?= $(call lua_inc,5.2)
LUA_INC_5.3 ?= $(call lua_inc,5.3)
LUA_INC_5.4 ?= $(call lua_inc,5.4)
VERSIONS    := $(foreach v,5.1 5.2 5.3 5.4,$(if $(LUA_INC_$(v)),$(v)))

ENGINE  := $(patsubst csrc/engine/%.c,$(BUILD)/engine/%.o,$(wildcard csrc/engine/*.c))
BINDING := $(patsubst csrc/lua/%.c,%.o,$(wildcard csrc/lua/*.c))
MODULES := $(foreach v,$(VERSIONS),$(BUILD)/lua$(v)/knockon/core.so)

.DELETE_ON_ERROR:
.PHONY: all modules deps deps-bench demo test bench check check-memory fuzz rock install format clean

all: modules $(BUILD)/bin/knockon

modules: $(MODULES)
	@test -n "$(MODULES)" || { echo "no Lua headers found: run make deps" >&2; exit 1; }

# The engine is compiled once, the binding for each Lua.
$(BUILD)/engine/%.o: csrc/engine/%.c
	@mkdir -p $(@D)
	@echo "cc $@"
	$(Q)$(COMPILE) -c $< -o $@

define for_version
$(BUILD)/lua$(1)/obj/%.o: csrc/lua/%.c
	@mkdir -p $$(@D)
	@echo "cc $$@"
	$(Q)$$(COMPILE) -isystem $$(LUA_INC_$(1)) -c $$< -o $$@

$(BUILD)/lua$(1)/knockon/core.so: $(ENGINE) $(addprefix $(BUILD)/lua$(1)/obj/,$(BINDING))
	@mkdir -p $$(@D)
	@echo "ld $$@"
	$(Q)$$(CC) $$(LINK) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(IGRAPH_LIBS) -lpthread -lm

# Preloaded, it is there before Lua is: what it takes from Lua is looked up late.
$(BUILD)/lua$(1)/failing_malloc.so: spec/support/failing_malloc.c
	@mkdir -p $$(@D)
	@echo "ld $$@"
	$(Q)$$(COMPILE) -fno-builtin -isystem $$(LUA_INC_$(1)) -shared -Wl,-z,lazy $$< -o $$@ -ldl
endef
$(foreach v,$(VERSIONS),$(eval $(call for_version,$(v))))

$(BUILD)/bin/knockon: spec/support/checkout.sh
	@mkdir -p $(@D)
	@install -m 755 $< $@

-include $(wildcard $(BUILD)/engine/*.d $(BUILD)/lua*/obj/*.d)

# What follows a fresh `deps` starts make anew, which then finds the headers.
AGAIN := $(MAKE) --no-print-directory

deps:
	@sh spec/support/deps.sh $(DEPS_TEST)

demo:
	@sh spec/support/deps.sh $(DEPS_DEMO)
	@$(AGAIN) all
	@echo
	$(BUILD)/bin/knockon ban examples/alibaba-2022.json alibaba-cloud --as-of 2022-01-18 --scope owned

test: deps
	@$(AGAIN) all
	@sh spec/support/suite.sh $(BUILD) $(INTERPRETERS)

check:
	@sh spec/support/deps.sh $(DEPS_CHECK)
	@MAKE="$(AGAIN)" BUILD=$(BUILD) SANITIZED="$(SANITIZED)" bash spec/support/check.sh

check-memory: modules $(foreach v,$(VERSIONS),$(BUILD)/lua$(v)/failing_malloc.so)
	@sh spec/support/memory_failure.sh $(BUILD) $(SWEPT)

# The others that make bench can ask; it installs none of them itself.
deps-bench:
	@sh spec/bench/deps.sh $(BUILD)/bench/node

BENCH_LUA ?= $(firstword $(foreach l,luajit lua5.4 lua5.3 lua5.2 lua5.1,$(if $(shell command -v $(l)),$(l))))
bench: all
	@version=$$($(BENCH_LUA) -e 'io.write(_VERSION:match "%d%.%d")') && \
	LUA_CPATH="$(BUILD)/lua$$version/?.so;;" $(BENCH_LUA) spec/bench/bench.lua build="$(BUILD)" lua="$(BENCH_LUA)" \
	  size="$(SIZE)" peers="$(PEERS)" runs="$(RUNS)" ids="$(IDS)" limit="$(LIMIT)" growth="$(GROWTH)"

FUZZ_SECONDS ?= 30
FUZZ_LUA     ?= lua5.4

fuzz: modules
	@LUA_PATH="./?.lua;./lua/?.lua;./lua/?/init.lua;;" LUA_CPATH="./$(BUILD)/$(subst luajit,lua5.1,$(FUZZ_LUA))/?.so;;" \
	  $(FUZZ_LUA) spec/fuzz/run.lua $(FUZZ_SECONDS)

rock:
	@sh spec/support/deps.sh $(DEPS_ROCK)
	@BUILD=$(BUILD) bash spec/support/rock.sh

LUADIR = $(DESTDIR)$(PREFIX)/share/lua/$(LUA_VERSION)
LIBDIR = $(DESTDIR)$(PREFIX)/lib/lua/$(LUA_VERSION)

install: $(BUILD)/lua$(LUA_VERSION)/knockon/core.so
	cd lua && find knockon -type f -exec install -D -m 644 '{}' '$(LUADIR)/{}' ';'
	install -D -m 755 $< $(LIBDIR)/knockon/core.so
	mkdir -p $(DESTDIR)$(PREFIX)/bin
	{ echo '#!/usr/bin/env lua$(LUA_VERSION)'; \
	  echo 'package.path = "$(PREFIX)/share/lua/$(LUA_VERSION)/?.lua;$(PREFIX)/share/lua/$(LUA_VERSION)/?/init.lua;" .. package.path'; \
	  echo 'package.cpath = "$(PREFIX)/lib/lua/$(LUA_VERSION)/?.so;" .. package.cpath'; \
	  sed 1d lua/bin/knockon; } > $(DESTDIR)$(PREFIX)/bin/knockon
	chmod 755 $(DESTDIR)$(PREFIX)/bin/knockon

format:
	clang-format -i $(wildcard csrc/*.[ch] csrc/*/*.[ch])

clean:
	rm -rf build
