# SPDX-License-Identifier: MIT
"""astrom3 periodogram --method: every statistic from the command line."""

import csv
import json
import math
import unittest

from test_cli import CommandLine, run, write_csv

METHODS = ("gls", "aov", "bls", "pdm", "ce", "string_length", "window")


def read(text):
    return list(csv.DictReader(text.splitlines()))


def star_of(n=150):
    """Irregular times of a wave of 0.7 d."""
    rows = []
    for i in range(n):
        t = 2457000 + 3.1 * i + 1.3 * math.sin(i * i)
        rows.append((t, 10 + 2 * math.sin(2 * math.pi * t / 0.7), 0.1))
    return rows


class Methods(CommandLine):
    def setUp(self):
        super().setUp()
        self.star = write_csv(self.tmp / "a.csv", star_of())

    def test_every_method_writes_its_spectrum_plot_and_best_periods(self):
        for method in METHODS:
            code, out, err = run("periodogram", self.star, "--method", method, "--period-min", "0.5",
                                 "-o", self.tmp / "p.csv", "--svg", self.tmp / "p.svg", "--peaks", "3")
            self.assertEqual(code, 0, err)
            spectrum = read((self.tmp / "p.csv").read_text())
            value = "power" if method == "gls" else method
            self.assertEqual(list(spectrum[0])[:3], ["frequency", "period", value])
            peaks = read(out)
            self.assertEqual(len(peaks), 3)
            values = [float(row[value]) for row in spectrum]
            best = min(values) if method in ("pdm", "ce", "string_length") else max(values)
            self.assertAlmostEqual(float(peaks[0][value]), best, delta=1e-5 * abs(best))
            if method != "window":
                ratio = float(peaks[0]["period"]) / 0.7
                self.assertAlmostEqual(ratio, round(ratio), delta=0.01, msg=method)
            svg = (self.tmp / "p.svg").read_text()
            self.assertEqual((svg.count("<polyline"), svg.count("stroke-dasharray"), svg.count("<circle")), (1, 3, 300))
            self.assertIn(method, err)

    def test_a_box_has_a_depth_a_duration_and_a_time(self):
        _, out, _ = run("periodogram", self.star, "--method", "bls", "--durations", "0.1,0.2", "--period-min", "0.5", "-q")
        best = read(out)[0]
        self.assertEqual(list(best), ["period", "bls", "depth", "depth_err", "duration", "mid_time"])
        self.assertGreater(float(best["depth"]), 0.1)
        self.assertIn(float(best["duration"]), (0.1, 0.2))
        self.assertGreater(float(best["mid_time"]), 2456998)

    def test_frequencies_may_be_ones_own_in_any_layout(self):
        frequency = [0.31, 0.7, 1 / 0.7, 1.9]
        texts = ("# mine\n" + "".join(f"{f!r}\n" for f in frequency),
                 "period,frequency\n" + "".join(f"{1 / f!r},{f!r}\n" for f in frequency),
                 "".join(f"{f!r}\t5\r\n" for f in frequency))
        for text in texts:
            (self.tmp / "f.txt").write_text(text)
            code, _, err = run("periodogram", self.star, "--frequencies", self.tmp / "f.txt", "-o", self.tmp / "p.csv", "-q")
            self.assertEqual(code, 0, err)
            spectrum = read((self.tmp / "p.csv").read_text())
            self.assertEqual([float(row["frequency"]) for row in spectrum], [float(f"{f:.9g}") for f in frequency])
        for text, line in (("1\n2\nx\n", 3), ("a,b\n1,2\n", 1), ("frequency\n1\n\n\n\n,\nnan\n", 7)):
            (self.tmp / "f.txt").write_text(text)
            code, _, err = run("periodogram", self.star, "--frequencies", self.tmp / "f.txt")
            self.assertEqual(code, 2, err)
            self.assertIn(f"f.txt:{line}", err)
        for text in ("2\n1\n", "0\n1\n", "", "1\n1\n"):
            (self.tmp / "f.txt").write_text(text)
            code, _, err = run("periodogram", self.star, "--frequencies", self.tmp / "f.txt")
            self.assertEqual((code, "--frequencies" in err), (2, True), err)
        self.assertEqual(run("periodogram", self.star, "--frequencies", self.tmp / "none.txt")[0], 5)

    def test_nyquist_bounds_the_frequencies(self):
        star = write_csv(self.tmp / "days.csv", [(100.0 + i, 10 + math.sin(0.9 * i), 0.1) for i in range(60)])
        code, _, err = run("periodogram", star, "--nyquist", "1", "-o", self.tmp / "p.csv", "-q")
        self.assertEqual(code, 0, err)
        last = float(read((self.tmp / "p.csv").read_text())[-1]["frequency"])
        self.assertLessEqual(last, 0.5)
        self.assertGreater(last, 0.49)
        _, out, _ = run("periodogram", star, "--method", "gls", "--period-min", "2", "--json")
        answer = json.loads(out)
        self.assertEqual((answer["method"], answer["is_nyquist_a_limit"], answer["nyquist_frequency"]), ("gls", True, 0.5))
        code, _, err = run("periodogram", star, "--nyquist", "0.001")
        self.assertEqual((code, "--nyquist" in err), (2, True), err)
        self.assertEqual(run("periodogram", star, "--nyquist", "1", "--period-min", "1")[0], 2)

    def test_an_option_that_the_method_has_no_use_for_is_named(self):
        for arguments, option in ((("--method", "pdm", "--terms", "2"), "--terms"),
                                  (("--method", "gls", "--durations", "0.1"), "--durations"),
                                  (("--base-terms", "1"), "--base-terms"),
                                  (("--method", "bls", "--durations", "0.9"), "--durations"),
                                  (("--terms", "17"), "--terms")):
            code, out, err = run("periodogram", self.star, "--period-min", "0.5", *arguments)
            self.assertEqual((code, out, option in err), (2, "", True), err)
        short = write_csv(self.tmp / "short.csv", star_of(8))
        code, _, err = run("periodogram", short, "--terms", "6", "--period-min", "0.5")
        self.assertEqual((code, "--terms" in err, "too_few_points" in err), (5, True, True), err)

    def test_several_bands_share_a_shape_and_threads_change_nothing(self):
        star = self.tmp / "star.csv"
        lines = ["time,mag,mag_err,band"]
        for i, (t, flux, _) in enumerate(star_of(120)):
            lines.append(f"{t},{15 + 0.1 * flux},0.02,{'gr'[i % 2]}")
        star.write_text("\n".join(lines) + "\n")
        texts = set()
        for threads in ("1", "3"):
            code, out, err = run("periodogram", star, "--together", "all", "--base-terms", "1", "--terms", "1",
                                 "--period-min", "0.5", "--threads", threads, "-o", self.tmp / "p.csv", "-q")
            self.assertEqual(code, 0, err)
            texts.add((self.tmp / "p.csv").read_text())
            self.assertAlmostEqual(float(read(out)[0]["period"]), 0.7, delta=0.002)
        self.assertEqual(len(texts), 1)
        code, _, err = run("periodogram", star, "--together", "all", "--method", "pdm", "--period-min", "0.5")
        self.assertEqual((code, "--method" in err), (2, True), err)


if __name__ == "__main__":
    unittest.main()
