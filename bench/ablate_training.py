#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What each change that an epoch makes to light curves is good for: short trainings, each without one of them.

    ablate_training.py DATA [-o TABLE.md]

DATA holds the light curves and labels that tools/make_star_labels.py names; that program decides classes and split, as
in `make train`. Every training begins with --from and sees --objects light curves at a learning rate that falls to 0,
with the options of tools/train_stars.sh but one. Printed is the share of the validation stars whose class is right
(one of a set is right), of all their observations, of 50 drawn at random, and of the stars four magnitudes fainter,
whose features are measured anew; and the share whose class changes when the star is fainter. Test stars are not used.

A training needs its own measured copies where it has other copies than the first one; all else is taken from the
first one's cache. What is there in --work is not made again.
"""

import argparse
import csv
import hashlib
import pathlib
import shutil
import subprocess
import sys

import numpy as np
from star_tables import FAINTER_MAG, FEW, TABLES, stars_of

ROOT = pathlib.Path(__file__).resolve().parent.parent
KINDS = ("whole", "few", "fainter")
CHANGES = {  # as in tools/train_stars.sh
    "--brightness": "2.5",
    "--error-scale": "3",
    "--noise": "0.3",
    "--drop": "0.2",
    "--time-shift": "0.02",
    "--copies": "2",
    "--label-smoothing": "0.02",
    "--class-weights": "sqrt",
}
NOTHING = {"--class-weights": "none", "--error-scale": "1"}  # else 0
COPIES = "--copies"


def run(a, *words):
    line = [a.cli, *map(str, words), "--threads", str(a.threads), "--quiet"]
    print("+", *line, file=sys.stderr)
    code = subprocess.run(line, check=False).returncode
    if code not in (0, 3):  # 3: some objects were rejected
        sys.exit(f"{line[1]} ended with {code}")


def write_validation(a):
    """One table a kind, of the validation stars of all surveys, and the features measured on it."""
    paths = {kind: a.work / f"validation_{kind}.csv" for kind in KINDS}
    if not all(path.exists() for path in paths.values()):
        rows_of = {kind: [["object_id", "hjd", "mag", "mag_err"]] for kind in KINDS}
        for table in TABLES:
            for star, rows in stars_of(a.data / f"{table}.csv.gz"):
                if a.split.get(star) != "validation":
                    continue
                rows_of["whole"].extend([star, *row] for row in rows)
                rows_of["fainter"].extend([star, t, f"{float(m) + FAINTER_MAG:.4f}", e] for t, m, e in rows)
                rng = np.random.default_rng(int.from_bytes(hashlib.sha256(star.encode()).digest()[:8], "big"))
                rows_of["few"].extend([star, *rows[i]] for i in sorted(rng.permutation(len(rows))[:FEW]))
        for kind, path in paths.items():
            with open(path.with_suffix(".tmp"), "w", newline="") as file:
                csv.writer(file).writerows(rows_of[kind])
            path.with_suffix(".tmp").rename(path)
    for path in paths.values():
        features = path.with_name(f"{path.stem}_features.csv")
        if not features.exists():
            run(a, "features", path, "--band", a.band, "-o", features)
    return paths


def train(a, name, changes):
    folder = a.work / name
    base = a.work / "all"
    folder.mkdir(exist_ok=True)
    shared = changes[COPIES] == CHANGES[COPIES]
    if name != "all" and shared and not (folder / "cache.safetensors").exists():
        shutil.copyfile(base / "cache.safetensors", folder / "cache.safetensors")
    options = [word for pair in changes.items() for word in pair]
    recipe = "--head pooled --seed 1 --batch-size 16 --patience 0 --weight-decay 0.02 --clip 3 --dropout 0.1 --lr 3e-4"
    schedule = (
        "--epoch-objects",
        a.objects // a.epochs,
        "--epochs",
        a.epochs,
        "--warmup",
        "0.2",
        "--schedule",
        "cosine",
    )
    tables = [a.data / f"{table}.csv.gz" for table in TABLES]
    stars = ("--band", a.band, "--labels", a.work / "labels.csv", "--split", a.work / "split.csv", "--from", a.start)
    run(a, "train", *tables, *stars, *recipe.split(), *schedule, *options, "--select", "last", "--resume", "-o", folder)
    return folder


def classes_of(a, model, path):
    out = model / f"{path.stem}_classes.csv"
    if not out.exists():
        run(
            a,
            "classify",
            path,
            "--band",
            a.band,
            "--features",
            path.with_name(f"{path.stem}_features.csv"),
            "-m",
            model,
            "-o",
            out,
        )
    with open(out, newline="") as file:
        return {row["object_id"]: row["class"] for row in csv.DictReader(file) if row["status"] == "ok"}


def figures(a, model, paths):
    """Shares of the stars that every kind of table has a class for."""
    found = {kind: classes_of(a, model, path) for kind, path in paths.items()}
    stars = [star for star in found["whole"] if all(star in found[kind] for kind in KINDS)]
    right = [np.mean([found[kind][star] in a.labels[star].split("|") for star in stars]) for kind in KINDS]
    return [*right, np.mean([found["whole"][star] != found["fainter"][star] for star in stars])], len(stars)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument(
        "--from", dest="start", default="models/asas3", help="the checkpoint that every training begins with"
    )
    parser.add_argument("--objects", type=int, default=19200, help="light curves of a training")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument(
        "--without", nargs="*", default=[option[2:] for option in CHANGES], help="options to leave out, one at a time"
    )
    parser.add_argument("--cli", default="build/release/bin/astrom3", help="the astrom3 command")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("build/ablation"))
    parser.add_argument("--band", default="V")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("-o", type=pathlib.Path, help="the table as Markdown")
    a = parser.parse_args()
    a.work.mkdir(parents=True, exist_ok=True)
    labels, split = a.work / "labels.csv", a.work / "split.csv"
    subprocess.run([sys.executable, ROOT / "tools/make_star_labels.py", a.data, labels, split], check=True)
    for attribute, path in (("labels", labels), ("split", split)):
        with open(path, newline="") as file:
            setattr(a, attribute, {row["object_id"]: row["class"] for row in csv.DictReader(file)})
    paths = write_validation(a)
    lines = [
        "| without | all observations | 50 observations | 4 mag fainter | class changes with 4 mag |",
        "|---|---:|---:|---:|---:|",
    ]
    for option in [None, *(f"--{name}" for name in a.without)]:
        changes = {**CHANGES, **({option: NOTHING.get(option, "0")} if option else {})}
        shares, n = figures(a, train(a, option[2:] if option else "all", changes), paths)
        lines.append(
            f"| {f'`{option}`' if option else 'nothing'} | "
            + " | ".join(f"{100 * share:.1f} %" for share in shares)
            + " |"
        )
        print(lines[-1], flush=True)
    lines.append(f"\n{n} validation stars; {a.objects} light curves a training, from {a.start}.")
    text = "\n".join(lines) + "\n"
    print(text)
    if a.o:
        a.o.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
