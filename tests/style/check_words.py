# SPDX-License-Identifier: MIT
#
# What does not belong in a tree: unfinished notes and paths of somebody's machine.

import re

from tree import Finding

NOTES = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
PLACES = re.compile(r"(?<![\w.])/(?:home|root|Users|work)/\w")


def check(tree):
    for name in tree.matching("*"):
        if name.startswith("tests/style/") or "\0" in (text := tree.text(name)):
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if found := NOTES.search(line):
                yield Finding(name, number, f"{found[1]}: open an issue instead")
            if PLACES.search(line):
                yield Finding(name, number, "an absolute path of one machine")
