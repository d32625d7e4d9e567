#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Runs the shell and Python blocks of a page with the command and the package that were built.
"""tests/docs/run_page.py BIN_DIR PAGE.md

The blocks marked "sh test" and "python test" run in their order, in one empty folder with examples/ and models/ in it; the Python
ones share their names. An "output" block is what the block before it prints on stdout, but for "..." (anything within
a line; alone, any lines). ASTROM3_LIBRARY is the package's library; without it a page with Python is skipped (77).
"""

import contextlib
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/style"), str(ROOT / "python")]

from blocks import RUN, blocks  # noqa: E402

FIXTURES = ROOT / "tests/docs/fixtures"  # PAGE.py makes what PAGE.md takes for granted
STAND_INS = ROOT / "tests/docs/stand_ins"  # of programs that a cluster has: sbatch
SKIPPED = 77


class Failure(Exception):
    pass


def run_shell(code):
    done = subprocess.run(["bash", "-euxo", "pipefail", "-c", code], capture_output=True, text=True)
    if done.returncode:
        raise Failure(f"ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def run_python(code, place, names):
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile("\n" * (place[1] - 1) + code, place[0], "exec"), names)
    except Exception as error:
        import traceback

        raise Failure("".join(traceback.format_exception(error))) from None
    return printed.getvalue()


def compare(expected, printed):
    """Failure where `printed` is not `expected`, in which "..." stands for anything."""
    pattern = ""
    for line in expected.splitlines():
        line = line.rstrip()
        pattern += "(?:.*\n)*?" if line == "..." else ".*?".join(map(re.escape, line.split("..."))) + " *\n"
    printed = re.sub(r"[ \t]+$", "", printed, flags=re.MULTILINE)
    if not re.fullmatch(pattern, printed if printed.endswith("\n") or not printed else printed + "\n"):
        raise Failure(f"the page shows\n{expected}and what was printed is\n{printed}")


def prepare(name):
    """Makes what a page takes for granted, such as a survey, where there is a program for it; it ends with 77 where
    something that the page needs is not installed."""
    program = FIXTURES / f"{name}.py"
    if program.exists():
        done = subprocess.run([sys.executable, "-P", program], capture_output=True, text=True)
        if done.returncode == SKIPPED:
            print(f"skipped: {done.stdout.strip()}")
            sys.exit(SKIPPED)
        if done.returncode:
            sys.exit(f"{program.name}: {done.stderr}")


def run(page, bin_dir):
    """Runs the blocks of `page`; returns the number run, or exits."""
    text = page.read_text(encoding="utf-8")
    os.environ["PATH"] = os.pathsep.join([str(bin_dir), str(STAND_INS), os.environ["PATH"]])
    os.environ.pop("ASTROM3_MODEL", None)
    count, printed, names = 0, None, {"__name__": "__main__"}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("examples", "models"):
            os.symlink(ROOT / name, pathlib.Path(folder, name))
        os.chdir(folder)
        prepare(page.stem)
        for block in blocks(text):
            place = (str(page), block.line)
            try:
                if block.kind in RUN:
                    printed = run_shell(block.code) if block.language == "sh" else run_python(block.code, place, names)
                    count += 1
                elif block.language == "output":
                    if printed is None:
                        raise Failure("no block before it printed this")
                    compare(block.code, printed)
                    printed = None
            except Failure as failure:
                sys.exit(f"{place[0]}:{place[1]}: {failure}")
        os.chdir(ROOT)
    return count


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    page = pathlib.Path(sys.argv[2]).resolve()
    with_python = any(block.kind == ("python", "test") for block in blocks(page.read_text(encoding="utf-8")))
    if with_python and not os.environ.get("ASTROM3_LIBRARY"):
        print("skipped: ASTROM3_LIBRARY does not name the package's library")
        sys.exit(SKIPPED)
    print(f"{run(page, pathlib.Path(sys.argv[1]).resolve())} blocks ran")


if __name__ == "__main__":
    main()
