#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# The labels of the training data of models/asas3: ten classes, HADS split from DSCT by amplitude.
"""
    tools/make_asas3_labels.py DATA_DIR > labels.csv

DATA_DIR holds asas3_train.csv.gz, debosscher.csv.gz and asas3_train_labels.csv, debosscher_labels.csv: light curves
(object_id, time, mag, mag_err) and classes (object_id, class). A star of class DSCT whose amplitude, the range from the
2.5 to the 97.5 percentile of its magnitudes, exceeds HADS_AMPLITUDE_MAG becomes HADS.
"""

import collections
import csv
import gzip
import pathlib
import sys

TABLES = ("asas3_train", "debosscher")
HADS_AMPLITUDE_MAG = 0.15


def quantile(values, q):
    position = q * (len(values) - 1)
    below = int(position)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (position - below)


def amplitude(magnitudes):
    magnitudes = sorted(magnitudes)
    return quantile(magnitudes, 0.975) - quantile(magnitudes, 0.025)


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder = pathlib.Path(sys.argv[1])
    classes = {}
    for table in TABLES:
        with open(folder / f"{table}_labels.csv", encoding="utf-8", newline="") as file:
            classes.update((row["object_id"], row["class"]) for row in csv.DictReader(file))
    magnitudes = collections.defaultdict(list)
    for table in TABLES:
        with gzip.open(folder / f"{table}.csv.gz", "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if classes.get(row["object_id"]) == "DSCT":
                    magnitudes[row["object_id"]].append(float(row["mag"]))
    for object_id, values in magnitudes.items():
        if amplitude(values) > HADS_AMPLITUDE_MAG:
            classes[object_id] = "HADS"
    print("object_id,class")
    for object_id, kind in classes.items():
        print(f"{object_id},{kind}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
