# SPDX-License-Identifier: MIT
"""Every kind of many light curves gives the bits of one at a time."""

import itertools

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from astrom3 import AstroM3, AstroM3Error


def arrow_columns(flat, types=None):
    """The leaves, with mixed types where asked for."""
    columns = {name: pa.array(values) for name, values in flat.items()}
    for name, kind in (types or {}).items():
        columns[name] = columns[name].cast(kind)
    return columns


def list_of_structs(flat, offsets, large=False, types=None):
    columns = arrow_columns(flat, types)
    rows = pa.StructArray.from_arrays(list(columns.values()), names=list(columns))
    if large:
        return pa.LargeListArray.from_arrays(pa.array(offsets, pa.int64()), rows)
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), rows)


def columns_of_lists(flat, offsets, large=False, types=None):
    kind, offset_type = (pa.LargeListArray, pa.int64()) if large else (pa.ListArray, pa.int32())
    columns = arrow_columns(flat, types)
    return {name: kind.from_arrays(pa.array(offsets, offset_type), values) for name, values in columns.items()}


def struct_of_lists(flat, offsets, large=False):
    columns = columns_of_lists(flat, offsets, large)
    return pa.StructArray.from_arrays(list(columns.values()), names=list(columns))


def test_lists_of_every_form(model, curves, expected):
    assert np.array_equal(model.many(curves), expected)
    assert np.array_equal(model.many([np.column_stack(curve) for curve in curves]), expected)
    names = ("mjd", "flux", "e_flux")
    assert np.array_equal(model.many([dict(zip(names, curve, strict=True)) for curve in curves]), expected)
    assert np.array_equal(model.many([tuple(map(list, curve)) for curve in curves], n_threads=1), expected)


def test_a_flat_table_with_offsets(model, flat, offsets, expected):
    assert np.array_equal(model.many(flat, offsets=offsets), expected)
    assert np.array_equal(model.many(flat, offsets=offsets[2:]), expected[2:])
    with pytest.raises(ValueError, match="^offsets"):
        model.many(flat, offsets=[0, 5, 3])
    with pytest.raises(TypeError, match="^offsets"):
        model.many(flat, offsets=[0.0, 5.0])
    with pytest.raises(TypeError, match="offsets"):
        model.many(flat)


def test_a_long_table_in_any_order(model, flat, offsets, expected):
    frame = pd.DataFrame(flat)
    frame["star"] = np.repeat(["d", "b", "a", "c", "f", "e"], np.diff(offsets))
    assert np.array_equal(model.many(frame, id="star"), expected)
    assert np.array_equal(model.many({name: frame[name].to_numpy() for name in frame}, id="star"), expected)
    first = frame.groupby("star", sort=False).head(1)
    rest = frame.drop(first.index).sample(frac=1, random_state=4)
    assert np.array_equal(model.many(pd.concat([first, rest]), id="star"), expected)
    with pytest.raises(ValueError, match="^id"):
        model.many(frame, id="objectid")


@pytest.mark.parametrize("large", [False, True])
def test_arrow_layouts(model, flat, offsets, expected, large):
    lists = list_of_structs(flat, offsets, large)
    assert np.array_equal(model.many(lists), expected)
    assert np.array_equal(model.many(pa.chunked_array([lists[:2], lists[2:2], lists[2:]])), expected)
    assert np.array_equal(model.many(struct_of_lists(flat, offsets, large)), expected)
    batch = pa.RecordBatch.from_pydict(columns_of_lists(flat, offsets, large))
    assert np.array_equal(model.many(batch), expected)
    assert np.array_equal(model.many(pa.Table.from_batches([batch[:1], batch[1:]])), expected)
    table = pa.table({"objectid": pa.array(range(len(expected))), "lightcurve": lists})
    assert np.array_equal(model.many(table, nested="lightcurve"), expected)


@pytest.mark.parametrize("layout", [list_of_structs, struct_of_lists])
def test_slices_are_read_where_they_are(model, flat, offsets, expected, layout):
    whole = layout(flat, offsets)
    assert np.array_equal(model.many(whole[1:4]), expected[1:4])
    table = pa.table({"lightcurve": whole})
    assert np.array_equal(model.many(table.slice(2, 3), nested="lightcurve"), expected[2:5])


def test_a_child_that_is_itself_a_slice(model, flat, offsets, expected):
    padded = {name: np.concatenate([values[:7], values]) for name, values in flat.items()}
    columns = {name: pa.array(values)[7:] for name, values in padded.items()}
    rows = pa.StructArray.from_arrays(list(columns.values()), names=list(columns))
    lists = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), rows)
    assert np.array_equal(model.many(lists), expected)
    whole = pa.StructArray.from_arrays([pa.array(v) for v in padded.values()], names=list(padded))
    lists = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), whole[7:])
    assert np.array_equal(model.many(lists), expected)


