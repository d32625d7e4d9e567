#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# The model card of the bundled checkpoint: every number in it comes from the files of its training and its test.
"""
    tools/make_model_card.py MODEL --training DIR --data DIR --comparison report.json --features DIR
    tools/make_model_card.py MODEL [--check]

The first form makes the folder MODEL: the checkpoint of --training, the folder of `astrom3 train`; training.json, all that is
known of it; and MODEL_CARD.md. --data is the folder of the light curves and their *_labels.csv, --comparison
what bench/compare_classifiers.py wrote with -o, --features its --cache. The second form writes the card again from
training.json, and for the bundled checkpoint its row in README.md; with --check it says whether card, row and weights are
those of training.json, and writes nothing.
"""

import argparse
import collections
import csv
import hashlib
import json
import pathlib
import re
import shutil
import sys

from make_asas3_labels import HADS_AMPLITUDE_MAG, TABLES, quantile

CHECKPOINT = ("config.json", "preprocessor_config.json", "model.safetensors")
SPLITS = ("train", "validation", "test")
FEW = 30  # test objects below which a class's figures are called uncertain
WEAK_F1 = 0.75
PROPERTIES = {  # column of `astrom3 features` -> what it is
    "n_raw": "observations",
    "delta_t": "time span / 365 d",
    "amplitude": "amplitude [mag]",
    "period": "period [d]",
}


# ---- what is known -------------------------------------------------------------------------------------------------


def read_rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def count_objects(training, data):
    """{class: {split: number}} and {class: {survey: number}}."""
    survey_of = {row["object_id"]: row["survey"] for table in TABLES for row in read_rows(data / f"{table}_labels.csv")}
    splits = collections.defaultdict(lambda: dict.fromkeys(SPLITS, 0))
    surveys = collections.defaultdict(collections.Counter)
    for row in read_rows(training / "objects.csv"):
        splits[row["class"]][row["split"]] += 1
        surveys[row["class"]][survey_of[row["object_id"]]] += 1
    return dict(sorted(splits.items())), {kind: dict(sorted(of.items())) for kind, of in sorted(surveys.items())}


def measure_properties(training, features):
    """The 5, 50 and 95 percentiles of the objects that trained."""
    trained = {row["object_id"] for row in read_rows(training / "objects.csv") if row["split"] == "train"}
    columns = collections.defaultdict(list)
    for table in TABLES:
        for row in read_rows(features / f"{table}_features.csv"):
            if row["object_id"] in trained and row["status"] == "ok":
                for name in PROPERTIES:
                    columns[name].append(float(row[name]))
    return {name: [quantile(sorted(values), q) for q in (0.05, 0.5, 0.95)] for name, values in columns.items()}


def gather(model, training, data, comparison, features):
    splits, surveys = count_objects(training, data)
    rejects = collections.Counter(json.loads(line)["code"] for line in open(training / "rejects.jsonl", encoding="utf-8"))
    facts = {
        "weights": {"sha256": sha256(model / "model.safetensors"), "bytes": (model / "model.safetensors").stat().st_size},
        "run": json.loads((training / "run.json").read_text()),
        "splits": splits,
        "surveys": surveys,
        "rejects": dict(sorted(rejects.items())),
        "properties": measure_properties(training, features),
        "report": json.loads((training / "report.json").read_text()),
        "comparison": json.loads(comparison.read_text()),
    }
    for name in ("report", "comparison"):
        if facts[name]["model_sha256"] != facts["weights"]["sha256"]:
            sys.exit(f"{name}: of the weights {facts[name]['model_sha256']}, and {model} has {facts['weights']['sha256']}")
    return facts


# ---- the card ------------------------------------------------------------------------------------------------------


