# SPDX-License-Identifier: MIT
#
# What must pass a door does: the inputs of a command are compared with its outputs, and files are opened where links and
# permissions are looked at.

import re

from tree import Finding

# what is called, where alone it may be called, what the door is
DOORS = (
    (
        re.compile(r"\bexpand_inputs\("),
        "apps/*",
        {"apps/file_claims.cpp"},
        "light_curve_files() compares the files with the outputs",
    ),
    (
        re.compile(r"\bstd::ofstream\b|\bfopen\(|\bcreat\("),
        "src/*",
        set(),
        "AtomicFile, AppendFile or StreamOutput write files",
    ),
    (re.compile(r"\bstd::ofstream\b|\bfopen\(|\bcreat\("), "apps/*", set(), "write_text_file() writes files"),
    (
        re.compile(r"(?<!_)\brename\("),
        "src/*",
        {"src/hub/cache.cpp", "src/hub/download.cpp"},
        "commit_together() keeps the old file until the new one stands",
    ),
)


def check(tree):
    for pattern, where, allowed, door in DOORS:
        for name in tree.matching(where + ".cpp", where + ".h"):
            if name in allowed:
                continue
            for number, line in tree.lines(name):
                if not line.lstrip().startswith("//") and (found := pattern.search(line)):
                    yield Finding(name, number, f"{found[0]} passes by the door: {door}")
