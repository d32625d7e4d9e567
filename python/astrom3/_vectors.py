# SPDX-License-Identifier: MIT
"""Embeddings of any kind, such as a column of lists in a table, as rows of float32."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ._arrays import as_float32_rows
from ._extras import load
from ._measured import is_missing
from ._words import shown

Rows = npt.NDArray[np.float32]


def is_column_of_lists(value: Any) -> bool:
    """Whether it is a column of Arrow, pandas or polars, or an array of objects, in whose cells are lists."""
    if isinstance(value, np.ndarray):
        return bool(value.ndim == 1 and value.dtype == object and any(_is_list(cell) for cell in value))
    if isinstance(value, (list, tuple)):
        return any(_is_list(cell) for cell in value) and any(is_missing(cell) for cell in value)
    dtype = str(getattr(value, "dtype", getattr(value, "type", ""))).lower()
    if dtype == "object":
        return any(_is_list(cell) for cell in value)
    return dtype.startswith(("list", "large_list", "fixed_size_list", "array", "nested", "extension<"))


def _is_list(cell: Any) -> bool:
    return isinstance(cell, (list, tuple)) or (isinstance(cell, np.ndarray) and cell.ndim == 1)


def as_embeddings(name: str, value: Any) -> Rows:
    """(N, D) float32 of an array or of a column of lists; a missing embedding is a row of NaN."""
    if is_column_of_lists(value):
        if isinstance(value, (np.ndarray, list, tuple)) or str(getattr(value, "dtype", "")) == "object":
            return _rows_of_cells(name, list(value))
        return _rows_of_arrow(name, _as_arrow(value))
    if (there := _columns_of_lists(value)) and not isinstance(value, np.ndarray):
        raise TypeError(f"{name}: expected embeddings, found a {type(value).__name__}; give its column {there[0]!r}")
    return as_float32_rows(name, value)


def _columns_of_lists(table: Any) -> list[Any]:
    """Names of the columns that may hold embeddings, of a table of Arrow, pandas or polars."""
    if hasattr(table, "column_names"):
        return [name for name in table.column_names if is_column_of_lists(table.column(name))]
    return [name for name in getattr(table, "columns", ()) if is_column_of_lists(table[name])]


def _as_arrow(column: Any) -> Any:
    pa = load("pyarrow", "a column of embeddings")

    if hasattr(column, "to_arrow"):  # polars
        return column.to_arrow()
    return column if type(column).__module__.startswith("pyarrow") else pa.array(column)


def _rows_of_arrow(name: str, column: Any) -> Rows:
    if hasattr(column, "chunks"):
        return _joined(name, [_rows_of_arrow(name, chunk) for chunk in column.chunks if len(chunk)])
    column = getattr(column, "storage", column)  # of a tensor
    kind = column.type
    if not hasattr(kind, "value_type"):
        raise TypeError(f"{name}: expected lists of numbers, found {kind}")
    there = column.drop_null()
    values = there.flatten()
    if hasattr(values, "field") and values.type.num_fields == 1:  # a nested column of one field
        values = values.flatten()[0]
    lengths = np.unique(there.value_lengths().to_numpy(zero_copy_only=False)) if len(there) else np.array([])
    numbers = as_float32_rows(name, values.to_numpy(zero_copy_only=False)[np.newaxis])[0]
    fixed = getattr(kind, "list_size", None)
    return _placed(name, numbers, lengths, column.is_valid().to_numpy(zero_copy_only=False), fixed)


def _rows_of_cells(name: str, cells: list[Any]) -> Rows:
    is_there = np.array([not is_missing(cell) and not isinstance(cell, float) for cell in cells], bool)
    found = [cell for cell, there in zip(cells, is_there, strict=True) if there]
    for cell in found:
        if not _is_list(cell):
            raise TypeError(f"{name}: expected lists of numbers, found {shown(cell)}")
    lengths = np.unique([len(cell) for cell in found])
    if len(lengths) > 1:
        return _placed(name, np.zeros(0, np.float32), lengths, is_there, None)
    return _placed(name, as_float32_rows(name, np.asarray(found)).reshape(-1), lengths, is_there, None)


def _placed(name: str, numbers: Rows, lengths: npt.NDArray[Any], is_there: npt.NDArray[Any], fixed: int | None) -> Rows:
    """Rows of `numbers` where one is there, NaN elsewhere."""
    if len(lengths) > 1:
        raise ValueError(f"{name}: embeddings of different lengths, {', '.join(map(str, lengths.tolist()))}")
    width = int(lengths[0]) if len(lengths) else int(fixed or 0)
    rows = np.full((len(is_there), width), np.nan, np.float32)
    rows[is_there] = numbers.reshape(-1, width) if width else np.zeros((int(is_there.sum()), 0), np.float32)
    return rows


def _joined(name: str, parts: list[Rows]) -> Rows:
    widths = {part.shape[1] for part in parts if not np.isnan(part).all() or part.shape[1]}
    if len(widths) > 1:
        raise ValueError(f"{name}: embeddings of different lengths, {', '.join(map(str, sorted(widths)))}")
    width = next(iter(widths), 0)
    parts = [part if part.shape[1] == width else np.full((len(part), width), np.nan, np.float32) for part in parts]
    return np.concatenate(parts) if parts else np.empty((0, width), np.float32)
