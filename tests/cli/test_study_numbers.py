# SPDX-License-Identifier: MIT
"""astrom3 study: every number of its tables, computed anew with NumPy from what `preprocess` and `encode` write. Run with
ASTROM3_CLI set.

A python without numpy skips with exit code 77.
"""

import json
import shutil
import struct
import sys
import unittest

try:
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing} (make setup installs it into .venv)")
    sys.exit(77)

from test_cli import TINY, CommandLine, light_curve, read_safetensors, read_table, run, write_csv

T = 40  # steps of the tiny encoder
CLASSES = ["A", "B", "C", "D", "E"]
CHANNEL = {"amplitude": 3, "period": 4, "lksl_statistic": 5, "rfr_score": 6}
MEAN = dict(zip(CHANNEL, (0.487811, 0.364447, 0.331266, 0.836659)))  # the published scaling
STD = dict(zip(CHANNEL, (0.467233, 1.061539, 0.271529, 0.138315)))


def raw_of(what, z):
    return 10 ** (z * STD[what] + MEAN[what]) if what == "period" else z * STD[what] + MEAN[what]


def z_of(what, raw):
    return ((np.log10(raw) if what == "period" else raw) - MEAN[what]) / STD[what]


def cosine_distances(a, b):
    return 1 - (a * b).sum(-1) / np.sqrt((a * a).sum(-1) * (b * b).sum(-1))


