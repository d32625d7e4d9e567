# SPDX-License-Identifier: MIT
"""Texts on their way out: into the engine, which ends them at a NUL, and into messages, which are short."""

from __future__ import annotations

import os
import reprlib
import unicodedata
from collections.abc import Iterable

_shortened = reprlib.Repr()
_shortened.maxstring = _shortened.maxother = _shortened.maxlong = 60
_shortened.maxlist = _shortened.maxtuple = _shortened.maxdict = _shortened.maxset = _shortened.maxarray = 4
_MOST = 100
_MOST_NAMES = 40


def shown(value: object) -> str:
    """`value` as a message has it: one line, of no more than a glance."""
    kind = type(value)
    if (hasattr(value, "__array__") and not kind.__module__.startswith("numpy")) or hasattr(value, "iloc"):
        return f"a {kind.__name__}"
    if getattr(value, "ndim", 0):
        return f"an array of shape {getattr(value, 'shape', '')}"
    text = " ".join(_shortened.repr(value).split())
    return text if len(text) <= _MOST else f"{text[: _MOST - 3]}..."


def printable(text: str) -> str:
    """`text` without characters that drive a terminal or turn its text around: they become ``\\x1b``, ``\\u202e``."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(character if _is_plain(character) else ascii(character)[1:-1] for character in text)


def _is_plain(character: str) -> bool:
    return character == "\n" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def listed(names: Iterable[object]) -> str:
    """Names that a table holds, as a message has them: not more than 40, nor longer than a line each."""
    texts = [printable(str(name)[:_MOST]).replace("\n", "\\n") for name in names]
    more = f", and {len(texts) - _MOST_NAMES} more" if len(texts) > _MOST_NAMES else ""
    return ", ".join(texts[:_MOST_NAMES]) + more


def c_text(name: str, value: str | os.PathLike[str]) -> bytes:
    """A text as the engine takes it. ValueError where it would be another one there."""
    try:
        encoded = os.fsencode(value)
    except UnicodeEncodeError:
        raise ValueError(f"{name}: expected a text in UTF-8, found {shown(value)}") from None
    if b"\0" in encoded:
        raise ValueError(f"{name}: expected a text without NUL, found {shown(value)}")
    return encoded


def c_text_or_none(name: str, value: str | os.PathLike[str] | None) -> bytes | None:
    """The same of what may be left out."""
    return None if value is None else c_text(name, value)
