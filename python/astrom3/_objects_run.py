# SPDX-License-Identifier: MIT
"""Objects with any of their modalities through the engine: one call, its rows, and what they become."""

from __future__ import annotations

import ctypes as c
import dataclasses
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ._arrays import address, encode_texts
from ._bands import Join, embed_chosen
from ._batches import Call
from ._calls import call_interruptibly
from ._columns import column_beside
from ._engine import Table
from ._errors import AstroM3Error
from ._library import MODALITIES, STATUS_NAMES, ObjectsInput, ObjectStruct, check, lib
from ._objects_input import Inputs, are_lists, inputs_by_id, inputs_by_place, is_a_list
from ._options import DESCRIBED, check_feature_names
from ._progress import progress_bar
from ._sources import Result, Source, selections
from .objects import SPACES, ObjectEmbeddings, Space
from .tensors import softmax

if TYPE_CHECKING:
    from .model import AstroM3

Vector = npt.NDArray[np.float32]


def raise_first(objects: ObjectEmbeddings, what: str = "object {}: ") -> None:
    """AstroM3Error of the first object that is not ok, where there is one."""
    bad = np.flatnonzero(objects.code)
    if len(bad) == 0:
        return
    i = int(bad[0])
    code = STATUS_NAMES[objects.code[i]]
    reasons = "; ".join(f"{name}: {text}" for name, text in objects.messages[i].items())
    raise AstroM3Error(what.format(objects.object_id[i]) + (reasons or _meaning(objects.code[i])), code)


def _names(objects: ObjectEmbeddings, modality: Space) -> bool:
    """Whether any object has this modality, or says why it has not."""
    flags = (name for names in objects.flag_names for name in names)
    return bool(objects.has(modality).any()) or any(name.startswith(f"{modality}:") for name in flags)


def _meaning(code: int) -> str:
    return str(lib.astrom3_status_meaning(int(code)).decode())


@dataclasses.dataclass(frozen=True)
class ManyObjects:
    """What ``AstroM3.many`` is given beside the light curves."""

    spectra: Any = None
    metadata: Any = None
    pairs: Mapping[str, str] | None = None
    probabilities: bool = False

    def are_wanted(self, model: AstroM3) -> bool:
        """Whether the result is objects, and not the embeddings of light curves alone."""
        return model.kind != "photo" or any(part is not None for part in (self.spectra, self.metadata, self.pairs))

    def check(self, model: AstroM3) -> None:
        """AstroM3Error where the checkpoint cannot do it."""
        for name, value in (("spectra", self.spectra), ("metadata", self.metadata)):
            if value is not None and name not in model.modalities:
                raise AstroM3Error(
                    f"{name} are given, but the checkpoint has no encoder of {name}: its kind is {model.kind}", "usage"
                )
        if self.pairs is not None and "spectra" not in model.modalities:
            raise AstroM3Error(f"pairs are given, but the checkpoint has no spectra: its kind is {model.kind}", "usage")
        if self.probabilities and not model.class_names:
            raise AstroM3Error(f"{model!r} has no head: it cannot classify", "usage")

    def check_result(self, call: Call, out: object, return_info: bool, **of_light_curves: object) -> None:
        """TypeError for what is asked for in vain of an `ObjectEmbeddings`."""
        if call.output == "sequence" or out is not None or return_info:
            raise TypeError("out, return_info, output='sequence': the result for objects is an ObjectEmbeddings")
        if given := next((name for name, value in of_light_curves.items() if value is not None), None):
            raise TypeError(f"{given}: for checkpoints of light curves alone")

    def run(self, call: Call, source: Source, band: str | None, progress: bool = False) -> ObjectEmbeddings:
        """The rows of all objects; with ``on_invalid="raise"`` an error for the first object that is not ok."""
        request = dataclasses.replace(self, probabilities=call.output == "logits" or call.classes)
        request.check(call.model)
        with progress_bar(progress) as bar:
            objects = request._run(call, source, band, bar)
        if call.on_invalid == "raise":
            raise_first(objects)
        return objects

    def _run(self, call: Call, source: Source, band: str | None, bar: Any) -> ObjectEmbeddings:
        if call.model.kind == "photo":
            return _photo_alone(call, source, band, self.probabilities)
        light_curves = source.light_curves
        if is_a_list(light_curves) or (light_curves is None and are_lists(self.spectra, self.metadata)):
            return self._run_list(call, source, band, bar)
        tables = iter(()) if light_curves is None else source.tables(band)
        inputs = inputs_by_id(call.model, tables, self.spectra, self.metadata, call.options)
        objects = _Run(call, self, bar).run(inputs)
        if inputs.metadata is not None and len(objects) and not _names(objects, "metadata"):
            warnings.warn(
                f"metadata: none of {len(inputs.metadata)} rows has the id of an object such as "
                f"{str(objects.object_id[0])!r}",
                stacklevel=5,
            )
        return objects

    def _run_list(self, call: Call, source: Source, band: str | None, bar: Any) -> ObjectEmbeddings:
        if self.pairs is not None:
            raise TypeError("pairs: in lists, what has the same place belongs together")
        metadata: Any = self.metadata
        given = [None] * len(metadata) if source.light_curves is None else list(source.light_curves)
        of_tables = [i for i, one in enumerate(given) if one is not None]
        there = dataclasses.replace(source, light_curves=[given[i] for i in of_tables])
        tables = list(there.tables(band)) if of_tables else []
        return self.run_places(call, tables, of_tables, len(given), bar)

    def run_places(
        self, call: Call, tables: list[Table], of_tables: Sequence[int], n: int, bar: Any = None
    ) -> ObjectEmbeddings:
        """Objects 0 .. n - 1; light curve k is of object ``of_tables[k]``."""
        places = inputs_by_place(call.model, tables, of_tables, n, self.spectra, self.metadata, call.options)
        parts = [_Run(call, self, bar).run(inputs) for inputs in places.calls]
        return _in_order(parts, places.ids, _nothing(call.model, self.probabilities))


