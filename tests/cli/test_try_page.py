# SPDX-License-Identifier: MIT
"""The page that runs astrom3 in a browser (`make wasm`), in a headless Chromium: what it computes is what the command computes.
Run with ASTROM3_CLI set; ASTROM3_TRY_PAGE names the folder of the page."""

import csv
import functools
import gzip
import http.server
import io
import json
import math
import os
import pathlib
import subprocess
import sys
import threading
import unittest

from chromium import Browser, find_chromium

SKIPPED = 77
ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = pathlib.Path(os.environ.get("ASTROM3_TRY_PAGE", ROOT / "build/wasm/try"))
COMMAND = os.environ.get("ASTROM3_CLI", "")
EXAMPLES = ROOT / "examples/asassn_like"
BAD = ROOT / "examples/bad"
SECONDS = 240  # a program that is compiled and a checkpoint that is loaded, on a busy machine
# The page has another C library than the command, whose logarithms, sines and powers differ in the last bit: nothing else may differ
# in what follows from them. 46 units in the last place were the most that any feature of the 60 example stars differed by.
FROM_LOGARITHMS = ("amplitude", "lksl_statistic", "rfr_score", "log10_mad")
MOST_ULPS = 64
NEARLY = 1e-10  # relative, of probabilities and powers, which have such numbers in their exponents


class Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".wasm": "application/wasm",
        ".js": "text/javascript",
    }

    def log_message(self, *_):
        pass


def of_the_command(*words):
    return subprocess.run([COMMAND, *map(str, words)], capture_output=True, text=True, check=False)


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


