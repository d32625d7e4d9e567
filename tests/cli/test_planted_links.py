# SPDX-License-Identifier: MIT
"""What somebody put into a run's folder, or beside an output, leads no byte elsewhere. Run with ASTROM3_CLI set."""

import os
import shutil
import stat
import unittest

from test_cli import TINY, CommandLine, light_curve, run, write_csv


class PlantedLinks(CommandLine):
    def setUp(self):
        super().setUp()
        self.table = self.tmp / "in.csv"
        with open(self.table, "w") as file:
            file.write("object_id,hjd,flux,flux_err\n")
            for k in range(6):
                rows = light_curve(30, seed=k + 1)
                file.writelines(
                    f"s{k},{t!r},{'oops' if k == 4 and i == 2 else repr(f)},{e!r}\n" for i, (t, f, e) in enumerate(rows)
                )
        self.victim = self.tmp / "victim.txt"
        self.victim.write_text("precious\n")
        self.out = self.tmp / "run"
        self.assertEqual(self.features()[0], 3)

    def features(self, *args):
        code, _, err = run(
            "features", self.table, "--period-min", "1", "--part-objects", "3", "-q", "-o", f"{self.out}/", *args
        )
        return code, err

    def refuses_to_resume(self, word):
        code, err = self.features("--resume")
        self.assertEqual(code, 6, err)
        self.assertIn(word, err)
        self.assertEqual(self.victim.read_text(), "precious\n")

    def test_names_in_the_manifest_are_those_that_a_run_gives(self):
        manifest = self.out / "_manifest.jsonl"
        good = manifest.read_text()
        for name in (
            "../victim.txt",
            str(self.victim),
            "./part-000000.parquet",
            "part-000001.parquet",
            "part-0.parquet",
            "",
            ".",
        ):
            manifest.write_text(good.replace('"file":"part-000000.parquet"', f'"file":"{name}"'))
            self.refuses_to_resume("says what no run writes")

    def test_numbers_in_the_manifest_are_those_of_the_files(self):
        manifest = self.out / "_manifest.jsonl"
        good = manifest.read_text()
        self.assertIn('"rejects":[0,0]', good)
        for before, after in (
            ('"rejects":[0,0]', '"rejects":[0,3000000000]'),
            ('"rejects":[0,0]', '"rejects":[0,200000000000]'),
            ('"rejects":[0,0]', '"rejects":[18446744073709551615,1]'),
            ('"begin":[0,0]', '"begin":[7,0]'),
            ('"end":[0,3]', '"end":[0,9007199254740993]'),
            ('"objects":3,"ok":3', '"objects":3,"ok":4'),
        ):
            self.assertIn(before, good)
            manifest.write_text(good.replace(before, after, 1))
            self.refuses_to_resume("_manifest.jsonl")

    def test_a_link_in_the_folder_is_refused(self):
        for name in ("_manifest.jsonl", "_rejects.jsonl", "part-000000.parquet", "_summary.json", ".astrom3.lock"):
            path = self.out / name
            kept = path.read_bytes() if path.exists() else None
            for plant in (lambda path: path.symlink_to(self.victim), lambda path: os.mkfifo(path)):
                path.unlink(missing_ok=True)
                plant(path)
                self.refuses_to_resume(name)
                path.unlink()
            if kept is not None:
                path.write_bytes(kept)
        self.assertEqual(self.features("--resume")[0], 3)

    def test_a_hard_link_is_not_written_through(self):
        for name in ("_manifest.jsonl", "_rejects.jsonl"):
            other = self.tmp / f"copy of {name}"
            os.link(self.out / name, other)
            before = other.read_bytes()
            self.refuses_to_resume("hard link")
            self.assertEqual(other.read_bytes(), before)
            other.unlink()
        os.link(self.victim, self.out / ".astrom3.lock")
        self.refuses_to_resume(".astrom3.lock")
        (self.out / ".astrom3.lock").unlink()
        part = self.out / "part-000000.parquet"  # parts are renamed into place, which leaves the other name alone
        os.link(part, self.tmp / "part")
        part.write_bytes(b"")
        part.unlink()
        os.link(self.victim, part)
        self.assertEqual(self.features("--resume")[0], 3)
        self.assertEqual(self.victim.read_text(), "precious\n")

    def test_force_removes_links_and_nothing_behind_them(self):
        (self.out / "part-000000.parquet").unlink()
        (self.out / "part-000000.parquet").symlink_to(self.victim)
        (self.out / "_rejects.jsonl").unlink()
        (self.out / "_rejects.jsonl").symlink_to(self.victim)
        self.assertEqual(self.features("--force")[0], 3)
        self.assertEqual(self.victim.read_text(), "precious\n")
        self.assertFalse(any(p.is_symlink() for p in self.out.iterdir()))

    def test_force_in_a_folder_of_others_is_refused(self):
        for name in ("_manifest.jsonl", "_rejects.jsonl", "_summary.json"):
            shutil.rmtree(self.out)
            self.out.mkdir()
            (self.out / name).write_text('{"theirs": 1}\n')
            code, err = self.features("--force")
            self.assertEqual(code, 6, err)
            self.assertIn("is of another program", err)
            (self.out / "thesis.tex").write_text("x")
            code, err = self.features("--force")
            self.assertEqual(code, 6, err)
            self.assertRegex(err, "is of another program|is none of a run's files")
            self.assertEqual(sorted(p.name for p in self.out.iterdir()), sorted([name, "thesis.tex"]))

    def test_a_link_under_a_derived_name_is_replaced(self):
        star = write_csv(self.tmp / "star.csv", light_curve(30))
        self.assertEqual(run("embed", star, "-m", TINY, "--to", "npy", "-o", self.tmp / "npy")[0], 0)
        for name, args in (
            ("o.rejects.jsonl", ["features", star, "-o", self.tmp / "o.csv"]),
            ("o.meta.json", ["features", star, "-o", self.tmp / "o.csv"]),
            ("npy/mean.npy", ["embed", star, "-m", TINY, "--to", "npy", "--force", "-o", self.tmp / "npy"]),
            ("npy/objects.csv", ["embed", star, "-m", TINY, "--to", "npy", "--force", "-o", self.tmp / "npy"]),
            ("npy/rejects.jsonl", ["embed", star, "-m", TINY, "--to", "npy", "--force", "-o", self.tmp / "npy"]),
        ):
            link = self.tmp / name
            link.parent.mkdir(exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(self.victim)
            code, _, err = run(*args)
            self.assertEqual(code, 0, (name, err))
            self.assertEqual((link.is_symlink(), self.victim.read_text()), (False, "precious\n"), name)

    def test_a_link_of_ones_own_in_the_place_of_the_output_is_followed(self):
        star = write_csv(self.tmp / "star.csv", light_curve(30))
        (self.tmp / "results").mkdir()
        (self.tmp / "o.csv").symlink_to("results/real.csv")  # which is not there yet
        for _ in range(2):
            self.assertEqual(run("features", star, "--period-min", "1", "-o", self.tmp / "o.csv")[0], 0)
            self.assertTrue((self.tmp / "o.csv").is_symlink())
            self.assertIn("star,ok", (self.tmp / "results" / "real.csv").read_text())

    def test_a_link_of_somebody_else_in_a_shared_folder_is_not(self):
        if os.geteuid() != 0:
            self.skipTest("only root can make links of others")
        public = self.tmp / "public"
        public.mkdir()
        os.chown(public, 12345, 12345)
        public.chmod(0o1777 | stat.S_ISVTX)
        (public / "o.csv").symlink_to(self.victim)
        os.chown(public / "o.csv", 23456, 23456, follow_symlinks=False)
        star = write_csv(self.tmp / "star.csv", light_curve(30))
        code, _, err = run("features", star, "-o", public / "o.csv")
        self.assertEqual(code, 6, err)
        self.assertIn("symbolic link of another user", err)
        self.assertEqual(self.victim.read_text(), "precious\n")

    def test_a_folder_that_takes_the_place_of_the_runs_gets_nothing(self):
        other = self.tmp / "other"
        shutil.copytree(self.out, other)
        (other / "part-000001.parquet").unlink()
        shutil.rmtree(self.out)
        self.out.symlink_to(other)  # a link of the user's own to a folder is the folder
        self.assertEqual(self.features("--resume")[0], 3)
        self.assertTrue((other / "part-000001.parquet").exists())


if __name__ == "__main__":
    unittest.main()
