# SPDX-License-Identifier: MIT
"""The results for one light curve: arrays and dicts that also say how they were made."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ._info import BatchInfo

if TYPE_CHECKING:
    _Array = np.ndarray[Any, np.dtype[np.float32]]
else:
    _Array = np.ndarray


class _OfOneLightCurve:
    """The properties of one light curve, read from a `BatchInfo` with one element."""

    info: BatchInfo | None

    def _known(self) -> BatchInfo:
        if self.info is None:
            raise AttributeError("these numbers were computed from an embedding; of the light curve they know nothing")
        return self.info

    @property
    def status(self) -> str:
        """``"ok"``: a light curve that cannot be embedded raises."""
        return str(self._known().status[0])

    @property
    def flag_names(self) -> tuple[str, ...]:
        """Names of the flags, such as ``"cropped"``; docs/errors.md explains them."""
        return tuple(self._known().flag_names(0))

    @property
    def n_raw(self) -> int:
        """Number of observations given."""
        return int(self._known().n_raw[0])

    @property
    def n_used(self) -> int:
        """Number of observations that the encoder saw."""
        return int(self._known().n_used[0])

    @property
    def features(self) -> dict[str, float]:
        """amplitude [mag], period [d], lksl_statistic and rfr_score that the encoder was given."""
        return {name: float(values[0]) for name, values in self._known().features.items()}

    @property
    def feature_sources(self) -> dict[str, str]:
        """Where each feature is from: ``"computed"`` or ``"set"``."""
        return {name: str(sources[0]) for name, sources in self._known().feature_sources.items()}

    def _rows(self) -> dict[str, str]:
        """The facts that are shown beside the numbers."""
        sources = self.feature_sources
        features = [
            f"{name} {value:.6g}{' (given)' if sources[name] != 'computed' else ''}"
            for name, value in self.features.items()
        ]
        return {
            "flags": ", ".join(self.flag_names) or "none",
            "observations": f"{self.n_raw}, of which the encoder saw {self.n_used}",
            "features": ", ".join(features),
        }


class Embedding(_OfOneLightCurve, _Array):
    """The embedding of one light curve: an array of float32, with its flags and features.

    Arrays that are computed from it, and parts of it, are plain arrays.

    Attributes
    ----------
    status : str
        ``"ok"``: a light curve that cannot be embedded raises.
    flag_names : tuple of str
        Such as ``"cropped"``; docs/errors.md explains them. (The attribute `flags` is NumPy's, of the memory.)
    n_raw, n_used : int
        Numbers of observations given, and of those that the encoder saw.
    features, feature_sources : dict
        amplitude [mag], period [d], lksl_statistic and rfr_score, and whether each was ``"computed"`` or ``"set"``.
    info : BatchInfo
        The same facts, as those of a batch with one light curve.
    """

    __array_priority__ = -1.0  # joined with others it is a plain array
    info: BatchInfo | None = None

    def __array_finalize__(self, origin: Any) -> None:
        is_same = isinstance(origin, Embedding) and origin.shape == self.shape
        self.info = origin.info if is_same else None

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        plain = np.asarray(array)
        return plain[()] if return_scalar else plain

    def __getitem__(self, key: Any) -> Any:
        return np.asarray(self)[key]

    def __reduce__(self) -> tuple[Any, ...]:
        return (embedding_of, (np.array(self, subok=False), self.info))

    def __repr__(self) -> str:
        if self.info is None:
            return repr(np.asarray(self))
        rows = "; ".join(f"{name}: {text}" for name, text in self._rows().items())
        return f"Embedding({self._numbers()}; {rows})"

    def _numbers(self) -> str:
        values = np.array2string(np.asarray(self), threshold=6, edgeitems=2, precision=4, separator=", ")
        shown = " ".join(values.split()).replace(" ,", ",").replace("[ ", "[")
        return f"{' x '.join(map(str, self.shape))} float32 {shown}"

    def _repr_html_(self) -> str:
        if self.info is None:
            return f"<pre>{html.escape(repr(np.asarray(self)))}</pre>"
        return _table({"embedding": self._numbers(), **self._rows()})


class Probabilities(_OfOneLightCurve, dict[str, float]):
    """The probability of every class, most probable first: a dict, with the flags and features of `Embedding`."""

    def __init__(self, values: Mapping[str, float], info: BatchInfo | None = None) -> None:
        super().__init__(values)
        self.info = info

    def __reduce__(self) -> tuple[Any, ...]:
        return (Probabilities, (dict(self), self.info))

    def _repr_html_(self) -> str:
        shown = {name: f"{value:.4f}" for name, value in self.items()}
        return _table({**shown, **(self._rows() if self.info is not None else {})})


def embedding_of(values: Any, info: BatchInfo | None) -> Embedding:
    """`values` as an embedding with the facts in `info`."""
    found = np.asarray(values).view(Embedding)
    found.info = info
    return found


def _table(rows: Mapping[str, str]) -> str:
    cells = "".join(
        f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
        f"<td style='text-align:left'>{html.escape(text)}</td></tr>"
        for name, text in rows.items()
    )
    return f"<table>{cells}</table>"
