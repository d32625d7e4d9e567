#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the types of the options, which the engine describes, down for type checkers and editors.

    ASTROM3_LIBRARY=build/release/lib/libastrom3_c.so tools/make_option_types.py [--check]

--check: says whether python/astrom3/_option_types.pyi is what would be written, and writes nothing.
"""

import pathlib
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[1]
FILE = ROOT / "python" / "astrom3" / "_option_types.pyi"
HEAD = '''# SPDX-License-Identifier: MIT
"""The options as types. Written by tools/make_option_types.py."""

import dataclasses
{imports}from typing import Literal, TypedDict

@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """{doc}"""

'''


def keywords(name, options):
    return [f"class {name}(TypedDict, total=False):", *(f"    {option.name}: {option.type}" for option in options)]


def text():
    sys.path.insert(0, str(ROOT / "python"))
    from astrom3._options import DESCRIBED, OF_LIGHT_CURVES, OF_SPECTRA, PERIOD_SEARCH, Options

    options = list(DESCRIBED.values())
    lines = [f"    {option.name}: {option.type} = ..." for option in options]
    lines += ["", *keywords("OptionKeywords", options)]
    lines += ["", *keywords("LightCurveKeywords", OF_LIGHT_CURVES.values())]
    lines += ["", *keywords("SpectrumKeywords", OF_SPECTRA.values())]
    lines += ["", *keywords("PeriodKeywords", [option for option in options if option.group == PERIOD_SEARCH])]
    imports = "from collections.abc import Sequence\n" if any("Sequence" in line for line in lines) else ""
    return HEAD.replace("{imports}", imports).replace("{doc}", textwrap.indent(Options.__doc__, "    ").strip() + "\n    ") + "\n".join(lines) + "\n"


def main():
    if "--check" not in sys.argv:
        FILE.write_text(text(), encoding="utf-8")
    elif not FILE.exists() or FILE.read_text(encoding="utf-8") != text():
        sys.exit(f"{FILE}: not what the engine describes; run tools/make_option_types.py")


if __name__ == "__main__":
    main()
