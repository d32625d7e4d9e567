# SPDX-License-Identifier: MIT
"""Periodograms: the generalised Lomb-Scargle power and other statistics of how well a period fits."""

from __future__ import annotations

import ctypes as c
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, Unpack

import numpy as np
import numpy.typing as npt

from ._arrays import address, as_float64, check_same_length, is_single, spread
from ._calls import call_if_long
from ._errors import AstroM3Error
from ._keywords import check_names
from ._library import BoxResult, check, lib
from ._measured import measured
from ._units import pair_of_any_unit, plain_number, times
from .measure import band_numbers

Method = Literal["gls", "aov", "bls", "pdm", "ce", "string_length", "window"]
LOWEST_IS_BEST = ("pdm", "ce", "string_length")
_MOST_FREQUENCIES = 100_000_000


class BoxKeywords(TypedDict, total=False):
    """Of method "bls"."""

    durations: float | Sequence[float] | None
    duration_fractions: float | Sequence[float] | None
    duration_steps: int | None
    objective: Literal["likelihood", "snr"] | None


class MethodKeywords(BoxKeywords, total=False):
    """The method of ``periodogram``, and its options."""

    method: Method | None
    terms: int | None
    base_terms: int | None
    normalization: Literal["standard", "model", "log", "psd"] | None
    phase_bins: int | None
    covers: int | None
    value_bins: int | None
    threads: int | None


def _columns(time: object, y: object, y_err: Any) -> tuple[npt.NDArray[np.float64], ...]:
    """Times in days, values, and errors in their unit if there are any."""
    value = measured("y", y)
    if is_single(y_err):
        y_err = spread(y_err, np.size(value.values))
    error = None if y_err is None else measured("y_err", y_err)
    plain, plain_error = pair_of_any_unit(("y", "y_err"), value, error)
    columns = [as_float64("time", times("time", measured("time", time))), as_float64("y", plain)]
    if error is not None:
        columns.append(as_float64("y_err", plain_error))
    for name, column in zip(("y", "y_err"), columns[1:], strict=False):
        check_same_length(name, column, "time", len(columns[0]))
    return tuple(columns)


def _texts(options: Mapping[str, Any]) -> c.Array[c.c_char_p]:
    """NAME=VALUE of those that were given, as the engine reads them: of a list one for each value."""
    texts = [
        f"{name}={one}".encode()
        for name, value in options.items()
        if value is not None
        for one in (np.asarray(value).tolist() if np.ndim(value) else [value])
    ]
    return (c.c_char_p * (len(texts) + 1))(*texts, None)


def _frequencies(
    minimum: object, step: object, count: int | None, own: npt.ArrayLike | None
) -> tuple[float, float, npt.NDArray[np.float64]]:
    """Minimum and step of the grid, where it is one, and the frequencies; of a grid their memory alone."""
    if own is not None:
        if minimum is not None or step is not None or count is not None:
            raise ValueError("frequencies: expected these, or minimum, step and count")
        return 0.0, 0.0, as_float64("frequencies", plain_number("frequencies", own, "1/d"))
    if minimum is None or step is None or count is None:
        raise ValueError("minimum, step, count: expected all three, or frequencies")
    if count < 0:
        raise ValueError(f"count: expected a number of frequencies, found {count}")
    if count > _MOST_FREQUENCIES:
        raise AstroM3Error(f"count: {count} frequencies; at most {_MOST_FREQUENCIES} can be searched", "grid_too_fine")
    first, between = (float(plain_number(n, v, "1/d")) for n, v in (("minimum", minimum), ("step", step)))
    return first, between, np.empty(count)


def _fill_grid(frequency: npt.NDArray[np.float64], minimum: float, step: float) -> None:
    """In pieces, so that Ctrl-C need not wait for a hundred million numbers."""
    at_a_time = 1 << 20
    for begin in range(0, len(frequency), at_a_time):
        piece = frequency[begin : begin + at_a_time]
        piece[:] = minimum + step * np.arange(begin, begin + len(piece))


