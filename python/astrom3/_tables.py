# SPDX-License-Identifier: MIT
"""Light curves of every kind that Python users have, as tables of the engine."""

from __future__ import annotations

import ctypes as c
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ._arrays import (
    address,
    as_numbers,
    check_same_length,
    encode_texts,
    is_single,
    plain_numbers,
    spread,
    type_number,
)  # fmt: skip
from ._arrow import arrow_chunks, is_arrow
from ._columns import (
    Columns,
    columns_of,
    for_arrow,
    frame_for_arrow,
    is_collection,
    is_fits,
    is_iterator,
    is_long_frame,
    is_table,
    way_to_table,
)  # fmt: skip
from ._engine import Table
from ._errors import AstroM3Error, warn_of_columns
from ._extras import load
from ._library import Column, check, lib
from ._measured import Measured, measured, unit_of, without_mask
from ._notes import notes_of
from ._options import Options
from ._selection import TIMES, Selection
from ._texts import as_ids, is_text, text_codes
from ._units import Photometry, Settings, times
from ._words import c_text, listed

_AT_A_TIME = 4096  # light curves of an iterator


def _check_unique(name: str, value: Any, where: str) -> None:
    """ValueError where the ids of one light curve are those of several."""
    coded = as_ids(f"{where}: {name}", value)
    n = len(np.unique(np.asarray(value) if coded is None else coded[0]))
    if n > 1:
        raise ValueError(f"{where}: {n} objects by the column {name}; give one table of all, with id={name!r}")


def plain_columns(
    columns: Mapping[str, Any], uses: Mapping[str, str], selection: Selection, options: Options, *,
    is_table: bool, prefix: str = "",
) -> tuple[dict[str, Any], Settings]:  # fmt: skip
    """Columns as the engine reads them, units converted and masks filled, and what it has to be told of them.

    columns : those that are read, by name; texts stay what they are
    prefix : of their names in messages
    """
    plain: dict[str, Any] = {name: columns[name] for name in uses}
    _spread_errors(plain, uses)
    if all(type(value) is np.ndarray and value.dtype.kind in "iuf" for value in plain.values()):
        return {name: plain_numbers(prefix + name, value) for name, value in plain.items()}, ()
    photometry: dict[str, tuple[str, Measured]] = {}
    in_days: Settings = ()
    for name, use in uses.items():
        value = plain[name]
        if is_table and use not in TIMES and is_text(value):
            if use != "other" and (unit := unit_of(prefix + name, value)) is not None:
                raise TypeError(f"{prefix}{name}: texts in {unit}, expected numbers")
            plain[name] = without_mask(value)
            continue
        measure = measured(prefix + name, value)
        if use in TIMES:
            has_unit = measure.unit is not None
            plain[name] = times(prefix + name, measure, options.null_value, 1.0 if has_unit else TIMES[use])
            if has_unit:  # whatever the name of the column says
                in_days = (("time_unit", "d"),)
        elif use == "other":
            plain[name] = as_numbers(prefix + name, value) if isinstance(measure.unit, str) else measure.values
        else:
            photometry[name] = (use, measure)
    found = Photometry(
        {prefix + name: its for name, its in photometry.items()}, flux_unit=options.flux_unit,
        zero_point=selection.value("zero_point"), nulls=options.null_value, is_table=is_table,
    )  # fmt: skip
    plain.update({name: found.values[prefix + name] for name in photometry})
    numbers = {
        name: value if is_table and is_text(value) else plain_numbers(prefix + name, value)
        for name, value in plain.items()
    }
    return {name: numbers[name] for name in uses}, (*found.settings, *in_days)


def _spread_errors(plain: dict[str, Any], uses: Mapping[str, str]) -> None:
    """Makes a column of an error that is one number for all observations."""
    single = [name for name, use in uses.items() if use.endswith("_err") and is_single(plain[name])]
    if not single:
        return
    beside = next((value for name, value in plain.items() if name not in single and np.ndim(value) == 1), ())
    plain.update({name: spread(plain[name], len(beside)) for name in single})


