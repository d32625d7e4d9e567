# SPDX-License-Identifier: MIT
"""What belongs together: light curves, spectra and metadata of the same objects, by their ids or by their places."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ._columns import columns_of, is_collection, is_iterator
from ._engine import Table
from ._library import lib
from ._measured import is_missing
from ._metadata import Metadata, as_columns, columns_of_rows, is_one_row
from ._options import Options
from ._spectra_list import SpectraList
from ._texts import is_text, text_codes
from ._words import c_text, shown

if TYPE_CHECKING:
    from .model import AstroM3


@dataclasses.dataclass
class Inputs:
    """For one call of the engine."""

    tables: list[Table] = dataclasses.field(default_factory=list)
    light_curve_ids: list[str] | None = None  # None: as the tables say
    spectra: SpectraList | None = None
    metadata: Metadata | None = None


def is_a_list(light_curves: Any) -> bool:
    """Whether light curves are given one after the other, so that their places are all that names them."""
    is_array = isinstance(light_curves, np.ndarray) and light_curves.dtype.names is None
    is_listed = isinstance(light_curves, (list, tuple)) or is_collection(light_curves)
    return is_listed or is_array or is_iterator(light_curves)


def are_lists(spectra: Any, metadata: Any) -> bool:
    """Whether spectra and metadata without light curves are lists in which nothing says whose a row is."""
    if not isinstance(metadata, (list, tuple)) or spectra is None or isinstance(spectra, (str, Mapping)):
        return False
    rows = [row for row in metadata if not is_missing(row)]
    return not any(_is_id(str(name)) for row in rows for name in (row if isinstance(row, Mapping) else row.index))


# ---- by their ids ------------------------------------------------------------------------------------------


def inputs_by_id(model: AstroM3, tables: Iterator[Table], spectra: Any, metadata: Any, options: Options) -> Inputs:
    """What is in tables, files and mappings by ids."""
    found = Inputs(tables=list(tables))
    has_ids: dict[str, set[bool]] = {"light_curves": _have_ids(found.tables)}
    if spectra is not None:
        found.spectra = SpectraList()
        has_ids["spectra"] = set()
        for object_id, value in _named_spectra(spectra):
            found.spectra.add_any(value, options, object_id)
            has_ids["spectra"].add(object_id is not None or _brings_id(value))
    if metadata is not None:
        rows = Metadata(model, options)
        if isinstance(metadata, (str, os.PathLike)):
            found.metadata = rows.read(metadata)
        else:
            columns = as_columns(metadata)
            has_ids["metadata"] = {options.metadata_id is not None or any(map(_is_id, columns))}
            found.metadata = rows.take(columns)
    _check_ids(has_ids)
    return found


def _have_ids(tables: list[Table]) -> set[bool]:
    """Whether light curves have ids; nothing where these are their numbers, and their places as well."""
    n = 0
    for table in tables:
        offsets, texts = table.ids(n)
        numbers = "".join(str(n + i) for i in range(table.size)).encode()
        if texts[: int(offsets[-1])] != numbers:
            return {True}
        n += table.size
    return set()


def _brings_id(value: Any) -> bool:
    return isinstance(value, (str, os.PathLike)) or getattr(value, "object_id", None) is not None


def _check_ids(has_ids: Mapping[str, set[bool]]) -> None:
    """ValueError where some have ids and others have none: they would be joined by chance, or not at all."""
    every = set().union(*has_ids.values())
    if every != {True, False}:
        return
    name = next(name for name, some in has_ids.items() if False in some)
    remedy = {
        "spectra": "give a mapping of ids to spectra, or Spectrum(..., object_id=...)",
        "metadata": "metadata_id names the column of ids",
    }[name]
    raise ValueError(f"{name}: nothing says whose they are, and the other objects are joined by ids; {remedy}")


def _named_spectra(spectra: Any) -> Iterator[tuple[str | None, Any]]:
    """Every spectrum with the id of its object; None where it brings its own, or has a number."""
    if isinstance(spectra, (list, tuple)) or is_iterator(spectra):
        for one in spectra:
            if not is_missing(one):
                yield None, one
    elif isinstance(spectra, Mapping) and not _is_table(spectra):
        for name, one in spectra.items():
            yield str(name), one
    elif (columns := columns_of(spectra)) is not None:
        yield from _spectra_of_table(dict(columns))
    else:
        yield None, spectra  # one: a path, a Spectrum, what specutils has


def _is_table(spectra: Mapping[Any, Any]) -> bool:
    """Whether a mapping is columns, and not spectra by their ids."""
    return any(
        _is_id(str(name)) or (isinstance(value, np.ndarray) and value.ndim == 1) for name, value in spectra.items()
    )


def _is_id(name: str) -> bool:
    return bool(lib.astrom3_metadata_unit(c_text("column", name)) == b"id")


def _spectra_of_table(columns: dict[str, Any]) -> Iterator[tuple[str | None, Any]]:
    """Of a table with a row for each object and its pixels in lists, or with a row for each pixel."""
    id_name = next((name for name in columns if _is_id(name)), None)
    ids = None if id_name is None else _texts_of(id_name, columns.pop(id_name))
    pixels = {name: value for name, value in columns.items() if _holds_lists(value)}
    if pixels:
        n = len(next(iter(pixels.values())))
        for i in range(n):
            yield (
                (None if ids is None else ids[i]),
                spectrum_in_cells({name: value[i] for name, value in pixels.items()}),
            )
    elif ids is None:
        yield None, columns
    else:
        places: dict[str, list[int]] = {}
        for i, one in enumerate(ids):
            places.setdefault(one, []).append(i)
        for one, rows in places.items():
            yield one, {name: np.asarray(value)[rows] for name, value in columns.items()}


def _texts_of(name: str, value: Any) -> list[str]:
    codes, texts = text_codes(name, value)
    return ["" if code < 0 else texts[code] for code in codes]


def _holds_lists(value: Any) -> bool:
    first: Any = next((cell for cell in value if not is_missing(cell)), None)
    return not isinstance(first, (str, bytes)) and (
        isinstance(first, Mapping) or np.ndim(first) == 1 or hasattr(first, "columns")
    )


def spectrum_in_cells(cells: Mapping[str, Any]) -> Any:
    """The spectrum of one row: several lists, or one cell with all of it."""
    if len(cells) == 1:
        only = next(iter(cells.values()))
        if isinstance(only, Mapping) or columns_of(only) is not None or is_missing(only):
            return only
        if isinstance(only, (list, np.ndarray)) and len(only) and isinstance(only[0], Mapping):
            return {name: np.array([pixel[name] for pixel in only], dtype=float) for name in only[0]}
    return {name: np.zeros(0) if is_missing(cell) else np.asarray(cell) for name, cell in cells.items()}


def spectrum_of_arrow(cell: Any) -> Any:
    """A cell of an Arrow column of lists of structs, or of structs of lists, as columns; None where it is null."""
    if not cell.is_valid:
        return None
    pixels = getattr(cell, "values", None)
    if pixels is not None and hasattr(pixels, "flatten") and hasattr(pixels.type, "names"):
        return {
            name: part.to_numpy(zero_copy_only=False)
            for name, part in zip(pixels.type.names, pixels.flatten(), strict=True)
        }
    return cell.as_py()


# ---- by their places ---------------------------------------------------------------------------------------


@dataclasses.dataclass
class Places:
    """Objects in a list: what each has, in two calls of the engine, and their order."""

    ids: list[str]
    calls: list[Inputs]


def in_a_list(name: str, values: Any, n: int) -> list[Any]:
    """`values` as a list of `n`, None where an object has none."""
    if values is None:
        return [None] * n
    if isinstance(values, (str, bytes, Mapping)) or not hasattr(values, "__len__") or columns_of(values) is not None:
        raise TypeError(f"{name}: expected a list of {n}, None where an object has none, found {shown(values)}")
    if len(values) != n:
        raise ValueError(f"{name}: {len(values)} beside {n} objects; None stands for one that has none")
    return list(values)


def inputs_by_place(
    model: AstroM3, tables: list[Table], of_tables: Sequence[int], n: int, spectra: Any, metadata: Any,
    options: Options,
) -> Places:  # fmt: skip
    """Objects 0 .. n - 1; light curve k of the tables is of object ``of_tables[k]``."""
    ids = [str(i) for i in range(n)]
    there = {*of_tables}
    first = Inputs(tables=tables, light_curve_ids=[ids[i] for i in of_tables])
    given = in_a_list("spectra", spectra, n)
    for i, one in enumerate(given):
        if is_missing(one):
            continue
        first.spectra = first.spectra or SpectraList()
        first.spectra.add_any(one, options, ids[i])
        there.add(i)
    calls = [first] if there else []
    columns, rows = _metadata_by_place(metadata, n)
    row_of = {place: row for row, place in enumerate(rows)}
    # A row of metadata makes an object of its own where nothing else of the object is there.
    for call, wanted in ((first, [i for i in rows if i in there]), (Inputs(), [i for i in rows if i not in there])):
        if not wanted:
            continue
        chosen = [row_of[i] for i in wanted]
        cells = {name: _cells(value, chosen) for name, value in columns.items() if value is not None}
        call.metadata = Metadata(model, options).take(cells, [ids[i] for i in wanted])
        if call is not first:
            calls.append(call)
    return Places(ids, calls)


def _metadata_by_place(metadata: Any, n: int) -> tuple[Mapping[str, Any], list[int]]:
    """The columns of the rows that there are, and whose they are."""
    if metadata is None:
        return {}, []
    if isinstance(metadata, (str, os.PathLike)):
        raise TypeError(
            "metadata: a file is joined by ids, which light curves in a list have not: give a table or a list"
        )
    columns = None if is_one_row(metadata) else columns_of(metadata)
    if columns is not None:
        lengths = {name: len(columns[name]) for name in columns}
        wrong = next((name for name, length in lengths.items() if length != n), None)
        if wrong is not None:
            raise ValueError(f"metadata: {wrong}: {lengths[wrong]} values beside {n} objects")
        return {name: columns[name] for name in columns}, list(range(n))
    given = in_a_list("metadata", metadata, n)
    rows = [i for i, one in enumerate(given) if not is_missing(one)]
    return columns_of_rows([given[i] for i in rows]), rows


def _cells(value: Any, rows: list[int]) -> Any:
    """Those rows of a column, with its unit."""
    if len(rows) == len(value):
        return value
    return (
        [value[i] for i in rows] if is_text(value) and not isinstance(value, np.ndarray) else np.asanyarray(value)[rows]
    )
