#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Training with spectra and metadata on real data, and the tables of docs/studies.md.
"""
    tools/run_multimodal_studies.py DATA_DIR [OUT_DIR] [--study spectra|pairs] [--seeds N] [--threads N] [--record]

spectra: GalSpecNet learns the classes A, F and G of LAMOST spectra (spectra/lamost_afg_900.npz): 600 of the 900 train and
validate it, 300 test it, with channel 1 (inverse variance) and without.
pairs: CLIP of the light curves of ASAS-3 (asas3_train.csv.gz) and the Gaia rows of the same stars
(asas3_hipparcos_gaia.csv): how often a star's other modality is found among the test stars, and whether CLIP before the
classes helps when few of the training stars have a class.
Everything is left in OUT_DIR (default build/multimodal_studies). A training that is there goes on or is not made again.
--record writes the tables into docs/studies.md.
"""

import argparse
import csv
import gzip
import json
import statistics
import subprocess
import sys
from pathlib import Path

import numpy as np
from run_studies import ROOT, position, record, table

SPECTRAL_TYPES = "AFG"
SPECTRA_TESTED, SPECTRA_VALIDATED = 300, 60
GRID = 3850 + 2 * np.arange(2575)
SPECTRA_OPTIONS = "--epochs 30 --batch-size 32 --lr 0.001 --select accuracy --patience 0".split()

STARS_TESTED, STARS_VALIDATED = 0.25, 0.15
COLUMNS = "phot_g_mean_mag,pmra,pmdec,pm,l:cos,b:sin"
# Small networks: 1,161 stars are few, and one study is to take minutes.
PHOTO = json.loads("""{"seq_len": 80, "d_model": 32, "dropout": 0.1, "factor": 1, "output_attention": false, "n_heads": 4, "d_ff": 64,
                       "activation": "gelu", "e_layers": 2, "enc_in": 9}""")
SHARED = json.loads("""{"classification": false, "num_classes": 8, "hidden_dim": 64, "fusion": "avg", "modalities": ["photo", "metadata"],
                        "m_input_dim": 6, "m_hidden_dim": 64, "m_dropout": 0.2}""")
SHARED |= {key if key == "seq_len" else f"p_{key}": value for key, value in PHOTO.items()}
VIEWS = "--drop 0.3 --noise 0.5"
CLIP_OPTIONS = f"--epochs 40 --batch-size 128 --lr 0.001 --weight-decay 0.05 --patience 15 {VIEWS}".split()
CLASS_OPTIONS = f"--epochs 25 --batch-size 32 --lr 0.001 --patience 10 {VIEWS}".split()
SHARES = (0.10, 0.25, 0.50, 1.00)


