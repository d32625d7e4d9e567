// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "astrom3/base/error.h"
#include "astrom3/features/scaling.h"
#include "tests/base/file_contents.h"
#include "tests/base/temporary_folder.h"

namespace astrom3 {
namespace {

constexpr std::array kAll{Feature::amplitude, Feature::period, Feature::lksl_statistic, Feature::rfr_score};

/// What read_scaling() says about a file holding `text`; the code is checked.
std::string rejection(const std::string& text) {
  const TemporaryFolder folder;
  const auto file = write_file(folder / "preprocessor_config.json", text);
  try {
    read_scaling(file);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Status::bad_scaling);
    EXPECT_EQ(error.diagnostic().file, file.string());
    return to_string(error.diagnostic());
  }
  return "accepted";
}

Scaling read_text(const std::string& text) {
  const TemporaryFolder folder;
  return read_scaling(write_file(folder / "scaling.json", text));
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

const std::string kInfo = R"({
  "all_cols": ["mean_vmag", "rfr_score", "amplitude", "period", "lksl_statistic", "b"],
  "mean": [14.0, 0.8, 0.4, 0.3, 0.35, 1.0],
  "std": [1.0, 0.1, 0.5, 1.0, 0.25, 2.0],
  "photo_cols": ["amplitude", "period", "lksl_statistic", "rfr_score"],
  "metadata_func": {"abs": ["mean_vmag"], "sin": ["b"], "log": ["period"]}
})";

// AX10; ASASSN-V J184120.05+445439.3 of the training set, raw and as the encoder was fed it.
// The published table has six decimals: 5e-7 in the mean and in the standard deviation.
TEST(PublishedScaling, ReproducesTheGoldenRow) {
  const Scaling scaling = published_scaling();
  EXPECT_NEAR(scaling.standardise(Feature::amplitude, 0.43), -0.123729676, 5e-6);
  EXPECT_NEAR(scaling.standardise(Feature::period, 0.3696144), -0.750512242, 5e-6);
  EXPECT_NEAR(scaling.standardise(Feature::lksl_statistic, 0.03), -1.10951817, 5e-6);
  EXPECT_NEAR(scaling.standardise(Feature::rfr_score, 0.98), 1.03633916, 5e-6);
  EXPECT_EQ(scaling.source, "published");
  EXPECT_FALSE(scaling.none);
}

TEST(PublishedScaling, TurnsTheCardsSubstituteIntoItsRawValue) {
  EXPECT_NEAR(published_scaling().raw(Feature::rfr_score, 0.392), 0.891, 5e-4);
}

TEST(Scaling, RawUndoesStandardise) {
  const Scaling scaling = published_scaling();
  for (const Feature feature : kAll) {
    for (const double raw : {0.01, 0.5, 1.0, 123.456}) {
      EXPECT_NEAR(scaling.raw(feature, scaling.standardise(feature, raw)), raw, 1e-14 * (1 + raw));
    }
  }
}

TEST(Scaling, NonePassesEveryValueUnchanged) {
  for (const Feature feature : kAll) {
    EXPECT_EQ(no_scaling().standardise(feature, 0.123), 0.123);
    EXPECT_EQ(no_scaling().raw(feature, 0.123), 0.123);
  }
  EXPECT_EQ(no_scaling().source, "none");
}

TEST(Scaling, NamesItsFeaturesAsUpstreamDoes) {
  EXPECT_EQ(feature_name(Feature::amplitude), "amplitude");
  EXPECT_EQ(feature_name(Feature::period), "period");
  EXPECT_EQ(feature_name(Feature::lksl_statistic), "lksl_statistic");
  EXPECT_EQ(feature_name(Feature::rfr_score), "rfr_score");
}

TEST(Scaling, SurvivesItsOwnJsonToTheLastBit) {
  Scaling scaling = published_scaling();
  scaling.mean = {0.1 + 0.2, -1e-300, 1.0 / 3.0, 5e-324};
  scaling.std = {1e300, std::nextafter(1.0, 2.0), 3, 0x1.fffffffffffffp-2};
  scaling.log10 = {true, false, true, false};
  const Scaling back = read_text(to_json(scaling));
  EXPECT_EQ(back.mean, scaling.mean);
  EXPECT_EQ(back.std, scaling.std);
  EXPECT_EQ(back.log10, scaling.log10);
  EXPECT_FALSE(back.none);
  EXPECT_TRUE(read_text(to_json(no_scaling())).none);
  EXPECT_EQ(to_json(read_text(to_json(published_scaling()))), to_json(published_scaling()));
}

