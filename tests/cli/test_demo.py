# SPDX-License-Identifier: MIT
"""The bundled stars of three modalities and models/simulated, as `make demo` shows them. Run with ASTROM3_CLI set."""

import json
import pathlib
import subprocess
import sys
import unittest

from test_cli import CLI, CommandLine, run

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MODEL = ROOT / "models" / "simulated"
sys.path.insert(0, str(ROOT / "tools"))
import demo_modalities  # noqa: E402


class Demo(CommandLine):
    def test_the_modalities_of_a_star_find_each_other_as_the_card_says(self):
        found = demo_modalities.find_each_other(CLI, self.tmp)
        self.assertEqual(found, json.loads((MODEL / "training.json").read_text())["retrieval"])
        self.assertEqual(len(found), 6)
        for direction in found:
            self.assertEqual(direction["n"], 40)
            self.assertGreater(direction["recall_1"], 8 * direction["chance_1"])

    def test_the_spectrum_of_another_star_is_not_found(self):
        """What is found is in the numbers: neither names nor the order of the stars help."""
        names = sorted(path.stem for path in (demo_modalities.STARS / "light_curves").glob("*.csv"))
        pairs = self.tmp / "pairs.csv"
        others = zip(names, names[20:] + names[:20])
        pairs.write_text("object_id,spectrum\n" + "".join(f"{name},{other}.csv\n" for name, other in others))
        out = self.tmp / "stars.parquet"
        code, _, err = run(*demo_modalities.embedding_arguments(out), "--pairs", pairs)
        self.assertEqual(code, 0, err)
        code, text, err = run("evaluate", out, "--retrieval", "--json")
        self.assertEqual(code, 0, err)
        for direction in json.loads(text)["retrieval"]:
            found = direction["recall_1"] / direction["chance_1"]
            if "spectra" in (direction["from"], direction["to"]):
                self.assertLess(found, 4, direction)
            else:
                self.assertGreater(found, 8, direction)

    def test_the_demo_says_that_all_is_simulated_and_what_chance_gives(self):
        done = subprocess.run([sys.executable, ROOT / "tools/demo_modalities.py", CLI, self.tmp], stdout=subprocess.PIPE, text=True, check=True)
        lines = done.stdout.splitlines()
        self.assertIn("simulated", lines[0])
        self.assertIn("simulated", lines[1])
        self.assertEqual(len(lines), 9)
        self.assertRegex(lines[3], r"light curve +spectrum +\d+ +1 +\d+ +5")


if __name__ == "__main__":
    unittest.main()
