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


CLASSES = """
## Classes

Methods of `AstroM3`, too: `model.classify(time, flux, flux_err)`.

"""
OBJECTS = """
## Objects of several modalities

Methods of `AstroM3`, too: `model.embed(light_curve=..., spectrum=..., metadata=...)`.

"""
PLOTS = """
## Plots

Functions of `astrom3.plot`, which needs matplotlib. [Plots](../gallery.md) shows what they draw.

"""


def public_names(package):
    """The names in `__all__` of an __init__.py, in their order."""
    for node in ast.parse(package.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return ast.literal_eval(node.value)
    raise SystemExit(f"{package}: has no __all__")


def public_in(package, module):
    """What a module of the package defines for its users, for mkdocstrings."""
    nodes = ast.parse(package.with_name(f"{module}.py").read_text(encoding="utf-8")).body
    kinds = (ast.FunctionDef, ast.ClassDef)
    names = [node.name for node in nodes if isinstance(node, kinds) and not node.name.startswith("_")]
    return [f"::: astrom3.{module}.{name}\n" for name in names]


def pages(package):
    names = [f"::: astrom3.{name}\n" for name in public_names(package)]
    frames = [*public_in(package, "frames"), *public_in(package, "spark")]
    classes, objects, plots = (public_in(package, module) for module in ("classes", "modalities", "plot"))
    sections = [INTRODUCTION, *names, CLASSES, *classes, OBJECTS, *objects, FRAMES, *frames, PLOTS, *plots]
    return {"reference/python.md": "\n".join(sections)}
