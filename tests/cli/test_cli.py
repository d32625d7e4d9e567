# SPDX-License-Identifier: MIT
"""The command line as a user meets it: exit codes, messages, files. Run with ASTROM3_CLI set."""

import csv
import gzip
import hashlib
import json
import math
import os
import re
import signal
import struct
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

CLI = os.environ["ASTROM3_CLI"]
GOLDEN = Path(os.environ["ASTROM3_TEST_DATA"])
TINY = GOLDEN / "tiny"
SLOWER = int(os.environ.get("ASTROM3_SLOWER", "1"))  # how many times as much time a build with sanitizers has


def run(*args, env=None, cwd=None, stdout=subprocess.PIPE, open_file=None):
    """Runs the command, which gets `open_file` under its number; returns (exit code, stdout, stderr)."""
    environment = {**os.environ, **(env or {})}
    done = subprocess.run([CLI, *map(str, args)], stdout=stdout, stderr=subprocess.PIPE, env=environment,
                          cwd=cwd, timeout=120 * SLOWER, check=False, pass_fds=() if open_file is None else (open_file.fileno(),))
    return done.returncode, (done.stdout or b"").decode(), done.stderr.decode()


def instruction_sets():
    """The names that --isa takes, as the command says them."""
    choice = re.search("expected (.+)", run("embed", "a.csv", "-o", "b.csv", "--model", TINY, "--isa", "sse9")[2])[1]
    return re.split(", | or ", choice)


def light_curve(n, seed=1, period=0.7):
    """n rows of (time, flux, error): a sine with gaps, no two times equal, no flux like a magnitude."""
    rows = []
    for i in range(n):
        t = 2457000.25 + 1.1 * i + 0.013 * ((i * 7919 + seed) % 89)
        rows.append((t, 40 + 3 * math.sin(2 * math.pi * t / period) + 0.01 * ((i * seed) % 7), 0.05 + 0.001 * (i % 5)))
    return rows


def write_csv(path, rows, header="hjd,flux,flux_err"):
    path.write_text(header + "\n" + "".join(",".join(repr(v) for v in row) + "\n" for row in rows))
    return path


def read_table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def read_safetensors(path):
    """name -> (dtype, shape, tuple of numbers)."""
    data = Path(path).read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    codes = {"F32": "f", "F64": "d", "I64": "q"}
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            tensors[name] = entry
            continue
        begin, end = entry["data_offsets"]
        raw = data[8 + size + begin:8 + size + end]
        code = codes[entry["dtype"]]
        tensors[name] = (entry["dtype"], entry["shape"], struct.unpack(f"<{len(raw) // struct.calcsize(code)}{code}", raw))
    return tensors


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


