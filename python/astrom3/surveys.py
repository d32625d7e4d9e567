# SPDX-License-Identifier: MIT
"""The folder of a run of ``astrom3 embed`` as a dataset of Arrow."""

from __future__ import annotations

import json
import os
import pathlib
import re
import warnings
from collections.abc import Mapping
from typing import Any, NoReturn

from ._errors import AstroM3Error
from ._extras import load

_PART = re.compile(r"part-\d+\.parquet")
_SHARD = re.compile(r"shard-(\d+)-of-(\d+)")


def open_survey(folder: str | os.PathLike[str]) -> Any:
    """The rows of a run of ``astrom3 embed -o FOLDER/`` (or features, classify), in parts of Parquet.

    Reads the finished parts that the manifest names, and no other file; of a folder of shards (``shard-1-of-4``, ...)
    those of all shards. Nothing but the schema is read until rows are asked for.

    Parameters
    ----------
    folder : path
        The folder of the run, or the folder of its shards.

    Returns
    -------
    pyarrow.dataset.Dataset
        In input order. ``.to_table(columns=[...], filter=...)`` reads it into memory, ``.to_batches()`` piece by piece;
        DuckDB and polars (``scan_pyarrow_dataset``) query it as it is.

    Raises
    ------
    AstroM3Error
        The folder is not that of a run, a part is missing or has another size than the manifest says, or the
        shards are of different models.

    Warns
    -----
    UserWarning
        The run is not complete, or a shard is missing: rows are missing.

    Examples
    --------
    ``astrom3.open_survey("survey").to_table(columns=["object_id", "embedding"]).to_pandas()``
    """
    datasets = load("pyarrow.dataset", "open_survey")
    place = pathlib.Path(folder)
    runs = [place] if (place / "_manifest.jsonl").exists() else _shards(place)
    parts: list[str] = []
    models: dict[str, pathlib.Path] = {}
    for run in runs:
        identity, its_parts = _parts(run)
        models.setdefault(str(identity.get("model_identity", "")), run)
        parts += its_parts
    if len(models) > 1:
        first, other = list(models.values())[:2]
        _fail(other, f"was made with another model than {first}: their numbers cannot be compared")
    if not parts:
        _fail(place, "no part of this run is finished yet")
    return datasets.dataset(parts, format="parquet")


def _fail(path: pathlib.Path, message: str) -> NoReturn:
    raise AstroM3Error(f"{path}: {message}", "bad_tensors" if path.exists() else "io_error")


def _shards(place: pathlib.Path) -> list[pathlib.Path]:
    """The folders of a run in shares, in their order."""
    inside = place.glob("shard-*") if place.exists() else ()  # a name with NUL is none; Python 3.13 would not list it
    named = [(match, path) for path in inside if (match := _SHARD.fullmatch(path.name))]
    if (place / "manifest.jsonl").exists():
        _fail(
            place, "a run of an earlier version: put _ before the names manifest.jsonl, rejects.jsonl and summary.json"
        )
    if not named:
        _fail(
            place, "there is no _manifest.jsonl of a run, and no shard-1-of-N" if place.exists() else "no such folder"
        )
    shares = {int(match[1]): path for match, path in named}
    counts = {int(match[2]) for match, _ in named}
    if len(counts) > 1:
        _fail(place, f"there are shards of several divisions, {' and '.join(map(str, sorted(counts)))}")
    (count,) = counts
    missing = [i for i in range(1, count + 1) if i not in shares]
    if missing:
        _warn(place, f"shard {missing[0]} of {count} is missing" + (", and others" if len(missing) > 1 else ""))
    return [path for _, path in sorted(shares.items())]


def _parts(run: pathlib.Path) -> tuple[Mapping[str, Any], list[str]]:
    """What identifies a run, and its finished parts."""
    manifest = run / "_manifest.jsonl"
    if not manifest.exists():
        _fail(run, "there is no _manifest.jsonl of a run")
    lines = manifest.read_text(encoding="utf-8").split("\n")[:-1]  # a last line without its end was torn by a crash
    records = []
    for number, line in enumerate(lines, 1):
        try:
            records.append(json.loads(line))
        except ValueError:
            raise AstroM3Error(f"{manifest}:{number}: a damaged line", "bad_tensors") from None
    if not records or not isinstance(records[0], dict) or "astrom3_manifest" not in records[0]:
        _fail(manifest, "is not the manifest of a run of astrom3")
    if not records[-1].get("complete"):
        _warn(run, "this run is not complete; the same command with --resume completes it")
    return records[0].get("run", {}), [_part(run, one) for one in records[1:] if "part" in one]


def _part(run: pathlib.Path, record: Mapping[str, Any]) -> str:
    name = str(record.get("file"))
    if not _PART.fullmatch(name):
        _fail(run / "_manifest.jsonl", f"names a part that no run writes: {name[:80]!r}")
    path = run / name
    if path.is_symlink() or not path.is_file():
        raise AstroM3Error(f"{path}: the manifest names this part, and it is not there", "bad_tensors")
    if path.stat().st_size != record.get("bytes"):
        _fail(path, "is not the file that the run made: the manifest says another size")
    return str(path)


def _warn(place: pathlib.Path, message: str) -> None:
    warnings.warn(f"{place}: {message}", UserWarning, stacklevel=4)
