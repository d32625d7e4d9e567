#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Takes the output away from a run: at a random moment it is deleted, moved, made read-only, or nobody reads it any more.

    tests/torture/lost_outputs.py [--astrom3 build/release/bin/astrom3] [--repeats 40] [--seed 1]

A table of 120 stars, a tenth of them bad, goes into a folder in parts of 4, into one file, and to standard output. After
each run:

  * the exit code is 6 (141 where the reader of standard output went away), or that of a whole run where it was over;
  * every part and every final file that is there is byte for byte that of the undisturbed run, and what a reader got is
    the beginning of the undisturbed run's;
  * the same command, given the folder back, makes it that of the undisturbed run; where the manifest is gone it is
    refused, and --force makes it.

Then the folder is read-only from the start: exit code 6, and nothing in it. As root the runs that lose their right to
write are those of another user. Prints one line a case; exits 1 on any violation.
"""

import argparse
import fcntl
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

from survey import FolderRun, write_survey

UNDISTURBED = 3
OUTPUT_ERROR = 6
BROKEN_PIPE = 141
NOBODY = 65534
COMMAND = ["features", "--threads", "1", "--oversampling", "20"]


def delete(folder: pathlib.Path) -> None:
    while folder.exists():  # a file made while the folder is being emptied keeps it
        shutil.rmtree(folder, ignore_errors=True)


def unlink_one(folder: pathlib.Path, pattern: str, rng: random.Random) -> None:
    there = sorted(folder.glob(pattern))
    if there:
        rng.choice(there).unlink(missing_ok=True)


def move(folder: pathlib.Path) -> None:
    if folder.exists():
        folder.rename(folder.with_name("aside"))


def move_back(folder: pathlib.Path) -> None:
    if folder.with_name("aside").exists():
        delete(folder)
        folder.with_name("aside").rename(folder)


def protect(folder: pathlib.Path) -> None:
    if folder.exists():
        folder.chmod(0o555)


def unprotect(folder: pathlib.Path) -> None:
    if folder.exists():
        folder.chmod(0o755)


def run_and_disturb(command: list[str], seconds: float, disturb, **options: object) -> int:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    time.sleep(seconds)
    disturb()
    return process.wait(timeout=600)


class Torture:
    def __init__(self, program: str, root: pathlib.Path, repeats: int, rng: random.Random) -> None:
        self.program, self.root, self.repeats, self.rng = program, root, repeats, rng
        self.table = write_survey(root / "survey.csv", 120)
        self.run = FolderRun(program, COMMAND, self.table, root / "run", 4)
        if self.timed(self.run.command) != UNDISTURBED:
            raise SystemExit("the undisturbed run failed")
        self.expected = self.run.contents()
        self.bad: list[str] = []

    def timed(self, command: list[str]) -> int:
        begin = time.monotonic()
        code = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode
        self.duration = time.monotonic() - begin
        return code

    def moment(self) -> float:
        return self.rng.uniform(0, self.duration)

    def report(self, name: str, codes: list[int], bad: list[str]) -> None:
        print(f"{name}: {len(codes)} runs, exit codes { {code: codes.count(code) for code in sorted(set(codes))} }, "
              f"{len(bad)} violations", flush=True)
        print("".join(f"  {text}\n" for text in bad[:10]), end="")
        self.bad += bad

    def finish_folder(self, code: int) -> list[str]:
        """What is wrong with the folder that a disturbed run left, and that the same command then finishes."""
        bad = [] if code in (UNDISTURBED, OUTPUT_ERROR) else [f"exit code {code}"]
        there = self.run.contents() if self.run.folder.exists() else {}
        bad += [f"{name} is final and differs" for name, digest in there.items()
                if name.startswith("part-") and name.endswith(".parquet") and self.expected.get(name) != digest]
        again = self.run.run()
        if again == OUTPUT_ERROR and "_manifest.jsonl" not in there:
            again = subprocess.run([*self.run.command[:-1], "--force"], stderr=subprocess.DEVNULL, check=False).returncode
        if again != UNDISTURBED or self.run.contents() != self.expected:
            bad.append(f"finished with {again} and differs")
        return bad

    def folder(self, name: str, disturb, mend=lambda folder: None, **options: object) -> None:
        codes, bad = [], []
        for _ in range(self.repeats):
            delete(self.run.folder)
            delete(self.run.folder.with_name("aside"))
            if options:
                self.run.folder.mkdir()
                os.chown(self.run.folder, NOBODY, NOBODY)
            codes.append(run_and_disturb(self.run.command, self.moment(), lambda: disturb(self.run.folder), **options))
            mend(self.run.folder)
            bad += self.finish_folder(codes[-1])
        self.report(name, codes, bad)

    def file(self, name: str, disturb) -> None:
        out = self.root / "out"
        command = [self.program, *COMMAND, str(self.table), "--quiet", "-o", str(out / name)]
        out.mkdir()
        self.timed(command)
        expected = {path.name: path.read_bytes() for path in out.iterdir()}
        codes, bad = [], []
        for _ in range(self.repeats):
            delete(out)
            delete(out.with_name("aside"))
            out.mkdir()
            codes.append(run_and_disturb(command, self.moment(), lambda: disturb(out)))
            if codes[-1] not in (UNDISTURBED, OUTPUT_ERROR):
                bad.append(f"exit code {codes[-1]}")
            for folder in (out, out.with_name("aside")):
                for path in folder.iterdir() if folder.exists() else ():
                    if ".tmp." not in path.name and expected.get(path.name) != path.read_bytes():
                        bad.append(f"{path.name} is final and differs")
        delete(out)
        delete(out.with_name("aside"))
        self.report(f"{name}, {disturb.__name__}d", codes, bad)

    def reader_goes_away(self) -> None:
        command = [self.program, *COMMAND, str(self.table), "--quiet", "-o", "-"]
        expected = subprocess.run(command, capture_output=True, check=False).stdout
        codes, bad = [], []
        for _ in range(self.repeats):
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
            fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)  # far less than there is to say
            wanted = self.rng.randrange(len(expected))
            got = b""
            while len(got) < wanted and (block := process.stdout.read(wanted - len(got))):
                got += block
            process.stdout.close()
            said = process.stderr.read()
            codes.append(process.wait(timeout=600))
            # Near the end, all of it may be in the pipe before the reader has left.
            if codes[-1] not in (BROKEN_PIPE, UNDISTURBED) or not expected.startswith(got):
                bad.append(f"exit code {codes[-1]} after {len(got)} bytes")
            if codes[-1] == BROKEN_PIPE and said:
                bad.append(f"said {said[:200]!r}")
        self.report("standard output without a reader", codes, bad)

    def read_only_from_the_start(self) -> None:
        codes, bad = [], []
        out = self.root / "out"
        for target in (f"{out}/", f"{out}/o.csv", f"{out}/o.parquet", f"{out}/new/", f"{out}/new/o.csv"):
            delete(out)
            out.mkdir(mode=0o555)
            is_mounted = os.geteuid() == 0
            if is_mounted:  # who may write anywhere is kept out by the file system alone
                subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=1m", "none", str(out)], check=True)
            try:
                codes.append(subprocess.run([self.program, *COMMAND, str(self.table), "--quiet", "-o", target],
                                            stderr=subprocess.DEVNULL, check=False).returncode)
                if codes[-1] != OUTPUT_ERROR or list(out.iterdir()):
                    bad.append(f"-o {target}: exit code {codes[-1]}, {list(out.iterdir())}")
            finally:
                if is_mounted:
                    subprocess.run(["umount", str(out)], check=True)
            out.chmod(0o755)
        self.report("read-only from the start", codes, bad)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--astrom3", default="build/release/bin/astrom3")
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    a = parser.parse_args()
    rng = random.Random(a.seed)
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        root.chmod(0o755)
        program = str(pathlib.Path(a.astrom3).resolve())
        torture = Torture(program, root, a.repeats, rng)
        torture.folder("folder deleted", delete)
        torture.folder("folder moved", move, move_back)
        for pattern in ("part-*.parquet", ".part-*.tmp.*", "_manifest.jsonl", "_rejects.jsonl", ".astrom3.lock"):
            torture.folder(f"{pattern} deleted", lambda folder, p=pattern: unlink_one(folder, p, rng))
        options = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        if not options or subprocess.run([program, "--version"], stdout=subprocess.DEVNULL, check=False, **options).returncode == 0:
            torture.folder("folder made read-only", protect, unprotect, **options)
        else:
            print("folder made read-only: left out, another user cannot run the program")
        for name in ("o.csv", "o.parquet"):
            torture.file(name, delete)
            torture.file(name, move)
        torture.reader_goes_away()
        torture.read_only_from_the_start()
    return 1 if torture.bad else 0


if __name__ == "__main__":
    sys.exit(main())
