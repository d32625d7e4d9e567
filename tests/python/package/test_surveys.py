# SPDX-License-Identifier: MIT
"""The folder of a run is a dataset: for `open_survey`, and for the readers that people have, called as documented."""

import json
import os
import pathlib
import subprocess
import sys

import astrom3
import numpy as np
import pandas as pd
import pyarrow.dataset as datasets
import pyarrow.parquet as pq
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
COMMAND = pathlib.Path(os.environ.get("ASTROM3_COMMAND", pathlib.Path(sys.prefix, "bin", "astrom3")))


def embed(folder, *arguments):
    inputs = ["examples/asassn_like/SIM-RRAB-*.dat", "examples/asassn_like/SIM-M-*.dat", "examples/bad/constant.csv"]
    model = ["--model", ROOT / "tests" / "golden" / "tiny"]
    command = [COMMAND, "embed", *inputs, "--band", "V", *model, "-q", "--resume", "-o", f"{folder}/", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode in (0, 3), done.stderr
    return folder


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    return embed(tmp_path_factory.mktemp("run") / "survey", "--part-objects", "5")


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "shards"
    for share in ("1/2", "2/2"):
        embed(folder, "--shard", share, "--part-objects", "3")
    return folder


@pytest.fixture
def copy(survey, tmp_path):
    folder = tmp_path / "copy"
    folder.mkdir()
    for file in survey.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def width_of(survey):
    return astrom3.open_survey(survey).schema.field("embedding").type.list_size


def rows_of(table):
    return table.sort_by("object_id").select(["object_id", "status", "embedding"])


def test_a_survey_is_its_parts_in_input_order(survey):
    table = astrom3.open_survey(survey).to_table()
    parts = [pq.read_table(file) for file in sorted(survey.glob("part-*.parquet"))]
    assert len(parts) == 3
    assert table["object_id"].to_pylist() == [one for part in parts for one in part["object_id"].to_pylist()]
    assert table.num_rows == 13 and table["status"].to_pylist().count("ok") == 12
    assert str(table.schema.field("embedding").type).startswith("fixed_size_list")
    assert table.schema.metadata[b"model_identity"]
    few = astrom3.open_survey(str(survey)).to_table(columns=["object_id"], filter=datasets.field("status") != "ok")
    assert few.to_pydict() == {"object_id": ["constant"]}


def test_shards_are_one_survey(survey, shards):
    table = astrom3.open_survey(shards).to_table()
    assert rows_of(table).equals(rows_of(astrom3.open_survey(survey).to_table()))
    first = astrom3.open_survey(shards / "shard-1-of-2").to_table()
    assert table.slice(0, len(first)).equals(first)


def test_what_is_not_of_the_run_is_not_read(copy):
    (copy / "part-000099.parquet").write_bytes((copy / "part-000000.parquet").read_bytes())
    (copy / "notes.parquet").write_bytes(b"no table")
    assert astrom3.open_survey(copy).count_rows() == 13


def test_missing_rows_are_never_silent(copy, shards, tmp_path):
    manifest = copy / "_manifest.jsonl"
    lines = manifest.read_text().splitlines(keepends=True)
    manifest.write_text("".join(lines[:-2]) + lines[-2][:20])  # torn by a crash
    with pytest.warns(UserWarning, match="copy: this run is not complete") as caught:
        assert astrom3.open_survey(copy).count_rows() == 10
    assert caught[0].filename == __file__
    manifest.write_text(lines[0])
    with (
        pytest.warns(UserWarning, match="not complete"),
        pytest.raises(astrom3.AstroM3Error, match="no part of this run is finished yet"),
    ):
        astrom3.open_survey(copy)
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "shard-2-of-2").symlink_to(shards / "shard-2-of-2")
    with pytest.warns(UserWarning, match="half: shard 1 of 2 is missing$"):
        astrom3.open_survey(tmp_path / "half")


def test_a_damaged_folder_is_refused(copy, survey, tmp_path):
    def refused(match, folder=copy, code="bad_tensors"):
        with pytest.raises(astrom3.AstroM3Error, match=match) as caught:
            astrom3.open_survey(folder)
        assert caught.value.code == code

    refused("nothing_here: no such folder", tmp_path / "nothing_here", "io_error")
    refused("there is no _manifest.jsonl of a run, and no shard-1-of-N", tmp_path)
    manifest, part = copy / "_manifest.jsonl", copy / "part-000001.parquet"
    whole, data = manifest.read_text(), part.read_bytes()
    part.write_bytes(data + b" ")
    refused("part-000001.parquet: is not the file that the run made")
    part.unlink()
    refused("part-000001.parquet: the manifest names this part, and it is not there")
    part.symlink_to(survey / part.name)
    refused("part-000001.parquet: the manifest names this part, and it is not there")
    manifest.write_text(whole.replace('"part-000001.parquet"', '"../other/part-000001.parquet"'))
    refused("_manifest.jsonl: names a part that no run writes")
    manifest.write_text(whole.replace('{"part":1', '{"part":1,,'))
    refused("_manifest.jsonl:3: a damaged line")
    manifest.rename(copy / "manifest.jsonl")
    refused("a run of an earlier version: put _ before the names manifest.jsonl")
    manifest.write_text("{}\n")
    refused("_manifest.jsonl: is not the manifest of a run of astrom3")


