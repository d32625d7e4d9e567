// SPDX-License-Identifier: MIT
//
// Rows that follow from a formula, the same as in tests/golden/downstream/make.py.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace astrom3 {

inline constexpr std::size_t kFormulaRows = 60, kFormulaWidth = 5;

inline std::vector<float> formula_rows() {
  std::vector<float> x;
  for (std::size_t i = 0; i < kFormulaRows; ++i)
    for (std::size_t d = 0; d < kFormulaWidth; ++d)
      x.push_back(static_cast<float>(std::sin(0.7 * static_cast<double>((i + 1) * (d + 1))) +
                                     (d == i % 3 ? 0.8 : 0.0)));
  return x;
}

inline std::vector<std::int32_t> formula_labels() {
  std::vector<std::int32_t> y;
  for (std::size_t i = 0; i < kFormulaRows; ++i) y.push_back(static_cast<std::int32_t>(i % 3));
  return y;
}

}  // namespace astrom3
