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

    def shares(self, n, folder, **more):
        """The rows of all shares, by object and in the order of the whole run's."""
        import pyarrow.parquet as parquet

        rows = []
        for i in range(1, n + 1):
            code, _, err = self.parts("--shard", f"{i}/{n}", "--resume", folder=folder, **more)
            self.skip_without_parquet(code, err)
            self.assertIn(code, (0, 3), err)
            share = folder / f"shard-{i}-of-{n}"
            rows.append(
                [row for p in sorted(share.glob("part-*.parquet")) for row in parquet.read_table(p).to_pylist()]
            )
        return rows

    def test_shares_make_the_rows_of_the_whole_run_each_once(self):
        try:
            import pyarrow.parquet as parquet
        except ImportError:
            self.skipTest("pyarrow is not installed")
        # b's spectrum is in a share whose light curves do not have it, under another name.
        shutil.copy(SPECTRA / "spec-lamost-dr10.fits.gz", self.spectra / "b.fits.gz")
        for more in ({}, {"curves": False}, {"curves": False, "spectra": False}, {"spectra": False}):
            whole = self.tmp / ("whole" + "_".join(more))
            code, _, err = self.parts(folder=whole, **more)
            self.skip_without_parquet(code, err)
            self.assertIn(code, (0, 3), err)
            files = sorted(whole.glob("part-*.parquet"))
            expected = {row["object_id"]: row for p in files for row in parquet.read_table(p).to_pylist()}
            for n in (2, 3, 7):  # of more than there are files, some have no light curve
                with self.subTest(more=more, n=n):
                    shares = self.shares(n, self.tmp / f"{whole.name}_{n}", **more)
                    rows = [row for share in shares for row in share]
                    self.assertEqual(len(rows), len(expected))
                    self.assertEqual({row["object_id"]: row for row in rows}, expected)
                    if n == 2 and more.get("curves") is False:
                        self.assertTrue(all(shares))  # those are divided by their places

    def test_a_share_goes_on_from_any_part_to_the_same_bytes(self):
        code, _, err = self.parts("--shard", "1/2")
        self.skip_without_parquet(code, err)
        self.assertIn(code, (0, 3), err)
        share = self.folder / "shard-1-of-2"
        whole = content(share)
        self.assertGreaterEqual(len([name for name in whole if name.startswith("part-")]), 1)
        for part in sorted(share.glob("part-*.parquet")):
            part.write_bytes(b"damaged")
            self.assertIn(self.parts("--shard", "1/2", "--resume")[0], (0, 3))
            self.assertEqual(content(share), whole, part.name)
        # Whose a spectrum is depends on the light curves of all shares.
        for path in (self.a, self.b, self.flat):
            kept = path.read_bytes()
            path.write_bytes(kept + b"\n")
            code, _, err = self.parts("--shard", "1/2", "--resume")
            self.assertEqual((code, "was changed" in err), (6, True), (path, err))
            path.write_bytes(kept)
        self.assertEqual(self.parts("--shard", "1/3", "--resume")[0], 6)  # shares of another division

    def test_a_task_of_slurm_is_a_share(self):
        slurm = {"SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_MIN": "4", "SLURM_ARRAY_TASK_COUNT": "2"}
        os.environ.update(slurm)
        self.addCleanup(lambda: [os.environ.pop(name) for name in slurm])
        code, _, err = self.parts()
        self.skip_without_parquet(code, err)
        self.assertIn(code, (0, 3), err)
        self.assertIn("share 2 of 2", err)
        self.assertTrue((self.folder / "shard-2-of-2" / "_summary.json").exists())

    def test_check_finds_what_would_be_rejected_and_writes_nothing(self):
        code, _, err = self.all_three(self.tmp / "o.csv")
        self.assertEqual(code, 3, err)
        before = {p for p in self.tmp.rglob("*")}
        for command, output in (
            ("embed", []),
            ("embed", ["-o", self.folder / ""]),
            ("classify", []),
            ("preprocess", []),
        ):
            inputs = [self.a, self.b, self.flat, "--period-min", "0.5", "--spectra", *sorted(self.spectra.iterdir())]
            inputs += ["--metadata", self.catalogue, "--metadata-scaling", self.info]
            model = FUSED if command == "classify" else CLIP
            code, text, err = run(command, "--model", model, *inputs, *output, "--check", "--json")
            self.assertEqual(code, 3, err)
            facts = json.loads(text)
            self.assertEqual((facts["objects"], facts["ok"]), (6, 5))
            self.assertEqual(facts["embedded"], {"photo": 2, "spectra": 4, "metadata": 3})
            self.assertIn("flat.csv", err)
            self.assertIn("mad_zero", err)
            self.assertEqual({p for p in self.tmp.rglob("*")}, before)
        self.assertEqual(run("embed", "--model", CLIP, self.flat, "--check", "--strict")[0], 3)
        code, _, err = run("embed", "--model", CLIP, self.a, "--period-min", "0.5", "--check")
        self.assertEqual((code, "nothing is written" in err), (0, True), err)

    def test_rows_go_to_standard_output(self):
        code, _, err = self.all_three(self.tmp / "o.csv", "--output", "photo")
        self.assertEqual(code, 3, err)
        os.chdir(self.tmp)
        before = {p for p in self.tmp.rglob("*")}
        for output in (["-"], ["-", "--to", "csv"], ["/dev/stdout", "--to", "csv"]):
            code, text, err = self.all_three(output[0], "--output", "photo", *output[1:], "--json")
            self.assertEqual(code, 3, err)
            self.assertEqual(text if output[0] == "-" else text.split('{"output"')[0], (self.tmp / "o.csv").read_text())
            self.assertEqual({p for p in self.tmp.rglob("*")}, before)
        code, _, err = self.all_three("-", "--to", "parquet")
        self.assertEqual((code, "seekable" in err), (2, True), err)

    def test_limits_on_rejects_hold(self):
        code, _, err = self.parts("--strict")
        self.skip_without_parquet(code, err)
        self.assertEqual((code, "strict" in err), (3, True), err)
        code, _, err = self.all_three(self.tmp / "o.csv", "--strict")
        self.assertEqual((code, (self.tmp / "o.csv").exists()), (3, False), err)
        code, _, err = self.parts(folder=self.spectra)
        self.assertEqual((code, "is in this folder" in err), (2, True), err)

    def test_progress_is_told_in_json(self):
        code, _, err = self.parts("--progress", "json")
        self.skip_without_parquet(code, err)
        self.assertIn(code, (0, 3))


if __name__ == "__main__":
    unittest.main()
