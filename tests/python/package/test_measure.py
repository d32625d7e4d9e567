# SPDX-License-Identifier: MIT
"""Features, periods, tensors and neighbours."""

import doctest
import pickle
import re
import warnings

import astrom3
import numpy as np
import pytest
from astrom3 import embedding_model, measure, model, neighbours


def test_features_are_those_of_a_batch(model, curves):
    _, info = model.many(curves, return_info=True)
    for i, curve in enumerate(curves):
        assert astrom3.features(*curve) == {name: values[i] for name, values in info.features.items()}


def test_a_period_is_found(curves):
    rng = np.random.default_rng(1)
    time = np.sort(rng.uniform(0, 300, 200))
    mag = np.sin(2 * np.pi * time / 0.61) + 0.02 * rng.normal(size=200)
    found = astrom3.find_period(time, mag, np.full(200, 0.02))
    # a tenth of the width of a peak, P^2 / span
    assert abs(float(found) - 0.61) < 0.1 * 0.61**2 / 300
    assert found.power > 0.9 and found.false_alarm_probability < 1e-10
    with_bands = astrom3.find_period(time, mag, np.full(200, 0.02), band=np.array(["g", "r"])[np.arange(200) % 2])
    assert abs(with_bands.period - 0.61) < 0.1 * 0.61**2 / 300
    with pytest.raises(astrom3.AstroM3Error) as caught:
        astrom3.find_period([1, 2], [1, 2], [1, 1])
    assert caught.value.code == "too_few_points"
    with pytest.raises(ValueError, match="^mag_err"):
        astrom3.find_period([1, 2, 3], [1, 2, 3], [1, 1])


def sine_star(n, span, period=0.61):
    rng = np.random.default_rng(21)
    time = np.sort(rng.uniform(0, span, n))
    return time, 50 + 5 * np.sin(2 * np.pi * time / period), np.full(n, 0.2)


@pytest.mark.parametrize(
    ("options", "span", "to_blame"),
    [
        ({"period_min": 1e-4}, 3000, "period_min"),
        ({"period_min": 1e-7}, 3000, "period_min"),
        ({"period_min": 1e-4, "period_max": 1e6}, 5000, "period_min"),
        ({"oversampling": 100}, 70000, "oversampling"),
        ({"period_min": 0.02, "oversampling": 90}, 30000, "oversampling"),
    ],
)
def test_a_grid_that_is_too_fine_is_refused_with_values_that_work(options, span, to_blame):
    time, flux, error = sine_star(200, span)
    calls = [
        lambda **how: astrom3.features(time, flux, error, **how),
        lambda **how: astrom3.find_period(time, -2.5 * np.log10(flux), np.full(200, 0.01), **how),
        lambda **how: astrom3.preprocess(time, flux, error, **how),
    ]
    for call in calls:
        with pytest.raises(astrom3.AstroM3Error, match=f"{to_blame}: .*fewer than 1e\\+08") as caught:
            call(**options)
        assert caught.value.code == "grid_too_fine"
    remedies = dict(re.findall(r"(period_min|oversampling)=([-+.e0-9]+)", str(caught.value)))
    assert to_blame in remedies
    found = astrom3.features(time, flux, error, **{**options, to_blame: float(remedies[to_blame])})
    assert abs(found["period"] - 0.61) < 1e-3


def test_only_the_object_whose_grid_is_too_fine_is_refused(checkpoint):
    model = astrom3.AstroM3(checkpoint, period_min=1e-4)
    curves = [sine_star(60, span) for span in (30, 3333, 300)]
    embeddings, info = model.many(curves, return_info=True)
    assert info.status.tolist() == ["ok", "grid_too_fine", "ok"]
    assert np.isnan(embeddings[1]).all() and np.isfinite(embeddings[[0, 2]]).all()
    assert "aperiodic" not in info.flag_names(0) + info.flag_names(2)
    with pytest.raises(astrom3.AstroM3Error, match="period_min=0.00013"):
        model(*curves[1])
    assert np.isfinite(model(*curves[1], period=0.61)).all()


