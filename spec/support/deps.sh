#!/bin/sh
# deps.sh PACKAGE...: installs those Debian packages that are missing. Where there is no apt-get it looks
# for the things themselves, and says what to install.
if command -v apt-get >/dev/null 2>&1 && command -v dpkg-query >/dev/null 2>&1; then
  missing=
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
  done
  [ -z "$missing" ] && exit 0
  echo "installing:$missing"
  sudo=
  [ "$(id -u)" = 0 ] || sudo=sudo
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  # shellcheck disable=SC2086
  if { $sudo apt-get update && $sudo env DEBIAN_FRONTEND=noninteractive \
       apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1 </dev/null; then
    exit 0
  fi
  tail -n 20 "$log" >&2
  echo "could not install; as root: apt-get update && apt-get install$missing" >&2
  exit 1
fi

missing=
need() { # WHAT COMMAND...
  what=$1
  shift
  "$@" >/dev/null 2>&1 </dev/null || missing="$missing $what"
}
header() { printf '#include <igraph.h>\n' | ${CC:-cc} $(pkg-config --cflags igraph 2>/dev/null) -I/usr/include/igraph -E -; }
for package in "$@"; do
  case $package in
    gcc) need "a-C-compiler" ${CC:-cc} --version ;;
    libigraph-dev) need igraph-0.10 header ;;
    lua5.?|luajit) need "$package" "$package" -v ;;
    lua-cjson) need lua-cjson lua5.4 -e 'require "cjson"' ;;
    lua-argparse) need argparse lua5.4 -e 'require "argparse"' ;;
    lua-expat) need luaexpat lua5.4 -e 'require "lxp"' ;;
    lua-zlib) need lua-zlib lua5.4 -e 'require "zlib"' ;;
    lua-busted) need busted busted --version ;;
    lua-check) need luacheck luacheck --version ;;
    cppcheck|clang|clang-format|luarocks) need "$package" "$package" --version ;;
  esac
done
[ -z "$missing" ] && exit 0
cat >&2 <<TXT
Missing:$missing

knockon installs by itself only with apt-get (Debian, Ubuntu). Here, install first:
  Fedora    dnf install gcc igraph-devel lua lua-devel luarocks luajit
  Arch      pacman -S gcc lua luarocks luajit; igraph from the AUR
  macOS     brew install igraph lua luarocks luajit
and what is still missing of Lua's with: luarocks install lua-cjson argparse luaexpat lua-zlib busted luacheck
The interpreters are called lua5.1, lua5.2, lua5.3, lua5.4 and luajit.
TXT
exit 1
