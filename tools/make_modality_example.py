#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Simulates stars with a light curve, a spectrum and a catalogue row each: the bundled example of three modalities.
"""
    tools/make_modality_example.py            writes examples/three_modalities
    tools/make_modality_example.py --check    exits 1, naming the files, if they differ from what it would write
    tools/make_modality_example.py --stars N DIR
                                              writes N other stars into DIR: what tools/train_modality_example.sh learns from

Every number follows from SEED and the number of the star. The light curve and its class are those of tools/make_example.py. What the
three modalities share is physics in its roughest form: class and period give the absolute magnitude M_G and the temperature
(period-luminosity and main-sequence relations with scatter); the distance follows from M_G and the apparent brightness.

  spectrum    Planck's law, reddened by a power law, less Balmer lines (strongest at 9000 K, wider in faint stars), lines of metals
              (growing below 8000 K, scaled by an abundance) and bands of TiO (below 4000 K); Miras have H alpha in emission.
              16 Angstrom a pixel, in 1e-17 erg/s/cm2/A, with a noise of 1 to 4 %.
  catalogue   Gaia, 2MASS and AllWISE magnitudes and colours by temperature, reddened; parallax and proper motion by distance.
"""

import argparse
import bisect
import math
import pathlib
import sys

import make_example
from make_example import CLASSES, Dice

SEED = 31
STARS_PER_CLASS = 4
FOLDER = pathlib.Path(__file__).resolve().parent.parent / "examples" / "three_modalities"

WAVELENGTHS = range(3840, 9010, 16)  # Angstrom
FLUX_OF_MAGNITUDE_0 = 3.6e8  # 1e-17 erg/s/cm2/A at 5500 A
BALMER = (6563, 4861, 4341, 4102, 3970)
METALS = ((3934, 12, 0.7), (3968, 12, 0.6), (4305, 16, 0.35), (5175, 22, 0.4), (5270, 14, 0.2), (5893, 12, 0.35), (8542, 14, 0.3),
          (8662, 14, 0.3))  # Ca K and H, G band, Mg b, Fe, Na D, Ca triplet: wavelength, width, depth
TIO_HEADS = (4761, 4954, 5167, 5448, 5847, 6159, 6651, 7053, 7589, 8432)  # each falls off towards the red
MAIN_SEQUENCE = ((3000, 11.0), (3900, 8.5), (4500, 7.0), (5000, 6.2), (5800, 4.7), (6500, 3.5), (7500, 2.3), (9000, 1.2), (12000, 0.0),
                 (16000, -1.2))  # temperature, M_G
BP_RP = ((2600, 4.2), (3000, 3.3), (3500, 2.3), (4000, 1.75), (4500, 1.35), (5000, 1.08), (5500, 0.9), (6000, 0.75), (6500, 0.6),
         (7000, 0.47), (7500, 0.35), (8500, 0.12), (10000, -0.02), (12000, -0.1), (16000, -0.2))
J_K = ((2600, 1.35), (3000, 1.2), (4000, 0.85), (5000, 0.55), (6000, 0.35), (7000, 0.2), (9000, 0.03), (16000, -0.1))
CATALOGUE_HEADER = "object_id,phot_g_mean_mag,bp_rp,parallax,pm,j_mag,h_mag,k_mag,w1_mag,w2_mag"


