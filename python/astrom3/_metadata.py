# SPDX-License-Identifier: MIT
"""Rows of catalogues as the engine reads them for one model."""

from __future__ import annotations

import ctypes as c
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ._arrays import address, encode_texts, plain_numbers, type_number
from ._columns import Columns, columns_of
from ._library import STATUS_NAMES, Column, MetadataRow, check, lib
from ._measured import is_missing, measured
from ._options import Options, engine_options
from ._texts import as_ids, is_text, text_codes
from ._units import plain_number
from ._words import c_text, c_text_or_none, shown

if TYPE_CHECKING:
    from .model import AstroM3


class Metadata:
    """The rows of one table, standardised for `model`."""

    def __init__(self, model: AstroM3, options: Options) -> None:
        self.handle = c.c_void_p()
        self._model = model
        self._options = options
        self._arguments = (c_text_or_none("scaling", model._place.scaling_file), engine_options(options).pointer)

    def __del__(self) -> None:
        lib.astrom3_metadata_close(self.handle)

    def __len__(self) -> int:
        return int(lib.astrom3_metadata_size(self.handle))

    def read(self, path: str | os.PathLike[str]) -> Metadata:
        """Of a file."""
        model = self._model._model.handle
        check(lib.astrom3_metadata_read(model, c_text("metadata", path), *self._arguments, c.byref(self.handle)))
        return self._warned()

    def take(self, columns: Mapping[str, Any], object_ids: Sequence[str] | None = None) -> Metadata:
        """Of columns in memory. object_ids : None where a column holds them."""
        names: list[str] = []
        structs: list[Column] = []
        keep: list[object] = []
        n: int | None = None
        for name in columns:
            value = columns[name]
            struct, owners, length = (None, None, 0) if value is None else _column(name, value)
            if struct is None:
                continue
            if n is not None and length != n:
                raise ValueError(f"metadata: {name}: {length} values beside {n} of {names[0]}")
            n = length
            names.append(name)
            structs.append(struct)
            keep.append(owners)
        array = (Column * len(structs))(*structs)
        ids = None if object_ids is None else encode_texts("object_id", list(object_ids))
        check(
            lib.astrom3_metadata_from_columns(
                self._model._model.handle, n or 0, array, len(structs), ids, *self._arguments, c.byref(self.handle)
            )
        )
        assert len(keep) == len(structs)  # what the engine reads lives until here
        return self._warned()

    def _warned(self) -> Metadata:
        text = lib.astrom3_metadata_warnings(self.handle).decode("utf-8", "replace")
        for line in filter(None, text.split("\n")):
            warnings.warn(line, stacklevel=5)
        return self

    def row(self, i: int) -> tuple[str, str, str, tuple[str, ...], npt.NDArray[np.float32] | None]:
        """object_id, status, message, flags and what the encoder reads, None where the row is rejected."""
        row = MetadataRow(struct_size=c.sizeof(MetadataRow))
        check(lib.astrom3_metadata_get(self.handle, i, c.byref(row)))
        x = np.ctypeslib.as_array(row.x, (row.n,)).copy() if row.x else None
        flags = tuple(filter(None, row.flags.decode().split(";")))
        return row.object_id.decode(), STATUS_NAMES[row.status], row.message.decode("utf-8", "replace"), flags, x


def _column(name: str, value: Any) -> tuple[Column | None, object, int]:
    """A column for C, what it points to and its length; None where it holds nothing that metadata can be."""
    found = lib.astrom3_metadata_unit(c_text("metadata", name))
    unit = None if found is None else found.decode()
    column = Column(name=c_text("metadata", name))
    if unit == "id" and (coded := as_ids(name, value)) is not None:
        return _texts(column, *coded)
    if is_text(value):
        return _texts(column, *text_codes(name, value))
    try:
        if unit not in (None, "id"):
            value = plain_number(name, value, unit)
        measure = measured(name, value)
        if measure.unit is not None and str(measure.unit) != "":
            return None, None, 0  # what it would be in is not known, so that it cannot be read
        numbers = plain_numbers(name, measure.values)
    except (TypeError, ValueError):
        if unit is None:
            return None, None, 0  # of no use to any checkpoint
        raise
    if numbers.dtype == np.float16:
        numbers = numbers.astype(np.float32)
    column.data, column.type = address(numbers), type_number(numbers)
    return column, numbers, len(numbers)


def _texts(column: Column, codes: npt.NDArray[np.int32], texts: list[str]) -> tuple[Column, object, int]:
    categories = encode_texts("metadata", texts or [""])
    column.data, column.type = address(codes), type_number(codes)
    column.categories, column.n_categories = categories, len(categories)
    return column, (codes, categories), len(codes)


def is_one_row(value: Any) -> bool:
    """Whether it is the row of one object: a mapping of names to single values, a row of a frame."""
    if hasattr(value, "iloc") and getattr(value, "ndim", 0) == 1:
        return True
    if hasattr(value, "as_void"):  # of astropy
        return True
    return isinstance(value, Mapping) and all(np.ndim(one) == 0 for one in value.values())


def columns_of_rows(rows: Iterable[Any]) -> dict[str, Any]:
    """One row for each object, None where it has none, as columns; what a row lacks is missing."""
    given = [{} if is_missing(row) else _as_mapping(row) for row in rows]
    names = dict.fromkeys(name for row in given for name in row)
    return {name: _together(name, [row.get(name) for row in given]) for name in names}


def _as_mapping(row: Any) -> Mapping[str, Any]:
    if hasattr(row, "to_dict") and getattr(row, "ndim", 0) == 1:
        row = row.to_dict()
    elif not isinstance(row, Mapping) and (columns := columns_of(row)) is not None:
        row = {name: _only(columns[name]) for name in columns}
    if not isinstance(row, Mapping):
        raise TypeError(f"metadata: expected a mapping of columns to values, found {shown(row)}")
    return {str(name): value for name, value in row.items()}


def _only(value: Any) -> Any:
    """The value of one object in a row, or in a table with one row."""
    if np.ndim(value) == 0:
        return value
    if len(value) != 1:
        raise TypeError(f"metadata: expected the row of one object, found {len(value)} values")
    return value[0]


def _together(name: str, values: list[Any]) -> Any:
    """Values of one column, each with its own unit, as an array; None where their unit is not known."""
    found = lib.astrom3_metadata_unit(c_text("metadata", name))
    out = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        has_unit = getattr(value, "unit", None) is not None
        if has_unit and found is None:
            return None
        out[i] = float(plain_number(name, value, "" if found == b"id" else found.decode())) if has_unit else value
    return out


def as_columns(value: Any) -> Columns | dict[str, Any]:
    """A table of any package, or a list of rows, as columns."""
    if is_one_row(value):
        return columns_of_rows([value])
    if (columns := columns_of(value)) is not None:
        return columns
    if isinstance(value, (list, tuple)):
        return columns_of_rows(value)
    raise TypeError(f"metadata: expected a table, a list of mappings or a path, found {shown(value)}")
