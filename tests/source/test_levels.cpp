// SPDX-License-Identifier: MIT
//
// Columns that split a light curve into levels, at both sides of each threshold: a constant that moves by a
// fifth fails here.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "source/levels.h"

namespace astrom3 {
namespace {

struct Column {
  std::vector<double> time, measured;
  std::vector<std::uint8_t> codes;
  std::vector<std::string> values{"3", "7"};

  void add(double value, std::size_t code) {
    time.push_back(static_cast<double>(time.size()));
    measured.push_back(value);
    codes.push_back(static_cast<std::uint8_t>(code));
  }
  bool splits() const { return splits_into_levels(time, measured, codes, values); }
};

double turn(std::size_t i) {
  return std::fmod(static_cast<double>(i) * std::numbers::phi, 1.0);  // spread evenly over 0 to 1
}

/// Kruskal and Wallis's H of two groups without ties, from Mann and Whitney's count of pairs.
double slow_h(const Column& column) {
  double u = 0, n[2] = {0, 0};
  for (std::size_t i = 0; i < column.codes.size(); ++i) {
    ++n[column.codes[i]];
    for (std::size_t j = 0; j < column.codes.size(); ++j)
      if (column.codes[i] == 0 && column.codes[j] == 1) u += column.measured[i] < column.measured[j] ? 1 : 0;
  }
  const double excess = u - n[0] * n[1] / 2;
  return 12 * excess * excess / (n[0] * n[1] * (n[0] + n[1] + 1));
}

/// Two groups of noise that take turns at random, `shift` apart.
Column shifted(std::size_t n, double shift) {
  Column column;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t code = turn(3 * i) < 0.5 ? 0 : 1;
    column.add(turn(i) + (code == 1 ? shift : 0) + 1e-9 * static_cast<double>(i), code);
  }
  return column;
}

TEST(Levels, SplitFromAShareOfTheVarianceOn) {
  const auto share = [](const Column& column) {
    return (slow_h(column) - 1) / (static_cast<double>(column.codes.size()) - 2);
  };
  std::size_t n_below = 0, n_above = 0;
  for (double shift = 0.2; shift < 0.8; shift += 0.005) {
    const Column column = shifted(200, shift);
    const double found = share(column);
    if (found < 0.28 || found > 0.42) continue;
    n_below += found < 0.35 ? 1 : 0;
    n_above += found >= 0.35 ? 1 : 0;
    EXPECT_EQ(column.splits(), found >= 0.35) << "share " << found;
  }
  EXPECT_GT(n_below, 3u);
  EXPECT_GT(n_above, 3u);
}

TEST(Levels, OfShortLightCurvesAreBelievedBeyondChanceOrWithGaps) {
  std::size_t n_below = 0, n_above = 0;
  for (std::size_t n = 12; n < 22; ++n)
    for (double shift = 0.3; shift < 1; shift += 0.01) {
      const Column column = shifted(n, shift);
      const double excess = slow_h(column) - 1, limit = 5 * std::sqrt(2);
      if (excess < 0.8 * limit || excess > 1.2 * limit) continue;
      n_below += excess < limit ? 1 : 0;
      n_above += excess > limit ? 1 : 0;
      EXPECT_EQ(column.splits(), excess > limit) << n << " observations, " << excess << " of " << limit;
    }
  EXPECT_GT(n_below, 3u);
  EXPECT_GT(n_above, 3u);

  const auto apart = [](std::size_t n, double gap) {
    Column column;
    for (std::size_t i = 0; i < n; ++i)
      column.add(turn(i / 2) + (i % 2 == 0 ? 0 : 0.9 + gap) + 1e-9 * static_cast<double>(i), i % 2);
    return column;
  };
  EXPECT_TRUE(apart(8, 1).splits());
  EXPECT_FALSE(apart(6, 1).splits());  // three each: chance gives it once in ten
  EXPECT_FALSE(apart(8, -0.2).splits());
}

TEST(Levels, TakeTurnsInTime) {
  const auto blocks = [](std::size_t n, std::size_t n_changes) {
    Column column;
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t block = i * (n_changes + 1) / n;
      column.add(turn(i) + (block % 2 == 0 ? 0 : 2), block % 2);
    }
    return column;
  };
  // Chance gives 99.5 changes to 200 observations in two equal groups.
  EXPECT_FALSE(blocks(200, 9).splits());
  EXPECT_TRUE(blocks(200, 11).splits());
  EXPECT_FALSE(blocks(24, 2).splits());
  EXPECT_TRUE(blocks(24, 3).splits());
}

