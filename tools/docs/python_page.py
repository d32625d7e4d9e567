# SPDX-License-Identifier: MIT
"""The Python reference: what the package's __all__ names, which mkdocstrings fills from the docstrings."""

import ast

INTRODUCTION = """# Python reference

Made from the docstrings. [Python](../python.md) shows how to use it.

## The package

"""
FRAMES = """
## Frames and clusters

Methods of `AstroM3`, which is their first argument: `model.embed_frame(frame, ...)`.

"""


def public_names(package):
    """The names in `__all__` of an __init__.py, in their order."""
    for node in ast.parse(package.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return ast.literal_eval(node.value)
    raise SystemExit(f"{package}: has no __all__")


def public_functions(module):
    nodes = ast.parse(module.read_text(encoding="utf-8")).body
    return [node.name for node in nodes if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


def pages(package):
    names = [f"::: astrom3.{name}\n" for name in public_names(package)]
    functions = [f"::: astrom3.frames.{name}\n" for name in public_functions(package.with_name("frames.py"))]
    return {"reference/python.md": "\n".join([INTRODUCTION, *names, FRAMES, *functions])}
