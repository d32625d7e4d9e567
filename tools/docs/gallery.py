#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Draws what the Python blocks of a page draw, one picture for each: gallery.py PAGE.md OUT_DIR.

Writes OUT_DIR/1.svg, 2.svg, ... The package and matplotlib must be importable, and the command in PATH.
"""

import os
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    page, out = (pathlib.Path(word).resolve() for word in sys.argv[1:])
    import matplotlib
    matplotlib.use("Agg")
    matplotlib.rcParams.update({"svg.hashsalt": "astrom3", "svg.fonttype": "none", "savefig.facecolor": "white"})
    import matplotlib.pyplot as plt

    names = {}
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(ROOT / "examples", pathlib.Path(folder, "examples"))
        os.chdir(folder)
        blocks = re.findall(r"^```python test\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        for number, code in enumerate(blocks, 1):
            exec(compile(code, f"{page.name}, block {number}", "exec"), names)
            plt.gcf().savefig(out / f"{number}.svg", metadata={"Date": None, "Creator": None})
            plt.close("all")
        os.chdir(ROOT)


if __name__ == "__main__":
    main()