def _warn_of_quality(columns: Any, uses: Mapping[str, str], selection: Selection) -> None:
    """Names the columns that tell good rows from bad ones and are not used, with a value that the first one has."""
    names = [name for name, use in uses.items() if use == "quality"]
    if not names or selection.where:
        return
    try:
        values, counts = np.unique(np.asarray(columns[names[0]])[:4096], return_counts=True)
        most = values.tolist()[np.argmax(counts)]
        remedy = f"where={{{names[0]!r}: {most!r}}} keeps the rows of its most frequent value"
    except (KeyError, TypeError, ValueError):
        remedy = "where={name: value} keeps the rows of a value"
    verbs = ("tells", "is") if len(names) == 1 else ("tell", "are")
    warn_of_columns(f"{', '.join(names)} {verbs[0]} good rows from bad ones and {verbs[1]} not used; {remedy}")


def _warn_of_arrow_quality(table: Any, selection: Selection, options: Options) -> None:
    """As _warn_of_quality, of a table with names whose rows Arrow gives."""
    names = getattr(table, "column_names", None) or getattr(table, "columns", None)
    if names is None or selection.where or not all(isinstance(name, str) for name in names):
        return
    try:
        uses = selection.uses(list(names), options, watched=True)
    except (AstroM3Error, ValueError):  # other forms of tables; reading it says what is wrong
        return
    _warn_of_quality(table, uses, selection)


def _are_few(values: Any) -> bool:
    """Whether floating numbers have so few values that they may name bands: 1.0 and 2.0, or wavelengths."""
    most = 12
    return all(len(np.unique(np.asarray(part))) <= most for part in (values[:64], values))


class FlatColumns:
    """Columns of one table as C has them. Numbers are not copied where they can be read as they are.

    columns : a mapping of all names; only those that are read are looked at.
    has_offsets : whose a row is they say, not ids.
    """

    def __init__(
        self, columns: Mapping[str, Any], names: Sequence[str], selection: Selection, options: Options,
        has_offsets: bool = False,
    ) -> None:  # fmt: skip
        if has_offsets and not selection.value("id_column"):
            selection = selection.with_settings((("id_column", "-"),))
        uses = selection.uses(names, options, watched=True)
        watched = [name for name, use in uses.items() if use in ("watched", "quality")]
        _warn_of_quality(columns, uses, selection)
        uses = {name: use for name, use in uses.items() if name not in watched}
        self._names = names
        self._structs = (Column * len(names))()
        self._keep: list[object] = [columns]
        self.n_rows = 0
        of = dict(zip(names, self._structs, strict=True))
        for name, column in of.items():
            column.name = c_text("column", name)
        ids = [name for name, use in uses.items() if use == "object_id"]
        values, settings = plain_columns(
            columns, {name: use for name, use in uses.items() if name not in ids}, selection, options, is_table=True
        )
        self._options = options
        self._selection = selection.with_settings(settings)
        lengths = {name: self._take(name, value, of[name]) for name, value in values.items()}
        if not has_offsets:
            lengths.update({name: self._take_ids(name, columns[name], of[name]) for name in ids})
        first = next((name for name in names if name in lengths), None)
        if first is not None:
            self.n_rows = lengths[first]
        for name, n in lengths.items():
            if n != self.n_rows:
                raise ValueError(f"{name}: {n} values beside {self.n_rows} of {first}")
        for name in watched:
            self._watch(name, columns, of[name])

    def _watch(self, name: str, columns: Mapping[str, Any], column: Column) -> None:
        """Gives a column that no light curve needs: texts or few numbers of as many rows, else nothing."""
        if name not in columns:
            return
        value = columns[name]
        kind = getattr(getattr(value, "dtype", None), "kind", "O")
        is_one = kind in "iub" or is_text(value) or (kind == "f" and _are_few(value))
        if not is_one or getattr(value, "ndim", 1) != 1 or len(value) != self.n_rows:
            return
        try:
            self._take(name, value, column)
        except (TypeError, ValueError):
            column.data = None

    def _take(self, name: str, value: Any, column: Column) -> int:
        if is_text(value):
            return self._take_texts(*text_codes(name, value), column)
        array = as_numbers(name, value)
        column.data, column.type = address(array), type_number(array)
        self._keep.append(array)
        return len(array)

    def _take_ids(self, name: str, value: Any, column: Column) -> int:
        coded = as_ids(name, value)
        return self._take(name, value, column) if coded is None else self._take_texts(*coded, column)

    def _take_texts(self, codes: npt.NDArray[np.int32], texts: list[str], column: Column) -> int:
        categories = encode_texts("texts", texts or [""])
        column.data, column.type = address(codes), type_number(codes)
        column.categories, column.n_categories = categories, len(categories)
        self._keep += [codes, categories]
        return len(codes)

    def table(self, offsets: npt.NDArray[np.int64] | None) -> Table:
        """Light curves by their offsets, or by the column of ids."""
        arguments, keep = self._selection.arguments(self._options)
        handle = c.c_void_p()
        columns = (self._structs, len(self._names), *arguments, c.byref(handle))
        if offsets is None:
            check(lib.astrom3_table_from_rows(self.n_rows, *columns))
        else:
            check(lib.astrom3_table_from_columns(address(offsets), len(offsets) - 1, self.n_rows, *columns))
        return Table(handle, self.n_rows, (self._keep, self._structs, keep, offsets))


