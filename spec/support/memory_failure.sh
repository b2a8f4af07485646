#!/bin/sh
# memory_failure.sh BUILD INTERPRETER...: runs memory_failure.lua on each interpreter (two at a time) with the modules
# in BUILD and a malloc that fails. Ends with the sum, `N passed, N failed`. WORKLOAD: part of a name, to run no other.
build=$1
shift
logs=$build/memory
passed=0 failed=0

sweep() { # INTERPRETER
  case $1 in luajit*) version=5.1 ;; *) version=${1#lua} ;; esac
  rm -rf "$logs/$1"
  mkdir -p "$logs/$1/saved-csv" "$logs/$1/saved-spreadsheet"
  { env -u LUA_PATH_5_2 -u LUA_PATH_5_3 -u LUA_PATH_5_4 -u LUA_CPATH_5_2 -u LUA_CPATH_5_3 -u LUA_CPATH_5_4 \
      LUA_PATH="./lua/?.lua;./lua/?/init.lua;;" LUA_CPATH="./$build/lua$version/?.so;;" \
      LD_PRELOAD="./$build/lua$version/failing_malloc.so" "$1" spec/support/memory_failure.lua "$logs/$1"
    echo "exit status $?"; } </dev/null >"$logs/$1.log" 2>&1
}

count() { # INTERPRETER: shows the log of a sweep that is over
  echo "== $1"
  cat "$logs/$1.log"
  closing=$(grep -Ex '[0-9]+ passed, [0-9]+ failed' "$logs/$1.log" | tail -n 1)
  if [ -z "$closing" ]; then
    echo "$1: the run died"
    failed=$((failed + 1))
    return
  fi
  passed=$((passed + ${closing%% *})) closing=${closing#*, } failed=$((failed + ${closing%% *}))
}

mkdir -p "$logs"
while [ $# -gt 0 ]; do
  first=$1 second=${2-}
  shift
  [ $# -gt 0 ] && shift
  sweep "$first" &
  [ -n "$second" ] && sweep "$second"
  wait
  count "$first"
  [ -n "$second" ] && count "$second"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
