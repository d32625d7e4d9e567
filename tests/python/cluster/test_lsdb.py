# SPDX-License-Identifier: MIT
"""LSDB on a real Dask cluster: what `map_partitions(model.embed_frame)` promises to whole surveys."""

import os
import pathlib
import pickle
import signal
import subprocess
import sys
import threading
import time

import astrom3
import lsdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import tasks
from conftest import N_STARS, with_spectra_and_metadata
from dask.base import tokenize
from dask.distributed import Future

HOW = {"mag": True, "band": "g", "where": {"catflags": 0}, "keep": ["objectid", "ra", "dec"]}


@pytest.fixture(scope="session")
def expected(model, frame):
    """The embeddings of one process by object."""
    arguments = {key: value for key, value in HOW.items() if key != "keep"}
    embeddings = model.many(frame["lightcurve"], **arguments)
    assert np.isfinite(embeddings).all(axis=1).sum() > N_STARS / 2 and np.isnan(embeddings).any()
    return dict(zip(frame["objectid"], embeddings, strict=True))


def check(result, expected, n=N_STARS):
    """Every object once, with the bits of one process; null where that has NaN."""
    assert sorted(result["objectid"]) == sorted(expected)[:n] if n == N_STARS else len(result) == n
    for objectid, embedding in zip(result["objectid"], result["astrom3"], strict=True):
        if np.isnan(expected[objectid]).any():
            assert embedding is None or embedding is pd.NA
        else:
            assert np.asarray(embedding, np.float32).tobytes() == expected[objectid].tobytes()


def test_bits_do_not_depend_on_the_partitions(client, model, catalogue, finer_catalogue, expected):
    assert catalogue.npartitions < finer_catalogue.npartitions
    for stars in (catalogue, finer_catalogue):
        check(stars.map_partitions(model.embed_frame, nested="lightcurve", **HOW).compute(progress_bar=False), expected)


def test_meta_is_inferred_and_a_single_partition_computed(model, catalogue):
    embedded = catalogue.map_partitions(model.embed_frame, nested="lightcurve", **HOW)
    one = catalogue.map_partitions(model.embed_frame, nested="lightcurve", compute_single_partition=True, **HOW)
    assert embedded.dtypes["astrom3"] == pd.ArrowDtype(pa.list_(pa.float32(), model.width))
    assert one.dtypes.equals(embedded.dtypes) and 0 < len(one.compute(progress_bar=False)) < N_STARS


def test_classes_and_reductions_are_columns_too(client, model, catalogue, frame):
    arguments = {key: value for key, value in HOW.items() if key != "keep"}
    names, _ = model.classify_many(frame["lightcurve"], **arguments)
    embedded = catalogue.map_partitions(model.embed_frame, nested="lightcurve", classes=True, **HOW)
    assert embedded.dtypes["astrom3_class"] == pd.ArrowDtype(pa.string())
    found = embedded.compute(progress_bar=False)
    of_class = dict(zip(frame["objectid"], names, strict=True))
    assert {i: "" if pd.isna(name) else name for i, name in zip(found["objectid"], found["astrom3_class"])} == of_class
    windows = model.many(frame["lightcurve"], reduction="windows", **arguments)
    whole = catalogue.map_partitions(model.embed_frame, nested="lightcurve", reduction="windows", **HOW)
    check(whole.compute(progress_bar=False), dict(zip(frame["objectid"], windows, strict=True)))


def test_partitions_that_are_empty(client, model, catalogue, expected):
    none = catalogue.query("objectid < 0").map_partitions(model.embed_frame, nested="lightcurve", **HOW)
    assert len(none.compute(progress_bar=False)) == 0
    near = catalogue.cone_search(30.0, 10.0, 20 * 3600).query("objectid < 1020")
    found = near.map_partitions(model.embed_frame, nested="lightcurve", **HOW).compute(progress_bar=False)
    check(found, expected, len(near.compute(progress_bar=False)))


