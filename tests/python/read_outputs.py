# SPDX-License-Identifier: MIT
"""What test_sink.cpp wrote, read with pyarrow and NumPy: read_outputs.py FOLDER. Silent when right."""

import csv
import json
import pathlib
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

COMMON = (
    "object_id status flags n_raw n_used amplitude period lksl_statistic rfr_score log10_mad delta_t feature_sources"
).split()
IDENTITY = {"model_sha256": "00ff", "attention": "full", "note": 'a "quoted" \u03b1\n'}


def check_parquet(path: pathlib.Path) -> None:
    table = pq.read_table(path)
    assert table.schema.names == COMMON + ["embedding", "sequence"], table.schema.names
    assert table.schema.field("embedding").type == pa.list_(pa.float32(), 4)
    assert table.schema.field("sequence").type == pa.list_(pa.list_(pa.float32(), 4), 3)
    for name in ("object_id", "status", "flags", "feature_sources"):
        assert table.schema.field(name).type == pa.string(), name
    for name in ("n_raw", "n_used"):
        assert table.schema.field(name).type == pa.int64(), name
    metadata = {k.decode(): v.decode() for k, v in table.schema.metadata.items()}
    metadata.pop("ARROW:schema", None)
    assert metadata == IDENTITY, metadata
    first, rejected = table.slice(0, 2).to_pylist()
    assert first["object_id"] == 'a,"b"\n' and first["status"] == "ok" and first["flags"] == "few_points;cropped"
    assert (first["n_raw"], first["n_used"], first["period"]) == (201, 200, 0.1)
    assert first["embedding"] == [0, 1, 2, 3] and first["sequence"][2] == [8, 9, 10, 11]
    assert first["feature_sources"] == "amplitude=catalog;period=computed;lksl_statistic=set;rfr_score=computed"
    assert rejected["status"] == "mad_zero" and rejected["n_raw"] == 7
    assert all(rejected[name] is None for name in COMMON[5:] + ["embedding", "sequence"]), rejected


def check_csv(path: pathlib.Path) -> None:
    with open(path, newline="", encoding="utf-8") as file:
        header, first, rejected = csv.reader(file)
    assert header == COMMON + ["e0", "e1", "e2", "e3"], header
    assert first[0] == 'a,"b"\n' and float(first[6]) == 0.1 and first[-4:] == ["0", "1", "2", "3"], first
    assert rejected[1] == "mad_zero" and rejected[5:] == [""] * 11, rejected
    assert json.loads(path.with_suffix(".meta.json").read_text("utf-8")) == IDENTITY


def check_npy(folder: pathlib.Path) -> None:
    mean, sequence = np.load(folder / "mean.npy"), np.load(folder / "sequence.npy")
    assert mean.shape == (2, 4) and mean.dtype == np.float32 and sequence.shape == (2, 3, 4)
    assert mean[0].tolist() == [0, 1, 2, 3] and np.isnan(mean[1]).all() and np.isnan(sequence[1]).all()
    x_enc, mask = np.load(folder / "x_enc.npy"), np.load(folder / "mask.npy")
    assert x_enc.shape == (2, 3, 9) and mask.tolist() == [[1, 1, 0], [0, 0, 0]] and not x_enc[1].any()
    assert json.loads((folder / "meta.json").read_text("utf-8")) == IDENTITY


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1])
    check_csv(root / "out.csv")
    check_npy(root / "npy")
    if (root / "out.parquet").exists():
        check_parquet(root / "out.parquet")
