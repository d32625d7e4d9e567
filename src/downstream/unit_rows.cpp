// SPDX-License-Identifier: MIT
#include "downstream/unit_rows.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "astrom3/base/error.h"

namespace astrom3 {

std::size_t count_rows(std::span<const float> values, std::size_t dimension, const char* what) {
  if (dimension == 0 || values.size() % dimension != 0)
    throw Error(Status::usage,
                fmt::format("{}: {} values are no rows of {} numbers", what, values.size(), dimension));
  return values.size() / dimension;
}

void check_directions(std::span<const float> values, std::size_t dimension, const char* what) {
  for (std::size_t i = 0; i < values.size(); i += dimension) {
    double sum = 0;
    for (const float value : values.subspan(i, dimension))
      sum += static_cast<double>(value) * static_cast<double>(value);
    if (!std::isfinite(sum) || sum == 0)
      throw Error(Status::usage, fmt::format("{}: row {} is not finite or all zero", what, i / dimension));
  }
}

std::vector<double> unit_rows(std::span<const float> values, std::size_t dimension) {
  std::vector<double> unit(values.begin(), values.end());
  for (std::size_t i = 0; i < unit.size(); i += dimension) {
    double sum = 0;
    for (std::size_t d = 0; d < dimension; ++d) sum += unit[i + d] * unit[i + d];
    for (std::size_t d = 0; d < dimension; ++d) unit[i + d] /= std::sqrt(sum);
  }
  return unit;
}

}  // namespace astrom3
