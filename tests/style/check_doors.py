# SPDX-License-Identifier: MIT
#
# Things that have one door, past which no file may go: how inputs become known, how files are opened and replaced, how
# texts are hashed and printed.

import re

from tree import Finding

EVERYWHERE = ("src/*.cpp", "src/*.h", "apps/*.cpp", "apps/*.h", "include/*.h")

# Where one system may be told from another; the list of instruction sets says how a CPU is asked for them.
SYSTEMS = ("src/kernels/isa_list.h",) + tuple(
    f"src/base/{name}"
    for name in ("allowed_cpus.cpp", "descriptor_path.cpp", "double_from_chars.cpp", "exchange_names.cpp", "file_owner.h", "file_size_signal.cpp", "file_size_signal.h", "file_time.h",
                 "message_digest.cpp", "this_object.cpp")
)  # fmt: skip

# what is not to stand in a file, where that is looked for, where it may stand all the same, what is used instead
DOORS = (
    (
        re.compile(r"\b(?:fmt::print|std::fputs|std::puts|std::fwrite|std::v?f?printf|std::cout|std::cerr)\b"),
        EVERYWHERE,
        ("apps/report.cpp",),
        "texts are printed by apps/report.h, which escapes control characters",
    ),
    (
        re.compile(r"\bstd::i?fstream\b"),
        EVERYWHERE,
        ("src/base/cgroup.cpp", "src/base/allowed_cpus.cpp"),
        "files are opened by RegularFile or read_text_file() of base/regular_file.h, which are bounded and never wait",
    ),
    (
        re.compile(r"\bstd::ofstream\b|\bfopen\(|\bcreat\("),
        EVERYWHERE,
        (),
        "files are written by AtomicFile, AppendFile, StreamOutput or, in apps, write_text_file()",
    ),
    (
        re.compile(r"\bunordered_(?:multi)?(?:map|set)\b|\bstd::hash\b"),
        EVERYWHERE,
        ("src/base/keyed_hash.h",),
        "texts are hashed by base/keyed_hash.h: who knows the hash can choose texts that collide",
    ),
    (
        re.compile(r"\bexpand_inputs\("),
        ("apps/*.cpp", "apps/*.h"),
        ("apps/file_claims.cpp",),
        "light_curve_files() compares the inputs with the outputs",
    ),
    (
        re.compile(r"#.*\b(?:__APPLE__|__linux__|__wasi__)\b"),
        EVERYWHERE,
        SYSTEMS,
        "what one system does differently from another is in src/base, one file each",
    ),
    (
        re.compile(r"(?<!_)\brename\("),
        ("src/*.cpp", "src/*.h"),
        ("src/hub/cache.cpp", "src/hub/download.cpp"),
        "commit_together() keeps the old file until the new one stands",
    ),
    (
        # A call whose line does not end in an error code, nor asks about a status that is known.
        re.compile(
            r"\b(?:fs|filesystem)::(?:exists|is_directory|is_regular_file|is_symlink|is_empty|file_size|canonical|weakly_canonical"
            r"|absolute|create_director(?:y|ies)|read_symlink|remove(?:_all)?|equivalent)\((?!.*\b(?:error|ignored|status)\b)"
        ),
        EVERYWHERE,
        ("src/pipeline/input_digests.cpp",),
        "std::filesystem throws what is no Error, of a name that is too long, too: give it an error code",
    ),
)


def check(tree):
    for pattern, where, allowed, instead in DOORS:
        for name in tree.matching(*where):
            if name in allowed:
                continue
            for number, line in tree.lines(name):
                if pattern.search(line.split("//")[0]):
                    yield Finding(name, number, instead)
