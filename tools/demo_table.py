#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Prints classes, periods and neighbours beside what the example catalogue knows: the end of `make demo`.
"""tools/demo_table.py CLASSES.csv EMBEDDINGS.csv CATALOG.csv"""

import csv
import json
import math
import pathlib
import sys

SAME_PERIOD = 0.01  # relative difference up to which a period counts as found
N_NEIGHBOURS = 3


def read_rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return {row["object_id"]: row for row in csv.DictReader(file)}


def embedding_of(row):
    """The unit vector e0, e1, ... of a row; None where the object was rejected or cannot be compared."""
    values = []
    while row.get(f"e{len(values)}"):
        values.append(float(row[f"e{len(values)}"]))
    length = math.sqrt(sum(v * v for v in values))
    return [v / length for v in values] if length > 0 else None


def nearest(object_id, vectors):
    """The ids of the objects most like this one, by cosine."""
    own = vectors[object_id]
    others = ((sum(a * b for a, b in zip(own, vector)), name) for name, vector in vectors.items() if name != object_id)
    return [name for _, name in sorted(others, reverse=True)[:N_NEIGHBOURS]]


def period_verdict(found, true):
    ratio = found / true
    for factor, word in ((1, "right"), (0.5, "half"), (2, "double")):
        if abs(ratio / factor - 1) < SAME_PERIOD:
            return word
    return "other"


def print_table(rows, vectors, catalog):
    print(f"{'object':<11} {'class':<5} {'said':<5} {'prob.':>5} {'obs':>4} {'period [d]':>11} {'':<6} nearest by embedding")
    tally = {"right": 0, "half": 0, "double": 0, "other": 0}
    same_class = as_simulated = 0
    for name, row in rows.items():
        known = catalog.get(name, {})
        kind, true, said = known.get("class", "?"), known.get("period", ""), row["class"]
        found, verdict, neighbours = row["period"], "", []
        if found and true:
            verdict = period_verdict(float(found), float(true))
            tally[verdict] += 1
        if name in vectors:
            neighbours = nearest(name, vectors)
            same_class += catalog.get(neighbours[0], {}).get("class") == kind
        as_simulated += said == kind
        remark = "" if row["status"] == "ok" else row["status"]
        probability = float(row[f"p_{said}"]) if said else math.nan
        print(f"{name:<11} {kind:<5} {said:<5} {probability:>5.2f} {row['n_raw']:>4} {float(found or 'nan'):>11.5f} "
              f"{verdict:<6} {' '.join(neighbours)}{remark}")
    n_ok = sum(row["status"] == "ok" for row in rows.values())
    print(f"\n{len(rows)} simulated objects, {n_ok} embedded. Period: {tally['right']} as simulated, {tally['half']} half, "
          f"{tally['double']} double, {tally['other']} other.")
    print(f"Class as simulated for {as_simulated} of {len(rows)}; the nearest neighbour has the same class for {same_class} "
          f"of {len(vectors)}.")
    print("The stars are simulated, with periods and amplitudes of real ones, and the checkpoint learnt from real ones: to it the "
          "simulated\nspotted stars (ROT) and the roundest RRC resemble binaries. Its card has its scores on real stars.")


def main():
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    classes, embeddings, catalog = map(pathlib.Path, sys.argv[1:])
    vectors = {name: vector for name, row in read_rows(embeddings).items() if (vector := embedding_of(row))}
    print_table(read_rows(classes), vectors, read_rows(catalog))
    identity = json.loads(embeddings.with_suffix(".meta.json").read_text(encoding="utf-8"))
    trained = "untrained, random weights" if identity.get("model_trained") == "false" else "trained"
    print(f"Checkpoint: {identity.get('model_name', 'without a name')}, sha256 {identity.get('model_sha256', '?')[:12]} "
          f"({trained}), astrom3 {identity.get('astrom3_version', '?')}. `build/release/bin/astrom3 info` says more of it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
