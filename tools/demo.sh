#!/bin/bash
# `make demo`: classifies and embeds the bundled example stars and prints one line for each; then stars of three modalities.
set -euo pipefail
cd "$(dirname "$0")/.."

astrom3=build/release/bin/astrom3
out=build/demo
[[ -x $astrom3 ]] || { echo "demo: $astrom3 is missing; run make build" >&2; exit 1; }
mkdir -p "$out"

# The features are measured once: embed takes them from the rows that classify wrote.
"$astrom3" classify examples/asassn_like/*.dat --band V --quiet -o "$out/classes.csv"
"$astrom3" embed examples/asassn_like/*.dat --band V --features "$out/classes.csv" --quiet -o "$out/embeddings.csv"
python=/usr/bin/python3
[[ -x $python ]] || python=python3
"$python" tools/demo_table.py "$out/classes.csv" "$out/embeddings.csv" examples/asassn_like/catalog.csv
echo
"$python" tools/demo_modalities.py "$astrom3" "$out"
