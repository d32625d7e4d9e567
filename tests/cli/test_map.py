# SPDX-License-Identifier: MIT
"""astrom3 map: its table, and its page as text. Run with ASTROM3_CLI set."""

import csv
import hashlib
import io
import json
import math
import os
import re
import unittest

from test_cli import CommandLine, light_curve, run, write_csv

HOSTILE = "</script><script>alert(1)</script><!--&'\"\\"
PERIODS = {"a0": 0.6, "a1": 1.6, "a2": 2.6}


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


class Stars(CommandLine):
    """Three directions of twelve stars each, three of them with light curves, one with a name that attacks."""

    def setUp(self):
        super().setUp()
        self.names = [f"{group}{i}" for group in "abc" for i in range(12)]
        self.names[-1] = HOSTILE
        self.table = self.tmp / "e.csv"
        with open(self.table, "w", newline="") as file:
            out = csv.writer(file)
            out.writerow(["object_id", "status", "amplitude", "period", "e0", "e1", "e2", "e3"])
            for i, name in enumerate(self.names):
                tilt = 0.05 * math.sin(7.1 * i), 0.05 * math.cos(3.3 * i * i)
                place = [float(i // 12 == d) + (tilt[d % 2] if d != i // 12 else 0) for d in range(3)]
                out.writerow([name, "ok", 0.1 * (i + 1), PERIODS.get(name, ""), *place, 0.01 * (i % 12)])
            out.writerow(["rejected", "mad_zero", "", "", "", "", "", ""])
        (self.tmp / "e.meta.json").write_text(json.dumps(
            {"astrom3_version": "9.9.9", "model_sha256": "0123abcd", "scaling": "checkpoint; amplitude=1,2"}))
        self.labels = self.tmp / "labels.csv"
        self.labels.write_text("object_id,class\n" + "".join(f"{n},{n[0].upper()}\n" for n in self.names[:-1]))
        self.curves = [write_csv(self.tmp / f"{name}.csv", light_curve(60, seed=i + 1, period=period))
                       for i, (name, period) in enumerate(PERIODS.items())]

    def map(self, *args):
        return run("map", self.table, "--labels", self.labels, *args)

    def page(self, *args):
        page = self.tmp / "m.html"
        code, _, err = self.map("-o", page, "-k", 4, "--light-curves", *self.curves, *args)
        self.assertEqual(code, 0, err)
        return page


class TheTable(Stars):
    def test_has_a_place_for_every_object_with_an_embedding(self):
        for method in ("tsne", "pca"):
            code, out, err = self.map("--method", method)
            self.assertEqual(code, 0, err)
            rows = rows_of(out)
            self.assertEqual(list(rows[0]), ["object_id", "x", "y", "class", "file"])
            self.assertEqual([row["object_id"] for row in rows], self.names)
            self.assertEqual((rows[0]["class"], rows[-1]["class"]), ("A", ""))
            places = [(float(row["x"]), float(row["y"])) for row in rows]
            for i, (x, y) in enumerate(places):  # its nearest is of its own group
                nearest = min((math.hypot(x - a, y - b), j) for j, (a, b) in enumerate(places) if j != i)[1]
                self.assertEqual(nearest // 12, i // 12, (method, i))
            self.assertIn("1 of 37 objects have no embedding", err)

    def test_goes_where_it_is_told_to_with_its_facts(self):
        code, out, err = self.map("-o", self.tmp / "t.json", "--perplexity", 5, "-k", 3)
        self.assertEqual((code, out), (0, ""), err)
        report = json.loads((self.tmp / "t.json").read_text())
        self.assertEqual(len(report["map"]), 36)
        self.assertEqual((report["method"], report["perplexity"], report["model_sha256"], report["k"]),
                         ("tsne", 5, "0123abcd", 3))
        self.assertGreater(report["neighbours_kept"], 0.4)
        code, out, err = run("map", self.table, "--method", "pca", "--json")
        self.assertNotIn("class", json.loads(out)["map"][0])
        code, _, err = self.map("-o", self.tmp / "m.html", "--table", self.tmp / "t.csv", "-q")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual((self.tmp / "t.csv").read_text(), self.map("--threads", 1)[1])

    def test_is_the_same_bytes_for_any_thread_count_and_others_for_another_seed(self):
        pages = []
        for how in (("--threads", 1), ("--threads", 3), ("--seed", 1)):
            code, _, err = self.map("-o", self.tmp / "m.html", "--light-curves", *self.curves, *how)
            self.assertEqual(code, 0, err)
            pages.append((self.tmp / "m.html").read_bytes())
        self.assertEqual(pages[0], pages[1])
        self.assertNotEqual(pages[0], pages[2])

    def test_of_too_many_objects_the_same_ones_are_shown_whatever_their_order(self):
        code, out, err = self.map("--objects", 10, "-o", self.tmp / "m.html", "--table", self.tmp / "t.csv")
        self.assertEqual(code, 0, err)
        self.assertIn("10 of 36 objects are on the map", err)
        self.assertIn("10 of 36 objects are shown", (self.tmp / "m.html").read_text())
        shown = [row["object_id"] for row in rows_of((self.tmp / "t.csv").read_text())]
        head, *lines = self.table.read_text().splitlines(keepends=True)
        self.table.write_text(head + "".join(reversed(lines)))
        code, out, err = self.map("--objects", 10)
        self.assertEqual([row["object_id"] for row in rows_of(out)], shown[::-1])

    def test_what_training_left_out_can_be_shown_alone(self):
        position = {n: int.from_bytes(hashlib.sha256(n.encode()).digest()[:8], "big") / 2**64 for n in self.names}
        code, out, err = self.map("--holdout", 0.4)
        self.assertEqual(code, 0, err)
        self.assertEqual([row["object_id"] for row in rows_of(out)], [n for n in self.names if position[n] < 0.4])
        self.assertEqual(self.map("--holdout", 0)[0], 5)

    def test_what_cannot_be_is_said(self):
        for arguments, code in ((("-o", self.tmp / "m.png"), 2), (("--light-curves", self.curves[0]), 2),
                                (("--table", self.tmp / "t.csv"), 2), (("--method", "umap"), 2),
                                (("--perplexity", "0.5"), 2), (("-k", "0"), 2), (("--objects", "1"), 2),
                                (("-o", self.tmp / "m.html", "--light-curves", self.tmp / "none.csv"), 5),
                                (("-o", self.tmp / "no/folder/m.html"), 6)):
            self.assertEqual(self.map(*arguments)[0], code, arguments)
        self.table.write_text("".join(self.table.read_text().splitlines(keepends=True)[:2]))
        code, _, err = self.map()
        self.assertEqual(code, 5)
        self.assertIn("two objects", err)

    def test_a_bad_light_curve_costs_itself_and_one_of_no_object_nothing(self):
        flat = write_csv(self.tmp / "a3.csv", [(t, 5.0, 0.1) for t, _, _ in light_curve(30)])
        other = write_csv(self.tmp / "nobody.csv", [(t, 5.0, 0.1) for t, _, _ in light_curve(30)])
        code, out, err = self.map("-o", self.tmp / "m.html", "--json", "--light-curves", *self.curves, flat, other)
        self.assertEqual(code, 3)
        self.assertIn("mad_zero", err)
        self.assertNotIn("nobody", err)
        report = json.loads(out)
        self.assertEqual((report["light_curves"], report["rejected"]), (3, 1))
        self.assertEqual(report["page_bytes"], (self.tmp / "m.html").stat().st_size)


    def test_a_light_curve_that_cannot_be_read_is_said_whatever_its_name(self):
        os.mkfifo(self.tmp / "pipe")
        code, _, err = self.map("-o", self.tmp / "m.html", "--light-curves", *self.curves, self.tmp / "pipe")
        self.assertEqual(code, 3)
        self.assertIn("pipe: ", err)


class ThePage(Stars):
    def test_has_everything_in_itself_and_no_id_ends_its_script(self):
        text = self.page("--points", 20).read_text()
        self.assertIsNone(re.search(r"(?i)(src|href)\s*=|url\(|@import|https?://(?!www\.w3\.org/2000/svg)", text))
        self.assertEqual(len(re.findall("(?i)<script", text)), 2)
        self.assertEqual(len(re.findall("(?i)</script", text)), 2)
        self.assertNotIn("alert(1)</", text)
        data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)[1])
        self.assertEqual(data["ids"], self.names)
        self.assertEqual(data["scalars"]["period"][:4], [0.6, 1.6, 2.6, None])
        self.assertEqual(data["curves"][0]["n"], 60)
        self.assertEqual(len(data["curves"][0]["data"]), 216)  # 20 observations of 8 bytes in base 64
        self.assertIsNone(data["curves"][3])
        self.assertIn("3 light curves have more than 20 observations and are shown by 20 of them.", data["notes"])
        self.assertIn("33 of 36 objects have no light curve in the files given.", data["notes"])
        self.assertIn(["scaling", "checkpoint; amplitude=1,2"], data["facts"])

    def test_shows_magnitudes_as_they_came_and_names_what_was_made_of_fluxes(self):
        def magnitudes(header, band, *args):
            rows = [(2457000.3 + 1.1 * i, 12.5 + 0.3 * math.sin(i), 0.02) for i in range(60)]
            self.curves = [write_csv(self.tmp / "a0.csv", rows, header)]
            if band:
                lines = self.curves[0].read_text().splitlines()
                self.curves[0].write_text("\n".join([lines[0] + ",band", *(f"{line},{band}" for line in lines[1:])]) + "\n")
            text = self.page(*args).read_text()
            data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)[1])
            (kind,), curve = data["magnitudes"], data["curves"][0]
            shown = [kind["zero"] - 2.5 * math.log10(curve["flux"][0] + share * curve["flux"][1]) for share in (1, 0)]
            return kind, shown, [min(row[1] for row in rows), max(row[1] for row in rows)]

        for band, args, label, system in (
                ("V", (), "V [mag]", "3836.3 Jy"), ("g", (), "g [mag]", "3631 Jy (AB)"),
                ("", ("--band", "V"), "V [mag]", "3836.3 Jy"), ("", ("--zero-point", "100"), "magnitude", "100 Jy"),
                ("I", ("--zero-point", "2499"), "I [mag]", "2499 Jy")):
            kind, shown, true = magnitudes("hjd,mag,mag_err", band, *args)
            self.assertEqual(kind["label"], label)
            self.assertIn("as in the file", kind["system"])
            self.assertIn(system, kind["system"])
            for a, b in zip(shown, true):
                self.assertAlmostEqual(a, b, delta=1e-4)
        kind, shown, true = magnitudes("hjd,flux,flux_err", "")
        self.assertEqual(kind["label"], "AB magnitude of the flux")
        self.assertAlmostEqual(shown[0], 16.4 - 2.5 * math.log10(true[1]), delta=1e-3)


if __name__ == "__main__":
    unittest.main()
