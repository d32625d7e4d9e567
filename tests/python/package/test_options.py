# SPDX-License-Identifier: MIT
"""Options come from the engine: every one is a keyword, checked, documented, typed, and used."""

import dataclasses
import pathlib
import pickle
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from astrom3 import AstroM3, AstroM3Error, Options, _options, features, find_period, preprocess
from astrom3._library import lib
from astrom3._options import DESCRIBED

ROOT = pathlib.Path(__file__).resolve().parents[3]


def light_curve(n=300):
    time = np.sort(np.random.default_rng(5).uniform(0, 150, n))
    noise = 0.05 * np.random.default_rng(6).normal(size=n)
    return time, 10 + np.sin(2 * np.pi * time / 1.7) + 0.4 * np.sin(4 * np.pi * time / 1.7) + noise, np.full(n, 0.05)


@pytest.mark.parametrize("name", DESCRIBED)
def test_every_option_is_a_keyword_that_is_checked_and_documented(name):
    option = DESCRIBED[name]
    assert getattr(Options(), name) == option.default
    assert Options(**{name: option.default}) == Options()
    assert f"\n{name} : " in Options.__doc__
    for wrong in ("", b"x", "no such value\n" if option.kind != 4 else ""):
        with pytest.raises(ValueError, match=f"^{name}: expected "):
            Options(**{name: (wrong,) if option.is_repeatable else wrong})


@pytest.mark.parametrize("name", [name for name, option in DESCRIBED.items() if option.words])
def test_every_word_of_a_choice_is_taken(name):
    for word in DESCRIBED[name].words:
        assert getattr(Options(**{name: word}), name) == word


def test_options_travel_and_are_compared():
    options = Options(period_max=np.float64(20), allow_negative_error=True)
    assert pickle.loads(pickle.dumps(options)) == options != Options()
    assert dataclasses.replace(options, min_points=7).min_points == 7
    with pytest.raises(dataclasses.FrozenInstanceError):
        options.min_points = 3


def test_an_unknown_keyword_is_refused():
    with pytest.raises(TypeError, match="min_point"):
        Options(min_point=3)
    with pytest.raises(TypeError, match="^min_points"):
        find_period(*light_curve(), min_points=3)


def test_a_remedy_is_written_as_it_can_be_typed(checkpoint):
    time, flux, error = light_curve(50)
    for change, remedy in (
        ((1, np.nan), 'nonfinite="drop"'),
        ((2, -1.0), "allow_negative_error=True"),
    ):
        curve = [time, flux, error]
        curve[change[0]] = np.where(np.arange(50) == 3, change[1], curve[change[0]])
        with pytest.raises(AstroM3Error, match=remedy) as caught:
            AstroM3(checkpoint)(*curve)
        assert "--" not in str(caught.value)
        name, _, value = remedy.partition("=")
        AstroM3(checkpoint, **{name: {'"drop"': "drop", "True": True}[value]})(*curve)


# Those that had never reached Python.
def test_errors_below_zero_and_an_error_floor_are_options(checkpoint):
    time, flux, error = light_curve()
    negative = error.copy()
    negative[3] *= -1
    with pytest.raises(ValueError):
        AstroM3(checkpoint)(time, flux, negative)
    assert np.all(np.isfinite(AstroM3(checkpoint, allow_negative_error=True)(time, flux, negative)))
    plain, floor = (preprocess(time, flux, error, error_floor=floor)[0] for floor in (0, 0.1))
    assert np.array_equal(plain[:, :2], floor[:, :2]) and np.all(floor[:200, 2] > plain[:200, 2])


def test_the_period_search_takes_all_its_options():
    time, flux, error = light_curve()
    period = float(find_period(time, flux, error))
    assert abs(period - 1.7) < 0.01
    for name, value in (("oversampling", 8), ("candidates", 5), ("harmonics", 2), ("search_eclipses", False)):
        found = find_period(time, flux, error, **{name: value})
        assert abs(float(found) - 1.7) < 0.01, name
    one, six = (find_period(time, flux, error, harmonics=n).log_evidence for n in (1, 6))
    assert six > one + 10  # the second harmonic is there
    assert features(time, flux, error, period_max=1.0)["period"] <= 1.0


def test_options_live_as_long_as_a_call_that_reads_them(model, curves, expected, monkeypatch):
    """Two threads that ask for the same options at once each make them, and the cache holds those of one."""
    gone, names = (
        set(),
        ("astrom3_table_uses", "astrom3_table_from_columns", "astrom3_table_from_arrow", "astrom3_embed"),
    )
    opened, closed = lib.astrom3_options_open, lib.astrom3_options_close

    def open_options(pointer):
        code = opened(pointer)
        gone.discard(pointer._obj.value)  # the memory may be given out again
        return code

    def close_options(pointer):
        gone.add(pointer.value)
        closed(pointer)

    def watched(function):
        def call(*arguments):
            for one in arguments:
                pointer = one._obj.options if hasattr(one, "_obj") and hasattr(one._obj, "options") else one
                assert getattr(pointer, "value", pointer if isinstance(pointer, int) else 0) not in gone
            return function(*arguments)

        return call

    for name in names:
        monkeypatch.setattr(lib, name, watched(getattr(lib, name)))
    monkeypatch.setattr(lib, "astrom3_options_open", open_options)
    monkeypatch.setattr(lib, "astrom3_options_close", close_options)
    monkeypatch.setattr(_options, "_handle", _options._handle.__wrapped__)  # what is not cached is not held
    tables = [dict(zip(("time", "flux", "flux_err"), curve, strict=True)) for curve in curves]
    assert np.array_equal(model.many(tables), expected)
    assert np.array_equal(model.many([pa.table(table) for table in tables]), expected)
    lists = {name: [table[name] for table in tables] for name in tables[0]}
    assert np.array_equal(model.many(pa.table(lists)), expected)
    assert gone


def test_the_types_are_those_the_engine_describes():
    subprocess.run([sys.executable, str(ROOT / "tools" / "make_option_types.py"), "--check"], check=True)
