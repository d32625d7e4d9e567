#!/bin/bash
# Trains models/asas3, with which models/vstars4 begins, from raw light curves: tools/train_asas3.sh DATA_DIR [OUT_DIR]
#
# DATA_DIR holds asas3_train.csv.gz, debosscher.csv.gz and their *_labels.csv. Resumable: the same command goes on
# where it was stopped, and comes to the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${1:?usage: tools/train_asas3.sh DATA_DIR [OUT_DIR]}
out=${2:-build/asas3}
astrom3=build/release/bin/astrom3
[[ -x $astrom3 ]] || { echo "train_asas3: $astrom3 is missing; run make build" >&2; exit 1; }

mkdir -p "$(dirname "$out")"
labels=$out.labels.csv
tools/make_asas3_labels.py "$data" > "$labels.tmp"
mv "$labels.tmp" "$labels"

# Exit code 3: done, with light curves that were left out (rejects.jsonl says which).
"$astrom3" train "$data/asas3_train.csv.gz" "$data/debosscher.csv.gz" --band V --labels "$labels" \
    --name asas3 --holdout 0.15 --validation 0.1 \
    --head pooled --epochs 40 --batch-size 16 --lr 5e-4 --warmup 2 --schedule cosine --patience 0 --select last \
    --weight-decay 0.02 --clip 3 --dropout 0.1 --label-smoothing 0.05 --class-weights sqrt \
    --noise 0.3 --drop 0.3 --time-shift 0.02 \
    --dtype f16 --seed 1 --resume -o "$out" || [[ $? == 3 ]]