def on_line(points, x):
    """Linear between points (x, y), which increase in x; beyond them the last segment goes on."""
    i = min(max(bisect.bisect([p[0] for p in points], x), 1), len(points) - 1)
    (x0, y0), (x1, y1) = points[i - 1], points[i]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def physics(dice, kind, period):
    """(temperature in K, absolute magnitude M_G) of a star of this class and period in days."""
    if kind in ("DSCT", "HADS"):
        return dice.between(7000, 8200), 1.6 - 2.9 * math.log10(period / 0.1) + 0.15 * dice.normal()
    if kind == "RRAB":
        return 7000 - 2600 * (period - 0.45) + 120 * dice.normal(), 0.65 - 1.2 * (period - 0.55) + 0.1 * dice.normal()
    if kind == "RRC":
        return 7400 - 2600 * (period - 0.26) + 120 * dice.normal(), 0.6 - 1.2 * (period - 0.3) + 0.1 * dice.normal()
    if kind == "M":
        return 3300 - 1400 * math.log10(period / 160) + 80 * dice.normal(), -1.0 - 3.2 * math.log10(period / 300) + 0.2 * dice.normal()
    if kind == "SR":
        return 3900 - 900 * math.log10(period / 40) + 80 * dice.normal(), -0.5 - 3.0 * math.log10(period / 60) + 0.2 * dice.normal()
    if kind == "EW":
        temperature = 4600 + 6500 * (period - 0.26) + 150 * dice.normal()
        return temperature, 5.6 - 8 * (period - 0.26) + 0.2 * dice.normal()
    if kind == "ROT":
        temperature = dice.between(4000, 5900)
        return temperature, on_line(MAIN_SEQUENCE, temperature) - dice.between(0, 1)
    low, high = (6000, 11000) if kind == "EB" else (5200, 14000)
    temperature = dice.log_between(low, high) * period ** 0.08
    return temperature, on_line(MAIN_SEQUENCE, temperature) - dice.between(0.2, 0.9)


class Star:
    """One star; its numbers are drawn in one order, from dice of its own."""

    def __init__(self, seed, name, kind):
        dice = Dice(seed)
        self.name, self.kind = name, kind
        period, shape, m0 = make_example.make_star(dice, kind)
        self.rows, truth = make_example.observe(dice, (period, shape, m0), round(dice.log_between(50, 110)))
        self.temperature, self.absolute = physics(dice, kind, period)
        self.reddening = -0.06 * math.log(1 - dice.random())  # E(B-V)
        self.abundance = dice.log_between(0.3, 1.6)
        self.g = sum(truth) / len(truth)
        self.parsec = 10 ** ((self.g - 2.7 * self.reddening - self.absolute + 5) / 5)
        self.catalogue = self.make_catalogue(dice)
        self.spectrum = self.make_spectrum(dice)

    def make_catalogue(self, dice):
        colour = on_line(BP_RP, self.temperature) + 1.3 * self.reddening + 0.02 * dice.normal()
        j_k = on_line(J_K, self.temperature) + 0.5 * self.reddening + 0.03 * dice.normal()
        j = self.g - 0.2 - 0.9 * colour + 0.03 * dice.normal()
        h = j - 0.8 * j_k + 0.03 * dice.normal()
        dust = 0.25 if self.kind == "M" else 0.05 if self.kind == "SR" else 0.0
        w1 = j - j_k - 0.05 - dust + 0.03 * dice.normal()
        w2 = w1 + 0.04 - dust * dice.between(0.6, 1.4) + 0.02 * dice.normal()
        parallax = 1000 / self.parsec + 0.02 * dice.normal()
        speed = 40 * math.sqrt(-2 * math.log(1 - dice.random())) * (3 if self.kind in ("RRAB", "RRC") else 1)  # km/s
        pm = speed / 4.74047 / self.parsec * 1000
        magnitudes = (j, h, j - j_k, w1, w2)
        return ",".join([self.name, f"{self.g:.3f}", f"{colour:.3f}", f"{parallax:.4f}", f"{pm:.3f}", *(f"{m:.3f}" for m in magnitudes)])

    def make_spectrum(self, dice):
        """Lines wavelength,flux,error."""
        noise = dice.log_between(0.01, 0.04)
        scale = FLUX_OF_MAGNITUDE_0 * 10 ** (-0.4 * self.g)
        emission = dice.between(0.3, 1.2) if self.kind == "M" else 0.0
        lines = []
        for wavelength in WAVELENGTHS:
            flux = scale * self.continuum(wavelength) * self.lines(wavelength)
            flux += scale * self.continuum(wavelength) * emission * bell(wavelength, BALMER[0], 12)
            error = noise * scale * math.sqrt(max(flux / scale, 0.05))
            lines.append(f"{wavelength},{flux + error * dice.normal():.5g},{error:.3g}")
        return lines

    def continuum(self, wavelength):
        """Planck's law and reddening, 1 at 5500 A without the latter."""
        x = 1.438777e8 / self.temperature  # hc/k in Angstrom kelvin
        planck = (5500 / wavelength) ** 5 * math.expm1(x / 5500) / math.expm1(x / wavelength)
        return planck * 10 ** (-0.4 * 3.1 * self.reddening * (5500 / wavelength) ** 1.3)

    def lines(self, wavelength):
        """What absorption leaves, in (0, 1]."""
        heat = self.temperature
        balmer = 0.65 * math.exp(-(math.log10(heat / 9000) / 0.14) ** 2)
        width = min(max(12 + 2.5 * self.absolute, 8), 28)
        metals = self.abundance / (1 + math.exp((heat - 5600) / 700))
        tio = min(max((4000 - heat) / 900, 0), 1)
        left = 1.0
        for centre in BALMER:
            left *= 1 - balmer * bell(wavelength, centre, width)
        for centre, spread, depth in METALS:
            left *= 1 - min(depth * metals, 0.9) * bell(wavelength, centre, spread)
        for head in TIO_HEADS:
            if head <= wavelength:
                left *= 1 - 0.6 * tio * math.exp(-(wavelength - head) / 120)
        return left

    def light_curve(self):
        return "hjd,mag,mag_err\n" + "".join(f"{hjd:.5f},{mag:.3f},{error:.3f}\n" for hjd, mag, error, *_ in self.rows)


