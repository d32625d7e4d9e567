# SPDX-License-Identifier: MIT
"""What a call gives of one light curve, and what `many` tells of all: arrays, tables, and texts to look at."""

import copy
import html.parser
import os
import pathlib
import pickle
import subprocess
import sys
import warnings

import astrom3
import numpy as np
import pandas as pd
import pytest
from astrom3._library import FLAG_NAMES, STATUS_NAMES


class Tags(html.parser.HTMLParser):
    """Fails where a tag is not closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.text = [], ""
        self.feed(text)
        assert not self.open, text

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_an_embedding_is_an_array_that_says_how_it_was_made(model, curves, expected):
    _, info = model.many(curves, return_info=True)
    for i, curve in enumerate(curves):
        found = model(*curve)
        assert isinstance(found, astrom3.Embedding) and isinstance(found, np.ndarray)
        assert np.array_equal(found, expected[i])
        assert (found.status, found.n_raw, found.n_used) == ("ok", info.n_raw[i], info.n_used[i])
        assert list(found.flag_names) == info.flag_names(i)
        assert found.features == {name: values[i] for name, values in info.features.items()}
        assert found.flags.c_contiguous  # NumPy's own
    given = model(*curves[3], period=1.5)
    assert given.feature_sources == {
        "amplitude": "computed",
        "period": "set",
        "lksl_statistic": "computed",
        "rfr_score": "computed",
    }
    for text in (repr(given), Tags(given._repr_html_()).text):
        assert "cropped" in text and "period 1.5 (given)" in text and "120, of which the encoder saw 40" in text
        assert f"{model.width} float32" in text
    assert model.sequence(*curves[3], period=1.5).flag_names == given.flag_names


def test_what_is_computed_from_an_embedding_is_a_plain_array(model, curves):
    found = model(*curves[3])
    for plain in (found * 2, found[:5], found[None], np.stack([found, found]), np.concatenate([found, found])):
        assert type(plain) is np.ndarray
    assert type(found.mean()) is np.float32 and type(found[0]) is np.float32 and type(found @ found) is np.float32
    assert "cropped" not in repr(found.reshape(2, -1)) and "cropped" not in found.reshape(2, -1)._repr_html_()
    with pytest.raises(AttributeError, match="of the light curve they know nothing"):
        found.reshape(2, -1).flag_names  # noqa: B018
    for same in (pickle.loads(pickle.dumps(found)), copy.copy(found), copy.deepcopy(found), found.copy()):
        assert np.array_equal(same, found) and same.flag_names == found.flag_names and repr(same) == repr(found)
    assert pd.Series(found).dtype == np.float32 and np.asarray(found).base is not None


def test_probabilities_are_a_dict_that_says_how_it_was_made(model, curves):
    found = model.classify(*curves[3])
    assert found == dict(found) and list(found.values()) == sorted(found.values(), reverse=True)
    assert "cropped" in found.flag_names and found.n_used == 40
    again = pickle.loads(pickle.dumps(found))
    assert again == found and again.flag_names == found.flag_names
    shown = Tags(found._repr_html_()).text
    assert "cropped" in shown and all(name in shown for name in model.class_names)


def test_a_call_warns_of_a_number_that_may_be_wrong(model, curves):
    time, flux, error = curves[0]
    flux, error = 10 * flux, 10 * error  # no numbers that could be magnitudes
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model(time, flux, error)
    for call in (model, model.sequence, model.classify):
        with pytest.warns(astrom3.AstroM3Warning, match="aperiodic") as caught:
            found = call(time / 1e5, flux, error)
        assert caught[0].filename == __file__ and "aperiodic" in found.flag_names


# ---- batches -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def info(model, curves):
    return model.many([*curves, (curves[0][0][:1],) * 3], return_info=True)[1]


def test_types_are_signed_and_have_room(info):
    assert (info.code.dtype, info.flags.dtype, info.feature_source_codes.dtype) == (np.int16, np.int64, np.int16)
    assert len(STATUS_NAMES) < 1 << 15 and len(FLAG_NAMES) < 63


def test_a_batch_is_summarised(info):
    flags = [name for i in range(7) for name in info.flag_names(i)]
    counted = ", ".join(f"{name} {flags.count(name)}" for name in FLAG_NAMES if name in flags)
    assert repr(info) == f"BatchInfo(7 light curves; status: ok 6, too_few_points 1; flags: {counted})"
    assert counted.startswith("few_points 1, cropped 3")
    shown = Tags(info._repr_html_()).text
    assert repr(info) in shown and "feature_sources" in shown and "too_few_points" in shown
    assert len(repr(info)) < 500 and len(info) == 7
    assert repr(astrom3.BatchInfo.empty(0)) == "BatchInfo(0 light curves)"


def test_a_long_batch_shows_its_first_rows(model, curves):
    parts = [curves[2]] * 30
    info = model.many(parts, return_info=True)[1]
    shown = info._repr_html_()
    assert shown.count("<tr") == 11 and "30 light curves" in shown


def test_a_frame_of_a_batch_is_the_table_that_the_command_writes(model, checkpoint, curves, tmp_path):
    command = pathlib.Path(os.environ.get("ASTROM3_COMMAND", pathlib.Path(sys.prefix, "bin", "astrom3")))
    stars = [*curves, tuple(column[:1] for column in curves[0])]
    table = pd.concat(
        [
            pd.DataFrame({"object_id": f"star {i}", "time": t, "flux": f, "flux_err": e})
            for i, (t, f, e) in enumerate(stars)
        ]
    )
    table.to_csv(tmp_path / "stars.csv", index=False)
    arguments = ["embed", tmp_path / "stars.csv", "--model", checkpoint, "-o", tmp_path / "out.csv", "--quiet"]
    subprocess.run([command, *arguments], check=False)
    written = pd.read_csv(tmp_path / "out.csv", float_precision="round_trip")
    frame = model.many(table, return_info=True)[1].to_pandas()
    assert list(frame.columns) == [name for name in written.columns if not name.startswith("e")]
    pd.testing.assert_frame_equal(
        frame.replace("", None).fillna(np.nan).infer_objects(copy=False),
        written[list(frame.columns)],
        check_dtype=False,
        rtol=0,
        atol=0,
    )
    assert frame.loc[6, "status"] == "too_few_points" and frame["flags"].str.contains("cropped").any()
