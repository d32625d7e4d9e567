# SPDX-License-Identifier: MIT
"""`train` and `study`: what the command makes of the same light curves as files, whatever they come as."""

import json
import os
import pathlib
import signal
import subprocess
import sys

import astrom3
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from commands import COMMAND, FILES, LABELS, TINY, light_curves, long_frame, run
from conftest import ROOT

HOW = {"band": "V", "from_": TINY, "new_head": True, "epochs": 1, "seed": 3}


@pytest.fixture(autouse=True)
def _command(monkeypatch):
    monkeypatch.setenv("PATH", os.pathsep.join([str(COMMAND.parent), os.environ["PATH"]]))


@pytest.fixture(scope="module")
def labels_csv(tmp_path_factory):
    path = tmp_path_factory.mktemp("labels") / "labels.csv"
    pd.DataFrame({"object_id": LABELS.keys(), "class": LABELS.values()}).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def expected(labels_csv, tmp_path_factory):
    """The checkpoint that the command makes of the files."""
    out = tmp_path_factory.mktemp("trained") / "checkpoint"
    arguments = ["--band", "V", "--from", TINY, "--new-head", "--epochs", 1, "--seed", 3, "--labels", labels_csv]
    run("train", *FILES, *arguments, "-o", out, "-q")
    return out


@pytest.mark.parametrize("kind", ["files", "pandas", "arrow", "polars", "mapping"])
def test_a_training_is_that_of_the_command(kind, expected, labels_csv, tmp_path):
    frame = long_frame()
    if kind == "polars":
        frame = pytest.importorskip("polars").from_pandas(frame)
    classes = pa.table({"object_id": list(LABELS), "class": list(LABELS.values())})
    given = {
        "files": lambda: (FILES, labels_csv),
        "pandas": lambda: (frame, pd.Series(LABELS)),
        "arrow": lambda: (pa.Table.from_pandas(frame), classes),
        "polars": lambda: (frame, {**LABELS, "a star without a class": None}),
        "mapping": lambda: (light_curves(), LABELS),
    }  # fmt: skip
    trained = astrom3.train(*given[kind](), tmp_path / "out", **HOW)
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == (expected / "model.safetensors").read_bytes()
    assert (
        trained["sha256"] == trained.model().sha256 and trained["train"] + trained["validation"] + trained["test"] == 60
    )
    assert trained.report == json.loads((expected / "report.json").read_text())
    assert trained.model(n_threads=1).class_names == tuple(sorted(set(LABELS.values())))


def test_tensors_go_in_the_place_of_light_curves(labels_csv, tmp_path):
    scaling = tmp_path / "scaling.json"
    run("preprocess", *FILES, "--band", "V", "--model", TINY, "-o", tmp_path / "tensors", "-q")
    scaling.write_bytes((tmp_path / "tensors" / "scaling.json").read_bytes())
    raw = astrom3.train(FILES, labels_csv, tmp_path / "raw", **HOW, scaling=scaling, no_crop=True)
    how = {name: value for name, value in HOW.items() if name != "band"}
    trained = astrom3.train(None, LABELS, tmp_path / "out", **how, scaling=scaling, tensors=[tmp_path / "tensors"])
    assert trained["sha256"] == raw["sha256"]
    assert (tmp_path / "raw" / "report.json").read_text() == (tmp_path / "out" / "report.json").read_text()
    with pytest.raises(astrom3.AstroM3Error, match="band.*tensors are treated already"):
        astrom3.train(None, LABELS, tmp_path / "no", **HOW, tensors=tmp_path / "tensors")
    with pytest.raises(astrom3.AstroM3Error, match="a light curve is needed"):
        astrom3.train(None, LABELS, tmp_path / "no", **how)


