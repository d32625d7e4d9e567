# SPDX-License-Identifier: MIT
"""The ``astrom3`` command that comes with the package."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import sys


def _with_pyarrow(environment: dict[str, str]) -> dict[str, str]:
    """The Parquet module needs the Arrow libraries of an installed pyarrow; looking for them loads nothing."""
    found = importlib.util.find_spec("pyarrow")
    if found is None or not found.submodule_search_locations:
        return environment
    folders = [next(iter(found.submodule_search_locations)), environment.get("LD_LIBRARY_PATH", "")]
    return {**environment, "LD_LIBRARY_PATH": os.pathsep.join(filter(None, folders))}


def main() -> None:
    """Becomes the command."""
    command = pathlib.Path(__file__).parent / "bin" / "astrom3"
    os.execve(command, [str(command), *sys.argv[1:]], _with_pyarrow(dict(os.environ)))
