# SPDX-License-Identifier: MIT
#
# Includes point one way: the table under "Who may include whom" in ARCHITECTURE.md is the rule that is checked.

import re

from tree import Finding

HEADING = "## Who may include whom"
# Public headers that name things rather than do them; every module may include these.
VOCABULARY = {"confusion", "error", "flags", "holdout", "isa", "option", "version", "scaling"}
# Public headers, and files beside them, that belong to a module of another name.
HOME = {
    "attention": "encoder",
    "arrow_c_data": "source",
    "checkpoint": "encoder",
    "period_search": "features",
    "periodogram": "features",
    "precision": "encoder",
    "describe_run": "pipeline",
    "embed_object": "pipeline",
    "encode_file": "pipeline",
    "embed_object": "pipeline",
    "run_parts": "pipeline",
    "treatment": "pipeline",
    "run_parts": "pipeline",
    "evaluate": "search",
    "light_curve_table": "source",
    "objective": "train",
    "outliers": "search",
    "projection": "search",
    "scaling_file": "scaling",
    "text_file": "sink",
}


def read_rules(tree):
    """{module: set of modules it may include} from rows `| module | a, b |`; "everything" allows all."""
    rules = {}
    inside = False
    for _, line in tree.lines("ARCHITECTURE.md"):
        if line.startswith("## "):
            inside = line.strip() == HEADING
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if inside and line.startswith("| `") and len(cells) >= 2:
            allowed = set(re.findall(r"`(\w+)`", cells[1]))
            if "every stage" in cells[1]:
                allowed.add("*")
            for module in re.findall(r"`(\w+)`", cells[0]):
                rules[module] = allowed
    return rules


def module_of_source(name):
    """src/base/x.cpp -> base, src/tensor.cpp -> tensor, src/error.cpp -> vocabulary."""
    top = name.split("/")[1].split(".")[0]
    top = HOME.get(top, top)
    return "vocabulary" if top in VOCABULARY else top


def module_of_include(path):
    """The module an include leads to; None for what everyone may include."""
    if path.startswith("astrom3/"):
        noun = path.removeprefix("astrom3/").removesuffix(".h")
        return None if noun in VOCABULARY else HOME.get(noun, noun)
    return path.split("/")[0] if "/" in path else None  # a file beside this one


def check(tree):
    rules = read_rules(tree)
    if not rules:
        yield Finding("ARCHITECTURE.md", 1, f'no table of modules under "{HEADING}"')
        return
    for name in tree.matching("src/*.h", "src/*.cpp", "apps/*.h", "apps/*.cpp"):
        app = name.startswith("apps/")
        module = "apps" if app else module_of_source(name)
        if module not in rules:
            yield Finding(name, 1, f'module "{module}" has no row in ARCHITECTURE.md')
            continue
        for number, line in tree.lines(name):
            include = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not include:
                continue
            path = include[1]
            if app:
                inside = "/" in path and not path.startswith("astrom3/") and not (tree.root / "apps" / path).exists()
                if inside and module_of_include(path) not in rules["apps"]:
                    yield Finding(name, number, f'apps include public headers only, and what ARCHITECTURE.md adds, not "{path}"')
                continue
            target = module_of_include(path)
            if target in (None, module) or target in rules[module] or "*" in rules[module]:
                continue
            yield Finding(name, number, f'{module} may not include {target} ("{path}"); see ARCHITECTURE.md')
