// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "astrom3/base/option.h"
#include "astrom3/pipeline/describe_run.h"
#include "astrom3/pipeline/pipeline.h"
#include "astrom3/pipeline/treatment.h"

namespace astrom3 {
namespace {

struct Declared {
  Declared() { declare_options(treatment, table); }
  Treatment treatment;
  OptionTable table;
};

/// A value that is not the default.
std::string another_value(Option& option) {
  const std::map<std::string, std::string> texts{
      {"band", "V"},     {"columns", "mag=V"}, {"decimal", ","},    {"format", "csv"},  {"id-column", "star"},
      {"memory", "64M"}, {"nested", "lc"},     {"scaling", "none"}, {"set", "period=2"}};
  if (const auto found = texts.find(option.name()); found != texts.end()) return found->second;
  std::vector<std::string> candidates = option.words();
  if (option.kind() == OptionKind::flag) candidates = {"true", "false"};
  for (const char* number : {"0.5", "3", "7"}) candidates.emplace_back(number);
  for (const std::string& text : candidates) {
    if (text == option.default_text()) continue;
    try {
      option.set(text);
      return text;
    } catch (const Error&) {
      continue;
    }
  }
  ADD_FAILURE() << option.name() << ": no other value is known; add one here";
  return {};
}

Identity identity_of(const Treatment& treatment) {
  const RunOptions options{.object = treatment.object, .last_stage = Stage::tensor};
  return describe_run(nullptr, options, treatment.reading, {});
}

std::string value_of(const Identity& identity, const std::string& key) {
  for (const auto& [name, value] : identity) {
    if (name == key) return value;
  }
  return {};
}

TEST(OptionTable, TakesEveryValueItTellsAndGivesTheDefaultBack) {
  Declared declared;
  for (Option& option : declared.table.options()) {
    const std::string standard = option.default_text(), value = another_value(option);
    option.reset();
    option.set(value);
    EXPECT_EQ(option.text(), value) << option.name();
    EXPECT_TRUE(option.is_set() && !option.is_default()) << option.name();
    option.reset();
    EXPECT_EQ(option.text(), standard) << option.name();
    EXPECT_FALSE(option.is_set()) << option.name();
    if (standard.empty()) continue;
    option.set(standard);
    EXPECT_EQ(option.text(), standard) << option.name();
  }
}

TEST(OptionTable, RefusesTheEmptyTextOfEveryOption) {
  Declared declared;
  for (Option& option : declared.table.options()) {
    try {
      option.set("");
      ADD_FAILURE() << option.name() << " took it";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Status::usage);
      EXPECT_EQ(error.diagnostic().option, option.name());
      EXPECT_NE(error.diagnostic().message.find("expected"), std::string::npos) << error.what();
    }
    EXPECT_TRUE(option.is_default()) << option.name();
  }
}

TEST(OptionTable, RefusesWhatIsOutOfRange) {
  Declared declared;
  for (const auto& [name, text] : std::vector<std::pair<const char*, const char*>>{
           {"min-points", "1"},     {"min-points", "1e3"},   {"min-points", "18446744073709551616"},
           {"oversampling", "0.9"}, {"oversampling", "nan"}, {"period-min", "0"},
           {"period-max", "-1"},    {"zero-point", "inf"},   {"missing-error", "-0.1"},
           {"quality-mask", "-1"},  {"quality-mask", "0xg"}, {"nonfinite", "Drop"},
           {"decimal", ";"},        {"memory", "1"},         {"columns", "mag"},
           {"columns", "id=x"},     {"set", "period=-1"},    {"set", "amplitude=-1"},
           {"set", "foo=1"},        {"d-exponent", "yes"}}) {
    EXPECT_THROW(declared.table.at(name).set(text), Error) << name << " " << text;
    EXPECT_TRUE(declared.table.at(name).is_default()) << name << " " << text;
  }
  declared.table.at("quality-mask").set("0x11");
  EXPECT_EQ(declared.treatment.reading.quality_mask, 17u);
}

TEST(OptionTable, SetsAnOptionOfTwoStructuresInBoth) {
  Declared declared;
  declared.table.at("nonfinite").set("drop");
  EXPECT_EQ(declared.treatment.reading.nonfinite, NonfinitePolicy::drop);
  EXPECT_EQ(declared.treatment.object.cleaning.nonfinite, NonfinitePolicy::drop);
}

TEST(OptionTable, TakesTheFirstOfSeveralValuesInThePlaceOfTheDefault) {
  OptionTable table;
  std::vector<double> numbers{1};
  std::vector<std::size_t> counts{2, 3};
  std::vector<std::string> texts{"a"};
  GroupOfOptions options = table.in({});
  options.add("numbers", numbers, "");
  options.add("counts", counts, "").within(1, 9);
  options.add("texts", texts, "");
  for (const char* name : {"numbers", "counts", "texts"}) {
    Option& option = table.at(name);
    option.set("5");
    option.set("6");
    EXPECT_EQ(option.text(), "5,6") << name;
    option.reset();
    EXPECT_EQ(option.text(), option.default_text()) << name;
  }
  EXPECT_THROW(table.at("counts").set("10"), Error);
  EXPECT_EQ(counts, (std::vector<std::size_t>{2, 3}));
}

TEST(OptionTable, FindsANameWithUnderscoresAndSaysWhichIsNear) {
  Declared declared;
  EXPECT_EQ(declared.table.find("min_points"), declared.table.find("min-points"));
  EXPECT_EQ(declared.table.find("min"), nullptr);
  try {
    declared.table.at("min-point");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.diagnostic().hint.text, "did you mean min-points?");
  }
}

