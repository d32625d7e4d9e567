# SPDX-License-Identifier: MIT
"""Plots of light curves, periods, embeddings and classes. Each function returns the Axes that it drew on.

Needs matplotlib: ``pip install "astrom3[plots]"``. Pass ``ax=`` to draw on Axes of your own.
"""

from __future__ import annotations

import html
import os
import pathlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from . import measure, periodograms
from ._arrays import as_float64, check_same_length, is_single, spread
from ._embedding_files import Objects, texts_of
from ._extras import load
from ._map import mapped, places
from ._measured import measured
from ._run_command import arguments_of
from ._units import pair_of_any_unit, times

if TYPE_CHECKING:
    from ._info import BatchInfo
    from .model import AstroM3

# Okabe & Ito: eight colours that can be told apart with any colour vision; with the markers, 40 classes.
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000", "#F0E442")
_MARKERS = ("o", "s", "^", "D", "v")
_MOST_FREQUENCIES = 2_000_000
_SHORTEST_PERIOD_DAYS = 0.05  # of the period search


def _axes(ax: Any, size: tuple[float, float]) -> Any:
    if ax is not None:
        return ax
    return load("matplotlib.pyplot", "a plot").subplots(figsize=size, layout="constrained")[1]


def fold(
    time: npt.ArrayLike,
    value: npt.ArrayLike,
    error: npt.ArrayLike | None = None,
    *,
    period: float | None = None,
    mag: bool = False,
    ax: Any = None,
) -> Any:
    """A light curve folded at a period, drawn twice.

    Parameters
    ----------
    time, value : (n,) array
        Days; fluxes, or magnitudes with ``mag=True``, which are drawn with bright ones at the top.
    error : (n,) array or number, optional
        One sigma.
    period : float, optional
        Days; None: the one that the period search finds, which needs `error`.
    ax : Axes, optional

    Returns
    -------
    Axes
    """
    days = as_float64("time", times("time", measured("time", time)))
    if is_single(error):
        error = spread(error, len(days))
    plain, plain_error = pair_of_any_unit(
        ("value", "error"), measured("value", value), None if error is None else measured("error", error)
    )
    values = as_float64("value", plain)
    errors = None if error is None else as_float64("error", plain_error)
    for name, array in (("value", values), ("error", errors)):
        if array is not None:
            check_same_length(name, array, "time", len(days))
    if period is None:
        period = _found_period(days, values, errors, mag)
    if not (np.isfinite(period) and period > 0):
        raise ValueError(f"period: expected a positive number of days, found {period}")
    ax = _axes(ax, (6, 3.5))
    phase = np.mod(days - days.min() if len(days) else days, period) / period
    twice = np.concatenate([phase, phase + 1])
    bars = None if errors is None else np.tile(errors, 2)
    ax.errorbar(twice, np.tile(values, 2), bars, fmt=".", ms=4, lw=0.7, alpha=0.7, color=_COLOURS[0])
    ax.set(xlabel="phase", ylabel="magnitude" if mag else "flux", xlim=(0, 2), title=f"period {period:.6g} d")
    if mag and not ax.yaxis_inverted():
        ax.invert_yaxis()
    return ax


def _found_period(days: Any, values: Any, errors: Any, mag: bool) -> float:
    if errors is None:
        raise ValueError("period: give one, or the errors, without which none can be searched for")
    if mag:
        return measure.find_period(days, values, errors).period
    return measure.features(days, values, errors)["period"]


def periodogram(
    time: npt.ArrayLike,
    y: npt.ArrayLike,
    y_err: npt.ArrayLike | None = None,
    *,
    period_min: float | None = None,
    period_max: float | None = None,
    oversampling: int = 5,
    method: periodograms.Method | None = None,
    ax: Any = None,
    **options: Any,
) -> Any:
    """The generalised Lomb-Scargle periodogram, or another statistic, over periods; its best period is marked.

    The highest peak of the periodogram is often a fraction of the period: ``find_period`` compares harmonic models.

    Parameters
    ----------
    time, y, y_err
        As in ``astrom3.periodogram``.
    period_min, period_max : float, optional
        Days; None: 0.05, and half the time span.
    oversampling : int
        Frequencies for each width of a peak, 1 / time span.
    method, **options
        As in ``astrom3.periodogram``: `terms`, `durations`, `mag`, ...

    Returns
    -------
    Axes
    """
    days = as_float64("time", times("time", measured("time", time)))
    span = float(np.ptp(days)) if len(days) else 0.0
    if span <= 0:
        raise ValueError("time: the observations span no time")
    shortest = _SHORTEST_PERIOD_DAYS if period_min is None else float(period_min)
    longest = span / 2 if period_max is None else float(period_max)
    if not 0 < shortest < longest:
        raise ValueError(f"period_min: expected a number between 0 and {longest:.6g} d, found {shortest}")
    step = 1 / (oversampling * span)
    count = int(np.ceil((1 / shortest - 1 / longest) / step)) + 1
    if count > _MOST_FREQUENCIES:
        longer = 1 / (1 / longest + (_MOST_FREQUENCIES - 2) * step)
        raise ValueError(f"period_min: {count} frequencies are too many to draw; period_min={longer:.3g} works")
    frequency, power = periodograms.periodogram(
        time, y, y_err, minimum=1 / longest, step=step, count=count, method=method, **options
    )
    is_lowest_best = method in periodograms.LOWEST_IS_BEST
    best = int(np.argmin(power) if is_lowest_best else np.argmax(power))
    ax = _axes(ax, (6, 3.5))
    ax.plot(1 / frequency, power, lw=0.7, color=_COLOURS[0])
    mark = "^" if is_lowest_best else "v"
    ax.plot(1 / frequency[best], power[best], mark, color=_COLOURS[5], label=f"{1 / frequency[best]:.6g} d")
    ax.set(xlabel="period [d]", ylabel="power" if method in (None, "gls") else method, xscale="log")
    if method is None and not options:
        ax.set(ylim=(0, min(1.05, 1.15 * float(power[best]) + 0.02)))
    ax.legend(frameon=False)
    return ax


