#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds the documentation site with every warning an error, then checks what was built.

    tools/docs/build.py COMMAND SITE_DIR      COMMAND: the astrom3 that was built, for its --help

The page that runs astrom3 in a browser becomes part of the site where `make wasm` has built it.
"""

import logging
import os
import pathlib
import shutil
import sys

os.environ["NO_MKDOCS_2_WARNING"] = "1"
try:
    import mkdocs.commands.build
    import mkdocs.config
    import mkdocs.exceptions
except ModuleNotFoundError:
    print("skipped: MkDocs is not installed; `make docs` does")
    sys.exit(77)

import site_check

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRY_PAGE = ROOT / "build/wasm/try"
WITHOUT_TRY_PAGE = "This copy of the documentation was built without the page."  # in docs/try.md


def add_try_page(site):
    """Puts the page into the site, and a link where docs/try.md says that there is none."""
    if not (TRY_PAGE / "astrom3.wasm").is_file():
        return
    shutil.copytree(TRY_PAGE, site / "try", dirs_exist_ok=True)
    described = site / "try.html"
    text = described.read_text(encoding="utf-8")
    if WITHOUT_TRY_PAGE not in text:
        sys.exit(f"docs/try.md does not say: {WITHOUT_TRY_PAGE}")
    described.write_text(
        text.replace(WITHOUT_TRY_PAGE, '<a href="try/index.html">Open the page</a>.'), encoding="utf-8"
    )


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    command, site = (pathlib.Path(word).resolve() for word in sys.argv[1:])
    os.environ["ASTROM3_CLI"] = str(command)
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    config = mkdocs.config.load_config(str(ROOT / "mkdocs.yml"), site_dir=str(site), strict=True)
    config.plugins.on_startup(command="build", dirty=False)
    try:
        mkdocs.commands.build.build(config)
    except mkdocs.exceptions.Abort:
        sys.exit("the warnings above are errors here")
    add_try_page(site)
    findings = site_check.check(site)
    for finding in findings:
        print(finding)
    if findings:
        sys.exit(1)
    print(f"the site: {site / 'index.html'}")


if __name__ == "__main__":
    main()
