# SPDX-License-Identifier: MIT
"""Functions that need no checkpoint: features, periods and the tensors that the encoder sees."""

from __future__ import annotations

import ctypes as c
import dataclasses
from collections.abc import Mapping
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt

from ._arrays import address, as_float64, check_same_length, is_single, spread
from ._arrays_of_one import takes_one
from ._calls import call_if_long
from ._engine import LONG_LIGHT_CURVE, Request, embed, give_constants
from ._errors import warn_of_doubts
from ._info import BatchInfo
from ._keywords import OF_THE_PERIOD_SEARCH, OPTIONS_OF_LIGHT_CURVES, check_names, options_of, spell_out
from ._library import FEATURES, FLAG_NAMES, PeriodResult, check, lib
from ._measured import measured
from ._options import (
    OF_LIGHT_CURVES,
    LightCurveKeywords,
    Options,
    PeriodKeywords,
    embed_options,
    engine_options,
)
from ._selection import Selection
from ._tables import single_table
from ._texts import text_codes
from ._units import error_factor, magnitudes_per, scaled, times


@takes_one("features")
def features(
    time: npt.ArrayLike,
    flux: npt.ArrayLike,
    flux_err: npt.ArrayLike,
    *,
    mag: bool = False,
    band: str | None = None,
    zero_point: float | None = None,
    **options: Unpack[LightCurveKeywords],
) -> dict[str, float]:
    """amplitude [mag], period [d], lksl_statistic and rfr_score of one light curve.

    Arguments as in ``AstroM3.__call__``; `options` are the fields of ``Options`` (`period_min`, ...).

    Raises
    ------
    AstroM3Error
        The light curve cannot be measured, or the grid of the period search is too fine.

    Warns
    -----
    AstroM3Warning
        A number may be wrong: no period could be searched for (``aperiodic``), the period is one of several that are
        about as probable (``uncertain_period``) or too long to be searched for (``period_at_limit``), or the
        observations are doubtful (``time_precision``, ``mixed_time_systems``, ``sentinel_suspected``,
        ``looks_like_magnitudes``, ``mostly_dropped``).

    Examples
    --------
    >>> import numpy as np
    >>> time = np.linspace(0, 50, 400) + 0.01 * np.sin(np.arange(400))
    >>> found = features(time, 10 + np.sin(2 * np.pi * time / 1.7), np.full(400, 0.05))
    >>> round(found["period"], 2)
    1.7
    """
    info = BatchInfo.empty(1)
    treatment = options_of(options, OF_LIGHT_CURVES)
    selection = Selection.of_arrays(mag, band, zero_point)
    table = single_table(time, flux, flux_err, selection, treatment)
    embed(None, table, embed_options(treatment), Request(info=info)).raise_first("")
    warn_of_doubts(info.flag_names(0))
    return dict(zip(FEATURES, info.feature_values[0].tolist(), strict=True))


