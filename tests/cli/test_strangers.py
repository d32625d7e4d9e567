# SPDX-License-Identifier: MIT
"""Small files of the kinds that strangers have, and bug reports of other tools rebuilt: each gives the right numbers, a
refusal or a flag; and every remedy that a message names works when it is typed. Run with ASTROM3_CLI set."""

import csv
import io
import math
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

FAULTS = pathlib.Path(__file__).resolve().parent.parent / "faults" / "strangers"
FORMATS, REPORTS = FAULTS / "formats", FAULTS / "reports"


def run(command, file, *options):
    done = subprocess.run(
        [os.environ["ASTROM3_CLI"], command, str(file), *options], capture_output=True, text=True, timeout=120
    )
    return done.returncode, done.stdout, done.stderr


def features(file, *options):
    """Exit code, rows, stderr."""
    code, out, err = run("features", file, *options, "-o", "-")
    return code, list(csv.DictReader(io.StringIO(out))), err


def remedies(err):
    """The options with values that the hints of `err` name, each ready to be typed."""
    found = []
    for hint in re.findall(r"hint: (.*)", err):
        for name, value in re.findall(r"(--[a-z-]+)(?: ([^\s;,]+(?:,[a-z_]+=[^\s;,]+)*|,))?", hint):
            words = value is not None and re.fullmatch(r"[a-z]+", value or "") and value not in ("split", "drop", "mJy")
            found.append([name] if not value or words else [name, value])
    return found


# What makes a remedy complete that asks for a value.
VALUES = {
    "--band": "V",
    "--zero-point": "3631",
    "--flux-unit": "mJy",
    "--missing-error": "0.05",
    "--columns": None,
    "--id-column": None,
    "--time-unit": "d",
}


