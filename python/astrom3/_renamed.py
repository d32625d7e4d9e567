# SPDX-License-Identifier: MIT
"""Names of arguments that were replaced: they work for one more version, with a DeprecationWarning."""

from __future__ import annotations

import warnings
from typing import TypeVar

T = TypeVar("T")


def renamed(old: str, new: str, given: T | None, value: T | None) -> T | None:
    """The value of `new`, or what was given as `old`; TypeError where both were given."""
    if given is None:
        return value
    if value is not None:
        raise TypeError(f"{old}: is the old name of {new}, which is given, too")
    warnings.warn(f"{old} is now called {new}", DeprecationWarning, stacklevel=4)
    return given
