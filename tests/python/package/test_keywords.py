# SPDX-License-Identifier: MIT
"""Keywords that are passed on: type checkers, completion and the call itself know them all, and no others."""

import inspect
import os
import re
import subprocess
import sys

import astrom3
import pytest
from astrom3._keywords import ReadingKeywords
from astrom3._options import DESCRIBED, OF_LIGHT_CURVES
from conftest import ROOT

OF_TABLES = ("many", "classify_many", "embed_frame", "meta", "map_arrow", "map_table")
OWN_OF_MANY = {"self", "light_curves", "nested", "offsets", "output", "out", "return_info"}

CALLS = """
import astrom3
model = astrom3.AstroM3()
good = [
    model.many([], period_max=10.0, where={"catflags": 0}),
    model.embed_frame(None, keep=["ra"], mag=True, band="g", period_max=10.0, min_points=5),
    model.map_arrow(nested="lc", mag=True, features={"period": "P"}),
    model.map_table(quality_mask=0), model.classify_many([], band="g"), model.meta(None, keep=["ra"], mag=True),
    model([1.0], [1.0], [1.0], period=0.5), model.sequence([1.0], [1.0], [1.0], rfr_score="z:0.392"),
    model.many(spectra=["a.fits"], metadata={"ruwe": [1.0]}, coverage="extend", impute="mean"),
    model.embed(spectrum="a.fits", metadata={"ruwe": 1.0}).fused, astrom3.read_spectrum("a.fits", flux_scale=2.0),
    astrom3.Spectrum([1.0], [1.0], wavelength_unit="nm").preprocess(coverage="extend").channels,
]
astrom3.AstroM3(perod_max=10.0)  # refused
model.many([], perod_max=10.0)  # refused
model.classify_many([], perod_max=10.0)  # refused
model.embed_frame(None, perod_max=10.0)  # refused
model.meta(None, perod_max=10.0)  # refused
model.map_arrow(perod_max=10.0)  # refused
model.map_table(perod_max=10.0)  # refused
model.map_table(mag="yes")  # refused
model.sequence([1.0], [1.0], [1.0], perod=0.5)  # refused
model.preprocess([1.0], [1.0], [1.0], perod=0.5)  # refused
astrom3.features([1.0], [1.0], [1.0], perod_max=10.0)  # refused
astrom3.features([1.0], [1.0], [1.0], coverage="extend")  # refused
astrom3.read_spectrum("a.fits", flux_scales=2.0)  # refused
model.embed(spectra="a.fits")  # refused
model.many([], coverage="all")  # refused
astrom3.find_period([1.0], [1.0], [1.0], min_points=5)  # refused
"""


def test_a_type_checker_catches_a_wrong_keyword(tmp_path):
    pytest.importorskip("mypy")
    (tmp_path / "calls.py").write_text(CALLS, encoding="utf-8")
    cache = os.environ.get("MYPY_CACHE_DIR") or str(tmp_path / "cache")
    found = subprocess.run(
        [sys.executable, "-m", "mypy", "--follow-imports=silent", "--ignore-missing-imports", "--cache-dir", cache,
         "--python-version", "3.11", "calls.py"],
        cwd=tmp_path, env={**os.environ, "MYPYPATH": str(ROOT / "python")}, capture_output=True, text=True,
    )  # fmt: skip
    refused = {int(line) for line in re.findall(r"^calls\.py:(\d+): error", found.stdout, re.MULTILINE)}
    lines = CALLS.splitlines()
    assert refused == {i for i, line in enumerate(lines, 1) if line.endswith("# refused")}, found.stdout


@pytest.mark.parametrize("name", OF_TABLES)
def test_completion_shows_every_keyword(name):
    parameters = inspect.signature(getattr(astrom3.AstroM3, name)).parameters
    assert {*ReadingKeywords.__annotations__, *DESCRIBED} <= set(parameters)
    assert not any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values())


def test_what_is_passed_on_is_what_many_takes():
    many = inspect.signature(astrom3.AstroM3.many).parameters
    assert set(many) - OWN_OF_MANY == {*ReadingKeywords.__annotations__, *DESCRIBED}
    for function in (astrom3.AstroM3, astrom3.AstroM3.from_hf):
        assert set(DESCRIBED) <= set(inspect.signature(function).parameters)
    for function in (astrom3.features, astrom3.preprocess):
        found = set(inspect.signature(function).parameters) & set(DESCRIBED)
        assert found == set(OF_LIGHT_CURVES)
    of_spectra = set(inspect.signature(astrom3.read_spectrum).parameters)
    assert {"flux_scale", "spectrum_columns"} <= of_spectra and "coverage" not in of_spectra
    assert "period" in inspect.signature(astrom3.AstroM3.sequence).parameters
    found = inspect.signature(astrom3.find_period).parameters
    assert "harmonics" in found and "min_points" not in found


def test_a_wrong_keyword_is_refused_before_any_work(model, curves):
    """In a cluster the function would fail in every task, long after it was made."""
    meant = "^perod_max: no such argument; did you mean period_max"
    for call in (model.map_arrow, model.map_table, lambda **how: model.many(curves, **how)):
        with pytest.raises(TypeError, match=meant):
            call(perod_max=3)
    with pytest.raises(TypeError, match="^perod_max"):
        astrom3.features(*curves[0], perod_max=3)
    with pytest.raises(TypeError, match="^perod_max"):
        astrom3.AstroM3(model.path, perod_max=3)
    for function in (model.map_arrow, model.map_table):
        with pytest.raises(ValueError, match="^period_max"):
            function(period_max=-1)
        with pytest.raises(ValueError, match="^band"):
            function(band="split")
        with pytest.raises(TypeError, match="^output"):
            function(output="sequence")
