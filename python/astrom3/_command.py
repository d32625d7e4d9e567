# SPDX-License-Identifier: MIT
"""The ``astrom3`` command that comes with the package."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import shutil
import sys


def environment(inherited: dict[str, str]) -> dict[str, str]:
    """The Parquet module needs the Arrow libraries of an installed pyarrow; looking for them loads nothing."""
    found = importlib.util.find_spec("pyarrow")
    if found is None or not found.submodule_search_locations:
        return inherited
    folders = [next(iter(found.submodule_search_locations)), inherited.get("LD_LIBRARY_PATH", "")]
    return {**inherited, "LD_LIBRARY_PATH": os.pathsep.join(filter(None, folders))}


def find_command() -> str:
    """The command of this package; where it is used from a build tree, the one that ``PATH`` has."""
    own = pathlib.Path(__file__).parent / "bin" / "astrom3"
    found = str(own) if own.exists() else shutil.which("astrom3")
    if found is None:
        raise FileNotFoundError(f"there is no command astrom3 in {own.parent} or in PATH")
    return found


def main() -> None:
    """Becomes the command."""
    command = pathlib.Path(__file__).parent / "bin" / "astrom3"
    os.execve(command, [str(command), *sys.argv[1:]], environment(dict(os.environ)))
