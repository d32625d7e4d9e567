// SPDX-License-Identifier: MIT
//
// The box that is best at one frequency.
#pragma once

#include "features/statistics/statistic.h"

namespace astrom3 {

/// At the first frequency of the input. `y` of the input is low in a dip.
Box best_box(const StatisticInput& input, const PeriodStatisticOptions& options);

}  // namespace astrom3
