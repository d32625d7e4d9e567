#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Each style check passes a clean tree and finds the fault planted in a broken one.

import importlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

import check_format
from tree import Tree

HEADER = "// SPDX-License-Identifier: MIT\n//\n// Bytes.\n#pragma once\n"
SOURCE = "// SPDX-License-Identifier: MIT\n"
CLEAN = {
    "ARCHITECTURE.md": "## Who may include whom\n\n| room | may include |\n|---|---|\n| `base` | - |\n"
                       "| `formats`, `kernels` | `base` |\n| `pipeline` | every room above |\n| `apps` | public headers, `formats` |\n",
    "CMakeLists.txt": "project(astrom3 VERSION 0.1.0 LANGUAGES CXX)\n",
    "CITATION.cff": "cff-version: 1.2.0\nversion: 0.1.0\n",
    "CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n\n## [0.1.0]\n",
    ".clang-format": "BasedOnStyle: Google\n",
    "README.md": "# Bytes\n\n```cpp\nint main() {}\n```\n",
    "examples/nothing.cpp": SOURCE + "int main() {}\n",
    "src/base/bytes.h": HEADER,
    "src/formats/csv.cpp": SOURCE + '#include "astrom3/base/error.h"\n#include "base/bytes.h"\n',
    "src/kernels/dot.isa.cpp": SOURCE + '#include "kernels/dot.h"\n\n#include <immintrin.h>\n',
    "src/kernels/dot.h": HEADER + "\n#include <cstddef>\n",
    "src/pipeline.cpp": SOURCE + '#include "formats/csv.h"\n',
    "apps/main.cpp": SOURCE + '#include "astrom3/astrom3.h"\n#include "formats/csv.h"\n',
    "tests/cases.md": "| case | input | answer | tests |\n|---|---|---|---|\n| TX01 | nothing | R | `Bytes.AreNothing` |\n"
                      "| TX02 | a tree | - | – no test can |\n",
    "tests/base/test_bytes.cpp": SOURCE + "TEST(Bytes, AreNothing) {  // TX01\n}\n",
}


