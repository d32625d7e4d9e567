# SPDX-License-Identifier: MIT
"""bench/starembed.py on a small made-up copy of the layout of StarEmbed's data, in both forms that it is kept in."""

import importlib.util
import json
import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from commands import TINY
from conftest import ROOT

pytest.importorskip("sklearn", reason="scikit-learn is not installed; `make cluster` does")

PROGRAM = ROOT / "bench" / "starembed.py"
PERIOD_OF = {"EW": 0.3, "EA": 1.7, "RRab": 0.55, "RRc": 0.35, "RRd": 0.48, "RS CVn": 12.0, "LPV": 90.0}
NUMBER_OF = {"EW": "1", "EA": "2", "RRab": "4", "RRc": "5", "RRd": "6", "RS CVn": "8", "LPV": "13"}


@pytest.fixture(scope="module")
def program():
    found = importlib.util.spec_from_file_location("starembed", PROGRAM)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def light_curve(rng, period, n):
    time = np.sort(rng.uniform(58_200, 58_900, n))
    mag = 16 + 0.4 * np.sin(2 * np.pi * time / period) ** (1 + (period > 1)) + 0.02 * rng.normal(size=n)
    return {"mjd": time.tolist(), "target": mag.tolist(), "past_feat_dynamic_real": [0.02] * n, "length": n}


def rows_of(rng, periods, names, n_each):
    """Objects in the layout of the benchmark: the first of each class lacks r, the second has one observation in g."""
    rows = []
    for name, period in zip(names, periods):
        for i in range(n_each):
            bands = {band: light_curve(rng, period * rng.uniform(0.95, 1.05), rng.integers(25, 60)) for band in "gri"}
            if i == 0:
                bands["r"] = None
            if i == 1:
                bands["g"] = light_curve(rng, period, 1)
            rows.append({"sourceid": len(rows), "class_str": name, "bands_data": bands})
    return rows


@pytest.fixture(scope="module")
def tables():
    rng = np.random.default_rng(4)
    names, periods = list(NUMBER_OF.values()), list(PERIOD_OF.values())
    counts = {"train": 12, "validation": 4, "test": 6}
    found = {split: pa.Table.from_pylist(rows_of(rng, periods, names, n)) for split, n in counts.items()}
    found["anom"] = pa.Table.from_pylist(rows_of(rng, [0.05, 300.0], ["9", "11"], 8))
    return found


@pytest.fixture(scope="module")
def hub_copy(tables, tmp_path_factory):
    """As the hub has it: Parquet, a split in two files."""
    folder = tmp_path_factory.mktemp("hub") / "data"
    folder.mkdir()
    for split, table in tables.items():
        half = len(table) // 2
        for i, part in enumerate((table.slice(0, half), table.slice(half))):
            pq.write_table(part, folder / f"{split}-0000{i}-of-00002.parquet")
    return folder.parent


@pytest.fixture(scope="module")
def saved_copy(tables, tmp_path_factory):
    """As `datasets` saves it: streams of Arrow. Bands are a list, errors have a dimension more, classes have names."""
    folder = tmp_path_factory.mktemp("saved")
    name_of = {number: name for name, number in NUMBER_OF.items()}
    for split, table in tables.items():
        rows = table.to_pylist()
        for row in rows:
            row["class_str"] = name_of.get(row["class_str"], row["class_str"])
            bands = [{"band": band, **data} for band, data in row["bands_data"].items() if data is not None]
            row["bands_data"] = [{**one, "past_feat_dynamic_real": [one["past_feat_dynamic_real"]]} for one in bands]
        place = folder / split if split != "anom" else folder / "other" / "test"
        place.mkdir(parents=True)
        saved = pa.Table.from_pylist(rows)
        with (
            pa.OSFile(str(place / "data-00000-of-00001.arrow"), "wb") as file,
            pa.ipc.new_stream(file, saved.schema) as out,
        ):
            out.write_table(saved)
    return folder


def run(*arguments):
    path = os.pathsep.join([str(ROOT / "python"), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, PROGRAM, *map(str, arguments), "--model", TINY, "--seeds", "1", "2"]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path})


@pytest.fixture(scope="module")
def report(hub_copy, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    done = run(hub_copy, "-o", out / "report.json", "--write", out / "embeddings")
    assert done.returncode == 0, done.stderr
    return json.loads((out / "report.json").read_text()), done.stdout, out / "embeddings"


def test_every_task_is_scored(report):
    found, printed, _ = report
    assert found["objects"] == {"train": 70, "validation": 14, "test": 28, "anom": 12}
    assert found["left_out"]["test"] == {"without both bands": 14, "not embedded": 0}
    assert found["classes"] == sorted(PERIOD_OF) and found["model"]["attention"] == "full"
    scores = found["scores"]
    assert set(scores["clustering"]) == {"k-means", "ward"} and set(scores["clustering"]["ward"]) == {
        "ari",
        "nmi",
        "f1",
    }
    assert set(scores["classification"]) == {"logistic", "5-nn", "forest"}
    chance = 1 / 7
    assert scores["classification"]["forest"]["accuracy"]["mean"] > 2 * chance
    assert 0 <= scores["out of class"]["isolation forests"]["auroc"]["mean"] <= 1
    assert scores["clustering"]["ward"]["ari"]["std"] == 0 and printed.count("\n") == 8


def test_both_forms_of_the_data_give_the_same_numbers(report, saved_copy, tmp_path):
    done = run(saved_copy, "--ood", saved_copy / "other", "-o", tmp_path / "report.json")
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "report.json").read_text())
    assert found["objects"] == report[0]["objects"] and found["classes"] == report[0]["classes"]
    assert found["scores"] == report[0]["scores"]


def test_embeddings_are_kept_as_the_benchmark_reads_them(report, tables, program):
    import astrom3

    table = pq.read_table(report[2] / "test-00000-of-00001.parquet")
    assert table.column_names == ["g_embedding", "r_embedding", "combined_embedding", "class_str"] and len(table) == 28
    curves, classes = program.objects_of(tables["test"], "test")
    assert table["class_str"].to_pylist() == classes.tolist()
    time, mag, error = curves["r"][3]
    expected = astrom3.AstroM3(TINY)(time, mag, error, mag=True, zero_point=3631.0)
    assert np.array_equal(np.float32(table["r_embedding"][3].as_py()), expected)
    both = [*table["g_embedding"][3].as_py(), *table["r_embedding"][3].as_py()]
    assert table["combined_embedding"][3].as_py() == both


def test_clusters_are_matched_to_classes(program):
    truth = np.array([0, 0, 0, 1, 1, 2])
    assert program.matched_f1(truth, np.array([2, 2, 2, 0, 0, 1])) == 1
    assert program.matched_f1(truth, np.array([0, 0, 1, 1, 1, 2])) == pytest.approx((0.8 + 0.8 + 1) / 3)


def test_data_of_another_kind_are_refused(tables, tmp_path):
    done = run(tmp_path)
    assert done.returncode == 1 and "there is no split train" in done.stderr
    for split, table in tables.items():
        pq.write_table(table.drop_columns("class_str"), tmp_path / f"{split}-0.parquet")
    done = run(tmp_path)
    assert done.returncode == 1 and "train: there is no column class_str among sourceid, bands_data" in done.stderr
    assert "Traceback" not in done.stderr
