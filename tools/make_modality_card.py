#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# The card of models/simulated: every number in it comes from its training and from the bundled stars.
"""
    tools/make_modality_card.py --training DIR --astrom3 PROGRAM     makes models/simulated of the folder of a training
    tools/make_modality_card.py [--check]                            writes the card again; or says whether it and the weights
                                                                     are those of training.json
"""

import argparse
import csv
import hashlib
import json
import pathlib
import shutil
import sys
import tempfile

from demo_modalities import MODEL, NAMES, find_each_other

CHECKPOINT = ("config.json", "preprocessor_config.json", "model.safetensors")
KEPT = ("epochs", "batch_size", "learning_rate", "schedule", "weight_decay", "augmentation", "seed", "astrom3_version")


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def gather(training, astrom3):
    """Copies the checkpoint; returns all that is known of it."""
    for name in CHECKPOINT:
        shutil.copyfile(training / name, MODEL / name)
    run = json.loads((training / "run.json").read_text())
    with open(training / "metrics.csv", newline="") as file:
        epochs = list(csv.DictReader(file))
    best = [epoch for epoch in epochs if epoch["best"] == "1"][-1]
    with open(training / "objects.csv", newline="") as file:
        splits = [row["split"] for row in csv.DictReader(file)]
    with tempfile.TemporaryDirectory() as folder:
        retrieval = find_each_other(astrom3, folder)
    return {
        "sha256": sha256(MODEL / "model.safetensors"),
        "stars": {split: splits.count(split) for split in ("train", "validation")},
        "run": {key: run[key] for key in KEPT},
        "best": {key: best[key] for key in ("epoch", "validation_loss", "validation_accuracy")},
        "retrieval": retrieval,
    }


def retrieval_table(found):
    yield "| from | to | stars | the first | by chance | of the first 5 | by chance | median rank | by chance |"
    yield "|---|---|---:|---:|---:|---:|---:|---:|---:|"
    for row in found:
        cells = [f"{row[key]:.3f}" for key in ("recall_1", "chance_1", "recall_5", "chance_5")]
        yield f"| {NAMES[row['from']]} | {NAMES[row['to']]} | {row['n']} | {' | '.join(cells)} | {row['median_rank']:g} | {row['chance_rank']:g} |"


def card(facts):
    run, best, stars = facts["run"], facts["best"], facts["stars"]
    table = "\n".join(retrieval_table(facts["retrieval"]))
    return f"""---
license: cc-by-4.0
attribution: The astrom3.cpp authors
library_name: astrom3
tags: [astronomy, variable-stars, clip, simulated]
---

# simulated: a toy of three modalities

A shared space of light curves, spectra and metadata, as small as it can be: 64 numbers an object. **It was trained on simulated stars
and knows nothing of real ones.** It shows how the commands for several modalities are used (`make demo`), and it is a checkpoint to
test one's own programs with. It is no AstroM3 checkpoint, and nothing that it says of a real star means anything.

## Use

```text
astrom3 embed examples/three_modalities/light_curves/*.csv --band V --spectra examples/three_modalities/spectra/*.csv \\
    --metadata examples/three_modalities/catalogue.csv --model models/simulated -o stars.parquet
astrom3 evaluate stars.parquet --retrieval
astrom3 map stars.parquet --colour modality -o map.html
```

## Data

{stars["train"]} stars to learn from and {stars["validation"]} to choose the epoch, which `tools/make_modality_example.py` simulates: ten
classes, each as often. Light curves have the shapes of `tools/make_example.py`. Class and period give the absolute magnitude and the
temperature; spectrum and catalogue row follow from these, from distance, reddening and abundance. The {facts["retrieval"][0]["n"]} stars in
`examples/three_modalities` are others.

## Training

`tools/train_modality_example.sh`: `astrom3 train --objective clip` (Radford et al. 2021) from random weights, {run["epochs"]} epochs,
batches of {run["batch_size"]}, learning rate {run["learning_rate"]} ({run["schedule"]}), weight decay {run["weight_decay"]}, seed {run["seed"]}, full
attention; astrom3 {run["astrom3_version"]}. It took two minutes of CPU time. Epoch {best["epoch"]} has the best validation loss,
{float(best["validation_loss"]):.2f}; in its batches {100 * float(best["validation_accuracy"]):.0f} % of the objects are their own likeliest.
The weights are of 16 bits, SHA-256 `{facts["sha256"]}`.

## Results

The bundled stars, each looked for in one modality by its embedding in another: the share that is the first found, or among the first
five, beside what chance gives.

{table}

Light curve, spectrum and row of a star tell its class, its temperature and, by the period, its luminosity; stars of one class that are
alike are mixed up. Real stars are not as orderly, and real surveys not as clean.

## Licence

CC BY 4.0. The simulated stars are part of the project and have its licence.
"""


def check(facts):
    if sha256(MODEL / "model.safetensors") != facts["sha256"]:
        yield "model.safetensors: not the weights that training.json describes"
    if (MODEL / "MODEL_CARD.md").read_text(encoding="utf-8") != card(facts):
        yield "MODEL_CARD.md: not what tools/make_modality_card.py makes of training.json"


def main():
    parser = argparse.ArgumentParser(description="The card of models/simulated.")
    parser.add_argument("--training", type=pathlib.Path, help="the folder of the training")
    parser.add_argument("--astrom3", default="build/release/bin/astrom3", help="the command")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where the card differs")
    a = parser.parse_args()
    file = MODEL / "training.json"
    if a.training:
        file.write_text(json.dumps(gather(a.training, a.astrom3), indent=1) + "\n", encoding="utf-8")
    facts = json.loads(file.read_text(encoding="utf-8"))
    if a.check:
        faults = list(check(facts))
        print("".join(f"{MODEL}/{fault}\n" for fault in faults), end="")
        return 1 if faults else 0
    (MODEL / "MODEL_CARD.md").write_text(card(facts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