class Checks(unittest.TestCase):
    def findings(self, check, **changes):
        """Findings of `check` in the clean tree with some files replaced; `__` in a name stands for `/`."""
        with tempfile.TemporaryDirectory() as root:
            files = dict(CLEAN) | changes.pop("files", {})
            for name, text in files.items():
                path = pathlib.Path(root, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return [str(finding) for finding in importlib.import_module(f"check_{check}").check(Tree(root))]

    def expect(self, check, name, text, words):
        self.assertEqual(self.findings(check), [], "the clean tree must pass")
        found = self.findings(check, files={name: text})
        self.assertTrue(any(words in finding for finding in found), found)

    def test_doors_finds_inputs_that_are_not_compared(self):
        self.expect("doors", "apps/main.cpp", SOURCE + "auto files = expand_inputs(inputs, {}, warnings);\n", "light_curve_files()")

    def test_doors_finds_a_system_that_is_told_apart(self):
        self.expect("doors", "src/formats/csv.cpp", SOURCE + "#ifdef __APPLE__\n#endif\n", "src/base")

    def test_doors_finds_a_file_that_is_written_in_place(self):
        self.expect("doors", "src/formats/csv.cpp", SOURCE + "std::ofstream file(path);\n", "AtomicFile")
        self.expect("doors", "src/formats/csv.cpp", SOURCE + "std::filesystem::rename(from, to);\n", "commit_together()")

    def test_doors_finds_a_question_about_a_file_that_throws(self):
        for code in ("bool is = fs::exists(path);", "auto n = std::filesystem::file_size(path);"):
            self.expect("doors", "src/formats/csv.cpp", SOURCE + code + "\n", "error code")
        for code in ("bool is = fs::exists(path, error);", "if (fs::is_directory(status)) return;"):
            self.assertEqual(self.findings("doors", files={"src/formats/csv.cpp": SOURCE + code + "\n"}), [])

    def test_cases_finds_a_case_without_a_test(self):
        self.expect("cases", "tests/base/test_bytes.cpp", SOURCE + "TEST(Bytes, AreNothing) {}\n", "TX01 has no test")

    def test_cases_finds_a_test_that_moved(self):
        self.expect("cases", "tests/base/test_bytes.cpp", SOURCE + "// TX01\nTEST(Bytes, AreFew) {}\n", "TX01 has other tests: `Bytes.AreFew`")

    def test_cases_finds_a_case_that_is_not_listed(self):
        self.expect("cases", "tests/base/test_bytes.cpp", SOURCE + "TEST(Bytes, AreNothing) {  // TX01, ST05\n}\n", "ST05 is tested")

    def test_doors_finds_what_goes_past_them(self):
        for name, code, instead in (("apps/main.cpp", 'fmt::print("{}", name);', "apps/report.h"),
                                    ("src/formats/csv.cpp", "std::ifstream file(path);", "regular_file.h"),
                                    ("src/formats/csv.cpp", "std::unordered_map<std::string, int> ids;", "keyed_hash.h")):
            self.expect("doors", name, SOURCE + code + "\n", instead)

    def test_layering_finds_an_include_upwards(self):
        self.expect("layering", "src/base/bytes.h", HEADER + '#include "formats/csv.h"\n', "base may not include formats")

    def test_layering_finds_a_public_header_of_a_later_stage(self):
        self.expect("layering", "src/base/bytes.h", HEADER + '#include "astrom3/sink/sink.h"\n', "base may not include sink")

    def test_layering_finds_an_app_that_reaches_inside(self):
        self.expect("layering", "apps/main.cpp", SOURCE + '#include "base/bytes.h"\n', "apps may not include base")

    def test_layering_finds_a_module_without_a_row(self):
        self.expect("layering", "src/mystery/a.cpp", SOURCE, "has no row")

    def test_layering_finds_a_missing_table(self):
        self.expect("layering", "ARCHITECTURE.md", "# none\n", "no table")

    def test_types_finds_two_of_one_name(self):
        text = SOURCE + "namespace astrom3 {\nstruct Column {\n};\n}  // namespace astrom3\n"
        self.assertEqual(self.findings("types", files={"src/base/bytes.h": text}), [])
        found = self.findings("types", files={"src/base/bytes.h": text, "src/formats/csv.cpp": text})
        self.assertTrue(any("astrom3::Column is also in" in finding for finding in found), found)

    def test_headers_finds_a_missing_licence(self):
        self.expect("headers", "src/pipeline.cpp", "int x;\n", "first line")

    def test_headers_finds_a_missing_sentence(self):
        self.expect("headers", "src/base/bytes.h", SOURCE + "#pragma once\n", "what lives in the file")

    def test_headers_finds_a_missing_guard(self):
        self.expect("headers", "src/base/bytes.h", SOURCE + "//\n// Bytes.\nint x();\n", "#pragma once")

    def test_headers_finds_a_fragment_for_a_sentence(self):
        self.expect("headers", "src/base/bytes.h", SOURCE + "//\n// bytes and\n#pragma once\n", "must end like one")

    def test_folders_finds_utils(self):
        self.expect("folders", "src/utils/a.h", HEADER, "says nothing")

    def test_folders_finds_a_manager(self):
        self.expect("folders", "src/base/bytes.h", HEADER + "class BytesManager {};\n", "BytesManager")

    def test_length_finds_line_501(self):
        self.assertEqual(self.findings("length", files={"src/base/bytes.h": HEADER + "\n" * 496}), [])
        self.expect("length", "src/base/bytes.h", HEADER + "\n" * 497, "501 lines")

    def test_tensor_names_finds_one_outside_the_layout(self):
        line = 'const char* name = "encoder.attn_layers.0.conv1.weight";\n'
        self.expect("tensor_names", "src/formats/csv.cpp", SOURCE + line, "checkpoint_layout")
        self.assertEqual(self.findings("tensor_names", files={"src/encoder/checkpoint_layout.cpp": SOURCE + line}), [])

    def test_functions_finds_line_41(self):
        for begin, end in (("int f() {\n", "}\n"), ("class A {\n  int f(int a,\n        int b) {\n", "  }\n};\n"),
                           ("template <typename T>\nA::A(T t)\n    : t_(t) {\n", "}\n")):
            n = 40 - len((begin.split("class A {\n")[-1] + "}\n").splitlines())
            body = "    if (a) {\n\n    // why\n    }\n" + "    g();\n" * (n - 2)
            self.assertEqual(self.findings("functions", files={"src/base/bytes.cpp": SOURCE + begin + body + end}), [])
            self.expect("functions", "src/base/bytes.cpp", SOURCE + begin + "    g();\n" + body + end, "has 41 lines of code")

    def test_functions_takes_no_table_and_no_class_for_one(self):
        table = "constexpr std::array kTable{\n" + "    Entry{f(1)},\n" * 50 + "};\n"
        rows = "const std::map<int, int> kRows = {\n" + "    {f(1), 2},\n" * 50 + "};\n"
        kind = "class A : public B<decltype(f())> {\n" + "  int f();\n" * 50 + "};\n"
        self.assertEqual(self.findings("functions", files={"src/base/bytes.cpp": SOURCE + table + rows + kind}), [])

    def test_functions_finds_a_long_one_in_python_without_its_docstring(self):
        text = '# SPDX-License-Identifier: MIT\ndef f():\n    """First.\n\n    More.\n    """\n' + "    g()\n" * 39
        self.assertEqual(self.findings("functions", files={"python/astrom3/a.py": text}), [])
        self.expect("functions", "python/astrom3/a.py", text + "    g()\n", "f has 41 lines of code")

    def test_kernels_finds_a_standard_header(self):
        self.expect("kernels", "src/kernels/dot.isa.cpp", SOURCE + "#include <algorithm>\n", "<algorithm>")

    def test_kernels_finds_one_behind_another_header(self):
        self.expect("kernels", "src/kernels/dot.h", HEADER + "#include <span>\n", "<span>")

    def test_kernels_finds_one_in_the_header_of_an_instruction_set(self):
        self.expect("kernels", "src/kernels/vec_neon.h", HEADER + "#include <span>\n", "<span>")

    def test_kernels_finds_a_header_of_another_folder(self):
        self.expect("kernels", "src/kernels/dot.isa.cpp", SOURCE + '#include "base/bytes.h"\n', "kernels only")

    def test_words_finds_a_note_to_self(self):
        self.expect("words", "src/pipeline.cpp", SOURCE + "// TO" + "DO: later\n", "open an issue")

    def test_words_finds_a_path_of_one_machine(self):
        self.expect("words", "src/pipeline.cpp", SOURCE + "// see /ho" + "me/me/notes\n", "absolute path")

    def test_options_finds_a_text_that_spells_one(self):
        self.expect("options", "src/pipeline.cpp", SOURCE + 'f("leave them out with --nonfinite=drop");\n', "spells --nonfinite")
        self.expect("options", "src/base/bytes.h", HEADER + '/// Bytes.\n  g("a", "-v or --verbose");  // says it\n', "spells --verbose")
        self.expect("options", "src/pipeline.cpp", SOURCE + 'f("leave {}", {{"in"}});\n', 'no option is called "in"')
        quiet = HEADER + '// as --format has it\nint x;  // of --band\nf("a -- b", "--", "a--b");\nt.add("x", y);\ng("do {}", {{"x", "2"}});\n'
        self.assertEqual(self.findings("options", files={"src/base/bytes.h": quiet}), [])

    def test_version_finds_an_old_citation(self):
        self.expect("version", "CITATION.cff", "cff-version: 1.2.0\nversion: 0.0.9\n", "0.0.9")

    def test_version_finds_an_old_recipe(self):
        self.expect("version", "recipe/recipe.yaml", "context:\n  version: 0.0.9\n", "0.0.9")

    def test_version_finds_an_old_changelog(self):
        self.expect("version", "CHANGELOG.md", "## [Unreleased]\n\n## [0.2.0]\n", "0.2.0")

    def test_links_finds_a_dead_link(self):
        self.expect("links", "README.md", "See [it](docs/none.md).\n", "docs/none.md")

    def test_links_finds_a_file_that_is_named_and_gone(self):
        self.expect("links", "README.md", "See `src/gone.cpp`.\n", "src/gone.cpp")

    def test_snippets_finds_code_that_nobody_compiles(self):
        self.expect("snippets", "README.md", "```cpp\nint main() { return 1; }\n```\n", "in no file")

    def test_snippets_finds_a_block_without_a_mark(self):
        for fence in ("sh", "python", "", "yaml", "sh tests"):
            self.expect("snippets", "README.md", f"```{fence}\ntrue\n```\n", "nothing runs this block")

    def test_snippets_finds_json_that_is_none(self):
        self.expect("snippets", "README.md", "```json\n{1}\n```\n", "no JSON")

    def test_snippets_finds_set_up_with_names_that_are_gone(self):
        for line, words in (("make no-such", "no target no-such"), ("pip install '.'", "not pip"),
                            ('pip install ".[extra]"', "no extra extra"), ("cmake --install build/none", "no preset none"),
                            ("rm -rf build", "not rm")):
            found = self.findings("snippets", files={"README.md": f"```sh setup\n{line}\n```\n", "Makefile": "all: x\n",
                                                     "pyproject.toml": "", "CMakePresets.json": "{}"})
            self.assertTrue(any(words in finding for finding in found), (line, found))

    def test_snippets_accepts_marked_blocks(self):
        text = "".join(f"```{fence}\n{code}\n```\n" for fence, code in (
            ("sh test", "true"), ("python test", "pass"), ("text", "-> "), ("output", "1"), ("json", "{}"),
            ("sh setup", "make all RUNS=1  # everything\npip install .")))
        self.assertEqual(self.findings("snippets", files={"README.md": text, "Makefile": "all: x\n",
                                                           "pyproject.toml": ""}), [])

    @unittest.skipUnless(check_format.PROGRAM.exists(), "no .venv/bin/clang-format: make setup")
    def test_format_finds_includes_out_of_order(self):
        self.expect("format", "src/pipeline.cpp", SOURCE + "#include <vector>\n#include <array>\n", "src/pipeline.cpp")


class Promises(unittest.TestCase):
    def findings(self, row):
        check = importlib.import_module("check_promises")
        with tempfile.TemporaryDirectory() as root:
            pathlib.Path(root, "ARCHITECTURE.md").write_text(
                "## Promises\n\n| promise | tests that would fail |\n|---|---|\n" + row, encoding="utf-8")
            with unittest.mock.patch.object(check, "known_tests", return_value={"Pool.IgnoresMaskedSteps"}):
                return [str(finding) for finding in check.check(Tree(root))]

    def test_a_promise_with_its_test_passes(self):
        self.assertEqual(self.findings("| masked steps do not count | `Pool.IgnoresMaskedSteps` |\n"), [])

    def test_a_test_that_is_gone_is_found(self):
        self.assertIn("Pool.Gone", " ".join(self.findings("| it holds | `Pool.Gone` |\n")))

    def test_a_promise_without_a_test_is_found(self):
        self.assertIn("without a test", " ".join(self.findings("| it holds | trust us |\n")))


class CompiledKernels(unittest.TestCase):
    """Objects compiled as the library's are."""

    compiler = "c++"

    def findings(self, source, flags, target):
        with tempfile.TemporaryDirectory() as root:
            folder = pathlib.Path(root, "CMakeFiles")
            plain, planted = folder / "astrom3.dir/a.o", folder / f"{target}.dir/b.o"
            for path, text, extra in ((plain, "int a() { return 1; }", []), (planted, source, flags)):
                path.parent.mkdir(parents=True, exist_ok=True)
                subprocess.run([self.compiler, "-O2", "-xc++", "-std=c++20", *extra, "-c", "-", "-o", str(path)],
                               input=text, text=True, check=True)
            check = importlib.import_module("check_isa").check
            return [str(finding) for finding in check(Tree(root, build=root))]

    def kernel(self, isa):
        return "namespace k::" + isa + " { void f(float* x) { for (int i = 0; i < 64; ++i) x[i] *= 2; } }"


class InstructionSets(CompiledKernels):
    """The wrong flags must be noticed."""

    def setUp(self):
        if not (shutil.which("c++") and shutil.which("objdump")):
            self.skipTest("needs a compiler and objdump")
        machine = subprocess.run(["c++", "-dumpmachine"], capture_output=True, text=True, check=True).stdout
        if "x86_64" not in machine:
            self.skipTest(f"these sets are of x86-64, not of {machine.strip()}")

    def test_each_kind_of_kernel_passes_with_its_own_flags(self):
        for isa, flags in (("scalar", []), ("avx2", ["-O3", "-mavx2"]), ("avx512", ["-O3", "-mavx512f"])):
            self.assertEqual(self.findings(self.kernel(isa), flags, f"astrom3_kernels_{isa}"), [])

    def test_avx_outside_the_kernels_is_found(self):
        found = self.findings(self.kernel("scalar"), ["-O3", "-mavx2"], "astrom3")
        self.assertIn("not for plain x86-64", " ".join(found))

    def test_avx512_in_the_avx2_kernels_is_found(self):
        flags = ["-O3", "-mavx512f", "-mprefer-vector-width=512"]
        self.assertIn("not for avx2", " ".join(self.findings(self.kernel("avx2"), flags, "astrom3_kernels_avx2")))

    def test_an_instruction_set_without_a_rule_is_found(self):
        found = self.findings(self.kernel("sse9"), [], "astrom3_kernels_sse9")
        self.assertIn("no rule says which instructions sse9 has", " ".join(found))

    def test_an_inline_function_in_a_kernel_is_found(self):
        source = ("namespace k { inline float twice(float x) { return 2 * x; } }\n"
                  "namespace k::avx2 { struct avx2; float (*f)(float) = &twice; }")
        self.assertIn("weak symbol _ZN1k5twiceEf", " ".join(self.findings(source, [], "astrom3_kernels_avx2")))

    def test_an_inline_function_of_a_kernels_own_namespace_passes(self):
        source = "namespace k::avx2 { inline float twice(float x) { return 2 * x; } float (*f)(float) = &twice; }"
        self.assertEqual(self.findings(source, [], "astrom3_kernels_avx2"), [])

    def test_a_kernel_that_calls_libm_is_found(self):
        source = 'extern "C" float expf(float); namespace k::avx2 { float f(float x) { return expf(x); } }'
        self.assertIn("calls expf of libm", " ".join(self.findings(source, [], "astrom3_kernels_avx2")))

    def test_a_kernel_outside_its_namespace_is_found(self):
        found = self.findings("float f(float x) { return x; }", [], "astrom3_kernels_avx2")
        self.assertIn("outside namespace", " ".join(found))


class InstructionSetsOfAarch64(CompiledKernels):
    """The same in the cross compiler's objects."""

    compiler = "aarch64-linux-gnu-g++"
    DOT = "#include <arm_neon.h>\nnamespace k::{} {{ int32x4_t f(int32x4_t s, int8x16_t a) {{ return vdotq_s32(s, a, a); }} }}"
    DOTPROD = ["-march=armv8.2-a+dotprod"]

    def setUp(self):
        if not shutil.which(self.compiler):
            self.skipTest(f"no {self.compiler}: make arm64 installs it")

    def test_each_kind_of_kernel_passes_with_its_own_flags(self):
        for isa, source, flags in (("scalar", self.kernel("scalar"), ["-O3"]), ("neon", self.kernel("neon"), ["-O3"]),
                                   ("dotprod", self.DOT.format("dotprod"), self.DOTPROD)):
            self.assertEqual(self.findings(source, flags, f"astrom3_kernels_{isa}"), [])

    def test_dot_products_in_the_neon_kernels_are_found(self):
        found = self.findings(self.DOT.format("neon"), self.DOTPROD, "astrom3_kernels_neon")
        self.assertIn("not for neon", " ".join(found))

    def test_scalable_vectors_outside_the_kernels_are_found(self):
        found = self.findings(self.kernel("scalar"), ["-O3", "-march=armv8.2-a+sve"], "astrom3")
        self.assertIn("not for plain aarch64", " ".join(found))


if __name__ == "__main__":
    unittest.main()