def _warned(tables: Iterator[Table], light_curves: Any) -> Iterator[Table]:
    """The tables; each of their warnings is given once."""
    header = notes_of(light_curves)
    first = light_curves[0] if isinstance(light_curves, Sequence) and len(light_curves) else light_curves
    said: set[str] = set()
    for table in tables:
        for text in table.warnings(header):
            if text not in said:
                said.add(text)
                warn_of_columns(text if is_table(first) else _of_arrays(text))
        yield table


def _of_arrays(text: str) -> str:
    """A warning as the arguments for arrays without names have it."""
    return re.sub(r"columns=\{[^}]*\} reads magnitudes", "mag=True reads magnitudes", text)


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


def single_table(
    time: object, value: object, error: object, selection: Selection, options: Options, unit: str = "{}"
) -> Table:
    """One light curve, copied while Python holds it still. Its warnings name the unit's argument as `unit` does."""
    names = _names_of(selection)
    given = dict(zip(names, (time, value, error), strict=True))
    for name, one in given.items():
        if one is None or isinstance(one, (str, bytes)):
            as_numbers(name, one)  # TypeError
    arrays, settings = plain_columns(given, dict(zip(names, names, strict=True)), selection, options, is_table=False)
    for name in names[1:]:
        check_same_length(name, arrays[name], names[0], len(arrays[names[0]]))
    copies = {name: np.array(array, dtype=np.float64) for name, array in arrays.items()}
    offsets = np.array([0, len(copies[names[0]])])
    flat = FlatColumns(copies, names, selection.with_settings(settings), options, has_offsets=True)
    table = flat.table(offsets)
    for text in table.warnings(""):
        warn_of_columns(re.sub(r'flux_unit="[^"]*"', lambda argument: unit.format(argument[0]), _of_arrays(text)))
    return table


def _names_of(selection: Selection) -> list[str]:
    """Of time, value and error where they have none."""
    return ["time", "mag", "mag_err"] if selection.value("magnitudes") else ["time", "flux", "flux_err"]


def list_table(light_curves: Sequence[Any], selection: Selection, options: Options) -> Table:
    """A list of (time, value, error), of arrays (n, 3), or of tables; copied."""
    return _List(light_curves[0] if len(light_curves) else None, selection, options).table(light_curves)


def iterated_tables(light_curves: Iterator[Any], selection: Selection, options: Options) -> Iterator[Table]:
    """What a list of the same light curves gives, some at a time, so that no more of them are held."""
    kind: _List | None = None
    while part := list(itertools.islice(light_curves, _AT_A_TIME)):
        kind = kind or _List(part[0], selection, options)
        yield kind.table(part)


