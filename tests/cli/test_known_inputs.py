# SPDX-License-Identifier: MIT
"""A resumed run has the inputs, the model and the configuration that it began with. Run with ASTROM3_CLI set."""

import json
import os
import shutil
import unittest

from test_cli import TINY, CommandLine, light_curve, run

LARGE = 65 << 20  # more than is hashed as a whole


class KnownInputs(CommandLine):
    def setUp(self):
        super().setUp()
        self.table = self.stars("in.csv")
        self.out = self.tmp / "run"

    def stars(self, name, prefix="s", n=6):
        path = self.tmp / name
        path.parent.mkdir(exist_ok=True)
        with open(path, "w") as file:
            file.write("object_id,hjd,flux,flux_err\n")
            for k in range(n):
                file.writelines(f"{prefix}{k},{t!r},{f!r},{e!r}\n" for t, f, e in light_curve(30, seed=k + 1))
        return path

    def features(self, *args, inputs=None, cwd=None, part=2):
        code, _, err = run(
            "features",
            *(inputs or [self.table]),
            "--period-min",
            "1",
            "--part-objects",
            part,
            "-q",
            "-o",
            f"{self.out}/",
            *args,
            cwd=cwd,
        )
        return code, err

    def cut(self):
        """The run as it was after its first part."""
        manifest = self.out / "_manifest.jsonl"
        manifest.write_text("".join(manifest.read_text().splitlines(keepends=True)[:2]))
        for path in self.out.glob("part-00000[12]*"):
            path.unlink()

    def contents(self):
        return {p.name: p.read_bytes() for p in self.out.iterdir() if p.name != "_summary.json"}

    def refuses(self, *words, args=(), **kwargs):
        before = self.contents()
        code, err = self.features("--resume", *args, **kwargs)
        self.assertEqual(code, 6, err)
        for word in words:
            self.assertIn(word, err)
        self.assertEqual(self.contents(), before)

    def test_an_edited_input_of_the_same_size_is_named(self):
        self.assertEqual(self.features()[0], 0)
        self.cut()
        text = self.table.read_text()
        self.table.write_text(text.replace("s5,", "z5,"))
        self.refuses("in.csv: was changed")
        self.table.write_text(text)  # touched, and the same: it is the content that counts
        self.assertEqual(self.features("--resume")[0], 0)

    def test_the_same_name_in_another_folder_is_another_file(self):
        one, two = self.stars("one/in.csv").parent, self.stars("two/in.csv", "z").parent
        self.assertEqual(self.features(inputs=["in.csv"], cwd=one)[0], 0)
        self.cut()
        self.refuses("in.csv: was changed, or is another file", inputs=["in.csv"], cwd=two)
        shutil.copy(one / "in.csv", two / "in.csv")  # moved with what is in it
        self.assertEqual(self.features("--resume", inputs=["in.csv"], cwd=two)[0], 0)

    def test_other_files_and_another_order_are_refused(self):
        other = self.stars("other.csv", "o")
        self.assertEqual(self.features(inputs=[self.table, other])[0], 0)
        self.cut()
        self.refuses("another input was in this place", inputs=[other, self.table])
        self.refuses("were 2 files, are 1", inputs=[self.table])

    def large(self):
        """A long table: many objects that are soon rejected, so that it is read quickly."""
        with open(self.table, "a") as file:
            file.write("".join(f"{'x' * 8000}{k},1,2,3\n" for k in range(LARGE // 8000)))

    def test_a_large_input_is_known_by_samples_and_its_time_or_by_all_of_it(self):
        self.large()
        part = {"part": 3000}
        self.assertEqual(self.features(**part)[0], 3)
        self.cut_all()
        before = os.stat(self.table)
        os.utime(self.table, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
        self.refuses("in.csv: was changed", **part)
        os.utime(self.table, ns=(before.st_atime_ns, before.st_mtime_ns))
        self.assertEqual(self.features("--resume", **part)[0], 3)
        code, err = self.features("--resume", "--verify-inputs", **part)
        self.assertEqual((code, "nothing to compare with" in err), (2, True), err)
        self.assertEqual(self.features("--force", "--verify-inputs", **part)[0], 3)
        self.cut_all()
        os.utime(self.table)  # every byte is the same
        self.assertEqual(self.features("--resume", "--verify-inputs", **part)[0], 3)
        with open(self.table, "r+b") as file:  # in no sample, and the time is put back
            file.seek((1 << 20) + 1000)
            file.write(b"y")
        os.utime(self.table, ns=(before.st_atime_ns, before.st_mtime_ns))
        self.refuses("in.csv: was changed", args=["--verify-inputs"], **part)

    def cut_all(self):
        manifest = self.out / "_manifest.jsonl"
        manifest.write_text(manifest.read_text().splitlines(keepends=True)[0])

    def test_an_input_that_could_not_be_read_is_tried_again(self):
        late = self.stars("late.csv", "late", 3)
        inputs = [self.stars("a.csv", "a", 3), late, self.stars("b.csv", "b", 3)]
        self.assertEqual(self.features(inputs=inputs)[0], 0)
        whole, text = self.contents(), late.read_text()
        shutil.rmtree(self.out)
        late.unlink()
        os.mkfifo(late)
        code, err = self.features(inputs=inputs)
        self.assertEqual((code, "io_error" in (self.out / "_rejects.jsonl").read_text()), (3, True), err)
        before = self.contents()
        self.assertEqual(self.features("--resume", inputs=inputs)[0], 3)  # it still cannot be read
        self.assertEqual(self.contents(), before)
        late.unlink()
        late.write_text(text)
        code, err = self.features("--resume", inputs=inputs)
        self.assertEqual(code, 0, err)
        self.assertEqual(self.contents(), whole)
        late.unlink()
        os.mkfifo(late)
        self.refuses("late.csv: could be read then, and cannot be now", inputs=inputs)


class KnownModels(CommandLine):
    def setUp(self):
        super().setUp()
        self.table = KnownInputs.stars(self, "in.csv")
        self.model = self.tmp / "model"
        shutil.copytree(TINY, self.model)

    def change_config(self):
        path = self.model / "config.json"
        config = json.loads(path.read_text())
        config["activation"] = "relu" if config["activation"] == "gelu" else "gelu"
        path.write_text(json.dumps(config))

    def test_a_run_is_not_resumed_with_another_configuration(self):
        embed = ["embed", self.table, "-m", self.model, "--period-min", "1", "-q", "-o", f"{self.tmp / 'run'}/"]
        self.assertEqual(run(*embed)[0], 0)
        self.change_config()
        code, _, err = run(*embed, "--resume")
        self.assertEqual(code, 6)
        self.assertIn("model_config: was", err)
        self.assertIn("model_identity: was", err)

    def test_results_of_two_models_with_the_same_weights_are_not_compared(self):
        first, second = self.tmp / "1.csv", self.tmp / "2.csv"
        embed = ["embed", self.table, "-m", self.model, "--period-min", "1", "-q", "-o"]
        self.assertEqual(run(*embed, first)[0], 0)
        for change, key in (
            ((), "precision"),
            ((), "scaling"),
            ((), "attention"),
            (self.change_config, "model_config"),
        ):
            args = {
                "precision": ["--precision", "int8"],
                "scaling": ["--scaling", "none"],
                "attention": ["--attention", "probsparse-exact"],
            }
            if change:
                change()
            self.assertEqual(run(*embed, second, *args.get(key, []))[0], 0)
            for query in (["--query", second], [second, "--all"]):
                code, _, err = run("search", first, *query)
                self.assertEqual(code, 5, err)
                self.assertIn("cannot be compared", err)
                self.assertIn(f"{key} is", err)
        self.assertEqual(run("search", first, "--query", first)[0], 0)

    def test_a_light_curve_is_embedded_as_the_embeddings_were(self):
        out = self.tmp / "e.csv"
        search = ["search", out, "--light-curve", self.table, "-m", self.model, "--period-min", "1", "-k", "1"]
        embed = ["embed", self.table, "-m", self.model, "--period-min", "1", "-q", "-o", out]
        self.assertEqual(run(*embed, "--precision", "int8")[0], 0)
        code, _, err = run(*search)
        self.assertEqual((code, "precision is float32, and int8" in err), (4, True), err)
        self.assertEqual(run(*search, "--precision", "int8")[0], 0)
        code, _, err = run(*search, "--precision", "int8", "--scaling", "none")
        self.assertEqual((code, "scaling is" in err), (4, True), err)


if __name__ == "__main__":
    unittest.main()
