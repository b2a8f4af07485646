#!/bin/sh
# suite.sh BUILD INTERPRETER...: runs spec/ on each interpreter with the modules in BUILD.
# Ends with the sum, `N passed, N failed`. A run without its own closing line counts as a failure.
# PRELOAD: libraries the interpreter is started with. SPECS: what to run instead of spec/.
build=$1
shift
busted=$(command -v busted) || { echo "busted is missing: run make deps" >&2; exit 1; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0 failed=0 skipped=0
for lua in "$@"; do
  unset LUA_PATH LUA_CPATH
  case $lua in luajit*) version=5.1 ;; *) version=${lua#lua} ;; esac
  echo "== $lua"
  { KNOCKON_LUA=$lua KNOCKON_BUILD=$build LD_PRELOAD=$PRELOAD "$lua" "$busted" --ignore-lua \
      --cpath="./$build/lua$version/?.so" ${SPECS:-spec} </dev/null 2>&1; echo "exit status $?"; } | tee "$log"
  closing=$(grep -Ex '[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?' "$log" | tail -n 1)
  if [ -z "$closing" ]; then
    echo "$lua: the run died"
    failed=$((failed + 1))
    continue
  fi
  set_counts() { passed=$((passed + $1)) failed=$((failed + $3)) skipped=$((skipped + ${5:-0})); own=$3; }
  set_counts $(echo "$closing" | tr -d ,)
  # a leak is found after the closing line is written: the status tells
  if [ "$own" = 0 ] && ! tail -n 1 "$log" | grep -qx 'exit status 0'; then
    echo "$lua: all passed, but the run ended badly"
    failed=$((failed + 1))
  fi
done
[ "$skipped" = 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
