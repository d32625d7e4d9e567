# SPDX-License-Identifier: MIT
"""No file, name or id can drive the terminal of who reads the messages. Run with ASTROM3_CLI set."""

import json
import os
import re
import shutil
import subprocess
import unittest

from test_cli import CLI, SLOWER, TINY, CommandLine, light_curve, run, write_csv

# What a terminal obeys, or what turns text around: C0, DEL, C1, marks of direction, separators of lines, tags.
HOSTILE = {"escape": "\x1b[2J", "bell": "\x07", "delete": "\x7f", "carriage_return": "\r", "backspace": "\x08", "c1": "\x9b2J",
           "override": "\u202e", "isolate": "\u2066", "mark": "\u200f", "separator": "\u2028", "tag": "\U000e0041"}
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\U000e0000-\U000e007f]")


def printed(*args, env=None):
    """Everything that the command shows, undecodable bytes as such."""
    done = subprocess.run([CLI, *map(os.fsencode, map(str, args))], capture_output=True, timeout=60 * SLOWER, check=False, env={**os.environ, **(env or {})})
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "surrogateescape")


class Terminal(CommandLine):
    def setUp(self):
        super().setUp()
        self.star = write_csv(self.tmp / "star.csv", light_curve(40))
        self.embedded = self.tmp / "e.csv"
        self.assertEqual(run("embed", self.star, "--model", TINY, "--period-min", "1", "-o", self.embedded, "-q")[0], 0)

    def assert_harmless(self, what, *args, code=None):
        found, text = printed(*args)
        self.assertNotEqual(text.strip(), "", what)
        bad = FORBIDDEN.search(text) or re.search("[\udc80-\udcff]", text)
        self.assertIsNone(bad, f"{what}: {args}: {text!r}")
        if code is not None:
            self.assertEqual(found, code, text)

    def table(self, name, text):
        path = self.tmp / name
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        return path

    def test_what_files_say(self):  # RC07
        out = self.tmp / "o.csv"
        for name, bad in {**HOSTILE, "raw_c1": "\udc9b2J", "not_utf8": "\udcff"}.items():
            header = self.table("header.csv", f"time{bad},flux,flux_err\n1,2,.1\n2,3,.1\n")
            self.assert_harmless(name, "inspect", header)
            self.assert_harmless(name, "features", header, "-o", out)
            self.assert_harmless(name, "features", self.table("none.csv", f"x{bad},y\n1,2\n"), "-o", out)
            self.assert_harmless(name, "features", self.star, "--features", self.table("catalog.csv", f"na{bad}me,per\n1,2\n"), "-o", out)
            self.assert_harmless(name, "features", self.star, "--features",
                                 self.table("values.csv", f"object_id,period\nstar,{bad}\n"), "-o", out)
            self.assert_harmless(name, "evaluate", self.embedded, "--labels", self.table("labels.csv", f"object_id,na{bad}me\na,b\n"))
            ids = self.table("ids.csv", "object_id,time,flux,flux_err\n" + f"a{bad}b,1,2,.1\n" * 3 + f"a{bad}b,1,x{bad},.1\n")
            self.assert_harmless(name, "features", ids, "-o", out)
            self.assert_harmless(name, "inspect", ids)
            units = self.table("units.csv", f"time,flux [{bad}],flux_err\n1,2,.1\n2,3,.1\n")
            self.assert_harmless(name, "inspect", units)
            bands = self.table("bands.csv", "time,mag,mag_err,band\n" + "".join(f"{i},12.{i},.1,{b}{bad}\n" for i in range(9) for b in "ab"))
            self.assert_harmless(name, "inspect", bands)
            self.assert_harmless(name, "features", bands, "-o", out)

    def test_names_of_files_folders_and_options(self):  # RC07
        for name, bad in {**HOSTILE, "raw_c1": "\udc9b2J"}.items():
            folder = self.tmp / f"{name}{bad}"
            folder.mkdir()
            star = folder / f"s{bad}.csv"
            shutil.copy(self.star, star)
            (folder / f"note{bad}.md").write_text("x")
            self.assert_harmless(name, "features", star, folder / "absent.csv", "-o", folder / "o.csv", code=5)
            self.assert_harmless(name, "features", "-r", folder, "-o", folder / "o.csv", code=0)
            self.assert_harmless(name, "inspect", star)
            self.assert_harmless(name, "embed", star, "--model", f"{bad}", "-o", folder / "o.csv")
            self.assert_harmless(name, "features", star, f"--{bad}", "-o", folder / "o.csv", code=2)
            self.assert_harmless(name, f"fea{bad}", code=2)
            self.assert_harmless(name, "features", star, "--band", f"V{bad}", "-o", folder / "o.csv")
            self.assert_harmless(name, "features", self.table("list.txt", f"{star}\n{folder}/absent{bad}.csv\n"), "-o", folder / "o.csv")
            self.assert_harmless(name, "features", f"@{self.tmp}/list.txt", "-o", folder / "o.csv")
            model = folder / f"model{bad}"
            shutil.copytree(TINY, model)
            self.assert_harmless(name, "info", model, code=0)
            self.assert_harmless(name, "evaluate", self.embedded, "--labels", folder / f"labels{bad}.csv")

    def test_what_a_run_wrote_and_somebody_changed(self):  # RC07
        for name, bad in HOSTILE.items():
            meta = json.loads((self.tmp / "e.meta.json").read_text())
            other = self.tmp / "e2.csv"
            shutil.copy(self.embedded, other)
            (self.tmp / "e2.meta.json").write_text(json.dumps({**meta, "model_sha256": f"{bad}x", "attention": f"{bad}y"}))
            self.assert_harmless(name, "search", self.embedded, "--query", other)

    def test_json_has_no_raw_control_characters_and_means_the_same(self):  # RC07
        for name, bad in HOSTILE.items():
            if name == "carriage_return":
                continue
            table = self.table("j.csv", f"time,flux,flux_err,x{bad}\n1,2,.1,0\n2,3,.1,0\n")
            code, text = printed("inspect", "--json", table)
            self.assertEqual(code, 0, text)
            self.assertIsNone(FORBIDDEN.search(text), (name, text))
            self.assertIn(f"x{bad}", [column["name"] for column in json.loads(text)["all_columns"]])

    def test_data_on_stdout_stay_as_they_are(self):  # RC07
        ids = self.table("ids.csv", "object_id,time,flux,flux_err\n" + "".join(f"a\u202eb,{t},{f},{e}\n" for t, f, e in light_curve(30)))
        code, out, err = run("features", ids, "-o", "-", "--period-min", "1")
        self.assertEqual(code, 0, err)
        self.assertIn("a\u202eb,", out)


if __name__ == "__main__":
    unittest.main()