class Formats(unittest.TestCase):
    def good(self, name, n, log10_mad, *options, rows=1, flags=None):
        code, found, err = features(FORMATS / name, *options)
        self.assertEqual(code, 0, err)
        self.assertEqual(len(found), rows)
        self.assertEqual(int(found[0]["n_used"]), n)
        if log10_mad is not None:
            self.assertAlmostEqual(float(found[0]["log10_mad"]), log10_mad, places=3)
        if flags is not None:
            self.assertEqual(found[0]["flags"], flags)
        return found, err

    def refused(self, name, code, text, *options, tried=True):
        """The file is rejected with `code`, and the message holds `text`; the remedies it names are tried."""
        status, found, err = features(FORMATS / name, *options)
        self.assertEqual(status, 3, err)
        self.assertEqual(found[0]["status"], code)
        self.assertIn(text, err)
        if tried:
            self.remedies_work(FORMATS / name, err, options)
        return err

    def remedies_work(self, file, err, options):
        named = remedies(err)
        self.assertTrue(named, err)
        for option, *value in named:
            if not value and option in VALUES:
                if VALUES[option] is None:
                    continue
                value = [VALUES[option]]
            code, found, after = features(file, *options, option, *value)
            if not any(row["status"] == "ok" for row in found):  # one remedy may lead to the next question
                self.assertNotEqual(after, err, f"{option} {value} changes nothing")
                rest = [r for r in remedies(after) if len(r) == 2]
                self.assertTrue(rest, f"{option} {value}: {after}")
                code, found, after = features(file, *options, option, *value, *rest[0])
            self.assertTrue(any(row["status"] == "ok" for row in found), f"{option} {value}: {after}")

    def test_01_passbands_are_kept_apart(self):
        self.refused("01-plasticc-passband.csv", "mixed_bands", "passband", tried=False)
        code, found, _ = features(FORMATS / "01-plasticc-passband.csv", "--band", "split")
        self.assertEqual([row["n_used"] for row in found], ["25"] * 6)

    def test_03_magnitudes_win_over_counts(self):
        _, err = self.good("03-mag-and-counts-zp.csv", 60, 0.4587, "--band", "g")
        self.assertIn("magnitudes are read", err)

    def test_04_sentinels_are_refused(self):
        columns = ("--columns", "time=1,mag=2,mag_err=3", "--band", "r")
        self.refused("04-sentinel-99.999.dat", "missing_value", "99.999", *columns)
        self.good("04-sentinel-99.999.dat", 54, -0.2125, *columns, "--null-value", "99.999")

    def test_05_and_06_and_31_unknown_units_are_refused(self):
        for name in ("05-lightkurve-written.fits", "06-ecsv-electrons.ecsv", "31-flux-in-e-per-s-text.csv"):
            self.refused(name, "bad_header", "how much is that")
        _, err = self.good("05-lightkurve-written.fits", 80, 3.0254, "--flux-unit", "mJy")
        self.assertIn("QUALITY", err)

    def test_07_differential_magnitudes_are_dropped(self):
        self.good("07-aavso-diff.csv", 30, 1.7332, "--band", "V", flags="points_dropped")

    def test_08_a_comma_at_the_end_is_no_field(self):
        self.good("08-k2sff-trailing-comma.txt", 50, -2.1512, "--columns", "time=1,flux=2", "--missing-error", "0.001")

    def test_09_ids_under_another_name(self):
        self.good("09-ids-source_id.csv", 20, None, rows=3)

    def test_10_mmag(self):
        found, _ = self.good("10-mag-in-mmag.csv", 50, None, "--band", "V")
        self.assertAlmostEqual(float(found[0]["amplitude"]), 0.475, places=2)

    def test_11_zero_points_of_rows(self):
        self.good("11-flux-zp-magsys.csv", 50, -2.4061)

    def test_12_dashes_are_missing(self):
        self.refused("12-masked-dashes.txt", "missing_value", "--", "--band", "V")
        self.good("12-masked-dashes.txt", 36, None, "--band", "V", "--nonfinite", "drop")

    def test_13_decimal_commas(self):
        self.refused("13-excel-eu.csv", "not_a_number", "--decimal ,", "--band", "V")
        self.good("13-excel-eu.csv", 40, 0.8148, "--band", "V", "--decimal", ",")

    def test_14_a_second_header_is_skipped(self):
        _, err = self.good("14-header-again.csv", 40, None, "--band", "V")
        self.assertIn("22", err)

    def test_15_mixed_time_systems(self):
        self.refused("15-jd-and-mjd.csv", "implausible_time_span", "mixed time systems", "--band", "V", tried=False)

    def test_16_a_comment_is_no_header(self):
        code, found, err = features(FORMATS / "16-comment-no-header.dat", "--band", "V")
        self.assertEqual(code, 3)
        self.assertEqual(found[0]["status"], "bad_header")
        self.good("16-comment-no-header.dat", 40, 0.8148, "--band", "V", "--columns", "time=1,mag=2,mag_err=3")

    def test_17_quality_is_named(self):
        _, err = self.good("17-quality-ignored.csv", 80, None)
        self.assertIn("quality tells good rows from bad ones and is not used", err)
        self.remedies_work(FORMATS / "17-quality-ignored.csv", err, ())
        self.assertIn("not used", run("inspect", FORMATS / "17-quality-ignored.csv")[1])

    def test_18_names_that_are_units(self):
        self.refused("18-atlas-trimmed.csv", "mixed_bands", "F", tried=False)
        self.good("18-atlas-trimmed.csv", 30, -0.7340, "--band", "o")

    def test_19_a_band_is_selected(self):
        self.refused("19-two-bands-filt.csv", "mixed_bands", "filt")
        self.good("19-two-bands-filt.csv", 20, None, "--band", "V")

    def test_20_and_21_ecsv(self):
        self.good("20-timeseries.ecsv", 40, -0.6913)
        self.good("21-ecsv-quoted-names.ecsv", 60, None, "--band", "V")

    def test_22_sncosmo(self):
        self.good("22-sncosmo-at-header.dat", 60, -2.5494)

    def test_23_bright_stars_of_atlas(self):
        self.good("23-atlas-bright-chi.txt", 60, 0.3677)

    def test_25_snana(self):
        found, _ = self.good("25-snana-separator.csv", 15, None, "--band", "split", rows=4)
        self.assertEqual([row["object_id"] for row in found], ["1:g", "1:r", "2:g", "2:r"])

    def test_26_an_empty_flux(self):
        self.good("26-mag-flux-empty.csv", 60, None, "--band", "g")

    def test_27_errors_that_nobody_gave(self):
        self.refused("27-aavso-visual.csv", "no_points", "Uncertainty", "--band", "Vis.", "--zero-point", "3631")

    def test_30_vizier(self):
        self.good("30-vizier.tsv", 60, None, "--band", "V")

    def test_32_two_objects(self):
        self.good("32-two-ids-flux-nJy.tsv", 30, None, rows=2)

    def test_33_to_35_are_refused(self):
        self.refused("33-dup-col.csv", "ambiguous_column", "more than once", tried=False)
        self.refused("34-mag-err-minus1.csv", "negative_error", "--null-value -1")
        self.refused("35-flux-column-normalised-and-mag.csv", "missing_column", "rel_flux_T1", tried=False)
        self.good("34-mag-err-minus1.csv", 54, None, "--null-value", "-1")


