# SPDX-License-Identifier: MIT
"""Embeddings in memory as the files that the command reads."""

from __future__ import annotations

import csv
import json
import pathlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ._info import BatchInfo
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

    @property
    def number(self) -> dict[str, int]:
        """The row of every id."""
        return {one: i for i, one in enumerate(self.ids)}

    def write(self, folder: pathlib.Path, identity: Mapping[str, str] | None = None) -> list[str]:
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
        write_table(embeddings / "objects.csv", list(columns), zip(*columns.values(), strict=True))
        if identity is not None:
            (embeddings / "meta.json").write_text(json.dumps(dict(identity)), encoding="utf-8")
        if self.labels is None:
            return [str(embeddings)]
        return [str(embeddings), "--labels", self.write_words(folder / "labels.csv", self.labels)]

    def write_words(self, path: pathlib.Path, words: Sequence[str]) -> str:
        """A table of a word for each object, but for those whose word is ""; its path."""
        named = ((one, word) for one, word in zip(self.ids, words, strict=True) if word)
        write_table(path, ("object_id", "class"), named)
        return str(path)

    def write_probabilities(self, path: pathlib.Path, values: Any, names: Sequence[str]) -> str:
        """As ``astrom3 classify`` does; the path of the file."""
        table = np.asarray(values, np.float32)
        if table.shape != (len(self.ids), len(names)):
            raise ValueError(f"probabilities: expected shape ({len(self.ids)}, {len(names)}), found {table.shape}")
        is_there: Any = np.isfinite(table).all(axis=1)
        rows = [
            [one, "ok", names[int(row.argmax())], *row.tolist()]
            if there
            else [one, "nonfinite_output", *[""] * (1 + len(names))]
            for one, row, there in zip(self.ids, table, is_there, strict=True)
        ]
        write_table(path, ("object_id", "status", "class", *(f"p_{name}" for name in names)), rows)
        return str(path)


def texts_of(values: Iterable[Any]) -> list[str]:
    """Classes as texts, a missing one as ""."""
    return ["" if is_nothing(one) else str(one) for one in values]


def write_table(path: pathlib.Path, names: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    """A table of text."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)


def columns_in_order(objects: Objects, records: Iterable[Mapping[str, Any]]) -> dict[str, npt.NDArray[Any]]:
    """Columns of a table of the command with one value for each embedding, missing ones NaN, "" or -1."""
    found = list(records)
    rows = np.array([objects.number[str(one["object_id"])] for one in found], np.int64)
    columns: dict[str, npt.NDArray[Any]] = {}
    for name in found[0] if found else ():
        values = [one[name] for one in found]
        if any(isinstance(value, str) for value in values):
            column: npt.NDArray[Any] = np.full(len(objects.rows), "", object)
            values = ["" if value is None else value for value in values]
        elif all(isinstance(value, int) for value in values):
            column = np.full(len(objects.rows), -1, np.int64)
        else:
            column = np.full(len(objects.rows), np.nan)
            values = [np.nan if value is None else value for value in values]
        column[rows] = values
        columns[name] = column.astype(np.str_) if column.dtype == object else column
    return columns
