# SPDX-License-Identifier: MIT
"""What is done with objects of several modalities: classes, search, retrieval, frames, pickles."""

import json
import pickle
import shutil

import astrom3
import nested_pandas as npd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from made_objects import CURVES, FLAT, GOLDEN, RECORDS, ROWS, SCALING, SPACES, SPECTRA, same

# ---- classes -----------------------------------------------------------------------------------------------


def test_any_subset_is_classified(fused, clip):
    everything = fused.many(CURVES, spectra=SPECTRA, metadata=RECORDS, output="logits")
    assert np.allclose(everything.probabilities.sum(axis=1), 1, atol=1e-6)
    one = fused.classify_object(light_curve=CURVES[0], spectrum=SPECTRA[0], metadata=RECORDS[0])
    assert list(one.values()) == sorted(one.values(), reverse=True)
    assert np.array_equal([one[name] for name in fused.class_names], everything.probabilities[0].astype(float))
    names, probabilities = fused.classify_many(CURVES, spectra=SPECTRA, metadata=RECORDS)
    assert np.array_equal(probabilities, everything.probabilities) and names[0] == next(iter(one))
    only = fused.classify_object(spectrum=SPECTRA[0])
    head = fused.encode_modalities(spectra=SPECTRA[0].preprocess().channels[np.newaxis])["logits"][0].astype(float)
    expected = np.exp(head) / np.exp(head).sum()
    assert np.allclose([only[name] for name in fused.class_names], expected, rtol=1e-6)
    with pytest.raises(astrom3.AstroM3Error) as caught:
        fused.classify_object(light_curve=FLAT)
    assert caught.value.code == "mad_zero"
    with pytest.raises(astrom3.AstroM3Error, match="no head"):
        clip.classify_object(spectrum=SPECTRA[0])
    whole = astrom3.AstroM3(GOLDEN / "tiny_fused_concat", metadata_scaling=SCALING)
    with pytest.raises(astrom3.AstroM3Error) as caught:  # all three are one input of this head
        whole.classify_object(spectrum=SPECTRA[0])
    assert caught.value.code == "missing_modality"
    assert whole.embed(spectrum=SPECTRA[0]).fused is None and whole.embed(spectrum=SPECTRA[0]).status == "ok"


def test_a_checkpoint_of_light_curves_embeds_objects_of_one_modality(model, curves, expected):
    found = model.embed(light_curve=curves[0])
    assert np.array_equal(found.photo, expected[0]) and found.modalities == ("photo",)
    assert found.spectra is None and found.fused is None
    bad = model.embed(light_curve=FLAT)
    assert (bad.status, bad.photo) == ("mad_zero", None) and "photo:mad_zero" in bad.flag_names
    classes = model.classify_object(light_curve=curves[0])
    assert classes == model.classify(*curves[0])


# ---- search and retrieval ----------------------------------------------------------------------------------


def cosines(first, second):
    first, second = (
        one.astype(float) / np.linalg.norm(one.astype(float), axis=1)[:, np.newaxis] for one in (first, second)
    )
    return first @ second.T


def test_one_modality_is_searched_for_by_another(clip, four):
    rows, similarity = four.search("2", k=4, from_="metadata", to="photo")
    expected = cosines(four.metadata, four.photo)[2]
    assert rows.tolist() == np.argsort(-expected, kind="stable").tolist()
    assert np.allclose(similarity, np.sort(expected)[::-1], atol=1e-6)
    rows, _ = four.search(k=3, from_="spectra", to="spectra")
    assert rows.shape == (4, 3) and all(i not in row for i, row in enumerate(rows.tolist()))
    assert four.search(k=1, from_="photo", to="photo", with_self=True)[0][:, 0].tolist() == [0, 1, 2, 3]
    assert np.array_equal(
        four.search(four.metadata[2], k=4, to="photo")[0], four.search("2", k=4, from_="metadata", to="photo")[0]
    )
    assert np.array_equal(
        astrom3.search(four, "2", k=4, from_="metadata", to="photo")[0],
        four.search("2", 4, from_="metadata", to="photo")[0],
    )
    with pytest.raises(ValueError, match="no object 'x'"):
        four.search("x")
    with pytest.raises(ValueError, match="'0' has no embedding 'photo'"):
        clip.many(spectra=SPECTRA).search("0", from_="photo", to="spectra")
    with pytest.raises(ValueError, match="expected one of photo"):
        four.search("0", to="light")


