# SPDX-License-Identifier: MIT
"""What is said beside a table of any package: ``meta`` of astropy, ``attrs`` of pandas, the metadata of Arrow."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_MOST_LINES, _LONGEST = 1000, 200


def notes_of(table: Any) -> str:
    """A line ``# key: value`` for each note, as the comments of a file; of a list, those of its first table."""
    if isinstance(table, Sequence) and not isinstance(table, (str, bytes)):
        table = table[0] if len(table) else None
    is_arrow = hasattr(table, "column_names")  # the schema of a frame of polars may have to be computed
    metadata = getattr(getattr(table, "schema", None), "metadata", None) if is_arrow else None
    lines: list[str] = []
    for notes in (getattr(table, "meta", None), getattr(table, "attrs", None), metadata):
        if isinstance(notes, Mapping):
            lines += _lines(notes, "")
    return "".join(f"# {line[:_LONGEST]}\n" for line in lines[:_MOST_LINES])


def _lines(notes: Mapping[Any, Any], prefix: str) -> Iterator[str]:
    for key, value in notes.items():
        name = f"{prefix}{_text(key)}"
        if name == "pandas":  # names and types of columns; beside them, what the user noted
            value = _attributes(value)
        if isinstance(value, Mapping):
            yield from _lines(value, f"{name} ")
        elif isinstance(value, (list, tuple)):
            yield from (f"{name}: {_text(one)}" for one in value if isinstance(one, (str, bytes)))
        elif isinstance(value, (str, bytes, int, float)):
            yield from (f"{name}: {line}" for line in _text(value).splitlines())


def _attributes(text: Any) -> Any:
    """The ``attrs`` of a frame in the text that pandas writes beside it."""
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        return None
    return found.get("attributes") if isinstance(found, dict) else None


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
