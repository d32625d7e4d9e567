# SPDX-License-Identifier: MIT
"""A small survey with faults, and what a finished run of it is: shared by the torture scripts."""

import hashlib
import math
import pathlib
import shutil
import subprocess


def write_survey(path: pathlib.Path, n_stars: int, n_points: int = 40) -> pathlib.Path:
    """A long table; every tenth star holds a word where a number should be."""
    with open(path, "w", encoding="ascii") as file:
        file.write("object_id,hjd,flux,flux_err\n")
        for star in range(n_stars):
            for i in range(n_points):
                t = 2457000.25 + 1.1 * i + 0.013 * ((i * 7919 + star) % 89)
                flux = 40 + 3 * math.sin(2 * math.pi * t / (0.6 + 0.001 * star))
                text = "oops" if star % 10 == 4 and i == 3 else repr(flux)
                file.write(f"star{star:05},{t!r},{text},0.05\n")
    return path


class FolderRun:
    """One command that writes parts into a folder."""

    def __init__(self, program: str, command: list[str], table: pathlib.Path, folder: pathlib.Path, part: int) -> None:
        self.folder = folder
        self.table = str(table)
        self.command = [program, *command, str(table), "-o", f"{folder}/", "--part-objects", str(part), "--quiet",
                        "--resume"]

    def clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, prefix: tuple[str, ...] = (), timeout: float = 600, **options: object) -> int:
        return subprocess.run([*prefix, *self.command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              timeout=timeout, check=False, **options).returncode

    def contents(self) -> dict[str, str]:
        """Name -> SHA-256 of what must be the same however often a run was interrupted."""
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
                for path in sorted(self.folder.iterdir()) if path.name != "_summary.json"}

    def is_complete(self) -> bool:
        return (self.folder / "_summary.json").exists()


def object_ids(folder: pathlib.Path) -> list[str]:
    """Those of all parts, in their order. Needs pyarrow."""
    import pyarrow.parquet as pq  # here: the other scripts go without

    return [name for part in sorted(folder.glob("part-*.parquet"))
            for name in pq.read_table(part, columns=["object_id"])["object_id"].to_pylist()]
