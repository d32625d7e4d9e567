# SPDX-License-Identifier: MIT
"""The Python reference: what the package's __all__ names, which mkdocstrings fills from the docstrings."""

import ast

INTRODUCTION = """# Python reference

Made from the docstrings. [Python](../python.md) shows how to use it.

"""


def public_names(package):
    """The names in `__all__` of an __init__.py, in their order."""
    for node in ast.parse(package.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return ast.literal_eval(node.value)
    raise SystemExit(f"{package}: has no __all__")


def pages(package):
    names = public_names(package)
    blocks = [f"::: astrom3.{name}\n" for name in names]
    return {"reference/python.md": INTRODUCTION + "\n".join(blocks)}
