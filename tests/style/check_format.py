# SPDX-License-Identifier: MIT
#
# clang-format would change nothing, the order of includes among it. One version decides for every machine, that of
# tools/constraints.txt in .venv: others format differently.

import pathlib
import re
import subprocess

from tree import Finding

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / ".venv/bin/clang-format"


class Skip(Exception):
    """The check cannot run here; the message says why."""


def check(tree):
    if not PROGRAM.exists():
        raise Skip("no .venv/bin/clang-format: make setup")
    names = tree.matching("*.h", "*.cpp")
    if not names:
        return
    command = [PROGRAM, "--dry-run", "--style=file", "-Werror", *names]
    result = subprocess.run(command, cwd=tree.root, capture_output=True, text=True)
    for file, line, message in re.findall(r"^(\S+?):(\d+):\d+: error: (.*)$", result.stderr, re.MULTILINE):
        yield Finding(file, int(line), message)
    if result.returncode and not re.search(r": error: ", result.stderr):
        yield Finding(".clang-format", 1, result.stderr.strip())
