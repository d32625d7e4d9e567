# SPDX-License-Identifier: MIT
"""What embeddings are for: unusual objects, how well classes can be told, places in the plane.

The numbers are those of ``astrom3 outliers``, ``evaluate`` and ``map``, which these functions run; docs/downstream.md
explains them. Nearest neighbours are ``search``.
"""

from __future__ import annotations

import json
import pathlib
import tempfile
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from ._embedding_files import Objects, columns_in_order
from ._map import places
from ._options import check_threads
from ._run_command import arguments_of, run_command
from .evaluation import Evaluation

if TYPE_CHECKING:
    from ._info import BatchInfo

_MOST_ON_A_MAP = 100_000


def outliers(
    embeddings: Any,
    labels: Iterable[Any] | None = None,
    *,
    k: int = 20,
    by: Literal["class_distance", "class_ratio", "local_outlier_factor", "neighbour_distance"] | None = None,
    n_threads: int | None = None,
) -> dict[str, npt.NDArray[Any]]:
    """How unusual every object is: in its class, and among all objects.

    Parameters
    ----------
    embeddings : (N, D) array, or a column of embeddings
        Rows that are missing or NaN have no score.
    labels : N values, optional
        Classes; a missing one is no class.
    k : int
        Number of neighbours.
    by : {"class_distance", "class_ratio", "local_outlier_factor", "neighbour_distance"}, optional
        The score of `rank`; None: class_distance with `labels`, else local_outlier_factor.

    Returns
    -------
    dict of (N,) arrays
        In the order of `embeddings`, ready for ``pandas.DataFrame``: `rank` (int, 1 is the most unusual; -1 without an
        embedding), `local_outlier_factor` (about 1: not unusual), `neighbour_distance` (to the k-th neighbour, at unit
        length) and, with `labels`, `class`, `class_distance` (1 - cosine to the centroid of the class), `class_ratio`
        (divided by its median in the class), `nearest_class` and `nearest_distance`. A score that an object does not
        have is NaN. Six decimals, as the command writes them.

    Raises
    ------
    AstroM3Error
        Fewer than two embeddings, or no label.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.random.default_rng(0).normal([5, 0, 0], 0.1, (30, 3))
    >>> rows[7] = [0, 5, 0]
    >>> int(np.argmin(outliers(rows, k=5)["rank"]))
    7
    """
    objects = Objects(embeddings, labels)
    options = {"k": k, "by": by, "threads": check_threads(n_threads)}
    with tempfile.TemporaryDirectory(prefix="astrom3-") as name:
        folder = pathlib.Path(name)
        out = folder / "outliers.json"
        run_command(["outliers", *objects.write(folder), "-o", str(out), "--quiet", *arguments_of(options)])
        records = json.loads(out.read_text(encoding="utf-8"))["outliers"]
    columns = columns_in_order(objects, records)
    return {name: column for name, column in columns.items() if name not in ("object_id", "file")}


def evaluate(
    embeddings: Any,
    labels: Iterable[Any],
    *,
    ids: Iterable[Any] | None = None,
    info: BatchInfo | None = None,
    probabilities: npt.ArrayLike | None = None,
    class_names: Sequence[str] | None = None,
    folds: int = 5,
    holdout: float | None = None,
    split: Iterable[Any] | None = None,
    k: int = 10,
    penalty: float = 1.0,
    balanced: bool = False,
    bins: int = 10,
    n_threads: int | None = None,
) -> Evaluation:
    """How well classes can be told from embeddings: by nearest neighbours, a logistic probe and the checkpoint's head.

    Parameters
    ----------
    embeddings : (N, D) array, or a column of embeddings
    labels : N values
        The true classes. Objects without a class or without an embedding are left out.
    ids : N values, optional
        The hash of an object's id decides its fold. None: those of `info`, else the numbers of the rows, which give
        other folds when the order changes.
    info : BatchInfo, optional
        The one that came with the embeddings.
    probabilities, class_names : (N, C) array and C names, optional
        Of the head, as ``classify_many`` returns them, and ``model.class_names``: the head is judged, too.
    folds : int
        Number of folds in which every object is tested once.
    holdout : float, optional
        Instead of folds: test this share of the objects once, chosen by the hash of the id.
    split : N values, optional
        Instead of folds: ``"train"``, ``"test"``, or anything else for an object that is not used.
    k : int
        Number of neighbours that vote.
    penalty, balanced
        L2 penalty of the probe (1/C of scikit-learn), and whether each class has the same weight in it.
    bins : int
        Number of bins of the reliability tables.

    Returns
    -------
    Evaluation
        A dict of the report; ``table()`` gives its tables as data frames.
    """
    objects = Objects(embeddings, labels, ids, info)
    if (probabilities is None) != (class_names is None):
        raise TypeError("probabilities: go with class_names; give both, or none")
    options: dict[str, Any] = {
        "folds": None if holdout is not None or split is not None else folds, "holdout": holdout, "k": k,
        "penalty": penalty, "balanced": balanced, "bins": bins, "threads": check_threads(n_threads),
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="astrom3-") as name:
        folder = pathlib.Path(name)
        out = folder / "evaluation.json"
        if class_names is not None:
            options["classes"] = objects.write_probabilities(folder / "classes.csv", probabilities, class_names)
        if split is not None:
            parts = ["" if part is None else str(part) for part in split]
            if len(parts) != len(objects.ids):
                raise ValueError(f"split: {len(parts)} values beside {len(objects.ids)} embeddings")
            options["split"] = objects.write_words(folder / "split.csv", parts)
        run_command(["evaluate", *objects.write(folder), "-o", str(out), "--quiet", *arguments_of(options)])
        return Evaluation(json.loads(out.read_text(encoding="utf-8")))


def project(
    embeddings: Any,
    *,
    method: Literal["tsne", "pca"] = "tsne",
    perplexity: float = 30.0,
    seed: int = 0,
    n_threads: int | None = None,
) -> npt.NDArray[np.float64]:
    """Places of embeddings in the plane, at the coordinates of ``astrom3 map``; ``plot.embedding_map`` draws them.

    Parameters
    ----------
    embeddings : (N, D) array, or a column of embeddings
        At most 100,000 rows.
    method : {"tsne", "pca"}
        Neighbours stay together, or the plane in which embeddings at unit length vary most.
    perplexity : float
        tsne: about how many neighbours an object has.
    seed : int
        tsne: another seed shows which details are chance.

    Returns
    -------
    (N, 2) float64
        NaN where the embedding is missing or NaN. The same for any number of threads.
    """
    objects = Objects(embeddings, None)
    n = len(objects.rows)
    if n > _MOST_ON_A_MAP:
        raise ValueError(f"embeddings: at most {_MOST_ON_A_MAP} can be placed at once, found {n}; choose some of them")
    options: dict[str, Any] = {
        "method": method,
        "seed": seed,
        "objects": max(2, n),
        "threads": check_threads(n_threads),
    }
    if method == "tsne":
        options["perplexity"] = perplexity
    found = np.full((n, 2), np.nan)
    rows, xy = places(objects, arguments_of(options))
    found[rows] = xy
    return found
