# SPDX-License-Identifier: MIT
#
# Fenced code blocks of a Markdown text, and which of them are run or compiled, and how.

import dataclasses
import re

RUN = {("sh", "test"), ("python", "test")}  # by tests/docs/run_page.py, with the command and the package that were built
CHECKED = {"cpp", "c", "cmake", "json"}     # by the style check "snippets": a file of examples/, or JSON that can be read
SHOWN = {"text", "output"}                  # not code; "output" is what the block before it prints, and is compared
SET_UP = ("sh", "setup")                    # make, pip, cmake: "snippets" checks that there is what they name


@dataclasses.dataclass(frozen=True)
class Block:
    language: str  # "" where the fence names none
    words: tuple   # what follows the language after the fence, e.g. ("test",)
    code: str
    line: int      # of the first line of code

    @property
    def kind(self):
        return (self.language, *self.words)


def blocks(text):
    for found in re.finditer(r"^```(\w*)([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield Block(found[1], tuple(found[2].split()), found[3], text[: found.start(3)].count("\n") + 1)
