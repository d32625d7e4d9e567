# SPDX-License-Identifier: MIT
"""Writes tests/golden/period_statistics.csv: what astropy gives for LombScargle, LombScargleMultiband and
BoxLeastSquares, for the tests to compare with.

    .venv/bin/python tools/make_period_statistics.py
"""

import pathlib

import numpy as np
from astropy.timeseries import BoxLeastSquares, LombScargle, LombScargleMultiband

PLACE = pathlib.Path(__file__).parents[1] / "tests/golden/period_statistics.csv"


def star():
    """90 observations in three bands, with dips of 0.15 every 3.7 d beside a wave of 0.61 d."""
    rng = np.random.default_rng(24)
    t = np.sort(2457000 + np.floor(rng.uniform(0, 200, 90)) + 0.4 * rng.uniform(0, 1, 90))
    band = rng.integers(0, 3, 90)
    angle = 2 * np.pi * t / 0.61
    y = 15 + 0.3 * band + (0.2 + 0.1 * band) * np.sin(angle + 0.2 * band) + 0.1 * np.cos(2 * angle)
    y -= 0.15 * ((t % 3.7) < 0.25)
    dy = rng.uniform(0.02, 0.06, 90)
    # Few digits, so that the file holds the numbers themselves.
    return np.round(t, 5), np.round(y + dy * rng.normal(size=90), 4), np.round(dy, 4), band


def lines():
    t, y, dy, band = star()
    for row in zip(t, y, dy, band, strict=True):
        yield "star,{:.5f},{:.4f},{:.4f},{}".format(*row)
    t = t - 2457000  # exact; astropy's phases would lose seven digits
    f = np.round(np.concatenate([np.geomspace(0.02, 0.9, 14), np.linspace(0.95, 6.3, 26)]), 4)
    for terms in (1, 2, 4):
        for normalization in ("standard", "model", "log", "psd"):
            power = LombScargle(t, y, dy, nterms=terms, normalization=normalization).power(f, method="chi2")
            yield from (f"gls,{terms},{normalization},{a},{p:.14g}" for a, p in zip(f, power, strict=True))
    power = LombScargle(t, y, nterms=2, normalization="psd").power(f, method="chi2")
    yield from (f"gls_no_errors,2,psd,{a},{p:.14g}" for a, p in zip(f, power, strict=True))
    for base, terms in ((1, 1), (2, 1), (1, 0), (1, 2)):
        model = LombScargleMultiband(t, y, band, dy, nterms_base=base, nterms_band=terms)
        power = model.power(f, method="flexible")
        yield from (f"multiband,{base},{terms},{a},{p:.14g}" for a, p in zip(f, power, strict=True))
    # One length: several are not comparable near the end of the turn, where astropy's bins are not a circle.
    for objective in ("likelihood", "snr"):
        for duration in (0.12, 0.3):
            bls = BoxLeastSquares(t, y, dy)
            periods = 1 / f[f < 1 / 0.35]
            r = bls.power(periods, duration, oversample=10, objective=objective)
            rows = zip(f, r.power, r.depth, r.depth_err, (r.transit_time - t.min()) % periods, strict=False)
            line = "bls,{},{},{},{:.14g},{:.14g},{:.14g},{:.14g}"
            yield from (line.format(objective, duration, *row) for row in rows)


PLACE.write_text("\n".join(lines()) + "\n")
