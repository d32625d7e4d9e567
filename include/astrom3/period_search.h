// SPDX-License-Identifier: MIT
//
// The period of a variable star.
#pragma once

#include <cstddef>
#include <limits>
#include <span>

#include "astrom3/error.h"
#include "astrom3/flags.h"

namespace astrom3 {

struct PeriodOptions {
  double period_min = 0.05;  ///< days
  double period_max = 0;     ///< days; 0: min(1000 d, half the time span)
  double oversampling = 4;   ///< grid step is 1 / (oversampling * time span)
};

struct PeriodResult {
  double period = 0;  ///< days; orbital for eclipsing binaries; 0 when not searched
  double power = 0;   ///< of the generalised Lomb-Scargle periodogram, 0..1
  Flags flags;
};

/// Finds the period of magnitudes `mag` [N] with one-sigma errors `mag_err` [N] at `time` [N] days.
///
/// Status  too_few_points when N < 3, zero_time_span, mad_zero when all magnitudes are equal
Status find_period(std::span<const double> time, std::span<const double> mag, std::span<const double> mag_err,
                   const PeriodOptions& options, PeriodResult& result);

}  // namespace astrom3
