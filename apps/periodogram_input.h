// SPDX-License-Identifier: MIT
//
// The star of astrom3 periodogram: one object of the inputs, in one band or in several.
#pragma once

#include <string>

#include "periodogram_plot.h"
#include "run_options.h"

namespace astrom3::cli {

struct PeriodogramInput {
  RunArguments run;
  std::string object_id, together;
};

/// The observations of the object asked for, or of the first one, cleaned: in magnitudes.
/// A band of several that cannot be used is left out with a warning.
Spectrum read_star(const PeriodogramInput& arguments);

}  // namespace astrom3::cli
