# SPDX-License-Identifier: MIT
#
# Includes point one way: the table under "Who may include whom" in ARCHITECTURE.md is the rule that is checked. A room is
# a folder of src, or a file of it; its public headers are in the folder of the same name in include/astrom3.

import re

from tree import Finding

HEADING = "## Who may include whom"


def read_rules(tree):
    """{room: set of rooms it may include} from rows `| room | a, b |`; "every room above" means those of the rows before."""
    rules = {}
    inside = False
    for _, line in tree.lines("ARCHITECTURE.md"):
        if line.startswith("## "):
            inside = line.strip() == HEADING
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if inside and line.startswith("| `") and len(cells) >= 2:
            allowed = set(re.findall(r"`(\w+)`", cells[1]))
            if "every room above" in cells[1]:
                allowed |= set(rules)
            for room in re.findall(r"`(\w+)`", cells[0]):
                rules[room] = allowed
    return rules


def room_of(path):
    """base/x.cpp -> base, tensor.cpp -> tensor, astrom3/base/x.h -> base; None for a file beside the one that names it."""
    inner = path.removeprefix("astrom3/")
    if "/" not in path:
        return None
    return inner.split("/")[0].split(".")[0]


def check(tree):
    rules = read_rules(tree)
    if not rules:
        yield Finding("ARCHITECTURE.md", 1, f'no table of rooms under "{HEADING}"')
        return
    for name in tree.matching("src/*.h", "src/*.cpp", "include/astrom3/*.h", "apps/*.h", "apps/*.cpp"):
        if name == "include/astrom3/astrom3.h":  # all of them
            continue
        is_app = name.startswith("apps/")
        room = "apps" if is_app else room_of(name.removeprefix("src/").removeprefix("include/")) or name[4:].split(".")[0]
        if room not in rules:
            yield Finding(name, 1, f'room "{room}" has no row in ARCHITECTURE.md')
            continue
        for number, line in tree.lines(name):
            include = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            target = room_of(include[1]) if include else None
            if target is None or target == room:
                continue
            if is_app and (include[1].startswith("astrom3/") or (tree.root / "apps" / include[1]).exists()):
                continue
            if target not in rules[room]:
                yield Finding(name, number, f'{room} may not include {target} ("{include[1]}"); see ARCHITECTURE.md')
