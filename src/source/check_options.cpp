// SPDX-License-Identifier: MIT
#include "source/check_options.h"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "source/columns.h"
#include "source/survey_formats.h"

namespace astrom3 {

void check_source_options(const SourceOptions& options) {
  check_columns_option(options);
  check_format_option(options);
  if (options.split_bands && !options.band.empty())
    throw Error(Status::usage, "one band and every band by itself exclude each other");
  const auto check_positive = [](double value, std::string_view option) {
    if (!(value > 0) || !std::isfinite(value)) {
      throw Error(Status::usage, fmt::format("{} must be a positive number", option));
    }
  };
  if (options.zero_point_jy.has_value()) check_positive(*options.zero_point_jy, "--zero-point");
  if (options.missing_error.has_value() &&
      (!(*options.missing_error >= 0) || !std::isfinite(*options.missing_error))) {
    throw Error(Status::usage, "--missing-error must not be negative");
  }
  if (options.decimal != '.' && options.decimal != ',') throw Error(Status::usage, "--decimal is '.' or ','");
}

}  // namespace astrom3
