#!/bin/sh
# deps.sh FOLDER: installs what `make bench` compares with, as far as this system offers it: packages of Debian
# and Ubuntu, and with npm DuckDB, into FOLDER.
folder=$1
if command -v apt-get >/dev/null 2>&1; then
  sudo=
  [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update >/dev/null
  offered=
  for package in g++ libboost-graph-dev python3-igraph python3-networkx python3-scipy python3-graph-tool; do
    if apt-cache show "$package" >/dev/null 2>&1; then
      offered="$offered $package"
    else
      echo "$package: not offered here"
    fi
  done
  # shellcheck disable=SC2086
  sh "$(dirname "$0")/../support/deps.sh" $offered || exit 1
else
  echo "Without apt-get: pip install igraph networkx scipy, and a C++ compiler with the headers of Boost" >&2
fi
if command -v npm >/dev/null 2>&1; then
  mkdir -p "$folder" || exit 1
  npm install --silent --no-audit --no-fund --prefix "$folder" @duckdb/node-api || exit 1
else
  echo "npm: not there; DuckDB will not be asked" >&2
fi
