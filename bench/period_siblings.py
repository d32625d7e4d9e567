# SPDX-License-Identifier: MIT
"""Simulated stars that trap a period search: is a wrong period ever given with a high probability and no flag?

    .venv/bin/python bench/period_siblings.py [BUILD] [--stars 2000] [--seed 1] [--more] [--only NAME]... [--misses]

Every shape of bench/period_simulations.py, and narrow eclipses, at the times of Gaia, of a deep drilling field of
Rubin, of seasons with two observations a night, of WISE (a day of visits every half year), Catalina, ATLAS, Hipparcos,
and TESS in two sectors two years apart; each with one complication: outliers, errors that are wrong, trends, a second
mode, modulation, spots that come and go, correlated noise; or no star at all but noise.

A period is right within half a resolution, 0.5 / span, of that of the star (2 / span where its phase wanders); of two
modes or waves either; of eclipsing binaries the orbital period, or its half (a photometric period). A wrong period
is excused by a probability below 0.5 (flag uncertain_period), by period_at_limit or sampling_alias, and one of twice or
half the truth by ambiguous_double. What is not excused is printed by its probability: the share that is wrong should be
below 1 - probability.

--more: with the times and the stars of sibling_kinds.py, too: more surveys, stars of several modes, of changing periods
or of none.
"""

import argparse
import itertools
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from period_simulations import SHAPES, eclipses, finder, is_near, nightly, tess_sector
from sibling_kinds import MORE_CADENCES, MORE_COMPLICATIONS, MORE_STARS, ORBITS, WANDERING_STARS

PERIOD_MIN = 0.05
SURE = 0.9
EDGES = (0, 0.5, 0.7, 0.9, 0.99, 1.0001)

# ---- times ----------------------------------------------------------------------------------------------------


def gaia(rng):
    """Visits every 20 to 45 d of one to four transits, 106.5 and 253.5 min apart in turn."""
    times, start = [], rng.uniform(0, 30)
    while start < 1900:
        n_transits = rng.integers(1, 5)
        gaps = np.tile([106.5, 253.5], 4)[rng.integers(0, 2) :][: n_transits - 1] / 1440
        times.extend(start + np.concatenate([[0], np.cumsum(gaps)]))
        start += rng.uniform(20, 45)
    return np.array(times)


def deep_drilling(rng):
    nights = np.concatenate([365.25 * year + np.arange(0, 200, 3) for year in range(3)])
    nights = nights[rng.uniform(size=len(nights)) < 0.7]
    visits = nights[:, None] + rng.normal(0, 0.06, len(nights))[:, None] + np.arange(8) * 38 / 86400
    return np.sort(visits.ravel())


def wise(rng):
    """Some 13 visits of 0.066 and 0.132 d distance in a day, every half year."""
    epochs = 182.6 * np.arange(rng.integers(8, 18)) + rng.normal(0, 0.5)
    visits = epochs[:, None] + rng.uniform(0, 0.06, len(epochs))[:, None] + 0.0657 * np.arange(13)
    return np.sort(visits[rng.uniform(size=visits.shape) < 0.8].ravel())


def hipparcos(rng):
    times, start = [], rng.uniform(0, 20)
    while start < 1200:
        times.extend(start + np.cumsum(np.tile([20, 108], 6)[: rng.integers(2, 9)]) / 1440)
        start += rng.uniform(15, 60)
    return np.array(times)


def two_sectors(rng):
    one = tess_sector(30, 1300)(rng)[::4]
    return np.concatenate([one, one + 735.3 + rng.uniform(0, 0.02)])


def few(times, low, high):
    def chosen(rng):
        all_of_them = times(rng)
        n = min(len(all_of_them), int(np.exp(rng.uniform(np.log(low), np.log(high)))))
        return np.sort(rng.choice(all_of_them, n, replace=False))

    return chosen


CADENCES = {
    "Gaia": gaia,
    "deep drilling": deep_drilling,
    "two a night": nightly(1200, 0.3, 0.04, 2, 200),
    "WISE": wise,
    "Catalina": few(nightly(2500, 0.05, 0.08, 4, 230), 60, 400),
    "ATLAS": few(nightly(1500, 0.4, 0.05, 4, 220), 100, 500),
    "Hipparcos": hipparcos,
    "two sectors": two_sectors,
    "ASAS, few": few(nightly(3000, 0.2, 0.08, 1, 250), 15, 120),
}

# ---- complications: change the magnitudes or the errors, in place ----------------------------------------------


def outliers(sign):
    def add(star, rng):
        hit = rng.uniform(size=len(star.time)) < rng.uniform(0.005, 0.05)
        star.mag[hit] += sign(rng, hit.sum()) * rng.exponential(3 * star.size + 5 * star.noise, hit.sum())

    return add


