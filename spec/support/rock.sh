#!/bin/bash
# rock.sh: what `make rock` runs: lints the rockspec, then for each Lua version makes the rock into a tree of
# its own (build/rocks/5.x), loads it from there and runs its command. Ends with `N passed, N failed`.
# It works in a copy, because LuaRocks leaves its object files among the sources. Takes BUILD from make.
set -u
. "$(dirname "$0")/steps.sh"
rockspec=rockspec/knockon-scm-1.rockspec
rocks=$PWD/$BUILD/rocks
source=$rocks/source
data=$source/examples/alibaba-2022.json

in_source() { (cd "$source" && "$@"); }
load() { # INTERPRETER TREE VERSION: the module and what it needs, found in the tree and nowhere near the checkout
  (cd / && DATA=$data LUA_PATH="$2/share/lua/$3/?.lua;$2/share/lua/$3/?/init.lua;;" LUA_CPATH="$2/lib/lua/$3/?.so;;" \
    "$1" -e 'local k = require "knockon"
      local net = assert(k.load(os.getenv "DATA"))
      assert(#net:scenario { as_of = "2022-01-18" }:ban("alibaba-cloud", { rule = "icts", scope = "owned" })
        :exposure():parents() == 3)') </dev/null
}
run() { # TREE: the installed command, by the wrapper that LuaRocks wrote
  (cd / && "$1/bin/knockon" ban "$data" alibaba-cloud --as-of 2022-01-18 --format json | grep -q '"parents"')
}

rm -rf "$rocks"
mkdir -p "$source"
cp -R csrc lua examples rockspec LICENSE README.md CHANGELOG.md "$source"
step "luarocks lint" luarocks lint "$rockspec"
for version in 5.1 5.2 5.3 5.4; do
  tree=$rocks/$version
  mkdir -p "$tree"
  # lua-cjson and argparse come from the system's packages
  echo 'rocks_provided = { ["lua-cjson"] = "2.1.0-1", argparse = "0.7.1-1" }' >"$tree/config.lua"
  export LUAROCKS_CONFIG=$tree/config.lua
  unset LUA_PATH LUA_CPATH
  step "lua$version: luarocks make" in_source luarocks --lua-version "$version" make --tree "$tree" "$rockspec"
  step "lua$version: load the rock" load "lua$version" "$tree" "$version"
  [ "$version" = 5.1 ] && step "luajit: load the rock" load luajit "$tree" "$version"
  step "lua$version: run its command" run "$tree"
done

closing
