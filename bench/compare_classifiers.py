#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Classes of real variable stars nobody trained on: AstroM3 embeddings beside random forests on classical features.

    compare_classifiers.py DATA [--model DIR]

DATA holds asas3_train.csv.gz, debosscher.csv.gz and their *_labels.csv (object_id, class). A star belongs to the
test set when the hash of its id says so, the rule of astrom3/holdout.h, which is that of `astrom3 train --holdout` and
`astrom3 evaluate --holdout`. DSCT with an amplitude above 0.15 mag are HADS.

    a  the head of the checkpoint (`astrom3 classify`)
    b  10 nearest neighbours by cosine on `mean` among the training stars
    c  logistic probe on `mean`: standardised, L2, fitted to the training stars; its penalty by 5 folds of them
    d  random forest, 500 trees, on the six scalars the encoder is given
    e  the same on the six scalars and the features of the light-curve package
    f  as e, without what depends on the survey and its brightness limits (mean magnitude, epochs, time span)

(a) to (c) need --model. Errors are those of 1000 bootstrap resamples of the test stars. What was computed from the
light curves is kept in --cache and used again.
"""

import argparse
import csv
import gzip
import hashlib
import json
import pathlib
import subprocess
import sys

import light_curve as licu
import numpy as np
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix, f1_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

CLASSES = ["DSCT", "EA", "EB", "EW", "HADS", "M", "ROT", "RRAB", "RRC", "SR"]
SCALARS = ["amplitude", "period", "lksl_statistic", "rfr_score", "log10_mad", "delta_t"]
TABLES = ["asas3_train", "debosscher"]
HADS_AMPLITUDE = 0.15
N_TREES = 500
N_BOOTSTRAP = 1000


def is_held_out(object_id, fraction):
    """The rule of astrom3/holdout.h."""
    return int.from_bytes(hashlib.sha256(object_id.encode()).digest()[:8], "big") / 2**64 < fraction


def read_rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def command(a, *words):
    line = [a.cli, *map(str, words), "--threads", str(a.threads), "--quiet"]
    print("+", *line, file=sys.stderr)
    code = subprocess.run(line, check=False).returncode
    if code not in (0, 3):  # 3: some objects were rejected; they are missing for every method alike
        sys.exit(f"{line[1]} ended with {code}")


def measured(a, name):
    """`astrom3 features` of a table, from the cache where it is there."""
    out = a.cache / f"{name}_features.csv"
    if not out.exists():
        command(a, "features", a.data / f"{name}.csv.gz", "--band", a.band, "-o", out)
    return out


def light_curves(path):
    """(object_id, t, mag, err) in the order of the table, sorted by time, equal times dropped."""
    def finish(star, rows):
        t, m, e = np.array(rows, dtype=float).T
        t, first = np.unique(t, return_index=True)
        return star, t, m[first], np.maximum(e[first], 1e-4)

    with gzip.open(path, "rt", newline="") as file:
        table = csv.reader(file)
        next(table)
        star, rows = None, []
        for object_id, *values in table:
            if object_id != star and rows:
                yield finish(star, rows)
                rows = []
            star = object_id
            rows.append(values[:3])
        yield finish(star, rows)


def classical_extractor():
    """Every feature of the package that describes a light curve in magnitudes. Left out: fits of supernova models,
    dm-dt maps, features of several bands, and those of transients' upper limits."""
    return licu.Extractor(
        licu.Amplitude(), licu.AndersonDarlingNormal(), licu.BeyondNStd(1), licu.BeyondNStd(2), licu.BiweightScale(),
        licu.Chi2Pvar(), licu.Cusum(), licu.Duration(), licu.Eta(), licu.EtaE(), licu.ExcessVariance(),
        licu.InterPercentileRange(0.02), licu.InterPercentileRange(0.1), licu.InterPercentileRange(0.25),
        licu.Kurtosis(), licu.LaflerKinmanStringLength(), licu.LinearFit(), licu.LinearTrend(),
        licu.MagnitudePercentageRatio(0.4, 0.05), licu.MagnitudePercentageRatio(0.2, 0.05), licu.MaximumSlope(),
        licu.MaximumTimeInterval(), licu.Mean(), licu.MeanVariance(), licu.Median(), licu.MedianAbsoluteDeviation(),
        licu.MedianBufferRangePercentage(0.1), licu.MedianBufferRangePercentage(0.2), licu.MinimumTimeInterval(),
        licu.ObservationCount(), licu.OtsuSplit(), licu.ParabolaFit(), licu.PercentAmplitude(),
        licu.PercentDifferenceMagnitudePercentile(0.05), licu.PercentDifferenceMagnitudePercentile(0.1), licu.QnScale(),
        licu.ReducedChi2(), licu.Roms(), licu.Skew(), licu.StandardDeviation(), licu.StetsonK(), licu.TimeMean(),
        licu.TimeStandardDeviation(), licu.WeightedMean(),
        licu.Periodogram(
            peaks=5, resolution=10.0, max_freq_factor=2.0, nyquist="average", fast=True,
            features=[licu.Amplitude(), licu.BeyondNStd(2), licu.BeyondNStd(3), licu.StandardDeviation(),
                      licu.InterPercentileRange(0.25), licu.PercentAmplitude()]))


