# SPDX-License-Identifier: MIT
"""Rows without an id are rejected as `bad_id`, whatever the ids' type and the table's package; ids stay exact."""

import decimal
import os
import subprocess
import uuid

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

COMMAND = os.environ.get("ASTROM3_COMMAND")
RNG = np.random.default_rng(2)
STAR = np.repeat([100, 101, 102], 40)
TIME = np.concatenate([np.sort(RNG.uniform(0, 90, 40)) for _ in range(3)])
FLUX = STAR - 50 + 5 * np.sin(2 * np.pi * TIME / 0.57) + 0.3 * RNG.normal(size=120)
ERROR = np.full(120, 0.3)
MISSING = np.zeros(120, bool)
MISSING[[3, 4, 50, 90]] = True  # three runs
COLUMNS = {"time": TIME, "flux": FLUX, "flux_err": ERROR}
GAIA = 5853498713190525696  # one of so many digits that floating numbers cannot tell its neighbours apart
NAMES = np.array([f"s{star}" for star in STAR], dtype=object)


def without(values, missing=None):
    out = np.array(values, dtype=object)
    out[MISSING] = missing
    return out


def frame_with(ids):
    # pandas 3 would make texts of Arrow of objects, and fail where they are no UTF-8
    return pd.DataFrame(COLUMNS).assign(star=pd.Series(ids, dtype=getattr(ids, "dtype", object)))


@pytest.fixture(scope="module")
def expected(model):
    curves = [(star == STAR) & ~MISSING for star in np.unique(STAR)]
    return np.array([model(TIME[of], FLUX[of], ERROR[of]) for of in curves])


def check(model, table, expected, ids):
    embeddings, info = model.many(table, id="star", return_info=True)
    assert list(info.status) == ["bad_id"] * 3 + ["ok"] * 3
    assert list(info.object_id) == [""] * 3 + ids
    assert np.array_equal(embeddings[3:], expected) and np.isnan(embeddings[:3]).all()


NUMBERS = ["100", "101", "102"]
TEXTS = ["s100", "s101", "s102"]
IDS = {
    "floats": (np.where(MISSING, np.nan, STAR), NUMBERS),
    "float32": (np.where(MISSING, np.nan, STAR).astype(np.float32), NUMBERS),
    "Int64": (pd.Series(without(STAR, pd.NA)).astype("Int64"), NUMBERS),
    "Int64 of Gaia": (pd.array(without(GAIA + STAR, pd.NA), dtype="Int64"), [str(GAIA + i) for i in (100, 101, 102)]),
    "integers and None": (without(GAIA + STAR), [str(GAIA + i) for i in (100, 101, 102)]),
    "Arrow's integers": (pd.Series(without(STAR), dtype="int64[pyarrow]"), NUMBERS),
    "Arrow's floats": (pd.Series(without(STAR * 1.0), dtype="double[pyarrow]"), NUMBERS),
    "None": (without(NAMES), TEXTS),
    "NaN": (without(NAMES, np.nan), TEXTS),
    "NA": (without(NAMES, pd.NA), TEXTS),
    "NaT": (without(NAMES, pd.NaT), TEXTS),
    "empty texts": (without(NAMES, ""), TEXTS),
    "string": (pd.Series(without(NAMES), dtype="string"), TEXTS),
    "Arrow's string": (pd.Series(without(NAMES), dtype="string[pyarrow]"), TEXTS),
    "category": (pd.Series(without(NAMES)).astype("category"), TEXTS),
    "category of numbers": (pd.Series(pd.array(without(STAR), dtype="Int64")).astype("category"), NUMBERS),
}
OBJECTS = {
    "bytes": (without([name.encode() for name in NAMES]), TEXTS),
    "mixed types": (without(["a" if star == 100 else 1 if star == 101 else 2.5 for star in STAR]), ["a", "1", "2.5"]),
    "mixed whole floats": (without(["a" if star == 100 else float(star) for star in STAR]), ["a", "101", "102"]),
    "no UTF-8": (without(NAMES, "s\0tar"), TEXTS),
    "surrogates": (without(NAMES, "\ud800"), TEXTS),
    "UUIDs": (without([uuid.UUID(int=int(star)) for star in STAR]), [str(uuid.UUID(int=i)) for i in (100, 101, 102)]),
    "dates": (
        pd.Series(pd.to_datetime(STAR, unit="D")).where(~MISSING),
        [f"1970-04-{day} 00:00:00" for day in (11, 12, 13)],
    ),
}


@pytest.mark.parametrize("kind", [*IDS, *OBJECTS])
def test_rows_without_an_id_are_rejected(model, expected, kind):
    ids, names = {**IDS, **OBJECTS}[kind]
    check(model, frame_with(ids), expected, names)
    if kind in IDS:
        check(model, pa.Table.from_pandas(frame_with(ids), preserve_index=False), expected, names)
        check(model, {**COLUMNS, "star": pd.Series(ids).tolist()}, expected, names)


def test_arrow_ids_of_every_type(model, expected):
    exact = [str(GAIA + i) for i in (100, 101, 102)]
    whole = [
        None if missing else decimal.Decimal(int(star) + GAIA) for star, missing in zip(STAR, MISSING, strict=True)
    ]
    texts = pa.array(without(NAMES), pa.string())
    for ids, names in (
        (pa.array(whole, pa.decimal128(38, 2)), exact),
        (pa.array(whole, pa.decimal256(60, 0)), exact),
        (texts.dictionary_encode(), TEXTS),
        (texts.cast(pa.string_view()), TEXTS),
        (texts.cast(pa.large_string()), TEXTS),
    ):
        check(model, pa.table({**COLUMNS, "star": ids}), expected, names)


