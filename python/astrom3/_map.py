# SPDX-License-Identifier: MIT
"""Embeddings in the plane, by the command: its table of places, and its page."""

from __future__ import annotations

import csv
import json
import os
import pathlib
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from ._command import environment, find_command
from ._errors import AstroM3Error
from ._info import BatchInfo
from ._library import clean_message
from ._texts import is_nothing
from ._vectors import as_embeddings


class Objects:
    """Embeddings with the ids and classes of their objects, checked against each other."""

    def __init__(self, embeddings: Any, labels: Any, ids: Any = None, info: BatchInfo | None = None) -> None:
        self.rows = as_embeddings("embeddings", embeddings)
        self.info = info
        n = len(self.rows)
        if info is not None and len(info) != n:
            raise ValueError(f"info: {len(info)} values beside {n} embeddings")
        if ids is None and info is not None and info.ids:
            ids = info.object_id
        self.ids = [str(number) for number in range(n)] if ids is None else [str(one) for one in ids]
        self.labels = None if labels is None else texts_of(labels)
        for name, values in (("ids", self.ids), ("labels", self.labels)):
            if values is not None and len(values) != n:
                raise ValueError(f"{name}: {len(values)} values beside {n} embeddings")
        if len(set(self.ids)) != n:
            raise ValueError("ids: two embeddings have the same id")

    def write(self, folder: pathlib.Path, identity: Mapping[str, str] | None) -> list[str]:
        """As ``astrom3 embed --to npy`` does; the arguments of the command that name the files."""
        embeddings = folder / "embeddings"
        embeddings.mkdir()
        np.save(embeddings / "mean.npy", self.rows)
        states = np.where(np.isfinite(self.rows).all(axis=1), "ok", "nonfinite_output")
        columns: dict[str, Sequence[Any]] = {"object_id": self.ids, "status": states.tolist()}
        if self.info is not None:
            columns |= {
                name: ["" if value != value else value for value in values.tolist()]
                for name, values in self.info.features.items()
            }
        _write_table(embeddings / "objects.csv", list(columns), zip(*columns.values(), strict=True))
        if identity is not None:
            (embeddings / "meta.json").write_text(json.dumps(dict(identity)), encoding="utf-8")
        if self.labels is None:
            return [str(embeddings)]
        named = ((one, label) for one, label in zip(self.ids, self.labels, strict=True) if label)
        _write_table(folder / "labels.csv", ("object_id", "class"), named)
        return [str(embeddings), "--labels", str(folder / "labels.csv")]


def texts_of(values: Iterable[Any]) -> list[str]:
    """Classes as texts, a missing one as ""."""
    return ["" if is_nothing(one) else str(one) for one in values]


def _write_table(path: pathlib.Path, names: Sequence[str], rows: Any) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)


@contextmanager
def mapped(
    objects: Objects, suffix: str, identity: Mapping[str, str] | None, arguments: Sequence[str]
) -> Iterator[pathlib.Path]:
    """What ``astrom3 map`` writes, a file with this suffix, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="astrom3-") as name:
        folder = pathlib.Path(name)
        out = folder / f"map{suffix}"
        inputs = objects.write(folder, identity)
        command = [find_command(), "map", *inputs, "-o", str(out), "--quiet", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=environment(dict(os.environ)), check=False)
        if not out.exists():
            text = done.stderr.removeprefix("astrom3: ").strip()
            code = text[6:].split("]", 1)[0] if text.startswith("error[") else "internal"
            raise AstroM3Error(clean_message(text) or f"astrom3 map ended with {done.returncode}", code)
        yield out


def places(objects: Objects, arguments: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Numbers of the rows that are on the map, and where: (n,) and (n, 2)."""
    number = {one: i for i, one in enumerate(objects.ids)}
    with (
        mapped(objects, ".csv", {}, arguments) as path,
        path.open(newline="", encoding="utf-8") as file,
    ):
        found = [(number[row["object_id"]], float(row["x"]), float(row["y"])) for row in csv.DictReader(file)]
    rows = np.array([one[0] for one in found], np.int64)
    return rows, np.array([one[1:] for one in found], np.float64).reshape(-1, 2)
