# SPDX-License-Identifier: MIT
"""The checkpoint that comes along: what it is, and that it embeds and classifies the example stars as it did.

tests/golden/vstars4_examples.csv was written by `test_bundled.py --update` with the weights it names.
"""

import json
import os
import sys
import unittest
from pathlib import Path

from test_cli import GOLDEN, CommandLine, read_table, run, sha256

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "models/vstars4"
EXAMPLES = [
    f"{ROOT}/examples/asassn_like/*.dat",
    "--band",
    "V",
    "--features",
    ROOT / "examples/asassn_like/catalog.csv",
]
FILE = GOLDEN / "vstars4_examples.csv"
N_NUMBERS = 4
# Every bit of the encoder is the same everywhere; log10 of the C library, in two channels, may differ in its last one.
TOLERANCE = 1e-5

os.environ.pop("ASTROM3_MODEL", None)


def embed_and_classify(folder):
    """Rows of weights, object_id, class and the first numbers of the embedding."""
    for command in ("embed", "classify"):
        code, _, err = run(command, *EXAMPLES, "-o", folder / f"{command}.csv")
        if code:
            raise AssertionError(err)
    embeddings, classes = read_table(folder / "embed.csv"), read_table(folder / "classify.csv")
    weights = sha256(MODEL / "model.safetensors")
    return [
        [weights, e["object_id"], c["class"], *(f"{float(e[f'e{i}']):.6f}" for i in range(N_NUMBERS))]
        for e, c in zip(embeddings, classes)
    ]


class Bundled(CommandLine):
    def test_info_says_what_it_is(self):
        code, out, err = run("info", "--json")
        self.assertEqual(code, 0, err)
        info = json.loads(out)
        self.assertTrue(info["trained"] and info["head"] and info["scaling"])
        self.assertEqual(info["sha256"], sha256(MODEL / "model.safetensors"))
        self.assertEqual((info["metadata"]["astrom3.name"], info["training_attention"]), ("vstars4", "full"))
        self.assertEqual(set(info["dtypes"]), {"F16"})
        self.assertEqual(
            info["config"]["class_names"], ["DSCT", "EA", "EB", "EW", "HADS", "M", "ROT", "RRAB", "RRC", "SR"]
        )
        self.assertEqual(Path(info["card"]).resolve(), MODEL / "MODEL_CARD.md")

    def test_it_is_found_by_its_name(self):
        os.chdir(self.tmp)
        self.addCleanup(os.chdir, ROOT)
        wanted = json.loads(run("info", "--json")[1])
        code, out, err = run("info", "--json", "--model", "vstars4")
        self.assertEqual((code, json.loads(out)["sha256"]), (0, wanted["sha256"]), err)
        curve = str(ROOT / "examples/asassn_like/SIM-M-1.dat")
        for command in ("embed", "classify"):
            for name, more in (("by_default", []), ("by_name", ["--model", "vstars4"])):
                code, _, err = run(command, curve, "--band", "V", "-o", f"{name}.csv", *more)
                self.assertEqual(code, 0, err)
            self.assertEqual(Path("by_default.csv").read_bytes(), Path("by_name.csv").read_bytes())
        for name, words in (("asas3", "vstars4 is the bundled one"), ("ORG/NAME", "hf:ORG/NAME"), ("a/b/c", "")):
            code, _, err = run("info", "--model", name)
            self.assertEqual(code, 4, err)
            self.assertIn(words, err)
            self.assertIn(f"{name}: cannot open", err)

    def test_the_example_stars_get_the_numbers_and_classes_they_had(self):
        golden = [list(row.values()) for row in read_table(FILE)]
        found = embed_and_classify(self.tmp)
        self.assertEqual(found[0][0], golden[0][0], "other weights: test_bundled.py --update, and say why")
        self.assertEqual([row[1:3] for row in found], [row[1:3] for row in golden])
        worst = max(abs(float(a) - float(b)) for now, then in zip(found, golden) for a, b in zip(now[3:], then[3:]))
        self.assertLessEqual(worst, TOLERANCE)

    def test_most_example_stars_are_called_what_they_were_simulated_as(self):
        """They are simulated, and only like real ones: rotating stars are called eclipsing."""
        rows = read_table(FILE)
        self.assertGreaterEqual(sum(row["object_id"].split("-")[1] == row["class"] for row in rows), 0.75 * len(rows))

    def test_an_export_carries_its_licence(self):
        code, _, err = run("export", "-o", self.tmp / "vstars4.onnx")
        self.assertEqual(code, 0, err)
        self.assertIn("license: cc-by-4.0", (self.tmp / "README.md").read_text())


def update():
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        rows = embed_and_classify(Path(folder))
    header = ["model_sha256", "object_id", "class", *(f"e{i}" for i in range(N_NUMBERS))]
    FILE.write_text("".join(",".join(row) + "\n" for row in [header, *rows]))


if __name__ == "__main__":
    update() if sys.argv[1:] == ["--update"] else unittest.main()
