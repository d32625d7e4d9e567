# SPDX-License-Identifier: MIT
"""`outliers`, `evaluate` and `project`: the numbers of the command, in the order of the rows that were given."""

import io
import json
import os
import pickle

import astrom3
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from commands import COMMAND, run, write_embeddings

N = 60
RNG = np.random.default_rng(8)
IDS = [f"star {i:02d}" for i in RNG.permutation(N)]


@pytest.fixture(autouse=True)
def _command(monkeypatch):
    monkeypatch.setenv("PATH", os.pathsep.join([str(COMMAND.parent), os.environ["PATH"]]))


@pytest.fixture(scope="module")
def groups():
    """Three overlapping groups, one row missing, one label missing; the third column says how each is."""
    centres = RNG.normal(size=(3, 8))
    rows = (np.repeat(centres, N // 3, axis=0) + 0.9 * RNG.normal(size=(N, 8))).astype(np.float32)
    rows[7] = np.nan
    labels = np.repeat(["EA", "RRAB", "M"], N // 3).astype(object)
    labels[30] = None
    order = RNG.permutation(N)
    return rows[order], labels[order]


@pytest.fixture(scope="module")
def files(groups, tmp_path_factory):
    """The same as files: embeddings and labels."""
    folder = tmp_path_factory.mktemp("files")
    rows, labels = groups
    write_embeddings(folder / "embeddings.csv", rows, IDS)
    named = pd.DataFrame({"object_id": IDS, "class": labels}).dropna()
    named.to_csv(folder / "labels.csv", index=False)
    return folder / "embeddings.csv", folder / "labels.csv"


def in_order(table):
    return table.set_index("object_id").reindex(IDS)


@pytest.mark.parametrize("with_labels", [True, False])
def test_outliers_are_those_of_the_command(groups, files, with_labels):
    rows, labels = groups
    arguments = ["--labels", files[1]] if with_labels else []
    expected = in_order(pd.read_csv(io.StringIO(run("outliers", files[0], *arguments, "-k", 5, "-o", "-"))))
    found = pd.DataFrame(astrom3.outliers(rows, labels if with_labels else None, k=5), index=IDS)
    assert list(found) == [name for name in expected if name != "file"]
    assert found["rank"].tolist() == expected["rank"].fillna(-1).astype(int).tolist()
    for name in found.columns.drop("rank"):
        left, right = found[name].replace("", np.nan), expected[name]
        assert left.equals(right) if left.dtype == object else np.array_equal(left, right, equal_nan=True), name
    missing = np.isnan(rows[:, 0])
    assert (found["rank"] == -1).tolist() == missing.tolist() and found["neighbour_distance"].isna()[missing].all()


def test_an_object_without_a_class_has_its_distance_to_the_nearest():
    x = np.eye(4, dtype=np.float32)[[0, 0, 1, 1, 0, 3]]
    x[4] += 0.1 * x[2]
    found = astrom3.outliers(x, ["EA", "EA", "M", "M", None, None], k=2)
    assert found["nearest_class"].tolist()[:5] == ["EA", "EA", "M", "M", "EA"]
    cosine = 1 / np.sqrt(1.01)
    np.testing.assert_allclose(found["nearest_distance"], [0, 0, 0, 0, 1 - cosine, 1], atol=1e-6)  # six decimals
    assert np.isnan(found["class_distance"][4:]).all() and found["class"].tolist()[4:] == ["", ""]


def test_the_order_of_outliers_is_chosen(groups):
    rows, labels = groups
    for name in ("class_ratio", "neighbour_distance"):
        found = astrom3.outliers(pa.array([None if np.isnan(one[0]) else one for one in rows]), labels, k=4, by=name)
        first = int(np.argmin(np.where(found["rank"] < 0, N, found["rank"])))
        assert found[name][first] == np.nanmax(found[name])


def test_an_evaluation_is_that_of_the_command(groups, files, tmp_path):
    rows, labels = groups
    report = tmp_path / "report.json"
    ways = [
        ({"folds": 4, "k": 3}, ["--folds", 4, "-k", 3]),
        ({"holdout": 0.4, "penalty": 0.1, "balanced": True}, ["--holdout", 0.4, "--penalty", 0.1, "--balanced"]),
    ]
    for keywords, arguments in ways:
        run("evaluate", files[0], "--labels", files[1], *arguments, "-o", report, "-q")
        found = astrom3.evaluate(rows, labels, ids=IDS, **keywords)
        expected = json.loads(report.read_text())
        assert {name: value for name, value in found.items() if name in expected} == expected
        assert found["labelled"] == N - 2
        report.unlink()
    assert found.methods == ("10-nn", "probe") and found.summary["probe"]["n"] == found.table().loc["probe", "n"]


def test_a_split_and_the_head_are_judged(groups, files, tmp_path):
    rows, labels = groups
    names = ["EA", "M", "RRAB"]
    probabilities = RNG.dirichlet([1, 1, 1], N).astype(np.float32)
    probabilities[~np.isfinite(rows[:, 0])] = np.nan
    split = np.array(["train", "test", "unused"])[np.arange(N) % 3]
    found = astrom3.evaluate(rows, labels, probabilities=probabilities, class_names=names, split=split, k=5)
    use = (split == "test") & np.isfinite(rows[:, 0]) & np.array([one is not None for one in labels])
    assert found.methods == ("head", "5-nn", "probe")
    right = np.array(names)[probabilities.argmax(axis=1)] == labels
    assert found.summary["head"]["n"] == use.sum()
    assert found.summary["head"]["accuracy"] == pytest.approx(right[use].mean())
    confusion = found.table("confusion", "head")
    assert confusion.to_numpy().sum() == use.sum() and np.trace(confusion) == right[use].sum()
    assert found.table("classes", "probe").loc["EA", "n"] == (labels[use] == "EA").sum()
    assert found.table("reliability", "5-nn")["n"].sum() == use.sum()
    assert "5-nn" in repr(found) and "<td>head</td>" in found._repr_html_()
    again = pickle.loads(pickle.dumps(found))
    assert again == found and again.methods == found.methods
    with pytest.raises(ValueError, match="^name: expected 'summary', 'classes'"):
        found.table("confusions")
    with pytest.raises(ValueError, match="^method: expected one of head, 5-nn, probe"):
        found.table("confusion", "10-nn")


def test_places_are_those_of_the_command(groups, files, tmp_path):
    rows, _ = groups
    for method in ("tsne", "pca"):
        out = tmp_path / f"{method}.csv"
        run("map", files[0], "--method", method, "--seed", 2, "-o", out, "-q")
        expected = in_order(pd.read_csv(out, float_precision="round_trip"))[["x", "y"]].to_numpy()
        assert expected.shape == (N, 2) and np.isnan(expected).all(axis=1).sum() == 1
        assert np.array_equal(np.isnan(expected), np.isnan(astrom3.project(rows, method=method, seed=2)))
    places = {n: astrom3.project(rows, seed=2, n_threads=n) for n in (1, 3)}
    assert np.array_equal(places[1], places[3], equal_nan=True)
    assert not np.array_equal(places[1], astrom3.project(rows, seed=3), equal_nan=True)
    pca = astrom3.project(rows, method="pca")
    assert np.array_equal(pca, astrom3.project(rows, method="pca", seed=9), equal_nan=True)


def test_what_cannot_be_is_named_as_it_was_called(groups):
    rows, labels = groups
    with pytest.raises(astrom3.AstroM3Error, match=r"^folds: expected a whole number from 2 to 1000, found .1.$"):
        astrom3.evaluate(rows, labels, folds=1)
    with pytest.raises(astrom3.AstroM3Error) as caught:
        astrom3.outliers(rows, [None] * N)
    assert caught.value.code == "no_input"
    with pytest.raises(TypeError, match="^probabilities: go with class_names"):
        astrom3.evaluate(rows, labels, probabilities=np.ones((N, 2)))
    with pytest.raises(ValueError, match=r"^probabilities: expected shape \(60, 2\), found \(3, 2\)"):
        astrom3.evaluate(rows, labels, probabilities=np.ones((3, 2)), class_names=["a", "b"])
    with pytest.raises(ValueError, match="^split: 2 values beside 60"):
        astrom3.evaluate(rows, labels, split=["train", "test"])
    with pytest.raises(ValueError, match="^labels: 3 values beside 60"):
        astrom3.outliers(rows, ["a", "b", "c"])
    with pytest.raises(astrom3.AstroM3Error, match="^by: "):
        astrom3.outliers(rows, by="size")
    with pytest.raises(ValueError, match="^embeddings: at most 100000 can be placed"):
        astrom3.project(np.zeros((100_001, 2), np.float32))
