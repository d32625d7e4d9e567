# SPDX-License-Identifier: MIT
"""Ray Data, a real one on this machine: what `map_batches(model.map_table(...))` promises."""

import os
import signal

import numpy as np
import pyarrow as pa
import pytest
from conftest import OF_OBJECTS, check_objects, make_frame

ray = pytest.importorskip("ray", reason="Ray is not installed; `make cluster` does")
data = pytest.importorskip("ray.data")

N_STARS = 1000
HOW = {"mag": True, "band": "g", "where": {"catflags": 0}}


@pytest.fixture(scope="module")
def dataset():
    os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=200 << 20)
    data.DataContext.get_current().enable_progress_bars = False
    stars = make_frame(N_STARS, seed=5)
    columns = stars["lightcurve"].nest.to_lists()
    lists = {name: pa.array(columns[name]) for name in ("hmjd", "mag", "magerr", "catflags")}
    table = pa.table({"objectid": stars["objectid"].to_numpy(), **lists})
    yield data.from_arrow([table.slice(first, 250) for first in range(0, N_STARS, 250)])
    ray.shutdown()


@pytest.fixture(scope="module")
def expected(model):
    stars = make_frame(N_STARS, seed=5)
    return dict(zip(stars["objectid"].tolist(), model.many(stars["lightcurve"], **HOW), strict=True))


def check(dataset, expected):
    """Every object once, with the bits of one process; null where that has NaN."""
    rows = pa.concat_tables(ray.get(dataset.to_arrow_refs())).to_pylist()
    assert sorted(row["objectid"] for row in rows) == sorted(expected)
    for row in rows:
        want = expected[row["objectid"]]
        if np.isnan(want).any():
            assert row["astrom3"] is None and row["astrom3_status"] != 0
        else:
            assert np.asarray(row["astrom3"], np.float32).tobytes() == want.tobytes()


@pytest.mark.parametrize("batch_size", [64, 250])
def test_batches_of_any_size_have_the_bits_of_one_process(model, dataset, expected, batch_size):
    function = model.map_table(keep=["objectid"], **HOW)
    out = dataset.map_batches(function, batch_format="pyarrow", batch_size=batch_size)
    check(out, expected)


@pytest.mark.parametrize("batch_size", [7, 60])
def test_objects_of_several_modalities_have_the_bits_of_one_process(
    clip, dataset, objects, expected_objects, batch_size
):
    stars = data.from_arrow([objects.slice(0, 25), objects.slice(25)])
    out = stars.map_batches(clip.map_table(**OF_OBJECTS), batch_format="pyarrow", batch_size=batch_size)
    check_objects(pa.concat_tables(ray.get(out.to_arrow_refs())).to_pylist(), expected_objects)


def test_an_error_inside_a_task_says_what_was_wrong(model, dataset):
    function = model.map_table(keep=["dec"], **HOW)
    with pytest.raises(ray.exceptions.RayTaskError, match="keep: there is no column 'dec' among objectid"):
        dataset.map_batches(function, batch_format="pyarrow").materialize()


def test_a_killed_worker_costs_nothing_but_time(model, dataset, expected, tmp_path):
    embed, mark = model.map_table(keep=["objectid"], **HOW), str(tmp_path / "killed")

    def kills_itself_once(table):
        out = embed(table)
        try:
            os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return out
        os.kill(os.getpid(), signal.SIGKILL)

    check(dataset.map_batches(kills_itself_once, batch_format="pyarrow", batch_size=100), expected)
    assert os.path.exists(mark)