class Reports(unittest.TestCase):
    def row(self, file, *options, code=0):
        status, found, err = features(REPORTS / file, *options)
        self.assertEqual(status, code, err)
        return found[0]

    def test_halves(self):
        self.assertEqual(self.row("04-parquet-float16-abort/ty_f16.parquet", "--band", "V")["status"], "ok")
        self.assertEqual(self.row("04-parquet-float16-abort/half.parquet", code=3)["status"], "no_zero_point")

    def test_times_in_hours(self):
        for name in ("days.csv", "hours.ecsv", "hours.fits"):
            row = self.row(f"05-time-unit-of-ecsv-ipac/{name}")
            self.assertAlmostEqual(float(row["period"]), 0.60992, places=5)
            self.assertAlmostEqual(float(row["delta_t"]), 0.05434, places=5)

    def test_errors_in_another_unit(self):
        row = self.row("06-error-in-another-unit/mixed_unit.ecsv")
        self.assertAlmostEqual(float(row["period"]), 0.60992, places=5)
        self.assertAlmostEqual(float(row["lksl_statistic"]), 0.00397, places=4)

    def test_missing_ids(self):
        status, found, _ = features(REPORTS / "08-python-missing-ids/nanid.csv")
        self.assertEqual([row["status"] for row in found].count("ok"), 3)
        self.assertEqual({row["status"] for row in found}, {"ok", "bad_id"})

    def test_float32_times(self):  # PQ07
        self.assertIn("time_precision", self.row("09-float32-mjd/mjd32.parquet")["flags"])
        self.assertEqual(self.row("09-float32-mjd/mjd64.parquet")["flags"], "")

    def test_outliers_among_duplicates(self):
        _, out, _ = run("outliers", REPORTS / "10-lof-duplicates/emb.csv", "--by", "local_outlier_factor", "-k", "10")
        first = [row["object_id"] for row in csv.DictReader(io.StringIO(out))][:3]
        self.assertEqual(sorted(first), ["out0", "out1", "out2"])

    def test_hats_without_extension(self):
        rows = {}
        for name in ("hats_plain", "hats_nosuffix", "hats_dir_noext"):
            status, found, err = features(
                REPORTS / "11-hats-without-extension" / name, "--band", "g", "--nested", "lightcurve"
            )
            self.assertEqual(status, 0, err)
            rows[name] = [(row["object_id"], row["period"]) for row in found]
        self.assertEqual(len(rows["hats_plain"]), 4)
        self.assertEqual(len({str(value) for value in rows.values()}), 1)

    def test_sentinels(self):
        for name, value in (("s99p9.csv", "99.9"), ("neg99.csv", "-99"), ("mag0.csv", "0"), ("mag-1.csv", "-1")):
            row = self.row(f"12-sentinel-unflagged/{name}", "--band", "g", code=3)
            self.assertEqual(row["flags"], "sentinel_suspected")
            row = self.row(f"12-sentinel-unflagged/{name}", "--band", "g", "--null-value", value)
            self.assertAlmostEqual(float(row["period"]), 0.4321, places=4)

    def test_filtered_fluxes_are_named(self):
        status, found, err = features(REPORTS / "14-qlp-detrended-default/qlp_like.fits")
        self.assertIn("filtered", err)
        option = remedies(err)[0]
        row = self.row("14-qlp-detrended-default/qlp_like.fits", *option)
        self.assertAlmostEqual(float(row["period"]), 5.997, places=2)

    def test_brokers(self):
        for name in ("fink.csv", "antares.csv", "lasair.csv"):
            status, found, err = features(REPORTS / "16-broker-columns" / name, "--band", "split")
            self.assertEqual((status, [row["n_used"] for row in found]), (0, ["75", "75"]), err)

    def test_mixed_time_systems(self):
        self.assertEqual(self.row("17-ztf-mixed-offsets/mixed_btjd_mjd.csv")["flags"], "mixed_time_systems")
        self.assertEqual(self.row("17-ztf-mixed-offsets/unmixed_jd.csv")["flags"], "")


