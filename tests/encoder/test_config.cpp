// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

#include "encoder/config.h"
#include "tests/base/file_contents.h"
#include "tests/base/rejection.h"
#include "tests/base/temporary_folder.h"

namespace astrom3 {
namespace {

const std::string kPublished = to_json(EncoderConfig{});

EncoderConfig parse(const std::string& text, std::vector<Diagnostic>* warnings = nullptr) {
  std::vector<Diagnostic> unused;
  return parse_encoder_config(text, "config.json", warnings == nullptr ? unused : *warnings);
}

Diagnostic rejected(const std::string& text) {
  const Diagnostic diagnostic = rejection_of([&] { parse(text); });
  EXPECT_EQ(diagnostic.code, Status::bad_config);
  EXPECT_EQ(diagnostic.file, "config.json");
  return diagnostic;
}

/// The published config with `key` given as `value`.
std::string with(const std::string& key, const std::string& value) {
  const auto begin = kPublished.find("\"" + key + "\": ");
  EXPECT_NE(begin, std::string::npos) << key;
  const auto end = kPublished.find_first_of(",\n", begin);
  return kPublished.substr(0, begin) + "\"" + key + "\": " + value + kPublished.substr(end);
}

/// The published config without `key`.
std::string without(const std::string& key) {
  return replaced(kPublished, "\"" + key + "\": ", "\"x_" + key + "\": ");
}

const std::vector<std::string> kIntegers{"num_classes", "seq_len", "enc_in", "d_model",
                                         "factor",      "n_heads", "d_ff",   "e_layers"};

TEST(EncoderConfig, SurvivesItsOwnJson) {
  EncoderConfig config;
  config.classification = false;
  config.num_classes = 3;
  config.seq_len = 33;
  config.d_model = 48;
  config.dropout = 0.1;
  config.factor = 5;
  config.output_attention = true;
  config.n_heads = 3;
  config.d_ff = 80;
  config.activation = Activation::relu;
  config.e_layers = 3;
  config.class_names = {"A", "B \"quoted\"", "C\xc3\xa9"};
  std::vector<Diagnostic> warnings;
  const EncoderConfig back = parse(to_json(config), &warnings);
  EXPECT_TRUE(warnings.empty());
  EXPECT_EQ(to_json(back), to_json(config));
  const auto fields = [](const EncoderConfig& c) {
    return std::tuple(c.classification, c.num_classes, c.seq_len, c.enc_in, c.d_model, c.dropout, c.factor,
                      c.output_attention, c.n_heads, c.d_ff, c.activation, c.e_layers, c.class_names);
  };
  EXPECT_EQ(fields(back), fields(config));
}

TEST(EncoderConfig, ReadsTheGoldenFile) {
  std::vector<Diagnostic> warnings;
  const EncoderConfig config =
      read_encoder_config(std::filesystem::path(ASTROM3_TEST_DATA) / "tiny/config.json", warnings);
  EXPECT_TRUE(warnings.empty());
  EXPECT_EQ(config.seq_len, 40);
  EXPECT_EQ(config.d_model, 32);
  EXPECT_EQ(config.d_ff, 64);
  EXPECT_EQ(config.num_classes, 5);
  EXPECT_EQ(config.dropout, 0.14904317667318695);
}

TEST(EncoderConfig, NamesAFileThatIsMissing) {  // CF01
  std::vector<Diagnostic> warnings;
  const Diagnostic diagnostic =
      rejection_of([&] { read_encoder_config("/nonexistent/config.json", warnings); });
  EXPECT_EQ(diagnostic.code, Status::bad_config);
  EXPECT_EQ(diagnostic.message, "cannot open: No such file or directory");
}

TEST(EncoderConfig, RejectsTextThatIsNoJsonObjectWithLineAndColumn) {  // CF02
  for (const std::string& text : {std::string(), std::string("hello"), "\xEF\xBB\xBF" + kPublished,
                                  replaced(kPublished, "\n}", ",\n}"), with("dropout", "NaN")}) {
    const Diagnostic diagnostic = rejected(text);
    EXPECT_GE(diagnostic.line, 1);
    EXPECT_GE(diagnostic.field, 1);
  }
  EXPECT_EQ(rejected("[]").message, "must be an object, found an array");
}

TEST(EncoderConfig, NamesEachKeyThatIsMissing) {  // CF03
  for (const std::string& key : kIntegers) {
    const Diagnostic diagnostic = rejected(without(key));
    EXPECT_EQ(diagnostic.column, "/" + key);
    EXPECT_TRUE(contains(diagnostic.message, "missing")) << key;
  }
  EXPECT_EQ(rejected(without("activation")).message, "missing; it must be \"relu\" or \"gelu\"");
}

TEST(EncoderConfig, WarnsOfUnknownKeysAndListsThem) {  // CF04
  std::vector<Diagnostic> warnings;
  parse(replaced(kPublished, "{", R"({"distil": true, "x": [1, {"y": 2}],)"), &warnings);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].message, "unknown keys, ignored: \"distil\", \"x\"");
  EXPECT_EQ(warnings[0].code, Status::bad_config);
}

