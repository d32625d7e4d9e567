// SPDX-License-Identifier: MIT
//
// Numbers that stand for "not measured" in tables that do not say so, at both sides of each threshold.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "source/sentinels.h"
#include "tests/source/source_testing.h"
#include "tests/source/strangers_tables.h"

namespace astrom3 {
namespace {

TEST(Sentinels, AreNumbersThatPeopleWriteForNothing) {
  for (const double v : {99.0, 99.9, 99.99, 99.999, 9.999, 999.0, 9999.0, 29.999, -99.0, -999.0, -9999.0,
                         -777.0, 88.88, 0.0, -1.0, -9.0, 100.0, 1e20, -32768.0})
    EXPECT_TRUE(is_sentinel(v)) << v;
  for (const double v : {12.345, 9.9123, 15.228, 0.05, 1.0, 2.0, 11.0, 22.0, 13.9, 0.999})
    EXPECT_FALSE(is_sentinel(v)) << v;
}

TEST(Sentinels, ThatAreRepeatedFarOutRejectTheirObjectUnlessNamed) {
  for (const char* value : {"99.9", "99.99", "-99", "-999", "9999", "0", "-1", "88.88", "29.999"}) {
    const std::string text = table_of("mjd,mag,mag_err", 60, [&](std::size_t i, double mag) {
      return i % 20 == 3 ? fmt::format("{},{},0.05", day(i), value)
                         : fmt::format("{},{:.4f},0.05", day(i), mag);
    });
    const SourceObject star = read_object(text, with_band("g"));
    ASSERT_TRUE(star.rejection.has_value()) << value;
    EXPECT_EQ(star.rejection->code, Status::missing_value) << value;
    EXPECT_TRUE(star.flags.has(Flag::sentinel_suspected)) << value;
    SourceOptions named = with_band("g");
    named.null_values = {std::stod(value)};
    EXPECT_EQ(read_object(text, named).light_curve.size(), 57u) << value;
    SourceOptions kept = with_band("g");
    kept.keep_sentinels = true;
    EXPECT_EQ(read_object(text, kept).light_curve.size(), 60u) << value;
  }
}

TEST(Sentinels, ThatStandOnceAreFlagged) {
  const std::string text = table_of("mjd,mag,mag_err", 60, [](std::size_t i, double mag) {
    return fmt::format("{},{:.4f},{}", day(i), i == 9 ? 99.9 : mag, 0.05);
  });
  const SourceObject star = read_object(text, with_band("g"));
  EXPECT_EQ(star.light_curve.size(), 60u);
  EXPECT_TRUE(star.flags.has(Flag::sentinel_suspected));
}

TEST(Sentinels, AmongErrorsAndFluxesAreFoundToo) {
  const std::string errors = table_of("mjd,mag,mag_err", 60, [](std::size_t i, double mag) {
    return fmt::format("{},{:.4f},{}", day(i), mag, i % 20 == 3 ? 9.999 : 0.05);
  });
  EXPECT_EQ(read_rejection(errors, with_band("g")).code, Status::missing_value);
  const std::string fluxes = table_of("mjd,flux,flux_err", 60, [](std::size_t i, double mag) {
    return fmt::format("{},{:.4f},0.05", day(i), i % 20 == 3 ? -9999 : mag);
  });
  EXPECT_EQ(read_rejection(fluxes).code, Status::missing_value);
}

TEST(Sentinels, AreNotTheEclipsesOfAStar) {
  const std::string text = table_of("mjd,mag,mag_err", 200, [](std::size_t i, double) {
    return fmt::format("{},{},0.005", day(i),
                       i % 40 == 3 ? 12.50 : 11.00 + 0.001 * static_cast<double>(i % 5));
  });
  EXPECT_EQ(read_object(text, with_band("V")).light_curve.size(), 200u);
}

/// Magnitudes 10 to 14 in steps of 0.1: their MAD is 1, a robust standard deviation is 1.4826.
std::vector<double> unit_spread() {
  std::vector<double> values;
  for (int i = -20; i <= 20; ++i) values.push_back(12 + 0.1 * i);
  return values;
}

SentinelVerdict judged(std::vector<double> suspects, std::vector<double> others = unit_spread()) {
  std::vector<Suspect> list;
  for (const double value : suspects) list.push_back({value, value});
  return judge_sentinels(list, std::move(others), 0);
}

TEST(Sentinels, AreSuspectedBeyond20Mad) {
  EXPECT_FALSE(judged({12 + 19}).is_suspected);
  EXPECT_TRUE(judged({12 + 21}).is_suspected);
  EXPECT_FALSE(judged({12 - 19}).is_suspected);
  EXPECT_TRUE(judged({12 - 21}).is_suspected);
}

TEST(Sentinels, AreCertainBeyond30RobustDeviationsWhenRepeated) {
  const double deviation = 1.4826;
  EXPECT_TRUE(judged({12 + 31 * deviation, 12 + 31 * deviation}).is_certain);
  EXPECT_FALSE(judged({12 + 29 * deviation, 12 + 29 * deviation}).is_certain);
  EXPECT_FALSE(judged({12 + 31 * deviation}).is_certain);
  EXPECT_FALSE(judged({12 + 31 * deviation, 12 + 32 * deviation}).is_certain);
  const SentinelVerdict verdict = judged({60, 99.99, 99.99});
  EXPECT_TRUE(verdict.is_certain);
  EXPECT_EQ(verdict.value, 99.99);
  EXPECT_EQ(verdict.n, 2u);
}

TEST(Sentinels, AreNotJudgedBesideFewerThanFiveOthers) {
  EXPECT_FALSE(judged({99, 99}, {11, 12, 13, 14}).is_suspected);
  EXPECT_TRUE(judged({99, 99}, {11, 12, 12.5, 13, 14}).is_suspected);
}

TEST(Sentinels, ThatNobodyKnowsAreFlaggedWhenNothingElseLiesSoFarOut) {
  const auto flagged = [](double value, std::size_t every, double other) {
    const std::string text = table_of("mjd,mag,mag_err", 60, [&](std::size_t i, double mag) {
      const double shown = i % every == 3 ? value : i == 7 ? other : mag;
      return fmt::format("{},{:.4f},0.05", day(i), shown);
    });
    const SourceObject star = read_object(text, with_band("g"));
    EXPECT_EQ(star.light_curve.size(), 60u);
    return star.flags.has(Flag::sentinel_suspected);
  };
  EXPECT_TRUE(flagged(25, 20, 12));   // three times
  EXPECT_FALSE(flagged(25, 40, 12));  // twice
  EXPECT_FALSE(flagged(25, 20, 24));  // others lie as far out
  EXPECT_FALSE(flagged(14, 20, 12));  // not that far
  std::vector<double> values = unit_spread();
  const double deviation = 1.4826;
  for (int i = 0; i < 3; ++i) values.push_back(12 + 36 * deviation);
  EXPECT_TRUE(has_repeated_outlier(values));
  EXPECT_FALSE(has_repeated_outlier(std::vector<double>{1, 1, 1, 1, 1, 1, 1, 9, 9, 9}));
}

TEST(Sentinels, AmongErrorsAreFlaggedToo) {
  const auto flagged = [](const char* header, double value, double error, std::size_t every) {
    const std::string text = table_of(header, 60, [&](std::size_t i, double mag) {
      const bool is_bad = i % every == 3;
      const double usual = 0.05 + 0.001 * static_cast<double>(i % 7);
      return fmt::format("{},{:.4f},{}", day(i), is_bad && value != 0 ? value : mag, is_bad ? error : usual);
    });
    const SourceObject star = read_object(text, with_band("g"));
    EXPECT_EQ(star.light_curve.size(), 60u);
    return star.flags.has(Flag::sentinel_suspected);
  };
  EXPECT_TRUE(flagged("mjd,mag,mag_err", 0, 5, 20));   // three times
  EXPECT_FALSE(flagged("mjd,mag,mag_err", 0, 5, 40));  // twice
  EXPECT_TRUE(flagged("mjd,mag,mag_err", 0, 25, 70));  // once: no error is so large
  EXPECT_TRUE(flagged("mjd,mag,mag_err", 0, 9.1, 70));
  EXPECT_FALSE(flagged("mjd,mag,mag_err", 0, 8.9, 70));
  EXPECT_TRUE(flagged("mjd,mag,mag_err", 40.1, 0.05, 70));  // no magnitude is so faint
  EXPECT_FALSE(flagged("mjd,mag,mag_err", 39.9, 0.05, 70));
  EXPECT_FALSE(flagged("mjd,mag,mag_err", 0, 0.4, 20));  // not that far from the others
  EXPECT_TRUE(flagged("mjd,flux_mJy,flux_err_mJy", 0, 7, 20));
  EXPECT_FALSE(flagged("mjd,flux_mJy,flux_err_mJy", 0, 25, 70));  // an error of a flux may be large
}

TEST(Sentinels, OfZeroAndBelowAreFlaggedWhereTheyRepeatBeyondAllOthers) {
  const auto judged_flux = [](double value, std::size_t n) {
    std::vector<Suspect> suspects(n, {value, value});
    return judge_sentinels(suspects, {3, 1, 2, 4, 2.5, 1.5, 3.5}, 0).is_suspected;
  };
  EXPECT_TRUE(judged_flux(-1, 3));
  EXPECT_TRUE(judged_flux(0, 3));
  EXPECT_FALSE(judged_flux(-1, 2));
  EXPECT_FALSE(judged_flux(9.9, 3));  // may be measured
}

TEST(AtlasFits, OfBrightStarsMayBePoorerByTheSquareOfTheirSignalToNoise) {
  // chi/N below 100 (1 + (S/N / 50)^2) is kept: 500 at a ratio of 100.
  const auto kept = [](double ratio, double chi) {
    const std::string header =
        "###MJD m dm uJy duJy F err chi/N RA Dec x y maj min phi apfit mag5sig Sky Obs\n";
    std::string text = header;
    for (std::size_t i = 0; i < 12; ++i)
      text += fmt::format("{} 15 0.01 {:.1f} 10 o 0 {:.1f} 10.0 20.0 1 1 2 2 0 -0.4 19 20 01a{}\n", day(i),
                          10 * ratio + static_cast<double>(i % 3), i == 0 ? 1.0 : chi, i);
    return read_object(text, with_band("o")).light_curve.size();
  };
  EXPECT_EQ(kept(100, 450), 12u);
  EXPECT_EQ(kept(100, 550), 1u);
  EXPECT_EQ(kept(1, 95), 12u);
  EXPECT_EQ(kept(1, 105), 1u);
  EXPECT_EQ(kept(300, 3400), 12u);
  EXPECT_EQ(kept(300, 4000), 1u);
}

}  // namespace
}  // namespace astrom3
