# SPDX-License-Identifier: MIT
"""Calls that take the arrays of one light curve, and say how it is done when they are given something else."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from typing import Any, TypeVar

from ._words import shown

_Call = TypeVar("_Call", bound=Callable[..., Any])
_MANY = "call model.many(table), or model.many([table]) if it is one light curve"


def takes_one(written: str) -> Callable[[_Call], _Call]:
    """A call without all of its arrays is a TypeError that names the way; `written`: the call as its user writes it."""

    def with_a_word(call: _Call) -> _Call:
        names = list(inspect.signature(call).parameters)
        n_before = names.index("time")
        arrays = names[n_before : n_before + 3]

        @functools.wraps(call)
        def called(*arguments: Any, **keywords: Any) -> Any:
            missing = [name for name in arrays[max(0, len(arguments) - n_before) :] if name not in keywords]
            if missing:
                first = arguments[n_before] if len(arguments) > n_before else keywords.get("time")
                way = _way(first, written) if len(missing) > 1 else "; one number is the error of every observation"
                raise TypeError(f"{missing[0]}: missing; {written}({', '.join(arrays)}) takes arrays{way}")
            return call(*arguments, **keywords)

        return called  # type: ignore[return-value]

    return with_a_word


def takes_objects(written: str) -> Callable[[_Call], _Call]:
    """The same for a call whose arguments have names only: arrays that stand there bare are told where they belong."""

    def with_a_word(call: _Call) -> _Call:
        @functools.wraps(call)
        def called(model: Any, *arguments: Any, **keywords: Any) -> Any:
            if arguments:
                raise TypeError(
                    f"{written} takes the modalities of an object by their names, as in "
                    f"{written}(light_curve=(time, flux, flux_err)); {_of_arrays(written)} takes the arrays alone"
                )
            return call(model, **keywords)

        return called  # type: ignore[return-value]

    return with_a_word


def _of_arrays(written: str) -> str:
    """The call for a light curve beside that for an object."""
    return "model.classify(time, flux, flux_err)" if "classify" in written else "model(time, flux, flux_err)"


def _way(first: Any, written: str) -> str:
    """What to do with the one thing that was given."""
    if isinstance(first, (str, os.PathLike)):
        return f", found a path: {_MANY}, with what pandas.read_csv makes of the file"
    if hasattr(first, "columns") or hasattr(first, "colnames") or hasattr(first, "keys"):
        return f", found a {type(first).__name__}: pass its columns, or {_MANY}"
    if getattr(first, "ndim", 0) == 2:
        return f", found {shown(first)}: {written}(*array.T) passes its columns"
    if isinstance(first, (list, tuple)) and len(first) == 3:
        return f", found a {type(first).__name__} of three: {written}(*curve) passes them"
    return f"; to embed a table, {_MANY}"
