#!/bin/bash
# Runs the clang-tidy of .venv-tidy with the rules of .clang-tidy: tools/tidy.sh [FILE...], by default every source outside
# the tests. CHECKS="-*,misc-include-cleaner" runs other rules.
set -euo pipefail
cd "$(dirname "$0")/.."
build=build/tidy
cmake --preset release -B "$build" -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_CXX_COMPILER_LAUNCHER= > /dev/null
files=("$@")
(( ${#files[@]} )) || mapfile -t files < <(git ls-files 'src/*.cpp' 'apps/*.cpp' 'bench/*.cpp' ':!src/formats/parquet/*')
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" .venv-tidy/bin/clang-tidy -p "$build" --quiet \
  --warnings-as-errors='*' ${CHECKS:+--checks="$CHECKS"}
