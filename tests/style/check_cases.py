# SPDX-License-Identifier: MIT
#
# tests/cases.md names, for every format and every bad input, the tests that carry its number in a comment or their name, and no others.
# `python3 tests/style/check_cases.py --write` fills its last column in.

import re
import sys

from tree import Finding, Tree

TABLE = "tests/cases.md"
CASE = re.compile(r"(?<![\w-])((?:ST|CF|TX|PQ|FI|NP|LC|AX|CL|OU|NW|CO|DT|FM|RC|SP|MD|MM)\d\d)(?![\w-])")
TEST = re.compile(r"TEST(?:_F|_P)?\((\w+), *(\w+)\)|^ *def (test_\w+)\(|^static void (\w+)\(")
ROW = re.compile(r"\| *([A-Z]{2}\d\d) *\|")
NONE = "–"  # then the cell says why there is no test


def tagged_tests(tree):
    """case -> names of tests, in the order of files and lines."""
    found = {}
    for name in tree.matching("tests/*/test_*.cpp", "tests/*/test_*.py", "tests/*/*/test_*.py", "tests/c_api/*.c"):
        test, pending = None, []
        for _, line in tree.lines(name):
            opening = TEST.search(line)
            comment = re.search(r'(?://|#|""")(.*)', line)
            cases = CASE.findall(comment.group(1)) if comment else []
            if opening:
                suite, claim, *functions = opening.groups()
                function = next(filter(None, functions), None)
                test = f"{suite}.{claim}" if suite else f"{name.removeprefix('tests/')}: {function}"
                cases += pending + [case.upper() for case in re.findall(r"(?<=_)nw\d\d(?=_)", function or "")]
                pending = []
            elif comment and line.lstrip().startswith(("//", "#")) and not line.startswith("  "):
                pending += cases  # of the test below
                continue
            for case in cases if test else []:
                tests = found.setdefault(case, [])
                if test not in tests:
                    tests.append(test)
    return found


def cells(line):
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))]


def cell_of(tests):
    return ", ".join(f"`{test}`" for test in tests)


def check(tree):
    found, listed = tagged_tests(tree), set()
    for number, line in tree.lines(TABLE):
        if not ROW.match(line):
            continue
        case, last = cells(line)[0], cells(line)[-1]
        listed.add(case)
        tests = found.get(case, [])
        if not tests and not last.startswith(NONE):
            yield Finding(TABLE, number, f"{case} has no test")
        elif tests and last != cell_of(tests):
            yield Finding(TABLE, number, f"{case} has other tests: {cell_of(tests)} (check_cases.py --write)")
    for case in sorted(set(found) - listed):
        yield Finding(TABLE, 1, f"{case} is tested ({found[case][0]}) and not listed")


def write(tree):
    found, lines = tagged_tests(tree), []
    for _, line in tree.lines(TABLE):
        if ROW.match(line) and cells(line)[0] in found:
            line = "| " + " | ".join([*cells(line)[:-1], cell_of(found[cells(line)[0]])]) + " |"
        lines.append(line)
    (tree.root / TABLE).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    import pathlib

    the_tree = Tree(pathlib.Path(__file__).resolve().parents[2])
    if "--write" in sys.argv:
        write(the_tree)
    for finding in check(the_tree):
        print(finding)
