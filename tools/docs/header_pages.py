# SPDX-License-Identifier: MIT
"""The C++ and C reference: one page a public header, from its first sentence, its declarations and their comments.

What a comment holds: sentences; formulas, indented; and rows such as "time  [N] days", which become lists.
"""

import dataclasses
import re

FOLDER = "reference/cpp"
C_HEADERS = {"c.md": ("C reference", "c_api.h"), "c_modalities.md": ("C reference: modalities", "c_api/modalities.h")}
LEFT_OUT = {"astrom3.h", "arrow_c_data.h", "c_api.h", "modalities.h"}
LABELS = {"Status", "Throws", "Cost", "Source", "Memory", "Returns"}
# In the order of the data's way; headers that are not named follow.
ORDER = ("embed_object", "pipeline", "run_parts", "describe_run", "encode_file", "embed_table", "light_curve_table", "source", "light_curve", "features", "period_search", "periodogram", "period_statistics", "catalog", "scaling",
         "tensor", "encoder", "attention", "checkpoint", "hub", "onnx", "sink", "search", "study", "error", "flags")


@dataclasses.dataclass
class Declaration:
    name: str  # "" where it has none, as `enum { ... };` in C
    code: str
    comment: list = dataclasses.field(default_factory=list)
    members: list = dataclasses.field(default_factory=list)  # of a class with documented functions
    section: str = ""  # where a ruled comment opens one


def name_of(code):
    for pattern in (r"^typedef (?:struct|enum) (\w+)", r"^typedef [^{]*?(\w+);", r"^(?:enum class|enum|struct|class|using|#define) (\w+)",
                    r"^(?:inline )?(?:constexpr|const) .*?(k[A-Z]\w+)", r"(operator\s*[^\s(]+|~?\w+)\s*\("):
        if found := re.search(pattern, code, re.MULTILINE):
            return found[1]
    return ""


def without_bodies(code):
    """A member function as it is declared: what it does inside is left out."""
    found = re.match(r"(?s)([^{;]*?\)(?: const)?(?: noexcept)?(?: override)?)\s*(?::[^:]|\{).*", code)
    return f"{found[1]};" if found else code


def declarations(lines):
    """The declarations of a header's namespace or of a class's public part."""
    comment, section, code, depth = [], "", [], 0
    for line in lines:
        bare = line.strip()
        if not code:
            if found := re.match(r"// -{4} (.*?) ?-*$", bare):
                section = found[1]
            elif bare.startswith("///"):
                comment.append(bare[3:].removeprefix(" "))
                continue
            if not bare or bare.startswith("//"):
                comment = []
                continue
        code.append(line)
        depth += line.count("{") - line.count("}")
        if depth == 0 and (bare.split("  //")[0].rstrip().endswith((";", "}")) or bare.startswith("#define")):
            text = "\n".join(code)
            yield Declaration(name_of(text), text, comment, section=section)
            comment, section, code = [], "", []


def public_part(code):
    """The lines of a class between its braces that everyone may use, moved to the left."""
    kind, body = code.split(maxsplit=1)[0], code.splitlines()[1:-1]
    public, kept = kind == "struct", []
    for line in body:
        if found := re.match(r" (public|private|protected):", line):
            public = found[1] == "public"
        elif public:
            kept.append(line.removeprefix("  "))
    return kept


def read(text, c=False):
    """(what the header is for, its declarations)."""
    lines = text.splitlines()
    head = [line[2:].strip() for line in lines[1 : lines.index("#pragma once")] if line.startswith("//")]
    purpose = "\n".join(head).strip()
    found = []
    body = text.partition('extern "C" {\n#endif\n' if c else "namespace astrom3 {\n")[2]
    body = body.rpartition("\n#ifdef __cplusplus" if c else "\n}  // namespace")[0]
    body = re.sub(r"#if defined\(__GNUC__\)\n.*?#endif\n", "", body, flags=re.DOTALL)
    for declaration in declarations(body.replace("ASTROM3_API ", "").splitlines()):
        kind = declaration.code.split(maxsplit=1)[0]
        if kind == "class":
            declaration.members = list(declarations(public_part(declaration.code)))
            for member in declaration.members:
                member.code = without_bodies(member.code)
        found.append(declaration)
    return purpose, found


