# SPDX-License-Identifier: MIT
"""Light curves and a small checkpoint for the tests of the Python package."""

import os
import pathlib
import sys

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
if os.environ.get("ASTROM3_LIBRARY"):  # the build tree's; without it the installed package is tested
    sys.path.insert(0, str(ROOT / "python"))

import astrom3  # noqa: E402


def make_light_curve(rng, n):
    time = np.sort(rng.uniform(0, 200, n))
    flux = 10 + np.sin(2 * np.pi * time / rng.uniform(0.5, 3)) + 0.05 * rng.normal(size=n)
    return time, flux, np.full(n, 0.05)


@pytest.fixture(scope="session")
def checkpoint():
    return ROOT / "tests" / "golden" / "tiny"


@pytest.fixture(scope="session")
def model(checkpoint):
    return astrom3.AstroM3(checkpoint)


@pytest.fixture(scope="session")
def curves():
    rng = np.random.default_rng(3)
    return [make_light_curve(rng, n) for n in (30, 45, 12, 120, 9, 60)]


@pytest.fixture(scope="session")
def expected(model, curves):
    """One at a time."""
    return np.array([model(*curve) for curve in curves])


@pytest.fixture(scope="session")
def flat(curves):
    """One flat table with offsets; its bands are in a column that is not recognised as such."""
    columns = [np.concatenate(parts) for parts in zip(*curves, strict=True)]
    n = len(columns[0])
    return {
        "hjd": columns[0],
        "flux": columns[1],
        "flux_err": columns[2],
        "colour": np.array(["g", "r"])[np.arange(n) % 2],
        "catflags": (np.arange(n) % 3).astype(np.int16),
    }


@pytest.fixture(scope="session")
def offsets(curves):
    return np.concatenate([[0], np.cumsum([len(curve[0]) for curve in curves])])


# ---- checkpoints of several modalities ---------------------------------------------------------------------


@pytest.fixture(scope="session")
def clip():
    from made_objects import GOLDEN, SCALING

    return astrom3.AstroM3(GOLDEN / "tiny_clip", metadata_scaling=SCALING, period_min=0.5)


@pytest.fixture(scope="session")
def fused():
    """With a head."""
    from made_objects import GOLDEN, SCALING

    return astrom3.AstroM3(GOLDEN / "tiny_fused", metadata_scaling=SCALING, period_min=0.5)


@pytest.fixture(scope="session")
def four(clip):
    """Four stars by all their modalities."""
    from made_objects import CURVES, RECORDS, SPECTRA

    return clip.many(CURVES, spectra=SPECTRA, metadata=RECORDS)
