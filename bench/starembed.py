#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Scores a checkpoint by the protocol of StarEmbed (Li et al., ICML 2026), on your copy of its data.

    starembed.py DATA [--ood DIR] [--model DIR] [--reduction NAME] [--join concatenate|mean] [-o OUT.json] [--write DIR]

DATA has the splits train, validation and test of its ZTF light curves, as the Hugging Face hub has them (train-*.parquet) or
as `datasets` saves them (train/*.arrow). An object has `class_str`, one of seven classes, and `bands_data`: for g and r
the times (mjd), magnitudes (target) and errors (past_feat_dynamic_real). Objects without two observations in each
band are left out, as there. --ood has objects of other classes, in the same form; so has a split `anom` in DATA.

    clustering       k-means and Ward's hierarchy with as many clusters as classes, on all splits together: adjusted Rand
                     index, normalised mutual information, and macro-F1 after the best matching of clusters to classes
    classification   logistic regression, 5 nearest neighbours, random forest: accuracy and macro-F1 on the test split,
                     trained on the other two; --search chooses the forest's parameters by the validation split
    out of class     an isolation forest for each class; the score of an object is that of the class that it fits best.
                     Area under the ROC curve, test objects against those of other classes

Numbers are means and standard deviations over --seeds. --write keeps the embeddings, as Parquet with `g_embedding`,
`r_embedding`, `combined_embedding` and `class_str`, which StarEmbed's own programs read. Needs scikit-learn.
"""

import argparse
import json
import pathlib
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SPLITS = ("train", "validation", "test")
BANDS = ("g", "r")
CLASSES = {"1": "EW", "2": "EA", "4": "RRab", "5": "RRc", "6": "RRd", "8": "RS CVn", "13": "LPV"}  # of the Catalina catalogue
ZERO_POINT_JY = 3631.0  # ZTF's magnitudes are in the AB system
FOREST = {"n_estimators": 200, "max_depth": 20, "min_samples_split": 2}  # what StarEmbed takes without a search
GRID = {"n_estimators": [100, 200, 500], "max_depth": [None, 10, 20, 30], "min_samples_split": [2, 5, 10]}


class DataError(Exception):
    """The data are not those of StarEmbed."""


# ---- reading --------------------------------------------------------------------------------------------------------


def read_split(folder, split):
    """A split as one Arrow table, None where there is none."""
    parts = sorted([*folder.glob(f"{split}-*.parquet"), *folder.glob(f"data/{split}-*.parquet")])
    if parts:
        return pa.concat_tables([pq.read_table(part) for part in parts])
    parts = sorted((folder / split).glob("*.arrow"))
    if not parts:
        return None
    return pa.concat_tables([pa.ipc.open_stream(part).read_all() for part in parts])


def band_of(bands_data, band):
    """(time, mag, error) of one band, None where it has fewer than two observations."""
    if isinstance(bands_data, list):  # one structure for each band, which names it
        bands_data = {one["band"]: one for one in bands_data if one is not None}
    data = bands_data.get(band)
    if data is None or data.get("target") is None:
        return None
    columns = [np.asarray(data[name], np.float64) for name in ("mjd", "target", "past_feat_dynamic_real")]
    columns = [column.reshape(-1) for column in columns]  # errors may be (1, n)
    if len({len(column) for column in columns}) > 1:
        raise DataError(f"{band}: times, magnitudes and errors of different numbers, {[len(c) for c in columns]}")
    return None if len(columns[0]) < 2 else columns


def objects_of(table, split):
    """Light curves by band and classes, of the objects that have both bands."""
    for name in ("bands_data", "class_str"):
        if name not in table.column_names:
            raise DataError(f"{split}: there is no column {name} among {', '.join(table.column_names)}")
    curves, classes = {band: [] for band in BANDS}, []
    for data, name in zip(table["bands_data"].to_pylist(), table["class_str"].to_pylist()):
        found = [None if data is None else band_of(data, band) for band in BANDS]
        if all(one is not None for one in found):
            for band, one in zip(BANDS, found):
                curves[band].append(one)
            classes.append(CLASSES.get(str(name), str(name)))
    return curves, np.array(classes)


# ---- embedding ------------------------------------------------------------------------------------------------------


def embed(model, curves, reduction):
    """(N, D) of each band, NaN where a light curve cannot be embedded."""
    how = {"mag": True, "zero_point": ZERO_POINT_JY, "nonfinite": "drop", "reduction": reduction}
    return {band: np.asarray(model.many(iter(curves[band]), **how)) for band in BANDS}


def join(embeddings, how):
    """Bands side by side, or their mean."""
    parts = [embeddings[band] for band in BANDS]
    return np.concatenate(parts, axis=1) if how == "concatenate" else np.mean(parts, axis=0)


class Data:
    """Embeddings and classes by split, with the objects that could not be embedded left out and counted."""

    def __init__(self, folder, model, arguments):
        self.x, self.y, self.n_left_out, self.bands = {}, {}, {}, {}
        for split in (*SPLITS, "anom"):
            table = read_split(folder, split)
            if table is None and split == "anom":
                continue
            if table is None:
                raise DataError(f"{folder}: there is no split {split}")
            self.add(split, table, model, arguments)
        if arguments.ood is not None:
            tables = [table for split in (*SPLITS, "anom") if (table := read_split(arguments.ood, split)) is not None]
            if not tables:
                raise DataError(f"{arguments.ood}: there is no split")
            self.add("anom", pa.concat_tables(tables), model, arguments)
        if len(set(self.y["train"])) < 2:
            raise DataError("train: fewer than two classes")

    def add(self, split, table, model, arguments):
        curves, classes = objects_of(table, split)
        print(f"{split}: {len(classes)} of {table.num_rows} objects have both bands", file=sys.stderr)
        bands = embed(model, curves, arguments.reduction)
        x = join(bands, arguments.join)
        ok = np.isfinite(x).all(axis=1)
        self.x[split], self.y[split] = x[ok], classes[ok]
        self.bands[split] = {band: values[ok] for band, values in bands.items()}
        self.n_left_out[split] = {"without both bands": table.num_rows - len(classes), "not embedded": int((~ok).sum())}


# ---- scores ---------------------------------------------------------------------------------------------------------


def matched_f1(truth, clusters):
    """Macro-F1 after the matching of clusters to classes that has the most objects."""
    from scipy.optimize import linear_sum_assignment
    from sklearn.metrics import confusion_matrix, f1_score

    rows, columns = linear_sum_assignment(-confusion_matrix(truth, clusters))
    class_of = dict(zip(columns, rows))
    return f1_score(truth, [class_of[one] for one in clusters], average="macro")


def clustering(data, seeds):
    """ARI, NMI and F1 of k-means for each seed, and of Ward's hierarchy."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    x = np.concatenate([data.x[split] for split in SPLITS])
    names, y = np.unique(np.concatenate([data.y[split] for split in SPLITS]), return_inverse=True)

    def scores(found):
        _, found = np.unique(found, return_inverse=True)
        return {
            "ari": adjusted_rand_score(y, found), "nmi": normalized_mutual_info_score(y, found), "f1": matched_f1(y, found),
        }  # fmt: skip

    k_means = [scores(KMeans(len(names), random_state=seed).fit(x).labels_) for seed in seeds]
    return {"k-means": k_means, "ward": [scores(fcluster(linkage(x, "ward"), len(names), "maxclust"))]}


def chosen_forest(data):
    """Parameters of the forest that are best on the validation split."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import GridSearchCV, PredefinedSplit

    x = np.concatenate([data.x["train"], data.x["validation"]])
    y = np.concatenate([data.y["train"], data.y["validation"]])
    fold = np.repeat([-1, 0], [len(data.y["train"]), len(data.y["validation"])])
    forest = RandomForestClassifier(random_state=42)
    return GridSearchCV(forest, GRID, cv=PredefinedSplit(fold), scoring="f1_macro", n_jobs=-1).fit(x, y).best_params_


def classification(data, seeds, parameters):
    """Accuracy and macro-F1 on the test split, of each classifier and seed."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import accuracy_score, f1_score
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x = np.concatenate([data.x["train"], data.x["validation"]])
    y = np.concatenate([data.y["train"], data.y["validation"]])

    def logistic(seed):
        return LogisticRegression(max_iter=5000, class_weight="balanced", random_state=seed)

    ways = {
        "logistic": (lambda seed: make_pipeline(StandardScaler(), logistic(seed)), seeds[:1]),
        "5-nn": (lambda seed: make_pipeline(StandardScaler(), KNeighborsClassifier(5)), seeds[:1]),
        "forest": (lambda seed: RandomForestClassifier(random_state=seed, n_jobs=-1, **parameters), seeds),
    }
    found = {}
    for name, (make, its_seeds) in ways.items():
        predicted = [make(seed).fit(x, y).predict(data.x["test"]) for seed in its_seeds]
        found[name] = [
            {"accuracy": accuracy_score(data.y["test"], one), "f1": f1_score(data.y["test"], one, average="macro")}
            for one in predicted
        ]
    return found


def out_of_class(data, seeds):
    """Area under the ROC curve of objects of other classes against the test split, for each seed."""
    from sklearn.ensemble import IsolationForest
    from sklearn.metrics import average_precision_score, roc_auc_score

    x = np.concatenate([data.x["test"], data.x["anom"]])
    is_other = np.repeat([0, 1], [len(data.x["test"]), len(data.x["anom"])])
    found = []
    for seed in seeds:
        forests = [
            IsolationForest(n_estimators=200, random_state=seed).fit(data.x["train"][data.y["train"] == name])
            for name in np.unique(data.y["train"])
        ]
        score = -np.max([forest.decision_function(x) for forest in forests], axis=0)
        found.append({"auroc": roc_auc_score(is_other, score), "average_precision": average_precision_score(is_other, score)})
    return {"isolation forests": found}


def summary_of(results):
    """Means and standard deviations over seeds, by task, way and score."""
    return {
        task: {
            way: {
                name: {"mean": float(np.mean([one[name] for one in runs])), "std": float(np.std([one[name] for one in runs]))}
                for name in runs[0]
            }
            for way, runs in ways.items()
        }
        for task, ways in results.items()
    }


def print_table(summary):
    print("| task | way | scores |\n|---|---|---|")
    for task, ways in summary.items():
        for way, scores in ways.items():
            texts = [f"{name} {one['mean']:.3f} ± {one['std']:.3f}" for name, one in scores.items()]
            print(f"| {task} | {way} | {', '.join(texts)} |")


def write_embeddings(data, folder):
    """What StarEmbed's own programs read, a file for each split."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, x in data.x.items():
        columns = {f"{band}_embedding": list(values) for band, values in data.bands[split].items()}
        table = pa.table({**columns, "combined_embedding": list(x), "class_str": data.y[split].tolist()})
        pq.write_table(table, folder / f"{split}-00000-of-00001.parquet")


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--ood", type=pathlib.Path, help="objects of other classes")
    parser.add_argument("--model", help="a checkpoint (default: the bundled one)")
    parser.add_argument("--reduction", help="windows, beginning, end, random (default: the middle of a long light curve)")
    parser.add_argument("--join", choices=("concatenate", "mean"), default="concatenate")
    parser.add_argument("--search", action="store_true", help="search the forest's parameters, as StarEmbed does")
    parser.add_argument("--seeds", type=int, nargs="+", default=[42, 100, 200])
    parser.add_argument("--write", type=pathlib.Path, help="keep the embeddings in this folder")
    parser.add_argument("-o", "--output", type=pathlib.Path, help="OUT.json")
    return parser.parse_args(arguments)


def main():
    arguments = parse(sys.argv[1:])
    import astrom3

    model = astrom3.AstroM3(arguments.model)
    try:
        data = Data(arguments.data, model, arguments)
    except DataError as error:
        sys.exit(f"starembed.py: {error}")
    if arguments.write is not None:
        write_embeddings(data, arguments.write)
    parameters = chosen_forest(data) if arguments.search else FOREST
    results = {
        "clustering": clustering(data, arguments.seeds),
        "classification": classification(data, arguments.seeds, parameters),
    }
    if "anom" in data.x:
        results["out of class"] = out_of_class(data, arguments.seeds)
    report = {
        "model": model.identity, "objects": {split: len(y) for split, y in data.y.items()}, "left_out": data.n_left_out,
        "classes": sorted(set(data.y["train"].tolist())), "join": arguments.join, "reduction": arguments.reduction or "centre",
        "seeds": arguments.seeds, "forest": parameters, "scores": summary_of(results),
    }  # fmt: skip
    if arguments.output is not None:
        arguments.output.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print_table(report["scores"])


if __name__ == "__main__":
    main()
