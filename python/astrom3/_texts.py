# SPDX-License-Identifier: MIT
"""Columns of texts and of ids as numbers into their distinct texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ._measured import is_missing, with_none, without_mask

# Whole numbers up to here are told apart by the floating numbers of so many bytes.
_LAST_WHOLE = {2: 2.0**11, 4: 2.0**24, 8: 2.0**53}


def is_text(value: Any) -> bool:
    """Whether a column is read as texts: any of its values is one."""
    dtype = getattr(value, "dtype", None)
    if dtype is None:
        return isinstance(value, (list, tuple)) and any(isinstance(element, (str, bytes)) for element in value)
    kind = getattr(dtype, "kind", "")
    if kind in "US" or str(dtype) in ("category", "string", "str"):
        return True
    return kind == "O" and any(isinstance(element, (str, bytes)) for element in value)


def is_nothing(value: Any) -> bool:
    """None, NaN, NA, NaT."""
    return is_missing(value) or (isinstance(value, (float, np.generic)) and bool(value != value))


def _text_of(name: str, value: Any) -> str:
    """A value as text: bytes as UTF-8, a number as its shortest digits (100.0 is "100")."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise ValueError(f"{name}: expected texts in UTF-8, found {value!r}") from None
    text = str(value)
    is_whole = isinstance(value, (float, np.floating)) and text.endswith(".0")
    return text.removesuffix(".0") if is_whole else text


def text_codes(name: str, value: Any) -> tuple[npt.NDArray[np.int32], list[str]]:
    """Numbers into the distinct texts, below 0 where missing, and the texts."""
    texts = without_mask(value)
    texts = texts if isinstance(texts, np.ndarray) else np.asarray(texts, dtype=object)
    if texts.ndim != 1:
        raise ValueError(f"{name}: expected 1 dimension, found shape {texts.shape}")
    if texts.dtype.kind == "U":
        distinct, codes = np.unique(texts, return_inverse=True)
        return codes.astype(np.int32), [str(text) for text in distinct]
    numbers: dict[str, int] = {}
    found = np.empty(len(texts), np.int32)
    for i, one in enumerate(texts):
        found[i] = -1 if is_nothing(one) else numbers.setdefault(_text_of(name, one), len(numbers))
    return found, list(numbers)


def as_ids(name: str, value: Any) -> tuple[npt.NDArray[np.int32], list[str]] | None:
    """Ids as texts; None where they are numbers that the engine can read as they are.

    Whole numbers stay exact, whatever stands beside them. Raises ValueError for floating numbers that are so large that
    several ids may have become one.
    """
    array: Any = value if getattr(value, "dtype", None) is not None else np.asarray(value)
    if not hasattr(value, "dtype") and array.dtype.kind not in "iu":
        array = np.asarray(value, dtype=object)
    if isinstance(array.dtype, np.dtype) and array.dtype.kind in "iufb" and not hasattr(array, "mask"):
        _check_precision(name, np.asarray(array))
        return None
    if array.dtype.kind in ("M", "m"):
        array = np.asarray(array, dtype=object) if hasattr(array, "iloc") else np.asarray(array).astype(str)
        array = np.array([None if str(text) == "NaT" else str(text) for text in array], dtype=object)
    elif getattr(array, "unit", None) is not None:
        raise TypeError(f"{name}: expected ids, found values in {array.unit}")
    elif hasattr(array, "mask") and array.dtype.kind in "iufb":
        mask = np.asarray(np.ma.getmaskarray(array) if isinstance(array, np.ma.MaskedArray) else array.mask)
        data = np.asarray(array.data if isinstance(array, np.ma.MaskedArray) else array.unmasked)
        _check_precision(name, data[~mask])
        array = with_none(data, mask)
    codes, texts = text_codes(name, array)
    if array.dtype == object:
        _check_precision(name, np.array([one for one in array if isinstance(one, (float, np.float64))]))
    return codes, texts


def _check_precision(name: str, ids: npt.NDArray[Any]) -> None:
    if ids.dtype.kind != "f" or len(ids) == 0:
        return
    last = _LAST_WHOLE.get(ids.dtype.itemsize, 2.0**53)
    if np.any(np.abs(ids[np.isfinite(ids)]) > last):
        raise ValueError(
            f"{name}: ids as floating numbers above {last:.0f}, where several whole numbers are one: give them as "
            "integers (Int64) or texts"
        )