# ---- as Markdown -----------------------------------------------------------------------------------------------------
def words(text, links):
    """Text with identifiers as code, linked where they have an entry, and nothing that Markdown would take for its own."""
    out = []
    for i, part in enumerate(re.split(r"(`[^`]*`|\b\w+\(\)|\b[a-z]\w*_\w+|\bk[A-Z]\w+|\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b)", text)):
        if i % 2 == 0:
            plain = re.sub(r"([\\*_<>|\[\]])", r"\\\1", part)
            out.append(re.sub(r"\bThrows(?= Error\b)", "**Throws**", plain))
            continue
        code = part.strip("`")
        target = links.get(code.removesuffix("()"))
        out.append(f"[`{code}`]({target})" if target else f"`{code}`")
    return "".join(out)


def prose(comment, links):
    """The Markdown of a comment."""
    out, row = [], False
    for line in comment:
        found = re.match(r"([\w-]+(?:, \w+)*):?\s{2,}(\S.*)$", line)
        if not line:
            row = False
            out.append("")
        elif found:
            name, *parts = re.split(r"\s{3,}(?=\w+ )", f"{found[1]} {found[2]}")
            for entry in [name, *parts]:
                name, _, text = entry.partition(" ") if entry != name else (found[1], "", entry.removeprefix(found[1]))
                label = f"**{name}**" if name in LABELS else ", ".join(f"`{word}`" for word in name.split(", "))
                out += [] if row else [""]
                out.append(f"* {label}: {words(text.strip(), links)}")
                row = True
        elif row and line.startswith(" "):
            out[-1] += f" {words(line.strip(), links)}"
        elif line.startswith("  "):
            if out and out[-1] == "```":
                out[-1:] = [line, "```"]
            else:
                out += ["", "```text", line, "```"]
        else:
            out += [""] if row else []
            row = False
            out.append(words(line, links))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(out)).strip()


def entry(declaration, language, level, links, owner=""):
    title = declaration.name
    anchor = f"{owner}-{title}".strip("-")
    if declaration.section:
        yield f"## {declaration.section[0].upper()}{declaration.section[1:]}\n"
    if title and (declaration.comment or level == 3):
        yield f"{'#' * level} `{title}` {{ #{re.sub(r'[^A-Za-z0-9_-]', '', anchor)} }}\n"
    code = f"{declaration.code.splitlines()[0].rstrip(' {')};" if declaration.members else declaration.code
    yield from code_block([code], language)
    yield prose(declaration.comment, links) + "\n"
    plain = []
    for member in declaration.members:
        if member.comment:
            yield from code_block(plain, language)
            yield from entry(member, language, level + 1, links, title)
        else:
            plain.append(member.code)
    yield from code_block(plain, language)


def code_block(lines, language):
    if lines:
        code = re.sub(r"///<? ", "// ", "\n".join(lines))
        yield f"```{language}\n{code}\n```\n"
        lines.clear()


def page(title, include, purpose, found, language, links):
    sentences = "\n".join(words(line, links) for line in purpose.splitlines())
    out = [f"# {title}\n", sentences + "\n", f"```{language}\n#include <astrom3/{include}>\n```\n"]
    named = ""
    for declaration in found:
        if declaration.name == named:  # an overload stands under the first one's heading
            declaration.name = ""
        named = declaration.name or named
        out += entry(declaration, language, 3, links)
    return "\n".join(out)


def pages(include):
    """{name: text} for every public header of the folder `include`."""
    headers = {path.stem: read(path.read_text(encoding="utf-8"))
               for path in sorted(include.rglob("*.h")) if path.name not in LEFT_OUT}
    names = sorted(headers, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
    links = {declaration.name: f"{name}.md#{declaration.name}" for name in names for declaration in headers[name][1]}
    made = {f"{FOLDER}/index.md": overview(names, headers)}
    for name in names:
        purpose, found = headers[name]
        made[f"{FOLDER}/{name}.md"] = page(f"{name}.h", f"{name}.h", purpose, found, "cpp", links)
    read_headers = {name: read((include / header).read_text(encoding="utf-8"), c=True)
                    for name, (_, header) in C_HEADERS.items() if (include / header).exists()}
    for name, (purpose, found) in read_headers.items():
        title, header = C_HEADERS[name]
        links = {declaration.name: f"{'' if other == name else other}#{declaration.name}"
                 for other, (_, declared) in read_headers.items() for declaration in declared}
        made[f"reference/{name}"] = page(title, header, purpose, found, "c", links)
    return made


def overview(names, headers):
    rows = [f"| [{name}.h]({name}.md) | {words(headers[name][0].splitlines()[0], {})} |" for name in names]
    return ("# C++ reference\n\nMade from the public headers; `astrom3/astrom3.h` includes them all. "
            "[C++ and C](../../cpp.md) shows how to use them.\n\n| header | what |\n|---|---|\n" + "\n".join(rows) + "\n")
