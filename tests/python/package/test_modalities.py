# SPDX-License-Identifier: MIT
"""Objects by any of their modalities: what the checkpoint is, numbers, what belongs together, what is refused."""

import itertools
import json
import shutil

import astrom3
import astropy.units as u
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from astropy.table import QTable
from conftest import ROOT
from made_objects import CURVES, FLAT, GOLDEN, RECORDS, ROWS, SCALING, SPACES, SPECTRA, make_spectrum, named, same
from test_spectra import tensors

SHARED = ROOT.parent / "shared"


# ---- the checkpoint ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "modalities", "width", "classes"),
    [
        ("tiny_clip", "shared", SPACES, 24, 0),
        ("tiny_fused_concat", "shared", SPACES, 24, 5),
        ("tiny_spectra", "spectra", ("spectra",), 1184, 5),
        ("tiny_meta", "metadata", ("metadata",), 16, 5),
        ("../tiny", "photo", ("photo",), 16, 5),
    ],
)
def test_a_checkpoint_says_what_it_is(name, kind, modalities, width, classes):
    model = astrom3.AstroM3(GOLDEN / name)
    assert (model.kind, model.modalities, len(model.class_names)) == (kind, modalities, classes)
    assert model.width == (width if kind != "photo" else model.width)
    attention = {"shared": "probsparse-exact", "photo": "full"}.get(kind, "")
    assert model.attention == attention == model.identity["attention"]
    assert ("coverage" in model.identity) == (kind != "photo")


def test_full_attention_is_warned_of_where_the_projection_was_trained_with_another(recwarn):
    model = astrom3.AstroM3(GOLDEN / "tiny_clip")
    assert not recwarn.list
    with pytest.warns(UserWarning, match="full; the projection of photo was trained with probsparse"):
        other = astrom3.AstroM3(GOLDEN / "tiny_clip", attention="full")
    assert other != model == astrom3.AstroM3(GOLDEN / "tiny_clip", attention="probsparse-exact")
    assert not np.array_equal(*(one.embed(light_curve=CURVES[0]).photo for one in (model, other)))


def test_what_is_of_light_curves_alone_says_so(clip):
    for call in (clip, clip.sequence, clip.classify):
        with pytest.raises(astrom3.AstroM3Error, match="of kind shared"):
            call(*CURVES[0])
    with pytest.raises(TypeError, match="ObjectEmbeddings"):
        clip.many(CURVES, return_info=True)
    x_enc, mask = clip.preprocess(*CURVES[0])
    assert x_enc.shape == (clip.n_steps, 9) and mask.sum() == clip.n_steps
    with pytest.raises(astrom3.AstroM3Error, match="kind photo"):
        clip.encode(x_enc[np.newaxis], mask[np.newaxis])


# ---- numbers -----------------------------------------------------------------------------------------------


def test_tensors_give_the_golden_numbers():
    """p_emb, s_emb, m_emb and the scaled cosines of upstream's own modules, in float64."""
    cases = tensors(GOLDEN / "tiny_clip" / "cases.safetensors")
    with pytest.warns(UserWarning, match="full"):
        model = astrom3.AstroM3(GOLDEN / "tiny_clip", attention="full")
    found = model.encode_modalities(
        **{name: cases[name] for name in ("photometry", "photometry_mask", "spectra", "metadata")}
    )
    for name in ("p_emb", "s_emb", "m_emb", "logits_ps", "logits_sm", "logits_mp"):
        assert np.abs(found[name] - cases[name]).max() <= 1e-5 * np.abs(cases[name]).max(), name
    alone = model.encode_modalities(spectra=cases["spectra"])
    assert set(alone) == {"s_emb", "fused"} and np.array_equal(alone["s_emb"], alone["fused"])
    with pytest.raises(TypeError, match="photometry_mask"):
        model.encode_modalities(photometry=cases["photometry"])
    with pytest.raises(ValueError, match="5, 6 objects"):
        model.encode_modalities(spectra=cases["spectra"], metadata=cases["metadata"][:5])
    with pytest.raises(astrom3.AstroM3Error, match="pixels"):
        model.encode_modalities(spectra=cases["spectra"][:, :, :900])


