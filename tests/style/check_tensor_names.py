# SPDX-License-Identifier: MIT
#
# Upstream's names of tensors are spelt in checkpoint_layout alone: all other code asks there, so that another encoder
# is another layout and not a search through the tree.

import re

from tree import Finding

LAYOUT = ("/checkpoint_layout.h", "/checkpoint_layout.cpp")
NAMES = re.compile(r'"[^"]*(?:\b(?:attn_layers|enc_embedding|tokenConv)\b|_projection\b|\bencoder\.norm|\bfc\.(?:weight|bias)?'
                   r'|\b(?:conv|norm)[12]\.)[^"]*"|"fc"')


def check(tree):
    for name in tree.matching("src/*.h", "src/*.cpp"):
        if name.endswith(LAYOUT):
            continue
        for number, line in tree.lines(name):
            if found := NAMES.search(line):
                yield Finding(name, number, f"the tensor name {found[0]} belongs to encoder/checkpoint_layout")
