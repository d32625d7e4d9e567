# SPDX-License-Identifier: MIT
#
# C++ shown in the README is a file under examples/, which is compiled and run by the package test.

from blocks import blocks
from tree import Finding


def check(tree):
    programs = [tree.text(name) for name in tree.matching("examples/*.cpp")]
    for block in blocks(tree.text("README.md")):
        if block.language == "cpp" and not any(block.code in program for program in programs):
            yield Finding("README.md", block.line, "this C++ is in no file under examples/")
