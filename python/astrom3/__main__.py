# SPDX-License-Identifier: MIT
"""``python -m astrom3``: the command."""

from ._command import main

main()
