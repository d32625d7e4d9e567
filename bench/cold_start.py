# SPDX-License-Identifier: MIT
"""How long a user waits for one light curve: from the start of the process to the row written.

    python3 bench/cold_start.py [BUILD_DIR] [--runs N]

Runs `astrom3 embed ONE.dat -o OUT.csv` N times, and in turn with it the commands that do less, files in the page cache:
medians and minima of the wall time and of processor time, from fork to exit. The model is the bundled one. In Python,
which needs NumPy: a process that imports astrom3 and embeds one light curve, beside one that imports NumPy.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
STAR = HERE.parent / "examples" / "asassn_like" / "SIM-RRAB-1.dat"


FIRST_CALL = """
import math, astrom3
model = astrom3.AstroM3()
time = [0.37 * i + 0.01 * (i % 7) for i in range(200)]
model(time, [3 + math.sin(5.1 * t) for t in time], [0.02] * 200)
"""


def seconds(command, environment):
    """By the wall clock and of processor time."""
    start = time.perf_counter()
    process = os.posix_spawn(command[0], list(map(str, command)), {**os.environ, **environment},
                             file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
                                           (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)])
    _, status, used = os.wait4(process, 0)
    if status != 0:
        raise RuntimeError(f"{command} failed")
    return time.perf_counter() - start, used.ru_utime + used.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", type=Path, default=Path("build/release"))
    parser.add_argument("--runs", type=int, default=30)
    options = parser.parse_args()
    astrom3 = str((options.build / "bin" / "astrom3").resolve())
    # As installed: with compiled modules, which the first run writes.
    package = {"PYTHONPATH": str(HERE.parent / "python"), "PYTHONDONTWRITEBYTECODE": "",
               "ASTROM3_LIBRARY": str((options.build / "lib" / "libastrom3_c.so").resolve())}
    with tempfile.TemporaryDirectory() as temporary:
        star = [str(STAR), "--band", "V", "-o", Path(temporary, "out.csv")]
        catalog = ["--features", STAR.parent / "catalog.csv"]
        commands = {
            "astrom3 --version": [astrom3, "--version"],
            "astrom3 info: the model loaded and hashed": [astrom3, "info"],
            "astrom3 features of one light curve": [astrom3, "features", *star],
            "astrom3 embed of one light curve": [astrom3, "embed", *star],
            "the same with its features given": [astrom3, "embed", *star, *catalog],
            "the same in int8": [astrom3, "embed", *star, *catalog, "--precision", "int8"],
            "Python: import numpy": [sys.executable, "-c", "import numpy"],
            "Python: import astrom3 and the first embedding": [sys.executable, "-c", FIRST_CALL],
        }
        times = {name: [] for name in commands}
        for turn in range(options.runs + 1):
            for name, command in commands.items():
                found = seconds(command, package if name.startswith("Python") else {})
                if turn > 0:
                    times[name].append(found)
    print("| from start to exit | median | fastest | processor time, median |\n|---|---|---|---|")
    for name, values in times.items():
        wall, processor = zip(*values)
        print(f"| {name} | {1e3 * statistics.median(wall):.0f} ms | {1e3 * min(wall):.0f} ms | {1e3 * statistics.median(processor):.0f} ms |")


if __name__ == "__main__":
    main()
