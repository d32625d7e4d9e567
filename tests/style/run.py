#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Runs one style check, or all of them, over the tree: tests/style/run.py [CHECK...] [--build DIR]

import argparse
import importlib
import pathlib
import sys

import tree as trees
from check_format import Skip

CHECKS = ("layering", "headers", "folders", "length", "functions", "kernels", "types", "tensor_names", "words", "options", "version", "links", "snippets", "cases", "format", "doors", "isa", "promises")
NEED_BUILD = ("isa", "promises")
SKIPPED = 77


def main():
    parser = argparse.ArgumentParser(description="Check the tree's promises.")
    parser.add_argument("checks", nargs="*", metavar="CHECK", help=f"any of: {' '.join(CHECKS)} (default: all)")
    parser.add_argument("--root", default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--build", help="build folder, for the checks that need one")
    arguments = parser.parse_args()
    checks = arguments.checks or [check for check in CHECKS if check not in NEED_BUILD or arguments.build]
    tree = trees.Tree(arguments.root, arguments.build)
    code = 0
    for name in checks:
        try:
            for finding in importlib.import_module(f"check_{name}").check(tree):
                print(finding)
                code = 1
        except Skip as reason:
            print(f"{name}: skipped, {reason}")
            code = code or SKIPPED
    return code


if __name__ == "__main__":
    sys.exit(main())
