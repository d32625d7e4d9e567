# SPDX-License-Identifier: MIT
"""Columns that no light curve needs, in which bands may be found."""

import warnings

import numpy as np
import pandas as pd
import pytest

N = 40
TIME = np.arange(N) * 1.37 + 58000
FLUX = np.where(np.arange(N) % 2, 30.0, 10.0) + np.sin(2 * TIME)
FRAME = pd.DataFrame({"time": TIME, "flux": FLUX, "flux_err": 0.1})


@pytest.mark.parametrize("values", [np.arange(N) % 2 + 3, ["x", "y"] * (N // 2), pd.Categorical(["a", "b"] * (N // 2))])
def test_two_levels_under_any_name_are_two_bands(model, values):
    frame = FRAME.assign(wheel=values)
    arrays = {name: frame[name].to_numpy() for name in frame}
    for light_curves, arguments in ((frame, {}), (arrays, {"offsets": [0, N]})):
        _, info = model.many(light_curves, return_info=True, **arguments)
        assert info.status.tolist() == ["mixed_bands"]
        _, info = model.many(light_curves, columns={"band": "-"}, return_info=True, **arguments)
        assert info.status.tolist() == ["ok"]


@pytest.mark.parametrize("values", [[object()] * N, [[1, 2]] * N, np.linspace(0, 1, N), [None] * N])
def test_what_cannot_be_bands_does_not_matter(model, values):
    _, info = model.many(FRAME.assign(other=pd.Series(values)), return_info=True)
    assert info.status.tolist() == ["ok"]


STACKED = pd.concat([FRAME.assign(flux=20 + np.sin(2 * TIME), num=1), FRAME.assign(flux=20 + np.cos(3 * TIME), num=2)])


def test_objects_one_below_the_other_are_never_one(model):
    _, info = model.many(STACKED, return_info=True)
    assert info.status.tolist() == ["not_grouped"]
    _, info = model.many(STACKED, id="num", return_info=True)
    assert info.object_id.tolist() == ["1", "2"]
    _, info = model.many(STACKED, id="-", return_info=True)
    assert info.status.tolist() == ["ok"]


def test_the_index_of_a_frame_is_read_as_columns(model):
    expected, _ = model.many(STACKED, id="num", return_info=True)
    by_id, info = model.many(STACKED.rename(columns={"num": "object_id"}).set_index("object_id"), return_info=True)
    assert info.object_id.tolist() == ["1", "2"] and np.array_equal(by_id, expected)
    by_time, _ = model.many(STACKED.set_index("time"), id="num", return_info=True)
    assert np.array_equal(by_time, expected)
    # A level without a name may hold ids, too.
    stars = {name: part.drop(columns="num") for name, part in STACKED.groupby("num")}
    _, info = model.many(pd.concat(stars), return_info=True)
    assert info.status.tolist() == ["not_grouped"]
    by_key, info = model.many(pd.concat(stars), id="level_0", return_info=True)
    assert info.object_id.tolist() == ["1", "2"] and np.array_equal(by_key, expected)


NEAR = FRAME.assign(flux=20 + np.sin(2 * TIME))  # two bands of one level


@pytest.mark.parametrize(
    ("name", "values"), [("filter_no", [1.0, 2.0]), ("wavelength", [0.477, 0.623]), ("obs_filt", ["g", "r"])]
)
def test_bands_of_one_level_are_known_by_words_of_the_name(model, values, name):
    frame = NEAR.assign(**{name: values * (N // 2)})
    for light_curves in (frame, [frame, frame]):
        _, info = model.many(light_curves, return_info=True)
        assert set(info.status) == {"mixed_bands"}
        _, info = model.many(light_curves, columns={"band": "-"}, return_info=True)
        assert set(info.status) == {"ok"}


def test_columns_beside_those_that_are_read_are_looked_at_in_lists_too(model):
    frame = FRAME.assign(wheel=["x", "y"] * (N // 2))
    _, info = model.many([frame, frame.iloc[:30]], return_info=True)
    assert info.status.tolist() == ["mixed_bands"] * 2
    # What is not of one kind in all of them is not.
    _, info = model.many([frame, frame.assign(wheel=np.arange(N) // 20)], return_info=True)
    assert info.status.tolist() == ["ok"] * 2


@pytest.mark.parametrize(("good", "bad"), [("A", "D"), (0, 1), (True, False)])
def test_a_column_of_quality_is_named_with_a_value_that_it_has(model, good, bad):
    frame = NEAR.assign(qflag=[bad if i % 5 == 0 else good for i in range(N)])
    arrow = pytest.importorskip("pyarrow").Table.from_pandas(frame)
    for light_curves in (frame, [frame], arrow):
        with pytest.warns(UserWarning, match="qflag tells good rows from bad ones and is not used") as caught:
            model.many(light_curves)
        assert any(f"where={{'qflag': {good!r}}}" in str(warning.message) for warning in caught)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        _, info = model.many(frame, where={"qflag": good}, flux_unit="mJy", return_info=True)
    assert info.n_used.tolist() == [N - N // 5]
