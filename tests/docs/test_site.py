#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# What makes the documentation, and what judges it: pages of commands and headers, the links of a site, a page that is run.

import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/docs"))

import command_pages  # noqa: E402
import header_pages  # noqa: E402
import python_page  # noqa: E402
import site_check  # noqa: E402

HELP = """light curves to embeddings
Usage: astrom3 embed [OPTIONS] INPUT...

Positionals:
  INPUT TEXT ... REQUIRED         light curves: CSV
                                  or FITS

Cleaning (default: reject):
  --null-value FLOAT ...          a number that means "not measured"
  --upper-limits TEXT:{reject,drop}=reject
                                  reject | drop

Columns: object_id, status.
"""

HEADER = """// SPDX-License-Identifier: MIT
//
// How a star shines.
#pragma once

#include <span>

namespace astrom3 {

/// A star. See shine().
struct Star {
  double mag = 0;  ///< magnitudes
};

/// The light of `star`:
///
///   f = 10^(-0.4 m)
///
/// time   [N]  days
///        from any zero
/// Status  no_points when N < 1
Status shine(const Star& star, std::span<const double> time);

class Lamp {
 public:
  explicit Lamp(int n) : n_(n) {}
  int size() const { return n_; }
  /// Throws Error usage when broken.
  void light(double mag) const;

 private:
  int n_;
};

// ---- other things ----------------------------------------------------------

enum class Colour { red, blue };

}  // namespace astrom3
"""


class CommandPages(unittest.TestCase):
    def test_subcommands_lead_to_their_pages(self):
        rows = list(command_pages.table("Subcommands", ["  attention                       forms compared"], ["study"]))
        self.assertEqual(rows[1], "| [`attention`](study-attention.md) | forms compared |")

    def test_a_help_becomes_headings_and_tables(self):
        with tempfile.TemporaryDirectory() as folder:
            command = pathlib.Path(folder, "astrom3")
            command.write_text(f"#!/bin/sh\ncat <<'E'\n{HELP}E\n", encoding="utf-8")
            command.chmod(0o755)
            text = command_pages.page(command, ["embed"])
        for part in ("# astrom3 embed\n", "Light curves to embeddings.", "astrom3 embed [OPTIONS] INPUT...", "## Cleaning\n",
                     "Default: reject.", "| `INPUT TEXT ... REQUIRED` | light curves: CSV or FITS |",
                     "| `--upper-limits TEXT:{reject,drop}=reject` | reject \\| drop |", "\nColumns: object\\_id, status."):
            self.assertIn(part, text)


class HeaderPages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "star.h").write_text(HEADER, encoding="utf-8")
            pathlib.Path(folder, "c_api.h").write_text(
                '// SPDX-License-Identifier: MIT\n//\n// C.\n#pragma once\n\n#ifdef __cplusplus\nextern "C" {\n#endif\n\n'
                "#define STAR_VERSION 1\n\n/// Of it.\ntypedef int32_t light;\ntypedef struct star star;\n/// Lights it.\nASTROM3_API int star_light(star* s);\n\n"
                "#ifdef __cplusplus\n}\n#endif\n", encoding="utf-8")
            cls.made = header_pages.pages(pathlib.Path(folder))
        cls.text = cls.made["reference/cpp/star.md"]

    def test_every_declaration_has_its_heading_and_code(self):
        for part in ("### `Star` { #Star }\n\n```cpp\nstruct Star {\n  double mag = 0;  // magnitudes\n};\n```",
                     "### `shine` { #shine }", "### `Lamp` { #Lamp }", "#### `light` { #Lamp-light }", "## Other things",
                     "enum class Colour { red, blue };"):
            self.assertIn(part, self.text)

    def test_sentences_formulas_and_rows_are_told_apart(self):
        for part in ("A star. See [`shine()`](star.md#shine).", "```text\n  f = 10^(-0.4 m)\n```",
                     "* `time`: \\[N\\]  days from any zero\n", "* **Status**: `no_points` when N \\< 1",
                     "**Throws** Error usage when broken."):
            self.assertIn(part, self.text)

    def test_private_members_and_bodies_are_left_out(self):
        self.assertNotIn("n_", self.text.replace("explicit Lamp(int n)", ""))
        self.assertIn("explicit Lamp(int n);\nint size() const;", self.text)

    def test_the_c_interface_has_a_page(self):
        for part in ("`STAR_VERSION`", "### `light` { #light }", "typedef struct star star;", "```c\nint star_light(star* s);\n```\n\nLights it."):
            self.assertIn(part, self.made["reference/c.md"])

    def test_no_declaration_of_the_real_headers_is_lost(self):
        made = header_pages.pages(ROOT / "include/astrom3")
        include = ROOT / "include/astrom3"
        of_c = {include / header: f"reference/{name}" for name, (_, header) in header_pages.C_HEADERS.items()}
        for header in include.rglob("*.h"):
            if header.name in header_pages.LEFT_OUT and header not in of_c:
                continue
            name = of_c.get(header, f"reference/cpp/{header.stem}.md")
            for line in header.read_text(encoding="utf-8").splitlines():
                if line.startswith(("struct ", "class ", "enum ", "Status ", "std::", "typedef ", "inline ")):
                    self.assertIn(line.rstrip("{ "), made[name], header.name)


