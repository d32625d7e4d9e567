#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes docs/assets/try.png, a picture of the page that runs astrom3 in a browser (`make wasm`) with an example in it:

    tools/try_screenshot.py [EXAMPLE.dat]

To be run after a change of the page or of the bundled checkpoint. Needs Chromium.
"""

import base64
import functools
import http.server
import json
import pathlib
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/cli"))
from chromium import Browser, find_chromium  # noqa: E402

SECONDS = 240
WIDTH, HEIGHT = 720, 1440


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def main():
    example = sys.argv[1] if len(sys.argv) > 1 else "SIM-EA-1.dat"
    handler = functools.partial(Quiet, directory=str(ROOT / "build/wasm/try"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    browser = Browser(find_chromium(), width=WIDTH, height=HEIGHT)
    try:
        browser.open(f"http://127.0.0.1:{server.server_port}/")
        browser.wait("window.astrom3Try?.is_ready()", SECONDS)
        browser.run(f"void astrom3Try.readExample({json.dumps(example)})")
        browser.wait("[...astrom3Try.answers.values()].some((answer) => answer.is_done)", SECONDS)
        picture = browser.call("Page.captureScreenshot", format="png")["data"]
        (ROOT / "docs/assets/try.png").write_bytes(base64.b64decode(picture))
    finally:
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    main()
