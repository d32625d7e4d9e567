# SPDX-License-Identifier: MIT
"""Our model beside those of light-curve 0.13.3: a class of its module, with its base class, shapes and reductions."""

import pickle
import sys

import astrom3
import numpy as np
import pytest
from astrom3 import light_curve_embed
from conftest import make_light_curve


@pytest.fixture(scope="module")
def embed():
    return pytest.importorskip("light_curve.embed", reason="light-curve is not installed; `make cluster` does")


@pytest.fixture(scope="module")
def registered(embed):
    return light_curve_embed.register()


@pytest.fixture(scope="module")
def curve():
    time, flux, _ = make_light_curve(np.random.default_rng(2), 120)  # three windows: theirs are not weighted
    return time, 18 - 2.5 * np.log10(flux), np.full(120, 0.02)


def test_it_is_a_model_of_light_curve(embed, registered, checkpoint, curve):
    from light_curve.embed import AstroM3

    assert AstroM3 is registered and light_curve_embed.register() is registered and "AstroM3" in embed.__all__
    assert (AstroM3.__name__, AstroM3.__module__) == ("AstroM3", "light_curve.embed")
    model = AstroM3(checkpoint, zero_point=3631.0)
    assert isinstance(model, embed.SingleBandModel) and isinstance(model, embed.EmbeddingSession)
    found = model(*curve)
    assert found.shape == (1, 1, 1, model.embed_dim)
    own = astrom3.AstroM3(checkpoint)(*curve, mag=True, zero_point=3631.0)
    assert np.array_equal(found[0, 0, 0], own)
    assert AstroM3(astrom3.AstroM3(checkpoint), zero_point=3631.0).session == model.session


def test_reductions_of_light_curve_work_and_are_ours(embed, registered, checkpoint, curve):
    for theirs, name, n in (
        (embed.End(), "end", 1),
        (embed.Beginning(), "beginning", 1),
        (embed.Middle(), "centre", 1),
        (embed.NonOverlappingWindows(), "windows", 1),
        (embed.MultipleReductions([embed.Beginning(), embed.End()]), ["beginning", "end"], 2),
    ):
        found = [registered(checkpoint, zero_point=3631.0, reduction=one)(*curve) for one in (theirs, name)]
        assert found[0].shape == (1, n, 1, found[0].shape[-1])
        np.testing.assert_allclose(found[0], found[1], rtol=0, atol=1e-6)  # another order of sums


def test_its_steps_are_those_of_the_base_class(embed, registered, checkpoint, curve):
    for output in sorted(registered.model_outputs):
        model = registered(checkpoint, output=output, reduction=["beginning", "end"], zero_point=3631.0)
        tensors = model.preprocess_lc(*curve)
        assert tensors.bool_mask.shape == tensors.mask.shape == (2, model.seq_size)
        assert set(tensors.asdict()) == {"x_enc", "mask"}
        assert np.array_equal(model.predict_tensors(tensors), model(*curve)[0])


def test_bands_are_embedded_one_by_one(registered, checkpoint, curve):
    band = np.array(["g", "r"])[np.arange(120) % 2]
    model = registered(checkpoint, bands=["r", "g"], zero_point={"g": 3631.0, "r": 3631.0})
    found = model(*curve, band=band)
    single = registered(checkpoint, zero_point=3631.0)
    for i, name in enumerate(("r", "g")):
        assert np.array_equal(found[i], single(*(column[band == name] for column in curve))[0])
    with pytest.raises(ValueError, match="^band: goes with bands"):
        model(*curve)


def test_a_name_of_light_curve_is_not_taken_over(embed, registered, monkeypatch):
    with pytest.raises(ValueError, match="^name: light_curve.embed has a 'Astromer2' of its own"):
        light_curve_embed.register("Astromer2")
    other = light_curve_embed.register("AstroM3Engine")
    assert other is embed.AstroM3Engine and other is not registered
    monkeypatch.delattr(embed, "AstroM3Engine")


def test_without_the_package_it_says_what_to_install(monkeypatch):
    for name in [one for one in sys.modules if one.partition(".")[0] == "light_curve"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "light_curve", None)
    with pytest.raises(ImportError, match="light_curve"):
        light_curve_embed.register()


def test_our_own_class_is_what_it_was(checkpoint, curve):
    model = astrom3.EmbeddingModel(checkpoint, zero_point=3631.0, reduction="windows")
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again(*curve), model(*curve))
