# SPDX-License-Identifier: MIT
"""The command's reference: one page a subcommand, from what `astrom3 COMMAND --help` prints."""

import re
import subprocess

FOLDER = "reference/command"


def help_of(command, *words):
    return subprocess.run([command, *words, "--help"], check=True, capture_output=True, text=True).stdout


def rows_of(lines):
    """(left, right) of the two columns in which options stand; a long left side has its right side below."""
    rows = []
    for line in lines:
        left, _, right = line[2:].partition("  ") if line.startswith("  ") and line[2:3] != " " else ("", "", line)
        if left:
            rows.append([left.strip(), right.strip()])
        elif rows:
            rows[-1][1] = f"{rows[-1][1]} {right.strip()}".strip()
    return rows


def cell(text):
    return re.sub(r"([|<>*_])", r"\\\1", text)


def sections_of(text):
    """(title, lines) of every block that a line ending in a colon opens; the title of other text is empty."""
    sections = [("", [])]
    for line in text.splitlines():
        if re.match(r"\w.*:$", line) and line != "examples:":
            sections.append((line[:-1], []))
        elif not line.strip():
            if sections[-1][1]:
                sections.append(("", []))
        else:
            sections[-1][1].append(line)
    return [section for section in sections if section[1]]


def table(title, lines, words):
    heads = {"Subcommands": "command", "Positionals": "argument"}
    yield f"| {heads.get(title, 'option')} | meaning |\n|---|---|"
    for left, right in rows_of(lines):
        code = f"`{left.replace('|', ' or ')}`"
        if title == "Subcommands":
            code = f"[{code}]({'-'.join([*words, left])}.md)"
        yield f"| {code} | {cell(right)} |"


def sentence(text):
    """A fragment of --help as a sentence."""
    return f"{cell(text[:1].upper() + text[1:])}."


def section(title, lines, words):
    """A table of options under its heading; sentences as such, and what is indented as it stands."""
    if title not in ("Positionals", "Subcommands") and not any(line.startswith("  -") for line in lines):
        if any(line.startswith(" ") for line in lines):
            return ["", "```text", *lines, "```"]
        return ["", *map(cell, lines)]
    name, _, remark = title.partition(" (")
    out = ["", f"## {'Arguments' if name == 'Positionals' else name}", ""]
    if remark:
        out += [sentence(remark.rstrip(")")), ""]
    return [*out, *table(title, lines, words)]


def page(command, words):
    summary, usage, *rest = help_of(command, *words).splitlines()
    out = [f"# {' '.join(['astrom3', *words])}", "", sentence(summary), "", "```text", usage.removeprefix("Usage: "), "```"]
    for title, lines in sections_of("\n".join(rest)):
        out += section(title, lines, words)
    return "\n".join(out) + "\n"


def subcommands(text):
    return [left for title, lines in sections_of(text) if title == "Subcommands" for left, _ in rows_of(lines)]


def pages(command):
    """{name: text} of the command itself, its subcommands and theirs."""
    made = {}

    def add(words):
        name = "-".join(words) or "index"
        made[f"{FOLDER}/{name}.md"] = page(command, words)
        for subcommand in subcommands(help_of(command, *words)):
            add([*words, subcommand])

    add([])
    return made
