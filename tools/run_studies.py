#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# The three studies of a checkpoint on real stars, and the tables of docs/studies.md.
"""
    tools/run_studies.py DATA_DIR MODEL [OUT_DIR] [--limit N] [--all] [--threads N] [--record] [--build DIR]

DATA_DIR holds asas3_train.csv.gz, debosscher.csv.gz and their *_labels.csv (see make_asas3_labels.py), MODEL is a
checkpoint. The stars are those that training held out (docs/training.md), the first N of them by the hash of their id;
--all takes the others, too. Everything is left in OUT_DIR (default build/studies): the stars, their features, and for each
study JSON and SVG. A study that is there already, of the same weights, stars and options, is not made again, so that a run
that was stopped goes on. --record writes the tables into docs/studies.md and the plots into docs/assets.
"""

import argparse
import csv
import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/studies.md"
TABLES = ("asas3_train", "debosscher")
HOLDOUT = 0.15  # of the training
CARD_RAW = 0.891  # the model card's substitute for rfr_score, 0.392 of the published scaling
FEATURES = ("rfr_score", "amplitude", "period", "lksl_statistic")
SEARCHED = {"rfr_score": 25, "amplitude": 9}  # constants on the curve; of the others only those named here, which takes minutes less
PLOTS = ("rfr_score", "attention")


def position(object_id):
    """In [0, 1): who is held out, by docs/training.md."""
    return int(hashlib.sha256(object_id.encode()).hexdigest()[:16], 16) / 2**64


def choose(data, out, limit, everybody):
    """Writes the labels and the light curves of the chosen stars; returns the light curves' files."""
    text = subprocess.run([sys.executable, ROOT / "tools/make_asas3_labels.py", data], capture_output=True, text=True, check=True).stdout
    rows = [row for row in csv.DictReader(text.splitlines()) if everybody or position(row["object_id"]) < HOLDOUT]
    rows = sorted(rows, key=lambda row: position(row["object_id"]))[:limit or None]
    chosen = {row["object_id"] for row in rows}
    (out / "labels.csv").write_text("object_id,class\n" + "".join(f"{row['object_id']},{row['class']}\n" for row in rows))
    files = []
    for table in TABLES:
        files.append(out / f"{table}.csv")
        with gzip.open(data / f"{table}.csv.gz", "rt") as lines, open(files[-1], "w") as file:
            file.write(next(lines))
            file.writelines(line for line in lines if line[:line.index(",")] in chosen)
    return files


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run_studies(program, files, model, out, threads):
    """Name of a study -> what it found."""

    def astrom3(*arguments):
        """Runs the command, which says on stderr what it does; left out light curves (3) are no failure."""
        done = subprocess.run([str(program), *map(str, arguments)])
        if done.returncode not in (0, 3):
            sys.exit(done.returncode)

    astrom3("features", *files, "--band", "V", "--scaling", "none", "--threads", threads, "-o", out / "features.csv", "-q")
    inputs = [sha256(path) for path in (model / "model.safetensors", out / "features.csv", out / "labels.csv")]
    common = [*files, "--band", "V", "--model", model, "--features", out / "features.csv", "--labels", out / "labels.csv",
              "--threads", threads, "-q"]
    constants = {"rfr_score": ["--constant", "z:0.392", "--constant", CARD_RAW, "--constant", "z:0"]}
    studies = {"attention": ["attention"], "precision": ["precision"]}
    for what in FEATURES:
        search = SEARCHED.get(what)
        studies[what] = ["substitution", "--feature", what, *(["--steps", search] if search else ["--no-search"]), *constants.get(what, [])]
    for what in ("crop", "observations"):
        studies[what] = ["substitution", "--feature", what]
    for name, arguments in studies.items():
        made_of = json.dumps([inputs, *map(str, arguments)])
        mark = out / f"{name}.made_of.json"
        if mark.exists() and mark.read_text() == made_of:
            continue
        print(f"study {name}", file=sys.stderr)
        mark.unlink(missing_ok=True)
        astrom3("study", *arguments, *common, "-o", out / f"{name}.json", "--svg", out / f"{name}.svg")
        mark.write_text(made_of)
    return {name: json.loads((out / f"{name}.json").read_text()) for name in studies}


def shown(value):
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) >= 1e-3 or value == 0 else f"{value:.1e}"
    return str(value)


def table(rows, columns):
    """Markdown; `columns` is name in the rows -> heading."""
    lines = ["| " + " | ".join(columns.values()) + " |", "|" + "---|" * len(columns)]
    return "\n".join(lines + ["| " + " | ".join(shown(row.get(name)) for name in columns) + " |" for row in rows])


