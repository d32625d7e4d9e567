# SPDX-License-Identifier: MIT
"""The options as types. Written by tools/make_option_types.py."""

import dataclasses
from collections.abc import Sequence
from typing import Literal, TypedDict

@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """Everything that changes a number, except the object itself and the checkpoint.

    Parameters
    ----------
    flux_unit : {"nJy", "uJy", "mJy", "Jy", "AB27.5"}, optional
        Unit of fluxes: nJy, uJy, mJy, Jy or AB27.5 (default: that of the column or survey, else mJy).
    time_unit : {"d", "h", "min", "s", "yr"}, optional
        Unit of times: d, h, min, s or yr (default: that of the column or survey, else d).
    nonfinite : {"reject", "drop"}, default 'reject'
        NaN, infinite and missing values: reject or drop.
    upper_limits : {"reject", "drop"}, default 'reject'
        Values such as >17.2: reject or drop.
    null_value : Sequence[float]
        A number that means "not measured"; repeatable.
    keep_sentinels : bool, default False
        Keep repeated values such as 99.99 that lie far from all others (default: they reject their
        object).
    quality_mask : int | None
        Bits of quality flags that drop an observation; 0: no rule of quality is used (default: the bits
        of the survey; in other tables no column of quality is used).
    missing_error : float | None
        The error of every observation, if no column has errors (flagged).
    min_points : int, default 2
        Fewest observations that a light curve may have.
    allow_negative_error : bool, default False
        Accept errors below zero.
    on_mad_zero : {"reject", "std", "meanad"}, default 'reject'
        Constant or nearly constant flux: reject, or scale by std or meanad.
    error_floor : float, default 0.0
        Magnitudes added in quadrature to the errors.
    scaling : str, default 'checkpoint'
        Scaling of the features: checkpoint, published, none, or a preprocessor_config.json / info.json.
    rfr : {"line", "forest"}, default 'line'
        How rfr_score is computed: from lksl_statistic (line) or by a random forest (forest).
    period_min : float, default 0.05
        Shortest period that is searched for, in days.
    period_max : float | None
        Longest period that is searched for, in days (default: half the time span).
    oversampling : float, default 4.0
        Frequency steps in the width of a peak.
    candidates : int, default 40
        Number of highest peaks among which the harmonic model chooses.
    harmonics : int, default 6
        Number of harmonics of the harmonic model.
    period_error_floor : float, default 0.0
        Magnitudes added in quadrature to the errors, in the harmonic model.
    double_eclipsers : bool, default True
        Prefer the orbital period of eclipsing binaries to half of it.
    search_eclipses : bool, default True
        Search for narrow eclipses, which a sine wave does not fit.
    padding : {"zeros", "aux"}, default 'zeros'
        Rows of padding: zeros, or aux (channels 3 to 8 keep their values).
    modalities : Sequence[str]
        Photo, spectra, metadata: which to embed (default: all there are).
    require : {"any", "all"}, default 'any'
        Status is ok with any of the modalities, or only with all.
    pick : {"none", "first", "last", "best-snr"}, default 'none'
        Which of several spectra of one object; none: such an object has none.
    metadata_scaling : str | None
        Info.json of the split the checkpoint was trained on (default: with the checkpoint).
    metadata_id : str | None
        Id column of the metadata.
    impute : {"none", "mean"}, default 'none'
        A missing value of metadata: reject the row, or take the training mean and flag it.
    coverage : {"reject", "extend"}, default 'reject'
        Of less than 95 % of the model's wavelengths: reject, or extend: repeat the end values.
    spectrum_nonfinite : {"reject", "drop"}, default 'reject'
        Pixels that are NaN or infinite: reject the spectrum, or drop them and interpolate.
    wavelength_unit : {"file", "A", "nm", "um", "log10A"}, default 'file'
        Of wavelengths; file: as the file says, else Å.
    wavelengths : {"file", "vacuum", "air"}, default 'file'
        In vacuum or in air; file: as the file says, else vacuum.
    flux_scale : float, default 0.0
        Multiply the flux, so that it is in 1e-17 erg/s/cm2/A; 0: by the unit the file says.
    spectrum_columns : Sequence[str]
        Columns by name or number: wavelength=..., flux=..., and ivar=... or error=....
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
    modalities: Sequence[str] = ...
    require: Literal["any", "all"] = ...
    pick: Literal["none", "first", "last", "best-snr"] = ...
    metadata_scaling: str | None = ...
    metadata_id: str | None = ...
    impute: Literal["none", "mean"] = ...
    coverage: Literal["reject", "extend"] = ...
    spectrum_nonfinite: Literal["reject", "drop"] = ...
    wavelength_unit: Literal["file", "A", "nm", "um", "log10A"] = ...
    wavelengths: Literal["file", "vacuum", "air"] = ...
    flux_scale: float = ...
    spectrum_columns: Sequence[str] = ...

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
    modalities: Sequence[str]
    require: Literal["any", "all"]
    pick: Literal["none", "first", "last", "best-snr"]
    metadata_scaling: str | None
    metadata_id: str | None
    impute: Literal["none", "mean"]
    coverage: Literal["reject", "extend"]
    spectrum_nonfinite: Literal["reject", "drop"]
    wavelength_unit: Literal["file", "A", "nm", "um", "log10A"]
    wavelengths: Literal["file", "vacuum", "air"]
    flux_scale: float
    spectrum_columns: Sequence[str]

class LightCurveKeywords(TypedDict, total=False):
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

class SpectrumKeywords(TypedDict, total=False):
    coverage: Literal["reject", "extend"]
    spectrum_nonfinite: Literal["reject", "drop"]
    wavelength_unit: Literal["file", "A", "nm", "um", "log10A"]
    wavelengths: Literal["file", "vacuum", "air"]
    flux_scale: float
    spectrum_columns: Sequence[str]

class PeriodKeywords(TypedDict, total=False):
    period_min: float
    period_max: float | None
    oversampling: float
    candidates: int
    harmonics: int
    period_error_floor: float
    double_eclipsers: bool
    search_eclipses: bool
