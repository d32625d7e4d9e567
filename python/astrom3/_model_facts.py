# SPDX-License-Identifier: MIT
"""What a checkpoint is, and how a model uses it."""

from __future__ import annotations

from . import _models, _options
from ._library import version
from ._options import DESCRIBED, Options


class ModelFacts:
    """The properties of a model."""

    _model: _models.LoadedModel
    _place: _models.Place
    _key: _models.Key
    _options: Options

    @property
    def path(self) -> str:
        """The path from which the checkpoint was read."""
        return self._place.path

    @property
    def sha256(self) -> str:
        """SHA-256 of the weights, lower-case hex."""
        return self._model.sha256

    @property
    def kind(self) -> str:
        """``"photo"``, ``"spectra"``, ``"metadata"``, or ``"shared"``: all three in one space."""
        return self._model.kind

    @property
    def modalities(self) -> tuple[str, ...]:
        """Those that the checkpoint has encoders of: ``"photo"``, ``"spectra"``, ``"metadata"``."""
        return self._model.modalities

    @property
    def attention(self) -> str:
        """The form of attention in use; "" without an encoder of light curves."""
        return self._model.attention

    @property
    def width(self) -> int:
        """D, the length of an embedding."""
        return self._model.width

    @property
    def n_steps(self) -> int:
        """T, the steps the encoder sees."""
        return self._model.n_steps

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the head's classes; "0", "1", ... without names (docs/formats.md); empty without a head."""
        return self._model.class_names

    @property
    def is_trained(self) -> bool:
        """False for random weights."""
        return self._model.is_trained

    @property
    def options(self) -> Options:
        """How light curves are treated."""
        return self._options

    @property
    def identity(self) -> dict[str, str]:
        """What an output should name: the weights, the version, the form of attention and the options."""
        known = _options.OF_LIGHT_CURVES if self.kind == "photo" else DESCRIBED
        return {
            "astrom3_version": version(),
            "model_sha256": self.sha256,
            "model_identity": self._model.identity,
            **dict(zip(("attention", "attention_seed", "precision"), map(str, self._how[1:]), strict=True)),
            **{name: str(getattr(self._options, name)) for name in known},
            **({"scaling": f"info.json {self._place.scaling_sha256}"} if self._scaling_of_the_hub else {}),
        }

    @property
    def _how(self) -> _models.Key:
        """The key with the form of attention in use."""
        return (self._key[0], self._model.attention, *self._key[2:])

    @property
    def _scaling_of_the_hub(self) -> str | None:
        return self._place.scaling_file if self._options.scaling == "checkpoint" else None