def many_in_rows(
    model: AstroM3, frame: Any, nested: str | None, n: int, arguments: Mapping[str, Any]
) -> ObjectEmbeddings:
    """The objects of the `n` rows of a frame: light curves in its column `nested`, the arguments of `many`."""
    treatment: Any = {name: value for name, value in arguments.items() if name in DESCRIBED}
    options = model._treatment(treatment, arguments.get("min_obs"))
    of = arguments.get
    selection_of = selections(
        of("columns"), of("fields"), of("mag", False), of("band_field"), of("where"), of("format"), nested,
        of("zero_point"), of("id"),
    )  # fmt: skip
    features = of("features") or {}
    check_feature_names(features)
    given = {name: column_beside(frame, name, value) for name, value in features.items()}
    call = Call(model, options, given, of("n_threads"))
    request = ManyObjects(of("spectra"), of("metadata"), of("pairs"), bool(of("classes")))
    request.check_result(call, None, False, **{name: of(name) for name in ("bands", "join", "reduction")})
    request.check(model)
    source = Source(frame, None, nested, options, selection_of)
    tables = [] if nested is None else list(source.tables(of("band")))
    return request.run_places(call, tables, range(n) if nested is not None else (), n)


class _Run:
    """One call of the engine."""

    def __init__(self, call: Call, request: ManyObjects, bar: Any) -> None:
        self._call = call
        self._request = request
        self._bar = bar

    def run(self, inputs: Inputs) -> ObjectEmbeddings:
        """The rows, in the engine's order. In the main thread Ctrl-C ends it at once."""
        struct, keep = self._struct(inputs)
        stop, n_done, handle = c.c_int32(0), c.c_int64(0), c.c_void_p()
        struct.stop, struct.n_done = c.pointer(stop), c.pointer(n_done)
        model, reported = self._call.model, 0

        def call() -> None:
            check(lib.astrom3_embed_objects(model._model.handle, c.byref(struct), c.byref(handle)))
            assert keep is not None  # what the engine reads lives as long as this call

        def report() -> None:
            nonlocal reported
            done = n_done.value
            if done > reported:
                self._bar(done - reported)
                reported = done

        call_interruptibly(call, stop, None if self._bar is None else report)
        try:
            return self._result(handle)
        finally:
            lib.astrom3_objects_close(handle)

    def _struct(self, inputs: Inputs) -> tuple[ObjectsInput, list[object]]:
        struct = ObjectsInput()
        lib.astrom3_objects_input_init(c.byref(struct))
        n = sum(table.size for table in inputs.tables)
        keep: list[Any] = [inputs]
        options = self._call.options_of(n, 0, keep)
        self._call._check_lengths(n)
        struct.n_threads, struct.options, struct.given = options.n_threads, options.options, options.given
        tables = (c.c_void_p * len(inputs.tables))(*(table.handle for table in inputs.tables))
        struct.light_curves, struct.n_tables = tables, len(tables)
        keep += [options, tables]
        if inputs.light_curve_ids is not None:
            if len(inputs.light_curve_ids) != n:
                raise ValueError(f"light_curves: {n} beside {len(inputs.light_curve_ids)} places")
            ids = encode_texts("object_id", inputs.light_curve_ids)
            struct.light_curve_ids = ids
            keep.append(ids)
        if inputs.spectra is not None:
            struct.spectra = inputs.spectra.handle
        if inputs.metadata is not None:
            struct.metadata = inputs.metadata.handle
        pairs = encode_texts("pairs", [str(text) for pair in (self._request.pairs or {}).items() for text in pair])
        struct.pairs, struct.n_pairs = pairs, len(pairs) // 2
        keep.append(pairs)
        struct.probabilities = self._request.probabilities
        return struct, keep

    def _result(self, handle: c.c_void_p) -> ObjectEmbeddings:
        n = int(lib.astrom3_objects_size(handle))
        found = ObjectStruct(struct_size=c.sizeof(ObjectStruct))
        ids, codes, flags, messages = [], np.zeros(n, np.int16), [], []
        for i in range(n):
            check(lib.astrom3_objects_get(handle, i, c.byref(found)))
            ids.append(found.object_id.decode("utf-8", "replace"))
            codes[i] = found.status
            flags.append(tuple(found.flags.decode().split(";")) if found.flags else ())
            texts = zip(MODALITIES, found.messages, strict=True)
            messages.append({name: text.decode("utf-8", "replace") for name, text in texts if text})
        numbers = _nothing(self._call.model, self._request.probabilities, n)
        for what, array in enumerate((numbers.photo, numbers.spectra, numbers.metadata, numbers.fused)):
            if array.shape[1]:
                check(lib.astrom3_objects_copy(handle, what, array.shape[1], address(array)))
        if numbers.probabilities is not None:
            to = address(numbers.probabilities)
            check(lib.astrom3_objects_copy(handle, _PROBABILITIES, len(numbers.class_names), to))
        return dataclasses.replace(
            numbers, object_id=np.array(ids, np.str_), code=codes, flag_names=tuple(flags), messages=tuple(messages)
        )


