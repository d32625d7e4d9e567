# SPDX-License-Identifier: MIT
"""Light curves in memory as a file that the command reads."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ._columns import frame_for_arrow
from ._embedding_files import write_table
from ._extras import load
from ._texts import is_nothing
from ._words import listed, shown

_EXPECTED = (
    "a path, a list of paths, a long table of pandas, polars or Arrow with a column object_id, or a mapping of ids to "
    "(time, value, error)"
)


def inputs_of(light_curves: Any, mag: bool, folder: pathlib.Path) -> list[str]:
    """What the command is given to read: `light_curves` themselves if they are paths, else a file in `folder`."""
    if isinstance(light_curves, (str, os.PathLike)):
        return [_not_an_option(light_curves)]
    if isinstance(light_curves, Sequence) and all(isinstance(one, (str, os.PathLike)) for one in light_curves):
        if not light_curves:
            raise ValueError(f"light_curves: expected {_EXPECTED}, found none")
        return [_not_an_option(one) for one in light_curves]
    if isinstance(light_curves, Mapping):
        return [str(_write(_table_of(light_curves, mag), folder))]
    if hasattr(light_curves, "iloc") or hasattr(light_curves, "column_names") or hasattr(light_curves, "to_arrow"):
        return [str(_write(_as_arrow(light_curves), folder))]
    raise TypeError(f"light_curves: expected {_EXPECTED}, found {shown(light_curves)}")


def _not_an_option(path: str | os.PathLike[str]) -> str:
    text = os.fspath(path)
    return os.path.join(os.curdir, text) if text.startswith("-") else text


def _as_arrow(table: Any) -> Any:
    pa = load("pyarrow", "light curves in memory")
    if hasattr(table, "iloc"):
        return pa.Table.from_pandas(frame_for_arrow(table), preserve_index=False)
    return table.to_arrow() if hasattr(table, "to_arrow") else table


def _table_of(light_curves: Mapping[Any, Any], mag: bool) -> Any:
    """A long table of a mapping of ids to (time, value, error)."""
    pa = load("pyarrow", "light curves in memory")
    parts: list[np.ndarray[Any, Any]] = []
    for name, light_curve in light_curves.items():
        columns = [light_curve[:, i] for i in range(light_curve.shape[1])] if _is_array(light_curve) else light_curve
        if isinstance(columns, (str, Mapping)) or not hasattr(columns, "__len__") or len(columns) != 3:
            raise TypeError(f"light_curves: {shown(name)}: expected (time, value, error), found {shown(light_curve)}")
        if any(hasattr(column, "unit") for column in columns):
            raise TypeError(f"light_curves: {shown(name)}: give days and {'mag' if mag else 'mJy'} without units")
        parts.append(np.column_stack([np.ma.filled(np.ma.asarray(one, float), np.nan) for one in columns]))
    whose = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    ids = np.array([str(name) for name in light_curves], object)
    rows = np.concatenate(parts) if parts else np.empty((0, 3))
    value = "mag" if mag else "flux"
    return pa.table(
        {"object_id": ids[whose], "time": rows[:, 0], value: rows[:, 1], f"{value}_err": rows[:, 2]},
        schema=pa.schema(
            [("object_id", pa.string()), *((one, pa.float64()) for one in ("time", value, f"{value}_err"))]
        ),
    )


def _is_array(value: Any) -> bool:
    return bool(getattr(value, "ndim", 0) == 2)


def _write(table: Any, folder: pathlib.Path) -> pathlib.Path:
    path = folder / "light_curves.parquet"
    load("pyarrow.parquet", "light curves in memory").write_table(table, path)
    return path


def labels_file(labels: Any, folder: pathlib.Path) -> str | None:
    """The path of a table of ids and classes: `labels` itself if it is one, else a file in `folder`."""
    if labels is None or isinstance(labels, (str, os.PathLike)):
        return None if labels is None else os.fspath(labels)
    path = folder / "labels.csv"
    write_table(path, ("object_id", "class"), _named(labels))
    return str(path)


def _named(labels: Any) -> Iterable[tuple[str, str]]:
    """Pairs of an id and a class."""
    if hasattr(labels, "columns") or hasattr(labels, "column_names"):
        names = [str(name) for name in getattr(labels, "column_names", None) or labels.columns]
        for name in ("object_id", "class"):
            if name not in names:
                raise ValueError(f"labels: there is no column {name!r} among {listed(names)}")
        pairs: Any = zip(_cells(labels["object_id"]), _cells(labels["class"]), strict=True)
    elif hasattr(labels, "items"):  # a mapping, or a series of pandas by id
        pairs = labels.items()
    else:
        raise TypeError(f"labels: expected a path, a mapping of ids to classes, or a table, found {shown(labels)}")
    return [(str(one), str(label)) for one, label in pairs if not is_nothing(label) and str(label)]


def _cells(column: Any) -> list[Any]:
    return list(column.to_pylist() if hasattr(column, "to_pylist") else column.to_list())
