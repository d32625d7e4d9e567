# SPDX-License-Identifier: MIT
"""The period statistics from Python: arrays, units, options and errors."""

import astrom3
import numpy as np
import pytest


@pytest.fixture
def star():
    rng = np.random.default_rng(5)
    time = np.sort(2457000 + rng.uniform(0, 90, 250))
    return time, 15 + 0.3 * np.sin(2 * np.pi * time / 0.7) + rng.normal(0, 0.02, 250), np.full(250, 0.02)


METHODS = ("gls", "aov", "bls", "pdm", "ce", "string_length", "window")


@pytest.mark.parametrize("method", METHODS)
def test_each_method_finds_the_wave_at_frequencies_of_ones_own(star, method):
    frequency = np.geomspace(0.3, 2.2, 4001)  # no grid
    given, value = astrom3.periodogram(*star, frequencies=frequency, method=method)
    assert np.array_equal(given, frequency) and value.shape == frequency.shape and np.isfinite(value).all()
    best = value.argmin() if method in ("pdm", "ce", "string_length") else value.argmax()
    if method != "window":
        cycles = 1 / 0.7 / frequency[best]
        assert cycles == pytest.approx(round(cycles), abs=0.02)


@pytest.mark.parametrize("method", METHODS)
def test_a_grid_and_its_frequencies_are_the_same(star, method):
    frequency, value = astrom3.periodogram(*star, minimum=0.3, step=0.002, count=1500, method=method)
    assert np.array_equal(astrom3.periodogram(*star, frequencies=frequency, method=method)[1], value)
    assert np.array_equal(astrom3.periodogram(*star, frequencies=frequency, method=method, threads=3)[1], value)


def test_normalizations_follow_from_the_standard_one(star):
    frequency = np.linspace(0.3, 3, 300)
    power = {
        name: astrom3.periodogram(*star, frequencies=frequency, terms=2, normalization=name)[1]
        for name in ("standard", "model", "log", "psd")
    }
    p = power["standard"]
    _, y, error = star
    assert power["model"] == pytest.approx(p / (1 - p), rel=1e-12)
    assert power["log"] == pytest.approx(-np.log1p(-p), rel=1e-12)
    assert power["psd"] == pytest.approx(p * np.sum((y - y.mean()) ** 2 / error**2) / 2, rel=1e-9)


def test_boxes_are_described(star):
    time, y, error = star
    y = 15 + 0.01 * np.sin(np.arange(250)) + 0.4 * (time % 3.7 < 0.3)
    box = astrom3.find_box(time, y, error, period=3.7, mag=True, durations=[0.2, 0.3])
    assert box.depth == pytest.approx(0.4, abs=0.02) and box.duration in (0.2, pytest.approx(0.3))
    assert (box.mid_time - 0.15 + 1) % 3.7 == pytest.approx(1, abs=0.1)
    power = astrom3.periodogram(time, y, error, frequencies=[1 / 3.7], method="bls", mag=True, durations=[0.2, 0.3])[1]
    assert power[0] == pytest.approx(box.score, rel=1e-12)
    assert astrom3.find_box(time, -y, error, period=3.7, durations=[0.2, 0.3]).depth == pytest.approx(box.depth)


def test_bands_are_of_any_type(star):
    time, y, error = star
    band = np.where(np.arange(250) % 3, "g", "r")
    y = y + 2 * (band == "r")
    frequency = np.linspace(1.2, 1.7, 501)
    for options in ({}, {"base_terms": 1}, {"base_terms": 1, "terms": 0}):
        power = astrom3.periodogram(time, y, error, frequencies=frequency, band=band, **options)[1]
        assert frequency[power.argmax()] == pytest.approx(1 / 0.7, abs=0.002) and power.max() > 0.9


def test_the_limit_of_the_times_is_told():
    assert astrom3.nyquist(np.arange(100) * 0.5) == (pytest.approx(1.0), True)
    rng = np.random.default_rng(1)
    time = rng.uniform(0, 100, 60)
    assert astrom3.nyquist(time) == (pytest.approx(30 / np.ptp(time)), False)


@pytest.mark.parametrize(
    ("options", "code", "named"),
    [
        ({"frequencies": [1, 1]}, "usage", "frequencies"),
        ({"frequencies": [1, np.nan]}, "usage", "frequencies"),
        ({"frequencies": []}, "usage", "frequencies"),
        ({"frequencies": [1], "method": "pdm", "terms": 3}, "usage", "terms"),
        ({"frequencies": [1], "method": "fourier"}, "usage", "method"),
        ({"frequencies": [1], "terms": 200}, "usage", "terms"),
        ({"frequencies": [1], "method": "bls", "durations": 3}, "usage", "durations"),
        ({"minimum": 0.1, "step": 0.1, "count": 10**12}, "grid_too_fine", "count"),
    ],
)
def test_errors_name_the_option(star, options, code, named):
    with pytest.raises(astrom3.AstroM3Error, match=named) as caught:
        astrom3.periodogram(*star, **options)
    assert caught.value.code == code


def test_times_in_float32_are_refused(star):
    time, y, error = star
    with pytest.raises(astrom3.AstroM3Error, match="float32"):
        astrom3.periodogram(time.astype(np.float32), y, error, frequencies=[1.0, 1.5])


def test_a_grid_or_frequencies_are_asked_for(star):
    with pytest.raises(ValueError, match="frequencies"):
        astrom3.periodogram(*star)
    with pytest.raises(ValueError, match="frequencies"):
        astrom3.periodogram(*star, frequencies=[1], minimum=1)
