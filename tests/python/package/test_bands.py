# SPDX-License-Identifier: MIT
"""Several bands of many light curves: an embedding for each, or one that is joined from them; rows and columns."""

import astrom3
import nested_pandas as npd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

BANDS_OF = {"both": "gr", "red": "r", "green": "g", "none": "i", "short": "gr", "all": "gri"}
HOW = {"mag": True, "zero_point": 3631.0}


@pytest.fixture(scope="module")
def long():
    """Six objects of different bands; one has a single observation in r, one more in g than the encoder sees."""
    rng = np.random.default_rng(11)
    parts = []
    for name, bands in BANDS_OF.items():
        for band in bands:
            n = {("short", "r"): 1, ("all", "g"): 60}.get((name, band), 30)
            time = np.sort(rng.uniform(0, 60, n))
            mag = 15 + 0.3 * np.sin(2 * np.pi * time / 1.3) + 0.05 * rng.normal(size=n)
            parts.append(pd.DataFrame({"oid": name, "mjd": time, "mag": mag, "magerr": 0.05, "filter": band}))
    shuffled = pd.concat(parts).groupby("oid", sort=False).apply(lambda rows: rows.sample(frac=1, random_state=1))
    return shuffled.reset_index(drop=True)[["oid", "mjd", "mag", "magerr", "filter"]]


@pytest.fixture(scope="module")
def each(model, long):
    """One band after the other."""
    return {band: model.many(long, id="oid", band=band, return_info=True, **HOW) for band in "gr"}


@pytest.fixture(scope="module")
def forms(long):
    """The same objects in other forms."""
    lists = [rows.drop(columns="oid") for _, rows in long.groupby("oid", sort=False)]
    ids = long["oid"].drop_duplicates().tolist()
    nested = npd.NestedFrame({"oid": ids}).join_nested(
        long.assign(at=long["oid"].map({name: i for i, name in enumerate(ids)})).set_index("at").drop(columns="oid"),
        "lc",
    )
    return {"lists": lists, "nested": nested, "arrow": pa.Table.from_pandas(long, preserve_index=False)}


def test_every_band_has_its_own_embedding(model, long, each):
    values, infos = model.many(long, id="oid", bands=["g", "r"], return_info=True, **HOW)
    assert values.shape == (6, 2, model.width)
    for i, band in enumerate("gr"):
        assert np.array_equal(values[:, i], each[band][0], equal_nan=True)
        assert np.array_equal(infos[band].code, each[band][1].code)
    assert infos["r"].object_id.tolist() == list(BANDS_OF)
    assert infos["r"].status.tolist() == ["ok", "ok", "no_points", "no_points", "too_few_points", "ok"]
    assert np.array_equal(model.many(long, id="oid", bands=("r", "g"), **HOW), values[:, ::-1], equal_nan=True)
    steps = model.many(long, id="oid", bands=["g"], output="sequence", **HOW)
    assert steps.shape == (6, 1, model.n_steps, model.width)


def test_a_mean_is_over_the_bands_that_are_there(model, long, each):
    values, info = model.many(long, id="oid", bands=["g", "r"], join="mean", return_info=True, **HOW)
    g, r = each["g"][0].astype(np.float64), each["r"][0].astype(np.float64)
    expected = np.stack([(g[0] + r[0]) / 2, r[1], g[2], np.full(model.width, np.nan), g[4], (g[5] + r[5]) / 2])
    assert np.array_equal(values, expected.astype(np.float32), equal_nan=True)
    assert info.status.tolist() == ["ok", "ok", "ok", "no_points", "ok", "ok"]
    assert info.n_used.tolist() == (each["g"][1].n_used + each["r"][1].n_used).tolist()
    assert info.flags.tolist() == (each["g"][1].flags | each["r"][1].flags).tolist()
    assert info.flag_names(5).count("cropped") == 1 and "cropped" not in each["r"][1].flag_names(5)
    assert info.object_id.tolist() == list(BANDS_OF) and np.isnan(info.feature_values).all()


def test_a_concatenation_needs_every_band(model, long, each):
    values, info = model.many(long, id="oid", bands=["r", "g"], join="concatenate", return_info=True, **HOW)
    assert values.shape == (6, 2 * model.width)
    for i in (0, 5):
        assert np.array_equal(values[i], np.concatenate([each["r"][0][i], each["g"][0][i]]))
    assert np.isnan(values[[1, 2, 3, 4]]).all()
    assert info.status.tolist() == ["ok", "no_points", "no_points", "no_points", "too_few_points", "ok"]
    with pytest.raises(astrom3.AstroM3Error, match="^light curve 1: no_points in a band") as caught:
        model.many(long, id="oid", bands=["r", "g"], join="concatenate", on_invalid="raise", **HOW)
    assert caught.value.code == "no_points"


