# SPDX-License-Identifier: MIT
"""Our period statistics beside the packages of PyPI, in one interleaved run.

    python bench/compare_period_statistics.py [BUILD_DIR] [--rounds N] [--also PYTHON]...

Ours is the Python package of this tree. A rival is run by the Python that has it: this one, and those named with
--also (packages that want other versions of NumPy, or of Python). Everything runs on one thread, in processes that
stay, in turn; what is printed is the least processor time of a call in microseconds for each frequency, which other
work on the machine disturbs less than the time that passes. Packages that nobody has are left out.

tools/constraints-bench-periods.txt says how to install them. Packages: astropy (Lomb-Scargle of 3 terms, BoxLeastSquares), P4J, Py-PDM, PyAstronomy, periodfind-cpu,
transitleastsquares.
"""

import argparse
import os
import pathlib
import platform
import subprocess
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402

ROOT = pathlib.Path(__file__).parents[1]
SIZES = (200, 4000)
TERMS, BINS, VALUE_BINS = 3, 10, 5
DURATIONS = (0.1, 0.2)  # of the box, days
BOX_FREQUENCIES = np.linspace(0.05, 2, 4000)  # the same for all: long periods have more bins
FIRST, STEP = 0.05, 1 / 7500.0


def star(n):
    rng = np.random.default_rng(1)
    t = np.sort(np.floor(rng.uniform(0, 1500, n)) + 0.4 * rng.uniform(0, 1, n))
    y = 14 + 0.3 * np.sin(2 * np.pi * t / 0.61) + rng.normal(0, 0.03, n)
    return t, y, np.full(n, 0.03)


def transit():
    """Half-hourly observations of 20 d, a depth of 1 %, for the packages that search for planets."""
    rng = np.random.default_rng(2)
    t = np.arange(0, 20, 1 / 48) + 0.001
    flux = 1 - 0.01 * ((t % 2.3) < 0.1) + rng.normal(0, 0.001, len(t))
    return t, flux, np.full(len(t), 0.001)


TRANSIT, TRANSIT_DURATIONS = "bls, 20 d", (0.08, 0.12, 0.16)
TRANSIT_FREQUENCIES = np.linspace(1 / 3, 1, 4000)


def grid(count):
    return FIRST + STEP * np.arange(count)


def ours(n):
    """{case: (name, frequencies, call)}"""
    sys.path.insert(0, str(ROOT / "python"))
    import astrom3

    t, y, e = star(n)
    count = 20_000 if n < 1000 else 5_000

    def call(**options):
        return lambda: astrom3.periodogram(t, y, e, minimum=FIRST, step=STEP, count=count, **options)

    name = f"astrom3 {astrom3.__version__}"
    return {
        "gls, 3 terms": (name, count, call(method="gls", terms=TERMS)),
        "aov, 3 terms": (name, count, call(method="aov", terms=TERMS)),
        "bls": (name, len(BOX_FREQUENCIES), lambda: astrom3.periodogram(
            t, y, e, frequencies=BOX_FREQUENCIES, method="bls", durations=DURATIONS)),
        "pdm": (name, count, call(method="pdm", phase_bins=BINS)),
        "ce": (name, count, call(method="ce", phase_bins=BINS, value_bins=VALUE_BINS)),
        "string_length": (name, count, call(method="string_length")),
    } | ({} if n < 1000 else {TRANSIT: (name, len(TRANSIT_FREQUENCIES), lambda: astrom3.periodogram(
        *transit(), frequencies=TRANSIT_FREQUENCIES, method="bls", durations=TRANSIT_DURATIONS))})


def of_astropy(n):
    import astropy
    from astropy.timeseries import BoxLeastSquares, LombScargle

    t, y, e = star(n)
    f = grid(500)
    ls, bls = LombScargle(t, y, e, nterms=TERMS), BoxLeastSquares(t, y, e)
    name = f"astropy {astropy.__version__}"
    return {
        "gls, 3 terms": (f"{name} fastchi2", len(f),
                         lambda: ls.power(f, method="fastchi2", assume_regular_frequency=True)),
        "bls": (name, len(BOX_FREQUENCIES), lambda: bls.power(1 / BOX_FREQUENCIES, DURATIONS)),
    } | ({} if n < 1000 else {TRANSIT: (name, len(TRANSIT_FREQUENCIES), lambda: BoxLeastSquares(*transit()).power(
        1 / TRANSIT_FREQUENCIES, TRANSIT_DURATIONS))})


def of_p4j(n):
    import P4J

    t, y, e = (a.astype("f4") for a in star(n))
    count = 500

    def call(method):
        model = P4J.periodogram(method=method, n_jobs=1)
        model.set_data(t, y, e)
        return lambda: model.frequency_grid_evaluation(fmin=FIRST, fmax=FIRST + count * STEP, fresolution=STEP)

    return {"aov, 3 terms": ("P4J MHAOV (1 term)", count, call("MHAOV")), "pdm": ("P4J PDM1", count, call("PDM1"))}


