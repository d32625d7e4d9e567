# SPDX-License-Identifier: MIT
"""Reductions and class columns of many light curves: the bits of one at a time, in whatever form they come."""

import pathlib

import astrom3
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from astrom3 import _reduced
from conftest import make_light_curve


@pytest.fixture(scope="module")
def long_curves():
    """Of fewer and of more observations than the encoder has steps (40); one cannot be embedded."""
    rng = np.random.default_rng(21)
    found = [make_light_curve(rng, n) for n in (30, 100, 40, 41, 250, 8)]
    return [*found[:2], tuple(column[:1] for column in found[0]), *found[2:]]


def one_at_a_time(model, curves, reduction, **arguments):
    """By `EmbeddingModel`: (N, S, D)."""
    embedder = astrom3.EmbeddingModel(model, mag=False, reduction=reduction, on_invalid="nan", **arguments)
    return np.stack([embedder(*curve)[0, :, 0] for curve in curves])


@pytest.mark.parametrize("reduction", ["centre", "beginning", "end", "random", "windows"])
def test_a_reduction_is_that_of_one_light_curve(model, long_curves, reduction):
    values, info = model.many(long_curves, reduction=reduction, return_info=True)
    assert np.array_equal(values, one_at_a_time(model, long_curves, reduction)[:, 0], equal_nan=True)
    plain, its = model.many(long_curves, return_info=True)
    assert np.array_equal(info.code, its.code) and np.array_equal(
        info.feature_values, its.feature_values, equal_nan=True
    )
    assert np.array_equal(info.feature_source_codes, its.feature_source_codes)
    sizes = np.array([len(curve[0]) for curve in long_curves]) * info.ok
    seen = sizes if reduction == "windows" else np.minimum(sizes, model.n_steps)
    assert info.n_used.tolist() == seen.tolist()
    cropped = ["cropped" in info.flag_names(i) for i in range(len(info))]
    assert cropped == (seen < sizes).tolist()
    if reduction == "centre":
        assert np.array_equal(values, plain, equal_nan=True) and np.array_equal(info.flags, its.flags)
    else:
        assert not np.array_equal(values[[1, 5]], plain[[1, 5]]) and np.array_equal(values[0], plain[0])


def test_several_reductions_stand_side_by_side(model, long_curves):
    values = model.many(long_curves, reduction=["beginning", "end"])
    assert values.shape == (7, 2, model.width)
    for i, name in enumerate(("beginning", "end")):
        assert np.array_equal(values[:, i], model.many(long_curves, reduction=name), equal_nan=True)
    assert np.array_equal(values, one_at_a_time(model, long_curves, ["beginning", "end"]), equal_nan=True)
    own = astrom3.reductions.Random(5)
    assert np.array_equal(
        model.many(long_curves, reduction=own), one_at_a_time(model, long_curves, own)[:, 0], equal_nan=True
    )
    assert model.many([], reduction=["beginning", "end"]).shape == (0, 2, model.width)
    assert model.many([], reduction="windows").shape == (0, model.width)


def test_any_form_and_division_gives_the_same_bits(model, long_curves, monkeypatch):
    expected = model.many(long_curves, reduction="windows")
    counts = [len(curve[0]) for curve in long_curves]
    flat = {name: np.concatenate(parts) for name, parts in zip(("t", "flux", "flux_err"), zip(*long_curves))}
    offsets = np.concatenate([[0], np.cumsum(counts)])
    frame = pd.DataFrame({**flat, "object_id": np.repeat(np.arange(7), counts)})
    rows = pa.StructArray.from_arrays([pa.array(column) for column in flat.values()], names=list(flat))
    nested = pd.DataFrame(
        {"lc": pd.arrays.ArrowExtensionArray(pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), rows))}
    )
    for at_a_time in (256, 2):
        monkeypatch.setattr(_reduced, "AT_A_TIME", at_a_time)
        found = {
            "list": model.many(long_curves, reduction="windows", n_threads=2),
            "generator": model.many(iter(long_curves), reduction="windows"),
            "flat": model.many(flat, offsets=offsets, reduction="windows"),
            "long": model.many(frame, reduction="windows"),
            "nested": model.many(nested, nested="lc", reduction="windows"),
            "arrow": model.many(pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), rows), reduction="windows"),
        }
        for name, values in found.items():
            assert np.array_equal(values, expected, equal_nan=True), (name, at_a_time)
    ids = model.many(frame, reduction="windows", return_info=True)[1].object_id
    assert ids.tolist() == [str(i) for i in range(7)]
    out = np.empty_like(expected)
    assert model.many(long_curves, reduction="windows", out=out) is out and np.array_equal(
        out, expected, equal_nan=True
    )


