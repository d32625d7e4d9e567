// SPDX-License-Identifier: MIT
//
// The best box at one frequency, with its parameters.
#pragma once

#include "features/statistics/statistic.h"

namespace astrom3 {

/// The best box at the first frequency of the input, whose `y` must be low in a dip.
Box best_box(const StatisticInput& input, const PeriodStatisticOptions& options);

}  // namespace astrom3
