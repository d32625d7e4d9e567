# SPDX-License-Identifier: MIT
"""Caller's values as arrays the engine can read; errors name the argument."""

from __future__ import annotations

import ctypes as c
import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from ._measured import Days, is_missing, measured
from ._words import c_text, shown

_TYPES = {
    "i1": 0, "i2": 1, "i4": 2, "i8": 3, "u1": 4, "u2": 5, "u4": 6, "u8": 7, "f2": 8, "f4": 9, "f8": 10,
}  # fmt: skip


def way_out(value: object) -> str:
    """What makes numbers of a thing that is none."""
    is_date = isinstance(value, (datetime.date, datetime.time, datetime.timedelta, np.datetime64, np.timedelta64))
    return "; pandas.to_datetime makes dates of them that can be read" if is_date else ""


def _without_missing(name: str, array: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """An object array as float64: missing values are NaN, anything else that is no number is an error."""
    out = np.empty(array.shape)
    for index, value in np.ndenumerate(array):
        if is_missing(value):
            out[index] = np.nan
            continue
        try:
            if isinstance(value, (str, bytes, complex, np.datetime64, np.timedelta64)):
                raise TypeError
            out[index] = float(value)
        except (TypeError, ValueError):
            raise TypeError(f"{name}: expected numbers, found {shown(value)}{way_out(value)}") from None
    return out


def _is_ready(array: npt.NDArray[Any]) -> bool:
    """Whether the engine can read it as it is."""
    kind, flags = array.dtype, array.flags
    return kind.isnative and kind.str[1:] in _TYPES and flags.c_contiguous and flags.aligned


def as_numbers(name: str, value: object, ndim: int = 1) -> npt.NDArray[Any]:
    """`value` as an array of numbers in the machine's byte order, C-contiguous and aligned; a copy where it is not.

    Masked values and pandas' NA become NaN. A unit is a TypeError: what has one is converted before (_units).
    """
    if type(value) is np.ndarray and value.ndim == ndim and _is_ready(value):
        return value
    if value is None:
        raise TypeError(f"{name}: expected an array of numbers, found None")
    if isinstance(value, (str, bytes)):
        raise TypeError(f"{name}: expected an array of numbers, found a text")
    measure = measured(name, value)
    if isinstance(measure.unit, Days):
        raise TypeError(f"{name}: expected numbers, found {measure.unit}")
    if measure.unit is not None and str(measure.unit) != "":
        raise TypeError(f"{name}: expected numbers without a unit, found {measure.unit}")
    return plain_numbers(name, measure.values, ndim)


def plain_numbers(name: str, value: Any, ndim: int = 1) -> npt.NDArray[Any]:
    """The same of what has no unit and no mask."""
    if type(value) is np.ndarray and value.ndim == ndim and _is_ready(value):
        return value
    try:
        array = np.asarray(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name}: expected an array of numbers, found {type(value).__name__} ({error})") from None
    if array.dtype == object:
        array = _without_missing(name, array)
    if array.dtype == bool:
        array = array.astype(np.uint8)
    if array.ndim != ndim:
        raise ValueError(f"{name}: expected {ndim} dimension{'s' if ndim > 1 else ''}, found shape {array.shape}")
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name}: expected numbers, found dtype {array.dtype}")
    if array.dtype.str[1:] not in _TYPES:
        array = array.astype(np.float64)
    return np.require(array.astype(array.dtype.newbyteorder("="), copy=False), requirements=["C", "A"])


def as_float64(name: str, value: object, ndim: int = 1) -> npt.NDArray[np.float64]:
    """The same as float64."""
    if type(value) is np.ndarray and value.ndim == ndim and value.dtype == np.float64 and _is_ready(value):
        return value
    return np.ascontiguousarray(as_numbers(name, value, ndim), dtype=np.float64)


def as_float32_rows(name: str, value: object) -> npt.NDArray[np.float32]:
    """(N, D) as float32."""
    return np.ascontiguousarray(as_numbers(name, value, 2), dtype=np.float32)


def type_number(array: npt.NDArray[Any]) -> int:
    """The engine's number of the array's type."""
    return _TYPES[array.dtype.str[1:]]


def address(array: npt.NDArray[Any]) -> int:
    """Where the values are."""
    return int(array.__array_interface__["data"][0])


def encode_texts(name: str, texts: list[str]) -> c.Array[c.c_char_p]:
    """Texts as C has them."""
    return (c.c_char_p * len(texts))(*[c_text(name, text) for text in texts])


def is_single(value: Any) -> bool:
    """Whether it is one number, with or without a unit."""
    if isinstance(value, (str, bytes, bool, np.bool_)) or is_missing(value):
        return False
    return isinstance(value, (int, float, np.number)) or (hasattr(value, "dtype") and np.ndim(value) == 0)


def spread(value: Any, n: int) -> Any:
    """One number as `n` of them; a unit stays."""
    return np.broadcast_to(value, (n,), subok=True)


def check_same_length(name: str, array: npt.NDArray[Any], than: str, n: int) -> None:
    """ValueError when `array` has not `n` values."""
    if len(array) != n:
        raise ValueError(f"{name}: {len(array)} values beside {n} of {than}")
