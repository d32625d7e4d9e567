# SPDX-License-Identifier: MIT
"""One exception for what the engine refuses, with the code it gave."""

from __future__ import annotations


class AstroM3Error(ValueError):
    """What the engine says cannot be done.

    Attributes
    ----------
    code : str
        The snake_case status, e.g. ``"too_few_points"`` or ``"bad_model"``; ``docs/errors.md`` lists them.
    """

    def __init__(self, message: str, code: str = "usage") -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> tuple[type[AstroM3Error], tuple[str, str]]:
        return (type(self), (str(self), self.code))
