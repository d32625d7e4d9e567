# SPDX-License-Identifier: MIT
"""Checkpoints from the Hugging Face hub, by the engine's own download into the hub's own cache."""

from __future__ import annotations

import ctypes as c
import dataclasses
import os
import warnings

from ._calls import call_interruptibly
from ._library import DownloadInfo, check, lib
from ._models import PUBLISHED
from ._words import c_text, c_text_or_none


@dataclasses.dataclass(frozen=True)
class HubCheckpoint:
    """A checkpoint in the cache."""

    name: str  # hf:ORG/NAME@COMMIT
    directory: str
    weights_sha256: str
    scaling_file: str | None


def fetch(name: str, cache_dir: str | None = None, offline: bool = False) -> HubCheckpoint:
    """Finds ``hf:ORG/NAME[@REVISION]`` (``hf:`` alone: the published checkpoint) in the cache or downloads it.

    Raises
    ------
    AstroM3Error
        `code` is ``network_error``, or ``usage`` if the text is not the name of a repository.
    """
    handle = c.c_void_p()
    stop = c.c_int32(0)
    encoded = c_text("repository", name)
    folder = c_text_or_none("cache_dir", cache_dir)
    call_interruptibly(
        lambda: check(lib.astrom3_download_open(encoded, folder, int(offline), c.byref(stop), None, c.byref(handle))),
        stop,
    )
    try:
        info = DownloadInfo(struct_size=c.sizeof(DownloadInfo))
        check(lib.astrom3_download_describe(handle, c.byref(info)))
        if info.warnings:
            warnings.warn(info.warnings.decode(), stacklevel=4)
        repository = name.removeprefix("hf:").partition("@")[0] or PUBLISHED
        return HubCheckpoint(
            name=f"hf:{repository}@{info.commit.decode()}",
            directory=os.fsdecode(info.directory),
            weights_sha256=info.weights_sha256.decode(),
            scaling_file=None if info.scaling_file is None else os.fsdecode(info.scaling_file),
        )
    finally:
        lib.astrom3_download_close(handle)
