// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "astrom3/base/error.h"
#include "astrom3/base/option.h"
#include "astrom3/c_api.h"
#include "astrom3/features/period_statistics.h"
#include "c_api/boundary.h"

namespace astrom3::c_api {
namespace {

/// "NAME=VALUE" of the options that the structure declares, and of threads.
PeriodStatisticOptions statistic_options(const char* const* texts) {
  PeriodStatisticOptions options;
  OptionTable table;
  declare_options(options, table);
  table.in({}).add("threads", options.threads, "threads").within(1, 4096);
  for (; texts != nullptr && *texts != nullptr; ++texts) {
    const std::string_view text = *texts;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos)
      throw Error(Status::usage, fmt::format("options: expected NAME=VALUE, found \"{}\"", escaped(text)));
    table.at(text.substr(0, equals)).set(text.substr(equals + 1));
  }
  return options;
}

StarObservations star_of(const double* time, const double* y, const double* y_err, const std::uint8_t* band,
                         std::size_t n, std::int32_t is_magnitude) {
  if (n > 0) {
    require(time, "time");
    require(y, "y");
  }
  StarObservations star{.time = std::span(time, n), .y = std::span(y, n), .is_magnitude = is_magnitude != 0};
  if (y_err != nullptr) star.y_err = std::span(y_err, n);
  if (band != nullptr) star.band = std::span(band, n);
  return star;
}

}  // namespace
}  // namespace astrom3::c_api

using namespace astrom3;         // NOLINT(google-build-using-namespace): the whole file is the edge
using namespace astrom3::c_api;  // NOLINT(google-build-using-namespace)

astrom3_status astrom3_period_statistic(const double* time, const double* y, const double* y_err,
                                        const uint8_t* band, size_t n, int32_t is_magnitude,
                                        const double* frequency, size_t n_frequencies,
                                        const char* const* options, double* value) {
  return guarded([&] {
    if (n_frequencies > 0) {
      require(frequency, "frequency");
      require(value, "value");
    }
    compute_period_statistic(star_of(time, y, y_err, band, n, is_magnitude),
                             std::span(frequency, n_frequencies), statistic_options(options),
                             std::span(value, n_frequencies));
    return Status::ok;
  });
}

astrom3_status astrom3_find_box(const double* time, const double* y, const double* y_err, size_t n,
                                int32_t is_magnitude, double frequency, const char* const* options,
                                astrom3_box* box) {
  return guarded([&] {
    require_struct(box, "box");
    const Box found =
        find_box(star_of(time, y, y_err, nullptr, n, is_magnitude), frequency, statistic_options(options));
    box->score = found.score;
    box->depth = found.depth;
    box->depth_err = found.depth_err;
    box->duration_days = found.duration_days;
    box->mid_time = found.mid_time;
    return Status::ok;
  });
}

astrom3_status astrom3_find_nyquist(const double* time, size_t n, double* frequency, int32_t* is_limit) {
  return guarded([&] {
    if (n > 0) require(time, "time");
    require(frequency, "frequency");
    const Nyquist found = find_nyquist(std::span(time, n));
    *frequency = found.frequency;
    if (is_limit != nullptr) *is_limit = found.is_limit ? 1 : 0;
    return Status::ok;
  });
}
