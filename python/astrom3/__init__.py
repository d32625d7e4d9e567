# SPDX-License-Identifier: MIT
"""Light curve in, AstroM3 embedding out.

``AstroM3`` loads a checkpoint; calling it embeds one light curve, ``many`` embeds any number of them from
lists, flat tables, pandas or Arrow. With a checkpoint of several modalities ``embed`` and ``many`` take spectra
(``read_spectrum``) and metadata, too. ``features``, ``find_period``, ``periodogram`` and ``preprocess`` need no
checkpoint. ``search`` finds the nearest of many embeddings; ``outliers``, ``evaluate`` and ``project`` say more about
them. ``train`` and ``study`` run the command for light curves of a notebook.

Nothing here prints. Importing this package loads nothing else; the engine and NumPy are loaded at the first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import light_curve_embed as light_curve_embed
    from . import plot as plot
    from ._errors import AstroM3Error as AstroM3Error
    from ._errors import AstroM3Warning as AstroM3Warning
    from ._info import BatchInfo as BatchInfo
    from ._library import version as version
    from ._options import Options as Options
    from .alerts import from_rubin_alert as from_rubin_alert
    from .alerts import from_ztf_alert as from_ztf_alert
    from .downstream import evaluate as evaluate
    from .downstream import outliers as outliers
    from .downstream import project as project
    from .embedding_model import EmbeddingModel as EmbeddingModel
    from .evaluation import Evaluation as Evaluation
    from .measure import Period as Period
    from .measure import features as features
    from .measure import find_period as find_period
    from .measure import preprocess as preprocess
    from .model import AstroM3 as AstroM3
    from .neighbours import NeighbourIndex as NeighbourIndex
    from .neighbours import search as search
    from .objects import ObjectEmbedding as ObjectEmbedding
    from .objects import ObjectEmbeddings as ObjectEmbeddings
    from .periodograms import Box as Box
    from .periodograms import find_box as find_box
    from .periodograms import nyquist as nyquist
    from .periodograms import periodogram as periodogram
    from .result import Embedding as Embedding
    from .result import Probabilities as Probabilities
    from .retrieval import Retrieval as Retrieval
    from .retrieval import measure_retrieval as measure_retrieval
    from .spectra import Spectrum as Spectrum
    from .spectra import read_spectra as read_spectra
    from .spectra import read_spectrum as read_spectrum
    from .studies import study as study
    from .surveys import open_survey as open_survey
    from .training import Training as Training
    from .training import train as train

_HOME = {
    "AstroM3": "model",
    "AstroM3Error": "_errors",
    "AstroM3Warning": "_errors",
    "BatchInfo": "_info",
    "Box": "periodograms",
    "Embedding": "result",
    "EmbeddingModel": "embedding_model",
    "Evaluation": "evaluation",
    "NeighbourIndex": "neighbours",
    "ObjectEmbedding": "objects",
    "ObjectEmbeddings": "objects",
    "Options": "_options",
    "Period": "measure",
    "Probabilities": "result",
    "Retrieval": "retrieval",
    "Spectrum": "spectra",
    "Training": "training",
    "evaluate": "downstream",
    "features": "measure",
    "find_box": "periodograms",
    "find_period": "measure",
    "from_rubin_alert": "alerts",
    "from_ztf_alert": "alerts",
    "measure_retrieval": "retrieval",
    "nyquist": "periodograms",
    "open_survey": "surveys",
    "outliers": "downstream",
    "periodogram": "periodograms",
    "preprocess": "measure",
    "project": "downstream",
    "read_spectra": "spectra",
    "read_spectrum": "spectra",
    "search": "neighbours",
    "study": "studies",
    "train": "training",
    "version": "_library",
}

# Modules of the package that are used as such, as in ``astrom3.plot.fold(...)``.
_MODULES = ("light_curve_embed", "plot")

__all__ = [
    "AstroM3",
    "AstroM3Error",
    "AstroM3Warning",
    "BatchInfo",
    "Box",
    "Embedding",
    "EmbeddingModel",
    "Evaluation",
    "NeighbourIndex",
    "ObjectEmbedding",
    "ObjectEmbeddings",
    "Options",
    "Period",
    "Probabilities",
    "Retrieval",
    "Spectrum",
    "Training",
    "evaluate",
    "features",
    "find_box",
    "find_period",
    "from_rubin_alert",
    "from_ztf_alert",
    "measure_retrieval",
    "nyquist",
    "open_survey",
    "outliers",
    "periodogram",
    "preprocess",
    "project",
    "read_spectra",
    "read_spectrum",
    "search",
    "study",
    "train",
    "version",
]


def __getattr__(name: str) -> object:
    if name == "__version__":
        return importlib.import_module("._library", __name__).version()
    if name in _MODULES:
        return importlib.import_module(f".{name}", __name__)
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, *_MODULES, "__version__"])
