# SPDX-License-Identifier: MIT
"""Which columns, which rows, which units: what one call says of the light curves it is given."""

from __future__ import annotations

import ctypes as c
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ._arrays import address, encode_texts
from ._library import Condition, check, lib
from ._options import Options, check_setting, reading_options
from ._units import Settings
from ._words import c_text, listed, shown

# Short names of roles, as in other packages of light curves; "m" and "sigma" are of what the call is about.
_SHORT = {"t": "time", "m": "", "value": "", "sigma": "_err", "error": "_err"}
_ROLES = ("time", "mag", "mag_err", "flux", "flux_err", "band")
# What the engine reads a column for, by number; counts are fluxes whose scale their survey says.
_USES = ("", "other", "object_id", "time", "flux", "flux_err", "mag", "mag_err", "counts", "counts_err", "seconds",
         "watched", "quality")  # fmt: skip
TIMES = {"time": 1.0, "seconds": 86400.0}  # how many of them a day has


@dataclasses.dataclass(frozen=True)
class Selection:
    """Options of reading as the engine knows them, and conditions on observations."""

    settings: Settings = ()
    where: Mapping[str, object] = dataclasses.field(default_factory=dict)

    @classmethod
    def of_arrays(cls, mag: bool, band: str | None, zero_point: float | None) -> Selection:
        """For time, value and error as arrays of their own: no column is to be found."""
        return cls(_settings(format="csv", magnitudes=mag or None, band=band, zero_point=zero_point))

    @classmethod
    def of_table(
        cls, columns: Mapping[str, str], fields: Mapping[str, str], mag: bool, band_field: str | None,
        where: Mapping[str, object], **settings: object,
    ) -> Selection:  # fmt: skip
        """For columns that are found by their names, unless `columns` or `fields` say which they are."""
        named = {**_roles("fields", fields, mag), **_roles("columns", columns, mag)}
        if band_field is not None:
            named["band"] = band_field
        text = ",".join(f"{role}={name.replace(',', chr(92) + ',')}" for role, name in named.items())
        return cls(_settings(columns=text or None, magnitudes=mag or None, **settings), where)

    def arguments(self, options: Options) -> tuple[tuple[Any, ...], list[object]]:
        """Options and conditions for C, and what they point to."""
        handle = reading_options(options, self.settings)
        keep: list[object] = [handle]
        conditions = [_condition(name, wanted, keep) for name, wanted in self.where.items()]
        array = (Condition * len(conditions))(*conditions)
        keep.append(array)
        return (handle.pointer, array, len(conditions)), keep

    def with_settings(self, settings: Settings) -> Selection:
        """The same with more options of reading."""
        return dataclasses.replace(self, settings=(*self.settings, *settings)) if settings else self

    def value(self, option: str) -> object:
        """Of an option of reading, None where it is not given."""
        return dict(self.settings).get(option)

    def uses(self, names: Sequence[str], options: Options, watched: bool = False) -> dict[str, str]:
        """What each column is read for, of a table with these, but for those that are not read.

        watched : with those that no light curve needs, in which bands may be found, or which tell good rows from bad.
        """
        for name in self.where:
            if name not in names:
                raise ValueError(f"where: there is no column {name!r} among {listed(names)}")
        uses = (c.c_uint8 * len(names))()
        check(
            lib.astrom3_table_uses(
                encode_texts("column", list(names)), len(names), reading_options(options, self.settings).pointer, uses
            )
        )
        found = dict(zip(names, (_USES[use] for use in uses), strict=True))
        if not watched:
            found = {name: "" if use in ("watched", "quality") else use for name, use in found.items()}
        return {name: use or "other" for name, use in found.items() if use or name in self.where}


def _settings(**settings: object) -> Settings:
    given = tuple((name, value) for name, value in settings.items() if not (value is None or is_empty_text(value)))
    for name, value in given:
        check_setting(name, value)
    return given


def is_empty_text(value: object) -> bool:
    """Whether it says nothing."""
    return isinstance(value, str) and value == ""


def _roles(argument: str, named: Mapping[str, str], mag: bool) -> dict[str, str]:
    roles = {}
    for key, name in named.items():
        role = _SHORT.get(key, key)
        if role in ("", "_err"):
            role = ("mag" if mag else "flux") + role
        if role not in _ROLES:
            raise ValueError(
                f"{argument}: expected 't', 'm', 'sigma' or one of {', '.join(_ROLES)}, found {shown(key)}"
            )
        roles[role] = str(name)
    return roles


def _condition(column: str, wanted: object, keep: list[object]) -> Condition:
    values: list[Any] = (
        list(wanted) if isinstance(wanted, Iterable) and not isinstance(wanted, (str, bytes)) else [wanted]
    )
    condition = Condition(column=c_text("where", column))
    if values and all(isinstance(value, str) for value in values):
        texts = encode_texts("where", values)
        keep.append(texts)
        condition.texts, condition.n_texts = texts, len(values)
        return condition
    try:
        numbers = np.array([float(value) for value in values])
    except (TypeError, ValueError):
        raise TypeError(f"where: expected numbers or texts for {column!r}, found {shown(wanted)}") from None
    keep.append(numbers)
    condition.numbers = c.cast(address(numbers), c.POINTER(c.c_double))
    condition.n_numbers = len(numbers)
    return condition
