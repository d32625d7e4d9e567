// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "astrom3/base/error.h"
#include "astrom3/base/flags.h"
#include "astrom3/base/printable.h"

namespace astrom3 {
namespace {

TEST(Status, EveryCodeHasANameOfItsOwnAndASentence) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Status::internal); ++i) {
    const auto status = static_cast<Status>(i);
    EXPECT_TRUE(names.insert(status_name(status)).second) << status_name(status);
    EXPECT_FALSE(status_meaning(status).empty());
  }
  EXPECT_EQ(status_name(Status::ok), "ok");
  EXPECT_EQ(status_name(Status::mad_zero), "mad_zero");
  EXPECT_EQ(status_name(Status::upper_limit), "upper_limit");
  EXPECT_EQ(status_name(Status::bad_parquet), "bad_parquet");
  EXPECT_EQ(status_name(Status::internal), "internal");
}

TEST(Diagnostic, ReadsAsFileLineFieldColumnMessageAndHint) {
  const Diagnostic d{.code = Status::not_a_number,
                     .file = "lc/a.csv",
                     .line = 1234,
                     .field = 17,
                     .column = "flux",
                     .message = "expected a number, found \">17.2\"",
                     .hint = {"leave them out with {}", {{"upper-limits", "drop"}}}};
  EXPECT_EQ(to_string(d),
            "error[not_a_number]: lc/a.csv:1234:17: \"flux\": expected a number, found \">17.2\"\n"
            "hint: leave them out with upper-limits=drop");
}

std::string spelled_for_shells(const NamedOption& option) {
  return "--" + option.name + (option.value.empty() ? "" : " " + option.value);
}

TEST(Diagnostic, NamesOptionsAsItsReaderWritesThem) {
  Diagnostic d{.code = Status::usage,
               .option = "min-points",
               .message = "expected a whole number",
               .hint = {"try {} or {}; {} stays", {{"min-points", "2"}, {"band"}}}};
  EXPECT_EQ(to_string(d),
            "error[usage]: min-points: expected a whole number\nhint: try min-points=2 or band; {} stays");
  d.causes.push_back({.code = Status::mad_zero, .message = "flat", .hint = {"{}", {{"on-mad-zero", "std"}}}});
  EXPECT_EQ(to_string(d, "error", spelled_for_shells),
            "error[usage]: --min-points: expected a whole number\n  error[mad_zero]: flat\nhint: "
            "--on-mad-zero std\n"
            "hint: try --min-points 2 or --band; {} stays");
}

TEST(Hint, ThatNamesNoOptionIsItsWords) {
  EXPECT_EQ(to_string(Hint("did you mean \"{}\"?")), "did you mean \"{}\"?");
  EXPECT_TRUE(Hint().empty());
}

TEST(Diagnostic, NamesTheByteWhereThereIsNoLine) {
  const Diagnostic d{.code = Status::bad_model, .file = "m.safetensors", .byte = 72, .message = "cut"};
  EXPECT_EQ(to_string(d, "warning"), "warning[bad_model]: m.safetensors: byte 72: cut");
}

TEST(Escaped, NeverLetsControlBytesOrBrokenUtf8Through) {
  EXPECT_EQ(escaped("a\x1b[31mb\n"), "a\\x1b[31mb\\x0a");
  EXPECT_EQ(escaped("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(escaped("\xc2\x9b"), "\\xc2\\x9b");
  EXPECT_EQ(escaped("\xed\xa0\x80"), "\\xed\\xa0\\x80");
  EXPECT_EQ(escaped("\u00e9\u20ac"), "\u00e9\u20ac");
  EXPECT_EQ(escaped("abcdef", 3), "abc...");
}

TEST(Printable, EscapesWhatDrivesATerminalOrTurnsTextAround) {  // RC07
  EXPECT_EQ(printable("a\x1b[2Jb\r\x7f"), "a\\x1b[2Jb\\x0d\\x7f");
  EXPECT_EQ(printable("\u0085\u202e\u2066\u2028\u200f"),
            "\\xc2\\x85\\xe2\\x80\\xae\\xe2\\x81\\xa6\\xe2\\x80\\xa8\\xe2\\x80\\x8f");
  EXPECT_EQ(printable("\U000e0041"), "\\xf3\\xa0\\x81\\x81");
  EXPECT_EQ(printable("\x9b"), "\\x9b");
}

TEST(Printable, LeavesLineEndsAndLettersOfAnyScript) {
  EXPECT_EQ(printable("one\ntwo \u00e9\u20ac\u05d0\U0001f31f"), "one\ntwo \u00e9\u20ac\u05d0\U0001f31f");
  EXPECT_EQ(printable(""), "");
}

TEST(Error, AMessageQuotesNoControlCharacterWhoeverWroteIt) {
  const Error error(
      Diagnostic{.code = Status::usage, .option = "o\x1b", .message = "m\x1b", .hint = "h\x1b"});
  EXPECT_EQ(std::string(error.what()).find('\x1b'), std::string::npos) << error.what();
}

TEST(Diagnostic, IsNoLongerThanAScreenOfTextWhateverItQuotes) {
  std::string umlauts;  // two bytes each, so that a cut may come between them
  for (int i = 0; i < 100'000; ++i) umlauts += "\xc3\xa4";
  for (const char* const begin : {"", "x"}) {
    const std::string text =
        to_string(Diagnostic{.code = Status::usage, .message = begin + umlauts}, "error");
    EXPECT_LT(text.size(), 8300u);
    EXPECT_TRUE(text.ends_with("\xc3\xa4...")) << text.substr(text.size() - 8);
    EXPECT_EQ(printable(text), text);  // all of it is UTF-8
  }
}

TEST(Flags, AreNamedInTheOrderOfTheEnum) {
  Flags flags(Flag::ambiguous_double);
  flags.set(Flag::few_points);
  flags.set(Flag::period_at_limit);
  EXPECT_EQ(to_string(flags), "few_points;period_at_limit;ambiguous_double");
  EXPECT_EQ(flag_name(Flag::mixed_time_systems), "mixed_time_systems");
  EXPECT_EQ(flag_name(Flag::mostly_dropped), "mostly_dropped");
  EXPECT_EQ(to_string(Flags{}), "");
}

}  // namespace
}  // namespace astrom3
