# SPDX-License-Identifier: MIT
"""A unit, a mask or a date is converted or refused by name, never dropped."""

import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from astrom3 import AstroM3Error, EmbeddingModel, features, find_period, periodogram, preprocess

u = pytest.importorskip("astropy.units", reason="astropy is not installed")
from astropy.table import Column, MaskedColumn  # noqa: E402
from astropy.time import Time, TimeDelta  # noqa: E402
from astropy.utils.masked import Masked  # noqa: E402

N = 120
RNG = np.random.default_rng(5)
T = np.sort(RNG.uniform(0, 20, N))
F = 50 + 5 * np.sin(2 * np.pi * T / 0.61) + 0.2 * RNG.normal(size=N)
E = np.full(N, 0.2)
M = 15 - 2.5 * np.log10(F / 50)
ME = np.full(N, 0.01)
STAMPS = pd.to_datetime(T, unit="D", origin="2020-01-01")
RATE = u.electron / u.s


class WithUnits(np.ndarray):
    """An array of another package of units."""

    units = "hour"


class Wrapped:
    """One that is no array."""

    units = "mJy"

    def __array__(self, dtype=None, copy=None):
        return F


def tensors(*arrays, **arguments):
    return preprocess(*arrays, **{"period": 0.61, **arguments})[0]


def check_same(arrays, expected, **arguments):
    assert np.allclose(tensors(*arrays, **arguments), tensors(*expected, **arguments), rtol=0, atol=3e-4)


TIMES = {
    "hours": T * 24 * u.h,
    "minutes": T * 1440 * u.min,
    "years": T / 365.25 * u.yr,
    "a column in hours": Column(T * 24, unit="h"),
    "a masked column in seconds": MaskedColumn(T * 86400, unit="s", mask=T < 0),
    "Time": Time(T + 58000, format="mjd"),
    "Time of another format and scale": Time(T + 2458000, format="jd", scale="tdb"),
    "TimeDelta": TimeDelta(T, format="jd"),
    "a list of Time": [Time(t + 58000, format="mjd") for t in T],
    "a list of hours and days": [t * 24 * u.h if i % 2 else t * u.d for i, t in enumerate(T)],
    "objects in hours": np.array([*(t * 24 * u.h for t in T), None], dtype=object)[:-1],
    "datetime64": STAMPS.to_numpy(),
    "datetime64 of other steps": STAMPS.to_numpy().astype("M8[us]"),
    "timedelta64": (T * 86400e6).astype(np.int64).astype("m8[us]"),
    "a list of datetime64": list(STAMPS.to_numpy()),
    "a DatetimeIndex": STAMPS,
    "a time zone": pd.Series(STAMPS).dt.tz_localize("Europe/Paris"),
    "Arrow's timestamps": pd.Series(STAMPS).astype("timestamp[ns, tz=UTC][pyarrow]"),
    "a NumPy mask around hours": np.ma.array(T * 24 * u.h),
    "Arrow's array": pa.array(STAMPS),
    "Arrow's chunks": pa.chunked_array([pa.array(STAMPS)]),
    "a Series of durations": pd.Series(pd.to_timedelta(T, unit="D")),
}


@pytest.mark.parametrize("kind", TIMES)
def test_times_of_every_kind_are_days(kind):
    check_same((TIMES[kind], F, E), (T, F, E))
    assert features(TIMES[kind], F, E)["period"] == pytest.approx(features(T, F, E)["period"], rel=1e-6)
    assert float(find_period(TIMES[kind], M, ME)) == pytest.approx(float(find_period(T, M, ME)), rel=1e-6)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (T * u.km, "km"),
        (T * u.one, "no dimension"),
        (T * u.mJy, "mJy"),
        (Column(T, unit="mag"), "mag"),
        ([t * u.h if i % 2 else t for i, t in enumerate(T)], "all have a unit"),
        ([datetime.datetime(2020, 1, 1)] * N, "pandas.to_datetime"),
        (pd.Series([datetime.datetime(2020, 1, 1)] * N, dtype=object), "pandas.to_datetime"),
        (pd.Series(STAMPS).dt.to_period("s"), "expected numbers"),
        ((T * 24).view(WithUnits), "hour"),
    ],
)
def test_what_is_no_time_is_refused(value, message):
    with pytest.raises(TypeError, match=f"^time: .*{message}"):
        features(value, F, E)
    with pytest.raises(TypeError, match=f"^time: .*{message}"):
        find_period(value, M, ME)


@pytest.mark.parametrize(
    ("flux", "error"),
    [
        (F / 1000 * u.Jy, E * u.mJy),
        (F * u.mJy, E),
        (F, E * 1000 * u.uJy),
        (Column(F * 1000, unit="uJy"), MaskedColumn(E, unit="mJy")),
        (F * 1e-26 * u.Unit("erg s-1 cm-2 Hz-1"), E * 1e6 * u.nJy),
        (Masked(F * u.mJy, mask=F < 0), Masked(E * 1000 * u.uJy, mask=F < 0)),
    ],
)
def test_an_error_goes_by_its_own_unit(flux, error):
    check_same((T, flux, error), (T, F, E))


