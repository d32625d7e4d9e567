# SPDX-License-Identifier: MIT
"""What holds numbers, as plain numbers and the unit they are in: quantities, columns of tables, dates, masked arrays.

Nothing is imported for it: objects of astropy are known by their attributes. A unit is never dropped: what is not known
here is a TypeError.
"""

from __future__ import annotations

import dataclasses
import datetime
import inspect
import sys
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt

from ._words import shown

_SECONDS = 86400
_PER_DAY = {"D": 1, "h": 24, "m": 1440, "s": _SECONDS, "ms": _SECONDS * 10**3, "us": _SECONDS * 10**6,
            "ns": _SECONDS * 10**9}  # fmt: skip
_DATES = (datetime.date, datetime.time, datetime.timedelta, np.datetime64, np.timedelta64)
_NONE = ("NAType", "NaTType")  # what pandas has in place of a value; its NaT is a date to Python
_PLAIN = (bool, int, float, str, bytes, np.number, np.bool_, np.str_, np.bytes_, type(None))


class Days(str):
    """The unit of dates and of durations, which have been made days already."""


DATES = Days("dates")
DURATIONS = Days("durations")


@dataclasses.dataclass(frozen=True)
class Measured:
    """Numbers, or what NumPy can make numbers of; masked ones are NaN."""

    values: Any
    unit: Any = None  # of astropy, DATES or DURATIONS


def is_masked_array(value: object) -> TypeGuard[np.ma.MaskedArray[Any, Any]]:
    """Whether it is one of numpy.ma, which is large: it is loaded by whoever makes a masked array, and not to ask."""
    return "numpy.ma" in sys.modules and isinstance(value, np.ma.MaskedArray)


def is_missing(value: object) -> bool:
    """None, or one of the things pandas and NumPy have in place of a value."""
    is_masked = "numpy.ma" in sys.modules and value is np.ma.masked
    return value is None or is_masked or type(value).__name__ in _NONE


def is_time(value: object) -> bool:
    """Whether it is a Time or TimeDelta of astropy."""
    return hasattr(type(value), "jd1") and hasattr(type(value), "jd2")


def unit_of(name: str, value: Any) -> Any:
    """The astropy unit of `value`, or None. TypeError for a unit that is not of astropy."""
    if hasattr(value, "iloc"):  # pandas, whose attributes are labels of the index, too
        unit = getattr(getattr(value, "dtype", None), "units", None)
    else:
        if is_masked_array(value) and isinstance(value.data, np.ndarray):
            value = value if getattr(value, "unit", None) is not None else value.data  # of a quantity, too
        unit = getattr(value, "unit", None)
        if unit is None:
            unit = getattr(value, "units", None)
    if unit is None or inspect.isroutine(unit):
        return None
    is_astropy = any(kind.__module__.startswith("astropy.units") for kind in type(unit).__mro__)
    if is_astropy and isinstance(value, np.ndarray):
        return unit
    where = f"{type(value).__module__}.{type(value).__name__}"
    raise TypeError(
        f"{name}: a unit of {where} is not understood ({str(unit) or 'no dimension'}): give plain numbers in days, "
        "mJy or magnitudes, or an astropy Quantity"
    )


