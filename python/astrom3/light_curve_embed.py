# SPDX-License-Identifier: MIT
"""AstroM3 beside the models of ``light_curve.embed``: a subclass of theirs, under a name in their module."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ._extras import load
from ._words import shown
from .embedding_model import EmbeddingModel, ZeroPoint
from .model import AstroM3


def register(name: str = "AstroM3") -> Any:
    """Puts our model into ``light_curve.embed``, for code that takes its models by name or by type.

    The class is a ``SingleBandModel`` of light_curve, with the arguments of `EmbeddingModel`. A call
    ``model(time, mag, mag_err, band=None)`` has the shape (bands, subsamples, steps, D). `reduction` is ``"centre"`` by
    default, as the encoder was trained; reductions of light_curve work, too.

    Parameters
    ----------
    name : str
        The name in ``light_curve.embed``.

    Returns
    -------
    class
        ``light_curve.embed.<name>``; the same one at every call.

    Raises
    ------
    ImportError
        The package light-curve is not installed. Tested with 0.13.3.
    ValueError
        light_curve has something else of this name.

    Examples
    --------
    ``astrom3.light_curve_embed.register(); from light_curve.embed import AstroM3``
    """
    embed = load("light_curve.embed", "register()")
    there = getattr(embed, name, None)
    if there is not None and not getattr(there, "is_of_astrom3", False):
        raise ValueError(f"name: light_curve.embed has a {shown(name)} of its own; choose another one")
    if there is None:
        there = _class_for(embed, name)
        setattr(embed, name, there)
        if name not in embed.__all__:
            embed.__all__.append(name)
    return there


class _Steps:
    """What a model of light_curve does, by an `EmbeddingModel`."""

    is_of_astrom3 = True
    hf_repo = "AstroMLCore/AstroM3-CLIP-photo"
    model_outputs = EmbeddingModel.model_outputs
    inputs: Any  # the class of its tensors

    def __init__(
        self,
        session: AstroM3 | str | os.PathLike[str] | None = None,
        *,
        output: Literal["mean", "max", "sequence"] = "mean",
        bands: Sequence[Any] | None = None,
        reduction: Any = "centre",
        reduction_kwargs: Mapping[str, Any] | None = None,
        zero_point: ZeroPoint = None,
        mag: bool = True,
    ) -> None:
        self.embedder = EmbeddingModel(
            session, output=output, bands=bands, reduction=reduction, reduction_kwargs=reduction_kwargs,
            zero_point=zero_point, mag=mag,
        )  # fmt: skip
        self.session, self.reduction = self.embedder.model, self.embedder.reduction
        self.output, self.bands = output, bands
        self.seq_size, self.embed_dim = self.embedder.seq_size, self.embedder.embed_dim

    @classmethod
    def from_hf(cls, output: Any = "mean", **arguments: Any) -> Any:
        """The published checkpoint, or the `repository` that is named."""
        names = ("repository", "revision", "cache_dir", "offline", "n_threads")
        place = {one: arguments.pop(one) for one in names if one in arguments}
        return cls(AstroM3.from_hf(place.pop("repository", None), **place), output=output, **arguments)

    def __call__(self, time: Any, mag: Any, mag_err: Any, band: Any = None, **given: Any) -> Any:
        return self.embedder(time, mag, mag_err, band, **given)

    def preprocess_lc(self, *arrays: Any) -> Any:
        """The tensors of one band: (time, mag, mag_err)."""
        chosen = self.embedder.windows(*arrays)
        return self.inputs(bool_mask=chosen.mask > 0, x_enc=chosen.x_enc, mask=chosen.mask)

    def predict_tensors(self, tensors: Any) -> Any:
        """(subsamples, steps, D) of `preprocess_lc`'s tensors."""
        return self.embedder.reduce(tensors.x_enc, tensors.mask)


def _class_for(embed: Any, name: str) -> Any:
    """The steps as a subclass of the SingleBandModel that is installed."""
    base: Any = load("light_curve.embed.input_tensors", "register()").InputTensors

    @dataclasses.dataclass
    class AstroM3Inputs(base):  # type: ignore[misc]
        """x_enc (W, T, 9) and mask (W, T) beside their `bool_mask`."""

        x_enc: npt.NDArray[np.float32] = dataclasses.field(kw_only=True)
        mask: npt.NDArray[np.float32] = dataclasses.field(kw_only=True)

    names = {"__doc__": EmbeddingModel.__doc__, "__module__": embed.__name__, "inputs": AstroM3Inputs}
    return type(embed.SingleBandModel)(name, (_Steps, embed.SingleBandModel), names)
