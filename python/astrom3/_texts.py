# SPDX-License-Identifier: MIT
"""Columns of texts and of ids as numbers into their distinct texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ._measured import is_masked_array, is_missing, unit_of, with_none, without_mask
from ._words import shown

_OF_TEXTS = {str, float, type(None)}
# Whole numbers up to here are told apart by the floating numbers of so many bytes.
_LAST_WHOLE = {2: 2.0**11, 4: 2.0**24, 8: 2.0**53}


def is_text(value: Any) -> bool:
    """Whether a column is read as texts: any of its values is one."""
    dtype = getattr(value, "dtype", None)
    if dtype is None:
        return isinstance(value, (list, tuple)) and any(isinstance(element, (str, bytes)) for element in value)
    kind = getattr(dtype, "kind", "")
    if kind in "iuf" and isinstance(dtype, np.dtype):
        return False
    if kind in "US" or str(dtype) in ("category", "string", "str"):
        return True
    return kind == "O" and any(isinstance(element, (str, bytes)) for element in value)


def of_pandas(name: str, column: Any) -> Any:
    """A column of pandas as an array; dates stay what they are, and so does what is not of pandas."""
    if not hasattr(column, "iloc") or column.ndim != 1:
        return column
    unit_of(name, column)  # TypeError for a unit of another package
    if getattr(column.dtype, "kind", "") in ("M", "m"):
        return column
    # pandas makes floating numbers of whole ones beside NA, which would not tell long ids apart.
    is_whole = getattr(column.dtype, "kind", "") in ("i", "u") and column.isna().any()
    return column.astype(object).to_numpy() if is_whole or is_text(column) else column.to_numpy()


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
            raise ValueError(f"{name}: expected texts in UTF-8, found {shown(value)}") from None
    text = str(value)
    is_whole = isinstance(value, (float, np.floating)) and text.endswith(".0")
    return text.removesuffix(".0") if is_whole else text


def _is_encodable(text: str) -> bool:
    """Whether C has it as UTF-8 that ends with NUL."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def text_codes(name: str, value: Any) -> tuple[npt.NDArray[np.int32], list[str]]:
    """Numbers into the distinct texts, below 0 where missing, and the texts."""
    codes, texts = _codes_of(name, value)
    bad = next((text for text in texts if not _is_encodable(text)), None)
    if bad is not None:
        raise ValueError(f"{name}: expected texts in UTF-8 without NUL, found {shown(bad)}")
    return codes, texts


def _codes_of(name: str, value: Any) -> tuple[npt.NDArray[np.int32], list[str]]:
    texts = without_mask(value)
    texts = texts if isinstance(texts, np.ndarray) else np.asarray(texts, dtype=object)
    if texts.ndim != 1:
        raise ValueError(f"{name}: expected 1 dimension, found shape {texts.shape}")
    if texts.dtype.kind == "U":
        distinct, codes = np.unique(texts, return_inverse=True)
        return codes.astype(np.int32), [str(text) for text in distinct]
    elements = texts.tolist()
    numbers: dict[str, int] = {}
    if {type(one) for one in elements} <= _OF_TEXTS:  # nothing of these is equal but not the same
        code_of = {
            one: -1 if is_nothing(one) else numbers.setdefault(_text_of(name, one), len(numbers))
            for one in dict.fromkeys(elements)
        }
        return np.array([code_of[one] for one in elements], np.int32), list(numbers)
    found = np.empty(len(texts), np.int32)
    for i, one in enumerate(texts):
        found[i] = -1 if is_nothing(one) else numbers.setdefault(_text_of(name, one), len(numbers))
    return found, list(numbers)


def as_ids(name: str, value: Any) -> tuple[npt.NDArray[np.int32], list[str]] | None:
    """Ids as texts; None where they are numbers that the engine can read as they are.

    Whole numbers stay exact, whatever stands beside them; a text that is no UTF-8 is missing. Raises ValueError for
    floating numbers that are so large that several ids may have become one.
    """
    value = of_pandas(name, value)
    if (unit := unit_of(name, value)) is not None:
        raise TypeError(f"{name}: expected ids, found values in {unit}")
    array = _as_objects(value)
    if array.dtype.kind in "iufb":
        _check_precision(name, array)
        return None
    codes, texts = _codes_of(name, array)
    if array.dtype == object:
        _check_precision(name, np.array([one for one in array if isinstance(one, (float, np.float64))]))
    bad = [i for i, text in enumerate(texts) if not _is_encodable(text)]
    codes[np.isin(codes, bad)] = -1
    return codes, ["" if i in bad else text for i, text in enumerate(texts)]


def _as_objects(value: Any) -> Any:
    """Ids as numbers where all are there and of one kind, else as texts or objects."""
    if hasattr(value, "iloc"):  # dates of pandas
        return np.array([None if is_nothing(one) else str(one) for one in value], dtype=object)
    if not isinstance(value, np.ndarray):
        numbers = np.asarray(value) if hasattr(value, "dtype") or not is_text(value) else None
        is_whole = numbers is not None and numbers.dtype.kind in "iu"
        return numbers if numbers is not None and is_whole else np.asarray(value, dtype=object)
    if hasattr(value, "mask"):
        masked: Any = value
        mask = np.ma.getmaskarray(masked) if is_masked_array(masked) else np.asarray(masked.mask)
        data = np.asarray(masked.data if is_masked_array(masked) else masked.unmasked)
        return with_none(data.astype(str) if data.dtype.kind in "Mm" else data, mask) if mask.any() else data
    if value.dtype.kind in "Mm":
        return with_none(value.astype(str), np.isnat(value))
    return value if type(value) is np.ndarray else np.asarray(value)


def _check_precision(name: str, ids: npt.NDArray[Any]) -> None:
    if ids.dtype.kind != "f" or len(ids) == 0:
        return
    last = _LAST_WHOLE.get(ids.dtype.itemsize, 2.0**53)
    if np.any(np.abs(ids[np.isfinite(ids)]) > last):
        raise ValueError(
            f"{name}: ids as floating numbers above {last:.0f}, where several whole numbers are one: give them as "
            "integers (Int64) or texts"
        )