def test_fixed_size_lists(model, curves):
    cut = [tuple(values[:9] for values in curve) for curve in curves]
    columns = [pa.array(np.concatenate(parts)) for parts in zip(*cut, strict=True)]
    rows = pa.StructArray.from_arrays(columns, names=["time", "flux", "flux_err"])
    lists = pa.FixedSizeListArray.from_arrays(rows, 9)
    assert np.array_equal(model.many(lists), model.many(cut))
    assert np.array_equal(model.many(lists[2:5]), model.many(cut)[2:5])


def test_leaves_of_mixed_types(model, flat, offsets):
    narrow = {
        **flat,
        "flux_err": np.round(flat["flux_err"] * 1000).astype(np.int16),
        "flux": flat["flux"].astype(np.float32),
    }
    wide = {**narrow, "flux_err": narrow["flux_err"].astype(float), "flux": narrow["flux"].astype(float)}
    assert np.array_equal(model.many(list_of_structs(narrow, offsets)), model.many(wide, offsets=offsets))
    half = list_of_structs(narrow, offsets, types={"flux_err": pa.float32(), "catflags": pa.uint64()})
    assert np.array_equal(model.many(half), model.many(wide, offsets=offsets))


BANDS = {
    "utf8": pa.string(),
    "large_utf8": pa.large_string(),
    "utf8_view": pa.string_view(),
    "dictionary": pa.dictionary(pa.int8(), pa.string()),
    "dictionary of large": pa.dictionary(pa.int32(), pa.large_string()),
}


@pytest.mark.parametrize("kind", BANDS)
def test_bands_of_every_type(model, flat, offsets, kind):
    keep = flat["colour"] == "r"
    selected = {name: values[keep] for name, values in flat.items()}
    counts = [keep[begin:end].sum() for begin, end in itertools.pairwise(offsets)]
    expected = model.many(selected, offsets=np.concatenate([[0], np.cumsum(counts)]))
    lists = list_of_structs(flat, offsets, types={"colour": BANDS[kind]})
    assert np.array_equal(model.many(lists, band="r", band_field="colour"), expected)
    assert np.array_equal(model.many(flat, offsets=offsets, band="r", band_field="colour"), expected)
    assert np.array_equal(model.many(flat, offsets=offsets, where={"colour": "r"}), expected)
    numbers = {**flat, "colour": keep.astype(np.int64)}
    assert np.array_equal(model.many(list_of_structs(numbers, offsets), band="1", band_field="colour"), expected)
    frame = pd.DataFrame(flat).astype({"colour": "category"})
    frame["star"] = np.repeat(np.arange(len(counts)), np.diff(offsets))
    assert np.array_equal(model.many(frame, id="star", band="r", band_field="colour"), expected)


def test_long_texts_of_a_view_are_compared_whole(model, flat, offsets):
    long = {**flat, "colour": np.char.add("a band of the telescope called ", flat["colour"])}
    lists = list_of_structs(long, offsets, types={"colour": pa.string_view()})
    found = model.many(lists, where={"colour": "a band of the telescope called r"})
    assert np.array_equal(found, model.many(flat, offsets=offsets, where={"colour": ["r"]}))


def test_where_keeps_what_fulfils_it(model, flat, offsets):
    keep = np.isin(flat["catflags"], [0, 2])
    selected = {name: values[keep] for name, values in flat.items()}
    counts = [keep[begin:end].sum() for begin, end in itertools.pairwise(offsets)]
    expected = model.many(selected, offsets=np.concatenate([[0], np.cumsum(counts)]))
    lists = list_of_structs(flat, offsets)
    assert np.array_equal(model.many(lists, where={"catflags": [0, 2]}), expected)
    with pytest.raises(ValueError, match="^where.*flags"):
        model.many(lists, where={"flags": 0})
    with pytest.raises(AstroM3Error, match="a text"):
        model.many(lists, where={"catflags": "good"})


def test_several_bands_are_not_mixed(model, flat, offsets):
    _, info = model.many(list_of_structs(flat, offsets), band_field="colour", return_info=True)
    assert set(info.status) == {"mixed_bands"}


