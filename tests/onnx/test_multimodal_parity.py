# SPDX-License-Identifier: MIT
"""Exported files of spectra, metadata and the shared space in ONNX Runtime: the golden numbers, and those of `astrom3 encode`. Run with
ASTROM3_CLI set.

A python without onnxruntime and numpy skips with exit code 77.
"""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

try:
    import numpy as np
    import onnxruntime
    from float64_encoder import read_safetensors
except ImportError as missing:
    print(f"skipped: {missing} (make setup installs it into .venv)")
    sys.exit(77)

CLI = os.environ["ASTROM3_CLI"]
GOLDEN = Path(os.environ["ASTROM3_TEST_DATA"]) / "multimodal"
TOLERANCE = 1e-5  # of the largest, what the project promises against other implementations
GOLDEN_INPUTS = {"x_enc": "photometry", "mask": "photometry_mask", "spectra": "spectra", "metadata": "metadata"}


def run(*args, code=0):
    done = subprocess.run([CLI, *map(str, args)], capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != code:
        raise AssertionError(f"astrom3 {' '.join(map(str, args))}: {done.returncode}\n{done.stderr}")
    return done


class MultimodalParity(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out = Path(folder.name)

    def outputs(self, name, *options):
        """What ONNX Runtime gives for the golden inputs, by the names of the outputs."""
        file = self.out / "a.onnx"
        run("export", "--model", GOLDEN / name, "-o", file, *options)
        session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
        cases = read_safetensors(GOLDEN / name / "cases.safetensors")
        feeds = {i.name: np.asarray(cases[GOLDEN_INPUTS[i.name]], np.float32) for i in session.get_inputs()}
        names = [o.name for o in session.get_outputs()]
        return dict(zip(names, session.run(names, feeds))), cases

    def assert_close(self, name, found, expected):
        self.assertEqual(found.shape, expected.shape, name)
        self.assertLessEqual(
            np.abs(found.astype(np.float64) - expected).max(), TOLERANCE * max(1, np.abs(expected).max()), name
        )

    def test_every_kind_gives_the_golden_numbers(self):
        for name, options, golden in (
            ("tiny_spectra", ["--logits"], {"s_emb": "flat", "logits": "logits"}),
            ("odd_spectra", ["--logits"], {"s_emb": "flat", "logits": "logits"}),
            ("tiny_meta", ["--logits"], {"m_emb": "hidden", "logits": "logits"}),
            ("tiny_clip", ["--attention", "full"], {k: k for k in ("p_emb", "s_emb", "m_emb")}),
            ("tiny_clip", ["--modality", "spectra"], {"s_emb": "s_emb"}),
            ("tiny_clip", ["--modality", "metadata"], {"m_emb": "m_emb"}),
            ("tiny_fused", ["--logits", "--attention", "full"], {"logits": "logits"}),
            ("tiny_fused_concat", ["--logits", "--attention", "full"], {"logits": "logits"}),
        ):
            found, cases = self.outputs(name, *options)
            for output, expected in golden.items():
                self.assert_close(f"{name} {output}", found[output], np.asarray(cases[expected], np.float64))

    def test_the_whole_agrees_with_encode(self):
        found, _ = self.outputs("tiny_fused", "--logits", "--attention", "full")
        encoded = self.out / "encoded.safetensors"
        run(
            "encode",
            GOLDEN / "tiny_fused/cases.safetensors",
            "--model",
            GOLDEN / "tiny_fused",
            "--attention",
            "full",
            "-o",
            encoded,
        )
        ours = read_safetensors(encoded)
        for name in ("p_emb", "s_emb", "m_emb", "fused", "logits"):
            self.assert_close(name, found[name], np.asarray(ours[name], np.float64))

    def test_a_photo_encoder_of_another_attention_needs_a_word(self):
        done = run("export", "--model", GOLDEN / "tiny_clip", "-o", self.out / "a.onnx", code=2)
        self.assertIn("trained with probsparse", done.stderr)
        self.assertFalse((self.out / "a.onnx").exists())

    def test_import_gives_a_checkpoint_that_computes_the_same(self):
        self.outputs("tiny_fused", "--logits", "--attention", "full")
        run("import", self.out / "a.onnx", "-o", self.out / "back")
        for name in ("a", "b"):
            model = GOLDEN / "tiny_fused" if name == "a" else self.out / "back"
            run(
                "encode",
                GOLDEN / "tiny_fused/cases.safetensors",
                "--model",
                model,
                "-o",
                self.out / f"{name}.safetensors",
            )
        a, b = (read_safetensors(self.out / f"{name}.safetensors") for name in "ab")
        for name in ("p_emb", "s_emb", "m_emb", "fused", "logits"):
            self.assertEqual(np.asarray(a[name]).tobytes(), np.asarray(b[name]).tobytes(), name)


if __name__ == "__main__":
    unittest.main()