class CommandLine(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.tmp = Path(self._folder.name)

    def tearDown(self):
        self._folder.cleanup()

    def embed(self, *args, **kwargs):
        return run("embed", "--model", TINY, "--period-min", "0.5", *args, **kwargs)


class Usage(CommandLine):
    def test_help_and_version_are_ok_and_no_arguments_are_not(self):  # CL01
        self.assertEqual(run("--help")[0], 0)
        code, out, err = run("--version")
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r"^astrom3 \d+\.\d+\.\d+\n$")
        self.assertEqual(run()[0], 2)

    def test_every_command_has_help(self):
        for command in ("embed", "features", "preprocess", "encode", "info", "init", "periodogram"):
            code, out, _ = run(command, "--help")
            self.assertEqual(code, 0, command)
            self.assertIn("--json", out)

    def test_a_mistyped_option_or_command_gets_a_suggestion(self):  # CL02
        code, _, err = self.embed("x.csv", "-o", "y.csv", "--batch-szie", "3")
        self.assertEqual(code, 2)
        self.assertIn("did you mean --batch-size?", err)
        code, _, err = run("embde")
        self.assertEqual(code, 2)
        self.assertIn("did you mean embed?", err)

    def test_impossible_numbers_are_usage_errors(self):  # CL03, CL04
        star = write_csv(self.tmp / "a.csv", light_curve(20))
        for option, value in (("--threads", "-1"), ("--threads", "abc"), ("--threads", "1.5"), ("--batch-size", "0"),
                              ("--batch-size", "-1"), ("--batch-size", str(2**63)), ("--max-rejects", "x"),
                              ("--set", "period=-1"), ("--set", "foo=1"), ("--memory", "1"), ("--columns", "foo=bar"),
                              ("--period-max", "0.1"), ("--flux-unit", "mag")):
            code, out, err = self.embed(star, "-o", self.tmp / "o.csv", f"{option}={value}")
            self.assertEqual((code, out), (2, ""), (option, value, err))
            self.assertFalse((self.tmp / "o.csv").exists())

    def test_an_empty_text_is_no_value_of_any_option(self):
        star = write_csv(self.tmp / "a.csv", light_curve(20))
        inputs = {"info": (), "fetch": (), "init": (), "export": (), "import": (star,), "encode": (star,)}
        for command in ("embed", "features", "preprocess", "classify", "encode", "info", "fetch", "init", "export", "import",
                        "periodogram", "inspect", "train", "search", "outliers", "evaluate", "map", "study precision"):
            words = command.split()
            names = re.findall(r"^  (?:-\w,)?(--?[\w-]+) (?:TEXT|UINT|FLOAT)", run(*words, "--help")[1], re.MULTILINE)
            self.assertGreater(len(names), 0, command)
            for name in names:
                code, out, err = run(*words, *inputs.get(command, (star,)), name, "")
                self.assertEqual((code, out), (2, ""), (command, name, err))
                self.assertRegex(err, re.escape(name) + r': expected .*, found ""', command)

    def test_an_absurd_thread_count_is_clamped_with_a_warning(self):  # CL03
        star = write_csv(self.tmp / "a.csv", light_curve(20))
        code, _, err = self.embed(star, "-o", self.tmp / "o.csv", "--threads", 10**9)
        self.assertEqual(code, 0, err)
        self.assertIn("--threads", err)

    def test_contradictory_flags_are_refused(self):  # CL11
        code, _, err = self.embed("a.csv", "-o", "o.csv", "--strict", "--max-rejects", "3")
        self.assertEqual(code, 2, err)

    def test_a_missing_input_is_exit_5(self):  # CL05
        code, _, err = self.embed(self.tmp / "nothing*.csv", "-o", self.tmp / "o.csv")
        self.assertEqual(code, 5, err)
        self.assertIn("nothing*.csv", err)
        self.assertEqual(self.embed(self.tmp / "no.csv", "-o", self.tmp / "o.csv")[0], 5)

    def test_a_directory_needs_r(self):  # CL06
        write_csv(self.tmp / "a.csv", light_curve(20))
        self.assertNotEqual(self.embed(self.tmp, "-o", self.tmp / "out.csv")[0], 0)
        with tempfile.TemporaryDirectory() as other:
            code, _, err = self.embed("-r", self.tmp, "-o", Path(other) / "o.csv")
            self.assertEqual(code, 0, err)

    def test_the_output_must_not_be_an_input_even_through_a_link(self):  # CL07
        star = write_csv(self.tmp / "a.csv", light_curve(20))
        before = star.read_bytes()
        link, hard = self.tmp / "link.csv", self.tmp / "hard.csv"
        link.symlink_to(star)
        os.link(star, hard)
        for output in (star, link, hard):
            self.assertEqual(self.embed(star, "-o", output)[0], 2, output)
        self.assertEqual(star.read_bytes(), before)

    def test_formats_that_cannot_hold_the_output_are_usage_errors(self):  # CL09
        star = write_csv(self.tmp / "a.csv", light_curve(20))
        self.assertEqual(self.embed(star, "-o", "-", "--to", "parquet")[0], 2)
        self.assertEqual(self.embed(star, "-o", self.tmp / "o.csv", "--output", "sequence")[0], 2)
        self.assertEqual(self.embed(star, "-o", self.tmp / "o.what")[0], 2)

    def test_a_bad_model_is_exit_4(self):
        star = write_csv(self.tmp / "a.csv", light_curve(20))
        broken = self.tmp / "model"
        broken.mkdir()
        (broken / "config.json").write_bytes((TINY / "config.json").read_bytes())
        (broken / "model.safetensors").write_bytes((TINY / "model.safetensors").read_bytes()[:-2])
        code, _, err = run("embed", star, "-o", self.tmp / "o.csv", "--model", broken)
        self.assertEqual(code, 4, err)
        self.assertIn("model.safetensors", err)
        self.assertFalse((self.tmp / "o.csv").exists())

    def test_an_unknown_isa_is_a_usage_error(self):
        self.assertEqual(run("embed", "a.csv", "-o", "b.csv", "--model", TINY, "--isa", "sse9")[0], 2)


