#!/bin/sh
# The command, run from a checkout: `make` copies this file to build/bin/knockon.
# KNOCKON_LUA names another interpreter; the user's own LUA_PATH and LUA_CPATH stay behind ours.
self=$0
while [ -L "$self" ]; do
  to=$(readlink "$self")
  case $to in /*) self=$to ;; *) self=$(dirname "$self")/$to ;; esac
done
build=$(cd "$(dirname "$self")/.." && pwd) || exit 2
root=$build
while [ ! -f "$root/lua/bin/knockon" ]; do
  [ "$root" = / ] && { echo "knockon: $build is in no checkout of knockon" >&2; exit 2; }
  root=$(dirname "$root")
done

for lua in ${KNOCKON_LUA:-lua5.4 lua5.3 lua5.2 lua5.1 luajit lua}; do
  command -v "$lua" >/dev/null 2>&1 || continue
  version=$("$lua" -e 'io.write(_VERSION:match("%d+%.%d+"))')
  [ -f "$build/lua$version/knockon/core.so" ] || continue
  suffix=$(echo "$version" | tr . _)
  eval "path=\${LUA_PATH_$suffix-\${LUA_PATH-;}} cpath=\${LUA_CPATH_$suffix-\${LUA_CPATH-;}}"
  unset "LUA_PATH_$suffix" "LUA_CPATH_$suffix"
  LUA_PATH="$root/lua/?.lua;$root/lua/?/init.lua;$path"
  LUA_CPATH="$build/lua$version/?.so;$cpath"
  export LUA_PATH LUA_CPATH
  exec "$lua" "$root/lua/bin/knockon" "$@"
done
echo "knockon: no Lua found that $build was built for; run make" >&2
exit 2
