// SPDX-License-Identifier: MIT
//
// The choice of a period, pinned: what was decided for light curves near the thresholds of the choice.
//
// tests/golden/period_decisions.csv was written by this program, with ASTROM3_WRITE_PERIOD_DECISIONS=1. A
// change of a constant of the choice by a fifth changes at least one of its rows; the seeds are those for
// which this holds: tools/move_constants.py checks it, and finds such seeds with
// ASTROM3_PRINT_PERIOD_DECISIONS. After a change that is meant, run bench_period_accuracy and
// bench/period_simulations.py first, then write the file anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "astrom3/source/source.h"
#include "tests/features/decision_cases.h"

namespace astrom3 {
namespace {

const std::filesystem::path kFile = std::filesystem::path(ASTROM3_TEST_DATA) / "period_decisions.csv";
constexpr const char* kHeader = "case,period,period_err,power,probability,flags";

DecisionCase bundled_example(const std::string& name) {
  SourceOptions options;
  options.band = "V";
  const auto source = open_source(
      {std::filesystem::path(ASTROM3_SOURCE_DIR) / "examples/asassn_like" / (name + ".dat")}, options);
  SourceObject object;
  EXPECT_TRUE(source->next(object));
  DecisionCase made;
  for (std::size_t i = 0; i < object.light_curve.size(); ++i) {
    const double flux = object.light_curve.flux[i];
    made.star.time.push_back(object.light_curve.time[i]);
    made.star.mag.push_back(-2.5 * std::log10(flux));
    made.star.mag_err.push_back(1.0857362 * object.light_curve.flux_err[i] / flux);
  }
  return made;
}

bool is_seed(const std::string& name) {
  return name.find_first_not_of("0123456789") == std::string::npos;
}

std::string row_of(const std::string& name) {
  return name + ',' + decision(is_seed(name) ? decision_case(std::stoull(name)) : bundled_example(name));
}

std::string case_of(const std::string& row) {
  return row.substr(0, row.find(','));
}

/// "FIRST:LAST" are seeds; anything else stands for the cases of the rows.
void print_decisions(const std::string& wanted, const std::vector<std::string>& rows) {
  const std::size_t colon = wanted.find(':');
  if (colon == std::string::npos) {
    for (const std::string& row : rows) fmt::print("{}\n", row_of(case_of(row)));
    return;
  }
  const std::uint64_t last = std::stoull(wanted.substr(colon + 1));
  for (std::uint64_t seed = std::stoull(wanted); seed < last; ++seed)
    fmt::print("{}\n", row_of(std::to_string(seed)));
}

TEST(FindPeriod, DecidesAsItDid) {
  std::ifstream file(kFile);
  std::vector<std::string> rows;
  std::string line;
  std::getline(file, line);
  ASSERT_EQ(line, kHeader);
  while (std::getline(file, line)) rows.push_back(line);
  ASSERT_GE(rows.size(), 300u);
  if (const char* wanted = std::getenv("ASTROM3_PRINT_PERIOD_DECISIONS"))
    return print_decisions(wanted, rows);
  if (std::getenv("ASTROM3_WRITE_PERIOD_DECISIONS") != nullptr) {
    std::ofstream written(kFile);
    written << kHeader << '\n';
    for (const std::string& row : rows) written << row_of(case_of(row)) << '\n';
    return;
  }
  for (const std::string& row : rows) EXPECT_EQ(row_of(case_of(row)), row);
}

}  // namespace
}  // namespace astrom3