class Embed(CommandLine):
    def test_a_star_becomes_a_row_with_the_contracted_columns(self):
        star = write_csv(self.tmp / "star one.csv", light_curve(60))
        code, out, err = self.embed(star, "-o", self.tmp / "o.csv")
        self.assertEqual((code, out), (0, ""), err)
        (row,) = read_table(self.tmp / "o.csv")
        self.assertEqual(list(row), ["object_id", "status", "flags", "n_raw", "n_used", "amplitude", "period",
                                     "lksl_statistic", "rfr_score", "log10_mad", "delta_t", "feature_sources"]
                         + [f"e{i}" for i in range(32)])
        self.assertEqual((row["object_id"], row["status"], row["n_raw"], row["n_used"]), ("star one", "ok", "60", "40"))
        self.assertIn("cropped", row["flags"])
        self.assertTrue(all(math.isfinite(float(row[f"e{i}"])) for i in range(32)))
        meta = json.loads((self.tmp / "o.meta.json").read_text())
        self.assertEqual(meta["model_sha256"], sha256(TINY / "model.safetensors"))
        for key in ("astrom3_version", "scaling", "feature_policy", "attention", "precision"):
            self.assertIn(key, meta)
        self.assertEqual((self.tmp / "o.rejects.jsonl").read_text(), "")

    def test_a_bad_object_costs_only_itself_and_says_where(self):
        good = write_csv(self.tmp / "a.csv", light_curve(30))
        bad = write_csv(self.tmp / "b.csv", light_curve(30))
        lines = bad.read_text().splitlines()
        lines[16] = lines[16].replace(",", ",>", 1)
        bad.write_text("\n".join(lines) + "\n")
        flat = write_csv(self.tmp / "c.csv", [(t, 5.0, 0.1) for t, _, _ in light_curve(30)])
        code, _, err = self.embed(good, bad, flat, "-o", self.tmp / "o.csv")
        self.assertEqual(code, 3, err)
        rows = read_table(self.tmp / "o.csv")
        self.assertEqual([r["status"] for r in rows], ["ok", "upper_limit", "mad_zero"])
        self.assertEqual([rows[1]["e0"], rows[1]["period"]], ["", ""])
        rejects = [json.loads(line) for line in (self.tmp / "o.rejects.jsonl").read_text().splitlines()]
        self.assertEqual([r["code"] for r in rejects], ["upper_limit", "mad_zero"])
        self.assertEqual((rejects[0]["object_id"], rejects[0]["line"], rejects[0]["column"]), ("b", 17, "flux"))
        self.assertIn("b.csv:17", err)
        self.assertIn("--upper-limits drop", err)

    def test_the_same_numbers_give_the_same_bits_in_every_format(self):  # DT03
        rows = light_curve(50)
        plain = write_csv(self.tmp / "star.csv", rows)
        (self.tmp / "z").mkdir()
        with gzip.open(self.tmp / "z" / "star.csv.gz", "wb") as file:
            file.write(plain.read_bytes())
        dat = self.tmp / "star.dat"
        dat.write_text("# star\n# HJD MAG MAG_ERR FLUX FLUX_ERR\n"
                       + "".join(f"{t!r} 12.0 0.02 {f!r} {e!r}\n" for t, f, e in rows))
        results = []
        for source in (plain, self.tmp / "z" / "star.csv.gz", dat):
            code, _, err = self.embed(source, "-o", self.tmp / "o.csv")
            self.assertEqual(code, 0, err)
            results.append((self.tmp / "o.csv").read_bytes())
        self.assertEqual(results[0], results[1])
        self.assertEqual(results[0], results[2])

    def test_threads_batches_and_instruction_sets_change_no_bit(self):  # DT01, DT02, DT07, DT10
        table = self.tmp / "all.csv"
        with open(table, "w") as file:
            file.write("object_id,hjd,flux,flux_err\n")
            for k in range(12):
                for t, f, e in light_curve(20 + 7 * k, seed=k + 1):
                    file.write(f"s{k},{t!r},{f!r},{e!r}\n")
        hashes = set()
        for options in ((), ("--threads", "1"), ("--threads", "3", "--batch-size", "1"), ("--batch-size", "512"),
                        *(("--isa", isa) for isa in instruction_sets())):
            code, _, err = self.embed(table, "-o", self.tmp / "o.csv", *options)
            if code == 4 and "this CPU does not have" in err:
                continue
            self.assertEqual(code, 0, err)
            hashes.add((sha256(self.tmp / "o.csv"), sha256(self.tmp / "o.meta.json")))
        self.assertEqual(len(hashes), 1)

    def test_features_take_set_then_catalogue_then_computed(self):
        star = write_csv(self.tmp / "s.csv", light_curve(50))
        catalog = self.tmp / "catalog.csv"
        catalog.write_text("object_id,period,amplitude\ns,0.7,0.5\nunused,1,1\n")
        code, _, err = self.embed(star, "-o", self.tmp / "o.csv", "--features", catalog, "--set", "amplitude=0.25",
                                  "--set", "rfr_score=z:0.392")
        self.assertEqual(code, 0, err)
        (row,) = read_table(self.tmp / "o.csv")
        self.assertEqual((float(row["amplitude"]), float(row["period"])), (0.25, 0.7))
        self.assertAlmostEqual(float(row["rfr_score"]), 0.392 * 0.138315 + 0.836659, places=12)
        for part in ("amplitude=set", "period=catalog", "lksl_statistic=computed", "rfr_score=set"):
            self.assertIn(part, row["feature_sources"])
        self.assertIn("1 of 2 catalogue rows", err)  # AX13

    def test_an_object_missing_from_the_catalogue_is_rejected(self):  # AX01, AX04, AX12
        stars = [write_csv(self.tmp / f"{name}.csv", light_curve(50)) for name in ("s1", "s2", "s3")]
        catalog = self.tmp / "catalog.csv"
        catalog.write_text("object_id,period\ns2,0\ns3,\n")
        code, _, err = self.embed(*stars, "-o", self.tmp / "o.csv", "--features", catalog)
        self.assertEqual(code, 3, err)
        self.assertEqual([r["status"] for r in read_table(self.tmp / "o.csv")], ["no_catalog_row", "bad_aux", "bad_aux"])
        rejects = [json.loads(line) for line in (self.tmp / "o.rejects.jsonl").read_text().splitlines()]
        self.assertEqual([r["column"] for r in rejects[1:]], ["period", "period"])
        catalog.write_text("object_id,colour\ns1,2\n")
        self.assertEqual(self.embed(*stars, "-o", self.tmp / "p.csv", "--features", catalog)[0], 5)

    def test_standardised_catalogues_may_hold_any_sign_with_scaling_none(self):  # AX04, AX10
        star = write_csv(self.tmp / "s.csv", light_curve(50))
        catalog = self.tmp / "catalog.csv"
        catalog.write_text("object_id,amplitude,period,lksl_statistic,rfr_score\ns,-0.12,-0.75,-1.1,1.03\n")
        self.assertEqual(self.embed(star, "-o", self.tmp / "o.csv", "--features", catalog)[0], 3)
        code, _, err = self.embed(star, "-o", self.tmp / "o.csv", "--features", catalog, "--scaling", "none")
        self.assertEqual(code, 0, err)
        (row,) = read_table(self.tmp / "o.csv")
        self.assertEqual((row["period"], row["rfr_score"]), ("-0.75", "1.03"))

    def test_the_features_table_is_read_back_to_the_same_embedding(self):
        star = write_csv(self.tmp / "s.csv", light_curve(80))
        table = self.tmp / "features.csv"
        self.assertEqual(run("features", star, "-o", table, "--period-min", "0.5")[0], 0)
        self.assertEqual(self.embed(star, "-o", self.tmp / "a.csv")[0], 0)
        self.assertEqual(self.embed(star, "-o", self.tmp / "b.csv", "--features", table)[0], 0)
        a, b = read_table(self.tmp / "a.csv")[0], read_table(self.tmp / "b.csv")[0]
        for name in ("period", "amplitude", "e0", "e31"):
            self.assertEqual(a[name], b[name])
        self.assertIn("period=catalog", b["feature_sources"])

    def test_json_summary_is_one_object_on_stdout(self):
        star = write_csv(self.tmp / "s.csv", light_curve(50))
        code, out, _ = self.embed(star, "-o", self.tmp / "o.csv", "--json", "--quiet")
        self.assertEqual(code, 0)
        summary = json.loads(out)
        self.assertEqual((summary["objects"], summary["ok"]), (1, 1))
        self.assertIn("encoder", summary["stage_seconds"])

    def test_check_writes_nothing(self):
        star = write_csv(self.tmp / "s.csv", light_curve(50))
        flat = write_csv(self.tmp / "f.csv", [(t, 5.0, 0.1) for t, _, _ in light_curve(30)])
        before = sorted(p.name for p in self.tmp.iterdir())
        self.assertEqual(self.embed(star, "--check")[0], 0)
        code, _, err = self.embed(star, flat, "--check")
        self.assertEqual(code, 3)
        self.assertIn("mad_zero", err)
        self.assertEqual(sorted(p.name for p in self.tmp.iterdir()), before)
        code, _, err = self.embed(star, "--check", "-o", self.tmp / "o.csv")
        self.assertEqual((code, "written" in err), (0, False), err)

    def test_options_of_a_run_in_parts_are_refused_elsewhere(self):
        star = write_csv(self.tmp / "s.csv", light_curve(50))
        for options in (["--resume"], ["--shard", "1/2"], ["--part-objects", "5"], ["--no-lock"], ["--verify-inputs"]):
            code, _, err = self.embed(star, "-o", self.tmp / "o.csv", *options)
            self.assertEqual((code, f"{options[0]} goes with a run in parts" in err), (2, True), err)
            code, _, err = self.embed(star, "-o", f"{self.tmp}/parts/", "--check", *options)
            self.assertEqual((code, f"{options[0]} does not go with --check" in err), (2, True), err)
            self.assertNotIn(options[0], run("preprocess", "--help")[1])

    def test_strict_stops_and_leaves_no_output(self):
        flat = write_csv(self.tmp / "f.csv", [(t, 5.0, 0.1) for t, _, _ in light_curve(30)])
        code, _, err = self.embed(flat, "-o", self.tmp / "o.csv", "--strict")
        self.assertEqual(code, 3)
        self.assertIn("mad_zero", err)
        self.assertEqual([p.name for p in self.tmp.iterdir()], ["f.csv"])

    def test_all_rejected_is_still_a_complete_table(self):  # OU18
        flat = write_csv(self.tmp / "f.csv", [(t, 5.0, 0.1) for t, _, _ in light_curve(30)])
        self.assertEqual(self.embed(flat, "-o", self.tmp / "o.csv")[0], 3)
        self.assertEqual(len(read_table(self.tmp / "o.csv")), 1)

    def test_preprocess_writes_tensors_and_zeros_for_rejects(self):
        star = write_csv(self.tmp / "s.csv", light_curve(50))
        flat = write_csv(self.tmp / "f.csv", [(t, 5.0, 0.1) for t, _, _ in light_curve(30)])
        out = self.tmp / "tensors"
        code, _, err = run("preprocess", star, flat, "-o", out, "--period-min", "0.5", "--scaling", "published")
        self.assertEqual(code, 3, err)
        x, mask = (out / "x_enc.npy").read_bytes(), (out / "mask.npy").read_bytes()
        self.assertIn(b"(2, 200, 9)", x[:128])
        self.assertIn(b"(2, 200)", mask[:128])
        self.assertEqual(x[-200 * 9 * 4:], bytes(200 * 9 * 4))
        values = struct.unpack("<200f", mask[-2 * 200 * 4:-200 * 4])
        self.assertEqual(sum(values), 50)


