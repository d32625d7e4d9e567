# SPDX-License-Identifier: MIT
"""Keywords that several functions pass on: known to type checkers and to completion, and checked before work begins."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from ._library import FEATURES
from ._options import DESCRIBED, OF_LIGHT_CURVES, OF_SPECTRA, PERIOD_SEARCH, Described, Options

if TYPE_CHECKING:
    from ._option_types import OptionKeywords


class FeatureKeywords(TypedDict, total=False):
    """Features given instead of measured, of one light curve."""

    amplitude: float | str | None
    period: float | str | None
    lksl_statistic: float | str | None
    rfr_score: float | str | None


class ReadingKeywords(TypedDict, total=False):
    """What ``AstroM3.many`` takes of a table of any kind, but for the options of treatment."""

    fields: Mapping[str, str] | None
    columns: Mapping[str, str] | None
    format: str | None
    mag: bool
    zero_point: float | None
    features: Mapping[str, Any] | None
    where: Mapping[str, Any] | None
    band: str | None
    band_field: str | None
    bands: Sequence[str] | None
    join: Literal["mean", "concatenate"] | None
    reduction: Any
    classes: bool
    id: str | None
    spectra: Any
    metadata: Any
    pairs: Mapping[str, str] | None
    on_invalid: Literal["nan", "raise"]
    n_threads: int | None
    progress: bool
    scalars: Mapping[str, Any] | None
    min_obs: int | None


if TYPE_CHECKING:

    class TableKeywords(ReadingKeywords, OptionKeywords, total=False):
        """All that is passed on to ``AstroM3.many``."""
else:
    TableKeywords = dict


def _parameters(options: Iterable[Described]) -> list[inspect.Parameter]:
    return [
        inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=one.type)
        for one in options
    ]


OPTIONS = _parameters(DESCRIBED.values())
OPTIONS_OF_LIGHT_CURVES = _parameters(OF_LIGHT_CURVES.values())
OPTIONS_OF_SPECTRA = _parameters(OF_SPECTRA.values())
OF_THE_PERIOD_SEARCH = _parameters(one for one in DESCRIBED.values() if one.group == PERIOD_SEARCH)
GIVEN = [
    inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation="float | str | None")
    for name in FEATURES
]


def reading_parameters(many: Callable[..., Any]) -> list[inspect.Parameter]:
    """Of `ReadingKeywords`, as ``AstroM3.many`` declares them, and the options."""
    declared = inspect.signature(many).parameters
    return [declared[name] for name in ReadingKeywords.__annotations__] + OPTIONS


def spell_out(function: Any, parameters: Sequence[inspect.Parameter]) -> None:
    """Gives `function` a signature in which `parameters` stand in place of its ``**keywords``."""
    own = inspect.signature(function)
    named = [one for one in own.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    there = {one.name for one in named}
    function.__signature__ = own.replace(parameters=[*named, *(one for one in parameters if one.name not in there)])


def check_names(given: Iterable[str], known: Iterable[str]) -> None:
    """TypeError for a keyword that nobody knows, with the one that was probably meant."""
    names = list(known)
    for name in given:
        if name not in names:
            import difflib  # for mistakes alone

            near = difflib.get_close_matches(name, names, 1)
            raise TypeError(f"{name}: no such argument{f'; did you mean {near[0]}?' if near else ''}")


def options_of(given: Mapping[str, Any], known: Iterable[str] = DESCRIBED) -> Options:
    """The options that these keywords are."""
    check_names(given, known)
    return Options(**given)