NO_FLUX = {
    "counts": (F * u.ct, E, "flux: ct .*flux_unit"),
    "electrons": (F * RATE, E * RATE, "flux: electron / s .*flux_unit"),
    "a relative flux": (F * u.one, E * u.one, "flux: .*flux_unit"),
    "a unit nobody knows": (Column(F, unit=u.Unit("furlong3", parse_strict="silent")), E, "flux: furlong3 .*flux_unit"),
    "magnitudes": (F * u.mag, E, "flux: mag "),
    "AB magnitudes": (M * u.ABmag, E, r"flux: mag\(AB\)"),
    "per wavelength": (F * u.Unit("erg s-1 cm-2 AA-1"), E, "flux: .*flux density"),
    "times": (F * u.d, E, "flux: d "),
    "dates": (STAMPS.to_numpy(), E, "flux: "),
    "an error in magnitudes": (F * u.mJy, E * u.mag, "flux_err: .*mag"),
    "an error in counts": (F, E * u.adu, "flux_err: .*adu"),
    "an error without the flux's unit": (F / 1000 * u.Jy, E, "flux_err: .*Jy"),
    "another package": (Wrapped(), E, "flux: .*mJy"),
}


@pytest.mark.parametrize("kind", NO_FLUX)
def test_what_is_no_flux_density_is_refused(model, kind):
    flux, error, message = NO_FLUX[kind]
    for call in (features, preprocess, model):
        with pytest.raises(TypeError, match="^" + message):
            call(T, flux, error)
    with pytest.raises(TypeError, match=r"^light_curves\[1\]: " + message):
        model.many([(T, F, E), (T, flux, error)])


@pytest.mark.parametrize(
    ("flux", "error"),
    [(F * RATE, E * RATE), (F * RATE, E * 60 * u.electron / u.min), (F * u.one, E * 100 * u.percent), (F * u.ct, E)],
)
def test_counts_are_what_flux_unit_says(flux, error):
    check_same((T, flux, error), (T, F, E), flux_unit="uJy")


def test_a_flux_unit_must_not_contradict_the_unit():
    for unit in ("nJy", "mJy", "AB27.5"):
        with pytest.raises(ValueError, match=f"^flux_unit: {unit} contradicts flux"):
            features(T, F / 1000 * u.Jy, E * u.mJy, flux_unit=unit)
    check_same((T, F / 1000 * u.Jy, E * u.mJy), (T, F / 1000, E / 1000), flux_unit="Jy")


@pytest.mark.parametrize(
    ("mag", "error"),
    [(M * u.mag, ME * u.mag), (M * 1000 * u.mmag, ME * u.mag), (M, ME * 1000 * u.mmag), (M * u.mag, ME)],
)
def test_magnitudes_of_every_kind_are_mag(mag, error):
    check_same((T, mag, error), (T, M, ME), mag=True, band="V")
    assert float(find_period(T, mag, error)) == pytest.approx(float(find_period(T, M, ME)), rel=1e-9)


def test_ab_magnitudes_have_the_zero_point_of_ab():
    expected = tensors(T, M, ME, mag=True, zero_point=3631)
    assert np.array_equal(tensors(T, M * u.ABmag, ME * u.mag, mag=True), expected)
    assert np.array_equal(tensors(T, M * u.mag(u.AB), ME * u.mag, mag=True, band="V"), expected)
    with pytest.raises(ValueError, match="^zero_point: 3836.3 Jy contradicts mag"):
        features(T, M * u.ABmag, ME * u.mag, mag=True, zero_point=3836.3)
    for unit in (u.STmag, u.mag(u.ct / u.s)):
        with pytest.raises(TypeError, match="^mag: .*zero_point"):
            features(T, M * unit, ME * u.mag, mag=True, band="V")
        check_same((T, M * unit, ME * u.mag), (T, M, ME), mag=True, zero_point=3000)
        assert float(find_period(T, M * unit, ME)) == float(find_period(T, M, ME))


@pytest.mark.parametrize(
    ("mag", "error", "message"),
    [
        (M * u.Jy, ME, "mag: Jy"),
        (M * u.dex, ME, "mag: dex"),
        (M * u.mag, ME * u.mJy, "mag_err: mJy"),
        (M * 1000 * u.mmag, ME, "mag_err: "),
        (M * u.one, ME, "mag: no dimension"),
    ],
)
def test_what_is_no_magnitude_is_refused(mag, error, message):
    with pytest.raises(TypeError, match="^" + message):
        features(T, mag, error, mag=True, band="V")
    with pytest.raises(TypeError, match="^" + message):
        find_period(T, mag, error)


def masked_of_every_kind(values, mask):
    return (
        np.ma.array(values, mask=mask),
        MaskedColumn(values, mask=mask),
        MaskedColumn(values, mask=mask, unit="mJy"),
        Masked(values, mask=mask),
        Masked(values * u.mJy, mask=mask),
    )