def periodogram(
    time: npt.ArrayLike,
    y: npt.ArrayLike,
    y_err: npt.ArrayLike | None = None,
    *,
    minimum: float | None = None,
    step: float | None = None,
    count: int | None = None,
    frequencies: npt.ArrayLike | None = None,
    band: npt.ArrayLike | None = None,
    mag: bool = False,
    **options: Unpack[MethodKeywords],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """A periodogram: the generalised Lomb-Scargle power, or another statistic.

    Parameters
    ----------
    time, y : (n,) array
        Days; magnitudes or fluxes.
    y_err : (n,) array or number, optional
        One sigma; None: equal weights.
    minimum, step : float
        First frequency and distance, cycles per day.
    count : int
        Frequencies of this grid.
    frequencies : (count,) array
        Instead of a grid: frequencies of your own, above 0 and increasing, cycles per day.
    band : (n,) array, optional
        gls: the band of each observation, of any type. Each has a mean and a shape of its own.
    mag : bool
        bls: `y` are magnitudes, which are higher in a dip.

    Other Parameters
    ----------------
    method : str, optional
        "gls" (the default): generalised Lomb-Scargle; "aov": multi-harmonic analysis of variance; "bls": box least
        squares; "pdm": phase dispersion; "ce": conditional entropy; "string_length"; "window": the spectral window of
        the times. Of "pdm", "ce" and "string_length" the lowest value is the best. docs/periods.md has the formulas.
    terms : int, optional
        gls, aov: harmonics, 1 to 16 (1).
    base_terms : int, optional
        gls of several bands: harmonics of a shape that all bands share; `terms` are those of each band's deviation (0).
    normalization : str, optional
        gls: "standard" (0 to 1), "model", "log" or "psd", as in astropy.
    phase_bins : int, optional
        pdm, ce: bins of the phase (10).
    covers : int, optional
        pdm: sets of bins, each shifted (1).
    value_bins : int, optional
        ce: bins of `y` (5).
    durations, duration_fractions : float or list, optional
        bls: lengths of the box in days, or of each period (0.01, 0.02, 0.05 and 0.1).
    duration_steps : int, optional
        bls: starts of the box in the shortest length (10).
    objective : str, optional
        bls: "likelihood" or "snr".
    threads : int, optional
        Any number gives the same bits (1).

    Returns
    -------
    frequency, power : (count,) float64
        The power is between 0 and 1 for "gls" with the normalisation "standard", and for "window".

    Raises
    ------
    AstroM3Error
        The light curve cannot be searched, an option is of no use to the method, or its value does not do.

    Examples
    --------
    >>> import numpy as np
    >>> time = np.linspace(0, 50, 400) + 0.01 * np.sin(np.arange(400))
    >>> y = np.abs(np.sin(np.pi * time / 1.7))
    >>> frequency, theta = periodogram(time, y, frequencies=np.arange(0.1, 2, 0.002), method="pdm")
    >>> round(1 / frequency[theta.argmin()], 1)
    1.7
    """
    check_names(options, MethodKeywords.__annotations__)
    columns = _columns(time, y, y_err)
    n = len(columns[0])
    errors = address(columns[2]) if len(columns) > 2 else None
    is_plain = band is None and not mag and all(value is None for value in options.values())
    first, between, frequency = _frequencies(minimum, step, count, frequencies)
    power = np.zeros(len(frequency))

    def call() -> None:
        if frequencies is None:
            _fill_grid(frequency, first, between)
        if is_plain and frequencies is None:
            check(
                lib.astrom3_periodogram(
                    address(columns[0]), address(columns[1]), errors, n, first, between, len(power), address(power)
                )
            )
            return
        bands = None if band is None else band_numbers(band, n)
        check(
            lib.astrom3_period_statistic(
                address(columns[0]), address(columns[1]), errors, None if bands is None else address(bands), n,
                int(mag), address(frequency), len(frequency), _texts(options), address(power),
            )
        )  # fmt: skip

    call_if_long(n + len(power) >= 1_000_000 or (not is_plain and n * len(power) >= 100_000_000), call)
    return frequency, power


@dataclasses.dataclass(frozen=True)
class Box:
    """The best box-shaped dip of a period.

    Attributes
    ----------
    score : float
        Of the objective; 0 where no box is low.
    depth, depth_err : float
        In the unit of the values.
    duration : float
        Days.
    mid_time : float
        The middle of the first dip.
    """

    score: float
    depth: float
    depth_err: float
    duration: float
    mid_time: float


def find_box(
    time: npt.ArrayLike,
    y: npt.ArrayLike,
    y_err: npt.ArrayLike | None = None,
    *,
    period: float,
    mag: bool = False,
    **options: Unpack[BoxKeywords],
) -> Box:
    """The dip that ``periodogram`` with ``method="bls"`` finds best at a period of so many days.

    Arguments as in ``periodogram``.
    """
    columns = _columns(time, y, y_err)
    days = float(plain_number("period", period, "d"))
    if not days > 0:
        raise ValueError(f"period: expected days above 0, found {period}")
    check_names(options, BoxKeywords.__annotations__)
    found = BoxResult(struct_size=c.sizeof(BoxResult))
    check(
        lib.astrom3_find_box(
            address(columns[0]), address(columns[1]), address(columns[2]) if len(columns) > 2 else None,
            len(columns[0]), int(mag), 1 / days, _texts({"method": "bls", **options}), c.byref(found),
        )
    )  # fmt: skip
    return Box(found.score, found.depth, found.depth_err, found.duration_days, found.mid_time)


def nyquist(time: npt.ArrayLike) -> tuple[float, bool]:
    """The Nyquist frequency of the times, cycles per day, and whether it is a limit.

    It is one where all times lie on a grid, gaps or not: no higher frequency tells more. Of irregular times it is
    n / (2 span), which is no limit at all.
    """
    days = as_float64("time", times("time", measured("time", time)))
    frequency, is_limit = c.c_double(), c.c_int32()
    check(lib.astrom3_find_nyquist(address(days), len(days), c.byref(frequency), c.byref(is_limit)))
    return frequency.value, bool(is_limit.value)
