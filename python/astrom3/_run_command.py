# SPDX-License-Identifier: MIT
"""Calls of the bundled command, for what the engine offers in no other way: keywords in, output and errors out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ._command import environment, find_command
from ._errors import AstroM3Error
from ._library import clean_message

_OPTION = re.compile(r"(?<![\w-])--([a-z][a-z0-9-]*)")
_REJECTS = 3  # the exit code if some objects were rejected; the result is there
_MOST_SAID = 300


def arguments_of(options: Mapping[str, Any]) -> list[str]:
    """Keywords as options of the command: True is a flag, None and False are left out, a list repeats the option."""
    arguments = []
    for name, value in options.items():
        name = name.strip("_").replace("_", "-")
        option = f"-{name}" if len(name) == 1 else f"--{name}"
        if value is None or value is False:
            continue
        if value is True:
            arguments.append(option)
            continue
        values = value if isinstance(value, Iterable) and not isinstance(value, (str, bytes)) else [value]
        for one in values:
            text = os.fspath(one) if isinstance(one, os.PathLike) else str(one)
            arguments += [option, text] if len(name) == 1 else [f"{option}={text}"]
    return arguments


def run_command(arguments: Sequence[str], progress: bool = False) -> str:
    """What the command prints on standard output. Raises AstroM3Error with its last error, in the words of keywords.

    progress : its messages are written to ``sys.stderr``, which Jupyter shows, as they come.
    """
    said = []
    with tempfile.TemporaryFile("w+", encoding="utf-8") as printed:
        process = subprocess.Popen(
            [find_command(), *arguments], stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.PIPE, text=True,
            encoding="utf-8", errors="replace", env=environment(dict(os.environ)),
        )  # fmt: skip
        with process:
            try:
                assert process.stderr is not None
                for line in process.stderr:
                    said.append(line)
                    if progress:
                        sys.stderr.write(line.removeprefix("astrom3: "))
                process.wait()
            except BaseException:
                process.terminate()  # Ctrl-C: what was finished stays, and nothing half-written
                raise
        if process.returncode not in (0, _REJECTS):
            raise failure("".join(said), f"astrom3 {arguments[0]} ended with {process.returncode}")
        printed.seek(0)
        return printed.read()


def failure(said: str, otherwise: str) -> AstroM3Error:
    """The last error that the command reported, with its hint, as an exception."""
    text = said[said.rfind("astrom3: error[") :].removeprefix("astrom3: ").strip() if "astrom3: error[" in said else ""
    code = text[6:].split("]", 1)[0] if text else "internal"
    text = "\n".join(line for line in text.split("\n") if not line.startswith("hint: astrom3 "))  # of its own --help
    text = clean_message(text) or said.strip()[-_MOST_SAID:] or otherwise
    return AstroM3Error(_OPTION.sub(lambda option: option[1].replace("-", "_"), text), code)
