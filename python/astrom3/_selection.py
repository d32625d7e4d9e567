# SPDX-License-Identifier: MIT
"""Which columns, which rows, which units: the options of a table for C."""

from __future__ import annotations

import ctypes as c
import dataclasses
import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ._arrays import address, encode_texts
from ._library import FLUX_UNITS, Condition, TableOptions, lib
from ._options import Options

# Names recognised without being asked for, best first, as on the command line.
_TIME = ("hjd", "bjd", "jd", "mjd", "hmjd", "time", "t", "midpointmjdtai")
_MAG = ("mag", "m", "psfmag")
_MAG_ERR = ("mag_err", "magerr", "mag_error", "merr", "e_mag", "psfmagerr")
_FLUX = ("flux", "f", "psfflux")
_FLUX_ERR = ("flux_err", "fluxerr", "flux_error", "e_flux", "psffluxerr")
_ROLES = {
    "t": "time", "time": "time",
    "m": "value", "mag": "value", "flux": "value", "value": "value",
    "sigma": "error", "mag_err": "error", "flux_err": "error", "error": "error",
}  # fmt: skip


@functools.lru_cache(maxsize=256)
def _recognise(role: str, known: tuple[str, ...], columns: tuple[str, ...]) -> str:
    by_lower = {name.lower(): name for name in reversed(columns)}
    for name in known:
        if name in by_lower:
            return by_lower[name]
    raise ValueError(f"fields: no column for the {role} among {', '.join(columns) or 'none'}")


@dataclasses.dataclass(frozen=True)
class Selection:
    """What `AstroM3.many` was told about columns and rows."""

    fields: Mapping[str, str] = dataclasses.field(default_factory=dict)
    mag: bool = False
    zero_point: float | None = None
    band: str | None = None
    band_field: str | None = None
    where: Mapping[str, object] = dataclasses.field(default_factory=dict)
    nested: str | None = None

    def __post_init__(self) -> None:
        for key in self.fields:
            if key not in _ROLES:
                raise ValueError(f"fields: expected 't', 'm' and 'sigma', found {key!r}")
        if self.zero_point is not None and not (math.isfinite(self.zero_point) and self.zero_point > 0):
            raise ValueError(f"zero_point: expected a positive number of Jy, found {self.zero_point}")

    def columns(self, there: Sequence[str]) -> tuple[str, str, str]:
        """The names of time, value and error among the columns `there`."""
        there = tuple(there)
        named = {_ROLES[key]: name for key, name in self.fields.items()}
        for name in named.values():
            if name not in there:
                raise ValueError(f"fields: there is no column {name!r} among {', '.join(there)}")
        return (
            named.get("time") or _recognise("time", _TIME, there),
            named.get("value") or _recognise("magnitude" if self.mag else "flux", _MAG if self.mag else _FLUX, there),
            named.get("error") or _recognise("error", _MAG_ERR if self.mag else _FLUX_ERR, there),
        )

    def needed(self, there: Sequence[str]) -> list[str]:
        """Every column that is read."""
        names = [*self.columns(there), *self.where]
        if self.band_field is not None:
            names.append(self.band_field)
        for name in names:
            if name not in there:
                argument = "band_field" if name == self.band_field else "where"
                raise ValueError(f"{argument}: there is no column {name!r} among {', '.join(there)}")
        return list(dict.fromkeys(names))

    def struct(self, there: Sequence[str], options: Options) -> tuple[TableOptions, list[object]]:
        """For C, and what it points to."""
        time, value, error = self.columns(there)
        if self.where or self.band_field is not None:
            self.needed(there)
        struct = TableOptions()
        lib.astrom3_table_options_init(c.byref(struct))
        struct.is_magnitude = self.mag
        struct.flux_unit = FLUX_UNITS.index(options.flux_unit or "mJy")
        struct.drop_nonfinite = options.nonfinite == "drop"
        struct.zero_point_jy = math.nan if self.zero_point is None else self.zero_point
        struct.time, struct.value, struct.error = time.encode(), value.encode(), error.encode()
        struct.nested = None if self.nested is None else self.nested.encode()
        struct.band_column = None if self.band_field is None else self.band_field.encode()
        struct.band = None if self.band is None else str(self.band).encode()
        keep: list[object] = []
        conditions = [_condition(name, wanted, keep) for name, wanted in self.where.items()]
        struct.where = (Condition * len(conditions))(*conditions)
        struct.n_where = len(conditions)
        return struct, keep


def _condition(column: str, wanted: object, keep: list[object]) -> Condition:
    values: list[Any] = (
        list(wanted) if isinstance(wanted, Iterable) and not isinstance(wanted, (str, bytes)) else [wanted]
    )
    condition = Condition(column=column.encode())
    if values and all(isinstance(value, str) for value in values):
        texts = encode_texts(values)
        keep.append(texts)
        condition.texts, condition.n_texts = texts, len(values)
        return condition
    try:
        numbers = np.array([float(value) for value in values])
    except (TypeError, ValueError):
        raise TypeError(f"where: expected numbers or texts for {column!r}, found {wanted!r}") from None
    keep.append(numbers)
    condition.numbers = c.cast(address(numbers), c.POINTER(c.c_double))
    condition.n_numbers = len(numbers)
    return condition
