// SPDX-License-Identifier: MIT
//
// The period statistics beside astropy. tests/golden/period_statistics.csv was written by
// tools/make_period_statistics.py with astropy 8.0.2.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "astrom3/features/period_statistics.h"
#include "statistic_star.h"

namespace astrom3 {
namespace {

using testing::Columns;
using testing::statistic_of;

std::vector<std::vector<std::string>> rows_of(const std::string& what) {
  std::ifstream file(std::filesystem::path(ASTROM3_TEST_DATA) / "period_statistics.csv");
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> fields;
    std::istringstream text(line);
    for (std::string field; std::getline(text, field, ',');) fields.push_back(field);
    if (fields.front() == what) rows.push_back(fields);
  }
  EXPECT_FALSE(rows.empty()) << what;
  return rows;
}

Columns star() {
  Columns o;
  for (const auto& row : rows_of("star")) {
    o.time.push_back(std::stod(row[1]));
    o.y.push_back(std::stod(row[2]));
    o.y_err.push_back(std::stod(row[3]));
    o.band.push_back(static_cast<std::uint8_t>(std::stoi(row[4])));
  }
  return o;
}

/// Expects the powers of rows "what,a,b,frequency,power" that begin with `head`.
void expect_powers(const StarObservations& o, const std::vector<std::string>& head,
                   const PeriodStatisticOptions& options, double tolerance) {
  std::vector<double> frequency, power;
  for (const auto& row : rows_of(head[0])) {
    if (row[1] != head[1] || row[2] != head[2]) continue;
    frequency.push_back(std::stod(row[3]));
    power.push_back(std::stod(row[4]));
  }
  ASSERT_EQ(frequency.size(), 40u);
  const auto ours = statistic_of(o, frequency, options);
  for (std::size_t k = 0; k < power.size(); ++k)
    EXPECT_NEAR(ours[k], power[k], tolerance * (1 + std::fabs(power[k])))
        << head[1] << head[2] << " " << frequency[k];
}

TEST(Gls, EqualsAstropyInEveryNormalization) {
  const Columns o = star();
  for (const std::size_t terms : {1u, 2u, 4u}) {
    for (const auto& [word, normalization] :
         {std::pair<const char*, Normalization>{"standard", Normalization::standard},
          {"model", Normalization::model},
          {"log", Normalization::log},
          {"psd", Normalization::psd}}) {
      // astropy's normal equations of 4 terms lose 7 digits at the lowest frequencies.
      expect_powers(o.view(), {"gls", std::to_string(terms), word},
                    {.terms = terms, .normalization = normalization}, 1e-9);
    }
  }
  StarObservations equal = o.view();
  equal.y_err = {};
  expect_powers(equal, {"gls_no_errors", "2", "psd"}, {.terms = 2, .normalization = Normalization::psd},
                1e-9);
}

TEST(Gls, OfASharedShapeEqualsAstropysMultiband) {
  const Columns o = star();
  for (const auto& [base, terms] : {std::pair<std::size_t, std::size_t>{1, 1}, {2, 1}, {1, 0}, {1, 2}}) {
    expect_powers(o.bands(), {"multiband", std::to_string(base), std::to_string(terms)},
                  {.terms = terms, .base_terms = base}, 1e-9);
  }
}

TEST(Gls, OfASharedShapeIsTheSameByNufft) {
  const Columns o = testing::observe(200);
  const auto grid = testing::regular(0.01, 1 / 1500.0, 2500);
  for (const std::size_t base : {1u, 3u}) {
    const PeriodStatisticOptions options{.terms = 1, .base_terms = base};
    const auto power = statistic_of(o.bands(), grid, options);
    for (std::size_t k = 0; k < grid.size(); k += 171)
      EXPECT_NEAR(statistic_of(o.bands(), {grid[k]}, options)[0], power[k], 1e-9) << base << " " << grid[k];
  }
}

/// astropy leaves out the last, narrower bin of a turn and does not close the circle of longer boxes;
/// elsewhere the boxes are the same.
TEST(Bls, EqualsAstropyWhereItsBoxDoesNotReachTheEndOfTheTurn) {
  const Columns o = star();
  const double first = o.time.front();
  std::size_t n_equal = 0, n_rows = 0;
  for (const auto& row : rows_of("bls")) {
    const double days = std::stod(row[2]), frequency = std::stod(row[3]), power = std::stod(row[4]);
    const PeriodStatisticOptions options{
        .method = PeriodStatistic::bls,
        .durations = {days},
        .objective = row[1] == "snr" ? BoxObjective::snr : BoxObjective::likelihood};
    const Box box = find_box(o.view(), frequency, options);
    EXPECT_EQ(statistic_of(o.view(), {frequency}, options)[0], box.score);
    const double end = 1 / frequency - 0.1 * days;
    const auto is_inside = [&](double mid) {
      const double in_turn = std::fmod(mid, 1 / frequency);
      const double start =
          (in_turn - days / 2) / (days / 10);  // bins; a fraction: counted from the turn before
      return start >= -1e-6 && std::fabs(start - std::round(start)) < 1e-6 && in_turn + days / 2 <= end;
    };
    const double middle = box.mid_time - first;
    ++n_rows;
    if (is_inside(std::stod(row[7]))) {
      EXPECT_GE(box.score, power * (1 - 1e-9)) << frequency;
    }
    if (!is_inside(std::stod(row[7])) || !is_inside(middle)) continue;
    ++n_equal;
    EXPECT_NEAR(box.score, power, 1e-9 * power) << frequency;
    EXPECT_NEAR(box.depth, std::stod(row[5]), 1e-9) << frequency;
    EXPECT_NEAR(box.depth_err, std::stod(row[6]), 1e-9) << frequency;
    EXPECT_NEAR(middle, std::stod(row[7]), 1e-6) << frequency;
  }
  EXPECT_GE(n_equal, 50u) << n_rows;
}

}  // namespace
}  // namespace astrom3
