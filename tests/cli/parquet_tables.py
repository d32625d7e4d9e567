# SPDX-License-Identifier: MIT
"""What the tests of Parquet inputs share. Run with ASTROM3_CLI set, by a Python that has pyarrow."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError:
    print("pyarrow is not here: nothing was tested")
    sys.exit(77)

CLI = os.environ["ASTROM3_CLI"]
TINY = Path(os.environ["ASTROM3_TEST_DATA"]) / "tiny"


def run(*args, stdin=None):
    done = subprocess.run([CLI, *map(str, args)], capture_output=True, input=stdin, timeout=120, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class ParquetTestCase(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def write(self, columns, name="stars.parquet", **options):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns), path, **options)
        return path

    def inspect(self, *args):
        code, out, text = run("inspect", "--json", *args)
        return code, [json.loads(line) for line in out.splitlines()], text

    def features(self, *inputs):
        code, out, text = run("features", *inputs, "-o", "-", "--quiet")
        return code, out, text
