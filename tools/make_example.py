#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Simulates the bundled example: sixty ASAS-SN-like light curves of the ten classes and their catalogue.
"""
    tools/make_example.py            writes examples/asassn_like/*.dat and catalog.csv
    tools/make_example.py --check    exits 1, naming the files, if they differ from what it would write

Every number follows from SEED: only random.Random.random() is drawn, whose sequence Python guarantees.
phi is the phase in cycles, x = 2 pi phi, u a brightness between 0 (faint) and 1 (bright).

  pulsators   saw(x; s) = atan2(s sin x, 1 - s cos x) = sum_k s^k sin(kx)/k, a Fourier sawtooth: fast rise, slow
              fall; u = saw scaled to 0..1; mag = m0 - A u^g. The power g > 1 keeps the star faint for longer.
              DSCT and RRC: s small. HADS and RRAB: s large. M: s = 0.3, and A differs from cycle to cycle.
  eclipsers   flux = 1 - e (1 + cos 2x)/2 - d1 bump(phi) - d2 bump(phi - 1/2), bump = exp(-|dphi/w|^p / 2).
              EW: deformed stars (e large), wide eclipses of nearly equal depth. EB: unequal depths.
              EA: round stars (e about 0), narrow eclipses, flat between them. The period is the orbital one.
  ROT         two dark spots that grow, shrink and drift within a year or two: one near the pole, always in sight, takes
              d1 (1 + cos(x - x1))/2 of the flux, a smaller one on the equator d2 max(0, cos(x - x2)).
  SR          three sinusoids of neighbouring periods with wandering phase: a period, but not a clock.

Periods and amplitudes are those of real stars of ASAS-3, Hipparcos and Catalina South (the surveys of the bundled
checkpoint): the ranges of make_star() lie between the 10 and 90 percentiles of what is measured of a class in one of
them, where noise widens amplitudes. A DSCT is what these labels call one, of less than 0.15 mag with its noise.

Cadence: four seasons of 240 days, at most one visit a night from one of two sites 0.35 d apart in time, 60 to 450
visits in all, none fainter than V = 17. Errors: 0.02 mag floor and a part that grows towards faint magnitudes.
"""

import argparse
import math
import pathlib
import random
import sys

SEED = 20
STARS_PER_CLASS = 6
CLASSES = ("DSCT", "EA", "EB", "EW", "HADS", "M", "ROT", "RRAB", "RRC", "SR")
FOLDER = pathlib.Path(__file__).resolve().parent.parent / "examples" / "asassn_like"

V_ZERO_POINT_MJY = 3836.3e3  # flux density of V = 0 in mJy
FLUX_ERR_PER_MAG = 0.921034  # 0.4 ln 10
LIMIT_MAG = 17.0
ERROR_FLOOR_MAG = 0.02
RFR_SLOPE = 0.505  # rfr_score = 1 - 0.505 lksl_statistic, a line through real catalogue rows


class Dice:
    """Random numbers from random() alone: the other methods may differ between Python versions."""

    def __init__(self, seed):
        self.random = random.Random(seed).random

    def between(self, low, high):
        return low + (high - low) * self.random()

    def log_between(self, low, high):
        return math.exp(self.between(math.log(low), math.log(high)))

    def normal(self):
        return math.sqrt(-2 * math.log(1 - self.random())) * math.cos(2 * math.pi * self.random())


def brightness(phase, sharpness):
    """The sawtooth scaled to 0..1; its extremes are +-asin(s), at cos x = s."""
    x = 2 * math.pi * phase
    saw = math.atan2(sharpness * math.sin(x), 1 - sharpness * math.cos(x))
    return 0.5 + 0.5 * saw / math.asin(sharpness)


def bump(phase, width, power):
    distance = abs(phase - round(phase))
    return math.exp(-0.5 * (distance / width) ** power)


def pulsator(dice, period, amplitude, sharpness, power, cycle_scatter=0.0):
    phase0 = dice.random()
    cycle = [1 + cycle_scatter * dice.normal() for _ in range(64)]

    def mag(day):
        turns = day / period + phase0
        index = math.floor(turns + math.acos(sharpness) / (2 * math.pi))  # a cycle begins at its faintest
        return -amplitude * cycle[index % 64] * brightness(turns, sharpness) ** power

    return mag


