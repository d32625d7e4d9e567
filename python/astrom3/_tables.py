# SPDX-License-Identifier: MIT
"""Light curves of every kind that Python users have, as tables of the engine."""

from __future__ import annotations

import ctypes as c
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ._arrays import address, as_float64, as_numbers, check_same_length, encode_texts, is_missing, type_number
from ._arrow import arrow_chunks, is_arrow
from ._engine import Table
from ._library import Column, check, lib
from ._options import Options
from ._selection import Selection


def _text_column(name: str, value: Any, column: Column) -> list[object]:
    """Texts as numbers into their distinct values; missing ones below 0."""
    texts = np.asarray(value, dtype=object)
    if texts.ndim != 1:
        raise ValueError(f"{name}: expected 1 dimension, found shape {texts.shape}")
    missing = np.array([is_missing(text) or text != text for text in texts], dtype=bool)
    distinct, codes = np.unique(np.where(missing, "", texts).astype(str), return_inverse=True)
    codes = np.where(missing, -1, codes).astype(np.int32)
    categories = encode_texts([str(text) for text in distinct] or [""])
    column.data, column.type = address(codes), type_number(codes)
    column.categories, column.n_categories = categories, len(categories)
    return [codes, categories]


def _is_text(value: Any) -> bool:
    dtype = getattr(value, "dtype", None)
    if dtype is None:
        return len(value) > 0 and isinstance(value[0], str)
    if getattr(dtype, "kind", "") in "iuf":
        return False
    if getattr(dtype, "kind", "") in "US" or str(dtype) in ("category", "string", "str"):
        return True
    if getattr(dtype, "kind", "") != "O":
        return False
    return any(isinstance(element, str) for element in value[:100] if element is not None)


def flat_table(
    columns: Mapping[str, Any], offsets: npt.NDArray[np.int64], selection: Selection, options: Options
) -> Table:
    """One flat table with offsets; numbers are not copied where they can be read as they are."""
    there = list(columns)
    struct, keep = selection.struct(there, options)
    needed = selection.needed(there)
    structs = (Column * len(needed))()
    n_rows: int | None = None
    for column, name in zip(structs, needed, strict=True):
        column.name = name.encode()
        value = columns[name]
        if _is_text(value):
            owners = _text_column(name, value, column)
            length = len(owners[0])  # type: ignore[arg-type]
        else:
            array = as_numbers(name, value)
            owners = [array]
            length = len(array)
            column.data, column.type = address(array), type_number(array)
        keep += owners
        if n_rows is None:
            n_rows = length
        elif length != n_rows:
            raise ValueError(f"{name}: {length} values beside {n_rows} of {needed[0]}")
    handle = c.c_void_p()
    check(
        lib.astrom3_table_from_columns(
            address(offsets), len(offsets) - 1, n_rows or 0, structs, len(needed), c.byref(struct), c.byref(handle)
        )
    )
    return Table(handle, n_rows or 0, (keep, structs, offsets, columns))


def as_offsets(value: object, n_rows: int) -> npt.NDArray[np.int64]:
    """(N + 1,) int64, copied."""
    array = as_numbers("offsets", value)
    if array.dtype.kind not in "iu":
        raise TypeError(f"offsets: expected integers, found dtype {array.dtype}")
    if len(array) < 1:
        raise ValueError("offsets: expected one more than light curves, found none")
    offsets = array.astype(np.int64)
    if offsets[0] < 0 or offsets[-1] > n_rows or np.any(np.diff(offsets) < 0):
        raise ValueError(f"offsets: expected numbers that do not decrease within 0 .. {n_rows}")
    return offsets


def single_table(time: object, value: object, error: object, selection: Selection, options: Options) -> Table:
    """One light curve, copied while Python holds it still."""
    names = ("time", "mag", "mag_err") if selection.mag else ("time", "flux", "flux_err")
    arrays = [as_float64(name, given) for name, given in zip(names, (time, value, error), strict=True)]
    for name, array in zip(names[1:], arrays[1:], strict=True):
        check_same_length(name, array, names[0], len(arrays[0]))
    copies = {name: array.copy() for name, array in zip(names, arrays, strict=True)}
    return flat_table(copies, np.array([0, len(arrays[0])]), selection, options)


