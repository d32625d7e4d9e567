#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Draws docs/assets/journey.svg: the way of one light curve, a bundled star with its own numbers in every step.
"""
    tools/make_journey.py [--build build/release]            writes docs/assets/journey.svg
    tools/make_journey.py [--build build/release] --check    exits 1 if the file differs from what it would write

`astrom3 features`, `preprocess` and `embed` say what happens to the star, with the bundled checkpoint. Colours are the
variables of the documentation's site, which change with light and dark; elsewhere those behind them count.
"""

import argparse
import array
import csv
import io
import os
import pathlib
import statistics
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
STAR = ROOT / "examples/asassn_like/SIM-RRAB-2.dat"
PICTURE = ROOT / "docs/assets/journey.svg"

WIDTH, HEIGHT = 900, 520
PANEL_WIDTH, PANEL_HEIGHT = 250, 150
COLUMNS, ROWS = (20, 325, 630), (40, 325)  # corners of the panels
OPACITIES = (0.12, 0.27, 0.42, 0.6, 0.8, 1)  # from the smallest value to the largest
CLEANED = 46  # observations in the second panel
CHANNELS = {  # name -> values drawn lightest and darkest; None: those of the star
    "time": (0, 1), "flux": None, "error": None, "amplitude": (-2, 2), "period": (-2, 2), "string l.": (-2, 2),
    "forest": (-2, 2), "log MAD": (-2, 2), "span": (0, 4)}
TITLES = (
    ("Light curve", "time, magnitude or flux, error;", "as the survey gives it"),
    ("Clean", "sorted; repeated rows dropped;", "mean and scatter (MAD) of the flux"),
    ("Features", "amplitude, period, string length,", "forest score: measured, or given"),
    ("Tensor", "200 steps of nine channels, scaled as", "in training; cropped or padded"),
    ("Encoder", "eight layers of attention among", "all steps: an Informer"),
    ("Embedding", "128 numbers: the mean over the", "steps; similar stars lie close"))

TEXT, PALE = "var(--md-default-fg-color, #24292f)", "var(--md-default-fg-color--light, #5c6470)"
BLUE, ORANGE = "var(--md-typeset-a-color, #1f4fa8)", "var(--md-accent-fg-color, #c2570c)"
STYLE = f"""
text {{ font-family: system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: {TEXT} }}
.ground {{ fill: var(--md-default-bg-color, #fff) }}
.panel {{ fill: var(--md-code-bg-color, #f5f5f5) }}
.title {{ font-size: 18px; font-weight: 600 }}
.number {{ fill: {ORANGE} }}
.note {{ font-size: 14px; fill: {PALE} }}
.small {{ font-size: 11.5px; fill: {PALE} }}
.data {{ fill: none; stroke: {BLUE}; stroke-width: 3.4; stroke-linecap: round; opacity: .75 }}
.bar {{ stroke: {BLUE}; opacity: .35 }}
.band {{ fill: {ORANGE}; opacity: .12 }}
.line {{ stroke: {ORANGE}; fill: none; stroke-width: 1.5 }}
.cell {{ fill: {BLUE} }}
.out {{ fill: {ORANGE} }}
.layer {{ fill: {BLUE}; opacity: .55 }}
.attend {{ stroke: {BLUE}; opacity: .3 }}
.arrow {{ fill: none; stroke: {PALE}; stroke-width: 2.5; stroke-linecap: round; stroke-linejoin: round }}
"""


# ---- the star ------------------------------------------------------------------------------------------------------


class Star:
    """What the commands say of it."""

    def __init__(self, astrom3):
        rows = [line.split() for line in STAR.read_text().splitlines()[2:]]
        self.time, self.mag, _, self.flux, self.flux_err = zip(*(map(float, row) for row in rows))
        self.period = float(self.table(astrom3, "features")["period"])
        embedded = self.table(astrom3, "embed")
        self.embedding = [float(value) for name, value in embedded.items() if name[0] == "e" and name[1:].isdigit()]
        with tempfile.TemporaryDirectory() as folder:
            self.run(astrom3, "preprocess", "-o", folder)
            self.tensor = read_npy(pathlib.Path(folder) / "x_enc.npy", len(CHANNELS))

    def run(self, astrom3, command, *more):
        environment = {name: value for name, value in os.environ.items() if name != "ASTROM3_MODEL"}
        return subprocess.run([astrom3, command, STAR, "--band", "V", "-q", *more], check=True, text=True, stdout=subprocess.PIPE,
                              env=environment).stdout

    def table(self, astrom3, command):
        return next(csv.DictReader(io.StringIO(self.run(astrom3, command, "-o", "-"))))


def read_npy(path, width):
    """Rows of a little-endian float32 array."""
    data = path.read_bytes()
    values = array.array("f", data[10 + struct.unpack("<H", data[8:10])[0]:])
    if sys.byteorder == "big":
        values.byteswap()
    return [values[i:i + width] for i in range(0, len(values), width)]


# ---- the picture ---------------------------------------------------------------------------------------------------


def scale(values, low, high):
    """The values linearly from `low` (their smallest) to `high`."""
    smallest, largest = min(values), max(values)
    return [low + (value - smallest) / (largest - smallest) * (high - low) for value in values]


def dots(xs, ys):
    return f'<path class="data" d="{"".join(f"M{x:.0f} {y:.0f}h0" for x, y in zip(xs, ys))}"/>'


