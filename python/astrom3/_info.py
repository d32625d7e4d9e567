# SPDX-License-Identifier: MIT
"""The facts about each light curve of a batch, beside its embedding."""

from __future__ import annotations

import dataclasses
import html
import itertools
from typing import Any

import numpy as np
import numpy.typing as npt

from ._extras import load
from ._library import FEATURE_SOURCES, FEATURES, FLAG_NAMES, STATUS_NAMES

_STATUS = np.array(STATUS_NAMES)
_SOURCES = np.array(FEATURE_SOURCES)
Ids = tuple[npt.NDArray[np.int64], bytes]  # where each one begins, and their texts one after the other


_ROWS_SHOWN = 10


def _listed(what: str, counts: dict[str, int]) -> str:
    return f"{what}: {', '.join(f'{name} {count}' for name, count in counts.items())}" if counts else ""


def likeliest(probabilities: npt.NDArray[np.float32], class_names: tuple[str, ...]) -> npt.NDArray[np.str_]:
    """The most probable class of each row; "" for rows of NaN."""
    names = np.array([*class_names, ""])
    invalid = np.isnan(probabilities).any(axis=1)
    return np.asarray(names[np.where(invalid, len(class_names), np.nan_to_num(probabilities).argmax(axis=1))])


@dataclasses.dataclass(frozen=True, repr=False)
class BatchInfo:
    """Status, flags and features of N light curves, in their order.

    Its types are signed, because Spark has no others. ``print`` shows a summary; ``to_pandas()`` is the whole table.

    Attributes
    ----------
    code : (N,) int16
        0 if the light curve was embedded; `status` has the names.
    flags : (N,) int64
        Remarks, one bit each; `flag_names` has the names.
    n_raw, n_used : (N,) int64
        Numbers of observations given (after the selection), and of those that the encoder saw.
    feature_values : (N, 4) float64
        Raw units; `features` has them by name.
    feature_source_codes : (N, 4) int16
        `feature_sources` has the names.
    log10_mad, delta_t : (N,) float64
        Channels 7 and 8 of the input.
    probabilities : (N, C) float32, optional
        Of the head's classes, if they were asked for; NaN where rejected. `class_names` names them.
    """

    code: npt.NDArray[np.int16]
    flags: npt.NDArray[np.int64]
    n_raw: npt.NDArray[np.int64]
    n_used: npt.NDArray[np.int64]
    feature_values: npt.NDArray[np.float64]
    feature_source_codes: npt.NDArray[np.int16]
    log10_mad: npt.NDArray[np.float64]
    delta_t: npt.NDArray[np.float64]
    ids: tuple[Ids, ...] = dataclasses.field(default=(), repr=False)
    probabilities: npt.NDArray[np.float32] | None = None
    class_names: tuple[str, ...] = ()

    @property
    def object_id(self) -> npt.NDArray[np.str_]:
        """(N,) the id of each row: from the column of ids, else a number; ``"<id>:<band>"`` with ``band="split"``."""
        texts = [
            text[begin:end].decode("utf-8", "replace")
            for offsets, text in self.ids
            for begin, end in itertools.pairwise(offsets.tolist())
        ]
        return np.array(texts, dtype=np.str_)

    @property
    def ok(self) -> npt.NDArray[np.bool_]:
        """(N,) whether each light curve was embedded."""
        return np.asarray(self.code == 0)

    @property
    def status(self) -> npt.NDArray[np.str_]:
        """(N,) ``"ok"``, or the code that says why not."""
        return np.asarray(_STATUS[self.code], dtype=np.str_)

    @property
    def classes(self) -> npt.NDArray[np.str_]:
        """(N,) the most probable class; "" where rejected. Raises AttributeError if no classes were asked for."""
        if self.probabilities is None:
            raise AttributeError("classes were not asked for: many(..., classes=True)")
        return likeliest(self.probabilities, self.class_names)

    @property
    def features(self) -> dict[str, npt.NDArray[np.float64]]:
        """amplitude, period, lksl_statistic and rfr_score, each (N,) in raw units; NaN where rejected."""
        return {name: self.feature_values[:, i] for i, name in enumerate(FEATURES)}

    @property
    def feature_sources(self) -> dict[str, npt.NDArray[np.str_]]:
        """Where each value is from: ``"computed"``, ``"catalog"`` (given one by one) or ``"set"``."""
        return {
            name: np.asarray(_SOURCES[self.feature_source_codes[:, i]], dtype=np.str_)
            for i, name in enumerate(FEATURES)
        }

    def flag_names(self, i: int) -> list[str]:
        """The names of the flags of light curve `i`."""
        return [name for bit, name in enumerate(FLAG_NAMES) if self.flags[i] >> bit & 1]

    def __len__(self) -> int:
        return len(self.code)

    def to_pandas(self) -> Any:
        """A data frame with a row for every light curve: the columns that ``astrom3 embed`` writes beside embeddings.

        `object_id`, `status`, `flags` (joined by ``;``), `n_raw`, `n_used`, the four features in raw units,
        `log10_mad`, `delta_t` and `feature_sources`; missing where the light curve was rejected.
        """
        pd = load("pandas", "to_pandas()")

        ok = self.ok
        ids = self.object_id if self.ids else np.arange(len(self)).astype(str)
        sources = self.feature_sources
        return pd.DataFrame(
            {
                "object_id": pd.Series(ids, dtype=object),
                "status": pd.Series(self.status, dtype=object),
                "flags": pd.Series([";".join(self.flag_names(i)) for i in range(len(self))], dtype=object),
                "n_raw": self.n_raw,
                "n_used": self.n_used,
                **self.features,
                "log10_mad": self.log10_mad,
                "delta_t": self.delta_t,
                "feature_sources": pd.Series(
                    [
                        ";".join(f"{name}={sources[name][i]}" for name in FEATURES) if ok[i] else None
                        for i in range(len(self))
                    ],
                    dtype=object,
                ),
                **self._class_columns(pd),
            }
        )

    def _class_columns(self, pd: Any) -> dict[str, Any]:
        """As ``astrom3 classify`` writes them."""
        if self.probabilities is None:
            return {}
        names = [name or None for name in self.classes.tolist()]
        columns = {f"p_{name}": self.probabilities[:, i] for i, name in enumerate(self.class_names)}
        return {"class": pd.Series(names, dtype=object), **columns}

    def _counts(self) -> tuple[dict[str, int], dict[str, int]]:
        """How many light curves have each status and each flag, of those that occur."""
        codes, counts = np.unique(self.code, return_counts=True)
        of_status = {STATUS_NAMES[code]: int(count) for code, count in zip(codes, counts, strict=True)}
        of_flags = {name: int(np.count_nonzero(self.flags >> bit & 1)) for bit, name in enumerate(FLAG_NAMES)}
        return of_status, {name: count for name, count in of_flags.items() if count}

    def __repr__(self) -> str:
        of_status, of_flags = self._counts()
        parts = [f"{len(self)} light curve{'' if len(self) == 1 else 's'}", _listed("status", of_status)]
        return f"BatchInfo({'; '.join(filter(None, [*parts, _listed('flags', of_flags)]))})"

    def _repr_html_(self) -> str:
        """What Jupyter shows: the summary, and the first rows where pandas is installed."""
        summary = f"<p>{html.escape(repr(self))}</p>"
        try:
            return f"{summary}{self._first(_ROWS_SHOWN).to_pandas().to_html(index=False, border=0)}"
        except ImportError:
            return summary

    def _first(self, n: int) -> BatchInfo:
        """Of the first `n` light curves alone."""
        names = self._arrays()
        ids, left = [], n
        for offsets, text in self.ids:
            ids.append((offsets[: left + 1], text))
            left = max(0, left - (len(offsets) - 1))
        arrays = {name: getattr(self, name)[:n] for name in names}
        return BatchInfo(**arrays, ids=tuple(ids), class_names=self.class_names)

    def _arrays(self) -> list[str]:
        """Names of the attributes that have a value for each light curve."""
        names = [field.name for field in dataclasses.fields(self) if field.name not in ("ids", "class_names")]
        return [name for name in names if getattr(self, name) is not None]

    @classmethod
    def empty(cls, n: int) -> BatchInfo:
        """Room for `n` light curves."""
        return cls(
            code=np.zeros(n, np.int16),
            flags=np.zeros(n, np.int64),
            n_raw=np.zeros(n, np.int64),
            n_used=np.zeros(n, np.int64),
            feature_values=np.full((n, 4), np.nan),
            feature_source_codes=np.zeros((n, 4), np.int16),
            log10_mad=np.full(n, np.nan),
            delta_t=np.full(n, np.nan),
        )

    @classmethod
    def concatenate(cls, parts: list[BatchInfo]) -> BatchInfo:
        """The parts one after the other."""
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return cls.empty(0)
        arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in parts[0]._arrays()}
        ids = tuple(ids for part in parts for ids in part.ids)
        return cls(**arrays, ids=ids, class_names=parts[0].class_names)
