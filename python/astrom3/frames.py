# SPDX-License-Identifier: MIT
"""Embeddings as columns: of data frames for LSDB on Dask, of Arrow batches for Spark and Ray."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ._info import BatchInfo

if TYPE_CHECKING:
    from .model import AstroM3, Floats

ListType = Literal["fixed", "list"]


def _embedding_array(embedding: Floats, ok: Any, list_type: ListType) -> Any:
    """(N, D) as an Arrow array of lists, null where not ok."""
    import pyarrow as pa

    n, width = embedding.shape
    values = pa.array(embedding.reshape(-1))
    missing = None if bool(np.all(ok)) else pa.array(~np.asarray(ok))
    if list_type == "list":
        offsets = pa.array(np.arange(n + 1, dtype=np.int32) * width, mask=None)
        return pa.ListArray.from_arrays(offsets, values, mask=missing)
    return pa.FixedSizeListArray.from_arrays(values, width, mask=missing)


def _columns(embedding: Floats, info: BatchInfo, column: str, list_type: ListType) -> dict[str, Any]:
    import pyarrow as pa

    return {
        column: _embedding_array(embedding, info.ok, list_type),
        f"{column}_n_obs": pa.array(info.n_used.astype(np.int32)),
        f"{column}_status": pa.array(info.code),
        f"{column}_flags": pa.array(info.flags),
    }


def embed_frame(
    model: AstroM3,
    frame: Any,
    nested: str = "lightcurve",
    *,
    keep: Sequence[str] = (),
    column: str = "astrom3",
    **arguments: Any,
) -> Any:
    """A frame with one row a light curve and its embedding, for ``Catalog.map_partitions`` of LSDB.

    Needs no `meta`: an empty frame gives an empty one of the same dtypes.

    Parameters
    ----------
    frame : NestedFrame or DataFrame
        One row a light curve; its index stays.
    nested : str
        The column that holds the light curves (nested-pandas, or any Arrow type that `many` reads).
    keep : sequence of str
        Columns of `frame` to keep, e.g. ``["objectid", "ra", "dec"]``.
    column : str
        Name of the embedding: ``fixed_size_list<float32>[D]``, null where the light curve was rejected.
        Beside it ``_n_obs`` (int32, steps the encoder saw), ``_status`` (uint8, 0 is ok) and ``_flags``
        (uint32).
    **arguments
        As in ``AstroM3.many``: `fields`, `mag`, `zero_point`, `scalars`, `where`, `band`, `band_field`, ...

    Returns
    -------
    A frame of the type that came in.
    """
    import pandas as pd

    for name in [*keep, nested]:
        if name not in frame.columns:
            argument = "nested" if name == nested else "keep"
            raise ValueError(f"{argument}: there is no column {name!r} among {', '.join(map(str, frame.columns))}")
    embedding, info = model.many(frame, nested=nested, return_info=True, **arguments)
    columns = _columns(embedding, info, column, "fixed")
    out = frame[list(keep)].copy()
    for name, values in columns.items():
        dtype = pd.ArrowDtype(values.type)
        if name == column:
            out[name] = pd.Series(pd.arrays.ArrowExtensionArray(values), index=frame.index, dtype=dtype)
        else:
            out[name] = pd.Series(values.to_numpy(), index=frame.index)
    return out


def meta(model: AstroM3, frame: Any, nested: str = "lightcurve", **arguments: Any) -> Any:
    """What `embed_frame` gives of no rows: the `meta` that Dask may be told."""
    return embed_frame(model, frame.iloc[:0], nested, **arguments)


def _embed_batches(
    batches: Iterable[Any], model: AstroM3, keep: Sequence[str], column: str, list_type: ListType,
    arguments: dict[str, Any],
) -> Iterator[Any]:  # fmt: skip
    import pyarrow as pa

    for batch in batches:
        embedding, info = model.many(batch, return_info=True, **arguments)
        columns = {name: batch.column(name) for name in keep}
        columns.update(_columns(embedding, info, column, list_type))
        yield pa.RecordBatch.from_pydict(columns)


def _embed_table(table: Any, model: AstroM3, keep: Sequence[str], column: str, arguments: dict[str, Any]) -> Any:
    import pyarrow as pa

    embedding, info = model.many(table, return_info=True, **arguments)
    columns = {name: table.column(name) for name in keep}
    columns.update(_columns(embedding, info, column, "fixed"))
    return pa.table(columns)


def map_arrow(
    model: AstroM3, *, keep: Sequence[str] = (), column: str = "astrom3", list_type: ListType = "list", **arguments: Any
) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """A function from record batches to record batches, for ``DataFrame.mapInArrow`` of Spark.

    Arguments as in `embed_frame`; light curves are columns of lists, or one column named by `nested`. Spark
    knows no fixed-size lists, so the embedding is a plain list unless `list_type` is ``"fixed"``.

    Examples
    --------
    ``df.mapInArrow(model.map_arrow(keep=["objectid"], mag=True, band="g"), schema)``
    """
    return functools.partial(
        _embed_batches, model=model, keep=tuple(keep), column=column, list_type=list_type, arguments=arguments
    )


def map_table(
    model: AstroM3, *, keep: Sequence[str] = (), column: str = "astrom3", **arguments: Any
) -> Callable[[Any], Any]:
    """A function from an Arrow table to one, for ``Dataset.map_batches(..., batch_format="pyarrow")`` of Ray.

    Arguments as in `map_arrow`.
    """
    return functools.partial(_embed_table, model=model, keep=tuple(keep), column=column, arguments=arguments)
