# SPDX-License-Identifier: MIT
"""Messages name what was wrong and the way on; they show no data, and nothing is cut off in silence."""

import os
import subprocess
import sys

import astrom3
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

N = 60
T = np.sort(np.random.default_rng(1).uniform(0, 100, N))
F = 10 + np.sin(T)
E = np.full(N, 0.1)
LONG = "y" * 5000


def message_of(call, *kinds):
    with pytest.raises(kinds or (TypeError, ValueError)) as caught:
        call()
    return str(caught.value)


def test_a_text_with_nul_is_refused_and_not_cut(model, checkpoint):
    """C would read "a" where "a\\0b" was given."""
    frame = pd.DataFrame({"time": T, "flux": F, "flux_err": E, "star": "x"})
    calls = {
        "path": lambda: astrom3.AstroM3("a\0b"),
        "repository": lambda: astrom3.AstroM3.from_hf("a/b\0c", offline=True),
        "cache_dir": lambda: astrom3.AstroM3.from_hf("a/b", cache_dir="c\0", offline=True),
        "sha256": lambda: astrom3.AstroM3(checkpoint, sha256="a\0"),
        "isa": lambda: astrom3.AstroM3(checkpoint, isa="avx2\0"),
        "attention": lambda: astrom3.AstroM3(checkpoint, attention="full\0"),
        "scaling": lambda: astrom3.AstroM3(checkpoint, scaling="published\0b"),
        "band": lambda: model(T, F, E, band="V\0g"),
        "columns": lambda: model.many(frame, id="star", columns={"time": "time\0"}),
        "column": lambda: model.many(frame.rename(columns={"time": "time\0"}), id="star"),
        "where": lambda: model.many(frame, id="star", where={"star": "x\0y"}),
    }
    for name, call in calls.items():
        message = message_of(call)
        assert message.startswith(name) and ("NUL" in message or "found" in message), (name, message)


def test_messages_show_no_data(model, checkpoint):
    frame = pd.DataFrame({"time": T, "flux": F, "flux_err": E, "star": 1})
    table = {"a": F, "b": list(range(5000))}
    big = list(range(5000))
    calls = {
        "flux": [lambda: model(T, table, E), lambda: model(T, [LONG] * N, E), lambda: model(T, frame, E)],
        "period": [lambda: model(T, F, E, period=table), lambda: model(T, F, E, period=LONG)],
        "light_curves": [lambda: model.many(LONG), lambda: model.many([[LONG] * 3]), lambda: model.many([LONG])],
        "band": [lambda: model.many(frame, id="star", band=big), lambda: model(T, F, E, band=frame)],
        "min_points": [lambda: model.many([], min_points=big), lambda: astrom3.AstroM3(checkpoint, min_points=frame)],
        "where": [lambda: model.many(frame, id="star", where={"star": [table]})],
        "output": [lambda: model.many([], output=LONG)],
        "n_threads": [lambda: astrom3.AstroM3(checkpoint, n_threads=big)],
        "rows": [lambda: astrom3.search([[1.0], None, LONG], [1.0])],
        "reduction": [lambda: astrom3.EmbeddingModel(model, reduction=LONG)],
    }
    for name, these in calls.items():
        for call in these:
            message = message_of(call)
            assert message.startswith(name) and len(message) < 300 and "\n" not in message, message


def test_messages_have_no_control_characters_and_no_more_names_than_a_glance(model, tmp_path):
    frame = pd.DataFrame({"time": T, "flux": F, "flux_err": E} | {f"\x1b[2J{i}": T for i in range(50)})
    texts = [
        message_of(lambda: astrom3.open_survey(tmp_path / "a\x1b[2J\u202e\0b")),
        message_of(lambda: model.many(frame, where={"none": 1})),
        message_of(lambda: model.many(frame, id="none")),
        message_of(lambda: astrom3.from_ztf_alert(dict.fromkeys(frame.columns))),
        message_of(lambda: astrom3.AstroM3(os.fsencode(tmp_path / "no\x1bmodel"))),
    ]
    for text in texts:
        assert text.replace("\n", "").isprintable()
        assert len(text) < 1000
    assert r"a\x1b[2J\u202e\x00b: no such folder" in texts[0]
    assert "and 13 more" in texts[1] + texts[2] + texts[3]