// A run that is resumed with another value of an option would mix two kinds of rows.
TEST(OptionTable, NamesEveryOptionThatDecidesANumberInTheIdentityOfTheRun) {
  const Identity standard = identity_of(Treatment{});
  Declared declared;
  for (Option& option : declared.table.options()) {
    const std::string value = another_value(option);
    option.reset();
    option.set(value);
    const bool decides = option.name() != "memory" && option.name() != "scaling";  // it is looked up later
    EXPECT_EQ(identity_of(declared.treatment) != standard, decides) << option.name() << " " << value;
    option.reset();
    EXPECT_EQ(identity_of(declared.treatment), standard) << option.name();
  }
}

// Written into every Parquet file, and compared when a run is resumed.
TEST(OptionTable, KeepsTheIdentityOfEarlierRuns) {
  const Identity identity = identity_of(Treatment{});
  EXPECT_EQ(value_of(identity, "period_search"),
            "period_min=0.05; period_max=span/2; oversampling=4; candidates=40; harmonics=6");
  EXPECT_EQ(value_of(identity, "photometry"),
            "format=auto; band=any; zero_point_jy=by band; flux_unit=mJy or the survey's");
  EXPECT_EQ(value_of(identity, "cleaning"),
            "min_points=2; nonfinite=reject; negative_error=reject; on_mad_zero=reject; error_floor=0; "
            "upper_limits=reject");
  EXPECT_EQ(value_of(identity, "tensor"), "n_steps=200; padding=zeros");

  Declared declared;
  for (const auto& [name, text] :
       std::vector<std::pair<const char*, const char*>>{{"null-value", "99.99"},
                                                        {"null-value", "-1"},
                                                        {"missing-error", "0.05"},
                                                        {"allow-negative-error", "true"},
                                                        {"band", "split"},
                                                        {"hdu", "1"},
                                                        {"period-max", "20"}})
    declared.table.at(name).set(text);
  const Identity changed = identity_of(declared.treatment);
  EXPECT_EQ(value_of(changed, "cleaning"),
            "min_points=2; nonfinite=reject; negative_error=allow; on_mad_zero=reject; error_floor=0; "
            "upper_limits=reject; null_values=99.99,-1; missing_error=0.05");
  EXPECT_EQ(value_of(changed, "photometry"),
            "format=auto; band=split; zero_point_jy=by band; flux_unit=mJy or the survey's; hdu=1");
  EXPECT_EQ(value_of(changed, "period_search"),
            "period_min=0.05; period_max=20; oversampling=4; candidates=40; harmonics=6");
}

}  // namespace
}  // namespace astrom3
