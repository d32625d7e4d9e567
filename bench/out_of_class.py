#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What share of stars of other classes `astrom3 classify` calls out of class, at a given share of false alarms.

    out_of_class.py DATA [--model DIR] [--threshold 0.95] [-o OUT.json]

DATA holds the light curves and labels that tools/make_star_labels.py names. False alarms are counted on the test stars
of the ten classes, of each survey; catches on the stars of all other classes that the catalogues name (Cepheids,
double-mode RR Lyrae, R Coronae Borealis and T Tauri stars and others), of which no training saw one.
"""

import argparse
import collections
import csv
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLES = {
    "asas3_train": None,
    "asas_richards": "original_class",
    "debosscher_all": "original_class",
    "catalina_south": "class",
}
# One name for what the catalogues name differently; a class that is not here has the catalogue's name.
NAMES = {
    "RR Lyrae, Double Mode": "RRD",
    "RR_Lyrae_DM": "RRD",
    "Classical Cepheid": "CEP",
    "Classical_Cepheid": "CEP",
    "Multiple Mode Cepheid": "CEP, multi-mode",
    "MultiMode_Cepheid": "CEP, multi-mode",
    "Population II Cepheid": "CEPII",
    "PopII_Cepheid": "CEPII",
    "RV Tauri": "RV_Tauri",
    "T Tauri": "T_Tauri",
    "ClassT_Tauri": "T_Tauri",
    "Beta Cephei": "Beta_Cephei",
    "Herbig AE/BE Star": "Herbig_AEBE",
}
FEWEST = 10  # stars of a class that has a line of its own


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def stars_to_judge(data, work):
    """Of each survey: {id: class} of the other classes, and the ids of the test stars of the ten."""
    labels, split = work / "labels.csv", work / "split.csv"
    subprocess.run([sys.executable, ROOT / "tools" / "make_star_labels.py", data, labels, split], check=True)
    known = {row["object_id"] for row in rows_of(labels)}
    tested = {row["object_id"] for row in rows_of(split) if row["class"] == "test"}
    ten = {part for row in rows_of(labels) for part in row["class"].split("|")} | {"LPV", "EW|EB"}
    ten |= {row["original_class"] for row in rows_of(labels) if row["original_class"]}
    others = {}
    for table, column in TABLES.items():
        if column is None:
            continue
        for row in rows_of(data / f"{table}_labels.csv"):
            if row["object_id"] not in known and row[column] not in ten:
                others[row["object_id"]] = NAMES.get(row[column], row[column])
    return others, tested


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--model", help="a checkpoint that was trained with --out-of-class (default: the bundled one)")
    parser.add_argument(
        "--threshold", type=float, default=0.95, help="a score from which a star is called out of class"
    )
    parser.add_argument("--cli", default="build/release/bin/astrom3", help="the astrom3 command")
    parser.add_argument("--band", default="V")
    parser.add_argument("-o", type=pathlib.Path, help="OUT.json")
    a = parser.parse_args()
    caught, alarms = collections.defaultdict(list), collections.defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        others, tested = stars_to_judge(a.data, work)
        judged = others.keys() | tested
        for table in TABLES:
            stars, out = work / f"{table}.csv", work / f"{table}_classes.csv"
            with gzip.open(a.data / f"{table}.csv.gz", "rt") as source, open(stars, "w") as file:
                file.write(next(source))
                file.writelines(line for line in source if line.split(",", 1)[0] in judged)
            line = [a.cli, "classify", stars, "--band", a.band, "--quiet", "-o", out]
            code = subprocess.run([*line, *(["--model", a.model] if a.model else [])], check=False).returncode
            if code not in (0, 3):  # 3: some stars cannot be embedded
                sys.exit(f"classify ended with {code}")
            for row in rows_of(out):
                if row["status"] != "ok":
                    continue
                is_out = float(row["out_of_class"]) >= a.threshold
                star = row["object_id"]
                (caught[others[star]] if star in others else alarms[table]).append(is_out)
    report = {"threshold": a.threshold}
    for name, table in (("false alarms", alarms), ("caught", caught)):
        print(f"{name}:")
        report[name] = {key: {"stars": len(found), "out": sum(found)} for key, found in table.items()}
        for key, found in sorted(table.items(), key=lambda item: -len(item[1])):
            if len(found) >= FEWEST:
                print(f"  {key:32s} {sum(found):5d} of {len(found):5d}  {sum(found) / len(found):.3f}")
    if a.o:
        a.o.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
