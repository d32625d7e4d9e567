# SPDX-License-Identifier: MIT
#
# One function, one thing to do: at most 40 lines from its first line to its last, in C++ as in Python.

import ast
import re

from tree import Finding

LONGEST = 40
CHECKED = ("src/*", "apps/*", "include/*", "python/*")
# What opens a block that is no function.
OTHER_BLOCKS = re.compile(r"(?:export )?(?:inline )?(?:namespace|class|struct|enum|union|extern \"C\" \{|if|for|while|switch|else|do)\b")


def first_line_of(lines, opening):
    """Where the declaration begins whose block opens in `lines[opening]`: behind what ends another."""
    first = opening
    while first > 0:
        before = lines[first - 1].strip()
        if not before or before.startswith(("//", "#")) or before.endswith((";", "{", "}")) or re.fullmatch(r"\w+:", before):
            break
        first -= 1
    return first


def cpp_functions(lines):
    """(index of the first line, lines, name) of every function; what is inside one belongs to it.

    The layout is clang-format's: a block closes with a brace at the indentation of the line it was declared in.
    """
    opening = 0
    while opening < len(lines):
        first = first_line_of(lines, opening)
        declaration = " ".join(line.strip() for line in lines[first:opening + 1])
        is_function = (lines[opening].endswith("{") and "(" in declaration and not OTHER_BLOCKS.match(declaration)
                       and not re.search(r"=\s*\{$|\{\{$", declaration))
        if is_function:
            end = lines[first][:len(lines[first]) - len(lines[first].lstrip())] + "}"
            last = next((i for i in range(opening + 1, len(lines)) if lines[i] in (end, end + ";")), len(lines) - 1)
            name = re.search(r"(operator\W+|~?\w+)\s*\(", re.sub(r"^template\s*<.*?>\s|\brequires\(.*?\)\s", "", declaration))
            yield first, last - first + 1, name[1] if name else declaration
            opening = last
        opening += 1


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            docstring = node.body[0] if ast.get_docstring(node) is not None else None
            told = docstring.end_lineno - docstring.lineno + 1 if docstring else 0
            yield node.lineno - 1, node.end_lineno - node.lineno + 1 - told, node.name


def check(tree):
    for name in tree.matching(*(folder + end for folder in CHECKED for end in (".h", ".cpp", ".py"))):
        text = tree.text(name)
        functions = python_functions(text) if name.endswith(".py") else cpp_functions(text.splitlines())
        for first, count, function in functions:
            if count > LONGEST:
                yield Finding(name, first + 1, f"{function} has {count} lines; the limit is {LONGEST}")
