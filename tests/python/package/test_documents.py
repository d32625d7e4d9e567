# SPDX-License-Identifier: MIT
"""The Python blocks of the documentation that are marked "```python test" run, one after the other."""

import pathlib
import re

DOCS = pathlib.Path(__file__).resolve().parents[3] / "docs"


def test_the_blocks_of_python_md_run(checkpoint, capsys):
    text = (DOCS / "python.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python test\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 3
    names = {"checkpoint": checkpoint}
    for block in blocks:
        exec(compile(block, "docs/python.md", "exec"), names)
    assert "too_few_points" in capsys.readouterr().out
