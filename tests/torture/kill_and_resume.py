#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Kills a run at random moments, resumes it, and compares what comes out with a run that nothing ended.

    .venv/bin/python tests/torture/kill_and_resume.py [--astrom3 build/release/bin/astrom3] [--model DIR] [--kills 1000] [--seed 1]

A table of 120 stars, a tenth of them bad, is embedded into a folder in parts of 8. The process gets SIGKILL after a
uniformly random time of at most that of the whole run, and the same command is given again, until the run is complete;
then the folder is compared, file by file, with that of a run which nothing ended, and the next run begins. That reference
has every star once and in order. Prints one line; exits 1 when a file differs, is missing or is too many. Needs pyarrow.
"""

import argparse
import pathlib
import random
import subprocess
import sys
import tempfile
import time

from survey import FolderRun, object_ids, write_survey

N_STARS = 120
PART = 8


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--astrom3", default="build/release/bin/astrom3")
    parser.add_argument("--model", default="tests/golden/tiny")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    rng = random.Random(a.seed)
    with tempfile.TemporaryDirectory() as root:
        table = write_survey(pathlib.Path(root) / "survey.csv", N_STARS)
        command = ["embed", "--model", a.model, "--threads", "2"]
        program = str(pathlib.Path(a.astrom3).resolve())
        reference = FolderRun(program, command, table, pathlib.Path(root) / "reference", PART)
        begin = time.monotonic()
        if reference.run() != 3:
            print("the reference run failed", file=sys.stderr)
            return 1
        duration = time.monotonic() - begin
        if object_ids(reference.folder) != [f"star{star:05}" for star in range(N_STARS)]:
            print("the reference run lost or doubled a star", file=sys.stderr)
            return 1
        expected = reference.contents()
        run = FolderRun(program, command, table, pathlib.Path(root) / "run", PART)
        n_kills = n_runs = n_different = 0
        n_parts_seen = set()
        while n_kills < a.kills or run.folder.exists():
            process = subprocess.Popen(run.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(timeout=rng.uniform(0, duration) if n_kills < a.kills else 600)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                n_kills += 1
                if run.folder.exists():
                    n_parts_seen.add(len(list(run.folder.glob("part-*.parquet"))))
                continue
            n_runs += 1
            if process.returncode != 3 or run.contents() != expected:
                n_different += 1
                print(f"run {n_runs} ended with {process.returncode} and differs", file=sys.stderr)
            run.clear()
    print(f"{n_kills} kills in {n_runs} runs of {len(expected) - 2} parts (killed with {min(n_parts_seen)} to "
          f"{max(n_parts_seen)} parts there, {duration:.2f} s uninterrupted): {n_different} runs differ")
    return 1 if n_different else 0


if __name__ == "__main__":
    sys.exit(main())
