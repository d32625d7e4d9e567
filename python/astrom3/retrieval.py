# SPDX-License-Identifier: MIT
"""How well objects are found in one modality by their embeddings in another."""

from __future__ import annotations

import ctypes as c
import dataclasses
from typing import Any

from ._arrays import address
from ._calls import call_if_long
from ._library import RetrievalStruct, check, lib
from ._options import check_threads
from ._vectors import as_embeddings

RANKS = (1, 5, 10)


@dataclasses.dataclass(frozen=True)
class Retrieval:
    """One direction, each number beside what chance gives.

    Attributes
    ----------
    n : int
        Objects with both embeddings. Each is searched for among all of them.
    recall, chance : dict
        The share of objects found among the first 1, 5 and 10, by these ranks.
    median_rank, chance_median_rank : float
        1 is the best.
    """

    n: int
    recall: dict[int, float]
    chance: dict[int, float]
    median_rank: float
    chance_median_rank: float


def measure_retrieval(from_: Any, to: Any, *, n_threads: int | None = None) -> Retrieval:
    """Searches for every object of `from_` among those of `to`.

    Parameters
    ----------
    from_, to : (N, E) arrays, or columns of embeddings
        The same objects in the same order. One that is NaN or missing in either is left out.

    Raises
    ------
    AstroM3Error
        No object has both embeddings: `code` is ``"no_input"``.
    """
    first, second = as_embeddings("from_", from_), as_embeddings("to", to)
    if first.shape != second.shape:
        raise ValueError(f"to: expected shape {first.shape} as of from_, found {second.shape}")
    found = RetrievalStruct(struct_size=c.sizeof(RetrievalStruct))
    threads = check_threads(n_threads)

    def call() -> None:
        check(lib.astrom3_measure_retrieval(address(first), address(second), *first.shape, threads, c.byref(found)))

    call_if_long(len(first) ** 2 >= 10_000_000, call)
    return Retrieval(
        int(found.n), dict(zip(RANKS, found.recall, strict=True)), dict(zip(RANKS, found.chance, strict=True)),
        found.median_rank, found.chance_median_rank,
    )  # fmt: skip
