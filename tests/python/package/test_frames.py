# SPDX-License-Identifier: MIT
"""Embeddings as columns of frames and of Arrow batches: the functions that LSDB, Spark and Ray are given."""

import pickle

import nested_pandas as npd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest


@pytest.fixture(scope="module")
def frame(flat, offsets):
    """What a partition of a HATS catalogue looks like: one row a star, light curves nested."""
    n = len(offsets) - 1
    base = pd.DataFrame({"objectid": np.arange(n) + 10, "ra": np.linspace(1, 2, n)}, index=np.arange(n) * 7)
    light_curves = pd.DataFrame(flat, index=np.repeat(base.index, np.diff(offsets)))
    return npd.NestedFrame(base).join_nested(light_curves, "lightcurve")


def embeddings_of(column):
    return np.array([np.asarray(row, dtype=np.float32) for row in column])


def test_a_frame_gets_a_column_and_keeps_its_index(model, frame, expected):
    before = frame.copy()
    out = model.embed_frame(frame, keep=["objectid", "ra"])
    assert type(out) is type(frame) and out.index.equals(frame.index)
    assert list(out.columns) == ["objectid", "ra", "astrom3", "astrom3_n_obs", "astrom3_status", "astrom3_flags"]
    assert out["astrom3"].dtype == pd.ArrowDtype(pa.list_(pa.float32(), model.width))
    assert np.array_equal(embeddings_of(out["astrom3"]), expected)
    assert [str(kind) for kind in out.dtypes[-3:]] == ["int32", "int16", "int64"]
    assert frame.equals(before) and list(frame.columns) == list(before.columns)


def test_an_empty_frame_gives_the_dtypes_of_a_full_one(model, frame):
    for arguments in (
        {},
        {"list_type": "nested"},
        {"list_type": "list", "dtype": "float16"},
        {"where": {"catflags": 0}},
    ):
        full = model.embed_frame(frame, keep=["ra"], **arguments)
        empty = model.embed_frame(frame.iloc[:0], keep=["ra"], **arguments)
        assert len(empty) == 0 and empty.dtypes.equals(full.dtypes)
        assert model.meta(frame, keep=["ra"], **arguments).dtypes.equals(full.dtypes)


def test_a_rejected_light_curve_is_null_and_says_why(model, frame):
    out = model.embed_frame(frame, min_points=20)
    assert out["astrom3"].isna().tolist() == [False, False, True, False, True, False]
    assert ((out["astrom3_status"] != 0) == out["astrom3"].isna()).all()


def test_a_column_of_the_frame_may_be_a_feature(model, frame, curves):
    out = model.embed_frame(frame.assign(P=np.arange(1.0, 7.0)), features={"period": "P"})
    one_by_one = [model(*curve, period=1.0 + i) for i, curve in enumerate(curves)]
    assert np.array_equal(embeddings_of(out["astrom3"]), one_by_one)


def test_lists_nested_columns_and_half_precision(model, frame, expected):
    nested = model.embed_frame(frame, list_type="nested")
    assert np.array_equal(nested["astrom3.value"].to_numpy().reshape(expected.shape), expected)
    half = model.embed_frame(frame, list_type="list", dtype="float16")
    assert half["astrom3"].dtype == pd.ArrowDtype(pa.list_(pa.float16()))
    assert np.array_equal(embeddings_of(half["astrom3"]), expected.astype(np.float16).astype(np.float32))
    with pytest.raises(ValueError, match="^list_type"):
        model.embed_frame(frame, list_type="tuple")
    with pytest.raises(ValueError, match="^dtype"):
        model.embed_frame(frame, dtype="float64")


def test_missing_columns_are_named(model, frame):
    with pytest.raises(ValueError, match="^keep.*dec"):
        model.embed_frame(frame, keep=["dec"])
    with pytest.raises(ValueError, match="^nested.*lc"):
        model.embed_frame(frame, "lc")
    with pytest.raises(ValueError, match="^where.*flags"):
        model.embed_frame(frame.iloc[:0], where={"flags": 0})


def arrow_table(frame):
    """Columns of lists, as Spark hands them out."""
    columns = {name: pa.array(frame["lightcurve"].nest.to_lists()[name]) for name in ("hjd", "flux", "flux_err")}
    return pa.table({"objectid": frame["objectid"].to_numpy(), **columns})


def test_batches_for_spark(model, frame, expected):
    """mapInArrow calls the function, after a pickle, with an iterator of record batches and takes one of them."""
    function = pickle.loads(pickle.dumps(model.map_arrow(keep=["objectid"])))
    batches = arrow_table(frame).to_batches(max_chunksize=4)
    out = list(function(iter(batches)))
    assert [batch.num_rows for batch in out] == [4, 2] and all(isinstance(batch, pa.RecordBatch) for batch in out)
    table = pa.Table.from_batches(out)
    assert table.schema.field("astrom3").type == pa.list_(pa.float32())  # Spark knows no lists of fixed size
    assert table["objectid"].to_pylist() == frame["objectid"].tolist()
    assert np.array_equal(embeddings_of(table["astrom3"].to_pylist()), expected)
    assert list(function(iter([]))) == []
    assert next(function(iter([batches[0][:0]]))).schema.equals(out[0].schema)


def test_tables_for_ray(model, frame, expected):
    out = pickle.loads(pickle.dumps(model.map_table(keep=["objectid"])))(arrow_table(frame))
    assert out["astrom3"].type == pa.list_(pa.float32(), model.width)
    assert np.array_equal(embeddings_of(out["astrom3"].to_pylist()), expected)
