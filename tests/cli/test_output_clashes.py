# SPDX-License-Identifier: MIT
"""No command writes over what it reads, nor two outputs into one file. Run with ASTROM3_CLI set."""

import os
import shutil
import unittest

from test_cli import TINY, CommandLine, light_curve, run, write_csv


class OutputClashes(CommandLine):
    def setUp(self):
        super().setUp()
        self.star = write_csv(self.tmp / "star.csv", light_curve(40))
        self.model = self.tmp / "model"
        shutil.copytree(TINY, self.model)
        self.catalogue = self.write("catalogue.csv", "object_id,period\nstar,1.5\n")
        self.list = self.write("list.txt", f"{self.star}\n")
        self.labels = self.write("labels.csv", "object_id,class\nstar,EW\n")
        code, _, err = self.embed(self.star, "-o", self.tmp / "e.csv")
        self.assertEqual(code, 0, err)

    def write(self, name, text):
        path = self.tmp / name
        path.write_text(text)
        return path

    def refuses(self, kept, *args, open_file=None):
        """The call is a usage error before anything is opened: `kept` and the folder are as they were."""
        before = {p: p.read_bytes() for p in self.tmp.rglob("*") if p.is_file()}
        code, _, err = run(*args, open_file=open_file)
        self.assertEqual(code, 2, (args, err))
        self.assertRegex(err, "the output is the input|two outputs would be this file", args)
        self.assertEqual({p: p.read_bytes() for p in self.tmp.rglob("*") if p.is_file()}, before, args)
        self.assertTrue(kept.exists())

    def test_no_input_is_an_output_whatever_names_it(self):
        features = ["features", self.star, "--period-min", "1"]
        embed = ["embed", self.star, "-m", self.model, "--to", "csv"]
        for kept, *args in (
            (self.star, *features, "-o", self.star),
            (self.catalogue, *features, "--features", self.catalogue, "-o", self.catalogue),
            (self.list, "features", f"@{self.list}", "--to", "csv", "-o", self.list),
            (self.model / "model.safetensors", *embed, "-o", self.model / "model.safetensors"),
            (self.model / "config.json", *embed, "-o", self.model / "config.json"),
            (self.labels, "outliers", self.tmp / "e.csv", "--labels", self.labels, "-o", self.labels),
            (self.tmp / "e.csv", "search", self.tmp / "e.csv", "--all", "-o", self.tmp / "e.csv"),
            (self.tmp / "e.csv", "map", self.tmp / "e.csv", "-o", self.tmp / "m.html", "--table", self.tmp / "e.csv"),
            (self.tmp / "e.meta.json", "search", self.tmp / "e.csv", "--all", "-o", self.tmp / "e.meta.json"),
            (self.star, "periodogram", self.star, "--svg", self.star),
            (self.star, "preprocess", self.star, "--period-min", "1", "-o", self.star),  # would be a folder
            (self.star, *features, "-o", f"{self.star}/"),
            (self.star, *embed[:-1], "npy", "-o", self.star),
            (self.star, "study", "attention", self.star, "-m", self.model, "--svg", self.star),
            (
                self.model / "config.json",
                "init",
                "--seed",
                "1",
                "--config",
                self.model / "config.json",
                "-o",
                self.model,
            ),
            (
                self.model / "config.json",
                "train",
                self.star,
                "--labels",
                self.labels,
                "--from",
                self.model,
                "-o",
                self.model,
                "--force",
            ),
            (self.model / "config.json", "export", "-m", self.model, "-o", self.model / "config.json"),
        ):
            self.refuses(kept, *args)

    def test_nor_is_one_whose_name_follows_from_another(self):
        rejects = self.tmp / "out.rejects.jsonl"
        shutil.copy(self.star, rejects)
        self.refuses(rejects, "features", rejects, "-o", self.tmp / "out.csv")
        meta = self.tmp / "out.meta.json"
        shutil.copy(self.catalogue, meta)
        self.refuses(meta, "features", self.star, "--features", meta, "-o", self.tmp / "out.csv")
        npy = self.tmp / "npy"
        self.assertEqual(self.embed(self.star, "--to", "npy", "-o", npy)[0], 0)
        self.refuses(npy, "outliers", npy, "-k", "1", "-o", npy / "objects.csv")
        self.refuses(
            npy,
            "embed",
            self.star,
            "-m",
            self.model,
            "--features",
            npy / "objects.csv",
            "--to",
            "npy",
            "--force",
            "-o",
            npy,
        )

    def test_links_and_other_names_of_a_file_are_that_file(self):
        link, hard = self.tmp / "link.csv", self.tmp / "hard.csv"
        link.symlink_to("catalogue.csv")
        os.link(self.catalogue, hard)
        (self.tmp / "sub").mkdir()
        with_catalogue = ["features", self.star, "--features", self.catalogue]
        for output in (link, hard, self.tmp / "sub" / ".." / "catalogue.csv"):
            self.refuses(self.catalogue, *with_catalogue, "-o", output)
        self.refuses(link, "features", self.star, "--features", link, "-o", self.catalogue)
        # A derived name would take the place of the link that the user reads.
        (self.tmp / "out.rejects.jsonl").symlink_to(self.catalogue.name)
        self.refuses(
            self.catalogue,
            "features",
            self.star,
            "--features",
            self.tmp / "out.rejects.jsonl",
            "-o",
            self.tmp / "out.csv",
        )

    def test_files_behind_globs_lists_and_folders_are_inputs(self):
        (self.tmp / "many").mkdir()
        inside = write_csv(self.tmp / "many" / "a.csv", light_curve(40, seed=2))
        for given in (
            [str(self.tmp / "many" / "*.csv")],
            ["-r", self.tmp / "many"],
            [f"@{self.write('l', str(inside))}"],
        ):
            self.refuses(inside, "features", *given, "-o", inside)

    def test_two_outputs_are_two_files(self):
        e, labels = self.tmp / "e.csv", self.write("l.csv", "object_id,class\nstar,EW\n")
        page = self.tmp / "page.html"
        self.refuses(e, "map", e, "-o", page, "--table", page)
        self.refuses(e, "map", e, "-o", page, "--table", self.tmp / "model" / ".." / "page.html")
        self.refuses(e, "evaluate", e, "--labels", labels, "-o", self.tmp / "v", "--svg", self.tmp / "v")
        self.refuses(e, "periodogram", self.star, "-o", self.tmp / "p", "--svg", self.tmp / "p")
        (self.tmp / "p.link").symlink_to("p")
        self.refuses(e, "periodogram", self.star, "-o", self.tmp / "p", "--svg", self.tmp / "p.link")

    def test_standard_output_into_an_input_is_refused(self):
        before = self.star.read_bytes()
        with open(self.star, "ab") as stdout:
            code, _, err = run("features", self.star, "-o", "-", stdout=stdout)
        self.assertEqual((code, self.star.read_bytes()), (2, before), err)

    def test_the_notes_of_a_catalogue_are_inputs(self):
        collection, flat = self.tmp / "collection", self.tmp / "flat"
        catalogue = collection / "stars"
        for folder in (catalogue / "dataset" / "Norder=0", flat / "Norder=0"):
            folder.mkdir(parents=True)
            (folder / "Npix=0.parquet").write_text("only its name is asked for")
        notes = [
            (collection, collection / "collection.properties", "hats_primary_table_url=stars\n"),
            (collection, catalogue / "hats.properties", "dataproduct_type=object\n"),
            (catalogue, catalogue / "properties", "dataproduct_type=object\n"),
            (flat, flat / "catalog_info.json", '{"catalog_type": "object"}'),
        ]
        for _, note, text in notes:
            note.write_text(text)
        for given, note, _ in notes:
            self.refuses(note, "features", given, "--to", "csv", "-o", note)
            self.refuses(note, "features", str(given) + "*", "--to", "csv", "-o", note)

    def test_what_is_beside_the_weights_is_an_input(self):
        for name in ("info.json", "MODEL_CARD.md"):
            beside = self.write(f"model/{name}", "{}")
            self.refuses(beside, "embed", self.star, "-m", self.model, "--to", "csv", "-o", beside)
        npy = self.tmp / "npy"
        self.assertEqual(self.embed(self.star, "--to", "npy", "-o", npy)[0], 0)
        self.refuses(npy, "outliers", npy, "-k", "1", "-o", npy / "rejects.jsonl")

    def test_a_descriptor_is_the_file_that_it_is_open_on(self):
        with open(self.star, "r+b") as star:
            names = [f"{folder}/{star.fileno()}" for folder in ("/dev/fd", "/proc/self/fd", "/proc/thread-self/fd")]
            link = self.tmp / "link"
            link.symlink_to(names[0])
            for name in (*names, link):
                self.refuses(
                    self.star, "periodogram", self.star, "-o", self.tmp / "p.csv", "--svg", name, open_file=star
                )
                self.refuses(self.star, "features", self.star, "--to", "csv", "-o", name, open_file=star)

    def test_a_file_that_lost_its_name_is_written_under_no_other(self):
        with open(self.tmp / "gone.csv", "w+b") as gone:
            (self.tmp / "gone.csv").unlink()
            before = sorted(p.name for p in self.tmp.iterdir())
            name = f"/proc/self/fd/{gone.fileno()}"
            code, _, err = run("periodogram", self.star, "--svg", name, "-o", "-", open_file=gone)
            self.assertEqual(code, 6, err)
            self.assertRegex(err, f"{name}.*no name")
            self.assertEqual(sorted(p.name for p in self.tmp.iterdir()), before)

    def test_what_is_beside_an_input_may_be_written(self):
        code, _, err = run("search", self.tmp / "e.csv", "--all", "-o", self.tmp / "e.found.csv")
        self.assertEqual(code, 0, err)
        for _ in range(2):  # again over its own earlier output
            code, _, err = run("features", self.star, "--period-min", "1", "-o", self.tmp / "f.csv")
            self.assertEqual(code, 0, err)
        self.assertEqual(run("features", self.star, "--period-min", "1", "-o", "/dev/null", "--to", "csv")[0], 0)


if __name__ == "__main__":
    unittest.main()