def test_an_object_is_the_tensors_of_its_modalities(clip):
    """What `embed` does is what `preprocess`, `standardise` and `encode_modalities` do one after the other."""
    x_enc, mask = clip.preprocess(*CURVES[1])
    metadata, info = clip.standardise(RECORDS[1])
    assert info.status == ("ok",) and metadata.shape == (1, 34)
    by_hand = clip.encode_modalities(
        photometry=x_enc[np.newaxis], photometry_mask=mask[np.newaxis],
        spectra=SPECTRA[1].preprocess().channels[np.newaxis], metadata=metadata,
    )  # fmt: skip
    found = clip.embed(light_curve=CURVES[1], spectrum=SPECTRA[1], metadata=RECORDS[1])
    for name, made in (
        ("p_emb", found.photo),
        ("s_emb", found.spectra),
        ("m_emb", found.metadata),
        ("fused", found.fused),
    ):
        assert np.array_equal(by_hand[name][0], made), name


def synthetic_release(n):
    """`spectra [n, 3, 2575]` and `label` as in a file of spectra that are preprocessed already."""
    spectra = np.array([make_spectrum(i).preprocess().channels for i in range(n)])
    return {"spectra": spectra, "label": np.arange(n) % 3}


@pytest.mark.parametrize("is_real", [False, True], ids=["synthetic", "lamost_afg_900"])
def test_preprocessed_spectra_are_encoded_as_they_are(clip, is_real, tmp_path):
    file = SHARED / "data" / "spectra" / "lamost_afg_900.npz" if is_real else tmp_path / "spectra.npz"
    if is_real and not file.exists():
        pytest.skip(f"{file.name} is not there")
    if not is_real:
        np.savez(file, **synthetic_release(3))
    with np.load(file) as release:
        spectra = release["spectra"][:900]
    found = clip.encode_modalities(spectra=spectra)["s_emb"]
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6) and len(found) == len(spectra)
    assert np.array_equal(found[:2], clip.encode_modalities(spectra=spectra[:2], n_threads=1)["s_emb"])
    if not is_real:
        assert np.array_equal(found, clip.many(spectra=[make_spectrum(i) for i in range(3)]).spectra)


@pytest.mark.parametrize(
    "there", [there for n in (1, 2, 3) for there in itertools.combinations(SPACES, n)], ids="+".join
)
def test_any_subset_is_embedded_and_fused_by_its_mean(clip, four, there):
    parts = dict(
        zip(SPACES, (("light_curve", CURVES[2]), ("spectrum", SPECTRA[2]), ("metadata", RECORDS[2])), strict=True)
    )
    found = clip.embed(**dict(parts[name] for name in there))
    assert (found.status, found.modalities) == ("ok", there)
    for name in SPACES:
        if name in there:
            assert np.array_equal(getattr(found, name), four.of(name)[2])
            assert np.isclose(np.linalg.norm(getattr(found, name)), 1, atol=1e-6)
        else:
            assert getattr(found, name) is None
    assert np.allclose(found.fused, np.mean([getattr(found, name) for name in there], axis=0), atol=1e-7)


def test_bits_do_not_depend_on_threads_or_neighbours(clip, four):
    assert same(four, clip.many(CURVES, spectra=SPECTRA, metadata=RECORDS, n_threads=1))
    turned = clip.many(CURVES[::-1], spectra=SPECTRA[::-1], metadata=RECORDS[::-1])
    assert all(np.array_equal(four.of(name), turned.of(name)[::-1]) for name in SPACES)
    scalar = astrom3.AstroM3(clip.path, metadata_scaling=SCALING, period_min=0.5, isa="scalar")
    assert same(four, scalar.many(CURVES, spectra=SPECTRA, metadata=RECORDS))


# ---- what belongs together ---------------------------------------------------------------------------------


def test_lists_belong_together_by_place(clip, four):
    found = clip.many(
        [CURVES[0], None, CURVES[2], None, None], spectra=[None, SPECTRA[1], SPECTRA[2], None, None],
        metadata=[RECORDS[0], None, None, RECORDS[3], None],
    )  # fmt: skip
    assert found.object_id.tolist() == ["0", "1", "2", "3", "4"]
    assert found.modalities == (("photo", "metadata"), ("spectra",), ("photo", "spectra"), ("metadata",), ())
    assert found.status.tolist() == ["ok"] * 4 + ["no_modality"]
    for i, name in ((0, "photo"), (0, "metadata"), (1, "spectra"), (2, "photo"), (2, "spectra"), (3, "metadata")):
        assert np.array_equal(found.of(name)[i], four.of(name)[i])
    for short in ({"spectra": SPECTRA[:3]}, {"metadata": RECORDS[:3]}, {"metadata": ROWS}):
        with pytest.raises(ValueError, match="4 objects"):
            clip.many(CURVES, **short)
    with pytest.raises(TypeError, match="joined by ids"):
        clip.many(CURVES, metadata="catalogue.csv")
    with pytest.raises(TypeError, match="^pairs"):
        clip.many(CURVES, spectra=SPECTRA, pairs={"0": "1"})


