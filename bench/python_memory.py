# SPDX-License-Identifier: MIT
"""Peak memory while a stream of light curves is embedded batch by batch: it must not grow with their number.

    .venv/bin/python bench/python_memory.py [BUILD_DIR] [--light-curves N] [--batch N]

Synthetic light curves of 5 to 40 observations as record batches that are made when they are asked for, through
`model.map_arrow`, with features given and a small checkpoint (tests/golden/tiny), so that it takes a minute. Prints the
peak resident memory after each tenth.
"""

import argparse
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
GIVEN = {"amplitude": 0.4, "period": 0.7, "lksl_statistic": 0.3, "rfr_score": 0.6}


def peak_mib():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024


def batches(n, size):
    import numpy as np
    import pyarrow as pa

    rng = np.random.default_rng(1)
    for first in range(0, n, size):
        counts = rng.integers(5, 41, min(size, n - first))
        offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
        total = counts.sum()
        columns = {"hmjd": rng.uniform(58_000, 59_000, total), "mag": rng.normal(15, 0.3, total).astype(np.float32),
                   "magerr": np.full(total, 0.02, np.float32)}
        lists = {name: pa.ListArray.from_arrays(offsets, pa.array(values)) for name, values in columns.items()}
        yield pa.RecordBatch.from_pydict({"objectid": pa.array(np.arange(first, first + len(counts))), **lists})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", type=Path, default=Path("build/release"))
    parser.add_argument("--light-curves", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=10_000)
    options = parser.parse_args()
    os.environ["ASTROM3_LIBRARY"] = str((options.build / "lib" / "libastrom3_c.so").resolve())
    sys.path.insert(0, str(HERE.parent / "python"))
    import astrom3

    model = astrom3.AstroM3(HERE.parent / "tests" / "golden" / "tiny")
    embed = model.map_arrow(keep=["objectid"], mag=True, band="g", features=GIVEN)
    begin, done, step = time.perf_counter(), 0, max(1, options.light_curves // 10)
    print("| light curves | peak memory, MiB |\n|---|---|")
    for batch in embed(batches(options.light_curves, options.batch)):
        before, done = done, done + batch.num_rows
        if before // step != done // step or before == 0:
            print(f"| {done:,} | {peak_mib():.0f} |")
    print(f"\nbatches of {options.batch:,}, {time.perf_counter() - begin:.0f} s")


if __name__ == "__main__":
    main()
