# SPDX-License-Identifier: MIT
"""A HATS catalogue of light curves, made here, and a Dask cluster of two processes."""

import os
import pathlib
import sys

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
if os.environ.get("ASTROM3_LIBRARY"):  # the build tree's; without it the installed package is tested
    sys.path.insert(0, str(ROOT / "python"))
# Workers are processes of their own: they find the package and the functions of these tests by this.
os.environ["PYTHONPATH"] = os.pathsep.join([str(pathlib.Path(__file__).parent), *sys.path])

lsdb = pytest.importorskip("lsdb", reason="LSDB is not installed; `make setup` does")

import astrom3  # noqa: E402
import nested_pandas as npd  # noqa: E402
import pandas as pd  # noqa: E402
import pyarrow as pa  # noqa: E402
from dask.distributed import Client, LocalCluster  # noqa: E402
from nested_pandas.series.ext_array import NestedExtensionArray  # noqa: E402

N_STARS = 600


@pytest.fixture(scope="session")
def model():
    return astrom3.AstroM3(ROOT / "tests" / "golden" / "tiny", period_min=0.5)


def make_frame(n_stars, seed=1):
    """Stars of a quarter of the sky, with nested light curves: some of one observation only, some flagged as bad."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 40, n_stars)
    base = pd.DataFrame(
        {
            "objectid": np.arange(n_stars) + 1000,
            "ra": rng.uniform(0, 90, n_stars),
            "dec": np.degrees(np.arcsin(rng.uniform(-1, 1, n_stars))),
        }
    )
    n = counts.sum()
    columns = {
        "hmjd": rng.uniform(58_000, 58_020, n),
        "mag": rng.normal(15, 0.3, n).astype(np.float32),
        "magerr": np.full(n, 0.02, np.float32),
        "catflags": rng.choice([0, 0, 0, 32768], n).astype(np.int32),
    }
    rows = pa.StructArray.from_arrays([pa.array(column) for column in columns.values()], names=list(columns))
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
    base["lightcurve"] = NestedExtensionArray(pa.ListArray.from_arrays(offsets, rows))
    return npd.NestedFrame(base)


@pytest.fixture(scope="session")
def frame():
    return make_frame(N_STARS)


def _catalogue(frame, folder, rows):
    options = {"ra_column": "ra", "dec_column": "dec", "margin_threshold": None, "highest_order": 4}
    made = lsdb.from_dataframe(frame, partition_rows=rows, **options)
    made.write_catalog(folder, as_collection=False, progress_bar=False, create_thumbnail=False)
    return lsdb.open_catalog(folder)


@pytest.fixture(scope="session")
def catalogue(frame, tmp_path_factory):
    return _catalogue(frame, tmp_path_factory.mktemp("hats") / "stars", 100)


@pytest.fixture(scope="session")
def finer_catalogue(frame, tmp_path_factory):
    return _catalogue(frame, tmp_path_factory.mktemp("hats") / "finer", 25)


@pytest.fixture(scope="session")
def client(tmp_path_factory):
    cluster = LocalCluster(
        n_workers=2,
        threads_per_worker=2,
        processes=True,
        memory_limit="4GiB",
        dashboard_address=None,
        local_directory=str(tmp_path_factory.mktemp("dask")),
    )
    with cluster, Client(cluster) as client:
        yield client