def test_spectra_that_bring_an_id_keep_their_place_beside_a_list_of_light_curves(clip, four):
    with_ids = [named(one, str(3 - i), [str((i + 1) % 4)]) for i, one in enumerate(SPECTRA)]
    assert same(four, clip.many(CURVES, spectra=with_ids, metadata=RECORDS))


def test_tables_belong_together_by_id(clip, four):
    ids = ["d", "b", "a", "c"]
    curves = pd.concat([pd.DataFrame(dict(zip(("time", "flux", "flux_err"), one, strict=True))).assign(object_id=name)
                        for name, one in zip(ids, CURVES, strict=True)])  # fmt: skip
    rows = ROWS.iloc[:4].assign(object_id=ids).iloc[::-1]
    pixels = {
        "wavelength": [s.wavelength for s in SPECTRA],
        "flux": [s.flux for s in SPECTRA],
        "ivar": [s.ivar for s in SPECTRA],
    }
    long = pd.concat([pd.DataFrame({"object_id": name, "wavelength": s.wavelength, "flux": s.flux, "ivar": s.ivar})
                      for name, s in zip(ids, SPECTRA, strict=True)])  # fmt: skip
    for spectra in (
        dict(zip(ids, SPECTRA, strict=True)), pd.DataFrame({"object_id": ids, **pixels}), long,
        pa.table({"object_id": ids, **{name: [v.tolist() for v in values] for name, values in pixels.items()}}),
        [named(s, name) for name, s in zip(ids, SPECTRA, strict=True)],
        [named(s, "?", ["x", name]) for name, s in zip(ids, SPECTRA, strict=True)],
    ):  # fmt: skip
        found = clip.many(curves, spectra=spectra, metadata=rows)
        assert found.object_id.tolist() == ids and same(four, found), type(spectra)
    with_index = rows.set_index("object_id")
    for metadata in (rows, with_index, pa.Table.from_pandas(rows), rows.to_dict("records"), QTable.from_pandas(rows)):
        assert same(four, clip.many(curves, spectra=dict(zip(ids, SPECTRA, strict=True)), metadata=metadata))
    lists = {name: [curve[i].tolist() for curve in CURVES] for i, name in enumerate(("time", "flux", "flux_err"))}
    arrow = pa.table({"object_id": ids, **lists})
    assert same(four, clip.many(arrow, spectra=dict(zip(ids, SPECTRA, strict=True)), metadata=rows))


def test_what_would_be_joined_by_chance_is_refused(clip):
    ids = ["d", "b", "a", "c"]
    curves = pd.concat([pd.DataFrame(dict(zip(("time", "flux", "flux_err"), one, strict=True))).assign(object_id=name)
                        for name, one in zip(ids, CURVES, strict=True)])  # fmt: skip
    rows = ROWS.iloc[:4].assign(object_id=ids)
    named_spectra = dict(zip(ids, SPECTRA, strict=True))
    for arguments in (
        {"spectra": SPECTRA},
        {"metadata": ROWS.iloc[:4]},
        {"spectra": [SPECTRA[0], named(SPECTRA[1], "b")]},
    ):
        with pytest.raises(ValueError, match="nothing says whose they are"):
            clip.many(curves, **arguments)
    for arguments in ({"spectra": SPECTRA, "metadata": rows}, {"spectra": named_spectra, "metadata": ROWS.iloc[:4]}):
        with pytest.raises(ValueError, match="nothing says whose they are"):
            clip.many(**arguments)
    numbered = clip.many(curves.assign(object_id=np.repeat(range(4), [len(one[0]) for one in CURVES])), spectra=SPECTRA)
    assert numbered.modalities == (("photo", "spectra"),) * 4  # their ids are their places
    with pytest.warns(UserWarning, match="^metadata: none of 4 rows has the id of an object such as 'd'"):
        clip.many(curves, metadata=rows.assign(object_id=["w", "x", "y", "z"]))


