# SPDX-License-Identifier: MIT
"""More stars and more times for bench/period_siblings.py --more: surveys, and stars that no single curve describes.

A cadence returns days, in order. A kind of star returns its magnitudes at these times, peak to peak about 1, and its
periods: several where either is right, none where a period is a mistake.
"""

import numpy as np
from period_simulations import eclipses, nightly

MINUTE = 1 / 1440
YEAR = 365.25

# ---- times ----------------------------------------------------------------------------------------------------


def scanning_law(years, angle, turns_a_year, spin_hours, basic_angle, half_width):
    """Transits of a satellite that turns about an axis, at a constant angle to the sun, round which the axis moves."""

    def times(rng):
        longitude, latitude = rng.uniform(0, 2 * np.pi), np.arcsin(rng.uniform(-1, 1))
        star = np.array([np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)])
        turn = np.arange(0, years * YEAR, spin_hours / 24) + rng.uniform(0, spin_hours / 24)
        sun, round_it = 2 * np.pi * turn / YEAR, 2 * np.pi * turns_a_year * turn / YEAR + rng.uniform(0, 2 * np.pi)
        to_sun = np.stack([np.cos(sun), np.sin(sun), 0 * sun], 1)
        across = np.stack([-np.sin(sun), np.cos(sun), 0 * sun], 1)
        axis = np.cos(angle) * to_sun + np.sin(angle) * (
            np.cos(round_it)[:, None] * across + np.sin(round_it)[:, None] * np.array([0, 0, 1.0])
        )
        seen = turn[np.abs(axis @ star) < np.sin(half_width)]
        return np.sort(np.concatenate([seen, seen + basic_angle / (2 * np.pi) * spin_hours / 24]))

    return times


def visits(nights, first, n, gap, rng, keep=1.0):
    """n observations `gap` days apart in each night, from about `first`."""
    start = nights + first
    every = start[:, None] + gap * np.arange(n)
    return np.sort(every[rng.uniform(size=every.shape) < keep].ravel())


