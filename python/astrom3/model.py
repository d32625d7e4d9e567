# SPDX-License-Identifier: MIT
"""A checkpoint, and everything that it computes from light curves, spectra and metadata."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Unpack

import numpy as np
import numpy.typing as npt

from . import _models, _options, classes, frames, spark, tensors
from . import modalities as of_modalities
from ._arrays_of_one import takes_one
from ._bands import Join
from ._batches import Call
from ._columns import column_beside
from ._engine import Request, embed, give_constants
from ._errors import AstroM3Error, warn_of_doubts
from ._info import BatchInfo
from ._keywords import (
    GIVEN,
    OPTIONS,
    FeatureKeywords,
    check_names,
    options_of,
    reading_parameters,
    spell_out,
)
from ._library import ABI_VERSION, version
from ._model_facts import ModelFacts
from ._objects_run import ManyObjects, embed_many
from ._options import DESCRIBED, OptionKeywords, Options, check_threads
from ._renamed import renamed
from ._selection import Selection
from ._sources import Result, Source, selections
from ._tables import single_table
from ._words import shown
from .result import Embedding, embedding_of

Attention = Literal["full", "probsparse", "probsparse-exact"]
Output = Literal["mean", "sequence", "logits"]
OnInvalid = Literal["nan", "raise"]
Floats = npt.NDArray[np.float32]


class AstroM3(ModelFacts):
    """The encoders of one checkpoint: of light curves, of spectra, of metadata, or of all in one space.

    A checkpoint of light curves alone (`kind` is ``"photo"``) is called with light curves. One of several modalities
    embeds objects: `embed` one of them, `many` any number.

    Immutable: threads may share it. It pickles as its path and SHA-256 and works on both sides of a fork.

    Parameters
    ----------
    path : str or PathLike, optional
        A checkpoint: a directory, or a ``.safetensors`` file with ``config.json`` beside it; ``hf:ORG/NAME``
        as in `from_hf`; ``vstars4``, the one in the package. None: the checkpoint that ``ASTROM3_MODEL`` names, else
        the one in the package.
    sha256 : str, optional
        SHA-256 of the weights; a file with another one is refused.
    n_threads : int, optional
        None: ``ASTROM3_NUM_THREADS``, ``OMP_NUM_THREADS``, 1 inside a Dask worker, or all this process may use.
    attention : {"full", "probsparse", "probsparse-exact"}, optional
        The form of attention; `attention_seed` is the seed of probsparse's draws. None: ``"full"``; of a checkpoint of
        several modalities that of its training, ``"probsparse-exact"`` in the place of ``"probsparse"``.
    isa : str, optional
        Instruction set, such as avx2 or neon; None: the best of this CPU. All give the same bits.
    precision : {"float32", "int8"}
        "int8": matrix products in eight bits, faster and slightly less exact; ``astrom3 study precision`` measures it.
    pickle_weights : bool
        Pickle the weights, too: for workers that cannot read `path`.
    **options
        How light curves are treated: the fields of ``Options``, such as `scaling`, `period_max` and `min_points`.

    Raises
    ------
    AstroM3Error
        The checkpoint cannot be used; `code` is ``bad_model``, ``bad_config`` or ``bad_scaling``.

    Examples
    --------
    >>> import numpy as np
    >>> model = AstroM3()
    >>> time = np.linspace(0, 100, 300)
    >>> model(time, 10 + np.sin(time), np.full(300, 0.1)).shape
    (128,)
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        sha256: str | None = None,
        n_threads: int | None = None,
        attention: Attention | None = None,
        attention_seed: int = 0,
        isa: str | None = None,
        precision: _models.Precision = "float32",
        pickle_weights: bool | None = None,
        embed: bool | None = None,
        **options: Unpack[OptionKeywords],
    ) -> None:
        pickle_weights = renamed("embed", "pickle_weights", embed, pickle_weights)
        key = (isa, None if attention is None else str(attention), int(attention_seed), str(precision))
        self._begin(options_of(options), n_threads, key, bool(pickle_weights))
        self._load(_models.find(path), sha256)

    def _begin(self, options: Options, n_threads: int | None, key: _models.Key, pickle_weights: bool) -> None:
        check_threads(n_threads)
        self._options = options
        self._n_threads = n_threads
        self._key = key
        self._pickle_weights = pickle_weights
        self._cache_dir: str | None = None

    def _load(self, place: _models.Place, sha256: str | None, identity: str | None = None) -> None:
        self._place = place
        self._model = _models.load(place.path, sha256 or place.sha256, self._key, identity)
        _models.warn_of_attention(self._model)

    @classmethod
    def from_hf(
        cls,
        repository: str | None = None,
        *,
        revision: str | None = None,
        cache_dir: str | os.PathLike[str] | None = None,
        offline: bool = False,
        sha256: str | None = None,
        n_threads: int | None = None,
        attention: Attention | None = None,
        attention_seed: int = 0,
        isa: str | None = None,
        precision: _models.Precision = "float32",
        pickle_weights: bool | None = None,
        embed: bool | None = None,
        **options: Unpack[OptionKeywords],
    ) -> AstroM3:
        """A checkpoint of the Hugging Face hub, from the hub's cache, or else downloaded and checked.

        Pickles as repository and commit: a worker downloads the checkpoint if its cache does not have it.

        Parameters
        ----------
        repository : str, optional
            ``"ORG/NAME"``; None: the published photometry checkpoint, at the revision whose SHA-256 is known.
        revision : str, optional
            Branch, tag or commit; None: ``main``.
        cache_dir : path, optional
            None: ``HF_HUB_CACHE``, ``HF_HOME/hub``, ``~/.cache/huggingface/hub``.
        offline : bool
            Make no connection, as with ``HF_HUB_OFFLINE=1``.
        **options
            These and the other arguments are those of the constructor.

        Raises
        ------
        AstroM3Error
            `code` is ``network_error``, with a sentence that says what was wrong.
        """
        model = cls.__new__(cls)
        pickle_weights = renamed("embed", "pickle_weights", embed, pickle_weights)
        key = (isa, None if attention is None else str(attention), int(attention_seed), str(precision))
        model._begin(options_of(options), n_threads, key, bool(pickle_weights))
        model._cache_dir = None if cache_dir is None else os.fspath(cache_dir)
        name = f"hf:{repository or ''}"
        if revision is not None:
            name = f"hf:{repository or _models.PUBLISHED}@{revision}"
        model._load(_models.find(name, model._cache_dir, offline), sha256)
        return model

    # ---- what it is ----------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"AstroM3({self._place.name!r}, sha256={self.sha256[:12]!r}…)"

    def __reduce__(self) -> tuple[Any, ...]:
        files = _models.read_files(self._model, self._place.scaling_file) if self._pickle_weights else None
        place = (self._place.name, self._cache_dir)
        sameness = (self.sha256, self._model.identity, self._place.scaling_sha256)
        how = (self._n_threads, self._key, self._pickle_weights, vars(self._options))
        return (_restore, (place, files, sameness, *how))

    def __dask_tokenize__(self) -> tuple[Any, ...]:
        options = tuple(vars(self._options).items())
        scaling = self._place.scaling_sha256 if self._scaling_of_the_hub else None
        return ("astrom3", self._model.identity, self._how, options, scaling, version(), ABI_VERSION)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AstroM3) and self.__dask_tokenize__() == other.__dask_tokenize__()

    def __hash__(self) -> int:
        return hash(self.__dask_tokenize__())

    # ---- one light curve -----------------------------------------------------------------------------

    @takes_one("model")
    def __call__(
        self,
        time: npt.ArrayLike,
        flux: npt.ArrayLike,
        flux_err: npt.ArrayLike,
        *,
        mag: bool = False,
        band: str | None = None,
        zero_point: float | None = None,
        amplitude: float | str | None = None,
        period: float | str | None = None,
        lksl_statistic: float | str | None = None,
        rfr_score: float | str | None = None,
    ) -> Embedding:
        """The embedding of one light curve.

        Parameters
        ----------
        time : (n,) array
            Days, any zero point, any order.
        flux, flux_err : (n,) array
            Flux and one sigma in `flux_unit` (mJy), or magnitudes with ``mag=True``. If the error is one number,
            every observation has it.
        band : str, optional
            The band of magnitudes, which may determine their zero point.
        zero_point : float, optional
            Flux density of magnitude 0 in Jy.
        amplitude, period, lksl_statistic, rfr_score : float or str, optional
            A feature that is given, not measured: a number in raw units, or ``"z:0.392"`` in standardised ones.

        Returns
        -------
        (D,) float32
            An `Embedding`: an array that also has `flag_names`, `features` and `n_used`.

        Raises
        ------
        AstroM3Error
            The light curve cannot be embedded; `code` says why.
        TypeError, ValueError
            An argument is of the wrong kind or shape; the message begins with its name.

        Warns
        -----
        AstroM3Warning
            A number may be wrong: as in ``features``.
        """
        out = np.empty((1, self.width), np.float32)
        given = {"amplitude": amplitude, "period": period, "lksl_statistic": lksl_statistic, "rfr_score": rfr_score}
        info = self._one(Request(mean=out), time, flux, flux_err, mag, band, zero_point, given)
        return embedding_of(out[0], info)

    @takes_one("model.sequence")
    def sequence(
        self,
        time: npt.ArrayLike,
        flux: npt.ArrayLike,
        flux_err: npt.ArrayLike,
        *,
        mag: bool = False,
        band: str | None = None,
        zero_point: float | None = None,
        **given: Unpack[FeatureKeywords],
    ) -> Embedding:
        """The encoder's output for every step: (T, D) float32, padded steps included. Arguments as in a call."""
        out = np.empty((1, self.n_steps, self.width), np.float32)
        info = self._one(Request(sequence=out), time, flux, flux_err, mag, band, zero_point, given)
        return embedding_of(out[0], info)

    classify = classes.classify

    def _one(
        self, request: Request, time: object, flux: object, flux_err: object, mag: bool, band: str | None,
        zero_point: float | None, given: Mapping[str, object],
    ) -> BatchInfo:  # fmt: skip
        self._require_photo()
        selection = Selection.of_arrays(mag, band, zero_point)
        table = single_table(time, flux, flux_err, selection, self._options, "AstroM3({})")
        call = Call(self, self._options, {name: value for name, value in given.items() if value is not None}, None)
        options = dataclasses.replace(call, given={}).options_of(1, 0, [])
        give_constants(options, call.given)
        request = dataclasses.replace(request, info=BatchInfo.empty(1))
        embed(self._model.handle, table, options, request).raise_first("")
        assert request.info is not None
        warn_of_doubts(request.info.flag_names(0))
        return request.info

    def _require_photo(self) -> None:
        """AstroM3Error for what only a checkpoint of light curves alone gives."""
        if self.kind != "photo":
            raise AstroM3Error(f"{self!r} is of kind {self.kind}: embed(light_curve=...) embeds its objects", "usage")

    # ---- one object by any of its modalities -----------------------------------------------------------

    embed = of_modalities.embed
    classify_object = of_modalities.classify_object
    encode_modalities = of_modalities.encode_modalities
    standardise = of_modalities.standardise

    # ---- many ----------------------------------------------------------------------------------------

    def many(
        self,
        light_curves: Any = None,
        *,
        spectra: Any = None,
        metadata: Any = None,
        pairs: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
        columns: Mapping[str, str] | None = None,
        format: str | None = None,
        mag: bool = False,
        zero_point: float | None = None,
        features: Mapping[str, Any] | None = None,
        where: Mapping[str, Any] | None = None,
        band: str | None = None,
        band_field: str | None = None,
        bands: Sequence[str] | None = None,
        join: Join | None = None,
        reduction: Any = None,
        classes: bool = False,
        nested: str | None = None,
        offsets: npt.ArrayLike | None = None,
        id: str | None = None,
        on_invalid: OnInvalid = "nan",
        output: Output = "mean",
        n_threads: int | None = None,
        out: Floats | None = None,
        return_info: bool = False,
        progress: bool = False,
        scalars: Mapping[str, Any] | None = None,
        min_obs: int | None = None,
        **options: Unpack[OptionKeywords],
    ) -> Any:
        """The embeddings of any number of light curves, or of objects with any of their modalities.

        A table is read like a file of the same columns: columns, bands and units are recognised, a survey is
        recognised by its columns, and rows that it marks as bad are left out (docs/formats.md).

        Parameters
        ----------
        light_curves
            One of: a list or a generator of ``(time, value, error)``, of (n, 3) arrays, of mappings or of tables; an
            (N, n, 3) array; a mapping of flat columns with `offsets`; a long table (pandas, mapping, Arrow) with one
            row per observation; Arrow data (anything with ``__arrow_c_stream__`` or ``__arrow_c_array__``: list of
            structs, struct of lists, columns of lists), read without a copy; a nested-pandas column, or a frame with
            `nested`.
        spectra, metadata, pairs : optional
            For a checkpoint of several modalities (docs/python.md): spectra as a list, by their ids, as a table or as
            paths; a table of metadata, a list of mappings or a path; `pairs` of light curves and names of spectra.
            Light curves in a list belong to what has the same place, others to what has their id.
        fields : mapping, optional
            Column names of ``"t"``, ``"m"`` and ``"sigma"``; names like hjd, mjd, mag, magerr, flux and
            flux_err are recognised.
        columns : mapping, optional
            The same as `fields`, with the names of the command: time, mag, mag_err, flux, flux_err, band.
        format : str, optional
            A survey's format; ``"csv"``: no survey. None: recognised by the columns.
        mag : bool
            Read magnitudes, even if there are fluxes, too.
        features : mapping, optional
            Features that are given, not measured: each is a number, ``"z:0.392"``, an (N,) array, or the name of
            a column beside `nested`.
        where : mapping, optional
            ``{"catflags": 0}``: an observation is kept if the column has this value, or one of a list of values.
        band, band_field : str, optional
            Observations of `band` are kept; if there is no column of bands, `band` declares the band. Without
            `band` every light curve must have one band; ``"split"`` makes a row of each band. `band_field` names
            the column of bands.
        bands : sequence of str, optional
            Several bands: an embedding of each, side by side.
        join : {"mean", "concatenate"}, optional
            One embedding of all `bands`: the mean over those that an object has, or all side by side. The encoder was
            trained on neither (docs/python.md).
        reduction : str, list of str, or reduction, optional
            Which steps of a long light curve are used, as in `EmbeddingModel`: ``"windows"``, ... None: the middle.
        classes : bool
            With `return_info`: `BatchInfo` also has the head's `classes` and `probabilities`.
        offsets : (N + 1,) array, optional
            Light curve i is rows ``offsets[i]:offsets[i + 1]`` of every column.
        id : str, optional
            The column of ids, which says to which object a row belongs (default: object_id, or the survey's); light
            curves come in the order of their first row.
        on_invalid : {"nan", "raise"}
            A light curve that cannot be embedded gives a row of NaN, or raises an error.
        output : {"mean", "sequence", "logits"}
            Of objects, "logits" adds the `probabilities` of the head's classes.
        out : array, optional
            The array into which the result is written, and which is returned.
        return_info : bool
            Also return status, flags and features.
        progress : bool
            Show a progress bar; needs tqdm.
        scalars, min_obs
            Old names of `features` and `min_points`.
        **options
            The fields of ``Options`` for this call, such as `min_points`, `quality_mask` and `missing_error`.

        Returns
        -------
        (N, D) float32, or (N, T, D), or (N, classes)
            With `bands`: (N, bands, D), or with `join` (N, D) or (N, bands D). With a list of reductions: (N, S, D).
            With `return_info`, a pair of this array and a `BatchInfo`; of `bands` without `join`, a dict of them. Of
            objects: an `ObjectEmbeddings`.
        """
        treatment = self._treatment(options, min_obs)
        given = _given(light_curves, nested, renamed("scalars", "features", scalars, features))
        call = Call(self, treatment, given, n_threads, output, on_invalid, classes)
        reading = selections(columns, fields, mag, band_field, where, format, nested, zero_point, id)
        source = Source(light_curves, offsets, nested, treatment, reading)
        how = Result(out, return_info, progress)
        return embed_many(call, source, ManyObjects(spectra, metadata, pairs), band, bands, join, reduction, how)

    def _treatment(self, options: OptionKeywords, min_obs: int | None) -> Options:
        """The options of one call."""
        check_names(options, DESCRIBED)
        min_points = renamed("min_obs", "min_points", min_obs, options.get("min_points"))
        return dataclasses.replace(
            self._options, **(options if min_points is None else {**options, "min_points": min_points})
        )

    def _shape(self, output: str) -> tuple[int, ...]:
        if output == "mean":
            return (self.width,)
        if output == "sequence":
            return (self.n_steps, self.width)
        if output == "logits":
            return (len(self.class_names),)
        raise ValueError(f"output: expected 'mean', 'sequence' or 'logits', found {shown(output)}")

    classify_many = classes.classify_many
    out_of_class = classes.out_of_class

    # ---- tensors ---------------------------------------------------------------------------------------

    preprocess = tensors.preprocess
    encode = tensors.encode

    # ---- frames and clusters ---------------------------------------------------------------------------

    embed_frame = frames.embed_frame
    meta = frames.meta
    map_arrow = frames.map_arrow
    map_table = frames.map_table
    spark_schema = spark.spark_schema


