# SPDX-License-Identifier: MIT
"""Loaded checkpoints, each once in a process."""

from __future__ import annotations

import ctypes as c
import dataclasses
import functools
import os
import pathlib
import threading
import warnings
import weakref
from typing import Literal

from ._errors import AstroM3Error
from ._library import MODALITIES, ModelInfo, ModelSpace, check, lib
from ._words import c_text, c_text_or_none

Precision = Literal["float32", "int8"]
Key = tuple[str | None, str | None, int, str]  # isa, attention, seed of its draws, precision


class LoadedModel:
    """A model of the engine. Immutable; any number of threads may use it, also after a fork."""

    def __init__(self, path: str, sha256: str | None, key: Key) -> None:
        isa, attention, seed, precision = key
        self.handle = c.c_void_p()
        check(
            lib.astrom3_model_open(
                c_text("path", path),
                c_text_or_none("sha256", sha256),
                c_text_or_none("isa", isa),
                c_text_or_none("attention", attention),
                seed,
                c_text("precision", precision),
                c.byref(self.handle),
            )
        )
        info = ModelInfo(struct_size=c.sizeof(ModelInfo))
        check(lib.astrom3_model_describe(self.handle, c.byref(info)))
        self.sha256: str = info.sha256.decode()
        self.files: dict[str, bytes] | None = None  # of a model that came in a pickle: it is nowhere else
        self.keeps: object = None  # a folder that has to be there as long as the model
        self.identity: str = info.identity.decode()
        self.isa: str = info.isa.decode()
        self.n_steps = int(info.n_steps)
        self.width = int(info.width)
        self.n_parameters = int(info.n_parameters)
        self.is_trained = bool(info.is_trained)
        self.weights_file: str = os.fsdecode(info.path)
        space = ModelSpace(struct_size=c.sizeof(ModelSpace))
        check(lib.astrom3_model_describe_space(self.handle, c.byref(space)))
        self.kind: str = space.kind.decode()
        self.modalities = tuple(name for name, has in zip(MODALITIES, space.has, strict=True) if has)
        self.attention: str = space.attention.decode()
        self.training_attention: str = space.training_attention.decode()
        self.embedding_size = int(space.embedding_size)
        self.fused_size = int(space.fused_size)
        self.class_names: tuple[str, ...] = tuple(
            lib.astrom3_model_class_name(self.handle, i).decode() for i in range(info.n_classes)
        )

    def __del__(self) -> None:
        lib.astrom3_model_close(self.handle)


def warn_of_attention(model: LoadedModel) -> None:
    """The projection of light curves fits the form of attention that it was trained with."""
    if model.kind == "shared" and model.attention == "full" and model.training_attention != "full":
        warnings.warn(
            f"attention: full; the projection of photo was trained with {model.training_attention}, and gives other "
            "embeddings with it",
            stacklevel=4,
        )


_by_identity: weakref.WeakValueDictionary[tuple[str, Key], LoadedModel] = weakref.WeakValueDictionary()
_lock = threading.Lock()
os.register_at_fork(after_in_child=lambda: globals().__setitem__("_lock", threading.Lock()))