def days_of(value: Any) -> npt.NDArray[np.float64]:
    """datetime64 as days since 1970-01-01, timedelta64 as days; NaN where not a time.

    value : of NumPy or pandas, with or without a time zone.
    """
    if is_masked_array(value):
        value = value.filled(value.dtype.type("NaT"))
    dtype = str(getattr(value, "dtype", ""))
    if hasattr(value, "to_numpy") and not isinstance(getattr(value, "dtype", None), np.dtype):
        is_duration = dtype.startswith(("timedelta", "duration"))
        array = np.asarray(value.to_numpy(dtype="timedelta64[ns]" if is_duration else "datetime64[ns]"))
    else:
        array = np.asarray(value)
    unit, step = np.datetime_data(array.dtype)
    if unit not in _PER_DAY or step != 1:  # years, months, weeks; or smaller than a nanosecond
        array, unit = array.astype(f"{array.dtype.kind}8[ns]"), "ns"
    ticks, per_day = array.astype(np.int64), _PER_DAY[unit]
    rest = np.fmod(ticks, per_day)  # whole days apart, as the engine has them
    days = ((ticks - rest) // per_day).astype(np.float64) + rest.astype(np.float64) / per_day
    return np.where(np.isnat(array), np.nan, days)


def _duration(value: Any) -> Measured:
    return Measured(without_mask(value.jd), DURATIONS)


def with_none(data: npt.NDArray[Any], mask: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    """An array of objects, None where masked."""
    out = data.astype(object)
    out[mask] = None
    return out


def without_mask(value: Any) -> Any:
    """Masked numbers as NaN, masked objects and texts as None."""
    if is_masked_array(value):
        mask, data = np.ma.getmaskarray(value), np.asarray(value.data)
    elif isinstance(value, np.ndarray) and hasattr(value, "unmasked") and hasattr(value, "mask"):
        mask, data = np.asarray(value.mask), np.asarray(value.unmasked)
    else:
        return np.asarray(value) if isinstance(value, np.ndarray) else value
    if mask.dtype != bool or not mask.any():  # of a structured array: not numbers anyway
        return data
    if data.dtype.kind in "OUS":
        return with_none(data, mask)
    if data.dtype.kind in "Mm":
        data = data.copy()
        data[mask] = "NaT"
        return data
    return np.where(mask, np.nan, data.astype(np.float64))


def _of_elements(name: str, elements: Any) -> Measured | None:
    """A list of quantities or times, each by its own unit; None where they are nothing of the kind."""
    kinds = [
        kind for kind in {type(one) for one in elements} if not issubclass(kind, _PLAIN) and kind.__name__ not in _NONE
    ]
    if any(issubclass(kind, _DATES) for kind in kinds):
        if not isinstance(elements, np.ndarray) and all(issubclass(kind, np.datetime64) for kind in kinds):
            return None  # NumPy makes an array of dates of it
        raise TypeError(f"{name}: dates as objects; pandas.to_datetime makes dates of them that can be read")
    if not kinds:
        return None
    special = [element for element in elements if is_time(element) or unit_of(name, element) is not None]
    if not special:
        return None
    first = measured(name, special[0])
    values = []
    for element in elements:
        if is_missing(element) or (isinstance(element, float) and element != element):
            values.append(np.nan)
            continue
        one = measured(name, element)
        if one.unit is None or np.ndim(one.values) != 0:
            raise TypeError(f"{name}: expected single values that all have a unit, found {shown(element)}")
        values.append(float(one.values) * _factor_between(name, one.unit, first.unit))
    return Measured(np.array(values), first.unit)


def _factor_between(name: str, unit: Any, other: Any) -> float:
    if isinstance(unit, Days) == isinstance(other, Days) and unit == other:
        return 1.0
    try:
        return float(unit.to(other))
    except (AttributeError, TypeError, ValueError):
        raise TypeError(f"{name}: values in {unit} beside values in {other}") from None


def measured(name: str, value: Any) -> Measured:
    """`value` without its unit and its mask, and the unit. TypeError for a unit that is not understood."""
    if type(value) is np.ndarray and value.dtype.kind in "iufb":
        return Measured(value)
    if is_time(value):
        return Measured(without_mask(value.mjd), DATES) if hasattr(value, "mjd") else _duration(value)
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind in ("M", "m"):
        return Measured(days_of(value), DATES if kind == "M" else DURATIONS)
    unit = unit_of(name, value)
    if isinstance(value, (list, tuple)) or (kind == "O" and not hasattr(value, "iloc") and np.ndim(value) == 1):
        found = _of_elements(name, without_mask(value))
        if found is not None:
            return found
        if any(isinstance(element, np.datetime64) for element in value):
            return Measured(days_of(np.asarray(value)), DATES)
    if hasattr(value, "__array__") and not isinstance(value, np.ndarray) and not hasattr(value, "iloc"):
        array = np.asarray(value)  # of Arrow or polars
        if array.dtype.kind in ("M", "m"):
            return Measured(days_of(array), DATES if array.dtype.kind == "M" else DURATIONS)
    return Measured(without_mask(value), unit)