def test_a_model_travels_light_and_is_named_the_same_everywhere(client, model):
    text = pickle.dumps(model)
    assert len(text) < 1024
    code = (
        "import pickle, sys; from dask.base import tokenize; m = pickle.load(sys.stdin.buffer); "
        "print(tokenize(m, ensure_deterministic=True), tokenize(m.embed_frame, ensure_deterministic=True))"
    )
    fresh = subprocess.run([sys.executable, "-c", code], input=text, capture_output=True, check=True).stdout.split()
    here = [tokenize(what, ensure_deterministic=True) for what in (model, model.embed_frame)]
    assert [name.decode() for name in fresh] == here
    other = astrom3.AstroM3(model.path, period_min=0.6)
    assert tokenize(other) != tokenize(model)


def test_the_gil_is_released(client, model):
    (worker, *_) = client.scheduler_info()["workers"]
    curves = client.submit(tasks.long_light_curves, model, 0.8, workers=[worker], pure=False)
    run = {"workers": [worker], "pure": False}
    cores = len(os.sched_getaffinity(0))
    for _ in range(4):  # other programs may take a core for a while
        begin, end, gap = client.submit(tasks.embed_while_counting, model, curves, **run).result()
        last_seen = client.scheduler_info()["workers"][worker]["last_seen"]
        pair = [client.submit(tasks.embed_while_counting, model, curves, **run) for _ in range(2)]
        (begin_a, end_a, gap_a), (begin_b, end_b, gap_b) = client.gather(pair)
        assert max(begin_a, begin_b) < min(end_a, end_b), "the two tasks did not run at once"
        both = max(end_a, end_b) - min(begin_a, begin_b)
        heard = client.scheduler_info()["workers"][worker]["last_seen"] > last_seen
        waited = max(gap, gap_a, gap_b)
        # On a machine that has other work for its cores the clock says nothing about two tasks at once.
        has_cores = cores >= 2 and os.getloadavg()[0] < cores + 1
        if heard and waited < 0.5 * (end - begin) and (both < 1.5 * (end - begin) or not has_cores):
            return
    pytest.fail(f"one {end - begin:.2f} s, two {both:.2f} s, Python waited {waited:.2f} s, heartbeat: {heard}")


def test_threads_do_not_pile_up(client, model):
    (worker, *_) = client.scheduler_info()["workers"]
    for n_threads in (1, 3):
        run = {"workers": [worker], "pure": False}
        counts = [client.submit(tasks.threads_before_and_after, model, n_threads, **run).result() for _ in range(4)]
        # Dask may start a thread of its own meanwhile; ours would stay every time. Two more are there for a while: the
        # watcher, and the thread that is spared Ctrl-C.
        assert any(after <= before and most <= before + n_threads + 2 for before, most, after in counts), counts


def test_a_large_partition_costs_its_output_only(client, model):
    growth_kib, arrow, output, n_ok = client.submit(tasks.memory_of_a_large_partition, model, 200_000).result()
    assert n_ok > 100_000
    assert arrow == 0  # read where it lies
    info = 200_000 * 80  # status, flags, features, ...
    assert growth_kib * 1024 < output + info + (32 << 20)


def test_what_is_written_can_be_opened(client, catalogue, tmp_path, frame):
    command = pathlib.Path(os.environ.get("ASTROM3_COMMAND", pathlib.Path(sys.prefix, "bin", "astrom3")))
    subprocess.run([command, "init", "--seed", "1", "-o", tmp_path / "checkpoint"], check=True, capture_output=True)
    model = astrom3.AstroM3(tmp_path / "checkpoint")
    how = {**HOW, "features": tasks.GIVEN}
    near = catalogue.cone_search(30.0, 10.0, 15 * 3600)
    embedded = near.map_partitions(model.embed_frame, nested="lightcurve", **how)
    embedded.write_catalog(
        tmp_path / "embedded", addl_hats_properties=model.identity, as_collection=False, progress_bar=False
    )
    back = lsdb.open_catalog(tmp_path / "embedded")
    assert back.dtypes["astrom3"] == pd.ArrowDtype(pa.list_(pa.float32(), 128))
    found = back.compute(progress_bar=False)
    rows = frame.set_index("objectid").loc[found["objectid"]]
    arguments = {key: value for key, value in how.items() if key != "keep"}
    check(found, dict(zip(found["objectid"], model.many(rows["lightcurve"], **arguments), strict=True)), len(found))
    assert len(found) > 10
    properties = (tmp_path / "embedded" / "hats.properties").read_text(encoding="utf-8")
    assert model.sha256 in properties and "period_min" in properties


