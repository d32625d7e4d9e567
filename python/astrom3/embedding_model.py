# SPDX-License-Identifier: MIT
"""The encoder with the call shape of the models in ``light_curve.embed``."""

from __future__ import annotations

import os
import types
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Unpack

import numpy as np
import numpy.typing as npt

from ._arrays import is_single, spread
from ._errors import AstroM3Error
from ._keywords import GIVEN, FeatureKeywords, spell_out
from ._measured import is_time, unit_of, without_mask
from ._reduced import Windows, windows_of
from ._words import shown
from .model import AstroM3, Floats
from .reductions import Reduction, reduction_of

Output = Literal["mean", "max", "sequence"]
ZeroPoint = float | Mapping[Any, float] | None
_NO_ZERO_POINT = (
    "magnitudes, as the models of light_curve.embed take them, of a band whose zero point is not known: "
    "EmbeddingModel(zero_point=3631.0) says it in Jy (of all bands, or by band), EmbeddingModel(bands=['V']) and a "
    "band for every observation name one that is known, and EmbeddingModel(mag=False) takes fluxes, as AstroM3 does"
)


def _with_unit(name: str, value: Any) -> Any:
    """An array that can be indexed by another and keeps its unit and its mask."""
    if is_time(value) or unit_of(name, value) is not None:
        return value
    return np.asanyarray(value)


