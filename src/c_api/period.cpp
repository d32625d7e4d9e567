// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>

#include "astrom3/base/error.h"
#include "astrom3/c_api.h"
#include "astrom3/features/period_search.h"
#include "astrom3/features/periodogram.h"
#include "c_api/boundary.h"
#include "c_api/handles.h"  // IWYU pragma: keep (completes the types of c_api.h)

namespace astrom3::c_api {

namespace {

/// The status of a light curve as the status of a call: its meaning is the text.
Status told(Status status) {
  if (status != Status::ok) fail(status, std::string(status_meaning(status)).c_str());
  return status;
}

void write(const PeriodResult& found, astrom3_period& period) {
  period.doubled = found.doubled ? 1 : 0;
  period.period = found.period;
  period.period_err = found.period_err;
  period.power = found.power;
  period.log_evidence = found.log_evidence;
  period.false_alarm_probability = found.false_alarm_probability;
  period.period_probability = found.period_probability;
  period.flags = found.flags.bits();
  std::fill(std::begin(period.alternates), std::end(period.alternates), 0.0);
  period.n_alternates =
      static_cast<uint32_t>(std::min(found.alternates.size(), std::size(period.alternates)));
  for (uint32_t i = 0; i < period.n_alternates; ++i) period.alternates[i] = found.alternates[i].period;
}

}  // namespace
}  // namespace astrom3::c_api

using namespace astrom3;         // NOLINT(google-build-using-namespace): the whole file is the edge
using namespace astrom3::c_api;  // NOLINT(google-build-using-namespace)

astrom3_status astrom3_find_period(const double* time, const double* mag, const double* mag_err,
                                   const uint8_t* band, size_t n, const astrom3_options* options,
                                   astrom3_period* period) {
  return guarded([&] {
    if (n > 0) {
      require(time, "time");
      require(mag, "mag");
      require(mag_err, "mag_err");
    }
    require_struct(period, "period");
    const PeriodOptions chosen =
        options != nullptr ? options->treatment.object.features.period : PeriodOptions{};
    check_together(chosen);
    PeriodResult found;
    const std::span t(time, n), m(mag, n), e(mag_err, n);
    const Status status = band == nullptr ? find_period(t, m, e, chosen, found)
                                          : find_period(t, m, e, std::span(band, n), chosen, found);
    write(found, *period);
    if (status == Status::grid_too_fine || (status == Status::zero_time_span && found.span_days > 0))
      throw Error(explain_period_grid(status, chosen, found.span_days));
    return told(status);
  });
}

astrom3_status astrom3_periodogram(const double* time, const double* y, const double* y_err, size_t n,
                                   double minimum, double step, size_t count, double* power) {
  return guarded([&] {
    if (n > 0) {
      require(time, "time");
      require(y, "y");
    }
    if (count > 0) require(power, "power");
    const std::span<const double> errors = y_err == nullptr ? std::span<const double>() : std::span(y_err, n);
    return told(gls_power(std::span(time, n), std::span(y, n), errors,
                          {.minimum = minimum, .step = step, .count = count}, {}, std::span(power, count)));
  });
}
