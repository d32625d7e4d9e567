# SPDX-License-Identifier: MIT
"""astrom3 study: the numbers against numpy-free recomputation, tables, plots, bad input. Run with ASTROM3_CLI set."""

import csv
import json
import math
import os
import subprocess
import threading
import unittest
import xml.etree.ElementTree as ElementTree

from test_cli import CLI, SLOWER, TINY, CommandLine, light_curve, run, write_csv


def cosine_distance(a, b):
    dot = sum(x * y for x, y in zip(a, b))
    return 1 - dot / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


class Study(CommandLine):
    N = 12

    def setUp(self):
        super().setUp()
        self.stars = [write_csv(self.tmp / f"s{k:02}.csv", light_curve(30 + 3 * k, seed=k + 1, period=0.6 + 0.1 * k))
                      for k in range(self.N)]
        self.catalog = self.tmp / "catalog.csv"
        self.catalog.write_text("object_id,class,amplitude,period,lksl_statistic,rfr_score\n" + "".join(
            f"s{k:02},{'ab'[k % 2]},0.3,{0.6 + 0.1 * k},0.2,{0.5 + 0.04 * k}\n" for k in range(self.N)))

    def study(self, what, *args):
        return run("study", what, *self.stars, "--features", self.catalog, "--model", TINY, "--scaling", "published", *args)

    def embed(self, *args):
        out = self.tmp / "e.csv"
        code, _, err = run("embed", *self.stars, "--features", self.catalog, "--model", TINY, "--scaling", "published", "-o", out, *args)
        self.assertEqual(code, 0, err)
        with open(out, newline="") as file:
            return [[float(row[f"e{i}"]) for i in range(32)] for row in csv.DictReader(file)]

    def test_substitution_equals_embedding_with_the_feature_set(self):
        code, out, err = self.study("substitution", "--json", "--steps", "3")
        self.assertEqual(code, 0, err)
        result = json.loads(out)
        truth, changed = self.embed(), self.embed("--set", "rfr_score=z:0.392")
        distances = [cosine_distance(a, b) for a, b in zip(truth, changed)]
        (row,) = [r for r in result["overall"] if r["instead"] == "z = 0.392"]
        mean = sum(distances) / self.N
        self.assertAlmostEqual(row["mean"], mean, delta=1e-6)  # CSV holds float32 exactly; sums differ in order only
        self.assertAlmostEqual(row["std"], math.sqrt(sum((d - mean) ** 2 for d in distances) / self.N), delta=1e-6)
        self.assertAlmostEqual(row["raw"], 0.392 * 0.138315 + 0.836659, delta=1e-9)
        by_class = {c["class"]: c for c in result["classes"] if c["instead"] == "z = 0.392"}
        for index, name in enumerate("ab"):
            part = distances[index::2]
            self.assertEqual(by_class[name]["n"], 6)
            self.assertAlmostEqual(by_class[name]["mean"], sum(part) / 6, delta=1e-6)
            raw = sum(0.5 + 0.04 * k for k in range(index, self.N, 2)) / 6
            self.assertAlmostEqual(by_class[name]["true_raw"], raw, delta=1e-6)
        self.assertAlmostEqual(row["macro_mean"], (by_class["a"]["mean"] + by_class["b"]["mean"]) / 2, delta=1e-12)

    def test_precision_tells_what_embedding_in_int8_changes(self):
        code, out, err = self.study("precision", "--json", "--neighbours", "3")
        self.assertEqual(code, 0, err)
        (row,) = json.loads(out)["precisions"]
        truth, changed = self.embed(), self.embed("--precision", "int8")
        distances = sorted(cosine_distance(a, b) for a, b in zip(truth, changed))
        self.assertEqual((row["precision"], row["n"]), ("int8", self.N))
        self.assertAlmostEqual(row["mean"], sum(distances) / self.N, delta=1e-9)
        self.assertAlmostEqual(row["max"], distances[-1], delta=1e-9)
        self.assertTrue(0 < row["median"] <= row["p90"] <= row["p99"] == row["max"] < 1e-3)
        deltas = [abs(x - y) for a, b in zip(truth, changed) for x, y in zip(a, b)]
        self.assertAlmostEqual(row["largest_delta"], max(deltas), delta=1e-7)
        self.assertTrue(0.5 < row["kept"] <= 1)
        self.assertRegex(row["worst_object"], "^s[0-9]{2}$")
        self.assertEqual({c["class"] for c in json.loads(out)["classes"]}, {"a", "b"})

    def test_precision_writes_text_csv_and_a_plot(self):
        svg = self.tmp / "p.svg"
        code, out, err = self.study("precision", "--svg", svg)
        self.assertEqual(code, 0, err)
        self.assertIn("attention: full", out)
        self.assertEqual(ElementTree.parse(svg).getroot().tag, "{http://www.w3.org/2000/svg}svg")
        table = self.tmp / "p.csv"
        code, _, err = self.study("precision", "-o", table, "--attention", "probsparse-exact")
        self.assertEqual(code, 0, err)
        self.assertTrue(table.read_text().startswith("table,precision,n,mean"))

    def test_the_best_constant_is_not_beaten_by_any_on_the_curve(self):
        code, out, err = self.study("substitution", "--json", "--steps", "9")
        self.assertEqual(code, 0, err)
        result = json.loads(out)
        best = result["overall"][0]
        self.assertTrue(best["instead"].startswith("best"))
        self.assertEqual(len(result["curve"]), 9)
        self.assertLessEqual(best["mean"], min(row["mean"] for row in result["curve"]))
        truth = {row["unit"]: row for row in result["truth"]}
        self.assertAlmostEqual(truth["raw"]["min"], 0.5, delta=1e-6)
        self.assertAlmostEqual(truth["raw"]["median"], 0.72, delta=1e-6)

    def test_a_wrong_period_equals_embedding_with_that_period(self):
        code, out, err = self.study("substitution", "--feature", "period", "--json", "--no-search")
        self.assertEqual(code, 0, err)
        rows = {r["instead"]: r for r in json.loads(out)["overall"]}
        truth = self.embed()
        doubled = self.catalog.read_text().splitlines()
        for name, wrong in (("period * 2", lambda p: 2 * p), ("frequency + 1 / d", lambda p: 1 / (1 / p + 1))):
            lines = [doubled[0]]
            for line in doubled[1:]:
                cells = line.split(",")
                cells[3] = repr(wrong(float(cells[3])))
                lines.append(",".join(cells))
            self.catalog.write_text("\n".join(lines) + "\n")
            distances = [cosine_distance(a, b) for a, b in zip(truth, self.embed())]
            self.assertAlmostEqual(rows[name]["mean"], sum(distances) / self.N, delta=1e-6, msg=name)

    def test_crop_and_observations_touch_only_objects_that_have_more(self):
        code, out, err = self.study("substitution", "--feature", "observations", "--keep", "30", "--json")
        self.assertEqual(code, 0, err)
        self.assertEqual(json.loads(out)["overall"][0]["n"], self.N - 1)  # the first star has just 30
        code, out, err = self.study("substitution", "--feature", "crop", "--json")
        self.assertEqual(code, 0, err)
        rows = {r["instead"]: r for r in json.loads(out)["overall"]}
        self.assertEqual(rows["first 40"]["n"], sum(30 + 3 * k > 40 for k in range(self.N)))
        self.assertGreater(rows["first 40"]["mean"], 0)

    def test_attention_equals_embeddings_of_the_forms(self):
        code, out, err = self.study("attention", "--seeds", "2", "--neighbours", "3", "--json")
        self.assertEqual(code, 0, err)
        result = json.loads(out)
        rows = {(r["form"], r["other"]): r for r in result["forms"]}
        full, exact = self.embed(), self.embed("--attention", "probsparse-exact")
        draws = [self.embed("--attention", "probsparse", "--seed", seed) for seed in ("0", "1")]
        mean = lambda a, b: sum(cosine_distance(x, y) for x, y in zip(a, b)) / self.N  # noqa: E731
        self.assertAlmostEqual(rows["full", "probsparse-exact"]["distance"], mean(full, exact), delta=1e-6)
        self.assertAlmostEqual(rows["full", "probsparse"]["distance"], (mean(full, draws[0]) + mean(full, draws[1])) / 2, delta=1e-6)
        self.assertAlmostEqual(rows["probsparse", "another seed"]["distance"], mean(*draws), delta=1e-6)
        average = [[(x + y) / 2 for x, y in zip(a, b)] for a, b in zip(*draws)]
        self.assertAlmostEqual(rows["full", "mean over seeds"]["distance"], mean(full, average), delta=1e-6)

        def neighbours(e):
            return [set(sorted((j for j in range(self.N) if j != i), key=lambda j: cosine_distance(e[i], e[j]))[:3]) for i in range(self.N)]
        kept = sum(len(a & b) for a, b in zip(neighbours(full), neighbours(exact))) / (3 * self.N)
        self.assertAlmostEqual(rows["full", "probsparse-exact"]["kept"], kept, delta=1e-9)
        self.assertIn("same_class", rows["full", "probsparse-exact"])

    def test_text_csv_and_plot(self):
        code, out, err = self.study("substitution", "--steps", "3", "--svg", self.tmp / "p.svg")
        self.assertEqual(code, 0, err)
        self.assertIn("z = 0.392", out)
        self.assertIn("z = 100", out)
        ElementTree.parse(self.tmp / "p.svg")
        code, out, err = self.study("attention", "--seeds", "2", "-o", self.tmp / "t.csv", "--svg", self.tmp / "q.svg")
        self.assertEqual((code, out), (0, ""), err)
        self.assertTrue((self.tmp / "t.csv").read_text().startswith("table,form,other,distance,"))
        ElementTree.parse(self.tmp / "q.svg")

    def test_the_same_bytes_for_any_number_of_threads(self):
        outputs = {self.study("substitution", "--steps", "3", "--threads", n, "--json")[1] for n in ("1", "3")}
        self.assertEqual(len(outputs), 1)

    def test_per_class_and_limit_take_the_first(self):
        code, out, _ = self.study("substitution", "--per-class", "2", "--no-search", "--json")
        self.assertEqual((code, json.loads(out)["objects"]), (0, 4))
        code, out, _ = self.study("substitution", "--limit", "5", "--no-search", "--json")
        self.assertEqual((code, json.loads(out)["objects"]), (0, 5))

    def test_a_bad_object_is_left_out_and_counted(self):
        write_csv(self.stars[0], [(t, 5.0, 0.1) for t, _, _ in light_curve(30)])
        code, out, err = self.study("substitution", "--no-search", "--json")
        self.assertEqual((code, json.loads(out)["left_out"]), (0, 1), err)
        self.assertIn("mad_zero", err)

    def test_an_output_that_cannot_be_written_is_exit_6_before_anything_is_read(self):  # OU05
        for options in (("-o", self.tmp / "none/t.csv"), ("--svg", self.tmp / "none/p.svg"), ("-o", self.tmp)):
            code, out, err = run("study", "attention", *self.stars, "--model", self.tmp / "no model", *options)
            self.assertEqual((code, out), (6, ""), err)
            self.assertRegex(err, "No such file or directory|Is a directory")
        self.assertEqual(list(self.tmp.glob("*.tmp.*")), [])

    def test_a_pipe_is_written_to_and_a_link_followed_and_neither_replaced(self):
        expected = self.study("substitution", "--no-search")[1]
        pipe, link, target = self.tmp / "pipe", self.tmp / "link", self.tmp / "target.txt"
        os.mkfifo(pipe)
        link.symlink_to(target)
        target.write_text("old")
        got = []
        reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
        reader.start()
        code, _, err = self.study("substitution", "--no-search", "-o", pipe)
        reader.join(timeout=30 * SLOWER)
        self.assertEqual((code, got), (0, [expected]), err)
        self.assertTrue(pipe.is_fifo())
        code, _, err = self.study("substitution", "--no-search", "-o", link)
        self.assertEqual((code, target.read_text()), (0, expected), err)
        self.assertTrue(link.is_symlink())

    def test_a_full_disk_is_exit_6_with_the_reason_and_leaves_nothing(self):  # OU01
        limited = f'ulimit -f 0; exec "{CLI}" study substitution "{self.stars[0]}" --model "{TINY}" --no-search -q -o "{self.tmp}/t.csv"'
        done = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, timeout=60 * SLOWER, check=False)
        self.assertEqual(done.returncode, 6, done.stderr)
        self.assertIn("File too large", done.stderr)
        self.assertEqual(list(self.tmp.glob("t.csv*")), [])

    def test_wrong_usage_is_exit_2_and_nothing_to_study_exit_5(self):
        for options in (("--feature", "colour"), ("--constant", "x"), ("--range", "3"), ("--range", "2:1")):
            self.assertEqual(self.study("substitution", *options)[0], 2, options)
        self.assertEqual(run("study")[0], 2)
        self.assertEqual(self.study("attention", "--seeds", "1")[0], 2)
        for star in self.stars:
            write_csv(star, [(t, 5.0, 0.1) for t, _, _ in light_curve(30)])
        self.assertEqual(self.study("substitution")[0], 5)


