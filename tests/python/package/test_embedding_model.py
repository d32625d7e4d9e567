# SPDX-License-Identifier: MIT
"""The call shape of light_curve.embed, and the reductions of light curves longer than the encoder's input."""

import types

import numpy as np
import pytest
from astrom3 import AstroM3Error, EmbeddingModel
from astrom3.reductions import Random, Windows


@pytest.fixture(scope="module")
def long_curve():
    rng = np.random.default_rng(8)
    time = np.sort(rng.uniform(0, 30, 109))  # T is 40: two windows and a rest of 29
    return time, 12 + np.sin(time) + 0.05 * rng.normal(size=109), np.full(109, 0.05)


def windows_of(model, curve, choices):
    """The slow twin: the whole light curve's tensor, cut and padded by hand."""
    x_enc, _ = model.preprocess(*curve, mag=True, zero_point=3631, n_steps=len(curve[0]))
    x = np.zeros((len(choices), model.n_steps, 9), np.float32)
    mask = np.zeros((len(choices), model.n_steps), np.float32)
    for i, choice in enumerate(choices):
        x[i, : len(choice)], mask[i, : len(choice)] = x_enc[choice], 1
    return x, mask


def test_the_centre_is_what_the_model_itself_gives(model, curves, long_curve):
    embedder = EmbeddingModel(model, zero_point=3631)
    for curve in (*curves, long_curve):
        embedding = embedder(*curve)
        assert embedding.shape == (1, 1, 1, model.width) and embedding.dtype == np.float32
        assert np.array_equal(embedding[0, 0, 0], model(*curve, mag=True, zero_point=3631))
    fluxes = EmbeddingModel(model, mag=False)
    assert np.array_equal(fluxes(*curves[0])[0, 0, 0], model(*curves[0]))


@pytest.mark.parametrize(
    ("name", "choice"),
    [
        ("beginning", np.arange(40)),
        ("end", np.arange(69, 109)),
        ("middle", np.arange(34, 74)),
        ("random", Random(0).indices(109, 40)),
    ],
)
def test_each_choice_takes_its_observations(model, long_curve, name, choice):
    embedding = EmbeddingModel(model, reduction=name, zero_point=3631)(*long_curve)
    assert len(choice) == 40 and np.all(np.diff(choice) > 0)
    assert np.array_equal(embedding[0, 0], model.encode(*windows_of(model, long_curve, [choice])))


def test_windows_are_weighted_by_their_observations(model, long_curve):
    choices = [np.arange(40), np.arange(40, 80), np.arange(80, 109)]
    x, mask = windows_of(model, long_curve, choices)
    embedder = EmbeddingModel(model, reduction="windows", zero_point=3631)
    expected = np.average(model.encode(x, mask).astype(float), axis=0, weights=[40, 40, 29])
    assert embedder(*long_curve)[0, 0, 0] == pytest.approx(expected, abs=1e-6)  # a rounding to float32

    steps = EmbeddingModel(model, output="sequence", reduction="windows", zero_point=3631)(*long_curve)
    each = model.encode(x, mask, output="sequence").astype(float)
    assert steps.shape == (1, 1, 40, model.width)
    assert steps[0, 0, :29] == pytest.approx(each[:, :29].mean(axis=0), abs=1e-5)  # values are of order 1 to 10
    assert steps[0, 0, 29:] == pytest.approx(each[:2, 29:].mean(axis=0), abs=1e-5)


def test_several_choices_stand_side_by_side(model, long_curve):
    both = EmbeddingModel(model, reduction=["beginning", "end"], zero_point=3631)(*long_curve)
    assert both.shape == (1, 2, 1, model.width)
    for i, name in enumerate(("beginning", "end")):
        one = EmbeddingModel(model, reduction=name, zero_point=3631)(*long_curve)
        assert np.array_equal(both[:, i], one[:, 0])
    draws = EmbeddingModel(model, reduction=["random", "random"], reduction_kwargs={"rng": 3}, zero_point=3631)
    embedding = draws(*long_curve)
    assert not np.array_equal(embedding[0, 0], embedding[0, 1])


def test_outputs(model, long_curve):
    steps = EmbeddingModel(model, output="sequence", zero_point=3631)(*long_curve)
    assert np.array_equal(steps[0, 0], model.sequence(*long_curve, mag=True, zero_point=3631))
    largest = EmbeddingModel(model, output="max", zero_point=3631)(*long_curve)
    assert np.array_equal(largest[0, 0, 0], steps[0, 0].max(axis=0))


