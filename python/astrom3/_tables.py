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
    return any(isinstance(element, str) for element in value)


class FlatColumns:
    """Columns of one table as C has them. Numbers are not copied where they can be read as they are.

    columns : a mapping of all names; only those that are read are looked at.
    """

    def __init__(self, columns: Any, names: Sequence[str], selection: Selection, options: Options) -> None:
        read, _ = selection.columns_read(names, options)
        self.names = names
        self.structs = (Column * len(names))()
        self.keep: list[object] = [columns]
        self.n_rows = 0
        first: str | None = None
        for column, name in zip(self.structs, names, strict=True):
            column.name = name.encode()
            if name not in read:
                continue
            n = self._take(name, columns[name], column)
            if first is None:
                self.n_rows, first = n, name
            elif n != self.n_rows:
                raise ValueError(f"{name}: {n} values beside {self.n_rows} of {first}")

    def _take(self, name: str, value: Any, column: Column) -> int:
        if _is_text(value):
            owners = _text_column(name, value, column)
            self.keep += owners
            return len(owners[0])  # type: ignore[arg-type]
        array = as_numbers(name, value)
        column.data, column.type = address(array), type_number(array)
        self.keep.append(array)
        return len(array)

    def table(self, selection: Selection, options: Options, offsets: npt.NDArray[np.int64] | None) -> Table:
        """Light curves by their offsets, or by the column of ids."""
        arguments, keep = selection.arguments(options)
        handle = c.c_void_p()
        columns = (self.structs, len(self.names), *arguments, c.byref(handle))
        if offsets is None:
            check(lib.astrom3_table_from_rows(self.n_rows, *columns))
        else:
            check(lib.astrom3_table_from_columns(address(offsets), len(offsets) - 1, self.n_rows, *columns))
        return Table(handle, self.n_rows, (self.keep, self.structs, keep, offsets))


def flat_table(
    columns: Mapping[str, Any], offsets: npt.NDArray[np.int64], selection: Selection, options: Options
) -> Table:
    """One flat table with offsets."""
    return FlatColumns(columns, list(columns), selection, options).table(selection, options, offsets)


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
    names = _names_of(selection)
    arrays = [as_float64(name, given) for name, given in zip(names, (time, value, error), strict=True)]
    for name, array in zip(names[1:], arrays[1:], strict=True):
        check_same_length(name, array, names[0], len(arrays[0]))
    copies = {name: array.copy() for name, array in zip(names, arrays, strict=True)}
    return flat_table(copies, np.array([0, len(arrays[0])]), selection, options)


def _names_of(selection: Selection) -> list[str]:
    """Of time, value and error where they have none."""
    return ["time", "mag", "mag_err"] if ("magnitudes", True) in selection.settings else ["time", "flux", "flux_err"]


def list_table(light_curves: Sequence[Any], selection: Selection, options: Options) -> Table:
    """A list of (time, value, error), of arrays (n, 3), or of mappings; copied."""
    has_names = len(light_curves) > 0 and isinstance(light_curves[0], Mapping)
    if has_names:
        there = [str(name) for name in light_curves[0]]
        read, _ = selection.columns_read(there, options)
        names = [name for name in there if name in read]
    else:
        named = selection.where or any(name == "columns" for name, _ in selection.settings)
        if light_curves and named:
            raise ValueError("where, fields and band_field need named columns: give mappings, a table or Arrow lists")
        names = there = _names_of(selection)
    parts: dict[str, list[Any]] = {name: [] for name in names}
    offsets = np.zeros(len(light_curves) + 1, np.int64)
    for i, light_curve in enumerate(light_curves):
        columns = _columns_of(light_curve, names, f"light_curves[{i}]")
        length = None
        for name, column in zip(names, columns, strict=True):
            is_text = has_names and _is_text(column)
            array = np.asarray(column) if is_text else as_numbers(f"light_curves[{i}]: {name}", column)
            length = len(array) if length is None else length
            check_same_length(f"light_curves[{i}]: {name}", array, names[0], length)
            parts[name].append(array)
        offsets[i + 1] = offsets[i] + (length or 0)
    flat = {name: np.concatenate(arrays) if arrays else np.zeros(0) for name, arrays in parts.items()}
    return FlatColumns(flat, there, selection, options).table(selection, options, offsets)


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