DISTANCE = {"n": "n", "mean": "mean", "std": "std", "median": "median", "max": "max"}
OVERALL = {"instead": "instead", "z": "z", "raw": "raw", **DISTANCE, "macro_mean": "macro-average", "macro_std": "± over classes"}
BY_CLASS = {"class": "class", "n": "n", "mean": "mean cosine distance", "std": "std", "true_z": "true mean, z", "true_raw": "raw"}


def truth_text(result, what):
    z, raw = result["truth"]
    low, middle, high = (f"{shown(z[k])} ({shown(raw[k])})" for k in ("min", "median", "max"))
    return f"The true `{what}`, z and in brackets raw: least {low}, median {middle}, largest {high}."


def blocks(results, model_info):
    """Name of a place in the page -> its text."""
    some = results["rfr_score"]
    text = {"facts": f"Checkpoint `{some['model_sha256'][:16]}…` (`{model_info['name']}`, epoch {model_info['epoch']}, trained with "
                     f"`{results['attention']['trained_with']}` attention), {some['objects']} stars, {some['left_out']} left out, "
                     f"astrom3 {model_info['version']}."}
    attention = results["attention"]
    text["attention"] = table(attention["forms"], {
        "form": "form", "other": "other", "distance": "mean distance", "std": "std", "median": "median", "max": "max",
        "same_class": "same class by the head", "kept": "of ten neighbours kept"})
    text["head"] = table(attention["head"], {"form": "form", "right": "right", "balanced_right": "mean over classes"})
    best, card = some["overall"][0], next(row for row in some["overall"] if row["raw"] and abs(row["raw"] - CARD_RAW) < 1e-9)
    text["rfr_score"] = truth_text(some, "rfr_score") + "\n\n" + table(some["overall"], OVERALL)
    for name, row in (("rfr_score_classes", card), ("rfr_score_best_classes", best)):
        text[name] = table([c for c in some["classes"] if c["instead"] == row["instead"]], BY_CLASS)
    for what in FEATURES[1:]:
        text[what] = truth_text(results[what], what) + "\n\n" + table(results[what]["overall"], OVERALL)
    rows = results["crop"]["overall"] + results["observations"]["overall"]
    text["rows"] = table(rows, {"instead": "instead", **DISTANCE, "macro_mean": "macro-average", "macro_std": "± over classes"})
    precision = results["precision"]
    text["precision"] = table(precision["precisions"], {
        "precision": "precision", "n": "n", "mean": "mean", "median": "median", "p90": "90 % below", "p99": "99 % below", "max": "max",
        "largest_delta": "largest difference of a number", "same_class": "same class by the head", "kept": "of ten neighbours kept"})
    text["precision_classes"] = table(precision["classes"], {"class": "class", **{k: DISTANCE[k] for k in ("n", "mean", "median", "max")}})
    return text


def info_of(program, model):
    info = json.loads(subprocess.run([program, "info", model, "--json"], capture_output=True, text=True, check=True).stdout)
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    metadata = info.get("metadata", {})
    return {"version": version, "name": metadata.get("astrom3.name", "no name"), "epoch": metadata.get("astrom3.epoch", "unknown")}


def record(text):
    page = PAGE.read_text(encoding="utf-8")
    for name, body in text.items():
        pattern = re.compile(rf"(<!-- study {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not pattern.search(page):
            sys.exit(f"run_studies: {PAGE} has no place for {name}")
        page = pattern.sub(lambda match: match[1] + body + "\n" + match[2], page)  # noqa: B023
    PAGE.write_text(page, encoding="utf-8")


def record_plots(out):
    for name in PLOTS:
        shutil.copy(out / f"{name}.svg", ROOT / f"docs/assets/study-{name.replace('_', '-')}.svg")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path, nargs="?", default=ROOT / "build/studies")
    parser.add_argument("--limit", type=int, default=1000, help="so many stars (0: all of them)")
    parser.add_argument("--all", action="store_true", help="not only those that were held out")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--build", type=Path, default=ROOT / "build/release", help="where bin/astrom3 is")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    files = choose(arguments.data, arguments.out, arguments.limit, arguments.all)
    program = arguments.build / "bin/astrom3"
    text = blocks(run_studies(program, files, arguments.model, arguments.out, arguments.threads), info_of(program, arguments.model))
    (arguments.out / "tables.md").write_text("".join(f"<!-- study {name} -->\n{body}\n<!-- end -->\n\n" for name, body in text.items()))
    if arguments.record:
        record(text)
        record_plots(arguments.out)


if __name__ == "__main__":
    main()