class Periods(CommandLine):
    def test_the_features_table_tells_how_the_period_stands(self):
        stars = [write_csv(self.tmp / "a.csv", light_curve(60)),
                 write_csv(self.tmp / "b.csv", [(t, 5.0, 0.1) for t, _, _ in light_curve(30)]),
                 write_csv(self.tmp / "c.csv", light_curve(2))]
        code, _, err = run("features", *stars, "-o", self.tmp / "o.csv", "--alternates", "2", "--period-min", "0.5",
                           "--candidates", "20", "--harmonics", "2", "--min-points", "2")
        self.assertEqual(code, 3, err)
        variable, constant, short = read_table(self.tmp / "o.csv")
        columns = ["period_err", "period_power", "false_alarm_probability", "period_probability",
                   "alternate_period_1", "alternate_log_odds_1", "alternate_period_2", "alternate_log_odds_2"]
        self.assertEqual(list(variable)[12:], columns)
        self.assertAlmostEqual(float(variable["period"]), 0.7, delta=3 * float(variable["period_err"]) + 1e-4)
        self.assertLess(float(variable["alternate_log_odds_1"]), 0)
        self.assertLess(float(variable["false_alarm_probability"]), 1e-6)
        self.assertGreater(float(variable["period_probability"]), 0.9)
        self.assertEqual((constant["status"], [constant[c] for c in columns]), ("mad_zero", [""] * 8))
        # Two observations have no period to tell of, yet are no error.
        self.assertEqual((short["status"], [short[c] for c in columns]), ("ok", [""] * 8))
        meta = json.loads((self.tmp / "o.meta.json").read_text())
        self.assertIn("candidates=20; harmonics=2", meta["period_search"])

    def test_periodogram_writes_the_spectrum_the_plot_and_the_peaks(self):
        star = write_csv(self.tmp / "a.csv", light_curve(60))
        code, out, err = run("periodogram", star, "-o", self.tmp / "p.csv", "--svg", self.tmp / "p.svg",
                             "--period-min", "0.5", "--peaks", "3")
        self.assertEqual(code, 0, err)
        spectrum = read_table(self.tmp / "p.csv")
        self.assertEqual(list(spectrum[0]), ["frequency", "period", "power"])
        self.assertTrue(all(0 <= float(r["power"]) <= 1 for r in spectrum))
        highest = max(spectrum, key=lambda r: float(r["power"]))
        self.assertAlmostEqual(float(highest["period"]), 0.7, delta=0.01)
        peaks = list(csv.DictReader(out.splitlines()))
        self.assertEqual((len(peaks), peaks[0]["log_odds"]), (3, "0"))
        self.assertAlmostEqual(float(peaks[0]["period"]), 0.7, delta=0.001)
        svg = (self.tmp / "p.svg").read_text()
        self.assertEqual((svg.count("<polyline"), svg.count("stroke-dasharray"), svg.count("<circle")), (1, 3, 120))
        self.assertEqual(sorted(p.name for p in self.tmp.iterdir()), ["a.csv", "p.csv", "p.svg"])

    def test_periodogram_searches_several_bands_as_one(self):
        star = self.tmp / "star.csv"
        lines = ["time,mag,mag_err,band"]
        for band, offset in (("g", 0.0), ("r", 0.3)):
            for i in range(20):
                t = 2457000 + 3.1 * i + offset + 1.3 * math.sin(i * i)
                lines.append(f"{t},{15 + offset + 0.4 * math.sin(2 * math.pi * t / 0.7)},0.02,{band}")
        star.write_text("\n".join(lines) + "\n")
        code, out, err = run("periodogram", star, "--together", "all", "--period-min", "0.5", "--period-max", "1",
                             "--svg", self.tmp / "p.svg", "-q")
        self.assertEqual(code, 0, err)
        self.assertAlmostEqual(float(list(csv.DictReader(out.splitlines()))[0]["period"]), 0.7, delta=0.01)
        svg = (self.tmp / "p.svg").read_text()
        self.assertIn(">g (20)<", svg)
        self.assertIn(">r (20)<", svg)
        one = run("periodogram", star, "--together", "g", "--period-min", "0.5", "-q")[1]
        self.assertEqual(one, run("periodogram", star, "--band", "g", "--period-min", "0.5", "-q")[1])
        self.assertEqual(run("periodogram", star, "--together", "z")[0], 5)
        self.assertEqual(run("periodogram", star, "--together", "g", "--band", "g")[0], 2)

    def test_periodogram_answers_machines_in_json_and_fails_with_the_codes_of_all(self):
        star = write_csv(self.tmp / "a.csv", light_curve(60))
        code, out, _ = run("periodogram", star, "--period-min", "0.5", "--json")
        self.assertEqual(code, 0)
        self.assertAlmostEqual(json.loads(out)["period"], 0.7, delta=0.001)
        self.assertEqual(len(json.loads(out)["alternates"]), 4)
        self.assertEqual(run("periodogram", self.tmp / "none.csv")[0], 5)
        self.assertEqual(run("periodogram", star, "--harmonics", "9")[0], 2)
        self.assertEqual(run("periodogram", star, "--period-min", "0.5", "-o", self.tmp / "no" / "p.csv")[0], 6)


