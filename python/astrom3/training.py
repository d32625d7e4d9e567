# SPDX-License-Identifier: MIT
"""Training from Python, by the command: light curves and their classes in, a checkpoint out."""

from __future__ import annotations

import json
import os
import pathlib
import tempfile
from typing import TYPE_CHECKING, Any

from ._light_curve_files import inputs_of, labels_file
from ._run_command import arguments_of, run_command

if TYPE_CHECKING:
    from .model import AstroM3


class Training(dict[str, Any]):
    """How a training ended: the summary of ``astrom3 train`` as a dict, and the checkpoint.

    Attributes
    ----------
    path : str
        The folder of the checkpoint, with ``report.json``, ``metrics.csv`` and the state of the training.
    """

    def __init__(self, path: str, summary: dict[str, Any]) -> None:
        super().__init__(summary)
        self.path = path

    @property
    def report(self) -> dict[str, Any]:
        """What ``report.json`` says: accuracy and confusion of the test objects, and more."""
        text = pathlib.Path(self.path, "report.json").read_text(encoding="utf-8")
        found: dict[str, Any] = json.loads(text)
        return found

    def model(self, **options: Any) -> AstroM3:
        """The checkpoint; `options` as of ``AstroM3``."""
        from .model import AstroM3

        return AstroM3(self.path, **options)


def train(
    light_curves: Any,
    labels: Any,
    out: str | os.PathLike[str],
    *,
    from_: AstroM3 | str | os.PathLike[str] | None = None,
    mag: bool = False,
    epochs: int | None = None,
    seed: int | None = None,
    holdout: float | None = None,
    validation: float | None = None,
    resume: bool = False,
    force: bool = False,
    progress: bool = False,
    **options: Any,
) -> Training:
    """Train or fine-tune a checkpoint. Equal arguments give equal bytes; Ctrl-C keeps the epochs that were finished.

    Parameters
    ----------
    light_curves
        Files as the command takes them (a path, a glob, a list), a long table of pandas, polars or Arrow with a column
        object_id, or a mapping of ids to ``(time, value, error)``. None: there are none, but ``tensors=``, ``spectra=``
        or ``metadata=`` (files).
    labels : path, mapping of ids to classes, or table with object_id and class
        None: the tables of ``tensors`` have them, or the objective is without.
    out : path
        The folder of the checkpoint.
    from_ : AstroM3 or path, optional
        The checkpoint to fine-tune; None: random weights. The string ``"bundled"``: the one in the package.
    mag : bool
        The light curves are magnitudes.
    epochs, seed : int, optional
        Largest number of epochs; seed of everything random. None: as the command has it, or its ``recipe``.
    holdout, validation : float, optional
        Shares of the objects, chosen by the hash of their ids: for the test only, and for choosing the epoch.
    resume, force : bool
        Continue the training in `out`; or discard it and start anew.
    progress : bool
        Write a line for each epoch to ``sys.stderr``.
    **options
        Options of ``astrom3 train``, with ``_`` for ``-``: ``band="V"``, ``lr=1e-4``, ``batch_size=32``,
        ``objective="contrast"``, ``copies=3``, ``class_weights="sqrt"``, ``tensors=["full_42"]``, ...; docs/training.md
        explains them.

    Returns
    -------
    Training
        ``.model()`` loads the checkpoint, ``.report`` is its report.

    Raises
    ------
    AstroM3Error
        An option is unknown or wrong, `out` is not empty, or there are too few labelled light curves.
    """
    from . import _models

    start = getattr(from_, "_model", None)
    start = start.weights_file if start is not None else _models.bundled_path() if from_ == "bundled" else from_
    with tempfile.TemporaryDirectory(prefix="astrom3-") as name:
        folder = pathlib.Path(name)
        given = {
            **options, "from_": start, "magnitudes": mag, "epochs": epochs, "seed": seed, "holdout": holdout,
            "validation": validation, "resume": resume, "force": force, "labels": labels_file(labels, folder),
        }  # fmt: skip
        inputs = [] if light_curves is None else inputs_of(light_curves, mag, folder)
        arguments = ["train", *inputs, *arguments_of(given), "-o", os.fspath(out), "--json"]
        return Training(os.fspath(out), json.loads(run_command(arguments, progress)))
