# SPDX-License-Identifier: MIT
"""Plots: what is drawn is what was computed, on Axes that are returned."""

import json
import os
import pathlib
import re
import subprocess
import sys

import astrom3
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402
from astrom3 import plot  # noqa: E402

N = 200
RNG = np.random.default_rng(4)
T = np.sort(RNG.uniform(0, 90, N))
MAG = 14 - 0.3 * np.sin(2 * np.pi * T / 1.7) + 0.02 * RNG.normal(size=N)
ERR = np.full(N, 0.02)
COMMAND = pathlib.Path(os.environ.get("ASTROM3_COMMAND", pathlib.Path(sys.prefix, "bin", "astrom3")))


@pytest.fixture(autouse=True)
def _closed(monkeypatch):
    monkeypatch.setenv("PATH", os.pathsep.join([str(COMMAND.parent), os.environ["PATH"]]))
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def groups():
    """Three groups of embeddings, one row missing."""
    centres = RNG.normal(size=(3, 16))
    rows = np.repeat(centres, 20, axis=0) + 0.1 * RNG.normal(size=(60, 16))
    rows[5] = np.nan
    return rows.astype(np.float32), np.repeat(["EA", "RRAB", None], 20)


def test_every_plot_draws_on_the_axes_it_is_given(groups):
    rows, labels = groups
    probabilities = np.tile([0.7, 0.3], (10, 1))
    calls = {
        "fold": lambda ax: plot.fold(T, MAG, ERR, period=1.7, ax=ax),
        "periodogram": lambda ax: plot.periodogram(T, MAG, ERR, ax=ax),
        "embedding_map": lambda ax: plot.embedding_map(rows, labels, method="pca", ax=ax),
        "confusion": lambda ax: plot.confusion(["a", "b"], ["a", "a"], ax=ax),
        "reliability": lambda ax: plot.reliability(["a"] * 10, probabilities, ["a", "b"], ax=ax),
    }
    for name, call in calls.items():
        _, ax = plt.subplots()
        assert call(ax) is ax and ax.has_data(), name
        own = call(None)
        assert own is not ax and isinstance(own, matplotlib.axes.Axes), name
        own.figure.canvas.draw()


def test_a_folded_light_curve_has_its_phases_and_bright_above():
    ax = plot.fold(T, MAG, ERR, mag=True)
    period = float(ax.get_title().split()[1])
    assert period == pytest.approx(1.7, rel=1e-3) and ax.yaxis_inverted()
    x, y = ax.containers[0].lines[0].get_data()
    assert len(x) == 2 * N and np.allclose(x[:N], np.mod(T - T[0], period) / period, atol=1e-3)
    assert np.array_equal(y[:N], MAG) and np.array_equal(y[N:], MAG)
    flux = 1e3 * 10 ** (-0.4 * (MAG - 14))
    ax = plot.fold(T, flux, 0.02 * flux)
    assert float(ax.get_title().split()[1]) == pytest.approx(1.7, rel=1e-3) and not ax.yaxis_inverted()
    u = pytest.importorskip("astropy.units")
    ax = plot.fold(T * u.d, flux * u.uJy, 0.05 * u.mJy, period=1.7)
    bar = ax.containers[0].lines[2][0].get_segments()[0]
    assert bar[1, 1] - bar[0, 1] == pytest.approx(100)
    with pytest.raises(ValueError, match="^period: give one, or the errors"):
        plot.fold(T, MAG)
    for bad in (0, -1, np.nan):
        with pytest.raises(ValueError, match="^period: expected a positive"):
            plot.fold(T, MAG, period=bad)
    with pytest.raises(ValueError, match="^value"):
        plot.fold(T, MAG[:5], period=1)