def scale_errors(factor):
    def scale(star, _):
        star.error *= factor

    return scale


def constant_errors(star, _):
    star.error[:] = 1.0


def scattered_errors(star, rng):
    star.error *= np.exp(rng.normal(0, 1.5, len(star.time)))


def trend(star, rng):
    x = (star.time - star.time[0]) / star.span
    star.mag += rng.uniform(0.5, 3) * star.size * (x if rng.uniform() < 0.5 else 4 * x * (1 - x))


def slow_wave(star, rng):
    period = star.span * rng.uniform(0.2, 0.45)
    star.truths.append(period)
    star.mag += 0.5 * rng.uniform(0.3, 0.8) * star.size * np.sin(2 * np.pi * star.time / period)


def second_mode(star, rng):
    ratio = rng.choice([0.745, rng.uniform(0.55, 0.95)])
    star.truths.append(ratio * star.period)
    star.mag += 0.5 * rng.uniform(0.3, 0.9) * star.size * np.sin(2 * np.pi * star.time / star.truths[-1] + 1)


def modulation(star, rng):
    wave = np.sin(2 * np.pi * star.time / rng.uniform(10, 200) + rng.uniform(0, 6))
    star.mag[:] = star.redraw(1 + 0.4 * wave, 0.05 * wave)


def wandering_spots(star, rng):
    n_lives = max(2, int(star.span / rng.uniform(60, 400)))
    at = np.linspace(0, star.span, n_lives + 1)
    x = star.time - star.time[0]
    amplitude = np.interp(x, at, rng.uniform(0.2, 1, len(at)))
    star.mag[:] = star.redraw(amplitude, np.interp(x, at, np.cumsum(rng.normal(0, 0.12, len(at)))))


def period_change(star, rng):
    x = (star.time - star.time[0]) / star.span
    star.mag[:] = star.redraw(1, rng.uniform(0.1, 0.3) * 4 * x * (1 - x))


def correlated_noise(star, rng):
    """A random walk that forgets within 0.02 to 5 d, as large as the star."""
    memory, level = rng.uniform(0.02, 5), 0.0
    sigma = rng.uniform(0.2, 0.6) * star.size
    for i, gap in enumerate(np.diff(star.time, prepend=star.time[0])):
        keep = np.exp(-gap / memory)
        level = keep * level + sigma * np.sqrt(1 - keep * keep) * rng.normal()
        star.mag[i] += level


def nightly_offsets(star, rng):
    nights, index = np.unique(np.floor(star.time), return_inverse=True)
    star.mag += rng.normal(0, rng.uniform(0.3, 1) * star.noise, len(nights))[index]


COMPLICATIONS = {
    "none": lambda star, rng: None,
    "outliers": outliers(lambda rng, n: rng.choice([-1, 1], n)),
    "faint outliers": outliers(lambda rng, n: np.ones(n)),
    "bright outliers": outliers(lambda rng, n: -np.ones(n)),
    "errors x 0.1": scale_errors(0.1),
    "errors x 10": scale_errors(10),
    "constant errors": constant_errors,
    "scattered errors": scattered_errors,
    "trend": trend,
    "slow wave": slow_wave,
    "second mode": second_mode,
    "modulation": modulation,
    "wandering spots": wandering_spots,
    "period change": period_change,
    "correlated noise": correlated_noise,
    "nightly offsets": nightly_offsets,
}

WANDERING = ("modulation", "wandering spots", "period change")

SIBLINGS = {
    **SHAPES,
    "EA, narrow": (None, 0.7, 12.0),
    "Mira": (lambda phase: np.sin(2 * np.pi * phase) + 0.2 * np.sin(4 * np.pi * phase), 80.0, 500.0),
    "noise": (lambda phase: 0 * phase, 0.3, 3.0),
}


