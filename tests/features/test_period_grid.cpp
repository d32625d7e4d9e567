// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "astrom3/features/period_search.h"

namespace astrom3 {
namespace {

/// The options with one that a hint names set to its value.
PeriodOptions with(PeriodOptions options, const NamedOption& remedy) {
  (remedy.name == "period-min" ? options.period_min : options.oversampling) = std::stod(remedy.value);
  return options;
}

TEST(PeriodGrid, ThatIsTooFineNamesTheOptionAndValuesThatWork) {
  struct Case {
    PeriodOptions options;
    double span_days;
    const char* to_blame;
  };
  const double denormal = std::numeric_limits<double>::denorm_min();
  for (const auto& [options, span_days, to_blame] :
       {Case{{.period_min = 1e-4}, 3000, "period-min"}, Case{{.period_min = 1e-9}, 3000, "period-min"},
        Case{{.oversampling = 100}, 73000, "oversampling"},
        Case{{.period_min = 0.01, .oversampling = 100}, 20000, "oversampling"},
        Case{{.period_min = 1e-3, .oversampling = 10}, 70000, "period-min"},
        Case{{.period_min = 1e-12}, 1e-4, "period-min"}, Case{{.period_min = denormal}, 10, "period-min"},
        Case{{.period_min = 1e-5, .period_max = 1e9}, 1000, "period-min"},
        Case{{.period_min = 1e-7, .period_max = 2e-7}, 3000, "period-min"}}) {
    FrequencyGrid grid;
    ASSERT_EQ(make_period_grid(options, span_days, grid), Status::grid_too_fine) << options.period_min;
    const Diagnostic said = explain_period_grid(Status::grid_too_fine, options, span_days);
    EXPECT_EQ(said.option, to_blame);
    EXPECT_NE(said.message.find("fewer than 1e+08"), std::string::npos) << said.message;
    ASSERT_FALSE(said.hint.remedies.empty()) << said.message;
    EXPECT_EQ(said.hint.remedies.front().name, to_blame);
    for (const NamedOption& remedy : said.hint.remedies) {
      EXPECT_EQ(make_period_grid(with(options, remedy), span_days, grid), Status::ok) << remedy.value;
      EXPECT_GT(static_cast<double>(grid.count), 0.9e8) << remedy.value;  // it gives up no more than it must
    }
  }
}

TEST(PeriodGrid, WithoutAnyPeriodNamesTheSpanAndAValueThatWorks) {
  for (const double span_days : {0.08, 1e-3, 3e-9}) {
    FrequencyGrid grid;
    ASSERT_EQ(make_period_grid({}, span_days, grid), Status::zero_time_span);
    const Diagnostic said = explain_period_grid(Status::zero_time_span, {}, span_days);
    EXPECT_EQ(said.option, "period-min");
    ASSERT_EQ(said.hint.remedies.size(), 1u);
    EXPECT_EQ(make_period_grid(with({}, said.hint.remedies[0]), span_days, grid), Status::ok);
  }
}

TEST(PeriodGrid, IsThatOfOrdinarySearches) {
  FrequencyGrid grid;
  ASSERT_EQ(make_period_grid({}, 1500, grid), Status::ok);
  EXPECT_EQ(grid.minimum, 1 / 750.0);
  EXPECT_EQ(grid.step, 1 / 6000.0);
  EXPECT_EQ(grid.count, 119'993u);  // (20 - 1/750) * 6000 + 1
  EXPECT_EQ(longest_period({}, 5000), 2500);
  EXPECT_EQ(longest_period({.period_max = 3}, 5000), 3);
}

}  // namespace
}  // namespace astrom3
