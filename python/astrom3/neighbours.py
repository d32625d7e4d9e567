# SPDX-License-Identifier: MIT
"""Nearest neighbours among embeddings: exact, by cosine similarity."""

from __future__ import annotations

import ctypes as c
import os
import pathlib
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ._arrays import address
from ._calls import call_if_long
from ._library import check, lib
from ._options import check_threads
from ._vectors import as_embeddings, is_column_of_lists

if TYPE_CHECKING:
    from .objects import Space

_MOST_EMPTY = 1000


class NeighbourIndex:
    """Rows that can be searched any number of times.

    Parameters
    ----------
    rows : (N, D) array, or a column of embeddings
        A column of lists of Arrow, pandas or polars. It is copied and held twice: as it is, and at unit length. A
        row that is missing or not finite, as of a rejected light curve, keeps its number and is never a neighbour.
    n_threads : int, optional
        None: all this process may use. Results are the same bits for any number.

    Examples
    --------
    >>> index = NeighbourIndex([[1, 0], [0, 1], [1, 1]])
    >>> rows, similarity = index.find([[0, 2]], k=2)
    >>> rows
    array([[1, 2]])

    It can be pickled, and saved: ``index.save("stars.npy")``, ``NeighbourIndex.load("stars.npy")``.
    """

    def __init__(self, rows: Any, *, n_threads: int | None = None) -> None:
        values = as_embeddings("rows", rows)
        if values is rows or values.base is not None:
            values = values.copy()  # the caller's may change
        if values.shape[1] == 0:
            raise ValueError(f"rows: expected at least one column, found shape {values.shape}")
        self._n_threads = check_threads(n_threads)
        self.shape = values.shape
        self._rows = values
        self._handle = c.c_void_p()
        check(lib.astrom3_index_open(address(values), *values.shape, self._n_threads, c.byref(self._handle)))

    def __del__(self) -> None:
        if handle := getattr(self, "_handle", None):
            lib.astrom3_index_close(handle)

    def __len__(self) -> int:
        return int(self.shape[0])

    def __repr__(self) -> str:
        return f"NeighbourIndex({self.shape[0]} rows of {self.shape[1]})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (_restore, (self._rows, self._n_threads))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the rows as a NumPy file, complete or not at all; ``numpy.load`` reads it, too."""
        target = pathlib.Path(path)
        part = target.with_name(f".{target.name}.{os.urandom(8).hex()}")
        try:
            with part.open("xb") as file:
                np.save(file, self._rows)
            if target.exists():
                part.chmod(target.stat().st_mode & 0o777)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, n_threads: int | None = None) -> NeighbourIndex:
        """The index that was saved, or one of any NumPy file of rows, such as the ``mean.npy`` of ``astrom3 embed``."""
        return cls(np.load(path, allow_pickle=False), n_threads=n_threads)

    def find(self, queries: Any, k: int = 10) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """The k rows most similar to each query.

        Parameters
        ----------
        queries : (Q, D) or (D,) array, or a column of embeddings
        k : int
            Number of neighbours: at most the number of rows, or 1000 if that is more.

        Returns
        -------
        rows : (Q, k) or (k,) int64
            Best first, of equal ones the lower number first; -1 past the last one.
        similarity : the same shape, float32
            Cosine; NaN past the last one.
        """
        one = _is_one(queries)
        values = as_embeddings("queries", np.asarray(queries)[np.newaxis] if one else queries)
        if values.shape[1] != self.shape[1]:
            raise ValueError(f"queries: expected {self.shape[1]} columns, found shape {values.shape}")
        if k < 0:
            raise ValueError(f"k: expected a number of neighbours, found {k}")
        if k > max(len(self), _MOST_EMPTY):  # room for neighbours that cannot be
            raise ValueError(f"k: there are {len(self)} rows, and {k} neighbours of each query are asked for")
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


def _is_one(queries: Any) -> bool:
    """Whether the argument is one embedding, not a table or a column of embeddings."""
    return not is_column_of_lists(queries) and np.ndim(queries) == 1


def _restore(rows: npt.NDArray[np.float32], n_threads: int) -> NeighbourIndex:
    return NeighbourIndex(rows, n_threads=n_threads or None)


def search(
    rows: Any,
    queries: Any,
    k: int = 10,
    *,
    from_: Space | None = None,
    to: Space | None = None,
    n_threads: int | None = None,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """The k of `rows` most similar to each of `queries` (arrays or columns of embeddings): ``NeighbourIndex.find``.

    Of an ``ObjectEmbeddings`` the embeddings `from_` of the queried objects are compared with the embeddings `to` of
    all, see ``ObjectEmbeddings.search``.
    """
    from .objects import ObjectEmbeddings

    if isinstance(rows, ObjectEmbeddings):
        return rows.search(queries, k, from_=from_ or "fused", to=to or "fused", n_threads=n_threads)
    if from_ is not None or to is not None:
        raise TypeError("from_, to: expected an ObjectEmbeddings as rows")
    return NeighbourIndex(rows, n_threads=n_threads).find(queries, k)
