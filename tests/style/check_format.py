# SPDX-License-Identifier: MIT
#
# clang-format 14 would change nothing, the order of includes among it (other versions format differently).

import re
import shutil
import subprocess

from tree import Finding


class Skip(Exception):
    """The check cannot run here; the message says why."""


def check(tree):
    program = shutil.which("clang-format-14")
    if not program:
        raise Skip("clang-format-14 is not installed")
    names = tree.matching("*.h", "*.cpp")
    if not names:
        return
    command = [program, "--dry-run", "--style=file", "-Werror", *names]
    result = subprocess.run(command, cwd=tree.root, capture_output=True, text=True)
    for file, line, message in re.findall(r"^(\S+?):(\d+):\d+: error: (.*)$", result.stderr, re.MULTILINE):
        yield Finding(file, int(line), message)
    if result.returncode and not re.search(r": error: ", result.stderr):
        yield Finding(".clang-format", 1, result.stderr.strip())
