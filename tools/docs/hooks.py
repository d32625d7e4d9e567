# SPDX-License-Identifier: MIT
"""What MkDocs is told beside mkdocs.yml: the pages that are made, and how a page of the repository becomes one of the site.

The command's pages come from its --help, so ASTROM3_CLI names the one that was built.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

from mkdocs.structure.files import File

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import command_pages  # noqa: E402
import header_pages  # noqa: E402
import python_page  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Documents beside docs/ that are pages, too.
PROJECT = {"ARCHITECTURE.md": "architecture.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md",
           "models/vstars4/MODEL_CARD.md": "vstars4.md"}
# What a link to the source leads to on the site: a code host has the source, the site the reference that is made of it.
REFERENCES = (
    (r"include/astrom3/c_api\.h", "reference/c.md"),
    (r"include/astrom3/c_api/modalities\.h", "reference/c_modalities.md"),
    (r"include/astrom3/(?:\w+/)?(\w+)\.h", r"reference/cpp/\1.md"),
    (r"include/astrom3", "reference/cpp/index.md"),
    (r"python/astrom3", "reference/python.md"),
    (r"apps", "reference/command/index.md"),
)

GALLERY = "gallery.md"

_made = {}  # name of a page -> its text


def on_config(config):
    """Makes the pages; places those of a folder where the navigation names the folder, and new ones among the guides."""
    _made.clear()
    _made.update(command_pages.pages(os.environ["ASTROM3_CLI"]))
    _made.update(header_pages.pages(ROOT / "include/astrom3"))
    _made.update(python_page.pages(ROOT / "python/astrom3/__init__.py"))
    for document, page in PROJECT.items():
        _made[page] = relinked((ROOT / document).read_text(encoding="utf-8"), "").replace("](docs/", "](")
    config.nav = [{title: placed(target) for title, target in section.items()} for section in config.nav]
    named = set(names_in(config.nav))
    guides = next(section["Guides"] for section in config.nav if "Guides" in section)
    guides += sorted(path.name for path in pathlib.Path(config.docs_dir).glob("*.md") if path.name not in named)
    return config


def placed(target):
    """A part of the navigation, with the made pages of a folder in the folder's place."""
    if isinstance(target, list):
        return [{title: placed(inner) for title, inner in entry.items()} if isinstance(entry, dict) else entry
                for entry in target]
    return target if target.endswith(".md") else [name for name in _made if name.startswith(f"{target}/")]


def names_in(part):
    if isinstance(part, str):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else []:
        yield from names_in(inner)


def on_files(files, config):
    for name, text in _made.items():
        files.append(File.generated(config, name, content=text))
    for name, picture in gallery(pathlib.Path(config.docs_dir) / GALLERY):
        files.append(File.generated(config, name, content=picture))
    return files


def gallery(page):
    """The pictures that the blocks of the gallery draw: names and bytes. None where there is nothing to draw them with."""
    command = pathlib.Path(os.environ["ASTROM3_CLI"])
    python = ROOT / ".venv/bin/python"
    library = os.environ.get("ASTROM3_LIBRARY") or command.parents[1] / "lib/libastrom3_c.so"
    if not python.exists() or not pathlib.Path(library).exists():
        print("the gallery has no pictures: there is no .venv, or no library beside the command")
        return
    environment = {**os.environ, "ASTROM3_LIBRARY": str(library), "PYTHONPATH": str(ROOT / "python"),
                   "PATH": os.pathsep.join([str(command.parent), os.environ["PATH"]])}
    with tempfile.TemporaryDirectory() as folder:
        program = [python, pathlib.Path(__file__).with_name("gallery.py"), page, folder]
        subprocess.run(program, env=environment, check=True)
        for picture in sorted(pathlib.Path(folder).glob("*.svg")):
            yield f"gallery-pictures/{picture.name}", picture.read_bytes()


def with_pictures(markdown, files):
    """The gallery's page with each picture below the block that draws it."""
    numbers = iter(range(1, 100))

    def picture(found):
        name = f"gallery-pictures/{next(numbers)}.svg"
        return found[0] + (f"\n![What this block draws]({name})\n" if files.get_file_from_path(name) else "")

    return re.sub(r"^```python test\n.*?^```\n", picture, markdown, flags=re.MULTILINE | re.DOTALL)


def on_page_markdown(markdown, page, config, files):
    """Fences without the words that say how a block is tested; links as the site has them."""
    if page.file.src_uri.startswith("reference/"):  # whoever looks for a word wants the guide first
        page.meta["search"] = {"boost": 0.3}
    if page.file.src_uri == GALLERY:
        markdown = with_pictures(markdown, files)
    if page.parent is None:  # alone in its tab: there is nothing to choose from
        page.meta["hide"] = ["navigation"]
    markdown = re.sub(r"^```(\w+)[ \t].*$", r"```\1", markdown, flags=re.MULTILINE)
    return with_files(relinked(markdown, "../"), config, files)


def with_files(markdown, config, files):
    """Links to any other file of the repository, such as a notebook: the file comes along."""
    def bring(found):
        name = f"files/{found[1]}" + (".txt" if found[1].endswith(".md") else "")  # no page of the site
        if not (ROOT / found[1]).is_file():
            return found[0]
        if not files.get_file_from_path(name):
            files.append(File.generated(config, name, content=(ROOT / found[1]).read_bytes()))
        return f"]({name})"

    return re.sub(r"\]\(\.\./([^)#]+)\)", bring, markdown)


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
