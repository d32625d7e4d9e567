#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Prints the rows of an embeddings CSV beside what the example catalogue knows: the end of `make demo`.
"""tools/demo_table.py EMBEDDINGS.csv CATALOG.csv"""

import csv
import json
import math
import pathlib
import sys

SAME_PERIOD = 0.01  # relative difference up to which a period counts as found


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
    """(cosine, id) of the object most like this one."""
    own = vectors[object_id]
    others = ((sum(a * b for a, b in zip(own, vector)), name) for name, vector in vectors.items() if name != object_id)
    return max(others, default=(math.nan, "-"))


def period_verdict(found, true):
    ratio = found / true
    for factor, word in ((1, "ok"), (0.5, "half"), (2, "double")):
        if abs(ratio / factor - 1) < SAME_PERIOD:
            return word
    return "other"


def print_table(rows, catalog):
    vectors = {name: vector for name, row in rows.items() if (vector := embedding_of(row))}
    print(f"{'object':<12} {'class':<5} {'obs':>4} {'period [d]':>11} {'true [d]':>11} {'':<6} "
          f"{'nearest':<12} {'cosine':>8}  status")
    tally = {"ok": 0, "half": 0, "double": 0, "other": 0}
    same_class = 0
    for name, row in rows.items():
        known = catalog.get(name, {})
        kind, true = known.get("class", "?"), known.get("period", "")
        found, verdict, cosine, neighbour = row["period"], "", math.nan, "-"
        if found and true:
            verdict = period_verdict(float(found), float(true))
            tally[verdict] += 1
        if name in vectors:
            cosine, neighbour = nearest(name, vectors)
            same_class += catalog.get(neighbour, {}).get("class") == kind
        remark = row["status"] + (f" ({row['flags']})" if row["flags"] else "")
        print(f"{name:<12} {kind:<5} {row['n_raw']:>4} {float(found or 'nan'):>11.5f} {float(true or 'nan'):>11.5f} "
              f"{verdict:<6} {neighbour:<12} {cosine:>8.5f}  {remark}")
    n_ok = sum(row["status"] == "ok" for row in rows.values())
    print(f"\n{len(rows)} objects, {n_ok} embedded. Period: {tally['ok']} as simulated, {tally['half']} half, "
          f"{tally['double']} double, {tally['other']} other.")
    print(f"The nearest neighbour has the same class for {same_class} of {len(vectors)}.")


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    output = pathlib.Path(sys.argv[1])
    identity = json.loads(output.with_suffix(".meta.json").read_text(encoding="utf-8"))
    print_table(read_rows(output), read_rows(sys.argv[2]))
    trained = "untrained, random weights" if identity.get("model_trained") == "false" else "trained"
    print(f"Checkpoint: sha256 {identity.get('model_sha256', '?')[:12]} ({trained}), astrom3 {identity.get('astrom3_version', '?')}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