class EmbeddingModel:
    """AstroM3 for code that was written for the models of ``light_curve.embed``.

    A call gives four dimensions: (bands, subsamples, steps, D). Light curves longer than the encoder's T steps
    are cut by `reduction` after their features and scaling have been measured on the whole; with ``"centre"``
    the embedding is that of ``AstroM3``, bit for bit.

    Parameters
    ----------
    model : AstroM3 or path, optional
        None: ``AstroM3()``, the checkpoint that comes with the package.
    output : {"mean", "max", "sequence"}
        Mean or maximum over observed steps (one step), or every step.
    bands : sequence, optional
        Bands that are embedded separately, in this order; None: the whole light curve is one band.
    reduction : str, list of str, or reduction
        ``"centre"``, ``"beginning"``, ``"end"``, ``"random"``, ``"windows"`` (the whole light curve, as the mean
        weighted by observations), a list of these with one subsample each, or a reduction of ``light_curve.embed``.
    reduction_kwargs : mapping, optional
        ``{"rng": 1}`` for ``"random"``.
    mag : bool
        Calls pass magnitudes (else fluxes).
    zero_point : float or mapping, optional
        Flux density of magnitude 0 in Jy, for all bands or by band; None: known by the band's name.
    on_invalid : {"raise", "nan"}
        A light curve that cannot be embedded raises an error, or gives a row of NaN.

    Examples
    --------
    >>> import numpy as np
    >>> model = EmbeddingModel(bands=["g", "r"], reduction="windows")
    >>> time = np.linspace(0, 100, 600)
    >>> mag = 15 + 0.3 * np.sin(time)
    >>> model(time, mag, np.full(600, 0.02), np.array(["g", "r"] * 300)).shape
    (2, 1, 1, 128)
    """

    model_outputs: frozenset[str] = frozenset({"mean", "max", "sequence"})

    def __init__(
        self,
        model: AstroM3 | str | os.PathLike[str] | None = None,
        *,
        output: Output = "mean",
        bands: Sequence[Any] | None = None,
        reduction: str | Sequence[str] | Reduction | Any = "centre",
        reduction_kwargs: Mapping[str, Any] | None = None,
        mag: bool = True,
        zero_point: ZeroPoint = None,
        on_invalid: Literal["raise", "nan"] = "raise",
    ) -> None:
        if output not in self.model_outputs:
            raise ValueError(f"output: expected 'mean', 'max' or 'sequence', found {output!r}")
        if on_invalid not in ("raise", "nan"):
            raise ValueError(f"on_invalid: expected 'raise' or 'nan', found {on_invalid!r}")
        self.model = model if isinstance(model, AstroM3) else AstroM3(model)
        self.output = output
        self.bands = bands
        self.reduction = reduction_of(reduction, **(reduction_kwargs or {}))
        self.mag = mag
        self.zero_point = zero_point
        self.on_invalid = on_invalid

    @classmethod
    def from_hf(
        cls,
        output: Output = "mean",
        *,
        repository: str | None = None,
        revision: str | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
        offline: bool = False,
        n_threads: int | None = None,
        **arguments: Any,
    ) -> EmbeddingModel:
        """The published checkpoint, or another of the Hugging Face hub: see ``AstroM3.from_hf``."""
        model = AstroM3.from_hf(
            repository, revision=revision, cache_dir=cache_dir, offline=offline, n_threads=n_threads
        )
        return cls(model, output=output, **arguments)

    @property
    def seq_size(self) -> int:
        """T, the largest number of observations in one subsample."""
        return self.model.n_steps

    @property
    def embed_dim(self) -> int:
        """D."""
        return self.model.width

    def __call__(
        self,
        time: npt.ArrayLike,
        mag: npt.ArrayLike,
        mag_err: npt.ArrayLike,
        band: npt.ArrayLike | None = None,
        **given: Unpack[FeatureKeywords],
    ) -> Floats:
        """The embedding of one light curve, in any order of time.

        Parameters
        ----------
        time, mag, mag_err : (n,) array
            Days; magnitudes and one sigma (fluxes with ``mag=False``); one number is the error of all.
        band : (n,) array, optional
            Needed if the model has `bands`, and only then.
        **given
            `amplitude`, `period`, `lksl_statistic`, `rfr_score`, if they are given and not measured.

        Returns
        -------
        (bands, subsamples, steps, D) float32
            One band without `bands`; steps is 1 except for the sequence.
        """
        if (band is None) != (self.bands is None):
            raise ValueError(f"band: goes with bands, which is {shown(self.bands)}")
        if self.bands is None:
            return self._embed((time, mag, mag_err), None, given)[np.newaxis]
        labels = np.asarray(without_mask(band))
        names = ("time", "mag", "mag_err")
        if is_single(mag_err):
            mag_err = spread(mag_err, len(labels))
        arrays = [_with_unit(name, array) for name, array in zip(names, (time, mag, mag_err), strict=True)]
        for name, array in zip(names, arrays, strict=True):
            if array.shape != labels.shape:
                raise ValueError(f"band: shape {labels.shape} beside {array.shape} of {name}")
        return np.stack([self._embed(tuple(a[labels == name] for a in arrays), name, given) for name in self.bands])

    def _embed(self, arrays: tuple[Any, ...], band: Any, given: Mapping[str, Any]) -> Floats:
        """(subsamples, steps, D) of one band."""
        zero_point = self.zero_point.get(band) if isinstance(self.zero_point, Mapping) else self.zero_point
        try:
            chosen = self._windows(arrays, None if band is None else str(band), zero_point, given)
        except AstroM3Error as error:
            if error.code == "no_zero_point":  # of the call, not of the light curve
                raise AstroM3Error(_NO_ZERO_POINT, error.code) from None
            if self.on_invalid == "raise":
                raise
            n_windows = len(getattr(self.reduction, "reductions", [self.reduction]))
            steps = self.seq_size if self.output == "sequence" else 1
            return np.full((n_windows, steps, self.embed_dim), np.nan, np.float32)
        return self.reduce(chosen.x_enc, chosen.mask)

    def _windows(
        self, arrays: tuple[Any, ...], name: str | None, zero_point: float | None, given: Mapping[str, Any]
    ) -> Windows:
        x_enc, mask = self.model.preprocess(
            *arrays, mag=self.mag, band=name, zero_point=zero_point, n_steps=max(3, np.size(arrays[0])), **given
        )
        return windows_of(x_enc[mask > 0], self.reduction, self.seq_size)

    def windows(self, time: npt.ArrayLike, mag: npt.ArrayLike, mag_err: npt.ArrayLike) -> Windows:
        """The subsamples of a light curve of one band as the encoder takes them: `x_enc` (W, T, 9), `mask` (W, T)."""
        zero_point = None if isinstance(self.zero_point, Mapping) else self.zero_point
        return self._windows((time, mag, mag_err), None, zero_point, {})

    def reduce(self, x_enc: Floats, mask: Floats) -> Floats:
        """(subsamples, steps, D) of such tensors."""
        if self.output == "mean":
            embedded = self.model.encode(x_enc, mask)[:, np.newaxis]
        else:
            embedded = self.model.encode(x_enc, mask, output="sequence")
        if self.output == "max":
            embedded = np.where(mask[:, :, np.newaxis] > 0, embedded, -np.inf).max(axis=1, keepdims=True)
        tensors = types.SimpleNamespace(bool_mask=mask > 0)
        return np.asarray(self.reduction.reduce_embeddings(embedded, tensors, output=self.output), dtype=np.float32)


spell_out(EmbeddingModel.__call__, GIVEN)
