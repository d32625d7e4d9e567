#!/bin/bash
# Builds the library, the command and the C interface for aarch64 Linux on an x86-64 Debian, and runs tests of them under an
# emulator of the CPU: tools/arm64.sh NATIVE
#
# NATIVE is the command built for this machine. Every instruction set of aarch64 has to give its bytes, for any number of threads
# and any batch. The emulator is slow, so that times mean nothing. Parquet, ONNX and downloads are left out: the modules that
# need them are not cross-compiled. ONLY=REGEX runs the unit tests whose file matches, and none of the command.
set -euo pipefail
cd "$(dirname "$0")/.."

native=${1:?the command of this machine is needed}
build=build/arm64
unit=(test_kernels test_training_kernels test_encoder test_int8 test_probsparse test_multimodal_encoder
      test_periodogram test_period_search test_period_decisions test_period_statistics test_features test_tensor
      test_gradients test_trainer test_random test_csv test_safetensors)
# Those of the command that start few processes: each takes seconds under the emulator.
cli=("test_cli.py -k change_no_bit" "test_bundled.py -k numbers_and_classes_they_had" test_classify.py
     test_periodogram_methods.py)
failed=0

say() { echo "arm64: $*"; }

[[ $(uname -m) == x86_64 ]] || { say "this machine is $(uname -m): make test tests it without an emulator" >&2; exit 2; }

cmake --preset arm64 > "$build.log" || { cat "$build.log" >&2; exit 1; }
sed -n 's/^-- \(without\|instruction\)/arm64: \1/p' "$build.log"
mapfile -t unit < <(printf '%s\n' "${unit[@]}" | grep -E "${ONLY:-}")
cmake --build --preset arm64 --target product "${unit[@]}"

# What a Python test calls has to be one program.
cat > "$build/astrom3" <<'WRAPPER'
#!/bin/sh
exec qemu-aarch64-static "$(dirname "$0")/bin/astrom3" "$@"
WRAPPER
chmod +x "$build/astrom3"

run_tests() {  # LABEL COMMAND...: one line, and all of the output where it fails
  local label=$1 log=$build/test.log code=0 begin=$SECONDS
  shift
  timeout 1800 "$@" > "$log" 2>&1 || code=$?
  if (( code )); then
    tail -n 60 "$log" >&2
    failed=1
  fi
  say "$label: $( ((code)) && echo "FAILED ($code)" || sed -nE 's/^\[  PASSED  \] //p; s/^Ran /ran /p; s/^\[  SKIPPED \] ([0-9]+ tests.*)/\1/p' "$log" | paste -sd ' ') ($((SECONDS - begin)) s)"
}

for test in "${unit[@]}"; do
  run_tests "$test" qemu-aarch64-static "$build/bin/$test" --gtest_brief=1
done
if [[ ! ${ONLY:-} ]]; then
  for test in "${cli[@]}"; do
    # shellcheck disable=SC2086  # a file and its arguments
    run_tests "$test" env ASTROM3_CLI="$PWD/$build/astrom3" ASTROM3_TEST_DATA="$PWD/tests/golden" PYTHONDONTWRITEBYTECODE=1 \
      .venv/bin/python tests/cli/$test
  done
fi
run_tests "style.isa" python3 tests/style/run.py isa --build "$build"

# ---- the same bytes as this machine's -------------------------------------------------------------------------------
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
embed() {  # COMMAND OPTION...: the checksum of three stars' rows, whose features are measured
  "$1" embed examples/asassn_like/SIM-{RRAB,EA,M}-1.dat --band V -q -o "$work/out.csv" "${@:2}" > /dev/null
  cat "$work/out.csv" "$work/out.meta.json" | sha256sum | cut -d' ' -f1
}
for precision in float32 int8; do
  expected=$(embed "$native" --precision $precision)
  for isa in scalar neon dotprod; do
    for how in "--threads 1" "--threads 3 --batch-size 2" "--batch-size 64"; do
      # shellcheck disable=SC2086  # several words
      found=$(embed "$build/astrom3" --precision $precision --isa $isa $how)
      if [[ $found == "$expected" ]]; then
        say "$precision, $isa $how: the bytes of x86-64"
      else
        say "$precision, $isa $how: OTHER BYTES than on x86-64 ($found, expected $expected)"
        failed=1
      fi
    done
  done
done
exit $failed