class Numbers(CommandLine):
    N = 15

    def setUp(self):
        super().setUp()
        self.model = self.tmp / "model"
        self.model.mkdir()
        shutil.copy(TINY / "model.safetensors", self.model)
        config = json.loads((TINY / "config.json").read_text())
        (self.model / "config.json").write_text(json.dumps(config | {"class_names": CLASSES}))
        lengths = [25 + 3 * k for k in range(self.N)]  # 25 to 67: padded, just full, cropped
        self.stars = [write_csv(self.tmp / f"s{k:02}.csv", light_curve(n, seed=k + 1, period=0.6 + 0.1 * k))
                      for k, n in enumerate(lengths)]
        self.labels = np.array([k * k % 4 for k in range(self.N)])  # three classes of unequal size
        self.catalog = self.tmp / "catalog.csv"
        self.catalog.write_text("object_id,class,amplitude,period,lksl_statistic,rfr_score\n" + "".join(
            f"s{k:02},{CLASSES[self.labels[k]]},{0.2 + 0.03 * k},{0.6 + 0.1 * k},{0.1 + 0.02 * k},{0.5 + 0.03 * k}\n"
            for k in range(self.N)))
        # All observations as the encoder takes them: the crop of a model with 200 steps leaves these alone.
        code, _, err = run("preprocess", *self.stars, "--features", self.catalog, "--scaling", "published", "-o", self.tmp / "all")
        self.assertEqual(code, 0, err)
        mask = np.load(self.tmp / "all/mask.npy")
        self.rows = [x[:int(m.sum())] for x, m in zip(np.load(self.tmp / "all/x_enc.npy"), mask)]
        self.assertEqual([len(rows) for rows in self.rows], lengths)

    def encode(self, all_rows, *options):
        """Rows -> `mean` and the head's class; centre crop and padding done here."""
        x = np.zeros((len(all_rows), T, 9), np.float32)
        mask = np.zeros((len(all_rows), T), np.float32)
        for k, rows in enumerate(all_rows):
            begin = max(0, len(rows) - T) // 2
            rows = rows[begin:begin + T]
            x[k, :len(rows)], mask[k, :len(rows)] = rows, 1
        header = json.dumps({"x_enc": {"dtype": "F32", "shape": x.shape, "data_offsets": [0, x.nbytes]},
                             "mask": {"dtype": "F32", "shape": mask.shape, "data_offsets": [x.nbytes, x.nbytes + mask.nbytes]}}).encode()
        (self.tmp / "in.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + x.tobytes() + mask.tobytes())
        code, _, err = run("encode", self.tmp / "in.safetensors", "--model", self.model, "-o", self.tmp / "out.safetensors", *options)
        self.assertEqual(code, 0, err)
        out = read_safetensors(self.tmp / "out.safetensors")
        mean, logits = (np.array(out[name][2], np.float64).reshape(len(all_rows), -1) for name in ("mean", "logits"))
        return mean, logits.argmax(-1)

    def study(self, what, *args, inputs=None):
        given = [*self.stars, "--features", self.catalog] if inputs is None else inputs
        code, out, err = run("study", what, *given, "--model", self.model, "--scaling", "published", "--json", *args)
        self.assertEqual(code, 0, err)
        return json.loads(out)

    def with_feature(self, what, z):
        """The rows with one channel replaced, by one number or one a star."""
        changed = []
        for rows, value in zip(self.rows, np.broadcast_to(z, self.N)):
            changed.append(rows.copy())
            changed[-1][:, CHANNEL[what]] = np.float32(value)
        return changed

    def assert_row(self, row, classes, distances, labels, truth_z=None, what=None):
        """A row of `overall` and its rows of `classes`, from the distances of the objects it is about."""
        self.assertEqual(row["n"], len(distances))
        for name, value in (("mean", distances.mean()), ("std", distances.std()), ("median", np.median(distances)), ("max", distances.max())):
            self.assertAlmostEqual(row[name], value, delta=1e-9, msg=(row["instead"], name))
        means = []
        for label in sorted(set(labels)):
            part = distances[labels == label]
            means.append(part.mean())
            (found,) = [c for c in classes if (c["instead"], c["class"]) == (row["instead"], CLASSES[label])]
            self.assertEqual(found["n"], len(part))
            self.assertAlmostEqual(found["mean"], part.mean(), delta=1e-9)
            self.assertAlmostEqual(found["std"], part.std(), delta=1e-9)
            if what is not None:
                z = truth_z[labels == label].mean()
                self.assertAlmostEqual(found["true_z"], z, delta=1e-6)
                self.assertAlmostEqual(found["true_raw"], raw_of(what, z), delta=1e-6)
        self.assertAlmostEqual(row["macro_mean"], np.mean(means), delta=1e-9)
        self.assertAlmostEqual(row["macro_std"], np.std(means), delta=1e-9)

    def test_every_feature_and_everything_put_in_its_place(self):
        truth, _ = self.encode(self.rows)
        for what in CHANNEL:
            result = self.study("substitution", "--feature", what, "--steps", "4", "--constant", "z:0.25")
            true_z = np.array([float(rows[0, CHANNEL[what]]) for rows in self.rows])
            true_raw = raw_of(what, true_z)
            wrong = {f"{what} * 2": 2 * true_raw, f"{what} / 2": true_raw / 2}
            if what == "period":
                wrong |= {"frequency + 1 / d": 1 / (1 / true_raw + 1), "frequency - 1 / d": 1 / np.abs(1 / true_raw - 1)}
                wrong["frequency - 1 / d"] = np.minimum(wrong["frequency - 1 / d"], 1e6)  # the star with a period of a day
            for values, unit in ((true_z, "z"), (true_raw, "raw")):
                (found,) = [row for row in result["truth"] if row["unit"] == unit]
                for name, value in (("min", values.min()), ("median", np.median(values)), ("max", values.max()),
                                    ("mean", values.mean()), ("std", values.std())):
                    self.assertAlmostEqual(found[name], value, delta=1e-6, msg=(what, unit, name))
            self.assertEqual(len(result["curve"]), 4)
            np.testing.assert_allclose([row["z"] for row in result["curve"]], np.linspace(true_z.min(), true_z.max(), 4), atol=1e-6)
            named = [row["instead"] for row in result["overall"]]
            self.assertTrue(named[0].startswith("best"), named)
            self.assertEqual(named[1:], ["z = 0.25", "z = -100", "z = -10", "z = 10", "z = 100", *wrong])
            for row in result["overall"] + result["curve"]:
                with self.subTest(feature=what, instead=row["instead"]):
                    if row["z"] is None:
                        z = z_of(what, wrong[row["instead"]])
                    else:
                        z = row["z"]
                        self.assertAlmostEqual(row["raw"], raw_of(what, z), delta=1e-6 * abs(raw_of(what, z)))
                    changed, _ = self.encode(self.with_feature(what, z))
                    distances = cosine_distances(truth, changed)
                    if row["z"] is None:  # computed here in another order: an ulp of z
                        self.assertAlmostEqual(row["mean"], distances.mean(), delta=1e-7)
                    elif row in result["curve"]:
                        self.assertAlmostEqual(row["mean"], distances.mean(), delta=1e-9)
                    else:
                        self.assert_row(row, result["classes"], distances, self.labels, true_z, what)
            best = result["overall"][0]
            for z in (best["z"] - 0.02, best["z"] + 0.02):  # a constant beside it is no better, or lies outside
                if true_z.min() <= z <= true_z.max():
                    beside = cosine_distances(truth, self.encode(self.with_feature(what, z))[0]).mean()
                    self.assertGreaterEqual(beside, best["mean"] - 1e-9)

    def test_other_crops(self):
        result = self.study("substitution", "--feature", "crop")
        longer = [k for k, rows in enumerate(self.rows) if len(rows) > T]
        truth, _ = self.encode([self.rows[k] for k in longer])
        for name, cut in ((f"first {T}", lambda rows: rows[:T]), (f"last {T}", lambda rows: rows[-T:])):
            changed, _ = self.encode([cut(self.rows[k]) for k in longer])
            (row,) = [r for r in result["overall"] if r["instead"] == name]
            self.assert_row(row, result["classes"], cosine_distances(truth, changed), self.labels[longer])

    def test_fewer_observations_are_a_light_curve_of_their_own(self):
        for k in (0, 1, 2):
            rows = light_curve(9, seed=k + 1)
            star = write_csv(self.tmp / f"s{k:02}.csv", rows)
            less = []  # every way to leave one observation out, as a file of its own with the star's name
            for i in range(len(rows)):
                (self.tmp / f"{k}_{i}").mkdir()
                less.append(write_csv(self.tmp / f"{k}_{i}/s{k:02}.csv", rows[:i] + rows[i + 1:]))
            result = self.study("substitution", "--feature", "observations", "--keep", "8", inputs=[star, "--features", self.catalog])
            embeddings = []
            for file in (star, *less):
                code, _, err = run("embed", file, "--features", self.catalog, "--scaling", "published", "--model", self.model, "-o", self.tmp / "e.csv")
                self.assertEqual(code, 0, err)
                (row,) = read_table(self.tmp / "e.csv")
                embeddings.append([float(row[f"e{i}"]) for i in range(32)])
            distances = cosine_distances(np.array(embeddings[:1]), np.array(embeddings[1:]))
            # Rescaled from rows in float32, not from the file: some 1e-7 of each channel, 2e-9 of these distances.
            self.assertLess(np.abs(distances - result["overall"][0]["mean"]).min(), 2e-8, (k, distances))
            self.assertGreater(np.ptp(distances), 1e-5)

    def test_tensors_give_the_numbers_of_the_light_curves_they_were_made_of(self):
        try:
            import pyarrow
            import pyarrow.parquet as parquet
        except ImportError:
            self.skipTest("pyarrow is not there to make the file")
        rows = pyarrow.array([r.tolist() for r in self.rows], pyarrow.list_(pyarrow.list_(pyarrow.float32())))
        parquet.write_table(pyarrow.table({"photometry": rows, "label": pyarrow.array(self.labels, pyarrow.int64())}), self.tmp / "test.parquet")
        for what in ("rfr_score", "period", "crop"):
            options = ("--feature", what, "--steps", "3")
            expected, got = self.study("substitution", *options), self.study("substitution", *options, inputs=[self.tmp / "test.parquet"])
            rows_at_random = f"{T} at random"  # depends on the object's id, which a row of this file has not
            for table in ("overall", "classes", "curve", "truth"):
                a, b = ([row for row in r.get(table, []) if row.get("instead") != rows_at_random] for r in (expected, got))
                self.assertEqual(a, b, (what, table))

    def test_attention_head_and_neighbours(self):
        result = self.study("attention", "--seeds", "2", "--first-seed", "3", "--neighbours", "4")
        forms = {"full": [self.encode(self.rows)], "probsparse-exact": [self.encode(self.rows, "--attention", "probsparse-exact")],
                 "probsparse": [self.encode(self.rows, "--attention", "probsparse", "--seed", seed) for seed in (3, 4)]}
        draws = forms["probsparse"]
        forms["mean over seeds"] = [((draws[0][0] + draws[1][0]) / 2, None)]

        def neighbours(mean):
            distance = cosine_distances(mean[:, None], mean[None])
            np.fill_diagonal(distance, np.inf)
            return [set(np.argsort(row, kind="stable")[:4]) for row in distance]

        self.assertEqual(len(result["forms"]), 5)
        for row in result["forms"]:
            pairs = [(draws[0], draws[1])] if row["other"] == "another seed" else [(a, b) for a in forms[row["form"]] for b in forms[row["other"]]]
            distances = np.concatenate([cosine_distances(a[0], b[0]) for a, b in pairs])
            for name, value in (("distance", distances.mean()), ("std", distances.std()), ("median", np.median(distances)), ("max", distances.max())):
                self.assertAlmostEqual(row[name], value, delta=1e-7, msg=(row["form"], row["other"], name))
            kept = [len(p & q) / 4 for a, b in pairs for p, q in zip(neighbours(a[0]), neighbours(b[0]))]
            self.assertAlmostEqual(row["kept"], np.mean(kept), delta=1e-9)
            if row["other"] != "mean over seeds":  # which has no logits
                self.assertAlmostEqual(row["same_class"], np.mean([a[1] == b[1] for a, b in pairs]), delta=1e-9)
        for row in result["head"]:
            right = np.array([chosen == self.labels for _, chosen in forms[row["form"]]])
            self.assertAlmostEqual(row["right"], right.mean(), delta=1e-9)
            by_class = [right[:, self.labels == label].mean() for label in sorted(set(self.labels))]
            self.assertAlmostEqual(row["balanced_right"], np.mean(by_class), delta=1e-9)


if __name__ == "__main__":
    unittest.main()
