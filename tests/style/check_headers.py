# SPDX-License-Identifier: MIT
#
# Every source file opens with its licence; headers then say in a sentence what lives there and guard themselves.

import re

from tree import Finding

SPDX = "// SPDX-License-Identifier: MIT"


def check(tree):
    for name in tree.matching("*.h", "*.cpp", "*.h.in"):
        lines = tree.text(name).splitlines()
        if not lines or lines[0] != SPDX:
            yield Finding(name, 1, f'the first line must be "{SPDX}"')
            continue
        if name.endswith(".cpp"):
            continue
        if len(lines) < 3 or lines[1] != "//" or not re.match(r"// \S", lines[2]):
            yield Finding(name, 2, 'after the licence: "//" and a sentence saying what lives in the file')
            continue
        end = next((i for i, line in enumerate(lines) if not line.startswith("//")), len(lines))
        sentence = " ".join(line[2:].strip() for line in lines[2:end])
        if not re.search(r"[.:!?)]$", sentence):
            yield Finding(name, 3, "the opening sentence must end like one")
        if end == len(lines) or lines[end] != "#pragma once":
            yield Finding(name, end + 1, '"#pragma once" must follow the opening comment')
    for name in tree.matching("tools/*.py", "tools/*.sh", "tests/*.py"):
        head = tree.text(name).splitlines()[:3]
        if name.endswith(".py") and not any(line == SPDX.replace("//", "#") for line in head):
            yield Finding(name, 1, "Python files open with the licence line, too")
