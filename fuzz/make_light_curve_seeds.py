#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seeds of fuzz_light_curve: two bytes of choices, then times, fluxes and errors as doubles.

    fuzz/make_light_curve_seeds.py fuzz/corpus/light_curve

Each is a light curve of a kind that takes its own way through cleaning, features and tensor.
"""

import math
import random
import struct
import sys
from pathlib import Path

DAYS = 5.0  # fuzz_light_curve folds times into as many where bit 1 of the choices says so


def times(n: int, days: float = 30.0) -> list[float]:
    return sorted(random.uniform(0, days) for _ in range(n))


def eclipse(phase: float) -> float:
    return 4.0 if phase % 1 < 0.1 else 9.0 if abs(phase % 1 - 0.5) < 0.05 else 10.0


def seeds() -> dict[str, tuple[int, int, list[tuple[float, float, float]]]]:
    sine = [(t, 10 + 3 * math.sin(2 * math.pi * t / 3.3), 0.1) for t in times(32)]
    dips = [(t, eclipse(t / 2.7), 0.05) for t in times(32)]
    return {
        "sine": (0, 63, sine),
        "sine_forest": (64, 63, sine),
        "eclipses": (0, 40, dips),
        "eclipses_auxiliary_padding": (128, 69, dips[:20]),
        "harmonics": (0, 30, [(t, 5 + math.sin(t) + math.sin(2 * t + 1), 0.2) for t in times(24)]),
        "line": (0, 9, [(t, 1 + 0.1 * t, 0.01) for t in times(12)]),
        "folded": (1, 20, [(t + 2455000, 3 + (t * 7) % DAYS, 0.3) for t in times(16, 400)]),
        "constant": (0, 5, [(t, 2.0, 0.1) for t in times(8)]),
        "constant_mad_policy": (8, 5, [(t, 2.0, 0.1) for t in times(8)]),
        "one_outlier": (16, 5, [(t, 1e9 if i == 3 else 2.0 + i % 2, 0.1) for i, t in enumerate(times(9))]),
        "same_times": (0, 5, [(1.0, 2.0 + i, 0.1) for i in range(4)]),
        "repeated_times": (0, 9, [(float(i // 2), 2.0 + i % 3, 0.1) for i in range(10)]),
        "negative_fluxes": (0, 9, [(t, random.gauss(0, 1), 1.0) for t in times(10)]),
        "negative_errors": (4, 9, [(t, 1 + random.random(), -1.0) for t in times(10)]),
        "zero_errors": (32, 9, [(t, 1 + random.random(), 0.0) for t in times(10)]),
        "not_finite": (
            2,
            9,
            [(t, math.nan if i % 4 == 1 else t, math.inf if i == 2 else 0.1) for i, t in enumerate(times(12))],
        ),
        "tiny": (0, 9, [(t, 1e-300 * (i + 1), 1e-310) for i, t in enumerate(times(8))]),
        "huge": (0, 9, [(t, 1e300 * (i % 5 + 1), 1e290) for i, t in enumerate(times(8))]),
        "two_centuries": (0, 9, [(t, t % 3, 0.1) for t in times(10, 80000)]),
        "two": (0, 1, [(0.0, 1.0, 0.1), (1.0, 2.0, 0.1)]),
    }


def main() -> None:
    random.seed(1)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, (choices, steps, rows) in seeds().items():
        values = [value for row in rows for value in row]
        (folder / name).write_bytes(struct.pack(f"<BB{len(values)}d", choices, steps, *values))


if __name__ == "__main__":
    main()
