// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "formats/json.h"
#include "formats/json_writer.h"

namespace astrom3 {
namespace {

std::string some_document(JsonLayout layout) {
  JsonWriter json(layout);
  json.begin_object().member("name", "a \"b\"\n").member("n", std::uint64_t{18446744073709551615u});
  json.member("minus", -3)
      .member("share", 0.5)
      .member("whole", 2.0)
      .member("yes", true)
      .member("none", nullptr);
  json.key("list").array(std::vector<int>{1, 2}).key("empty").begin_array().end();
  json.key("map").object(std::map<std::string, double>{{"x", 1e-7}, {"y", 1.5}});
  json.key("nothing").begin_object().end();
  return json.end().take();
}

TEST(JsonWriter, LaysMembersOutAsAsked) {
  EXPECT_EQ(some_document(JsonLayout::compact),
            R"({"name":"a \"b\"\n","n":18446744073709551615,"minus":-3,"share":0.5,"whole":2.0,"yes":true,)"
            R"("none":null,"list":[1,2],"empty":[],"map":{"x":1e-07,"y":1.5},"nothing":{}})");
  EXPECT_EQ(some_document(JsonLayout::line),
            R"({"name": "a \"b\"\n", "n": 18446744073709551615, "minus": -3, "share": 0.5, "whole": 2.0, )"
            R"("yes": true, "none": null, "list": [1, 2], "empty": [], "map": {"x": 1e-07, "y": 1.5}, )"
            R"("nothing": {}})");
  JsonWriter json(JsonLayout::block);
  json.begin_object().key("a").begin_array().value(1).begin_object().member("b", 2).end().end();
  json.key("c").array(std::vector<int>{3, 4}, JsonLayout::line).end();
  EXPECT_EQ(json.take(), "{\n  \"a\": [\n    1,\n    {\n      \"b\": 2\n    }\n  ],\n  \"c\": [3, 4]\n}");
}

// The twin is another library's writer.
TEST(JsonWriter, WritesWhatAnotherLibraryWrites) {
  const auto twin = nlohmann::ordered_json::parse(some_document(JsonLayout::line));
  EXPECT_EQ(some_document(JsonLayout::compact), twin.dump());
  EXPECT_EQ(some_document(JsonLayout::block), twin.dump(2));
}

TEST(JsonWriter, NumbersReadBackToTheLastBitAndAreNoIntegers) {
  std::mt19937_64 bits(7);
  std::vector<double> numbers{
      0.0, -0.0, 1.0, 100.0, 1e15, 1e16, 1e22, 5e-324, 1e-4, 1e-5, 1.7976931348623157e308};
  for (int i = 0; i < 20'000; ++i) numbers.push_back(std::bit_cast<double>(bits()));
  for (const double number : numbers) {
    const std::string text = JsonWriter().value(number).take();
    if (!std::isfinite(number)) {
      EXPECT_EQ(text, "null");
      continue;
    }
    const JsonValue back = parse_json(text, {});
    EXPECT_EQ(back.kind, JsonKind::floating) << text;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(back.number), std::bit_cast<std::uint64_t>(number)) << text;
  }
}

TEST(JsonWriter, WritesNoNumberThatJsonDoesNotHave) {
  JsonWriter json;
  json.begin_array().value(std::nan("")).value(std::numeric_limits<double>::infinity());
  json.value(std::optional<double>{}).value(std::optional<double>{2.5});
  EXPECT_EQ(json.end().take(), "[null,null,null,2.5]");
}

TEST(JsonWriter, WritesAValueAsItWasRead) {
  const std::string text = R"({"a":[1,-2,3.50,1E5,true,null],"b":{"c":"d"}})";
  EXPECT_EQ(JsonWriter().value(parse_json(text, {})).take(), text);
}

TEST(JsonQuoted, IsReadBackAsItWas) {
  const auto read = [](const std::string& text) { return parse_json(json_quoted(text), {}).text; };
  for (const std::string& text : {std::string("plain"), std::string("q\" b\\ n\n t\t \x01 \x7f"),
                                  std::string("a\0b", 3), std::string("\xc3\xa9\xf0\x9f\x8c\x9f")}) {
    EXPECT_EQ(read(text), text);
  }
  EXPECT_EQ(read("a\xff"), "a\xEF\xBF\xBD");
}

TEST(JsonNumber, IsReadBackToTheLastBit) {
  for (const double value :
       {0.0, -0.0, 1.0, 0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, 0.14904317667318695}) {
    const double back = parse_json(json_number(value), {}).number;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(back), std::bit_cast<std::uint64_t>(value)) << value;
  }
}

TEST(JsonWriter, EscapesWhatDrivesATerminalAndMeansTheSame) {  // RC07
  const std::string text = "\x1b \x7f \u009b \u202e \u2028 \u2066 \U000e0041 \u00e9 \U0001f31f";
  EXPECT_EQ(json_quoted(text),
            "\"\\u001b \\u007f \\u009b \\u202e \\u2028 \\u2066 \\udb40\\udc41 \u00e9 \U0001f31f\"");
  EXPECT_EQ(parse_json(json_quoted(text), JsonSource{}).text, text);
}

}  // namespace
}  // namespace astrom3
