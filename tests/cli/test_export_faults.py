# SPDX-License-Identifier: MIT
"""OU20: an export that is interrupted or cannot be written leaves what was there. Run with ASTROM3_CLI set."""

import subprocess
import time
import unittest

from test_cli import CLI, SLOWER, TINY, CommandLine, run, sha256


class ExportFaults(CommandLine):
    def setUp(self):
        super().setUp()
        self.out = self.tmp / "out"
        self.out.mkdir()
        code, _, err = run("export", "--model", TINY, "--no-card", "-o", self.tmp / "whole.onnx")
        self.assertEqual(code, 0, err)
        self.whole = sha256(self.tmp / "whole.onnx")

    def test_a_disk_that_fills_is_exit_6_and_leaves_nothing(self):  # OU20
        size_kib = (self.tmp / "whole.onnx").stat().st_size // 1024
        for limit in (0, 1, size_kib // 2, size_kib - 4):
            done = subprocess.run(["bash", "-c", f'ulimit -f {limit}; exec "{CLI}" export --model "{TINY}" --no-card -o "{self.out}/a.onnx"'],
                                  capture_output=True, text=True, timeout=60 * SLOWER, check=False)
            self.assertEqual(done.returncode, 6, (limit, done.stderr))
            self.assertEqual(list(self.out.iterdir()), [])

    def test_a_killed_one_leaves_the_old_file_or_the_whole_new_one(self):  # OU20
        for k in range(8):
            old = self.out / "a.onnx"
            old.write_text("old")
            process = subprocess.Popen([CLI, "export", "--model", TINY, "--no-card", "-o", old, "-q"])
            time.sleep(0.02 * k)
            process.kill()
            process.wait(timeout=60 * SLOWER)
            self.assertTrue(old.read_text(errors="replace") == "old" or sha256(old) == self.whole)
        self.assertEqual(run("export", "--model", TINY, "--no-card", "-o", old)[0], 0)
        self.assertEqual(sha256(old), self.whole)

    def test_a_file_that_is_no_onnx_costs_nothing_else(self):
        for name, data in (("empty", b""), ("junk", b"\x08\x07" * 50), ("html", b"<html></html>"), ("pickle", b"\x80\x02}q\x00."),
                           ("cut", (self.tmp / "whole.onnx").read_bytes()[:-100]), ("huge", b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f")):
            file = self.tmp / f"{name}.onnx"
            file.write_bytes(data)
            code, _, err = run("import", file, "-o", self.out / name)
            self.assertEqual(code, 4, (name, err))
            self.assertIn(file.name, err)
            self.assertFalse((self.out / name).exists(), name)


if __name__ == "__main__":
    unittest.main()
