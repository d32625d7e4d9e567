# SPDX-License-Identifier: MIT
#
# Kernels include nothing that defines inline functions: the linker could keep the AVX-512 copy of one for everybody.

import re

from tree import Finding

ALLOWED = {"cstddef", "cstdint", "immintrin.h", "arm_neon.h", "wasm_simd128.h"}


def includes(tree, name):
    for number, line in tree.lines(name):
        if found := re.match(r'\s*#\s*include\s+(?:<([^>]+)>|"([^"]+)")', line):
            yield number, found[1], found[2]


def check(tree):
    # vec_<set>.h and int_vec_<set>.h are named by the build, not by an include.
    for name in tree.matching("src/kernels/*.isa.cpp", "src/kernels/vec_*.h", "src/kernels/int_vec_*.h"):
        pending, seen = [name], set()
        while pending:
            file = pending.pop()
            if file in seen:
                continue
            seen.add(file)
            for number, system, own in includes(tree, file):
                if system and system not in ALLOWED:
                    yield Finding(file, number, f"<{system}> may define inline functions (reached from {name})")
                elif own and not own.startswith("kernels/"):
                    yield Finding(file, number, f'kernels include kernels only, not "{own}" (reached from {name})')
                elif own and f"src/{own}" in tree.names:
                    pending.append(f"src/{own}")
