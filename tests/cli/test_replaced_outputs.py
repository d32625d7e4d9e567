# SPDX-License-Identifier: MIT
"""The old result stands whole until the new one does, and keeps its permissions. Run with ASTROM3_CLI and ASTROM3_CALL_FAULTS."""

import errno
import os
import shutil
import stat
import subprocess
import sys
import unittest

from test_cli import CLI, SLOWER, TINY, CommandLine, light_curve, run, write_csv

PRELOAD = os.environ["ASTROM3_CALL_FAULTS"]
CALLS = (("fsync", errno.EIO), ("renameat2", errno.EIO), ("renameat", errno.EIO), ("pwrite", errno.ENOSPC))


class ReplacedOutputs(CommandLine):
    def setUp(self):
        super().setUp()
        self.star = write_csv(self.tmp / "star.csv", light_curve(30))
        self.out = self.tmp / "out"
        self.out.mkdir()
        self.told = self.tmp / "told"

    def contents(self):
        return {str(p.relative_to(self.out)): p.read_bytes() for p in self.out.rglob("*") if p.is_file()}

    def each_fault(self, old, new, *extra):
        """Replaces the result of `old` by that of `new` with every call failing in turn: one of both is there, whole."""
        n_faults = 0
        for call, number in CALLS:
            for n in range(1, 100):
                shutil.rmtree(self.out)
                self.out.mkdir()
                self.assertEqual(run(*old)[0], 0)
                before = self.contents()
                self.told.unlink(missing_ok=True)
                code, _, err = run(
                    *new,
                    *extra,
                    env={
                        "LD_PRELOAD": PRELOAD,
                        "ASTROM3_FAULT": f"{call}:{number}:{n}",
                        "ASTROM3_FAULT_TOLD": str(self.told),
                    },
                )
                if not self.told.exists():
                    break
                n_faults += 1
                after = self.contents()
                if code == 0:  # the call failed where it does not matter
                    self.assertNotEqual(after, before, (call, n))
                else:
                    self.assertEqual(code, 6, (call, n, err))
                    self.assertEqual(after, before, (call, n, err))
        self.assertGreater(n_faults, 3)

    def embed(self, *args):
        return ["embed", self.star, "-m", TINY, "--period-min", "1", "-q", *args]

    def test_a_table_its_description_and_its_rejects_change_together(self):
        features = ["features", self.star, "-q", "-o", self.out / "o.csv", "--period-min"]
        self.each_fault([*features, "1"], [*features, "2"])

    def test_so_do_the_files_of_a_folder_of_arrays(self):
        out = ["--to", "npy", "-o", self.out / "npy"]
        self.each_fault(self.embed(*out, "--output", "both"), self.embed(*out, "--force", "--set", "rfr_score=0.2"))

    def test_and_single_files(self):
        self.each_fault(
            self.embed("-o", self.out / "o.parquet"), self.embed("-o", self.out / "o.parquet", "--set", "rfr_score=0.2")
        )
        svg = ["periodogram", self.star, "-q", "--svg", self.out / "p.svg", "--peaks"]
        self.each_fault([*svg, "2"], [*svg, "3"])

    def test_without_exchange_of_names_it_is_the_same(self):
        """NFS and others know no renameat2: a second link keeps the old file."""
        features = ["features", self.star, "-q", "-o", self.out / "o.csv", "--period-min"]
        self.assertEqual(run(*features, "1")[0], 0)
        env = {
            "LD_PRELOAD": PRELOAD,
            "ASTROM3_FAULT": f"renameat2:{errno.EINVAL}:1+",
            "ASTROM3_FAULT_TOLD": str(self.told),
        }
        self.assertEqual(run(*features, "2", env=env)[0], 0)
        self.assertTrue(self.told.exists())
        self.assertEqual(sorted(self.contents()), ["o.csv", "o.meta.json", "o.rejects.jsonl"])
        self.assertIn(b"period_min=2", self.contents()["o.meta.json"])

    def test_mode_and_owner_of_what_is_replaced_are_kept(self):
        out = self.out / "o.csv"
        features = ["features", self.star, "-q", "-o", out]
        for path in (out, self.out / "o.rejects.jsonl", self.out / "o.meta.json"):
            path.touch()
            path.chmod(0o640)
            if os.geteuid() == 0:
                os.chown(path, 12345, 23456)
        self.assertEqual(run(*features)[0], 0)
        for path in (out, self.out / "o.rejects.jsonl", self.out / "o.meta.json"):
            info = path.stat()
            self.assertEqual(stat.S_IMODE(info.st_mode), 0o640, path)
            if os.geteuid() == 0:
                self.assertEqual((info.st_uid, info.st_gid), (12345, 23456))

    def test_new_files_have_what_umask_leaves(self):
        for mask, mode in (("077", 0o600), ("022", 0o644), ("002", 0o664)):
            out = self.out / f"{mask}.csv"
            subprocess.run(
                ["bash", "-c", f'umask {mask}; "$0" features "$1" -q -o "$2"', CLI, self.star, out],
                check=True,
                timeout=60 * SLOWER,
            )
            self.assertEqual({stat.S_IMODE(p.stat().st_mode) for p in self.out.glob(f"{mask}.*")}, {mode})


if __name__ == "__main__":
    if (
        not os.path.exists(PRELOAD)
        or subprocess.run([CLI, "--version"], env={"LD_PRELOAD": PRELOAD}, check=False, capture_output=True).stderr
    ):
        print("LD_PRELOAD does not work here: nothing was tested")
        sys.exit(77)
    unittest.main()