class Siblings(unittest.TestCase):
    """Files of the same kinds, written here."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def written(self, name, text):
        path = pathlib.Path(self.folder.name) / name
        path.write_text(text)
        return path

    def rows(self, header, row, n=40):
        mags = [12 + 0.3 * math.sin(2.1 * i) for i in range(n)]
        return "\n".join([header, *(row(i, 58000.25 + 1.37 * i, mags[i]) for i in range(n))]) + "\n"

    def test_every_printed_remedy_can_be_added_to_what_was_typed(self):
        file = self.written("bands.csv", self.rows("", lambda i, t, m: f"{t},{m:.4f},0.01,{'VB'[i % 2]}").lstrip())
        columns = ("--columns", "time=1,mag=2,mag_err=3", "--band", "V")
        _, found, err = features(file, *columns)
        self.assertIn("unread_groups", found[0]["flags"])
        self.assertIn("--columns band=4", err)
        _, found, err = features(file, *columns, "--columns", "band=4")
        self.assertEqual(found[0]["n_used"], "20", err)

    def test_values_in_hints_are_quoted_for_the_shell(self):
        file = self.written("units.csv", self.rows("mjd,flux [mag],err [mag]", lambda i, t, m: f"{t},{m:.4f},0.01"))
        _, _, err = features(file, "--band", "V")
        typed = re.search(r"hint: .*(--columns .*)", err).group(1)
        self.assertEqual(shlex.split(typed), ["--columns", "mag=flux [mag],mag_err=err [mag]"])
        _, found, err = features(file, "--band", "V", *shlex.split(typed))
        self.assertEqual(found[0]["status"], "ok", err)

    def test_cards_of_fits_on_the_unit_of_fluxes(self):
        try:
            import numpy
            from astropy.io import fits
        except ImportError:
            self.skipTest("needs astropy")
        time = numpy.arange(40.0) * 1.37
        flux = 100 + numpy.sin(2.1 * time)

        def star(name, primary=None, unit=None, of_time="TIME", **cards):
            columns = [(of_time, time * 86400 if "TIMEUNIT" in {**cards, **(primary or {})} else time, None)]
            columns += [("FLUX", flux, unit), ("FLUX_ERR", 0.1 + 0 * flux, unit)]
            table = fits.BinTableHDU.from_columns([fits.Column(n, "D", array=a, unit=u) for n, a, u in columns])
            table.header.update(cards)
            first = fits.PrimaryHDU()
            first.header.update(primary or {})
            path = pathlib.Path(self.folder.name) / name
            fits.HDUList([first, table]).writeto(path)
            _, found, err = features(path)
            self.assertEqual(found[0]["status"], "ok", err)
            return found[0], err

        plain, err = star("plain.fits")
        self.assertNotIn("although the header", err)
        for name, arguments in {
            "zeropt.fits": {"ZEROPT": 25.0},
            "magzero.fits": {"primary": {"MAGZERO": 25.0}},
            "bunit.fits": {"BUNIT": "uJy"},
            "comment.fits": {"COMMENT": "fluxes are in counts"},
            "history.fits": {"primary": {"HISTORY": "flux zero point 25.0"}},
            "column.fits": {"TCOMM2": "flux in ADU"},
        }.items():
            self.assertIn("although the header says", star(name, **arguments)[1])
        self.assertNotIn("although the header", star("unit.fits", unit="mJy", ZEROPT=25.0)[1])
        for name, arguments in {
            "table.fits": {"TIMEUNIT": "s"},
            "primary.fits": {"primary": {"TIMEUNIT": "s"}},
            "t.fits": {"of_time": "T", "TIMEUNIT": "s"},
        }.items():
            self.assertAlmostEqual(float(star(name, **arguments)[0]["delta_t"]), float(plain["delta_t"]), places=9)


class Inspect(unittest.TestCase):
    def test_says_what_every_column_is_taken_for(self):
        _, out, _ = run("inspect", FORMATS / "03-mag-and-counts-zp.csv", "--band", "g")
        self.assertRegex(out, r"mjd +time")
        self.assertRegex(out, r"magerr +mag_err")
        self.assertRegex(out, r"flux +not used")
        self.assertIn("light curve", out)
        self.assertIn("next", out)

    def test_the_command_it_names_works(self):
        for name, *options in (
            ("09-ids-source_id.csv",),
            ("18-atlas-trimmed.csv",),
            ("12-masked-dashes.txt", "--band", "V"),
            ("34-mag-err-minus1.csv",),
            ("04-sentinel-99.999.dat", "--columns", "time=1,mag=2,mag_err=3", "--band", "r"),
        ):
            _, out, _ = run("inspect", FORMATS / name, *options)
            command = re.search(r"next +astrom3 embed (.*)", out).group(1)
            words = subprocess.run(["bash", "-c", f"printf '%s\\n' {command}"], capture_output=True, text=True)
            file, *more = words.stdout.splitlines()
            code, found, err = features(file, *more)
            self.assertTrue(found and all(row["status"] == "ok" for row in found), f"{command}: {err}")


if __name__ == "__main__":
    sys.exit(unittest.main())