def message_of(call):
    """What RuntimeError says, without keeping it."""
    try:
        call()
    except RuntimeError as error:
        return str(error)
    return "no error"


def test_a_run_that_failed_goes_on(client, model, catalogue, expected, tmp_path):
    folder = tmp_path / "marks"
    folder.mkdir()
    embedded = catalogue.map_partitions(tasks.fails_once, model, HOW, str(folder), include_pixel=True)
    write = {"as_collection": False, "progress_bar": False, "resume": True}
    assert "third partition" in message_of(lambda: embedded.write_catalog(tmp_path / "out", **write))
    client.cancel([Future(key, client=client) for key in client.futures], force=True)  # as a new session begins
    time.sleep(1)  # what was running ends
    (folder / "repaired").touch()
    written = {path.name.removesuffix("_done") for path in (tmp_path / "out" / "done").glob("*_done")}
    assert 0 < len(written) < catalogue.npartitions
    for mark in folder.glob("done-*"):
        mark.unlink()
    embedded.write_catalog(tmp_path / "out", **write)
    again = {"_".join(mark.name.split("-")[1:3]) for mark in folder.glob("done-*")}
    every = {f"{pixel.order}_{pixel.pixel}" for pixel in catalogue.get_healpix_pixels()}
    assert again == every - written
    check(lsdb.open_catalog(tmp_path / "out").compute(progress_bar=False), expected)


def test_a_killed_worker_costs_nothing_but_time(client, model, finer_catalogue, expected):
    pids = client.run(os.getpid)

    def kill():
        time.sleep(1.5)
        os.kill(next(iter(pids.values())), signal.SIGKILL)

    embedded = finer_catalogue.map_partitions(tasks.slowly, model, HOW)
    killer = threading.Thread(target=kill)
    killer.start()
    result = embedded.compute(progress_bar=False)
    killer.join()
    check(result, expected)
    assert set(client.run(os.getpid).values()) != set(pids.values()) or len(client.run(os.getpid)) < 2


def test_columns_of_spectra_and_metadata(client, clip, frame, tmp_path):
    model = clip
    stars = with_spectra_and_metadata(frame)
    how = {"spectra": "spectrum", "metadata": True, "mag": True, "band": "g", "keep": ["objectid", "ra", "dec"]}
    expected = model.embed_frame(stars, nested="lightcurve", **how).set_index("objectid")
    made = lsdb.from_dataframe(stars, ra_column="ra", dec_column="dec", partition_rows=20, margin_threshold=None)
    assert made.npartitions > 1
    made.map_partitions(model.embed_frame, nested="lightcurve", **how).write_catalog(
        tmp_path / "embedded", as_collection=False, progress_bar=False
    )
    found = lsdb.open_catalog(tmp_path / "embedded").compute(progress_bar=False).set_index("objectid")
    assert len(found) == len(stars)
    assert found["astrom3_spectra"].isna().sum() == 12 and not found["astrom3_metadata"].isna().any()
    for name in ("photo", "spectra", "metadata", "fused"):
        for objectid, embedding in found[f"astrom3_{name}"].items():
            wanted = expected.loc[objectid, f"astrom3_{name}"]
            is_same = np.array_equal(embedding, wanted) if embedding is not pd.NA else wanted is pd.NA
            assert is_same, (name, objectid)
    assert (found["astrom3_flags"].str.contains("spectra:coverage") == found["astrom3_spectra"].isna()).all()