class Star:
    def __init__(self, shape, cadence, rng):
        self.time = {**CADENCES, **MORE_CADENCES}[cadence](rng) + 2457000.0
        self.span = np.ptp(self.time)
        signal = self.kind(shape, rng) if shape in MORE_STARS else self.curve(shape, rng)
        self.size = 10 ** rng.uniform(-2.5, 0)
        self.noise = self.size / np.exp(rng.uniform(np.log(1.5), np.log(40)))
        self.error = self.noise * rng.uniform(0.7, 1.4, len(self.time))
        self.scatter = self.error * rng.normal(size=len(self.time))
        epoch = rng.uniform()
        self.redraw = lambda amplitude, shift: 14 + amplitude * self.size * signal(epoch + shift) + self.scatter
        self.mag = self.redraw(1, 0)

    def curve(self, shape, rng):
        """Magnitudes of a phase that is shifted, peak to peak 1."""
        curve, shortest, longest = SIBLINGS[shape]
        if curve is None:
            curve = eclipses(np.exp(rng.uniform(np.log(0.003), np.log(0.012))), rng.choice([0, 0.15, 0.7, 1]), 0)
        self.period = np.exp(rng.uniform(np.log(shortest), np.log(max(1.01 * shortest, min(longest, self.span / 3)))))
        self.truths = [] if shape == "noise" else [self.period]
        height = max(np.ptp(curve(np.linspace(0, 1, 1000))), 1e-9)
        return lambda shift: curve(((self.time - 2457000) / self.period + shift) % 1.0) / height

    def kind(self, name, rng):
        """Those of MORE_STARS, which know no shift of the phase."""
        mag, self.truths = MORE_STARS[name](self.time - 2457000.0, rng)
        self.truths = [
            float(truth) for truth in self.truths if truth < self.span * (1 if name.startswith(ORBITS) else 0.5)
        ]
        self.period = self.truths[0] if self.truths else 1.0
        return lambda shift: mag


def verdict(shape, complication, star, found, flags):
    span = star.span / (4 if complication in WANDERING or shape in WANDERING_STARS else 1)

    def is_one_of(multiples):
        return any(is_near(1 / found, m / truth, span) for truth in star.truths for m in multiples)

    if is_one_of([1.0, 2.0] if shape.startswith(ORBITS) else [1.0]):
        return "right"
    if {"uncertain_period", "period_at_limit", "sampling_alias", "aperiodic"} & set(flags):
        return "excused"
    doubled = is_one_of([0.5, 2.0])
    if "ambiguous_double" in flags and doubled:
        return "excused"
    return "twice" if doubled else "wrong"


def table(rows, column, name):
    print(
        f"\n{name:18} {'stars':>6} {'right':>8} {'excused':>8}   wrong (and twice) of those not excused, by probability"
    )
    for group in sorted({row[column] for row in rows}) + ["all"]:
        mine = [row for row in rows if group in ("all", row[column])]
        share = [100 * sum(row[3] == v for row in mine) / len(mine) for v in ("right", "excused")]
        sure = [row[3] for row in mine if row[3] != "excused" and row[4] >= SURE]
        low_share = len(sure) >= 20 and sure.count("right") < 0.9 * len(sure)
        cells = []
        for low, high in itertools.pairwise(EDGES[1:]):
            given = [row for row in mine if row[3] != "excused" and low <= row[4] < high]
            bad = [sum(row[3] == v for row in given) for v in ("wrong", "twice")]
            cells.append(f"{low:g}: {bad[0]:3} ({bad[1]:2}) of {len(given):4}")
        print(
            f"{group:18} {len(mine):6} {share[0]:6.1f} % {share[1]:6.1f} %   "
            + "   ".join(cells)
            + "   below 90 %" * low_share
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", nargs="?", default="build/release")
    parser.add_argument("--stars", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--more", action="store_true", help="the times and stars of sibling_kinds.py, too")
    parser.add_argument("--only", action="append", help="a shape, cadence or complication; several must all agree")
    parser.add_argument("--misses", action="store_true", help="list the wrong ones of a probability of 0.9 and more")
    arguments = parser.parse_args()
    finder(arguments.build)
    from astrom3 import find_period

    kinds = [SIBLINGS, CADENCES, COMPLICATIONS]
    if arguments.more:
        kinds = [
            {**old, **new} for old, new in zip(kinds, (MORE_STARS, MORE_CADENCES, MORE_COMPLICATIONS), strict=True)
        ]
    root, rows = np.random.default_rng(arguments.seed), []
    for index in range(arguments.stars):
        rng = root.spawn(1)[0]
        names = [str(rng.choice(list(of_one))) for of_one in kinds]
        if not set(arguments.only or []) <= set(names):
            continue
        star = Star(names[0], names[1], rng)
        kinds[2][names[2]](star, rng)
        found = find_period(star.time, star.mag, star.error)
        said = verdict(names[0], names[2], star, found.period, found.flags)
        rows.append((*names, said, found.period_probability))
        if arguments.misses and said in ("wrong", "twice") and found.period_probability >= SURE:
            truths = ", ".join(f"{truth:.5f}" for truth in star.truths) or "none"
            print(
                f"{index:5} {said}: {', '.join(names)}, N {len(star.time)}, S/N {star.size / star.noise:.1f}: "
                f"{found.period:.5f} d for {truths} d, probability {found.period_probability:.3f} "
                f"{';'.join(found.flags)}"
            )
    for column, name in enumerate(("shape", "times", "complication")):
        table(rows, column, name)


if __name__ == "__main__":
    main()
