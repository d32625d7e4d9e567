#!/bin/bash
# Runs fuzz targets under AddressSanitizer and UndefinedBehaviorSanitizer and prints a line of a table for each:
#   tools/fuzz_campaign.sh [RUNS] [TARGET...]      RUNS inputs for each target (default 10000000), all targets
# JOBS processes share the runs of a target (default: the number of cores). An input that takes more than two
# seconds (TIMEOUT; by the clock, so that a machine with other work needs more) or 512 MiB counts as a finding. A
# process that a finding has ended is replaced by another, with another seed, for the runs that are left,
# MOST_FINDINGS times (default 8). MOST_SECONDS ends each process after as long (default: never). Another campaign
# runs the same inputs again, as long as SEED (default 0) is the same. Logs, corpora, findings and the programs
# themselves, so that a build disturbs no campaign, stay in WORK (default build/fuzz): campaigns at the same time need
# a folder each. Ctrl-C ends the target at work and prints what has run. Last it says what failed: findings, and
# targets that ran fewer inputs than asked; then it exits with 1.
set -euo pipefail
cd "$(dirname "$0")/.."

printf -v runs %.0f "${1:-10000000}"  # 1e5 is a number, too
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
targets=("${targets[@]#fuzz_}")

cp "${targets[@]/#/$build/bin/fuzz_}" "$work/bin/"
cp "$build"/lib/astrom3_*.so "$work/lib/" 2> /dev/null || true  # found there by the programs beside

# Allocation stacks and a large quarantine cost more than the readers do; a finding is run again with both.
export ASAN_OPTIONS=${ASAN_OPTIONS:-quarantine_size_mb=4:malloc_context_size=0}
interrupted=0
trap 'interrupted=1' INT TERM

# The number of inputs that the logs of a process count: of one that a finding has ended, the last that it reported.
inputs_of() {
  awk '/^stat::number_of_executed_units:/ { sum += $2; counted[FILENAME] = 1 }
       /^#[0-9]+/                         { last[FILENAME] = substr($1, 2) }
       END { for (file in last) if (!(file in counted)) sum += last[file]; print sum + 0 }' "$@"
}

# Inputs as long as the largest seed, or 1 KiB: longer ones take time and reach nothing else.
longest_input() {
  local largest=0
  [[ -d fuzz/corpus/$1 ]] && largest=$(find "fuzz/corpus/$1" -type f -printf '%s\n' | sort -n | tail -n 1)
  echo $(( largest > 1024 ? largest : 1024 ))
}

# One process of a target: its number decides its seed, so that a campaign can be repeated. Corpora are not
# shared, so that rereading them is lost time, and so is weighing every input by how rare its features are.
run_shard() {
  local target=$1 shard=$2 here=$work/$1 share=$(( (runs + jobs - 1) / jobs )) trial left
  local arguments=(-timeout="${TIMEOUT:-2}" -rss_limit_mb=512 -max_len="$(longest_input "$target")" -reload=0
                   -entropic=0 -print_final_stats=1 -max_total_time="${MOST_SECONDS:-0}" -artifact_prefix="$here/findings/")
  [[ -f fuzz/dictionaries/$target.dict ]] && arguments+=(-dict="fuzz/dictionaries/$target.dict")
  local folders=("$here/corpus.$shard")
  [[ -d fuzz/corpus/$target ]] && folders+=("fuzz/corpus/$target")
  trap 'interrupted=1; kill -TERM "$fuzzer" 2> /dev/null' INT TERM
  for (( trial = 0; trial <= ${MOST_FINDINGS:-8} && !interrupted; ++trial )); do
    left=$share
    (( trial )) && left=$(( share - $(inputs_of "$here/shard.$shard".*.log) ))
    (( left > 0 )) || break
    "$work/bin/fuzz_$target" "${arguments[@]}" -runs="$left" -seed=$(( ${SEED:-0} + shard + 1000 * trial )) "${folders[@]}" \
      > "$here/shard.$shard.$trial.log" 2>&1 &
    fuzzer=$!
    wait "$fuzzer" && break
    (( interrupted )) && wait "$fuzzer"
    (( $(find "$here/findings" -type f | wc -l) > trial )) || break  # it was no finding that ended it
  done
}

# Sums and maxima over the logs of a target. "cov:" counts edges; a line tagged INITED ends the seeds.
summarise() {
  local target=$1 here=$work/$1 findings
  findings=$(find "$here/findings" -type f | wc -l)
  awk -v target="$target" -v findings="$findings" -v inputs="$(inputs_of "$here"/shard.*.log)" '
    /^stat::average_exec_per_sec:/     { speed += $2 }
    /^stat::peak_rss_mb:/              { if ($2 > memory) memory = $2 }
    /^stat::slowest_unit_time_sec:/    { if ($2 > slowest) slowest = $2 }
    /^#[0-9]+/ {
      for (i = 2; i < NF; ++i) if ($i == "cov:") {
        edges = $(i + 1)
        if ($2 == "INITED") first[FILENAME] = edges
        if (edges > last[FILENAME]) {
          if (FILENAME in last) at[FILENAME] = substr($1, 2)
          last[FILENAME] = edges
        }
      }
    }
    END {
      for (file in last) {
        if (last[file] > edges_all) edges_all = last[file]
        if (last[file] - first[file] > fresh) fresh = last[file] - first[file]
        if (at[file] + 0 > latest) latest = at[file] + 0
      }
      printf "| `%s` | %d | %d | %d | %d | %d | %d | %d MiB | %d s |\n", target, inputs, speed, findings, edges_all, fresh,
             latest, memory, slowest
    }' "$here"/shard.*.log
}

{
  echo "$(git rev-parse --short HEAD)$(git diff --quiet HEAD -- src include fuzz || echo ' and changes')," \
       "$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)," \
       "$("$(sed -n 's/^CMAKE_CXX_COMPILER:[^=]*=//p' "$build/CMakeCache.txt")" --version | head -n 1)"
  echo
  echo "| target | inputs | inputs/s | findings | edges | beyond the seeds | last new edge at input | peak memory | slowest input |"
  echo "|---|---|---|---|---|---|---|---|---|"
} | tee "$work/summary.md"
failed=()
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
  # A signal ends the first wait; the shards print what they have done when they are told. Not by SIGINT, which a
  # shell that runs in the background ignores.
  wait || true
  (( interrupted )) && kill -TERM "${shards[@]}" 2> /dev/null
  wait || true
  summarise "$target" | tee -a "$work/summary.md"
  n_findings=$(find "$work/$target/findings" -type f | wc -l)
  n_inputs=$(inputs_of "$work/$target"/shard.*.log)
  if (( n_findings > 0 )); then
    failed+=("$target: $n_findings findings in $work/$target/findings")
  elif (( n_inputs < runs )); then
    failed+=("$target: $n_inputs of $runs inputs; see $work/$target/shard.*.log")
  fi
done

(( ${#failed[@]} )) || exit 0
echo "failed:" >&2
printf '  %s\n' "${failed[@]}" >&2
exit 1
