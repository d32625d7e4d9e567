# SPDX-License-Identifier: MIT
"""Embeddings as columns: of data frames for LSDB on Dask, of Arrow batches for Spark and Ray."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack, get_args

import numpy as np

from ._bands import check_bands
from ._columns import for_arrow
from ._extras import load
from ._info import BatchInfo, likeliest
from ._keywords import ReadingKeywords, TableKeywords, check_names
from ._metadata import as_columns
from ._objects_input import spectrum_in_cells, spectrum_of_arrow
from ._objects_run import many_in_rows
from ._options import DESCRIBED
from ._texts import is_nothing, of_pandas
from ._words import listed, shown
from .objects import SPACES, ObjectEmbeddings
from .reductions import reduction_of

if TYPE_CHECKING:
    from .model import AstroM3, Floats

ListType = Literal["fixed", "list", "nested"]
Precision = Literal["float32", "float16"]


def _embedding_array(embedding: Floats, ok: Any, list_type: ListType, dtype: Precision) -> Any:
    """(N, D) as an Arrow array of lists, null where not ok."""
    pa = load("pyarrow", "a column of embeddings")

    if list_type not in get_args(ListType):
        raise ValueError(f"list_type: expected 'fixed', 'list' or 'nested', found {shown(list_type)}")
    if dtype not in get_args(Precision):
        raise ValueError(f"dtype: expected 'float32' or 'float16', found {shown(dtype)}")
    n, width = embedding.shape
    values = pa.array(embedding.reshape(-1).astype(dtype, copy=False))
    missing = None if bool(np.all(ok)) else pa.array(~np.asarray(ok))
    if list_type == "fixed":
        return pa.FixedSizeListArray.from_arrays(values, width, mask=missing)
    if list_type == "nested":
        values = pa.StructArray.from_arrays([values], names=["value"])
    offsets = pa.array(np.arange(n + 1, dtype=np.int64) * width)
    if n * width < 1 << 31:
        return pa.ListArray.from_arrays(offsets.cast(pa.int32()), values, mask=missing)
    return pa.LargeListArray.from_arrays(offsets, values, mask=missing)


def _as_pandas(values: Any, list_type: ListType) -> Any:
    """An Arrow array of lists as a column of a frame."""
    if list_type == "nested":
        return load("nested_pandas.series.ext_array", "list_type='nested'").NestedExtensionArray(values)
    from pandas.arrays import ArrowExtensionArray

    return ArrowExtensionArray(values)


def _check(model: AstroM3, arguments: TableKeywords) -> None:
    """Refuses wrong arguments before any task begins: unknown names and values, and results without one row each."""
    check_names(arguments, [*ReadingKeywords.__annotations__, *DESCRIBED])
    treatment: Any = {name: value for name, value in arguments.items() if name in DESCRIBED}
    model._treatment(treatment, None)
    if arguments.get("band") == "split":
        raise ValueError("band: 'split' gives several rows a light curve; choose a band, or use many()")
    if arguments.get("bands") is not None or arguments.get("join") is not None:
        check_bands(arguments.get("bands"), arguments.get("join"), arguments.get("band"))
        if arguments.get("join") is None:
            raise ValueError(
                "bands: a column holds one embedding; join='mean' or 'concatenate' makes one, or use many()"
            )
        if arguments.get("classes"):
            raise ValueError("classes: goes with one band; the head knows light curves of one band only")
    if (reduction := arguments.get("reduction")) is not None:
        if hasattr(reduction_of(reduction), "reductions"):
            raise ValueError("reduction: a column holds one embedding; give one reduction, or use many()")
        if arguments.get("classes"):
            raise ValueError("reduction: goes without classes")
    if arguments.get("classes") and not model.class_names:
        raise ValueError("classes: this checkpoint has no head")


def _check_columns(
    there: Sequence[str], keep: Sequence[str], nested: str | None, nested_is: str = "nested", keep_is: str = "keep"
) -> None:
    for name in [*keep, *([] if nested is None else [nested])]:
        if name not in there:
            argument = nested_is if name == nested else keep_is
            raise ValueError(f"{argument}: there is no column {name!r} among {listed(there)}")


def _columns(
    embedding: Floats, info: BatchInfo, column: str, list_type: ListType, dtype: Precision = "float32"
) -> dict[str, Any]:
    pa = load("pyarrow", "a column of embeddings")

    columns = {
        column: _embedding_array(embedding, info.ok, list_type, dtype),
        f"{column}_n_obs": pa.array(info.n_used.astype(np.int32)),
        f"{column}_status": pa.array(info.code),
        f"{column}_flags": pa.array(info.flags),
    }
    return columns if info.probabilities is None else {**columns, **_class_columns(info, ~info.ok, column)}


def _class_columns(info: BatchInfo | ObjectEmbeddings, rejected: Any, column: str) -> dict[str, Any]:
    """The most probable class, and the probability of each."""
    pa = load("pyarrow", "a column of embeddings")

    probabilities = info.probabilities
    assert probabilities is not None
    classes = likeliest(probabilities, info.class_names)
    columns = {f"{column}_class": pa.array(classes.astype(object), pa.string(), mask=rejected)}
    for i, name in enumerate(info.class_names):
        columns[f"{column}_p_{name}"] = pa.array(np.ascontiguousarray(probabilities[:, i]), mask=rejected)
    return columns


def embed_frame(
    model: AstroM3,
    frame: Any,
    nested: str | None = "lightcurve",
    *,
    keep: Sequence[str] = (),
    column: str = "astrom3",
    list_type: ListType = "fixed",
    dtype: Precision = "float32",
    **arguments: Unpack[TableKeywords],
) -> Any:
    """A frame with one row per light curve and its embedding, for ``Catalog.map_partitions`` of LSDB.

    Needs no `meta`: an empty frame gives an empty one of the same dtypes.

    Parameters
    ----------
    frame : NestedFrame or DataFrame
        One row per light curve; the index is kept.
    nested : str
        The column that holds the light curves (nested-pandas, or any Arrow type that `many` reads).
    keep : sequence of str
        Columns of `frame` to keep, e.g. ``["objectid", "ra", "dec"]``.
    column : str
        Name of the embedding: ``fixed_size_list<float32>[D]``, null if the light curve was rejected.
        Beside it ``_n_obs`` (int32, observations that the encoder saw), ``_status`` (int16, 0 is ok) and
        ``_flags`` (int64); with ``classes=True`` also ``_class`` and ``_p_<CLASS>`` for each class of the head. With
        `bands`, ``_n_obs`` is the sum and ``_flags`` are those of any band.
    list_type : {"fixed", "list", "nested"}
        The embedding as lists of fixed size, as lists, or as a nested column with the field ``value``.
    dtype : {"float32", "float16"}
        Type of the embedding's numbers.
    **arguments
        As in ``AstroM3.many``: `fields`, `mag`, `zero_point`, `features`, `where`, `band`, `bands` and `join`,
        `reduction`, ... With a checkpoint of several modalities `spectra` names the column of spectra (nested tables
        or lists of structs with a wavelength, a flux and perhaps an error) and `metadata` the columns of metadata
        (True: all); `nested` may then be None.

    Returns
    -------
    A frame of the same type as `frame`. With a checkpoint of several modalities its columns are ``_photo``,
    ``_spectra``, ``_metadata`` and ``_fused`` after the name of `column`, each null where an object has none,
    ``_status`` and ``_flags`` (the names, joined by ``;``).
    """
    pd = load("pandas", "embed_frame")

    _check_columns(list(frame.columns), keep, nested)
    _check(model, arguments)
    if model.kind == "photo":
        if nested is None:
            raise TypeError("nested: expected the column of the light curves, found None")
        embedding, info = model.many(frame, nested=nested, return_info=True, **arguments)
        columns = _columns(embedding, info, column, list_type, dtype)
    else:
        columns = _object_columns(_embed_rows(model, frame, nested, arguments), column, list_type, dtype)
    out = frame[list(keep)].copy()
    for name, values in columns.items():
        out[name] = pd.Series(_data_of(values, name, column, list_type), index=frame.index)
    return out


def _data_of(values: Any, name: str, column: str, list_type: ListType) -> Any:
    """What a column of a frame holds: embeddings and classes as Arrow has them, with nulls; facts as NumPy has them."""
    types = load("pyarrow", "a column of embeddings").types

    if types.is_fixed_size_list(values.type) or types.is_list(values.type) or types.is_large_list(values.type):
        return _as_pandas(values, list_type)
    if name.startswith((f"{column}_class", f"{column}_p_")):
        return _as_pandas(values, "list")
    return values.to_numpy(zero_copy_only=False)


def _embed_rows(model: AstroM3, frame: Any, nested: str | None, arguments: TableKeywords) -> ObjectEmbeddings:
    """The objects of the rows of a frame, or of an Arrow table or batch."""
    is_arrow = hasattr(frame, "schema")
    there = list(frame.schema.names if is_arrow else frame.columns)
    given: Any = dict(arguments)
    spectra, metadata = given.pop("spectra", None), given.pop("metadata", None)
    if spectra is not None:
        _check_columns(there, [], spectra, "spectra")
        cells = map(spectrum_of_arrow, frame.column(spectra)) if is_arrow else for_arrow(spectra, frame[spectra])
        given["spectra"] = [None if is_nothing(cell) else spectrum_in_cells({spectra: cell}) for cell in cells]
    if metadata is not None:
        names = [name for name in there if name not in (nested, spectra)] if metadata is True else list(metadata)
        _check_columns(there, names, None, keep_is="metadata")
        given["metadata"] = (
            dict(as_columns(load("pyarrow", "an Arrow table").table({name: frame.column(name) for name in names})))
            if is_arrow
            else {str(name): of_pandas(str(name), frame[name]) for name in names}
        )
    return many_in_rows(model, frame, nested, len(frame), given)


def _object_columns(objects: ObjectEmbeddings, column: str, list_type: ListType, dtype: Precision) -> dict[str, Any]:
    pa = load("pyarrow", "a column of embeddings")

    spaces = {name: objects.of(name) for name in SPACES if objects.of(name).shape[1]}
    return {
        **{
            f"{column}_{name}": _embedding_array(np.nan_to_num(values), objects.has(name), list_type, dtype)
            for name, values in spaces.items()
        },
        f"{column}_status": pa.array(objects.code),
        f"{column}_flags": pa.array([";".join(names) for names in objects.flag_names], pa.string()),
        **({} if objects.probabilities is None else _class_columns(objects, ~objects.ok, column)),
    }


def meta(
    model: AstroM3,
    frame: Any,
    nested: str | None = "lightcurve",
    *,
    keep: Sequence[str] = (),
    column: str = "astrom3",
    list_type: ListType = "fixed",
    dtype: Precision = "float32",
    **arguments: Unpack[TableKeywords],
) -> Any:
    """The result of `embed_frame` for no rows: the `meta` for Dask."""
    return embed_frame(
        model, frame.iloc[:0], nested, keep=keep, column=column, list_type=list_type, dtype=dtype, **arguments
    )


def _embedded(
    table: Any, model: AstroM3, keep: Sequence[str], nested: str | None, column: str, list_type: ListType,
    arguments: TableKeywords,
) -> dict[str, Any]:  # fmt: skip
    """The kept columns of an Arrow table or batch, and those of the embedding."""
    _check_columns(table.schema.names, keep, nested)
    kept = {name: table.column(name) for name in keep}
    if model.kind != "photo":
        return {**kept, **_object_columns(_embed_rows(model, table, nested, arguments), column, list_type, "float32")}
    embedding, info = model.many(table, nested=nested, return_info=True, **arguments)
    return {**kept, **_columns(embedding, info, column, list_type)}


def _embed_batches(batches: Iterable[Any], **how: Any) -> Iterator[Any]:
    pa = load("pyarrow", "a column of embeddings")

    for batch in batches:
        yield pa.RecordBatch.from_pydict(_embedded(batch, **how))


def _embed_table(table: Any, **how: Any) -> Any:
    pa = load("pyarrow", "a column of embeddings")

    return pa.table(_embedded(table, **how))


def map_arrow(
    model: AstroM3,
    *,
    keep: Sequence[str] = (),
    nested: str | None = None,
    column: str = "astrom3",
    list_type: ListType = "list",
    **arguments: Unpack[TableKeywords],
) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """A function from record batches to record batches, for ``DataFrame.mapInArrow`` of Spark.

    Arguments as in `embed_frame`; light curves are columns of lists, or one column named by `nested`. Spark
    has no fixed-size lists, so the embedding is a plain list unless `list_type` is ``"fixed"``. `spark_schema`
    returns the schema that Spark needs. With a checkpoint of several modalities `nested` names the column of light
    curves (None: there are none), `spectra` that of spectra, lists of structs or structs of lists, and `metadata` the
    columns of metadata; the columns of the result are those of `embed_frame`.

    Examples
    --------
    ``df.mapInArrow(model.map_arrow(keep=["objectid"], mag=True), model.spark_schema(df, keep=["objectid"]))``
    """
    _check(model, arguments)
    return functools.partial(
        _embed_batches, model=model, keep=tuple(keep), nested=nested, column=column, list_type=list_type,
        arguments=arguments,
    )  # fmt: skip


def map_table(
    model: AstroM3,
    *,
    keep: Sequence[str] = (),
    nested: str | None = None,
    column: str = "astrom3",
    **arguments: Unpack[TableKeywords],
) -> Callable[[Any], Any]:
    """A function from an Arrow table to one, for ``Dataset.map_batches(..., batch_format="pyarrow")`` of Ray.

    Arguments as in `map_arrow`.
    """
    _check(model, arguments)
    return functools.partial(
        _embed_table, model=model, keep=tuple(keep), nested=nested, column=column, list_type="fixed",
        arguments=arguments,
    )  # fmt: skip
