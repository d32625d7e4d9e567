# SPDX-License-Identifier: MIT
"""astrom3 train with spectra, metadata and the shared space. Run with ASTROM3_CLI set."""

import json
import math
import random
import signal
import subprocess
import time
import unittest

from test_cli import CLI, CommandLine, light_curve, read_table, run, write_csv
from test_train import sha256

SHARED = {
    "classification": False,
    "num_classes": 2,
    "hidden_dim": 12,
    "fusion": "avg",
    "seq_len": 16,
    "p_enc_in": 9,
    "p_d_model": 8,
    "p_dropout": 0.1,
    "p_factor": 1,
    "p_output_attention": False,
    "p_n_heads": 2,
    "p_d_ff": 16,
    "p_activation": "gelu",
    "p_e_layers": 1,
    "s_dropout": 0.2,
    "s_conv_channels": [3, 4, 4, 4, 4],
    "s_kernel_size": 3,
    "s_mp_kernel_size": 4,
    "m_input_dim": 3,
    "m_hidden_dim": 8,
    "m_dropout": 0.1,
}
COLUMNS = "phot_g_mean_mag:abs,parallax,b:sin"
N = 24


def spectrum(path, kind, seed):
    """Blue or red, with LAMOST's scale of flux."""
    noise = random.Random(seed)
    rows = [(w, 100 + (1 - 2 * kind) * (6400 - w) / 50 + noise.gauss(0, 1), 1.0) for w in range(3840, 9010, 10)]
    path.write_text("wavelength,flux,ivar\n" + "".join(f"{w},{f:.4f},{i}\n" for w, f, i in rows))
    return path