def test_shards_that_do_not_belong_together_are_refused(shards, tmp_path):
    for share, folder in (("1/2", tmp_path / "two"), ("1/3", tmp_path / "three")):
        embed(folder, "--shard", share, "--precision", "int8")
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    (mixed / "shard-1-of-2").symlink_to(tmp_path / "two" / "shard-1-of-2")
    (mixed / "shard-2-of-2").symlink_to(shards / "shard-2-of-2")
    with pytest.raises(astrom3.AstroM3Error, match="shard-2-of-2: was made with another model than .*shard-1-of-2"):
        astrom3.open_survey(mixed)
    (mixed / "shard-1-of-3").symlink_to(tmp_path / "three" / "shard-1-of-3")
    with pytest.raises(astrom3.AstroM3Error, match="shards of several divisions, 2 and 3"):
        astrom3.open_survey(mixed)


def test_pandas_reads_the_folder(survey, shards):
    frame = pd.read_parquet(survey)
    assert frame.object_id.tolist() == astrom3.open_survey(survey).to_table()["object_id"].to_pylist()
    assert np.stack(frame.embedding[frame.status == "ok"]).shape == (12, width_of(survey))
    assert len(pd.read_parquet(shards)) == 13
    typed = pd.read_parquet(survey, dtype_backend="pyarrow")
    rows, _ = astrom3.search(typed.embedding[(typed.status == "ok").to_numpy()], np.ones(width_of(survey)), k=1)
    assert len(rows) == 1


def test_arrow_reads_the_folder(survey, shards):
    expected = rows_of(astrom3.open_survey(survey).to_table())
    for folder in (survey, shards):
        assert rows_of(datasets.dataset(folder).to_table()).equals(expected)
        assert rows_of(pq.read_table(folder)).equals(expected)


def test_polars_reads_the_folder(survey, shards):
    pl = pytest.importorskip("polars")
    width = width_of(survey)
    for pattern in (f"{survey}/*.parquet", f"{shards}/**/*.parquet"):
        frame = pl.read_parquet(pattern)
        assert len(frame) == 13 and frame.schema["embedding"] == pl.Array(pl.Float32, width)
    lazy = pl.scan_pyarrow_dataset(astrom3.open_survey(survey)).filter(pl.col("status") == "ok")
    assert len(lazy.collect()) == 12


def test_duckdb_reads_the_folder(survey, shards):
    duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed; `make cluster` does")
    for what in (f"'{survey}/*.parquet'", f"'{shards}/**/*.parquet'"):
        assert duckdb.sql(f"SELECT count(*) FROM {what} WHERE status = 'ok'").fetchall() == [(12,)]
    dataset = astrom3.open_survey(survey)
    width = width_of(survey)
    assert duckdb.sql("SELECT DISTINCT typeof(embedding) FROM dataset").fetchall() == [(f"FLOAT[{width}]",)]
    table = dataset.to_table(filter=datasets.field("status") == "ok")
    found = duckdb.sql(
        "SELECT b.object_id, array_cosine_similarity(a.embedding, b.embedding) AS similarity "
        "FROM dataset a, dataset b WHERE a.object_id = 'SIM-RRAB-1' AND b.status = 'ok' ORDER BY similarity DESC"
    ).fetchall()
    ids = table["object_id"].to_pylist()
    rows, similarity = astrom3.search(table["embedding"], table["embedding"].to_pylist()[ids.index("SIM-RRAB-1")], k=12)
    assert [one for one, _ in found] == [ids[row] for row in rows]
    np.testing.assert_allclose([value for _, value in found], similarity, atol=1e-5)  # of sums of float32


def test_files_that_are_no_tables_are_hidden_from_readers(copy):
    """Those of a run that goes on or was killed, too: a lock, and a part that is not complete."""
    (copy / ".astrom3.lock").write_text("process 1 on host")
    (copy / ".part-000003.parquet.tmp.0123456789abcdef").write_bytes(b"PAR1")
    names = [file.name for file in copy.iterdir()]
    assert sorted(name for name in names if name[0] not in "._") == [f"part-{i:06}.parquet" for i in range(3)]
    assert json.loads((copy / "_summary.json").read_text())["objects"] == 13
    for read in (pd.read_parquet, pq.read_table, lambda folder: datasets.dataset(folder).to_table()):
        assert len(read(copy)) == 13
