#!/bin/bash
# Trains the bundled checkpoint on the stars of four surveys: tools/train_stars.sh DATA_DIR [OUT_DIR]
#
# DATA_DIR holds the light curves and labels that tools/make_star_labels.py names. The weights begin with those of
# models/asas3, whose test and validation stars are among those of this split. Resumable: the same command goes on
# where it was stopped, and comes to the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${1:?usage: tools/train_stars.sh DATA_DIR [OUT_DIR]}
out=${2:-build/vstars1}
astrom3=build/release/bin/astrom3
[[ -x $astrom3 ]] || { echo "train_stars: $astrom3 is missing; run make build" >&2; exit 1; }

mkdir -p "$(dirname "$out")"
tools/make_star_labels.py "$data" "$out.labels.csv" "$out.split.csv"
tables=()
for name in asas3_train asas_richards debosscher_all catalina_south; do tables+=("$data/$name.csv.gz"); done

# Exit code 3: done, with light curves that were left out (rejects.jsonl says which).
"$astrom3" train "${tables[@]}" --band V --labels "$out.labels.csv" --split "$out.split.csv" \
    --name vstars1 --from models/asas3 \
    --head pooled --epochs 6 --batch-size 16 --lr 4e-4 --warmup 0.3 --schedule cosine --patience 0 --select loss \
    --weight-decay 0.02 --clip 3 --dropout 0.1 --label-smoothing 0.02 --class-weights sqrt --calibration temperature \
    --copies 2 --noise 0.3 --drop 0.2 --time-shift 0.02 --brightness 2.5 --error-scale 3 \
    --dtype f16 --seed 1 --resume -o "$out" || [[ $? == 3 ]]