def test_features_that_are_given_are_of_the_light_curves(clip, four):
    periods = np.array([0.7, 0.8, 0.9, 1.1])
    found = clip.many(CURVES, spectra=SPECTRA, features={"period": periods})
    assert np.array_equal(found.spectra, four.spectra) and not np.array_equal(found.photo, four.photo)
    for i, period in enumerate(periods):
        one = clip.embed(light_curve=CURVES[i], period=period)
        assert np.array_equal(one.photo, found.photo[i])
    assert "feature_set" in one.flag_names


# ---- metadata ----------------------------------------------------------------------------------------------


def test_units_of_metadata_are_converted(clip):
    expected = clip.embed(metadata=RECORDS[0]).metadata
    units = {
        "parallax": (u.arcsec, 1e-3),
        "pmra": (u.deg / u.yr, 1 / 3.6e6),
        "l": (u.rad, np.pi / 180),
        "j_mag": (u.mmag, 1e3),
    }
    with_units = {
        name: value * units[name][1] * units[name][0] if name in units else value for name, value in RECORDS[0].items()
    }
    assert np.allclose(clip.embed(metadata=with_units).metadata, expected, atol=1e-6)
    table = QTable({name: [value] for name, value in with_units.items()})
    assert np.allclose(clip.many(metadata=table).metadata[0], expected, atol=1e-6)
    row = clip.embed(metadata=QTable(table, copy=True)[0]).metadata
    assert np.allclose(row, expected, atol=1e-6)
    assert np.array_equal(clip.embed(metadata={**with_units, "distance": 3 * u.kpc}).metadata, row)  # nobody reads it
    with pytest.raises(TypeError, match="^parallax: expected a number in mas, found mag"):
        clip.embed(metadata={**RECORDS[0], "parallax": 1 * u.mag})


def test_metadata_are_never_guessed(clip, tmp_path):
    lacking = {name: value for name, value in RECORDS[0].items() if name not in ("ruwe", "w3_mag")}
    with pytest.raises(astrom3.AstroM3Error) as caught:
        clip.embed(metadata=lacking)
    assert caught.value.code == "bad_metadata"  # MD01: all that are missing at once
    assert "ruwe" in str(caught.value) and "w3_mag" in str(caught.value)
    answers = {"missing_value": (None, np.nan, "", "null", "--"), "sentinel": (99.999, -999), "not_a_number": ("12,3",),
               "nonfinite": (np.inf,)}  # fmt: skip
    for value, code in ((value, code) for code, values in answers.items() for value in values):
        found = clip.embed(metadata={**RECORDS[0], "w3_mag": value})
        assert (found.status, found.metadata) == (code, None), value
        assert f"metadata:{code}" in found.flag_names and "w3_mag" in found.messages["metadata"]
    far = clip.embed(metadata={**RECORDS[0], "ruwe": 1e4, "parallax": -0.1})
    assert far.status == "ok" and "metadata:parallax_not_positive" in far.flag_names  # MD03
    assert any(name.startswith("metadata:out_of_range:ruwe=") for name in far.flag_names)
    with pytest.warns(UserWarning, match="look like radians"):  # MD04
        clip.many(metadata=ROWS.assign(l=ROWS["l"] / 100, b=ROWS["b"] / 100))
    twice = clip.many(metadata=pd.concat([ROWS, ROWS]).assign(object_id=[0, 1, 2, 3, 4, 5, 6] * 2))
    assert set(twice.status) == {"ambiguous"}  # MD06
    bare = astrom3.AstroM3(GOLDEN / "tiny_clip")
    with pytest.raises(astrom3.AstroM3Error, match="info.json of the split") as caught:  # MD02
        bare.embed(metadata=RECORDS[0])
    assert caught.value.code == "bad_scaling" and "metadata_scaling" in str(caught.value)
    assert bare.embed(spectrum=SPECTRA[0]).status == "ok"


