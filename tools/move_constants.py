# SPDX-License-Identifier: MIT
"""Moves each constant of the choice of a period by a fifth, up and down: does the test of its decisions notice?

    .venv/bin/python tools/move_constants.py [--build build/release] [--only kName]... [--seeds FIRST:LAST]

The choice is in the files of src/features that are listed below. They are copied with each constant made a variable
that the environment moves, compiled with the commands of the build folder, and linked with test_period_decisions, which
must have been built, instead of the library's own. A constant that changes no row of tests/golden/period_decisions.csv
is listed as unnoticed; the exit code is then 1.

--seeds: instead of the rows of the file, the decisions on light curves of these seeds are compared, and the first seeds
that notice each move are printed: seeds to add to the file.
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOM = ROOT / "src/features"
CHOICE = [
    *("candidates", "correlation", "doubling", "eclipse_evidence", "eclipse_scan", "eclipses", "harmonic_model"),
    *("period_bands", "period_probability", "period_search", "red_noise", "sampling"),
]
MOST_SEEDS = 4  # printed for each move

# What is no constant of the choice, and why.
EXEMPT = {
    "kPhases": "resolution of a curve: 96 steps are practically a continuum",
    "kChunk": "length of a block of work",
    "kLanes": "width of the vector code",
    "kCount": "the jitters: a resolution",
    "kRefineSteps": "one block of lanes",
    "kJitters": "another name of kCount",
    "kPhaseBits": "computed",
    "kDaysPerYear": "a fact",
    "kFullWidth": "a fact",
    "eclipse_evidence.kWidest": "checked by an assertion, chooses nothing",
    "kMeanPrior": "practically flat",
    "kLargestError": "keeps squares from overflow",
    "kMaxObservations": "bounds the cost; FindPeriod.ManyObservationsAreSearchedOnAFixedSubset pins it",
    "kPolishGain": "bounds the cost",
    "kStepShare": "bounds the cost",
    "kFactors": "length of a product",
    "kEclipseWindow": "belongs to the layout of the kernel of the scan",
}
FROM_ONE = {"kRegularWindow", "kExactWindow"}  # what moves is the distance from 1

MOVER = """#pragma once
#include <array>
#include <cstdlib>
#include <string_view>
#include <type_traits>
namespace astrom3::moving {
template <typename T>
T move(std::string_view name, T value) {
  const char *moved = std::getenv("MOVED_CONSTANT"), *up = std::getenv("MOVED_UP");
  if (moved == nullptr || name != moved) return value;
  if constexpr (std::is_integral_v<T>) {
    const T step = value / 5 > 1 ? value / 5 : 1;
    return static_cast<T>(up ? value + step : value - step);
  } else {
    return value * (up ? 1.2 : 0.8);
  }
}
template <typename T, std::size_t N>
std::array<T, N> move(std::string_view name, std::array<T, N> values) {
  for (T& value : values) value = move(name, value);
  return values;
}
}
"""


def split_declarators(text, start):
    """(first, last) of each declarator of a declaration whose list begins at `start`; ends at its semicolon."""
    depth, first = 0, start
    for i in range(start, len(text)):
        c = text[i]
        depth += c in "({["
        depth -= c in ")}]"
        if depth == 0 and c in ",;":
            yield first, i
            if c == ";":
                return
            first = i + 1


def movable(text, stem):
    """The text of a source with its constants made variables, and their names."""
    text = re.sub(r"//[^\n]*", lambda comment: " " * len(comment.group()), text)
    text = re.sub(r"static_assert\([^;]*;", "", text)
    text = re.sub(
        r"constexpr std::array (k\w+)(\{[^}]*\});",
        rf'static const auto \1 = astrom3::moving::move("{stem}.\1", std::array\2);',
        text,
    )
    names, out, at = re.findall(rf'move\("({stem}\.k\w+)"', text), [], 0
    for found in re.finditer(r"(inline |static )?constexpr (double|std::size_t|int) (?=k[A-Z])", text):
        declarators = list(split_declarators(text, found.end()))
        parts = []
        for first, last in declarators:
            name, value = (side.strip() for side in text[first:last].split("=", 1))
            # A number of elements has to be known to the compiler.
            if {name, f"{stem}.{name}"} & set(EXEMPT) or re.search(rf"std::array<[^;(){{}}]*\b{name}\b", text):
                parts.append(f"{found[1] or ''}constexpr {found[2]} {name} = {value};")
                continue
            names.append(f"{stem}.{name}")
            move = f'astrom3::moving::move<{found[2]}>("{stem}.{name}", '
            value = f"1 - {move}1 - ({value}))" if name in FROM_ONE else f"{move}{value})"
            kind = {None: "static", "inline ": "inline", "static ": "inline static"}[found[1]]
            parts.append(f"{kind} const {found[2]} {name} = {value};")
        out += [text[at : found.start()], " ".join(parts)]
        at = declarators[-1][1] + 1
    return '#include "features/moving.h"\n' + "".join(out) + text[at:], names


def compile_command(command, folder, source, output):
    """That of the build folder, for the copy of a source, without the compiler cache."""
    words = shlex.split(command)
    launcher = [i for i, word in enumerate(words) if word.endswith("ccache")]
    words = words[launcher[-1] + 1 if launcher else 0 :]
    words[words.index("-o") + 1] = str(output)
    at = words.index("-c")
    words[at + 1] = str(source)
    words.insert(1, f"-I{folder}")  # before the folders of the tree
    return [word for word in words if not word.startswith("-W")]


def build_program(build, folder):
    """The test program whose constants move, and the names of the constants."""
    commands = {Path(c["file"]).name: c["command"] for c in json.loads((build / "compile_commands.json").read_text())}
    # Files that are compiled together have one command, of their room.
    together = next((c for name, c in sorted(commands.items()) if name.startswith("unity_features")), None)
    copies, names = folder / "features", []
    copies.mkdir()
    (copies / "moving.h").write_text(MOVER)
    for name in CHOICE:
        for end in (".h", ".cpp"):
            file = ROOM / (name + end)
            if not file.exists():
                continue
            text, found = movable(file.read_text(), name)
            names += found
            (copies / file.name).write_text(text)
    objects = []
    for source in sorted(copies.glob("*.cpp")):
        objects.append(source.with_suffix(".o"))
        command = compile_command(commands.get(source.name, together), folder, source, objects[-1])
        subprocess.run(command, check=True, cwd=build)
    said = subprocess.run(
        ["ninja", "-C", str(build), "-t", "commands", "test_period_decisions"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    link = next(line for line in said.splitlines() if " -o bin/test_period_decisions " in line)
    link = re.search(r"\S*\+\+\S* .*? -o bin/test_period_decisions .*?(?= && |$)", link)[0]
    program = folder / "program"
    # The copies come first; files that are compiled together bring the originals along.
    moved = f"-Wl,--allow-multiple-definition -o {program} {' '.join(map(str, objects))}"
    link = link.replace("-o bin/test_period_decisions", moved, 1)
    subprocess.run(link, shell=True, check=True, cwd=build)
    return program, names


def decisions(program, seeds, constant="", up=False):
    """Rows of the golden file, or of a range of seeds, as `program` decides them."""
    environment = dict(os.environ, ASTROM3_PRINT_PERIOD_DECISIONS=seeds or "file", MOVED_CONSTANT=constant)
    if up:
        environment["MOVED_UP"] = "1"
    said = subprocess.run(
        [program, "--gtest_filter=FindPeriod.DecidesAsItDid"], env=environment, capture_output=True, text=True
    ).stdout
    return [line for line in said.splitlines() if re.match(r"[\w-]+,.*,.*,", line)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--only", action="append", help="a name, with or without its file")
    parser.add_argument("--seeds", help="FIRST:LAST")
    arguments = parser.parse_args()
    unnoticed = 0
    with tempfile.TemporaryDirectory() as folder:
        program, names = build_program(arguments.build.resolve(), Path(folder))
        standard = decisions(program, arguments.seeds)
        if not standard:
            sys.exit("test_period_decisions prints no decisions: build it first")
        for name in dict.fromkeys(names):
            if arguments.only and not {name, name.split(".")[1]} & set(arguments.only):
                continue
            for up in (True, False):
                rows = decisions(program, arguments.seeds, name, up)
                # A constant that ends the program, or hangs it up, is noticed, too.
                changed = [a.split(",")[0] for a, b in zip(standard, rows, strict=False) if a != b]
                changed += ["the end"] * (len(rows) < len(standard))
                label = f"{name:40} {'+' if up else '-'}"
                if arguments.seeds:
                    print(f"{label} {len(changed)} seeds: {' '.join(changed[:MOST_SEEDS])}", flush=True)
                else:
                    print(f"{label} {len(changed) or 'NO'} rows", flush=True)
                unnoticed += not changed
    if unnoticed:
        sys.exit(f"{unnoticed} moves are unnoticed")


if __name__ == "__main__":
    main()
