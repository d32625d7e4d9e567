# SPDX-License-Identifier: MIT
"""astrom3 classify: columns, class names, probabilities, form of attention. Run with ASTROM3_CLI set."""

import json
import math
import shutil
import unittest

from test_cli import TINY, CommandLine, light_curve, read_safetensors, read_table, run, write_csv


class Classify(CommandLine):
    def setUp(self):
        super().setUp()
        self.star = write_csv(self.tmp / "s.csv", light_curve(60))
        self.flat = write_csv(self.tmp / "f.csv", [(t, 5.0, 0.1) for t, _, _ in light_curve(30)])

    def classify(self, *args, model=TINY):
        return run("classify", "--model", model, "--period-min", "0.5", *args)

    def test_class_is_the_likeliest_and_probabilities_are_the_softmax_of_the_heads_logits(self):
        out = self.tmp / "o.csv"
        code, _, err = self.classify(self.star, self.flat, "-o", out, "--attention", "probsparse-exact")
        self.assertEqual(code, 3, err)
        row, rejected = read_table(out)
        p = [float(row[f"p_{i}"]) for i in range(5)]
        self.assertEqual(row["class"], str(max(range(5), key=lambda i: p[i])))
        self.assertNotIn("e0", row)
        self.assertEqual((rejected["status"], rejected["class"], rejected["p_0"]), ("mad_zero", "", ""))

        # The same tensor through encode: logits, whose softmax in double the float32 probabilities are.
        tensors = self.tmp / "tensors"
        code, _, err = run("preprocess", self.star, "-o", tensors, "--period-min", "0.5", "--model", TINY)
        self.assertEqual(code, 0, err)
        x, mask = ((tensors / name).read_bytes() for name in ("x_enc.npy", "mask.npy"))
        x, mask = x[-40 * 9 * 4:], mask[-40 * 4:]
        header = json.dumps({"x_enc": {"dtype": "F32", "shape": [1, 40, 9], "data_offsets": [0, len(x)]},
                             "mask": {"dtype": "F32", "shape": [1, 40], "data_offsets": [len(x), len(x) + len(mask)]}}).encode()
        header += b" " * (-len(header) % 8)
        (self.tmp / "t.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + x + mask)
        code, _, err = run("encode", self.tmp / "t.safetensors", "--model", TINY, "-o", self.tmp / "l.safetensors",
                           "--attention", "probsparse-exact")
        self.assertEqual(code, 0, err)
        logits = read_safetensors(self.tmp / "l.safetensors")["logits"][2]
        total = sum(math.exp(v - max(logits)) for v in logits)
        for got, logit in zip(p, logits):
            self.assertAlmostEqual(got, math.exp(logit - max(logits)) / total, delta=1e-7)  # one float32 rounding

    def test_it_follows_the_checkpoints_training_form_and_says_so(self):
        code, _, err = self.classify(self.star, "-o", self.tmp / "o.csv")
        self.assertEqual(code, 0, err)
        self.assertIn("attention: probsparse (the default); the checkpoint was trained with probsparse", err)
        meta = json.loads((self.tmp / "o.meta.json").read_text())
        self.assertEqual((meta["attention"], meta["attention_seed"]), ("probsparse", "0"))

    def test_class_names_come_from_the_config(self):
        for name in ("config.json", "model.safetensors"):
            shutil.copy(TINY / name, self.tmp / name)
        config = json.loads((TINY / "config.json").read_text())
        config["class_names"] = ["DSCT", "EA", "a,b", "RRAB", "M"]
        (self.tmp / "config.json").write_text(json.dumps(config))
        code, _, err = self.classify(self.star, "-o", self.tmp / "o.csv", model=self.tmp)
        self.assertEqual(code, 0, err)
        (row,) = read_table(self.tmp / "o.csv")
        self.assertEqual(list(row)[-6:], ["class", "p_DSCT", "p_EA", "p_a,b", "p_RRAB", "p_M"])
        self.assertIn(row["class"], config["class_names"])

    def test_classes_without_names_are_called_by_their_numbers(self):
        code, out, err = self.classify(self.star, "-o", "-")
        self.assertEqual(code, 0, err)
        self.assertTrue(out.splitlines()[0].endswith(",class,p_0,p_1,p_2,p_3,p_4"), out)

    def test_ten_classes_without_names_are_the_alphabetical_ten(self):
        model = self.tmp / "model"
        self.assertEqual(run("init", "--seed", 1, "-o", model)[0], 0)
        code, out, err = self.classify(self.star, "-o", "-", model=model)
        self.assertEqual(code, 0, err)
        self.assertTrue(out.splitlines()[0].endswith(",class,p_DSCT,p_EA,p_EB,p_EW,p_HADS,p_M,p_ROT,p_RRAB,p_RRC,p_SR"), out)

    def test_a_checkpoint_without_a_head_cannot_classify(self):
        code, _, err = self.classify(self.star, "-o", self.tmp / "o.csv", model=TINY / "model_nohead.safetensors")
        self.assertEqual(code, 4, err)
        self.assertIn("fc.weight", err)
        self.assertFalse((self.tmp / "o.csv").exists())

    def test_parquet_has_the_same_columns(self):
        code, _, err = self.classify(self.star, self.flat, "-o", self.tmp / "o.parquet")
        self.assertEqual(code, 3, err)
        try:
            import pyarrow.parquet as parquet
        except ImportError:
            self.skipTest("pyarrow is not there to read it back")
        table = parquet.read_table(self.tmp / "o.parquet").to_pylist()
        self.assertEqual(list(table[0])[-6:], ["class", "p_0", "p_1", "p_2", "p_3", "p_4"])
        self.assertAlmostEqual(sum(table[0][f"p_{i}"] for i in range(5)), 1, places=6)
        self.assertEqual((table[1]["class"], table[1]["p_0"]), (None, None))


if __name__ == "__main__":
    unittest.main()
