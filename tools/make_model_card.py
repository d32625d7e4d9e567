#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# The model card of the bundled checkpoint: every number in it comes from the files of its training and its test.
"""
    tools/make_model_card.py MODEL --training DIR --data DIR --comparison report.json --features DIR \\
        --others others.json
    tools/make_model_card.py MODEL [--check]

The first form makes the folder MODEL: the checkpoint of --training, the folder of `astrom3 train`; training.json, all that is
known of it; and MODEL_CARD.md. --data is the folder of the light curves and their *_labels.csv, --comparison
what bench/compare_classifiers.py wrote with -o, --features its --cache, --others what bench/out_of_class.py wrote.
The second form writes the card again from training.json, and for the bundled checkpoint its row in README.md; with
--check it says whether card, row and weights are those of training.json, and writes nothing.
"""

import argparse
import json
import pathlib
import shutil
import sys

from make_star_labels import CAP, HADS_AMPLITUDE_MAG, MATCH_ARCSEC, MIRA_AMPLITUDE_MAG, SR_AMPLITUDE_MAG, TABLES
from model_card_facts import NAMES, PROPERTIES, SPLITS, gather, sha256

CHECKPOINT = ("config.json", "preprocessor_config.json", "model.safetensors")
CLASSES = ("DSCT", "EA", "EB", "EW", "HADS", "M", "ROT", "RRAB", "RRC", "SR")  # the columns of the comparison
FEWEST_OTHERS = 10  # stars of a class out of the ten that has a line
FEW = 30  # test objects below which a class's figures are called uncertain


# ---- the card ------------------------------------------------------------------------------------------------------


