# SPDX-License-Identifier: MIT
"""Tensors: the encoder's input for a light curve, and its output."""

from __future__ import annotations

import ctypes as c
from typing import TYPE_CHECKING, Unpack

import numpy as np
import numpy.typing as npt

from ._arrays import address, as_numbers
from ._calls import call_interruptibly
from ._keywords import FeatureKeywords
from ._library import check, lib
from ._options import check_threads, default_threads
from ._selection import Selection
from .measure import build_tensor

if TYPE_CHECKING:
    from .model import AstroM3, Floats, Output


def preprocess(
    model: AstroM3,
    time: npt.ArrayLike,
    flux: npt.ArrayLike,
    flux_err: npt.ArrayLike,
    *,
    mag: bool = False,
    band: str | None = None,
    zero_point: float | None = None,
    n_steps: int | None = None,
    **given: Unpack[FeatureKeywords],
) -> tuple[Floats, Floats]:
    """The encoder's input for one light curve: x_enc (T, 9) and mask (T,), 1 for observed steps.

    Arguments as in a call; with an `n_steps` other than the encoder's T, more or fewer observations of the
    middle are kept.
    """
    selection = Selection.of_arrays(mag, band, zero_point)
    return build_tensor(
        model._model.handle, (time, flux, flux_err), selection, model.n_steps if n_steps is None else n_steps,
        dict(given), model._options, model._place.scaling_file,
    )  # fmt: skip


def encode(
    model: AstroM3, x_enc: npt.ArrayLike, mask: npt.ArrayLike, *, output: Output = "mean", n_threads: int | None = None
) -> Floats:
    """Passes tensors through the encoder: those of `preprocess`, or the caller's own.

    Parameters
    ----------
    x_enc : (N, T, 9) array
    mask : (N, T) array
        1 for observed steps, 0 for padded ones.
    output : {"mean", "sequence", "logits"}

    Returns
    -------
    (N, D) float32, or (N, T, D), or (N, classes)
    """
    x = np.ascontiguousarray(as_numbers("x_enc", x_enc, 3), np.float32)
    m = np.ascontiguousarray(as_numbers("mask", mask, 2), np.float32)
    if x.shape[1:] != (model.n_steps, 9):
        raise ValueError(f"x_enc: expected shape (N, {model.n_steps}, 9), found {x.shape}")
    if m.shape != x.shape[:2]:
        raise ValueError(f"mask: expected shape {x.shape[:2]}, found {m.shape}")
    out = np.empty((len(x), *model._shape(output)), np.float32)
    to = [address(out) if output == kind else None for kind in ("mean", "sequence", "logits")]
    stop = c.c_int32(0)
    threads = check_threads(n_threads) or check_threads(model._n_threads) or default_threads()

    def call() -> None:
        check(lib.astrom3_encode(model._model.handle, address(x), address(m), len(x), threads, c.byref(stop), *to))
        assert out is not None

    if len(x) > 1:
        call_interruptibly(call, stop)
    else:
        call()
    return out


def softmax(logits: Floats) -> Floats:
    """exp(x) / sum(exp(x)) along the last axis, in float64."""
    x = logits.astype(np.float64)
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True), dtype=np.float32)