class _List:
    """Light curves of a list, all of the kind of the first."""

    def __init__(self, first: Any, selection: Selection, options: Options) -> None:
        self._has_names = first is not None and is_table(first)
        self._there = _names_of(selection)
        if self._has_names:
            self._there = list(columns_of(first) or ())
        elif first is not None and (selection.where or selection.value("columns")):
            raise ValueError("where, fields and band_field need named columns: give mappings, a table or Arrow lists")
        names = self._there
        self._uses = selection.uses(names, options) if self._has_names else dict(zip(names, names, strict=True))
        all_uses = selection.uses(names, options, watched=True) if self._has_names else {}
        self._watched = [name for name, use in all_uses.items() if use in ("watched", "quality")]
        self._read = {name: use for name, use in self._uses.items() if use != "object_id"}
        self._selection = selection
        self._options = options
        self._settings: Settings | None = None
        self._n = 0  # light curves so far

    def table(self, light_curves: Sequence[Any]) -> Table:
        """The next ones."""
        parts: dict[str, list[Any]] = {name: [] for name in self._read}
        beside: dict[str, list[Any]] = {name: [] for name in self._watched}
        offsets = np.zeros(len(light_curves) + 1, np.int64)
        for i, light_curve in enumerate(light_curves):
            arrays = self._arrays(light_curve, f"light_curves[{self._n + i}]")
            for name, array in arrays.items():
                parts[name].append(array)
            self._look_beside(light_curve, beside)
            offsets[i + 1] = offsets[i] + len(next(iter(arrays.values()), ()))
        self._n += len(light_curves)
        flat = {name: np.concatenate(arrays) if arrays else np.zeros(0) for name, arrays in parts.items()}
        flat.update({name: np.concatenate(arrays) for name, arrays in beside.items() if arrays})
        selection = self._selection.with_settings(self._settings or ())
        return FlatColumns(flat, self._there, selection, self._options, has_offsets=True).table(offsets)

    @staticmethod
    def _look_beside(light_curve: Any, beside: dict[str, list[Any]]) -> None:
        """Adds the columns that no light curve needs; one that is not there in all, or not of one kind, is not kept."""
        columns: Columns | dict[str, Any] = (columns_of(light_curve) or {}) if beside else {}
        for name in list(beside):
            value = np.asarray(columns[name]) if name in columns else np.zeros(0, object)
            known = beside[name]
            if value.ndim != 1 or (known and known[0].dtype.kind != value.dtype.kind):
                del beside[name]
            else:
                known.append(value)

    def _arrays(self, light_curve: Any, where: str) -> dict[str, Any]:
        """One light curve, of as many values in every column."""
        columns = _columns_of(light_curve, self._uses, where, self._has_names, self._selection, self._options)
        arrays, settings = plain_columns(
            columns, self._read, self._selection, self._options, is_table=self._has_names, prefix=f"{where}: "
        )
        if self._settings is not None and settings != self._settings:
            raise ValueError(f"{where}: in other units than light_curves[0]")
        self._settings = settings
        first = next(iter(arrays), "")
        for name, array in arrays.items():
            check_same_length(f"{where}: {name}", array, first, len(arrays[first]))
        return arrays


def _columns_of(
    light_curve: Any, uses: Mapping[str, str], where: str, has_names: bool, selection: Selection, options: Options
) -> Mapping[str, Any]:
    """The columns of one light curve of a list."""
    columns = columns_of(light_curve)
    if has_names != (columns is not None):
        _fail_kind(light_curve, where, has_names)
    if columns is None:
        return dict(zip(uses, _three_of(light_curve, where), strict=True))
    for name in uses:
        if name not in columns:
            raise ValueError(f"{where}: there is no column {name!r} among {listed(columns)}")
    if (its := selection.uses(list(columns), options)) != uses:
        other = next((name for name in its if its[name] != uses.get(name)), "")
        raise ValueError(f"{where}: the column {other!r} is read here and not in light_curves[0]")
    for name, use in uses.items():
        if use == "object_id":
            _check_unique(name, columns[name], where)
    return columns


def _fail_kind(light_curve: Any, where: str, has_names: bool) -> None:
    wanted = "a table like light_curves[0]" if has_names else "(time, value, error)"
    raise TypeError(f"{where}: expected {wanted}, found {type(light_curve).__name__}")


