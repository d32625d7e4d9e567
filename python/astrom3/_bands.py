# SPDX-License-Identifier: MIT
"""Several bands of each light curve: an embedding for each, or one that is joined from them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ._batches import Call
from ._columns import is_iterator
from ._engine import Request, embed
from ._errors import AstroM3Error
from ._info import BatchInfo
from ._sources import Result, Source, embed_source
from ._words import shown

if TYPE_CHECKING:
    from .model import Floats

Join = Literal["mean", "concatenate"]
_NOBODYS = "nobody's"  # a band that selects nothing where a column says the band, and is declared where none does


def check_bands(bands: Any, join: Any, band: str | None) -> tuple[str, ...]:
    """The bands of one call. Raises ValueError or TypeError where they cannot be."""
    if join not in (None, "mean", "concatenate"):
        raise ValueError(f"join: expected 'mean' or 'concatenate', found {shown(join)}")
    if bands is None:
        raise TypeError("join: goes with bands, of which there are none")
    if band is not None:
        raise TypeError("band: and bands do not go together")
    if isinstance(bands, (str, bytes)) or not isinstance(bands, Sequence) or not bands:
        raise TypeError(f"bands: expected a list of bands such as ['g', 'r'], found {shown(bands)}")
    names = tuple(map(str, bands))
    if len(set(names)) < len(names) or "split" in names:
        raise ValueError(f"bands: expected names of different bands, found {shown(bands)}")
    return names


def embed_chosen(
    call: Call, source: Source, band: str | None, bands: Sequence[str] | None, join: Join | None, reduction: Any,
    result: Result,
) -> Any:  # fmt: skip
    """The light curves of one band, or of several."""
    if bands is None and join is None:
        return embed_source(call, source, band, reduction, result)
    return _embed_bands(call, source, check_bands(bands, join, band), join, reduction, result)


def _embed_bands(
    call: Call, source: Source, bands: Sequence[str], join: Join | None, reduction: Any, result: Result
) -> Any:
    """(N, bands, ...), or (N, D) or (N, bands D) that is joined from it; with what is known of each."""
    if call.classes:
        raise ValueError("classes: goes with one band; the head knows light curves of one band only")
    if join is not None and call.output != "mean":
        raise ValueError(f"join: goes with output='mean', found {shown(call.output)}")
    source = dataclasses.replace(source, light_curves=_held(source.light_curves))
    _require_column(call, source)
    each = dataclasses.replace(call, on_invalid="nan" if join is not None else call.on_invalid)
    how = Result(None, True, result.progress)
    parts = {band: embed_source(each, source, band, reduction, how) for band in bands}
    values = np.stack([value for value, _ in parts.values()], axis=1)
    infos = {band: info for band, (_, info) in parts.items()}
    if join is None:
        return result.of(values, infos)
    if values.ndim != 3:
        raise ValueError("join: goes with one reduction, not with a list of them")
    joined, info = _joined(values, infos, join)
    _raise_first(info, call.on_invalid)
    return result.of(joined, info)


def _held(light_curves: Any) -> Any:
    """`light_curves` so that they can be read once for each band."""
    if hasattr(light_curves, "read_next_batch"):
        return light_curves.read_all()
    return list(light_curves) if is_iterator(light_curves) else light_curves


def _require_column(call: Call, source: Source) -> None:
    """ValueError if no column says the band of an observation: naming a band would then declare it, for all alike."""
    try:
        table = next(source.tables(_NOBODYS), None)
        if table is None:
            return
        info = BatchInfo.empty(table.size)
        options = dataclasses.replace(call, given={}).options_of(table.size, 0, [])
        embed(None, table, options, Request(info=info))
        is_declared = bool(np.isin(info.status, ("ok", "no_zero_point")).any())
    except AstroM3Error as error:
        if error.code != "no_zero_point":
            raise
        is_declared = True
    if is_declared:
        raise ValueError("bands: no column says the band of an observation; name it with band_field")


def _joined(values: Floats, infos: Mapping[str, BatchInfo], join: Join) -> tuple[Floats, BatchInfo]:
    there = np.stack([info.ok for info in infos.values()], axis=1)
    ok = there.all(axis=1) if join == "concatenate" else there.any(axis=1)
    if join == "concatenate":
        joined = values.reshape(len(values), values.shape[1] * values.shape[2]).copy()
    else:
        total = np.where(there[:, :, np.newaxis], values, 0).sum(axis=1, dtype=np.float64)
        joined = (total / np.maximum(1, there.sum(axis=1))[:, np.newaxis]).astype(np.float32)
    joined[~ok] = np.nan
    return joined, _joined_info(list(infos.values()), there, ok)


def _joined_info(infos: Sequence[BatchInfo], there: Any, ok: Any) -> BatchInfo:
    """What is true of all bands of an object: numbers of observations added up, every flag, the first reason why not.

    Features, log10_mad and delta_t differ between bands, and are NaN.
    """
    codes = np.stack([info.code for info in infos], axis=1)
    first = np.argmax(~there, axis=1)
    empty = BatchInfo.empty(len(ok))
    return dataclasses.replace(
        empty,
        code=np.where(ok, 0, codes[np.arange(len(ok)), first]).astype(np.int16),
        flags=np.bitwise_or.reduce([info.flags for info in infos]),
        n_raw=np.sum([info.n_raw for info in infos], axis=0),
        n_used=np.sum([info.n_used for info in infos], axis=0),
        ids=infos[0].ids,
    )


def _raise_first(info: BatchInfo, on_invalid: str) -> None:
    """AstroM3Error of the first object of a joined call that has no embedding, if it is wanted."""
    if on_invalid == "raise" and not info.ok.all():
        i = int(np.argmin(info.ok))
        raise AstroM3Error(f"light curve {i}: {info.status[i]} in a band", str(info.status[i]))
