# SPDX-License-Identifier: MIT
"""Standard input, output and error that are closed or full. Run with ASTROM3_CLI set."""

import socket
import subprocess
import unittest
from pathlib import Path

from test_cli import CLI, SLOWER, CommandLine, light_curve, run

ROOT = Path(__file__).resolve().parents[2]


class StandardStreams(CommandLine):
    def setUp(self):
        super().setUp()
        self.table = self.tmp / "in.csv"
        with open(self.table, "w") as file:
            file.write("object_id,hjd,flux,flux_err\n")
            for k in range(60):
                file.writelines(f"s{k},{t!r},{f!r},{e!r}\n" for t, f, e in light_curve(20, seed=k + 1))

    def shell(self, redirection, *args):
        words = ["features", self.table, "--period-min", "1", "--threads", "1", *args]
        done = subprocess.run(
            ["bash", "-c", f'"$0" "$@" {redirection}', CLI, *map(str, words)],
            capture_output=True,
            timeout=60 * SLOWER,
            check=False,
        )
        return done.returncode

    def test_a_closed_descriptor_is_no_file_of_the_run(self):
        good = self.tmp / "good.csv"
        self.assertEqual(self.shell("", "-q", "-o", good), 0)
        for i, (redirection, args) in enumerate(
            (
                ("2>&-", ["--progress", "json"]),
                (">&-", []),
                ("<&-", []),
                ("<&- >&- 2>&-", ["--progress", "json", "--verbose"]),
            )
        ):
            out = self.tmp / f"o{i}.csv"
            self.assertEqual(self.shell(redirection, "-o", out, *args), 0, redirection)
            self.assertEqual(out.read_bytes(), good.read_bytes(), redirection)
        run = self.tmp / "run"
        self.assertEqual(self.shell("<&- >&- 2>&-", "--progress", "json", "--part-objects", "20", "-o", f"{run}/"), 0)
        self.assertTrue((run / "_manifest.jsonl").read_text().startswith('{"astrom3_manifest"'))
        self.assertEqual((run / "_rejects.jsonl").read_bytes(), b"")
        self.assertEqual(self.shell("", "-q", "--part-objects", "20", "--resume", "-o", f"{run}/"), 0)

    def test_tables_of_every_kind_go_to_standard_output_and_no_file_is_called_so(self):
        catalogue = self.tmp / "gaia.csv"
        catalogue.write_text("source_id,ruwe\n11,1.1\n12,1.2\n")
        modalities = [
            "embed",
            "-r",
            "--spectra",
            ROOT / "examples/three_modalities/spectra",
            "-m",
            ROOT / "models/simulated",
        ]
        for command in (["metadata", catalogue], modalities):
            code, out, err = run(*command, "-o", "-", "--json", cwd=self.tmp)
            self.assertEqual(code, 0, err)
            self.assertRegex(err, '"output": ?"-"')
            code, _, err = run(*command, "-o", self.tmp / "table.csv", cwd=self.tmp)
            self.assertEqual((code, out), (0, (self.tmp / "table.csv").read_text()), err)
            self.assertEqual(run(*command, "-o", "-", "--to", "parquet", cwd=self.tmp)[0], 2)
        for command in (
            ["preprocess", catalogue],
            ["encode", catalogue],
            ["export"],
            ["import", catalogue],
            ["init", "--seed", 1],
            ["train", catalogue, "--labels", catalogue],
        ):
            code, _, err = run(*command, "-o", "-", cwd=self.tmp)
            self.assertEqual(code, 2, err)
            self.assertIn("standard output", err)
        self.assertFalse((self.tmp / "-").exists())

    def test_a_socket_is_no_place_for_a_table(self):
        path = self.tmp / "socket.csv"
        with socket.socket(socket.AF_UNIX) as there:
            there.bind(str(path))
            code, _, err = run("features", self.table, "-o", path)
        self.assertEqual(code, 6, err)
        self.assertIn("socket.csv: cannot open", err)

    def test_two_outputs_never_share_standard_output(self):
        star, embeddings = self.tmp / "star.csv", self.tmp / "e.csv"
        star.write_text("".join(self.table.read_text().splitlines(keepends=True)[:21]))
        embeddings.write_text("object_id,status,e0,e1\n" + "".join(f"o{k},ok,{k},{k * k % 7}\n" for k in range(9)))
        labels = self.tmp / "labels.csv"
        labels.write_text("object_id,class\n" + "".join(f"o{k},{'AB'[k % 2]}\n" for k in range(9)))
        evaluate = ["evaluate", embeddings, "--labels", labels, "--svg"]
        for command in (
            ["periodogram", star, "-o", "-", "--svg", "/dev/stdout"],
            [*evaluate, "-"],
            [*evaluate, "-", "-o", "/dev/stdout"],
            ["map", embeddings, "-o", self.tmp / "m.html", "--table", "-", "--json"],
            ["study", "precision", star, "--svg", "-"],
        ):
            code, out, err = run(*command)
            self.assertEqual((code, out), (2, ""), err)
            self.assertIn("standard output", err)
        code, out, err = run("periodogram", star, "--period-min", "1", "--svg", "-")
        self.assertEqual(code, 0, err)
        self.assertTrue(out.startswith("<svg") and out.endswith("</svg>\n"), out[-80:])
        code, out, err = run("periodogram", star, "--period-min", "1", "-o", "/dev/stdout")
        self.assertEqual((code, out.count("frequency,period"), out.count("log_odds")), (0, 1, 0), err)

    def test_standard_output_by_another_name_is_standard_output(self):
        good = self.tmp / "good.csv"
        self.assertEqual(self.shell("", "-q", "-o", good), 0)
        for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
            out = self.tmp / "log.csv"
            out.write_text("before\n")
            self.assertEqual(self.shell(f">> {out}", "-q", "--to", "csv", "-o", name), 0, name)
            self.assertEqual(out.read_text(), "before\n" + good.read_text(), name)

    def test_results_that_nobody_takes_are_an_error(self):
        self.assertEqual(self.shell(">&-", "-q", "-o", "-"), 6)
        self.assertEqual(self.shell(">&-", "--json", "-o", self.tmp / "o.csv"), 6)

    def test_a_full_disk_behind_standard_output_is_exit_6(self):
        for words in (
            ["--help"],
            ["--version"],
            ["search", "--help"],
            ["info", "--json"],
            ["info"],
            ["inspect", str(self.table)],
            ["features", str(self.table), "-o", "-", "-q"],
            ["features", str(self.table), "-o", str(self.tmp / "o.csv"), "--json"],
        ):
            with open("/dev/full", "w") as full:
                done = subprocess.run([CLI, *words], stdout=full, stderr=subprocess.PIPE, timeout=60 * SLOWER, check=False)
            self.assertEqual(done.returncode, 6, (words, done.stderr))
            self.assertIn(b"stdout: cannot write", done.stderr, words)

    def test_a_reader_that_has_gone_is_quiet(self):
        for words in ("--help", "search --help", f"features {self.table} -o - -q"):
            done = subprocess.run(
                ["bash", "-c", f'"{CLI}" {words} | true; echo "${{PIPESTATUS[0]}}"'],
                capture_output=True,
                text=True,
                timeout=60 * SLOWER,
                check=False,
            )
            self.assertIn(done.stdout.strip(), ("0", "141"))
            self.assertEqual(done.stderr, "")


if __name__ == "__main__":
    unittest.main()
