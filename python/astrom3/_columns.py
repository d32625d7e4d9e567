# SPDX-License-Identifier: MIT
"""Tables of every package as columns by their names, made when they are looked at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, ValuesView
from typing import Any

import numpy as np

from ._measured import is_missing, unit_of
from ._texts import is_nothing, is_text, of_pandas, text_codes


class Columns(Mapping[str, Any]):
    """The columns of a table."""

    def __init__(self, names: list[Any], column: Callable[[Any], Any]) -> None:
        self._keys = {str(name): name for name in names}
        self._column = column

    def __getitem__(self, name: str) -> Any:
        return self._column(self._keys[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def is_pandas(value: Any) -> bool:
    """Whether it is a data frame of pandas."""
    return hasattr(value, "iloc") and getattr(value, "ndim", 0) == 2


def is_table(value: Any) -> bool:
    """A mapping, a frame of pandas or polars, a table of astropy or Arrow, an array with fields."""
    return columns_of(value) is not None


def columns_of(value: Any) -> Columns | None:
    """The columns of a table of any package, None where `value` is none."""
    if isinstance(value, Columns):
        return value
    if isinstance(value, Mapping):
        return Columns(list(value), lambda name: of_pandas(str(name), value[name]))
    if is_pandas(value):
        frame = _with_index(value)
        return Columns(list(frame), lambda name: of_pandas(str(name), frame[name]))
    if hasattr(value, "colnames"):  # astropy: Table, QTable, TimeSeries; lightkurve
        if type(value).__name__ == "FoldedLightCurve":
            raise TypeError(
                "light_curves: a FoldedLightCurve, whose times are phases; give the light curve before fold()"
            )
        return Columns(list(value.colnames), value.__getitem__)
    if getattr(getattr(value, "dtype", None), "names", None) and not hasattr(value, "columns"):
        return Columns(list(value.dtype.names), value.__getitem__)
    if hasattr(value, "column_names") and hasattr(value, "schema"):  # pyarrow
        return Columns(list(value.column_names), lambda name: _of_arrow(value.column(name)))
    if hasattr(value, "get_column"):  # polars
        return Columns(list(value.columns), lambda name: value.get_column(name).to_numpy())
    return None


def _with_index(frame: Any) -> Any:
    """The frame with the levels of its index as columns: after set_index() or concat({...}) they hold ids or times."""
    index = frame.index
    is_plain = index.nlevels == 1 and index.name is None
    levels = [i for i, name in enumerate(index.names) if name is None or name not in frame.columns]
    return frame if is_plain or not levels else frame.reset_index(level=levels)


def _of_arrow(column: Any) -> Any:
    return column.to_numpy() if hasattr(column, "chunks") else column.to_numpy(zero_copy_only=False)


_LIST_TYPES = ("nested", "list", "large_list", "fixed_size_list", "struct")


def is_long_frame(value: Any) -> bool:
    """Whether `value` is a frame of pandas whose columns hold no lists."""
    return is_pandas(value) and not any(_holds_lists(value.iloc[:, i]) for i in range(value.shape[1]))


def _holds_lists(column: Any) -> bool:
    if str(column.dtype).startswith(_LIST_TYPES):
        return True
    if str(column.dtype) != "object":
        return False
    cells = (cell for cell in column if not is_missing(cell) and not isinstance(cell, float))
    first = next(cells, None)
    return isinstance(first, (list, tuple, dict)) or (isinstance(first, np.ndarray) and first.ndim > 0)


def frame_for_arrow(frame: Any) -> Any:
    """A frame of pandas, or a column of one, with every column as of `for_arrow`."""
    if frame.ndim == 1:
        return for_arrow(str(frame.name), frame)
    out = frame
    for name in frame if frame.columns.is_unique else ():
        column = for_arrow(str(name), frame[name])
        if column is not frame[name] and str(frame[name].dtype) == "object":
            out = out.copy(deep=False) if out is frame else out
            out[name] = column
    return out


def for_arrow(name: str, column: Any) -> Any:
    """A column of pandas that Arrow reads with nothing lost: mixed objects as texts, others as they are.

    Raises TypeError for lists in cells that have units or masks, which Arrow would drop.
    """
    if str(column.dtype) != "object":
        return column
    if _holds_lists(column):
        for cell in column:
            _check_cell(name, cell)
        return column
    if not is_text(column) or all(isinstance(one, str) or is_nothing(one) for one in column):
        return column
    codes, texts = text_codes(name, column.to_numpy())
    return type(column)([None if code < 0 else texts[code] for code in codes], index=column.index, dtype=object)


def _check_cell(name: str, cell: Any) -> None:
    for value in cell.values() if isinstance(cell, Mapping) else [cell]:
        unit = unit_of(name, value)
        if unit is not None:
            raise TypeError(f"{name}: arrays in {unit} in the cells of a frame: give them as plain numbers")
        if isinstance(value, np.ndarray) and hasattr(value, "mask"):
            raise TypeError(f"{name}: masked arrays in the cells of a frame: fill them with NaN")


def column_beside(frame: Any, name: str, value: Any) -> Any:
    """A feature given as the name of a column of `frame` as that column; anything else as it is."""
    if not isinstance(value, str) or value.startswith("z:"):
        return value
    try:
        return frame[value]
    except KeyError:
        raise ValueError(f"features: {name}: there is no column {value!r}") from None


def is_iterator(value: Any) -> bool:
    """Whether it gives light curves one after the other: a generator, a map, the values of a dict."""
    is_file = hasattr(value, "get_chunk") or hasattr(value, "readline")
    return (hasattr(value, "__next__") and not is_file) or isinstance(value, ValuesView)


def is_collection(value: Any) -> bool:
    """Whether it holds light curves like a list: a LightCurveCollection of lightkurve."""
    return type(value).__name__ == "LightCurveCollection"


def is_fits(value: Any) -> bool:
    """Whether it is a part of a FITS file as astropy has it."""
    return type(value).__name__ in ("FITS_rec", "BinTableHDU", "TableHDU", "HDUList")


def way_to_table(value: Any) -> str:
    """How light curves in a thing that is no table can be had."""
    kind = type(value).__name__
    if isinstance(value, (str, bytes)):
        return "a text; many() takes tables in memory: give what pandas.read_csv or read_parquet makes of a file"
    if is_fits(value):
        return f"{kind}, whose units and nulls are elsewhere; give what astropy.table.Table.read() makes of it"
    if hasattr(value, "ngroups") or kind == "GroupBy":
        return f'a {kind}; give the frame itself, and the name of the column as id: many(frame, id="star")'
    if hasattr(value, "collect") and not hasattr(value, "get_column"):
        return f"a {kind}; give what its collect() returns"
    if hasattr(value, "compute"):
        return f"a {kind}; give what its compute() returns, or use map_partitions with embed_frame"
    if hasattr(value, "to_pandas"):
        return f"{kind}; give what its to_pandas() returns"
    if hasattr(value, "to_dataframe"):
        return f"{kind}; give what its to_dataframe() returns"
    if hasattr(value, "get_chunk"):
        return f"a {kind}, whose parts may end within a light curve; give pandas.concat(...) of it"
    if hasattr(value, "readline") or isinstance(value, os.PathLike):
        return f"a {kind}; give what pandas.read_csv or pandas.read_parquet makes of the file"
    if getattr(value, "ndim", None) == 2:
        return f"an array of shape {value.shape}; many([array]) takes it as one light curve"
    return kind