class Runner:
    def __init__(self, program, threads):
        self.program, self.threads = program, threads

    def __call__(self, *arguments):
        """Runs the command, which says on stderr what it does; left out objects (3) are no failure."""
        command = [str(self.program), *map(str, arguments), "--threads", str(self.threads), "-q"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode not in (0, 3):
            sys.exit(done.returncode)
        return done.stdout

    def train(self, out, *arguments):
        """The report of a training, which is finished first where it is not."""
        if not (out / "report.json").exists() or not (out / "run.json").exists():
            print(f"training {out.name}", file=sys.stderr)
        self("train", *arguments, "--resume", "-o", out)
        report = out / "report.json"
        return json.loads(report.read_text()) if report.exists() else None


def write_table(path, header, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def spread(values):
    if len(values) < 2:
        return f"{values[0]:.3f}"
    return f"{statistics.mean(values):.3f} ± {statistics.stdev(values):.3f}"


# ---- spectra -----------------------------------------------------------------------------------------------------------------


def write_spectra(data, out):
    """The 900 spectra as text. They come as channels; the mean of the flux, which is not in them, is of no importance."""
    stored = np.load(data / "spectra/lamost_afg_900.npz")
    ids = [f"lamost-{obsid}" for obsid in stored["obsid"]]
    for kind in ("with", "without"):
        (out / kind).mkdir(parents=True, exist_ok=True)
    for name, channels in zip(ids, stored["spectra"].astype(np.float64), strict=True):
        mad = 10 ** channels[2]
        flux, ivar = channels[0] * mad, channels[1] * mad
        for kind, errors in (("with", ivar), ("without", np.zeros_like(ivar))):
            path = out / kind / f"{name}.csv"
            if not path.exists():
                np.savetxt(
                    path,
                    np.column_stack([GRID, flux, errors]),
                    fmt="%.9g",
                    delimiter=",",
                    header="wavelength,flux,ivar",
                    comments="",
                )
    order = sorted(range(len(ids)), key=lambda i: position(ids[i]))
    parts = ["test"] * SPECTRA_TESTED + ["validation"] * SPECTRA_VALIDATED
    write_table(
        out / "split.csv",
        ["object_id", "class"],
        [(ids[i], parts[k] if k < len(parts) else "train") for k, i in enumerate(order)],
    )
    write_table(
        out / "labels.csv",
        ["object_id", "class"],
        [(ids[i], SPECTRAL_TYPES[stored["label"][i]]) for i in range(len(ids))],
    )


def study_spectra(run, data, out, seeds):
    write_spectra(data, out)
    rows, text = [], {}
    for kind, words in (("with", "all three"), ("without", "channel 1 is 0")):
        reports = [
            run.train(
                out / f"{kind}_{seed}",
                "--modality",
                "spectra",
                "--spectra",
                *sorted((out / kind).glob("*.csv")),
                "--labels",
                out / "labels.csv",
                "--split",
                out / "split.csv",
                "--seed",
                seed,
                *SPECTRA_OPTIONS,
            )
            for seed in range(seeds)
        ]
        tests = [report["test"] for report in reports]
        rows.append(
            {
                "channels": words,
                "n": tests[0]["objects"],
                "accuracy": spread([t["accuracy"] for t in tests]),
                "macro_f1": spread([t["macro_f1"] for t in tests]),
                **{c: spread([t["classes"][c]["recall"] for t in tests]) for c in SPECTRAL_TYPES},
            }
        )
    text["spectra"] = table(
        rows,
        {
            "channels": "channels",
            "n": "tested",
            "accuracy": "accuracy",
            "macro_f1": "macro-F1",
            **{c: f"recall of {c}" for c in SPECTRAL_TYPES},
        },
    )
    return text


# ---- light curves and metadata -----------------------------------------------------------------------------------------------


def coordinates(object_id):
    """Right ascension and declination in degrees of "ASAS_hhmmss+ddmm.m"."""
    digits = object_id.split("_")[1]
    ra = 15 * (int(digits[:2]) + int(digits[2:4]) / 60 + int(digits[4:6]) / 3600)
    dec = int(digits[7:9]) + float(digits[9:]) / 60
    return ra, -dec if digits[6] == "-" else dec


def choose_stars(data, out):
    """Writes light curves, Gaia rows, classes and split of the stars with a Gaia row; returns the training stars."""
    with open(data / "asas3_hipparcos_gaia.csv", newline="") as file:
        stars = [row for row in csv.DictReader(file) if row["phot_g_mean_mag"] and row["gaia_pmra"]]
    write_table(
        out / "gaia.csv",
        ["object_id", "phot_g_mean_mag", "pmra", "pmdec", "ra", "dec"],
        [
            (s["object_id"], s["phot_g_mean_mag"], s["gaia_pmra"], s["gaia_pmdec"], *coordinates(s["object_id"]))
            for s in stars
        ],
    )
    write_table(out / "labels.csv", ["object_id", "class"], [(s["object_id"], s["class"]) for s in stars])
    chosen = {s["object_id"] for s in stars}
    with gzip.open(data / "asas3_train.csv.gz", "rt") as lines, open(out / "curves.csv", "w") as file:
        file.write(next(lines))
        file.writelines(line for line in lines if line[: line.index(",")] in chosen)

    def part(object_id):
        at = position(object_id)
        return "test" if at < STARS_TESTED else "validation" if at < STARS_TESTED + STARS_VALIDATED else "train"

    write_table(out / "split.csv", ["object_id", "class"], [(i, part(i)) for i in sorted(chosen)])
    return sorted((i for i in chosen if part(i) == "train"), key=position), sorted(
        i for i in chosen if part(i) == "test"
    )


def retrieval(run, out, tested, common, checkpoint):
    """What `evaluate --retrieval` says of the test stars, in both directions."""
    curves = out / "tested.csv"
    wanted = set(tested)
    with open(out / "curves.csv") as lines, open(curves, "w") as file:
        file.write(next(lines))
        file.writelines(line for line in lines if line[: line.index(",")] in wanted)
    embeddings = out / "tested.parquet"
    run(
        "embed",
        curves,
        *common,
        "--metadata",
        out / "gaia.csv",
        "--require",
        "all",
        "--model",
        checkpoint,
        "-o",
        embeddings,
    )
    return json.loads(run("evaluate", embeddings, "--retrieval", "--json"))


def study_pairs(run, data, out, seeds):
    training, tested = choose_stars(data, out)
    features = out / "features.csv"
    if not features.exists():
        run("features", out / "curves.csv", "--band", "V", "--scaling", "none", "-o", features)
    (out / "shared.json").write_text(json.dumps(SHARED))
    (out / "photo.json").write_text(json.dumps({"classification": True, "num_classes": 8, **PHOTO}))
    common = ["--band", "V", "--features", features]
    split = ["--split", out / "split.csv"]
    for seed in range(seeds):
        run.train(
            out / f"clip_{seed}",
            out / "curves.csv",
            *common,
            "--metadata",
            out / "gaia.csv",
            "--metadata-columns",
            COLUMNS,
            "--objective",
            "clip",
            "--config",
            out / "shared.json",
            *split,
            "--seed",
            seed,
            *CLIP_OPTIONS,
        )
    text = {"retrieval": retrieval_table(retrieval(run, out, tested, common, out / "clip_0"))}
    rows = []
    labels = {row["object_id"]: row["class"] for row in csv.DictReader((out / "labels.csv").open())}
    others = [i for i in labels if i not in set(training)]
    for share in SHARES:
        some = training[: round(share * len(training))]
        path = out / f"labels_{round(100 * share)}.csv"
        write_table(path, ["object_id", "class"], [(i, labels[i]) for i in sorted([*some, *others])])
        row = {"share": f"{100 * share:.0f} %", "n": len(some)}
        for start, words in (("random", ["--config", out / "photo.json"]), ("clip", None)):
            tests = []
            for seed in range(seeds):
                begin = words or ["--from", out / f"clip_{seed}"]
                report = run.train(
                    out / f"{start}_{round(100 * share)}_{seed}",
                    out / "curves.csv",
                    *common,
                    *begin,
                    "--labels",
                    path,
                    *split,
                    "--seed",
                    seed,
                    *CLASS_OPTIONS,
                )
                tests.append(report["test"])
            row[f"{start}_accuracy"] = spread([t["accuracy"] for t in tests])
            row[f"{start}_macro_f1"] = spread([t["macro_f1"] for t in tests])
            row["tested"] = tests[0]["objects"]
        rows.append(row)
    text["few_labels"] = table(
        rows,
        {
            "share": "labels",
            "n": "training stars",
            "tested": "tested",
            "random_accuracy": "accuracy, random start",
            "clip_accuracy": "after CLIP",
            "random_macro_f1": "macro-F1, random start",
            "clip_macro_f1": "after CLIP",
        },
    )
    return text


def retrieval_table(found):
    columns = {
        "from": "from",
        "to": "to",
        "n": "n",
        "recall_1": "recall@1",
        "chance_1": "chance",
        "recall_10": "recall@10",
    }
    columns |= {"chance_10": "chance", "median_rank": "median rank", "chance_rank": "chance"}
    return table(found["retrieval"], columns)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path, nargs="?", default=ROOT / "build/multimodal_studies")
    parser.add_argument("--study", choices=["spectra", "pairs"], action="append", help="one of them (default: both)")
    parser.add_argument(
        "--seeds", type=int, default=3, help="trainings of each kind; tables have their mean and standard deviation"
    )
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--build", type=Path, default=ROOT / "build/release", help="where bin/astrom3 is")
    arguments = parser.parse_args()
    run = Runner(arguments.build / "bin/astrom3", arguments.threads)
    text = {}
    for name, study in (("spectra", study_spectra), ("pairs", study_pairs)):
        if arguments.study and name not in arguments.study:
            continue
        out = arguments.out / name
        out.mkdir(parents=True, exist_ok=True)
        text |= study(run, arguments.data, out, arguments.seeds)
    for name, body in text.items():
        print(f"{name}\n{body}\n")
    if arguments.record:
        record(text)


if __name__ == "__main__":
    main()
