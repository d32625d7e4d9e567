# SPDX-License-Identifier: MIT
#
# A type outside unnamed namespaces stands once. Two types of one name are one to the linker: code of the one would
# run for the other, and write beyond its end. Kernels are compiled in a namespace of each instruction set.

import re

from tree import Finding


def check(tree):
    seen = {}
    for name in tree.matching("src/*.h", "src/*.cpp", "include/*.h"):
        if name.startswith("src/kernels/"):
            continue
        for place, spaces, type_name in types_of(tree.text(name)):
            first = seen.setdefault((spaces, type_name), name)
            if first != name:
                yield Finding(name, place, f"{spaces}::{type_name} is also in {first}")


def types_of(text):
    """(line, namespace, name) of every type that is defined in a named namespace."""
    stack = []
    for place, line in enumerate(text.splitlines(), 1):
        if opened := re.match(r"namespace ?([\w:]*) \{$", line):
            stack.append(opened.group(1))
        elif re.match(r"\} +// namespace", line) and stack:
            stack.pop()
        elif stack and "" not in stack:
            if defined := re.match(r"(?:struct|class|enum class) (\w+)(?: final)?(?: :.*)? \{", line):
                yield place, "::".join(stack), defined.group(1)