def test_the_table_of_the_command_can_be_searched(clip, four):
    some = clip.many(CURVES, spectra=[None, *SPECTRA[1:]], metadata=[{**RECORDS[0], "ruwe": None}, *RECORDS[1:]])
    again = astrom3.ObjectEmbeddings.from_arrow(some.to_arrow())
    assert same(some, again) and again.modalities == some.modalities
    assert again.flag_names == some.flag_names and again.status.tolist() == some.status.tolist()
    found, expected = (one.search("1", from_="spectra", to="photo") for one in (again, some))
    for first, second in zip(found, expected, strict=True):
        assert np.array_equal(first, second, equal_nan=True)
    assert again.retrieval() == some.retrieval()
    with pytest.raises(ValueError, match="no column 'status' among object_id"):
        astrom3.ObjectEmbeddings.from_arrow(some.to_arrow().select(["object_id"]))


def test_embeddings_of_other_widths_are_not_compared(model, curves, four):
    with pytest.raises(ValueError, match="expected 24 columns"):
        four.search(model(*curves[0]), to="photo")


def test_retrieval_is_what_a_plain_count_gives():
    rng = np.random.default_rng(4)
    first = rng.normal(size=(40, 8)).astype(np.float32)
    second = (first + 0.8 * rng.normal(size=(40, 8))).astype(np.float32)
    first[3], second[7] = np.nan, np.nan
    found = astrom3.measure_retrieval(first, second)
    both = ~(np.isnan(first).any(axis=1) | np.isnan(second).any(axis=1))
    similarity = cosines(first[both], second[both])
    ranks = 1 + (similarity > np.diag(similarity)[:, np.newaxis]).sum(axis=1)
    assert found.n == 38 and found.median_rank == np.median(ranks) and found.chance_median_rank == 19.5
    assert found.recall == {k: np.mean(ranks <= k) for k in (1, 5, 10)}
    assert found.chance == {k: k / 38 for k in (1, 5, 10)}
    with pytest.raises(astrom3.AstroM3Error) as caught:
        astrom3.measure_retrieval(first[3:4], second[3:4])
    assert caught.value.code == "no_input"
    with pytest.raises(ValueError, match="^to: expected shape"):
        astrom3.measure_retrieval(first, second[1:])


def test_retrieval_of_objects_has_all_directions_that_there_are(clip, four):
    assert set(four.retrieval()) == {(a, b) for a in SPACES for b in SPACES if a != b}
    some = clip.many(CURVES, spectra=[SPECTRA[0], None, None, None])
    assert {pair: one.n for pair, one in some.retrieval().items()} == {("photo", "spectra"): 1, ("spectra", "photo"): 1}


# ---- frames, pickles ---------------------------------------------------------------------------------------


def frame_of(n=4):
    """As LSDB has it: light curves and spectra nested, metadata beside them."""
    frame = npd.NestedFrame(ROWS.iloc[:n].assign(objectid=np.arange(n) + 100).set_index(np.arange(n) * 7))
    curve = [pd.DataFrame(dict(zip(("time", "flux", "flux_err"), one, strict=True))) for one in CURVES[:n]]
    pixels = [pd.DataFrame({"wavelength": s.wavelength, "flux": s.flux, "ivar": s.ivar}) for s in SPECTRA[:n]]
    for name, parts in (("lightcurve", curve), ("spectrum", pixels)):
        long = pd.concat([part.assign(i=i) for i, part in zip(frame.index, parts, strict=True)]).set_index("i")
        frame = frame.join_nested(long, name)
    return frame


