# SPDX-License-Identifier: MIT
"""One call of the engine: its output arrays, Ctrl-C, progress."""

from __future__ import annotations

import ctypes as c
import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ._arrays import address
from ._calls import call_interruptibly
from ._errors import AstroM3Error
from ._info import BatchInfo, Ids
from ._library import FEATURES, EmbedOptions, Output, check, clean_message, lib
from ._options import parse_feature

LONG_LIGHT_CURVE = 20_000  # observations from which even one light curve takes long enough to be interrupted


class Table:
    """Light curves in memory, held together with the arrays they lie in."""

    def __init__(self, handle: c.c_void_p, n_rows: int, owners: tuple[object, ...]) -> None:
        self.handle = handle
        self.n_rows = n_rows
        self._owners = owners
        self.size = int(lib.astrom3_table_size(handle))

    def ids(self, first: int) -> Ids:
        """Of the light curves; `first` is the number of the first one, for those without ids."""
        offsets = np.zeros(self.size + 1, np.int64)
        check(lib.astrom3_table_ids(self.handle, first, address(offsets), None))
        texts = np.empty(max(1, int(offsets[-1])), np.uint8)
        check(lib.astrom3_table_ids(self.handle, first, address(offsets), address(texts)))
        return offsets, texts.tobytes()

    def warnings(self, header: str) -> list[str]:
        """What may change a number and is not used, or is taken otherwise than meant; `header` is said beside it."""
        n = c.c_size_t()
        check(lib.astrom3_table_warnings(self.handle, header.encode("utf-8", "replace"), c.byref(n)))
        texts = [lib.astrom3_table_warning(self.handle, i).decode("utf-8", "replace") for i in range(n.value)]
        return [text.removeprefix("warning: ").replace("\nhint: ", "; ") for text in texts]

    def __del__(self) -> None:
        lib.astrom3_table_close(self.handle)


@dataclasses.dataclass
class Request:
    """What is asked for: arrays to be written, None where not."""

    mean: npt.NDArray[np.float32] | None = None
    sequence: npt.NDArray[np.float32] | None = None
    logits: npt.NDArray[np.float32] | None = None
    x_enc: npt.NDArray[np.float32] | None = None
    mask: npt.NDArray[np.float32] | None = None
    info: BatchInfo | None = None

    def __post_init__(self) -> None:
        n = 0 if self.info is None else len(self.info)
        self._codes = np.zeros(n, np.uint8)
        self._flags = np.zeros(n, np.uint32)
        self._sources = np.zeros((n, len(FEATURES)), np.uint8)

    def struct(self, message: c.Array[c.c_char]) -> Output:
        output = Output()
        output.struct_size = c.sizeof(Output)
        for name in ("mean", "sequence", "logits", "x_enc", "mask"):
            array = getattr(self, name)
            if array is not None:
                setattr(output, name, address(array))
        if self.info is not None:
            output.status = address(self._codes)
            output.flags = address(self._flags)
            output.n_raw = address(self.info.n_raw)
            output.n_used = address(self.info.n_used)
            output.features = address(self.info.feature_values)
            output.feature_source = address(self._sources)
            output.log10_mad = address(self.info.log10_mad)
            output.delta_t = address(self.info.delta_t)
        output.message = c.cast(message, c.c_char_p)
        output.message_size = len(message)
        return output

    def finish(self) -> None:
        """Copies what the engine wrote in its own types into the signed ones of `info`."""
        if self.info is not None:
            self.info.code[:] = self._codes
            self.info.flags[:] = self._flags
            self.info.feature_source_codes[:] = self._sources


def give_constant(options: EmbedOptions, feature: int, value: float, standardised: bool) -> None:
    """One value of a feature for every light curve."""
    options.given[feature].constant = value
    options.given[feature].standardised = standardised


def give_constants(options: EmbedOptions, given: Mapping[str, object]) -> None:
    """The features of one light curve that the caller knows, as numbers or "z:NUMBER"; None: not given."""
    for name, value in given.items():
        if name not in FEATURES:
            raise TypeError(f"{name}: no such argument")
        if value is not None:
            give_constant(options, FEATURES.index(name), *parse_feature(name, value))


def give_values(options: EmbedOptions, feature: int, values: npt.NDArray[np.float64]) -> None:
    """One value for each light curve; `values` must outlive the call."""
    options.given[feature].values = address(values)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a call ended."""

    n_ok: int
    first_rejected: int  # -1: none
    message: str

    def raise_first(self, what: str = "light curve {}: ") -> None:
        """AstroM3Error of the first rejected light curve, where there is one."""
        if self.first_rejected >= 0:
            code = self.message[6:].split("]", 1)[0]
            raise AstroM3Error(what.format(self.first_rejected) + clean_message(self.message), code)


def embed(
    model: c.c_void_p | None, table: Table, options: EmbedOptions, request: Request, progress: Any = None
) -> Outcome:
    """Runs the engine on `table`. In the main thread Ctrl-C ends it at once, and the model stays usable.

    progress : called with the number of light curves finished since the last time, in this thread.
    """
    message = c.create_string_buffer(512)
    output = request.struct(message)
    arguments = (model, table.handle, c.byref(options), c.byref(output))
    is_short = table.size <= 1 and table.n_rows < LONG_LIGHT_CURVE
    if is_short:
        check(lib.astrom3_embed(*arguments))
    else:
        _embed_interruptibly(arguments, options, progress, (table, request, message))
    request.finish()
    return Outcome(int(output.n_ok), int(output.first_rejected), message.value.decode("utf-8", "replace"))


def _embed_interruptibly(
    arguments: tuple[Any, ...], options: EmbedOptions, progress: Any, owners: tuple[object, ...]
) -> None:
    stop = c.c_int32(0)
    n_done = c.c_int64(0)
    options.stop = c.pointer(stop)
    options.n_done = c.pointer(n_done)
    keep = (options, stop, n_done, owners)
    reported = 0

    def call() -> None:
        check(lib.astrom3_embed(*arguments))
        assert keep  # what the engine writes to lives as long as this call

    def report() -> None:
        nonlocal reported
        done = n_done.value
        if done > reported:
            progress(done - reported)
            reported = done

    call_interruptibly(call, stop, None if progress is None else report)
    if progress is not None:
        report()
