#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Classes of real variable stars of four surveys that nobody trained on: AstroM3 embeddings beside boosted trees.

    compare_classifiers.py DATA [--model DIR] [-o OUT.json]

DATA holds the light curves and labels that tools/make_star_labels.py names; that program decides classes and split, as
in `make train`. A class such as EW|EB means: one of these. A star counts as right when its predicted class is one of
them, and for F1 as a star of the predicted class then, else of the first.

    a  the head of the checkpoint (`astrom3 classify`)
    b  10 nearest neighbours by cosine on `mean` among the training stars
    c  logistic probe on `mean`: standardised, L2, fitted to the training stars; its penalty by the validation stars
    d  gradient-boosted trees (scikit-learn's HistGradientBoostingClassifier) on the six scalars the encoder is given
    e  the same on the six scalars and the features of the light-curve package
    f  the mean of the probabilities of (a) and (e)

(a), (b), (c) and (f) need --model. The trees are tuned on the validation stars (GRID, by log-loss). To learn, a star of
several classes stands with each of them, at an equal part of its weight. Each method is scored on the test stars of
each survey, and

    + 4 mag    on the same stars, four magnitudes fainter
    50 obs.    on the same stars, of which 50 observations are left, drawn at random

and the head on RR Lyrae of SDSS Stripe 82, where DATA has s82_rrlyrae.

Errors are those of 1000 bootstrap resamples of the stars; McNemar's test is exact, between (a) and (e). What was
computed from the light curves is kept in --cache and used again.
"""

import argparse
import csv
import gzip
import hashlib
import json
import pathlib
import subprocess
import sys

import joblib
import numpy as np
import sklearn
from classical_features import LIGHT_CURVE_VERSION, classical_extractor, light_curves
from scipy.stats import binomtest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from star_tables import FAINTER_MAG, FEW, TABLES, stars_of
from threadpoolctl import threadpool_limits

ROOT = pathlib.Path(__file__).resolve().parent.parent
CLASSES = ["DSCT", "EA", "EB", "EW", "HADS", "M", "ROT", "RRAB", "RRC", "SR"]
SCALARS = ["amplitude", "period", "lksl_statistic", "rfr_score", "log10_mad", "delta_t"]
# Catalina does not tell EW from EB, nor M from SR; DSCT and HADS are one family.
FAMILY = {"EW": "EW|EB", "EB": "EW|EB", "M": "M|SR", "SR": "M|SR", "DSCT": "DSCT|HADS", "HADS": "DSCT|HADS"}
N_BOOTSTRAP = 1000
GRID = [
    {"learning_rate": rate, "max_leaf_nodes": leaves, "l2_regularization": 1.0}
    for rate, leaves in ((0.1, 15), (0.05, 31))
]


def read_rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def command(a, *words):
    line = [a.cli, *map(str, words), "--threads", str(a.threads), "--quiet"]
    print("+", *line, file=sys.stderr)
    code = subprocess.run(line, check=False).returncode
    if code not in (0, 3):  # 3: some objects were rejected; they are missing for every method alike
        sys.exit(f"{line[1]} ended with {code}")


def measured(a, name, kind):
    """`astrom3 features` of a table, from the cache where it is there."""
    out = a.cache / f"{name}_{kind}_features.csv"
    if not out.exists():
        command(a, "features", a.tables[name, kind], "--band", a.band, "-o", out)
    return out


def classical(a, name, kind):
    """{object_id: features of the light-curve package}, and their names."""
    path = a.cache / f"{name}_{kind}_light_curve_{LIGHT_CURVE_VERSION}.csv"
    if not path.exists():
        extractor = classical_extractor()
        with open(path.with_suffix(".tmp"), "w", newline="") as file:
            out = csv.writer(file)
            out.writerow(["object_id", *extractor.names])
            for star, t, m, e in light_curves(a.tables[name, kind]):
                out.writerow([star, *extractor(t - t[0], m, e, sorted=True, check=False, fill_value=np.nan)])
        path.with_suffix(".tmp").rename(path)
    with open(path, newline="") as file:
        header, *rows = csv.reader(file)
    return {row[0]: [float(v) for v in row[1:]] for row in rows}, header[1:]


KINDS = ("learn", "test", "fainter", "few")


def write_tables(a):
    """Of each survey the stars that are learnt from and validated on, the test stars, and two variants of these."""
    a.tables = {(name, kind): a.cache / f"{name}_{kind}.csv.gz" for name in TABLES for kind in KINDS}
    for name in TABLES:
        if all(a.tables[name, kind].exists() for kind in KINDS):
            continue
        files = {kind: gzip.open(a.tables[name, kind], "wt", 1, newline="") for kind in KINDS}
        out = {kind: csv.writer(file) for kind, file in files.items()}
        for writer in out.values():
            writer.writerow(["object_id", "hjd", "mag", "mag_err"])
        for star, rows in stars_of(a.data / f"{name}.csv.gz"):
            if star not in a.labels:
                continue
            if a.split[star] != "test":
                out["learn"].writerows([star, *row] for row in rows)
                continue
            out["test"].writerows([star, *row] for row in rows)
            out["fainter"].writerows([star, t, f"{float(m) + FAINTER_MAG:.4f}", e] for t, m, e in rows)
            rng = np.random.default_rng(int.from_bytes(hashlib.sha256(star.encode()).digest()[:8], "big"))
            picked = sorted(rng.permutation(len(rows))[:FEW])
            out["few"].writerows([star, *rows[i]] for i in picked)
        for file in files.values():
            file.close()


class Stars:
    """The stars of one kind of table, in one order."""

    def __init__(self, a, kind):
        self.ids, self.labels, self.survey, scalars, features = [], [], [], [], []
        for name in TABLES:
            by_star, self.feature_names = classical(a, name, kind)
            for row in read_rows(measured(a, name, kind)):
                star = row["object_id"]
                if row["status"] == "ok":
                    self.ids.append(star)
                    self.labels.append(a.labels[star])
                    self.survey.append(name)
                    scalars.append([float(row[key]) for key in SCALARS])
                    features.append(by_star[star])
        self.labels, self.survey = np.array(self.labels), np.array(self.survey)
        self.scalars = np.array(scalars)
        everything = np.hstack([self.scalars, np.array(features)])
        self.everything = np.clip(np.where(np.isinf(everything), np.nan, everything), -1e30, 1e30)
        part = np.array([a.split[star] for star in self.ids])
        self.train, self.validation = part == "train", part == "validation"


def weighted(labels):
    """Row, class and weight: a star of several classes stands with each of them."""
    sets = [label.split("|") for label in labels]
    rows = np.repeat(np.arange(len(sets)), [len(s) for s in sets])
    return rows, np.array([c for s in sets for c in s]), np.array([1 / len(s) for s in sets for _ in s])


def resolved(labels, predicted):
    """The class each star counts as: the predicted one where its label allows that, else the first."""
    return np.array([p if p in label.split("|") else label.split("|")[0] for label, p in zip(labels, predicted)])


def f1_by_class(matrix):
    both = matrix.sum(0) + matrix.sum(1)
    return np.where(matrix.sum(1) > 0, 2 * np.diag(matrix) / np.maximum(both, 1), np.nan)


def calibration_error(confidence, right, n_bins=15):
    """Expected, in bins of equal width (Guo et al. 2017)."""
    bins = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    gaps = [abs(confidence[bins == b].sum() - right[bins == b].sum()) for b in range(n_bins)]
    return float(sum(gaps) / len(right))


def scores(labels, probabilities):
    """Of some stars: [n] labels, [n, 10] probabilities."""
    predicted = np.array(CLASSES)[probabilities.argmax(1)]
    truth = resolved(labels, predicted)
    right = truth == predicted
    index = {name: i for i, name in enumerate(CLASSES)}
    pairs = np.array([index[t] * len(CLASSES) + index[p] for t, p in zip(truth, predicted)])

    def figures(pick):
        m = np.bincount(pairs[pick], minlength=len(CLASSES) ** 2).reshape(len(CLASSES), -1)
        return np.trace(m) / m.sum(), np.nanmean(f1_by_class(m)), m

    accuracy, macro, matrix = figures(np.arange(len(pairs)))
    rng = np.random.default_rng(0)
    error = np.std([figures(rng.integers(0, len(pairs), len(pairs)))[:2] for _ in range(N_BOOTSTRAP)], axis=0)
    f1 = f1_by_class(matrix)
    family = np.array(["|".join(sorted({FAMILY.get(c, c) for c in label.split("|")})) for label in labels])
    in_family = np.array([FAMILY.get(p, p) == f for p, f in zip(predicted, family)])
    recall = {
        f: float(in_family[family == f].mean()) for f in sorted(set(family)) if f in FAMILY.values() or f in CLASSES
    }
    rows = {
        label: [int(np.sum((labels == label) & (predicted == c))) for c in CLASSES] for label in sorted(set(labels))
    }
    return {
        "n": len(labels),
        "accuracy": float(accuracy),
        "accuracy_error": float(error[0]),
        "macro_f1": float(macro),
        "macro_f1_error": float(error[1]),
        "calibration_error": calibration_error(probabilities.max(1), right),
        "f1": {c: float(v) for c, v in zip(CLASSES, f1) if np.isfinite(v)},
        "family_recall": recall,
        "balanced_families": float(np.mean(list(recall.values()))),
        "confusion": rows,
    }


def in_order(model, probabilities):
    """The columns of a scikit-learn model in the order of CLASSES."""
    out = np.zeros((len(probabilities), len(CLASSES)))
    for column, name in enumerate(model.classes_):
        out[:, CLASSES.index(name)] = probabilities[:, column]
    return out


def chosen(candidates, x, stars):
    """The model of `candidates` with the smallest log-loss on the validation stars, fitted to the training stars."""
    rows, kinds, weight = weighted(stars.labels[stars.train])
    v_rows, v_kinds, v_weight = weighted(stars.labels[stars.validation])
    best = None
    for words, fit in candidates:
        model = fit(x[stars.train][rows], kinds, weight)
        p = in_order(model, model.predict_proba(x[stars.validation]))
        loss = log_loss(v_kinds, np.maximum(p[v_rows], 1e-9), labels=CLASSES, sample_weight=v_weight)
        if best is None or loss < best[0]:
            best = loss, words, model
    return best[2], best[1]


def trees(x, stars):
    def fit(options):
        return lambda x, y, w: HistGradientBoostingClassifier(
            random_state=0, max_iter=300, early_stopping=True, n_iter_no_change=15, **options
        ).fit(x, y, w)

    return chosen([(options, fit(options)) for options in GRID], x, stars)


def probe(x, stars):
    def fit(c):
        model = make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=3000))
        return lambda x, y, w: model.fit(x, y, logisticregression__sample_weight=w)

    return chosen([(c, fit(c)) for c in (0.01, 0.1, 1.0)], x, stars)


def neighbours(x, stars):
    rows, kinds, _ = weighted(stars.labels[stars.train])
    return KNeighborsClassifier(10, metric="cosine").fit(x[stars.train][rows], kinds)


def is_of(out, weights):
    """Whether `out` is there and was made with these weights."""
    meta = out.with_suffix(".meta.json")
    return out.exists() and meta.exists() and json.loads(meta.read_text()).get("model_sha256") == weights


def of_checkpoint(a, what, stars, kind):
    """By star, `mean` [n, D] (embed) or the head's probabilities [n, 10] (classify), and the SHA-256 of the weights."""
    found = {}
    weights = hashlib.sha256((pathlib.Path(a.model) / "model.safetensors").read_bytes()).hexdigest()
    for name in TABLES:
        out = a.work / f"{name}_{kind}_{what}.csv"
        if not is_of(out, weights):
            catalog = ("--features", measured(a, name, kind), "--band", a.band)
            command(a, what, a.tables[name, kind], *catalog, "--model", a.model, "-o", out)
        for row in read_rows(out):
            columns = (
                [f"p_{c}" for c in CLASSES]
                if what == "classify"
                else [k for k in row if k[0] == "e" and k[1:].isdigit()]
            )
            if row["status"] == "ok":
                found[row["object_id"]] = [float(row[key]) for key in columns]
    missing = [star for star in stars.ids if star not in found]
    if missing:
        sys.exit(f"{len(missing)} stars with features cannot be embedded, the first is {missing[0]}")
    return np.array([found[star] for star in stars.ids]), weights


def mcnemar(labels, one, other):
    """Stars that only one of two methods gets right, and the exact p of as uneven a share."""
    right = [resolved(labels, p) == p for p in (np.array(CLASSES)[x.argmax(1)] for x in (one, other))]
    first, second = int(np.sum(right[0] & ~right[1])), int(np.sum(~right[0] & right[1]))
    n = first + second
    return {"only_first": first, "only_second": second, "p": float(binomtest(first, n).pvalue) if n else 1.0}


def by_survey(stars, methods):
    """Scores of {method: probabilities of all stars} on the stars of each survey."""
    report = {}
    for name in TABLES:
        here = stars.survey == name
        report[name] = {method: scores(stars.labels[here], p[here]) for method, p in methods.items()}
        if "a head" in methods:
            rival = next(p for method, p in methods.items() if method[0] == "e")
            report[name]["mcnemar"] = mcnemar(stars.labels[here], methods["a head"][here], rival[here])
    return report


def fitted(a, stars, report):
    """{method: model}, fitted to the training stars and chosen by the validation stars."""
    models = {}
    kept_trees = joblib.Memory(a.cache / "trees", verbose=0).cache(trees)
    for letter, x, words in (
        ("d", stars.scalars, f"trees, {len(SCALARS)} scalars"),
        ("e", stars.everything, f"trees, + {len(stars.feature_names)} light-curve features"),
    ):
        models[f"{letter} {words}"], report["chosen"][letter] = kept_trees(x, stars)
    if a.model and not a.head_alone:
        x, _ = of_checkpoint(a, "embed", stars, "learn")
        models["b 10-NN on mean"] = neighbours(x, stars)
        models["c logistic probe on mean"], report["chosen"]["c"] = probe(x, stars)
    return models


def run(a):
    learnt = Stars(a, "learn")
    report = {
        "sklearn": sklearn.__version__,
        "light_curve": LIGHT_CURVE_VERSION,
        "chosen": {},
        "n_train": int(learnt.train.sum()),
        "n_validation": int(learnt.validation.sum()),
    }
    models = fitted(a, learnt, report)
    called = {}
    for kind in KINDS[1:]:
        stars = Stars(a, kind)
        methods = {}
        if a.model:
            methods["a head"], report["model_sha256"] = of_checkpoint(a, "classify", stars, kind)
            called[kind] = dict(zip(stars.ids, methods["a head"].argmax(1)))
        if a.model and not a.head_alone and kind == "test":
            mean, _ = of_checkpoint(a, "embed", stars, kind)
        for name, model in sorted(models.items()):
            if name[0] in "bc" and kind != "test":
                continue
            x = mean if name[0] in "bc" else stars.scalars if name[0] == "d" else stars.everything
            methods[name] = in_order(model, model.predict_proba(x))
            if name[0] == "e" and a.model:
                methods["f mean of a and e"] = (methods["a head"] + methods[name]) / 2
        report[kind] = by_survey(stars, methods)
        if kind == "fainter" and a.model:
            report["changed_by_fainter"] = {
                name: float(
                    np.mean(
                        [called["test"][s] != called[kind][s] for s, n in zip(stars.ids, stars.survey) if n == name]
                    )
                )
                for name in TABLES
            }
    if a.model and (a.data / "s82_rrlyrae").is_dir():
        report["stripe82"] = stripe82(a)
    return report


def stripe82(a):
    """{class: what the head calls its stars} of RR Lyrae in g (Sesar et al. 2010), a survey nobody trained on."""
    folder, out = a.data / "s82_rrlyrae", a.work / "stripe82_classes.csv"
    command(a, "classify", folder / "light_curves", "--recursive", "--band", "g", "--model", a.model, "-o", out)
    called = {row["object_id"].split(":")[0]: row["class"] for row in read_rows(out) if row["status"] == "ok"}
    truth = {row["object_id"]: row["class"] for row in read_rows(folder / "periods.csv")}
    kinds = sorted(set(truth.values()))
    return {
        kind: [sum(called.get(star) == c for star, k in truth.items() if k == kind) for c in CLASSES] for kind in kinds
    }


def text(report):
    lines = [
        f"{report['n_train']} stars to learn, {report['n_validation']} to validate; chosen {report['chosen']}; "
        f"scikit-learn {report['sklearn']}, light-curve {report['light_curve']}"
    ]
    for kind in KINDS[1:]:
        for survey, methods in report[kind].items():
            lines += ["", f"{kind}, {survey}", f"{'':42}       n  accuracy       macro-F1       families  ECE"]
            lines += [
                f"{name:42}  {s['n']:6}  {s['accuracy']:.3f}±{s['accuracy_error']:.3f}  {s['macro_f1']:.3f}±"
                f"{s['macro_f1_error']:.3f}  {s['balanced_families']:.3f}     {s['calibration_error']:.3f}"
                for name, s in methods.items()
                if name != "mcnemar"
            ]
            if "mcnemar" in methods:
                m = methods["mcnemar"]
                lines.append(f"only (a) right: {m['only_first']}, only (e): {m['only_second']}, p {m['p']:.2g}")
    for survey, methods in report["test"].items():
        name, s = next(iter(methods.items()))
        lines += [
            "",
            f"{name} on {survey}: rows are labels; family recall {s['family_recall']}",
            " " * 12 + "".join(f"{c:>6}" for c in CLASSES),
        ]
        lines += [f"{label:12}" + "".join(f"{n:6}" for n in row) for label, row in s["confusion"].items()]
    for kind, row in report.get("stripe82", {}).items():
        lines += ["", f"Stripe 82, {kind}: { {c: n for c, n in zip(CLASSES, row) if n} }"]
    if "changed_by_fainter" in report:
        lines += ["", f"classes that four magnitudes change: {report['changed_by_fainter']}"]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path, help="the folder with the light curves and labels")
    parser.add_argument("--model", help="a checkpoint; without it only the trees")
    parser.add_argument("--head-alone", action="store_true", help="leave out (b) and (c), which embed every star")
    parser.add_argument("--cli", default="build/release/bin/astrom3", help="the astrom3 command")
    parser.add_argument(
        "--cache",
        type=pathlib.Path,
        default=pathlib.Path("build/compare_classifiers"),
        help="where features are kept (they do not depend on the checkpoint)",
    )
    parser.add_argument("--work", type=pathlib.Path, help="where embeddings and classes go (default: --cache)")
    parser.add_argument("--band", default="V", help="band of the light curves: sets the zero point of log10_mad")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("-o", type=pathlib.Path, help="OUT.json: everything as JSON")
    a = parser.parse_args()
    a.work = a.work or a.cache
    a.cache.mkdir(parents=True, exist_ok=True)
    a.work.mkdir(parents=True, exist_ok=True)
    labels, split = a.cache / "labels.csv", a.cache / "split.csv"
    subprocess.run([sys.executable, ROOT / "tools/make_star_labels.py", a.data, labels, split], check=True)
    a.labels = {row["object_id"]: row["class"] for row in read_rows(labels)}
    a.split = {row["object_id"]: row["class"] for row in read_rows(split)}
    write_tables(a)
    with threadpool_limits(
        1, user_api="blas"
    ):  # the probe's matrices are small: BLAS threads would wait for each other
        report = run(a)
    sys.stdout.write(text(report))
    if a.o:
        a.o.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
