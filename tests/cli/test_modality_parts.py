# SPDX-License-Identifier: MIT
"""Runs with several modalities into a folder of parts: resumed from any point they give the same bytes."""

import json
import os
import shutil
import unittest

from test_cli import run
from test_multimodal import CLIP, FUSED, METADATA, SPECTRA, MultimodalInputs


def content(folder):
    """Everything but the summary, which holds seconds."""
    return {
        p.name: p.read_bytes()
        for p in sorted(folder.iterdir())
        if p.name not in ("_summary.json", ".lock") and not p.name.startswith(".")
    }


class ModalityParts(MultimodalInputs):
    def setUp(self):
        super().setUp()
        shutil.copy(SPECTRA / "spec-lamost-dr10.fits.gz", self.spectra / "d.fits.gz")
        shutil.copy(SPECTRA / "specutils.ecsv", self.spectra / "e.ecsv")
        self.folder = self.tmp / "run"
        self.info = self.tmp / "info.json"
        shutil.copy(METADATA / "info.json", self.info)

    def parts(self, *args, folder=None, curves=True, spectra=True, metadata=True, model=CLIP, command="embed"):
        inputs = [self.a, self.b, self.flat, "--period-min", "0.5"] if curves else []
        if spectra:
            inputs += ["--spectra", *sorted(self.spectra.iterdir())]
        if metadata:
            inputs += ["--metadata", self.catalogue, "--metadata-scaling", self.info]
        return run(command, "--model", model, *inputs, "--part-objects", 1, "-o", f"{folder or self.folder}/", *args)

    def begun(self, n_parts):
        """The folder as a run leaves it that was killed behind its n-th part."""
        folder = self.tmp / f"begun{n_parts}"
        shutil.copytree(self.folder, folder)
        manifest = folder / "_manifest.jsonl"
        lines = manifest.read_text().splitlines(keepends=True)
        manifest.write_text("".join(lines[: 1 + n_parts]))
        for part in sorted(folder.glob("part-*.parquet"))[n_parts:]:
            part.unlink()
        (folder / "_summary.json").unlink()
        return folder

    def skip_without_parquet(self, code, err):
        if code == 6 and "Parquet" in err:
            self.skipTest("no Parquet module")

    def test_a_run_goes_on_from_any_part_to_the_same_bytes(self):
        code, _, err = self.parts("--resume")
        self.skip_without_parquet(code, err)
        self.assertEqual(code, 3, err)
        whole = content(self.folder)
        n_parts = len([name for name in whole if name.startswith("part-")])
        self.assertEqual(n_parts, 6)  # a, b, flat; c, d, e
        for n in range(n_parts + 1):
            folder = self.begun(n)
            code, _, err = self.parts("--resume", folder=folder)
            self.assertEqual(code, 3, err)
            self.assertEqual(content(folder), whole, n)
        summary = json.loads((self.folder / "_summary.json").read_text())
        self.assertEqual((summary["objects"], summary["ok"]), (6, 5))
        self.assertEqual(summary["modalities"]["spectra"], 4)
        self.assertEqual(
            json.loads((self.tmp / "begun3/_summary.json").read_text())["modalities"], summary["modalities"]
        )

    def test_damaged_parts_are_made_again_and_come_out_as_they_were(self):
        code, _, err = self.parts("--resume")
        self.skip_without_parquet(code, err)
        whole = content(self.folder)
        for n in (0, 2, 4, 5):
            (self.folder / f"part-{n:06d}.parquet").write_bytes(b"damaged")
        self.assertEqual(self.parts("--resume")[0], 3)
        self.assertEqual(content(self.folder), whole)

    def test_a_folder_has_the_rows_of_a_file(self):
        try:
            import pyarrow.parquet as parquet
        except ImportError:
            self.skipTest("pyarrow is not installed")
        code, _, err = self.parts()
        self.skip_without_parquet(code, err)
        rows = [row for p in sorted(self.folder.glob("part-*.parquet")) for row in parquet.read_table(p).to_pylist()]
        self.all_three(self.tmp / "o.parquet", "--spectra", *sorted(self.spectra.iterdir()))
        self.assertEqual(rows, parquet.read_table(self.tmp / "o.parquet").to_pylist())

    def test_what_has_changed_is_named_and_the_run_is_not_resumed(self):
        code, _, err = self.parts("--resume")
        self.skip_without_parquet(code, err)
        for change, args, words in (
            (lambda: shutil.copy(self.spectra / "d.fits.gz", self.spectra / "a.fits.gz"), (), "a.fits.gz: was changed"),
            (
                lambda: self.catalogue.write_text(self.catalogue.read_text().replace("14.25", "14.26")),
                (),
                "catalogue.csv: was changed",
            ),
            (lambda: self.info.write_text(self.info.read_text() + "\n"), (), "info.json: was changed"),
            (lambda: None, ("--pick", "last"), "joining"),
            (lambda: None, ("--coverage", "extend"), "spectra"),
            (lambda: None, ("--require", "all"), "require"),
        ):
            kept = {p: p.read_bytes() for p in [*self.spectra.iterdir(), self.catalogue, self.info]}
            change()
            code, _, err = self.parts("--resume", *args)
            self.assertEqual((code, words in err), (6, True), (words, err))
            for p, data in kept.items():
                p.write_bytes(data)
        self.assertEqual(self.parts("--resume")[0], 3)

    def test_a_spectrum_that_can_be_read_now_makes_all_parts_again(self):
        hidden = (self.spectra / "a.fits.gz").read_bytes()
        (self.spectra / "a.fits.gz").unlink()
        os.mkfifo(self.spectra / "a.fits.gz")  # no file that can be read
        code, _, err = self.parts("--resume")
        self.skip_without_parquet(code, err)
        self.assertEqual(code, 3, err)
        self.assertIn("io_error", (self.folder / "_rejects.jsonl").read_text())
        (self.spectra / "a.fits.gz").unlink()
        (self.spectra / "a.fits.gz").write_bytes(hidden)
        self.assertEqual(self.parts("--resume")[0], 3)
        fresh = self.tmp / "fresh"
        self.assertEqual(self.parts(folder=fresh)[0], 3)
        self.assertEqual(content(self.folder), content(fresh))

    def test_one_modality_alone_in_parts_and_classes_too(self):
        for more in ({"curves": False}, {"curves": False, "spectra": False}, {"command": "classify", "model": FUSED}):
            folder = self.tmp / "_".join(more)
            code, _, err = self.parts("--resume", folder=folder, **more)
            self.skip_without_parquet(code, err)
            self.assertIn(code, (0, 3), err)
            whole = content(folder)
            (folder / "part-000001.parquet").unlink()
            self.assertEqual(self.parts("--resume", folder=folder, **more)[0], code)
            self.assertEqual(content(folder), whole)

    def test_limits_on_rejects_hold_and_shares_are_refused(self):
        code, _, err = self.parts("--strict")
        self.skip_without_parquet(code, err)
        self.assertEqual((code, "strict" in err), (3, True), err)
        code, _, err = self.all_three(self.tmp / "o.csv", "--strict")
        self.assertEqual((code, (self.tmp / "o.csv").exists()), (3, False), err)
        self.assertEqual(self.parts("--shard", "1/2", folder=self.tmp / "shares")[0], 2)
        code, _, err = self.parts(folder=self.spectra)
        self.assertEqual((code, "is in this folder" in err), (2, True), err)

    def test_progress_is_told_in_json(self):
        code, _, err = self.parts("--progress", "json")
        self.skip_without_parquet(code, err)
        self.assertIn(code, (0, 3))


if __name__ == "__main__":
    unittest.main()