def test_a_span_too_short_for_the_shortest_period_says_so():
    time, flux, error = sine_star(50, 0.05)
    with pytest.raises(astrom3.AstroM3Error, match="period_min: the observations span 0.04") as caught:
        astrom3.find_period(time, flux, error)
    value = re.search(r"period_min=([-+.e0-9]+)", str(caught.value))[1]
    astrom3.find_period(time, flux, error, period_min=float(value))


def test_a_number_that_may_be_wrong_says_so():
    time, flux, error = sine_star(200, 900)
    cases = {
        "aperiodic": (time / 1e5, flux, error),
        "time_precision": ((58000 + time).astype(np.float32), flux, error),
        "mixed_time_systems": (np.where(np.arange(200) < 100, 1500, 58500) + time, flux, error),
        "sentinel_suspected": (time, np.where(np.arange(200) == 7, 99.999, flux / 10), error / 100),
    }
    for flag, curve in cases.items():
        for function in (astrom3.features, astrom3.preprocess):
            with pytest.warns(astrom3.AstroM3Warning, match=flag) as caught:
                function(*curve)
            assert flag in caught[0].message.flags
            assert caught[0].filename == __file__
    again = pickle.loads(pickle.dumps(caught[0].message))
    assert again.flags == caught[0].message.flags and str(again) == str(caught[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        astrom3.features(time, flux, error)
        astrom3.features(58000 + time, flux, error)
        astrom3.preprocess(time, flux, error)


def test_a_periodogram_is_the_sum_it_is_defined_as():
    rng = np.random.default_rng(2)
    time, y = np.sort(rng.uniform(0, 30, 40)), rng.normal(size=40)
    frequency, power = astrom3.periodogram(time, y, minimum=0.1, step=0.37, count=20)
    for f, p in zip(frequency, power, strict=True):
        design = np.column_stack([np.ones(40), np.cos(2 * np.pi * f * time), np.sin(2 * np.pi * f * time)])
        residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
        chi2 = np.sum((y - y.mean()) ** 2)
        assert p == pytest.approx((chi2 - residual @ residual) / chi2, abs=1e-8)  # the NUFFT's 5e-10


def test_tensors_are_those_of_the_recipe(curves):
    time, flux, error = curves[0]
    x_enc, mask = astrom3.preprocess(time, flux, error, n_steps=40, period=2, scaling="none")
    assert x_enc.shape == (40, 9) and mask.tolist() == [1] * 30 + [0] * 10
    mad = np.median(np.abs(flux - np.median(flux)))
    assert np.array_equal(x_enc[:30, 1], ((flux - flux.mean()) / mad).astype(np.float32)) or np.allclose(
        x_enc[:30, 1],
        (flux - flux.mean()) / mad,
        rtol=2**-22,  # the mean's last bit
    )
    assert np.all(x_enc[:30, 4] == 2) and np.all(x_enc[30:] == 0)


def test_neighbours_are_the_nearest_and_in_order():
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(300, 16)).astype(np.float32)
    rows[7] = np.nan
    found, similarity = astrom3.search(rows, rows[:20], k=5)
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosine = np.nan_to_num(unit[:20].astype(float) @ unit.T.astype(float), nan=-2)
    for i in range(20):
        if i == 7:
            assert found[i].tolist() == [-1] * 5 and np.isnan(similarity[i]).all()
            continue
        assert found[i].tolist() == np.argsort(-cosine[i], kind="stable")[:5].tolist()
        assert similarity[i] == pytest.approx(np.sort(cosine[i])[::-1][:5], abs=1e-6)
    one, _ = astrom3.NeighbourIndex(rows).find(rows[3], 2)
    assert one.shape == (2,) and one[0] == 3
    with pytest.raises(ValueError, match="^queries"):
        astrom3.NeighbourIndex(rows).find(rows[:, :3])


@pytest.mark.parametrize("module", [embedding_model, measure, model, neighbours])
def test_examples_of_the_documentation_run(module):
    assert doctest.testmod(module).failed == 0
