# SPDX-License-Identifier: MIT
#
# Every test that ARCHITECTURE.md names beside a promise is one that ctest runs.

import re
import subprocess

from tree import Finding

HEADING = "## Promises"


def known_tests(build):
    listing = subprocess.run(["ctest", "--test-dir", str(build), "-N"], capture_output=True, text=True, check=True)
    # A test run for each instruction set is listed as Isa/Suite.Name/avx2.
    names = re.findall(r"^ *Test +#\d+: (?:\w+/)?(\S+)", listing.stdout, re.MULTILINE)
    return {name.split("/")[0] for name in names}


def check(tree):
    tests = known_tests(tree.build)
    inside = False
    for number, line in tree.lines("ARCHITECTURE.md"):
        if line.startswith("## "):
            inside = line.strip() == HEADING
        cells = line.strip().strip("|").split("|")
        if not inside or not line.startswith("|") or set(line) <= set("|- ") or len(cells) < 2:
            continue
        named = re.findall(r"`([\w./]+)`", cells[1])
        if not named and "tests that" not in cells[1]:
            yield Finding("ARCHITECTURE.md", number, "a promise without a test")
        for name in named:
            if name not in tests:
                yield Finding("ARCHITECTURE.md", number, f"names the test {name}, which does not exist")
