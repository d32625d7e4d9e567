# SPDX-License-Identifier: MIT
"""Tables of light curves through a model, one after the other."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ._arrow import numbers_of
from ._engine import Request, Table, embed, give_constant, give_values
from ._info import BatchInfo
from ._library import FEATURES, EmbedOptions
from ._measured import is_masked_array, is_missing
from ._options import FEATURE_UNITS, Options, check_threads, default_threads, embed_options, parse_feature
from ._progress import progress_bar
from ._units import plain_number
from ._words import shown
from .tensors import softmax

if TYPE_CHECKING:
    from .model import AstroM3, Floats


def check_out(out: object, shape: tuple[int, ...]) -> None:
    """Refuses an `out` that the engine could not fill, or must not: it writes into the memory itself."""
    expected = (
        f"out: expected a writeable, C-contiguous float32 array of shape (N, {', '.join(map(str, shape))}), found "
    )
    if not isinstance(out, np.ndarray) or is_masked_array(out):
        raise ValueError(f"{expected}{type(out).__name__}")
    if out.dtype != np.float32 or out.shape[1:] != shape or out.ndim == 0:
        raise ValueError(f"{expected}{out.dtype} of shape {out.shape}")
    if not out.flags.writeable:
        raise ValueError(f"{expected}one that is read-only")
    if not (out.flags.c_contiguous and out.flags.aligned):
        raise ValueError(f"{expected}one that is not contiguous and aligned")


@dataclasses.dataclass(frozen=True)
class Call:
    """What one call asks of a model, but for the light curves."""

    model: AstroM3
    options: Options
    given: Mapping[str, Any]  # features by name: a number, "z:0.392", or one for each light curve
    n_threads: int | None
    output: str = "mean"
    on_invalid: str = "nan"
    classes: bool = False  # `output`, and the head's probabilities beside it

    def __post_init__(self) -> None:
        if self.on_invalid not in ("nan", "raise"):
            raise ValueError(f"on_invalid: expected 'nan' or 'raise', found {shown(self.on_invalid)}")
        given = {name: plain_number(name, value, FEATURE_UNITS.get(name, "")) for name, value in self.given.items()}
        object.__setattr__(self, "given", given)

    def run(
        self, tables: Iterator[Table], out: Floats | None, return_info: bool, progress: bool
    ) -> Floats | tuple[Floats, BatchInfo]:
        """The output for every light curve of `tables`, in `out` where it is given."""
        shape = self.model._shape(self.output)
        if out is not None:
            check_out(out, shape)
        parts: list[Floats] = []
        infos: list[BatchInfo] = []
        first = 0
        with progress_bar(progress) as bar:
            for table in tables:
                part = np.empty((table.size, *shape), np.float32) if out is None else out[first : first + table.size]
                if len(part) != table.size:
                    raise ValueError(f"out: {len(out) if out is not None else 0} rows for more light curves")
                info = self._run_table(table, part, first, bar)
                parts.append(part)
                if return_info:
                    infos.append(dataclasses.replace(info, ids=(table.ids(first),)))
                first += table.size
        if out is not None and first != len(out):
            raise ValueError(f"out: {len(out)} rows for {first} light curves")
        self._check_lengths(first)
        if out is None:
            empty = np.empty((0, *shape), np.float32)
            out = parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else empty
        return (out, self._info_of(infos)) if return_info else out

    def _info_of(self, parts: list[BatchInfo]) -> BatchInfo:
        info = BatchInfo.concatenate(parts)
        if parts or not self.classes:
            return info
        none = np.empty((0, *self.model._shape("logits")), np.float32)
        return dataclasses.replace(info, probabilities=none, class_names=self.model.class_names)

    def _run_table(self, table: Table, part: Floats, first: int, bar: Any) -> BatchInfo:
        info = BatchInfo.empty(table.size)
        request = Request(info=info)
        setattr(request, self.output, part)
        logits = None
        if self.classes:
            logits = request.logits = np.empty((table.size, *self.model._shape("logits")), np.float32)
        keep: list[Any] = []
        outcome = embed(self.model._model.handle, table, self.options_of(table.size, first, keep), request, bar)
        if self.on_invalid == "raise" and outcome.first_rejected >= 0:
            outcome.raise_first(f"light curve {first + outcome.first_rejected}: ")
        if logits is not None:
            info = dataclasses.replace(info, probabilities=softmax(logits), class_names=self.model.class_names)
        return info

    def options_of(self, n: int, first: int, keep: list[Any]) -> EmbedOptions:
        """For C, for `n` light curves from number `first` on; `keep` is what it points to."""
        struct = embed_options(self.options, self.model._place.scaling_file)
        struct.n_threads = check_threads(self.n_threads) or check_threads(self.model._n_threads) or default_threads()
        for name, value in self.given.items():
            if name not in FEATURES:
                raise TypeError(f"{name}: no such argument")
            if isinstance(value, (float, str)) or (np.ndim(value) == 0 and not is_missing(value)):
                give_constant(struct, FEATURES.index(name), *parse_feature(name, value))
                continue
            values = numbers_of(name, value)[first : first + n].copy()
            if len(values) != n:
                raise ValueError(f"{name}: {first + len(values)} values for more light curves")
            keep.append(values)
            give_values(struct, FEATURES.index(name), values)
        return struct

    def _check_lengths(self, n: int) -> None:
        for name, value in self.given.items():
            if np.ndim(value) == 1 and len(value) != n:
                raise ValueError(f"{name}: {len(value)} values for {n} light curves")