def test_magnitudes_without_a_zero_point_tell_how_it_is_given(model):
    """`mag` of EmbeddingModel is True where that of AstroM3 is False, and its `band` is of every observation."""
    for on_invalid in ("raise", "nan"):
        message = message_of(lambda how=on_invalid: astrom3.EmbeddingModel(model, on_invalid=how)(T, F, E))
        for way in ("zero_point=3631.0", "bands=", "EmbeddingModel(mag=False)"):
            assert way in message
    assert astrom3.EmbeddingModel(model, mag=False)(T, F, E).shape == (1, 1, 1, model.width)
    assert astrom3.EmbeddingModel(model, zero_point=3631.0)(T, F, E).shape == (1, 1, 1, model.width)
    assert astrom3.EmbeddingModel(model, bands=["V"])(T, F, E, np.full(N, "V")).shape == (1, 1, 1, model.width)


def check_ways(call, written, value):
    """What `call` says without all of its arrays."""
    frame = pd.DataFrame({"time": T, "flux": F, "flux_err": E})
    start = f"{value}: missing; {written}(time, {value}, {value}_err) takes arrays"
    for table in (frame, dict(frame), pa.table(frame)):
        message = message_of(lambda: call(table), TypeError)  # noqa: B023  called at once
        assert message.startswith(start) and "model.many(table)" in message and "model.many([table])" in message
    assert message_of(lambda: call(frame.to_numpy())).endswith(f"{written}(*array.T) passes its columns")
    assert message_of(lambda: call((T, F, E))).endswith(f"{written}(*curve) passes them")
    assert message_of(lambda: call(T)).startswith(start)
    assert message_of(lambda: call(T, **{f"{value}_err": E})).startswith(start)
    assert "found a path" in message_of(lambda: call("star.csv"))
    assert message_of(lambda: call(T, F)).startswith(f"{value}_err: missing")
    call(*frame.to_numpy().T)


def test_one_thing_in_place_of_three_arrays_tells_how_it_is_given(model):
    check_ways(model, "model", "flux")
    check_ways(model.sequence, "model.sequence", "flux")
    check_ways(model.classify, "model.classify", "flux")
    check_ways(astrom3.features, "features", "flux")
    check_ways(astrom3.preprocess, "preprocess", "flux")
    check_ways(astrom3.find_period, "find_period", "mag")
    frame = pd.DataFrame({"time": T, "flux": F, "flux_err": E})
    assert np.array_equal(model.many([frame])[0], model(T, F, E))
    assert message_of(lambda: model.many(frame.to_numpy())).endswith("many([array]) takes it as one light curve")


def test_bare_arrays_in_place_of_an_object_tell_where_they_belong(model):
    message = message_of(lambda: model.embed(T, F, E))
    assert "embed(light_curve=(time, flux, flux_err)); model(time" in message
    message = message_of(lambda: model.classify_object(T, F, E))
    assert "classify_object(light_curve=(time, flux, flux_err)); model.classify(time" in message


def test_modules_are_found_without_an_import_of_their_own():
    code = (
        "import sys, astrom3; assert 'astrom3.plot' not in sys.modules; "
        "print(astrom3.plot.fold.__name__, 'plot' in dir(astrom3))"
    )
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=paths)
    assert done.stdout == "fold True\n", done.stderr


WITHOUT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == sys.argv[1]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
import numpy as np, astrom3
model = astrom3.AstroM3(sys.argv[2])
t = np.linspace(0, 30, 40); curve = (t, 10 + np.sin(t), np.full(40, 0.1))
embedding, info = model.many([curve], return_info=True)
repr(info), info._repr_html_(), model(*curve)
try:
    exec(sys.argv[3])
except ImportError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("package", "extra", "code"),
    [
        ("tqdm", "progress", "model.many([curve], progress=True)"),
        ("pandas", "frames", "info.to_pandas()"),
        ("matplotlib", "plots", "from astrom3 import plot; plot.fold(*curve, period=1.0)"),
        ("fastavro", "alerts", "astrom3.from_ztf_alert(b'Obj\\x01')"),
        (
            "pyarrow",
            "frames",
            "from astrom3 import frames; frames._embedding_array(embedding, info.ok, 'list', 'float32')",
        ),
    ],
)
def test_a_missing_package_is_named_with_its_extra(checkpoint, package, extra, code):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "MPLBACKEND": "Agg"}
    command = [sys.executable, "-c", WITHOUT, package, str(checkpoint), code]
    found = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert f'needs {package}, which is not installed: pip install "astrom3[{extra}]"' in found.stdout, found.stderr
