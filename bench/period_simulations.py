# SPDX-License-Identifier: MIT
"""Simulated stars of every size beside astropy's periodogram: is the period right wherever the highest peak is?

    .venv/bin/python bench/period_simulations.py [BUILD] [--stars 600] [--seed 1] [--misses] [--long]

Sine waves, RR Lyrae, delta Scuti stars, spotted stars and eclipsing binaries of 0.2 to 200 mmag (peak to peak), of a
signal-to-noise ratio a point (half of that over the noise) from 0.5 to 20, at the times of Kepler, TESS, ASAS, ZTF and
Rubin. A star counts where the highest peak of astropy's generalised Lomb-Scargle periodogram, over the whole range of
the search, is the star's own, and its false-alarm probability (Baluev 2008) is below 1e-10.

The truth: a frequency is right within half a resolution, 0.5 / span. For eclipsing binaries the peak may be the orbital
frequency or one of its harmonics 2 to 4, and the answer the orbital period, or half of it where the two eclipses are
equal. The answer may be twice the period if the flag `ambiguous_double` says so; this is counted apart.

--long instead: stars whose periods are 0.55 to 10 time spans, longer than is searched for. How many get a short period
without a flag?
"""

import argparse
import os
import sys
from pathlib import Path

import numpy as np

DAY_OF_MINUTES = 1440.0
PERIOD_MIN = 0.05
SIZES_MMAG = (0.2, 0.5, 2.0, 20.0, 200.0)
RATIOS = (0.5, 1.0, 2.0, 5.0, 20.0)


# ---- times ----------------------------------------------------------------------------------------------------


def kepler_long(rng):
    n = int(np.exp(rng.uniform(np.log(200), np.log(18000))))
    times = np.arange(int(1.1 * n)) * 29.4244 / DAY_OF_MINUTES
    return times[times % 31.0 > 1.0][:n]  # a day of every month is lost


def tess_sector(minutes, n_most):
    def times(rng):
        all_of_it = np.arange(0, 27.0, minutes / DAY_OF_MINUTES)
        kept = all_of_it[np.abs(all_of_it - 13.5) > 0.6]
        n = min(n_most, len(kept))
        start = rng.integers(0, len(kept) - n + 1)
        return kept[start : start + n]

    return times


def nightly(span, share_of_nights, width_days, n_visits, season):
    def times(rng):
        nights = np.arange(span)[rng.uniform(size=span) < share_of_nights]
        nights = nights[(nights % 365.25) < season]
        visits = nights[:, None] + rng.normal(0, width_days, len(nights))[:, None] + 0.021 * np.arange(n_visits)
        return np.sort(visits.ravel())

    return times


CADENCES = {
    "Kepler, 29.4 min": kepler_long,
    "TESS, 2 min": tess_sector(2, 18000),
    "TESS, 10 min": tess_sector(10, 4000),
    "TESS, 30 min": tess_sector(30, 1300),
    "ASAS": nightly(3000, 0.2, 0.08, 1, 250),
    "ZTF": nightly(1500, 0.45, 0.1, 1, 230),
    "Rubin": nightly(3650, 0.045, 0.1, 2, 200),
}


# ---- curves of phase 0..1, peak to peak 1 ---------------------------------------------------------------------


def rr_lyrae(phase):
    return -sum(0.55**k * np.sin(2 * np.pi * k * phase + 0.3 * k + 0.8) for k in range(1, 7))  # rises fast


def delta_scuti(phase):
    return np.sin(2 * np.pi * phase) + 0.25 * np.sin(4 * np.pi * phase + 0.7)


def spots(phase):
    return np.maximum(0, np.cos(2 * np.pi * phase)) + 0.5 * np.maximum(0, np.cos(2 * np.pi * (phase - 0.35)))


def eclipses(width, secondary, ellipsoidal):
    def curve(phase):
        def dip(p):
            return np.exp(-0.5 * ((p - np.round(p)) / width) ** 2)

        return ellipsoidal * np.cos(4 * np.pi * phase) + dip(phase) + secondary * dip(phase - 0.5)

    return curve


SHAPES = {  # curve, shortest and longest period in days
    "sine": (lambda phase: np.sin(2 * np.pi * phase), 0.08, 100.0),
    "RR Lyrae": (rr_lyrae, 0.25, 0.9),
    "delta Scuti": (delta_scuti, 0.055, 0.25),
    "spots": (spots, 0.4, 40.0),
    "EW": (eclipses(0.06, 0.9, 0.4), 0.22, 0.9),
    "EA": (eclipses(0.03, 0.4, 0.0), 0.5, 10.0),
}


def simulate(shape, cadence, size_mag, ratio, rng):
    """Times, magnitudes, errors and the period of a star."""
    curve, shortest, longest = SHAPES[shape]
    time = CADENCES[cadence](rng)
    span = time[-1] - time[0]
    shortest = max(shortest, 2.5 * np.median(np.diff(time)) if len(time) > 2 and span < 1000 else 0)
    period = np.exp(rng.uniform(np.log(shortest), np.log(max(shortest * 1.01, min(longest, span / 3)))))
    model = curve((time / period + rng.uniform()) % 1.0)
    every_phase = curve(np.linspace(0, 1, 1000))
    size = np.ptp(every_phase)
    noise = 0.5 * size_mag / ratio
    mag = 12 + size_mag * model / size + rng.normal(0, noise, len(time))
    return time + 2457000.0, mag, np.full(len(time), noise), period


