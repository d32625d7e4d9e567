# SPDX-License-Identifier: MIT
#
# What is known of the bundled checkpoint, from the files of its training and its test: training.json beside it.
import collections
import csv
import hashlib
import json
import sys

from make_star_labels import CHANGES, TABLES, quantile

SPLITS = ("train", "validation", "test")
NAMES = {
    "asas3_train": "ASAS-3",
    "asas_richards": "ASAS, Richards",
    "debosscher_all": "Hipparcos, OGLE-II",
    "catalina_south": "Catalina South",
}
PROPERTIES = {  # column of `astrom3 features` -> what it is
    "n_raw": "observations",
    "delta_t": "time span / 365 d",
    "amplitude": "amplitude [mag]",
    "period": "period [d]",
}


def read_rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def count_objects(training, data):
    """{class: {split: number}} and {class: {survey: number}}."""
    survey_of = {row["object_id"]: NAMES[table] for table in TABLES for row in read_rows(data / f"{table}_labels.csv")}
    splits = collections.defaultdict(lambda: dict.fromkeys(SPLITS, 0))
    surveys = collections.defaultdict(collections.Counter)
    for row in read_rows(training / "objects.csv"):
        splits[row["class"]][row["split"]] += 1
        surveys[row["class"]][survey_of[row["object_id"]]] += 1
    return dict(sorted(splits.items())), {kind: dict(sorted(of.items())) for kind, of in sorted(surveys.items())}


def measure_properties(training, features):
    """{survey: {property: 5, 50 and 95 percentiles}} of the objects that trained."""
    trained = {row["object_id"] for row in read_rows(training / "objects.csv") if row["split"] == "train"}
    result = {}
    for table in TABLES:
        columns = collections.defaultdict(list)
        for row in read_rows(features / f"{table}_learn_features.csv"):
            if row["object_id"] in trained and row["status"] == "ok":
                for name in PROPERTIES:
                    columns[name].append(float(row[name]))
        result[NAMES[table]] = {
            name: [quantile(sorted(v), q) for q in (0.05, 0.5, 0.95)] for name, v in columns.items()
        }
    return result


def stages(training):
    """What tools/train_stars.sh trained before: of each stage its run.json, how many epochs it had, and the one that was kept."""
    result = []
    for name in ("first", "second"):
        folder = training.with_name(f"{training.name}.{name}")
        epochs = read_rows(folder / "metrics.csv")
        kept = max(int(row["epoch"]) for row in epochs if row["best"] == "1")
        run = json.loads((folder / "run.json").read_text())
        run = {key: value for key, value in run.items() if key not in ("config", "data", "name", "scaling")}
        result.append({"epochs": len(epochs), "kept": kept, "run": run})
    return result


def gather(model, training, data, comparison, features, others):
    splits, surveys = count_objects(training, data)
    rejects = collections.Counter(
        json.loads(line)["code"] for line in open(training / "rejects.jsonl", encoding="utf-8")
    )
    facts = {
        "weights": {
            "sha256": sha256(model / "model.safetensors"),
            "bytes": (model / "model.safetensors").stat().st_size,
        },
        "run": json.loads((training / "run.json").read_text()),
        "splits": splits,
        "surveys": surveys,
        "rejects": dict(sorted(rejects.items())),
        "properties": measure_properties(training, features),
        "stages": stages(training),
        "label_changes": len(read_rows(CHANGES)),
        "report": json.loads((training / "report.json").read_text()),
        "comparison": json.loads(comparison.read_text()),
        "out_of_class": json.loads(others.read_text()),
    }
    for name in ("report", "comparison"):
        if facts[name]["model_sha256"] != facts["weights"]["sha256"]:
            sys.exit(
                f"{name}: of the weights {facts[name]['model_sha256']}, and {model} has {facts['weights']['sha256']}"
            )
    return facts
