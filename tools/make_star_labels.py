#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Classes and split of the bundled checkpoint's training data: four surveys, one vocabulary.
"""
    tools/make_star_labels.py DATA_DIR labels.csv split.csv
    tools/make_star_labels.py DATA_DIR --find-changes > tools/label_changes.csv

DATA_DIR holds the light curves of TABLES (object_id, time, mag, mag_err) and their *_labels.csv. labels.csv gets
object_id, class, survey and original_class of every star of the ten classes; split.csv object_id and train, validation
or test. A class such as EW|EB means: one of these, the catalogue does not say which.

    classes     Those of another vocabulary are renamed (DEBOSSCHER); a star of class DSCT whose amplitude, the range
                from the 2.5 to the 97.5 percentile of its magnitudes, exceeds HADS_AMPLITUDE_MAG is HADS; Catalina's
                LPV are M, SR or M|SR by amplitude and period. Stars of other classes are left out.
    same star   A star that stands in two surveys (Catalina within MATCH_ARCSEC of a star of ASAS-3; Richards names the
                entry of ASAS-3) is on one side of the split. Where its classes differ, label_changes.csv says which is
                taken: the experts' (Richards), else what both catalogues allow, else one of either; a star that one
                of them puts outside the ten classes is left out.
    split       By the place in [0, 1) of astrom3/classes/holdout.h, of the star's id in ASAS-3 where it has one: below
                TEST it is tested, then validated, else trained on. No star of ASAS-3 changes sides between this
                checkpoint and `asas3`.
    cap         Of a class of Catalina at most CAP stars are trained on, those of the smallest hash of their id.
"""

import collections
import csv
import gzip
import hashlib
import math
import pathlib
import re
import sys

TABLES = ("asas3_train", "asas_richards", "debosscher_all", "catalina_south")
TEN = {"DSCT", "EA", "EB", "EW", "HADS", "M", "ROT", "RRAB", "RRC", "SR"}
HADS_AMPLITUDE_MAG = 0.15
TEST, VALIDATION = 0.15, 0.10
CAP = 1200
MATCH_ARCSEC = 20
# Miras vary by more than 2.5 mag in V (GCVS, Samus et al. 2017); the catalogue gives amplitudes of fits, which are smaller.
MIRA_AMPLITUDE_MAG, SR_AMPLITUDE_MAG, MIRA_PERIOD_D = 2.0, 1.0, 80
DEBOSSCHER = {
    "Algol (Beta Persei)": "EA",
    "Beta Lyrae": "EB",
    "W Ursae Majoris": "EW",
    "Mira": "M",
    "Semiregular Pulsating Variable": "SR",
    "RR Lyrae, Fundamental Mode": "RRAB",
    "RR Lyrae, First Overtone": "RRC",
    "Delta Scuti": "DSCT",
    "SX Phoenicis": "DSCT",
    "Chemically Peculiar Stars": "ROT",
    "Ellipsoidal": "ROT",
}
CHANGES = pathlib.Path(__file__).with_name("label_changes.csv")


