# SPDX-License-Identifier: MIT
"""Light curves of the real lightkurve: its classes, times and units give the numbers of plain arrays."""

import numpy as np
import pytest

lk = pytest.importorskip("lightkurve", reason="lightkurve is not installed; `make cluster` does")

from astropy import units as u  # noqa: E402
from astropy.time import Time  # noqa: E402

N = 90
RNG = np.random.default_rng(6)
DAYS = np.sort(RNG.uniform(58_000, 58_060, N))
FLUX = 50 + 5 * np.sin(2 * np.pi * DAYS / 1.3) + 0.2 * RNG.normal(size=N)
ERROR = np.full(N, 0.2)


def light_curve(unit=u.mJy, kind=lk.LightCurve, **columns):
    return kind(time=Time(DAYS, format="mjd"), flux=FLUX * unit, flux_err=ERROR * unit, **columns)


@pytest.fixture(scope="module")
def plain(model):
    return model(DAYS, FLUX, ERROR)


def test_a_light_curve_is_its_times_and_fluxes(model, plain):
    one = light_curve()
    for found in (
        model(one.time, one.flux, one.flux_err),
        model.many(one)[0],
        model.many([one, one])[1],
        model.many(lk.LightCurveCollection([one, one]))[1],
        model.many(iter([one]))[0],
        model.many(one.remove_nans())[0],
        model.many([one[::-1]])[0],
    ):
        assert np.array_equal(found, plain)


def test_units_are_converted_and_never_ignored(model, plain):
    found = model.many([light_curve().to_table().copy()])[0]
    assert np.array_equal(found, plain)
    jansky = lk.LightCurve(time=Time(DAYS, format="mjd"), flux=FLUX / 1e3 * u.Jy, flux_err=ERROR / 1e3 * u.Jy)
    np.testing.assert_allclose(model.many([jansky])[0], plain, atol=1e-4)  # of fluxes that were divided and multiplied
    jd = lk.LightCurve(time=Time(DAYS, format="mjd").copy("jd"), flux=FLUX * u.mJy, flux_err=ERROR * u.mJy)
    assert np.array_equal(model.many([jd])[0], plain)
    for unit in (u.electron / u.s, u.dimensionless_unscaled):
        counts = light_curve(unit, lk.KeplerLightCurve if unit != u.dimensionless_unscaled else lk.LightCurve)
        with pytest.raises(TypeError, match="is not a flux density: convert it to mJy, or say with flux_unit"):
            model.many([counts])
        assert np.array_equal(model.many([counts], flux_unit="mJy")[0], plain)


def test_missing_values_are_missing(model):
    one = light_curve()
    one["flux"][3] = np.nan
    _, info = model.many([one, one.remove_nans()], return_info=True)
    assert info.ok.tolist() == [False, True]
    assert info.n_used[1] == min(N - 1, model.n_steps)


def test_phases_are_not_taken_for_times(model):
    folded = light_curve().fold(period=1.3)
    for given in (folded, [folded], lk.LightCurveCollection([folded])):
        with pytest.raises(TypeError, match="a FoldedLightCurve, whose times are phases"):
            model.many(given)


def test_a_normalised_light_curve_says_what_it_lacks(model):
    with pytest.raises(TypeError, match="no dimension is not a flux density"):
        model.many([light_curve().normalize()])