TEST(Scaling, ReadsUpstreamsInfoByColumnName) {
  const Scaling scaling = read_text(kInfo);
  EXPECT_EQ(scaling.mean, (std::array<double, 4>{0.4, 0.3, 0.35, 0.8}));
  EXPECT_EQ(scaling.std, (std::array<double, 4>{0.5, 1.0, 0.25, 0.1}));
  EXPECT_EQ(scaling.log10, (std::array<bool, 4>{false, true, false, false}));
  EXPECT_TRUE(scaling.source.ends_with("scaling.json"));
}

TEST(Scaling, TakesNoLogarithmThatInfoDoesNotList) {
  EXPECT_FALSE(read_text(replaced(kInfo, R"(, "log": ["period"])", "")).log10[1]);
}

TEST(Scaling, RejectsAnInfoThatDoesNotFitTogether) {
  EXPECT_TRUE(contains(
      rejection(replaced(kInfo, "\"amplitude\", \"period\", \"lksl", "\"ampl\", \"period\", \"lksl")),
      "\"/all_cols\": does not name \"amplitude\""));
  EXPECT_TRUE(contains(rejection(replaced(kInfo, "\"b\"]", "\"period\"]")),
                       "\"/all_cols/5\": \"period\" is there twice"));
  EXPECT_TRUE(contains(rejection(replaced(kInfo, "14.0, ", "")),
                       "\"/mean\": has 5 values, \"all_cols\" has 6 names"));
  EXPECT_TRUE(contains(rejection(replaced(kInfo, "1.0, 0.1, 0.5", "1.0, 0, 0.5")),
                       "\"/std/1\": must be a number above 0, found 0"));
  EXPECT_TRUE(
      contains(rejection(replaced(kInfo, "0.8", "null")), "\"/mean/1\": must be a number, found null"));
  EXPECT_TRUE(
      contains(rejection(replaced(kInfo, "[\"mean_vmag\"]", "[\"amplitude\"]")), "/metadata_func/abs"));
  EXPECT_TRUE(
      contains(rejection(replaced(kInfo, "\"metadata_func\"", "\"functions\"")), "has no \"metadata_func\""));
  EXPECT_TRUE(
      contains(rejection(replaced(kInfo, "[\"mean_vmag\", ", "[7, ")), "\"/all_cols/0\": must be a string"));
}

TEST(Scaling, RejectsAPreprocessorConfigThatIsNotExact) {
  const std::string good = to_json(published_scaling());
  EXPECT_EQ(rejection(good), "accepted");
  EXPECT_TRUE(contains(rejection(replaced(good, "_preprocessor\": 1", "_preprocessor\": 2")),
                       "\"/astrom3_preprocessor\": must be 1, found 2"));
  EXPECT_TRUE(contains(rejection(replaced(good, "\"standard\"", "\"minmax\"")),
                       "\"/scaling\": must be \"standard\" or \"none\""));
  EXPECT_TRUE(
      contains(rejection(replaced(good, "\"period\":", "\"Period\":")), "\"/features/Period\": unknown key"));
  EXPECT_TRUE(contains(rejection(replaced(good, "0.467233", "-0.467233")),
                       "\"/features/amplitude/std\": must be a number above 0"));
  EXPECT_TRUE(contains(rejection(replaced(good, "0.467233", "0")), "\"/features/amplitude/std\""));
  EXPECT_TRUE(contains(rejection(replaced(good, "0.467233", "1e400")), "/features/amplitude/std"));
  EXPECT_TRUE(contains(rejection(replaced(good, "0.487811", "\"0.487811\"")),
                       "\"/features/amplitude/mean\": must be a number"));
  EXPECT_TRUE(contains(rejection(replaced(good, "\"log10\": true", "\"log10\": 1")),
                       "\"/features/period/log10\": must be a boolean, found 1"));
  EXPECT_TRUE(
      contains(rejection(replaced(good, ", \"log10\": true", "")), "\"/features/period\": has no \"log10\""));
  EXPECT_TRUE(contains(rejection(replaced(good, "\"std\": 0.467233, ", "")),
                       "\"/features/amplitude\": has no \"std\""));
  EXPECT_TRUE(
      contains(rejection(replaced(good, "\"standard\"", "\"none\"")), "\"/features\": must be absent"));
  EXPECT_TRUE(
      contains(rejection(replaced(good, "\"features\"", "\"channels\"")), "\"/channels\": unknown key"));
  EXPECT_TRUE(contains(rejection("{}"), "neither a preprocessor_config.json"));
  EXPECT_TRUE(contains(rejection("[]"), "neither a preprocessor_config.json"));
  EXPECT_TRUE(contains(rejection(""), "not valid JSON"));
}

TEST(Scaling, NamesAFileThatIsMissing) {
  try {
    read_scaling("/nonexistent/info.json");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Status::bad_scaling);
    EXPECT_TRUE(contains(error.what(), "/nonexistent/info.json: cannot open: No such file"));
  }
}

}  // namespace
}  // namespace astrom3