def rubin(rng):
    """One band of ten years: a pair of visits in some of its nights, more of them in every other year."""
    nights = np.arange(3650)
    share = np.where((nights // 365) % 2 == rng.integers(0, 2), 0.07, 0.02)
    nights = nights[(nights % YEAR < 200) & (rng.uniform(size=3650) < share)]
    both = visits(nights + rng.normal(0, 0.08, len(nights)), 0, 2, 33 * MINUTE, rng, 0.7)
    return both


def asassn(rng):
    nights = np.arange(0, 2000, rng.integers(1, 4)).astype(float)
    nights = nights[(nights % YEAR < 230) & (rng.uniform(size=len(nights)) < 0.6)]
    return visits(nights + rng.normal(0, 0.07, len(nights)), 0, 3, 2 * MINUTE, rng)


def kelt(rng):
    nights = np.arange(0, 900.0)
    nights = nights[(nights % YEAR < 150) & (rng.uniform(size=len(nights)) < 0.35)]
    # A star rises four minutes earlier every night.
    return visits(nights - 0.00273 * (nights % YEAR), rng.uniform(0, 0.2), 14, 24 * MINUTE, rng, 0.8)


def all_sky_nights(rng):
    """Hundreds of observations in each of some nights, at fixed sidereal times."""
    nights = 0.99727 * np.sort(rng.choice(120, rng.integers(8, 40), replace=False))
    return visits(nights, 0, rng.integers(50, 90), 5.33 * MINUTE, rng, 0.9)


def few_nights(rng):
    n_nights = rng.integers(3, 11)
    nights = np.sort(rng.choice(rng.integers(n_nights, 60), n_nights, replace=False)).astype(float)
    return visits(nights + rng.normal(0, 0.02, n_nights), 0, rng.integers(20, 80), 5 * MINUTE, rng, 0.9)


def low_orbit(minutes_of_orbit, days, on_share, step):
    """A satellite near the Earth, which hides the star in a part of each orbit."""

    def times(rng):
        orbit = minutes_of_orbit * MINUTE
        every = np.arange(0, rng.uniform(*days), step * MINUTE)
        return every[(every + rng.uniform(0, orbit)) % orbit < on_share * orbit]

    return times


def merged(rng):
    """ASAS, and years later three visits a night of another survey."""
    first = nightly(2500, 0.1, 0.08, 1, 250)(rng)
    return np.concatenate([first, asassn(rng)[::2] + first[-1] + rng.uniform(100, 1500)])


def plates(rng):
    return np.sort(rng.uniform(0, 30000, rng.integers(150, 600)) // 1 + rng.normal(0.5, 0.1))


def few_points(rng):
    n = rng.integers(10, 31)
    return np.sort(rng.choice(1500, n, replace=False) + rng.normal(0, 0.08, n))


def sectors(rng):
    """TESS full frames of 30 min in three or four sectors of two years."""
    one = np.arange(0, 26.5, 30 * MINUTE)
    one = one[np.abs(one - 13.2) > 0.7]
    starts = np.sort(rng.choice(26, rng.integers(3, 5), replace=False)) * 27.4
    return np.concatenate([start + one[::2] for start in starts])


MORE_CADENCES = {
    "Gaia, scanning law": scanning_law(5.5, np.radians(45), 5.8, 6.0, np.radians(106.5), np.radians(0.35)),
    "Hipparcos, law": scanning_law(3.3, np.radians(43), 6.4, 2.1333, np.radians(58), np.radians(0.45)),
    "Rubin, one band": rubin,
    "ASAS-SN": asassn,
    "KELT": kelt,
    "all-sky nights": all_sky_nights,
    "few nights": few_nights,
    "CHEOPS": low_orbit(98.77, (0.8, 4), 0.6, 1.0),
    "BRITE": low_orbit(100.4, (20, 150), 0.12, 4.0),
    "two surveys": merged,
    "plates": plates,
    "10 to 30 points": few_points,
    "TESS, sectors": sectors,
}

# ---- stars ----------------------------------------------------------------------------------------------------


def wave(time, period, rng):
    return np.sin(2 * np.pi * (time / period + rng.uniform()))


def log_uniform(rng, low, high):
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def rrab(phase):
    return -0.5 * sum(0.55**k * np.sin(2 * np.pi * k * phase + 0.3 * k + 0.8) for k in range(1, 7))


def blazhko(time, rng):
    period, cycle = log_uniform(rng, 0.4, 0.75), log_uniform(rng, 8, 200)
    slow = 2 * np.pi * (time / cycle + rng.uniform())
    phase = time / period + rng.uniform() + rng.uniform(0, 0.06) * np.sin(slow + rng.uniform(0, 6))
    return (1 + rng.uniform(0.1, 0.5) * np.sin(slow)) * rrab(phase % 1.0), [period]


def double_mode(time, rng):
    period = log_uniform(rng, 0.45, 0.58)
    first, ratio = period * rng.uniform(0.742, 0.747), rng.uniform(0.2, 0.7)
    overtone = wave(time, first, rng)
    return 0.5 * overtone - 0.1 * overtone**2 + 0.5 * ratio * wave(time, period, rng), [first, period]


def many_modes(time, rng):
    n = rng.integers(2, 7)
    periods = 1 / rng.uniform(5, 19, n)
    heights = np.sort(rng.uniform(0.15, 1, n))[::-1]
    mag = sum(h * wave(time, p, rng) for h, p in zip(heights, periods, strict=True))
    return mag / 2, list(periods[heights > 0.5 * heights[0]])


def mira(time, rng):
    """A Mira whose cycles differ in length and height."""
    period, span = log_uniform(rng, 90, 500), np.ptp(time)
    n = int(span / period) + 3
    starts = np.concatenate([[0], np.cumsum(period * (1 + rng.normal(0, 0.025, n)))]) - rng.uniform(0, period)
    at = np.interp(time, starts, np.arange(n + 1))
    height = np.interp(at, np.arange(n + 2), 1 + rng.normal(0, 0.12, n + 2))
    return 0.5 * height * (np.sin(2 * np.pi * at) + 0.2 * np.sin(4 * np.pi * at)), [period]


def semiregular(time, rng):
    mag, truths = mira(time, rng)
    second = truths[0] * rng.uniform(0.45, 0.9)
    return 0.5 * mag + 0.25 * wave(time, second, rng) + 0.3 * red_walk(time, rng.uniform(50, 300), rng), [
        *truths,
        second,
    ]


def light_time(time, rng):
    """An eclipsing binary that a third body moves."""
    period = log_uniform(rng, 0.3, 3)
    delay = rng.uniform(0.002, 0.03) * np.sin(2 * np.pi * (time / log_uniform(rng, 200, 4000) + rng.uniform()))
    curve = eclipses(rng.uniform(0.015, 0.06), rng.uniform(0.2, 1), rng.uniform(0, 0.2))
    return curve(((time + delay) / period + rng.uniform()) % 1.0), [period]


def eccentric(time, rng):
    period, apart = log_uniform(rng, 1.5, 25), rng.uniform(0.3, 0.7)
    phase = (time / period + rng.uniform()) % 1.0
    width = log_uniform(rng, 0.005, 0.02)

    def dip(p, w):
        return np.exp(-0.5 * ((p - np.round(p)) / w) ** 2)

    return dip(phase, width) + rng.uniform(0.2, 1) * dip(phase - apart, width * rng.uniform(0.5, 2)), [period]


def shallow_secondary(time, rng):
    period = log_uniform(rng, 0.8, 15)
    curve = eclipses(log_uniform(rng, 0.006, 0.025), rng.uniform(0.01, 0.1), 0)
    return curve((time / period + rng.uniform()) % 1.0), [period]


def ellipsoidal(time, rng):
    period = log_uniform(rng, 0.3, 20)
    phase = 2 * np.pi * (time / period + rng.uniform())
    return 0.5 * np.cos(2 * phase) + rng.uniform(0, 0.1) * np.cos(phase), [period]


def transits(time, rng):
    period = log_uniform(rng, 0.8, 12)
    hours = rng.uniform(2, 5) / 24
    phase = (time / period + rng.uniform()) % 1.0
    return (np.abs(phase - 0.5) * period < hours / 2).astype(float), [period]


def red_walk(time, memory, rng):
    level, mag = rng.normal(), np.empty(len(time))
    for i, gap in enumerate(np.diff(time, prepend=time[0])):
        keep = np.exp(-gap / memory)
        level = keep * level + np.sqrt(1 - keep * keep) * rng.normal()
        mag[i] = level
    return mag / 3


def irregular(time, rng):
    return red_walk(time, log_uniform(rng, 0.3, 300), rng), []


def red_noise(time, rng):
    return sum(red_walk(time, memory, rng) for memory in (0.1, 1, 10, 100, 1000)) / 2, []


def fading(time, rng):
    """A star of the R CrB kind: sudden dips, slow recoveries, and small waves of some forty days."""
    mag = 0.02 * wave(time, rng.uniform(35, 50), rng)
    for start in time[0] + rng.uniform(0, np.ptp(time), rng.integers(1, 5)):
        x = (time - start) / rng.uniform(20, 300)
        mag += rng.uniform(0.2, 1) * np.where(x < 0, 0, np.minimum(x / 0.1, np.exp(-(x - 0.1))))
    return mag, []


def outbursts(time, rng):
    """A dwarf nova: outbursts at no fixed distance."""
    mag, start = np.zeros(len(time)), time[0]
    typical = rng.uniform(10, 100)
    while start < time[-1]:
        start += typical * rng.uniform(0.5, 1.5)
        x = (time - start) / rng.uniform(2, 6)
        mag -= np.where(x < 0, 0, np.minimum(x / 0.2, np.exp(-np.maximum(x - 0.5, 0))))
    return mag, []


def lens(time, rng):
    u = np.hypot(rng.uniform(0.1, 0.8), (time - time[0] - rng.uniform(0, np.ptp(time))) / log_uniform(rng, 5, 100))
    return -np.log10((u * u + 2) / (u * np.sqrt(u * u + 4))), []


def constant(time, rng):
    return np.zeros(len(time)), []


MORE_STARS = {
    "RRAB, Blazhko": blazhko,
    "RRD": double_mode,
    "DSCT, many modes": many_modes,
    "Mira, uneven": mira,
    "SR": semiregular,
    "EB, light time": light_time,
    "EA, eccentric": eccentric,
    "EA, shallow second": shallow_secondary,
    "ELL": ellipsoidal,
    "transits": transits,
    "irregular": irregular,
    "red noise": red_noise,
    "R CrB": fading,
    "dwarf nova": outbursts,
    "lens": lens,
    "constant": constant,
}

# Phases wander: a period is right within 2 / span.
WANDERING_STARS = ("RRAB, Blazhko", "Mira, uneven", "SR", "EB, light time")
ORBITS = ("EA", "EB", "EW", "ELL")  # half of the period is right, too

# ---- complications --------------------------------------------------------------------------------------------


def survey_offset(star, rng):
    later = star.time > star.time[0] + rng.uniform(0.3, 0.7) * star.span
    star.mag[later] += rng.uniform(-0.5, 0.5) * star.size


def air_mass(star, rng):
    """The sky's extinction, which comes back every sidereal day: a period of its own."""
    angle = 2 * np.pi * (star.time / 0.99727 + rng.uniform())
    star.mag += rng.uniform(0.2, 1) * star.noise * np.cos(angle)
    star.truths.append(0.99727)


def faint_at_the_limit(star, rng):
    """Observations fainter than a limit are lost."""
    kept = star.mag < np.quantile(star.mag, rng.uniform(0.6, 0.95))
    if kept.sum() < 10:
        return
    for name in ("time", "mag", "error", "scatter"):
        setattr(star, name, getattr(star, name)[kept])


MORE_COMPLICATIONS = {
    "survey offset": survey_offset,
    "air mass": air_mass,
    "limit": faint_at_the_limit,
}