class ProcessedTensors(CommandLine):
    def write(self, photometry, labels):
        try:
            import pyarrow
            import pyarrow.parquet as parquet
        except ImportError:
            self.skipTest("pyarrow is not there to make the file")
        table = pyarrow.table({"photometry": pyarrow.array(photometry, pyarrow.list_(pyarrow.list_(pyarrow.float32()))),
                               "label": pyarrow.array(labels, pyarrow.int64())})
        parquet.write_table(table, self.tmp / "test.parquet")
        return self.tmp / "test.parquet"

    def rows(self, n, k):
        return [[i / n, math.sin(i + k), 0.1, 0.2 * k, -0.3, 0.1, 0.1 * k, 0.5, 3.0] for i in range(n)]

    def test_rows_and_labels_are_read_and_bad_ones_cost_themselves(self):
        photometry = [self.rows(20 + 5 * k, k) for k in range(8)]
        photometry += [None, [], self.rows(5, 1)[:4] + [[1.0] * 8], [[math.nan] * 9], [None], self.rows(10, 2)]
        labels = [0, 1, 2, 3, 4, 0, 1, 2, 0, 0, 0, 0, 0, 7]
        file = self.write(photometry, labels)
        code, out, err = run("study", "substitution", file, "--model", TINY, "--no-search", "--json")
        self.assertEqual(code, 0, err)
        result = json.loads(out)
        self.assertEqual((result["objects"], result["left_out"]), (8, 6))
        truth = {row["unit"]: row for row in result["truth"]}["z"]
        self.assertAlmostEqual(truth["max"], 0.7, delta=1e-6)
        self.assertIn("label 7", err)
        self.assertIn("photometry[0][0] is nan", err)

    def test_a_file_that_is_cut_costs_itself_alone_and_says_so(self):
        good = self.write([self.rows(20, 1), self.rows(30, 2)], [0, 1])
        cut, text, words = self.tmp / "cut.parquet", self.tmp / "text.parquet", self.tmp / "words.parquet"
        cut.write_bytes(good.read_bytes()[:-20])
        text.write_text("<html></html>")
        import pyarrow
        import pyarrow.parquet as parquet
        parquet.write_table(pyarrow.table({"photometry": pyarrow.array(["a"])}), words)
        code, out, err = run("study", "substitution", cut, good, text, words, "--model", TINY, "--no-search", "--json")
        self.assertEqual(code, 0, err)
        self.assertEqual((json.loads(out)["objects"], json.loads(out)["left_out"]), (2, 3))
        for word in ("footer", "not a Parquet file", "has type string"):
            self.assertIn(word, err)
        code, _, err = run("study", "substitution", cut, "--model", TINY, "--json")
        self.assertEqual(code, 5, err)
        self.assertIn("footer", err)


if __name__ == "__main__":
    unittest.main()