def list_table(light_curves: Sequence[Any], selection: Selection, options: Options) -> Table:
    """A list of (time, value, error), of arrays (n, 3), or of mappings; copied."""
    names = ["time", "mag", "mag_err"] if selection.mag else ["time", "flux", "flux_err"]
    if light_curves and isinstance(light_curves[0], Mapping):
        names = selection.needed(list(light_curves[0]))
    elif selection.where or selection.band_field is not None:
        raise ValueError("where and band_field need named columns: give mappings, a table or Arrow lists")
    parts: dict[str, list[Any]] = {name: [] for name in names}
    offsets = np.zeros(len(light_curves) + 1, np.int64)
    for i, light_curve in enumerate(light_curves):
        columns = _columns_of(light_curve, names, f"light_curves[{i}]")
        length = None
        for name, column in zip(names, columns, strict=True):
            numeric = name in selection.columns(names) or not _is_text(column)
            array = as_numbers(f"light_curves[{i}]: {name}", column) if numeric else np.asarray(column)
            length = len(array) if length is None else length
            check_same_length(f"light_curves[{i}]: {name}", array, names[0], length)
            parts[name].append(array)
        offsets[i + 1] = offsets[i] + (length or 0)
    flat = {name: np.concatenate(arrays) if arrays else np.zeros(0) for name, arrays in parts.items()}
    return flat_table(flat, offsets, selection, options)


def _columns_of(light_curve: Any, names: list[str], where: str) -> list[Any]:
    if isinstance(light_curve, Mapping):
        for name in names:
            if name not in light_curve:
                raise ValueError(f"{where}: there is no column {name!r} among {', '.join(map(str, light_curve))}")
        return [light_curve[name] for name in names]
    if isinstance(light_curve, np.ndarray) and light_curve.ndim == 2:
        if light_curve.shape[1] != 3:
            raise ValueError(f"{where}: expected shape (n, 3), found {light_curve.shape}")
        return list(light_curve.T)
    try:
        columns = list(light_curve)
    except TypeError:
        raise TypeError(f"{where}: expected (time, value, error), found {type(light_curve).__name__}") from None
    if len(columns) != 3:
        raise ValueError(f"{where}: expected (time, value, error), found {len(columns)} columns")
    return columns


def group_rows(ids: Any) -> tuple[npt.NDArray[Any], npt.NDArray[np.intp] | None, npt.NDArray[np.int64]]:
    """A long table's ids as (distinct in order of first appearance, row order or None if grouped, offsets)."""
    values = np.asarray(ids)
    if len(values) == 0:
        return values, None, np.zeros(1, np.int64)
    starts = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
    if len(np.unique(values[starts])) == len(starts):
        return values[starts], None, np.append(starts, len(values)).astype(np.int64)
    distinct, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    order_of_first = np.argsort(first, kind="stable")
    rank = np.empty_like(order_of_first)
    rank[order_of_first] = np.arange(len(order_of_first))
    order = np.argsort(rank[inverse], kind="stable")
    counts = np.bincount(rank[inverse], minlength=len(distinct))
    return distinct[order_of_first], order, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def long_table(frame: Any, id_column: str, selection: Selection, options: Options) -> tuple[Table, npt.NDArray[Any]]:
    """A pandas or mapping long table, one observation a row: its light curves and their ids."""
    there = [str(name) for name in (frame.columns if hasattr(frame, "columns") else frame)]
    if id_column not in there:
        raise ValueError(f"id: there is no column {id_column!r} among {', '.join(there)}")
    ids, order, offsets = group_rows(frame[id_column])
    columns = {}
    for name in selection.needed(there):
        column = frame[name]
        if hasattr(column, "to_numpy"):
            column = column.astype(object).to_numpy() if _is_text(column) else column.to_numpy()
        columns[name] = column if order is None else np.asarray(column)[order]
    return flat_table({**dict.fromkeys(there), **columns}, offsets, selection, options), ids


def tables_of(
    light_curves: Any, offsets: object, id_column: str | None, selection: Selection, options: Options
) -> Iterator[tuple[Table, Any]]:
    """`light_curves` as one table after the other, each with the Arrow columns beside it where there are some."""
    if id_column is not None:
        yield long_table(light_curves, id_column, selection, options)[0], None
    elif offsets is not None:
        if not isinstance(light_curves, Mapping):
            raise TypeError("offsets go with a mapping of column names to arrays")
        first = next(iter(selection.needed(list(light_curves))))
        yield flat_table(light_curves, as_offsets(offsets, len(light_curves[first])), selection, options), None
    elif is_arrow(light_curves):
        yield from arrow_chunks(light_curves, selection, options)
    elif isinstance(light_curves, Sequence) and not isinstance(light_curves, (str, bytes)):
        yield list_table(light_curves, selection, options), None
    elif isinstance(light_curves, np.ndarray) and light_curves.dtype == object:
        yield list_table(list(light_curves), selection, options), None
    elif isinstance(light_curves, Mapping):
        raise TypeError("light_curves: a mapping of columns needs offsets, or the name of its id column as id")
    else:
        raise TypeError(
            f"light_curves: expected a list of light curves, a table or Arrow data, found {type(light_curves).__name__}"
        )


def column_beside(frame: Any, name: str, value: Any) -> Any:
    """A feature given as the name of a column of `frame` as that column; anything else as it is."""
    if not isinstance(value, str) or value.startswith("z:"):
        return value
    try:
        return frame[value]
    except KeyError:
        raise ValueError(f"scalars: {name}: there is no column {value!r}") from None
