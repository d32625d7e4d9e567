# SPDX-License-Identifier: MIT
"""Exported files in ONNX Runtime: the golden numbers, `astrom3 encode` and the slow twin, at every step. Run with
ASTROM3_CLI set.

A python without onnxruntime and numpy skips with exit code 77.
"""

import contextlib
import gzip
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

try:
    import numpy as np
    import onnxruntime
    from float64_encoder import Encoder, read_safetensors, write_safetensors
except ImportError as missing:
    print(f"skipped: {missing} (make setup installs it into .venv)")
    sys.exit(77)

CLI = os.environ["ASTROM3_CLI"]
GOLDEN = Path(os.environ["ASTROM3_TEST_DATA"])
SHARED = Path(os.environ.get("ASTROM3_SHARED_DIR", "")) / "golden"
BUNDLED = Path(__file__).resolve().parents[2] / "models/vstars4"
EXAMPLES = BUNDLED.parents[1] / "examples/asassn_like"
TOLERANCE = 1e-5  # what the project promises against other implementations


def run(*args):
    done = subprocess.run([CLI, *map(str, args)], capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise AssertionError(f"astrom3 {' '.join(map(str, args))}: {done.returncode}\n{done.stderr}")
    return done


def light_curves(n, config, seed):
    """Random inputs of all kinds of masks: nothing observed, one step, the last step only, all."""
    random = np.random.default_rng(seed)
    x_enc = random.normal(size=(n, config["seq_len"], config["enc_in"])).astype(np.float32)
    mask = (random.random((n, config["seq_len"])) < random.random((n, 1))).astype(np.float32)
    mask[0], mask[1] = 0, 1
    mask[2], mask[2, -1] = 0, 1
    return {"x_enc": x_enc, "mask": mask}


class Parity(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.out = Path(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def session(self, model, *options):
        file = self.out / f"{model.parent.name}_{model.name}.onnx"
        run("export", "--model", model, "-o", file, "--no-card", *options)
        self.bytes = file.stat().st_size
        return onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])

    def assert_close(self, name, ours, theirs, tolerance=TOLERANCE):
        self.assertEqual(ours.shape, theirs.shape, name)
        difference = np.abs(np.asarray(ours, np.float64) - theirs)
        self.assertLessEqual(difference.max(), tolerance, name)
        if name == "sequence":
            self.assertLessEqual(difference[:, 0].max(), tolerance, "the first step")
            self.assertLessEqual(difference[:, -1].max(), tolerance, "the last step")

    def check(self, folder):
        session = self.session(folder, "--logits")
        cases = read_safetensors(folder / "cases.safetensors")
        names = ["mean", "sequence", "logits"]
        given = {"x_enc": cases["x_enc"], "mask": cases["mask"]}
        for name, values in zip(names, session.run(names, given)):
            self.assert_close(name, values, cases[name])

        config = json.loads((folder / "config.json").read_text())
        given = light_curves(5, config, seed=1)
        write_safetensors(self.out / "in.safetensors", given)
        run("encode", self.out / "in.safetensors", "--model", folder, "-o", self.out / "out.safetensors")
        ours = read_safetensors(self.out / "out.safetensors")
        for name, values in zip(names, session.run(names, given)):
            self.assert_close(name, values, ours[name])

    def test_tiny_agrees_with_the_golden_numbers_and_with_encode(self):
        self.check(GOLDEN / "tiny")

    def test_other_sizes_and_relu_agree(self):
        if not (SHARED / "odd").exists():
            self.skipTest("needs shared/golden/odd beside the checkout")
        self.check(SHARED / "odd")

    def test_full_size_agrees(self):
        if not (SHARED / "full").exists():
            self.skipTest("needs shared/golden/full beside the checkout")
        self.check(SHARED / "full")

    def test_any_batch_gives_the_same_embeddings(self):
        session = self.session(GOLDEN / "tiny")
        config = json.loads((GOLDEN / "tiny/config.json").read_text())
        given = light_curves(7, config, seed=2)
        together = session.run(["mean"], given)[0]
        for i in range(7):
            alone = session.run(["mean"], {name: values[i:i + 1] for name, values in given.items()})[0]
            self.assert_close("mean", alone, together[i:i + 1])

    def test_the_call_in_the_card_runs(self):
        run("export", "--model", GOLDEN / "tiny", "-o", self.out / "astrom3.onnx", "--logits")
        card = (self.out / "README.md").read_text()
        with contextlib.suppress(ImportError):
            import yaml  # comes with others; where it does not, the card's head goes unread

            head = yaml.safe_load(card.split("---\n")[1])
            self.assertEqual((head["license"], head["library_name"], head["pipeline_tag"]), ("other", "onnx", "feature-extraction"))
        code = re.search(r"```python\n(.*?)```", card, re.S)[1]
        done = subprocess.run([sys.executable, "-c", code + "\nprint(mean.shape, sequence.shape, logits.shape)"],
                              cwd=self.out, capture_output=True, text=True, timeout=120, check=True)
        self.assertEqual(done.stdout.strip(), "(1, 32) (1, 40, 32) (1, 5)")

    def test_the_slow_twin_gives_the_golden_numbers(self):
        for folder in (GOLDEN / "tiny", SHARED / "odd"):
            if folder.exists():
                cases = read_safetensors(folder / "cases.safetensors")
                for name, values in Encoder(folder).encode(cases["x_enc"], cases["mask"]).items():
                    self.assert_close(name, values, cases[name], 1e-13)

    def tensors_of(self, model, *inputs):
        run("preprocess", *inputs, "--band", "V", "--model", model, "-o", self.out / f"{model.name}_tensors")
        return {name: np.load(self.out / f"{model.name}_tensors/{name}.npy") for name in ("x_enc", "mask")}

    def three_ways(self, model, given):
        """mean and sequence from `encode`, ONNX Runtime and the slow twin in float64."""
        write_safetensors(self.out / "in.safetensors", given)
        run("encode", self.out / "in.safetensors", "--model", model, "-o", self.out / "out.safetensors")
        theirs = dict(zip(("mean", "sequence"), self.session(model).run(["mean", "sequence"], given)))
        return read_safetensors(self.out / "out.safetensors"), theirs, Encoder(model).encode(given["x_enc"], given["mask"])

    def test_real_light_curves_agree(self):
        data = SHARED.parent / "data/asas3_train.csv.gz"
        if not data.exists():
            self.skipTest("needs shared/data beside the checkout")
        with gzip.open(data, "rt") as lines:
            (self.out / "real.csv").write_text("".join(itertools.islice(lines, 8000)))
        given = self.tensors_of(SHARED / "full", self.out / "real.csv")
        self.assertGreater(len(given["mask"]), 20)
        given = {name: values[:24] for name, values in given.items()}
        ours, theirs, truth = self.three_ways(SHARED / "full", given)
        # Outliers of real stars (|flux| up to 34 here) meet random weights that nothing has taught to bear them, and cost
        # every float32 program digits: from the twin, of the first 122 stars, we are off by up to 3.1e-5 at single numbers
        # of `sequence`, PyTorch by 2.5e-5, ONNX Runtime by 2.4e-5, where |sequence| reaches 5.8. So the bound is relative
        # there; for 999 numbers of 1,000 and for `mean` it is not.
        largest = np.abs(truth["sequence"]).max()
        for a, b in ((ours, truth), (theirs, truth), (ours, theirs)):
            self.assert_close("mean", a["mean"], b["mean"])
            self.assert_close("sequence", a["sequence"], b["sequence"], TOLERANCE * largest)
            self.assertLessEqual(np.quantile(np.abs(a["sequence"] - b["sequence"]), 0.999), TOLERANCE)

    def test_the_bundled_checkpoint_agrees_as_far_as_float32_goes(self):
        if not (BUNDLED / "model.safetensors").exists():
            self.skipTest("this tree has no models/vstars4")
        given = self.tensors_of(BUNDLED, EXAMPLES / "*.dat")
        ours, theirs, truth = self.three_ways(BUNDLED, {name: values[::3] for name, values in given.items()})
        # Sharp attention passes an error of one step on and makes it larger, in one star of twenty: there single numbers of
        # `sequence` (|sequence| up to 6.7) are off by 4.9e-5 here, by 1.5e-5 in ONNX Runtime, by 2.4e-5 in PyTorch, and on
        # other stars the order is another (docs/reproducibility.md). Elsewhere, and in `mean`, all are within 1e-5.
        for a, b in ((ours, truth), (theirs, truth), (ours, theirs)):
            self.assert_close("mean", a["mean"], b["mean"])
            off = np.abs(a["sequence"] - b["sequence"])
            self.assertLessEqual(off.max(), 1e-4)
            self.assertLessEqual(np.quantile(off, 0.999), TOLERANCE)
            self.assertLessEqual(np.median(off.max(axis=(1, 2))), TOLERANCE)

    def test_pytorchs_files_and_their_checkpoints_agree(self):
        config = json.loads((GOLDEN / "tiny/config.json").read_text())
        given = light_curves(4, config, seed=3)
        write_safetensors(self.out / "in.safetensors", given)
        for file in sorted((GOLDEN / "onnx").glob("*.onnx")):
            run("import", file, "-o", self.out / file.stem)
            out = self.out / f"{file.stem}.safetensors"
            run("encode", self.out / "in.safetensors", "--model", self.out / file.stem, "-o", out)
            ours = read_safetensors(out)
            session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
            theirs = dict(zip(["mean", "sequence"], session.run(["mean", "sequence"], given)))
            with self.subTest(file=file.stem):
                if "torch_1.13" in file.stem:  # its circular padding is wrong, and `import` says so: the file is not the network
                    self.assertGreater(np.abs(theirs["sequence"] - ours["sequence"])[:, 0].max(), 1e-2)
                    continue
                for name, values in theirs.items():
                    self.assert_close(name, values, ours[name])


if __name__ == "__main__":
    unittest.main()