def test_nulls_at_every_level(model, curves, expected):
    names = ("time", "flux", "flux_err")
    rows = [[dict(zip(names, row, strict=True)) for row in zip(*curve, strict=True)] for curve in curves]
    rows[1] = None
    rows[2] = []
    rows[3][5] = {**rows[3][5], "flux": None}
    rows[4][0] = None
    kind = pa.list_(pa.struct([(name, pa.float64()) for name in names]))
    embeddings, info = model.many(pa.array(rows, kind), return_info=True)
    assert list(info.status) == ["ok", "missing_value", "no_points", "missing_value", "missing_value", "ok"]
    assert np.array_equal(embeddings[[0, 5]], expected[[0, 5]]) and np.isnan(embeddings[1:5]).all()
    dropping = type(model)(model.path, nonfinite="drop")
    _, info = dropping.many(pa.array(rows, kind), return_info=True)
    assert list(info.n_raw) == [30, 0, 0, 120, 9, 60] and info.ok.tolist() == [True, False, False, True, True, True]


def test_lists_of_different_lengths_reject_their_light_curve(model, flat, offsets, expected):
    columns = columns_of_lists(flat, offsets)
    other = offsets.copy()
    other[1] -= 1
    columns["flux_err"] = pa.ListArray.from_arrays(pa.array(other, pa.int32()), pa.array(flat["flux_err"]))
    embeddings, info = model.many(pa.table(columns), return_info=True)
    assert list(info.status[:3]) == ["length_mismatch", "length_mismatch", "ok"]
    assert np.array_equal(embeddings[2:], expected[2:])


def test_arrow_is_read_without_a_copy(model, flat, offsets):
    lists = list_of_structs(flat, offsets, large=True)
    before = pa.total_allocated_bytes()
    model.many(lists)
    assert pa.total_allocated_bytes() == before


def test_a_stream_of_no_chunks_still_needs_its_columns(model, flat, offsets):
    kind = list_of_structs(flat, offsets).type
    assert model.many(pa.chunked_array([], kind)).shape == (0, model.width)
    with pytest.raises(ValueError, match="^fields.*sigma|no column"):
        model.many(pa.chunked_array([], kind), fields={"sigma": "nothing"})
    with pytest.raises((ValueError, AstroM3Error)):
        model.many(pa.array([1.0, 2.0]))


def test_columns_are_named_or_recognised(model, flat, offsets, expected):
    renamed = {"t0": flat["hjd"], "f0": flat["flux"], "e0": flat["flux_err"]}
    assert np.array_equal(model.many(renamed, offsets=offsets, fields={"t": "t0", "m": "f0", "sigma": "e0"}), expected)
    named = {"time": "t0", "flux": "f0", "flux_err": "e0"}
    assert np.array_equal(model.many(renamed, offsets=offsets, columns=named), expected)
    odd = {"t, days": flat["hjd"], "f=x": flat["flux"], "e0": flat["flux_err"]}
    named = {"time": "t, days", "flux": "f=x", "flux_err": "e0"}
    assert np.array_equal(model.many(odd, offsets=offsets, columns=named), expected)
    with pytest.raises(AstroM3Error, match="time; found: t0, f0, e0") as caught:
        model.many(renamed, offsets=offsets)
    assert caught.value.code == "missing_column" and "--" not in str(caught.value)
    with pytest.raises(ValueError, match="^fields"):
        model.many(renamed, offsets=offsets, fields={"when": "t0"})


def test_info_says_what_became_of_each(model, curves):
    embeddings, info = model.many([*curves, (curves[0][0][:1],) * 3], return_info=True)
    assert list(info.status) == ["ok"] * 6 + ["too_few_points"]
    assert info.n_raw.tolist() == [30, 45, 12, 120, 9, 60, 1] and info.n_used[3] == model.n_steps
    assert "few_points" in info.flag_names(4) and "cropped" in info.flag_names(3)
    assert (
        np.isnan(embeddings[6]).all()
        and np.isnan(info.features["period"][6])
        and (info.features["period"][:6] > 0).all()
    )
    assert set(info.feature_sources["period"][:6]) == {"computed"}
    with pytest.raises(AstroM3Error, match="^light curve 6: ") as caught:
        model.many([*curves, (curves[0][0][:1],) * 3], on_invalid="raise")
    assert caught.value.code == "too_few_points"


