#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a notebook from top to bottom in an empty folder with examples/ beside it; what it prints must be what is stored.

run_notebook.py BIN_DIR NOTEBOOK [--update]

--update stores what was printed and plotted instead. ASTROM3_LIBRARY is the package's library. Ends with 77 (skipped)
where nbclient, LSDB or matplotlib is missing.
"""

import importlib.util
import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOST_BYTES = 200_000


def texts(cell):
    """What a cell printed and returned, without pictures."""
    found = []
    for output in cell.get("outputs", []):
        text = output.get("text") or output.get("data", {}).get("text/plain", "")
        if "image/png" not in output.get("data", {}):
            found.append("".join(text))
    return "".join(found)


def run(path):
    """The notebook, executed."""
    import nbclient
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(ROOT / "examples", pathlib.Path(folder, "examples"))
        client = nbclient.NotebookClient(
            notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": folder}}, record_timing=False
        )
        client.execute()
    for cell in notebook.cells:
        cell.metadata.clear()
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    )
    return notebook


def main():
    bin_dir, path = map(pathlib.Path, sys.argv[1:3])
    for name in ("nbclient", "ipykernel", "lsdb", "matplotlib"):
        if importlib.util.find_spec(name) is None:
            print(f"skipped: {name} is not installed; `make setup` does")
            return 77
    import nbformat

    os.environ["PATH"] = os.pathsep.join([str(bin_dir.resolve()), os.environ["PATH"]])
    os.environ["PYTHONPATH"] = str(ROOT / "python")
    os.environ["PYTHONWARNINGS"] = "ignore:IProgress"  # bars are text here
    stored = nbformat.read(path, as_version=4)
    executed = run(path)
    if sys.argv[3:] == ["--update"]:
        nbformat.write(executed, path)
        stored = executed
    for i, (then, now) in enumerate(zip(stored.cells, executed.cells)):
        if texts(then) != texts(now):
            sys.exit(f"{path.name}, cell {i}: stored is\n{texts(then)}\nand now it says\n{texts(now)}")
    if path.stat().st_size > MOST_BYTES:
        sys.exit(f"{path.name}: {path.stat().st_size} bytes; {MOST_BYTES} are enough for a notebook")
    print(f"{len(executed.cells)} cells ran")
    return 0


if __name__ == "__main__":
    sys.exit(main())
