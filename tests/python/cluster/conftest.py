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
GOLDEN = ROOT / "tests" / "golden" / "multimodal"
OF_OBJECTS = {
    "nested": "lightcurve", "spectra": "spectrum", "metadata": True, "mag": True, "band": "g", "keep": ["objectid"],
}  # fmt: skip


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


def with_spectra_and_metadata(frame):
    """The first stars with a nested spectrum and columns of metadata; every fifth has a spectrum that is too short."""
    stars = frame.iloc[:60].copy()
    rows = pd.read_csv(GOLDEN / "preprocess_metadata" / "catalogue.csv").drop(columns="asassn_name").iloc[:7]
    for name in rows:
        stars[name] = rows[name].to_numpy()[np.arange(len(stars)) % len(rows)]
    wavelength = np.arange(3800.0, 9050.0, 5)
    pixels = [
        {
            "wavelength": wavelength[: 200 if i % 5 == 4 else None],
            "flux": (100 + np.sin(wavelength / (50 + i)))[: 200 if i % 5 == 4 else None],
        }
        for i in range(len(stars))
    ]
    struct = pa.array(pixels, pa.struct([(name, pa.list_(pa.float64())) for name in ("wavelength", "flux")]))
    stars["spectrum"] = NestedExtensionArray(struct)
    return stars


@pytest.fixture(scope="session")
def clip():
    return astrom3.AstroM3(
        GOLDEN / "tiny_clip", period_min=0.5, metadata_scaling=GOLDEN / "preprocess_metadata" / "info.json"
    )


@pytest.fixture(scope="session")
def objects():
    """Stars of several modalities as an Arrow table: lists of structs beside columns of metadata."""
    stars = with_spectra_and_metadata(make_frame(60))
    nested = {name: stars[name].array.to_pyarrow_scalar(list_struct=True).values for name in ("lightcurve", "spectrum")}
    return pa.table({name: nested.get(name, stars[name].to_numpy()) for name in stars.columns})


@pytest.fixture(scope="session")
def expected_objects(clip):
    """The same in one process, as a frame by objectid."""
    stars = with_spectra_and_metadata(make_frame(60))
    return clip.embed_frame(stars, **OF_OBJECTS).set_index("objectid")


def check_objects(rows, expected_objects):
    """Every object once, with the bits of one process, and null where there is nothing."""
    assert sorted(row["objectid"] for row in rows) == sorted(expected_objects.index)
    assert expected_objects["astrom3_spectra"].isna().sum() == 12
    for row in rows:
        wanted = expected_objects.loc[row["objectid"]]
        for name in ("photo", "spectra", "metadata", "fused"):
            found, want = row[f"astrom3_{name}"], wanted[f"astrom3_{name}"]
            assert (found is None) == (want is pd.NA), (name, row["objectid"])
            assert found is None or np.asarray(found, np.float32).tobytes() == np.asarray(want, np.float32).tobytes()
        assert (row["astrom3_status"], row["astrom3_flags"]) == (wanted["astrom3_status"], wanted["astrom3_flags"])


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