def test_features_of_every_form(model, curves, flat, offsets):
    periods = np.array([0.5, 1, 2, 3, 4, 5])
    one_by_one = np.array([model(*curve, period=p) for curve, p in zip(curves, periods, strict=True)])
    found, info = model.many(curves, features={"period": periods}, return_info=True)
    assert np.array_equal(found, one_by_one) and np.array_equal(info.features["period"], periods)
    table = pa.table({"P": pa.array(periods), "lc": list_of_structs(flat, offsets)})
    assert np.array_equal(model.many(table, nested="lc", features={"period": "P"}), one_by_one)
    chunks = pa.concat_tables([table[:2], table[2:]])
    assert np.array_equal(model.many(chunks, nested="lc", features={"period": "P"}), one_by_one)
    constant = np.array([model(*curve, rfr_score="z:0.392") for curve in curves])
    assert np.array_equal(model.many(curves, features={"rfr_score": "z:0.392"}), constant)
    with pytest.raises(ValueError, match="^period"):
        model.many(curves, features={"period": periods[:3]})
    with pytest.raises(ValueError, match="^features"):
        model.many(curves, features={"colour": 1})
    _, info = model.many(curves, features={"period": [1, None, 1, 1, 1, -1]}, return_info=True)
    assert list(info.status) == ["ok", "bad_aux", "ok", "ok", "ok", "bad_aux"]


def test_outputs_of_every_form(model, curves, expected):
    sequence = model.many(curves, output="sequence")
    assert sequence.shape == (6, model.n_steps, model.width)
    assert np.array_equal(sequence[2], model.sequence(*curves[2]))
    logits = model.many(curves, output="logits")
    assert logits.shape == (6, len(model.class_names))
    classes, probabilities = model.classify_many([*curves, (curves[0][0][:1],) * 3])
    assert classes[6] == "" and list(classes[:6]) == [max(p, key=p.get) for p in (model.classify(*c) for c in curves)]
    assert probabilities.shape == (7, len(model.class_names))
    out = np.empty((6, model.width), np.float32)
    assert model.many(curves, out=out) is out and np.array_equal(out, expected)
    for bad in (
        np.empty((5, model.width), np.float32),
        np.empty((7, model.width), np.float32),
        np.empty((6, model.width)),
    ):
        with pytest.raises(ValueError, match="^out"):
            model.many(curves, out=bad)


def test_memory_that_may_not_be_written_is_not(model, curves, tmp_path):
    curves = curves[:1]
    held = bytes(512)
    locked = np.zeros((1, 128), np.float32)
    locked.flags.writeable = False
    path = tmp_path / "out.f32"
    path.write_bytes(held)
    mapped = np.memmap(path, np.float32, "r", shape=(1, 128))
    for name, out in {
        "bytes": np.frombuffer(held, np.float32).reshape(1, 128),
        "locked": locked,
        "a view of a locked array": locked[:, :],
        "broadcast": np.broadcast_to(np.zeros(128, np.float32), (1, 128)),
        "memory map": mapped,
        "masked": np.ma.masked_array(np.zeros((1, 128), np.float32)),
        "list": [[0.0] * 128],
        "odd address": np.frombuffer(bytearray(513), np.uint8)[1:].view(np.float32).reshape(1, 128),
    }.items():
        with pytest.raises(ValueError, match="out: expected a writeable"):
            model.many(curves, out=out)
        assert not np.asarray(out).any(), name
    assert held == bytes(512) and path.read_bytes() == held


def test_old_names_of_arguments_work_and_warn(model, curves):
    with pytest.warns(DeprecationWarning, match="scalars is now called features"):
        old = model.many(curves, scalars={"rfr_score": "z:0.392"})
    assert np.array_equal(old, model.many(curves, features={"rfr_score": "z:0.392"}))
    with pytest.warns(DeprecationWarning, match="min_obs is now called min_points"):
        old = model.many(curves, min_obs=20)
    assert np.array_equal(old, model.many(curves, min_points=20), equal_nan=True)
    with pytest.raises(TypeError, match="min_obs: is the old name of min_points"):
        model.many(curves, min_obs=20, min_points=30)
    with pytest.warns(DeprecationWarning, match="embed is now called pickle_weights"):
        assert AstroM3(model.path, embed=True) is not None


def test_nothing_gives_nothing(model):
    embeddings, info = model.many([], return_info=True)
    assert embeddings.shape == (0, model.width) and embeddings.dtype == np.float32 and len(info.status) == 0


def test_min_points_rejects(model, curves):
    _, info = model.many(curves, min_points=20, return_info=True)
    assert info.ok.tolist() == [True, True, False, True, False, True]


def test_wrong_light_curves_are_named(model, curves):
    with pytest.raises(ValueError, match=r"^light_curves\[1\]: "):
        model.many([curves[0], curves[1][:2]])
    with pytest.raises(ValueError, match=r"^light_curves\[0\]: flux"):
        model.many([(curves[0][0], curves[0][1][:3], curves[0][2])])
    with pytest.raises(TypeError, match=r"^light_curves\[0\]: flux"):
        model.many([(curves[0][0], ["x"] * 30, curves[0][2])])
    with pytest.raises(TypeError, match="^light_curves"):
        model.many(3)