def test_a_model_is_where_a_training_begins(expected, tmp_path):
    model = astrom3.AstroM3(TINY)
    trained = astrom3.train(light_curves(), LABELS, tmp_path / "out", **{**HOW, "from_": model})
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == (expected / "model.safetensors").read_bytes()
    with pytest.raises(
        astrom3.AstroM3Error, match="(?s)holds a training already.*hint: resume goes on.*force"
    ) as caught:
        astrom3.train(light_curves(), LABELS, trained.path, **HOW)
    assert caught.value.code == "output_error"
    more = astrom3.train(light_curves(), LABELS, trained.path, **{**HOW, "epochs": 1}, resume=True)
    assert more["sha256"] == trained["sha256"]


def test_what_is_out_of_class_is_what_classify_writes(tmp_path):
    options = {
        **HOW,
        "head": "pooled",
        "refit_head": True,
        "out_of_class": True,
        "validation": 0.2,
        "attention": "full",
    }
    trained = astrom3.train(light_curves(), LABELS, tmp_path / "out", **options)
    model = trained.model()
    means, info = model.many(long_frame(), band="V", return_info=True)
    run("classify", *FILES, "--band", "V", "--model", trained.path, "-o", tmp_path / "classes.csv", "-q")
    written = pd.read_csv(tmp_path / "classes.csv", float_precision="round_trip").set_index("object_id").out_of_class
    scores = model.out_of_class(means)
    assert scores.dtype == np.float64 and scores.tolist() == written[list(info.object_id)].tolist()
    assert 0 <= scores.min() < scores.max() <= 1
    assert model.out_of_class(means[3]).tolist() == [scores[3]]
    broken = means.copy()
    broken[1, 2] = np.nan
    assert np.isnan(model.out_of_class(broken)).tolist() == [i == 1 for i in range(len(means))]
    with pytest.raises(ValueError, match=r"embeddings: expected shape \(N, "):
        model.out_of_class(means[:, :-1])
    with pytest.raises(astrom3.AstroM3Error, match="trained without"):
        astrom3.AstroM3(TINY).out_of_class(means)


def test_out_of_class_names_another_form_of_attention(tmp_path):
    options = {**HOW, "head": "pooled", "out_of_class": True, "attention": "probsparse"}
    trained = astrom3.train(light_curves(), LABELS, tmp_path / "out", **options)
    for form in ("probsparse", "probsparse-exact"):
        model = trained.model(attention=form)
        assert np.isfinite(model.out_of_class(model.many(long_frame(), band="V"))).all()
    other = trained.model(attention="full")
    with pytest.raises(
        astrom3.AstroM3Error, match='(?s)embeds with full attention.*learnt with probsparse.*attention="probsparse"'
    ) as caught:
        other.out_of_class(other.many(long_frame(), band="V"))
    assert caught.value.code == "usage"


def test_progress_is_what_the_command_says(tmp_path, capsys):
    astrom3.train(light_curves(), LABELS, tmp_path / "out", **HOW, progress=True)
    said = capsys.readouterr()
    assert "epoch 1/1: loss" in said.err and said.out == ""


ENDLESS = """
import sys; sys.path[:0] = sys.argv[2:]
import astrom3
from commands import LABELS, TINY, light_curves
astrom3.train(light_curves(), LABELS, sys.argv[1], from_=TINY, new_head=True, band="V", epochs=100_000, patience=0,
              progress=True)
"""


