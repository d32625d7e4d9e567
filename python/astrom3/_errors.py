# SPDX-License-Identifier: MIT
"""One exception for input that the engine refuses, with its code; one warning for numbers that may be wrong."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable

from ._words import printable

# Flags of numbers that may be wrong, or of observations that may be other than what they were taken for.
_DOUBTS = (
    "aperiodic", "period_at_limit", "uncertain_period", "time_precision", "mixed_time_systems", "sentinel_suspected",
    "looks_like_magnitudes", "mostly_dropped",
)  # fmt: skip


class AstroM3Warning(UserWarning):
    """A number may be wrong: the engine measured the light curve, but noticed a problem.

    Attributes
    ----------
    flags : tuple of str
        Such as ``"aperiodic"`` or ``"time_precision"``; ``docs/errors.md`` explains them.
    """

    def __init__(self, flags: tuple[str, ...]) -> None:
        super().__init__(f"numbers of this light curve may be wrong: {', '.join(flags)}")
        self.flags = flags

    def __reduce__(self) -> tuple[type[AstroM3Warning], tuple[tuple[str, ...]]]:
        return (type(self), (self.flags,))


class AstroM3Error(ValueError):
    """The engine cannot do what was asked.

    Attributes
    ----------
    code : str
        The snake_case status, e.g. ``"too_few_points"`` or ``"bad_model"``; ``docs/errors.md`` lists them.
    """

    def __init__(self, message: str, code: str = "usage") -> None:
        super().__init__(printable(message))
        self.code = code

    def __reduce__(self) -> tuple[type[AstroM3Error], tuple[str, str]]:
        return (type(self), (str(self), self.code))


def warn_of_doubts(flags: Iterable[str]) -> None:
    """AstroM3Warning for the line of the user's own that called this package."""
    doubts = tuple(name for name in flags if name in _DOUBTS)
    if not doubts:
        return
    _warn_user(AstroM3Warning(doubts))


def warn_of_columns(message: str) -> None:
    """The same for columns that may change a number and are not used."""
    _warn_user(UserWarning(message))


def _warn_user(warning: Warning) -> None:
    n_calls, frame = 1, sys._getframe()
    while frame is not None and frame.f_globals.get("__package__") == __package__:
        n_calls, frame = n_calls + 1, frame.f_back  # type: ignore[assignment]
    warnings.warn(warning, stacklevel=n_calls)
