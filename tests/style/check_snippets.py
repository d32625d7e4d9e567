# SPDX-License-Identifier: MIT
#
# Every code block of the documentation is run or compiled by a test, or says that it is no code.

import json
import re

from blocks import CHECKED, RUN, SET_UP, SHOWN, blocks
from tree import Finding

ADVICE = ("mark it `sh test` or `python test` (it is run), `cpp`, `c` or `cmake` (it stands in a file of examples/), "
          "`sh setup` (make, pip, cmake), `json`, `text`, or `output` (what the block before it prints)")


def check(tree):
    examples = [tree.text(name) for name in tree.matching("examples/*.cpp", "examples/*.c", "examples/CMakeLists.txt")]
    for name in tree.matching("*.md"):
        for block in blocks(tree.text(name)):
            message = fault(tree, block, examples)
            if message:
                yield Finding(name, block.line, message)


def fault(tree, block, examples):
    if block.kind in RUN or block.kind in {(language,) for language in SHOWN}:
        return None
    if block.kind == SET_UP:
        return next(filter(None, (set_up_fault(tree, line) for line in block.code.splitlines())), None)
    if block.kind == ("json",):
        try:
            json.loads(block.code)
        except ValueError as error:
            return f"no JSON: {error}"
        return None
    if block.kind in {(language,) for language in CHECKED}:
        return None if any(block.code in text for text in examples) else "this is in no file under examples/"
    return f"nothing runs this block: {ADVICE}"


def set_up_fault(tree, line):
    """What is wrong with a line that prepares a machine, which no test can run: it must name what there is."""
    words = re.sub(r"\s+#.*|^#.*", "", line).split()
    if not words or words[0] in ("cd", "git"):
        return None
    if words[0] == "make":
        targets = [word for word in words[1:] if "=" not in word]
        known = re.findall(r"^([a-z0-9]+):", tree.text("Makefile"), re.MULTILINE)
        return next((f"make has no target {target}" for target in targets if target not in known), None)
    if words[:2] == ["pip", "install"] and (found := re.fullmatch(r'"?\.(?:\[(\w+)\])?"?', words[-1])):
        known = f"\n{found[1]} = [" in tree.text("pyproject.toml")
        return None if not found[1] or known else f"pyproject.toml has no extra {found[1]}"
    if words[:2] == ["cmake", "--install"] or "--preset" in words:
        preset = words[words.index("--preset") + 1] if "--preset" in words else words[2].split("/")[-1]
        return None if f'"name": "{preset}"' in tree.text("CMakePresets.json") else f"there is no preset {preset}"
    return f"a set-up block holds make, pip install ., cmake, ctest, git and cd, not {words[0]}"
