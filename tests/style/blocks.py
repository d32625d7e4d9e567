# SPDX-License-Identifier: MIT
#
# Fenced code blocks of a Markdown text.

import dataclasses
import re


@dataclasses.dataclass(frozen=True)
class Block:
    language: str
    words: tuple  # what follows the language after the fence, e.g. ("test",)
    code: str
    line: int  # of the first line of code


def blocks(text):
    for found in re.finditer(r"^```(\w+)([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield Block(found[1], tuple(found[2].split()), found[3], text[: found.start(3)].count("\n") + 1)