def eclipser(dice, period, depth, ratio, width, power, ellipsoidal):
    phase0 = dice.random()

    def mag(day):
        phase = day / period + phase0
        flux = 1 - ellipsoidal * (1 + math.cos(4 * math.pi * phase)) / 2
        flux -= depth * bump(phase, width, power) + ratio * depth * bump(phase - 0.5, width, power)
        return -2.5 * math.log10(flux)

    return mag


def spotted(dice, period, depth):
    spots = [(depth * share, dice.random(), dice.between(250, 800), dice.random()) for share in (1.0, 0.3)]

    def mag(day):
        flux = 1.0
        for at_pole, (size, longitude, lifetime, age) in zip((True, False), spots):
            size *= 1 + 0.5 * math.sin(2 * math.pi * (day / lifetime + age))
            drift = 0.1 * math.cos(2 * math.pi * (day / lifetime + age))
            towards_us = math.cos(2 * math.pi * (day / period - longitude - drift))
            flux -= size * ((1 + towards_us) / 2 if at_pole else max(0.0, towards_us))
        return -2.5 * math.log10(flux)

    return mag


def semiregular(dice, period, amplitude):
    parts = [(period * dice.between(0.98, 1.02), dice.random(), weight) for weight in (0.6, 0.25, 0.15)]
    wander, wander_phase = dice.between(500, 900), dice.random()

    def mag(day):
        drift = 0.06 * math.sin(2 * math.pi * (day / wander + wander_phase))
        return -0.5 * amplitude * sum(w * math.sin(2 * math.pi * (day / p + f + drift)) for p, f, w in parts)

    return mag


def make_star(dice, kind):
    """(period in days, function of day giving magnitudes relative to m0, m0)."""
    m0 = dice.between(11.5, 14.5)
    if kind == "DSCT":
        period = dice.log_between(0.07, 0.2)
        m0 = 11.5 + 0.4 * (m0 - 11.5)
        mag = pulsator(dice, period, dice.between(0.05, 0.09), 0.15, 1.0)
    elif kind == "HADS":
        period = dice.log_between(0.06, 0.2)
        mag = pulsator(dice, period, dice.between(0.25, 0.6), 0.55, 1.2)
    elif kind == "RRAB":
        period = dice.between(0.45, 0.72)
        mag = pulsator(dice, period, dice.between(0.6, 1.1), 0.8, 1.5)
    elif kind == "RRC":
        period = dice.between(0.26, 0.4)
        mag = pulsator(dice, period, dice.between(0.4, 0.6), 0.3, 1.0)
    elif kind == "M":
        period = dice.between(160, 420)
        amplitude = dice.between(2.2, 5.0)
        m0 = dice.between(15.0, 16.5)
        mag = pulsator(dice, period, amplitude, 0.3, 1.1, cycle_scatter=0.06)
    elif kind == "EW":
        period = dice.between(0.26, 0.6)
        mag = eclipser(dice, period, dice.between(0.12, 0.25), dice.between(0.8, 0.95), 0.055, 2, dice.between(0.12, 0.2))
    elif kind == "EB":
        period = dice.log_between(0.5, 1.8)
        mag = eclipser(dice, period, dice.between(0.25, 0.4), dice.between(0.25, 0.5), 0.05, 2, dice.between(0.06, 0.12))
    elif kind == "EA":
        period = dice.log_between(0.9, 6)
        mag = eclipser(dice, period, dice.between(0.3, 0.6), dice.between(0.2, 0.7), dice.between(0.018, 0.03), 3,
                       dice.between(0.0, 0.01))
    elif kind == "ROT":
        period = dice.log_between(0.3, 7)
        m0 = dice.between(14.2, 16)
        mag = spotted(dice, period, dice.between(0.1, 0.25))
    elif kind == "SR":
        period = dice.log_between(90, 400)
        mag = semiregular(dice, period, dice.between(0.4, 1.2))
    return period, mag, m0


