# SPDX-License-Identifier: MIT
"""The options as types. Written by tools/make_option_types.py."""

import dataclasses
from collections.abc import Sequence
from typing import Literal, TypedDict

@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """Everything that changes a number, but the light curve and the checkpoint.

    Parameters
    ----------
    flux_unit : {"nJy", "uJy", "mJy", "Jy", "AB27.5"}, optional
        nJy, uJy, mJy, Jy or AB27.5 (default: the column's or the survey's, else mJy).
    time_unit : {"d", "h", "min", "s", "yr"}, optional
        D, h, min, s or yr (default: the column's or the survey's, else d).
    nonfinite : {"reject", "drop"}, default 'reject'
        NaN, infinite and missing values: reject or drop.
    upper_limits : {"reject", "drop"}, default 'reject'
        Values such as >17.2: reject or drop.
    null_value : Sequence[float]
        A number that means "not measured"; repeatable.
    keep_sentinels : bool, default False
        Keep repeated values such as 99.99 far from all others (default: they reject their object).
    quality_mask : int | None
        Bits of quality flags that drop an observation; 0: none, nor any other rule of quality (default:
        the format's; in tables of no known survey quality is not used).
    missing_error : float | None
        The error where no column has one (flagged).
    min_points : int, default 2
        Fewest observations of a light curve.
    allow_negative_error : bool, default False
        Accept errors below zero.
    on_mad_zero : {"reject", "std", "meanad"}, default 'reject'
        (nearly) constant flux: reject, or scale by std or meanad.
    error_floor : float, default 0.0
        Magnitudes added to the errors in quadrature.
    scaling : str, default 'checkpoint'
        Checkpoint, published, none, or a preprocessor_config.json / info.json.
    rfr : {"line", "forest"}, default 'line'
        rfr_score from lksl_statistic (line) or a random forest (forest).
    period_min : float, default 0.05
        Shortest period that is searched for: days.
    period_max : float | None
        Longest: days (default: half the time span).
    oversampling : float, default 4.0
        Frequency steps per peak width.
    candidates : int, default 40
        Highest peaks that the harmonic model chooses from.
    harmonics : int, default 6
        Harmonics of that model.
    period_error_floor : float, default 0.0
        Magnitudes added to the errors in quadrature, in that model.
    double_eclipsers : bool, default True
        Prefer the orbital period of eclipsing binaries to half of it.
    search_eclipses : bool, default True
        Look for narrow eclipses that a sine wave cannot see.
    padding : {"zeros", "aux"}, default 'zeros'
        Padded rows: zeros, or aux (channels 3-8 kept).
    """

    flux_unit: Literal["nJy", "uJy", "mJy", "Jy", "AB27.5"] | None = ...
    time_unit: Literal["d", "h", "min", "s", "yr"] | None = ...
    nonfinite: Literal["reject", "drop"] = ...
    upper_limits: Literal["reject", "drop"] = ...
    null_value: Sequence[float] = ...
    keep_sentinels: bool = ...
    quality_mask: int | None = ...
    missing_error: float | None = ...
    min_points: int = ...
    allow_negative_error: bool = ...
    on_mad_zero: Literal["reject", "std", "meanad"] = ...
    error_floor: float = ...
    scaling: str = ...
    rfr: Literal["line", "forest"] = ...
    period_min: float = ...
    period_max: float | None = ...
    oversampling: float = ...
    candidates: int = ...
    harmonics: int = ...
    period_error_floor: float = ...
    double_eclipsers: bool = ...
    search_eclipses: bool = ...
    padding: Literal["zeros", "aux"] = ...

class OptionKeywords(TypedDict, total=False):
    flux_unit: Literal["nJy", "uJy", "mJy", "Jy", "AB27.5"] | None
    time_unit: Literal["d", "h", "min", "s", "yr"] | None
    nonfinite: Literal["reject", "drop"]
    upper_limits: Literal["reject", "drop"]
    null_value: Sequence[float]
    keep_sentinels: bool
    quality_mask: int | None
    missing_error: float | None
    min_points: int
    allow_negative_error: bool
    on_mad_zero: Literal["reject", "std", "meanad"]
    error_floor: float
    scaling: str
    rfr: Literal["line", "forest"]
    period_min: float
    period_max: float | None
    oversampling: float
    candidates: int
    harmonics: int
    period_error_floor: float
    double_eclipsers: bool
    search_eclipses: bool
    padding: Literal["zeros", "aux"]

class PeriodKeywords(TypedDict, total=False):
    period_min: float
    period_max: float | None
    oversampling: float
    candidates: int
    harmonics: int
    period_error_floor: float
    double_eclipsers: bool
    search_eclipses: bool