def cells(kind, boxes):
    """Boxes (share of the darkest, x, y, width, height), one path for each opacity."""
    of_level = [[] for _ in OPACITIES]
    for share, *box in boxes:
        of_level[min(len(OPACITIES) - 1, max(0, int(share * len(OPACITIES))))].append(box)
    return [f'<path class="{kind}" opacity="{opacity}" d="'
            + "".join(f"M{x:.1f} {y:.1f}h{width:.1f}v{height:.1f}h-{width:.1f}z" for x, y, width, height in level) + '"/>'
            for opacity, level in zip(OPACITIES, of_level) if level]


def panel(number):
    title, *notes = TITLES[number]
    x, y = COLUMNS[number % 3], ROWS[number // 3]
    return [f'<rect class="panel" x="{x}" y="{y}" width="{PANEL_WIDTH}" height="{PANEL_HEIGHT}" rx="6"/>',
            f'<text class="title" x="{x}" y="{y - 12}"><tspan class="number">{number + 1}</tspan> {title}</text>',
            *(f'<text class="note" x="{x}" y="{y + 170 + 18 * i}">{note}</text>' for i, note in enumerate(notes))]


def light_curve(star):
    return [dots(scale(star.time, 32, 258), scale(star.mag, 62, 168))]


def clean(star):
    """Fluxes upwards, with the band of one MAD about the mean of all."""
    x, y = COLUMNS[1], ROWS[0]
    mean = statistics.fmean(star.flux)
    mad = statistics.median(abs(flux - statistics.median(star.flux)) for flux in star.flux)
    *heights, top, middle, bottom = scale([*(-flux for flux in star.flux), -mean - mad, -mean, -mean + mad], y + 22, y + 130)
    xs = scale(range(CLEANED), x + 14, x + PANEL_WIDTH - 14)
    bars = "".join(f"M{at:.0f} {height - 6:.0f}v12" for at, height in zip(xs, heights))
    return [f'<path class="bar" d="{bars}"/>', dots(xs, heights[:CLEANED]),
            f'<rect class="band" x="{x}" y="{top:.0f}" width="{PANEL_WIDTH}" height="{bottom - top:.0f}"/>',
            f'<path class="line" d="M{x} {middle:.0f}h{PANEL_WIDTH}"/>']


def features(star):
    """Folded, two cycles side by side."""
    x, y, cycle = COLUMNS[2] + 12, ROWS[0], 113
    _, epoch = max(zip(star.mag, star.time))  # of the faintest observation, which is phase 0
    phases = [(time - epoch) / star.period % 1 for time in star.time]
    heights = scale(star.mag, y + 22, y + 120)
    return [dots([x + cycle * (phase + turn) for turn in (0, 1) for phase in phases], heights * 2),
            f'<path class="line" d="M{x} {y + 138}h{cycle}m0-4v8M{x} {y + 134}v8"/>',
            f'<text class="small" x="{x + cycle + 8}" y="{y + 143}">P = {star.period:.4f} d</text>']


def tensor(star):
    """Four steps a cell; steps of padding are as light as can be."""
    left, top, width, height, together = COLUMNS[0] + 74, ROWS[1] + 10, 166 / 50, 130 / 9, 4
    n = len(star.time)
    boxes, names = [], []
    for c, (name, limits) in enumerate(CHANNELS.items()):
        values = [step[c] for step in star.tensor]
        low, high = limits or (min(values[:n]), max(values[:n]))
        for i in range(0, len(values), together):
            observed = values[i:min(i + together, n)]
            share = (statistics.fmean(observed) - low) / (high - low) if observed else 0
            boxes.append((share, left + width * i / together, top + height * c, width, height - 2))
        names.append(f'<text class="small" x="{left - 6}" y="{top + height * c + 10:.1f}" text-anchor="end">{name}</text>')
    return cells("cell", boxes) + names


def encoder(_):
    left, top, layers, between, width = COLUMNS[1] + 24, ROWS[1] + 22, 8, 26.4, 18
    steps = [top + 13 + 27 * i for i in range(4)]
    attend = "".join(f"M{left + between * i + width:.0f} {a}L{left + between * (i + 1):.0f} {b}"
                     for i in range(layers - 1) for a in steps for b in steps)
    return [*(f'<rect class="layer" x="{left + between * i:.0f}" y="{top}" width="{width}" height="106" rx="4"/>' for i in range(layers)),
            f'<path class="attend" d="{attend}"/>']


def embedding(star):
    left, top, columns = COLUMNS[2] + 13, ROWS[1] + 13, 16
    return cells("out", ((share, left + 14 * (i % columns), top + 15.5 * (i // columns), 12, 13.5)
                         for i, share in enumerate(scale(star.embedding, 0, 1))))


def arrows():
    for y in (115, 400):
        for x in COLUMNS[:2]:
            yield f'<path class="arrow" d="M{x + PANEL_WIDTH + 10} {y}h34m-9-7 10 7-10 7"/>'
    yield '<path class="arrow" d="M755 236v14H145v18m-7-9 7 10 7-10"/>'


def picture(star):
    steps = (light_curve, clean, features, tensor, encoder, embedding)
    label = "The way of a light curve in six steps: " + ", ".join(title.lower() for title, *_ in TITLES)
    lines = ["<!-- Drawn by tools/make_journey.py from SIM-RRAB-2 of examples/asassn_like. -->",
             f'<svg class="journey" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">',
             f"<style>{STYLE}</style>", f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>']
    for number, step in enumerate(steps):
        lines += panel(number) + step(star)
    return "\n".join([*lines, *arrows(), "</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--check", action="store_true")
    a = parser.parse_args()
    text = picture(Star(a.build / "bin/astrom3"))
    if not a.check:
        PICTURE.write_text(text, encoding="utf-8")
    elif PICTURE.read_text(encoding="utf-8") != text:
        print(f"{PICTURE.relative_to(ROOT)}: not what tools/make_journey.py draws")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
