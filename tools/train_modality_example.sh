#!/bin/bash
# Trains models/simulated, the small checkpoint of three modalities: tools/train_modality_example.sh [OUT_DIR]
#
# It learns from simulated stars, which tools/make_modality_example.py makes: none of them is among the bundled ones. Two
# minutes of CPU time. Resumable, and comes to the same bytes on every machine. Afterwards tools/make_modality_card.py
# --training OUT_DIR makes models/simulated of it.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-build/simulated}
astrom3=build/release/bin/astrom3
[[ -x $astrom3 ]] || { echo "train_modality_example: $astrom3 is missing; run make build" >&2; exit 1; }

stars=$out.stars
[[ -e $stars/catalogue.csv ]] || tools/make_modality_example.py --stars 3000 "$stars"
columns=phot_g_mean_mag:abs,bp_rp,parallax,pm,j_mag:abs,h_mag:abs,k_mag:abs,j_k,w1_mag:abs,w1_w2
"$astrom3" train "$stars"/light_curves --recursive --band V --spectra "$stars"/spectra --metadata "$stars/catalogue.csv" \
    --metadata-columns "$columns" --objective clip --config models/simulated/config.json --holdout 0 --validation 0.1 \
    --epochs 60 --batch-size 128 --lr 0.002 --warmup 2 --schedule cosine --patience 0 --weight-decay 0.05 \
    --drop 0.2 --noise 0.3 --seed 1 --dtype f16 --name simulated --resume -o "$out"
