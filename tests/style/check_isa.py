# SPDX-License-Identifier: MIT
#
# Wide instructions stay in the kernels compiled for them, so that the library starts on any x86-64 and any aarch64.

import platform
import re
import shutil
import subprocess

from check_format import Skip
from tree import Finding

VECTOR_EXTENSION = re.compile(r"\t(v[a-z]\w+|k[a-z]+[bwdq])\b")
NOT_VECTOR = {"verr", "verw", "vmcall", "vmlaunch"}
AVX512_ONLY = re.compile(r"%zmm|%[xy]mm(?:1[6-9]|2\d|3[01])\b|%k[0-7]\b")
SCALABLE = re.compile(r"\b[zp]\d+[./]\w+")
DOT_PRODUCT = re.compile(r"\t(?:[us]|us|su)dot\b")
HALF_OR_MATRIX = re.compile(r"\t(?:[us]|us|bf)mmla\b|\tf[a-z]+\s+v\d+\.[48]h\b")

LIBM = re.compile(r"(?:exp|exp2|exp10|expm1|log|log2|log10|log1p|pow|sin|cos|sincos|tan|tanh|erf|erfc|cbrt|hypot|lgamma|tgamma)f?")




def any_of(*patterns):
    return lambda text: next((found for pattern in patterns if (found := pattern.search(text))), None)


# What the code of each instruction set may not hold, by the machine of ELF; None: code that runs everywhere.
PLAIN = lambda text: next((m for m in VECTOR_EXTENSION.finditer(text) if m[1] not in NOT_VECTOR), None)
X86_64, AARCH64 = 62, 183
NEON = any_of(SCALABLE, HALF_OR_MATRIX, DOT_PRODUCT)
FORBIDDEN = {
    X86_64: {None: PLAIN, "scalar": PLAIN, "avx2": AVX512_ONLY.search, "avx512": lambda text: None},
    AARCH64: {None: NEON, "scalar": NEON, "neon": NEON, "dotprod": any_of(SCALABLE, HALF_OR_MATRIX)},
}
MACHINES = {X86_64: "x86_64", AARCH64: "aarch64"}


def machine_of(path):
    return int.from_bytes(path.read_bytes()[18:20], "little")


def objdump_for(machine):
    """The disassembler of that machine's code: binutils knows the machine that it runs on and no other."""
    name = MACHINES.get(machine)
    if not name:
        raise Skip(f"no rule knows the machine {machine} of ELF")
    program = "objdump" if platform.machine() == name else f"{name.replace('_', '-')}-linux-gnu-objdump"
    if not shutil.which(program):
        raise Skip(f"{program} is not installed")
    return program


def objects(tree, target):
    # Not those of the wheel's own build, which another test is making and deleting.
    return sorted(path for path in tree.build.glob(f"**/CMakeFiles/{target}.dir/**/*.o")
                  if path.relative_to(tree.build).parts[0] != "wheel")


def kernel_targets(tree):
    """The object libraries of kernels that were built, and their instruction sets."""
    prefix = "astrom3_kernels_"
    names = {path.name.removesuffix(".dir") for path in tree.build.glob(f"**/CMakeFiles/{prefix}*.dir")}
    return sorted((name, name.removeprefix(prefix)) for name in names)


def disassembly(program, path):
    command = [program, "-d", "--no-show-raw-insn", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def function_at(text, position):
    names = re.findall(r"^[0-9a-f]+ <([^>]+)>:$", text[:position], re.MULTILINE)
    return names[-1] if names else "?"


def namespaces(mangled):
    """The names that a mangled function's own name consists of: _ZN3abc1fEv gives ["abc", "f"]."""
    names, rest = [], re.sub(r"^_ZN[rVK]*", "", mangled)
    while rest and (found := re.match(r"\d+", rest)):
        end = found.end() + int(found[0])
        names.append(rest[found.end() : end])
        rest = rest[end:]
    return names


def check_symbols(path, isa):
    """Kernel objects define functions of their own namespace alone: no other can be merged with another's. What they
    call is no function of libm, whose last bits are those of its version."""
    listing = subprocess.run(["nm", "--defined-only", str(path)], capture_output=True, text=True, check=True)
    for line in listing.stdout.splitlines():
        found = re.match(r"[0-9a-f]+ ([WVuTDBR]) (\S+)", line)
        if found and isa not in namespaces(found[2]):
            kind = "weak symbol" if found[1] in "WVu" else "symbol"
            yield Finding(path.name, 1, f"{kind} {found[2]} is outside namespace kernels::{isa}")
    called = subprocess.run(["nm", "--undefined-only", str(path)], capture_output=True, text=True, check=True).stdout
    for name in re.findall(r" U (\w+)", called):
        if LIBM.fullmatch(name):
            yield Finding(path.name, 1, f"calls {name} of libm")


def check(tree):
    library = objects(tree, "astrom3")
    if not library:
        raise Skip(f"no objects of the library under {tree.build}")
    machine = machine_of(library[0])
    program = objdump_for(machine)
    rules = FORBIDDEN[machine]
    for target, isa in [("astrom3", None), ("astrom3_cli", None), *kernel_targets(tree)]:
        if isa not in rules:
            yield Finding("tests/style/check_isa.py", 1, f"no rule says which instructions {isa} has")
            continue
        for path in objects(tree, target):
            text = disassembly(program, path)
            if found := rules[isa](text):
                where, code = function_at(text, found.start()), isa or "plain " + MACHINES[machine].replace("_", "-")
                yield Finding(path.name, 1, f"{found[0].strip()} in {where}: not for {code} code")
            if isa:
                yield from check_symbols(path, isa)
