# SPDX-License-Identifier: MIT
"""What may be wrong says so: grids too fine, doubtful times, magnitudes that were made. Run with ASTROM3_CLI set."""

import csv
import math
import re
import struct
import unittest

from test_cli import TINY, CommandLine, light_curve, read_table, run, write_csv


class Doubts(CommandLine):
    def test_the_plot_of_a_periodogram_shows_magnitudes_as_they_came(self):
        rows = [(t, 12.5 + 0.01 * (flux - 40), 0.02) for t, flux, _ in light_curve(60)]
        star, plot = self.tmp / "a.csv", self.tmp / "p.svg"
        for header, args, label, (low, high) in (
                ("hjd,mag,mag_err", ("--band", "V"), "V [mag]", (12.4, 12.6)),
                ("hjd,mag,mag_err", ("--zero-point", "555"), "magnitude", (12.4, 12.6)),
                ("hjd,mag,mag_err", ("--band", "g"), "g [mag]", (12.4, 12.6)),
                ("hjd,flux,flux_err", (), "AB magnitude of the flux", (13.6, 13.7))):
            write_csv(star, rows, header)
            code, _, err = run("periodogram", star, "--svg", plot, "--period-min", "0.5", "-q", *args)
            self.assertEqual(code, 0, err)
            texts = re.findall(">([^<>]+)</text>", plot.read_text())
            self.assertIn(label, texts)
            axis = [float(text) for text in texts if re.fullmatch(r"1[23]\.[0-9]+", text)]
            self.assertTrue(axis and all(low - 0.1 < value < high + 0.1 for value in axis), (label, axis))

    def test_a_grid_that_is_too_fine_costs_its_object_alone_and_the_remedy_works(self):
        def star(name, span):
            rows = [(58000.123 + span * ((i * 0.618) % 1), 40 + 3 * math.sin(i * i), 0.1) for i in range(60)]
            return write_csv(self.tmp / f"{name}.csv", rows, "mjd,flux,flux_err")

        stars = [star("night", 1), star("years", 3000), star("season", 90)]
        code, out, err = run("features", *stars, "--period-min", "1e-4", "-o", self.tmp / "o.csv")
        self.assertEqual(code, 3, err)
        rows = {row["object_id"]: row for row in read_table(self.tmp / "o.csv")}
        self.assertEqual([rows[name]["status"] for name in ("night", "years", "season")], ["ok", "grid_too_fine", "ok"])
        self.assertFalse(any("aperiodic" in row["flags"] for row in rows.values()))
        self.assertIn("--period-min: ", err)
        self.assertIn("fewer than 1e+08", err)
        remedies = re.findall(r"(--period-min|--oversampling) ([-+.e0-9]+)", err.split("hint: ")[1])
        self.assertEqual({name for name, _ in remedies}, {"--period-min", "--oversampling"})
        for name, value in remedies:
            how = ("--period-min", "1e-4", name, value) if name == "--oversampling" else (name, value)
            code, _, err = run("features", stars[1], *how, "-o", self.tmp / f"again{name}.csv")
            self.assertEqual((code, read_table(self.tmp / f"again{name}.csv")[0]["status"]), (0, "ok"), err)
        code, _, err = run("periodogram", stars[1], "--period-min", "1e-4")
        self.assertEqual(code, 3, err)
        value = re.search("--period-min ([-+.e0-9]+)", err)[1]
        self.assertEqual(run("periodogram", stars[1], "--period-min", value, "-q")[0], 0)

    def test_doubtful_times_are_flagged_by_every_command(self):
        def times(change):
            rows = [(change(i, 58000.123 + 1.37 * i + 0.1 * math.sin(i)), 40 + 3 * math.sin(i * i), 0.1) for i in range(60)]
            return write_csv(self.tmp / "a.csv", rows, "time,flux,flux_err")

        as_float32 = lambda i, t: struct.unpack("f", struct.pack("f", t))[0]  # noqa: E731
        cases = {"time_precision": (as_float32, lambda i, t: as_float32(i, t) - 58000),
                 "mixed_time_systems": (lambda i, t: t - 56999.5 if i < 20 else t, lambda i, t: 0 if i == 7 else t,
                                        lambda i, t: t - 49999.5 if i % 2 else t),
                 "": (lambda i, t: t, lambda i, t: math.floor(t), lambda i, t: t + 2400000.5, lambda i, t: math.floor(2 * t) / 2)}
        for flag, changes in cases.items():
            for change in changes:
                star = times(change)
                for command in (("features",), ("embed", "--model", TINY)):
                    code, out, err = run(*command, star, "-o", "-", "--period-min", "1")
                    self.assertEqual(code, 0, err)
                    flags = next(csv.DictReader(out.splitlines()))["flags"].split(";")
                    doubts = [name for name in flags if name in ("time_precision", "mixed_time_systems")]
                    self.assertEqual(doubts, [flag] if flag else [], command)


if __name__ == "__main__":
    unittest.main()