def test_names_of_catalogues_and_what_follows_from_columns(clip):
    expected = clip.embed(metadata=RECORDS[1]).metadata
    other = {
        {"j_mag": "Jmag", "parallax": "Plx", "w1_mag": "w1mpro"}.get(name, name): value
        for name, value in RECORDS[1].items()
    }
    assert np.array_equal(clip.embed(metadata=other).metadata, expected)
    assert np.array_equal(clip.embed(metadata=pd.Series(RECORDS[1])).metadata, expected)
    assert np.array_equal(clip.embed(metadata=ROWS.iloc[[1]]).metadata, expected)
    no_colour = {name: value for name, value in RECORDS[1].items() if name != "bp_rp"}
    computed = RECORDS[1]["phot_bp_mean_mag"] - RECORDS[1]["phot_rp_mean_mag"]
    with_it = clip.embed(metadata={**no_colour, "bp_rp": computed}).metadata
    assert np.array_equal(clip.embed(metadata=no_colour).metadata, with_it)


# ---- what cannot be embedded -------------------------------------------------------------------------------


def test_a_modality_that_cannot_be_embedded_costs_no_other(clip):
    found = clip.embed(light_curve=FLAT, spectrum=make_spectrum(1, 500), metadata=RECORDS[0])
    assert (found.status, found.modalities) == ("ok", ("metadata",))
    assert {"photo:mad_zero", "spectra:coverage"} <= set(found.flag_names)
    assert set(found.messages) == {"photo", "spectra"} and 'coverage="extend"' in found.messages["spectra"]
    assert np.array_equal(found.fused, found.metadata)
    nothing = clip.embed(light_curve=FLAT)  # MM01
    assert (nothing.status, nothing.fused, nothing.photo) == ("mad_zero", None, None)
    strict = clip.many([FLAT, CURVES[0]], metadata=RECORDS[:2], require="all")
    assert strict.status.tolist() == ["mad_zero", "missing_modality"] and not strict.has("fused").any()
    with pytest.raises(astrom3.AstroM3Error, match="^object 0: photo: ") as caught:
        clip.many([FLAT], on_invalid="raise")
    assert caught.value.code == "mad_zero"
    with pytest.raises(TypeError, match="expected a light_curve"):
        clip.embed()


def test_what_the_checkpoint_has_no_encoder_for_is_refused(model):
    """MM01"""
    spectra = astrom3.AstroM3(GOLDEN / "tiny_spectra")
    for call in (lambda: spectra.many(CURVES), lambda: spectra.embed(light_curve=CURVES[0]),
                 lambda: spectra.many(metadata=ROWS), lambda: model.embed(spectrum=SPECTRA[0]),
                 lambda: model.many(CURVES, metadata=ROWS),
                 lambda: spectra.many(spectra=SPECTRA, modalities=("photo",))):  # fmt: skip
        with pytest.raises(astrom3.AstroM3Error, match="no encoder of (photo|spectra|metadata): its kind is") as caught:
            call()
        assert caught.value.code == "usage"


def test_bad_configurations_and_scalings_name_both_numbers(tmp_path):
    """MM02, MM03"""

    def opened(change, file="config.json", of="tiny_fused"):
        folder = tmp_path / "model"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(GOLDEN / of, folder)
        shutil.copy(SCALING, folder / "info.json")
        values = json.loads((folder / file).read_text())
        change(values)
        (folder / file).write_text(json.dumps(values))
        return astrom3.AstroM3(folder)

    def code_of(*arguments):
        with pytest.raises(astrom3.AstroM3Error) as caught:
            opened(*arguments).embed(metadata=RECORDS[0])
        return caught.value.code, str(caught.value)

    assert opened(lambda values: None).embed(metadata=RECORDS[0]).status == "ok"
    assert code_of(lambda values: values.update(fusion="sum"))[0] == "bad_config"
    code, message = code_of(lambda values: values.update(m_input_dim=33))
    assert code == "bad_model" and "33" in message and "34" in message
    code, message = code_of(lambda values: values.update(fusion="concat"))
    assert code == "bad_model" and "72" in message and "24" in message
    for key, value in (("std", 0.0), ("mean", None)):
        assert (
            code_of(lambda values, key=key, value=value: values[key].__setitem__(7, value), "info.json")[0]
            == "bad_scaling"
        )
    assert code_of(lambda values: values["mean"].pop(), "info.json")[0] == "bad_scaling"
    code, message = code_of(lambda values: [values[key].pop(9) for key in ("all_cols", "mean", "std")], "info.json")
    assert code == "bad_scaling" and ("33" in message or "bp_rp" in message or "phot" in message), message