def test_what_is_masked_is_missing():
    mask = np.arange(N) % 9 == 0
    bad = np.where(mask, 500.0, F)
    expected = tensors(T[~mask], F[~mask], E[~mask])
    for flux in masked_of_every_kind(bad, mask):
        with pytest.raises(AstroM3Error) as caught:
            features(T, flux, E)
        assert caught.value.code == "missing_value"
        assert np.array_equal(tensors(T, flux, E, nonfinite="drop"), expected)
    times = Time(T + 58000, format="mjd")
    times[3] = np.ma.masked
    for time in (times, np.where(np.arange(N) == 3, np.datetime64("NaT"), STAMPS.to_numpy())):
        with pytest.raises(AstroM3Error) as caught:
            features(time, F, E)
        assert caught.value.code == "missing_value"


def test_numbers_that_mean_not_measured_are_those_before_the_conversion():
    flux = np.where(np.arange(N) == 7, -99, F / 1000)
    keep = np.arange(N) != 7
    found = tensors(T, flux * u.Jy, E * u.mJy, null_value=-99)
    assert np.allclose(found, tensors(T[keep], F[keep], E[keep]), rtol=0, atol=3e-4)


def test_given_features_have_units(model):
    expected = model(T, F, E, period=0.61)
    for period in (0.61 * u.d, 0.61 * 24 * u.h, TimeDelta(0.61, format="jd"), np.timedelta64(52704, "s")):
        assert np.array_equal(model(T, F, E, period=period), expected)
        assert np.array_equal(tensors(T, F, E, period=period), tensors(T, F, E, period=0.61))
    assert np.array_equal(model(T, F, E, amplitude=300 * u.mmag), model(T, F, E, amplitude=0.3))
    for name, value in {"period": 1 * u.km, "amplitude": 1 * u.mJy, "rfr_score": 1 * u.d}.items():
        with pytest.raises(TypeError, match=f"^{name}: "):
            model(T, F, E, **{name: value})
    curves = [(T, F, E)] * 2
    both = model.many(curves, features={"period": [0.61, 0.7]})
    for period in ([0.61, 0.7] * u.d, Column([14.64, 16.8], unit="h"), [0.61 * u.d, 16.8 * u.h]):
        assert np.array_equal(model.many(curves, features={"period": period}), both)
    with pytest.raises(TypeError, match="^period: .*mJy"):
        model.many(curves, features={"period": [1, 2] * u.mJy})
    masked = Masked([0.61, 0.7] * u.d, mask=[False, True])
    assert list(model.many(curves, features={"period": masked}, return_info=True)[1].status) == ["ok", "bad_aux"]


def test_options_have_units():
    expected = float(find_period(T, M, ME, period_min=0.1))
    for limit in (2.4 * u.h, TimeDelta(0.1, format="jd"), 0.1 * u.d):
        assert float(find_period(T, M, ME, period_min=limit)) == expected
    with pytest.raises(TypeError, match="^period_min: .*km"):
        find_period(T, M, ME, period_min=1 * u.km)


def test_a_periodogram_needs_one_unit_of_values_and_errors():
    grid = {"minimum": 0.01, "step": 0.001, "count": 3000}
    expected = periodogram(T, F, E, **grid)[1]
    for arrays in ((T * 24 * u.h, F * u.ct, E * u.ct), (T, F * u.Jy, E * 1000 * u.mJy), (T, F, E)):
        assert np.allclose(periodogram(*arrays, **grid)[1], expected, atol=1e-9)
    units = {"minimum": 0.01 / u.d, "step": 0.001 / 24 / u.h, "count": 3000}
    assert np.allclose(periodogram(T, F, E, **units)[1], expected, atol=1e-9)
    for flux, error, name in ((F * u.Jy, E, "y_err"), (F, E * u.Jy, "y"), (F * u.Jy, E * u.mag, "y_err")):
        with pytest.raises(TypeError, match=f"^{name}: "):
            periodogram(T, flux, error, **grid)


def test_bands_that_are_missing_are_refused():
    for band in (np.ma.array(["a"] * N, mask=T < 5), ["a", None] * (N // 2), pd.Series(["a", pd.NA] * (N // 2))):
        with pytest.raises(ValueError, match="^band: no band at"):
            find_period(T, M, ME, band=band)


def test_bands_are_chosen_with_their_units(model):
    band = np.array(["a", "b"])[np.arange(N) % 2]
    expected = EmbeddingModel(model, bands=["a", "b"], zero_point=3631)(T, M, ME, band)
    embedder = EmbeddingModel(model, bands=["a", "b"])
    assert np.allclose(embedder(T * 24 * u.h, M * u.ABmag, ME * u.mag, band), expected, rtol=0, atol=1e-3)
    assert np.allclose(embedder(Time(T, format="mjd"), M * u.ABmag, ME * u.mag, band), expected, rtol=0, atol=1e-3)
    with pytest.raises(TypeError, match="^time: "):
        embedder((T * 24).view(WithUnits), M * u.ABmag, ME * u.mag, band)
