# SPDX-License-Identifier: MIT
"""The functions that the headers declare are the symbols that the library exports: check_symbols.py LIBRARY HEADER..."""

import pathlib
import re
import subprocess
import sys

library, *headers = sys.argv[1:]
listing = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True).stdout
exported = {line.split()[-1].split("@")[0] for line in listing.splitlines() if line.split()[1] != "A"}
declared = set()
for header in headers:
    found = re.findall(r"\bASTROM3_API [^;(]*?\b(astrom3_\w+)\(", pathlib.Path(header).read_text(encoding="utf-8"))
    if not found:
        sys.exit(f"{header} declares nothing")
    declared.update(found)
if exported != declared:
    sys.exit(f"exported only: {sorted(exported - declared)}\ndeclared only: {sorted(declared - exported)}")
print(f"{len(declared)} functions")