def test_a_periodogram_has_its_peak_at_the_period():
    ax = plot.periodogram(T, MAG, ERR, period_min=0.5)
    (line, peak) = ax.get_lines()
    assert peak.get_xdata()[0] == pytest.approx(1.7, rel=5e-3) and peak.get_ydata()[0] == line.get_ydata().max()
    assert line.get_xdata().min() <= 0.5 and line.get_xdata().max() == pytest.approx(np.ptp(T) / 2)
    with pytest.raises(ValueError, match="^time: the observations span no time"):
        plot.periodogram([1.0, 1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="^period_min: expected a number between 0"):
        plot.periodogram(T, MAG, period_min=100)
    with pytest.raises(ValueError, match="^period_min: .*too many to draw") as caught:
        plot.periodogram(T, MAG, period_min=1e-6)
    plot.periodogram(T, MAG, period_min=float(re.search(r"period_min=([-+.e0-9]+)", str(caught.value))[1]))


def test_a_map_is_that_of_the_command(groups, tmp_path):
    rows, labels = groups
    found = {}
    for method in ("pca", "tsne"):
        ax = plot.embedding_map(rows, labels, method=method, seed=3)
        drawn = {one.get_label(): one.get_offsets() for one in ax.collections}
        assert {name: len(xy) for name, xy in drawn.items()} == {"EA": 19, "RRAB": 20, "no class": 20}
        found[method] = np.concatenate([drawn[name] for name in ("EA", "RRAB", "no class")])
        np.savetxt(tmp_path / "e.csv", rows[np.isfinite(rows[:, 0])], delimiter=",")
    table = pd.DataFrame(rows, columns=[f"e{i}" for i in range(16)])
    table.insert(0, "status", np.where(np.isfinite(rows[:, 0]), "ok", "no_points"))
    table.insert(0, "object_id", np.arange(60))
    table.to_csv(tmp_path / "embeddings.csv", index=False)
    for method, xy in found.items():
        out = tmp_path / f"{method}.csv"
        arguments = ["map", tmp_path / "embeddings.csv", "-o", out, "--method", method, "--seed", "3", "--quiet"]
        subprocess.run([COMMAND, *arguments], check=True)
        assert np.array_equal(pd.read_csv(out, float_precision="round_trip")[["x", "y"]].to_numpy(), xy)
    as_column = plot.embedding_map(pa.array([None if np.isnan(r[0]) else r for r in rows]), method="pca")
    assert sum(len(one.get_offsets()) for one in as_column.collections) == 59 and as_column.get_legend() is None
    with pytest.raises(ValueError, match="^labels: 3 values beside 60"):
        plot.embedding_map(rows, ["a"] * 3)
    with pytest.raises(astrom3.AstroM3Error, match="method"):
        plot.embedding_map(rows, method="umap")


def test_the_page_is_the_commands_and_can_be_shown(groups, model, tmp_path):
    rows, labels = groups
    ids = [f"star {i} <b>" for i in range(60)]
    page = plot.map_page(rows, labels, ids=ids, model=model, method="pca")
    assert page.html.startswith("<!DOCTYPE html") or page.html.lstrip().startswith("<!doctype html")
    assert "RRAB" in page.html and model.sha256[:8] in page.html
    page.save(tmp_path / "map.html")
    assert (tmp_path / "map.html").read_text(encoding="utf-8") == page.html
    shown = page._repr_html_()
    assert shown.startswith("<iframe srcdoc=") and shown.count('"') == 6 and "MB" in repr(page)
    stars = [(T[:n], 10 - MAG[:n] / 4, ERR[:n]) for n in (60, 90, 1, 120, 150)]
    embeddings, info = model.many(stars, return_info=True)
    files = [tmp_path / f"{i}.csv" for i in (0, 3)]
    for file, star in zip(files, (stars[0], stars[3])):
        np.savetxt(file, np.column_stack(star), delimiter=",", header="time,flux,flux_err", comments="")
    page = plot.map_page(embeddings, info=info, light_curves=files, method="pca")
    periods = [float(x) for x in re.findall(r"\d\.\d{3,}", page.html)]
    assert min(abs(np.array(periods) / info.features["period"][0] - 1)) < 1e-3
    with pytest.raises(ValueError, match="^info: 5 values beside 60"):
        plot.map_page(rows, info=info)
    with pytest.raises(ValueError, match="^ids: two embeddings have the same id"):
        plot.map_page(rows, ids=["a"] * 60)


def test_a_confusion_matrix_counts():
    true = ["a", "a", "b", "c", "b", "", None, "a"]
    found = ["a", "b", "b", "a", "b", "a", "a", float("nan")]
    ax = plot.confusion(true, found, normalise=False)
    counts = {(t.get_position()[1], t.get_position()[0]): int(t.get_text()) for t in ax.texts}
    assert counts == {(0, 0): 1, (0, 1): 1, (1, 1): 2, (2, 0): 1}
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["a", "b", "c"]
    shares = plot.confusion(true, found, classes=["c", "b", "a"])
    assert {t.get_text() for t in shares.texts} == {"0.50", "1.00"}
    assert [tick.get_text() for tick in shares.get_xticklabels()] == ["c", "b", "a"]
    with pytest.raises(ValueError, match="^classes: 'c' is not among a, b"):
        plot.confusion(true, found, classes=["a", "b"])
    with pytest.raises(ValueError, match="^predicted: 1 values beside 2"):
        plot.confusion(["a", "b"], ["a"])
    with pytest.raises(ValueError, match="^true: no object"):
        plot.confusion([None], ["a"])


def test_reliability_is_that_of_the_command(tmp_path):
    names = ["a", "b", "c"]
    probabilities = RNG.dirichlet([1, 1, 1], 300).astype(np.float32)
    true = RNG.choice(names, 300)
    table = pd.DataFrame(probabilities.astype(float), columns=[f"p_{name}" for name in names])
    table.insert(0, "class", np.array(names)[probabilities.argmax(axis=1)])
    table.insert(0, "status", "ok")
    table.insert(0, "object_id", np.arange(300))
    table.to_csv(tmp_path / "classes.csv", index=False)
    embeddings = table[["object_id", "status"]].assign(e0=RNG.normal(size=300), e1=RNG.normal(size=300))
    embeddings.to_csv(tmp_path / "embeddings.csv", index=False)
    pd.DataFrame({"object_id": np.arange(300), "class": true}).to_csv(tmp_path / "labels.csv", index=False)
    files = [tmp_path / name for name in ("embeddings.csv", "labels.csv", "classes.csv", "out.json")]
    arguments = ["--labels", files[1], "--classes", files[2], "-o", files[3], "--quiet"]
    subprocess.run([COMMAND, "evaluate", files[0], *arguments], check=True, capture_output=True)
    report = json.loads(files[3].read_text(encoding="utf-8"))
    ax = plot.reliability(true, probabilities, names)
    x, y = ax.containers[0].lines[0].get_data()
    bins = [one for one in report["head reliability"] if one["n"] > 0]
    assert np.allclose(x, [one["confidence"] for one in bins]) and np.allclose(y, [one["accuracy"] for one in bins])
    head = next(one for one in report["summary"] if one["method"] == "head")
    assert ax.get_title() == f"calibration error {head['ece']:.3f}, 300 objects"
    upper_end = plot.reliability(["a", "a", "b"], [[0.5, 0.3, 0.2], [0.45, 0.3, 0.25], [0.2, 0.52, 0.28]], names)
    assert np.allclose(upper_end.containers[0].lines[0].get_xdata(), [0.475, 0.52])  # 0.5 is in the bin that it ends
    with pytest.raises(ValueError, match="^probabilities: expected shape"):
        plot.reliability(true, probabilities[:, :2], names)
    with pytest.raises(ValueError, match="^classes: 'c' is not among"):
        plot.reliability(["c"], [[0.5, 0.5]], ["a", "b"])
    with pytest.raises(ValueError, match="^true: no object"):
        plot.reliability(["a"], [[np.nan, np.nan]], ["a", "b"])
