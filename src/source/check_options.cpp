// SPDX-License-Identifier: MIT
#include "source/check_options.h"

#include <cmath>
#include <string>
#include <string_view>

#include "astrom3/base/error.h"
#include "astrom3/source/source.h"
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
      throw Error(Diagnostic{
          .code = Status::usage, .option = std::string(option), .message = "must be a positive number"});
    }
  };
  if (options.zero_point_jy.has_value()) check_positive(*options.zero_point_jy, "zero-point");
  if (options.missing_error.has_value() &&
      (!(*options.missing_error >= 0) || !std::isfinite(*options.missing_error))) {
    throw Error(
        Diagnostic{.code = Status::usage, .option = "missing-error", .message = "must not be negative"});
  }
  if (options.decimal != '.' && options.decimal != ',')
    throw Error(Diagnostic{.code = Status::usage, .option = "decimal", .message = "is '.' or ','"});
}

}  // namespace astrom3
