# SPDX-License-Identifier: MIT
#
# The files of a source tree, as the style checks see them.

import dataclasses
import fnmatch
import pathlib
import subprocess


@dataclasses.dataclass(frozen=True)
class Finding:
    file: str
    line: int
    message: str

    def __str__(self):
        return f"{self.file}:{self.line}: {self.message}"


class Tree:
    """Files that git tracks or would track; every file outside build folders where there is no git."""

    def __init__(self, root, build=None):
        self.root = pathlib.Path(root).resolve()
        self.build = pathlib.Path(build).resolve() if build else None
        self.names = sorted(name for name in self._list() if (self.root / name).is_file())

    def _list(self):
        command = ["git", "-C", str(self.root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        try:
            answer = subprocess.run(command, capture_output=True, check=True).stdout
            return [name for name in answer.decode().split("\0") if name]
        except (OSError, subprocess.CalledProcessError):
            skip = {"build", ".venv", ".git", "__pycache__"}
            paths = (path.relative_to(self.root) for path in self.root.rglob("*"))
            return [path.as_posix() for path in paths if not skip & set(path.parts)]

    def matching(self, *patterns):
        """Names that match any pattern; `*` also crosses slashes."""
        return [name for name in self.names if any(fnmatch.fnmatch(name, pattern) for pattern in patterns)]

    def text(self, name):
        return (self.root / name).read_text(encoding="utf-8", errors="replace")

    def lines(self, name):
        """(line number from 1, line)."""
        return list(enumerate(self.text(name).splitlines(), start=1))
