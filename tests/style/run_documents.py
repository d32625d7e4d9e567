#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Runs the shell blocks of the documentation that are marked "```sh test" with the command that was built.
"""tests/style/run_documents.py BIN_DIR FILE.md..."""

import os
import pathlib
import subprocess
import sys
import tempfile

from blocks import blocks

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run_document(document, bin_dir):
    """Runs the blocks in order, in one empty folder with examples/ in it; returns the number run, or exits."""
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(ROOT / "examples", pathlib.Path(folder, "examples"))
        environment = dict(os.environ, PATH=f"{bin_dir}{os.pathsep}{os.environ['PATH']}")
        for block in blocks(pathlib.Path(document).read_text(encoding="utf-8")):
            if block.language != "sh" or "test" not in block.words:
                continue
            result = subprocess.run(["bash", "-euxo", "pipefail", "-c", block.code], cwd=folder, env=environment,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if result.returncode:
                sys.exit(f"{document}:{block.line}: ended with {result.returncode}\n{result.stdout}")
            count += 1
    return count


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    total = sum(run_document(document, sys.argv[1]) for document in sys.argv[2:])
    if total == 0:
        sys.exit("no block is marked ```sh test")
    print(f"{total} blocks ran")


if __name__ == "__main__":
    main()
