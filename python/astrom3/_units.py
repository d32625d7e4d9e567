# SPDX-License-Identifier: MIT
"""Measurements by what they are of: times become days, fluxes mJy, magnitudes mag; an error goes by its own unit.

A unit that cannot be converted is a TypeError that names the argument; one that contradicts an option is a ValueError.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ._measured import DURATIONS, Days, Measured, measured

AB_ZERO_POINT = 3631.0  # Jy
Array = npt.NDArray[Any]
Settings = tuple[tuple[str, object], ...]


def factor(unit: Any, target: str) -> float | None:
    """What one `unit` is in `target`, as astropy spells it; None where it is no number of them."""
    if isinstance(unit, Days) or hasattr(unit, "function_unit"):
        return None
    with contextlib.suppress(TypeError, ValueError):
        return float(unit.to(target))
    return None


def _magnitudes_per(unit: Any) -> float | None:
    """1 for mag, 0.001 for mmag, of AB magnitudes, too; None where it is no magnitude."""
    found = factor(getattr(unit, "function_unit", unit), "mag")
    return found if found is not None and found > 0 else None  # dex and dB grow with the flux


def _is_uncalibrated(unit: Any) -> bool:
    """Counts, electrons per second, relative fluxes, and what astropy does not know: not what is known to be other."""
    is_known = isinstance(unit, Days) or hasattr(unit, "function_unit") or factor(unit, "mag") is not None
    return not is_known and str(getattr(unit, "physical_type", "unknown")) in ("unknown", "dimensionless")


def _unit_text(unit: Any) -> str:
    return "no dimension" if str(unit) == "" else str(unit)


def scaled(measure: Measured, by: float, nulls: Iterable[float] = ()) -> Any:
    """The values times `by`; numbers that mean "not measured" stay what they are."""
    if by == 1.0:
        return measure.values
    values = np.asarray(measure.values, dtype=np.float64)
    nulls = tuple(nulls)
    return np.where(np.isin(values, nulls), values, values * by) if nulls else values * by


def times(name: str, measure: Measured, nulls: Iterable[float] = (), per_day: float = 1.0) -> Any:
    """Times in days, or in another unit of which a day has `per_day`."""
    if measure.unit is None:
        return measure.values
    days = 1.0 if isinstance(measure.unit, Days) else factor(measure.unit, "d")
    if days is None:
        raise TypeError(f"{name}: {_unit_text(measure.unit)} is not a unit of time; times are days")
    return scaled(measure, days * per_day, nulls)


def plain_number(name: str, value: Any, target: str) -> Any:
    """One number, or an array of them, in `target`; as it is where it has no unit."""
    measure = measured(name, value)
    if measure.unit is None:
        return value
    if measure.unit is DURATIONS and target == "d":
        return measure.values
    if isinstance(measure.unit, Days):
        found = None
    else:
        found = _magnitudes_per(measure.unit) if target == "mag" else factor(measure.unit, target)
    if found is None:
        wanted = f"in {target}" if target else "without a unit"
        raise TypeError(f"{name}: expected a number {wanted}, found {_unit_text(measure.unit)}")
    return measure.values * found


class Photometry:
    """The fluxes and magnitudes of one table, and their errors, in the units that the engine is told of."""

    def __init__(
        self, measures: Mapping[str, tuple[str, Measured]], *, flux_unit: str | None, zero_point: object,
        nulls: Iterable[float], is_table: bool,
    ) -> None:  # fmt: skip
        """measures: name -> (use, values), of the uses flux, flux_err, counts, counts_err, mag, mag_err.

        is_table : an error without a unit is in that of its flux, as in a file; else it must not be needed.
        """
        self.values: dict[str, Any] = {}
        self.settings: Settings = ()
        self._flux_unit = flux_unit
        self._zero_point = zero_point
        self._nulls = tuple(nulls)
        self._is_table = is_table

        def of(wanted: str) -> dict[str, Measured]:
            return {name: measure for name, (use, measure) in measures.items() if use == wanted}

        for kind in ("flux", "counts"):
            if fluxes := of(kind):
                self._take_fluxes(fluxes, of(f"{kind}_err"), has_scale=kind == "counts")
            else:  # they are texts
                self._take_errors_of_plain(kind, of(f"{kind}_err"))
        self._take_magnitudes(of("mag"), of("mag_err"))

    # ---- fluxes ------------------------------------------------------------------------------------------

    def _take_fluxes(self, fluxes: Mapping[str, Measured], errors: Mapping[str, Measured], *, has_scale: bool) -> None:
        without = [name for name, measure in fluxes.items() if measure.unit is None]
        if without:
            beside = [name for name in fluxes if name not in without]
            if beside:
                raise TypeError(f"{without[0]}: has no unit beside {beside[0]} in {fluxes[beside[0]].unit}")
            self._keep(fluxes)
            return self._take_errors_of_plain(without[0], errors)
        for name, measure in fluxes.items():
            self._check_flux(name, measure.unit, has_scale)
        first, unit = next((name, measure.unit) for name, measure in fluxes.items())
        uncalibrated = [name for name, measure in fluxes.items() if _is_uncalibrated(measure.unit)]
        if len(uncalibrated) == len(fluxes):
            self._keep(fluxes)
            target = unit
        elif uncalibrated:
            raise TypeError(f"{uncalibrated[0]}: {_unit_text(fluxes[uncalibrated[0]].unit)} beside flux densities")
        else:
            target = self._flux_unit or "mJy"
            self._add("flux_unit", target)
            for name, measure in fluxes.items():
                self.values[name] = scaled(measure, factor(measure.unit, target) or 1.0, self._nulls)
        return self._take_errors(first, unit, target, errors)

    def _check_flux(self, name: str, unit: Any, has_scale: bool) -> None:
        """TypeError or ValueError for a unit that fluxes cannot be read in."""
        in_mjy = factor(unit, "mJy")
        if in_mjy is not None:
            if self._flux_unit is None:
                return
            wanted = None if self._flux_unit == "AB27.5" else factor(unit, self._flux_unit)
            if wanted is None or abs(wanted - 1) > 1e-9:
                raise ValueError(f"flux_unit: {self._flux_unit} contradicts {name}, which is in {unit}; leave one out")
            return
        if _magnitudes_per(unit) is not None or hasattr(unit, "function_unit"):
            raise TypeError(f"{name}: {unit} is a unit of magnitudes, expected fluxes; mag=True reads magnitudes")
        if _is_uncalibrated(unit):
            if has_scale or self._flux_unit is not None:
                return
            raise TypeError(
                f"{name}: {_unit_text(unit)} is not a flux density: convert it to mJy, or say with flux_unit "
                "what one of it is (flux_unit='mJy' takes the numbers as they are)"
            )
        raise TypeError(f"{name}: {_unit_text(unit)} is not a flux density such as mJy")

    def _take_errors(self, flux: str, unit: Any, target: Any, errors: Mapping[str, Measured]) -> None:
        """Errors of fluxes in `unit`, which have been made `target`."""
        for name, measure in errors.items():
            own = measure.unit
            if own is None:
                by = 1.0 if target is unit else factor(unit, target)
                if by != 1.0 and not self._is_table:
                    raise TypeError(f"{name}: has no unit beside {flux} in {unit}")
                own = unit
            by = 1.0 if own == target else factor(own, target)
            if by is None:
                raise TypeError(f"{name}: an error in {_unit_text(own)} of {flux} in {_unit_text(unit)}")
            self.values[name] = scaled(Measured(measure.values), by, self._nulls)

    def _take_errors_of_plain(self, flux: str, errors: Mapping[str, Measured]) -> None:
        """Errors of fluxes without a unit: those are in `flux_unit`, in arrays in mJy where nothing else is said."""
        target = self._flux_unit if self._is_table else self._flux_unit or "mJy"
        for name, measure in errors.items():
            by: float | None = 1.0
            if measure.unit is not None:
                by = None if target in (None, "AB27.5") else factor(measure.unit, str(target))
            if by is None:
                raise TypeError(f"{name}: an error in {_unit_text(measure.unit)} of {flux}, which has no unit")
            self.values[name] = scaled(measure, by, self._nulls)

    # ---- magnitudes --------------------------------------------------------------------------------------

    def _take_magnitudes(self, mags: Mapping[str, Measured], errors: Mapping[str, Measured]) -> None:
        per_unit = 1.0
        for name, measure in mags.items():
            per_unit = 1.0
            if measure.unit is not None:
                per_unit = magnitudes_per(name, measure.unit)
                self._take_system(name, measure.unit)
            self.values[name] = scaled(measure, per_unit, self._nulls)
        for name, measure in errors.items():
            self.values[name] = scaled(measure, error_factor(name, measure, per_unit, self._is_table), self._nulls)

    def _take_system(self, name: str, unit: Any) -> None:
        """AB magnitudes have the zero point of AB; other systems need one."""
        physical = getattr(unit, "physical_unit", None)
        if physical is None:
            return
        jy = factor(physical, "Jy")
        if jy is None or abs(jy / AB_ZERO_POINT - 1) > 1e-3:
            if self._zero_point is None:
                raise TypeError(f"{name}: what magnitude 0 in {unit} is in Jy is not known; zero_point says it")
            return
        if self._zero_point is None:
            self._add("zero_point", AB_ZERO_POINT)
        elif abs(float(str(self._zero_point)) / AB_ZERO_POINT - 1) > 1e-3:
            raise ValueError(f"zero_point: {self._zero_point} Jy contradicts {name}, which is in {unit}")

    def _keep(self, measures: Mapping[str, Measured]) -> None:
        self.values.update({name: measure.values for name, measure in measures.items()})

    def _add(self, option: str, value: object) -> None:
        if (option, value) not in self.settings:
            self.settings = (*self.settings, (option, value))


def magnitudes_per(name: str, unit: Any) -> float:
    """What a unit of magnitudes is in mag. TypeError where it is none."""
    found = _magnitudes_per(unit)
    if found is None:
        raise TypeError(f"{name}: {_unit_text(unit)} is not a unit of magnitudes such as mag")
    return found


def error_factor(name: str, error: Measured, per_unit: float, is_table: bool = False) -> float:
    """What makes errors magnitudes, beside magnitudes whose unit is `per_unit` mag."""
    if error.unit is not None:
        return magnitudes_per(name, error.unit)
    if per_unit != 1.0 and not is_table:
        raise TypeError(f"{name}: has no unit beside magnitudes that are not in mag")
    return per_unit


def pair_of_any_unit(names: tuple[str, str], value: Measured, error: Measured | None) -> tuple[Any, Any]:
    """Values and errors for what does not depend on their unit: the errors in the unit of the values."""
    if error is None:
        return value.values, None
    if value.unit is None and error.unit is None:
        return value.values, error.values
    if value.unit is None or error.unit is None:
        with_unit, without = names if error.unit is None else names[::-1]
        unit = value.unit if error.unit is None else error.unit
        raise TypeError(f"{without}: has no unit beside {with_unit} in {_unit_text(unit)}")
    for name, unit in zip(names, (value.unit, error.unit), strict=True):
        if isinstance(unit, Days):
            raise TypeError(f"{name}: expected numbers, found {unit}")
    if _magnitudes_per(value.unit) is not None:
        by: float | None = magnitudes_per(names[1], error.unit) / magnitudes_per(names[0], value.unit)
    else:
        by = 1.0 if value.unit == error.unit else factor(error.unit, value.unit)
    if by is None:
        raise TypeError(f"{names[1]}: an error in {_unit_text(error.unit)} of {names[0]} in {_unit_text(value.unit)}")
    return value.values, scaled(error, by)