def load(path: str, sha256: str | None, key: Key, identity: str | None = None) -> LoadedModel:
    """The model at `path`; an already loaded model is used again if everything that decides a number is the same.

    Weights that differ from `sha256`, and a model that differs from `identity`, are refused."""
    with _lock:
        if identity is not None:
            known = _by_identity.get((identity, key))
            if known is not None:
                return known
        model = LoadedModel(path, sha256, key)
        if identity is not None and model.identity != identity:
            raise AstroM3Error(
                f"{path}: config.json or preprocessor_config.json are no longer those of the model that was pickled",
                "bad_model",
            )
        return _by_identity.setdefault((model.identity, key), model)


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a checkpoint is."""

    name: str  # what a pickle says: a path, "hf:ORG/NAME@COMMIT", "bundled"
    path: str
    sha256: str | None = None
    scaling_file: str | None = None
    keeps: object = None  # what the scaling file would be gone without

    @functools.cached_property
    def scaling_sha256(self) -> str | None:
        """Of the scaling file, where there is one."""
        if self.scaling_file is None:
            return None
        import hashlib  # here alone: loading it takes longer than hashing

        return hashlib.sha256(pathlib.Path(self.scaling_file).read_bytes()).hexdigest()


BUNDLED = "bundled"
SCALING = "info.json"  # of the data set that a published checkpoint was trained on
_BESIDE = f"beside/{SCALING}"  # the same in the checkpoint's own folder, where only metadata are scaled by it
PUBLISHED = "AstroMLCore/AstroM3-CLIP-photo"


def find(name: str | os.PathLike[str] | None, cache_dir: str | None = None, offline: bool = False) -> Place:
    """A path; ``hf:ORG/NAME[@REVISION]``, downloaded if it is not in the cache; the name of the one in the package
    (``vstars4``), where there is no file of it; or None: the checkpoint that ASTROM3_MODEL names, else the one in the
    package."""
    if name is None and (named := os.environ.get("ASTROM3_MODEL")):
        return find(named, cache_dir, offline)
    if name is None or name == BUNDLED:
        return Place(BUNDLED, bundled_path())
    text = os.fsdecode(name)
    if text.startswith("hf:"):
        from ._hub import fetch

        found = fetch(text, cache_dir, offline)
        return Place(found.name, found.directory, found.weights_sha256, found.scaling_file)
    path = str(pathlib.Path(text).absolute())
    if not os.path.exists(path):
        bundled: bytes | None = lib.astrom3_bundled_checkpoint()
        if bundled is not None and os.path.basename(os.fsdecode(bundled)) == text:
            return Place(BUNDLED, os.fsdecode(bundled))
        return Place(text, text)  # the engine says what may be meant
    return Place(path, path)


def bundled_path() -> str:
    """The checkpoint that comes with the package."""
    found: bytes | None = lib.astrom3_bundled_checkpoint()
    if found is None:
        raise AstroM3Error(
            "no checkpoint was named, and none comes with this package: AstroM3(path), or AstroM3.from_hf()", "usage"
        )
    return os.fsdecode(found)


def read_files(model: LoadedModel, scaling_file: str | None = None) -> dict[str, bytes]:
    """A checkpoint's files by name, for a pickle that carries them."""
    if model.files is not None:
        files = dict(model.files)
    else:
        weights = pathlib.Path(model.weights_file)
        names = [weights.name, "config.json", "preprocessor_config.json"]
        files = {name: (weights.parent / name).read_bytes() for name in names if (weights.parent / name).is_file()}
        if model.kind != "photo" and (weights.parent / SCALING).is_file():
            files[_BESIDE] = (weights.parent / SCALING).read_bytes()
    if scaling_file is not None:
        files[SCALING] = pathlib.Path(scaling_file).read_bytes()
    return files


def load_files(name: str, files: dict[str, bytes], sha256: str, identity: str, key: Key) -> tuple[Place, LoadedModel]:
    """The model that these files are; `name` is where they came from."""
    import tempfile  # a large package, and needed for pickles alone

    folder = tempfile.TemporaryDirectory(prefix="astrom3-")
    for file, content in files.items():
        pathlib.Path(folder.name, pathlib.PurePath(file).name).write_bytes(content)
    weights = next(file for file in files if file.endswith(".safetensors"))
    model = load(os.path.join(folder.name, weights), sha256, key, identity)
    if os.path.dirname(model.weights_file) == folder.name:
        model.files = {file: content for file, content in files.items() if file != SCALING}
    scaling = os.path.join(folder.name, SCALING) if SCALING in files else None
    if model.kind != "photo":
        model.keeps = folder  # metadata are scaled by what is in it
    elif scaling is None:
        folder.cleanup()
    return Place(name, name, sha256, scaling, None if scaling is None else folder), model
