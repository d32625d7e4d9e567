# SPDX-License-Identifier: MIT
"""`python -m MODULE ARGUMENTS...`; ends with 77, which ctest calls skipped, where the module is not installed."""

import importlib.util
import runpy
import sys

if importlib.util.find_spec(sys.argv[1]) is None:
    print(f"skipped: {sys.argv[1]} is not installed; `make setup` does")
    sys.exit(77)
del sys.argv[0]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
