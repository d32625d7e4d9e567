# SPDX-License-Identifier: MIT
#
# Texts of the library name options and do not spell them: Python's users cannot type what the command line takes. What a
# hint names is an option that is declared.

import re

from tree import Finding

LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')
SPELLED = re.compile(r"(?<![\w-])--[a-z][\w-]*")
DECLARED = re.compile(r'[.>]add(?:_word)?\(\s*"([\w-]+)"')
REMEDIES = re.compile(r'\{\}[^"\n]*"(?:\s*"[^"\n]*")*,\s*(\{\{.*?\}\})', re.DOTALL)


def check(tree):
    declared = {name for file in tree.matching("src/*", "apps/*") for name in DECLARED.findall(tree.text(file))}
    for name in tree.matching("src/*.cpp", "src/*.h", "include/*.h"):
        for number, line in tree.lines(name):
            if line.lstrip().startswith("//"):
                continue
            for literal in LITERAL.findall(re.sub(r'\s//(?!.*").*', "", line)):
                if found := SPELLED.search(literal):
                    yield Finding(name, number, f'a text spells {found[0]}; a Hint names it: {{"...{{}}...", {{{{"name", "value"}}}}}}')
        text = tree.text(name)
        for remedies in REMEDIES.finditer(text):
            for option in re.findall(r'\{"([^"]+)"', remedies[1]):
                if option not in declared:
                    yield Finding(name, text.count("\n", 0, remedies.start(1)) + 1, f'no option is called "{option}"')