def test_given_features_are_used(model, long_curves, monkeypatch):
    monkeypatch.setattr(_reduced, "AT_A_TIME", 3)
    periods = np.linspace(1, 2, 7)
    given = {"period": periods, "rfr_score": "z:0.392"}
    values, info = model.many(long_curves, reduction="windows", features=given, return_info=True)
    embedder = astrom3.EmbeddingModel(model, mag=False, reduction="windows", on_invalid="nan")
    expected = [
        embedder(*curve, period=period, rfr_score="z:0.392")[0, 0, 0] for curve, period in zip(long_curves, periods)
    ]
    np.testing.assert_allclose(values, expected, rtol=0, atol=2e-6)  # z:0.392 goes through raw units and back
    only = model.many(long_curves, reduction="windows", features={"period": periods})
    expected = [embedder(*curve, period=period)[0, 0, 0] for curve, period in zip(long_curves, periods)]
    assert np.array_equal(only, expected, equal_nan=True)
    assert info.feature_sources["period"][0] == "catalog" and info.feature_sources["rfr_score"][0] == "set"


def test_what_cannot_be_is_refused(model, long_curves, monkeypatch):
    for how in ({"output": "sequence"}, {"output": "logits"}, {"classes": True}):
        with pytest.raises(ValueError, match="^reduction: goes with output='mean'"):
            model.many(long_curves, reduction="end", **how)
    with pytest.raises(ValueError, match="^reduction: expected centre"):
        model.many(long_curves, reduction="ends")
    with pytest.raises(astrom3.AstroM3Error, match="^light curve 2: "):
        model.many(long_curves, reduction="end", on_invalid="raise")
    with pytest.raises(ValueError, match="^out: "):
        model.many(long_curves, reduction="end", out=np.empty((3, model.width), np.float32))
    monkeypatch.setattr(_reduced, "_MOST_BYTES", 10_000)
    with pytest.raises(ValueError, match="^reduction: 7 light curves at once, the longest of 250 observations"):
        model.many(long_curves, reduction="end")


def test_classes_stand_beside_embeddings(model, long_curves):
    values, info = model.many(long_curves, classes=True, return_info=True)
    names, probabilities = model.classify_many(long_curves)
    assert np.array_equal(values, model.many(long_curves), equal_nan=True)
    assert info.classes.tolist() == names.tolist() and info.classes[2] == ""
    assert np.array_equal(info.probabilities, probabilities, equal_nan=True) and info.class_names == model.class_names
    table = info.to_pandas()
    assert table["class"].tolist() == [name or None for name in names]
    for i, name in enumerate(model.class_names):
        assert np.array_equal(table[f"p_{name}"], probabilities[:, i], equal_nan=True)
    parts = model.many((curve for curve in long_curves), classes=True, return_info=True)[1]
    assert np.array_equal(parts.probabilities, probabilities, equal_nan=True)
    assert "p_" in info._repr_html_() and len(info._first(2).classes) == 2
    with pytest.raises(AttributeError, match="classes were not asked for"):
        _ = model.many(long_curves, return_info=True)[1].classes


def test_classes_are_columns(model, long_curves):
    names, probabilities = model.classify_many(long_curves)
    cells = [dict(zip(("time", "flux", "flux_err"), map(list, curve))) for curve in long_curves]
    table = pa.table({"ra": range(7), "lc": cells})
    frame = pd.DataFrame({"ra": range(7), "lc": pd.arrays.ArrowExtensionArray(table["lc"])}, index=range(10, 17))
    found = model.embed_frame(frame, "lc", keep=["ra"], classes=True)
    assert found.columns[5] == "astrom3_class" and list(found.index) == list(frame.index)
    assert found["astrom3_class"].tolist() == [name or pd.NA for name in names]
    last = f"astrom3_p_{model.class_names[-1]}"
    assert found[last].isna().tolist() == np.isnan(probabilities[:, 0]).tolist()
    assert np.array_equal(found[last].to_numpy(np.float32, na_value=np.nan), probabilities[:, -1], equal_nan=True)
    assert model.meta(frame, "lc", keep=["ra"], classes=True).dtypes.equals(found.dtypes)
    mapped = model.map_table(keep=["ra"], nested="lc", classes=True)(table)
    assert mapped["astrom3_class"].to_pylist() == [str(name) or None for name in names]
    schema = model.spark_schema(keep={"ra": "bigint"}, classes=True)
    assert [one.split("` ")[0].strip(" `") for one in schema.split(", ")] == mapped.column_names
    assert "`astrom3_class` string" in schema and f"`{last}` float" in schema


def test_a_checkpoint_without_a_head_has_no_classes(checkpoint, tmp_path, long_curves):
    headless = pathlib.Path(checkpoint, "model_nohead.safetensors")
    if not headless.exists():
        pytest.skip("there is no checkpoint without a head")
    model = astrom3.AstroM3(headless)
    with pytest.raises(ValueError, match="head"):
        model.many(long_curves, classes=True, return_info=True)
    with pytest.raises(ValueError, match="^classes: this checkpoint has no head"):
        model.map_arrow(classes=True)
