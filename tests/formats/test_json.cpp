// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <clocale>
#include <cstdint>
#include <limits>
#include <string>

#include "formats/json.h"
#include "formats/json_writer.h"
#include "tests/base/rejection.h"

namespace astrom3 {
namespace {

JsonValue parse(std::string_view text, const JsonLimits& limits = {}) {
  return parse_json(text, {.code = Status::bad_config, .file = "c.json"}, limits);
}

Diagnostic rejected(std::string_view text, const JsonLimits& limits = {}) {
  const Diagnostic diagnostic = rejection_of([&] { parse(text, limits); });
  EXPECT_EQ(diagnostic.code, Status::bad_config);
  EXPECT_EQ(diagnostic.file, "c.json");
  return diagnostic;
}

/// "line:column" of the error in `text`.
std::string place(std::string_view text) {
  const Diagnostic diagnostic = rejected(text);
  return std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.field);
}

TEST(Json, KeepsKindsTextAndOrder) {
  const JsonValue root = parse(R"( {"b": [1, -2, 3.5e1, "x\u00e9", true, null], "a": {}} )");
  ASSERT_TRUE(root.is(JsonKind::object));
  EXPECT_EQ(root.keys, (std::vector<std::string>{"b", "a"}));
  const std::vector<JsonValue>& b = root.find("b")->elements;
  ASSERT_EQ(b.size(), 6u);
  EXPECT_TRUE(b[0].is(JsonKind::unsigned_integer) && b[0].unsigned_value == 1 && b[0].number == 1);
  EXPECT_TRUE(b[1].is(JsonKind::negative_integer) && b[1].integer_value == -2 && b[1].number == -2);
  EXPECT_TRUE(b[2].is(JsonKind::floating) && b[2].number == 35);
  EXPECT_EQ(b[2].text, "3.5e1");
  EXPECT_EQ(b[3].text, "x\xc3\xa9");
  EXPECT_TRUE(b[4].is(JsonKind::boolean) && b[4].boolean);
  EXPECT_TRUE(b[5].is(JsonKind::null));
  EXPECT_TRUE(root.find("a")->is(JsonKind::object));
  EXPECT_EQ(root.find("c"), nullptr);
}

TEST(Json, KnowsWhereEachValueBegins) {
  const std::string text = "{\"a\" : 12,\n \"b\":[true , \"s\", {}]}";
  const JsonValue root = parse(text);
  EXPECT_EQ(root.offset, 0u);
  EXPECT_EQ(root.elements[0].offset, text.find("12"));
  EXPECT_EQ(root.elements[1].offset, text.find('['));
  EXPECT_EQ(root.elements[1].elements[0].offset, text.find("true"));
  EXPECT_EQ(root.elements[1].elements[1].offset, text.find("\"s\""));
  EXPECT_EQ(root.elements[1].elements[2].offset, text.find("{}"));
}

TEST(Json, TellsTheKindsOfNumbersApart) {
  EXPECT_TRUE(parse("18446744073709551615").is(JsonKind::unsigned_integer));
  EXPECT_EQ(parse("18446744073709551615").unsigned_value, std::numeric_limits<std::uint64_t>::max());
  EXPECT_TRUE(parse("18446744073709551616").is(JsonKind::floating));
  EXPECT_EQ(parse("18446744073709551616").text, "18446744073709551616");
  EXPECT_TRUE(parse("-0").is(JsonKind::negative_integer));
  EXPECT_TRUE(parse("1.0").is(JsonKind::floating));
  EXPECT_TRUE(parse("1e2").is(JsonKind::floating));
  EXPECT_EQ(parse("-9223372036854775808").integer_value, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse("0.1").number, 0.1);
  EXPECT_EQ(parse("1e-400").number, 0);
}

TEST(Json, RejectsWhatIsNotJsonWithLineAndColumn) {
  EXPECT_EQ(place(""), "1:1");
  EXPECT_EQ(place("{\"a\":1,}"), "1:8");
  EXPECT_EQ(place("{\n  \"a\": tru\n}"), "2:11");
  EXPECT_EQ(place("{} {}"), "1:4");
  EXPECT_EQ(place("{}x"), "1:3");
  EXPECT_EQ(place("// c\n{}"), "1:1");
  EXPECT_EQ(place("{\"a\": NaN}"), "1:7");
  EXPECT_EQ(place("{\"a\": Infinity}"), "1:7");
  EXPECT_EQ(place("{'a': 1}"), "1:2");
  EXPECT_EQ(place("{\"\xc3\xa9\xc3\xa9\": x}"), "1:8");  // characters, not bytes
  EXPECT_EQ(place("[01]"), "1:3");
  EXPECT_EQ(place("[1.]"), "1:4");
  EXPECT_EQ(place("[\"a\nb\"]"), "1:4");
  for (const char* cut : {"{", "[", "{\"a\"", "{\"a\":", "{\"a\":1", "\"a", "tr", "-", "[1,"}) {
    EXPECT_TRUE(contains(rejected(cut).message, "not valid JSON")) << cut;
  }
}

TEST(Json, RejectsAByteOrderMarkANulByteAndInvalidUtf8) {
  EXPECT_TRUE(contains(rejected("\xEF\xBB\xBF{}").message, "byte order mark"));
  EXPECT_TRUE(contains(rejected(std::string_view("{}\0junk", 7)).message, "NUL"));
  EXPECT_TRUE(contains(rejected(std::string_view("{\"a\0\":1}", 8)).message, "NUL"));
  EXPECT_EQ(rejected("{\"a\xff\":1}").byte, 3);
  EXPECT_TRUE(contains(rejected("{\"a\xff\":1}").message, "byte \\xff at offset 3"));
  EXPECT_EQ(rejected("[\"\xc0\xaf\"]").byte, 2);      // overlong '/'
  EXPECT_EQ(rejected("[\"\xed\xa0\x80\"]").byte, 2);  // a surrogate
  EXPECT_TRUE(contains(rejected(R"(["\ud800"])").message, "not valid JSON"));
}

TEST(Json, RejectsDuplicateKeysAlsoWhenOnlyEqualAfterEscapes) {
  EXPECT_TRUE(contains(rejected(R"({"a":1,"b":2,"a":3})").message, "duplicate key \"a\""));
  EXPECT_TRUE(contains(rejected(R"({"a":1,"\u0061":2})").message, "duplicate key \"a\""));
  EXPECT_TRUE(contains(rejected(R"([{"x":{"k":1,"k":1}}])").message, "duplicate key \"k\""));
  EXPECT_EQ(place("{\"a\":1,\n \"a\":2}"), "2:2");
  EXPECT_NO_THROW(parse(R"([{"a":1},{"a":1}])"));
}

TEST(Json, StopsAtItsDepthLimitWithoutUsingTheStack) {
  EXPECT_TRUE(contains(rejected(std::string(100'000, '[')).message, "nested deeper than 64 levels"));
  EXPECT_NO_THROW(parse(std::string(64, '[') + std::string(64, ']')));
  EXPECT_TRUE(contains(rejected(std::string(65, '[') + std::string(65, ']')).message, "nested deeper"));
}

TEST(Json, StopsAtItsLimitOfValues) {
  EXPECT_NO_THROW(parse("[1,2,3]", {.max_values = 4}));
  EXPECT_TRUE(contains(rejected("[1,2,3]", {.max_values = 3}).message, "more than 3 JSON values"));
}

TEST(Json, NamesTheValueANumberBeyondDoubleIsIn) {
  const Diagnostic diagnostic = rejected(R"({"a":[0,{"b/c":1e400}]})");
  EXPECT_EQ(diagnostic.column, "/a/1/b~1c");
  EXPECT_TRUE(contains(diagnostic.message, "1e400"));
}

TEST(Json, CountsBytesFromTheBeginningOfTheFile) {
  const Diagnostic diagnostic =
      rejection_of([] { parse_json("[}", {.code = Status::bad_model, .file = "m", .first_byte = 8}); });
  EXPECT_EQ(diagnostic.byte, 9);
  EXPECT_EQ(diagnostic.code, Status::bad_model);
}

TEST(Json, DescribesValuesForMessages) {
  EXPECT_EQ(parse("\"a\\u0007\"").described(), "\"a\\x07\"");
  EXPECT_EQ(parse("1.50").described(), "1.50");
  EXPECT_EQ(parse("[1]").described(), "an array");
  EXPECT_EQ(parse("{}").described(), "an object");
  EXPECT_EQ(parse("null").described(), "null");
  EXPECT_EQ(parse("false").described(), "false");
}

TEST(Json, ReadsNumbersAlikeInEveryLocale) {
  const std::string before = std::setlocale(LC_NUMERIC, nullptr);
  if (std::setlocale(LC_NUMERIC, "de_DE.UTF-8") == nullptr) GTEST_SKIP() << "no de_DE.UTF-8 locale here";
  EXPECT_EQ(parse("1.5").number, 1.5);
  EXPECT_EQ(json_number(1.5), "1.5");
  std::setlocale(LC_NUMERIC, before.c_str());
}

}  // namespace
}  // namespace astrom3
