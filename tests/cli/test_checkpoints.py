# SPDX-License-Identifier: MIT
"""Checkpoints from the command line: made, described, run, and found where none is named."""

import json
import os
import shutil
import subprocess
import unittest

from test_cli import CLI, TINY, CommandLine, light_curve, read_safetensors, run, sha256, write_csv


class Checkpoints(CommandLine):
    def test_init_gives_equal_bytes_for_equal_seeds_and_info_says_untrained(self):
        for name in ("a", "b", "c"):
            code, _, err = run("init", "--seed", 7 if name != "c" else 8, "--config", TINY / "config.json", "-o", self.tmp / name)
            self.assertEqual(code, 0, err)
        hashes = [sha256(self.tmp / name / "model.safetensors") for name in "abc"]
        self.assertEqual(hashes[0], hashes[1])
        self.assertNotEqual(hashes[0], hashes[2])
        code, out, _ = run("info", self.tmp / "a", "--json")
        self.assertEqual(code, 0)
        info = json.loads(out)
        self.assertEqual((info["sha256"], info["trained"], info["config"]["d_model"]), (hashes[0], False, 32))
        star = write_csv(self.tmp / "s.csv", light_curve(50))
        _, _, err = run("embed", star, "-o", self.tmp / "o.csv", "--model", self.tmp / "a")
        self.assertIn("untrained", err)

    def test_without_a_name_it_is_the_one_beside_the_program_or_that_of_the_environment(self):
        star = write_csv(self.tmp / "s.csv", light_curve(50))
        program = self.tmp / "prefix/bin/astrom3"
        program.parent.mkdir(parents=True)
        shutil.copy(CLI, program)
        environment = {name: value for name, value in os.environ.items() if name != "ASTROM3_MODEL"}

        def embed(*more, command="embed", **variables):
            line = [program, command, star, "--period-min", "0.5", "-o", self.tmp / command, *(more or ("--to", "csv"))]
            done = subprocess.run(line, capture_output=True, text=True, env={**environment, **variables}, check=False)
            return done.returncode, done.stderr

        code, err = embed()
        self.assertEqual(code, 2)
        self.assertIn("--model", err)
        code, err = embed("--force", command="preprocess")
        self.assertEqual(code, 0, err)
        self.assertIn("published table", err)
        with_its_name = self.tmp / "other"
        run("init", "--seed", 7, "--config", TINY / "config.json", "-o", with_its_name)
        code, err = embed("--to", "csv", ASTROM3_MODEL=str(with_its_name))
        self.assertEqual(code, 0, err)
        self.assertIn(f"model: {with_its_name}, from ASTROM3_MODEL (", err)
        self.assertIn(sha256(with_its_name / "model.safetensors")[:12], err)
        shutil.copytree(TINY, self.tmp / "prefix/share/astrom3/models/vstars4")
        for command in ("embed", "classify", "preprocess"):
            code, err = embed("--force", *(["--to", "csv"] if command != "preprocess" else []), command=command)
            self.assertEqual(code, 0, err)
            self.assertRegex(err, r"model: the bundled one \(.*sha256 " + sha256(TINY / "model.safetensors")[:12])
        self.assertNotIn("bundled", embed("--force", "--scaling", "published", command="preprocess")[1])

    def test_encode_reproduces_the_golden_numbers(self):
        expected = read_safetensors(TINY / "cases.safetensors")
        for model in ("model.safetensors", "model_f64.safetensors", "model_nohead.safetensors"):
            code, _, err = run("encode", TINY / "cases.safetensors", "--model", TINY / model, "-o", self.tmp / "o.safetensors")
            self.assertEqual(code, 0, err)
            got = read_safetensors(self.tmp / "o.safetensors")
            scale = max(abs(v) for v in expected["logits"][2])
            for name, tolerance in (("mean", 4e-6), ("sequence", 1e-5), ("logits", 1e-5 * scale)):
                if name == "logits" and "nohead" in model:
                    self.assertNotIn("logits", got)
                    continue
                dtype, shape, values = got[name]
                self.assertEqual((dtype, shape), ("F32", expected[name][1]))
                worst = max(abs(a - b) for a, b in zip(values, expected[name][2]))
                self.assertLessEqual(worst, tolerance, (model, name))
            self.assertEqual(got["__metadata__"]["model_sha256"], sha256(TINY / model))

    def test_encode_names_the_tensor_it_misses(self):
        code, _, err = run("encode", TINY / "model.safetensors", "--model", TINY, "-o", self.tmp / "o.safetensors")
        self.assertNotEqual(code, 0)
        self.assertIn("x_enc", err)


if __name__ == "__main__":
    unittest.main()
