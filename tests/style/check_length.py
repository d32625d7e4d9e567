# SPDX-License-Identifier: MIT
#
# One file, one idea: at most 500 lines.

from tree import Finding

LONGEST = 500


def check(tree):
    for name in tree.matching("*.h", "*.cpp", "*.cmake", "*.py", "*.sh"):
        count = len(tree.lines(name))
        if count > LONGEST:
            yield Finding(name, LONGEST + 1, f"{count} lines; split it, the limit is {LONGEST}")
