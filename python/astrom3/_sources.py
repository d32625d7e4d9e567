# SPDX-License-Identifier: MIT
"""The light curves of one call of ``AstroM3.many``, which may be read several times: once for each band."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ._batches import Call, check_out
from ._engine import Table
from ._options import Options
from ._reduced import pieces, run_reduced
from ._selection import Selection
from ._tables import nested_table, tables_of
from .reductions import reduction_of

if TYPE_CHECKING:
    from .model import Floats


def selections(
    columns: Mapping[str, str] | None, fields: Mapping[str, str] | None, mag: bool, band_field: str | None,
    where: Mapping[str, Any] | None, format: str | None, nested: str | None, zero_point: float | None,
    id_column: str | None,
) -> Callable[[str | None], Selection]:  # fmt: skip
    """What ``AstroM3.many`` reads of a table, for a band."""
    return lambda band: Selection.of_table(
        columns or {}, fields or {}, mag, band_field, where or {}, format=format, band=band, nested=nested,
        zero_point=zero_point, id_column=id_column,
    )  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Source:
    """Light curves in memory, and how they are read."""

    light_curves: Any
    offsets: Any
    nested: str | None
    treatment: Options
    reading: Callable[..., Selection]  # called with band=

    def tables(self, band: str | None, in_pieces: bool = False) -> Iterator[Table]:
        """The light curves of a band (None: as the table says), a few at a time if they can be divided."""
        selection = self.reading(band=band)
        divided = pieces(self.light_curves, self.offsets) if in_pieces else [(self.light_curves, self.offsets)]
        for light_curves, offsets in divided:
            if self.nested is not None and hasattr(light_curves, "__getitem__"):
                light_curves = nested_table(light_curves, self.nested, selection, self.treatment)
            yield from tables_of(light_curves, offsets, selection, self.treatment)


@dataclasses.dataclass(frozen=True)
class Result:
    """How the caller wants it."""

    out: Floats | None
    return_info: bool
    progress: bool

    def of(self, values: Floats, info: Any) -> Any:
        """The values, in `out` if it is given, and what is known of them if it is wanted."""
        if self.out is not None:
            check_out(self.out, values.shape[1:])
            if len(self.out) != len(values):
                raise ValueError(f"out: {len(self.out)} rows for {len(values)} light curves")
            self.out[...] = values
            values = self.out
        return (values, info) if self.return_info else values


def embed_source(call: Call, source: Source, band: str | None, reduction: Any, result: Result) -> Any:
    """The output for every light curve; with a reduction, of the steps that it chooses."""
    if reduction is None:
        return call.run(source.tables(band), result.out, result.return_info, result.progress)
    if call.output != "mean" or call.classes:
        raise ValueError("reduction: goes with output='mean', without classes")
    tables = source.tables(band, in_pieces=True)
    return result.of(*run_reduced(call, tables, reduction_of(reduction), result.progress))
