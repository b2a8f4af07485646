#!/bin/bash
# check.sh: what `make check` runs, each step counted: linters, both compilers with -Werror, the suite under
# ASan and UBSan, and what happens when memory runs out. Ends with `N passed, N failed`. Takes MAKE, BUILD, SANITIZED from make.
set -u
. "$(dirname "$0")/steps.sh"

sources=(csrc/*/*.c)
headers=(csrc/*/*.h)
step "luacheck" luacheck --no-cache -q lua spec examples
step "cppcheck" cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
  --suppress=missingIncludeSystem --suppress=duplicateAssignExpression --error-exitcode=1 -Icsrc "${sources[@]}"
step "clang-format" clang-format --dry-run --Werror "${sources[@]}" "${headers[@]}"
step "gcc -Werror" $MAKE BUILD="$BUILD/gcc" CC=gcc WERROR=-Werror modules
step "clang -Werror" $MAKE BUILD="$BUILD/clang" CC=clang WERROR=-Werror modules

sanitize="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer"
step "build for ASan and UBSan" $MAKE BUILD="$BUILD/asan" CC=gcc CFLAGS="$sanitize" all
# Modules stay mapped at exit: a leak is then told with its place, and what libgomp, which igraph brings, holds in a
# static variable counts as held.
echo 'int dlclose(void *handle) { return handle == 0; }' | gcc -shared -fPIC -x c - -o "$BUILD/asan/keep.so"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:allocator_may_return_null=1
export UBSAN_OPTIONS=print_stacktrace=1
libraries="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so) $PWD/$BUILD/asan/keep.so"
export PRELOAD=$libraries KNOCKON_SANITIZED=1
sanitized() { # INTERPRETER [SPECS]
  SPECS=${2-} sh spec/support/suite.sh "$BUILD/asan" "$1" 2>&1 | tee "$log"
  read -r more _ bad _ < <(tail -n 1 "$log")
  passed=$((passed + more)) failed=$((failed + bad))
}
sanitized "$SANITIZED"
# The engine is the same for every Lua: of the binding for 5.1 what calls each public function is enough.
sanitized lua5.1 "spec/meta_spec.lua"
unset PRELOAD KNOCKON_SANITIZED

# Every reader on the seeds of its corpus and what becomes of them, a few seconds each, the same ones every time: what a
# change broke is found here; `make fuzz` looks for what nobody has seen.
LUA_PATH="./?.lua;./lua/?.lua;./lua/?/init.lua;;" LUA_CPATH="./$BUILD/asan/lua5.4/?.so;;" LD_PRELOAD=$libraries \
  lua5.4 spec/fuzz/run.lua 3 20261122 2>&1 | tee "$log"
read -r more _ bad _ < <(tail -n 1 "$log")
passed=$((passed + ${more:-0})) failed=$((failed + ${bad:-1}))

$MAKE BUILD="$BUILD" check-memory 2>&1 | tee "$log"
read -r more _ bad _ < <(grep -Ex '[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
passed=$((passed + ${more:-0})) failed=$((failed + ${bad:-1}))

closing