def test_any_form_of_light_curves_has_bands(model, long, forms):
    expected = model.many(long, id="oid", bands=["g", "r"], join="mean", **HOW)
    found = {
        "lists": model.many(forms["lists"], bands=["g", "r"], join="mean", **HOW),
        "generator": model.many(iter(forms["lists"]), bands=["g", "r"], join="mean", **HOW),
        "nested": model.many(forms["nested"], nested="lc", bands=["g", "r"], join="mean", **HOW),
        "arrow": model.many(forms["arrow"], id="oid", bands=["g", "r"], join="mean", **HOW),
        "reader": model.many(forms["arrow"].to_reader(7), id="oid", bands=["g", "r"], join="mean", **HOW),
    }
    for name, values in found.items():
        assert np.array_equal(values, expected, equal_nan=True), name
    out = np.empty_like(expected)
    assert model.many(forms["lists"], bands=["g", "r"], join="mean", out=out, **HOW) is out
    assert np.array_equal(out, expected, equal_nan=True)


def test_a_band_that_no_column_says_is_not_taken_for_two(model, long):
    """Naming a band declares it where no column has one: the same numbers would come twice."""
    alone = long.drop(columns="filter")
    assert np.isfinite(model.many(alone, id="oid", band="g", **HOW)).any()
    for how in (HOW, {"mag": True}):
        with pytest.raises(ValueError, match="^bands: no column says the band.*band_field"):
            model.many(alone, id="oid", bands=["g", "r"], **how)
    with pytest.raises(ValueError, match="^bands: no column says the band"):
        model.many([(np.arange(9.0), np.arange(9.0), 0.1)], bands=["g", "r"])
    renamed = long.rename(columns={"filter": "colour"})
    values = model.many(renamed, id="oid", bands=["g", "r"], band_field="colour", **HOW)
    assert np.array_equal(values, model.many(long, id="oid", bands=["g", "r"], **HOW), equal_nan=True)


def test_columns_hold_joined_embeddings(model, forms):
    frame = forms["nested"]
    for join, width in (("mean", model.width), ("concatenate", 2 * model.width)):
        how = {"bands": ["g", "r"], "join": join, **HOW}
        values, info = model.many(frame, nested="lc", return_info=True, **how)
        found = model.embed_frame(frame, "lc", keep=["oid"], **how)
        assert str(found.dtypes["astrom3"]).startswith("fixed_size_list") and f"[{width}]" in str(
            found.dtypes["astrom3"]
        )
        assert np.array_equal(np.stack(found["astrom3"][info.ok.tolist()]), values[info.ok])
        assert found["astrom3"].isna().tolist() == (~info.ok).tolist()
        assert found["astrom3_n_obs"].tolist() == info.n_used.tolist()
        assert model.meta(frame, "lc", keep=["oid"], **how).dtypes.equals(found.dtypes)
        mapped = model.map_table(keep=["oid"], nested="lc", **how)(
            pa.table(frame.to_pandas() if hasattr(frame, "to_pandas") else frame)
        )
        assert mapped["astrom3_status"].to_pylist() == info.code.tolist()


def test_what_cannot_be_is_refused_before_any_work(model, long):
    wrong = [
        ({"bands": "gr"}, TypeError, "^bands: expected a list of bands"),
        ({"bands": []}, TypeError, "^bands: expected a list of bands"),
        ({"bands": ["g", "g"]}, ValueError, "^bands: expected names of different bands"),
        ({"bands": ["g", "split"]}, ValueError, "^bands: expected names of different bands"),
        ({"bands": ["g"], "band": "r"}, TypeError, "^band: and bands do not go together"),
        ({"join": "mean"}, TypeError, "^join: goes with bands"),
        ({"bands": ["g"], "join": "sum"}, ValueError, "^join: expected 'mean' or 'concatenate'"),
        ({"bands": ["g"], "join": "mean", "output": "sequence"}, ValueError, "^join: goes with output='mean'"),
        ({"bands": ["g"], "classes": True}, ValueError, "^classes: goes with one band"),
        (
            {"bands": ["g"], "join": "mean", "reduction": ["end", "random"]},
            ValueError,
            "^join: goes with one reduction",
        ),
    ]
    for how, kind, message in wrong:
        with pytest.raises(kind, match=message):
            model.many(long, id="oid", **HOW, **how)
    for how, message in (
        ({"bands": ["g"]}, "^bands: a column holds one embedding"),
        ({"bands": ["g"], "join": "mean", "classes": True}, "^classes: goes with one band"),
        ({"reduction": ["end", "random"]}, "^reduction: a column holds one embedding"),
        ({"reduction": "end", "classes": True}, "^reduction: goes without classes"),
    ):
        for function in (model.map_arrow, model.map_table):
            with pytest.raises(ValueError, match=message):
                function(**how)
    with pytest.raises(TypeError, match="^bands: the head knows"):
        model.classify_many(long, id="oid", bands=["g"])