def embedding_map(
    embeddings: Any,
    labels: Iterable[Any] | None = None,
    *,
    method: Literal["tsne", "pca"] = "tsne",
    perplexity: float | None = None,
    seed: int | None = None,
    objects: int | None = None,
    ax: Any = None,
) -> Any:
    """Embeddings in the plane, at the same coordinates as in ``astrom3 map``.

    Parameters
    ----------
    embeddings : (N, D) array, or a column of embeddings
        Rows that are missing or NaN are left out.
    labels : N values, optional
        Classes, for the colours; a missing one is grey.
    method, perplexity, seed, objects
        As of ``astrom3 map``: at most `objects` (10,000) are drawn.

    Returns
    -------
    Axes
    """
    given = Objects(embeddings, labels)
    options = {"method": method, "perplexity": perplexity, "seed": seed, "objects": objects}
    rows, xy = places(given, arguments_of(options))
    ax = _axes(ax, (6, 5))
    classes = np.array([""] * len(given.rows) if given.labels is None else given.labels)[rows]
    for i, name in enumerate(sorted(set(classes.tolist()))):
        here = classes == name
        colour = "#999999" if name == "" else _COLOURS[i % len(_COLOURS)]
        marker = _MARKERS[i // len(_COLOURS) % len(_MARKERS)]
        label = name or ("no class" if given.labels is not None else None)
        ax.scatter(*xy[here].T, s=12, color=colour, marker=marker, linewidths=0, alpha=0.8, label=label)
    if given.labels is not None:
        ax.legend(frameon=False, fontsize="small", markerscale=1.5, loc="upper left", bbox_to_anchor=(1, 1))
    ax.set(xticks=[], yticks=[], aspect="equal")  # places have no unit
    return ax


class MapPage:
    """The page of ``astrom3 map``: Jupyter shows it, and ``save`` writes it.

    Attributes
    ----------
    html : str
        The whole page; it loads nothing from the network.
    """

    def __init__(self, text: str) -> None:
        self.html = text

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the page, to be opened in any browser."""
        pathlib.Path(path).write_text(self.html, encoding="utf-8")

    def __repr__(self) -> str:
        return f"MapPage({len(self.html) / 1e6:.1f} MB; show it in Jupyter, or save() it)"

    def _repr_html_(self) -> str:
        page = html.escape(self.html, quote=True)
        return f'<iframe srcdoc="{page}" sandbox="allow-scripts" style="width:100%;height:640px;border:0"></iframe>'


def map_page(
    embeddings: Any,
    labels: Iterable[Any] | None = None,
    *,
    ids: Iterable[Any] | None = None,
    info: BatchInfo | None = None,
    light_curves: Sequence[str | os.PathLike[str]] = (),
    model: AstroM3 | None = None,
    **options: Any,
) -> MapPage:
    """The interactive page of ``astrom3 map``, in which a point shows its light curve and its neighbours.

    Parameters
    ----------
    embeddings, labels
        As in `embedding_map`.
    ids : N values, optional
        Names of the objects; None: those of `info`, else their numbers.
    info : BatchInfo, optional
        The one that came with the embeddings: light curves are folded at its periods.
    light_curves : files, optional
        Light curves of the objects, as ``astrom3 map --light-curves`` reads them.
    model : AstroM3, optional
        The model that made the embeddings; the page names it.
    **options
        Options of ``astrom3 map``: ``method="pca"``, ``seed=1``, ``band="V"``.
    """
    arguments = arguments_of(options)
    if light_curves:
        arguments += ["--light-curves", *(os.fspath(path) for path in light_curves)]
    identity = {} if model is None else model.identity
    with mapped(Objects(embeddings, labels, ids, info), ".html", identity, arguments) as page:
        return MapPage(page.read_text(encoding="utf-8"))


def confusion(
    true: Iterable[Any],
    predicted: Iterable[Any],
    *,
    classes: Sequence[Any] | None = None,
    normalise: bool = True,
    ax: Any = None,
) -> Any:
    """The confusion matrix: a row for every true class.

    Parameters
    ----------
    true, predicted : N values
        Classes; if one is missing or "", as for a light curve that could not be embedded, the object is left out.
    classes : sequence, optional
        Order of the classes; None: sorted.
    normalise : bool
        Draw shares of each row; else numbers of objects.

    Returns
    -------
    Axes
    """
    pairs = _pairs(true, predicted)
    names = sorted({name for pair in pairs for name in pair}) if classes is None else [str(name) for name in classes]
    number = {name: i for i, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)), np.int64)
    for truth, found in pairs:
        for name in (truth, found):
            if name not in number:
                raise ValueError(f"classes: {name!r} is not among {', '.join(names)}")
        counts[number[truth], number[found]] += 1
    total = counts.sum(axis=1, keepdims=True)
    shown = np.divide(counts, total, out=np.zeros(counts.shape), where=total > 0) if normalise else counts.astype(float)
    size = 1.6 + 0.45 * len(names)
    ax = _axes(ax, (size + 0.4, size))
    ax.imshow(shown, cmap="Blues", vmin=0, vmax=1 if normalise else max(1.0, float(shown.max(initial=0))))
    limit = 0.5 * (1.0 if normalise else float(shown.max(initial=1)))
    for (row, column), value in np.ndenumerate(shown):
        if counts[row, column]:
            text = f"{value:.2f}" if normalise else f"{counts[row, column]}"
            colour = "white" if value > limit else "black"
            ax.text(column, row, text, ha="center", va="center", fontsize="small", color=colour)
    ax.set_xticks(range(len(names)), names, rotation=45, ha="right")
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel="predicted", ylabel="true")
    return ax


def _pairs(true: Iterable[Any], predicted: Iterable[Any]) -> list[tuple[str, str]]:
    both = texts_of(true), texts_of(predicted)
    if len(both[0]) != len(both[1]):
        raise ValueError(f"predicted: {len(both[1])} values beside {len(both[0])} of true")
    found = [pair for pair in zip(*both, strict=True) if all(pair)]
    if not found:
        raise ValueError("true: no object has a true and a predicted class")
    return found


def reliability(
    true: Iterable[Any],
    probabilities: npt.ArrayLike,
    classes: Sequence[Any],
    *,
    bins: int = 10,
    ax: Any = None,
) -> Any:
    """How often the most probable class is right, for each range of its probability.

    Parameters
    ----------
    true : N values
        Classes; objects without a class are left out.
    probabilities : (N, C) array
        As ``classify_many`` returns them; rows of NaN are left out.
    classes : sequence of C names
        ``model.class_names``.
    bins : int
        Number of bins of equal width; each includes its upper end.

    Returns
    -------
    Axes
        The expected calibration error stands in the title, as ``astrom3 evaluate`` computes it.
    """
    truths = texts_of(true)
    table = np.asarray(probabilities, np.float64)
    names = [str(name) for name in classes]
    if table.shape != (len(truths), len(names)):
        raise ValueError(f"probabilities: expected shape ({len(truths)}, {len(names)}), found {table.shape}")
    use = np.array([bool(name) for name in truths]) & np.isfinite(table).all(axis=1)
    unknown = next((name for name, used in zip(truths, use, strict=True) if used and name not in names), None)
    if unknown is not None:
        raise ValueError(f"classes: {unknown!r} is not among {', '.join(names)}")
    if not use.any():
        raise ValueError("true: no object has a true class and probabilities")
    table = table[use]
    right = np.array(truths)[use] == np.array(names)[table.argmax(axis=1)]
    most = table.max(axis=1)
    at = np.clip(np.ceil(most * bins) - 1, 0, bins - 1).astype(int)
    n = np.bincount(at, minlength=bins)
    there = n > 0
    confidence = np.bincount(at, most, bins)[there] / n[there]
    accuracy = np.bincount(at, right, bins)[there] / n[there]
    error = float(np.sum(n[there] / len(most) * np.abs(accuracy - confidence)))
    ax = _axes(ax, (4.2, 4.2))
    ax.plot([0, 1], [0, 1], color="#999999", lw=1, ls="--")
    deviation = np.sqrt(accuracy * (1 - accuracy) / n[there])
    ax.errorbar(confidence, accuracy, deviation, fmt="o-", ms=4, lw=1, color=_COLOURS[0])
    ax.set(xlabel="probability of the predicted class", ylabel="share that is right", xlim=(0, 1), ylim=(0, 1),
           aspect="equal", title=f"calibration error {error:.3f}, {len(most)} objects")  # fmt: skip
    return ax
