# SPDX-License-Identifier: MIT
"""Light curves to embeddings in Python: `model.many` beside one call a light curve by the means there are.

    .venv-bench/bin/python bench/compare_python.py [BUILD_DIR] [--data DIR] [--first N] [--count N] [--threads N]

10,000 light curves: the ASAS-3 and Debosscher stars of DIR, and again from the start; without DIR, synthetic ones. Chunks
of 250 go to every contender in turn, and the table is made of medians over the chunks:

* `model.many`, features measured; and with features given, which is what the others get;
* ONNX Runtime, the file that `astrom3 export` writes, one light curve a call, prepared in NumPy;
* the same file as a model of `light_curve.embed` (a subclass of its SingleBandModel, its reduction). The weights of its
  own models are downloads and not part of the wheel, so this measures its machinery with our network.

Then what a call of `model(...)` adds to the engine's own time for the same light curve.
"""

import argparse
import csv
import ctypes
import gzip
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from turns import processor_name

HERE = Path(__file__).resolve().parent
FEATURES = {"amplitude": 0.4, "period": 0.7, "lksl_statistic": 0.3, "rfr_score": 0.6}


def read_table(path):
    """The light curves of a long table (object_id, time, mag, mag_err), grouped by id."""
    groups = {}
    with gzip.open(path, "rt", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for row in rows:
            groups.setdefault(row[0], []).append((float(row[1]), float(row[2]), float(row[3])))
    return [tuple(np.array(rows).T.copy()) for rows in groups.values()]


def light_curves(folder):
    found = []
    for name in ("asas3_train.csv.gz", "debosscher.csv.gz"):
        if folder is not None and (folder / name).is_file():
            found += read_table(folder / name)
    if not found:
        rng = np.random.default_rng(1)
        for n in rng.integers(50, 301, 2000):
            t = np.sort(rng.uniform(0, 3000, n))
            found.append((t, 12 + 0.3 * np.sin(2 * np.pi * t / rng.uniform(0.1, 20)) + 0.02 * rng.normal(size=n), np.full(n, 0.02)))
    return found, len(found)


def prepare(time_, mag, mag_err, n_steps=200):
    """x_enc (1, T, 9) and mask (1, T) as a user of ONNX Runtime would write it."""
    flux = 3836300.0 * 10 ** (-0.4 * mag)
    error = 0.4 * np.log(10) * flux * mag_err
    order = np.argsort(time_, kind="stable")
    t, f, e = time_[order], flux[order], error[order]
    mad = np.median(np.abs(f - np.median(f)))
    rows = np.empty((len(t), 9))
    rows[:, 0] = (t - t[0]) / (t[-1] - t[0])
    rows[:, 1] = (f - f.mean()) / mad
    rows[:, 2] = e / mad
    rows[:, 3:7] = list(FEATURES.values())
    rows[:, 7] = np.log10(mad)
    rows[:, 8] = (t[-1] - t[0]) / 365
    first = max(0, (len(t) - n_steps) // 2)
    rows = rows[first : first + n_steps]
    x_enc = np.zeros((1, n_steps, 9), np.float32)
    mask = np.zeros((1, n_steps), np.float32)
    x_enc[0, : len(rows)] = rows
    mask[0, : len(rows)] = 1
    return x_enc, mask


def session_of(onnx_file, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(onnx_file, options, providers=["CPUExecutionProvider"])


def embed_model(session):
    """Our file behind the interface of light_curve.embed."""
    import dataclasses

    from light_curve.embed import SingleBandModel
    from light_curve.embed.input_tensors import InputTensors

    @dataclasses.dataclass
    class Inputs(InputTensors):
        x_enc: np.ndarray = dataclasses.field(kw_only=True)
        mask: np.ndarray = dataclasses.field(kw_only=True)

    class Model(SingleBandModel):
        seq_size = 200

        def __call__(self, time_, mag, mag_err, band=None):
            return super().__call__(time_, mag, mag_err, band=band)

        def preprocess_lc(self, time_, mag, mag_err):
            time_, mag, mag_err, mask = self.reduction.preprocess_lc(time_, mag, mag_err, seq_size=self.seq_size)
            parts = [prepare(t[m], y[m], e[m]) for t, y, e, m in zip(time_, mag, mag_err, mask)]
            x_enc, weights = (np.concatenate(part) for part in zip(*parts))
            return Inputs(x_enc=x_enc, mask=weights, bool_mask=mask)

        def predict_tensors(self, tensors):
            (mean,) = self.session.run(["mean"], tensors.asdict())
            return self.reduction.reduce_embeddings(mean[:, np.newaxis], tensors, output="mean")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Model(session, reduction="middle")


def call_overhead(model, curve, rounds=400):
    """Median of a call less the median of the engine's part of it, in microseconds, taken in turn."""
    from astrom3 import _engine, _library, _selection, _tables

    given = dict(FEATURES)
    selection = _selection.Selection(mag=True, band="V")
    table = _tables.single_table(*curve, selection, model.options)
    out = np.empty((1, model.width), np.float32)
    message = ctypes.create_string_buffer(512)
    output = _engine.Request(mean=out).struct(message)
    options = model._embed_options(1, given, 1, [])
    calls, engine = [], []
    for _ in range(rounds):
        begin = time.perf_counter()
        model(*curve, mag=True, band="V", **given)
        middle = time.perf_counter()
        _library.lib.astrom3_embed(model._model.handle, table.handle, ctypes.byref(options), ctypes.byref(output))
        calls.append(middle - begin)
        engine.append(time.perf_counter() - middle)
    return 1e6 * (statistics.median(calls) - statistics.median(engine)), 1e6 * statistics.median(engine)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", type=Path, default=Path("build/release"))
    parser.add_argument("--data", type=Path, default=HERE.parents[1] / "shared" / "data")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--chunk", type=int, default=250)
    options = parser.parse_args()
    os.environ["ASTROM3_LIBRARY"] = str((options.build / "lib" / "libastrom3_c.so").resolve())
    sys.path.insert(0, str(HERE.parent / "python"))
    import astrom3

    found, distinct = light_curves(options.data if options.data.is_dir() else None)
    curves = [found[i % distinct] for i in range(options.first, options.first + options.count)]
    with tempfile.TemporaryDirectory() as folder:
        checkpoint, onnx_file = Path(folder, "checkpoint"), Path(folder, "astrom3.onnx")
        command = options.build / "bin" / "astrom3"
        subprocess.run([command, "init", "--seed", "1", "-o", checkpoint, "-q"], check=True)
        subprocess.run([command, "export", "--model", checkpoint, "--no-card", "-o", onnx_file, "-q"], check=True)
        model = astrom3.AstroM3(checkpoint, n_threads=options.threads, scaling="none")
        session = session_of(str(onnx_file), options.threads)
        theirs = embed_model(session)
        how = {"mag": True, "band": "V"}
        contenders = {
            "`model.many`, features measured": lambda part: model.many(part, **how),
            "`model.many`, features given": lambda part: model.many(part, features=FEATURES, **how),
            "ONNX Runtime, one a call": lambda part: [session.run(["mean"], dict(zip(("x_enc", "mask"), prepare(*c)))) for c in part],
            "`light_curve.embed`'s machinery, one a call": lambda part: [theirs(*c) for c in part],
        }
        usable = [c for c in curves[:50] if np.isfinite(model.many([c], features=FEATURES, **how)).all() and len(c[0]) <= 200]
        for c in usable[:5]:  # the three compute the same
            ours = model.many([c], features=FEATURES, **how)[0]
            assert np.allclose(session.run(["mean"], dict(zip(("x_enc", "mask"), prepare(*c))))[0][0], ours, atol=1e-3)
            assert np.allclose(theirs(*c)[0, 0, 0], ours, atol=1e-3)
        rates = {name: [] for name in contenders}
        total = dict.fromkeys(contenders, 0.0)
        with np.errstate(all="ignore"):
            for first in range(0, len(curves), options.chunk):
                part = curves[first : first + options.chunk]
                for name, run in contenders.items():
                    begin = time.perf_counter()
                    run(part)
                    seconds = time.perf_counter() - begin
                    rates[name].append(len(part) / seconds)
                    total[name] += seconds
        import light_curve
        import onnxruntime

        print(f"{processor_name()}, {model._model.isa}, {options.threads} threads; light curves {options.first} to "
              f"{options.first + options.count} of {distinct} distinct ones; ONNX Runtime {onnxruntime.__version__}, "
              f"light-curve {light_curve.__version__}\n")
        print("| | light curves a second | seconds for all | `many`, features given, is faster by |\n|---|---|---|---|")
        base = statistics.median(rates["`model.many`, features given"])
        for name, each in rates.items():
            rate = statistics.median(each)
            print(f"| {name} | {rate:.0f} | {total[name]:.1f} | {base / rate:.2f} |")
        overhead, engine = call_overhead(model, max(usable, key=lambda c: len(c[0])))
        print(f"\nA call of `model(...)` adds {overhead:.0f} µs to the {engine:.0f} µs of the engine.")


if __name__ == "__main__":
    main()
