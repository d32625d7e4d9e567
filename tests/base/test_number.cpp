// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <clocale>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

#include "base/number.h"

namespace astrom3 {
namespace {

NumberKind kind(std::string_view text, NumberStyle style = {}) {
  return parse_number(text, style).kind;
}

double value(std::string_view text, NumberStyle style = {}) {
  const ParsedNumber number = parse_number(text, style);
  EXPECT_EQ(number.kind, NumberKind::number) << text;
  return number.value;
}

std::uint64_t bits(double x) {
  std::uint64_t out = 0;
  std::memcpy(&out, &x, sizeof out);
  return out;
}

TEST(ParseNumber, ReadsWhatPeopleWrite) {
  EXPECT_EQ(value("2457000.5"), 2457000.5);
  EXPECT_EQ(value("-1.25e-3"), -1.25e-3);
  EXPECT_EQ(value("1E5"), 1e5);
  EXPECT_EQ(value("+1.5"), 1.5);
  EXPECT_EQ(value("  7\t"), 7);
  EXPECT_EQ(value(".5"), 0.5);
  EXPECT_EQ(value("5."), 5);
  EXPECT_EQ(value("007"), 7);
  EXPECT_TRUE(std::signbit(value("-0.0")));
}

TEST(ParseNumber, TakesTheWholeFieldOrNothing) {  // TX25
  for (const char* text : {"0x10",     "2.45D6", "1e",  "1e+",     "1.5abc", "1,5",      "nan(abc)", "1.5 2",
                           "--5",      "+-5",    "- 5", "1.2.3",   ".",      "+",        "e5",       "5-",
                           "\xd9\xa3", "1\n",    "0b1", "infinit", "1f",     "14.1-0.02"}) {
    EXPECT_EQ(kind(text), NumberKind::not_a_number) << text;
  }
}

TEST(ParseNumber, ThousandsSeparatorsAreNoNumbers) {  // TX20
  for (const char* text : {"1,000", "1_000", "1 000", "1'000"}) {
    EXPECT_EQ(kind(text), NumberKind::not_a_number) << text;
  }
}

TEST(ParseNumber, KnowsTheWordsForNothing) {  // TX22
  for (const char* text :
       {"",     "  ",   "NA", "N/A", "n/a", "na",    "null", "NULL",   "None", "nan", "NaN",
        "-nan", "+NaN", "-",  "--",  "---", "INDEF", "<NA>", "nodata", "?",    "*"}) {
    EXPECT_EQ(kind(text), NumberKind::missing) << text;
  }
}

TEST(ParseNumber, InfinityAndOverflowAreNotFinite) {  // TX23
  for (const char* text :
       {"inf", "Infinity", "-inf", "+INF", "1e400", "-1e309", "179769313486231580793e289"}) {
    EXPECT_EQ(kind(text), NumberKind::nonfinite) << text;
  }
  EXPECT_EQ(kind("1" + std::string(400, '0')), NumberKind::nonfinite);
}

TEST(ParseNumber, WhatIsTooSmallIsZero) {  // TX24
  EXPECT_EQ(value("1e-400"), 0);
  EXPECT_EQ(value("0.0000001e-330"), 0);
  EXPECT_EQ(value("0." + std::string(400, '0') + "1"), 0);
  EXPECT_EQ(value("123456e-999999999999"), 0);
  EXPECT_TRUE(std::signbit(value("-1e-400")));
  EXPECT_EQ(value("4.9e-324"), 4.9e-324);
  EXPECT_EQ(value("0e999999"), 0);
}

TEST(ParseNumber, LimitsAreNoMeasurements) {  // TX21
  for (const char* text : {">17.2", "<0.1", "> 14.814", "<-1e3"})
    EXPECT_EQ(kind(text), NumberKind::upper_limit) << text;
  for (const char* text : {">", "<x", ">>1", "><1", ">NA", "17.2>"}) {
    EXPECT_EQ(kind(text), NumberKind::not_a_number) << text;
  }
}

TEST(ParseNumber, RoundsCorrectlyWhateverTheLength) {  // TX26
  EXPECT_EQ(value("2457000.1234567890123456789012345678901234"), 2457000.1234567890123456789);
  EXPECT_EQ(value("2457981.8403123456"), 2457981.8403123456);
  // Half way between two doubles, then a digit beyond the half.
  EXPECT_EQ(value("9007199254740993"), 9007199254740992.0);
  EXPECT_EQ(value("9007199254740993.0000000000000000000000000000000001"), 9007199254740994.0);
  EXPECT_EQ(kind(std::string(4096, '1')), NumberKind::not_a_number);
  EXPECT_EQ(kind("1." + std::string(4096, '0')), NumberKind::not_a_number);
}

TEST(ParseNumber, DecimalCommasAndDExponentsAreOptions) {  // TX19, TX25
  const NumberStyle comma{.decimal = ','};
  EXPECT_EQ(value("5,2", comma), 5.2);
  EXPECT_EQ(value(",5", comma), 0.5);
  EXPECT_EQ(kind("5.2", comma), NumberKind::not_a_number);
  EXPECT_EQ(kind("1.234,5", comma), NumberKind::not_a_number);
  EXPECT_EQ(kind(">5,2", comma), NumberKind::upper_limit);
  const NumberStyle fortran{.d_exponent = true};
  EXPECT_EQ(value("2.45D6", fortran), 2.45e6);
  EXPECT_EQ(value("-1d-3", fortran), -1e-3);
  EXPECT_EQ(value("1.5", fortran), 1.5);
  EXPECT_EQ(kind("D6", fortran), NumberKind::not_a_number);
  EXPECT_EQ(kind("1DD6", fortran), NumberKind::not_a_number);
}

std::string random_number(std::mt19937_64& random) {
  const auto below = [&](std::uint64_t n) { return random() % n; };
  const auto digits = [&](std::uint64_t most) {
    std::string out;
    for (std::uint64_t i = below(most + 1); i > 0; --i) out += static_cast<char>('0' + below(10));
    return out;
  };
  std::string text = below(3) == 0 ? "-" : "";
  text += static_cast<char>('0' + below(10));
  text += digits(below(8) == 0 ? 40 : 8);
  if (below(4) != 0) text += "." + digits(below(8) == 0 ? 40 : 10);
  if (below(3) == 0) {
    text += below(2) == 0 ? "e" : "E";
    if (below(2) == 0) text += below(2) == 0 ? "-" : "+";
    text += std::to_string(below(below(4) == 0 ? 400 : 20));
  }
  return text;
}

TEST(ParseNumber, AgreesWithStrtodOnAMillionRandomNumbers) {  // TX26
  std::mt19937_64 random(20240607);
  for (int i = 0; i < 1'000'000; ++i) {
    const std::string text = random_number(random);
    const double expected = std::strtod(text.c_str(), nullptr);
    const ParsedNumber number = parse_number(text);
    if (std::isinf(expected)) {
      ASSERT_EQ(number.kind, NumberKind::nonfinite) << text;
    } else {
      ASSERT_EQ(number.kind, NumberKind::number) << text;
      ASSERT_EQ(bits(number.value), bits(expected)) << text;
    }
  }
}

TEST(ParseNumber, DoesNotDependOnTheLocale) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  bool tried = false;
  for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "tr_TR.UTF-8", "C.UTF-8"}) {
    if (std::setlocale(LC_ALL, name) == nullptr) continue;
    tried = true;
    EXPECT_EQ(value("1.5"), 1.5) << name;
    EXPECT_EQ(kind("1,5"), NumberKind::not_a_number) << name;
    EXPECT_EQ(kind("INF"), NumberKind::nonfinite) << name;  // dotless i in Turkish
  }
  std::setlocale(LC_ALL, before.c_str());
  if (!tried) GTEST_SKIP() << "no other locale is installed";
}

}  // namespace
}  // namespace astrom3