OF_THE_SURVEY = ("mean", "median", "weighted_mean", "duration", "maximum_time_interval", "minimum_time_interval",
                 "observation_count", "time_mean", "time_standard_deviation", "linear_fit", "linear_trend", "parabola")


def classical(a, name):
    """{object_id: features of the light-curve package}, and their names."""
    path = a.cache / f"{name}_light_curve_{licu.__version__}.csv"
    if not path.exists():
        extractor = classical_extractor()
        with open(path.with_suffix(".tmp"), "w", newline="") as file:
            out = csv.writer(file)
            out.writerow(["object_id", *extractor.names])
            for star, t, m, e in light_curves(a.data / f"{name}.csv.gz"):
                out.writerow([star, *extractor(t - t[0], m, e, sorted=True, check=False, fill_value=np.nan)])
        path.with_suffix(".tmp").rename(path)
    with open(path, newline="") as file:
        header, *rows = csv.reader(file)
    return {row[0]: [float(v) for v in row[1:]] for row in rows}, header[1:]


class Stars:
    """Everything by star, in one order; `test` says which are held out."""

    def __init__(self, a):
        self.ids, self.labels, scalars, features = [], [], [], []
        self.n_without = 0
        for name in TABLES:
            label_of = {row["object_id"]: row["class"] for row in read_rows(a.data / f"{name}_labels.csv")}
            by_star, self.feature_names = classical(a, name)
            for row in read_rows(measured(a, name)):
                star, label = row["object_id"], label_of.get(row["object_id"])
                if row["status"] != "ok" or label is None:
                    self.n_without += 1
                    continue
                values = [float(row[key]) for key in SCALARS]
                self.ids.append(star)
                self.labels.append("HADS" if label == "DSCT" and values[0] > HADS_AMPLITUDE else label)
                scalars.append(values)
                features.append(by_star[star])
        self.labels = np.array(self.labels)
        self.scalars = np.array(scalars)
        self.features = np.array(features)
        self.test = np.array([is_held_out(star, a.holdout) for star in self.ids])


def scores(truth, predicted, n_bootstrap=N_BOOTSTRAP):
    """Accuracy and macro-F1 over the classes that occur, with bootstrap errors."""
    classes = [c for c in CLASSES if np.any(truth == c)]
    names = np.array(CLASSES + ["?"])
    index = {name: i for i, name in enumerate(names)}
    t = np.array([index[c] for c in truth])
    p = np.array([index.get(c, len(CLASSES)) for c in predicted])
    macro = f1_score(t, p, labels=[index[c] for c in classes], average="macro", zero_division=0)
    rng = np.random.default_rng(0)
    again = []
    for _ in range(n_bootstrap):
        pick = rng.integers(0, len(t), len(t))
        m = np.bincount(t[pick] * len(names) + p[pick], minlength=len(names) ** 2).reshape(len(names), -1)
        both = m.sum(0) + m.sum(1)
        present = m.sum(1) > 0  # a rare class may be missing from a resample
        f1 = np.where(present, 2 * np.diag(m) / np.maximum(both, 1), np.nan)
        again.append((np.trace(m) / len(t), np.nanmean(f1)))
    error = np.std(again, axis=0)
    f1 = f1_score(t, p, labels=[index[c] for c in classes], average=None, zero_division=0)
    return {"accuracy": float(np.mean(t == p)), "accuracy_error": float(error[0]), "macro_f1": float(macro),
            "macro_f1_error": float(error[1]), "f1": dict(zip(classes, map(float, f1))),
            "confusion": confusion_matrix(truth, predicted, labels=CLASSES).tolist()}


def forest(stars, x):
    """500 trees with scikit-learn's defaults. NaN (a feature that does not exist for a star) goes its own way."""
    model = RandomForestClassifier(n_estimators=N_TREES, random_state=0, n_jobs=1)
    x = np.clip(np.where(np.isinf(x), np.nan, x), -1e30, 1e30)
    model.fit(x[~stars.test], stars.labels[~stars.test])
    return model.predict(x[stars.test])


