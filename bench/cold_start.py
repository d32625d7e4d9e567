# SPDX-License-Identifier: MIT
"""How long a user waits for one light curve: from the start of the process to the row written.

    python3 bench/cold_start.py [BUILD_DIR] [--runs N]

Runs `astrom3 embed ONE.dat -o OUT.csv` N times, and in turn with it the commands that do less, files in the page cache:
medians and minima of the wall time, from fork to exit. The model has the published size and random weights.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
STAR = HERE.parent / "examples" / "asassn_like" / "SIM-RRAB-1.dat"


def seconds(command):
    start = time.perf_counter()
    process = os.posix_spawn(command[0], list(map(str, command)), os.environ,
                             file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
                                           (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)])
    _, status = os.waitpid(process, 0)
    if status != 0:
        raise RuntimeError(f"{command} failed")
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", type=Path, default=Path("build/release"))
    parser.add_argument("--runs", type=int, default=30)
    options = parser.parse_args()
    astrom3 = str((options.build / "bin" / "astrom3").resolve())
    with tempfile.TemporaryDirectory() as temporary:
        model, out = Path(temporary, "checkpoint"), Path(temporary, "out.csv")
        subprocess.run([astrom3, "init", "--seed", "1", "-o", model, "-q"], check=True)
        star = [str(STAR), "--band", "V", "-o", out]
        commands = {
            "astrom3 --version": [astrom3, "--version"],
            "astrom3 info: the model loaded and hashed": [astrom3, "info", "--model", model],
            "astrom3 features of one light curve": [astrom3, "features", *star],
            "astrom3 embed of one light curve": [astrom3, "embed", *star, "--model", model],
            "the same with its features given": [astrom3, "embed", *star, "--model", model, "--features",
                                                 STAR.parent / "catalog.csv"],
            "the same in int8": [astrom3, "embed", *star, "--model", model, "--features", STAR.parent / "catalog.csv",
                                 "--precision", "int8"],
        }
        times = {name: [] for name in commands}
        for _ in range(options.runs):
            for name, command in commands.items():
                times[name].append(seconds(command))
    print("| from start to exit | median | fastest |\n|---|---|---|")
    for name, values in times.items():
        print(f"| {name} | {1e3 * statistics.median(values):.0f} ms | {1e3 * min(values):.0f} ms |")


if __name__ == "__main__":
    main()
