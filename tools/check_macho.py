#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `make macos` linked: programs and libraries of macOS for the CPU asked for; they need nothing that a Mac lacks.

check_macho.py CPU FILE...: exits with 1, and says why, if a file is of another kind, names a library that is no part of
the system, or exports other names than those of the C interface.
"""

import pathlib
import re
import struct
import sys

CPU_TYPES = {"x86_64": 0x01000007, "aarch64": 0x0100000C}
MAGIC = 0xFEEDFACF  # 64 bits, little-endian
PROGRAM, LIBRARY = 2, 6
LOAD_DYLIB, SYMBOLS = 0xC, 0x2
EXTERNAL, PRIVATE, TYPE, IN_SECTION = 0x01, 0x10, 0x0E, 0x0E
# Names of the linker, and `new` and `delete` of the C++ library that zig links into everything.
OF_THE_TOOLS = re.compile(r"___dso_handle|__mh_dylib_header|__Z[nd][awl]\w*")
OF_THE_SYSTEM = {"/usr/lib/libSystem.B.dylib", "/usr/lib/libz.1.dylib", "/usr/lib/libc++.1.dylib"}


def text_at(data, offset):
    return data[offset : data.index(b"\0", offset)].decode()


def commands(data):
    n = struct.unpack_from("<I", data, 16)[0]
    offset = 32
    for _ in range(n):
        kind, size = struct.unpack_from("<II", data, offset)
        yield kind & 0x7FFFFFFF, offset
        offset += size


def defined_names(data, offset):
    """Names that are defined here and may be used from outside."""
    symbols, n, strings = struct.unpack_from("<III", data, offset + 8)
    for i in range(n):
        name, kind = struct.unpack_from("<IB", data, symbols + 16 * i)
        if kind & EXTERNAL and not kind & PRIVATE and kind & TYPE == IN_SECTION:
            yield text_at(data, strings + name)


def problems(path, cpu):
    data = path.read_bytes()
    magic, cpu_type, _, file_type = struct.unpack_from("<IIII", data)
    if (magic, cpu_type) != (MAGIC, CPU_TYPES[cpu]):
        yield f"is no file of macOS for {cpu}"
        return
    libraries, names = set(), set()
    for kind, offset in commands(data):
        if kind == LOAD_DYLIB:
            libraries.add(text_at(data, offset + struct.unpack_from("<I", data, offset + 8)[0]))
        elif kind == SYMBOLS:
            names.update(defined_names(data, offset))
    if "/usr/lib/libSystem.B.dylib" not in libraries or libraries - OF_THE_SYSTEM:
        yield f"needs {sorted(libraries)}"
    if file_type == LIBRARY:
        header = pathlib.Path(__file__).resolve().parents[1] / "include" / "astrom3" / "c_api.h"
        declared = {f"_{name}" for name in re.findall(r"ASTROM3_API[^;]*?\b(astrom3_\w+)\(", header.read_text())}
        if lacking := declared - names:
            yield f"does not export {sorted(lacking)[:3]}"
        if extra := {name for name in names if not name.startswith("_astrom3_") and not OF_THE_TOOLS.fullmatch(name)}:
            yield f"exports {len(extra)} names of others, such as {sorted(extra)[0]}"
    elif file_type != PROGRAM:
        yield f"is of type {file_type}"


def main():
    cpu, *files = sys.argv[1:]
    failed = False
    for path in map(pathlib.Path, files):
        for problem in problems(path, cpu):
            print(f"{path}: {problem}", file=sys.stderr)
            failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
