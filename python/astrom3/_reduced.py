# SPDX-License-Identifier: MIT
"""Many light curves of which a reduction chooses the steps: windows over the whole, the first, the last, or any."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ._columns import is_long_frame, is_pandas
from ._engine import Request, Table, embed, give_values
from ._info import BatchInfo
from ._library import FEATURES, FLAG_NAMES
from ._progress import progress_bar

if TYPE_CHECKING:
    from ._batches import Call
    from .model import Floats

AT_A_TIME = 256  # light curves whose tensors are held at once
_CROPPED = 1 << FLAG_NAMES.index("cropped")
_MOST_BYTES = 4 << 30
_CHANNELS = 9


def pieces(light_curves: Any, offsets: Any) -> Iterator[tuple[Any, Any]]:
    """`light_curves` and offsets a few at a time, where they can be divided."""
    if offsets is not None:
        bounds = np.asarray(offsets)
        for i in range(0, max(1, len(bounds) - 1), AT_A_TIME):
            yield light_curves, bounds[i : i + AT_A_TIME + 1]
    elif is_pandas(light_curves) and not is_long_frame(light_curves) and len(light_curves) > AT_A_TIME:
        for i in range(0, len(light_curves), AT_A_TIME):
            yield light_curves.iloc[i : i + AT_A_TIME], None
    elif isinstance(light_curves, (list, tuple)) and len(light_curves) > AT_A_TIME:
        for i in range(0, len(light_curves), AT_A_TIME):
            yield light_curves[i : i + AT_A_TIME], None
    else:
        yield light_curves, None


def run_reduced(call: Call, tables: Iterator[Table], reduction: Any, progress: bool) -> tuple[Floats, BatchInfo]:
    """(N, D) embeddings, or (N, S, D) of a reduction that makes S choices, and the facts of each light curve.

    Features and scaling are measured on whole light curves; the reduction chooses among their steps.
    """
    values: list[Floats] = []
    infos: list[BatchInfo] = []
    first = 0
    with progress_bar(progress) as bar:
        for table in tables:
            part, info = _table(call, table, first, reduction)
            values.append(part)
            infos.append(dataclasses.replace(info, ids=(table.ids(first),)))
            first += table.size
            if bar is not None:
                bar(table.size)
    call._check_lengths(first)
    n_choices = len(getattr(reduction, "reductions", [reduction]))
    width = call.model.width
    found = np.concatenate(values) if values else np.empty((0, n_choices, width), np.float32)
    return (found[:, 0] if found.shape[1] == 1 else found), BatchInfo.concatenate(infos)


def _table(call: Call, table: Table, first: int, reduction: Any) -> tuple[Floats, BatchInfo]:
    """(n, S, D) of one table."""
    handle = call.model._model.handle
    keep: list[Any] = []
    info = BatchInfo.empty(table.size)
    outcome = embed(handle, table, call.options_of(table.size, first, keep), Request(info=info))
    if call.on_invalid == "raise" and outcome.first_rejected >= 0:
        outcome.raise_first(f"light curve {first + outcome.first_rejected}: ")
    tensors = _tensors(call, table, first, info)
    found: Floats | None = None
    ok = np.flatnonzero(info.ok).tolist()
    for at in range(0, len(ok), AT_A_TIME):
        some = ok[at : at + AT_A_TIME]
        chosen = [
            windows_of(rows, reduction, call.model.n_steps) for rows in (tensors[0][i][tensors[1][i] > 0] for i in some)
        ]
        part = _encoded(call, chosen, reduction)
        if found is None:
            found = np.full((table.size, *part.shape[1:]), np.nan, np.float32)
        found[some] = part
        _count(info, some, chosen)
    if found is None:
        n_choices = len(getattr(reduction, "reductions", [reduction]))
        found = np.full((table.size, n_choices, call.model.width), np.nan, np.float32)
    return found, info


def _tensors(call: Call, table: Table, first: int, info: BatchInfo) -> tuple[Floats, Floats]:
    """x_enc (n, M, 9) and mask (n, M) of all observations of every light curve, with the features that `info` has."""
    longest = max(call.model.n_steps, int(info.n_used[info.ok].max(initial=0)))
    n_bytes = 4 * table.size * longest * (_CHANNELS + 1)
    if n_bytes > _MOST_BYTES:
        raise ValueError(
            f"reduction: {table.size} light curves at once, the longest of {longest} observations, would take "
            f"{n_bytes / 2**30:.1f} GiB; give them as a list, a generator, or a table in parts"
        )
    keep: list[Any] = []
    options = dataclasses.replace(call, given={}).options_of(table.size, first, keep)
    for feature in range(len(FEATURES)):
        column = np.ascontiguousarray(info.feature_values[:, feature])
        keep.append(column)
        give_values(options, feature, column)
    options.n_steps = longest
    x_enc = np.empty((table.size, longest, _CHANNELS), np.float32)
    mask = np.empty((table.size, longest), np.float32)
    again = BatchInfo.empty(table.size)
    embed(call.model._model.handle, table, options, Request(x_enc=x_enc, mask=mask, info=again))
    return x_enc, mask


@dataclasses.dataclass(frozen=True)
class Windows:
    """The choices of one light curve as the encoder takes them."""

    x_enc: Floats  # (W, T, 9)
    mask: Floats  # (W, T)
    n_seen: int  # observations that are in any of them
    n: int  # observations


def windows_of(rows: Floats, reduction: Any, n_steps: int) -> Windows:
    """What `reduction` chooses of the steps (n, 9) of one light curve."""
    parts = reduction.subsample_lc(np.arange(len(rows)), seq_size=n_steps)
    x_enc = np.zeros((len(parts), n_steps, rows.shape[1]), np.float32)
    mask = np.zeros((len(parts), n_steps), np.float32)
    for i, (which,) in enumerate(parts):
        x_enc[i, : len(which)] = rows[which]
        mask[i, : len(which)] = 1
    n_seen = len(np.unique(np.concatenate([which for (which,) in parts]))) if parts else 0
    return Windows(x_enc, mask, n_seen, len(rows))


def _encoded(call: Call, chosen: Sequence[Windows], reduction: Any) -> Floats:
    """(n, S, D): the windows of every light curve through the encoder, and what the reduction makes of them."""
    x_enc = np.concatenate([one.x_enc for one in chosen])
    mask = np.concatenate([one.mask for one in chosen])
    means = call.model.encode(x_enc, mask, n_threads=call.n_threads)[:, np.newaxis]
    ends = np.cumsum([len(one.mask) for one in chosen])
    parts = zip(np.split(means, ends[:-1]), np.split(mask, ends[:-1]), strict=True)
    return np.stack([
        reduction.reduce_embeddings(values, types.SimpleNamespace(bool_mask=its_mask > 0), output="mean")[:, 0]
        for values, its_mask in parts
    ]).astype(np.float32)  # fmt: skip


def _count(info: BatchInfo, some: Sequence[int], chosen: Sequence[Windows]) -> None:
    """Says in `info` what the encoder saw of each light curve."""
    info.n_used[some] = [one.n_seen for one in chosen]
    info.flags[some] &= ~_CROPPED
    info.flags[some] |= [_CROPPED if one.n_seen < one.n else 0 for one in chosen]