_PROBABILITIES = len(SPACES) + 1  # behind the logits


def spaces_of(model: AstroM3) -> list[Space]:
    """The spaces that objects have embeddings in, in the order of their columns."""
    return [name for name in SPACES if _nothing(model, False).of(name).shape[1]]


def _nothing(model: AstroM3, probabilities: bool, n: int = 1) -> ObjectEmbeddings:
    """`n` objects of which nothing is there."""
    loaded = model._model

    def empty(width: int) -> Vector:
        return np.full((n, width), np.nan, np.float32)

    return ObjectEmbeddings(
        object_id=np.array([""] * n, np.str_),
        code=np.full(n, STATUS_NAMES.index("no_modality"), np.int16),
        flag_names=((),) * n,
        photo=empty(loaded.embedding_size),
        spectra=empty(loaded.embedding_size),
        metadata=empty(loaded.embedding_size),
        fused=empty(loaded.fused_size if loaded.kind == "shared" else 0),
        probabilities=empty(len(loaded.class_names)) if probabilities else None,
        class_names=loaded.class_names,
        messages=({},) * n,
    )


def _in_order(parts: Sequence[ObjectEmbeddings], ids: Sequence[str], nothing: ObjectEmbeddings) -> ObjectEmbeddings:
    """The objects called `ids`; those that no part has are as `nothing`."""
    every = [*parts, nothing]
    places: dict[str, int] = {}
    for i, name in enumerate(name for part in parts for name in part.object_id.tolist()):
        places.setdefault(name, i)
    none = sum(map(len, parts))
    order = [places.get(name, none) for name in ids]

    def rows(name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in every])[order]

    def entries(name: str) -> Any:
        together = [one for part in every for one in getattr(part, name)]
        return tuple(together[i] for i in order)

    return dataclasses.replace(
        nothing,
        object_id=np.array(ids, np.str_),
        **{name: rows(name) for name in ("code", *SPACES)},
        probabilities=None if nothing.probabilities is None else rows("probabilities"),
        **{name: entries(name) for name in ("flag_names", "messages")},
    )


def _photo_alone(call: Call, source: Source, band: str | None, probabilities: bool) -> ObjectEmbeddings:
    """The same of a checkpoint of light curves alone: their embeddings are its means."""
    model = call.model
    tables = list(source.tables(band))
    call = dataclasses.replace(call, classes=False, on_invalid="nan")
    made: Any = dataclasses.replace(call, output="mean").run(iter(tables), None, True, False)
    mean, info = made
    found: Any = None
    if probabilities:
        logits: Any = dataclasses.replace(call, output="logits").run(iter(tables), None, False, False)
        found = softmax(logits)
    nothing = np.full(mean.shape, np.nan, np.float32)
    flags = tuple((*info.flag_names(i), *([] if ok else [f"photo:{info.status[i]}"])) for i, ok in enumerate(info.ok))
    return ObjectEmbeddings(
        object_id=info.object_id,
        code=info.code,
        flag_names=flags,
        photo=mean,
        spectra=nothing,
        metadata=nothing,
        fused=nothing[:, :0],
        probabilities=found,
        class_names=model.class_names,
        messages=tuple({} if code == 0 else {"photo": _meaning(code)} for code in info.code),
    )


def embed_many(
    call: Call, source: Source, objects: ManyObjects, band: str | None, bands: Sequence[str] | None, join: Join | None,
    reduction: Any, result: Result,
) -> Any:  # fmt: skip
    """Objects with any of their modalities; or light curves alone, of one band or of several."""
    if objects.are_wanted(call.model):
        objects.check_result(call, result.out, result.return_info, bands=bands, join=join, reduction=reduction)
        return objects.run(call, source, band, result.progress)
    return embed_chosen(call, source, band, bands, join, reduction, result)