TEST(EncoderConfig, TakesAnIntegralFloatWithAWarningAndNothingElseForAnInteger) {  // CF05
  std::vector<Diagnostic> warnings;
  EXPECT_EQ(parse(with("d_model", "128.0"), &warnings).d_model, 128);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].column, "/d_model");
  EXPECT_EQ(warnings[0].message, "128.0 is read as an integer");
  for (const std::string& key : kIntegers) {
    for (const char* value : {"\"128\"", "128.5", "true", "null", "1e2", "1.0e1", "[8]", "{}"}) {
      const Diagnostic diagnostic = rejected(with(key, value));
      EXPECT_TRUE(contains(diagnostic.message, "must be an integer")) << key << " " << value;
      EXPECT_EQ(diagnostic.column, "/" + key);
    }
  }
}

TEST(EncoderConfig, RejectsEachSizeOutOfItsRange) {  // CF06, CF07
  for (const std::string& key : kIntegers) {
    for (const char* value : {"0", "-1", "-128", "-0", "1000000000", "2147483648", "9223372036854775808",
                              "18446744073709551616", "99999999999999999999999999"}) {
      const Diagnostic diagnostic = rejected(with(key, value));
      EXPECT_TRUE(contains(diagnostic.message, "must be")) << key << " " << value;
      EXPECT_TRUE(contains(diagnostic.message, value));
      EXPECT_EQ(diagnostic.column, "/" + key);
    }
    EXPECT_TRUE(contains(rejected(with(key, "1e400")).message, "1e400"));
    EXPECT_EQ(rejected(with(key, "1e400")).column, "/" + key);
  }
}

TEST(EncoderConfig, StatesTheRangeAndTheValue) {  // CF06
  const std::vector<std::tuple<std::string, std::int64_t, std::int64_t>> ranges{
      {"d_model", 1, 4096}, {"n_heads", 1, 64},   {"e_layers", 1, 64},
      {"d_ff", 1, 16384},   {"seq_len", 3, 5000}, {"factor", 1, 100}};
  for (const auto& [key, min, max] : ranges) {
    for (const std::int64_t value : {min - 1, max + 1}) {
      EXPECT_EQ(rejected(with(key, std::to_string(value))).message, "must be " + std::to_string(min) +
                                                                        " to " + std::to_string(max) +
                                                                        ", found " + std::to_string(value));
    }
  }
  for (const char* key : {"e_layers", "d_ff", "seq_len", "factor"}) {
    for (const auto& [name, min, max] : ranges) {
      if (name != key) continue;
      EXPECT_NO_THROW(parse(with(key, std::to_string(min))));
      EXPECT_NO_THROW(parse(with(key, std::to_string(max))));
    }
  }
}

TEST(EncoderConfig, RejectsHeadsThatDoNotDivideTheWidth) {  // CF08
  const Diagnostic diagnostic = rejected(with("n_heads", "3"));
  EXPECT_EQ(diagnostic.column, "/n_heads");
  EXPECT_EQ(diagnostic.message, "must divide d_model = 128, found 3");
}

TEST(EncoderConfig, KnowsReluAndGeluOnly) {  // CF09
  EXPECT_EQ(parse(with("activation", "\"relu\"")).activation, Activation::relu);
  for (const char* value : {"\"swish\"", "\"GELU\"", "\"\"", "null", "1", "true"}) {
    EXPECT_TRUE(contains(rejected(with("activation", value)).message, "must be \"relu\" or \"gelu\", found"));
  }
}

TEST(EncoderConfig, RejectsSequencesBeyondThePositionBufferOrTooShort) {  // CF10, CF11
  EXPECT_EQ(rejected(with("seq_len", "6000")).message, "must be 3 to 5000, found 6000");
  EXPECT_EQ(rejected(with("seq_len", "1")).message, "must be 3 to 5000, found 1");
  EXPECT_EQ(rejected(with("seq_len", "2")).message, "must be 3 to 5000, found 2");
}

TEST(EncoderConfig, RejectsOtherThanNineChannels) {  // CF12
  for (const char* value : {"8", "10", "1"}) {
    EXPECT_TRUE(contains(rejected(with("enc_in", value)).message, "light-curve features are 9"));
  }
}

TEST(EncoderConfig, RejectsAnOddWidth) {  // CF13
  const Diagnostic diagnostic = rejected(with("d_model", "129"));
  EXPECT_EQ(diagnostic.column, "/d_model");
  EXPECT_TRUE(contains(diagnostic.message, "must be even"));
}