# ---- judging --------------------------------------------------------------------------------------------------


def is_near(frequency, other, span):
    return abs(frequency - other) < 0.5 / span


def highest_peak(time, mag, error):
    """Frequency and false-alarm probability of the highest peak of astropy's periodogram."""
    from astropy.timeseries import LombScargle

    span = np.ptp(time)
    search = LombScargle(time - time[0], mag, error)
    frequency, power = search.autopower(
        samples_per_peak=5, minimum_frequency=2 / span, maximum_frequency=1 / PERIOD_MIN, method="fast"
    )
    best = int(np.argmax(power))
    probability = search.false_alarm_probability(power[best], maximum_frequency=1 / PERIOD_MIN)
    return frequency[best], float(probability)


def judge(shape, found, truth, span, flags):
    """right, twice (and flagged), or wrong."""
    answers = [1.0, 2.0] if shape in ("EA", "EW") else [1.0]
    if any(is_near(1 / found, multiple / truth, span) for multiple in answers):
        return "right"
    if is_near(1 / found, 0.5 / truth, span) and "ambiguous_double" in flags:
        return "twice"
    return "wrong"


def finder(build):
    os.environ.setdefault("ASTROM3_LIBRARY", str(Path(build).resolve() / "lib" / "libastrom3_c.so"))
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))
    from astrom3 import find_period

    def find(time, mag, error):
        found = find_period(time, mag, error)
        return found.period, found.flags

    return find


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", nargs="?", default="build/release")
    parser.add_argument("--stars", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--misses", action="store_true", help="list them")
    parser.add_argument("--long", action="store_true", help="periods beyond the range")
    arguments = parser.parse_args()
    find = finder(arguments.build)
    rng = np.random.default_rng(arguments.seed)
    if arguments.long:
        return count_long(find, arguments.stars, rng, arguments.misses)
    rows = []
    for _ in range(arguments.stars):
        star = rng.spawn(1)[0]
        shape, cadence = star.choice(list(SHAPES)), star.choice(list(CADENCES))
        size, ratio = star.choice(SIZES_MMAG), star.choice(RATIOS)
        time, mag, error, truth = simulate(shape, cadence, 1e-3 * size, ratio, star)
        span = np.ptp(time)
        peak, probability = highest_peak(time, mag, error)
        harmonics = range(1, 5) if shape in ("EA", "EW") else range(1, 2)
        if probability >= 1e-10 or not any(is_near(peak, k / truth, span) for k in harmonics):
            continue
        period, flags = find(time, mag, error)
        verdict = judge(shape, period, truth, span, flags)
        rows.append((shape, cadence, size, ratio, verdict))
        if verdict != "right" and arguments.misses:
            print(
                f"{verdict}: {shape}, {cadence}, {size} mmag, S/N {ratio}, N {len(time)}: {period:.5f} d "
                f"for {truth:.5f} d (x {period / truth:.4f}), {';'.join(flags)}"
            )
    return report(rows)


def count_long(find, n_stars, rng, list_misses):
    """Stars of periods beyond the range: prints how many have a period below a quarter of the span without a flag."""
    doubts = {"period_at_limit", "uncertain_period", "aperiodic"}
    counts = {"short, flagged": 0, "long": 0, "short, not flagged": 0}
    for _ in range(n_stars):
        star = rng.spawn(1)[0]
        time = CADENCES[star.choice(list(CADENCES))](star) + 2457000.0
        time = time[:: len(time) // 3000 + 1]
        span = np.ptp(time)
        period = span * np.exp(star.uniform(np.log(0.55), np.log(10)))
        curve, _, _ = SHAPES[star.choice(["sine", "RR Lyrae", "delta Scuti"])]
        size, ratio = 1e-3 * star.choice(SIZES_MMAG), star.choice(RATIOS[1:])
        noise = 0.5 * size / ratio
        mag = 12 + size * curve((time / period + star.uniform()) % 1.0) / 2 + star.normal(0, noise, len(time))
        found, flags = find(time, mag, np.full(len(time), noise))
        verdict = "long" if found > span / 4 else "short, flagged" if doubts & set(flags) else "short, not flagged"
        counts[verdict] += 1
        if verdict == "short, not flagged" and list_misses:
            print(f"{found:.5f} d for {period:.1f} d, span {span:.1f} d, N {len(time)}, S/N {ratio}, {';'.join(flags)}")
    print(f"{n_stars} stars with periods of 0.55 to 10 time spans: {counts}")


def report(rows):
    print(f"{len(rows)} stars whose highest peak is theirs, with a false-alarm probability below 1e-10")
    print(f"{'':20} {'stars':>6} {'right':>8} {'twice':>8} {'wrong':>8}")
    for column, groups in ((0, SHAPES), (1, CADENCES), (2, SIZES_MMAG), (3, RATIOS), (None, ["all"])):
        for group in groups:
            verdicts = [row[-1] for row in rows if column is None or row[column] == group]
            if not verdicts:
                continue
            shares = [100 * verdicts.count(v) / len(verdicts) for v in ("right", "twice", "wrong")]
            print(f"{group!s:20} {len(verdicts):6} " + " ".join(f"{share:6.1f} %" for share in shares))


if __name__ == "__main__":
    main()