class ThePageOfTheProgram(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(PAGE)))
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.address = f"http://127.0.0.1:{cls.server.server_port}/"
        cls.browser = Browser(find_chromium(), height=1400)
        cls.browser.open(cls.address)
        cls.browser.wait("window.astrom3Try?.is_ready()", SECONDS)

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.server.shutdown()
        cls.server.server_close()

    def tearDown(self):
        self.assertEqual(self.browser.complaints, [])
        outside = [
            request
            for request in self.browser.requests
            if not request.startswith((self.address, "about:", f"blob:{self.address}"))
        ]
        self.assertEqual(outside, [])

    def give(self, name, content, options=""):
        """What the page knows of a file that it was given."""
        self.browser.run(f"document.getElementById('options').value = {json.dumps(options)}")
        before = self.browser.run("astrom3Try.answers.size")
        self.browser.run(
            f"dropped = new DataTransfer(), dropped.items.add(new File([new Uint8Array({json.dumps(list(content))})], {json.dumps(name)})),"
            "document.dispatchEvent(new DragEvent('drop', {dataTransfer: dropped, cancelable: true}))"
        )
        self.browser.wait(f"astrom3Try.answers.get({before + 1})?.is_done", SECONDS)
        self.assertEqual(self.browser.run("document.getElementById('state').textContent"), "done")
        return json.loads(
            self.browser.run(
                f"(({{report, rows, csv, found, period, times, article}}) => JSON.stringify("
                f"{{report, rows, csv, found, period, times, text: article.textContent, svgs: article.querySelectorAll('svg').length}}))"
                f"(astrom3Try.answers.get({before + 1}))"
            )
        )

    def compare_rows(self, ours, theirs):
        self.assertEqual([list(row) for row in ours], [list(row) for row in theirs])
        for our, their in zip(ours, theirs, strict=True):
            for name in FROM_LOGARITHMS:
                self.assertLessEqual(
                    abs(float(our[name]) - float(their[name])), MOST_ULPS * math.ulp(float(their[name])), name
                )
            exact = [name for name in their if name not in FROM_LOGARITHMS]
            self.assertIn("period", exact)
            self.assertEqual({name: our[name] for name in exact}, {name: their[name] for name in exact})

    def compare_periods(self, ours, theirs):
        self.assertEqual(list(ours), list(theirs))
        self.assertEqual(
            [ours["period"]] + [peak["period"] for peak in ours["alternates"]],
            [theirs["period"]] + [peak["period"] for peak in theirs["alternates"]],
        )
        for our, their in zip([ours, *ours["alternates"]], [theirs, *theirs["alternates"]], strict=True):
            for name in their:
                if isinstance(their[name], float):
                    self.assertLessEqual(abs(our[name] - their[name]), NEARLY * abs(their[name]), name)
                elif name != "alternates":
                    self.assertEqual(our[name], their[name], name)

    def test_the_embedding_the_classes_and_the_period_are_those_of_the_command(self):
        for name in ("SIM-RRAB-1.dat", "SIM-EA-2.dat", "SIM-SR-3.dat"):
            with self.subTest(name):
                file = EXAMPLES / name
                page = self.give(name, file.read_bytes(), "--band V")
                self.compare_rows(
                    rows_of(page["csv"]), rows_of(of_the_command("embed", file, "--band", "V", "-o", "-").stdout)
                )
                self.compare_rows(
                    page["rows"], rows_of(of_the_command("classify", file, "--band", "V", "-o", "-").stdout)
                )
                self.compare_periods(
                    page["period"], json.loads(of_the_command("periodogram", file, "--band", "V", "--json").stdout)
                )
                self.assertIn(page["rows"][0]["class"], page["text"])
                self.assertEqual(page["svgs"], 1)
                print(name, {step: round(time) for step, time in page["times"].items()}, "ms")

    def test_a_star_is_its_own_nearest_neighbour_among_the_examples(self):
        page = self.give("renamed.dat", (EXAMPLES / "SIM-M-1.dat").read_bytes(), "--band V")
        self.assertEqual((page["found"][0]["object_id"], page["found"][0]["similarity"]), ("SIM-M-1", "1"))
        self.assertEqual(page["found"][0]["class"], "M")
        self.assertEqual(len(page["found"]), 5)

    def test_what_a_file_was_taken_for_is_said_in_the_words_of_inspect(self):
        fits = ROOT / "tests/faults/strangers/reports/14-qlp-detrended-default/qlp_like.fits"
        for file in (EXAMPLES / "SIM-EW-1.dat", fits):
            with self.subTest(file.name):
                page = self.give(file.name, file.read_bytes())
                command = json.loads(of_the_command("inspect", "--json", file).stdout)
                for key in set(command) - {"file", "next", "first_rejects", "warnings"}:  # which name the file with its folder
                    self.assertEqual(page["report"][key], command[key], key)
                self.assertIn(command["units"], page["text"])

    def test_bad_files_show_the_words_of_the_command(self):
        for file in sorted(file for file in BAD.iterdir() if file.suffix in (".csv", ".dat")):
            with self.subTest(file.name):
                page = self.give(file.name, file.read_bytes())
                said = of_the_command("inspect", "--json", file)
                words = (
                    json.loads(said.stdout)["first_rejects"] if said.stdout else [said.stderr.strip().splitlines()[-1]]
                )
                for text in words:
                    self.assertIn(text.replace(str(file), file.name), page["text"])

    def test_gzip_is_undone_and_several_objects_are_told_apart(self):
        lines = ["object_id,hjd,mag,mag_err"]
        for star in ("SIM-RRC-1", "SIM-EB-1"):
            for line in (EXAMPLES / f"{star}.dat").read_text(encoding="utf-8").splitlines():
                if line[:1].isdigit():
                    lines.append(",".join([star, *line.split()[:3]]))
        page = self.give("two.csv.gz", gzip.compress("\n".join(lines).encode()), "--band V")
        self.assertEqual([row["object_id"] for row in page["rows"]], ["SIM-RRC-1", "SIM-EB-1"])
        self.assertIn("one of 2 light curves", page["text"])

    def test_without_webassembly_the_page_says_what_it_needs(self):
        browser = Browser(find_chromium())
        try:
            browser.call("Page.addScriptToEvaluateOnNewDocument", source="delete window.WebAssembly")
            browser.open(self.address)
            self.assertIn("needs WebAssembly", browser.run("document.getElementById('state').textContent"))
        finally:
            browser.close()

    def test_nothing_can_be_sent_to_another_server(self):
        browser = Browser(find_chromium())
        try:
            browser.open(self.address)
            browser.run("fetch('http://localhost:9/').catch((error) => { sent = String(error); })")
            browser.wait("typeof sent === 'string'")
            self.assertTrue(any("Content Security Policy" in complaint for complaint in browser.complaints), browser.complaints)
        finally:
            browser.close()

    def test_text_of_a_file_is_never_code(self):
        hostile = b"object_id,hjd,mag,mag_err\n" + b"".join(
            b"<img src=x onerror=alert(1)>,%d.5,%d.2,0.01\n" % (2455000 + i, 12 + i % 2) for i in range(20)
        )
        page = self.give("<b>x.csv", hostile, "--band V")
        self.assertIn("<img src=x onerror=alert(1)>", page["text"])
        self.assertEqual(self.browser.run("document.querySelectorAll('article img, article b').length"), 0)


if __name__ == "__main__":
    if find_chromium() is None or not (PAGE / "astrom3.wasm").exists():
        print("skipped: it needs Chromium and the page that `make wasm` builds")
        sys.exit(SKIPPED)
    unittest.main()
