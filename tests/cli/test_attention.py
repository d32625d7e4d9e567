# SPDX-License-Identifier: MIT
"""--attention on the command line: golden numbers, identity, what is said. Run with ASTROM3_CLI set."""

import json
import unittest

from test_cli import TINY, CommandLine, instruction_sets, light_curve, read_safetensors, run, sha256, write_csv


class Attention(CommandLine):
    def encode(self, *args):
        out = self.tmp / "o.safetensors"
        code, _, err = run("encode", TINY / "cases.safetensors", "--model", TINY, "-o", out, *args)
        return code, err, read_safetensors(out) if code == 0 else None

    def worst(self, got, expected):
        self.assertEqual(got[1], expected[1])
        return max(abs(a - b) for a, b in zip(got[2], expected[2]))

    def test_given_draws_reproduce_the_golden_numbers(self):
        cases = read_safetensors(TINY / "cases.safetensors")
        code, err, got = self.encode("--attention", "probsparse", "--key-samples", TINY / "cases.safetensors")
        self.assertEqual(code, 0, err)
        self.assertLessEqual(self.worst(got["mean"], cases["probsparse_mean"]), 1e-5)
        self.assertLessEqual(self.worst(got["sequence"], cases["probsparse_sequence"]), 1e-5)
        self.assertIn("attention_key_samples_sha256", got["__metadata__"])
        self.assertNotIn("attention_seed", got["__metadata__"])

    def test_a_seed_decides_the_draws_and_is_written_down(self):
        outputs = {}
        for seed in ("0", "1", "1"):
            code, err, got = self.encode("--attention", "probsparse", "--seed", seed, "--threads", "1" if seed else "2")
            self.assertEqual(code, 0, err)
            self.assertEqual((got["__metadata__"]["attention"], got["__metadata__"]["attention_seed"]), ("probsparse", seed))
            self.assertEqual(outputs.setdefault(seed, got["mean"]), got["mean"])
        self.assertNotEqual(outputs["0"], outputs["1"])
        code, err, exact = self.encode("--attention", "probsparse-exact")
        self.assertEqual((code, exact["__metadata__"]["attention"]), (0, "probsparse-exact"), err)
        self.assertNotEqual(exact["mean"], outputs["0"])

    def test_what_draws_nothing_takes_no_seed(self):
        for options in (("--seed", "1"), ("--key-samples", TINY / "cases.safetensors"), ("--attention", "sparse"),
                        ("--attention", "probsparse-exact", "--seed", "1"),
                        ("--attention", "probsparse", "--seed", "1", "--key-samples", TINY / "cases.safetensors")):
            code, err, _ = self.encode(*options)
            self.assertEqual(code, 2, (options, err))

    def test_draws_that_are_not_this_checkpoints_name_the_file(self):
        code, err, _ = self.encode("--attention", "probsparse", "--key-samples", TINY / "model.safetensors")
        self.assertEqual(code, 5, err)
        self.assertIn("probsparse_key_samples", err)
        self.assertIn("model.safetensors", err)

    def test_embed_says_which_form_it_took_and_writes_it_into_the_identity(self):
        star = write_csv(self.tmp / "s.csv", light_curve(50))
        for options, said, form in (((), "full (the default)", "full"),
                                    (("--attention", "probsparse-exact"), "probsparse-exact", "probsparse-exact")):
            code, _, err = self.embed(star, "-o", self.tmp / "o.csv", *options)
            self.assertEqual(code, 0, err)
            self.assertIn(f"attention: {said}; the checkpoint was trained with probsparse", err)
            self.assertEqual(json.loads((self.tmp / "o.meta.json").read_text())["attention"], form)
        code, _, err = self.embed(star, "-o", self.tmp / "a.csv", "--attention", "probsparse")
        self.assertEqual(code, 0, err)
        code, _, err = self.embed(star, "-o", self.tmp / "b.csv", "--attention", "probsparse", "--seed", "0")
        self.assertEqual((code, sha256(self.tmp / "a.csv")), (0, sha256(self.tmp / "b.csv")), err)

    def test_int8_is_close_repeatable_and_written_into_the_identity(self):
        code, err, exact = self.encode()
        self.assertEqual((code, exact["__metadata__"]["precision"]), (0, "float32"), err)
        outputs = {}
        for isa in instruction_sets():
            code, err, got = self.encode("--precision", "int8", "--isa", isa)
            if code == 4 and "does not have" in err:  # this CPU lacks it, and says so
                continue
            self.assertEqual((code, got["__metadata__"]["precision"]), (0, "int8"), err)
            outputs[isa] = got["mean"]
        self.assertEqual(len({tuple(values[2]) for values in outputs.values()}), 1, "one result on every instruction set")
        worst = self.worst(outputs["scalar"], exact["mean"])
        self.assertTrue(1e-5 < worst < 0.1, worst)
        code, err, _ = self.encode("--precision", "int4")
        self.assertEqual(code, 2, err)


if __name__ == "__main__":
    unittest.main()
