# SPDX-License-Identifier: MIT
"""Modules are looked for beside the program, never in the folder it was built in. Run with ASTROM3_CLI set."""

import os
import shutil
import subprocess
import unittest
from pathlib import Path

from test_cli import CLI, SLOWER, CommandLine, light_curve, write_csv

BUILD = Path(CLI).resolve().parents[1]


class ModulePlaces(CommandLine):
    def test_no_path_of_the_build_folder_is_in_the_program(self):
        for path in (Path(CLI), *(BUILD / "lib").glob("libastrom3_c.so")):
            self.assertNotIn(os.fsencode(str(BUILD / "lib" / "astrom3_")), path.read_bytes(), path)

    @unittest.skipUnless(shutil.which("readelf"), "readelf is not there")
    def test_libraries_are_never_searched_for_in_the_current_folder(self):
        for path in (Path(CLI), *(BUILD / "lib").glob("*.so")):
            dynamic = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=True).stdout
            for line in dynamic.splitlines():
                if "runpath" in line or "rpath" in line:
                    folders = line.split("[", 1)[1].rstrip("]").split(":")
                    self.assertTrue(all(folder.startswith(("/", "$ORIGIN")) for folder in folders), f"{path}: {line}")

    def test_a_program_that_was_moved_finds_the_module_beside_it_alone(self):
        star = write_csv(self.tmp / "star.csv", light_curve(20))
        moved = self.tmp / "prefix" / "bin" / "astrom3"
        moved.parent.mkdir(parents=True)
        shutil.copy2(CLI, moved)
        command = [moved, "features", star, "-q", "-o", self.tmp / "o.parquet"]
        environment = {key: value for key, value in os.environ.items() if key != "ASTROM3_PARQUET_MODULE"}
        done = subprocess.run(command, capture_output=True, text=True, timeout=60 * SLOWER, check=False, env=environment)
        if done.returncode == 0:
            self.skipTest("an astrom3 is installed here, whose module is found")
        self.assertEqual(done.returncode, 6, done.stderr)
        self.assertIn("astrom3_parquet.so was not found", done.stderr)
        (self.tmp / "prefix" / "lib" / "astrom3").mkdir(parents=True)
        (self.tmp / "prefix" / "lib" / "astrom3" / "astrom3_parquet.so").symlink_to(BUILD / "lib" / "astrom3_parquet.so")
        self.assertEqual(subprocess.run(command, timeout=60 * SLOWER, check=False, env=environment).returncode, 0)


if __name__ == "__main__":
    unittest.main()
