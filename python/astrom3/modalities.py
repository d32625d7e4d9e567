# SPDX-License-Identifier: MIT
"""One object by any of its modalities, and the tensors of modalities, through a checkpoint of several."""

from __future__ import annotations

import ctypes as c
import dataclasses
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import numpy.typing as npt

from ._arrays import address, as_numbers
from ._arrays_of_one import takes_objects
from ._batches import Call
from ._calls import call_interruptibly
from ._errors import warn_of_doubts
from ._keywords import FeatureKeywords
from ._library import MODALITIES, ModalityTensors, check, lib
from ._metadata import Metadata, as_columns
from ._objects_run import ManyObjects, raise_first
from ._options import OptionKeywords, check_threads, default_threads
from ._sources import Source, selections
from .objects import ObjectEmbedding, ObjectEmbeddings
from .result import Probabilities

if TYPE_CHECKING:
    from .model import AstroM3

Floats = npt.NDArray[np.float32]


@takes_objects("model.embed")
def embed(
    model: AstroM3,
    *,
    light_curve: Any = None,
    spectrum: Any = None,
    metadata: Any = None,
    mag: bool = False,
    band: str | None = None,
    zero_point: float | None = None,
    **given: Unpack[FeatureKeywords],
) -> ObjectEmbedding:
    """One object by any of its modalities.

    Parameters
    ----------
    light_curve : optional
        ``(time, value, error)``, an (n, 3) array or a table, as an element of the list of `many`; `mag`, `band`,
        `zero_point` and features as in a call.
    spectrum : optional
        A `Spectrum`, the path of a file, ``(wavelength, flux, error)``, a table, or an object as specutils has it
        (``Spectrum.of``).
    metadata : optional
        A mapping of columns to values in magnitudes, mas, mas/yr and degrees, or quantities; a row of a frame.

    Returns
    -------
    ObjectEmbedding
        With `photo`, `spectra`, `metadata` and `fused`, None where there is none, `status` and `flag_names`. Nothing
        is raised where a modality cannot be embedded: `messages` says why.

    Raises
    ------
    AstroM3Error
        The checkpoint has no encoder for what is given, or nothing says how metadata are standardised.

    Warns
    -----
    AstroM3Warning
        A number of the light curve may be wrong: as in ``features``.
    """
    objects = _one(model, (light_curve, spectrum, metadata), mag, band, zero_point, given, False)
    warn_of_doubts(objects.flag_names[0])
    return dataclasses.replace(objects[0], object_id="")


@takes_objects("model.classify_object")
def classify_object(
    model: AstroM3,
    *,
    light_curve: Any = None,
    spectrum: Any = None,
    metadata: Any = None,
    mag: bool = False,
    band: str | None = None,
    zero_point: float | None = None,
    **given: Unpack[FeatureKeywords],
) -> Probabilities:
    """The head's probability of every class for one object by any of its modalities, most probable first.

    Arguments as in `embed`.

    Raises
    ------
    AstroM3Error
        The checkpoint has no head, or no modality could be embedded; `code` says why.
    """
    objects = _one(model, (light_curve, spectrum, metadata), mag, band, zero_point, given, True)
    warn_of_doubts(objects.flag_names[0])
    raise_first(objects, "")
    assert objects.probabilities is not None
    pairs = zip(objects.class_names, objects.probabilities[0].tolist(), strict=True)
    return Probabilities(dict(sorted(pairs, key=lambda pair: -pair[1])))


def _one(
    model: AstroM3, parts: tuple[Any, Any, Any], mag: bool, band: str | None, zero_point: float | None,
    given: Mapping[str, Any], probabilities: bool,
) -> ObjectEmbeddings:  # fmt: skip
    light_curve, spectrum, metadata = parts
    if all(part is None for part in parts):
        raise TypeError("expected a light_curve, a spectrum or metadata")
    features = {name: value for name, value in given.items() if value is not None}
    request = ManyObjects(
        spectra=None if spectrum is None else [spectrum], metadata=None if metadata is None else [metadata],
    )  # fmt: skip
    selection_of = selections(None, None, mag, None, None, None, None, zero_point, None)
    source = Source([light_curve], None, None, model.options, selection_of)
    return request.run(Call(model, model.options, features, None, classes=probabilities), source, band)


# ---- tensors -----------------------------------------------------------------------------------------------