def embeddings(a, stars):
    """`mean` and the head's class by star, and the SHA-256 of the weights they come from."""
    mean, head = {}, {}
    for name in TABLES:
        catalog = ["--features", measured(a, name), "--band", a.band, "--model", a.model]
        data = a.data / f"{name}.csv.gz"
        for what, out in (("embed", a.work / f"{name}_embeddings.csv"), ("classify", a.work / f"{name}_classes.csv")):
            command(a, what, data, *catalog, "-o", out)
        for row in read_rows(a.work / f"{name}_embeddings.csv"):
            if row["status"] == "ok":
                mean[row["object_id"]] = [float(value) for key, value in row.items() if key[0] == "e" and key[1:].isdigit()]
        for row in read_rows(a.work / f"{name}_classes.csv"):
            head[row["object_id"]] = row["class"] or "?"
    missing = [star for star in stars.ids if star not in mean]
    if missing:
        sys.exit(f"{len(missing)} stars with features have no embedding, the first is {missing[0]}")
    identity = json.loads((a.work / f"{name}_embeddings.meta.json").read_text())
    return (np.array([mean[star] for star in stars.ids]), np.array([head[star] for star in stars.ids]),
            identity["model_sha256"])


def probe(x, y):
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000))
    grid = {"logisticregression__C": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]}
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return GridSearchCV(model, grid, scoring="f1_macro", cv=folds, n_jobs=1).fit(x, y)


def run(a):
    stars = Stars(a)
    truth = stars.labels[stars.test]
    report = {"sklearn": sklearn.__version__, "light_curve": licu.__version__, "holdout": a.holdout,
              "n_train": int((~stars.test).sum()), "n_test": int(stars.test.sum()), "left_out": stars.n_without,
              "test_classes": {c: int(np.sum(truth == c)) for c in CLASSES}, "methods": {}}
    if a.model:
        x, head, report["model_sha256"] = embeddings(a, stars)
        train, test = x[~stars.test], x[stars.test]
        labels = stars.labels[~stars.test]
        report["methods"]["a head"] = scores(truth, head[stars.test])
        knn = KNeighborsClassifier(10, metric="cosine").fit(train, labels)
        report["methods"]["b 10-NN on mean"] = scores(truth, knn.predict(test))
        logistic = probe(train, labels)
        report["methods"]["c logistic probe on mean"] = scores(truth, logistic.predict(test))
        report["probe_C"] = logistic.best_params_["logisticregression__C"]
    everything = np.hstack([stars.scalars, stars.features])
    kept = [True] * len(SCALARS) + [not name.startswith(OF_THE_SURVEY) for name in stars.feature_names]
    for name, values in ((f"d forest, {len(SCALARS)} scalars", stars.scalars),
                         (f"e forest, + {len(stars.feature_names)} light-curve features", everything),
                         (f"f forest, e without {len(kept) - sum(kept)} of the survey's", everything[:, kept])):
        report["methods"][name] = scores(truth, forest(stars, values))
    return report


def text(report):
    lines = [f"{report['n_train']} training stars, {report['n_test']} test stars, {report['left_out']} left out; "
             f"scikit-learn {report['sklearn']}, light-curve {report['light_curve']}", "",
             f"{'':42}  accuracy        macro-F1"]
    for name, s in report["methods"].items():
        lines.append(f"{name:42}  {s['accuracy']:.4f}±{s['accuracy_error']:.4f}  {s['macro_f1']:.4f}±{s['macro_f1_error']:.4f}")
    present = [c for c in CLASSES if report["test_classes"][c]]
    lines += ["", "F1 by class (test stars)", " " * 42 + "".join(f"{c:>7}" for c in present),
              " " * 42 + "".join(f"{report['test_classes'][c]:>7}" for c in present)]
    for name, s in report["methods"].items():
        lines.append(f"{name:42}" + "".join(f"{s['f1'][c]:7.3f}" for c in present))
    for name, s in report["methods"].items():
        lines += ["", f"confusion of {name} (rows: truth)", " " * 6 + "".join(f"{c:>6}" for c in CLASSES)]
        lines += [f"{c:6}" + "".join(f"{n:6}" for n in row) for c, row in zip(CLASSES, s["confusion"]) if sum(row)]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path, help="the folder with the light curves and labels")
    parser.add_argument("--model", help="a checkpoint; without it only the forests")
    parser.add_argument("--cli", default="build/release/bin/astrom3", help="the astrom3 command")
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path("build/compare_classifiers"),
                        help="where features are kept (they do not depend on the checkpoint)")
    parser.add_argument("--work", type=pathlib.Path, help="where embeddings and classes go (default: --cache)")
    parser.add_argument("--band", default="V", help="band of the light curves: sets the zero point of log10_mad")
    parser.add_argument("--holdout", type=float, default=0.15, help="share of the stars in the test set")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("-o", type=pathlib.Path, help="OUT.json: everything as JSON")
    a = parser.parse_args()
    a.work = a.work or a.cache
    a.cache.mkdir(parents=True, exist_ok=True)
    a.work.mkdir(parents=True, exist_ok=True)
    with threadpool_limits(1):  # the probe's matrices are small: BLAS threads would wait for each other
        report = run(a)
    sys.stdout.write(text(report))
    if a.o:
        a.o.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
