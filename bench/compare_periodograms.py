# SPDX-License-Identifier: MIT
"""Our periodogram beside nifty-ls, astropy and the light-curve package, in one interleaved run.

    python bench/compare_periodograms.py [BUILD_DIR] [--rounds N]

Needs numpy, astropy, nifty-ls and light-curve (`pip install astropy nifty-ls light-curve`); a package
that is missing is left out. Everything runs on one thread and on the same observations and grid.
Prints the best time of each (the least disturbed one) and the largest difference from astropy's
exact sums; versions and processor first.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402

SPAN, N, N_FREQUENCIES = 1500.0, 200, 200_000


def observations():
    rng = np.random.default_rng(1)
    t = np.sort(np.floor(rng.uniform(0, SPAN, N)) + 0.3 * rng.uniform(0, 1, N))
    angle = 2 * np.pi * t / 0.5678
    y = 14 + 0.4 * np.sin(angle) + 0.2 * np.sin(2 * angle) + rng.normal(0, 0.03, N)
    return t, y, rng.uniform(0.02, 0.05, N)


def competitors(t, y, dy, f0, df):
    """Name -> function returning the power; None where a package is missing."""
    table = {}
    try:
        import astropy
        from astropy.timeseries import LombScargle

        ls = LombScargle(t, y, dy)
        f = f0 + df * np.arange(N_FREQUENCIES)
        name = f"astropy {astropy.__version__}"
        table[f"{name} fast"] = lambda: ls.power(f, method="fast", assume_regular_frequency=True)
        table[f"{name} cython (exact)"] = lambda: ls.power(f, method="cython", assume_regular_frequency=True)
    except ImportError:
        print("astropy: not installed")
    try:
        import nifty_ls

        fmax = f0 + df * (N_FREQUENCIES - 1)
        table[f"nifty-ls {nifty_ls.__version__}"] = lambda: nifty_ls.lombscargle(
            t, y, dy, fmin=f0, fmax=fmax, Nf=N_FREQUENCIES, backend="finufft", nthreads=1
        ).power
    except ImportError:
        print("nifty-ls: not installed")
    try:
        import light_curve

        # Angular frequencies, no errors. Its fast form wants 2^k + 1 frequencies from zero: timed on
        # 2^18 + 1 of the same step and scaled to the count; its direct form takes our grid.
        name = f"light-curve {light_curve.__version__}"
        dyadic = 2 * np.pi * np.linspace(0.0, df * 2**18, 2**18 + 1)
        fast = light_curve.Periodogram(freqs=dyadic, fast=True)
        direct = light_curve.Periodogram(freqs=2 * np.pi * (f0 + df * np.arange(N_FREQUENCIES)), fast=False)
        table[f"{name} fast (scaled from 2^18 + 1)"] = lambda: fast.power(t, y)
        table[f"{name} direct"] = lambda: direct.power(t, y)
    except ImportError:
        print("light-curve: not installed")
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", default="build/release")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()

    t, y, dy = observations()
    f0, df = 1e-3, 1 / (5 * SPAN)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "observations.bin")
        np.stack([t, y, dy]).astype("<f8").tofile(path)
        program = os.path.join(options.build, "bin", "bench_periodogram_once")

        def ours(mode):
            out = os.path.join(folder, mode)
            text = subprocess.run([program, path, out, mode, repr(f0), repr(df), str(N_FREQUENCIES)],
                                  check=True, capture_output=True, text=True).stdout
            return float(text), np.fromfile(out, "<f8")

        print(f"{platform.processor() or platform.machine()}, one thread, N = {N}, {N_FREQUENCIES} frequencies, "
              f"best of {options.rounds} interleaved rounds, numpy {np.__version__}, Python {sys.version.split()[0]}")
        others = competitors(t, y, dy, f0, df)
        best, power = {}, {}
        for _ in range(options.rounds):
            for mode in ("f32", "f64", "f64-width14", "search"):
                seconds, power[f"astrom3 {mode}"] = ours(mode)
                best[f"astrom3 {mode}"] = min(seconds, best.get(f"astrom3 {mode}", np.inf))
            for name, function in others.items():
                start = time.perf_counter()
                power[name] = function()
                seconds = time.perf_counter() - start
                if "scaled" in name:
                    seconds *= N_FREQUENCIES / len(power[name])
                best[name] = min(seconds, best.get(name, np.inf))
    exact = next((p for name, p in power.items() if "cython" in name), None)
    reference = best["astrom3 f32"]
    print(f"{'':56}{'ms':>10}{'x astrom3 f32':>15}{'max |error|':>14}")
    for name, seconds in best.items():
        comparable = exact is not None and len(power[name]) == len(exact)
        error = f"{np.max(np.abs(power[name] - exact)):14.1e}" if comparable else f"{'':>14}"
        print(f"{name:56}{1e3 * seconds:10.2f}{seconds / reference:15.1f}{error}")


if __name__ == "__main__":
    main()
