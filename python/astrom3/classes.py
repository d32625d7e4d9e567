# SPDX-License-Identifier: MIT
"""Classes of light curves, computed by the checkpoint's head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import numpy.typing as npt

from . import tensors
from ._arrays import address
from ._arrays_of_one import takes_one
from ._engine import Request
from ._info import likeliest
from ._keywords import FeatureKeywords, TableKeywords
from ._library import check, lib
from .result import Probabilities

if TYPE_CHECKING:
    from .model import AstroM3, Floats


@takes_one("model.classify")
def classify(
    model: AstroM3,
    time: npt.ArrayLike,
    flux: npt.ArrayLike,
    flux_err: npt.ArrayLike,
    *,
    mag: bool = False,
    band: str | None = None,
    zero_point: float | None = None,
    **given: Unpack[FeatureKeywords],
) -> Probabilities:
    """The head's probability of every class, most probable first. Arguments as in a call."""
    out = np.empty((1, max(1, len(model.class_names))), np.float32)
    info = model._one(Request(logits=out), time, flux, flux_err, mag, band, zero_point, given)
    pairs = zip(model.class_names, tensors.softmax(out)[0].tolist(), strict=True)
    return Probabilities(dict(sorted(pairs, key=lambda pair: -pair[1])), info)


def out_of_class(model: AstroM3, embeddings: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """How unlike the head's classes objects are: a Cepheid is none of ten classes without it.

    The share of the validation objects of the training that lie nearer to a class than the object does: the smallest
    Mahalanobis distance to the classes' centres, by the scatter within the classes (Lee et al. 2018, arXiv:1807.03888).
    0.95 is reached by 5 % of objects like those of the training, and by more of those of other classes. An object of
    another survey may be unlike for the survey's sake.

    Parameters
    ----------
    embeddings : (N, D) or (D,) array
        What a call, `many` or `encode` gave: ``mean``, with the form of attention that the checkpoint was trained with.

    Returns
    -------
    (N,) float64
        0 to 1; NaN where an embedding is not finite.

    Raises
    ------
    astrom3.Error
        ``usage``: the checkpoint was trained without ``--out-of-class``; this model embeds with another form of
        attention than it was trained with.
    """
    means = np.ascontiguousarray(np.atleast_2d(np.asarray(embeddings)), np.float32)
    if means.ndim != 2 or means.shape[1] != model.width:
        raise ValueError(f"embeddings: expected shape (N, {model.width}), found {np.shape(embeddings)}")
    scores = np.empty(len(means), np.float64)
    check(lib.astrom3_out_of_class(model._model.handle, address(means), len(means), address(scores)))
    return scores


def classify_many(
    model: AstroM3,
    light_curves: Any = None,
    *,
    nested: str | None = None,
    offsets: npt.ArrayLike | None = None,
    **arguments: Unpack[TableKeywords],
) -> tuple[npt.NDArray[np.str_], Floats]:
    """The most probable class and the probability of every class: (N,) texts and (N, classes) float32.

    Arguments as in `many`; with a checkpoint of several modalities in the order of its `object_id`. What cannot be
    embedded has class ``""`` and NaN.
    """
    for name in ("bands", "join", "reduction"):
        if arguments.get(name) is not None:
            raise TypeError(f"{name}: the head knows light curves of one band, and the steps it was trained on")
    arguments["classes"] = False
    made = model.many(light_curves, output="logits", nested=nested, offsets=offsets, **arguments)
    probabilities = tensors.softmax(made) if model.kind == "photo" else made.probabilities
    return likeliest(probabilities, model.class_names), probabilities