def test_ctrl_c_ends_a_training_and_keeps_its_epochs(tmp_path):
    here = pathlib.Path(__file__).parent
    command = [sys.executable, "-c", ENDLESS, tmp_path / "out", here, ROOT / "python"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        said = next(line for line in process.stderr if line.startswith("epoch 2/"))
        os.kill(process.pid, signal.SIGINT)  # as Jupyter does: to this process alone
        rest = process.communicate(timeout=60)[1]
    assert "KeyboardInterrupt" in rest and process.returncode != 0 and "loss" in said
    assert astrom3.AstroM3(tmp_path / "out").class_names == tuple(sorted(set(LABELS.values())))
    assert len((tmp_path / "out" / "metrics.csv").read_text().splitlines()) >= 2


def test_a_study_is_that_of_the_command(labels_csv, tmp_path):
    report = tmp_path / "report.json"
    options = ["--band", "V", "--per-class", 2, "--labels", labels_csv, "--min-points", 5, "--no-double-eclipsers"]
    model = astrom3.AstroM3(TINY, min_points=5, double_eclipsers=False)
    for what, more, keywords in (
        ("precision", [], {}),
        ("attention", ["--seeds", 2], {"seeds": 2}),
        (
            "substitution",
            ["--constant", "z:1", "--constant", 2, "--no-search"],
            {"constant": ["z:1", 2], "no_search": True},
        ),
    ):
        run("study", what, *FILES, "--model", TINY, *options, *more, "-o", report, "-q")
        found = astrom3.study(what, light_curves(), model=model, labels=LABELS, band="V", per_class=2, **keywords)
        assert found == json.loads(report.read_text()), what
        report.unlink()
    seeded = astrom3.AstroM3(TINY, attention="probsparse", attention_seed=5, min_points=5, double_eclipsers=False)
    run(
        "study",
        "precision",
        *FILES,
        "--model",
        TINY,
        "--attention",
        "probsparse",
        "--seed",
        5,
        *options,
        "-o",
        report,
        "-q",
    )
    found = astrom3.study("precision", light_curves(), model=seeded, labels=LABELS, band="V", per_class=2)
    assert found == json.loads(report.read_text())


def test_magnitudes_are_read_as_such():
    frame = long_frame().assign(mag=lambda table: 15 - 2.5 * np.log10(table.flux), mag_err=0.02)
    frame = frame.drop(columns=["flux", "flux_err"])
    columns = ["time", "mag", "mag_err"]
    curves = {name: rows[columns].to_numpy() for name, rows in frame.groupby("object_id", sort=False)}
    found = astrom3.study("precision", curves, model=TINY, mag=True, band="V", limit=5)
    assert found == astrom3.study("precision", frame, model=TINY, band="V", limit=5) and found["objects"] == 5


def test_a_missing_value_stays_missing():
    curves = light_curves()
    name = next(iter(curves))
    masked = np.ma.masked_array(curves[name], False)
    masked[3, 1] = np.ma.masked
    holes = {name: [masked[:, 0], masked[:, 1], masked[:, 2]]}
    with pytest.raises(astrom3.AstroM3Error) as caught:
        astrom3.study("precision", holes, model=TINY, band="V")
    assert caught.value.code == "no_input"
    found = astrom3.study("precision", {**curves, **holes}, model=TINY, band="V", limit=3)
    assert found["left_out"] == 1 and found["objects"] == 3


def test_what_cannot_be_is_named_as_it_was_called(tmp_path):
    curves = light_curves()
    out = tmp_path / "out"
    wrong = [
        (lambda: astrom3.train(curves, LABELS, out, perod_max=3), astrom3.AstroM3Error, "perod_max.*\n.*period_max"),
        (lambda: astrom3.train(curves, ["EA"], out), TypeError, "^labels: expected a path, a mapping"),
        (lambda: astrom3.train(curves, pd.DataFrame({"id": []}), out), ValueError, "^labels: there is no column"),
        (lambda: astrom3.train(3, LABELS, out), TypeError, "^light_curves: expected a path"),
        (lambda: astrom3.train([], LABELS, out), ValueError, "^light_curves: expected a path.*found none"),
        (lambda: astrom3.study("precison", curves), ValueError, "^what: expected 'attention'"),
        (lambda: astrom3.study("precision", {"a": (1, 2)}), TypeError, "^light_curves: 'a': expected .time, value"),
        (lambda: astrom3.study("precision", "-nothing*"), astrom3.AstroM3Error, "-nothing.*no file matches"),
    ]  # fmt: skip
    for call, kind, message in wrong:
        with pytest.raises(kind, match=message):
            call()
    u = pytest.importorskip("astropy.units")
    with pytest.raises(TypeError, match="^light_curves: 'a': give days and mJy without units"):
        astrom3.study("precision", {"a": ([1.0, 2.0] * u.h, [1.0, 2.0], [0.1, 0.1])})
    assert not out.exists()
