// SPDX-License-Identifier: MIT
//
// What times tell of where they come from.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "astrom3/light_curve.h"

namespace astrom3 {
namespace {

std::vector<double> in_float32(std::vector<double> time) {
  for (double& t : time) t = static_cast<double>(static_cast<float>(t));
  std::sort(time.begin(), time.end());
  return time;
}

/// `n` times between `first` and `first + span_days`, as a real star's: any fraction of a day.
std::vector<double> random_times(std::size_t n, double first, double span_days) {
  std::mt19937_64 random(n);
  std::uniform_real_distribution<double> within(first, first + span_days);
  std::vector<double> time(n);
  for (double& t : time) t = within(random);
  std::sort(time.begin(), time.end());
  return time;
}

// LC32
TEST(Float32Times, AreSeenInEveryTimeSystemWhereTheyAreCoarse) {
  for (const double first : {58000.0, 57000.5, 59990.25, 2457000.5, 2400000.0, 8300.0}) {
    for (const std::size_t n : {std::size_t{9}, std::size_t{40}, std::size_t{1000}}) {
      const std::vector<double> time = random_times(n, first, 900);
      EXPECT_FALSE(has_float32_times(time)) << first << ' ' << n;
      EXPECT_TRUE(has_float32_times(in_float32(time))) << first << ' ' << n;
    }
  }
  // 21 s at BTJD 3000 are little to a star, but not to a cadence of 20 s; 0.7 s at 100 d are little to both.
  std::vector<double> fast, slow;
  for (int i = 0; i < 500; ++i) {
    fast.push_back(3000.0123 + 20.0 / 86400 * i);
    slow.push_back(3000.0123 + 200.0 / 86400 * i);
  }
  EXPECT_TRUE(has_float32_times(in_float32(fast)));
  EXPECT_FALSE(has_float32_times(in_float32(slow)));
  EXPECT_FALSE(has_float32_times(in_float32(random_times(300, 0, 100))));
}

TEST(Float32Times, AreSeenWhenAnOffsetWasSubtractedSince) {
  for (const double first : {58000.0, 57010.5}) {
    std::vector<double> time = in_float32(random_times(60, first, 700));
    for (double& t : time) t -= 57000;
    EXPECT_TRUE(has_float32_times(time)) << first;
  }
  std::vector<double> since_first = in_float32(random_times(60, 58000, 700));
  const double first = since_first.front();
  for (double& t : since_first) t -= first;
  EXPECT_TRUE(has_float32_times(since_first));
}

TEST(Float32Times, AreNotSeenInTimesOfFewDigitsOrOfAnEvenSampling) {
  EXPECT_FALSE(has_float32_times(std::vector<double>{58000.25, 58001.5, 58003.75}));
  EXPECT_FALSE(has_float32_times(std::vector<double>{58000, 58001, 58002}));
  EXPECT_FALSE(has_float32_times(std::vector<double>{58000.125, 58001.875, 58003.375}));
  EXPECT_FALSE(has_float32_times(std::vector<double>{2457000, 2457000.5, 2457003.5}));
  EXPECT_FALSE(has_float32_times(std::vector<double>{2457000.25, 2457000.5}));
  for (const double first : {0.0, 58000.0, 2457000.0}) {
    for (const double step : {1.0, 0.5, 1.0 / 8, 1.0 / 64, 3.0 / 128}) {
      if (first > 1e6 && step < 0.5) continue;  // beyond float32, and 0.25 d is its last bit
      std::vector<double> even, rounded;
      for (int i = 0; i < 400; ++i) {
        even.push_back(first + step * i);
        rounded.push_back(first + std::round(std::pow(i, 1.3) / step / 8) * std::max(step, 0.125));
      }
      EXPECT_FALSE(has_float32_times(even)) << first << ' ' << step;
      EXPECT_FALSE(has_float32_times(rounded)) << first << ' ' << step;
    }
  }
  std::vector<double> four_digits = random_times(300, 58000, 900);
  for (double& t : four_digits) t = std::round(1e4 * t) / 1e4;
  EXPECT_FALSE(has_float32_times(four_digits));
}

/// The times of two parts, the second moved by `offset`.
std::vector<double> two_parts(double first, double span_days, double offset) {
  std::vector<double> time = random_times(60, first, span_days);
  const std::vector<double> other = random_times(50, first + offset, span_days);
  time.insert(time.end(), other.begin(), other.end());
  std::sort(time.begin(), time.end());
  return time;
}

// LC35
TEST(MixedTimeSystems, AreSeenByTheirDifference) {
  EXPECT_TRUE(has_mixed_time_systems(two_parts(1600, 900, 56999.5)));   // BTJD beside MJD
  EXPECT_TRUE(has_mixed_time_systems(two_parts(200, 1400, 54832.5)));   // BKJD beside MJD
  EXPECT_TRUE(has_mixed_time_systems(two_parts(8000, 900, 49999.5)));   // JD - 2450000 beside MJD
  EXPECT_TRUE(has_mixed_time_systems(two_parts(1700, 1500, 55197.0)));  // Gaia's beside MJD
  EXPECT_TRUE(has_mixed_time_systems(two_parts(1700, 900, 7000)));      // BTJD beside JD - 2450000
  EXPECT_TRUE(has_mixed_time_systems(two_parts(300, 800, 4833)));       // BKJD beside JD - 2450000
  EXPECT_TRUE(has_mixed_time_systems(two_parts(2015, 3, 56000)));       // years beside MJD
}

TEST(MixedTimeSystems, AreSeenInAMissingTimeThatIsANumber) {
  for (const double missing : {0.0, -1.0, -99.0, -9999.0}) {
    for (const double first : {1400.0, 7900.0, 58000.0}) {
      std::vector<double> time = random_times(50, first, 400);
      time.insert(time.begin(), {missing, missing});
      EXPECT_TRUE(has_mixed_time_systems(time)) << missing << ' ' << first;
    }
  }
}

TEST(MixedTimeSystems, AreNotSeenInOldPlatesSeasonsOrRelativeTimes) {
  EXPECT_FALSE(has_mixed_time_systems(random_times(200, 2411368, 47482)));  // 1890 to 2020
  std::vector<double> plates = random_times(300, 2411368, 36000);           // to 1988, then from 2013 on
  for (const double t : random_times(500, 2456300, 2500)) plates.push_back(t);
  EXPECT_FALSE(has_mixed_time_systems(plates));
  std::vector<double> surveys = random_times(300, 1868, 3200);  // ASAS, ASAS-SN in JD - 2450000
  for (const double t : random_times(500, 8300, 2300)) surveys.push_back(t);
  EXPECT_FALSE(has_mixed_time_systems(surveys));
  std::vector<double> sectors = random_times(900, 1330, 27);  // the same sector of TESS, six years later
  for (const double t : random_times(900, 3500, 27)) sectors.push_back(t);
  EXPECT_FALSE(has_mixed_time_systems(sectors));
  EXPECT_FALSE(has_mixed_time_systems(std::vector<double>{-1, 0, 1, 2, 400}));
  EXPECT_FALSE(has_mixed_time_systems(std::vector<double>{0, 1200, 1900, 2600, 4000}));
  EXPECT_FALSE(has_mixed_time_systems(std::vector<double>{0, 30, 58, 700}));
  EXPECT_FALSE(has_mixed_time_systems(two_parts(51000, 300, 7000)));  // MJD: 19 years apart
}

}  // namespace
}  // namespace astrom3