class TwoKindsOfStars(CommandLine):
    """Two kinds of stars, which differ in their light curve, their spectrum and their row."""

    def setUp(self):
        super().setUp()
        self.config = self.tmp / "shared.json"
        self.config.write_text(json.dumps(SHARED))
        self.curves, self.spectra, lines, labels = [], [], [], []
        for i in range(N):
            kind, noise = i % 2, random.Random(i)
            rows = [
                (
                    2457000.5 + 1.1 * t,
                    40 + (1.5 if kind else 0.3) * math.sin(t * (1 + i / 7)) + noise.gauss(0, 0.02),
                    0.02,
                )
                for t in range(30)
            ]
            self.curves.append(write_csv(self.tmp / f"s{i}.csv", rows))
            folder = self.tmp / "spectra"
            folder.mkdir(exist_ok=True)
            self.spectra.append(spectrum(folder / f"s{i}.csv", kind, i))
            lines.append(f"s{i},{12 + kind + noise.gauss(0, 0.1):.3f},{2 + kind},{10 + 3 * i}")
            labels.append(f"s{i},{'AB'[kind]}")
        self.metadata = self.tmp / "catalogue.csv"
        self.metadata.write_text("object_id,phot_g_mean_mag,parallax,b\n" + "\n".join(lines) + "\n")
        self.labels = self.tmp / "labels.csv"
        self.labels.write_text("object_id,class\n" + "\n".join(labels) + "\n")
        self.split = self.tmp / "split.csv"
        parts = ["train"] * 4 + ["validation", "test"]
        self.split.write_text("object_id,class\n" + "".join(f"s{i},{parts[i // 2 % 6]}\n" for i in range(N)))
        self.features = ["--set", "period=2.5", "--set", "lksl_statistic=0.3", "--set", "rfr_score=0.9"]
        self.out = self.tmp / "out"

    def train(self, out, *more):
        usual = {"--split": self.split, "--seed": 1, "--epochs": 4, "--batch-size": 8, "--lr": 0.01}
        given = [word for name, value in usual.items() if name not in more for word in (name, value)]
        code, text, err = run("train", *given, "-o", out, "--json", *more)
        return code, json.loads(text) if text else {}, err

    def killed_and_resumed(self, *inputs):
        """Trains into self.out, and once more killed and resumed; returns the second folder and its arguments."""
        arguments = [*inputs, "--objective", "clip", "--config", self.config, "--epochs", "30"]
        code, _, err = self.train(self.out, *arguments, "--threads", "1")
        self.assertEqual(code, 0, err)
        other = self.tmp / "other"
        usual = ["--split", self.split, "--seed", "1", "--batch-size", "8", "--lr", "0.01"]
        base = ["train", *usual, "-o", other, *arguments]
        process = subprocess.Popen([CLI, *map(str, base)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.time() + 60
        while not (other / "state.safetensors").exists() and process.poll() is None and time.time() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        code, _, err = run(*base, "--resume", "--threads", "2")
        self.assertEqual(code, 0, err)
        return other, base

    def photo(self):
        return [*self.curves, *self.features]

    def all_three(self):
        return [*self.photo(), "--spectra", *self.spectra, "--metadata", self.metadata, "--metadata-columns", COLUMNS]


class TrainModalities(TwoKindsOfStars):
    def test_spectra_alone_become_a_classifier(self):
        config = self.tmp / "spectra.json"
        config.write_text(
            json.dumps(
                {
                    "classification": True,
                    "num_classes": 2,
                    "conv_channels": [3, 4, 4, 4, 4],
                    "kernel_size": 3,
                    "mp_kernel_size": 4,
                    "dropout_rate": 0.1,
                }
            )
        )
        code, facts, err = self.train(
            self.out,
            "--modality",
            "spectra",
            "--spectra",
            *self.spectra,
            "--labels",
            self.labels,
            "--config",
            config,
            "--epochs",
            "12",
        )
        self.assertEqual(code, 0, err)
        self.assertEqual((facts["train"], facts["validation"], facts["test"]), (16, 4, 4))
        self.assertEqual(facts["test_accuracy"], 1, err)
        code, text, _ = run("info", self.out, "--json")
        self.assertEqual((code, json.loads(text)["kind"]), (0, "spectra"))
        code, _, err = run("classify", "--spectra", *self.spectra, "--model", self.out, "-o", self.tmp / "classes.csv")
        self.assertEqual(code, 0, err)
        self.assertEqual([row["class"] for row in read_table(self.tmp / "classes.csv")], list("AB") * (N // 2))

    def test_probsparse_attention_is_learnt_and_kept(self):
        code, _, err = self.train(self.out, *self.all_three(), "--objective", "clip", "--config", self.config,
                                  "--epochs", "2", "--attention", "probsparse")  # fmt: skip
        self.assertEqual(code, 0, err)
        again = self.tmp / "again"
        self.train(again, *self.all_three(), "--objective", "clip", "--config", self.config,
                   "--epochs", "2", "--attention", "probsparse", "--threads", "2")  # fmt: skip
        self.assertEqual(sha256(self.out / "model.safetensors"), sha256(again / "model.safetensors"))
        other = self.tmp / "full"
        code, _, err = self.train(
            other, *self.all_three(), "--objective", "clip", "--config", self.config, "--epochs", "2"
        )
        self.assertEqual(code, 0, err)
        self.assertNotEqual(sha256(self.out / "model.safetensors"), sha256(other / "model.safetensors"))
        code, text, err = run("info", self.out, "--json")
        self.assertEqual((code, json.loads(text)["training_attention"]), (0, "probsparse"), err)
        further = self.tmp / "further"
        code, _, err = self.train(further, *self.photo(), "--labels", self.labels, "--from", self.out, "--epochs", "1")
        self.assertEqual(code, 0, err)
        code, text, err = run("info", further, "--json")
        self.assertEqual((code, json.loads(text)["training_attention"]), (0, "probsparse"), err)

    def test_a_form_of_attention_needs_light_curves(self):
        code, _, err = self.train(self.out, "--modality", "metadata", "--metadata", self.metadata, "--metadata-columns",
                                  COLUMNS, "--labels", self.labels, "--attention", "probsparse")  # fmt: skip
        self.assertEqual(code, 2, err)
        self.assertIn("--attention", err)

    def test_metadata_are_standardised_by_the_training_objects(self):
        code, facts, err = self.train(
            self.out,
            "--modality",
            "metadata",
            "--metadata",
            self.metadata,
            "--metadata-columns",
            COLUMNS,
            "--labels",
            self.labels,
            "--epochs",
            "20",
        )
        self.assertEqual(code, 0, err)
        self.assertEqual(facts["test_accuracy"], 1)
        scaling = json.loads((self.out / "preprocessor_config.json").read_text())["metadata"]
        self.assertEqual(scaling["columns"], ["phot_g_mean_mag", "parallax", "b"])
        self.assertEqual(scaling["transform"], {"abs": ["phot_g_mean_mag"], "sin": ["b"]})
        trained = {row["object_id"] for row in read_table(self.out / "objects.csv") if row["split"] == "train"}
        rows = [row for row in read_table(self.metadata) if row["object_id"] in trained]
        self.assertAlmostEqual(scaling["mean"][1], sum(float(row["parallax"]) for row in rows) / len(rows), places=6)
        magnitudes = [float(r["phot_g_mean_mag"]) + 5 * math.log10(float(r["parallax"])) - 10 for r in rows]
        mean = sum(magnitudes) / len(rows)
        self.assertAlmostEqual(scaling["mean"][0], mean, places=5)
        self.assertAlmostEqual(
            scaling["std"][0], math.sqrt(sum((m - mean) ** 2 for m in magnitudes) / len(rows)), places=5
        )
        # And inference finds it.
        code, _, err = run("classify", "--metadata", self.metadata, "--model", self.out, "-o", self.tmp / "classes.csv")
        self.assertEqual(code, 0, err)
        self.assertEqual([row["class"] for row in read_table(self.tmp / "classes.csv")], list("AB") * (N // 2))

    def test_clip_of_three_is_the_start_of_every_classifier(self):
        code, facts, err = self.train(self.out, *self.all_three(), "--objective", "clip", "--config", self.config)
        self.assertEqual(code, 0, err)
        self.assertEqual(facts["train"], 16)
        rows = read_table(self.out / "metrics.csv")
        self.assertLess(float(rows[-1]["train_loss"]), float(rows[0]["train_loss"]))
        self.assertAlmostEqual(float(rows[0]["train_loss"]), 6 * math.log(8), delta=6)
        self.assertFalse((self.out / "report.json").exists())
        code, _, err = run(
            "embed", *self.all_three()[:-2], "--model", self.out, "--output", "fused", "-o", self.tmp / "fused.csv"
        )
        self.assertEqual(code, 0, err)
        self.assertEqual(read_table(self.tmp / "fused.csv")[0]["modalities"], "photo;spectra;metadata")
        for name, inputs in (
            ("photo", self.photo()),
            ("spectra", ["--spectra", *self.spectra]),
            ("metadata", ["--metadata", self.metadata]),
            ("all", self.all_three()[:-2]),
        ):
            with self.subTest(name):
                code, facts, err = self.train(
                    self.tmp / f"from_{name}", *inputs, "--modality", name, "--labels", self.labels, "--from", self.out
                )
                self.assertEqual(code, 0, err)
                self.assertEqual(facts["head_kept"], 0)
                config = json.loads((self.tmp / f"from_{name}" / "config.json").read_text())
                self.assertEqual(config["class_names"], ["A", "B"])

    def test_what_clip_learnt_is_copied(self):
        self.train(self.out, *self.all_three(), "--objective", "clip", "--config", self.config)
        # No step moves what was copied: the learning rate is too small for float32.
        code, _, err = self.train(
            self.tmp / "all",
            *self.all_three()[:-2],
            "--modality",
            "all",
            "--labels",
            self.labels,
            "--from",
            self.out,
            "--epochs",
            "1",
            "--lr",
            "1e-30",
            "--weight-decay",
            "0",
        )
        self.assertEqual(code, 0, err)
        for out in (self.out, self.tmp / "all"):
            code, _, err = run("embed", *self.all_three()[:-2], "--model", out, "-o", self.tmp / f"{out.name}.csv")
            self.assertEqual(code, 0, err)
        self.assertEqual((self.tmp / "out.csv").read_text(), (self.tmp / "all.csv").read_text())

    def test_two_modalities_share_a_space(self):
        inputs = [*self.photo(), "--metadata", self.metadata, "--metadata-columns", COLUMNS]
        code, _, err = self.train(self.out, *inputs, "--objective", "clip", "--config", self.config)
        self.assertEqual(code, 0, err)
        self.assertEqual(json.loads((self.out / "config.json").read_text())["modalities"], ["photo", "metadata"])
        code, text, _ = run("info", self.out, "--json")
        self.assertEqual((code, json.loads(text)["modalities"]), (0, ["photo", "metadata"]))
        code, _, err = run("embed", *inputs[:-2], "--model", self.out, "-o", self.tmp / "fused.csv")
        self.assertEqual(code, 0, err)
        self.assertEqual(read_table(self.tmp / "fused.csv")[0]["modalities"], "photo;metadata")
        code, _, err = run(
            "embed",
            "--spectra",
            *self.spectra,
            "--modalities",
            "spectra",
            "--model",
            self.out,
            "-o",
            self.tmp / "no.csv",
        )
        self.assertEqual(code, 2)
        self.assertIn("no encoder of spectra", err)

    def test_the_recipe_is_taken_but_for_what_is_given(self):
        code, _, err = self.train(
            self.out, *self.all_three(), "--objective", "clip", "--config", self.config, "--recipe", "astrom3"
        )
        self.assertEqual(code, 0, err)
        run_json = json.loads((self.out / "run.json").read_text())
        self.assertEqual(run_json["optimiser"], "adam")
        self.assertEqual(run_json["schedule"], "astrom3")
        self.assertEqual(run_json["learning_rate"], "0.01")  # given
        self.assertEqual(run_json["weight_decay"], "0.00467")
        self.assertEqual(run_json["clip_norm"], "45")
        self.assertEqual(run_json["clip_scale"], "100")
        self.assertEqual(run_json["select"], "accuracy")
        rates = [float(row["learning_rate"]) for row in read_table(self.out / "metrics.csv")]
        self.assertAlmostEqual(rates[0], 1e-7, places=12)
        self.assertAlmostEqual(rates[2], 0.01 * (1e-5 + (1 - 1e-5) * 0.2), places=12)

    def test_a_killed_training_goes_on_to_the_same_bytes_with_any_number_of_threads(self):
        other, base = self.killed_and_resumed(*self.all_three())
        for name in ("model.safetensors", "metrics.csv", "config.json", "preprocessor_config.json"):
            self.assertEqual(sha256(self.out / name), sha256(other / name), name)
        # Another table of metadata is another training.
        self.metadata.write_text(self.metadata.read_text().replace("s0,", "s0,1"))
        code, _, err = run(*base, "--resume")
        self.assertEqual(code, 6)
        self.assertIn("modalities", err)

    def test_objects_without_a_modality_are_left_out_and_listed(self):
        flat = self.tmp / "spectra" / "s0.csv"
        flat.write_text("wavelength,flux,ivar\n" + "".join(f"{w},1,1\n" for w in range(3840, 9010, 10)))
        lines = self.metadata.read_text().splitlines()
        lines[2] = "s1,,3,13"
        self.metadata.write_text("\n".join(line for line in lines if not line.startswith("s2,")) + "\n")
        code, facts, err = self.train(self.out, *self.all_three(), "--objective", "clip", "--config", self.config)
        self.assertEqual(code, 3, err)
        self.assertEqual(facts["incomplete"], 3)
        self.assertEqual(facts["train"] + facts["validation"] + facts["test"], N - 3)
        rejects = {r["object_id"]: r for r in map(json.loads, (self.out / "rejects.jsonl").read_text().splitlines())}
        self.assertEqual(
            {i: r["code"] for i, r in rejects.items()},
            {"s0": "no_variation", "s1": "missing_value", "s2": "missing_modality"},
        )
        self.assertIn("phot_g_mean_mag", rejects["s1"]["message"])

    def test_what_makes_no_sense_is_refused(self):
        spectra, metadata = ["--spectra", *self.spectra], ["--metadata", self.metadata]
        labels = ["--labels", self.labels]
        for more, words in (
            ([*self.photo(), "--objective", "clip"], "two of the three"),
            ([*self.photo(), *spectra, *labels], "--spectra is given"),
            (["--modality", "spectra", *labels], "--spectra is needed"),
            (["--modality", "metadata", *metadata, *spectra, *labels], "--spectra is given"),
            (["--modality", "spectra", *spectra], "--labels is needed"),
            ([*self.photo(), *metadata, "--objective", "clip", "--modality", "spectra"], "--modality goes with"),
            ([*self.photo(), *metadata, "--objective", "clip", "--select", "macro_f1"], "needs classes"),
            ([*self.photo(), *metadata, "--objective", "clip", "--metadata-columns", "b:tan"], "--metadata-columns"),
            ([*self.photo(), *labels, "--metadata-columns", "b"], "go with --metadata"),
            ([*self.photo(), "--objective", "contrast", "--recipe", "astrom3"], "--recipe astrom3"),
            (["--modality", "spectra", *spectra, *labels, "--head", "pooled"], "--head pooled"),
            (["--modality", "metadata", *metadata, *labels, "--impute", "mean"], "not of training"),
            (["--modality", "spectra", *spectra, *labels, "--config", self.config], "of kind shared, expected spectra"),
        ):
            with self.subTest(words):
                code, _, err = self.train(self.out, *more)
                self.assertEqual(code, 2, err)
                self.assertIn(words, err)
                self.assertFalse((self.out / "run.json").exists())
        # The 34 published columns are not in this table.
        code, _, err = self.train(self.out, *self.photo(), *metadata, "--objective", "clip")
        self.assertEqual(code, 5, err)
        self.assertIn("mean_vmag", err)


if __name__ == "__main__":
    unittest.main()
