# SPDX-License-Identifier: MIT
"""What a built site must be: every link leads somewhere, anchors included, and nothing is fetched from elsewhere."""

import html.parser
import pathlib
import re
import urllib.parse

FETCHED = {("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("use", "href")}
NOT_FETCHED = {"canonical", "next", "prev", "edit"}  # relations of <link> that a browser follows only when asked


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.links, self.ids = [], set()  # (address, whether the browser fetches it)
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.ids.update(value for name, value in attributes if name in ("id", "name") and value)
        for name in ("href", "src"):
            if values.get(name):
                fetched = (tag, name) in FETCHED and values.get("rel") not in NOT_FETCHED
                self.links.append((values[name], fetched))


def check(site):
    """Sentences about what is wrong; an empty list for a good site."""
    site = pathlib.Path(site)
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    findings = [] if pages else [f"{site}: has no page"]
    for path, page in pages.items():
        for address, fetched in page.links:
            found = fault(site, path, pages, address, fetched)
            if found:
                findings.append(f"{path.relative_to(site)}: {address}: {found}")
    for path in site.rglob("*.css"):
        if found := re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//[^)\"';]*", path.read_text(encoding="utf-8")):
            findings.append(f"{path.relative_to(site)}: {found[0]}: fetched from elsewhere")
    return findings


def fault(site, path, pages, address, fetched):
    parts = urllib.parse.urlsplit(address)
    if parts.scheme in ("http", "https") or parts.netloc:
        return "fetched from elsewhere" if fetched else None
    if parts.scheme:
        return None if parts.scheme in ("mailto", "data", "javascript") else "a link that no browser follows"
    if path.name == "404.html":  # is shown for any address, so its links are those of the root
        target = site / parts.path.lstrip("/") if parts.path else path
    else:
        target = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file():
        return "leads nowhere"
    fragment = urllib.parse.unquote(parts.fragment)
    if fragment and not fragment.startswith("__") and target in pages and fragment not in pages[target].ids:
        return "there is no such place on the page"
    return None
