#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads Parquet files with random damage: objects and rejections come out, never a crash, a hang or gigabytes.

    .venv/bin/python tests/torture/damaged_parquet.py [--astrom3 build/release/bin/astrom3] [--files 10000] [--seed 1]

Light curves are written as lists, lists of structs, structs of lists, triples and long tables, with and without
dictionaries, compression and page checksums; then one to thirty bytes of a file are changed, half of the time in its
footer, or its end is cut off. `astrom3 inspect` reads them, 100 at a time, within 4 GiB of address space. Prints one
line; exits 1 when a batch ends with anything but 0 or 3, takes over a minute, or leaves a file without an answer. Needs
pyarrow.
"""

import argparse
import collections
import io
import json
import math
import pathlib
import random
import resource
import subprocess
import sys
import tempfile

import pyarrow as pa
import pyarrow.parquet as pq

BATCH = 100
N_STARS, N_POINTS = 5, 30


def tables() -> list[pa.Table]:
    time = [[58000.25 + 1.1 * i + 0.01 * star for i in range(N_POINTS)] for star in range(N_STARS)]
    flux = [[40 + 3 * math.sin(t) for t in row] for row in time]
    error = [[0.05 + 0.001 * i for i in range(N_POINTS)] for _ in range(N_STARS)]
    ids = pa.array([f"star{i}" for i in range(N_STARS)])
    structs = [[dict(time=t, flux=f, flux_err=e) for t, f, e in zip(*rows)] for rows in zip(time, flux, error)]
    flat = [[v for row in column for v in row] for column in (time, flux, error)]
    return [
        pa.table({"object_id": ids, "time": time, "flux": flux, "flux_err": error}),
        pa.table({"object_id": ids, "lc": structs}),
        pa.table({"object_id": ids, "lc": [dict(time=t, flux=f, flux_err=e) for t, f, e in zip(time, flux, error)]}),
        pa.table({"object_id": ids, "photometry": [[list(p) for p in zip(*rows)] for rows in zip(time, flux, error)]}),
        pa.table({"object_id": [f"star{i // N_POINTS}" for i in range(N_STARS * N_POINTS)], "time": flat[0],
                  "flux": flat[1], "flux_err": flat[2], "band": ["g"] * (N_STARS * N_POINTS)}),
    ]


def files() -> list[bytes]:
    found = []
    for table in tables():
        for options in ({}, {"compression": "NONE", "use_dictionary": False, "write_page_checksum": True},
                        {"compression": "ZSTD", "data_page_version": "2.0", "row_group_size": 2}):
            out = io.BytesIO()
            pq.write_table(table, out, **options)
            found.append(out.getvalue())
    return found


def damaged(whole: bytes, rng: random.Random) -> bytes:
    data = bytearray(whole)
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    first = footer if rng.random() < 0.5 else 4
    for _ in range(rng.choice((1, 1, 2, 5, 30))):
        data[rng.randrange(first, len(data))] = rng.randrange(256)
    if rng.random() < 0.1:
        del data[rng.randrange(4, len(data)):]
    return bytes(data)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--astrom3", default="build/release/bin/astrom3")
    parser.add_argument("--files", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    rng = random.Random(a.seed)
    sources = files()
    answers: collections.Counter = collections.Counter()
    bad = []
    with tempfile.TemporaryDirectory() as root:
        for batch in range(-(-a.files // BATCH)):
            paths = [pathlib.Path(root) / f"f{i}.parquet" for i in range(BATCH)]
            for path in paths:
                path.write_bytes(damaged(rng.choice(sources), rng))
            try:
                done = subprocess.run(
                    [a.astrom3, "inspect", "--json", "--quiet", *map(str, paths)], capture_output=True, timeout=60, check=False,
                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30)))
            except subprocess.TimeoutExpired:
                bad.append(f"batch {batch}: no end after a minute")
                continue
            reports = [json.loads(line) for line in done.stdout.decode(errors="replace").splitlines()]
            if done.returncode not in (0, 3) or len(reports) != BATCH:
                bad.append(f"batch {batch}: exit code {done.returncode}, {len(reports)} answers: {done.stderr[-300:]!r}")
            for report in reports:
                answers.update(report["rejected"] if report["rejected"] else {"read": 1})
    print(f"{a.files} damaged files: {dict(answers.most_common())}; {len(bad)} violations")
    print("".join(text + "\n" for text in bad[:20]), end="")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
