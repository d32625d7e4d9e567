# SPDX-License-Identifier: MIT
"""Packages that only some functions need: imported when they are used; if one is missing, the error names its extra."""

from __future__ import annotations

import importlib
from typing import Any

_EXTRA_OF = {
    "fastavro": "alerts",
    "matplotlib": "plots",
    "nested_pandas": "lsdb",
    "pandas": "frames",
    "pyarrow": "frames",
    "tqdm": "progress",
}


def load(module: str, what: str) -> Any:
    """A module of an optional package. Raises ImportError, which says what needs it, if it is not installed."""
    package = module.partition(".")[0]
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != package:
            raise  # it is there, and something that it needs is not
        extra = _EXTRA_OF.get(package)
        wanted = package.replace("_", "-") if extra is None else f'"astrom3[{extra}]"'
        raise ImportError(
            f"{what} needs {package}, which is not installed: pip install {wanted}", name=package
        ) from None