TEST(Levels, OfADetectionFlagMustLeaveAGap) {
  const auto flagged = [](double gap) {
    Column column;
    column.values = {"0", "1"};
    std::size_t n_before[2] = {0, 0};
    for (std::size_t i = 0; i < 60; ++i) {
      const std::size_t code = turn(7 * i) < 0.5 ? 0 : 1;
      // Each group is 1 wide: it holds both of its ends.
      const std::size_t n = n_before[code]++;
      const double inside = n < 2 ? static_cast<double>(n) : turn(i);
      column.add(inside + (code == 0 ? 0 : 1 + gap), code);
    }
    return column;
  };
  EXPECT_TRUE(flagged(0.58).splits());
  EXPECT_FALSE(flagged(0.42).splits());
  Column detected;
  detected.values = {"no", "yes"};
  for (std::size_t i = 0; i < 60; ++i) {
    const double value = std::sin(2.1 * static_cast<double>(i));
    detected.add(value, value > 0 ? 1 : 0);
  }
  EXPECT_FALSE(detected.splits());
  detected.values = {"g", "r"};
  EXPECT_TRUE(detected.splits());
}

/// A Mira of 5 mag in two bands, 1 day apart.
Column mira(double shift, std::size_t n = 150) {
  Column column;
  for (std::size_t i = 0; i < n; ++i)
    column.add(12 + 2.5 * std::sin(2 * std::numbers::pi * static_cast<double>(i) / 150) + 0.02 * turn(i) +
                   (i % 2 == 0 ? 0 : shift),
               i % 2);
  return column;
}

TEST(Levels, AreSeenInAStarThatVariesMoreThanItsBandsDiffer) {
  EXPECT_TRUE(mira(1.4).splits());
  EXPECT_TRUE(mira(-1.4).splits());
  EXPECT_FALSE(mira(0).splits());
  EXPECT_FALSE(mira(0.05).splits());  // two cameras
}

TEST(Levels, ThatMatterLittleBesideTheVariationAreNone) {
  // The MAD of a sine of 2.5 mag is 2.5 sin(45 degrees) = 1.77 mag, half of it 0.88.
  EXPECT_FALSE(mira(0.8).splits());
  EXPECT_TRUE(mira(1.0).splits());
}

TEST(Levels, OfAStarThatVariesFastAreJudgedAsTheyAre) {
  // Noise of half the variation hides where the star is: the ranks alone decide.
  const auto noisy = [](double noise) {
    Column column;
    for (std::size_t i = 0; i < 150; ++i)
      column.add(2.5 * std::sin(2 * std::numbers::pi * static_cast<double>(i) / 150) + noise * turn(i) +
                     (i % 2 == 0 ? 0 : 1.4),
                 i % 2);
    return column.splits();
  };
  EXPECT_TRUE(noisy(1.5));
  EXPECT_FALSE(noisy(2.3));
}

TEST(Levels, AreNotSeasonsOfAStarThatFades) {
  Column column;
  column.values = {"1", "2", "3", "4"};
  for (std::size_t i = 0; i < 120; ++i) column.add(0.05 * static_cast<double>(i) + 0.1 * turn(i), i / 30);
  EXPECT_FALSE(column.splits());
}

TEST(WatchedColumns, HoldFewValuesAndSayOfWhichKind) {
  WatchedColumn few, many, measured, words;
  for (std::size_t i = 0; i < 12; ++i) few.add(std::to_string(i));
  EXPECT_FALSE(few.is_given_up());
  EXPECT_EQ(few.values().size(), 12u);
  for (std::size_t i = 0; i < 13; ++i) many.add(std::to_string(i));
  EXPECT_TRUE(many.is_given_up());
  measured.add("1");
  measured.add("1.5");
  EXPECT_FALSE(few.has_fractions());
  EXPECT_TRUE(measured.has_fractions());
  EXPECT_FALSE(measured.has_words());
  words.add("g");
  EXPECT_TRUE(words.has_words());
}

}  // namespace
}  // namespace astrom3
