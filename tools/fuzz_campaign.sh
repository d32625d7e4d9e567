#!/bin/bash
# Runs fuzz targets under AddressSanitizer and UndefinedBehaviorSanitizer and prints a table:
#   tools/fuzz_campaign.sh [RUNS] [TARGET...]      RUNS inputs for each target (default 10000000), all targets
# JOBS processes share the runs of a target (default: the number of cores). An input that takes more than two
# seconds (TIMEOUT; by the clock, so that a machine with other work needs more) or 512 MiB counts as a finding. Logs,
# corpora, findings and the programs themselves, so that a build disturbs no campaign, stay in WORK (default
# build/fuzz): campaigns at the same time need a folder each. Ctrl-C ends the target at work and prints the table of
# what has run. Exits 1 if there are findings.
set -euo pipefail
cd "$(dirname "$0")/.."

runs=${1:-10000000}
shift || true
jobs=${JOBS:-$(nproc)}
build=build/asan
work=${WORK:-build/fuzz}
mkdir -p "$work/bin" "$work/lib"

cmake --preset asan > "$work/configure.log" 2>&1 || { cat "$work/configure.log" >&2; exit 1; }
cmake --build --preset asan --target fuzzers > "$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 1; }

targets=("$@")
(( ${#targets[@]} )) || mapfile -t targets < <(find "$build/bin" -name 'fuzz_*' -type f -perm -u+x -printf '%f\n' | sort)
(( ${#targets[@]} )) || { echo "fuzz: no targets" >&2; exit 1; }

cp "${targets[@]/#/$build/bin/}" "$work/bin/"
cp "$build"/lib/astrom3_*.so "$work/lib/" 2> /dev/null || true  # found there by the programs beside

# Allocation stacks and a large quarantine cost more than the readers do; a finding is run again with both.
export ASAN_OPTIONS=${ASAN_OPTIONS:-quarantine_size_mb=4:malloc_context_size=0}
interrupted=0
trap 'interrupted=1' INT TERM

# One process of a target: its number is its seed, so that a campaign on one machine can be repeated. Corpora are not
# shared, so that rereading them is lost time, and so is weighing every input by how rare its features are.
run_shard() {
  local target=$1 shard=$2 here=$work/$1 reader=${1#fuzz_}
  local arguments=(-runs=$(( (runs + jobs - 1) / jobs )) -seed="$shard" -timeout="${TIMEOUT:-2}" -rss_limit_mb=512
                   -reload=0 -entropic=0 -print_final_stats=1 -artifact_prefix="$here/findings/")
  [[ -f fuzz/dictionaries/$reader.dict ]] && arguments+=(-dict="fuzz/dictionaries/$reader.dict")
  arguments+=("$here/corpus.$shard")
  [[ -d fuzz/corpus/$reader ]] && arguments+=("fuzz/corpus/$reader")
  exec "$work/bin/$target" "${arguments[@]}" > "$here/shard.$shard.log" 2>&1
}

# Sums and maxima over the logs of a target. "cov:" counts edges; a line tagged INITED ends the seeds.
summarise() {
  local target=$1 here=$work/$1 findings
  findings=$(find "$here/findings" -type f | wc -l)
  awk -v target="$target" -v findings="$findings" -v jobs="$jobs" '
    /^stat::number_of_executed_units:/ { inputs += $2 }
    /^stat::average_exec_per_sec:/     { speed += $2 }
    /^stat::peak_rss_mb:/              { if ($2 > memory) memory = $2 }
    /^stat::slowest_unit_time_sec:/    { if ($2 > slowest) slowest = $2 }
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
      printf "| `%s` | %d | %d | %d | %d | %d | %d | %d MiB | %d s |\n", target, inputs, speed, findings, edges_all, fresh,
             latest * jobs, memory, slowest
    }' "$here"/shard.*.log
}

{
  echo "| target | inputs | inputs/s | findings | edges | beyond the seeds | last new edge at input | peak memory | slowest input |"
  echo "|---|---|---|---|---|---|---|---|---|"
} | tee "$work/summary.md"
for target in "${targets[@]}"; do
  (( interrupted )) && break
  rm -rf "${work:?}/$target"
  mkdir -p "$work/$target/findings"
  shards=()
  for (( shard = 1; shard <= jobs; ++shard )); do
    mkdir "$work/$target/corpus.$shard"
    run_shard "$target" "$shard" &
    shards+=($!)
  done
  # A signal ends the first wait; the shards print what they have done when they are told.
  wait || true
  (( interrupted )) && kill -INT "${shards[@]}" 2> /dev/null
  wait || true
  summarise "$target" | tee -a "$work/summary.md"
done

found=$(find "$work"/fuzz_*/findings -type f)
[[ -z $found ]] || { echo "findings:" >&2; echo "$found" >&2; exit 1; }