for _function in (AstroM3.__init__, vars(AstroM3)["from_hf"].__func__, AstroM3.many):
    spell_out(_function, OPTIONS)
for _function in (AstroM3.sequence, AstroM3.classify, tensors.preprocess):
    spell_out(_function, GIVEN)
_reading = reading_parameters(AstroM3.many)
for _function in (AstroM3.classify_many, frames.embed_frame, frames.meta, frames.map_arrow, frames.map_table):
    spell_out(_function, _reading)
del _function, _reading


def _given(light_curves: Any, nested: str | None, features: Mapping[str, Any] | None) -> dict[str, Any]:
    """Features of many light curves; a name stands for the column beside `nested`."""
    given = dict(features or {})
    _options.check_feature_names(given)
    if nested is None or not hasattr(light_curves, "__getitem__"):
        return given
    return {name: column_beside(light_curves, name, value) for name, value in given.items()}


def _restore(
    place: tuple[str, str | None], files: dict[str, bytes] | None, sameness: tuple[str, str, str | None],
    n_threads: int | None, key: _models.Key, pickle_weights: bool, options: dict[str, Any],
) -> AstroM3:  # fmt: skip
    """A model from its pickle: loaded once in a process, refused if it is not the pickled one."""
    model = AstroM3.__new__(AstroM3)
    model._begin(Options(**options), n_threads, key, pickle_weights)
    name, model._cache_dir = place
    sha256, identity, scaling_sha256 = sameness
    if files is None:
        model._load(_models.find(name, model._cache_dir), sha256, identity)
    else:
        model._place, model._model = _models.load_files(name, files, sha256, identity, key)
    if model._place.scaling_sha256 != scaling_sha256:
        raise AstroM3Error(f"{name}: its info.json is no longer that of the model that was pickled", "bad_scaling")
    return model
