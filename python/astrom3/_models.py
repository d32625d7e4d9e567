# SPDX-License-Identifier: MIT
"""Loaded checkpoints, each once in a process."""

from __future__ import annotations

import ctypes as c
import dataclasses
import os
import pathlib
import tempfile
import threading
import weakref
from typing import Literal

from ._errors import AstroM3Error
from ._library import ModelInfo, check, lib
from ._words import c_text, c_text_or_none

Precision = Literal["float32", "int8"]
Key = tuple[str | None, str, int, str]  # isa, attention, seed of its draws, precision


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
                c_text("attention", attention),
                seed,
                c_text("precision", precision),
                c.byref(self.handle),
            )
        )
        info = ModelInfo(struct_size=c.sizeof(ModelInfo))
        check(lib.astrom3_model_describe(self.handle, c.byref(info)))
        self.sha256: str = info.sha256.decode()
        self.identity: str = info.identity.decode()
        self.isa: str = info.isa.decode()
        self.n_steps = int(info.n_steps)
        self.width = int(info.width)
        self.n_parameters = int(info.n_parameters)
        self.is_trained = bool(info.is_trained)
        self.weights_file: str = os.fsdecode(info.path)
        self.class_names: tuple[str, ...] = tuple(
            lib.astrom3_model_class_name(self.handle, i).decode() for i in range(info.n_classes)
        )

    def __del__(self) -> None:
        lib.astrom3_model_close(self.handle)


_by_sha256: weakref.WeakValueDictionary[tuple[str, Key], LoadedModel] = weakref.WeakValueDictionary()
_lock = threading.Lock()
os.register_at_fork(after_in_child=lambda: globals().__setitem__("_lock", threading.Lock()))


def load(path: str, sha256: str | None, key: Key) -> LoadedModel:
    """The model at `path`; the one already loaded where its SHA-256 is known. A file that differs from
    `sha256` is refused."""
    with _lock:
        if sha256 is not None:
            known = _by_sha256.get((sha256, key))
            if known is not None:
                return known
        model = LoadedModel(path, sha256, key)
        return _by_sha256.setdefault((model.sha256, key), model)


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a checkpoint is."""

    name: str  # what a pickle says: a path, "hf:ORG/NAME@COMMIT", "bundled"
    path: str
    sha256: str | None = None
    scaling_file: str | None = None


BUNDLED = "bundled"
PUBLISHED = "AstroMLCore/AstroM3-CLIP-photo"


def find(name: str | os.PathLike[str] | None, cache_dir: str | None = None, offline: bool = False) -> Place:
    """A path; ``hf:ORG/NAME[@REVISION]``, downloaded where it is not in the cache; or None: what ASTROM3_MODEL names,
    else the checkpoint that comes with the package."""
    if name is None and (named := os.environ.get("ASTROM3_MODEL")):
        return find(named, cache_dir, offline)
    if name is None or name == BUNDLED:
        return Place(BUNDLED, bundled_path())
    text = os.fspath(name)
    if text.startswith("hf:"):
        from ._hub import fetch

        found = fetch(text, cache_dir, offline)
        return Place(found.name, found.directory, found.weights_sha256, found.scaling_file)
    path = str(pathlib.Path(text).absolute())
    return Place(path, path)


def bundled_path() -> str:
    """The checkpoint that comes with the package."""
    found: bytes | None = lib.astrom3_bundled_checkpoint()
    if found is None:
        raise AstroM3Error(
            "no checkpoint was named, and none comes with this package: AstroM3(path), or AstroM3.from_hf()", "usage"
        )
    return os.fsdecode(found)


def read_files(weights_file: str, scaling_file: str | None = None) -> dict[str, bytes]:
    """A checkpoint's files by name, for a pickle that carries them."""
    folder = pathlib.Path(weights_file).parent
    names = [pathlib.Path(weights_file).name, "config.json", "preprocessor_config.json"]
    files = {name: (folder / name).read_bytes() for name in names if (folder / name).is_file()}
    if scaling_file is not None:
        files["info.json"] = pathlib.Path(scaling_file).read_bytes()
    return files


def load_files(files: dict[str, bytes], sha256: str, key: Key) -> LoadedModel:
    """The model that these files are."""
    with tempfile.TemporaryDirectory(prefix="astrom3-") as folder:
        for name, content in files.items():
            pathlib.Path(folder, pathlib.PurePath(name).name).write_bytes(content)
        weights = next(name for name in files if name.endswith(".safetensors"))
        return load(os.path.join(folder, weights), sha256, key)