def of_py_pdm(n):
    from pdmpy import pdm

    t, y, _ = star(n)
    count = 500
    return {"pdm": ("Py-PDM", count,
                    lambda: pdm(t, y, f_min=FIRST, f_max=FIRST + count * STEP, delf=STEP, nbin=BINS))}


def of_pyastronomy(n):
    from PyAstronomy.pyTiming import pyPDM

    t, y, _ = star(n)
    count = 100
    model = pyPDM.PyPDM(t, y)
    return {"pdm": ("PyAstronomy", count, lambda: model.pdmEquiBin(
        BINS, pyPDM.Scanner(minVal=FIRST, maxVal=FIRST + count * STEP, dVal=STEP, mode="frequency")))}


def of_periodfind(n):
    import periodfind_cpu as p

    t, y, e = (a.astype("f4") for a in star(n))
    shares = ((y - y.min()) / (y.max() - y.min()) * 0.999).astype("f4")
    f, none = grid(2000), np.zeros(1, "f4")
    periods = (1 / f).astype("f4")
    return {
        "ce": ("periodfind-cpu (float32)", len(f),
               lambda: p.calc_ce_batched([t], [shares], periods, none, BINS, VALUE_BINS, 1, 1)),
        "bls": ("periodfind-cpu (float32, 50 bins)", len(f),
                lambda: p.calc_bls_batched([t], [y], [e], periods, none, 50, 0.01, 0.1)),
    }


def of_tls(n):
    import contextlib
    import io

    import transitleastsquares as tls

    if n < 1000:
        return {}
    t, flux, error = transit()
    model = tls.transitleastsquares(t, flux, error, verbose=False)
    searched = {}

    def call(longest=1.5):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            result = model.power(use_threads=1, period_min=1, period_max=longest, oversampling_factor=1,
                                 show_progress_bar=False)
        searched["count"] = len(result.periods)

    call()  # compiles
    return {TRANSIT: ("transitleastsquares, of its own grid", searched["count"], call)}


SOURCES = {"ours": ours, "astropy": of_astropy, "p4j": of_p4j, "py_pdm": of_py_pdm, "pyastronomy": of_pyastronomy,
           "periodfind": of_periodfind, "tls": of_tls}


def work(source):
    """Answers "N CASE" with the microseconds for each frequency; first of all, what there is."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # packages print
    cases = {}
    for n in SIZES:
        try:
            cases.update({(n, case): value for case, value in SOURCES[source](n).items()})
        except ImportError:
            break
    for (n, case), (name, _, _) in cases.items():
        print(f"{n}\t{case}\t{name}", file=out)
    print("", file=out, flush=True)
    for line in sys.stdin:
        n, case = line.rstrip("\n").split("\t")
        _, count, call = cases[int(n), case]
        start = time.process_time()
        call()
        print(f"{1e6 * (time.process_time() - start) / count}", file=out, flush=True)


class Worker:
    def __init__(self, python, source):
        self.process = subprocess.Popen([python, __file__, "--work", source], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.names = {}
        while (line := self.process.stdout.readline().rstrip("\n")):
            n, case, name = line.split("\t")
            self.names[int(n), case] = name

    def ask(self, n, case):
        self.process.stdin.write(f"{n}\t{case}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", default="build/release")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--also", action="append", default=[])
    parser.add_argument("--work")
    options = parser.parse_args()
    if options.work:
        work(options.work)
        return
    os.environ["ASTROM3_LIBRARY"] = str(pathlib.Path(options.build, "lib", "libastrom3_c.so").resolve())
    workers = [Worker(sys.executable, "ours")]
    for source in list(SOURCES)[1:]:
        for python in (sys.executable, *options.also):
            worker = Worker(python, source)
            if worker.names:
                workers.append(worker)
                break
        else:
            print(f"{source}: not installed")
    best = {}
    for _ in range(options.rounds):
        for i, worker in enumerate(workers):
            for key in worker.names:
                best[i, key] = min(worker.ask(*key), best.get((i, key), np.inf))
    print(f"{platform.processor() or platform.machine()}, one thread, processor time, best of {options.rounds} "
          f"interleaved rounds, Python {sys.version.split()[0]}")
    print(f"{'':16}{'N':>6}  {'':52}{'us / frequency':>15}{'x ours':>9}")
    for key in workers[0].names:
        for i, worker in enumerate(workers):
            if key in worker.names:
                seconds = best[i, key]
                print(f"{key[1]:16}{key[0]:6}  {worker.names[key]:52}{seconds:15.3f}{seconds / best[0, key]:9.1f}")
    for worker in workers:
        worker.process.stdin.close()
        worker.process.wait()


if __name__ == "__main__":
    main()
