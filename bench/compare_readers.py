# SPDX-License-Identifier: MIT
"""Our readers beside pandas and pyarrow on this machine, in one interleaved run.

    .venv/bin/python bench/compare_readers.py [BUILD_DIR] [--rounds N] [--stars N]

One long CSV table (an observation a row, 300 of a star, as the ASAS-3 training set) and the same stars as Parquet with
lists and with lists of structs. Everything runs on one thread, from a warm page cache, and is clocked in CPU seconds. pandas and pyarrow parse the
text into columns and stop there; astrom3 also groups the rows into light curves and turns magnitudes into mJy. pandas
has two parsers: the fast one may be off by a bit in the last place, `round_trip` is exact, as ours is. For Parquet,
pyarrow reads the same columns batch by batch and does nothing with them: what Arrow costs by itself. Prints medians
over the rounds.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "ARROW_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.csv  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from turns import processor_name, take_turns  # noqa: E402

ROWS = 300  # of a star


def write_inputs(folder, n_stars):
    """The stars as long.csv, lists.parquet and structs.parquet."""
    rng = np.random.default_rng(1)
    shape = (n_stars, ROWS)
    time_ = np.sort(2452000 + rng.integers(0, 300_000_000, shape) * 1e-5, axis=1).round(5).ravel()
    mag = (9 + rng.integers(0, 2000, shape) * 1e-3).round(3).ravel()
    error = ((10 + rng.integers(0, 80, shape)) * 1e-3).round(3).ravel()
    ids = [f"ASAS_{i:06d}+2553.2" for i in range(n_stars)]
    offsets = pa.array(np.arange(0, n_stars * ROWS + 1, ROWS, dtype=np.int32))
    pa.csv.write_csv(pa.table({"object_id": np.repeat(ids, ROWS), "hjd": time_, "mag": mag, "mag_err": error}),
                     folder / "long.csv", pa.csv.WriteOptions(quoting_style="none"))
    columns = {"hjd": pa.array(time_), "mag": pa.array(mag.astype(np.float32)), "mag_err": pa.array(error.astype(np.float32))}
    lists = {name: pa.ListArray.from_arrays(offsets, column) for name, column in columns.items()}
    pq.write_table(pa.table({"object_id": ids, **lists}), folder / "lists.parquet", compression="zstd", row_group_size=2000)
    structs = pa.StructArray.from_arrays(list(columns.values()), list(columns))
    pq.write_table(pa.table({"object_id": ids, "lc": pa.ListArray.from_arrays(offsets, structs)}),
                   folder / "structs.parquet", compression="zstd", row_group_size=2000)


class Astrom3:
    def __init__(self, build):
        self.process = subprocess.Popen([build / "bin" / "bench_read_worker"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.version = self.process.stdout.readline().split()[1]

    def ask(self, line, expected):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        seconds, n = self.process.stdout.readline().split()
        if int(n) != expected:
            raise RuntimeError(f"{line}: {n} read, expected {expected}")
        return float(seconds)


def clocked(function):
    start = time.process_time()
    function()
    return time.process_time() - start


def read_batches(path):
    for _ in pq.ParquetFile(path).iter_batches(batch_size=1024, use_threads=False):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", type=Path, default=Path("build/release"))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--stars", type=int, default=6000)
    options = parser.parse_args()
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_inputs(folder, options.stars)
        csv = folder / "long.csv"
        n = options.stars * ROWS
        astrom3 = Astrom3(options.build)
        one_thread = pa.csv.ReadOptions(use_threads=False)
        contenders = {
            ("CSV", "astrom3, light curves in mJy"): lambda: astrom3.ask(f"read V {csv}", n),
            ("CSV", "astrom3, fields alone"): lambda: astrom3.ask(f"records {csv}", 4 * (n + 1)),
            ("CSV", f"pandas {pd.__version__}, columns"): lambda: clocked(lambda: pd.read_csv(csv)),
            ("CSV", f"pandas {pd.__version__}, columns, exact numbers"): lambda: clocked(
                lambda: pd.read_csv(csv, float_precision="round_trip")),
            ("CSV", f"pyarrow {pa.__version__}, columns"): lambda: clocked(lambda: pa.csv.read_csv(csv, one_thread)),
        }
        for name in ("lists", "structs"):
            path = folder / f"{name}.parquet"
            contenders[f"Parquet, {name}", "astrom3, light curves in mJy"] = lambda p=path: astrom3.ask(f"read V {p}", n)
            contenders[f"Parquet, {name}", f"pyarrow {pa.__version__}, columns"] = lambda p=path: clocked(
                lambda: read_batches(p))
        seconds = take_turns(contenders, options.rounds)
        megabytes = csv.stat().st_size / 1e6

    print(f"{processor_name()}, one thread, astrom3 {astrom3.version}; {n} observations of {options.stars} stars, {megabytes:.0f} MB "
          f"as CSV; medians of {options.rounds} interleaved rounds\n")
    print("| input | reader | CPU ms | ns an observation | MB/s of CSV | x astrom3 |\n|---|---|---|---|---|---|")
    for (kind, name), values in seconds.items():
        median = statistics.median(values)
        ours = statistics.median(seconds[kind, "astrom3, light curves in mJy"])
        rate = f"{megabytes / median:.0f}" if kind == "CSV" else "–"
        print(f"| {kind} | {name} | {1e3 * median:.0f} | {1e9 * median / n:.0f} | {rate} | {median / ours:.2f} |")


if __name__ == "__main__":
    main()
