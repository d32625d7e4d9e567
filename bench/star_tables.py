# SPDX-License-Identifier: MIT
"""Tables of the light curves of many stars, those of a star one after the other."""

import csv
import gzip

TABLES = ["asas3_train", "asas_richards", "debosscher_all", "catalina_south"]  # of tools/make_star_labels.py
FAINTER_MAG = 4.0
FEW = 50  # observations


def stars_of(path):
    """(object_id, rows of time, mag, err as texts) in the order of the table."""
    with gzip.open(path, "rt", newline="") as file:
        table = csv.reader(file)
        next(table)
        star, rows = None, []
        for object_id, *values in table:
            if object_id != star and rows:
                yield star, rows
                rows = []
            star = object_id
            rows.append(values[:3])
        yield star, rows
