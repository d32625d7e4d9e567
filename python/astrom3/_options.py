# SPDX-License-Identifier: MIT
"""How light curves, spectra and metadata are treated, whatever they come from.

What options there are, and what they mean, the engine says: nothing of them stands here. For type checkers and editors
it is written down in ``_option_types.pyi`` by ``tools/make_option_types.py``; a test compares the two.
"""

from __future__ import annotations

import ctypes as c
import dataclasses
import functools
import math
import os
import textwrap
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ._errors import AstroM3Error
from ._library import FEATURES, EmbedOptions, OptionInfo, check, lib
from ._units import Settings, plain_number
from ._words import c_text, shown

_FLAG, _WHOLE_NUMBER, _NUMBER, _CHOICE, _TEXT = range(5)
PERIOD_SEARCH = "Period search"  # the group of the options that `find_period` has
_OF_MODALITIES = ("Modalities", "Spectra")  # the groups of options that are not of light curves
# What the functions take themselves, for each call.
_OF_A_CALL = ("band", "columns", "format", "id_column", "magnitudes", "nested", "set", "zero_point")
# In which unit the options are that may be given with one.
_UNITS = {
    "period_min": "d", "period_max": "d", "zero_point": "Jy", "error_floor": "mag", "period_error_floor": "mag",
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Described:
    """An option as the engine describes it."""

    name: str  # as a keyword
    kind: int
    group: str
    help: str
    words: tuple[str, ...]  # of a choice
    expected: str
    default_text: str | None
    is_repeatable: bool

    @property
    def default(self) -> Any:
        if self.is_repeatable:
            return ()
        if self.default_text is None:
            return None
        convert: dict[int, Callable[[str], Any]] = {_FLAG: "true".__eq__, _WHOLE_NUMBER: int, _NUMBER: float}
        return convert.get(self.kind, str)(self.default_text)

    @property
    def choices(self) -> str:
        return ", ".join(f'"{word}"' for word in self.words)

    @property
    def type(self) -> str:
        """As an annotation."""
        if self.kind == _CHOICE:
            one = f"Literal[{self.choices}]"
        else:
            one = {_FLAG: "bool", _WHOLE_NUMBER: "int", _NUMBER: "float"}.get(self.kind, "str")
        if self.is_repeatable:
            return f"Sequence[{one}]"
        return one if self.default is not None else f"{one} | None"

    @property
    def documentation(self) -> str:
        """As an entry of a docstring."""
        kind = f"{{{self.choices}}}" if self.words else self.type
        if self.words and self.default is None:
            kind += ", optional"
        help = " ".join(self.help.split())
        if help.split()[0].strip(",").islower() and "_" not in help.split()[0]:
            help = help[:1].upper() + help[1:]
        lines = textwrap.wrap(f"{help}.", 100, initial_indent="    ", subsequent_indent="    ")
        default = "" if self.default in (None, ()) else f", default {self.default!r}"
        return "\n".join([f"{self.name} : {kind}{default}", *lines])


class _Pointer(c.c_void_p):
    """To options of the engine, which are there as long as this is: also where nothing else of them is held."""

    def __del__(self) -> None:
        if self.value is not None:
            lib.astrom3_options_close(self)


class _Handle:
    """Options as the engine holds them."""

    def __init__(self) -> None:
        self.pointer = _Pointer()
        check(lib.astrom3_options_open(c.byref(self.pointer)))

    def describe(self) -> dict[str, Described]:
        """Those that say something about light curves in memory, by name."""
        found = {}
        info = OptionInfo(struct_size=c.sizeof(OptionInfo))
        for i in range(lib.astrom3_options_count(self.pointer)):
            check(lib.astrom3_options_describe(self.pointer, i, c.byref(info)))
            name, words = info.name.decode().replace("-", "_"), info.words.decode()
            if info.is_of_files:
                continue
            found[name] = Described(
                name, info.kind, info.group.decode(), info.help.decode(), tuple(filter(None, words.split(","))),
                info.expected.decode(), None if info.default_text is None else info.default_text.decode(),
                bool(info.is_repeatable),
            )  # fmt: skip
        return found

    def set(self, option: Described, value: object) -> None:
        if not isinstance(value, (str, int, float)):
            value = plain_number(option.name, value, _UNITS.get(option.name, ""))
        try:
            check(lib.astrom3_options_set(self.pointer, option.name.encode(), c_text(option.name, _as_text(value))))
        except (AstroM3Error, TypeError, ValueError):
            raise _wrong(option, value) from None


def _wrong(option: Described, value: object) -> ValueError:
    return ValueError(f"{option.name}: expected {option.expected}, found {shown(value)}")


def _as_text(value: object) -> str:
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    if isinstance(value, bytes):
        raise TypeError
    text = str(value)
    return text.lower() if text in ("True", "False") else text


_ALL = _Handle().describe()
DESCRIBED = {name: option for name, option in _ALL.items() if name not in _OF_A_CALL}
OF_LIGHT_CURVES = {name: option for name, option in DESCRIBED.items() if option.group not in _OF_MODALITIES}
OF_SPECTRA = {name: option for name, option in DESCRIBED.items() if option.group == "Spectra"}


@functools.lru_cache(maxsize=64)
def _handle(options: Options, scaling: str | None, settings: Settings = ()) -> _Handle:
    handle = _Handle()
    for name, value in settings:
        handle.set(_ALL[name], value)
    for option in DESCRIBED.values():
        value = getattr(options, option.name)
        if option.name == "scaling" and value == "checkpoint" and scaling is not None:
            value = scaling
        for one in value if option.is_repeatable else () if value is None else (value,):
            handle.set(option, one)
    try:
        check(lib.astrom3_options_check(handle.pointer))
    except AstroM3Error as error:
        raise ValueError(str(error)) from None
    return handle


def _require_hashable(option: Described, value: object) -> None:
    """ValueError for lists, arrays and frames, of which no option is one."""
    try:
        hash(value)
    except TypeError:
        raise _wrong(option, value) from None


def _check(options: Options) -> None:
    for option in DESCRIBED.values():
        if option.is_repeatable:
            value = getattr(options, option.name)
            values = tuple(value) if isinstance(value, Iterable) and not isinstance(value, (str, bytes)) else (value,)
            object.__setattr__(options, option.name, values)
        _require_hashable(option, getattr(options, option.name))
    _handle(options, None)


if TYPE_CHECKING:
    from ._option_types import LightCurveKeywords as LightCurveKeywords
    from ._option_types import OptionKeywords as OptionKeywords
    from ._option_types import Options as Options
    from ._option_types import PeriodKeywords as PeriodKeywords
    from ._option_types import SpectrumKeywords as SpectrumKeywords
else:
    OptionKeywords = LightCurveKeywords = PeriodKeywords = SpectrumKeywords = dict
    Options = dataclasses.make_dataclass(
        "Options",
        [(option.name, option.type, dataclasses.field(default=option.default)) for option in DESCRIBED.values()],
        frozen=True,
        kw_only=True,
        namespace={
            "__module__": __name__,
            "__post_init__": _check,
            "__doc__": "Everything that changes a number, except the object itself and the checkpoint.\n\n"
            "Parameters\n----------\n" + "\n".join(option.documentation for option in DESCRIBED.values()),
        },
    )


def check_setting(name: str, value: object) -> None:
    """ValueError for what is no value of an option of reading."""
    _require_hashable(_ALL[name], value)


def engine_options(options: Options) -> _Handle:
    """For C, which takes its `pointer`."""
    return _handle(options, None)


def reading_options(options: Options, settings: Settings) -> _Handle:
    """The same with the options of reading of one call."""
    return _handle(options, None, settings)


_DEFAULTS = EmbedOptions()
lib.astrom3_embed_options_init(c.byref(_DEFAULTS))


def embed_options(options: Options, checkpoint_scaling: str | None = None) -> EmbedOptions:
    """For C; without features, threads and the rest of one call.

    checkpoint_scaling : a file that came with the checkpoint.
    """
    struct = EmbedOptions.from_buffer_copy(_DEFAULTS)
    struct.owner = _handle(options, checkpoint_scaling)
    struct.options = struct.owner.pointer
    return struct


def check_threads(n_threads: int | None) -> int:
    """0 for None; ValueError for what is no number of threads."""
    if n_threads is None:
        return 0
    if isinstance(n_threads, bool) or not isinstance(n_threads, int) or not 1 <= n_threads <= 65536:
        raise ValueError(f"n_threads: expected a positive integer or None, found {shown(n_threads)}")
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


FEATURE_UNITS = {"amplitude": "mag", "period": "d"}  # the others are pure numbers


def parse_feature(name: str, value: object) -> tuple[float, bool]:
    """A feature given as a number, or as ``"z:0.392"`` in standardised units: (value, standardised)."""
    text = value if isinstance(value, (str, int, float)) else plain_number(name, value, FEATURE_UNITS.get(name, ""))
    standardised = isinstance(value, str) and value.startswith("z:")
    if standardised:
        text = str(value)[2:]
    try:
        if isinstance(text, (bytes, bool)):
            raise TypeError
        number = float(text)
    except (TypeError, ValueError):
        raise TypeError(f'{name}: expected a number or "z:NUMBER", found {shown(value)}') from None
    if not math.isfinite(number):
        raise ValueError(f"{name}: expected a finite number, found {shown(value)}")
    if not standardised and (number < 0 if name == "amplitude" else name == "period" and number <= 0):
        raise ValueError(
            f"{name}: expected a {'non-negative' if name == 'amplitude' else 'positive'} number, found {number}"
        )
    return number, standardised


def check_feature_names(given: dict[str, object]) -> None:
    """ValueError for a name that is no feature."""
    for name in given:
        if name not in FEATURES:
            raise ValueError(f"features: expected {', '.join(FEATURES)}, found {name!r}")
