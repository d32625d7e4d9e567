#!/bin/bash
# Runs the clang-tidy of .venv-tidy with the rules of .clang-tidy: tools/tidy.sh [FILE...], by default every source outside
# the tests. CHECKS="-*,misc-include-cleaner" runs other rules.
set -euo pipefail
cd "$(dirname "$0")/.."
build=build/tidy
cmake --preset release -B "$build" -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_CXX_COMPILER_LAUNCHER= \
  -DASTROM3_COMPILE_TOGETHER=OFF > /dev/null
files=("$@")
(( ${#files[@]} )) || mapfile -t files < <(git ls-files 'src/*.cpp' 'apps/*.cpp' 'bench/*.cpp' ':!src/formats/parquet/*')
# kernels/vec.h is another header for each instruction set: what *.isa.cpp include cannot be judged from one of them.
tidy() { xargs -0 -r -n 1 -P "$(nproc)" .venv-tidy/bin/clang-tidy -p "$build" --quiet --warnings-as-errors='*' "$@"; }
ordinary=() of_isa=()
for file in "${files[@]}"; do
  if [[ $file == *.isa.cpp ]]; then of_isa+=("$file"); else ordinary+=("$file"); fi
done
failed=0
printf '%s\0' "${ordinary[@]}" | tidy ${CHECKS:+--checks="$CHECKS"} || failed=1
if (( ${#of_isa[@]} )); then
  printf '%s\0' "${of_isa[@]}" | tidy --checks="${CHECKS:-},-misc-include-cleaner" || failed=1
fi
exit $failed
