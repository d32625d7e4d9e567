# SPDX-License-Identifier: MIT
"""Neighbours among embeddings, whatever column they come in; an index that can be kept."""

import pickle

import astrom3
import nested_pandas as npd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from nested_pandas.series.ext_array import NestedExtensionArray

RNG = np.random.default_rng(5)
ROWS = RNG.normal(size=(40, 16)).astype(np.float32)
ROWS[7] = np.nan
LISTS = [None if i == 7 else row.tolist() for i, row in enumerate(ROWS)]
OBJECTS = np.empty(40, object)
OBJECTS[:] = [None if i == 7 else row for i, row in enumerate(ROWS)]
FIXED = pa.array(LISTS, pa.list_(pa.float32(), 16))


def nested():
    offsets = pa.array(np.arange(41, dtype=np.int32) * 16)
    values = pa.StructArray.from_arrays([pa.array(np.nan_to_num(ROWS).ravel())], names=["value"])
    lists = pa.ListArray.from_arrays(offsets, values, mask=pa.array(np.arange(40) == 7))
    return pd.Series(NestedExtensionArray(lists))


COLUMNS = {
    "an array": ROWS,
    "lists of lists": [[0.0] * 16 if row is None else row for row in LISTS],
    "lists, one missing": LISTS,
    "an array of arrays": OBJECTS,
    "a list of arrays": list(ROWS),
    "double precision": ROWS.astype(np.float64),
    "a fixed-size list": FIXED,
    "a list": FIXED.cast(pa.list_(pa.float32())),
    "a large list of doubles": FIXED.cast(pa.large_list(pa.float64())),
    "half precision": pa.array([None if r is None else np.float16(r) for r in LISTS], pa.list_(pa.float16())),
    "a slice": pa.concat_arrays([FIXED[:3], FIXED])[3:],
    "chunks": pa.chunked_array([FIXED[:8], FIXED[8:8], FIXED[8:]]),
    "a column of a table": pa.table({"embedding": FIXED}).column("embedding"),
    "pandas' objects": pd.Series(OBJECTS, index=range(100, 140)),
    "pandas' Arrow": pd.Series(FIXED, dtype=pd.ArrowDtype(FIXED.type)),
    "pandas read from Arrow": pa.table({"embedding": FIXED}).to_pandas()["embedding"],
    "a nested column": nested(),
    "a nested frame": npd.NestedFrame({"astrom3": nested()})["astrom3"],
    "a frame of numbers": pd.DataFrame(ROWS),
}


@pytest.fixture(scope="module")
def expected():
    unit = np.nan_to_num(ROWS / np.linalg.norm(ROWS, axis=1, keepdims=True))
    cosine = unit[:5].astype(float) @ unit.T.astype(float)
    cosine[:, 7] = -2
    return np.argsort(-cosine, axis=1, kind="stable")[:, :4]


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_column_of_embeddings_is_searched(kind, expected):
    rtol = {"half precision": 2e-3}.get(kind, 1e-6)
    found, similarity = astrom3.search(COLUMNS[kind], COLUMNS[kind][:5], k=4)
    exact = astrom3.search(ROWS, ROWS[:5], k=4)[1]
    assert found.tolist() == expected.tolist() and np.allclose(similarity, exact, rtol=rtol, atol=0)
    index = astrom3.NeighbourIndex(COLUMNS[kind])
    assert len(index) == 40 and index.find(ROWS[3], 1)[0].tolist() == [3]


@pytest.mark.parametrize("kind", ["list", "array"])
def test_columns_of_polars_are_searched(kind, expected):
    pl = pytest.importorskip("polars")
    column = pl.Series("embedding", LISTS, dtype=pl.List(pl.Float32) if kind == "list" else pl.Array(pl.Float32, 16))
    assert astrom3.search(column, column[:5], k=4)[0].tolist() == expected.tolist()
    frame = pl.DataFrame({"object_id": range(40), "embedding": column})
    assert astrom3.search(frame["embedding"], ROWS[:5], k=4)[0].tolist() == expected.tolist()


def test_what_embed_frame_gives_is_searched(model, curves, expected):
    offsets = np.concatenate([[0], np.cumsum([len(curve[0]) for curve in curves])]).astype(np.int32)
    names = ("time", "flux", "flux_err")
    columns = [pa.array(np.concatenate(parts)) for parts in zip(*curves, strict=True)]
    light_curves = pa.ListArray.from_arrays(pa.array(offsets), pa.StructArray.from_arrays(columns, names=names))
    frame = pd.DataFrame(
        {"id": range(6), "lightcurve": pd.Series(light_curves, dtype=pd.ArrowDtype(light_curves.type))}
    )
    for list_type in ("fixed", "list", "nested"):
        embedded = model.embed_frame(frame, keep=["id"], list_type=list_type, min_points=20)
        found, _ = astrom3.search(embedded["astrom3"], embedded["astrom3"], k=1)
        assert found[:, 0].tolist() == [0, 1, -1, 3, -1, 5]


def test_what_is_no_column_of_embeddings_is_told_the_way():
    table = pa.table({"id": range(40), "embedding": FIXED})
    for whole in (table, table.to_pandas()):
        with pytest.raises(TypeError, match="^rows: .*give its column 'embedding'"):
            astrom3.search(whole, ROWS[0])
    for bad in (pa.array([[1.0, 2.0], [1.0]]), [[1.0, 2.0], None, [1.0]], pa.chunked_array([[[1.0, 2.0]], [[1.0]]])):
        with pytest.raises(ValueError, match="^rows: embeddings of different lengths, 1, 2"):
            astrom3.search(bad, ROWS[0])
    with pytest.raises(TypeError, match="^rows"):
        astrom3.search(pa.array([["a"], ["b"]]), ROWS[0])
    with pytest.raises(ValueError, match="^queries: expected 16 columns"):
        astrom3.search(FIXED, ROWS[0, :5])
    with pytest.raises(ValueError, match="^rows"):
        astrom3.search(pa.array([], pa.list_(pa.float32())), ROWS[0])


def test_an_index_is_kept(tmp_path):
    mine = ROWS.copy()
    index = astrom3.NeighbourIndex(mine, n_threads=1)
    rows, similarity = index.find(ROWS[:9], 5)
    mine[:] = 0  # the index has its own
    index.save(tmp_path / "stars.index")
    assert [path.name for path in tmp_path.iterdir()] == ["stars.index"]
    assert np.array_equal(np.load(tmp_path / "stars.index"), ROWS, equal_nan=True)
    kept = {
        "pickle": pickle.loads(pickle.dumps(index)),
        "file": astrom3.NeighbourIndex.load(tmp_path / "stars.index"),
    }
    for name, again in kept.items():
        found, cosine = again.find(ROWS[:9], 5)
        assert np.array_equal(found, rows) and cosine.tobytes() == similarity.tobytes(), name
    assert repr(index) == "NeighbourIndex(40 rows of 16)"
    with pytest.raises(ValueError, match="allow_pickle"):
        np.save(tmp_path / "objects.npy", OBJECTS, allow_pickle=True)
        astrom3.NeighbourIndex.load(tmp_path / "objects.npy")


def test_more_neighbours_than_rows_take_no_memory_without_limit():
    index = astrom3.NeighbourIndex(np.eye(3, dtype=np.float32))
    rows, similarity = index.find(np.eye(3, dtype=np.float32)[0], k=1000)
    assert rows[0] == 0 and (rows[3:] == -1).all() and np.isnan(similarity[3:]).all()
    with pytest.raises(ValueError, match="^k: there are 3 rows"):
        index.find(np.eye(3, dtype=np.float32), k=2**27)
