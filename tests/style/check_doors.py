# SPDX-License-Identifier: MIT
#
# Things that have one door, past which no file may go: what is printed, how a file is opened, how texts are hashed.

import re

from tree import Finding

# what is not to stand in a file, where it may, and what is used instead
DOORS = (
    (re.compile(r"\b(?:fmt::print|std::fputs|std::puts|std::fwrite|std::v?f?printf|std::cout|std::cerr)\b"),
     ("apps/report.cpp",), "texts are printed by apps/report.h, which escapes control characters"),
    (re.compile(r"\bstd::i?fstream\b|\bfopen\("), ("src/base/cgroup.cpp", "src/base/threads.cpp"),
     "files are opened by RegularFile or read_text_file() of base/regular_file.h, which are bounded and never wait"),
    (re.compile(r"\bunordered_(?:multi)?(?:map|set)\b|\bstd::hash\b"), ("src/base/keyed_hash.h",),
     "texts are hashed by base/keyed_hash.h: who knows the hash can choose texts that collide"),
)


def check(tree):
    for name in tree.matching("src/*.cpp", "src/*.h", "apps/*.cpp", "apps/*.h", "include/*.h"):
        for number, line in tree.lines(name):
            code = line.split("//")[0]
            for pattern, allowed, instead in DOORS:
                if name not in allowed and pattern.search(code):
                    yield Finding(name, number, instead)
