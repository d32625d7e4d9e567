#!/bin/bash
# Runs every benchmark of a build folder: tools/bench.sh build/release. Results also go to BUILD/bench/*.json.
set -euo pipefail
build=${1:-build/release}
mkdir -p "$build/bench"
grep -m1 'model name' /proc/cpuinfo || true
shopt -s nullglob
for program in "$build"/bin/bench_*; do
  echo "== ${program##*/}"
  "$program" --benchmark_out="$build/bench/${program##*/}.json" --benchmark_out_format=json
done
