# Sourced: counts steps, for a run that ends with `N passed, N failed`.
passed=0 failed=0

step() { # NAME COMMAND...: the output is shown only of a step that fails
  local name=$1 output
  shift
  if output=$("$@" 2>&1 </dev/null); then
    passed=$((passed + 1))
    echo "ok      $name"
  else
    failed=$((failed + 1))
    echo "FAILED  $name"
    printf '%s\n' "$output"
  fi
}

closing() {
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}
