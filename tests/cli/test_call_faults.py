# SPDX-License-Identifier: MIT
"""One call of the operating system fails, everywhere in a small run. Run with ASTROM3_CLI and ASTROM3_CALL_FAULTS set.

tests/torture does the same with strace, for every system call; this needs no rights and takes seconds.
"""

import errno
import os
import subprocess
import sys
import unittest

from test_cli import CLI, CommandLine, light_curve, run, sha256

PRELOAD = os.environ["ASTROM3_CALL_FAULTS"]


class CallFaults(CommandLine):
    def setUp(self):
        super().setUp()
        self.table = self.tmp / "stars.csv"
        with open(self.table, "w") as file:
            file.write("object_id,hjd,flux,flux_err\n")
            for k in range(6):
                file.writelines(f"s{k},{t!r},{f!r},{e!r}\n" for t, f, e in light_curve(8, seed=k + 1))
        self.told = self.tmp / "told"
        self.arguments = ["features", self.table, "--period-min", "1", "--threads", "2", "-q"]

    def faulty(self, fault, *args, told=True):
        """Runs with one fault; exit code and stderr, or None where the fault never struck."""
        self.told.unlink(missing_ok=True)
        code, _, err = run(*self.arguments, *args, env={"LD_PRELOAD": PRELOAD, "ASTROM3_FAULT": fault,
                                                        "ASTROM3_FAULT_TOLD": str(self.told)})
        return (code, err) if self.told.exists() or not told else None

    def each(self, call, number, out, *args):
        """(n, code, stderr) for the n-th call failing with `number`, until there is no n-th."""
        for n in range(1, 200):
            result = self.faulty(f"{call}:{number}:{n}", "-o", out, *args)
            if result is None:
                return
            yield n, *result
        self.fail(f"{call} never ends")

    def test_every_failed_write_fsync_close_and_rename_leaves_no_broken_file(self):  # OU02, OU04
        good = self.tmp / "good.csv"
        self.assertEqual(run(*self.arguments, "-o", good)[0], 0)
        out = self.tmp / "o.csv"
        n_faults = 0
        for call, number in (("pwrite", errno.ENOSPC), ("fsync", errno.EIO), ("close", errno.EDQUOT), ("renameat2", errno.EIO)):
            for n, code, err in self.each(call, number, out):
                n_faults += 1
                if call == "close" and code == 0:  # of a file that was read, or of the folder behind a synced file
                    self.assertEqual(sha256(out), sha256(good))
                else:
                    self.assertEqual(code, 6, (call, n, err))
                    self.assertIn("error[output_error]", err)
                    if out.exists():  # the rejects or the description failed behind it
                        self.assertEqual(sha256(out), sha256(good), (call, n))
                self.assertEqual([p.name for p in self.tmp.iterdir() if ".tmp." in p.name], [], (call, n))
                out.unlink(missing_ok=True)
        self.assertGreater(n_faults, 10)

    def test_a_run_in_parts_goes_on_after_every_failed_call(self):  # OU02, OU04, OU12
        good = self.tmp / "good"
        parts = ["--part-objects", "3"]
        self.assertEqual(run(*self.arguments, *parts, "-o", f"{good}/")[0], 0)
        names = sorted(p.name for p in good.iterdir() if p.name != "_summary.json")
        for call, number in (("pwrite", errno.ENOSPC), ("fsync", errno.EIO), ("renameat2", errno.EDQUOT)):
            out = self.tmp / f"out-{call}"
            for n, code, err in self.each(call, number, f"{out}/", *parts, "--resume"):
                self.assertIn(code, (0, 6), (call, n, err))
                code, _, err = run(*self.arguments, *parts, "--resume", "-o", f"{out}/")
                self.assertEqual(code, 0, (call, n, err))
                for name in names:
                    self.assertEqual((out / name).read_bytes(), (good / name).read_bytes(), (call, n, name))
                subprocess.run(["rm", "-rf", out], check=True)

    def test_short_writes_and_interruptions_change_nothing(self):  # OU03
        good = self.tmp / "good.csv"
        self.assertEqual(run(*self.arguments, "-o", good)[0], 0)
        out = self.tmp / "o.csv"
        for fault in ("pwrite:0:1+", f"pwrite:{errno.EINTR}:1", f"fsync:{errno.EINTR}:1", f"close:{errno.EINTR}:2"):
            code, err = self.faulty(fault, "-o", out)
            self.assertEqual((code, sha256(out)), (0, sha256(good)), (fault, err))

    def test_a_file_system_without_locks_needs_a_word(self):  # OU14
        out = self.tmp / "out"
        code, err = self.faulty(f"flock:{errno.ENOLCK}:1+", "-o", f"{out}/")
        self.assertEqual(code, 6)
        self.assertIn("--no-lock", err)
        self.assertIsNone(self.faulty(f"flock:{errno.ENOLCK}:1+", "-o", f"{out}/", "--no-lock"))
        self.assertTrue((out / "_summary.json").exists())

    def test_fewer_threads_than_asked_for_are_enough(self):  # CO05
        good = self.tmp / "good.csv"
        self.assertEqual(run(*self.arguments, "-o", good)[0], 0)
        for first in (1, 2):
            code, err = self.faulty(f"thread:{errno.EAGAIN}:{first}+", "-o", self.tmp / "o.csv")
            self.assertEqual((code, sha256(self.tmp / "o.csv")), (0, sha256(good)), err)

    def test_the_clock_does_not_matter(self):  # OU16, DT10
        outputs = set()
        for shift in (-1_700_000_000, 0, 2_000_000_000):  # about 1972, now, and after 2038
            out = self.tmp / f"{shift}"
            code, err = self.faulty(f"clock:{shift}:1+", "--part-objects", "3", "-o", f"{out}/", told=False)
            self.assertEqual(code, 0, err)
            outputs.add(tuple((p.name, p.read_bytes()) for p in sorted(out.iterdir()) if p.name != "_summary.json"))
        os.utime(self.table, (0, 0))
        out = self.tmp / "epoch"
        self.assertEqual(run(*self.arguments, "--part-objects", "3", "-o", f"{out}/")[0], 0)
        outputs.add(tuple((p.name, p.read_bytes()) for p in sorted(out.iterdir()) if p.name != "_summary.json"))
        self.assertEqual(len(outputs), 1)


if __name__ == "__main__":
    if not os.path.exists(PRELOAD) or subprocess.run([CLI, "--version"], env={"LD_PRELOAD": PRELOAD}, check=False,
                                                     capture_output=True).stderr:
        print("LD_PRELOAD does not work here: nothing was tested")
        sys.exit(77)
    unittest.main()
