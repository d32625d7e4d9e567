# SPDX-License-Identifier: MIT
"""What MkDocs is told beside mkdocs.yml: the pages that are made, and how a page of the repository becomes one of the site.

The command's pages come from its --help, so ASTROM3_CLI names the one that was built.
"""

import os
import pathlib
import re
import sys

from mkdocs.structure.files import File

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import command_pages  # noqa: E402
import header_pages  # noqa: E402
import python_page  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Documents beside docs/ that are pages, too.
PROJECT = {"ARCHITECTURE.md": "architecture.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
# What a link to the source leads to on the site: a code host has the source, the site the reference that is made of it.
REFERENCES = (
    (r"include/astrom3/c_api\.h", "reference/c.md"),
    (r"include/astrom3/(\w+)\.h", r"reference/cpp/\1.md"),
    (r"include/astrom3", "reference/cpp/index.md"),
    (r"python/astrom3", "reference/python.md"),
    (r"apps", "reference/command/index.md"),
)

_made = {}  # name of a page -> its text


def on_config(config):
    """Makes the pages, and puts those of a folder where the navigation names the folder."""
    _made.clear()
    _made.update(command_pages.pages(os.environ["ASTROM3_CLI"]))
    _made.update(header_pages.pages(ROOT / "include/astrom3"))
    _made.update(python_page.pages(ROOT / "python/astrom3/__init__.py"))
    for document, page in PROJECT.items():
        _made[page] = relinked((ROOT / document).read_text(encoding="utf-8"), "").replace("](docs/", "](")
    for section in config.nav:
        for entry in next(iter(section.values())) if isinstance(next(iter(section.values())), list) else []:
            for title, target in entry.items() if isinstance(entry, dict) else []:
                if not str(target).endswith(".md"):
                    entry[title] = [name for name in _made if name.startswith(f"{target}/")]
    return config


def on_files(files, config):
    for name, text in _made.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown, page, config, files):
    """Fences without the words that say how a block is tested; links as the site has them."""
    if page.file.src_uri.startswith("reference/"):  # whoever looks for a word wants the guide first
        page.meta["search"] = {"boost": 0.3}
    if page.parent is None:  # alone in its tab: there is nothing to choose from
        page.meta["hide"] = ["navigation"]
    markdown = re.sub(r"^```(\w+)[ \t].*$", r"```\1", markdown, flags=re.MULTILINE)
    return relinked(markdown, "../")


def relinked(markdown, above):
    """Links that leave docs/ lead to the site's pages."""
    for source, target in (*((re.escape(name), page) for name, page in PROJECT.items()), *REFERENCES):
        markdown = re.sub(rf"\]\({re.escape(above)}{source}(?=[)#])", f"]({target}", markdown)
    return markdown


def on_page_content(html, page, config, files):
    """Pictures of our own stand in the page itself, so that they take its colours, light or dark."""
    def inline(found):
        return (pathlib.Path(config.docs_dir) / "assets" / found[1]).read_text(encoding="utf-8").partition("\n")[2]

    return re.sub(r'<img alt="[^"]*" src="[./]*assets/([\w-]+\.svg)" ?/?>', inline, html)
