# SPDX-License-Identifier: MIT
"""astrom3 search, outliers, evaluate: over the files that embed writes. Run with ASTROM3_CLI set."""

import csv
import io
import json
import math
import unittest

from test_cli import TINY, CommandLine, light_curve, run, write_csv


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


class Downstream(CommandLine):
    """Points on a circle: class A near 0 degrees, class B near 90, one stray at 200."""

    def setUp(self):
        super().setUp()
        degrees = [(f"a{i}", i, "A") for i in range(12)] + [(f"b{i}", 90 + i, "B") for i in range(12)]
        degrees.append(("stray", 200, "A"))
        self.table = self.write("e.csv", [(name, math.cos(math.radians(d)), math.sin(math.radians(d)))
                                          for name, d, _ in degrees], "one")
        self.labels = self.tmp / "labels.csv"
        self.labels.write_text("object_id,class\n" + "".join(f"{name},{c}\n" for name, _, c in degrees))

    def write(self, name, rows, sha256):
        path = self.tmp / name
        path.write_text("object_id,status,e0,e1\n" + "".join(f"{i},ok,{x:.9g},{y:.9g}\n" for i, x, y in rows)
                        + "rejected,mad_zero,,\n")
        path.with_suffix("").with_suffix(".meta.json").write_text(json.dumps({"model_sha256": sha256}))
        return path

    def test_search_lists_the_nearest_by_id_without_the_object_itself(self):
        code, out, err = run("search", self.table, "--id", "a5", "-k", 3, "--labels", self.labels)
        self.assertEqual(code, 0, err)
        rows = rows_of(out)
        self.assertEqual(list(rows[0]), ["query", "rank", "object_id", "similarity", "class", "file"])
        self.assertEqual({rows[0]["object_id"], rows[1]["object_id"]}, {"a4", "a6"})
        self.assertAlmostEqual(float(rows[0]["similarity"]), math.cos(math.radians(1)), delta=2e-6)
        self.assertEqual([row["rank"] for row in rows], ["1", "2", "3"])
        self.assertEqual(rows[0]["class"], "A")
        code, out, err = run("search", self.table, "--id", "a5", "--with-self", "-k", 1, "--json")
        self.assertEqual(json.loads(out)["neighbours"][0]["object_id"], "a5", err)
        self.assertEqual(run("search", self.table, "--id", "nobody")[0], 5)
        self.assertEqual(run("search", self.table)[0], 2)

    def test_embeddings_of_two_models_are_refused(self):
        other = self.write("other.csv", [("z", 1, 0)], "two")
        code, _, err = run("search", self.table, other, "--id", "a5")
        self.assertEqual(code, 5)
        self.assertIn("model_sha256 is two", err)
        code, _, err = run("search", self.table, "--query", other)
        self.assertEqual(code, 5)
        self.assertIn("cannot be compared", err)

    def test_a_light_curve_finds_its_own_embedding(self):
        stars = [write_csv(self.tmp / f"s{i}.csv", light_curve(40 + i, seed=i + 1, period=0.6 + i)) for i in range(3)]
        code, _, err = self.embed(*stars, "-o", self.tmp / "three.csv")
        self.assertEqual(code, 0, err)
        code, out, err = run("search", self.tmp / "three.csv", "--light-curve", stars[1], "--model", TINY,
                             "--period-min", "0.5", "-k", 1)
        self.assertEqual(code, 0, err)
        (row,) = rows_of(out)
        self.assertEqual((row["query"], row["object_id"]), ("s1", "s1"))
        self.assertAlmostEqual(float(row["similarity"]), 1, delta=1e-6)
        code, _, err = run("search", self.table, "--light-curve", stars[1], "--model", TINY)
        self.assertEqual(code, 4, err)
        flat = write_csv(self.tmp / "flat.csv", [(t, 5.0, 0.1) for t, _, _ in light_curve(30)])
        code, out, err = run("search", self.tmp / "three.csv", "--light-curve", flat, "--light-curve", stars[0],
                             "--model", TINY, "--period-min", "0.5", "-k", 1)
        self.assertEqual(code, 3, err)
        self.assertIn("mad_zero", err)
        self.assertEqual(rows_of(out)[0]["object_id"], "s0")

    def test_objects_that_repeat_one_another_hide_no_outlier(self):
        places = [(f"near{i}", 10 + 0.3 * i) for i in range(40)] + [("out0", 80), ("out1", 140), ("out2", 250)]
        groups = {"one group": [("near3", 30, 0)], "several": [("near3", 25, 0), ("near17", 12, 0), ("near30", 40, 0)],
                  "nearly equal": [("near3", 30, 1e-7)], "an outlier": [("out1", 30, 0)]}
        for what, repeated in groups.items():
            rows = [(name, math.cos(math.radians(d)), math.sin(math.radians(d))) for name, d in places]
            for name, n, change in repeated:
                x, y = next((x, y) for other, x, y in rows if other == name)
                rows += [(f"{name}again{i}", x * (1 + change * math.sin(i)), y * (1 - change * math.sin(2 * i))) for i in range(n)]
            table = self.write("twins.csv", rows, "one")
            code, out, err = run("outliers", table, "--by", "local_outlier_factor", "-k", 10, "--threads", 2)
            self.assertEqual(code, 0, err)
            n_repeated = sum(n for _, n, _ in repeated)
            self.assertIn(f"{n_repeated} of {len(rows)} objects repeat the embedding of another", err)
            n_first = 3 + sum(n for name, n, _ in repeated if name.startswith("out"))
            self.assertEqual({row["object_id"][:3] for row in rows_of(out)[:n_first]}, {"out"}, what)
            self.assertEqual(out, run("outliers", table, "--by", "local_outlier_factor", "-k", 10, "--threads", 1)[1])
        report = json.loads(run("outliers", table, "-k", 1000, "--json")[1])
        self.assertEqual((report["k"], report["places"]), (42, 43))
        twins = self.write("all.csv", [(f"t{i}", 1, 1) for i in range(30)], "one")
        code, out, err = run("outliers", twins, "-k", 5)
        self.assertEqual((code, {row["local_outlier_factor"] for row in rows_of(out)}), (0, {"1"}), err)

    def test_the_stray_is_the_first_outlier_by_every_score(self):
        code, out, err = run("outliers", self.table, "--labels", self.labels, "-k", 4)
        self.assertEqual(code, 0, err)
        first = rows_of(out)[0]
        self.assertEqual((first["object_id"], first["class"], first["rank"]), ("stray", "A", "1"))
        self.assertGreater(float(first["class_distance"]), 1)
        self.assertEqual(len(rows_of(out)), 25)
        for by in ("class_ratio", "local_outlier_factor", "neighbour_distance"):
            code, out, err = run("outliers", self.table, "--labels", self.labels, "-k", 4, "--by", by, "--top", 1)
            self.assertEqual([row["object_id"] for row in rows_of(out)], ["stray"], err)
        code, out, err = run("outliers", self.table, "-k", 4)
        self.assertNotIn("class", rows_of(out)[0])
        self.assertEqual(run("outliers", self.table, "--by", "class_ratio")[0], 2)

    def test_evaluate_judges_neighbours_probe_and_head(self):
        classes = self.tmp / "classes.csv"
        classes.write_text("object_id,status,class,p_A,p_B\n"
                           + "".join(f"{c.lower()}{i},ok,{c},{p},{1 - p}\n" for c, p in (("A", .75), ("B", .25))
                                     for i in range(12)) + "stray,ok,B,0.25,0.75\n")
        code, out, err = run("evaluate", self.table, "--labels", self.labels, "--classes", classes, "-k", 3,
                             "--json", "--svg", self.tmp / "e.svg")
        self.assertEqual(code, 0, err)
        report = json.loads(out)
        by_method = {row["method"]: row for row in report["summary"]}
        self.assertEqual(list(by_method), ["head", "3-nn", "probe"])
        self.assertAlmostEqual(by_method["head"]["accuracy"], 24 / 25)
        self.assertAlmostEqual(by_method["head"]["ece"], abs(24 / 25 - 0.75))
        self.assertGreaterEqual(by_method["3-nn"]["accuracy"], 24 / 25)
        self.assertIn("<svg", (self.tmp / "e.svg").read_text())
        self.assertEqual([row["A"] for row in report["head confusion"]], [12, 0])
        code, out, err = run("evaluate", self.table, "--labels", self.labels, "--holdout", "0.4")
        self.assertEqual(code, 0, err)
        self.assertIn("macro_f1", out)
        self.assertIn("confusion", out)

    def test_words_that_spreadsheets_take_for_formulas_are_text_where_that_is_asked_for(self):
        table = self.write("f.csv", [(f"=1+{i}", math.cos(i / 9), math.sin(i / 9)) for i in range(12)], "one")
        labels = self.tmp / "f_labels.csv"
        labels.write_text("object_id,class\n" + "".join(f"=1+{i},@{'AB'[i % 2]}\n" for i in range(12)))
        for command in (["search", table, "--all", "-k", 2], ["outliers", table, "-k", 3], ["map", table],
                        ["evaluate", table, "--folds", 2]):
            texts = []
            for safe in ([], ["--spreadsheet-safe"]):
                code, _, err = run(*command, "--labels", labels, "-o", self.tmp / "o.csv", *safe)
                self.assertEqual(code, 0, (command, err))
                texts.append((self.tmp / "o.csv").read_text())
            self.assertIn(",@A", texts[0], command)
            self.assertNotRegex(texts[1], r"(^|,)[=+@]", command)
            self.assertEqual(texts[1].replace("'", ""), texts[0], command)
            self.assertIn(",-" if command[0] == "map" else "0", texts[1])  # numbers stay numbers

    def test_an_output_that_cannot_be_is_refused_before_anything_is_read(self):  # OU05
        nowhere, unread = self.tmp / "no" / "o", self.tmp / "unread.csv"
        for command in (["search", unread, "--id", "a5"], ["outliers", unread], ["map", unread],
                        ["evaluate", unread, "--labels", self.labels]):
            code, _, err = run(*command, "-o", f"{nowhere}.csv")
            self.assertEqual(code, 6, err)
            self.assertIn("No such file or directory", err)
            self.assertEqual(run(*command)[0], 5)
        self.assertEqual(run("evaluate", unread, "--labels", self.labels, "--svg", f"{nowhere}.svg")[0], 6)
        self.assertEqual(run("map", unread, "-o", self.tmp / "m.html", "--table", f"{nowhere}.csv")[0], 6)
        self.assertEqual(run("periodogram", unread, "--svg", f"{nowhere}.svg")[0], 6)
        self.assertEqual(run("study", "attention", unread, "--model", TINY, "--svg", f"{nowhere}.svg")[0], 6)
        self.assertEqual(sorted(p.name for p in self.tmp.iterdir()), ["e.csv", "e.meta.json", "labels.csv"])

    def test_an_output_that_is_an_input_is_refused(self):  # CL07
        before = self.table.read_bytes()
        (self.tmp / "link.csv").symlink_to(self.table)
        for command in (["search", self.table, "--id", "a5"], ["outliers", self.table], ["map", self.table]):
            for out in (self.table, self.tmp / "link.csv"):
                code, _, err = run(*command, "-o", out)
                self.assertEqual(code, 2, err)
                self.assertIn("the output is the input", err)
        self.assertEqual(run("evaluate", self.table, "--labels", self.labels, "-o", self.labels)[0], 2)
        self.assertEqual(self.table.read_bytes(), before)


if __name__ == "__main__":
    unittest.main()
