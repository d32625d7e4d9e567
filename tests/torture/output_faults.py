#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails every system call of a small run once and checks what is left of the output.

    tests/torture/output_faults.py [--astrom3 build/release/bin/astrom3] [--every N] INPUT...

For each format the run is repeated under `strace -e inject=CALL:error=ERRNO:when=K`, for every call of CALLS, every
errno of ERRORS and every K that the undisturbed run reaches (a call counts where strace says that it was failed); then once for each file size limit, and (as root) on a
tmpfs of each size in 4 KiB steps. After every run:

  * each final file is absent or byte for byte that of the undisturbed run (exit code 3, an input that could not be
    opened or read, has other rows);
  * exit code 0 means that all of them are there;
  * a failed write, fsync, close, rename or creation in the output folder means exit code 6 (EINTR may be survived);
  * nothing temporary is left, unless removing it was what failed.

Prints one line a format and exits 1 on any violation. Needs strace.
"""

import argparse
import collections
import hashlib
import itertools
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile

CALLS = ["openat", "write", "pwrite64", "fsync", "close", "renameat2", "renameat", "unlinkat", "mkdir"]
ERRORS = ["ENOSPC", "EIO", "EINTR", "EDQUOT", "EMFILE"]
OUTPUT_EXIT_CODE = 6
REJECTS_EXIT_CODE = 3
TIMEOUT_S = 60


class Case:
    """One command whose output goes into `folder`."""

    def __init__(self, name: str, command: list[str], folder: pathlib.Path) -> None:
        self.name = name
        self.command = command
        self.folder = folder
        self.reference: dict[str, str] = {}

    def clear(self) -> None:
        for entry in self.folder.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    def files(self) -> dict[str, str]:
        return {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.folder.rglob("*")
            if path.is_file()
        }

    def run(self, prefix: list[str] = (), **options: object) -> int:
        self.clear()
        done = subprocess.run([*prefix, *self.command], capture_output=True, timeout=TIMEOUT_S, **options)
        return done.returncode

    def violations(self, exit_code: int, injected: str) -> list[str]:
        found = []
        files = self.files()
        temporary = [name for name in files if ".tmp." in name]
        final = {name: digest for name, digest in files.items() if ".tmp." not in name}
        for name, digest in final.items():
            if exit_code != REJECTS_EXIT_CODE and self.reference.get(name) != digest:
                found.append(f"{name} is final and differs from the undisturbed run's")
        if exit_code == 0 and final != self.reference:
            found.append("exit code 0 without all files")
        if temporary and not injected.startswith("unlink"):
            found.append(f"left behind: {temporary}")
        if exit_code < 0 or exit_code in (70, 134, 139):
            found.append(f"exit code {exit_code}")
        if str(self.folder) in injected:
            survivable = "EINTR" in injected or injected.startswith(("unlink", "close"))
            if exit_code != OUTPUT_EXIT_CODE and not (survivable and exit_code == 0):
                found.append(f"exit code {exit_code} instead of {OUTPUT_EXIT_CODE}")
        return found


def count_calls(case: Case, log: pathlib.Path) -> collections.Counter:
    case.run(["strace", "-f", "-qq", "-e", "trace=" + ",".join(CALLS), "-o", str(log)])
    return collections.Counter(re.findall(r"^\d+\s+(?:<\.\.\. )?(\w+)(?=\()", log.read_text(errors="replace"), re.M))


def inject_faults(case: Case, every: int, log: pathlib.Path) -> tuple[int, list[str]]:
    counts = count_calls(case, log)
    print(f"{case.name}: " + ", ".join(f"{counts[call]} {call}" for call in CALLS) +
          f": {sum(counts.values())} calls, {len(ERRORS)} errors each", flush=True)
    n_runs, bad = 0, []
    for call, error in itertools.product(CALLS, ERRORS):
        for k in range(1, counts[call] + 1, every):
            inject = f"inject={call}:error={error}:when={k}"
            exit_code = case.run(["strace", "-f", "-y", "-qq", "-e", f"trace={call}", "-e", inject, "-o", str(log)])
            lines = [line for line in log.read_text(errors="replace").splitlines() if "INJECTED" in line]
            if not lines:  # the counts are those of all threads, strace's of one
                continue
            injected = re.sub(r"^\d+\s+", "", lines[0])
            n_runs += 1
            bad += [f"{case.name}: {call} {error} #{k}: {what}: {injected}" for what in case.violations(exit_code, injected)]
    return n_runs, bad


def limit_file_size(case: Case) -> tuple[int, list[str]]:
    case.run()
    largest = max(path.stat().st_size for path in case.folder.rglob("*") if path.is_file())
    n_runs, bad = 0, []
    for limit in sorted({1, largest - 1, *range(0, largest, max(1, largest // 20))}):
        exit_code = case.run(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        n_runs += 1
        what = case.violations(exit_code, "")
        if exit_code != OUTPUT_EXIT_CODE:
            what.append(f"exit code {exit_code}")
        bad += [f"{case.name}: file size limit {limit}: {text}" for text in what]
    return n_runs, bad


def fill_disk(case: Case) -> tuple[int, list[str]]:
    """The output folder becomes a tmpfs that is too small, in steps of a page, until the run fits."""
    n_runs, bad = 0, []
    for size in range(4096, 1 << 26, 4096):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(case.folder)], check=True)
        try:
            exit_code = case.run()
            what = case.violations(exit_code, "")
            if exit_code not in (0, OUTPUT_EXIT_CODE):
                what.append(f"exit code {exit_code}")
        finally:
            subprocess.run(["umount", str(case.folder)], check=True)
        n_runs += 1
        bad += [f"{case.name}: tmpfs of {size} bytes: {text}" for text in what]
        if exit_code == 0:
            break
    return n_runs, bad


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--astrom3", default="build/release/bin/astrom3")
    parser.add_argument("--every", type=int, default=1, help="only each N-th index of a call")
    parser.add_argument("inputs", nargs="+")
    arguments = parser.parse_args()
    n_bad = 0
    with tempfile.TemporaryDirectory() as root:
        log = pathlib.Path(root) / "strace.log"
        folder = pathlib.Path(root) / "out"
        folder.mkdir()
        program = os.path.abspath(arguments.astrom3)
        rest = [*map(os.path.abspath, arguments.inputs), "--band", "V", "--quiet", "--threads", "1", "-o"]
        for name, subcommand, output in [
            ("csv", ["features"], "out.csv"),
            ("parquet", ["features"], "out.parquet"),
            ("npy", ["preprocess"], "npy"),
        ]:
            case = Case(name, [program, *subcommand, *rest, str(folder / output)], folder)
            exit_code = case.run()
            if exit_code != 0:
                print(f"{name}: the undisturbed run ended with {exit_code}", file=sys.stderr)
                return 1
            case.reference = case.files()
            steps = {"faults": inject_faults(case, arguments.every, log), "size limits": limit_file_size(case)}
            if os.geteuid() == 0:
                steps["full disks"] = fill_disk(case)
            bad = [text for _, texts in steps.values() for text in texts]
            print(f"{name}: " + ", ".join(f"{n} {what}" for what, (n, _) in steps.items()) + f", {len(bad)} violations")
            print("".join(text + "\n" for text in bad[:20]), end="")
            n_bad += len(bad)
    return 1 if n_bad else 0


if __name__ == "__main__":
    sys.exit(main())