class _Columns:
    """A frame's columns as arrays, made when they are looked at."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self._keys = {str(key): key for key in frame}

    @property
    def names(self) -> list[str]:
        return list(self._keys)

    def __getitem__(self, name: str) -> Any:
        column = self._frame[self._keys[name]]
        if hasattr(column, "to_numpy"):
            return column.astype(object).to_numpy() if _is_text(column) else column.to_numpy()
        return column


def long_table(frame: Any, selection: Selection, options: Options) -> Table:
    """A pandas or mapping long table, one observation a row: whose it is the column of ids says."""
    columns = _Columns(frame)
    for name, value in selection.settings:
        if name == "id_column" and value not in columns.names:
            raise ValueError(f"id: there is no column {value!r} among {', '.join(columns.names)}")
    if isinstance(frame, Mapping) and selection.columns_read(columns.names, options)[1] is None:
        raise TypeError("light_curves: a mapping of columns needs offsets, or the name of its id column as id")
    return FlatColumns(columns, columns.names, selection, options).table(selection, options, None)


_LIST_TYPES = ("nested", "list", "large_list", "fixed_size_list", "struct")


def _is_long_frame(value: Any) -> bool:
    """Whether `value` is a pandas frame whose columns hold no lists."""
    if not hasattr(value, "iloc") or value.ndim != 2:
        return False
    for i, dtype in enumerate(value.dtypes):
        if str(dtype).startswith(_LIST_TYPES):
            return False
        if str(dtype) == "object":
            cells = (cell for cell in value.iloc[:, i] if not is_missing(cell) and not isinstance(cell, float))
            first = next(cells, None)
            if isinstance(first, (list, tuple, dict, np.ndarray)):
                return False
    return True


def tables_of(light_curves: Any, offsets: object, selection: Selection, options: Options) -> Iterator[Table]:
    """`light_curves` as one table after the other."""
    if offsets is not None:
        if not isinstance(light_curves, Mapping):
            raise TypeError("offsets go with a mapping of column names to arrays")
        names = list(light_curves)
        columns = FlatColumns(light_curves, names, selection, options)
        yield columns.table(selection, options, as_offsets(offsets, columns.n_rows))
    elif isinstance(light_curves, Mapping) or _is_long_frame(light_curves):
        yield long_table(light_curves, selection, options)
    elif is_arrow(light_curves):
        yield from arrow_chunks(light_curves, selection, options)
    elif isinstance(light_curves, Sequence) and not isinstance(light_curves, (str, bytes)):
        yield list_table(light_curves, selection, options)
    elif isinstance(light_curves, np.ndarray) and light_curves.dtype == object:
        yield list_table(list(light_curves), selection, options)
    else:
        raise TypeError(
            f"light_curves: expected a list of light curves, a table or Arrow data, found {type(light_curves).__name__}"
        )


def nested_table(frame: Any, nested: str, selection: Selection, options: Options) -> Any:
    """The light curves in column `nested`, with the columns beside them that are read, too; no copies."""
    if isinstance(frame, Mapping):
        return frame[nested]
    if not hasattr(frame, "iloc"):
        return frame
    import pyarrow as pa

    column = pa.array(frame[nested])
    inside = column.type
    while not pa.types.is_struct(inside) and hasattr(inside, "value_type"):
        inside = inside.value_type
    fields = [field.name for field in inside] if pa.types.is_struct(inside) else []
    hidden = {name.lower() for name in fields}
    beside = [name for name in map(str, frame.columns) if name != nested and name.lower() not in hidden]
    read, _ = selection.columns_read([*fields, *beside], options)
    return pa.table({nested: column, **{name: pa.array(frame[name]) for name in beside if name in read}})


def column_beside(frame: Any, name: str, value: Any) -> Any:
    """A feature given as the name of a column of `frame` as that column; anything else as it is."""
    if not isinstance(value, str) or value.startswith("z:"):
        return value
    try:
        return frame[value]
    except KeyError:
        raise ValueError(f"features: {name}: there is no column {value!r}") from None
