# SPDX-License-Identifier: MIT
#
# Folders and types are named for what they hold, not for the fact that they hold something.

import re

from tree import Finding

EMPTY_WORDS = {"utils", "util", "common", "core", "helpers", "helper", "detail", "misc"}
EMPTY_TYPES = re.compile(r"^\s*(?:class|struct)\s+(\w*(?:Manager|Helper|Utils?))\b(?!\s*;)")


def check(tree):
    for name in tree.matching("*"):
        parts = name.split("/")
        for part in parts[:-1] + [parts[-1].split(".")[0]]:
            if part.lower() in EMPTY_WORDS:
                yield Finding(name, 1, f'"{part}" says nothing; name what is in it')
    for name in tree.matching("*.h", "*.cpp"):
        for number, line in tree.lines(name):
            if found := EMPTY_TYPES.match(line):
                yield Finding(name, number, f'type "{found[1]}" says nothing; name what it is')