def test_bands_are_embedded_one_by_one(model, long_curve):
    time, mag, error = long_curve
    band = np.array(["r", "g", "V"])[np.arange(109) % 3]
    embedder = EmbeddingModel(model, bands=["V", "g"], zero_point={"g": 3631.0, "V": 3836.3})
    embedding = embedder(time, mag, error, band)
    assert embedding.shape == (2, 1, 1, model.width)
    for i, name in enumerate(("V", "g")):
        keep = band == name
        alone = model(
            time[keep], mag[keep], error[keep], mag=True, band=name, zero_point={"g": 3631, "V": 3836.3}[name]
        )
        assert np.array_equal(embedding[i, 0, 0], alone)
    with pytest.raises(ValueError, match="^band"):
        embedder(time, mag, error)
    with pytest.raises(ValueError, match="^band"):
        EmbeddingModel(model, zero_point=3631)(time, mag, error, band)
    with pytest.raises(ValueError, match="^band"):
        embedder(time, mag, error, band[:5])


def test_what_cannot_be_embedded_raises_or_is_nan(model):
    with pytest.raises(AstroM3Error):
        EmbeddingModel(model, zero_point=3631)([1.0], [2.0], [0.1])
    nan = EmbeddingModel(model, zero_point=3631, on_invalid="nan", reduction=["end", "beginning"], output="sequence")
    embedding = nan([1.0], [2.0], [0.1])
    assert embedding.shape == (1, 2, model.n_steps, model.width) and np.isnan(embedding).all()


def test_a_reduction_of_theirs_may_be_given(model, long_curve):
    """One with the methods that light_curve.embed calls."""
    seen = {}

    def subsample_lc(*arrays, seq_size):
        return [tuple(array[:5] for array in arrays), tuple(array[5:12] for array in arrays)]

    def reduce_embeddings(embeddings, tensors, *, output):
        seen.update(shape=embeddings.shape, valid=tensors.bool_mask.sum(axis=1).tolist(), output=output)
        return embeddings[:1]

    theirs = types.SimpleNamespace(subsample_lc=subsample_lc, reduce_embeddings=reduce_embeddings)
    embedding = EmbeddingModel(model, reduction=theirs, zero_point=3631)(*long_curve)
    assert embedding.shape == (1, 1, 1, model.width)
    assert seen == {"shape": (2, 1, model.width), "valid": [5, 7], "output": "mean"}


def test_ours_has_the_methods_that_theirs_call():
    parts = Windows().subsample_lc(np.arange(7), np.arange(7) * 2, seq_size=3)
    assert [part[1].tolist() for part in parts] == [[0, 2, 4], [6, 8, 10], [12]]


def test_wrong_arguments_are_named(model):
    for name, value in (("output", "median"), ("on_invalid", "drop"), ("reduction", "first")):
        with pytest.raises(ValueError, match=f"^{name}"):
            EmbeddingModel(model, **{name: value})
    with pytest.raises(TypeError, match="^reduction"):
        EmbeddingModel(model, reduction=3)
    with pytest.raises(ValueError, match="^reduction.*alone"):
        EmbeddingModel(model, reduction=["windows", "end"])
    with pytest.raises(TypeError, match="^colour"):
        EmbeddingModel(model, zero_point=3631)([1, 2, 3], [1, 2, 4], [1, 1, 1], colour=2)


# ---- the tensors behind it -------------------------------------------------------------------------------


def test_tensors_encoded_are_what_a_call_gives(model, curves, expected):
    tensors = [model.preprocess(*curve) for curve in curves]
    x_enc, mask = (np.array(part) for part in zip(*tensors, strict=True))
    assert np.array_equal(model.encode(x_enc, mask), expected)
    assert np.array_equal(model.encode(x_enc.astype(">f8"), mask[::-1][::-1].astype(bool), n_threads=2), expected)
    assert model.encode(x_enc[:0], mask[:0]).shape == (0, model.width)
    assert np.array_equal(model.encode(x_enc, mask, output="sequence")[2], model.sequence(*curves[2]))
    with pytest.raises(ValueError, match="^x_enc"):
        model.encode(x_enc[:, :5], mask)
    with pytest.raises(ValueError, match="^mask"):
        model.encode(x_enc, mask[:2])
    with pytest.raises(ValueError, match="^output"):
        model.encode(x_enc, mask, output="max")