def visits(dice, count):
    """Days of observation: `count` of the nights in season, drawn without replacement, in order."""
    first_night = math.floor(dice.between(0, 120))
    nights = [night for night in range(first_night, first_night + 4 * 365) if (night - first_night) % 365 < 240]
    chosen = sorted(sorted((dice.random(), night) for night in nights)[:count], key=lambda pair: pair[1])
    days = []
    for _, night in chosen:
        site = 0.35 if dice.random() < 0.4 else 0.0
        days.append(night + site + dice.between(-0.15, 0.15))
    return sorted(days)


def observe(dice, star, count):
    """Rows (hjd, mag, mag_err, flux, flux_err) as printed, and the true magnitudes beside them."""
    _, shape, m0 = star
    hjd0 = 2456700.75
    rows, truth = [], []
    for day in visits(dice, count):
        true_mag = m0 + shape(day)
        error = math.hypot(ERROR_FLOOR_MAG, 0.02 * 10 ** (0.25 * (true_mag - 13.5)))
        mag = round(true_mag + error * dice.normal(), 3)
        if mag > LIMIT_MAG:
            continue
        error = round(error, 3)
        flux = V_ZERO_POINT_MJY * 10 ** (-0.4 * mag)
        rows.append((hjd0 + day, mag, error, flux, FLUX_ERR_PER_MAG * flux * error))
        truth.append(true_mag)
    return rows, truth


def percentile(values, fraction):
    """Linear interpolation between order statistics."""
    ordered = sorted(values)
    position = fraction * (len(ordered) - 1)
    low = math.floor(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (position - low) * (ordered[high] - ordered[low])


def string_length(rows, period):
    """Lafler-Kinman statistic of the observed magnitudes folded on `period`, closing term included."""
    folded = [mag for _, mag in sorted((hjd / period % 1.0, mag) for hjd, mag, *_ in rows)]
    n = len(folded)
    mean = sum(folded) / n
    steps = sum((folded[(i + 1) % n] - folded[i]) ** 2 for i in range(n))
    return steps / sum((mag - mean) ** 2 for mag in folded) * (n - 1) / (2 * n)


def render_dat(name, rows):
    lines = [f"# {name}: simulated, V band, HJD in days, flux in mJy", "HJD MAG MAG_ERR FLUX FLUX_ERR"]
    lines += [f"{hjd:.5f} {mag:.3f} {err:.3f} {flux:.3f} {flux_err:.3f}" for hjd, mag, err, flux, flux_err in rows]
    return "\n".join(lines) + "\n"


def make_files():
    """{file name: text} of the whole example."""
    files = {}
    catalog = ["object_id,class,amplitude,period,lksl_statistic,rfr_score"]
    for c, kind in enumerate(CLASSES):
        for k in range(STARS_PER_CLASS):
            dice = Dice(SEED * 10000 + c * 100 + k)  # a star of its own: changing one leaves the others alone
            name = f"SIM-{kind}-{k + 1}"
            star = make_star(dice, kind)
            rows, truth = observe(dice, star, round(dice.log_between(70, 450)))
            amplitude = percentile(truth, 0.975) - percentile(truth, 0.025)
            lksl = string_length(rows, star[0])
            catalog.append(f"{name},{kind},{amplitude:.3f},{star[0]:.7g},{lksl:.3f},{1 - RFR_SLOPE * lksl:.3f}")
            files[f"{name}.dat"] = render_dat(name, rows)
    files["catalog.csv"] = "\n".join(catalog) + "\n"
    return files


def differing(files):
    present = {path.name for path in FOLDER.glob("*.dat")} | {"catalog.csv"}
    for name in sorted(present | set(files)):
        path = FOLDER / name
        if name not in files or not path.exists() or path.read_text(encoding="utf-8") != files[name]:
            yield path


def main():
    parser = argparse.ArgumentParser(description="Simulate the bundled example light curves.")
    parser.add_argument("--check", action="store_true", help="compare with the files at hand instead of writing")
    arguments = parser.parse_args()
    files = make_files()
    if arguments.check:
        different = list(differing(files))
        for path in different:
            print(f"{path}: differs from what tools/make_example.py writes")
        return 1 if different else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
