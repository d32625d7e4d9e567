# SPDX-License-Identifier: MIT
"""Four stars with a light curve, a spectrum and a row of metadata each, for the tests of objects."""

import astrom3
import numpy as np
import pandas as pd
from conftest import ROOT, make_light_curve

GOLDEN = ROOT / "tests" / "golden" / "multimodal"
SCALING = GOLDEN / "preprocess_metadata" / "info.json"
SPACES = ("photo", "spectra", "metadata")
ROWS = pd.read_csv(GOLDEN / "preprocess_metadata" / "catalogue.csv").iloc[:7].drop(columns="asassn_name")
GRID = np.arange(3800.0, 9050.0, 1.5)


def make_spectrum(seed, n=None):
    rng = np.random.default_rng(seed)
    flux = 100 + 30 * np.sin(GRID / rng.uniform(60, 200)) + rng.normal(size=len(GRID))
    return astrom3.Spectrum(GRID[:n], flux[:n], np.full(len(flux[:n]), 2.0))


CURVES = [make_light_curve(np.random.default_rng(i), 40 + i) for i in range(4)]
SPECTRA = [make_spectrum(i) for i in range(4)]
RECORDS = [dict(ROWS.iloc[i]) for i in range(4)]
FLAT = (CURVES[0][0], np.full(40, 3.0), CURVES[0][2])


def named(spectrum, object_id, ids=()):
    return astrom3.Spectrum(spectrum.wavelength, spectrum.flux, ivar=spectrum.ivar, object_id=object_id, ids=ids)


def same(first, second, spaces=(*SPACES, "fused")):
    return all(np.array_equal(first.of(name), second.of(name), equal_nan=True) for name in spaces)