def _three_of(light_curve: Any, where: str) -> list[Any]:
    """Time, value and error."""
    if is_fits(light_curve) or getattr(getattr(light_curve, "dtype", None), "names", None):
        raise TypeError(f"{where}: expected (time, value, error), found {way_to_table(light_curve)}")
    if isinstance(light_curve, np.ndarray) and light_curve.ndim == 2:
        if light_curve.shape[1] != 3:
            raise ValueError(f"{where}: expected shape (n, 3), found {light_curve.shape}")
        if (unit := unit_of(where, light_curve)) is not None:
            raise TypeError(f"{where}: one unit, {unit}, of times, values and errors")
        return [light_curve[:, i] for i in range(3)]
    if isinstance(light_curve, (str, bytes)) or not hasattr(light_curve, "__iter__"):
        raise TypeError(f"{where}: expected (time, value, error), found {way_to_table(light_curve)}")
    columns = list(light_curve)
    if len(columns) == 2 and is_table(columns[1]):
        raise TypeError(f"{where}: a pair of a name and a table; give the tables alone")
    if len(columns) != 3:
        raise ValueError(f"{where}: expected (time, value, error), found {len(columns)} columns")
    return columns


def long_table(columns: Columns, is_mapping: bool, selection: Selection, options: Options) -> Table:
    """A long table, one observation a row: whose it is the column of ids says."""
    names = list(columns)
    if (wanted := selection.value("id_column")) is not None and wanted not in (*names, "-"):
        raise ValueError(f"id: there is no column {wanted!r} among {listed(names)}")
    if is_mapping:
        if columns and all(is_table(columns[name]) for name in names):
            raise TypeError("light_curves: a mapping of tables; give list(light_curves.values())")
        if wanted != "-" and "object_id" not in selection.uses(names, options).values():
            raise TypeError("light_curves: a mapping of columns needs offsets, or the name of its id column as id")
    return FlatColumns(columns, names, selection, options).table(None)


def tables_of(light_curves: Any, offsets: object, selection: Selection, options: Options) -> Iterator[Table]:
    """`light_curves` as one table after the other, with the warnings that a file of them would give."""
    return _warned(_tables_of(light_curves, offsets, selection, options), light_curves)


def _tables_of(light_curves: Any, offsets: object, selection: Selection, options: Options) -> Iterator[Table]:
    is_mapping = isinstance(light_curves, Mapping)
    if is_collection(light_curves):
        light_curves = list(light_curves)
    if offsets is not None:
        if not is_mapping:
            raise TypeError("offsets go with a mapping of column names to arrays")
        flat = FlatColumns(light_curves, list(light_curves), selection, options, has_offsets=True)
        yield flat.table(as_offsets(offsets, flat.n_rows))
    elif is_mapping or is_long_frame(light_curves) or (is_table(light_curves) and not is_arrow(light_curves)):
        columns = columns_of(light_curves)
        assert columns is not None
        yield long_table(columns, is_mapping, selection, options)
    elif is_arrow(light_curves):
        if hasattr(light_curves, "iloc"):
            light_curves = frame_for_arrow(light_curves)
        _warn_of_arrow_quality(light_curves, selection, options)
        yield from arrow_chunks(light_curves, selection, options)
    elif (
        isinstance(light_curves, Sequence) and not isinstance(light_curves, (str, bytes)) and not is_fits(light_curves)
    ):
        yield list_table(light_curves, selection, options)
    elif isinstance(light_curves, np.ndarray) and (light_curves.dtype == object or light_curves.ndim == 3):
        yield list_table(list(light_curves), selection, options)
    elif is_iterator(light_curves):
        yield from iterated_tables(iter(light_curves), selection, options)
    else:
        raise TypeError(
            f"light_curves: expected a list of light curves, a table or Arrow data, found {way_to_table(light_curves)}"
        )


def nested_table(frame: Any, nested: str, selection: Selection, options: Options) -> Any:
    """The light curves in column `nested`, with the columns beside them that are read, too; no copies."""
    if isinstance(frame, Mapping):
        return frame[nested]
    if not hasattr(frame, "iloc"):
        return frame
    pa = load("pyarrow", "a frame with nested light curves")

    column = pa.array(for_arrow(nested, frame[nested]))
    inside = column.type
    while not pa.types.is_struct(inside) and hasattr(inside, "value_type"):
        inside = inside.value_type
    fields = [field.name for field in inside] if pa.types.is_struct(inside) else []
    hidden = {name.lower() for name in fields}
    beside = [name for name in map(str, frame.columns) if name != nested and name.lower() not in hidden]
    read = selection.uses([*fields, *beside], options)
    of_beside = {name: pa.array(for_arrow(name, frame[name])) for name in beside if name in read}
    return pa.table({nested: column, **of_beside})