def encode_modalities(
    model: AstroM3,
    *,
    photometry: npt.ArrayLike | None = None,
    photometry_mask: npt.ArrayLike | None = None,
    spectra: npt.ArrayLike | None = None,
    metadata: npt.ArrayLike | None = None,
    n_threads: int | None = None,
) -> dict[str, Floats]:
    """Passes tensors of B objects through the encoders of a checkpoint of several modalities, as ``astrom3 encode``.

    Parameters
    ----------
    photometry : (B, T, 9) array, optional
        As `preprocess` makes it, with `photometry_mask` (B, T).
    spectra : (B, 3, N) array, optional
        As ``Spectrum.preprocess`` makes it.
    metadata : (B, columns) array, optional
        As `standardise` makes it.

    Returns
    -------
    dict
        `p_emb`, `s_emb`, `m_emb` (B, E), `fused` (B, F), `logits` (B, classes), and the cosines of pairs of objects
        times their temperature, `logits_ps`, `logits_sm`, `logits_mp` (B, B): of these, what there is.
    """
    arrays = _tensors(photometry, photometry_mask, spectra, metadata)
    given = [name for name in ("photometry", "spectra", "metadata") if name in arrays]
    if not given:
        raise TypeError("expected photometry, spectra or metadata")
    n = len(arrays[given[0]])
    loaded = model._model
    out = {f"{name[0]}_emb": np.empty((n, loaded.embedding_size), np.float32) for name in given}
    out["fused"] = np.empty((n, loaded.fused_size), np.float32)
    if loaded.class_names:
        out["logits"] = np.empty((n, len(loaded.class_names)), np.float32)
    pairs = ("ps", "sm", "mp")
    out |= {
        f"logits_{a}{b}": np.empty((n, n), np.float32)
        for a, b in map(tuple, pairs)
        if {f"{a}_emb", f"{b}_emb"} <= out.keys()
    }
    struct = ModalityTensors(struct_size=c.sizeof(ModalityTensors), n_objects=n)
    struct.n_threads = check_threads(n_threads) or check_threads(model._n_threads) or default_threads()
    struct.n_pixels = arrays["spectra"].shape[2] if "spectra" in arrays else 0
    for name, array in arrays.items():
        setattr(struct, name, address(array))
    to: Any = {name: address(array) for name, array in out.items()}
    struct.embeddings = (c.c_void_p * len(MODALITIES))(*(to.get(f"{letter}_emb") for letter in "psm"))
    struct.pair_logits = (c.c_void_p * len(pairs))(*(to.get(f"logits_{pair}") for pair in pairs))
    struct.fused, struct.logits = to["fused"], to.get("logits")
    call_interruptibly(lambda: check(lib.astrom3_encode_modalities(loaded.handle, c.byref(struct))))
    return {name: array for name, array in out.items() if not np.isnan(array).any()}


def _tensors(photometry: Any, photometry_mask: Any, spectra: Any, metadata: Any) -> dict[str, Floats]:
    given = {"photometry": (photometry, 3), "photometry_mask": (photometry_mask, 2), "spectra": (spectra, 3),
             "metadata": (metadata, 2)}  # fmt: skip
    arrays = {
        name: np.ascontiguousarray(as_numbers(name, value, ndim), np.float32)
        for name, (value, ndim) in given.items()
        if value is not None
    }
    if ("photometry" in arrays) != ("photometry_mask" in arrays):
        raise TypeError("photometry and photometry_mask go together")
    n = {len(array) for array in arrays.values()}
    if len(n) > 1:
        raise ValueError(f"tensors of {', '.join(map(str, sorted(n)))} objects: expected as many of each")
    return arrays


@dataclasses.dataclass(frozen=True)
class MetadataInfo:
    """The facts of each row of metadata: its object's id, its status with a sentence, and its flags."""

    object_id: tuple[str, ...]
    status: tuple[str, ...]
    messages: tuple[str, ...]
    flag_names: tuple[tuple[str, ...], ...]


def standardise(model: AstroM3, metadata: Any, **options: Unpack[OptionKeywords]) -> tuple[Floats, MetadataInfo]:
    """What the encoder of metadata sees: (N, columns) float32, NaN where a row is rejected, and the facts of each row.

    Parameters
    ----------
    metadata
        A table, a list of mappings, one mapping, or the path of a file.
    **options
        `metadata_id`, `metadata_scaling` and `impute` of ``Options``.
    """
    treatment = model._treatment(options, None)
    rows = Metadata(model, treatment)
    is_file = isinstance(metadata, (str, os.PathLike))
    rows = rows.read(metadata) if is_file else rows.take(as_columns(metadata))
    found = [rows.row(i) for i in range(len(rows))]
    width = next((len(x) for *_, x in found if x is not None), 0)
    nothing = np.full(width, np.nan, np.float32)
    x = np.array([nothing if row[4] is None else row[4] for row in found], np.float32).reshape(len(found), width)
    return x, MetadataInfo(
        object_id=tuple(row[0] for row in found),
        status=tuple(row[1] for row in found),
        messages=tuple(row[2] for row in found),
        flag_names=tuple(row[3] for row in found),
    )