def test_a_frame_with_columns_of_spectra_and_metadata(clip, four):
    frame = frame_of()
    found = clip.embed_frame(frame, keep=["objectid"], spectra="spectrum", metadata=True)
    assert list(found) == ["objectid", *(f"astrom3_{name}" for name in (*SPACES, "fused", "status", "flags"))]
    assert isinstance(found, npd.NestedFrame) and found.index.equals(frame.index)
    for name in (*SPACES, "fused"):
        assert found[f"astrom3_{name}"].dtype == pd.ArrowDtype(pa.list_(pa.float32(), 24))
        assert np.array_equal(np.stack(list(found[f"astrom3_{name}"])), four.of(name)), name
    assert found["astrom3_status"].dtype == np.int16 and not found["astrom3_status"].any()
    part = clip.embed_frame(frame.iloc[1:], nested=None, spectra="spectrum", metadata=list(ROWS), column="m")
    assert part["m_photo"].isna().all() and np.array_equal(np.stack(list(part["m_spectra"])), four.spectra[1:])
    empty = clip.meta(frame, keep=["objectid"], spectra="spectrum", metadata=True)
    assert len(empty) == 0 and empty.dtypes.equals(found.dtypes)
    with pytest.raises(ValueError, match="no column 'nowhere'"):
        clip.embed_frame(frame, spectra="nowhere")


def arrow_of(n=4, of_lists=True):
    """The same as Spark and Ray have it: lists of structs, or structs of lists."""
    kind = {name: pa.list_(pa.float64()) for name in ("wavelength", "flux", "ivar")}
    cells = [{"wavelength": s.wavelength, "flux": s.flux, "ivar": s.ivar} for s in SPECTRA[:n]]
    spectra = pa.array(cells, pa.struct(list(kind.items())))
    curves = pa.array([dict(zip(("time", "flux", "flux_err"), one, strict=True)) for one in CURVES[:n]])
    if of_lists:
        spectra, curves = (
            pa.array([pd.DataFrame(cell).to_dict("records") for cell in column.to_pylist()])
            for column in (spectra, curves)
        )
    metadata = {name: pa.array(ROWS[name].iloc[:n].to_numpy()) for name in ROWS}
    return pa.table({"objectid": np.arange(n) + 100, "lightcurve": curves, "spectrum": spectra, **metadata})


@pytest.mark.parametrize("of_lists", [True, False])
def test_batches_for_spark_have_the_bits_of_many(clip, four, of_lists):
    how = {"keep": ["objectid"], "nested": "lightcurve", "spectra": "spectrum", "metadata": list(ROWS)}
    function = pickle.loads(pickle.dumps(clip.map_arrow(**how)))
    batches = arrow_of(of_lists=of_lists).to_batches(max_chunksize=3)
    out = list(function(iter(batches)))
    assert [batch.num_rows for batch in out] == [3, 1]
    table = pa.Table.from_batches(out)
    assert table.column_names == ["objectid", *(f"astrom3_{name}" for name in (*SPACES, "fused", "status", "flags"))]
    for name in (*SPACES, "fused"):
        assert table.schema.field(f"astrom3_{name}").type == pa.list_(pa.float32())
        found = np.array(table[f"astrom3_{name}"].to_pylist(), np.float32)
        assert np.array_equal(found, four.of(name)), name
    assert table["astrom3_status"].to_pylist() == [0] * 4 and table["astrom3_flags"].type == pa.string()
    assert next(function(iter([batches[0][:0]]))).schema.equals(out[0].schema)
    assert clip.spark_schema(keep={"objectid": "bigint"}) == (
        "`objectid` bigint, "
        + ", ".join(f"`astrom3_{name}` array<float>" for name in (*SPACES, "fused"))
        + ", `astrom3_status` smallint, `astrom3_flags` string"
    )


