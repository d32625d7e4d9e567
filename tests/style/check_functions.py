# SPDX-License-Identifier: MIT
#
# One function, one thing to do: at most 40 lines of code from its first line to its last, in C++ as in Python. Lines that are
# blank, or hold a comment, a docstring or a directive alone, are not code: to explain more must not make a function too long.

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


def lines_of_code(lines):
    return sum(1 for line in lines if line.strip() and not line.lstrip().startswith(("//", "#")))


def cpp_functions(lines):
    """(index of the first line, lines of code, name) of every function; what is inside one belongs to it.

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
            yield first, lines_of_code(lines[first:last + 1]), name[1] if name else declaration
            opening = last
        opening += 1


def python_functions(text):
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            code = lines[node.lineno - 1:node.end_lineno]
            if ast.get_docstring(node) is not None:
                docstring = node.body[0]
                del code[docstring.lineno - node.lineno:docstring.end_lineno - node.lineno + 1]
            yield node.lineno - 1, lines_of_code(code), node.name


def check(tree):
    for name in tree.matching(*(folder + end for folder in CHECKED for end in (".h", ".cpp", ".py"))):
        text = tree.text(name)
        functions = python_functions(text) if name.endswith(".py") else cpp_functions(text.splitlines())
        for first, count, function in functions:
            if count > LONGEST:
                yield Finding(name, first + 1, f"{function} has {count} lines of code; the limit is {LONGEST}")
