# SPDX-License-Identifier: MIT
"""Embeddings in the plane, by the command: its table of places, and its page."""

from __future__ import annotations

import csv
import pathlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from ._embedding_files import Objects
from ._run_command import run_command


@contextmanager
def mapped(
    objects: Objects, suffix: str, identity: Mapping[str, str] | None, arguments: Sequence[str]
) -> Iterator[pathlib.Path]:
    """What ``astrom3 map`` writes, a file with this suffix, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="astrom3-") as name:
        folder = pathlib.Path(name)
        out = folder / f"map{suffix}"
        run_command(["map", *objects.write(folder, identity), "-o", str(out), "--quiet", *arguments])
        yield out


def places(objects: Objects, arguments: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Numbers of the rows that are on the map, and where: (n,) and (n, 2)."""
    number = objects.number
    with (
        mapped(objects, ".csv", {}, arguments) as path,
        path.open(newline="", encoding="utf-8") as file,
    ):
        found = [(number[row["object_id"]], float(row["x"]), float(row["y"])) for row in csv.DictReader(file)]
    rows = np.array([one[0] for one in found], np.int64)
    return rows, np.array([one[1:] for one in found], np.float64).reshape(-1, 2)
