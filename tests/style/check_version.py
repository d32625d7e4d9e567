# SPDX-License-Identifier: MIT
#
# The version is stated by CMakeLists.txt; where a form obliges others to repeat it, they must agree.

import re

from tree import Finding

ECHOES = {
    "CITATION.cff": re.compile(r"^version: *\"?([\w.]+)\"?", re.MULTILINE),
    "CHANGELOG.md": re.compile(r"^## \[(\d[\w.]*)\]", re.MULTILINE),
    "recipe/recipe.yaml": re.compile(r"^  version: *([\w.]+)", re.MULTILINE),
    "pyproject.toml": re.compile(r"^version *= *\"([\w.]+)\"", re.MULTILINE),
}


def check(tree):
    stated = re.search(r"project\(\s*astrom3\s+VERSION\s+([\d.]+)", tree.text("CMakeLists.txt"))
    if not stated:
        yield Finding("CMakeLists.txt", 1, "project(astrom3 VERSION ...) is missing")
        return
    for name, pattern in ECHOES.items():
        if name not in tree.names:
            continue
        found = pattern.search(tree.text(name))
        if found and found[1] != stated[1]:
            line = tree.text(name)[: found.start()].count("\n") + 1
            yield Finding(name, line, f"version {found[1]}, but CMakeLists.txt says {stated[1]}")
        if not found and name == "CITATION.cff":
            yield Finding(name, 1, "no version")