def test_tables_for_ray_may_lack_any_modality(fused, clip, four):
    table = arrow_of()
    spectra = pa.array([None, *table["spectrum"].to_pylist()[1:]], table["spectrum"].type)
    gaps = table.set_column(table.schema.get_field_index("spectrum"), "spectrum", spectra)
    out = clip.map_table(keep=["objectid"], spectra="spectrum", metadata=True)(gaps)
    assert out["astrom3_photo"].null_count == 4  # nested=None: there are no light curves
    assert out["astrom3_spectra"].is_null().to_pylist() == [True, False, False, False]
    assert out["astrom3_spectra"].type == pa.list_(pa.float32(), 24)
    assert np.array_equal(np.array(out["astrom3_spectra"].to_pylist()[1:], np.float32), four.spectra[1:])
    assert np.array_equal(np.array(out["astrom3_metadata"].to_pylist(), np.float32), four.metadata)
    classes = fused.map_table(nested="lightcurve", spectra="spectrum", metadata=True, classes=True)(table)
    names, probabilities = fused.classify_many(CURVES, spectra=SPECTRA, metadata=RECORDS)
    assert classes["astrom3_class"].to_pylist() == names.tolist()
    assert classes[f"astrom3_p_{fused.class_names[1]}"].to_pylist() == probabilities[:, 1].tolist()
    schema = fused.spark_schema(classes=True)
    assert [part.split("`")[1] for part in schema.split(", ")] == classes.column_names
    with pytest.raises(ValueError, match="^spectra: there is no column 'nowhere' among objectid, lightcurve"):
        clip.map_table(spectra="nowhere")(table)
    with pytest.raises(ValueError, match="^metadata: there is no column 'nothing'"):
        clip.map_table(metadata=["nothing"])(table)
    with pytest.raises(ValueError, match="^nested: there is no column 'curve'"):
        clip.map_table(nested="curve")(table)


def test_a_frame_has_classes_where_they_are_asked_for(fused):
    frame = frame_of()
    found = fused.embed_frame(frame, spectra="spectrum", metadata=True, classes=True)
    names, probabilities = fused.classify_many(CURVES, spectra=SPECTRA, metadata=RECORDS)
    assert found["astrom3_class"].tolist() == names.tolist()
    for i, name in enumerate(fused.class_names):
        assert np.array_equal(found[f"astrom3_p_{name}"].to_numpy(np.float32), probabilities[:, i])
    with pytest.raises(TypeError, match="^bands: for checkpoints of light curves alone"):
        fused.embed_frame(frame, spectra="spectrum", bands=["g", "r"], join="mean")


def test_rows_without_a_spectrum_keep_their_place(clip, four):
    pixels = [pd.DataFrame({"wavelength": s.wavelength, "flux": s.flux, "ivar": s.ivar}) for s in SPECTRA]
    cells = [None if i == 2 else one.to_dict("records") for i, one in enumerate(pixels)]
    frame = pd.DataFrame({"id": range(4)})
    frame["spectrum"] = pd.arrays.ArrowExtensionArray(pa.array(cells))
    found = clip.embed_frame(frame, nested=None, spectra="spectrum")
    assert found["astrom3_spectra"].isna().tolist() == [False, False, True, False]
    assert np.array_equal(found["astrom3_spectra"].iloc[3], four.spectra[3])


@pytest.mark.parametrize("carries_weights", [False, True])
def test_a_pickled_model_embeds_metadata_as_before(tmp_path, carries_weights):
    folder = tmp_path / "clip"
    shutil.copytree(GOLDEN / "tiny_clip", folder)
    shutil.copy(SCALING, folder / "info.json")
    model = astrom3.AstroM3(folder, pickle_weights=carries_weights)
    expected = model.many(spectra=SPECTRA[:1], metadata=RECORDS[:1])
    text = pickle.dumps(model)
    assert (len(text) < 2000) != carries_weights
    if carries_weights:
        del model
        shutil.rmtree(folder)
    again = pickle.loads(text)
    assert same(expected, again.many(spectra=SPECTRA[:1], metadata=RECORDS[:1])) and again.kind == "shared"
    if not carries_weights:
        del model, again
        changed = json.loads((folder / "info.json").read_text())
        changed["mean"][8] += 1
        (folder / "info.json").write_text(json.dumps(changed))
        with pytest.raises(astrom3.AstroM3Error, match="no longer those"):
            pickle.loads(text)


def test_results_say_what_they_are(four):
    assert repr(four) == "ObjectEmbeddings(4 objects, 4 ok: photo 4, spectra 4, metadata 4)"
    assert "photo, spectra, metadata" in repr(four[1]) and [one.object_id for one in four] == ["0", "1", "2", "3"]
    frame = four.to_pandas()
    assert list(frame) == [
        "object_id",
        "status",
        "flags",
        "modalities",
        *(f"{name}_embedding" for name in (*SPACES, "fused")),
    ]
    assert repr(SPECTRA[0]) == "Spectrum(3500 pixels, 3800.0 to 9048.5 Å, arrays)"
