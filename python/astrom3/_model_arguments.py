# SPDX-License-Identifier: MIT
"""A model as arguments of the command: its checkpoint, and how it treats light curves."""

from __future__ import annotations

import os
from typing import Any

from ._options import DESCRIBED, Options
from ._run_command import arguments_of


def arguments_of_model(model: Any, without: str | None = None) -> list[str]:
    """Of an `AstroM3`, a path or None.

    without : "attention" or "precision", where the command has no such option, because it compares all of them.
    """
    if model is None or isinstance(model, (str, os.PathLike)):
        return [] if model is None else ["--model", os.fspath(model)]
    isa, attention, seed, precision = model._key
    options: dict[str, Any] = {
        "model": model._model.weights_file, "model_sha256": model.sha256, "isa": isa, "threads": model._n_threads,
        "precision": precision, **_treatment(model.options),
    }  # fmt: skip
    if without != "attention":
        options |= {"attention": attention, "seed": seed if attention == "probsparse" else None}
    if model._scaling_of_the_hub is not None:
        options["scaling"] = model._scaling_of_the_hub
    options.pop(without or "", None)
    return arguments_of(options)


def _treatment(options: Options) -> dict[str, Any]:
    """The options that are not at their default, as the command spells them."""
    found: dict[str, Any] = {}
    for name, described in DESCRIBED.items():
        value = getattr(options, name)
        if value != described.default:
            found[f"no_{name}" if described.default is True else name] = value or described.default is True
    return found