def test_masked_ids_are_missing(model, expected):
    table = pytest.importorskip("astropy.table", reason="astropy is not installed")
    from astropy.utils.masked import Masked

    texts = NAMES.astype(str)
    for ids, names in (
        (np.ma.array(STAR, mask=MISSING), NUMBERS),
        (np.ma.array(texts, mask=MISSING), TEXTS),
        (Masked(STAR, mask=MISSING), NUMBERS),
        (np.where(MISSING, "", texts).astype("S"), TEXTS),
    ):
        check(model, {**COLUMNS, "star": ids}, expected, names)
        check(model, table.Table({**COLUMNS, "star": ids}), expected, names)
    check(model, table.QTable({**COLUMNS, "star": table.MaskedColumn(STAR, mask=MISSING)}), expected, NUMBERS)


def test_polars_ids_of_every_type(model, expected):
    polars = pytest.importorskip("polars", reason="polars is not installed")
    texts, numbers = without(NAMES).tolist(), without(STAR).tolist()
    check(model, polars.DataFrame({**COLUMNS, "star": texts}), expected, TEXTS)
    check(model, polars.DataFrame({**COLUMNS, "star": numbers}), expected, NUMBERS)
    check(model, polars.DataFrame({**COLUMNS, "star": polars.Series(texts, dtype=polars.Categorical)}), expected, TEXTS)


def test_ids_that_have_lost_digits_are_refused(model):
    for ids in (STAR + 1e17, np.where(MISSING, np.nan, STAR + 1e17), (STAR + 2**25).astype(np.float32)):
        with pytest.raises(ValueError, match="^star: ids as floating numbers"):
            model.many(frame_with(ids), id="star")
        with pytest.raises(ValueError, match="star.*: ids as floating numbers"):
            model.many(pa.table({**COLUMNS, "star": ids}), id="star")
    with pytest.raises(TypeError, match="^star: "):
        model.many({**COLUMNS, "star": pytest.importorskip("astropy.units").Quantity(STAR, "m")}, id="star")


NESTED = {
    "texts": (["a", None, "c"], ["a", "", "c"]),
    "mixed types": (["a", 1, None], ["a", "1", ""]),
    "floats": ([1.0, np.nan, 3.0], ["1", "", "3"]),
    "integers": ([GAIA, None, GAIA + 1], [str(GAIA), "", str(GAIA + 1)]),
    "empty texts": (["a", "", "c"], ["a", "", "c"]),
    "NaT": (["a", pd.NaT, "c"], ["a", "", "c"]),
}


@pytest.mark.parametrize("kind", NESTED)
def test_nested_light_curves_without_an_id_are_rejected(model, kind):
    ids, names = NESTED[kind]
    status = ["bad_id" if name == "" else "ok" for name in names]
    parts = [{name: values[star == STAR] for name, values in COLUMNS.items()} for star in (100, 101, 102)]
    rows = [[dict(zip(part, row, strict=True)) for row in zip(*part.values(), strict=True)] for part in parts]
    lists = pa.array(rows)
    ids = pd.Series(ids, dtype=float if kind == "floats" else object)
    frame = pd.DataFrame({"star": ids, "lc": pd.Series(lists, dtype=pd.ArrowDtype(lists.type))})
    columns = pd.DataFrame({"star": ids, **{name: [part[name] for part in parts] for name in COLUMNS}})
    for table, arguments in ((frame, {"nested": "lc"}), (columns, {})):
        info = model.many(table, id="star", return_info=True, **arguments)[1]
        assert list(info.object_id) == names and list(info.status) == status
    embedded = model.embed_frame(frame, "lc", id="star", keep=["star"])
    assert embedded["astrom3"].isna().tolist() == [name == "" for name in names]


@pytest.mark.skipif(not COMMAND, reason="ASTROM3_COMMAND does not name the command")
@pytest.mark.parametrize("kind", ["floats", "Int64", "None", "string", "category"])
def test_the_command_rejects_the_same_rows(model, tmp_path, kind):
    frame = frame_with(IDS[kind][0])
    frame.to_csv(tmp_path / "rows.csv", index=False, float_format=None)
    out = tmp_path / "rows.parquet"
    done = subprocess.run(
        [COMMAND, "embed", tmp_path / "rows.csv", "--id-column", "star", "--model", model.path, "-o", out, "--quiet"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 3), done.stderr
    rows = pq.read_table(out).to_pandas()
    embeddings, info = model.many(frame, id="star", return_info=True)
    assert list(info.status) == rows["status"].tolist() and list(info.n_raw) == rows["n_raw"].tolist()
    found = np.array([row for row, ok in zip(rows["embedding"], info.ok, strict=True) if ok])
    assert np.allclose(embeddings[info.ok], found, rtol=0, atol=1e-4)  # pandas writes shorter numbers


def test_a_dictionary_of_one_long_id_is_not_spread_without_limit(model):  # RC04
    n = 300  # of 16 MiB each
    lists = pa.array([[float(i) for i in range(3)]] * n)
    ids = pa.DictionaryArray.from_arrays(pa.array([0] * n, pa.int32()), pa.array(["x" * (16 << 20)]))
    table = pa.table({"object_id": ids, "time": lists, "flux": lists, "flux_err": lists})
    with pytest.raises(ValueError, match="object_id: the ids of these light curves take more than 4 GiB"):
        model.many(table, return_info=True)
