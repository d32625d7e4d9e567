# SPDX-License-Identifier: MIT
"""The command beside the package, for tests of functions that run it."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pandas as pd
from conftest import ROOT

COMMAND = pathlib.Path(os.environ.get("ASTROM3_COMMAND", pathlib.Path(sys.prefix, "bin", "astrom3")))
TINY = ROOT / "tests" / "golden" / "tiny"
FILES = sorted((ROOT / "examples" / "asassn_like").glob("SIM-*.dat"))
LABELS = {file.stem: file.stem.split("-")[1] for file in FILES}


def run(*arguments, codes=(0,)):
    """What the command prints; it must end with one of `codes`."""
    done = subprocess.run([COMMAND, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode in codes, done.stderr
    return done.stdout


def light_curves():
    """Of the example stars, by id: (time, flux, flux_err), the columns that the command reads of their files."""
    return {file.stem: np.loadtxt(file, skiprows=2)[:, [0, 3, 4]] for file in FILES}


def long_frame():
    """The same as a long table."""
    parts = [
        pd.DataFrame(rows, columns=["time", "flux", "flux_err"]).assign(object_id=name)
        for name, rows in light_curves().items()
    ]
    return pd.concat(parts, ignore_index=True)


def write_embeddings(path, rows, ids):
    """As `astrom3 embed` does, with every digit."""
    table = pd.DataFrame(rows, columns=[f"e{i}" for i in range(rows.shape[1])])
    table.insert(0, "status", np.where(np.isfinite(rows[:, 0]), "ok", "too_few_points"))
    table.insert(0, "object_id", ids)
    table.to_csv(path, index=False)
