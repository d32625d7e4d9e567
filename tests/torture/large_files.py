#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A CSV table of 5 GB and a Parquet file of 10 GB with lists go through in under 1 GB of memory.

    .venv/bin/python tests/torture/large_files.py [FOLDER] [--astrom3 build/release/bin/astrom3] [--csv-gb 5]
        [--parquet-gb 10] [--row-group 1048576] [--seconds 300]

Each file is written into FOLDER (default: a temporary one), read and cleaned whole by `features --check` on one thread,
embedded with the tiny checkpoint into parts for at most so many seconds, stopped by SIGTERM, gone on with by --resume for
as long again, and removed. Row groups are of the size that pyarrow and pandas write. Prints a line a run: objects,
seconds, and the largest resident memory; exits 1 where that was 10^9 bytes or more, or an object was lost. Needs pyarrow.
"""

import argparse
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

N_POINTS = 60
MEMORY_LIMIT = 10**9
GIVEN = ["--set", "amplitude=4", "--set", "period=1.5", "--set", "lksl_statistic=0.4", "--set", "rfr_score=0.9"]


def columns(first: int, n_objects: int) -> tuple[pa.Array, list[np.ndarray]]:
    """Ids, and time, flux and error of all observations."""
    rng = np.random.default_rng(first)
    n = n_objects * N_POINTS
    ids = pa.array(np.char.add("star", np.arange(first, first + n_objects).astype(str)))
    time_ = np.round(2457000 + np.tile(3.1 * np.arange(N_POINTS), n_objects) + rng.random(n), 5)
    return ids, [time_, np.round(40 + 2 * rng.standard_normal(n), 4), np.round(0.05 + 0.01 * rng.random(n), 4)]


def write_csv(path: pathlib.Path, n_bytes: int) -> int:
    schema = pa.schema([("object_id", pa.string()), ("hjd", pa.float64()), ("flux", pa.float64()), ("flux_err", pa.float64())])
    n_objects, step = 0, 10_000
    options = pa.csv.WriteOptions(quoting_style="none")
    with open(path, "wb") as file, pa.csv.CSVWriter(file, schema, write_options=options) as writer:
        while file.tell() < n_bytes:
            ids, values = columns(n_objects, step)
            repeated = ids.take(pa.array(np.repeat(np.arange(step), N_POINTS)))
            writer.write_table(pa.table([repeated, *values], schema=schema))
            n_objects += step
    return n_objects


def write_parquet(path: pathlib.Path, n_bytes: int, row_group: int) -> int:
    lists = pa.list_(pa.float64())
    schema = pa.schema([("object_id", pa.string()), ("time", lists), ("flux", lists), ("flux_err", lists)])
    n_objects = 0
    with open(path, "wb") as file, pq.ParquetWriter(file, schema, use_dictionary=False, compression="none") as writer:
        while file.tell() < n_bytes:
            ids, values = columns(n_objects, row_group)
            offsets = pa.array(np.arange(row_group + 1, dtype=np.int32) * N_POINTS)
            table = pa.table([ids, *(pa.ListArray.from_arrays(offsets, pa.array(v)) for v in values)], schema=schema)
            writer.write_table(table, row_group_size=row_group)
            n_objects += row_group
    return n_objects


def peak_bytes(pid: int) -> int:
    """Not ru_maxrss, in which Linux counts what the process was before exec: this script, with a table in hand."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


def run(command: list[str], seconds: float | None) -> tuple[int, str, float, int]:
    """Exit code, standard output, seconds and the largest resident memory in bytes; SIGTERM after `seconds`."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    memory, stopped = 0, False
    while process.poll() is None:
        memory = max(memory, peak_bytes(process.pid))
        if seconds is not None and not stopped and time.monotonic() - begin > seconds:
            process.send_signal(signal.SIGTERM)
            stopped = True
        time.sleep(0.05)
    return process.returncode, process.stdout.read(), time.monotonic() - begin, memory


class Measured:
    def __init__(self, program: str, model: str, seconds: float) -> None:
        self.program, self.model, self.seconds = program, model, seconds
        self.n_bad = 0

    def report(self, what: str, n: int, seconds: float, memory: int, bad: str) -> None:
        bad = bad or ("too much memory" if memory >= MEMORY_LIMIT else "")
        self.n_bad += bad != ""
        print(f"  {what}: {n} objects in {seconds:.0f} s, at most {memory / 1e6:.0f} MB resident {bad}", flush=True)

    def check(self, path: pathlib.Path, n_objects: int) -> None:
        code, out, seconds, memory = run([self.program, "features", str(path), "--check", "--threads", "1", "--json", "-q"], None)
        summary = json.loads(out) if code == 0 else {"objects": 0}
        self.report("features --check, one thread", summary["objects"], seconds, memory,
                    "" if (code, summary["objects"]) == (0, n_objects) else f"exit code {code}, {n_objects} objects expected")

    def embed(self, path: pathlib.Path, n_objects: int) -> None:
        folder = path.with_name("run")
        command = [self.program, "embed", str(path), "--model", self.model, *GIVEN, "--threads", "2", "-q", "-o", f"{folder}/",
                   "--part-objects", "10000", "--resume"]
        n_before = 0
        for what in ("embed into parts", "the same, resumed"):
            code, _, seconds, memory = run(command, self.seconds)
            lines = [json.loads(line) for line in (folder / "_manifest.jsonl").read_text().splitlines()]
            parts = [line for line in lines if "part" in line]
            n = sum(part["ok"] for part in parts)
            is_whole = "complete" in lines[-1]
            bad = "" if code == (0 if is_whole else 143) else f"exit code {code}"
            if n <= n_before or (is_whole and n != n_objects) or sum(part["objects"] for part in parts) != n:
                bad = f"{n_objects} objects expected"
            if {p.name for p in folder.glob("part-*")} != {part["file"] for part in parts}:
                bad = "other parts than in the manifest"
            self.report(what + (", to the end" if is_whole else ", and stopped"), n - n_before, seconds, memory, bad)
            n_before = n
            if is_whole:
                break
        shutil.rmtree(folder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=pathlib.Path)
    parser.add_argument("--astrom3", default="build/release/bin/astrom3")
    parser.add_argument("--model", default="tests/golden/tiny")
    parser.add_argument("--csv-gb", type=float, default=5)
    parser.add_argument("--parquet-gb", type=float, default=10)
    parser.add_argument("--row-group", type=int, default=1 << 20)
    parser.add_argument("--seconds", type=float, default=300)
    a = parser.parse_args()
    measured = Measured(a.astrom3, a.model, a.seconds)
    with tempfile.TemporaryDirectory(dir=a.folder) as name:
        for path, gigabytes in ((pathlib.Path(name) / "survey.csv", a.csv_gb), (pathlib.Path(name) / "survey.parquet", a.parquet_gb)):
            if gigabytes <= 0:
                continue
            n_bytes = int(gigabytes * 1e9)
            n_objects = write_csv(path, n_bytes) if path.suffix == ".csv" else write_parquet(path, n_bytes, a.row_group)
            print(f"{path.name}: {path.stat().st_size / 1e9:.2f} GB, {n_objects} objects, {n_objects * N_POINTS} observations", flush=True)
            measured.check(path, n_objects)
            measured.embed(path, n_objects)
            path.unlink()
    return 1 if measured.n_bad else 0


if __name__ == "__main__":
    sys.exit(main())
