# SPDX-License-Identifier: MIT
"""Nearest neighbours among embeddings: exact, by cosine similarity."""

from __future__ import annotations

import ctypes as c

import numpy as np
import numpy.typing as npt

from ._arrays import address, as_float32_rows
from ._calls import call_if_long
from ._library import check, lib
from ._options import check_threads


class NeighbourIndex:
    """Rows searched any number of times.

    Parameters
    ----------
    rows : (N, D) array
        Copied. A row that is not finite, as of a rejected light curve, keeps its number and is nobody's
        neighbour.
    n_threads : int, optional
        None: all this process may use. Results are the same bits for any number.

    Examples
    --------
    >>> index = NeighbourIndex([[1, 0], [0, 1], [1, 1]])
    >>> rows, similarity = index.find([[0, 2]], k=2)
    >>> rows
    array([[1, 2]])
    """

    def __init__(self, rows: npt.ArrayLike, *, n_threads: int | None = None) -> None:
        values = as_float32_rows("rows", rows)
        if values.shape[1] == 0:
            raise ValueError(f"rows: expected at least one column, found shape {values.shape}")
        self._n_threads = check_threads(n_threads)
        self.shape = values.shape
        self._handle = c.c_void_p()
        check(lib.astrom3_index_open(address(values), *values.shape, self._n_threads, c.byref(self._handle)))

    def __del__(self) -> None:
        if handle := getattr(self, "_handle", None):
            lib.astrom3_index_close(handle)

    def __len__(self) -> int:
        return int(self.shape[0])

    def find(self, queries: npt.ArrayLike, k: int = 10) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """The k rows most similar to each query.

        Parameters
        ----------
        queries : (Q, D) or (D,) array
        k : int

        Returns
        -------
        rows : (Q, k) or (k,) int64
            Best first, of equals the lower number first; -1 past the last one.
        similarity : the same shape, float32
            Cosine; NaN past the last one.
        """
        one = np.ndim(queries) == 1
        values = as_float32_rows("queries", np.asarray(queries)[np.newaxis] if one else queries)
        if values.shape[1] != self.shape[1]:
            raise ValueError(f"queries: expected {self.shape[1]} columns, found shape {values.shape}")
        if k < 0:
            raise ValueError(f"k: expected a number of neighbours, found {k}")
        rows = np.empty((len(values), k), np.int64)
        similarity = np.empty((len(values), k), np.float32)

        def call() -> None:
            check(
                lib.astrom3_index_find(
                    self._handle, address(values), len(values), k, self._n_threads, address(rows), address(similarity)
                )
            )

        call_if_long(len(values) * len(self) >= 10_000_000, call)
        return (rows[0], similarity[0]) if one else (rows, similarity)


def search(
    rows: npt.ArrayLike, queries: npt.ArrayLike, k: int = 10, *, n_threads: int | None = None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """The k of `rows` (N, D) most similar to each of `queries`: see ``NeighbourIndex.find``."""
    return NeighbourIndex(rows, n_threads=n_threads).find(queries, k)
