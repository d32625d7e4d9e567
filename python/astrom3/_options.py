# SPDX-License-Identifier: MIT
"""How light curves are treated, whatever they come from."""

from __future__ import annotations

import ctypes as c
import dataclasses
import functools
import math
import os
from typing import Literal, get_args

from ._library import FEATURES, FLUX_UNITS, EmbedOptions, PeriodOptions, lib

Policy = Literal["reject", "drop"]
OnMadZero = Literal["reject", "std", "meanad"]
FluxUnit = Literal["nJy", "uJy", "mJy", "Jy", "AB27.5"]
RfrMethod = Literal["line", "forest"]


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name}: expected {' or '.join(map(repr, choices))}, found {value!r}")


def check_threads(n_threads: int | None) -> int:
    """0 for None; ValueError for what is no number of threads."""
    if n_threads is None:
        return 0
    if isinstance(n_threads, bool) or not isinstance(n_threads, int) or not 1 <= n_threads <= 65536:
        raise ValueError(f"n_threads: expected a positive integer or None, found {n_threads!r}")
    return n_threads


def default_threads() -> int:
    """What None means: the environment's word; inside a Dask worker 1; else 0, all this process may use."""
    if any(os.environ.get(name) for name in ("ASTROM3_NUM_THREADS", "OMP_NUM_THREADS")):
        return 0
    import sys

    worker = sys.modules.get("distributed.worker")
    if worker is None:
        return 0
    try:
        worker.get_worker()
    except (ValueError, AttributeError):
        return 0
    return 1


@dataclasses.dataclass(frozen=True)
class Options:
    """Everything that changes a number, but the light curve and the checkpoint.

    Parameters
    ----------
    scaling : str
        ``"checkpoint"``, ``"published"``, ``"none"`` or the path of a scaling file.
    period_min, period_max : float
        Range of the period search in days. `period_max` None: min(1000 d, half the time span).
    nonfinite : {"reject", "drop"}
        What a value that is missing or not finite does: reject its light curve, or only itself.
    on_mad_zero : {"reject", "std", "meanad"}
        What stands in for a median absolute deviation of zero.
    min_points : int
        Fewer observations than that are rejected.
    flux_unit : str, default "mJy"
        Of fluxes: nJy, uJy, mJy, Jy or AB27.5.
    rfr : {"line", "forest"}
        How rfr_score is computed.
    """

    scaling: str = "checkpoint"
    period_min: float = 0.05
    period_max: float | None = None
    nonfinite: Policy = "reject"
    on_mad_zero: OnMadZero = "reject"
    min_points: int = 2
    flux_unit: FluxUnit = "mJy"
    rfr: RfrMethod = "line"

    def __post_init__(self) -> None:
        _check_choice("nonfinite", self.nonfinite, get_args(Policy))
        _check_choice("on_mad_zero", self.on_mad_zero, get_args(OnMadZero))
        _check_choice("flux_unit", self.flux_unit, FLUX_UNITS)
        _check_choice("rfr", self.rfr, get_args(RfrMethod))
        if self.min_points < 1:
            raise ValueError(f"min_points: expected at least 1, found {self.min_points}")
        if not (math.isfinite(self.period_min) and self.period_min > 0):
            raise ValueError(f"period_min: expected a positive number of days, found {self.period_min}")
        if self.period_max is not None and not self.period_max > self.period_min:
            raise ValueError(f"period_max: expected more than period_min, found {self.period_max}")

    def period_struct(self) -> PeriodOptions:
        """For C."""
        options = PeriodOptions()
        lib.astrom3_period_options_init(c.byref(options))
        options.period_min = self.period_min
        options.period_max = self.period_max or 0.0
        return options

    def embed_struct(self, checkpoint_scaling: str | None = None) -> EmbedOptions:
        """For C; without features, threads and the rest of one call. `checkpoint_scaling`: a file that came with
        the checkpoint."""
        template = _embed_template(self, checkpoint_scaling)
        options = EmbedOptions.from_buffer_copy(template)
        options.template = template  # owns the texts
        return options


@functools.lru_cache(maxsize=64)
def _embed_template(given: Options, checkpoint_scaling: str | None) -> EmbedOptions:
    options = EmbedOptions()
    lib.astrom3_embed_options_init(c.byref(options))
    options.drop_nonfinite = given.nonfinite == "drop"
    options.on_mad_zero = get_args(OnMadZero).index(given.on_mad_zero)
    options.rfr_forest = given.rfr == "forest"
    options.min_points = given.min_points
    options.period = given.period_struct()
    from_file = given.scaling == "checkpoint" and checkpoint_scaling is not None
    options.scaling = os.fsencode(checkpoint_scaling if from_file and checkpoint_scaling else given.scaling)
    return options


def parse_feature(name: str, value: object) -> tuple[float, bool]:
    """A feature given as a number, or as ``"z:0.392"`` in standardised units: (value, standardised)."""
    text = value
    standardised = isinstance(value, str) and value.startswith("z:")
    if standardised:
        text = str(value)[2:]
    try:
        if isinstance(text, (bytes, bool)):
            raise TypeError
        number = float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise TypeError(f'{name}: expected a number or "z:NUMBER", found {value!r}') from None
    if not math.isfinite(number):
        raise ValueError(f"{name}: expected a finite number, found {value!r}")
    if not standardised and (number < 0 if name == "amplitude" else name == "period" and number <= 0):
        raise ValueError(
            f"{name}: expected a {'non-negative' if name == 'amplitude' else 'positive'} number, found {number}"
        )
    return number, standardised


def check_feature_names(given: dict[str, object]) -> None:
    """ValueError for a name that is no feature."""
    for name in given:
        if name not in FEATURES:
            raise ValueError(f"scalars: expected {', '.join(FEATURES)}, found {name!r}")
