# SPDX-License-Identifier: MIT
"""Classes of light curves, computed by the checkpoint's head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import numpy.typing as npt

from . import tensors
from ._arrays_of_one import takes_one
from ._engine import Request
from ._info import likeliest
from ._keywords import FeatureKeywords, TableKeywords
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