def bell(x, centre, width):
    return math.exp(-0.5 * ((x - centre) / width) ** 2)


def make_files(stars):
    """{file name: text} of these stars."""
    stars = list(stars)
    files = {"catalogue.csv": "\n".join([CATALOGUE_HEADER, *(star.catalogue for star in stars)]) + "\n",
             "classes.csv": "object_id,class\n" + "".join(f"{star.name},{star.kind}\n" for star in stars)}
    for star in stars:
        files[f"light_curves/{star.name}.csv"] = star.light_curve()
        files[f"spectra/{star.name}.csv"] = "\n".join(["wavelength,flux,error", *star.spectrum]) + "\n"
    return files


def bundled_stars():
    for c, kind in enumerate(CLASSES):
        for k in range(STARS_PER_CLASS):
            yield Star(SEED * 1000000 + c * 100 + k, f"TRI-{kind}-{k + 1}", kind)


def other_stars(count):
    for i in range(count):
        yield Star((SEED + 1) * 1000000 + i, f"TRAIN-{i:05}", CLASSES[i % len(CLASSES)])


def write(files, folder):
    for name in ("light_curves", "spectra"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def differing(files):
    present = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.csv")}
    for name in sorted(present | set(files)):
        path = FOLDER / name
        if name not in files or not path.exists() or path.read_text(encoding="utf-8") != files[name]:
            yield path


def main():
    parser = argparse.ArgumentParser(description="Simulate stars with a light curve, a spectrum and a catalogue row.")
    parser.add_argument("--check", action="store_true", help="compare with the files at hand instead of writing")
    parser.add_argument("--stars", nargs=2, metavar=("N", "DIR"), help="other stars, to train on")
    arguments = parser.parse_args()
    if arguments.stars:
        write(make_files(other_stars(int(arguments.stars[0]))), pathlib.Path(arguments.stars[1]))
        return 0
    files = make_files(bundled_stars())
    if not arguments.check:
        write(files, FOLDER)
        return 0
    different = list(differing(files))
    for path in different:
        print(f"{path}: differs from what tools/make_modality_example.py writes")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
