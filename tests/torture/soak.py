#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A long run over synthetic objects with faults of every class: each fault has its code, no good object is lost.

    tests/torture/soak.py [--astrom3 build/release/bin/astrom3] [--objects 1000000] [--points 12]

The objects are in one long table, of which 64 MiB may be held. One in a hundred is faulty, with the classes taken in
turn. `--check` reads and cleans every object, on two threads. Prints objects, faults by code, the resident memory
after a tenth and at the end, and the file descriptors; exits 1 when a count differs, or when memory in the last third was over 10 % above that in the
first, not counting the 24 bytes an object that a table too large to be held may cost: the ids of the past, as hashes.
"""

import argparse
import collections
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

# A faulty row, given time, flux and error as text; and the code it must get.
FAULTS = [
    ("not_a_number", lambda t, f, e: f"{t},oops,{e}"),
    ("missing_value", lambda t, f, e: f"{t},,{e}"),
    ("nonfinite", lambda t, f, e: f"{t},inf,{e}"),
    ("upper_limit", lambda t, f, e: f"{t},>17.2,{e}"),
    ("field_count", lambda t, f, e: f"{t},{f}"),
    ("negative_error", lambda t, f, e: f"{t},{f},-1"),
    ("not_text", lambda t, f, e: f"{t},{f}\0,{e}"),
    ("bad_encoding", lambda t, f, e: f"{t},\udcff{f},{e}"),
    ("implausible_time_span", lambda t, f, e: f"1e9,{f},{e}"),
]


def write_objects(out, n_objects: int, n_points: int, expected: collections.Counter) -> None:
    rng = random.Random(1)
    n_faults = 0
    out.write(b"object_id,hjd,flux,flux_err\n")
    for number in range(n_objects):
        rows = [(f"{2457000 + 3.1 * i + rng.random():.5f}", f"{40 + rng.gauss(0, 2):.4f}", "0.05") for i in range(n_points)]
        lines = [f"s{number},{t},{f},{e}" for t, f, e in rows]
        if number % 100 == 37:
            code, spoil = FAULTS[n_faults % len(FAULTS)]
            n_faults += 1
            at = rng.randrange(n_points)
            lines[at] = f"s{number}," + spoil(*rows[at])
            expected[code] += 1
        out.write(("\n".join(lines) + "\n").encode("utf-8", "surrogateescape"))


def resident_mib(pid: int) -> float:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--astrom3", default="build/release/bin/astrom3")
    parser.add_argument("--objects", type=int, default=1_000_000)
    parser.add_argument("--points", type=int, default=12)
    a = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        table = pathlib.Path(root) / "survey.csv"
        expected: collections.Counter = collections.Counter()
        with open(table, "wb", buffering=1 << 20) as file:
            write_objects(file, a.objects, a.points, expected)
        begin = time.monotonic()
        process = subprocess.Popen([a.astrom3, "features", str(table), "--check", "--json", "--quiet", "--threads", "2",
                                    "--memory", "64M"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        samples = []
        while process.poll() is None:
            try:
                samples.append((resident_mib(process.pid), len(list(pathlib.Path(f"/proc/{process.pid}/fd").iterdir()))))
            except OSError:
                break
            time.sleep(0.05)
        out, _ = process.communicate()
        seconds = time.monotonic() - begin
        size = table.stat().st_size
    summary = json.loads(out)
    bad = []
    n_faults = sum(expected.values())
    if summary["objects"] != a.objects or summary["ok"] != a.objects - n_faults:
        bad.append(f"{summary['objects']} objects, {summary['ok']} ok")
    if summary["rejected"] != dict(expected):
        bad.append(f"rejected {summary['rejected']}, expected {dict(expected)}")
    samples = [sample for sample in samples if sample[0] > 0]
    early = max(memory for memory, _ in samples[: max(1, len(samples) // 3)])
    late = max(memory for memory, _ in samples[2 * len(samples) // 3:])
    files = {n for _, n in samples[len(samples) // 10 : -1]}
    if late > 1.1 * early + a.objects * 24 / (1 << 20):
        bad.append(f"memory grew from {early:.0f} to {late:.0f} MiB")
    print(f"{a.objects} objects, {size >> 20} MiB, {seconds:.0f} s; {n_faults} faults of {len(FAULTS)} classes, each with "
          f"its code; resident memory {early:.1f} MiB in the first third, {late:.1f} MiB in the last; file descriptors "
          f"{sorted(files)}; {len(bad)} violations")
    print("".join(text + "\n" for text in bad), end="")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