def table(header, rows):
    """A Markdown table; the first column is left, the others right."""
    rule = "|".join(["---"] + ["---:"] * (len(header) - 1))
    return "\n".join([f"| {' | '.join(header)} |", f"|{rule}|", *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def front_matter(facts):
    head = method(facts, "a")
    return f"""---
license: cc-by-4.0
attribution: The astrom3.cpp authors
library_name: astrom3
tags: [astronomy, variable-stars, light-curves, time-series, embeddings, classification]
model-index:
  - name: asas3
    results:
      - task: {{type: time-series-classification}}
        dataset: {{type: light-curves, name: "ASAS-3, Hipparcos and OGLE-II variables, held out"}}
        metrics:
          - {{type: accuracy, value: {head["accuracy"]:.4f}}}
          - {{type: f1, name: macro-F1, value: {head["macro_f1"]:.4f}}}
---"""


def method(facts, letter):
    """The scores of method a, b, ... of the comparison."""
    return next(scores for name, scores in facts["comparison"]["methods"].items() if name.split()[0] == letter)


def introduction(facts):
    classes = facts["report"]["classes"]
    return f"""# asas3: the checkpoint that comes with astrom3

An AstroM3 photometry encoder (Rizhko & Bloom 2024, arXiv:2411.08842) of the published size. It was trained with `astrom3 train`
on real light curves, from {facts["run"]["start"]}. It turns one light curve into an embedding of 128 numbers, which are similar for
similar stars, and its head names one of {len(classes)} classes: {", ".join(classes)}.

It is **not** the published checkpoint. The published checkpoint was trained on ASAS-SN light curves together with spectra and
metadata; this one was trained on photometry and classes alone. Embeddings of the two cannot be compared. Every astrom3 command and
`astrom3.AstroM3()` use this checkpoint if no other is named."""


def about_data(facts):
    splits, surveys = facts["splits"], facts["surveys"]
    names = sorted({name for of in surveys.values() for name in of})
    rows = [[kind, *splits[kind].values(), *(surveys[kind].get(name, "") for name in names)] for kind in splits]
    rows.append(["all", *(sum(of[split] for of in splits.values()) for split in SPLITS),
                 *(sum(of.get(name, 0) for of in surveys.values()) for name in names)])
    shares = dict(part.split("=") for part in facts["run"]["split"].split("; "))
    properties = [[what, *(f"{value:.3g}" for value in facts["properties"][name])] for name, what in PROPERTIES.items()]
    left_out = ", ".join(f"{n} `{code}`" for code, n in facts["rejects"].items()) or "none"
    return f"""## Data

{table(["class", *SPLITS, *names], rows)}

* ASAS-3: V-band light curves of the All Sky Automated Survey (Pojmański 1997, AcA 47, 467; 2002, AcA 52, 397), with the classes of
  https://github.com/longjp/lightcurves. Hipparcos (ESA 1997, SP-1200) and OGLE-II (Udalski, Kubiak & Szymański 1997, AcA 47, 319):
  stars of the training set of Debosscher et al. 2007 (A&A 475, 1159), in bands other than V.
* HADS are the stars of class DSCT whose amplitude, the range from the 2.5 to the 97.5 percentile of the magnitudes, exceeds
  {HADS_AMPLITUDE_MAG} mag. There are no simulated stars among them.
* The split is decided by the id of an object alone: the first 8 bytes of its SHA-256, read as a big-endian number and divided by
  2^64. Objects below {shares["test"]} are the test set, which was not used in training; those in the next {shares["validation"]} are
  the validation set.
* Left out because they could not be embedded: {left_out}.

Properties of the training objects:

{table(["", "5 %", "median", "95 %"], properties)}"""


def about_training(facts):
    run = {key: value for key, value in facts["run"].items() if key not in ("config", "data", "name", "astrom3_version")}
    rows = [[key.replace("_", " "), value] for key, value in run.items()]
    return f"""## Training

The checkpoint was trained by `make train DATA=DIR` (tools/train_asas3.sh) with astrom3 {facts["run"]["astrom3_version"]}; the same
light curves give the same bytes again. The four features were measured by astrom3; none was taken from a catalogue. The weights are
those after epoch {facts["report"]["best_epoch"]}.

{table(["", ""], rows)}"""


def percent(value):
    return f"{100 * value:.1f}"


def verdict(facts):
    """How head and probe compare with the forests, in points of macro-F1."""
    sentences = []
    for name, letter in (("head", "a"), ("probe", "c")):
        words = []
        for forest in ("d", "e"):
            points = 100 * (method(facts, letter)["macro_f1"] - method(facts, forest)["macro_f1"])
            words.append(f"{abs(points):.1f} points {'above' if points > 0 else 'below'} forest ({forest})")
        sentences.append(f"the {name} is {' and '.join(words)}")
    return f"In macro-F1 {', '.join(sentences)}."


def confusion(scores, classes):
    width = max(map(len, classes)) + 1
    lines = [" " * width + "".join(f"{kind:>6}" for kind in classes)]
    lines += [f"{kind:<{width}}" + "".join(f"{n:6}" for n in row) for kind, row in zip(classes, scores["confusion"])]
    return "```text\n" + "\n".join(lines) + "\n```"


def about_results(facts):
    comparison, classes = facts["comparison"], facts["report"]["classes"]
    methods = comparison["methods"]
    scores = [[f"({name[0]}) {name[2:]}", f"{percent(s['accuracy'])} ± {percent(s['accuracy_error'])}",
               f"{percent(s['macro_f1'])} ± {percent(s['macro_f1_error'])}"] for name, s in methods.items()]
    by_class = [[kind, comparison["test_classes"][kind],
                 *(percent(s["f1"][kind]) if kind in s["f1"] else "" for s in methods.values())] for kind in classes]
    matrices = "\n\n".join(f"({name[0]}) {name[2:]}:\n\n{confusion(s, classes)}" for name, s in methods.items())
    return f"""## Results

Measured by `bench/compare_classifiers.py` on the {comparison["n_test"]} objects of the test set, in percent, with errors from bootstrap
resamples of these objects. `mean` is the embedding. Neighbours, probe and forests were trained on the other {comparison["n_train"]}
objects (scikit-learn {comparison["sklearn"]}; features of light-curve {comparison["light_curve"]}).
{verdict(facts)}

{table(["", "accuracy", "macro-F1"], scores)}

F1 by class, in percent:

{table(["class", "test objects", *(f"({name[0]})" for name in methods)], by_class)}

Confusion matrices; each row is one true class:

{matrices}"""


def about_limits(facts):
    tests = {kind: of["test"] for kind, of in facts["splits"].items()}
    few = ", ".join(f"{kind} ({n})" for kind, n in tests.items() if n < FEW) or "none"
    f1 = method(facts, "a")["f1"]
    weak = ", ".join(f"{kind} ({percent(value)} %)" for kind, value in f1.items() if value < WEAK_F1) or "none"
    alone = [kind for kind, of in facts["surveys"].items() if "ASAS-3" not in of]
    n_points = facts["properties"]["n_raw"]
    return f"""## Limits

* The checkpoint was trained on bright stars in V or a band near it, with {n_points[0]:.0f} to {n_points[2]:.0f} observations spread over
  years from the ground (and few from space). For another band, a denser cadence or other noise, test it on objects that you know, or
  fine-tune it (`astrom3 train --from`).
* Classes with fewer than {FEW} test objects: {few}. Their scores are uncertain by many points.
* Classes with an F1 of the head below {percent(WEAK_F1)} %: {weak}.
  EB lies between EA and EW, and RRC resembles EW at twice the period.
* Classes without a star of ASAS-3: {", ".join(alone) or "none"}. In these, the class cannot be told apart from the survey.
* The head knows these classes and no others. A constant star, a Cepheid, a transient or an instrumental trend is assigned to one of
  them, often with a high probability. Probabilities are not calibrated, and class frequencies are those of the table above.
* The labels come from catalogues made by people and algorithms; some are wrong.
* It is not for decisions about single objects without looking at their light curves."""


def about_use():
    return """## Use

```sh test
astrom3 classify examples/asassn_like/SIM-*-1.dat --band V -o classes.csv
astrom3 embed examples/asassn_like/SIM-*-1.dat --band V -o embeddings.csv
```

```python test
import numpy as np
import astrom3

model = astrom3.AstroM3()
time, flux, flux_err = np.loadtxt("examples/asassn_like/SIM-RRAB-1.dat", skiprows=2, usecols=(0, 3, 4), unpack=True)
embedding = model(time, flux, flux_err)                # (128,) float32
probabilities = model.classify(time, flux, flux_err)   # most probable class first
```"""


def about_licence(facts):
    weights = facts["weights"]
    return f"""## Licence and citation

The weights are licensed under Creative Commons Attribution 4.0 International (CC BY 4.0,
https://creativecommons.org/licenses/by/4.0/), credit to "The astrom3.cpp authors"; the software under MIT. Cite
Rizhko & Bloom 2024 (arXiv:2411.08842) for the model, and astrom3.cpp (CITATION.cff) with the hash below for these weights. The light
curves are public data of the surveys named above and are not part of this package.

| file | |
|---|---|
| `model.safetensors` | {weights["bytes"]} bytes, {facts["run"]["dtype"].upper()}, sha256 `{weights["sha256"]}` |
| `config.json` | sizes and class names |
| `preprocessor_config.json` | means and standard deviations that standardise the features |
| `training.json` | the numbers from which tools/make_model_card.py makes this card |
"""


def card(facts):
    return "\n\n".join([front_matter(facts), introduction(facts), about_use(), about_data(facts), about_training(facts),
                        about_results(facts), about_limits(facts), about_licence(facts)])


# ---- README.md -----------------------------------------------------------------------------------------------------

README = pathlib.Path(__file__).resolve().parent.parent / "README.md"
BUNDLED = README.parent / "models/asas3"
SOURCE = "| `bench/compare_classifiers.py` |"  # how the row ends, and no other


def readme_row(facts):
    """The head beside the better forest, among the README's other measured claims."""
    head, rival = method(facts, "a"), method(facts, "e")
    n_features = sum(int(number) for number in re.findall(r"\d+", " ".join(rival_names(facts))))
    return (f"| {facts['comparison']['n_test']:,} real variables nobody trained on | class, by asas3's head | accuracy "
            f"{percent(head['accuracy'])} %, macro-F1 {percent(head['macro_f1'])} % (random forest on {n_features} classical features: "
            f"{percent(rival['accuracy'])} %, {percent(rival['macro_f1'])} %) {SOURCE}")


def rival_names(facts):
    """Forest (e) has the features of (d) and more: "forest, 6 scalars", "forest, + 69 light-curve features"."""
    return [name[2:] for name in facts["comparison"]["methods"] if name.split()[0] in ("d", "e")]


def with_row(text, row):
    """README.md with the row in its place."""
    lines = text.splitlines()
    places = [i for i, line in enumerate(lines) if line.endswith(SOURCE)]
    if len(places) != 1:
        sys.exit(f"README.md: {len(places)} rows end in {SOURCE}")
    lines[places[0]] = row
    return "\n".join(lines) + "\n"


def check(model, facts):
    """What is wrong, one sentence each."""
    if sha256(model / "model.safetensors") != facts["weights"]["sha256"]:
        yield "model.safetensors: not the weights that training.json describes"
    if (model / "MODEL_CARD.md").read_text(encoding="utf-8") != card(facts):
        yield "MODEL_CARD.md: not what tools/make_model_card.py makes of training.json"
    if model.resolve() == BUNDLED and with_row(text := README.read_text(encoding="utf-8"), readme_row(facts)) != text:
        yield "README.md: the row of the classifiers is not what tools/make_model_card.py makes of training.json"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    sources = ("training", "data", "comparison", "features")
    for name in sources:
        parser.add_argument(f"--{name}", type=pathlib.Path)
    parser.add_argument("--check", action="store_true")
    a = parser.parse_args()
    given = [getattr(a, name) for name in sources]
    if any(given) and (not all(given) or a.check):
        parser.error(f"--{', --'.join(sources)}: all of them or none, and none with --check")
    file = a.model / "training.json"
    if all(given):
        a.model.mkdir(parents=True, exist_ok=True)
        for name in CHECKPOINT:
            shutil.copyfile(a.training / name, a.model / name)
        facts = gather(a.model, *given)
        file.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    facts = json.loads(file.read_text(encoding="utf-8"))
    if a.check:
        findings = list(check(a.model, facts))
        print(*findings, sep="\n", end="\n" if findings else "")
        return 1 if findings else 0
    (a.model / "MODEL_CARD.md").write_text(card(facts), encoding="utf-8")
    if a.model.resolve() == BUNDLED:
        README.write_text(with_row(README.read_text(encoding="utf-8"), readme_row(facts)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
