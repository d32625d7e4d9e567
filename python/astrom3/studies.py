# SPDX-License-Identifier: MIT
"""How much the embeddings of a model depend on what is uncertain: the studies of the command, from Python."""

from __future__ import annotations

import json
import os
import pathlib
import tempfile
from typing import TYPE_CHECKING, Any, Literal

from ._light_curve_files import inputs_of, labels_file
from ._model_arguments import arguments_of_model
from ._run_command import arguments_of, run_command
from ._words import shown

if TYPE_CHECKING:
    from .model import AstroM3

Study = Literal["attention", "precision", "substitution"]


def study(
    what: Study,
    light_curves: Any,
    *,
    model: AstroM3 | str | os.PathLike[str] | None = None,
    labels: Any = None,
    mag: bool = False,
    progress: bool = False,
    **options: Any,
) -> dict[str, Any]:
    """What ``astrom3 study`` measures, on your own light curves; docs/studies.md has what it found.

    Parameters
    ----------
    what : {"attention", "precision", "substitution"}
        Forms of attention compared; int8 beside float32; the embedding with a wrong feature, another crop or fewer
        observations.
    light_curves
        Files as the command takes them (a path, a glob, a list), a long table of pandas, polars or Arrow with a column
        object_id, or a mapping of ids to ``(time, value, error)``.
    model : AstroM3 or path, optional
        None: the bundled checkpoint. The options of an `AstroM3`, such as `min_points`, are used, too.
    labels : path, mapping of ids to classes, or table, optional
        Results are also given by class.
    mag : bool
        The light curves are magnitudes.
    progress : bool
        Write what the command reports to ``sys.stderr``.
    **options
        Options of ``astrom3 study``, with ``_`` for ``-``: ``band="V"``, ``per_class=5``, ``feature="period"``, ...

    Returns
    -------
    dict
        The report that the command writes as JSON.

    Raises
    ------
    AstroM3Error
        An option is unknown or wrong, or no light curve can be embedded.
    """
    if what not in ("attention", "precision", "substitution"):
        raise ValueError(f"what: expected 'attention', 'precision' or 'substitution', found {shown(what)}")
    with tempfile.TemporaryDirectory(prefix="astrom3-") as name:
        folder = pathlib.Path(name)
        out = folder / "study.json"
        given = {**options, "magnitudes": mag, "labels": labels_file(labels, folder)}
        inputs = inputs_of(light_curves, mag, folder)
        its_model = arguments_of_model(model, {"attention": "attention", "precision": "precision"}.get(what))
        run_command(["study", what, *inputs, *its_model, *arguments_of(given), "-o", str(out)], progress)
        report: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return report
