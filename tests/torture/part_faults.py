#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails every system call of a run in parts once, then resumes it.

    tests/torture/part_faults.py [--astrom3 build/release/bin/astrom3] [--every N]

A run of 12 stars in parts of 4 is repeated under `strace -e inject=CALL:error=ERRNO:when=K` for every call of CALLS,
every errno of ERRORS and every K that the undisturbed run reaches; then, as root, on a tmpfs of each size in 4 KiB
steps. After each:

  * every part-*.parquet is absent or byte for byte that of the undisturbed run;
  * the exit code is 6 where the call was one on the output folder (EINTR, unlink and close may be survived); elsewhere
    it is that of the undisturbed run, 4, 5 or 6 where an input or a part of the program could not be loaded; never a crash;
  * the same command, undisturbed, makes the folder byte for byte that of the undisturbed run, also where the table itself
    could not be read before.

A call only counts where strace says that it was failed. Prints the calls, and one line a step; exits 1 on any violation.
Needs strace.
"""

import argparse
import collections
import itertools
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from survey import FolderRun, write_survey

CALLS = [
    "openat",
    "write",
    "pwrite64",
    "fsync",
    "close",
    "renameat2",
    "renameat",
    "unlinkat",
    "mkdir",
    "ftruncate",
    "flock",
    "read",
    "pread64",
    "newfstatat",
    "getdents64",
]
ERRORS = ["ENOSPC", "EIO", "EINTR", "EDQUOT", "EMFILE"]
OUTPUT_ERROR = 6
UNDISTURBED = 3  # one star is bad
ALLOWED = {UNDISTURBED, 4, 5, 6, 127}  # 127: the loader could not open a library


def count_calls(run: FolderRun, log: pathlib.Path) -> collections.Counter:
    run.clear()
    run.run(("strace", "-f", "-qq", "-e", "trace=" + ",".join(CALLS), "-o", str(log)))
    return collections.Counter(re.findall(r"^\d+\s+(?:<\.\.\. )?(\w+)(?=\()", log.read_text(errors="replace"), re.M))


def violations(run: FolderRun, exit_code: int, injected: str, expected: dict[str, str]) -> list[str]:
    found = []
    if exit_code not in ALLOWED:
        found.append(f"exit code {exit_code}")
    # The lock's own name in it is for people; the lock left behind is nobody's.
    of_lock = ".astrom3.lock" in injected and injected.startswith(("pwrite64", "ftruncate", "unlinkat", "newfstatat"))
    if str(run.folder) in injected and exit_code != OUTPUT_ERROR and not of_lock:
        survivable = "EINTR" in injected or injected.startswith(("unlink", "close", "newfstatat"))
        if not (survivable and exit_code == UNDISTURBED):
            found.append(f"exit code {exit_code} instead of {OUTPUT_ERROR}")
    there = run.contents() if run.folder.exists() else {}
    if of_lock and exit_code == UNDISTURBED:
        there.pop(".astrom3.lock", None)
    is_of_input = run.table in injected  # which is a reject with code io_error then, and is tried again
    for name, digest in there.items():
        if name.startswith("part-") and name.endswith(".parquet") and expected.get(name) != digest and not is_of_input:
            found.append(f"{name} is final and differs")
    if exit_code == UNDISTURBED and there != expected and not is_of_input:
        found.append("finished and differs")
    again = run.run()
    if again != UNDISTURBED or run.contents() != expected:
        found.append(f"resumed with {again} and differs")
    return found


def inject_faults(run: FolderRun, every: int, log: pathlib.Path, expected: dict[str, str]) -> tuple[int, list[str]]:
    counts = count_calls(run, log)
    print(
        ", ".join(f"{counts[call]} {call}" for call in CALLS)
        + f": {sum(counts.values())} calls, {len(ERRORS)} errors each"
    )
    n_runs, bad = 0, []
    for call, error in itertools.product(CALLS, ERRORS):
        for k in range(1, counts[call] + 1, every):
            run.clear()
            inject = f"inject={call}:error={error}:when={k}"
            exit_code = run.run(("strace", "-f", "-y", "-qq", "-e", f"trace={call}", "-e", inject, "-o", str(log)))
            lines = [line for line in log.read_text(errors="replace").splitlines() if "INJECTED" in line]
            if not lines:  # the counts are those of all threads, strace's of one
                continue
            injected = re.sub(r"^\d+\s+", "", lines[0])
            n_runs += 1
            bad += [
                f"{call} {error} #{k}: {what}: {injected}" for what in violations(run, exit_code, injected, expected)
            ]
    return n_runs, bad


def fill_disk(run: FolderRun, expected: dict[str, str]) -> tuple[int, list[str]]:
    n_runs, bad = 0, []
    run.clear()
    run.folder.mkdir()
    for size in range(4096, 1 << 24, 4096):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(run.folder)], check=True)
        try:
            exit_code = run.run()
            for name, digest in run.contents().items():
                if name.startswith("part-") and name.endswith(".parquet") and expected.get(name) != digest:
                    bad.append(f"tmpfs of {size} bytes: {name} is final and differs")
            if exit_code not in (UNDISTURBED, 6):
                bad.append(f"tmpfs of {size} bytes: exit code {exit_code}")
            subprocess.run(["mount", "-o", "remount,size=16m", str(run.folder)], check=True)
            if run.run() != UNDISTURBED or run.contents() != expected:
                bad.append(f"tmpfs of {size} bytes: differs when resumed with room")
        finally:
            subprocess.run(["umount", str(run.folder)], check=True)
        n_runs += 1
        if exit_code == UNDISTURBED:
            break
    return n_runs, bad


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--astrom3", default="build/release/bin/astrom3")
    parser.add_argument("--every", type=int, default=1, help="only each N-th index of a call")
    a = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        folder = pathlib.Path(root)
        table = write_survey(folder / "survey.csv", 12, 12)
        run = FolderRun(os.path.abspath(a.astrom3), ["features", "--threads", "1"], table, folder / "run", 4)
        if run.run() != UNDISTURBED:
            print("the undisturbed run failed", file=sys.stderr)
            return 1
        expected = run.contents()
        steps = {"faults": inject_faults(run, a.every, folder / "strace.log", expected)}
        if os.geteuid() == 0:
            steps["full disks"] = fill_disk(run, expected)
    bad = [text for _, texts in steps.values() for text in texts]
    print(", ".join(f"{n} {what}" for what, (n, _) in steps.items()) + f", {len(bad)} violations")
    print("".join(text + "\n" for text in bad[:20]), end="")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
