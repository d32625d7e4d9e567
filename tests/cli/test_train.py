# SPDX-License-Identifier: MIT
"""astrom3 train: from light curves to a checkpoint, whatever happens on the way. Run with ASTROM3_CLI set."""

import csv
import hashlib
import json
import random
import shutil
import signal
import struct
import subprocess
import time
import unittest
import xml.etree.ElementTree
from pathlib import Path

from test_cli import CLI, SLOWER, CommandLine, read_table, run, write_csv

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "asassn_like"
CATALOG = EXAMPLES / "catalog.csv"
NETWORK = {"classification": True, "num_classes": 10, "seq_len": 24, "enc_in": 9, "d_model": 16, "dropout": 0.1, "factor": 1,
           "output_attention": False, "n_heads": 2, "d_ff": 32, "activation": "gelu", "e_layers": 1}


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


class Train(CommandLine):
    def setUp(self):
        super().setUp()
        self.config = self.tmp / "small.json"
        self.config.write_text(json.dumps(NETWORK))
        self.out = self.tmp / "out"

    def arguments(self, out, *more, stars=None):
        """Sixty stars with the catalogue's features: no period is searched for."""
        return ["train", *(stars or sorted(EXAMPLES.glob("*.dat"))), "--band", "V", "--features", CATALOG,
                "--labels", CATALOG, "--config", self.config, "--validation", "0.2", "--lr", "0.005",
                "--batch-size", "8", "--seed", "3", "--noise", "1", "--drop", "0.3", "-o", out, *more]

    def table(self, name, classes):
        (self.tmp / name).write_text("object_id,class\n" + "".join(f"{star},{kind}\n" for star, kind in classes))

    def train(self, out, *more, **kwargs):
        code, text, err = run(*self.arguments(out, "--json", *more, **kwargs))
        return code, json.loads(text) if text else {}, err

    def test_the_folder_is_a_checkpoint_with_everything_beside_it(self):
        code, facts, err = self.train(self.out, "--epochs", "6", "--name", "small")
        self.assertEqual(code, 0, err)
        self.assertEqual(facts["sha256"], sha256(self.out / "model.safetensors"))
        self.assertEqual(facts["train"] + facts["validation"] + facts["test"], 60)
        rows = read_table(self.out / "metrics.csv")
        self.assertEqual([row["epoch"] for row in rows], list("123456"))
        self.assertLess(float(rows[-1]["train_loss"]), float(rows[0]["train_loss"]))
        xml.etree.ElementTree.parse(self.out / "metrics.svg")
        report = json.loads((self.out / "report.json").read_text())
        self.assertEqual(sum(map(sum, report["test"]["confusion"])), facts["test"])
        self.assertEqual(report["classes"], sorted({row["class"] for row in read_table(CATALOG)}))
        self.assertIn("epoch 6/6", err)

        # The split is the documented rule, and the scaling that of the training objects.
        periods = []
        catalog = {row["object_id"]: row for row in read_table(CATALOG)}
        for row in read_table(self.out / "objects.csv"):
            position = int(hashlib.sha256(row["object_id"].encode()).hexdigest()[:16], 16) / 2**64
            self.assertEqual(row["split"], "test" if position < 0.15 else "validation" if position < 0.35 else "train")
            self.assertEqual(row["class"], catalog[row["object_id"]]["class"])
            if row["split"] == "train":
                periods.append(float(catalog[row["object_id"]]["amplitude"]))
        scaling = json.loads((self.out / "preprocessor_config.json").read_text())["features"]
        self.assertAlmostEqual(scaling["amplitude"]["mean"], sum(periods) / len(periods), places=12)

        # And the other commands take it as it is.
        code, _, err = run("classify", *sorted(EXAMPLES.glob("*-1.dat")), "--band", "V", "--features", CATALOG, "--model", self.out,
                           "-o", self.tmp / "classes.csv")
        self.assertEqual(code, 0, err)
        self.assertIn("p_RRAB", read_table(self.tmp / "classes.csv")[0])
        meta = json.loads((self.tmp / "classes.meta.json").read_text())
        self.assertEqual((meta["model_trained"], meta["attention"], meta["model_name"]), ("true", "full", "small"))

    def test_the_head_is_fitted_anew_to_the_weights_of_another_training(self):
        code, _, err = self.train(self.out, "--epochs", "4", "--head", "pooled")
        self.assertEqual(code, 0, err)
        finish = ["train", *sorted(EXAMPLES.glob("*.dat")), "--band", "V", "--features", CATALOG, "--labels", CATALOG,
                  "--from", self.out, "--validation", "0.2", "--head", "pooled", "--epochs", "0", "--refit-head",
                  "--out-of-class", "--calibration", "temperature", "--json"]  # fmt: skip
        outputs = []
        for name, threads in (("one", "1"), ("two", "2")):
            code, text, err = run(*finish, "--threads", threads, "-o", self.tmp / name)
            self.assertEqual(code, 0, err)
            outputs.append((self.tmp / name / "model.safetensors").read_bytes())
        self.assertEqual(outputs[0], outputs[1])
        self.assertEqual(json.loads(text)["epochs"], 0)
        # A run that is resumed after its end has nothing left to do.
        code, _, err = run(*finish, "--resume", "-o", self.tmp / "two")
        self.assertEqual((code, (self.tmp / "two" / "model.safetensors").read_bytes()), (0, outputs[1]), err)

        def tensors(data):
            size = struct.unpack("<Q", data[:8])[0]
            header = json.loads(data[8:8 + size])
            return header.pop("__metadata__"), {
                name: data[8 + size + entry["data_offsets"][0]:8 + size + entry["data_offsets"][1]] for name, entry in header.items()}

        (_, before), (metadata, after) = tensors((self.out / "model.safetensors").read_bytes()), tensors(outputs[0])
        self.assertEqual({name for name in before if before[name] != after[name]}, {"fc.weight", "fc.bias"})
        self.assertEqual(set(after) - set(before), {f"out_of_class.{name}" for name in ("whitening", "centres", "distances")})
        self.assertIn("astrom3.head_penalty", metadata)
        # The embeddings are those of the weights that were learnt, and every object has its score beside its class.
        tables = {}
        for model in (self.out, self.tmp / "one"):
            for command in ("embed", "classify"):
                code, text, err = run(command, *sorted(EXAMPLES.glob("*.dat")), "--band", "V", "--features", CATALOG, "--model", model, "-o", "-")
                self.assertEqual(code, 0, err)
                tables[model, command] = list(csv.DictReader(text.splitlines()))
        self.assertEqual(tables[self.out, "embed"], tables[self.tmp / "one", "embed"])
        self.assertNotIn("out_of_class", tables[self.out, "classify"][0])
        scores = {row["object_id"]: float(row["out_of_class"]) for row in tables[self.tmp / "one", "classify"]}
        self.assertTrue(all(0 <= score <= 1 for score in scores.values()), scores)
        # Of the validation objects the scores are their ranks.
        split = {row["object_id"]: row["split"] for row in read_table(self.tmp / "one" / "objects.csv")}
        ranks = sorted(score for star, score in scores.items() if split[star] == "validation")
        for i, rank in enumerate(ranks):
            self.assertAlmostEqual(rank, i / (len(ranks) - 1), delta=0.02)
        # Damage is named.
        data = bytearray(outputs[0])
        size = struct.unpack("<Q", data[:8])[0]
        begin, end = json.loads(data[8:8 + size])["out_of_class.distances"]["data_offsets"]
        data[8 + size + begin:8 + size + begin + 4] = struct.pack("<f", 1e30)
        shutil.copytree(self.tmp / "one", self.tmp / "damaged")
        (self.tmp / "damaged" / "model.safetensors").write_bytes(data)
        code, _, err = run("info", "--model", self.tmp / "damaged")
        self.assertEqual(code, 4)
        self.assertIn("out_of_class.distances", err)
        # To learn more begins without: other embeddings, other distances.
        more = finish[:finish.index("--from")] + ["--from", self.tmp / "one", "--epochs", "1", "-o", self.tmp / "more"]
        code, _, err = run(*more)
        self.assertEqual(code, 0, err)
        self.assertNotIn("out_of_class.centres", tensors((self.tmp / "more" / "model.safetensors").read_bytes())[1])

    def test_fitting_the_head_needs_a_pooled_one_and_weights(self):
        for words, said in ((("--refit-head",), "--head pooled"), (("--epochs", "0"), "--from"),
                            (("--out-of-class", "--objective", "contrast"), "--out-of-class needs classes")):
            code, _, err = self.train(self.out, *words)
            self.assertEqual(code, 2)
            self.assertIn(said, err)

    def test_a_pooled_head_has_the_same_weights_for_every_step(self):
        for form in ("free", "pooled"):
            code, _, err = self.train(self.tmp / form, "--epochs", "2", "--head", form)
            self.assertEqual(code, 0, err)
            data = (self.tmp / form / "model.safetensors").read_bytes()
            size = struct.unpack("<Q", data[:8])[0]
            begin, end = json.loads(data[8:8 + size])["fc.weight"]["data_offsets"]
            weights = struct.unpack(f"<{(end - begin) // 4}f", data[8 + size + begin:8 + size + end])
            steps = {weights[t * 16:(t + 1) * 16] for t in range(24)}
            self.assertEqual(len(steps), 1 if form == "pooled" else 24)

    def test_a_run_killed_at_any_moment_goes_on_to_the_same_bytes(self):
        begin = time.time()
        more = ("--copies", "2", "--brightness", "1", "--error-scale", "2", "--calibration", "temperature")
        code, facts, err = self.train(self.tmp / "whole", "--epochs", "8", "--threads", "1", *more)
        self.assertEqual(code, 0, err)
        whole = time.time() - begin
        dice = random.Random(5)
        kills = 0
        for attempt in range(40):
            process = subprocess.Popen([CLI, *map(str, self.arguments(self.out, "--epochs", "8", "--resume", "-q", *more))],
                                       stderr=subprocess.PIPE)
            try:
                _, err = process.communicate(timeout=whole * dice.uniform(0.05, 0.7))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                kills += 1
                continue
            self.assertEqual(process.returncode, 0, err)
            break
        code, resumed, err = self.train(self.out, "--epochs", "8", "--resume", *more)
        self.assertEqual(code, 0, err)
        self.assertGreater(kills, 0)
        for name in ("model.safetensors", "state.safetensors", "metrics.csv", "metrics.svg", "report.json", "run.json", "objects.csv"):
            self.assertEqual(sha256(self.out / name), sha256(self.tmp / "whole" / name), name)
        self.assertEqual(list(self.out.glob("*.tmp.*")), [])

    def test_a_run_killed_behind_its_last_epoch_makes_what_is_missing(self):
        code, _, err = self.train(self.out, "--epochs", "2")
        self.assertEqual(code, 0, err)
        names = ("metrics.csv", "metrics.svg", "report.json", "objects.csv")
        before = {name: (self.out / name).read_bytes() for name in names}
        for name in names:
            (self.out / name).unlink()
        code, _, err = self.train(self.out, "--epochs", "2", "--resume")
        self.assertEqual(code, 0, err)
        self.assertEqual({name: (self.out / name).read_bytes() for name in names}, before)

    def test_ctrl_c_ends_it_with_what_is_finished(self):
        arguments = self.arguments(self.out, "--epochs", "100000", "--patience", "0")
        process = subprocess.Popen([CLI, *map(str, arguments)], stderr=subprocess.PIPE,
                                   preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        deadline = time.time() + 60
        while not (self.out / "state.safetensors").exists() and time.time() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60 * SLOWER)
        self.assertEqual(process.returncode, 130, err)
        done = len(read_table(self.out / "metrics.csv"))
        self.assertGreaterEqual(done, 1)
        code, _, err = run("info", "--model", self.out)
        self.assertEqual(code, 0, err)

    def test_light_curves_are_read_once_until_an_input_changes(self):
        stars = []
        for star in sorted(EXAMPLES.glob("*.dat")):
            stars.append(Path(shutil.copy(star, self.tmp)))
        self.assertEqual(self.train(self.out, "--epochs", "1", stars=stars)[1]["from_cache"], 0)
        code, facts, err = self.train(self.out, "--epochs", "2", "--force", stars=stars)
        self.assertEqual((code, facts["from_cache"], facts["first_epoch"]), (0, 1, 1), err)
        lines = stars[0].read_text().splitlines()
        stars[0].write_text("\n".join(lines[:-1]) + "\n")
        code, facts, err = self.train(self.out, "--epochs", "2", "--force", stars=stars)
        self.assertEqual((code, facts["from_cache"]), (0, 0), err)
        # A damaged cache is read anew, too.
        (self.out / "cache.safetensors").write_bytes(b"damaged")
        code, facts, err = self.train(self.out, "--epochs", "2", "--force", stars=stars)
        self.assertEqual((code, facts["from_cache"]), (0, 0), err)

    def test_another_run_in_the_folder_is_neither_resumed_nor_overwritten(self):
        self.assertEqual(self.train(self.out, "--epochs", "1")[0], 0)
        before = sha256(self.out / "model.safetensors")
        code, _, err = self.train(self.out, "--epochs", "1")
        self.assertEqual(code, 6, err)
        self.assertIn("--resume", err)
        code, _, err = self.train(self.out, "--epochs", "2", "--resume")
        self.assertEqual(code, 6, err)
        self.assertIn("epochs: was 1, is 2", err)
        self.assertEqual(sha256(self.out / "model.safetensors"), before)
        (self.tmp / "mine").mkdir()
        (self.tmp / "mine" / "thesis.tex").write_text("x")
        code, _, err = self.train(self.tmp / "mine", "--force")
        self.assertEqual(code, 6, err)
        self.assertIn("thesis.tex", err)

    def test_a_checkpoint_is_fine_tuned_and_its_head_replaced_where_classes_are_new(self):
        self.assertEqual(self.train(self.tmp / "first", "--epochs", "2")[0], 0)
        arguments = [a for a in self.arguments(self.out, "--json", "--epochs", "1") if a not in ("--config", self.config)]
        code, text, err = run(*arguments, "--from", self.tmp / "first")
        self.assertEqual(code, 0, err)
        self.assertEqual(json.loads(text)["head_kept"], 1)
        # Two classes of other names: a new head; the scaling stays the first one's.
        labels = self.tmp / "two.csv"
        rows = [(row["object_id"], "eclipsing" if row["class"] in ("EA", "EB", "EW") else "other") for row in read_table(CATALOG)]
        labels.write_text("object_id,class\n" + "".join(f"{i},{c}\n" for i, c in rows))
        arguments[arguments.index("--labels") + 1] = labels
        arguments[arguments.index("-o") + 1] = self.tmp / "second"
        code, text, err = run(*arguments, "--from", self.tmp / "first")
        self.assertEqual(code, 0, err)
        self.assertEqual(json.loads(text)["head_kept"], 0)
        config = json.loads((self.tmp / "second" / "config.json").read_text())
        self.assertEqual((config["num_classes"], config["class_names"]), (2, ["eclipsing", "other"]))
        self.assertEqual((self.tmp / "second" / "preprocessor_config.json").read_text(),
                         (self.tmp / "first" / "preprocessor_config.json").read_text())

    def test_the_contrastive_objective_needs_no_labels_and_leaves_no_head(self):
        arguments = self.arguments(self.out, "--json", "--epochs", "3", "--objective", "contrast")
        at = arguments.index("--labels")
        del arguments[at:at + 2]
        code, text, err = run(*arguments)
        self.assertEqual(code, 0, err)
        self.assertFalse(json.loads((self.out / "config.json").read_text())["classification"])
        rows = read_table(self.out / "metrics.csv")
        self.assertLess(float(rows[-1]["train_loss"]), float(rows[0]["train_loss"]))
        self.assertEqual(rows[0]["validation_macro_f1"], "")
        code, _, err = run("embed", EXAMPLES / "SIM-EW-1.dat", "--band", "V", "--features", CATALOG, "--model", self.out,
                           "-o", self.tmp / "e.csv")
        self.assertEqual(code, 0, err)

    def test_what_cannot_be_learned_from_is_listed(self):
        flat = write_csv(self.tmp / "flat.csv", [(2457000 + i, 5.0, 0.1) for i in range(30)])
        (self.tmp / "again").mkdir()
        again = shutil.copy(flat, self.tmp / "again")  # one label, met twice
        unknown = shutil.copy(EXAMPLES / "SIM-EW-1.dat", self.tmp / "unknown.dat")
        labels = self.tmp / "labels.csv"
        labels.write_text("object_id,class\nflat,EW\nabsent,EW\n" +
                          "".join(f"{row['object_id']},{row['class']}\n" for row in read_table(CATALOG)))
        features = self.tmp / "features.csv"
        with open(CATALOG, newline="") as file:
            table = list(csv.reader(file))
        columns = {name: i for i, name in enumerate(table[0])}
        table += [[name if i == columns["object_id"] else cell for i, cell in enumerate(table[1])] for name in ("flat", "unknown")]
        features.write_text("\n".join(",".join(row) for row in table) + "\n")
        arguments = self.arguments(self.out, "--json", "--epochs", "1", stars=[*sorted(EXAMPLES.glob("*.dat")), flat, again, unknown])
        arguments[arguments.index("--labels") + 1] = labels
        arguments[arguments.index("--features") + 1] = features
        code, text, err = run(*arguments)
        self.assertEqual(code, 3, err)
        facts = json.loads(text)
        self.assertEqual((facts["rejected"], facts["unlabelled"]), (2, 1))
        rejects = {row["object_id"]: row["code"] for row in map(json.loads, (self.out / "rejects.jsonl").read_text().splitlines())}
        self.assertEqual(rejects, {"flat": "mad_zero", "unknown": "no_catalog_row"})
        self.assertIn("1 labels belong to no light curve", err)

    def test_light_curves_of_which_none_can_be_read_are_named(self):
        bad = self.tmp / "bad.csv"
        bad.write_bytes(bytes(100))
        code, _, err = run(*self.arguments(self.out, "--epochs", "1", stars=[bad]))
        self.assertEqual(code, 5, err)
        self.assertRegex(err, "not_text.*bad.csv")

    def test_half_precision_weights_are_half_the_size_and_judged_as_written(self):
        self.assertEqual(self.train(self.tmp / "f32", "--epochs", "2")[0], 0)
        code, facts, err = self.train(self.out, "--epochs", "2", "--dtype", "f16")
        self.assertEqual(code, 0, err)
        sizes = [(folder / "model.safetensors").stat().st_size for folder in (self.tmp / "f32", self.out)]
        self.assertLess(sizes[1], 0.55 * sizes[0])
        self.assertEqual((self.out / "metrics.csv").read_text(), (self.tmp / "f32" / "metrics.csv").read_text())

    def test_a_table_decides_the_split_and_the_ids_of_the_rest(self):
        ids = [row["object_id"] for row in read_table(CATALOG)]
        given = {star: ("train", "validation", "test")[i % 3] for i, star in enumerate(ids[:30])}
        self.table("split.csv", given.items())
        code, facts, err = self.train(self.out, "--epochs", "1", "--split", self.tmp / "split.csv")
        self.assertEqual(code, 0, err)
        for row in read_table(self.out / "objects.csv"):
            position = int(hashlib.sha256(row["object_id"].encode()).hexdigest()[:16], 16) / 2**64
            by_id = "test" if position < 0.15 else "validation" if position < 0.35 else "train"
            self.assertEqual(row["split"], given.get(row["object_id"], by_id))
        # Another table is another training.
        given[ids[0]] = "test"
        self.table("split.csv", given.items())
        code, _, err = self.train(self.out, "--epochs", "1", "--split", self.tmp / "split.csv", "--resume")
        self.assertEqual(code, 6, err)
        self.assertIn("split_table", err)
        self.table("split.csv", [(ids[0], "Train")])
        code, _, err = self.train(self.out, "--epochs", "1", "--split", self.tmp / "split.csv", "--force")
        self.assertEqual(code, 5, err)
        self.assertIn("Train; expected train, validation or test", err)

    def test_a_star_of_one_of_several_classes_is_right_as_any_of_them(self):
        labels = [(row["object_id"], "EA|EB|EW" if row["class"] in ("EA", "EB") else row["class"]) for row in read_table(CATALOG)]
        self.table("sets.csv", labels)
        arguments = self.arguments(self.out, "--json", "--epochs", "3")
        arguments[arguments.index("--labels") + 1] = self.tmp / "sets.csv"
        code, text, err = run(*arguments)
        self.assertEqual(code, 0, err)
        report = json.loads((self.out / "report.json").read_text())
        self.assertEqual(report["classes"], sorted({row["class"] for row in read_table(CATALOG)}))  # no class EA|EB|EW
        tested = sum(row["split"] == "test" for row in read_table(self.out / "objects.csv"))
        self.assertEqual(sum(map(sum, report["test"]["confusion"])), tested)
        self.table("sets.csv", [(star, kind + "|") for star, kind in labels])
        arguments[arguments.index("--epochs") + 1] = "2"
        code, _, err = run(*arguments, "--force")
        self.assertEqual(code, 5, err)
        self.assertIn("has an empty part beside |", err)

    def test_an_epoch_may_be_of_some_objects_and_another_draws_others(self):
        code, facts, err = self.train(self.tmp / "all", "--epochs", "2", "--epoch-objects", "1000")
        self.assertEqual(code, 0, err)
        self.assertEqual(self.train(self.tmp / "plain", "--epochs", "2")[1]["sha256"], facts["sha256"])
        code, some, err = self.train(self.out, "--epochs", "2", "--epoch-objects", "16")
        self.assertEqual(code, 0, err)
        self.assertEqual(some["train"], facts["train"])
        self.assertNotEqual(some["sha256"], facts["sha256"])
        self.assertIn("epoch 2/2", err)
        code, once, err = self.train(self.tmp / "again", "--epochs", "2", "--epoch-objects", "16", "--threads", "1")
        self.assertEqual(once["sha256"], some["sha256"], err)

    def test_a_temperature_divides_the_logits_and_no_class_changes(self):
        for form in ("none", "temperature"):
            code, facts, err = self.train(self.tmp / form, "--epochs", "4", "--calibration", form)
            self.assertEqual(code, 0, err)
        reports = [json.loads((self.tmp / form / "report.json").read_text()) for form in ("none", "temperature")]
        self.assertEqual(reports[0]["temperature"], 1)
        self.assertEqual(facts["temperature"], reports[1]["temperature"])
        self.assertNotAlmostEqual(facts["temperature"], 1, places=3)
        self.assertLess(reports[1]["validation"]["loss"], reports[0]["validation"]["loss"])
        self.assertEqual(reports[1]["test"]["confusion"], reports[0]["test"]["confusion"])
        code, text, _ = run("info", "--model", self.tmp / "temperature", "--json")
        self.assertEqual(float(json.loads(text)["metadata"]["astrom3.temperature"]), facts["temperature"])

    def test_what_cannot_work_is_said_before_anything_is_read(self):
        star = EXAMPLES / "SIM-EW-1.dat"
        for arguments, code, word in (
            (["--labels", CATALOG], 2, "-o is needed"),
            (["-o", self.out], 2, "--labels is needed"),
            (["-o", self.out, "--labels", self.tmp / "none.csv"], 5, "none.csv"),
            (["-o", self.out, "--labels", CATALOG, "--class-weights", "EW=0"], 2, "--class-weights EW=0"),
            (["-o", self.out, "--labels", CATALOG, "--holdout", "0.9", "--validation", "0.5"], 2, "--holdout"),
            (["-o", self.out, "--labels", CATALOG, "--set", "period=z:1"], 2, "--set period=z:1"),
            (["-o", self.out, "--labels", CATALOG, "--from", "x", "--config", self.config], 2, "exclude"),
        ):
            got, _, err = run("train", star, "--band", "V", *arguments)
            self.assertEqual(got, code, err)
            self.assertIn(word, err)
        self.assertFalse((self.out / "model.safetensors").exists())
        # One star is too little to learn from.
        code, _, err = run("train", star, "--band", "V", "--labels", CATALOG, "--features", CATALOG, "-o", self.out)
        self.assertEqual(code, 5, err)
        self.assertIn("left to train on", err)


if __name__ == "__main__":
    unittest.main()
