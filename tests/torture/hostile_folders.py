#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Links, changed inputs and signals against runs in parts, at random, many times.

    tests/torture/hostile_folders.py [--astrom3 build/release/bin/astrom3] [--times 200]

  links     one file of an unfinished run becomes a link, a pipe, a hard link or a folder, or its name in the manifest
            another: `--resume` ends with exit code 6 or comes to the undisturbed run, and nothing outside changes
  identity  one byte of the input changes, at random: `--resume` names the input with exit code 6 (never another run)
  stop      SIGTERM at a random moment: the run ends within 3 s; `--resume` comes to the undisturbed run

Prints one line each; exits 1 on any violation.
"""

import argparse
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from survey import FolderRun, write_survey

UNDISTURBED = 3  # some stars are bad
OUTPUT_ERROR = 6
SECONDS = 3


class Case:
    def __init__(self, program: str, root: pathlib.Path) -> None:
        self.table = write_survey(root / "survey.csv", 60)
        self.victim = root / "victim"
        self.victim.write_text("precious")
        self.run = FolderRun(
            program, ["features", "--threads", "2", "--period-min", "0.5"], self.table, root / "run", 7
        )
        if self.run.run() != UNDISTURBED:
            sys.exit("the undisturbed run failed")
        self.expected = self.run.contents()
        self.good = root / "good"
        shutil.copytree(self.run.folder, self.good)

    def unfinished(self) -> None:
        """The run as it was after a random part."""
        self.run.clear()
        shutil.copytree(self.good, self.run.folder)
        lines = (self.good / "_manifest.jsonl").read_text().splitlines(keepends=True)
        n = random.randrange(1, len(lines))
        (self.run.folder / "_manifest.jsonl").write_text("".join(lines[:n]))
        for part in sorted(self.run.folder.glob("part-*.parquet"))[n - 1 :]:
            part.unlink()

    def is_as_expected(self, code: int) -> bool:
        return code == UNDISTURBED and self.run.contents() == self.expected

    # ---- one violation, or nothing ----

    def links(self) -> str | None:
        self.unfinished()
        path = self.run.folder / random.choice(
            [*(p.name for p in self.run.folder.iterdir()), ".astrom3.lock", "part-000003.parquet"]
        )
        how = random.choice(["symlink", "hard link", "pipe", "folder", "name"])
        if how == "name":
            manifest = self.run.folder / "_manifest.jsonl"
            name = random.choice(["../victim", str(self.victim), "part-000001.parquet/../../victim", "victim"])
            manifest.write_text(manifest.read_text().replace('"file":"part-000000.parquet"', f'"file":"{name}"'))
        else:
            path.unlink(missing_ok=True)
            {
                "symlink": lambda: path.symlink_to(self.victim),
                "hard link": lambda: os.link(self.victim, path),
                "pipe": lambda: os.mkfifo(path),
                "folder": path.mkdir,
            }[how]()
        code = self.run.run()
        if self.victim.read_text() != "precious":
            return f"{how} at {path.name}: the victim was written"
        if code != OUTPUT_ERROR and not self.is_as_expected(code):
            return f"{how} at {path.name}: exit code {code}"
        return None

    def identity(self) -> str | None:
        self.unfinished()
        bytes_before = self.table.read_bytes()
        changed = bytearray(bytes_before)
        at = random.randrange(len(changed))
        changed[at] ^= 1
        times = os.stat(self.table)
        self.table.write_bytes(changed)
        os.utime(self.table, ns=(times.st_atime_ns, times.st_mtime_ns))
        code = self.run.run()
        self.table.write_bytes(bytes_before)
        return None if code == OUTPUT_ERROR else f"byte {at} of the input changed: exit code {code}"

    def stop(self) -> str | None:
        self.run.clear()
        process = subprocess.Popen(self.run.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0, 0.5))
        process.send_signal(signal.SIGTERM)
        begin = time.monotonic()
        code = process.wait()
        seconds = time.monotonic() - begin
        if seconds > SECONDS or code not in (UNDISTURBED, 143, -signal.SIGTERM):
            return f"ended with {code} after {seconds:.1f} s"
        return None if self.is_as_expected(self.run.run()) else "differs when resumed"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--astrom3", default="build/release/bin/astrom3")
    parser.add_argument("--times", type=int, default=200)
    a = parser.parse_args()
    random.seed(1)
    n_bad = 0
    with tempfile.TemporaryDirectory() as root:
        case = Case(os.path.abspath(a.astrom3), pathlib.Path(root))
        attacks: list[Callable[[], str | None]] = [case.links, case.identity, case.stop]
        for attack in attacks:
            bad = [text for _ in range(a.times) if (text := attack()) is not None]
            print(f"{attack.__name__}: {a.times} times, {len(bad)} violations")
            print("".join(text + "\n" for text in bad[:10]), end="")
            n_bad += len(bad)
    return 1 if n_bad else 0


if __name__ == "__main__":
    sys.exit(main())
