# SPDX-License-Identifier: MIT
"""What is known of each light curve of a batch beside its embedding."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import numpy.typing as npt

from ._library import FEATURE_SOURCES, FEATURES, FLAG_NAMES, STATUS_NAMES

_STATUS = np.array(STATUS_NAMES)
_SOURCES = np.array(FEATURE_SOURCES)
Ids = tuple[npt.NDArray[np.int64], bytes]  # where each one begins, and their texts one after the other


@dataclasses.dataclass(frozen=True)
class BatchInfo:
    """Status, flags and features of N light curves, in their order.

    Attributes
    ----------
    code : (N,) uint8
        0 where the light curve was embedded; `status` has the names.
    flags : (N,) uint32
        Remarks, one bit each; `flag_names` has the names.
    n_raw, n_used : (N,) int64
        Observations given (after the selection) and steps the encoder saw.
    feature_values : (N, 4) float64
        Raw units; `features` has them by name.
    feature_source_codes : (N, 4) uint8
        `feature_sources` has the names.
    log10_mad, delta_t : (N,) float64
        Channels 7 and 8 of the input.
    """

    code: npt.NDArray[np.uint8]
    flags: npt.NDArray[np.uint32]
    n_raw: npt.NDArray[np.int64]
    n_used: npt.NDArray[np.int64]
    feature_values: npt.NDArray[np.float64]
    feature_source_codes: npt.NDArray[np.uint8]
    log10_mad: npt.NDArray[np.float64]
    delta_t: npt.NDArray[np.float64]
    ids: tuple[Ids, ...] = dataclasses.field(default=(), repr=False)

    @property
    def object_id(self) -> npt.NDArray[np.str_]:
        """(N,) whose each row is: by the column of ids, else by number; ``"<id>:<band>"`` with ``band="split"``."""
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
        """(N,) ``"ok"`` or why not."""
        return np.asarray(_STATUS[self.code], dtype=np.str_)

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

    @classmethod
    def empty(cls, n: int) -> BatchInfo:
        """Room for `n` light curves."""
        return cls(
            code=np.zeros(n, np.uint8),
            flags=np.zeros(n, np.uint32),
            n_raw=np.zeros(n, np.int64),
            n_used=np.zeros(n, np.int64),
            feature_values=np.full((n, 4), np.nan),
            feature_source_codes=np.zeros((n, 4), np.uint8),
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
        names = [field.name for field in dataclasses.fields(cls) if field.name != "ids"]
        arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        return cls(**arrays, ids=tuple(ids for part in parts for ids in part.ids))
