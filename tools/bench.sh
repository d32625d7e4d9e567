#!/bin/bash
# Runs every benchmark of a build folder: tools/bench.sh build/release. Results also go to BUILD/bench: JSON of each
# program, and the comparisons with others (rounds interleaved, ours and theirs in turn) as text and SVG.
set -euo pipefail
build=${1:-build/release}
python=.venv-bench/bin/python
mkdir -p "$build/bench"
grep -m1 'model name' /proc/cpuinfo || true
shopt -s nullglob
for program in "$build"/bin/bench_*; do
  case $program in *_once | *_worker) continue ;; esac # these answer to the scripts below
  echo "== ${program##*/}"
  "$program" --benchmark_out="$build/bench/${program##*/}.json" --benchmark_out_format=json
done
if [[ -x .venv/bin/python ]]; then
  echo "== readers beside pandas and pyarrow"
  .venv/bin/python bench/compare_readers.py "$build" | tee "$build/bench/readers.md"
  echo "== files to embeddings beside the encoder alone"
  .venv/bin/python bench/compare_end_to_end.py "$build" | tee "$build/bench/end_to_end.md"
  echo "== memory of a stream in Python"
  .venv/bin/python bench/python_memory.py "$build" | tee "$build/bench/python_memory.md"
fi
if [[ ! -x $python ]]; then
  echo "bench: no .venv-bench, so no comparison with others" >&2
  exit 0
fi
echo "== the encoder beside ONNX Runtime, OpenVINO and PyTorch"
# RECORD=1 make bench: into README.md and docs/assets, too.
"$python" bench/compare_encoders.py "$build" --table "$build/bench/encoder.md" --svg "$build/bench/encoder.svg" ${RECORD:+--record}
if grep -qm1 avx512f /proc/cpuinfo && LD_PRELOAD=$build/lib/libhide_avx512.so /bin/true 2> /dev/null; then
  echo "== the same with AVX2 and nothing newer"
  "$python" bench/compare_encoders.py "$build" --avx2 --table "$build/bench/encoder-avx2.md" \
    --svg "$build/bench/encoder-avx2.svg" ${RECORD:+--record}
fi
echo "== the encoders of spectra and metadata beside ONNX Runtime"
"$python" bench/compare_modalities.py "$build" --table "$build/bench/modalities.md"
echo "== from the start of a process to the row of one light curve"
"$python" bench/cold_start.py "$build" | tee "$build/bench/cold_start.md"
echo "== training beside PyTorch"
"$python" bench/compare_training.py "$build" --svg "$build/bench/training.svg" | tee "$build/bench/training.md"
echo "== periodograms beside nifty-ls, astropy and light-curve"
"$python" bench/compare_periodograms.py "$build" | tee "$build/bench/periodograms.txt"
echo "== period statistics beside astropy and, where they are installed, P4J, Py-PDM, PyAstronomy, periodfind-cpu and transitleastsquares"
also=()
for folder in .venv-bench-periods .venv-bench-periodfind; do # see tools/constraints-bench-periods.txt
  [[ -x $folder/bin/python ]] && also+=(--also "$folder/bin/python")
done
"$python" bench/compare_period_statistics.py "$build" "${also[@]}" | tee "$build/bench/period_statistics.txt"
echo "== Python beside ONNX Runtime and light_curve.embed"
"$python" bench/compare_python.py "$build" | tee "$build/bench/python.md"
