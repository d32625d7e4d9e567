# SPDX-License-Identifier: MIT
"""Apache Spark, a real one on this machine: what `mapInArrow(model.map_arrow(...))` promises, and pandas' functions."""

import os
import pathlib
import signal
import subprocess
import sys

import astrom3
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from conftest import OF_OBJECTS, ROOT, check_objects, make_frame

pytest.importorskip("pyspark", reason="PySpark is not installed; `make cluster` does")

from pyspark.errors import PythonException
from pyspark.sql import SparkSession, functions, types

N_STARS = 1000
HOW = {"mag": True, "band": "g", "where": {"catflags": 0}}


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    os.environ["PYSPARK_PYTHON"] = sys.executable
    options = {
        "spark.driver.memory": "1g",
        "spark.local.dir": str(tmp_path_factory.mktemp("spark")),
        "spark.sql.shuffle.partitions": "3",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "150",
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
    }
    builder = SparkSession.builder.master("local[2,4]")  # two tasks at a time, each tried four times
    for name, value in options.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def stars():
    return make_frame(N_STARS, seed=5)


@pytest.fixture(scope="module")
def expected(model, stars):
    """The embeddings of one process by object."""
    embeddings = model.many(stars["lightcurve"], **HOW)
    assert N_STARS > np.isfinite(embeddings).all(axis=1).sum() > N_STARS / 2
    return dict(zip(stars["objectid"].tolist(), embeddings, strict=True))


@pytest.fixture(scope="module")
def lists(spark, stars):
    """A row a star, its observations in columns of lists, in five partitions."""
    columns = stars["lightcurve"].nest.to_lists()
    table = pa.table(
        {
            "objectid": stars["objectid"].to_numpy(),
            **{name: pa.array(columns[name]) for name in ("hmjd", "mag", "magerr", "catflags")},
        }
    )
    return spark.createDataFrame(table).repartition(5).cache()


@pytest.fixture(scope="module")
def long(spark, stars):
    """A row an observation, in any order."""
    flat = stars["lightcurve"].nest.to_flat()
    flat["objectid"] = stars["objectid"].loc[flat.index].to_numpy()
    shuffled = flat.sample(frac=1.0, random_state=1)
    return spark.createDataFrame(pa.Table.from_pandas(shuffled, preserve_index=False)).cache()


def check(rows, expected, n=N_STARS):
    """Every object once, with the bits of one process; null where that has NaN."""
    assert len(rows) == n and len({row["objectid"] for row in rows}) == n
    for row in rows:
        want = expected[row["objectid"]]
        if np.isnan(want).any():
            assert row["astrom3"] is None and row["astrom3_status"] != 0
        else:
            assert np.asarray(row["astrom3"], np.float32).tobytes() == want.tobytes() and row["astrom3_status"] == 0


def test_columns_of_lists_have_the_bits_of_one_process(model, lists, expected):
    how = {"keep": ["objectid"], **HOW}
    out = lists.mapInArrow(model.map_arrow(**how), model.spark_schema(lists, keep=["objectid"]))
    assert [(field.name, field.dataType.simpleString()) for field in out.schema] == [
        ("objectid", "bigint"),
        ("astrom3", "array<float>"),
        ("astrom3_n_obs", "int"),
        ("astrom3_status", "smallint"),
        ("astrom3_flags", "bigint"),
    ]
    check(out.collect(), expected)
    few = lists.limit(10).repartition(1).mapInArrow(model.map_arrow(**how), out.schema)  # a schema of Spark's own
    check(few.collect(), expected, 10)
    none = lists.filter("objectid < 0").mapInArrow(model.map_arrow(**how), out.schema)
    assert none.collect() == []


def test_classes_and_reductions_are_columns_too(model, lists, stars):
    how = {"keep": ["objectid"], **HOW}
    names, probabilities = model.classify_many(stars["lightcurve"], **HOW)
    of_class = dict(zip(stars["objectid"].tolist(), names.tolist(), strict=True))
    out = lists.mapInArrow(
        model.map_arrow(classes=True, **how), model.spark_schema(lists, keep=["objectid"], classes=True)
    )
    assert {row.objectid: row.astrom3_class or "" for row in out.collect()} == of_class
    column = f"astrom3_p_{model.class_names[0]}"
    found = {row.objectid: row[column] for row in out.select("objectid", column).collect()}
    wanted = dict(zip(stars["objectid"].tolist(), probabilities[:, 0].tolist(), strict=True))
    assert all(found[i] == wanted[i] or (found[i] is None and np.isnan(wanted[i])) for i in wanted)
    windows = model.many(stars["lightcurve"], reduction="windows", **HOW)
    whole = dict(zip(stars["objectid"].tolist(), windows, strict=True))
    function = model.map_arrow(reduction="windows", **how)
    check(lists.mapInArrow(function, model.spark_schema(lists, keep=["objectid"])).collect(), whole)


def test_a_long_table_is_collected_into_lists(model, long, expected):
    observation = functions.struct("hmjd", "mag", "magerr", "catflags")  # one list: nulls cannot shift it
    nested = long.groupBy("objectid").agg(functions.collect_list(observation).alias("lightcurve"))
    function = model.map_arrow(keep=["objectid"], nested="lightcurve", **HOW)
    check(nested.mapInArrow(function, model.spark_schema(nested, keep=["objectid"])).collect(), expected)


