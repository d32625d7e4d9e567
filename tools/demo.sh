#!/bin/bash
# `make demo`: embeds the bundled example stars and prints one line for each.
set -euo pipefail
cd "$(dirname "$0")/.."

astrom3=build/release/bin/astrom3
out=build/demo
checkpoint=$out/checkpoint
[[ -x $astrom3 ]] || { echo "demo: $astrom3 is missing; run make build" >&2; exit 1; }
mkdir -p "$out"

# Random weights until a trained checkpoint is bundled; the table says so.
[[ -f $checkpoint/model.safetensors ]] || "$astrom3" init --seed 1 -o "$checkpoint"
"$astrom3" embed examples/asassn_like/*.dat --band V --model "$checkpoint" --quiet -o "$out/embeddings.csv"
python=/usr/bin/python3
[[ -x $python ]] || python=python3
"$python" tools/demo_table.py "$out/embeddings.csv" examples/asassn_like/catalog.csv
