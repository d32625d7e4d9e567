#!/bin/bash
# Trains the bundled checkpoint on the stars of four surveys: tools/train_stars.sh DATA_DIR [OUT_DIR]
#
# DATA_DIR holds the light curves and labels that tools/make_star_labels.py names. The weights begin with those of
# models/asas3, whose test and validation stars are among those of this split. Two stages: a constant learning rate,
# then one that falls to 0. At the end the head is fitted anew. Resumable: the same command goes on
# where it was stopped, and comes to the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${1:?usage: tools/train_stars.sh DATA_DIR [OUT_DIR]}
out=${2:-build/vstars4}
astrom3=build/release/bin/astrom3
[[ -x $astrom3 ]] || { echo "train_stars: $astrom3 is missing; run make build" >&2; exit 1; }

mkdir -p "$(dirname "$out")"
tools/make_star_labels.py "$data" "$out.labels.csv" "$out.split.csv"
tables=()
for name in asas3_train asas_richards debosscher_all catalina_south; do tables+=("$data/$name.csv.gz"); done

learn() {  # exit code 3: done, with light curves that were left out (rejects.jsonl says which)
    "$astrom3" train "${tables[@]}" --band V --labels "$out.labels.csv" --split "$out.split.csv" --head pooled \
        --noise 0.3 --drop 0.2 --time-shift 0.02 --brightness 2.5 --error-scale 3 --seed 1 --resume "$@" || [[ $? == 3 ]]
}
stage() {
    learn --copies 2 --batch-size 16 --patience 0 --weight-decay 0.02 --clip 3 --dropout 0.1 --label-smoothing 0.02 \
        --class-weights sqrt "$@"
}
mkdir -p "$out.first" "$out.second"
stage --from models/asas3 --epoch-objects 1600 --epochs 7 --lr 3e-4 --warmup 1 --schedule constant --select last -o "$out.first"
if [[ ! -e $out.second/cache.safetensors ]]; then  # measured once
    cp "$out.first/cache.safetensors" "$out.second/"
fi
stage --from "$out.first" --epoch-objects 12800 --epochs 16 --lr 3e-4 --warmup 0.1 --schedule cosine --select loss \
    --calibration temperature --dtype f16 --name vstars4 -o "$out.second"
learn --copies 1 --from "$out.second" --epochs 0 --refit-head --out-of-class --calibration temperature --dtype f16 \
    --name vstars4 -o "$out"