class Output(CommandLine):
    def test_csv_to_stdout_is_only_the_table(self):
        star = write_csv(self.tmp / "s.csv", light_curve(50))
        code, out, _ = self.embed(star, "-o", "-")
        self.assertEqual(code, 0)
        self.assertEqual(len(out.splitlines()), 2)
        self.assertTrue(out.startswith("object_id,status,"))

    def test_a_full_disk_is_exit_6(self):  # OU01
        star = write_csv(self.tmp / "s.csv", light_curve(50))
        with open("/dev/full", "w") as full:
            code, _, err = self.embed(star, "-o", "-", stdout=full)
        self.assertEqual(code, 6, err)

    def test_a_reader_that_goes_away_is_exit_141_without_a_word(self):  # OU07
        table = self.tmp / "all.csv"
        with open(table, "w") as file:
            file.write("object_id,hjd,flux,flux_err\n")
            for k in range(300):
                for t, f, e in light_curve(10, seed=k + 1):
                    file.write(f"s{k},{t!r},{f!r},{e!r}\n")
        script = f'"{CLI}" embed --model "{TINY}" --period-min 0.5 "{table}" -o - -q | head -n 1 >/dev/null; echo ${{PIPESTATUS[0]}}'
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=120 * SLOWER, check=False)
        self.assertEqual(done.stdout.strip(), "141", done.stderr)
        self.assertNotIn("error", done.stderr)

    def test_an_unwritable_place_is_exit_6_before_any_work(self):  # OU05
        star = write_csv(self.tmp / "s.csv", light_curve(50))
        code, _, err = self.embed(star, "-o", self.tmp / "missing" / "o.csv")
        self.assertEqual(code, 6, err)
        (self.tmp / "folder.csv").mkdir()
        self.assertEqual(self.embed(star, "-o", self.tmp / "folder.csv")[0], 6)

    def test_an_existing_file_is_replaced_only_by_a_complete_one(self):  # CL08
        star = write_csv(self.tmp / "s.csv", light_curve(50))
        flat = write_csv(self.tmp / "f.csv", [(t, 5.0, 0.1) for t, _, _ in light_curve(30)])
        out = self.tmp / "o.csv"
        out.write_text("precious")
        self.assertEqual(self.embed(flat, "-o", out, "--strict")[0], 3)
        self.assertEqual(out.read_text(), "precious")
        self.assertEqual(self.embed(star, "-o", out)[0], 0)
        self.assertIn("object_id", out.read_text())

    def test_signals_end_with_their_code_and_no_output(self):  # OU08, OU09
        # Work for twenty times as long as the signal waits: a busy machine may wake this process late.
        table = self.tmp / "all.csv"
        rows = [[f",{t!r},{f!r},{e!r}\n" for t, f, e in light_curve(300, seed=k + 1)] for k in range(20)]
        with open(table, "w") as file:
            file.write("object_id,hjd,flux,flux_err\n")
            for k in range(2000):
                file.writelines(f"s{k}{row}" for row in rows[k % len(rows)])
        for number, expected in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            process = subprocess.Popen([CLI, "embed", "--model", TINY, table, "-o", self.tmp / "o.csv", "--threads", "1",
                                        "--period-min", "0.0001"], stderr=subprocess.DEVNULL,
                                       preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
            time.sleep(0.7)
            process.send_signal(number)
            self.assertEqual(process.wait(timeout=60 * SLOWER), expected)
            self.assertEqual([p.name for p in self.tmp.iterdir()], ["all.csv"])


if __name__ == "__main__":
    unittest.main()
