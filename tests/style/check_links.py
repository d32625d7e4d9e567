# SPDX-License-Identifier: MIT
#
# Relative links in the documentation lead to files, and the files a document names in `code` exist.

import pathlib
import re

from tree import Finding

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
NAMED = re.compile(r"`((?:src|include|apps|tests|tools|docs|examples|cmake|fuzz|bench)/[\w./-]+)`")


def check(tree):
    folders = {str(parent) for name in tree.names for parent in pathlib.PurePosixPath(name).parents}
    known = set(tree.names) | folders
    for name in tree.matching("*.md"):
        here = pathlib.PurePosixPath(name).parent
        for number, line in tree.lines(name):
            for target in LINK.findall(line):
                if not re.match(r"[a-z]+:", target) and not (tree.root / here / target).exists():
                    yield Finding(name, number, f"link to {target}, which does not exist")
            for target in NAMED.findall(line):
                if target.rstrip("/") not in known:
                    yield Finding(name, number, f"names {target}, which does not exist")
