#!/bin/bash
# Runs fuzz targets under AddressSanitizer and UndefinedBehaviorSanitizer and prints a table:
#   tools/fuzz_campaign.sh [RUNS] [TARGET...]      RUNS inputs for each target (default 10000000), all targets
# JOBS processes share the runs of a target (default: the number of cores). An input that takes more than two
# seconds (TIMEOUT; by the clock, so that a machine with other work needs more) or 512 MiB counts as a finding. Logs,
# corpora and findings stay in build/fuzz; exits 1 if there are findings.
set -euo pipefail
cd "$(dirname "$0")/.."

runs=${1:-10000000}
shift || true
jobs=${JOBS:-$(nproc)}
build=build/asan
work=build/fuzz
mkdir -p "$work"

cmake --preset asan > "$work/configure.log" 2>&1 || { cat "$work/configure.log" >&2; exit 1; }
cmake --build --preset asan --target fuzzers > "$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 1; }

targets=("$@")
(( ${#targets[@]} )) || mapfile -t targets < <(find "$build/bin" -name 'fuzz_*' -type f -perm -u+x -printf '%f\n' | sort)
(( ${#targets[@]} )) || { echo "fuzz: no targets" >&2; exit 1; }

# One process of a target: its number is its seed, so that a campaign on one machine can be repeated.
run_shard() {
  local target=$1 shard=$2 here=$work/$1 reader=${1#fuzz_}
  local arguments=(-runs=$(( (runs + jobs - 1) / jobs )) -seed="$shard" -timeout="${TIMEOUT:-2}" -rss_limit_mb=512
                   -print_final_stats=1 -artifact_prefix="$here/findings/")
  [[ -f fuzz/dictionaries/$reader.dict ]] && arguments+=(-dict="fuzz/dictionaries/$reader.dict")
  arguments+=("$here/corpus.$shard")
  [[ -d fuzz/corpus/$reader ]] && arguments+=("fuzz/corpus/$reader")
  "$build/bin/$target" "${arguments[@]}" > "$here/shard.$shard.log" 2>&1 || true
}

# Sums and maxima over the logs of a target. "cov:" counts edges; a line tagged INITED ends the seeds.
summarise() {
  local target=$1 here=$work/$1 findings
  findings=$(find "$here/findings" -type f | wc -l)
  awk -v target="$target" -v findings="$findings" -v jobs="$jobs" '
    /^stat::number_of_executed_units:/ { inputs += $2 }
    /^stat::average_exec_per_sec:/     { speed += $2 }
    /^#[0-9]+/ {
      for (i = 2; i < NF; ++i) if ($i == "cov:") {
        edges = $(i + 1)
        if ($2 == "INITED") first[FILENAME] = edges
        else if (edges > last[FILENAME]) { if (FILENAME in last) at[FILENAME] = substr($1, 2) }
        if (edges > last[FILENAME]) last[FILENAME] = edges
      }
    }
    END {
      for (file in last) {
        if (last[file] > edges_all) edges_all = last[file]
        if (last[file] - first[file] > fresh) fresh = last[file] - first[file]
        if (at[file] + 0 > latest) latest = at[file] + 0
      }
      printf "| `%s` | %d | %d | %d | %d | %d | %d |\n", target, inputs, speed, findings, edges_all, fresh, latest * jobs
    }' "$here"/shard.*.log
}

{
  echo "| target | inputs | inputs/s | findings | edges | beyond the seeds | last new edge at input |"
  echo "|---|---|---|---|---|---|---|"
} | tee "$work/summary.md"
for target in "${targets[@]}"; do
  rm -rf "${work:?}/$target"
  mkdir -p "$work/$target/findings"
  for (( shard = 1; shard <= jobs; ++shard )); do
    mkdir "$work/$target/corpus.$shard"
    run_shard "$target" "$shard" &
  done
  wait
  summarise "$target" | tee -a "$work/summary.md"
done

found=$(find "$work"/fuzz_*/findings -type f)
[[ -z $found ]] || { echo "findings:" >&2; echo "$found" >&2; exit 1; }