def table(header, rows):
    """A Markdown table; the first column is left, the others right."""
    rule = "|".join(["---"] + ["---:"] * (len(header) - 1))
    return "\n".join([f"| {' | '.join(header)} |", f"|{rule}|", *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def front_matter(facts):
    results = "\n".join(
        f"""      - task: {{type: time-series-classification}}
        dataset: {{type: light-curves, name: "{NAMES[table]}, held out"}}
        metrics:
          - {{type: accuracy, value: {head(facts, table)["accuracy"]:.4f}}}
          - {{type: f1, name: macro-F1, value: {head(facts, table)["macro_f1"]:.4f}}}"""
        for table in TABLES
    )
    return f"""---
license: cc-by-4.0
attribution: The astrom3.cpp authors
library_name: astrom3
tags: [astronomy, variable-stars, light-curves, time-series, embeddings, classification]
model-index:
  - name: {facts["run"]["name"]}
    results:
{results}
---"""


def head(facts, table, kind="test"):
    return method(facts, table, "a", kind)


def method(facts, table, letter, kind="test"):
    """The scores of method a, b, ... of the comparison on a survey."""
    return next(scores for name, scores in facts["comparison"][kind][table].items() if name.split()[0] == letter)


def introduction(facts):
    classes = facts["report"]["classes"]
    return f"""# {facts["run"]["name"]}: the checkpoint that comes with astrom3

An AstroM3 photometry encoder (Rizhko & Bloom 2024, arXiv:2411.08842) of the published size, for variable stars whatever the survey. It
was trained with `astrom3 train` on real light curves of four surveys, from the weights of models/asas3. It turns one light curve into
an embedding of 128 numbers, which are similar for similar stars, and its head names one of {len(classes)} classes: {", ".join(classes)}.

It is **not** the published checkpoint. The published checkpoint was trained on ASAS-SN light curves together with spectra and
metadata; this one was trained on photometry and classes alone. Embeddings of the two cannot be compared. Every astrom3 command and
`astrom3.AstroM3()` use this checkpoint if no other is named."""


def about_data(facts):
    splits, surveys = facts["splits"], facts["surveys"]
    names = list(NAMES.values())
    rows = [[kind, *splits[kind].values(), *(surveys[kind].get(name, "") for name in names)] for kind in splits]
    rows.append(
        [
            "all",
            *(sum(of[split] for of in splits.values()) for split in SPLITS),
            *(sum(of.get(name, 0) for of in surveys.values()) for name in names),
        ]
    )
    rows = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    properties = [
        [f"{what}, {survey}", *(f"{value:.3g}" for value in of[name])]
        for name, what in PROPERTIES.items()
        for survey, of in facts["properties"].items()
    ]
    left_out = ", ".join(f"{n} `{code}`" for code, n in facts["rejects"].items()) or "none"
    return f"""## Data

A class such as EW\\|EB means: one of these, the catalogue does not say which.

{table(["class", *SPLITS, *names], rows)}

* ASAS-3: V-band light curves of the All Sky Automated Survey (Pojmański 1997, AcA 47, 467; 2002, AcA 52, 397), with the classes of
  https://github.com/longjp/lightcurves. Richards: ASAS stars with experts' classes (Richards et al. 2012, ApJS 203, 32). Hipparcos (ESA
  1997, SP-1200) and OGLE-II (Udalski, Kubiak & Szymański 1997, AcA 47, 319): the stars of Debosscher et al. 2007 (A&A 475, 1159), in
  bands other than V. Catalina South: Drake et al. 2017 (MNRAS 469, 3688), V_CSS.
* HADS are the stars of class DSCT whose amplitude, the range from the 2.5 to the 97.5 percentile of the magnitudes, exceeds
  {HADS_AMPLITUDE_MAG} mag. Catalina's LPV are M from an amplitude of {MIRA_AMPLITUDE_MAG} mag, SR below {SR_AMPLITUDE_MAG} mag, M\\|SR
  between. There are no simulated stars among them.
* {facts["label_changes"]} stars that two catalogues call differently have the class of tools/label_changes.csv, which gives the reason.
* A star of ASAS-3 and one of Catalina within {MATCH_ARCSEC} arcsec are the same star and on one side of the split; so are the stars
  that Richards names as the same. For the stars of Hipparcos and OGLE-II, and Richards' others, no position is at hand.
* The split is decided by the id alone, of ASAS-3 where the star has one: the first 8 bytes of its SHA-256, read as a big-endian
  number and divided by 2^64. Below 0.15 is the test set; the next 0.1 are the validation set. asas3 did not train on any of the two.
* Of a class of Catalina, at most {CAP} stars are trained on.
* Left out because they have none of the ten classes, are beyond the {CAP}, or could not be embedded: {left_out}.

Properties of the training objects:

{table(["", "5 %", "median", "95 %"], properties)}"""


def about_training(facts):
    first, second = facts["stages"]
    rows = [[key.replace("_", " "), value] for key, value in second["run"].items() if key != "astrom3_version"]
    return f"""## Training

The checkpoint was trained by `make train DATA=DIR` (tools/train_stars.sh) with astrom3 {facts["run"]["astrom3_version"]}; the same
light curves give the same bytes again. Features are standardised as in models/asas3. The four features were measured by astrom3; none was
taken from a catalogue.

1. A first stage of {first["epochs"]} epochs of {first["run"]["epoch_objects"]} light curves, with a {first["run"]["schedule"]} learning rate of
   {first["run"]["learning_rate"]}, began with the weights of models/asas3 (sha256 `{first["run"]["start"]}`).
2. A second stage of {second["epochs"]} epochs of {second["run"]["epoch_objects"]}, of which the table shows all options, began with these; the weights
   after epoch {second["kept"]} were kept.
3. The head was fitted anew to the means of the light curves, of each as it is and of one disturbed view (`--refit-head`), and what is out
   of class was learnt from the whole ones (`--out-of-class`). The logits were then divided by {facts["report"]["temperature"]:.4f}, which fits the validation objects best.

{table(["second stage", ""], rows)}"""


def percent(value):
    return f"{100 * value:.1f}"


def rounded(value):
    return f"{value:.3f}"


def survey_table(facts, kind):
    """Every method on every survey, in percent."""
    rows = []
    for survey in TABLES:
        for name, s in facts["comparison"][kind][survey].items():
            if name == "mcnemar":
                continue
            rows.append(
                [
                    f"{NAMES[survey]} ({s['n']}): ({name[0]}) {name[2:]}",
                    f"{percent(s['accuracy'])} ± {percent(s['accuracy_error'])}",
                    f"{percent(s['macro_f1'])} ± {percent(s['macro_f1_error'])}",
                    percent(s["balanced_families"]),
                    rounded(s["calibration_error"]),
                ]
            )
    return table(["survey (stars), method", "accuracy", "macro-F1", "balanced", "ECE"], rows)


def mcnemar(facts):
    lines = []
    for survey in TABLES:
        m = facts["comparison"]["test"][survey]["mcnemar"]
        lines.append(
            f"* {NAMES[survey]}: only the head is right for {m['only_first']} stars, only the trees (e) for {m['only_second']}: "
            f"p = {m['p']:.2g}."
        )
    return "\n".join(lines)


def confusion(rows):
    width = max(map(len, rows)) + 1
    lines = [" " * width + "".join(f"{kind:>6}" for kind in CLASSES)]
    lines += [f"{label:<{width}}" + "".join(f"{n:6}" for n in row) for label, row in rows.items()]
    return "```text\n" + "\n".join(lines) + "\n```"


def about_others(facts):
    found = facts["out_of_class"]
    alarms = ", ".join(
        f"{NAMES[table]} {percent(of['out'] / of['stars'])} %" for table, of in found["false alarms"].items()
    )
    caught = sorted(found["caught"].items(), key=lambda item: -item[1]["stars"])
    rows = [
        [name.replace("_", " "), of["stars"], percent(of["out"] / of["stars"])]
        for name, of in caught
        if of["stars"] >= FEWEST_OTHERS
    ]
    return f"""Out of class: the share of objects whose `out_of_class` is {found["threshold"]} or more (`bench/out_of_class.py`). Of the test stars of the ten
classes, false alarms: {alarms}. Of stars of other classes, none of which was trained on:

{table(["class", "stars", "out of class, %"], rows)}"""


def about_results(facts):
    comparison = facts["comparison"]
    kinds = sorted({f for t in TABLES for f in head(facts, t)["family_recall"]})
    recalls = [
        [
            kind.replace("|", "\\|"),
            *(
                percent(head(facts, t)["family_recall"][kind]) if kind in head(facts, t)["family_recall"] else ""
                for t in TABLES
            ),
        ]
        for kind in kinds
    ]
    matrices = "\n\n".join(f"{NAMES[t]}, head:\n\n{confusion(head(facts, t)['confusion'])}" for t in TABLES)
    changed = ", ".join(f"{NAMES[t]} {percent(comparison['changed_by_fainter'][t])} %" for t in TABLES)
    stripe82 = "\n".join(
        f"* {kind}: " + ", ".join(f"{n} {c}" for c, n in zip(CLASSES, row) if n)
        for kind, row in comparison["stripe82"].items()
    )
    return f"""## Results

Measured by `bench/compare_classifiers.py` on the test stars, in percent, with errors from bootstrap resamples of these stars. A star of
one of several classes counts as right when its predicted class is one of them. `balanced` is the mean recall of the families: EW and
EB are one, so are M and SR, DSCT and HADS. ECE is the expected calibration error. The trees and,
where they are listed, neighbours and probe on `mean`, the embedding (scikit-learn {comparison["sklearn"]}, features of light-curve
{comparison["light_curve"]}) were fitted to the same training stars and tuned on the same validation stars.

{survey_table(facts, "test")}

The head and the trees (e) on the same stars, by McNemar's test:

{mcnemar(facts)}

With 50 observations of each star, drawn at random:

{survey_table(facts, "few")}

Four magnitudes fainter, everything else equal, the head gives another class to: {changed}.

RR Lyrae of SDSS Stripe 82 in g (Sesar et al. 2010), a survey that was neither trained nor tuned on, are called:

{stripe82}

{about_others(facts)}

Recall of the head by family, in percent:

{table(["family", *NAMES.values()], recalls)}

Confusion matrices; each row is one label:

{matrices}"""


def about_limits(facts):
    families = {
        f: sum(sum(row) for t in TABLES for label, row in head(facts, t)["confusion"].items() if label == f)
        for f in CLASSES
    }
    few = ", ".join(f"{kind} ({n})" for kind, n in families.items() if n < FEW) or "none"
    n_train = sum(of["train"] for of in facts["splits"].values())
    seen = sum(stage["epochs"] * int(stage["run"]["epoch_objects"]) for stage in facts["stages"])
    return f"""## Limits

* Classes with fewer than {FEW} test stars of their own: {few}. Their scores are uncertain by many points.
* The training was short: its stages showed {seen:,} light curves of {n_train:,} stars. A longer one may well be better.
  Where the trees (e) are better, McNemar's test above says so.
* EB lies between EA and EW, and catalogues differ about it; RRC resembles EW at twice the period; small amplitudes of any kind resemble
  ROT.
* The head knows these classes and no others. A constant star, a Cepheid, a transient or an instrumental trend is assigned to one of
  them, often with a high probability: look at `out_of_class`, too, which finds most Cepheids and hardly any double-mode RR Lyrae star.
  A star of another survey may be out of class for the survey's sake. Probabilities are calibrated on the mixture of the validation stars above: class frequencies
  elsewhere are others.
* Another band, a much denser cadence or space photometry was not tested: try it on objects that you know, or fine-tune
  (`astrom3 train --from`).
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
    return "\n\n".join(
        [
            front_matter(facts),
            introduction(facts),
            about_use(),
            about_data(facts),
            about_training(facts),
            about_results(facts),
            about_limits(facts),
            about_licence(facts),
        ]
    )


# ---- README.md -----------------------------------------------------------------------------------------------------

README = pathlib.Path(__file__).resolve().parent.parent / "README.md"
BUNDLED = README.parent / "models/vstars4"
SOURCE = "| `bench/compare_classifiers.py` |"  # how the row ends, and no other


def readme_row(facts):
    """The head on each test table, among the README's other measured claims."""
    n = sum(head(facts, t)["n"] for t in TABLES)
    parts = ", ".join(
        f"{NAMES[t]} {percent(head(facts, t)['accuracy'])} % ({percent(method(facts, t, 'e')['accuracy'])} %)"
        for t in TABLES
    )
    return (
        f"| {n:,} real variables of four surveys nobody trained on | class, by the head of {facts['run']['name']} | accuracy on {parts}; in "
        f"brackets boosted trees on classical features {SOURCE}"
    )


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
    sources = ("training", "data", "comparison", "features", "others")
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