def place(text):
    """In [0, 1), as holdout_position() of astrom3."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def quantile(values, q):
    position = q * (len(values) - 1)
    below = int(position)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (position - below)


def large_amplitudes(folder, tables):
    """Ids of the stars of `tables` {table: ids} whose amplitude is that of HADS."""
    large = set()
    for table, ids in tables.items():
        magnitudes = collections.defaultdict(list)
        with gzip.open(folder / f"{table}.csv.gz", "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["object_id"] in ids:
                    magnitudes[row["object_id"]].append(float(row["mag"]))
        for object_id, values in magnitudes.items():
            values.sort()
            if quantile(values, 0.975) - quantile(values, 0.025) > HADS_AMPLITUDE_MAG:
                large.add(object_id)
    return large


def of_long_period(row):
    amplitude, period = float(row["amplitude"]), float(row["period"])
    if amplitude >= MIRA_AMPLITUDE_MAG and period >= MIRA_PERIOD_D:
        return "M"
    return "SR" if amplitude < SR_AMPLITUDE_MAG else "M|SR"


def asas_position(object_id):
    """Degrees. ASAS names its stars by right ascension and declination: ASAS_hhmmss+ddmm.m."""
    found = re.fullmatch(r"ASAS_(\d\d)(\d\d)(\d\d)([+-])(\d\d)(\d\d\.\d)", object_id)
    hours, minutes, seconds, sign, degrees, arcmin = found.groups()
    ra = 15 * (int(hours) + int(minutes) / 60 + (int(seconds) + 0.5) / 3600)
    return ra, (1 if sign == "+" else -1) * (int(degrees) + float(arcmin) / 60)


def nearest(stars, ra, dec):
    """Of `stars` {id: (ra, dec)} by strips of declination, the nearest within MATCH_ARCSEC, or None."""
    best = None
    for strip in range(int(dec * 20) - 1, int(dec * 20) + 2):
        for object_id, (x, y) in stars.get(strip, ()):
            across = ((x - ra + 180) % 360 - 180) * math.cos(math.radians(dec))
            separation = 3600 * math.hypot(across, y - dec)
            if separation < MATCH_ARCSEC and (best is None or separation < best[0]):
                best = separation, object_id
    return best and best[1]


class Catalogues:
    """original: the catalogue's class; kind: ours, "" outside the ten; same: the star's id in ASAS-3, or its own."""

    def __init__(self, folder):
        self.survey, self.original, self.kind, self.same = {}, {}, {}, {}
        rows = {table: read(folder / f"{table}_labels.csv") for table in TABLES}
        self.long_period = set()
        for table in TABLES:
            for row in rows[table]:
                object_id, original = row["object_id"], row.get("original_class") or row["class"]
                kind = DEBOSSCHER.get(original, "") if table == "debosscher_all" else row["class"]
                if kind == "LPV":
                    self.long_period.add(object_id)
                    kind = of_long_period(row)
                self.survey[object_id], self.original[object_id] = table, original
                self.kind[object_id] = kind if set(kind.split("|")) <= TEN else ""
                self.same[object_id] = row.get("same_star_in_asas3_train") or object_id
        self.match(rows)
        pulsating = collections.defaultdict(set)
        for object_id, kind in self.kind.items():
            if kind == "DSCT":
                pulsating[self.survey[object_id]].add(object_id)
        for object_id in large_amplitudes(folder, pulsating):
            self.kind[object_id] = "HADS"

    def match(self, rows):
        strips = collections.defaultdict(list)
        for row in rows["asas3_train"]:
            ra, dec = asas_position(row["object_id"])
            strips[int(dec * 20)].append((row["object_id"], (ra, dec)))
        for row in rows["catalina_south"]:
            self.same[row["object_id"]] = nearest(strips, float(row["ra"]), float(row["dec"])) or row["object_id"]
        for row in rows["debosscher_all"]:  # the id it had in an older file, which decided its side there
            self.same[row["object_id"]] = re.sub(r"^DEB_100", "DEB_", row["object_id"])

    def changes(self):
        """(object_id, class, reason) of every star that two catalogues call differently."""
        groups = collections.defaultdict(list)
        for object_id, star in self.same.items():
            groups[star].append(object_id)
        for members in groups.values():
            if len(members) < 2:
                continue
            kind = agreed(
                [
                    (self.survey[i], {"M", "SR"} if i in self.long_period else set(self.kind[i].split("|")) - {""})
                    for i in members
                ]
            )
            said = "; ".join(f"{self.survey[i]}: {self.original[i]}" for i in members)
            for object_id in members:
                if kind != self.kind[object_id]:
                    yield object_id, kind, said


def agreed(opinions):
    """The class of a star from (survey, classes) of each catalogue; "" where one puts it outside the ten."""
    expert = [classes for survey, classes in opinions if survey == "asas_richards"]
    if expert:
        return "|".join(sorted(expert[0]))
    if not all(classes for _, classes in opinions):
        return ""
    common = set.intersection(*(classes for _, classes in opinions))
    return "|".join(sorted(common or set.union(*(classes for _, classes in opinions))))


def side(star):
    position = place(star)
    return "test" if position < TEST else "validation" if position < TEST + VALIDATION else "train"


def write(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)


def main():
    arguments = sys.argv[1:]
    if len(arguments) not in (2, 3) or (len(arguments) == 2 and arguments[1] != "--find-changes"):
        print(__doc__, file=sys.stderr)
        return 2
    stars = Catalogues(pathlib.Path(arguments[0]))
    if arguments[1] == "--find-changes":
        out = csv.writer(sys.stdout, lineterminator="\n")
        out.writerow(["object_id", "class", "reason"])
        out.writerows(sorted(stars.changes()))
        return 0
    for row in read(CHANGES):
        stars.kind[row["object_id"]] = row["class"]
    used = collections.Counter()
    labels, split = [], []
    for object_id in sorted(stars.kind, key=lambda i: (TABLES.index(stars.survey[i]), place(i))):
        kind, survey, where = stars.kind[object_id], stars.survey[object_id], side(stars.same[object_id])
        if not kind:
            continue
        if survey == "catalina_south" and where == "train":
            used[kind] += 1
            if used[kind] > CAP:
                continue
        labels.append((object_id, kind, survey, stars.original[object_id]))
        split.append((object_id, where))
    write(arguments[1], ("object_id", "class", "survey", "original_class"), labels)
    write(arguments[2], ("object_id", "class"), split)
    return 0


if __name__ == "__main__":
    sys.exit(main())
