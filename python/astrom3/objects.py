# SPDX-License-Identifier: MIT
"""Objects with the embeddings of their modalities: what a checkpoint of several modalities gives."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ._extras import load
from ._library import STATUS_NAMES
from ._vectors import as_embeddings
from ._words import shown
from .neighbours import NeighbourIndex
from .retrieval import Retrieval, measure_retrieval

Floats = npt.NDArray[np.float32]
Space = Literal["photo", "spectra", "metadata", "fused"]
_OF_OBJECTS: tuple[Space, ...] = ("photo", "spectra", "metadata")
SPACES: tuple[Space, ...] = (*_OF_OBJECTS, "fused")


@dataclasses.dataclass(frozen=True, eq=False)
class ObjectEmbedding:
    """One object.

    Attributes
    ----------
    object_id : str
    status : str
        ``"ok"`` when any modality could be embedded (with ``require="all"`` all of them), else the code that says why.
    modalities : tuple of str
        Those that could be embedded: ``"photo"``, ``"spectra"``, ``"metadata"``.
    flag_names : tuple of str
        Of the light curve as they are; ``"spectra:edge_extended"``; ``"metadata:missing_value"`` of what is missing.
    photo, spectra, metadata : (E,) float32, or None
    fused : (F,) float32, or None
        The mean of the embeddings that there are, or all one after the other.
    messages : dict
        Why a modality has no embedding.
    """

    object_id: str
    status: str
    modalities: tuple[str, ...]
    flag_names: tuple[str, ...]
    photo: Floats | None
    spectra: Floats | None
    metadata: Floats | None
    fused: Floats | None
    messages: Mapping[str, str]

    def __repr__(self) -> str:
        there = ", ".join(self.modalities) or "nothing"
        flags = f"; flags: {', '.join(self.flag_names)}" if self.flag_names else ""
        return f"ObjectEmbedding({self.object_id!r}, {self.status}: {there}{flags})"


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class ObjectEmbeddings:
    """N objects, in the order of the rows of ``astrom3 embed``.

    Attributes
    ----------
    object_id : (N,) array of texts
    code : (N,) int16
        0 for ``"ok"``; `status` has the names.
    flag_names : tuple of N tuples of texts
    photo, spectra, metadata : (N, E) float32
        NaN where an object has none.
    fused : (N, F) float32
        (N, 0) of a checkpoint of one modality.
    probabilities : (N, classes) float32, or None
        Where they were asked for.
    class_names : tuple of str
    messages : tuple of N dicts
        Why a modality has no embedding, by its name.
    """

    object_id: npt.NDArray[np.str_]
    code: npt.NDArray[np.int16]
    flag_names: tuple[tuple[str, ...], ...]
    photo: Floats
    spectra: Floats
    metadata: Floats
    fused: Floats
    probabilities: Floats | None
    class_names: tuple[str, ...]
    messages: tuple[Mapping[str, str], ...]

    @property
    def status(self) -> npt.NDArray[np.str_]:
        """(N,) ``"ok"``, or the code that says why not."""
        return np.asarray(np.array(STATUS_NAMES)[self.code], dtype=np.str_)

    @property
    def ok(self) -> npt.NDArray[np.bool_]:
        """(N,) whether the status is ok."""
        return np.asarray(self.code == 0)

    def has(self, modality: Space) -> npt.NDArray[np.bool_]:
        """(N,) whether an object has this embedding."""
        values = self.of(modality)
        if values.shape[1] == 0:
            return np.zeros(len(values), np.bool_)
        return np.asarray(~np.isnan(values).any(axis=1), np.bool_)

    def of(self, modality: Space) -> Floats:
        """The embeddings of that name."""
        if modality not in SPACES:
            raise ValueError(f"expected one of {', '.join(SPACES)}, found {shown(modality)}")
        values: Floats = getattr(self, modality)
        return values

    @property
    def modalities(self) -> tuple[tuple[str, ...], ...]:
        """Those that could be embedded, of each object."""
        there = {name: self.has(name) for name in _OF_OBJECTS}
        return tuple(tuple(name for name in _OF_OBJECTS if there[name][i]) for i in range(len(self)))

    def __len__(self) -> int:
        return len(self.code)

    def __getitem__(self, i: int) -> ObjectEmbedding:
        def one(name: Space) -> Floats | None:
            row = self.of(name)[i]
            return None if len(row) == 0 or np.isnan(row).any() else row

        return ObjectEmbedding(
            object_id=str(self.object_id[i]),
            status=STATUS_NAMES[self.code[i]],
            modalities=tuple(name for name in _OF_OBJECTS if one(name) is not None),
            flag_names=self.flag_names[i],
            photo=one("photo"),
            spectra=one("spectra"),
            metadata=one("metadata"),
            fused=one("fused"),
            messages=self.messages[i],
        )

    def __iter__(self) -> Iterator[ObjectEmbedding]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        counts = ", ".join(f"{name} {int(self.has(name).sum())}" for name in _OF_OBJECTS)
        return f"ObjectEmbeddings({len(self)} objects, {int(self.ok.sum())} ok: {counts})"

    # ---- neighbours ------------------------------------------------------------------------------------

    def search(
        self, queries: Any = None, k: int = 10, *, from_: Space = "fused", to: Space = "fused",
        with_self: bool = False, n_threads: int | None = None,
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:  # fmt: skip
        """The objects whose embedding `to` is most similar to the embedding `from_` of others.

        Parameters
        ----------
        queries : str, or list of str, optional
            Ids of objects; None: every object. Or embeddings: an (E,) or (Q, E) array.
        k : int
            Number of neighbours.
        from_, to : {"photo", "spectra", "metadata", "fused"}
            ``from_="metadata", to="photo"``: the light curves nearest to an object's metadata. Its own light curve is
            among them, for this is another embedding.
        with_self : bool
            With equal `from_` and `to`, an object is its own neighbour, too.

        Returns
        -------
        rows : (Q, k) or (k,) int64
            Of this table, best first; -1 past the last one.
        similarity : the same shape, float32
            Cosine; NaN past the last one.
        """
        index = NeighbourIndex(self.of(to), n_threads=n_threads)
        is_one = isinstance(queries, str)
        if queries is not None and not is_one and not _are_ids(queries):
            return index.find(queries, k)
        own = self._rows_of([queries] if is_one else queries, from_)
        leaves_out = from_ == to and not with_self
        rows, similarity = index.find(self.of(from_)[own], min(k + leaves_out, max(len(self), 1000)))
        if leaves_out:
            rows, similarity = _without(own, rows, similarity)
        rows, similarity = rows[:, :k], similarity[:, :k]
        return (rows[0], similarity[0]) if is_one else (rows, similarity)

    def _rows_of(self, ids: Any, from_: Space) -> npt.NDArray[np.int64]:
        """The rows of these objects, each with this embedding; of None all that have it."""
        has = self.has(from_)
        if ids is None:
            return np.flatnonzero(has)
        places: dict[str, int] = {}
        for i, one in enumerate(self.object_id.tolist()):
            places.setdefault(one, i)
        for one in ids:
            if str(one) not in places:
                raise ValueError(f"queries: there is no object {one!r}")
            if not has[places[str(one)]]:
                raise ValueError(f"queries: {one!r} has no embedding {from_!r}")
        return np.array([places[str(one)] for one in ids], dtype=np.int64)

    def retrieval(self, *, n_threads: int | None = None) -> dict[tuple[str, str], Retrieval]:
        """How well objects are found in one modality by their embedding in another, in all directions.

        Keys are pairs such as ``("metadata", "photo")``: queries, and what is searched. A direction is there if any
        object has both embeddings.
        """
        has = {name: self.has(name) for name in _OF_OBJECTS}
        return {
            (first, second): measure_retrieval(self.of(first), self.of(second), n_threads=n_threads)
            for first in _OF_OBJECTS
            for second in _OF_OBJECTS
            if first != second and bool((has[first] & has[second]).any())
        }

    # ---- tables ----------------------------------------------------------------------------------------

    @classmethod
    def from_arrow(cls, table: Any) -> ObjectEmbeddings:
        """The objects of an Arrow table with these columns, such as the Parquet file of ``astrom3 embed``.

        For `search` and `retrieval`: ``ObjectEmbeddings.from_arrow(pyarrow.parquet.read_table("out.parquet"))``.
        """
        names = list(table.column_names)
        for name in ("object_id", "status", "flags"):
            if name not in names:
                raise ValueError(f"table: there is no column {name!r} among {', '.join(names)}")
        n = table.num_rows
        spaces = {
            name: as_embeddings(name, table.column(f"{name}_embedding"))
            for name in SPACES
            if f"{name}_embedding" in names
        }
        width = max((spaces[name].shape[1] for name in spaces if name != "fused"), default=0)
        missing = {name: np.full((n, 0 if name == "fused" else width), np.nan, np.float32) for name in SPACES}
        flags = [text or "" for text in table.column("flags").to_pylist()]
        return cls(
            object_id=np.array(table.column("object_id").to_pylist(), dtype=np.str_),
            code=np.array([STATUS_NAMES.index(name) for name in table.column("status").to_pylist()], np.int16),
            flag_names=tuple(tuple(filter(None, text.split(";"))) for text in flags),
            probabilities=None,
            class_names=(),
            messages=({},) * n,
            **{**missing, **spaces},
        )

    def to_arrow(self) -> Any:
        """An Arrow table with the columns of the Parquet file of ``astrom3 embed`` (or ``classify``)."""
        pa = load("pyarrow", "to_arrow()")

        columns = {
            "object_id": pa.array(self.object_id.tolist(), pa.string()),
            "status": pa.array(self.status.tolist(), pa.string()),
            "flags": pa.array([";".join(names) for names in self.flag_names], pa.string()),
            "modalities": pa.array([";".join(names) for names in self.modalities], pa.string()),
        }
        if self.probabilities is not None:
            return pa.table({**columns, **self._class_columns(pa)})
        for name in SPACES:
            values = self.of(name)
            if values.shape[1]:
                flat, missing = pa.array(values.reshape(-1)), pa.array(~self.has(name))
                column = pa.FixedSizeListArray.from_arrays(flat, values.shape[1], mask=missing)
                columns[f"{name}_embedding"] = column
        return pa.table(columns)

    def _class_columns(self, pa: Any) -> dict[str, Any]:
        assert self.probabilities is not None
        missing = np.asarray(np.isnan(self.probabilities).any(axis=1))
        best = np.nan_to_num(self.probabilities).argmax(axis=1)
        names = [None if bad else self.class_names[i] for bad, i in zip(missing, best, strict=True)]
        of_class = {
            f"p_{name}": pa.array(self.probabilities[:, i].astype(np.float64), mask=missing)
            for i, name in enumerate(self.class_names)
        }
        return {"class": pa.array(names, pa.string()), **of_class}

    def to_pandas(self) -> Any:
        """The same as a data frame."""
        load("pandas", "to_pandas()")
        return self.to_arrow().to_pandas()


def _are_ids(queries: Any) -> bool:
    kind = getattr(getattr(queries, "dtype", None), "kind", "")
    return (kind in "US" and kind != "") or (len(queries) > 0 and all(isinstance(one, str) for one in queries))


def _without(
    own: npt.NDArray[np.int64], rows: npt.NDArray[np.int64], similarity: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Neighbours without the object itself, or without the last one where it is not among them."""
    keep = rows != own[:, np.newaxis]
    keep[keep.all(axis=1), -1] = False
    shape = (len(rows), rows.shape[1] - 1)
    return rows[keep].reshape(shape), similarity[keep].reshape(shape)