class PythonPage(unittest.TestCase):
    def test_every_public_name_is_on_it(self):
        page = python_page.pages(ROOT / "python/astrom3/__init__.py")["reference/python.md"]
        self.assertIn("::: astrom3.AstroM3\n", page)


class SiteCheck(unittest.TestCase):
    def findings(self, body, **files):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "index.html").write_text(body, encoding="utf-8")
            for name, text in files.items():
                pathlib.Path(folder, name.replace("_", ".")).write_text(text, encoding="utf-8")
            return site_check.check(folder)

    def test_a_good_page_passes(self):
        body = '<p id="a"></p><a href="#a">x</a><a href="b.html#c">x</a><a href="https://arxiv.org">x</a><img src="data:,">'
        self.assertEqual(self.findings(body, b_html='<p id="c">'), [])

    def test_a_dead_link_is_found(self):
        self.assertIn("nowhere", self.findings('<a href="none.html">x</a>')[0])

    def test_a_missing_place_is_found(self):
        self.assertIn("no such place", self.findings('<a href="b.html#d">x</a>', b_html='<p id="c">')[0])
        self.assertIn("no such place", self.findings('<a href="#d">x</a>')[0])

    def test_what_is_fetched_from_elsewhere_is_found(self):
        for body in ('<script src="https://unpkg.com/x.js"></script>', '<img src="//example.org/x.png">',
                     '<link rel="stylesheet" href="https://fonts.example/x.css">'):
            self.assertIn("fetched from elsewhere", self.findings(body)[0])
        self.assertIn("fetched from elsewhere", self.findings("", a_css="x { src: url(https://fonts.example/x.woff2) }")[0])

    def test_an_empty_site_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertIn("no page", site_check.check(folder)[0])


class RunPage(unittest.TestCase):
    def run_text(self, text, **environment):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder, "a.md")
            page.write_text(textwrap.dedent(text), encoding="utf-8")
            return subprocess.run([sys.executable, ROOT / "tests/docs/run_page.py", folder, page], capture_output=True,
                                  text=True, env={"PATH": "/usr/bin:/bin", **environment})

    def test_marked_blocks_run_in_order_in_one_folder(self):
        answer = self.run_text("```sh test\necho 1 > a\n```\n```sh setup\nfalse\n```\n```sh test\ntest -s a && ls examples\n```\n")
        self.assertEqual((answer.returncode, answer.stdout), (0, "2 blocks ran\n"), answer.stderr)

    def test_python_blocks_share_their_names_and_the_folder(self):
        text = "```sh test\necho 7 > a\n```\n```python test\nx = int(open('a').read())\n```\n```python test\nprint(x)\n```\n```output\n7\n```\n"
        self.assertEqual(self.run_text(text, ASTROM3_LIBRARY="here").stdout, "3 blocks ran\n")
        self.assertEqual(self.run_text(text).returncode, 77, "without the library it is skipped")

    def test_a_failing_block_is_found(self):
        answer = self.run_text("Text.\n```sh test\nfalse\ntrue\n```\n")
        self.assertEqual(answer.returncode, 1)
        self.assertIn("a.md:3: ended with 1", answer.stderr)
        answer = self.run_text("Text.\n```python test\n\n1 / 0\n```\n", ASTROM3_LIBRARY="here")
        self.assertIn('a.md", line 4', answer.stderr)

    def test_output_is_compared(self):
        page = "```sh test\necho one 1.5; echo two; echo three\n```\n```output\n{}\n```\n"
        for shown, code in (("one 1.5\ntwo\nthree", 0), ("one 1...\n...", 0), ("...\nthree", 0), ("one\ntwo\nthree", 1), ("one 1.5", 1)):
            self.assertEqual(self.run_text(page.format(shown)).returncode, code, shown)

    def test_output_of_nothing_is_found(self):
        self.assertIn("no block before it", self.run_text("```output\n1\n```\n").stderr)

    def test_a_job_array_runs_task_by_task(self):
        text = ("```sh test\ncat > job.sh <<'END'\n#!/bin/bash\n#SBATCH --array=0-2\necho $SLURM_ARRAY_TASK_ID of "
                "$SLURM_ARRAY_TASK_COUNT\nEND\nsbatch job.sh\n```\n```output\n0 of 3\n1 of 3\n2 of 3\nSubmitted ...\n```\n")
        answer = self.run_text(text)
        self.assertEqual(answer.returncode, 0, answer.stderr)


if __name__ == "__main__":
    unittest.main()