def test_a_pandas_function_as_fink_has_them(model, lists, expected):
    @functions.pandas_udf("array<float>")
    def embed(jd: pd.Series, mag: pd.Series, magerr: pd.Series, catflags: pd.Series) -> pd.Series:
        table = pd.DataFrame({"hmjd": jd, "mag": mag, "magerr": magerr, "catflags": catflags})
        vectors, info = model.many(table, return_info=True, **HOW)
        return pd.Series([vector if ok else None for vector, ok in zip(vectors, info.ok)])

    columns = ("hmjd", "mag", "magerr", "catflags")
    rows = lists.select("objectid", embed(*columns).alias("astrom3")).collect()
    assert len(rows) == N_STARS
    for row in rows:
        want = expected[row["objectid"]]
        if np.isnan(want).any():
            assert row["astrom3"] is None
        else:
            assert np.asarray(row["astrom3"], np.float32).tobytes() == want.tobytes()


def test_objects_of_several_modalities_have_the_bits_of_one_process(clip, spark, objects, expected_objects):
    stars = spark.createDataFrame(objects).repartition(4)
    out = stars.mapInArrow(clip.map_arrow(**OF_OBJECTS), clip.spark_schema(stars, keep=["objectid"]))
    assert out.schema["astrom3_fused"].dataType == types.ArrayType(types.FloatType())
    check_objects([row.asDict() for row in out.collect()], expected_objects)
    none = stars.filter("objectid < 0").mapInArrow(clip.map_arrow(**OF_OBJECTS), out.schema)
    assert none.collect() == []


def test_columns_of_any_type_are_kept(model, spark, lists):
    odd = lists.select(
        "*",
        functions.struct(functions.lit("x").alias("a name, `quoted`"), functions.lit(1.5).alias("b")).alias("a struct"),
        functions.array(functions.lit(1), functions.lit(2)).alias("numbers"),
        functions.create_map(functions.lit("k"), functions.lit(1)).alias("pairs"),
        functions.lit("1.25").cast("decimal(10,2)").alias("price"),
        functions.current_date().alias("day"),
    )
    keep = ["objectid", "a struct", "numbers", "pairs", "price", "day"]
    schema = model.spark_schema(odd, keep=keep)
    out = odd.limit(20).mapInArrow(model.map_arrow(keep=keep, **HOW), schema)
    assert [out.schema[name].dataType.simpleString() for name in keep] == [
        odd.schema[name].dataType.simpleString() for name in keep
    ]
    row = out.first()
    assert row["a struct"]["a name, `quoted`"] == "x" and row["numbers"] == [1, 2] and row["pairs"] == {"k": 1}
    assert model.spark_schema(odd.schema, keep=keep) == schema
    assert types.StructType.fromDDL(schema) == out.schema
    with pytest.raises(ValueError, match="^keep: there is no column 'dec'"):
        model.spark_schema(odd, keep=["dec"])
    with pytest.raises(TypeError, match="^keep: without a frame"):
        model.spark_schema(keep=["objectid"])


def test_an_error_inside_a_task_says_what_was_wrong(model, lists):
    schema = model.spark_schema(lists, keep=["objectid"])
    renamed = lists.withColumnRenamed("mag", "m7")
    with pytest.raises(PythonException, match="mag"):
        renamed.mapInArrow(model.map_arrow(keep=["objectid"], **HOW), schema).collect()
    with pytest.raises(PythonException, match="keep: there is no column 'dec' among objectid"):
        lists.mapInArrow(model.map_arrow(keep=["dec"], **HOW), schema).collect()
    with pytest.raises(PythonException, match=r"light curve \d+: object \d+: .*observation"):
        function = model.map_arrow(keep=["objectid"], on_invalid="raise", **HOW)
        lists.mapInArrow(function, schema).collect()


def test_a_killed_worker_costs_nothing_but_time(model, lists, expected, tmp_path):
    embed = model.map_arrow(keep=["objectid"], **HOW)
    mark = str(tmp_path / "killed")

    def kills_itself_once(batches):
        for i, table in enumerate(embed(batches)):
            try:
                os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                yield table
            else:
                assert i == 0
                os.kill(os.getpid(), signal.SIGKILL)

    out = lists.mapInArrow(kills_itself_once, model.spark_schema(lists, keep=["objectid"]))
    check(out.collect(), expected)
    assert pathlib.Path(mark).exists()


def test_a_survey_is_read_as_documented(spark, tmp_path):
    command = os.environ.get("ASTROM3_COMMAND") or pytest.skip("ASTROM3_COMMAND does not name the command")
    model = ["--model", ROOT / "tests" / "golden" / "tiny"]
    for share in ("1/2", "2/2"):
        inputs = ["examples/asassn_like/SIM-M-*.dat", "--band", "V", "--shard", share, "--part-objects", "2"]
        subprocess.run([command, "embed", *inputs, *model, "-q", "-o", f"{tmp_path}/"], cwd=ROOT, check=True)
    first = spark.read.parquet(str(tmp_path / "shard-1-of-2"))
    both = spark.read.option("recursiveFileLookup", "true").parquet(str(tmp_path))
    assert first.schema["embedding"].dataType == types.ArrayType(types.FloatType())
    assert 0 < first.count() < both.count() == 6
    expected = astrom3.open_survey(tmp_path).to_table().to_pylist()
    found = {row.object_id: row.embedding for row in both.collect()}
    assert found == {row["object_id"]: row["embedding"] for row in expected}
