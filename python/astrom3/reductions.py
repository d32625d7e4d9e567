# SPDX-License-Identifier: MIT
"""Which steps of a light curve longer than the encoder's input are used, and how windows become one embedding.

The methods are those that ``light_curve.embed`` calls of a reduction, so that either kind works in either place.
"""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ._words import shown

Array = npt.NDArray[Any]


class Reduction(abc.ABC):
    """A selection of at most `seq_size` observations, or several such selections."""

    @abc.abstractmethod
    def subsample_lc(self, *arrays: Array, seq_size: int) -> list[tuple[Array, ...]]:
        """Each choice as the parts of `arrays` (all of one length, in order of time)."""

    def reduce_embeddings(self, embeddings: Array, tensors: Any, *, output: str) -> Array:
        """(W, S, D) of W choices as what is returned; here unchanged. `tensors.bool_mask` (W, T): observed."""
        return embeddings


class _One(Reduction):
    """A single choice."""

    @abc.abstractmethod
    def indices(self, n: int, seq_size: int) -> Array | slice:
        """Which of n > seq_size observations."""

    def subsample_lc(self, *arrays: Array, seq_size: int) -> list[tuple[Array, ...]]:
        n = len(arrays[0])
        which = slice(None) if n <= seq_size else self.indices(n, seq_size)
        return [tuple(array[which] for array in arrays)]


class Centre(_One):
    """The middle, as the encoder was trained: observation (N - T) // 2 is the first."""

    def indices(self, n: int, seq_size: int) -> slice:
        """The middle `seq_size`."""
        first = (n - seq_size) // 2
        return slice(first, first + seq_size)


class Beginning(_One):
    """The first."""

    def indices(self, n: int, seq_size: int) -> slice:
        """The first `seq_size`."""
        return slice(0, seq_size)


class End(_One):
    """The last."""

    def indices(self, n: int, seq_size: int) -> slice:
        """The last `seq_size`."""
        return slice(n - seq_size, n)


class Random(_One):
    """Drawn without replacement, in order of time.

    Parameters
    ----------
    rng : int or Generator, optional
        With a seed, every light curve gets the same draw, whatever came before it; a generator continues.
    """

    def __init__(self, rng: int | np.random.Generator | None = 0) -> None:
        self.rng = rng

    def indices(self, n: int, seq_size: int) -> Array:
        """`seq_size` of n, ascending."""
        return np.sort(np.random.default_rng(self.rng).choice(n, seq_size, replace=False))


class Windows(Reduction):
    """All observations: windows of T observations one after the other, the last one shorter, and their mean.

    Means are weighted by the observations in each window: sum(n_w e_w) / sum(n_w). A sequence is the mean over
    the windows that have an observation at that step.
    """

    def subsample_lc(self, *arrays: Array, seq_size: int) -> list[tuple[Array, ...]]:
        """Every window."""
        n = len(arrays[0])
        return [tuple(array[i : i + seq_size] for array in arrays) for i in range(0, max(n, 1), seq_size)]

    def reduce_embeddings(self, embeddings: Array, tensors: Any, *, output: str) -> Array:
        """(1, S, D)."""
        mask = np.asarray(tensors.bool_mask, dtype=np.float64)
        weights = mask if output == "sequence" else mask.sum(axis=1, keepdims=True)
        if output == "max":
            return np.asarray(embeddings.max(axis=0, keepdims=True))
        total = (embeddings * weights[:, :, np.newaxis]).sum(axis=0, keepdims=True)
        mean = total / np.maximum(weights.sum(axis=0), 1)[np.newaxis, :, np.newaxis]
        return np.asarray(mean, dtype=embeddings.dtype)


class Several(Reduction):
    """Several single choices side by side, one subsample each."""

    def __init__(self, reductions: Sequence[Reduction]) -> None:
        for reduction in reductions:
            if not isinstance(reduction, _One):
                raise ValueError(f"reduction: {type(reduction).__name__} makes no single choice; it must stand alone")
        self.reductions = list(reductions)

    def subsample_lc(self, *arrays: Array, seq_size: int) -> list[tuple[Array, ...]]:
        """One choice of each."""
        return [reduction.subsample_lc(*arrays, seq_size=seq_size)[0] for reduction in self.reductions]


_BY_NAME: dict[str, type[Reduction]] = {
    "centre": Centre, "center": Centre, "middle": Centre,
    "beginning": Beginning, "end": End,
    "random": Random, "random-subsample": Random,
    "windows": Windows, "non-overlapping-windows": Windows,
}  # fmt: skip


def reduction_of(reduction: str | Sequence[str] | Reduction | Any, **arguments: Any) -> Any:
    """A reduction from its name, several from a list of names; an object with the two methods is used as it is.

    Names are those of this module in lower case, or the ones ``light_curve.embed`` uses. `arguments`: ``rng``.
    """
    if hasattr(reduction, "subsample_lc") and hasattr(reduction, "reduce_embeddings"):
        return reduction
    if isinstance(reduction, str):
        name = reduction.lower().replace("_", "-")
        if name not in _BY_NAME:
            raise ValueError(f"reduction: expected {', '.join(_BY_NAME)}, found {shown(reduction)}")
        kind = _BY_NAME[name]
        return kind(**(arguments if kind is Random else {}))
    if isinstance(reduction, Sequence) and reduction:
        if len(reduction) == 1:
            return reduction_of(reduction[0], **arguments)
        if isinstance(rng := arguments.get("rng"), int):
            arguments["rng"] = np.random.default_rng(rng)  # each choice a draw of its own
        return Several([reduction_of(one, **arguments) for one in reduction])
    raise TypeError(f"reduction: expected a name, a list of names or a reduction, found {shown(reduction)}")