TEST(EncoderConfig, WarnsOfValuesThatInferenceDoesNotUse) {  // CF14
  for (const char* value : {"1.5", "-0.1", "null", "\"NaN\""}) {
    std::vector<Diagnostic> warnings;
    parse(with("dropout", value), &warnings);
    ASSERT_EQ(warnings.size(), 1u) << value;
    EXPECT_EQ(warnings[0].column, "/dropout");
    EXPECT_TRUE(contains(warnings[0].message, "not used in inference"));
  }
  std::vector<Diagnostic> warnings;
  parse(with("output_attention", "0"), &warnings);
  EXPECT_EQ(warnings.size(), 1u);
  warnings.clear();
  EXPECT_EQ(parse(with("dropout", "0"), &warnings).dropout, 0);
  EXPECT_EQ(parse(with("dropout", "1.0"), &warnings).dropout, 1);
  EXPECT_TRUE(warnings.empty());
}

TEST(EncoderConfig, TakesClassificationTrueFalseOrMissing) {  // CF15
  EXPECT_TRUE(parse(kPublished).classification);
  EXPECT_FALSE(parse(with("classification", "false")).classification);
  EXPECT_FALSE(parse(replaced(kPublished, "\"classification\": true,", "")).classification);
  EXPECT_NO_THROW(parse(replaced(with("classification", "false"), "\"num_classes\": 10,", "")));
  EXPECT_TRUE(contains(rejected(with("classification", "1")).message, "must be true or false, found 1"));
}

TEST(EncoderConfig, RejectsDuplicatesDepthAndSize) {  // CF17
  EXPECT_TRUE(contains(rejected(replaced(kPublished, "{", "{\"d_model\": 64,")).message,
                       "duplicate key \"d_model\""));
  EXPECT_TRUE(contains(rejected(std::string(100'000, '[')).message, "nested deeper"));
  EXPECT_TRUE(contains(rejected(kPublished + std::string(1 << 20, ' ')).message, "at most 1048576 are read"));
  const TemporaryFolder folder;
  const auto file = write_file(folder / "config.json", kPublished);
  std::filesystem::resize_file(file, 100'000'000);
  std::vector<Diagnostic> warnings;
  EXPECT_TRUE(contains(rejection_of([&] { read_encoder_config(file, warnings); }).message,
                       "is 100000000 bytes; at most 1048576 are read"));
}

TEST(EncoderConfig, RecognisesTheConfigOfTheTriModalModel) {  // CF18
  const Diagnostic diagnostic = rejected(R"({"p_d_model": 128, "p_e_layers": 8, "s_num_classes": 10})");
  EXPECT_EQ(diagnostic.column, "/p_d_model");
  EXPECT_TRUE(contains(diagnostic.hint.text, "looks like an AstroM3 CLIP config"));
}

TEST(EncoderConfig, RejectsANullFeedForwardWidth) {  // CF19
  EXPECT_EQ(rejected(with("d_ff", "null")).column, "/d_ff");
  EXPECT_EQ(rejected(with("d_ff", "0")).column, "/d_ff");
}

TEST(EncoderConfig, TakesClassNamesThatFit) {
  const std::string three = with("num_classes", "3");
  const auto named = [&](const std::string& names) {
    return replaced(three, "{", "{\"class_names\": " + names + ",");
  };
  EXPECT_EQ(parse(named(R"(["A","B","C"])")).class_names, (std::vector<std::string>{"A", "B", "C"}));
  for (const char* names :
       {R"(["A","B"])", R"(["A","B","B"])", R"(["A","B",""])", R"(["A","B",3])", R"("ABC")"}) {
    EXPECT_EQ(rejected(named(names)).column, "/class_names") << names;
  }
}

TEST(ClassNames, AreTheTenPublishedOnesOrNumbersWhereNobodyNamedThem) {
  EXPECT_EQ(class_names({.num_classes = 10, .class_names = {}}),
            (std::vector<std::string>{"DSCT", "EA", "EB", "EW", "HADS", "M", "ROT", "RRAB", "RRC", "SR"}));
  EXPECT_EQ(class_names({.num_classes = 3, .class_names = {}}), (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_EQ(class_names({.num_classes = 2, .class_names = {"A", "B"}}), (std::vector<std::string>{"A", "B"}));
}

TEST(EncoderConfig, TakesHuggingFaceLabelsThatFitAndWarnsOfOthers) {
  const std::string three = with("num_classes", "3");
  const auto labelled = [&](const std::string& labels) {
    return replaced(three, "{", "{\"id2label\": " + labels + ", \"label2id\": {},");
  };
  std::vector<Diagnostic> warnings;
  EXPECT_EQ(parse(labelled(R"({"2":"C","0":"A","1":"B"})"), &warnings).class_names,
            (std::vector<std::string>{"A", "B", "C"}));
  EXPECT_TRUE(warnings.empty());
  for (const char* labels : {R"({"0":"A","1":"B"})", R"({"1":"A","2":"B","3":"C"})",
                             R"({"0":"A","1":"B","2":"C","x":"D"})", R"(["A","B","C"])"}) {
    warnings.clear();
    EXPECT_TRUE(parse(labelled(labels), &warnings).class_names.empty());
    ASSERT_EQ(warnings.size(), 1u) << labels;
    EXPECT_EQ(warnings[0].column, "/id2label");
  }
}

}  // namespace
}  // namespace astrom3
