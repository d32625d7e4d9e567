# SPDX-License-Identifier: MIT
"""preprocess with several modalities, and encode of what it wrote."""

import json
import math
import struct
import unittest

from test_cli import TINY, run
from test_multimodal import CLIP, FUSED, METADATA, MultimodalInputs, rows_of, tensors


def array(path):
    """shape, numbers of an .npy file of float32."""
    data = path.read_bytes()
    size = struct.unpack("<H", data[8:10])[0]
    shape = eval(data[10 : 10 + size].decode())["shape"]  # the header is a Python literal
    return shape, struct.unpack(f"<{(len(data) - 10 - size) // 4}f", data[10 + size :])


def array_of_text(cells):
    """float32 numbers as CSV has them."""
    return (struct.unpack("f", struct.pack("f", float(cell)))[0] for cell in cells)


class ModalityTensors(MultimodalInputs):
    def setUp(self):
        super().setUp()
        self.folder = self.tmp / "tensors"

    def preprocess(self, *args, model=CLIP):
        return run(
            "preprocess",
            self.a,
            self.b,
            self.flat,
            "--period-min",
            "0.5",
            "--spectra",
            self.spectra / "a.fits.gz",
            self.spectra / "c.txt",
            "--metadata",
            self.catalogue,
            "--metadata-scaling",
            METADATA / "info.json",
            "--model",
            model,
            "-o",
            self.folder,
            *args,
        )

    def test_the_arrays_have_a_row_an_object_and_zeros_where_there_is_nothing(self):
        code, _, err = self.preprocess()
        self.assertEqual(code, 3, err)
        objects = rows_of(self.folder / "objects.csv")
        self.assertEqual(
            [(r["object_id"], r["status"], r["modalities"]) for r in objects],
            [
                ("a", "ok", "photo;spectra;metadata"),
                ("b", "ok", "photo;metadata"),
                ("flat", "mad_zero", ""),
                ("c", "ok", "spectra"),
            ],
        )
        shapes = {name: array(self.folder / f"{name}.npy")[0] for name in ("x_enc", "mask", "spectra", "metadata")}
        n_steps = json.loads((CLIP / "config.json").read_text())["seq_len"]
        self.assertEqual(
            shapes, {"x_enc": (4, n_steps, 9), "mask": (4, n_steps), "spectra": (4, 3, 2575), "metadata": (4, 34)}
        )
        spectra = array(self.folder / "spectra.npy")[1]
        self.assertEqual(
            [any(spectra[i * 3 * 2575 : (i + 1) * 3 * 2575]) for i in range(4)], [True, False, False, True]
        )
        rejects = [json.loads(line)["object_id"] for line in (self.folder / "rejects.jsonl").read_text().splitlines()]
        self.assertEqual(rejects, ["flat", "c"])
        self.assertIn("metadata_scaling", json.loads((self.folder / "meta.json").read_text()))

    def test_encode_gives_the_bits_of_embed(self):
        self.assertEqual(self.preprocess(model=FUSED)[0], 3)
        out = self.tmp / "out.safetensors"
        code, _, err = run("encode", self.folder, "--model", FUSED, "-o", out)
        self.assertEqual(code, 0, err)
        encoded = tensors(out)
        for kind, name in (("photo", "p_emb"), ("spectra", "s_emb"), ("metadata", "m_emb"), ("fused", "fused")):
            self.assertEqual(self.all_three(self.tmp / "o.csv", "--output", kind, model=FUSED)[0], 3)
            (n, width), numbers = encoded[name]
            for i, row in enumerate(rows_of(self.tmp / "o.csv")):
                found = numbers[i * width : (i + 1) * width]
                if row["e0"] == "":
                    self.assertTrue(all(map(math.isnan, found)), (kind, row["object_id"]))
                else:
                    self.assertEqual(
                        found, tuple(struct.unpack("f", struct.pack("f", float(row[f"e{k}"])))[0] for k in range(width))
                    )
        logits = encoded["logits"][1]
        self.assertTrue(all(map(math.isnan, logits[2 * 5 : 3 * 5])))  # flat has nothing

    def test_spectra_and_metadata_go_without_light_curves_and_without_a_checkpoint_of_theirs(self):
        code, _, err = run(
            "preprocess",
            "--spectra",
            self.spectra / "a.fits.gz",
            "--metadata",
            self.catalogue,
            "--metadata-scaling",
            METADATA / "info.json",
            "--scaling",
            "none",
            "-o",
            self.folder,
        )
        self.assertEqual(code, 0, err)
        self.assertEqual(
            {p.name for p in self.folder.iterdir()},
            {"spectra.npy", "metadata.npy", "objects.csv", "meta.json", "scaling.json", "rejects.jsonl"},
        )
        self.assertEqual(array(self.folder / "metadata.npy")[0], (1, 34))

    def test_a_photo_checkpoint_encodes_a_folder_to_the_bits_of_embed(self):
        curves = (self.a, self.flat, self.b, "--period-min", "0.5", "--model", TINY)
        self.assertEqual(run("preprocess", *curves, "-o", self.folder)[0], 3)
        code, _, err = run("encode", self.folder, "--model", TINY, "-o", self.tmp / "out.safetensors")
        self.assertEqual(code, 0, err)
        encoded = tensors(self.tmp / "out.safetensors")
        (n, width), numbers = encoded["mean"]
        self.assertEqual((n, encoded["sequence"][0][0]), (3, 3))
        self.assertEqual(run("embed", *curves, "-o", self.tmp / "o.csv")[0], 3)
        for i, row in enumerate(rows_of(self.tmp / "o.csv")):
            found = numbers[i * width : (i + 1) * width]
            if row["status"] == "ok":
                self.assertEqual(found, tuple(array_of_text(row[f"e{k}"] for k in range(width))))
            else:
                self.assertTrue(all(map(math.isnan, found)), row["object_id"])

    def test_a_folder_of_another_scaling_is_refused(self):
        run("preprocess", self.a, "--period-min", "0.5", "--model", TINY, "--scaling", "none", "-o", self.folder)
        code, _, err = run("encode", self.folder, "--model", TINY, "-o", self.tmp / "out.safetensors")
        self.assertEqual((code, "scaling.json" in err and "other numbers" in err), (5, True), err)
        self.assertFalse((self.tmp / "out.safetensors").exists())
        self.preprocess("--force", model=FUSED)
        scaling = self.folder / "scaling.json"
        scaling.write_text(scaling.read_text().replace('"mean": ', '"mean": 1', 1))
        code, _, err = run("encode", self.folder, "--model", FUSED, "-o", self.tmp / "out.safetensors")
        self.assertEqual((code, "other numbers" in err), (5, True), err)

    def test_a_folder_that_does_not_fit_is_refused_by_name(self):
        self.assertEqual(self.preprocess()[0], 3)
        code, _, err = run("encode", self.folder, "--model", TINY, "-o", self.tmp / "out.safetensors")
        self.assertEqual(code, 5, err)  # other sizes
        self.assertIn("x_enc.npy", err)
        lines = (self.folder / "objects.csv").read_text().splitlines(keepends=True)
        (self.folder / "objects.csv").write_text("".join(lines[:-1]))
        code, _, err = run("encode", self.folder, "--model", CLIP, "-o", self.tmp / "out.safetensors")
        self.assertEqual((code, "x_enc.npy" in err and "objects.csv has 3" in err), (5, True), err)
        self.assertEqual(self.preprocess()[0], 6)  # the folder is not empty

    def test_arrays_of_an_earlier_run_are_not_left_beside_others(self):
        self.assertEqual(self.preprocess()[0], 3)
        code, _, err = run("preprocess", self.a, "--period-min", "0.5", "--model", TINY, "-o", self.folder, "--force")
        self.assertEqual(code, 0, err)
        self.assertFalse((self.folder / "spectra.npy").exists())


if __name__ == "__main__":
    unittest.main()