@takes_one("preprocess")
def preprocess(
    time: npt.ArrayLike,
    flux: npt.ArrayLike,
    flux_err: npt.ArrayLike,
    *,
    mag: bool = False,
    band: str | None = None,
    zero_point: float | None = None,
    n_steps: int = 200,
    amplitude: float | str | None = None,
    period: float | str | None = None,
    lksl_statistic: float | str | None = None,
    rfr_score: float | str | None = None,
    **options: Unpack[LightCurveKeywords],
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The encoder's input for one light curve: x_enc (T, 9) and mask (T,), 1 for observed steps.

    Arguments as in ``AstroM3.__call__``; `options` are the fields of ``Options``; `scaling` defaults to the
    published one. AstroM3Warning as in ``features``.
    """
    selection = Selection.of_arrays(mag, band, zero_point)
    given = {"amplitude": amplitude, "period": period, "lksl_statistic": lksl_statistic, "rfr_score": rfr_score}
    return build_tensor(None, (time, flux, flux_err), selection, n_steps, given, options_of(options, OF_LIGHT_CURVES))


def build_tensor(
    model: c.c_void_p | None, arrays: tuple[Any, Any, Any], selection: Selection, n_steps: int,
    given: Mapping[str, object], options: Options, scaling_file: str | None = None,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:  # fmt: skip
    """x_enc (T, 9) and mask (T,) of one light curve, with the scaling of `model` if there is one."""
    struct = embed_options(options, scaling_file)
    struct.n_steps = n_steps
    give_constants(struct, given)
    x_enc = np.empty((1, n_steps, 9), np.float32)
    mask = np.empty((1, n_steps), np.float32)
    table = single_table(*arrays, selection, options)
    info = BatchInfo.empty(1)
    embed(model, table, struct, Request(x_enc=x_enc, mask=mask, info=info)).raise_first("")
    warn_of_doubts(info.flag_names(0))
    return x_enc[0], mask[0]


@dataclasses.dataclass(frozen=True)
class Period:
    """A period and how certain it is.

    Attributes
    ----------
    period, period_err : float
        Days; orbital for eclipsing binaries. The error is one sigma, if this is the right peak.
    power : float
        Power of the generalised Lomb-Scargle periodogram, 0 to 1.
    log_evidence : float
        Logarithm of the evidence of the harmonic model, in nats.
    false_alarm_probability : float
        Probability that noise reaches this power anywhere in the grid.
    period_probability : float
        Probability of this period, compared with its rivals, 0 to 1.
    doubled : bool
        The orbital period of an eclipser was preferred.
    alternates : tuple of float
        Runners-up in days, best first.
    flags : tuple of str
    """

    period: float
    period_err: float
    power: float
    log_evidence: float
    false_alarm_probability: float
    period_probability: float
    doubled: bool
    alternates: tuple[float, ...]
    flags: tuple[str, ...]

    def __float__(self) -> float:
        return self.period


def band_numbers(band: npt.ArrayLike, n: int) -> npt.NDArray[np.uint8]:
    """Bands of any type as numbers from 0 on."""
    numbers, distinct = text_codes("band", band)
    check_same_length("band", numbers, "time", n)
    if (numbers < 0).any():
        raise ValueError(f"band: no band at {int(np.argmax(numbers < 0))}")
    if len(distinct) > 256:
        raise ValueError(f"band: expected at most 256 bands, found {len(distinct)}")
    return numbers.astype(np.uint8)


def _magnitudes(time: object, mag: object, mag_err: object) -> list[npt.NDArray[np.float64]]:
    """Times in days, magnitudes of any system and their errors in mag."""
    value = measured("mag", mag)
    error = measured("mag_err", spread(mag_err, np.size(value.values)) if is_single(mag_err) else mag_err)
    per_unit = 1.0 if value.unit is None else magnitudes_per("mag", value.unit)
    return [
        as_float64("time", times("time", measured("time", time))),
        as_float64("mag", scaled(value, per_unit)),
        as_float64("mag_err", scaled(error, error_factor("mag_err", error, per_unit))),
    ]


@takes_one("find_period")
def find_period(
    time: npt.ArrayLike,
    mag: npt.ArrayLike,
    mag_err: npt.ArrayLike,
    *,
    band: npt.ArrayLike | None = None,
    **options: Unpack[PeriodKeywords],
) -> Period:
    """The period of magnitudes.

    Parameters
    ----------
    time, mag, mag_err : (n,) array
        Days, magnitudes and one sigma, which may be one number.
    band : (n,) array, optional
        The band of every observation, of any type; every band has its own mean and shape.
    **options
        Options of the period search, as in ``Options``: `period_min`, `period_max` (days), `oversampling`, ...

    Examples
    --------
    >>> import numpy as np
    >>> time = np.linspace(0, 50, 400) + 0.01 * np.sin(np.arange(400))
    >>> round(float(find_period(time, np.sin(2 * np.pi * time / 1.7), np.full(400, 0.05))), 2)
    1.7
    """
    columns = _magnitudes(time, mag, mag_err)
    n = len(columns[0])
    check_same_length("mag", columns[1], "time", n)
    check_same_length("mag_err", columns[2], "time", n)
    bands = None if band is None else band_numbers(band, n)
    check_names(options, [one.name for one in OF_THE_PERIOD_SEARCH])
    handle = engine_options(Options(**options))
    found = PeriodResult(struct_size=c.sizeof(PeriodResult))

    def call() -> None:
        check(
            lib.astrom3_find_period(
                *map(address, columns), None if bands is None else address(bands), n, handle.pointer, c.byref(found)
            )
        )

    call_if_long(n >= LONG_LIGHT_CURVE, call)
    return Period(
        period=found.period,
        period_err=found.period_err,
        power=found.power,
        log_evidence=found.log_evidence,
        false_alarm_probability=found.false_alarm_probability,
        period_probability=found.period_probability,
        doubled=bool(found.doubled),
        alternates=tuple(found.alternates[: found.n_alternates]),
        flags=tuple(name for bit, name in enumerate(FLAG_NAMES) if found.flags >> bit & 1),
    )


for _function in (features, preprocess):
    spell_out(_function, OPTIONS_OF_LIGHT_CURVES)
spell_out(find_period, OF_THE_PERIOD_SEARCH)
del _function
